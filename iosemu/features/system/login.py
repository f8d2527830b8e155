"""Guarding the vtys against who guesses passwords: `login block-for` and its like.

Failures are counted in windows of `within` seconds, one after another. When there were as many as were named,
the router is quiet for a while: it takes no caller but those of the quiet mode's access list. Time is the
lab's. Words: Cisco's "Login Enhancements" feature guide, and public transcripts of 12.4 and 15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.addresses import IPv4
from iosemu.cli.command import Reply, Values, command
from iosemu.lab import acl
from iosemu.lab.clock import SECOND
from iosemu.values import NamedTuple

from .clock import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.cli.tty import TTY
    from iosemu.lab.router import Node

DELAY = 1
"""Seconds by which the answer to a wrong password is put off when `login delay` does not say."""
LISTED = 50
"""Rows that `show login failures` has at most."""
REASON = "Login Authentication Failed"
NO_LIST = "sl_def_acl"
"""What messages call the list that lets in nobody."""


class Watch(NamedTuple):
    """What `login block-for` says: quiet for `seconds` after so many `tries` `within` some."""

    seconds: int
    tries: int
    within: int


class Failure(NamedTuple):
    """A row of `show login failures`: how often, and when last (Unix µs)."""

    times: int
    when: int


class Guard:
    """What a router does about log-ins (a part of it)."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._boots = node.boots
        self.delay: int | None = None
        self.watch: Watch | None = None
        self.since = 0
        """When the watch began (µs)."""
        self.list = ""
        """The access list of those who get in at quiet times."""
        self.on_failure: dict[str, Any] | None = None
        self.on_success: dict[str, Any] | None = None
        self.quiet_until: int | None = None
        """The end of the quiet time (µs) while there is one."""
        self.failures: dict[tuple[str, str, int], Failure] = {}
        """By user, address and port."""
        self.failed = self.succeeded = 0
        self._window = 0
        self._in_window = 0

    @property
    def window(self) -> tuple[int, int]:
        """The failures in the present window, and the seconds (begun ones count) that are left of it."""
        watch = self.watch
        if watch is None:
            return 0, 0
        number, gone = divmod(self._node.now - self.since, watch.within * SECOND)
        left = -(-(watch.within * SECOND - gone) // SECOND)
        return (self._in_window if number == self._window else 0), left

    def admits(self, origin: str) -> bool:
        """Whether a caller from an address is heard at all."""
        if self.quiet_until is None:
            return True
        try:
            return bool(self.list) and acl.permits(self._node, self.list, IPv4.parse(origin))
        except ValueError:
            return False

    def failure(self, tty: TTY, user: str) -> None:
        """Take down that somebody was not let in."""
        node = self._node
        self.failed += 1
        if self.watch is None and self.on_failure is None:
            return
        key = (user, tty.origin or "LOCAL", tty.port)
        before = self.failures.pop(key, None)
        self.failures[key] = Failure(before.times + 1 if before else 1, node.unix)
        if len(self.failures) > LISTED:
            del self.failures[next(iter(self.failures))]
        if self._told(self.on_failure, self.failed):
            node.log.emit("SEC_LOGIN", 4, "LOGIN_FAILED", f"Login failed {self._whom(tty, user, REASON)}")
        watch = self.watch
        if watch is None or not tty.port or self.quiet_until is not None:
            return
        count, left = self.window
        self._window = (node.now - self.since) // (watch.within * SECOND)
        self._in_window = count + 1
        if self._in_window >= watch.tries:
            self._be_quiet(watch, tty, user, left)

    def success(self, tty: TTY, user: str) -> None:
        """Take down that somebody was let in."""
        self.succeeded += 1
        if self._told(self.on_success, self.succeeded):
            whom = self._whom(tty, user)
            self._node.log.emit("SEC_LOGIN", 5, "LOGIN_SUCCESS", f"Login Success {whom}")

    @staticmethod
    def _told(how: dict[str, Any] | None, count: int) -> bool:
        """Whether there is a message for one of so many; traps alone go nowhere."""
        if how is None or (how.get("trap") and not how.get("log")):
            return False
        return count % int(how.get("number") or 1) == 0

    def _whom(self, tty: TTY, user: str, reason: str = "", acl: str = "") -> str:
        items = {"user": user, "Source": tty.origin or "LOCAL", "localport": tty.port}
        items |= {"Reason": reason} if reason else {}
        items |= {"ACL": acl} if acl else {}
        text = " ".join(f"[{name}: {value}]" for name, value in items.items())
        return f"{text} at {said(self._node, self._node.unix)}"

    def _be_quiet(self, watch: Watch, tty: TTY, user: str, left: int) -> None:
        node = self._node
        self.quiet_until = node.now + watch.seconds * SECOND
        node.lab.clock.at(self.quiet_until, node.name, self)
        whom = self._whom(tty, user, REASON, self.list or NO_LIST)
        text = f"Still timeleft for watching failures is {left} secs, {whom}"
        node.log.emit("SEC_LOGIN", 1, "QUIET_MODE_ON", text)

    def happen(self, now: int) -> None:
        """Answer the clock: the quiet time is over, unless it ended earlier."""
        if now == self.quiet_until and self._boots == self._node.boots:
            self.be_loud("block period timed out")

    def be_loud(self, why: str) -> None:
        """End a quiet time, and watch anew."""
        if self.quiet_until is None:
            return
        node = self._node
        self.quiet_until = None
        self.since, self._window, self._in_window = node.now, 0, 0
        text = f"Quiet Mode is OFF, because {why} at {said(node, node.unix)}"
        node.log.emit("SEC_LOGIN", 5, "QUIET_MODE_OFF", text)


def failed(session: Session, user: str) -> None:
    """Hear that somebody was not let in at a session's line."""
    session.node.part(Guard).failure(session.tty, user)


def succeeded(session: Session, user: str) -> None:
    """Hear that somebody was let in at a session's line."""
    session.node.part(Guard).success(session.tty, user)


# -- configuration


@command("global", "login block-for attempts within")
def block_for(node: Node, *, seconds: int = 0, tries: int = 0, period: int = 0, no: bool = False) -> None:
    """Watch for failures; `no` ends a quiet time, too."""
    guard = node.part(Guard)
    guard.watch = None if no else Watch(seconds, tries, period)
    guard.since = node.now
    if no:
        guard.be_loud("of configuration change")


@block_for.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guard)
    if held and held.watch:
        yield dict(zip(("seconds", "tries", "period"), held.watch, strict=True))


@command("global", "login delay")
def login_delay(node: Node, *, seconds: int = DELAY, no: bool = False) -> None:
    """Set by how much the answer to a wrong password is put off."""
    node.part(Guard).delay = None if no else seconds


@login_delay.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guard)
    if held and held.delay is not None:
        yield {"seconds": held.delay}


@command("global", "login quiet-mode access-class")
def quiet_mode(node: Node, *, list: str = "", no: bool = False) -> None:  # noqa: A002 - IOS's word
    """Set who gets in at quiet times."""
    node.part(Guard).list = "" if no else list


@quiet_mode.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guard)
    if held and held.list:
        yield {"list": held.list}


@command("global", "login on-failure")
def on_failure(node: Node, *, no: bool = False, **how: Any) -> None:
    """Log failed log-ins."""
    node.part(Guard).on_failure = None if no else how


@on_failure.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guard)
    if held and held.on_failure is not None:
        yield held.on_failure


@command("global", "login on-success")
def on_success(node: Node, *, no: bool = False, **how: Any) -> None:
    """Log log-ins."""
    node.part(Guard).on_success = None if no else how


@on_success.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guard)
    if held and held.on_success is not None:
        yield held.on_success


# -- screens


@command("exec", "show login")
def show_login(node: Node, *, failures: bool = False) -> Reply:
    """Show how log-ins are guarded, or who failed to get in."""
    guard = node.peek(Guard) or Guard(node)
    yield from _failures(node, guard) if failures else _status(node, guard)


def _status(node: Node, guard: Guard) -> Reply:
    if guard.delay is not None:
        yield f"     A login delay of {guard.delay} seconds is applied."
    elif guard.watch:
        yield f"     A default login delay of {DELAY} seconds is applied."
    else:
        yield "     No login delay has been applied."
    if guard.list:
        yield f"     Quiet-Mode access list {guard.list} is applied."
    else:
        yield "     No Quiet-Mode access list has been configured."
    for how, word in ((guard.on_success, "successful"), (guard.on_failure, "failed")):
        if how is not None:
            number = how.get("number") or 1
            which = "All" if number == 1 else f"Every {number}"
            yield f"     {which} {word} login is {_told_how(how)}."
    yield ""
    watch = guard.watch
    if watch is None:
        yield "     Router NOT enabled to watch for login Attacks"
        return
    yield "     Router enabled to watch for login Attacks."
    yield f"     If more than {watch.tries - 1} login failures occur in {watch.within} seconds or less,"
    yield f"     logins will be disabled for {watch.seconds} seconds."
    yield ""
    if guard.quiet_until is not None:
        yield "     Router presently in Quiet-Mode."
        yield f"     Will remain in Quiet-Mode for {-(-(guard.quiet_until - node.now) // SECOND)} seconds."
        if guard.list:
            yield f"     Restricted logins filtered by applied ACL {guard.list}."
        else:
            yield "     Denying logins from all sources."
        return
    count, left = guard.window
    yield "     Router presently in Normal-Mode."
    yield "     Current Watch Window"
    yield f"         Time remaining: {left} seconds."
    yield f"         Login failures for current window: {count}."
    yield f"     Total login failures: {guard.failed}."


def _told_how(how: Values) -> str:
    if not how.get("trap"):
        return "logged"
    return "logged and generate SNMP traps" if how.get("log") else "set to generate SNMP traps"


def _failures(node: Node, guard: Guard) -> Reply:
    if not guard.failures:
        yield "*** No logged failed login attempts with the device.***"
        return
    yield f"Total failed logins: {guard.failed}"
    yield f"Detailed information about last {LISTED} failures"
    yield ""
    yield "Username        SourceIPAddr    lPort Count TimeStamp"
    for (user, origin, port), (times, when) in guard.failures.items():
        yield f"{user:<15} {origin:<15} {port:<5} {times:<5} {said(node, when)}"
    yield ""
