"""Ethernet II frames, without preamble and frame check sequence, as captures have them."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from iosemu.addresses import MAC
from iosemu.wire import arp, ipv4
from iosemu.wire.octets import Malformed, octets, size, unpack

IPV4 = 0x0800
ARP = 0x0806
MINIMUM = 60
"""The fewest octets a frame may have; shorter ones are padded with zeros."""

_HEADER = Struct("!6s6sH")  # destination, source, EtherType
_ETHERTYPES: dict[type, int] = {ipv4.Packet: IPV4, arp.Arp: ARP}


def framed(octets: int) -> int:
    """Tell how many octets a payload of so many has in a frame, padding included, check sequence not."""
    return max(MINIMUM, _HEADER.size + octets)


class Frame(NamedTuple):
    """A frame; `ethertype` matters for raw payloads only, as a typed one has its own."""

    destination: MAC
    source: MAC
    payload: ipv4.Packet | arp.Arp | bytes
    ethertype: int = 0

    @property
    def size(self) -> int:
        """The number of octets on the wire, padding included, check sequence not."""
        return framed(size(self.payload))

    def encode(self) -> bytes:
        """Give the octets, padded to the minimum."""
        ethertype = _ETHERTYPES.get(type(self.payload), self.ethertype)
        header = _HEADER.pack(self.destination.octets, self.source.octets, ethertype)
        return (header + octets(self.payload)).ljust(MINIMUM, b"\0")


def decode(data: bytes) -> Frame:
    """Read a frame; a payload of unknown type, or rubbish, stays raw, together with its padding."""
    destination, source, ethertype = unpack(_HEADER, data, "Ethernet")
    addresses = MAC(int.from_bytes(destination, "big")), MAC(int.from_bytes(source, "big"))
    body = data[_HEADER.size :]
    try:
        if ethertype == IPV4:
            return Frame(*addresses, ipv4.decode(body))
        if ethertype == ARP:
            return Frame(*addresses, arp.decode(body))
    except Malformed:
        pass
    return Frame(*addresses, body, ethertype)
