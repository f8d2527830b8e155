"""Ethernet II frames, without preamble and frame check sequence, as captures have them; tags of IEEE 802.1Q."""

from __future__ import annotations

from struct import Struct

from iosemu.addresses import MAC
from iosemu.values import NamedTuple
from iosemu.wire import arp, ipv4
from iosemu.wire.octets import Malformed, octets, size, unpack

IPV4 = 0x0800
ARP = 0x0806
DOT1Q = 0x8100
MINIMUM = 60
"""The fewest octets a frame may have; shorter ones are padded with zeros. A tag comes on top."""
VLANS = 4094

_HEADER = Struct("!6s6sH")  # destination, source, EtherType
_TAG = Struct("!HH")  # priority and VLAN, the EtherType of what is tagged
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
    vlan: int | None = None
    """The VLAN of its tag, 1 to 4094; None: it has no tag."""

    @property
    def size(self) -> int:
        """The number of octets on the wire, padding included, check sequence not."""
        return framed(size(self.payload)) + (0 if self.vlan is None else _TAG.size)

    def encode(self) -> bytes:
        """Give the octets, padded to the minimum."""
        ethertype = _ETHERTYPES.get(type(self.payload), self.ethertype)
        addresses = self.destination.octets, self.source.octets
        if self.vlan is None:
            return (_HEADER.pack(*addresses, ethertype) + octets(self.payload)).ljust(MINIMUM, b"\0")
        header = _HEADER.pack(*addresses, DOT1Q) + _TAG.pack(self.vlan, ethertype)
        return (header + octets(self.payload)).ljust(MINIMUM + _TAG.size, b"\0")


def decode(data: bytes) -> Frame:
    """Read a frame; a payload of unknown type, or rubbish, stays raw, together with its padding.

    So does what stands behind a tag of no VLAN, or one with a priority, which a `Frame` does not have.
    """
    destination, source, ethertype = unpack(_HEADER, data, "Ethernet")
    addresses = MAC(int.from_bytes(destination, "big")), MAC(int.from_bytes(source, "big"))
    body = data[_HEADER.size :]
    vlan = None
    if ethertype == DOT1Q and len(body) >= _TAG.size:
        tag, inner = _TAG.unpack_from(body)
        if 1 <= tag <= VLANS:
            vlan, ethertype, body = tag, inner, body[_TAG.size :]
    try:
        if ethertype == IPV4:
            return Frame(*addresses, ipv4.decode(body), vlan=vlan)
        if ethertype == ARP:
            return Frame(*addresses, arp.decode(body), vlan=vlan)
    except Malformed:
        pass
    return Frame(*addresses, body, ethertype, vlan)
