"""The terminal of a session, and the screens of lines: `show {history | line | terminal | users}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command, confirmed
from iosemu.cli.said import first, said
from iosemu.cli.tty import TTY, TTYs, nothing
from iosemu.lab import SECOND

from .clock import heading
from .lines import PATIENCE, PROTOCOLS, Access, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session


@command("exec", "terminal length")
def terminal_length(session: Session, *, lines: int | None = None, no: bool = False) -> None:
    """Set how many rows a screen has until the session ends; `no`: as the line says."""
    session.length = None if no else lines


@command("exec", "terminal width")
def terminal_width(session: Session, *, columns: int | None = None, no: bool = False) -> None:
    """Set how many columns a screen has until the session ends; `no`: as the line says."""
    session.width = None if no else columns


@command("exec", "terminal history")
def terminal_history(
    session: Session, *, size: bool = False, number: int | None = None, no: bool = False
) -> None:
    """Set how many lines the history holds; `no` keeps none, `no … size` as many as the line says."""
    if no and not size:
        session.history_size = 0
    elif no or number is not None:
        session.history_size = number if not no else None
    elif session.history_size == 0:
        session.history_size = session.tty.history_size


@command("exec", "terminal editing")
def terminal_editing(session: Session, *, no: bool = False) -> None:
    """Let keys edit the line."""
    session.editing = not no


@command("exec", "terminal monitor")
def terminal_monitor(session: Session, *, no: bool = False) -> Reply:
    """Show the log on a terminal that is not the console (ios-shell.md §4.4)."""
    if session.line == "console":
        if not no:
            yield "% Console already monitors"
        return
    session.monitor = not no


@command("exec", "terminal exec prompt timestamp")
def terminal_timestamp(session: Session, *, no: bool = False) -> None:
    """Have the load and the time stand above every screen until the session ends, or not."""
    session.heading = nothing if no else heading


@command("exec", "show history")
def show_history(session: Session) -> Reply:
    """List the EXEC lines typed, this one among them (ios-shell.md §4.3)."""
    for line in session.history:
        yield f"  {line}"


# -- screens


def _clock(span: int) -> str:
    seconds = span // SECOND
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@command("exec", "show users", "systat")
def show_users(session: Session, *, all: bool = False) -> Reply:  # noqa: A002 - the grammar's word
    """List who sits at the router's lines; with `all`, the empty ones too (ios-shell.md §7)."""
    now = session.node.now
    yield "    Line       User       Host(s)              Idle       Location"
    for tty in session.node.part(TTYs).lines:
        busy = tty.opened is not None
        if not busy and not all:
            continue
        mark = "*" if tty is session.tty else " "
        name = f"{tty.kind} {tty.number}"
        open_to = [call.host for call in tty.calls if call.open]
        host = (open_to[-1] if open_to else "idle") if busy else ""
        idle = _clock(now - tty.typed if busy else 0)
        row = f"{mark}{number_of(tty):3} {name:<9} {tty.user:<10} {host:<20} {idle:>8}   {tty.origin}"
        yield row.rstrip()
    yield ""
    yield "  Interface    User               Mode         Idle     Peer Address"


@command("exec", "clear line")
def clear_line(
    session: Session, *, aux: bool = False, console: bool = False, vty: bool = False, number: int
) -> Reply:
    """Send home whoever sits at a line; `[OK]` comes whether anybody did (from memory)."""
    chosen = _chosen(session, aux=aux, console=console, vty=vty, number=number)
    if not chosen:
        yield "% Invalid line number"
        return
    if chosen[0] is session.tty:
        yield "% Not allowed to clear current line"
        return
    if (yield from confirmed("[confirm]")):
        chosen[0].vacate()
        yield " [OK]"


def _chosen(session: Session, *, aux: bool, console: bool, vty: bool, number: int) -> list[TTY]:
    """Find a line by its own number, or by that among its kind."""
    kind = "aux" if aux else "con" if console else "vty" if vty else ""
    return [
        tty
        for tty in session.node.part(TTYs).lines
        if (tty.kind == kind and tty.number == number) or (number_of(tty) == number and not kind)
    ]


@command("exec", "show line")
def show_line(
    session: Session,
    *,
    aux: bool = False,
    console: bool = False,
    vty: bool = False,
    number: int | None = None,
) -> Reply:
    """List the terminal lines, or show one of them (ios-shell.md §7)."""
    lines = session.node.part(TTYs).lines
    if number is not None:
        lines = _chosen(session, aux=aux, console=console, vty=vty, number=number)
        if not lines:
            yield "% Invalid line number"
            return
    yield "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int"
    for tty in lines:
        yield _line_row(session, tty)
    if number is not None:
        yield ""
        yield from _details(session, lines[0])


def _line_row(session: Session, tty: TTY) -> str:
    kind = {"con": "CTY", "aux": "AUX", "vty": "VTY"}[tty.kind]
    speed = "/".join(map(str, _speeds(session, tty))) if tty.kind == "aux" else ""
    rotary = _said(session, tty, "rotary").get("group", "-")
    out, inward = (
        next(
            (values["list"] for values in said(session, "line", "access-class", tty) if values.get(way)), "-"
        )
        for way in ("outbound", "inbound")
    )
    mark = "*" if tty is session.tty else " "
    # Nothing is lost on these lines, so noise and overruns are what they always are.
    return (
        f"{mark}{number_of(tty):6} {kind:<3} {speed:>11}  - {'-':>4} {rotary:>6} {out:>4} {inward:>4}"
        f" {tty.uses:>6} {0:>7} {'0/0':>7} {'-':>7}"
    )


@command("exec", "show terminal")
def show_terminal(session: Session) -> Reply:
    """Show how the session's own line is set up."""
    yield from _details(session, session.tty)


def _said(session: Session, tty: TTY, name: str) -> Values:
    return first(session, "line", name, tty) or {}


def _speeds(session: Session, tty: TTY) -> tuple[int, int]:
    both = _said(session, tty, "speed").get("rate", 9600)
    sent, received = (_said(session, tty, name).get("rate", both) for name in ("txspeed", "rxspeed"))
    return sent, received


def _transports(values: Values, default: str) -> str:
    if not values:
        return default
    if values.get("all"):
        return _OUTPUT
    return " ".join(each for each in PROTOCOLS if values.get(each.replace("-", "_"))) or "none"


_OUTPUT = "lat pad telnet rlogin lapb-ta mop v120 ssh"


def _details(session: Session, tty: TTY) -> Iterator[str]:
    """Yield what is known of a line (ios-shell.md §4.4; the rows on the shell came with 15.0)."""
    own = tty is session.tty

    def said_(name: str) -> Values:
        return _said(session, tty, name)

    access = tty.part(Access)
    minutes, seconds = access.timeout
    length, width = (session.length, session.width) if own else (tty.length, tty.width)
    size = session.history_size if own else tty.history_size if tty.history else 0
    editing = session.editing if own else tty.editing
    idle = said_("session-timeout").get("minutes")
    response = said_("timeout login response").get("seconds", PATIENCE)
    limit = said_("session-limit").get("number")
    bits = said_("databits").get("bits", 8)
    stop = said_("stopbits")
    stops = "1" if stop.get("one") else "1.5" if stop.get("one_and_a_half") else "2"
    parity = next((each for each in ("even", "mark", "odd", "space") if said_("parity").get(each)), "no")
    yield f'Line {number_of(tty)}, Location: "{access.location}", Type: "{access.terminal_type}"'
    yield f"Length: {length} lines, Width: {width} columns"
    if tty.kind != "vty":
        sent, received = _speeds(session, tty)
        yield f"Baud rate (TX/RX) is {sent}/{received}, {parity} parity, {stops} stopbits, {bits} databits"
    yield f"Status: PSI Enabled, Ready, {'Active' if tty.opened is not None else 'Idle'}, Automore On"
    yield "Capabilities: none"
    yield "Modem state: Ready"
    yield "Group codes:    0"
    yield "Modem hardware state: CTS* noDSR  DTR RTS"
    yield "Special Chars: Escape  Hold  Stop  Start  Disconnect  Activation"
    yield "                ^^x    none   -     -       none         "
    yield "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   Dispatch"
    yield (
        f"               {_span(minutes * 60 + seconds):<15} {_span((idle or 0) * 60):<29}"
        f"{_span(access.absolute * 60, 'none'):<9}not set"
    )
    yield "                            Idle Session Disconnect Warning"
    yield "                              never "
    yield "                            Login-sequence User Response"
    yield f"                             {_span(response)}"
    yield "                            Autoselect Initial Wait"
    yield "                              not set "
    yield "Modem type is unknown."
    yield f"Session limit is {'not set' if limit is None else limit}."
    opened = session.node.now if tty.opened is None else tty.opened
    yield f"Time since activation: {_clock(session.node.now - opened) if tty.opened is not None else 'never'}"
    yield f"Editing is {'enabled' if editing else 'disabled'}."
    yield f"History is {'enabled' if size else 'disabled'}, history size is {size or tty.history_size}."
    lookup = not said_("domain-lookup").get("no")
    yield f"DNS resolution in show commands is {'enabled' if lookup else 'disabled'}"
    yield f"Full user help is {'enabled' if said_('full-help') else 'disabled'}"
    yield f"Allowed input transports are {_transports(said_('transport input'), _input(tty))}."
    yield f"Allowed output transports are {_transports(said_('transport output'), _OUTPUT)}."
    yield f"Preferred transport is {tty.preferred}."
    yield "No output characters are padded"
    yield "No special data dispatching characters"


def _input(tty: TTY) -> str:
    return _OUTPUT if tty.kind == "vty" else "none"


def _span(seconds: int, never: str = "never") -> str:
    return _clock(seconds * SECOND) if seconds else never
