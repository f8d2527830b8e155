"""Small grammars for the tests of the parser: a text in the notation, made into a mode."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

from iosemu.parser import match
from iosemu.parser.compile import compile_sources
from iosemu.parser.grammar import Grammar
from iosemu.parser.types import Context

if TYPE_CHECKING:
    from typing import Any

    from iosemu.parser.grammar import Mode

MODES = """
mode exec
    prompt >
    title Exec commands:

mode any
    title Commands of every mode:

mode global
    prompt (config)#
    title Configure commands:

mode interface
    prompt (config-if)#
    parent global
    title Interface configuration commands:

mode subinterface
    prompt (config-subif)#
    parent global
    like interface
"""

KINDS = (
    ("Ethernet", "IEEE 802.3"),
    ("FastEthernet", "FastEthernet IEEE 802.3"),
    ("Loopback", "Loopback interface"),
    ("TenGigabitEthernet", "Ten Gigabit Ethernet"),
    ("Tunnel", "Tunnel interface"),
)


def numbered(name: str) -> str:
    """Refuse interfaces of the slots from 9 on, as a router without them does."""
    if name.endswith("9/9"):
        raise ValueError(name)
    return name


CONTEXT = Context(15, KINDS, numbered, {"NODE": ["HA1", "HA2", "Core"], "SEGMENT": ["home"]})


def grammar(text: str, **files: str) -> Grammar:
    """Compile a text in the notation, with the modes above; it goes through JSON, as a real one does."""
    texts = [("modes.ios", MODES), ("small.ios", dedent(text))]
    texts += [(f"{name}.ios", more) for name, more in files.items()]
    return Grammar(json.loads(json.dumps(compile_sources(texts))))


def mode(text: str, name: str = "exec") -> Mode:
    """Compile a text that holds one mode's blocks, without its `mode` line."""
    return grammar(f"mode {name}\n\n{dedent(text)}")[name]


def said(mode: Mode, line: str, context: Context = CONTEXT) -> tuple[str, dict[str, Any]] | tuple[str, int]:
    """Parse a line: the command's name and its captures, or what is wrong and the caret's column."""
    found = match.parse(mode.graph, line, context)
    if isinstance(found, match.Failure):
        return found.kind, found.column
    return mode.commands[found.command].name, found.values


def offered(mode: Mode, text: str, context: Context = CONTEXT) -> list[str]:
    """List the items that `?` shows behind a text, with `<cr>` when a command may end there."""
    listing = match.suggest(mode.graph, text, context)
    if isinstance(listing, match.Failure):
        return [f"% {listing.kind}"]
    return [item for item, _ in listing.items] + ["<cr>"] * bool(listing.complete)
