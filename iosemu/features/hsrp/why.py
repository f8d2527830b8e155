"""Why a group is as it is, in a learner's words: who is active, what decided, and what may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.features.hsrp.machine import Group as Machine
    from iosemu.features.hsrp.machine import Peer
    from iosemu.features.hsrp.state import Group

OBSTACLES = {
    "interface down": "the line protocol of its interface is down",
    "protocol not cfgd": "its interface has no IP address",
    "virtual IP in wrong subnet": "its virtual address is in no subnet of its interface",
}


def reasons(group: Group) -> Iterator[str]:
    """Tell of one group."""
    known, node = group.machine, group.interface.node
    yield f"{group.interface.name} group {group.number} ({known.virtual_ip or 'no address'}) is {_state(group)}"
    if not group.enabled:
        yield f"  there is no `standby {group.number} ip`"
        return
    yield from _priority(group)
    if known.state == "Init":
        wait = (group.standby.ready_at - node.now) // SECOND
        yield f"  {OBSTACLES.get(group.obstacle or '', f'`standby delay` lets it begin in {wait} s')}"
    elif known.state == "Learn":
        yield "  no virtual address is configured, and no active router has told one yet"
    elif known.state == "Active":
        yield from _active(known)
    elif known.active is not None:
        yield from _not_active(known, known.active, node.now)
    elif known.active_expires is not None:
        left = max(0, known.active_expires - node.now) / SECOND
        yield f"  no active router is heard; that becomes certain in {left:.1f} s, when the hold time is over"
    else:
        yield "  no active router is heard"
    for address in group.standby.strangers(group.number):
        yield f"  {address} is not believed: its messages have other authentication"


def _state(group: Group) -> str:
    return group.machine.state if group.enabled else "disabled"


def _priority(group: Group) -> Iterator[str]:
    known, ports = group.machine, group.interface.node.interfaces
    if known.decrement:
        down = [
            what for what in group.tracked if isinstance(what, str) and not (what in ports and ports[what].up)
        ]
        yield (
            f"  its priority is {known.priority}: the configured {known.configured_priority} less "
            f"{known.decrement}, as {' and '.join(down)} {'is' if len(down) == 1 else 'are'} down"
        )
    else:
        yield f"  its priority is {known.priority}"


def _wins(known: Machine, peer: Peer) -> bool:
    return (known.priority, known.address) > (peer.priority, peer.address)


def _compared(known: Machine, peer: Peer) -> str:
    if known.priority == peer.priority:
        higher = "higher" if peer.address > known.address else "lower"
        return f"{peer.address} has the same priority and the {higher} address"
    higher = "higher" if peer.priority > known.priority else "lower"
    return f"{peer.address} has the {higher} priority, {peer.priority}"


def _active(known: Machine) -> Iterator[str]:
    peer = known.standby
    if peer is None:
        yield "  no other router of the group speaks"
    elif _wins(known, peer):
        yield f"  {_compared(known, peer)}, and stands by"
    else:
        yield f"  {_compared(known, peer)}, but has not preempted: who is active stays so till then"


def _not_active(known: Machine, peer: Peer, now: int) -> Iterator[str]:
    yield f"  {peer.address} is active"
    if not _wins(known, peer):
        yield f"  {_compared(known, peer)}"
    elif known.preempt is None:
        yield f"  {_compared(known, peer)}, but `standby preempt` is not configured here"
    else:
        when = known.preempts_at
        left = "" if when is None else f", in {max(0, when - now) / SECOND:.1f} s at the latest"
        yield f"  {_compared(known, peer)}; this router preempts{left}"
    if known.active_expires is not None:
        left = f"{max(0, known.active_expires - now) / SECOND:.1f}"
        role = "takes over" if known.state == "Standby" else "begins to speak"
        yield f"  when nothing is heard of it for {left} s more, this router {role}"
