"""Interfaces: what is configured of them is written as it was said; messages live and die with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab

if TYPE_CHECKING:
    from pathlib import Path

LINES = (
    ("description To the core", "no description"),
    ("shutdown", "no shutdown"),
    ("bandwidth 64", "no bandwidth"),
    ("delay 2000", "no delay"),
    ("mtu 1400", "no mtu"),
    ("keepalive 20", "default keepalive"),
    ("no keepalive", "keepalive"),
    ("mac-address 0200.0000.0001", "no mac-address"),
    ("encapsulation dot1Q 5 native", "no encapsulation dot1Q 5"),
    ("ip address 2.0.0.1 255.0.0.0 secondary", "no ip address 2.0.0.1 255.0.0.0 secondary"),
    ("no ip proxy-arp", "ip proxy-arp"),
    ("arp timeout 60", "no arp timeout"),
)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A router with one address."""
    path = tmp_path / "R1.cfg"
    path.write_text("hostname R1\ninterface Ethernet0\n ip address 1.0.0.1 255.0.0.0\n")
    return Lab.load(path)


def type_at(lab: Lab, *lines: str) -> str:
    """Type lines at the router, and give what the last one shows."""
    console = lab["R1"].console()
    shown = ""
    for line in ("enable", *lines):
        shown = console.send(line)
    return shown


def configuration(lab: Lab) -> str:
    """Give the interface's lines of running-config."""
    return type_at(lab, "show running-config interface Ethernet0")


def log(lab: Lab) -> list[str]:
    """Give the messages about links, without their stamps."""
    rows = [entry.text.partition(": ")[2] for entry in lab["R1"].log.buffer]
    return [row for row in rows if row.startswith("%LIN")]


@pytest.mark.parametrize(("line", "undone"), LINES)
def test_line_and_its_no(lab: Lab, line: str, undone: str) -> None:
    """A line is shown as it was said, and its opposite leaves the configuration as before."""
    before = configuration(lab)
    assert type_at(lab, "configure terminal", "interface Ethernet0", line) == ""
    assert f"\n {line}\n" in configuration(lab)
    assert type_at(lab, "configure terminal", "interface Ethernet0", undone) == ""
    assert configuration(lab) == before


@pytest.mark.parametrize("kind", ["Loopback0", "Tunnel3", "Vlan2", "Port-channel1", "Ethernet0.7"])
def test_virtual_interface_disappears(lab: Lab, kind: str) -> None:
    """`no interface` takes away what is no port, with everything that was configured of it."""
    before = type_at(lab, "show running-config | exclude ^Current")
    type_at(lab, "configure terminal", f"interface {kind}", "description going")
    assert f"interface {kind}\n" in type_at(lab, "show running-config")
    type_at(lab, "configure terminal", f"no interface {kind}")
    after = type_at(lab, "show running-config | exclude ^Current")
    assert [row for row in after.split("\n") if not row.startswith("! ")] == [
        row for row in before.split("\n") if not row.startswith("! ")
    ]


def test_port_stays(lab: Lab) -> None:
    """A port cannot be taken away, and keeps its configuration."""
    before = configuration(lab)
    shown = type_at(lab, "configure terminal", "no interface Ethernet0")
    assert shown == "% Removal of physical interfaces is not permitted."
    assert configuration(lab) == before


def test_boot_says_nothing(lab: Lab) -> None:
    """Interfaces that come up with their router are no news."""
    lab.advance(10)
    assert log(lab) == []


def test_flap(lab: Lab) -> None:
    """A line protocol that is back within a second is not spoken of."""
    type_at(lab, "configure terminal", "interface Ethernet0", "shutdown")
    lab.advance(0.5)
    type_at(lab, "configure terminal", "interface Ethernet0", "no shutdown")
    lab.advance(10)
    assert log(lab) == [
        "%LINK-5-CHANGED: Interface Ethernet0, changed state to administratively down",
        "%LINK-3-UPDOWN: Interface Ethernet0, changed state to up",
    ]


def test_message_outlives_checkpoint(lab: Lab) -> None:
    """What was to be said when a checkpoint was made is said after it is restored."""
    type_at(lab, "configure terminal", "interface Ethernet0", "shutdown")
    lab.checkpoint("down")
    lab.advance(10)
    expected = log(lab)
    lab.restore("down")
    assert len(log(lab)) == 1
    lab.advance(10)
    assert log(lab) == expected
    assert expected[-1] == "%LINEPROTO-5-UPDOWN: Line protocol on Interface Ethernet0, changed state to down"


def test_message_dies_with_power(lab: Lab) -> None:
    """A router that is switched off in between says nothing of what it was about to say."""
    type_at(lab, "configure terminal", "interface Ethernet0", "shutdown")
    lab.power("R1", on=False)
    lab.power("R1", on=True)
    lab.advance(10)
    assert log(lab) == []


def test_settings_die_with_power(lab: Lab) -> None:
    """What was not saved is gone after a boot, and the address is NVRAM's again."""
    before = configuration(lab)
    type_at(lab, "configure terminal", "interface Ethernet0", "bandwidth 64", "ip address 9.0.0.1 255.0.0.0")
    assert "9.0.0.1         YES manual" in type_at(lab, "show ip interface brief")
    lab.power("R1", on=False)
    lab.power("R1", on=True)
    assert configuration(lab) == before
    assert "1.0.0.1         YES NVRAM" in type_at(lab, "show ip interface brief")
