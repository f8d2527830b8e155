"""Who may come in: `username`, banners, and the dialogue that fronts hold before the first prompt."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from iosemu.cli.command import Ask, Reply, Request, Values, command
from iosemu.cli.tty import TTYs

from . import aaa
from . import login as logins
from .enable import TRIES, Enabling, Password, given_password, given_secret, secret_values
from .lines import LOGIN_TIMEOUTS, Access, Banners, runs_exec, told, vtys

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.cli.tty import TTY
    from iosemu.lab.router import Node


class User:
    """A user of a router: the password or secret, and the options of `username`."""

    def __init__(self) -> None:
        self.password: Password | None = None
        self.options: dict[str, Any] = {}
        """What else was said, as the grammar captures it: `privilege`, `nopassword` …"""
        self.autocommand = ""


class Users:
    """A router's users by name (a part of it)."""

    def __init__(self, _: object) -> None:
        self.users: dict[str, User] = {}

    def find(self, name: str) -> User | None:
        """Give the user of a name, whose case does not count when logging in."""
        found = (user for known, user in self.users.items() if known.lower() == name.lower())
        return self.users.get(name) or next(found, None)


@command("global", "username")
def username(
    node: Node,
    *,
    name: str,
    password: bool = False,
    secret: bool = False,
    plain: bool = False,
    encrypted: bool = False,
    text: str = "",
    autocommand: bool = False,
    line: str = "",
    no: bool = False,
    **said: Any,
) -> Reply:
    """Make a user, or say more of one; `no`, whatever follows, takes the user away."""
    del plain
    users = node.part(Users).users
    if no:
        users.pop(name, None)
        return
    user = users.get(name) or User()
    if secret or password:
        if user.password is not None and user.password.hashed != secret:
            yield "ERROR: Can not have both a user password and a user secret."
            yield "Please choose one or the other."
            return
        found = given_secret(node, text, said) if secret else given_password(node, text, encrypted=encrypted)
        if isinstance(found, list):
            yield from found
            return
        user.options.pop("nopassword", None)
        user.password = found
    elif said.get("nopassword"):
        user.password = None
    user.options |= {option: value for option, value in said.items() if option not in _TYPES}
    if autocommand:
        user.autocommand = line
    users[name] = user


_TYPES = ("sha256", "md5", "pbkdf2", "scrypt")


@username.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Users)
    for name, user in held.users.items() if held else ():
        values = {"name": name, **user.options}
        password = user.password
        if password is not None and password.hashed:
            values |= {"secret": True, **secret_values(password), "text": password.text}
        elif password is not None:
            values |= {
                "password": True,
                "encrypted" if password.kind else "plain": True,
                "text": password.text,
            }
        yield values
        if user.autocommand:
            yield {"name": name, "autocommand": True, "line": user.autocommand}


@command("global", "service password-encryption")
def password_encryption(node: Node, *, no: bool = False) -> None:
    """Obfuscate the passwords there are and those to come; `no` leaves them as they have become."""
    held = node.part(Enabling)
    held.encryption = not no
    if no:
        return
    # One password of several lines stays one, so that running-config can join them.
    known: dict[Password, Password] = {}

    def obscured(password: Password) -> Password:
        if password not in known:
            known[password] = password.obscured(node.random)
        return known[password]

    held.passwords = {level: obscured(password) for level, password in held.passwords.items()}
    accesses = [tty.part(Access) for tty in node.part(TTYs).lines]
    holders: list[User | Access] = [*node.part(Users).users.values(), *accesses]
    for holder in holders:
        if holder.password is not None:
            holder.password = obscured(holder.password)


@password_encryption.config
def _(node: Node) -> Iterator[Values]:
    # Written either way (ios-shell.md §6.1).
    held = node.peek(Enabling)
    yield {} if held and held.encryption else {"no": True}


# -- banners


CONTROL_C = "^C"
"""What running-config writes as the delimiter: two characters, here as on a pasted screen."""
KINDS = ("exec", "incoming", "login", "motd", "prompt_timeout", "slip_ppp")


@command("global", "banner")
def banner(session: Session, *, text: str = "", no: bool = False, **which: bool) -> Reply:
    """Set a banner: what stands up to the delimiter's second occurrence, over as many rows as it takes."""
    kind = next((kind for kind in KINDS if which.get(kind)), "motd")
    texts = session.node.part(Banners).texts
    if no:
        texts.pop(kind, None)
        return
    _set(texts, kind, (yield from _delimited(session, text)))


def _delimited(session: Session, text: str) -> Generator[Output, str, str]:
    """Give what stands between a delimiter, the first character of a text, and its next occurrence."""
    delimiter = CONTROL_C if text.startswith(CONTROL_C) else text[0]
    body = text[len(delimiter) :]
    if delimiter not in body and session.line != "memory":
        yield f"Enter TEXT message.  End with the character '{delimiter}'."
    while delimiter not in body:
        body += "\n" + (yield Ask(""))
    return body.partition(delimiter)[0]


def _set(texts: dict[str, str], kind: str, body: str) -> None:
    if body:
        texts[kind] = body
    else:
        texts.pop(kind, None)


@banner.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Banners)
    for kind in KINDS:
        text = held.texts.get(kind) if held else None
        if text:
            yield {kind: True, "text": _enclosed(text)}


def _enclosed(text: str) -> str:
    """Give a text between delimiters, as it may hold the two characters of the usual one itself."""
    delimiter = next(each for each in (CONTROL_C, *_DELIMITERS) if each not in text)
    return f"{delimiter}{text}{delimiter}"


_DELIMITERS = [chr(code) for code in (*b"#@%~", *range(0xA1, 0x3000))]


@command("line", "refuse-message")
def refuse_message(session: Session, *, text: str = "", no: bool = False) -> Reply:
    """Set what is shown to a caller for whom no line is free, before he is hung up on."""
    yield from _line_banner(session, "refuse", "" if no else text)


@refuse_message.config
def _(tty: TTY) -> Iterator[Values]:
    yield from _line_text(tty, "refuse")


@command("line", "vacant-message")
def vacant_message(session: Session, *, text: str = "", no: bool = False) -> Reply:
    """Set what is shown on a terminal where nobody sits, instead of how to begin."""
    yield from _line_banner(session, "vacant", "" if no else text)


@vacant_message.config
def _(tty: TTY) -> Iterator[Values]:
    yield from _line_text(tty, "vacant")


def _line_banner(session: Session, kind: str, text: str) -> Reply:
    body = (yield from _delimited(session, text)) if text else ""
    for tty in told(session):
        _set(tty.part(Banners).texts, kind, body)


def _line_text(tty: TTY, kind: str) -> Iterator[Values]:
    if text := tty.part(Banners).texts.get(kind):
        yield {"text": _enclosed(text)}


def refusal(node: Node, protocol: str, origin: str) -> str:
    """Give what a caller is shown for whom every line that would take him is busy, with CR LFs; "" for nothing."""
    texts = (tty.part(Banners).texts.get("refuse", "") for tty in vtys(node, protocol, origin))
    text = next(filter(None, texts), "")
    return "\r\n".join(["", *text.split("\n"), ""]) if text else ""


def banner_rows(session: Session, kind: str) -> Iterator[str]:
    """Yield the rows of a banner, one empty row before it, with its tokens filled in."""
    held = (session.tty if kind == "vacant" else session.node).peek(Banners)
    text = held.texts.get(kind) if held else None
    if text:
        text = text.replace("$(hostname)", session.hostname).replace("$(line)", str(session.tty.number))
        yield from ("\n" + text.removesuffix("\n")).split("\n")


# -- coming and going

WRONG = Request("delay")
"""What a guarded log-in asks of whoever carries it when an answer was wrong: to wait for `lines.delay`."""


def login(session: Session) -> Reply:
    """Hold the dialogue of a line that was opened, up to the first prompt (ios-shell.md §4.6).

    A front drives it before it shows a prompt. It leaves the session with its user and level, or ended.
    """
    access = session.tty.part(Access)
    if access.motd and access.exec_banner:
        yield from banner_rows(session, "motd")
    user: User | None = None
    asked = aaa.asked(session.node, session.tty)
    if asked:
        yield from banner_rows(session, "login")
        if asked == "local":
            passed, user = yield from _by_user(session)
        else:
            passed = yield from _by_password(session, common_password(session.node, session.tty))
        if not passed:
            session.ended = True
            return
    user = user if aaa.ranks(session.node, session.tty) else None
    session.level = user.options.get("privilege", access.privilege) if user else access.privilege
    if access.exec_banner:
        yield from banner_rows(session, "exec")
    yield from begin(session, user)


def begin(session: Session, user: User | None) -> Reply:
    """Carry out what the user's configuration, or else the line's, has run instead of EXEC."""
    line = user.autocommand if user and user.autocommand else session.tty.part(Access).autocommand
    if line:
        yield from session.execute(line)
        session.ended = session.ended or not (user and user.options.get("nohangup"))


def common_password(node: Node, tty: TTY) -> Password | None:
    """Give the password that whoever comes to a line is asked for, where it is one for all."""
    asked = aaa.asked(node, tty)
    return tty.part(Access).password if asked == "line" else aaa.enabling(node) if asked == "enable" else None


def _by_password(session: Session, password: Password | None) -> Generator[Output, str, bool]:
    if password is None:
        if session.tty.kind != "vty":
            return True  # a console nobody could ever enter is of no use
        yield from ("", "", "Password required, but none set")
        return False
    yield from ("", "", "User Access Verification", "")
    for _ in range(TRIES):
        if password.matches((yield Ask("Password: ", hidden=True))):
            logins.succeeded(session, "")
            return True
        logins.failed(session, "")
        if aaa.new_model(session.node):
            yield from (AAA_FAILED, "")
    if not aaa.new_model(session.node):
        yield "% Bad passwords"
    return False


AAA_FAILED = "% Authentication failed"


def _by_user(session: Session) -> Generator[Output, str, tuple[bool, User | None]]:
    users = session.node.part(Users)
    yield from ("", "", "User Access Verification", "")
    for _ in range(TRIES):
        name = ""
        while not name:
            name = (yield Ask("Username: ")).strip()
        user = users.find(name)
        passed = bool(user and user.options.get("nopassword"))
        if not passed:
            typed = yield Ask("Password: ", hidden=True)
            passed = bool(user and user.password and user.password.matches(typed))
        if passed:
            session.user = name
            logins.succeeded(session, name)
            return True, user
        logins.failed(session, name)
        yield AAA_FAILED if aaa.new_model(session.node) else "% Login invalid"
        yield ""
    return False, None


def press_return(session: Session, after: str = "") -> Iterator[str]:
    """Yield what an empty console shows (ios-shell.md §1.2, §4.7).

    `after` is "boot", or "logout", which clears the screen first; "" for whoever comes to it.
    """
    if after == "boot":
        yield from ("", "", "Press RETURN to get started!", "")
        return
    vacant = list(banner_rows(session, "vacant"))
    if vacant:
        yield from (*([""] * 33 if after == "logout" else ()), *vacant, "")
        return
    yield from [""] * (33 if after == "logout" else 1)
    yield f"{session.hostname} {session.tty.kind}{session.tty.number} is now available"
    yield from [""] * 5
    yield "Press RETURN to get started."
    yield from [""] * 8


def attend(session: Session, after: str = "", *, pressed: bool = False) -> Reply:
    """Hold the dialogue of a console from the empty screen (`press_return`) to the first prompt.

    RETURN is waited for, unless it has been `pressed`; on a line with `no exec` it starts nothing.
    """
    session.length = 0
    session.attended = False
    session.tty.vacate()
    yield from press_return(session, after)
    while not pressed or not runs_exec(session.tty):
        yield from insisted(Ask("", hidden=True))
        pressed = True
    session.tty.occupy(session.node.now)
    session.attended = True
    yield from guarded(session, login(session))


def guarded(session: Session, reply: Reply) -> Reply:
    """Drive a log-in: keys that break off a command end no log-in, and a wrong answer costs time.

    On a line with `no exec` there is nothing to log in to: the caller is hung up on (from memory). A question that is
    not answered (`Line.expire`) is told, and taken for answered by RETURN; the third is the last.
    """
    if not runs_exec(session.tty):
        session.ended = True
        return
    session.length = 0  # `q` at a `--More--` would leave it as well
    session.entering = True
    unanswered = 0
    whole = False
    try:
        output: Output = next(reply)
        while True:
            if isinstance(output, Ask):
                try:
                    answer = yield from insisted(output)
                except TimeoutError:
                    yield from _unanswered(session, output)
                    unanswered += 1
                    if unanswered == LOGIN_TIMEOUTS:
                        return
                    answer = ""
                hidden, output = output.hidden, reply.send(answer)
                # Asked again, or told so: it was wrong.
                if hidden and (isinstance(output, Ask) or (isinstance(output, str) and output[:2] == "% ")):
                    yield WRONG
            else:
                yield output
                output = next(reply)
    except StopIteration:
        whole = True
        session.length = None
    finally:
        reply.close()
        session.entering = False
        if not whole:
            session.ended = True


def _unanswered(session: Session, ask: Ask) -> Iterator[str]:
    """Yield what is said instead of an answer: `banner prompt-timeout`, or IOS's words (ios-shell.md §4.6)."""
    yield ""
    banner = list(banner_rows(session, "prompt_timeout"))
    yield from banner or (f"% {ask.prompt} timeout expired!",)


def insisted(ask: Ask) -> Generator[Output, str | None, str]:
    """Ask until there is an answer: Ctrl-C is none, nor is Ctrl-^ x."""
    while True:
        with suppress(KeyboardInterrupt):
            answer = yield ask
            if answer is not None:
                return answer
