"""The mobility binding table: where mobile nodes are, and until when.

A table may hold 100,000 bindings, so a binding is a tuple and the table nothing but a dictionary by home
address and a heap of ends.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.interface import Interface

INFINITE = 0xFFFF
"""The lifetime that never ends (RFC 2002 §3.3)."""


class Tunnel:
    """A tunnel that bindings share: equal ends and encapsulation, one tunnel."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "creator",
        "destination",
        "drops_in",
        "gre",
        "interface",
        "number",
        "packets_in",
        "packets_out",
        "source",
        "users",
    )

    def __init__(
        self, number: int, source: IPv4, destination: IPv4, *, gre: bool = False, creator: str = "HA"
    ) -> None:
        self.number = number
        self.source = source
        self.destination = destination
        self.gre = gre
        self.creator = creator
        """`HA` or `FA`."""
        self.users = 0
        """How many bindings use it."""
        self.interface: Interface | None = None
        """What carries its packets, once a router has made it."""
        self.packets_in = self.bytes_in = self.drops_in = 0
        self.packets_out = self.bytes_out = 0

    @property
    def name(self) -> str:
        """What screens call it."""
        return f"Tunnel{self.number}"


class Binding(NamedTuple):
    """The binding of a home address to a care-of address (specification lines 293 to 302)."""

    home: IPv4
    care_of: IPv4
    source: IPv4
    """The IP source address of the request."""
    home_agent: IPv4
    """The home agent address that the mobile node uses."""
    flags: int
    """The octet of flags in the request."""
    accepted: int
    """Those among the flags that this home agent provides."""
    identification: int
    """64 bits."""
    granted: int
    """Seconds, or `INFINITE`."""
    expires: int | None
    """The lab's time in microseconds; None: never."""
    tunnel: Tunnel
    since: int = 0
    """Since when the node has been bound to this care-of address without a break: a route's age."""


class Bindings:
    """A router's bindings, by home address; a mobile node has several when it asked for simultaneous ones."""

    __slots__ = ("_ends", "_held", "total")

    def __init__(self) -> None:
        self._held: dict[IPv4, tuple[Binding, ...]] = {}
        self._ends: list[int] = []  # an end and a home address each, in one number: of a tuple half the size
        self.total = 0

    def of(self, home: IPv4) -> tuple[Binding, ...]:
        """Give a mobile node's bindings, the oldest first."""
        return self._held.get(home, ())

    def put(self, binding: Binding) -> None:
        """Add a binding, in place of the one with the same home and care-of address."""
        others = self.of(binding.home)
        kept = tuple(other for other in others if other.care_of != binding.care_of)
        self._held[binding.home] = (*kept, binding)
        self.total += 1 + len(kept) - len(others)
        if binding.expires is not None:
            if len(self._ends) > 2 * self.total + 16:
                self._sweep()
            heappush(self._ends, binding.expires << 32 | binding.home)

    def remove(self, home: IPv4, care_of: IPv4 | None = None) -> tuple[Binding, ...]:
        """Take a mobile node's binding to a care-of address away, or all it has; gives them."""
        others = self.of(home)
        gone = tuple(other for other in others if care_of in (None, other.care_of))
        kept = tuple(other for other in others if other not in gone)
        if kept:
            self._held[home] = kept
        else:
            self._held.pop(home, None)
        self.total -= len(gone)
        return gone

    def __iter__(self) -> Iterator[Binding]:
        """Give all bindings in the order of home addresses."""
        for home in sorted(self._held):
            yield from self._held.get(home, ())

    def served_by(self, home_agent: IPv4) -> Iterator[Binding]:
        """Give the bindings of mobile nodes that use a home agent address (specification line 269)."""
        return (binding for binding in self if binding.home_agent == home_agent)

    # --- Ends

    def deadline(self) -> int | None:
        """Tell when the next binding may end; None when none does."""
        return self._ends[0] >> 32 if self._ends else None

    def expire(self, now: int) -> list[Binding]:
        """Take away the bindings that have come to their end, and give them."""
        gone: list[Binding] = []
        while self._ends and self._ends[0] >> 32 <= now:
            end = heappop(self._ends)
            # One that was renewed since has a later entry of its own.
            for each in self.of(IPv4(end & 0xFFFFFFFF)):
                if each.expires == end >> 32:
                    gone += self.remove(each.home, each.care_of)
        return gone

    def _sweep(self) -> None:
        """Forget the ends of bindings that are gone, so that renewals cost nothing in the long run."""
        self._ends = [
            each.expires << 32 | each.home
            for several in self._held.values()
            for each in several
            if each.expires is not None
        ]
        heapify(self._ends)
