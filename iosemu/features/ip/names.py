"""Names: `ip host` and `ip domain lookup`, and what comes of a name that is typed for an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.cli.command import Values, command
from iosemu.cli.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

EVERYONE = "255.255.255.255"
"""Who is asked for a name when no name server is configured."""


class Names:
    """The hosts a node knows, and whether it would ask others (a part of it)."""

    def __init__(self, _: object) -> None:
        self.hosts: dict[str, Values] = {}
        """As they were said, by name in lower case."""
        self.lookup = True
        self.source: str | None = None


@command("global", "ip host")
def ip_host(
    node: Node,
    *,
    name: str,
    port: int | None = None,
    address: IPv4 | None = None,
    address_2: IPv4 | None = None,
    address_3: IPv4 | None = None,
    address_4: IPv4 | None = None,
    no: bool = False,
) -> None:
    """Say which addresses a host has; the first is the one that is used."""
    hosts = node.part(Names).hosts
    hosts.pop(name.lower(), None)
    if not no:
        addresses = {
            "address": address,
            "address_2": address_2,
            "address_3": address_3,
            "address_4": address_4,
        }
        hosts[name.lower()] = {"name": name, "port": port, **addresses}


@ip_host.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Names)
    yield from held.hosts.values() if held else ()


@command("global", "ip domain lookup")
def ip_domain_lookup(node: Node, *, source_interface: str | None = None, no: bool = False) -> None:
    """Ask name servers for names, or not. None ever answers: nothing here speaks DNS."""
    names = node.part(Names)
    names.lookup = not no
    names.source = None if no else source_interface


@ip_domain_lookup.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Names)
    if held and not held.lookup:
        yield {"no": True}
    elif held and held.source:
        yield {"source_interface": held.source}


def resolve(node: Node, host: IPv4 | str) -> IPv4 | None:
    """Give the address of a host called in `ip host`, or written as an address; None: nobody knows it."""
    if isinstance(host, IPv4):
        return host
    try:
        return IPv4.parse(host)
    except ValueError:
        held = node.peek(Names)
        values = held.hosts.get(host.lower()) if held else None
        return values["address"] if values else None


def name_of(node: Node, address: IPv4) -> str | None:
    """Give the name that `ip host` has for an address, the first of several."""
    held = node.peek(Names)
    for values in held.hosts.values() if held else ():
        if address in values.values():
            return str(values["name"])
    return None


def looks_up(node: Node) -> bool:
    """Whether name servers would be asked for a name."""
    held = node.peek(Names)
    return held is None or held.lookup


def unknown(session: Session, host: object, words: str) -> Iterator[str]:
    """Yield what is said of a host that nobody knows (ios-shell.md §2.3)."""
    if looks_up(session.node):
        lines = said(session, "global", "ip name-server", session.node)
        servers = [str(value) for values in lines for value in values.values() if isinstance(value, IPv4)]
        asked = " ".join(f"({server})" for server in servers or [EVERYONE])
        yield f'Translating "{host}"...domain server {asked}'
    yield words
