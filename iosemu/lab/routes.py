"""The routing table: connected and static routes, and those that features offer.

Longest match first; among routes to one prefix the lowest distance, then the lowest metric, and equals share
the traffic by destination. A static route through a next hop is there for as long as the next hop can be
reached without it. What cannot be used for want of an interface is kept, and comes back with the interface.
"""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Protocol

from iosemu.addresses import IPv4, mask
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.addresses import Prefix
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

CONNECTED = "C"
STATIC = "S"
RIP = "R"
MOBILE = "M"


class Route(NamedTuple):
    """A route that can be used.

    `next_hop` is what the route says (None: the prefix is on the link), `hop` the neighbour to which packets
    go when `next_hop` is itself reached through a router; `since` is when it came, in microseconds.
    """

    prefix: Prefix
    source: str
    """The letter of `show ip route`: `C`, `S`, `R`, `M` …"""
    distance: int
    metric: int
    next_hop: IPv4 | None
    interface: Interface
    since: int
    hop: IPv4 | None = None

    @property
    def neighbour(self) -> IPv4 | None:
        """The neighbour to which packets go; None: their destination is on the link."""
        return self.hop or self.next_hop


PROTOCOLS: list[Callable[[Node], Iterator[str]]] = []
"""What gives a routing protocol's section of `show ip protocols`, nothing where it does not run; features enter
theirs when they are imported."""


class Static(NamedTuple):
    """A configured static route: through a next hop, an interface, or both."""

    prefix: Prefix
    next_hop: IPv4 | None = None
    interface: str | None = None
    distance: int = 1


class HostRoutes(Protocol):
    """A table of host routes kept elsewhere, such as 100,000 bindings, asked instead of being copied."""

    def find(self, address: IPv4) -> Route | None:
        """Give the route to a host, if this table has one."""
        ...

    def __iter__(self) -> Iterator[Route]:
        """Give all routes by address, for `show ip route`."""
        ...


class Routes:
    """A node's routing table; `watchers` are called when it changed (not for `hosts`, whose owner knows)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.statics: list[Static] = []
        self.hosts: list[HostRoutes] = []
        self.watchers: list[Callable[[], None]] = []
        self._own: dict[Prefix, list[Route]] = {}  # connected and static
        self._offered: dict[Prefix, list[Route]] = {}  # by features, whether usable or not
        self._used: dict[int, dict[int, tuple[Route, ...]]] = {}  # by length, then network
        self._lengths: list[tuple[int, dict[int, tuple[Route, ...]]]] = []  # the same by mask, longest first

    # --- Asking

    def lookup(self, address: IPv4) -> Route | None:
        """Give the route to an address: the longest match."""
        for table in self.hosts:
            route = table.find(address)
            if route is not None:
                return route
        for netmask, networks in self._lengths:
            routes = networks.get(address & netmask)
            if routes:
                return routes[0] if len(routes) == 1 else routes[address % len(routes)]
        return None

    def to(self, prefix: Prefix) -> tuple[Route, ...]:
        """Give the routes in use to exactly this prefix; several when they are equally good."""
        return self._used.get(prefix.length, {}).get(prefix.network, ())

    def __iter__(self) -> Iterator[Route]:
        """Give all routes in use, by network and then length, as `show ip route` lists them."""
        keys = sorted((network, length) for length, networks in self._used.items() for network in networks)
        for network, length in keys:
            yield from self._used[length][network]
        yield from merge(*self.hosts, key=lambda route: route.prefix.network)

    def used(self) -> Iterator[Route]:
        """Give the routes in use that are no `hosts`', in no certain order but always the same."""
        for networks in self._used.values():
            for routes in networks.values():
                yield from routes

    # --- Static routes

    def add_static(self, static: Static) -> None:
        """Configure a static route; one with the same prefix, next hop and interface is replaced."""
        self._drop_static(static)
        self.statics.append(static)
        self._refresh()

    def remove_static(self, static: Static) -> bool:
        """Undo `add_static`, whatever the distance; False when there is no such route."""
        found = self._drop_static(static)
        self._refresh()
        return found

    def _drop_static(self, static: Static) -> bool:
        kept = [other for other in self.statics if other[:3] != static[:3]]
        found = len(kept) < len(self.statics)
        self.statics = kept
        return found

    # --- Routes of features

    def add(self, route: Route) -> None:
        """Offer a route; one with the same prefix, source, next hop and interface is replaced.

        It keeps its place among its equals then, so that the traffic they share stays where it goes.
        """
        offered = self._offered.setdefault(route.prefix, [])
        for number, other in enumerate(offered):
            if _identity(other) == _identity(route):
                offered[number] = route
                break
        else:
            offered.append(route)
        self._offers_changed(route.prefix)

    def remove(self, route: Route) -> None:
        """Take an offered route back; nothing happens when it is not there."""
        if self._drop(route):
            self._offers_changed(route.prefix)

    def _drop(self, route: Route) -> bool:
        offered = self._offered.get(route.prefix, [])
        for number, other in enumerate(offered):
            if _identity(other) == _identity(route):
                del offered[number]
                if not offered:
                    del self._offered[route.prefix]
                return True
        return False

    def _offers_changed(self, prefix: Prefix) -> None:
        before = self.to(prefix)
        self._use(prefix)
        if [_but_age(route) for route in self.to(prefix)] == [_but_age(route) for route in before]:
            return  # heard of again, at most
        if any(static.next_hop in prefix for static in self.statics if static.next_hop is not None):
            self._refresh(changed=True)
        else:
            self._tell()

    # --- The table

    def interface_changed(self, interface: Interface) -> None:
        """Work the table out anew, as an interface went up or down or has other addresses."""
        changed = False
        for prefix, offered in self._offered.items():
            if any(route.interface is interface for route in offered):
                before = self.to(prefix)
                self._use(prefix)
                changed |= self.to(prefix) != before
        self._refresh(changed=changed)

    def _refresh(self, *, changed: bool = False) -> None:
        """Work out connected and static routes from the ground up, so that no two hold each other up.

        The watchers are told when these are others than before, or something else has `changed`.
        """
        before, self._own = self._own, {}
        for prefix in before:
            self._use(prefix)
        now = self.node.now
        for interface in self.node.interfaces.values():
            if interface.up:
                for _, prefix in interface.addresses:
                    self._put(Route(prefix, CONNECTED, 0, 0, None, interface, now), before)
        waiting = list(self.statics)
        while waiting:
            # One at a time: the next may find a better way through the one before it.
            for number, static in enumerate(waiting):
                route = self._resolve(static)
                if route is not None:
                    del waiting[number]
                    self._put(route, before)
                    break
            else:
                break
        if changed or self._own != before:
            self._tell()

    def _resolve(self, static: Static) -> Route | None:
        prefix, next_hop, name, distance = static
        now = self.node.now
        if name is not None:
            interface = self.node.interfaces.get(name)
            if interface is None or not interface.up:
                return None
            return Route(prefix, STATIC, distance, 0, next_hop, interface, now)
        if next_hop is None:
            return None
        way = self.lookup(next_hop)
        if way is None or way.prefix == prefix:
            return None
        return Route(prefix, STATIC, distance, 0, next_hop, way.interface, now, way.neighbour)

    def _put(self, route: Route, before: dict[Prefix, list[Route]]) -> None:
        for old in before.get(route.prefix, ()):
            if old._replace(since=route.since) == route:
                route = old  # and so keeps its age
        self._own.setdefault(route.prefix, []).append(route)
        self._use(route.prefix)

    def _use(self, prefix: Prefix) -> None:
        """Choose the routes to a prefix from those there are."""
        usable = [route for route in self._offered.get(prefix, ()) if route.interface.up]
        usable = self._own.get(prefix, []) + usable
        networks = self._used.get(prefix.length)
        if usable:
            best = min(route[2:4] for route in usable)
            if networks is None:
                networks = self._used[prefix.length] = {}
                self._order()
            networks[prefix.network] = tuple(route for route in usable if route[2:4] == best)
        elif networks is not None and networks.pop(prefix.network, ()) and not networks:
            del self._used[prefix.length]
            self._order()

    def _order(self) -> None:
        self._lengths = [(mask(length), self._used[length]) for length in sorted(self._used, reverse=True)]

    def _tell(self) -> None:
        for watcher in tuple(self.watchers):
            watcher()


def _but_age(route: Route) -> tuple[object, ...]:
    return route[:6] + route[7:]


def _identity(route: Route) -> tuple[str, IPv4 | None, str]:
    return route.source, route.next_hop, route.interface.name
