"""ARP: `arp`, `arp timeout`, `show arp`, `show ip arp` and `clear arp-cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.lab.clock import MINUTE
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import MAC, IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.arp import Entry
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.arp import Arp

TIMEOUT = 14_400
"""Seconds."""


class Fixed(NamedTuple):
    """A configured entry; without an interface it stands where its address is connected."""

    mac: MAC
    alias: bool = False
    interface: str | None = None


class FixedEntries:
    """The entries configured on a node (a part of it), in its ARP table while they belong somewhere."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.entries: dict[IPv4, Fixed] = {}
        node.watchers.append(self._changed)
        node.arp.answers.append(self._answer)

    def set(self, address: IPv4, entry: Fixed) -> None:
        """Configure an entry in place of one for the same address."""
        self.remove(address)
        self.entries[address] = entry
        self._place(address, entry)

    def remove(self, address: IPv4) -> bool:
        """Take an entry back; False when there is none."""
        known = self.entries.pop(address, None) is not None
        if known:
            self.node.arp.forget(address)
        return known

    def _changed(self, _: Interface) -> None:
        for address, entry in self.entries.items():
            self._place(address, entry)

    def _place(self, address: IPv4, entry: Fixed) -> None:
        ports = self.node.interfaces
        if entry.interface is not None:
            found = ports.get(entry.interface)
        else:
            owners = (
                port for port in ports.values() if any(address in prefix for _, prefix in port.addresses)
            )
            found = next(owners, None)
        if found is not None:
            self.node.arp.learn(found, address, entry.mac, fixed=True)
        else:
            self.node.arp.forget(address)

    def _answer(self, _: Interface, request: Arp) -> MAC | None:
        entry = self.entries.get(request.target)
        return entry.mac if entry is not None and entry.alias else None


@command("global", "arp arpa")
def arp(
    node: Node,
    *,
    address: IPv4,
    mac_address: MAC | None = None,
    alias: bool = False,
    interface: str | None = None,
    no: bool = False,
) -> None:
    """Enter a neighbour for good."""
    entries = node.part(FixedEntries)
    if no or mac_address is None:
        entries.remove(address)
    else:
        entries.set(address, Fixed(mac_address, alias, interface))


@arp.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(FixedEntries)
    for address, entry in sorted(held.entries.items()) if held else ():
        values = {"address": address, "mac_address": entry.mac}
        yield values | {"alias": entry.alias, "interface": entry.interface}


@command("interface", "arp timeout")
def arp_timeout(interface: Interface, *, seconds: int = TIMEOUT, no: bool = False) -> None:
    """Set for how long a neighbour is remembered."""
    interface.arp_timeout = TIMEOUT if no else seconds


@arp_timeout.config
def _(interface: Interface) -> Iterator[Values]:
    if interface.arp_timeout != TIMEOUT:
        yield {"seconds": interface.arp_timeout}


@command("exec", "show ip arp", "show arp")
def show_arp(
    session: Session,
    *,
    address: IPv4 | None = None,
    mac_address: MAC | None = None,
    interface: str | None = None,
) -> Reply:
    """Show the ARP table, or the entries of one address, station or interface."""
    node = session.node
    wanted = [
        entry
        for entry in node.arp.table()
        if address in (None, entry.address)
        and mac_address in (None, entry.mac)
        and interface in (None, entry.interface.name)
    ]
    if wanted:
        yield "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"
    for entry in wanted:
        yield _row(entry, node.now)


def _row(entry: Entry, now: int) -> str:
    """Lay an entry out (ios-shell.md §7); one without an answer has no interface."""
    age = "-" if entry.fixed else str((now - entry.updated) // MINUTE)
    station = "Incomplete" if entry.mac is None else str(entry.mac)
    name = "" if entry.mac is None else entry.interface.name
    return f"{'Internet':<8}  {entry.address!s:<15}{age:>10}   {station:<14}  {'ARPA':<6} {name}".rstrip()


@command("exec", "clear arp-cache")
def clear_arp_cache(session: Session) -> None:
    """Forget all neighbours that were learnt."""
    session.node.arp.clear()
