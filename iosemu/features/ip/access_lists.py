"""Access lists as they are configured, numbered and named, and their screens.

A numbered list is the list of that name: `ip access-list standard 1` edits what `access-list 1` says, and
running-config writes it in the numbered form. Entries are kept as IOS stores them: without the bits that do not
count, a single host without its wildcard, everybody as `any`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.cli.command import Entry, Output, Reply, Values, command
from iosemu.lab.acl import ALL, AccessList, AccessLists, Rule

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

NUMBERS = {False: (range(1, 100), range(1300, 2000)), True: (range(100, 200), range(2000, 2700))}
"""The numbers of standard lists, and of extended ones."""
REMARK = 100
"""How many characters of a remark are kept."""


def _numbered(name: str, *, extended: bool) -> bool:
    return name.isdigit() and any(int(name) in each for each in NUMBERS[extended])


def _standard(source: IPv4 | None, wildcard: IPv4 | None, *, permit: bool, log: bool) -> Rule:
    if source is None:
        return Rule(permit, IPv4(0), ALL, log)
    wild = IPv4(wildcard or 0)
    return Rule(permit, IPv4(source & ~wild), wild, log)


@command("global", "access-list")
def access_list(
    node: Node,
    *,
    standard: int | None = None,
    extended: int | None = None,
    permit: bool = False,
    deny: bool = False,
    any: bool = False,  # noqa: A002 - the grammar's word
    host: IPv4 | None = None,
    source: IPv4 | None = None,
    wildcard: IPv4 | None = None,
    log: bool = False,
    rule: str | None = None,
    remark: bool = False,
    text: str = "",
    no: bool = False,
) -> None:
    """Add to the end of a numbered list; `no` drops the whole list, whatever entry it names."""
    del deny, any
    name = str(standard or extended)
    lists = node.part(AccessLists)
    if no:
        lists.lists.pop(name, None)
        return
    found = lists.get(name, extended=extended is not None)
    if found is None:
        return  # not to be had: no number is of both kinds
    if remark:
        found.remarks.setdefault(found.next, []).append(text[:REMARK])
    elif rule is not None:
        found.add(Rule(permit, IPv4(0), ALL, text=rule))
    else:
        found.add(_standard(host or source, wildcard, permit=permit, log=log))


@access_list.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(AccessLists)
    names = (
        (name for name, each in held.lists.items() if _numbered(name, extended=each.extended)) if held else ()
    )
    for name in sorted(names, key=int):
        found = held.lists[name]  # type: ignore[union-attr]
        kind = {"extended" if found.extended else "standard": int(name)}
        for _, line in found.lines():
            yield kind | _said(line, "any")


def _said(line: Rule | str, any_: str) -> dict[str, object]:
    """Give a line's captures; `any_` is what the mode calls `any`."""
    if isinstance(line, str):
        return {"remark": True, "text": line}
    verb: dict[str, object] = {"permit" if line.permits else "deny": True, "log": line.log}
    if line.text:
        return verb | {"rule": line.text}
    if line.wildcard == ALL:
        return verb | {any_: True}
    return verb | {"source": line.source, "wildcard": line.wildcard or None}


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
    """Give the list of a name; the words of refusals rest on memory."""
    if name[0].isdigit() and not _numbered(name, extended=extended):
        yield "% Invalid access list name."
        return None
    lists = node.part(AccessLists)
    found = lists.get(name, extended=extended)
    if found is None:
        yield "% A named IP access list with this name already exists"
    elif no:
        del lists.lists[name]
    return None if no else found


@ip_access_list_standard.config
def _(node: Node) -> Iterator[Entry]:
    yield from _named(node, extended=False)


@ip_access_list_extended.config
def _(node: Node) -> Iterator[Entry]:
    yield from _named(node, extended=True)


def _named(node: Node, *, extended: bool) -> Iterator[Entry]:
    held = node.peek(AccessLists)
    for name, each in sorted(held.lists.items()) if held else ():
        if each.extended == extended and not _numbered(name, extended=extended):
            yield {"name": name}, each


@command("std-nacl", "permit")
def standard_entry(
    listed: AccessList,
    *,
    sequence: int | None = None,
    permit: bool = False,
    deny: bool = False,
    any_source: bool = False,
    host: IPv4 | None = None,
    source: IPv4 | None = None,
    wildcard: IPv4 | None = None,
    log: bool = False,
    remark: bool = False,
    text: str = "",
    no: bool = False,
) -> Reply:
    """Add an entry or a remark, at a number or at the end; `no` takes it away."""
    del any_source
    if remark:
        _remark(listed, sequence, text, no=no)
    else:
        said = _standard(host or source, wildcard, permit=permit, log=log) if permit or deny else None
        yield from _edit(listed, sequence, said, no=no)


@standard_entry.config
def _(listed: AccessList) -> Iterator[Values]:
    for _, line in listed.lines():
        yield _said(line, "any_source")


@command("ext-nacl", "permit")
def extended_entry(
    listed: AccessList,
    *,
    sequence: int | None = None,
    permit: bool = False,
    deny: bool = False,
    remark: bool = False,
    rule: str = "",
    no: bool = False,
) -> Reply:
    """Add an entry or a remark, at a number or at the end; `no` takes it away."""
    del deny
    if remark:
        _remark(listed, sequence, rule, no=no)
    else:
        yield from _edit(listed, sequence, Rule(permit, IPv4(0), ALL, text=rule) if rule else None, no=no)


@extended_entry.config
def _(listed: AccessList) -> Iterator[Values]:
    for _, line in listed.lines():
        yield {"remark": True, "rule": line} if isinstance(line, str) else _said(line, "")


def _remark(listed: AccessList, number: int | None, text: str, *, no: bool) -> None:
    if not no:
        listed.remarks.setdefault(listed.next if number is None else number, []).append(text[:REMARK])
        return
    for place, remarks in tuple(listed.remarks.items()):
        if number in (None, place):
            listed.remarks[place] = [each for each in remarks if text and each != text[:REMARK]]


def _edit(listed: AccessList, number: int | None, rule: Rule | None, *, no: bool) -> Reply:
    """Add an entry, or remove that of a number, or that which says the same."""
    if not no:
        if rule is not None and not listed.add(rule, number):
            yield "% Duplicate sequence number"
        return
    for place, each in tuple(listed.rules.items()):
        if number == place or (number is None and each == rule):
            listed.remove(place)


@command("exec", "show ip access-lists")
def show_ip_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show access lists with what they have matched (ios-shell.md §7); remarks are not shown."""
    held = session.node.peek(AccessLists)
    lists = held.lists if held else {}
    for name in sorted(lists, key=_by_number):
        if access_list in (None, name):
            listed = lists[name]
            yield f"{'Extended' if listed.extended else 'Standard'} IP access list {name}"
            for number, rule in listed.lines():
                if isinstance(rule, Rule):
                    yield f"    {number} {_row(rule)}{_matches(listed.matches.get(number, 0))}"


@command("exec", "show access-lists")
def show_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show all access lists: there are none but IP's."""
    yield from show_ip_access_lists.run(session, access_list=access_list)  # type: ignore[misc]


def _by_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdigit() else 1 << 31), name


def _row(rule: Rule) -> str:
    verb = "permit" if rule.permits else "deny"
    if rule.text:
        return f"{verb} {rule.text}"
    source = "any" if rule.wildcard == ALL else str(rule.source)
    wildcard = f", wildcard bits {rule.wildcard}" if rule.wildcard not in (0, ALL) else ""
    return f"{verb:<6} {source}{wildcard}{' log' if rule.log else ''}"


def _matches(count: int) -> str:
    return f" ({count} match{'es' if count > 1 else ''})" if count else ""
