"""HSRP's screens: `show standby` in the form of 12.4T (reference hsrp.md §3.3 to §3.5).

Of the variants there: `(v1 default)`, as this release knows `standby version`, no `(MAC In Use)`, and `IP
redundancy name is`. A new group has 0 changes, the last of them `never` (unverified).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.cli.said import first
from iosemu.features.hsrp.machine import DEFAULT_PRIORITY
from iosemu.features.hsrp.messages import FLAGS, TERSE, limit
from iosemu.features.hsrp.state import Group, Standby
from iosemu.lab.clock import MILLISECOND, SECOND
from iosemu.lab.debugging import Debugging
from iosemu.lab.log import uptime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.session import Session
    from iosemu.features.hsrp.machine import Peer, Preempt, Router
    from iosemu.features.hsrp.state import Tracked
    from iosemu.lab.router import Node


def _standbys(node: Node, interface: str | None) -> Iterator[Standby]:
    for port in sorted(node.interfaces.values(), key=lambda port: port.sort_key):
        held = port.peek(Standby)
        if held is not None and interface in (None, port.name):
            yield held


def _groups(node: Node, interface: str | None, number: int | None, *, disabled: bool) -> Iterator[Group]:
    for held in _standbys(node, interface):
        for each, group in sorted(held.groups.items()):
            if number in (None, each) and (group.enabled or disabled):
                yield group


@command("exec", "show standby")
def show_standby(
    node: Node,
    *,
    interface: str | None = None,
    group_number: int | None = None,
    all_groups: bool = False,
    brief: bool = False,
) -> Reply:
    """Show groups; those without `standby ip` only when `all` are asked for."""
    groups = _groups(node, interface, group_number, disabled=all_groups)
    if brief:
        yield from _brief(groups)
    else:
        for group in groups:
            yield from _detail(group)


# --- One group


def _detail(group: Group) -> Iterator[str]:
    known, now = group.machine, group.interface.node.now
    yield f"{group.interface.name} - Group {group.number}"
    yield from _state(group, now)
    yield f"  Virtual IP address is {known.virtual_ip or 'unknown'}"
    for address in known.secondaries:
        yield f"    Secondary virtual IP address {address}"
    yield f"  Active virtual MAC address is {known.virtual_mac if known.active_router else 'unknown'}"
    yield f"    Local virtual MAC address is {known.virtual_mac} ({_mac_source(group)})"
    hello, hold = map(_time, known.timers, known.configured_timers or known.timers)
    yield f"  Hello time {hello}, hold time {hold}"
    if known.next_hello is not None:
        yield f"    Next hello sent in {_until(known.next_hello, now)} secs"
    if group.text is not None:
        yield f'  Authentication text, string "{group.text}"'
    elif known.key is not None:
        yield "  Authentication MD5, key-string"
    yield f"  Preemption {_preemption(known.preempt)}"
    yield f"  Active router is {_router(known.active_router, known.active, known.active_expires, now)}"
    yield f"  Standby router is {_router(known.standby_router, known.standby, known.standby_expires, now)}"
    configured = known.configured_priority
    source = "default" if configured == DEFAULT_PRIORITY else "configured"
    yield f"  Priority {known.priority} ({source} {configured})"
    for what, tracked in group.tracked.items():
        yield f"    Track {_tracked(group, what, tracked)}"
    yield f'  IP redundancy name is "{group.redundancy}" ({"default" if group.name is None else "cfgd"})'


def _state(group: Group, now: int) -> Iterator[str]:
    known = group.machine
    if not group.enabled:
        yield "  State is Disabled"
        return
    reason = f" ({group.obstacle})" if group.obstacle else ""
    yield f"  State is {known.state}{reason}"
    count = known.state_changes
    age = "never" if known.last_change is None else uptime(now - known.last_change)
    yield f"    {count} state change{'' if count == 1 else 's'}, last state change {age}"


def _mac_source(group: Group) -> str:
    if group.mac is not None:
        return "cfgd"
    return "v1 default" if group.standby.use_bia is None else "bia"


def _time(used: int, configured: int) -> str:
    """Write a time in milliseconds, and the one configured where the active router's has overridden it."""
    if used != configured:
        return f"{_time(used, used)} (cfgd {_time(configured, configured)})"
    return f"{used} msec" if used % 1000 else f"{used // 1000} sec"


def _until(when: int, now: int) -> str:
    seconds, rest = divmod(max(0, when - now), SECOND)
    return f"{seconds}.{rest // MILLISECOND:03}"


def _preemption(preempt: Preempt | None) -> str:
    if preempt is None:
        return "disabled"
    said = "enabled"
    for text, seconds in (("delay min", preempt.minimum), ("reload", preempt.reload), ("sync", preempt.sync)):
        if seconds:
            said += f", {text} {seconds} secs"
    return said


def _router(router: Router, peer: Peer | None, expires: int | None, now: int) -> str:
    if peer is None or expires is None:
        return str(router or "unknown")
    return f"{peer.address}, priority {peer.priority} (expires in {_until(expires, now)} sec)"


def _tracked(group: Group, what: str | int, tracked: Tracked) -> str:
    if isinstance(what, int):
        return f"object {what} (unknown)"
    port = group.interface.node.interfaces.get(what)
    state = "Up" if port is not None and port.up else "Down"
    return f"interface {what} state {state} decrement {tracked.decrement}"


# --- Tables


def _brief(groups: Iterator[Group]) -> Iterator[str]:
    yield "                     P indicates configured to preempt."
    yield "                     |"
    yield "Interface   Grp  Pri P State   Active          Standby         Virtual IP"
    for group in groups:
        known = group.machine
        preempt = "P" if known.preempt else " "
        state = known.state if group.enabled else "Disabled"
        routers = known.active_router, known.standby_router, known.virtual_ip
        active, standby, address = (str(each or "unknown") for each in routers)
        yield (
            f"{group.interface.short:11} {group.number:<4} {known.priority:<3} {preempt} "
            f"{state:7} {active:15} {standby:15} {address}"
        )


@command("exec", "show standby delay")
def show_delay(node: Node, *, interface: str | None = None) -> Reply:
    """Show how long groups wait after their interface came up."""
    yield "Interface          Minimum Reload "
    for held in _standbys(node, interface):
        yield f"{held.interface.name:18} {held.minimum_delay:<7} {held.reload_delay:<6} "


@command("exec", "show standby redirect")
def show_redirect(session: Session, *, interface: str | None = None) -> Reply:
    """Show what `standby redirects` says of interfaces, and the active routers that a redirect would name.

    Headings and widths are from memory (hsrp.md §3.5). No redirects leave an interface with a virtual address,
    so there are no hits; nor are there passive routers, as no advertisements are exchanged.
    """
    held = list(_standbys(session.node, interface))
    yield "Interface              Redirects Unknown  Adv  Holddown"
    for each in held:
        redirects, (advertisement, holddown) = _redirects(session, each)
        yield f"{each.interface.name:22} {redirects:9} enabled  {advertisement:<4} {holddown}"
    yield ""
    yield "Active                 Hits  Interface        Group  Virtual IP       Virtual MAC"
    for group in _groups(session.node, interface, None, disabled=False):
        known = group.machine
        if known.active_router is not None and known.virtual_ip is not None:
            yield (
                f"{known.active_router!s:22} {0:<5} {group.interface.name:16} {group.number:<6} "
                f"{known.virtual_ip!s:16} {known.virtual_mac}"
            )


def _redirects(session: Session, held: Standby) -> tuple[str, tuple[int, int]]:
    """Read the line `standby redirects`: whether they are to be sent, and its times in seconds."""
    values = first(session, "interface", "standby redirects", held.interface) or {}
    on = not (values.get("no") or values.get("disable"))
    times = int(values.get("advertisement") or 30), int(values.get("holddown") or 180)
    return "enabled" if on else "disabled", times


@command("exec", "show standby neighbors")
def show_neighbors(node: Node, *, interface: str | None = None) -> Reply:
    """Show the routers that are active or standby in groups of this one (hsrp.md §3.5)."""
    for held in _standbys(node, interface):
        roles: dict[IPv4, tuple[list[str], list[str]]] = {}
        for number, group in sorted(held.groups.items()):
            for role, peer in enumerate((group.machine.active, group.machine.standby)):
                if peer is not None:
                    roles.setdefault(peer.address, ([], []))[role].append(str(number))
        if roles:
            yield f"HSRP neighbors on {held.interface.name}"
        for address, (active, standby) in sorted(roles.items()):
            yield f"  {address}"
            yield f"    Active groups: {', '.join(active)}" if active else "    No active groups"
            yield f"    Standby groups: {', '.join(standby)}" if standby else "    No standby groups"


# --- Debugging


@command("exec", "debug standby")
def debug_standby(
    node: Node,
    *,
    errors: bool = False,
    events: bool = False,
    packets: bool = False,
    terse: bool = False,
    all: bool = False,  # noqa: A002 - the word that is typed
    icmp: bool = False,
    protocol: bool = False,
    redundancy: bool = False,
    track: bool = False,
    advertise: bool = False,
    coup: bool = False,
    hello: bool = False,
    resign: bool = False,
    detail: bool = False,
    no: bool = False,
) -> Reply:
    """Turn HSRP's debugging on or off, all of it or a kind; `terse` is all of it but Hellos."""
    del all  # what one gets without a word
    chosen = [name for name, said in zip(FLAGS, (errors, events, packets), strict=True) if said]
    kinds = {"icmp": icmp, "protocol": protocol, "redundancy": redundancy, "track": track}
    kinds |= {"Advertise": advertise, "Coup": coup, "Hello": hello, "Resign": resign}
    said = tuple(kind for kind, asked in kinds.items() if asked)
    debugging = node.part(Debugging)
    limits = {name: limit(TERSE[name] if terse else said, in_detail=detail) for name in chosen or FLAGS}
    for name, limited in limits.items():
        if no:
            debugging.stop(name)
        else:
            debugging.start(name, limited)
    if terse and not chosen and not no:
        yield "HSRP:"
        for name, limited in limits.items():
            yield f"  {FLAGS[name]} debugging is on"
            if limited:
                yield f"    {limited}"
        return
    yield f"{FLAGS[chosen[0]] if chosen else 'HSRP'} debugging is {'off' if no else 'on'}"
    if chosen and limits[chosen[0]] and not no:
        yield f"  {limits[chosen[0]]}"
