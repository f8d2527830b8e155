"""`show version` and `show inventory` as programs read them."""

from __future__ import annotations

import pytest

from iosemu.app import Lab
from iosemu.features.system.version import uptime

MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour, 0 minutes"),
        (2 * 1440 + 61, "2 days, 1 hour, 1 minute"),
        (9 * 1440 + 111, "1 week, 2 days, 1 hour, 51 minutes"),
        (366 * 1440 + 5, "1 year, 1 day, 5 minutes"),
    ],
)
def test_uptime_is_written_in_units(minutes: int, said: str) -> None:
    """An uptime leaves out what is zero, but for the minutes, and counts a single one in the singular."""
    assert uptime(minutes * MINUTE + 59_999_999) == said


def test_version_is_read_by_its_template() -> None:
    """ntc-templates finds release, uptime and serial number in `show version`."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    lab = Lab.load("physical")
    lab.advance(3 * 86400 + 7 * 3600)
    (row,) = parse("cisco_ios", "show version", lab["R0"].console().send("show version"))
    assert row["software_image"] == "IOSEMU-M"
    assert (row["version"], row["release"]) == ("12.4(15)T", "fc1")
    assert row["hostname"] == "R0"
    assert row["uptime"] == "3 days, 7 hours, 0 minutes"
    assert row["reload_reason"] == "power-on"
    assert row["running_image"] == "iosemu"
    assert row["hardware"] == ["iosemu"]
    assert row["serial"][0].startswith("EMU")
    assert row["config_register"] == "0x2102"


def test_version_counts_ports_alone() -> None:
    """Interfaces are counted by kind; a loopback is no port."""
    lab = Lab.load("physical")
    console = lab["R0"].console()
    for line in ("enable", "configure terminal", "interface Loopback0", "interface FastEthernet0/0", "end"):
        console.send(line)
    rows = console.send("show version").splitlines()
    assert "2 Ethernet/IEEE 802.3 interfaces" in rows
    assert "1 FastEthernet/IEEE 802.3 interface" in rows
    assert not [row for row in rows if "Loopback" in row]


def test_version_says_that_it_is_iosemu() -> None:
    """Nobody takes it for Cisco's image."""
    assert "This is iosemu" in Lab.load("physical")["HA1"].console().send("show version")


def test_a_serial_number_is_one_routers() -> None:
    """Routers of one lab have serial numbers of their own, the same in every run."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    runs = []
    for _ in range(2):
        lab = Lab.load("physical")
        shown = [lab[name].console().send("show inventory") for name in ("HA1", "HA2", "R0")]
        runs.append([parse("cisco_ios", "show inventory", text)[0]["sn"] for text in shown])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3
