"""The operator's `ping`: from any node, hosts and mobile nodes included, one echo a second."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Text, Wait, command
from iosemu.lab import SECOND, LabError
from iosemu.lab.clock import MILLISECOND
from iosemu.lab.ping import Pings

from .world import find_node, instant, refusal

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.lab import Lab
    from iosemu.lab.ping import Ping
    from iosemu.lab.router import Node

ROW = 70
"""Symbols in a row (ios-shell.md, ping)."""
TIMEOUT = 2 * SECOND
SLOWEST = 3600
"""Seconds that may lie between two echos."""


@command("lab", "ping")
def ping(lab: Lab, *, node: str, address: IPv4, count: int = 5, interval: str = "1") -> Reply:
    """Send echos from a node at regular intervals, and show what became of each; Ctrl-C ends it early."""
    pause = instant(interval, SLOWEST)
    try:
        source = find_node(lab, node)
    except LabError as fault:
        yield refusal(fault)
        return
    if not source.powered:
        yield f"% {node} is switched off; power {node} on"
    elif not pause:
        yield f"% An interval is up to {SLOWEST} seconds, decimals allowed and more than 0, not {interval}"
    else:
        pings = source.part(Pings)
        run = pings.start(address, count=count, timeout=TIMEOUT, interval=pause)
        try:
            yield from _symbols(lab, source, run)
        finally:
            pings.stop(run)
        yield summary(run)


def _symbols(lab: Lab, node: Node, run: Ping) -> Reply:
    """Show each result when it is known, until all are, or the node has lost its power."""
    boots, shown = node.boots, 0
    with suppress(KeyboardInterrupt):
        while True:
            for symbol in run.symbols(shown):
                shown += 1
                yield Text(symbol)
                if not shown % ROW:
                    yield ""
            due = lab.clock.due()
            if run.done or node.boots != boots or due is None:
                break
            # Event by event: the clock goes no further than the last answer.
            yield Wait(due)
    if shown % ROW:
        yield ""


def summary(run: Ping) -> str:
    """Word the outcome as IOS does; of a ping broken off, what is known of it."""
    asked, times = run.settled, [time // MILLISECOND for time in run.times]
    row = f"Success rate is {100 * len(times) // max(asked, 1)} percent ({len(times)}/{asked})"
    if not times:
        return row
    return f"{row}, round-trip min/avg/max = {min(times)}/{sum(times) // len(times)}/{max(times)} ms"
