"""Lines are matched as IOS does: abbreviations, ambiguity, any order, hidden words, levels."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from iosemu.addresses import IPv4
from iosemu.parser.match import Listing, complete, suggest
from tests.parser.small import CONTEXT, grammar, mode, offered, said

SHOW = mode("""
words
    show           Show
    ip             IP
    interface      Interface

show ip interface [brief]
    brief          Brief

show ip route [address | word]
    route          Routes
    address        A.B.C.D  Address
    word           WORD     Name

show ipv6 route
    ipv6           IPv6
    route          Routes

show clock
    clock          Clock

show clocks
    clocks         Clocks

show version
~ show release
    version        Version
    release        Release

show report
    report         Report

~ show internals
    internals      Secrets

show level number
    level          Level
    number  <1-9>  Number

set {one | line text}
    set            Set
    one            One
    line           Line
    text     LINE  Text
""")


@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ("show ip interface brief", "show ip interface", {"brief": True}),
        ("show ip interface", "show ip interface", {}),
        ("sh ip int br", "show ip interface", {"brief": True}),
        ("SHOW IP Int B", "show ip interface", {"brief": True}),
        ("  sh\tip   int  ", "show ip interface", {}),
        ("show ip route 1.0.0.0", "show ip route", {"address": IPv4.parse("1.0.0.0")}),
        ("show ip route 1.0.0", "show ip route", {"word": "1.0.0"}),
        ("show ip route core", "show ip route", {"word": "core"}),
        ("show ipv6 route", "show ipv6 route", {}),
        ("show ipv r", "show ipv6 route", {}),
        ("show clock", "show clock", {}),
        ("show clocks", "show clocks", {}),
        ("show release", "show version", {}),
        ("show rel", "show version", {}),
        ("show re", "show report", {}),
        ("show inter", "show internals", {}),
        ("show lev 09", "show level", {"number": 9}),
        ("set one", "set", {"one": True}),
        ("set l  two  words ", "set", {"line": True, "text": "two  words "}),
    ],
)
def test_understood(line: str, name: str, values: dict[str, Any]) -> None:
    """A unique prefix is enough, a whole word wins over longer ones, and a shown word over a hidden one."""
    assert said(SHOW, line) == (name, values)


@pytest.mark.parametrize(
    ("line", "kind", "column"),
    [
        ("s", "ambiguous", 0),
        ("show i interface", "ambiguous", 5),
        ("show cl", "ambiguous", 5),
        ("show i nonsense", "ambiguous", 5),
        ("nonsense i", "invalid", 0),
        ("", "incomplete", 0),
        ("sh", "incomplete", 2),
        ("show level", "incomplete", 10),
        ("show level 10", "invalid", 11),
        ("show clock now", "invalid", 11),
        ("show ip interface brief brief", "invalid", 24),
        ("set line", "incomplete", 8),
        ("set line  ", "incomplete", 10),
    ],
)
def test_not_understood(line: str, kind: str, column: int) -> None:
    """Ambiguity is decided at the first ambiguous word; what ends too early is incomplete, else invalid."""
    assert said(SHOW, line) == (kind, column)


CLAIMS = mode("""
take {0 | number | address | when | month | interface | decade | word}
    take                       Take
    0          as zero         Nothing
    number     <0-99>          Number
    address    A.B.C.D         Address
    when       hh:mm:ss        Time
    month      MONTH           Month
    interface  INTERFACE       Interface
    decade                     Ten years
    word       WORD            Word

tell {one | several}
    tell                       Tell
    one        WORD            One
    several    LINE            Several

pick {number | interface}
    pick                       Pick
    number     <0-F>x          Number
    interface  INTERFACE       Interface

say {loud | text}
    say                        Say
    loud                       Loudly
    text       LINE            Text
""")


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("take 0", {"zero": True}),
        ("take 1", {"number": 1}),
        ("take 100", {"word": "100"}),
        ("take 1.1.1.1", {"address": IPv4.parse("1.1.1.1")}),
        ("take 1.1.1", {"word": "1.1.1"}),
        ("take 12:00:00", {"when": 43200}),
        ("take dec", {"month": 12}),
        ("take deca", {"decade": True}),
        ("take e0", {"interface": "Ethernet0"}),
        ("take e 0", {"interface": "Ethernet0"}),
        ("take else", {"word": "else"}),
        ("tell me", {"one": "me"}),
        ("pick e", {"number": 14}),
        ("pick e 0", {"interface": "Ethernet0"}),
        ("say lo", {"loud": True}),
        ("say low words", {"text": "low words"}),
    ],
)
def test_the_strongest_claim_wins(line: str, values: dict[str, Any]) -> None:
    """A whole keyword goes before a typed value, that before a keyword's prefix, then a word, then a line."""
    assert said(CLAIMS, line)[1] == values


def test_an_interface_s_kind_may_be_ambiguous() -> None:
    """A kind's prefix that several kinds have is ambiguous, unless something else claims the word."""
    only = mode("pick interface\n    pick  x\n    interface  INTERFACE  x\n")
    assert said(only, "pick t0") == ("ambiguous", 5)
    assert said(CLAIMS, "pick t0") == ("ambiguous", 5)
    assert said(CLAIMS, "take t0") == ("take", {"word": "t0"})


ORDER = mode("""
delay {minimum minimum | reload reload | sync}...
    delay                   Delay
    minimum                 x
    minimum   <0-3600>      x
    reload                  x
    reload    <0-3600>      x
    sync                    x

log [all | size | to host]... end
    log                     x
    all                     x
    size      <1-9>         x
    to                      x
    host      A.B.C.D       x
    end                     x
""")


@pytest.mark.parametrize("parts", list(permutations(["minimum 1", "reload 2", "sync"])), ids=" ".join)
def test_any_order(parts: tuple[str, ...]) -> None:
    """What is repeated may stand in any order."""
    name, values = said(ORDER, f"delay {' '.join(parts)}")
    assert (name, values) == ("delay", {"minimum": 1, "reload": 2, "sync": True})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("delay sync", ("delay", {"sync": True})),
        ("delay", ("incomplete", 5)),
        ("delay sync sync", ("invalid", 11)),
        ("delay sync minimum 1 minimum 2", ("invalid", 21)),
        ("delay minimum 1 m 2", ("invalid", 16)),
        ("delay minimum 1 sync reload 3 x", ("invalid", 30)),
        ("log end", ("log end", {})),
        ("log 5 all end", ("log end", {"size": 5, "all": True})),
        ("log to 1.1.1.1 5 end", ("log end", {"to": True, "host": IPv4.parse("1.1.1.1"), "size": 5})),
        ("log 5 6 end", ("invalid", 6)),
        ("log end all", ("invalid", 8)),
    ],
)
def test_at_most_once(line: str, found: tuple[str, Any]) -> None:
    """What is repeated may stand once each; only the optional one may be left out."""
    assert said(ORDER, line) == found


LEVELS = grammar("""
mode exec

show arp
    show       Show
    arp        ARP table

show logging history
    show       Show
    logging    Log
    history    History

mode exec level 15

show archive
    show       Show
    archive    Archive

show logging
    show       Show
    logging    Log

erase
    erase      Erase

reset
    reset      Reset
    (level 7)
""")["exec"]


@pytest.mark.parametrize(
    ("line", "level", "found"),
    [
        ("sh ar", 15, ("ambiguous", 3)),
        ("sh ar", 1, ("show arp", {})),
        ("show archive", 1, ("invalid", 7)),
        ("show archive", 15, ("show archive", {})),
        ("show logging", 1, ("incomplete", 12)),
        ("show logging", 15, ("show logging", {})),
        ("show logging history", 1, ("show logging history", {})),
        ("erase", 1, ("invalid", 0)),
        ("reset", 6, ("invalid", 0)),
        ("reset", 7, ("reset", {})),
    ],
)
def test_what_is_above_the_user_s_level_does_not_exist(line: str, level: int, found: tuple[str, Any]) -> None:
    """A command above the level is neither understood nor in the way of an abbreviation."""
    assert said(LEVELS, line, CONTEXT._replace(level=level)) == found


NEGATED = grammar("""
mode any

exit
    exit               Leave

mode interface

ip address address mask [secondary]
    ip                 IP
    address            Address
    address  A.B.C.D   x
    mask     A.B.C.D   x
    secondary          x

standby [group] priority priority
    standby            x
    group    <0-255>   x
    priority           x
    priority  <0-255>  x
    (by group)

ip helper-address address
    ip                 IP
    helper-address     x
    address  A.B.C.D   x
    (by address)

timers hello hold
no timers [all]
    timers             x
    hello    <1-9>     x
    hold     <1-9>     x
    all                x

no everything
    everything         x
""")["interface"]
ONE = IPv4.parse("1.1.1.1")
HALF = IPv4.parse("255.255.0.0")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("no ip address", ("ip address", {"no": True})),
        ("no ip address 1.1.1.1", ("ip address", {"no": True, "address": ONE})),
        ("no ip address 1.1.1.1 255.255.0.0", ("ip address", {"no": True, "address": ONE, "mask": HALF})),
        ("default ip address", ("ip address", {"@default": True})),
        ("no standby priority", ("standby priority", {"no": True})),
        ("no standby 1 priority", ("standby priority", {"no": True, "group": 1})),
        ("no standby 1 priority 5", ("standby priority", {"no": True, "group": 1, "priority": 5})),
        ("no standby 1", ("incomplete", 12)),
        ("no ip helper-address", ("incomplete", 20)),
        ("no ip helper-address 1.1.1.1", ("ip helper-address", {"no": True, "address": ONE})),
        ("timers 1 2", ("timers", {"hello": 1, "hold": 2})),
        ("no timers", ("timers", {"no": True})),
        ("no timers all", ("timers", {"no": True, "all": True})),
        ("no timers 1", ("invalid", 10)),
        ("no everything", ("everything", {"no": True})),
        ("everything", ("invalid", 1)),
        ("no", ("incomplete", 2)),
        ("no no ip address", ("invalid", 3)),
        ("exit", ("exit", {})),
        ("no exit", ("invalid", 4)),
    ],
)
def test_no_and_default(line: str, found: tuple[str, Any]) -> None:
    """`no` and `default` are free in configuration modes, shorter, unless the file says how `no` looks."""
    assert said(NEGATED, line) == found


DEBUG = mode("""
debug standby [errors | group number]
    debug            x
    standby          x
    errors           x
    group            x
    number  <0-255>  x
    (undo)
""")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("debug standby errors", ("debug standby", {"errors": True})),
        ("no debug standby", ("debug standby", {"no": True})),
        ("no debug standby errors", ("debug standby", {"no": True, "errors": True})),
        ("undebug standby group 1", ("debug standby", {"no": True, "group": True, "number": 1})),
        ("u st", ("debug standby", {"no": True})),
        ("no standby", ("invalid", 3)),
    ],
)
def test_undo(line: str, found: tuple[str, Any]) -> None:
    """In exec, what is marked (undo) is taken back by `no debug …` and by `undebug …`."""
    assert said(DEBUG, line) == found


SHARED = mode(
    """
words
    standby            x
    group  <0-255>     x

standby [group] ip
    ip                 x
    (by group)

~ standby [group] address
    address            x
    (by group)

standby [group] address-family
    address-family     x
    (by group)

standby [group] name
    name               x
    (by group)

pull [hard] up
~ pull [hard] over
    pull               x
    hard               x
    up                 x
    over               x

~ old ip
    old                x
    ip                 x

old routes
    old                seen
    routes             x
""",
    "interface",
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("standby 1 ip", "standby ip"),
        ("standby ip", "standby ip"),
        ("st 1 addr", "standby address-family"),
        ("st 1 address", "standby address"),
        ("no st 1 addr", "standby address-family"),
        ("pu ha up", "pull up"),
        ("pu ha ov", "pull up"),
        ("pu ov", "pull up"),
        ("ol ip", "old ip"),
        ("ol rou", "old routes"),
    ],
)
def test_commands_share_their_beginnings(line: str, name: str) -> None:
    """What several commands begin with is one way through the graph, also where some of them are hidden."""
    assert said(SHARED, line)[0] == name


def test_a_word_shared_with_a_hidden_command_is_shown() -> None:
    """A word that a hidden command was declared with first is shown with the help of the one that is seen."""
    listing = suggest(SHARED.graph, "ol", CONTEXT)
    assert listing == Listing([("old", "seen")], [])
    assert offered(SHARED, "old ") == ["routes"]


def test_a_command_that_yields() -> None:
    """What begins its words and others means those, for Tab as well; `?` shows both, and the words it shares stay."""
    found = mode("""
words
    show      x
    login     x

show login
    (yields)

show logging
    logging   x

show line
    line      x

~ show long
    long      x
""")
    assert said(found, "show log") == ("show logging", {})
    assert said(found, "sh logi") == ("show login", {})
    assert said(found, "show l") == ("ambiguous", 5)
    assert offered(found, "show log") == ["logging", "login"]
    assert complete(found.graph, "sh lo", CONTEXT) == "sh logging "
    assert complete(found.graph, "sh logi", CONTEXT) == "sh login "
    assert complete(found.graph, "sh", CONTEXT) == "show "


def test_a_shared_beginning_is_read_once() -> None:
    """The commands behind `standby [group]` have one node for the group between them."""
    assert [len(SHARED.graph[arc.target].arguments) for arc in SHARED.graph[0].words["standby"]] == [2]


def test_modes_that_are_like_another() -> None:
    """A mode that is like another has its commands, under its own name and prompt."""
    both = grammar("""
        mode interface

        shutdown
            shutdown   x
        """)
    assert both["subinterface"].commands is both["interface"].commands
    assert both["subinterface"].prompt == "(config-subif)#"
    assert said(both["subinterface"], "no shut") == ("shutdown", {"no": True})
