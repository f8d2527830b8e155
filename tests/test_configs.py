"""The shipped labs: the specification's examples word for word, and round them what makes them run.

Configurations are read here as plain text: what they do on a router is for the sessions to show.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.frontends import play
from iosemu.lab.interface import full_name
from iosemu.lab.topology import HostSpec, MobileNodeSpec, RouterSpec, Topology, read

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGS = Path(__file__).parent.parent / "configs"
LABS = sorted(path.parent.name for path in CONFIGS.glob("*/lab.yml"))

PRINTED = {
    "physical": (
        "3d577726f51beaf3620d7bcae4ffbf3dd37cf45531d47847b0acf85051ab7b66",
        "3feb07dd41bd217b66e1cbfda27d0e932ac93b115bd78f9e7a055ec39d33d5fe",
    ),
    "virtual-single-different": (
        "d40675f957441c97f4af9c93e90831d049ed2ef36a77e5f1509a72c69a447f72",
        "2bfc239ef78a66fe721a51a94445b1078ede8279cc185e7b37a4476235f7a3e8",
    ),
    "virtual-single-same": (
        "dd13269fc40d30eb264e958266f2f6837de5e6a65321566aa4df114fc3b28954",
        "b2140c13afaa166ced46047ff664292b4555839558848e3af121804e848960c9",
    ),
    "virtual-multiple-different": (
        "6d20df1fecc4f5a75641664b69ba9b3b7fc6b05d65a2e99076d657d0f59cf666",
        "58a43fd51a3238428f40484540d431888577558eb350db4f3c6304aac02379eb",
    ),
    "virtual-multiple-same": (
        "6120549f17452ad4e252eb9e423439b54a117d5e4ac9d9181598de27746312ab",
        "84cfb588359dd89ba4d68e0ace25d02f6d00b9d590bb675d41a3f7428902b180",
    ),
    "multivirtual-single-different": (
        "2c9485e4bd53beab5ca091a7e7ca6d8b2582b804edc67cd6e9f0117261be79b4",
        "41d4474c661bebd028393be300df942900f08daaf64f1f90ae72e4123582d3dd",
    ),
    "multivirtual-single-same": (
        "56141b5d5f56db0223f5d11c8a6981433398c6974b1fd4d516cd8d4a39ef3dd3",
        "582df3dde38f1d91bea3a021137cd48d45f8ef99938b6efce560999293ca6f5f",
    ),
    "multivirtual-multiple-different": (
        "ad46eb0085bd03ebab8275b3d6fd5db6f768baaf0f6bc287a2b9a5c632560227",
        "e2cd306abd1933ef2ebbb986394375dac090bc291d97d0c637726ba2c9acfafc",
    ),
    "multivirtual-multiple-same": (
        "5d3985f2539a17bc4e500dd02b5e6d6e1f914fa0993f6cb95ba85268dc690166",
        "6a7b495b860330490e69527890ced272eda881588fa66306340708297abd0c05",
    ),
}
"""SHA-256 of HA1.cfg and HA2.cfg: the nine examples as the specification prints them, slips and all."""


class Config:
    """What a router's startup-config says, as far as the tests below compare it with the rest of the lab."""

    def __init__(self, router: RouterSpec) -> None:
        self.lines = [
            line for file in router.startup for line in file.read_text(encoding="ascii").splitlines()
        ]
        self.addresses: dict[str, list[tuple[IPv4, Prefix]]] = {}
        interface = ""
        for line in self.lines:
            if found := re.match(r"int(?:erface)? (\S+)", line):
                interface = full_name(found[1])
                self.addresses.setdefault(interface, [])
            elif found := re.match(r" ?ip addr(?:ess)? (\S+) (\S+)", line):
                address, length = IPv4.parse(found[1]), mask_length(IPv4.parse(found[2]))
                assert length is not None
                self.addresses[interface].append((address, Prefix.of(address, length)))

    def find(self, pattern: str) -> list[str]:
        """Give what the pattern's group is in each line that it matches as a whole."""
        return [found[1] for line in self.lines if (found := re.fullmatch(pattern, line.strip()))]

    @property
    def routes(self) -> list[tuple[Prefix, IPv4]]:
        """The static routes, whatever their distance."""
        found = []
        for text in self.find(r"ip route (\S+ \S+ \S+)(?: \d+)?"):
            network, netmask, hop = map(IPv4.parse, text.split())
            length = mask_length(netmask)
            assert length is not None
            found.append((Prefix.of(network, length), hop))
        return found

    @property
    def virtual_networks(self) -> list[Prefix]:
        """The virtual networks of a home agent."""
        found = []
        for text in self.find(r"ip mobile virtual-network (\S+ \S+)(?: address \S+)?"):
            network, netmask = map(IPv4.parse, text.split())
            length = mask_length(netmask)
            assert length is not None
            found.append(Prefix(network, length))
        return found

    @property
    def own(self) -> list[IPv4]:
        """All addresses of the router, those of its HSRP groups among them."""
        groups = [IPv4.parse(text) for text in self.find(r"standby ip (\S+)")]
        return [address for pairs in self.addresses.values() for address, _ in pairs] + groups


@pytest.fixture(params=LABS)
def lab(request: pytest.FixtureRequest) -> Topology:
    """Each shipped lab."""
    return read(CONFIGS / request.param / "lab.yml")


def routers(lab: Topology) -> dict[str, Config]:
    """Read the configurations of a lab's routers."""
    return {node.name: Config(node) for node in lab.nodes if isinstance(node, RouterSpec)}


def mobile_nodes(lab: Topology) -> Iterator[MobileNodeSpec]:
    """Give a lab's mobile nodes."""
    return (node for node in lab.nodes if isinstance(node, MobileNodeSpec))


def subnets(lab: Topology) -> dict[str, list[Prefix]]:
    """Give the subnets that the routers have on each segment."""
    configs = routers(lab)
    found: dict[str, list[Prefix]] = {link.segment: [] for link in lab.links}
    for link in lab.links:
        for node, interface in link.endpoints:
            found[link.segment] += [prefix for _, prefix in configs[node].addresses[interface]]
    return found


def test_the_ten_labs() -> None:
    """There is a lab for each example, and one for Table 1's first row."""
    expected = sorted([*PRINTED, "physical-different"])
    assert expected == LABS


@pytest.mark.parametrize("name", PRINTED)
def test_as_printed(name: str) -> None:
    """HA1.cfg and HA2.cfg are the document's text, octet for octet."""
    files = (CONFIGS / name / "HA1.cfg", CONFIGS / name / "HA2.cfg")
    assert tuple(sha256(file.read_bytes()).hexdigest() for file in files) == PRINTED[name]


def test_name_and_lesson(lab: Topology) -> None:
    """A lab is called as its folder is, and its lab.yml begins by saying what it teaches."""
    assert lab.name == lab.folder.name
    first, *_ = lab.path.read_text(encoding="ascii").splitlines()
    assert re.match(r"# [A-Z].{40}", first)


def test_files(lab: Topology) -> None:
    """Every configuration in a lab's folder is some router's, in lines that IOS takes; and there is a tour."""
    used = {file.name for node in lab.nodes if isinstance(node, RouterSpec) for file in node.startup}
    written = sorted(file.name for file in lab.folder.iterdir())
    assert written == sorted([*used, "lab.yml", "tour.session"])
    for file in set(lab.folder.iterdir()) - {lab.folder / "tour.session"}:
        text = file.read_text(encoding="ascii")
        assert text.endswith("\n")
        assert "\t" not in text
        assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", LABS)
def test_tours(name: str) -> None:
    """A lab's tour opens that lab, and is told to a learner: registration to deconfiguration, remarks all the way."""
    lines = (CONFIGS / name / "tour.session").read_text("ascii").splitlines()
    remarks = [line for line in lines if line.startswith(";")]
    assert max(map(len, remarks)) <= 120
    assert [line for line in lines if line.startswith("lab>open ")] == [f"lab>open {name}"]
    typed = [line for line in lines if re.match(r"\w+(\(.+\))?[>#]", line)]
    assert len(remarks) > len(typed) / 4
    for point in (
        r"show ip mobile binding",
        r"(power|cut) HA\d",
        r"power HA\d on|mend HA",
        r"no ip mobile home-agent standby",
    ):
        assert any(re.search(point, line) for line in typed), point


def test_a_tour_is_played_with_its_remarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`iosemu run physical` shows all that the file holds; a file of one's own is played without remarks."""
    monkeypatch.chdir(tmp_path)
    tour = (CONFIGS / "physical" / "tour.session").read_text("ascii")
    shown: list[str] = []
    play.run(["physical"], shown.append)
    assert "".join(shown) == tour
    (tmp_path / "mine.session").write_text(tour, "ascii")
    shown.clear()
    play.run(["mine.session"], shown.append)
    assert "".join(shown) == "".join(row for row in tour.splitlines(keepends=True) if row[0] != ";")


def test_hostnames(lab: Topology) -> None:
    """Each router's hostname is its node's name, whether its files say so or not."""
    for name, config in routers(lab).items():
        assert config.find(r"hostname (\S+)") in ([], [name])


def test_home_agents_are_alike(lab: Topology) -> None:
    """Redundant home agents have the same Mobile IP configuration but for the peer (document line 233)."""
    configs = routers(lab)
    kept = [
        [
            line
            for line in configs[name].lines
            if line.startswith("ip mobile ") and "secure home-agent" not in line
        ]
        for name in ("HA1", "HA2")
    ]
    assert kept[0] == kept[1]


def test_wiring(lab: Topology) -> None:
    """What is cabled has an address, and what has one is cabled or a loopback; a segment is one subnet."""
    ports = {port for link in lab.links for port in link.endpoints}
    for name, config in routers(lab).items():
        addressed = {interface for interface, pairs in config.addresses.items() if pairs}
        physical = {interface for interface in addressed if not interface.startswith("Loopback")}
        assert physical == {interface for node, interface in ports if node == name}
    for prefixes in subnets(lab).values():
        assert len(set(prefixes)) == 1


def test_addresses_are_unique(lab: Topology) -> None:
    """No two nodes have an address in common but home agents' loopbacks (specification line 147)."""
    seen: list[IPv4] = []
    for config in routers(lab).values():
        for interface, pairs in config.addresses.items():
            if not interface.startswith("Loopback"):
                seen += [address for address, _ in pairs]
    seen += [node.address for node in lab.nodes if isinstance(node, HostSpec)]
    seen += [node.home_address for node in mobile_nodes(lab)]
    assert len(seen) == len(set(seen))


def test_hosts(lab: Topology) -> None:
    """A host is in its segment's subnet, and its gateway is a router there."""
    configs = routers(lab)
    for node in lab.nodes:
        if isinstance(node, HostSpec):
            assert set(subnets(lab)[node.segment]) == {Prefix.of(node.address, node.length)}
            (link,) = (link for link in lab.links if link.segment == node.segment)
            there = [pair for name, port in link.endpoints for pair in configs[name].addresses[port]]
            assert node.gateway in [address for address, _ in there]


def test_mobile_nodes(lab: Topology) -> None:
    """Both home agents know a mobile node and its key, and have its home agent address; it starts abroad."""
    configs = routers(lab)
    for node in mobile_nodes(lab):
        home = Prefix.of(node.home_address, node.length)
        for name in ("HA1", "HA2"):
            config = configs[name]
            association = config.find(rf"ip mobile secure host {node.home_address} (.+)")
            assert association == [f"spi {node.spi:x} key hex {node.key.hex()}"]
            assert node.home_agent in config.own
            (where,) = config.find(rf"ip mobile host {node.home_address} (.+)")
            if where.startswith("interface"):
                assert home in [prefix for _, prefix in config.addresses[where.split()[1]]]
                assert "ip irdp" in [line.strip() for line in config.lines]
            else:
                assert where == f"virtual-network {home.network} {home.mask}"
                assert home in config.virtual_networks
        assert home not in subnets(lab)[node.segment]
        if node.gateway is not None:
            assert any(node.gateway in config.own for config in configs.values())


def test_foreign_agents(lab: Topology) -> None:
    """Where a mobile node starts, a foreign agent advertises its care-of address."""
    configs = routers(lab)
    for node in mobile_nodes(lab):
        (link,) = (link for link in lab.links if link.segment == node.segment)
        ((name, interface),) = link.endpoints
        assert configs[name].find(r"ip mobile foreign-agent care-of (\S+)") == [interface]
        assert {"ip irdp", "ip mobile foreign-service"} <= {line.strip() for line in configs[name].lines}


def test_home_agents_know_each_other(lab: Topology) -> None:
    """Each home agent has an association with its peer's address on each network that they share."""
    configs = routers(lab)
    for name, peer in (("HA1", "HA2"), ("HA2", "HA1")):
        groups = [
            address
            for pairs in configs[peer].addresses.values()
            for address, prefix in pairs
            if any(IPv4.parse(group) in prefix for group in configs[peer].find(r"standby ip (\S+)"))
        ]
        assert groups
        named = configs[name].find(r"ip mobile secure home-agent (\S+) spi 100 (?:key )?hex \w{32}")
        assert named == [str(address) for address in groups]


def path(configs: dict[str, Config], start: str, target: IPv4) -> list[str]:
    """Follow written routes, the longest and then the first, from a router to one that has `target`.

    To have it is to own it, to be on its subnet, or to be a home agent of its virtual network.
    """
    visited = [start]
    while True:
        config = configs[visited[-1]]
        pairs = [pair for pairs in config.addresses.values() for pair in pairs]
        near = [prefix for _, prefix in pairs]
        if target in config.own or any(target in prefix for prefix in near + config.virtual_networks):
            return visited
        routes = [(prefix, hop) for prefix, hop in config.routes if target in prefix]
        assert routes, f"{visited[-1]} has no route to {target}"
        _, hop = max(routes, key=lambda route: route[0].length)
        assert any(hop in prefix for prefix in near), f"{hop} is no neighbour of {visited[-1]}"
        following = next(name for name, config in configs.items() if hop in config.own)
        assert following not in visited, f"{target}: a loop at {following}"
        visited.append(following)


def test_routes(lab: Topology) -> None:
    """Written routes lead from each router to all subnets, home agents and home addresses, or RIP does."""
    configs = routers(lab)
    targets = [IPv4(prefix.network + 1) for prefixes in subnets(lab).values() for prefix in prefixes]
    if not any("router rip" in config.lines for config in configs.values()):
        targets += [node.home_agent for node in mobile_nodes(lab)]
        targets += [node.home_address for node in mobile_nodes(lab)]
    for start in configs:
        for target in targets:
            assert path(configs, start, target)[0] == start


def test_rip_brings_the_virtual_networks() -> None:
    """In the lab that runs RIP, home agents redistribute their virtual networks where R0 hears them."""
    configs = routers(read(CONFIGS / "multivirtual-multiple-different" / "lab.yml"))
    heard = configs["R0"].find(r"network (\S+)")
    for name in ("HA1", "HA2"):
        assert configs[name].find(r"(redistribute mobile metric 1)")
        assert set(heard) < set(configs[name].find(r"network (\S+)"))
        assert configs[name].find(r"network (10\.0\.0\.0)")
