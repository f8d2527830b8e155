"""Terminal lines: `line con 0`, `line aux 0`, `line vty 0 4`, and what is configured on them.

Each vty is an object of its own; running-config joins neighbours that are set up alike, but never the five
that every router has with those that were added (ios-shell.md §6.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.addresses import IPv4
from iosemu.cli.command import Entry, Reply, Values, command
from iosemu.cli.kept import Heeded, Kept
from iosemu.cli.tty import HISTORY, LENGTH, TTY, WIDTH, TTYs, nothing
from iosemu.lab.acl import permits

from .clock import heading
from .enable import Password, given_password, password_values
from .login import DELAY, Guard

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

FIRST_VTY = 2
"""The number of `vty 0` in `show line`."""
TIMEOUT = (10, 0)
"""Minutes and seconds of `exec-timeout`, where nothing is said."""
FIXED = 5
"""The vtys that can't be removed."""
PATIENCE = 30
"""Seconds to answer a question of the log-in (`timeout login response`)."""
LOGIN_TIMEOUTS = 3
"""How often nothing may be answered to a question of the log-in."""
_ACCESS_CLASS = Heeded("line", "access-class")
_EXEC = Heeded("line", "exec")
_RESPONSE = Heeded("line", "timeout login response")
_TRANSPORT_INPUT = Heeded("line", "transport input")
PROTOCOLS = ("lat", "pad", "telnet", "rlogin", "lapb-ta", "mop", "udptn", "v120", "ssh", "none")


class Banners:
    """Banners of a router, or of a line, by kind (a part of it), with the line breaks as they were typed."""

    def __init__(self, _: object) -> None:
        self.texts: dict[str, str] = {}


class Access:
    """Who may use a line, for how long, and what they are greeted with (a part of it)."""

    def __init__(self, tty: TTY) -> None:
        self.password: Password | None = None
        self.login = "line" if tty.kind == "vty" else ""
        """Whom to ask: the `line`'s password, `local` users, `tacacs`, a `list`; "" for nobody."""
        self.method = ""
        """The name of the list."""
        self.privilege = 1
        self.timeout = TIMEOUT
        """Minutes and seconds without a key after which EXEC is left."""
        self.absolute = 0
        """Minutes after which EXEC is left whatever is typed; 0: never."""
        self.autocommand = ""
        """What is run instead of EXEC."""
        self.synchronous: dict[str, Any] = {}
        self.motd = True
        self.exec_banner = True
        self.location = ""
        self.terminal_type = ""


def number_of(tty: TTY) -> int:
    """Give a line's number in `show line`."""
    return {"con": 0, "aux": 1, "vty": FIRST_VTY + tty.number}[tty.kind]


def idle_limit(session: Session) -> int | None:
    """Give the seconds that a front waits for a key, None for ever: the `exec-timeout`.

    In a log-in it is what `timeout login response` says; then the question is asked again (`Line.expire`).
    """
    if session.entering:
        return int(_RESPONSE.values(session.tty).get("seconds", PATIENCE)) or None
    minutes, seconds = session.tty.part(Access).timeout
    return minutes * 60 + seconds or None


def absolute_timeout(session: Session) -> int | None:
    """Give the seconds after which a front ends a session, come what may; None: never."""
    return session.tty.part(Access).absolute * 60 or None


def hang_up(session: Session) -> None:
    """End a session from outside: configuration is left first, which the log tells (ios-shell.md §1.2)."""
    if not session.ended:
        session.leave(all_modes=True)
        session.ended = True


def free_vty(node: Node, protocol: str, origin: str) -> str | None:
    """Name the first vty that is free and takes a protocol from an address, as a session's `line`.

    None: refuse the caller.
    """
    return next((f"vty{tty.number}" for tty in vtys(node, protocol, origin) if tty.opened is None), None)


def vtys(node: Node, protocol: str, origin: str) -> Iterator[TTY]:
    """Yield the vtys that take a protocol from an address, whoever sits there.

    A line whose `access-class` keeps somebody out does not keep him from the next: so the last can be reserved for
    those who must always get in (Cisco's hardening guide).
    """
    guard = node.peek(Guard)
    if not node.powered or (guard is not None and not guard.admits(origin)):
        return
    for tty in node.part(TTYs).lines:
        if tty.kind == "vty" and protocol in _inputs(tty) and _from(node, tty, origin):
            yield tty


def runs_exec(tty: TTY) -> bool:
    """Whether whoever comes to a line finds EXEC there; without it (`no exec`) a vty hangs up on callers [U]."""
    return not _EXEC.values(tty).get("no")


def _from(node: Node, tty: TTY, origin: str) -> bool:
    """Whether `access-class` lets an address in; it says nothing of IPv6."""
    names = [values["list"] for values in _ACCESS_CLASS.lines(tty) if values.get("inbound")]
    try:
        address = IPv4.parse(origin)
    except ValueError:
        return True
    return all(permits(node, name, address) for name in names)


def _inputs(tty: TTY) -> tuple[str, ...]:
    """Name the protocols that `transport input` lets in; without it all, as up to 12.4."""
    said = _TRANSPORT_INPUT.values(tty)
    if not said or said.get("all"):
        return ("telnet", "ssh")
    return tuple(protocol for protocol in ("telnet", "ssh") if said.get(protocol))


def delay(node: Node) -> int:
    """Give the seconds by which the answer to a wrong password is put off."""
    guard = node.peek(Guard)
    return DELAY if guard is None or guard.delay is None else guard.delay


@command("global", "line")
def line(
    session: Session,
    *,
    first: int,
    last: int | None = None,
    aux: bool = False,
    con: bool = False,
    vty: bool = False,
    no: bool = False,
) -> Generator[Output, str, tuple[str, tuple[TTY, ...]] | None]:
    """Open lines, making vtys as need be; `no` takes vtys away, from the first named on."""
    lines = session.node.part(TTYs).lines
    if last is not None and last < first:
        yield " " * (session.margin + session.typed.rindex(str(last))) + "^"
        yield "% Invalid input detected at '^' marker."
        yield ""
        return None
    base = 0 if con else 1 if aux else FIRST_VTY if vty else 0
    low, high = base + first, base + (first if last is None else last)
    if no:
        if low >= FIRST_VTY + FIXED:
            del lines[low:]
        elif high >= FIRST_VTY:
            yield f"% Can't delete last {FIXED} VTY lines"
        return None
    while high >= len(lines):
        lines.append(TTY("vty", len(lines) - FIRST_VTY))
    return "line", tuple(lines[low : high + 1])


@line.config
def _(node: Node) -> Iterator[Entry]:
    con, aux, *vtys = node.part(TTYs).lines
    yield {"con": True, "first": 0}, con
    yield {"aux": True, "first": 0}, aux
    while vtys:
        first = vtys[0]
        setup = _setup(first)
        count = 1
        while count < len(vtys) and vtys[count].number != FIXED and _setup(vtys[count]) == setup:
            count += 1
        last = {"last": first.number + count - 1} if count > 1 else {}
        yield {"vty": True, "first": first.number, **last}, first
        del vtys[:count]


def _setup(tty: TTY) -> tuple[Any, ...]:
    """Give all that is configured on a line, for comparing."""
    kept = tty.peek(Kept)
    return (
        tty.length,
        tty.width,
        tty.history,
        tty.history_size,
        tty.editing,
        tty.monitor,
        tty.synchronous,
        tty.preferred,
        tty.heading,
        vars(tty.part(Access)),
        vars(tty.part(Banners)),
        [(key, values) for key, (values, _) in kept.lines.items()] if kept else [],
    )


# -- who may come in


@command("line", "password")
def password(
    session: Session, *, plain: bool = False, encrypted: bool = False, password: str = "", no: bool = False
) -> Reply:
    """Set the password that `login` asks for."""
    del plain
    found = None if no else given_password(session.node, password, encrypted=encrypted)
    if isinstance(found, list):
        yield from found
        return
    for tty in told(session):
        tty.part(Access).password = found


def told(session: Session) -> tuple[TTY, ...]:
    """Give the lines that a command of a session is said to; a password is made once for all of them."""
    target: Any = session.stack[-1].target
    return target if isinstance(target, tuple) else (target,)


@password.config
def _(tty: TTY) -> Iterator[Values]:
    held = tty.part(Access).password
    if held:
        yield {**password_values(held), "password": held.text}


@command("line", "login")
def login(
    tty: TTY,
    *,
    local: bool = False,
    tacacs: bool = False,
    authentication: bool = False,
    method: str = "",
    no: bool = False,
    default: bool = False,
) -> Reply:
    """Have users asked who they are when they come; by default that is so at vtys alone."""
    del authentication
    access = tty.part(Access)
    if default:
        access.login, access.method = "line" if tty.kind == "vty" else "", ""
        return
    asked = "" if no else "local" if local else "tacacs" if tacacs else "list" if method else "line"
    if asked == "line" and access.login != "line" and access.password is None:
        yield f"% Login disabled on line {number_of(tty)}, until 'password' is set"
    access.login, access.method = asked, "" if no else method


@login.config
def _(tty: TTY) -> Iterator[Values]:
    access = tty.part(Access)
    match access.login:
        case "":
            if tty.kind == "vty":
                yield {"no": True}
        case "line":
            # The default of a vty, which 12.4 writes all the same (from memory).
            yield {}
        case "list":
            yield {"authentication": True, "method": access.method}
        case _:
            yield {access.login: True}


@command("line", "privilege level")
def privilege_level(tty: TTY, *, level: int = 1, no: bool = False) -> None:
    """Set the privilege level that users of the line begin with."""
    tty.part(Access).privilege = 1 if no else level


@privilege_level.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.part(Access).privilege != 1:
        yield {"level": tty.part(Access).privilege}


@command("line", "exec-timeout")
def exec_timeout_(tty: TTY, *, minutes: int = 10, seconds: int = 0, no: bool = False) -> None:
    """Set how long a session may be idle; 0 0 for ever."""
    tty.part(Access).timeout = TIMEOUT if no else (minutes, seconds)


@exec_timeout_.config
def _(tty: TTY) -> Iterator[Values]:
    minutes, seconds = tty.part(Access).timeout
    if (minutes, seconds) != TIMEOUT:
        yield {"minutes": minutes, "seconds": seconds}


@command("line", "absolute-timeout")
def absolute_timeout_(tty: TTY, *, minutes: int = 0, no: bool = False) -> None:
    """Set how long a session may last; 0 for ever."""
    tty.part(Access).absolute = 0 if no else minutes


@absolute_timeout_.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.part(Access).absolute:
        yield {"minutes": tty.part(Access).absolute}


@command("line", "autocommand")
def autocommand(tty: TTY, *, command: str = "", no: bool = False) -> None:
    """Set a command that is run when somebody has come in, and after which the line is left."""
    tty.part(Access).autocommand = "" if no else command


@autocommand.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.part(Access).autocommand:
        yield {"command": tty.part(Access).autocommand}


@command("line", "motd-banner")
def motd_banner(tty: TTY, *, no: bool = False) -> None:
    """Show the message of the day."""
    tty.part(Access).motd = not no


@motd_banner.config
def _(tty: TTY) -> Iterator[Values]:
    if not tty.part(Access).motd:
        yield {"no": True}


@command("line", "exec-banner")
def exec_banner(tty: TTY, *, no: bool = False) -> None:
    """Show the EXEC banner; without it the message of the day is left out as well (Cisco's reference)."""
    tty.part(Access).exec_banner = not no


@exec_banner.config
def _(tty: TTY) -> Iterator[Values]:
    if not tty.part(Access).exec_banner:
        yield {"no": True}


# -- what the terminal is like


@command("line", "length")
def length(tty: TTY, *, lines: int = LENGTH, no: bool = False) -> None:
    """Set how many rows a screen has."""
    tty.length = LENGTH if no else lines


@length.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.length != LENGTH:
        yield {"lines": tty.length}


@command("line", "width")
def width(tty: TTY, *, columns: int = WIDTH, no: bool = False) -> None:
    """Set how many columns a screen has."""
    tty.width = WIDTH if no else columns


@width.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.width != WIDTH:
        yield {"columns": tty.width}


@command("line", "history")
def history(tty: TTY, *, size: int | bool | None = None, no: bool = False, default: bool = False) -> None:
    """Keep a history of lines, and how many; `no history size` is the default number."""
    if default:
        tty.history_size = HISTORY
    if not no:
        tty.history = True
    if size is not None:
        tty.history_size = HISTORY if no else int(size)
    elif no:
        tty.history = False


@history.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.history_size != HISTORY:
        yield {"size": tty.history_size}
    if not tty.history:
        yield {"no": True}


@command("line", "editing")
def editing(tty: TTY, *, no: bool = False) -> None:
    """Let keys edit the line."""
    tty.editing = not no


@editing.config
def _(tty: TTY) -> Iterator[Values]:
    if not tty.editing:
        yield {"no": True}


@command("line", "monitor")
def monitor(tty: TTY, *, no: bool = False) -> None:
    """Show the log on the line without being asked (`terminal monitor`)."""
    tty.monitor = not no


@monitor.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.monitor:
        yield {}


@command("line", "exec prompt timestamp")
def exec_prompt_timestamp(tty: TTY, *, no: bool = False) -> None:
    """Have the load and the time stand above every screen."""
    tty.heading = nothing if no else heading


@exec_prompt_timestamp.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.heading is heading:
        yield {}


@command("line", "logging synchronous")
def logging_synchronous(tty: TTY, *, no: bool = False, **how: Any) -> None:
    """Show log lines between rows of output, and draw prompt and input again."""
    tty.synchronous = not no
    tty.part(Access).synchronous = {} if no else how


@logging_synchronous.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.synchronous:
        yield tty.part(Access).synchronous


@command("line", "transport preferred")
def transport_preferred(tty: TTY, *, no: bool = False, **which: bool) -> None:
    """Choose how an unknown word in EXEC is tried as a host; `none`: it is an error (ios-shell.md §2.3)."""
    named = [name for name in PROTOCOLS if which.get(name.replace("-", "_"))]
    tty.preferred = "telnet" if no or not named else named[0]


@transport_preferred.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.preferred != "telnet":
        yield {tty.preferred.replace("-", "_"): True}


@command("line", "location")
def location(tty: TTY, *, text: str = "", no: bool = False) -> None:
    """Note where the terminal stands."""
    tty.part(Access).location = "" if no else text.strip()


@location.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.part(Access).location:
        yield {"text": tty.part(Access).location}


@command("line", "terminal-type")
def terminal_type(tty: TTY, *, name: str = "", no: bool = False) -> None:
    """Note what the terminal is."""
    tty.part(Access).terminal_type = "" if no else name


@terminal_type.config
def _(tty: TTY) -> Iterator[Values]:
    if tty.part(Access).terminal_type:
        yield {"name": tty.part(Access).terminal_type}
