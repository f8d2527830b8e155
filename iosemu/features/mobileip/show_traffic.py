"""What Mobile IP shows in numbers: traffic, tunnels, security violations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.features.mobileip.codes import CODES
from iosemu.features.mobileip.counters import REASONS, HostCounts, Traffic
from iosemu.features.mobileip.show import identification, moment
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.tunnel import Tunnels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.bindings import Tunnel as Bound
    from iosemu.lab.router import Node
    from iosemu.lab.tunnel import Tunnel

OVERHEAD = {False: ("IP/IP", 20), True: ("GRE/IP", 24)}
"""By whether a tunnel is GRE: its name, and what its headers take from the MTU."""


@command("exec", "show ip mobile traffic")
def show_traffic(node: Node) -> Reply:
    """Show the protocol counters (reference mobile-ip.md §2.5)."""
    mobile = node.peek(Mobile)
    counted = mobile.traffic if mobile else Traffic()
    yield "IP Mobility traffic:"
    yield "Advertisements:"
    yield f"    Solicitations received {counted.solicitations}"
    yield f"    Advertisements sent {counted.advertisements}, response to solicitation {counted.responses}"
    yield "Home Agent Registrations:"
    yield from _home_agent(counted)
    yield "Foreign Agent Registrations:"
    yield from _foreign_agent(counted)


def _home_agent(counted: Traffic) -> Iterator[str]:
    codes = counted.home_codes.get
    denied = sum(count for code, count in counted.home_codes.items() if code >= 128)
    reverse = codes(137, 0) + codes(138, 0)
    yield f"    Register {counted.registers}, Deregister {counted.deregisters} requests"
    yield f"    Register {counted.register_replies}, Deregister {counted.deregister_replies} replied"
    yield f"    Accepted {codes(0, 0)}, No simultaneous bindings {codes(1, 0)}"
    yield f"    Denied {denied}, Ignored {counted.ignored}"
    yield f"    Unspecified {codes(128, 0)}, Unknown HA {codes(136, 0)}"
    yield f"    Administrative prohibited {codes(129, 0)}, No resource {codes(130, 0)}"
    yield f"    Authentication failed MN {codes(131, 0)}, FA {codes(132, 0)}"
    yield f"    Bad identification {codes(133, 0)}, Bad request form {codes(134, 0)}"
    yield f"    Unavailable encap {codes(139, 0)}, reverse tunnel {reverse}"
    yield (
        f"    Binding updates received {counted.updates_received}, sent {counted.updates_sent} "
        f"total {counted.updates_total} fail {counted.updates_failed}"
    )
    yield f"    Binding update acks received {counted.update_acks_received}, sent {counted.update_acks_sent}"
    yield (
        f"    Binding info request received {counted.requests_received}, sent {counted.requests_sent} "
        f"total {counted.requests_total} fail {counted.requests_failed}"
    )
    yield (
        f"    Binding info reply received {counted.replies_received} drop {counted.replies_dropped}, "
        f"sent {counted.replies_sent} total {counted.replies_total} fail {counted.replies_failed}"
    )
    yield (
        f"    Binding info reply acks received {counted.reply_acks_received} "
        f"drop {counted.reply_acks_dropped}, sent {counted.reply_acks_sent}"
    )
    yield f"    Gratuitous {counted.gratuitous_arps}, Proxy {counted.proxy_arps} ARPs sent"


def _foreign_agent(counted: Traffic) -> Iterator[str]:
    codes = counted.foreign_codes.get
    denied = sum(counted.foreign_codes.values())
    unreachable = sum(codes(code, 0) for code in range(80, 96))
    reverse = sum(codes(code, 0) for code in (74, 75, 76))
    yield f"    Request in {counted.foreign_requests},"
    yield f"    Forwarded {counted.foreign_forwarded}, Denied {denied}, Ignored {counted.foreign_ignored}"
    yield f"    Unspecified {codes(64, 0)}, HA unreachable {unreachable}"
    yield f"    Administrative prohibited {codes(65, 0)}, No resource {codes(66, 0)}"
    yield f"    Bad lifetime {codes(69, 0)}, Bad request form {codes(70, 0)}"
    yield f"    Unavailable encapsulation {codes(72, 0)}, Compression {codes(73, 0)}"
    yield f"    Unavailable reverse tunnel {reverse}"
    yield f"    Replies in {counted.foreign_replies}"
    yield (
        f"    Forwarded {counted.replies_forwarded}, Bad {counted.replies_bad}, "
        f"Ignored {counted.replies_ignored}"
    )
    yield f"    Authentication failed MN {codes(67, 0)}, HA {codes(68, 0)}"


@command("exec", "clear ip mobile traffic")
def clear_traffic(node: Node) -> None:
    """Count from zero again."""
    mobile = node.peek(Mobile)
    if mobile is not None:
        mobile.traffic = Traffic()


@command("exec", "clear ip mobile host-counters")
def clear_host_counters(node: Node, *, address: IPv4 | None = None, undo: bool = False) -> None:
    """Count from zero again for mobile nodes, or for one; `undo` brings back what was counted before."""
    mobile = node.peek(Mobile)
    if mobile is None:
        return
    source = mobile.cleared if undo else mobile.counts
    for home in tuple(source) if address is None else (address,):
        if home not in source:
            continue
        counts = source.pop(home)
        if undo:
            mobile.counts[home] = counts
        else:
            mobile.cleared[home] = counts
            # A node that is registered goes on being served: from now on.
            fresh = mobile.counts[home] = HostCounts()
            fresh.since = None if counts.since is None else node.now


@command("exec", "show ip mobile tunnel")
def show_tunnel(node: Node, *, interface: str | None = None) -> Reply:
    """Show the tunnels that bindings and visitors use (reference mobile-ip.md §2.6)."""
    mobile = node.peek(Mobile) or Mobile(node)
    yield "Mobile Tunnels:"
    carried = {(each.source, each.destination, each.gre): each for each in node.peek(Tunnels) or ()}
    bound = mobile.tunnels
    rows = [(each.number, _tunnel(mobile, each, carried.get(key))) for key, each in bound.items()] + [
        (each.place, _tunnel(mobile, None, each)) for key, each in carried.items() if key not in bound
    ]
    for number, lines in sorted(rows, key=lambda row: row[0]):
        if interface in (None, f"Tunnel{number}"):
            yield f"Tunnel{number}:"
            yield from lines


def _tunnel(mobile: Mobile, bound: Bound | None, carried: Tunnel | None) -> Iterator[str]:
    """Word a tunnel as the bindings know it, and as it carries packets: either may be missing."""
    known = carried or bound
    if known is None:
        return
    encapsulation, overhead = OVERHEAD[known.gre]
    options = mobile.options
    mode = "reverse-off" if options.reverse_tunnel_off else "reverse-allowed"
    switching = "enabled" if mobile.tunnel_options.route_cache else "disabled"
    unreachables = "disabled" if options.suppress_unreachable else "enabled"
    # All bindings together are one user of what carries their packets.
    users = (bound.users if bound else 0) + (carried.users - (bound is not None) if carried else 0)
    counted = carried.counters if carried else bound
    drops = known.drops_in
    yield f"    src {known.source}, dest {known.destination}"
    yield f"    encap {encapsulation}, mode {mode}, tunnel-users {users}"
    yield f"    IP MTU {carried.mtu if carried else 1500 - overhead} bytes"
    yield f"    {known.creator} created, fast switching {switching}, ICMP unreachable {unreachables}"
    if counted is not None:
        yield f"    {counted.packets_in} packets input, {counted.bytes_in} bytes, {drops} drops"
        yield f"    {counted.packets_out} packets output, {counted.bytes_out} bytes"


@command("exec", "show ip mobile violation")
def show_violation(node: Node, *, address: IPv4 | None = None) -> Reply:
    """Show who failed to prove who they are, the last time each (reference mobile-ip.md §2.7)."""
    mobile = node.peek(Mobile) or Mobile(node)
    yield "Security Violation Log:"
    yield ""
    yield "Mobile Hosts:"
    for peer, violation in mobile.violations:
        if address in (None, peer):
            error = f"{CODES[violation.code]} ({violation.code})"
            yield f"{peer}:"
            yield f"    Violations: {violation.times}, Last time: {moment(violation.when)}"
            yield f"    SPI: {violation.spi:X}, Identification: {identification(violation.identification)}"
            yield f"    Error Code: {error}, Reason: {REASONS[violation.reason]} ({violation.reason})"
