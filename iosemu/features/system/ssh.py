"""SSH as a router's screens tell of it: `show ssh`, `show ip ssh`. What carries it is a front's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.cli.kept import Heeded
from iosemu.cli.tty import TTYs
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.cli.tty import TTY
    from iosemu.lab.parts import Parts

TIMEOUT = 120
"""Seconds to log in (`ip ssh time-out`)."""
RETRIES = 3
"""How often a password is asked for (`ip ssh authentication-retries`)."""
_TIME_OUT = Heeded("global", "ip ssh time-out")
_RETRIES = Heeded("global", "ip ssh authentication-retries")


class Way(NamedTuple):
    """How one direction of a connection is protected."""

    cipher: str
    mac: str


class Secured:
    """The SSH connection that a line is reached over (a part of it): news until somebody else sits there."""

    def __init__(self, _: object) -> None:
        self.uses = 0
        self.inward = self.outward = Way("", "")

    def begin(self, tty: TTY, inward: Way, outward: Way) -> None:
        """Note how the session is protected that has just begun."""
        self.uses = tty.uses
        self.inward, self.outward = inward, outward


class Copying:
    """Whether a router lets files be copied over SSH (a part of it)."""

    def __init__(self, _: object) -> None:
        self.enabled = False


def copies(node: Parts) -> bool:
    """Whether `ip scp server enable` is configured."""
    held = node.peek(Copying)
    return held is not None and held.enabled


@command("global", "ip scp server enable")
def scp_server(node: Parts, *, no: bool = False) -> None:
    """Let files be copied to and from flash: and nvram:."""
    node.part(Copying).enabled = not no


@scp_server.config
def _(node: Parts) -> Iterator[Values]:
    if copies(node):
        yield {}


def timeout(node: Parts) -> int:
    """Give the seconds to log in."""
    return int(_TIME_OUT.values(node).get("seconds", TIMEOUT))


def retries(node: Parts) -> int:
    """Give the wrong passwords after which a connection is closed; at least one is heard."""
    return max(1, int(_RETRIES.values(node).get("retries", RETRIES)))


@command("exec", "show ssh")
def show_ssh(session: Session) -> Reply:
    """List the SSH connections, a row for each direction (Cisco's reference of `show ssh`)."""
    head = "Connection Version Mode Encryption  Hmac         State                 Username"
    found = False
    for tty in session.node.part(TTYs).lines:
        held = tty.peek(Secured)
        if held is None or tty.opened is None or held.uses != tty.uses:
            continue
        if not found:
            yield head
        found = True
        for mode, way in (("IN", held.inward), ("OUT", held.outward)):
            yield (
                f"{tty.number:<10} {'2.0':<7} {mode:<4} {way.cipher:<11} {way.mac:<12} "
                f"{'Session started':<21} {tty.user}"
            )
    if not found:
        yield "%No SSHv2 server connections running."
    yield "%No SSHv1 server connections running."


@command("exec", "show ip ssh")
def show_ip_ssh(session: Session) -> Reply:
    """Show what SSH there is: version 2 alone, whatever `ip ssh version` says."""
    node = session.node
    yield "SSH Enabled - version 2.0"
    yield f"Authentication timeout: {timeout(node)} secs; Authentication retries: {retries(node)}"
