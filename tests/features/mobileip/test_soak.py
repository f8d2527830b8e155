"""In every lab, whatever fails and when, home agents that were mended have between them lost nothing (R3, R29).

What the law is, `trouble` says. What fails shrinks to a session, which stands in the assertion's message.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.features.mobileip import trouble

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def judge(schedule: trouble.Schedule) -> int:
    """Play a schedule; gives how many registrations it caught unacknowledged, AssertionError has its session."""
    try:
        return trouble.play(schedule).caught
    except AssertionError as fault:
        raise AssertionError(f"{fault}\n\n{schedule.text}") from None


@pytest.mark.parametrize("lab", trouble.PLACES)
def test_agents_lose_nothing(lab: str) -> None:
    """Any few faults."""

    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=SLOW)
    @given(trouble.schedules(lab))
    def law(schedule: trouble.Schedule) -> None:
        judge(schedule)

    law()


@pytest.mark.slow
@pytest.mark.parametrize("lab", trouble.PLACES)
def test_agents_lose_nothing_in_long_trouble(lab: str) -> None:
    """Any many faults."""

    @settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
    @given(trouble.schedules(lab, longest=14))
    def law(schedule: trouble.Schedule) -> None:
        judge(schedule)

    law()


@pytest.mark.parametrize(("delay", "caught"), [(0.0035, 0), (0.0045, 1), (0.0055, 0)])
def test_a_registration_that_a_crash_catches_is_counted_and_made_again(delay: float, caught: int) -> None:
    """HA1 goes before a registration comes, when it has accepted it, and when the update is at the peer."""
    rows = (
        "lab>open physical",
        "lab>advance 100",
        "lab>register MN1",
        "lab>advance 2",
        "lab>register MN1",
        f"lab>advance {delay}",
        "lab>power HA1 off",
    )
    assert judge(trouble.Schedule("physical", rows, ("lab>power HA1 on",))) == caught
