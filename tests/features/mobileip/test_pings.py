"""What a correspondent notices: pings to a mobile node abroad, one a second, while a home agent goes and comes."""

from __future__ import annotations

import pytest

from iosemu.app import Desk
from iosemu.lab.clock import SECOND
from tests.features.mobileip.trouble import AGENTS, PLACES

HOLD = 10
"""HSRP's default hold time in seconds."""
ARP = 1
"""What the new active agent drops when it does not know the next hop yet (DESIGN §2.4)."""
COUNT = 50


class Trouble:
    """A line that the operator types while others wait for their pings."""

    def __init__(self, desk: Desk, line: str) -> None:
        self.desk = desk
        self.line = line

    def happen(self, now: int) -> None:
        """Type it."""
        del now
        assert "%" not in self.desk.operator.send(self.line)


def lost(desk: Desk, home: str, after: float, line: str) -> str:
    """Ping a mobile node from CN1 through a fault, which comes after some seconds; gives the symbols."""
    clock = desk.lab.clock
    clock.at(clock.now + round(after * SECOND), "lab", Trouble(desk, line))
    rows = desk.operator.type(f"ping CN1 {home} count {COUNT}")
    return "".join(rows[:-1])


@pytest.mark.parametrize("phase", [0.0, 1.7])
@pytest.mark.parametrize("fault", ["power", "cut"])
@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("lab", PLACES)
def test_pings_lost(lab: str, agent: str, fault: str, phase: float) -> None:
    """A crash, or a cable that is cut, costs the hold time and what ARP costs at most, and its return what ARP does."""
    desk = Desk()
    desk.open(lab)
    desk.operator.send("advance 100")
    home = str(next(spec.home_address for spec in desk.lab.hosts.values() if hasattr(spec, "home_address")))
    desk.operator.send(f"ping CN1 {home}")
    down, up = (f"power {agent} off", f"power {agent} on")
    if fault == "cut":
        down, up = f"cut {agent} Ethernet0", f"mend {agent} Ethernet0"
    symbols = lost(desk, home, 5 + phase, down)
    assert symbols.count(".") <= HOLD + ARP, symbols
    assert symbols.endswith("!" * 20), symbols
    back = lost(desk, home, 5 + phase, up)
    assert back.count(".") <= 2 * ARP, back


@pytest.mark.parametrize(
    ("down", "up"),
    [
        ("segment home down", "segment home up"),
        ("segment home2 down", "segment home2 up"),
        ("cut HA1 Ethernet1", "mend HA1 Ethernet1"),
        ("cut HA2 Ethernet1", "mend HA2 Ethernet1"),
    ],
)
@pytest.mark.parametrize("lab", [name for name, place in PLACES.items() if "home2" in place.segments])
def test_either_network_lost(lab: str, down: str, up: str) -> None:
    """R34: virtual networks go on being served when one of the physical networks is down, or a cable of it.

    When a whole network is back, a static route leads there at once, and its HSRP group begins: two hold times.
    """
    desk = Desk()
    desk.open(lab)
    desk.operator.send("advance 100")
    desk.operator.send("ping CN1 20.0.0.100")
    symbols = lost(desk, "20.0.0.100", 5, down)
    assert symbols.count(".") <= HOLD + ARP, symbols
    assert symbols.endswith("!" * 20), symbols
    back = lost(desk, "20.0.0.100", 5, up)
    assert back.count(".") <= 2 * HOLD + ARP, back
    assert back.endswith("!" * 20), back
