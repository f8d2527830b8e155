"""Access lists: what a router's lists say of an address, for all who are told to ask one.

The rule kept here is IOS's: entries are looked at in the order of their numbers, the first that matches decides,
what none matches is denied, and a list that has no entry (or is not there) lets everything through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.lab.parts import Parts
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 10
"""By how much entries without a number of their own are apart (12.3 and later)."""
ALL = IPv4(0xFFFFFFFF)
"""The wildcard that any address matches."""


class Rule(NamedTuple):
    """An entry: bits of `source` that are 1 in `wildcard` do not count."""

    permits: bool
    source: IPv4
    wildcard: IPv4
    log: bool = False
    text: str = ""
    """What an entry of an extended list says; such an entry matches no address."""

    def matches(self, source: IPv4) -> bool:
        """Whether the entry is about an address."""
        return not self.text and not (source ^ self.source) & ~self.wildcard


class AccessList(Parts):
    """A list: its entries by their numbers, how often each matched, and the remarks in front of each."""

    def __init__(self, name: str, *, extended: bool = False) -> None:
        super().__init__()
        self.name = name
        self.extended = extended
        self.rules: dict[int, Rule] = {}
        self.remarks: dict[int, list[str]] = {}
        self.matches: dict[int, int] = {}

    @property
    def next(self) -> int:
        """The number that an entry gets which has none of its own: it goes to the end."""
        return max(self.rules, default=0) + STEP

    def add(self, rule: Rule, number: int | None = None) -> bool:
        """Take an entry, unless it is there already; False when another has its number."""
        if rule in self.rules.values():
            return True
        number = self.next if number is None else number
        if number in self.rules:
            return False
        self.rules[number] = rule
        return True

    def remove(self, number: int) -> None:
        """Drop an entry; KeyError when there is none of this number."""
        del self.rules[number]
        self.matches.pop(number, None)

    def lines(self) -> Iterator[tuple[int, Rule | str]]:
        """Give number and entry, or remark, of every line in order."""
        for number in sorted({*self.rules, *self.remarks}):
            yield from ((number, remark) for remark in self.remarks.get(number, ()))
            if number in self.rules:
                yield number, self.rules[number]

    def permits(self, source: IPv4) -> bool:
        """Whether the list lets an address through; the entry that decides counts a match.

        Extended entries speak of whole packets, so that an extended list has nothing to say here.
        """
        for number in sorted(self.rules):
            rule = self.rules[number]
            if rule.matches(source):
                self.matches[number] = self.matches.get(number, 0) + 1
                return rule.permits
        return not self.rules or self.extended


class AccessLists:
    """A router's access lists by name (a part of it); numbered ones have their number for a name."""

    def __init__(self, _: object) -> None:
        self.lists: dict[str, AccessList] = {}

    def get(self, name: str, *, extended: bool) -> AccessList | None:
        """Give the list of a name, made if need be; None when the name is that of the other kind."""
        found = self.lists.setdefault(name, AccessList(name, extended=extended))
        return found if found.extended == extended else None


def permits(node: Parts, name: object, source: IPv4) -> bool:
    """Whether a router's list, by number or name, lets a source address through."""
    held = node.peek(AccessLists)
    found = held.lists.get(str(name)) if held else None
    return found is None or found.permits(source)
