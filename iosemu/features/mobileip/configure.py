"""Configuring the home agent: `router mobile`, `ip mobile home-agent …`, virtual networks and mobile nodes.

The service's options are one line of running-config; `address` and each `standby` are lines of their own
(reference mobile-ip.md §1.5). `no` of an option resets it and leaves the service on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.cli.command import Reply, Values, command
from iosemu.features.mobileip.foreign_side import ForeignSide
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.redundancy_side import Peers
from iosemu.features.mobileip.state import INCONSISTENT, Agent, Group, Hosts, Mobile, prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import Prefix
    from iosemu.lab.router import Node


def reset(options: Agent, said: dict[str, object]) -> Agent:
    """Give options with those that were said back at their defaults."""
    defaults = Agent()._asdict()
    return options._replace(**{name: defaults[name] for name in said})


@command("global", "router mobile")
def router_mobile(node: Node, *, no: bool = False) -> Mobile | None:
    """Start Mobile IP on the router, or end it and forget all its configuration."""
    if not no:
        mobile = node.part(Mobile)
        node.part(Peers)
        mobile.start()
        node.part(ForeignSide).update()
        node.part(AgentPort).listen()
        return mobile
    held = node.peek(Mobile)
    if held is None:
        held = node.part(Mobile)  # lines on interfaces may be there without one
    held.stop()
    side = node.peek(ForeignSide)
    if side is not None:
        side.update()
        node.part(AgentPort).close()
    return None


@router_mobile.config
def _(node: Node) -> Iterator[tuple[Values, object]]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.running:
        yield {}, mobile


# --- The service


@command("global", "ip mobile home-agent")
def home_agent(
    node: Node,
    *,
    broadcast: bool = False,
    care_of_access: str | bool | None = None,
    lifetime: int | bool | None = None,
    replay: int | bool | None = None,
    reverse_tunnel_off: bool = False,
    roam_access: str | bool | None = None,
    suppress_unreachable: bool = False,
    no: bool = False,
) -> None:
    """Make the router a home agent and set options; those that a line does not name stay as they are.

    `no` without options ends this line's part; the lines with `address` and `standby` stand for themselves.
    """
    named = {
        "broadcast": broadcast,
        "care_of_access": care_of_access,
        "lifetime": lifetime,
        "replay": replay,
        "reverse_tunnel_off": reverse_tunnel_off,
        "roam_access": roam_access,
        "suppress_unreachable": suppress_unreachable,
    }
    said = {name: value for name, value in named.items() if value is not None and value is not False}
    mobile = node.part(Mobile)
    if not no:
        mobile.agent = mobile.options._replace(**said)  # type: ignore[arg-type]
    elif not said:
        mobile.agent = None
    elif mobile.agent is not None:
        mobile.agent = reset(mobile.agent, dict(said))
    mobile.changed()


@home_agent.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.agent is not None:
        defaults = Agent()._asdict()
        yield {name: value for name, value in mobile.agent._asdict().items() if value != defaults[name]}


@command("global", "ip mobile home-agent address")
def home_agent_address(node: Node, *, address: IPv4 | None = None, no: bool = False) -> Reply:
    """Set the global home agent address, of which there is one (specification lines 196 to 210)."""
    mobile = node.part(Mobile)
    refusal = None if no else _host_fault(address)
    if refusal:
        yield refusal
        return
    if not no:
        mobile.address = address
    elif address in (None, mobile.address):
        mobile.address = None
    mobile.changed()


def _host_fault(*addresses: IPv4 | bool | None) -> str | None:
    """Say which address no host can have, in the words for `ip address`: IOS's are not public."""
    for address in addresses:
        if isinstance(address, IPv4) and not address.unicast:
            return f"Not a valid host address - {address}"
    return None


@home_agent_address.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.address is not None:
        yield {"address": mobile.address}


@command("global", "ip mobile home-agent standby")
def home_agent_standby(
    node: Node,
    *,
    name: str,
    virtual_network: bool = False,
    address: IPv4 | bool | None = None,
    no: bool = False,
) -> Reply:
    """Follow an HSRP group, for physical or for virtual networks: a group serves one kind (line 233).

    `virtual-network` stands alone, whatever line 219's brackets say: every example has it so (E5 of reference
    mobile-ip.md §5.2). `no` of a line takes the group away, whichever options are repeated.
    """
    mobile = node.part(Mobile)
    before = mobile.groups.get(name)
    refusal = None if no else _host_fault(address)
    if refusal:
        yield refusal
        return
    if no:
        mobile.groups.pop(name, None)
    else:
        mobile.groups[name] = Group(virtual_network, None if isinstance(address, bool) else address)
    peers = node.peek(Peers)
    if peers is not None and before is not None and before != mobile.groups.get(name):
        peers.deconfigured(name, before)
    mobile.changed()


@home_agent_standby.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    for name, group in mobile.groups.items() if mobile else ():
        yield {"name": name, **group._asdict()}


# --- Home networks and mobile nodes


@command("global", "ip mobile virtual-network")
def virtual_network(
    node: Node,
    *,
    network: IPv4,
    mask: IPv4,
    address: IPv4 | bool | None = None,
    no: bool = False,
) -> Reply:
    """Make a network one on which only mobile nodes live: it comes into the routing table (line 259).

    Line 264 leaves `address` out before it (E2): the grammar mends
    that, and the line's mask, unlike any other example's, is a possible one.
    """
    prefix = prefix_of(network, mask)
    if prefix is None:
        yield INCONSISTENT
        return
    refusal = None if no else _host_fault(address)
    if refusal:
        yield refusal
        return
    mobile = node.part(Mobile)
    if no:
        mobile.remove_network(prefix)
    else:
        mobile.add_network(prefix, None if isinstance(address, bool) else address)
    mobile.changed()


@virtual_network.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    for prefix, address in mobile.networks.items() if mobile else ():
        yield {"network": prefix.network, "mask": prefix.mask, "address": address}


@command("global", "ip mobile host")
def host(
    node: Node,
    *,
    lower: IPv4,
    upper: IPv4 | None = None,
    interface: str | bool | None = None,
    virtual_network: bool = False,
    network: IPv4 | None = None,
    mask: IPv4 | None = None,
    aaa: bool = False,
    load_sa: bool = False,
    care_of_access: str | bool | None = None,
    lifetime: int | bool | None = None,
    no: bool = False,
) -> Reply:
    """Say which mobile nodes the home agent serves, and where they are at home.

    A node is in one line: ranges may not overlap. The words of refusals are ours; IOS's are not public.
    Whether the addresses are in the network is left to registration, as lines come in any order.
    """
    del virtual_network
    hosts = node.part(Mobile).hosts
    last = lower if upper is None else upper
    key = lower, last
    if no:
        gone, side = hosts.pop(key, None), node.peek(HomeSide)
        if gone is not None and side is not None:
            side.drop([each.home for each in node.part(Mobile).bindings if each.home in gone])
        return
    prefix = None
    if network is not None and mask is not None:
        prefix = prefix_of(network, mask)
        if prefix is None:
            yield INCONSISTENT
            return
    refusal = _host_fault(lower, last) or range_fault(lower, last) or _overlap(hosts, lower, last)
    if refusal:
        yield refusal
        return
    home = interface if isinstance(interface, str) else None
    access = care_of_access if isinstance(care_of_access, str) else None
    longest = None if isinstance(lifetime, bool) else lifetime
    hosts[key] = Hosts(lower, last, home, prefix, aaa, load_sa, access, longest)


def range_fault(lower: IPv4, upper: IPv4) -> str | None:
    """Say what is wrong with a range of addresses."""
    return f"% Invalid range: {upper} is lower than {lower}" if upper < lower else None


def _overlap(hosts: dict[tuple[IPv4, IPv4], Hosts], lower: IPv4, upper: IPv4) -> str | None:
    for key, other in hosts.items():
        if key != (lower, upper) and lower <= other.upper and other.lower <= upper:
            return f"% Overlaps with mobile host {span(other.lower, other.upper)}"
    return None


def span(lower: IPv4, upper: IPv4) -> str:
    """Write a range of addresses as screens do (reference mobile-ip.md §2.3)."""
    return str(lower) if lower == upper else f"{lower} - {upper}"


@host.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    for hosts in mobile.hosts.values() if mobile else ():
        network: Prefix | None = hosts.network
        yield {
            **hosts._asdict(),
            "upper": None if hosts.upper == hosts.lower else hosts.upper,
            "virtual_network": network is not None,
            "network": network.network if network else None,
            "mask": network.mask if network else None,
        }
