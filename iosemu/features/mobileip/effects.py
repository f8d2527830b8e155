"""What a home agent is told beside a request, and what it wants done: values between machine and router."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.bindings import Binding, Tunnel
    from iosemu.features.mobileip.packet import Reply


class Arrival(NamedTuple):
    """How a request came, and what the router says of it."""

    source: IPv4
    port: int
    destination: IPv4
    """The destination, or with a broadcast, this router's own address."""
    ours: bool = True
    """Whether the request came to a unicast address of this router, and names one as home agent."""
    permitted: bool = True
    """Whether access lists let the mobile node roam to this care-of address."""


class Answer(NamedTuple):
    """Send a reply; `direct`: on the home link, whatever binding there is (RFC 2002 §3.8.3.1)."""

    reply: Reply
    source: IPv4
    destination: IPv4
    port: int
    direct: bool


class Bound(NamedTuple):
    """There is a binding, new or renewed; `first`: the mobile node was at home before."""

    binding: Binding
    first: bool


class Unbound(NamedTuple):
    """A binding is gone: it ended, was replaced, or taken back; `last`: the mobile node has none now."""

    binding: Binding
    last: bool
    expired: bool = False


class Opened(NamedTuple):
    """A tunnel has got its first user."""

    tunnel: Tunnel


class Closed(NamedTuple):
    """A tunnel has lost its last user."""

    tunnel: Tunnel


class Violated(NamedTuple):
    """Somebody failed to prove who they are; already entered in the log of violations."""

    peer: IPv4
    actor: str
    """Who it claims to be: MN or FA."""
    code: int
    reason: int


Effect: TypeAlias = "Answer | Bound | Unbound | Opened | Closed | Violated"
