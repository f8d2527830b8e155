"""The text of an `interface range`: which interfaces it names, and where one that names none goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab
from iosemu.features.interfaces.members import MalformedRangeError, members

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("e0", ["Ethernet0"]),
        ("Ethernet 0 - 2", ["Ethernet0", "Ethernet1", "Ethernet2"]),
        ("fa0/1-2", ["FastEthernet0/1", "FastEthernet0/2"]),
        ("Port-channel1 - 2 , lo 7", ["Port-channel1", "Port-channel2", "Loopback7"]),
        ("e0.10 - 11,e0.10", ["Ethernet0.10", "Ethernet0.11"]),
        ("vlan 3 - 3", ["Vlan3"]),
    ],
)
def test_a_range_names_its_members(text: str, names: list[str]) -> None:
    """Members have their full names, once each, in the order said."""
    assert members(text) == names


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 0),
        ("e", 0),
        ("e3 - 2", 5),
        ("e0 ,", 4),
        ("e0 , foo1", 5),
        ("e14 - 18", 6),
        ("t1", 0),
        ("e0 -", 0),
    ],
)
def test_a_malformed_range_says_where(text: str, column: int) -> None:
    """The column is that of what can be no member."""
    with pytest.raises(MalformedRangeError) as refusal:
        members(text)
    assert refusal.value.column == column


@pytest.mark.parametrize("line", ["interface Ethernet1/0", "interface range Ethernet1/0 - 1"])
def test_a_port_too_many_is_refused(tmp_path: Path, line: str) -> None:
    """A router has 256 ports; the line for one more is refused, and opens no mode."""
    config = tmp_path / "R1.cfg"
    config.write_text("hostname R1\n", "utf-8")
    console = Lab.load(config)["R1"].console()
    for text in ("enable", "configure terminal", "interface range Ethernet0/0 - 255", "exit"):
        console.send(text)
    assert console.send(line).strip() == "% R1 has 256 ports, and cannot have Ethernet1/0 as well"
    assert console.prompt == "R1(config)#"
