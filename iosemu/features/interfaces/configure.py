"""Configuring interfaces: `interface`, `description`, `shutdown`, and what `show interfaces` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Entry, Output, Reply, Values, command
from iosemu.cli.session import Session
from iosemu.features.interfaces.link import Links
from iosemu.features.interfaces.members import MOST, MalformedRangeError
from iosemu.features.interfaces.members import members as members_of
from iosemu.lab.ip import MTU, Outgoing
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.addresses import MAC
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

KEEPALIVE = 10
"""Seconds."""


class Settings:
    """What is configured of an interface's link (a part of it); None: what its hardware has."""

    def __init__(self, _: object) -> None:
        self.description = ""
        self.bandwidth: int | None = None
        """In kilobits a second."""
        self.delay: int | None = None
        """In tens of microseconds."""
        self.mtu: int | None = None
        self.keepalive = KEEPALIVE
        """In seconds; 0: off."""
        self.layout = ""
        """`multipoint` or `point_to_point`, of a subinterface."""
        self.encapsulation: Values = {}
        """As it was said."""


class Hardware(NamedTuple):
    """What a kind of interface has unless it is configured: kilobits a second, microseconds, octets."""

    name: str
    bandwidth: int
    delay: int
    mtu: int = 1500
    encapsulation: str = "ARPA"


HARDWARE = {
    "Async": Hardware("Async Serial", 9, 100_000, encapsulation="SLIP"),
    "BRI": Hardware("BRI", 64, 20_000, encapsulation="HDLC"),
    "Dialer": Hardware("Unknown", 56, 20_000, encapsulation="PPP"),
    "Ethernet": Hardware("AmdP2", 10_000, 1_000),
    "FastEthernet": Hardware("AmdFE", 100_000, 100),
    "GigabitEthernet": Hardware("BCM1250 Internal MAC", 1_000_000, 10),
    "Loopback": Hardware("Loopback", 8_000_000, 5_000, 1514, "LOOPBACK"),
    "Null": Hardware("Unknown", 10_000_000, 0),
    "Port-channel": Hardware("EtherChannel", 100_000, 100),
    "Serial": Hardware("M4T", 1_544, 20_000, encapsulation="HDLC"),
    "TenGigabitEthernet": Hardware("Ten Gigabit Ethernet", 10_000_000, 10),
    "Tunnel": Hardware("Tunnel", 9, 500_000, 1514, "TUNNEL"),
    "Vlan": Hardware("EtherSVI", 1_000_000, 10),
}
"""By kind. Ethernet and Loopback: ios-shell.md §7; the others' are the well-known defaults of 12.4."""

_BLOCKS = {"Loopback": 0, "Tunnel": 1, "Vlan": 3}


@command("global", "interface")
def interface(
    session: Session,
    *,
    interface: str,
    multipoint: bool = False,
    point_to_point: bool = False,
    no: bool = False,
    default: bool = False,
) -> Generator[Output, str, object]:
    """Open an interface, making it if need be; `no` takes away what is no port, `default` what is said of it."""
    node: Node = session.node
    links = node.part(Links)
    if default:
        if interface in node.interfaces:
            yield "Building configuration..."
            yield ""
            _reset(session, node.interfaces[interface])
            yield f"Interface {interface} set to default configuration"
        return None
    if no:
        held = node.interfaces.get(interface)
        if held is not None and (held.kind.virtual or "." in held.number):
            links.look(held)
            node.remove_interface(interface)
        elif held is not None:
            yield "% Removal of physical interfaces is not permitted."  # from memory
        return None
    try:
        found = node.interface(interface)
    except ValueError as fault:  # more ports than a router can have
        yield f"% {fault}"
        return None
    if multipoint or point_to_point:
        found.part(Settings).layout = "multipoint" if multipoint else "point_to_point"
    return _entered(found)


@command("global", "interface range")
def interface_range(
    session: Session, *, members: str, no: bool = False, default: bool = False
) -> Generator[Output, str, object]:
    """Open several interfaces at once, making them if need be."""
    try:
        names = members_of(members)
    except MalformedRangeError as fault:
        yield " " * (session.margin + session.typed.rindex(members) + fault.column) + "^"
        yield "% Invalid input detected at '^' marker."
        yield ""
        return None
    if len(names) > MOST:
        yield f"% A range has at most {MOST} interfaces"  # ours: IOS allows no more than there are ports
        return None
    for name in names:
        entered = yield from interface.run(session, interface=name, no=no, default=default)  # type: ignore[misc]
        if entered is None and not (no or default):
            return None
    return None if no or default else ("interface-range", tuple(map(session.node.interface, names)))


def _reset(session: Session, interface: Interface) -> None:
    """Type `default` of every line that an interface has; what others leave behind goes in a second pass."""
    typist = Session(session.grammar, session.node, line="memory", level=15)
    mode = "subinterface" if "." in interface.number else "interface"
    for _ in range(2):
        said = [row.strip().removeprefix("no ") for row in config.body(session.grammar, mode, interface)]
        config.load(
            typist, "", "\n".join([f"interface {interface.name}", *(f"default {row}" for row in said)])
        )


def _entered(interface: Interface) -> object:
    return ("subinterface", interface) if "." in interface.number else interface


@interface.config
def _(node: Node) -> Iterator[Entry]:
    # Loopbacks and tunnels stand before the ports (ios-shell.md §6.1); null 0 is there unsaid.
    found = sorted(node.interfaces.values(), key=lambda each: (_BLOCKS.get(each.kind.name, 2), each.sort_key))
    for each in found:
        held = each.peek(Settings)
        if each.kind.name != "Null" or each.parts:
            values = {"interface": each.name} | ({held.layout: True} if held and held.layout else {})
            yield values, _entered(each)


@command("interface", "description")
def description(interface: Interface, *, text: str = "", no: bool = False) -> None:
    """Note what an interface is for."""
    interface.part(Settings).description = "" if no else text.strip()


@description.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and held.description:
        yield {"text": held.description}


@command("interface", "shutdown")
def shutdown(interface: Interface, *, no: bool = False) -> None:
    """Take an interface down, or let it come up."""
    if interface.shutdown == no:
        interface.shutdown = not no
        interface.node.part(Links).look(
            interface
        )  # one without carrier was down already, and changed nothing


@shutdown.config
def _(interface: Interface) -> Iterator[Values]:
    if interface.shutdown:
        yield {}


@command("interface", "bandwidth")
def bandwidth(interface: Interface, *, kilobits: int = 0, no: bool = False) -> None:
    """Say how fast an interface is taken to be."""
    interface.part(Settings).bandwidth = None if no else kilobits


@bandwidth.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and held.bandwidth is not None:
        yield {"kilobits": held.bandwidth}


@command("interface", "delay")
def delay(interface: Interface, *, delay: int = 0, no: bool = False) -> None:
    """Say how slow an interface is taken to be."""
    interface.part(Settings).delay = None if no else delay


@delay.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and held.delay is not None:
        yield {"delay": held.delay}


@command("interface", "mtu")
def mtu(interface: Interface, *, size: int = 0, no: bool = False) -> None:
    """Say how long a packet may be that leaves; longer ones are cut, or answered, as they ask for."""
    interface.part(Settings).mtu = None if no else size
    interface.part(Outgoing).mtu = MTU if no else size


@mtu.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and held.mtu is not None:
        yield {"size": held.mtu}


@command("interface", "keepalive", acts=False)
def keepalive(interface: Interface, *, seconds: int = KEEPALIVE, no: bool = False) -> None:
    """Set how often an interface looks after itself, 0 being never; it is shown, and nothing is sent."""
    interface.part(Settings).keepalive = 0 if no else seconds


@keepalive.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and not held.keepalive:
        yield {"no": True}
    elif held and held.keepalive != KEEPALIVE:
        yield {"seconds": held.keepalive}


@command("interface", "mac-address")
def mac_address(interface: Interface, *, mac_address: MAC | None = None, no: bool = False) -> Reply:
    """Give an interface another Ethernet address than the one burned in."""
    mac = interface.bia if no or mac_address is None else mac_address
    if mac.multicast:
        yield f"% {mac} is a multicast address"  # ours: no source has the words
    elif mac != interface.mac:
        interface.mac = mac
        for address, _ in interface.addresses:
            interface.node.arp.announce(interface, address)


@mac_address.config
def _(interface: Interface) -> Iterator[Values]:
    if interface.mac != interface.bia:
        yield {"mac_address": interface.mac}


@command("interface", "encapsulation")
def encapsulation(
    interface: Interface,
    *,
    arpa: bool = False,
    dot1q: bool = False,
    vlan: int = 0,
    native: bool = False,
    frame_relay: bool = False,
    ietf: bool = False,
    hdlc: bool = False,
    isl: bool = False,
    ppp: bool = False,
    no: bool = False,
) -> Reply:
    """Choose an encapsulation: `dot1Q` puts a subinterface into a VLAN, the others are only shown."""
    member = _member(interface, vlan) if dot1q and not no else None
    if member is not None:
        # Cisco's words, from memory.
        yield "%Configuration of multiple subinterfaces of the same main"
        yield f"interface with the same VID ({vlan}) is not permitted."
        yield f"This VID is already configured on {member.name}."
        yield ""
        return
    said = {"dot1q": dot1q, "vlan": vlan, "native": native, "frame_relay": frame_relay, "ietf": ietf}
    said |= {"hdlc": hdlc, "isl": isl, "ppp": ppp}
    interface.part(Settings).encapsulation = (
        {} if no or arpa else {name: value for name, value in said.items() if value}
    )
    interface.join_vlan(vlan if dot1q and not no else None, native=native)


def _member(interface: Interface, vlan: int) -> Interface | None:
    """Find another subinterface of the port that is in a VLAN."""
    others = (each for each in interface.node.interfaces.values() if each is not interface)
    return next((each for each in others if each.vlan == vlan and each.parent is interface.parent), None)


@encapsulation.config
def _(interface: Interface) -> Iterator[Values]:
    held = interface.peek(Settings)
    if held and held.encapsulation:
        yield held.encapsulation
