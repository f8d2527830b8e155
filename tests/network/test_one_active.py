"""The promise of HSRP, under random trouble: one router answers for a virtual address, and not two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings

from iosemu.lab.clock import SECOND
from tests.network import schedules
from tests.network.schedules import active, members, quiet

if TYPE_CHECKING:
    from iosemu.app import Lab
    from tests.network.schedules import Schedule

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def never_two(lab: Lab) -> None:
    """While no frame is under way on a segment, at most one router of a group there is active."""
    for (segment, number), group in members(lab).items():
        found = active(group)
        assert len(found) <= 1 or not quiet(lab, segment), (
            f"second {lab.clock.now / 1e6}: group {number} on {segment} has active {found}"
        )


def one_each(lab: Lab) -> None:
    """In each group of which somebody knows the address one router is active, and has that address alone."""
    for (segment, number), group in members(lab).items():
        where = f"second {lab.clock.now / 1e6}: group {number} on {segment}"
        known = [each.machine.virtual_ip for each in group if each.machine.virtual_ip is not None]
        assert len(active(group)) == bool(known), f"{where} has active {active(group)}"
        owners = [each.interface.node.name for each in group if set(known) & set(each.interface.virtual)]
        assert owners == active(group), f"{where}: {owners} answer for the address"


def all_agree(lab: Lab) -> None:
    """In each group with an active router the others know it, one is standby, and no better one should preempt."""
    for (segment, number), group in members(lab).items():
        where = f"second {lab.clock.now / 1e6}: group {number} on {segment}"
        chosen = next((each.machine for each in group if each.machine.state == "Active"), None)
        others = [each.machine for each in group if each.machine is not chosen]
        for each in others if chosen else ():
            assert chosen is not None
            assert each.active_router == chosen.address, f"{where}: {each.address} takes another for active"
            better = (each.priority, each.address) > (chosen.priority, chosen.address)
            assert not (better and each.preempt), f"{where}: {each.address} did not preempt"
        standby = [each for each in others if each.state == "Standby"]
        assert len(standby) == bool(chosen and others), f"{where} has {len(standby)} standby routers"


def judge(schedule: Schedule) -> None:
    """Play a schedule; after each event, and whenever all is settled, hold the promise against the lab."""
    note(schedule.text)
    for number, (row, lab) in enumerate(schedules.play(schedule, never_two), 1):
        if row.startswith("lab>advance ") and float(row.split()[1]) * SECOND >= schedule.settled:
            one_each(lab)
        if number == len(schedule.rows):
            all_agree(lab)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
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
