"""Bytes ⇄ values: frames, packets and messages as immutable values that know their octets. No behaviour.

Values travel through the lab as they are; octets are made when someone captures or digests them. How values
and decoders look is said in `octets`, how a feature adds its own over UDP in `udp`.
"""

from __future__ import annotations

from iosemu.wire.octets import Encodable, Malformed

__all__ = ["Encodable", "Malformed"]
