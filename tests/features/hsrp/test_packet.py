"""HSRP's messages: their octets, what is rubbish, and another implementation's opinion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.features.hsrp import packet
from iosemu.features.hsrp.packet import Hsrp, Other, decode
from iosemu.wire import Malformed, udp

octet = st.integers(0, 255)
messages = st.builds(
    Hsrp,
    st.sampled_from([packet.HELLO, packet.COUP, packet.RESIGN]),
    octet,
    octet,
    octet,
    octet,
    octet,
    st.binary(min_size=8, max_size=8),
    st.integers(0, 0xFFFFFFFF).map(IPv4),
    version=octet,
    trailer=st.binary(max_size=30),
)
EXAMPLE = Hsrp(packet.HELLO, 16, 3, 10, 110, 1, b"cisco\0\0\0", IPv4.parse("10.0.0.254"))
OCTETS = bytes.fromhex("0000 1003 0a6e 0100 6369 7363 6f00 0000 0a00 00fe")


def test_the_reference_example() -> None:
    """An Active router's Hello has the octets of the reference (hsrp.md §1.1)."""
    assert EXAMPLE.encode() == OCTETS
    assert decode(OCTETS) == EXAMPLE


def test_the_published_digest() -> None:
    """A message sealed with `password12345` has the digest of John the Ripper's example of its format `hsrp`."""
    said = Hsrp(packet.HELLO, 4, 3, 10, 100, 1, b"whatever", IPv4.parse("10.0.0.100"))
    seal = packet.sealed(said, IPv4.parse("10.0.0.20"), b"password12345")
    octets = (
        "00000403 0a640100 00000000 00000000 0a000064"
        "041c0100 00000a00 00140000 000052e1 db09d18d 695b8fef b3730ff8 d9d6"
    )
    assert seal.encode() == bytes.fromhex(octets)
    assert packet.sealed(seal, IPv4.parse("10.0.0.20"), b"password12345") == seal


@given(messages)
def test_decode_undoes_encode(message: Hsrp) -> None:
    """Every message survives its octets, and knows how many they are."""
    octets = message.encode()
    assert decode(octets) == message
    assert message.size == len(octets)


@given(st.binary(max_size=60))
def test_rubbish_is_malformed_or_a_message(data: bytes) -> None:
    """Octets are Malformed, or become a message that gives them back but for the reserved one."""
    try:
        message = decode(data)
    except Malformed:
        assert len(data) < 20
        return
    again = message.encode()
    assert again == data if isinstance(message, Other) else again == data[:7] + b"\0" + data[8:]


@pytest.mark.parametrize("opcode", [packet.HELLO, packet.COUP, packet.RESIGN])
@pytest.mark.parametrize("length", [0, 1, 2, 8, 19])
def test_a_short_message_is_malformed(opcode: int, length: int) -> None:
    """Less than 20 octets is no Hello, Coup or Resign."""
    with pytest.raises(Malformed, match="HSRP"):
        decode(bytes([0, opcode, *OCTETS[2:]])[:length])


def test_advertise_keeps_its_octets() -> None:
    """IOS's Advertise, shorter than a Hello, is a message of another kind."""
    octets = bytes.fromhex("0003 0001 000a 0200 0000 0001 0000 0000")
    message = decode(octets)
    assert message == Other(packet.ADVERTISE, octets)
    assert message.encode() == octets


def test_version_2_is_another_kind() -> None:
    """A Group State element of version 2 is not taken for a Hello."""
    assert isinstance(decode(bytes([1, 40, 2, 0, 6, 4]) + bytes(36)), Other)


@pytest.mark.parametrize(
    ("text", "data"),
    [("cisco", b"cisco\0\0\0"), ("", bytes(8)), ("12345678", b"12345678"), ("123456789", b"12345678")],
)
def test_authentication_fills_eight_octets(text: str, data: bytes) -> None:
    """A password is filled with zeros or cut to eight octets."""
    assert packet.authentication_data(text) == data


def test_registering_gives_udp_the_decoder() -> None:
    """After `register`, a datagram to port 1985 has a typed payload, and rubbish stays octets."""
    packet.register()
    ends = IPv4.parse("10.0.0.1"), packet.GROUP_ADDRESS
    for payload, expected in ((EXAMPLE, EXAMPLE), (b"\0\0rubbish", b"\0\0rubbish")):
        sent = udp.Datagram(packet.PORT, packet.PORT, payload)
        assert udp.decode(sent.encode(*ends), *ends).payload == expected


def test_scapy_agrees() -> None:
    """Scapy reads the same fields from our octets, and builds the same octets from them."""
    hsrp = pytest.importorskip("scapy.layers.hsrp")
    theirs = hsrp.HSRP(OCTETS)
    assert (theirs.opcode, theirs.state, theirs.hellotime, theirs.holdtime) == (0, 16, 3, 10)
    assert (theirs.priority, theirs.group, theirs.virtualIP) == (110, 1, "10.0.0.254")
    built = hsrp.HSRP(state=16, priority=110, group=1, virtualIP="10.0.0.254", auth=b"cisco\0\0\0")
    assert bytes(built) == OCTETS
