"""The home agent on a router: requests come in at port 434, and what its machine wants is carried out.

`node.part(HomeSide)` is a router's. Bindings are host routes without being copied, their tunnels interfaces; on
a physical home network ARP is answered for mobile nodes that are away. With HSRP only the active router
answers, with the group's virtual MAC where the group is on that network: so a takeover needs no new ARP (reference
mobile-ip.md §4.8). Packets for a node with several bindings are sent to each of its care-of addresses.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.features.mobileip.codes import CODES, FLAGS, letters
from iosemu.features.mobileip.counters import HostCounts
from iosemu.features.mobileip.debugging import HOST, debug, violated
from iosemu.features.mobileip.effects import Answer, Arrival, Bound, Closed, Opened, Unbound, Violated
from iosemu.features.mobileip.home_agent import HomeAgent
from iosemu.features.mobileip.packet import (
    FOREIGN_HOME,
    MOBILE_HOME,
    PORT,
    REQUEST,
    Authentication,
    Request,
)
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.state import DISTANCE, METRIC, Mobile, Service
from iosemu.lab import acl
from iosemu.lab.arp import NOBODY
from iosemu.lab.clock import SECOND
from iosemu.lab.debugging import is_on
from iosemu.lab.machine import Driver
from iosemu.lab.routes import MOBILE, Route
from iosemu.lab.track import Track
from iosemu.lab.tunnel import Tunnel, Tunnels
from iosemu.wire import ipip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.addresses import MAC
    from iosemu.features.mobileip.bindings import Binding
    from iosemu.features.mobileip.effects import Effect
    from iosemu.features.mobileip.packet import Message
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.track import Redundancy
    from iosemu.wire.arp import Arp
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet

ANNOUNCED = 3
"""How often a gratuitous ARP is sent, a second apart: RFC 2002 §4.6 wants "a small number of times"."""


class HomeSide:
    """A router's home agent (a part of it), idle while it is not configured as one."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.mobile = node.part(Mobile)
        self.tunnels = node.part(Tunnels)
        self.machine = HomeAgent(self.mobile, taken=self.tunnels)
        self.driver: Driver[Effect] = Driver(node, self.machine, self._carry)
        self.told: list[Callable[[IPv4, IPv4], None]] = []
        """Bound methods that are told of a mobile node, and its home agent address, when a request of its own was
        accepted here or it was cleared: not when a peer changed its bindings, nor when they came to their end."""
        self.followers: list[Callable[[IPv4], None]] = []
        """Bound methods that are told of a mobile node whose bindings changed, whoever changed them."""
        # Those who have the broadcasts of their home network sent after them (a set in order).
        self._listeners: dict[IPv4, None] = {}
        # Where the mobile node is whose request is being answered, when that is at home.
        self._came: tuple[Interface, MAC] | None = None
        port = node.part(AgentPort)
        port.takers.append(self._take)
        port.unread.append(self._unread)
        # Before a foreign agent's visitors: one that is elsewhere as well is sent to where it came last.
        node.routes.hosts.insert(0, MobileRoutes(node))
        node.ip.diverters.append(self._divert)
        node.ip.broadcasts.append(self._overheard)
        node.arp.answers.append(self._answer)
        self.tunnels.inspectors.append(self._known)
        self.mobile.watchers.append(self._configured)
        node.reasons.append(self._reasons)

    def _configured(self) -> None:
        """Let go of all bindings when Mobile IP ends; have bindings end in time otherwise."""
        effects = [] if self.mobile.running else self.machine.reset(self.node.now)
        self.driver.run(effects)

    def _reasons(self, address: IPv4 | None) -> Iterator[str]:
        """Say why mobile nodes have bindings here, or have none."""
        from iosemu.features.mobileip.why import of_home_agent  # noqa: PLC0415 - rarely asked

        return of_home_agent(self.mobile, address, self.node.now)

    # --- Requests

    def _take(
        self, interface: Interface, packet: Packet, message: Message, port: int, frame: Frame | None
    ) -> bool:
        if not isinstance(message, Request) or not self.mobile.running:
            return False
        many = packet.destination >> 28 == 0xE or self.node.ip.is_broadcast(packet.destination)
        ours = packet.destination == message.home_agent
        service = interface.peek(Service)
        if not ours and (not self.mobile.home_agent or (service is not None and service.foreign is not None)):
            return False  # for a foreign agent
        destination = self._speaker(interface) if many else packet.destination
        if destination is None:
            return False
        arrival = Arrival(
            packet.source,
            port,
            destination,
            not many and self.node.ip.owner(message.home_agent) is not None,
            self._permits(message),
        )
        explaining = is_on(self.node, HOST)
        if explaining:  # its words take longer than all the rest
            self._debug(
                message.home,
                f"HA received registration for MN {message.home} on interface {interface.name} using COA "
                f"{message.care_of} HA {message.home_agent} lifetime {message.lifetime} "
                f"options {letters(message.flags)}",
            )
        before = self.machine.latest(message.home)
        effects = self.machine.request(message, arrival, self.node.now, self.node.unix)
        if explaining:
            self._explain(message, arrival, effects)
        if frame is not None and packet.source == message.home:
            self._came = interface, frame.source
        self.driver.run(effects)
        self._came = None
        accepted = any(isinstance(effect, Answer) and effect.reply.code < 64 for effect in effects)
        if accepted and self.machine.latest(message.home) != before:  # not for the second time
            for teller in self.told:
                teller(message.home, message.home_agent)
        return True

    def _unread(self, interface: Interface, octets: bytes) -> None:
        """Count what began as a request, and is none; there is nobody to answer."""
        service = interface.peek(Service)
        for_us = self.mobile.home_agent and (service is None or service.foreign is None)
        self.mobile.traffic.ignored += for_us and octets[:1] == REQUEST.to_bytes(1, "big")

    def _permits(self, request: Request) -> bool:
        """Whether access lists let a mobile node roam, and to the care-of address that it registers.

        What takes bindings back is not asked about: it names no place to be.
        """
        options, hosts = self.mobile.options, self.mobile.hosts_of(request.home)
        lists = [(options.roam_access, request.home), (options.care_of_access, request.care_of)]
        if hosts is not None:
            lists.append((hosts.care_of_access, request.care_of))
        return not request.lifetime or all(
            acl.permits(self.node, name, address) for name, address in lists if name is not None
        )

    def _speaker(self, interface: Interface) -> IPv4 | None:
        """Give the address to answer a broadcast with: in a redundancy group, the active's virtual one.

        Of several groups on the interface, those count that Mobile IP follows.
        """
        groups = self.node.part(Track).on(interface)
        if groups:
            followed = [group for group in groups if group.name in self.mobile.groups] or groups
            return next((group.address for group in followed if group.active), None)
        return interface.address[0] if interface.address is not None else None

    # --- What peers and users want

    def adopt(self, effects: list[Effect]) -> None:
        """Carry out what a peer's records made the machine do; nobody is told."""
        self.driver.run(effects)

    def clear(self, homes: list[IPv4]) -> None:
        """Take the bindings of mobile nodes away, and have peers do so too."""
        for home in homes:
            held = self.mobile.bindings.of(home)
            if held:
                self.driver.run(self.machine.clear(home, self.node.now))
                for teller in self.told:
                    teller(home, held[-1].home_agent)

    def drop(self, homes: list[IPv4]) -> None:
        """Take the bindings of mobile nodes away here alone; a peer may bring them back."""
        for home in homes:
            self.driver.run(self.machine.drop(home, self.node.now))

    # --- Out

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Answer():
                self._reply(effect)
            case Bound(binding, first):
                self._changed(binding.home)
                if first:
                    self._away(binding.home)
            case Unbound(binding, last):
                self._changed(binding.home)
                if last:
                    self._returned(binding)
            case Opened(tunnel):
                made = self.tunnels.use(
                    tunnel.source, tunnel.destination, gre=tunnel.gre, number=tunnel.number
                )
                tunnel.interface, tunnel.number = made, made.place
            case Closed(tunnel):
                if isinstance(tunnel.interface, Tunnel):
                    self.tunnels.release(tunnel.interface)
            case Violated():
                violated(self.node, "HA", effect)

    def _reply(self, answer: Answer) -> None:
        """Send a reply; one for a node that is at home stays on the home link, whatever binding there is."""
        interface, mac = self._came if answer.direct and self._came is not None else (None, None)
        self.node.ip.send_udp(
            answer.destination,
            answer.port,
            answer.reply,
            source_port=PORT,
            source=answer.source,
            interface=interface,
            to=mac,
        )

    # --- Packets

    def _divert(self, interface: Interface, packet: Packet, frame: Frame | None) -> bool:
        """Send what is forwarded to a mobile node that is away into its tunnels (RFC 2002 §3.8.2.1)."""
        del interface, frame
        held = self.mobile.bindings.of(packet.destination)
        if not held or packet.ttl <= 1:
            return False
        counts = self.mobile.counts.setdefault(packet.destination, HostCounts())
        counts.packets_out += 1
        counts.bytes_out += packet.size
        passed = packet._replace(ttl=packet.ttl - 1)
        for binding in held:
            if binding.tunnel.interface is not None:
                self.node.ip.transmit(binding.tunnel.interface, passed, binding.care_of)
        return True

    def _changed(self, home: IPv4) -> None:
        """Note whether a mobile node has broadcasts sent after it, and tell those who follow it."""
        if any(binding.accepted & FLAGS["B"] for binding in self.mobile.bindings.of(home)):
            self._listeners[home] = None
        else:
            self._listeners.pop(home, None)
        for follower in self.followers:
            follower(home)

    def _overheard(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        """Send a broadcast of the home network after those who asked for it (RFC 2002 §4.3).

        One whose foreign agent opens the tunnel has it in another packet, to itself; who opens the tunnel itself
        has it as it is.
        """
        del frame
        for home in tuple(self._listeners):
            held = self.mobile.bindings.of(home)
            if self._link(home) is not interface or not self.serves(held[-1].home_agent):
                continue
            for binding in held:
                if binding.accepted & FLAGS["B"] and binding.tunnel.interface is not None:
                    alone = binding.flags & FLAGS["D"]
                    sent = packet if alone else ipip.wrap(packet, binding.tunnel.source, home)
                    self.node.ip.transmit(binding.tunnel.interface, sent, binding.care_of)

    def _known(self, tunnel: Tunnel, inner: Packet) -> bool:
        """Whether what came out of a tunnel is from a mobile node at its other end (RFC 2344 §4.2)."""
        if self.mobile.options.reverse_tunnel_off:
            return False
        for binding in self.mobile.bindings.of(inner.source):
            if binding.tunnel.interface is tunnel:
                counts = self.mobile.counts.setdefault(inner.source, HostCounts())
                counts.packets_in += 1
                counts.bytes_in += inner.size
                return True
        return False

    # --- The home link

    def serves(self, home_agent: IPv4) -> bool:
        """Whether this router is the one that speaks for a home agent address on physical networks."""
        mapped = self._mapped(home_agent)
        return not mapped or any(group.active for group in mapped)

    def _mapped(self, home_agent: IPv4) -> list[Redundancy]:
        """Give the HSRP groups that serve a home agent address for physical networks."""
        groups = self.node.part(Track).groups
        return [
            groups[name]
            for name, group in self.mobile.groups.items()
            if not group.virtual_network and name in groups and home_agent in self.mobile.addresses_of(name)
        ]

    def _mac(self, home_agent: IPv4, interface: Interface) -> MAC | None:
        """Give the MAC to answer ARP with for mobile nodes of a home agent address; None: others answer.

        It is that of the group that serves the address, whatever other groups are on the interface: it goes to the
        next home agent with the group. With that group on another interface, it is this router's own, until one that
        takes over says otherwise.
        """
        if not self.serves(home_agent):
            return None
        mapped = self._mapped(home_agent)
        for group in mapped:
            if group.interface is interface and group.active:
                return group.mac
        return interface.mac if mapped else self.node.part(Track).answers_with(interface)

    def _link(self, home: IPv4) -> Interface | None:
        """Give the interface of a mobile node's physical home network, if this is up."""
        hosts = self.mobile.hosts_of(home)
        interface = self.node.interfaces.get(hosts.interface or "") if hosts is not None else None
        return interface if interface is not None and interface.up else None

    def _answer(self, interface: Interface, request: Arp) -> MAC | None:
        held = self.mobile.bindings.of(request.target)
        if not held or self._link(request.target) is not interface:
            return None
        mac = self._mac(held[-1].home_agent, interface)
        if mac is None:
            return NOBODY
        self.mobile.traffic.proxy_arps += 1
        return mac

    def announce(self, home: IPv4) -> bool:
        """Tell a mobile node's home network that packets to it come here, if that is so; gives whether it is."""
        interface, held = self._link(home), self.mobile.bindings.of(home)
        mac = self._mac(held[-1].home_agent, interface) if interface is not None and held else None
        if interface is None or mac is None:
            return False
        self.node.arp.announce(interface, home, mac)
        self.mobile.traffic.gratuitous_arps += 1
        return True

    def _away(self, home: IPv4) -> None:
        if self.announce(home):
            clock = self.node.lab.clock
            clock.at(clock.now + SECOND, self.node.name, Announcement(self, home, ANNOUNCED - 1))

    def _returned(self, binding: Binding) -> None:
        """Tell the home network the MAC of a node that is back (RFC 2002 §4.6)."""
        if self._came is not None and self._link(binding.home) is self._came[0]:
            interface, mac = self._came
            self.node.arp.announce(interface, binding.home, mac)
            self.mobile.traffic.gratuitous_arps += 1

    def took_over(self, home_agent: IPv4, interface: Interface) -> None:
        """Become the one who speaks for a home agent address, by a group of an interface.

        On that interface's network nobody has to be told, as the virtual MAC is the same.
        """
        for binding in self.mobile.bindings.served_by(home_agent):
            if self._link(binding.home) is not interface:
                self.announce(binding.home)

    # --- Debugging (reference mobile-ip.md §3.2)

    def _debug(self, home: IPv4, text: str) -> None:
        debug(self.node, HOST, f"MobileIP: {text}", home)

    def _explain(self, request: Request, arrival: Arrival, effects: list[Effect]) -> None:
        """Write the rows about a request that is about to be answered."""
        home = request.home
        failed = next((effect.actor for effect in effects if isinstance(effect, Violated)), "")
        answer = next((effect for effect in effects if isinstance(effect, Answer)), None)
        if answer is None:
            self._debug(home, f"HA ignores registration for MN {home}")
            return
        code = answer.reply.code
        proofs = {each.type: each.spi for each in request.extensions if isinstance(each, Authentication)}
        added = {each.type: each.spi for each in answer.reply.extensions if isinstance(each, Authentication)}
        if FOREIGN_HOME in added and failed != "FA" and FOREIGN_HOME in proofs:
            self._debug(
                home, f"Authenticated FA {arrival.source} using SPI {proofs[FOREIGN_HOME]:X} (MN {home})"
            )
        if code not in (131, 132):
            self._debug(home, f"Authenticated MN {home} using SPI {proofs[MOBILE_HOME]:X}")
        if code >= 128:
            self._debug(home, f"HA rejects registration for MN {home} - {CODES[code]} ({code})")
        else:
            self._debug(home, f"HA accepts registration from MN {home}")
            word = "updated" if request.lifetime else "deleted"
            self._debug(home, f"Mobility binding for MN {home} {word}")
            if request.lifetime:
                self._debug(home, f"Roam timer started for MN {home}, lifetime {answer.reply.lifetime}")
        for kind, name in ((MOBILE_HOME, "MH"), (FOREIGN_HOME, "HF")):
            if kind in added:
                self._debug(home, f"{name} auth ext added (SPI {added[kind]:X}) in reply to MN {home}")
        self._debug(home, f"HA sent reply to MN {home}")


class Announcement:
    """A gratuitous ARP for a mobile node that is to be repeated, on the clock."""

    __slots__ = ("boots", "home", "left", "side")

    def __init__(self, side: HomeSide, home: IPv4, left: int) -> None:
        self.side = side
        self.home = home
        self.left = left
        self.boots = side.node.boots

    def happen(self, now: int) -> None:
        """Be sent, for as long as the node is away and this router speaks for it."""
        node = self.side.node
        if node.boots == self.boots and self.side.announce(self.home) and self.left > 1:
            self.left -= 1
            node.lab.clock.at(now + SECOND, node.name, self)


class MobileRoutes:
    """The host routes to mobile nodes: the binding table itself, asked and not copied.

    A binding to a care-of address of this router's own leads nowhere else: its foreign agent's route does.
    """

    def __init__(self, node: Node) -> None:
        self.mobile = node.part(Mobile)
        self.node = node

    def find(self, address: IPv4) -> Route | None:
        """Give the route to a mobile node by its latest binding, if it is away."""
        held = self.mobile.bindings.of(address)
        return self._route(held[-1]) if held else None

    def __iter__(self) -> Iterator[Route]:
        """Give the routes to all care-of addresses, by home address, those to the latest ones first."""
        for _, held in groupby(self.mobile.bindings, attrgetter("home")):
            for binding in reversed(tuple(held)):
                route = self._route(binding)
                if route is not None:
                    yield route

    def _route(self, binding: Binding) -> Route | None:
        interface = binding.tunnel.interface
        if interface is None or not interface.up or self.node.ip.owner(binding.care_of) is not None:
            return None
        prefix = Prefix(binding.home, 32)
        return Route(prefix, MOBILE, DISTANCE, METRIC, binding.care_of, interface, binding.since)
