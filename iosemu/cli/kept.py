"""Kept lines: configuration that is declared, and that no behaviour takes.

It is accepted, shown in running-config, saved and reloaded; `iosemu grammar` says that it has no effect, unless it
is `Heeded`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from iosemu.lab.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from iosemu.parser.grammar import Command

    from .command import Entry

P = TypeVar("P")


class _Keeper(Protocol):
    def part(self, kind: type[P]) -> P: ...

    def peek(self, kind: type[P]) -> P | None: ...


class Block(Parts):
    """A mode that nothing acts upon: what its kept lines are said to."""


class Kept:
    """The kept lines of one target, by command and by what tells such lines apart."""

    def __init__(self, _: object) -> None:
        self.lines: dict[tuple[str, tuple[Hashable, ...]], tuple[dict[str, Any], Block | None]] = {}


def keep(target: Any, command: Command, values: dict[str, Any]) -> Block | None:
    """Keep a line, or forget it when it says `no`; gives the block that the line enters."""
    keeper: _Keeper = target
    lines = keeper.part(Kept).lines
    key = (command.name, tuple(values.get(name) for name in command.by))
    spoken = {name: value for name, value in values.items() if name != "no"}
    if values.get("no"):
        if command.default_on:
            lines[key] = ({name: values.get(name) for name in command.by} | {"no": True}, None)
        else:
            lines.pop(key, None)
        return None
    if command.default_on and not command.enters and not set(spoken) - set(command.by):
        lines.pop(key, None)
        return None
    block = lines[key][1] if key in lines else (Block() if command.enters else None)
    lines[key] = (spoken, block)
    return block


def entries(target: Any, command: Command) -> Iterator[Entry]:
    """Yield a command's kept lines, oldest first."""
    keeper: _Keeper = target
    held = keeper.peek(Kept)
    for (name, _), (values, block) in list(held.lines.items()) if held else ():
        if name == command.name:
            yield values if block is None else (values, block)


HEEDED: set[tuple[str, str]] = set()
"""The commands whose kept lines some code acts upon, by (mode, command's name)."""


class Heeded:
    """Kept lines of a command that some code acts upon, and the way to read them.

    One is made where a module that features/__init__.py lists is imported, so that nobody who acts upon a kept
    line can forget to say so. Screens read what they show by `said`.
    """

    def __init__(self, mode: str, name: str) -> None:
        self._name = name
        HEEDED.add((mode, name))

    def lines(self, target: Parts) -> list[dict[str, Any]]:
        """Give the values of every line on a target, oldest first."""
        held = target.peek(Kept)
        return [values for (name, _), (values, _) in held.lines.items() if name == self._name] if held else []

    def values(self, target: Parts) -> dict[str, Any]:
        """Give the values of the line on a target; none where nothing was said."""
        return next(iter(self.lines(target)), {})
