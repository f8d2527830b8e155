"""IPv4: delivery, forwarding, errors, and pings, over frames that travel as octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.lab.clock import MILLISECOND, SECOND
from iosemu.lab.ip import EVERYONE
from iosemu.lab.ping import Ping
from iosemu.wire import icmp
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import ICMP, UDP, Packet
from iosemu.wire.udp import Datagram
from tests.lab.build import Tap, ip, line_of, on, ping, static, two_links

if TYPE_CHECKING:
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

GROUP = ip("224.0.0.2")


class Ear:
    """Listens on UDP port 1995 of a node."""

    def __init__(self, node: Node) -> None:
        self.heard: list[tuple[str, IPv4, object]] = []
        self.frames: list[Frame | None] = []
        node.ip.udp[1995] = self.hear

    def hear(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        """Take a datagram."""
        self.heard.append((interface.name, packet.destination, datagram.payload))
        self.frames.append(frame)


def test_a_router_drops_the_packet_that_starts_an_arp_request() -> None:
    """The first ping between routers on a link is `.!!!!`, two seconds late."""
    lab = line_of("A", "B")
    begun = ping(lab, "A", "10.0.0.2")
    assert begun.row == ".!!!!"
    assert begun.times == [2 * MILLISECOND] * 4
    assert lab.clock.now == 2 * SECOND + 4 * 2 * MILLISECOND
    assert ping(lab, "A", "10.0.0.2").row == "!!!!!"
    assert ping(lab, "B", "10.0.0.1").row == "!!!!!"


@pytest.mark.parametrize("kind", ["host", "mobile-node"])
def test_a_host_holds_the_packet_that_starts_an_arp_request(kind: str) -> None:
    """The first ping between hosts is `!!!!!`, the first of them slower by the request."""
    lab = line_of("H", "I", kind=kind)
    begun = ping(lab, "H", "10.0.0.2")
    assert begun.row == "!!!!!"
    assert begun.times == [4 * MILLISECOND] + [2 * MILLISECOND] * 4


def test_a_ping_across_a_router_loses_one_packet_for_each_request() -> None:
    """A asks for R, then R for B: `..!!!`, and all of it in virtual time."""
    lab = two_links()
    assert ping(lab, "A", "10.0.1.1").row == "..!!!"
    assert ping(lab, "A", "10.0.1.1").times == [4 * MILLISECOND] * 5


def test_a_router_answers_at_each_of_its_addresses() -> None:
    """The far interface and a loopback answer, and the answer comes from the address asked."""
    lab = two_links()
    lab["R"].interface("Loopback0").address = on("9.9.9.9/32")
    ping(lab, "A", "10.0.0.2")
    tap = Tap(lab, "west")
    for address in ("10.0.1.2", "9.9.9.9"):
        assert ping(lab, "A", address, count=1).row == "!"
    answers = [frame.payload for _, frame in tap.frames if isinstance(frame.payload, Packet)]
    assert [str(packet.source) for packet in answers] == ["10.0.0.1", "10.0.1.2", "10.0.0.1", "9.9.9.9"]


def test_a_node_answers_itself_at_once() -> None:
    """A ping to an own address needs neither time nor a frame."""
    lab = line_of("A", "B")
    tap = Tap(lab, "lan")
    assert ping(lab, "A", "10.0.0.1").row == "!!!!!"
    assert lab.clock.now == 0
    assert tap.frames == []


def test_without_a_route_the_sender_sends_nothing() -> None:
    """Five time-outs, no frame."""
    lab = line_of("A", "B")
    tap = Tap(lab, "lan")
    assert ping(lab, "A", "192.0.2.1").row == "....."
    assert tap.frames == []
    assert lab.clock.now == 10 * SECOND


def test_unreachables_are_limited_to_two_a_second() -> None:
    """A router without a route gives the `U.U.U` of IOS."""
    lab = two_links()
    ping(lab, "A", "10.0.0.2")
    assert ping(lab, "A", "192.0.2.1").row == "U.U.U"


def test_a_packet_whose_time_to_live_ends_is_reported_by_the_router_where_it_ends() -> None:
    """A ping with a time to live of 1 gets as far as R, which says so."""
    lab = two_links()
    ping(lab, "A", "10.0.1.1")
    tap = Tap(lab, "west")
    assert ping(lab, "A", "10.0.1.1", ttl=1).row == "&&&&&"
    report = tap.frames[1][1].payload
    assert isinstance(report, Packet)
    assert str(report.source) == "10.0.0.2"
    assert isinstance(report.payload, icmp.TimeExceeded)
    assert ping(lab, "A", "10.0.1.1", ttl=2).row == "!!!!!"


def test_forwarding_takes_one_from_the_time_to_live_and_nothing_else() -> None:
    """What leaves R is what came, with a time to live of 254."""
    lab = two_links()
    ping(lab, "A", "10.0.1.1")
    west, east = Tap(lab, "west"), Tap(lab, "east")
    ping(lab, "A", "10.0.1.1", count=1)
    came, left = west.frames[0][1].payload, east.frames[0][1].payload
    assert isinstance(came, Packet)
    assert left == came._replace(ttl=254)


def test_a_closed_port_is_reported() -> None:
    """A datagram to a port where nobody listens brings a port unreachable that quotes it."""
    lab = line_of("H", "I", kind="host")
    tap = Tap(lab, "lan")
    assert lab["H"].ip.send_udp(ip("10.0.0.2"), 33434, b"probe", source_port=50000)
    lab.advance(1)
    report = tap.frames[-1][1].payload
    assert isinstance(report, Packet)
    assert isinstance(report.payload, icmp.Unreachable)
    assert report.payload.code == icmp.PORT
    assert report.payload.quote[20:24] == (50000).to_bytes(2, "big") + (33434).to_bytes(2, "big")


def test_an_unknown_protocol_is_reported() -> None:
    """A packet of a protocol that nobody handles brings a protocol unreachable."""
    lab = line_of("H", "I", kind="host")
    tap = Tap(lab, "lan")
    lab["H"].ip.send(Packet(ip("0.0.0.0"), ip("10.0.0.2"), 99, b"?"))
    lab.advance(1)
    report = tap.frames[-1][1].payload
    assert isinstance(report, Packet)
    assert isinstance(report.payload, icmp.Unreachable)
    assert report.payload.code == icmp.PROTOCOL


def test_multicast_reaches_those_who_joined() -> None:
    """A group's datagram goes to 0100.5e…, to members, whole, and not back to its sender."""
    lab = line_of("A", "B", "C")
    ears = {name: Ear(node) for name, node in lab.nodes.items()}
    for name in "AB":
        lab[name].interface("Ethernet0").join(GROUP, "hsrp")
    tap = Tap(lab, "lan")
    port = lab["A"].interface("Ethernet0")
    assert lab["A"].ip.send_udp(GROUP, 1995, b"hello", source_port=1995, ttl=1, interface=port)
    lab.advance(1)
    assert ears["B"].heard == [("Ethernet0", GROUP, b"hello")]
    assert ears["A"].heard == ears["C"].heard == []
    (_, frame), *_ = tap.frames
    assert str(frame.destination) == "0100.5e00.0002"
    assert ears["B"].frames == [frame]


@pytest.mark.parametrize("length", [0, 18, 19, 1472, 1473])
def test_what_is_counted_is_what_the_frames_have(length: int) -> None:
    """Both ends of a link count the octets of each frame, padded or a fragment, as it stands on the wire."""
    lab = line_of("A", "B")
    tap = Tap(lab, "lan")
    port, other = (lab[name].interface("Ethernet0") for name in "AB")
    out, heard = port.counters.bytes_out, other.counters.bytes_in
    lab["A"].ip.send_udp(GROUP, 1995, bytes(length), source_port=1995, interface=port)
    octets = sum(len(frame.encode()) for _, frame in tap.frames)
    lab.advance(1)
    assert port.counters.bytes_out - out == octets
    assert other.counters.bytes_in - heard == octets


def test_a_group_is_left_with_its_last_source() -> None:
    """Membership is held by named sources; 224.0.0.1 is not left at all."""
    port = line_of("A").node("A").interface("Ethernet0")
    port.join(GROUP, "hsrp")
    port.join(GROUP, "irdp")
    port.leave(GROUP, "hsrp")
    assert port.joined(GROUP)
    port.leave(GROUP, "irdp")
    port.leave(GROUP, "irdp")
    assert not port.joined(GROUP)
    assert port.joined(ip("224.0.0.1"))


@pytest.mark.parametrize("address", ["255.255.255.255", "10.0.0.255"])
def test_broadcasts_are_heard_and_answered_but_not_passed_on(address: str) -> None:
    """A broadcast gets to everyone on its link and to nobody else, and is answered from an own address."""
    lab = two_links()
    ears = {name: Ear(node) for name, node in lab.nodes.items()}
    assert lab["A"].ip.send_udp(ip(address), 1995, b"all", source_port=1995)
    lab.advance(1)
    assert ears["R"].heard == [("Ethernet0", ip(address), b"all")]
    assert ears["B"].heard == []
    ping(lab, "A", "10.0.0.2")
    tap = Tap(lab, "west")
    assert ping(lab, "A", address, count=1).row == "!"
    answer = tap.frames[-1][1].payload
    assert isinstance(answer, Packet)
    assert str(answer.source) == "10.0.0.2"


def test_a_subnet_s_broadcast_address_reaches_its_router_from_afar() -> None:
    """A directed broadcast for a link of R, sent from another link, is R's own, and goes no further."""
    lab = two_links()
    ping(lab, "A", "10.0.1.1")
    ears = {name: Ear(node) for name, node in lab.nodes.items()}
    lab["A"].ip.send_udp(ip("10.0.1.255"), 1995, b"find", source_port=1995)
    lab.advance(1)
    assert len(ears["R"].heard) == 1
    assert ears["B"].heard == []


def test_hosts_do_not_forward() -> None:
    """A host with two links is no way from one to the other."""
    lab = two_links()
    lab["R"].ip.forwards = False
    assert ping(lab, "A", "10.0.1.1").row == "....."


def test_virtual_addresses_are_a_node_s_own() -> None:
    """A virtual address is owned, pinged and answered for while it is there, whatever its MAC."""
    lab = line_of("A", "B")
    port = lab["B"].interface("Ethernet0")
    assert ping(lab, "A", "10.0.0.10").row == "....."
    mac = MAC.parse("0000.0c07.ac00")
    port.virtual[ip("10.0.0.10")] = mac
    port.accept_mac(mac, "standby 0")
    assert ping(lab, "A", "10.0.0.10").row == ".!!!!"
    assert lab["A"].arp.find(lab["A"].interface("Ethernet0"), ip("10.0.0.10")) == mac
    assert lab["B"].ip.owner(ip("10.0.0.10")) is port
    port.shutdown = True
    assert lab["B"].ip.owner(ip("10.0.0.10")) is None


@pytest.mark.parametrize(
    ("destination", "source"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.2", "10.0.0.1"),
        ("10.7.0.9", "10.7.0.1"),
        ("10.0.1.1", "10.0.0.1"),
        ("10.0.0.255", "10.0.0.1"),
        ("1.1.1.1", "1.1.1.1"),
    ],
)
def test_packets_leave_with_an_address_of_their_link(destination: str, source: str) -> None:
    """The source is the address in the neighbour's subnet, the primary, or the one asked for itself."""
    lab = two_links()
    node = lab["A"]
    node.interface("Ethernet0").secondaries = (on("10.7.0.1/16"),)
    node.interface("Loopback0").address = on("1.1.1.1/32")
    assert node.ip.source_for(ip(destination)) == ip(source)


@pytest.mark.parametrize(
    "packet",
    [
        Packet(ip("10.0.0.1"), ip("10.0.0.255"), UDP, Datagram(7, 7, b"")),
        Packet(ip("10.0.0.1"), EVERYONE, UDP, Datagram(7, 7, b"")),
        Packet(ip("10.0.0.1"), ip("224.0.0.1"), UDP, Datagram(7, 7, b"")),
        Packet(ip("0.0.0.0"), ip("10.0.0.2"), UDP, Datagram(7, 7, b"")),
        Packet(ip("10.0.0.255"), ip("10.0.0.2"), UDP, Datagram(7, 7, b"")),
        Packet(ip("224.0.0.1"), ip("10.0.0.2"), UDP, Datagram(7, 7, b"")),
        Packet(ip("10.0.0.1"), ip("192.0.2.1"), ICMP, icmp.Unreachable(1, b"\0" * 28)),
        Packet(ip("10.0.0.1"), ip("192.0.2.1"), ICMP, b"\0"),
        Packet(ip("10.0.0.1"), ip("192.0.2.1"), UDP, b"", fragment_offset=1),
    ],
)
def test_some_packets_bring_no_error(packet: Packet) -> None:
    """RFC 1122 §3.2.2: what went to many, came from nobody, is an error itself, or a later fragment."""
    lab = line_of("A", "B")
    tap = Tap(lab, "lan")
    port, other = lab["A"].interface("Ethernet0"), lab["B"].interface("Ethernet0")
    other.node.interface("Null0")
    other.node.routes.add_static(static("192.0.2.0/24", interface="Null0"))
    other.node.routes.add_static(static("0.0.0.0/0", "10.0.0.1"))
    port.send(Frame(other.mac, port.mac, packet))
    lab.advance(1)
    assert all(frame.source == port.mac for _, frame in tap.frames)


def test_a_packet_of_others_in_a_broadcast_frame_is_not_forwarded() -> None:
    """RFC 1812 §5.3.4: what everyone on the link heard is for nobody to pass on."""
    lab = two_links()
    tap = Tap(lab, "east")
    port = lab["A"].interface("Ethernet0")
    packet = Packet(ip("10.0.0.1"), ip("10.0.1.1"), UDP, Datagram(7, 7, b""))
    lab["A"].ip.send_on(port, packet, to=BROADCAST)
    lab.advance(1)
    assert tap.frames == []
    lab["A"].ip.send_on(port, packet, to=lab["R"].interface("Ethernet0").mac)
    lab.advance(1)
    assert tap.frames != []


def test_what_a_node_sends_itself_dies_with_its_power() -> None:
    """A packet to an own address is not delivered to the node that booted in the same instant."""
    lab = line_of("A")
    lab["A"].ip.send_udp(ip("10.0.0.1"), 1995, b"", source_port=1995)
    lab.power("A", on=False)
    lab.power("A", on=True)
    ear = Ear(lab["A"])
    lab.advance(1)
    assert ear.heard == []


def test_an_answer_counts_once() -> None:
    """A second answer to a request neither changes its time nor sends anything."""
    machine = Ping(count=3, interval=SECOND)
    machine.start(0)
    machine.expire(SECOND)
    assert machine.settle(1, "!", SECOND + 5) == []
    assert machine.settle(1, "!", SECOND + 9) == []
    assert machine.settle(2, "!", SECOND + 9) == []
    machine.settle(0, "U", SECOND + 10)
    assert (machine.row, machine.times) == ("U!", [5])
    assert not machine.done


def test_no_error_is_sent_about_an_error_or_a_broadcast() -> None:
    """A datagram to a closed port sent to everyone brings no storm, nor does a lost unreachable."""
    lab = line_of("A", "B", "C", kind="host")
    tap = Tap(lab, "lan")
    lab["A"].ip.send_udp(EVERYONE, 7777, b"", source_port=7777)
    lab.advance(5)
    assert len(tap.frames) == 1
    lab["A"].ip.send_udp(ip("10.0.0.2"), 7777, b"", source_port=7777)
    lab.advance(5)
    reports = [
        frame
        for _, frame in tap.frames
        if isinstance(frame.payload, Packet) and frame.payload.protocol == ICMP
    ]
    assert len(reports) == 1


def test_rubbish_is_counted() -> None:
    """A frame of unknown type and a datagram cut short are counted, and hurt nobody."""
    lab = line_of("A", "B")
    sender, port = lab["A"].interface("Ethernet0"), lab["B"].interface("Ethernet0")
    sender.send(Frame(port.mac, sender.mac, b"\x01\x02", 0x88CC))
    sender.send(Frame(port.mac, sender.mac, Packet(ip("10.0.0.1"), ip("10.0.0.2"), 17, b"\0\1")))
    sender.send(Frame(port.mac, sender.mac, Packet(ip("10.0.0.1"), ip("10.0.0.2"), ICMP, b"\0\1")))
    lab.advance(1)
    assert port.counters.unknown == 3


def test_a_route_to_null0_swallows_packets() -> None:
    """What R routes to Null0 is reported as unreachable and goes nowhere."""
    lab = two_links()
    lab["R"].interface("Null0")
    lab["R"].routes.add_static(static("192.0.2.0/24", interface="Null0"))
    ping(lab, "A", "10.0.0.2")
    assert ping(lab, "A", "192.0.2.1", count=1).row == "U"


def test_a_serial_line_needs_no_arp() -> None:
    """Between two serial interfaces the first packet arrives."""
    lab = line_of("A", "B")
    lab.add_segment("wire")
    for name, address in (("A", "10.1.0.1/30"), ("B", "10.1.0.2/30")):
        lab.attach(name, "Serial0", "wire")
        lab[name].interface("Serial0").address = on(address)
    assert ping(lab, "A", "10.1.0.2").row == "!!!!!"


def test_a_ping_at_an_interval_does_not_wait_for_answers() -> None:
    """One request a second; each is given up two seconds after it was sent."""
    lab = line_of("A", "B")
    assert ping(lab, "A", "10.0.0.2", count=3, interval=SECOND).row == ".!!"
    assert lab.clock.now == 2 * SECOND + 2 * MILLISECOND
    assert ping(lab, "A", "10.0.0.77", count=3, interval=SECOND).row == "..."
    assert lab.clock.now == 6 * SECOND + 2 * MILLISECOND


def test_a_ping_may_be_longer_than_its_sequence_numbers() -> None:
    """After 65,536 requests the numbers on the wire start anew, and answers still find theirs."""
    lab = line_of("H", "I", kind="host")
    lab.transit = None
    begun = ping(lab, "H", "10.0.0.2", count=65_540)
    assert begun.row == "!" * 65_540


def test_a_ping_of_a_size_has_that_size() -> None:
    """`size` counts the IP header, as IOS's `100-byte ICMP Echos` does."""
    lab = line_of("H", "I", kind="host")
    tap = Tap(lab, "lan")
    ping(lab, "H", "10.0.0.2", count=1, size=100)
    packet = tap.frames[-1][1].payload
    assert isinstance(packet, Packet)
    assert packet.size == 100
