"""RIP on the lab: what configuration does, what the routing table has of it, and what stays afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4, Prefix
from iosemu.app import Lab
from iosemu.features.rip.packet import GROUP_ADDRESS, PORT
from iosemu.features.rip.show import protocols
from iosemu.features.rip.state import RouterRip
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import EVERYONE
from iosemu.lab.routes import MOBILE, PROTOCOLS, Route
from iosemu.wire import ethernet
from iosemu.wire.ipv4 import UDP, Packet
from iosemu.wire.udp import Datagram

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.wire.ethernet import Frame

NODES = """\
name: triangle
topology:
  nodes:
    A: {kind: router, startup-config: A.cfg}
    B: {kind: router, startup-config: B.cfg}
    C: {kind: router, startup-config: C.cfg}
  links:
    - {segment: ab, endpoints: ["A:Ethernet0", "B:Ethernet0"]}
    - {segment: bc, endpoints: ["B:Ethernet1", "C:Ethernet0"]}
    - {segment: ca, endpoints: ["C:Ethernet1", "A:Ethernet1"]}
"""
ADDRESSES = {
    "A": ("10.1.0.1", "10.3.0.1", "20.1.0.1"),
    "B": ("10.1.0.2", "10.2.0.2", "20.2.0.1"),
    "C": ("10.2.0.3", "10.3.0.3", "20.3.0.1"),
}
"""Ethernet0, Ethernet1, Loopback0."""


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back."""
    return ethernet.decode(frame.encode())


@pytest.fixture
def triangle(tmp_path: Path) -> Lab:
    """Three routers in a ring that run version 2 without summaries."""
    (tmp_path / "lab.yml").write_text(NODES)
    for name, addresses in ADDRESSES.items():
        ports = zip(("Ethernet0", "Ethernet1", "Loopback0"), addresses, strict=True)
        text = f"hostname {name}\n"
        text += "".join(f"interface {port}\n ip address {address} 255.255.0.0\n" for port, address in ports)
        text += "router rip\n version 2\n network 10.0.0.0\n network 20.0.0.0\n no auto-summary\n"
        (tmp_path / f"{name}.cfg").write_text(text)
    lab = Lab.load(tmp_path)
    lab.transit = through_octets
    return lab


def configure(lab: Lab, name: str, lines: str) -> None:
    """Type lines, parted by semicolons, in configuration mode; none may be complained about."""
    console = lab[name].console()
    for line in ("enable", "configure terminal", *lines.split(";"), "end"):
        shown = console.send(line.strip())
        assert "%" not in shown, (line, shown)


def routes(lab: Lab, name: str) -> list[str]:
    """Give what the routing table has of RIP, each `prefix metric next-hop`."""
    return [f"{r.prefix} {r.metric} {r.next_hop}" for r in lab[name].routes if r.source == "R"]


def told(lab: Lab, name: str) -> list[str]:
    """Give the rows of running-config below `router rip`."""
    console = lab[name].console()
    console.send("enable")
    return console.send("show running-config | section router rip").splitlines()[1:]


def test_the_ring_converges_and_heals(triangle: Lab) -> None:
    """Every router knows the others' loopbacks, and both ways to the far link; a cut leads round the ring."""
    triangle.advance(60)
    assert routes(triangle, "A") == [
        "10.2.0.0/16 1 10.1.0.2",
        "10.2.0.0/16 1 10.3.0.3",
        "20.2.0.0/16 1 10.1.0.2",
        "20.3.0.0/16 1 10.3.0.3",
    ]
    triangle.segment_down("ab", down=True)
    assert routes(triangle, "A") == ["10.2.0.0/16 1 10.3.0.3", "20.3.0.0/16 1 10.3.0.3"]
    triangle.advance(420)
    assert routes(triangle, "A") == [
        "10.2.0.0/16 1 10.3.0.3",
        "20.2.0.0/16 2 10.3.0.3",
        "20.3.0.0/16 1 10.3.0.3",
    ]
    console = triangle["A"].console()
    assert "!!!" in console.send("ping 20.2.0.1")


def test_a_checkpoint_holds_rip(triangle: Lab) -> None:
    """What is restored goes on as it would have gone on, to the microsecond."""
    triangle.advance(100)
    triangle.checkpoint("x")

    def story() -> list[tuple[int, str]]:
        triangle.segment_down("bc", down=True)
        found = []
        for _ in range(40):
            triangle.advance(10)
            rip = triangle["A"].part(RouterRip)
            found.append((rip.machine.next_update or 0, " ".join(routes(triangle, "A"))))
        return found

    first = story()
    triangle.restore("x")
    assert story() == first
    assert len(set(first)) > 10


def test_power_and_no_router_rip_leave_nothing(triangle: Lab) -> None:
    """Routes, groups and the port are given back; so a request to it is answered by ICMP."""
    triangle.advance(60)
    configure(triangle, "A", "no router rip")
    node = triangle["A"]
    assert routes(triangle, "A") == []
    assert PORT not in node.ip.udp
    assert not any(port.joined(GROUP_ADDRESS) for port in node.interfaces.values())
    assert told(triangle, "A") == []
    triangle.power("B", on=False)
    triangle.power("B", on=True)
    triangle.advance(60)
    assert "20.3.0.0/16 1 10.2.0.3" in routes(triangle, "B")
    configure(triangle, "A", "router rip;version 2;network 10.1.0.0;network 10.0.0.0")
    assert told(triangle, "A") == [" version 2", " network 10.0.0.0"]
    triangle.advance(60)
    assert "20.2.0.0/16 1 10.1.0.2" in routes(triangle, "A")


def test_mobile_routes_are_redistributed_by_their_letter(triangle: Lab) -> None:
    """Whoever put them there; with a metric, `transparent` theirs, without one 1; and gone with the line."""
    triangle.advance(60)
    node = triangle["A"]
    home = Prefix.of(IPv4.parse("30.0.0.0"), 8)
    node.routes.add(Route(home, MOBILE, 3, 4, None, node.interface("Loopback0"), node.now))
    for line, metric in (("metric 6", 6), ("metric transparent", 4), ("", 4), ("metric 2", 2)):
        configure(triangle, "A", f"router rip;redistribute mobile {line}")
        triangle.advance(31)
        assert f"30.0.0.0/8 {metric} 10.1.0.1" in routes(triangle, "B"), line
    configure(triangle, "A", "router rip;no redistribute mobile metric 2")
    assert " redistribute mobile" in told(triangle, "A")
    triangle.advance(31)
    assert "30.0.0.0/8 1 10.1.0.1" in routes(triangle, "B")
    configure(triangle, "A", "router rip;no redistribute mobile")
    triangle.advance(6)
    assert not any(route.startswith("30.") for route in routes(triangle, "B"))


def test_static_routes_and_a_default_are_told(triangle: Lab) -> None:
    """`redistribute static`, `default-metric` and `default-information originate`; distance decides who wins."""
    configure(triangle, "A", "ip route 40.0.0.0 255.0.0.0 Loopback0")
    configure(triangle, "A", "router rip;redistribute static;default-metric 5;default-information originate")
    triangle.advance(60)
    assert {"40.0.0.0/8 5 10.1.0.1", "0.0.0.0/0 1 10.1.0.1"} <= set(routes(triangle, "B"))
    configure(triangle, "B", "ip route 40.0.0.0 255.0.0.0 Loopback0 130")
    assert "40.0.0.0/8 5 10.1.0.1" in routes(triangle, "B")
    configure(triangle, "B", "router rip;distance 140")
    assert "40.0.0.0/8 5 10.1.0.1" not in routes(triangle, "B")
    assert {route.distance for route in triangle["B"].routes if route.source == "R"} == {140}


def test_a_route_heard_again_keeps_its_place_and_disturbs_nobody(triangle: Lab) -> None:
    """Updates renew the age alone: watchers of the table are not called, and shared traffic stays where it is."""
    triangle.advance(60)
    node = triangle["A"]
    calls: list[int] = []
    node.routes.watchers.append(lambda: calls.append(1))
    before = [(route[:6], route.since) for route in node.routes if route.source == "R"]
    triangle.advance(120)
    after = [(route[:6], route.since) for route in node.routes if route.source == "R"]
    assert [each for each, _ in after] == [each for each, _ in before]
    assert all(new - old > 30 * SECOND for (_, old), (_, new) in zip(before, after, strict=True))
    assert not calls


LINES = [
    "version 1",
    "version 2",
    "no validate-update-source",
    "timers basic 5 15 15 30",
    "timers basic 5 15 15 30 100",
    "redistribute connected",
    "redistribute mobile metric 1",
    "redistribute ospf 1 metric 3",
    "redistribute ospf 2 route-map M",
    "redistribute static metric transparent",
    "passive-interface Ethernet0",
    "passive-interface default",
    "network 1.0.0.0",
    "neighbor 10.1.0.2",
    "default-metric 3",
    "default-information originate",
    "default-information originate route-map M",
    "distance 90",
    "maximum-paths 2",
    "no auto-summary",
    "distribute-list 1 in",
]


OPTION = re.compile(r"(?<=redistribute )(\w+(?: \d+)?)(?: metric .*| route-map .*)$")


@pytest.mark.parametrize("line", LINES)
def test_a_line_and_its_no_leave_nothing(tmp_path: Path, line: str) -> None:
    """It is written as it was said, below `router rip`; its `no` leaves running-config as before.

    But `no redistribute` with options takes the options back alone, as IOS does.
    """
    file = tmp_path / "r.cfg"
    file.write_text("hostname R\ninterface Ethernet0\n ip address 10.0.0.1 255.0.0.0\nrouter rip\n")
    lab = Lab.load(file)
    assert told(lab, "R") == []
    configure(lab, "R", f"router rip;{line}")
    assert told(lab, "R") == [f" {line}"]
    back = line.removeprefix("no ") if line.startswith("no ") else f"no {line}"
    configure(lab, "R", f"router rip;{back}")
    whole = OPTION.sub(r"\1", line)
    if whole != line:
        assert told(lab, "R") == [f" {whole}"]
        configure(lab, "R", f"router rip;no {whole}")
    assert told(lab, "R") == []


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from([*LINES, "passive-interface Ethernet1", "no passive-interface Ethernet0"]),
        max_size=12,
    )
)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """Write, load, write: the same rows, whatever was said in whatever order."""
    file = tmp_path_factory.mktemp("rip") / "r.cfg"
    ports = "".join(f"interface Ethernet{n}\n ip address 10.{n}.0.1 255.255.0.0\n" for n in range(2))
    file.write_text("\n".join([f"hostname R\n{ports}router rip", *lines, ""]))
    written = told(Lab.load(file), "R")
    file.write_text("\n".join([f"hostname R\n{ports}router rip", *written, ""]))
    assert told(Lab.load(file), "R") == written


@pytest.mark.parametrize(
    ("lines", "out", "heard"),
    [
        ("", (1,), (1, 2)),
        ("version 1", (1,), (1,)),
        ("version 2", (2,), (2,)),
        ("version 2;interface e0;ip rip send version 1 2;ip rip receive version 1", (1, 2), (1,)),
    ],
)
def test_versions(triangle: Lab, lines: str, out: tuple[int, ...], heard: tuple[int, ...]) -> None:
    """IOS sends version 1 and hears both by default; an interface may have its own; the group is joined for 2."""
    configure(triangle, "A", f"router rip;no version;{lines}" if lines else "router rip;no version")
    link = triangle["A"].part(RouterRip).machine.links["Ethernet0"]
    assert (link.sends, link.receives) == (out, heard)
    assert triangle["A"].interface("Ethernet0").joined(GROUP_ADDRESS) == (2 in heard)


def test_the_section_of_show_ip_protocols(triangle: Lab) -> None:
    """It is one of the routing protocols', in 12.4's form; without RIP there is none."""
    assert protocols in PROTOCOLS
    triangle.advance(60)
    configure(triangle, "A", "router rip;redistribute static;passive-interface Ethernet1")
    rip = triangle["A"].part(RouterRip)
    due = ((rip.machine.next_update or 0) - triangle.clock.now) // SECOND
    ages = [(triangle.clock.now - when) // SECOND for _, when in sorted(rip.machine.sources.items())]
    assert list(protocols(triangle["A"])) == [
        'Routing Protocol is "rip"',
        "  Outgoing update filter list for all interfaces is not set",
        "  Incoming update filter list for all interfaces is not set",
        f"  Sending updates every 30 seconds, next due in {due} seconds",
        "  Invalid after 180 seconds, hold down 180, flushed after 240",
        "  Redistributing: static, rip",
        "  Default version control: send version 2, receive version 2",
        "    Interface             Send  Recv  Triggered RIP  Key-chain",
        "    Ethernet0             2     2",
        "    Loopback0             2     2",
        "  Automatic network summarization is not in effect",
        "  Maximum path: 4",
        "  Routing for Networks:",
        "    10.0.0.0",
        "    20.0.0.0",
        "  Passive Interface(s):",
        "    Ethernet1",
        "  Routing Information Sources:",
        "    Gateway         Distance      Last Update",
        f"    10.1.0.2             120      00:00:{ages[0]:02}",
        f"    10.3.0.3             120      00:00:{ages[1]:02}",
        "  Distance: (default is 120)",
        "",
    ]
    configure(triangle, "A", "no router rip")
    assert list(protocols(triangle["A"])) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=100), st.sampled_from((PORT, 9)), st.booleans()), max_size=10))
def test_rubbish_is_counted_and_harms_nothing(
    tmp_path_factory: pytest.TempPathFactory, rubbish: list[tuple[bytes, int, bool]]
) -> None:
    """Whatever stands in UDP port 520, the node goes on; what is not listened to counts as unknown."""
    file = tmp_path_factory.mktemp("rip") / "r.cfg"
    file.write_text("interface Ethernet0\n ip address 10.0.0.1 255.0.0.0\nrouter rip\n network 10.0.0.0\n")
    lab = Lab.load(file)
    (node,) = lab.nodes.values()
    port = node.interface("Ethernet0")
    for data, source, spoofed in rubbish:
        sender = IPv4.parse("99.0.0.1" if spoofed else "10.0.0.2")
        octets = Datagram(source, PORT, data).encode(sender, EVERYONE)
        frame = ethernet.Frame(
            ethernet.decode(bytes(60)).destination, port.mac, Packet(sender, EVERYONE, UDP, octets)
        )
        node.ip.frame(port, ethernet.decode(frame.encode()))
        lab.advance(1)
    short = sum(len(data) < 4 or (len(data) - 4) % 20 != 0 for data, _, _ in rubbish)
    deaf = sum(source != PORT and data[:1] == b"\2" for data, source, _ in rubbish)
    assert max(short, deaf) <= port.counters.unknown <= len(rubbish)
    lab.advance(300)
    assert not node.part(RouterRip).machine.learnt


def test_a_floating_static_route_takes_over_and_is_told(triangle: Lab) -> None:
    """While RIP knows better it is hidden and untold; when RIP loses the network, it is used and redistributed."""
    configure(triangle, "A", "ip route 40.0.0.0 255.0.0.0 Loopback0;router rip;redistribute static")
    configure(
        triangle, "B", "ip route 40.0.0.0 255.0.0.0 Loopback0 130;router rip;redistribute static metric 9"
    )
    triangle.advance(60)
    assert "40.0.0.0/8 1 10.1.0.1" in routes(triangle, "B")
    assert "40.0.0.0/8 1 10.3.0.1" in routes(triangle, "C")
    configure(triangle, "A", "no ip route 40.0.0.0 255.0.0.0 Loopback0")
    triangle.advance(240)
    assert not any(route.startswith("40.") for route in routes(triangle, "B"))
    assert "40.0.0.0/8 9 10.2.0.2" in routes(triangle, "C")
    configure(triangle, "A", "ip route 40.0.0.0 255.0.0.0 Loopback0")
    triangle.advance(60)
    assert "40.0.0.0/8 1 10.1.0.1" in routes(triangle, "B")
    assert "40.0.0.0/8 1 10.3.0.1" in routes(triangle, "C")
