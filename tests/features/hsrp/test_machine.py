"""HSRP groups among themselves: elections, failures and delays to the second, and what always holds."""

from __future__ import annotations

import copy
import heapq
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.features.hsrp.machine import (
    SECOND,
    ActiveChanged,
    Effect,
    Event,
    GratuitousArp,
    Group,
    LearnedAddress,
    LearnedTimers,
    Misconfigured,
    Peer,
    Preempt,
    Send,
    StandbyChanged,
    StateChanged,
    WantsActive,
)
from iosemu.features.hsrp.packet import COUP, HELLO, RESIGN, Hsrp, authentication_data

if TYPE_CHECKING:
    from collections.abc import Callable

DELAY = SECOND // 1000
VIRTUAL = IPv4.parse("10.0.0.254")
CODES = {"Init": 0, "Learn": 1, "Listen": 2, "Speak": 4, "Standby": 8, "Active": 16}

E_ = TypeVar("E_")


class Told(NamedTuple):
    """An effect, when it came and from whom."""

    when: int
    name: str
    effect: Effect


class Bus:
    """Groups on a segment that takes a millisecond: packets wait in a heap, deadlines are asked for."""

    def __init__(self, loss: float = 0.0, seed: int = 0) -> None:
        self.now = 0
        self.loss = loss
        self.random = Random(seed)
        self.groups: dict[str, Group] = {}
        self.told: list[Told] = []
        self._flying: list[tuple[int, int, str, Hsrp, IPv4]] = []
        self._count = 0

    def add(self, name: str, host: int, *, priority: int = 100, preempt: Preempt | None = None) -> Group:
        """Put a configured group on the segment, not yet enabled."""
        group = self.groups[name] = Group(1, Random(f"{name}"), booted=self.now)
        group.address = IPv4.parse(f"10.0.0.{host}")
        group.configured_priority = priority
        group.preempt = preempt
        group.set_virtual_ip(VIRTUAL, self.now)
        return group

    def start(self, name: str, *, delay: int = 0) -> None:
        """Enable a group."""
        self.carry_out(name, self.groups[name].enable(self.now, delay=delay))

    def stop(self, name: str) -> None:
        """Disable a group in good order."""
        self.carry_out(name, self.groups[name].disable(self.now, "interface down"))

    def crash(self, name: str) -> None:
        """Disable a group of which nobody hears any more."""
        self.groups[name].disable(self.now)

    def carry_out(self, name: str, effects: list[Effect]) -> None:
        """Note effects and send packets to all others."""
        for effect in effects:
            self.told.append(Told(self.now, name, effect))
            if isinstance(effect, Send):
                for other in self.groups:
                    if other != name and self.random.random() >= self.loss:
                        self._count += 1
                        heapq.heappush(
                            self._flying,
                            (self.now + DELAY, self._count, other, effect.packet, self.groups[name].address),
                        )

    def run(self, seconds: float) -> None:
        """Let time pass, with all that is due at its last instant."""
        until = self.now + round(seconds * SECOND)
        while True:
            due = [
                (when, name) for name, group in self.groups.items() if (when := group.deadline()) is not None
            ]
            flight = self._flying[0][0] if self._flying else until + 1
            when, name = min(due, default=(until + 1, ""))
            if min(when, flight) > until:
                break
            assert min(when, flight) >= self.now
            if flight <= when:
                self.now, _, name, packet, source = heapq.heappop(self._flying)
                self.carry_out(name, self.groups[name].receive(packet, source, self.now))
            else:
                self.now = when
                self.carry_out(name, self.groups[name].expire(when))
                after = self.groups[name].deadline()
                assert after is None or after > when
        self.now = until

    def states(self) -> dict[str, str]:
        """Give every group's state."""
        return {name: group.state for name, group in self.groups.items()}

    def changes(self, name: str) -> list[tuple[float, str]]:
        """Give a group's states with the seconds at which they were entered."""
        return [
            (when / SECOND, effect.new)
            for when, who, effect in self.told
            if who == name and isinstance(effect, StateChanged)
        ]

    def effects(self, name: str, kind: type[E_], *, since: int = 0) -> list[E_]:
        """Give a group's effects of a kind."""
        return [
            effect
            for when, who, effect in self.told
            if who == name and when >= since and isinstance(effect, kind)
        ]

    def sent(self, name: str, opcode: int, *, since: int = 0) -> list[Send]:
        """Give a group's packets of a kind."""
        return [effect for effect in self.effects(name, Send, since=since) if effect.packet.opcode == opcode]

    def entered(self, name: str, state: str) -> int:
        """Say when a group last entered a state."""
        return [
            when
            for when, who, effect in self.told
            if who == name and isinstance(effect, StateChanged) and effect.new == state
        ][-1]


def pair(*, preempt: Preempt | None = None, high: int = 110) -> Bus:
    """Two routers that have settled: B is active, then A came, which may preempt."""
    bus = Bus()
    bus.add("A", 1, priority=high, preempt=preempt)
    bus.add("B", 2)
    bus.start("B")
    bus.run(25)
    bus.start("A")
    return bus


def settled(*, preempt: bool = False) -> Bus:
    """A active, B standby, C listening."""
    bus = Bus()
    for name, host, priority in (("A", 1, 110), ("B", 2, 105), ("C", 3, 100)):
        bus.add(name, host, priority=priority, preempt=Preempt() if preempt else None)
        bus.start(name)
    bus.run(50)
    assert bus.states() == {"A": "Active", "B": "Standby", "C": "Listen"}
    return bus


def hello(
    state: str, priority: int = 150, *, times: tuple[int, int] = (3, 10), virtual: IPv4 = VIRTUAL
) -> Hsrp:
    """Make a peer's Hello."""
    return Hsrp(HELLO, CODES[state], *times, priority, 1, authentication_data("cisco"), virtual)


PEER = IPv4.parse("10.0.0.9")


# Alone


def test_a_router_alone_is_active_after_twenty_seconds() -> None:
    """Listen 10 s, Speak 10 s, then Standby and Active in the same instant (hsrp.md §5)."""
    bus = Bus()
    bus.add("A", 1)
    bus.start("A")
    bus.run(19.999)
    assert bus.states() == {"A": "Speak"}
    bus.run(0.001)
    assert bus.changes("A") == [(0, "Listen"), (10, "Speak"), (20, "Standby"), (20, "Active")]


def test_what_a_lone_router_tells_is_what_ios_prints() -> None:
    """At 20 s the effects come in the order of the lines of a 12.2 debug (hsrp.md §4.2)."""
    bus = Bus()
    group = bus.add("A", 1)
    bus.start("A")
    bus.run(20)
    last = [effect for when, _, effect in bus.told if when == 20 * SECOND]
    hellos = [effect for effect in last if isinstance(effect, Send)]
    assert last == [
        Event("Speak", "d", None),
        StandbyChanged("local", None),
        StateChanged("Speak", "Standby", "d"),
        hellos[0],
        Event("Standby", "c", None),
        ActiveChanged("local", None),
        StandbyChanged(None, "local"),
        StateChanged("Standby", "Active", "c"),
        hellos[1],
        GratuitousArp(VIRTUAL, MAC.parse("0000.0c07.ac01")),
    ]
    assert [(sent.packet.state, sent.virtual_mac) for sent in hellos] == [(8, False), (16, True)]
    assert group.state_changes == 2
    assert group.last_change == 20 * SECOND


def test_hellos_begin_with_speak_and_never_come_late() -> None:
    """Nothing is sent in Listen; then Hellos follow each other within the hellotime, up to 5 % early."""
    bus = Bus()
    bus.add("A", 1)
    bus.start("A")
    bus.run(600)
    times = [when for when, _, effect in bus.told if isinstance(effect, Send)]
    assert times[0] == 10 * SECOND
    # In that instant two are sent: from Standby and from Active.
    steady = [when for when in times if when >= 20 * SECOND]
    gaps = [after - before for before, after in pairwise(steady[1:])]
    assert len(gaps) > 190
    assert all(2.85 * SECOND <= gap <= 3 * SECOND for gap in gaps)
    assert len(set(gaps)) > 100


def test_gratuitous_arps_follow_after_two_and_four_seconds() -> None:
    """An active router makes all virtual addresses known on becoming so, and at +2 s and +4 s."""
    bus = Bus()
    other = IPv4.parse("10.0.0.253")
    bus.add("A", 1).set_secondaries((other,), 0)
    bus.start("A")
    bus.run(60)
    arps = [
        (when // SECOND, effect.address) for when, _, effect in bus.told if isinstance(effect, GratuitousArp)
    ]
    assert arps == [(second, address) for second in (20, 22, 24) for address in (VIRTUAL, other)]


def test_gratuitous_arps_end_with_the_active_state() -> None:
    """A router that loses a second after becoming active announces nothing more; disabled, it is idle."""
    bus = Bus()
    group = bus.add("A", 1)
    bus.start("A")
    bus.run(21)
    bus.carry_out("A", group.receive(hello("Active"), PEER, bus.now))
    assert group.state == "Speak"
    bus.run(8)
    assert len(bus.effects("A", GratuitousArp)) == 1
    bus.stop("A")
    assert group.deadline() is None


def test_standby_delay_holds_the_start() -> None:
    """Enabled with a delay, the group stays in Init until it is over; being enabled again changes nothing."""
    bus = Bus()
    bus.add("A", 1)
    bus.start("A", delay=5 * SECOND)
    bus.run(3)
    bus.start("A")
    bus.run(30)
    assert [when for when, _ in bus.changes("A")] == [5, 15, 25, 25]


def test_a_group_disabled_during_its_delay_stays_in_init() -> None:
    """Disabling takes a pending start back."""
    bus = Bus()
    bus.add("A", 1)
    bus.start("A", delay=5 * SECOND)
    bus.run(3)
    bus.stop("A")
    bus.run(30)
    assert bus.changes("A") == []
    assert bus.groups["A"].reason == "interface down"


# Two and three


def test_of_two_that_start_together_the_higher_priority_is_active() -> None:
    """The lower one listens when it hears the higher speak, and is standby 20 s after the other is active.

    The table read literally: what it heard last of a standby router was the other, on the way to Active.
    """
    bus = Bus()
    bus.add("A", 1, priority=110)
    bus.add("B", 2)
    bus.start("A")
    bus.start("B")
    bus.run(50)
    assert bus.states() == {"A": "Active", "B": "Standby"}
    assert bus.entered("A", "Active") == 20 * SECOND
    assert bus.entered("B", "Standby") == 40 * SECOND + DELAY


def test_of_two_equals_that_start_together_the_higher_address_is_active() -> None:
    """Equal priorities are decided by address (RFC 2281 §5.1)."""
    bus = Bus()
    for name, host in (("A", 1), ("B", 2)):
        bus.add(name, host)
        bus.start(name)
    bus.run(50)
    assert bus.states() == {"A": "Standby", "B": "Active"}


def test_who_comes_later_is_standby() -> None:
    """R12: without preempt, a higher router that comes up later is standby after 20 s, and stays it."""
    bus = pair()
    bus.run(300)
    assert bus.states() == {"A": "Standby", "B": "Active"}
    assert bus.entered("A", "Standby") == 45 * SECOND
    assert bus.groups["A"].active_router == bus.groups["B"].address
    assert bus.groups["A"].standby_router == "local"
    assert bus.groups["B"].standby_router == bus.groups["A"].address
    assert bus.groups["A"].state_changes == 1


def test_a_third_router_listens_and_moves_up() -> None:
    """When the standby router dies, the third speaks after its holdtime, and is standby ten seconds later."""
    bus = settled()
    bus.crash("B")
    died = bus.now
    bus.run(40)
    assert bus.states() == {"A": "Active", "B": "Init", "C": "Standby"}
    speaks = bus.entered("C", "Speak") - died
    assert 7 * SECOND <= speaks <= 10 * SECOND
    assert bus.entered("C", "Standby") - died - speaks == 10 * SECOND


def test_the_active_router_forgets_a_dead_standby() -> None:
    """In Active the table has no cell for d, but the standby router becomes unknown, and that is told."""
    bus = settled()
    bus.crash("C")
    bus.crash("B")
    since = bus.now
    bus.run(11)
    a, b = bus.groups["A"], bus.groups["B"]
    assert a.standby_router is None
    assert bus.effects("A", StandbyChanged, since=since) == [StandbyChanged(None, b.address)]
    [event] = bus.effects("A", Event, since=since)
    assert (event.state, event.letter) == ("Active", "d")
    assert event.peer is not None
    assert (event.peer.address, event.peer.priority) == (b.address, 105)


# Failures


def test_a_silent_active_router_is_replaced_a_holdtime_after_its_last_hello() -> None:
    """The standby router becomes active exactly 10 s after the last Hello reached it (hsrp.md §5)."""
    bus = settled()
    last = [when for when, name, effect in bus.told if name == "A" and isinstance(effect, Send)][-1]
    bus.crash("A")
    died = bus.now
    bus.run(15)
    assert bus.entered("B", "Active") == last + DELAY + 10 * SECOND
    assert bus.states() == {"A": "Init", "B": "Active", "C": "Speak"}
    since = bus.effects("B", Event, since=died)
    assert [(event.state, event.letter, event.peer and event.peer.priority) for event in since] == [
        ("Standby", "c", 110)
    ]
    a, b = bus.groups["A"], bus.groups["B"]
    assert bus.effects("B", ActiveChanged, since=died) == [ActiveChanged("local", a.address)]
    assert bus.effects("C", ActiveChanged, since=died)[-1] == ActiveChanged(b.address, None)


def test_a_resign_is_followed_at_once() -> None:
    """Disabled in good order, an active router resigns and the standby one takes over a millisecond later."""
    bus = settled()
    bus.stop("A")
    bus.run(1)
    [resign] = bus.sent("A", RESIGN)
    assert (resign.packet.state, resign.virtual_mac) == (16, False)
    assert bus.entered("B", "Active") == 50 * SECOND + DELAY
    assert bus.states() == {"A": "Init", "B": "Active", "C": "Speak"}
    assert bus.effects("A", StateChanged)[-1] == StateChanged("Active", "Init", "b", "interface down")


def test_a_resign_of_another_router_means_nothing() -> None:
    """Only the active router's Resign is event i."""
    bus = settled()
    group = bus.groups["B"]
    packet = hello("Active")._replace(opcode=RESIGN)
    assert group.receive(packet, PEER, bus.now) == []
    assert group.state == "Standby"


def test_two_active_routers_become_one() -> None:
    """After a parted segment heals, the higher one stays active and the lower one speaks."""
    bus = Bus(loss=1.0)
    bus.add("A", 1, priority=110)
    bus.add("B", 2)
    bus.start("A")
    bus.start("B")
    bus.run(30)
    assert bus.states() == {"A": "Active", "B": "Active"}
    bus.loss = 0.0
    bus.run(3.1)
    assert bus.states() == {"A": "Active", "B": "Speak"}
    bus.run(10.1)
    assert bus.states() == {"A": "Active", "B": "Standby"}


# Preemption


def test_a_preempting_router_takes_over_from_listen() -> None:
    """On the lower active router's first Hello it sends a Coup from Listen; the loser resigns and speaks."""
    bus = pair(preempt=Preempt())
    bus.run(3.1)
    assert bus.states() == {"A": "Active", "B": "Speak"}
    [coup] = bus.sent("A", COUP)
    assert (coup.packet.state, coup.virtual_mac) == (2, False)
    assert [new for _, new in bus.changes("A")] == ["Listen", "Active"]
    first = bus.entered("A", "Active")
    assert bus.entered("B", "Speak") == first + DELAY
    assert len(bus.sent("B", RESIGN)) == 1
    [lost] = [event for event in bus.effects("B", Event) if event.letter == "j"]
    assert lost.peer is not None
    assert (lost.state, lost.peer.priority) == ("Active", 110)
    bus.run(10.1)
    assert bus.entered("B", "Standby") == first + DELAY + 10 * SECOND
    assert bus.groups["B"].state_changes == 4


def test_an_equal_router_preempts_by_address() -> None:
    """R49: with equal priorities, preempt lets the higher address take over (specification line 346)."""
    bus = Bus()
    bus.add("A", 1)
    bus.add("B", 2, preempt=Preempt())
    bus.start("A")
    bus.run(25)
    bus.start("B")
    bus.run(3.1)
    assert bus.states() == {"A": "Speak", "B": "Active"}


def test_an_equal_router_with_the_lower_address_does_not_preempt() -> None:
    """With equal priorities, preempt gives the lower address nothing."""
    bus = pair(preempt=Preempt(), high=100)
    bus.run(60)
    assert bus.states() == {"A": "Standby", "B": "Active"}


def test_a_minimum_delay_counts_from_the_first_attempt() -> None:
    """A waits 30 s from the first Hello it hears, is standby meanwhile, and asks no clients."""
    bus = pair(preempt=Preempt(minimum=30))
    bus.run(60)
    first = min(
        when
        for when, name, effect in bus.told
        if name == "B" and isinstance(effect, Send) and when > 25 * SECOND
    )
    assert bus.entered("A", "Standby") == 45 * SECOND
    assert bus.entered("A", "Active") == first + DELAY + 30 * SECOND
    assert bus.effects("A", WantsActive) == []


@pytest.mark.parametrize(("reload", "active"), [(60, 60), (5, 25)])
def test_a_reload_delay_counts_from_the_routers_start(reload: int, active: int) -> None:
    """A router up since second 0 waits for its reload delay; later there is none."""
    bus = pair(preempt=Preempt(reload=reload))
    bus.run(60)
    assert active * SECOND <= bus.entered("A", "Active") <= (active + 3) * SECOND


def test_sync_waits_for_clients_at_most_its_time() -> None:
    """Clients are asked at the first attempt; if none answers, the delay ends it."""
    bus = pair(preempt=Preempt(sync=100))
    bus.run(50)
    [wanted] = bus.effects("A", WantsActive)
    assert bus.states() == {"A": "Standby", "B": "Active"}
    bus.run(100)
    assert bus.entered("A", "Active") == wanted.until
    assert 125 * SECOND < wanted.until < 129 * SECOND


def test_ready_clients_end_the_wait() -> None:
    """When clients are ready, the router takes over in that instant."""
    bus = pair(preempt=Preempt(sync=100))
    bus.run(50)
    bus.carry_out("A", bus.groups["A"].ready(bus.now))
    assert bus.entered("A", "Active") == bus.now
    bus.run(1)
    assert bus.states() == {"A": "Active", "B": "Speak"}


def test_ready_clients_do_not_end_the_minimum() -> None:
    """R49: of minimum and sync the longer holds; ready ends only sync."""
    bus = pair(preempt=Preempt(minimum=40, sync=100))
    bus.run(10)
    [wanted] = bus.effects("A", WantsActive)
    bus.carry_out("A", bus.groups["A"].ready(bus.now))
    bus.run(100)
    assert bus.entered("A", "Active") == wanted.until - 60 * SECOND


def test_being_ready_unasked_means_nothing() -> None:
    """A word from clients before any attempt does not shorten a later one."""
    bus = pair(preempt=Preempt(sync=100))
    bus.carry_out("A", bus.groups["A"].ready(bus.now))
    bus.run(60)
    assert bus.states() == {"A": "Standby", "B": "Active"}


@pytest.mark.parametrize("gone", ["crash", "stop"])
def test_a_delay_does_not_hold_back_when_nobody_is_active(gone: str) -> None:
    """With the active router silent or resigned, a waiting standby router takes over as any other would."""
    bus = pair(preempt=Preempt(minimum=3600, sync=3600))
    bus.run(30)
    assert bus.states()["A"] == "Standby"
    (bus.crash if gone == "crash" else bus.stop)("B")
    bus.run(10)
    assert bus.states()["A"] == "Active"


def test_an_attempt_ends_when_the_priority_falls() -> None:
    """A router whose tracked interface fails during the delay does not take over."""
    bus = pair(preempt=Preempt(minimum=30))
    bus.run(20)
    bus.groups["A"].decrement = 20
    assert bus.groups["A"].priority == 90
    bus.run(60)
    assert bus.states() == {"A": "Standby", "B": "Active"}


def waiting() -> Group:
    """Give a preempting group that heard a lower active router at second 1, and waits for 30 s."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.preempt = Preempt(minimum=30)
    group.enable(0)
    group.receive(hello("Active", 50, times=(3, 200)), PEER, SECOND)
    return group


def test_a_priority_that_fell_since_the_last_hello_ends_an_attempt() -> None:
    """When the delay is over, the priority of that instant counts."""
    for decrement, state in ((0, "Active"), (60, "Standby")):
        group = waiting()
        group.decrement = decrement
        for second in (11, 21, 31):
            group.expire(second * SECOND)
        assert group.state == state


@pytest.mark.parametrize("between", [hello("Active", 150), hello("Speak", 50)])
def test_an_attempt_begins_anew_after_an_interruption(between: Hsrp) -> None:
    """Once the lower active router is higher, or is none any more, a later attempt waits its whole delay."""
    group = waiting()
    group.receive(between, PEER, 2 * SECOND)
    group.receive(hello("Active", 50, times=(3, 200)), PEER, 9 * SECOND)
    for second in (11, 21, 31, 38):
        group.expire(second * SECOND)
    assert group.state == "Standby"
    group.expire(39 * SECOND)
    assert group.state == "Active"


def test_preempt_configured_again_waits_again() -> None:
    """Without preempt a lower active router is left alone, and the time before does not count later."""
    group = waiting()
    preempt, group.preempt = group.preempt, None
    group.receive(hello("Active", 50, times=(3, 200)), PEER, 5 * SECOND)
    group.preempt = preempt
    group.receive(hello("Active", 50, times=(3, 200)), PEER, 9 * SECOND)
    for second in (11, 21, 31, 38):
        group.expire(second * SECOND)
    assert group.state == "Standby"
    group.expire(39 * SECOND)
    assert group.state == "Active"


def test_a_delay_that_is_taken_away_is_over_at_once() -> None:
    """The deadline follows what is configured, without another input."""
    group = waiting()
    assert group.deadline() == 10 * SECOND
    group.preempt = Preempt()
    assert group.deadline() == SECOND
    group.expire(2 * SECOND)
    assert group.state == "Active"


def test_a_priority_does_not_fall_below_zero() -> None:
    """Tracking takes a priority to 0 at most."""
    group = Group(1, Random(1))
    group.decrement = 255
    assert (group.priority, group.configured_priority) == (0, 100)


def test_a_router_has_one_role() -> None:
    """The standby router that says Active is standby no more; one that says Speak has no role."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.enable(0)
    for state, roles in (("Standby", (None, PEER)), ("Active", (PEER, None)), ("Speak", (None, None))):
        group.receive(hello(state), PEER, SECOND)
        assert (group.active_router, group.standby_router) == roles


def test_a_standby_router_knows_no_other() -> None:
    """Having taken the role from a lower standby router, or hearing one, a router forgets it."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.enable(0)
    group.expire(10 * SECOND)
    for second in (11, 12):
        group.receive(hello("Standby", 50), PEER, second * SECOND)
        assert (group.standby_router, group.standby) == ("local", None)


def test_an_active_router_that_dies_while_one_speaks_is_forgotten() -> None:
    """In Speak the table has no cell for c: the router becomes unknown, the timer waits for Standby."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.enable(0)
    group.expire(10 * SECOND)
    group.receive(hello("Active", times=(1, 4)), PEER, 11 * SECOND)
    for second in (12, 13, 14):
        group.expire(second * SECOND)
    told = group.expire(15 * SECOND)
    events = [effect for effect in told if not isinstance(effect, Send)]
    assert events == [Event("Speak", "c", Peer(PEER, 150)), ActiveChanged(None, PEER)]
    told = group.expire(20 * SECOND)
    assert [effect.new for effect in told if isinstance(effect, StateChanged)] == ["Standby", "Active"]
    assert Event("Standby", "c", None) in told


def test_tracking_lets_a_preempting_peer_take_over() -> None:
    """The active router's priority falls: with preempt the standby takes over at its next Hello, else not."""
    for preempt, state in ((True, "Active"), (False, "Standby")):
        bus = settled(preempt=preempt)
        bus.groups["A"].decrement = 6
        bus.run(3.1)
        assert bus.groups["B"].state == state


# Learning


def test_an_address_is_learned_from_the_active_router() -> None:
    """Without an address a group waits in Learn; an active router's Hello takes it to Listen."""
    bus = Bus()
    bus.add("A", 1, priority=110)
    group = bus.add("B", 2)
    group.set_virtual_ip(None, 0)
    bus.start("B")
    bus.run(60)
    assert group.state == "Learn"
    bus.start("A")
    bus.run(60)
    assert bus.effects("B", LearnedAddress) == [LearnedAddress(VIRTUAL, bus.groups["A"].address)]
    assert (group.state, group.virtual_ip) == ("Standby", VIRTUAL)
    bus.stop("A")
    bus.run(1)
    assert group.state == "Active"
    bus.stop("B")
    assert group.virtual_ip is None


def test_an_active_router_without_an_address_teaches_none() -> None:
    """A Hello with virtual address 0 leaves a group in Learn."""
    group = Group(1, Random(1))
    group.enable(0)
    assert group.receive(hello("Active", virtual=IPv4(0)), PEER, SECOND) == []
    assert group.state == "Learn"


def test_times_are_learned_from_a_higher_active_router() -> None:
    """Times not configured are those of the active router, both of them, also after it is gone."""
    bus = Bus()
    bus.add("A", 1, priority=110).set_timers((1000, 4000), 0)
    group = bus.add("B", 2)
    bus.start("A")
    bus.run(20)
    bus.start("B")
    bus.run(20)
    assert bus.effects("B", LearnedTimers) == [LearnedTimers(1000, 4000, bus.groups["A"].address)]
    assert group.timers == (1000, 4000)
    bus.crash("A")
    bus.run(4)
    assert (group.state, group.timers) == ("Active", (1000, 4000))
    assert bus.sent("B", HELLO)[-1].packet[2:4] == (1, 4)


def test_the_active_router_s_times_override_configured_ones_until_it_is_gone() -> None:
    """IOS has them in use while another is active (hsrp.md §1.2); its own are the active router's again."""
    bus = Bus()
    bus.add("A", 1, priority=110).set_timers((1000, 4000), 0)
    group = bus.add("B", 2)
    group.set_timers((2000, 7000), 0)
    bus.start("A")
    bus.run(20)
    bus.start("B")
    bus.run(20)
    assert (group.state, group.timers) == ("Standby", (1000, 4000))
    assert bus.sent("B", HELLO)[-1].packet[2:4] == (1, 4)
    bus.crash("A")
    bus.run(4)
    assert (group.state, group.timers) == ("Active", (2000, 7000))
    assert bus.sent("B", HELLO)[-1].packet[2:4] == (2, 7)


def test_a_learned_shorter_hellotime_is_kept_at_once() -> None:
    """Having learned a hellotime of 1 s after one of 84 s, a router does not wait out the old one."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.enable(0)
    group.receive(hello("Active", times=(84, 255)), PEER, SECOND)
    group.expire(10 * SECOND)
    assert group.state == "Speak"
    assert group.next_hello is not None
    assert group.next_hello > 80 * SECOND
    group.receive(hello("Active", times=(1, 4)), PEER, 11 * SECOND)
    assert group.next_hello <= 12 * SECOND


@pytest.mark.parametrize(
    ("times", "configured"),
    [
        ((0, 0), None),
        ((0, 0), (5000, 20000)),
        ((0, 4), None),
        ((4, 4), None),
        ((4, 0), None),
        ((3, 10), None),
    ],
)
def test_times_that_are_not_learned(times: tuple[int, int], configured: tuple[int, int] | None) -> None:
    """A holdtime not above the hellotime, or times of 0, teach nothing, and configured times stand."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.set_timers(configured, 0)
    group.enable(0)
    effects = group.receive(hello("Active", times=times), PEER, SECOND)
    assert not any(isinstance(effect, LearnedTimers) for effect in effects)
    assert group.timers == (configured or (3000, 10000))


def test_an_active_router_learns_nothing() -> None:
    """Neither times nor address are learned while Active (RFC 2281 §5.1)."""
    bus = Bus()
    group = bus.add("A", 1)
    bus.start("A")
    bus.run(20)
    assert group.state == "Active"
    for priority in (50, 150):
        group.receive(hello("Active", priority, times=(1, 4)), PEER, bus.now)
    assert group.state == "Speak"
    assert group.timers == (3000, 10000)


def test_the_holdtime_in_a_hello_is_the_one_that_counts() -> None:
    """With other times configured here, the active router is still trusted for the holdtime it sends."""
    group = Group(1, Random(1))
    group.set_virtual_ip(VIRTUAL, 0)
    group.set_timers((1000, 4000), 0)
    group.enable(0)
    group.receive(hello("Active", times=(30, 90)), PEER, SECOND)
    assert group.active_expires == 91 * SECOND


def test_milliseconds_are_sent_as_zero_and_kept_to() -> None:
    """Two routers with 250 and 750 ms fail over within 750 ms; a third with default times learns nothing."""
    bus = Bus()
    for name, host, priority in (("A", 1, 110), ("B", 2, 105)):
        bus.add(name, host, priority=priority).set_timers((250, 750), 0)
        bus.start(name)
    bus.add("C", 3)
    bus.start("C")
    bus.run(10)
    assert bus.states() == {"A": "Active", "B": "Standby", "C": "Listen"}
    assert bus.sent("A", HELLO)[-1].packet[2:4] == (0, 0)
    assert bus.groups["C"].timers == (3000, 10000)
    bus.crash("A")
    bus.run(0.75)
    assert bus.states()["B"] == "Active"


# Misconfiguration


def test_other_authentication_is_ignored() -> None:
    """Routers with different passwords are both active, know no other, and say so."""
    bus = Bus()
    bus.add("A", 1, priority=110)
    bus.add("B", 2).authentication = authentication_data("secret")
    bus.start("A")
    bus.start("B")
    bus.run(40)
    assert bus.states() == {"A": "Active", "B": "Active"}
    assert bus.groups["B"].standby_router is None
    told = bus.effects("B", Misconfigured)[-1]
    assert (told.kind, told.source, told.packet.state) == ("authentication", bus.groups["A"].address, 16)


def test_another_virtual_address_is_told() -> None:
    """An active router's Hello with another virtual address is told, and the election goes on."""
    bus = settled()
    bus.groups["C"].set_virtual_ip(IPv4.parse("10.0.0.250"), bus.now)
    since = bus.now
    bus.run(3)
    assert {told.kind for told in bus.effects("C", Misconfigured, since=since)} == {"virtual address"}
    assert bus.states()["C"] == "Listen"


def test_other_configured_times_are_told() -> None:
    """An active router's Hello with other times than those configured is told; the same times are not."""
    for times, kinds in (((1, 4), ["timers"]), ((5, 20), [])):
        group = Group(1, Random(1))
        group.set_virtual_ip(VIRTUAL, 0)
        group.set_timers((5000, 20000), 0)
        group.enable(0)
        effects = group.receive(hello("Active", times=times), PEER, SECOND)
        assert [effect.kind for effect in effects if isinstance(effect, Misconfigured)] == kinds


@pytest.mark.parametrize(
    ("packet", "source"),
    [
        (hello("Active")._replace(group=2), PEER),
        (hello("Active")._replace(version=2), PEER),
        (hello("Active"), IPv4.parse("10.0.0.1")),
        (hello("Active")._replace(state=3), PEER),
        (hello("Active")._replace(opcode=COUP), PEER),
        (hello("Speak", 50), PEER),
    ],
)
def test_packets_that_mean_nothing_to_a_listener(packet: Hsrp, source: IPv4) -> None:
    """Other groups and versions, one's own packets, unknown states and Coups change nothing in Listen."""
    group = Group(1, Random(1))
    group.address = IPv4.parse("10.0.0.1")
    group.set_virtual_ip(VIRTUAL, 0)
    group.enable(0)
    before = group.deadline()
    assert group.receive(packet, source, SECOND) == []
    assert (group.state, group.active, group.standby, group.deadline()) == ("Listen", None, None, before)


# Reconfiguration


def test_an_address_configured_in_learn_restarts_the_group() -> None:
    """By events b and a, the group goes to Listen."""
    group = Group(1, Random(1))
    group.enable(0)
    effects = group.set_virtual_ip(VIRTUAL, SECOND)
    assert [effect.new for effect in effects if isinstance(effect, StateChanged)] == ["Init", "Listen"]
    assert group.deadline() == 11 * SECOND


def test_a_new_address_is_announced_by_an_active_router() -> None:
    """Changing the virtual address keeps the state and sends gratuitous ARPs; removing it starts anew."""
    bus = settled()
    group = bus.groups["A"]
    other = IPv4.parse("10.0.0.253")
    effects = group.set_virtual_ip(other, bus.now)
    assert effects == [GratuitousArp(other, group.virtual_mac)]
    assert group.set_virtual_ip(other, bus.now) == []
    bus.carry_out("A", group.set_virtual_ip(None, bus.now))
    assert len(bus.sent("A", RESIGN)) == 1
    assert group.state == "Learn"


def test_a_shorter_hellotime_is_kept_at_once() -> None:
    """After a hellotime of 254 s becomes one of 1 s, the next Hello comes within it."""
    bus = Bus()
    group = bus.add("A", 1)
    group.set_timers((254_000, 255_000), 0)
    bus.start("A")
    bus.run(520)
    assert group.state == "Active"
    group.set_timers((1000, 3000), bus.now)
    assert group.next_hello is not None
    assert group.next_hello <= bus.now + SECOND


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0000.0c07.ac00"), (10, "0000.0c07.ac0a"), (255, "0000.0c07.acff")]
)
def test_the_virtual_mac_address_holds_the_group(number: int, text: str) -> None:
    """A group's address is 0000.0c07.acXX, unless one is configured."""
    group = Group(number, Random(1))
    assert str(group.virtual_mac) == text
    group.mac_address = MAC.parse("0000.1111.2222")
    assert str(group.virtual_mac) == "0000.1111.2222"


def test_a_group_can_be_copied_in_flight() -> None:
    """A deep copy goes on exactly as the original does (checkpoints copy whole labs)."""
    bus = settled(preempt=True)
    twin = copy.deepcopy(bus)
    for each in (bus, twin):
        each.crash("A")
        each.run(60)
    assert bus.told == twin.told
    assert bus.states()["B"] == "Active"


# Whatever happens

NAMES = "ABC"
actions = st.lists(
    st.tuples(
        st.sampled_from(["crash", "stop", "start"]),
        st.sampled_from(NAMES),
        st.floats(0, 25, allow_nan=False),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(
    actions,
    st.tuples(*[st.sampled_from([90, 100, 110])] * 3),
    st.tuples(*[st.booleans()] * 3),
    st.sampled_from([0.0, 0.1, 0.5, 0.9]),
    st.integers(0, 1000),
)
def test_after_three_quiet_holdtimes_one_router_is_active(
    happenings: list[tuple[str, str, float]],
    priorities: tuple[int, ...],
    preempts: tuple[bool, ...],
    loss: float,
    seed: int,
) -> None:
    """After losses, crashes and returns, exactly one router that runs is active and at most one standby."""
    bus = Bus(loss, seed)
    for name, priority, preempt in zip(NAMES, priorities, preempts, strict=True):
        bus.add(name, ord(name), priority=priority, preempt=Preempt() if preempt else None)
        bus.start(name)
    for what, name, wait in happenings:
        bus.run(wait)
        {"crash": bus.crash, "stop": bus.stop, "start": bus.start}[what](name)
    bus.start("A")
    bus.loss = 0.0
    bus.run(30 + 0.1)
    states = list(bus.states().values())
    assert states.count("Active") == 1
    assert states.count("Standby") <= 1
    bus.run(30)
    running = {name: group for name, group in bus.groups.items() if group.state != "Init"}
    states = sorted(group.state for group in running.values())
    assert states == sorted(["Active", "Standby", "Listen"][: len(running)])
    [active] = [group for group in running.values() if group.state == "Active"]
    for group in running.values():
        assert group.active_router == ("local" if group is active else active.address)
        if group.preempt:
            assert (active.priority, active.address) >= (group.priority, group.address)


SOURCES = tuple(IPv4.parse(f"10.0.0.{host}") for host in (1, 7, 9))
"""Two peers, and the address of the group itself."""
inputs = st.one_of(
    st.tuples(
        st.just("hello"),
        st.sampled_from(["Active", "Active", "Standby", "Standby", "Speak"]),
        st.sampled_from([90, 100, 110]),
        st.sampled_from([(3, 10), (3, 10), (1, 4), (0, 0)]),
        st.sampled_from(SOURCES),
    ),
    st.tuples(st.just("again"), st.integers(1, 8)),
    st.tuples(st.just("priority"), st.sampled_from([80, 100, 120])),
    st.tuples(st.just("preempt"), st.sampled_from([None, Preempt(), Preempt(minimum=5), Preempt(sync=5)])),
    st.tuples(st.just("timers"), st.sampled_from([None, (3000, 10000), (2000, 7000)])),
    st.tuples(st.just("address"), st.sampled_from([None, VIRTUAL, IPv4.parse("10.0.0.253")])),
    st.tuples(st.just("key"), st.sampled_from(["cisco", "other"])),
    st.tuples(st.just("restart")),
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([0, 10, 20]),
    st.lists(st.tuples(inputs, st.sampled_from([0.0, 0.5, 3.0, 9.0, 12.0])), max_size=30),
)
def test_a_hello_said_again_does_what_it_would_do_if_it_were_new(
    alone: float, happenings: list[tuple[tuple[object, ...], float]]
) -> None:
    """What a group remembers of a Hello spares it work and changes nothing that it does or is."""
    twins = [Group(1, Random(1)) for _ in range(2)]
    now, last = 0, (hello("Active"), PEER)

    def both(act: Callable[[Group], list[Effect] | None]) -> None:
        one, other = (act(twin) for twin in twins)
        assert one == other
        told = [{key: getattr(twin, key) for key in Group.__slots__} for twin in twins]
        for each in told:
            for key in ("_random", "_steady", "_said"):
                del each[key]
        assert told[0] == told[1]

    def hear(packet: Hsrp, source: IPv4) -> None:
        twins[1]._steady.clear()  # it has forgotten what it heard
        twins[1]._said = None
        both(lambda twin: twin.receive(packet, source, now))

    def wait(seconds: float) -> None:
        nonlocal now
        now += round(seconds * SECOND)
        both(lambda twin: twin.expire(now))

    def say(what: tuple[object, ...]) -> None:
        nonlocal last
        match what:
            case ("hello", str(state), int(priority), (int(hellotime), int(holdtime)), IPv4() as source):
                last = hello(state, priority, times=(hellotime, holdtime)), source
                hear(*last)
            case ("again", int(times)):
                for _ in range(times):
                    hear(*last)
                    wait(1)
            case ("priority", int(priority)):
                for twin in twins:
                    twin.configured_priority = priority
                hear(*last)
            case ("preempt", None | Preempt() as preempt):
                for twin in twins:
                    twin.preempt = preempt
            case ("timers", None | (_, _) as timers):
                both(lambda twin: twin.set_timers(timers, now))
            case ("address", None | IPv4() as address):
                both(lambda twin: twin.set_virtual_ip(address, now))
            case ("key", str(key)):
                for twin in twins:
                    twin.authentication = authentication_data(key)
                hear(*last)
            case _:
                both(lambda twin: twin.disable(now))
                both(lambda twin: twin.enable(now))

    for twin in twins:
        twin.address = SOURCES[-1]
        twin.set_virtual_ip(VIRTUAL, 0)
    say(("restart",))
    wait(alone)
    for what, seconds in happenings:
        wait(seconds)
        say(what)
