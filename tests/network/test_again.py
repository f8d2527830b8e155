"""The same again: what follows a checkpoint, and each session, go the same way to the octet."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings

from iosemu.addresses import IPv4
from iosemu.app import Desk
from iosemu.lab.ping import Pings
from tests.features.hsrp.office import OFFICE
from tests.lab.build import Tap
from tests.network import schedules

if TYPE_CHECKING:
    from iosemu.app import Lab
    from tests.network.schedules import Schedule

SESSIONS = Path(__file__).parents[1] / "sessions"
WORLD = ("hsrp", "ip", "network", "operator", "rip")
"""The folders whose sessions have the world run; the rest are asked for with -m slow."""
CONFIGURED = ("standby 1 ip 10.0.0.254", "standby 1 preempt", "router rip", "version 2", "network 10.0.0.0")
TROUBLE = (
    "advance 3.3",
    "power R3 off",
    "ping PC 10.0.0.254 count 15",
    "segment core down",
    "power R3 on",
    "advance 12.000001",
    "segment core up",
    "cut R2 Ethernet0",
    "advance 200",
    "show topology",
    "show events",
    "ping PC 10.0.1.3",
)


def transcript(desk: Desk, lines: tuple[str, ...]) -> str:
    """Type lines at `lab>`; gives all that is shown and logged, and each octet on each wire."""
    taps = [Tap(desk.lab, name) for name in desk.lab.segments]
    rows = [row for line in lines for row in (line, *desk.operator.type(line))]
    rows += [f"{name}| {row}" for name, row in desk.unasked()]
    for name, node in desk.lab.nodes.items():
        if node.kind == "router" and node.powered:
            console = desk.lab[name].console()
            rows += [console.send(line) for line in ("enable", "show standby", "show ip route", "show arp")]
            rows.append(console.send("show running-config"))
    for tap, segment in zip(taps, desk.lab.segments.values(), strict=True):
        rows += [f"{when} {frame.encode().hex()}" for when, frame in tap.frames]
        segment.taps.clear()
    return "\n".join(rows)


def office() -> Desk:
    """Have three routers run HSRP and RIP for a minute."""
    desk = Desk()
    desk.open(str(OFFICE))
    for name in ("R1", "R2", "R3"):
        console = desk.console(name)
        for line in (
            "enable",
            "configure terminal",
            "interface Ethernet0",
            *CONFIGURED,
            "end",
            "write memory",
        ):
            console.send(line)
    desk.operator.send("advance 61.7")
    desk.unasked()
    return desk


def ping_begun(lab: Lab) -> None:
    """Have the PC begin to ping the virtual address, once a second for a minute."""
    lab["PC"].part(Pings).start(IPv4.parse("10.0.0.254"), count=60, interval=1_000_000)


def test_two_runs_from_a_checkpoint_are_the_same_to_the_octet() -> None:
    """With elections, RIP and a ping under way: screens, logs and frames are those of a run that never went back."""
    desk = office()
    ping_begun(desk.lab)
    desk.operator.send("advance 2.5")
    assert desk.operator.send("checkpoint here") == ""
    first = transcript(desk, TROUBLE)
    for _ in range(2):
        assert desk.operator.send("restore here") == ""
        assert transcript(desk, TROUBLE) == first
    other = office()
    ping_begun(other.lab)
    other.operator.send("advance 2.5")
    assert transcript(other, TROUBLE) == first
    assert ".!" in first
    assert f"{520:04x}{520:04x}" in first  # RIP speaks, too


@settings(
    max_examples=10, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large)
)
@given(schedules.schedules(longest=5))
def test_any_trouble_is_the_same_after_a_restore(schedule: Schedule) -> None:
    """Random labs and faults: from a checkpoint in the middle, the second half goes the same way twice."""
    note(schedule.text)
    operator = [row for row in schedule.rows if row.startswith("lab>")]
    begun = next(number for number, row in enumerate(schedule.rows) if row.startswith("lab>advance"))
    desk = Desk(base=schedules.HERE)
    for row in schedule.rows[:begun]:
        console = next(each for each in desk.consoles() if row.startswith(each.prompt))
        console.send(row[len(console.prompt) :])
    lines = tuple(row.removeprefix("lab>") for row in operator[1:])
    middle = len(lines) // 2
    for line in lines[:middle]:
        desk.operator.send(line)
    desk.operator.send("checkpoint middle")
    desk.unasked()
    first = transcript(desk, lines[middle:])
    desk.operator.send("restore middle")
    assert transcript(desk, lines[middle:]) == first


PLAY_TWICE = """
import hashlib, sys
from iosemu.frontends import play
for name in sys.argv[1:]:
    for time in "ab":
        rows = []
        play.run([name], rows.append)
        print(hashlib.sha256("".join(rows).encode()).hexdigest())
"""


def same_everywhere(files: list[Path]) -> None:
    """Play files twice in one process, and that under two orders of hashing; all four runs must agree."""
    names = list(map(str, files))
    assert names
    told = []
    for seed in "01":
        done = subprocess.run(
            [sys.executable, "-c", PLAY_TWICE, *names],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        digests = done.stdout.split()
        assert digests[::2] == digests[1::2]
        told.append(digests)
    assert len(told[0]) == 2 * len(names)
    assert told[0] == told[1]
    assert hashlib.sha256(b"").hexdigest() not in told[0]


def test_sessions_of_the_world_are_the_same_under_any_hash_seed() -> None:
    """Whatever order hashing gives, and whatever was played before, a session shows the same."""
    same_everywhere([path for folder in WORLD for path in sorted((SESSIONS / folder).glob("*.session"))])


@pytest.mark.slow
def test_all_sessions_are_the_same_under_any_hash_seed() -> None:
    """The same of every session there is."""
    tours = SESSIONS.parents[1].glob("configs/*/tour.session")
    same_everywhere(sorted((*SESSIONS.glob("**/*.session"), *tours)))
