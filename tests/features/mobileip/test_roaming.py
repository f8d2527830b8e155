"""Foreign agents and a mobile node in a lab: registered, reached, moved, lost and found (RFC 2002 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.features.mobileip.packet import PORT
from iosemu.features.mobileip.roaming import HOME as AT_HOME
from iosemu.features.mobileip.roaming import REGISTERED
from iosemu.features.mobileip.state import Association
from iosemu.lab.clock import SECOND
from iosemu.lab.ping import Pings
from iosemu.lab.tunnel import Tunnels
from iosemu.wire.arp import Arp
from iosemu.wire.ipv4 import GRE, IPIP, Packet
from tests.features.mobileip.visited import AGENT, CARE_OF, HOME, KEY, foreign, node, visited

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.app import Lab
    from iosemu.lab.segment import Segment
    from iosemu.wire.ethernet import Frame

CN = IPv4.parse("3.0.0.50")
COLOCATED = ", colocated-address: 4.0.0.77"


class Ear:
    """Hears a segment."""

    def __init__(self, lab: Lab, segment: str) -> None:
        self.frames: list[Frame] = []
        lab.segment(segment).taps.append(self._tap)

    def _tap(self, segment: Segment, frame: Frame) -> None:
        del segment
        self.frames.append(frame)

    def packets(self, protocol: int) -> list[Packet]:
        """Give the packets of a protocol."""
        found = [frame.payload for frame in self.frames]
        return [packet for packet in found if isinstance(packet, Packet) and packet.protocol == protocol]

    def arps(self) -> list[Arp]:
        """Give the ARP messages about the mobile node."""
        found = [frame.payload for frame in self.frames]
        return [arp for arp in found if isinstance(arp, Arp) and HOME in (arp.sender, arp.target)]


def ping(lab: Lab, name: str, to: IPv4, count: int = 5) -> str:
    """Ping, a second apart; gives the row."""
    begun = lab[name].part(Pings).start(to, count=count, interval=SECOND)
    lab.advance(count + 3)
    return begun.row


def show(lab: Lab, name: str, line: str) -> list[str]:
    """Give what a router shows."""
    return lab[name].console().send(f"show {line}").splitlines()


@pytest.mark.parametrize(
    ("more", "service", "state"),
    [
        ("", "", CARE_OF),
        (", flags: sbdmGvt", "", CARE_OF),
        (", flags: sbdmgvT", " reverse-tunnel", CARE_OF),
        (COLOCATED, "", IPv4.parse("4.0.0.77")),
        (COLOCATED + ", flags: sbdmgvT", "", IPv4.parse("4.0.0.77")),
        (COLOCATED + ", flags: sbdmGvT", "", IPv4.parse("4.0.0.77")),
        (COLOCATED, " registration-required", IPv4.parse("4.0.0.77")),
    ],
)
def test_it_is_reached_abroad(tmp_path: Path, more: str, service: str, state: IPv4) -> None:
    """By every kind of care-of address and tunnel, a correspondent and the node reach each other."""
    lab, _ = visited(tmp_path, more=more, FA1=f"interface Ethernet1\n ip mobile foreign-service{service}\n")
    lab.advance(8)
    held = node(lab).machine.registration
    assert held is not None
    assert held.care_of == state
    assert ping(lab, "CN", HOME).endswith("!!!")  # routers drop what they ask for by ARP
    core = Ear(lab, "core")
    assert ping(lab, "MN", CN) == "!!!!!"
    tunnelled = core.packets(GRE if "G" in more else IPIP)
    back = [packet for packet in tunnelled if packet.destination == AGENT]
    assert len(back) == (5 if "T" in more else 0)
    assert len(tunnelled) == (10 if "T" in more else 5)


def test_it_moves_and_comes_home(tmp_path: Path) -> None:
    """On each link it registers where it is; at home it deregisters; pings follow it."""
    lab, home = visited(tmp_path)
    lab.advance(5)
    for segment, care_of in (("visited2", "5.0.0.1"), ("visited", "4.0.0.1"), ("visited2", "5.0.0.1")):
        lab.move("MN", segment)
        lab.advance(5)
        (binding,) = home.agents.bindings.of(HOME)
        assert str(binding.care_of) == care_of
        assert ping(lab, "CN", HOME)[1:] == "!!!!"
    lab.move("MN", "home")
    lab.advance(5)
    assert node(lab).machine.state == AT_HOME
    assert not home.agents.bindings.of(HOME)
    assert list(lab["HA"].part(Tunnels)) == []
    assert ping(lab, "CN", HOME)[1:] == "!!!!"
    assert ping(lab, "MN", CN)[1:] == "!!!!"


def test_abroad_it_is_silent_about_its_address(tmp_path: Path) -> None:
    """On foreign links it neither asks nor answers nor announces by ARP; at home it announces itself (§4.6)."""
    lab, _ = visited(tmp_path)
    ears = [Ear(lab, "visited"), Ear(lab, "visited2"), Ear(lab, "home")]
    lab.advance(5)
    ping(lab, "CN", HOME)
    lab.move("MN", "visited2")
    lab.advance(20)
    assert [ear.arps() for ear in ears[:2]] == [[], []]
    lab.move("MN", "home")
    lab.advance(2)
    first = ears[2].arps()[0]
    assert (first.sender, first.target, first.sender_mac) == (HOME, HOME, lab["MN"].interface("e0").mac)


def test_the_screens_of_the_foreign_agent(tmp_path: Path) -> None:
    """`show ip mobile visitor`, `tunnel` and `interface`, and the route to the visitor, are as IOS has them."""
    lab, _ = visited(
        tmp_path, more=", flags: sbdmGvT, lifetime: 30000", FA1="ip mobile foreign-agent reg-wait 20\n"
    )
    lab.advance(5)
    mac = lab["MN"].interface("e0").mac
    number = f"{foreign(lab).machine.visitors[HOME].identification:016X}"
    assert show(lab, "FA1", "ip mobile visitor") == [
        "Mobile Visitor List:",
        "Total 1",
        "1.0.0.100:",
        f"    Interface Ethernet1, MAC addr {mac}",
        "    IP src 1.0.0.100, dest 4.0.0.1, UDP src port 434",
        f"    HA addr 1.0.0.1, Identification {number[:8]}.{number[8:]}",
        "    Lifetime 08:20:00 (30000) Remaining 08:19:57",
        "    Tunnel0 src 4.0.0.1, dest 1.0.0.1, reverse-off",
        "    Routing Options - (G)GRE",
    ]
    assert show(lab, "FA1", "ip mobile visitor pending") == ["Mobile Visitor List:", "Total 0"]
    assert show(lab, "FA1", "ip mobile visitor summary") == ["Mobile Visitor List:", "Total 1"]
    assert show(lab, "FA1", "ip mobile visitor 1.0.0.99") == ["Mobile Visitor List:"]
    assert "    Current number of visitors 1" in show(lab, "FA1", "ip mobile interface")
    assert show(lab, "FA1", "ip mobile tunnel")[:5] == [
        "Mobile Tunnels:",
        "Tunnel0:",
        "    src 4.0.0.1, dest 1.0.0.1",
        "    encap GRE/IP, mode reverse-allowed, tunnel-users 1",
        "    IP MTU 1476 bytes",
    ]
    assert any(
        row.startswith("M       1.0.0.100 [3/1] via 1.0.0.100") for row in show(lab, "FA1", "ip route")
    )
    console = lab["FA1"].console()
    console.send("enable")
    console.send("clear ip mobile visitor")
    assert show(lab, "FA1", "ip mobile visitor")[1] == "Total 0"
    assert show(lab, "FA1", "ip mobile tunnel") == ["Mobile Tunnels:"]
    assert not any(row.startswith("M") for row in show(lab, "FA1", "ip route mobile"))


def test_what_debug_host_shows(tmp_path: Path) -> None:
    """The rows of a registration through a foreign agent are those of mobile-ip.md §3.2."""
    lab, _ = visited(tmp_path)
    lab.advance(5)
    console = lab["FA1"].console()
    console.send("enable")
    assert console.send("debug ip mobile host") == "IP mobility events debugging is on"
    node(lab).register()
    lab.advance(1)
    entries, _ = lab["FA1"].log.since(0)
    mac = lab["MN"].interface("e0").mac
    assert [each.text.partition("MobileIP: ")[2] for each in entries if each.kind == "debug"] == [
        (
            "FA received registration for MN 1.0.0.100 on Ethernet1 using COA 4.0.0.1 HA 1.0.0.1 "
            "lifetime 36000 options sbdmgvt"
        ),
        "FA queued MN 1.0.0.100 in register table",
        "Visitor registration timer started for MN 1.0.0.100, lifetime 15",
        "FA forwarded registration for MN 1.0.0.100 to HA 1.0.0.1",
        "FA received accept (0) reply for MN 1.0.0.100 on Ethernet0 using HA 1.0.0.1 lifetime 36000",
        "Update visitor table for MN 1.0.0.100",
        "Reply in for MN 1.0.0.100 using HA 1.0.0.1, accepted",
        f"FA forwarding reply to MN 1.0.0.100 using src 4.0.0.1 mac {mac}",
        "FA dequeued MN 1.0.0.100 from register table",
    ]


def test_a_violation_is_logged(tmp_path: Path) -> None:
    """A visitor that does not prove who it is to the foreign agent is logged, counted and denied with 67."""
    secret = f"ip mobile secure visitor 1.0.0.100 spi 100 key hex {KEY}\n"
    lab, _ = visited(tmp_path, FA1=secret)
    lab.advance(0.5)
    entries, _ = lab["FA1"].log.since(0)
    (row,) = [each.text.partition(": %")[2] for each in entries if "IPMOBILE" in each.text]
    assert row == (
        "IPMOBILE-6-SECURE: Security violation on FA from MN 1.0.0.100 - errcode mobile node failed "
        "authentication (67), reason Missing security extension (5)"
    )
    assert node(lab).machine.last_code == 67
    assert "    Authentication failed MN 1, HA 0" in show(lab, "FA1", "ip mobile traffic")


@pytest.mark.parametrize("agree", [True, False])
def test_agents_that_share_a_key_use_it(tmp_path: Path, agree: bool) -> None:
    """Foreign and home agent prove themselves to each other; with two keys nobody is registered."""
    other = KEY if agree else KEY[::-1]
    lab, home = visited(tmp_path, FA1=f"ip mobile secure home-agent 1.0.0.1 spi 100 key hex {other}\n")
    home.share(Association("foreign-agent", CARE_OF, CARE_OF, 0x100, 0x100, KEY))
    lab.advance(5)
    assert bool(foreign(lab).machine.visitors) is agree
    assert node(lab).machine.last_code == (0 if agree else 68)


def test_an_unreachable_home_agent_is_told_of(tmp_path: Path) -> None:
    """Where no way leads to the home agent, or nobody listens there, the node hears 80 to 82."""
    lab, home = visited(tmp_path)
    del lab["HA"].ip.udp[PORT]
    lab.advance(5)
    assert node(lab).machine.last_code == 82
    lab.cut("FA1", "Ethernet0")
    lab.advance(40)
    assert node(lab).machine.last_code == 80
    lab.mend("FA1", "Ethernet0")
    lab["HA"].ip.udp[PORT] = home._heard
    lab.advance(60)
    assert node(lab).machine.state == REGISTERED


def test_two_clocks_are_made_one(tmp_path: Path) -> None:
    """A home agent whose clock is an hour ahead denies with 133 once, and then accepts."""
    lab, home = visited(tmp_path)
    home.skew = 3600 * SECOND
    lab.advance(5)
    assert node(lab).machine.state == REGISTERED
    assert home.agents.traffic.home_codes == {133: 1, 0: 1}


def test_what_comes_for_nobody_is_dropped_without_a_word(tmp_path: Path) -> None:
    """A foreign agent neither forwards nor reports what comes out of a tunnel for no visitor (§4.2.2)."""
    lab, _ = visited(tmp_path)
    lab.advance(5)
    foreign(lab).clear(None)
    lab["FA1"].part(Tunnels).use(CARE_OF, AGENT, creator="FA")
    core = Ear(lab, "core")
    assert ping(lab, "CN", HOME, 3) == "..."
    assert not [packet for packet in core.packets(1) if packet.source == CARE_OF]
    assert lab["FA1"].part(Tunnels).strangers == 0
    assert next(iter(lab["FA1"].part(Tunnels))).drops_in == 3


def test_a_checkpoint_has_it_all(tmp_path: Path) -> None:
    """What happens after `restore` is what happened after the checkpoint."""
    lab, _ = visited(tmp_path)
    lab.advance(5)
    lab.checkpoint("here")

    def later() -> tuple[str, list[str], list[str]]:
        lab.move("MN", "visited2")
        lab.advance(3)
        row = ping(lab, "CN", HOME)
        return row, show(lab, "FA2", "ip mobile visitor"), list(lab["MN"].rows[0]())

    before = later()
    lab.restore("here")
    assert later() == before


def test_no_router_mobile_lets_go_of_everything(tmp_path: Path) -> None:
    """Without `router mobile` there are no visitors, tunnels, routes or agent advertisements."""
    lab, _ = visited(tmp_path)
    lab.advance(5)
    console = lab["FA1"].console()
    for line in ("enable", "configure terminal", "no router mobile"):
        console.send(line)
    assert not foreign(lab).machine.visitors
    assert list(lab["FA1"].part(Tunnels)) == []
    assert not any(row.startswith("M ") for row in show(lab, "FA1", "ip route"))
    lab.advance(60)
    assert "    Foreign Agent service provided" not in show(lab, "FA1", "ip mobile interface")
    heard = node(lab).machine.agents[CARE_OF]
    assert not heard.foreign


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["move visited", "move visited2", "move home", "deaf", "FA1", "FA2", "MN"]),
            st.integers(0, 70),
        ),
        max_size=6,
    )
)
def test_whatever_happens_it_is_found_again(tmp_path: Path, schedule: list[tuple[str, int]]) -> None:
    """After any moves, crashes of agents and of the node, and lost replies, the node is reached in time."""
    lab, home = visited(tmp_path)
    for what, seconds in schedule:
        if what.startswith("move"):
            lab.move("MN", what.split()[1])
        elif what == "deaf":
            home.deaf = not home.deaf
        else:
            lab.power(what, on=not lab[what].powered)
        lab.advance(seconds)
    home.deaf = False
    for name in ("FA1", "FA2", "MN"):
        if not lab[name].powered:
            lab.power(name, on=True)
    lab.advance(100)  # the longest hold time, waits and intervals there are
    assert node(lab).machine.state in (REGISTERED, AT_HOME)
    assert "!" in ping(lab, "CN", HOME)
