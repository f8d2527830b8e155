"""RIP machines on a bus of their own: no lab, only links that carry messages, and a clock."""

from __future__ import annotations

from random import Random

from iosemu.addresses import IPv4, Prefix
from iosemu.features.rip.machine import SECOND, Effect, Ignored, Link, Local, Offer, Process, Send, Table
from iosemu.features.rip.packet import PORT, Rip, decode

DELAY = 1000
"""What a message takes, in microseconds."""


def net(text: str) -> Prefix:
    """Read a prefix."""
    address, _, length = text.partition("/")
    return Prefix.of(IPv4.parse(address), int(length))


class Station:
    """A router: its machine, its links, what it was told to tell, and its routing table."""

    def __init__(self, bus: Bus, name: str) -> None:
        self.bus = bus
        self.name = name
        self.machine = Process(Random(name))
        self.links: dict[str, Link] = {}
        self.own: dict[Prefix, Local] = {}
        self.table: dict[tuple[Prefix, IPv4, str], Offer] = {}
        self.sent: list[tuple[float, Send]] = []
        self.ignored: list[Ignored] = []

    def survey(self) -> None:
        """Tell the machine how everything stands: the links' subnets are connected."""
        local = {link.prefix: Local(1, name, connected=True) for name, link in self.links.items()}
        self.run(self.machine.survey(dict(self.links), local | self.own, self.bus.now))

    def run(self, effects: list[Effect]) -> None:
        """Carry effects out."""
        for effect in effects:
            match effect:
                case Send():
                    self.sent.append((self.bus.now / SECOND, effect))
                    self.bus.carry(self, effect)
                case Table(changes):
                    for there, offer in changes:
                        key = offer.prefix, offer.path.next_hop, offer.path.link
                        if there:
                            self.table[key] = offer
                        else:
                            del self.table[key]
                case Ignored():
                    self.ignored.append(effect)

    def hear(self, message: Rip, source: str, link: str = "e0", port: int = PORT) -> None:
        """Hear a message that nobody on the bus sent."""
        self.run(self.machine.receive(message, IPv4.parse(source), port, link, self.bus.now))

    def metrics(self) -> dict[str, int]:
        """Give what the routing table knows from others: prefix and metric."""
        return {str(offer.prefix): offer.metric for offer in self.table.values()}

    def updates(self, *, flash: bool = False) -> list[tuple[float, Send]]:
        """Give the responses sent to everybody."""
        return [
            (when, each) for when, each in self.sent if each.message.command == 2 and each.to is None
            and each.flash == flash
        ]  # fmt: skip


class Bus:
    """Segments that carry messages, as octets, between stations."""

    def __init__(self) -> None:
        self.now = 0
        self.stations: dict[str, Station] = {}
        self.segments: dict[str, list[tuple[Station, str]]] = {}
        self.dead: dict[str, None] = {}
        """Segments that carry nothing, though nobody's link is down."""
        self._under_way: list[tuple[int, Station, str, bytes, IPv4, int]] = []

    def station(self, name: str) -> Station:
        """Give a station, making it if need be."""
        found = self.stations.get(name)
        if found is None:
            found = self.stations[name] = Station(self, name)
        return found

    def plug(self, name: str, link: Link, segment: str) -> Station:
        """Give a station a link to a segment."""
        station = self.station(name)
        station.links[link.name] = link
        self.segments.setdefault(segment, []).append((station, link.name))
        station.survey()
        return station

    def unplug(self, name: str, link: str) -> None:
        """Take a station's link down."""
        station = self.stations[name]
        del station.links[link]
        for ends in self.segments.values():
            if (station, link) in ends:
                ends.remove((station, link))
        station.survey()

    def carry(self, sender: Station, what: Send) -> None:
        """Put a message on its way, to all of the segment or to one address."""
        for segment, ends in self.segments.items():
            if (sender, what.link.name) not in ends or segment in self.dead:
                continue
            for station, link in ends:
                if station is not sender and what.to in (None, station.links[link].address):
                    octets = what.message.encode()
                    self._under_way.append((self.now + DELAY, station, link, octets, what.link.address, PORT))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + round(seconds * SECOND)
        while True:
            due = [
                (when, station)
                for station in self.stations.values()
                if (when := station.machine.deadline()) is not None
            ]
            first = min((when for when, _ in due), default=until + 1)
            message = self._under_way[0] if self._under_way else None
            if message is not None and message[0] <= min(first, until):
                self._under_way.pop(0)
                self.now, station, link, octets, source, port = message
                if link in station.links:
                    station.run(station.machine.receive(decode(octets), source, port, link, self.now))
            elif first <= until:
                self.now = max(self.now, first)
                for when, station in due:
                    if when <= self.now:
                        station.run(station.machine.expire(self.now))
                        after = station.machine.deadline()
                        assert after is None or after > self.now, "a deadline that does not move on"
            else:
                self.now = until
                return
