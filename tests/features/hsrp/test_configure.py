"""The `standby` commands: what they are written as, what they refuse, what `no` leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.app import Lab
from iosemu.features.hsrp.state import Standby

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.cli.console import Console

INTERFACE = "hostname R\ninterface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A console in interface configuration, at a router alone: 10.0.0.1/24 on Ethernet0."""
    return interface_of(tmp_path, "")


def interface_of(folder: Path, lines: str) -> Console:
    """Boot a router with further lines on its interface, and go there."""
    file = folder / "R.cfg"
    file.write_text(INTERFACE + lines, encoding="ascii")
    lab = Lab.load(file)
    name = next(iter(lab.nodes))
    console = lab[name].console()
    for line in ("enable", "configure terminal", "interface Ethernet0"):
        console.send(line)
    return console


def standby_lines(console: Console) -> list[str]:
    """Give the lines of running-config that begin with `standby`."""
    rows = console.send("do show running-config").split("\n")
    return [row.strip() for row in rows if row.startswith(" standby")]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (["standby ip 10.0.0.254"], ["standby ip 10.0.0.254"]),
        (["standby 0 ip 10.0.0.254"], ["standby ip 10.0.0.254"]),
        (["standby 255 ip"], ["standby 255 ip"]),
        (["standby ip 10.0.0.254", "standby ip"], ["standby ip 10.0.0.254"]),
        (
            ["standby 1 ip 10.0.0.253 secondary", "standby 1 ip 10.0.0.254"],
            ["standby 1 ip 10.0.0.254", "standby 1 ip 10.0.0.253 secondary"],
        ),
        (
            ["standby 1 ip 10.0.0.254", "standby 1 ip 10.0.0.253 secondary", "standby 1 ip 10.0.0.253"],
            ["standby 1 ip 10.0.0.253"],
        ),
        (["standby priority 110"], ["standby priority 110"]),
        (["standby priority 100"], []),
        (["standby preempt"], ["standby preempt"]),
        (["standby preempt delay 60"], ["standby preempt delay minimum 60"]),
        (["standby preempt delay 0"], ["standby preempt"]),
        (["standby preempt delay sync 100"], ["standby preempt delay sync 100"]),
        (
            ["standby preempt delay sync 5", "standby preempt delay minimum 6 reload 7"],
            ["standby preempt delay minimum 6 reload 7 sync 5"],
        ),
        (
            ["standby 2 priority 110 preempt delay sync 100"],
            ["standby 2 priority 110", "standby 2 preempt delay sync 100"],
        ),
        (["standby timers 5 15"], ["standby timers 5 15"]),
        (["standby timers 3 10"], []),
        (["standby timers msec 300 1"], ["standby timers msec 300 1"]),
        (["standby timers msec 300 msec 1000"], ["standby timers msec 300 msec 1000"]),
        (["standby authentication secret"], ["standby authentication secret"]),
        (["standby authentication text secret"], ["standby authentication secret"]),
        (["standby authentication text cisco"], []),
        (["standby authentication md5 key-string k"], ["standby authentication md5 key-string k"]),
        (
            ["standby authentication md5 key-string 7 0822455D0A16 timeout 9"],
            ["standby authentication md5 key-string 7 0822455D0A16 timeout 9"],
        ),
        (["standby authentication md5 key-chain c"], ["standby authentication md5 key-chain c"]),
        (["standby name SanJoseHA"], ["standby name SanJoseHA"]),
        (["standby mac-address 4000.0000.0010"], ["standby mac-address 4000.0000.0010"]),
        (["standby track e1"], ["standby track Ethernet1"]),
        (["standby track e1 10"], ["standby track Ethernet1"]),
        (["standby track e1 25", "standby track e1"], ["standby track Ethernet1"]),
        (["standby track 7 decrement 25"], ["standby track 7 decrement 25"]),
        (["standby track 7 shutdown"], ["standby track 7 shutdown"]),
        (["standby use-bia"], ["standby use-bia"]),
        (["standby use-bia scope interface"], ["standby use-bia scope interface"]),
        (["standby delay minimum 5"], ["standby delay minimum 5"]),
        (["standby delay reload 9 minimum 5"], ["standby delay minimum 5 reload 9"]),
        (["standby version 2"], ["standby version 2"]),
    ],
)
def test_lines_are_written_in_ioss_form(console: Console, typed: list[str], written: list[str]) -> None:
    """R11, R49: what is typed is written canonically, defaults and group 0 not at all."""
    for line in typed:
        assert console.send(line) == ""
    assert standby_lines(console) == written


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("standby 1 ip 10.0.0.254", []),
        ("standby 1 ip", []),
        ("standby 1 ip 10.0.0.253 secondary", []),
        ("standby 1 priority 110", []),
        ("standby 1 preempt", []),
        ("standby 1 preempt delay sync 100", ["standby 1 preempt"]),
        ("standby 1 timers 5 15", []),
        ("standby 1 authentication secret", []),
        ("standby 1 authentication md5 key-string k", []),
        ("standby 1 name SanJoseHA", []),
        ("standby 1 mac-address 4000.0000.0010", []),
        ("standby 1 track Ethernet1 20", []),
        ("standby 1 track 7 decrement 20", []),
        ("standby use-bia", []),
        ("standby delay minimum 5 reload 9", []),
    ],
)
def test_no_takes_a_line_back(console: Console, typed: str, left: list[str]) -> None:
    """After `no` of the same line nothing is left, but what an option qualified; nor is an empty group."""
    console.send(typed)
    assert console.send(f"no {typed}") == ""
    assert standby_lines(console) == left
    if not left:
        assert console.send("do show standby all") == ""


EVERYTHING = [
    "standby delay minimum 5 reload 9",
    "standby 1 ip 10.0.0.254",
    "standby 1 ip 10.0.0.253 secondary",
    "standby 1 timers 5 15",
    "standby 1 priority 110",
    "standby 1 preempt delay minimum 6 reload 7 sync 5",
    "standby 1 authentication secret",
    "standby 1 name one",
    "standby 1 mac-address 4000.0000.0010",
    "standby 1 track Ethernet1 20",
    "standby 1 track Serial0",
]


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("no standby 1 ip", EVERYTHING[1:3]),
        ("no standby 1 ip 10.0.0.254", EVERYTHING[1:2]),
        ("no standby 1 ip 10.0.0.253", EVERYTHING[2:3]),
        ("no standby 1 ip 10.0.0.99", []),
        ("no standby 1 timers", EVERYTHING[3:4]),
        ("no standby 1 priority", EVERYTHING[4:5]),
        ("no standby 1 preempt", EVERYTHING[5:6]),
        ("no standby 1 priority 110 preempt", EVERYTHING[4:6]),
        ("no standby 1 authentication", EVERYTHING[6:7]),
        ("no standby 1 name", EVERYTHING[7:8]),
        ("no standby 1 mac-address", EVERYTHING[8:9]),
        ("no standby 1 track", EVERYTHING[9:]),
        ("no standby 1 track Serial0", EVERYTHING[10:]),
        ("no standby delay", EVERYTHING[:1]),
        ("no standby 1", EVERYTHING[1:]),
        ("no standby 2", []),
        ("no standby 2 ip", []),
        ("default standby 1 priority", EVERYTHING[4:5]),
    ],
)
def test_no_needs_no_values_and_takes_one_thing(console: Console, said: str, gone: list[str]) -> None:
    """`no` of a word takes away what that word set, and leaves the rest of the group alone."""
    for line in EVERYTHING:
        console.send(line)
    assert standby_lines(console) == EVERYTHING
    assert console.send(said) == ""
    assert standby_lines(console) == [line for line in EVERYTHING if line not in gone]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("no standby preempt delay", "standby preempt"),
        ("no standby preempt delay minimum", "standby preempt delay reload 7 sync 5"),
        ("no standby preempt delay reload 7 sync 5", "standby preempt delay minimum 6"),
    ],
)
def test_no_of_delays_leaves_preemption_on(console: Console, said: str, left: str) -> None:
    """Delays are taken back one by one or all together; preemption stays."""
    console.send("standby preempt delay minimum 6 reload 7 sync 5")
    console.send(said)
    assert standby_lines(console) == [left]


def test_no_standby_takes_kept_lines_along(console: Console) -> None:
    """`no standby 1` leaves nothing of the group, not even lines without effect."""
    console.send("standby 1 follow other")
    console.send("standby 2 follow other")
    console.send("no standby 1")
    assert standby_lines(console) == ["standby 2 follow other"]


@pytest.mark.parametrize(
    "line",
    [
        "standby 256 ip 10.0.0.254",
        "standby ip 10.0.0.256",
        "standby priority 256",
        "standby timers 10 10",
        "standby timers 10 3",
        "standby timers msec 200 msec 599",
        "standby timers msec 14 1",
        "standby authentication ninechars",
        "standby preempt delay 3601",
        "standby track e1 256",
        "standby version 3",
    ],
)
def test_values_out_of_range_get_a_caret_and_change_nothing(console: Console, line: str) -> None:
    """A refused line leaves no trace, not even a group."""
    assert "^\n% Invalid input detected at '^' marker." in console.send(line)
    assert standby_lines(console) == []
    assert console.send("do show standby all") == ""


def test_the_caret_of_a_hold_time_stands_under_it(console: Console) -> None:
    """The caret is under the second time, behind the prompt and what comes before."""
    row = console.send("standby timers 5 5").split("\n")[0]
    assert row == " " * len("R(config-if)#standby timers 5 ") + "^"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("standby ip 10.0.0.1", "% address cannot equal interface IP address"),
        ("standby ip 224.0.0.1", "Not a valid host address - 224.0.0.1"),
        ("standby 7 ip 0.0.0.0 secondary", "Not a valid host address - 0.0.0.0"),
        ("standby 2 ip 10.0.0.254", "% Address 10.0.0.254 in group 1"),
        ("standby 2 ip 10.0.0.253", "% Address 10.0.0.253 in group 1"),
    ],
)
def test_addresses_in_use_are_refused(console: Console, line: str, shown: str) -> None:
    """An address is the interface's, or one group's."""
    console.send("standby 1 ip 10.0.0.254")
    console.send("standby 1 ip 10.0.0.253 secondary")
    before = standby_lines(console)
    assert console.send(line) == shown
    assert standby_lines(console) == before


def test_an_address_of_another_subnet_is_taken_with_a_warning(console: Console) -> None:
    """The address is kept, for the interface's own may change; until then the group waits in Init."""
    shown = console.send("standby ip 192.168.0.254")
    assert shown == "% Warning: address is not within a subnet on this interface"
    assert "State is Init (virtual IP in wrong subnet)" in console.send("do show standby")
    console.send("ip address 192.168.0.1 255.255.255.0")
    assert "State is Listen" in console.send("do show standby")


def test_a_configuration_may_give_the_virtual_address_first(tmp_path: Path) -> None:
    """`standby ip` before `ip address` in a file makes a group all the same."""
    file = tmp_path / "R.cfg"
    file.write_text("interface Ethernet0\n standby ip 10.0.0.254\n ip address 10.0.0.1 255.255.255.0\n")
    lab = Lab.load(file)
    lab.advance(20)
    interface = next(iter(lab.nodes.values())).interface("Ethernet0")
    assert interface.part(Standby).groups[0].machine.state == "Active"


numbers = st.integers(0, 255)
delays = st.integers(0, 3600)
lines = st.one_of(
    st.builds("standby {} ip 10.0.0.{}".format, st.integers(0, 3), st.integers(200, 254)),
    st.builds("standby {} ip 10.0.0.{} secondary".format, st.integers(0, 3), st.integers(200, 254)),
    st.builds("standby {} ip".format, st.integers(0, 3)),
    st.builds("standby {} priority {}".format, st.integers(0, 3), numbers),
    st.builds("standby {} preempt delay minimum {} sync {}".format, st.integers(0, 3), delays, delays),
    st.builds("no standby {} preempt delay sync".format, st.integers(0, 3)),
    st.builds("standby {} timers {} {}".format, st.integers(0, 3), st.integers(1, 254), st.integers(1, 255)),
    st.builds("standby {} timers msec {} {}".format, st.integers(0, 3), st.integers(15, 999), numbers),
    st.builds("standby {} authentication {}".format, st.integers(0, 3), st.sampled_from("ab")),
    st.builds("standby {} name {}".format, st.integers(0, 3), st.sampled_from("ab")),
    st.builds("standby {} track Ethernet{} {}".format, st.integers(0, 3), st.integers(1, 2), numbers),
    st.builds("no standby {}".format, st.integers(0, 3)),
    st.builds(
        "no standby {} {}".format, st.integers(0, 3), st.sampled_from(["ip", "timers", "track", "name"])
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, max_size=8))
def test_written_loaded_and_written_again_is_the_same(tmp_path: Path, typed: list[str]) -> None:
    """running-config survives a reload, whatever was typed."""
    console = interface_of(tmp_path, "")
    for line in typed:
        console.send(line)
    written = standby_lines(console)
    again = interface_of(tmp_path, "".join(f" {line}\n" for line in written))
    assert standby_lines(again) == written
