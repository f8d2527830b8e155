"""Messages to peers in redundancy: sent, and sent again until they are answered.

The n-th time there are 2^(n-1) seconds for an answer (reference mobile-ip.md §4.9). A message says what there is
when it is sent, not what there was when it was first wanted: so late ones do no harm.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from iosemu.features.mobileip import packet
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.exchange import Row, Send
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.packet import FOREIGN_HOME, Redundancy
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.exchange import Effect, Exchange, Path
    from iosemu.features.mobileip.home_agent import HomeAgent
    from iosemu.features.mobileip.packet import Record
    from iosemu.features.mobileip.state import Agents


class Outbox:
    """An agent's messages that wait for answers, by `Exchange.key`."""

    def __init__(self, agents: Agents, home: HomeAgent) -> None:
        self.agents = agents
        self.home = home
        self.outstanding: dict[tuple[int, IPv4, IPv4], Exchange] = {}
        self.updates: dict[tuple[IPv4, int], IPv4] = {}
        """Which mobile node an update is about, by its receiver and identification."""
        self._waits: list[tuple[int, int, tuple[int, IPv4, IPv4]]] = []
        self._order = self._number = 0

    def begin(self, exchanges: Sequence[Exchange], now: int, unix: int) -> list[Effect]:
        """Send messages for the first time; one of the same kind about the same is replaced."""
        idle = not self.outstanding
        for exchange in exchanges:
            old = self.outstanding.get(exchange.key)
            if old is not None:
                self.close(old)
            self.outstanding[exchange.key] = exchange
        effects: list[Effect] = []
        if idle and exchanges:
            effects.append(Row(f"HA standby maint started - cnt {len(self.outstanding)}"))
        for exchange in exchanges:
            effects += self.transmit(exchange, now, unix)
        return effects

    def transmit(self, exchange: Exchange, now: int, unix: int) -> list[Effect]:
        """Send a message, once more or for the first time, with what there is to say now."""
        traffic, path = self.agents.traffic, exchange.path
        self.wait(exchange, now + (SECOND << exchange.tries))
        exchange.tries += 1
        code = 0
        records: list[Record] = []
        if exchange.kind == packet.BINDING_INFO_REPLY:
            number = exchange.numbers[0]
            code = exchange.rest
            records = [each for home in exchange.part for each in self.home.records(home, now)]
            traffic.replies_sent += exchange.tries == 1
            traffic.replies_total += 1
            text = f"HA sent BindInfoReply to HA {path.peer} HAA {exchange.home_agent}"
        else:
            number = self._stamp(unix)
            exchange.numbers.append(number)
            if exchange.kind == packet.BINDING_UPDATE:
                self.updates[path.peer, number] = exchange.subject
                records = self.home.records(exchange.subject, now)
                traffic.updates_total += 1
                elapsed = (now - exchange.began) // SECOND
                text = (
                    f"MN {exchange.subject} - sent BindUpd id {number & 0xFFFFFFFF} cnt {exchange.tries - 1} "
                    f"elapsed {elapsed} adjust -{elapsed} to HA {path.peer} in grp {path.group} "
                    f"HAA {exchange.home_agent}"
                )
            else:
                traffic.requests_total += 1
                text = f"HA sent BindInfoReq to HA {path.peer} HAA {exchange.home_agent}"
        message = Redundancy(exchange.kind, code, exchange.home_agent, path.group, number, tuple(records))
        return [Row(text), *self.signed(message, path)]

    def wait(self, exchange: Exchange, due: int) -> None:
        """Have an answer be due at an instant."""
        exchange.due = due
        self._order += 1
        heappush(self._waits, (due, self._order, exchange.key))

    def signed(self, message: Redundancy, path: Path) -> list[Effect]:
        """Prove a message to a peer and send it, if there is an association."""
        for each in self.agents.associations_with("home-agent", path.peer):
            return [Send(signed(message, FOREIGN_HOME, each.outbound, each.octets, each.algorithm), path)]
        return []

    def _stamp(self, unix: int) -> int:
        """Give an identification: the time, as NTP counts, and higher than those before."""
        seconds, rest = divmod(unix, SECOND)
        self._number = max(self._number + 1, seconds + NTP << 32 | (rest << 32) // SECOND)
        return self._number

    def close(self, exchange: Exchange) -> list[Effect]:
        """Wait for an answer no more."""
        del self.outstanding[exchange.key]
        if exchange.kind == packet.BINDING_UPDATE:
            for number in exchange.numbers:
                self.updates.pop((exchange.path.peer, number), None)
        return [] if self.outstanding else [Row("HA standby maint stopped")]

    def deadline(self) -> int | None:
        """Tell when the next message is to be sent again."""
        while self._waits and self._stale(*self._waits[0]):
            heappop(self._waits)
        return self._waits[0][0] if self._waits else None

    def due(self, now: int) -> Exchange | None:
        """Give a message whose answer is overdue, once."""
        when = self.deadline()
        return self.outstanding[heappop(self._waits)[2]] if when is not None and when <= now else None

    def _stale(self, due: int, _: int, key: tuple[int, IPv4, IPv4]) -> bool:
        exchange = self.outstanding.get(key)
        return exchange is None or exchange.due != due
