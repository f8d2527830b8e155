"""stdio: a desk at a plain terminal, or typed at from a pipe.

The rule kept here: on a terminal every octet goes through a `Line`, as over telnet, and the terminal is given
back as it was found, whatever happens. From a pipe nothing is paged or wrapped, and the clock stands but for
what is typed.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import tty
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from iosemu.app import UsageError
from iosemu.cli.command import Request, Wait
from iosemu.cli.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import TextIO

    from iosemu.app import Desk
    from iosemu.cli.console import Console

    from .pace import Pace

NAP = 0.5
"""Seconds to wait for a key at a time: a signal that arrives just before `select` would not wake it."""
DISCONNECT = Request("disconnect")
CUT = 8192
"""Characters of a piped line that are read; the rest of it is dropped."""


def unasked(desk: Desk) -> Iterator[str]:
    """Give the log lines for the current console's terminal: a router's own, at `lab>` everybody's."""
    here = desk.name_of(desk.current)
    for name, row in desk.unasked():
        if name == here:
            yield row
        elif not here:
            yield f"{name}| {row}"


def leave(desk: Desk) -> None:
    """Go back to `lab>` from a console that was logged out of or lost power; from `lab>` itself, quit."""
    if desk.current.session.ended or not desk.alive(desk.current):
        desk.request(Request("quit") if desk.current is desk.operator else DISCONNECT)


def requested(desk: Desk, request: Request) -> list[str]:
    """Do what a command asked for; gives the rows to show, a refusal among them."""
    try:
        return desk.request(request)
    except UsageError as fault:
        return [f"% {fault}"]


def serve(desk: Desk, pace: Pace, request: Request) -> list[str]:
    """Do what a command asked for, and let the pace know; gives the rows to show."""
    rows = requested(desk, request)
    pace.lab = desk.lab
    try:
        pace.speed = desk.speed
    except ValueError as fault:
        desk.speed = pace.speed
        rows = [*rows, f"% {fault}"]
    return rows


def await_instant(desk: Desk, pace: Pace, until: int) -> None:
    """Have an instant reached: at once when the operator waits or the clock stands, else in its own time."""
    if desk.current is desk.operator or not pace.speed:
        pace.hurry(until)


# -- a plain terminal


class Seat:
    """A desk behind a terminal: a `Line` for each console, the current one connected to the terminal."""

    def __init__(
        self, desk: Desk, pace: Pace, show: Callable[[str], None], *, screen: tuple[int, int] | None = None
    ) -> None:
        self._screen = screen
        self.desk = desk
        self.pace = pace
        self._show = show
        self._lines: dict[Console, Line] = {}
        self._connect()

    @property
    def line(self) -> Line:
        """The line of the console that is connected."""
        return self._lines[self._console]

    def _show_from(self, console: Console, text: str) -> None:
        if console is self._console:
            self._show(text)

    def resize(self, screen: tuple[int, int] | None) -> None:
        """Note how many columns and rows the terminal has; None: it does not tell."""
        if screen != self._screen:
            self._screen = screen
            for console, line in self._lines.items():
                console.session.screen = screen
                if line is self.line:
                    line.resized()

    def feed(self, data: bytes) -> None:
        """Take what was typed at the terminal."""
        self.line.feed(data)
        self.settle()

    def settle(self) -> int | None:
        """Do what lines wait for, show the log; gives the instant (µs) at which there is more to do."""
        desk = self.desk
        while not desk.left:
            leave(desk)
            if desk.current is not self._console:
                typed = self.line.untyped()
                self._connect()
                self.line.feed(typed)
            blocked = self.line.blocked
            if isinstance(blocked, Request):
                self._serve(blocked)
            elif blocked is not None and blocked.until <= desk.lab.clock.now:
                self.line.resume(desk.lab.clock.now)
            elif not self.line.session.ended:
                break
        for row in unasked(desk):
            self.line.interrupt(row)
        waiting = self.line.blocked
        if not isinstance(waiting, Wait):
            return None
        await_instant(desk, self.pace, waiting.until)
        return waiting.until

    def _serve(self, request: Request) -> None:
        """Do what a command asked for; what was typed behind it goes to the console that is current then."""
        line = self.line
        typed = line.untyped()
        rows = serve(self.desk, self.pace, request)
        if self.desk.left:
            return
        if request.what == "restored":
            self._lines = {self._console: line}  # what other consoles asked or waited for is forgotten
        if self.desk.current is self._console:
            line.resume(self.desk.lab.clock.now, rows)
        else:
            if request == DISCONNECT:
                line.resume(self.desk.lab.clock.now)
                self._show("\r\n")
            self._show("".join(f"{row}\r\n" for row in rows))
            self._connect()
        self.line.feed(typed)

    def _connect(self) -> None:
        """Connect the terminal to the desk's current console, which shows where it stands."""
        self._lines = {console: line for console, line in self._lines.items() if not line.session.ended}
        console = self._console = self.desk.current
        line = self._lines.get(console)
        if line is None:
            session = console.session
            session.width, session.length, session.scrolls = None, None, True
            session.screen = self._screen
            line = self._lines[console] = Line(session, partial(self._show_from, console))
            line.start()
        elif isinstance(line.blocked, Request):
            line.resume(self.desk.lab.clock.now)  # its `connect` is over
        elif line.idle or line.ask:
            line.redraw()


def plain(desk: Desk, pace: Pace, *, stdin: int = 0, stdout: int = 1) -> None:
    """Serve a terminal until its user quits, or it is gone."""
    desk.unasked()  # what was said before anybody sat here
    with raw_terminal(stdin):
        seat = Seat(desk, pace, partial(_write, stdout), screen=screen_of(stdout))
        while True:
            seat.resize(screen_of(stdout))
            busy = pace.step()
            wanted = seat.settle()
            if desk.left:
                break
            delay = pace.delay(wanted)
            patience = 0 if busy else NAP if delay is None else min(delay, NAP)
            if select.select([stdin], [], [], patience)[0]:
                data = _read(stdin)
                if not data:
                    break
                pace.step()
                seat.resize(screen_of(stdout))
                seat.feed(data)


def screen_of(file: int) -> tuple[int, int] | None:
    """Give a terminal's columns and rows; None when it is none, or does not know."""
    try:
        columns, rows = os.get_terminal_size(file)
    except OSError:
        return None
    return (columns, rows) if columns and rows else None


def _read(file: int) -> bytes:
    try:
        return os.read(file, 4096)
    except OSError:  # the terminal's other end is gone
        return b""


def _write(file: int, text: str) -> None:
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(file, data) :]


@contextmanager
def raw_terminal(file: int) -> Iterator[None]:
    """Hand every key over as it is typed; the terminal is put back however this ends, SIGTERM included."""
    saved = termios.tcgetattr(file)
    handlers = {number: signal.signal(number, _terminated) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        tty.setraw(file)
        yield
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, saved)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _terminated(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


# -- a pipe


def piped(desk: Desk, lines: Iterable[str], out: TextIO) -> None:
    """Type lines (without prompts) at the current console; what is written looks like the log of a terminal.

    As in a `.session` file, a line that ends in `?` is sent without RETURN and cleared afterwards. Ctrl-Z and
    Ctrl-^ x at a line's end are taken as keys.
    """
    desk.unasked()  # what was said before anybody sat here
    source = iter(lines)
    while not desk.left:
        out.write(desk.current.prompt)
        out.flush()
        line = next(source, None)
        if line is None:
            out.write("\n")
            break
        out.writelines(f"{row}\n" for row in _typed(desk, line.rstrip("\r\n")))
    out.flush()


def bounded(stream: TextIO) -> Iterator[str]:
    """Read lines; of one that is longer than anybody types, only the beginning."""
    while part := stream.readline(CUT):
        yield part
        while len(part) == CUT and not part.endswith("\n"):
            part = stream.readline(CUT)


def typeable(text: str, limit: int) -> str:
    """Give what a line has of a text: no control characters, and no more than it may have."""
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable() or char == "\t")
    return text[:limit]


def _typed(desk: Desk, line: str) -> Iterator[str]:
    """Type a line: gives the rest of its row, then the rows it brings."""
    console = desk.current
    session, question = console.session, console.question
    if question is None and line.endswith("?"):
        text = typeable(line[:-1], session.limit)
        yield f"{text}?"
        yield from session.help(text)
        return
    text = line.removesuffix("\x1ex")
    ends = text.endswith("\x1a")
    text = typeable(text.removesuffix("\x1a"), session.limit)
    yield "" if question and question.hidden else f"{text}^Z" if ends else text
    try:
        yield from console.type(text[:1] if question and question.key else text)
    except UsageError as fault:
        yield f"% {fault}"
    if ends:
        session.leave(all_modes=True)
    if line.endswith("\x1ex"):
        yield from desk.request(DISCONNECT)
    here = desk.name_of(console)
    for name, row in desk.unasked():
        yield row if name == here else f"{name}| {row}"
    leave(desk)
