"""The clock: virtual now, and a heap of what is due.

Time is whole microseconds since the lab's second 0. Entries are plain tuples of data, never closures, so that
a clock can be copied with everything that is under way. What is due at one instant happens in the order in
which it was asked for. Nothing is ever taken out before its time: who asked may ignore the call
(`machine.Driver`).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Protocol

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from typing import TypeAlias

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = 1_014_940_800
"""1 March 2002, 00:00:00 UTC, in Unix seconds: where routers start to count since 12.2."""


class Due(Protocol):
    """Something that can be put on the clock."""

    def happen(self, now: int) -> None:
        """Do what was due, at the instant for which it was asked."""
        ...


Entry: TypeAlias = "tuple[int, int, str, Due]"
"""When, a number that breaks ties, the node (or segment) whose business it is, and what."""


class Clock:
    """Virtual time."""

    __slots__ = ("_heap", "_number", "now")

    def __init__(self) -> None:
        self.now = 0
        self._heap: list[Entry] = []
        self._number = 0

    def at(self, when: int, node: str, what: Due) -> None:
        """Ask for `what.happen(when)`; an instant that has passed means now."""
        self._number = number = self._number + 1
        heappush(self._heap, (when if when > self.now else self.now, number, node, what))  # noqa: FURB136 - hot

    def due(self) -> int | None:
        """Tell when the next thing is due."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Entry:
        """Take the next thing due, and move `now` to it; IndexError when nothing is."""
        entry = heappop(self._heap)
        self.now = entry[0]
        return entry

    def run(self, until: int) -> None:
        """Let happen all that is due until an instant, and at it; `now` is that of the last of it."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, _, what = heappop(heap)
            what.happen(self.now)

    @property
    def happened(self) -> int:
        """How many things have been taken out so far."""
        return self._number - len(self._heap)

    def __len__(self) -> int:
        return len(self._heap)


class Date(NamedTuple):
    """A moment on the calendar; `weekday` counts from Monday, 0."""

    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int
    microsecond: int


def date(moment: int) -> Date:
    """Put Unix microseconds on the (proleptic Gregorian) calendar.

    Years are counted from March, so that the leap day is a year's last. Our own, because `datetime` costs
    more to import than all of this package.
    """
    seconds, microsecond = divmod(moment, SECOND)
    days, rest = divmod(seconds, 86_400)
    era, day = divmod(days + 719_468, 146_097)  # eras of 400 years, from 0000-03-01
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month = month + 3 if month < 10 else month - 9
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return Date(
        era * 400 + year + (month <= 2), month, day + 1, (days + 3) % 7, hour, minute, second, microsecond
    )
