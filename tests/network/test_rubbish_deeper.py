"""Real frames, cut and spoiled, with their lengths and sums mended again, so that every protocol gets to read them.

The lab is `physical`: HSRP, ARP, router discovery, registrations, replies, the home agents' own messages, and packets
in tunnels. What an unauthenticated message may do (HSRP's roles, ARP's entries, advertisements) mends itself; what
takes a key to do must not have happened.
"""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.ping import Pings
from iosemu.wire import ethernet
from iosemu.wire.ipv4 import GRE, ICMP, IPIP, UDP
from iosemu.wire.octets import checksum
from tests.lab.build import Tap

HEADER = 14
"""Octets of an Ethernet header."""
WIRES = ("home", "core")
"""Where frames come from and are sent to: who stands beside a mobile node can lure it, whatever is done."""
HOME = IPv4.parse("1.0.0.100")


def mended(octets: bytes, depth: int = 3) -> bytes:
    """Give an IPv4 packet the lengths and sums that its octets call for, and so to what is in its tunnels."""
    if len(octets) < 20:
        return octets
    packet = bytearray(octets)
    start = (packet[0] & 15) * 4
    if not 20 <= start <= len(packet):
        packet[0], start = 0x45, 20
    packet[2:4] = len(packet).to_bytes(2, "big")
    packet[10:12] = bytes(2)
    packet[10:12] = checksum(bytes(packet[:start])).to_bytes(2, "big")
    body = bytes(packet[start:])
    if packet[9] == UDP and len(body) >= 8:
        body = body[:4] + len(body).to_bytes(2, "big") + bytes(2) + body[8:]  # 0: without a sum
    elif packet[9] == ICMP and len(body) >= 4:
        total = checksum(body[:2] + bytes(2) + body[4:])
        body = body[:2] + total.to_bytes(2, "big") + body[4:]
    elif packet[9] == IPIP and depth:
        body = mended(body, depth - 1)
    elif packet[9] == GRE and depth and len(body) > 4 and not body[0] & 0x80:
        body = body[:4] + mended(body[4:], depth - 1)
    return bytes(packet[:start]) + body


@cache
def prepared() -> tuple[Lab, tuple[tuple[str, bytes], ...]]:
    """Give the lab after a takeover and its way back, and each kind of frame seen meanwhile with its segment."""
    lab = Lab.load("physical")
    taps = {name: Tap(lab, name) for name in WIRES}
    lab.advance(100)
    lab.power("HA1", on=False)
    lab.advance(20)
    lab.power("HA1", on=True)
    lab.advance(40)
    for target in ("1.0.0.100", "1.0.0.10", "9.9.9.9"):
        for size in (100, 3000):
            lab["CN1"].part(Pings).start(IPv4.parse(target), count=2, size=size)
            lab.advance(5)
    kinds: dict[object, tuple[str, bytes]] = {}
    for name, tap in taps.items():
        lab.segment(name).taps.clear()
        for _, frame in tap.frames:
            kinds.setdefault((name, frame.source, frame.size), (name, frame.encode()))
    lab.checkpoint("calm")
    return lab, tuple(kinds.values())


def bindings(lab: Lab) -> list[list[tuple[IPv4, IPv4]]]:
    """Give what either home agent holds, which nobody without the key may change."""
    held = [lab[name].part(Mobile).bindings.of(HOME) for name in ("HA1", "HA2")]
    return [[(binding.home, binding.care_of) for binding in each] for each in held]


def receive(lab: Lab, wire: str, octets: bytes) -> None:
    """Have every node on a segment read a frame."""
    frame = ethernet.decode(octets)
    for port in tuple(lab.segment(wire).ports):
        port.node.ip.frame(port, frame)


def whole(lab: Lab) -> None:
    """See that the lab is as it was: one active home agent, the bindings, and a correspondent that gets through."""
    lab.advance(3 * 255)
    for node in lab.nodes.values():
        node.arp.clear()  # ARP believes whoever speaks, until somebody asks anew
    ping = lab["CN1"].part(Pings).start(HOME, count=8)
    lab.advance(20)
    assert ping.row.endswith("!")
    assert bindings(lab) == [[(HOME, IPv4.parse("4.0.0.1"))]] * 2


SPOILS = st.tuples(
    st.integers(0, 999),  # which frame
    st.none() | st.integers(HEADER, 200),  # where it is cut
    st.lists(st.tuples(st.integers(HEADER, 200), st.integers(0, 255)), max_size=4),
    st.binary(max_size=6),  # what stands behind it
)


@settings(max_examples=40, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(st.lists(SPOILS, min_size=1, max_size=40))
@example([])
def test_spoiled_frames_with_sums_that_are_right_break_nothing(
    spoils: list[tuple[int, int | None, list[tuple[int, int]], bytes]],
) -> None:
    """Nothing raises, and what takes a key to change stands as it did."""
    lab, frames = prepared()
    lab.restore("calm")
    for number, end, changes, more in spoils:
        wire, real = frames[number % len(frames)]
        octets = bytearray(real if end is None else real[: max(HEADER, end % len(real))])
        for offset, value in changes:
            if len(octets) > HEADER:
                octets[HEADER + offset % (len(octets) - HEADER)] = value
        octets += more
        receive(lab, wire, bytes(octets[:HEADER]) + mended(bytes(octets[HEADER:])))
        lab.advance(0.05)
    whole(lab)


def test_every_frame_cut_at_every_octet_is_read() -> None:
    """Each kind of frame, truncated everywhere, with the lengths and sums of what is left."""
    lab, frames = prepared()
    lab.restore("calm")
    for wire, real in frames:
        for end in range(HEADER, min(len(real), 160)):
            receive(lab, wire, real[:HEADER] + mended(real[HEADER:end]))
        lab.advance(0.05)
    whole(lab)
