"""Generic routing encapsulation (RFC 1701), without source routes.

A packet with the Routing bit is Malformed here, as RFC 2784 §2.3 has receivers discard it. Recursion control
is sent as zero and ignored.
"""

from __future__ import annotations

from contextlib import suppress
from struct import Struct
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple
from iosemu.wire.octets import Malformed, checksum, octets, size, unpack, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.wire.octets import Encodable

IPV4 = 0x0800
"""The protocol type of IP; the others are EtherTypes too."""

_HEADER = Struct("!HH")  # flags and version, protocol type
_CHECKSUM = Struct("!HH")  # checksum, offset
_WORD = Struct("!I")  # key, or sequence number

_CHECKSUM_PRESENT = 0x8000
_ROUTING_PRESENT = 0x4000
_KEY_PRESENT = 0x2000
_SEQUENCE_PRESENT = 0x1000
_VERSION = 0x0007


class Gre(NamedTuple):
    """A GRE header and what it carries; `checksum` says whether one is sent."""

    protocol_type: int
    payload: Encodable | bytes
    key: int | None = None
    sequence: int | None = None
    checksum: bool = False

    @property
    def size(self) -> int:
        """The length in octets, header included."""
        options = self.checksum, self.key is not None, self.sequence is not None
        return 4 + 4 * sum(options) + size(self.payload)

    def encode(self) -> bytes:
        """Give the octets."""
        flags = _CHECKSUM_PRESENT * self.checksum
        rest = b""
        for present, word in ((_KEY_PRESENT, self.key), (_SEQUENCE_PRESENT, self.sequence)):
            if word is not None:
                flags |= present
                rest += _WORD.pack(word)
        header = _HEADER.pack(flags, self.protocol_type)
        rest += octets(self.payload)
        if self.checksum:
            total = checksum(header + _CHECKSUM.pack(0, 0) + rest)
            rest = _CHECKSUM.pack(total, 0) + rest
        return header + rest


def decode(data: bytes, packet: Callable[[bytes], Encodable]) -> Gre:
    """Read a GRE header and its payload; `packet` decodes IP, which knows GRE and so must be given to it."""
    flags, protocol_type = unpack(_HEADER, data, "GRE")
    if flags & _VERSION:
        raise Malformed(f"GRE: version {flags & _VERSION}")
    if flags & _ROUTING_PRESENT:
        raise Malformed("GRE: source route")
    start = _HEADER.size
    if flags & _CHECKSUM_PRESENT:
        unpack(_CHECKSUM, data, "GRE", start)
        verify(data, "GRE")
        start += _CHECKSUM.size
    words: list[int | None] = []
    for present in (_KEY_PRESENT, _SEQUENCE_PRESENT):
        if flags & present:
            words += unpack(_WORD, data, "GRE", start)
            start += _WORD.size
        else:
            words.append(None)
    payload: Encodable | bytes = data[start:]
    if protocol_type == IPV4:
        with suppress(Malformed):
            payload = packet(data[start:])
    key, sequence = words
    return Gre(protocol_type, payload, key, sequence, checksum=bool(flags & _CHECKSUM_PRESENT))
