"""`explain NODE why`: the reasons behind what a node's screens show, in a learner's words.

Of the way to an address everything is known here; what features decide, their parts tell by `Node.reasons`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import mask
from iosemu.lab.routes import CONNECTED, MOBILE, RIP, STATIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.routes import Route

SOURCES = {
    CONNECTED: "a connected network",
    STATIC: "a static route",
    RIP: "a RIP route",
    MOBILE: "a mobile route",
}


def reasons(node: Node, address: IPv4 | None) -> Iterator[str]:
    """Say why things are as they are at a node; with an address, where packets to it go."""
    if not node.powered:
        yield f"% {node.name} is switched off; power {node.name} on"
        return
    if address is not None:
        yield from _way(node, address)
    told = [row for reason in node.reasons for row in reason(address)]
    yield from told
    if address is None and not told:
        yield f"{node.name} has no group, binding or registration to tell of; ask for an address"


# --- The way to an address


def _way(node: Node, address: IPv4) -> Iterator[str]:
    owner = node.ip.owner(address)
    if owner is not None:
        role = ", as long as its group is active here" if address in owner.virtual else ""
        yield f"{address} is {node.name}'s own, on {owner.name}{role}"
        return
    down = [port for port in node.interfaces.values() if not port.up and port.owns(address)]
    if down:
        yield f"{address} is {node.name}'s own, but {down[0].name} is down"
    route = node.routes.lookup(address)
    if route is None:
        yield f"No route matches {address}, and there is no default route: the packet is dropped"
        yield "  unless it is from here, its sender is told that the host is unreachable"
    else:
        yield from _by(node, address, route)
    yield from _unused(node, address, route)


def _by(node: Node, address: IPv4, route: Route) -> Iterator[str]:
    if route.interface.kind.name == "Null":
        yield f"Packets to {address} are thrown away: {route.prefix} leads to {route.interface.name}"
        return
    neighbour = route.neighbour or address
    via = "" if neighbour == address else f" to {neighbour}"
    yield f"Packets to {address} leave by {route.interface.name}{via}"
    yield f"  {_named(route)} is the longest match{_metrics(route)}"
    equal = node.routes.to(route.prefix)
    if len(equal) > 1:
        others = ", ".join(_end(each) for each in equal if each is not route)
        yield f"  equally good, and taken for other addresses: {others}"
    if route.next_hop is not None and route.next_hop != neighbour:
        yield f"  its next hop {route.next_hop} is reached by {neighbour}"
    for length in range(route.prefix.length - 1, -1, -1):
        for wider in node.routes.to(type(route.prefix).of(address & mask(length), length))[:1]:
            yield f"  {_named(wider)} matches as well, but is less specific"
    yield from _neighbour(node, route.interface, neighbour)


def _named(route: Route) -> str:
    source = SOURCES[route.source]
    return f"{route.prefix}, {source}{'' if route.source == CONNECTED else f' ({_end(route)})'},"


def _end(route: Route) -> str:
    return f"via {route.next_hop}" if route.next_hop is not None else f"by {route.interface.name}"


def _metrics(route: Route) -> str:
    return "" if route.source == CONNECTED else f", with distance {route.distance} and metric {route.metric}"


def _neighbour(node: Node, interface: Interface, neighbour: IPv4) -> Iterator[str]:
    if interface.output is not None or not interface.kind.ethernet:
        return
    mac = node.arp.find(interface, neighbour)
    if mac is not None:
        yield f"  ARP knows {neighbour}: {mac}"
    elif node.kind == "router":
        yield f"  ARP does not know {neighbour}: the next packet has {node.name} ask, and is dropped"
    else:
        yield f"  ARP does not know {neighbour}: the next packet has {node.name} ask, and waits for the answer"


def _unused(node: Node, address: IPv4, route: Route | None) -> Iterator[str]:
    """Tell of configured routes that match, and why they are not used."""
    for static in node.routes.statics:
        if address not in static.prefix or (route is not None and static.prefix.length < route.prefix.length):
            continue
        used = any(
            each.source == STATIC and each.next_hop == static.next_hop
            for each in node.routes.to(static.prefix)
        )
        if used:
            continue
        end = static.interface or static.next_hop
        better = node.routes.to(static.prefix)
        if better and better[0].distance < static.distance:
            why = f"distance {static.distance} is worse than {better[0].distance}"
        elif static.interface is not None:
            why = f"{static.interface} is not up"
        else:
            why = f"there is no way to {static.next_hop}"
        yield f"  the static route {static.prefix} to {end} is not used: {why}"
