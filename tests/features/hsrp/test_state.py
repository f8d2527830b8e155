"""HSRP on the lab: what leaves and is answered on the wire, and what happens around a group."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import MAC, IPv4
from iosemu.app import Lab
from iosemu.features.hsrp.packet import GROUP_ADDRESS, PORT, Hsrp
from iosemu.features.hsrp.state import Standby
from iosemu.lab.clock import SECOND
from iosemu.lab.ping import Pings
from iosemu.lab.track import Redundancy, Track
from iosemu.wire.arp import Arp
from iosemu.wire.ethernet import Frame
from iosemu.wire.ipv4 import Packet
from iosemu.wire.udp import Datagram
from tests.features.hsrp.office import configure, group, logged, office, states

if TYPE_CHECKING:
    from pathlib import Path

VIRTUAL = IPv4.parse("10.0.0.254")
VIRTUAL_MAC = MAC.parse("0000.0c07.ac01")
BASIC = "standby 1 ip 10.0.0.254"
PAIR = {"R1": BASIC, "R2": f"{BASIC};standby 1 priority 90"}
"""R1 becomes active, R2 standby."""


class Tap:
    """Keeps the HSRP and ARP frames of the office."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.hsrp: list[tuple[Frame, Packet, Hsrp]] = []
        self.arp: list[tuple[int, Frame, Arp]] = []
        lab.segment("office").taps.append(self.see)

    def see(self, _: object, frame: Frame) -> None:
        """Take a frame."""
        payload = frame.payload
        if isinstance(payload, Arp):
            self.arp.append((self.lab.clock.now, frame, payload))
        elif isinstance(payload, Packet) and isinstance(payload.payload, Datagram):
            datagram = payload.payload
            if datagram.destination_port == PORT and isinstance(datagram.payload, Hsrp):
                assert datagram.source_port == PORT
                self.hsrp.append((frame, payload, datagram.payload))


# --- The wire


def test_hellos_leave_as_rfc_2281_says() -> None:
    """To 224.0.0.2 with TTL 1 from the interface's address; from the virtual MAC in Active, else its own."""
    lab = office(**PAIR)
    tap = Tap(lab)
    lab.advance(60)
    assert {message.state for _, _, message in tap.hsrp} == {4, 8, 16}
    for frame, packet, message in tap.hsrp:
        assert packet.destination == GROUP_ADDRESS
        assert packet.ttl == 1
        assert frame.destination == MAC.parse("0100.5e00.0002")
        sender = next(n for n in ("R1", "R2") if lab[n].interface("Ethernet0").owns(packet.source))
        own = lab[sender].interface("Ethernet0").mac
        assert frame.source == (VIRTUAL_MAC if message.state == 16 else own)


@pytest.mark.parametrize(
    ("interface", "lines"),
    [
        ("Ethernet0.5", "encapsulation dot1q 5"),
        ("Tunnel0", "tunnel source Ethernet0;tunnel destination 10.0.0.{other}"),
    ],
)
def test_hellos_leave_by_whatever_the_interface_sends_with(interface: str, lines: str) -> None:
    """Two routers elect in a VLAN, and through a tunnel."""
    lab = office()
    for own, other in ((1, 2), (2, 1)):
        said = f"{lines.format(other=other)};ip address 10.7.0.{own} 255.255.255.0;standby 1 ip 10.7.0.254"
        configure(lab, f"R{own}", said, interface)
    lab.advance(60)
    groups = [lab[name].interface(interface).part(Standby).groups[1].machine for name in ("R1", "R2")]
    assert sorted(each.state for each in groups) == ["Active", "Standby"]


def test_a_new_active_router_announces_its_addresses_three_times() -> None:
    """Gratuitous ARPs for both addresses from the virtual MAC, at once and 2 and 4 seconds later."""
    lab = office(R1=f"{BASIC};standby 1 ip 10.0.0.253 secondary")
    tap = Tap(lab)
    lab.advance(60)
    said = [(when // SECOND, str(arp.sender)) for when, frame, arp in tap.arp if frame.source == VIRTUAL_MAC]
    assert said == [(second, f"10.0.0.{host}") for second in (20, 22, 24) for host in (254, 253)]
    assert all(arp.sender == arp.target and arp.sender_mac == VIRTUAL_MAC for _, _, arp in tap.arp)


def test_the_virtual_address_answers_pings() -> None:
    """The active router answers for the virtual address as for its own."""
    lab = office(**PAIR)
    lab.advance(60)
    begun = lab["PC"].part(Pings).start(VIRTUAL, count=3)
    lab.advance(5)
    assert begun.done
    assert begun.row == "!!!"


def test_the_virtual_address_is_answered_with_the_virtual_mac_by_the_active_router_alone() -> None:
    """ARP for the virtual address has one answer, and it is the virtual MAC."""
    lab = office(**PAIR)
    lab.advance(60)
    tap = Tap(lab)
    lab["PC"].arp.request(lab["PC"].interface("Ethernet0"), VIRTUAL)
    lab.advance(1)
    answers = [(frame.source, arp.sender_mac) for _, frame, arp in tap.arp if arp.sender == VIRTUAL]
    assert answers == [(VIRTUAL_MAC, VIRTUAL_MAC)]
    assert lab["R1"].ip.owner(VIRTUAL) is not None
    assert lab["R2"].ip.owner(VIRTUAL) is None


def test_hosts_keep_their_gateway_when_the_active_router_changes() -> None:
    """The ARP entry of a host stays true: the other router answers to the same MAC."""
    lab = office(**PAIR)
    lab.advance(60)
    lab["PC"].arp.request(lab["PC"].interface("Ethernet0"), VIRTUAL)
    lab.advance(1)
    entry = lab["PC"].arp.entries[VIRTUAL]
    lab.power("R1", on=False)
    lab.advance(10)
    assert states(lab) == "Active"
    assert lab["PC"].arp.entries[VIRTUAL].mac == entry.mac == VIRTUAL_MAC
    tap = Tap(lab)
    lab["PC"].ip.send_udp(VIRTUAL, 9, b"", source_port=9)
    lab.advance(1)
    assert not any(arp.target == VIRTUAL != arp.sender for _, _, arp in tap.arp)


def test_a_router_that_is_not_active_any_more_lets_go_of_address_and_mac() -> None:
    """Neither frames to the virtual MAC nor packets to the virtual address are taken by the loser."""
    lab = office(**PAIR)
    lab.advance(60)
    port = lab["R1"].interface("Ethernet0")
    assert port.virtual == {VIRTUAL: VIRTUAL_MAC}
    configure(lab, "R2", "standby 1 priority 200;standby 1 preempt")
    lab.advance(4)
    assert states(lab) == "Speak Active"
    assert port.virtual == {}
    before = port.counters.packets_in
    lab["PC"].interface("Ethernet0").send(Frame(VIRTUAL_MAC, MAC(1), b"x" * 50))
    lab.advance(0.002)
    assert port.counters.packets_in == before


@pytest.mark.parametrize("lines", ["standby 1 mac-address 4000.0000.0010", "standby use-bia"])
def test_another_virtual_mac_is_used_and_announced_at_once(lines: str) -> None:
    """An active router that gets another virtual MAC tells everyone."""
    lab = office(R1=BASIC)
    lab.advance(60)
    tap = Tap(lab)
    configure(lab, "R1", lines)
    port = lab["R1"].interface("Ethernet0")
    mac = MAC.parse("4000.0000.0010") if "mac-address" in lines else port.mac
    assert port.virtual == {VIRTUAL: mac}
    assert [arp.sender_mac for _, _, arp in tap.arp] == [mac]


# --- Around a group


def test_shutdown_resigns_and_the_standby_router_takes_over_at_once() -> None:
    """The Resign leaves before the interface goes down."""
    lab = office(**PAIR)
    lab.advance(60)
    configure(lab, "R1", "shutdown")
    lab.advance(0.001)
    assert states(lab) == "Init Active"


def test_a_cut_cable_is_noticed_after_the_hold_time() -> None:
    """Nobody says goodbye: the standby router waits for the hold time of the last Hello, and no longer."""
    lab = office(**PAIR)
    lab.advance(60)
    lab.cut("R1", "Ethernet0")
    assert states(lab) == "Init Standby"
    expires = group(lab, "R2").machine.active_expires
    assert expires is not None
    lab.run_until(expires - 1)
    assert states(lab) == "Init Standby"
    lab.run_until(expires)
    assert states(lab) == "Init Active"
    lab.mend("R1", "Ethernet0")
    lab.advance(40)
    assert states(lab) == "Standby Active"


def test_removing_the_group_resigns() -> None:
    """`no standby 1` on the active router is no failure that has to be waited for."""
    lab = office(**PAIR)
    lab.advance(60)
    configure(lab, "R1", "no standby 1")
    lab.advance(0.001)
    assert states(lab) == "Active"
    assert not lab["R1"].interface("Ethernet0").joined(GROUP_ADDRESS)
    lab.advance(60)
    assert logged(lab, "R1", "STATECHANGE")[-1][1].endswith("Active -> Init")


def test_an_address_that_changes_restarts_the_group() -> None:
    """Peers hear a Resign from the old address, and Hellos from the new one."""
    lab = office(**PAIR)
    lab.advance(60)
    tap = Tap(lab)
    configure(lab, "R1", "ip address 10.0.0.11 255.255.255.0")
    lab.advance(60)
    assert states(lab) == "Standby Active"
    sources = [(str(packet.source), message.opcode) for _, packet, message in tap.hsrp]
    assert sources[0] == ("10.0.0.1", 2)
    assert ("10.0.0.1", 0) not in sources
    assert group(lab, "R2").machine.standby_router == IPv4.parse("10.0.0.11")


def test_a_group_without_an_address_of_its_own_waits() -> None:
    """`no ip address` stops the group; an address brings it back."""
    lab = office(R1=BASIC)
    lab.advance(60)
    configure(lab, "R1", "no ip address")
    assert group(lab, "R1").obstacle == "protocol not cfgd"
    assert states(lab) == "Init"
    configure(lab, "R1", "ip address 10.0.0.1 255.255.255.0")
    lab.advance(20)
    assert states(lab) == "Active"


@pytest.mark.parametrize(
    ("down", "priority"),
    [((), 100), (("Ethernet1",), 90), (("Loopback0",), 75), (("Ethernet1", "Loopback0"), 65)],
)
def test_what_tracked_interfaces_cost_adds_up_and_is_given_back(down: tuple[str, ...], priority: int) -> None:
    """R49: the priority is the configured one less the decrements of what is down."""
    lab = office(R1=f"{BASIC};standby 1 track e1;standby 1 track lo0 25")
    configure(lab, "R1", "no shutdown", "Loopback0")
    for name in down:
        configure(lab, "R1", "shutdown", name)
    assert group(lab, "R1").machine.priority == priority
    for name in down:
        configure(lab, "R1", "no shutdown", name)
    assert group(lab, "R1").machine.priority == 100


def test_a_tracked_interface_that_is_removed_is_down() -> None:
    """`no interface Loopback0` costs what `shutdown` there would."""
    lab = office(R1=f"{BASIC};standby 1 track lo0")
    configure(lab, "R1", "no shutdown", "Loopback0")
    assert group(lab, "R1").machine.priority == 100
    configure(lab, "R1", "exit;no interface Loopback0")
    assert group(lab, "R1").machine.priority == 90


def test_an_interface_that_is_removed_takes_its_groups_along() -> None:
    """A virtual interface may go while its group is active: nothing of it is left."""
    lab = office()
    configure(lab, "R1", "ip address 10.0.9.1 255.255.255.0;standby ip 10.0.9.254", "Vlan9")
    lab.advance(30)
    assert "hsrp-Vl9-0" in lab["R1"].part(Track).groups
    configure(lab, "R1", "exit;no interface Vlan9")
    lab.advance(30)
    assert lab["R1"].part(Track).groups == {}
    assert lab["R1"].console().send("show standby all") == ""


@pytest.mark.parametrize(
    ("delay", "active"), [("minimum 7", 27), ("reload 50", 20), ("minimum 7 reload 50", 27)]
)
def test_standby_delay_minimum_holds_a_group_back_after_its_interface_came_up(
    delay: str, active: int
) -> None:
    """The delay is added whenever the interface comes up; that for a reload is not."""
    lab = office(R1=f"{BASIC};standby delay {delay}")
    lab.cut("R1", "Ethernet0")
    lab.mend("R1", "Ethernet0")
    lab.advance(60)
    assert logged(lab, "R1", "STATECHANGE")[-1] == (active, "Ethernet0 Grp 1 state Standby -> Active")


def test_standby_delay_reload_holds_a_group_back_after_a_start(tmp_path: Path) -> None:
    """The first time the interface comes up, the delay for a reload counts; later that for coming up."""
    file = tmp_path / "R.cfg"
    file.write_text(
        f"interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\n {BASIC}\n"
        " standby delay minimum 3 reload 50\n"
    )
    lab = Lab.load(file)
    (name,) = lab.nodes
    lab.advance(100)
    assert [when for when, _ in logged(lab, name, "STATECHANGE")] == [70, 70]
    lab.cut(name, "Ethernet0")
    lab.mend(name, "Ethernet0")
    lab.advance(100)
    assert [when for when, _ in logged(lab, name, "STATECHANGE")] == [70, 70, 100, 123, 123]


# --- Preemption


class Client:
    """Somebody who has to get ready before a group may preempt."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.asked: list[str] = []
        track.attend("office", "client", self.wanted)

    def wanted(self, name: str) -> None:
        """Hear that the group wants to be active."""
        self.asked.append(name)


def preempting(delay: str) -> Lab:
    """Have R2 active, then R1 better and about to preempt."""
    lab = office(R1=f"{BASIC};standby 1 name office", R2=f"{BASIC};standby 1 priority 105")
    lab.advance(60)
    assert states(lab) == "Standby Active"
    configure(lab, "R1", f"standby 1 priority 110;standby 1 preempt {delay}")
    return lab


def first_hello(lab: Lab) -> int:
    """Let R2's next Hello arrive at R1; gives the instant."""
    sent = group(lab, "R2").machine.next_hello
    assert sent is not None
    lab.run_until(sent + 1000)
    return sent + 1000


@pytest.mark.parametrize("seconds", [0, 1, 30, 3600])
def test_delay_minimum_counts_from_the_first_attempt_to_the_microsecond(seconds: int) -> None:
    """The first attempt is the first Hello of a lower active router; the delay over, R1 is active."""
    lab = preempting(f"delay minimum {seconds}")
    attempt = first_hello(lab)
    if seconds:
        lab.run_until(attempt + seconds * SECOND - 1)
        assert states(lab) == "Standby Active"
    lab.run_until(attempt + seconds * SECOND)
    assert group(lab, "R1").machine.state == "Active"


def test_delay_sync_waits_for_clients_until_they_are_ready() -> None:
    """A client is asked at the first attempt; its word makes R1 active at once."""
    lab = preempting("delay sync 100")
    client = Client(lab["R1"].part(Track))
    first_hello(lab)
    assert client.asked == ["office"]
    lab.advance(20)
    assert states(lab) == "Standby Active"
    client.track.ready("office", "client")
    assert group(lab, "R1").machine.state == "Active"


def test_delay_sync_waits_no_longer_than_it_says() -> None:
    """A client that never gets ready holds R1 back for the time given, and is no longer waited for then."""
    lab = preempting("delay sync 100")
    client = Client(lab["R1"].part(Track))
    attempt = first_hello(lab)
    lab.run_until(attempt + 100 * SECOND - 1)
    assert states(lab) == "Standby Active"
    lab.run_until(attempt + 100 * SECOND)
    assert group(lab, "R1").machine.state == "Active"
    assert client.track.waiting("office") == ()


def test_delay_sync_without_clients_waits_for_nobody() -> None:
    """With nobody to get ready, R1 is active at its first attempt."""
    lab = preempting("delay sync 100")
    first_hello(lab)
    assert group(lab, "R1").machine.state == "Active"


def test_no_delay_holds_a_router_back_where_none_is_active() -> None:
    """The delays are for preempting; a failure is answered at once."""
    lab = preempting("delay minimum 3600 sync 3600")
    lab.advance(10)
    configure(lab, "R2", "shutdown")
    lab.advance(0.001)
    assert states(lab) == "Active Init"


# --- Those who follow a group by name


class Watcher:
    """Keeps what is told of a group."""

    def __init__(self, track: Track, name: str) -> None:
        self.told: list[tuple[str, str | None]] = []
        track.watch(name, self.hear)

    def hear(self, _: str, now: Redundancy | None) -> None:
        """Hear what the group is now."""
        self.told.append((now.state, now.peer and str(now.peer)) if now else ("gone", None))


def test_clients_see_the_group_by_its_name() -> None:
    """State, peer and the end of a group are told; the default name is made of interface and number."""
    lab = office()
    watcher = Watcher(lab["R1"].part(Track), "hsrp-Et0-1")
    configure(lab, "R1", BASIC)
    configure(lab, "R2", f"{BASIC};standby 1 priority 90")
    lab.advance(60)
    assert [state for state, _ in watcher.told] == ["Initial", "Listen", "Speak", "Active", "Active"]
    assert watcher.told[-1] == ("Active", "10.0.0.2")
    configure(lab, "R1", "standby 1 name other")
    assert watcher.told[-1] == ("gone", None)
    published = lab["R1"].part(Track).groups["other"]
    assert published.address == VIRTUAL
    assert published.mac == VIRTUAL_MAC
    configure(lab, "R1", "no standby 1 ip")
    assert lab["R1"].part(Track).groups == {}


def test_a_name_is_that_of_the_first_who_has_it() -> None:
    """Two groups of one name: the first is followed, the second when the first has gone."""
    lab = office(R1=f"{BASIC};standby 1 name x;standby 2 ip 10.0.0.253;standby 2 name x")
    track = lab["R1"].part(Track)
    assert str(track.groups["x"].address) == "10.0.0.254"
    configure(lab, "R1", "no standby 1")
    assert str(track.groups["x"].address) == "10.0.0.253"
    configure(lab, "R1", "no standby 2 name")
    assert list(track.groups) == ["hsrp-Et0-2"]


# --- What is logged


def test_bad_authentication_is_logged_every_half_minute() -> None:
    """Each neighbour's fault is told once in 30 seconds, though it speaks every three."""
    lab = office(R1=f"{BASIC};standby 1 authentication secret", R2=BASIC)
    lab.advance(100)
    assert states(lab) == "Active Active"
    told = logged(lab, "R1", "BADAUTH")
    assert told[0][1] == "Bad authentication from 10.0.0.2, group 1, remote state Speak"
    assert 3 <= len(told) <= 4
    assert all(30 <= later - earlier < 33 for (earlier, _), (later, _) in pairwise(told))


def test_another_virtual_address_is_logged() -> None:
    """The standby router tells when the active one has another virtual address."""
    lab = office(R1=BASIC)
    lab.advance(30)
    configure(lab, "R2", "standby 1 ip 10.0.0.253")
    lab.advance(3)
    assert logged(lab, "R2", "DIFFVIP1")[0][1] == (
        "Ethernet0 Grp 1 active routers virtual IP address 10.0.0.254 "
        "is different to the locally configured address 10.0.0.253"
    )


def test_a_neighbour_with_our_address_is_logged() -> None:
    """HSRP messages from one's own address come from somebody else."""
    lab = office(R1=BASIC, R2=BASIC)
    configure(lab, "R2", "ip address 10.0.0.1 255.255.255.0")
    lab.advance(12)
    mac = lab["R2"].interface("Ethernet0").mac
    assert logged(lab, "R1", "DUPADDR")[0][1] == f"Duplicate address 10.0.0.1 on Ethernet0, sourced by {mac}"


# --- Checkpoints


def test_a_checkpoint_holds_groups_and_what_is_due() -> None:
    """After restoring, everything happens again just as it did."""
    lab = office(**PAIR)
    lab.advance(15)
    lab.checkpoint("speaking")
    lab.advance(60)
    first = logged(lab, "R1", "STATECHANGE"), logged(lab, "R2", "STATECHANGE"), states(lab)
    lab.power("R1", on=False)
    lab.advance(30)
    lab.restore("speaking")
    assert states(lab) == "Speak Listen"
    lab.advance(60)
    assert (logged(lab, "R1", "STATECHANGE"), logged(lab, "R2", "STATECHANGE"), states(lab)) == first
    part = lab["R1"].interface("Ethernet0").part(Standby)
    assert part.interface is lab["R1"].interface("Ethernet0")
