"""`login block-for`: when failures make a router quiet, and whom it hears then."""

from __future__ import annotations

import pytest

from iosemu import Lab
from iosemu.cli.tty import TTY
from iosemu.features.system.login import Guard


@pytest.fixture
def lab():
    """Give a lab whose HA1 is quiet for 100 seconds after 3 failures within 10."""
    lab = Lab.load("physical")
    console = lab["HA1"].console()
    for line in ("enable", "configure terminal", "login block-for 100 attempts 3 within 10"):
        console.send(line)
    return lab


def fail(lab, *instants, port=23):
    """Have log-ins fail at some seconds; gives whether the router is quiet after each."""
    tty = TTY("vty", 0)
    tty.origin, tty.port = "10.1.1.1", port
    guard = lab["HA1"].part(Guard)
    quiet = []
    for instant in instants:
        lab.advance(instant - lab.clock.now / 1_000_000)
        guard.failure(tty, "eve")
        quiet.append(not guard.admits("10.1.1.1"))
    return quiet


@pytest.mark.parametrize(
    ("instants", "quiet"),
    [
        ([1, 2, 9.999], [False, False, True]),
        ([1, 2, 10], [False, False, False]),  # windows follow one another
        ([8, 9, 10, 11, 12], [False, False, False, False, True]),
        ([1, 2, 3, 50, 102.9], [False, False, True, True, True]),
        ([1, 2, 3, 103], [False, False, True, False]),
    ],
)
def test_a_window_counts_its_own(lab, instants, quiet):
    """The third failure of a window makes a router quiet, for 100 seconds."""
    assert fail(lab, *instants) == quiet


def test_the_console_is_not_watched(lab):
    """Failures at the console are listed, and block nobody."""
    assert fail(lab, 1, 2, 3, port=0) == [False] * 3
    assert "eve" in lab["HA1"].console().send("show login failures")


def test_no_block_for_ends_a_quiet_time(lab):
    """Callers are heard again at once, and a message says why."""
    fail(lab, 1, 2, 3)
    console = lab["HA1"].console()
    for line in ("enable", "configure terminal", "no login block-for"):
        console.send(line)
    assert lab["HA1"].part(Guard).admits("10.1.1.1")
    assert "because of configuration change" in console.send("do show logging | include MODE.OFF")


def test_the_list_of_failures_is_bounded(lab):
    """Whoever tries many names fills no memory."""
    tty = TTY("vty", 0)
    guard = lab["HA1"].part(Guard)
    for number in range(200):
        guard.failure(tty, f"eve{number}")
    rows = lab["HA1"].console().send("show login failures").splitlines()
    assert [row.split()[0] for row in rows if row.startswith("eve")] == [f"eve{n}" for n in range(150, 200)]
