"""Captures in the classic libpcap format, link type Ethernet, as tcpdump and Wireshark read them."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

_FILE = Struct("<IHHiIII")  # magic (microseconds), version 2.4, zone, accuracy, snapshot length, link type
_RECORD = Struct("<IIII")  # seconds, microseconds, octets kept, octets on the wire
_SNAPSHOT = 262_144  # tcpdump's "everything"; more than an IP packet can have
_ETHERNET = 1


class Writer:
    """A capture being written to a binary file, which stays its owner's to flush and close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(_FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, _SNAPSHOT, _ETHERNET))

    def write(self, now: int, frame: bytes) -> None:
        """Add a frame seen at `now`, microseconds of Unix time; the format keeps 32 bits of the seconds."""
        seconds, microseconds = divmod(now, 1_000_000)
        self._file.write(_RECORD.pack(seconds & 0xFFFFFFFF, microseconds, len(frame), len(frame)) + frame)
