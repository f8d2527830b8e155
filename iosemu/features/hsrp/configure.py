"""Configuring HSRP: the `standby` commands of an interface.

A group is made by the first line that names it, and goes when the last line that stands for it is taken back,
or by `no standby GROUP`. Group 0 is never written (specification line 345).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from iosemu.cli.command import Reply, Values, command
from iosemu.cli.kept import Kept
from iosemu.features.hsrp.machine import DEFAULT_AUTHENTICATION, DEFAULT_PRIORITY, DEFAULT_TIMERS, Preempt
from iosemu.features.hsrp.packet import authentication_data
from iosemu.features.hsrp.state import DECREMENT, Group, Standby, Tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import MAC, IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.interface import Interface


KEPT = ("standby follow",)
"""The commands of a group that are only kept."""


def _groups(interface: Interface) -> Iterator[tuple[dict[str, object], Group]]:
    """Yield an interface's groups in order, each with the values that name it."""
    standby = interface.peek(Standby)
    for number, group in sorted(standby.groups.items()) if standby else ():
        yield {"group_number": number or None}, group


def _made(interface: Interface, number: int) -> Group:
    return interface.part(Standby).group(number)


def _known(interface: Interface, number: int) -> Group | None:
    standby = interface.peek(Standby)
    return standby.groups.get(number) if standby else None


def _tidy(group: Group) -> None:
    """Let a group go of which nothing is configured any more."""
    if group.blank:
        group.standby.drop(group.number)


@command("interface", "standby")
def standby(interface: Interface, *, group_number: int = 0, no: bool = False) -> None:
    """Take a whole group away, the lines included that are only kept."""
    del no  # there is nothing else to say with these words
    held = interface.peek(Standby)
    if held:
        held.drop(group_number)
    kept = interface.peek(Kept)
    for key, (values, _) in tuple(kept.lines.items()) if kept else ():
        if key[0] in KEPT and values.get("group_number", 0) == group_number:
            del kept.lines[key]  # type: ignore[union-attr]


# --- The virtual addresses


@command("interface", "standby ip")
def standby_ip(
    interface: Interface,
    *,
    group_number: int = 0,
    address: IPv4 | None = None,
    secondary: bool = False,
    no: bool = False,
) -> Reply:
    """Switch a group on, with a virtual address or one to learn.

    One that is in no subnet of the interface is taken with a warning, and waits until it fits (hsrp.md §2.3).
    """
    if no:
        _no_ip(interface, group_number, address, secondary=secondary)
        return
    if address is not None:
        refusal = _refusal(interface, group_number, address)
        if refusal:
            yield refusal
            return
    group = _made(interface, group_number)
    known = group.machine
    if address is not None and not group.fits(address):
        yield "% Warning: address is not within a subnet on this interface"
    if address is not None and secondary:
        if address not in (known.configured_ip, *known.secondaries):
            group.set_secondaries((*known.secondaries, address))
        return
    if address is not None and address in known.secondaries:
        group.set_secondaries(tuple(each for each in known.secondaries if each != address))
    # `standby ip` after an address leaves the address as it is (12.0 command reference).
    group.set_ip(known.configured_ip if address is None else address)


def _refusal(interface: Interface, number: int, address: IPv4) -> str | None:
    """Say why a virtual address cannot be: the wording of neither is confirmed (hsrp.md §2.3)."""
    if not address.unicast:
        return f"Not a valid host address - {address}"  # as of an interface's own
    if any(own == address for own, _ in interface.addresses):
        return "% address cannot equal interface IP address"
    for _, group in _groups(interface):
        known = group.machine
        if group.number != number and address in (known.configured_ip, *known.secondaries):
            return f"% Address {address} in group {group.number}"
    return None


def _no_ip(interface: Interface, number: int, address: IPv4 | None, *, secondary: bool) -> None:
    group = _known(interface, number)
    if group is None:
        return
    known = group.machine
    if address is None:
        group.set_secondaries(())
    elif address in known.secondaries:
        group.set_secondaries(tuple(each for each in known.secondaries if each != address))
    if address is None or (address == known.configured_ip and not secondary):
        group.set_ip(None, enabled=False)
    _tidy(group)


@standby_ip.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        if group.enabled:
            yield named | {"address": group.machine.configured_ip}
        for address in group.machine.secondaries:
            yield named | {"address": address, "secondary": True}


# --- Election


@command("interface", "standby priority")
def priority(
    interface: Interface,
    *,
    group_number: int = 0,
    value: int | None = None,
    preempt: bool = False,
    delay: bool = False,
    minimum: int | bool | None = None,
    reload: int | bool | None = None,
    sync: int | bool | None = None,
    no: bool = False,
) -> None:
    """Set priority, preemption, or both in one line (specification lines 41 and 329).

    Delays that a line does not name stay as they are; `no … delay` leaves preemption on (hsrp.md §2.2).
    """
    named = {"minimum": minimum, "reload": reload, "sync": sync}
    said = {name: value for name, value in named.items() if value is not None and value is not False}
    if no:
        group = _known(interface, group_number)
        if group is None:
            return
        known = group.machine
        if value is not None or not preempt:
            known.configured_priority = DEFAULT_PRIORITY
        if preempt and known.preempt is not None:
            gone = dict.fromkeys(said or named, 0)
            known.preempt = known.preempt._replace(**gone) if delay else None
        _tidy(group)
        group.run()
        return
    group = _made(interface, group_number)
    known = group.machine
    if value is not None:
        known.configured_priority = value
    if preempt:
        known.preempt = (known.preempt or Preempt())._replace(**said)
    group.run()


@priority.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        known = group.machine
        if known.configured_priority != DEFAULT_PRIORITY:
            yield named | {"value": known.configured_priority}
        if known.preempt is not None:
            delays = {name: seconds for name, seconds in known.preempt._asdict().items() if seconds}
            yield named | {"preempt": True, "delay": bool(delays)} | delays


@command("interface", "standby timers")
def timers(
    session: Session,
    *,
    group_number: int = 0,
    hello: int | None = None,
    hello_msec: int | bool | None = None,
    hold: int | None = None,
    hold_msec: int | bool | None = None,
    no: bool = False,
) -> Reply:
    """Set hello and hold time; the latter has to be longer, and three times as long in milliseconds."""
    target = session.stack[-1].target
    interfaces = cast("tuple[Interface, ...]", target if isinstance(target, tuple) else (target,))
    if no:
        for interface in interfaces:
            known = _known(interface, group_number)
            if known is not None:
                known.set_timers(None)
                _tidy(known)
        return
    hellotime = hello * 1000 if hello is not None else int(hello_msec or 0)
    holdtime = hold * 1000 if hold is not None else int(hold_msec or 0)
    if holdtime <= hellotime or (hello is None and holdtime < 3 * hellotime):
        # IOS's parser narrows the range of the second time by the first (hsrp.md §2.1).
        said = session.typed.rstrip()
        column = len(session.prompt) + max(said.rfind(" "), said.rfind("\t")) + 1
        yield " " * column + "^"
        yield "% Invalid input detected at '^' marker."
        yield ""
        return
    for interface in interfaces:
        group = _made(interface, group_number)
        group.milliseconds = hello is None, hold is None
        group.set_timers((hellotime, holdtime))


@timers.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        times = group.machine.configured_timers
        if times is not None and times != DEFAULT_TIMERS:
            said = {}
            for name, time, milliseconds in zip(("hello", "hold"), times, group.milliseconds, strict=True):
                said[f"{name}_msec" if milliseconds else name] = time if milliseconds else time // 1000
            yield named | said


@command("interface", "standby track")
def track(
    port: Interface,
    /,
    *,
    group_number: int = 0,
    interface: str | None = None,
    object_number: int | None = None,
    decrement: int | bool | None = None,
    shutdown: bool = False,
    no: bool = False,
) -> None:
    """Track an interface: while it is down, the priority is lower. Objects are noted only."""
    what = object_number if interface is None else interface
    if no:
        group = _known(port, group_number)
        if group is not None:
            for each in tuple(group.tracked) if what is None else (what,):
                group.track(each, None)
            _tidy(group)
    elif what is not None:
        cost = DECREMENT if decrement is None or isinstance(decrement, bool) else decrement
        _made(port, group_number).track(what, Tracked(cost, shutdown))


@track.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        for what, tracked in group.tracked.items():
            cost = tracked.decrement if tracked.decrement != DECREMENT else None
            which = "interface" if isinstance(what, str) else "object_number"
            yield named | {which: what, "decrement": cost, "shutdown": tracked.shutdown}


# --- Authentication, names, MAC addresses


def _secret(key: str, *, encrypted: bool) -> bytes | None:
    """Give the octets of a key, from type 7 when it is hidden; None: it is no type 7."""
    if not encrypted:
        return key.encode("latin-1", "replace")
    from passlib.hash import cisco_type7  # type: ignore[import-untyped] # noqa: PLC0415 - 60 ms

    try:
        return bytes(cisco_type7.decode(key, encoding=None))
    except ValueError:
        return None


@command("interface", "standby authentication")
def authentication(
    interface: Interface,
    *,
    group_number: int = 0,
    string: str | None = None,
    text: bool = False,
    md5: bool = False,
    key_string: bool = False,
    plain: bool = False,
    encrypted: bool = False,
    key: str | None = None,
    timeout: int | bool | None = None,
    key_chain: str | bool | None = None,
    no: bool = False,
) -> Reply:
    """Set the plain text or the MD5 key that authenticates the group's packets; a key chain is noted only."""
    del text  # `text` and its absence mean the same
    secret = None if no or not key_string or key is None else _secret(key, encrypted=encrypted)
    if key_string and not no and secret is None:
        yield f"% Invalid encrypted key: {key}"  # the words are from memory
        return
    group = _known(interface, group_number) if no else _made(interface, group_number)
    if group is None:
        return
    data = DEFAULT_AUTHENTICATION if no or string is None else authentication_data(string)
    group.text = None if data == DEFAULT_AUTHENTICATION else string
    group.machine.authentication = data
    group.machine.set_key(secret, interface.node.now, timeout=timeout or 0)
    group.md5 = None
    if md5 and not no:
        group.md5 = {
            "md5": True,
            "key_string": key_string,
            "plain": plain,
            "encrypted": encrypted,
            "key": key,
            "timeout": timeout,
            "key_chain": key_chain,
        }
    if no:
        _tidy(group)


@authentication.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        if group.md5 is not None:
            yield named | group.md5
        elif group.text is not None:
            yield named | {"string": group.text}


@command("interface", "standby name")
def name(interface: Interface, *, group_number: int = 0, name: str | None = None, no: bool = False) -> None:
    """Name the group, for those who follow it by name; without, it is called after its interface."""
    group = _known(interface, group_number) if no else _made(interface, group_number)
    if group is not None:
        group.name = None if no else name
        group.run()
        if no:
            _tidy(group)


@name.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        if group.name is not None:
            yield named | {"name": group.name}


@command("interface", "standby mac-address")
def mac_address(
    interface: Interface, *, group_number: int = 0, mac_address: MAC | None = None, no: bool = False
) -> None:
    """Choose the group's virtual MAC address."""
    group = _known(interface, group_number) if no else _made(interface, group_number)
    if group is not None:
        group.mac = None if no else mac_address
        group.choose_mac()
        if no:
            _tidy(group)


@mac_address.config
def _(interface: Interface) -> Iterator[Values]:
    for named, group in _groups(interface):
        if group.mac is not None:
            yield named | {"mac_address": group.mac}


# --- What belongs to the interface


@command("interface", "standby use-bia")
def use_bia(interface: Interface, *, scope: bool = False, no: bool = False) -> None:
    """Have groups use the interface's own MAC address."""
    held = interface.peek(Standby) if no else interface.part(Standby)
    if held is not None:
        held.use_bia = None if no else scope
        for group in held.groups.values():
            group.choose_mac()


@use_bia.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Standby)
    if held is not None and held.use_bia is not None:
        yield {"scope": held.use_bia}


@command("interface", "standby delay")
def delay(
    interface: Interface,
    *,
    minimum: int | bool | None = None,
    reload: int | bool | None = None,
    no: bool = False,
) -> None:
    """Have groups wait after the interface came up; the wait is chosen at the moment it comes up."""
    held = interface.peek(Standby) if no else interface.part(Standby)
    if held is not None:
        all_of_them = no and not minimum and not reload
        if minimum is not None or all_of_them:
            held.minimum_delay = 0 if no else int(minimum or 0)
        if reload is not None or all_of_them:
            held.reload_delay = 0 if no else int(reload or 0)


@delay.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Standby)
    if held is not None and (held.minimum_delay or held.reload_delay):
        yield {"minimum": held.minimum_delay or None, "reload": held.reload_delay or None}
