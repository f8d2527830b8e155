"""IP within IP (RFC 2003): a packet whose protocol is 4 and whose payload is a packet.

What §3.1 says of the outer header is here; when to decrement the inner TTL, and what to refuse, is the
tunnel's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.wire.ipv4 import IPIP, Packet
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from iosemu.addresses import IPv4


def wrap(
    inner: Packet, source: IPv4, destination: IPv4, *, ttl: int = 255, identification: int = 0
) -> Packet:
    """Put a packet into another, whose type of service and Don't Fragment are the inner ones (§3.1)."""
    return Packet(
        source,
        destination,
        IPIP,
        inner,
        ttl=ttl,
        tos=inner.tos,
        identification=identification,
        dont_fragment=inner.dont_fragment,
    )


def unwrap(outer: Packet) -> Packet:
    """Give the packet within a packet, unchanged; Malformed when there is none (rubbish, or a fragment)."""
    if outer.protocol != IPIP or not isinstance(outer.payload, Packet):
        raise Malformed("IP in IP: no packet within")
    return outer.payload
