"""ICMP messages (RFC 792), and router discovery (RFC 1256) with its mobility extensions (RFC 2002 §2.1).

Every type that routers here speak is a class of its own, so that a receiver can match on it; the rest is
`Other`. Note that NamedTuples compare by their fields alone: an EchoRequest equals the EchoReply to it.
"""

from __future__ import annotations

from struct import Struct

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple
from iosemu.wire.octets import Malformed, checksum, unpack, verify

# Types.
ECHO_REPLY = 0
UNREACHABLE = 3
REDIRECT = 5
ECHO_REQUEST = 8
ROUTER_ADVERTISEMENT = 9
ROUTER_SOLICITATION = 10
TIME_EXCEEDED = 11
PARAMETER_PROBLEM = 12

# Codes of Unreachable.
NETWORK = 0
HOST = 1
PROTOCOL = 2
PORT = 3
FRAGMENTATION_NEEDED = 4
PROHIBITED = 13  # administratively (RFC 1812 §5.2.7.1)

# Flags of a mobility agent (RFC 2002 §2.1.1; T: RFC 2344 §3.1).
REGISTRATION_REQUIRED = 0x80
BUSY = 0x40
HOME_AGENT = 0x20
FOREIGN_AGENT = 0x10
MINIMAL_ENCAPSULATION = 0x08
GRE_ENCAPSULATION = 0x04
VAN_JACOBSON = 0x02
REVERSE_TUNNELING = 0x01

# Extensions of an advertisement (RFC 2002 §2.1).
_PAD = 0
_MOBILITY_AGENT = 16
_PREFIX_LENGTHS = 19

_HEADER = Struct("!BBH")  # type, code, checksum
_ECHO = Struct("!HH")  # identifier, sequence number
_UNREACHABLE = Struct("!HH")  # unused, next-hop MTU
_UNUSED = Struct("!I")  # unused, or reserved
_GATEWAY = Struct("!I")  # gateway address
_POINTER = Struct("!B3x")  # pointer, unused
_ADVERTISEMENT = Struct("!BBH")  # number of addresses, words in an entry, lifetime
_ROUTER = Struct("!Ii")  # router address, preference level
_EXTENSION = Struct("!BB")  # type, length of what follows
_AGENT = Struct("!HHBx")  # sequence number, registration lifetime, flags, reserved
_ADDRESS = Struct("!I")  # care-of address


class EchoRequest(NamedTuple):
    """A ping."""

    identifier: int
    sequence: int
    data: bytes = b""

    @property
    def size(self) -> int:
        """The length in octets."""
        return 8 + len(self.data)

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(ECHO_REQUEST, 0, _ECHO.pack(self.identifier, self.sequence) + self.data)


class EchoReply(NamedTuple):
    """The answer to a ping: `EchoReply(*request)`."""

    identifier: int
    sequence: int
    data: bytes = b""

    @property
    def size(self) -> int:
        """The length in octets."""
        return 8 + len(self.data)

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(ECHO_REPLY, 0, _ECHO.pack(self.identifier, self.sequence) + self.data)


class Unreachable(NamedTuple):
    """Destination unreachable; `mtu` is the next hop's, with code FRAGMENTATION_NEEDED (RFC 1191 §4)."""

    code: int
    quote: bytes
    mtu: int = 0

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(UNREACHABLE, self.code, _UNREACHABLE.pack(0, self.mtu) + self.quote)


class TimeExceeded(NamedTuple):
    """Time exceeded: code 0 in transit, 1 in reassembly."""

    code: int
    quote: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(TIME_EXCEEDED, self.code, _UNUSED.pack(0) + self.quote)


class Redirect(NamedTuple):
    """A better first hop: code 0 for the network, 1 for the host."""

    code: int
    gateway: IPv4
    quote: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(REDIRECT, self.code, _GATEWAY.pack(self.gateway) + self.quote)


class ParameterProblem(NamedTuple):
    """A header that cannot be processed; `pointer` is the octet at fault."""

    code: int
    pointer: int
    quote: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(PARAMETER_PROBLEM, self.code, _POINTER.pack(self.pointer) + self.quote)


class RouterSolicitation(NamedTuple):
    """A host's request for advertisements."""

    reserved: int = 0  # Sent as zero and ignored, but a tuple without fields would be false.

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(ROUTER_SOLICITATION, 0, _UNUSED.pack(0))


class Router(NamedTuple):
    """An advertised address and its preference, -2^31 (never as default) to 2^31 - 1."""

    address: IPv4
    preference: int


class MobilityAgent(NamedTuple):
    """The mobility agent advertisement extension; a lifetime of 65535 seconds is infinite."""

    sequence: int
    lifetime: int
    flags: int
    care_of: tuple[IPv4, ...] = ()

    def encode(self) -> bytes:
        """Give the octets, type and length included."""
        body = _AGENT.pack(self.sequence, self.lifetime, self.flags) + b"".join(
            map(_ADDRESS.pack, self.care_of)
        )
        return Extension(_MOBILITY_AGENT, body).encode()


class Extension(NamedTuple):
    """An extension nobody here knows; a type below 128 spoils the message for Mobile IP (RFC 2002 §1.9)."""

    type: int
    data: bytes

    def encode(self) -> bytes:
        """Give the octets, type and length included."""
        return _EXTENSION.pack(self.type, len(self.data)) + self.data


class RouterAdvertisement(NamedTuple):
    """Router addresses, valid for `lifetime` seconds; with `agent`, an agent advertisement.

    `prefix_lengths` is empty (no such extension) or has one for each router. Code 16 is an agent's that does
    not route common traffic (RFC 2002 §2.1).
    """

    lifetime: int
    routers: tuple[Router, ...]
    agent: MobilityAgent | None = None
    prefix_lengths: tuple[int, ...] = ()
    unknown: tuple[Extension, ...] = ()
    code: int = 0

    def encode(self) -> bytes:
        """Give the octets, with the one-byte pad when they would be odd in number (RFC 2002 §2.1.3)."""
        body = _ADVERTISEMENT.pack(len(self.routers), 2, self.lifetime)
        body += b"".join(_ROUTER.pack(*router) for router in self.routers)
        if self.agent is not None:
            body += self.agent.encode()
        if self.prefix_lengths:
            body += Extension(_PREFIX_LENGTHS, bytes(self.prefix_lengths)).encode()
        body += b"".join(extension.encode() for extension in self.unknown)
        return _message(ROUTER_ADVERTISEMENT, self.code, body + bytes([_PAD]) * (len(body) & 1))


class Other(NamedTuple):
    """A message of a type nobody here knows; `body` follows the checksum."""

    type: int
    code: int
    body: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        return _message(self.type, self.code, self.body)


Message = (
    EchoRequest
    | EchoReply
    | Unreachable
    | TimeExceeded
    | Redirect
    | ParameterProblem
    | RouterSolicitation
    | RouterAdvertisement
    | Other
)


def decode(data: bytes) -> Message:
    """Read a message."""
    kind, code, _ = unpack(_HEADER, data, "ICMP")
    verify(data, "ICMP")
    body, rest = data[4:], data[8:]
    if kind == ECHO_REQUEST:
        identifier, sequence = unpack(_ECHO, body, "ICMP echo")
        return EchoRequest(identifier, sequence, rest)
    if kind == ECHO_REPLY:
        identifier, sequence = unpack(_ECHO, body, "ICMP echo reply")
        return EchoReply(identifier, sequence, rest)
    if kind == UNREACHABLE:
        _, mtu = unpack(_UNREACHABLE, body, "ICMP unreachable")
        return Unreachable(code, rest, mtu)
    if kind == TIME_EXCEEDED:
        unpack(_UNUSED, body, "ICMP time exceeded")
        return TimeExceeded(code, rest)
    if kind == REDIRECT:
        (gateway,) = unpack(_GATEWAY, body, "ICMP redirect")
        return Redirect(code, IPv4(gateway), rest)
    if kind == PARAMETER_PROBLEM:
        (pointer,) = unpack(_POINTER, body, "ICMP parameter problem")
        return ParameterProblem(code, pointer, rest)
    if kind == ROUTER_SOLICITATION:
        unpack(_UNUSED, body, "ICMP router solicitation")
        return RouterSolicitation()
    if kind == ROUTER_ADVERTISEMENT:
        return _advertisement(code, body)
    return Other(kind, code, body)


def _message(kind: int, code: int, body: bytes) -> bytes:
    """Put the header, with its checksum, before the rest of a message."""
    return _HEADER.pack(kind, code, checksum(_HEADER.pack(kind, code, 0) + body)) + body


def _advertisement(code: int, body: bytes) -> RouterAdvertisement:
    """Read a router advertisement; an entry's words beyond its two are ignored (RFC 1256 §5.2)."""
    count, words, lifetime = unpack(_ADVERTISEMENT, body, "ICMP router advertisement")
    if words < 2:
        raise Malformed(f"ICMP router advertisement: entries of {words} words")
    start = _ADVERTISEMENT.size
    end = start + count * words * 4
    if end > len(body):
        raise Malformed(f"ICMP router advertisement: {count} addresses in {len(body)} octets")
    entries = (_ROUTER.unpack_from(body, offset) for offset in range(start, end, words * 4))
    routers = tuple(Router(IPv4(address), preference) for address, preference in entries)
    agent: MobilityAgent | None = None
    prefix_lengths: tuple[int, ...] = ()
    unknown: list[Extension] = []
    for extension in _extensions(body, end):
        if extension.type == _MOBILITY_AGENT:
            agent = _agent(extension.data)
        elif extension.type == _PREFIX_LENGTHS:
            prefix_lengths = _prefix_lengths(extension.data, count)
        else:
            unknown.append(extension)
    return RouterAdvertisement(lifetime, routers, agent, prefix_lengths, tuple(unknown), code)


def _extensions(body: bytes, offset: int) -> list[Extension]:
    """Cut what follows the addresses into extensions, leaving out one-byte pads."""
    found = []
    while offset < len(body):
        if body[offset] == _PAD:
            offset += 1
            continue
        kind, length = unpack(_EXTENSION, body, "ICMP router advertisement's extension", offset)
        offset += _EXTENSION.size
        if offset + length > len(body):
            raise Malformed(f"ICMP router advertisement's extension {kind}: length {length} is too long")
        found.append(Extension(kind, body[offset : offset + length]))
        offset += length
    return found


def _agent(data: bytes) -> MobilityAgent:
    """Read the mobility agent advertisement extension, 6 + 4 N octets."""
    sequence, lifetime, flags = unpack(_AGENT, data, "Mobility agent advertisement")
    if (len(data) - _AGENT.size) % _ADDRESS.size:
        raise Malformed(f"Mobility agent advertisement: length {len(data)}")
    care_of = _ADDRESS.iter_unpack(data[_AGENT.size :])
    return MobilityAgent(sequence, lifetime, flags, tuple(IPv4(address) for (address,) in care_of))


def _prefix_lengths(data: bytes, count: int) -> tuple[int, ...]:
    """Read the prefix-lengths extension: an octet for each router address."""
    if len(data) != count or any(length > 32 for length in data):
        raise Malformed(f"Prefix lengths: {data.hex(' ')} for {count} addresses")
    return tuple(data)
