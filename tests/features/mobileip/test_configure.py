"""Mobile IP's configuration commands: what they keep, how it is written, how it is taken back."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4, Prefix
from iosemu.app import Lab
from iosemu.features.mobileip.state import Mobile

if TYPE_CHECKING:
    from conftest import Typist

    from iosemu.app import Router

CONFIGS = Path(__file__).parents[3] / "configs"
LABS = sorted(path.parent.name for path in CONFIGS.glob("*/lab.yml"))
KEY = "00112233445566778899001122334455"
NETWORK = "20.0.0.0 255.0.0.0"

CANONICAL = [
    "ip mobile home-agent",
    (
        "ip mobile home-agent broadcast care-of-access 10 lifetime 600 replay 30 reverse-tunnel-off "
        "roam-access 20 suppress-unreachable"
    ),
    "ip mobile home-agent address 1.0.0.10",
    "ip mobile home-agent standby SanJoseHA",
    "ip mobile home-agent standby SanJoseHA virtual-network",
    "ip mobile home-agent standby SanJoseHA address 10.0.0.10",
    "ip mobile home-agent standby SanJoseHA virtual-network address 10.0.0.10",
    f"ip mobile virtual-network {NETWORK}",
    f"ip mobile virtual-network {NETWORK} address 20.0.0.1",
    f"ip mobile host 20.0.0.1 virtual-network {NETWORK}",
    f"ip mobile host 20.0.0.1 20.0.0.20 virtual-network {NETWORK} aaa load-sa care-of-access 7 lifetime 600",
    "ip mobile host 1.0.0.100 interface Ethernet0",
    f"ip mobile secure host 20.0.0.1 spi 100 key hex {KEY}",
    f"ip mobile secure host 20.0.0.1 20.0.0.20 spi 300 key hex {KEY}",
    f"ip mobile secure host 20.0.0.1 inbound-spi 100 outbound-spi 101 key hex {KEY}",
    "ip mobile secure visitor 20.0.0.1 spi FFFFFFFF key ascii sesame",
    f"ip mobile secure home-agent 1.0.0.2 spi 100 key hex {KEY}",
    f"ip mobile secure home-agent 1.0.0.2 spi 100 key hex {KEY} replay timestamp 10 algorithm hmac-md5",
    f"ip mobile secure foreign-agent 3.0.0.2 spi 100 key hex {KEY}",
    "ip mobile foreign-agent",
    "ip mobile foreign-agent care-of Ethernet1",
    "ip mobile foreign-agent care-of Ethernet1 interface-only transmit-only",
    "ip mobile foreign-agent reg-wait 30",
    "ip mobile foreign-agent local-timezone",
    "ip mobile foreign-agent reverse-tunnel private-address",
    "no ip mobile tunnel route-cache",
    "ip mobile tunnel route-cache cef",
    "ip mobile tunnel path-mtu-discovery",
    "ip mobile tunnel path-mtu-discovery age-timer 20",
    "ip mobile tunnel path-mtu-discovery age-timer infinite",
    "ip mobile tunnel crypto map SECRET",
    "ip mobile tunnel nat inside",
    "ip mobile tunnel nat outside",
]
"""Lines as running-config writes them."""

ON_INTERFACE = [
    "ip mobile foreign-service",
    "ip mobile foreign-service home-access 5 limit 10 registration-required reverse-tunnel mandatory",
    "ip mobile prefix-length",
    "ip mobile registration-lifetime 600",
    "ip mobile arp timers 10 30 access-group 3",
]


def negated(line: str) -> str:
    """Give a line's `no`."""
    return line.removeprefix("no ") if line.startswith("no ") else f"no {line}"


@pytest.mark.parametrize("line", CANONICAL)
def test_a_line_is_written_as_it_is_said(typist: Typist, line: str) -> None:
    """A canonical line stands in running-config word for word, without `router mobile` being there."""
    assert typist.configure(line) == ""
    assert typist.running == [line]


@pytest.mark.parametrize("line", ON_INTERFACE)
def test_a_line_of_an_interface_is_written_as_it_is_said(typist: Typist, line: str) -> None:
    """A canonical line of an interface stands in running-config word for word."""
    assert typist.configure("interface Ethernet1", line) == ""
    assert typist.running == [f" {line}"]


SHORT = [
    "no ip mobile home-agent",
    "no ip mobile home-agent address",
    "no ip mobile home-agent standby SanJoseHA",
    f"no ip mobile virtual-network {NETWORK}",
    "no ip mobile host 1.0.0.100",
    "no ip mobile host 20.0.0.1 20.0.0.20",
    "no ip mobile secure home-agent 1.0.0.2 spi 100",
    "no ip mobile foreign-agent",
    "no ip mobile foreign-agent care-of Ethernet1",
    "no ip mobile tunnel path-mtu-discovery",
    "no ip mobile tunnel crypto map",
]
QUALIFIED = {line for line in CANONICAL if line.startswith("ip mobile home-agent broadcast")} | {
    line for line in CANONICAL if "interface-only" in line or "age-timer" in line
}
"""Lines with options, of which `no` keeps what they qualify."""


@pytest.mark.parametrize("line", [line for line in CANONICAL if line not in QUALIFIED])
def test_no_of_a_line_leaves_the_configuration_as_before(typist: Typist, line: str) -> None:
    """A line and then its `no`, word for word, leave running-config as it was."""
    before = typist.whole
    typist.configure(line)
    assert typist.whole != before or line.startswith("no ")
    typist.configure(negated(line))
    assert typist.whole == before


@pytest.mark.parametrize("line", SHORT)
def test_no_needs_only_what_names_a_line(typist: Typist, line: str) -> None:
    """The shortest `no` takes a line with all its options away."""
    said = line.removeprefix("no ")
    longest = max((each for each in CANONICAL if each.startswith(said)), key=len)
    typist.configure(longest)
    assert typist.running == [longest]
    assert typist.configure(line) == ""
    assert typist.running == []


@pytest.mark.parametrize("line", [ON_INTERFACE[0], *ON_INTERFACE[2:]])
def test_no_of_a_line_of_an_interface_leaves_it_as_before(typist: Typist, line: str) -> None:
    """A line of an interface and then its `no` leave running-config as it was."""
    typist.configure("interface Ethernet1")
    before = typist.whole
    typist.configure(line, f"no {line}")
    assert typist.whole == before


FULL = CANONICAL[1]


@pytest.mark.parametrize(
    ("option", "left"),
    [
        ("broadcast", FULL.replace(" broadcast", "")),
        ("care-of-access", FULL.replace(" care-of-access 10", "")),
        ("lifetime", FULL.replace(" lifetime 600", "")),
        ("lifetime 600", FULL.replace(" lifetime 600", "")),
        ("replay 30", FULL.replace(" replay 30", "")),
        ("reverse-tunnel-off", FULL.replace(" reverse-tunnel-off", "")),
        ("roam-access 20", FULL.replace(" roam-access 20", "")),
        (
            "suppress-unreachable broadcast",
            FULL.replace(" suppress-unreachable", "").replace(" broadcast", ""),
        ),
    ],
)
def test_no_of_an_option_resets_that_option(typist: Typist, option: str, left: str) -> None:
    """`no ip mobile home-agent` with an option keeps the service and its other options."""
    typist.configure(FULL, f"no ip mobile home-agent {option}")
    assert typist.running == [left]


@pytest.mark.parametrize(
    ("line", "no", "left"),
    [
        (
            CANONICAL[21],
            "interface-only transmit-only",
            "ip mobile foreign-agent care-of Ethernet1 interface-only",
        ),
        (CANONICAL[21], "interface-only", "ip mobile foreign-agent care-of Ethernet1"),
        (CANONICAL[28], "age-timer", "ip mobile tunnel path-mtu-discovery"),
        (CANONICAL[26], "cef", None),
    ],
)
def test_no_of_what_qualifies_keeps_the_rest(typist: Typist, line: str, no: str, left: str | None) -> None:
    """`no` of an option keeps what the option qualified."""
    words = re.split(" interface-only| age-timer| cef", line, maxsplit=1)[0]
    typist.configure(line, f"no {words} {no}")
    assert typist.running == ([] if left is None else [left])


def test_no_of_foreign_service_options(typist: Typist) -> None:
    """`no` of an option of the foreign service keeps the service, and `mandatory` goes with what it qualifies."""
    typist.configure("interface e1", ON_INTERFACE[1], "no ip mobile foreign-service limit")
    assert typist.running == [f" {ON_INTERFACE[1].replace(' limit 10', '')}"]
    typist.configure("no ip mobile foreign-service reverse-tunnel mandatory")
    assert typist.running == [" ip mobile foreign-service home-access 5 registration-required reverse-tunnel"]
    typist.configure("ip mobile foreign-service reverse-tunnel mandatory")
    typist.configure("no ip mobile foreign-service reverse-tunnel registration-required")
    assert typist.running == [" ip mobile foreign-service home-access 5"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ip mobile home-agent replay 9 broadcast", "ip mobile home-agent broadcast replay 9"),
        ("ip mobile home-agent lifetime 36000 replay 7", "ip mobile home-agent"),
        ("ip mobile home-agent redundancy SanJoseHA", "ip mobile home-agent standby SanJoseHA"),
        (
            "ip mobile home-agent redundancy SanJoseHA virtual-network address 1.0.0.10",
            "ip mobile home-agent standby SanJoseHA virtual-network address 1.0.0.10",
        ),
        (
            f"ip mobile host 20.0.0.1 20.0.0.1 virtual-network {NETWORK}",
            f"ip mobile host 20.0.0.1 virtual-network {NETWORK}",
        ),
        (
            f"ip mobile secure host 1.0.0.9 inbound-spi 1aB outbound-spi 1AB key hex {KEY} algorithm md5",
            f"ip mobile secure host 1.0.0.9 spi 1AB key hex {KEY}",
        ),
        (
            f"ip mobile secure host 1.0.0.9 spi 100 key hex {KEY} mode prefix-suffix replay timestamp",
            f"ip mobile secure host 1.0.0.9 spi 100 key hex {KEY}",
        ),
        ("ip mobile foreign-agent reg-wait 15", None),
        ("ip mobile tunnel route-cache", None),
        ("ip mobile tunnel path-mtu-discovery age-timer 10", "ip mobile tunnel path-mtu-discovery"),
    ],
)
def test_what_means_the_same_is_written_the_same(typist: Typist, typed: str, written: str | None) -> None:
    """Options come in any order, defaults are not written, and synonyms are written as IOS's older word."""
    assert typist.configure(typed) == ""
    assert typist.running == ([] if written is None else [written])


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (
            "ip mobile secure home-agent 1.0.0.2 spi 100 hex 00112233445566778899001122334455",
            "ip mobile secure home-agent 1.0.0.2 spi 100 key hex 00112233445566778899001122334455",
        ),
        (
            "ip mobile virtual-network 20.0.0.0 255.255.0.0 20.0.0.1",
            "ip mobile virtual-network 20.0.0.0 255.255.0.0 address 20.0.0.1",
        ),
    ],
)
def test_slips_of_the_document(typist: Typist, typed: str, written: str) -> None:
    """E1 and E2: lines 138 and 264 are taken as printed, and written as they ought to be."""
    assert typist.configure(typed) == ""
    assert typist.running == [written]


def test_physical_and_virtual_replace_one_another(typist: Typist) -> None:
    """R42, E5: a group serves physical or virtual networks, not both at once (line 233)."""
    virtual = "ip mobile home-agent standby SanJoseHA virtual-network"
    physical = "ip mobile home-agent standby SanJoseHA"
    typist.configure(physical, "ip mobile home-agent standby Other", virtual)
    assert typist.running == [virtual, "ip mobile home-agent standby Other"]
    typist.configure(physical)
    assert typist.running == [physical, "ip mobile home-agent standby Other"]


def test_each_group_has_a_line(typist: Typist) -> None:
    """R20, R21: `standby` is said once per HSRP group, `virtual-network` once per network."""
    lines = [
        "ip mobile home-agent standby SanJoseHANet1 virtual-network",
        "ip mobile home-agent standby SanJoseHANet2 virtual-network",
        "ip mobile virtual-network 20.0.0.0 255.0.0.0 address 20.0.0.1",
        "ip mobile virtual-network 30.0.0.0 255.0.0.0 address 30.0.0.1",
    ]
    typist.configure(*reversed(lines))
    assert sorted(typist.running) == lines


def test_there_is_one_global_address(typist: Typist) -> None:
    """R39: a second global home agent address takes the place of the first; `no` of another changes nothing."""
    typist.configure("ip mobile home-agent address 1.0.0.10", "ip mobile home-agent address 10.0.0.10")
    typist.configure("no ip mobile home-agent address 1.0.0.10")
    assert typist.running == ["ip mobile home-agent address 10.0.0.10"]


def test_a_line_of_hosts_may_be_said_again(typist: Typist) -> None:
    """The same range said anew replaces the line; one next to it is no overlap."""
    line = f"ip mobile host 20.0.0.3 20.0.0.5 virtual-network {NETWORK}"
    typist.configure(line, f"ip mobile host 20.0.0.6 virtual-network {NETWORK}")
    assert typist.configure(f"{line} lifetime 600") == ""
    assert typist.running == [f"{line} lifetime 600", f"ip mobile host 20.0.0.6 virtual-network {NETWORK}"]


REFUSED = [
    ("ip mobile virtual-network 20.0.0.1 255.0.0.0", "%Inconsistent address and mask"),
    ("ip mobile virtual-network 20.0.0.0 255.0.255.0", "%Inconsistent address and mask"),
    ("ip mobile virtual-network 0.0.0.0 0.0.0.0", "%Inconsistent address and mask"),
    ("ip mobile virtual-network 224.0.0.0 255.0.0.0", "%Inconsistent address and mask"),
    ("ip mobile home-agent address 0.0.0.0", "Not a valid host address - 0.0.0.0"),
    ("ip mobile home-agent address 127.0.0.1", "Not a valid host address - 127.0.0.1"),
    ("ip mobile home-agent address 255.255.255.255", "Not a valid host address - 255.255.255.255"),
    ("ip mobile home-agent standby G address 224.0.0.1", "Not a valid host address - 224.0.0.1"),
    (
        "ip mobile virtual-network 20.0.0.0 255.0.0.0 address 240.0.0.1",
        "Not a valid host address - 240.0.0.1",
    ),
    ("ip mobile host 223.0.0.1 224.0.0.1 interface Ethernet0", "Not a valid host address - 224.0.0.1"),
    ("ip mobile host 20.0.0.9 virtual-network 20.0.0.9 255.0.0.0", "%Inconsistent address and mask"),
    (f"ip mobile host 20.0.0.9 20.0.0.8 virtual-network {NETWORK}", "% Invalid range"),
    (
        f"ip mobile host 20.0.0.1 20.0.0.4 virtual-network {NETWORK}",
        "% Overlaps with mobile host 20.0.0.3 - ",
    ),
    (f"ip mobile host 20.0.0.4 virtual-network {NETWORK}", "% Overlaps with mobile host 20.0.0.3 - 20.0.0.5"),
    (f"ip mobile secure host 20.0.0.9 20.0.0.8 spi 100 key hex {KEY}", "% Invalid range"),
    (f"ip mobile secure host 20.0.0.9 spi 100 key hex {KEY}00", "% Invalid input detected"),
    (f"ip mobile secure host 20.0.0.9 spi 100 key hex {KEY[2:]} algorithm md5", "% Invalid input detected"),
    (f"ip mobile secure host 20.0.0.9 spi 100 key hex {KEY[1:]}", "% Invalid input detected"),
    ("ip mobile secure host 20.0.0.9 spi 100 key ascii 12345678901234567", "% Invalid input detected"),
    (f"ip mobile secure host 20.0.0.9 spi FF key hex {KEY}", "% Invalid input detected"),
    ("ip mobile home-agent lifetime 2", "% Invalid input detected"),
    ("ip mobile home-agent replay 256", "% Invalid input detected"),
    ("ip mobile home-agent standby SanJoseHA address", "% Incomplete command."),
]


@pytest.mark.parametrize(("line", "complaint"), REFUSED)
def test_a_refused_line_changes_nothing(typist: Typist, line: str, complaint: str) -> None:
    """A line that is refused is complained about, and leaves running-config as it was."""
    typist.configure(f"ip mobile host 20.0.0.3 20.0.0.5 virtual-network {NETWORK}")
    before = typist.whole
    assert complaint in typist.configure(line)
    assert typist.whole == before


def test_the_caret_stands_under_the_key(typist: Typist) -> None:
    """A key of the wrong length is refused as by the parser, the caret below its first digit."""
    line = f"ip mobile secure host 20.0.0.9 spi 100 key hex {KEY[2:].upper()} algorithm md5"
    caret = typist.configure(line).splitlines()[0]
    assert caret.index("^") == len(typist.console.prompt) + line.index(KEY[2:])


# --- Loading and saving


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("name", ["HA1", "HA2"])
def test_what_was_written_loads_to_the_same(lab: str, name: str, tmp_path: Path) -> None:
    """The document's examples load without a complaint, and what they are written as loads to the same bytes."""
    router = Lab.load(lab)[name]
    first = written(router)
    path = tmp_path / f"{name}.cfg"
    path.write_text(first)
    assert written(Lab.load(path)[name]) == first


def written(router: Router) -> str:
    """Give a router's running-config from its hostname on."""
    console = router.console()
    console.send("enable")
    text: str = console.send("show running-config")
    return text[text.index("hostname") :]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from([*CANONICAL, *map(negated, CANONICAL), *SHORT]), max_size=12))
def test_whatever_was_said_is_written_and_loads_to_the_same(tmp_path: Path, lines: list[str]) -> None:
    """After any lines in any order, running-config loads into a router that writes the same."""
    path = tmp_path / "R.cfg"
    path.write_text("hostname R\n" + "\n".join(lines) + "\n")
    first = written(Lab.load(path)["R"])
    path.write_text(first)
    assert written(Lab.load(path)["R"]) == first


# --- router mobile


def test_no_router_mobile_removes_everything(typist: Typist) -> None:
    """R10: `no router mobile` removes all Mobile IP configuration, the interfaces' and kept lines included."""
    before = typist.whole
    typist.configure("router mobile", *CANONICAL, "ip mobile bindupdate retry 2")
    typist.configure("interface Ethernet1", *ON_INTERFACE)
    assert len(typist.running) > 20
    typist.configure("no router mobile")
    assert typist.whole == before
    assert not [route for route in typist.router.routes if route.source == "M"]


def test_no_router_mobile_without_one(typist: Typist) -> None:
    """`no router mobile` removes lines that were kept without `router mobile`, too."""
    typist.configure("interface Ethernet1", "ip mobile prefix-length", "ip mobile arp", "no router mobile")
    assert typist.running == []


def test_router_mobile_enters_its_mode(typist: Typist) -> None:
    """`router mobile` opens router configuration mode, and lines of global mode are understood there."""
    typist.configure("router mobile")
    assert typist.console.prompt == "HA1(config-router)#"
    assert typist.configure("ip mobile home-agent") == ""
    assert typist.running == ["router mobile", "ip mobile home-agent"]


# --- Virtual networks in the routing table


def mobile_routes(typist: Typist) -> list[str]:
    """Give the mobile routes in use."""
    return [f"{each.prefix} {each.interface.name}" for each in typist.router.routes if each.source == "M"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_virtual_network_is_in_the_routing_table(typist: Typist, order: tuple[int, int]) -> None:
    """R17, R46: the network is routed to Mobile0 once `router mobile` is there, whichever comes first."""
    lines = "router mobile", f"ip mobile virtual-network {NETWORK}"
    typist.configure(lines[order[0]])
    assert mobile_routes(typist) == []
    typist.configure(lines[order[1]])
    assert mobile_routes(typist) == ["20.0.0.0/8 Mobile0"]
    typist.configure(f"no ip mobile virtual-network {NETWORK}")
    assert mobile_routes(typist) == []


def test_an_address_may_be_added_and_removed(typist: Typist) -> None:
    """Saying a network again changes its home agent address, and leaves one route."""
    network = f"ip mobile virtual-network {NETWORK}"
    typist.configure("router mobile", network, f"{network} address 20.0.0.1")
    assert typist.running[1:] == [f"{network} address 20.0.0.1"]
    typist.configure(network)
    assert typist.running[1:] == [network]
    assert mobile_routes(typist) == ["20.0.0.0/8 Mobile0"]


def test_routes_survive_a_reboot_only_in_the_configuration() -> None:
    """A router that lost power has its virtual networks again when it has read its configuration."""
    lab = Lab.load("virtual-single-same")
    router = lab["HA1"]
    network = Prefix(IPv4.parse("20.0.0.0"), 8)
    assert [each.interface.name for each in router.routes.to(network)] == ["Mobile0"]
    router.power_off()
    assert router.peek(Mobile) is None
    assert not router.routes.to(network)
    router.power_on()
    assert [each.interface.name for each in router.routes.to(network)] == ["Mobile0"]


def test_a_mobile_node_that_is_not_registered_is_unreachable(typist: Typist) -> None:
    """A packet for a virtual network's node without a binding is not answered by silence, unless that is said."""
    typist.configure("router mobile", f"ip mobile virtual-network {NETWORK}")
    assert "U.U.U" in typist.console.send("do ping 20.0.0.77")
    typist.configure("ip mobile home-agent suppress-unreachable")
    assert "....." in typist.console.send("do ping 20.0.0.77")


def test_a_lab_can_be_copied(typist: Typist) -> None:
    """A copy of the whole lab has a Mobile IP of its own: changing one leaves the other."""
    typist.configure("router mobile", f"ip mobile virtual-network {NETWORK}")
    copied = copy.deepcopy(typist.lab)
    typist.configure("no router mobile")
    router = copied["HA1"]
    assert router.part(Mobile).networks == {Prefix(IPv4.parse("20.0.0.0"), 8): None}
    assert [each for each in router.routes if each.source == "M"]
