"""Registration messages (RFC 2002 §3.3 to 3.5) and the redundancy messages of home agents, in UDP port 434.

No public source gives the octets of Cisco's redundancy messages, so these are iosemu's own, laid out as
reference mobile-ip.md §4.9 suggests:

    octet 0      type: 250 binding update, 251 its acknowledgement, 252 binding information request,
                 253 reply, 254 reply acknowledgement
    octet 1      18, how many octets of the fixed part follow (analysers walk unknown types as extensions)
    octets 2-3   in an acknowledgement of an update, a code of `codes.CODES`; in a reply and in its
                 acknowledgement, how many further replies follow
    octets 4-7   home agent address of the bindings
    octets 8-11  address of the HSRP group
    octets 12-19 identification: when this was sent, as NTP counts; in replies and all acknowledgements, that
                 of the request or update that they answer
    then         extensions: a `Record` for each binding, and at the end a foreign-home authentication

An update says all that there is of one mobile node, the replies together all of a home agent address. A record
of lifetime 0 says that its identification was the last one accepted; without another of the same mobile node,
that there is no binding.

An extension is type, length, and so many octets; what is not known keeps its octets.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, TypeAlias

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple
from iosemu.wire import udp
from iosemu.wire.octets import Malformed, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

PORT = 434
"""The UDP port of agents."""

REQUEST = 1
REPLY = 3
BINDING_UPDATE = 250
BINDING_UPDATE_ACK = 251
BINDING_INFO_REQUEST = 252
BINDING_INFO_REPLY = 253
BINDING_INFO_ACK = 254

MOBILE_HOME = 32
MOBILE_FOREIGN = 33
FOREIGN_HOME = 34
BINDING_RECORD = 200

_REQUEST = Struct("!BBHIIIQ")  # type, flags, lifetime, home, home agent, care-of, identification
_REPLY = Struct("!BBHIIQ")  # type, code, lifetime, home, home agent, identification
_REDUNDANCY = Struct("!BBHIIQ")  # type, length, code or count, home agent, group, identification
_HEAD = Struct("!BB")  # an extension's type and length
_SPI = Struct("!I")
_RECORD = Struct("!BBHIIIIQ")  # flags, accepted, granted, elapsed, home, care-of, source, identification

_FOLLOWS = _REDUNDANCY.size - 2


class Extension(NamedTuple):
    """An extension that is not read here, as its octets (255 at most)."""

    type: int
    data: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        return _HEAD.pack(self.type, len(self.data)) + self.data


class Authentication(NamedTuple):
    """An authentication extension: one of types 32 to 34."""

    type: int
    spi: int
    authenticator: bytes

    def encode(self) -> bytes:
        """Give the octets."""
        length = _SPI.size + len(self.authenticator)
        return _HEAD.pack(self.type, length) + _SPI.pack(self.spi) + self.authenticator


class Record(NamedTuple):
    """A binding as home agents tell one another; `granted` 0: none, or not all (see above)."""

    flags: int
    accepted: int
    granted: int
    """Seconds."""
    elapsed: int
    """Milliseconds since it was granted: peers need no common clock."""
    home: IPv4
    care_of: IPv4
    source: IPv4
    identification: int

    def encode(self) -> bytes:
        """Give the octets."""
        return _HEAD.pack(BINDING_RECORD, _RECORD.size) + _RECORD.pack(*self)


AnyExtension: TypeAlias = "Extension | Authentication | Record"


class Request(NamedTuple):
    """A registration request; `flags` is the octet of `codes.FLAGS`, `lifetime` in seconds."""

    flags: int
    lifetime: int
    home: IPv4
    home_agent: IPv4
    care_of: IPv4
    identification: int
    extensions: tuple[AnyExtension, ...] = ()

    def encode(self) -> bytes:
        """Give the octets."""
        return _REQUEST.pack(REQUEST, *self[:6]) + _encoded(self.extensions)


class Reply(NamedTuple):
    """A registration reply; `code` is one of `codes.CODES`, `lifetime` in seconds."""

    code: int
    lifetime: int
    home: IPv4
    home_agent: IPv4
    identification: int
    extensions: tuple[AnyExtension, ...] = ()

    def encode(self) -> bytes:
        """Give the octets."""
        return _REPLY.pack(REPLY, *self[:5]) + _encoded(self.extensions)


class Redundancy(NamedTuple):
    """A redundancy message of two home agents: a type from 250 to 254."""

    type: int
    code: int
    """Of an update's acknowledgement; in a reply or its acknowledgement, how many further replies follow."""
    home_agent: IPv4
    group: IPv4
    identification: int
    extensions: tuple[AnyExtension, ...] = ()

    def encode(self) -> bytes:
        """Give the octets."""
        return _REDUNDANCY.pack(self.type, _FOLLOWS, *self[1:5]) + _encoded(self.extensions)


class Other(NamedTuple):
    """A message of another kind, as its octets."""

    type: int
    data: bytes

    def encode(self) -> bytes:
        """Give the octets as they came."""
        return self.data


Message: TypeAlias = "Request | Reply | Redundancy"


def _encoded(extensions: Iterable[AnyExtension]) -> bytes:
    return b"".join(each.encode() for each in extensions)


def decode(data: bytes) -> Message | Other:
    """Read a message; Malformed when it ends too early, or an extension does."""
    if not data:
        raise Malformed("Mobile IP: no octets")
    kind = data[0]
    if kind == REQUEST:
        _, flags, lifetime, home, agent, care_of, number = unpack(_REQUEST, data, "registration request")
        extensions = _extensions(data, _REQUEST.size)
        return Request(flags, lifetime, IPv4(home), IPv4(agent), IPv4(care_of), number, extensions)
    if kind == REPLY:
        _, code, lifetime, home, agent, identification = unpack(_REPLY, data, "registration reply")
        extensions = _extensions(data, _REPLY.size)
        return Reply(code, lifetime, IPv4(home), IPv4(agent), identification, extensions)
    if BINDING_UPDATE <= kind <= BINDING_INFO_ACK:
        _, length, code, agent, group, identification = unpack(_REDUNDANCY, data, "redundancy message")
        if length != _FOLLOWS:
            raise Malformed(f"redundancy message: length {length}")
        extensions = _extensions(data, _REDUNDANCY.size)
        return Redundancy(kind, code, IPv4(agent), IPv4(group), identification, extensions)
    return Other(kind, data)


def _extensions(data: bytes, start: int) -> tuple[AnyExtension, ...]:
    found: list[AnyExtension] = []
    while start < len(data):
        kind, length = unpack(_HEAD, data, "extension", start)
        start += _HEAD.size
        body = data[start : start + length]
        if len(body) < length:
            raise Malformed(f"extension {kind}: {len(body)} octets where {length} are said")
        start += length
        if MOBILE_HOME <= kind <= FOREIGN_HOME:
            (spi,) = unpack(_SPI, body, "authentication extension")
            found.append(Authentication(kind, spi, body[_SPI.size :]))
        elif kind == BINDING_RECORD and length == _RECORD.size:
            flags, accepted, granted, elapsed, home, care_of, source, identification = _RECORD.unpack(body)
            addresses = IPv4(home), IPv4(care_of), IPv4(source)
            found.append(Record(flags, accepted, granted, elapsed, *addresses, identification))
        else:
            found.append(Extension(kind, body))
    return tuple(found)


def register() -> None:
    """Have UDP read what comes to Mobile IP's port."""
    udp.decoders[PORT] = decode
