"""The operator's commands that change the world: open, connect, advance, cables, power, quit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Request, Wait, command
from iosemu.lab import SECOND, LabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.cli.session import Session
    from iosemu.lab import Lab

LONGEST = 10**9
"""Seconds that one `advance` may take."""


def refused(what: Callable[[], object]) -> Reply:
    """Do something to a lab; what it refuses is shown as a row that begins with `%`."""
    try:
        what()
    except LabError as fault:
        yield f"% {str(fault)[:1].upper()}{str(fault)[1:]}"


def number(text: str) -> float | None:
    """Read a decimal number that is neither negative nor infinite; None when it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


@command("lab", "open")
def open_lab(_: Lab, *, lab: str) -> Reply:
    """Open another lab."""
    yield Request("open", lab)


@command("lab", "quit")
def quit_lab(_: Lab) -> Reply:
    """Leave."""
    yield Request("quit")


@command("lab", "connect")
def connect(lab: Lab, *, node: str) -> Reply:
    """Go to a router's console."""
    found = lab.nodes.get(node)
    if found is None:
        yield f"% There is no node called {node}; there are {', '.join(lab.nodes) or 'none: open a lab'}"
    elif found.kind != "router":
        yield f"% {node} is a {found.kind}; it has no console"
    elif not found.powered:
        yield f"% {node} is switched off"
    else:
        yield Request("connect", node)


@command("lab", "advance")
def advance(lab: Lab, *, seconds: str) -> Reply:
    """Let time pass: what is due at the last instant happens, too."""
    value = number(seconds)
    if value is None or value > LONGEST:
        yield f"% Advance by 0 to {LONGEST} seconds, not {seconds}"
        return
    yield Wait(lab.clock.now + round(value * SECOND))


@command("lab", "power")
def power(lab: Lab, *, node: str, off: bool = False, on: bool = False) -> Reply:
    """Switch a node off, so that it forgets all but its NVRAM, or on."""
    del off
    yield from refused(lambda: lab.power(node, on))
