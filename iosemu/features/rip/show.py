"""RIP's screens, in 12.4's forms (from memory): `show ip rip database`, and its section of `show ip protocols`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import Prefix, mask_length
from iosemu.cli.command import Reply, command
from iosemu.features.rip.machine import SECOND, classful
from iosemu.features.rip.messages import EVENTS, PROTOCOL
from iosemu.features.rip.packet import INFINITY
from iosemu.features.rip.state import RouterRip
from iosemu.lab.debugging import Debugging
from iosemu.lab.ip import ANY
from iosemu.lab.log import uptime
from iosemu.lab.routes import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.router import Node


@command("exec", "show ip rip database")
def show_database(node: Node, *, network: IPv4 | None = None, mask: IPv4 | None = None) -> Reply:
    """Show what RIP knows: its own networks, those redistributed, and those it has learnt."""
    rip = node.peek(RouterRip)
    if rip is None or not rip.running:
        return
    known = rip.machine
    prefixes = sorted(
        {*known.learnt, *(prefix for prefix, local in known.locals.items() if local.metric is not None)}
    )
    if network is not None:
        length = classful(network).length if mask is None else mask_length(mask)
        wanted = Prefix.of(network, length or 0)
        prefixes = [
            prefix for prefix in prefixes if prefix.length >= wanted.length and prefix.network in wanted
        ]
    summarised: list[Prefix] = []
    for prefix in prefixes:
        major = classful(prefix.network)
        if prefix.length >= major.length and major not in summarised:
            summarised.append(major)
            yield f"{major}    auto-summary"
        yield from _entry(rip, prefix)


def _entry(rip: RouterRip, prefix: Prefix) -> Iterator[str]:
    known, now = rip.machine, rip.node.now
    local, learnt = known.locals.get(prefix), known.learnt.get(prefix)
    if local is not None and local.metric is not None:
        if local.connected:
            yield f"{prefix}    directly connected, {local.link}"
        else:
            yield f"{prefix}    redistributed"
            yield f"    [{min(local.metric, INFINITY)}] via {local.next_hop or ANY},"
    elif learnt is not None and learnt.down:
        yield f"{prefix} is possibly down"
    elif learnt is not None:
        yield f"{prefix}"
        for path in learnt.paths:
            yield f"    [{learnt.metric}] via {path.next_hop}, {uptime(now - path.updated)}, {path.link}"


def protocols(node: Node) -> Iterator[str]:
    """Yield RIP's section of `show ip protocols`, when it runs."""
    rip = node.peek(RouterRip)
    if rip is None or not rip.running:
        return
    known, timers, now = rip.machine, rip.machine.timers, node.now
    yield 'Routing Protocol is "rip"'
    yield "  Outgoing update filter list for all interfaces is not set"
    yield "  Incoming update filter list for all interfaces is not set"
    due = 0 if known.next_update is None else max(0, known.next_update - now) // SECOND
    yield f"  Sending updates every {timers.update} seconds, next due in {due} seconds"
    yield f"  Invalid after {timers.invalid} seconds, hold down {timers.holddown}, flushed after {timers.flush}"
    words = [
        word if number is None else f"{word} {number}" for word, number in sorted(rip.redistributed, key=str)
    ]
    yield f"  Redistributing: {', '.join([*words, 'rip'])}"
    if rip.default_metric is not None:
        yield f"  Default redistribution metric is {rip.default_metric}"
    yield from _interfaces(rip)
    yield f"  Automatic network summarization is {'' if known.auto_summary else 'not '}in effect"
    yield f"  Maximum path: {known.maximum_paths}"
    yield "  Routing for Networks:"
    for network in sorted(rip.networks):
        yield f"    {network}"
    passive = [name for name in node.interfaces if rip.is_passive(name)]
    if passive:
        yield "  Passive Interface(s):"
        for name in passive:
            yield f"    {name}"
    yield "  Routing Information Sources:"
    yield "    Gateway         Distance      Last Update"
    for gateway, heard in sorted(known.sources.items()):
        yield f"    {gateway!s:<16}{rip.distance:>8}      {uptime(now - heard)}"
    yield f"  Distance: (default is {rip.distance})"
    yield ""


def _interfaces(rip: RouterRip) -> Iterator[str]:
    received = f"version {rip.version}" if rip.version else "any version"
    yield f"  Default version control: send version {rip.version or 1}, receive {received}"
    links = [link for link in rip.machine.links.values() if not link.passive]
    if links:
        yield "    Interface             Send  Recv  Triggered RIP  Key-chain"
    for link in links:
        sends, receives = (" ".join(map(str, each)) for each in (link.sends, link.receives))
        yield f"    {link.name:<22}{sends:<6}{receives:<6}".rstrip()


PROTOCOLS.append(protocols)


@command("exec", "debug ip rip")
def debug_ip_rip(node: Node, *, events: bool = False, no: bool = False) -> Reply:
    """Turn RIP's debugging on or off."""
    flag, said = (EVENTS, "RIP event") if events else (PROTOCOL, "RIP protocol")
    debugging = node.part(Debugging)
    if no:
        debugging.stop(flag)
    else:
        debugging.start(flag)
    yield f"{said} debugging is {'off' if no else 'on'}"
