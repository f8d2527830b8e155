"""RIP's messages (RFC 2453 §4, RFC 1058 §3.1; from memory), as they stand in UDP port 520.

Both versions share one layout. Entries of families nobody here knows, authentication among them, are kept as
they came, so that a receiver can tell what it does not understand.
"""

from __future__ import annotations

from struct import Struct

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple
from iosemu.wire import udp
from iosemu.wire.octets import Malformed, unpack

PORT = 520
"""The UDP port, source and destination."""

GROUP_ADDRESS = IPv4.parse("224.0.0.9")
"""All RIP version 2 routers of the link."""

REQUEST = 1
RESPONSE = 2

WHOLE_TABLE = 0
"""The address family of a request for everything (RFC 2453 §3.9.1)."""
INTERNET = 2
AUTHENTICATION = 0xFFFF
"""The address family of what authenticates a message (RFC 2453 §4.1)."""

INFINITY = 16
"""The metric of what cannot be reached."""
LONGEST = 25
"""How many entries one message has at most."""

_HEADER = Struct("!BBH")  # command, version, unused
_ENTRY = Struct(
    "!HH"  # address family, route tag
    "III"  # address, netmask, next hop
    "I"  # metric
)


class Entry(NamedTuple):
    """A route; in version 1 tag, mask and next hop are zero."""

    address: IPv4
    mask: IPv4
    next_hop: IPv4
    metric: int
    tag: int = 0
    family: int = INTERNET

    def encode(self) -> bytes:
        """Give the 20 octets."""
        return _ENTRY.pack(self.family, self.tag, self.address, self.mask, self.next_hop, self.metric)


EVERYTHING = Entry(IPv4(0), IPv4(0), IPv4(0), INFINITY, family=WHOLE_TABLE)
"""The only entry of a request for the whole table."""


class Rip(NamedTuple):
    """A request or a response; `unused` must be zero in version 1, and is not looked at in version 2."""

    command: int
    version: int
    entries: tuple[Entry, ...]
    unused: int = 0

    @property
    def size(self) -> int:
        """The number of octets."""
        return _HEADER.size + _ENTRY.size * len(self.entries)

    def encode(self) -> bytes:
        """Give the header and 20 octets an entry."""
        header = _HEADER.pack(self.command, self.version, self.unused)
        return header + b"".join(entry.encode() for entry in self.entries)


def decode(data: bytes) -> Rip:
    """Read a message; Malformed when it is no header with whole entries, 25 at most."""
    command, version, unused = unpack(_HEADER, data, "RIP")
    count, rest = divmod(len(data) - _HEADER.size, _ENTRY.size)
    if rest or count > LONGEST:
        raise Malformed(f"RIP: {len(data)} octets")
    entries = []
    for offset in range(_HEADER.size, len(data), _ENTRY.size):
        family, tag, address, mask, next_hop, metric = _ENTRY.unpack_from(data, offset)
        entries.append(Entry(IPv4(address), IPv4(mask), IPv4(next_hop), metric, tag, family))
    return Rip(command, version, tuple(entries), unused)


def register() -> None:
    """Have UDP read what comes to RIP's port."""
    udp.decoders[PORT] = decode
