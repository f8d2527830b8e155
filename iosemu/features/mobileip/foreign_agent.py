"""The foreign agent: what becomes of visitors' registrations (RFC 2002 §3.7), as a machine without a router.

A request that may pass is relayed and waits as `Pending`, apart from the `Visitor` that the node may be already;
only an accepting reply changes that (§3.7.2). Requests are told apart by home address and the low 32 bits of the
identification, as replies are matched by these. What is refused is answered with a code, at most once a second for
each mobile node. The order of checks is that of §3.7.2.1 and RFC 2344 §4.1; RFC 3344 is the source of 77 and 78.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from iosemu.features.mobileip.authentication import proofs, signed
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import FLAGS, RESERVED
from iosemu.features.mobileip.counters import Violation
from iosemu.features.mobileip.effects import Violated
from iosemu.features.mobileip.packet import (
    FOREIGN_HOME,
    MOBILE_FOREIGN,
    MOBILE_HOME,
    Reply,
    Request,
)
from iosemu.features.mobileip.proof import Denied, prove, unknown
from iosemu.lab.clock import SECOND
from iosemu.values import NamedTuple
from iosemu.wire import icmp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import MAC, IPv4
    from iosemu.features.mobileip.packet import Message
    from iosemu.features.mobileip.state import Agents, Association, ForeignService

M = TypeVar("M", Request, Reply)

MOST = 1000
"""How many requests may wait for replies at once: the most visitors there can be (`limit`)."""
APART = SECOND
"""At most one denial to a mobile node in this time (RFC 2002 §3.7.2)."""
UNREACHABLE = {icmp.NETWORK: 80, icmp.HOST: 81, icmp.PORT: 82}
"""The codes that an ICMP error about a relayed request turns into; 88 otherwise (RFC 2002 §3.4)."""
_PRIVATE = ((0x0A000000, 8), (0xAC100000, 12), (0xC0A80000, 16))  # RFC 1918
_LOW = 0xFFFFFFFF


class Visit(NamedTuple):
    """How a request came, and what the interface offers where it came."""

    interface: str
    mac: MAC
    source: IPv4
    port: int
    destination: IPv4
    """The agent's own address when the request came to many."""
    service: ForeignService
    longest: int
    """The longest lifetime that is advertised there, in seconds."""
    care_of: tuple[IPv4, ...]
    """The care-of addresses that are offered there."""
    ttl: int = 255
    permitted: bool = True
    """Whether the access list lets the home agent be used."""


class Pending(NamedTuple):
    """A request that was relayed; `until` is when it is given up, in microseconds."""

    request: Request
    visit: Visit
    until: int


class Visitor(NamedTuple):
    """A registered mobile node."""

    home: IPv4
    visit: Visit
    home_agent: IPv4
    care_of: IPv4
    flags: int
    identification: int
    granted: int
    """Seconds."""
    expires: int | None
    """Microseconds; None: never."""


class Relay(NamedTuple):
    """Send a request on to the home agent that it names; it waits for `wait` seconds."""

    request: Request
    wait: int


class Tell(NamedTuple):
    """Send a reply to a mobile node; `own`: the home agent did not make it."""

    reply: Reply
    visit: Visit
    own: bool


class Came(NamedTuple):
    """A mobile node is registered, or has registered again."""

    visitor: Visitor
    before: Visitor | None


class Left(NamedTuple):
    """A mobile node is no longer registered."""

    visitor: Visitor
    expired: bool = False


Effect: TypeAlias = "Relay | Tell | Came | Left | Violated"


class ForeignAgent:
    """A foreign agent; `now` is the lab's time, `unix` the router's time of day, both in microseconds."""

    def __init__(self, agents: Agents) -> None:
        self.agents = agents
        self.visitors: dict[IPv4, Visitor] = {}
        self.pending: dict[tuple[IPv4, int], Pending] = {}
        """By home address and low 32 bits of the identification."""
        self._denied: dict[IPv4, int] = {}
        self._ends: list[tuple[int, IPv4, int]] = []  # -1: of a visitor, else of a pending request

    # --- Requests

    def request(self, request: Request, visit: Visit, now: int, unix: int) -> list[Effect]:
        """Take a mobile node's request in."""
        traffic = self.agents.traffic
        traffic.foreign_requests += 1
        if unknown(request) or not visit.care_of:
            traffic.foreign_ignored += 1
            return []
        shared = list(self.agents.associations_with("visitor", request.home))
        fault = _fault(request, MOBILE_FOREIGN, shared) if shared else None
        if fault is not None:
            return [self._violation(request, 67, fault, unix), *self._deny(request, visit, 67, now)]
        code = self._examine(request, visit)
        if code:
            return self._deny(request, visit, code, now)
        return self._relay(request, visit, now)

    def _examine(self, request: Request, visit: Visit) -> int:
        """Look at what is asked for; gives the code of a denial, or 0."""
        if (
            request.flags & RESERVED
            or not _station(request.home)
            or not _station(request.home_agent)
            or len(proofs(request, MOBILE_HOME)) != 1
        ):
            return 70
        if not visit.permitted:
            return 65
        if not request.lifetime:
            return 0 if request.care_of == request.home else self._examine_care_of(request, visit)
        if self.full(visit.interface, visit.service, request.home) or len(self.pending) >= MOST:
            return 66
        if request.lifetime > visit.longest:
            return 69
        return (
            _examine_services(request)
            or self._examine_reverse_tunnel(request, visit)
            or self._examine_care_of(request, visit)
        )

    def _examine_reverse_tunnel(self, request: Request, visit: Visit) -> int:
        service = visit.service
        if request.flags & FLAGS["T"]:
            # RFC 2344 §4.1: who is on the link has not lost a hop.
            return 76 if service.reverse_tunnel and visit.ttl != 255 else 0 if service.reverse_tunnel else 74
        private = any(request.home >> 32 - length == network >> 32 - length for network, length in _PRIVATE)
        return 75 if service.mandatory or (self.agents.private_address and private) else 0

    @staticmethod
    def _examine_care_of(request: Request, visit: Visit) -> int:
        """Look whether a care-of address is one of ours, or co-located (then the node decapsulates)."""
        colocated = request.flags & FLAGS["D"] and _station(request.care_of)
        return 0 if request.care_of in visit.care_of or colocated else 77

    def full(self, interface: str, service: ForeignService, home: IPv4 | None = None) -> bool:
        """Whether an interface has as many visitors as are allowed, not counting one of them."""
        return service.limit is not None and self.count(interface, home) >= service.limit

    def count(self, interface: str, but: IPv4 | None = None) -> int:
        """Count the visitors on an interface, leaving one out."""
        return sum(each.visit.interface == interface and each.home != but for each in self.visitors.values())

    def _relay(self, request: Request, visit: Visit, now: int) -> list[Effect]:
        wait = self.agents.registration_wait
        low = request.identification & _LOW
        until = now + wait * SECOND
        # What the same node asked before is over; what somebody else asks in its name stands beside it.
        for key, other in tuple(self.pending.items()):
            if key[0] == request.home and other.visit.mac == visit.mac:
                del self.pending[key]
        self.pending[request.home, low] = Pending(request, visit, until)
        heappush(self._ends, (until, request.home, low))
        relayed = _trimmed(request)
        shared = next(self.agents.associations_with("home-agent", request.home_agent), None)
        if shared is not None:
            relayed = signed(relayed, FOREIGN_HOME, shared.outbound, shared.octets, shared.algorithm)
        self.agents.traffic.foreign_forwarded += 1
        return [Relay(relayed, wait)]

    def _deny(self, request: Request, visit: Visit, code: int, now: int) -> list[Effect]:
        traffic = self.agents.traffic
        last = self._denied.pop(request.home, None)
        if last is not None and now - last < APART:
            self._denied[request.home] = last
            traffic.foreign_ignored += 1
            return []
        while self._denied and (
            len(self._denied) >= MOST or now - next(iter(self._denied.values())) >= APART
        ):
            del self._denied[next(iter(self._denied))]
        self._denied[request.home] = now
        traffic.foreign_codes[code] = traffic.foreign_codes.get(code, 0) + 1
        lifetime = visit.longest if code == 69 else request.lifetime
        reply = Reply(code, lifetime, request.home, request.home_agent, request.identification)
        return [self._tell(reply, visit, own=True)]

    # --- Replies

    def reply(self, reply: Reply, now: int, unix: int) -> list[Effect]:
        """Take a home agent's reply in."""
        traffic = self.agents.traffic
        traffic.foreign_replies += 1
        pending = self.pending.pop((reply.home, reply.identification & _LOW), None)
        if pending is None:
            traffic.replies_ignored += 1
            return []
        request, visit = pending.request, pending.visit
        shared = list(self.agents.associations_with("home-agent", request.home_agent))
        fault = _fault(reply, FOREIGN_HOME, shared) if shared else None
        if fault is not None:
            traffic.replies_bad += 1
            return [self._violation(reply, 68, fault, unix), *self._deny(request, visit, 68, now)]
        if 64 <= reply.code < 128 or len(proofs(reply, MOBILE_HOME)) != 1:
            traffic.replies_bad += 1
            return self._deny(request, visit, 71, now)
        effects: list[Effect] = []
        if reply.code < 64:
            effects += self._accepted(reply, pending, now)
        traffic.replies_forwarded += 1
        return [*effects, self._tell(_trimmed(reply), visit, own=False)]

    def _accepted(self, reply: Reply, pending: Pending, now: int) -> Iterator[Effect]:
        request = pending.request
        before = self.visitors.pop(request.home, None)
        granted = min(reply.lifetime, request.lifetime)
        if not granted or request.care_of not in pending.visit.care_of:
            # With a co-located care-of address the node needs nothing of us but that the request passed.
            if before is not None:
                yield Left(before)
            return
        expires = None if granted == INFINITE else now + granted * SECOND
        visitor = Visitor(
            request.home,
            pending.visit,
            request.home_agent,
            request.care_of,
            request.flags,
            request.identification,
            granted,
            expires,
        )
        self.visitors[request.home] = visitor
        if expires is not None:
            heappush(self._ends, (expires, request.home, -1))
        yield Came(visitor, before)

    def unreachable(self, home_agent: IPv4, code: int, now: int) -> list[Effect]:
        """Hear by ICMP that requests do not reach a home agent; `code` is that of the error."""
        effects: list[Effect] = []
        for key, pending in tuple(self.pending.items()):
            if pending.request.home_agent == home_agent:
                del self.pending[key]
                effects += self._deny(pending.request, pending.visit, UNREACHABLE.get(code, 88), now)
        return effects

    def _tell(self, reply: Reply, visit: Visit, *, own: bool) -> Tell:
        shared = next(self.agents.associations_with("visitor", reply.home), None)
        if shared is not None:
            reply = signed(reply, MOBILE_FOREIGN, shared.outbound, shared.octets, shared.algorithm)
        return Tell(reply, visit, own)

    # --- Ends

    def clear(self, home: IPv4 | None = None) -> list[Effect]:
        """Forget a visitor, or all (`clear ip mobile visitor`); nobody is told."""
        gone = [each for each in self.visitors.values() if home in (None, each.home)]
        for visitor in gone:
            del self.visitors[visitor.home]
        return [Left(visitor) for visitor in gone]

    def reset(self) -> list[Effect]:
        """Forget everything (`no router mobile`)."""
        self.pending.clear()
        self._ends.clear()
        return self.clear()

    def deadline(self) -> int | None:
        """Tell when a registration ends, or a request has waited long enough."""
        while self._ends and not self._stands(*self._ends[0]):
            heappop(self._ends)
        return self._ends[0][0] if self._ends else None

    def _stands(self, when: int, home: IPv4, low: int) -> bool:
        """Whether an end is still that of something: renewals and replies leave others behind."""
        if low < 0:
            visitor = self.visitors.get(home)
            return visitor is not None and visitor.expires == when
        pending = self.pending.get((home, low))
        return pending is not None and pending.until == when

    def expire(self, now: int) -> list[Effect]:
        """Give up what has waited too long, and let go whose registration is over."""
        effects: list[Effect] = []
        while (when := self.deadline()) is not None and when <= now:
            _, home, low = heappop(self._ends)
            if low < 0:
                effects.append(Left(self.visitors.pop(home), expired=True))
            else:
                pending = self.pending.pop((home, low))
                effects += self._deny(pending.request, pending.visit, 78, now)
        return effects

    def _violation(self, message: Request | Reply, code: int, fault: tuple[int, int], unix: int) -> Violated:
        """Enter a mobile node's request, or its home agent's reply, in the log of violations."""
        reason, spi = fault
        actor, peer = ("MN", message.home) if isinstance(message, Request) else ("HA", message.home_agent)
        self.agents.violations.note(peer, Violation(1, unix, spi, message.identification, code, reason))
        return Violated(peer, actor, code, reason)


def _examine_services(request: Request) -> int:
    """Look at the encapsulation and compression asked for: IP in IP and GRE are there, the rest is not."""
    return 72 if request.flags & FLAGS["M"] else 73 if request.flags & FLAGS["V"] else 0


def _station(address: IPv4) -> bool:
    """Whether an address can be a node's: neither this network's nor a group's nor everybody's."""
    return 0 < address >> 24 < 224 and address >> 24 != 127


def _trimmed(message: M) -> M:
    """Give a message without what follows its mobile-home authentication (RFC 2002 §3.7.2.2)."""
    place, _ = proofs(message, MOBILE_HOME)[0]
    return message._replace(extensions=message.extensions[: place + 1])


def _fault(message: Message, kind: int, shared: list[Association]) -> tuple[int, int] | None:
    """Say what is wrong with a proof: the reason, and the index that is logged; None: nothing."""
    try:
        prove(message, kind, shared, 0)
    except Denied as denied:
        return denied.reason, denied.spi
    return None
