"""Mobile IP's screens, to the character: the specification's sample, and the reference's where it has one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.features.mobileip.bindings import INFINITE, Binding, Tunnel
from iosemu.features.mobileip.counters import VIOLATORS, Denials, HostCounts, Violation, Violations
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.clock import EPOCH, SECOND

if TYPE_CHECKING:
    from conftest import Typist

KEY = "00112233445566778899001122334455"


def address(text: str) -> IPv4:
    """Read an address."""
    return IPv4.parse(text)


SAMPLE = Binding(
    home=address("20.0.0.1"),
    care_of=address("68.0.0.31"),
    source=address("68.0.0.31"),
    home_agent=address("66.0.0.5"),
    flags=0x88,
    accepted=0x08,
    identification=0xB750FAC4C28F56A8,
    granted=10_000,
    expires=10_000 * SECOND,
    tunnel=Tunnel(100, address("66.0.0.5"), address("68.0.0.31"), gre=True),
)
"""The binding of specification lines 281 to 289."""


def test_the_specification_s_binding(typist: Typist) -> None:
    """R47, R48: eight seconds after it was granted, the sample's binding is shown as in lines 282 to 289."""
    typist.router.part(Mobile).bindings.put(SAMPLE)
    typist.lab.advance(8)
    assert typist.show("ip mobile binding").splitlines() == [
        "Mobility Binding List:",
        "Total 1",
        "20.0.0.1:",
        "    Care-of Addr 68.0.0.31, Src Addr 68.0.0.31,",
        "    Lifetime granted 02:46:40 (10000), remaining 02:46:32",
        "    Flags SbdmGvt, Identification B750FAC4.C28F56A8,",
        "    Tunnel100 src 66.0.0.5 dest 68.0.0.31 reverse-allowed",
        "    Routing Options - (G)GRE",
    ]


@pytest.mark.parametrize(
    ("moment", "remaining"),
    [(0, "02:46:40"), (1, "02:46:40"), (7_500_000, "02:46:33"), (9_999_999_999, "00:00:01")],
)
def test_the_remaining_lifetime(typist: Typist, moment: int, remaining: str) -> None:
    """What remains is as much as was granted at first, and reaches zero only with the end (line 298)."""
    typist.router.part(Mobile).bindings.put(SAMPLE)
    typist.lab.run_until(moment)
    assert typist.show("ip mobile binding").splitlines()[4].endswith(f"remaining {remaining}")


def test_an_infinite_binding_with_everything(typist: Typist) -> None:
    """A binding without end says so; options are those provided, and the tunnel as the router now has it."""
    everything = SAMPLE._replace(flags=0xFE, accepted=0x6A, granted=INFINITE, expires=None)
    typist.router.part(Mobile).bindings.put(everything)
    typist.configure("ip mobile home-agent reverse-tunnel-off")
    rows = typist.show("ip mobile binding").splitlines()
    assert rows[4:] == [
        "    Lifetime granted INFINITE (65535), remaining INFINITE",
        "    Flags SBDMGVT, Identification B750FAC4.C28F56A8,",
        "    Tunnel100 src 66.0.0.5 dest 68.0.0.31 reverse-off",
        "    Routing Options - (B)Broadcast (D)Direct-to-MN (G)GRE (T)Reverse-tunnel",
    ]


def test_a_binding_without_options(typist: Typist) -> None:
    """Encapsulation by IP in IP is the default, and no option (line 301)."""
    typist.router.part(Mobile).bindings.put(SAMPLE._replace(flags=0, accepted=0))
    assert typist.show("ip mobile binding").splitlines()[-1] == "    Routing Options - "


@pytest.fixture
def three(typist: Typist) -> Typist:
    """A router with three bindings, of two home agent addresses."""
    for home, agent in (("20.0.0.2", "1.0.0.10"), ("30.0.0.1", "30.0.0.9"), ("20.0.0.1", "1.0.0.10")):
        typist.router.part(Mobile).bindings.put(
            SAMPLE._replace(home=address(home), home_agent=address(agent))
        )
    return typist


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("", ["Total 3", "20.0.0.1:", "20.0.0.2:", "30.0.0.1:"]),
        ("summary", ["Total 3"]),
        ("home-agent 1.0.0.10", ["Total 2", "20.0.0.1:", "20.0.0.2:"]),
        ("home-agent 9.9.9.9", ["Total 0"]),
        ("30.0.0.1", ["30.0.0.1:"]),
        ("30.0.0.2", []),
    ],
)
def test_which_bindings_are_shown(three: Typist, line: str, rows: list[str]) -> None:
    """R23: the bindings of a home agent address, of a mobile node, or only how many there are."""
    shown = three.show(f"ip mobile binding {line}".strip()).splitlines()
    assert shown[0] == "Mobility Binding List:"
    assert [row for row in shown[1:] if not row.startswith(" ")] == rows


def test_the_list_may_be_filtered_and_seen_by_anyone(three: Typist) -> None:
    """`show ip mobile …` is allowed in user EXEC, and has output modifiers."""
    console = three.router.console()
    assert console.prompt.endswith(">")
    assert console.send("show ip mobile binding | include ^[0-9]").splitlines() == [
        "20.0.0.1:",
        "20.0.0.2:",
        "30.0.0.1:",
    ]


# --- Globals


def test_globals_of_the_reference(typist: Typist) -> None:
    """The reference's screen (mobile-ip.md §2.2), for the configuration that it must have come from."""
    typist.configure("router mobile", "ip mobile home-agent broadcast")
    typist.configure("ip mobile virtual-network 20.0.0.0 255.0.0.0")
    assert typist.show("ip mobile globals").splitlines() == [
        "IP Mobility global information:",
        "",
        "Home agent",
        "",
        "    Registration lifetime: 10:00:00 (36000 secs)",
        "    Broadcast enabled",
        "    Replay protection time: 7 secs",
        "    Reverse tunnel enabled",
        "    ICMP Unreachable enabled",
        "    Virtual networks",
        "        20.0.0.0/8",
        "",
        "Foreign agent is not enabled, no care-of address",
        "",
        "0 interfaces providing service",
        "Encapsulations supported: IPIP and GRE",
        "Tunnel fast switching enabled",
        "Discovered tunnel MTU aged out after 1:00:00",
    ]


def test_globals_with_every_option(typist: Typist) -> None:
    """What is configured otherwise is shown otherwise; a foreign agent shows its care-of addresses."""
    typist.configure(
        "router mobile",
        "ip mobile home-agent lifetime 65535 replay 30 reverse-tunnel-off suppress-unreachable",
        "ip mobile home-agent roam-access 20 care-of-access 10",
        "ip mobile foreign-agent care-of Ethernet1",
        "ip mobile foreign-agent care-of Ethernet9 interface-only transmit-only",
        "ip mobile foreign-agent reg-wait 20",
        "no ip mobile tunnel route-cache",
        "ip mobile tunnel path-mtu-discovery",
        "interface Ethernet1",
        "ip mobile foreign-service",
    )
    assert typist.show("ip mobile globals").splitlines()[4:] == [
        "    Registration lifetime: INFINITE",
        "    Roaming access list: 20",
        "    Care-of access list: 10",
        "    Broadcast disabled",
        "    Replay protection time: 30 secs",
        "    Reverse tunnel disabled",
        "    ICMP Unreachable disabled",
        "",
        "Foreign Agent",
        "",
        "    Pending registrations expire after 20 secs",
        "    Care-of addresses advertised",
        "        Ethernet1 (2.0.0.1) - up",
        "        Ethernet9 (unassigned) - down, interface-only, transmit-only",
        "",
        "1 interface providing service",
        "Encapsulations supported: IPIP and GRE",
        "Tunnel fast switching disabled",
        "Discovered tunnel MTU aged out after 0:10:00",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "ip mobile home-agent",
        "ip mobile home-agent address 1.0.0.10",
        "ip mobile home-agent standby SanJoseHA",
    ],
)
def test_each_home_agent_line_switches_the_service_on(typist: Typist, line: str) -> None:
    """R10, R14, R16: any of the three lines makes a home agent, once `router mobile` is there."""
    typist.configure(line)
    assert "Home Agent is not enabled" in typist.show("ip mobile globals")
    typist.configure("router mobile")
    assert "\nHome agent\n" in typist.show("ip mobile globals")
    typist.configure(f"no {line}")
    assert "Home Agent is not enabled" in typist.show("ip mobile globals")


@pytest.mark.parametrize(
    ("lab", "rows"),
    [
        ("physical", ["    Standby groups", "        SanJoseHA (physical network - address 1.0.0.10)"]),
        (
            "virtual-single-different",
            [
                "    Home Agent address 1.0.0.10",
                "    Standby groups",
                "        SanJoseHA (virtual network - address 1.0.0.10)",
            ],
        ),
        (
            "virtual-single-same",
            ["    Standby groups", "        SanJoseHA (virtual network - address 20.0.0.1)"],
        ),
        (
            "virtual-multiple-different",
            [
                "    Home Agent address 10.0.0.10",
                "    Standby groups",
                "        SanJoseHANet1 (virtual network - address 10.0.0.10)",
                "        SanJoseHANet2 (virtual network - address 10.0.0.10)",
            ],
        ),
        (
            "multivirtual-single-same",
            [
                "    Standby groups",
                "        SanJoseHA (virtual network - address 20.0.0.1)",
                "        SanJoseHA (virtual network - address 30.0.0.1)",
            ],
        ),
    ],
)
def test_home_agent_addresses_of_the_examples(lab: str, rows: list[str]) -> None:
    """R16, R19, R22, R24: the global address if configured, and the home agent address that each group supports."""
    console = Lab.load(lab)["HA1"].console()
    shown = console.send("show ip mobile globals").splitlines()
    start = shown.index("    ICMP Unreachable enabled") + 1
    assert shown[start : start + len(rows)] == rows
    assert shown[start + len(rows)] in ("", "    Virtual networks")


def test_a_group_that_names_its_address(typist: Typist) -> None:
    """E5: `address` maps a group to a home agent address; an HSRP group that is not there has none."""
    typist.configure("router mobile", "ip mobile home-agent standby A virtual-network address 20.0.0.1")
    typist.configure("ip mobile home-agent standby B")
    shown = typist.show("ip mobile globals").splitlines()
    assert "        A (virtual network - address 20.0.0.1)" in shown
    assert "        B (physical network - address unknown)" in shown


# --- Hosts, associations, interfaces


def test_mobile_hosts(typist: Typist) -> None:
    """Each mobile node is shown by itself, registered or not, whatever line configures it."""
    typist.configure("ip mobile host 20.0.0.1 20.0.0.2 virtual-network 20.0.0.0 255.0.0.0 lifetime 600")
    typist.configure("ip mobile host 1.0.0.100 interface Ethernet0")
    typist.router.part(Mobile).bindings.put(SAMPLE)
    shown = typist.show("ip mobile host").splitlines()
    assert [row for row in shown if not row.startswith(" ")] == ["1.0.0.100:", "20.0.0.1:", "20.0.0.2:"]
    assert typist.show("ip mobile host 1.0.0.100").splitlines() == [
        "1.0.0.100:",
        "    Allowed lifetime 10:00:00 (36000/default)",
        "    Roaming status -unregistered-, Home link on interface Ethernet0",
        "    Accepted 0, Last time -never-",
        "    Overall service time -never-",
        "    Denied 0, Last time -never-",
        "    Last code '-never- (0)'",
        "    Total violations 0",
        "    Tunnel to MN - pkts 0, bytes 0",
        "    Reverse tunnel from MN - pkts 0, bytes 0",
    ]
    assert typist.show("ip mobile host 20.0.0.1").splitlines()[1:3] == [
        "    Allowed lifetime 00:10:00 (600/configured)",
        "    Roaming status -registered-, Home link on virtual network 20.0.0.0/8",
    ]


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("interface Ethernet0", ["1.0.0.100:"]),
        ("network 20.0.0.0", ["20.0.0.1:", "20.0.0.2:"]),
        ("network 1.0.0.0", ["1.0.0.100:"]),
        ("20.0.0.3", []),
        ("summary", ["Mobile Host List:", "Total 3"]),
    ],
)
def test_which_mobile_hosts_are_shown(typist: Typist, line: str, rows: list[str]) -> None:
    """Hosts may be asked for by address, home link, home network, or only counted."""
    typist.configure("ip mobile host 20.0.0.1 20.0.0.2 virtual-network 20.0.0.0 255.0.0.0")
    typist.configure("ip mobile host 1.0.0.100 interface Ethernet0")
    shown = typist.show(f"ip mobile host {line}").splitlines()
    assert [row for row in shown if not row.startswith(" ")] == rows


def test_groups_of_mobile_hosts(typist: Typist) -> None:
    """`group` shows the lines as configured (mobile-ip.md §2.3)."""
    typist.configure("ip mobile host 20.0.0.1 20.0.0.20 virtual-network 20.0.0.0 255.0.0.0")
    typist.configure("ip mobile host 1.0.0.100 interface Ethernet0 aaa care-of-access 7")
    assert typist.show("ip mobile host group").splitlines() == [
        "20.0.0.1 - 20.0.0.20:",
        "    Home link on virtual network 20.0.0.0 /8, Care-of ACL -none-",
        "    Security associations on router, Allowed lifetime 10:00:00 (36000/default)",
        "1.0.0.100:",
        "    Home link on interface Ethernet0, Care-of ACL 7",
        "    Security associations on AAA server, Allowed lifetime 10:00:00 (36000/default)",
    ]


def test_a_great_many_hosts_are_shown_one_by_one(typist: Typist) -> None:
    """A line for a whole network is no reason to work out all its rows before the first is shown."""
    typist.configure("ip mobile host 20.0.0.1 20.255.255.254 virtual-network 20.0.0.0 255.0.0.0")
    rows = typist.router.console().session.execute("show ip mobile host")
    assert list(islice(rows, 11))[::10] == ["20.0.0.1:", "20.0.0.2:"]
    assert typist.show("ip mobile host 20.200.0.1").splitlines()[0] == "20.200.0.1:"


def test_security_associations(typist: Typist) -> None:
    """R15: associations are shown by peer, their index in hexadecimal (mobile-ip.md §2.4)."""
    typist.configure(
        f"ip mobile secure host 20.0.0.6 spi 300 key hex {KEY}",
        f"ip mobile secure host 20.0.0.6 spi 301 key hex {KEY} algorithm hmac-md5 replay timestamp 20",
        "ip mobile secure host 20.0.0.1 20.0.0.5 inbound-spi 1AA outbound-spi 1ab key ascii sesame",
        f"ip mobile secure home-agent 1.0.0.2 spi 100 key hex {KEY}",
    )
    head = "Security Associations (algorithm,mode,replay protection,key):"
    assert typist.show("ip mobile secure host").splitlines() == [
        head,
        "20.0.0.6",
        "    SPI 300,  MD5, Prefix-suffix, Timestamp +/- 7,",
        f"    Key {KEY}",
        "    SPI 301,  HMAC-MD5, Timestamp +/- 20,",
        f"    Key {KEY}",
        "20.0.0.1 - 20.0.0.5",
        "    In  SPI 1AA,  MD5, Prefix-suffix, Timestamp +/- 7,",
        "    Out SPI 1AB,  MD5, Prefix-suffix, Timestamp +/- 7,",
        "    Key sesame",
    ]
    assert typist.show("ip mobile secure host 20.0.0.3").splitlines()[1] == "20.0.0.1 - 20.0.0.5"
    assert typist.show("ip mobile secure home-agent").splitlines()[1] == "1.0.0.2"
    assert typist.show("ip mobile secure visitor").splitlines() == [head]
    assert typist.show("ip mobile secure summary").splitlines()[1:] == ["Total 4"]


def test_interfaces(typist: Typist) -> None:
    """Interfaces are shown that are home links or serve visitors (mobile-ip.md §2.9)."""
    typist.configure("router mobile", "ip mobile home-agent", "ip mobile host 1.0.0.100 interface Ethernet0")
    typist.configure("interface Ethernet1", "ip irdp", "ip mobile prefix-length")
    typist.configure("ip mobile registration-lifetime 600")
    typist.configure("ip mobile foreign-service registration-required limit 5 home-access 3")
    assert typist.show("ip mobile interface").splitlines() == [
        "IP Mobility interface information:",
        "Interface Ethernet0:",
        "    IRDP disabled",
        "    Prefix Length not advertised",
        "    Lifetime is 36000 seconds",
        "    Home Agent service provided",
        "Interface Ethernet1:",
        "    IRDP (includes agent advertisement) enabled",
        "    Prefix Length advertised",
        "    Lifetime is 600 seconds",
        "    Foreign Agent service provided",
        "    Registration required",
        "    Not busy",
        "    Home Agent access list 3",
        "    Maximum number of visitors allowed 5",
        "    Current number of visitors 0",
    ]
    assert typist.show("ip mobile interface Ethernet0").splitlines()[1] == "Interface Ethernet0:"
    assert "Ethernet1" not in typist.show("ip mobile interface Ethernet0")


# --- Numbers


def test_traffic_is_counted_by_code(typist: Typist) -> None:
    """Replies are counted by their code, denials together as well; clearing begins from zero."""
    traffic = typist.router.part(Mobile).traffic
    traffic.registers, traffic.ignored = 8, 1
    traffic.home_codes = {0: 6, 133: 1, 131: 2}
    traffic.updates_sent, traffic.updates_total, traffic.updates_failed = 3, 5, 1
    shown = typist.show("ip mobile traffic")
    for row in (
        "    Register 8, Deregister 0 requests",
        "    Accepted 6, No simultaneous bindings 0",
        "    Denied 3, Ignored 1",
        "    Authentication failed MN 2, FA 0",
        "    Bad identification 1, Bad request form 0",
        "    Binding updates received 0, sent 3 total 5 fail 1",
    ):
        assert row in shown.splitlines()
    typist.configure("do clear ip mobile traffic")
    assert not set("123456789") & set(typist.show("ip mobile traffic"))


def test_counters_of_a_host(typist: Typist) -> None:
    """A mobile node's counters are shown with times; clearing them may be undone."""
    mobile = typist.router.part(Mobile)
    typist.configure("ip mobile host 20.0.0.6 virtual-network 20.0.0.0 255.0.0.0")
    counts = mobile.counts[address("20.0.0.6")] = HostCounts()
    counts.accepted, counts.last_accepted = 7, (EPOCH + 60) * SECOND
    counts.denials = Denials(4, (EPOCH + 75) * SECOND, 131)
    counts.service, counts.since = 5 * SECOND, 0
    typist.lab.advance(100)
    counted = [
        "    Accepted 7, Last time 03/01/02 00:01:00",
        "    Overall service time 00:01:45",
        "    Denied 4, Last time 03/01/02 00:01:15",
        "    Last code 'MN failed authentication (131)'",
    ]
    assert typist.show("ip mobile host").splitlines()[3:7] == counted
    typist.configure("do clear ip mobile host-counters 20.0.0.6")
    assert typist.show("ip mobile host").splitlines()[3] == "    Accepted 0, Last time -never-"
    typist.configure("do clear ip mobile host-counters 20.0.0.6 undo")
    assert typist.show("ip mobile host").splitlines()[3:7] == counted


def test_tunnels(typist: Typist) -> None:
    """Tunnels are shown as in mobile-ip.md §2.6, GRE with its longer header, one alone when it is named."""
    tunnels = typist.router.part(Mobile).tunnels
    typist.router.interface("Tunnel0")  # only what there is can be named
    for number, gre in ((1, True), (0, False)):
        tunnel = Tunnel(number, address("68.0.0.32"), IPv4(address("68.0.0.48") + number), gre=gre)
        tunnel.users, tunnel.packets_out, tunnel.bytes_out = 1, 1591241, 1209738478
        tunnels[tunnel.source, tunnel.destination, gre] = tunnel
    assert typist.show("ip mobile tunnel Tunnel0").splitlines() == [
        "Mobile Tunnels:",
        "Tunnel0:",
        "    src 68.0.0.32, dest 68.0.0.48",
        "    encap IP/IP, mode reverse-allowed, tunnel-users 1",
        "    IP MTU 1480 bytes",
        "    HA created, fast switching enabled, ICMP unreachable enabled",
        "    0 packets input, 0 bytes, 0 drops",
        "    1591241 packets output, 1209738478 bytes",
    ]
    both = typist.show("ip mobile tunnel").splitlines()
    assert both[8:12] == [
        "Tunnel1:",
        "    src 68.0.0.32, dest 68.0.0.49",
        "    encap GRE/IP, mode reverse-allowed, tunnel-users 1",
        "    IP MTU 1476 bytes",
    ]


def test_violations(typist: Typist) -> None:
    """The log of violations is shown as in mobile-ip.md §2.7; a peer's are counted, the last one told."""
    log = typist.router.part(Mobile).violations
    when = EPOCH * SECOND
    log.note(address("20.0.0.1"), Violation(1, when, 0x300, 0xB751B58177FD0E40, 133, 3))
    log.note(address("20.0.0.1"), Violation(1, when + 83 * SECOND, 0x300, 0xB751B58177FD0E40, 131, 2))
    assert typist.show("ip mobile violation").splitlines() == [
        "Security Violation Log:",
        "",
        "Mobile Hosts:",
        "20.0.0.1:",
        "    Violations: 2, Last time: 03/01/02 00:01:23",
        "    SPI: 300, Identification: B751B581.77FD0E40",
        "    Error Code: MN failed authentication (131), Reason: Bad authenticator (2)",
    ]
    assert "20.0.0.1" not in typist.show("ip mobile violation 20.0.0.2")


def test_the_log_of_violations_forgets() -> None:
    """Only so many peers are remembered; who has not offended for longest goes first."""
    log = Violations()
    violation = Violation(1, 0, 0, 0, 131, 2)
    for number in range(VIOLATORS):
        log.note(IPv4(number), violation)
    log.note(IPv4(0), violation)
    log.note(IPv4(VIOLATORS), violation)
    assert [int(peer) for peer, _ in log] == [0, *range(2, VIOLATORS + 1)]
    assert log.of(IPv4(0)) == violation._replace(times=2)


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("binding", ["Mobility Binding List:", "Total 0"]),
        ("binding summary", ["Mobility Binding List:", "Total 0"]),
        ("host", []),
        ("interface", ["IP Mobility interface information:"]),
        ("tunnel", ["Mobile Tunnels:"]),
        ("violation", ["Security Violation Log:", "", "Mobile Hosts:"]),
        ("visitor", ["Mobile Visitor List:", "Total 0"]),
    ],
)
def test_looking_where_nothing_is_makes_nothing(typist: Typist, line: str, rows: list[str]) -> None:
    """Screens of a router without Mobile IP are empty, and looking leaves nothing behind."""
    assert typist.show(f"ip mobile {line}").splitlines() == rows
    assert typist.router.peek(Mobile) is None
