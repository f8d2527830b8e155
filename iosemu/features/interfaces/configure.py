"""Configuring interfaces: `interface`, `description`, `shutdown` and `ip address`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.cli.command import Entry, Reply, Values, command

if TYPE_CHECKING:
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


class Description:
    """An interface's description (a part of it)."""

    def __init__(self, _: object) -> None:
        self.text = ""


@command("global", "interface")
def interface(node: Node, *, interface: str, no: bool = False) -> Interface | tuple[str, Interface] | None:
    """Open an interface, making it if need be; `no` takes a virtual one away and resets a real one."""
    if no:
        if interface in node.interfaces:
            node.remove_interface(interface)
        return None
    found = node.interface(interface)
    return ("subinterface", found) if "." in found.number else found


@interface.config
def _(node: Node) -> Iterator[Entry]:
    # Loopbacks and tunnels stand before the ports (ios-shell.md §6).
    found = sorted(node.interfaces.values(), key=lambda each: (_BLOCKS.get(each.kind.name, 2), each.sort_key))
    for each in found:
        yield {"interface": each.name}, (("subinterface", each) if "." in each.number else each)


_BLOCKS = {"Loopback": 0, "Tunnel": 1, "Vlan": 3}


@command("interface", "description")
def description(interface: Interface, *, text: str = "", no: bool = False) -> None:
    """Note what an interface is for."""
    interface.part(Description).text = "" if no else text.strip()


@description.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Description)
    if held and held.text:
        yield {"text": held.text}


@command("interface", "shutdown")
def shutdown(interface: Interface, *, no: bool = False) -> None:
    """Take an interface down, or let it come up; both are logged a moment later, as IOS does."""
    if interface.shutdown != (not no):
        interface.shutdown = not no


@shutdown.config
def _(interface: Interface) -> Iterator[Values]:
    if interface.shutdown:
        yield {}


@command("interface", "ip address")
def ip_address(
    interface: Interface,
    *,
    address: IPv4 | None = None,
    mask: IPv4 | None = None,
    secondary: bool = False,
    no: bool = False,
) -> Reply:
    """Give an interface its primary or a further address; refusals are worded as in ios-shell.md §2.4."""
    if no:
        yield from _remove(interface, address, mask, secondary=secondary)
        return
    assert address is not None
    assert mask is not None
    length = mask_length(mask)
    if length is None or length == 0:
        yield f"Bad mask 0x{int(mask):08X} for address {address}" if length is None else f"Bad mask /0 for address {address}"
        return
    prefix = Prefix.of(address, length)
    loopback = interface.kind.name == "Loopback"
    if not _usable(address, prefix, loopback=loopback):
        yield f"Bad mask /{length} for address {address}"
        return
    refusal = _overlap(interface, address, prefix, secondary=secondary)
    if refusal:
        yield refusal
        return
    if secondary:
        # A secondary may come before there is a primary: running-config writes them in that order.
        if interface.address and interface.address[0] == address:
            yield f"% {address} is assigned as a primary address on {interface.name}"
            return
        known = any(each[0] == address for each in interface.secondaries)
        interface.secondaries = (
            tuple((address, prefix) if each[0] == address else each for each in interface.secondaries)
            if known
            else (*interface.secondaries, (address, prefix))
        )
    else:
        interface.address = (address, prefix)


def _usable(address: IPv4, prefix: Prefix, *, loopback: bool) -> bool:
    if address >> 24 in (0, 127) or address >> 28 >= 14:
        return False
    if prefix.length == 32:
        return loopback
    return prefix.length == 31 or address not in (prefix.network, prefix.broadcast)


def _overlap(interface: Interface, address: IPv4, prefix: Prefix, *, secondary: bool) -> str | None:
    """Find the address that a new one would share a subnet with; on the interface itself only secondaries count."""
    del address
    for other in interface.node.interfaces.values():
        for index, (_, theirs) in enumerate(other.addresses):
            if not (prefix.network in theirs or theirs.network in prefix):
                continue
            primary = index == 0 and other.address is not None
            if other is interface and (theirs == prefix or (primary and not secondary)):
                continue
            if primary:
                return f"% {prefix.network} overlaps with {other.name}"
            return f"% {prefix.network} overlaps with secondary address on {other.name}"
    return None


def _remove(interface: Interface, address: IPv4 | None, mask: IPv4 | None, *, secondary: bool) -> Reply:
    if address is None:
        interface.secondaries = ()
        interface.address = None
        return
    if secondary or any(each[0] == address for each in interface.secondaries):
        left = tuple(each for each in interface.secondaries if each[0] != address)
        if len(left) == len(interface.secondaries):
            yield "Invalid address"
        interface.secondaries = left
        return
    if interface.address is None or interface.address[0] != address or interface.address[1].mask != mask:
        yield "Invalid address"
    elif interface.secondaries:
        yield "Must delete secondary before deleting primary"
    else:
        interface.address = None


@ip_address.config
def _(interface: Interface) -> Iterator[Values]:
    # Secondaries first: ios-shell.md §6.
    for address, prefix in interface.secondaries:
        yield {"address": address, "mask": prefix.mask, "secondary": True}
    if interface.address:
        yield {"address": interface.address[0], "mask": interface.address[1].mask}
    else:
        yield {"no": True}
