"""ARP: who is at which Ethernet address on a link (RFC 826), and what a node answers.

A node answers for its own addresses, for virtual ones with their virtual MAC, and, a router with `ip
proxy-arp`, for what it can reach by another interface; a feature may answer for more. Entries age by the
clock, without timers: an old one is forgotten when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.lab.clock import SECOND
from iosemu.lab.track import Track
from iosemu.values import NamedTuple
from iosemu.wire.arp import REPLY, REQUEST, Arp
from iosemu.wire.ethernet import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ipv4 import Packet

NOBODY = MAC(0)
REFRESH = 60 * SECOND
"""An entry in use is asked for again this long before it runs out, as IOS does."""
AGAIN = SECOND
"""At most one request for an address in this time (RFC 1122 §2.3.2.1)."""
HELD = 5 * SECOND
"""How long a host keeps a packet for a silent neighbour. Ours: RFC 1122 §2.3.2.2 names no time."""


class Entry(NamedTuple):
    """What is known of a neighbour; `mac` None: it was asked for and has not answered."""

    address: IPv4
    mac: MAC | None
    interface: Interface
    updated: int
    """When it was learnt, or asked for, in microseconds."""
    fixed: bool = False
    """Configured: it neither ages nor is overwritten by what is heard."""


class ARP:
    """A node's ARP table.

    `answers` are bound methods `(interface, request) -> MAC | None` of features that answer for addresses of
    others (mobile nodes that are away): the first MAC given is sent as the answer, and with NOBODY none is.
    `watchers` see every ARP heard. `concerns` tell of an address whether this node may come to answer for it:
    who asks for one is learnt, as if it were ours already.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.entries: dict[IPv4, Entry] = {}
        self.answers: list[Callable[[Interface, Arp], MAC | None]] = []
        self.watchers: list[Callable[[Interface, Arp], None]] = []
        self.concerns: list[Callable[[Interface, IPv4], bool]] = []
        self.traces: list[Callable[[str, Interface, Arp], None]] = []
        """Bound methods that are told of each ARP, for debugging: `sent` or `rcvd`, where, and the message."""
        self.silent: tuple[IPv4, ...] = ()
        """Addresses of ours for which nothing is asked, answered or announced: a mobile node's home address while
        it is away (RFC 2002 §4.6)."""
        self._asked: dict[IPv4, int] = {}
        self._held: dict[IPv4, tuple[int, Interface, Packet]] = {}
        self._told: dict[str, tuple[IPv4, ...]] = {}  # the addresses announced, by interface

    # --- Finding neighbours

    def find(self, interface: Interface, address: IPv4) -> MAC | None:
        """Give a neighbour's MAC if it is known and not out of date; no request is sent."""
        entry = self.entries.get(address)
        if entry is None or entry.mac is None or entry.interface is not interface:
            return None
        if not entry.fixed and self.node.now - entry.updated >= interface.arp_timeout * SECOND:
            return None
        return entry.mac

    def resolve(self, interface: Interface, address: IPv4, packet: Packet | None = None) -> MAC | None:
        """Give a neighbour's MAC, or ask for it and give None.

        The packet that started the request is dropped by a router, and held by a host until the answer comes,
        the last one for each neighbour.
        """
        mac = self.find(interface, address)
        if mac is None:
            if packet is not None and self.node.kind != "router":
                self._held[address] = self.node.now, interface, packet
            self.request(interface, address)
        elif self._stale(self.entries[address]):
            self.request(interface, address)
        return mac

    def _stale(self, entry: Entry) -> bool:
        timeout = entry.interface.arp_timeout * SECOND
        return not entry.fixed and self.node.now - entry.updated >= max(timeout - REFRESH, 0)

    def request(self, interface: Interface, address: IPv4) -> None:
        """Ask who has an address, unless we asked within the last second or have no address to ask from."""
        now = self.node.now
        sender = interface.source_for(address)
        asked = self._asked.get(address)
        if sender is None or sender in self.silent or (asked is not None and now - asked < AGAIN):
            return
        self._asked[address] = now
        if self.find(interface, address) is None:
            self.entries[address] = Entry(address, None, interface, now)
        self.send(interface, Arp(REQUEST, interface.mac, sender, NOBODY, address), BROADCAST)

    def learn(self, interface: Interface, address: IPv4, mac: MAC, *, fixed: bool = False) -> None:
        """Enter a neighbour, and send what was held for it."""
        now = self.node.now
        self.entries[address] = Entry(address, mac, interface, now, fixed)
        self._asked.pop(address, None)
        held = self._held.pop(address, None)
        if held is not None and held[1] is interface and now - held[0] <= HELD:
            self.node.ip.emit(interface, held[2], mac)

    def forget(self, address: IPv4) -> None:
        """Remove a neighbour; nothing happens when it is not known."""
        self.entries.pop(address, None)
        self._asked.pop(address, None)

    def clear(self, interface: Interface | None = None) -> None:
        """Remove all that was learnt, or all that was learnt on an interface."""
        for entry in tuple(self.entries.values()):
            if not entry.fixed and (interface is None or entry.interface is interface):
                self.forget(entry.address)

    def interface_changed(self, interface: Interface) -> None:
        """Forget an interface's neighbours when it goes down; tell the link which addresses are new on it.

        IOS sends a gratuitous ARP for an address when it is configured, and when its interface comes up.
        """
        told = self._told.pop(interface.name, ())
        if not interface.up:
            self.clear(interface)
        elif interface.kind.ethernet:
            addresses = self._told[interface.name] = tuple(address for address, _ in interface.addresses)
            for address in addresses:
                if address not in told:
                    self.own(address)
                    self.announce(interface, address)

    def own(self, address: IPv4) -> None:
        """Forget who had an address that is ours now; a configured entry stays."""
        entry = self.entries.get(address)
        if entry is not None and not entry.fixed:
            self.forget(address)

    def table(self) -> Iterator[Entry]:
        """Give what `show arp` lists, by address: our own (fixed), and neighbours not out of date."""
        rows = [entry for entry in self.entries.values() if not self._outdated(entry)]
        for interface in self.node.interfaces.values():
            if interface.kind.ethernet and interface.up:
                own = {address: interface.mac for address, _ in interface.addresses} | interface.virtual
                rows += [Entry(address, mac, interface, 0, fixed=True) for address, mac in own.items()]
        yield from sorted(rows, key=lambda entry: entry.address)

    def _outdated(self, entry: Entry) -> bool:
        return not entry.fixed and self.node.now - entry.updated >= entry.interface.arp_timeout * SECOND

    # --- Answering

    def announce(self, interface: Interface, address: IPv4, mac: MAC | None = None) -> None:
        """Tell the link that an address is ours: a gratuitous ARP, by default for the interface's own MAC.

        The request form, sender and target alike (RFC 2002 §4.6 allows it, and it is what RFC 2281 routers
        send).
        """
        if address in self.silent:
            return
        mac = interface.mac if mac is None else mac
        self.send(interface, Arp(REQUEST, mac, address, NOBODY, address), BROADCAST)

    def send(self, interface: Interface, message: Arp, destination: MAC) -> None:
        """Send an ARP message in a frame from its sender's MAC, so that bridges learn where that lives."""
        self.node.ip.traffic["ARP out", message.operation] += 1
        for trace in self.traces:
            trace("sent", interface, message)
        interface.send(Frame(destination, message.sender_mac, message))

    def receive(self, interface: Interface, message: Arp) -> None:
        """Hear an ARP message: learn from it (RFC 826's merge), and answer."""
        self.node.ip.traffic["ARP in", message.operation] += 1
        for watcher in self.watchers:
            watcher(interface, message)
        for trace in self.traces:
            trace("rcvd", interface, message)
        if interface.owns(message.sender):
            return  # a claim to what is ours: for a watcher to complain of, but not to learn
        entry = self.entries.get(message.sender)
        ours = interface.owns(message.target) or any(
            concern(interface, message.target) for concern in self.concerns
        )
        if message.sender and not message.sender_mac.multicast and not (entry is not None and entry.fixed):
            neighbour = any(message.sender in prefix for _, prefix in interface.addresses)
            if (entry is not None and entry.interface is interface) or (ours and neighbour):
                self.learn(interface, message.sender, message.sender_mac)
        asked = message.operation == REQUEST and message.sender != message.target
        if asked and message.target not in self.silent:
            mac = self._answer(interface, message)
            if mac is not None:
                reply = Arp(REPLY, mac, message.target, message.sender_mac, message.sender)
                self.send(interface, reply, message.sender_mac)

    def _answer(self, interface: Interface, request: Arp) -> MAC | None:
        target = request.target
        virtual = interface.virtual.get(target)
        if virtual is not None:
            return virtual
        if interface.owns(target):
            return interface.mac
        for answer in self.answers:
            mac = answer(interface, request)
            if mac is not None:
                return mac or None
        return self._proxy(interface, request)

    def _proxy(self, interface: Interface, request: Arp) -> MAC | None:
        """Answer for what is reached by another interface (RFC 1027), as a redundancy group lets us."""
        if not interface.proxy_arp or not interface.addresses:
            return None
        route = self.node.routes.lookup(request.target)
        # A default route is way enough: IOS answers for everything then.
        if route is None or route.interface is interface:
            return None
        mac = self.node.part(Track).answers_with(interface)
        self.node.ip.traffic["proxy"] += mac is not None
        return mac
