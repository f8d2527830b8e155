"""What is configured, as values: for screens that tell of lines which another feature acts upon, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import kept
from .command import behaviour

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .command import Entry, Values
    from .session import Session


def said(session: Session, mode: str, name: str, target: object) -> list[Values]:
    """Give the values of a command's lines on a target, whoever holds them; KeyError: no such command."""
    return [entry[0] if isinstance(entry, tuple) else entry for entry in entries(session, mode, name, target)]


def entries(session: Session, mode: str, name: str, target: object) -> Iterable[Entry]:
    """Give the same with what stands below each line."""
    command = {each.name: each for each in session.grammar[mode].commands}[name]
    found = behaviour(command.mode, name)
    if found is None:
        return kept.entries(target, command)
    return found.write(target) if found.write else ()


def first(session: Session, mode: str, name: str, target: object) -> Values | None:
    """Give the values of a command's first line on a target; None when there is none."""
    return next(iter(said(session, mode, name, target)), None)


def on(session: Session, mode: str, name: str, target: object, *, default: bool = False) -> bool:
    """Tell whether something is on that a line (or its `no`) switches."""
    values = first(session, mode, name, target)
    return default if values is None else not values.get("no", False)
