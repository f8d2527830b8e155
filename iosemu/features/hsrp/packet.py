"""HSRP's messages (RFC 2281 §5.1), as they stand in UDP port 1985.

Hello, Coup and Resign share one layout. What else IOS sends there (Advertise, version 2's elements) keeps its
octets as `Other`, so that it can be captured and counted without being understood.
"""

from __future__ import annotations

from struct import Struct

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple
from iosemu.wire import udp
from iosemu.wire.octets import unpack

PORT = 1985
"""The UDP port, source and destination."""

GROUP_ADDRESS = IPv4.parse("224.0.0.2")
"""Where messages are sent, with a TTL of 1: all routers of the link."""

HELLO = 0
COUP = 1
RESIGN = 2
ADVERTISE = 3

OPCODES = {HELLO: "Hello", COUP: "Coup", RESIGN: "Resign", ADVERTISE: "Advertise"}
"""The names of op codes; Advertise is IOS's own (reference hsrp.md §1.1)."""

STATES = {0: "Init", 1: "Learn", 2: "Listen", 4: "Speak", 8: "Standby", 16: "Active"}
"""The names IOS has for the values of the State field."""

_LAYOUT = Struct(
    "!BBBB"  # version, op code, state, hellotime
    "BBBx"  # holdtime, priority, group, reserved
    "8sI"  # authentication data, virtual IP address
)
_KIND = Struct("!BB")  # version, op code
_DIGEST = Struct(
    "!BBBxHII16s"
)  # type, length, algorithm, flags, the sender's address, the key's number, digest


class Hsrp(NamedTuple):
    """A Hello, Coup or Resign; times are in seconds, `state` is a key of `STATES`.

    The trailer is what stands behind: IOS puts MD5 digests there (`sealed`).
    """

    opcode: int
    state: int
    hellotime: int
    holdtime: int
    priority: int
    group: int
    authentication: bytes
    virtual_ip: IPv4
    version: int = 0
    trailer: bytes = b""

    @property
    def size(self) -> int:
        """The number of octets."""
        return _LAYOUT.size + len(self.trailer)

    def encode(self) -> bytes:
        """Give the 20 octets and the trailer."""
        return _LAYOUT.pack(self.version, *self[:8]) + self.trailer


class Other(NamedTuple):
    """A message of another kind, as its octets."""

    opcode: int
    data: bytes

    def encode(self) -> bytes:
        """Give the octets as they came."""
        return self.data


def decode(data: bytes) -> Hsrp | Other:
    """Read a message; Malformed when it is too short for its kind."""
    _version, kind = unpack(_KIND, data, "HSRP")
    if kind not in (HELLO, COUP, RESIGN):
        return Other(kind, data)
    version, opcode, state, hello, hold, priority, group, authentication, address = unpack(
        _LAYOUT, data, "HSRP"
    )
    trailer = data[_LAYOUT.size :]
    return Hsrp(opcode, state, hello, hold, priority, group, authentication, IPv4(address), version, trailer)


def authentication_data(text: str) -> bytes:
    """Give a password as the eight octets of the field: cut there, or filled with zeros."""
    return text.encode("latin-1", "replace")[:8].ljust(8, b"\0")


def sealed(message: Hsrp, source: IPv4, key: bytes) -> Hsrp:
    """Give a message with the MD5 digest that stands for a key, whatever authentication it had.

    The digest stands in an element behind the message (type 4, reference hsrp.md §1.4) and is RFC 1828's: over the
    key, filled up as MD5 fills; the message with its element, the digest zero; and the key again. The published
    example of John the Ripper's format `hsrp` says so, and that the text is zero then.
    """
    from hashlib import md5  # noqa: PLC0415 - rarely wanted, and a start pays for it

    bare = message._replace(authentication=bytes(8), trailer=_DIGEST.pack(4, 28, 1, 0, source, 0, bytes(16)))
    fill = b"\x80" + bytes(-(len(key) + 9) % 64) + (8 * len(key)).to_bytes(8, "little")
    digest = md5(key + fill + bare.encode() + key, usedforsecurity=False).digest()
    return bare._replace(trailer=bare.trailer[:-16] + digest)


def register() -> None:
    """Have UDP read what comes to HSRP's port."""
    udp.decoders[PORT] = decode
