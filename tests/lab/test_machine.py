"""Drivers: machines are woken at their deadlines, exactly, and never after their node is off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab.lab import Lab
from iosemu.lab.machine import Driver


class Alarm:
    """A machine that notes when it expired; its deadline can be moved at will."""

    def __init__(self) -> None:
        self.when: int | None = None
        self.rang: list[int] = []

    def deadline(self) -> int | None:
        """Give the deadline set."""
        return self.when

    def expire(self, now: int) -> list[str]:
        """Ring."""
        self.rang.append(now)
        self.when = None
        return ["ring"]


class Bell:
    """Owns an alarm, as a feature's part would; an effect may be an input again."""

    def __init__(self, lab: Lab, name: str = "R") -> None:
        self.alarm = Alarm()
        self.carried: list[str] = []
        self.driver: Driver[str] = Driver(lab[name], self.alarm, self.carry)

    def set(self, when: int | None) -> None:
        """Move the deadline, as an input would."""
        self.alarm.when = when
        self.driver.run()

    def carry(self, effect: str) -> None:
        """Note an effect; `nested` makes two more by another input."""
        self.carried.append(effect)
        if effect == "nested":
            self.driver.run(["late 1", "late 2"])


def bell() -> tuple[Lab, Bell]:
    """Make a lab of one router with a bell."""
    lab = Lab()
    lab.add_node("R")
    lab.start()
    return lab, Bell(lab)


@given(st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(0, 60)), max_size=30))
def test_a_deadline_is_met_at_its_instant_however_it_was_moved(moves: list[tuple[int, int | None]]) -> None:
    """The alarm rings when a plain simulation of "ring at the deadline" rings."""
    lab, ringing = bell()
    expected: list[int] = []
    deadline: int | None = None
    now = 0
    for pause, ahead in moves:
        end = now + pause
        if deadline is not None and deadline <= end:
            expected.append(deadline)
            deadline = None
        lab.run_until(end)
        now = end
        deadline = None if ahead is None else now + ahead
        ringing.set(deadline)
    if deadline is not None:
        expected.append(deadline)
    lab.run_until(now + 1_000)
    assert ringing.alarm.rang == expected


def test_a_deadline_that_is_put_off_does_not_fill_the_clock() -> None:
    """Ten thousand hellos that put off a hold time leave one entry on the clock."""
    lab, ringing = bell()
    for _ in range(10_000):
        lab.run_until(lab.clock.now + 3)
        for _ in range(2):
            ringing.set(lab.clock.now + 10)
        assert len(lab.clock) == 1
    lab.run_until(lab.clock.now + 20)
    assert ringing.alarm.rang == [30_010]


def test_effects_of_a_nested_input_wait_for_those_before_them() -> None:
    """Effects are carried out in the order in which they came about."""
    _, ringing = bell()
    ringing.driver.run(["nested", "second"])
    assert ringing.carried == ["nested", "second", "late 1", "late 2"]


def test_a_stopped_driver_does_nothing_any_more() -> None:
    """Neither what is due nor an effect is carried out after `stop`."""
    lab, ringing = bell()
    ringing.set(5)
    ringing.driver.stop()
    ringing.driver.run(["effect"])
    lab.run_until(10)
    assert ringing.alarm.rang == []
    assert ringing.carried == []


@pytest.mark.parametrize("again", [False, True])
def test_a_machine_dies_with_its_node_s_power(again: bool) -> None:
    """A deadline set before power off is not met, not even when the node is on again by then."""
    lab, ringing = bell()
    ringing.set(5)
    lab.power("R", on=False)
    if again:
        lab.power("R", on=True)
    lab.run_until(10)
    assert ringing.alarm.rang == []
