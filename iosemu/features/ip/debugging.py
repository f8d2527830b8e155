"""`debug arp`, `debug ip icmp`, `debug ip packet`, `debug ip routing`: rows about what IP does here.

The rows are those of 12.4 as its documentation and public transcripts show them. The watchers are attached when
debugging is first asked for, and look at the flags themselves, which `undebug all` turns off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.features.ip.show_route import NAMES, classful
from iosemu.lab import acl
from iosemu.lab.debugging import Debugging, declare, detail, is_on
from iosemu.lab.ip import ANY
from iosemu.wire import icmp
from iosemu.wire.arp import REQUEST
from iosemu.wire.ipv4 import ICMP, TCP, UDP, quoted
from iosemu.wire.octets import Malformed, octets
from iosemu.wire.tcp import Segment

if TYPE_CHECKING:
    from iosemu.addresses import IPv4, Prefix
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.routes import Route
    from iosemu.wire.arp import Arp
    from iosemu.wire.ipv4 import Packet

ARP, PACKET, DETAIL, MESSAGES, ROUTING = "arp", "ip packet", "ip packet detail", "ip icmp", "ip routing"
TEXTS = {
    ARP: ("ARP", "ARP packet debugging is on"),
    MESSAGES: ("Generic IP", "ICMP packet debugging is on"),
    PACKET: ("Generic IP", "IP packet debugging is on"),
    DETAIL: ("Generic IP", "IP packet debugging is on (detailed)"),
    ROUTING: ("IP routing", "IP routing debugging is on"),
}
UNREACHABLE = {
    icmp.NETWORK: "net unreachable",
    icmp.HOST: "host unreachable",
    icmp.PROTOCOL: "protocol unreachable",
    icmp.PORT: "port unreachable",
    icmp.FRAGMENTATION_NEEDED: "frag. needed and DF set unreachable",
    icmp.PROHIBITED: "administratively prohibited unreachable",
}


class Watcher:
    """What writes the rows of a node's IP (a part of it)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._routes: dict[Prefix, tuple[Route, ...]] = {}
        node.ip.traces.append(self.packet)
        node.arp.traces.append(self.arp)
        node.routes.watchers.append(self.routes)

    def _write(self, text: str) -> None:
        self.node.log.debug(text)

    def arp(self, way: str, interface: Interface, message: Arp) -> None:
        """Write what `debug arp` says of a message."""
        if not is_on(self.node, ARP):
            return
        kind = "req" if message.operation == REQUEST else "rep"
        row = f"IP ARP: {way} {kind} src {message.sender} {message.sender_mac}"
        if way == "sent":
            self._write(f"{row},")
            self._write(f"                 dst {message.target} {message.target_mac} {interface.name}")
        else:
            self._write(f"{row}, dst {message.target} {interface.name}")

    def packet(
        self, what: str, came: Interface | None, goes: Interface | None, next_hop: IPv4, packet: Packet
    ) -> None:
        """Write what `debug ip packet` and `debug ip icmp` say of a packet."""
        flag = next((flag for flag in (DETAIL, PACKET) if is_on(self.node, flag)), None)
        if flag is not None and self._wanted(packet, detail(self.node, flag)):
            self._packet(what, came, goes, next_hop, packet)
            if flag == DETAIL:
                self._write(f"    {_inside(packet)}")
        if packet.protocol == ICMP and is_on(self.node, MESSAGES):
            row = _sent(packet) if came is None and what == "sending" else None
            row = _received(packet) if what.startswith("rcvd") else row
            if row:
                self._write(f"ICMP: {row}")

    def _wanted(self, packet: Packet, limit: str) -> bool:
        name = limit.rpartition(" ")[2]
        return not name or acl.passes(self.node, name, packet, "")

    def _packet(
        self, what: str, came: Interface | None, goes: Interface | None, next_hop: IPv4, packet: Packet
    ) -> None:
        there = f" ({goes.name})" if goes is not None else ""
        way = f"s={packet.source} ({came.name if came else 'local'}), d={packet.destination}{there}"
        if what in ("forward", "sending", "rcvd 3") and goes is not None:
            self._write(f"IP: tableid=0, {way}, routed via {'RIB' if what == 'rcvd 3' else 'FIB'}")
        through = f", g={next_hop}" if what == "forward" else ""
        self._write(f"IP: {way}{through}, len {packet.size}, {what}")

    def routes(self) -> None:
        """Write what `debug ip routing` says of routes that came or went."""
        now: dict[Prefix, tuple[Route, ...]] = {}
        for route in self.node.routes.used():
            now[route.prefix] = (*now.get(route.prefix, ()), route)
        before, self._routes = self._routes, now
        if not is_on(self.node, ROUTING):
            return
        for prefix in sorted({*before, *now}):
            old, new = before.get(prefix, ()), now.get(prefix, ())
            kept = {_identity(route) for route in old} & {_identity(route) for route in new}
            for word, routes in (("del", old), ("add", new)):
                for route in routes:
                    if _identity(route) not in kept:
                        self._write(f"RT: {word} {_route(route)}")
            if old and not new:
                self._write(f"RT: delete {_kind(prefix)} route to {prefix}")


def _begin(node: Node) -> None:
    """Watch a node's IP, and take its routes as they are for those to compare with."""
    node.part(Watcher).routes()


for _name, _words in TEXTS.items():
    declare(_name, *_words, _begin)


def _identity(route: Route) -> tuple[object, ...]:
    return route.source, route.distance, route.metric, route.next_hop, route.interface.name


def _route(route: Route) -> str:
    metric = f"metric [{route.distance}/{route.metric}]"
    return f"{route.prefix} via {route.next_hop or ANY}, {NAMES.get(route.source, route.source)} {metric}"


def _kind(prefix: Prefix) -> str:
    """Tell a subnet from a class A, B or C network."""
    return "subnet" if prefix.length > classful(prefix.network).length else "network"


def _inside(packet: Packet) -> str:
    if packet.fragment_offset:
        return f"fragment offset {packet.fragment_offset * 8}, proto={packet.protocol}"
    if packet.protocol == ICMP:
        type_, code, *_ = *octets(packet.payload)[:2], 0, 0  # type: ignore[arg-type]
        return f"ICMP type={type_}, code={code}"
    if isinstance(packet.payload, Segment):
        here, there, sequence, acknowledgment, flags, window, *_ = packet.payload
        bits = "".join(f" {name.upper()}" for name, bit in acl.FLAGS.items() if flags & bit)
        return f"TCP src={here}, dst={there}, seq={sequence}, ack={acknowledgment}, win={window}{bits}"
    if packet.protocol in (TCP, UDP):
        here, there = acl.ports(packet)
        return f"{'TCP' if packet.protocol == TCP else 'UDP'} src={here}, dst={there}"
    return f"proto={packet.protocol}"


def _about(quote: bytes) -> IPv4:
    """Give the destination that an error speaks of."""
    try:
        return quoted(quote).destination
    except Malformed:
        return ANY


def _sent(packet: Packet) -> str | None:
    to = packet.destination
    match packet.payload:
        case icmp.EchoReply():
            return f"echo reply sent, src {packet.source}, dst {to}"
        case icmp.Unreachable(code=code, quote=quote):
            return f"dst ({_about(quote)}) {UNREACHABLE.get(code, 'unreachable')} sent to {to}"
        case icmp.TimeExceeded(code=code, quote=quote):
            why = "reassembly" if code else "time to live"
            return f"time exceeded ({why}) sent to {to} (dest was {_about(quote)})"
        case icmp.Redirect(gateway=gateway, quote=quote):
            return f"redirect sent to {to} for dest {_about(quote)}, use gw {gateway}"
        case _:
            return None


def _received(packet: Packet) -> str | None:
    sender = packet.source
    match packet.payload:
        case icmp.EchoReply():
            return f"echo reply rcvd, src {sender}, dst {packet.destination}"
        case icmp.Unreachable(code=code, quote=quote):
            return f"dst ({_about(quote)}) {UNREACHABLE.get(code, 'unreachable')} rcv from {sender}"
        case icmp.TimeExceeded():
            return f"time exceeded rcvd from {sender}"
        case icmp.Redirect(gateway=gateway, quote=quote):
            return f"redirect rcvd from {sender}- for {_about(quote)} use gw {gateway}"
        case _:
            return None


def _switch(node: Node, name: str, *, no: bool, limit: str = "") -> Reply:
    debugging = node.part(Debugging)
    if no:
        debugging.stop(name)
    else:
        debugging.start(name, limit)
    text = TEXTS[name][1]
    yield text.replace(" is on", " is off") if no else f"{text} {limit}".rstrip()


@command("exec", "debug arp")
def debug_arp(node: Node, *, no: bool = False) -> Reply:
    """Write of each ARP that is sent or comes."""
    yield from _switch(node, ARP, no=no)


@command("exec", "debug ip icmp")
def debug_ip_icmp(node: Node, *, no: bool = False) -> Reply:
    """Write of each ICMP message but requests."""
    yield from _switch(node, MESSAGES, no=no)


@command("exec", "debug ip packet")
def debug_ip_packet(
    node: Node,
    *,
    number: int | None = None,
    detail: bool = False,
    no: bool = False,
) -> Reply:
    """Write of each packet, or of those that an access list lets through."""
    limit = f"for access list {number}" if number is not None else ""
    if no:
        node.part(Debugging).stop(DETAIL)
        yield from _switch(node, PACKET, no=True)
        return
    node.part(Debugging).stop(PACKET if detail else DETAIL)
    yield from _switch(node, DETAIL if detail else PACKET, no=False, limit=limit)


@command("exec", "debug ip routing")
def debug_ip_routing(node: Node, *, no: bool = False) -> Reply:
    """Write of each route that comes into the table or leaves it."""
    yield from _switch(node, ROUTING, no=no)
