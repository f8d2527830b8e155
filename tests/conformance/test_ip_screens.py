"""Screens of interfaces and IP as ntc-templates reads them: the judge is what automation already parses."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.app import Lab
from iosemu.lab.acl import AccessLists

parse = pytest.importorskip("ntc_templates.parse")

LINE = Path(__file__).parents[1] / "sessions" / "ip" / "line"


@pytest.fixture
def lab() -> Lab:
    """Three routers in a row; B has every kind of route and interface, and has talked to its neighbours."""
    lab = Lab.load(LINE)
    type_at(
        lab,
        "enable",
        "configure terminal",
        "interface Loopback7",
        "ip address 7.0.0.1 255.255.255.255",
        "interface Ethernet0",
        "description To A, and on",
        "bandwidth 64",
        "ip address 9.0.0.1 255.0.0.0 secondary",
        "ip helper-address 10.0.3.9",
        "ip helper-address 10.0.3.10",
        "ip access-group 101 in",
        "interface Ethernet0.5",
        "encapsulation dot1Q 5",
        "interface Ethernet2",
        "shutdown",
        "ip route 50.0.0.0 255.0.0.0 10.0.2.3",
        "ip route 50.1.0.0 255.255.0.0 Ethernet1 10.0.1.1",
        "ip route 50.2.0.0 255.255.0.0 Null0",
        "ip route 60.1.0.0 255.255.0.0 10.0.1.1",
        "ip route 60.1.0.0 255.255.0.0 10.0.2.3",
        "ip route 0.0.0.0 0.0.0.0 10.0.1.1",
        "end",
        "ping 10.0.2.3",
        "ping 10.0.2.99 repeat 1",
    )
    lab.advance(130)
    return lab


def type_at(lab: Lab, *lines: str) -> str:
    """Type lines at B, and give what the last one shows."""
    console = lab["B"].console()
    shown = ""
    for line in ("enable", *lines):
        shown = console.send(line)
    return shown


def read(lab: Lab, line: str) -> list[dict[str, object]]:
    """Give what ntc-templates reads off a screen."""
    rows: list[dict[str, object]] = parse.parse_output("cisco_ios", line, type_at(lab, line))
    return rows


def test_show_ip_interface_brief(lab: Lab) -> None:
    """Each interface is a row, the virtual ones behind the ports, with address, status and protocol."""
    rows = read(lab, "show ip interface brief")
    assert [tuple(row.values()) for row in rows] == [
        ("Ethernet0", "10.0.1.2", "up", "up"),
        ("Ethernet0.5", "unassigned", "up", "up"),
        ("Ethernet1", "10.0.2.2", "up", "up"),
        ("Ethernet2", "unassigned", "administratively down", "down"),
        ("Loopback7", "7.0.0.1", "up", "up"),
    ]


def test_show_interfaces(lab: Lab) -> None:
    """What is configured and counted of interfaces is read where the template looks for it."""
    rows = {row["interface"]: row for row in read(lab, "show interfaces")}
    port = rows["Ethernet0"]
    interface = lab["B"].interface("Ethernet0")
    assert port["description"] == "To A, and on"
    assert (port["ip_address"], port["prefix_length"]) == ("10.0.1.2", "24")
    assert (port["mac_address"], port["bia"]) == (str(interface.mac), str(interface.bia))
    assert (port["mtu"], port["bandwidth"], port["delay"]) == ("1500", "64 Kbit", "1000 usec")
    assert (port["link_status"], port["protocol_status"]) == ("up", "up")
    assert rows["Ethernet2"]["link_status"] == "administratively down"
    assert rows["Ethernet0.5"]["vlan_id"] == "5"
    assert rows["Loopback7"]["hardware_type"] == "Loopback"
    counters = lab["B"].interface("Ethernet1").counters
    assert rows["Ethernet1"]["input_packets"] == str(counters.packets_in) != "0"
    assert rows["Ethernet1"]["output_packets"] == str(counters.packets_out)
    assert rows["Ethernet1"]["last_input"] == "00:02:12"


def test_show_interfaces_description(lab: Lab) -> None:
    """The short form has a row for each interface."""
    rows = {row["port"]: row for row in read(lab, "show interfaces description")}
    assert list(rows) == ["Et0", "Et0.5", "Et1", "Et2", "Lo7"]
    assert rows["Et0"]["description"] == "To A, and on"
    assert (rows["Et2"]["status"], rows["Et2"]["protocol"]) == ("admin down", "down")


def test_show_ip_interface(lab: Lab) -> None:
    """Addresses, helpers and filters are read; an interface without an address has none."""
    rows = {row["interface"]: row for row in read(lab, "show ip interface")}
    port = rows["Ethernet0"]
    assert (port["ip_address"], port["prefix_length"]) == (["10.0.1.2", "9.0.0.1"], ["24", "8"])
    assert port["ip_helper"] == ["10.0.3.9", "10.0.3.10"]
    assert (port["inbound_acl"], port["outgoing_acl"]) == ("101", "")
    assert rows["Ethernet2"]["ip_address"] == []
    assert rows["Loopback7"]["ip_address"] == ["7.0.0.1"]


def test_show_ip_route(lab: Lab) -> None:
    """Every route is read with its prefix, whether that stands in its row or above it."""
    rows = read(lab, "show ip route")
    names = ("protocol", "network", "prefix_length", "nexthop_ip", "nexthop_if")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("C", "7.0.0.1", "32", "", "Loopback7"),
        ("C", "9.0.0.0", "8", "", "Ethernet0"),
        ("C", "10.0.1.0", "24", "", "Ethernet0"),
        ("C", "10.0.2.0", "24", "", "Ethernet1"),
        ("S", "10.0.3.0", "24", "10.0.2.3", ""),
        ("S", "50.0.0.0", "8", "10.0.2.3", ""),
        ("S", "50.1.0.0", "16", "10.0.1.1", "Ethernet1"),
        ("S", "50.2.0.0", "16", "", "Null0"),
        ("S", "60.1.0.0", "16", "10.0.1.1", ""),
        ("S", "60.1.0.0", "16", "10.0.2.3", ""),
        ("S", "0.0.0.0", "0", "10.0.1.1", ""),
    ]


def test_show_ip_route_summary(lab: Lab) -> None:
    """The summary counts networks that are subnetted apart from those that are not."""
    rows = {row["route_source"]: row for row in read(lab, "show ip route summary")}
    assert (rows["connected"]["networks"], rows["connected"]["subnets"]) == ("1", "3")
    assert (rows["static"]["networks"], rows["static"]["subnets"]) == ("1", "5")


def test_show_ip_arp(lab: Lab) -> None:
    """Own addresses have no age, neighbours have one in minutes, and silent ones are incomplete."""
    rows = {str(row["ip_address"]): row for row in read(lab, "show ip arp")}
    assert rows["10.0.1.2"]["age"] == "-"
    assert (rows["10.0.2.3"]["age"], rows["10.0.2.3"]["interface"]) == ("2", "Ethernet1")
    assert rows["10.0.2.99"]["mac_address"] == "Incomplete"
    assert rows["9.0.0.1"]["interface"] == "Ethernet0"


def test_ping(lab: Lab) -> None:
    """Pings are read with what they sent and what came back."""
    (row,) = read(lab, "ping 10.0.2.3 repeat 3 size 200 source Ethernet0 df-bit")
    assert (row["sent_qty"], row["destination"], row["source"]) == ("3", "10.0.2.3", "10.0.1.2")
    assert (row["success_pct"], row["success_qty"], row["rtt_max"]) == ("100", "3", "4")


def test_traceroute(lab: Lab) -> None:
    """Each hop is read with its address and the times of its probes."""
    type_at(lab, "traceroute 10.0.3.9")
    rows = read(lab, "traceroute 10.0.3.9")
    assert [(row["hop_num"], row["ip_address"]) for row in rows] == [("1", "10.0.2.3"), ("2", "10.0.3.9")]
    assert rows[1]["rtt_response"] == ["6", "*", "6"]


LISTS = (
    "access-list 5 permit 10.0.0.0 0.255.255.255",
    "access-list 5 deny any log",
    "access-list 101 permit tcp any host 10.3.3.3 eq telnet",
    "access-list 101 deny udp 10.0.0.0 0.255.255.255 gt 1023 any range 33434 33534",
    "access-list 101 deny icmp any any echo log",
    "access-list 101 permit tcp any any established",
    "access-list 101 permit ip any any",
)


def test_show_ip_access_lists(lab: Lab) -> None:
    """Entries are read with their sources, destinations and ports, and with what they have matched."""
    type_at(lab, "configure terminal", *LISTS)
    lab["A"].console().send("ping 10.0.1.2 repeat 4")
    rows = [row for row in read(lab, "show ip access-lists") if row["line_num"]]
    names = ("acl_name", "line_num", "action", "protocol", "src_any", "src_network", "dst_host", "dst_port")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("5", "10", "permit", "", "", "10.0.0.0", "", ""),
        ("5", "20", "deny", "", "any", "", "", ""),
        ("101", "10", "permit", "tcp", "any", "", "10.3.3.3", "telnet"),
        ("101", "20", "deny", "udp", "", "10.0.0.0", "", ""),
        ("101", "30", "deny", "icmp", "any", "", "", ""),
        ("101", "40", "permit", "tcp", "any", "", "", ""),
        ("101", "50", "permit", "ip", "any", "", "", ""),
    ]
    assert (rows[3]["src_port"], rows[3]["dst_port_range_start"], rows[3]["dst_port_range_end"]) == (
        "1023",
        "33434",
        "33534",
    )
    assert (rows[4]["icmp_type"], rows[4]["log"], rows[5]["tcp_flag"]) == ("echo", "log", "established")
    matches = lab["B"].part(AccessLists).lists["101"].matches
    assert rows[4]["matches"] == str(matches[30]) == "3"  # the first request was lost for want of ARP


def test_show_access_list(lab: Lab) -> None:
    """The older template reads the same."""
    type_at(lab, "configure terminal", *LISTS)
    rows = read(lab, "show access-list")
    assert [(row["name"], row["sn"], row["action"]) for row in rows] == [
        ("5", "10", "permit"),
        ("5", "20", "deny"),
        *(("101", str(number), "deny" if number in (20, 30) else "permit") for number in range(10, 60, 10)),
    ]


def test_show_ip_cef(lab: Lab) -> None:
    """Every route in use is read with its way, and our own addresses as received."""
    rows = {(row["ip_address"], row["prefix_length"]): row for row in read(lab, "show ip cef")}
    for route in lab["B"].routes:
        row = rows[str(route.prefix.network), str(route.prefix.length)]
        if route.prefix.length < 32:
            assert str(route.next_hop or "attached") in row["nexthop"], row
            assert route.interface.name in row["interface"], row
    for port in lab["B"].interfaces.values():
        for address, _ in port.addresses if port.up else ():
            assert rows[str(address), "32"]["nexthop"] == ["receive"]


def test_show_vlans(lab: Lab) -> None:
    """Subinterfaces are read by their VLAN."""
    type_at(lab, "configure terminal", "interface Ethernet0.5", "ip address 77.0.0.1 255.0.0.0")
    (row,) = read(lab, "show vlans")
    assert (row["vlan_id"], row["interfaces"], row["ip_addresses"]) == ("5", ["Ethernet0.5"], ["77.0.0.1"])


def test_show_route_map(lab: Lab) -> None:
    """Clauses are read as they are configured."""
    lines = ("route-map FILTER permit 10", "match ip address 10 20", "set metric 5")
    type_at(lab, "configure terminal", *lines)
    (row,) = read(lab, "show route-map")
    assert (row["name"], row["action"], row["seq"]) == ("FILTER", "permit", "10")
    assert row["match_clauses"] == ["ip address (access-lists): 10 20"]
    assert row["set_clauses"] == ["metric 5"]


def test_show_processes_cpu(lab: Lab) -> None:
    """The load is read; what was invoked is what came."""
    (row,) = read(lab, "show processes cpu")
    frames = sum(each.counters.packets_in for each in lab["B"].interfaces.values() if "." not in each.number)
    assert (row["cpu_usage_5_sec"], row["process_invoked"]) == ("0", str(frames))
