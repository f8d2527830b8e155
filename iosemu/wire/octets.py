"""What every codec here shares: the protocol they keep, the word for rubbish, the Internet checksum.

A thing on the wire is an immutable value with `encode() -> bytes`, and its module has `decode(data)`, which
raises `Malformed` and nothing else. Some signatures say more: the checksums of UDP and TCP cover addresses that
only the packet around them knows, so their `encode` and `decode` take them; and `gre.decode` takes packets'
decoder, which itself needs GRE's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from struct import Struct


class Malformed(ValueError):  # noqa: N818 - a state of octets, not an error of ours
    """Octets that are not what they claim to be; the text says in which header, and why."""


class Encodable(Protocol):
    """A value that can stand as the payload of a header: it knows its octets."""

    def encode(self) -> bytes:
        """Give the octets as they stand on the wire, checksums filled in."""
        ...


def octets(payload: Encodable | bytes) -> bytes:
    """Give a payload's octets, whether it is typed or raw."""
    return payload if isinstance(payload, bytes) else payload.encode()


def size(payload: object) -> int:
    """Count a payload's octets: by its `size` where it has one, or else by encoding it."""
    if isinstance(payload, bytes):
        return len(payload)
    try:
        return payload.size  # type: ignore[attr-defined,no-any-return]
    except AttributeError:
        return len(payload.encode())  # type: ignore[attr-defined]


def unpack(layout: Struct, data: bytes, header: str, offset: int = 0) -> tuple[Any, ...]:
    """Read the fields of a header; Malformed, naming it, when the data ends before it does."""
    if len(data) - offset < layout.size:
        raise Malformed(f"{header}: {len(data) - offset} octets where {layout.size} are needed")
    return layout.unpack_from(data, offset)


def checksum(data: bytes) -> int:
    """Compute the Internet checksum (RFC 1071); over data that holds its right checksum it is 0.

    Sixteen-bit words added with end-around carry are the whole number modulo 65535, as 65536 is 1 there; only
    all-zero data sums to 0, any other multiple of 65535 to 65535.
    """
    number = int.from_bytes(data + b"\0" if len(data) & 1 else data, "big")
    return 0xFFFE - (number - 1) % 0xFFFF if number else 0xFFFF


def verify(data: bytes, header: str) -> None:
    """Raise Malformed unless data that holds its own checksum agrees with it."""
    if checksum(data):
        raise Malformed(f"{header}: wrong checksum")
