"""What a mobile node is given, what it knows, and what it wants done: values between machine and node."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iosemu.features.mobileip.bindings import INFINITE
from iosemu.values import NamedTuple
from iosemu.wire import icmp

if TYPE_CHECKING:
    from iosemu.addresses import MAC, IPv4, Prefix
    from iosemu.features.mobileip.packet import Request

ISOLATED, PENDING, REGISTERED, HOME, IDLE = "isolated", "pending", "registered", "home", "deregistered"


class Settings(NamedTuple):
    """What a mobile node is configured with; `flags` is the octet of a request."""

    home: IPv4
    prefix: Prefix
    home_agent: IPv4
    spi: int
    key: bytes
    gateway: IPv4 | None = None
    lifetime: int = 36_000
    flags: int = 0
    colocated: IPv4 | None = None
    algorithm: str = "md5"


class Agent(NamedTuple):
    """A router that advertises; `expires` in microseconds."""

    address: IPv4
    mac: MAC
    expires: int
    home: bool
    """Whether it is in the home subnet."""
    flags: int = 0
    lifetime: int = INFINITE
    sequence: int = 0
    care_of: tuple[IPv4, ...] = ()

    @property
    def foreign(self) -> bool:
        """Whether it is a foreign agent."""
        return bool(self.flags & icmp.FOREIGN_AGENT and self.care_of)


class Registration(NamedTuple):
    """What was granted, in seconds, and when it is to be renewed and ends; None: never."""

    care_of: IPv4
    flags: int
    granted: int
    renew: int | None
    expires: int | None


class Solicit(NamedTuple):
    """Ask routers to advertise."""

    reserved: int = 0  # a tuple without fields would be false


class Send(NamedTuple):
    """Send a request; `mac` None: to the destination by the routing table."""

    request: Request
    source: IPv4
    destination: IPv4
    mac: MAC | None


class Attached(NamedTuple):
    """Use an agent as default router, or at home the gateway; ARP is off abroad, and on at home (§4.6)."""

    agent: Agent
    router: IPv4


class Detached(NamedTuple):
    """There is no agent any more."""

    reserved: int = 0


class Changed(NamedTuple):
    """The state is another; `registration` is what there is now."""

    state: str
    registration: Registration | None


Effect: TypeAlias = "Solicit | Send | Attached | Detached | Changed"
