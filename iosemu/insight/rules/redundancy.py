"""Rules about home agent redundancy: the specification's Table 1, and what redundant home agents share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Router
    from iosemu.insight.reading import Fact

SECURE = "ip mobile secure home-agent key"


@rule("redundancy-group", "error", "specification lines 46, 158, 194 (R14, E3)")
def _(router: Router) -> Remarks:
    """A redundancy line names an HSRP group that no interface has."""
    for line in router.redundancy:
        if router.group(line["name"]) is None:
            mend = f"Say `standby name {line['name']}` on an interface"
            twins = [
                group
                for other in router.network.routers
                if other is not router and (there := other.group(line["name"]))
                for group in there.peers()
                if group.port.router is router
            ]
            if twins:
                mend = f"Say `standby name {line['name']}` on {twins[0].port.name}, whose group is called "
                mend += twins[0].name or "nothing"
            yield line, f"no interface of {router.name} has a group called {line['name']}", mend


@rule("redundancy-association", "error", "specification lines 47, 121 (R15)")
def _(router: Router) -> Remarks:
    """A home agent has no security association with a peer of its group."""
    known = {line["address"] for line in router.all(SECURE)}
    for line in router.redundancy:
        group = router.group(line["name"])
        if group is None:
            continue
        peers = [peer for peer in group.peers() if peer.port.router.redundancy and peer.port.addresses]
        for peer in peers:
            addresses = [each.address for each in peer.port.addresses]
            if not known & set(addresses):
                mend = f"Add `ip mobile secure home-agent {addresses[0]} spi ... key hex ...`"
                yield line, f"there is no association with {peer.port.router.name}, {addresses[0]}", mend
        prefixes = [address.prefix for address in group.port.addresses]
        if not peers and not any(address in prefix for address in known for prefix in prefixes):
            mend = "Add `ip mobile secure home-agent ADDRESS spi ... key hex ...` with the peer's address"
            yield line, f"there is no association with a peer on {group.port.name}", mend


@rule("association-address", "error", "specification line 47 (R15): the peer's address")
def _(router: Router) -> Remarks:
    """A home agent association names an address of its own, or one that no router has."""
    for line in router.all(SECURE):
        address = line["address"]
        if router.owner(address):
            yield line, f"{address} is an address of {router.name} itself", "Name the peer's address"
        elif router.network.complete and all(
            other.owner(address) is None for other in router.network.routers
        ):
            yield line, f"no router has {address}", "Name the peer's own address on the group's network"


@rule("association-differs", "error", "specification line 121: updates are authenticated; RFC 2002 §3.5")
def _(router: Router) -> Remarks:
    """Two home agents have different keys or indices for one another."""
    for line in router.all(SECURE):
        for partner in router.partners:
            port = partner.owner(line["address"])
            if port is None:
                continue
            own = {
                each.address for near in port.neighbours() if near.router is router for each in near.addresses
            }
            theirs = [each for each in partner.all(SECURE) if each["address"] in own]
            if theirs and not any(_agree(line, each) for each in theirs):
                what = "keys" if _indices(line) == _indices(theirs[0])[::-1] else "SPIs"
                where = f"{theirs[0].source.file}:{theirs[0].source.line}"
                yield (
                    line,
                    f"{partner.name} has other {what} for this association ({where}): updates are refused",
                    "Make SPI, key and algorithm the same on both",
                )


def _indices(line: Fact) -> tuple[int, int]:
    return line["inbound_spi"] or line["spi"], line["outbound_spi"] or line["spi"]


def _agree(one: Fact, other: Fact) -> bool:
    secrets = [(line["hex_key"], line["ascii_key"], bool(line["hmac_md5"])) for line in (one, other)]
    return _indices(one) == _indices(other)[::-1] and secrets[0] == secrets[1]


@rule("redundancy-differs", "error", "specification line 233 (R42)")
def _(router: Router) -> Remarks:
    """Redundant home agents have different Mobile IP configurations."""
    for partner in router.partners:
        theirs = {fact.text for fact in partner.reading.below}
        for fact in router.reading.below:
            if _alike(fact) and fact.text not in theirs:
                mend = f"Configure {router.name} and {partner.name} alike"
                yield fact, f"{partner.name} has no line `{fact.text}`", mend


def _alike(fact: Fact) -> bool:
    """Whether a line is to be the same on redundant home agents."""
    if fact.command in ("router mobile", "ip mobile home-agent", "ip mobile home-agent address"):
        return True
    prefixes = (
        "ip mobile home-agent",
        "ip mobile virtual-network",
        "ip mobile host",
        "ip mobile secure host",
    )
    return fact.command.startswith(prefixes)


@rule("preempt-sync", "warning", "specification lines 119, 349 (R27)")
def _(router: Router) -> Remarks:
    """A group that carries bindings preempts without waiting for them."""
    for line in router.redundancy:
        group = router.group(line["name"])
        preempt = group.preempt if group else None
        if group and preempt and not preempt["sync"]:
            word = f"standby {group.number}" if group.number else "standby"
            mend = f"Say `{word} preempt delay sync 100`"
            yield preempt, f"{router.name} becomes active before it has the bindings of {line['name']}", mend


@rule("redundancy-both", "warning", "specification line 233 (R42)")
def _(router: Router) -> Remarks:
    """A group is to serve physical networks by one line, and virtual ones by another."""
    said: dict[str, bool] = {}
    for statement in router.reading.statements:
        values = statement.values
        if statement.command.name == "ip mobile home-agent standby" and not values.get("no"):
            virtual = bool(values.get("virtual_network"))
            if said.setdefault(values["name"], virtual) != virtual:
                yield (
                    statement.source,
                    f"{values['name']} has a line with and one without `virtual-network`: this one replaces the other",
                    "Keep the one that is meant; a group serves either physical or virtual networks",
                )
            said[values["name"]] = virtual


@rule("group-unused", "note", "specification lines 65, 66, 105 (R20): one line for each group")
def _(router: Router) -> Remarks:
    """An HSRP group shared with a redundant home agent carries no bindings."""
    used = [line["name"] for line in router.redundancy]
    if not all(router.group(name) for name in used):
        return  # what is misnamed is told by another rule
    for group in router.groups:
        partners = [peer for peer in group.peers() if peer.port.router in router.partners]
        if partners and group.name not in used:
            where = group.one("standby name") or group.ips[0] if group.ips else group.facts[0]
            mend = f"Say `ip mobile home-agent standby {group.name or 'NAME'} ...` where it is to carry them, too"
            yield where, f"no redundancy line names {group.called}", mend


@rule("home-agent-address", "error", "specification lines 52, 62, 196 to 210 (R16, R19, R39)")
def _(router: Router) -> Remarks:
    """The home agent address is neither that of an HSRP group nor of a loopback."""
    groups = {each["address"] for group in router.groups for each in group.ips}
    for line in router.all("ip mobile home-agent address", "ip mobile home-agent standby"):
        address = line["address"]
        if address is None or address in groups:
            continue
        port = router.owner(address)
        mend = "Name the address of an HSRP group (one physical network), or of a loopback (several)"
        if port is None:
            yield line, f"{router.name} has no {address}", mend
        elif not port.loopback:
            yield line, f"{address} is {port.name}'s own, and goes with this router", mend


@rule("home-agent-address-fragile", "warning", "specification lines 105, 144 (R20, R34)")
def _(router: Router) -> Remarks:
    """Several physical networks carry bindings, and the home agent address is that of one HSRP group."""
    line = router.one("ip mobile home-agent address")
    ports = {group.port.name for each in router.redundancy if (group := router.group(each["name"]))}
    groups = [
        group for group in router.groups for each in group.ips if line and each["address"] == line["address"]
    ]
    if line and groups and len(ports) > 1:
        mend = "Use a loopback's address: it is served as long as either network is up"
        yield line, f"{line['address']} goes when {groups[0].port.name} fails", mend


@rule("virtual-network-address", "error", "specification lines 52 to 54 (R16, R17); Table 1")
def _(router: Router) -> Remarks:
    """A virtual network has no home agent address."""
    if router.one("ip mobile home-agent address") or any(line["address"] for line in router.redundancy):
        return
    for line in router.all("ip mobile virtual-network"):
        if line["address"] is None:
            yield (
                line,
                f"{line['network']} has no home agent address",
                "Add `address` with a loopback's (same subnet), or `ip mobile home-agent address` (different ones)",
            )


@rule("virtual-network-loopback", "error", "specification lines 54, 136, 171 (R17, R32, R38); Table 1")
def _(router: Router) -> Remarks:
    """The home agent address of a virtual network is not the router's own, or outside the network."""
    for line in router.all("ip mobile virtual-network"):
        address = line["address"]
        if address is None:
            continue
        if router.owner(address) is None and not any(
            each["address"] == address for group in router.groups for each in group.ips
        ):
            yield (
                line,
                f"{router.name} has no {address}",
                f"Give it to a loopback: `ip address {address} 255.255.255.255`",
            )
        elif address & line["mask"] != line["network"]:
            mend = "Mobile nodes on the same subnet as their home agent need an address of that network"
            yield line, f"{address} is not in {line['network']} {line['mask']}", mend


@rule("redundancy-virtual", "error", "specification lines 104, 231 (R18, R41); Table 1")
def _(router: Router) -> Remarks:
    """No group supports virtual networks, which all mobile nodes are of; or there is none for the group to support."""
    lines, hosts = router.redundancy, router.all("ip mobile host")
    networks = router.all("ip mobile virtual-network")
    physical = [host for host in hosts if host["interface"]]
    if networks and not physical and lines and not any(line["virtual_network"] for line in lines):
        mend = f"Say `ip mobile home-agent standby {lines[0]['name']} virtual-network`"
        yield lines[0], f"{lines[0]['name']} does not support virtual networks, and there are no others", mend
    if not networks:
        for line in lines:
            if line["virtual_network"]:
                mend = "Leave `virtual-network` out, or define one (`ip mobile virtual-network`)"
                yield line, f"{line['name']} supports virtual networks, and there is none", mend


@rule("loopback-differs", "error", "specification line 147 (R36)")
def _(router: Router) -> Remarks:
    """Redundant home agents do not have the same loopback addresses."""
    for port in router.ports:
        for fact, address, _ in port.addresses:
            if port.loopback and address in router.home_agent_addresses:
                for partner in router.partners:
                    if partner.owner(address) is None:
                        mend = f"Give {partner.name} a loopback with {address}"
                        yield fact, f"{partner.name} does not have {address}, the home agent address", mend


@rule("loopback-router-id", "warning", "specification line 147 (R36)")
def _(router: Router) -> Remarks:
    """The home agent address, which several routers have, is the router ID of a routing protocol."""
    loopbacks = {each.address: each.fact for port in router.ports if port.loopback for each in port.addresses}
    for process in router.all("router ospf", "router bgp", "router eigrp"):
        said = [
            line for name in ("router-id", "bgp router-id", "eigrp router-id") if (line := process.one(name))
        ]
        where = said[0] if said else process
        chosen = said[0]["address"] if said else max(loopbacks, default=None)
        if chosen in loopbacks and chosen in router.home_agent_addresses:
            mend = "Set a router ID that is this router's alone"
            yield where, f"{chosen}, the home agent address, is the router ID of `{process.text}`", mend
