r"""Output modifiers: what may follow `|`, as iterators over rows, so that leaving early stops the work.

The pattern is IOS's dialect of regular expressions (ios-shell.md §5): case counts, `_` stands for a blank, a
comma, a brace, a parenthesis or an end of the row; there is no `{n}` and no `\d`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .command import BEHAVIOURS, Ask, Output, Reply, Text, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .session import Session


def split(line: str) -> tuple[str, int, str]:
    """Part a line at its first `|`: the command, the bar's column (-1: none), and what stands behind it."""
    found = re.search(r"\s\|", line)
    if not found:
        return line, -1, ""
    bar = found.start() + 1
    return line[: found.start()], bar, line[bar + 1 :]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Read IOS's dialect; ValueError for a pattern that is none."""
    out: list[str] = []
    inside = False
    for at, char in enumerate(pattern):
        escaped = at > 0 and pattern[at - 1] == "\\" and (at < 2 or pattern[at - 2] != "\\")
        if escaped:
            out[-1] = re.escape(char) if not char.isdigit() else f"\\{char}"
        elif char == "\\":
            out.append("\\\\")
        elif inside:
            out.append("\\[" if char == "[" else char)
            inside = char != "]"
        elif char == "[":
            out.append(char)
            inside = True
        elif char == "_":
            out.append(r"(?:^|$|[ ,{}()])")
        elif char in "{}":
            out.append(f"\\{char}")
        else:
            out.append(char)
    try:
        return re.compile("".join(out))
    except (re.error, RecursionError, OverflowError) as fault:
        raise ValueError(str(fault)) from None


def apply(name: str, values: Mapping[str, Any], reply: Iterable[Output] | Reply, session: Session) -> Reply:
    """Run a command under an output modifier.

    `begin`, `include`, `exclude`, `section` and `count` are here; others are behaviours of the mode `modifier`,
    which give a `Filter`, or a row that says why not.
    """
    if name in _FILTERS:
        try:
            keep: object = _FILTERS[name](compile_pattern(str(values.get("pattern", ""))))
        except ValueError:
            keep = "% Failed to compile regular expression."
    elif ("modifier", name) in BEHAVIOURS:
        keep = BEHAVIOURS["modifier", name].run(session, **values)
    else:
        keep = f"% {name}: not supported by iosemu yet"
    if isinstance(keep, Filter):
        yield from _rows(reply, keep)
    else:
        yield str(keep)


def _rows(reply: Iterable[Output] | Reply, keep: Filter) -> Reply:
    source = iter(reply)
    try:
        answer: str | None = None
        while True:
            try:
                item = source.send(answer) if answer is not None and hasattr(source, "send") else next(source)
            except StopIteration:
                break
            answer = None
            if isinstance(item, str):
                for row in keep.row(item):
                    yield row
            elif isinstance(item, Ask | Wait):
                answer = yield item
            elif isinstance(item, Text):
                for row in keep.row(item.text):
                    yield row
            else:
                yield item
        for row in keep.end():
            yield row
    finally:
        if hasattr(source, "close"):
            source.close()


class Filter:
    """What becomes of a command's rows."""

    def row(self, row: str) -> Iterable[str]:
        """Take a row; gives the rows to show now."""
        raise NotImplementedError

    def end(self) -> Iterable[str]:
        """Give the rows to show when there are no more."""
        return ()


class _Pattern(Filter):
    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern


class _Include(_Pattern):
    def row(self, row: str) -> Iterator[str]:
        if self.pattern.search(row):
            yield row


class _Exclude(_Pattern):
    def row(self, row: str) -> Iterator[str]:
        if row and not self.pattern.search(row):
            yield row


class _Begin(_Pattern):
    begun = False

    def row(self, row: str) -> Iterator[str]:
        self.begun = self.begun or bool(self.pattern.search(row))
        if self.begun:
            yield row


class _Count(_Pattern):
    number = 0

    def row(self, row: str) -> Iterator[str]:
        self.number += bool(self.pattern.search(row))
        return iter(())

    def end(self) -> Iterable[str]:
        yield f"Number of lines which match regexp = {self.number}"


class _Section(_Pattern):
    """A row that matches and what is indented below it; for a match below, the rows above it, too."""

    depth: int | None = None

    def __init__(self, pattern: re.Pattern[str]) -> None:
        super().__init__(pattern)
        self.parents: list[tuple[int, str, bool]] = []

    def row(self, row: str) -> Iterator[str]:
        indent = len(row) - len(row.lstrip())
        while self.parents and self.parents[-1][0] >= indent:
            self.parents.pop()
        if self.depth is not None and indent <= self.depth:
            self.depth = None
        shown = self.depth is not None
        if self.pattern.search(row):
            for at, (depth, parent, printed) in enumerate(self.parents):
                if not printed:
                    yield parent
                    self.parents[at] = (depth, parent, True)
            if self.depth is None:
                self.depth = indent
            shown = True
        if shown:
            yield row
        self.parents.append((indent, row, shown))


_FILTERS: dict[str, Callable[[re.Pattern[str]], Filter]] = {
    "begin": _Begin,
    "count": _Count,
    "exclude": _Exclude,
    "include": _Include,
    "section": _Section,
}
