"""`show debugging`, `debug all` and the way back; what can be debugged, features declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, command
from iosemu.lab.debugging import Debugging

if TYPE_CHECKING:
    from iosemu.lab.router import Node


@command("exec", "show debugging")
def show_debugging(node: Node) -> Reply:
    """Show what is being debugged; an empty row when nothing is (ios-shell.md §7)."""
    held = node.peek(Debugging)
    yield from list(held.rows() if held else ()) or [""]


@command("exec", "debug all")
def debug_all(node: Node, *, no: bool = False) -> Reply:
    """Turn on all that can be debugged, when the user means it; or all of it off."""
    if no:
        if (held := node.peek(Debugging)) is not None:
            held.stop_all()
        yield "All possible debugging has been turned off"
        return
    answer = yield Ask("This may severely impact network performance. Continue? (yes/[no]): ")
    word = answer.strip().lower()
    if word and "yes".startswith(word):
        node.part(Debugging).start_all()
        yield "All possible debugging has been turned on"
