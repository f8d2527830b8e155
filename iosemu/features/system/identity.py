"""Who the router is: its hostname, and its prompts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.cli.tty import Prompts

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


@command("global", "prompt")
def prompt(node: Node, *, text: str = "", no: bool = False) -> None:
    """Write EXEC's prompt otherwise; `%h` is the router's name, as without the command (Cisco's reference)."""
    node.part(Prompts).text = "" if no or text.strip() == "%h" else text.strip()


@prompt.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Prompts)
    if held and held.text:
        yield {"text": held.text}


@command("global", "service prompt config")
def service_prompt_config(node: Node, *, no: bool = False) -> None:
    """Show prompts in configuration modes (ios-shell.md §1.3)."""
    node.part(Prompts).configures = not no


@service_prompt_config.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Prompts)
    if held and not held.configures:
        yield {"no": True}
