"""Random labs and random trouble: strategies that draw them, and how a schedule is played and judged.

A schedule is the text of a `.session` file from its first row on: what fails can be kept as it is printed, and
played again by `iosemu run` beside the folder `trial`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from iosemu.features.hsrp.state import Group, Standby
from iosemu.frontends.play import Player
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iosemu.app import Lab

HERE = Path(__file__).parent
ROUTERS = ("R1", "R2", "R3", "R4", "R5")
SEGMENTS = ("quick", "slow", "slower")
DEFAULT = "3 10"
TIMERS = {DEFAULT: 10, "1 4": 4, "5 16": 16, "msec 250 msec 800": 10}
"""What may be configured, and the hold time in seconds; milliseconds teach nobody, so that others have 10."""


# --- Drawing


class Schedule(NamedTuple):
    """A session's rows; three hold times and all of `standby delay` are `settled`, in microseconds.

    The last row but one lets that pass after the last fault, the last as much again and more than all delays.
    """

    rows: tuple[str, ...]
    settled: int

    @property
    def text(self) -> str:
        """The session file."""
        return "\n".join(self.rows) + "\n"


class Writer:
    """Writes a session's rows, each with the prompt it is typed at."""

    def __init__(self) -> None:
        self.rows = ["lab>open trial"]
        self._enabled: set[str] = set()

    def operate(self, line: str) -> None:
        """Type a line at the operator's prompt."""
        self.rows.append(f"lab>{line}")

    def configure(self, router: str, port: int, lines: Iterable[str]) -> None:
        """Type lines on an interface."""
        if router not in self._enabled:
            self._enabled.add(router)
            self.rows.append(f"{router}>enable")
        self.rows += [f"{router}#configure terminal", f"{router}(config)#interface Ethernet{port}"]
        self.rows += [f"{router}(config-if)#{line}" for line in lines]
        self.rows.append(f"{router}(config-if)#end")

    def save(self, router: str) -> None:
        """Have a router keep its configuration."""
        self.rows.append(f"{router}#write memory")

    def rebooted(self, router: str) -> None:
        """Note that a console begins anew."""
        self._enabled.discard(router)


@st.composite
def groups(
    draw: st.DrawFn, numbers: list[int], port: int, timers: dict[int, str]
) -> tuple[list[str], int, int]:
    """Draw what one interface says of its groups; gives its `standby delay` and longest hold time, in seconds."""
    lines, waits, hold = [], 0, 0
    if draw(st.integers(0, 4)) == 0:
        waits = draw(st.integers(1, 8))
        lines.append(f"standby delay minimum {waits} reload {waits}")
    for number in numbers:
        # Times first: a timer that `standby ip` has started runs out as it was set.
        chosen = timers[number] if draw(st.integers(0, 4)) else DEFAULT
        if chosen != DEFAULT:
            lines.append(f"standby {number} timers {chosen}")
        hold = max(hold, TIMERS[chosen])
        learns = draw(st.integers(0, 5)) == 0
        lines.append(f"standby {number} ip{'' if learns else f' 10.{port}.0.{200 + number}'}")
        priority = draw(st.sampled_from([100, 100, 90, 110, 255, 0]))
        if priority != 100:
            lines.append(f"standby {number} priority {priority}")
        preempt = draw(st.sampled_from([None, "", " delay minimum 4", " delay reload 9", " delay sync 3"]))
        if preempt is not None:
            lines.append(f"standby {number} preempt{preempt}")
        if draw(st.integers(0, 3)) == 0:
            lines.append(f"standby {number} track Ethernet{(port + 1) % 3} {draw(st.sampled_from([5, 20]))}")
    return lines, waits, hold


FAULTS = ("cut", "mend", "segment down", "segment up", "off", "on", "shutdown", "no shutdown")
GAPS = st.one_of(st.integers(0, 4_000), st.integers(0, 12 * SECOND), st.just(45 * SECOND))


@st.composite
def schedules(draw: st.DrawFn, longest: int = 8) -> Schedule:
    """Draw a lab of 2 to 5 routers, 1 to 3 segments and 1 to 3 groups on each, and up to `longest` faults."""
    writer = Writer()
    routers = ROUTERS[: draw(st.integers(2, 5))]
    ports = range(draw(st.integers(1, 3)))
    numbers = [draw(st.lists(st.sampled_from([0, 1, 7]), min_size=1, max_size=3, unique=True)) for _ in ports]
    timers = [{number: draw(st.sampled_from(sorted(TIMERS))) for number in each} for each in numbers]
    wait = hold = 0
    for router in routers:
        for port in ports:
            lines, waits, holds = draw(groups(numbers[port], port, timers[port]))
            wait, hold = max(wait, waits), max(hold, holds)
            writer.configure(router, port, lines)
        writer.save(router)
    off: set[str] = set()
    for _ in range(draw(st.integers(1, longest))):
        writer.operate(f"advance {draw(GAPS) / SECOND:.6f}")
        fault = draw(st.sampled_from(FAULTS))
        router, port = draw(st.sampled_from(routers)), draw(st.sampled_from(ports))
        if fault in ("cut", "mend"):
            writer.operate(f"{fault} {router} Ethernet{port}")
        elif fault.startswith("segment"):
            writer.operate(f"segment {SEGMENTS[port]} {fault.split()[1]}")
        elif fault in ("off", "on"):
            writer.operate(f"power {router} {fault}")
            if (fault == "off") != (router in off):
                writer.rebooted(router)
                (off.add if fault == "off" else off.discard)(router)
        elif router not in off:
            writer.configure(router, port, [fault])
    settled = (3 * hold + wait) * SECOND
    writer.operate(f"advance {settled / SECOND:.6f}")
    writer.operate(f"advance {3 * hold}")
    return Schedule(tuple(writer.rows), settled)


# --- Playing


def play(schedule: Schedule, watch: Callable[[Lab], None]) -> Iterator[tuple[str, Lab]]:
    """Play a schedule; `watch` sees the lab after each single event, and each row is yielded when it is done."""
    player = Player(str(HERE / "schedule.session"))
    for row in schedule.rows:
        console = next((each for each in player.desk.consoles() if row.startswith(each.prompt)), None)
        assert console is not None, f"no prompt stands before {row}"
        if row.startswith("lab>advance "):
            lab = player.desk.lab
            until = lab.clock.now + round(float(row.split()[1]) * SECOND)
            while (due := lab.clock.due()) is not None and due <= until:
                lab.step()
                watch(lab)
            lab.run_until(until)
        else:
            shown = player.typed(console, row).rows
            assert not any("Invalid input" in each or "Incomplete" in each for each in shown), (row, shown)
        yield row, player.desk.lab


# --- Judging


def members(lab: Lab) -> dict[tuple[str, int], list[Group]]:
    """Give the groups that are on a segment and connected to it, by segment and number."""
    found: dict[tuple[str, int], list[Group]] = {}
    for segment in lab.segments.values():
        for port in segment.ports:
            standby = port.peek(Standby)
            for number, group in standby.groups.items() if standby and port.up else ():
                found.setdefault((segment.name, number), []).append(group)
    return found


def active(group: Iterable[Group]) -> list[str]:
    """Name the routers that are active in a group."""
    return [each.interface.node.name for each in group if each.machine.state == "Active"]


def quiet(lab: Lab, segment: str) -> bool:
    """Whether no frame is under way on a segment."""
    return not lab.segments[segment].transit
