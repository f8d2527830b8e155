"""`unfold`: what was flattened comes back, nothing is lost, and what is a configuration already stays one."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.app import grammar
from iosemu.insight import reading
from iosemu.insight.reading import Text
from iosemu.insight.unfold import as_text, unfold
from iosemu.parser.shapes import Argument
from tests.parser.sentences import sentences

if TYPE_CHECKING:
    from iosemu.insight.unfold import Line
    from iosemu.parser.grammar import Command
    from iosemu.parser.shapes import Sequence

CONFIGS = Path(__file__).parents[2] / "configs"
DOCUMENT = sorted(CONFIGS.glob("*/HA?.cfg"))
CARRIED = (
    "standby",
    "ip address",
    "ip mobile",
    "ip irdp",
    "ip route",
    "router mobile",
    "router rip",
    "interface",
    "network",
)
"""Commands of configurations for home agent redundancy."""


def unfolded(text: str) -> list[Line]:
    """Unfold a text."""
    return unfold(grammar(), "x", text)


def written(lines: list[Line]) -> str:
    """Give what `iosemu unfold` prints."""
    return as_text("x", lines).text


@pytest.mark.parametrize("path", DOCUMENT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_document(path: Path) -> None:
    """Every example of the document, with its comments, comes back from one line as the lines it had."""
    rows = [row.strip() for row in path.read_text().splitlines() if not row.startswith(("! HA", "hostname"))]
    rows = [row for row in rows if row != "!"]
    lines = unfolded(" ".join(rows))
    assert [line.text.strip() for line in lines] == rows
    assert all(line.placed for line in lines)
    below = re.compile("ip addr|standby|ip irdp")
    assert all(line.text.startswith(" ") == bool(below.match(line.text.strip())) for line in lines)


@pytest.mark.parametrize("width", [40, 72, 100])
def test_a_wrapped_text(width: int) -> None:
    """Line breaks that only keep to a margin say nothing: comments and commands go on behind them."""
    rows = [
        row.strip() for row in (CONFIGS / "multivirtual-multiple-same" / "HA2.cfg").read_text().splitlines()
    ]
    flat = textwrap.fill(" ".join(rows), width, break_long_words=False, break_on_hyphens=False)
    assert [line.text.strip() for line in unfolded(flat)] == rows


@pytest.mark.parametrize(
    "path", sorted(CONFIGS.glob("*/*.cfg")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_configuration_stays(path: Path) -> None:
    """Lines that are as a router reads them stay; at most they are indented."""
    rows = path.read_text().splitlines()
    assert [row.strip() for row in written(unfolded(path.read_text())).splitlines()] == [
        row.strip() for row in rows
    ]


TERMINAL = """\
HA1>en
HA1#conf t
Enter configuration commands, one per line.  End with CNTL/Z.
HA1(config)#int e0
HA1(config-if)#standby ip 1.0.0.10
HA1(config-if)#standby preempt standby preempt delay sync 100
HA1(config-if)# description uplink  to the core, ip routing
HA1(config-if)#exit
HA1(config)#banner motd ^C
 interface to nothing
 ^C
HA1(config)#ip mobile home-agent
HA1(config)#end
HA1#
"""


def test_a_terminal() -> None:
    """Prompts are taken off, what a router said and what is no configuration are comments; a banner is one command."""
    assert written(unfolded(TERMINAL)) == (
        "! HA1>en\n"
        "! HA1#conf t\n"
        "! Enter configuration commands, one per line.  End with CNTL/Z.\n"
        "int e0\n"
        " standby ip 1.0.0.10\n"
        " standby preempt\n"
        " standby preempt delay sync 100\n"
        " description uplink  to the core, ip routing\n"
        " exit\n"
        "banner motd ^C\n"
        " interface to nothing\n"
        " ^C\n"
        "ip mobile home-agent\n"
        "end\n"
        "! HA1#\n"
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        # the slips of the document (E1, E2, E8)
        ("ip mobile secure home-agent 1.0.0.2 spi 100 hex 0011 ip mobile home-agent",
         ["ip mobile secure home-agent 1.0.0.2 spi 100 hex 0011", "ip mobile home-agent"]),
        ("ip mobile virtual-network 20.0.0.0 255.255.0.0 20.0.0.1 ip mobile home-agent standby A virtual-network",
         ["ip mobile virtual-network 20.0.0.0 255.255.0.0 20.0.0.1", "ip mobile home-agent standby A virtual-network"]),
        ("int e0 standby preempt standby preempt delay sync 100 shutdown",
         ["int e0", " standby preempt", " standby preempt delay sync 100", " shutdown"]),
        # prompts within a line
        ("HA1(config)#int e0 HA1(config-if)#shutdown HA1(config-if)# exit Router (config)# ip routing",
         ["int e0", " shutdown", " exit", "ip routing"]),
        # lines broken within a command
        ("interface Ethernet0 ip address\n1.0.0.1 255.0.0.0 standby ip\n1.0.0.10\n",
         ["interface Ethernet0", " ip address 1.0.0.1 255.0.0.0", " standby ip 1.0.0.10"]),
        # an interface in two words; a command that both modes know, in and behind a block
        ("interface Ethernet 0 no ip address ! interface Ethernet 1 shutdown",
         ["interface Ethernet 0", " no ip address", "!", "interface Ethernet 1", " shutdown"]),
        # indentation is believed
        ("interface Ethernet0\n shutdown\nip route 1.0.0.0 255.0.0.0 2.0.0.1\n", ["interface Ethernet0", " shutdown",
         "ip route 1.0.0.0 255.0.0.0 2.0.0.1"]),
        # what is commented out stays so, what is no command stays whole
        ("hostname R1\n! ip route 1.0.0.0 255.0.0.0 2.0.0.1\nfoo bar shutdown\nip routing\n",
         ["hostname R1", "! ip route 1.0.0.0 255.0.0.0 2.0.0.1", "foo bar shutdown", "ip routing"]),
        ("interface Ethernet0\n description a link to ip routing\n ip route 1.2.3.4 255.0.0.0 5.6.7.8 and more\n",
         ["interface Ethernet0", " description a link to ip routing", " ip route 1.2.3.4 255.0.0.0 5.6.7.8 and more"]),
        ("hostname A description of it hostname B", ["hostname A", "description of it", "hostname B"]),
        # what is taken back opens no mode
        ("interface e0 shutdown no interface Loopback0 ip routing router rip no router rip ip classless",
         ["interface e0", " shutdown", "no interface Loopback0", "ip routing", "router rip", "no router rip",
          "ip classless"]),
        # prose that begins with a word which is a command
        ("interface e0 ! bridge to the other network, do not use int lo0 ip addr 1.1.1.1 255.0.0.0",
         ["interface e0", "! bridge to the other network, do not use", "int lo0", " ip addr 1.1.1.1 255.0.0.0"]),
        # unknown lines keep their indentation
        ("frob 1\n  quux 5\ninterface e0\n ! idle\n shutdown\n",
         ["frob 1", "  quux 5", "interface e0", " ! idle", " shutdown"]),
        # `end` behind everything is no word of a LINE; blanks within a line stay
        ("interface e0  description a  b c end", ["interface e0", " description a  b c", "end"]),
        ("", []),
        ("!\n", ["!"]),
    ],
)  # fmt: skip
def test_cases(text: str, rows: list[str]) -> None:
    """What is found in a text, line by line."""
    assert written(unfolded(text)).splitlines() == rows


def test_lost_words_have_a_place() -> None:
    """Words that nothing takes are kept, with the line and column where they stand."""
    lines = unfolded(
        "hostname R1\n  foo  bar\nHA1: int e0 ip addr 1.0.0.1 255.0.0.0 standby ip 1.0.0.10 standby name A shutdown"
    )
    lost = [(line.source.line, line.source.column, line.source.text) for line in lines if not line.placed]
    assert lost == [(2, 3, "foo  bar"), (3, 1, "HA1:")]
    assert [line.text for line in lines[3:]] == [
        "int e0", " ip addr 1.0.0.1 255.0.0.0", " standby ip 1.0.0.10", " standby name A", " shutdown",
    ]  # fmt: skip


def test_a_long_text_takes_no_longer_than_it_has_words() -> None:
    """Twice the text is at most some three times the work: the modes' commands are each tried once at a word."""
    text = " ".join(path.read_text() for path in DOCUMENT[:2])
    flat = " ".join(row.strip() for row in text.splitlines())
    tried = []
    for times in (4, 8):
        search = _counted(" ".join([flat] * times))
        tried.append(search)
    assert tried[1] <= 2.2 * tried[0]


def _counted(text: str) -> int:
    from iosemu.insight.unfold import Unfolding  # noqa: PLC0415 - the one test that looks inside

    search = Unfolding(grammar(), text)
    search.lines("x")
    return len(search._known) + sum(map(len, search.best))


# --- Laws


@cache
def commands(mode: str) -> list[tuple[Command, Sequence]]:
    """List the commands of a mode with each of their forms that is written."""
    return [
        (command, shape)
        for command in grammar()[mode].commands
        if command.mode != "any"
        for shape, silent in command.forms
        if not silent
    ]


def _has_a_line(shape: object) -> bool:
    if isinstance(shape, Argument):
        return shape.type == "LINE"
    items = (
        getattr(shape, "items", None)
        or getattr(shape, "alternatives", None)
        or [getattr(shape, "item", None)]
    )
    return any(_has_a_line(item) for item in items if item is not None)


@st.composite
def configurations(draw: st.DrawFn, *, carried: bool) -> list[str]:
    """Draw lines of a configuration: of the commands that carry home agent redundancy, or of any."""

    def lines(mode: str, most: int, indent: str) -> None:
        known = [
            (command, shape)
            for command, shape in commands(mode)
            if not carried or (command.name.startswith(CARRIED) and not _has_a_line(shape))
        ]
        for _ in range(draw(st.integers(0, most)) if known else 0):
            command, shape = draw(st.sampled_from(known))
            rows.append(indent + " ".join(word.text for word in draw(sentences(shape))))
            if command.enters and not indent:
                lines(command.enters, 3, " ")

    rows: list[str] = []
    lines("global", 4, "")
    return rows


@settings(max_examples=60, deadline=None)
@given(configurations(carried=True))
def test_flattened_configurations_come_back(rows: list[str]) -> None:
    """Of what configures home agent redundancy, one line with all of it unfolds to the lines it was made of."""
    lines = unfolded(" ".join(row.strip() for row in rows))
    assert [line.text for line in lines] == rows


@settings(max_examples=60, deadline=None)
@given(configurations(carried=False))
def test_a_shorter_reading_is_a_lawful_one(rows: list[str]) -> None:
    """Of any commands, the lines come back, or no more others that a router takes as well (`arpa | alias x`)."""
    lines = unfolded(" ".join(row.strip() for row in rows))
    assert all(line.placed for line in lines)
    found = [line.text for line in lines]
    assert " ".join(found).split() == " ".join(rows).split()
    assert len(found) <= len(rows)


VOCABULARY = (
    "! interface Ethernet0 ip address 1.0.0.1 255.0.0.0 standby name SanJose description the line no shutdown exit end "
    "router rip network foo banner motd HA1(config)# HA1> !x route vty login hostname"
)
WORDS = st.sampled_from(VOCABULARY.split())
TEXTS = st.lists(st.lists(WORDS, max_size=9).map(" ".join), max_size=5).map("\n".join)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_unfolded_text_stays(text: str) -> None:
    """What `unfold` has written it leaves as it is."""
    once = written(unfolded(text))
    assert written(unfolded(once)) == once


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_word_is_lost(text: str) -> None:
    """Every word of a text is in the lines, in order, but for prompts and the `!` before what is no configuration."""
    bare = re.sub(r"HA1\(config\)#", " ", text)
    marked = [word for line in unfolded(text) for word in line.text.split()]
    assert [word for word in marked if word != "!"] == [word for word in bare.split() if word != "!"]


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_what_is_placed_is_understood(text: str) -> None:
    """A router that reads what was unfolded understands every line that was placed, and no other."""
    lines = [line for line in unfolded(text) if "banner" not in line.text and line.text != "end"]
    typed = as_text("x", lines)
    found = reading.read(grammar(), "R1", [Text("x", typed.text)])
    refused = {trouble.source.line for trouble in found.troubles if not trouble.understood}
    assert refused == {number for number, line in enumerate(lines, 1) if not line.placed}
