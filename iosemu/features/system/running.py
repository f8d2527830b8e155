"""running-config: what it looks like as a whole, and `show running-config`.

The text is that of 12.4 (`reference/ios-shell.md` §6.1). What is saved holds no time of change, so that a
router which was reloaded shows what it showed before, octet for octet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli import config, filters
from iosemu.cli.command import Reply, Values, command
from iosemu.cli.tty import Changes

from .clock import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Grammar

RELEASE = "12.4"


class Saved:
    """What running-config was last saved as (a part of a node): `Changes.lines` then, when, and by whom."""

    def __init__(self, _: object) -> None:
        self.lines = 0
        self.when: int | None = None
        self.user = ""


def rows(grammar: Grammar, node: Node, *, may: config.May = config.everybody) -> Iterator[str]:
    """Yield running-config's rows as they are saved, from the first `!` to `end`."""
    yield "!"
    last = ""
    for last in config.body(grammar, "global", node, may=may):
        yield last
    if last != "!":
        yield "!"
    yield "end"


def text(grammar: Grammar, node: Node) -> str:
    """Give running-config as it is saved."""
    return "".join(f"{row}\n" for row in rows(grammar, node))


def _times(node: Node) -> Iterator[str]:
    """Yield the comments on when it was changed and saved; without a clock that was set, none."""
    changes, saved = node.peek(Changes), node.peek(Saved)
    if not node.clock_set or changes is None:
        return
    yield "!"
    yield f"! Last configuration change at {_when(node, changes.when, changes.user)}"
    if saved is not None and saved.when is not None:
        yield f"! NVRAM config last updated at {_when(node, saved.when, saved.user)}"


def _when(node: Node, when: int, user: str) -> str:
    return said(node, node.unix - node.now + when) + (f" by {user}" if user else "")


@command("exec", "show running-config")
def show_running_config(
    session: Session,
    *,
    all: bool = False,  # noqa: A002 - IOS's word
    full: bool = False,
    interface: str | None = None,
) -> Reply:
    """Show the running configuration, or that of one interface; `all` and `full` have nothing to add."""
    del all, full
    yield from shown(session, interface)


def shown(session: Session, interface: str | None = None) -> Reply:
    """Yield the rows of `show running-config`: of its lines, those that the user could say himself, as on IOS [U]."""
    node: Node = session.node
    if interface is None:
        found = [*_times(node), *rows(session.grammar, node, may=session.may)]
    elif interface in node.interfaces:
        wanted = {"interface": interface}
        held = tuple(config.block(session.grammar, "global", "interface", node, wanted, may=session.may))
        found = ["!", *held[:-1], "end"]  # without the `!` that parts blocks
    else:
        yield from _no_interface(session)
        return
    if filters.split(session.typed)[1] < 0:
        # Under a filter the rows that match are all there is (ios-shell.md §5).
        yield "Building configuration..."
        yield ""
    yield f"Current configuration : {sum(len(row.encode()) + 1 for row in found)} bytes"
    yield from found
    yield ""


def _no_interface(session: Session) -> Reply:
    """Complain of an interface that is not there, under its number (ios-shell.md §2.2)."""
    line = filters.split(session.typed)[0]
    number = re.search(r"[\d/.:]+\s*\Z", line)
    yield " " * (len(session.prompt) + (number.start() if number else 0)) + "^"
    yield "% Invalid input detected at '^' marker."
    yield ""


# --- Rows that stand in every configuration


@command("global", "version", acts=False)
def version(node: Node, *, release: str = "", no: bool = False) -> None:
    """Pass over the release that wrote a configuration."""
    del node, release, no


@version.config
def _(_: Node) -> Iterator[Values]:
    yield {"release": RELEASE}


@command("global", "boot-start-marker", "boot-end-marker", acts=False)
def marker(node: Node, *, no: bool = False) -> None:
    """Pass over the rows around the boot commands."""
    del node, no


@marker.config
def _(_: Node) -> Iterator[Values]:
    yield {}
