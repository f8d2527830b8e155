"""vty: a session at the end of a connection, whatever carries that (telnet, SSH).

The rule kept here: a caller costs what the others can spare. What is typed ahead waits in a bounded buffer,
and is not read from the connection when that is full; a command stops while its caller does not read; nobody
works longer than `SLICE` at a time.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from iosemu.app import UsageError, grammar
from iosemu.cli.command import Request, Wait
from iosemu.cli.line import BREAK, Line
from iosemu.cli.session import Session
from iosemu.features.system import users
from iosemu.features.system.lines import (
    absolute_timeout,
    delay,
    free_vty,
    hang_up,
    idle_limit,
    runs_exec,
)

from . import admission

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.cli.command import Reply
    from iosemu.lab.lab import Lab
    from iosemu.lab.log import Entry
    from iosemu.lab.router import Node

    from .pace import Pace

    class Wire(Protocol):
        """What carries a session: an asyncio transport, an SSH channel."""

        def write(self, data: bytes) -> None:
            """Send octets, or keep them until they can be."""

        def close(self) -> None:
            """Send what is kept, then hang up."""

        def abort(self) -> None:
            """Hang up."""

        def pause_reading(self) -> None:
            """Take nothing more from the caller."""

        def resume_reading(self) -> None:
            """Take again what the caller sends."""


SLICE = 0.005
"""Seconds that a session may work before others get their turn."""
AHEAD = 1 << 16
"""Octets that may be typed ahead: 60 interfaces pasted are 4,000."""
GULP = 256
"""Octets that the line is fed at a time, when none among them makes work."""
_WORK = re.compile(rb"[\r\n?\t]")
_IDLE = re.compile(rb"(?<=[^\r])\0+|(?<=[\x80-\xff])[\x80-\xff]+")
"""What would do nothing, a NUL (unless it ends a CR NUL), or ring a bell that has just rung."""
_ENDLESS = re.compile(rb"(?<![ ->@-~])([ ->@-~]{600})[ ->@-~]++")
"""What no line has room for, and would ring a bell each; a line takes 510 characters."""
LINGER = 5.0
"""Seconds that a caller has to take the last words of a session that is over."""

PORTS = {"telnet": 23, "ssh": 22}
"""The ports of a router at which its vtys are reached, whatever those of this machine are."""

DRAIN = Request("drain")
BREATHE = Request("breathe")


class Visitor(Session):
    """The session of somebody who comes over a connection."""

    def __init__(self, node: Node, line: str) -> None:
        super().__init__(grammar(), node, line=line)
        self.seat: Seat | None = None
        self._place = self.tty  # asked for at every key

    @property
    def ended(self) -> bool:
        """Whether the user has left, the line was cleared, or the router has lost power."""
        return super().ended or self.gone

    @ended.setter
    def ended(self, over: bool) -> None:
        # Once over, the line may be somebody else's.
        if over and not self.ended:
            self.tty.vacate()
        self._ended = self._ended or over

    @property
    def gone(self) -> bool:
        """Whether the line was cleared."""
        return self._place.opened is None

    def look_round(self) -> None:
        """Leave a line that is no more (`no line vty 5`)."""
        if not self.rebooted and self.tty is not self._place:
            self.ended = True

    @property
    def listening(self) -> bool:
        """Whether what the router logs is shown: at the console always."""
        return self.monitor or self.line == "console"

    def hears(self, entry: Entry) -> bool:
        """Whether an entry of the log is shown."""
        log = self.node.log
        return bool(log.on_console(entry) if self.line == "console" else log.on_monitor(entry))

    def execute(self, line: str) -> Reply:
        """Run a line, as fast as its seat can take it."""
        reply = super().execute(line)
        return reply if self.seat is None else admission.braked(reply, self.seat.brake)


def visit(node: Node, protocol: str, origin: str) -> Visitor | None:
    """Sit down at a vty of a router; None when there is none left for this protocol."""
    line = free_vty(node, protocol, origin)
    if line is None:
        return None
    visitor = Visitor(node, line)
    visitor.origin = origin
    visitor.tty.port = PORTS[protocol]
    return visitor


def useful(typed: bytes) -> bytes:
    """Leave out, in time that grows as the text does, what a line would take long to do nothing with.

    Of 10 MB that are a file or zeros instead of commands, nearly all.
    """
    return _ENDLESS.sub(rb"\1", _IDLE.sub(b"", typed))


class House:
    """A lab that is served: the pace of its clock, and whoever sits at its routers."""

    def __init__(self, lab: Lab, pace: Pace) -> None:
        self.lab = lab
        self.pace = pace
        self.seats: dict[Seat, None] = {}
        self.loop = asyncio.get_running_loop()

    def stepped(self) -> int | None:
        """Show everybody what came of a step; gives the next instant (µs) that somebody waits for."""
        wanted: int | None = None
        for seat in tuple(self.seats):
            seat.settle()
            blocked = seat.line.blocked
            if isinstance(blocked, Wait) and (wanted is None or blocked.until < wanted):
                wanted = blocked.until
        return wanted

    def close(self) -> None:
        """Send everybody home."""
        for seat in tuple(self.seats):
            seat.hang_up(now=True)

    async def watch(self) -> None:
        """Send home, for ever, whoever has typed nothing for too long, and those whose line was cleared."""
        while True:
            await asyncio.sleep(1)
            for seat in tuple(self.seats):
                seat.session.look_round()
                seat.settle()
                seat.check_idle()


class Seat:
    """One session at a connection: its `Line`, what is typed ahead, and how much its caller has read."""

    def __init__(self, house: House, session: Visitor, wire: Wire) -> None:
        self.session = session
        self.line = Line(session, self._write)
        self._house = house
        self._wire = wire
        self._out = bytearray()
        self._typed = bytearray()
        self._mark: int | None = None
        """How much of the log has been shown; None while the session does not monitor."""
        self._full = 0
        """Why the caller gets nothing: its channel is full, its connection is; 0: it reads."""
        self._reading = True
        self._at_end = False
        """Whether the caller has sent all there will be."""
        self._over = False
        self._working = False
        self._began = 0.0
        self._delayed_until = 0.0
        self._since = self._touched = time.monotonic()
        session.seat = self
        house.seats[self] = None

    # -- what the connection calls

    def log_in(self) -> None:
        """Begin with the dialogue of a log-in."""
        self.carry(admission.log_in(self.session))

    def greet(self, name: str) -> None:
        """Begin with a user who was let in by the connection."""
        self.carry(admission.greet(self.session, name))

    def run_only(self, name: str, command: str) -> None:
        """Run one command for a user who was let in, and hang up."""
        self.session.length, self.session.width = 0, 0
        self.carry(self._only(name, command))

    def _only(self, name: str, command: str) -> Reply:
        if not runs_exec(self.session.tty):
            self.session.ended = True
            return
        admission.enter(self.session, name)
        for line in command.splitlines():
            yield from self.session.execute(line)
        self.session.ended = True

    def carry(self, reply: Reply) -> None:
        """Begin with a dialogue."""
        self._house.pace.step()
        self._work(lambda: self.line.run(admission.braked(reply, self.brake)))

    def received(self, data: bytes) -> None:
        """Take what was typed."""
        self._touched = time.monotonic()
        self._house.pace.step()
        self._typed += data if len(data) < GULP else useful(data)
        self._work()
        self._house.pace.wake()  # what is due next may have changed

    def ended(self) -> None:
        """Hear that nothing more will be typed: what has been is carried out."""
        self._at_end = True
        self._work()

    def pause_writing(self) -> None:
        """Hear that the caller does not read what is written."""
        self._full += 1

    def resume_writing(self) -> None:
        """Hear that the caller has read most of it."""
        self._full -= 1
        self._house.loop.call_soon(self._work)

    def gone(self) -> None:
        """Hear that the connection is lost."""
        self._over = True
        self._house.seats.pop(self, None)
        self._typed.clear()
        self._out.clear()
        self.session.ended = True

    # -- work

    def brake(self) -> Request | None:
        """Tell a command that is about to show a row to wait, if it must."""
        if self._over:
            return None
        if self._full or len(self._out) > AHEAD:
            return DRAIN
        return BREATHE if time.monotonic() - self._began > SLICE else None

    def settle(self) -> None:
        """Do what has become possible: a wait is over, the router lost power, there is something in the log."""
        node = self.session.node
        if self.session.ended:
            self._work()
            return
        blocked = self.line.blocked
        if isinstance(blocked, Wait) and blocked.until <= node.now:
            self._work()
        self._look_at_log()

    def check_idle(self) -> None:
        """Hang up, or ask again in a log-in, when nothing was typed for too long (seconds of the wall clock)."""
        if self._over:
            return
        now, entering = time.monotonic(), self.session.entering
        longest = None if entering else absolute_timeout(self.session)
        if longest is not None and now - self._since >= longest:
            self._leave()
            return
        limit = idle_limit(self.session)
        if isinstance(self.line.blocked, Wait):
            self._touched = now
        elif limit is not None and now - self._touched >= limit:
            if entering:
                self._touched = now
                self._work(self.line.expire)
            else:
                self._leave()

    def _leave(self) -> None:
        hang_up(self.session)
        self._work()

    def _work(self, begin: Callable[[], None] | None = None) -> None:
        """Go on until there is nothing to do, or it is somebody else's turn."""
        if self._working or self._over:
            return
        self._working = True
        self._began = time.monotonic()
        try:
            if begin is not None:
                self._safely(begin)
            while self._step():
                self._look_at_log()
                if time.monotonic() - self._began > SLICE:
                    self._house.loop.call_soon(self._work)
                    break
            self._look_at_log()
        finally:
            self._working = False
        self._flush()
        if self.session.ended or (self._at_end and self._exhausted()):
            self.hang_up()

    def _step(self) -> bool:
        """Do one thing; false when there is nothing to do."""
        line, session = self.line, self.session
        blocked = line.blocked
        if session.ended:
            return False
        if isinstance(blocked, Wait) and blocked.keys and self._typed and not self._full:
            gulp = self._gulp()
            self._safely(lambda: line.feed(gulp))
            return True
        if isinstance(blocked, Wait):
            if blocked.until > session.node.now:
                return self._interrupted(blocked)
        elif blocked == DRAIN:
            self._flush()
            if self._full:
                return False
        elif blocked == users.WRONG and not self._waited():
            return False
        if blocked is not None:
            self._safely(lambda: line.resume(session.node.now))
            return True
        if not self._typed or self._full:
            return False
        gulp = self._gulp()
        self._safely(lambda: line.feed(gulp))
        return True

    def _interrupted(self, wait: Wait) -> bool:
        """Have a wait broken off by Ctrl-^, wherever that stands in what was typed."""
        at = -1 if wait.keys else self._typed.find(BREAK)
        if at < 0:
            pace = self._house.pace
            if not pace.speed:
                pace.hurry(wait.until)
            return False
        del self._typed[: at + 1]
        self._safely(lambda: self.line.feed(BREAK))
        return True

    def _waited(self) -> bool:
        """Whether a wrong password has been answered late enough."""
        now = time.monotonic()
        if not self._delayed_until:
            self._delayed_until = now + delay(self.session.node)
        if now < self._delayed_until:
            self._house.loop.call_later(self._delayed_until - now, self._work)
            return False
        self._delayed_until = 0.0
        self._touched = now
        return True

    def _gulp(self) -> bytes:
        """Take what was typed up to the next key that makes work, or a piece of it."""
        found = _WORK.search(self._typed, 0, GULP)
        end = found.end() if found else GULP
        del found  # while it is there, the buffer cannot shrink
        gulp = bytes(self._typed[:end])
        del self._typed[:end]
        return gulp

    def _safely(self, act: Callable[[], None]) -> None:
        """Let a command that fails by a mistake of ours end alone: the line shows its prompt again."""
        try:
            act()
        except Exception as fault:  # noqa: BLE001 - others sit here, too
            if not isinstance(fault, UsageError):
                name, line = self.session.node.name, self.session.line
                sys.stderr.write(f"iosemu: {name} {line}: {self.session.typed!r}: {fault!r}\n")

    # -- what is shown

    def _look_at_log(self) -> None:
        if self.session.listening or self._mark is not None:
            self._show_log()

    def _show_log(self) -> None:
        log = self.session.node.log
        if not self.session.listening or self._mark is None or self.session.ended:
            self._mark = log.mark if self.session.listening else None
            return
        entries, self._mark = log.since(self._mark)
        if self._full:
            return  # as IOS does, what a terminal can't take is dropped
        for entry in entries:
            if self.session.hears(entry):
                self.line.interrupt(entry.text)
                if self.session.line != "console":
                    log.monitored(entry)
        if not self._working:
            self._flush()

    def _write(self, text: str) -> None:
        self._out += text.encode("utf-8", "replace")

    def _flush(self) -> None:
        if self._out and not self._over:
            data = bytes(self._out)
            self._out.clear()
            with suppress(OSError):  # the caller is gone; the connection will say so
                self._wire.write(data)
        reading = len(self._typed) < AHEAD and not self._at_end
        if reading != self._reading and not self._over:
            self._reading = reading
            (self._wire.resume_reading if reading else self._wire.pause_reading)()

    def _exhausted(self) -> bool:
        return not self._typed and self.line.blocked is None

    def hang_up(self, *, now: bool = False) -> None:
        """End the session and the connection, at once or when its caller has had what was written."""
        if self._over:
            return
        self.session.ended = True
        self._over = True
        self._house.seats.pop(self, None)
        with suppress(OSError):
            self._wire.close()
        if not now:
            self._house.loop.call_later(LINGER, self._abort)

    def _abort(self) -> None:
        with suppress(OSError):
            self._wire.abort()
