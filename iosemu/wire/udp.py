"""UDP datagrams (RFC 768), and the register of what they carry.

A feature that speaks over UDP enters its decoder under its port, `udp.decoders[1985] = decode`; from then on
a datagram to that port has a typed payload, unless the decoder finds it `Malformed`.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple
from iosemu.wire.octets import Malformed, checksum, octets, size, unpack, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.addresses import IPv4
    from iosemu.wire.octets import Encodable

decoders: dict[int, Callable[[bytes], Encodable]] = {}
"""Decoders of payloads by destination port; each raises Malformed for rubbish, and nothing else."""

_HEADER = Struct("!HHHH")  # source port, destination port, length, checksum
_PSEUDO = Struct("!IIBBH")  # source address, destination address, zero, protocol, length
_PROTOCOL = 17


class Datagram(NamedTuple):
    """A UDP datagram."""

    source_port: int
    destination_port: int
    payload: Encodable | bytes

    @property
    def size(self) -> int:
        """The length in octets, header included."""
        return _HEADER.size + size(self.payload)

    def encode(self, source: IPv4, destination: IPv4) -> bytes:
        """Give the octets between two addresses, which the checksum covers."""
        body = octets(self.payload)
        length = _HEADER.size + len(body)
        ports = self.source_port, self.destination_port
        pseudo = _PSEUDO.pack(source, destination, 0, _PROTOCOL, length)
        total = checksum(pseudo + _HEADER.pack(*ports, length, 0) + body)
        # A checksum of 0 says "none"; 0xFFFF is the same number in ones' complement.
        return _HEADER.pack(*ports, length, total or 0xFFFF) + body


def decode(data: bytes, source: IPv4, destination: IPv4) -> Datagram:
    """Read a datagram that came between two addresses; a checksum of 0 means that there is none."""
    source_port, destination_port, length, total = unpack(_HEADER, data, "UDP")
    if not _HEADER.size <= length <= len(data):
        raise Malformed(f"UDP: length {length}, but {len(data)} octets")
    if total:
        verify(_PSEUDO.pack(source, destination, 0, _PROTOCOL, length) + data[:length], "UDP")
    body = data[_HEADER.size : length]
    decoder = decoders.get(destination_port)
    try:
        return Datagram(source_port, destination_port, decoder(body) if decoder else body)
    except Malformed:
        return Datagram(source_port, destination_port, body)
