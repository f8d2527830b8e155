"""`logging host`: the servers that are sent messages, by their addresses.

IOS looks a name up when the line is typed and writes the address; a name that nobody knows is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.features.ip.names import resolve, unknown
from iosemu.lab.log import SYSLOG, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

UNKNOWN = "% Bad IP address or host name"
"""As `telnet` says it (ios-shell.md §2.3)."""
_PORT = re.compile(r"\bport (\d{1,5})\b", re.ASCII)


class Servers:
    """The syslog servers of a node (a part of it), by address: as `logging ADDRESS`, and as `logging host`."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.plain: dict[IPv4, Values] = {}
        self.hosts: dict[IPv4, Values] = {}

    def changed(self) -> None:
        """Tell the log who its servers are now."""
        log = self.node.log
        log.servers = {
            address: log.servers.get(address) or Server()
            for address in dict.fromkeys((*self.plain, *self.hosts))
        }
        for address, server in log.servers.items():
            found = _PORT.search(self.hosts.get(address, {}).get("options") or "")
            server.port = int(found.group(1)) if found else SYSLOG


@command("global", "logging")
def logging(session: Session, *, server: IPv4 | str, no: bool = False) -> Reply:
    """Send messages to a server."""
    address = resolve(session.node, server)
    if address is None:
        yield from unknown(session, server, UNKNOWN)
        return
    servers: Servers = session.node.part(Servers)
    servers.plain.pop(address, None) if no else servers.plain.setdefault(address, {"server": address})
    servers.changed()


@logging.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Servers)
    yield from held.plain.values() if held else ()


@command("global", "logging host")
def logging_host(
    session: Session, *, host: IPv4 | str, options: str | None = None, no: bool = False
) -> Reply:
    """Send messages to a server, in the later form, which has options: of these the port is heeded."""
    address = resolve(session.node, host)
    if address is None:
        yield from unknown(session, host, UNKNOWN)
        return
    servers: Servers = session.node.part(Servers)
    if no:
        servers.hosts.pop(address, None)
    else:
        servers.hosts[address] = {"host": address, "options": options}
    servers.changed()


@logging_host.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Servers)
    yield from held.hosts.values() if held else ()
