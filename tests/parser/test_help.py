"""What `?` lists and Tab completes, before any layout."""

from __future__ import annotations

import pytest

from iosemu.parser import match
from iosemu.parser.match import Failure
from tests.parser.small import CONTEXT, grammar, mode, offered

HELP = mode("""
words
    show             Show running system information

show ip [name | address | 7 | /all | Upper | lower | level | lever]
    ip               IP
    name     WORD    Name
    address  A.B.C.D  Address
    7        as seven  Seven
    /all     as all  All
    Upper    as upper  Upper
    lower            Lower
    level            Level
    lever            Lever

show interfaces [interface] [description]
    interfaces       Interfaces
    interface  INTERFACE  Interface
    description      Describe

~ show isis
    isis             Hidden

show history
    history          History
    (level 15)

set {one | two value | three}...
    set              Set
    one              One
    two              Two
    value   <5-600>  Value
    three            Three

describe text
    describe         Describe
    text    LINE     Up to 240 characters

to {node | number}
    to               To
    node    NODE     A node
    number  <1-9>    A number
""")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ["describe", "set", "show", "to"]),
        ("s", ["set", "show"]),
        ("S", ["set", "show"]),
        ("x", []),
        ("show", ["show"]),
        ("show ", ["history", "interfaces", "ip"]),
        ("show i", ["interfaces", "ip"]),
        ("show is", []),
        ("show ip ", ["/all", "7", "A.B.C.D", "Upper", "WORD", "level", "lever", "lower", "<cr>"]),
        ("show ip le", ["WORD", "level", "lever"]),
        ("show ip 10.0", ["A.B.C.D", "WORD"]),
        ("show ip level ", ["<cr>"]),
        ("show ip level x", []),
        ("set ", ["one", "three", "two"]),
        ("set one ", ["three", "two", "<cr>"]),
        ("set one two ", ["<5-600>"]),
        ("set one two 5", ["<5-600>"]),
        ("set one two 601", []),
        ("set one two 5 ", ["three", "<cr>"]),
        ("describe ", ["LINE"]),
        ("describe a", ["LINE"]),
        ("describe a b", ["LINE"]),
        ("describe a b ", ["LINE", "<cr>"]),
        ("to ", ["<1-9>", "Core", "HA1", "HA2"]),
        ("to h", ["HA1", "HA2"]),
        ("to x", ["WORD"]),
        (
            "sh int ",
            ["Ethernet", "FastEthernet", "Loopback", "TenGigabitEthernet", "Tunnel", "description", "<cr>"],
        ),
        ("sh int t", ["TenGigabitEthernet", "Tunnel"]),
        ("sh int tu ", ["<0-2147483647>"]),
        ("sh int tu 1", ["<0-2147483647>"]),
        ("sh int tu1", ["<0-2147483647>"]),
        ("sh int tu1 ", ["description", "<cr>"]),
        ("sh int tu1 d", ["description"]),
        ("s i", ["% ambiguous"]),
        ("s ", ["% ambiguous"]),
        ("nothing ", ["% invalid"]),
        ("show ip level lever ", ["% invalid"]),
    ],
)
def test_items(text: str, items: list[str]) -> None:
    """Behind a blank `?` lists all that may follow, else what the last word begins; in ASCII order."""
    assert offered(HELP, text) == items


def test_help_texts() -> None:
    """Each item comes with its own help, an argument's as much as a keyword's."""
    listing = match.suggest(HELP.graph, "set one two ", CONTEXT)
    assert not isinstance(listing, Failure)
    assert listing.items == [("<5-600>", "Value")]
    listing = match.suggest(HELP.graph, "show interfaces t", CONTEXT)
    assert not isinstance(listing, Failure)
    assert listing.items == [("TenGigabitEthernet", "Ten Gigabit Ethernet"), ("Tunnel", "Tunnel interface")]


def test_the_commands_that_may_end() -> None:
    """A listing names the commands that <cr> would run."""
    listing = match.suggest(HELP.graph, "show ip ", CONTEXT)
    assert not isinstance(listing, Failure)
    assert [HELP.commands[number].name for number in listing.complete] == ["show ip"]


def test_a_low_level_sees_less() -> None:
    """What is above the user's level is neither listed nor completed."""
    assert offered(HELP, "show ", CONTEXT._replace(level=1)) == ["interfaces", "ip"]
    assert match.complete(HELP.graph, "show h", CONTEXT._replace(level=1)) is None


def test_a_command_above_the_level_does_not_end() -> None:
    """<cr> is not offered for a command above the user's level whose words another command shares."""
    shared = grammar("""
        mode exec

        show log all
            show  x
            log   x
            all   x

        mode exec level 15

        show log
            show  x
            log   x
        """)["exec"]
    assert offered(shared, "show log ") == ["all", "<cr>"]
    assert offered(shared, "show log ", CONTEXT._replace(level=1)) == ["all"]


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("sh", "show "),
        ("SH", "show "),
        ("s", None),
        ("show", "show "),
        ("show ", None),
        ("show int", "show interfaces "),
        ("sh int", "sh interfaces "),
        ("show i", None),
        ("show isi", None),
        ("show ip u", "show ip Upper "),
        ("show ip /", "show ip /all "),
        ("show ip 7", "show ip 7 "),
        ("show ip core", None),
        ("show int lo", "show int loopback "),
        ("show int t", None),
        ("show int d", "show int description "),
        ("show int tu1", None),
        ("show int tu 1", None),
        ("to h", None),
        ("to c", "to Core "),
        ("to HA1", "to HA1 "),
        ("describe s", None),
        ("set one o", None),
        ("set one t", None),
        ("set one th", "set one three "),
        ("  sh", "  show "),
        ("s i", None),
        ("x", None),
        ("", None),
    ],
)
def test_completion(text: str, completed: str | None) -> None:
    """Tab completes the last word alone, when one word alone can be meant; interface kinds in lower case."""
    assert match.complete(HELP.graph, text, CONTEXT) == completed
