"""Sentences drawn from shapes: canonical ones, that is, as running-config would write them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.parser import types
from iosemu.parser.shapes import Argument, Choice, Keyword, Optional, Sequence, Shape
from tests.parser.small import CONTEXT

LETTERS = "ABCabc0189-_."
"""What free words are made of, behind a beginning that no keyword, number, address or interface has."""
FREE = "Xq"

NAMED = {
    "TCP-PORT": 65535,
    "UDP-PORT": 65535,
    "ICMP-MESSAGE": 255,
    "PRECEDENCE": 7,
    "SERVICE": 15,
    "DSCP": 63,
}
"""Types of numbers that may have names, and the highest."""


class Said(NamedTuple):
    """A word of a sentence (a LINE is one), and whether it is a keyword."""

    text: str
    keyword: bool


Words = tuple[Said, ...]


@cache
def sentences(shape: Shape) -> st.SearchStrategy[Words]:
    """Draw the words of a canonical sentence: repeated alternatives in the order written."""
    match shape:
        case Keyword(word):
            return st.just((Said(word, keyword=True),))
        case Argument(_, name):
            return samples(name).map(lambda text: (Said(text, keyword=False),))
        case Sequence(items):
            return st.tuples(*map(sentences, items)).map(_joined)
        case Optional(item):
            return st.one_of(sentences(item), st.just(()))
        case Choice(alternatives, repeat=True):
            maybe = [st.one_of(sentences(each), st.just(())) for each in alternatives]
            some = st.tuples(*maybe).map(_joined).filter(bool)
            return st.one_of(some, st.tuples(*map(sentences, alternatives)).map(_joined))
        case Choice(alternatives):
            return st.one_of(*map(sentences, alternatives))


def _joined(parts: tuple[Words, ...]) -> Words:
    return tuple(word for part in parts for word in part)


@cache
def samples(name: str) -> st.SearchStrategy[str]:
    """Draw texts of a type as the type itself writes them."""
    if bounds := types.bounds(name):
        return st.one_of(st.sampled_from(bounds), st.integers(*bounds)).map(types.of(name).write)
    if name in NAMED:
        return st.integers(0, NAMED[name]).map(
            lambda number: types.of(name).write((number, None) if name == "ICMP-MESSAGE" else number)
        )
    if name == "WORD":
        return _words(2, 12)
    if name.startswith("WORD<"):
        low, high = map(int, name[5:-1].split("-"))
        return _words(low, min(high, 16))
    if name in CONTEXT.names:
        return st.sampled_from(CONTEXT.names[name])
    return {
        "A.B.C.D": st.integers(0, 0xFFFFFFFF).map(lambda number: str(IPv4(number))),
        "H.H.H": st.integers(0, 0xFFFFFFFFFFFF).map(lambda number: str(MAC(number))),
        "HOST": st.one_of(st.integers(0, 0xFFFFFFFF).map(lambda number: str(IPv4(number))), _words(2, 12)),
        "SERVER": st.one_of(st.integers(0, 0xFFFFFFFF).map(lambda number: str(IPv4(number))), _words(2, 12)),
        "HEXKEY": st.binary(min_size=1, max_size=16).map(bytes.hex),
        "LINE": st.lists(_words(2, 6), min_size=1, max_size=3).map(" ".join),
        "hh:mm:ss": st.integers(0, 86399).map(types.of("hh:mm:ss").write),
        "MONTH": st.sampled_from(types.MONTHS),
        "INTERFACE": st.sampled_from(
            ["Ethernet0", "Ethernet0/1", "FastEthernet1/0.10", "Loopback2147483647"]
        ),
    }[name]


def _words(low: int, high: int) -> st.SearchStrategy[str]:
    least = max(0, low - len(FREE))
    return st.text(LETTERS, min_size=least, max_size=max(least, high - len(FREE))).map(
        lambda text: (FREE + text)[:high]
    )
