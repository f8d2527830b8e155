"""board: the table of a lab that is served, kept up to date on a terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich import box
from rich.live import Live
from rich.table import Table
from rich.text import Text

from iosemu.cli.tty import TTYs
from iosemu.lab.track import Track

from .screens import OTHER, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from iosemu.lab.router import Node

PERIOD = 1.0
"""Seconds after which the table is drawn again."""


class Row:
    """A router and the ports at which it is reached."""

    def __init__(self, node: Node, ports: dict[str, int]) -> None:
        self.node = node
        self.ports = ports


class Board:
    """Routers, their ports, who sits there, and what their redundancy groups are at present."""

    def __init__(self, rows: Sequence[Row], caption: str) -> None:
        self._rows = rows
        self._caption = caption

    def __rich__(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, caption=self._caption, caption_justify="left", caption_style="")
        table.add_column("Router")
        for name in self._rows[0].ports if self._rows else ():
            table.add_column(name, justify="right")
        table.add_column("Sessions")
        table.add_column("State")
        for row in self._rows:
            ports = map(str, row.ports.values())
            table.add_row(row.node.name, *ports, _sessions(row.node), _state(row.node))
        return table


def _sessions(node: Node) -> str:
    busy = [tty for tty in node.part(TTYs).lines if tty.opened is not None]
    return ", ".join(f"{tty.kind} {tty.number}" + (f" {tty.user}" if tty.user else "") for tty in busy)


def _state(node: Node) -> Text:
    if not node.powered:
        return Text("off", STYLES["off"])
    held = node.peek(Track)
    text = Text()
    for group in held.groups.values() if held else ():
        text.append(f"{', ' if text else ''}{group.name} ")
        text.append(group.state, STYLES.get(group.state, OTHER))
    return text or Text("up", STYLES["up"])


async def keep(board: Board, console: Console) -> None:
    """Draw the table for ever, as a task."""
    while True:
        size = console.size
        with Live(board, console=console, auto_refresh=False) as live:
            while console.size == size:
                live.refresh()
                await asyncio.sleep(PERIOD)
        # The terminal has wrapped the rows anew, and Live reckons with what they were.
        console.clear()
