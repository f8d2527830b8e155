"""Access lists as they are configured, numbered and named, and their screens.

A numbered list is the list of that name: `ip access-list standard 1` edits what `access-list 1` says, and
running-config writes it in the numbered form. Entries are kept as IOS stores them: without the bits that do not
count, a single host without its wildcard, everybody as `any`. Words of refusals rest on memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.addresses import IPv4
from iosemu.cli.command import Entry, Output, Reply, Values, command
from iosemu.lab.acl import ALL, ESTABLISHED, FLAGS, AccessList, AccessLists, Ports, Rule
from iosemu.parser import types

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

NUMBERS = {False: (range(1, 100), range(1300, 2000)), True: (range(100, 200), range(2000, 2700))}
"""The numbers of standard lists, and of extended ones."""
REMARK = 100
"""How many characters of a remark are kept."""
PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "ipinip": 4,
    "tcp": 6,
    "udp": 17,
    "gre": 47,
    "esp": 50,
    "ahp": 51,
    "eigrp": 88,
    "ospf": 89,
    "nos": 94,
    "pim": 103,
    "pcp": 108,
}
"""IP protocols that have a word of their own (IANA's numbers)."""


def _numbered(name: str, *, extended: bool) -> bool:
    return name.isdigit() and any(int(name) in each for each in NUMBERS[extended])


# -- an entry's words


def _rule(said: dict[str, Any]) -> Rule:
    """Make an entry of what its words captured."""
    protocol = next((PROTOCOLS[word] for word in PROTOCOLS if said.get(word)), said.get("protocol"))
    flags = ESTABLISHED if said.get("established") else 0
    for word, bit in FLAGS.items():
        flags |= bit if said.get(word) else 0
    message = said.get("icmp_message")
    if message is not None and said.get("code") is not None:
        message = message[0], said["code"]
    source, wildcard = _place(said.get("source"), said.get("source_wildcard"))
    destination, other = _place(said.get("destination"), said.get("destination_wildcard"))
    return Rule(
        bool(said.get("permit")),
        source,
        wildcard,
        "log-input" if said.get("log_input") else "log" if said.get("log") else "",
        protocol or None,
        destination,
        other,
        _ports(said, "source"),
        _ports(said, "destination"),
        message,
        flags,
        said.get("dscp"),
        said.get("precedence"),
        said.get("tos"),
        bool(said.get("fragments")),
    )


def _place(address: IPv4 | None, wildcard: IPv4 | None) -> tuple[IPv4, IPv4]:
    if address is None:
        return IPv4(0), ALL
    wild = IPv4(wildcard or 0)
    return IPv4(address & ~wild), wild


def _ports(said: dict[str, Any], side: str) -> Ports | None:
    port = said.get(f"{side}_port")
    if said.get(f"{side}_range"):
        return Ports(*sorted((said[f"{side}_low"], said[f"{side}_high"])))
    if port is None:
        return None
    if said.get(f"{side}_gt"):
        return Ports(port + 1, 65535)
    if said.get(f"{side}_lt"):
        return Ports(0, port - 1)
    return Ports(port, port, bool(said.get(f"{side}_neq")))


def _said(line: Rule | str, *, extended: bool) -> dict[str, Any]:
    """Give the captures of an entry, or of a remark."""
    if isinstance(line, str):
        return {"remark": True, "text": line}
    said: dict[str, Any] = {"permit" if line.permits else "deny": True}
    if line.log:
        said[line.log.replace("-", "_")] = True
    said |= _place_said("source", line.source, line.wildcard)
    if not extended:
        return said
    said |= _place_said("destination", line.destination, line.destination_wildcard)
    said |= _ports_said("source", line.source_ports) | _ports_said("destination", line.destination_ports)
    words = [word for word, number in PROTOCOLS.items() if number == line.protocol]
    if words:
        said[words[0]] = True
    elif line.protocol is None:
        said["ip"] = True
    else:
        said["protocol"] = line.protocol
    if line.message is not None:
        named = not types.of("ICMP-MESSAGE").write(line.message).isdigit()
        said["icmp_message"] = line.message if named else (line.message[0], None)
        said["code"] = None if named else line.message[1]
    if line.flags & ESTABLISHED == ESTABLISHED:
        said["established"] = True
    said |= {word: True for word, bit in FLAGS.items() if line.flags & bit & ~_established(line.flags)}
    numbers = {"dscp": line.dscp, "precedence": line.precedence, "tos": line.tos}
    return said | numbers | {"fragments": line.fragments}


def _established(flags: int) -> int:
    """Give the control bits that `established` says already."""
    return ESTABLISHED if flags & ESTABLISHED == ESTABLISHED else 0


def _place_said(side: str, address: IPv4, wildcard: IPv4) -> dict[str, Any]:
    if wildcard == ALL:
        return {f"any_{side}": True}
    return {side: address, f"{side}_wildcard": wildcard or None}


def _ports_said(side: str, ports: Ports | None) -> dict[str, Any]:
    if ports is None:
        return {}
    low, high, others = ports
    if low == high:
        return {f"{side}_{'neq' if others else 'eq'}": True, f"{side}_port": low}
    if high == 65535 and low:
        return {f"{side}_gt": True, f"{side}_port": low - 1}
    if not low and high < 65535:
        return {f"{side}_lt": True, f"{side}_port": high + 1}
    return {f"{side}_range": True, f"{side}_low": low, f"{side}_high": high}


# -- numbered lists


@command("global", "access-list")
def access_list(
    node: Node,
    *,
    standard: int | None = None,
    extended: int | None = None,
    no: bool = False,
    **said: Any,
) -> None:
    """Add to the end of a numbered list; `no` drops the whole list, whatever entry it names."""
    name = str(standard or extended)
    lists = node.part(AccessLists)
    if no:
        lists.lists.pop(name, None)
        return
    found = lists.get(name, extended=extended is not None)
    if found is None:
        return  # no number is of both kinds
    if said.get("remark"):
        found.remarks.setdefault(found.next, []).append(said["text"][:REMARK])
    else:
        found.add(_rule(said))


@access_list.config
def _(node: Node) -> Iterator[Values]:
    lists = _lists(node)
    for name in sorted((name for name in lists if name.isdigit()), key=int):
        found = lists[name]
        kind = {"extended" if found.extended else "standard": int(name)}
        for _, line in found.lines():
            yield kind | _said(line, extended=found.extended)


def _lists(node: Node) -> dict[str, AccessList]:
    held = node.peek(AccessLists)
    return held.lists if held else {}


# -- lists that are edited


@command("global", "ip access-list standard")
def ip_access_list_standard(
    node: Node, *, name: str, no: bool = False
) -> Generator[Output, str, AccessList | None]:
    """Edit a standard list, numbered or named, or drop it."""
    return (yield from _enter(node, name, extended=False, no=no))


@command("global", "ip access-list extended")
def ip_access_list_extended(
    node: Node, *, name: str, no: bool = False
) -> Generator[Output, str, AccessList | None]:
    """Edit an extended list, numbered or named, or drop it."""
    return (yield from _enter(node, name, extended=True, no=no))


def _enter(node: Node, name: str, *, extended: bool, no: bool) -> Generator[Output, str, AccessList | None]:
    """Give the list of a name."""
    lists = node.part(AccessLists)
    found = lists.lists.get(name)
    if name[0].isdigit() and not _numbered(name, extended=extended):
        yield "% Invalid access list name."
    elif found is not None and found.extended != extended:
        yield "% A named IP access list with this name already exists"
    elif no:
        lists.lists.pop(name, None)
    else:
        return lists.get(name, extended=extended)
    return None


@ip_access_list_standard.config
def _(node: Node) -> Iterator[Entry]:
    yield from _named(node, extended=False)


@ip_access_list_extended.config
def _(node: Node) -> Iterator[Entry]:
    yield from _named(node, extended=True)


def _named(node: Node, *, extended: bool) -> Iterator[Entry]:
    for name, each in sorted(_lists(node).items()):
        if each.extended == extended and not name.isdigit():
            yield {"name": name}, each


@command("global", "ip access-list resequence")
def ip_access_list_resequence(
    node: Node, *, name: str = "", start: int = 10, step: int = 10, no: bool = False
) -> Reply:
    """Number a list's entries anew; running-config does not show the numbers."""
    found = _lists(node).get(name)
    if found is None:
        yield "% Access-list does not exist"
    elif not no:
        found.resequence(start, step)


@command("std-nacl", "permit")
def standard_entry(
    listed: AccessList, *, sequence: int | None = None, no: bool = False, **said: Any
) -> Reply:
    """Add an entry or a remark to a standard list, at a number or at the end; `no` takes it away."""
    yield from _edit(listed, sequence, said, no=no)


@command("ext-nacl", "permit")
def extended_entry(
    listed: AccessList, *, sequence: int | None = None, no: bool = False, **said: Any
) -> Reply:
    """Add an entry or a remark to an extended list, at a number or at the end; `no` takes it away."""
    yield from _edit(listed, sequence, said, no=no)


@standard_entry.config
def _(listed: AccessList) -> Iterator[Values]:
    for _, line in listed.lines():
        yield _said(line, extended=False)


@extended_entry.config
def _(listed: AccessList) -> Iterator[Values]:
    for _, line in listed.lines():
        yield _said(line, extended=True)


def _edit(listed: AccessList, number: int | None, said: dict[str, Any], *, no: bool) -> Reply:
    if said.get("remark"):
        text = (said.get("text") or "")[:REMARK]
        if not no:
            listed.remarks.setdefault(listed.next if number is None else number, []).append(text)
            return
        for place, remarks in tuple(listed.remarks.items()):
            if number in (None, place):
                listed.remarks[place] = [each for each in remarks if text not in ("", each)]
        return
    rule = _rule(said) if said.get("permit") or said.get("deny") else None
    if no:
        for place, each in tuple(listed.rules.items()):
            if number == place or (number is None and each == rule):
                listed.remove(place)
    elif rule is not None and not listed.add(rule, number):
        yield "% Duplicate sequence number"


# -- screens


@command("exec", "show ip access-lists")
def show_ip_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show access lists with what they have matched (ios-shell.md §7); remarks are not shown."""
    lists = _lists(session.node)
    for name in sorted(lists, key=_by_number):
        if access_list in (None, name):
            yield from _screen(session, lists[name])


@command("exec", "show access-lists")
def show_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show all access lists: there are none but IP's."""
    yield from show_ip_access_lists.run(session, access_list=access_list)  # type: ignore[misc]


def _by_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdigit() else 1 << 31), name


def _screen(session: Session, listed: AccessList) -> Iterator[str]:
    yield f"{'Extended' if listed.extended else 'Standard'} IP access list {listed.name}"
    words = {each.name: each for each in session.grammar["ext-nacl"].commands}["permit"]
    for number, rule in listed.lines():
        if isinstance(rule, str):
            continue
        text = words.render(_said(rule, extended=True)) if listed.extended else _standard_row(rule)
        count = listed.matches.get(number, 0)
        matched = f" ({count} match{'es' if count > 1 else ''})" if count else ""
        yield f"    {number} {text}{matched}"


def _standard_row(rule: Rule) -> str:
    source = "any" if rule.wildcard == ALL else str(rule.source)
    wildcard = f", wildcard bits {rule.wildcard}" if rule.wildcard not in (0, ALL) else ""
    return f"{'permit' if rule.permits else 'deny':<6} {source}{wildcard}{' log' if rule.log else ''}"


@command("exec", "clear access-list counters")
def clear_access_list_counters(node: Node, *, access_list: str | None = None) -> Reply:
    """Forget how often entries have matched, of one list or of all."""
    lists = _lists(node)
    if access_list is not None and access_list not in lists:
        yield f"% Access-list {access_list} does not exist"
        return
    for name, each in lists.items():
        if access_list in (None, name):
            each.matches.clear()
