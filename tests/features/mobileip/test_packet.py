"""Registration and redundancy messages: their octets, what is rubbish, and authenticators."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.features.mobileip import packet
from iosemu.features.mobileip.authentication import ALGORITHMS, digest, proofs, signed, valid
from iosemu.features.mobileip.packet import (
    Authentication,
    Extension,
    Other,
    Record,
    Redundancy,
    Reply,
    Request,
    decode,
)
from iosemu.wire import Malformed

octet = st.integers(0, 0xFF)
short = st.integers(0, 0xFFFF)
address = st.integers(0, 0xFFFFFFFF).map(IPv4)
number = st.integers(0, 2**64 - 1)
unknown = st.integers(0, 255).filter(lambda kind: kind not in (32, 33, 34, packet.BINDING_RECORD))
extensions = st.lists(
    st.one_of(
        st.builds(Extension, unknown, st.binary(max_size=40)),
        st.builds(
            Authentication,
            st.integers(32, 34),
            st.integers(0, 0xFFFFFFFF),
            st.binary(min_size=16, max_size=16),
        ),
        st.builds(Record, octet, octet, short, st.integers(0, 2**32 - 1), address, address, address, number),
    ),
    max_size=4,
).map(tuple)
messages = st.one_of(
    st.builds(Request, octet, short, address, address, address, number, extensions),
    st.builds(Reply, octet, short, address, address, number, extensions),
    st.builds(Redundancy, st.integers(250, 254), short, address, address, number, extensions),
)


@given(messages)
def test_decode_undoes_encode(message: Request | Reply | Redundancy) -> None:
    """Every message survives its octets."""
    assert decode(message.encode()) == message


@given(
    st.binary(max_size=80)
    | st.tuples(messages, st.integers(0, 80)).map(lambda cut: cut[0].encode()[: cut[1]])
)
def test_rubbish_is_malformed_or_gives_its_octets_back(data: bytes) -> None:
    """Octets are Malformed, or become a message that encodes to them again."""
    try:
        message = decode(data)
    except Malformed:
        return
    assert message.encode() == data


def test_another_kind_keeps_its_octets() -> None:
    """A message of an unknown type is carried as it is; no octets at all are none."""
    assert decode(b"\x0frubbish") == Other(15, b"\x0frubbish")
    with pytest.raises(Malformed):
        decode(b"")


@pytest.mark.parametrize(
    "data",
    [
        Redundancy(250, 0, IPv4(1), IPv4(2), 3).encode()[:19],
        Redundancy(250, 0, IPv4(1), IPv4(2), 3).encode().replace(b"\xfa\x12", b"\xfa\x13"),
        Reply(0, 1, IPv4(1), IPv4(2), 3).encode()[:-1],
        Request(0, 1, IPv4(1), IPv4(2), IPv4(3), 4).encode()[:-1],
        Request(0, 1, IPv4(1), IPv4(2), IPv4(3), 4).encode() + b"\x20",
        Request(0, 1, IPv4(1), IPv4(2), IPv4(3), 4).encode() + b"\x20\x02ab",
        Request(0, 1, IPv4(1), IPv4(2), IPv4(3), 4).encode() + b"\x80\x03ab",
    ],
)
def test_what_is_cut_off_or_contradicts_itself(data: bytes) -> None:
    """Fixed parts and extensions that end too early are Malformed, and so is a wrong length in octet 1."""
    with pytest.raises(Malformed):
        decode(data)


KEY = bytes.fromhex("00112233445566778899001122334455")
HOME, AGENT, CARE_OF = (IPv4.parse(text) for text in ("20.0.0.1", "66.0.0.5", "68.0.0.31"))
IDENTIFICATION = 0xB750FAC4C28F56A8
REQUEST = Request(0x88, 10_000, HOME, AGENT, CARE_OF, IDENTIFICATION)
REPLY = Reply(0, 10_000, HOME, AGENT, IDENTIFICATION)
VECTORS = [
    (
        REQUEST,
        "0188271014000001420000054400001fb750fac4c28f56a8",
        "ac2c660f79fabaf4a1c851f2c76a6d64",
        "9547d72e4b32e80f79d646d793e08c58",
        "1e2d7c13a6fab68ec5d0c32d13993ca8",
    ),
    (
        REPLY,
        "030027101400000142000005b750fac4c28f56a8",
        "f76b8bafe4f6b557e6e345c8e43a1601",
        "322e90d4777836b026a3339a8aba5ac2",
        "8d71a3dc2935f4911604c80657852407",
    ),
]


@pytest.mark.parametrize(("message", "octets", "md5", "with_spi", "hmac"), VECTORS)
def test_the_reference_vectors(
    message: Request | Reply, octets: str, md5: str, with_spi: str, hmac: str
) -> None:
    """Octets and authenticators are those of the reference (mobile-ip.md §4.2)."""
    assert message.encode().hex() == octets
    for algorithm, wanted in zip(ALGORITHMS, (md5, with_spi, hmac), strict=True):
        whole = signed(message, 32, 0x100, KEY, algorithm)
        assert whole.encode().hex() == octets + "201400000100" + wanted
        assert valid(decode(whole.encode()), 0, KEY, algorithm)  # type: ignore[arg-type]


@given(messages, st.sampled_from(ALGORITHMS), st.binary(min_size=1, max_size=16), st.integers(0, 3))
def test_a_signature_holds_and_nothing_else_does(
    message: Request | Reply | Redundancy, algorithm: str, key: bytes, place: int
) -> None:
    """A signed message is valid with its key, and neither with another nor after any octet of it changed."""
    whole = signed(message, 34, 0x100, key, algorithm)
    last = len(message.extensions)
    assert valid(whole, last, key, algorithm)
    assert not valid(whole, last, key + b"x", algorithm)
    changed = whole._replace(home_agent=IPv4(whole.home_agent ^ 1 << 8 * place))
    assert not valid(changed, last, key, algorithm)
    assert (last, whole.extensions[last]) in proofs(whole, 34)


def test_what_follows_an_extension_is_not_covered() -> None:
    """A foreign agent's extension behind the mobile node's leaves that one valid (RFC 2002 §3.5.1)."""
    whole = signed(signed(REQUEST, 32, 0x100, KEY), 34, 0x200, b"other")
    assert valid(whole, 0, KEY)
    assert valid(whole, 1, b"other")
    assert not valid(whole, 1, KEY)


def test_an_unknown_algorithm_is_an_error() -> None:
    """There is no digest for an algorithm that nobody knows."""
    with pytest.raises(KeyError):
        digest(b"", 32, 256, KEY, "rot13")


def test_an_extension_that_is_no_proof_proves_nothing() -> None:
    """Asked of another extension, the answer is no."""
    assert not valid(REQUEST._replace(extensions=(Extension(40, b""),)), 0, KEY)


def test_the_layout_of_redundancy_messages() -> None:
    """The fixed part says its own length in octet 1, and a binding is one extension (mobile-ip.md §4.9)."""
    record = Record(0x88, 0x08, 10_000, 2_000, HOME, CARE_OF, CARE_OF, IDENTIFICATION)
    message = Redundancy(packet.BINDING_UPDATE, 0, AGENT, IPv4.parse("1.0.0.10"), 7, (record,))
    octets = message.encode()
    assert octets[:2] == bytes((250, 18))
    assert octets[20:22] == bytes((200, len(octets) - 22))
    assert octets[22:] == bytes.fromhex("88082710000007d0140000014400001f4400001fb750fac4c28f56a8")
