"""The office of the HSRP sessions, for tests: three routers on one segment, configured line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.app import Lab
from iosemu.features.hsrp.state import Group, Standby
from iosemu.wire import ethernet

if TYPE_CHECKING:
    from iosemu.wire.ethernet import Frame

OFFICE = Path(__file__).parents[2] / "sessions" / "hsrp" / "office"


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back, so that codecs cannot rot."""
    return ethernet.decode(frame.encode())


def office(**lines: str) -> Lab:
    """Open the office and type lines on Ethernet0 of the routers named, parted by semicolons."""
    lab = Lab.load(OFFICE)
    lab.transit = through_octets
    for name, text in lines.items():
        configure(lab, name, text)
    return lab


def configure(lab: Lab, name: str, lines: str, interface: str = "Ethernet0") -> None:
    """Type lines on an interface of a router; none may be complained about."""
    console = lab[name].console()
    for line in ("enable", "configure terminal", f"interface {interface}", *lines.split(";")):
        shown = console.send(line.strip())
        assert "%" not in shown, (line, shown)


def group(lab: Lab, name: str, number: int = 1) -> Group:
    """Give a router's group on Ethernet0."""
    return lab[name].interface("Ethernet0").part(Standby).groups[number]


def states(lab: Lab, number: int = 1) -> str:
    """Give the states of all routers that have the group, in the lab's order."""
    found = []
    for node in lab.nodes.values():
        standby = node.interface("Ethernet0").peek(Standby)
        if standby is not None and number in standby.groups:
            found.append(standby.groups[number].machine.state)
    return " ".join(found)


def logged(lab: Lab, name: str, mnemonic: str) -> list[tuple[float, str]]:
    """Give the messages of a kind that a router logged: second, and text behind the mnemonic."""
    entries, _ = lab[name].log.since(0)
    return [
        (each.when / 1_000_000, each.text.partition(f"-{mnemonic}: ")[2])
        for each in entries
        if f"-{mnemonic}: " in each.text
    ]
