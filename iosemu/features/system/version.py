"""`show version` and `show inventory`: what the router is, and since when it runs.

The rows have the form that programs read (`reference/ios-shell.md` §7, §8); they name 12.4(15)T, whose
command set this is, and say that it is iosemu. Memory sizes are nominal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from iosemu.cli.command import Reply, command
from iosemu.lab.clock import MINUTE

from .clock import said

if TYPE_CHECKING:
    from iosemu.lab.router import Node

RELEASE = "12.4(15)T"

_PORTS = {
    "Ethernet": "Ethernet/IEEE 802.3",
    "FastEthernet": "FastEthernet/IEEE 802.3",
    "GigabitEthernet": "Gigabit Ethernet/IEEE 802.3",
    "TenGigabitEthernet": "Ten Gigabit Ethernet/IEEE 802.3",
    "Serial": "Serial network",
    "BRI": "ISDN Basic Rate",
    "Async": "Asynchronous network",
}
_YEAR, _WEEK, _DAY, _HOUR = 365 * 1440, 7 * 1440, 1440, 60


class Returned:
    """How the system came back to life (a part of a node)."""

    def __init__(self, _: object) -> None:
        self.how = "power-on"


def uptime(span: int) -> str:
    """Write a span (µs) in years to minutes, `1 week, 2 days, 51 minutes`; no unit of 0 but minutes."""
    left = span // MINUTE
    parts = []
    for unit, word in ((_YEAR, "year"), (_WEEK, "week"), (_DAY, "day"), (_HOUR, "hour"), (1, "minute")):
        count, left = divmod(left, unit)
        if count or unit == 1:
            parts.append(f"{count} {word}{'' if count == 1 else 's'}")
    return ", ".join(parts)


def serial(node: Node) -> str:
    """Give a router's serial number, which hangs on its name in the lab."""
    return f"EMU{crc32(node.name.encode()):08X}"


@command("exec", "show version")
def show_version(node: Node) -> Reply:
    """Show what runs, since when, and on what."""
    yield f"Cisco IOS Software, iosemu Software (IOSEMU-M), Version {RELEASE}, RELEASE SOFTWARE (fc1)"
    yield "This is iosemu, an emulator of the command line of routers; it contains no Cisco software."
    yield "Copyright (c) 2026-2026 by the authors of iosemu"  # Genie gives up without one, and wants two years
    yield ""
    yield "ROM: iosemu"
    yield ""
    yield f"{node.hostname} uptime is {uptime(node.now - node.booted_at)}"
    yield f"System returned to ROM by {(node.peek(Returned) or Returned(node)).how}"
    if node.clock_set:
        yield f"System restarted at {said(node, node.unix - node.now + node.booted_at)}"
    yield 'System image file is "system:iosemu"'
    yield ""
    yield "cisco iosemu (virtual) processor (revision 1.0) with 126976K/4096K bytes of memory."
    yield f"Processor board ID {serial(node)}"
    for kind, name in _PORTS.items():
        count = sum(each.kind.name == kind and "." not in each.number for each in node.interfaces.values())
        if count:
            yield f"{count} {name} interface{'' if count == 1 else 's'}"
    yield "32K bytes of non-volatile configuration memory."
    yield "16384K bytes of processor board System flash (Read/Write)"
    yield ""
    yield "Configuration register is 0x2102"
    yield ""


@command("exec", "show inventory")
def show_inventory(node: Node, *, raw: bool = False) -> Reply:
    """Show what there is to a router: the one thing that it is."""
    del raw
    yield 'NAME: "iosemu", DESCR: "iosemu emulated router"'
    yield f"PID: IOSEMU            , VID: V01 , SN: {serial(node)}"
    yield ""
