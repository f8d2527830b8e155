"""What HSRP tells unasked: syslog messages and the rows of `debug standby`.

Forms are those of 12.4 (reference hsrp.md §4.2), syslog that of 12.4T (§4.3): every transition from or to
Standby or Active is logged, at severity 5. Where no transcript shows a row, the docstring says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.hsrp.packet import COUP, OPCODES, RESIGN, STATES
from iosemu.features.hsrp.table import EVENTS
from iosemu.lab.debugging import declare, detail, is_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iosemu.addresses import MAC, IPv4
    from iosemu.features.hsrp.machine import Event, Misconfigured, Router, StateChanged
    from iosemu.features.hsrp.packet import Hsrp
    from iosemu.lab.interface import Interface

ERRORS, EVENT_ROWS, PACKETS = "standby errors", "standby events", "standby packets"

FLAGS = {ERRORS: "HSRP Errors", EVENT_ROWS: "HSRP Events", PACKETS: "HSRP Packets"}
for _name, _text in FLAGS.items():
    declare(_name, "HSRP", f"{_text} debugging is on")

TERSE = {
    ERRORS: (),
    EVENT_ROWS: ("protocol", "neighbor", "redundancy", "track", "arp", "interface"),
    PACKETS: (OPCODES[COUP], OPCODES[RESIGN]),
}
"""What `debug standby terse` limits each flag to (hsrp.md §4.1)."""
DETAIL = "detail"


def limit(kinds: Sequence[str], *, in_detail: bool = False) -> str:
    """Word what a flag is limited to, for `show debugging`; the words of `detail` are ours."""
    said = (*kinds, *([DETAIL] if in_detail else []))
    return f"({', '.join(said)})" if said else ""


def _shown(interface: Interface, flag: str, kind: str) -> str | None:
    """Give what a flag is limited to when it is on and shows a kind of row, or else None."""
    node = interface.node
    if not is_on(node, flag):
        return None
    limits = detail(node, flag)
    kinds = [each for each in limits.strip("()").split(", ") if each not in ("", DETAIL)]
    return limits if not kinds or kind in kinds else None


_LOGGED = ("Standby", "Active")


def _debug(interface: Interface, number: int | None, text: str) -> None:
    group = "" if number is None else f"Grp {number} "
    row = f"HSRP: {interface.short} {group}{text}"
    interface.node.log.debug(row)


def _tell(interface: Interface, number: int | None, text: str, kind: str = "protocol") -> None:
    """Show an event of a kind."""
    if _shown(interface, EVENT_ROWS, kind) is not None:
        _debug(interface, number, text)


def packet(interface: Interface, direction: str, address: IPv4, message: Hsrp) -> None:
    """Show a packet that went `out` or came `in`; what `detail` adds is 11.x's words (hsrp.md §4.2), from memory."""
    if not is_on(interface.node, PACKETS):
        return
    verb, state = OPCODES[message.opcode], STATES.get(message.state, str(message.state))
    limits = _shown(interface, PACKETS, verb)
    if limits is None:
        return
    row = f"{verb:6} {direction:3} {address} {state:7} pri {message.priority} vIP {message.virtual_ip}"
    if DETAIL in limits:
        key = message.authentication.rstrip(b"\0").decode("latin-1")
        row += f" hel {message.hellotime} hol {message.holdtime} auth {key}"
    _debug(interface, message.group, row)


def event(interface: Interface, number: int, what: Event) -> None:
    """Show an event of the table, `Active: j/Coup rcvd from higher pri router (150/10.10.10.3)`."""
    if what.letter in ("c", "d"):
        cause = f" ({what.peer.address if what.peer else 'unknown'})"
    elif what.peer:
        cause = f" ({what.peer.priority}/{what.peer.address})"
    else:
        cause = f" ({what.reason})" if what.reason else ""
    _tell(interface, number, f"{what.state}: {what.letter}/{EVENTS[what.letter]}{cause}")


def role(interface: Interface, number: int, which: str, router: Router, was: Router) -> None:
    """Show that another router is known as the `Active` or the `Standby` one."""
    before = "" if was is None else f", was {was}"
    _tell(interface, number, f"{which} router is {router or 'unknown'}{before}")


def state_changed(interface: Interface, number: int, name: str, change: StateChanged) -> None:
    """Show a transition, to the operator as well, and log one from or to Standby or Active."""
    _tell(interface, number, f"{change.old} -> {change.new}")
    interface.node.lab.note(
        f"{interface.node.name} {interface.name} group {number} {change.old} -> {change.new}"
    )
    if change.old in _LOGGED or change.new in _LOGGED:
        text = f"{interface.name} Grp {number} state {change.old} -> {change.new}"
        interface.node.log.emit("HSRP", 5, "STATECHANGE", text)
    old, new = (_CLIENTS_WORD.get(state, state) for state in (change.old, change.new))
    _tell(interface, number, f'Redundancy "{name}" state {old} -> {new}', "redundancy")


_CLIENTS_WORD = {"Listen": "Backup"}
"""What clients of IP redundancy call a state (hsrp.md §4.2)."""


def enabled(interface: Interface, number: int) -> None:
    """Show that a group got its `standby ip`."""
    _tell(interface, number, "Disabled -> Init")


def disabled(interface: Interface, number: int) -> None:
    """Show that a group lost its `standby ip` (the row of `enabled`, turned round)."""
    _tell(interface, number, "Init -> Disabled")


def interface_up(interface: Interface, up: bool) -> None:
    """Show that the interface went up, or down (the latter inferred)."""
    _tell(interface, None, f"Interface {'up' if up else 'down'}", "interface")


def misconfigured(interface: Interface, number: int, what: Misconfigured, configured: IPv4 | None) -> None:
    """Log a packet with other authentication, or an active router with another virtual address."""
    log = interface.node.log
    if what.kind == "authentication":
        state = STATES.get(what.packet.state, str(what.packet.state))
        text = f"Bad authentication from {what.source}, group {number}, remote state {state}"
        log.emit("HSRP", 4, "BADAUTH", text)
    elif what.kind == "virtual address":
        text = (
            f"{interface.name} Grp {number} active routers virtual IP address {what.packet.virtual_ip} "
            f"is different to the locally configured address {configured}"
        )
        log.emit("HSRP", 4, "DIFFVIP1", text)


def authentication_failed(interface: Interface, number: int, what: Misconfigured, how: str) -> None:
    """Show each packet with other authentication (`how`: Text or MD5); from memory of 12.3T's documentation."""
    kind = OPCODES[what.packet.opcode]
    text = f"Auth failed for {kind} pkt from {what.source}, {how} auth failed"
    if is_on(interface.node, ERRORS):
        _debug(interface, number, text)


def duplicate(interface: Interface, address: IPv4, mac: MAC) -> None:
    """Log that another router sends HSRP messages from this interface's address."""
    text = f"Duplicate address {address} on {interface.name}, sourced by {mac}"
    interface.node.log.emit("HSRP", 4, "DUPADDR", text)


def not_learnable(interface: Interface, number: int, address: IPv4, why: str) -> None:
    """Log a virtual address that cannot be learnt; the names are recalled (hsrp.md §4.3), their texts in part."""
    mnemonic = _NOT_LEARNABLE.get(why, "BADVIP")
    text = f"{interface.name} Grp {number} address {address} {why}"
    interface.node.log.emit("HSRP", 4, mnemonic, text)


_NOT_LEARNABLE = {
    "is already in use by another group": "DUPVIP1",
    "is already in use on this router": "DUPVIP2",
}


def priority_changed(interface: Interface, number: int, was: int, now: int) -> None:
    """Show what tracking made of the priority; the row is from memory of 12.4."""
    _tell(interface, number, f"Priority {was} -> {now}", "track")
