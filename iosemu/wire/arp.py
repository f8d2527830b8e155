"""ARP for IPv4 on Ethernet (RFC 826)."""

from __future__ import annotations

from struct import Struct

from iosemu.addresses import MAC, IPv4
from iosemu.values import NamedTuple
from iosemu.wire.octets import Malformed, unpack

REQUEST = 1
REPLY = 2

_LAYOUT = Struct(
    "!HHBBH"  # hardware type, protocol type, their address lengths, operation
    "6sI"  # sender's hardware and protocol address
    "6sI"  # target's
)
_IPV4_ON_ETHERNET = (1, 0x0800, 6, 4)


class Arp(NamedTuple):
    """A question or an answer about who has an address; gratuitous when sender is target."""

    operation: int
    sender_mac: MAC
    sender: IPv4
    target_mac: MAC
    target: IPv4

    @property
    def size(self) -> int:
        """The length in octets."""
        return _LAYOUT.size

    def encode(self) -> bytes:
        """Give the 28 octets."""
        sender, target = self.sender_mac.octets, self.target_mac.octets
        return _LAYOUT.pack(*_IPV4_ON_ETHERNET, self.operation, sender, self.sender, target, self.target)


def decode(data: bytes) -> Arp:
    """Read an ARP packet; what follows its 28 octets is a frame's padding."""
    *kind, operation, sender_mac, sender, target_mac, target = unpack(_LAYOUT, data, "ARP")
    if tuple(kind) != _IPV4_ON_ETHERNET:
        raise Malformed("ARP: not for IPv4 on Ethernet")
    return Arp(
        operation,
        MAC(int.from_bytes(sender_mac, "big")),
        IPv4(sender),
        MAC(int.from_bytes(target_mac, "big")),
        IPv4(target),
    )
