"""Authenticators: how a message proves that it comes from someone who knows the key (RFC 2002 §3.5).

A digest covers the UDP payload up to its own extension, and that extension's type and length:

    md5        MD5(key, payload, type, length, key): "prefix+suffix", the RFC's and 12.0's default
    md5-spi    the same with the security parameter index behind the length, as RFC 3220 has it
    hmac-md5   HMAC-MD5(key, payload, type, length, security parameter index) (RFC 3344 §3.5.1)

Which of the first two IOS sends is not public; this is RFC 2002's, as 12.0 came before the others (reference
mobile-ip.md §4.2, where the test vectors are).
"""

from __future__ import annotations

from functools import cache
from struct import Struct
from typing import TYPE_CHECKING, TypeVar

from iosemu.features.mobileip.packet import Authentication, Redundancy, Reply, Request

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Callable

    from iosemu.features.mobileip.packet import Message

M = TypeVar("M", Request, Reply, Redundancy)

_HEAD = Struct("!BB")
_SPI = Struct("!I")
_LENGTH = 20
"""Of an extension with a 128-bit authenticator: that, and the index."""

ALGORITHMS = ("md5", "md5-spi", "hmac-md5")


@cache
def _md5() -> Callable[..., hashlib._Hash]:
    """Give hashlib's MD5: OpenSSL takes 3 ms of a start that has 80, and a lab opens without a digest."""
    from hashlib import md5  # noqa: PLC0415

    return md5


@cache
def _equal() -> Callable[[bytes, bytes], bool]:
    """Give hmac's comparison, for the same reason."""
    from hmac import compare_digest  # noqa: PLC0415

    return compare_digest


def digest(payload: bytes, kind: int, spi: int, key: bytes, algorithm: str = "md5") -> bytes:
    """Compute the authenticator of an extension that follows a payload; KeyError: no such algorithm."""
    md5 = _md5()
    covered = payload + _HEAD.pack(kind, _LENGTH)
    if algorithm == "md5":
        return md5(key + covered + key, usedforsecurity=False).digest()
    covered += _SPI.pack(spi)
    if algorithm == "md5-spi":
        return md5(key + covered + key, usedforsecurity=False).digest()
    if algorithm == "hmac-md5":
        from hmac import digest as hmac_digest  # noqa: PLC0415

        return hmac_digest(key, covered, "md5")
    raise KeyError(algorithm)


def signed(message: M, kind: int, spi: int, key: bytes, algorithm: str = "md5") -> M:
    """Give a message with an authentication extension of a kind behind what it has."""
    authenticator = digest(message.encode(), kind, spi, key, algorithm)
    extension = Authentication(kind, spi, authenticator)
    return message._replace(extensions=(*message.extensions, extension))


def proofs(message: Message, kind: int) -> list[tuple[int, Authentication]]:
    """Give a message's authentication extensions of a kind, each with its place among all extensions."""
    return [
        (place, each)
        for place, each in enumerate(message.extensions)
        if isinstance(each, Authentication) and each.type == kind
    ]


def valid(message: Message, place: int, key: bytes, algorithm: str = "md5") -> bool:
    """Whether the authentication extension at a place among a message's extensions was made with the key."""
    extension = message.extensions[place]
    if not isinstance(extension, Authentication):
        return False
    before = message._replace(extensions=message.extensions[:place]).encode()
    wanted = digest(before, extension.type, extension.spi, key, algorithm)
    return _equal()(wanted, extension.authenticator)
