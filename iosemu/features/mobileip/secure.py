"""Security associations: `ip mobile secure …`.

Indices are hexadecimal (reference mobile-ip.md §1.2: the document's 100 is 256, the lowest there is). A key
is 128 bits as 32 hexadecimal digits, or 1 to 16 characters. Lines 138 and 264 leave `key` out (E1, E2): the
grammar takes them so, and running-config mends them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.cli.command import Reply, Values, command
from iosemu.features.mobileip.configure import range_fault
from iosemu.features.mobileip.state import Association, Mobile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

DIGITS = 32


def _invalid(session: Session, word: str) -> Iterator[str]:
    """Yield the parser's own refusal of a word that was typed."""
    column = len(session.prompt) + session.typed.lower().rindex(word.lower())
    yield " " * column + "^"
    yield "% Invalid input detected at '^' marker."
    yield ""


def _number(value: object) -> int | None:
    """Give a captured number; a keyword alone captures true."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _take(session: Session, kind: str, lower: IPv4, upper: IPv4 | None, said: dict[str, Any]) -> Reply:
    """Take a line in; `no` takes an association away when nothing but what names it is said, or its key."""
    mobile = session.node.part(Mobile)
    associations = mobile.associations
    both = _number(said.get("spi"))
    inbound = both or _number(said.get("inbound_spi")) or 0
    outbound = both or _number(said.get("outbound_spi")) or 0
    last = lower if upper is None else upper
    line = kind, lower, last, inbound, outbound
    hexadecimal, characters = said.get("hex_key"), said.get("ascii_key")
    if said["no"]:
        associations.pop(line, None)
        mobile.changed()
        return
    refusal = range_fault(lower, last)
    if refusal:
        yield refusal
    elif isinstance(hexadecimal, str) and len(hexadecimal) != DIGITS:
        yield from _invalid(session, hexadecimal)
    else:
        in_characters = isinstance(characters, str)
        key = str(characters if in_characters else hexadecimal)
        algorithm = "hmac-md5" if said.get("hmac_md5") else "md5"
        tolerance = _number(said.get("tolerance"))
        associations[line] = Association(*line, key, in_characters, algorithm, tolerance)
        mobile.changed()


@command("global", "ip mobile secure host key")
def secure_host(
    session: Session, *, lower: IPv4, upper: IPv4 | None = None, no: bool = False, **said: object
) -> Reply:
    """Share a secret with a mobile node, or with each of a range."""
    yield from _take(session, "host", lower, upper, said | {"no": no})


@command("global", "ip mobile secure visitor key")
def secure_visitor(
    session: Session, *, lower: IPv4, upper: IPv4 | None = None, no: bool = False, **said: object
) -> Reply:
    """Share a secret, as a foreign agent, with a visiting mobile node, or with each of a range."""
    yield from _take(session, "visitor", lower, upper, said | {"no": no})


@command("global", "ip mobile secure home-agent key")
def secure_home_agent(session: Session, *, address: IPv4, no: bool = False, **said: object) -> Reply:
    """Share a secret with another home agent: a peer in a standby group (lines 47, 121), or a visitor's."""
    yield from _take(session, "home-agent", address, None, said | {"no": no})


@command("global", "ip mobile secure foreign-agent key")
def secure_foreign_agent(session: Session, *, address: IPv4, no: bool = False, **said: object) -> Reply:
    """Share a secret with a foreign agent."""
    yield from _take(session, "foreign-agent", address, None, said | {"no": no})


def _lines(node: Node, kind: str) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    for each in mobile.associations_with(kind) if mobile else ():
        one = each.inbound == each.outbound
        yield {
            "lower" if kind in ("host", "visitor") else "address": each.lower,
            "upper": None if each.upper == each.lower else each.upper,
            "spi": each.inbound if one else None,
            "inbound_spi": None if one else each.inbound,
            "outbound_spi": None if one else each.outbound,
            "ascii_key" if each.ascii_key else "hex_key": each.key,
            "replay": each.tolerance is not None,
            "tolerance": each.tolerance,
            # md5 by prefix and suffix is the default, and not written: the document's lines have neither.
            "algorithm": each.algorithm != "md5",
            "hmac_md5": each.algorithm == "hmac-md5",
        }


@secure_host.config
def _(node: Node) -> Iterator[Values]:
    yield from _lines(node, "host")


@secure_visitor.config
def _(node: Node) -> Iterator[Values]:
    yield from _lines(node, "visitor")


@secure_home_agent.config
def _(node: Node) -> Iterator[Values]:
    yield from _lines(node, "home-agent")


@secure_foreign_agent.config
def _(node: Node) -> Iterator[Values]:
    yield from _lines(node, "foreign-agent")
