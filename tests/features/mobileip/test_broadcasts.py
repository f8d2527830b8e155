"""Broadcasts of a physical home network, sent after the mobile nodes that asked for them (RFC 2002 §4.3)."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from iosemu import resources
from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.wire.ipv4 import IPIP, Packet
from tests.features.mobileip.visited import through_octets

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.lab.interface import Interface
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.udp import Datagram

EVERYONE, SUBNET = IPv4.parse("255.255.255.255"), IPv4.parse("1.255.255.255")
PORT = 5000
COLOCATED = "colocated-address: 4.0.0.77, flags: sBdmgvt"


class Radio:
    """Hears what is said on a port."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []

    def take(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        """Take a datagram in."""
        del packet, frame
        assert isinstance(datagram.payload, bytes)
        self.heard.append((interface.kind.name, datagram.payload))


def home(folder: Path, more: str, *, broadcast: bool = True) -> tuple[Lab, Radio]:
    """Open the physical lab with a mobile node that is given `more`, abroad and registered."""
    source = resources.folder("configs") / "physical"
    for path in source.iterdir():
        shutil.copy(path, folder / path.name)
    text = (folder / "lab.yml").read_text()
    settings = "".join(f"      {each}\n" for each in more.split(", "))
    (folder / "lab.yml").write_text(text.replace("      gateway: 1.0.0.3\n", settings))
    if broadcast:
        agent = folder / "home-agent.cfg"
        agent.write_text(agent.read_text() + "ip mobile home-agent broadcast\n")
    lab = Lab.load(folder)
    lab.transit = through_octets
    radio = Radio()
    lab["MN1"].ip.udp[PORT] = radio.take
    lab.advance(100)
    assert len(list(lab["HA1"].console().send("show ip mobile binding summary").splitlines())) == 2
    lab.advance(1)
    return lab, radio


def say(lab: Lab, words: bytes, to: IPv4 = EVERYONE) -> list[Packet]:
    """Have R0 say something to all of the home network; gives the packets that FA1 took from tunnels."""
    inner: list[Packet] = []
    seen = lab["FA1"].ip.protocols[IPIP]

    def tap(interface: Interface, packet: Packet, frame: Frame | None) -> None:
        assert isinstance(packet.payload, Packet)
        inner.append(packet.payload)
        seen(interface, packet, frame)

    lab["FA1"].ip.protocols[IPIP] = tap
    port = lab["R0"].interface("Ethernet0")
    for _ in range(2):  # ARP may swallow the first
        lab["R0"].ip.send_udp(to, PORT, words, source_port=PORT, interface=port)
        lab.advance(1)
    return inner


def test_a_foreign_agents_visitor_has_them_in_a_packet_to_itself(tmp_path: Path) -> None:
    """The tunnel's packet is addressed to the home address, and the broadcast stands in it; one agent sends it."""
    lab, radio = home(tmp_path, "flags: sBdmgvt")
    tunnelled = say(lab, b"lunch")
    assert radio.heard[-1] == ("Tunnel", b"lunch")
    assert len(tunnelled) in (1, 2)  # the active agent's alone
    assert {str(each.destination) for each in tunnelled} == {"1.0.0.100"}
    assert {each.protocol for each in tunnelled} == {IPIP}
    assert "(B)Broadcast" in lab["HA1"].console().send("show ip mobile binding")
    lab.power("HA1", on=False)
    lab.advance(15)
    radio.heard.clear()
    say(lab, b"dinner")
    assert radio.heard[-1] == ("Tunnel", b"dinner")


def test_the_subnets_own_address_is_sent_after_them_too(tmp_path: Path) -> None:
    """What is for 1.255.255.255 goes the same way; abroad the node has no such network, and lets it be."""
    lab, radio = home(tmp_path, "flags: sBdmgvt")
    tunnelled = say(lab, b"lunch", SUBNET)
    inside = tunnelled[-1].payload
    assert isinstance(inside, Packet)
    assert inside.destination == SUBNET
    assert radio.heard == []


def test_a_node_that_opens_the_tunnel_itself_has_them_as_they_are(tmp_path: Path) -> None:
    """With D, which a co-located care-of address means, nothing is wrapped twice."""
    lab, radio = home(tmp_path, COLOCATED)
    assert say(lab, b"lunch") == []  # no foreign agent's tunnel
    assert radio.heard[-1] == ("Tunnel", b"lunch")


@pytest.mark.parametrize("flags", ["sbdmgvt", "sBdmgvt"])
def test_who_did_not_ask_or_is_not_granted_has_none(tmp_path: Path, flags: str) -> None:
    """Without B, or where the home agent does not offer it (the default), broadcasts stay at home."""
    lab, radio = home(tmp_path, f"flags: {flags}", broadcast=flags == "sbdmgvt")
    assert say(lab, b"lunch") == []
    assert radio.heard == []


def test_nothing_is_sent_after_who_is_back(tmp_path: Path) -> None:
    """Home again, the node hears the broadcast once, by its own port."""
    lab, radio = home(tmp_path, "flags: sBdmgvt")
    lab.move("MN1", "home")
    lab.advance(40)
    assert say(lab, b"lunch") == []
    assert radio.heard == [("Ethernet", b"lunch")] * 2
