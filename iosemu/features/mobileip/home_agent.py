"""The home agent: what becomes of a registration request (RFC 2002 §3.8), as a machine without a router.

The order of checks is IOS's (reference mobile-ip.md §1.6): a request for a node that is not configured, or with
which no secret is shared, gets no answer; then the foreign agent, the mobile node and the identification prove
themselves; then the request is looked at. What is to be done comes back as effects, which a driver carries out.

Not here: the home link's ARP, and telling peers.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.bindings import INFINITE, Binding, Tunnel
from iosemu.features.mobileip.codes import FLAGS, RESERVED
from iosemu.features.mobileip.counters import Denials, HostCounts, Violation
from iosemu.features.mobileip.effects import Answer, Bound, Closed, Opened, Unbound, Violated
from iosemu.features.mobileip.packet import FOREIGN_HOME, MOBILE_HOME, Record, Reply
from iosemu.features.mobileip.proof import BAD_IDENTIFIER, NO_ASSOCIATION, Denied, prove, unknown
from iosemu.lab.clock import MILLISECOND, SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.effects import Arrival, Effect
    from iosemu.features.mobileip.packet import Request
    from iosemu.features.mobileip.state import Agents, Association, Hosts

NTP = 2_208_988_800
"""Seconds from NTP's epoch, 1900, to Unix's."""
SIMULTANEOUS = 8
"""Bindings that one mobile node may have at once (IOS's number is not public)."""
_LOW = 0xFFFFFFFF


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
        # Those that have deregistered or were cleared, with the home agent address they had: peers are told.
        self._departed: dict[IPv4, IPv4] = {}
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
        if not agents.home_agent or hosts is None or unknown(request):
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
                prove(request, FOREIGN_HOME, foreign, 132, foreign[0].lower)
            association = prove(request, MOBILE_HOME, shared, 131)
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
            effects += self._release(
                request.home, None if every else request.care_of, now, request.home_agent
            )
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
        """Take a binding as a valid request has it; `granted` 0 takes it away.

        Whether other bindings of the mobile node stay is for the request's S flag to say.
        """
        home, care_of = record.home, record.care_of
        if not record.granted:
            self._accepted[home] = max(record.identification, self._accepted.get(home, 0))
            return self._release(home, None if care_of == home else care_of, now, home_agent)
        self._accepted.pop(home, None)
        others = [other for other in self.agents.bindings.of(home) if other.care_of != care_of]
        effects = self._enter(record, home_agent, now)
        if not record.flags & FLAGS["S"]:
            for other in others:
                self.agents.bindings.remove(home, other.care_of)
                effects += [Unbound(other, last=False), *self._leave(other.tunnel)]
        return effects

    def adopt(self, home: IPv4, records: list[Record], home_agent: IPv4, now: int) -> list[Effect]:
        """Make a mobile node's bindings those that a peer has, unless they are older than what is known here.

        What is known already stays as it is, and so ends when it would have.
        """
        bindings = self.agents.bindings
        number = max(record.identification for record in records)
        if number < self.latest(home):
            return []
        wanted = {record.care_of: record for record in records if record.granted}
        effects: list[Effect] = []
        for record in wanted.values():
            held = next((each for each in bindings.of(home) if each.care_of == record.care_of), None)
            if held is None or held.identification != record.identification:
                effects += self._enter(record, home_agent, now)
        for other in bindings.of(home):
            if other.care_of not in wanted:
                effects += self._release(home, other.care_of, now)
        if not wanted:
            self._departed[home] = home_agent
        self._accepted[home] = number
        if any(record.identification == number for record in wanted.values()):
            del self._accepted[home]  # a binding holds it
        return effects

    def _enter(self, record: Record, home_agent: IPv4, now: int) -> list[Effect]:
        """Enter a binding, in place of the one to the same care-of address."""
        home, care_of = record.home, record.care_of
        bindings = self.agents.bindings
        before = bindings.of(home)
        self._departed.pop(home, None)
        tunnel, effects = self._tunnel(home_agent, care_of, gre=bool(record.accepted & FLAGS["G"]))
        expires = None
        if record.granted != INFINITE:
            expires = now + record.granted * SECOND - record.elapsed * MILLISECOND
        old = next((other for other in before if other.care_of == care_of), None)
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
            now if old is None else old.since,
        )
        bindings.put(binding)
        effects.append(Bound(binding, first=not before))
        if old is not None:
            effects += self._leave(old.tunnel)
        return effects

    def latest(self, home: IPv4) -> int:
        """Give the last identification that was accepted of a mobile node, here or by a peer; 0: none."""
        known = (binding.identification for binding in self.agents.bindings.of(home))
        return max((self._accepted.get(home, 0), *known))

    def homes(self, home_agent: IPv4) -> list[IPv4]:
        """Give the mobile nodes of a home agent address of whom `records` says something, in order."""
        bound = dict.fromkeys(each.home for each in self.agents.bindings.served_by(home_agent))
        gone = (home for home, agent in self._departed.items() if agent == home_agent)
        return sorted((*bound, *gone))

    def records(self, home: IPv4, now: int) -> list[Record]:
        """Give all that a peer is told of a mobile node: its bindings, or that there is none."""
        records = []
        for each in self.agents.bindings.of(home):
            elapsed = 0
            if each.expires is not None:
                elapsed = (each.granted * SECOND - (each.expires - now)) // MILLISECOND
            said = each.flags, each.accepted, each.granted, elapsed
            records.append(Record(*said, home, each.care_of, each.source, each.identification))
        number = self.latest(home)
        if all(record.identification < number for record in records):
            records.append(Record(0, 0, 0, 0, home, home, home, number))
        return records

    def clear(self, home: IPv4, now: int) -> list[Effect]:
        """Take all bindings of a mobile node away (`clear ip mobile binding`)."""
        return self._release(home, None, now)

    def drop(self, home: IPv4, now: int) -> list[Effect]:
        """Take all bindings of a mobile node away, as if it had never been heard of: a peer may bring them back."""
        effects = self._release(home, None, now)
        self._departed.pop(home, None)
        return effects

    def reset(self, now: int) -> list[Effect]:
        """Forget everything."""
        homes = dict.fromkeys(binding.home for binding in self.agents.bindings)
        effects = [effect for home in homes for effect in self.drop(home, now)]
        self._accepted, self._departed = {}, {}
        return effects

    def _release(
        self, home: IPv4, care_of: IPv4 | None, now: int, home_agent: IPv4 | None = None
    ) -> list[Effect]:
        gone = self.agents.bindings.remove(home, care_of)
        agent = gone[-1].home_agent if gone else home_agent
        if agent is not None and not self.agents.bindings.of(home):
            self._departed[home] = agent
        return self._gone(gone, now, expired=False)

    def _gone(self, gone: Sequence[Binding], now: int, *, expired: bool) -> list[Effect]:
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
            counts.denials = Denials(counts.denials.times + 1, unix, code)

    def _violation(self, request: Request, denied: Denied, unix: int) -> Violated:
        peer = request.home if denied.peer is None else denied.peer
        violation = Violation(1, unix, denied.spi, request.identification, denied.code, denied.reason)
        self.agents.violations.note(peer, violation)
        return Violated(peer, "MN" if denied.peer is None else "FA", denied.code, denied.reason)
