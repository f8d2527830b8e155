"""`diff`: two configurations compared by meaning: what running-config would be, block by block.

Abbreviations, slips, defaults that are written out and the order of lines are thus no difference, but for the order of
those lines that a router reads as a list. A line that is no command is compared as it is written.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .reading import Fact, Lines, Reading, Trouble

ORDERED = (
    "access-list",
    "permit",
    "deny",
    "remark",
    "ip name-server",
    "ip mobile foreign-agent care-of",  # the order of care-of addresses in advertisements (mobile-ip.md 1.2)
    "ip mobile home-agent standby",  # the first group with a peer carries an update (R35)
)
"""Commands whose lines are a list, by the names of `iosemu grammar`."""


class Row(NamedTuple):
    """A row of the comparison: `-` (only in the first), `+` (only in the second) or a blank (a block of both)."""

    sign: str
    text: str

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


class Block(NamedTuple):
    """A line and those below it, as they are compared; `list` names the list that it is of, if any."""

    text: str
    command: str
    below: tuple[Block, ...] = ()
    list: str = ""


def compare(one: Reading, other: Reading) -> Iterator[Row]:
    """Yield what differs, each line below the lines that lead to it."""
    yield from _differences(_all(one), _all(other), "")


def _all(reading: Reading) -> tuple[Block, ...]:
    """Give a router's lines; those that are no commands stand where they were typed, if that has lines at all."""
    unread = [trouble for trouble in reading.troubles if not trouble.understood]
    # What a router is called where nothing says so is no line of its configuration.
    blocks = (block for block in _blocks(reading, unread) if block.text != f"hostname {reading.name}")
    placed = {id(each.target) for each in _modes(reading)}
    return (*blocks, *(_written(trouble) for trouble in unread if id(trouble.target) not in placed))


def _modes(lines: Lines) -> Iterator[Lines]:
    yield lines
    for fact in lines.below:
        yield from _modes(fact)


def _blocks(lines: Lines, unread: Sequence[Trouble]) -> tuple[Block, ...]:
    found = (Block(fact.text, fact.command, _blocks(fact, unread), _list(fact)) for fact in lines.below)
    return (*found, *(_written(trouble) for trouble in unread if trouble.target is lines.target))


def _written(trouble: Trouble) -> Block:
    return Block(" ".join(trouble.source.text.split()), "")


def _list(fact: Fact) -> str:
    """Name the list that a line is of: `access-list 10` and `access-list 11` are two."""
    if fact.command.partition(" ")[0] not in ORDERED and fact.command not in ORDERED:
        return ""
    return fact.text.split()[1] if fact.command.startswith("access-list") else fact.command


def _differences(one: Sequence[Block], other: Sequence[Block], indent: str) -> Iterator[Row]:
    for sign, block, twin in _merged(one, other):
        if twin is None:
            yield from _whole(sign, block, indent)
        elif within := list(_differences(block.below, twin.below, indent + " ")):
            yield from (Row(" ", indent + row) for row in block.text.split("\n"))
            yield from within


def _whole(sign: str, block: Block, indent: str) -> Iterator[Row]:
    yield from (Row(sign, indent + row) for row in block.text.split("\n"))
    for each in block.below:
        yield from _whole(sign, each, indent + " ")


def _merged(one: Sequence[Block], other: Sequence[Block]) -> list[tuple[str, Block, Block | None]]:
    """Pair the lines of both, in an order that is that of each: (sign, line, its twin)."""
    twins = _twins(one, other)
    paired = set(twins.values())
    merged: list[tuple[str, Block, Block | None]] = []
    for number, block in enumerate(one):
        twin = twins.get(number)
        merged.append(("-", block, None) if twin is None else (" ", block, other[twin]))
    at = 0
    for number, block in enumerate(other):
        if number in paired:
            at = 1 + next(index for index, (_, _, twin) in enumerate(merged) if twin is block)
            continue
        while at < len(merged) and merged[at][0] == "-" and merged[at][1].command == block.command:
            at += 1
        merged.insert(at, ("+", block, None))
        at += 1
    return merged


def _twins(one: Sequence[Block], other: Sequence[Block]) -> dict[int, int]:
    """Find which line of the first is which of the second, by number."""
    found: dict[int, int] = {}
    free: dict[tuple[str, str], list[int]] = {}
    for number, block in enumerate(other):
        free.setdefault((block.list, block.text), []).append(number)
    for number, block in enumerate(one):
        if not block.list and (same := free.get(("", block.text))):
            found[number] = same.pop(0)
    for name in dict.fromkeys(block.list for block in one if block.list):
        here = [number for number, block in enumerate(one) if block.list == name]
        there = [number for number, block in enumerate(other) if block.list == name]
        texts = [one[number].text for number in here], [other[number].text for number in there]
        for start, at, size in SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks():
            found |= {here[start + each]: there[at + each] for each in range(size)}
    return found
