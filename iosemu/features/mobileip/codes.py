"""The numbers of registration, with their letters and words: flags of requests, codes of replies."""

from __future__ import annotations

FLAGS = {"S": 0x80, "B": 0x40, "D": 0x20, "M": 0x10, "G": 0x08, "V": 0x04, "T": 0x02}
"""A request's flags: simultaneous bindings, broadcasts, decapsulation by the mobile node itself, minimal
encapsulation, GRE, Van Jacobson compression, reverse tunnel (RFC 3024 §3.2)."""
RESERVED = 0x01
"""The bit that must be zero."""

CODES = {
    0: "accept",
    1: "accept, no simultaneous bindings",
    64: "reason unspecified",
    65: "administratively prohibited",
    66: "insufficient resources",
    67: "MN failed authentication",
    68: "HA failed authentication",
    69: "lifetime too long",
    70: "poorly formed request",
    71: "poorly formed reply",
    72: "unsupported encapsulation",
    73: "compression unavailable",
    74: "reverse tunnel unavailable",
    75: "reverse tunnel mandatory",
    76: "mobile node too distant",
    77: "invalid care-of address",
    78: "registration timeout",
    80: "home network unreachable",
    81: "HA host unreachable",
    82: "HA port unreachable",
    88: "HA unreachable",
    128: "reason unspecified",
    129: "administratively prohibited",
    130: "insufficient resources",
    131: "MN failed authentication",
    132: "FA failed authentication",
    133: "registration id mismatched",
    134: "poorly formed request",
    135: "too many simultaneous bindings",
    136: "unknown HA",
    137: "reverse tunnel unavailable",
    138: "reverse tunnel mandatory",
    139: "unsupported encapsulation",
}
"""Reply codes in IOS's words (reference mobile-ip.md §3.6); those below 128 are a foreign agent's."""


def letters(flags: int) -> str:
    """Write a request's flags, those that are set in capitals (specification line 299)."""
    return "".join(letter if flags & bit else letter.lower() for letter, bit in FLAGS.items())
