"""The routing table: longest match, the better route, and static routes that follow their next hops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4, Prefix
from iosemu.lab.lab import Lab
from iosemu.lab.routes import Route, Static
from tests.lab.build import ip, line_of, net, on, static, two_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.router import Node


def router() -> Node:
    """Make a router with 10.0.0.1/24 on Ethernet0 and 10.0.1.1/24 on Ethernet1."""
    lab = Lab()
    node = lab.add_node("R")
    lab.start()
    node.interface("Ethernet0").address = on("10.0.0.1/24")
    node.interface("Ethernet1").address = on("10.0.1.1/24")
    return node


def table(node: Node) -> list[str]:
    """Write a table's routes: letter, prefix, distance and next hop or interface."""
    return [
        f"{route.source} {route.prefix} {route.distance} {route.next_hop or route.interface.short}"
        for route in node.routes
    ]


# Few bits, so that prefixes contain one another.
ADDRESSES = st.integers(0, 63).map(lambda bits: IPv4((bits >> 2) << 28 | bits & 3))
PREFIXES = st.builds(Prefix.of, ADDRESSES, st.sampled_from([0, 1, 2, 3, 4, 30, 31, 32]))


@given(st.lists(st.tuples(PREFIXES, st.integers(1, 3), st.booleans())), st.lists(ADDRESSES, min_size=1))
def test_the_longest_match_is_found(changes: list[tuple[Prefix, int, bool]], addresses: list[IPv4]) -> None:
    """Lookup agrees with looking at every route there is, after any adding and removing."""
    node = router()
    port = node.interface("Serial0")
    offered: dict[tuple[Prefix, int], Route] = {}
    for prefix, distance, add in changes:
        route = Route(prefix, "R", distance, 0, IPv4(distance), port, 0)
        if add:
            node.routes.add(route)
            offered[prefix, distance] = route
        else:
            node.routes.remove(route)
            offered.pop((prefix, distance), None)
    for address in addresses:
        matching = [route for route in offered.values() if address in route.prefix]
        expected = min(matching, key=lambda route: (-route.prefix.length, route.distance), default=None)
        assert node.routes.lookup(address) == expected
    listed = [route for route in node.routes if route.source == "R"]
    keys = [(route.prefix.network, route.prefix.length) for route in listed]
    assert keys == sorted({(prefix.network, prefix.length) for prefix, _ in offered})


def test_connected_routes_follow_their_interfaces() -> None:
    """An address makes a route while its interface is up."""
    node = router()
    assert table(node) == ["C 10.0.0.0/24 0 Et0", "C 10.0.1.0/24 0 Et1"]
    node.interface("Ethernet0").shutdown = True
    assert table(node) == ["C 10.0.1.0/24 0 Et1"]
    node.interface("Ethernet1").secondaries = (on("10.9.0.1/16"),)
    assert table(node) == ["C 10.0.1.0/24 0 Et1", "C 10.9.0.0/16 0 Et1"]
    node.interface("Ethernet1").address = None
    node.interface("Ethernet0").shutdown = False
    assert table(node) == ["C 10.0.0.0/24 0 Et0", "C 10.9.0.0/16 0 Et1"]


def test_a_static_route_is_there_while_its_next_hop_can_be_reached() -> None:
    """It goes with the link and comes back with it, however many routes lie between."""
    node = router()
    node.routes.add_static(static("192.0.2.0/24", "172.16.0.1"))
    node.routes.add_static(static("172.16.0.0/16", "10.0.1.2"))
    everything = table(node)
    assert everything[2:] == ["S 172.16.0.0/16 1 10.0.1.2", "S 192.0.2.0/24 1 172.16.0.1"]
    route = node.routes.lookup(ip("192.0.2.9"))
    assert route is not None
    assert (route.interface.name, route.neighbour) == ("Ethernet1", ip("10.0.1.2"))
    node.interface("Ethernet1").shutdown = True
    assert table(node) == ["C 10.0.0.0/24 0 Et0"]
    node.interface("Ethernet1").shutdown = False
    assert table(node) == everything


@pytest.mark.parametrize(
    "statics",
    [
        [static("192.0.2.0/24", "192.0.2.1")],
        [static("192.0.2.0/24", "198.51.100.1"), static("198.51.100.0/24", "192.0.2.1")],
    ],
)
def test_routes_do_not_hold_each_other_up(statics: list[Static]) -> None:
    """A route whose next hop is reached through itself, at one remove or two, is none."""
    node = router()
    for route in statics:
        node.routes.add_static(route)
    assert len(table(node)) == 2
    assert len(node.routes.statics) == len(statics)


def test_the_lower_distance_wins_and_the_other_waits() -> None:
    """A floating static route takes over when the better one goes."""
    node = router()
    node.routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    node.routes.add_static(static("0.0.0.0/0", "10.0.1.2", distance=200))
    assert table(node)[0] == "S 0.0.0.0/0 1 10.0.0.2"
    node.interface("Ethernet0").shutdown = True
    assert table(node)[0] == "S 0.0.0.0/0 200 10.0.1.2"
    assert node.routes.remove_static(static("0.0.0.0/0", "10.0.1.2"))
    assert not node.routes.remove_static(static("0.0.0.0/0", "10.0.1.2"))
    assert table(node) == ["C 10.0.1.0/24 0 Et1"]


def test_equal_routes_share_the_traffic_by_destination() -> None:
    """Two routes as good as each other are both listed, and each destination sticks to one."""
    node = router()
    node.routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    node.routes.add_static(static("0.0.0.0/0", "10.0.1.2"))
    assert len(node.routes.to(net("0.0.0.0/0"))) == 2
    used = {number: node.routes.lookup(ip(f"192.0.2.{number}")) for number in range(4)}
    assert used[0] == used[2] != used[1] == used[3]


def test_a_route_keeps_its_age_for_as_long_as_it_stays() -> None:
    """`since` is when a route came; changes elsewhere do not touch it."""
    node = router()
    node.routes.add_static(static("192.0.2.0/24", "10.0.0.2"))
    node.lab.advance(60)
    node.interface("Loopback0").address = on("1.1.1.1/32")
    ages = {str(route.prefix): route.since for route in node.routes}
    assert ages == {"1.1.1.1/32": 60_000_000, "10.0.0.0/24": 0, "10.0.1.0/24": 0, "192.0.2.0/24": 0}


def test_a_static_route_through_an_offered_one_follows_it() -> None:
    """A static route whose next hop a feature's route reaches comes and goes with that route."""
    node = router()
    told: list[int] = []
    node.routes.add_static(static("192.0.2.0/24", "172.16.0.1"))
    node.routes.watchers.append(lambda: told.append(len(list(node.routes))))
    learnt = Route(net("172.16.0.0/16"), "R", 120, 1, ip("10.0.0.2"), node.interface("Ethernet0"), 0)
    node.routes.add(learnt)
    assert table(node)[2:] == ["R 172.16.0.0/16 120 10.0.0.2", "S 192.0.2.0/24 1 172.16.0.1"]
    node.routes.add(learnt)
    node.interface("Ethernet0").shutdown = True
    node.interface("Ethernet0").shutdown = False
    assert len(table(node)) == 4
    node.routes.remove(learnt)
    assert told == [4, 1, 4, 2]


class Bindings:
    """A table of host routes kept elsewhere."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def find(self, address: IPv4) -> Route | None:
        """Give the route of the one mobile node."""
        return next(iter(self)) if address == ip("10.0.0.100") else None

    def __iter__(self) -> Iterator[Route]:
        yield Route(net("10.0.0.100/32"), "M", 3, 1, ip("10.0.1.9"), self.node.interface("Ethernet1"), 0)


def test_host_routes_may_be_kept_elsewhere() -> None:
    """A table of bindings is asked before the rest, and listed with it."""
    node = router()
    node.routes.hosts.append(Bindings(node))
    route = node.routes.lookup(ip("10.0.0.100"))
    assert route is not None
    assert route.source == "M"
    assert table(node)[-1] == "M 10.0.0.100/32 3 10.0.1.9"
    assert node.routes.lookup(ip("10.0.0.101")) == next(iter(node.routes))


def test_hosts_reach_the_world_by_their_gateway() -> None:
    """A static default route is a host's gateway."""
    lab = two_links()
    route = lab["A"].routes.lookup(ip("198.51.100.1"))
    assert route is not None
    assert (route.interface.name, route.neighbour) == ("Ethernet0", ip("10.0.0.2"))
    assert line_of("H", kind="host")["H"].routes.lookup(ip("198.51.100.1")) is None


def test_a_route_offered_again_keeps_its_place_and_tells_nobody() -> None:
    """Its age is new; traffic that is shared stays where it goes, and watchers hear of real changes only."""
    node = router()
    ways = [
        Route(net("20.0.0.0/8"), "R", 120, 1, ip(f"10.0.{n}.2"), node.interface(f"Ethernet{n}"), 0)
        for n in range(2)
    ]
    for way in ways:
        node.routes.add(way)
    calls: list[int] = []
    node.routes.watchers.append(lambda: calls.append(1))
    node.routes.add(ways[0]._replace(since=7))
    assert node.routes.to(net("20.0.0.0/8")) == (ways[0]._replace(since=7), ways[1])
    assert not calls
    node.routes.add(ways[0]._replace(metric=2))
    assert node.routes.to(net("20.0.0.0/8")) == (ways[1],)
    assert len(calls) == 1


def test_routes_in_use_are_those_of_the_table_but_for_hosts() -> None:
    """`used` gives what iterating gives, without the tables of host routes."""
    node = router()
    node.routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    before = set(node.routes)
    node.routes.hosts.append(Bindings(node))
    assert set(node.routes.used()) == before
    assert set(node.routes) > before
