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
from iosemu.features.system import users
from iosemu.features.system.lines import PATIENCE, TIMEOUT, hang_up, idle_limit
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import TextIO

    from iosemu.app import Desk
    from iosemu.cli.console import Console

    from .pace import Pace

NAP = 0.5
"""Seconds to wait for a key at a time: a signal that arrives just before `select` would not wake it."""
_TEN_MINUTES = TIMEOUT[0] * 60 + TIMEOUT[1]
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


def leave(desk: Desk, *, stays: bool = False) -> list[str]:
    """Go to a new session at a console whose router booted; and from one that was logged out of, if it `stays`.

    Back to `lab>` else, and from one without power; from `lab>` itself, quit. Gives what there is to say of it.
    """
    session, name = desk.current.session, desk.name_of(desk.current)
    if not desk.alive(desk.current):
        desk.request(DISCONNECT)
        return [f"% {name} has lost power"]
    if session.ended:
        if name and (stays or session.rebooted):
            return desk.request(Request("connect", name))
        desk.request(DISCONNECT if name else Request("quit"))
    return []


class Idling:
    """How long nothing has been typed at a desk's current console (`idle_limit`), by the lab's clock.

    What passes at `lab>`, or while a command runs, does not count. A time that nobody chose, such as ten minutes, is
    a person's: it does not get shorter when the lab's clock runs faster.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since = 0

    def touch(self) -> None:
        """Begin anew."""
        self._since = self._desk.lab.clock.now

    def deadline(self) -> int | None:
        """Give the instant (µs) at which the session is over; None: never, or nobody sits there."""
        desk = self._desk
        session = desk.current.session
        if desk.current is desk.operator or session.ended or not session.attended:
            return None
        limit = idle_limit(session)
        if limit is None:
            return None
        rate = max(desk.speed, 1) if limit == (PATIENCE if session.entering else _TEN_MINUTES) else 1
        return self._since + round(limit * rate * SECOND)

    def check(self) -> bool:
        """Whether that instant has come; then the session is hung up, unless it is a log-in, which asks again."""
        deadline = self.deadline()
        if deadline is None or self._desk.lab.clock.now < deadline:
            return False
        self.touch()
        if not self._desk.current.session.entering:
            hang_up(self._desk.current.session)
        return True


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
        self._met: set[Console] = set()
        """Consoles at which somebody has arrived."""
        self._idling = Idling(desk)
        self._console = desk.operator
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
        self._idling.touch()
        self.line.feed(data)
        self.settle()

    def settle(self) -> int | None:
        """Do what lines wait for, show the log; gives the instant (µs) at which there is more to do."""
        desk = self.desk
        while not desk.left:
            if isinstance(self.line.blocked, Wait):
                self._idling.touch()
            if self._idling.check() and desk.current.session.entering:
                self.line.expire()
            rows = leave(desk, stays=True)
            if desk.current is not self._console:
                typed = self.line.untyped()
                rows = [*unasked(desk), *rows]
                self._show("".join(f"\r\n{row}" for row in rows) + ("\r\n" if rows else ""))
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
            return self._idling.deadline()
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
        desk, old = self.desk, self._console
        after = ""
        if desk.name_of(old) == desk.name_of(desk.current):
            after = "boot" if old.session.rebooted else "logout"
        self._lines = {console: line for console, line in self._lines.items() if not line.session.ended}
        console = self._console = desk.current
        self._idling.touch()
        line = self._lines.get(console)
        if line is None:
            session = console.session
            session.width, session.length, session.scrolls = None, None, True
            session.screen = self._screen
            line = self._lines[console] = Line(session, partial(self._show_from, console))
            if console is desk.operator or console in self._met:
                line.start()
            else:
                self._met.add(console)
                line.run(users.attend(session, after, pressed=not after))
        elif not console.session.attended:
            line.feed(b"\r")
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
    yield from leave(desk)
