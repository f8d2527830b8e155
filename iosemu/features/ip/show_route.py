"""`show ip route` in 12.4's layout (ios-shell.md §7), and `clear ip route`.

Routes stand below the class A, B or C network that they are subnets of; shorter ones, the default among them,
stand last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.cli.command import Reply, command
from iosemu.features.ip.names import resolve
from iosemu.lab.log import uptime
from iosemu.lab.routes import CONNECTED, MOBILE, STATIC
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node
    from iosemu.lab.routes import Route

LEGEND = """\
Codes: C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area\x20
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route
"""

SOURCES = {"connected": "C", "static": "S", "rip": "R", "mobile": "M", "bgp": "B", "eigrp": "D", "ospf": "O"}
"""By the word that asks for them."""
NAMES = {letter: word for word, letter in SOURCES.items()}
DEFAULT = Prefix(IPv4(0), 0)


class Network(NamedTuple):
    """A classful network and the routes to it and into it; a shorter prefix is a network by itself."""

    prefix: Prefix
    routes: list[Route]

    @property
    def prefixes(self) -> list[Prefix]:
        """What there are routes to, each once."""
        return list(dict.fromkeys(route.prefix for route in self.routes))

    @property
    def subnetted(self) -> bool:
        """Whether there are routes to parts of it, so that it has a row of its own."""
        return any(route.prefix.length > self.prefix.length for route in self.routes)

    @property
    def masks(self) -> int:
        """How many lengths of prefixes there are."""
        return len({prefix.length for prefix in self.prefixes})


def classful(address: int) -> Prefix:
    """Give the class A, B or C network of an address."""
    return Prefix.of(address, 8 if address >> 31 == 0 else 16 if address >> 30 == 2 else 24)


def networks(node: Node) -> list[Network]:
    """Sort the routes in use into networks, supernets last."""
    found: dict[Prefix, Network] = {}
    for route in node.routes:
        major = classful(route.prefix.network)
        prefix = major if route.prefix.length >= major.length else route.prefix
        found.setdefault(prefix, Network(prefix, [])).routes.append(route)
    return sorted(found.values(), key=lambda each: (_supernet(each.prefix), each.prefix))


def _supernet(prefix: Prefix) -> bool:
    return prefix.length < classful(prefix.network).length


def table(node: Node, wanted: Iterable[Network]) -> Iterator[str]:
    """Yield the rows of networks."""
    whole = {network.prefix: network for network in networks(node)}
    for network in wanted:
        full = whole[network.prefix]
        if not full.subnetted:
            yield from _routes(node, network.routes, 5, masked=True)
        elif full.masks == 1:
            yield f"     {_subnetted(full)}"
            yield from _routes(node, network.routes, 8, masked=False)
        else:
            yield f"     {_subnetted(full)}"
            yield from _routes(node, network.routes, 8, masked=True)


def _subnetted(network: Network) -> str:
    count = len(network.prefixes)
    if network.masks == 1:
        return f"{network.prefix.network}/{network.prefixes[0].length} is subnetted, {count} subnets"
    return f"{network.prefix} is variably subnetted, {count} subnets, {network.masks} masks"


def _routes(node: Node, routes: list[Route], column: int, *, masked: bool) -> Iterator[str]:
    last = None
    for route in routes:
        name = str(route.prefix) if masked else str(route.prefix.network)
        code = route.source + ("*" if route.prefix == DEFAULT else " ")
        lead = f"{code:<{column}}{name}"
        yield (" " * len(lead) if route.prefix == last else lead) + _way(node, route)
        last = route.prefix


def _way(node: Node, route: Route) -> str:
    if route.next_hop is None:
        if route.source in (CONNECTED, STATIC, MOBILE):
            return f" is directly connected, {route.interface.name}"
        return f" [{route.distance}/{route.metric}] via {_age(node, route)}, {route.interface.name}"
    way = f" [{route.distance}/{route.metric}] via {route.next_hop}"
    if route.source == STATIC:
        return way + (f", {route.interface.name}" if _through_interface(node, route) else "")
    return f"{way}, {_age(node, route)}, {route.interface.name}"


def _through_interface(node: Node, route: Route) -> bool:
    """Whether a static route was configured with its interface, and so is shown with it."""
    place = (route.prefix, route.next_hop, route.interface.name)
    return any(static[:3] == place for static in node.routes.statics)


def _age(node: Node, route: Route) -> str:
    return uptime(node.now - route.since)


def _gateway(node: Node) -> str:
    routes = node.routes.to(DEFAULT)
    if not routes:
        return "Gateway of last resort is not set"
    return f"Gateway of last resort is {routes[0].next_hop or IPv4(0)} to network 0.0.0.0"


def _chosen(node: Node, letters: Iterable[str] | None = None, within: Prefix | None = None) -> list[Network]:
    """Give the networks with those of their routes that were asked for."""
    found = []
    for network in networks(node):
        routes = [
            route
            for route in network.routes
            if (letters is None or route.source in letters)
            and (within is None or (route.prefix.length >= within.length and route.prefix.network in within))
        ]
        if routes:
            found.append(network._replace(routes=routes))
    return found


@command("exec", "show ip route")
def show_ip_route(
    session: Session,
    *,
    bgp: bool = False,
    connected: bool = False,
    eigrp: bool = False,
    mobile: bool = False,
    ospf: bool = False,
    rip: bool = False,
    static: bool = False,
    summary: bool = False,
    network: IPv4 | str | None = None,
    mask: IPv4 | None = None,
    longer_prefixes: bool = False,
) -> Reply:
    """Show the routing table, the routes of one source, a route in detail, or how many there are."""
    node = session.node
    asked = dict(zip(SOURCES, (connected, static, rip, mobile, bgp, eigrp, ospf), strict=True))
    letters = [SOURCES[word] for word, wanted in asked.items() if wanted]
    if letters:
        yield from table(node, _chosen(node, letters))
    elif summary:
        yield from _summary(node)
    elif network is not None:
        address = resolve(node, network)
        if address is None:
            yield " " * (len(session.prompt) + session.typed.index(str(network))) + "^"
            yield "% Invalid input detected at '^' marker."
            yield ""
            return
        length = classful(address).length if mask is None else mask_length(mask)
        if length is None:
            yield "%Inconsistent address and mask"
        elif longer_prefixes:
            yield from _everything(node, _chosen(node, within=Prefix.of(address, length)))
        else:
            yield from _detail(node, address, None if mask is None else Prefix.of(address, length))
    else:
        yield from _everything(node, networks(node))


def _everything(node: Node, wanted: list[Network]) -> Iterator[str]:
    yield from LEGEND.split("\n")
    yield _gateway(node)
    yield ""
    yield from table(node, wanted)


def _detail(node: Node, address: IPv4, prefix: Prefix | None) -> Iterator[str]:
    """Yield a route in detail; the default is not what somebody else's address is looked up in."""
    major = next((each for each in networks(node) if each.prefix == classful(address)), None)
    if prefix is None and address == classful(address).network and major and major.subnetted:
        yield from _parts(node, major)
        return
    if prefix is None:
        found = node.routes.lookup(address)
        prefix = found.prefix if found is not None else None
    routes = node.routes.to(prefix) if prefix is not None else ()
    if prefix is not None and not routes:  # of a host, kept in a table of its own
        routes = tuple(route for route in node.routes if route.prefix == prefix)
    if not routes or (prefix == DEFAULT and address):
        yield "% Subnet not in table" if major and major.subnetted else "% Network not in table"
        return
    yield from _entry(node, routes)


def _parts(node: Node, network: Network) -> Iterator[str]:
    attached = sum(route.source == CONNECTED for route in network.routes)
    yield f"Routing entry for {network.prefix}, {len(network.prefixes)} known subnets"
    if attached:
        yield f"  Attached ({attached} connections)"
    if network.masks > 1:
        yield f"  Variably subnetted with {network.masks} masks"
    yield ""
    yield from _routes(node, network.routes, 8, masked=network.masks > 1)


def _entry(node: Node, routes: tuple[Route, ...]) -> Iterator[str]:
    route = routes[0]
    known = f'  Known via "{NAMES[route.source]}", distance {route.distance}, metric {route.metric}'
    if route.next_hop is None and route.source in (CONNECTED, STATIC):
        known += " (connected)" if route.source == STATIC else " (connected, via interface)"
    yield f"Routing entry for {route.prefix}"
    yield known + (", candidate default path" if route.prefix == DEFAULT else "")
    if route.source not in (CONNECTED, STATIC, MOBILE):
        yield f"  Redistributing via {NAMES[route.source]}"
    if route.source not in (CONNECTED, STATIC) and route.next_hop:
        yield f"  Last update from {route.next_hop} on {route.interface.name}, {_age(node, route)} ago"
    yield "  Routing Descriptor Blocks:"
    for index, each in enumerate(routes):
        yield f"  {' ' if index else '*'} {_descriptor(node, each)}"
        yield f"      Route metric is {each.metric}, traffic share count is 1"


def _descriptor(node: Node, route: Route) -> str:
    if route.next_hop is None:
        return f"directly connected, via {route.interface.name}"
    if route.source == STATIC:
        way = str(route.next_hop)
        return f"{way}, via {route.interface.name}" if _through_interface(node, route) else way
    return f"{route.next_hop}, from {route.next_hop}, {_age(node, route)} ago, via {route.interface.name}"


_OVERHEAD, _MEMORY, _INTERNAL = 72, 136, 1172
"""Octets a route, a route, and a subnetted network take in 12.4; from memory."""


def _summary(node: Node) -> Iterator[str]:
    def row(source: str, whole: int, parts: int, overhead: str, memory: int) -> str:
        return f"{source:<16}{whole:<12}{parts:<12}{overhead:<12}{memory}"

    found = networks(node)
    letters = list(
        dict.fromkeys([CONNECTED, STATIC, *(route.source for each in found for route in each.routes)])
    )
    yield "IP routing table name is Default-IP-Routing-Table(0)"
    yield "IP routing table maximum-paths is 16"
    yield "Route Source    Networks    Subnets     Overhead    Memory (bytes)"
    whole = parts = 0
    for letter in letters:
        nets, subnets = _count(found, letter, subnetted=False), _count(found, letter, subnetted=True)
        whole, parts = whole + nets, parts + subnets
        count = nets + subnets
        yield row(NAMES[letter], nets, subnets, str(count * _OVERHEAD), count * _MEMORY)
    internal = sum(each.subnetted for each in found)
    yield row("internal", internal, 0, "", internal * _INTERNAL)
    memory = (whole + parts) * _MEMORY + internal * _INTERNAL
    yield row("Total", whole + internal, parts, str((whole + parts) * _OVERHEAD), memory)


def _count(found: list[Network], letter: str, *, subnetted: bool) -> int:
    """Count the prefixes of one source, in networks that are subnetted or in those that are not."""
    chosen = [network for network in found if network.subnetted == subnetted]
    return len({route.prefix for network in chosen for route in network.routes if route.source == letter})


@command("exec", "clear ip route")
def clear_ip_route(session: Session, *, network: IPv4 | None = None, mask: IPv4 | None = None) -> None:
    """Forget what was learnt of a network, or all that was; what is configured stands again at once."""
    routes = session.node.routes
    length = None if mask is None else mask_length(mask)
    for route in tuple(routes):
        if route.source in (CONNECTED, STATIC, MOBILE):
            continue
        if network is None or (network == route.prefix.network and length in (None, route.prefix.length)):
            routes.remove(route)
