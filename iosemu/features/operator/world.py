"""The operator's commands that change the world: labs, time, cables, power, checkpoints.

The rule kept here: what cannot be done is one row that begins with `%`, says what there is to choose from,
and leaves the lab as it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Request, Wait, command
from iosemu.cli.config import Complaints
from iosemu.lab import SECOND, LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iosemu.cli.session import Session
    from iosemu.lab import Lab
    from iosemu.lab.router import Node
    from iosemu.lab.segment import Segment

LONGEST = 10**9
"""Seconds that one `advance` may take."""
FASTEST = 10**6
"""The highest speed: what no machine keeps up with anyway."""
LISTED = 20
"""How many names a refusal offers."""

_DECIMAL = re.compile(r"(\d*)(?:\.(\d*))?", re.ASCII)

HELP = """\
This is the operator's prompt: the lab as seen from outside its routers.
  show topology        what there is, and how it is
  connect HA1          go to a router's console; Ctrl-^ x comes back
  advance 60           let a minute pass
  cut HA1 Ethernet0    break things, and see what the routers make of it
A question mark lists what may come next, Tab completes a word, and words
may be abbreviated. Node and segment names are listed and completed, too.
"""


# -- what the commands have in common


def refused(what: Callable[[], object]) -> Reply:
    """Do something to a lab; what it refuses is shown as a row that begins with `%`."""
    try:
        what()
    except LabError as fault:
        yield refusal(fault)


def refusal(fault: LabError | str) -> str:
    """Word what cannot be done as a row."""
    text = str(fault)
    return f"% {text[:1].upper()}{text[1:]}"


def choice(names: Iterable[str]) -> str:
    """Name what there is to choose from; of a long list the beginning."""
    every = list(names)
    return ", ".join(every[:LISTED]) + (", ..." if len(every) > LISTED else "") if every else "none"


def there(names: Iterable[str]) -> str:
    """Say what there is instead of what is not."""
    every = list(names)
    return f"there {'is only' if len(every) == 1 else 'are'} {choice(every)}"


def find_node(lab: Lab, name: str) -> Node:
    """Give a node; LabError names those there are."""
    if name not in lab.nodes:
        instead = there(lab.nodes) if lab.nodes else "no lab is open"
        raise LabError(f"there is no node called {name}; {instead}")
    return lab.nodes[name]


def find_segment(lab: Lab, name: str) -> Segment:
    """Give a segment; LabError names those there are."""
    if name not in lab.segments:
        raise LabError(f"there is no segment called {name}; {there(lab.segments)}")
    return lab.segments[name]


def find_port(lab: Lab, node: str, interface: str) -> str:
    """Give the full name of an interface that can have a cable; LabError names those there are."""
    found = find_node(lab, node)
    port = found.find_interface(interface)
    if port is None or port.kind.virtual:
        ports = [each.name for each in found.interfaces.values() if not each.kind.virtual]
        raise LabError(f"{node} has no port {interface}; it has {choice(ports)}")
    return port.name


def instant(text: str, most: int) -> int | None:
    """Read seconds, decimals allowed, as microseconds; None when it is no number from 0 to `most`."""
    found = _DECIMAL.fullmatch(text)
    if not found or not text.strip("."):
        return None
    whole, fraction = found[1].lstrip("0"), (found[2] or "")[:6]
    if len(whole) > len(str(most)):
        return None
    value = int(whole or "0") * SECOND + int(fraction.ljust(6, "0"))
    return value if value <= most * SECOND else None


# -- labs, and where the operator goes


@command("lab", "open")
def open_lab(_: Lab, *, lab: str) -> Reply:
    """Open another lab."""
    yield Request("open", lab)


@command("lab", "quit")
def quit_lab(_: Lab) -> Reply:
    """Leave."""
    yield Request("quit")


@command("lab", "help")
def help_lab(_: Lab) -> Reply:
    """Say what this prompt is for."""
    yield from HELP.splitlines()


@command("lab", "connect")
def connect(lab: Lab, *, node: str) -> Reply:
    """Go to a router's console."""
    try:
        found = find_node(lab, node)
    except LabError as fault:
        yield refusal(fault)
        return
    if found.kind != "router":
        routers = choice(each.name for each in lab.nodes.values() if each.kind == "router")
        yield f"% {node} is a {found.kind} without a console; routers are {routers}"
    elif not found.powered:
        yield f"% {node} is switched off; power {node} on"
    else:
        yield Request("connect", node)


@command("lab", "terminal length")
def terminal_length(session: Session, *, lines: int) -> None:
    """Set how many rows a screen has."""
    session.length = lines


@command("lab", "terminal width")
def terminal_width(session: Session, *, columns: int) -> None:
    """Set how many columns a screen has."""
    session.width = columns


# -- time


@command("lab", "advance")
def advance(lab: Lab, *, seconds: str) -> Reply:
    """Let time pass: what is due at the last instant happens, too."""
    value = instant(seconds, LONGEST)
    if value is None:
        yield f"% Advance by 0 to {LONGEST} seconds, decimals allowed, not {seconds}"
        return
    yield Wait(lab.clock.now + value)


@command("lab", "speed")
def speed(_: Lab, *, factor: str) -> Reply:
    """Set how fast the clock follows the wall clock, where it does."""
    if instant(factor, FASTEST) is None:
        yield f"% A speed is 0 (the clock stands) to {FASTEST}, decimals allowed, not {factor}"
        return
    yield Request("speed", factor)


@command("lab", "checkpoint")
def checkpoint(lab: Lab, *, name: str) -> None:
    """Keep the lab as it is now."""
    lab.checkpoint(name)


@command("lab", "restore")
def restore(lab: Lab, *, name: str) -> Reply:
    """Go back to a checkpoint; consoles stay where they are, what they asked is forgotten."""
    if name not in lab.checkpoints:
        yield f"% There is no checkpoint called {name}; {there(lab.checkpoints)}"
        return
    try:
        lab.restore(name)
    except OSError as fault:
        yield f"% NVRAM could not be written: {fault.strerror or fault}"
    yield Request("restored")


# -- cables and power


@command("lab", "cut")
def cut(lab: Lab, *, router: str, interface: str) -> Reply:
    """Take the carrier from an interface."""
    yield from refused(lambda: _switch(lab, router, interface, cut=True))


@command("lab", "mend")
def mend(lab: Lab, *, router: str, interface: str) -> Reply:
    """Give the carrier back to an interface."""
    yield from refused(lambda: _switch(lab, router, interface, cut=False))


def _switch(lab: Lab, node: str, interface: str, *, cut: bool) -> None:
    port = lab.port(node, find_port(lab, node, interface))
    if port.cut == cut:
        raise LabError(f"{node} {port.name} is {'cut already' if cut else 'not cut'}")
    (lab.cut if cut else lab.mend)(node, port.name)


@command("lab", "segment")
def segment(lab: Lab, *, segment: str, down: bool = False, up: bool = False) -> Reply:
    """Take a whole segment down, or bring it up."""
    del up
    yield from refused(lambda: _switch_segment(lab, segment, down=down))


def _switch_segment(lab: Lab, name: str, *, down: bool) -> None:
    if find_segment(lab, name).down == down:
        raise LabError(f"segment {name} is {'down' if down else 'up'} already")
    lab.segment_down(name, down)


@command("lab", "power")
def power(lab: Lab, *, node: str, off: bool = False, on: bool = False) -> Reply:
    """Switch a node off, so that it forgets all but its NVRAM, or on; shows what its boot complained of."""
    del off
    try:
        found = find_node(lab, node)
    except LabError as fault:
        yield refusal(fault)
        return
    if found.powered == on:
        yield f"% {node} is {'on' if on else 'off'} already"
        return
    lab.power(node, on)
    complaints = found.peek(Complaints)
    if complaints:
        yield from complaints.rows


@command("lab", "move")
def move(lab: Lab, *, node: str, segment: str) -> Reply:
    """Plug a node's only cable into another segment, or into the same once more: a mobile node solicits anew."""
    yield from refused(lambda: lab.move(find_node(lab, node).name, find_segment(lab, segment).name))
