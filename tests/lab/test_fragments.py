"""Packets longer than an MTU: cut up on their way, refused when they may not be, and put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.lab import ip as stack
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import Outgoing, Partial, cut
from iosemu.wire import icmp
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import ICMP, UDP, Packet, decode
from iosemu.wire.udp import Datagram
from tests.lab.build import Tap, ip, line_of, ping, two_links

if TYPE_CHECKING:
    from random import Random

    from iosemu.lab.lab import Lab

A, B = ip("10.0.0.1"), ip("10.0.1.1")


def long_packet(size: int) -> Packet:
    """Make a datagram whose packet has so many octets."""
    return Packet(A, B, UDP, Datagram(1, 2, bytes(number % 251 for number in range(size - 28))))


def packets(tap: Tap) -> list[Packet]:
    """Give the IPv4 packets that a tap saw."""
    return [frame.payload for _, frame in tap.frames if isinstance(frame.payload, Packet)]


@given(st.integers(1501, 4000), st.integers(68, 1500), st.randoms())
def test_fragments_in_any_order_are_the_packet(size: int, mtu: int, random: Random) -> None:
    """Whatever the length and the MTU, no fragment is too long, and together they are what was cut."""
    packet = long_packet(size)
    parts = [decode(part.encode()) for part in cut(packet, mtu)]
    assert all(part.size <= mtu for part in parts)
    assert [part.more_fragments for part in parts] == [True] * (len(parts) - 1) + [False]
    random.shuffle(parts)
    partial = Partial(line_of("A")["A"])
    assert [partial.take(part) for part in parts] == [None] * (len(parts) - 1) + [packet]


@given(st.integers(100, 3000), st.integers(300, 1500), st.integers(68, 300))
def test_fragments_are_cut_again_where_the_mtu_is_smaller(size: int, wide: int, narrow: int) -> None:
    """Cutting fragments is cutting the packet: together they are still what it was."""
    packet = long_packet(size)
    parts = [smaller for part in cut(packet, wide) for smaller in cut(part, narrow)]
    partial = Partial(line_of("A")["A"])
    assert [partial.take(part) for part in parts][-1] == packet


def narrowed(mtu: int) -> Lab:
    """Give A - R - B with an MTU on the link to B, everyone's MAC being known."""
    lab = two_links()
    ping(lab, "A", "10.0.1.1")
    for node, port in (("R", "Ethernet1"), ("B", "Ethernet0")):
        lab[node].interface(port).part(Outgoing).mtu = mtu
    return lab


@pytest.mark.parametrize(("size", "west", "east"), [(1500, 1, 3), (1501, 2, 4), (500, 1, 1), (18024, 13, 37)])
def test_a_ping_is_cut_where_it_must_be(size: int, west: int, east: int) -> None:
    """Requests and replies cross a narrow link in fragments, and R passes on what it has not put together.

    B's replies come in fragments of the narrow link, which stay as they are on the wide one.
    """
    lab = narrowed(620)
    taps = Tap(lab, "west"), Tap(lab, "east")
    assert ping(lab, "A", "10.0.1.1", count=1, size=size).row == "!"
    there = [[packet for packet in packets(tap) if packet.source == A] for tap in taps]
    assert [len(each) for each in there] == [west, east]
    assert all(packet.size <= 620 for packet in packets(taps[1]))
    assert all(packet.size <= 1500 for packet in packets(taps[0]))
    assert sum(packet.size - 20 for packet in there[1]) == size - 20


def test_what_may_not_be_cut_is_refused_with_the_mtu() -> None:
    """A ping with DF that is too long for the second link is `M`, and the error names the MTU."""
    lab = narrowed(1000)
    tap = Tap(lab, "west")
    assert ping(lab, "A", "10.0.1.1", count=1, size=1001, dont_fragment=True).row == "M"
    error = next(packet.payload for packet in packets(tap) if packet.destination == A)
    assert isinstance(error, icmp.Unreachable)
    assert (error.code, error.mtu) == (icmp.FRAGMENTATION_NEEDED, 1000)
    lab.advance(1)
    assert ping(lab, "A", "10.0.1.1", count=1, size=1000, dont_fragment=True).row == "!"


def test_a_sender_refuses_its_own_long_packets() -> None:
    """With DF a router finds out at once that its own interface is too narrow, within the rate of errors."""
    lab = line_of("A", "B")
    ping(lab, "A", "10.0.0.2")
    assert ping(lab, "A", "10.0.0.2", size=1501, dont_fragment=True).row == "M.M.M"


def test_a_host_holds_a_long_packet_for_a_neighbour() -> None:
    """What waits for ARP leaves in fragments when the answer comes."""
    lab = line_of("H", "I", kind="host")
    assert ping(lab, "H", "10.0.0.2", size=3000).row == "!!!!!"


def test_what_does_not_become_whole_is_forgotten() -> None:
    """After 15 seconds the sender hears of it, when the first fragment came; ICMP's errors are not for ICMP."""
    lab = line_of("A", "B")
    ping(lab, "A", "10.0.0.2")
    first, *_ = cut(long_packet(3000)._replace(destination=ip("10.0.0.2"), identification=7), 1500)
    port, node = lab["B"].interface("Ethernet0"), lab["B"]
    tap = Tap(lab, "lan")
    node.ip.receive(port, first)
    assert len(node.ip._partial) == 1
    lab.advance(14.9)
    assert not tap.frames
    lab.advance(0.2)
    assert not node.ip._partial
    assert [packet.payload for packet in packets(tap)] == [icmp.TimeExceeded(1, first.quote())]


def test_somebodys_fragments_do_not_fill_the_memory() -> None:
    """Of a thousand packets of which a fragment came, few are remembered, and none for long."""
    lab = line_of("A", "B")
    node, port = lab["B"], lab["B"].interface("Ethernet0")
    for number in range(1000):
        node.ip.receive(
            port, Packet(A, ip("10.0.0.2"), ICMP, bytes(8), identification=number, more_fragments=True)
        )
    assert len(node.ip._partial) == stack.PARTIAL
    lab.run_until(lab.clock.now + 20 * SECOND)
    assert not node.ip._partial


@given(
    st.lists(
        st.tuples(st.binary(max_size=64), st.integers(0, 0x1FFF), st.booleans(), st.integers(0, 3)),
        max_size=40,
    )
)
def test_rubbish_in_fragments_harms_nothing(rubbish: list[tuple[bytes, int, bool, int]]) -> None:
    """Overlaps, holes, odd lengths and offsets beyond any packet's end: nothing raises, pings go on."""
    lab = line_of("A", "B")
    node, port = lab["B"], lab["B"].interface("Ethernet0")
    for data, offset, more, number in rubbish:
        node.ip.receive(
            port,
            Packet(
                IPv4(A),
                ip("10.0.0.2"),
                ICMP,
                data,
                identification=number,
                more_fragments=more,
                fragment_offset=offset,
            ),
        )
    lab.advance(20)
    assert not node.ip._partial
    ping(lab, "A", "10.0.0.2", count=1)
    assert ping(lab, "A", "10.0.0.2", count=1, size=2000).row == "!"


def test_a_reboot_forgets_fragments() -> None:
    """What was incomplete when the power went is nobody's business afterwards."""
    lab = line_of("A", "B")
    node, port = lab["B"], lab["B"].interface("Ethernet0")
    node.ip.receive(port, Packet(A, ip("10.0.0.2"), UDP, bytes(8), more_fragments=True))
    lab.power("B", on=False)
    lab.power("B", on=True)
    tap = Tap(lab, "lan")
    lab.advance(20)
    assert not [
        frame for _, frame in tap.frames if isinstance(frame, Frame) and isinstance(frame.payload, Packet)
    ]
