"""Octets against values: examples from the RFCs, and packets whose checksums were added up by hand."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

import pytest

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.wire import Malformed, arp, ethernet, gre, icmp, ipip, ipv4, octets, pcap, tcp, udp

R1, R2 = IPv4.parse("1.0.0.1"), IPv4.parse("1.0.0.2")
ALL_ROUTERS = IPv4.parse("224.0.0.2")
VIRTUAL = MAC.parse("0000.0c07.ac01")
PACKET = ipv4.Packet(R1, R2, 99, b"payload!")

# The IPv4 header with the most-quoted checksum: 4500 0073 0000 4000 4011 b861, 192.168.0.1 to 192.168.0.199.
HEADER = bytes.fromhex("45000073 00004000 4011b861 c0a80001 c0a800c7")

VALUES = {
    # A gratuitous ARP: who took over an address tells everyone (RFC 2281 §5.4, RFC 826).
    "arp": (
        arp.Arp(arp.REPLY, VIRTUAL, R1, BROADCAST, R1),
        "0001 0800 06 04 0002  00000c07ac01 01000001  ffffffffffff 01000001",
        arp.decode,
    ),
    # 0800 + 0007 + 0001 + 6162 + 6300 = cc6a, and ffff - cc6a = 3395.
    "echo": (icmp.EchoRequest(7, 1, b"abc"), "08 00 3395 0007 0001 616263", icmp.decode),
    "echo reply": (icmp.EchoReply(7, 1, b"abc"), "00 00 3b95 0007 0001 616263", icmp.decode),
    # The next hop's MTU stands in the low half of the unused word (RFC 1191 §4).
    "too big": (icmp.Unreachable(4, b"\x45\x00", 1480), "03 04 b233 0000 05c8 4500", icmp.decode),
    "port unreachable": (icmp.Unreachable(icmp.PORT, b"\x45\x00"), "03 03 b7fc 00000000 4500", icmp.decode),
    "time exceeded": (icmp.TimeExceeded(0, b"\x45\x00"), "0b 00 afff 00000000 4500", icmp.decode),
    "redirect": (icmp.Redirect(1, R2, b"\x45\x00"), "05 01 b4fc 01000002 4500", icmp.decode),
    "parameter problem": (
        icmp.ParameterProblem(0, 20, b"\x45\x00"),
        "0c 00 9aff 14 000000 4500",
        icmp.decode,
    ),
    "solicitation": (icmp.RouterSolicitation(), "0a 00 f5ff 00000000", icmp.decode),
    "timestamp": (icmp.Other(13, 0, b"\0\1\0\2"), "0d 00 f2fc 0001 0002", icmp.decode),
    # Router, mobility agent (F and G, registration for 10 hours, one care-of address), prefix length, pad:
    # 0900 + 0102 + 0708 + 0100 + 0001 + 100a + 8ca0 + 1400 + 0200 + 0001 + 1301 + 0800 = dfb7.
    "agent advertisement": (
        icmp.RouterAdvertisement(
            1800,
            (icmp.Router(R1, 0),),
            icmp.MobilityAgent(
                0, 36000, icmp.FOREIGN_AGENT | icmp.GRE_ENCAPSULATION, (IPv4.parse("2.0.0.1"),)
            ),
            (8,),
        ),
        "09 00 2048  01 02 0708  01000001 00000000  10 0a 0000 8ca0 14 00 02000001  13 01 08  00",
        icmp.decode,
    ),
    # An address not to be used as a default router, and code 16 (RFC 1256 §5.1, RFC 2002 §2.1).
    "advertisement": (
        icmp.RouterAdvertisement(0, (icmp.Router(R1, -(2**31)),), code=16),
        "09 10 74ec  01 02 0000  01000001 80000000",
        icmp.decode,
    ),
    "ipv4": (ipv4.Packet(R1, R2, 99, b""), "45 00 0014 0000 0000 ff 63 b984 01000001 01000002", ipv4.decode),
    # Router alert, padded to nothing as it is four octets long (RFC 2113).
    "ip options": (
        ipv4.Packet(R1, ALL_ROUTERS, 99, b"", ttl=1, options=bytes.fromhex("94040000")),
        "46 00 0018 0000 0000 01 63 437c 01000001 e0000002 94040000",
        ipv4.decode,
    ),
    "fragment": (
        ipv4.Packet(R1, R2, ipv4.UDP, b"\1" * 4, ttl=1, identification=7, fragment_offset=185),
        "45 00 0018 0007 00b9 01 11 b713 01000001 01000002 01010101",
        ipv4.decode,
    ),
    # The outer type of service and Don't Fragment are the inner ones (RFC 2003 §3.1).
    "ip in ip": (
        ipip.wrap(ipv4.Packet(R1, R2, 99, b"", ttl=1, tos=0x10, dont_fragment=True), R2, R1),
        "45 10 0028 0000 4000 ff 04 79bf 01000002 0100000145 10 0014 0000 4000 01 63 7775 01000001 01000002",
        ipv4.decode,
    ),
    "gre": (
        ipv4.Packet(R2, R1, ipv4.GRE, gre.Gre(gre.IPV4, ipv4.Packet(R1, R2, 99, b""))),
        (
            "45 00 002c 0000 0000 ff 2f b9a0 01000002 01000001"
            "0000 0800"
            "45 00 0014 0000 0000 ff 63 b984 01000001 01000002"
        ),
        ipv4.decode,
    ),
    # All options: b000 + 0809 + 0001 + 0002 + 6869 = 12075, with its carry 2076 (RFC 1701).
    "gre options": (
        gre.Gre(0x0809, b"hi", key=1, sequence=2, checksum=True),
        "b000 0809 df89 0000 00000001 00000002 6869",
        lambda data: gre.decode(data, ipv4.decode),
    ),
    # To the port for discarding, as HSRP's has a decoder once anything imported it. Pseudo header
    # 0100 0001 e000 0002 0011 000a, datagram 0009 0009 000a 6869: 49a4 in the end (RFC 768).
    "udp": (
        ipv4.Packet(R1, ALL_ROUTERS, ipv4.UDP, udp.Datagram(9, 9, b"hi"), ttl=1),
        "45 00 001e 0000 0000 01 11 d8cc 01000001 e0000002  0009 0009 000a b65b 6869",
        ipv4.decode,
    ),
    # Pseudo header 0100 0001 0100 0002 0006 0018, and header and option: a16f in the end (RFC 793 §3.1).
    "tcp": (
        ipv4.Packet(R1, R2, ipv4.TCP, tcp.Segment(11000, 23, 1, 0, tcp.SYN, options=b"\2\4\2\x18"), tos=0xC0),
        "45 c0 002c 0000 0000 ff 06 b909 01000001 01000002 2af80017 00000001 00000000 60021020 5e900000 02040218",
        ipv4.decode,
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_octets_are_those_of_the_specification(name: str) -> None:
    """A value encodes to the octets its specification shows, and they decode to it."""
    value, text, decode = VALUES[name]
    assert value.encode().hex() == bytes.fromhex(text).hex()
    assert repr(decode(bytes.fromhex(text))) == repr(value)


def test_the_checksum_example_of_rfc_1071() -> None:
    """The four words of RFC 1071 §3 add up to ddf2."""
    assert octets.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


def test_a_datagram_of_checksum_zero_says_ffff() -> None:
    """A computed checksum of zero is sent as all ones, as zero means that there is none (RFC 768)."""
    bare = udp.Datagram(1, 2, b"\0\0").encode(R1, R2)
    sent = udp.Datagram(1, 2, bare[6:8]).encode(R1, R2)
    assert sent[6:8] == b"\xff\xff"
    assert udp.decode(sent, R1, R2) == udp.Datagram(1, 2, bare[6:8])


def test_a_datagram_without_checksum_is_taken() -> None:
    """A checksum field of zero is not verified."""
    assert udp.decode(bytes.fromhex("0001 0002 000a 0000 6869"), R1, R2) == udp.Datagram(1, 2, b"hi")


class Hello(NamedTuple):
    """A message of a feature: one octet, which is never 0."""

    number: int

    def encode(self) -> bytes:
        """Give the octet."""
        return bytes([self.number])


def hello(data: bytes) -> Hello:
    """Read the octet."""
    if len(data) != 1 or data == b"\0":
        raise Malformed("Hello: not one octet above 0")
    return Hello(data[0])


def test_a_registered_port_has_typed_payloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder in the register types the payloads to its port, and leaves rubbish as bytes."""
    monkeypatch.setitem(udp.decoders, 9999, hello)
    for payload, seen in ((Hello(7), Hello(7)), (b"\0", b"\0")):
        packet = ipv4.Packet(R1, R2, ipv4.UDP, udp.Datagram(5, 9999, payload))
        assert packet.size == len(packet.encode())
        assert repr(ipv4.decode(packet.encode()).payload) == repr(udp.Datagram(5, 9999, seen))


@pytest.mark.parametrize(
    ("payload", "ethertype"), [(PACKET, "0800"), (arp.Arp(1, VIRTUAL, R1, MAC(0), R2), "0806")]
)
def test_short_frames_are_padded(payload: ipv4.Packet | arp.Arp, ethertype: str) -> None:
    """A short frame is padded to 60 octets, and the padding is gone when it is read."""
    frame = ethernet.Frame(BROADCAST, VIRTUAL, payload)
    data = frame.encode()
    assert data[:14].hex() == "ffffffffffff" + "00000c07ac01" + ethertype
    assert len(data) == frame.size == 60
    assert ethernet.decode(data) == frame


@pytest.mark.parametrize("payload", [b"\x45" * 46, b"\x45" * 80])
def test_a_tag_says_the_vlan(payload: bytes) -> None:
    """Behind the addresses stand 0x8100, the VLAN and the payload's own type (IEEE 802.1Q), four octets more."""
    frame = ethernet.Frame(BROADCAST, VIRTUAL, payload, 0x88CC, 10)
    data = frame.encode()
    assert data[12:18] == bytes.fromhex("8100000a88cc")
    assert data[18:] == payload
    assert len(data) == frame.size == frame._replace(vlan=None).size + 4
    assert ethernet.decode(data) == frame


@pytest.mark.parametrize("tag", ["0000", "0fff", "e00a"])
def test_a_tag_that_a_frame_cannot_have_stays_raw(tag: str) -> None:
    """Priorities and reserved VLANs come back as they were."""
    data = ethernet.Frame(BROADCAST, VIRTUAL, b"\x45" * 46, 0x88CC, 10).encode()
    data = data[:14] + bytes.fromhex(tag) + data[16:]
    frame = ethernet.decode(data)
    assert (frame.vlan, frame.ethertype) == (None, ethernet.DOT1Q)
    assert frame.encode() == data


def test_rubbish_stays_bytes_in_its_frame() -> None:
    """A frame whose packet does not decode keeps the octets and the EtherType."""
    data = bytes.fromhex("ffffffffffff 00000c07ac01 0800") + b"\x45" * 46
    frame = ethernet.decode(data)
    assert frame == ethernet.Frame(BROADCAST, VIRTUAL, b"\x45" * 46, ethernet.IPV4)
    assert frame.encode() == data


@pytest.mark.parametrize("protocol", [ipv4.ICMP, ipv4.IPIP, ipv4.UDP, ipv4.GRE])
def test_rubbish_stays_bytes_in_its_packet(protocol: int) -> None:
    """A packet whose payload does not decode keeps the octets."""
    packet = ipv4.Packet(R1, R2, protocol, b"\x7f" * 9)
    assert ipv4.decode(packet.encode()) == packet


def test_an_error_quotes_the_header_and_64_bits() -> None:
    """What an ICMP error quotes of a packet reads back as its header and 64 bits of payload (RFC 792)."""
    packet = ipv4.Packet(R1, R2, ipv4.UDP, udp.Datagram(5, 6, b"hello"), options=b"\1\1\1")
    quote = packet.quote()
    assert len(quote) == 24 + 8
    again = ipv4.quoted(quote)
    assert (again.source, again.destination, again.protocol, again.options) == (R1, R2, 17, b"\1\1\1\0")
    assert again.payload == packet.encode()[24:32]


def test_a_packet_comes_out_of_its_tunnel_unchanged() -> None:
    """Unwrapping gives what was wrapped; what holds no packet is Malformed."""
    outer = ipip.wrap(PACKET, R2, R1, ttl=64, identification=9)
    assert ipip.unwrap(outer) is PACKET
    assert (outer.ttl, outer.identification) == (64, 9)
    with pytest.raises(Malformed, match="no packet within"):
        ipip.unwrap(outer._replace(payload=b"rubbish"))


def test_more_options_than_a_header_holds_are_refused() -> None:
    """Forty octets of options are possible, the forty-first is an error of the caller's."""
    assert PACKET._replace(options=b"\1" * 40).encode()[0] == 0x4F
    with pytest.raises(ValueError, match="41 octets of IP options"):
        PACKET._replace(options=b"\1" * 41).encode()


def test_long_entries_of_an_advertisement_are_read_by_their_first_words() -> None:
    """Words beyond address and preference are ignored (RFC 1256 §5.2)."""
    body = bytes.fromhex("01 03 0708 01000001 00000005 deadbeef")
    data = icmp.Other(icmp.ROUTER_ADVERTISEMENT, 0, body).encode()
    assert icmp.decode(data) == icmp.RouterAdvertisement(1800, (icmp.Router(R1, 5),))


def advertisement(body: str) -> bytes:
    """Make a router advertisement with a right checksum of what follows it."""
    return icmp.Other(icmp.ROUTER_ADVERTISEMENT, 0, bytes.fromhex(body)).encode()


RUBBISH = [
    (ethernet.decode, bytes(13), "Ethernet: 13 octets where 14"),
    (arp.decode, bytes(27), "ARP: 27 octets where 28"),
    (arp.decode, bytes(28), "ARP: not for IPv4 on Ethernet"),
    (ipv4.decode, HEADER[:19], "IPv4: 19 octets where 20"),
    (ipv4.decode, b"\x65" + HEADER[1:], "IPv4: version 6"),
    (ipv4.decode, b"\x44" + HEADER[1:], "IPv4: header length 16"),
    (ipv4.decode, b"\x46" + HEADER[1:], "IPv4: header length 24"),
    (ipv4.decode, HEADER[:3] + b"\x13" + HEADER[4:], "IPv4: header length 20, total length 19"),
    (ipv4.decode, HEADER[:8] + b"\x3f" + HEADER[9:], "IPv4: wrong checksum"),
    (ipv4.decode, HEADER, "IPv4: total length 115, but 20 octets"),
    (icmp.decode, bytes(3), "ICMP: 3 octets where 4"),
    (icmp.decode, bytes(8), "ICMP: wrong checksum"),
    *(
        (icmp.decode, icmp.Other(kind, 0, b"\0\0\0").encode(), "3 octets where 4")
        for kind in (0, 3, 5, 8, 9, 10, 11, 12)
    ),
    (icmp.decode, advertisement("01 01 0708 01000001"), "entries of 1 words"),
    (icmp.decode, advertisement("02 02 0708 01000001 00000000"), "2 addresses in 12 octets"),
    (icmp.decode, advertisement("00 02 0708 10"), "extension: 1 octets where 2"),
    (icmp.decode, advertisement("00 02 0708 80 02 00"), "extension 128: length 2 is too long"),
    (icmp.decode, advertisement("00 02 0708 10 04 00000000"), "Mobility agent advertisement: 4 octets"),
    (icmp.decode, advertisement("00 02 0708 10 07 00000000000000"), "Mobility agent advertisement: length 7"),
    (icmp.decode, advertisement("00 02 0708 13 01 08"), "Prefix lengths: 08 for 0 addresses"),
    (icmp.decode, advertisement("01 02 0708 01000001 00000000 13 01 21"), "Prefix lengths: 21 for 1"),
    (lambda data: udp.decode(data, R1, R2), bytes(7), "UDP: 7 octets where 8"),
    (lambda data: udp.decode(data, R1, R2), bytes.fromhex("0001000200070000"), "UDP: length 7, but 8"),
    (lambda data: udp.decode(data, R1, R2), bytes.fromhex("0001000200090000"), "UDP: length 9, but 8"),
    (lambda data: udp.decode(data, R1, R2), bytes.fromhex("0001000200080001"), "UDP: wrong checksum"),
    (lambda data: tcp.decode(data, R1, R2), bytes(19), "TCP: 19 octets where 20"),
    (lambda data: tcp.decode(data, R1, R2), bytes(20), "TCP: header length 0, 20 octets"),
    (
        lambda data: tcp.decode(data, R1, R2),
        bytes(12) + b"\x60" + bytes(7),
        "TCP: header length 24, 20 octets",
    ),
    (lambda data: tcp.decode(data, R1, R2), bytes(12) + b"\x50" + bytes(7), "TCP: wrong checksum"),
    (lambda data: gre.decode(data, ipv4.decode), bytes(3), "GRE: 3 octets where 4"),
    (lambda data: gre.decode(data, ipv4.decode), bytes.fromhex("00010800"), "GRE: version 1"),
    (lambda data: gre.decode(data, ipv4.decode), bytes.fromhex("40000800"), "GRE: source route"),
    (lambda data: gre.decode(data, ipv4.decode), bytes.fromhex("80000800"), "GRE: 0 octets where 4"),
    (lambda data: gre.decode(data, ipv4.decode), bytes.fromhex("8000080012340000"), "GRE: wrong checksum"),
    (lambda data: gre.decode(data, ipv4.decode), bytes.fromhex("2000080000"), "GRE: 1 octets where 4"),
]


@pytest.mark.parametrize(("decode", "data", "why"), RUBBISH)
def test_rubbish_is_malformed_for_a_reason(decode: object, data: bytes, why: str) -> None:
    """Octets that are not what they claim to be raise Malformed, which names the header and the reason."""
    with pytest.raises(Malformed, match=why):
        decode(data)


def test_a_capture_is_classic_pcap() -> None:
    """A capture is a header for Ethernet and microseconds, then each frame after its time and lengths."""
    file = BytesIO()
    writer = pcap.Writer(file)
    writer.write(1_014_940_800_000_250, b"frame")
    assert file.getvalue().hex(" ", -4) == (
        "d4c3b2a1 02000400 00000000 00000000 00000400 01000000 "  # magic, 2.4, zone, accuracy, length, link
        "80c47e3c fa000000 05000000 05000000 " + b"frame".hex(" ", -4)  # 1 March 2002, 250 µs, 5 of 5 octets
    )
