"""What every node does with IPv4: take in, deliver, forward, answer pings, report what cannot be done.

Features register for what they want to hear: `udp[port]`, `protocols[number]`, `icmp` (errors, answers and
router discovery; echo requests are answered here). All these handlers are bound methods, and get the frame in
which the packet came, or None when it came otherwise: from this node itself, or out of a tunnel.

Not done, as nothing here needs it yet: redirects, fragmentation and reassembly, multicast forwarding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.lab.clock import MILLISECOND
from iosemu.wire import icmp
from iosemu.wire.arp import Arp
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import ICMP, UDP, Packet
from iosemu.wire.udp import Datagram

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire import Encodable

    Handler: TypeAlias = Callable[[Interface, Packet, Frame | None], None]
    DatagramHandler: TypeAlias = Callable[[Interface, Packet, Datagram, Frame | None], None]

ANY = IPv4(0)
"""0.0.0.0: as a source, "whichever address of mine fits"."""
EVERYONE = IPv4(0xFFFFFFFF)
"""255.255.255.255."""
UNREACHABLES = 500 * MILLISECOND
"""IOS sends one unreachable in this time (`ip icmp rate-limit unreachable`), whence the `U.U.U` of pings."""

_ERRORS = (icmp.Unreachable, icmp.TimeExceeded, icmp.Redirect, icmp.ParameterProblem)


def multicast_mac(group: IPv4) -> MAC:
    """Give the Ethernet address of a multicast group: 0100.5e and its low 23 bits (RFC 1112 §6.4)."""
    return MAC(0x01005E000000 | group & 0x7FFFFF)


class IP:
    """A node's IPv4."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.forwards = node.kind == "router"
        self.udp: dict[int, DatagramHandler] = {}
        self.protocols: dict[int, Handler] = {ICMP: self._icmp, UDP: self._datagram}
        self.icmp: list[Handler] = []
        self._addresses: dict[IPv4, Interface] = {}  # of interfaces that are up
        self._broadcasts: dict[IPv4, Interface] = {}  # the subnets' own
        self._unreachable = -UNREACHABLES  # when the last unreachable was sent
        self._identification = 0

    def interface_changed(self, interface: Interface) -> None:
        """Work out anew which addresses are ours."""
        del interface
        self._addresses, self._broadcasts = {}, {}
        for port in self.node.interfaces.values():
            if port.up:
                for address, prefix in port.addresses:
                    self._addresses.setdefault(address, port)
                    if prefix.length < 31:
                        self._broadcasts.setdefault(prefix.broadcast, port)

    def owner(self, address: IPv4) -> Interface | None:
        """Give the interface, up, whose address or virtual address this is."""
        found = self._addresses.get(address)
        if found is None:
            for interface in self.node.interfaces.values():
                if address in interface.virtual and interface.up:
                    return interface
        return found

    # --- Taking in

    def frame(self, interface: Interface, frame: Frame) -> None:
        """Take a frame that came by an interface."""
        payload = frame.payload
        if isinstance(payload, Packet):
            self.receive(interface, payload, frame)
        elif isinstance(payload, Arp):
            self.node.arp.receive(interface, payload)
        else:
            interface.counters.unknown += 1

    def receive(self, interface: Interface, packet: Packet, frame: Frame | None = None) -> None:
        """Take a packet that came by an interface: deliver it, forward it, or drop it."""
        destination = packet.destination
        if destination >> 28 == 0xE:
            if interface.joined(destination):
                self.deliver(interface, packet, frame)
        elif self.is_broadcast(destination) or self.owner(destination) is not None:
            self.deliver(interface, packet, frame)
        elif self.forwards and not (
            frame is not None and frame.destination.multicast and interface.kind.ethernet
        ):
            self.forward(interface, packet)

    def is_broadcast(self, address: IPv4) -> bool:
        """Whether an address is everyone's on a link of ours: 255.255.255.255, or a subnet's last."""
        return address == EVERYONE or address in self._broadcasts

    def deliver(self, interface: Interface, packet: Packet, frame: Frame | None = None) -> None:
        """Hand a packet for this node to whoever handles its protocol."""
        handler = self.protocols.get(packet.protocol)
        if handler is not None:
            handler(interface, packet, frame)
        else:
            self.unreachable(packet, icmp.PROTOCOL)

    def _datagram(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        datagram = packet.payload
        if not isinstance(datagram, Datagram):
            interface.counters.unknown += 1  # a fragment, or rubbish
            return
        handler = self.udp.get(datagram.destination_port)
        if handler is not None:
            handler(interface, packet, datagram, frame)
        else:
            self.unreachable(packet, icmp.PORT)

    def _icmp(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        message = packet.payload
        if isinstance(message, icmp.EchoRequest):
            many = packet.destination >> 28 == 0xE or self.is_broadcast(packet.destination)
            source = ANY if many else packet.destination
            self.send(Packet(source, packet.source, ICMP, icmp.EchoReply(*message)))
        elif isinstance(message, bytes):
            interface.counters.unknown += 1
        for handler in tuple(self.icmp):
            handler(interface, packet, frame)

    # --- Passing on

    def forward(self, interface: Interface, packet: Packet) -> None:
        """Send a packet of others on its way."""
        del interface
        if packet.ttl <= 1:
            self._report(packet, icmp.TimeExceeded(0, packet.quote()))
            return
        route = self.node.routes.lookup(packet.destination)
        if route is None or route.interface.kind.name == "Null":
            self.unreachable(packet, icmp.HOST)
            return
        self.transmit(
            route.interface, packet._replace(ttl=packet.ttl - 1), route.neighbour or packet.destination
        )

    def transmit(self, interface: Interface, packet: Packet, neighbour: IPv4) -> None:
        """Send a packet to a neighbour, whom ARP finds."""
        if interface.output is not None:
            interface.output(packet, neighbour)
        elif interface.kind.ethernet:
            mac = self.node.arp.resolve(interface, neighbour, packet)
            if mac is not None:
                interface.send(Frame(mac, interface.mac, packet))
        elif not interface.kind.virtual:
            interface.send(Frame(BROADCAST, interface.mac, packet))  # a serial line has one other end

    # --- Sending

    def send(self, packet: Packet) -> bool:
        """Send a packet of our own by the routing table, False when there is no way.

        A source of 0.0.0.0 is filled in. A broadcast to 255.255.255.255 and a multicast leave by every
        interface that has an address; a packet to ourselves arrives at this same instant, but after what is
        being done.
        """
        destination = packet.destination
        if destination == EVERYONE or destination >> 28 == 0xE:
            ports = [port for port in self.node.interfaces.values() if port.up and port.address]
            for port in ports:
                self.send_on(port, packet)
            return bool(ports)
        owner = self.owner(destination)
        if owner is not None:
            source = packet.source or destination
            clock = self.node.lab.clock
            clock.at(clock.now, self.node.name, Looped(owner, packet._replace(source=source)))
            return True
        if destination in self._broadcasts:
            self.send_on(self._broadcasts[destination], packet)
            return True
        route = self.node.routes.lookup(destination)
        if route is None:
            return False
        neighbour = route.neighbour or destination
        if not packet.source:
            packet = packet._replace(source=self._source(route.interface, neighbour))
        self.transmit(route.interface, packet, neighbour)
        return True

    def send_on(
        self, interface: Interface, packet: Packet, *, to: MAC | None = None, sender: MAC | None = None
    ) -> None:
        """Send a packet of our own by an interface, whatever the routing table says.

        `to` is the MAC to send to, by default what the destination calls for; `sender` the frame's source,
        where it is not the interface's (an active HSRP router). A source of 0.0.0.0 is filled in.
        """
        destination = packet.destination
        if not packet.source:
            packet = packet._replace(source=self._source(interface, destination))
        if to is None:
            if destination >> 28 == 0xE:
                to = multicast_mac(destination)
            elif self.is_broadcast(destination):
                to = BROADCAST
        if interface.output is not None or to is None or not interface.kind.ethernet:
            self.transmit(interface, packet, destination)
        else:
            interface.send(Frame(to, interface.mac if sender is None else sender, packet))

    def send_udp(
        self,
        destination: IPv4,
        port: int,
        payload: Encodable | bytes,
        *,
        source_port: int,
        source: IPv4 = ANY,
        ttl: int = 255,
        interface: Interface | None = None,
        to: MAC | None = None,
        sender: MAC | None = None,
    ) -> bool:
        """Send a datagram by the routing table, or with `interface` as `send_on` does; False: no way."""
        self._identification = self._identification + 1 & 0xFFFF
        datagram = Datagram(source_port, port, payload)
        packet = Packet(source, destination, UDP, datagram, ttl=ttl, identification=self._identification)
        if interface is None:
            return self.send(packet)
        self.send_on(interface, packet, to=to, sender=sender)
        return interface.up

    def source_for(self, destination: IPv4) -> IPv4 | None:
        """Give the address that a packet to a destination leaves with; None: no way, or no address."""
        if self.owner(destination) is not None:
            return destination
        port = self._broadcasts.get(destination)
        if port is not None:
            return port.source_for(destination)
        route = self.node.routes.lookup(destination)
        if route is None:
            return None
        return self._source(route.interface, route.neighbour or destination) or None

    def _source(self, interface: Interface, neighbour: IPv4) -> IPv4:
        """Give the address to leave by an interface with: its own, or, for want of one, the node's first."""
        found = interface.source_for(neighbour)
        return found if found is not None else next(iter(self._addresses), ANY)

    # --- Reporting

    def unreachable(self, packet: Packet, code: int) -> None:
        """Tell the sender of a packet that it cannot be delivered, within IOS's rate."""
        now = self.node.now
        if now - self._unreachable >= UNREACHABLES and self._may_report(packet):
            self._unreachable = now
            self._report(packet, icmp.Unreachable(code, packet.quote()))

    def _report(self, packet: Packet, error: Encodable) -> None:
        if self._may_report(packet):
            self.send(Packet(ANY, packet.source, ICMP, error))

    def _may_report(self, packet: Packet) -> bool:
        """RFC 1122 §3.2.2: no errors about errors, packets to many or from nobody, or later fragments."""
        payload = packet.payload
        return not (
            isinstance(payload, _ERRORS)
            or (packet.protocol == ICMP and isinstance(payload, bytes))
            or packet.fragment_offset
            or packet.destination >> 28 >= 0xE
            or packet.source >> 28 >= 0xE
            or packet.source == ANY
            or self.is_broadcast(packet.destination)
            or self.is_broadcast(packet.source)
        )


class Looped:
    """A packet of a node to itself, on its way."""

    __slots__ = ("boots", "interface", "packet")

    def __init__(self, interface: Interface, packet: Packet) -> None:
        self.interface = interface
        self.packet = packet
        self.boots = interface.node.boots

    def happen(self, now: int) -> None:
        """Arrive."""
        del now
        node = self.interface.node
        if node.boots == self.boots:
            node.ip.deliver(self.interface, self.packet)
