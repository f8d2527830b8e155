"""Pings: a machine that sends echo requests and keeps what came of each, and what runs it on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.lab.clock import SECOND
from iosemu.lab.ip import ANY
from iosemu.lab.machine import Driver
from iosemu.values import NamedTuple
from iosemu.wire import icmp
from iosemu.wire.ipv4 import ICMP, Packet, quoted
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame

ANSWERED = "!"
LOST = "."
"""Symbols of IOS's ping; `symbol` has those of errors."""


class Send(NamedTuple):
    """The effect of a ping: send the echo request of this number."""

    sequence: int


class Result(NamedTuple):
    """What came of one echo request; `time` is the round trip in microseconds, of answered ones only."""

    symbol: str
    time: int = 0
    sender: IPv4 = ANY
    """Who sent the answer, or the error."""
    mtu: int = 0
    """How long a packet may be, where an error says so."""


class Ping:
    """One ping; times are in microseconds.

    Without `interval` a request is sent as soon as the one before it is settled, as IOS does; with it,
    regularly, while earlier ones may still be out.
    """

    def __init__(
        self,
        *,
        count: int = 5,
        timeout: int = 2 * SECOND,
        interval: int | None = None,
        many: bool = False,
    ) -> None:
        self.many = many
        """Whether several answers to one request are wanted."""
        self.count = count
        self.timeout = timeout
        self.interval = interval
        self.sent: list[int] = []
        self.replies: list[tuple[int, Result]] = []
        """The answers to a request that many may answer, its number with each; what is read may be taken out."""
        self._results: dict[int, Result] = {}
        self._settled = 0  # every request before this one has its result
        self._next: int | None = None

    # --- Inputs

    def start(self, now: int) -> list[Send]:
        """Begin."""
        self._next = now if self.count else None
        return self.expire(now)

    def settle(self, sequence: int, symbol: str, now: int, sender: IPv4 = ANY, mtu: int = 0) -> list[Send]:
        """Take what came of a request; too late, or twice, is not heard (of many, the first settles it)."""
        if self.many and 0 <= sequence < len(self.sent) and symbol == ANSWERED:
            spent = now - self.sent[sequence]
            if spent < self.timeout:
                self.replies.append((sequence, Result(symbol, spent, sender)))
        if not self._settled <= sequence < len(self.sent) or sequence in self._results:
            return []
        spent = now - self.sent[sequence]
        self._results[sequence] = Result(symbol, spent if symbol == ANSWERED else 0, sender, mtu)
        while self._settled in self._results:
            self._settled += 1
        if self.interval is None and len(self.sent) < self.count:
            self._next = now
        return self._send(now)

    def expire(self, now: int) -> list[Send]:
        """Give up on requests that were not answered in time, and send what is to be sent."""
        effects: list[Send] = []
        for sequence in range(self._settled, len(self.sent)):
            if self.sent[sequence] + self.timeout > now:
                break
            effects += self.settle(sequence, LOST, now)
        return effects + self._send(now)

    def _send(self, now: int) -> list[Send]:
        if self._next is None or self._next > now:
            return []
        self.sent.append(now)
        more = len(self.sent) < self.count
        self._next = now + self.interval if self.interval is not None and more else None
        return [Send(len(self.sent) - 1)]

    def deadline(self) -> int | None:
        """Tell when the next request is to be sent or given up."""
        times = [] if self._next is None else [self._next]
        if self._settled < len(self.sent):
            times.append(self.sent[self._settled] + self.timeout)
        return min(times, default=None)

    # --- Outcome

    @property
    def done(self) -> bool:
        """Whether every request has its result."""
        return self._settled >= self.count

    @property
    def settled(self) -> int:
        """How many requests have their result, and so have all before them."""
        return self._settled

    def symbols(self, start: int) -> str:
        """Give the results' symbols from that of request `start` on, so that a row can grow."""
        return "".join(self._results[sequence].symbol for sequence in range(start, self._settled))

    def result(self, number: int) -> Result:
        """Give what came of a request; KeyError while it is out."""
        return self._results[number]

    @property
    def results(self) -> list[Result]:
        """What came of the requests, in their order, up to the first that is still out."""
        return [self._results[sequence] for sequence in range(self._settled)]

    @property
    def row(self) -> str:
        """The results' symbols: `.!!!!`."""
        return self.symbols(0)

    @property
    def times(self) -> list[int]:
        """The round-trip times of the answered requests, in microseconds."""
        return [result.time for result in self.results if result.symbol == ANSWERED]


def symbol(message: object) -> tuple[str, bytes] | None:
    """Give IOS's symbol for an ICMP error, and what the error quotes; None when it is none."""
    match message:
        case icmp.Unreachable(code=icmp.FRAGMENTATION_NEEDED, quote=quote):
            return "M", quote
        case icmp.Unreachable(quote=quote):
            return "U", quote
        case icmp.TimeExceeded(quote=quote):
            return "&", quote
        case icmp.ParameterProblem(quote=quote):
            return "?", quote
        case _:
            return None


class Running:
    """A ping under way from a node: `ping` is its machine."""

    def __init__(self, node: Node, identifier: int, ping: Ping, request: Packet, data: bytes) -> None:
        self.node = node
        self.identifier = identifier
        self.ping = ping
        self.request = request
        self.data = data
        self.driver: Driver[Send] = Driver(node, ping, self._carry)

    def _carry(self, effect: Send) -> None:
        echo = icmp.EchoRequest(self.identifier, effect.sequence & 0xFFFF, self.data)
        self.node.ip.send(self.request._replace(payload=echo, identification=effect.sequence & 0xFFFF))


class Pings:
    """The pings of a node (a part of it)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._running: dict[int, Running] = {}
        self._identifier = 0
        node.ip.icmp.append(self._heard)

    def start(
        self,
        destination: IPv4,
        *,
        source: IPv4 = ANY,
        count: int = 5,
        size: int = 100,
        timeout: int = 2 * SECOND,
        interval: int | None = None,
        ttl: int = 255,
        tos: int = 0,
        dont_fragment: bool = False,
        pattern: bytes = b"\xab\xcd",
        many: bool = False,
    ) -> Ping:
        """Start a ping with packets of `size` octets, headers included, and give its machine to look at."""
        for done in [number for number, running in self._running.items() if running.ping.done]:
            del self._running[done]
        self._identifier = self._identifier + 1 & 0xFFFF
        length = max(size - 28, 0)
        data = (pattern * (length // len(pattern) + 1))[:length]
        request = Packet(source, destination, ICMP, b"", ttl=ttl, tos=tos, dont_fragment=dont_fragment)
        ping = Ping(count=count, timeout=timeout, interval=interval, many=many)
        running = self._running[self._identifier] = Running(self.node, self._identifier, ping, request, data)
        running.driver.run(ping.start(self.node.now))
        return ping

    def stop(self, ping: Ping) -> None:
        """Abort a ping, as the escape sequence does."""
        for identifier, running in tuple(self._running.items()):
            if running.ping is ping:
                running.driver.stop()
                del self._running[identifier]

    def _heard(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        del interface, frame
        message = packet.payload
        if isinstance(message, icmp.EchoReply):
            self._settle((message.identifier, message.sequence), Result(ANSWERED, sender=packet.source))
        elif (error := symbol(message)) is not None:
            sign, quote = error
            about = _echo_in(quote)
            if about is not None:
                mtu = message.mtu if isinstance(message, icmp.Unreachable) else 0
                self._settle(about, Result(sign, sender=packet.source, mtu=mtu))

    def _settle(self, about: tuple[int, int], result: Result) -> None:
        identifier, sequence = about
        running = self._running.get(identifier)
        if running is not None:
            ping = running.ping
            # Sequence numbers are 16 bits on the wire; those that are out are the latest.
            late = len(ping.sent) - 1 - sequence & 0xFFFF
            number = len(ping.sent) - 1 - late
            running.driver.run(ping.settle(number, result.symbol, self.node.now, result.sender, result.mtu))


def _echo_in(quote: bytes) -> tuple[int, int] | None:
    """Read identifier and sequence of the echo request that an error quotes, if it does."""
    try:
        packet = quoted(quote)
    except Malformed:
        return None
    data = packet.payload
    if (
        packet.protocol != ICMP
        or not isinstance(data, bytes)
        or len(data) < 8
        or data[0] != icmp.ECHO_REQUEST
    ):
        return None
    return int.from_bytes(data[4:6], "big"), int.from_bytes(data[6:8], "big")
