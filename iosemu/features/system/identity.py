"""Who the router is: its hostname."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.router import Node

_HOSTNAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")


@command("global", "hostname")
def hostname(node: Node, *, name: str = "Router", no: bool = False) -> Reply:
    """Name the router; a name with odd characters is complained about, and taken (ios-shell.md §1.3)."""
    if no:
        node.hostname = "Router"
        return
    if len(name) > 63:
        yield "% Hostname can be at most 63 characters long."
        return
    if not _HOSTNAME.match(name):
        yield "% Hostname contains one or more illegal characters."
    node.hostname = name


@hostname.config
def _(node: Node) -> Iterator[Values]:
    yield {"name": node.hostname}
