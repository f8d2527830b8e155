"""Tunnels: what they do to packets, who shares them, what they refuse (RFC 2003, RFC 1701)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4, Prefix
from iosemu.lab.lab import Lab
from iosemu.lab.ping import Pings
from iosemu.lab.routes import MOBILE, Route, Static
from iosemu.lab.tunnel import Tunnel, Tunnels
from iosemu.wire import ethernet, icmp
from iosemu.wire.gre import IPV4, Gre
from iosemu.wire.ipv4 import GRE, ICMP, IPIP, Packet

if TYPE_CHECKING:
    from iosemu.lab.interface import Interface
    from iosemu.lab.segment import Segment
    from iosemu.wire.ethernet import Frame

ENDS = IPv4.parse("10.0.0.1"), IPv4.parse("10.0.1.3")
THERE = IPv4.parse("20.0.0.1")


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back."""
    return ethernet.decode(frame.encode())


class World:
    """H - A - R - B, and a tunnel between A and B; behind B is 20.0.0.1, which R knows nothing of."""

    def __init__(self, *, gre: bool = False) -> None:
        lab = self.lab = Lab()
        lab.transit = through_octets
        for name in "HARB":
            lab.add_node(name, "host" if name == "H" else "router")
        places = {
            "H": [("lan", "10.9.0.9/16")],
            "A": [("west", "10.0.0.1/24"), ("lan", "10.9.0.1/16")],
            "R": [("west", "10.0.0.2/24"), ("east", "10.0.1.2/24")],
            "B": [("east", "10.0.1.3/24")],
        }
        for segment in ("lan", "west", "east"):
            lab.add_segment(segment)
        for name, ports in places.items():
            for number, (segment, _) in enumerate(ports):
                lab.attach(name, f"Ethernet{number}", segment)
        lab.start()
        for name, ports in places.items():
            for number, (_, text) in enumerate(ports):
                address, _, length = text.partition("/")
                own = IPv4.parse(address)
                lab[name].interface(f"Ethernet{number}").address = own, Prefix.of(own, int(length))
        for name, hop in (("H", "10.9.0.1"), ("A", "10.0.0.2"), ("B", "10.0.1.2")):
            lab[name].routes.add_static(Static(Prefix(IPv4(0), 0), IPv4.parse(hop)))
        inside = lab["B"].interface("Loopback0")
        inside.address = THERE, Prefix(THERE, 32)
        self.there = lab["A"].part(Tunnels).use(*ENDS, gre=gre)
        self.back = lab["B"].part(Tunnels).use(*reversed(ENDS), gre=gre, creator="FA")
        lab["A"].routes.add(Route(Prefix(THERE, 32), MOBILE, 3, 1, ENDS[1], self.there, 0))
        lan = Prefix.of(IPv4.parse("10.9.0.0"), 16)
        lab["B"].routes.add(Route(lan, MOBILE, 3, 1, None, self.back, 0))
        self.seen: list[Packet] = []
        lab.segment("west").taps.append(self._tap)
        # ARP first, so that no first packet is lost.
        self.ping(ENDS[1], node="A", count=3)
        self.seen.clear()

    def _tap(self, segment: Segment, frame: Frame) -> None:
        del segment
        if isinstance(frame.payload, Packet):
            self.seen.append(frame.payload)

    def ping(self, to: IPv4, *, node: str = "H", **options: object) -> str:
        """Ping; gives the row of symbols."""
        ping = self.lab[node].part(Pings).start(to, **options)  # type: ignore[arg-type]
        self.lab.advance(30)
        return ping.row

    def inject(self, packet: Packet, port: str = "Ethernet0") -> None:
        """Let B receive a packet."""
        b: Interface = self.lab["B"].interface(port)
        b.node.ip.receive(b, packet)


@pytest.mark.parametrize(("gre", "protocol", "overhead"), [(False, IPIP, 20), (True, GRE, 24)])
def test_packets_pass_both_ways_in_packets(gre: bool, protocol: int, overhead: int) -> None:
    """What is behind a tunnel answers; the wire between sees outer packets alone, and both ends count."""
    world = World(gre=gre)
    assert world.ping(THERE, count=3, tos=0xB8, dont_fragment=True).count("!") >= 2
    outers = [packet for packet in world.seen if packet.protocol == protocol]
    assert outers
    assert {packet.protocol for packet in world.seen} == {protocol}
    outer = next(packet for packet in outers if packet.source == ENDS[0])
    inner = outer.payload.payload if isinstance(outer.payload, Gre) else outer.payload
    assert isinstance(inner, Packet)
    assert (outer.destination, outer.tos, outer.dont_fragment) == (ENDS[1], 0xB8, True)
    assert (outer.ttl, inner.ttl) == (255, 254)  # one hop lost, in forwarding at A
    assert outer.size == inner.size + overhead
    there, back = world.there.counters, world.back.counters
    assert (there.packets_out, there.bytes_out) == (back.packets_in, back.bytes_in)
    assert there.bytes_out == 100 * there.packets_out
    assert there.packets_in == back.packets_out == there.packets_out


def test_equal_ends_are_one_tunnel_until_the_last_user_leaves() -> None:
    """Users share a tunnel with the same ends and encapsulation; numbers are the lowest that are free."""
    lab = Lab()
    tunnels = lab.add_node("A").part(Tunnels)
    lab.start()
    lab["A"].interface("Tunnel1")
    first, again = tunnels.use(*ENDS), tunnels.use(*ENDS)
    other = tunnels.use(*ENDS, gre=True)
    assert first is again
    assert [each.name for each in tunnels] == ["Tunnel0", "Tunnel2"]
    assert not tunnels.release(first)
    assert first.up
    assert tunnels.release(first)
    assert not first.up
    assert tunnels.find(*ENDS) is None
    assert tunnels.find(*ENDS, gre=True) is other
    assert tunnels.use(*ENDS).name == "Tunnel0"
    assert tunnels.use(*reversed(ENDS), number=7).name == "Tunnel7"
    assert 7 in tunnels
    assert 3 not in tunnels


@pytest.mark.parametrize(("gre", "mtu"), [(False, 1480), (True, 1476)])
def test_what_may_not_be_fragmented_has_to_fit(gre: bool, mtu: int) -> None:
    """A packet that fills the tunnel passes whole; one octet more with DF is refused with the MTU."""
    world = World(gre=gre)
    assert world.there.mtu == mtu
    assert "!" in world.ping(THERE, count=2, size=mtu, dont_fragment=True)
    errors: list[object] = []
    world.lab.segment("lan").taps.append(
        lambda _, frame: errors.append(frame.payload.payload) if isinstance(frame.payload, Packet) else None
    )
    assert "!" not in world.ping(THERE, count=1, size=mtu + 1, dont_fragment=True)
    (error,) = [each for each in errors if isinstance(each, icmp.Unreachable)]
    assert (error.code, error.mtu) == (icmp.FRAGMENTATION_NEEDED, mtu)
    assert "!" in world.ping(THERE, count=2, size=3000)


def test_a_router_on_the_way_that_wants_less_is_heeded_for_ten_minutes() -> None:
    """An ICMP report about an outer packet shortens the tunnel's MTU, for a time."""
    world = World()
    outer = Packet(*ENDS, IPIP, bytes(60))
    report = icmp.Unreachable(icmp.FRAGMENTATION_NEEDED, outer.quote(), 1000)
    a = world.lab["A"].interface("Ethernet0")
    a.node.ip.receive(a, Packet(IPv4.parse("10.0.0.2"), ENDS[0], ICMP, report))
    assert world.there.mtu == 980
    world.lab.advance(599)
    assert world.there.mtu == 980
    world.lab.advance(1)
    assert world.there.mtu == 1480


def test_a_way_to_the_exit_through_the_tunnel_is_no_way() -> None:
    """When the exit is routed into the tunnel itself, packets are dropped, not wrapped for ever."""
    world = World()
    world.lab["A"].routes.add(Route(Prefix(ENDS[1], 32), MOBILE, 3, 1, None, world.there, 0))
    drops = world.there.counters.drops
    assert "!" not in world.ping(THERE, count=2)
    assert world.there.counters.drops == drops + 2


def test_two_tunnels_that_lead_into_one_another_end() -> None:
    """A loop of two tunnels is broken as well."""
    world = World()
    elsewhere = IPv4.parse("30.0.0.1")
    other = world.lab["A"].part(Tunnels).use(ENDS[0], elsewhere)
    world.lab["A"].routes.add(Route(Prefix(ENDS[1], 32), MOBILE, 3, 1, None, other, 0))
    world.lab["A"].routes.add(Route(Prefix(elsewhere, 32), MOBILE, 3, 1, None, world.there, 0))
    assert "!" not in world.ping(THERE, count=2)


def test_nothing_goes_back_to_the_exit_it_came_from() -> None:
    """A packet whose source is the tunnel's exit does not go into the tunnel (RFC 2003 §3.2)."""
    world = World()
    drops = world.there.counters.drops
    a = world.lab["A"].interface("Ethernet1")
    a.node.ip.receive(a, Packet(ENDS[1], THERE, ICMP, icmp.EchoRequest(1, 1)))
    assert world.there.counters.drops == drops + 1


def test_no_way_to_the_exit_is_told() -> None:
    """Without a route to the tunnel's exit the sender hears that the host is unreachable."""
    world = World()
    world.lab["A"].routes.remove_static(Static(Prefix(IPv4(0), 0), IPv4.parse("10.0.0.2")))
    assert world.ping(THERE, count=1) == "U"


@pytest.mark.parametrize(
    ("error", "creator", "code"),
    [
        (icmp.Unreachable(icmp.NETWORK, b""), "HA", icmp.HOST),
        (icmp.Unreachable(icmp.NETWORK, b""), "FA", icmp.NETWORK),
        (icmp.Unreachable(icmp.HOST, b""), "FA", icmp.HOST),
        (icmp.Unreachable(icmp.PROTOCOL, b""), "HA", icmp.HOST),
        (icmp.TimeExceeded(0, b""), "FA", icmp.HOST),
        (icmp.Unreachable(icmp.PORT, b""), "HA", None),
        (icmp.Unreachable(5, b""), "HA", None),
    ],
)
def test_trouble_on_the_way_is_told_to_the_next_sender(
    error: icmp.Unreachable | icmp.TimeExceeded, creator: str, code: int | None
) -> None:
    """RFC 2003 §4 and §5: the next packet is sent all the same, and its sender told; three seconds later, no more."""
    world = World()
    world.there.creator = creator
    told: list[int] = []
    world.lab.segment("lan").taps.append(
        lambda _, frame: (
            told.append(frame.payload.payload.code)
            if isinstance(frame.payload, Packet) and isinstance(frame.payload.payload, icmp.Unreachable)
            else None
        )
    )
    quote = Packet(*ENDS, IPIP, bytes(60)).quote()
    a = world.lab["A"].interface("Ethernet0")
    a.node.ip.receive(a, Packet(IPv4.parse("10.0.0.2"), ENDS[0], ICMP, error._replace(quote=quote)))
    sent = world.there.counters.packets_out
    world.ping(THERE, count=1)
    assert told == ([] if code is None else [code])
    assert world.there.counters.packets_out == sent + 1
    told.clear()
    assert world.ping(THERE, count=1) == "!"
    assert told == []


def test_only_the_other_end_is_heard() -> None:
    """A packet within a packet from anywhere else is counted and dropped; so is one with no hop left."""
    world = World()
    inner = Packet(IPv4.parse("10.9.0.9"), THERE, ICMP, icmp.EchoRequest(1, 1))
    tunnels = world.lab["B"].part(Tunnels)
    before = world.back.counters.packets_in
    world.inject(Packet(IPv4.parse("66.6.6.6"), ENDS[1], IPIP, inner))
    world.inject(Packet(ENDS[0], ENDS[1], GRE, Gre(IPV4, inner)))  # the tunnel is IP in IP
    assert tunnels.strangers == 2
    world.inject(Packet(ENDS[0], ENDS[1], IPIP, inner._replace(ttl=0)))
    world.inject(Packet(ENDS[0], ENDS[1], IPIP, b"rubbish"))
    assert world.back.drops_in == 2
    assert world.back.counters.packets_in == before


def test_who_inspects_may_refuse() -> None:
    """What comes out of a tunnel and no inspector knows is dropped without a word."""
    world = World()
    judge = Judge()
    world.lab["B"].part(Tunnels).inspectors.append(judge.known)
    assert world.ping(THERE, count=1) == "."
    judge.answer = True
    assert world.ping(THERE, count=1) == "!"
    assert judge.asked[0] is world.back


class Judge:
    """Says of everything that it knows it, or that it does not."""

    def __init__(self) -> None:
        self.answer = False
        self.asked: list[Tunnel] = []

    def known(self, tunnel: Tunnel, inner: Packet) -> bool:
        """Answer."""
        del inner
        self.asked.append(tunnel)
        return self.answer


def test_a_loss_of_power_takes_tunnels() -> None:
    """After a boot there are no tunnels, and what is on the clock about old ones does nothing."""
    world = World()
    world.there.shorten(1000)
    world.lab.power("A", on=False)
    world.lab.power("A", on=True)
    world.lab.advance(700)
    assert list(world.lab["A"].part(Tunnels)) == []


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([IPIP, GRE]))
def test_rubbish_in_tunnels_does_no_harm(octets: bytes, protocol: int) -> None:
    """Whatever octets come as tunnelled, nothing raises, and none of it counts as having passed."""
    lab = Lab()
    lab.add_segment("s")
    lab.add_node("B")
    lab.attach("B", "Ethernet0", "s")
    lab.start()
    b = lab["B"].interface("Ethernet0")
    b.address = ENDS[1], Prefix.of(ENDS[1], 24)
    tunnel = lab["B"].part(Tunnels).use(*reversed(ENDS), gre=protocol == GRE)
    lab["B"].ip.receive(b, Packet(*ENDS, protocol, octets))
    assert tunnel.counters.packets_in == 0
    assert tunnel.drops_in == 1
