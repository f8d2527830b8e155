"""The foreign agent on a router: how requests come to its machine, and how what it wants is carried out.

A visitor gets a host route by the interface where it is and an entry in the ARP table that nothing overwrites, so
that what comes out of the tunnel reaches it by its link address without ARP (RFC 2002 §3.7.1); its home agent's
tunnel ends here. What comes out of a tunnel for nobody on the list is dropped without a word (§4.2.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.features.mobileip.codes import CODES, FLAGS, letters
from iosemu.features.mobileip.debugging import HOST, debug, violated
from iosemu.features.mobileip.discovery import Announcer
from iosemu.features.mobileip.effects import Violated
from iosemu.features.mobileip.foreign_agent import Came, ForeignAgent, Left, Relay, Tell, Visit
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.packet import PORT, REPLY, REQUEST, Reply, Request
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.state import DISTANCE, METRIC, Mobile, Service
from iosemu.lab import acl
from iosemu.lab.machine import Driver
from iosemu.lab.routes import MOBILE, Route
from iosemu.lab.tunnel import Tunnels
from iosemu.wire import icmp
from iosemu.wire.ipv4 import UDP, quoted
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.features.mobileip.foreign_agent import Effect, Visitor
    from iosemu.features.mobileip.packet import Message
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.tunnel import Tunnel
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet

ALL_AGENTS = IPv4(0xE000000B)
"""224.0.0.11, all mobility agents."""


class ForeignSide:
    """A router's foreign agent (a part of it), idle while it is not configured as one."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.mobile = node.part(Mobile)
        self.machine = ForeignAgent(self.mobile)
        self.driver: Driver[Effect] = Driver(node, self.machine, self._carry)
        self.announcer = node.part(Announcer)
        self.announcer.machine = self.machine
        self.tunnels: dict[IPv4, Tunnel] = {}
        """The tunnel of each visitor, by home address."""
        self.routes = VisitorRoutes(node)
        node.routes.hosts.append(self.routes)
        port = node.part(AgentPort)
        port.takers.append(self._take)
        port.unread.append(self._unread)
        node.part(Tunnels).inspectors.append(self._known)
        self.home = node.part(HomeSide)
        self.home.followers.append(self._followed)
        # So that what came for it through the tunnel goes to it, and not into the home agent's tunnels once more.
        node.ip.diverters.insert(0, self._divert)
        node.ip.icmp.append(self._failed)

    def update(self) -> None:
        """Hear from all mobility agents' group where the service stands; forget visitors when it is over."""
        for interface in self.node.interfaces.values():
            service = interface.peek(Service)
            wanted = self.mobile.running and service is not None and service.foreign is not None
            joined = interface.joined(ALL_AGENTS)
            if wanted and not joined:
                interface.join(ALL_AGENTS, "mobile")
            elif joined and not wanted:
                interface.leave(ALL_AGENTS, "mobile")
        if not self.mobile.running:
            self.driver.run(self.machine.reset())

    def clear(self, home: IPv4 | None) -> None:
        """Forget a visitor, or all."""
        self.driver.run(self.machine.clear(home))

    def _followed(self, home: IPv4) -> None:
        """End the visit of a mobile node of this router's own that has registered since, and not by this agent.

        What others' home agents accept it cannot know: their nodes' visits last until their end (RFC 2002 §3.7.1).
        """
        visitor, held = self.machine.visitors.get(home), self.mobile.bindings.of(home)
        if visitor is None or self.home.machine.latest(home) <= visitor.identification:
            return
        if not any(self.node.ip.owner(each.care_of) for each in held):
            self.clear(home)

    # --- In

    def _take(
        self, interface: Interface, packet: Packet, message: Message, port: int, frame: Frame | None
    ) -> bool:
        if isinstance(message, Reply):
            return self._take_reply(interface, message)
        # What names its destination as home agent is for that one: here visitors' requests only pass.
        if not isinstance(message, Request) or frame is None or packet.destination == message.home_agent:
            return False
        service = interface.peek(Service)
        if not self.mobile.is_foreign_agent or interface.address is None:
            return False
        if service is None or service.foreign is None:
            return False
        many = packet.destination >> 28 == 0xE or self.node.ip.is_broadcast(packet.destination)
        visit = Visit(
            interface.name,
            frame.source,
            packet.source or message.home,
            port,
            interface.address[0] if many else packet.destination,
            service.foreign,
            service.lifetime,
            self.announcer.care_of(interface),
            packet.ttl,
            service.foreign.home_access is None
            or acl.permits(self.node, service.foreign.home_access, message.home_agent),
        )
        self._debug(
            message.home,
            f"FA received registration for MN {message.home} on {interface.name} using COA {message.care_of} "
            f"HA {message.home_agent} lifetime {message.lifetime} options {letters(message.flags)}",
        )
        self.driver.run(self.machine.request(message, visit, self.node.now, self.node.unix))
        return True

    def _take_reply(self, interface: Interface, reply: Reply) -> bool:
        if not self.mobile.is_foreign_agent:
            return False
        word = "accept" if reply.code < 64 else "deny"
        self._debug(
            reply.home,
            f"FA received {word} ({reply.code}) reply for MN {reply.home} on {interface.name} "
            f"using HA {reply.home_agent} lifetime {reply.lifetime}",
        )
        self.driver.run(self.machine.reply(reply, self.node.now, self.node.unix))
        return True

    def _unread(self, interface: Interface, octets: bytes) -> None:
        """Count what began as a visitor's request, or as a reply, and is none."""
        service, traffic = interface.peek(Service), self.mobile.traffic
        if not self.mobile.is_foreign_agent:
            return
        if octets[:1] == REPLY.to_bytes(1, "big"):
            traffic.foreign_replies += 1
            traffic.replies_bad += 1
        elif octets[:1] == REQUEST.to_bytes(1, "big") and service is not None and service.foreign is not None:
            traffic.foreign_requests += 1
            traffic.foreign_ignored += 1

    def _failed(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        """Hear that a request did not reach its home agent."""
        del interface, frame
        error = packet.payload
        if not isinstance(error, icmp.Unreachable) or not self.machine.pending:
            return
        try:
            about = quoted(error.quote)
        except Malformed:
            return
        ports = about.payload
        if self.node.ip.owner(about.source) is None:
            return
        if about.protocol == UDP and isinstance(ports, bytes) and ports[2:4] == PORT.to_bytes(2, "big"):
            self.driver.run(self.machine.unreachable(about.destination, error.code, self.node.now))

    def _known(self, tunnel: Tunnel, inner: Packet) -> bool:
        """Whether what came out of a tunnel is for a visitor."""
        del tunnel
        return inner.destination in self.machine.visitors

    def _divert(self, interface: Interface, packet: Packet, frame: Frame | None) -> bool:
        """Give a visitor what came by its tunnel, and send what it sends through a reverse one (RFC 2344 §5)."""
        if self.tunnels.get(packet.destination) is interface:
            return self._deliver(packet)
        visitor = self.machine.visitors.get(packet.source)
        if visitor is None or not visitor.flags & FLAGS["T"] or frame is None or packet.ttl <= 1:
            return False
        if visitor.visit.interface != interface.name or visitor.visit.mac != frame.source:
            return False
        tunnel = self.tunnels[packet.source]
        self.node.ip.transmit(tunnel, packet._replace(ttl=packet.ttl - 1), packet.destination)
        return True

    def _deliver(self, packet: Packet) -> bool:
        route = self.routes.find(packet.destination)
        if route is None or packet.ttl <= 1:
            return False
        self.node.ip.transmit(route.interface, packet._replace(ttl=packet.ttl - 1), packet.destination)
        return True

    # --- Out

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Relay(request, wait):
                self._relay(request, wait)
            case Tell(reply, visit, own):
                self._tell(reply, visit, own=own)
            case Came(visitor):
                self._came(visitor)
            case Left(visitor):
                self._left(visitor)
            case Violated():
                violated(self.node, "FA", effect)

    def _relay(self, request: Request, wait: int) -> None:
        home, agent = request.home, request.home_agent
        self._debug(home, f"FA queued MN {home} in register table")
        self._debug(home, f"Visitor registration timer started for MN {home}, lifetime {wait}")
        if self.node.ip.send_udp(agent, PORT, request, source_port=PORT):
            self._debug(home, f"FA forwarded registration for MN {home} to HA {agent}")
        else:
            self.driver.run(self.machine.unreachable(agent, icmp.NETWORK, self.node.now))

    def _tell(self, reply: Reply, visit: Visit, *, own: bool) -> None:
        home = reply.home
        if own:
            self._debug(home, f"FA rejects registration for MN {home} - {CODES[reply.code]} ({reply.code})")
        else:
            word = "accepted" if reply.code < 64 else "denied"
            self._debug(home, f"Reply in for MN {home} using HA {reply.home_agent}, {word}")
        self._debug(home, f"FA forwarding reply to MN {home} using src {visit.destination} mac {visit.mac}")
        interface = self.node.interfaces.get(visit.interface)
        if interface is not None:
            self.node.ip.send_udp(
                visit.source,
                visit.port,
                reply,
                source_port=PORT,
                source=visit.destination,
                interface=interface,
                to=visit.mac,
            )
        if not own:
            self._debug(home, f"FA dequeued MN {home} from register table")

    def _came(self, visitor: Visitor) -> None:
        self._debug(visitor.home, f"Update visitor table for MN {visitor.home}")
        home, visit = visitor.home, visitor.visit
        gre = bool(visitor.flags & FLAGS["G"])
        tunnels = self.node.part(Tunnels)
        # The new one first: a renewal must not take the tunnel down.
        new = tunnels.use(visitor.care_of, visitor.home_agent, gre=gre, creator="FA")
        old = self.tunnels.pop(home, None)
        if old is not None:
            tunnels.release(old)
        self.tunnels[home] = new
        interface = self.node.interfaces.get(visit.interface)
        if interface is not None:
            self.node.arp.learn(interface, home, visit.mac, fixed=True)
            self.routes.put(home, interface)

    def _left(self, visitor: Visitor) -> None:
        home = visitor.home
        self.routes.remove(home)
        self.node.arp.forget(home)
        tunnel = self.tunnels.pop(home, None)
        if tunnel is not None:
            self.node.part(Tunnels).release(tunnel)

    def _debug(self, home: IPv4, text: str) -> None:
        debug(self.node, HOST, f"MobileIP: {text}", home)


class VisitorRoutes:
    """The host routes to visitors."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._held: dict[IPv4, Route] = {}

    def put(self, home: IPv4, interface: Interface) -> None:
        """Lead to a visitor by an interface; a route that is there keeps its age."""
        known = self._held.get(home)
        if known is None or known.interface is not interface:
            prefix = Prefix(home, 32)
            self._held[home] = Route(prefix, MOBILE, DISTANCE, METRIC, home, interface, self.node.now)

    def remove(self, home: IPv4) -> None:
        """Lead there no more."""
        self._held.pop(home, None)

    def find(self, address: IPv4) -> Route | None:
        """Give the route to a visitor whose interface is up."""
        route = self._held.get(address)
        return route if route is not None and route.interface.up else None

    def __iter__(self) -> Iterator[Route]:
        """Give all of them, by address."""
        for home in sorted(self._held):
            if self._held[home].interface.up:
                yield self._held[home]
