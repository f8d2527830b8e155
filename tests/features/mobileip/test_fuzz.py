"""Broken messages with proofs that hold: what lies behind the proof stands what a peer, or a node, may send."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.features.mobileip.authentication import digest
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.packet import (
    BINDING_INFO_ACK,
    BINDING_UPDATE,
    FOREIGN_HOME,
    MOBILE_HOME,
    PORT,
    Authentication,
    Extension,
    Record,
    Redundancy,
    Request,
)
from iosemu.features.mobileip.port import AgentPort
from iosemu.lab.clock import SECOND
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import Datagram
from tests.features.mobileip.redundant import CARE_OF, KEY, SPI, Office
from tests.features.mobileip.test_redundancy_security import GROUP, ONE, SECRET, TWO
from tests.features.mobileip.visited import through_octets

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large)

octets = st.binary(max_size=40)
addresses = st.one_of(
    st.sampled_from(
        [0, 0xFFFFFFFF, ONE, TWO, GROUP, CARE_OF, IPv4.parse("1.0.0.101"), 0x7F000001, 0xE0000001]
    ),
    st.integers(0, 0xFFFFFFFF),
).map(IPv4)
numbers = st.one_of(st.sampled_from([0, 1, (1 << 64) - 1]), st.integers(0, (1 << 64) - 1))
records = st.builds(
    Record,
    st.integers(0, 255),
    st.integers(0, 255),
    st.one_of(st.sampled_from([0, 1, 0xFFFF]), st.integers(0, 0xFFFF)),
    st.integers(0, 0xFFFFFFFF),
    st.one_of(st.just(IPv4.parse("1.0.0.101")), addresses),
    addresses,
    addresses,
    numbers,
)
extensions = st.lists(
    st.one_of(
        records,
        st.builds(Extension, st.integers(0, 255), octets),
        st.builds(Authentication, st.integers(32, 34), st.integers(0, 0xFFFFFFFF), octets),
    ),
    max_size=4,
).map(tuple)


@st.composite
def broken(draw: st.DrawFn, whole: bytes, fixed: int) -> bytes:
    """Draw what is left of a message: octets changed beyond the fixed part's identification, lengths lied about."""
    said = bytearray(whole)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(said) - 1))
        if place >= fixed or place < fixed - 8:  # or it is only late
            said[place] = draw(st.integers(0, 255))
    return bytes(said[: draw(st.one_of(st.just(len(said)), st.integers(1, len(said))))])


@lru_cache(maxsize=1)
def office() -> Office:
    """Give the physical lab with three mobile nodes registered, as a checkpoint."""
    opened = Office()
    opened.lab.transit = through_octets
    opened.warm()
    opened.register(*opened.homes[:3])
    opened.lab["R0"].ip.send_udp(TWO, 9, b"?", source_port=9)
    opened.lab["R0"].ip.send_udp(ONE, 9, b"?", source_port=9)
    opened.lab.advance(1)
    opened.lab.checkpoint("fuzz")
    return opened


def identification(place: Office) -> int:
    """Give one of this moment that no agent has used."""
    return (place.lab.unix // SECOND + NTP + 1) << 32 | 5


def proved(said: bytes, kind: int, spi: int, key: bytes) -> bytes:
    """Put a proof that holds behind octets."""
    return said + Authentication(kind, spi, digest(said, kind, spi, key)).encode()


def stands(send: Callable[[Office], None]) -> None:
    """Send, and see that all is whole: tables, tunnels, screens, and the next registration of somebody else."""
    place = office()
    place.lab.restore("fuzz")
    send(place)
    place.lab.advance(40)
    for name in ("HA1", "HA2"):
        mobile = place.mobile(name)
        held = list(mobile.bindings)
        assert mobile.bindings.total == len(held) == sum(tunnel.users for tunnel in mobile.tunnels.values())
        assert len(list(place.lab[name].part(AgentPort).takers)) == 3
        for line in ("binding", "tunnel", "violation", "traffic", "host"):
            assert "Invalid" not in place.show(name, f"show ip mobile {line}")
        assert place.held(name, place.homes[1])
        assert place.held(name, place.homes[2])
    place.register(place.homes[4])
    assert place.held("HA1", place.homes[4])
    assert place.held("HA2", place.homes[4])


@example(
    kind=BINDING_UPDATE,
    code=0,
    agent=GROUP,
    said=(Record(0, 0, 5, 9000, IPv4.parse("1.0.0.101"), ONE, ONE, 1 << 63),),
    data=None,
)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(
    kind=st.integers(BINDING_UPDATE, BINDING_INFO_ACK),
    code=st.one_of(st.integers(0, 2), st.integers(0, 0xFFFF)),
    agent=st.one_of(st.just(GROUP), addresses),
    said=extensions,
    data=st.data(),
)
def test_what_a_peer_signs(kind: int, code: int, agent: IPv4, said: tuple[Any, ...], data: Any) -> None:
    """Any redundancy message that HA1's key proves, also with octets changed and cut, harms no other node on HA2."""
    # Nobody but the mobile node that the fuzz is about may be named in a proper record.
    others = {office().homes[1], office().homes[2], office().homes[4]}
    said = tuple(each for each in said if not (isinstance(each, Record) and each.home in others))
    if kind == BINDING_UPDATE and not any(isinstance(each, Record) for each in said):
        code = 0

    def send(place: Office) -> None:
        whole = Redundancy(kind, code, agent, GROUP, identification(place), said).encode()
        part = data.draw(broken(whole, 20)) if data is not None else whole
        place.lab["R0"].ip.send_udp(
            TWO, PORT, proved(part, FOREIGN_HOME, 0x100, SECRET), source_port=PORT, source=ONE
        )

    stands(send)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(
    flags=st.integers(0, 255),
    lifetime=st.one_of(st.sampled_from([0, 1, 0xFFFF]), st.integers(0, 0xFFFF)),
    agent=st.one_of(st.just(GROUP), addresses),
    care_of=st.one_of(st.just(CARE_OF), addresses),
    said=extensions,
    data=st.data(),
)
def test_what_a_mobile_node_signs(
    flags: int, lifetime: int, agent: IPv4, care_of: IPv4, said: tuple[Any, ...], data: Any
) -> None:
    """Any request that a mobile node's key proves does what it says to its own bindings at most."""

    def send(place: Office) -> None:
        home = place.homes[0]
        whole = Request(flags, lifetime, home, agent, care_of, identification(place), said).encode()
        part = data.draw(broken(whole, 24))
        octets = part[:4] + home.to_bytes(4, "big") + part[8:] if len(part) >= 8 else part
        signed = proved(octets, MOBILE_HOME, SPI, bytes.fromhex(KEY))
        place.lab["FA1"].ip.send_udp(GROUP, PORT, signed, source_port=PORT)

    stands(send)


@pytest.mark.parametrize("length", [1, 8, 23, 24, 30, 45])
def test_requests_that_are_cut_off_are_counted(length: int) -> None:
    """Wherever a request ends too early it is not answered; a home agent and a foreign agent count it as ignored."""
    place = office()
    place.lab.restore("fuzz")
    whole = place.request(place.homes[0]).encode()[:length]
    counted = {name: place.traffic(name) for name in ("HA1", "FA1")}
    before = counted["HA1"].ignored, counted["FA1"].foreign_ignored
    sent = place.lab["HA1"].part(HomeSide).mobile.traffic.register_replies
    place.lab["FA1"].ip.send_udp(GROUP, PORT, whole, source_port=PORT)
    port = place.lab["FA1"].interface("Ethernet1")
    datagram = Datagram(PORT, PORT, whole)
    frame = Frame(port.mac, MAC(2), Packet(place.homes[0], CARE_OF, UDP, datagram))
    place.lab["FA1"].ip.frame(port, through_octets(frame))
    place.lab.advance(0.5)
    proofless = length == 24  # a request without any extension is one, and poorly formed
    assert (counted["HA1"].ignored, counted["FA1"].foreign_ignored) == (
        before[0] + (not proofless),
        before[1] + (not proofless),
    )
    assert counted["HA1"].register_replies == sent + proofless
