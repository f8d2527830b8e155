"""`reload`: a power cycle, now or at an instant of the lab's clock.

Everything but NVRAM is forgotten, consoles stand at `NAME>` again, and `show version` says how the system
came back. Words: `reference/ios-shell.md` §6.2; those of `in`, `at` and `cancel` rest on memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, command, confirmed
from iosemu.lab.clock import DAY, HOUR, MINUTE, SECOND, date
from iosemu.lab.log import Stamp

from . import startup
from .clock import said, zone
from .version import Returned

if TYPE_CHECKING:
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

LONGEST = 999 * 60 + 59
"""Minutes that `reload in` may wait."""
REASON = "Reload Command"


class Scheduled:
    """A reload to come (a part of a node)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.due: int | None = None
        self.reason = REASON
        self.who = ""
        self._boots = node.boots

    def happen(self, now: int) -> None:
        """Answer the clock, unless the reload was put off or the router switched off."""
        if self._boots == self.node.boots and self.due == now:
            restart(self.node, self.who, self.reason)


def restart(node: Node, who: str, reason: str) -> None:
    """Switch a router off and on again, with a last message that its console still shows."""
    node.lab.note(f"{node.name} reloads")
    old, clock = node.log, (node.clock_offset, node.clock_set)
    node.power_off()
    node.part(Returned).how = "reload"
    # Consoles fetch from the new log: it says the message as the old one would, and forgets what it borrowed.
    new = node.log
    node.clock_offset, node.clock_set = clock
    new.log_stamp, new.timezone, new.timezone_offset = old.log_stamp, old.timezone, old.timezone_offset
    new.emit("SYS", 5, "RELOAD", f"Reload requested by {who}. Reload Reason: {reason.rstrip('.')}.")
    new.clear()
    new.log_stamp, new.timezone, new.timezone_offset = Stamp(), "UTC", 0
    node.clock_offset, node.clock_set = 0, False
    node.power_on()


@command("exec", "reload")
def reload(
    session: Session,
    *,
    delay: str | None = None,
    time: str | None = None,
    reason: str = "",
    cancel: bool = False,
) -> Reply:
    """Restart the router, saving first what would be lost, if the user likes."""
    node: Node = session.node
    if cancel:
        yield from _cancel(node)
        return
    wait = _wait(node, delay, time)
    if isinstance(wait, str):
        yield wait
        return
    yield from _save_first(session)
    if wait is not None:
        yield f"Reload scheduled {_when(node, node.now + wait)} by {session.who}"
        yield f"Reload reason: {reason or REASON}"
    if not (yield from confirmed("Proceed with reload? [confirm]")):
        return
    if wait is not None:
        held = node.part(Scheduled)
        held.due, held.reason, held.who = node.now + wait, reason or REASON, session.who
        node.lab.clock.at(held.due, node.name, held)
        return
    restart(node, session.who, reason or REASON)
    del session.stack[1:]
    session.level = 1
    session.tty.occupy(node.now)
    if session.line.startswith("vty"):
        session.ended = True


def _save_first(session: Session) -> Reply:
    if not startup.modified(session):
        return
    yield ""
    while True:
        answer = yield Ask("System configuration has been modified. Save? [yes/no]: ")
        word = answer.strip().lower()
        if word and "yes".startswith(word):
            yield from startup.save(session)
            return
        if word and "no".startswith(word):
            return
        yield "% Please answer 'yes' or 'no'."


def _cancel(node: Node) -> Reply:
    held = node.peek(Scheduled)
    if held is None or held.due is None:
        yield "%No reload is scheduled"
        return
    held.due = None
    yield from ("", "", "***", "*** --- SHUTDOWN ABORTED ---", "***", "")


def _wait(node: Node, delay: str | None, time: str | None) -> int | str | None:
    """Work out how long to wait, in microseconds (None: not at all), or the row that refuses it."""
    if delay is not None:
        found = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3})", delay, re.ASCII)
        minutes = 60 * int(found[1] or 0) + int(found[2]) if found else 0
        if not 1 <= minutes <= LONGEST or (found and found[1] and int(found[2]) > 59):
            return "%Invalid delay: mmm or hhh:mm"
        return minutes * MINUTE
    if time is None:
        return None
    if not node.clock_set:
        return "%The date and time must be set first."
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", time, re.ASCII)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return "%Invalid time: hh:mm"
    at = date(node.unix + zone(node).at(node.unix)[1] * MINUTE)
    gone = at.hour * HOUR + at.minute * MINUTE + at.second * SECOND + at.microsecond
    wait = int(found[1]) * HOUR + int(found[2]) * MINUTE - gone
    return wait if wait > 0 else wait + DAY


def _when(node: Node, due: int) -> str:
    """Say when a reload is due, `for 10:10:00 UTC Fri Mar 1 2002 (in 10 minutes)`."""
    hours, minutes = divmod(-(-(due - node.now) // MINUTE), 60)
    parts = [f"{n} {word}{'s' * (n != 1)}" for n, word in ((hours, "hour"), (minutes, "minute")) if n]
    return f"for {said(node, node.unix - node.now + due)} (in {' and '.join(parts)})"


@command("exec", "show reload")
def show_reload(node: Node) -> Reply:
    """Show the reload to come."""
    held = node.peek(Scheduled)
    if held is None or held.due is None:
        yield "No reload is scheduled."
        return
    yield f"Reload scheduled {_when(node, held.due)} by {held.who}"
    yield f"Reload reason: {held.reason}"
