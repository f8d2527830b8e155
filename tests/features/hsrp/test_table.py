"""Every cell of RFC 2281 §5.7: that it is typed in as printed, and that the machine does what it says.

The table below was typed from the RFC's text, apart from the product's own.
"""

from __future__ import annotations

from random import Random

import pytest

from iosemu.addresses import IPv4
from iosemu.features.hsrp.machine import (
    SECOND,
    Effect,
    GratuitousArp,
    Group,
    LearnedAddress,
    LearnedTimers,
    Preempt,
    Send,
    StateChanged,
)
from iosemu.features.hsrp.packet import COUP, HELLO, RESIGN, Hsrp
from iosemu.features.hsrp.table import ACTIONS, EVENTS, STATES, TABLE, Cell, look_up

STATE_NAMES = ["Init", "Learn", "Listen", "Speak", "Standby", "Active"]
CODES = {"Init": 0, "Learn": 1, "Listen": 2, "Speak": 4, "Standby": 8, "Active": 16}

PRINTED = """
+-----+----------+----------+----------+----------+----------+----------+
|     |    1     |     2    |    3     |    4     |    5     |     6    |
+-----+----------+----------+----------+----------+----------+----------+
|  a  |  AB/2|3+ |          |          |          |          |          |
|  b  |          |   CD/1   |   CD/1   |   CD/1   |   CD/1   |   CDH/1  |
|  c  |          |          |   AB/4   |          |  CDFI/6  |          |
|  d  |          |          |   B/4    |   D/5    |          |          |
|  e  |          |          |          |    F     |    F     |    F     |
|  f  |          |          |          |   B/3    |   B/3    |          |
|  g  |          |   EAB/3  |    EA    |   EA     |   EA     |   AB/4   |
|  h  |          |   EAB/3  | A|BGFI/6*| A|BGFI/6*| A|BGFI/6*|    G     |
|  i  |          |          |   AB/4   |   A      |  CFI/6   |          |
|  j  |          |          |          |          |          |   ABH/4  |
|  k  |          |          |    B     |   B/3    |  B/3     |    B     |
|  l  |          |          |    B/4   |   D/5    |          |    B     |
"""
ROWS = [line for line in PRINTED.splitlines() if line[3:4].islower()]
CELLS = [
    (row[3], state, row[7 + 11 * column : 17 + 11 * column].strip())
    for row in ROWS
    for column, state in enumerate(STATE_NAMES)
]


def alternatives() -> list[tuple[str, str, bool, str, str]]:
    """Spell out the cells: event, state, whether the second alternative, actions, next state ("" stays)."""
    found = []
    for event, state, cell in CELLS:
        match cell:
            case "AB/2|3+":
                pairs = [("AB", "2"), ("AB", "3")]
            case "A|BGFI/6*":
                pairs = [("A", ""), ("BGFI", "6")]
            case _:
                actions, _, number = cell.partition("/")
                pairs = [(actions, number)] * 2
        for second, (actions, number) in enumerate(pairs):
            found.append(
                (event, state, bool(second), actions, STATE_NAMES[int(number) - 1] if number else "")
            )
    return found


SPELT_OUT = alternatives()


@pytest.mark.parametrize(("event", "state", "cell"), CELLS)
def test_the_table_is_the_printed_one(event: str, state: str, cell: str) -> None:
    """Each cell stands in the product as the RFC prints it."""
    assert TABLE[event][STATES.index(state)] == cell


def test_the_table_has_no_other_rows() -> None:
    """Events, states and actions are the RFC's, all of them."""
    assert list(TABLE) == list(EVENTS) == [row[3] for row in ROWS] == list("abcdefghijkl")
    assert list(STATES) == STATE_NAMES
    assert "".join(ACTIONS) == "ABCDEFGHI"
    assert len(CELLS) == 72


@pytest.mark.parametrize(("event", "state", "second", "actions", "following"), SPELT_OUT)
def test_a_cell_is_read(event: str, state: str, second: bool, actions: str, following: str) -> None:
    """Looking a cell up gives its actions in order and the state it names."""
    assert look_up(event, state, second=second) == Cell(actions, following or None)


# The machine, cell by cell: peers outrank it or not by priority, long holdtimes keep timers out of the way.

ME, HIGH, LOW = (IPv4.parse(f"10.0.0.{host}") for host in (5, 9, 1))
VIRTUAL = IPv4.parse("10.0.0.254")
HELLOTIME, HOLDTIME = 7, 200


def message(opcode: int, state: str, priority: int, hold: int = HOLDTIME) -> Hsrp:
    """Make a peer's packet; its times are not the default ones."""
    return Hsrp(opcode, CODES[state], HELLOTIME, hold, priority, 1, b"cisco\0\0\0", VIRTUAL)


HEARD = {
    "f": (message(HELLO, "Speak", 150), HIGH),
    "g": (message(HELLO, "Active", 150), HIGH),
    "h": (message(HELLO, "Active", 50), LOW),
    "i": (message(RESIGN, "Active", 150), HIGH),
    "j": (message(COUP, "Listen", 150), HIGH),
    "k": (message(HELLO, "Standby", 150), HIGH),
    "l": (message(HELLO, "Standby", 50), LOW),
}


def in_state(state: str, *, second: bool) -> tuple[Group, int]:
    """Bring a group into a state by inputs, and say when it got there."""
    group = Group(1, Random(1))
    group.address = ME
    if state != "Learn" and (state != "Init" or second):
        group.set_virtual_ip(VIRTUAL, 0)
    group.preempt = Preempt() if second else None
    now = 0
    if state != "Init":
        group.enable(now)
    if state in ("Speak", "Standby", "Active"):
        now = 10 * SECOND
        group.expire(now)
    if state == "Standby":
        group.receive(message(HELLO, "Standby", 50), LOW, now)
    if state == "Active":
        now = 20 * SECOND
        group.expire(now)
    assert group.state == state
    return group, now


def prepare(group: Group, event: str, now: int) -> int:
    """Do what must come before an event, and say when the event is to be.

    An expiry needs a timer that ends before the others do; a Resign needs an active router that is known.
    """
    now += SECOND // 2
    follows = group.state in ("Listen", "Speak", "Standby")
    if event == "c" and follows:
        group.receive(message(HELLO, "Active", 150, hold=1), HIGH, now)
    elif event == "d" and group.state == "Active":
        group.receive(message(HELLO, "Standby", 50, hold=1), LOW, now)
    elif event in ("d", "i") and follows:
        group.receive(message(HELLO, "Active", 150), HIGH, now)
    timers = {"c": group.active_expires, "d": group.standby_expires, "e": group.next_hello}
    when = timers.get(event) or now
    while (due := group.deadline()) is not None and due < when:
        group.expire(due)
    return when


def happen(group: Group, event: str, now: int) -> list[Effect]:
    """Let an event happen; give its effects, without those of a second change of state at once."""
    if event in HEARD:
        effects = group.receive(*HEARD[event], now)
    elif event in ("a", "b"):
        effects = group.enable(now) if event == "a" else group.disable(now)
    else:
        effects = group.expire(now)
    changes = [place for place, effect in enumerate(effects) if isinstance(effect, StateChanged)]
    return effects[: changes[1]] if len(changes) > 1 else effects


CASES = [case for case in SPELT_OUT if not case[2] or "|" in TABLE[case[0]][STATES.index(case[1])]]


@pytest.mark.parametrize(("event", "state", "second", "actions", "following"), CASES)
def test_the_machine_does_what_the_cell_says(
    event: str, state: str, second: bool, actions: str, following: str
) -> None:
    """The state, the packets, the timers and the learning after an event are those of its cell."""
    group, reached = in_state(state, second=second)
    now = prepare(group, event, reached)
    assert group.state == state
    timers = {"A": group.active_expires, "B": group.standby_expires}
    learned = group.timers

    effects = happen(group, event, now)

    changes = [effect for effect in effects if isinstance(effect, StateChanged)]
    assert [(change.old, change.new, change.event) for change in changes] == (
        [(state, following, event)] if following else []
    )
    assert following or group.state == state

    sent = [effect.packet for effect in effects if isinstance(effect, Send)]
    others = [(packet.opcode, packet.state) for packet in sent if packet.opcode != HELLO]
    assert others == [
        (code, CODES[state]) for letter, code in (("G", COUP), ("H", RESIGN)) if letter in actions
    ]
    # IOS sends a Hello at once in a state that speaks, whether or not the cell has F.
    speaks = "F" in actions or following in ("Speak", "Standby", "Active")
    hellos = [packet.state for packet in sent if packet.opcode == HELLO]
    assert hellos == ([CODES[following or state]] if speaks else [])
    assert ("I" in actions) == any(isinstance(effect, GratuitousArp) for effect in effects)

    learns = "E" in actions and learned != (HELLOTIME * 1000, HOLDTIME * 1000)
    assert learns == any(isinstance(effect, LearnedTimers) for effect in effects)
    assert (learns and state == "Learn") == any(isinstance(effect, LearnedAddress) for effect in effects)

    for start, stop, timer, hellos_of in (
        ("A", "C", group.active_expires, "gh"),
        ("B", "D", group.standby_expires, "kl"),
    ):
        hold = HOLDTIME * SECOND if event in hellos_of else group.timers[1] * 1000
        expected = now + hold if start in actions else None if stop in actions else timers[start]
        assert timer == expected
