"""Configuring RIP: `router rip`, what stands below it, and what an interface says of it.

Everything acts at once; `stir` takes it in. Networks are kept as the class A, B or C network of what was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Entry, Values, command
from iosemu.features.rip.machine import PATHS, Timers, classful
from iosemu.features.rip.state import DISTANCE, Port, Redistribution, RouterRip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


@command("global", "router rip")
def router_rip(node: Node, *, no: bool = False) -> RouterRip | None:
    """Run RIP, or end it with all that is configured of it."""
    if no:
        held = node.peek(RouterRip)
        if held is not None:
            held.stop()
        return None
    rip = node.part(RouterRip)
    rip.start()
    return rip


@router_rip.config
def _(node: Node) -> Iterator[Entry]:
    held = node.peek(RouterRip)
    if held is not None and held.running:
        yield {}, held


@command("router-rip", "version")
def version(rip: RouterRip, *, version: int | None = None, no: bool = False) -> None:
    """Send and receive one version; without, version 1 is sent and both are received."""
    rip.version = None if no else version
    rip.stir()


@version.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.version is not None:
        yield {"version": rip.version}


@command("router-rip", "network")
def network(rip: RouterRip, *, network: IPv4, no: bool = False) -> None:
    """Run on the interfaces in a network, and tell of its subnets."""
    major = classful(network).network
    if no and major in rip.networks:
        rip.networks.remove(major)
    elif not no and major not in rip.networks:
        rip.networks.append(major)
    rip.stir()


@network.config
def _(rip: RouterRip) -> Iterator[Values]:
    for each in sorted(rip.networks):
        yield {"network": each}


@command("router-rip", "neighbor")
def neighbor(rip: RouterRip, *, address: IPv4, no: bool = False) -> None:
    """Send updates to a neighbour by itself as well, even by a passive interface."""
    if no and address in rip.neighbours:
        rip.neighbours.remove(address)
    elif not no and address not in rip.neighbours:
        rip.neighbours.append(address)
    rip.stir()


@neighbor.config
def _(rip: RouterRip) -> Iterator[Values]:
    for each in sorted(rip.neighbours):
        yield {"address": each}


@command("router-rip", "passive-interface")
def passive_interface(
    rip: RouterRip, *, all_interfaces: bool = False, interface: str | None = None, no: bool = False
) -> None:
    """Send no updates by an interface, or by any but those that are excepted afterwards."""
    if all_interfaces:
        if rip.passive_default == no:
            rip.passive_default = not no
            rip.passive.clear()
    elif interface is not None:
        listed = no == rip.passive_default  # an exception from the default, or a passive one without it
        if listed and interface not in rip.passive:
            rip.passive.append(interface)
        elif not listed and interface in rip.passive:
            rip.passive.remove(interface)
    rip.stir()


@passive_interface.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.passive_default:
        yield {"all_interfaces": True}
    for each in rip.passive:
        yield {"interface": each, "no": rip.passive_default}


@command("router-rip", "redistribute")
def redistribute(
    rip: RouterRip,
    *,
    bgp: int | bool | None = None,
    connected: bool = False,
    eigrp: int | bool | None = None,
    mobile: bool = False,
    ospf: int | bool | None = None,
    static: bool = False,
    metric: bool = False,
    hops: int | None = None,
    transparent: bool = False,
    route_map: str | bool | None = None,
    no: bool = False,
) -> None:
    """Tell of routes of another source; `no` with an option takes the option back alone, as IOS documents."""
    said: dict[str, int | bool | None] = {"connected": connected, "mobile": mobile, "static": static}
    said |= {"bgp": bgp, "eigrp": eigrp, "ospf": ospf}
    word, number = next((word, number) for word, number in said.items() if number not in (None, False))
    key = word, None if number is True else number
    held = rip.redistributed.get(key)
    mapped = route_map if isinstance(route_map, str) else None
    if not no:
        old = held or Redistribution()
        if metric:
            old = old._replace(hops=hops, transparent=transparent)
        rip.redistributed[key] = old if mapped is None else old._replace(route_map=mapped)
    elif held is not None and (metric or route_map):
        if metric:
            held = held._replace(hops=None, transparent=False)
        rip.redistributed[key] = held._replace(route_map=None) if route_map else held
    else:
        rip.redistributed.pop(key, None)
    rip.stir()


@redistribute.config
def _(rip: RouterRip) -> Iterator[Values]:
    for (word, number), said in sorted(
        rip.redistributed.items(), key=lambda item: (item[0][0], item[0][1] or 0)
    ):
        yield {
            word: True if number is None else number,
            "metric": said.hops is not None or said.transparent,
            "hops": said.hops,
            "transparent": said.transparent,
            "route_map": said.route_map,
        }


@command("router-rip", "default-metric")
def default_metric(rip: RouterRip, *, metric: int | None = None, no: bool = False) -> None:
    """Set the metric of what is redistributed without one."""
    rip.default_metric = None if no else metric
    rip.stir()


@default_metric.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.default_metric is not None:
        yield {"metric": rip.default_metric}


@command("router-rip", "default-information originate")
def default_information(rip: RouterRip, *, route_map: str | bool | None = None, no: bool = False) -> None:
    """Tell of a default route, whether or not there is one."""
    rip.route_map = route_map if isinstance(route_map, str) and not no else None
    rip.originates = not no
    rip.stir()


@default_information.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.originates:
        yield {"route_map": rip.route_map}


@command("router-rip", "distance")
def distance(rip: RouterRip, *, distance: int = DISTANCE, no: bool = False) -> None:
    """Set how far RIP's routes are believed."""
    rip.set_distance(DISTANCE if no else distance)


@distance.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.distance != DISTANCE:
        yield {"distance": rip.distance}


@command("router-rip", "timers basic")
def timers_basic(
    rip: RouterRip,
    *,
    update: int = 30,
    invalid: int = 180,
    holddown: int = 180,
    flush: int = 240,
    sleep: int | None = None,
    no: bool = False,
) -> None:
    """Set the timers, in seconds."""
    rip.set_timers(Timers() if no else Timers(update, invalid, holddown, flush, sleep))


@timers_basic.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.machine.timers != Timers():
        yield rip.machine.timers._asdict()


@command("router-rip", "auto-summary")
def auto_summary(rip: RouterRip, *, no: bool = False) -> None:
    """Summarise subnets where they leave their network (version 1 always does)."""
    rip.machine.auto_summary = not no


@auto_summary.config
def _(rip: RouterRip) -> Iterator[Values]:
    if not rip.machine.auto_summary:
        yield {"no": True}


@command("router-rip", "maximum-paths")
def maximum_paths(rip: RouterRip, *, paths: int = PATHS, no: bool = False) -> None:
    """Set how many equally good routes are used; those there are stay until they end."""
    rip.machine.maximum_paths = PATHS if no else paths


@maximum_paths.config
def _(rip: RouterRip) -> Iterator[Values]:
    if rip.machine.maximum_paths != PATHS:
        yield {"paths": rip.machine.maximum_paths}


@command("router-rip", "validate-update-source")
def validate_update_source(rip: RouterRip, *, no: bool = False) -> None:
    """Listen only to neighbours in a subnet of the interface."""
    rip.machine.validates = not no


@validate_update_source.config
def _(rip: RouterRip) -> Iterator[Values]:
    if not rip.machine.validates:
        yield {"no": True}


# --- Interfaces


def _stir(interface: Interface) -> None:
    rip = interface.node.peek(RouterRip)
    if rip is not None:
        rip.stir()


def _versions(version_1: bool, version_2: bool, no: bool) -> tuple[int, ...] | None:
    said = tuple(number for number, named in ((1, version_1), (2, version_2)) if named)
    return None if no or not said else said


def _words(versions: tuple[int, ...] | None) -> Iterator[Values]:
    if versions is not None:
        yield {"version_1": 1 in versions, "version_2": 2 in versions}


@command("interface", "ip rip send version")
def send_version(
    interface: Interface, *, version_1: bool = False, version_2: bool = False, no: bool = False
) -> None:
    """Send these versions by an interface, whatever the process does."""
    interface.part(Port).sends = _versions(version_1, version_2, no)
    _stir(interface)


@send_version.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Port)
    yield from _words(held.sends if held else None)


@command("interface", "ip rip receive version")
def receive_version(
    interface: Interface, *, version_1: bool = False, version_2: bool = False, no: bool = False
) -> None:
    """Receive these versions on an interface, whatever the process does."""
    interface.part(Port).receives = _versions(version_1, version_2, no)
    _stir(interface)


@receive_version.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Port)
    yield from _words(held.receives if held else None)


@command("interface", "ip split-horizon")
def split_horizon(interface: Interface, *, no: bool = False) -> None:
    """Keep what came by an interface from it, or not."""
    interface.part(Port).split_horizon = not no
    _stir(interface)


@split_horizon.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Port)
    if held is not None and not held.split_horizon:
        yield {"no": True}
