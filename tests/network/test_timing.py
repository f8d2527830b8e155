"""When things happen: the timing facts of HSRP (reference hsrp.md §5), seen on whole routers on a segment."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from iosemu.features.hsrp.state import Standby
from iosemu.lab.clock import MILLISECOND, SECOND
from tests.features.hsrp.office import configure, group, office, states

if TYPE_CHECKING:
    from iosemu.app import Lab

ADDRESS = "standby 1 ip 10.0.0.254"
HOLD, HELLO, WIRE = 10 * SECOND, 3 * SECOND, MILLISECOND
PAIR = {"R1": f"{ADDRESS};standby 1 priority 110", "R2": ADDRESS}


def roles(lab: Lab) -> dict[str, str]:
    """Give each router's state in group 1; a router without the group, or without power, has none."""
    parts = {
        name: node.interface("Ethernet0").peek(Standby) for name, node in lab.nodes.items() if node.powered
    }
    return {name: part.groups[1].machine.state for name, part in parts.items() if part and 1 in part.groups}


def changes(lab: Lab, seconds: float) -> list[tuple[int, str, str]]:
    """Let time pass, event by event, and give each change of state: when (since now), whose, to what."""
    began, known, found = lab.clock.now, roles(lab), []
    until = began + round(seconds * SECOND)
    while (due := lab.clock.due()) is not None and due <= until:
        lab.step()
        now = roles(lab)
        found += [(due - began, name, state) for name, state in now.items() if known.get(name) != state]
        known = now
    lab.run_until(until)
    return found


def configured(lab: Lab, name: str, lines: str) -> None:
    """Configure a router and have it keep that."""
    configure(lab, name, lines)
    console = lab[name].console()
    for line in ("enable", "write memory"):
        console.send(line)


def running(**lines: str) -> Lab:
    """Have routers that have settled, and keep their configuration over a crash."""
    lab = office()
    for name, text in lines.items():
        configured(lab, name, text)
    lab.advance(60)
    return lab


@pytest.mark.parametrize(
    ("timers", "hold"), [("3 10", 10), ("1 4", 4), ("msec 250 msec 800", 0.8), ("60 200", 200)]
)
def test_a_lonely_router_listens_and_speaks_for_a_hold_time_each(timers: str, hold: float) -> None:
    """Listen for one, Speak for one, then Standby and Active in one instant."""
    lab = office()
    configure(lab, "R1", f"standby 1 timers {timers};{ADDRESS}")
    assert states(lab) == "Listen"
    once = round(hold * SECOND)
    assert changes(lab, 3 * hold) == [(once, "R1", "Speak"), (2 * once, "R1", "Active")]
    rows = [each.text.rpartition(": ")[2] for each in lab["R1"].log.since(0)[0] if "STATECHANGE" in each.text]
    assert rows == [f"Ethernet0 Grp 1 state {one}" for one in ("Speak -> Standby", "Standby -> Active")]


def test_a_second_router_is_standby_two_hold_times_after_its_start() -> None:
    """With an active peer Listen and Speak last as long, and Standby is where it stays."""
    lab = running(R1=ADDRESS)
    configure(lab, "R2", ADDRESS)
    assert changes(lab, 60) == [(HOLD, "R2", "Speak"), (2 * HOLD, "R2", "Standby")]


def test_a_third_router_listens_until_the_standby_router_is_lost() -> None:
    """The Standby timer over, it speaks, and is standby a hold time later."""
    lab = running(**PAIR, R3=f"{ADDRESS};standby 1 priority 90")
    assert states(lab) == "Active Standby Listen"
    lab.power("R2", on=False)
    expires = group(lab, "R3").machine.standby_expires
    assert expires is not None
    left = expires - lab.clock.now
    assert HOLD - HELLO <= left <= HOLD
    assert changes(lab, 60) == [(left, "R3", "Speak"), (left + HOLD, "R3", "Standby")]


@pytest.mark.parametrize("phase", [0, 0.7, 1.4, 2.1, 2.9])
@pytest.mark.parametrize("crash", [True, False])
def test_a_failure_is_answered_one_hold_time_after_the_last_hello(phase: float, crash: bool) -> None:
    """A crash and a cut cable alike: from the arrival of the last Hello it is the hold time, to the microsecond."""
    lab = running(**PAIR)
    lab.advance(phase)
    heard = []
    lab.segment("office").taps.append(_Hellos(lab, heard).see)
    lab.advance(3)
    lab.power("R1", on=False) if crash else lab.cut("R1", "Ethernet0")
    gone = lab.clock.now
    changed = [(when + gone, name, state) for when, name, state in changes(lab, 30)]
    assert [each for each in changed if each[1] == "R2"] == [(heard[-1] + WIRE + HOLD, "R2", "Active")]


class _Hellos:
    """Notes when R1's virtual MAC sends."""

    def __init__(self, lab: Lab, heard: list[int]) -> None:
        self.lab = lab
        self.heard = heard

    def see(self, _: object, frame: object) -> None:
        """Take a frame."""
        virtual = getattr(frame, "source", None) == group(self.lab, "R2").machine.virtual_mac
        if virtual and roles(self.lab).get("R1") == "Active":
            self.heard.append(self.lab.clock.now)


@pytest.mark.parametrize("lines", ["shutdown", "no standby 1", "no standby 1 ip", "no ip address"])
def test_a_resign_has_the_standby_router_active_as_soon_as_it_arrives(lines: str) -> None:
    """Whatever takes the group from R1's interface says goodbye, and a wire's delay later R2 is active."""
    lab = running(**PAIR)
    configure(lab, "R1", lines)
    assert [each for each in changes(lab, 30) if each[1] == "R2"] == [(WIRE, "R2", "Active")]


def test_a_better_router_that_returns_takes_over_at_the_first_hello_and_the_other_starts_from_speak() -> None:
    """R1 hears R2 in Listen, sends a Coup and is active; R2 speaks at once, and is standby a hold time later."""
    lab = running(R1=f"{PAIR['R1']};standby 1 preempt", R2=ADDRESS)
    lab.power("R1", on=False)
    lab.advance(30)
    lab.power("R1", on=True)
    hello = group(lab, "R2").machine.next_hello
    assert hello is not None
    first = hello - lab.clock.now + WIRE
    assert first <= HELLO + WIRE
    assert changes(lab, 60) == [
        (first, "R1", "Active"),
        (first + WIRE, "R2", "Speak"),
        (first + WIRE + HOLD, "R2", "Standby"),
    ]


def test_without_preempt_a_better_router_that_returns_is_standby() -> None:
    """It listens and speaks like any other, for R2 is there."""
    lab = running(**PAIR)
    lab.power("R1", on=False)
    lab.advance(30)
    lab.power("R1", on=True)
    assert changes(lab, 60) == [(HOLD, "R1", "Speak"), (2 * HOLD, "R1", "Standby")]


@pytest.mark.parametrize(
    ("delay", "after"), [("minimum 30", 30), ("reload 45", 45), ("minimum 5 reload 7", 7), ("sync 20", 0)]
)
def test_preempt_delays_hold_to_the_second(delay: str, after: int) -> None:
    """`minimum` counts from the first Hello of the lower active router, `reload` from the start, to the microsecond."""
    lab = running(R1=f"{PAIR['R1']};standby 1 preempt delay {delay}", R2=ADDRESS)
    lab.power("R1", on=False)
    lab.advance(30)
    lab.power("R1", on=True)
    hello = group(lab, "R2").machine.next_hello
    assert hello is not None
    first = hello - lab.clock.now + WIRE
    expected = after * SECOND if "reload" in delay else first + after * SECOND
    (taken,) = [when for when, name, state in changes(lab, 90) if (name, state) == ("R1", "Active")]
    assert taken == expected


def test_tracking_hands_the_role_over_at_the_next_hello_and_back() -> None:
    """R1's uplink goes, its next Hello is lower and R2 preempts; with the uplink back, so does R1."""
    track = "standby 1 track Ethernet1 20;standby 1 preempt"
    lab = running(R1=f"{PAIR['R1']};{track}", R2=f"{ADDRESS};standby 1 preempt")
    assert states(lab) == "Active Standby"
    for fault, taker, loser in ((lab.cut, "R2", "R1"), (lab.mend, "R1", "R2")):
        fault("R1", "Ethernet1")
        hello = group(lab, loser).machine.next_hello
        assert hello is not None
        first = hello - lab.clock.now + WIRE
        assert changes(lab, 60) == [
            (first, taker, "Active"),
            (first + WIRE, loser, "Speak"),
            (first + WIRE + HOLD, loser, "Standby"),
        ]


def test_without_preempt_tracking_changes_nothing_but_the_priority() -> None:
    """A lower priority alone does not make an active router yield."""
    lab = running(R1=f"{PAIR['R1']};standby 1 track Ethernet1 20", R2=ADDRESS)
    lab.cut("R1", "Ethernet1")
    assert group(lab, "R1").machine.priority == 90
    assert changes(lab, 60) == []


def test_hellos_come_within_the_hello_time_and_never_much_sooner() -> None:
    """RFC 2281 §5.4 wants jitter: it takes up to a twentieth off, so that no hold time lapses."""
    lab = running(**PAIR)
    heard: list[int] = []
    lab.segment("office").taps.append(_Hellos(lab, heard).see)
    lab.advance(300)
    gaps = [two - one for one, two in pairwise(heard)]
    assert len(gaps) >= 99
    assert all(HELLO * 19 // 20 <= gap <= HELLO for gap in gaps)
    assert len(set(gaps)) > 10
