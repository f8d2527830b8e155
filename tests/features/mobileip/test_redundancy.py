"""Redundant home agents in the shipped labs: what R3 to R8, R12 and R26 to R45 of reference mobile-ip.md §5 say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4
from iosemu.lab.clock import SECOND
from tests.features.mobileip.redundant import Office, three_agents

if TYPE_CHECKING:
    from pathlib import Path

PHYSICAL = ("physical", "physical-different")
GROUP = ("virtual-single-different", "multivirtual-single-different")
LOOPBACK = (
    "virtual-single-same",
    "virtual-multiple-different",
    "virtual-multiple-same",
    "multivirtual-single-same",
    "multivirtual-multiple-different",
    "multivirtual-multiple-same",
)
LABS = PHYSICAL + GROUP + LOOPBACK
MINUTE = 60


def first_group(office: Office) -> str:
    """Name the first group of a lab."""
    return next(iter(office.mobile("HA1").groups))


def alike(office: Office, *homes: IPv4) -> bool:
    """Whether both home agents have the same bindings of mobile nodes, to some milliseconds."""
    for home in homes:
        one, other = office.held("HA1", home), office.held("HA2", home)
        if not one or len(one) != len(other):
            return False
        for mine, theirs in zip(one, other, strict=True):
            same = mine[:8] == theirs[:8]
            if not same or abs((mine.expires or 0) - (theirs.expires or 0)) > SECOND // 50:
                return False
    return True


# --- Registration


@pytest.mark.parametrize("lab", LABS)
def test_an_accepted_registration_is_on_both_agents(lab: str) -> None:
    """R3, R5, R6, R29, R37: what one agent accepts its peer has in no time, with the same tunnel ends and end."""
    office = Office(lab)
    office.warm()
    home = office.homes[0]
    office.register(home, flags="GT")
    assert alike(office, home)
    (one,), (other,) = office.held("HA1", home), office.held("HA2", home)
    ends = [(each.tunnel.source, each.tunnel.destination, each.tunnel.gre) for each in (one, other)]
    assert ends[0] == ends[1]
    for name in ("HA1", "HA2"):
        route = office.lab[name].routes.lookup(home)
        assert route is not None
        assert route.interface.name.startswith("Tunnel")
    total = office.traffic("HA1"), office.traffic("HA2")
    assert sum(each.updates_failed + each.requests_failed for each in total) == 0
    assert sum(each.updates_sent for each in total) == sum(each.update_acks_received for each in total)


@pytest.mark.parametrize("lab", PHYSICAL + GROUP)
def test_with_the_group_address_only_the_active_receives(lab: str) -> None:
    """R30, R44, R45: to the HSRP group's address only the active agent answers."""
    office = Office(lab)
    active, standby = office.active(first_group(office))
    office.warm()
    assert office.traffic(active).registers > 0
    assert office.traffic(standby).registers == 0


@pytest.mark.parametrize("lab", LOOPBACK)
def test_with_a_loopback_either_agent_receives(lab: str) -> None:
    """R33, R35, R45 (E10): with a loopback address the standby too takes registrations, and updates its peer."""
    office = Office(lab)
    group = first_group(office)
    _, standby = office.active(group)
    own = office.peers(standby).machine.groups[group].own
    lines = [
        row for row in office.show("R0", "show running-config").splitlines() if row.startswith("ip route")
    ]
    office.type("R0", *(f"no {line}" for line in lines if ".0.0.10" in line))
    office.type("R0", f"ip route {office.agent} 255.255.255.255 {own}")
    office.warm()
    home = office.homes[0]
    office.register(home)
    assert office.traffic(standby).updates_sent > 0
    assert alike(office, home)


@pytest.mark.parametrize(
    ("lab", "address"),
    [("virtual-single-different", "1.0.0.10"), ("virtual-multiple-different", "10.0.0.10")],
)
def test_the_global_address_is_returned(lab: str, address: str) -> None:
    """R31: replies name the global home agent address, and the binding has it."""
    office = Office(lab)
    office.warm()
    assert {str(each.home_agent) for each in office.held("HA1")} == {address}


def test_a_deregistration_reaches_the_peer() -> None:
    """R5: the tables stay the same when a mobile node deregisters, by the peer's replay protection too."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home)
    office.register(home, lifetime=0)
    assert office.held("HA1", home) == office.held("HA2", home) == []
    machines = [office.peers(name).home.machine for name in ("HA1", "HA2")]
    assert machines[0].latest(home) == machines[1].latest(home) > 0


def test_simultaneous_bindings_reach_the_peer() -> None:
    """R5: a mobile node's bindings are told all at once, so the peer has the same of them."""
    office = Office()
    office.warm()
    home = office.homes[0]
    other = IPv4.parse("3.0.0.2")
    office.register(home)
    office.register(home, flags="S", care_of=other)
    assert len(office.held("HA2", home)) == 2
    assert alike(office, home)
    office.register(home, lifetime=0, care_of=other)
    assert len(office.held("HA2", home)) == 1
    assert alike(office, home)


def test_bindings_end_on_both_agents() -> None:
    """R51: remaining lifetimes are told, so a binding ends at both agents at the same time."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home, lifetime=100)
    office.lab.advance(98)
    assert office.held("HA1", home)
    assert office.held("HA2", home)
    office.lab.advance(2)
    assert office.held("HA1", home) == office.held("HA2", home) == []


# --- Loss and return


def test_without_redundancy_the_table_is_lost() -> None:
    """R1: with no `standby` line nothing is told, and what fails takes its bindings along."""
    office = Office()
    for name in ("HA1", "HA2"):
        office.type(name, "no ip mobile home-agent standby SanJoseHA", "ip mobile home-agent")
    office.warm()
    office.register(office.homes[0])
    active, standby = office.active() if office.peers("HA1").machine.groups else ("HA1", "HA2")
    assert office.held(active)
    assert office.held(standby) == []
    office.lab.power(active, on=False)
    office.lab.advance(20)
    office.lab.power(active, on=True)
    office.lab.advance(40)
    assert office.held(standby) == []


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("victim", ["active", "standby"])
def test_a_lost_agent_comes_back_with_the_table(lab: str, victim: str) -> None:
    """R3, R7, R26, R28, R32, R38: who comes up has all bindings again, also those made while it was gone."""
    office = Office(lab)
    office.warm()
    before, during = office.homes[:5], office.homes[5:8]
    office.register(*before)
    active, standby = office.active(first_group(office))
    lost, kept = (active, standby) if victim == "active" else (standby, active)
    office.lab.power(lost, on=False)
    office.lab.advance(25)
    assert len(office.held(kept)) == 6
    office.register(*during)
    office.register(*during)
    office.lab.power(lost, on=True)
    office.lab.advance(60)
    assert alike(office, *before, *during)


def test_preemption_waits_for_the_table() -> None:
    """R12, R26: with `preempt delay sync` the preferred agent is active as soon as it has the table, not before."""
    office = Office()
    office.warm()
    office.register(*office.homes[:3])
    office.lab.power("HA1", on=False)
    office.lab.advance(20)
    office.lab.power("HA1", on=True)
    states = []
    for _ in range(60):
        office.lab.advance(0.1)
        groups = office.peers("HA1").machine.groups
        states.append(
            ("SanJoseHA" in groups and groups["SanJoseHA"].state == "Active", len(office.held("HA1")))
        )
    assert (True, 4) in states
    assert all(held == 4 for active, held in states if active)


def test_preemption_waits_no_longer_than_it_may() -> None:
    """R12, R26: when the table cannot be had the preferred agent is active after the 100 seconds."""
    office = Office()
    office.warm()
    office.lab.power("HA1", on=False)
    office.lab.advance(20)
    office.type("HA2", "no ip mobile secure home-agent 1.0.0.1 spi 100")
    office.lab.power("HA1", on=True)
    office.lab.advance(99)
    assert office.active() == ("HA2", "HA1")
    office.lab.advance(6)
    assert office.active() == ("HA1", "HA2")
    assert office.held("HA1") == []
    assert office.held("HA2")
    assert office.traffic("HA1").requests_failed > 0


def test_preemption_without_sync_comes_without_the_table() -> None:
    """R27: an agent that preempts at once is active without any bindings; the other one keeps them."""
    office = Office()
    office.type("HA1", "interface Ethernet0", "no standby preempt", "standby preempt")
    office.save("HA1")
    office.warm()
    office.register(office.homes[0])
    office.lab.power("HA1", on=False)
    office.lab.advance(20)
    office.lab.power("HA1", on=True)
    office.lab.advance(5)
    assert office.active() == ("HA1", "HA2")
    assert office.held("HA1") == []
    office.lab.advance(30)
    assert office.held("HA1") == []
    assert len(office.held("HA2")) == 2
    office.register(office.homes[0])
    office.register(office.homes[0])
    assert alike(office, office.homes[0])


@pytest.mark.parametrize("order", [("HA1", "HA2"), ("HA2", "HA1")])
@pytest.mark.parametrize("lab", ["physical", "virtual-multiple-same"])
def test_both_lost_at_once(lab: str, order: tuple[str, str]) -> None:
    """R1: both gone, the table is; whichever comes first takes registrations again, and the other gets them."""
    office = Office(lab)
    office.warm()
    for name in order:
        office.lab.power(name, on=False)
    office.lab.power(order[0], on=True)
    office.lab.advance(40)
    assert office.held(order[0]) == []
    office.warm()
    office.register(office.homes[0])
    office.lab.power(order[1], on=True)
    office.lab.advance(60)
    assert alike(office, office.homes[0])


def test_a_large_table_comes_in_several_messages() -> None:
    """R7: a table of more than a message's worth is downloaded whole, part by part, each acknowledged."""
    office = Office()
    office.warm()
    office.register(*office.homes)
    active, standby = office.active()
    office.lab.power(standby, on=False)
    office.lab.advance(15)
    office.lab.power(standby, on=True)
    office.lab.advance(60)
    assert alike(office, *office.homes)
    counted = office.traffic(standby)
    assert counted.replies_received == counted.reply_acks_sent == 2
    assert office.traffic(active).replies_failed == 0


# --- Which group, which address


@pytest.mark.parametrize(
    ("lab", "requests"),
    [
        ("physical", 1),
        ("virtual-multiple-different", 1),
        ("multivirtual-single-different", 1),
        ("multivirtual-single-same", 2),
        ("multivirtual-multiple-same", 3),
    ],
)
def test_one_request_for_each_home_agent_address(lab: str, requests: int) -> None:
    """R8, R28, R32, R38: the standby requests a table for each home agent address, by the first group alone."""
    office = Office(lab)
    _, standby = office.active(first_group(office))
    assert office.traffic(standby).requests_sent == requests


@pytest.mark.parametrize(
    ("lab", "asks"), [(lab, lab not in PHYSICAL) for lab in ("physical", *GROUP, "virtual-single-same")]
)
def test_who_requests(lab: str, asks: bool) -> None:
    """R43, R44, R45 (E11): of physical networks the standby alone requests, of virtual ones both."""
    office = Office(lab)
    active, standby = office.active(first_group(office))
    assert office.traffic(standby).requests_sent > 0
    assert (office.traffic(active).requests_sent > 0) == asks


def test_updates_take_the_first_group_with_a_peer() -> None:
    """R34, R35: updates go by the first group; when HSRP misses its peer there, by the other."""
    office = Office("virtual-multiple-different")
    office.warm()
    active, standby = office.active("SanJoseHANet1")
    office.show(active, "debug ip mobile standby")
    office.register(office.homes[0])
    assert "in grp 1.0.0.10 HAA 10.0.0.10" in office.show(active, "show logging")
    office.lab.cut(standby, "Ethernet0")
    office.lab.advance(5)
    office.register(office.homes[1])  # before HSRP notices: it is taken to the other group
    office.lab.advance(15)
    assert "in grp 2.0.0.10 HAA 10.0.0.10" in office.show(active, "show logging")
    assert alike(office, office.homes[1])
    office.register(office.homes[2])
    office.lab.advance(5)
    assert alike(office, office.homes[2])


def test_both_networks_down_leave_no_group() -> None:
    """R35: without a group that has a peer nothing is sent, and the table is requested when there is one again."""
    office = Office("virtual-multiple-different")
    office.warm()
    active, standby = office.active("SanJoseHANet1")
    office.lab.cut(standby, "Ethernet0")
    office.lab.cut(standby, "Ethernet1")
    office.lab.advance(20)
    sent = office.traffic(active).updates_total
    office.register(office.homes[0])
    assert office.traffic(active).updates_total == sent
    office.lab.mend(standby, "Ethernet1")
    office.lab.advance(40)
    assert alike(office, office.homes[0])


def test_a_group_can_be_mapped_by_hand() -> None:
    """R40, R41 (E5): `standby NAME address A` maps the group to a home agent address that nothing else says."""
    office = Office("virtual-single-same")
    for name in ("HA1", "HA2"):
        office.type(
            name,
            "no ip mobile virtual-network 20.0.0.0 255.0.0.0",
            "ip mobile virtual-network 20.0.0.0 255.0.0.0",
            "ip mobile home-agent standby SanJoseHA virtual-network address 20.0.0.1",
        )
    office.warm()
    office.register(office.homes[0])
    assert alike(office, office.homes[0])


# --- Configuration that goes


@pytest.mark.parametrize(
    ("lab", "router", "stay"),
    [("physical", "active", True), ("physical", "standby", False)]
    + [("virtual-single-different", router, False) for router in ("active", "standby")]
    + [("virtual-single-same", router, False) for router in ("active", "standby")],
)
def test_deconfiguration(lab: str, router: str, stay: bool) -> None:
    """R43, R44, R45: without its line a physical network's active keeps all bindings, everybody else removes them."""
    office = Office(lab)
    office.warm()
    office.register(*office.homes[:3])
    active, standby = office.active()
    name, other = (active, standby) if router == "active" else (standby, active)
    office.type(name, "no ip mobile home-agent standby SanJoseHA")
    assert bool(office.held(name)) == stay
    assert office.held(other)
    if not stay:
        assert office.mobile(name).tunnels == {}
        kind = " virtual-network" if lab not in PHYSICAL else ""
        office.type(name, f"ip mobile home-agent standby SanJoseHA{kind}")
        office.lab.advance(5)
        assert alike(office, *office.homes[:3])


def test_one_of_two_groups_deconfigured() -> None:
    """R45: bindings stay while another group serves their home agent address, and go with the last."""
    office = Office("virtual-multiple-different")
    office.warm()
    office.type("HA1", "no ip mobile home-agent standby SanJoseHANet1")
    assert office.held("HA1")
    office.type("HA1", "no ip mobile home-agent standby SanJoseHANet2")
    assert office.held("HA1") == []


def test_replacing_a_line_by_the_other_kind() -> None:
    """R42: a group serves physical or virtual networks; the other kind's line replaces it, and its bindings go."""
    office = Office("virtual-single-different")
    office.warm()
    office.type("HA1", "ip mobile home-agent standby SanJoseHA")
    assert [
        row for row in office.show("HA1", "show running-config").splitlines() if "standby San" in row
    ] == ["ip mobile home-agent standby SanJoseHA"]


@pytest.mark.parametrize(
    "lines",
    [
        ("interface Ethernet0", "standby name Elsewhere"),
        ("interface Ethernet0", "no standby ip"),
        ("interface Ethernet0", "standby ip 1.0.0.11"),
        ("interface Ethernet0", "ip address 1.0.0.9 255.0.0.0"),
        ("no ip mobile home-agent standby SanJoseHA",),
        ("no router mobile",),
    ],
)
@pytest.mark.parametrize("router", ["HA1", "HA2"])
def test_what_is_taken_away_while_bindings_exist(lines: tuple[str, ...], router: str) -> None:
    """Whatever goes under a running agent, no binding is left without its tunnel, and the other agent serves on."""
    office = Office()
    office.warm()
    office.register(office.homes[0])
    office.type(router, *lines)
    office.lab.advance(30)
    for name in ("HA1", "HA2"):
        node = office.lab[name]
        for binding in office.held(name):
            route = node.routes.lookup(binding.home)
            assert route is not None
            assert route.interface is binding.tunnel.interface
        if not office.held(name):
            assert office.mobile(name).tunnels == {}
            assert "Tunnel0" not in office.show(name, "show ip mobile tunnel")
    other = "HA2" if router == "HA1" else "HA1"
    assert office.held(other)


def test_clearing_reaches_the_peer() -> None:
    """`clear ip mobile binding` on one agent clears the peer's too, and a returning one does not bring it back."""
    office = Office()
    office.warm()
    office.register(*office.homes[:2])
    office.show("HA1", f"clear ip mobile binding {office.homes[0]}")
    office.lab.advance(1)
    for name in ("HA1", "HA2"):
        assert office.held(name, office.homes[0]) == []
        assert office.held(name, office.homes[1])
    office.show("HA2", "clear ip mobile binding all")
    office.lab.advance(1)
    assert office.held("HA1") == office.held("HA2") == []


def test_clearing_with_load_brings_the_table_back() -> None:
    """`clear ip mobile binding all load` clears here alone, and gets the table from the peer."""
    office = Office()
    office.warm()
    office.register(*office.homes[:2])
    _, standby = office.active()
    office.show(standby, "clear ip mobile binding all load SanJoseHA")
    assert office.held(standby) == []
    office.lab.advance(2)
    assert alike(office, *office.homes[:2])


def test_a_mobile_node_that_left_stays_away() -> None:
    """R29: who was cut off and comes back with a binding that is over learns that it is."""
    office = Office()
    office.warm()
    home = office.homes[0]
    office.register(home)
    office.lab.cut("HA1", "Ethernet0")
    office.lab.advance(20)
    office.register(home, lifetime=0)
    office.register(home, lifetime=0)
    assert office.held("HA2", home) == []
    assert office.held("HA1", home)
    office.lab.mend("HA1", "Ethernet0")
    office.lab.advance(60)
    assert office.held("HA1", home) == office.held("HA2", home) == []


# --- More than two


@pytest.fixture
def trio(tmp_path: Path) -> Office:
    """The physical lab with a third home agent, HA3, which shares keys with the others."""
    return three_agents(tmp_path)


def standing_by(office: Office) -> tuple[str, str]:
    """Name the standby agent, and the one that is neither active nor standby."""
    (standby,) = [
        name for name in ("HA2", "HA3") if office.peers(name).machine.groups["SanJoseHA"].state == "Standby"
    ]
    return standby, "HA3" if standby == "HA2" else "HA2"


def test_three_agents_in_a_group(trio: Office) -> None:
    """R15: the active keeps all it has an association with up to date, and a third that becomes standby asks."""
    office = trio
    office.register(*office.homes[:3])
    assert len(office.held("HA1")) == len(office.held("HA2")) == len(office.held("HA3")) == 4
    standby, third = standing_by(office)
    office.lab.power(third, on=False)
    office.lab.advance(5)
    office.lab.power(third, on=True)
    office.lab.advance(20)
    office.lab.power(standby, on=False)
    office.lab.advance(40)
    assert office.peers(third).machine.groups["SanJoseHA"].state == "Standby"
    assert len(office.held(third)) == 4
    office.lab.power("HA1", on=False)
    office.lab.advance(20)
    office.register(office.homes[0])
    assert office.peers(third).machine.groups["SanJoseHA"].state == "Active"
    office.lab.power(standby, on=True)
    office.lab.advance(60)
    assert len(office.held(standby)) == 4


def test_a_third_agent_that_is_gone_is_given_up_once(trio: Office) -> None:
    """R35: nobody but HSRP's own peer is tried again before it is heard; a third that comes up asks, as R7 has it."""
    office = trio
    standby, third = standing_by(office)
    office.lab.power(third, on=False)
    for home in office.homes[:3]:
        office.register(home)
        office.lab.advance(20)
    assert office.show("HA1", "show logging").count("REDUPDATEFAIL") == 1
    assert office.traffic("HA1").updates_failed == 1
    assert len(office.held("HA1")) == len(office.held(standby)) == 4
    office.lab.power(third, on=True)
    office.lab.advance(8)
    assert office.peers(third).machine.groups["SanJoseHA"].state == "Listen"
    assert len(office.held(third)) == 4
    office.register(office.homes[4])
    office.register(office.homes[4])
    assert len(office.held(third)) == 5
    assert office.traffic("HA1").updates_failed == 1


def test_a_standby_agent_that_is_gone_is_not_told_of_anything(trio: Office) -> None:
    """R35: when HSRP misses the standby, the third takes its place and is told alone; nothing is given up then."""
    office = trio
    standby, third = standing_by(office)
    office.lab.power(standby, on=False)
    office.lab.advance(40)
    assert office.peers(third).machine.groups["SanJoseHA"].state == "Standby"
    for home in office.homes[:3]:
        office.register(home)
        office.lab.advance(20)
    assert "REDUPDATEFAIL" not in office.show("HA1", "show logging")
    assert len(office.held("HA1")) == len(office.held(third)) == 4


# --- What is seen


def rows(office: Office, name: str) -> list[str]:
    """Give the rows of redundancy debugging without stamps and numbers."""
    logged = office.show(name, "show logging").splitlines()
    found = [row.partition(": MobileIP:")[2] for row in logged if ": MobileIP:" in row]
    return [re.sub(r" id \d+ ", " id N ", row) for row in found]


def test_the_rows_of_debugging() -> None:
    """R50: specification lines 374 and 376 to the character, but for the number and the sender's address (E9)."""
    office = Office("virtual-single-same")
    office.type("HA1", "interface Ethernet0", "standby priority 110 preempt")
    office.lab.advance(30)
    office.warm()
    home = IPv4.parse("20.0.0.2")
    for name in ("HA1", "HA2"):
        office.type(
            name,
            f"ip mobile host {home} virtual-network 20.0.0.0 255.0.0.0",
            f"ip mobile secure host {home} spi 200 key hex 0123456789abcdef0123456789abcdef",
        )
        office.show(name, "debug ip mobile standby")
    office.register(home)
    assert rows(office, "HA1") == [
        "MN 20.0.0.2 - sent BindUpd to HA 1.0.0.2 HAA 20.0.0.1",
        "HA standby maint started - cnt 1",
        "MN 20.0.0.2 - sent BindUpd id N cnt 0 elapsed 0 adjust -0 to HA 1.0.0.2 in grp 1.0.0.10 HAA 20.0.0.1",
        "MN 20.0.0.2 - HA rcv BindUpdAck accept from 1.0.0.2 HAA 20.0.0.1",
        "HA standby maint stopped",
    ]
    assert rows(office, "HA2") == ["MN 20.0.0.2 - HA rcv BindUpd from 1.0.0.1 HAA 20.0.0.1"]


def test_what_is_not_acknowledged_is_sent_again_and_given_up() -> None:
    """Updates go out at 0, 1, 3 and 7 seconds, and after 8 more there is a message and a count."""
    office = Office()
    office.warm()
    active, standby = office.active()
    other = office.peers(active).machine.groups["SanJoseHA"].own
    office.type(standby, f"no ip mobile secure home-agent {other} spi 100")
    office.show(active, "debug ip mobile standby")
    before = office.traffic(active).updates_total
    office.register(office.homes[0])
    office.lab.advance(16)
    found = [row for row in rows(office, active) if " cnt " in row and "MN" in row]
    assert [re.sub(r".* cnt (\d+) elapsed (\d+) adjust (\S+) .*", r"\1 \2 \3", row) for row in found] == [
        "0 0 -0",
        "1 1 -1",
        "2 3 -3",
        "3 7 -7",
    ]
    counted = office.traffic(active)
    assert counted.updates_total - before == 4
    assert counted.updates_failed == 1
    assert (
        "%IPMOBILE-6-REDUPDATEFAIL: Too many failed attempts for sending redundancy update. "
        "Dropping redundancy update"
    ) in office.show(active, "show logging")
    assert "reason No mobility security association (1)" in office.show(standby, "show logging")


def test_a_lost_acknowledgement_does_no_harm() -> None:
    """A message that was heard but whose acknowledgement is lost is sent again, acknowledged again, and fails not."""
    office = Office()
    office.warm()
    segment = office.lab.segments["home"]
    active, standby = office.active()
    before = office.traffic(active).updates_total
    office.send(office.request(office.homes[0]))
    while office.traffic(active).updates_total == before:
        office.lab.step()
    segment.loss = 1.0  # what is on its way arrives, the acknowledgement does not
    office.lab.advance(0.5)
    segment.loss = 0.0
    office.lab.advance(5)
    counted = office.traffic(active)
    assert counted.updates_failed == 0
    assert office.traffic(standby).updates_received > counted.updates_sent
    assert alike(office, office.homes[0])


def test_a_checkpoint_holds_a_download() -> None:
    """A lab that is put back into the middle of an exchange goes on as it did."""
    office = Office()
    office.warm()
    office.send(office.request(office.homes[0]))
    while not office.peers(office.active()[0]).machine.outbox.outstanding:
        office.lab.step()
    office.lab.checkpoint("middle")
    office.lab.advance(10)
    assert alike(office, office.homes[0])
    office.lab.restore("middle")
    assert office.peers(office.active()[0]).machine.outbox.outstanding
    office.lab.advance(10)
    assert alike(office, office.homes[0])


def test_a_table_that_could_not_be_had_is_requested_again() -> None:
    """A standby whose request nobody answered has the table when the active agent's group is followed again."""
    office = Office()
    office.warm()
    office.lab.power("HA2", on=False)
    office.type("HA1", "interface Ethernet0", "standby name Elsewhere")
    office.lab.power("HA2", on=True)
    office.lab.advance(45)
    assert office.traffic("HA2").requests_failed == 1
    assert office.held("HA2") == []
    office.type("HA1", "interface Ethernet0", "standby name SanJoseHA")
    office.lab.advance(62)
    assert alike(office, office.homes[-1])
    assert office.traffic("HA2").requests_failed == 1
