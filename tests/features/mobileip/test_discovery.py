"""Agent discovery: when routers advertise, what agents add, who is answered (RFC 1256, RFC 2002 §2)."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.app import Lab
from iosemu.lab.clock import SECOND
from iosemu.lab.discovery import Advertise, Advertiser, Times
from iosemu.wire import ethernet
from iosemu.wire.icmp import MobilityAgent, Router, RouterAdvertisement, RouterSolicitation
from iosemu.wire.ipv4 import ICMP, Packet

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.lab.segment import Segment
    from iosemu.wire.ethernet import Frame

HOST = IPv4.parse("20.0.0.1"), MAC(7)


# --- When


def spoken(machine: Advertiser, until: int) -> list[float]:
    """Let time pass; gives the seconds of advertisements."""
    times = []
    while (deadline := machine.deadline()) is not None and deadline <= until * SECOND:
        times += [deadline / SECOND for _ in machine.expire(deadline)]
    return times


def started(**times: int) -> Advertiser:
    """Give a machine that has just begun."""
    machine = Advertiser(Random(1))
    machine.set_times(Times(**times), 0)
    machine.start(0)
    return machine


def test_the_first_three_are_at_most_16_seconds_apart() -> None:
    """An interface that begins is found soon: at 0, 16 and 32 s, and then in its intervals."""
    times = spoken(started(), 3600)
    assert times[:3] == [0, 16, 32]
    gaps = [after - before for before, after in pairwise(times[2:])]
    assert gaps
    assert all(450 <= gap <= 600 for gap in gaps)


@given(st.integers(4, 1800), st.integers(3, 1800), st.integers(0, 2**32))
def test_intervals_stay_within_their_bounds(maximum: int, minimum: int, seed: int) -> None:
    """Every interval but the first two lies between the bounds, which a minimum above the maximum cannot upset."""
    machine = Advertiser(Random(seed))
    machine.set_times(Times(maximum, minimum), 0)
    machine.start(0)
    times = spoken(machine, 10 * maximum + 32)
    assert len(times) > 4
    low = min(minimum, maximum)
    for before, after in pairwise(times[2:]):
        assert low <= after - before <= maximum


def test_zero_means_only_when_asked() -> None:
    """With `maxadvertinterval 0` nothing is sent but answers."""
    machine = started(maximum=0)
    assert machine.deadline() is None
    assert machine.solicit(HOST, 5 * SECOND) == [Advertise(solicited=True, to=HOST)]
    assert machine.deadline() is None


def test_solicitations_are_answered_at_once_and_once_a_second() -> None:
    """The first is answered to its sender; those of the next second share one answer, at its end."""
    machine = started(maximum=600)
    spoken(machine, 0)
    at = 5 * SECOND
    assert machine.solicit(HOST, at) == [Advertise(solicited=True, to=HOST)]
    assert machine.solicit(HOST, at + 1) == []
    assert machine.solicit(None, at + 2) == []
    assert machine.deadline() == at + SECOND
    assert list(machine.expire(at + SECOND)) == [Advertise(solicited=True)]
    assert machine.solicit(HOST, at + SECOND + 1) == []


def test_who_has_no_address_is_answered_by_broadcast() -> None:
    """A solicitation from 0.0.0.0 is answered to all, and the interval begins anew."""
    machine = started(maximum=1800, minimum=1800)
    spoken(machine, 100)
    assert machine.solicit(None, 200 * SECOND) == [Advertise(solicited=True)]
    assert machine.deadline() == 2000 * SECOND


def test_what_ends_is_taken_back() -> None:
    """A machine that stops sends one last advertisement, once, and then answers nobody."""
    machine = started()
    assert machine.stop() == [Advertise(final=True)]
    assert machine.stop() == []
    assert machine.solicit(HOST, 0) == []
    assert machine.deadline() is None


# --- What

CONFIG = """\
hostname FA1
interface Ethernet0
 ip address 4.0.0.1 255.0.0.0
 ip address 6.0.0.1 255.255.0.0 secondary
 ip irdp
 ip irdp maxadvertinterval 9
{lines}
"""
SERVICE = " ip mobile foreign-service{}\nrouter mobile\nip mobile foreign-agent care-of Ethernet0\n"


class Link:
    """A router on a segment where everything is heard."""

    def __init__(self, folder: Path, lines: str) -> None:
        (folder / "FA1.cfg").write_text(CONFIG.format(lines=lines))
        (folder / "lab.yml").write_text(
            "name: link\ntopology:\n  nodes:\n"
            "    FA1: {kind: router, startup-config: FA1.cfg}\n"
            "    H: {kind: host, address: 4.0.0.9/8, gateway: 4.0.0.1, segment: s}\n"
            '  links:\n    - {segment: s, endpoints: ["FA1:Ethernet0"]}\n'
        )
        self.lab = Lab.load(folder / "lab.yml")
        self.lab.transit = through_octets
        self.heard: list[tuple[Frame, Packet, RouterAdvertisement]] = []
        self.lab.segment("s").taps.append(self._tap)

    def _tap(self, segment: Segment, frame: Frame) -> None:
        del segment
        packet = frame.payload
        if isinstance(packet, Packet) and isinstance(packet.payload, RouterAdvertisement):
            self.heard.append((frame, packet, packet.payload))

    def first(self) -> RouterAdvertisement:
        """Give the first advertisement that is heard from now on."""
        self.heard.clear()
        self.lab.advance(10)
        return self.heard[0][2]

    def solicit(self, source: str) -> None:
        """Solicit from an address."""
        port = self.lab["H"].interface("Ethernet0")
        packet = Packet(IPv4.parse(source), IPv4.parse("224.0.0.2"), ICMP, RouterSolicitation(), ttl=1)
        self.lab["H"].ip.send_on(port, packet)

    def type(self, *lines: str) -> str:
        """Type lines on the router, from EXEC; gives what the last shows."""
        console = self.lab["FA1"].console()
        return [console.send(line) for line in ("enable", *lines)][-1]


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back."""
    return ethernet.decode(frame.encode())


@pytest.fixture
def link(tmp_path: Path, request: pytest.FixtureRequest) -> Link:
    """Give a link with a router of the configuration that the test is parametrised with."""
    return Link(tmp_path, getattr(request, "param", ""))


def test_a_router_advertises_its_addresses(link: Link) -> None:
    """Without Mobile IP it is RFC 1256's: all addresses, a lifetime of thrice the interval, TTL 1, to everybody."""
    advertisement = link.first()
    routers = (Router(IPv4.parse("4.0.0.1"), 0), Router(IPv4.parse("6.0.0.1"), 0))
    assert advertisement == RouterAdvertisement(27, routers)
    frame, packet, _ = link.heard[0]
    assert (str(packet.source), str(packet.destination), packet.ttl) == ("4.0.0.1", "255.255.255.255", 1)
    assert frame.destination == MAC(0xFFFFFFFFFFFF)


@pytest.mark.parametrize(
    "link",
    [" ip irdp multicast\n ip irdp holdtime 60\n ip irdp preference -5\n ip irdp address 4.0.0.7 9"],
    indirect=True,
)
def test_options_are_heeded(link: Link) -> None:
    """Multicast, hold time, preference and addresses of others are as configured."""
    advertisement = link.first()
    frame, packet, _ = link.heard[0]
    assert (str(packet.destination), str(frame.destination)) == ("224.0.0.1", "0100.5e00.0001")
    assert advertisement.lifetime == 60
    assert [router.preference for router in advertisement.routers] == [-5, -5, 9]


@pytest.mark.parametrize(
    ("link", "flags", "care_of", "lengths"),
    [
        (SERVICE.format(""), 0x14, 1, ()),
        (SERVICE.format(" registration-required reverse-tunnel"), 0x95, 1, ()),
        (" ip mobile prefix-length\n" + SERVICE.format(""), 0x14, 1, (8, 16)),
        (
            "router mobile\nip mobile home-agent\nip mobile host 4.0.0.100 interface Ethernet0",
            0x20,
            0,
            (),
        ),
        (
            SERVICE.format("") + "ip mobile home-agent\nip mobile host 4.0.0.100 interface Ethernet0",
            0x34,
            1,
            (),
        ),
    ],
    indirect=["link"],
)
def test_agents_say_what_they_are(link: Link, flags: int, care_of: int, lengths: tuple[int, ...]) -> None:
    """Flags, care-of addresses and prefix lengths follow from the configuration."""
    advertisement = link.first()
    agent = advertisement.agent
    assert agent is not None
    assert (agent.flags, agent.lifetime, len(agent.care_of)) == (flags, 36_000, care_of)
    assert advertisement.prefix_lengths == lengths


@pytest.mark.parametrize(
    "link",
    [
        " ip mobile foreign-service\nip mobile foreign-agent care-of Ethernet0",  # no `router mobile`
        " ip mobile foreign-service\nrouter mobile",  # no care-of address
        SERVICE.format("").replace("care-of Ethernet0", "care-of Ethernet9"),  # which is not there
        "router mobile\nip mobile home-agent\nip mobile virtual-network 20.0.0.0 255.0.0.0",
    ],
    indirect=True,
)
def test_who_is_no_agent_adds_nothing(link: Link) -> None:
    """Without what an agent needs, the advertisement is a plain router's."""
    assert link.first().agent is None


@pytest.mark.parametrize("link", [SERVICE.format("")], indirect=True)
def test_sequence_numbers_begin_at_nought_and_turn_over_to_256(link: Link) -> None:
    """They rise by one; what follows 65535 is 256, so that it never looks like a reboot; after one it is 0."""
    from iosemu.features.mobileip.discovery import Announcer  # noqa: PLC0415 - only here

    link.lab.advance(40)
    numbers = [each.agent.sequence for _, _, each in link.heard if each.agent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    link.lab["FA1"].part(Announcer)._sequences["Ethernet0"] = 0xFFFF  # 65,536 of them take days
    link.heard.clear()
    link.lab.advance(20)
    assert [each.agent.sequence for _, _, each in link.heard if each.agent][:2] == [0xFFFF, 256]
    link.lab.power("FA1", on=False)
    link.lab.power("FA1", on=True)
    assert link.first().agent == MobilityAgent(0, 36_000, 0x14, (IPv4.parse("4.0.0.1"),))


@pytest.mark.parametrize(
    ("link", "source", "answered"),
    [
        (SERVICE.format(""), "20.0.0.1", True),
        ("", "4.0.0.9", True),
        ("", "20.0.0.1", False),
    ],
    indirect=["link"],
)
def test_agents_answer_strangers_and_routers_neighbours(link: Link, source: str, answered: bool) -> None:
    """A mobility agent answers whoever solicits, at its link address; other routers only neighbours."""
    link.lab.advance(40)
    link.lab.run_until(link.lab["FA1"].now + SECOND)
    link.heard.clear()
    link.solicit(source)
    link.lab.advance(0.01)
    assert bool(link.heard) is answered
    if answered:
        frame, packet, _ = link.heard[0]
        assert (str(packet.destination), frame.destination) == (source, link.lab["H"].interface("e0").mac)


@pytest.mark.parametrize("link", [SERVICE.format("")], indirect=True)
def test_what_is_counted(link: Link) -> None:
    """`show ip mobile traffic` counts solicitations, advertisements, and answers among these."""
    link.lab.advance(41)
    before = link.type("show ip mobile traffic").splitlines()[2:4]
    sent = len(link.heard)
    assert before[0] == "    Solicitations received 0"
    assert before[1] == f"    Advertisements sent {sent}, response to solicitation 0"
    link.solicit("20.0.0.1")
    link.lab.advance(0.01)
    assert link.type("show ip mobile traffic").splitlines()[2:4] == [
        "    Solicitations received 1",
        f"    Advertisements sent {len(link.heard)}, response to solicitation 1",
    ]


@pytest.mark.parametrize("link", [SERVICE.format("")], indirect=True)
def test_shutdown_and_no_take_back_what_was_advertised(link: Link) -> None:
    """A lifetime of 0 is told when the interface or the service is taken down."""
    for line in ("shutdown", "no ip irdp"):
        link.type("configure terminal", "interface Ethernet0", "no shutdown", "ip irdp")
        link.lab.advance(1)
        link.heard.clear()
        link.type("configure terminal", "interface Ethernet0", line)
        assert [each.lifetime for _, _, each in link.heard] == [0]
        link.lab.advance(60)
        assert len(link.heard) == 1


@pytest.mark.parametrize("link", [" ip mobile prefix-length\n" + SERVICE.format("")], indirect=True)
def test_debug_shows_advertisements(link: Link) -> None:
    """The rows are those of mobile-ip.md §3.3."""
    link.type("debug ip mobile advertise")
    link.lab.advance(10)
    entries, _ = link.lab["FA1"].log.since(0)
    rows = [each.text.partition(": ")[2] for each in entries if each.kind == "debug"]
    sequence = rows[0].rpartition("seq=")[2]
    assert rows[:5] == [
        f"MobileIP: Agent advertisement sent out Ethernet0: type=16, len=10, seq={sequence}",
        "lifetime=36000,",
        "flags=0x1400(rbhFmGv-rsv-),",
        "Care-of address: 4.0.0.1",
        "Prefix Length ext: len=2 (8 16 )",
    ]
