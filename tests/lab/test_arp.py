"""ARP: what is learnt, for how long, and what is answered with which MAC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import BROADCAST, MAC
from iosemu.lab.clock import HOUR, MINUTE, SECOND
from iosemu.lab.track import Redundancy, Track
from iosemu.wire.arp import REPLY, REQUEST, Arp
from tests.lab.build import Tap, ip, line_of, on, ping, static, two_links

if TYPE_CHECKING:
    from iosemu.lab.interface import Interface
    from iosemu.lab.lab import Lab

VIRTUAL = MAC.parse("0000.0c07.ac01")


def ask(lab: Lab, name: str, address: str) -> list[str]:
    """Have a node ask for an address, and give the MACs that answer."""
    port = lab[name].interface("Ethernet0")
    assert port.segment is not None
    tap = Tap(lab, port.segment.name)
    lab[name].arp.request(port, ip(address))
    lab.advance(2)
    messages = [frame.payload for _, frame in tap.frames]
    return [str(arp.sender_mac) for arp in messages if isinstance(arp, Arp) and arp.operation == REPLY]


def test_both_ends_learn_from_one_request() -> None:
    """The asker learns from the answer, the answerer from the request, and a bystander nothing (RFC 826)."""
    lab = line_of("A", "B", "C")
    ask(lab, "A", "10.0.0.2")
    a, b, c = (lab[name].interface("Ethernet0") for name in "ABC")
    assert a.node.arp.find(a, ip("10.0.0.2")) == b.mac
    assert b.node.arp.find(b, ip("10.0.0.1")) == a.mac
    assert c.node.arp.entries == {}


def test_a_gratuitous_arp_changes_what_is_known_and_adds_nothing() -> None:
    """Who knows the address takes the new MAC; who does not stays as he is; nobody answers."""
    lab = line_of("A", "B", "C")
    ask(lab, "A", "10.0.0.2")
    a, b, c = (lab[name].interface("Ethernet0") for name in "ABC")
    tap = Tap(lab, "lan")
    b.node.arp.announce(b, ip("10.0.0.2"), VIRTUAL)
    lab.advance(1)
    assert a.node.arp.find(a, ip("10.0.0.2")) == VIRTUAL
    assert c.node.arp.entries == {}
    ((_, frame),) = tap.frames
    assert (frame.destination, frame.source) == (BROADCAST, VIRTUAL)
    assert frame.payload == Arp(REQUEST, VIRTUAL, ip("10.0.0.2"), MAC(0), ip("10.0.0.2"))


def test_entries_are_forgotten_after_four_hours() -> None:
    """What nobody uses is known for four hours, less a microsecond, and then no more."""
    lab = line_of("A", "B")
    ask(lab, "A", "10.0.0.2")
    port = lab["A"].interface("Ethernet0")
    learnt = lab["A"].arp.entries[ip("10.0.0.2")].updated
    lab.run_until(learnt + 4 * HOUR - 1)
    assert lab["A"].arp.find(port, ip("10.0.0.2")) is not None
    lab.run_until(learnt + 4 * HOUR)
    assert lab["A"].arp.find(port, ip("10.0.0.2")) is None
    assert [str(entry.address) for entry in lab["A"].arp.table()] == ["10.0.0.1"]


def test_an_entry_in_use_is_asked_for_again_in_time() -> None:
    """A ping in the last minute of an entry's life loses nothing, and renews it."""
    lab = line_of("A", "B")
    ask(lab, "A", "10.0.0.2")
    learnt = lab["A"].arp.entries[ip("10.0.0.2")].updated
    lab.run_until(learnt + 4 * HOUR - MINUTE)
    assert ping(lab, "A", "10.0.0.2").row == "!!!!!"
    assert lab["A"].arp.entries[ip("10.0.0.2")].updated > learnt + 3 * HOUR


def test_a_neighbour_is_asked_for_once_a_second_at_most() -> None:
    """However many packets wait for a silent neighbour, the link hears one request a second."""
    lab = line_of("A", "B")
    tap = Tap(lab, "lan")
    for _ in range(30):
        lab["A"].ip.send_udp(ip("10.0.0.77"), 1, b"", source_port=1)
        lab.advance(0.1)
    assert [when for when, _ in tap.frames] == [0, SECOND, 2 * SECOND]
    incomplete = [entry for entry in lab["A"].arp.table() if entry.mac is None]
    assert [str(entry.address) for entry in incomplete] == ["10.0.0.77"]


def test_a_host_holds_the_last_packet_and_not_for_ever() -> None:
    """Of three packets for a neighbour that wakes up, the last arrives; after five seconds none does."""
    lab = line_of("H", "I", kind="host")
    heard = lab["I"].interface("Ethernet0").counters
    for pause, arrive in ((1, 1), (10, 0)):
        lab.cut("I", "Ethernet0")
        lab["H"].arp.clear()
        for text in (b"1", b"2", b"3"):
            lab["H"].ip.send_udp(ip("10.0.0.2"), 1, text, source_port=1)
        lab.advance(pause)
        lab.mend("I", "Ethernet0")
        before = heard.packets_in
        lab["I"].arp.request(lab["I"].interface("Ethernet0"), ip("10.0.0.1"))
        lab.advance(0.5)
        assert heard.packets_in - before == 1 + arrive


def test_neighbours_go_with_the_link() -> None:
    """An interface that goes down forgets whom it knew; a configured neighbour stays."""
    lab = line_of("A", "B")
    port = lab["A"].interface("Ethernet0")
    lab["A"].arp.learn(port, ip("10.0.0.3"), VIRTUAL, fixed=True)
    lab["A"].arp.learn(lab["A"].interface("Ethernet1"), ip("10.0.1.3"), VIRTUAL)
    ask(lab, "A", "10.0.0.2")
    lab.cut("A", "Ethernet0")
    assert list(lab["A"].arp.entries) == [ip("10.0.0.3"), ip("10.0.1.3")]


def test_a_configured_neighbour_does_not_change() -> None:
    """What is heard neither replaces a fixed entry nor ages it."""
    lab = line_of("A", "B")
    port, other = lab["A"].interface("Ethernet0"), lab["B"].interface("Ethernet0")
    lab["A"].arp.learn(port, ip("10.0.0.2"), VIRTUAL, fixed=True)
    lab["B"].arp.announce(other, ip("10.0.0.2"))
    lab.run_until(5 * HOUR)
    assert lab["A"].arp.find(port, ip("10.0.0.2")) == VIRTUAL


def test_strangers_on_a_link_are_not_learnt() -> None:
    """A request from outside the link's subnets is answered, but not remembered."""
    lab = line_of("A", "B")
    lab["B"].interface("Ethernet0").address = on("192.0.2.2/24")
    port = lab["B"].interface("Ethernet0")
    lab["B"].arp.send(port, Arp(REQUEST, port.mac, ip("192.0.2.2"), MAC(0), ip("10.0.0.1")), BROADCAST)
    lab.advance(1)
    assert lab["A"].arp.entries == {}


def test_a_virtual_address_is_answered_with_its_virtual_mac() -> None:
    """The group's address has the group's MAC, the interface's own address its own, at the same time."""
    lab = line_of("A", "B")
    port = lab["B"].interface("Ethernet0")
    port.virtual[ip("10.0.0.10")] = VIRTUAL
    assert ask(lab, "A", "10.0.0.10") == [str(VIRTUAL)]
    assert ask(lab, "A", "10.0.0.2") == [str(port.mac)]
    rows = {str(entry.address): str(entry.mac) for entry in lab["B"].arp.table() if entry.fixed}
    assert rows == {"10.0.0.2": str(port.mac), "10.0.0.10": str(VIRTUAL)}


@pytest.mark.parametrize(
    ("states", "answers"),
    [
        ([], "own"),
        (["Active"], "virtual"),
        (["Standby"], "none"),
        (["Listen", "Active"], "virtual"),
    ],
)
def test_proxy_arp_follows_the_redundancy_group(states: list[str], answers: str) -> None:
    """The active router of a group answers with the virtual MAC for what lies behind it, the rest do not."""
    lab = two_links()
    port = lab["R"].interface("Ethernet0")
    for number, state in enumerate(states):
        group = Redundancy(f"group {number}", port, ip("10.0.0.10"), VIRTUAL, state)
        lab["R"].part(Track).publish(group)
    expected = {"own": [str(port.mac)], "virtual": [str(VIRTUAL)], "none": []}
    assert ask(lab, "A", "10.0.1.1") == expected[answers]


def test_proxy_arp_answers_only_for_what_lies_elsewhere() -> None:
    """Nothing is answered for the link itself, for the unknown, nor at all with proxy ARP off."""
    lab = two_links()
    assert ask(lab, "A", "10.0.0.77") == []
    assert ask(lab, "A", "192.0.2.1") == []
    lab["R"].routes.add_static(static("192.0.2.0/24", "10.0.1.1"))
    assert len(ask(lab, "A", "192.0.2.2")) == 1
    lab["R"].interface("Ethernet0").proxy_arp = False
    assert ask(lab, "A", "192.0.2.3") == []


class Agent:
    """Answers for a mobile node that is away, as a home agent does, and hears all ARP."""

    def __init__(self, interface: Interface) -> None:
        self.heard: list[Arp] = []
        interface.node.arp.answers.append(self.answer)
        interface.node.arp.watchers.append(self.hear)

    def answer(self, interface: Interface, request: Arp) -> MAC | None:
        """Give the interface's MAC for 10.0.0.100."""
        return interface.mac if request.target == ip("10.0.0.100") else None

    def hear(self, interface: Interface, message: Arp) -> None:
        """Note a message."""
        del interface
        self.heard.append(message)


def test_a_feature_may_answer_for_others() -> None:
    """A home agent answers for the addresses of its absent mobile nodes, and sees what is said."""
    lab = line_of("A", "HA")
    port = lab["HA"].interface("Ethernet0")
    agent = Agent(port)
    assert ask(lab, "A", "10.0.0.100") == [str(port.mac)]
    assert ask(lab, "A", "10.0.0.101") == []
    assert [str(message.target) for message in agent.heard] == ["10.0.0.100", "10.0.0.101"]


def test_a_gratuitous_arp_is_not_answered() -> None:
    """Who says that an address is his gets no answer, not even from the one that stands in for him."""
    lab = line_of("A", "HA")
    Agent(lab["HA"].interface("Ethernet0"))
    tap = Tap(lab, "lan")
    lab["A"].arp.announce(lab["A"].interface("Ethernet0"), ip("10.0.0.100"))
    lab.advance(1)
    assert len(tap.frames) == 1
