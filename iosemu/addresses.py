"""IPv4 and Ethernet addresses as integers that print themselves the way IOS does.

Integers, because a forwarding table compares and masks them all day. Values only: nothing here knows a network,
a parser or a packet.
"""

from __future__ import annotations

import re

from iosemu.values import NamedTuple

_DOTTED = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\Z", re.ASCII)
_MAC = re.compile(r"([0-9a-fA-F]{1,4})\.([0-9a-fA-F]{1,4})\.([0-9a-fA-F]{1,4})\Z")


class IPv4(int):
    """An IPv4 address: an int of 32 bits whose text is dotted decimal."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> IPv4:
        """Read dotted decimal, each octet 0 to 255; ValueError says what was wrong."""
        found = _DOTTED.match(text)
        if not found:
            raise ValueError(f"not an IPv4 address: {text!r}")
        value = 0
        for octet in found.groups():
            number = int(octet)
            if number > 255:
                raise ValueError(f"not an IPv4 address: {text!r}")
            value = value << 8 | number
        return cls(value)

    @property
    def octets(self) -> bytes:
        """The four octets in network order."""
        return self.to_bytes(4, "big")

    @property
    def unicast(self) -> bool:
        """Whether it can be a host's on a network: not 0, loopback, multicast or reserved (RFC 1122 §3.2.1.3)."""
        return self >> 24 not in (0, 127) and self >> 28 < 0xE

    def __str__(self) -> str:
        return f"{self >> 24 & 255}.{self >> 16 & 255}.{self >> 8 & 255}.{self & 255}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"IPv4({str(self)!r})"

    def __copy__(self) -> IPv4:
        return self

    def __deepcopy__(self, memo: object) -> IPv4:
        return self  # a value: checkpoints copy thousands of them


class MAC(int):
    """An Ethernet address: an int of 48 bits whose text is Cisco's `0000.0c07.ac01`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> MAC:
        """Read Cisco's three groups of hexadecimal digits; ValueError otherwise."""
        found = _MAC.match(text)
        if not found:
            raise ValueError(f"not a MAC address: {text!r}")
        high, middle, low = (int(group, 16) for group in found.groups())
        return cls(high << 32 | middle << 16 | low)

    @property
    def octets(self) -> bytes:
        """The six octets in network order."""
        return self.to_bytes(6, "big")

    @property
    def multicast(self) -> bool:
        """Whether the group bit is set (true of broadcast, too)."""
        return bool(self >> 40 & 1)

    def __str__(self) -> str:
        return f"{self >> 32:04x}.{self >> 16 & 0xFFFF:04x}.{self & 0xFFFF:04x}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"MAC({str(self)!r})"

    def __copy__(self) -> MAC:
        return self

    def __deepcopy__(self, memo: object) -> MAC:
        return self  # a value: checkpoints copy thousands of them


def mask(length: int) -> IPv4:
    """Give the netmask of a prefix length, 0 to 32."""
    return IPv4(0xFFFFFFFF << (32 - length) & 0xFFFFFFFF)


def mask_length(netmask: int) -> int | None:
    """Give the prefix length of a netmask, or None when its ones are not contiguous."""
    host = ~netmask & 0xFFFFFFFF
    return None if host & (host + 1) else 32 - host.bit_length()


class Prefix(NamedTuple):
    """A network: its first address (host bits zero) and its prefix length."""

    network: IPv4
    length: int

    @classmethod
    def of(cls, address: int, length: int) -> Prefix:
        """Give the prefix of this length that holds an address."""
        return cls(IPv4(address & mask(length)), length)

    @property
    def mask(self) -> IPv4:
        """The netmask."""
        return mask(self.length)

    @property
    def broadcast(self) -> IPv4:
        """The last address of the network."""
        return IPv4(self.network | ~mask(self.length) & 0xFFFFFFFF)

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and address & mask(self.length) == self.network

    def __str__(self) -> str:
        return f"{self.network}/{self.length}"

    def __copy__(self) -> Prefix:
        return self

    def __deepcopy__(self, memo: object) -> Prefix:
        return self  # a value: checkpoints copy thousands of them


BROADCAST = MAC(0xFFFFFFFFFFFF)
"""The Ethernet address of every station."""
