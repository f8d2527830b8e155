"""stdio: a desk at a plain terminal, or typed at from a pipe.

The rule kept here: on a terminal every octet goes through a `Line`, as over telnet, and the terminal is given back
as it was found, whatever happens. From a pipe nothing is paged or wrapped, and the clock stands but for what is
typed.
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

from iosemu.cli.command import Request, Wait
from iosemu.cli.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from iosemu.app import Desk
    from iosemu.cli.console import Console

    from .pace import Pace

WIDTH, LENGTH = 80, 24
"""What a router's console takes every terminal for."""
DISCONNECT = Request("disconnect")


def unasked(desk: Desk) -> Iterator[str]:
    """Give the log lines that belong on the current console's terminal: a router's own, and at `lab>` everybody's."""
    here = desk.name_of(desk.current)
    for name, row in desk.unasked():
        if name == here:
            yield row
        elif not here:
            yield f"{name}| {row}"


def leave(desk: Desk) -> None:
    """Go back to `lab>` from a console whose user logged out, or whose router lost power; leave when at `lab>`."""
    if desk.current.session.ended or not desk.alive(desk.current):
        desk.request(Request("quit") if desk.current is desk.operator else DISCONNECT)


def hurried(desk: Desk, pace: Pace, until: int) -> None:
    """Have an instant reached: at once when the operator or a standing clock waits for it, else in its time."""
    if desk.current is desk.operator or not pace.speed:
        pace.hurry(until)


# -- a plain terminal ---------------------------------------------------------------------------------------------


class Seat:
    """A desk behind a terminal: a `Line` for each console, of which the current one is connected to the terminal."""

    def __init__(self, desk: Desk, pace: Pace, show: Callable[[str], None]) -> None:
        self.desk = desk
        self.pace = pace
        self._show = show
        self._console = desk.current
        self._lines: dict[Console, Line] = {}

    @property
    def line(self) -> Line:
        """The line of the console that is connected."""
        console = self._console
        if console not in self._lines:
            session = console.session
            session.width, session.length, session.scrolls = WIDTH, LENGTH, True
            self._lines[console] = Line(session, partial(self._show_from, console))
        return self._lines[console]

    def _show_from(self, console: Console, text: str | bytes) -> None:
        if console is self._console:
            self._show(text if isinstance(text, str) else text.decode("ascii", "replace"))

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
                self._connect()
            blocked = self.line.blocked
            if isinstance(blocked, Request):
                self._serve(blocked)
            elif blocked is not None and blocked.until <= desk.lab.clock.now:
                self.line.resume(desk.lab.clock.now)
            else:
                break
        if not desk.left:
            for row in unasked(desk):
                self.line.interrupt(row)
            if isinstance(self.line.blocked, Wait):
                hurried(desk, self.pace, self.line.blocked.until)
                return self.line.blocked.until
        return None

    def _serve(self, request: Request) -> None:
        """Do what a command asked for; what was typed behind it is for the console that is current then."""
        line = self.line
        typed = line.untyped()
        rows = self.desk.request(request)
        self.pace.lab, self.pace.speed = self.desk.lab, self.desk.speed
        if self.desk.current is self._console:
            line.resume(self.desk.lab.clock.now, rows)
        else:
            self._show("".join(f"{row}\r\n" for row in rows))
            if request == DISCONNECT:
                line.resume(self.desk.lab.clock.now)
                self._show("\r\n")
            self._connect()
        self.line.feed(typed)

    def _connect(self) -> None:
        """Connect the terminal to the desk's current console, which shows its prompt."""
        self._lines = {console: line for console, line in self._lines.items() if not console.session.ended}
        self._console = self.desk.current
        line = self.line
        if isinstance(line.blocked, Request):
            line.resume(self.desk.lab.clock.now)  # `connect` is over
        elif line.idle and not line.started:
            line.start()
        else:
            line.redraw()


def plain(desk: Desk, pace: Pace, *, stdin: int = 0, stdout: int = 1) -> None:
    """Serve a terminal until its user quits, or it is gone."""
    seat = Seat(desk, pace, partial(_write, stdout))
    with raw_terminal(stdin):
        seat.line.start()
        while not desk.left:
            busy = pace.step()
            wanted = seat.settle()
            if select.select([stdin], [], [], 0 if busy else pace.delay(wanted))[0]:
                data = os.read(stdin, 4096)
                if not data:
                    break
                pace.step()
                seat.feed(data)
        _write(stdout, "\r\n")


def _write(file: int, text: str) -> None:
    data = text.encode("ascii", "replace")
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


# -- a pipe -------------------------------------------------------------------------------------------------------


def piped(desk: Desk, lines: Iterable[str], write: Callable[[str], object]) -> None:
    """Type lines (without prompts) at the current console; what is written looks like the log of a terminal.

    As in a `.session` file, a line that ends in `?` is sent without RETURN and cleared afterwards. Ctrl-Z and Ctrl-^ x
    at a line's end are taken as keys.
    """
    row_is_open = True
    write(desk.current.prompt)
    for line in lines:
        for row in _typed(desk, line.rstrip("\r\n")):
            write(row + "\n")
        row_is_open = not desk.left
        if desk.left:
            break
        write(desk.current.prompt)
    if row_is_open:
        write("\n")


def _typed(desk: Desk, line: str) -> Iterator[str]:
    """Type a line: the rest of its row, then the rows it brings."""
    console = desk.current
    session, question = console.session, console.question
    text = line.removesuffix("\x1ex").removesuffix("\x1a")
    if question is None and text.endswith("?"):
        yield text
        yield from session.help(text[:-1])
        return
    yield "" if question and question.hidden else line.replace("\x1ex", "").replace("\x1a", "^Z")
    yield from console.type(text[:1] if question and question.key else text)
    if line.endswith("\x1a"):
        session.leave(all_modes=True)
    if line.endswith("\x1ex"):
        yield from desk.request(DISCONNECT)
    here = desk.name_of(console)
    for name, row in desk.unasked():
        yield row if name == here else f"{name}| {row}"
    leave(desk)
