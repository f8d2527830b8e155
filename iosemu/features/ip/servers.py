"""`logging host`: the servers that would be sent messages, kept by their addresses.

IOS looks a name up when the line is typed and writes the address; a name that nobody knows is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.features.ip.names import resolve, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

UNKNOWN = "% Bad IP address or host name"
"""As `telnet` says it (ios-shell.md §2.3)."""


class Servers:
    """The syslog servers of a node (a part of it), by address: as `logging ADDRESS`, and as `logging host`."""

    def __init__(self, _: object) -> None:
        self.plain: dict[IPv4, Values] = {}
        self.hosts: dict[IPv4, Values] = {}


@command("global", "logging", acts=False)
def logging(session: Session, *, server: IPv4 | str, no: bool = False) -> Reply:
    """Note a syslog server, to which nothing is sent."""
    address = resolve(session.node, server)
    if address is None:
        yield from unknown(session, server, UNKNOWN)
        return
    servers: dict[IPv4, Values] = session.node.part(Servers).plain
    servers.pop(address, None) if no else servers.setdefault(address, {"server": address})


@logging.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Servers)
    yield from held.plain.values() if held else ()


@command("global", "logging host", acts=False)
def logging_host(
    session: Session, *, host: IPv4 | str, options: str | None = None, no: bool = False
) -> Reply:
    """Note a syslog server in the later form, which has options."""
    address = resolve(session.node, host)
    if address is None:
        yield from unknown(session, host, UNKNOWN)
        return
    servers: dict[IPv4, Values] = session.node.part(Servers).hosts
    if no:
        servers.pop(address, None)
    else:
        servers[address] = {"host": address, "options": options}


@logging_host.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Servers)
    yield from held.hosts.values() if held else ()
