"""What home agents ask of messages alike: to be readable, and to prove who sent them (RFC 2002 §3.5, §3.8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.authentication import proofs, valid
from iosemu.features.mobileip.packet import Extension

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.packet import Message
    from iosemu.features.mobileip.state import Association

NO_ASSOCIATION, BAD_AUTHENTICATOR, BAD_IDENTIFIER, BAD_SPI, MISSING, OTHER = range(1, 7)
"""Keys of `counters.REASONS`."""


class Denied(Exception):  # noqa: N818 - the word of the protocol
    """A request that is refused with a code, and for proofs, a reason."""

    def __init__(self, code: int, reason: int = 0, spi: int = 0, peer: IPv4 | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.spi = spi
        self.peer = peer
        """The foreign agent, when it is that which failed."""


def unknown(message: Message) -> bool:
    """Whether a message has an extension that may not be skipped (RFC 2002 §1.9: types below 128)."""
    return any(isinstance(each, Extension) and each.type < 128 for each in message.extensions)


def prove(
    message: Message, kind: int, shared: list[Association], code: int, peer: IPv4 | None = None
) -> Association:
    """Give the association with which a message proves who sent it; Denied when it does not.

    The index that is logged is 0 but for a bad authenticator (reference mobile-ip.md §2.7).
    """
    found = proofs(message, kind)
    if not found:
        raise Denied(code, MISSING, peer=peer)
    if len(found) > 1:
        raise Denied(code, OTHER, peer=peer)
    place, extension = found[0]
    association = next((each for each in shared if each.inbound == extension.spi), None)
    if association is None:
        raise Denied(code, BAD_SPI, peer=peer)
    if not valid(message, place, association.octets, association.algorithm):
        raise Denied(code, BAD_AUTHENTICATOR, extension.spi, peer)
    return association
