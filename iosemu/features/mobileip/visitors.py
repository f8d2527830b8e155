"""`show ip mobile visitor` (reference mobile-ip.md §2.8) and `clear ip mobile visitor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.foreign_side import ForeignSide
from iosemu.features.mobileip.show import clock, identification, lifetime, routing_options
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.foreign_agent import Pending, Visit, Visitor
    from iosemu.lab.router import Node

PROVIDED = FLAGS["G"] | FLAGS["T"]
"""What the foreign agent has a part in; broadcasts and direct delivery are the home agent's business."""


@command("exec", "show ip mobile visitor")
def show_visitor(
    node: Node, *, pending: bool = False, address: IPv4 | None = None, summary: bool = False
) -> Reply:
    """Show who is registered through this foreign agent, or whose registration waits for a reply."""
    side = node.peek(ForeignSide)
    yield "Mobile Visitor List:"
    if address is None:
        waiting = len(side.machine.pending) if side is not None else 0
        there = len(side.machine.visitors) if side is not None else 0
        yield f"Total {waiting if pending else there}"
    if side is None or summary:
        return
    if pending:
        for each in sorted(side.machine.pending.values(), key=lambda held: held.request.home):
            if address in (None, each.request.home):
                yield from _pending(each, node.now)
        return
    for visitor in sorted(side.machine.visitors.values(), key=lambda each: each.home):
        if address in (None, visitor.home):
            yield from _visitor(side, visitor, node.now)


def _visit(home: IPv4, visit: Visit) -> Iterator[str]:
    yield f"{home}:"
    yield f"    Interface {visit.interface}, MAC addr {visit.mac}"
    yield f"    IP src {visit.source}, dest {visit.destination}, UDP src port {visit.port}"


def _visitor(side: ForeignSide, visitor: Visitor, now: int) -> Iterator[str]:
    yield from _visit(visitor.home, visitor.visit)
    yield f"    HA addr {visitor.home_agent}, Identification {identification(visitor.identification)}"
    left = visitor.granted if visitor.expires is None else -(-(visitor.expires - now) // SECOND)
    remaining = lifetime(left) if visitor.expires is None else clock(left)
    yield f"    Lifetime {lifetime(visitor.granted)} ({visitor.granted}) Remaining {remaining}"
    tunnel = side.tunnels[visitor.home]
    service = visitor.visit.service
    reverse = "allowed" if service.reverse_tunnel else "off"
    yield f"    {tunnel.name} src {tunnel.source}, dest {tunnel.destination}, reverse-{reverse}"
    yield f"    Routing Options - {routing_options(visitor.flags & PROVIDED)}"


def _pending(pending: Pending, now: int) -> Iterator[str]:
    """Word a request that waits; the form is ours, as none is public: a visitor's, with the time to wait."""
    request = pending.request
    yield from _visit(request.home, pending.visit)
    yield f"    HA addr {request.home_agent}, Identification {identification(request.identification)}"
    remaining = clock(-(-(pending.until - now) // SECOND))
    yield f"    Lifetime {lifetime(request.lifetime)} ({request.lifetime}) Remaining {remaining}"


@command("exec", "clear ip mobile visitor")
def clear_visitor(node: Node, *, address: IPv4 | None = None) -> None:
    """Forget all visitors, or one; nobody is told."""
    side = node.peek(ForeignSide)
    if side is not None:
        side.clear(address)
