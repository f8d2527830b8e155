"""consoles: a router's console on a TCP port, as a terminal server gives it.

The rule kept here: there is one console, whoever looks. Several people may watch and type, each sees what any
of them typed, and it goes on when all of them have left; who does not read misses what is shown meanwhile.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from iosemu.features.system import users

from .telnet import GREETING, Negotiation, keep_alive, refuse
from .vty import AHEAD, LINGER, Seat, Visitor

if TYPE_CHECKING:
    from iosemu.cli.command import Reply
    from iosemu.lab.router import Node

    from .vty import House

WATCHERS = 32
"""Who may watch a console at a time."""
DARK = 0.5
"""Seconds after which a router without power is looked at again."""


class Attended(Visitor):
    """The session at a console; nobody sits there before RETURN is pressed."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, "console")
        self.tty.vacate()
        self.attended = False

    @property
    def gone(self) -> bool:
        """Whether the line was cleared under whoever sat there."""
        return self.attended and super().gone

    def wait(self, *, booted: bool) -> Reply:
        """Wait for RETURN, then hold the dialogue of a log-in."""
        yield from users.attend(self, "boot" if booted else "logout")


class ConsoleSeat(Seat):
    """Where the console's session sits: it is hung up on only once somebody was there."""

    session: Attended

    def check_idle(self) -> None:
        """Leave EXEC after a while; RETURN may be waited for as long as one likes."""
        if self.session.attended:
            super().check_idle()


class Port:
    """A console port: for its seat, what carries it, to however many watch."""

    def __init__(self, house: House, node: Node) -> None:
        self._house = house
        self._node = node
        self._watchers: dict[Watcher, None] = {}
        self._boots = -1
        self._recent = b""
        self._open = True
        self._seat: ConsoleSeat
        self._begin()

    def _begin(self) -> None:
        if not self._open:
            return
        if not self._node.powered:
            self._house.loop.call_later(DARK, self._begin)
            return
        booted, self._boots = self._boots != self._node.boots, self._node.boots
        session = Attended(self._node)
        self._seat = ConsoleSeat(self._house, session, self)
        self._seat.carry(session.wait(booted=booted))

    # What watchers call

    def join(self, watcher: Watcher) -> bool:
        """Let somebody watch, and show the row at which the console stands; False: there are too many."""
        if len(self._watchers) >= WATCHERS:
            return False
        self._watchers[watcher] = None
        watcher.show(GREETING + self._recent.rstrip().rpartition(b"\n")[2])
        return True

    def leave(self, watcher: Watcher) -> None:
        """Hear that somebody has gone; the console stays as it is."""
        self._watchers.pop(watcher, None)

    def typed(self, data: bytes) -> None:
        """Take what any of them types."""
        self._seat.received(data)

    # What the seat calls

    def write(self, data: bytes) -> None:
        """Show octets to all."""
        self._recent = (self._recent + data)[-256:]
        for watcher in tuple(self._watchers):
            watcher.show(data)

    def close(self) -> None:
        """Begin again after a session: a console never hangs up."""
        self._house.loop.call_soon(self._begin)

    def abort(self) -> None:
        """There is nobody to be cut off."""

    def pause_reading(self) -> None:
        """Take nothing more from those who type."""
        for watcher in self._watchers:
            watcher.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take again what they type."""
        for watcher in self._watchers:
            watcher.transport.resume_reading()

    def shut(self) -> None:
        """Send all watchers away, for good."""
        self._open = False
        for watcher in tuple(self._watchers):
            watcher.transport.close()


class Watcher(asyncio.Protocol):
    """One caller of a console port."""

    transport: asyncio.Transport

    def __init__(self, port: Port) -> None:
        self._port = port
        self._negotiation = Negotiation()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Show the console; refuse one too many."""
        self.transport = cast("asyncio.Transport", transport)
        if self._port.join(self):
            keep_alive(self.transport)
        else:
            refuse(self.transport)

    def show(self, data: bytes) -> None:
        """Show octets, unless too many wait already for this caller to read."""
        if not self.transport.is_closing() and self.transport.get_write_buffer_size() < AHEAD:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Take octets off the wire."""
        typed, answer = self._negotiation.take(data)
        if answer:
            self.transport.write(answer)
        if typed:
            self._port.typed(typed)

    def eof_received(self) -> bool:
        """Show for a while what comes of what was typed, then hang up."""
        asyncio.get_running_loop().call_later(LINGER, self.transport.close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the caller is gone."""
        del exc
        self._port.leave(self)
