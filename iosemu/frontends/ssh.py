"""ssh: a router's vtys over SSH, by asyncssh.

The rule kept here: SSH carries keys to a router's line and what it shows back, and nothing else: no
forwarding of ports, agents or X11, no environment, no files but the router's own (scp.py); nothing that comes
from a client reaches the machine. The size of its terminal is not looked at, as on a router.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncssh
from asyncssh.kex import get_kex_algs

from iosemu.app import UsageError
from iosemu.cli.line import BREAK
from iosemu.features.system import login
from iosemu.features.system import ssh as screens
from iosemu.features.system.lines import delay
from iosemu.features.system.pubkeys import Chain

from . import admission, scp
from .vty import AHEAD, LINGER, Seat, visit

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from iosemu.lab.router import Node

    from .vty import House, Visitor

    KbdIntChallenge = tuple[str, str, str, Sequence[tuple[str, bool]]]

VERSION = "Cisco-1.25"
"""What the server calls itself behind `SSH-2.0-` (ios-shell.md §4.6)."""
KEYS = {"ssh_host_ed25519_key": "ssh-ed25519", "ssh_host_rsa_key": "ssh-rsa"}
"""The files of the host keys, and their algorithms."""
RSA_BITS = 3072
PATIENCE = 60
"""Seconds after which a copy that does not go on is broken off."""
NAME = 64
"""Characters of a user's name that screens and messages show; a client may send anything."""
KEX = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
)
"""What `ssh-audit` fails nowhere, old ones for old clients; the first where asyncssh and its libraries have it (OpenSSH
10 warns of exchanges without). No group exchange: asyncssh grants a client 1024 bits in it when it asks for them."""
CIPHERS = (
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
SIGNATURES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
)
HOST_KEYS = (b"ssh-ed25519", b"rsa-sha2-256", b"rsa-sha2-512")
"""No SHA-1 anywhere: clients older than 2018 or so will not get in (OpenSSH 7.2 knows rsa-sha2)."""


# -- host keys


def host_keys(folder: Path | None) -> list[asyncssh.SSHKey]:
    """Give a lab's host keys, made on first asking and kept in a folder, if there is one to keep them in."""
    return [_host_key(folder, name) for name in KEYS]


def _host_key(folder: Path | None, name: str) -> asyncssh.SSHKey:
    path = None if folder is None else folder / name
    if path is not None and path.is_file():
        try:
            return asyncssh.read_private_key(path)
        except (asyncssh.KeyImportError, OSError) as fault:
            raise UsageError(
                f"{path}: no SSH host key ({fault}); remove it and there will be a new one"
            ) from None
    if KEYS[name] == "ssh-rsa":
        key = asyncssh.generate_private_key("ssh-rsa", key_size=RSA_BITS)
    else:
        key = asyncssh.generate_private_key(KEYS[name])
    if path is not None:
        with suppress(OSError):  # a key that can't be kept serves once
            return _kept(path, key)
    return key


def _kept(path: Path, key: asyncssh.SSHKey) -> asyncssh.SSHKey:
    """Write a key, whole or not at all; gives the one that somebody else wrote in the meantime."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(key.export_private_key())
    try:
        os.link(draft, path)
    except FileExistsError:
        return asyncssh.read_private_key(path)
    finally:
        draft.unlink()
    return key


def authorized_keys(path: str) -> frozenset[bytes]:
    """Read the public keys that may log in without a password; UsageError when there are none to read."""
    try:
        keys = asyncssh.read_public_key_list(os.path.expanduser(path))  # noqa: PTH111 - `~nobody` stays as it is
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise UsageError(f"--authorized-keys {path}: {reason}") from None
    if not keys:
        raise UsageError(f"--authorized-keys {path}: no public keys in it")
    return frozenset(key.public_data for key in keys)


def options(keys: list[asyncssh.SSHKey]) -> asyncssh.SSHServerConnectionOptions:
    """Give what all routers' servers have in common."""
    asyncssh.set_log_level("CRITICAL")
    pairs = asyncssh.load_keypairs(keys)
    for pair in pairs:
        pair.host_key_algorithms = [each for each in pair.host_key_algorithms if each in HOST_KEYS]
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=pairs,
        server_version=VERSION,
        kex_algs=[name for name in KEX if name.encode() in get_kex_algs()],
        encryption_algs=CIPHERS,
        mac_algs=MACS,
        signature_algs=SIGNATURES,
        compression_algs=["none"],
        gss_host=None,
        host_based_auth=False,
        login_timeout=screens.TIMEOUT,
        allow_pty=True,
        line_editor=False,
        x11_forwarding=False,
        agent_forwarding=False,
        allow_scp=False,
        encoding=None,
    )


# -- a connection


class Door(asyncssh.SSHServer):
    """A connection to a router: who it is, and the sessions that are opened over it."""

    def __init__(self, house: House, node: Node, keys: frozenset[bytes]) -> None:
        self.house = house
        self.node = node
        self.channels: list[Channel] = []
        self.full = False
        """Whether the client's machine takes nothing more, whatever its channels would."""
        self.name = ""
        self._keys = keys
        self._origin = ""
        self._tries = 0
        self._limit: asyncio.TimerHandle | None = None
        """What hangs up on a caller who takes too long to log in."""
        self._visitor: Visitor | None = None
        self._connection: asyncssh.SSHServerConnection

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Take a vty for the caller, or refuse when none is free."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._origin = str(peer[0]) if peer else ""
        self._visitor = visit(self.node, "ssh", self._origin)
        if self._visitor is None:
            conn.abort()
            return
        # asyncssh leaves these two of a protocol's methods empty: a client that grants its channel a large
        # window and does not read would have all of it kept in memory here.
        vars(conn).update(pause_writing=self._pause, resume_writing=self._resume)
        self._limit = self.house.loop.call_later(screens.timeout(self.node), conn.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the caller is gone."""
        del exc
        if self._limit is not None:
            self._limit.cancel()
        if self._visitor is not None:
            self._visitor.ended = True

    def auth_completed(self) -> None:
        """Hear that the caller is known."""
        if self._limit is not None:
            self._limit.cancel()
        if self._visitor is not None:
            login.succeeded(self._visitor, self.name)

    def _pause(self) -> None:
        self.full = True
        for channel in self.channels:
            channel.pause_writing()

    def _resume(self) -> None:
        self.full = False
        for channel in self.channels:
            channel.resume_writing()

    # Who it is

    def begin_auth(self, username: str) -> bool:
        """Hear who the caller wants to be; false when that is enough."""
        self.name = "".join(char if " " <= char <= "~" else "?" for char in username[:NAME])
        if self._visitor is None:
            return True
        banner = admission.invitation(self._visitor)
        if banner:
            self._connection.send_auth_banner(banner)
        return not admission.asks_nothing(self._visitor, username)

    def public_key_auth_supported(self) -> bool:
        """Keys are of use when the user of this machine gave some, or the router has a chain of them."""
        return bool(self._keys or self.node.peek(Chain))

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Let in whoever holds a key that is known."""
        visitor = self._visitor
        return visitor is not None and admission.holds(visitor, username, key.public_data, self._keys)

    def password_auth_supported(self) -> bool:
        """Passwords always do."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Compare, and take time to say no; the third time, hang up."""
        visitor = self._visitor
        if visitor is not None and admission.admits(visitor, username, password):
            return True
        if visitor is not None:
            login.failed(visitor, self.name)
        self._tries += 1
        await asyncio.sleep(delay(self.node))
        if self._tries >= screens.retries(self.node):
            raise asyncssh.PermissionDenied("Too many authentication failures")
        return False

    def kbdint_auth_supported(self) -> bool:
        """Passwords can be asked for as well."""
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> KbdIntChallenge:
        """Ask for the password."""
        del username, lang, submethods
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        """Compare the answer."""
        return len(responses) == 1 and await self.validate_password(username, responses[0])

    # What it may open

    def session_requested(self) -> Channel | bool:
        """Give the connection's own vty to its first session, others to more; refuse when none is free."""
        visitor, self._visitor = self._visitor, None
        visitor = visitor or visit(self.node, "ssh", self._origin)
        return False if visitor is None else Channel(self, visitor)

    def left(self, channel: Channel) -> None:
        """Hear that a session is over: a client that does not hang up after its last one is hung up on."""
        if channel in self.channels:
            self.channels.remove(channel)
        self.house.loop.call_later(LINGER, self._hang_up)

    def _hang_up(self) -> None:
        if not self.channels:
            self._connection.abort()


class Channel(asyncssh.SSHServerSession[bytes]):
    """A session over a connection; for its `Seat`, what carries it."""

    def __init__(self, door: Door, visitor: Visitor) -> None:
        self._door = door
        self._visitor = visitor
        self._command: str | None = None
        self._seat: Seat | None = None
        self._copy: scp.Copy | None = None
        self._idle: asyncio.TimerHandle | None = None
        """What breaks off a copy that does not go on."""
        self._channel: asyncssh.SSHServerChannel[bytes]

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Bound what is kept for a client that does not read."""
        self._channel = chan
        chan.set_write_buffer_limits(AHEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the channel is closed."""
        del exc
        self._visitor.ended = True
        if self._seat is not None:
            self._seat.gone()
        if self._idle is not None:
            self._idle.cancel()
        self._door.left(self)

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """Give a terminal, of the size that the router's line has."""
        del term_type, term_size, term_modes
        return True

    def shell_requested(self) -> bool:
        """Give EXEC."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Take a command to run (`ssh R1 show clock`)."""
        self._command = command
        return True

    def session_started(self) -> None:
        """Begin."""
        self._door.channels.append(self)
        if self._command is not None and (words := scp.asked(self._command)):
            admission.enter(self._visitor, self._door.name)
            self._copy = scp.Copy(self._visitor, words, self._channel.write, self._channel.exit)
            self._await_more()
            self._copy.start()
            return
        seat = self._seat = Seat(self._door.house, self._visitor, self)
        tty, told = self._visitor.tty, self._channel.get_extra_info
        inward, outward = (
            screens.Way(str(told(f"{way}_cipher")), str(told(f"{way}_mac"))) for way in ("recv", "send")
        )
        tty.part(screens.Secured).begin(tty, inward, outward)
        if self._door.full:
            seat.pause_writing()
        if self._command is None:
            seat.greet(self._door.name)
        else:
            seat.run_only(self._door.name, self._command)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take what was typed."""
        del datatype
        if self._copy is not None:
            self._await_more()
            self._copy.feed(data)
        if self._seat is not None:
            self._seat.received(data)

    def _await_more(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._visitor.ended:
            self.abort()
        self._idle = self._door.house.loop.call_later(PATIENCE, self.abort)

    def eof_received(self) -> bool:
        """Carry out what was typed before the client closed its half."""
        if self._copy is not None:
            self._copy.ended()
        if self._seat is not None:
            self._seat.ended()
        return True

    def break_received(self, msec: int) -> bool:
        """Break off, as Ctrl-^ does."""
        self.data_received(BREAK, msec)
        return True

    def pause_writing(self) -> None:
        """Hear that the client does not read."""
        if self._seat is not None:
            self._seat.pause_writing()

    def resume_writing(self) -> None:
        """Hear that the client has read."""
        if self._seat is not None:
            self._seat.resume_writing()

    # What the seat calls

    def write(self, data: bytes) -> None:
        """Send octets."""
        self._channel.write(data)

    def close(self) -> None:
        """Send what is kept, then close."""
        self._channel.exit(0)

    def abort(self) -> None:
        """Close at once."""
        self._channel.abort()

    def pause_reading(self) -> None:
        """Take nothing more from the client."""
        self._channel.pause_reading()

    def resume_reading(self) -> None:
        """Take again what the client sends."""
        self._channel.resume_reading()


async def listen(
    house: House,
    node: Node,
    sock: socket.socket,
    *,
    keys: frozenset[bytes],
    options: asyncssh.SSHServerConnectionOptions,
) -> asyncssh.SSHAcceptor:
    """Take connections to a router on a bound socket."""
    return await asyncssh.listen(
        sock=sock, server_factory=lambda: Door(house, node, keys), options=options, backlog=512
    )
