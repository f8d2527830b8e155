"""What redundancy of home agents speaks in: groups as they are, effects, and messages that wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iosemu.features.mobileip.packet import Record
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.effects import Violated
    from iosemu.features.mobileip.packet import Redundancy

PART = 47
"""Mobile nodes in a reply: with a binding each they fit an Ethernet."""


class Standing(NamedTuple):
    """An HSRP group that Mobile IP follows, as it is at present."""

    name: str
    virtual: bool
    serves: tuple[IPv4, ...]
    """The home agent addresses that are mapped to it."""
    address: IPv4
    interface: str
    own: IPv4
    """This router's own address on that interface."""
    state: str
    """HSRP's word."""
    peer: IPv4 | None
    """Whom HSRP knows: the standby, or for others the active."""
    associated: tuple[IPv4, ...]
    """With whom on that network there is a security association."""
    spare: bool = False
    """Whether others are active and standby, and this router is neither."""

    @property
    def backs(self) -> bool:
        """Whether this router is one that stands by, first in line or not."""
        return self.state == "Standby" or self.spare


class Path(NamedTuple):
    """Between which addresses a message goes, by which interface, and in which group."""

    interface: str
    own: IPv4
    peer: IPv4
    group: IPv4


class Send(NamedTuple):
    """Send a message."""

    message: Redundancy
    path: Path


class Adopt(NamedTuple):
    """Make the bindings of mobile nodes what a peer's records say."""

    records: dict[IPv4, list[Record]]
    home_agent: IPv4


class Loaded(NamedTuple):
    """A peer's table of a home agent address has come, the last of it."""

    home_agent: IPv4
    peer: IPv4
    mobile_nodes: int


class Ready(NamedTuple):
    """A group may become active here: the tables are in."""

    group: str


class GivenUp(NamedTuple):
    """A peer did not answer."""

    peer: IPv4


class Row(NamedTuple):
    """Something to see with `debug ip mobile standby`."""

    text: str


Effect: TypeAlias = "Send | Adopt | Loaded | Ready | GivenUp | Row | Violated"


class Exchange:
    """A message that waits for an answer: an update, a request and then the table, or a table's next part."""

    __slots__ = (
        "began",
        "due",
        "following",
        "further",
        "home_agent",
        "homes",
        "kind",
        "numbers",
        "path",
        "reported",
        "subject",
        "tries",
    )

    def __init__(self, kind: int, path: Path, home_agent: IPv4, subject: IPv4, began: int) -> None:
        self.kind = kind
        self.path = path
        self.home_agent = home_agent
        self.subject = subject
        """The mobile node of an update, otherwise the home agent address."""
        self.began = began
        self.numbers: list[int] = []
        """The identifications it was sent with."""
        self.tries = 0
        self.due = 0
        self.homes: list[IPv4] = []
        """Of a reply: the mobile nodes that were not acknowledged yet, the next one last."""
        self.reported: dict[IPv4, int] = {}
        """Of a request: the latest identification of each mobile node that the replies spoke of."""
        self.following = 0
        """Of a request: the identification with which the table comes."""
        self.further: int | None = None
        """Of a request: how many replies are to come, once one did."""

    @property
    def key(self) -> tuple[int, IPv4, IPv4]:
        """What there is one of."""
        return self.kind, self.path.peer, self.subject

    @property
    def part(self) -> list[IPv4]:
        """The mobile nodes of the next reply."""
        return self.homes[: -PART - 1 : -1]

    @property
    def rest(self) -> int:
        """How many replies follow the next one."""
        return max(0, -(-len(self.homes) // PART) - 1)


def grouped(message: Redundancy) -> dict[IPv4, list[Record]]:
    """Sort a message's records by mobile node."""
    found: dict[IPv4, list[Record]] = {}
    for each in message.extensions:
        if isinstance(each, Record):
            found.setdefault(each.home, []).append(each)
    return found
