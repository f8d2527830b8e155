"""Who comes to a router's vty over the lab's network: a session, its line, and the connection that carries it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iosemu.cli.command import Request, Wait
from iosemu.cli.line import Line
from iosemu.cli.session import Session
from iosemu.lab.clock import HOUR, SECOND

from . import users
from .lines import delay, free_vty, hang_up, idle_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.lab.tcp import Socket
    from iosemu.parser.grammar import Grammar

BEHIND = 1 << 16
"""Octets that may wait to be sent before log lines are dropped."""


def answer(socket: Socket, grammar: Grammar) -> bool:
    """Seat a caller at a vty; False when there is none for him, so that he is refused."""
    node, origin = socket.held.node, str(socket.connection.ends.remote)
    line = free_vty(node, "telnet", origin)
    if line is None:
        text = users.refusal(node, "telnet", origin)
        if text:
            socket.user = Refused(socket, text)
        return bool(text)
    session = Session(grammar, node, line=line)
    session.origin = origin
    session.tty.port = socket.connection.ends.local_port
    socket.user = caller = Caller(session, socket)
    session.tty.callers.append(caller)
    node.log.heard.append(caller.logged)
    return True


class Refused:
    """A caller for whom no line is free, and who is told so (`refuse-message`)."""

    def __init__(self, socket: Socket, text: str) -> None:
        self._socket = socket
        self._text = text

    def heard(self) -> None:
        """Hear that the connection is open: say it, and close."""
        if self._text and self._socket.connection.state == "open":
            text, self._text = self._text, ""
            self._socket.send(text.encode("utf-8", "replace"))
            self._socket.close()


class Caller:
    """A session at a vty that a connection carries; it lives by the lab's clock alone."""

    def __init__(self, session: Session, socket: Socket) -> None:
        self.session = session
        self._socket = socket
        self._node = session.node
        self._line = Line(session, self._show)
        self._out = ""
        self._mark: int | None = None
        self._touched = self._node.now
        self._alarm: int | None = None
        self._delayed = 0
        self._begun = self._working = self._over = False

    def __deepcopy__(self, memo: dict[int, object]) -> Caller:
        """Give what a checkpoint has of a caller: nobody, as sessions stay outside."""
        copy = object.__new__(Caller)
        copy._over = True
        memo[id(self)] = copy
        return copy

    # --- What happens to it

    def heard(self) -> None:
        """Hear from the connection: it is open, something has arrived, or it is over."""
        connection = self._socket.connection
        if self._over or self._working or connection.state == "syn received":
            return
        if not self._begun and not self._socket.over:
            self._begun = True
            self._work(lambda: self._line.run(users.guarded(self.session, users.login(self.session))))
            self._watch()
        if data := connection.take():
            self._touched = self._node.now
            self._work(lambda: self._line.feed(data))
        if self._socket.over or connection.ended:
            self.session.ended = True
        self._work()

    def happen(self, now: int) -> None:
        """Answer the clock: a wait is over, or nothing was typed for too long."""
        if self._over or self.session.rebooted:
            return
        if self._alarm is not None and now >= self._alarm:
            self._alarm = None
        if isinstance(self._line.blocked, Wait):
            self._touched = now
        at = self.idle_at()
        if at is not None and at <= now:
            self._touched = now
            self._work(self._give_up)
        self._work()

    def _give_up(self) -> None:
        """Hang up; in a log-in, have it asked again."""
        if self.session.entering:
            self._line.expire()
        else:
            hang_up(self.session)

    def logged(self) -> None:
        """Hear that there is something in the log, which is shown when what is being done is done."""
        if not self._over and (self.session.monitor or self._mark is not None):
            self._wake_at(self._node.now)

    def close(self) -> None:
        """Be sent away: logged out, idle too long, or the line was cleared."""
        if not self._over:
            self._over = True
            with suppress(ValueError):  # the log of before a boot is gone
                self._node.log.heard.remove(self.logged)
            self._flush()
            if not self._socket.over:
                self._socket.close()

    # --- Work

    def _work(self, act: Callable[[], None] | None = None) -> None:
        """Do something, and what has become possible by it; then send what was shown."""
        self._working = True
        line, now = self._line, self._node.now
        try:
            if act is not None and not self._over:
                act()
            while not self.session.ended and line.blocked is not None:
                until = self._until(line.blocked)
                if until > now:
                    self._wake_at(until)
                    break
                line.resume(now)
            self._show_log()
        finally:
            self._working = False
        if not self._over:
            self._flush()

    def _wake_at(self, when: int) -> None:
        """Have the clock call at an instant (µs), unless it will before."""
        if self._alarm is None or when < self._alarm:
            self._alarm = when
            self._node.lab.clock.at(when, self._node.name, self)

    def _until(self, blocked: Wait | Request) -> int:
        """Give the instant at which a line that waits for something goes on."""
        if isinstance(blocked, Wait):
            return blocked.until
        if blocked != users.WRONG:
            return 0  # what fronts do of a console is not to be had here
        if not self._delayed:
            self._delayed = self._node.now + delay(self._node) * SECOND
        until = self._delayed
        if until <= self._node.now:
            self._delayed = 0
        return until

    def _watch(self) -> None:
        """Come back when the session will have been idle for too long, should it be."""
        Watch(self).happen(self._node.now)

    @property
    def over(self) -> bool:
        """Whether he has gone, or the router lost power."""
        return self._over or self.session.rebooted

    def idle_at(self) -> int | None:
        """Give the instant (µs) at which it will have been idle for too long; None: never."""
        if self._over or self.session.rebooted:
            return None
        timeout = idle_limit(self.session)
        return None if timeout is None else self._touched + timeout * SECOND

    # --- What is shown

    def _show(self, text: str) -> None:
        self._out += text

    def _show_log(self) -> None:
        log = self._node.log
        if not self.session.monitor or self._mark is None or self.session.ended:
            self._mark = log.mark if self.session.monitor else None
            return
        entries, self._mark = log.since(self._mark)
        for entry in entries:
            if log.on_monitor(entry) and self._socket.connection.backlog < BEHIND:
                self._line.interrupt(entry.text)
                log.monitored(entry)

    def _flush(self) -> None:
        text, self._out = self._out, ""
        if text and not self._socket.over:
            self._socket.send(text.encode("utf-8", "replace"))


class Watch:
    """Something on the clock that looks after a caller's `exec-timeout`, again and again."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def happen(self, now: int) -> None:
        """Look, and come again at the earliest instant at which it may be time."""
        caller = self._caller
        at = caller.idle_at()
        if at is not None and at <= now:
            caller.happen(now)
            at = caller.idle_at()
        if not caller.over:
            node = caller.session.node  # with no limit it may get one yet
            node.lab.clock.at(now + HOUR if at is None else max(at, now + 1), node.name, self)
