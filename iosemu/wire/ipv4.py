"""IPv4 packets (RFC 791), with what they carry.

A payload is typed when its protocol is known and it decodes, and bytes otherwise: fragments are bytes, and so
is what stands inside more than `TUNNELS` tunnels, as a stranger's octets must not decide how deep we recurse.
"""

from __future__ import annotations

from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, cast

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple
from iosemu.wire import gre, icmp, udp
from iosemu.wire.octets import Malformed, checksum, octets, size, unpack, verify

if TYPE_CHECKING:
    from iosemu.wire.octets import Encodable
    from iosemu.wire.tcp import Segment

ICMP = 1
IPIP = 4
TCP = 6
UDP = 17
GRE = 47

TUNNELS = 8
"""How many packets within packets are decoded; Mobile IP needs two, for broadcasts (RFC 2002 §4.3)."""

_HEADER = Struct(
    "!BBH"  # version and header length, type of service, total length
    "HH"  # identification, flags and fragment offset
    "BBH"  # time to live, protocol, header checksum
    "I"  # source address
    "I"  # destination address
)
_DONT_FRAGMENT = 0x4000
_MORE_FRAGMENTS = 0x2000
_OFFSET = 0x1FFF


class Packet(NamedTuple):
    """An IPv4 packet; `fragment_offset` counts 8 octets, `options` is padded to 4 octets with zeros."""

    source: IPv4
    destination: IPv4
    protocol: int
    payload: udp.Datagram | Segment | Encodable | bytes
    ttl: int = 255
    tos: int = 0
    identification: int = 0
    dont_fragment: bool = False
    more_fragments: bool = False
    fragment_offset: int = 0
    options: bytes = b""

    @property
    def fragment(self) -> bool:
        """Whether this is a part of a packet only, whose payload is therefore bytes."""
        return self.more_fragments or self.fragment_offset > 0

    @property
    def size(self) -> int:
        """The total length in octets."""
        return size(self.payload) + (self._header_size if self.options else _HEADER.size)

    @property
    def _header_size(self) -> int:
        return _HEADER.size + (len(self.options) + 3 & ~3)

    def encode(self) -> bytes:
        """Give the octets; ValueError when there are more options than a header holds."""
        if len(self.options) > 40:
            raise ValueError(f"{len(self.options)} octets of IP options; 40 are possible")
        if isinstance(self.payload, udp.Datagram):
            body = self.payload.encode(self.source, self.destination)
        elif self.protocol == TCP and not isinstance(self.payload, bytes):
            body = cast("Segment", self.payload).encode(self.source, self.destination)
        else:
            body = octets(cast("Encodable | bytes", self.payload))
        flags = _DONT_FRAGMENT * self.dont_fragment | _MORE_FRAGMENTS * self.more_fragments
        length = self._header_size
        unsummed = _HEADER.pack(
            4 << 4 | length >> 2,
            self.tos,
            length + len(body),
            self.identification,
            flags | self.fragment_offset,
            self.ttl,
            self.protocol,
            0,
            self.source,
            self.destination,
        ) + self.options.ljust(length - _HEADER.size, b"\0")
        return unsummed[:10] + checksum(unsummed).to_bytes(2, "big") + unsummed[12:] + body

    def quote(self) -> bytes:
        """Give what an ICMP error repeats of this packet: its header and 64 bits (RFC 792)."""
        return self.encode()[: self._header_size + 8]


def decode(data: bytes, tunnels: int = TUNNELS) -> Packet:
    """Read a packet; what follows its total length is a frame's padding."""
    header, start, end = _header(data)
    if end > len(data):
        raise Malformed(f"IPv4: total length {end}, but {len(data)} octets")
    body = data[start:end]
    try:
        return header._replace(payload=body if header.fragment else _payload(header, body, tunnels))
    except Malformed:
        return header._replace(payload=body)


def quoted(data: bytes) -> Packet:
    """Read what an ICMP error quotes: a header, and as much of the payload, in bytes, as there is."""
    header, start, end = _header(data)
    return header._replace(payload=data[start:end])


def _header(data: bytes) -> tuple[Packet, int, int]:
    """Read a header: a packet without payload, and where its payload begins and ends."""
    first, tos, total, identification, flags, ttl, protocol, _, source, destination = unpack(
        _HEADER, data, "IPv4"
    )
    if first >> 4 != 4:
        raise Malformed(f"IPv4: version {first >> 4}")
    length = (first & 15) << 2
    if not _HEADER.size <= length <= min(total, len(data)):
        raise Malformed(f"IPv4: header length {length}, total length {total}, {len(data)} octets")
    verify(data[:length], "IPv4")
    packet = Packet(
        IPv4(source),
        IPv4(destination),
        protocol,
        b"",
        ttl=ttl,
        tos=tos,
        identification=identification,
        dont_fragment=bool(flags & _DONT_FRAGMENT),
        more_fragments=bool(flags & _MORE_FRAGMENTS),
        fragment_offset=flags & _OFFSET,
        options=data[_HEADER.size : length],
    )
    return packet, length, total


def _payload(header: Packet, body: bytes, tunnels: int) -> udp.Datagram | Segment | Encodable | bytes:
    """Read a whole packet's payload by its protocol; Malformed when it is rubbish."""
    if header.protocol == ICMP:
        return icmp.decode(body)
    if header.protocol == UDP:
        return udp.decode(body, header.source, header.destination)
    if header.protocol == TCP:
        from iosemu.wire import tcp  # noqa: PLC0415 - in few labs does anybody speak it

        return tcp.decode(body, header.source, header.destination)
    if header.protocol == IPIP and tunnels:
        return decode(body, tunnels - 1)
    if header.protocol == GRE and tunnels:
        return gre.decode(body, partial(decode, tunnels=tunnels - 1))
    return body
