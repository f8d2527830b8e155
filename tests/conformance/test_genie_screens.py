"""Genie's parsers (os ios, and iosxe where ios has none) read our screens, with the lab's own values in them.

Not here: `show ip traffic`, of which Genie wants sections for OSPF, PIM, IGMP and EIGRP, none of which runs here; and
`show terminal`, whose parser knows only the screen of IOS XE.
"""

from __future__ import annotations

import json

import pytest

from iosemu.app import Lab
from iosemu.lab.acl import AccessLists
from tests.conformance.clients import run
from tests.conformance.test_ip_screens import LINE, LISTS

pytestmark = pytest.mark.clients

SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from genie.conf.base import Device

parsed = {}
for line, text in json.loads(Path(sys.argv[1]).read_text()).items():
    for system in ("ios", "iosxe"):
        device = Device(name="B", os=system)
        device.custom.abstraction = {"order": ["os"]}
        try:
            parsed[line] = dict(device.parse(line, output=text))
            break
        except Exception as fault:
            parsed[line] = {"fault": repr(fault)}
print()
print(json.dumps(parsed, default=str))
"""
LINES = (
    "key chain K",
    "key 1",
    "key-string hello",
    "route-map FILTER permit 10",
    "match ip address 10 20",
    "set metric 5",
    "interface Loopback7",
    "ip address 7.0.0.1 255.255.255.255",
    "interface Serial0",
    "ip address 12.0.0.1 255.255.255.252",
    "interface Ethernet2",
    "shutdown",
    "interface Ethernet0",
    "ip address 9.0.0.1 255.0.0.0 secondary",
    "ip access-group 5 in",
    "standby 1 ip 10.0.1.9",
    "interface Ethernet0.10",
    "encapsulation dot1Q 10",
    "ip address 77.0.0.1 255.255.255.0",
    "ip route 0.0.0.0 0.0.0.0 10.0.1.1",
    "ip route 60.1.0.0 255.255.0.0 10.0.1.1",
    "ip route 60.1.0.0 255.255.0.0 10.0.2.3",
    "router rip",
    "version 2",
    "network 10.0.0.0",
    "ntp server 1.2.3.4",
)
SCREENS = (
    "ping 10.0.2.3",
    "traceroute 10.0.2.3",
    "dir",
    "show access-lists",
    "show archive",
    "show arp",
    "show clock",
    "show file systems",
    "show hosts",
    "show interfaces",
    "show interfaces description",
    "show interfaces stats",
    "show interfaces summary",
    "show inventory",
    "show ip access-lists",
    "show ip aliases",
    "show ip arp",
    "show ip cef",
    "show ip interface",
    "show ip interface brief",
    "show ip protocols",
    "show ip rip database",
    "show ip route",
    "show ip route summary",
    "show key chain",
    "show route-map all",
    "show line",
    "show logging",
    "show ntp associations",
    "show ntp status",
    "show privilege",
    "show processes cpu",
    "show running-config interface Ethernet0",
    "show standby all",
    "show standby brief",
    "show users",
    "show version",
)
"""What takes time is first, as the lab is looked at behind it all."""


@pytest.fixture(scope="module")
def lab():
    """Three routers in a row; B has a bit of everything."""
    lab = Lab.load(LINE)
    console = lab["B"].console()
    for line in ("enable", "configure terminal", *LISTS, *LINES, "end", "ping 10.0.2.3"):
        console.send(line)
    lab.advance(60)
    lab["A"].console().send("ping 10.0.1.2")
    return lab


@pytest.fixture(scope="module")
def parsed(lab, tmp_path_factory):
    """Give what Genie makes of each screen; `fault` says what it could not read."""
    folder = tmp_path_factory.mktemp("genie")
    console = lab["B"].console()
    console.send("enable")
    (folder / "screens.json").write_text(json.dumps({line: console.send(line) for line in SCREENS}))
    output = run("pyats", "genie", SCRIPT, folder, str(folder / "screens.json"))
    return json.loads(output.rstrip().rpartition("\n")[2])


@pytest.mark.parametrize("line", SCREENS)
def test_every_screen_is_read(parsed, line):
    """There is a parser, and it finds what it must."""
    assert parsed[line]
    assert "fault" not in parsed[line], parsed[line]


def test_interfaces(lab, parsed):
    """State, addresses, addresses of stations and counters are the interfaces' own."""
    for name, port in lab["B"].interfaces.items():
        row = parsed["show interfaces"][name]
        assert row["oper_status"] == ("up" if port.up else "down")
        if port.kind.ethernet:
            assert (row["mac_address"], row["phys_address"]) == (str(port.mac), str(port.bia))
        if port.address:
            assert list(row["ipv4"]) == [f"{port.address[0]}/{port.address[1].length}"]
        if "." not in port.number:
            counters = row["counters"]
            assert (counters["in_pkts"], counters["out_pkts"]) == (
                port.counters.packets_in,
                port.counters.packets_out,
            )
        total = parsed["show interfaces stats"][name]["switching_path"]["total"]
        assert total["pkts_in"] == port.counters.packets_in
        own = parsed["show ip interface"][name].get("ipv4", {})
        assert sorted(own) == sorted(f"{address}/{prefix.length}" for address, prefix in port.addresses)
        brief = parsed["show ip interface brief"]["interface"][name]
        assert brief["ip_address"] == (str(port.address[0]) if port.address else "unassigned")
        assert parsed["show interfaces description"]["interfaces"][name]["protocol"] == (
            "up" if port.up else "down"
        )


def test_routes(lab, parsed):
    """The routing table and CEF's hold every route with its next hops."""
    routes = parsed["show ip route"]["vrf"]["default"]["address_family"]["ipv4"]["routes"]
    prefixes = parsed["show ip cef"]["vrf"]["default"]["address_family"]["ipv4"]["prefix"]
    table = list(lab["B"].routes)
    assert sorted(routes) == sorted({str(route.prefix) for route in table})
    for route in table:
        hops = routes[str(route.prefix)]["next_hop"]
        if route.next_hop is None:
            assert list(hops["outgoing_interface"]) == [route.interface.name]
        else:
            assert str(route.next_hop) in [each["next_hop"] for each in hops["next_hop_list"].values()]
            assert str(route.next_hop) in prefixes[str(route.prefix)]["nexthop"]
    assert routes["0.0.0.0/0"]["source_protocol_codes"] == "S*"


def test_neighbours(lab, parsed):
    """The ARP table has every station."""
    for line in ("show arp", "show ip arp"):
        found = {
            address: row["link_layer_address"]
            for port in parsed[line]["interfaces"].values()
            for address, row in port["ipv4"]["neighbors"].items()
        }
        assert found == {str(entry.address): str(entry.mac) for entry in lab["B"].arp.table()}


def test_lists(lab, parsed):
    """Access lists have their entries with numbers, verbs and matches."""
    assert parsed["show access-lists"] == parsed["show ip access-lists"]
    for name, listed in lab["B"].part(AccessLists).lists.items():
        entries = parsed["show access-lists"][name]["aces"]
        assert list(entries) == [str(number) for number in sorted(listed.rules)]
        for number, rule in listed.rules.items():
            entry = entries[str(number)]
            assert entry["actions"]["forwarding"] == ("permit" if rule.permits else "deny")
            if number in listed.matches:
                assert entry["statistics"]["matched_packets"] == str(listed.matches[number])
    assert lab["B"].part(AccessLists).lists["5"].matches


def test_the_rest(lab, parsed):
    """Single values, here and there."""
    node = lab["B"]
    version = parsed["show version"]["version"]
    assert (version["hostname"], version["version"]) == ("B", "12.4(15)T")
    assert parsed["show standby brief"]["interface"]["Et0"]["state"] == "Active"
    assert parsed["show privilege"] == {"current_privilege_level": 15}
    assert len(parsed["show line"]["tty"]) == 7
    assert len(parsed["show logging"]["logs"]) == len(node.log.buffer)
    assert parsed["show ntp status"]["clock_state"]["system_status"]["status"] == "unsynchronized"
    assert list(parsed["show ntp associations"]["peer"]) == ["1.2.3.4"]
    rip = parsed["show ip protocols"]["protocols"]["rip"]["vrf"]["default"]["address_family"]["ipv4"]
    assert rip["instance"]["rip"]["network"] == ["10.0.0.0"]
    assert parsed["ping 10.0.2.3"]["ping"]["statistics"]["received"] == 5
    aliases = parsed["show ip aliases"]["vrf"]["default"]["index"].values()
    assert {each["ip_address"] for each in aliases} >= {"10.0.1.2", "10.0.1.9", "7.0.0.1"}
