"""Screens of names and access lists as they are configured, and `show ip protocols`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.features.ip.lines import entries, first, on, said
from iosemu.lab.routes import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session

STANDARD = range(1, 100), range(1300, 2000)


@command("exec", "show hosts")
def show_hosts(session: Session, *, name: str | None = None) -> Reply:
    """Show domain, name servers and the hosts that are configured (12.4's layout; from memory)."""
    node = session.node
    domain = first(session, "global", "ip domain name", node)
    servers = [
        str(address)
        for values in said(session, "global", "ip name-server", node)
        for key, address in values.items()
        if key.startswith("address") and address is not None
    ]
    lookup = on(session, "global", "ip domain lookup", node, default=True)
    yield f"Default domain is {domain['name'] if domain else 'not set'}"
    yield f"Name/address lookup uses {'domain service' if lookup else 'static mappings'}"
    yield f"Name servers are {', '.join(servers) or '255.255.255.255'}"
    yield ""
    yield "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate"
    yield "       temp - temporary, perm - permanent"
    yield "       NA - Not Applicable None - Not defined"
    yield ""
    yield "Host                      Port  Flags      Age Type   Address(es)"
    for values in said(session, "global", "ip host", node):
        if name is not None and values["name"].lower() != name.lower():
            continue
        addresses = [
            str(values[key]) for key in values if key.startswith("address") and values[key] is not None
        ]
        port = values.get("port")
        lead = f"{values['name']:<25} {'None' if port is None else port!s:<5} {'(perm, OK)':<11} 0   IP    "
        for address in addresses:
            yield lead + address
            lead = " " * len(lead)


@command("exec", "show ip access-lists")
def show_ip_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show access lists as they are configured (ios-shell.md §7); nothing is filtered, so nothing matched."""
    for kind, name, rows in _lists(session):
        if access_list in (None, name):
            yield f"{kind} IP access list {name}"
            yield from rows


@command("exec", "show access-lists")
def show_access_lists(session: Session, *, access_list: str | None = None) -> Reply:
    """Show all access lists: there are none but IP's."""
    yield from show_ip_access_lists.run(session, access_list=access_list)  # type: ignore[misc]


def _lists(session: Session) -> Iterator[tuple[str, str, list[str]]]:
    """Give the numbered lists by number, then the named ones: kind, name and rows."""
    numbered: dict[int, list[Values]] = {}
    for values in said(session, "global", "access-list", session.node):
        numbered.setdefault(values.get("standard") or values.get("extended") or 0, []).append(values)
    for number, lines in sorted(numbered.items()):
        standard = any(number in each for each in STANDARD)
        yield "Standard" if standard else "Extended", str(number), _rows(lines, standard=standard)
    for word, mode in (("standard", "std-nacl"), ("extended", "ext-nacl")):
        for entry in entries(session, "global", f"ip access-list {word}", session.node):
            values, block = entry if isinstance(entry, tuple) else (entry, None)
            rows = [each for name in _names(session, mode) for each in said(session, mode, name, block)]
            yield word.capitalize(), str(values["name"]), _rows(rows, standard=word == "standard")


def _names(session: Session, mode: str) -> list[str]:
    return [each.name for each in session.grammar[mode].commands if each.mode == mode]


def _rows(lines: list[Values], *, standard: bool) -> list[str]:
    """Number entries by tens, as 12.3 and later do; remarks are not shown."""
    found: dict[int, str] = {}
    number = 0
    for values in lines:
        if not (values.get("permit") or values.get("deny")):
            continue
        number = values.get("sequence") or number + 10
        verb = "permit" if values.get("permit") else "deny"
        log = " log" if values.get("log") else ""
        what = _source(values) if standard else str(values.get("rule"))
        found[number] = f"    {number} {verb:<{6 if standard else 0}} {what}{log}"
    return [found[number] for number in sorted(found)]


def _source(values: Values) -> str:
    if values.get("any") or values.get("any_source"):
        return "any"
    address = values.get("host") or values.get("source")
    wildcard = values.get("wildcard")
    return f"{address}, wildcard bits {wildcard}" if wildcard else str(address)


@command("exec", "show ip protocols")
def show_ip_protocols(session: Session) -> Reply:
    """Show the routing protocols that run, each as it shows itself."""
    yield "*** IP Routing is NSF aware ***"
    yield ""
    for section in PROTOCOLS:
        yield from section(session.node)
