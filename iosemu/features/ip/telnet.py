"""`telnet`, `connect`, `resume`, `disconnect`, `where`: sessions at other hosts, over the lab's network.

What is typed and shown travels as TCP segments (`lab/tcp.py`), so a host is reached or not as its packets are.
Not spoken: telnet's options (RFC 854). The other end echoes, and takes the terminal for one of 24 rows and 80
columns. In a dialogue (`.session` files, pipes, `Console`) nobody has a keyboard: a connection is tried, and
closed when it opens, as a line typed at one router would have to stand behind the prompt of another.
Words: `reference/ios-shell.md` §2.3; those of suspending, resuming and closing rest on memory.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.cli.command import Reply, Text, command, confirmed
from iosemu.cli.kept import Heeded
from iosemu.lab.acl import permits
from iosemu.lab.clock import HOUR, MINUTE, SECOND
from iosemu.lab.tcp import TCP

from .dialogue import next_instant, source_of
from .names import looks_up, resolve, unknown

if TYPE_CHECKING:
    from collections.abc import Generator

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.tcp import Socket

PORT = 23
ESCAPE = "\x1e"
"""Ctrl-^; with an `x` it suspends, twice it is sent."""
UNKNOWN = "% Unknown command or computer name, or unable to find computer address"
BAD = "% Bad IP address or host name"
FAULTS = {
    "refused": "% Connection refused by remote host",
    "unreachable": "% Destination unreachable; gateway or host down",
    "timed out": "% Connection timed out; remote host not responding",
}
TOO_MANY = "% Session limit of this line reached"
"""What is said for `session-limit`; the words are ours."""
MISSING = "% A terminal is needed to go on from here (iosemu shell, iosemu serve)"
_SOURCE_INTERFACE = Heeded("global", "ip telnet source-interface")
_TRANSPORT_OUTPUT = Heeded("line", "transport output")
_ACCESS_CLASS = Heeded("line", "access-class")
_LIMIT = Heeded("line", "session-limit")
_TIMEOUT = Heeded("line", "session-timeout")


class Call:
    """A connection to another host, of whoever sits at a line; `host` is as it was typed."""

    def __init__(self, socket: Socket, host: str) -> None:
        self.socket = socket
        self.host = host
        self.used = socket.held.node.now
        """When something was typed or shown last (µs)."""
        self._decoder = getincrementaldecoder("utf-8")("replace")

    @property
    def address(self) -> IPv4:
        """Where it goes."""
        return self.socket.connection.ends.remote

    @property
    def open(self) -> bool:
        """Whether both ends may still speak."""
        return not self.socket.over and self.socket.connection.usable

    def close(self) -> None:
        """Close it."""
        if not self.socket.over:
            self.socket.close()

    def shown(self) -> str:
        """Give what the other end has shown since the last asking."""
        return self._decoder.decode(self.socket.connection.take())

    def typed(self, text: str) -> None:
        """Send what was typed; a RETURN is CR NUL (RFC 854)."""
        self.socket.send(text.encode().replace(b"\r", b"\r\0"))


def calls(session: Session) -> list[Call]:
    """Give the open connections of a session's line, by number from 1; those that are closed are forgotten."""
    held = session.tty.calls
    held[:] = [call for call in held if isinstance(call, Call) and call.open]
    return held


@command("exec", "telnet")
def telnet(
    session: Session,
    *,
    host: IPv4 | str,
    port: int = PORT,
    source: bool = False,
    source_interface: str | None = None,
) -> Reply:
    """Open a session at another host."""
    del source
    yield from _connect(session, host, port, BAD, source_interface)


@command("exec", "connect")
def connect(session: Session, *, host: IPv4 | str, port: int = PORT) -> Reply:
    """Do as `telnet`; and what EXEC does with a word it does not know (ios-shell.md §2.3, the form of 12.x).

    No lab has a name server, so no name is found. That takes no virtual time: a slip of the finger must not
    let timers run out.
    """
    word = session.typed.split(maxsplit=1)[0].lower()
    if not "connect".startswith(word) and resolve(session.node, host) is None:
        if not looks_up(session.node):
            yield f'Translating "{host}"'
        yield from unknown(session, host, UNKNOWN)
        return
    yield from _connect(session, host, port, BAD)


def _connect(
    session: Session, host: IPv4 | str, port: int, bad: str, source_interface: str | None = None
) -> Reply:
    node = session.node
    address = resolve(node, host)
    if address is None:
        rows = list(unknown(session, host, bad))
        yield from (*rows[:-1], *([""] if len(rows) > 1 else []), rows[-1])
        return
    if (refusal := _forbidden(session, address)) is not None:
        yield refusal
        return
    limit = _LIMIT.values(session.tty)
    if limit and len(calls(session)) >= limit["number"]:
        yield TOO_MANY
        return
    source = source_of(node, None, source_interface or _source_interface(session))
    if isinstance(source, str):
        yield source
        return
    named = not isinstance(host, IPv4) and str(address) != host
    yield Text(
        f"Trying {f'{host} ({address})' if named else address}{'' if port == PORT else f', {port}'} ... "
    )
    socket = node.part(TCP).connect(address, port, source or None)
    if socket is None:
        yield from ("", FAULTS["unreachable"], "")
        return
    connection = socket.connection
    try:
        while not socket.over and connection.state != "open":
            yield next_instant(node.lab, node.now + MINUTE)
    except KeyboardInterrupt:
        socket.close()
        yield ""
        return
    if socket.over:
        yield from ("", FAULTS.get(connection.fault, FAULTS["timed out"]), "")
        return
    yield Text("Open")
    yield ""
    call = Call(socket, str(host))
    calls(session).append(call)
    yield from _talk(session, call)


def _source_interface(session: Session) -> str | None:
    values = _SOURCE_INTERFACE.values(session.node)
    return str(values["interface"]) if values else None


def _forbidden(session: Session, address: IPv4) -> str | None:
    """Give what is said when the line's `transport output` or `access-class … out` is against it (from memory)."""
    values = _TRANSPORT_OUTPUT.values(session.tty)
    if values and not values.get("all") and not values.get("telnet"):
        return "% telnet connections not permitted from this terminal"
    lists = [values["list"] for values in _ACCESS_CLASS.lines(session.tty) if values.get("outbound")]
    if all(permits(session.node, name, address) for name in lists):
        return None
    return "% Connections to that host not permitted from this terminal"


def _talk(session: Session, call: Call) -> Reply:
    """Show what the other end shows and send what is typed, until it closes or Ctrl-^ x suspends.

    `session-timeout` of the line closes it when nothing was typed for that long, or shown if `output` counts as
    well; a suspended one is not looked after. In a dialogue: show what it says at first, and close.
    """
    lab, escaped, open_row = session.node.lab, False, False
    quiet = lab.clock.now + SECOND
    touched = lab.clock.now
    while True:
        text = call.shown()
        limit = _TIMEOUT.values(session.tty)
        if text:
            call.used = lab.clock.now
            touched = lab.clock.now if limit.get("output") else touched
            yield Text(text)
            open_row = not text.endswith("\n")
        if not call.open:
            break
        idle = touched + limit.get("minutes", 0) * MINUTE
        if idle > touched and idle <= lab.clock.now:
            call.close()
            yield ""
            yield f"[Connection to {call.host} idle too long; timed out]"
            return
        until = idle if idle > touched else lab.clock.now + HOUR
        typed = yield next_instant(lab, until)._replace(keys=True)
        if typed is None:
            if lab.clock.now < quiet:
                continue
            call.close()
            yield from (*([""] if open_row else ()), MISSING, "")
            return
        keys = ""
        for key in typed:
            if escaped:
                escaped = False
                if key in "xX":
                    call.typed(keys)
                    yield ""
                    return
                keys += ESCAPE if key == ESCAPE else ""
            elif key == ESCAPE:
                escaped = True
            else:
                keys += key
        if keys:
            call.used = touched = lab.clock.now
            call.typed(keys)
    call.close()
    yield ""
    yield f"[Connection to {call.host} closed by foreign host]"


# -- connections that are suspended


def _chosen(session: Session, connection: int | None) -> Generator[Output, str, Call | None]:
    """Give the connection of a number, by default that used last; says so when there is none."""
    opened = calls(session)
    if not opened:
        yield "% No connections open"
    elif connection is not None and connection > len(opened):
        yield f"% {connection} is not an open connection"
    else:
        return _latest(opened) if connection is None else opened[connection - 1]
    return None


def _latest(opened: list[Call]) -> Call:
    return max(opened, key=lambda call: call.used)


@command("exec", "resume")
def resume(session: Session, *, connection: int | None = None) -> Reply:
    """Go on with a connection."""
    call = yield from _chosen(session, connection)
    if call is not None:
        call.used = session.node.now
        yield f"[Resuming connection {calls(session).index(call) + 1} to {call.host} ... ]"
        yield from _talk(session, call)


@command("exec", "disconnect")
def disconnect(session: Session, *, connection: int | None = None) -> Reply:
    """Close a connection."""
    call = yield from _chosen(session, connection)
    if call is not None and (yield from confirmed(f"Closing connection to {call.host} [confirm]")):
        call.close()


@command("exec", "show sessions", "where")
def show_sessions(session: Session) -> Reply:
    """List the connections to other hosts; the one that `resume` takes is marked."""
    opened = calls(session)
    if not opened:
        yield "% No connections open"
        return
    yield "Conn Host                Address             Byte  Idle Conn Name"
    for number, call in enumerate(opened, 1):
        mark = "*" if call is _latest(opened) else " "
        waiting = call.socket.connection.waiting
        idle = (session.node.now - call.used) // MINUTE
        yield f"{mark}{number:3} {call.host:<19} {call.address!s:<19} {waiting:>4} {idle:>5} {call.host}"
