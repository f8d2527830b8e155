"""Rules about home agents, foreign agents and mobile nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Router
    from iosemu.insight.reading import Fact
    from iosemu.lab.topology import MobileNodeSpec


@rule("router-mobile", "error", "specification line 33 (R10); E4")
def _(router: Router) -> Remarks:
    """Mobile IP is configured, and not enabled."""
    lines = [fact for fact in router.reading.below if fact.command.startswith("ip mobile") and fact.written]
    lines += [fact for port in router.ports for fact in port.fact.all("ip mobile foreign-service")]
    if lines and router.one("router mobile") is None:
        first = min(lines, key=lambda fact: (router.reading.files.index(fact.source.file), fact.source.line))
        yield first, f"without `router mobile` no Mobile IP line of {router.name} acts", "Add `router mobile`"


@rule("host-association", "error", "Cisco's `ip mobile host`: every mobile node needs one")
def _(router: Router) -> Remarks:
    """A mobile node has no security association."""
    associations = router.all("ip mobile secure host key")
    for host in router.all("ip mobile host"):
        if host["aaa"]:
            continue
        missing = _uncovered(host, associations)
        if missing is not None:
            yield (
                host,
                f"{missing} has no security association: its requests are ignored",
                f"Add `ip mobile secure host {missing} spi ... key hex ...`",
            )


def _uncovered(host: Fact, associations: list[Fact]) -> IPv4 | None:
    """Give the first address of a range that no association covers."""
    address, last = host["lower"], host["upper"] or host["lower"]
    for line in sorted(associations, key=lambda line: line["lower"]):
        if line["lower"] <= address <= (line["upper"] or line["lower"]):
            address = IPv4((line["upper"] or line["lower"]) + 1)
    return address if address <= last else None


@rule("association-host", "warning", "Cisco's `ip mobile secure`: of hosts that are configured")
def _(router: Router) -> Remarks:
    """A security association is for no mobile node of the router."""
    hosts = router.all("ip mobile host")
    for line in router.all("ip mobile secure host key"):
        last = line["upper"] or line["lower"]
        if not any(
            host["lower"] <= last and line["lower"] <= (host["upper"] or host["lower"]) for host in hosts
        ):
            mend = f"Add `ip mobile host {line['lower']} ...`, or take the association out"
            yield line, f"no `ip mobile host` has {line['lower']}", mend


@rule("host-network", "error", "RFC 2002 §1.6: a home address is of the home network")
def _(router: Router) -> Remarks:
    """A mobile node's address is outside its home network."""
    for host in router.all("ip mobile host"):
        last = host["upper"] or host["lower"]
        networks = _home_networks(router, host)
        outside = [each for each in (host["lower"], last) if not any(each in network for network in networks)]
        if networks and outside:
            named = " or ".join(map(str, networks))
            yield (
                host,
                f"{outside[0]} is not in {named}",
                "Name the network, or interface, that the address is of",
            )


def _home_networks(router: Router, host: Fact) -> list[Prefix]:
    if host["virtual_network"]:
        length = mask_length(host["mask"])
        return [] if length is None else [Prefix.of(host["network"], length)]
    port = router.port(host["interface"] or "")
    return [address.prefix for address in port.addresses] if port else []


@rule("host-home", "error", "specification lines 247, 259 (R46)")
def _(router: Router) -> Remarks:
    """A mobile node's home is a virtual network, or an interface, that the router does not have."""
    networks = {(line["network"], line["mask"]) for line in router.all("ip mobile virtual-network")}
    for host in router.all("ip mobile host"):
        if host["virtual_network"] and (host["network"], host["mask"]) not in networks:
            home = f"{host['network']} {host['mask']}"
            yield host, f"there is no virtual network {home}", f"Add `ip mobile virtual-network {home}`"
        elif host["interface"]:
            port = router.port(host["interface"])
            if port is None or not port.addresses:
                yield (
                    host,
                    f"{host['interface']} has no address, and is no home network",
                    "Configure the interface",
                )


@rule("virtual-network-hosts", "note", "specification line 247: mobile nodes use it as their home network")
def _(router: Router) -> Remarks:
    """A virtual network has no mobile nodes."""
    hosts = router.all("ip mobile host")
    for line in router.all("ip mobile virtual-network"):
        if not any((host["network"], host["mask"]) == (line["network"], line["mask"]) for host in hosts):
            words = f"{line['network']} {line['mask']}"
            mend = f"Add `ip mobile host LOWER UPPER virtual-network {words}`"
            yield line, f"no `ip mobile host` is of {words}", mend


@rule("care-of", "error", "RFC 2002 §2.1.1: a foreign agent offers a care-of address")
def _(router: Router) -> Remarks:
    """An interface offers foreign agent service without a care-of address."""
    lines = [(port, line) for port in router.ports for line in port.fact.all("ip mobile foreign-service")]
    if lines and not router.all("ip mobile foreign-agent care-of"):
        port, line = lines[0]
        mend = f"Add `ip mobile foreign-agent care-of {port.name}`, or another interface"
        yield line, f"{router.name} has no care-of address to offer", mend


@rule("care-of-address", "error", "RFC 2002 §2.1.1: a foreign agent offers a care-of address")
def _(router: Router) -> Remarks:
    """The interface of a care-of address has no address."""
    for line in router.all("ip mobile foreign-agent care-of"):
        port = router.port(line["interface"])
        if port is None or not port.addresses:
            yield line, f"{line['interface']} has no address", "Name an interface that has one"


@rule("foreign-service", "warning", "Cisco's `ip mobile foreign-service`: the service is an interface's")
def _(router: Router) -> Remarks:
    """There is a care-of address, and no interface offers it."""
    if not any(port.fact.all("ip mobile foreign-service") for port in router.ports):
        for line in router.all("ip mobile foreign-agent care-of")[:1]:
            mend = "Say `ip mobile foreign-service` on the interface to visited networks"
            yield line, "no interface offers foreign agent service", mend


@rule("irdp", "warning", "RFC 2002 §2.1: agents advertise by router discovery")
def _(router: Router) -> Remarks:
    """An agent does not advertise itself where mobile nodes come or are at home."""
    for port in router.ports:
        if port.fact.one("ip irdp") is None:
            for line in port.fact.all("ip mobile foreign-service"):
                yield line, f"{port.name} sends no agent advertisements", f"Say `ip irdp` on {port.name}"
    homes: dict[str, Fact] = {}
    for host in router.all("ip mobile host"):
        port_ = router.port(host["interface"] or "")
        if port_ and port_.fact.one("ip irdp") is None:
            homes.setdefault(port_.name, host)
    for name, host in homes.items():
        mend = f"Say `ip irdp` on {name}"
        yield (
            host,
            f"{name} sends no agent advertisements: mobile nodes cannot tell that they are at home",
            mend,
        )


@rule("node-home-agent", "error", "specification line 17: it is agreed upon by agent and node")
def _(router: Router) -> Remarks:
    """A mobile node of the lab has a home agent address that no router has, or no home agent."""
    network = router.network
    if router is not network.routers[0]:
        return
    addresses = {each.address for each in network.all_addresses}
    addresses |= {
        line["address"] for other in network.routers for group in other.groups for line in group.ips
    }
    served = [host for other in network.routers for host in other.all("ip mobile host")]
    for node in network.mobile_nodes:
        where = network.described(f"{node.name}:") or router.reading.first
        if node.home_agent not in addresses:
            mend = "Give it the address of an HSRP group, or of the home agents' loopback"
            yield where, f"no router has {node.home_agent}, the home agent address of {node.name}", mend
        if not any(_is_of(node, host) for host in served):
            mend = f"Add `ip mobile host {node.home_address} ...` to its home agents"
            yield where, f"no home agent has an `ip mobile host` for {node.name}, {node.home_address}", mend


@rule("node-association", "error", "RFC 2002 §3.5: key and SPI are those of both")
def _(router: Router) -> Remarks:
    """A home agent and a mobile node of the lab have different keys or indices."""
    for node in router.network.mobile_nodes:
        if not any(_is_of(node, host) for host in router.all("ip mobile host")):
            continue
        lines = [line for line in router.all("ip mobile secure host key") if _is_of(node, line)]
        if lines and not any(_agrees(node, line) for line in lines):
            yield (
                lines[0],
                f"{node.name} has SPI {node.spi:X}, {node.algorithm} and a key in lab.yml that are not these",
                "Make SPI, algorithm and key the same in both",
            )


def _is_of(node: MobileNodeSpec, line: Fact) -> bool:
    return bool(line["lower"] <= node.home_address <= (line["upper"] or line["lower"]))


def _agrees(node: MobileNodeSpec, line: Fact) -> bool:
    key = bytes.fromhex(line["hex_key"]) if line["hex_key"] else str(line["ascii_key"]).encode()
    algorithm = "hmac-md5" if line["hmac_md5"] else "md5"
    return (line["spi"] or line["inbound_spi"], key, algorithm) == (node.spi, node.key, node.algorithm)
