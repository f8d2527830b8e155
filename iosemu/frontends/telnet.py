r"""telnet: a router's vtys on a TCP port.

The negotiation is our own, and small: what a router says is four options, the same each time, and no answer
is waited for. The libraries there are either hold back the prompt until the client has answered (or a second
has passed), or bring a client's line editor. The rule kept here: whatever octets come, in whatever pieces,
what is not typed text is taken out, in bounded memory, and never answered in a way that can go round in
circles (RFC 854, RFC 1143).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, cast

from iosemu.features.system import users

from .vty import LINGER, Seat, visit

if TYPE_CHECKING:
    from iosemu.lab.router import Node

    from .vty import House

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
ECHO, SGA, TTYPE, NAWS = 1, 3, 24, 31
GREETING = bytes((IAC, WILL, ECHO, IAC, WILL, SGA, IAC, DO, TTYPE, IAC, DO, NAWS))
"""The first octets a router sends (ios-shell.md §4.6)."""
OURS = (ECHO, SGA)
THEIRS = (TTYPE, NAWS)
KEYS = {243: b"\x1e", 244: b"\x1e", 247: b"\x7f", 248: b"\x15"}
"""What commands stand for which key: BRK and IP break off, EC and EL erase a character and the line."""
LONGEST = 1024
"""Octets of a subnegotiation after which it is taken for rubbish that has no end."""


class Negotiation:
    """Takes telnet's commands out of what a client sends, and says what to answer."""

    def __init__(self) -> None:
        self._state = self._text
        self._typed = bytearray()
        self._answer = bytearray()
        self._verb = 0
        self._length = 0

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Take octets as they came; gives what was typed, and what to answer."""
        at = 0
        while at < len(data):
            if self._state == self._text:
                end = data.find(IAC, at)
                self._typed += data[at : end if end >= 0 else len(data)]
                if end < 0:
                    break
                at = end
            self._state(data[at])
            at += 1
        typed, answer = bytes(self._typed), bytes(self._answer)
        self._typed.clear()
        self._answer.clear()
        return typed, answer

    def _text(self, octet: int) -> None:
        """IAC, for all the rest is taken in one piece."""
        del octet
        self._state = self._command

    def _command(self, octet: int) -> None:
        self._state = self._text
        if octet == IAC:
            self._typed.append(IAC)
        elif octet in (DO, DONT, WILL, WONT):
            self._verb = octet
            self._state = self._option
        elif octet == SB:
            self._length = 0
            self._state = self._parameters
        else:
            self._typed += KEYS.get(octet, b"")

    def _option(self, octet: int) -> None:
        """Refuse what was not offered; DONT and WONT need no answer, and the echo goes on all the same."""
        self._state = self._text
        if self._verb == DO and octet not in OURS:
            self._answer += bytes((IAC, WONT, octet))
        elif self._verb == WILL and octet not in THEIRS:
            self._answer += bytes((IAC, DONT, octet))

    def _parameters(self, octet: int) -> None:
        """Skip a subnegotiation: terminal type and size count as little as on a router."""
        self._length += 1
        if octet == IAC:
            self._state = self._parameters_end
        elif self._length >= LONGEST:
            self._state = self._text

    def _parameters_end(self, octet: int) -> None:
        if octet in (IAC, SE):
            self._state = self._text if octet == SE else self._parameters
        else:
            self._command(octet)  # the SE was lost


class Telnet(asyncio.Protocol):
    """One caller."""

    def __init__(self, house: House, node: Node) -> None:
        self._house = house
        self._node = node
        self._negotiation = Negotiation()
        self._transport: asyncio.Transport
        self._seat: Seat | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Show where the caller has come to, at once; refuse when no vty is free."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        origin = str(peer[0]) if peer else ""
        visitor = visit(self._node, "telnet", origin)
        if visitor is None:
            self._refuse(users.refusal(self._node, "telnet", origin))
            return
        keep_alive(self._transport)
        self._transport.write(GREETING)
        self._seat = Seat(self._house, visitor, self._transport)
        self._seat.log_in()

    def _refuse(self, text: str) -> None:
        if not text:
            refuse(self._transport)
            return
        self._transport.write(text.encode("utf-8", "replace"))
        self._transport.close()
        asyncio.get_running_loop().call_later(LINGER, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take octets off the wire."""
        if self._seat is None:
            return
        typed, answer = self._negotiation.take(data)
        if answer:
            self._transport.write(answer)
        if typed:
            self._seat.received(typed)

    def eof_received(self) -> bool:
        """Carry out what was typed before the caller closed its half."""
        if self._seat is not None:
            self._seat.ended()
        return True

    def pause_writing(self) -> None:
        """Hear that the caller does not read."""
        if self._seat is not None:
            self._seat.pause_writing()

    def resume_writing(self) -> None:
        """Hear that the caller has read."""
        if self._seat is not None:
            self._seat.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the caller is gone."""
        del exc
        if self._seat is not None:
            self._seat.gone()


def refuse(transport: asyncio.Transport) -> None:
    """Reset a connection, as a router without a free line does."""
    wire = transport.get_extra_info("socket")
    if wire is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def keep_alive(transport: asyncio.Transport) -> None:
    """Find out about callers that vanished."""
    wire = transport.get_extra_info("socket")
    if wire is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
