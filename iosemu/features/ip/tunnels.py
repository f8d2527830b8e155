"""Tunnels that are configured: `interface Tunnel0` with a source and a destination, GRE (RFC 2784) or IP in IP.

The line protocol is up while the source has an address that is up and there is a route to the destination. One that
leads through the tunnel itself takes it down for a while, as IOS does: else it would come and go for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.features.ip.names import resolve
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import MTU, Outgoing
from iosemu.lab.tunnel import OVERHEAD, Tunnels
from iosemu.wire import gre, ipip
from iosemu.wire.gre import Gre
from iosemu.wire.ipv4 import GRE, Packet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.interface import Interface

UNKNOWN = "% Unrecognized host or address."
TTL = 255
DISABLED = 60 * SECOND
"""How long a tunnel stays down whose route led through it (from memory)."""


class Tunnelled:
    """What is configured of a tunnel, and what carries its packets (a part of an interface)."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.source: IPv4 | str | None = None
        """An address, or the name of an interface that has it."""
        self.destination: IPv4 | None = None
        self.mode: Values = {}
        """As it was said: nothing is GRE over IP; what is neither that nor `ipip` never comes up."""
        self.ttl = TTL
        self._ends: tuple[IPv4, IPv4, bool] | None = None
        self._sending = False
        self._disabled_until = 0
        interface.output = self._wrap
        interface.node.routes.watchers.append(self.stir)
        interface.node.watchers.append(self._changed)

    def _changed(self, interface: Interface) -> None:
        if interface is not self.interface:
            self.stir()

    @property
    def gre(self) -> bool:
        """Whether packets go in GRE."""
        return not self.mode.get("ipip")

    def _address(self) -> IPv4 | None:
        """Give the address to send from, while it is up."""
        node = self.interface.node
        if isinstance(self.source, str):
            port = node.interfaces.get(self.source)
            return port.address[0] if port is not None and port.up and port.address else None
        return self.source if self.source is not None and node.ip.owner(self.source) is not None else None

    def stir(self) -> None:
        """Work out anew where the tunnel leads, and whether its line protocol is up."""
        node, source = self.interface.node, self._address()
        tunnels = node.part(Tunnels)
        if self._ends is not None:
            tunnels.configured.pop(self._ends, None)
            self._ends = None
        if self.interface.peek(Tunnelled) is not self:
            return  # the interface was unconfigured
        if source is not None and self.destination is not None and not {"multipoint", "ipsec"} & {*self.mode}:
            self._ends = source, self.destination, self.gre
            tunnels.configured[self._ends] = self._unwrap
        self.interface.part(Outgoing).mtu = MTU - OVERHEAD[self.gre]
        carrier = self._ends is not None and self._reachable(self._ends[1])
        if carrier != self.interface.carrier:
            self.interface.carrier = carrier
            self.interface.refresh()

    def _reachable(self, destination: IPv4) -> bool:
        node = self.interface.node
        if node.now < self._disabled_until:
            return False
        route = node.routes.lookup(destination)
        if route is None:
            return False
        if route.interface is self.interface:
            self._disabled_until = node.now + DISABLED
            node.lab.clock.at(self._disabled_until, node.name, Retry(self))
            name = self.interface.name
            node.log.emit("TUN", 5, "RECURDOWN", f"{name} temporarily disabled due to recursive routing")
            return False
        return True

    def _wrap(self, packet: Packet, neighbour: IPv4) -> None:
        """Send a packet through (the TTL was decremented when it was forwarded, if it was)."""
        del neighbour
        counters = self.interface.counters
        if self._ends is None or self._sending or not self.interface.up:
            counters.drops += 1
            return
        source, destination, in_gre = self._ends
        outer = ipip.wrap(packet, source, destination, ttl=self.ttl)
        if in_gre:
            outer = outer._replace(protocol=GRE, payload=Gre(gre.IPV4, packet))
        self._sending = True
        try:
            sent = self.interface.node.ip.send(outer)
        finally:
            self._sending = False
        if not sent:
            counters.drops += 1
            return
        counters.packets_out += 1
        counters.bytes_out += packet.size
        counters.last_output = self.interface.node.now

    def _unwrap(self, outer: Packet) -> None:
        """Take a packet in that came from the other end."""
        inner: object = outer.payload
        if isinstance(inner, Gre):
            inner = inner.payload
        if not isinstance(inner, Packet) or not inner.ttl or not self.interface.up:
            return
        counters = self.interface.counters
        counters.packets_in += 1
        counters.bytes_in += inner.size
        counters.last_input = self.interface.node.now
        self.interface.node.ip.receive(self.interface, inner)


class Retry:
    """The end of the time that a tunnel is disabled."""

    __slots__ = ("boots", "tunnel")

    def __init__(self, tunnel: Tunnelled) -> None:
        self.tunnel = tunnel
        self.boots = tunnel.interface.node.boots

    def happen(self, now: int) -> None:
        """Look again."""
        del now
        if self.tunnel.interface.node.boots == self.boots:
            self.tunnel.stir()


@command("interface", "tunnel source")
def tunnel_source(
    port: Interface, *, address: IPv4 | None = None, interface: str | None = None, no: bool = False
) -> None:
    """Send the tunnel's packets from an address, or from that of an interface."""
    tunnel = port.part(Tunnelled)
    tunnel.source = None if no else address if interface is None else interface
    tunnel.stir()


@tunnel_source.config
def _(port: Interface) -> Iterator[Values]:
    held = port.peek(Tunnelled)
    if held is not None and held.source is not None:
        yield {"interface" if isinstance(held.source, str) else "address": held.source}


@command("interface", "tunnel destination")
def tunnel_destination(port: Interface, *, destination: IPv4 | str = "", no: bool = False) -> Reply:
    """Send the tunnel's packets to a host, which is kept by its address."""
    address = None if no else resolve(port.node, destination)
    if address is None and not no:
        yield UNKNOWN
        return
    tunnel = port.part(Tunnelled)
    tunnel.destination = address
    tunnel.stir()


@tunnel_destination.config
def _(port: Interface) -> Iterator[Values]:
    held = port.peek(Tunnelled)
    if held is not None and held.destination is not None:
        yield {"destination": held.destination}


@command("interface", "tunnel mode")
def tunnel_mode(port: Interface, *, no: bool = False, **said: bool) -> None:
    """Choose GRE, the default, or IP in IP; multipoint GRE and IPSec are kept, and never come up."""
    tunnel = port.part(Tunnelled)
    words = {word: True for word, value in said.items() if value}
    tunnel.mode = {} if no or words in ({"gre": True, "ip": True}, {"gre": True}) else words
    tunnel.stir()


@tunnel_mode.config
def _(port: Interface) -> Iterator[Values]:
    held = port.peek(Tunnelled)
    if held is not None and held.mode:
        yield held.mode


@command("interface", "tunnel ttl")
def tunnel_ttl(port: Interface, *, ttl: int = TTL, no: bool = False) -> None:
    """Set how long the tunnel's packets live."""
    port.part(Tunnelled).ttl = TTL if no else ttl


@tunnel_ttl.config
def _(port: Interface) -> Iterator[Values]:
    held = port.peek(Tunnelled)
    if held is not None and held.ttl != TTL:
        yield {"ttl": held.ttl}
