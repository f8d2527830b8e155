"""`show running-config`: what stands around the configuration."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab

if TYPE_CHECKING:
    from iosemu.cli.console import Console


@pytest.fixture
def lab() -> Lab:
    """Open a lab."""
    return Lab.load("physical")


@pytest.fixture
def console(lab: Lab) -> Console:
    """Sit at a router's console, in privileged EXEC."""
    console = lab["HA1"].console()
    console.send("enable")
    return console


def test_the_layout_is_that_of_12_4(console: Console) -> None:
    """Header, size, version, services, name and boot markers come first, `end` and an empty row last."""
    rows = console.send("show running-config").split("\n")
    assert rows[0] == "Building configuration..."
    assert rows[1] == ""
    assert rows[3:14] == [
        "!",
        "version 12.4",
        "service timestamps debug datetime msec",
        "service timestamps log datetime msec",
        "no service password-encryption",
        "!",
        "hostname HA1",
        "!",
        "boot-start-marker",
        "boot-end-marker",
        "!",
    ]
    assert rows[-2:] == ["end", ""]
    assert rows[2] == f"Current configuration : {len(chr(10).join(rows[3:-1])) + 1} bytes"


def test_every_block_ends_in_a_mark(console: Console) -> None:
    """No line of one block is followed by another block's without `!`, but for lines of the router's terminals."""
    rows = console.send("more system:running-config").split("\n")
    for before, row in pairwise(rows):
        if before.startswith(" ") and not row.startswith(" "):
            assert row == "!" or row.startswith("line ")


@pytest.mark.parametrize(
    ("modifier", "rows"),
    [
        ("include ^hostname", ["hostname HA1"]),
        ("include Building", []),
        ("begin ^ip mobile secure home", None),
        ("section ^router mobile", ["router mobile"]),
        ("count ^hostname", ["Number of lines which match regexp = 1"]),
    ],
)
def test_a_filter_shows_no_heading(console: Console, modifier: str, rows: list[str] | None) -> None:
    """Under a filter `Building configuration...` is not shown, whatever is asked for."""
    shown = console.send(f"show running-config | {modifier}")
    assert "Building" not in shown
    if rows is not None:
        assert shown.splitlines() == rows
    else:
        assert shown.startswith("ip mobile secure home-agent")


def test_one_interface(console: Console) -> None:
    """`show running-config interface` shows its block, between `!` and `end`."""
    rows = console.send("show run int e0").split("\n")
    assert rows[3:5] == ["!", "interface Ethernet0"]
    assert all(row.startswith(" ") for row in rows[5:-2])
    assert rows[-2:] == ["end", ""]
    assert rows[2] == f"Current configuration : {len(chr(10).join(rows[3:-1])) + 1} bytes"


@pytest.mark.parametrize("line", ["show run int e9", "do show run int e9"])
def test_an_interface_that_is_not_there(console: Console, line: str) -> None:
    """An interface that does not exist is complained about under its number, and is not made by asking."""
    if line.startswith("do"):
        console.send("configure terminal")
    caret = console.send(line).splitlines()[0]
    assert caret == " " * (len(console.prompt) + len(line) - 1) + "^"
    assert "Ethernet9" not in console.send("do show run" if line.startswith("do") else "show run")


def test_times_are_told_by_a_set_clock_alone(lab: Lab, console: Console) -> None:
    """The comments on changes and saves need a clock that was set; what is saved never holds them."""
    assert "! " not in console.send("show running-config")
    console.send("clock set 10:00:00 1 June 2002")
    for line in ("configure terminal", "interface Ethernet0", "description x", "end"):
        console.send(line)
    lab.advance(60)
    console.send("write memory")
    rows = console.send("show running-config").split("\n")
    assert rows[3:8] == [
        "!",
        "! Last configuration change at 10:00:00 UTC Sat Jun 1 2002",
        "! NVRAM config last updated at 10:01:00 UTC Sat Jun 1 2002",
        "!",
        "version 12.4",
    ]
    assert "! " not in console.send("show startup-config")
    assert "! " not in console.send("more system:running-config")


def test_looking_changes_nothing(lab: Lab, console: Console) -> None:
    """Showing the configuration makes no parts, so that two looks are alike."""
    node = lab["HA1"]
    before = set(node.parts), {name: set(each.parts) for name, each in node.interfaces.items()}
    first = console.send("show running-config")
    assert console.send("show running-config") == first
    assert before == (set(node.parts), {name: set(each.parts) for name, each in node.interfaces.items()})


def test_leaving_a_pager_stops_the_work(console: Console) -> None:
    """The rows are there one by one: who stops reading stops the work."""
    reply = console.session.execute("show running-config")
    assert next(reply) == "Building configuration..."
    reply.close()
