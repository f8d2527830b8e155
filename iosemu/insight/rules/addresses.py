"""Rules about addresses, cables and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import Prefix, mask_length
from iosemu.lab.topology import HostSpec

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Port, Router
    from iosemu.insight.reading import Fact

ELSEWHERE = ("ip address dhcp", "ip unnumbered")
"""Lines of an interface whose address stands elsewhere."""

DYNAMIC = ("router rip", "router ospf", "router eigrp", "router bgp")


@rule("address-duplicate", "error", "RFC 826; loopbacks: specification line 147 (R36)")
def _(router: Router) -> Remarks:
    """Two interfaces or hosts have one address."""
    for port in router.ports:
        for fact, address, _ in port.addresses:
            for other in router.network.routers:
                twin = other.owner(address)
                if (
                    other is router
                    or twin is None
                    or (port.loopback and twin.loopback and _shared(router, other))
                ):
                    continue
                mend = f"Give one of them another address of {_subnet(port, address)}"
                yield fact, f"{address} is {other.name}'s {twin.name}'s, too", mend
            for host in router.network.hosts:
                if isinstance(host, HostSpec) and host.address == address:
                    yield (
                        fact,
                        f"{address} is the host {host.name}'s, too",
                        "Give one of them another address",
                    )


@rule("hostname-duplicate", "error", "a lab's consoles are told apart by their prompts")
def _(router: Router) -> Remarks:
    """Two routers of a lab call themselves the same."""
    hostname = router.one("hostname")
    if hostname and router.network.complete:
        for other in router.network.routers:
            theirs = other.one("hostname")
            if other is not router and theirs and theirs["name"] == hostname["name"]:
                where = hostname if hostname.written else router.reading.first
                yield (
                    where,
                    f"{other.name} calls itself {hostname['name']}, too",
                    "Give each its own `hostname`",
                )


@rule("host-gateway", "error", "lab.yml: `gateway`; RFC 1122 §3.3.1")
def _(router: Router) -> Remarks:
    """A host's, or mobile node's, gateway is an address that no router has."""
    network = router.network
    if router is not network.routers[0]:
        return
    known = {each.address for each in network.all_addresses}
    known |= {line["address"] for other in network.routers for group in other.groups for line in group.ips}
    for host in network.hosts:
        if host.gateway is not None and host.gateway not in known:
            where = network.described(f"{host.name}:") or router.reading.first
            yield (
                where,
                f"no router has {host.gateway}, the gateway of {host.name}",
                "Name a router's address",
            )


def _shared(router: Router, other: Router) -> bool:
    """Whether two routers are redundant home agents, whose loopbacks are to be the same."""
    return other in router.partners or bool(router.home_agent_addresses & other.home_agent_addresses)


def _subnet(port: Port, address: int) -> str:
    return next(str(each.prefix) for each in port.addresses if each.address == address)


@rule("address-overlap", "error", "IOS: % ... overlaps with ...")
def _(router: Router) -> Remarks:
    """Subnets of two interfaces of a router overlap."""
    for trouble in router.reading.troubles:
        rows = [row.strip().removeprefix("% ") for row in trouble.rows if "overlaps with" in row]
        if trouble.understood and rows:
            yield (
                trouble.source,
                f"{rows[0]}, and the address is refused",
                "Give each interface a subnet of its own",
            )


@rule("segment-subnet", "error", "hosts of one link share a subnet")
def _(router: Router) -> Remarks:
    """Interfaces that a cable joins have no subnet in common."""
    if not router.network.complete:
        return
    for port in router.ports:
        own = {address.prefix for address in port.addresses}
        for other in port.neighbours():
            theirs = [address.prefix for address in other.addresses]
            if own and theirs and not own & set(theirs):
                there = f"{other.router.name}'s {other.name}"
                yield (
                    port.addresses[0].fact,
                    f"{there} is on the same segment ({port.segment}) in {theirs[0]}, and neither can reach the other",
                    "Give both an address, and a mask, of one subnet",
                )


@rule("interface-unconfigured", "warning", "lab.yml: `links`")
def _(router: Router) -> Remarks:
    """An interface has a cable and no address."""
    for name, segment in router.reading.ports.items():
        port = router.port(name)
        below = [each for each in router.ports if each.name.startswith(f"{name}.")]
        configured = port and (
            port.addresses or not port.up or port.fact.all("ip address dhcp", "bridge-group")
        )
        if not configured and not below:
            where = router.network.described(f"{router.name}:{name}") or router.reading.first
            yield (
                where,
                f"{router.name}'s {name} is on {segment} and has no address",
                "Configure it, or unplug it",
            )


@rule("interface-unplugged", "note", "lab.yml: `links`")
def _(router: Router) -> Remarks:
    """An interface has an address and no cable."""
    if router.network.complete:
        for port in router.ports:
            kind = port.name.partition(".")[0]
            if port.addresses and port.up and port.cabled and kind not in router.reading.ports:
                mend = f'Add "{router.name}:{kind}" to the endpoints of a link'
                yield port.fact, f"{port.name} is on no segment of the lab", mend


@rule("route-unreachable", "warning", "a static route waits until its next hop can be reached")
def _(router: Router) -> Remarks:
    """The next hop of a static route is on no network of the router."""
    if router.all(*DYNAMIC) or any(port.fact.all(*ELSEWHERE) for port in router.ports):
        return  # what a protocol learns, or an interface is given, is not known here
    routes = router.all("ip route")
    for route in routes:
        hop = route["next_hop"]
        if hop is None or route["interface"] or _connected(router, hop):
            continue
        if not any(hop in each for other in routes if other is not route and (each := _prefix(other))):
            mend = "Name a neighbour, or add the route that leads to it"
            yield route, f"{hop} is on no network of {router.name}, so that the route is never used", mend


@rule("route-next-hop", "error", "RFC 826: nobody answers for it")
def _(router: Router) -> Remarks:
    """The next hop of a static route is an address that nothing on its network has."""
    if not router.network.complete:
        return
    for route in router.all("ip route"):
        hop = route["next_hop"]
        port = _connected(router, hop) if hop is not None else None
        if port and port.segment and not _answers(port, hop):
            yield (
                route,
                f"nothing on {port.segment} has {hop}",
                "Name the neighbour's address on that network",
            )


def _answers(port: Port, address: int) -> bool:
    ports = [port, *port.neighbours()]
    taken: set[int | None] = {each.address for other in ports for each in other.addresses}
    taken |= {line["address"] for other in ports for group in other.groups for line in group.ips}
    for host in port.router.network.hosts:
        taken.add(host.address if isinstance(host, HostSpec) else host.home_address)
    return address in taken


def _connected(router: Router, address: int) -> Port | None:
    return next(
        (port for port in router.ports for each in port.addresses if port.up and address in each.prefix), None
    )


def _prefix(route: Fact) -> Prefix | None:
    length = mask_length(route["mask"])
    return None if length is None else Prefix.of(route["prefix"], length)
