"""Tunnels: packets carried within packets to one other node, IP in IP (RFC 2003) or GRE (RFC 1701).

`node.part(Tunnels)` holds a node's. A tunnel is an interface without a cable and in no list of interfaces: routes
point to it, and what is sent by it is wrapped and sent on by the routing table. Equal ends and encapsulation are
one tunnel with several users, and it is gone with the last. What comes out of one is received as if it had come by
any other interface: delivered, or forwarded with the loss of one hop; the inner TTL is not touched otherwise.

From RFC 2003 §3.1 and §3.2: the outer header copies type of service and Don't Fragment; no packet goes into the
tunnel whose exit sent it, nor into one that is being sent through already (a way to a tunnel's exit that leads
through the tunnel). Reports from routers on the way quote no more than eight octets of what is inside, so that none
can be passed on; §5: they are remembered, and the next packet's sender is told, while the packet is sent all the same.
One that wants shorter packets (§5.1) is heeded for ten minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import MAC
from iosemu.lab.clock import MINUTE, SECOND
from iosemu.lab.interface import Interface
from iosemu.lab.ip import MTU, Outgoing
from iosemu.wire import gre, icmp, ipip
from iosemu.wire.gre import Gre
from iosemu.wire.ipv4 import GRE, IPIP, Packet, quoted
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame

OVERHEAD = {False: 20, True: 24}
"""The octets that a tunnel adds to a packet, by whether it is GRE."""
LEAST = 68
"""The shortest MTU there is (RFC 791 §3.2)."""
HEEDED = 10 * MINUTE
"""How long a path's MTU is believed (RFC 1191 §6.3, and IOS's default)."""
TROUBLED = 3 * SECOND
"""How long it is believed that the exit cannot be reached: while there is traffic, there are further reports."""


class Tunnel(Interface):
    """A tunnel from `source`, an address of ours, to `destination`; `users` says how many need it.

    `counters` counts inner packets and their octets, and in `drops` those that could not be sent; `drops_in` those
    that came and were refused.
    """

    def __init__(
        self,
        node: Node,
        number: int,
        source: IPv4,
        destination: IPv4,
        *,
        gre: bool = False,
        creator: str = "HA",
    ) -> None:
        super().__init__(node, f"Tunnel{number}", MAC(0))
        self.place = number
        self.source = source
        self.destination = destination
        self.gre = gre
        self.creator = creator
        """Who made it, `HA` or `FA`, as `show ip mobile tunnel` says."""
        self.users = 0
        self.drops_in = 0
        self.speaker: IPv4 | None = None
        """The address that this node's own packets through the tunnel have; None: what `source_for` says."""
        self.open = True
        self.output = self._wrap
        self._sending = False
        self._shortened = 0  # how often, so that the latest alone is taken back
        self._trouble: tuple[int, int] | None = None  # until when, and with which code, senders are told
        self.part(Outgoing).mtu = self.longest

    @property
    def up(self) -> bool:
        """Whether the tunnel is there, and its node has read its configuration."""
        return self.open and self.node.running

    @property
    def longest(self) -> int:
        """The MTU of an Ethernet's, less the headers: 1480 or 1476 octets."""
        return MTU - OVERHEAD[self.gre]

    @property
    def mtu(self) -> int:
        """How long a packet may be that goes into the tunnel, in octets."""
        return self.part(Outgoing).mtu

    def source_for(self, destination: IPv4) -> IPv4 | None:
        """Give the address that packets of this node's own leave with.

        It is `source`, unless that is an address which this node only shares and another holds now: the answers
        would go there.
        """
        del destination
        if self.speaker is not None or self.node.ip.owner(self.source) is not None:
            return self.speaker or self.source
        route = self.node.routes.lookup(self.destination)
        if route is None or isinstance(route.interface, Tunnel):
            return self.source
        return route.interface.source_for(route.neighbour or self.destination)

    # --- In at this end

    def _wrap(self, packet: Packet, neighbour: IPv4) -> None:
        """Send a packet through (the TTL was decremented when it was forwarded, if it was)."""
        del neighbour
        if not self.up or self._sending or packet.source == self.destination or not packet.ttl:
            self.counters.drops += 1
            return
        outer = ipip.wrap(packet, self.source, self.destination)
        if self.gre:
            outer = outer._replace(protocol=GRE, payload=Gre(gre.IPV4, packet))
        if self._trouble is not None and self.node.now < self._trouble[0]:
            self.node.ip.unreachable(packet, self._trouble[1])
        self._sending = True
        try:
            sent = self.node.ip.send(outer)
        finally:
            self._sending = False
        if not sent:
            self.counters.drops += 1
            self.node.ip.unreachable(packet, icmp.HOST)
            return
        self.counters.packets_out += 1
        self.counters.bytes_out += packet.size
        self.counters.last_output = self.node.now

    # --- Out at this end

    def unwrap(self, outer: Packet) -> None:
        """Take a packet in that came from the other end."""
        inner = outer.payload
        if self.gre:
            inner = inner.payload if isinstance(inner, Gre) else b""
        if not isinstance(inner, Packet) or not inner.ttl or not self._wanted(inner):
            self.drops_in += 1
            return
        self.counters.packets_in += 1
        self.counters.bytes_in += inner.size
        self.counters.last_input = self.node.now
        self.node.ip.receive(self, inner)

    def _wanted(self, inner: Packet) -> bool:
        inspectors = self.node.part(Tunnels).inspectors
        return not inspectors or any(inspector(self, inner) for inspector in inspectors)

    # --- The path

    def fail(self, error: icmp.Unreachable | icmp.TimeExceeded) -> None:
        """Hear that the exit cannot be reached; senders are told so for some time (RFC 2003 §4.1, §4.4).

        A mobile node's home network is the home agent's own, for which RFC 2003 has Host Unreachable.
        """
        far = isinstance(error, icmp.Unreachable) and error.code != icmp.HOST and self.creator != "HA"
        self._trouble = self.node.now + TROUBLED, icmp.NETWORK if far else icmp.HOST

    def shorten(self, mtu: int) -> None:
        """Send shorter packets for some time, as a router on the way takes none above `mtu` octets."""
        if mtu:
            self.part(Outgoing).mtu = min(self.longest, max(LEAST, mtu - OVERHEAD[self.gre]))
            self._shortened += 1
            node = self.node
            node.lab.clock.at(node.now + HEEDED, node.name, Aged(self, self._shortened))

    def lengthen(self, number: int) -> None:
        """Try the longest packets again, unless there was another `shorten` since the one of this number."""
        if number == self._shortened:
            self.part(Outgoing).mtu = self.longest


class Aged:
    """What is known of a path's MTU, growing old on the clock."""

    __slots__ = ("boots", "number", "tunnel")

    def __init__(self, tunnel: Tunnel, number: int) -> None:
        self.tunnel = tunnel
        self.number = number
        self.boots = tunnel.node.boots

    def happen(self, now: int) -> None:
        """Be forgotten."""
        del now
        if self.boots == self.tunnel.node.boots:
            self.tunnel.lengthen(self.number)


class Tunnels:
    """A node's tunnels (a part of it), by source, destination, and whether they are GRE."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._held: dict[tuple[IPv4, IPv4, bool], Tunnel] = {}
        self._numbered: dict[int, Tunnel] = {}
        self.configured: dict[tuple[IPv4, IPv4, bool], Callable[[Packet], None]] = {}
        """What takes packets out of tunnels that a configuration has, by their ends in the same way."""
        self.strangers = 0
        """How many packets came from an end that no tunnel has."""
        self.inspectors: list[Callable[[Tunnel, Packet], bool]] = []
        """Bound methods that tell whether they know what comes out of a tunnel; what none knows is dropped."""
        node.ip.protocols[IPIP] = self._came
        node.ip.protocols[GRE] = self._came
        node.ip.icmp.append(self._reported)

    def use(
        self,
        source: IPv4,
        destination: IPv4,
        *,
        gre: bool = False,
        creator: str = "HA",
        number: int | None = None,
    ) -> Tunnel:
        """Give the tunnel between two ends, made if need be, with one user more.

        `number` is for whoever has numbered it already; by default it is the lowest that is free.
        """
        tunnel = self._held.get((source, destination, gre))
        if tunnel is None:
            if number is None or number in self:
                number = self.free_number()
            tunnel = Tunnel(self.node, number, source, destination, gre=gre, creator=creator)
            self._held[source, destination, gre] = self._numbered[number] = tunnel
        tunnel.users += 1
        return tunnel

    def release(self, tunnel: Tunnel) -> bool:
        """Take a user away; gives whether the tunnel went with it. Routes through it have to go before."""
        tunnel.users -= 1
        if tunnel.users > 0:
            return False
        tunnel.open = False
        self._held.pop((tunnel.source, tunnel.destination, tunnel.gre), None)
        self._numbered.pop(tunnel.place, None)
        return True

    def find(self, source: IPv4, destination: IPv4, *, gre: bool = False) -> Tunnel | None:
        """Give the tunnel between two ends, if there is one."""
        return self._held.get((source, destination, gre))

    def named(self, name: str) -> Tunnel | None:
        """Give the tunnel called `Tunnel0`, if there is one."""
        return next((each for each in self._held.values() if each.name == name), None)

    def free_number(self) -> int:
        """Give the lowest number that no tunnel has, be it of ours or configured."""
        number = 0
        while number in self:
            number += 1
        return number

    def __contains__(self, number: object) -> bool:
        """Whether a tunnel's number is taken."""
        return number in self._numbered or f"Tunnel{number}" in self.node.interfaces

    def __iter__(self) -> Iterator[Tunnel]:
        """Give the tunnels in the order of their numbers."""
        for number in sorted(self._numbered):
            yield self._numbered[number]

    def _came(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        """Take a packet in with another inside; both ends have to be a tunnel's."""
        del interface, frame
        tunnel = self._held.get((packet.destination, packet.source, packet.protocol == GRE))
        if tunnel is None:
            ends = packet.destination, packet.source, packet.protocol == GRE
            unwrap = self.configured.get(ends)
            if unwrap is not None:
                unwrap(packet)
                return
            self.strangers += 1
        else:
            tunnel.unwrap(packet)

    def _reported(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        """Hear what became of a packet on its way through a tunnel."""
        del interface, frame
        error = packet.payload
        if not isinstance(error, (icmp.Unreachable, icmp.TimeExceeded)):
            return
        try:
            about = quoted(error.quote)
        except Malformed:
            return
        tunnel = self._held.get((about.source, about.destination, about.protocol == GRE))
        if tunnel is None or about.protocol not in (IPIP, GRE):
            return
        if isinstance(error, icmp.TimeExceeded) or error.code in (icmp.NETWORK, icmp.HOST, icmp.PROTOCOL):
            tunnel.fail(error)
        elif error.code == icmp.FRAGMENTATION_NEEDED:
            tunnel.shorten(error.mtu)
