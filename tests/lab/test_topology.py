"""lab.yml as it is read: each refusal is a row (text, `LINE: message`); the rest is read for what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.lab import topology
from iosemu.lab.topology import (
    HostSpec,
    Link,
    MobileNodeSpec,
    RouterSpec,
    Topology,
    TopologyError,
    read,
)

if TYPE_CHECKING:
    from pathlib import Path

HEX = "00112233445566778899001122334455"
MOBILE = f'home-address: 1.0.0.100/8, home-agent: 1.0.0.10, spi: "200", key: {{hex: "{HEX}"}}, segment: a'
ALL = """\
name: everything
clock: 2026-02-28 23:59:59
topology:
  nodes:
    R1: {kind: router, startup-config: [R1.cfg, more/R1.cfg]}
    NO: {kind: router}
    MN1:
      kind: mobile-node
      home-address: 1.0.0.100/8
      home-agent: 1.0.0.10
      spi: 1e5
      key: {ascii: "12345"}
      segment: wire
      gateway: 1.0.0.3
      lifetime: 600
      flags: sBdmgvT
      colocated-address: 4.0.0.77
      algorithm: hmac-md5
    CN1: {kind: host, address: 3.0.0.50/8, gateway: 3.0.0.1, segment: wire}
  links:
    - {segment: wire, endpoints: ["R1:ethernet0", NO:FastEthernet0/1], delay: 1.5ms, loss: 0.25}
    - segment: nobody
"""


def nodes(*rows: str) -> str:
    """Write a lab of these nodes, the first on line 4, and a segment `a`."""
    return "\n".join(
        ["name: t", "topology:", "  nodes:", *(f"    {row}" for row in rows), "  links: [{segment: a}]"]
    )


def node(settings: str) -> str:
    """Write a lab of one node N, on line 4."""
    return nodes(f"N: {{{settings}}}")


def host(settings: str) -> str:
    """Write a lab of one host N, on line 4."""
    return node(f"kind: host, segment: a, {settings}")


def mobile(setting: str) -> str:
    """Write a lab of one mobile node N, on line 4, in which one setting is another."""
    name = setting.partition(":")[0]
    kept = [part for part in re.split(r", (?=[a-z])", MOBILE) if not part.startswith(f"{name}:")]
    return node(", ".join(["kind: mobile-node", *kept, setting]))


def links(*rows: str) -> str:
    """Write a lab of routers R1 and R2 and a host H, and these links, the first on line 8."""
    return "\n".join(
        [
            "name: t",
            "topology:",
            "  nodes:",
            "    R1: {kind: router}",
            "    R2: {kind: router}",
            "    H: {kind: host, address: 3.0.0.50/8, gateway: 3.0.0.1, segment: a}",
            "  links:",
            *(f"    - {row}" for row in rows),
        ]
    )


STATION = "a station's IPv4 address, such as 1.0.0.10"
PREFIXED = "a station's IPv4 address and prefix length, such as 1.0.0.100/8"
KINDS = "router, host, mobile-node"
MOBILE_KEYS = (
    "kind, home-address, home-agent, spi, key, segment,"
    " gateway, lifetime, flags, colocated-address, algorithm"
)
HOSTNAME = "letters, digits and hyphens, at most 63, a letter first, no hyphen last"
WORD = "letters, digits, '.', '_' and '-', at most 63"
MOMENT = "YYYY-MM-DD HH:MM:SS (UTC), 1993 to 2035"
BELOW = "a file in the lab's folder or below it"
PORTS = (
    "Ethernet, FastEthernet, GigabitEthernet, TenGigabitEthernet, in full, with a number, such as Ethernet0"
)
DELAYS = "a number with us, ms or s, 1us to 60s"
LOSSES = "0 (none) to 1 (all), such as 0.05"
N = "topology.nodes.N"
L = "topology.links[0]"

REFUSALS = [
    # The file as a whole
    ("", "1: the file is empty; allowed: name, topology, clock"),
    ("# nothing\n", "1: the file is empty; allowed: name, topology, clock"),
    ("physical\n", "1: this is no mapping; allowed: name, topology, clock"),
    ("- name\n", "1: this is no mapping; allowed: name, topology, clock"),
    ("name: t\n---\nname: u\n", "2: a second document begins here; allowed: one"),
    ("name: &n t\n", "1: an anchor (&) or alias (*) stands here; allowed: the value written out"),
    ("name: t\ntopology: *t\n", "2: an anchor (&) or alias (*) stands here; allowed: the value written out"),
    ("name: !!python/object:os.system x\n", "1: a tag (!) stands here; allowed: plain values"),
    ("name: t\ntopology: !!set {a}\n", "2: a tag (!) stands here; allowed: plain values"),
    ("name: t\ntopology: " + "[" * 9, "2: nested too deeply; allowed: 8 levels"),
    ("- " * 50_000 + "x", "1: nested too deeply; allowed: 8 levels"),
    ("name: t\nname: u\n", "2: 'name' is on line 1 already; allowed: once"),
    ("name: t\n? [a]\n: b\n", "2: this is no key; allowed: a word and a colon"),
    ('name: t\n"": b\n', "2: this is no key; allowed: a word and a colon"),
    ("name: t\nclock\x07: b\n", "2: the character U+0007 stands here; allowed: plain text"),
    # name, clock, topology
    ("name: t\n", "1: topology is missing; allowed: name, topology, clock"),
    ("topology: {nodes: {R1: {kind: router}}}\n", "1: name is missing; allowed: name, topology, clock"),
    ("name: t\nmgmt: {}\n", "2: unknown key 'mgmt'; allowed: name, topology, clock"),
    ("name: [t]\ntopology: {}\n", f"1: name: this is not one word; allowed: {WORD}"),
    ("name:\ntopology: {}\n", f"1: name: nothing is written here; allowed: {WORD}"),
    ("name: ../t\ntopology: {}\n", f"1: name: '../t' will not do; allowed: {WORD}"),
    ("name: |\n  t\ntopology: {}\n", f"1: name: 't\\n' will not do; allowed: {WORD}"),
    (f"name: {'x' * 64}\ntopology: {{}}\n", f"1: name: '{'x' * 57}...' will not do; allowed: {WORD}"),
    ("name: t\ntopology: here\n", "2: topology: this is no mapping; allowed: nodes, links"),
    ("name: t\ntopology: {links: []}\n", "2: topology: nodes is missing; allowed: nodes, links"),
    ("name: t\ntopology:\n  kinds: {}\n", "3: topology: unknown key 'kinds'; allowed: nodes, links"),
    ("name: t\nclock: today\ntopology: {}\n", f"2: clock: 'today' will not do; allowed: {MOMENT}"),
    ("name: t\nclock: 2002-03-01\ntopology: {}\n", f"2: clock: '2002-03-01' will not do; allowed: {MOMENT}"),
    (
        "name: t\nclock: 2002-02-29 00:00:00\ntopology: {}\n",
        f"2: clock: '2002-02-29 00:00:00' will not do; allowed: {MOMENT}",
    ),
    (
        "name: t\nclock: 2036-01-01 00:00:00\ntopology: {}\n",
        f"2: clock: '2036-01-01 00:00:00' will not do; allowed: {MOMENT}",
    ),
    # Nodes
    ("name: t\ntopology: {nodes: {}}\n", "2: topology.nodes: there is no node; allowed: NAME: {kind: ...}"),
    (
        "name: t\ntopology: {nodes: [R1]}\n",
        "2: topology.nodes: this is no mapping; allowed: NAME: {kind: ...}",
    ),
    (nodes("N:"), f"4: {N}: this is no mapping; allowed: kind: {KINDS}"),
    (node("startup-config: N.cfg"), f"4: {N}: kind is missing; allowed: {KINDS}"),
    (node("kind: switch"), f"4: {N}.kind: 'switch' will not do; allowed: {KINDS}"),
    (node("kind: [router]"), f"4: {N}.kind: this is not one word; allowed: {KINDS}"),
    (node("kind: router, image: x"), f"4: {N}: unknown key 'image'; allowed: kind, startup-config"),
    (
        nodes("N: {kind: router}", "N: {kind: router}"),
        "5: 'N' is on line 4 already; allowed: once",
    ),
    (
        nodes("N: {kind: router}", "n: {kind: router}"),
        "5: topology.nodes: n and N (line 4) are one name; allowed: names that differ in more than case",
    ),
    (
        nodes("lab: {kind: router}"),
        "4: topology.nodes: lab is the operator's own name; allowed: any other hostname",
    ),
    *(
        (
            nodes(f"{name}: {{kind: router}}"),
            f"4: topology.nodes: {shown!r} is no hostname; allowed: {HOSTNAME}",
        )
        for name, shown in [
            ("1R", "1R"),
            ("R_1", "R_1"),
            ("R-", "R-"),
            ('"R 1"', "R 1"),
            ("R" * 64, "R" * 57 + "..."),
            ("Rö", "Rö"),
            ("<<", "<<"),
        ]
    ),
    # startup-config
    (
        node("kind: router, startup-config: gone.cfg"),
        f"4: {N}.startup-config: 'gone.cfg' does not exist; allowed: {BELOW}",
    ),
    (
        node("kind: router, startup-config: [R1.cfg, gone.cfg]"),
        f"4: {N}.startup-config[1]: 'gone.cfg' does not exist; allowed: {BELOW}",
    ),
    (
        node("kind: router, startup-config: more"),
        f"4: {N}.startup-config: 'more' is a folder; allowed: {BELOW}",
    ),
    (
        node("kind: router, startup-config: ../R1.cfg"),
        f"4: {N}.startup-config: '../R1.cfg' is elsewhere; allowed: {BELOW}",
    ),
    (
        node("kind: router, startup-config: /etc/passwd"),
        f"4: {N}.startup-config: '/etc/passwd' is elsewhere; allowed: {BELOW}",
    ),
    (
        node("kind: router, startup-config: {file: R1.cfg}"),
        f"4: {N}.startup-config: this is not one word; allowed: {BELOW}, or a list of them",
    ),
    (
        node('kind: router, startup-config: "a\\0b"'),
        f"4: {N}.startup-config: 'a\\x00b' does not exist; allowed: {BELOW}",
    ),
    (
        node(f"kind: router, startup-config: {'x' * 5000}"),
        f"4: {N}.startup-config: '{'x' * 57}...' does not exist; allowed: {BELOW}",
    ),
    # Hosts
    (node("kind: host"), f"4: {N}: address is missing; allowed: kind, address, gateway, segment"),
    (
        host("address: 3.0.0.50/8"),
        f"4: {N}: gateway is missing; allowed: kind, address, gateway, segment",
    ),
    *(
        (
            host(f"address: {address}, gateway: 3.0.0.1"),
            f"4: {N}.address: '{address}' will not do; allowed: {PREFIXED}",
        )
        for address in [
            "3.0.0.50",
            "3.0.0.50/33",
            "3.0.0.50/0",
            "3.0.0.50/x",
            "3.0.0/8",
            "3.0.0.256/8",
            "CN1/8",
        ]
    ),
    (
        host("address: 3.0.0.0/8, gateway: 3.0.0.1"),
        f"4: {N}.address: 3.0.0.0 is the network address of 3.0.0.0/8; allowed: {PREFIXED}",
    ),
    (
        host("address: 3.0.0.63/26, gateway: 3.0.0.1"),
        f"4: {N}.address: 3.0.0.63 is the broadcast address of 3.0.0.0/26; allowed: {PREFIXED}",
    ),
    *(
        (
            host(f"address: {address}/8, gateway: 3.0.0.1"),
            f"4: {N}.address: {address} is no station's address; allowed: {PREFIXED}",
        )
        for address in ["0.0.0.5", "127.0.0.1", "224.0.0.1", "255.255.255.255"]
    ),
    (host("address: 3.0.0.50/8, gateway: R0"), f"4: {N}.gateway: 'R0' will not do; allowed: {STATION}"),
    (
        host("address: 3.0.0.50/8, gateway: 4.0.0.1"),
        f"4: {N}.gateway: 4.0.0.1 cannot be a gateway here; allowed: another address of 3.0.0.0/8",
    ),
    (
        host("address: 3.0.0.50/8, gateway: 3.0.0.50"),
        f"4: {N}.gateway: 3.0.0.50 cannot be a gateway here; allowed: another address of 3.0.0.0/8",
    ),
    (
        node("kind: host, address: 3.0.0.50/8, gateway: 3.0.0.1, segment: b"),
        f"4: {N}.segment: there is no segment 'b' in links; allowed: a",
    ),
    (
        "name: t\ntopology: {nodes: {N: {kind: host, address: 3.0.0.50/8, gateway: 3.0.0.1, segment: b}}}",
        f"2: {N}.segment: there is no segment 'b' in links; allowed: none, there is none",
    ),
    # Mobile nodes
    (
        node(f"kind: mobile-node, {MOBILE}, address: 1.0.0.1/8"),
        f"4: {N}: unknown key 'address'; allowed: {MOBILE_KEYS}",
    ),
    (node("kind: mobile-node, segment: a"), f"4: {N}: home-address is missing; allowed: {MOBILE_KEYS}"),
    (mobile("home-address: 1.0.0.100"), f"4: {N}.home-address: '1.0.0.100' will not do; allowed: {PREFIXED}"),
    (mobile("home-agent: HA1"), f"4: {N}.home-agent: 'HA1' will not do; allowed: {STATION}"),
    (
        mobile("home-agent: 255.255.255.255"),
        f"4: {N}.home-agent: 255.255.255.255 is no station's address; allowed: {STATION}",
    ),
    *(
        (mobile(f"spi: {spi}"), f"4: {N}.spi: '{spi}' will not do; allowed: hexadecimal 100 to FFFFFFFF")
        for spi in ["0x200", "FF", "0", "100000000", "-200", "2_00", "xyz"]
    ),
    (mobile("spi: [200]"), f"4: {N}.spi: this is not one word; allowed: hexadecimal 100 to FFFFFFFF"),
    (mobile(f"key: {HEX}"), f"4: {N}.key: this is no mapping; allowed: hex, ascii"),
    (mobile("key: {}"), f"4: {N}.key: one key is wanted; allowed: hex or ascii"),
    (mobile(f"key: {{hex: {HEX}, ascii: x}}"), f"4: {N}.key: one key is wanted; allowed: hex or ascii"),
    (mobile("key: {base64: x}"), f"4: {N}.key: unknown key 'base64'; allowed: hex, ascii"),
    *(
        (
            mobile(f"key: {{hex: {key}}}"),
            f"4: {N}.key.hex: '{key}' will not do; allowed: 32 hexadecimal digits",
        )
        for key in [HEX[1:], HEX[2:], HEX + "00", "z" + HEX[1:]]
    ),
    *(
        (
            mobile(f"key: {{ascii: {written}}}"),
            f"4: {N}.key.ascii: '{key}' will not do; allowed: 1 to 16 ASCII characters without blanks",
        )
        for written, key in [("x" * 17, "x" * 17), ("two words", "two words"), ("é", "é")]
    ),
    (
        mobile('key: {ascii: ""}'),
        f"4: {N}.key.ascii: nothing is written here; allowed: 1 to 16 ASCII characters without blanks",
    ),
    (
        mobile("gateway: 2.0.0.1"),
        f"4: {N}.gateway: 2.0.0.1 cannot be a gateway here; allowed: another address of 1.0.0.0/8",
    ),
    *(
        (mobile(f"lifetime: {time}"), f"4: {N}.lifetime: '{time}' will not do; allowed: 3 to 65535 seconds")
        for time in ["2", "65536", "1h", "0x10", "-1", "1.5", "infinite"]
    ),
    *(
        (
            mobile(f"flags: {flags}"),
            f"4: {N}.flags: '{flags}' will not do; allowed: the letters sbdmgvt, upper case = set",
        )
        for flags in ["T", "sbdmgvtx", "bsdmgvt"]
    ),
    (
        mobile("colocated-address: 4.0.0.77/8"),
        f"4: {N}.colocated-address: '4.0.0.77/8' will not do; allowed: {STATION}",
    ),
    (mobile("algorithm: sha1"), f"4: {N}.algorithm: 'sha1' will not do; allowed: md5, hmac-md5"),
    # Links
    (
        "name: t\ntopology:\n  nodes: {R1: {kind: router}}\n  links: {segment: a}",
        "4: topology.links: this is no list; allowed: {segment: NAME, endpoints: [NODE:Interface, ...]}",
    ),
    (links("a"), f"8: {L}: this is no mapping; allowed: segment, endpoints, delay, loss"),
    (links("{endpoints: []}"), f"8: {L}: segment is missing; allowed: segment, endpoints, delay, loss"),
    (
        links('{endpoints: ["R1:Ethernet0", "R2:Ethernet0"], segment: a, mtu: 1500}'),
        f"8: {L}: unknown key 'mtu'; allowed: segment, endpoints, delay, loss",
    ),
    (links("{segment: a b}"), f"8: {L}.segment: 'a b' will not do; allowed: {WORD}"),
    (
        links("{segment: a}", "{segment: a}"),
        "9: topology.links[1].segment: a is on line 8 already; allowed: one link with all its endpoints",
    ),
    (
        links('{segment: a, endpoints: "R1:Ethernet0"}'),
        f"8: {L}.endpoints: this is no list; allowed: NODE:Interface",
    ),
    (
        links("{segment: a, endpoints: [{R1: Ethernet0}]}"),
        f"8: {L}.endpoints[0]: this is not one word; allowed: NODE:Interface",
    ),
    *(
        (
            links(f'{{segment: a, endpoints: ["{end}"]}}'),
            f"8: {L}.endpoints[0]: '{end}' will not do; allowed: NODE:Interface, such as HA1:Ethernet0",
        )
        for end in ["R1", "R1:", ":Ethernet0", "R1 Ethernet0"]
    ),
    (
        links("{segment: a, endpoints: [R3:Ethernet0]}"),
        f"8: {L}.endpoints[0]: there is no node 'R3'; allowed: R1, R2",
    ),
    (
        links("{segment: a, endpoints: [H:Ethernet0]}"),
        f"8: {L}.endpoints[0]: H is a host; allowed: routers; a node of its kind has its own `segment`",
    ),
    *(
        (
            links(f'{{segment: a, endpoints: ["R1:{port}"]}}'),
            f"8: {L}.endpoints[0]: '{port}' is no port; allowed: {PORTS}",
        )
        for port in [
            "e0",
            "Ethernet",
            "Ethernet 0",
            "Ethernet00",
            "Ethernet16",
            "Ethernet0.1",
            "Ethernet0/0/0/0",
            "eth1",
            "Ethernet0:1",
        ]
    ),
    *(
        (
            links(f'{{segment: a, endpoints: ["R1:{port}"]}}'),
            f"8: {L}.endpoints[0]: '{port}' takes no cable here; allowed: {PORTS}",
        )
        for port in ["Loopback0", "Vlan1", "Serial0", "serial0/1"]
    ),
    (
        links('{segment: a, endpoints: ["R1:Ethernet0", "R1:ethernet0"]}'),
        f"8: {L}.endpoints[1]: R1:Ethernet0 is on line 8 already; allowed: one segment for a port",
    ),
    (
        links("{segment: a, endpoints: [R1:Ethernet0]}", "{segment: b, endpoints: [R1:Ethernet0]}"),
        (
            "9: topology.links[1].endpoints[0]: R1:Ethernet0 is on line 8 already;"
            " allowed: one segment for a port"
        ),
    ),
    *(
        (links(f"{{segment: a, delay: {delay}}}"), f"8: {L}.delay: '{delay}' will not do; allowed: {DELAYS}")
        for delay in ["0", "0ms", "0.1us", "5", "5 min", "-1ms", "61s", "1e3us", "soon"]
    ),
    *(
        (links(f"{{segment: a, loss: {loss}}}"), f"8: {L}.loss: '{loss}' will not do; allowed: {LOSSES}")
        for loss in ["1.01", "5%", "-0.1", ".nan", "half", "1e9"]
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two configurations in it."""
    (tmp_path / "more").mkdir()
    (tmp_path / "R1.cfg").write_text("hostname R1\n")
    (tmp_path / "more" / "R1.cfg").write_text("!\n")
    return tmp_path


@pytest.mark.parametrize(("text", "message"), REFUSALS, ids=[message[:90] for _, message in REFUSALS])
def test_refused(text: str, message: str, folder: Path) -> None:
    """What is wrong with a lab.yml is said in one line, with the line it is on and what is allowed."""
    file = folder / "lab.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TopologyError) as caught:
        read(file)
    assert str(caught.value) == f"{file}:{message}"
    assert "\n" not in str(caught.value)


def test_bottomless(folder: Path) -> None:
    """Flow nested without end is refused by us or, where PyYAML (6.0.4) looks ahead, by it: in one line."""
    file = folder / "lab.yml"
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(TopologyError, match=r"lab\.yml:1: (nested too deeply|no YAML: .*nesting depth)"):
        read(file)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: t\ntopology: [\n", 2),
        ("name: t\ntopology: [", 2),
        ("name: t\nclock: a: b\n", 2),
        ("name: t\n\ttopology: x\n", 2),
        ('name: "t\ntopology: x\n', 2),
        ("%YAML 9.0\n---\nname: t\n", 1),
        ("name: t\n  topology: x\n", 2),
        ("}", 1),
    ],
)
def test_no_yaml(text: str, line: int, tmp_path: Path) -> None:
    """Text that is no YAML is refused on a line that the file has."""
    file = tmp_path / "lab.yml"
    file.write_text(text)
    with pytest.raises(TopologyError, match=rf":{line}: no YAML: \S[^\n]*\Z") as caught:
        read(file)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"name: t\n\xff\xfe\n", 2, "this is no text; allowed: UTF-8"),
        (bytes(range(256)), 2, "this is no text; allowed: UTF-8"),
        ("name: t".encode("utf-16"), 1, "this is no text; allowed: UTF-8"),
        (b"\x7fELF\x00", 1, "the character U+007F stands here; allowed: plain text"),
        (b"x" * (topology.LARGEST + 1), 1, "too large; allowed: 4194304 octets"),
    ],
    ids=["octets", "all octets", "utf-16", "binary", "large"],
)
def test_rubbish(data: bytes, line: int, message: str, tmp_path: Path) -> None:
    """A file that is no text, or far too much of it, is refused as politely as any other."""
    file = tmp_path / "lab.yml"
    file.write_bytes(data)
    with pytest.raises(TopologyError) as caught:
        read(file)
    assert (caught.value.line, caught.value.message) == (line, message)


def test_no_file(tmp_path: Path) -> None:
    """A folder, a missing file and a name no file can have are refused in the same form."""
    with pytest.raises(TopologyError) as caught:
        read(tmp_path)
    assert str(caught.value) == f"{tmp_path}:1: this is a folder; allowed: a file"
    for name in ("gone.yml", "x" * 5000):
        with pytest.raises(TopologyError, match=":1: there is no such file"):
            read(tmp_path / name)


def test_everything(folder: Path) -> None:
    """Every setting is read for what it says: words stay words, kinds of interface get their proper case."""
    file = folder / "lab.yml"
    file.write_text(ALL)
    mobile_node = MobileNodeSpec(
        "MN1",
        IPv4.parse("1.0.0.100"),
        8,
        IPv4.parse("1.0.0.10"),
        0x1E5,
        b"12345",
        "wire",
        IPv4.parse("1.0.0.3"),
        600,
        "sBdmgvT",
        IPv4.parse("4.0.0.77"),
        "hmac-md5",
    )
    assert read(file) == Topology(
        "everything",
        file,
        1_772_323_199,
        (
            RouterSpec("R1", (folder / "R1.cfg", folder / "more" / "R1.cfg")),
            RouterSpec("NO"),
            mobile_node,
            HostSpec("CN1", IPv4.parse("3.0.0.50"), 8, IPv4.parse("3.0.0.1"), "wire"),
        ),
        (
            Link("wire", (("R1", "Ethernet0"), ("NO", "FastEthernet0/1")), 1_500, 0.25),
            Link("nobody", (), 1_000, 0.0),
        ),
    )


def test_least(tmp_path: Path) -> None:
    """A name and a node are enough; a lab begins on 1 March 2002, and a mobile node asks for no service."""
    file = tmp_path / "lab.yml"
    file.write_bytes(b"\xef\xbb\xbfname: t\r\ntopology: {nodes: {R1: {kind: router}}}\r\n")
    assert read(file) == Topology("t", file, 1_014_940_800, (RouterSpec("R1"),), ())
    file.write_text(node(f"kind: mobile-node, {MOBILE}"))
    (spec,) = read(file).nodes
    assert isinstance(spec, MobileNodeSpec)
    assert spec.key == bytes.fromhex(HEX)
    assert spec[7:] == (None, 36_000, "sbdmgvt", None, "md5")


@pytest.mark.parametrize(
    ("delay", "microseconds"),
    [("1us", 1), ("2ms", 2_000), ("2 ms", 2_000), ("0.5s", 500_000), ("60s", 60_000_000)],
)
def test_delay(delay: str, microseconds: int, tmp_path: Path) -> None:
    """A delay is a number with its unit, from a microsecond to a minute."""
    file = tmp_path / "lab.yml"
    file.write_text(links(f"{{segment: a, delay: {delay}, loss: 1}}"))
    assert read(file).links == (Link("a", (), microseconds, 1.0),)


@given(
    st.text(max_size=300) | st.lists(st.sampled_from(ALL.splitlines(keepends=True)), max_size=20).map("".join)
)
def test_never_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the file holds, it is read or refused with a line of the file, in one line."""
    file = tmp_path_factory.mktemp("lab") / "lab.yml"
    file.write_bytes(text.encode("utf-8"))
    refusal = None
    try:
        read(file)
    except TopologyError as error:
        refusal = error
    if refusal is not None:
        assert 1 <= refusal.line <= len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))
        assert len(str(refusal).splitlines()) == 1


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("hostname HA1\n", "HA1"),
        ("!\r\nHOSTNAME edge-1\r\nend\r\n", "edge-1"),
        ("hostname A\nhostname B\n", "B"),
        ("no hostname HA1\n", "Router"),
        ("hostname core_1\n", "Router"),
        ("hostname lab\n", "Router"),
        ("hostname core\nend\nhostname never\n", "core"),
        ("hostname core\r\n END \r\nhostname never\r\n", "core"),
        ("hostname core\nend-set\nhostname last\n", "last"),
        ("", "Router"),
    ],
)
def test_config(config: str, name: str, tmp_path: Path) -> None:
    """A bare configuration is a lab of one router, called by its hostname when a node can be."""
    file = tmp_path / "some.cfg"
    file.write_text(config, newline="")
    lab = Topology.of_config(file)
    assert lab == Topology(name, file, topology.CLOCK, (RouterSpec(name, (file,)),), ())
    assert lab.folder == tmp_path


def test_config_of_any_octets(tmp_path: Path) -> None:
    """A configuration may hold octets that are no UTF-8; a missing one is refused."""
    file = tmp_path / "some.cfg"
    file.write_bytes(b"banner motd ^\xff^\nhostname R\xff\n")
    assert Topology.of_config(file).name == "Router"
    with pytest.raises(TopologyError, match=r"gone\.cfg:1: there is no such file"):
        Topology.of_config(tmp_path / "gone.cfg")
