"""What a lab looks like from outside: one picture, worked out from its state, that rows and fronts draw.

`picture(lab)` is the one source: written as rows it is plain text, and a front that has colours draws the
same values its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Request, command
from iosemu.lab.clock import MILLISECOND, SECOND
from iosemu.lab.track import Track
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab import Lab
    from iosemu.lab.interface import Interface
    from iosemu.lab.segment import Segment

NOTHING_OPEN = "% No lab is open; open LAB"


class Group(NamedTuple):
    """A redundancy group on a port: its name, virtual address ("" while unknown) and HSRP's state."""

    name: str
    address: str
    state: str


class Port(NamedTuple):
    """An interface of a node, as it is seen on its segment."""

    node: str
    kind: str
    interface: str
    short: str
    addresses: tuple[str, ...]
    state: str
    """up, down, cut, shutdown, or off: without power."""
    groups: tuple[Group, ...] = ()


class Link(NamedTuple):
    """A segment and the ports on it; the one without a name gathers those that are on none."""

    name: str
    properties: str
    """Delay and loss, in words."""
    down: bool
    ports: tuple[Port, ...]


class Picture:
    """A lab's topology; iterating gives it as rows."""

    def __init__(self, name: str, links: tuple[Link, ...]) -> None:
        self.name = name
        self.links = links

    def __iter__(self) -> Iterator[str]:
        """Yield the picture as plain rows: segment by segment, the ports below it."""
        ports = [port for link in self.links for port in link.ports]
        widths = [max(map(len, column)) for column in zip(*map(_columns, ports), strict=True)]
        for link in self.links:
            yield title(link)
            for number, port in enumerate(link.ports, 1):
                cells = [cell.ljust(width) for cell, width in zip(_columns(port), widths, strict=True)]
                last = number == len(link.ports)
                yield f" {'`' if last else '|'}- {'  '.join(cells)}".rstrip()
                bar = " " if last else "|"
                indent = len(cells[0]) + len(cells[1]) + 4
                for more in port.addresses[1:]:
                    yield f" {bar}  {'':{indent}}{more}"
                for group in port.groups:
                    yield f" {bar}  {'':{indent}}{spoken(group)}"


def title(link: Link) -> str:
    """Give what stands above a segment's ports."""
    if not link.name:
        return "no segment"
    return f"{link.name} ({link.properties}){' down' if link.down else ''}"


def spoken(group: Group) -> str:
    """Give what is said of a redundancy group: `1.0.0.10 Active (SanJoseHA)`."""
    return f"{group.address or 'no address'} {group.state} ({group.name})"


def _columns(port: Port) -> tuple[str, ...]:
    kind = "" if port.kind == "router" else port.kind
    address = port.addresses[0] if port.addresses else "no address"
    return port.node, port.interface, address, port.state, kind


def picture(lab: Lab) -> Picture:
    """Work out what a lab looks like now."""
    links = [_link(segment) for segment in lab.segments.values()]
    loose = tuple(
        _port(interface)
        for node in lab.nodes.values()
        for interface in node.interfaces.values()
        if interface.segment is None and interface.kind.name != "Null"
    )
    if loose:
        links.append(Link("", "", down=False, ports=loose))
    return Picture(lab.name, tuple(links))


def _link(segment: Segment) -> Link:
    return Link(segment.name, properties(segment), segment.down, tuple(map(_port, segment.ports)))


def properties(segment: Segment) -> str:
    """Say a segment's delay and loss: `1 ms`, `2 ms, loss 5%`."""
    return span(segment.delay) + (f", loss {segment.loss * 100:g}%" if segment.loss else "")


def span(microseconds: int) -> str:
    """Write a short time in the unit that needs fewest digits: `1 ms`, `250 us`, `1.5 s`."""
    if microseconds >= SECOND:
        return f"{microseconds / SECOND:.6f}".rstrip("0").rstrip(".") + " s"
    if microseconds >= MILLISECOND:
        return f"{microseconds / MILLISECOND:.3f}".rstrip("0").rstrip(".") + " ms"
    return f"{microseconds} us"


def _port(interface: Interface) -> Port:
    node = interface.node
    track = node.peek(Track)
    groups = tuple(
        Group(group.name, str(group.address or ""), group.state)
        for group in (track.on(interface) if track else ())
    )
    addresses = tuple(f"{address}/{prefix.length}" for address, prefix in interface.addresses)
    return Port(node.name, node.kind, interface.name, interface.short, addresses, state(interface), groups)


def state(interface: Interface) -> str:
    """Say in a word how an interface is, and if it is down, why."""
    if not interface.node.powered:
        return "off"
    if interface.up:
        return "up"
    if interface.shutdown:
        return "shutdown"
    return "cut" if interface.cut else "down"


@command("lab", "show topology")
def show_topology(lab: Lab) -> Reply:
    """Show what joins what: rows, or a drawing where the front can draw."""
    if not lab.nodes:
        yield NOTHING_OPEN
        return
    yield Request("show", picture(lab))
