"""Screens of names, route maps and key chains as they are configured, and `show ip protocols`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.cli.said import entries, first, on, said
from iosemu.lab.routes import PROTOCOLS

if TYPE_CHECKING:
    from iosemu.cli.session import Session

ALWAYS = "(always valid) - (always valid) [valid now]"
"""A key's lifetime where none is configured."""
CLAUSES = {
    "ip address prefix-list": "ip address prefix-lists",
    "ip address": "ip address (access-lists)",
    "ip next-hop": "ip next-hop (access-lists)",
    "ip route-source": "ip route-source (access-lists)",
}
"""What `match` and `set` say, and what `show route-map` calls it."""


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


@command("exec", "show route-map")
def show_route_map(session: Session, *, name: str | None = None, all: bool = False) -> Reply:  # noqa: A002 - IOS's word
    """Show route maps as they are configured; nothing is routed by them, so nothing matched."""
    del all
    for entry in entries(session, "global", "route-map", session.node):
        values, block = entry if isinstance(entry, tuple) else (entry, None)
        if name not in (None, values["name"]):
            continue
        action = "deny" if values.get("deny") else "permit"
        yield f"route-map {values['name']}, {action}, sequence {values.get('sequence') or 10}"
        for verb in ("match", "set"):
            yield f"  {verb.capitalize()} clauses:"
            for clause in said(session, "route-map", verb, block) if block else ():
                yield f"    {_clause(clause['what'])}"
        yield "  Policy routing matches: 0 packets, 0 bytes"


def _clause(what: str) -> str:
    """Word a clause as the screen does: lists are named for what they are."""
    for words, shown in CLAUSES.items():
        if what.startswith(f"{words} "):
            return f"{shown}: {what.removeprefix(words).strip()} "
    return what


@command("exec", "show key chain")
def show_key_chain(session: Session, *, name: str | None = None) -> Reply:
    """Show key chains, and when their keys are valid (12.4's layout, from its documentation)."""
    for entry in entries(session, "global", "key chain", session.node):
        values, chain = entry if isinstance(entry, tuple) else (entry, None)
        if name in (None, values["name"]):
            yield f"Key-chain {values['name']}:"
            for below in entries(session, "keychain", "key", chain) if chain else ():
                number, key = below if isinstance(below, tuple) else (below, None)
                text = first(session, "keychain-key", "key-string", key) if key else None
                yield f'    key {number["number"]} -- text "{text["text"] if text else "(unset)"}"'
                for way in ("accept", "send"):
                    said_ = first(session, "keychain-key", f"{way}-lifetime", key) if key else None
                    yield f"        {way} lifetime {_lifetime(said_['lifetime']) if said_ else ALWAYS}"


def _lifetime(text: str) -> str:
    """Lay out the beginning of a key's lifetime, a time and a date in four words, and its end."""
    words = text.split()
    start = " ".join((*words[:1], "UTC", *words[1:4]))
    return f"({start}) - ({' '.join(words[4:])})"


@command("exec", "show ip protocols")
def show_ip_protocols(session: Session) -> Reply:
    """Show the routing protocols that run, each as it shows itself."""
    yield "*** IP Routing is NSF aware ***"
    yield ""
    for section in PROTOCOLS:
        yield from section(session.node)
