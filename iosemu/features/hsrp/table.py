"""RFC 2281 §5.7's state transition table, typed in as it is printed, and how to read it.

The rule: nothing but this table decides which actions an event has and which state follows.
"""

from __future__ import annotations

from iosemu.values import NamedTuple

STATES = ("Init", "Learn", "Listen", "Speak", "Standby", "Active")
"""The states in the order of the table's columns, by the names IOS prints; the RFC numbers them from 1."""

EVENTS = {
    "a": "HSRP enabled",
    "b": "HSRP disabled",
    "c": "Active timer expired",
    "d": "Standby timer expired",
    "e": "Hello timer expired",
    "f": "Hello rcvd from higher pri Speak router",
    "g": "Hello rcvd from higher pri Active router",
    "h": "Hello rcvd from lower pri Active router",
    "i": "Resign rcvd",
    "j": "Coup rcvd from higher pri router",
    "k": "Hello rcvd from higher pri Standby router",
    "l": "Hello rcvd from lower pri Standby router",
}
"""RFC 2281 §5.5's events in the words of `debug standby` (reference hsrp.md §4.2); IOS does not print e."""

ACTIONS = {
    "A": "Start Active Timer",
    "B": "Start Standby Timer",
    "C": "Stop Active Timer",
    "D": "Stop Standby Timer",
    "E": "Learn Parameters",
    "F": "Send Hello Message",
    "G": "Send Coup Message",
    "H": "Send Resign Message",
    "I": "Send Gratuitous ARP Message",
}
"""RFC 2281 §5.6's actions, by its own titles."""

# fmt: off
TABLE = {
    #      1          2          3             4             5             6
    #    Initial    Learn      Listen        Speak         Standby       Active
    "a": ("AB/2|3+", "",        "",           "",           "",           ""),
    "b": ("",        "CD/1",    "CD/1",       "CD/1",       "CD/1",       "CDH/1"),
    "c": ("",        "",        "AB/4",       "",           "CDFI/6",     ""),
    "d": ("",        "",        "B/4",        "D/5",        "",           ""),
    "e": ("",        "",        "",           "F",          "F",          "F"),
    "f": ("",        "",        "",           "B/3",        "B/3",        ""),
    "g": ("",        "EAB/3",   "EA",         "EA",         "EA",         "AB/4"),
    "h": ("",        "EAB/3",   "A|BGFI/6*",  "A|BGFI/6*",  "A|BGFI/6*",  "G"),
    "i": ("",        "",        "AB/4",       "A",          "CFI/6",      ""),
    "j": ("",        "",        "",           "",           "",           "ABH/4"),
    "k": ("",        "",        "B",          "B/3",        "B/3",        "B"),
    "l": ("",        "",        "B/4",        "D/5",        "",           "B"),
}
# fmt: on
"""Rows are events, columns `STATES`; `|` parts alternatives, which notes `+` and `*` explain."""


class Cell(NamedTuple):
    """What a cell says: actions in order, and the next state (None: it stays)."""

    actions: str
    state: str | None


NOTHING = Cell("", None)


def read(cell: str, *, second: bool = False) -> Cell:
    """Read a cell of the table; `second` chooses the alternative after `|` where there is one.

    By the table's notes the second is, at `+`, the state to set when the virtual IP address is configured
    (with the same actions); at `*`, for a router configured to preempt.
    """
    first, _, other = cell.rstrip("+*").partition("|")
    actions, _, number = (other if second and other else first).partition("/")
    if actions.isdigit():  # `3` of `AB/2|3+`: a state alone
        actions, number = first.partition("/")[0], actions
    return Cell(actions, STATES[int(number) - 1] if number else None)


_READ = {
    (event, state, second): read(cell, second=second)
    for event, row in TABLE.items()
    for state, cell in zip(STATES, row, strict=True)
    for second in (False, True)
}


HEEDING = {event: tuple(state for state in STATES if _READ[event, state, False].actions) for event in EVENTS}
"""The states in which an event has any action."""

SPEAKING = HEEDING["e"]
"""The states that send Hellos (RFC 2281 §5.4), which is all that event e does."""


def look_up(event: str, state: str, *, second: bool = False) -> Cell:
    """Give the cell of an event in a state; no event of the table (the empty string) has `NOTHING`."""
    return _READ.get((event, state, second), NOTHING)
