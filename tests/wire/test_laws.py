"""Laws that every codec keeps, whatever the values and whatever the octets.

The strategies make canonical values, those that decode to themselves: no payload that would be recognised as
something else, no frame that padding changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.wire import Malformed, arp, ethernet, gre, icmp, ipv4, octets, tcp, udp

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.wire import Encodable

bits = {width: st.integers(0, 2**width - 1) for width in (3, 8, 13, 16, 32, 48)}
addresses = bits[32].map(IPv4)
macs = bits[48].map(MAC)
raw = st.binary(max_size=60)

arps = st.builds(arp.Arp, bits[16], macs, addresses, macs, addresses)

routers = st.builds(icmp.Router, addresses, st.integers(-(2**31), 2**31 - 1))
agents = st.builds(
    icmp.MobilityAgent, bits[16], bits[16], bits[8], st.lists(addresses, max_size=4).map(tuple)
)
extensions = st.builds(icmp.Extension, bits[8].filter(lambda kind: kind not in (0, 16, 19)), raw)


@st.composite
def advertisements(draw: st.DrawFn) -> icmp.RouterAdvertisement:
    """Advertisements have no prefix lengths, or one for each router."""
    offered = draw(st.lists(routers, max_size=4).map(tuple))
    lengths = draw(st.tuples(*[st.integers(0, 32)] * len(offered)) | st.just(()))
    unknown = draw(st.lists(extensions, max_size=2).map(tuple))
    agent = draw(st.none() | agents)
    return icmp.RouterAdvertisement(draw(bits[16]), offered, agent, lengths, unknown, draw(bits[8]))


KNOWN = (0, 3, 5, 8, 9, 10, 11, 12)
messages = st.one_of(
    st.builds(icmp.EchoRequest, bits[16], bits[16], raw),
    st.builds(icmp.EchoReply, bits[16], bits[16], raw),
    st.builds(icmp.Unreachable, bits[8], raw, bits[16]),
    st.builds(icmp.TimeExceeded, bits[8], raw),
    st.builds(icmp.Redirect, bits[8], addresses, raw),
    st.builds(icmp.ParameterProblem, bits[8], bits[8], raw),
    st.just(icmp.RouterSolicitation()),
    advertisements(),
    st.builds(icmp.Other, bits[8].filter(lambda kind: kind not in KNOWN), bits[8], raw),
)

# What a feature has registered a decoder for does not stay octets; which have, hangs on what was imported before.
plain_ports = bits[16].filter(lambda port: port not in udp.decoders)
datagrams = st.builds(udp.Datagram, bits[16], plain_ports, raw)
options = st.integers(0, 10).flatmap(lambda words: st.binary(min_size=4 * words, max_size=4 * words))
segments = st.builds(
    tcp.Segment, bits[16], bits[16], bits[32], bits[32], st.integers(0, 63), bits[16], raw, options
)


def packets_with(
    protocol: st.SearchStrategy[int], payload: st.SearchStrategy[object]
) -> st.SearchStrategy[ipv4.Packet]:
    """Whole packets of a protocol and a payload, with every other field at will."""
    options = st.integers(0, 10).flatmap(lambda words: st.binary(min_size=4 * words, max_size=4 * words))
    return st.builds(
        ipv4.Packet,
        source=addresses,
        destination=addresses,
        protocol=protocol,
        payload=payload,
        ttl=bits[8],
        tos=bits[8],
        identification=bits[16],
        dont_fragment=st.booleans(),
        options=options,
    )


fragments = st.builds(
    lambda packet, more, offset: packet._replace(more_fragments=more or not offset, fragment_offset=offset),
    packets_with(bits[8], raw),
    st.booleans(),
    bits[13],
)
plain = st.one_of(
    packets_with(st.just(ipv4.ICMP), messages),
    packets_with(st.just(ipv4.UDP), datagrams),
    packets_with(bits[8].filter(lambda number: number not in (1, 4, 17, 47)), raw),
    fragments,
)


def gres_with(packets: st.SearchStrategy[ipv4.Packet]) -> st.SearchStrategy[gre.Gre]:
    """GRE headers with every option, around packets or octets of another protocol."""
    rest = {"key": st.none() | bits[32], "sequence": st.none() | bits[32], "checksum": st.booleans()}
    other = bits[16].filter(lambda kind: kind != gre.IPV4)
    return st.builds(gre.Gre, st.just(gre.IPV4), packets, **rest) | st.builds(gre.Gre, other, raw, **rest)


def tunnelled(inner: st.SearchStrategy[ipv4.Packet]) -> st.SearchStrategy[ipv4.Packet]:
    """Packets in one more tunnel."""
    return packets_with(st.just(ipv4.IPIP), inner) | packets_with(st.just(ipv4.GRE), gres_with(inner))


once = tunnelled(plain)
packets = st.one_of(plain, once, tunnelled(once))
gres = gres_with(plain)
vlans = st.none() | st.integers(1, ethernet.VLANS)
frames = st.builds(ethernet.Frame, macs, macs, packets | arps, st.just(0), vlans) | st.builds(
    ethernet.Frame,
    macs,
    macs,
    st.binary(min_size=46, max_size=80),
    bits[16].filter(lambda kind: kind not in (ethernet.IPV4, ethernet.ARP, ethernet.DOT1Q)),
    vlans,
)

FROM, TO = IPv4.parse("10.0.0.1"), IPv4.parse("10.0.0.2")


class Codec(NamedTuple):
    """A codec as the laws see it: values, both directions, where its checksum stands and what that covers."""

    values: st.SearchStrategy[Any]
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    checksum: int | None = None
    covered: int | None = None


def encode(value: Encodable) -> bytes:
    """Encode what needs no addresses."""
    return value.encode()


CODECS = {
    "arp": Codec(arps, encode, arp.decode),
    "ethernet": Codec(frames, encode, ethernet.decode),
    "ipv4": Codec(packets, encode, ipv4.decode, 10, 20),
    "icmp": Codec(messages, encode, icmp.decode, 2),
    "udp": Codec(datagrams, lambda value: value.encode(FROM, TO), lambda data: udp.decode(data, FROM, TO)),
    "tcp": Codec(segments, lambda value: value.encode(FROM, TO), lambda data: tcp.decode(data, FROM, TO)),
    "gre": Codec(gres, encode, lambda data: gre.decode(data, ipv4.decode)),
}
each_codec = pytest.mark.parametrize("name", CODECS)


def mended(codec: Codec, data: bytes) -> bytes:
    """Make a checksum right again, so that the codec looks at what stands behind it."""
    at = codec.checksum
    if at is None or len(data) < at + 2:
        return data
    data = data[:at] + bytes(2) + data[at + 2 :]
    return data[:at] + octets.checksum(data[: codec.covered]).to_bytes(2, "big") + data[at + 2 :]


@st.composite
def mutations(draw: st.DrawFn, codec: Codec) -> bytes:
    """Octets of a value, some of them changed, cut or added, and sometimes a checksum made right again."""
    data = bytearray(codec.encode(draw(codec.values)))
    for _ in range(draw(st.integers(1, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(bits[8])
    changed = bytes(data)[: draw(st.integers(0, len(data)) | st.just(len(data)))] + draw(
        st.binary(max_size=4)
    )
    return mended(codec, changed) if draw(st.booleans()) else changed


@each_codec
@given(data=st.data())
def test_a_value_comes_back_from_its_octets(name: str, data: st.DataObject) -> None:
    """Decoding what was encoded gives the same value, of the same classes (repr tells them apart)."""
    codec = CODECS[name]
    value = data.draw(codec.values)
    assert repr(codec.decode(codec.encode(value))) == repr(value)


@each_codec
@given(data=st.data())
def test_the_size_is_the_number_of_octets(name: str, data: st.DataObject) -> None:
    """A value's size is the length of its octets."""
    codec = CODECS[name]
    value = data.draw(codec.values)
    assert octets.size(value) == len(codec.encode(value))


@each_codec
@given(data=st.binary(max_size=120))
def test_rubbish_is_malformed_or_a_value(name: str, data: bytes) -> None:
    """Arbitrary octets raise Malformed or decode, with a right checksum or a wrong one."""
    codec = CODECS[name]
    for attempt in (data, mended(codec, data)):
        try:
            codec.decode(attempt)
        except Malformed as why:
            assert str(why)  # noqa: PT017 - that it may be raised is the point


@each_codec
@given(data=st.data())
def test_what_is_understood_of_mutated_octets_is_stable(name: str, data: st.DataObject) -> None:
    """Mutated octets raise Malformed, or give a value that comes back from its own octets."""
    codec = CODECS[name]
    changed = data.draw(mutations(codec))
    if name == "ethernet":
        changed = changed.ljust(ethernet.MINIMUM + 4, b"\0")  # that of a tagged frame
    try:
        value = codec.decode(changed)
    except Malformed:
        return
    assert repr(codec.decode(codec.encode(value))) == repr(value)


@given(data=st.binary(max_size=101))
def test_the_checksum_is_that_of_rfc_1071(data: bytes) -> None:
    """The checksum is the complement of the sum of 16-bit words with end-around carry (RFC 1071 §4.1)."""
    total = 0
    for at in range(0, len(data), 2):
        total += int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big")
        total = (total & 0xFFFF) + (total >> 16)
    assert octets.checksum(data) == total ^ 0xFFFF


@pytest.mark.parametrize(("protocol", "header"), [(ipv4.IPIP, b""), (ipv4.GRE, bytes.fromhex("00000800"))])
def test_tunnels_without_end_stay_octets(protocol: int, header: bytes) -> None:
    """A packet of two thousand tunnels decodes, the innermost of them as bytes."""
    data = b""
    for _ in range(2000):
        data = ipv4.Packet(FROM, TO, protocol, header + data).encode()
    inner: object = ipv4.decode(data)
    depth = 0
    while not isinstance(inner, bytes):
        inner = inner.payload
        depth += 1
    assert ipv4.TUNNELS <= depth <= 2 * ipv4.TUNNELS + 1
    assert len(inner) > 35_000
