"""The home agent on a router: port 434, ARP on the home link, host routes, tunnels, screens, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.packet import FOREIGN_HOME, MOBILE_HOME, PORT, Reply, Request
from iosemu.wire.arp import Arp
from iosemu.wire.icmp import EchoRequest
from iosemu.wire.ipv4 import ICMP, IPIP, Packet
from tests.features.mobileip.redundant import CARE_OF, KEY, OTHER, SPI, Office

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.lab.interface import Interface
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.udp import Datagram

VIRTUAL = "0000.0c07.ac00"
"""The MAC of HSRP group 0."""


class Ears:
    """Who hears frames on their way, and replies at FA1's port."""

    def __init__(self, office: Office) -> None:
        self.frames: list[Frame] = []
        self.replies: list[Reply] = []
        office.lab.transit = self.pass_on
        office.lab["FA1"].ip.udp[PORT] = self.hear

    def pass_on(self, frame: Frame) -> Frame:
        """Note a frame."""
        self.frames.append(frame)
        return frame

    def hear(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        """Note a reply."""
        del interface, packet, frame
        if isinstance(datagram.payload, Reply):
            self.replies.append(datagram.payload)

    def arps(self, about: IPv4) -> list[tuple[str, str]]:
        """Give who said by ARP that an address is theirs: the frame's sender and the MAC said."""
        found = [(each.source, each.payload) for each in self.frames if isinstance(each.payload, Arp)]
        return [(str(sender), str(said.sender_mac)) for sender, said in found if said.sender == about]


def ping(office: Office, name: str, target: IPv4) -> None:
    """Send an echo request from a node."""
    office.lab[name].ip.send(Packet(IPv4(0), target, ICMP, EchoRequest(1, 1, b"")))
    office.lab.advance(0.1)


# --- The home link


def test_the_active_agent_speaks_for_who_is_away() -> None:
    """Reference §4.8: three gratuitous ARPs with the group's virtual MAC, and proxy ARP by the active alone."""
    office = Office()
    office.warm()
    ears, home = Ears(office), office.homes[0]
    office.register(home)
    office.lab.advance(5)
    assert ears.arps(home) == [(VIRTUAL, VIRTUAL)] * 3
    ears.frames.clear()
    office.lab["R0"].arp.forget(home)
    ping(office, "R0", home)
    assert ears.arps(home) == [(VIRTUAL, VIRTUAL)]
    counted = office.traffic("HA1")
    assert (counted.gratuitous_arps, counted.proxy_arps) == (6, 1)
    assert "Gratuitous 6, Proxy 1 ARPs sent" in office.show("HA1", "show ip mobile traffic")
    assert office.traffic("HA2").gratuitous_arps == office.traffic("HA2").proxy_arps == 0


def test_a_takeover_on_the_groups_network_needs_no_new_arp() -> None:
    """R29: the virtual MAC stays, so what neighbours know of a mobile node stays true."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home)
    ping(office, "R0", home)
    port = office.lab["R0"].interfaces["Ethernet0"]
    before = office.lab["R0"].arp.find(port, home)
    office.lab.power("HA1", on=False)
    office.lab.advance(20)
    ears = Ears(office)
    for _ in range(2):  # the first one makes HA2 ask for R0
        ping(office, "R0", home)
    assert office.lab["R0"].arp.find(port, home) == before
    assert any(isinstance(each.payload, Packet) and each.payload.protocol == IPIP for each in ears.frames)


def test_on_another_network_the_active_agent_alone_speaks_and_tells_of_a_takeover() -> None:
    """R4, R24, first row: where the home link has no group of its own, the one active for the address answers there."""
    office = Office("physical-different")
    office.warm()
    active, standby = office.active()
    home, ears = office.homes[0], Ears(office)
    office.register(home)
    office.lab.advance(5)
    own = {name: str(office.lab[name].interfaces["Ethernet1"].mac) for name in (active, standby)}
    assert ears.arps(home) == [(own[active], own[active])] * 3
    ears.frames.clear()
    office.lab.power(active, on=False)
    office.lab.advance(20)
    assert ears.arps(home) == [(own[standby], own[standby])]


def test_a_group_of_the_home_link_that_serves_nobody_is_no_reason_to_be_silent() -> None:
    """R4, R24, first row: the peer may be the one that is active on the home link, for others than mobile nodes."""
    office = Office("physical-different", settle=0)
    for name, priority in (("HA1", 100), ("HA2", 120)):
        office.type(
            name, "interface Ethernet1", "standby 5 ip 2.0.0.10", f"standby 5 priority {priority} preempt"
        )
    office.lab.advance(80)
    office.warm()
    home, ears = office.homes[0], Ears(office)
    office.register(home)
    office.lab.advance(5)
    assert "Active  local" in office.show("HA2", "show standby Ethernet1 brief")
    own = str(office.lab["HA1"].interfaces["Ethernet1"].mac)
    assert office.active() == ("HA1", "HA2")
    assert ears.arps(home) == [(own, own)] * 3


def test_nobody_answers_for_who_is_at_home() -> None:
    """R29: without a binding, or when it has ended, ARP is the mobile node's own business."""
    office = Office()
    office.warm()
    ears, home = Ears(office), office.homes[0]
    office.register(home, lifetime=10)
    office.lab.advance(20)
    ears.frames.clear()
    ping(office, "R0", home)
    assert ears.arps(home) == []


def test_a_node_that_is_back_is_announced_with_its_own_mac() -> None:
    """RFC 2002 §4.6: deregistering at home has the home agent announce the node's own MAC, and stop answering."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home)
    ears = Ears(office)
    r0 = office.lab["R0"]
    port = r0.interfaces["Ethernet0"]
    request = office.request(home, lifetime=0, care_of=home)
    r0.ip.send_udp(office.agent, PORT, request, source_port=PORT, source=home, interface=port)
    office.lab.advance(0.5)
    assert office.held("HA1", home) == []
    assert (str(port.mac), str(port.mac)) in ears.arps(home)


# --- Routes and tunnels


def test_routes_to_mobile_nodes() -> None:
    """R37, R46: the virtual network is connected to Mobile0, a mobile node is behind its tunnel, on both agents."""
    office = Office("virtual-single-different")
    office.warm()
    office.register(office.homes[0])
    office.lab.advance(10)
    for name in ("HA1", "HA2"):
        shown = office.show(name, "show ip route mobile")
        assert "M       20.0.0.0/8 is directly connected, Mobile0" in shown
        assert "M       20.0.0.101/32 [3/1] via 4.0.0.1, 00:00:10, Tunnel0" in shown
        assert "tunnel-users 2" in office.show(name, "show ip mobile tunnel")
    office.show("HA1", "clear ip mobile binding all")
    office.lab.advance(1)
    for name in ("HA1", "HA2"):
        assert "Tunnel0" not in office.show(name, "show ip route mobile")
        assert office.show(name, "show ip mobile tunnel") == "Mobile Tunnels:"


def test_a_renewal_keeps_tunnel_and_age() -> None:
    """A registration that is renewed does not take its tunnel down, and its route keeps its age."""
    office = Office()
    office.warm()
    office.lab.advance(100)
    tunnel = office.held("HA1")[0].tunnel.interface
    office.register(office.homes[-1])
    assert office.held("HA1")[0].tunnel.interface is tunnel
    assert "00:01:4" in office.show("HA1", "show ip route mobile")


@pytest.mark.parametrize("suppressed", [False, True])
def test_the_unregistered_of_a_virtual_network_are_unreachable(suppressed: bool) -> None:
    """Reference §1.6: unreachables are sent for nodes that are not registered, unless that is suppressed."""
    office = Office("virtual-single-different")
    if suppressed:
        for name in ("HA1", "HA2"):
            office.type(name, "ip mobile home-agent suppress-unreachable")
    shown = office.show("R0", "ping 20.0.0.77")
    assert ("U" in shown.splitlines()[-2]) != suppressed


def test_packets_go_to_every_care_of_address() -> None:
    """RFC 2002 §3.8.2.1: of a node with simultaneous bindings each care-of address gets a copy."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home)
    office.register(home, flags="S", care_of=OTHER)
    ping(office, "R0", home)
    ping(office, "R0", home)
    counters = [
        each.tunnel.interface.counters.packets_out
        for each in office.held("HA1", home)
        if each.tunnel.interface
    ]
    assert counters == [1, 1]
    assert "Tunnel to MN - pkts 1, bytes 28" in office.show("HA1", f"show ip mobile host {home}")


@pytest.mark.parametrize(
    ("case", "passed"), [("the node", True), ("a stranger", False), ("the node, but it is off", False)]
)
def test_reverse_tunnels_are_for_mobile_nodes(case: str, passed: bool) -> None:
    """RFC 2344 §4.2: what comes by a reverse tunnel has to be from a mobile node that is bound to its other end."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home, flags="T")
    if "off" in case:
        office.type("HA1", "ip mobile home-agent reverse-tunnel-off")
    source = home if "node" in case else IPv4.parse("1.0.0.200")
    inner = Packet(source, IPv4.parse("3.0.0.50"), ICMP, EchoRequest(1, 1, b""), ttl=9)
    office.lab["FA1"].ip.send(Packet(CARE_OF, office.agent, IPIP, inner))
    office.lab.advance(0.1)
    tunnel = office.held("HA1", home)[0].tunnel.interface
    assert tunnel is not None
    assert tunnel.counters.packets_in == passed
    shown = office.show("HA1", f"show ip mobile host {home}")
    assert f"Reverse tunnel from MN - pkts {int(passed)}, bytes {28 * passed}" in shown


# --- Requests


def test_a_forged_request_is_logged() -> None:
    """A request with a wrong key is denied, logged, counted, and in `show ip mobile violation`."""
    office = Office()
    office.warm()
    ears, home = Ears(office), office.homes[0]
    request = office.request(home)._replace(extensions=())
    office.send(signed(request, MOBILE_HOME, SPI, b"\0" * 16))
    office.lab.advance(0.5)
    assert [each.code for each in ears.replies] == [131]
    text = (
        f"%IPMOBILE-6-SECURE: Security violation on HA from MN {home} - errcode mobile node failed "
        "authentication (131), reason Bad authenticator (2)"
    )
    assert text in office.show("HA1", "show logging")
    assert "    SPI: 200, " in office.show("HA1", "show ip mobile violation")
    assert office.held("HA1", home) == office.held("HA2", home) == []


def test_foreign_agents_prove_themselves_where_there_is_an_association() -> None:
    """With an association the foreign agent's extension is asked for, and the reply has one too."""
    office = Office(extra=("ip mobile secure foreign-agent 3.0.0.2 spi 110 key hex " + KEY,))
    office.warm()
    ears, home = Ears(office), office.homes[0]
    office.send(office.request(home))
    office.lab.advance(0.5)
    office.send(signed(office.request(home), FOREIGN_HOME, 0x110, bytes.fromhex(KEY)))
    office.lab.advance(0.5)
    assert [each.code for each in ears.replies] == [132, 0]
    assert [each.encode()[0] for each in ears.replies[1].extensions] == [MOBILE_HOME, FOREIGN_HOME]


def test_the_rows_of_debugging() -> None:
    """Reference §3.2: `debug ip mobile host` tells what becomes of a request, in IOS's words."""
    office = Office(extra=("ip mobile secure foreign-agent 3.0.0.2 spi 110 key hex " + KEY,))
    office.warm()
    home = office.homes[0]
    office.show("HA1", "debug ip mobile host")
    office.send(signed(office.request(home, 30000, flags="T"), FOREIGN_HOME, 0x110, bytes.fromhex(KEY)))
    office.lab.advance(0.5)
    logged = office.show("HA1", "show logging").splitlines()
    received = (
        f"HA received registration for MN {home} on interface Ethernet0 using COA {CARE_OF} HA 1.0.0.10 "
        "lifetime 30000 options sbdmgvT"
    )
    assert [row.partition(": MobileIP: ")[2] for row in logged if "MobileIP: " in row] == [
        received,
        "Authenticated FA 3.0.0.2 using SPI 110 (MN 1.0.0.101)",
        "Authenticated MN 1.0.0.101 using SPI 200",
        "HA accepts registration from MN 1.0.0.101",
        "Mobility binding for MN 1.0.0.101 updated",
        "Roam timer started for MN 1.0.0.101, lifetime 30000",
        "MH auth ext added (SPI 200) in reply to MN 1.0.0.101",
        "HF auth ext added (SPI 110) in reply to MN 1.0.0.101",
        "HA sent reply to MN 1.0.0.101",
    ]


STRANGER = (
    "interface Ethernet0",
    "no standby",
    "standby 1 ip 1.0.0.11",
    "standby ip 1.0.0.10",
    "standby name SanJoseHA",
    "standby priority 110",
    "standby preempt",
)
"""A group that serves nobody comes before the one that does."""


@pytest.mark.parametrize("lines", [(), STRANGER])
def test_a_broadcast_is_answered_by_the_active_agent_with_the_groups_address(lines: tuple[str, ...]) -> None:
    """RFC 2002 §3.8.3.2, R30: who looks for a home agent is told of the one that stays."""
    office = Office(settle=0)
    office.type("HA1", *lines)
    office.lab.advance(80)
    office.warm()
    ears, home = Ears(office), office.homes[0]
    r0 = office.lab["R0"]
    r0.ip.udp[PORT] = ears.hear
    everyone = IPv4.parse("1.255.255.255")
    request = office.request(home)._replace(extensions=(), home_agent=everyone)
    request = signed(request, MOBILE_HOME, SPI, bytes.fromhex(KEY))
    r0.ip.send_udp(everyone, PORT, request, source_port=PORT)
    office.lab.advance(0.5)
    assert [(each.code, str(each.home_agent)) for each in ears.replies] == [(136, "1.0.0.10")]


def test_the_service_ends_and_bindings_stay() -> None:
    """DESIGN 2.5: removing the last line stops registrations, not bindings; `no router mobile` ends both."""
    office = Office()
    for name in ("HA1", "HA2"):
        office.type(name, "no ip mobile home-agent standby SanJoseHA", "ip mobile home-agent")
    office.warm()
    office.type("HA1", "no ip mobile home-agent")
    office.register(office.homes[0])
    assert [each.home for each in office.held("HA1")] == [office.homes[-1]]
    assert office.traffic("HA1").ignored == 1
    office.type("HA1", "no router mobile")
    assert office.held("HA1") == []
    assert office.lab["HA1"].routes.lookup(office.homes[-1]) != office.homes[-1]
    assert office.show("HA1", "show ip mobile tunnel") == "Mobile Tunnels:"


def test_mobile_nodes_that_are_configured_no_more() -> None:
    """Reference §1.2: without the `ip mobile host` line its bindings go."""
    office = Office()
    office.warm()
    first, last = office.homes[0], office.homes[-1]
    office.type("HA1", f"no ip mobile host {first} {last} interface Ethernet0")
    assert office.held("HA1") == []


# --- The specification's sample

SAMPLE = """\
Mobility Binding List:
Total 1
20.0.0.1:
    Care-of Addr 68.0.0.31, Src Addr 68.0.0.31,
    Lifetime granted 02:46:40 (10000), remaining 02:46:32
    Flags SbdmGvt, Identification B750FAC4.C28F56A8,
    Tunnel100 src 66.0.0.5 dest 68.0.0.31 reverse-allowed
    Routing Options - (G)GRE"""

LAB = """\
name: sample
clock: 1997-06-17 12:00:00
topology:
  nodes:
    IRouter: {kind: router, startup-config: IRouter.cfg}
    FA: {kind: router, startup-config: FA.cfg}
  links:
    - {segment: core, endpoints: ["IRouter:Ethernet0", "FA:Ethernet0"]}
"""
HA_CONFIG = f"""\
interface Ethernet0
 ip address 66.0.0.5 255.0.0.0
router mobile
ip route 68.0.0.0 255.0.0.0 66.0.0.6
ip mobile home-agent address 66.0.0.5
ip mobile virtual-network 20.0.0.0 255.0.0.0
ip mobile host 20.0.0.1 virtual-network 20.0.0.0 255.0.0.0
ip mobile secure host 20.0.0.1 spi 100 key hex {KEY}
"""
FA_CONFIG = """\
interface Ethernet0
 ip address 66.0.0.6 255.0.0.0
interface Loopback0
 ip address 68.0.0.31 255.255.255.255
"""


def test_the_sample_of_the_specification(tmp_path: Path) -> None:
    """R47, R48: lines 281 to 289 to the character, but for the tunnel's number, eight seconds after the request."""
    (tmp_path / "lab.yml").write_text(LAB)
    (tmp_path / "IRouter.cfg").write_text(HA_CONFIG)
    (tmp_path / "FA.cfg").write_text(FA_CONFIG)
    lab = Lab.load(tmp_path)
    agent, care_of = IPv4.parse("66.0.0.5"), IPv4.parse("68.0.0.31")
    identification = 0xB750FAC4C28F56A8
    flags = FLAGS["S"] | FLAGS["G"]
    request = Request(flags, 10_000, IPv4.parse("20.0.0.1"), agent, care_of, identification)
    request = signed(request, MOBILE_HOME, 0x100, bytes.fromhex(KEY))
    lab.advance(4.76)  # what the identification says: 12:00:04.76
    for _ in range(2):  # ARP swallows the first
        lab["FA"].ip.send_udp(agent, PORT, request, source_port=PORT, source=care_of)
        lab.advance(0.01)
    lab.advance(8)
    shown = lab["IRouter"].console().send("show ip mobile binding")
    assert shown == SAMPLE.replace("Tunnel100", "Tunnel0")
