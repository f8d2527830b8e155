"""The operator's screens: nodes, segments, clock, events, checkpoints, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Request, command
from iosemu.lab import SECOND, LabError
from iosemu.lab.clock import date
from iosemu.lab.log import MONTHS, uptime
from iosemu.lab.track import Track

from .picture import NOTHING_OPEN, Group, properties, spoken, state
from .world import find_node, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iosemu.cli.session import Session
    from iosemu.lab import Lab
    from iosemu.lab.router import Node

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Row(str):
    """A row of an operator's screen, in which a front may colour the words that tell states."""

    __slots__ = ()


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Row]:
    """Lay rows out below their headings, two blanks between the columns."""
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield Row("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def seconds(microseconds: int) -> str:
    """Write an instant or a span in seconds: `60`, `61.000250`."""
    whole, rest = divmod(microseconds, SECOND)
    return f"{whole}.{rest:06}" if rest else str(whole)


def stamp(lab: Lab, when: int) -> str:
    """Write an instant of a lab as its routers' logs do: `Mar  1 00:01:00.000`."""
    moment = date(lab.epoch * SECOND + when)
    return (
        f"{MONTHS[moment.month - 1]} {moment.day:2} {moment.hour:02}:{moment.minute:02}:{moment.second:02}"
        f".{moment.microsecond // 1000:03}"
    )


# -- nodes


@command("lab", "show nodes")
def show_nodes(lab: Lab, *, node: str | None = None) -> Reply:
    """Show every node in a row, or one in detail."""
    if not lab.nodes:
        yield NOTHING_OPEN
    elif node is None:
        yield from table(NODES, map(_node_row, lab.nodes.values()))
    else:
        try:
            yield from map(Row, _node(find_node(lab, node)))
        except LabError as fault:
            yield refusal(fault)


NODES = ("Node", "Kind", "Power", "Uptime", "Ports up", "Address")


def _node_row(node: Node) -> tuple[str, ...]:
    ports = node.interfaces.values()
    address = next((str(each.address[0]) for each in ports if each.address), "unassigned")
    up = f"{sum(each.up for each in ports)} of {len(ports)}"
    power, since = ("on", uptime(node.now - node.booted_at)) if node.powered else ("off", "-")
    return node.name, node.kind, power, since, up, address


def _node(node: Node) -> Iterator[str]:
    called = f", which calls itself {node.hostname}" if node.powered and node.hostname != node.name else ""
    power = f"on for {uptime(node.now - node.booted_at)}" if node.powered else "off"
    yield f"{node.name} is a {node.kind}{called}; power is {power}"
    for rows in node.rows:
        yield from rows()
    track = node.peek(Track)
    for port in node.interfaces.values():
        where = f"segment {port.segment.name}" if port.segment else "no segment"
        yield f"{port.name} is {state(port)}, on {where}"
        for address, prefix in port.addresses:
            yield f"  address {address}/{prefix.length}"
        if port.kind.ethernet and not port.kind.virtual:
            yield f"  Ethernet address {port.mac}"
        for group in track.on(port) if track else ():
            yield f"  group {spoken(Group(group.name, str(group.address or ''), group.state))}"
        counters = port.counters
        yield f"  {counters.packets_in} frames in, {counters.packets_out} out"


# -- segments


SEGMENTS = ("Segment", "State", "Delay and loss", "Ports")


@command("lab", "show segments")
def show_segments(lab: Lab) -> Reply:
    """Show every segment, and what is on it."""
    if not lab.nodes:
        yield NOTHING_OPEN
        return
    yield from table(
        SEGMENTS,
        (
            (
                segment.name,
                "down" if segment.down else "up",
                properties(segment),
                ", ".join(f"{port.node.name} {port.short}" for port in segment.ports) or "none",
            )
            for segment in lab.segments.values()
        ),
    )


# -- time


@command("lab", "show clock")
def show_clock(lab: Lab) -> Reply:
    """Show the calendar, the seconds since the lab's beginning, and the speed, which a front knows."""
    if not lab.nodes:
        yield NOTHING_OPEN
        return
    moment = date(lab.unix)
    yield (
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}.{moment.microsecond // 1000:03} UTC "
        f"{DAYS[moment.weekday]} {MONTHS[moment.month - 1]} {moment.day} {moment.year}"
    )
    yield f"Second {seconds(lab.clock.now)} of lab {lab.name}"
    yield Request("speed")


@command("lab", "show events")
def show_events(lab: Lab, *, last: int | None = None) -> Reply:
    """Show what has happened to the lab, the oldest first."""
    events = list(lab.events)
    for event in events if last is None else events[-last:]:
        yield Row(f"{stamp(lab, event.when)}: {event.text}")


@command("lab", "show checkpoints")
def show_checkpoints(lab: Lab) -> Reply:
    """Show what `restore` can go back to."""
    if not lab.checkpoints:
        yield "No checkpoints"
        return
    yield from table(
        ("Checkpoint", "Second", "Time"),
        (
            (name, seconds(saved.clock.now), stamp(saved, saved.clock.now))
            for name, saved in lab.checkpoints.items()
        ),
    )


@command("lab", "show history")
def show_history(session: Session) -> Reply:
    """Show the lines typed last."""
    for line in session.history:
        yield f"  {line}"
