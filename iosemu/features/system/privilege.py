"""`privilege`: which level a user needs for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Values, command
from iosemu.cli.tty import Privileges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.router import Node


@command("global", "privilege")
def privilege(
    node: Node,
    *,
    mode: str,
    beginning: str,
    all: bool = False,  # noqa: A002 - IOS's word
    level: int | bool | None = None,
    reset: bool = False,
    no: bool = False,
) -> None:
    """Give the commands that begin so a level, or their own again; those that begin with them go with them."""
    del all
    levels = node.part(Privileges).levels
    key = mode.lower(), tuple(beginning.lower().split())
    if no or reset or level is None:
        levels.pop(key, None)
    else:
        levels[key] = int(level)


@privilege.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Privileges)
    for (mode, words), level in held.levels.items() if held else ():
        yield {"mode": mode, "level": level, "beginning": " ".join(words)}
