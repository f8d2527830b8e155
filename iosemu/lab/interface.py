"""Interfaces: a node's ports, real and virtual, with their addresses and whether they are up.

`KINDS` is the one place that says which kinds of interface there are. Whoever wants to know of a change puts
a bound method into `watchers`; setting `shutdown`, `address` or `secondaries` tells them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from iosemu.addresses import MAC, IPv4
from iosemu.lab.parts import Parts
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.addresses import Prefix
    from iosemu.lab.router import Node
    from iosemu.lab.segment import Segment
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet

K = TypeVar("K")

ALL_HOSTS = IPv4(0xE0000001)
"""224.0.0.1."""

TAGGED = -1
"""The `tag` of a port whose own frames would be another's: a subinterface is in the native VLAN."""

UNIT = r"\d+"
SLOTTED = r"\d+(?:/\d+){0,2}(?:\.\d+)?"


class Kind(NamedTuple):
    """A kind of interface; `numbers` is a pattern, `first` and `last` bound its first part."""

    name: str
    short: str
    """How `show standby brief` and the like abbreviate it, `Et` in `Et0`."""
    help: str
    numbers: str = SLOTTED
    first: int = 0
    last: int = 15
    virtual: bool = False
    """Has no cable, so that only `shutdown` (or what it stands for) takes it down."""
    ethernet: bool = True
    """Resolves addresses with ARP and has an Ethernet address of its own."""


KINDS: tuple[Kind, ...] = (
    Kind("Async", "As", "Async interface", ethernet=False, last=128),
    Kind("BRI", "BR", "ISDN Basic Rate Interface", ethernet=False),
    Kind("Dialer", "Di", "Dialer interface", UNIT, last=255, virtual=True, ethernet=False),
    Kind("Ethernet", "Et", "IEEE 802.3"),
    Kind("FastEthernet", "Fa", "FastEthernet IEEE 802.3"),
    Kind("GigabitEthernet", "Gi", "GigabitEthernet IEEE 802.3z"),
    Kind("Loopback", "Lo", "Loopback interface", UNIT, last=2147483647, virtual=True, ethernet=False),
    Kind("Null", "Nu", "Null interface", UNIT, last=0, virtual=True, ethernet=False),
    Kind("Port-channel", "Po", "Ethernet Channel of interfaces", r"\d+(?:\.\d+)?", 1, 64, virtual=True),
    Kind("Serial", "Se", "Serial", r"\d+(?:/\d+){0,2}(?:[:.]\d+)?", ethernet=False),
    Kind("TenGigabitEthernet", "Te", "Ten Gigabit Ethernet"),
    Kind("Tunnel", "Tu", "Tunnel interface", UNIT, last=2147483647, virtual=True, ethernet=False),
    Kind("Vlan", "Vl", "Catalyst Vlans", UNIT, 1, 4094, virtual=True),
)
_NAME = re.compile(r"([A-Za-z][A-Za-z-]*?) *(\d[\d/:.]*)\Z", re.ASCII)


def parse_name(text: str) -> tuple[Kind, str]:
    """Split `Ethernet0`, `ethernet 0` or `e0` into kind and number; ValueError says what is wrong.

    A kind may be abbreviated for as long as one kind alone begins so.
    """
    found = _NAME.match(text.strip())
    if not found:
        raise ValueError(f"not an interface: {text!r}")
    word, number = found[1].lower(), found[2]
    kinds = [kind for kind in KINDS if kind.name.lower().startswith(word)]
    exact = [kind for kind in kinds if kind.name.lower() == word]
    if len(exact or kinds) != 1:
        said = "ambiguous" if kinds else "unknown"
        raise ValueError(f"{said} kind of interface: {text!r}")
    kind = (exact or kinds)[0]
    first = int(re.split(r"[/:.]", number, maxsplit=1)[0])
    if not re.fullmatch(kind.numbers, number) or not kind.first <= first <= kind.last:
        raise ValueError(f"no such number of {kind.name}: {text!r}")
    return kind, number


def full_name(text: str) -> str:
    """Give an interface's name as configurations write it, `Ethernet0` for `e0`; ValueError: no name."""
    kind, number = parse_name(text)
    return kind.name + number


class Counters:
    """What `show interfaces` counts; instants are None for never."""

    __slots__ = (
        "broadcasts_in",
        "bytes_in",
        "bytes_out",
        "drops",
        "last_input",
        "last_output",
        "packets_in",
        "packets_out",
        "unknown",
    )

    def __init__(self) -> None:
        self.packets_in = self.bytes_in = self.broadcasts_in = self.unknown = 0
        self.packets_out = self.bytes_out = self.drops = 0
        self.last_input: int | None = None
        self.last_output: int | None = None


class Interface(Parts):
    """A port of a node.

    `bia` is its burned-in Ethernet address and `mac` the one in use; `watchers` are called with the interface
    when it went up or down or its addresses changed, `closing` before `shutdown` takes effect, while frames
    still leave.
    """

    def __init__(self, node: Node, name: str, bia: MAC) -> None:
        """Make an interface; ValueError when the name is not one."""
        super().__init__()
        self.node = node
        self.kind, self.number = parse_name(name)
        self.name = self.kind.name + self.number
        self.bia = bia
        self.segment: Segment | None = None
        self.cut = False
        self._up = False
        self._unconfigured()

    def _unconfigured(self) -> None:
        self.mac = self.bia
        self.counters = Counters()
        self.watchers: list[Callable[[Interface], None]] = []
        self.closing: list[Callable[[Interface], None]] = []
        self.carrier = self.kind.name != "Tunnel"
        """False takes the line protocol down, for whoever knows better: a tunnel without a route."""
        self.output: Callable[[Packet, IPv4], None] | None = None
        """What takes packets (and their next hop) instead of Ethernet: a tunnel's encapsulation."""
        self.proxy_arp = self.node.kind == "router"
        self.arp_timeout = 14_400
        self.virtual: dict[IPv4, MAC] = {}
        """Addresses that are ours for now, with the MAC that ARP answers: those of active HSRP groups."""
        self.vlan: int | None = None
        """The VLAN that a subinterface is in (IEEE 802.1Q); without one it carries no frames."""
        self.tag: int | None = None
        """The tag of the frames that are this interface's; None: they have none."""
        self._vlans: dict[int | None, Interface] = {}
        self._macs: dict[MAC, list[str]] = {}
        self._groups: dict[IPv4, list[str]] = {}
        self._shutdown = False
        self._address: tuple[IPv4, Prefix] | None = None
        self._secondaries: tuple[tuple[IPv4, Prefix], ...] = ()

    def forget(self) -> None:
        """Lose all configuration and parts, as with power; the cable stays."""
        self._up = False
        self.parts.clear()
        if self.vlan is not None:
            self.join_vlan(None)
        self._unconfigured()

    # --- Names

    @property
    def short(self) -> str:
        """The name as tables abbreviate it: `Et0`, `Fa0/1`."""
        return self.kind.short + self.number

    @property
    def sort_key(self) -> tuple[int, tuple[int, ...]]:
        """Orders interfaces as running-config does within a node: by kind, then number by number."""
        return KINDS.index(self.kind), tuple(int(part) for part in re.split(r"[/:.]", self.number))

    @property
    def parent(self) -> Interface | None:
        """The port that a subinterface belongs to, when it is there."""
        return self.node.interfaces.get(self.name.partition(".")[0]) if "." in self.number else None

    # --- Up and down

    @property
    def up(self) -> bool:
        """Whether the line protocol is up. Without a cable there is no way to know, and it counts as up."""
        return self._up

    @property
    def status(self) -> str:
        """What screens call the interface, the line protocol apart: up, down, or administratively down."""
        if self.disabled:
            return "administratively down"
        return "up" if self._up or self.kind.virtual else "down"

    @property
    def shutdown(self) -> bool:
        """Whether `shutdown` is configured: administratively down."""
        return self._shutdown

    @shutdown.setter
    def shutdown(self, shutdown: bool) -> None:
        if shutdown and self._up:
            for watcher in tuple(self.closing):
                watcher(self)
        self._shutdown = shutdown
        self.refresh()

    @property
    def disabled(self) -> bool:
        """Whether it is administratively down, as a subinterface is with its port."""
        parent = self.parent
        return self._shutdown or (parent is not None and parent.shutdown)

    def refresh(self) -> None:
        """Work out anew whether the interface is up, and tell the watchers when that changed."""
        up = self.node.running and self.carrier and not self._shutdown
        if up and not self.kind.virtual:
            up = not self.cut and not (self.segment is not None and self.segment.down)
        parent = self.parent
        if parent is not None:
            up = up and parent.up
        if up != self._up:
            self._up = up
            self.changed()
            if not self.kind.virtual:  # of those there may be thousands, and they have none
                for each in tuple(self.node.interfaces.values()):
                    if each.parent is self:
                        each.refresh()

    def changed(self) -> None:
        """Tell everyone who watches, the node's own tables first, that this interface is not as it was."""
        self.node.interface_changed(self)
        for watcher in tuple(self.watchers):
            watcher(self)

    # --- IP addresses

    @property
    def address(self) -> tuple[IPv4, Prefix] | None:
        """The primary address and its subnet."""
        return self._address

    @address.setter
    def address(self, address: tuple[IPv4, Prefix] | None) -> None:
        if address != self._address:
            self._address = address
            self.changed()

    @property
    def secondaries(self) -> tuple[tuple[IPv4, Prefix], ...]:
        """The secondary addresses with their subnets, in the order of configuration."""
        return self._secondaries

    @secondaries.setter
    def secondaries(self, addresses: tuple[tuple[IPv4, Prefix], ...]) -> None:
        if addresses != self._secondaries:
            self._secondaries = addresses
            self.changed()

    @property
    def addresses(self) -> tuple[tuple[IPv4, Prefix], ...]:
        """All addresses with their subnets, the primary first."""
        return self._secondaries if self._address is None else (self._address, *self._secondaries)

    def owns(self, address: IPv4) -> bool:
        """Whether an address is this interface's: primary, secondary, or virtual for now."""
        return address in self.virtual or any(own == address for own, _ in self.addresses)

    def source_for(self, destination: IPv4) -> IPv4 | None:
        """Give the address to speak to a neighbour with: the one in its subnet, or the primary."""
        for own, prefix in self.addresses:
            if destination in prefix:
                return own
        return self._address[0] if self._address else None

    # --- Further Ethernet addresses, and multicast groups: held by named sources, and gone with the last

    def accept_mac(self, mac: MAC, source: str) -> None:
        """Take frames to a further unicast address, for a source such as `standby 1`."""
        self._macs.setdefault(mac, []).append(source)

    def release_mac(self, mac: MAC, source: str) -> None:
        """Undo `accept_mac`; nothing happens when it was not called."""
        _release(self._macs, mac, source)

    def join(self, group: IPv4, source: str) -> None:
        """Take packets to a multicast group; all hosts (224.0.0.1) is joined always."""
        self._groups.setdefault(group, []).append(source)

    def leave(self, group: IPv4, source: str) -> None:
        """Undo `join`; nothing happens when it was not called."""
        _release(self._groups, group, source)

    def joined(self, group: IPv4) -> bool:
        """Whether packets to a multicast group are for this node."""
        return group == ALL_HOSTS or group in self._groups

    @property
    def groups(self) -> tuple[IPv4, ...]:
        """The multicast groups joined, in order of joining."""
        return tuple(self._groups)

    # --- VLANs

    def join_vlan(self, vlan: int | None, *, native: bool = False) -> None:
        """Put a subinterface into a VLAN of its port, or out of all; the native VLAN's frames have no tag."""
        parent = self.parent
        if parent is None:
            return
        self.vlan = vlan
        self.tag = None if native else vlan
        members = [each for each in self.node.interfaces.values() if each.vlan is not None]
        parent._vlans = {each.tag: each for each in members if each.parent is parent}  # noqa: SLF001
        parent.tag = TAGGED if None in parent._vlans else None  # noqa: SLF001
        self.node.arp.clear(self)

    # --- Frames

    def send(self, frame: Frame, size: int | None = None) -> None:
        """Send a frame, when the interface is up; `size` is its own in octets, for who has counted them."""
        counters = self.counters
        if not self._up:
            counters.drops += 1
            return
        if size is None:
            size = frame.size
        counters.packets_out += 1
        counters.bytes_out += size
        segment = self.segment
        counters.last_output = self.node.lab.clock.now
        if segment is not None:
            segment.send(self, frame, size)
        elif self.vlan is not None and (parent := self.parent) is not None:
            tag = self.tag
            parent.send(frame if tag is None else frame._replace(vlan=tag), None if tag else size)

    def receive(self, frame: Frame, size: int) -> None:
        """Hear a frame of `size` octets; pass it on when it is for this interface."""
        if not self._up:
            return
        if frame.vlan != self.tag:
            self._sort(frame, size)
            return
        destination = frame.destination
        counters = self.counters
        if destination >> 40 & 1:
            counters.broadcasts_in += 1
        elif destination != self.mac and destination not in self._macs:
            return
        counters.packets_in += 1
        counters.bytes_in += size
        node = self.node
        counters.last_input = node.lab.clock.now
        node.ip.frame(self, frame)

    def _sort(self, frame: Frame, size: int) -> None:
        """Pass a frame on to the subinterface in its VLAN; one for nobody is dropped."""
        member = self._vlans.get(frame.vlan)
        if member is None:
            return
        heard = member.counters.packets_in
        member.receive(frame, size)
        if member.counters.packets_in > heard:
            self.counters.packets_in += 1
            self.counters.bytes_in += size
            self.counters.last_input = member.counters.last_input

    def __repr__(self) -> str:
        return f"<Interface {self.node.name} {self.name}>"


def _release(held: dict[K, list[str]], what: K, source: str) -> None:
    sources = held.get(what, [])
    if source in sources:
        sources.remove(source)
        if not sources:
            del held[what]
