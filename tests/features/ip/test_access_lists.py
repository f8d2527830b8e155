"""Access lists: which addresses and packets they let through."""

from __future__ import annotations

import struct

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.lab import acl
from iosemu.wire.icmp import EchoRequest, Unreachable
from iosemu.wire.ipv4 import TCP, Packet
from iosemu.wire.udp import Datagram

TEXT = """
hostname R1
access-list 5 remark the first entry that matches decides
access-list 5 deny host 10.0.0.9
access-list 5 permit 10.0.0.0 0.0.0.255
access-list 1300 permit 10.0.0.1
access-list 6 deny any
access-list 101 deny ip any any
ip access-list standard NOC
 30 permit any
 10 permit 10.0.0.9
 20 deny 10.0.0.0 0.255.0.255
 deny any
"""


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    """Boot a router that has these lists."""
    path = tmp_path_factory.mktemp("lists") / "R1.cfg"
    path.write_text(TEXT)
    return Lab.load(path)["R1"]


@pytest.mark.parametrize(
    ("name", "address", "permitted"),
    [
        ("5", "10.0.0.9", False),
        ("5", "10.0.0.8", True),
        ("5", "10.0.1.8", False),
        ("1300", "10.0.0.1", True),
        ("1300", "10.0.0.2", False),
        ("6", "10.0.0.1", False),
        ("NOC", "10.0.0.9", True),
        ("NOC", "10.9.0.8", False),
        ("NOC", "10.0.1.8", True),
        ("7", "10.0.0.1", True),
        ("101", "10.0.0.1", False),
    ],
)
def test_the_first_entry_that_matches_decides(router, name, address, permitted):
    """None that matches is a denial; a list that is not there stops nobody."""
    assert acl.permits(router, name, IPv4.parse(address)) is permitted


def test_entries_stand_by_their_numbers(router):
    """What was typed without a number goes to the end."""
    listed = router.part(acl.AccessLists).lists["NOC"]
    assert [(number, rule.permits) for number, rule in listed.lines()] == [
        (10, True),
        (20, False),
        (30, True),
        (40, False),
    ]


def tcp(flags, port=80):
    """Give the beginning of a TCP segment to a port."""
    return struct.pack("!HHIIBBH", 1024, port, 0, 0, 5 << 4, flags, 0)


PACKET = Packet(IPv4.parse("10.0.0.1"), IPv4.parse("10.9.0.1"), TCP, tcp(0x02))
QUERY = PACKET._replace(protocol=17, payload=Datagram(2000, 53, b""))
ECHO = PACKET._replace(protocol=1, payload=EchoRequest(1, 1))
LATER = PACKET._replace(payload=bytes(8), fragment_offset=3)


@pytest.mark.parametrize(
    ("entry", "matching", "passing"),
    [
        ("permit ip any any", [PACKET, QUERY, ECHO, LATER], []),
        ("permit tcp any any", [PACKET, LATER], [QUERY, ECHO]),
        ("permit 6 host 10.0.0.1 10.9.0.0 0.0.255.255", [PACKET], [QUERY]),
        ("permit ip host 10.0.0.2 any", [], [PACKET]),
        ("permit ip any host 10.9.0.2", [], [PACKET]),
        ("permit tcp any any eq www", [PACKET, LATER], []),
        ("deny tcp any any eq www", [PACKET], [LATER]),
        ("permit tcp any any neq www", [LATER], [PACKET]),
        ("permit tcp any gt 1023 any lt 81", [PACKET], []),
        ("permit tcp any gt 1024 any", [LATER], [PACKET]),
        ("permit tcp any any lt www", [LATER], [PACKET]),
        ("permit udp any any range 50 60", [QUERY], [PACKET]),
        ("permit udp any any range 60 50", [QUERY], [PACKET]),
        ("permit tcp any any established", [PACKET._replace(payload=tcp(0x10))], [PACKET]),
        ("permit tcp any any syn", [PACKET], [PACKET._replace(payload=tcp(0x10))]),
        ("permit icmp any any echo", [ECHO], [PACKET, ECHO._replace(payload=Unreachable(13, b""))]),
        ("permit icmp any any 3 13", [ECHO._replace(payload=Unreachable(13, b""))], [ECHO]),
        ("permit icmp any any unreachable", [ECHO._replace(payload=Unreachable(1, b""))], [ECHO]),
        ("permit ip any any fragments", [LATER], [PACKET]),
        ("permit ip any any dscp ef", [PACKET._replace(tos=46 << 2)], [PACKET]),
        ("permit ip any any precedence critical", [PACKET._replace(tos=5 << 5)], [PACKET]),
        ("permit ip any any tos min-delay", [PACKET._replace(tos=0x10)], [PACKET]),
    ],
)
def test_what_an_entry_is_about(bare, entry, matching, passing):
    """Protocol, addresses, ports, control bits, messages, services; fragments as Cisco's document 8014 says."""
    console = bare.console()
    for line in ("enable", "configure terminal", "no ip access-list extended X", "ip access-list extended X"):
        console.send(line)
    assert not console.send(entry)
    rule = bare.part(acl.AccessLists).lists["X"].rules[10]
    assert [rule.matches(packet) for packet in matching + passing] == [True] * len(matching) + [False] * len(
        passing
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Boot a router without lists."""
    path = tmp_path_factory.mktemp("bare") / "R1.cfg"
    path.write_text("hostname R1\n")
    return Lab.load(path)["R1"]
