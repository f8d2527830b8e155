"""Each rule of the audit: a configuration in which it, and nothing else, finds something, and one in which it does not.

A case is the configurations of conftest.py with some text replaced: what is there, by what is put in its place; what is
there may be empty: then the text comes at the file's end. `lab.yml` among the files makes them a lab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from iosemu.app import grammar
from iosemu.insight import reading
from iosemu.insight.audit import audit
from iosemu.insight.network import Network
from iosemu.insight.reading import Text
from iosemu.insight.rules import rules
from iosemu.insight.unfold import as_text, unfold
from tests.insight.conftest import FA, FILES, HA1, HA2, LAB, R0
from tests.insight.test_unfold import CONFIGS, configurations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Edits = dict[str, list[tuple[str, str]]]
"""By file: what is replaced by what. A file that is named with no edits is there as it is."""

PAIR: Edits = {"HA1.cfg": [], "HA2.cfg": []}
ALL: Edits = {"lab.yml": [], "HA1.cfg": [], "HA2.cfg": [], "FA.cfg": [], "R0.cfg": []}
LONE = "interface Ethernet0\n ip address 1.0.0.1 255.0.0.0\n"
GROUP1 = f"{LONE} standby 1 ip 1.0.0.10\n"
TRACKING = f"interface Ethernet1\n{GROUP1} standby 1 priority 120\n standby 1 track Ethernet1"
GROUP2 = GROUP1.replace("1.0.0.1 ", "1.0.0.2 ")


def one(text: str) -> Edits:
    """Give the case of one file, with this text alone."""
    return {"R1.cfg": [("", text)]}


def two(first: str, second: str) -> Edits:
    """Give the case of two files."""
    return {"R1.cfg": [("", first)], "R2.cfg": [("", second)]}


def both(*edits: tuple[str, str]) -> Edits:
    """Give the pair of home agents, both edited alike."""
    return {"HA1.cfg": list(edits), "HA2.cfg": list(edits)}


def lab(**edits: list[tuple[str, str]]) -> Edits:
    """Give the lab, with files edited; `lab` is lab.yml."""
    return ALL | {"lab.yml" if name == "lab" else f"{name}.cfg": each for name, each in edits.items()}


def two_networks(address: str) -> Edits:
    """Give the pair with a second physical network, and a home agent address."""
    ethernet1 = "interface Ethernet1\n ip address {own} 255.0.0.0\n standby ip 2.0.0.10\n standby name Net2\n"
    lines = (
        f"ip mobile home-agent address {address}\nip mobile home-agent standby Net2 virtual-network\n"
        "ip mobile secure home-agent {peer} spi 100 key hex d41c9e7ab3025f8860e9174bcd62fa35\n"
    )
    ends = {
        "HA1.cfg": {"own": "2.0.0.1", "peer": "2.0.0.2"},
        "HA2.cfg": {"own": "2.0.0.2", "peer": "2.0.0.1"},
    }
    return {name: [("", ethernet1.format(**end) + lines.format(**end))] for name, end in ends.items()}


CASES: dict[str, tuple[Edits, Edits, int]] = {
    # rule: what it finds something in, what it does not, and how many findings there are
    "syntax": (one("hostname R1\nfoo bar\n"), one("hostname R1\n! foo bar\n"), 1),
    "refused": (one("interface Ethernet0\n ip address 1.0.0.0 255.0.0.0\n"), one(LONE), 1),
    "warned": (
        one(LONE.replace("255.0.0.0", "255.255.255.254")),
        one(LONE.replace("255.0.0.0", "255.255.255.252")),
        1,
    ),
    "exec-line": (one("hostname R1\ndo reload\n\nip routing\n"), one("hostname R1\n! do reload\n"), 1),
    "slip-key": (both(("100 key hex", "100 hex")), PAIR, 2),
    "slip-address": (both((" address 20.0.0.1\n", " 20.0.0.1\n")), PAIR, 2),
    "slip-preempt": (
        {"HA1.cfg": [(" 110\n standby preempt", " 110 preempt")], "HA2.cfg": []},
        PAIR,
        1,
    ),
    "mode-unknown": (
        one(f"{LONE}interfoo Bar0\n shutdown\n"),
        one(f"{LONE}interface Ethernet1\n shutdown\n"),
        1,
    ),
    "address-duplicate": (
        two(LONE, "interface Ethernet3\n ip address 1.0.0.1 255.0.0.0\n"),
        two(LONE, LONE.replace("0.1 ", "0.2 ")),
        2,
    ),
    "hostname-duplicate": (lab(R0=[("hostname R0", "hostname FA")]), lab(R0=[("hostname R0\n", "")]), 2),
    "host-gateway": (
        lab(lab=[("gateway: 1.0.0.3", "gateway: 1.0.0.9")]),
        lab(lab=[("1.0.0.3", "1.0.0.10")]),
        1,
    ),
    "address-overlap": (
        one(f"{LONE}interface Ethernet1\n ip address 1.1.0.1 255.255.0.0\n"),
        one(f"{LONE}interface Ethernet1\n ip address 2.1.0.1 255.255.0.0\n"),
        1,
    ),
    "segment-subnet": (
        lab(FA=[("1.0.0.4 255", "9.0.0.4 255")]),
        lab(FA=[("1.0.0.4 255.0.0.0", "9.0.0.4 255.0.0.0\n ip address 1.0.0.4 255.0.0.0 secondary")]),
        6,
    ),
    "interface-unconfigured": (
        lab(lab=[('"FA:Ethernet1"', '"FA:Ethernet1", "R0:Ethernet1"')]),
        lab(
            lab=[('"FA:Ethernet1"', '"FA:Ethernet1", "R0:Ethernet1"')], R0=[("", "interface e1\n shutdown\n")]
        ),
        1,
    ),
    "interface-unplugged": (
        lab(R0=[("", "interface e5\n ip address 9.0.0.1 255.0.0.0\n")]),
        lab(R0=[("", "interface lo5\n ip address 9.0.0.1 255.0.0.0\n")]),
        1,
    ),
    "route-unreachable": (
        one(f"{LONE}ip route 5.0.0.0 255.0.0.0 2.0.0.1\n"),
        one(f"{LONE}ip route 5.0.0.0 255.0.0.0 2.0.0.1\nip route 2.0.0.0 255.0.0.0 1.0.0.9\n"),
        1,
    ),
    "route-next-hop": (
        lab(R0=[("1.0.0.10", "1.0.0.11")]),
        lab(R0=[("1.0.0.10", "1.0.0.50")]),
        1,
    ),
    "hsrp-subnet": (one(f"{LONE} standby ip 2.0.0.10\n"), one(f"{LONE} standby ip\n"), 1),
    "hsrp-address-taken": (
        two(GROUP1.replace("0.10", "0.2"), LONE.replace("0.1 ", "0.2 ")),
        two(GROUP1, LONE.replace("0.1 ", "0.2 ")),
        1,
    ),
    "hsrp-address-differs": (two(GROUP1, GROUP2.replace("0.10", "0.11")), two(GROUP1, GROUP2), 2),
    "hsrp-group-differs": (two(GROUP1, GROUP2.replace("standby 1", "standby 2")), two(GROUP1, GROUP2), 2),
    "hsrp-timers-differ": (
        two(f"{GROUP1} standby 1 timers 1 3\n", GROUP2),
        two(f"{GROUP1} standby 1 timers 3 10\n", GROUP2),
        2,
    ),
    "hsrp-hold-short": (
        one(f"{GROUP1} standby 1 timers 3 6\n"),
        one(f"{GROUP1} standby 1 timers 3 9\n"),
        1,
    ),
    "hsrp-authentication-differs": (
        two(f"{GROUP1} standby 1 authentication abc\n", GROUP2),
        two(f"{GROUP1} standby 1 authentication cisco\n", GROUP2),
        2,
    ),
    "hsrp-priority-equal": (
        two(f"{GROUP1} standby 1 preempt\n", GROUP2),
        two(f"{GROUP1} standby 1 preempt\n standby 1 priority 101\n", GROUP2),
        1,
    ),
    "hsrp-track-missing": (
        one(f"{GROUP1} standby 1 track Ethernet1\n"),
        one(f"{GROUP1} standby 1 track Ethernet1\ninterface Ethernet1\n"),
        1,
    ),
    "hsrp-track-idle": (
        two(f"{TRACKING} 30\n", GROUP2),
        two(f"{TRACKING} 30\n", f"{GROUP2} standby 1 preempt\n"),
        1,
    ),
    "hsrp-version-differs": (
        two(f"{GROUP1} standby version 2\n", GROUP2),
        two(f"{GROUP1} standby version 1\n", GROUP2),
        2,
    ),
    "undefined": (
        one(f"{LONE} ip access-group 10 in\n"),
        one(f"{LONE} ip access-group 10 in\naccess-list 10 permit any\n"),
        1,
    ),
    "hsrp-no-address": (
        one(f"{GROUP1} standby priority 110\n"),
        one(f"{GROUP1} standby 1 priority 110\n"),
        1,
    ),
    "hsrp-alone": (
        lab(R0=[("255.0.0.0\nip", "255.0.0.0\n standby 1 ip 1.0.0.20\nip")]),
        lab(
            R0=[("255.0.0.0\nip", "255.0.0.0\n standby 1 ip 1.0.0.20\nip")],
            FA=[("1.0.0.4 255.0.0.0\n", "1.0.0.4 255.0.0.0\n standby 1 ip 1.0.0.20\n")],
        ),
        1,
    ),
    "hsrp-name-twice": (
        one(f"{GROUP1} standby 1 name A\n standby 2 ip 1.0.0.11\n standby 2 name A\n"),
        one(f"{GROUP1} standby 1 name A\n standby 2 ip 1.0.0.11\n standby 2 name B\n"),
        1,
    ),
    "router-mobile": (both(("router mobile\n", "")), PAIR, 2),
    "host-association": (
        both(("host 20.0.0.100 v", "host 20.0.0.100 20.0.0.101 v")),
        both(
            ("host 20.0.0.100 v", "host 20.0.0.100 20.0.0.101 v"),
            ("host 20.0.0.100 s", "host 20.0.0.99 20.0.0.200 s"),
        ),
        2,
    ),
    "association-host": (
        both(("", "ip mobile secure host 20.0.0.7 spi 300 key hex 8f3a61d2c94b07e5b8127cf05a9de347\n")),
        PAIR,
        2,
    ),
    "host-network": (
        both(("host 20.0.0.100", "host 21.0.0.100")),
        both(("host 20.0.0.100", "host 20.1.2.3")),
        2,
    ),
    "host-home": (
        both(
            (
                "host 20.0.0.100 virtual-network 20.0.0.0 255.0.0.0",
                "host 20.0.0.100 virtual-network 20.0.0.0 255.255.0.0",
            ),
            ("virtual-network 20.0.0.0 255.0.0.0 address", "virtual-network 20.0.0.0 255.128.0.0 address"),
            ("", "ip mobile host 20.0.0.200 virtual-network 20.0.0.0 255.128.0.0 aaa\n"),
        ),
        PAIR,
        2,
    ),
    "virtual-network-hosts": (
        both(("", "ip mobile virtual-network 30.0.0.0 255.0.0.0\nip mobile home-agent address 20.0.0.1\n")),
        PAIR,
        2,
    ),
    "care-of": ({"FA.cfg": [("ip mobile foreign-agent care-of Ethernet1\n", "")]}, {"FA.cfg": []}, 1),
    "care-of-address": (
        {"FA.cfg": [("care-of Ethernet1\n", "care-of Loopback0\n")]},
        {"FA.cfg": [("care-of Ethernet1\n", "care-of Ethernet0\n")]},
        1,
    ),
    "foreign-service": ({"FA.cfg": [(" ip mobile foreign-service\n", "")]}, {"FA.cfg": []}, 1),
    "irdp": ({"FA.cfg": [(" ip irdp\n", "")]}, {"FA.cfg": []}, 1),
    "node-home-agent": (
        lab(lab=[("home-agent: 20.0.0.1", "home-agent: 20.0.0.2")]),
        lab(lab=[("home-agent: 20.0.0.1", "home-agent: 1.0.0.10")]),
        1,
    ),
    "node-association": (lab(lab=[('"200"', '"201"')]), ALL, 2),
    "redundancy-group": (
        {"HA1.cfg": [], "HA2.cfg": [("name SanJoseHA", "name SanJoseHA1")]},
        both(("SanJoseHA\n", "Sj\n"), ("SanJoseHA v", "Sj v")),
        1,
    ),
    "redundancy-association": (
        {"HA1.cfg": [("home-agent 1.0.0.2", "home-agent 1.0.0.7")], "HA2.cfg": []},
        {
            "HA1.cfg": [
                ("", "ip mobile secure home-agent 1.0.0.7 spi 100 key hex d41c9e7ab3025f8860e9174bcd62fa36\n")
            ]
        },
        1,
    ),
    "association-address": (
        lab(
            HA1=[
                ("", "ip mobile secure home-agent 1.0.0.7 spi 100 key hex d41c9e7ab3025f8860e9174bcd62fa36\n")
            ]
        ),
        ALL,
        1,
    ),
    "association-differs": (
        {"HA1.cfg": [("home-agent 1.0.0.2 spi 100", "home-agent 1.0.0.2 spi 101")], "HA2.cfg": []},
        {
            "HA1.cfg": [
                ("home-agent 1.0.0.2 spi 100", "home-agent 1.0.0.2 inbound-spi 101 outbound-spi 102")
            ],
            "HA2.cfg": [
                ("home-agent 1.0.0.1 spi 100", "home-agent 1.0.0.1 inbound-spi 102 outbound-spi 101")
            ],
        },
        2,
    ),
    "redundancy-differs": (
        {"HA1.cfg": [("ip mobile home-agent\n", "ip mobile home-agent lifetime 600\n")], "HA2.cfg": []},
        both(("ip mobile home-agent\n", "ip mobile home-agent lifetime 600\n")),
        2,
    ),
    "preempt-sync": (
        {"HA1.cfg": [("preempt delay sync 100", "preempt")], "HA2.cfg": []},
        {"HA1.cfg": [("preempt delay sync 100", "preempt delay minimum 10 sync 20")], "HA2.cfg": []},
        1,
    ),
    "redundancy-both": (
        both(
            (
                "ip mobile home-agent standby",
                "ip mobile home-agent standby SanJoseHA\nip mobile home-agent standby",
            )
        ),
        both(
            (
                "ip mobile home-agent standby",
                "ip mobile home-agent standby SanJoseHA virtual-network\nip mobile home-agent standby",
            )
        ),
        2,
    ),
    "home-agent-address": (
        both(("", "ip mobile home-agent address 20.0.0.2\n")),
        both(("", "ip mobile home-agent address 20.0.0.1\n")),
        2,
    ),
    "group-unused": (
        {
            name: [
                (old, new)
                if old
                else ("", new.replace("ip mobile home-agent standby Net2 virtual-network\n", ""))
                for old, new in edits
            ]
            for name, edits in two_networks("20.0.0.1").items()
        },
        two_networks("20.0.0.1"),
        2,
    ),
    "home-agent-address-fragile": (
        two_networks("1.0.0.10"),
        two_networks("20.0.0.1"),
        2,
    ),
    "virtual-network-address": (
        both((" address 20.0.0.1\n", "\n")),
        both((" address 20.0.0.1\n", "\nip mobile home-agent address 1.0.0.10\n")),
        2,
    ),
    "virtual-network-loopback": (
        both(("address 20.0.0.1\n", "address 20.0.0.2\n")),
        both(
            ("20.0.0.1 255.255.255.255", "20.0.0.2 255.255.255.255"),
            ("address 20.0.0.1\n", "address 20.0.0.2\n"),
        ),
        2,
    ),
    "redundancy-virtual": (both(("SanJoseHA virtual-network", "SanJoseHA")), PAIR, 2),
    "loopback-differs": (
        {
            "HA1.cfg": [("address 20.0.0.1\n", "\nip mobile home-agent address 20.0.0.1\n")],
            "HA2.cfg": [
                ("address 20.0.0.1\n", "\nip mobile home-agent address 20.0.0.1\n"),
                ("20.0.0.1 255", "20.0.0.2 255"),
            ],
        },
        PAIR,
        1,
    ),
    "loopback-router-id": (
        both(("", "router ospf 1\n network 1.0.0.0 0.255.255.255 area 0\n")),
        both(("", "router ospf 1\n router-id 1.1.1.1\n network 1.0.0.0 0.255.255.255 area 0\n")),
        2,
    ),
    "enable-password": (
        one("service password-encryption\nenable password Gb2-kw9-xY\n"),
        one("service password-encryption\nenable secret Gb2-kw9-xY\n"),
        1,
    ),
    "password-type-7": (
        one("username a password 7 0822455D0A16\n"),
        one("username a secret 5 $1$e3WV$2DWuiRC5kgKk4bMDBMiDd0\n"),
        1,
    ),
    "password-plain": (
        one("username a password Gb2-kw9-xY\n"),
        one("username a secret Gb2-kw9-xY\n"),
        1,
    ),
    "password-encryption": (
        one("enable password Gb2-kw9-xY\n"),
        one("service password-encryption\nenable password Gb2-kw9-xY\n"),
        1,
    ),
    "password-common": (one("enable secret cisco\n"), one("enable secret ciscoX9-kw2\n"), 1),
    "vty-login": (
        one("line vty 0 4\n no login\n"),
        one("line vty 0 4\n no login\n transport input none\n"),
        1,
    ),
    "vty-telnet": (
        one("line vty 0 4\n transport input telnet ssh\n"),
        one("line vty 0 4\n transport input ssh\n"),
        1,
    ),
    "snmp-community": (one("snmp-server community public RO\n"), one("snmp-server community Zq8w RO\n"), 1),
    "key-pattern": (
        both(("8f3a61d2c94b07e5b8127cf05a9de346", "00112233445566778899001122334455")),
        PAIR,
        1,
    ),
    "key-short": (both(("100 key hex d41c9e7ab3025f8860e9174bcd62fa35", "100 key ascii k3!dZq9x")), PAIR, 2),
}

TOGETHER = {
    "password-plain": {"password-encryption"},
    "mode-unknown": {"syntax"},
    "loopback-differs": {"home-agent-address"},
    "password-encryption": {"enable-password"},
    "host-home": {"host-network"},
}
"""Rules that cannot but find something in the same configuration."""


def files(edits: Edits) -> dict[str, str]:
    """Give the files of a case."""
    found = {}
    for name, changes in edits.items():
        text = LAB if name == "lab.yml" else FILES.get(name, "")
        for old, new in changes:
            assert not old or old in text, f"{old!r} is not in {name}"
            text = text.replace(old, new) if old else text + new
        found[name] = text
    return found


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str, networked: Callable[[Mapping[str, str]], Network]) -> None:
    """A rule finds what it looks for, and nothing in what is right."""
    wrong, right, count = CASES[name]
    found = audit(networked(files(wrong)))
    assert {each.rule for each in found} - TOGETHER.get(name, set()) == {name}, found
    assert sum(each.rule == name for each in found) == count, found
    assert [each for each in audit(networked(files(right))) if each.rule == name] == []


def test_every_rule_has_a_case() -> None:
    """The table above is whole, and rules say where they are from."""
    assert set(CASES) == {rule.name for rule in rules()}
    assert all(
        rule.title and rule.reference and rule.severity in ("error", "warning", "note") for rule in rules()
    )


UNDEFINED = """\
interface Ethernet0
 ip address 1.0.0.1 255.0.0.0
 ip access-group A in
 standby 1 ip 1.0.0.10
 standby 1 authentication md5 key-chain K
 standby 1 track 7
 ip mobile foreign-service home-access 11
snmp-server community Zq8w RO 12
line vty 0 4
 access-class 13 in
"""
DEFINED = """\
ip access-list extended A
 permit ip any any
access-list 11 permit any
access-list 12 permit any
access-list 13 permit any
key chain K
 key 1
track 7 interface Ethernet0 line-protocol
"""


def test_undefined(networked: Callable[[Mapping[str, str]], Network]) -> None:
    """Names of all kinds are looked for."""
    found = [each.what for each in audit(networked({"R1.cfg": UNDEFINED})) if each.rule == "undefined"]
    assert found == [
        "there is no access list A",
        "there is no key chain K",
        "there is no tracked object 7",
        "there is no access list 11",
        "there is no access list 12",
        "there is no access list 13",
    ]
    assert [
        each for each in audit(networked({"R1.cfg": UNDEFINED + DEFINED})) if each.rule == "undefined"
    ] == []


@pytest.mark.parametrize("case", [PAIR, ALL, {"FA.cfg": []}, {"R0.cfg": []}], ids=["pair", "lab", "FA", "R0"])
def test_what_is_right(case: Edits, networked: Callable[[Mapping[str, str]], Network]) -> None:
    """Nothing is found in configurations that are as they should be."""
    assert audit(networked(files(case))) == []


def test_the_files_are_those_of_conftest() -> None:
    """The cases edit these texts."""
    assert list(FILES.values()) == [HA1, HA2, FA, R0]


@pytest.mark.parametrize("lab", sorted(path.parent.name for path in CONFIGS.glob("*/lab.yml")))
def test_flattened_and_unfolded(lab: str) -> None:
    """In the document's text on one line the same is found as in its lines, once it is unfolded."""
    kept, flat = [], []
    for name in ("HA1", "HA2"):
        rows = [row.strip() for row in (CONFIGS / lab / f"{name}.cfg").read_text().splitlines()]
        rows = [row for row in rows if not row.startswith("! HA")]
        kept.append(reading.read(grammar(), name, [Text(name, "\n".join(rows))]))
        unfolded = as_text(name, unfold(grammar(), name, " ".join(rows)))
        flat.append(reading.read(grammar(), name, [unfolded]))
    assert [(found.rule, found.what) for found in audit(Network(flat))] == [
        (found.rule, found.what) for found in audit(Network(kept))
    ]


@settings(max_examples=60, deadline=None)
@given(configurations(carried=True), configurations(carried=False))
def test_rules_stand_anything(carried: list[str], other: list[str]) -> None:
    """Whatever configurations say, each finding is at a line that is there, and says two sentences."""
    texts = {"R1": [*carried, *other], "R2": [*other, *carried]}
    readings = [reading.read(grammar(), name, [Text(name, "\n".join(rows))]) for name, rows in texts.items()]
    for found in audit(Network(readings)):
        assert 1 <= found.source.line <= max(1, len(texts[found.source.file]))
        assert found.what
        assert found.mend
