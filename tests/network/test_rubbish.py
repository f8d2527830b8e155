"""Rubbish on the wire: counted, dropped, and never more than that.

An attacker sits on the office's segment and sends octets. What is not a well-formed message with the right
password leaves every HSRP state as it was; what is may change it, but the group is whole again when the
attacker has gone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.features.hsrp.machine import DEFAULT_AUTHENTICATION
from iosemu.features.hsrp.packet import GROUP_ADDRESS, PORT, Hsrp
from iosemu.features.rip.packet import PORT as RIP
from iosemu.wire import ethernet, icmp
from iosemu.wire.arp import Arp
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import ICMP, UDP, Packet
from iosemu.wire.udp import Datagram
from tests.features.hsrp.office import configure, group, office, states
from tests.lab.build import Tap
from tests.network.test_one_active import all_agree, one_each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iosemu.app import Lab

ROUTERS = ("R1", "R2", "R3")
R1, R2, VIRTUAL = (IPv4.parse(f"10.0.0.{host}") for host in (1, 2, 254))
ATTACKER = IPv4.parse("10.0.0.66")
ALL_ROUTERS = MAC.parse("0100.5e00.0002")
VIRTUAL_MAC = MAC.parse("0000.0c07.ac01")
PASSWORD = "standby 1 ip 10.0.0.254;standby 1 authentication sesame"
SESAME = b"sesame\0\0"


@cache
def prepared() -> tuple[Lab, tuple[bytes, ...]]:
    """Have R1 active, R2 standby, R3 listening, and RIP run; gives every kind of frame seen on the way, too."""
    lab = office()
    tap = Tap(lab, "office")
    for name, priority in zip(ROUTERS, (120, 110, 100), strict=True):
        configure(lab, name, f"{PASSWORD};standby 1 priority {priority};standby 1 preempt")
        configure(lab, name, "exit;router rip;version 2;network 10.0.0.0")
    lab.advance(60)
    configure(lab, "R1", "shutdown;no shutdown")
    lab.advance(60)
    for name in ("R1", "R2"):
        lab["PC"].ip.send(
            Packet(IPv4(0), lab[name].interface("Ethernet0").address[0], ICMP, icmp.EchoRequest(1, 1))
        )
    lab["PC"].ip.send_udp(R1, 9, b"nobody listens", source_port=9)
    lab.advance(1)
    lab.segment("office").taps.clear()
    lab.checkpoint("calm")
    kinds = {(frame.size, type(frame.payload), frame.source): frame.encode() for _, frame in tap.frames}
    return lab, tuple(kinds.values())


def calm() -> Lab:
    """Give the prepared lab as it was before anybody attacked it."""
    lab, _ = prepared()
    lab.restore("calm")
    assert states(lab) == "Active Standby Listen"
    return lab


def harm(lab: Lab) -> list[object]:
    """Give what no rubbish may change: roles, addresses, times, and what the routers answer to."""
    found: list[object] = []
    for name in ROUTERS:
        machine, port = group(lab, name).machine, lab[name].interface("Ethernet0")
        found += [machine.state, machine.active_router, machine.standby_router, machine.priority]
        found += [machine.virtual_ip, machine.virtual_mac, machine.timers, machine.state_changes]
        found += [port.up, port.address, dict(port.virtual), port.mac]
        found.append([route[:4] for route in lab[name].routes if route.source == "C"])
    return found


def attack(lab: Lab, frames: Iterable[bytes]) -> None:
    """Send octets from the attacker's port, ten a second; no frame may bring a storm."""
    port = lab["PC"].interface("Ethernet0")
    tap = Tap(lab, "office")
    for octets in frames:
        before = len(tap.frames)
        port.send(ethernet.decode(octets))
        lab.advance(0.1)
        assert len(tap.frames) - before < 30
    lab.segment("office").taps.clear()


def counted(lab: Lab, name: str) -> int:
    """Count what a router has thrown away."""
    return lab[name].interface("Ethernet0").counters.unknown


# --- The table: what is rubbish, and counted


def hsrp(**fields: object) -> Hsrp:
    """Say a Hello of a very high active router, with the right password, but for some fields."""
    return Hsrp(0, 16, 3, 10, 255, 1, SESAME, VIRTUAL)._replace(**fields)


def multicast(payload: object, source: IPv4 = ATTACKER, port: int = PORT) -> bytes:
    """Send a datagram to all routers."""
    packet = Packet(source, GROUP_ADDRESS, UDP, Datagram(port, port, payload), ttl=1)
    return Frame(ALL_ROUTERS, MAC(0x66), packet).encode()


def unicast(payload: object, protocol: int = ICMP, source: IPv4 = ATTACKER) -> bytes:
    """Send a packet to R1, in a frame to everyone."""
    return Frame(BROADCAST, MAC(0x66), Packet(source, R1, protocol, payload)).encode()


def spoiled(octets: bytes, offset: int, value: int) -> bytes:
    """Put another octet in a frame's place."""
    return octets[:offset] + bytes([value]) + octets[offset + 1 :]


ECHO = unicast(icmp.EchoRequest(1, 1, b"x" * 40))
HELLO = multicast(hsrp())
QUESTION = Frame(BROADCAST, MAC(0x66), Arp(1, MAC(0x66), ATTACKER, MAC(0), R1)).encode()
RUBBISH = {
    "an unknown protocol on Ethernet": Frame(BROADCAST, MAC(1), b"\1\2\3", 0x88CC).encode(),
    "a length for a type": Frame(BROADCAST, MAC(1), b"\0" * 46, 46).encode(),
    "nothing in IPv4": BROADCAST.octets + MAC(1).octets + b"\x08\x00",
    "IP version 6": spoiled(ECHO, 14, 0x65),
    "an IP header of four words": spoiled(ECHO, 14, 0x44),
    "an IP header longer than its packet": spoiled(ECHO, 14, 0x4F),
    "a total length beyond the frame": spoiled(ECHO, 16, 0xFF),
    "a wrong IP checksum": spoiled(ECHO, 24, ECHO[24] ^ 1),
    "an IP packet cut short": ECHO[:40],
    "a wrong ICMP checksum": spoiled(ECHO, 36, ECHO[36] ^ 1),
    "an echo of two octets": unicast(b"\x08\x00"),
    "a wrong UDP checksum": spoiled(HELLO, 40, HELLO[40] ^ 1),
    "a UDP length of 7": spoiled(HELLO, 39, 7),
    "a UDP length beyond the packet": spoiled(HELLO, 38, 0xFF),
    "half a UDP header": unicast(b"\1\2\3\4", UDP),
    "an ARP for Token Ring": spoiled(QUESTION, 15, 6),
    "an ARP with addresses of 255 octets": spoiled(QUESTION, 18, 255),
    "HSRP cut short": multicast(hsrp().encode()[:19]),
    "an empty HSRP message": multicast(b""),
    "HSRP with a version of its own": multicast(hsrp(version=9)),
    "HSRP with an unknown op code": multicast(hsrp(opcode=77)),
    "HSRP with another password": multicast(hsrp(authentication=b"cisco\0\0\0")),
    "HSRP with a password that begins alike": multicast(hsrp(authentication=b"sesame\0x")),
    "HSRP to one router alone": unicast(Datagram(PORT, PORT, hsrp()), UDP),
    "HSRP from a group's address": multicast(hsrp(), source=GROUP_ADDRESS),
    "HSRP from everyone": multicast(hsrp(), source=IPv4(0xFFFFFFFF)),
    "HSRP from the subnet's broadcast address": multicast(hsrp(), source=IPv4.parse("10.0.0.255")),
    "HSRP from the loopback": multicast(hsrp(), source=IPv4.parse("127.0.0.1")),
    "an echo from everyone": unicast(icmp.EchoRequest(1, 1), source=IPv4.parse("10.0.0.255")),
    "RIP of three octets": unicast(Datagram(RIP, RIP, b"\2\2\0"), UDP),
    "RIP with half an entry": unicast(Datagram(RIP, RIP, b"\2\2\0\0" + bytes(30)), UDP),
    "RIP with too many entries": unicast(Datagram(RIP, RIP, b"\2\2\0\0" + bytes(20 * 70)), UDP),
}


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_is_counted_and_dropped(what: str) -> None:
    """One such frame is counted once, and half a minute later nothing is different from before."""
    lab = calm()
    before, count = harm(lab), counted(lab, "R1")
    attack(lab, [RUBBISH[what]])
    assert counted(lab, "R1") == count + 1
    lab.advance(30)
    assert harm(lab) == before


HARMLESS = {
    "one's own address as the source": multicast(hsrp(), source=R1),
    "another group": multicast(hsrp(group=99)),
    "a hold time of nothing, from an unknown state": multicast(hsrp(state=3, holdtime=0, hellotime=255)),
    "a lower Coup": multicast(hsrp(opcode=1, state=4, priority=0)),
    "a Resign of one who is not active": multicast(hsrp(opcode=2)),
    "a gratuitous ARP for the virtual address": Frame(
        BROADCAST, MAC(0x66), Arp(1, MAC(0x66), VIRTUAL, MAC(0), VIRTUAL)
    ).encode(),
    "an ARP from R1's own address": Frame(BROADCAST, MAC(0x66), Arp(2, MAC(0x66), R1, MAC(0), R1)).encode(),
    "an ARP of an unknown operation": Frame(
        BROADCAST, MAC(0x66), Arp(65535, MAC(0), R2, BROADCAST, R1)
    ).encode(),
    "a packet whose time is over": Frame(
        VIRTUAL_MAC, MAC(0x66), Packet(ATTACKER, IPv4.parse("9.9.9.9"), UDP, b"", ttl=0)
    ).encode(),
    "a fragment that never ends": Frame(
        BROADCAST, MAC(0x66), Packet(ATTACKER, R1, UDP, b"x" * 8, more_fragments=True, fragment_offset=8191)
    ).encode(),
    "a packet to itself": unicast(icmp.EchoRequest(1, 1), source=R1),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_well_formed_and_senseless_harms_nobody(what: str) -> None:
    """Such frames are read, and nothing comes of them."""
    lab = calm()
    before = harm(lab)
    attack(lab, [HARMLESS[what]] * 5)
    lab.advance(30)
    assert harm(lab) == before


def test_a_thief_of_the_own_address_is_told_of() -> None:
    """A message from R1's own address is for the log, not for the election."""
    lab = calm()
    attack(lab, [multicast(hsrp(), source=R1)])
    rows = [each.text for each in lab["R1"].log.since(0)[0]]
    assert any(
        f"-DUPADDR: Duplicate address {R1} on Ethernet0, sourced by 0000.0000.0066" in row for row in rows
    )


# --- Fuzzing


class Spoil(NamedTuple):
    """How a real frame is spoiled: octets replaced, then cut."""

    changes: tuple[tuple[int, int], ...]
    cut: int | None

    def of(self, octets: bytes) -> bytes:
        """Spoil a frame; it keeps its Ethernet header's length."""
        for offset, value in self.changes:
            octets = spoiled(octets, offset % len(octets), value)
        return octets if self.cut is None else octets[: max(14, self.cut % len(octets))]


SPOILS = st.builds(
    Spoil,
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4).map(tuple),
    st.none() | st.integers(14, 200),
)
REAL = st.tuples(st.integers(0, 999), SPOILS)
ADDRESSES = st.sampled_from(
    [R1, R2, VIRTUAL, ATTACKER, GROUP_ADDRESS, IPv4(0), IPv4(0xFFFFFFFF)]
) | st.integers(0, 2**32 - 1).map(IPv4)
TARGETS = st.sampled_from([BROADCAST, ALL_ROUTERS, VIRTUAL_MAC, MAC.parse("0100.5e00.0009")])
HEADS = st.tuples(
    TARGETS, st.sampled_from([b"\x08\x00", b"\x08\x06"]) | st.binary(min_size=2, max_size=2)
).map(lambda head: head[0].octets + MAC(0x66).octets + head[1])
NOISE = st.tuples(HEADS, st.binary(max_size=120)).map(b"".join)
OCTET = st.integers(0, 255)


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """Draw a packet whose sums are right, so that it gets as far as can be, with anything in it."""
    body = draw(st.binary(max_size=60))
    port = st.sampled_from([PORT, RIP, 434, 7]) | st.integers(0, 65535)
    protocol = draw(st.sampled_from([ICMP, UDP, UDP, 4, 47]) | OCTET)
    payload: object = body
    if protocol == UDP:
        payload = Datagram(draw(port), draw(port), body)
    elif protocol == ICMP:
        payload = icmp.Other(draw(OCTET), draw(OCTET), body)
    packet = Packet(
        draw(ADDRESSES),
        draw(ADDRESSES),
        protocol,
        payload,
        ttl=draw(OCTET),
        tos=draw(OCTET),
        identification=draw(st.integers(0, 3)),
        more_fragments=draw(st.booleans()) and draw(st.booleans()),
        fragment_offset=draw(st.sampled_from([0, 0, 0, 1, 8191])),
        options=draw(st.sampled_from([b"", b"", b"\x83\x03\x04", b"\xff" * 40])),
    )
    return Frame(draw(TARGETS), MAC(0x66), packet).encode()


@st.composite
def messages(draw: st.DrawFn, password: bytes | None = None) -> bytes:
    """Draw an HSRP message, by default with any password."""
    fields = {name: draw(OCTET) for name in ("hellotime", "holdtime", "priority")}
    message = Hsrp(
        draw(st.sampled_from([0, 1, 2])),
        draw(st.sampled_from([0, 1, 2, 4, 8, 16]) | OCTET),
        **fields,
        group=draw(st.sampled_from([1, 1, 1, 0, 255])),
        authentication=password or draw(st.just(DEFAULT_AUTHENTICATION) | st.binary(min_size=8, max_size=8)),
        virtual_ip=draw(ADDRESSES),
        trailer=draw(st.binary(max_size=30)),
    )
    return multicast(message, source=draw(ADDRESSES))


def authentic(octets: bytes) -> bool:
    """Whether a frame is a well-formed HSRP message with the password of the group."""
    packet = ethernet.decode(octets).payload
    datagram = packet.payload if isinstance(packet, Packet) else None
    message = datagram.payload if isinstance(datagram, Datagram) else None
    return isinstance(message, Hsrp) and message.authentication == SESAME and message.version == 0


FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=(HealthCheck.too_slow,))


def fuzz(frames: list[bytes | tuple[int, Spoil]]) -> None:
    """Attack with octets, and with spoiled frames of the prepared lab; nothing may change."""
    lab = calm()
    before = harm(lab)
    real = prepared()[1]
    octets = [each if isinstance(each, bytes) else each[1].of(real[each[0] % len(real)]) for each in frames]
    attack(lab, [each for each in octets if not authentic(each)])
    lab.advance(12)
    assert harm(lab) == before
    one_each(lab)


FRAMES = st.lists(NOISE | REAL | packets() | messages(), min_size=1, max_size=30)


@FUZZ
@given(FRAMES)
def test_octets_that_are_no_message_change_nothing(frames: list[bytes | tuple[int, Spoil]]) -> None:
    """Random octets, spoiled and cut frames, right sums around rubbish, and messages without the password."""
    fuzz(frames)


@pytest.mark.slow
@settings(FUZZ, max_examples=3000)
@given(FRAMES)
def test_octets_that_are_no_message_change_nothing_for_long(frames: list[bytes | tuple[int, Spoil]]) -> None:
    """The same with many more examples."""
    fuzz(frames)


@settings(FUZZ, max_examples=30)
@given(st.lists(messages(password=SESAME), min_size=1, max_size=8))
def test_a_group_is_whole_again_when_one_who_knows_the_password_has_gone(frames: list[bytes]) -> None:
    """Well-formed messages may take any role and teach any times; three of the longest hold times mend it."""
    lab = calm()
    attack(lab, frames)
    lab.advance(3 * 255)
    one_each(lab)
    all_agree(lab)
    assert states(lab).split()[0] == "Active"
