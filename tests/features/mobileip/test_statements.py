"""What no other topic's tests hold of the specification: R2, R9, R36 (mobile-ip.md §5.1); its examples pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iosemu.app import Desk, Lab
from iosemu.features.mobileip.packet import PORT
from iosemu.wire.ipv4 import Packet
from iosemu.wire.udp import Datagram
from tests.lab.build import Tap

EXAMPLES = sorted(
    path
    for path in Path(__file__).parents[3].glob("configs/*/HA[12].cfg")
    if path.parent.name != "physical-different"
)


def operate(name: str, *lines: str) -> Desk:
    """Open a lab and type lines at its operator's prompt."""
    desk = Desk()
    for line in (f"open {name}", *lines):
        desk.operator.send(line)
    return desk


def test_two_agents_share_an_address_and_a_mac() -> None:
    """R2: one agent is active and one standby, HSRP says which; neighbours know one address and one MAC for both."""
    desk = operate("physical", "advance 80")
    for line in ("advance 1", "power HA1 off"):
        desk.operator.send(line)
        desk.operator.send("advance 12")
        assert "!" in desk.operator.send("ping CN1 1.0.0.10")
        (row,) = (row for row in desk.console("R0").send("show arp").splitlines() if " 1.0.0.10 " in row)
        assert row.split()[3] == "0000.0c07.ac00"
    assert desk.console("HA2").send("show ip mobile binding summary").endswith("Total 1")


@pytest.mark.parametrize("name", ["physical", "virtual-multiple-different"])
def test_no_standard_changes(name: str) -> None:
    """R9: mobile nodes and foreign agents meet RFC 2002's messages alone; redundancy's are for home agents."""
    desk = operate(name)
    lab = desk.lab
    taps = {segment: Tap(lab, segment) for segment in lab.segments}
    for line in ("advance 80", "power HA2 off", "advance 12", "register MN1", "power HA2 on", "advance 60"):
        desk.operator.send(line)
    agents = {
        address
        for each in ("HA1", "HA2")
        for port in lab.nodes[each].interfaces.values()
        for address, _ in port.addresses
    }
    kinds: dict[str, set[int]] = {segment: set() for segment in taps}
    for segment, tap in taps.items():
        for _, frame in tap.frames:
            packet = frame.payload
            datagram = packet.payload if isinstance(packet, Packet) else None
            if isinstance(datagram, Datagram) and PORT in datagram[:2]:
                kind = datagram.encode(packet.source, packet.destination)[8]
                kinds[segment].add(kind)
                assert kind < 250 or {packet.source, packet.destination} <= agents
    assert kinds["visited"] == kinds["core"] == {1, 3}
    assert kinds["home"] > {1, 3}


def test_loopbacks_are_the_same_and_nobody_minds() -> None:
    """R36: a loopback address that both agents have is no conflict; it is a neighbour's identity nowhere in RIP."""
    lab = Lab.load("multivirtual-multiple-different")
    lab.advance(80)
    for name in ("HA1", "HA2"):
        console = lab[name].console()
        assert "10.0.0.10 " in console.send("show ip interface brief")
        console.send("enable")
        assert "DUPADDR" not in console.send("show logging")
    sources = lab["R0"].console().send("show ip protocols")
    assert "10.0.0.10" not in sources
    assert {"1.0.0.1", "1.0.0.2"} <= {row.split()[0] for row in sources.splitlines() if row.strip()}


@pytest.mark.parametrize("config", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_an_example_is_pasted_and_saved_in_proper_form(config: Path, tmp_path: Path) -> None:
    """R42, E1, E3, E4: each line is taken without a word, and running-config has it in full, and nothing beside.

    No line waits for another: with the global lines pasted before the interfaces, the configuration is the same.
    """
    lines = config.read_text("ascii").splitlines()
    split = next(number for number, line in enumerate(lines) if line.startswith("ip mobile"))
    expected = {proper(line) for line in lines if not line.startswith("!")}
    shown = []
    file = tmp_path / "HA1.cfg"
    file.write_text("hostname HA1\n")
    for order in (lines, lines[split:] + lines[:split]):
        console = Lab.load(file)["HA1"].console()
        for line in ("enable", "configure terminal"):
            console.send(line)
        assert [console.send(line) for line in order] == [""] * len(lines)
        rows = console.send("do show running-config").splitlines()
        shown.append([row for row in rows if re.match(r" (ip address|standby)|ip mobile|interface", row)])
    assert {row.strip() for row in shown[0]} == expected
    assert shown[0] == shown[1]


def proper(line: str) -> str:
    """Give a line of an example as a router saves it."""
    for short, long in (
        ("int e", "interface Ethernet"),
        ("int lo", "interface Loopback"),
        ("ip addr ", "ip address "),
        (" spi 100 hex ", " spi 100 key hex "),
    ):
        line = line.replace(short, long)
    return line
