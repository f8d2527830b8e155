"""HSRP on a router: the groups of an interface, and how what their machines want is carried out.

`interface.part(Standby).groups[1]` is a group: a `machine.Group`, which decides everything, its driver, and
what configuration says of it. What changes around it (its interface, addresses, configuration) ends in
`update`, which enables or disables the machine; what the machine changes ends in `_settle`, which makes the
interface's virtual addresses and the published `Redundancy` what the machine's state says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.features.hsrp import machine, messages
from iosemu.features.hsrp.packet import GROUP_ADDRESS, PORT, STATES, Hsrp, register
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import multicast_mac
from iosemu.lab.machine import Driver
from iosemu.lab.track import Redundancy, Track
from iosemu.values import NamedTuple
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import Datagram

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iosemu.addresses import MAC
    from iosemu.features.hsrp.machine import Effect, Misconfigured
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

register()

GROUP_MAC = multicast_mac(GROUP_ADDRESS)

DECREMENT = 10
"""What a tracked interface takes from the priority by default."""
COMPLAINTS = 30 * SECOND
"""One message about a neighbour's fault is logged in this time (from memory: IOS thins out BADAUTH so)."""
COMPLAINERS = 64
"""How many faults are logged in this time. Ours: invented sources must fill neither the log nor the memory."""


class Tracked(NamedTuple):
    """What `standby track` says of an interface, or of an object, which has no effect yet."""

    decrement: int = DECREMENT
    shutdown: bool = False


class Group:
    """A group of an interface.

    What configuration says is `enabled` (`standby ip` is there) and the attributes below it, and of the
    machine `configured_ip`, `secondaries`, `configured_priority`, `preempt`, `configured_timers`.
    """

    __slots__ = (
        "_claimed",
        "_listens",
        "_mac",
        "_sent",
        "_state",
        "_virtual",
        "driver",
        "enabled",
        "interface",
        "mac",
        "machine",
        "md5",
        "milliseconds",
        "name",
        "number",
        "standby",
        "text",
        "tracked",
    )

    def __init__(self, standby: Standby, number: int) -> None:
        node = standby.interface.node
        self.standby = standby
        self.interface = standby.interface
        self.number = number
        jitter = node.generator(f"standby {self.interface.name} {number}")
        self.machine = machine.Group(number, jitter, booted=node.booted_at)
        self.driver: Driver[Effect] = Driver(node, self.machine, self._carry)
        self.enabled = False
        self.name: str | None = None
        self.mac: MAC | None = None
        self.text: str | None = None
        """The plain text authentication string, when it is not the default."""
        self.md5: dict[str, object] | None = None
        """An MD5 authentication as it was said; a key chain has no effect."""
        self.milliseconds = False, False
        """Whether hello and hold time were said in milliseconds."""
        self.tracked: dict[str | int, Tracked] = {}
        """By interface's name, or object's number, in the order of configuration."""
        self._state = self.machine.state  # the last one told of
        self._virtual: dict[IPv4, MAC] = {}  # what the interface has of us
        self._mac: MAC | None = None  # likewise
        self._listens = False
        self._claimed: str | None = None
        self._sent: tuple[machine.Send, Frame, int] | None = None  # the last one, its frame and its octets

    # --- What it is

    @property
    def redundancy(self) -> str:
        """The name that clients know it by."""
        return f"hsrp-{self.interface.short}-{self.number}" if self.name is None else self.name

    @property
    def obstacle(self) -> str | None:
        """Why the group cannot run, in the words of `show standby`; None: it can.

        Only `interface down` is seen in transcripts (reference hsrp.md §3.3).
        """
        interface, address = self.interface, self.machine.configured_ip
        if not self.enabled:
            return ""
        if not interface.up:
            return "interface down"
        if interface.address is None:
            return "protocol not cfgd"
        return None if address is None or self.fits(address) else "virtual IP in wrong subnet"

    def fits(self, address: IPv4) -> bool:
        """Whether an address is in a subnet of the interface."""
        return any(address in prefix for _, prefix in self.interface.addresses)

    @property
    def addresses(self) -> tuple[IPv4, ...]:
        """The virtual addresses in use, the primary first."""
        primary = self.machine.virtual_ip
        return self.machine.secondaries if primary is None else (primary, *self.machine.secondaries)

    @property
    def blank(self) -> bool:
        """Whether no line of configuration stands for the group."""
        known = self.machine
        said = (self.enabled, known.secondaries, known.preempt, known.configured_timers, self.tracked)
        named = (self.name, self.mac, self.text, self.md5)
        return (
            not any(said) and named == (None,) * 4 and known.configured_priority == machine.DEFAULT_PRIORITY
        )

    # --- What happens to it

    def run(self, effects: Iterable[Effect] = ()) -> None:
        """Carry out what an input of the machine brought about."""
        self.driver.run(effects)
        self._settle()

    def update(self) -> None:
        """Start or stop the machine, as configuration and the interface now have it.

        A group whose interface has got another address starts anew; its Resign still leaves from the old one.
        """
        now, known, interface = self.interface.node.now, self.machine, self.interface
        self._listen(self.enabled)
        obstacle = self.obstacle
        if obstacle is not None or interface.address is None:
            self.run(known.disable(now, obstacle or ""))
            return
        if known.address != interface.address[0]:
            self.run(known.disable(now))
            known.address = interface.address[0]
        self.run(known.enable(now, delay=max(0, self.standby.ready_at - now)))

    def set_ip(self, address: IPv4 | None, *, enabled: bool = True) -> None:
        """Configure the virtual address (None: it is learned), or take `standby ip` away."""
        now = self.interface.node.now
        was, self.enabled = self.enabled, enabled
        if not enabled or (address is not None and not self.fits(address)):
            self.run(self.machine.disable(now))
        if was != enabled:
            (messages.enabled if enabled else messages.disabled)(self.interface, self.number)
        self.run(self.machine.set_virtual_ip(address, now))
        self.update()

    def set_secondaries(self, addresses: tuple[IPv4, ...]) -> None:
        """Configure the secondary virtual addresses."""
        self.run(self.machine.set_secondaries(addresses, self.interface.node.now))

    def set_timers(self, timers: tuple[int, int] | None) -> None:
        """Configure hellotime and holdtime, in milliseconds."""
        self.run(self.machine.set_timers(timers, self.interface.node.now))

    def choose_mac(self) -> None:
        """Take the virtual MAC that configuration wants; an active group announces its addresses with it."""
        mac = self.interface.mac if self.mac is None and self.standby.use_bia is not None else self.mac
        if mac != self.machine.mac_address:
            self.machine.mac_address = mac
            self._settle()
            self.set_secondaries(self.machine.secondaries)

    def track(self, what: str | int, tracked: Tracked | None) -> None:
        """Track an interface, or an object; None: no longer."""
        trackers = self.interface.node.part(Process).trackers
        if tracked is None:
            self.tracked.pop(what, None)
            if isinstance(what, str) and self in trackers.get(what, ()):
                trackers[what].remove(self)
        else:
            if isinstance(what, str) and what not in self.tracked:
                trackers.setdefault(what, []).append(self)
            self.tracked[what] = tracked
        self.weigh()

    def weigh(self) -> None:
        """Take from the priority what tracked interfaces that are down cost; a missing one is down."""
        ports, was = self.interface.node.interfaces, self.machine.priority
        self.machine.decrement = sum(
            tracked.decrement
            for name, tracked in self.tracked.items()
            if isinstance(name, str) and not (name in ports and ports[name].up)
        )
        if self.machine.priority != was:
            messages.priority_changed(self.interface, self.number, was, self.machine.priority)

    def remove(self) -> None:
        """Leave the configuration: resign, and let go of everything."""
        self.set_ip(None, enabled=False)
        for what in tuple(self.tracked):
            self.track(what, None)
        self.driver.stop()

    def hear(self, message: Hsrp, source: IPv4) -> None:
        """Take a message of this group in."""
        known, now = self.machine, self.interface.node.lab.clock.now
        if known.state == "Init":
            return
        messages.packet(self.interface, "in", source, message)
        if known.configured_ip is None and known.learned_ip != message.virtual_ip != 0:
            message = self._learnable(message, source)
        if not known.repeats(message, source, now):
            self.driver.run(known.receive(message, source, now))  # what changes settles in `_carry`

    def _learnable(self, message: Hsrp, source: IPv4) -> Hsrp:
        """Take a virtual address out of a message that this router could not have; say why."""
        interface, address = self.interface, message.virtual_ip
        if STATES.get(message.state) != "Active":
            return message
        if not self.fits(address):
            why = "is in the wrong subnet for this interface"
        elif any(address in group.addresses for group in self.standby.groups.values() if group is not self):
            why = "is already in use by another group"
        elif interface.node.ip.owner(address) is not None:
            why = "is already in use on this router"
        else:
            return message
        if self.standby.may_complain(why, source, self.number):
            messages.not_learnable(interface, self.number, address, why)
        return message._replace(virtual_ip=IPv4(0))

    # --- What it does

    def _carry(self, effect: Effect) -> None:
        interface, number = self.interface, self.number
        match effect:
            case machine.Send():
                self._send(effect)
            case machine.GratuitousArp(address, mac):
                interface.node.arp.announce(interface, address, mac)
            case machine.Event():
                messages.event(interface, number, effect)
            case machine.ActiveChanged(router, was):
                messages.role(interface, number, "Active", router, was)
                self._settle()
            case machine.StandbyChanged(router, was):
                messages.role(interface, number, "Standby", router, was)
                self._settle()
            case machine.StateChanged():
                self._state = effect.new
                messages.state_changed(interface, number, self.redundancy, effect)
                self._settle()
            case machine.LearnedAddress():
                self._settle()
            case machine.WantsActive():
                self._ask_clients()
            case machine.Misconfigured():
                self._complain(effect)
            case _:
                pass

    def _send(self, what: machine.Send) -> None:
        """Send a message; one that is said again leaves in the frame that it left in before.

        So its packets have one identification, 0: as IOS's Hellos have (from memory).
        """
        interface, known = self.interface, self.machine
        messages.packet(interface, "out", known.address, what.packet)
        mac = known.virtual_mac if what.virtual_mac else interface.mac
        sent = self._sent
        if sent is None or sent[0] is not what or sent[1].source != mac:
            datagram = Datagram(PORT, PORT, what.packet)
            frame = Frame(GROUP_MAC, mac, Packet(known.address, GROUP_ADDRESS, UDP, datagram, ttl=1))
            sent = self._sent = what, frame, frame.size
        interface.node.ip.send_framed(interface, sent[1], sent[2])

    def _ask_clients(self) -> None:
        """Have clients get ready; nobody waits where there is none, or where the name is another group's."""
        node = self.interface.node
        if not node.part(Process).holds(self) or node.part(Track).want(self.redundancy, self._go):
            self._go(self.redundancy)

    def _go(self, _: str) -> None:
        self.run(self.machine.ready(self.interface.node.now))

    def _complain(self, what: Misconfigured) -> None:
        if what.kind == "authentication":
            self.interface.counters.unknown += 1
            how = "Text" if self.machine.key is None else "MD5"
            messages.authentication_failed(self.interface, self.number, what, how)
        if self.standby.may_complain(what.kind, what.source, self.number):
            messages.misconfigured(self.interface, self.number, what, self.machine.configured_ip)

    def _settle(self) -> None:
        """Make the interface's virtual addresses and what clients see match the machine.

        While transitions of one instant are still being told of, the last of them settles.
        """
        if self.machine.state != self._state:
            return
        self._hold_addresses()
        self._publish()

    def _hold_addresses(self) -> None:
        known, virtual = self.machine, self.interface.virtual
        active = known.state == "Active" and known.virtual_ip is not None
        mac = known.virtual_mac if active else None
        wanted = dict.fromkeys(self.addresses, mac) if mac is not None else {}
        if mac != self._mac:
            source = f"standby {self.number}"
            if self._mac is not None:
                self.interface.release_mac(self._mac, source)
            if mac is not None:
                self.interface.accept_mac(mac, source)
            self._mac = mac
        if wanted != self._virtual:
            for address in self._virtual:
                virtual.pop(address, None)
            virtual.update(wanted)
            for address in wanted:
                self.interface.node.arp.own(address)
            self._virtual = wanted

    def _listen(self, listens: bool) -> None:
        if listens != self._listens:
            self._listens = listens
            (self.interface.join if listens else self.interface.leave)(
                GROUP_ADDRESS, f"standby {self.number}"
            )

    def _publish(self) -> None:
        node, known = self.interface.node, self.machine
        claims = node.part(Process)
        name = self.redundancy if self.enabled else None
        if name != self._claimed:
            was, self._claimed = self._claimed, name
            claims.claim(self, was, name)
        if name is None or not claims.holds(self):
            return
        track = node.part(Track)
        if known.state in ("Active", "Init"):
            track.forgo(name)
        peer = known.standby if known.state == "Active" else known.active
        track.publish(
            Redundancy(
                name,
                self.interface,
                known.virtual_ip,
                known.virtual_mac,
                "Initial" if known.state == "Init" else known.state,
                peer.address if peer else None,
                spare=known.state == "Listen" and None not in (known.active, known.standby),
            )
        )

    def republish(self) -> None:
        """Take over the name, which another group has let go of."""
        self._settle()


class Standby:
    """HSRP on an interface (a part of it)."""

    __slots__ = (
        "_complained",
        "_first",
        "_up",
        "groups",
        "interface",
        "minimum_delay",
        "ready_at",
        "reload_delay",
        "use_bia",
    )

    def __init__(self, interface: Interface) -> None:
        node = interface.node
        self.interface = interface
        self.groups: dict[int, Group] = {}
        self.minimum_delay = 0
        """`standby delay minimum`: seconds after the interface came up."""
        self.reload_delay = 0
        """`standby delay reload`: seconds, the first time since the router started."""
        self.use_bia: bool | None = None
        """`standby use-bia`: None, or whether `scope interface` was said."""
        self.ready_at = 0
        """When groups may begin."""
        self._up = interface.up
        self._first = not node.running
        self._complained: dict[tuple[str, IPv4, int | None], int] = {}
        node.part(Process).interfaces[interface.name] = self
        interface.closing.append(self._closing)

    def group(self, number: int) -> Group:
        """Give a group, making it if need be."""
        found = self.groups.get(number)
        if found is None:
            found = self.groups[number] = Group(self, number)
            found.choose_mac()
        return found

    def drop(self, number: int) -> None:
        """Take a group out of the configuration."""
        group = self.groups.pop(number, None)
        if group is not None:
            group.remove()

    def hear(self, message: Hsrp, source: IPv4, frame: Frame | None) -> None:
        """Take a message in; one from this interface's own address is a duplicate's, whatever its group."""
        interface, own = self.interface, self.interface.address
        if (
            own is not None
            and source == own[0]
            and frame is not None
            and any(group.enabled for group in self.groups.values())
            and self.may_complain("duplicate", source)
        ):
            messages.duplicate(interface, source, frame.source)
        group = self.groups.get(message.group)
        if group is not None:
            group.hear(message, source)

    def may_complain(self, what: str, source: IPv4, group: int | None = None) -> bool:
        """Whether to log a fault of a neighbour now: not again within `COMPLAINTS`, nor of too many at once."""
        now, told = self.interface.node.now, self._complained
        for key in [key for key, when in told.items() if now - when >= COMPLAINTS]:
            del told[key]
        if (what, source, group) in told or len(told) >= COMPLAINERS:
            return False
        told[what, source, group] = now
        return True

    def strangers(self, group: int) -> list[IPv4]:
        """Give those whose messages of a group had other authentication lately."""
        return [
            source
            for what, source, number in self._complained
            if what == "authentication" and number == group
        ]

    def changed(self) -> None:
        """Hear that the interface went up or down, or that its addresses changed."""
        interface = self.interface
        if interface.up != self._up:
            self._up = interface.up
            messages.interface_up(interface, self._up)
            if self._up:
                seconds = self.reload_delay if self._first else self.minimum_delay
                self.ready_at = interface.node.now + seconds * SECOND
                self._first = False
        for group in tuple(self.groups.values()):
            group.choose_mac()
            group.update()

    def _closing(self, interface: Interface) -> None:
        """Resign while packets still leave: `shutdown` is about to take effect."""
        for group in tuple(self.groups.values()):
            group.run(group.machine.disable(interface.node.now, "interface down"))


class Process:
    """HSRP on a node (a part of it): UDP port 1985, whom interfaces concern, and whose a name is."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.interfaces: dict[str, Standby] = {}
        self.trackers: dict[str, list[Group]] = {}
        """The groups that track an interface, by its name."""
        self._claims: dict[str, list[Group]] = {}
        node.ip.udp[PORT] = self._received
        node.watchers.append(self._changed)
        node.arp.concerns.append(self._concerns)
        node.reasons.append(self._reasons)

    def holds(self, group: Group) -> bool:
        """Whether a group is the one published under its name: the first to have it."""
        claimants = self._claims.get(group.redundancy)
        return claimants is not None and claimants[0] is group

    def claim(self, group: Group, was: str | None, name: str | None) -> None:
        """Give a group another name, or none; what it held falls to the next who claims it."""
        if was is not None:
            claimants = self._claims[was]
            held = claimants[0] is group
            claimants.remove(group)
            if held:
                self.node.part(Track).withdraw(was)
            if not claimants:
                del self._claims[was]
            elif held:
                claimants[0].republish()
        if name is not None:
            self._claims.setdefault(name, []).append(group)

    def _received(
        self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None
    ) -> None:
        standby, message = interface.peek(Standby), datagram.payload
        if not isinstance(message, Hsrp) or message.version or packet.destination != GROUP_ADDRESS:
            interface.counters.unknown += 1  # rubbish, Advertise, or from beyond the link
            return
        if standby is not None:
            standby.hear(message, packet.source, frame)

    def _concerns(self, interface: Interface, address: IPv4) -> bool:
        """Whether an address is another's for now, that of a group in which this router may be next to answer.

        So it knows who asked for the address when it takes over; else each failover would cost every neighbour
        the packet that has this router ask for it. Ours: RFC 826 learns from requests for one's own addresses.
        """
        standby = interface.peek(Standby)
        return standby is not None and any(
            group.machine.active is not None and address in group.addresses
            for group in standby.groups.values()
        )

    def _reasons(self, address: IPv4 | None) -> Iterator[str]:
        """Say of the groups of this node, or those of an address, who is active and why."""
        from iosemu.features.hsrp.why import reasons  # noqa: PLC0415 - rarely asked, and a start pays for it

        for standby in self.interfaces.values():
            for _, group in sorted(standby.groups.items()):
                if address is None or address in group.addresses:
                    yield from reasons(group)

    def _changed(self, interface: Interface) -> None:
        standby = interface.peek(Standby)
        known = self.interfaces.get(interface.name)
        if known is not None and known is not standby:  # `no interface`: it has forgotten us
            del self.interfaces[interface.name]
            for number in tuple(known.groups):
                known.drop(number)
        if standby is not None:
            standby.changed()
        for group in tuple(self.trackers.get(interface.name, ())):
            group.weigh()
