"""`clear ip mobile binding` and `clear ip mobile secure` (reference mobile-ip.md §1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import command
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.redundancy_side import Peers
from iosemu.features.mobileip.state import Mobile

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.lab.router import Node


@command("exec", "clear ip mobile binding")
def clear_binding(
    node: Node,
    *,
    everything: bool = False,
    load: bool = False,
    name: str | None = None,
    address: IPv4 | None = None,
) -> None:
    """Take bindings away, at the peers as well; with `load` here alone, to get them back from a group's peer.

    That peers are told is this document's redundancy taken at its word; what `load` does rests on memory.
    """
    del everything
    mobile, home, peers = node.peek(Mobile), node.peek(HomeSide), node.peek(Peers)
    if mobile is None or home is None or peers is None:
        return
    homes = list(dict.fromkeys(each.home for each in mobile.bindings)) if address is None else [address]
    if load and name is not None:
        home.drop(homes)
        peers.load(name)
    else:
        home.clear(homes)


@command("exec", "clear ip mobile secure")
def clear_secure(
    node: Node,
    *,
    host: bool = False,
    lower: IPv4 | None = None,
    upper: IPv4 | None = None,
    empty: bool = False,
    everything: bool = False,
    load: bool = False,
) -> None:
    """Take associations away that came from a AAA server: there are none, as there is no such server."""
    del node, host, lower, upper, empty, everything, load
