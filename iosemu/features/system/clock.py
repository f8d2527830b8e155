"""The node's clock: `show clock`, `clock set`, time zones and summer time.

A router counts in UTC: the lab's time, moved by what `clock set` said. `Zone` says what is local; it keeps
the zone of the log's stamps right, waking at the instants at which summer time begins and ends. Forms:
`reference/ios-shell.md` §4.8, §7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.lab.clock import DAY, HOUR, MINUTE, SECOND, date
from iosemu.lab.log import DAYS, MONTHS
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node


class Summer(NamedTuple):
    """A rule of summer time, its two instants each in the local time that ends there."""

    zone: str
    begins: tuple[int, int, int, int, int]
    """Recurring: week (5: the last), weekday (0: Monday), month, hour, minute; else year, month, day …"""
    ends: tuple[int, int, int, int, int]
    offset: int
    """Minutes that clocks are moved by."""
    recurring: bool
    rule: str
    """What running-config writes of it; nothing for the rule that is the default."""


DEFAULT_RULE = "2 Sun Mar 2:00 1 Sun Nov 2:00"
"""The United States' since 2007, which 12.4(15)T knows."""


def days(year: int, month: int, day: int) -> int:
    """Count the days from 1 January 1970 to a date, which may be past its month's end."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def month_length(year: int, month: int) -> int:
    """Give the number of days in a month."""
    return days(year + month // 12, month % 12 + 1, 1) - days(year, month, 1)


class Zone:
    """What local time is at a node (a part of it)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.name = "UTC"
        self.offset = 0
        """Minutes east of UTC, without summer time."""
        self.summer: Summer | None = None
        self._boots = node.boots
        self._due: int | None = None

    def changes(self, year: int) -> list[tuple[int, bool]]:
        """List the instants (Unix microseconds) of one year at which summer time begins (True) or ends."""
        summer = self.summer
        if summer is None:
            return []
        begins, ends = _instant(summer, summer.begins, year), _instant(summer, summer.ends, year)
        return [
            (begins - self.offset * MINUTE, True),
            (ends - (self.offset + summer.offset) * MINUTE, False),
        ]

    def settle(self) -> None:
        """Have the log's stamps agree, and come back when summer time begins or ends."""
        log, now = self.node.log, self.node.unix
        log.timezone, log.timezone_offset = self.at(now)
        coming = [when for when, _ in self._around(now) if when > now]
        self._due = min(coming) - now + self.node.now if coming else None
        if self._due is not None:
            self.node.lab.clock.at(self._due, self.node.name, self)

    def happen(self, now: int) -> None:
        """Answer the clock; a call that has become pointless does nothing."""
        if self._boots == self.node.boots and self._due == now:
            self.settle()

    def at(self, unix: int) -> tuple[str, int]:
        """Give the zone's name and its minutes east of UTC at an instant."""
        past = [each for each in self._around(unix) if each[0] <= unix]
        if self.summer is not None and past and max(past)[1]:
            return self.summer.zone, self.offset + self.summer.offset
        return self.name, self.offset

    def unix(self, local: int) -> int:
        """Give the instant that is a local time; of an hour that comes twice, the first, in summer time."""
        if self.summer is not None:
            instant = local - (self.offset + self.summer.offset) * MINUTE
            if self.at(instant)[0] == self.summer.zone:
                return instant
        return local - self.offset * MINUTE

    def _around(self, unix: int) -> list[tuple[int, bool]]:
        year = date(unix).year
        found = [each for near in (year - 1, year, year + 1) for each in self.changes(near)]
        return sorted(set(found))


def _instant(summer: Summer, point: tuple[int, int, int, int, int], year: int) -> int:
    if not summer.recurring:
        own_year, month, day, hour, minute = point
        return days(own_year, month, day) * DAY + hour * HOUR + minute * MINUTE
    week, weekday, month, hour, minute = point
    first = days(year, month, 1)
    day = first + (weekday - (first + 3)) % 7 + 7 * (week - 1)
    if day >= first + month_length(year, month):
        day -= 7
    return day * DAY + hour * HOUR + minute * MINUTE


def zone(node: Node) -> Zone:
    """Give a node's zone, UTC when nothing is configured."""
    return node.peek(Zone) or Zone(node)


def said(node: Node, unix: int, *, milliseconds: bool = False) -> str:
    """Say an instant (Unix microseconds) as IOS does, `23:35:07 UTC Mon Nov 24 2025`."""
    return _said(unix, *zone(node).at(unix), milliseconds=milliseconds)


def _said(unix: int, name: str, offset: int, *, milliseconds: bool = False) -> str:
    at = date(unix + offset * MINUTE)
    text = f"{at.hour:02}:{at.minute:02}:{at.second:02}"
    if milliseconds:
        text += f".{at.microsecond // 1000:03}"
    return f"{text} {name} {DAYS[at.weekday]} {MONTHS[at.month - 1]} {at.day} {at.year}"


def caret(session: Session, word: str) -> Reply:
    """Complain of a word of the line that runs now, as the parser does of one it can't read."""
    yield " " * (len(session.prompt) + session.typed.rfind(word)) + "^"
    yield "% Invalid input detected at '^' marker."
    yield ""


def _now(node: Node) -> str:
    return ("" if node.clock_set else "*") + said(node, node.unix, milliseconds=True)


def _source(node: Node) -> str:
    return "Time source is user configuration" if node.clock_set else "No time source"


def heading(session: Session) -> Iterator[str]:
    """Yield what `exec prompt timestamp` has stand above a screen (ios-shell.md §7); nothing loads a router here."""
    yield "Load for five secs: 0%/0%; one minute: 0%; five minutes: 0%"
    yield f"{_source(session.node)}, {_now(session.node)}"
    yield ""


# --- EXEC


@command("exec", "show clock")
def show_clock(node: Node, *, detail: bool = False) -> Reply:
    """Show the time; a `*` says that nobody has set it."""
    yield _now(node)
    if not detail:
        return
    yield _source(node)
    held = zone(node)
    for when, begins in held.changes(date(node.unix).year):
        # Told in the time that ends there.
        yield f"Summer time {'starts' if begins else 'ends'} {_said(when, *held.at(when - 1))}"


@command("exec", "clock set")
def clock_set(session: Session, *, time: int, day: int, month: int, year: int) -> Reply:
    """Set the clock, in local time."""
    node: Node = session.node
    if day > month_length(year, month):
        yield from caret(session, str(day))
        return
    was = said(node, node.unix)
    wanted = days(year, month, day) * DAY + time * SECOND
    node.clock_offset = zone(node).unix(wanted) - node.lab.unix
    node.clock_set = True
    if (held := node.peek(Zone)) is not None:
        held.settle()
    _updated(session, was)


def _updated(session: Session, was: str) -> None:
    node: Node = session.node
    if session.line == "memory":
        return
    text = f"System clock has been updated from {was} to {said(node, node.unix)}"
    node.log.emit("SYS", 6, "CLOCKUPDATE", f"{text}, configured from console by {session.who}.")


# --- Configuration


@command("global", "clock timezone")
def timezone(
    session: Session, *, zone: str = "UTC", hours: int = 0, minutes: int = 0, no: bool = False
) -> None:
    """Say how far local time is from UTC, and what it is called."""
    node: Node = session.node
    was = said(node, node.unix)
    held = node.part(Zone)
    held.name, held.offset = ("UTC", 0) if no else (zone, hours * 60 + (-minutes if hours < 0 else minutes))
    held.settle()
    _updated(session, was)


@timezone.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Zone)
    if held and (held.name, held.offset) != ("UTC", 0):
        sign = -1 if held.offset < 0 else 1
        hours, minutes = divmod(abs(held.offset), 60)
        yield {"zone": held.name, "hours": sign * hours, "minutes": minutes or None}


@command("global", "clock summer-time")
def summer_time(
    session: Session,
    *,
    zone: str = "",
    recurring: bool = False,
    date: bool = False,
    rule: str = "",
    no: bool = False,
) -> Reply:
    """Say when local clocks are put forward and back."""
    del date
    node: Node = session.node
    try:
        summer = None if no else _read(zone, rule, recurring=recurring)
    except (ValueError, IndexError):
        yield from caret(session, rule)
        return
    was = said(node, node.unix)
    held = node.part(Zone)
    held.summer = summer
    held.settle()
    _updated(session, was)


@summer_time.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Zone)
    if held and (summer := held.summer):
        kind = "recurring" if summer.recurring else "date"
        yield {"zone": summer.zone, kind: True, "rule": summer.rule or None}


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKS = ("1", "2", "3", "4", "last")


def _read(zone: str, rule: str, *, recurring: bool) -> Summer:
    """Read a rule, `last Sun Mar 2:00 last Sun Oct 3:00` or `30 Mar 2002 2:00 …`; ValueError: it is none."""
    words = (rule or DEFAULT_RULE).split()
    if len(words) not in (8, 9) or (not rule and not recurring):
        raise ValueError(rule)
    offset = int(words[8]) if len(words) == 9 else 60
    if not 1 <= offset <= 1440:
        raise ValueError(offset)
    points, text = [], []
    for first, second, third, time in (words[:4], words[4:8]):
        hour, minute = _time(time)
        if recurring:
            week = _WEEKS.index({"first": "1"}.get(first.lower(), first.lower()))
            weekday, month = _index(second, _WEEKDAYS), _index(third, _MONTH_NAMES)
            points.append((week + 1, weekday, month + 1, hour, minute))
            text += [_WEEKS[week], DAYS[weekday], MONTHS[month]]
        else:
            first, second = (second, first) if first.isdecimal() else (first, second)  # noqa: PLW2901
            month, day, year = _index(first, _MONTH_NAMES) + 1, int(second), int(third)
            if not 1 <= day <= month_length(year, month) or not 1993 <= year <= 2035:
                raise ValueError(rule)
            points.append((year, month, day, hour, minute))
            text += [MONTHS[month - 1], str(day), str(year)]
        text.append(f"{hour}:{minute:02}")
    said_rule = " ".join(text) + (f" {offset}" if offset != 60 else "")
    if recurring and said_rule == DEFAULT_RULE:
        said_rule = ""
    return Summer(zone, points[0], points[1], offset, recurring, said_rule)


_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _index(word: str, names: tuple[str, ...]) -> int:
    found = [at for at, name in enumerate(names) if name.lower().startswith(word.lower())]
    if len(word) < 3 or len(found) != 1:
        raise ValueError(word)
    return found[0]


def _time(text: str) -> tuple[int, int]:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise ValueError(text)
    return int(hour), int(minute)
