"""Redundancy: how home agents keep one another's binding tables, as a machine without a router.

After accepting a registration an agent sends a binding update, about that mobile node alone, to its peers in the
first HSRP group that is mapped to the home agent address and has a peer in it (specification line 145). An agent
that becomes standby, or comes up where there is one already, and with virtual networks any (lines 236 and 238),
requests the whole table of each home agent address; it comes in replies of some dozens of mobile nodes, the next
one when the last is acknowledged. What is not acknowledged is sent four times and then given up (`outbox`); a table
is requested again a minute later.

Lines 19, 20, 128 and 236 say less exactly than 238 who receives and who requests (E10, E11 of reference mobile-ip.md
§5.2): a group's address brings requests to the active alone; and of virtual networks, both ask for tables.

Who may be an agent's peer is for its associations to say (R15). Every message is proved with one; requests and
updates must be new as well, by their identification, which is a timestamp; answers must have been asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip import packet
from iosemu.features.mobileip.counters import Violation
from iosemu.features.mobileip.effects import Violated
from iosemu.features.mobileip.exchange import (
    PART,
    Adopt,
    Exchange,
    GivenUp,
    Loaded,
    Path,
    Ready,
    Row,
    grouped,
)
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.outbox import Outbox
from iosemu.features.mobileip.packet import FOREIGN_HOME, Authentication, Redundancy
from iosemu.features.mobileip.proof import BAD_IDENTIFIER, NO_ASSOCIATION, OTHER, Denied, prove, unknown
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.exchange import Effect, Standing
    from iosemu.features.mobileip.home_agent import HomeAgent
    from iosemu.features.mobileip.state import Agents

TRIES = 4
"""How often a message is sent before it is given up."""
STALLED = 16 * SECOND
"""How long a table may stop coming: a second more than its sender tries."""
AGAIN = 60 * SECOND
"""How long after it was given up what a peer that HSRP knows did not answer is sent again: it may be mended by then."""
UPDATE, UPDATE_ACK, REQUEST = packet.BINDING_UPDATE, packet.BINDING_UPDATE_ACK, packet.BINDING_INFO_REQUEST
FAILED, MISMATCHED = 68, 133
"""Codes of `codes.CODES` for a peer that does not prove who it is, and for an old or late message."""


class Peer:
    """A home agent among its peers; `now` and `unix` as `HomeAgent` has them."""

    def __init__(self, agents: Agents, home: HomeAgent) -> None:
        self.agents = agents
        self.home = home
        self.groups: dict[str, Standing] = {}
        """In the order of configuration, those that HSRP knows."""
        self.outbox = Outbox(agents, home)
        self.wanting: dict[str, None] = {}
        """The groups that want to be active here and wait for the tables (a set in order)."""
        self.owed: dict[IPv4, IPv4] = {}
        """The mobile nodes of whom a peer could not be told, with their home agent addresses."""
        # Who asked, and in which group: peers, though HSRP may not know it yet.
        self._askers: dict[IPv4, str] = {}
        # Who did not answer, or is missed by HSRP, and was not heard since (a set in order).
        self._silent: dict[IPv4, None] = {}
        self._asked: dict[IPv4, tuple[str, IPv4]] = {}  # whom for which home agent address, by which group
        self._preempted: dict[str, None] = {}  # the groups whose active role was taken from us
        self._asked_at: dict[IPv4, int] = {}  # when each home agent address's table was requested last
        self._again: int | None = None  # when to send again what was given up
        # The identifications of the last request to a peer that was answered: one may be answered more than once.
        self._finished: dict[tuple[IPv4, IPv4], list[int]] = {}
        self._heard: dict[IPv4, int] = {}  # the last identification of each peer

    # --- What happens

    def changed(self, home: IPv4, home_agent: IPv4, now: int, unix: int) -> list[Effect]:
        """Tell peers that a mobile node's bindings changed."""
        return self._update(home, home_agent, now, unix)

    def follow(self, groups: dict[str, Standing], now: int, unix: int) -> list[Effect]:
        """Take in what the groups are now."""
        before, self.groups = self.groups, groups
        met: list[str] = []
        gone: list[tuple[str, IPv4]] = []
        believed = False
        for name, group in groups.items():
            old = before.get(name)
            believed |= (
                old is not None and group.peer in group.associated and group.peer not in old.associated
            )
            became = group.backs and not (old is not None and old.backs)
            if became or (
                group.virtual and group.peer is not None and (old is None or old.peer != group.peer)
            ):
                met.append(name)
            if old is not None and old.state == "Active" and group.state not in ("Active", "Initial"):
                self._preempted[name] = None
            elif group.state == "Active":
                self._preempted.pop(name, None)
            if old is not None and old.peer is not None and old.peer != group.peer:
                self._askers.pop(old.peer, None)
                if old.state == group.state:  # it is gone; otherwise roles may have changed
                    self._silent[old.peer] = None
                    gone.append((group.interface, old.peer))
        for home_agent, (name, peer) in tuple(self._asked.items()):
            if name not in groups or groups[name].peer != peer:
                del self._asked[home_agent]
        for name in tuple(self.wanting):
            if name not in groups or groups[name].state in ("Initial", "Active"):
                del self.wanting[name]
        effects = [*self._reroute(gone, now, unix), *self._settle(now, unix, met)]
        return effects + self._make_up(now, unix, 1) if believed else effects

    def wanted(self, name: str, now: int, unix: int) -> list[Effect]:
        """Get the tables, as a group wants to be active here: `Ready` follows."""
        self.wanting[name] = None
        return self._settle(now, unix)

    def ask(self, name: str, now: int, unix: int) -> list[Effect]:
        """Request the tables of a group once more."""
        group = self.groups.get(name)
        if group is None:
            return []
        return [each for address in group.serves for each in self._ask(group, address, now, unix)]

    def deadline(self) -> int | None:
        """Tell when something is to be sent again, or given up."""
        times = [when for when in (self.outbox.deadline(), self._again) if when is not None]
        return min(times, default=None)

    def expire(self, now: int, unix: int) -> list[Effect]:
        """Send again what was not answered, or give it up."""
        effects: list[Effect] = []
        if self._again is not None and self._again <= now:
            self._again = None
            effects += self._settle(now, unix)
            effects += self._make_up(now, unix, 1)
        while (exchange := self.outbox.due(now)) is not None:
            if exchange.tries < TRIES and exchange.further is None:
                effects += self.outbox.transmit(exchange, now, unix)
            else:
                effects += self._give_up(exchange, now, unix)
        return effects

    # --- Whom to speak with

    def group_of(self, home_agent: IPv4) -> Standing | None:
        """Give the first group that is mapped to a home agent address and has a peer in it."""
        for group in self.groups.values():
            if home_agent in group.serves and (group.peer is not None or group.name in self._askers.values()):
                return group
        return None

    def peers(self, group: Standing) -> list[IPv4]:
        """Give those who are told of changes: all on the network with whom there is an association.

        HSRP knows of one peer whether it is there. Any other that did not answer is not told of anything until it
        is heard again: it requests the table when it comes up.
        """
        askers = [peer for peer, name in self._askers.items() if name == group.name]
        others = [peer for peer in (*group.associated, *askers) if peer not in self._silent]
        known = askers if group.peer is None else [group.peer, *others]
        return [peer for peer in dict.fromkeys(known) if peer in group.associated]

    def _known(self, peer: IPv4) -> bool:
        """Whether HSRP knows a peer, in any group."""
        return any(group.peer == peer for group in self.groups.values())

    def _path(self, group: Standing, peer: IPv4) -> Path:
        return Path(group.interface, group.own, peer, group.address)

    def _reroute(self, gone: list[tuple[str, IPv4]], now: int, unix: int) -> list[Effect]:
        """Wait no more for peers that HSRP misses; updates go to another group if there is one (line 145)."""
        effects: list[Effect] = []
        traffic = self.agents.traffic
        for exchange in tuple(self.outbox.outstanding.values()):
            path, home_agent = exchange.path, exchange.home_agent
            if exchange.kind == UPDATE:
                group = next((each for each in self.groups.values() if each.address == path.group), None)
                if group is None or path.peer not in self.peers(group):
                    effects += self.outbox.close(exchange)
                    traffic.updates_failed += self.group_of(home_agent) is None
                    effects += self._update(exchange.subject, home_agent, now, unix, exchange.began)
            elif (path.interface, path.peer) in gone:
                effects += self.outbox.close(exchange)
                if exchange.kind == REQUEST:
                    traffic.requests_failed += 1
                    self._asked.pop(home_agent, None)
                else:
                    traffic.replies_failed += 1
        return effects

    def _settle(self, now: int, unix: int, met: Sequence[str] = ()) -> list[Effect]:
        """Request the tables that have to be, and tell groups that wait for those that came.

        A table that is here is requested again by a group that has met its peer: what either was told meanwhile
        may not have reached the other. One request at a time is enough (R38).
        """
        effects: list[Effect] = []
        for home_agent in dict.fromkeys(each for group in self.groups.values() for each in group.serves):
            if any(kind == REQUEST and about == home_agent for kind, _, about in self.outbox.outstanding):
                continue
            first = self.group_of(home_agent)
            again = [self.groups[name] for name in met if home_agent in self.groups[name].serves]
            for group in again if home_agent in self._asked else [first]:
                if group is not None and self._entitled(group, home_agent):
                    effects += self._ask(group, home_agent, now, unix)
                    break
            if first is not None and first.state == "Active" and not first.virtual:
                self._asked.pop(home_agent, None)
        for name in tuple(self.wanting):
            if name in self.groups and self._has_tables(self.groups[name]):
                del self.wanting[name]
                effects.append(Ready(name))
        return effects

    def _entitled(self, group: Standing, home_agent: IPv4) -> bool:
        """Whether to request a table of a group's peer (specification lines 236 and 238)."""
        if group.peer is None or (group.state == "Active" and not group.virtual):
            return False
        wanting = any(home_agent in self.groups[name].serves for name in self.wanting if name in self.groups)
        return wanting or group.backs or group.state == "Active"

    def _has_tables(self, group: Standing) -> bool:
        if group.peer is None:
            return False
        for home_agent in group.serves:
            asked = self._asked.get(home_agent)
            if asked is None or (REQUEST, asked[1], home_agent) in self.outbox.outstanding:
                return False
        return True

    # --- Out

    def _update(
        self, home: IPv4, home_agent: IPv4, now: int, unix: int, began: int | None = None
    ) -> list[Effect]:
        group = self.group_of(home_agent)
        if group is None:
            return []
        began = now if began is None else began
        effects: list[Effect] = []
        exchanges = []
        for peer in self.peers(group):
            exchanges.append(Exchange(UPDATE, self._path(group, peer), home_agent, home, began))
            effects.append(Row(f"MN {home} - sent BindUpd to HA {peer} HAA {home_agent}"))
        if group.peer is not None and group.peer not in group.associated:
            self.owed[home] = home_agent
        self.agents.traffic.updates_sent += len(exchanges)
        return effects + self.outbox.begin(exchanges, now, unix)

    def _make_up(self, now: int, unix: int, most: int) -> list[Effect]:
        """Tell peers of mobile nodes of whom they have not been told, but of no more than so many."""
        due = list(self.owed.items())[:most]
        for home, _ in due:
            del self.owed[home]
        return [each for home, home_agent in due for each in self._update(home, home_agent, now, unix)]

    def _ask(self, group: Standing, home_agent: IPv4, now: int, unix: int) -> list[Effect]:
        if group.peer is None or group.peer not in group.associated:
            return []
        self._asked[home_agent] = group.name, group.peer
        self._asked_at[home_agent] = now
        self.agents.traffic.requests_sent += 1
        path = self._path(group, group.peer)
        return self.outbox.begin([Exchange(REQUEST, path, home_agent, home_agent, now)], now, unix)

    def _give_up(self, exchange: Exchange, now: int, unix: int) -> list[Effect]:
        traffic, peer = self.agents.traffic, exchange.path.peer
        effects: list[Effect] = [GivenUp(peer), *self.outbox.close(exchange)]
        if exchange.kind == REQUEST:
            traffic.requests_failed += 1
            self._asked.pop(exchange.home_agent, None)
            if exchange.further is not None or self.wanting:
                effects += self._settle(now, unix)
            else:
                self._again = now + AGAIN
            return effects
        if exchange.kind == UPDATE:
            traffic.updates_failed += 1
            if self._known(peer):
                self.owed[exchange.subject] = exchange.home_agent
                self._again = now + AGAIN if self._again is None else self._again
        else:
            traffic.replies_failed += 1
        self._askers.pop(peer, None)
        self._silent[peer] = None
        return effects

    # --- In

    def receive(self, message: Redundancy, path: Path, now: int, unix: int) -> list[Effect]:
        """Take a peer's message in; what proves nothing, or was heard before, is only noted."""
        try:
            self._check(message, path.peer, unix)
        except Denied as denied:
            violation = Violation(1, unix, denied.spi, message.identification, denied.code, denied.reason)
            self.agents.violations.note(path.peer, violation)
            return [Violated(path.peer, "HA", denied.code, denied.reason)]
        self._silent.pop(path.peer, None)
        if unknown(message):
            return []
        match message.type:
            case packet.BINDING_UPDATE:
                effects = self._take_update(message, path)
            case packet.BINDING_UPDATE_ACK:
                effects = self._take_update_ack(message, path)
            case packet.BINDING_INFO_REQUEST:
                effects = self._take_request(message, path, now, unix)
            case packet.BINDING_INFO_REPLY:
                effects = self._take_reply(message, path, now, unix)
            case _:
                effects = self._take_reply_ack(message, path, now, unix)
        if self.owed and self._known(path.peer):
            effects += self._make_up(now, unix, len(self.owed))
        return effects

    def _check(self, message: Redundancy, peer: IPv4, unix: int) -> None:
        """Have a message prove that a peer sent it; Denied when it does not."""
        shared = list(self.agents.associations_with("home-agent", peer))
        if not shared:
            raise Denied(FAILED, NO_ASSOCIATION)
        association = prove(message, FOREIGN_HOME, shared, FAILED)
        last = message.extensions[-1]
        if not isinstance(last, Authentication) or last.type != FOREIGN_HOME:
            raise Denied(FAILED, OTHER)  # what stands behind the proof is not proved
        if message.type in (UPDATE, REQUEST):
            tolerance = association.tolerance
            if tolerance is None:
                tolerance = self.agents.options.replay
            number = message.identification
            apart = abs((number >> 32) - (unix // SECOND + NTP))
            if apart > tolerance or number <= self._heard.get(peer, 0):
                raise Denied(MISMATCHED, BAD_IDENTIFIER, association.inbound)
            self._heard[peer] = number

    def _serves(self, home_agent: IPv4) -> bool:
        return any(home_agent in group.serves for group in self.groups.values())

    def _answered(self, message: Redundancy, path: Path, kind: int, code: int) -> list[Effect]:
        answer = Redundancy(kind, code, message.home_agent, message.group, message.identification)
        return self.outbox.signed(answer, path)

    def _take_update(self, message: Redundancy, path: Path) -> list[Effect]:
        traffic, home_agent = self.agents.traffic, message.home_agent
        traffic.updates_received += 1
        told = grouped(message)
        # The sender's own address; line 376 has one that no router of the document has (E9).
        effects: list[Effect] = [
            Row(f"MN {home} - HA rcv BindUpd from {path.peer} HAA {home_agent}") for home in told
        ]
        code = 0
        if not self._serves(home_agent):
            code = 136
        elif any(self.agents.hosts_of(home) is None for home in told):
            code = 129
        else:
            effects.append(Adopt(told, home_agent))
        traffic.update_acks_sent += 1
        return effects + self._answered(message, path, UPDATE_ACK, code)

    def _take_update_ack(self, message: Redundancy, path: Path) -> list[Effect]:
        self.agents.traffic.update_acks_received += 1
        home = self.outbox.updates.get((path.peer, message.identification))
        if home is None:
            return []
        word = "deny" if message.code else "accept"
        row = Row(f"MN {home} - HA rcv BindUpdAck {word} from {path.peer} HAA {message.home_agent}")
        return [row, *self.outbox.close(self.outbox.outstanding[UPDATE, path.peer, home])]

    def _take_request(self, message: Redundancy, path: Path, now: int, unix: int) -> list[Effect]:
        home_agent = message.home_agent
        self.agents.traffic.requests_received += 1
        row = Row(f"HA rcv BindInfoReq from {path.peer} HAA {home_agent}")
        if not self._serves(home_agent):
            return [row]
        for group in self._by(path, home_agent):
            self._askers[path.peer] = group.name
        exchange = Exchange(packet.BINDING_INFO_REPLY, path, home_agent, home_agent, now)
        exchange.numbers = [message.identification]
        exchange.homes = self.home.homes(home_agent)[::-1]
        return [
            row,
            *self.outbox.begin([exchange], now, unix),
            *self._ask_back(path, home_agent, now, unix),
        ]

    def _ask_back(self, path: Path, home_agent: IPv4, now: int, unix: int) -> list[Effect]:
        """Request the table of a peer that requests ours, of virtual networks (specification line 238).

        HSRP may see nothing new in it: its group has got its name only now, or its line of configuration. What was
        asked just now, perhaps by the same cause, is not asked again.
        """
        if home_agent in self._asked_at and now - self._asked_at[home_agent] < STALLED:
            return []
        for group in self._by(path, home_agent):
            if group.virtual and group.peer == path.peer:
                return self._ask(group, home_agent, now, unix)
        return []

    def _by(self, path: Path, home_agent: IPv4) -> list[Standing]:
        """Give the groups of the interface by which a message came that serve a home agent address."""
        return [
            group
            for group in self.groups.values()
            if group.interface == path.interface and home_agent in group.serves
        ]

    def _take_reply(self, message: Redundancy, path: Path, now: int, unix: int) -> list[Effect]:
        traffic, home_agent, number = self.agents.traffic, message.home_agent, message.identification
        effects: list[Effect] = [Row(f"HA rcv BindInfoReply from {path.peer} HAA {home_agent}")]
        exchange = self.outbox.outstanding.get((REQUEST, path.peer, home_agent))
        if exchange is not None and number in exchange.numbers:
            first = number != exchange.following
            again = not first and message.code == exchange.further
            expected = first or again or message.code + 1 == exchange.further
        else:
            exchange, again = None, True
            expected = number in self._finished.get((path.peer, home_agent), ())
        if not expected:
            traffic.replies_dropped += 1
            return effects
        traffic.replies_received += 1
        if exchange is not None and not again:
            told = grouped(message)
            known = {home: told[home] for home in told if self.agents.hosts_of(home) is not None}
            effects.append(Adopt(known, home_agent))
            for home, records in told.items():
                exchange.reported[home] = max(record.identification for record in records)
            exchange.following, exchange.further = number, message.code
            self.outbox.wait(exchange, now + STALLED)
        traffic.reply_acks_sent += 1
        effects += self._answered(message, path, packet.BINDING_INFO_ACK, message.code)
        if exchange is not None and not exchange.further:
            self._finished[path.peer, home_agent] = exchange.numbers
            effects.append(Loaded(home_agent, path.peer, len(exchange.reported)))
            effects += [*self.outbox.close(exchange), *self._settle(now, unix)]
            effects += self._restore(exchange, now, unix)
        return effects

    def _restore(self, exchange: Exchange, now: int, unix: int) -> list[Effect]:
        """Tell an active agent what it has lost, as the standby of a physical network.

        So it does when it was away for less than the holdtime: it is active again without anybody to ask. One that
        preempted us has chosen to do without (specification lines 119 and 349).
        """
        group = self.group_of(exchange.home_agent)
        if group is None or group.virtual or group.state != "Standby":
            return []
        if group.name in self._preempted:
            del self._preempted[group.name]
            return []
        effects: list[Effect] = []
        for home in self.home.homes(exchange.home_agent):
            if exchange.reported.get(home, 0) < self.home.latest(home):
                effects += self._update(home, exchange.home_agent, now, unix)
        return effects

    def _take_reply_ack(self, message: Redundancy, path: Path, now: int, unix: int) -> list[Effect]:
        traffic, home_agent = self.agents.traffic, message.home_agent
        exchange = self.outbox.outstanding.get((packet.BINDING_INFO_REPLY, path.peer, home_agent))
        expected = exchange is not None and exchange.numbers[0] == message.identification
        if exchange is None or not expected or message.code != exchange.rest:
            traffic.reply_acks_dropped += 1
            return []
        traffic.reply_acks_received += 1
        row = Row(f"HA rcv BindInfoReplyAck accept from {path.peer} HAA {home_agent}")
        if not message.code:
            return [row, *self.outbox.close(exchange)]
        del exchange.homes[-PART:]
        exchange.tries = 0
        return [row, *self.outbox.transmit(exchange, now, unix)]
