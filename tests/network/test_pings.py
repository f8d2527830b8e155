"""What the users of a virtual address notice: pings, one a second, while the router behind it goes and comes."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iosemu.app import Desk
from iosemu.lab.clock import SECOND
from tests.features.hsrp.office import OFFICE, through_octets

if TYPE_CHECKING:
    from iosemu.cli.console import Console

HOLD = 10
"""The default hold time in seconds."""
ARP = 1
"""What a router drops that does not know the PC yet: the answer that has it ask (DESIGN §2.4).

A router that was a member of the group when the PC asked for the virtual address knows it.
"""
COUNT = 60
CONFIGURED = {
    "R1": ("standby 1 ip 10.0.0.254", "standby 1 priority 110", "standby 1 preempt"),
    "R2": ("standby 1 ip 10.0.0.254",),
}


class Trouble(NamedTuple):
    """Lines that somebody types while others wait for their pings."""

    console: Console
    lines: tuple[str, ...]

    def happen(self, now: int) -> None:
        """Type them."""
        del now
        for line in self.lines:
            assert "%" not in self.console.send(line), line


def office(*known: str, timers: str = "") -> Desk:
    """Have R1 active and R2 standby behind 10.0.0.254, and the PC and some addresses know one another."""
    desk = Desk()
    desk.open(str(OFFICE))
    desk.lab.transit = through_octets
    for name, lines in CONFIGURED.items():
        console = desk.console(name)
        more = [timers] if timers else []
        typed = ("enable", "configure terminal", "interface Ethernet0", *lines, *more, "end", "write memory")
        for line in typed:
            console.send(line)
    desk.operator.send("advance 120")
    for address in known:
        assert "(5/5)" in desk.operator.send(f"ping PC {address}")
    return desk


def shown(desk: Desk, *events: tuple[float, str, tuple[str, ...]]) -> str:
    """Ping the virtual address through events (after seconds, whose console, lines), and give the symbols.

    The row that says how many came back is held against them.
    """
    clock = desk.lab.clock
    for after, name, lines in events:
        console = desk.console(name) if name else desk.operator
        clock.at(clock.now + round(after * SECOND), name or "lab", Trouble(console, lines))
    rows = desk.operator.type(f"ping PC 10.0.0.254 count {COUNT}")
    symbols, answered = "".join(rows[:-1]), "".join(rows[:-1]).count("!")
    assert len(symbols) == COUNT
    assert f"{100 * answered // COUNT} percent ({answered}/{COUNT})" in rows[-1]
    return symbols


def longest_gap(symbols: str) -> int:
    """Count the pings lost one after another, at most."""
    return max(map(len, symbols.split("!")))


VIRTUAL, R2 = "10.0.0.254", "10.0.0.2"
OFF = ("power R1 off",)
BACK = ("power R1 on",)
SHUT = ("configure terminal", "interface Ethernet0", "shutdown", "end")


@pytest.mark.parametrize("phase", [0.0, 0.0005, 0.25, 0.5, 0.999, 1.5, 2.0, 2.4999, 2.9])
@pytest.mark.parametrize("fault", [OFF, ("cut R1 Ethernet0",)], ids=["crash", "cut"])
def test_a_crash_costs_no_more_pings_than_the_hold_time_has_seconds(
    fault: tuple[str, ...], phase: float
) -> None:
    """From the crash to one hold time after the last Hello nobody answers, and from then on R2 does."""
    desk = office(VIRTUAL)
    symbols = shown(desk, (5 + phase, "", fault))
    lost = symbols.count(".")
    sys.stdout.write(
        f"{fault[0]} after {5 + phase} s of pings: {lost} of {COUNT} lost\n"
    )  # pytest -rP shows it
    assert HOLD - 3 <= lost <= HOLD  # a Hello was up to 3 s ago
    assert longest_gap(symbols) == lost
    assert symbols.startswith("!!!!!")
    assert symbols.endswith("!" * 40)


@pytest.mark.parametrize("phase", [0.0, 0.4, 0.9995, 2.3])
@pytest.mark.parametrize(("hello", "hold"), [("1", "3"), ("5", "16"), ("15", "45"), ("msec 250", "msec 750")])
def test_other_hold_times_bound_the_loss_as_well(hello: str, hold: str, phase: float) -> None:
    """With times of seconds or of milliseconds, no ping more is lost than one hold time has room for."""
    desk = office(VIRTUAL, timers=f"standby 1 timers {hello} {hold}")
    symbols = shown(desk, (4 + phase, "", OFF))
    bound = 1 if "msec" in hold else int(hold)
    assert longest_gap(symbols) == symbols.count(".") <= bound


def test_the_outage_is_what_the_hold_time_leaves_of_it() -> None:
    """To the microsecond, the pings lost are those sent between the crash and R2's becoming active."""
    desk = office(VIRTUAL, R2)
    lab = desk.lab
    began = lab.clock.now
    symbols = shown(desk, (7.3, "", OFF))
    (taken,) = [each.when for each in lab["R2"].log.since(0)[0] if "Standby -> Active" in each.text]
    wire = lab.segments["office"].delay
    out = [began + 7_300_000 <= began + at * SECOND + wire < taken for at in range(COUNT)]
    assert symbols == "".join("." if lost else "!" for lost in out)


def test_a_host_that_knows_no_gateway_yet_loses_nothing_more() -> None:
    """A PC holds a packet while it asks: a first ping in the middle of an outage costs no second one."""
    desk = office()
    desk.operator.send("power R1 off")
    symbols = shown(desk)
    assert symbols.count(".") <= HOLD
    assert symbols.lstrip(".") == "!" * (COUNT - symbols.count("."))


def test_a_router_that_is_shut_down_says_so_and_costs_no_ping() -> None:
    """The Resign has R2 active a millisecond later."""
    desk = office(VIRTUAL, R2)
    assert shown(desk, (5.5, "R1", SHUT)) == "!" * COUNT


def test_a_ping_under_way_during_a_shutdown_is_all_that_is_lost() -> None:
    """One may be on the wire in the millisecond of the Resign; R2 need not ask for a PC that it heard ask."""
    assert shown(office(VIRTUAL), (5.0005, "R1", SHUT)).count(".") <= 1
    assert shown(office(VIRTUAL), (5.5, "R1", SHUT)) == "!" * COUNT


def test_a_router_that_never_heard_the_pc_ask_has_to_ask_itself() -> None:
    """One that booted later drops the first answer (DESIGN §2.4), and no other."""
    desk = office(VIRTUAL)
    desk.operator.send("power R2 off")
    desk.operator.send("power R2 on")
    desk.operator.send("advance 60")
    assert shown(desk, (5.5, "R1", SHUT)).count(".") == ARP


@pytest.mark.parametrize("phase", [0.0, 0.0005, 0.001, 0.5])
def test_a_router_that_comes_back_and_preempts_costs_what_arp_costs(phase: float) -> None:
    """R1's Coup takes the role from R2; both answer for the millisecond that it takes, and one answer counts."""
    desk = office(VIRTUAL, R2)
    desk.operator.send("power R1 off")
    desk.operator.send("advance 30")
    symbols = shown(desk, (5 + phase, "", BACK))
    assert symbols.count(".") == ARP
    assert desk.lab["R1"].log.since(0)[0][-1].text.endswith("Listen -> Active")


def test_crash_and_return_cost_the_hold_time_once() -> None:
    """Through a crash at 5 s and a return at 30 s, the pings lost stand together, but for R1's asking."""
    desk = office(VIRTUAL, R2)
    symbols = shown(desk, (5.2, "", OFF), (30.7, "", BACK))
    assert symbols.count(".") - ARP == longest_gap(symbols) <= HOLD
    rows = [each.text for each in desk.lab["R2"].log.since(0)[0] if "STATECHANGE" in each.text]
    changes = [row.rpartition(" state ")[2] for row in rows]
    assert changes == ["Speak -> Standby", "Standby -> Active", "Active -> Speak", "Speak -> Standby"]
    assert all(one.split()[-1] == two.split()[0] for one, two in pairwise(changes))
