"""Privilege: `enable`, `disable`, and how passwords are stored and checked.

Plain text is stored in no secret: it is hashed as IOS does (type 5, md5-crypt). The libraries that hash are
imported when there is something to hash, never on the start path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iosemu.cli.command import Ask, Reply, Values, command
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from random import Random

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

TRIES = 3
"""How often a password is asked for (ios-shell.md §4.6)."""
HIGHEST = 15

_SALT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ENCRYPTED = {
    4: re.compile(r"[./0-9A-Za-z]{43}"),
    5: re.compile(r"\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}"),
    7: re.compile(r"(?:0[0-9]|1[0-5])(?:[0-9A-Fa-f]{2})+"),
    8: re.compile(r"\$8\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}"),
    9: re.compile(r"\$9\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}"),
}
_NAMES = {4: "sha256", 5: "md5", 8: "pbkdf2", 9: "scrypt"}


class Password(NamedTuple):
    """A password as running-config has it.

    `kind` is IOS's number: 0 plain, 7 obfuscated, 5 md5-crypt, 4 SHA-256, 8 PBKDF2, 9 scrypt.
    """

    kind: int
    text: str

    @property
    def hashed(self) -> bool:
        """Whether the plain text cannot be had back."""
        return self.kind not in (0, 7)

    def matches(self, typed: str) -> bool:
        """Compare with what was typed, in a time that does not tell how much of it was right."""
        if self.kind == 5:
            from passlib.hash import md5_crypt  # type: ignore[import-untyped] # noqa: PLC0415 - 60 ms

            return bool(md5_crypt.verify(_c_string(typed), self.text))
        from hmac import compare_digest  # noqa: PLC0415

        if self.kind in (0, 7):
            return compare_digest(self._octets(), typed.encode())
        *_, salt, digest = ["", *self.text.split("$")]
        return compare_digest(_digest(self.kind, typed, salt), digest)

    def _octets(self) -> bytes:
        if self.kind == 0:
            return self.text.encode()
        from passlib.hash import cisco_type7  # noqa: PLC0415

        return bytes(cisco_type7.decode(self.text, encoding=None))

    def obscured(self, random: Random) -> Password:
        """Give a type 7 of a type 0; others are as they are."""
        if self.kind:
            return self
        from passlib.hash import cisco_type7  # noqa: PLC0415

        return Password(7, str(cisco_type7.using(salt=random.randrange(16)).hash(self.text)))


def _c_string(text: str) -> str:
    """Cut a text at its first NUL, which md5-crypt takes none of."""
    return text.partition("\0")[0]


def _digest(kind: int, typed: str, salt: str) -> str:
    import hashlib  # noqa: PLC0415

    from passlib.utils.binary import h64big  # type: ignore[import-untyped] # noqa: PLC0415

    given, salted = typed.encode(), salt.encode()
    if kind == 4:
        octets = hashlib.sha256(given).digest()
    elif kind == 8:
        octets = hashlib.pbkdf2_hmac("sha256", given, salted, 20_000)
    else:
        octets = hashlib.scrypt(given, salt=salted, n=16_384, r=1, p=1, dklen=32)
    return str(h64big.encode_bytes(octets).decode())


def hashed(text: str, random: Random) -> Password:
    """Hash a secret as `enable secret TEXT` does: md5-crypt with four characters of salt."""
    from passlib.hash import md5_crypt  # noqa: PLC0415

    salt = "".join(_SALT[random.randrange(64)] for _ in range(4))
    return Password(5, str(md5_crypt.using(salt=salt).hash(_c_string(text))))


def given_secret(node: Node, text: str, said: Mapping[str, Any]) -> Password | list[str]:
    """Make a secret of what was typed; `said` has which type it was announced as. A list: the refusal.

    The refusal's wording is 12.4's, from memory.
    """
    for kind, name in _NAMES.items():
        if said.get(name):
            if _ENCRYPTED[kind].fullmatch(text.strip()):
                return Password(kind, text.strip())
            return [
                "ERROR: The secret you entered is not a valid encrypted secret.",
                f"To enter an UNENCRYPTED secret, do not specify type {kind} encryption.",
                "When you properly enter an UNENCRYPTED secret, it will be encrypted.",
            ]
    return hashed(text, node.random)


def given_password(node: Node, text: str, *, encrypted: bool) -> Password | list[str]:
    """Make a password of what was typed, obfuscated when the router does that; a list is the refusal."""
    if encrypted:
        if _ENCRYPTED[7].fullmatch(text.strip()):
            return Password(7, text.strip())
        return [f"Invalid encrypted password: {text.strip()}"]
    held = node.peek(Enabling)
    password = Password(0, text)
    return password.obscured(node.random) if held and held.encryption else password


def secret_values(password: Password) -> dict[str, Any]:
    """Name a hashed password's type as the grammar captures it."""
    return {_NAMES[password.kind]: True}


class Enabling:
    """A router's enable secrets and passwords by level, and whether passwords are obfuscated (a part)."""

    def __init__(self, _: object) -> None:
        self.secrets: dict[int, Password] = {}
        self.passwords: dict[int, Password] = {}
        self.encryption = False
        """`service password-encryption`."""


_SAME = "The enable {0} you have chosen is the same as your enable {1}."
_AGAIN = "This is not recommended.  Re-enter the enable {0}."


@command("global", "enable secret")
def enable_secret(
    node: Node, *, level: int = HIGHEST, secret: str = "", no: bool = False, **said: bool
) -> Reply:
    """Set the secret of a privilege level; it is hashed before it is kept."""
    held = node.part(Enabling)
    if no:
        held.secrets.pop(level, None)
        return
    found = given_secret(node, secret, said)
    if isinstance(found, list):
        yield from found
        return
    other = held.passwords.get(level)
    if other and not any(said.get(name) for name in _NAMES.values()) and other.matches(secret):
        yield _SAME.format("secret", "password")
        yield _AGAIN.format("secret")
    held.secrets[level] = found


@enable_secret.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Enabling)
    for level, password in sorted(held.secrets.items()) if held else ():
        yield {**_level(level), **secret_values(password), "secret": password.text}


@command("global", "enable password")
def enable_password(
    node: Node,
    *,
    level: int = HIGHEST,
    plain: bool = False,
    encrypted: bool = False,
    password: str = "",
    no: bool = False,
) -> Reply:
    """Set the password of a privilege level, which a secret of that level overrides."""
    del plain
    held = node.part(Enabling)
    if no:
        held.passwords.pop(level, None)
        return
    found = given_password(node, password, encrypted=encrypted)
    if isinstance(found, list):
        yield from found
        return
    other = held.secrets.get(level)
    if other and not encrypted and other.matches(password):
        yield _SAME.format("password", "secret")
        yield _AGAIN.format("password")
    held.passwords[level] = found


@enable_password.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Enabling)
    for level, password in sorted(held.passwords.items()) if held else ():
        yield {**_level(level), **password_values(password, "level"), "password": password.text}


def _level(level: int) -> dict[str, int]:
    return {} if level == HIGHEST else {"level": level}


def password_values(password: Password, *keywords: str) -> dict[str, Any]:
    """Name a password's type as the grammar captures it: plain where it would be read as a keyword."""
    if password.kind == 7:
        return {"encrypted": True}
    first = password.text.split()[0].lower() if password.text.strip() else ""
    return {"plain": True} if first in ("0", "7") or any(word.startswith(first) for word in keywords) else {}


@command("exec", "enable")
def enable(session: Session, *, privilege: int = HIGHEST) -> Reply:
    """Rise to a privilege level, once its password is given; where none is set, only a trusted session."""
    if privilege > session.level:
        secret, password = _wanted(session, privilege)
        if password is None and not session.trusted:
            yield "% No password set"
            return
        if password is not None and not (yield from ask(password)):
            yield "% Bad secrets" if secret else "% Bad passwords"
            yield ""
            return
    session.level = privilege


def _wanted(session: Session, privilege: int) -> tuple[Password | None, Password | None]:
    """Give the secret of a level, and what is asked for: that, or else its password."""
    held = session.node.peek(Enabling)
    secret = held.secrets.get(privilege) if held else None
    return secret, secret or (held.passwords.get(privilege) if held else None)


def asks_nothing(session: Session) -> bool:
    """Whether `enable` would let a session rise without a password."""
    return session.trusted and _wanted(session, HIGHEST)[1] is None


def ask(password: Password) -> Generator[Output, str, bool]:
    """Ask for a password, three times at most; gives whether it came."""
    for _ in range(TRIES):
        if password.matches((yield Ask("Password: ", hidden=True))):
            return True
    return False


@command("exec", "disable")
def disable(session: Session, *, privilege: int = 1) -> Reply:
    """Go down to a privilege level."""
    if privilege > session.level:
        yield "% New privilege level must be less than current privilege level"
        return
    session.level = privilege
    if privilege < HIGHEST:
        session.stack = session.stack[:1]  # `do disable`: configuration is left as well


@command("exec", "show privilege")
def show_privilege(session: Session) -> Reply:
    """Show the privilege level."""
    yield f"Current privilege level is {session.level}"
