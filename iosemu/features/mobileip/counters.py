"""What Mobile IP counts: the rows of `show ip mobile traffic`, and the log of security violations.

The counters are those of RFC 2006 and of CISCO-MOBILE-IP-MIB (reference mobile-ip.md §2.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4

VIOLATORS = 50
"""How many peers the log of violations holds; the oldest goes first (IOS's number is not public)."""


class Traffic:
    """Protocol counters of a router; all are numbers, since `router mobile` or the last clearing."""

    def __init__(self) -> None:
        self.solicitations = self.advertisements = self.responses = 0
        # Home agent: what was asked, what was answered, and with which codes.
        self.registers = self.deregisters = self.register_replies = self.deregister_replies = 0
        self.ignored = self.gratuitous_arps = self.proxy_arps = 0
        self.home_codes: dict[int, int] = {}
        """How many replies had each code."""
        # Redundancy. `sent` counts messages, `total` retransmissions as well.
        self.updates_received = self.updates_sent = self.updates_total = self.updates_failed = 0
        self.update_acks_received = self.update_acks_sent = 0
        self.requests_received = self.requests_sent = self.requests_total = self.requests_failed = 0
        self.replies_received = self.replies_dropped = 0
        self.replies_sent = self.replies_total = self.replies_failed = 0
        self.reply_acks_received = self.reply_acks_dropped = self.reply_acks_sent = 0
        # Foreign agent.
        self.foreign_requests = self.foreign_forwarded = self.foreign_ignored = 0
        self.foreign_replies = self.replies_forwarded = self.replies_bad = self.replies_ignored = 0
        self.foreign_codes: dict[int, int] = {}


class Denials(NamedTuple):
    """How often a mobile node was denied, and the last time: when, in Unix microseconds, and with which code."""

    times: int = 0
    when: int | None = None
    code: int | None = None


NO_DENIALS = Denials()


class HostCounts:
    """What was counted for a mobile node; instants are in Unix microseconds, None for never."""

    __slots__ = (
        "accepted",
        "bytes_in",
        "bytes_out",
        "denials",
        "last_accepted",
        "packets_in",
        "packets_out",
        "service",
        "since",
    )

    def __init__(self) -> None:
        self.accepted = 0
        self.last_accepted: int | None = None
        self.denials = NO_DENIALS
        self.service = 0
        """How long it has been registered in former bindings, in microseconds."""
        self.since: int | None = None
        """Since when it is registered now, in the lab's microseconds."""
        self.packets_in = self.bytes_in = 0
        """What came from it by reverse tunnels; `packets_out` is what went to it."""
        self.packets_out = self.bytes_out = 0


REASONS = {
    1: "No mobility security association",
    2: "Bad authenticator",
    3: "Bad identifier",
    4: "Bad SPI",
    5: "Missing security extension",
    6: "Other",
    7: "Stale request",
}
"""Why something was a security violation (reference mobile-ip.md §2.7)."""


class Violation(NamedTuple):
    """The last security violation of a peer, and how many it committed; `when` is in Unix microseconds."""

    times: int
    when: int
    spi: int
    identification: int
    code: int
    reason: int


class Violations:
    """The log of security violations, by the address of who committed them."""

    def __init__(self) -> None:
        self._held: dict[IPv4, Violation] = {}

    def note(self, address: IPv4, violation: Violation) -> None:
        """Enter a violation; its `times` is added to what is known of the peer."""
        known = self._held.pop(address, None)
        count = violation.times + (known.times if known else 0)
        while len(self._held) >= VIOLATORS:
            del self._held[next(iter(self._held))]
        self._held[address] = violation._replace(times=count)

    def of(self, address: IPv4) -> Violation | None:
        """Give what is known of a peer."""
        return self._held.get(address)

    def __iter__(self) -> Iterator[tuple[IPv4, Violation]]:
        """Give all that is known, in the order of addresses."""
        return iter(sorted(self._held.items()))
