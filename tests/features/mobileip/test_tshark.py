"""A second opinion: Wireshark reads registrations, and does not choke on redundancy messages."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from iosemu import resources
from iosemu.addresses import BROADCAST, MAC, IPv4
from iosemu.app import Desk
from iosemu.features.mobileip import packet
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.packet import Record, Redundancy, Reply, Request
from iosemu.wire import ethernet, ipv4, pcap, udp

if TYPE_CHECKING:
    from pathlib import Path

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")

HOME, AGENT, CARE_OF, PEER = (IPv4.parse(text) for text in ("20.0.0.1", "66.0.0.5", "68.0.0.31", "66.0.0.6"))
KEY = bytes.fromhex("00112233445566778899001122334455")
NUMBER = 0xB750FAC4C28F56A8
RECORDS = tuple(
    Record(0x88, 0x08, 10_000, 2_000, IPv4(HOME + each), CARE_OF, CARE_OF, NUMBER) for each in range(3)
)
MESSAGES = [
    signed(Request(0x8A, 10_000, HOME, AGENT, CARE_OF, NUMBER), packet.MOBILE_HOME, 0x100, KEY),
    signed(Reply(133, 10_000, HOME, AGENT, NUMBER), packet.MOBILE_HOME, 0x100, KEY),
    *(
        signed(Redundancy(kind, 0, AGENT, PEER, 7, records), packet.FOREIGN_HOME, 0x100, KEY)
        for kind, records in zip(range(250, 255), (RECORDS[:1], (), (), RECORDS, ()), strict=True)
    ),
]


def test_wireshark_reads_registrations(tmp_path: Path) -> None:
    """Fields are where RFC 2002 has them, and no message is malformed."""
    path = tmp_path / "mobile-ip.pcap"
    with path.open("wb") as file:
        writer = pcap.Writer(file)
        for number, message in enumerate(MESSAGES):
            datagram = udp.Datagram(packet.PORT, packet.PORT, message)
            frame = ethernet.Frame(BROADCAST, MAC(2), ipv4.Packet(CARE_OF, AGENT, ipv4.UDP, datagram))
            writer.write(number * 1_000_000, frame.encode())
    fields = ("mip.type", "mip.flags", "mip.code", "mip.life", "mip.homeaddr", "mip.coa", "mip.auth.spi")
    wanted = [f"-e{field}" for field in (*fields, "_ws.malformed")]
    command = [str(TSHARK), "-n", "-r", str(path), "-Tfields", *wanted]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    rows = [line.split("\t") for line in shown.splitlines()]
    assert rows[0] == ["1", "0x8a", "", "10000", "20.0.0.1", "68.0.0.31", "0x00000100", ""]
    assert rows[1] == ["3", "", "133", "10000", "20.0.0.1", "", "0x00000100", ""]
    assert rows[2:] == [[""] * 8] * 5  # types that it does not know, walked without a complaint


@pytest.mark.parametrize(("flags", "protocol"), [("sbdmgvT", "4"), ("sBdmGvT", "47")])
def test_wireshark_reads_a_day_of_roaming(tmp_path: Path, flags: str, protocol: str) -> None:
    """Advertisements, registrations, redundancy and both tunnels of a lab's capture, without one "Malformed"."""
    for path in (resources.folder("configs") / "physical").iterdir():
        shutil.copy(path, tmp_path / path.name)
    lab = tmp_path / "lab.yml"
    lab.write_text(
        lab.read_text().replace("      gateway: 1.0.0.3", f"      gateway: 1.0.0.3\n      flags: {flags}")
    )
    agent = tmp_path / "FA1.cfg"
    agent.write_text(
        agent.read_text().replace("ip mobile foreign-service", "ip mobile foreign-service reverse-tunnel")
    )
    desk = Desk()
    capture = tmp_path / "day.pcap"
    for line in (
        f"open {tmp_path}",
        f"capture start {capture}",
        "advance 100",
        "ping CN1 1.0.0.100 count 3",
        "move MN1 home",
        "advance 20",
        "move MN1 visited",
        "advance 20",
        "power HA1 off",
        "advance 20",
        "ping CN1 1.0.0.100 count 3",
        "capture stop",
    ):
        assert "%" not in desk.operator.send(line).replace("percent", "")
    fields = ("ip.proto", "mip.type", "mip.code", "icmp.mip.type", "icmp.mip.r", "_ws.malformed")
    command = [str(TSHARK), "-n", "-r", str(capture), "-Tfields", *(f"-e{field}" for field in fields)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    rows = [line.split("\t") for line in shown.splitlines()]
    assert not [row for row in rows if row[-1]]
    assert {row[1] for row in rows} >= {"1", "3"}
    assert "0" in {row[2] for row in rows}
    assert any(row[3] for row in rows), "no advertisement was read as an agent's"
    inside = {row[0] for row in rows if row[0].startswith(f"{protocol},")}
    assert f"{protocol},1" in inside  # pings in packets
