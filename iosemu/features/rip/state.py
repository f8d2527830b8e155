"""RIP on a router: what is configured, and how what the machine wants is carried out.

`node.part(RouterRip)` is the process of `router rip`. Whatever changes around it (its configuration, an
interface, a route of another source) ends in `stir`, which tells the machine how everything stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.rip import machine, messages
from iosemu.features.rip.machine import DEFAULT, Link, Local, Timers, classful
from iosemu.features.rip.packet import GROUP_ADDRESS, PORT, Rip, register
from iosemu.lab.ip import EVERYONE
from iosemu.lab.machine import Driver
from iosemu.lab.parts import Parts
from iosemu.lab.routes import CONNECTED, MOBILE, RIP, STATIC, Route
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from iosemu.addresses import IPv4, Prefix
    from iosemu.features.rip.machine import Effect, Offer, Send
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet
    from iosemu.wire.udp import Datagram

register()

DISTANCE = 120
SEED = 1
"""The metric of what is redistributed when nothing says one (from memory, of connected and static routes)."""
USER = "rip"
"""As what it joins the group of version 2."""

SOURCES = {CONNECTED: "connected", STATIC: "static", MOBILE: "mobile"}
"""What can be redistributed here, by the letter of `show ip route`."""


class Redistribution(NamedTuple):
    """The options of a `redistribute` line; a route map is noted only."""

    hops: int | None = None
    transparent: bool = False
    route_map: str | None = None


class Port:
    """What RIP is told on an interface (a part of it); None: what the process does."""

    def __init__(self, _: object) -> None:
        self.sends: tuple[int, ...] | None = None
        self.receives: tuple[int, ...] | None = None
        self.split_horizon = True


class RouterRip(Parts):
    """The process of `router rip` (a part of a node)."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node
        self.running = False
        self._busy = self._again = False
        self._groups: list[str] = []  # interfaces that listen to version 2 for us
        self._blank()
        node.watchers.append(self._changed)
        node.routes.watchers.append(self.stir)

    def _blank(self) -> None:
        self.parts.clear()
        self.version: int | None = None
        self.networks: list[IPv4] = []
        self.redistributed: dict[tuple[str, int | None], Redistribution] = {}
        """By word, and by the number of the process where there may be several."""
        self.default_metric: int | None = None
        self.passive_default = False
        self.passive: list[str] = []
        """Interfaces that are passive, or with `passive-interface default` those that are not."""
        self.neighbours: list[IPv4] = []
        self.originates = False
        self.route_map: str | None = None
        """Of `default-information originate`; noted only."""
        self.distance = DISTANCE
        self.machine = machine.Process(self.node.generator("rip"))
        self.driver: Driver[Effect] = Driver(self.node, self.machine, self._carry)

    # --- Configuration

    def start(self) -> None:
        """Begin (`router rip`)."""
        if not self.running:
            self.running = True
            self.node.ip.udp[PORT] = self._received
            self.stir()

    def stop(self) -> None:
        """End, and forget all configuration (`no router rip`); neighbours find out by themselves."""
        self.running = False
        self.node.ip.udp.pop(PORT, None)
        self.driver.stop()
        for offer in self.machine.offers():
            self._table([(False, offer)])
        self._listen({})
        self._blank()

    def set_timers(self, timers: Timers) -> None:
        """Configure `timers basic`."""
        self.machine.set_timers(timers, self.node.now)
        self.stir()

    def set_distance(self, distance: int) -> None:
        """Configure how far RIP is believed."""
        self.distance = distance
        self._carry(machine.Table(tuple((True, offer) for offer in self.machine.offers())))

    @property
    def versions(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The versions sent and received where an interface does not say: IOS sends 1 and hears both."""
        return ((1,), (1, 2)) if self.version is None else ((self.version,), (self.version,))

    def is_passive(self, interface: str) -> bool:
        """Whether no updates leave by an interface, but to neighbours."""
        return (interface in self.passive) != self.passive_default

    # --- What is around it

    def _changed(self, interface: Interface) -> None:
        del interface
        self.stir()

    def stir(self) -> None:
        """Tell the machine how everything stands; while routes are being entered, once they are."""
        if not self.running or self._busy:
            self._again = True
            return
        self._again = False
        links = self._links()
        self._listen(links)
        self.driver.run(self.machine.survey(links, self._locals(links), self.node.now))

    def _links(self) -> dict[str, Link]:
        """Give the interfaces that are up and have an address in a network of ours."""
        found = {}
        sends, receives = self.versions
        for interface in self.node.interfaces.values():
            mine = [own for own in interface.addresses if self._covers(own[1])] if interface.up else ()
            if not mine:
                continue
            address, prefix = mine[0]
            subnets = tuple(subnet for _, subnet in interface.addresses)
            port = interface.peek(Port)
            found[interface.name] = Link(
                interface.name,
                address,
                prefix,
                subnets,
                sends if port is None or port.sends is None else port.sends,
                receives if port is None or port.receives is None else port.receives,
                self.is_passive(interface.name),
                port is None or port.split_horizon,
                tuple(each for each in self.neighbours if any(each in subnet for subnet in subnets)),
            )
        return found

    def _covers(self, prefix: Prefix) -> bool:
        return classful(prefix.network).network in self.networks

    def _locals(self, links: dict[str, Link]) -> dict[Prefix, Local]:
        """Give what the routing table uses of other sources, with the metric to tell if it is to be told."""
        found = {}
        for route in self.node.routes.used():
            if route.source == RIP or route.prefix in found:
                continue
            name = route.interface.name
            if route.source == CONNECTED and name in links and self._covers(route.prefix):
                found[route.prefix] = Local(1, name, connected=True)
            else:
                found[route.prefix] = Local(self._seed(route), name, next_hop=route.next_hop)
        if self.originates:
            found[DEFAULT] = Local(1, "")
        return found

    def _seed(self, route: Route) -> int | None:
        """Give the metric with which a route is redistributed; None: it is not."""
        said = self.redistributed.get((SOURCES.get(route.source, ""), None))
        if said is None:
            return None
        if said.transparent:
            return max(route.metric, 1)
        if said.hops is not None:
            return max(said.hops, 1)
        return SEED if self.default_metric is None else self.default_metric

    def _listen(self, links: dict[str, Link]) -> None:
        """Join the group of version 2 where it is received, and leave it elsewhere."""
        wanted = [name for name, link in links.items() if 2 in link.receives]
        ports = self.node.interfaces
        for name in self._groups:
            if name not in wanted and name in ports:
                ports[name].leave(GROUP_ADDRESS, USER)
        for name in wanted:
            # An interface that was unconfigured meanwhile has forgotten that it joined.
            if not ports[name].joined(GROUP_ADDRESS):
                ports[name].join(GROUP_ADDRESS, USER)
        self._groups = wanted

    # --- What it hears and does

    def _received(
        self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None
    ) -> None:
        del frame
        message = datagram.payload
        known, name, source = self.machine, interface.name, packet.source
        if not isinstance(message, Rip) or name not in known.links:
            interface.counters.unknown += 1
            return
        effects = known.receive(message, source, datagram.source_port, name, self.node.now)
        if any(isinstance(effect, machine.Ignored) for effect in effects):
            interface.counters.unknown += 1
        else:
            messages.received(self.node, message, source, name)
        self.driver.run(effects)

    def _carry(self, effect: Effect) -> None:
        match effect:
            case machine.Send():
                self._send(effect)
            case machine.Table(changes):
                self._table(changes)
            case machine.Ignored():
                messages.ignored(self.node, effect)

    def _send(self, what: Send) -> None:
        interface = self.node.interfaces.get(what.link.name)
        if interface is None:
            return
        destination = what.to or (EVERYONE if what.message.version == 1 else GROUP_ADDRESS)
        messages.sent(self.node, what, destination)
        self.node.ip.send_udp(
            destination,
            what.port,
            what.message,
            source_port=PORT,
            source=what.link.address,
            ttl=1 if destination == GROUP_ADDRESS else 255,  # a group of the link only
            interface=interface,
        )

    def _table(self, changes: tuple[tuple[bool, Offer], ...] | list[tuple[bool, Offer]]) -> None:
        """Change the routing table, and look at it when all is done, if more than our own routes may have changed.

        Others may when one of theirs leads to the same network, or static routes lead through ours.
        """
        routes = self.node.routes
        others = bool(routes.statics)
        self._busy = True
        for there, offer in changes:
            route = self._route(offer)
            if route is not None:
                before = routes.to(offer.prefix)
                (routes.add if there else routes.remove)(route)
                others = others or any(each.source != RIP for each in (*before, *routes.to(offer.prefix)))
        self._busy = False
        if self._again and others:
            self.stir()

    def _route(self, offer: Offer) -> Route | None:
        interface = self.node.interfaces.get(offer.path.link)
        if interface is None:
            return None
        path = offer.path
        return Route(offer.prefix, RIP, self.distance, offer.metric, path.next_hop, interface, path.updated)
