"""What the tests of the lab build with: addresses from text, small labs, and a wire made of octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.lab.clock import Clock
from iosemu.lab.lab import Lab
from iosemu.lab.ping import Ping, Pings
from iosemu.lab.routes import Static
from iosemu.wire import ethernet

if TYPE_CHECKING:
    from iosemu.wire.ethernet import Frame


def ip(text: str) -> IPv4:
    """Read an address."""
    return IPv4.parse(text)


def net(text: str) -> Prefix:
    """Read a prefix, `10.0.0.0/8`."""
    address, _, length = text.partition("/")
    return Prefix.of(ip(address), int(length))


def on(text: str) -> tuple[IPv4, Prefix]:
    """Read an interface's address, `10.0.0.1/8`."""
    return ip(text.partition("/")[0]), net(text)


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back, so that what travels is what a capture shows."""
    return ethernet.decode(frame.encode())


def static(
    prefix: str, next_hop: str | None = None, interface: str | None = None, distance: int = 1
) -> Static:
    """Read a static route."""
    return Static(net(prefix), ip(next_hop) if next_hop else None, interface, distance)


def line_of(*nodes: str, kind: str = "router", seed: int = 0) -> Lab:
    """Join nodes by one segment `lan`: 10.0.0.1/24, 10.0.0.2/24 and so on, on Ethernet0."""
    lab = Lab(seed=seed)
    lab.transit = through_octets
    lab.add_segment("lan")
    for name in nodes:
        lab.add_node(name, kind)
        lab.attach(name, "Ethernet0", "lan")
    lab.start()
    for number, name in enumerate(nodes, 1):
        lab[name].interface("Ethernet0").address = on(f"10.0.0.{number}/24")
    # The gratuitous ARPs of coming up are lost: no test of something else need wait for them.
    lab.clock = Clock()
    lab.segments["lan"].transit.clear()
    return lab


def two_links() -> Lab:
    """Build A (10.0.0.1) - R (10.0.0.2, 10.0.1.2) - B (10.0.1.1), where A and B have default routes to R."""
    lab = Lab()
    lab.transit = through_octets
    for name in "ARB":
        lab.add_node(name)
    for segment, ends in (("west", ("A", "R")), ("east", ("B", "R"))):
        lab.add_segment(segment)
        for name in ends:
            lab.attach(name, f"Ethernet{int(name == 'R' and segment == 'east')}", segment)
    lab.start()
    for name, port, address in (
        ("A", "Ethernet0", "10.0.0.1/24"),
        ("R", "Ethernet0", "10.0.0.2/24"),
        ("R", "Ethernet1", "10.0.1.2/24"),
        ("B", "Ethernet0", "10.0.1.1/24"),
    ):
        lab[name].interface(port).address = on(address)
    lab["A"].routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    lab["B"].routes.add_static(static("0.0.0.0/0", "10.0.1.2"))
    return lab


def ping(lab: Lab, node: str, address: str, **options: int) -> Ping:
    """Ping from a node until every request is settled."""
    begun = lab[node].part(Pings).start(ip(address), **options)  # type: ignore[arg-type]
    while not begun.done:
        assert lab.step(), "the clock stands and the ping is not done"
    return begun


class Tap:
    """Keeps the frames of a segment, with the instant of each."""

    def __init__(self, lab: Lab, segment: str) -> None:
        self.frames: list[tuple[int, Frame]] = []
        self.lab = lab
        self.file: object = None
        lab.segment(segment).taps.append(self.see)

    def see(self, segment: object, frame: Frame) -> None:
        """Take a frame."""
        del segment
        self.frames.append((self.lab.clock.now, frame))
