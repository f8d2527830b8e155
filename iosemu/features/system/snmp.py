"""SNMP: `snmp-server` is kept, and there is no agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command

if TYPE_CHECKING:
    from iosemu.lab.router import Node


@command("exec", "show snmp")
def show_snmp(_: Node, **which: bool) -> Reply:
    """Say that there is none, as a router does where none is configured."""
    del which
    yield "%SNMP agent not enabled"
