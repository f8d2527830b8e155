"""Logging: where messages go, how they are stamped, and `show logging`.

12.4's defaults, but for the buffer, which is on. Forms: `reference/ios-shell.md` §4.8, §7. Who is sent what
`logging trap` lets through, `logging host` says (in features/ip).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.cli.command import Reply, Values, command, confirmed
from iosemu.lab.log import DEBUGGING, INFORMATIONAL, SEVERITIES, Limit, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.router import Node

BUFFER = 4096
"""The size of the buffer when no other is configured, in octets."""


class Guaranteed:
    """Whether `logging console guaranteed` was said, which changes nothing else here (a part of a node)."""

    def __init__(self, _: object) -> None:
        self.said = False


def _level(said: dict[str, Any], default: int = DEBUGGING) -> int:
    """Give the level of a line that names it, `severity` as a number or any of the eight words as true."""
    if said.get("severity") is not None:
        return int(said["severity"])
    return next((level for level, name in enumerate(SEVERITIES) if said.get(name)), default)


# --- Destinations


@command("global", "logging on")
def logging_on(node: Node, *, no: bool = False) -> None:
    """Send messages to other places than the console, too."""
    node.log.enabled = not no


@logging_on.config
def _(node: Node) -> Iterator[Values]:
    if not node.log.enabled:
        yield {"no": True}


@command("global", "logging buffered")
def buffered(node: Node, *, size: int = BUFFER, no: bool = False, **said: Any) -> None:
    """Keep messages up to a level in a buffer of a size."""
    node.log.buffer_size = BUFFER if no else size
    node.log.buffer_level = None if no else _level(said)


@buffered.config
def _(node: Node) -> Iterator[Values]:
    level, size = node.log.buffer_level, node.log.buffer_size
    if level is None:
        yield {"no": True}
    elif (size, level) != (BUFFER, DEBUGGING):
        # 12.4 writes both, whichever was said (ios-shell.md §6.1).
        yield {"size": size, SEVERITIES[level]: True}


@command("global", "logging console")
def console(node: Node, *, guaranteed: bool = False, no: bool = False, **said: Any) -> None:
    """Show messages up to a level at the console."""
    node.part(Guaranteed).said = guaranteed and not no
    node.log.console_level = None if no else _level(said)


@console.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Guaranteed)
    if held is not None and held.said:
        yield {"guaranteed": True}
    else:
        yield from _destination(node.log.console_level, DEBUGGING)


@command("global", "logging monitor")
def monitor(node: Node, *, no: bool = False, **said: Any) -> None:
    """Show messages up to a level at lines with `terminal monitor`."""
    node.log.monitor_level = None if no else _level(said)


@monitor.config
def _(node: Node) -> Iterator[Values]:
    yield from _destination(node.log.monitor_level, DEBUGGING)


@command("global", "logging trap")
def trap(node: Node, *, no: bool = False, **said: Any) -> None:
    """Choose what goes to syslog servers."""
    node.log.trap_level = None if no else _level(said, INFORMATIONAL)


@trap.config
def _(node: Node) -> Iterator[Values]:
    yield from _destination(node.log.trap_level, INFORMATIONAL)


def _destination(level: int | None, default: int) -> Iterator[Values]:
    if level is None:
        yield {"no": True}
    elif level != default:
        yield {SEVERITIES[level]: True}


# --- Stamps


@command("global", "service timestamps")
def timestamps(
    node: Node,
    *,
    debug: bool = False,
    log: bool = False,
    uptime: bool = False,
    datetime: bool = False,
    msec: bool = False,
    localtime: bool = False,
    show_timezone: bool = False,
    year: bool = False,
    no: bool = False,
    default: bool = False,
) -> None:
    """Stamp messages with the time or the uptime; without a kind, debugging (taken back: all) is meant."""
    del uptime
    for kind, meant in (("debug_stamp", debug or not log), ("log_stamp", log or (no and not debug))):
        if not meant:
            continue
        if default:
            setattr(node.log, kind, Stamp())
            continue
        stamp = Stamp(None if no else "datetime" if datetime else "uptime", msec=msec and not no)
        stamp.localtime, stamp.show_timezone, stamp.year = localtime, show_timezone, year
        setattr(node.log, kind, stamp)


@timestamps.config
def _(node: Node) -> Iterator[Values]:
    for kind, stamp in (("debug", node.log.debug_stamp), ("log", node.log.log_stamp)):
        if stamp.form is None:
            yield {"no": True, kind: True, "uptime": True}
        elif stamp.form == "uptime":
            yield {kind: True, "uptime": True}
        else:
            options = {name: getattr(stamp, name) for name in ("msec", "localtime", "show_timezone", "year")}
            yield {kind: True, "datetime": True, **options}


@command("global", "service sequence-numbers")
def sequence_numbers(node: Node, *, no: bool = False) -> None:
    """Number the messages."""
    node.log.sequence_numbers = not no


@sequence_numbers.config
def _(node: Node) -> Iterator[Values]:
    if node.log.sequence_numbers:
        yield {}


@command("global", "logging rate-limit")
def rate_limit(
    node: Node,
    *,
    console: bool = False,
    all: bool = False,  # noqa: A002 - the grammar's word
    number: int = 10,
    exempt: bool = False,
    no: bool = False,
    **said: Any,
) -> None:
    """Let so many messages a second through; severities up to one may be excepted."""
    node.log.limit = None if no else Limit(number, _level(said) if exempt else -1, all, console)


@rate_limit.config
def _(node: Node) -> Iterator[Values]:
    limit = node.log.limit
    if limit is not None:
        excepted = {} if limit.exempt < 0 else {"exempt": True, SEVERITIES[limit.exempt]: True}
        yield {"console": limit.console, "all": limit.debugging, "number": limit.number, **excepted}


# --- EXEC


@command("exec", "clear logging")
def clear_logging(node: Node) -> Reply:
    """Empty the buffer."""
    if (yield from confirmed("Clear logging buffer [confirm]")):
        node.log.clear()


@command("exec", "show logging")
def show_logging(node: Node) -> Reply:
    """Show where messages go, how many went, and the buffer."""
    log = node.log
    yield (
        f"Syslog logging: {'enabled' if log.enabled else 'disabled'} (0 messages dropped, "
        f"{log.limited} messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)"
    )
    yield from ("", "No Active Message Discriminator.", "", "", "")
    yield from ("No Inactive Message Discriminator.", "", "")
    yield from _shown("    Console logging:", log.console_level, log.console_count)
    yield from _shown("    Monitor logging:", log.monitor_level, log.monitor_count)
    yield from _shown("    Buffer logging: ", log.buffer_level, log.buffer_count)
    yield "    Exception Logging: size (4096 bytes)"
    yield "    Count and timestamp logging messages: disabled"
    yield "    Persistent logging: disabled"
    yield from ("", "No active filter modules.", "")
    level = log.trap_level
    sent = "disabled" if level is None else f"{_named(level)}, {log.trap_count} message lines logged"
    yield f"    Trap logging: {sent}"
    for address, server in log.servers.items():
        port = f"udp port {server.port}, audit disabled, link up"
        yield f"        Logging to {address} ({port}), {server.count} message lines logged, xml disabled,"
        yield "               filtering disabled"
    if log.buffer_level is None:
        return
    yield ""
    yield f"Log Buffer ({log.buffer_size} bytes):"
    yield ""
    for entry in log.buffer:
        yield entry.text


def _shown(head: str, level: int | None, count: int) -> Iterator[str]:
    if level is None:
        yield f"{head} disabled"
        return
    yield f"{head} {_named(level)}, {count} messages logged, xml disabled,"
    yield "                     filtering disabled"


def _named(level: int) -> str:
    return f"level {SEVERITIES[level]}"
