"""Screens of what follows from other tables: `show ip cef`, `ip aliases`, `ip traffic`, `show protocols`.

Their layouts are 12.4's, from its documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from iosemu.addresses import IPv4, Prefix
from iosemu.cli.command import Reply, command
from iosemu.lab.tcp import TCP
from iosemu.wire import icmp
from iosemu.wire.arp import REPLY, REQUEST

if TYPE_CHECKING:
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

STATES = {"open": "ESTAB", "syn sent": "SYNSENT", "syn received": "SYNRCVD"}
"""What IOS calls the states of a connection."""
MESSAGES = (
    icmp.EchoReply,
    icmp.EchoRequest,
    icmp.ParameterProblem,
    icmp.Redirect,
    icmp.RouterAdvertisement,
    icmp.RouterSolicitation,
    icmp.TimeExceeded,
    icmp.Unreachable,
)
"""ICMP messages that have a counter of their own."""
DEFAULT = Prefix(IPv4(0), 0)
MULTICAST = Prefix(IPv4(224 << 24), 4)
LOCAL = Prefix(IPv4(224 << 24), 24)
EVERYONE = Prefix(IPv4(0xFFFFFFFF), 32)
NOBODY = Prefix(IPv4(0), 32)


@command("exec", "show ip cef")
def show_ip_cef(node: Node) -> Reply:
    """Show where packets to each prefix go: the routing table with what ARP knows, and what is received."""
    rows: dict[Prefix, list[tuple[str, str]]] = {
        NOBODY: [("receive", "")],
        MULTICAST: [("drop", "")],
        LOCAL: [("receive", "")],
        EVERYONE: [("receive", "")],
    }
    found: dict[Prefix, list[tuple[str, str]]] = {}
    for route in node.routes:
        name = route.interface.name
        if name.startswith("Null"):
            way = ("attached", name)
        else:
            way = (str(route.next_hop) if route.next_hop else "attached", name)
        found.setdefault(route.prefix, []).append(way)
    rows |= found
    if DEFAULT not in rows:
        rows[DEFAULT] = [("drop", "Null0 (default route handler entry)")]
    for entry in node.arp.table():
        if entry.mac is not None and not entry.fixed:
            rows.setdefault(Prefix(entry.address, 32), [(str(entry.address), entry.interface.name)])
    for port in node.interfaces.values():
        if port.up:
            for address, prefix in port.addresses:
                rows[Prefix(address, 32)] = [("receive", "")]
                if prefix.length < 31:
                    rows[Prefix(prefix.network, 32)] = [("receive", "")]
                    rows[Prefix(prefix.broadcast, 32)] = [("receive", "")]
            for address in port.virtual:
                rows[Prefix(address, 32)] = [("receive", "")]
    yield "Prefix              Next Hop             Interface"
    for prefix in sorted(rows):
        text = str(prefix)
        for hop, name in rows[prefix]:
            yield f"{text:<19} {hop:<20} {name}".rstrip()
            text = ""


@command("exec", "show ip aliases")
def show_ip_aliases(node: Node) -> Reply:
    """Show which addresses are answered for: those of interfaces, and virtual ones."""
    yield "Address Type             IP Address      Port"
    for port in node.interfaces.values():
        if port.up:
            for address, _ in port.addresses:
                yield f"{'Interface':<24} {address}"
            for address in port.virtual:
                yield f"{'Dynamic':<24} {address}"


@command("exec", "show ip traffic")
def show_ip_traffic(node: Node) -> Reply:
    """Show what IP, ICMP, UDP, TCP and ARP have counted since the router booted; what cannot happen here is 0."""
    done = node.ip.traffic
    got = {kind: done["in", kind] for kind in MESSAGES}
    gave = {kind: done["out", kind] for kind in MESSAGES}
    other = sum(
        count
        for key, count in done.items()
        if isinstance(key, tuple) and key[0] == "in" and key[1] not in MESSAGES
    )
    here = done["unicast in"] + done["multicast in"] + done["broadcast in"]
    own = done["UDP out"] + done["TCP out"] + done["other out"]
    own += sum(count for key, count in done.items() if isinstance(key, tuple) and key[0] == "out")
    on, expired = done["forwarded"], done["bad hop count"]
    yield "IP statistics:"
    yield f"  Rcvd:  {here + on + expired + done['refused']} total, {here} local destination"
    yield f"         0 format errors, 0 checksum errors, {expired} bad hop count"
    yield f"         {done['unknown protocol']} unknown protocol, 0 not a gateway"
    yield "         0 security failures, 0 bad options, 0 with options"
    yield "  Opts:  0 end, 0 nop, 0 basic security, 0 loose source route"
    yield "         0 timestamp, 0 extended security, 0 record route"
    yield "         0 stream ID, 0 strict source route, 0 alert, 0 cipso, 0 ump"
    yield "         0 other"
    again, late, never = done["reassembled"], done["timeouts"], done["couldn't reassemble"]
    yield f"  Frags: {again} reassembled, {late} timeouts, {never} couldn't reassemble"
    whole = done["couldn't fragment"]
    yield f"         {done['fragmented']} fragmented, {whole} couldn't fragment"
    yield f"  Bcast: {done['broadcast in']} received, {done['broadcast out']} sent"
    yield f"  Mcast: {done['multicast in']} received, {done['multicast out']} sent"
    yield f"  Sent:  {own} generated, {on} forwarded"
    yield f"  Drop:  {done['encapsulation failed']} encapsulation failed, 0 unresolved, 0 no adjacency"
    yield f"         {done['no route']} no route, 0 unicast RPF, 0 forced drop"
    yield "         0 options denied, 0 source IP address zero"
    yield ""
    yield "ICMP statistics:"
    failed = f"{got[icmp.Redirect]} redirects, {got[icmp.Unreachable]} unreachable"
    yield f"  Rcvd: 0 format errors, 0 checksum errors, {failed}"
    echoes = f"{got[icmp.EchoRequest]} echo, {got[icmp.EchoReply]} echo reply"
    yield f"        {echoes}, 0 mask requests, 0 mask replies, 0 quench"
    yield f"        {got[icmp.ParameterProblem]} parameter, 0 timestamp, 0 info request, {other} other"
    asked, told = got[icmp.RouterSolicitation], got[icmp.RouterAdvertisement]
    yield f"        {asked} irdp solicitations, {told} irdp advertisements"
    yield f"        {got[icmp.TimeExceeded]} time exceeded, 0 info replies"
    failed = f"{gave[icmp.Redirect]} redirects, {gave[icmp.Unreachable]} unreachable"
    yield f"  Sent: {failed}, {gave[icmp.EchoRequest]} echo, {gave[icmp.EchoReply]} echo reply"
    yield "        0 mask requests, 0 mask replies, 0 quench, 0 timestamp"
    exceeded = f"{gave[icmp.TimeExceeded]} time exceeded, {gave[icmp.ParameterProblem]} parameter problem"
    yield f"        0 info reply, {exceeded}"
    asked, told = gave[icmp.RouterSolicitation], gave[icmp.RouterAdvertisement]
    yield f"        {asked} irdp solicitations, {told} irdp advertisements"
    yield ""
    yield "UDP statistics:"
    yield f"  Rcvd: {done['UDP in']} total, 0 checksum errors, {done['no port']} no port"
    yield f"  Sent: {done['UDP out']} total, 0 forwarded broadcasts"
    yield ""
    yield "TCP statistics:"
    yield f"  Rcvd: {done['TCP in']} total, 0 checksum errors, {done['TCP no port']} no port"
    yield f"  Sent: {done['TCP out']} total"
    yield ""
    yield "ARP statistics:"
    yield f"  Rcvd: {done['ARP in', REQUEST]} requests, {done['ARP in', REPLY]} replies, 0 reverse, 0 other"
    replies = f"{done['ARP out', REPLY]} replies ({done['proxy']} proxy)"
    yield f"  Sent: {done['ARP out', REQUEST]} requests, {replies}, 0 reverse"


@command("exec", "show tcp brief")
def show_tcp_brief(node: Node, *, all: bool = False) -> Reply:  # noqa: A002 - IOS's word
    """Show the connections over the lab's network, with `all` also who listens; a TCB is known by its ends here."""
    held = node.peek(TCP)
    yield "TCB       Local Address               Foreign Address             (state)"
    for local, local_port, remote, remote_port, state in held.connections() if held else ():
        here, there = f"{local}.{local_port}", f"{remote}.{remote_port}"
        block = crc32(f"{here} {there}".encode())
        yield f"{block:08X}  {here:<27} {there:<27} {STATES.get(state, state.upper())}"
    for port in sorted(node.ip.tcp) if all else ():
        yield f"{crc32(str(port).encode()):08X}  {f'*.{port}':<27} {'*.*':<27} LISTEN"


@command("exec", "show protocols")
def show_protocols(session: Session, *, interface: str | None = None) -> Reply:
    """Show whether IP is routed, and the state and address of each interface."""
    node = session.node
    ports = [each for each in node.interfaces.values() if each.kind.name != "Null"]
    if interface is None:
        yield "Global values:"
        yield f"  Internet Protocol routing is {'enabled' if node.ip.forwards else 'disabled'}"
    else:
        ports = [each for each in ports if each.name == interface]
    for port in sorted(ports, key=lambda each: (each.kind.virtual, each.sort_key)):
        yield f"{port.name} is {port.status}, line protocol is {'up' if port.up else 'down'}"
        if port.address:
            yield f"  Internet address is {port.address[0]}/{port.address[1].length}"
        for address, prefix in port.secondaries:
            yield f"  Secondary address {address}/{prefix.length}"
