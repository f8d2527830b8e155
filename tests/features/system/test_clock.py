"""The calendar, time zones and summer time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.app import Lab
from iosemu.features.system.clock import days, month_length

if TYPE_CHECKING:
    from iosemu.cli.console import Console


@pytest.fixture
def lab() -> Lab:
    """Open a lab at 1 March 2002."""
    return Lab.load("physical")


@pytest.fixture
def console(lab: Lab) -> Console:
    """Sit at a router's console, in privileged EXEC."""
    console = lab["R0"].console()
    console.send("enable")
    return console


def configure(console: Console, *lines: str) -> str:
    """Type configuration lines and give what they show."""
    console.send("configure terminal")
    rows = [console.send(line) for line in lines]
    console.send("end")
    return "\n".join(row for row in rows if row)


@given(st.dates(dt.date(1970, 1, 1), dt.date(2400, 12, 31)))
def test_days_agree_with_the_calendar(day: dt.date) -> None:
    """Days are counted as Python's calendar counts them, and months are as long."""
    assert days(day.year, day.month, day.day) == (day - dt.date(1970, 1, 1)).days
    following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    assert month_length(day.year, day.month) == (following - dt.timedelta(days=1)).day


def test_nobody_has_set_the_clock(console: Console) -> None:
    """Before `clock set`, the time bears a star."""
    assert console.send("show clock") == "*00:00:00.000 UTC Fri Mar 1 2002"
    assert console.send("show clock detail").splitlines()[1] == "No time source"


def test_clock_set_is_local_and_logged(lab: Lab, console: Console) -> None:
    """`clock set` means local time, takes the star away and leaves a message."""
    configure(console, "clock timezone CET 1")
    assert console.send("clock set 13:32:00 23 July 2001") == ""
    lab.advance(1.5)
    assert console.send("show clock") == "13:32:01.500 CET Mon Jul 23 2001"
    assert console.send("show clock detail").splitlines()[1] == "Time source is user configuration"
    assert lab["R0"].log.buffer[-1].text == (
        "Jul 23 12:32:00.000: %SYS-6-CLOCKUPDATE: System clock has been updated from "
        "01:00:00 CET Fri Mar 1 2002 to 13:32:00 CET Mon Jul 23 2001, configured from console by console."
    )


@pytest.mark.parametrize(
    ("day", "month", "year"), [(31, "April", 2002), (29, "feb", 2001), (30, "Feb", 2004)]
)
def test_a_day_that_is_none_is_refused(console: Console, day: int, month: str, year: int) -> None:
    """A date that no calendar has is complained about, and the clock stays as it was."""
    before = console.send("show clock")
    assert "% Invalid input" in console.send(f"clock set 10:00:00 {day} {month} {year}")
    assert console.send("show clock") == before


@pytest.mark.parametrize(
    ("rule", "date", "before", "after"),
    [
        ("EDT recurring", "10 March 2002", "01:59:59.000 EST", "03:00:00.000 EDT"),
        ("EDT recurring", "3 November 2002", "01:59:59.000 EDT", "01:00:00.000 EST"),
        (
            "EDT recurring last Sun Mar 2:00 last Sun Oct 3:00",
            "31 March 2002",
            "01:59:59.000 EST",
            "03:00:00.000 EDT",
        ),
        (
            "EDT date Oct 6 2002 2:00 Apr 6 2003 3:00 30",
            "6 October 2002",
            "01:59:59.000 EST",
            "02:30:00.000 EDT",
        ),
    ],
)
def test_summer_time_moves_clocks(
    lab: Lab, console: Console, rule: str, date: str, before: str, after: str
) -> None:
    """Clocks jump at the instant that the rule says, and the log's stamps with them."""
    configure(
        console,
        "clock timezone EST -5",
        f"clock summer-time {rule}",
        "service timestamps log datetime localtime show-timezone",
    )
    console.send(f"clock set 01:59:59 {date}")
    assert console.send("show clock").startswith(before)
    lab.advance(1)
    assert console.send("show clock").startswith(after)
    lab["R0"].log.emit("TEST", 5, "NOW", "now")
    stamp = lab["R0"].log.buffer[-1].text.partition(": %")[0]
    assert stamp.split()[2:] == [after[:8], after[-3:]]


@pytest.mark.parametrize("rule", ["recurring 6 Sun Mar 2:00 1 Sun Nov 2:00", "recurring last Sun", "date x"])
def test_a_rule_that_is_none_is_refused(console: Console, rule: str) -> None:
    """A rule of summer time that can't be read is complained about and not kept."""
    assert "% Invalid input" in configure(console, f"clock summer-time X {rule}")
    assert console.send("show running-config | include summer") == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("clock timezone IST 5 30", "clock timezone IST 5 30"),
        ("clock timezone NST -3 30", "clock timezone NST -3 30"),
        ("clock timezone UTC 0", ""),
        ("clock summer-time S recurring 2 sun march 2:00 1 sun nov 02:00", "clock summer-time S recurring"),
        (
            "clock summer-time S date 6 oct 2002 2:00 6 apr 2003 3:00 90",
            "clock summer-time S date Oct 6 2002 2:00 Apr 6 2003 3:00 90",
        ),
    ],
)
def test_the_zone_is_written(console: Console, typed: str, kept: str) -> None:
    """Zones and rules stand in running-config in proper form; the default does not."""
    configure(console, typed)
    assert console.send("show running-config | include ^clock") == kept
    configure(console, f"no {' '.join(typed.split()[:2])}")
    assert console.send("show running-config | include ^clock") == ""


def test_a_zone_survives_a_checkpoint(lab: Lab, console: Console) -> None:
    """A restored lab changes to summer time as the saved one would have."""
    configure(console, "clock timezone EST -5", "clock summer-time EDT recurring")
    console.send("clock set 01:59:00 10 March 2002")
    lab.checkpoint("before")
    lab.advance(120)
    lab.restore("before")
    lab.advance(61)
    assert console.send("show clock").startswith("03:00:01.000 EDT")
