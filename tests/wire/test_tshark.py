"""A second opinion: Wireshark dissects a capture of one frame of each kind, and finds nothing wrong."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.wire import arp, ethernet, gre, icmp, ipip, ipv4, pcap, tcp, udp

if TYPE_CHECKING:
    from pathlib import Path

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")

ROUTER, HOST, AGENT = (IPv4.parse(text) for text in ("1.0.0.1", "1.0.0.2", "2.0.0.1"))
PING = ipv4.Packet(ROUTER, HOST, ipv4.ICMP, icmp.EchoRequest(1, 1, bytes(range(72))))
QUOTE = PING.quote()


def message(payload: icmp.Message) -> ipv4.Packet:
    """Put an ICMP message into a packet."""
    return ipv4.Packet(HOST, ROUTER, ipv4.ICMP, payload)


def tunnel(**options: object) -> ipv4.Packet:
    """Put the ping into GRE."""
    return ipv4.Packet(HOST, AGENT, ipv4.GRE, gre.Gre(gre.IPV4, PING, **options))


MOBILITY = icmp.MobilityAgent(1, 36000, icmp.FOREIGN_AGENT | icmp.GRE_ENCAPSULATION, (AGENT,))
FRAMES: list[tuple[ipv4.Packet | arp.Arp | bytes, str]] = [
    (arp.Arp(arp.REQUEST, MAC(2), ROUTER, MAC(0), HOST), "eth:ethertype:arp"),
    (PING, "eth:ethertype:ip:icmp:data"),
    (message(icmp.EchoReply(1, 1, bytes(72))), "eth:ethertype:ip:icmp:data"),
    (message(icmp.Unreachable(icmp.HOST, QUOTE)), "eth:ethertype:ip:icmp:ip:icmp"),
    (message(icmp.TimeExceeded(0, QUOTE)), "eth:ethertype:ip:icmp:ip:icmp"),
    (message(icmp.Redirect(1, AGENT, QUOTE)), "eth:ethertype:ip:icmp:ip:icmp"),
    (message(icmp.ParameterProblem(0, 20, QUOTE)), "eth:ethertype:ip:icmp:ip:icmp"),
    (message(icmp.RouterSolicitation()), "eth:ethertype:ip:icmp"),
    (
        message(icmp.RouterAdvertisement(1800, (icmp.Router(HOST, -1),), MOBILITY, (8,))),
        "eth:ethertype:ip:icmp",
    ),
    (ipip.wrap(PING, HOST, AGENT), "eth:ethertype:ip:ip:icmp:data"),
    (tunnel(), "eth:ethertype:ip:gre:ip:icmp:data"),
    (tunnel(key=1, sequence=2, checksum=True), "eth:ethertype:ip:gre:ip:icmp:data"),
    (ipv4.Packet(ROUTER, HOST, ipv4.UDP, udp.Datagram(40000, 40001, b"odd")), "eth:ethertype:ip:udp:data"),
    (
        ipv4.Packet(ROUTER, HOST, ipv4.TCP, tcp.Segment(11000, 23, 1, 0, tcp.SYN, options=b"\2\4\2\x18")),
        "eth:ethertype:ip:tcp",
    ),
    (
        ipv4.Packet(
            ROUTER, HOST, ipv4.TCP, tcp.Segment(11000, 23, 2, 1, tcp.ACK | tcp.PSH, data=b"show\r\0")
        ),
        "eth:ethertype:ip:tcp:telnet",
    ),
]


def dissect(path: Path, *fields: str) -> list[list[str]]:
    """Ask tshark for fields of each frame, with every checksum verified."""
    verify = [f"-o{protocol}.check_checksum:TRUE" for protocol in ("ip", "udp", "tcp")]
    wanted = [f"-e{field}" for field in fields]
    command = [str(TSHARK), "-n", "-r", str(path), *verify, "-Tfields", *wanted]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return [line.split("\t") for line in shown.splitlines()]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Write the frames, a second apart, from 1 March 2002."""
    path = tmp_path / "wire.pcap"
    with path.open("wb") as file:
        writer = pcap.Writer(file)
        for number, (payload, _) in enumerate(FRAMES):
            writer.write(
                (1_014_940_800 + number) * 1_000_000, ethernet.Frame(BROADCAST, MAC(2), payload).encode()
            )
    return path


def test_wireshark_dissects_every_frame(capture: Path) -> None:
    """Every layer is recognised, none is malformed, every checksum is good, and no expert complains."""
    rows = dissect(capture, "frame.protocols", "_ws.malformed", "_ws.expert.message", "frame.time_epoch")
    for number, (row, (_, protocols)) in enumerate(zip(rows, FRAMES, strict=True)):
        shown, malformed, complaints, time = row
        assert (shown, malformed) == (protocols, "")
        assert time.startswith(f"{1_014_940_800 + number}.0000")
        assert "hecksum" not in complaints
    fields = [f"{name}.checksum.status" for name in ("ip", "icmp", "udp", "tcp", "gre")]
    statuses = ",".join(",".join(row) for row in dissect(capture, *fields)).split(",")
    assert set(statuses) - {"", "2"} == {"1"}  # 1 is good, 0 bad, 2 unverified: a message cut off in a quote


def test_wireshark_reads_the_mobility_extension(capture: Path) -> None:
    """An agent advertisement's extensions are where Wireshark looks for them."""
    fields = ("life", "flags", "coa", "prefixlength")
    rows = dissect(capture, *(f"icmp.mip.{field}" for field in fields))
    assert [row for row in rows if any(row)] == [["36000", "0x1400", "2.0.0.1", "8"]]
