"""RIP's octets: laid out as RFC 2453 §4 says, and as others read them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4
from iosemu.features.rip.packet import (
    EVERYTHING,
    GROUP_ADDRESS,
    PORT,
    REQUEST,
    RESPONSE,
    Entry,
    Rip,
    decode,
    register,
)
from iosemu.wire import udp
from iosemu.wire.octets import Malformed

if TYPE_CHECKING:
    from pathlib import Path

register()

ROUTE = Entry(IPv4.parse("20.1.0.0"), IPv4.parse("255.255.0.0"), IPv4.parse("10.0.0.9"), 3, 77)
OCTETS = bytes.fromhex("020200000002004d14010000ffff00000a00000900000003")


def test_a_response_is_laid_out_as_the_rfc_says() -> None:
    """Command, version, and of each entry family, tag, address, mask, next hop and metric."""
    message = Rip(RESPONSE, 2, (ROUTE,))
    assert message.encode() == OCTETS
    assert decode(OCTETS) == message
    assert message.size == 24


def test_a_request_for_everything_is_laid_out_as_the_rfc_says() -> None:
    """One entry of family 0 with metric 16 (RFC 2453 §3.9.1)."""
    assert Rip(REQUEST, 1, (EVERYTHING,)).encode().hex() == "01010000" + "00" * 19 + "10"


@pytest.mark.parametrize("data", [b"", OCTETS[:3], OCTETS[:-1], OCTETS + b"\0", OCTETS[:4] + OCTETS[4:] * 26])
def test_what_is_no_header_with_whole_entries_is_malformed(data: bytes) -> None:
    """Too short, in between, or more than 25 entries; and UDP then has it as bytes."""
    with pytest.raises(Malformed):
        decode(data)
    sent = udp.Datagram(PORT, PORT, data).encode(GROUP_ADDRESS, GROUP_ADDRESS)
    assert udp.decode(sent, GROUP_ADDRESS, GROUP_ADDRESS).payload == data


def test_scapy_agrees() -> None:
    """Scapy's RIP layer reads our octets to our values, and writes them."""
    rip = pytest.importorskip("scapy.layers.rip")
    header = rip.RIP(OCTETS)
    assert (header.cmd, header.version) == (2, 2)
    entry = header[rip.RIPEntry]
    values = (entry.AF, entry.RouteTag, entry.addr, entry.mask, entry.nextHop, entry.metric)
    assert values == (2, 77, "20.1.0.0", "255.255.0.0", "10.0.0.9", 3)
    theirs = rip.RIP(cmd=2, version=2) / rip.RIPEntry(
        AF=2, RouteTag=77, addr="20.1.0.0", mask="255.255.0.0", nextHop="10.0.0.9", metric=3
    )
    assert bytes(theirs) == OCTETS


LAB = """\
name: pair
topology:
  nodes:
    A: {kind: router, startup-config: A.cfg}
    B: {kind: router, startup-config: B.cfg}
  links:
    - {segment: lan, endpoints: ["A:Ethernet0", "B:Ethernet0"]}
"""
CONFIG = """\
hostname %s
interface Loopback0
 ip address 20.%d.0.1 255.255.0.0
interface Ethernet0
 ip address 10.0.0.%d 255.0.0.0
router rip
 version %d
 network 10.0.0.0
 network 20.0.0.0
"""


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("version", [1, 2])
def test_wireshark_reads_it(tmp_path: Path, version: int) -> None:
    """Of what two routers say nothing is malformed, no expert complains, and the fields are ours."""
    (tmp_path / "lab.yml").write_text(LAB)
    for number, name in enumerate("AB", 1):
        (tmp_path / f"{name}.cfg").write_text(CONFIG % (name, number, number, version))
    session = tmp_path / "capture.session"
    session.write_text("lab>open .\nlab>capture start rip.pcap\nlab>advance 60\nlab>capture stop\n")
    run = subprocess.run(
        [sys.executable, "-m", "iosemu", "run", str(session)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not run.returncode, run.stderr
    files = [*tmp_path.rglob("rip.pcap")]
    assert files, run.stdout
    fields = ("rip.command", "rip.version", "rip.ip", "rip.netmask", "rip.metric", "ip.dst")
    command = ["tshark", "-n", "-r", str(files[0]), "-Y", "rip", "-Tfields", "-o", "udp.check_checksum:TRUE"]
    for each in ("_ws.malformed", "_ws.expert.message", *fields):
        command += ["-e", each]
    rows = [row.split("\t") for row in subprocess.check_output(command, text=True).splitlines()]
    assert len(rows) > 3
    assert all(row[:2] == ["", ""] for row in rows), rows
    to = "224.0.0.9" if version == 2 else "255.255.255.255"
    mask = "255.0.0.0" if version == 2 else ""
    assert ["2", str(version), "20.0.0.0", mask, "1", to] in [row[2:] for row in rows], rows
