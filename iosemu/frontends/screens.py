"""The operator's screens, drawn with rich: a lab's topology in panels, state words in colours.

The data are those that `features/operator` writes as plain rows; nothing is worked out here but places and
colours. A router's words are never drawn.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from iosemu.features.operator import picture as pictures

if TYPE_CHECKING:
    from typing import IO

    from iosemu.features.operator.picture import Link, Picture, Port
    from iosemu.lab import Lab

STYLES = {
    "up": "green",
    "on": "green",
    "running": "green",
    "Active": "bold green",
    "Standby": "cyan",
    "down": "bold red",
    "cut": "bold red",
    "off": "red",
    "Initial": "red",
    "shutdown": "yellow",
}
OTHER = "yellow"
"""Of an HSRP state on its way."""
NARROW = 60
"""Columns below which interfaces are called by their short names."""


def topology(lab: Lab, *, width: int, file: IO[str] | None = None) -> None:
    """Draw a lab on a terminal `width` columns wide; a file that is no terminal gets no colours."""
    _print(Console(file=file, width=width, highlight=False), pictures.picture(lab), width)


def drawn(picture: Picture, width: int) -> list[str]:
    """Draw a picture as rows of text with a terminal's colours (none where NO_COLOR says so)."""
    shown = StringIO()
    _print(Console(file=shown, width=width, highlight=False, force_terminal=True), picture, width)
    return shown.getvalue().splitlines()


def coloured(row: str) -> str:
    """Give a row of an operator's screen with its state words in colours."""
    text = Text(row)
    for word, style in STYLES.items():
        text.highlight_regex(rf"(?<=\s){word}(?=\s|,|;|$)", style)
    shown = StringIO()
    console = Console(file=shown, width=max(len(row), 1), highlight=False, force_terminal=True)
    console.print(text, end="", soft_wrap=True)
    return shown.getvalue()


def _print(console: Console, picture: Picture, width: int) -> None:
    panels = [_panel(link, narrow=width < NARROW) for link in picture.links]
    console.print(Columns(panels, padding=(0, 1)))


def _panel(link: Link, *, narrow: bool) -> Panel:
    table = Table.grid(padding=(0, 1 if narrow else 2))
    for port in link.ports:
        _add(table, port, narrow=narrow)
    down = " down" if link.down else ""
    title = Text.assemble((link.name or "no segment", "bold"), (down, STYLES["down"]))
    return Panel(
        table,
        box=box.ROUNDED,
        title=title,
        title_align="left",
        subtitle=link.properties or None,
        subtitle_align="right",
        border_style="red" if link.down else "dim",
        expand=False,
    )


def _add(table: Table, port: Port, *, narrow: bool) -> None:
    """Add a port's rows: the port itself, further addresses, redundancy groups."""
    first, *more = port.addresses or ("no address",)
    kind = "" if port.kind == "router" else f" {port.kind}"
    table.add_row(
        Text(port.node, style="bold"),
        port.short if narrow else port.interface,
        first,
        Text.assemble((port.state, STYLES[port.state]), (kind, "dim")),
    )
    for address in more:
        table.add_row("", "", address, "")
    for group in port.groups:
        state = (group.state, STYLES.get(group.state, OTHER))
        table.add_row("", "", group.address or "no address", Text.assemble(state, f" {group.name}"))
