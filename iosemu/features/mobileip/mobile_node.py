"""The mobile node: where it is, and how it registers (RFC 2002 §2.4 and §3.6), as a machine without a node.

DESIGN 2.4 fixes its times. It solicits at once when its link comes up and when it has lost its agent, and registers
at once when it hears one that it can use; both are repeated after 1, 2, 4 … 32 seconds and every 32 from then on,
a registration until it is accepted, whatever code denies it. It renews after half of the lifetime granted, counted
from when it asked (§3.6.2.2). It is at home when an advertisement comes from its home subnet; then it deregisters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.authentication import proofs, signed, valid
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.packet import MOBILE_HOME, Request
from iosemu.features.mobileip.roaming import (
    HOME,
    IDLE,
    ISOLATED,
    PENDING,
    REGISTERED,
    Agent,
    Attached,
    Changed,
    Detached,
    Registration,
    Send,
    Solicit,
)
from iosemu.lab.clock import SECOND
from iosemu.values import NamedTuple
from iosemu.wire import icmp

if TYPE_CHECKING:
    from random import Random

    from iosemu.addresses import MAC, IPv4
    from iosemu.features.mobileip.packet import Reply
    from iosemu.features.mobileip.roaming import Effect, Settings
    from iosemu.wire.icmp import RouterAdvertisement

FIRST, LAST = SECOND, 32 * SECOND
"""The first and the longest wait before something is sent again."""
MOST = 16
"""How many requests without a reply are remembered."""
_LOW = 0xFFFFFFFF
_OFFERED = {
    FLAGS["M"]: icmp.MINIMAL_ENCAPSULATION,
    FLAGS["G"]: icmp.GRE_ENCAPSULATION,
    FLAGS["V"]: icmp.VAN_JACOBSON,
    FLAGS["T"]: icmp.REVERSE_TUNNELING,
}
"""What may be asked of a foreign agent only if it advertises it (RFC 2002 §3.6.1.2, RFC 2344 §4.1)."""


class Sent(NamedTuple):
    """A request, and when it was sent."""

    request: Request
    when: int


class MobileNode:
    """A mobile node; `epoch` is its time of day at the lab's second 0, all times are in microseconds."""

    def __init__(self, settings: Settings, random: Random, *, epoch: int = 0) -> None:
        self.settings = settings
        self.random = random
        self.epoch = epoch
        self.state = ISOLATED
        self.agents: dict[IPv4, Agent] = {}
        self.current: Agent | None = None
        self.registration: Registration | None = None
        self.last_code: int | None = None
        """That of the last reply."""
        self.wanted = True
        """Whether it is to be registered: not between `deregister` and the next `register` or move."""
        self.bound = False
        """Whether the home agent may hold a binding: not before the first request, nor once it is taken back."""
        self.refused = 0
        """How many replies were not believed."""
        self._sent: dict[int, Sent] = {}
        self._last_id = 0
        self._last_sent = -FIRST
        self._longest = INFINITE  # the lifetime that code 69 allows
        self._solicit_at: int | None = None
        self._solicit_wait = FIRST
        self._send_at: int | None = None
        self._send_wait = FIRST

    # --- The link

    def link_up(self, now: int) -> list[Effect]:
        """Be on a link, perhaps a new one: look for an agent."""
        effects = self.link_down()
        self.wanted = True
        return [*effects, *self._search(now)]

    def link_down(self) -> list[Effect]:
        """Have no link: there is nobody to ask."""
        self.agents.clear()
        self.registration = None
        self._solicit_at = None
        return self._detach()

    def _detach(self) -> list[Effect]:
        self._rest()
        self._longest = INFINITE
        gone = self.current is not None
        self.current = None
        return [*([Detached()] if gone else []), *self._become(ISOLATED)]

    def _search(self, now: int) -> list[Effect]:
        self._solicit_wait = FIRST
        return self._solicit(now)

    def _solicit(self, now: int) -> list[Effect]:
        self._solicit_at = now + self._solicit_wait
        self._solicit_wait = min(2 * self._solicit_wait, LAST)
        return [Solicit()]

    # --- Agents

    def heard(self, message: RouterAdvertisement, source: IPv4, mac: MAC, now: int) -> list[Effect]:
        """Take an advertisement in."""
        if source == self.settings.home:
            return []
        if not message.lifetime:
            return self._lost(source, now)
        expires = now + message.lifetime * SECOND
        agent = Agent(source, mac, expires, source in self.settings.prefix)
        if message.agent is not None:
            said = message.agent
            agent = agent._replace(
                flags=said.flags, lifetime=said.lifetime, sequence=said.sequence, care_of=said.care_of
            )
        before = self.agents.get(source)
        self.agents[source] = agent
        current = self.current
        if current is None or (agent.home and not current.home):
            return self._attach(agent, now) if self._usable(agent) else []
        if current.address != source:
            return []
        self.current = agent
        rebooted = before is not None and agent.sequence < before.sequence and agent.sequence < 256
        if agent.home or not self.wanted:
            return []
        care_of = self.registration.care_of if self.registration is not None else None
        moved = self.settings.colocated is None and care_of is not None and care_of not in agent.care_of
        if moved and not agent.foreign:
            return self._lost(source, now)
        return self._begin(now) if rebooted or moved else []

    def _usable(self, agent: Agent) -> bool:
        """Whether one can register by an agent: not with one that is busy (RFC 2002 §2.1.1)."""
        if agent.home:
            return True
        if self.settings.colocated is not None and not agent.flags & icmp.REGISTRATION_REQUIRED:
            return True
        return agent.foreign and not agent.flags & icmp.BUSY

    def _attach(self, agent: Agent, now: int) -> list[Effect]:
        self._solicit_at = None
        self.current = agent
        router = agent.address
        if agent.home:
            router = self.settings.gateway or router
        effects: list[Effect] = [Attached(agent, router)]
        if agent.home or self.wanted or self.bound:
            effects += self._become(PENDING)
            effects += self._begin(now)
        else:
            effects += self._become(IDLE)
        return effects

    def _lost(self, address: IPv4, now: int) -> list[Effect]:
        """Have lost an agent: use another that was heard, one at home first, or look for one."""
        self.agents.pop(address, None)
        if self.current is None or self.current.address != address:
            return []
        others = sorted(self.agents.values(), key=lambda agent: not agent.home)
        other = next((agent for agent in others if self._usable(agent)), None)
        if other is not None:
            self._rest()
            return self._attach(other, now)
        return [*self._detach(), *self._search(now)]

    # --- Registering

    def register(self, now: int) -> list[Effect]:
        """Register at once (`register`); without an agent, look for one at once."""
        self.wanted = True
        return self._search(now) if self.current is None else self._begin(now)

    def deregister(self, now: int) -> list[Effect]:
        """Take all registrations back, now or when there is an agent, and stay so until `register`, or a move."""
        self.wanted = False
        return [] if self.current is None else self._begin(now)

    def _begin(self, now: int) -> list[Effect]:
        self._sent.clear()
        self._send_wait = FIRST
        return self._send(now)

    def _rest(self) -> None:
        self._sent.clear()
        self._send_at = None

    def _send(self, now: int) -> list[Effect]:
        agent = self.current
        if agent is None:
            return []
        request = self._request(agent, now)
        while len(self._sent) >= MOST:
            del self._sent[next(iter(self._sent))]
        self._sent[request.identification & _LOW] = Sent(request, now)
        self._last_sent = now
        self._send_at = now + self._send_wait
        self._send_wait = min(2 * self._send_wait, LAST)
        settings = self.settings
        if agent.home:
            return [Send(request, settings.home, settings.home_agent, None)]
        if settings.colocated is None:
            return [Send(request, settings.home, agent.address, agent.mac)]
        required = agent.flags & icmp.REGISTRATION_REQUIRED
        destination = agent.address if required else settings.home_agent
        return [Send(request, settings.colocated, destination, agent.mac)]

    def _request(self, agent: Agent, now: int) -> Request:
        settings = self.settings
        flags, lifetime, care_of = 0, 0, settings.home
        if not agent.home and self.wanted:
            self.bound = True
            flags, care_of = self._flags(agent), self._care_of(agent)
            lifetime = min(settings.lifetime, self._longest)
            if agent.foreign:
                lifetime = min(lifetime, agent.lifetime)
        identification = self._identify(now)
        request = Request(flags, lifetime, settings.home, settings.home_agent, care_of, identification)
        return signed(request, MOBILE_HOME, settings.spi, settings.key, settings.algorithm)

    def _flags(self, agent: Agent) -> int:
        flags = self.settings.flags & ~FLAGS["D"]
        if self.settings.colocated is not None:
            return flags | FLAGS["D"]
        for flag, offered in _OFFERED.items():
            if not agent.flags & offered:
                flags &= ~flag
        return flags

    def _care_of(self, agent: Agent) -> IPv4:
        if self.settings.colocated is not None:
            return self.settings.colocated
        held = self.registration.care_of if self.registration is not None else None
        return held if held is not None and held in agent.care_of else agent.care_of[0]

    def _identify(self, now: int) -> int:
        """Give the next identification: an NTP time, the last bits of which are chance (RFC 2002 §5.6.1)."""
        seconds, fraction = divmod(self.epoch + now, SECOND)
        low = (fraction << 32) // SECOND & ~0xFFF | self.random.getrandbits(12)
        number = (seconds + NTP & _LOW) << 32 | low
        self._last_id = number = max(number, self._last_id + 1)
        return number

    # --- Replies

    def reply(self, reply: Reply, now: int) -> list[Effect]:
        """Take a reply in: one to what was sent last, which only a foreign agent need not sign (§3.6.2.1)."""
        sent = self._sent.get(reply.identification & _LOW)
        if sent is None or reply.home != self.settings.home or not self._believed(reply):
            self.refused += 1
            return []
        self.last_code = reply.code
        if reply.code < 64:
            return self._accepted(reply, sent, now)
        if reply.code == 69 and 0 < reply.lifetime < sent.request.lifetime:
            self._longest = reply.lifetime
        elif reply.code == 133:
            # The home agent's seconds; what it makes of ours within a second does not matter.
            theirs = (reply.identification >> 32) - NTP
            self.epoch += (theirs - (self.epoch + now) // SECOND) * SECOND
            self._last_id = 0
        else:
            return []
        # Mended: the next one need not wait longer than §3.6.3 wants.
        self._send_wait = FIRST
        self._send_at = max(now, self._last_sent + FIRST)
        return []

    def _believed(self, reply: Reply) -> bool:
        if 64 <= reply.code < 128:
            return True
        found = proofs(reply, MOBILE_HOME)
        if len(found) != 1 or found[0][1].spi != self.settings.spi:
            return False
        return valid(reply, found[0][0], self.settings.key, self.settings.algorithm)

    def _accepted(self, reply: Reply, sent: Sent, now: int) -> list[Effect]:
        request = sent.request
        self._rest()
        self._longest = INFINITE
        if not request.lifetime:
            self.registration = None
            self.bound = False
            at_home = self.current is not None and self.current.home
            return self._become(HOME if at_home else IDLE)
        granted = min(reply.lifetime, request.lifetime)
        renew = expires = None
        if granted != INFINITE:
            expires = sent.when + granted * SECOND
            renew = max(sent.when + granted * SECOND // 2, sent.when + FIRST, now + 1)
        self.registration = Registration(request.care_of, request.flags, granted, renew, expires)
        self.state = ""  # so that a renewal is told of, too
        return self._become(REGISTERED)

    def _become(self, state: str) -> list[Effect]:
        if state == self.state:
            return []
        self.state = state
        return [Changed(state, self.registration)]

    # --- Time

    def deadline(self) -> int | None:
        """Tell when something is to be sent, or ends."""
        times = [self._solicit_at, self._send_at]
        times += [agent.expires for agent in self.agents.values()]
        if self.registration is not None:
            times += [self.registration.renew, self.registration.expires]
        return min((when for when in times if when is not None), default=None)

    def expire(self, now: int) -> list[Effect]:
        """Do what is due."""
        effects: list[Effect] = []
        for agent in tuple(self.agents.values()):
            if agent.expires <= now:
                effects += self._lost(agent.address, now)
        registration = self.registration
        if registration is not None and registration.renew is not None and registration.renew <= now:
            self.registration = registration._replace(renew=None)
            if self.current is not None and self._send_at is None:
                effects += self._begin(now)
        if registration is not None and registration.expires is not None and registration.expires <= now:
            self.registration = None
            effects += self._become(ISOLATED if self.current is None else PENDING)
            if self.current is not None and self._send_at is None:
                effects += self._begin(now)  # its reply came so late that there was nothing to renew
        if self._send_at is not None and self._send_at <= now:
            effects += self._send(now)
        if self._solicit_at is not None and self._solicit_at <= now:
            effects += self._solicit(now)
        return effects
