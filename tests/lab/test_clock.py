"""The clock: order, ties, and the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab.clock import EPOCH, SECOND, Clock, date


class Note:
    """Writes down when it happened, and may ask for something more."""

    def __init__(self, name: int, seen: list[tuple[int, int]]) -> None:
        self.name = name
        self.seen = seen

    def happen(self, now: int) -> None:
        """Write down."""
        self.seen.append((now, self.name))


@given(st.lists(st.integers(0, 20)))
def test_things_happen_in_the_order_of_their_instants_and_then_of_asking(instants: list[int]) -> None:
    """What is popped is the stable sort of what was asked for."""
    clock = Clock()
    seen: list[tuple[int, int]] = []
    for name, when in enumerate(instants):
        clock.at(when, "node", Note(name, seen))
    while clock.due() is not None:
        when, _, _, what = clock.pop()
        assert clock.now == when
        what.happen(when)
    assert seen == sorted(((when, name) for name, when in enumerate(instants)), key=lambda pair: pair[0])


def test_what_is_asked_for_in_the_past_happens_now() -> None:
    """Time never runs backwards."""
    clock = Clock()
    clock.now = 5 * SECOND
    clock.at(SECOND, "node", Note(0, []))
    assert clock.due() == 5 * SECOND


def test_an_empty_clock_has_nothing_due() -> None:
    """`due` is None, and `pop` an IndexError, when nothing was asked for."""
    clock = Clock()
    assert clock.due() is None
    assert len(clock) == 0
    with pytest.raises(IndexError):
        clock.pop()


@given(st.datetimes(datetime(1600, 1, 1), datetime(2700, 1, 1)))  # noqa: DTZ001 - hypothesis wants them naive
def test_the_calendar_is_python_s(moment: datetime) -> None:
    """`date` agrees with `datetime` on every moment of eleven centuries."""
    moment = moment.replace(tzinfo=UTC)
    found = date((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    assert found[:3] == (moment.year, moment.month, moment.day)
    assert found.weekday == moment.weekday()
    assert found[4:] == (moment.hour, moment.minute, moment.second, moment.microsecond)


def test_second_0_is_the_first_of_march_2002() -> None:
    """The default epoch is where IOS starts to count."""
    assert date(EPOCH * SECOND) == (2002, 3, 1, 4, 0, 0, 0, 0)
