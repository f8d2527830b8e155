"""What every node does with IPv4: take in, deliver, forward, answer pings, report what cannot be done.

Features register for what they want to hear: `udp[port]`, `tcp[port]`, `protocols[number]`, `icmp` (errors, answers and
router discovery; echo requests are answered here). All these handlers are bound methods, and get the frame in
which the packet came, or None when it came otherwise: from this node itself, or out of a tunnel.

Packets longer than an interface's MTU are cut up, or refused when they may not be (RFC 791, RFC 1191), and put
together at their destination. Not done, as nothing here needs it yet: multicast forwarding, and hosts that
take heed of redirects.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.lab.acl import Filters, passes
from iosemu.lab.clock import MILLISECOND, SECOND
from iosemu.wire import icmp, ipv4
from iosemu.wire.arp import Arp
from iosemu.wire.ethernet import Frame, framed
from iosemu.wire.ipv4 import ICMP, TCP, UDP, Packet
from iosemu.wire.octets import Malformed
from iosemu.wire.udp import Datagram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.tcp import Socket
    from iosemu.wire import Encodable

    Handler: TypeAlias = Callable[[Interface, Packet, Frame | None], None]
    Trace: TypeAlias = Callable[[str, Interface | None, Interface | None, IPv4, Packet], None]
    DatagramHandler: TypeAlias = Callable[[Interface, Packet, Datagram, Frame | None], None]

ANY = IPv4(0)
"""0.0.0.0: as a source, "whichever address of mine fits"."""
EVERYONE = IPv4(0xFFFFFFFF)
"""255.255.255.255."""
LOOPBACK = 127
"""The network of addresses that never leave a node."""
UNREACHABLES = 500 * MILLISECOND
"""IOS sends one unreachable in this time (`ip icmp rate-limit unreachable`), whence the `U.U.U` of pings."""

MTU = 1500
"""How long a packet may be, in octets, where an interface does not say otherwise."""
REASSEMBLY = 15 * SECOND
"""How long the fragments of a packet wait for the rest (RFC 791 §3.2)."""
PARTIAL = 64
"""How many packets may be incomplete at one time. Ours: somebody's fragments must not fill the memory."""
LONGEST = 65_535 - 20
"""How many octets a packet can carry."""

_ERRORS = (icmp.Unreachable, icmp.TimeExceeded, icmp.Redirect, icmp.ParameterProblem)


@lru_cache
def multicast_mac(group: IPv4) -> MAC:
    """Give the Ethernet address of a multicast group: 0100.5e and its low 23 bits (RFC 1112 §6.4)."""
    return MAC(0x01005E000000 | group & 0x7FFFFF)


class Outgoing:
    """How packets leave by an interface (a part of it); features set it."""

    __slots__ = ("ip_mtu", "mtu", "redirects", "unreachables")

    def __init__(self, _: object) -> None:
        self.mtu = MTU
        """In octets, the IP header included: what the link takes."""
        self.ip_mtu: int | None = None
        """A lower limit for IP alone."""
        self.redirects = True
        """Whether a neighbour is told of a better first hop; never while a virtual address is held here."""
        self.unreachables = True
        """Whether senders are told of packets that came here and cannot be delivered."""


def _mtu(interface: Interface) -> int:
    outgoing = interface.peek(Outgoing)
    if outgoing is None:
        return MTU
    return outgoing.mtu if outgoing.ip_mtu is None else min(outgoing.mtu, outgoing.ip_mtu)


class Tally(dict[object, int]):
    """How often what happened; what never did has 0. A `Counter` adds at twice the cost, and Hellos are many."""

    def __missing__(self, _: object) -> int:
        return 0


class IP:
    """A node's IPv4."""

    __slots__ = (
        "_addresses",
        "_broadcasts",
        "_identification",
        "_partial",
        "_too_long",
        "_unreachable",
        "broadcasts",
        "diverters",
        "filtering",
        "forwards",
        "icmp",
        "node",
        "protocols",
        "tcp",
        "traces",
        "traffic",
        "udp",
    )

    def __init__(self, node: Node) -> None:
        self.node = node
        self.forwards = node.kind == "router"
        self.udp: dict[int, DatagramHandler] = {}
        self.tcp: dict[int, Callable[[Socket], bool]] = {}
        """Functions that take a caller at a port, or refuse by giving False."""
        self.protocols: dict[int, Handler] = {ICMP: self._icmp, TCP: self._segment}
        """What takes packets, by their protocol; UDP, which is most of them, is taken here."""
        self.icmp: list[Handler] = []
        self.diverters: list[Callable[[Interface, Packet, Frame | None], bool]] = []
        """Bound methods that are shown what is to be forwarded; one that gives True has taken the packet."""
        self.traffic = Tally()
        """How often what happened, by IOS's words (`show ip traffic`); ICMP by (`in` or `out`, the message's class)."""
        self.filtering = False
        """Whether any interface has had a filter: asked of each packet."""
        self.traces: list[Trace] = []
        """Bound methods that are told what becomes of each packet, for debugging: what IOS calls it (`rcvd 3`), where
        it came (None: from here) and goes (None: nowhere), its next hop, and the packet."""
        self.broadcasts: list[Handler] = []
        """Bound methods that are shown what comes for everybody on a link, before it is delivered here."""
        self._addresses: dict[IPv4, Interface] = {}  # of interfaces that are up
        self._broadcasts: dict[IPv4, Interface] = {}  # the subnets' own
        self._unreachable = -UNREACHABLES  # when the last unreachable was sent
        self._too_long = -UNREACHABLES  # likewise, but for those that ask for shorter packets
        self._partial: dict[tuple[IPv4, IPv4, int, int], Partial] = {}
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
        destination, source = packet.destination, packet.source
        if source >> 28 >= 0xE or source >> 24 == LOOPBACK or source in self._broadcasts:
            interface.counters.unknown += 1  # nobody has such an address (RFC 1122 §3.2.1.3, RFC 1812 §5.3.7)
            self.traffic["refused"] += 1
            return
        if self.filtering and not self._let_in(interface, packet, frame):
            return
        if destination >> 28 == 0xE:
            if interface.joined(destination):
                self.deliver(interface, packet, frame)
            else:
                self.traffic["refused"] += 1
        elif self.is_broadcast(destination):
            for handler in self.broadcasts:
                handler(interface, packet, frame)
            self.deliver(interface, packet, frame)
        elif self.owner(destination) is not None:
            self.deliver(interface, packet, frame)
        elif self.forwards and not (
            frame is not None and frame.destination.multicast and interface.kind.ethernet
        ):
            for diverter in self.diverters:
                if diverter(interface, packet, frame):
                    self.traffic["forwarded"] += 1
                    return
            self.forward(interface, packet, redirect=frame is not None)
        else:
            self.traffic["refused"] += 1

    def is_broadcast(self, address: IPv4) -> bool:
        """Whether an address is everyone's on a link of ours: 255.255.255.255, or a subnet's last."""
        return address == EVERYONE or address in self._broadcasts

    def is_many(self, address: IPv4) -> bool:
        """Whether an address is a group's, or everyone's on a link of ours."""
        return address >> 28 == 0xE or self.is_broadcast(address)

    def deliver(self, interface: Interface, packet: Packet, frame: Frame | None = None) -> None:
        """Hand a packet for this node to whoever handles its protocol, once all of it is there."""
        traffic = self.traffic
        if packet.destination >> 28 == 0xE:
            traffic["multicast in"] += 1
        elif self.is_broadcast(packet.destination):
            traffic["broadcast in"] += 1
        else:
            traffic["unicast in"] += 1
        if self.traces:
            many = self.is_many(packet.destination)
            self._trace("rcvd 2" if many else "rcvd 3", interface, None if many else interface, packet)
        if packet.more_fragments or packet.fragment_offset:
            whole = self._reassemble(interface, packet)
            if whole is None:
                return
            packet = whole
        if packet.protocol == UDP:
            self._datagram(interface, packet, frame)
        elif (handler := self.protocols.get(packet.protocol)) is not None:
            handler(interface, packet, frame)
        else:
            self.traffic["unknown protocol"] += 1
            self.unreachable(packet, icmp.PROTOCOL, interface)

    def _datagram(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        datagram = packet.payload
        if not isinstance(datagram, Datagram):
            interface.counters.unknown += 1  # a fragment, or rubbish
            return
        self.traffic["UDP in"] += 1
        handler = self.udp.get(datagram.destination_port)
        if handler is not None:
            handler(interface, packet, datagram, frame)
        else:
            self.traffic["no port"] += 1
            self.unreachable(packet, icmp.PORT, interface)

    def _segment(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        del interface, frame
        self.traffic["TCP in"] += 1
        from iosemu.lab import tcp  # noqa: PLC0415 - in few labs does anybody speak it

        self.node.part(tcp.TCP).received(packet)

    def _icmp(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        message = packet.payload
        self.traffic["in", message.__class__] += 1
        if isinstance(message, icmp.EchoRequest):
            many = self.is_many(packet.destination)
            source = ANY if many else packet.destination
            self.send(Packet(source, packet.source, ICMP, icmp.EchoReply(*message)))
        elif isinstance(message, bytes):
            interface.counters.unknown += 1
        for handler in tuple(self.icmp):
            handler(interface, packet, frame)

    def _reassemble(self, interface: Interface, packet: Packet) -> Packet | None:
        """Put a fragment to those that are there; give the packet when it is whole."""
        key = packet.source, packet.destination, packet.protocol, packet.identification
        held = self._partial.get(key)
        if held is None:
            if len(self._partial) >= PARTIAL:
                self.traffic["couldn't reassemble"] += 1
                interface.counters.unknown += 1
                return None
            held = self._partial[key] = Partial(self.node)
            self.node.lab.clock.at(self.node.now + REASSEMBLY, self.node.name, held)
        whole = held.take(packet)
        if whole is not None:
            self.traffic["reassembled"] += 1
            del self._partial[key]
        return whole

    def give_up(self, partial: Partial) -> None:
        """Forget a packet that has not become whole (its own deadline calls this), and say so."""
        for key, held in tuple(self._partial.items()):
            if held is partial:
                self.traffic["timeouts"] += 1
                del self._partial[key]
                if held.first is not None:
                    self._report(held.first, icmp.TimeExceeded(1, held.first.quote()))

    # --- Passing on

    def forward(self, interface: Interface, packet: Packet, *, redirect: bool = False) -> None:
        """Send a packet of others on its way; a neighbour of ours may be told of a better first hop."""
        if packet.ttl <= 1:
            self.traffic["bad hop count"] += 1
            self._report(packet, icmp.TimeExceeded(0, packet.quote()))
            return
        route = self.node.routes.lookup(packet.destination)
        if route is None or route.interface.kind.name == "Null":
            self.traffic["no route"] += 1
            self.traffic["refused"] += 1
            self._trace("unroutable", interface, None, packet)
            self.unreachable(packet, icmp.HOST, interface)
            return
        if self.filtering and not self._let_out(interface, route.interface, packet):
            return
        neighbour = route.neighbour or packet.destination
        if redirect and route.interface is interface and self._redirects(interface, packet.source, neighbour):
            self._report(packet, icmp.Redirect(1, neighbour, packet.quote()))
        self.traffic["forwarded"] += 1
        if self.traces:
            self._trace("forward", interface, route.interface, packet, neighbour)
        self.transmit(route.interface, packet._replace(ttl=packet.ttl - 1), neighbour)

    def _let_in(self, interface: Interface, packet: Packet, frame: Frame | None) -> bool:
        """Whether an interface's list lets a packet in; its sender is told otherwise."""
        filters = interface.peek(Filters)
        came = f"{interface.name} {frame.source}" if frame is not None else interface.name
        if filters is None or filters.inbound is None or passes(self.node, filters.inbound, packet, came):
            return True
        self._deny(interface, None, packet)
        return False

    def _let_out(self, interface: Interface, leaving: Interface, packet: Packet) -> bool:
        """Whether the list of the interface by which a packet would leave lets it out."""
        filters = leaving.peek(Filters)
        if filters is None or filters.outbound is None:
            return True
        if passes(self.node, filters.outbound, packet, interface.name):
            return True
        self._deny(interface, leaving, packet)
        return False

    def _deny(self, interface: Interface, leaving: Interface | None, packet: Packet) -> None:
        self.traffic["refused"] += 1
        self._trace("access denied", interface, leaving, packet)
        self.unreachable(packet, icmp.PROHIBITED, interface)

    def _redirects(self, interface: Interface, source: IPv4, neighbour: IPv4) -> bool:
        """Whether a sender could have sent to the next hop itself (RFC 1812 §5.2.7.2), and is to be told.

        Not where an HSRP group is active: the sender would learn a router's own address.
        """
        outgoing = interface.peek(Outgoing)
        if interface.virtual or (outgoing is not None and not outgoing.redirects):
            return False
        return any(source in prefix and neighbour in prefix for _, prefix in interface.addresses)

    def transmit(self, interface: Interface, packet: Packet, neighbour: IPv4) -> None:
        """Send a packet to a neighbour, whom ARP finds."""
        if interface.output is not None:
            for part in self._parts(interface, packet):
                interface.output(part, neighbour)
        elif interface.kind.ethernet:
            mac = self.node.arp.resolve(interface, neighbour, packet)
            if mac is not None:
                self.emit(interface, packet, mac)
            else:
                self.traffic["encapsulation failed"] += 1
        elif not interface.kind.virtual:
            self.emit(interface, packet, BROADCAST)  # a serial line has one other end

    def emit(self, interface: Interface, packet: Packet, to: MAC) -> None:
        """Send a packet in as many frames as it takes, from the interface's MAC."""
        size = packet.size
        if size <= _mtu(interface):
            interface.send(Frame(to, interface.mac, packet), framed(size))
            return
        for part in self._parts(interface, packet):
            interface.send(Frame(to, interface.mac, part))

    def _parts(self, interface: Interface, packet: Packet) -> Sequence[Packet]:
        """Cut a packet up that is too long for an interface, or tell its sender that it would have to be."""
        mtu = _mtu(interface)
        if packet.size <= mtu:
            return (packet,)
        if packet.dont_fragment:
            self.traffic["couldn't fragment"] += 1
            now = self.node.now
            if now - self._too_long >= UNREACHABLES and self._may_report(packet):
                self._too_long = now
                self._report(packet, icmp.Unreachable(icmp.FRAGMENTATION_NEEDED, packet.quote(), mtu))
            return ()
        if not packet.identification:
            packet = packet._replace(identification=self._identify())
        self.traffic["fragmented"] += 1
        return cut(packet, mtu)

    def _identify(self) -> int:
        self._identification = self._identification + 1 & 0xFFFF
        return self._identification

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
            self._generated(packet)
            source = packet.source or destination
            self._trace("sending", None, owner, packet._replace(source=source))
            clock = self.node.lab.clock
            clock.at(clock.now, self.node.name, Looped(owner, packet._replace(source=source)))
            return True
        if destination in self._broadcasts:
            self.send_on(self._broadcasts[destination], packet)
            return True
        route = self.node.routes.lookup(destination)
        if route is None:
            self.traffic["no route"] += 1
            self._trace("unroutable", None, None, packet)
            return False
        neighbour = route.neighbour or destination
        if not packet.source:
            packet = packet._replace(source=self._source(route.interface, neighbour))
        self._generated(packet)
        if self.traces:
            self._trace("sending", None, route.interface, packet, neighbour)
        self.transmit(route.interface, packet, neighbour)
        return True

    def send_on(self, interface: Interface, packet: Packet, *, to: MAC | None = None) -> None:
        """Send a packet of our own by an interface, whatever the routing table says.

        `to` is the MAC to send to, by default what the destination calls for. A source of 0.0.0.0 is filled in.
        """
        destination = packet.destination
        if not packet.source:
            packet = packet._replace(source=self._source(interface, destination))
        self._generated(packet)
        if destination >> 28 == 0xE:
            self.traffic["multicast out"] += 1
        elif self.is_broadcast(destination):
            self.traffic["broadcast out"] += 1
        if self.traces:
            many = self.is_many(destination)
            self._trace("sending broad/multicast" if many else "sending", None, interface, packet)
        if to is None:
            if destination >> 28 == 0xE:
                to = multicast_mac(destination)
            elif self.is_broadcast(destination):
                to = BROADCAST
        if interface.output is not None or to is None or not interface.kind.ethernet:
            self.transmit(interface, packet, destination)
        else:
            self.emit(interface, packet, to)

    def send_framed(self, interface: Interface, frame: Frame, size: int) -> None:
        """Send a multicast datagram that stands in its frame of `size` octets, at most the MTU's.

        Who says the same again and again makes the frame once: half of what sending costs.
        """
        traffic = self.traffic
        traffic["UDP out"] += 1
        traffic["multicast out"] += 1
        if self.traces:
            self._trace("sending broad/multicast", None, interface, cast("Packet", frame.payload))
        if interface.output is None and interface.kind.ethernet:
            interface.send(frame, size)
        else:
            packet = cast("Packet", frame.payload)  # a tunnel or a serial line has no use for the frame
            self.transmit(interface, packet, packet.destination)

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
    ) -> bool:
        """Send a datagram by the routing table, or with `interface` as `send_on` does; False: no way."""
        datagram = Datagram(source_port, port, payload)
        packet = Packet(source, destination, UDP, datagram, ttl, identification=self._identify())
        if interface is None:
            return self.send(packet)
        self.send_on(interface, packet, to=to)
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

    def _generated(self, packet: Packet) -> None:
        if packet.protocol == ICMP:
            self.traffic["out", packet.payload.__class__] += 1
        elif packet.protocol == UDP:
            self.traffic["UDP out"] += 1
        elif packet.protocol == TCP:
            self.traffic["TCP out"] += 1
        else:
            self.traffic["other out"] += 1

    def _trace(
        self, what: str, came: Interface | None, goes: Interface | None, packet: Packet, next_hop: IPv4 = ANY
    ) -> None:
        for trace in self.traces:
            trace(what, came, goes, next_hop, packet)

    # --- Reporting

    def unreachable(self, packet: Packet, code: int, interface: Interface | None = None) -> None:
        """Tell the sender of a packet that it cannot be delivered, within IOS's rate.

        `interface` is where the packet came, and may be told to say nothing (`no ip unreachables`).
        """
        outgoing = interface.peek(Outgoing) if interface is not None else None
        if outgoing is not None and not outgoing.unreachables:
            return
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


def cut(packet: Packet, mtu: int) -> list[Packet]:
    """Cut a packet, or a fragment, into fragments of at most `mtu` octets (68 at least: RFC 791 §3.2).

    Options go with every fragment, as nothing here reads them.
    """
    octets = packet.encode()
    start = (octets[0] & 15) * 4
    body, step = octets[start:], (mtu - start) & ~7
    last = len(body) - 1 - (len(body) - 1) % step
    return [
        packet._replace(
            payload=body[offset : offset + step],
            more_fragments=packet.more_fragments or offset < last,
            fragment_offset=packet.fragment_offset + offset // 8,
        )
        for offset in range(0, len(body), step)
    ]


class Partial:
    """A packet of which some fragments are there; those that overlap others never make it whole."""

    __slots__ = ("boots", "first", "length", "node", "parts")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.boots = node.boots
        self.first: Packet | None = None
        """The fragment with the packet's beginning."""
        self.parts: dict[int, bytes] = {}
        self.length: int | None = None

    def take(self, fragment: Packet) -> Packet | None:
        """Take a fragment; give the packet when nothing is missing any more."""
        data, offset = fragment.payload, fragment.fragment_offset * 8
        if not isinstance(data, bytes) or not data or offset + len(data) > LONGEST:
            return None
        if not fragment.more_fragments:
            self.length = offset + len(data)
        elif len(data) % 8:
            return None
        self.parts.setdefault(offset, data)
        if not offset:
            self.first = fragment
        return self._whole() if self.length is not None and self.first is not None else None

    def _whole(self) -> Packet | None:
        end = 0
        for offset in sorted(self.parts):
            if offset != end:
                return None
            end += len(self.parts[offset])
        if end != self.length or self.first is None:
            return None
        body = b"".join(self.parts[offset] for offset in sorted(self.parts))
        whole = self.first._replace(payload=body, more_fragments=False)
        try:
            return ipv4.decode(whole.encode())
        except Malformed:  # only options too many could do this
            return whole

    def happen(self, now: int) -> None:
        """Have waited long enough."""
        del now
        if self.node.boots == self.boots:
            self.node.ip.give_up(self)


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
