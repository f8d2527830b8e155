"""Screens of what follows from other tables: `show ip cef`, `show ip aliases`, `show protocols`.

Their layouts are 12.4's, from its documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.cli.command import Reply, command

if TYPE_CHECKING:
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

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
