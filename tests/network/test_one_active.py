"""The promise of HSRP, under random trouble: one router answers for a virtual address, and not two."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings

from iosemu.app import Lab
from tests.network import schedules
from tests.network.schedules import Schedule, active, members, quiet

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def never_two(lab: Lab) -> None:
    """While no frame is under way on a segment, at most one router of a group there is active."""
    for (segment, number), group in members(lab).items():
        found = active(group)
        assert len(found) <= 1 or not quiet(lab, segment), (
            f"second {lab.clock.now / 1e6}: group {number} on {segment} has active {found}"
        )


def one_each(lab: Lab) -> None:
    """In each group that can have one, one router is active; it alone has the address, and all know who it is."""
    for (segment, number), group in members(lab).items():
        found = active(group)
        where = f"second {lab.clock.now / 1e6}: group {number} on {segment}"
        can = any(each.machine.configured_ip is not None and each.obstacle is None for each in group)
        assert len(found) == can, f"{where} has active {found}"
        if not can:
            continue
        chosen = next(each for each in group if each.machine.state == "Active")
        address = chosen.machine.virtual_ip
        assert address is not None
        owners = [each for each in group if address in each.interface.virtual]
        assert owners == [chosen], where
        standby = [each for each in group if each.machine.state == "Standby"]
        assert len(standby) == (len(group) > 1), f"{where} has {len(standby)} standby routers"
        for each in group:
            if each is not chosen:
                assert each.machine.active_router == chosen.machine.address, where
                mine = each.machine
                theirs = chosen.machine
                better = (mine.priority, mine.address) > (theirs.priority, theirs.address)
                assert not (better and mine.preempt), f"{where}: {each.interface.node.name} did not preempt"


def judge(schedule: Schedule) -> None:
    """Play a schedule; after each event, and whenever all is settled, hold the promise against the lab."""
    note(schedule.text)
    for row, lab in schedules.play(schedule, never_two):
        if row.startswith("lab>advance ") and float(row.split()[1]) * 1e6 >= schedule.settled:
            one_each(lab)


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(schedules.schedules())
def test_one_router_is_active_whatever_happens(schedule: Schedule) -> None:
    """At any quiet moment at most one router of a group is active, and one when three hold times have passed."""
    judge(schedule)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(schedules.schedules(longest=25))
def test_one_router_is_active_through_long_trouble(schedule: Schedule) -> None:
    """The same of more and longer schedules."""
    judge(schedule)
