"""`tclsh`: Tcl at a router, for scripts that people paste and clients that transfer files with it.

What Tcl does not know is an EXEC command. Files are written when they are closed, at the latest by `tclquit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

from iosemu.cli.command import Ask, Reply, Request, Text, Wait, command

from . import files, startup
from .tcl import MOMENT, TEXT, Interpreter, Scanner, TclError

if TYPE_CHECKING:
    from collections.abc import Generator

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session

    from .tcl import Work

QUIT = ("tclquit", "exit", "quit")
MORE = "+>"
"""What stands before a row of a command that is not whole yet (Unicon and scrapli know it)."""
OPEN = 16
"""Files that may be open at a time."""


_USED: WeakSet[Session] = WeakSet()
"""The sessions that are in the shell: a script that runs itself would have no end."""


class _Quit(Exception):  # noqa: N818 - the user leaves
    """The shell is left."""


class _File:
    """An open file."""

    def __init__(self, where: files.Place, contents: str, *, writes: bool) -> None:
        self.where = where
        self.pieces = [contents]
        self.size = len(contents)
        self.writes = writes
        self.at = 0

    @property
    def contents(self) -> str:
        """All that is in it."""
        self.pieces = ["".join(self.pieces)]
        return self.pieces[0]


class Shell:
    """Somebody's Tcl: its interpreter and open files."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._files: dict[str, _File] = {}
        self._opened = 0
        self._ahead: list[str] = []
        commands = {
            "puts": self._puts, "open": self._open, "close": self._close, "gets": self._gets,
            "read": self._read, "eof": self._eof, "exec": self._exec, "ios_config": self._configure,
            "typeahead": self._typeahead, "after": self._after, **dict.fromkeys(QUIT, self._quit),
        }  # fmt: skip
        self._tcl = Interpreter(commands, self._unknown)
        self._tcl.now = lambda: int(session.node.now)

    def run(self, text: str) -> Generator[Output, str, bool]:
        """Run a script as typed, and show its result; False: it left the shell."""
        try:
            result = yield from self._tcl.script(text)
        except TclError as fault:
            result = str(fault)
        except _Quit:
            return False
        yield from result.splitlines()
        return True

    def shut(self) -> list[str]:
        """Write what is still open; gives what was refused."""
        refused = []
        for name in tuple(self._files):
            try:
                self._written(name)
            except files.Refusal as refusal:
                refused.append(str(refusal))
        return refused

    # What a script may call

    def _quit(self, _: list[str]) -> Work:
        raise _Quit
        yield

    def _puts(self, words: list[str]) -> Work:
        newline = words[0] != "-nonewline"
        rest = words if newline else words[1:]
        text = rest[-1] + ("\n" if newline else "")
        if len(rest) == 1 or rest[0] in ("stdout", "stderr"):
            *rows, last = text.split("\n")
            yield from rows
            if last:
                yield Text(last)
            return ""
        file = self._file(rest[0])
        if not file.writes:
            raise TclError(f'channel "{rest[0]}" wasn\'t opened for writing')
        if sum(each.size for each in self._files.values()) + len(text) > files.FLASH:
            raise TclError("no space left on device")
        file.pieces.append(text)
        file.size += len(text)
        return ""

    def _file(self, name: str) -> _File:
        file = self._files.get(name)
        if file is None:
            raise TclError(f'can not find channel named "{name}"')
        return file

    def _open(self, words: list[str]) -> Work:
        name, *mode = words
        how = mode[0] if mode else "r"
        where = files.place(name)
        if len(self._files) >= OPEN:
            raise TclError(f'couldn\'t open "{name}": too many open files')
        contents = ""
        if how[:1] != "w":
            try:
                contents = files.read(self._session, where).decode("utf-8", "replace")
            except files.Refusal:
                if how[:1] != "a":
                    raise TclError(f'couldn\'t open "{name}": no such file or directory') from None
        elif where.system not in ("flash", "nvram", files.NULL) or not (
            where.name or where.system == files.NULL
        ):
            raise TclError(f'couldn\'t open "{name}": no such file or directory')
        self._opened += 1
        handle = f"file{self._opened - 1}"
        self._files[handle] = _File(where, contents, writes=how != "r")
        return handle
        yield

    def _written(self, name: str) -> None:
        file = self._file(name)
        del self._files[name]
        if file.writes:
            files.write(self._session.node, file.where, file.contents.encode())

    def _close(self, words: list[str]) -> Work:
        try:
            self._written(words[0])
        except files.Refusal as refusal:
            raise TclError(str(refusal)) from None
        yield self._breath()
        return ""

    def _gets(self, words: list[str]) -> Work:
        file = self._file(words[0])
        contents = file.contents
        end = contents.find("\n", file.at)
        line = contents[file.at : len(contents) if end < 0 else end]
        ended = file.at >= file.size
        file.at += len(line) + 1
        if len(words) == 1:
            return line
        self._tcl.set(words[1], line)
        return "-1" if ended else str(len(line))
        yield

    def _read(self, words: list[str]) -> Work:
        file = self._file(words[-1])
        found, file.at = file.contents[file.at :], len(file.contents)
        return found[:TEXT]
        yield

    def _eof(self, words: list[str]) -> Work:
        file = self._file(words[0])
        return str(int(file.at >= file.size))
        yield

    def _after(self, words: list[str]) -> Work:
        if not words[0].isdigit() or len(words) > 1:
            raise TclError(f'bad argument "{words[0]}": must be a number of milliseconds')
        yield Wait(self._session.node.now + min(int(words[0]), 86_400_000) * 1000)
        return ""

    def _typeahead(self, words: list[str]) -> Work:
        self._ahead += words[0].split("\n")[:100]
        return ""
        yield

    def _exec(self, words: list[str]) -> Work:
        rows: list[str] = []
        size = 0
        for_front = self._answered(" ".join(words))
        answer: str | None = None
        while True:
            try:
                item = next(for_front) if answer is None else for_front.send(answer)
            except StopIteration:
                return "\n".join(rows)
            answer = None
            if isinstance(item, (str, Text)):
                text = item if isinstance(item, str) else item.text
                size += len(text)
                if size <= TEXT:
                    rows.append(text)
            else:
                answer = yield item

    def _unknown(self, line: str) -> Work:
        yield from self._answered(line)
        yield self._breath()
        return ""

    def _breath(self) -> Wait:
        """Let others have their turn: what was done may have taken the disk a while."""
        return Wait(self._session.node.now + MOMENT)

    def _answered(self, line: str) -> Reply:
        """Run an EXEC line, answering its questions with what was said to be typed ahead."""
        session = self._session
        reply = session.execute_exec(line, len(session.prompt))
        answer: str | None = None
        try:
            while True:
                item = next(reply) if answer is None else reply.send(answer)
                answer = None
                if isinstance(item, Ask) and self._ahead:
                    yield item.prompt
                    answer = self._ahead.pop(0)
                elif isinstance(item, Request):
                    raise TclError("this command cannot be run by Tcl")
                else:
                    answer = yield item
        except StopIteration:
            return
        finally:
            reply.close()

    def _configure(self, words: list[str]) -> Work:
        session = self._session
        yield from startup.typed(session, "", "\n".join(words))
        startup.configured(session, session.line_kind)
        yield self._breath()
        return ""


@command("exec", "tclsh")
def tclsh(session: Session, *, script: str = "") -> Reply:
    """Take Tcl until `tclquit`, or run the script in a file."""
    if session in _USED:
        yield "% Tcl is running already"
        return
    text = ""
    if script:
        try:
            text = files.read(session, files.place(script)).decode("utf-8", "replace")
        except files.Refusal as refusal:
            yield str(refusal)
            return
    shell = Shell(session)
    _USED.add(session)
    refused: list[str] = []
    try:
        yield from shell.run(text.replace("\r\n", "\n")) if script else _typed(session, shell)
    finally:
        _USED.discard(session)
        refused += shell.shut()
    yield from refused


def _typed(session: Session, shell: Shell) -> Reply:
    prompt = f"{session.hostname}(tcl)#"
    while not session.ended:
        text, scanner, asked = "", Scanner(), prompt
        try:
            while True:
                row = (yield Ask(asked)) + "\n"
                text += row
                if scanner.feed(row) or len(text) > TEXT:
                    break
                asked = MORE
            if not (yield from shell.run(text)):
                return
        except KeyboardInterrupt:
            continue
