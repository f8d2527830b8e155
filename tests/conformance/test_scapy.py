"""scapy as the judge of HSRP: what it reads in our octets is what we mean, and what it writes we read."""

from __future__ import annotations

import pytest

from iosemu.addresses import IPv4
from iosemu.features.hsrp.packet import GROUP_ADDRESS, PORT, Hsrp, decode
from iosemu.wire import ethernet
from iosemu.wire.ipv4 import Packet
from iosemu.wire.udp import Datagram
from tests.features.hsrp.office import configure, office
from tests.lab.build import Tap

hsrp = pytest.importorskip("scapy.layers.hsrp", reason="scapy is not installed")
inet = pytest.importorskip("scapy.layers.inet")

LINES = "standby 1 ip 10.0.0.254;standby 1 timers 5 16;standby 1 authentication sesame"


def test_scapy_reads_every_message_of_an_election_and_a_handover() -> None:
    """Addresses, ports, TTL and every field of Hellos, Coups and Resigns are the same from scapy's side."""
    lab = office(R1=LINES, R2=f"{LINES};standby 1 priority 120")
    tap = Tap(lab, "office")
    lab.advance(60)
    configure(lab, "R1", "standby 1 priority 200;standby 1 preempt")
    lab.advance(60)
    configure(lab, "R1", "shutdown")
    lab.advance(10)
    seen = set()
    for _, frame in tap.frames:
        packet = frame.payload
        if not isinstance(packet, Packet) or not isinstance(packet.payload, Datagram):
            continue
        message = packet.payload.payload
        assert isinstance(message, Hsrp)
        read = inet.Ether(frame.encode())
        assert (read.dst, read.src) == (frame.destination.octets.hex(":"), frame.source.octets.hex(":"))
        inner = read["IP"]
        assert (inner.src, inner.dst, inner.ttl) == (str(packet.source), str(GROUP_ADDRESS), 1)
        assert (read["UDP"].sport, read["UDP"].dport) == (PORT, PORT)
        for layer in ("IP", "UDP"):  # scapy works checksums out anew when it builds: they were right
            said = read[layer].chksum
            again = inet.Ether(frame.encode())
            del again[layer].chksum
            assert inet.Ether(bytes(again))[layer].chksum == said
        layer = read[hsrp.HSRP]
        assert Hsrp(
            layer.opcode,
            layer.state,
            layer.hellotime,
            layer.holdtime,
            layer.priority,
            layer.group,
            layer.auth,
            IPv4.parse(layer.virtualIP),
            layer.version,
        ) == message._replace(authentication=layer.auth)
        assert layer.auth.ljust(8, b"\0") == message.authentication
        assert layer.reserved == 0
        seen.add((message.opcode, message.state))
    assert seen >= {(0, 4), (0, 8), (0, 16), (1, 8), (2, 16)}


@pytest.mark.parametrize("opcode", [0, 1, 2])
@pytest.mark.parametrize("state", [0, 1, 2, 4, 8, 16])
def test_we_read_what_scapy_writes(opcode: int, state: int) -> None:
    """A message that scapy builds, fields at their bounds among them, has its values when we decode it."""
    made = hsrp.HSRP(
        opcode=opcode,
        state=state,
        hellotime=255,
        holdtime=254,
        priority=253,
        group=252,
        auth=b"\xff" * 8,
        virtualIP="255.0.255.1",
    )
    wanted = Hsrp(opcode, state, 255, 254, 253, 252, b"\xff" * 8, IPv4.parse("255.0.255.1"))
    assert decode(bytes(made)) == wanted
    whole = inet.Ether(src="00:00:0c:07:ac:fc") / inet.IP(src="10.0.0.1", dst="224.0.0.2", ttl=1)
    frame = ethernet.decode(bytes(whole / inet.UDP(sport=PORT, dport=PORT) / made))
    assert isinstance(frame.payload, Packet)
    assert frame.payload.payload == Datagram(PORT, PORT, wanted)
