"""Playing `.session` files: terminal logs that are tests (DESIGN §2.2).

A file is a dialogue: a line that begins with a prompt is typed, what stands below it is what was shown. `Player`
gives the dialogue as it really goes; `run` prints it, `check` compares it, `record` writes it into the file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.app import Desk, UsageError
from iosemu.resources import find_tour
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iosemu.cli.command import Reply
    from iosemu.cli.console import Console

_KEY = re.compile(r"<Tab>|<Esc>|\^[A-Z^]")
_WORDS = re.compile(r"\s*banner\s.*|.*\|\s*[a-z]+ (?:.*[|(])?", re.IGNORECASE)
"""Behind what a `^` is one: in a banner, whose delimiter running-config writes `^C`, and where it begins a pattern."""
_PROMPT = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(\([\w+-]*\))?[>#]")


class Played(NamedTuple):
    """An input row and what came of it, beside what the file has there."""

    row: str | None
    """The row as the file has it; None for what stands before the first input."""
    shown: str
    """The row as a terminal shows it: without a password."""
    rows: list[str]
    expected: list[str]
    comments: list[str]


def read(name: str) -> str:
    """Read a session file (`-`: stdin; a shipped lab's name: its tour); UsageError says what is wrong with it."""
    if name == "-":
        data = sys.stdin.buffer.read()
    else:
        path = find_tour(name) or Path(name)
        if path.is_dir():
            raise UsageError(f"{name}: is a folder, not a .session file")
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise UsageError(f"{name}: {fault.strerror or fault}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise UsageError(
            f"{name}:{line}: not text (octet 0x{data[fault.start]:02x}); a session file is UTF-8"
        ) from None
    if "\0" in text:
        raise UsageError(f"{name}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: not text (a NUL)")
    return text


class Player:
    """Plays one file: knows at whose console each line is typed."""

    def __init__(self, name: str) -> None:
        self.name = "stdin" if name == "-" else name
        self.desk = Desk(base=Path() if name == "-" else Path(name).parent)

    def play(self, text: str) -> Iterator[Played]:
        """Type every input row in turn, yielding what came of it; UsageError when a prompt is not as written."""
        current = Played(None, "", [], [], [])
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        for number, line in enumerate((line.removesuffix("\r") for line in lines), 1):
            if line.startswith(";"):
                current.comments.append(line)
                continue
            try:
                console = None if _awaited(current, line) else self._console(line, number)
            except UsageError:
                yield current  # which says why the prompt is another one
                raise
            if console is not None:
                yield current
                try:
                    current = self.typed(console, line)
                except UsageError as fault:
                    # What follows was meant for a lab that can't be opened.
                    raise UsageError(f"{self.name}:{number}: {fault}") from None
            elif current.row is not None or not line.strip():
                current.expected.append(line)
            else:
                raise UsageError(
                    f"{self.name}:{number}: no prompt stands before {line.strip()!r}; begin with lab>open LAB"
                )
        yield current

    def _console(self, line: str, number: int) -> Console | None:
        """Find the console whose prompt a row begins with; None when the row is output."""
        there = [
            console
            for console in self.desk.consoles()
            if self.desk.alive(console) and line.startswith(console.prompt)
        ]
        if there:
            prompt = there[0].prompt
            if prompt and any(console.prompt == prompt for console in there[1:]):
                raise UsageError(f"{self.name}:{number}: two consoles show the prompt {prompt}")
            return there[0]
        found = _PROMPT.match(line)
        for console in self.desk.consoles() if found else ():
            alive = self.desk.alive(console)
            # One that is switched off has forgotten its hostname.
            name = console.session.hostname if alive else self.desk.name_of(console)
            if found and found[1] in (name, name[:20] if found[2] else name):
                shown = f"the prompt is {console.prompt}"
                if console.question is not None:
                    shown = f"{name} asks {console.prompt!r}"
                elif not alive:
                    shown = f"{name} is switched off"
                raise UsageError(f"{self.name}:{number}: {shown}, not {found[0]}")
        return None

    def typed(self, console: Console, line: str) -> Played:
        """Type a row at a console, and gather what came of it."""
        text = line[len(console.prompt) :]
        question = console.question
        shown = console.prompt if question is not None and question.hidden else line
        if question is not None:
            rows = console.type(text)
        elif text.endswith("?") and not _names_keys(text):
            rows = console.session.help(text[:-1])
        elif _names_keys(text):
            rows = [row for typed in _keyed(console, text) for row in console.type(typed)]
        else:
            rows = console.type(text)
        own = self.desk.name_of(console)
        for name, message in self.desk.unasked():
            rows.append(message if name == own else f"{name}| {message}")
        return Played(line, shown, rows, [], [])


def _awaited(played: Played, line: str) -> bool:
    """Whether a row is output still due: behind a question without a prompt (a banner's text) any row is an answer."""
    seen = len(played.expected)
    return played.row is not None and seen < len(played.rows) and line == played.rows[seen]


class _Typist:
    """Stands in for a session while keys are typed: takes down the lines that they make."""

    ended = synchronous = filtered = False
    editing = True
    width = length = 0
    prompt = ""

    def __init__(self, console: Console) -> None:
        session = console.session
        self.configuring = session.configuring
        self.limit = session.limit
        self.history: Sequence[str] = session.history
        self.config_history: Sequence[str] = session.config_history
        self.help = session.help
        self.complete = session.complete
        self.lines: list[str] = []

    def execute(self, line: str, /) -> Reply:
        self.lines.append(line)
        yield from ()


def _is_key(found: re.Match[str]) -> bool:
    """Whether what looks like a key's name is one."""
    return found[0][0] == "<" or not _WORDS.fullmatch(found.string, 0, found.start())


def _names_keys(text: str) -> bool:
    return any(map(_is_key, _KEY.finditer(text)))


def _keyed(console: Console, text: str) -> list[str]:
    """Give the lines that a row with named keys (`<Tab>`, `^Z`) types."""
    from iosemu.cli.line import Line  # noqa: PLC0415 - few files name keys

    typist = _Typist(console)
    line = Line(typist, lambda _: None)

    def key(found: re.Match[str]) -> str:
        name = found[0]
        if not _is_key(found):
            return name
        return {"<Tab>": "\t", "<Esc>": "\x1b"}.get(name) or chr(ord(name[1]) & 0x1F)

    keys = _KEY.sub(key, text)
    line.feed(keys.encode() + (b"" if keys.endswith(("\x1a", "\x03")) else b"\r"))
    return typist.lines


def run(names: Iterable[str], write: Callable[[str], object]) -> int:
    """Play files and print each dialogue as it really went, a tour's with its remarks; gives the exit status."""
    for name in names:
        told = find_tour(name) is not None
        for played in Player(name).play(read(name)):
            rows = [played.shown, *played.rows] if played.row is not None else []
            for row in rows + (played.comments if told else []):
                write(row + "\n")
    return 0


def check(names: Iterable[str], write: Callable[[str], object]) -> int:
    """Play files and compare with what they hold: a unified diff and status 1 where they differ."""
    import difflib  # noqa: PLC0415 - 1 ms that `run` need not pay

    status = 0
    for name in names:
        held: list[str] = []
        real: list[str] = []
        for played in Player(name).play(read(name)):
            head = [] if played.row is None else [played.row]
            held += head + played.expected
            real += head + (played.expected if played.row is None else played.rows)
        diff = list(difflib.unified_diff(held, real, name, f"{name} (as it went)", lineterm=""))
        for row in diff:
            write(row + "\n")
        status = 1 if diff else status
    return status


def record(names: Iterable[str], write: Callable[[str], object]) -> int:
    """Play files and rewrite what they expect; comments stay below the input they stood below."""
    for name in names:
        if name == "-":
            raise UsageError("record needs a file to write to, not -")
        old = read(name)
        rows: list[str] = []
        for played in Player(name).play(old):
            rows += played.expected if played.row is None else [played.row, *played.rows]
            rows += played.comments
        new = "\n".join(rows) + "\n"
        if new != old:
            path = find_tour(name) or Path(name)
            draft = Path(f"{path}.new")
            try:
                draft.write_text(new, "utf-8")
                draft.replace(path)
            except OSError as fault:
                raise UsageError(f"{name}: cannot be recorded ({fault.strerror or fault})") from None
            write(f"{name}: recorded\n")
    return 0
