"""Changes that must be confirmed: what was configured before comes back by itself, unless somebody says to keep it.

Before the change a copy goes into the archive. Screens and messages: Cisco's "Configuration Rollback Confirmed
Change" feature guide; those that it does not show rest on memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.cli.session import Session
from iosemu.lab.clock import MINUTE

from . import archive, files, modes, replace
from .clock import said

if TYPE_CHECKING:
    from collections.abc import Generator

    from iosemu.cli.command import Output
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Grammar

FACILITY = "ARCHIVE_DIFF"
NONE = "%No Rollback Confirmed Change pending"


class Pending:
    """A change that waits to be confirmed (a part of a router)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.grammar: Grammar | None = None
        self.due: int | None = None
        """When the copy comes back (µs); None: nothing waits."""
        self.copy = ""
        self.minutes = 0
        self.since = 0
        """When it was configured (Unix µs)."""
        self.user = ""
        self._boots = node.boots

    def wait(self, minutes: int) -> None:
        """Ask the clock to bring the copy back."""
        node = self.node
        self.minutes, self.since = minutes, node.unix
        self.due = node.now + minutes * MINUTE
        for instant in (self.due - MINUTE, self.due):
            if instant > node.now:
                node.lab.clock.at(instant, node.name, self)

    def happen(self, now: int) -> None:
        """Answer the clock: warn a minute before, then go back, unless it was confirmed or put off."""
        if self.due is None or self._boots != self.node.boots or self.grammar is None:
            return
        if now == self.due - MINUTE:
            _emit(
                self.node,
                "WARNING_ABSTIMER",
                f"System will rollback to config {self.copy} in one minute. "
                'Enter "configure confirm" if you wish to keep what you\'ve configured',
            )
        elif now == self.due:
            for _ in back(Session(self.grammar, self.node, line="memory", level=15), self):
                pass


def _emit(node: Node, what: str, text: str) -> None:
    node.log.emit(FACILITY, 5, f"ROLLBK_CNFMD_CHG_{what}", text)


def begin(session: Session, minutes: int) -> Generator[Output, str, bool]:
    """Keep a copy of what is configured, and have it come back after a while; False: it can't be."""
    node: Node = session.node
    held = node.part(Pending)
    if held.due is not None:
        yield "%A Rollback Confirmed Change is already pending"
        return False
    kept = yield from archive.copied(session)
    if kept is None:
        return False
    yield f"Rollback Confirmed Change: Backing up current running config to {kept}"
    yield ""
    held.copy, held.user, held.grammar = kept, session.user or session.line, session.grammar
    _emit(node, "BACKUP", f"Backing up current running config to {kept}")
    held.wait(minutes)
    whose = f"User: {held.user}(Priv: {session.level}, View: 0)"
    _emit(node, "START_ABSTIMER", f"{whose}: Scheduled to rollback to config {kept} in {minutes} minutes")
    return True


def back(session: Session, held: Pending) -> Reply:
    """Bring the copy back."""
    held.due = None
    _emit(held.node, "ROLLBACK_START", f"Start rolling to: {held.copy}")
    yield f"Rollback Confirmed Change: rolling to:{held.copy}"
    yield ""
    try:
        yield from replace.replaced(session, files.place(held.copy))
    except files.Refusal as refusal:
        yield str(refusal)


@command("exec", "configure terminal revert timer")
def configure_for_a_while(session: Session, *, minutes: int) -> Reply:
    """Enter configuration mode, for changes that must be confirmed."""
    if (yield from begin(session, minutes)):
        yield from modes.configure.run(session, terminal=True)  # type: ignore[misc]


@command("exec", "configure confirm")
def confirm(session: Session) -> Reply:
    """Keep what was configured."""
    held = session.node.peek(Pending)
    if held is None or held.due is None:
        yield NONE
        return
    held.due = None
    user = session.user or session.line
    _emit(session.node, "CONFIRM", f"User: {user}: Confirmed the configuration change")


@command("exec", "configure revert")
def revert(session: Session, *, now: bool = False, timer: bool = False, minutes: int = 0) -> Reply:
    """Go back at once, or after another while."""
    del timer
    held = session.node.peek(Pending)
    if held is None or held.due is None:
        yield NONE
    elif now:
        yield from back(session, held)
    else:
        held.wait(minutes)


@command("exec", "show archive config rollback timer")
def rollback_timer(node: Node) -> Reply:
    """Show the change that waits to be confirmed."""
    held = node.peek(Pending)
    if held is None or held.due is None:
        yield NONE
    else:
        yield f"Time configured: {said(node, held.since)}"
        yield "Timer type: absolute timer"
        yield f"Timer value: {held.minutes} min"
        yield f"User: {held.user}"
    yield ""
