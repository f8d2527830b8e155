"""HSRP's screens: in every state they say what is so, and ntc-templates reads all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.features.hsrp.office import configure, office

if TYPE_CHECKING:
    from iosemu.app import Lab

ntc = pytest.importorskip("ntc_templates.parse")

BASIC = "standby 1 ip 10.0.0.254"
EVERYTHING = (
    f"{BASIC};standby 1 ip 10.0.0.253 secondary;standby 1 ip 10.0.0.252 secondary;"
    "standby 1 timers msec 200 1;standby 1 priority 120;"
    "standby 1 preempt delay minimum 60 reload 30 sync 100;"
    "standby 1 authentication secret;standby 1 name one;standby 1 mac-address 4000.0000.0010;"
    "standby 1 track Ethernet1 30;standby 1 track Loopback7;standby 1 track 3"
)


def parsed(lab: Lab, name: str, line: str, command: str = "show standby") -> list[dict[str, Any]]:
    """Show, and read what is shown with ntc-templates, which fails on a line that it does not know."""
    shown = lab[name].console().send(line)
    found: list[dict[str, Any]] = ntc.parse_output(platform="cisco_ios", command=command, data=shown + "\n")
    return found


@pytest.mark.parametrize(
    ("lines", "seconds", "expected"),
    [
        ("standby 1 ip", 60, {"state": "Learn", "virtual_ip": "unknown", "active_virtual_mac": "unknown"}),
        (BASIC, 0, {"state": "Listen", "state_changes": "0", "active_router": "unknown", "hello_time": "3"}),
        (BASIC, 15, {"state": "Speak", "active_router": "unknown", "local_virtual_mac": "0000.0c07.ac01"}),
        (BASIC, 60, {"state": "Active", "active_router": "local", "standby_router": "unknown"}),
        (BASIC, 81, {"state_changes": "2", "state_last_change": "00:01:01", "group_name": "hsrp-Et0-1"}),
        (BASIC, 86_430, {"state_last_change": "1d00h", "preemption": "disabled", "priority": "100"}),
        (f"{BASIC};shutdown", 1, {"state": "Init", "active_router": "unknown"}),
        (f"{BASIC};no ip address", 1, {"state": "Init", "virtual_ip": "10.0.0.254"}),
        ("standby 1 priority 9", 1, {"state": "Disabled", "priority": "9", "virtual_ip": "unknown"}),
        ("standby use-bia;standby 1 preempt", 1, {"preemption": "enabled", "group": "1"}),
        (
            EVERYTHING,
            60,
            {
                "interface": "Ethernet0",
                "secondary_ips": ["10.0.0.253", "10.0.0.252"],
                "active_virtual_mac": "4000.0000.0010",
                "hello_time": "200",
                "hold_time": "1",
                "authentication": "text",
                "priority": "110",
                "group_name": "one",
                "track_type": "object",
                "track_item": "3",
            },
        ),
    ],
)
def test_show_standby_all_is_read_by_ntc_templates(
    lines: str, seconds: int, expected: dict[str, object]
) -> None:
    """In each state every line is known to the template, and the fields are right."""
    lab = office(R1=lines)
    lab.advance(seconds)
    (found,) = parsed(lab, "R1", "show standby all")
    assert {key: found[key] for key in expected} == expected


def test_routers_that_are_others_are_shown_with_priority() -> None:
    """The standby router shows the active one, a listening one both."""
    lab = office(R1=f"{BASIC};standby 1 priority 120", R2=f"{BASIC};standby 1 priority 110", R3=BASIC)
    lab.advance(60)
    (second,) = parsed(lab, "R2", "show standby")
    assert (second["active_router"], second["active_router_priority"]) == ("10.0.0.1", "120")
    assert second["standby_router"] == "local"
    (third,) = parsed(lab, "R3", "show standby Ethernet0 1")
    assert third["state"] == "Listen"
    assert (third["active_router"], third["active_router_priority"]) == ("10.0.0.1", "120")
    assert (third["standby_router"], third["standby_router_priority"]) == ("10.0.0.2", "110")


def test_show_standby_brief_is_read_by_ntc_templates() -> None:
    """A row for each group, with `P` where it may preempt."""
    lab = office(R1=f"{BASIC};standby 1 preempt;standby 255 ip")
    configure(lab, "R1", "standby ip 10.0.1.254", "Ethernet1")
    lab.advance(60)
    rows = parsed(lab, "R1", "show standby brief", "show standby brief")
    assert [(row["interface"], row["group"], row["preempt"], row["state"]) for row in rows] == [
        ("Et0", "1", "P", "Active"),
        ("Et0", "255", " ", "Learn"),
        ("Et1", "0", " ", "Active"),
    ]
    assert rows[0]["virtual_ip_address"] == "10.0.0.254"
    assert rows[1]["virtual_ip_address"] == "unknown"


@pytest.mark.parametrize(
    ("line", "groups"),
    [
        ("show standby", ["1", "7", "0"]),
        ("show standby all", ["1", "7", "9", "0"]),
        ("show standby Ethernet0", ["1", "7"]),
        ("show standby e0 7", ["7"]),
        ("show standby Ethernet0 9 all", ["9"]),
        ("show standby Ethernet1", ["0"]),
    ],
)
def test_what_is_shown_can_be_chosen(line: str, groups: list[str]) -> None:
    """By interface, by group, and with those that have no `standby ip`."""
    lab = office(R1=f"{BASIC};standby 9 priority 5;standby 7 ip")
    configure(lab, "R1", "standby ip 10.0.1.254", "Ethernet1")
    assert [row["group"] for row in parsed(lab, "R1", line)] == groups


def test_showing_makes_nothing() -> None:
    """A router without HSRP stays one that has never heard of it."""
    lab = office()
    console = lab["R1"].console()
    before = dict(lab["R1"].parts), dict(lab["R1"].interface("Ethernet0").parts)
    for line in ("", " all", " brief", " delay", " neighbors"):
        console.send(f"show standby{line}")
    assert (lab["R1"].parts, lab["R1"].interface("Ethernet0").parts) == before


def test_the_whole_screen_of_a_group_with_everything() -> None:
    """All lines that there are, in IOS's order and with its indentation (hsrp.md §3.3)."""
    lab = office(R1=EVERYTHING)
    lab.advance(60)
    rows = lab["R1"].console().send("show standby").split("\n")
    hello = next(row for row in rows if "Next hello" in row)
    rows.remove(hello)
    assert hello.startswith("    Next hello sent in 0.")
    assert rows == [
        "Ethernet0 - Group 1",
        "  State is Active",
        "    2 state changes, last state change 00:00:49",
        "  Virtual IP address is 10.0.0.254",
        "    Secondary virtual IP address 10.0.0.253",
        "    Secondary virtual IP address 10.0.0.252",
        "  Active virtual MAC address is 4000.0000.0010",
        "    Local virtual MAC address is 4000.0000.0010 (cfgd)",
        "  Hello time 200 msec, hold time 1 sec",
        '  Authentication text, string "secret"',
        "  Preemption enabled, delay min 60 secs, reload 30 secs, sync 100 secs",
        "  Active router is local",
        "  Standby router is unknown",
        "  Priority 110 (configured 120)",
        "    Track interface Ethernet1 state Up decrement 30",
        "    Track interface Loopback7 state Down decrement 10",
        "    Track object 3 (unknown)",
        '  IP redundancy name is "one" (cfgd)',
    ]


# --- Debugging


def debugged(lab: Lab, name: str) -> list[str]:
    """Give the rows of debugging that a router printed, without their stamps."""
    entries, _ = lab[name].log.since(0)
    return [each.text.partition(": ")[2] for each in entries if each.kind == "debug"]


def test_debug_standby_events_shows_rfc_2281s_letters() -> None:
    """A router alone goes from Init to Active as in IOS's own output (hsrp.md §4.2)."""
    lab = office()
    console = lab["R1"].console()
    console.send("enable")
    assert console.send("debug standby events") == "HSRP Events debugging is on"
    configure(lab, "R1", BASIC)
    lab.advance(60)
    assert debugged(lab, "R1") == [
        f"HSRP: Et0 Grp 1 {row}"
        for row in (
            "Disabled -> Init",
            "Init: a/HSRP enabled",
            "Init -> Listen",
            'Redundancy "hsrp-Et0-1" state Init -> Backup',
            "Listen: c/Active timer expired (unknown)",
            "Listen -> Speak",
            'Redundancy "hsrp-Et0-1" state Backup -> Speak',
            "Speak: d/Standby timer expired (unknown)",
            "Standby router is local",
            "Speak -> Standby",
            'Redundancy "hsrp-Et0-1" state Speak -> Standby',
            "Standby: c/Active timer expired (unknown)",
            "Active router is local",
            "Standby router is unknown, was local",
            "Standby -> Active",
            'Redundancy "hsrp-Et0-1" state Standby -> Active',
        )
    ]


def test_debug_standby_packets_shows_what_goes_out_and_comes_in() -> None:
    """Verb, direction and state stand in columns."""
    lab = office(R1=f"{BASIC};standby 1 priority 110", R2=BASIC)
    lab.advance(60)
    console = lab["R2"].console()
    console.send("enable")
    assert console.send("debug standby packets") == "HSRP Packets debugging is on"
    lab.advance(3)
    configure(lab, "R1", "shutdown")
    lab.advance(0.5)
    assert sorted(set(debugged(lab, "R2"))) == [
        "HSRP: Et0 Grp 1 Hello  in  10.0.0.1 Active  pri 110 vIP 10.0.0.254",
        "HSRP: Et0 Grp 1 Hello  out 10.0.0.2 Active  pri 100 vIP 10.0.0.254",
        "HSRP: Et0 Grp 1 Hello  out 10.0.0.2 Standby pri 100 vIP 10.0.0.254",
        "HSRP: Et0 Grp 1 Resign in  10.0.0.1 Active  pri 110 vIP 10.0.0.254",
    ]


@pytest.mark.parametrize("off", ["no debug standby", "undebug standby", "undebug standby terse"])
def test_debugging_can_be_limited_and_turned_off(off: str) -> None:
    """Terse debugging shows no Hellos; turned off, nothing at all."""
    lab = office(R1=f"{BASIC};standby 1 priority 110", R2=BASIC)
    lab.advance(60)
    console = lab["R2"].console()
    console.send("enable")
    console.send("debug standby terse")
    lab.advance(9)
    assert debugged(lab, "R2") == []
    configure(lab, "R1", "shutdown")
    lab.advance(0.5)
    assert debugged(lab, "R2")[0] == "HSRP: Et0 Grp 1 Resign in  10.0.0.1 Active  pri 110 vIP 10.0.0.254"
    count = len(debugged(lab, "R2"))
    assert console.send(off) == "HSRP debugging is off"
    lab.advance(60)
    assert len(debugged(lab, "R2")) == count
