"""A node's log: messages and debugging output, stamped, buffered, and there for consoles to fetch.

Nothing is pushed: a console keeps a mark and asks what came since. Forms: `reference/ios-shell.md` §4.8.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from typing import TYPE_CHECKING

from iosemu.lab.clock import DAY, HOUR, MINUTE, SECOND, date
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.addresses import IPv4
    from iosemu.lab.router import Node

SEVERITIES = (
    "emergencies",
    "alerts",
    "critical",
    "errors",
    "warnings",
    "notifications",
    "informational",
    "debugging",
)
INFORMATIONAL = 6
DEBUGGING = 7
LOCAL7 = 23
"""The facility that IOS's messages have (RFC 3164 §4.1.1)."""
SYSLOG = 514
"""The port of syslog servers, and the one that IOS sends from."""
KEPT = 10_000
"""How many entries a console that sleeps can catch up with."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Entry(NamedTuple):
    """One row of the log, as consoles show it."""

    number: int
    when: int
    severity: int
    text: str
    """The row, stamped already."""
    kind: str
    """log or debug."""
    console: bool = True
    """Whether consoles may show it: `logging rate-limit console` keeps some back."""


class Limit(NamedTuple):
    """`logging rate-limit`: how many messages a second go out, in Cisco's reference of the command."""

    number: int = 10
    exempt: int = -1
    """The least severe level that is not limited."""
    debugging: bool = False
    """Whether debugging output is limited, too (`all`)."""
    console: bool = False
    """Whether the limit is the console's alone."""


class Server:
    """A syslog server: the port it listens at, and how many messages it was sent."""

    __slots__ = ("count", "port")

    def __init__(self, port: int = SYSLOG) -> None:
        self.port = port
        self.count = 0


class Stamp:
    """How `service timestamps` has messages of one kind stamped; `form` is uptime, datetime or None."""

    __slots__ = ("form", "localtime", "msec", "show_timezone", "year")

    def __init__(self, form: str | None = "datetime", *, msec: bool = True) -> None:
        self.form = form
        self.msec = msec
        self.localtime = False
        self.show_timezone = False
        self.year = False


class Log:
    """A node's log; a level of None means off.

    The stamps' default is that of 12.4, `service timestamps {debug | log} datetime msec`; without any, IOS
    stamps with the uptime, but for what `no service timestamps` strips bare.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.log_stamp = Stamp()
        self.debug_stamp = Stamp()
        self.sequence_numbers = False
        self.timezone = "UTC"
        self.timezone_offset = 0
        """Minutes east of UTC."""
        self.enabled = True
        self.console_level: int | None = DEBUGGING
        self.monitor_level: int | None = DEBUGGING
        self.buffer_level: int | None = DEBUGGING
        self.console_count = 0
        self.monitor_count = 0
        self._monitored = 0
        self.buffer_count = 0
        self._buffer: deque[Entry] = deque()
        self._buffer_size = 4096
        self._octets = 0
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._number = 0
        self.limit: Limit | None = None
        self.limited = 0
        """How many messages the limit held back."""
        self._second = self._passed = 0
        self.trap_level: int | None = INFORMATIONAL
        self.trap_count = 0
        self.servers: dict[IPv4, Server] = {}
        """Who is sent what `trap_level` lets through, as datagrams (RFC 3164)."""
        self._sending = False
        self.heard: list[Callable[[], None]] = []
        """Bound methods to call when there is something new; they must write nothing themselves."""

    # --- Writing

    def emit(self, facility: str, severity: int, mnemonic: str, text: str) -> None:
        """Log a message: `%FACILITY-severity-MNEMONIC: text`."""
        self._add(self.log_stamp, severity, f"%{facility}-{severity}-{mnemonic}: {text}", "log")

    def debug(self, text: str) -> None:
        """Log a row of debugging output."""
        self._add(self.debug_stamp, DEBUGGING, text, "debug")

    def _add(self, stamp: Stamp, severity: int, text: str, kind: str) -> None:
        held = self.limit is not None and self._exceeds(self.limit, severity, kind)
        if held and not (self.limit and self.limit.console):
            return
        self._number += 1
        number = f"{self._number:06}: " if self.sequence_numbers else ""
        now = self.node.now
        entry = Entry(self._number, now, severity, number + self.stamp(stamp) + text, kind, not held)
        self._entries.append(entry)
        for heard in tuple(self.heard):
            heard()
        if not self.enabled:
            self.console_count += 1  # `no logging on`: the console alone is left
            return
        self.console_count += not held and _passes(severity, self.console_level)
        if _passes(severity, self.buffer_level):
            self.buffer_count += 1
            self._buffer.append(entry)
            self._octets += _size(entry)
            self._trim()
        if _passes(severity, self.trap_level):
            self.trap_count += 1
            self._send(entry)

    def _exceeds(self, limit: Limit, severity: int, kind: str) -> bool:
        """Count a message against the limit of this second of the router's clock."""
        if severity <= limit.exempt or (kind == "debug" and not limit.debugging):
            return False
        second = self.node.now // SECOND
        self._passed = self._passed + 1 if second == self._second else 1
        self._second = second
        self.limited += self._passed > limit.number
        return self._passed > limit.number

    def _send(self, entry: Entry) -> None:
        """Send an entry to the servers; what is logged of that itself (`debug ip packet`) is not sent."""
        if self._sending or not self.servers:
            return
        self._sending = True
        text = f"<{LOCAL7 * 8 + entry.severity}>{entry.number}: {entry.text}".encode()
        for address, server in self.servers.items():
            server.count += self.node.ip.send_udp(address, server.port, text, source_port=SYSLOG)
        self._sending = False

    # --- Reading

    @property
    def mark(self) -> int:
        """The number of the latest entry: where a console that begins now begins."""
        return self._number

    def since(self, mark: int) -> tuple[list[Entry], int]:
        """Give the entries after a mark, as many as are still there, and the mark to ask with next time.

        Severities are not looked at: which of them a line shows is for `console_level` and `monitor_level` to
        say.
        """
        if mark == self._number:
            return [], mark
        entries = list(takewhile(lambda entry: entry.number > mark, reversed(self._entries)))
        entries.reverse()
        return entries, self._number

    def on_console(self, entry: Entry) -> bool:
        """Whether the console shows an entry."""
        return entry.console and (not self.enabled or _passes(entry.severity, self.console_level))

    def on_monitor(self, entry: Entry) -> bool:
        """Whether a line with `terminal monitor` shows an entry."""
        return self.enabled and _passes(entry.severity, self.monitor_level)

    def monitored(self, entry: Entry) -> None:
        """Count an entry that a line with `terminal monitor` shows, once however many there are."""
        if entry.number > self._monitored:
            self._monitored = entry.number
            self.monitor_count += 1

    @property
    def buffer(self) -> tuple[Entry, ...]:
        """What `show logging` lists."""
        return tuple(self._buffer)

    @property
    def buffer_size(self) -> int:
        """The size of the buffer in octets."""
        return self._buffer_size

    @buffer_size.setter
    def buffer_size(self, octets: int) -> None:
        self._buffer_size = octets
        self._trim()

    def clear(self) -> None:
        """Empty the buffer (`clear logging`)."""
        self._buffer.clear()
        self._octets = 0

    def _trim(self) -> None:
        while self._octets > self._buffer_size and self._buffer:
            self._octets -= _size(self._buffer.popleft())

    # --- Stamps

    def stamp(self, stamp: Stamp) -> str:
        """Give what stands before a message made now, colon and blank included, or nothing."""
        if stamp.form is None:
            return ""
        if stamp.form == "uptime":
            return uptime(self.node.now - self.node.booted_at) + ": "
        offset = self.timezone_offset * MINUTE if stamp.localtime else 0
        moment = date(self.node.unix + offset)
        text = f"{'' if self.node.clock_set else '*'}{MONTHS[moment.month - 1]} {moment.day:2}"
        if stamp.year:
            text += f" {moment.year}"
        text += f" {moment.hour:02}:{moment.minute:02}:{moment.second:02}"
        if stamp.msec:
            text += f".{moment.microsecond // 1000:03}"
        if stamp.show_timezone:
            text += f" {self.timezone if stamp.localtime else 'UTC'}"
        return text + ": "


def uptime(span: int) -> str:
    """Write a span as IOS writes ages: `00:01:15` within a day, then `1d18h`, then `7w0d`, then `1y4w`."""
    if span < DAY:
        seconds = span // SECOND
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    days = span // DAY
    if days < 7:
        return f"{days}d{span % DAY // HOUR:02}h"
    if days < 365:
        return f"{days // 7}w{days % 7}d"
    return f"{days // 365}y{days % 365 // 7}w"


def _passes(severity: int, level: int | None) -> bool:
    return level is not None and severity <= level


def _size(entry: Entry) -> int:
    return len(entry.text) + 1  # and the end of the row
