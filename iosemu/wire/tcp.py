"""TCP segments (RFC 793): header, options as they stand, data."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple
from iosemu.wire.octets import Malformed, checksum, unpack, verify

if TYPE_CHECKING:
    from iosemu.addresses import IPv4

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
"""Flags of a segment."""

_HEADER = Struct("!HHIIBBHHH")  # ports, sequence, acknowledgment, offset, flags, window, checksum, urgent
_PSEUDO = Struct("!IIBBH")  # source address, destination address, zero, protocol, length
_PROTOCOL = 6


class Segment(NamedTuple):
    """A TCP segment; `options` is padded to 4 octets with zeros, the urgent pointer always 0."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgment: int
    flags: int
    window: int = 4128
    data: bytes = b""
    options: bytes = b""

    @property
    def size(self) -> int:
        """The length in octets, header included."""
        return _HEADER.size + (len(self.options) + 3 & ~3) + len(self.data)

    @property
    def span(self) -> int:
        """How many sequence numbers it takes: its data, and one each for SYN and FIN (RFC 793 §3.3)."""
        return len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)

    def encode(self, source: IPv4, destination: IPv4) -> bytes:
        """Give the octets between two addresses, which the checksum covers; ValueError: too many options."""
        length = self.size - len(self.data)
        if length > 60:
            raise ValueError(f"{len(self.options)} octets of TCP options; 40 are possible")
        options = self.options.ljust(length - _HEADER.size, b"\0")
        fields = (
            *(self.source_port, self.destination_port, self.sequence, self.acknowledgment),
            *(length >> 2 << 4, self.flags, self.window),
        )
        pseudo = _PSEUDO.pack(source, destination, 0, _PROTOCOL, self.size)
        total = checksum(pseudo + _HEADER.pack(*fields, 0, 0) + options + self.data)
        return _HEADER.pack(*fields, total, 0) + options + self.data


def decode(data: bytes, source: IPv4, destination: IPv4) -> Segment:
    """Read a segment that came between two addresses."""
    source_port, destination_port, sequence, acknowledgment, offset, flags, window, _, _ = unpack(
        _HEADER, data, "TCP"
    )
    length = offset >> 4 << 2
    if not _HEADER.size <= length <= len(data):
        raise Malformed(f"TCP: header length {length}, {len(data)} octets")
    verify(_PSEUDO.pack(source, destination, 0, _PROTOCOL, len(data)) + data, "TCP")
    body, options = data[length:], data[_HEADER.size : length]
    numbers = source_port, destination_port, sequence, acknowledgment
    return Segment(*numbers, flags & 0x3F, window, body, options)
