"""Output modifiers: what may follow `|`, as iterators over rows, so that leaving early stops the work.

The same filters are what `/`, `+` and `-` mean at `--More--` (`Sieve`). Words and rules: ios-shell.md §4.5, §5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .command import Ask, Output, Reply, Text, Wait, behaviour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .patterns import Pattern
    from .session import Session

BAD_PATTERN = "% Failed to compile regular expression."


def split(line: str) -> tuple[str, int, str]:
    """Part a line at its first `|`: the command, the bar's column (-1: none), and what stands behind it.

    No blank need stand before it, nor, since 12.0, behind it [U].
    """
    command, bar, tail = line.partition("|")
    return (command.rstrip(), len(command), tail) if bar else (line, -1, "")


def _compiled(pattern: str) -> Pattern:
    from .patterns import compile_pattern  # noqa: PLC0415 - few commands are filtered

    return compile_pattern(pattern)


def apply(name: str, values: Mapping[str, Any], reply: Iterable[Output] | Reply, session: Session) -> Reply:
    """Run a command under an output modifier.

    `begin`, `include`, `exclude`, `section` and `count` are here; others are behaviours of the mode `modifier`,
    which give a `Filter`, or a row that says why not.
    """
    if name in _FILTERS:
        try:
            keep: object = _FILTERS[name](_compiled(str(values.get("pattern", ""))))
        except ValueError:
            keep = BAD_PATTERN
    elif found := behaviour("modifier", name):
        keep = found.run(session, **values)
    else:
        keep = f"% {name}: not supported by iosemu yet"
    if isinstance(keep, Filter):
        yield from _rows(reply, keep)
    else:
        yield str(keep)


def drops(name: str) -> bool:
    """Whether a modifier is a filter in IOS's sense, with which no second one can be set at `--More--`."""
    return name in ("exclude", "include", "section", "count")


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
    def __init__(self, pattern: Pattern) -> None:
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

    def __init__(self, pattern: Pattern) -> None:
        super().__init__(pattern)
        self.parents: list[tuple[int, str, bool]] = []

    def row(self, row: str) -> Iterator[str]:
        indent = len(row) - len(row.lstrip())
        if not row.strip():
            indent = 0  # it ends what stands above it, and has nothing below it
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
        if row.strip():
            self.parents.append((indent, row, shown))


_FILTERS: dict[str, Callable[[Pattern], Filter]] = {
    "begin": _Begin,
    "count": _Count,
    "exclude": _Exclude,
    "include": _Include,
    "section": _Section,
}


class Sieve:
    """What was typed at `--More--`: one filter, and a row to skip to (ios-shell.md §4.5)."""

    def __init__(self) -> None:
        self._begin: Filter | None = None
        self.filter: Filter | None = None
        """The filter, when there is one: it stays for the rest of the output."""

    def set(self, sign: str, pattern: str) -> None:
        """Skip to a pattern (`/`), keep (`+`) or drop (`-`) the rows that have it; ValueError for a bad one."""
        compiled = _compiled(pattern)
        if sign == "/":
            self._begin = _Begin(compiled)
        else:
            self.filter = _Include(compiled) if sign == "+" else _Exclude(compiled)

    def passes(self, row: str) -> bool:
        """Whether a row is shown."""
        return all(any(True for _ in each.row(row)) for each in (self.filter, self._begin) if each)
