"""`ip address` and what else an interface does with IP; refusals are worded as in ios-shell.md §2.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.cli.command import Reply, Values, behaviour, command
from iosemu.lab.acl import Filters
from iosemu.lab.ip import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.interface import Interface

UNTAGGED = (
    "",
    "% Configuring IP routing on a LAN subinterface is only allowed if that",
    "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,",
    "or ISL vLAN.",
    "",
)


class Method:
    """How an interface came by its address (a part of it), as `show ip interface brief` calls it."""

    def __init__(self, _: object) -> None:
        self.word = "unset"


class Elsewhere:
    """What is said of an address that comes from elsewhere (a part of an interface): kept, as nobody gives one."""

    def __init__(self, _: object) -> None:
        self.dhcp = False
        self.unnumbered: str | None = None

    def forget(self) -> None:
        """Let the interface have an address of its own, or none."""
        self.dhcp, self.unnumbered = False, None


def _came(interface: Interface) -> None:
    interface.part(Method).word = "manual" if interface.node.running else "NVRAM"


@command("interface", "ip address")
def ip_address(
    interface: Interface,
    *,
    address: IPv4 | None = None,
    mask: IPv4 | None = None,
    secondary: bool = False,
    no: bool = False,
) -> Reply:
    """Give an interface its primary or a further address; a refused line changes nothing."""
    if no:
        yield from _remove(interface, address, mask, secondary=secondary)
        return
    if address is None or mask is None:
        return  # the grammar lets neither be left out
    length = mask_length(mask)
    if length is None:
        yield f"Bad mask 0x{int(mask):08X} for address {address}"
        return
    refusal = _refusal(interface, address, length) or _overlap(
        interface, Prefix.of(address, length), secondary=secondary
    )
    if refusal:
        yield refusal
        return
    if "." in interface.number and interface.kind.ethernet and not _tagged(interface):
        yield from UNTAGGED
        return
    prefix = Prefix.of(address, length)
    elsewhere = interface.peek(Elsewhere)
    if elsewhere:
        elsewhere.forget()  # the later line replaces the earlier
    if secondary:
        yield from _add(interface, address, prefix)
    elif any(each[0] == address for each in interface.secondaries):
        yield f"% {prefix.network} is assigned as a secondary address on {interface.name}"
    else:
        if length == 31 and interface.kind.ethernet:
            yield "% Warning: use /31 mask on non point-to-point interface cautiously"  # from memory
        interface.address = address, prefix
        _came(interface)


def _tagged(interface: Interface) -> bool:
    """Whether an encapsulation is configured (another feature's business, so its line is looked for)."""
    found = behaviour("interface", "encapsulation")
    return found is not None and found.write is not None and any(True for _ in found.write(interface))


def _refusal(interface: Interface, address: IPv4, length: int) -> str:
    """Refuse what is no host's address, or none in a subnet of this length."""
    if not address.unicast:
        return f"Not a valid host address - {address}"  # from memory
    prefix = Prefix.of(address, length)
    loopback = interface.kind.name == "Loopback"
    if not length or (length == 32 and not loopback):
        return f"Bad mask /{length} for address {address}"
    if length < 31 and address in (prefix.network, prefix.broadcast):
        return f"Bad mask /{length} for address {address}"
    return ""


def _overlap(interface: Interface, prefix: Prefix, *, secondary: bool) -> str:
    """Refuse a subnet that has addresses in common with another; on one interface equals go together."""
    for other in interface.node.interfaces.values():
        for index, (_, theirs) in enumerate(other.addresses):
            if not (prefix.network in theirs or theirs.network in prefix):
                continue
            primary = index == 0 and other.address is not None
            if other is interface and (theirs == prefix or (primary and not secondary)):
                continue
            if primary:
                return f"% {prefix.network} overlaps with {other.name}"
            if theirs == prefix:
                return f"% {prefix.network} is assigned as a secondary address on {other.name}"
            return f"% {prefix.network} overlaps with secondary address on {other.name}"
    return ""


def _add(interface: Interface, address: IPv4, prefix: Prefix) -> Reply:
    # A secondary may come before there is a primary: running-config writes them in that order.
    if interface.address and interface.address[0] == address:
        yield "% Secondary can't be same as primary"  # from memory
        return
    held = dict(interface.secondaries)
    held[address] = prefix
    interface.secondaries = tuple(held.items())


def _remove(interface: Interface, address: IPv4 | None, mask: IPv4 | None, *, secondary: bool) -> Reply:
    if address is None:
        _clear(interface)
        return
    held = dict(interface.secondaries)
    primary = interface.address is not None and interface.address[0] == address
    known = interface.address[1] if interface.address and primary else held.get(address)
    if known is None or known.mask != mask or (secondary and primary):
        yield "Invalid address"
    elif secondary:
        del held[address]
        interface.secondaries = tuple(held.items())
    elif held:
        yield "Must delete secondary before deleting primary"
    else:
        interface.address = None
        _came(interface)


@ip_address.config
def _(interface: Interface) -> Iterator[Values]:
    # Secondaries first: ios-shell.md §6.1.
    for address, prefix in interface.secondaries:
        yield {"address": address, "mask": prefix.mask, "secondary": True}
    if interface.address:
        yield {"address": interface.address[0], "mask": interface.address[1].mask}
    elif not interface.secondaries and not _elsewhere(interface):  # `no ip address` would take those away
        yield {"no": True}


def _clear(interface: Interface) -> Elsewhere:
    """Take all addresses away, and what says that they come from elsewhere."""
    interface.secondaries = ()
    interface.address = None
    _came(interface)
    elsewhere = interface.part(Elsewhere)
    elsewhere.forget()
    return elsewhere


def _elsewhere(interface: Interface) -> bool:
    """Whether a line that is kept says where the address comes from."""
    held = interface.peek(Elsewhere)
    return held is not None and (held.dhcp or held.unnumbered is not None)


@command("interface", "ip address dhcp", acts=False)
def ip_address_dhcp(interface: Interface, *, no: bool = False) -> None:
    """Leave the address to a server, which none is asked for; it replaces what stood there."""
    if no:
        interface.part(Elsewhere).dhcp = False
    else:
        _clear(interface).dhcp = True


@ip_address_dhcp.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Elsewhere)
    if held and held.dhcp:
        yield {}


@command("interface", "ip unnumbered", acts=False)
def ip_unnumbered(target: Interface, *, interface: str = "", no: bool = False) -> None:
    """Say whose address is to be borrowed, which nobody does yet; it replaces what stood there."""
    if no:
        target.part(Elsewhere).unnumbered = None
    else:
        _clear(target).unnumbered = interface


@ip_unnumbered.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Elsewhere)
    if held and held.unnumbered is not None:
        yield {"interface": held.unnumbered}


@command("interface", "ip proxy-arp")
def proxy_arp(interface: Interface, *, no: bool = False) -> None:
    """Answer ARP requests for what is reached by another interface, or not."""
    interface.proxy_arp = not no


@proxy_arp.config
def _(interface: Interface) -> Iterator[Values]:
    if not interface.proxy_arp:
        yield {"no": True}


@command("interface", "ip mtu")
def ip_mtu(interface: Interface, *, size: int = 0, no: bool = False) -> None:
    """Say how long an IP packet may be that leaves, where that is less than the link's own limit."""
    interface.part(Outgoing).ip_mtu = None if no else size


@ip_mtu.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Outgoing)
    if held is not None and held.ip_mtu is not None:
        yield {"size": held.ip_mtu}


@command("interface", "ip redirects")
def redirects(interface: Interface, *, no: bool = False) -> None:
    """Tell neighbours of a better first hop, or not."""
    interface.part(Outgoing).redirects = not no


@redirects.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Outgoing)
    if held and not held.redirects:
        yield {"no": True}


@command("interface", "ip unreachables")
def unreachables(interface: Interface, *, no: bool = False) -> None:
    """Tell senders of packets that came here and cannot be delivered, or not."""
    interface.part(Outgoing).unreachables = not no


@unreachables.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Outgoing)
    if held and not held.unreachables:
        yield {"no": True}


@command("interface", "ip access-group")
def access_group(
    interface: Interface,
    *,
    access_list: str | None = None,
    inbound: bool = False,
    outbound: bool = False,
    no: bool = False,
) -> None:
    """Filter what comes by an interface, or what is forwarded by it, by an access list; one each way."""
    filters = interface.part(Filters)
    named = None if no else access_list
    if inbound:
        filters.inbound = named
    if outbound:
        filters.outbound = named
    interface.node.ip.filtering |= named is not None


@access_group.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Filters)
    if held and held.inbound is not None:
        yield {"access_list": held.inbound, "inbound": True}
    if held and held.outbound is not None:
        yield {"access_list": held.outbound, "outbound": True}
