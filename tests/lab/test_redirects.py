"""ICMP redirects: who is told of a better first hop, and who is not; and what a link is told by those that come up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import BROADCAST, MAC
from iosemu.lab.ip import Outgoing
from iosemu.wire import icmp
from iosemu.wire.arp import REQUEST, Arp
from iosemu.wire.ipv4 import Packet
from tests.lab.build import Tap, ip, line_of, on, ping, static

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab


def detour() -> Lab:
    """Give A, R and S on one link: A sends by R what R sends by S to S's loopback 9.9.9.9."""
    lab = line_of("A", "R", "S")
    lab["S"].interface("Loopback0").address = on("9.9.9.9/32")
    lab["A"].routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    lab["R"].routes.add_static(static("0.0.0.0/0", "10.0.0.3"))
    ping(lab, "A", "9.9.9.9")
    return lab


def redirects(lab: Lab, address: str = "9.9.9.9") -> list[tuple[Packet, icmp.Redirect]]:
    """Ping from A once, with success, and give the redirects it brought about."""
    tap = Tap(lab, "lan")
    assert ping(lab, "A", address, count=1).row == "!"
    lab.advance(1)
    found = [frame.payload for _, frame in tap.frames if isinstance(frame.payload, Packet)]
    return [(packet, packet.payload) for packet in found if isinstance(packet.payload, icmp.Redirect)]


def test_a_sender_is_told_of_the_better_first_hop() -> None:
    """R passes the packet on, and tells A that S is the gateway to that host."""
    (packet, redirect), *more = redirects(detour())
    assert not more
    assert (packet.source, packet.destination) == (ip("10.0.0.2"), ip("10.0.0.1"))
    assert (redirect.code, redirect.gateway) == (1, ip("10.0.0.3"))


def test_redirects_can_be_switched_off() -> None:
    """An interface that is told not to sends none, and still passes packets on."""
    lab = detour()
    lab["R"].interface("Ethernet0").part(Outgoing).redirects = False
    assert not redirects(lab)


def test_an_active_hsrp_router_sends_no_redirects() -> None:
    """While a virtual address is held on the interface, real addresses are nobody's business."""
    lab = detour()
    lab["R"].interface("Ethernet0").virtual[ip("10.0.0.254")] = MAC.parse("0000.0c07.ac01")
    assert not redirects(lab)


@pytest.mark.parametrize("source", ["8.8.8.8/32", "10.0.0.1/24"])
def test_only_neighbours_are_told(source: str) -> None:
    """Who is on another network is not told, though its packets leave by the link they came by."""
    lab = detour()
    address = ip(source.partition("/")[0])
    if source.endswith("32"):
        lab["A"].interface("Loopback0").address = on(source)
    for name in "RS":
        lab[name].routes.add_static(static("8.8.8.8/32", "10.0.0.1"))
    tap = Tap(lab, "lan")
    assert ping(lab, "A", "9.9.9.9", count=1, source=address).row == "!"
    told = [
        f
        for _, f in tap.frames
        if isinstance(f.payload, Packet) and isinstance(f.payload.payload, icmp.Redirect)
    ]
    assert bool(told) == source.endswith("24")


def test_who_comes_up_announces_its_addresses() -> None:
    """A gratuitous ARP for each address that is new, and for all when the interface comes up; none for a loopback."""
    lab = line_of("A", "B")
    port = lab["A"].interface("Ethernet0")
    tap = Tap(lab, "lan")

    def announced() -> list[str]:
        messages = [frame.payload for _, frame in tap.frames if frame.destination == BROADCAST]
        tap.frames.clear()
        assert all(isinstance(each, Arp) and each.operation == REQUEST for each in messages)
        assert all(each.sender == each.target for each in messages if isinstance(each, Arp))
        return [str(each.sender) for each in messages if isinstance(each, Arp)]

    port.secondaries = (on("10.0.1.1/24"),)
    assert announced() == ["10.0.1.1"]
    port.shutdown = True
    assert announced() == []
    port.shutdown = False
    assert announced() == ["10.0.0.1", "10.0.1.1"]
    port.address = on("10.0.0.7/24")
    assert announced() == ["10.0.0.7"]
    lab["A"].interface("Loopback0").address = on("9.9.9.9/32")
    assert announced() == []
    lab.cut("A", "Ethernet0")
    lab.mend("A", "Ethernet0")
    assert announced() == ["10.0.0.7", "10.0.1.1"]
