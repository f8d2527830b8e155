"""The home agent: what becomes of a registration request (RFC 2002 §3.8), as a machine without a router.

The order of checks is IOS's (reference mobile-ip.md §1.6): a request for a node that is not configured, or with
which no secret is shared, gets no answer; then the foreign agent, the mobile node and the identification prove
themselves; then the request is looked at. What is to be done comes back as effects, which a driver carries out.

Not here: access lists (the driver says what they say), the home link's ARP, and telling peers.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from iosemu.features.mobileip.authentication import proofs, signed, valid
from iosemu.features.mobileip.bindings import INFINITE, Binding, Tunnel
from iosemu.features.mobileip.codes import FLAGS, RESERVED
from iosemu.features.mobileip.counters import HostCounts, Violation
from iosemu.features.mobileip.effects import Answer, Bound, Closed, Opened, Unbound, Violated
from iosemu.features.mobileip.packet import FOREIGN_HOME, MOBILE_HOME, Extension, Record, Reply
from iosemu.lab.clock import MILLISECOND, SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.effects import Arrival, Effect
    from iosemu.features.mobileip.packet import Request
    from iosemu.features.mobileip.state import Agents, Association, Hosts

NTP = 2_208_988_800
"""Seconds from NTP's epoch, 1900, to Unix's."""
SIMULTANEOUS = 8
"""Bindings that one mobile node may have at once (IOS's number is not public)."""
_LOW = 0xFFFFFFFF

NO_ASSOCIATION, BAD_AUTHENTICATOR, BAD_IDENTIFIER, BAD_SPI, MISSING, OTHER = range(1, 7)
"""Keys of `counters.REASONS`."""


class Denied(Exception):  # noqa: N818 - the word of the protocol
    """A request that is refused with a code, and for proofs, a reason."""

    def __init__(self, code: int, reason: int = 0, spi: int = 0, peer: IPv4 | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.spi = spi
        self.peer = peer
        """The foreign agent, when it is that which failed."""


class HomeAgent:
    """A home agent; its state, the binding table, is the `Agents`' own.

    `taken` holds the numbers of tunnels that are used otherwise. `now` is the lab's time, `unix` what the router
    takes for the time of day, both in microseconds.
    """

    def __init__(self, agents: Agents, *, taken: Container[int] = ()) -> None:
        self.agents = agents
        self.taken = taken
        # The last identification accepted of each mobile node, where no binding holds it.
        self._accepted: dict[IPv4, int] = {}
        self._numbers: list[int] = []  # of tunnels that were closed, a heap
        self._unused = 0  # the lowest number that no tunnel ever had

    # --- Requests

    def request(self, request: Request, arrival: Arrival, now: int, unix: int) -> list[Effect]:
        """Take a registration request in."""
        agents, traffic = self.agents, self.agents.traffic
        hosts = agents.hosts_of(request.home)
        shared = list(agents.associations_with("host", request.home))
        if request.lifetime:
            traffic.registers += 1
        else:
            traffic.deregisters += 1
        if not agents.home_agent or hosts is None or _unknown(request):
            traffic.ignored += 1
            return []
        if not shared:
            traffic.ignored += 1
            return [self._violation(request, Denied(131, NO_ASSOCIATION), unix)]
        foreign = self._foreign(request, arrival)
        effects: list[Effect] = []
        association = shared[0]
        try:
            if foreign:
                _prove(request, FOREIGN_HOME, foreign, 132, foreign[0].lower)
            association = _prove(request, MOBILE_HOME, shared, 131)
            again = self._identify(request, association, unix)
            self._examine(request, arrival)
            lifetime = (
                self._remaining(again, now) if again else self._bind(request, arrival, hosts, now, effects)
            )
            code = 0
        except Denied as denied:
            code, lifetime = denied.code, request.lifetime
            if denied.reason:
                effects.append(self._violation(request, denied, unix))
        self._count(request, code, now, unix)
        reply = self._reply(request, arrival, code, lifetime, unix)
        reply = signed(reply, MOBILE_HOME, association.outbound, association.octets, association.algorithm)
        if foreign:
            reply = signed(reply, FOREIGN_HOME, foreign[0].outbound, foreign[0].octets, foreign[0].algorithm)
        direct = arrival.source == request.home
        return [*effects, Answer(reply, arrival.destination, arrival.source, arrival.port, direct)]

    def _foreign(self, request: Request, arrival: Arrival) -> list[Association]:
        """Give the associations with the foreign agent: the sender of the request, or else the care-of address."""
        agents = self.agents
        found = list(agents.associations_with("foreign-agent", arrival.source))
        return found or list(agents.associations_with("foreign-agent", request.care_of))

    def _identify(self, request: Request, association: Association, unix: int) -> Binding | None:
        """Check the timestamp (RFC 2002 §5.6.1); gives the binding that the request asks for once more."""
        last = self._accepted.get(request.home, 0)
        for binding in self.agents.bindings.of(request.home):
            if (binding.care_of, binding.identification) == (request.care_of, request.identification):
                return binding
            last = max(last, binding.identification)
        tolerance = association.tolerance
        if tolerance is None:
            tolerance = self.agents.options.replay
        apart = abs((request.identification >> 32) - (unix // SECOND + NTP))
        if apart > tolerance or request.identification <= last:
            raise Denied(133, BAD_IDENTIFIER, association.inbound)
        self._accepted[request.home] = request.identification
        return None

    def _examine(self, request: Request, arrival: Arrival) -> None:
        """Look at what is asked for."""
        flags = request.flags
        if not arrival.ours:
            raise Denied(136)
        if flags & RESERVED:
            raise Denied(134)
        if not arrival.permitted:
            raise Denied(129)
        if not request.lifetime:
            return
        if request.care_of in (0, request.home, request.home_agent):
            raise Denied(134)
        if flags & FLAGS["M"]:
            raise Denied(139)
        if flags & FLAGS["T"] and self.agents.options.reverse_tunnel_off:
            raise Denied(137)
        others = [each for each in self.agents.bindings.of(request.home) if each.care_of != request.care_of]
        if flags & FLAGS["S"] and len(others) >= SIMULTANEOUS:
            raise Denied(135)

    def _bind(self, request: Request, arrival: Arrival, hosts: Hosts, now: int, effects: list[Effect]) -> int:
        """Do what a valid request asks for; gives the lifetime granted."""
        if not request.lifetime:
            every = request.care_of == request.home
            effects += self._release(request.home, None if every else request.care_of, now)
            return 0
        limit = self.agents.options.lifetime if hosts.lifetime is None else hosts.lifetime
        granted = min(request.lifetime, limit)
        record = Record(
            request.flags,
            self._provided(request.flags),
            granted,
            0,
            request.home,
            request.care_of,
            arrival.source,
            request.identification,
        )
        effects += self.learn(record, request.home_agent, now)
        return granted

    def _provided(self, flags: int) -> int:
        """Give those of the flags whose services this home agent provides (specification line 302)."""
        options = self.agents.options
        offered = FLAGS["D"] | FLAGS["G"]
        offered |= 0 if options.reverse_tunnel_off else FLAGS["T"]
        offered |= FLAGS["B"] if options.broadcast else 0
        return flags & offered

    # --- Bindings, one's own and those that a peer tells of

    def learn(self, record: Record, home_agent: IPv4, now: int) -> list[Effect]:
        """Take a binding as a valid request, or a peer's binding update, has it; `granted` 0 takes it away.

        Whether other bindings of the mobile node stay is for the request's S flag to say.
        """
        home, care_of = record.home, record.care_of
        if not record.granted:
            self._accepted[home] = max(record.identification, self._accepted.get(home, 0))
            return self._release(home, None if care_of == home else care_of, now)
        self._accepted.pop(home, None)
        bindings = self.agents.bindings
        before = bindings.of(home)
        tunnel, effects = self._tunnel(home_agent, care_of, gre=bool(record.accepted & FLAGS["G"]))
        expires = None
        if record.granted != INFINITE:
            expires = now + record.granted * SECOND - record.elapsed * MILLISECOND
        # Addresses that many bindings have in common are one object: 100,000 of them are to fit (DESIGN 9).
        binding = Binding(
            home,
            tunnel.destination,
            tunnel.destination if record.source == care_of else record.source,
            tunnel.source,
            record.flags,
            record.accepted,
            record.identification,
            record.granted,
            expires,
            tunnel,
        )
        bindings.put(binding)
        effects.append(Bound(binding, first=not before))
        for other in before:
            if other.care_of == care_of:
                effects += self._leave(other.tunnel)
            elif not record.flags & FLAGS["S"]:
                bindings.remove(home, other.care_of)
                effects += [Unbound(other, last=False), *self._leave(other.tunnel)]
        return effects

    def records(self, home_agent: IPv4, now: int) -> Iterator[Record]:
        """Give the bindings of a home agent address as a peer is told of them."""
        for each in self.agents.bindings.served_by(home_agent):
            left = 0 if each.expires is None else each.expires - now
            elapsed = 0 if each.expires is None else (each.granted * SECOND - left) // MILLISECOND
            yield Record(
                each.flags,
                each.accepted,
                each.granted,
                elapsed,
                each.home,
                each.care_of,
                each.source,
                each.identification,
            )

    def clear(self, home: IPv4, now: int) -> list[Effect]:
        """Take all bindings of a mobile node away (`clear ip mobile binding`)."""
        return self._release(home, None, now)

    def _release(self, home: IPv4, care_of: IPv4 | None, now: int) -> list[Effect]:
        gone = self.agents.bindings.remove(home, care_of)
        return self._gone(gone, now, expired=False)

    def _gone(self, gone: tuple[Binding, ...] | list[Binding], now: int, *, expired: bool) -> list[Effect]:
        effects: list[Effect] = []
        finals = {binding.home: binding for binding in gone if not self.agents.bindings.of(binding.home)}
        for binding in gone:
            last = finals.get(binding.home) is binding
            if last:
                self._accepted[binding.home] = max(
                    binding.identification, self._accepted.get(binding.home, 0)
                )
                counts = self.agents.counts.get(binding.home)
                if counts is not None and counts.since is not None:
                    counts.service += now - counts.since
                    counts.since = None
            effects += [Unbound(binding, last, expired), *self._leave(binding.tunnel)]
        return effects

    def _tunnel(self, source: IPv4, destination: IPv4, *, gre: bool) -> tuple[Tunnel, list[Effect]]:
        """Give the tunnel between two ends, a user more on it."""
        tunnels = self.agents.tunnels
        effects: list[Effect] = []
        tunnel = tunnels.get((source, destination, gre))
        if tunnel is None:
            tunnel = Tunnel(self._number(), source, destination, gre=gre)
            tunnels[source, destination, gre] = tunnel
            effects.append(Opened(tunnel))
        tunnel.users += 1
        return tunnel, effects

    def _number(self) -> int:
        """Give the lowest number that no tunnel has."""
        while True:
            if self._numbers:
                number = heappop(self._numbers)
            else:
                number, self._unused = self._unused, self._unused + 1
            if number not in self.taken:
                return number

    def _leave(self, tunnel: Tunnel) -> list[Effect]:
        tunnel.users -= 1
        if tunnel.users:
            return []
        del self.agents.tunnels[tunnel.source, tunnel.destination, tunnel.gre]
        heappush(self._numbers, tunnel.number)
        return [Closed(tunnel)]

    def deadline(self) -> int | None:
        """Tell when the next binding may end."""
        return self.agents.bindings.deadline()

    def expire(self, now: int) -> list[Effect]:
        """Let bindings end whose lifetime is over; nobody is told (RFC 2002 §3.8.2.2)."""
        return self._gone(self.agents.bindings.expire(now), now, expired=True)

    # --- Replies

    def _reply(self, request: Request, arrival: Arrival, code: int, lifetime: int, unix: int) -> Reply:
        number = request.identification
        if code == 133:
            # So the mobile node learns this clock (RFC 2002 §5.6.1).
            number = (unix // SECOND + NTP & _LOW) << 32 | number & _LOW
        agent = request.home_agent
        if code == 136:
            agent = arrival.destination
        elif self.agents.address is not None and code < 128 and self._virtual(request.home):
            agent = self.agents.address  # specification lines 130 and 165
        return Reply(code, lifetime, request.home, agent, number)

    def _virtual(self, home: IPv4) -> bool:
        hosts = self.agents.hosts_of(home)
        return hosts is not None and hosts.network is not None

    @staticmethod
    def _remaining(binding: Binding, now: int) -> int:
        """Give a binding's remaining lifetime: a duplicate request does not extend it."""
        return INFINITE if binding.expires is None else -(-(binding.expires - now) // SECOND)

    # --- Counting

    def _count(self, request: Request, code: int, now: int, unix: int) -> None:
        traffic = self.agents.traffic
        traffic.home_codes[code] = traffic.home_codes.get(code, 0) + 1
        if request.lifetime:
            traffic.register_replies += 1
        else:
            traffic.deregister_replies += 1
        counts = self.agents.counts.setdefault(request.home, HostCounts())
        if code < 128:
            if counts.since is None and self.agents.bindings.of(request.home):
                counts.since = now
            counts.accepted += 1
            counts.last_accepted = unix
        else:
            counts.denied += 1
            counts.last_denied, counts.last_code = unix, code

    def _violation(self, request: Request, denied: Denied, unix: int) -> Violated:
        peer = request.home if denied.peer is None else denied.peer
        violation = Violation(1, unix, denied.spi, request.identification, denied.code, denied.reason)
        self.agents.violations.note(peer, violation)
        return Violated(peer, "MN" if denied.peer is None else "FA", denied.code, denied.reason)


def _unknown(request: Request) -> bool:
    """Whether a request has an extension that may not be skipped (RFC 2002 §1.9: types below 128)."""
    return any(isinstance(each, Extension) and each.type < 128 for each in request.extensions)


def _prove(
    request: Request, kind: int, shared: list[Association], code: int, peer: IPv4 | None = None
) -> Association:
    """Give the association with which a request proves who sent it; Denied when it does not.

    The index that is logged is 0 but for a bad authenticator (reference mobile-ip.md §2.7).
    """
    found = proofs(request, kind)
    if not found:
        raise Denied(code, MISSING, peer=peer)
    if len(found) > 1:
        raise Denied(code, OTHER, peer=peer)
    place, extension = found[0]
    association = next((each for each in shared if each.inbound == extension.spi), None)
    if association is None:
        raise Denied(code, BAD_SPI, peer=peer)
    if not valid(request, place, association.octets, association.algorithm):
        raise Denied(code, BAD_AUTHENTICATOR, extension.spi, peer)
    return association
