"""TCP (RFC 793), as much as terminal sessions need: `Connection`, a machine, and `TCP`, a node's connections.

What it is: segments that go through the lab's ARP, routes and links and are lost with them; the handshake,
acknowledgements, retransmission, both sides' closing, resets, and what ICMP reports. What it is not: one
segment is out at a time, so there is no window to manage and no congestion; what comes out of order is dropped
and sent again; no urgent data, no simultaneous open, no TIME-WAIT (a FIN that comes again finds nobody and is
reset), no keepalives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.lab.clock import SECOND
from iosemu.lab.machine import Driver
from iosemu.values import NamedTuple
from iosemu.wire import icmp
from iosemu.wire.ipv4 import TCP as PROTOCOL
from iosemu.wire.ipv4 import Packet, quoted
from iosemu.wire.octets import Malformed
from iosemu.wire.tcp import ACK, FIN, PSH, RST, SYN, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame

    class User(Protocol):
        """What a connection is used by."""

        def heard(self) -> None:
            """Hear that something has arrived, was acknowledged, or that the connection is over."""


MSS = 536
"""Octets of data in a segment: what every host takes (RFC 1122 §4.2.2.6), and IOS's own default."""
RETRANSMIT = 2 * SECOND
"""After what time a segment is sent again for the first time; each further time takes twice as long."""
LONGEST = 60 * SECOND
SYNWAIT = 30 * SECOND
"""How long a connection may take to open (IOS: `ip tcp synwait-time`)."""
KEPT = 1 << 16
"""Octets that wait for their user; what is more is not taken, and must be sent again."""
TRIES = 8
"""How often a segment is sent before the other end is given up."""
FIRST_PORT = 11_000
"""Where ports of our own begin, as IOS's do (from memory)."""
_MSS_OPTION = bytes((2, 4)) + MSS.to_bytes(2, "big")
_NUMBERS = 0xFFFFFFFF


class Ends(NamedTuple):
    """Between what a connection goes: addresses and ports, ours first."""

    local: IPv4
    local_port: int
    remote: IPv4
    remote_port: int


class Connection:
    """One end of a connection; instants in microseconds, effects are the segments to send.

    `fault` says why it is over: `refused`, `unreachable`, `timed out` (these while or before it opens),
    `reset`, `lost` (nothing is acknowledged any more), or "" when both ends closed it.
    """

    def __init__(self, ends: Ends, number: int) -> None:
        self.ends = ends
        self.state = "closed"
        """`closed`, then `syn sent` or `syn received`, `open`, `over`."""
        self.fault = ""
        self.ended = False
        """Whether the other end has closed: nothing more arrives."""
        self._arrived = bytearray()
        self._out = bytearray()
        self._number = number  # the next sequence number of ours
        self._expected = 0  # the other end's
        self._flight: Segment | None = None
        self._sent = 0
        self._began = 0
        self._due: int | None = None
        self._closing = self._finished = False

    def __deepcopy__(self, memo: dict[int, object]) -> Connection:
        """Give what a checkpoint has of a connection: one that is over, as sessions stay outside."""
        copy = Connection(self.ends, 0)
        copy._over("reset")
        memo[id(self)] = copy
        return copy

    @property
    def usable(self) -> bool:
        """Whether both ends may still speak."""
        return self.state == "open" and not self.ended and not self._closing

    @property
    def waiting(self) -> int:
        """How many octets have arrived that nobody took."""
        return len(self._arrived)

    @property
    def backlog(self) -> int:
        """How many octets wait for their turn to be sent."""
        return len(self._out)

    # --- Inputs

    def open(self, now: int) -> list[Segment]:
        """Ask the other end for a connection."""
        self.state, self._began = "syn sent", now
        return self._launch(SYN, now, options=_MSS_OPTION)

    def accept(self, segment: Segment, now: int) -> list[Segment]:
        """Answer a SYN."""
        self.state, self._began = "syn received", now
        self._expected = segment.sequence + 1 & _NUMBERS
        return self._launch(SYN | ACK, now, options=_MSS_OPTION)

    def send(self, data: bytes, now: int) -> list[Segment]:
        """Send octets, or keep them until it is their turn."""
        if not self._closing and self.state != "over":
            self._out += data
        return self._go_on(now)

    def close(self, now: int) -> list[Segment]:
        """Close, once all is sent; what still arrives is taken."""
        if self.state in ("closed", "syn sent"):
            self._over("")
            return []
        self._closing = True
        return self._go_on(now)

    def abort(self) -> list[Segment]:
        """Reset the connection."""
        known = self.state in ("open", "syn received")
        self._over("reset")
        return [self._segment(RST | ACK)] if known else []

    def unreachable(self) -> None:
        """Hear that a segment cannot be delivered; once open, that may pass (RFC 1122 §4.2.3.9)."""
        if self.state == "syn sent":
            self._over("unreachable")

    def take(self) -> bytes:
        """Give the octets that have arrived since the last taking."""
        data = bytes(self._arrived)
        self._arrived.clear()
        return data

    def received(self, segment: Segment, now: int) -> list[Segment]:
        """Take a segment from the other end."""
        flags = segment.flags
        if flags & RST:
            self._reset(segment)
            return []
        if self.state == "syn sent":
            return self._answered(segment, now)
        if self.state == "over" or not flags & ACK:
            # A SYN again: our answer to it was lost.
            return [self._flight] if flags & SYN and self._flight else []
        self._acknowledged(segment.acknowledgment)
        wanted = segment.span > 0
        if len(self._arrived) > KEPT:
            return []  # as if it were lost: nobody takes what is there
        if flags & SYN == 0 and segment.sequence == self._expected and not self.ended:
            self._arrived += segment.data
            self.ended = bool(flags & FIN)
            self._expected = self._expected + segment.span & _NUMBERS
        if self.ended and self._finished and self._flight is None:
            self._over("")
            return [self._segment(ACK)] if wanted else []
        return self._go_on(now) or ([self._segment(ACK)] if wanted else [])

    def _answered(self, segment: Segment, now: int) -> list[Segment]:
        if segment.flags & (SYN | ACK) != SYN | ACK or segment.acknowledgment != self._number:
            return []
        self._flight = self._due = None
        self._expected = segment.sequence + 1 & _NUMBERS
        self.state = "open"
        return self._go_on(now) or [self._segment(ACK)]

    def _acknowledged(self, number: int) -> None:
        if self._flight is not None and number == self._number:
            self._flight = self._due = None
            if self.state == "syn received":
                self.state = "open"

    def _reset(self, segment: Segment) -> None:
        if self.state == "syn sent":
            if segment.flags & ACK and segment.acknowledgment == self._number:
                self._over("refused")
        elif segment.sequence == self._expected or segment.acknowledgment == self._number:
            self._over("" if self._finished else "reset")

    # --- Sending

    def _segment(self, flags: int, data: bytes = b"", options: bytes = b"") -> Segment:
        acknowledgment = self._expected if flags & ACK else 0
        ports = self.ends.local_port, self.ends.remote_port
        return Segment(*ports, self._number, acknowledgment, flags, data=data, options=options)

    def _launch(self, flags: int, now: int, data: bytes = b"", options: bytes = b"") -> list[Segment]:
        """Send a segment that is to be acknowledged."""
        self._flight = segment = self._segment(flags, data, options)
        self._number = self._number + segment.span & _NUMBERS
        self._sent, self._due = 1, now + RETRANSMIT
        return [segment]

    def _go_on(self, now: int) -> list[Segment]:
        """Send what is next, unless something is still out."""
        if self._flight is not None or self.state != "open":
            return []
        if self._out:
            data = bytes(self._out[:MSS])
            del self._out[:MSS]
            return self._launch(ACK | PSH, now, data)
        if self._closing and not self._finished:
            self._finished = True
            return self._launch(ACK | FIN, now)
        return []

    # --- Time

    def deadline(self) -> int | None:
        """Tell when a segment is to be sent again, or given up."""
        return self._due

    def expire(self, now: int) -> list[Segment]:
        """Send again what was not acknowledged, or give up."""
        if self._flight is None or self._due is None or now < self._due:
            return []
        opening = self.state != "open"
        if self._sent >= TRIES or (opening and now - self._began >= SYNWAIT):
            self._over("timed out" if opening else "lost")
            return []
        self._sent += 1
        self._due = now + min(RETRANSMIT << self._sent - 1, LONGEST)
        if opening:
            self._due = min(self._due, self._began + SYNWAIT)
        if self._flight.flags & ACK:
            self._flight = self._flight._replace(acknowledgment=self._expected)
        return [self._flight]

    def _over(self, fault: str) -> None:
        self.state, self.fault = "over", fault
        self._flight = self._due = None
        self._out.clear()


class Socket:
    """A connection on its node: what carries its segments, and tells its user what came of them."""

    def __init__(self, held: TCP, connection: Connection) -> None:
        self.held = held
        self.connection = connection
        self.user: User | None = None
        self.driver: Driver[Segment] = Driver(held.node, self, self._carry)

    def __deepcopy__(self, memo: dict[int, object]) -> Socket:
        """Give what a checkpoint has of it: nobody uses it."""
        copy = object.__new__(Socket)
        memo[id(self)] = copy
        vars(copy).update(held=None, connection=self.connection.__deepcopy__(memo), user=None, driver=None)
        return copy

    @property
    def over(self) -> bool:
        """Whether nothing comes of it any more: closed at both ends, or lost with its node's power."""
        return self.connection.state == "over" or not self.driver.alive or not self.held.knows(self)

    def input(self, name: str, *arguments: Any) -> None:
        """Hand the connection one of its inputs, and tell its user."""
        self._do(name, *arguments)
        if self.user is not None:
            self.user.heard()

    def _do(self, name: str, *arguments: Any) -> None:
        self.driver.run(getattr(self.connection, name)(*arguments) or ())
        self._look()

    def deadline(self) -> int | None:
        """Tell when the connection has something to do."""
        return self.connection.deadline()

    def expire(self, now: int) -> list[Segment]:
        """Do what is due, and tell its user."""
        effects = self.connection.expire(now)
        self._look()
        if self.connection.state == "over" and self.user is not None:
            self.user.heard()
        return effects

    def send(self, data: bytes) -> None:
        """Send octets."""
        self._do("send", data, self.held.node.now)

    def close(self) -> None:
        """Close this end."""
        self._do("close", self.held.node.now)

    def _look(self) -> None:
        if self.connection.state == "over":
            self.held.forget(self)

    def _carry(self, segment: Segment) -> None:
        ends = self.connection.ends
        packet = Packet(ends.local, ends.remote, PROTOCOL, segment, tos=0xC0)
        if not self.held.node.ip.send(packet):
            self.connection.unreachable()


class TCP:
    """The connections of a node (a part of it); who listens at a port stands in `node.ip.tcp`."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._sockets: dict[Ends, Socket] = {}
        self._random = node.generator("tcp")
        self._port = FIRST_PORT + self._random.randrange(30_000)
        node.ip.icmp.append(self._reported)

    def __deepcopy__(self, memo: dict[int, object]) -> TCP:
        """Give what a checkpoint has of it: no connection outlives a restore, as no session does."""
        from copy import deepcopy  # noqa: PLC0415 - rare

        copy = object.__new__(TCP)
        memo[id(self)] = copy
        state = {key: value for key, value in vars(self).items() if key != "_sockets"}
        vars(copy).update(deepcopy(state, memo), _sockets={})
        return copy

    def knows(self, socket: Socket) -> bool:
        """Whether a socket is one of this node's as it now is (not of before a `restore`)."""
        return self.node.peek(TCP) is self and self._sockets.get(socket.connection.ends) is socket

    def connections(self) -> Iterator[tuple[IPv4, int, IPv4, int, str]]:
        """Give the ends and the state of each connection."""
        for ends, socket in sorted(self._sockets.items()):
            yield *ends, socket.connection.state

    def forget(self, socket: Socket) -> None:
        """Strike a connection out that is over."""
        if self.knows(socket):
            del self._sockets[socket.connection.ends]

    def connect(self, remote: IPv4, port: int, source: IPv4 | None = None) -> Socket | None:
        """Begin to connect; None: there is no way to that address."""
        local = source or self.node.ip.source_for(remote)
        if local is None:
            return None
        self._port += 1 + self._random.randrange(64)
        if self._port > 0xFFFF:
            self._port = FIRST_PORT
        socket = self._begin(Ends(local, self._port, remote, port))
        socket.input("open", self.node.now)
        return socket

    def _begin(self, ends: Ends) -> Socket:
        socket = self._sockets[ends] = Socket(self, Connection(ends, self._random.getrandbits(32)))
        return socket

    def received(self, packet: Packet) -> None:
        """Take a segment: for a connection, for who listens, or to be refused; none to many (RFC 1122 §4.2.3.10)."""
        segment = packet.payload
        if not isinstance(segment, Segment) or self.node.ip.is_many(packet.destination):
            return
        ends = Ends(packet.destination, segment.destination_port, packet.source, segment.source_port)
        socket = self._sockets.get(ends)
        if socket is not None:
            socket.input("received", segment, self.node.now)
            return
        serve = self.node.ip.tcp.get(segment.destination_port)
        if segment.flags & (SYN | ACK | RST) == SYN and serve is not None:
            socket = self._begin(ends)
            if serve(socket):
                socket.input("accept", segment, self.node.now)
                return
            del self._sockets[ends]
        self.node.ip.traffic["TCP no port"] += serve is None
        if not segment.flags & RST:
            self._refuse(ends, segment)

    def _refuse(self, ends: Ends, segment: Segment) -> None:
        """Reset what is for nobody (RFC 793 §3.4)."""
        number, acknowledgment, flags = segment.acknowledgment, 0, RST
        if not segment.flags & ACK:
            number, acknowledgment = 0, segment.sequence + segment.span & _NUMBERS
            flags = RST | ACK
        reset = Segment(ends.local_port, ends.remote_port, number, acknowledgment, flags, window=0)
        self.node.ip.send(Packet(ends.local, ends.remote, PROTOCOL, reset))

    def _reported(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        del interface, frame
        message = packet.payload
        if not isinstance(message, icmp.Unreachable):
            return
        try:
            about = quoted(message.quote)
        except Malformed:
            return
        if about.protocol != PROTOCOL or not isinstance(about.payload, bytes) or len(about.payload) < 4:
            return
        ports = int.from_bytes(about.payload[:2], "big"), int.from_bytes(about.payload[2:4], "big")
        socket = self._sockets.get(Ends(about.source, ports[0], about.destination, ports[1]))
        if socket is not None:
            socket.input("unreachable")
