"""Screens of the shell and of HSRP as ntc-templates reads them; those of IP are in test_ip_screens.py.

`READ` names those of its templates whose command we answer; a test here or there judges each. It has none for
history, hosts, line, terminal, privilege or Mobile IP.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab

if TYPE_CHECKING:
    from iosemu.cli.console import Console

parse = pytest.importorskip("ntc_templates.parse")

READ = [
    "dir",
    "ping",
    "show access-list",
    "show aliases",
    "show archive",
    "show arp",
    "show clock",
    "show file systems",
    "show interfaces",
    "show interfaces description",
    "show inventory",
    "show ip access-lists",
    "show ip arp",
    "show ip cef",
    "show ip interface",
    "show ip interface brief",
    "show ip route",
    "show ip route summary",
    "show logging",
    "show processes cpu",
    "show route-map",
    "show standby",
    "show standby brief",
    "show users",
    "show version",
    "show vlans",
    "traceroute",
]
OTHERWISE = {
    "show cdp neighbors": "there are none, and we say so",
    "show cdp neighbors detail": "there are none, and we say so",
    "show hosts summary": "a newer screen than 12.4's; to us, `summary` is a host's name",
    "show lldp neighbors": "there are none, and we say so",
    "show lldp neighbors detail": "there are none, and we say so",
    "show snmp user": "there is no agent, and we say so",
    "show vlan": "a switch's screen; here it abbreviates `show vlans`",
}
"""Templates whose command is answered with something else than what they read, and why."""

CONFIGURATION = (
    "alias exec sib show ip interface brief",
    "access-list 1 permit 10.0.0.0 0.255.255.255",
    "access-list 1 deny any",
    "access-list 101 permit tcp any host 1.0.0.9 eq www",
)


@pytest.fixture(scope="module")
def console() -> Console:
    """The Active home agent of a lab that has run for a minute."""
    lab = Lab.load("physical")
    lab.advance(60)
    console = lab["HA1"].console()
    console.session.user = "cisco"
    for line in ("enable", "configure terminal", *CONFIGURATION, "end", "show clock | redirect flash:x"):
        console.send(line)
    return console


def test_every_template_for_a_command_of_ours_is_judged(console: Console) -> None:
    """A command that is answered is in READ, or OTHERWISE says why not."""
    folder = Path(parse.__file__).parent / "templates"
    answered = []
    for path in sorted(folder.glob("cisco_ios_*.textfsm")):
        line = path.stem.removeprefix("cisco_ios_").replace("_", " ")
        shown = console.send(line)
        console.cancel()
        if not shown.lstrip(" ").startswith(("^", "% Incomplete", "% Ambiguous")):
            answered.append(line)
    assert answered == sorted([*READ, *OTHERWISE])


def read(console: Console, line: str) -> list[dict[str, object]]:
    """Give what ntc-templates reads off a screen."""
    rows: list[dict[str, object]] = parse.parse_output("cisco_ios", line, console.send(line))
    return rows


def picked(rows: list[dict[str, object]], *names: str) -> list[tuple[object, ...]]:
    """Give some columns."""
    return [tuple(row[name] for name in names) for row in rows]


def test_show_version(console: Console) -> None:
    """Release, name, uptime, serial number and register are read."""
    names = ("software_image", "version", "release", "hostname", "uptime", "reload_reason", "config_register")
    expected = ("IOSEMU-M", "12.4(15)T", "fc1", "HA1", "1 minute", "power-on", "0x2102")
    assert picked(read(console, "show version"), *names) == [expected]


def test_show_clock(console: Console) -> None:
    """The lab's clock is read to the millisecond."""
    (row,) = picked(read(console, "show clock"), "time", "timezone", "dayweek", "month", "day", "year")
    assert row == ("00:01:00.000", "UTC", "Fri", "Mar", "1", "2002")


def test_show_users(console: Console) -> None:
    """Who sits at the console is read with its idle time."""
    (row,) = picked(read(console, "show users"), "line", "user", "hosts", "idle")
    assert row == ("*  0 con 0", "cisco", "idle", "00:00:00")


def test_show_logging(console: Console) -> None:
    """Messages are read with their facility, severity and text."""
    rows = picked(read(console, "show logging"), "time", "facility", "severity", "mnemonic", "message")
    assert ("00:00:20.000", "HSRP", "5", "STATECHANGE", ["Ethernet0 Grp 0 state Standby -> Active"]) in rows
    assert rows[-1] == (
        "00:01:00.000", "SYS", "5", "CONFIG_I", ["Configured from console by cisco on console"],
    )  # fmt: skip


def test_show_aliases(console: Console) -> None:
    """Built-in and own aliases are read; the template adds an empty row."""
    rows = [(row["alias"], row["command"]) for row in read(console, "show aliases") if row["alias"]]
    assert ("u", "undebug") in rows
    assert rows[-1] == ("sib", "show ip interface brief")


def test_show_access_lists(console: Console) -> None:
    """Entries are read with their list, number and action."""
    assert picked(read(console, "show access-lists"), "name", "type", "sn", "action") == [
        ("1", "Standard", "10", "permit"),
        ("1", "Standard", "20", "deny"),
        ("101", "Extended", "10", "permit"),
    ]


def test_show_standby(console: Console) -> None:
    """The group is read with state, addresses, times and neighbours."""
    names = ("interface", "group", "state", "virtual_ip", "active_virtual_mac", "hello_time", "hold_time")
    expected = ("Ethernet0", "0", "Active", "1.0.0.10", "0000.0c07.ac00", "3", "10")
    assert picked(read(console, "show standby"), *names) == [expected]
    names = (
        "preemption",
        "active_router",
        "standby_router",
        "standby_router_priority",
        "priority",
        "group_name",
    )
    expected = ("enabled", "local", "1.0.0.2", "100", "110", "SanJoseHA")
    assert picked(read(console, "show standby"), *names) == [expected]


def test_show_standby_brief(console: Console) -> None:
    """The row of a group is read column by column."""
    (row,) = read(console, "show standby brief")
    assert tuple(row.values()) == ("Et0", "0", "110", "P", "Active", "local", "1.0.0.2", "1.0.0.10")


def test_show_arp(console: Console) -> None:
    """The virtual address is one of the Active router's own."""
    rows = picked(read(console, "show arp"), "address", "age_min", "hardware_address", "interface")
    assert ("1.0.0.10", "-", "0000.0c07.ac00", "Ethernet0") in rows


def test_files(console: Console) -> None:
    """Files and file systems are read, but for the system with the `*`, which the template does not know."""
    (row,) = picked(read(console, "dir"), "file_system", "size", "total_size", "name")
    assert row == ("flash:/", "33", "16777216", "x")
    assert ("nvram", "nvram:") in picked(read(console, "show file systems"), "type", "prefixes")
    (row,) = picked(read(console, "show archive"), "state")
    assert row == ("not enabled",)


def test_show_inventory(console: Console) -> None:
    """The chassis is read with its serial number, the one of show version."""
    (row,) = read(console, "show inventory")
    assert [row["sn"]] == read(console, "show version")[0]["serial"]


def test_a_screen_that_is_filtered_is_still_read(console: Console) -> None:
    """What include leaves is a screen of its rows."""
    rows: list[dict[str, str]] = parse.parse_output(
        "cisco_ios", "show ip interface brief", console.send("show ip interface brief | include Eth")
    )
    assert [row["interface"] for row in rows] == ["Ethernet0"]
