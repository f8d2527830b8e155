"""Wireshark as the judge of what runs: it reads an evening's capture, and sees in each frame what we put there.

An election, a failover, a return, ARP, pings, errors and RIP, all as the routers sent them; `tests/wire` has
one frame of each kind.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from iosemu.app import Desk
from iosemu.features.hsrp.packet import Hsrp
from iosemu.features.rip.packet import Rip
from iosemu.wire import icmp
from iosemu.wire.arp import Arp
from iosemu.wire.ipv4 import Packet, quoted
from iosemu.wire.udp import Datagram
from tests.features.hsrp.office import OFFICE
from tests.lab.build import Tap

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.addresses import MAC
    from iosemu.wire.ethernet import Frame

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")

RIP = ("router rip", "version 2", "network 10.0.0.0", "no auto-summary")
CONFIGURED = {
    "R1": ("standby 1 ip 10.0.0.254", "standby 1 priority 110", "standby 1 preempt", *RIP),
    "R2": ("standby 1 ip 10.0.0.254", "standby 7 ip 10.0.0.207", "standby 7 authentication sesame", *RIP),
    "R3": ("standby 1 ip", "standby 7 ip", "standby 7 timers 5 16", "standby 7 authentication sesame", *RIP),
}
EVENING = (
    "advance 60",
    "ping PC 10.0.0.254 count 3",
    "ping PC 10.0.1.3 count 3",
    "ping PC 192.0.2.1 count 2",
    "power R1 off",
    "ping PC 10.0.0.254 count 20",
    "segment core down",
    "power R1 on",
    "advance 40",
    "segment core up",
    "cut R2 Ethernet0",
    "advance 30",
    "mend R2 Ethernet0",
    "ping PC 10.0.0.254",
    "advance 30",
)


class Evening:
    """What was sent on the office's segment: the file, our own frames, and how many echos had no answer."""

    def __init__(self, folder: Path) -> None:
        desk = Desk(base=folder)
        desk.open(str(OFFICE))
        assert desk.operator.type("capture start evening.pcap segment office") == []
        tap = Tap(desk.lab, "office")
        for name, lines in CONFIGURED.items():
            console = desk.console(name)
            for line in (
                "enable",
                "configure terminal",
                "interface Ethernet0",
                *lines,
                "end",
                "write memory",
            ):
                shown = console.send(line)
                assert "%" not in shown.replace("%SYS-5", ""), (line, shown)
        shown = [row for line in EVENING for row in desk.operator.type(line)]
        assert not any(row.startswith("%") for row in shown), shown
        assert desk.operator.type("capture stop") == [f"evening.pcap: {len(tap.frames)} frames"]
        self.file = folder / "evening.pcap"
        self.epoch = desk.lab.epoch
        self.frames = tap.frames

    def dissect(self, *fields: str) -> list[dict[str, str]]:
        """Ask tshark for fields of each frame, with every checksum verified; several values stand in a row."""
        verify = [f"-o{protocol}.check_checksum:TRUE" for protocol in ("ip", "udp")]
        wanted = [f"-e{field}" for field in fields]
        command = [str(TSHARK), "-n", "-r", str(self.file), *verify, "-Tfields", "-Eoccurrence=a", *wanted]
        shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        return [dict(zip(fields, line.split("\t"), strict=True)) for line in shown.splitlines()]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """Let the evening pass."""
    return Evening(tmp_path_factory.mktemp("capture"))


def test_the_evening_has_everything(evening: Evening) -> None:
    """All that is to be judged is in the capture: each kind of message, and each state of HSRP."""
    hsrp = [each for each in map(_message, evening.frames) if isinstance(each, Hsrp)]
    assert {each.opcode for each in hsrp} == {0, 1, 2}
    assert {each.state for each in hsrp} >= {4, 8, 16}
    kinds = {type(_message(each)) for each in evening.frames}
    assert kinds >= {Hsrp, Rip, icmp.EchoRequest, icmp.EchoReply, icmp.Unreachable, Arp}
    assert {each.command for each in map(_message, evening.frames) if isinstance(each, Rip)} == {1, 2}


def test_wireshark_finds_nothing_wrong(evening: Evening) -> None:
    """No frame is malformed, every checksum is good, and no expert has a remark."""
    sums = [f"{name}.checksum.status" for name in ("ip", "udp", "icmp")]
    rows = evening.dissect("_ws.malformed", "_ws.expert.message", *sums)
    assert len(rows) == len(evening.frames)
    assert [row for row in rows if row["_ws.malformed"] or row["_ws.expert.message"]] == []
    statuses = {status for row in rows for name in sums for status in row[name].split(",")}
    assert statuses - {"", "2"} == {"1"}  # 1 is good, 0 bad, 2 unverified: a quote that is cut off


def test_wireshark_reads_our_values(evening: Evening) -> None:
    """Time, addresses and all fields of each protocol are in Wireshark's eyes what they are in ours."""
    ours = [_fields(frame) | {"frame.time_epoch": _time(evening, when)} for when, frame in evening.frames]
    names = sorted({name for row in ours for name in row})
    theirs = evening.dissect(*names)
    for number, (mine, shown) in enumerate(zip(ours, theirs, strict=True), 1):
        seen = {name: shown[name] for name in mine}
        if "icmp.type" in mine:  # behind ours stand those of what an error quotes
            seen = {name: value.split(",")[0] for name, value in seen.items()}
        assert seen == mine, f"frame {number}"


def _time(evening: Evening, when: int) -> str:
    return f"{evening.epoch + when // 1_000_000}.{when % 1_000_000:06}000"


def _message(sent: tuple[int, Frame]) -> object:
    """Give the innermost value of a frame."""
    payload = sent[1].payload
    if isinstance(payload, Packet):
        return payload.payload.payload if isinstance(payload.payload, Datagram) else payload.payload
    return payload


def _colons(mac: MAC) -> str:
    return mac.octets.hex(":")


def _fields(frame: Frame) -> dict[str, str]:
    """Give a frame's values under Wireshark's names, as it writes them."""
    fields: dict[str, object] = {"eth.dst": _colons(frame.destination), "eth.src": _colons(frame.source)}
    packet = frame.payload
    if isinstance(packet, Arp):
        fields |= {
            "arp.opcode": packet.operation,
            "arp.src.hw_mac": _colons(packet.sender_mac),
            "arp.src.proto_ipv4": packet.sender,
            "arp.dst.hw_mac": _colons(packet.target_mac),
            "arp.dst.proto_ipv4": packet.target,
        }
    elif isinstance(packet, Packet):
        fields |= {
            "ip.src": packet.source,
            "ip.dst": packet.destination,
            "ip.ttl": packet.ttl,
            "ip.proto": packet.protocol,
            "ip.id": f"0x{packet.identification:04x}",
            "ip.len": packet.size,
        }
        fields |= _payload_fields(packet)
    return {name: str(value) for name, value in fields.items()}


def _payload_fields(packet: Packet) -> dict[str, object]:
    payload = packet.payload
    match payload:
        case Datagram():
            fields = {
                "udp.srcport": payload.source_port,
                "udp.dstport": payload.destination_port,
                "udp.length": payload.size,
            }
            return fields | _datagram_fields(payload.payload)
        case icmp.EchoRequest() | icmp.EchoReply():
            kind = icmp.ECHO_REQUEST if isinstance(payload, icmp.EchoRequest) else icmp.ECHO_REPLY
            return {
                "icmp.type": kind,
                "icmp.code": 0,
                "icmp.ident": payload.identifier,
                "icmp.seq": payload.sequence,
            }
        case icmp.Unreachable():
            assert quoted(payload.quote).destination  # what is quoted is a packet
            return {"icmp.type": icmp.UNREACHABLE, "icmp.code": payload.code}
        case icmp.Redirect():
            return {"icmp.type": icmp.REDIRECT, "icmp.code": payload.code, "icmp.redir_gw": payload.gateway}
        case _:
            raise AssertionError(f"nobody looks at {payload}")


def _datagram_fields(message: object) -> dict[str, object]:
    match message:
        case Hsrp():
            return {
                "hsrp.version": message.version,
                "hsrp.opcode": message.opcode,
                "hsrp.state": message.state,
                "hsrp.hellotime": message.hellotime,
                "hsrp.holdtime": message.holdtime,
                "hsrp.priority": message.priority,
                "hsrp.group": message.group,
                "hsrp.reserved": 0,
                "hsrp.auth_data": message.authentication.rstrip(b"\0").decode(),
                "hsrp.virt_ip": message.virtual_ip,
            }
        case Rip():
            entries = message.entries
            fields = {
                "rip.metric": [each.metric for each in entries],
                "rip.family": [each.family for each in entries],
                "rip.route_tag": [each.tag for each in entries],
                "rip.ip": [each.address for each in entries if each.family],
                "rip.netmask": [each.mask for each in entries],
                "rip.next_hop": [each.next_hop for each in entries],
            }
            listed = {name: ",".join(map(str, values)) for name, values in fields.items()}
            return listed | {"rip.command": message.command, "rip.version": message.version}
        case _:
            raise AssertionError(f"nobody looks at {message}")
