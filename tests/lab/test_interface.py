"""Interfaces: their names, when they are up, and who is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC
from iosemu.lab.interface import KINDS, Interface, full_name, parse_name
from iosemu.lab.lab import Lab
from iosemu.wire.ethernet import Frame
from tests.lab.build import ip, line_of, on

MAC_1 = MAC.parse("0000.0c07.ac01")


class Watcher:
    """Notes what an interface was each time it changed."""

    def __init__(self, interface: Interface) -> None:
        self.seen: list[bool] = []
        interface.watchers.append(self.see)

    def see(self, interface: Interface) -> None:
        """Take a change."""
        self.seen.append(interface.up)


@pytest.mark.parametrize(
    ("written", "name", "short"),
    [
        ("Ethernet0", "Ethernet0", "Et0"),
        ("e0", "Ethernet0", "Et0"),
        ("ethernet 0", "Ethernet0", "Et0"),
        ("FastEthernet0/0", "FastEthernet0/0", "Fa0/0"),
        ("gi0/1", "GigabitEthernet0/1", "Gi0/1"),
        ("Et0/1.100", "Ethernet0/1.100", "Et0/1.100"),
        ("Lo0", "Loopback0", "Lo0"),
        ("serial 1/0:0", "Serial1/0:0", "Se1/0:0"),
        ("vlan10", "Vlan10", "Vl10"),
        ("tu2147483647", "Tunnel2147483647", "Tu2147483647"),
        ("po1", "Port-channel1", "Po1"),
        ("null 0", "Null0", "Nu0"),
    ],
)
def test_names_may_be_abbreviated(written: str, name: str, short: str) -> None:
    """A name is taken as IOS takes it, kept in full, and shortened as tables shorten it."""
    assert full_name(written) == name
    node = Lab().add_node("R")
    assert node.interface(written).short == short
    assert node.interface(name) is node.interface(written)
    assert list(node.interfaces) == [name]


@pytest.mark.parametrize(
    "wrong", ["", "Ethernet", "0", "t0", "Foo0", "Loopback0/1", "Null1", "Vlan0", "Vlan4095", "e0/", "e99"]
)
def test_what_is_no_name_is_refused(wrong: str) -> None:
    """An unknown or ambiguous kind, or a number that the kind cannot have, is a ValueError that says so."""
    with pytest.raises(ValueError, match=r"interface|number"):
        parse_name(wrong)


@given(st.sampled_from(KINDS), st.integers(1, 4))
def test_every_kind_is_read_back_from_its_short_name(kind: tuple[str, ...], extra: int) -> None:
    """The short name stands for its kind, and so does every longer beginning of the full one."""
    name, short = kind[0], kind[1]
    number = "1" if name in {"Port-channel", "Vlan"} else "0"
    assert parse_name(short + number)[0].name == name
    assert parse_name(name[: len(short) + extra] + number)[0].name == name


def test_an_interface_is_up_unless_something_is_wrong() -> None:
    """A cut, a dead segment, `shutdown` and no power each take it down; a missing cable does not."""
    lab = line_of("A", "B")
    port = lab["A"].interface("Ethernet0")
    other = lab["B"].interface("Ethernet0")
    assert port.up
    assert lab["A"].interface("Ethernet1").up
    lab.cut("A", "e0")
    assert (port.up, other.up) == (False, True)
    lab.mend("A", "e0")
    assert port.up
    lab.segment_down("lan", down=True)
    assert (port.up, other.up) == (False, False)
    lab.segment_down("lan", down=False)
    port.shutdown = True
    assert (port.up, other.up) == (False, True)
    port.shutdown = False
    lab.power("B", on=False)
    assert (port.up, other.up) == (True, False)


def test_virtual_interfaces_are_up_unless_shut_down() -> None:
    """A loopback has no cable to lose, and follows `shutdown` and nothing else."""
    lab = line_of("A")
    loopback = lab["A"].interface("Loopback0")
    assert loopback.up
    loopback.shutdown = True
    assert not loopback.up


def test_watchers_hear_of_changes_only() -> None:
    """Each change is told once, and setting what is set already is no change."""
    lab = line_of("A", "B")
    port = lab["A"].interface("Ethernet0")
    watcher = Watcher(port)
    port.shutdown = False
    assert watcher.seen == []
    port.shutdown = True
    port.shutdown = True
    lab.cut("A", "Ethernet0")
    assert watcher.seen == [False]
    lab.mend("A", "Ethernet0")
    port.shutdown = False
    assert watcher.seen == [False, True]
    port.address = on("10.0.0.9/24")
    port.secondaries = (on("10.9.0.1/16"),)
    assert len(watcher.seen) == 4


def test_who_is_told_of_a_shutdown_beforehand_can_still_send() -> None:
    """`closing` is called while the interface is up (HSRP resigns then), and not for a cut cable."""
    lab = line_of("A", "B")
    port = lab["A"].interface("Ethernet0")
    told = Watcher(port)
    port.watchers.clear()
    port.closing.append(told.see)
    lab.cut("A", "Ethernet0")
    lab.mend("A", "Ethernet0")
    assert told.seen == []
    port.shutdown = True
    port.shutdown = True
    assert told.seen == [True]


def test_a_mac_is_accepted_until_its_last_source_lets_go() -> None:
    """Two groups may share a MAC; frames to it are heard for as long as one of them holds it."""
    lab = line_of("A", "B")
    port, other = lab["A"].interface("Ethernet0"), lab["B"].interface("Ethernet0")
    heard = []
    for change in (
        None,
        (port.accept_mac, "standby 1"),
        (port.accept_mac, "standby 2"),
        (port.release_mac, "standby 1"),
        (port.release_mac, "standby 2"),
        (port.release_mac, "standby 2"),
    ):
        if change:
            change[0](MAC_1, change[1])
        before = port.counters.packets_in
        other.send(Frame(MAC_1, other.mac, b"", 0x88CC))
        lab.advance(1)
        heard.append(port.counters.packets_in - before)
    assert heard == [0, 1, 1, 1, 0, 0]


def test_addresses_of_ports_hang_on_the_node_s_name_alone() -> None:
    """A node that is added shifts nobody's MAC, and no two ports share one."""
    alone = line_of("A")
    crowd = line_of("X", "Y", "A", "Z")
    assert alone["A"].interface("Ethernet0").mac == crowd["A"].interface("Ethernet0").mac
    macs = [str(node.interface(f"e{n}").mac) for node in crowd.nodes.values() for n in range(3)]
    assert len(set(macs)) == len(macs)
    assert all(mac.startswith("aabb.cc") for mac in macs)


def test_stations_that_collide_get_numbers_of_their_own() -> None:
    """Among a thousand nodes, whose names must collide in 16 bits, no two share a MAC."""
    lab = Lab()
    macs = {lab.add_node(f"N{number}").interface("e0").mac for number in range(1000)}
    assert len(macs) == 1000


def test_counters_count_octets_and_broadcasts() -> None:
    """A broadcast of 60 octets is counted once at each end."""
    lab = line_of("A", "B")
    port, other = lab["A"].interface("Ethernet0"), lab["B"].interface("Ethernet0")
    lab["A"].arp.announce(port, ip("10.0.0.1"))
    lab.advance(1)
    # And one before it, when the interface got its address.
    assert (port.counters.packets_out, port.counters.bytes_out) == (2, 120)
    assert (other.counters.packets_in, other.counters.bytes_in, other.counters.broadcasts_in) == (1, 60, 1)
    assert (port.counters.last_output, other.counters.last_input) == (0, 1000)
    port.shutdown = True
    lab["A"].arp.announce(port, ip("10.0.0.1"))
    assert port.counters.drops == 1


def test_interfaces_sort_by_kind_and_number() -> None:
    """Ethernet10 comes after Ethernet9, and every Ethernet before any Loopback."""
    node = Lab().add_node("R")
    names = ["Loopback1", "Ethernet10", "Serial0", "Ethernet9", "FastEthernet0/1", "FastEthernet0/0"]
    ports = sorted((node.interface(name) for name in names), key=lambda port: port.sort_key)
    assert [port.name for port in ports] == [
        "Ethernet9",
        "Ethernet10",
        "FastEthernet0/0",
        "FastEthernet0/1",
        "Loopback1",
        "Serial0",
    ]


def test_a_removed_interface_takes_its_address_with_it() -> None:
    """`no interface` ends a loopback and its route, while a port with a cable stays, bare."""
    lab = line_of("A", "B")
    node = lab["A"]
    node.interface("Loopback0").address = on("1.1.1.1/32")
    assert node.ip.owner(ip("1.1.1.1")) is not None
    node.remove_interface("Loopback0")
    assert node.ip.owner(ip("1.1.1.1")) is None
    assert node.routes.lookup(ip("1.1.1.1")) is None
    node.remove_interface("Ethernet0")
    assert list(node.interfaces) == ["Ethernet0"]
    assert node.interface("Ethernet0").address is None
    assert node.interface("Ethernet0").up
