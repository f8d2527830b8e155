"""running-config: what it looks like as a whole, and `show running-config`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Reply, command

if TYPE_CHECKING:
    from iosemu.cli.session import Session

RELEASE = "12.4"


def text(session: Session) -> Iterator[str]:
    """Yield running-config's rows, from `version` to `end` (ios-shell.md §6.1)."""
    yield "!"
    yield f"version {RELEASE}"
    last = ""
    for last in config.body(session.grammar, "global", session.node):
        yield last
    if last != "!":
        yield "!"
    yield "end"


@command("exec", "show running-config")
def show_running_config(
    session: Session, *, all: bool = False, full: bool = False, interface: str | None = None  # noqa: A002
) -> Reply:
    """Show the running configuration, or that of one interface."""
    del all, full
    rows = list(text(session))
    if interface:
        head = f"interface {interface}"
        if head not in rows:
            yield " " * 0 + "% Invalid input detected"
            return
        start = rows.index(head)
        rows = ["!", *rows[start : rows.index("!", start)], "end"]
    yield "Building configuration..."
    yield ""
    yield f"Current configuration : {sum(len(row) + 1 for row in rows)} bytes"
    yield from rows
    yield ""
