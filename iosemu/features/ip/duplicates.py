"""Duplicate addresses: what a router says and does when somebody else's ARP claims an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.arp import Arp

QUIET = 30 * SECOND
"""One message about an address in this time (from memory of IOS's log under a standing conflict)."""


class Duplicates:
    """Watches a node's ARP for claims to its addresses, virtual ones included (a part of it).

    A claim is logged, and answered with an announcement of our own, so that the other router learns of the
    conflict as well (RFC 5227 §2.4 b); both at most once in `QUIET`, so that neither keeps the other going.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self._told: dict[tuple[str, IPv4], int] = {}
        node.arp.watchers.append(self._heard)

    def _heard(self, interface: Interface, message: Arp) -> None:
        address, mac = message.sender, message.sender_mac
        if not interface.owns(address) or mac in (interface.mac, interface.virtual.get(address)):
            return
        now, key = self.node.now, (interface.name, address)
        if now - self._told.get(key, -QUIET) < QUIET:
            return
        self._told[key] = now
        text = f"Duplicate address {address} on {interface.name}, sourced by {mac}"
        self.node.log.emit("IP", 4, "DUPADDR", text)
        self.node.arp.announce(interface, address, interface.virtual.get(address))
