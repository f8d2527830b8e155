"""admission: who is let in at a vty, and as whom.

The rule kept here: nobody stands at a prompt who has not come through a whole log-in, whatever keys were
pressed in it. Who is let in is what the router's configuration says; where it lets in nobody at all, the
documented account (`cisco`, `cisco`) is taken, which no configuration ever shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Request
from iosemu.features.system import aaa, login, users
from iosemu.features.system.enable import TRIES, Password
from iosemu.features.system.lines import Access
from iosemu.features.system.pubkeys import Chain
from iosemu.features.system.users import User, Users, banner_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.cli.command import Output, Reply
    from iosemu.cli.session import Session
    from iosemu.cli.tty import TTY
    from iosemu.lab.router import Node

ACCOUNT = "cisco"
"""The name of the account for routers whose configuration lets in nobody."""
PASSWORD = Password(0, "cisco")
"""Its password. Its privilege is the line's, and `enable` asks nothing where nothing is configured for it."""


# -- who may come in


def closed(node: Node, tty: TTY) -> bool:
    """Whether the configuration lets in nobody: it wants a password or a user, and has neither that nor a key."""
    asked = aaa.asked(node, tty)
    if asked == "line":
        return tty.part(Access).password is None
    held, chain = node.peek(Users), node.peek(Chain)
    return asked == "local" and not (held and held.users) and not (chain and chain.users)


def user_of(session: Session, name: str) -> User | None:
    """Find the configured user that somebody says to be, where the line asks for one."""
    node, tty = session.node, session.tty
    return node.part(Users).find(name) if aaa.asked(node, tty) == "local" and not closed(node, tty) else None


def knows(session: Session, name: str) -> bool:
    """Whether somebody may be of this name: any is good where no users are asked for."""
    node, tty = session.node, session.tty
    return aaa.asked(node, tty) != "local" or closed(node, tty) or user_of(session, name) is not None


def holds(session: Session, name: str, key: bytes, given: frozenset[bytes]) -> bool:
    """Whether an SSH key lets somebody in: by `ip ssh pubkey-chain`, or since the user of this machine gave it."""
    chain = session.node.peek(Chain)
    return bool(chain and chain.admits(name, key)) or (knows(session, name) and key in given)


def asks_nothing(session: Session, name: str) -> bool:
    """Whether somebody need not say a password."""
    user = user_of(session, name)
    return not aaa.asked(session.node, session.tty) or bool(user and user.options.get("nopassword"))


def admits(session: Session, name: str, password: str) -> bool:
    """Whether name and password are right; on a line with one password for all, any name is."""
    node, tty = session.node, session.tty
    if closed(node, tty):
        return PASSWORD.matches(password) and name == ACCOUNT
    common = users.common_password(node, tty)
    if common is not None:
        return common.matches(password)
    user = user_of(session, name)
    return asks_nothing(session, name) or bool(user and user.password and user.password.matches(password))


# -- coming in


def log_in(session: Session) -> Reply:
    """Hold the dialogue with which a telnet session begins (ios-shell.md §4.6)."""
    if closed(session.node, session.tty):
        return users.guarded(session, _by_account(session))
    return users.guarded(session, users.login(session))


def greet(session: Session, name: str) -> Reply:
    """Let in somebody whom SSH knows already, and show what they are greeted with."""
    return users.guarded(session, _greeted(session, name))


def invitation(session: Session) -> str:
    """Give the `banner login` that SSH shows before it asks for a password."""
    rows = list(banner_rows(session, "login"))
    return "\r\n".join([*rows, ""]) if rows else ""


def _by_account(session: Session) -> Reply:
    access = session.tty.part(Access)
    if access.motd and access.exec_banner:
        yield from banner_rows(session, "motd")
    yield from banner_rows(session, "login")
    yield from ("", "", "User Access Verification", "")
    for _ in range(TRIES):
        name = ""
        while not name:
            name = (yield Ask("Username: ")).strip()
        if admits(session, name, (yield Ask("Password: ", hidden=True))):
            login.succeeded(session, name)
            break
        login.failed(session, name)
        yield "% Login invalid"
        yield ""
    else:
        session.ended = True
        return
    enter(session, name)
    if access.exec_banner:
        yield from banner_rows(session, "exec")
    yield from users.begin(session, None)


def enter(session: Session, name: str) -> User | None:
    """Make a session that of somebody who was let in, by name and privilege; gives the user whose options count."""
    user = user_of(session, name) if aaa.ranks(session.node, session.tty) else None
    session.user = name
    access = session.tty.part(Access)
    session.level = user.options.get("privilege", access.privilege) if user else access.privilege
    session.trusted = closed(session.node, session.tty)
    return user


def _greeted(session: Session, name: str) -> Reply:
    user = enter(session, name)
    access = session.tty.part(Access)
    if access.motd and access.exec_banner:
        yield from banner_rows(session, "motd")
    if access.exec_banner:
        yield from banner_rows(session, "exec")
    yield ""
    yield from users.begin(session, user)


def braked(reply: Reply, brake: Callable[[], Request | None]) -> Reply:
    """Drive a reply, asking its front to go slow before each row for which `brake` says so."""
    try:
        output: Output = next(reply)
        while True:
            while isinstance(output, str) and (request := brake()):
                yield request
            try:
                answer = yield output
            except (KeyboardInterrupt, TimeoutError) as interruption:
                output = reply.throw(interruption)
            else:
                output = reply.send(answer)
    except StopIteration:
        return
    finally:
        reply.close()
