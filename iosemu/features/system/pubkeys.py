"""`ip ssh pubkey-chain`: the public keys by which users log in over SSH.

As IOS does, a router keeps a key's MD5 hash alone, which is what running-config writes. A router of 12.4 and
15 knows RSA; Ed25519 and ECDSA, which people have today, are taken as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, Values, command
from iosemu.lab.parts import Parts
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.command import Entry
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

KINDS = ("ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
END = "exit"
"""The row that ends a key's."""
LONGEST = 16_384
"""Characters that the rows of a key may have; an RSA key of 16,384 bits has 2,800."""


class Key(NamedTuple):
    """A key: its algorithm, the MD5 hash of its octets (RFC 4253, section 6.6) in upper case, a comment."""

    kind: str
    hash: str
    comment: str = ""


class Holder(Parts):
    """A user of the chain, and the keys that let this one in."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Key] = {}
        """By their hashes."""


class Chain(Parts):
    """A router's chain of public keys (a part of it)."""

    def __init__(self, _: object) -> None:
        super().__init__()
        self.written = False
        """Whether there is the line at all: an empty chain is one, too."""
        self.users: dict[str, Holder] = {}

    def admits(self, name: str, octets: bytes) -> bool:
        """Whether a key (its octets as SSH sends them) is one of a user's."""
        holder = self.users.get(name)
        return holder is not None and digest(octets) in holder.keys


def digest(octets: bytes) -> str:
    """Give a key's hash as running-config has it."""
    import hashlib  # noqa: PLC0415

    return hashlib.md5(octets, usedforsecurity=False).hexdigest().upper()


def read(text: str) -> Key | None:
    """Read a key as OpenSSH writes them (`ssh-rsa AAAA… me@here`), kind and comment optional; None: it is none."""
    import base64  # noqa: PLC0415
    import binascii  # noqa: PLC0415

    words = text.split()
    if words and words[0] in KINDS:
        del words[0]
    if not words:
        return None
    try:
        octets = base64.b64decode(words[0], validate=True)
    except binascii.Error:
        return None
    fields: list[bytes] = []
    rest = octets
    while len(rest) >= 4 and len(rest) - 4 >= (length := int.from_bytes(rest[:4], "big")):
        fields.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    kind = fields[0].decode("latin-1") if len(fields) > 1 and not rest else ""
    return Key(kind, digest(octets), " ".join(words[1:])) if kind in KINDS else None


@command("global", "ip ssh pubkey-chain")
def pubkey_chain(node: Node, *, no: bool = False) -> Chain:
    """Open the chain; `no` forgets it."""
    chain = node.part(Chain)
    chain.written = not no
    if no:
        chain.users.clear()
    return chain


@pubkey_chain.config
def _(node: Node) -> Iterator[Entry]:
    held = node.peek(Chain)
    if held and held.written:
        yield {}, held


@command("ssh-pubkey", "username")
def username(chain: Chain, *, name: str, no: bool = False) -> Holder | None:
    """Open a user's keys; `no` forgets them."""
    if no:
        chain.users.pop(name, None)
        return None
    return chain.users.setdefault(name, Holder())


@username.config
def _(chain: Chain) -> Iterator[Entry]:
    for name, holder in chain.users.items():
        yield {"name": name}, holder


@command("ssh-pubkey-user", "key-string")
def key_string(session: Session, *, no: bool = False) -> Reply:
    """Take a key, over as many rows as it takes, up to `exit`; `no` forgets the user's keys."""
    holder = session.stack[-1].target
    if not isinstance(holder, Holder):
        return
    if no:
        holder.keys.clear()
        return
    text = ""
    session.enter("ssh-pubkey-data", holder)
    try:
        while (row := (yield Ask(session.prompt)).lstrip()).strip().lower() != END:
            text = (text + row)[:LONGEST]
    finally:
        session.stack.pop()
    key = read(text)
    if key is None:
        yield "%SSH: Failed to decode the Key Value"
        return
    holder.keys[key.hash] = key


@command("ssh-pubkey-user", "key-hash")
def key_hash(
    holder: Holder,
    *,
    hashed: str,
    comment: str = "",
    no: bool = False,
    **which: bool,
) -> Reply:
    """Take a key's hash; `no` forgets the key."""
    kind = next((each for each in KINDS if which.get(each.replace("-", "_"))), KINDS[0])
    hashed = hashed.upper()
    if no:
        holder.keys.pop(hashed, None)
    elif len(hashed) != 32 or set(hashed) - set("0123456789ABCDEF"):
        yield "%SSH: Invalid key hash"
    else:
        holder.keys[hashed] = Key(kind, hashed, comment.strip())


@key_hash.config
def _(holder: Holder) -> Iterator[Values]:
    for kind, hashed, comment in holder.keys.values():
        said = {"comment": comment} if comment else {}
        yield {kind.replace("-", "_"): True, "hashed": hashed, **said}
