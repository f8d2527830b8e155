"""Where messages go, and how they are stamped."""

from __future__ import annotations

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
    console = lab["R0"].console()
    console.send("enable")
    return console


def configure(console: Console, *lines: str) -> None:
    """Type configuration lines that meet no complaint."""
    console.send("configure terminal")
    for line in lines:
        assert console.send(line) == ""
    console.send("end")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("logging buffered", ""),
        ("logging buffered 4096 debugging", ""),
        ("logging buffered 16384", "logging buffered 16384 debugging"),
        ("logging buffered warnings", "logging buffered 4096 warnings"),
        ("logging buffered 4", "logging buffered 4096 warnings"),
        ("no logging buffered", "no logging buffered"),
        ("logging console 7", ""),
        ("logging console informational", "logging console informational"),
        ("logging console guaranteed", "logging console guaranteed"),
        ("no logging console", "no logging console"),
        ("logging monitor errors", "logging monitor errors"),
        ("logging trap informational", ""),
        ("logging trap debugging", "logging trap debugging"),
        ("no logging on", "no logging on"),
        ("service sequence-numbers", "service sequence-numbers"),
    ],
)
def test_destinations_are_written(console: Console, typed: str, kept: str) -> None:
    """What differs from the default stands in running-config, levels by name."""
    configure(console, typed)
    assert console.send("show running-config | include logging|sequence") == kept


@pytest.mark.parametrize(
    ("typed", "stamp"),
    [
        ("service timestamps log datetime msec", "*Mar  1 00:01:05.250: "),
        ("service timestamps log datetime", "*Mar  1 00:01:05: "),
        ("service timestamps log datetime year show-timezone", "*Mar  1 2002 00:01:05 UTC: "),
        ("service timestamps log uptime", "00:01:05: "),
        ("service timestamps log", "00:01:05: "),
        ("no service timestamps log", ""),
        ("no service timestamps", ""),
    ],
)
def test_stamps(lab: Lab, console: Console, typed: str, stamp: str) -> None:
    """Messages are stamped as configured, and running-config says so."""
    configure(console, typed)
    lab.advance(65.25)
    lab["R0"].log.emit("TEST", 5, "NOW", "now")
    assert lab["R0"].log.buffer[-1].text == f"{stamp}%TEST-5-NOW: now"
    words = typed.removeprefix("no ")
    kept = console.send("show running-config | include timestamps log")
    assert kept == {
        "service timestamps log": "service timestamps log uptime",
        "no service timestamps log": "no service timestamps log uptime",
        "no service timestamps": "no service timestamps log uptime",
        "service timestamps log datetime year show-timezone": (
            "service timestamps log datetime show-timezone year"
        ),
    }.get(typed, words)


def test_timestamps_without_a_kind_are_debuggings(console: Console) -> None:
    """`service timestamps` alone means debugging output, stamped with the uptime."""
    configure(console, "no service timestamps", "service timestamps")
    assert console.send("show running-config | include timestamps").splitlines() == [
        "service timestamps debug uptime",
        "no service timestamps log uptime",
    ]


def test_the_buffer_is_shown_and_cleared(lab: Lab, console: Console) -> None:
    """`show logging` lists the buffer, which `clear logging` empties when confirmed."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    console.send("clear logging")
    console.send("")
    lab["R0"].log.emit("TEST", 5, "FIRST", "one")
    lab["R0"].log.emit("TEST", 4, "SECOND", "two")
    rows = parse("cisco_ios", "show logging", console.send("show logging"))
    assert [(row["mnemonic"], row["severity"], row["message"]) for row in rows] == [
        ("FIRST", "5", ["one"]),
        ("SECOND", "4", ["two"]),
    ]
    console.send("clear logging")
    console.send("n")
    assert len(lab["R0"].log.buffer) == 2
    console.send("clear logging")
    console.send("y")
    assert not lab["R0"].log.buffer


def test_levels_are_shown(console: Console) -> None:
    """`show logging` names what each destination lets through."""
    configure(console, "logging buffered 8192 errors", "no logging monitor", "logging trap 3")
    rows = console.send("show logging").splitlines()
    assert "    Monitor logging: disabled" in rows
    assert any(row.startswith("    Buffer logging:  level errors, ") for row in rows)
    assert any(row.startswith("    Trap logging: level errors, ") for row in rows)
    assert "Log Buffer (8192 bytes):" in rows


def test_without_a_buffer_none_is_shown(console: Console) -> None:
    """A buffer that is off is not listed."""
    configure(console, "no logging buffered")
    text = console.send("show logging")
    assert "    Buffer logging:  disabled" in text
    assert "Log Buffer" not in text
