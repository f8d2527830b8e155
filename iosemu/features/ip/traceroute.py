"""`traceroute`: datagrams to ports nobody listens at, which live ever longer, and who complains of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Text, command
from iosemu.features.ip.dialogue import (
    ask_numbers,
    ask_options,
    ask_source,
    ask_sure,
    ask_target,
    next_instant,
    source_of,
)
from iosemu.features.ip.names import name_of, resolve, unknown
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import ANY
from iosemu.values import NamedTuple
from iosemu.wire import icmp
from iosemu.wire.ipv4 import UDP, Packet, quoted
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from collections.abc import Generator

    from iosemu.addresses import IPv4
    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame

PORT = 33_434
UNKNOWN = "% Unrecognized host or address."
OURS = 49_152
"""The first port that probes come from; each trace has its own."""

NOTES = {icmp.NETWORK: "!N", icmp.HOST: "!H", icmp.PROTOCOL: "!P", icmp.PROHIBITED: "!A"}
"""By code of Unreachable."""


class Trace(NamedTuple):
    """What a traceroute sends; `timeout` is in seconds."""

    target: IPv4
    source: IPv4 = ANY
    timeout: int = 3
    probes: int = 3
    minimum: int = 1
    maximum: int = 30
    port: int = PORT
    numeric: bool = False
    """Whether addresses have no names (`ip host`) beside them."""
    host: str = ""
    """The target as it was typed."""


class Answer(NamedTuple):
    """Who complained of a probe, with which note ("" when it went as far as it should), and when."""

    sender: IPv4
    note: str
    arrived: bool
    when: int


class Probes:
    """The probes that a node has out (a part of it), by the ports they came from and went to."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._waiting: dict[tuple[int, int], Answer | None] = {}
        self._traces = 0
        node.ip.icmp.append(self._heard)

    def open(self) -> int:
        """Give a port for another trace's probes."""
        self._traces = self._traces + 1 & 0x3FFF
        return OURS + self._traces

    def send(self, trace: Trace, ours: int, port: int, ttl: int) -> None:
        """Send a probe, and listen for what is said of it."""
        self._waiting[ours, port] = None
        self.node.ip.send_udp(trace.target, port, bytes(20), source_port=ours, source=trace.source, ttl=ttl)

    def answer(self, ours: int, port: int) -> Answer | None:
        """Give what was said of a probe so far."""
        return self._waiting.get((ours, port))

    def close(self, ours: int, port: int) -> None:
        """Listen no longer."""
        self._waiting.pop((ours, port), None)

    def _heard(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        del interface, frame
        message = packet.payload
        if not isinstance(message, icmp.TimeExceeded | icmp.Unreachable):
            return
        try:
            probe = quoted(message.quote)
        except Malformed:
            return
        data = probe.payload
        if probe.protocol != UDP or not isinstance(data, bytes) or len(data) < 4:
            return
        key = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
        if key in self._waiting and self._waiting[key] is None:
            refused = isinstance(message, icmp.Unreachable)
            note = NOTES.get(message.code, "") if refused else ""
            self._waiting[key] = Answer(packet.source, note, refused, self.node.now)


@command("exec", "traceroute")
def traceroute(
    session: Session,
    *,
    ip: bool = False,
    host: IPv4 | str | None = None,
    numeric: bool = False,
    port: int = PORT,
    probe: int = 3,
    source: bool = False,
    source_address: IPv4 | None = None,
    source_interface: str | None = None,
    timeout: int = 3,
    ttl: bool = False,
    minimum: int = 1,
    maximum: int = 30,
) -> Reply:
    """Show who stands between here and a host."""
    del ip, source, ttl
    if host is None:
        wanted = yield from _ask(session)
        if wanted is not None:
            yield from send(session.node, wanted)
        return
    target = resolve(session.node, host)
    if target is None:
        yield from unknown(session, host, UNKNOWN)
        return
    origin = source_of(session.node, source_address, source_interface)
    if isinstance(origin, str):
        yield origin
        return
    trace = Trace(target, origin, timeout, probe, minimum, maximum, port, numeric, str(host))
    yield from send(session.node, trace)


def send(node: Node, trace: Trace) -> Reply:
    """Trace from a node; whoever closes this generator aborts it."""
    yield ""  # 12.x has this row, and the one below the heading (ios-shell.md §0.9, §7)
    yield "Type escape sequence to abort."
    typed = trace.host != str(trace.target) and trace.host
    yield f"Tracing the route to {f'{trace.host} ({trace.target})' if typed else trace.target}"
    yield ""
    ours = node.part(Probes).open()
    port, arrived = trace.port, False
    for ttl in range(trace.minimum, trace.maximum + 1):
        yield Text(f"{ttl:3} ")
        last = None
        for _ in range(trace.probes):
            started = node.now
            answer = yield from _probe(node, trace, ours, port, ttl)
            port = port + 1 & 0xFFFF
            if answer is None:
                yield Text(" * ")
                continue
            if answer.sender != last:
                if last is not None:
                    yield ""
                    yield Text("    ")
                name = None if trace.numeric else name_of(node, answer.sender)
                yield Text(f"{name} ({answer.sender})" if name else str(answer.sender))
                last = answer.sender
            spent = max(1, (answer.when - started + 500) // 1000)
            yield Text(f" {answer.note} " if answer.note else f" {spent} msec")
            arrived = arrived or answer.arrived
        yield ""
        if arrived:
            break


def _probe(node: Node, trace: Trace, ours: int, port: int, ttl: int) -> Generator[Output, str, Answer | None]:
    """Send a probe and wait for what becomes of it; None: nothing was heard in time."""
    probes, boots = node.part(Probes), node.boots
    deadline = node.now + trace.timeout * SECOND
    probes.send(trace, ours, port, ttl)
    try:
        while (answer := probes.answer(ours, port)) is None and node.now < deadline and node.boots == boots:
            yield next_instant(node.lab, deadline)
        return answer
    finally:
        probes.close(ours, port)


# -- the dialogue (questions from memory, but for the last, which is ping's)


def _ask(session: Session) -> Generator[Output, str, Trace | None]:
    asked = yield from ask_target(session, "trace", UNKNOWN)
    if asked is None:
        return None
    source = yield from ask_source(session, "Source address: ")
    if source is None:
        return None
    numeric = yield from ask_sure("Numeric display", "n")
    numbers = yield from ask_numbers(
        ("Timeout in seconds", 3, 1, 3600),
        ("Probe count", 3, 1, 65535),
        ("Minimum Time to Live", 1, 0, 255),
        ("Maximum Time to Live", 30, 1, 255),
        ("Port Number", PORT, 0, 65535),
    )
    if numbers is None or (yield from ask_options()) is None:
        return None
    host, target = asked
    timeout, probes, minimum, maximum, port = numbers
    return Trace(target, source, timeout, probes, minimum, maximum, port, numeric, host)
