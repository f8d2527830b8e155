"""What is configured, as values: for screens that tell of lines which another feature acts upon, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from iosemu.addresses import IPv4
from iosemu.cli import config

if TYPE_CHECKING:
    from iosemu.cli.command import Values
    from iosemu.cli.session import Session


def said(session: Session, mode: str, name: str, target: object) -> list[Values]:
    """Give the values of a command's lines on a target, whoever holds them; KeyError: no such command."""
    command = {each.name: each for each in session.grammar[mode].commands}[name]
    return [entry[0] if isinstance(entry, tuple) else entry for entry in config.said(command, target)]


def first(session: Session, mode: str, name: str, target: object) -> Values | None:
    """Give the values of a command's first line on a target; None when there is none."""
    return next(iter(said(session, mode, name, target)), None)


def on(session: Session, mode: str, name: str, target: object, *, default: bool = False) -> bool:
    """Tell whether something is on that a line (or its `no`) switches."""
    values = first(session, mode, name, target)
    return default if values is None else not values.get("no", False)


def resolve(session: Session, host: IPv4 | str) -> IPv4 | None:
    """Give the address of a host called in `ip host`, or written as an address; None: nobody knows it."""
    if isinstance(host, IPv4):
        return host
    for values in said(session, "global", "ip host", session.node):
        if values["name"].lower() == host.lower():
            return cast("IPv4", values["address"])
    return None
