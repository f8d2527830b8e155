"""Access lists: which addresses a standard list lets through, for all who are told to look at one.

Lists are kept lines (nothing filters packets), so features and fronts read them here. The rule kept here is
IOS's: the first entry that matches decides, what none matches is denied, and a list that has no entry at all
lets everything through. An extended list speaks of protocols and ports, and is not looked at: as if it had
no entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple

from .kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.parts import Parts

    from .command import Values

_NAMED = "ip access-list standard"
_ALL = IPv4(0xFFFFFFFF)


class Entry(NamedTuple):
    """A line of a standard list: bits of `source` that are 1 in `wildcard` do not count."""

    permits: bool
    source: IPv4
    wildcard: IPv4

    def matches(self, address: IPv4) -> bool:
        """Whether the line is about an address."""
        return not (address ^ self.source) & ~self.wildcard


def standard(node: Parts, name: str) -> list[Entry]:
    """Give a standard list's entries in order, those of a numbered list first; none: there is no such list."""
    order: dict[int, Values] = {}
    for values in _lines(node, name):
        # One without a number goes to the end, ten further on, as in 12.3 and later.
        order[values.get("sequence") or max(order, default=0) + 10] = values
    return [_entry(order[number]) for number in sorted(order)]


def permits(node: Parts, name: str, address: IPv4) -> bool:
    """Whether a list lets an address through."""
    entries = standard(node, name)
    return next((entry.permits for entry in entries if entry.matches(address)), not entries)


def _lines(node: Parts, name: str) -> Iterator[Values]:
    held = node.peek(Kept)
    for (command, _), (values, block) in held.lines.items() if held else ():
        if command == "access-list" and str(values.get("standard")) == name:
            yield from _rules(values)
        elif command == _NAMED and str(values.get("name")) == name:
            inner = block.peek(Kept) if block else None
            for said, _ in inner.lines.values() if inner else ():
                yield from _rules(said)


def _rules(values: Values) -> Iterator[Values]:
    if values.get("permit") or values.get("deny"):
        yield values


def _entry(values: Values) -> Entry:
    permit = bool(values.get("permit"))
    if values.get("any") or values.get("any_source"):
        return Entry(permit, IPv4(0), _ALL)
    source = values.get("host") or values.get("source") or IPv4(0)
    return Entry(permit, source, values.get("wildcard") or IPv4(0))
