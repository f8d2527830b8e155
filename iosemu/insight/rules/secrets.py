"""Rules about passwords and keys. A key is never printed: reports are sent around."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.insight.network import Router
    from iosemu.insight.reading import Fact

COMMON = ("cisco", "cisco123", "admin", "password", "enable", "secret", "letmein", "123456", "12345678")
"""Passwords that are tried first."""

PASSWORDS = ("enable password", "enable secret", "username", "password")
"""Commands that hold one."""


@rule("enable-password", "warning", "Cisco's guide to hardening IOS devices: use `enable secret`")
def _(router: Router) -> Remarks:
    """The enable password is not stored as a digest."""
    for line in router.all("enable password"):
        beside = router.one("enable secret") is not None
        mend = "Take it out: `enable secret` is what counts" if beside else "Use `enable secret`"
        yield line, "`enable password` can be read in the configuration", mend


@rule("password-type-7", "warning", "Cisco's guide to hardening IOS devices: type 7 can be reversed")
def _(router: Router) -> Remarks:
    """A password is stored in type 7, which anyone can read."""
    for line in _held(router):
        if line["encrypted"] and line.command != "enable password":
            yield line, "type 7 is no encryption", _better(line)


@rule("password-plain", "warning", "Cisco's guide to hardening IOS devices")
def _(router: Router) -> Remarks:
    """A password stands in the configuration as it is typed."""
    for line in _held(router):
        text = line["text"] if line.command == "username" else line["password"]
        plain = line["password"] and not line["encrypted"] and not line["secret"]
        if text and plain and line.command != "enable password":
            yield line, "the password can be read in the configuration", _better(line)


@rule("password-encryption", "note", "Cisco's guide to hardening IOS devices: `service password-encryption`")
def _(router: Router) -> Remarks:
    """Passwords can be read over a shoulder, as `service password-encryption` is off."""
    readable = [
        line for line in _held(router) if line["password"] and not line["encrypted"] and not line["secret"]
    ]
    service = router.one("service password-encryption")
    if readable and (service is None or service["no"]):
        mend = "Add `service password-encryption`: it keeps off eyes, not hands"
        yield readable[0], "passwords are shown as they are typed", mend


def _better(line: Fact) -> str:
    if line.command == "username":
        return f"Say `username {line['name']} secret`"
    return "Use `login local` and `username ... secret`"


def _held(router: Router) -> Iterator[Fact]:
    """Yield the lines that hold a password, of the router and of its terminal lines."""
    yield from router.all("enable password", "username")
    for line in router.all("line"):
        yield from line.all("password")


@rule("password-common", "warning", "CWE-521: weak password requirements")
def _(router: Router) -> Remarks:
    """A password is one of those that are tried first."""
    for statement in router.reading.statements:
        if statement.command.name in PASSWORDS and not statement.values.get("no"):
            typed = {str(statement.values.get(name, "")).lower() for name in ("password", "secret", "text")}
            if typed & {*COMMON, router.name.lower()}:
                yield (
                    statement.source,
                    "the password is one that is tried first",
                    "Choose a long one of its own",
                )


@rule("vty-login", "error", "Cisco's guide to hardening IOS devices: `no login` asks nothing")
def _(router: Router) -> Remarks:
    """Who reaches a terminal line is let in without being asked."""
    for line in router.all("line"):
        for login in line.all("login"):
            closed = any(each["none"] for each in line.all("transport input"))
            if line["vty"] and login["no"] and not closed:
                yield (
                    login,
                    f"`{line.text}` asks nobody for a password",
                    "Say `login local`, with `username ... secret`",
                )


@rule("vty-telnet", "note", "RFC 854: telnet shows what is typed to who listens")
def _(router: Router) -> Remarks:
    """Terminal lines are told to take telnet."""
    for line in router.all("line"):
        for transport in line.all("transport input"):
            if transport["telnet"] or transport["all"]:
                yield transport, f"`{line.text}` takes telnet", "Say `transport input ssh`"


@rule("snmp-community", "warning", "CWE-1392: use of default credentials")
def _(router: Router) -> Remarks:
    """An SNMP community has a name that everybody knows."""
    for line in router.all("snmp-server community"):
        if line["string"].lower() in ("public", "private"):
            mend = "Choose another name, and give it an access list"
            yield line, f"the community is called {line['string']}", mend


@rule("key-pattern", "note", "specification line 123; RFC 2002 §5.1: keys should be random")
def _(router: Router) -> Remarks:
    """Keys of security associations follow a pattern, as those of the document do."""
    before = router.network.routers[: router.network.routers.index(router)]
    seen = {key for other in before for _, key in _keys(other)}
    found: dict[bytes, Fact] = {}
    for line, key in _keys(router):
        if key not in seen and _patterned(key):
            found.setdefault(key, line)
    if found:
        first, *rest = sorted(found.values(), key=lambda line: router.reading.files.index(line.source.file))
        others = ", ".join(f"{line.source.file}:{line.source.line}" for line in rest)
        what = "the key follows a pattern that is soon guessed" + (
            f", as do those of {others}" if rest else ""
        )
        yield first, what, "For anything but a lesson, take 128 random bits"


@rule("key-short", "warning", "RFC 2002 §5.1: a key of 128 bits")
def _(router: Router) -> Remarks:
    """The key of a security association is shorter than 128 bits."""
    for line, key in _keys(router):
        if len(key) < 16:
            yield line, f"the key has {len(key) * 8} bits", "Take 128 random bits, `key hex` with 32 digits"


def _keys(router: Router) -> Iterator[tuple[Fact, bytes]]:
    for kind in ("host", "visitor", "home-agent", "foreign-agent"):
        for line in router.all(f"ip mobile secure {kind} key"):
            key = line["hex_key"]
            yield line, bytes.fromhex(key) if key else str(line["ascii_key"]).encode()


def _patterned(key: bytes) -> bool:
    """Whether three quarters of the steps from octet to octet are the same, or few octets are used."""
    steps = Counter((later - earlier) % 256 for earlier, later in pairwise(key))
    most = max(steps.values(), default=0)
    return 4 * most >= 3 * (len(key) - 1) or len(set(key)) <= 4
