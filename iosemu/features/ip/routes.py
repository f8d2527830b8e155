"""Static routes and `ip routing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import Prefix, mask_length
from iosemu.cli.command import Reply, Values, command
from iosemu.lab.interface import parse_name
from iosemu.lab.routes import Static
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.router import Node

Place = tuple[Prefix, "IPv4 | None", "str | None"]


class Note(NamedTuple):
    """What a static route is said to be beyond where it leads: values, on which nothing acts."""

    name: str | None = None
    tag: int | None = None
    permanent: bool = False


class Notes:
    """The notes on a node's static routes (a part of it)."""

    def __init__(self, _: object) -> None:
        self.routes: dict[Place, Note] = {}


@command("global", "ip routing")
def ip_routing(node: Node, *, no: bool = False) -> None:
    """Forward the packets of others, or not."""
    node.ip.forwards = not no


@ip_routing.config
def _(node: Node) -> Iterator[Values]:
    if not node.ip.forwards:
        yield {"no": True}


@command("global", "ip route")
def ip_route(
    node: Node,
    *,
    prefix: IPv4,
    mask: IPv4,
    next_hop: IPv4 | None = None,
    interface: str | None = None,
    distance: int = 1,
    name: str | None = None,
    tag: int | None = None,
    permanent: bool = False,
    no: bool = False,
) -> Reply:
    """Configure a static route; the words of refusals rest on memory."""
    length = mask_length(mask)
    if length is None or Prefix.of(prefix, length).network != prefix:
        yield "%Inconsistent address and mask"
        return
    static = Static(Prefix(prefix, length), next_hop, interface, distance)
    if no:
        yield from _remove(node, static)
        return
    if next_hop is not None and any(
        next_hop == own for port in node.interfaces.values() for own, _ in port.addresses
    ):
        yield "%Invalid next hop address (it's this router)"
        return
    if next_hop is not None and (not next_hop or next_hop >> 28 >= 14):
        yield "%Invalid next hop address"
        return
    if interface is not None and interface.startswith("Null"):
        node.interface(interface)
    if not length and next_hop is None and interface is not None and parse_name(interface)[0].ethernet:
        yield "%Default route without gateway, if not a point-to-point interface, may impact performance"
    node.part(Notes).routes[static[:3]] = Note(name, tag, permanent)
    node.routes.add_static(static)


def _remove(node: Node, static: Static) -> Reply:
    """Remove a route, or without a next hop all to its prefix."""
    place = static[:3]
    loose = static.next_hop is None and static.interface is None
    found = [
        each for each in node.routes.statics if each[:3] == place or (loose and each.prefix == static.prefix)
    ]
    for each in found:
        node.routes.remove_static(each)
        node.part(Notes).routes.pop(each[:3], None)
    if not found:
        yield "%No matching route to delete"


@ip_route.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Notes)
    for static in sorted(node.routes.statics, key=lambda each: each.prefix):
        note = (held.routes.get(static[:3]) if held else None) or Note()
        yield {
            "prefix": static.prefix.network,
            "mask": static.prefix.mask,
            "next_hop": static.next_hop,
            "interface": static.interface,
            "distance": None if static.distance == 1 else static.distance,
            **note._asdict(),
        }
