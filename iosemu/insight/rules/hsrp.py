"""Rules about HSRP groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Group, Router

TIMERS = {"hello": 3_000, "hold": 10_000}
"""What a group's timers are by default, in milliseconds (RFC 2281 §5.1)."""


@rule("hsrp-subnet", "error", "IOS: %HSRP-4-BADVIP")
def _(router: Router) -> Remarks:
    """The address of a group is on no subnet of its interface."""
    for group in router.groups:
        prefixes = [address.prefix for address in group.port.addresses]
        for line in group.ips:
            if line["address"] is not None and not any(line["address"] in each for each in prefixes):
                subnets = " or ".join(map(str, prefixes))
                yield (
                    line,
                    f"{line['address']} is on no subnet of {group.port.name}, so that the group does not run",
                    f"Give it an address of {subnets}" if prefixes else f"Give {group.port.name} an address",
                )


@rule("hsrp-address-taken", "error", "RFC 2281 §1: the address is nobody's own")
def _(router: Router) -> Remarks:
    """The address of a group is an interface's own."""
    for statement in router.reading.statements:
        address = statement.values.get("address")
        if statement.command.name != "standby ip" or address is None or statement.values.get("no"):
            continue
        for other in router.network.routers:
            if owner := other.owner(address):
                whose = owner.name if other is router else f"{other.name}'s {owner.name}"
                yield (
                    statement.source,
                    f"{address} is the own address of {whose}",
                    "Give the group an address that no interface has",
                )


@rule("hsrp-address-differs", "error", "RFC 2281 §5.1; %HSRP-4-DIFFVIP1")
def _(router: Router) -> Remarks:
    """Routers of one group give it different addresses."""
    for group in router.groups:
        for peer in group.peers():
            if group.address is not None and peer.address is not None and group.address != peer.address:
                mend = "Give the group one address on all its routers"
                yield (
                    group.ips[0],
                    f"{peer.port.router.name} gives {group.called} the address {peer.address}",
                    mend,
                )


@rule("hsrp-group-differs", "error", "RFC 2281 §5.1: routers of a group have its number")
def _(router: Router) -> Remarks:
    """Routers give one address to groups of different numbers."""
    for group in router.groups:
        for port in group.port.neighbours():
            for other in port.groups:
                if (
                    group.address is not None
                    and other.address == group.address
                    and other.number != group.number
                ):
                    yield (
                        group.ips[0],
                        f"{port.router.name} gives {group.address} to group {other.number}, so that both are active",
                        "Give the group one number on all its routers",
                    )


@rule("hsrp-timers-differ", "warning", "RFC 2281 §5.1")
def _(router: Router) -> Remarks:
    """Routers of one group have different timers."""
    for group in router.groups:
        for peer in group.peers():
            own, theirs = _timers(group), _timers(peer)
            if own != theirs:
                where = group.one("standby timers") or group.facts[0]
                yield (
                    where,
                    f"{peer.port.router.name} has {_seconds(theirs)} for {group.called}, this router {_seconds(own)}",
                    "Set the same timers on all routers of the group",
                )


def _timers(group: Group) -> tuple[int, int]:
    line = group.one("standby timers")
    if line is None:
        return TIMERS["hello"], TIMERS["hold"]
    hello = line["hello_msec"] or (line["hello"] or 0) * 1000
    return hello, line["hold_msec"] or (line["hold"] or 0) * 1000


def _seconds(timers: tuple[int, int]) -> str:
    return f"hello {timers[0] / 1000:g} s and hold {timers[1] / 1000:g} s"


@rule("hsrp-hold-short", "warning", "RFC 2281 §5.1: hold time at least three times hello time")
def _(router: Router) -> Remarks:
    """The hold time of a group is less than three times its hello time."""
    for group in router.groups:
        hello, hold = _timers(group)
        line = group.one("standby timers")
        if line is not None and hold < 3 * hello:
            yield (
                line,
                "two lost hellos make the standby router active",
                "Make hold at least three times hello",
            )


@rule("hsrp-authentication-differs", "error", "RFC 2281 §5.1; %HSRP-4-BADAUTH")
def _(router: Router) -> Remarks:
    """Routers of one group have different authentication."""
    for group in router.groups:
        for peer in group.peers():
            if _authentication(group) != _authentication(peer):
                where = group.one("standby authentication") or group.facts[0]
                yield (
                    where,
                    f"{peer.port.router.name} has another authentication for {group.called}: each ignores the other",
                    "Set the same authentication on all routers of the group",
                )


def _authentication(group: Group) -> tuple[object, ...]:
    line = group.one("standby authentication")
    if line is None:
        return ("cisco",)
    if line["md5"]:
        return ("md5", line["key"], line["key_chain"])
    return (line["string"],)


@rule("hsrp-priority-equal", "warning", "specification line 346: then the higher address wins")
def _(router: Router) -> Remarks:
    """Routers of a group have equal priorities, and one preempts."""
    for group in router.groups:
        for peer in group.peers():
            if group.preempt and group.priority == peer.priority:
                yield (
                    group.preempt,
                    f"{peer.port.router.name} has priority {group.priority} in {group.called}, too: addresses decide",
                    "Give the one that is to be active a higher priority",
                )


@rule("hsrp-track-missing", "warning", "Cisco's `standby track`")
def _(router: Router) -> Remarks:
    """A group tracks an interface that the router does not have."""
    for group in router.groups:
        for line in group.facts:
            name = line["interface"]
            if line.command == "standby track" and name and router.port(name) is None:
                mend = "Track an interface that exists: the priority never changes so"
                yield line, f"{router.name} has no interface {name}", mend


@rule("hsrp-track-idle", "warning", "RFC 2281 §5.3; tracking only lowers the priority: a peer must take over")
def _(router: Router) -> Remarks:
    """The priority that tracking leaves makes no other router active."""
    for group in router.groups:
        tracks = [line for line in group.facts if line.command == "standby track" and line["interface"]]
        lowest = max(group.priority - sum(line["decrement"] or 10 for line in tracks), 0)
        peers = group.peers()
        if not tracks or not peers or group.priority <= max(peer.priority for peer in peers):
            continue
        second = max(peers, key=lambda peer: peer.priority)
        who = second.port.router.name
        if second.priority < lowest:
            what = f"priority {lowest} is left, more than the {second.priority} of {who}"
            yield tracks[0], what, f"Lower it by more than {group.priority - second.priority}"
        elif not any(peer.preempt for peer in peers if peer.priority >= lowest):
            yield tracks[0], f"{who} does not preempt, and never takes over", f"Let {who} `preempt`, too"


@rule("hsrp-version-differs", "error", "RFC 2281 §5.1: version 0; version 2 has another group address")
def _(router: Router) -> Remarks:
    """Routers of one group speak different versions of HSRP."""
    for group in router.groups:
        for peer in group.peers():
            versions = [_version(each) for each in (group, peer)]
            if versions[0] != versions[1]:
                where = group.port.fact.one("standby version") or group.facts[0]
                what = (
                    f"{peer.port.router.name} speaks version {versions[1]}, this router version {versions[0]}"
                )
                yield where, f"{what}: both are active", "Set the same version on all routers"


def _version(group: Group) -> int:
    line = group.port.fact.one("standby version")
    return int(line["version"]) if line else 1


@rule("hsrp-no-address", "warning", "specification line 37: `standby ip` enables HSRP")
def _(router: Router) -> Remarks:
    """A group is configured, and not switched on."""
    for group in router.groups:
        if not group.ips:
            word = f"standby {group.number} ip" if group.number else "standby ip"
            there = [each.number for each in group.port.groups if each.ips]
            mend = f"Say `{word}` with its address"
            if len(there) == 1:
                mend += f", or group {there[0]} in this line"
            yield group.facts[0], f"{group.called} has no `{word}`, and does not run", mend


@rule("hsrp-alone", "warning", "specification line 7: two or more routers act as one")
def _(router: Router) -> Remarks:
    """No other router is in a group."""
    if router.network.complete:
        for group in router.groups:
            if group.ips and not group.peers():
                mend = f"Configure it on another router of {group.port.segment or 'its network'}"
                yield group.ips[0], f"no other router is in {group.called}", mend


@rule("hsrp-name-twice", "error", "specification lines 45, 218: the name says which group is meant")
def _(router: Router) -> Remarks:
    """Two groups of a router have one name."""
    for number, group in enumerate(router.groups):
        line = group.one("standby name")
        earlier = [each for each in router.groups[:number] if group.name and each.name == group.name]
        if line and earlier:
            mend = "Give each group a name of its own"
            yield line, f"{earlier[0].called} is called {group.name}, too", mend
