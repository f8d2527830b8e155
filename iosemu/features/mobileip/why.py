"""Why a mobile node is registered or not, in a learner's words: at the node itself, and at a home agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.codes import CODES
from iosemu.features.mobileip.roaming import PENDING, REGISTERED
from iosemu.lab.clock import SECOND
from iosemu.wire import icmp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.exchange import Standing
    from iosemu.features.mobileip.mobile_node import MobileNode
    from iosemu.features.mobileip.redundancy import Peer
    from iosemu.features.mobileip.state import Mobile

TOLD = 20
"""How many mobile nodes of a home agent are told of, when it is not asked for one."""

ADVICE = {
    65: "the agent's configuration forbids it: its access list, or no service on that interface",
    66: "the agent holds as many as it may: `ip mobile foreign-service limit`, `ip mobile registration-lifetime`",
    67: "the foreign agent has a security association with the node that does not fit: `ip mobile secure visitor`",
    68: "the foreign and the home agent do not agree on a key: `ip mobile secure home-agent`, `… foreign-agent`",
    69: "more was asked for than the agent grants: the code's reply says how much, and the node asks for that",
    72: "the agent offers no such tunnel: it was asked for GRE or minimal encapsulation",
    74: "the agent has no reverse tunnel: `ip mobile foreign-service reverse-tunnel`",
    75: "the agent wants a reverse tunnel: set the flag T of the node",
    77: "the care-of address asked for is none that the foreign agent advertises",
    78: "the home agent did not answer in time, or what it answered since is not believed: a way to it, and one key?",
    80: "the foreign agent has no way to the home network",
    81: "the foreign agent has no way to the home agent",
    82: "at the home agent's address nobody listens: `router mobile`, `ip mobile home-agent`",
    88: "the foreign agent has no way to the home agent",
    129: "the home agent does not know the node, or may not serve it there: `ip mobile host`, and its access list",
    130: "the home agent cannot take more",
    131: "node and home agent differ in SPI, key or algorithm: `ip mobile secure host`, and the node in lab.yml",
    132: "foreign and home agent differ in SPI, key or algorithm: `ip mobile secure foreign-agent`",
    133: "the clocks are too far apart, or the request was heard before: the node sets its clock and asks again",
    134: "the request is not as RFC 2002 has it",
    135: "the home agent holds as many bindings of the node as it may",
    136: "the address asked is none of a home agent's: the node must ask one it is configured for",
    137: "the home agent has no reverse tunnel",
    138: "the home agent wants a reverse tunnel: set the flag T of the node",
    139: "the home agent offers no such tunnel: it was asked for GRE or minimal encapsulation",
}
"""What a denial means, and what to look at, by the reply's code (RFC 2002 §3.4, RFC 3024 §3.4)."""


ESTRANGED = {
    68: "the two differ in SPI, key or algorithm, or one has none: `ip mobile secure home-agent` on both",
    133: "their clocks are too far apart, or it was heard before: `clock set` on both",
}
"""The same of what a peer said that was refused."""


def of_node(machine: MobileNode, now: int) -> Iterator[str]:
    """Tell of a mobile node, which knows the agent it hears and the last reply."""
    settings, agent, held = machine.settings, machine.current, machine.registration
    yield f"{settings.home} is {machine.state}"
    if agent is None:
        for other in machine.agents.values():
            why = "is no foreign agent"
            if other.flags & icmp.BUSY:
                why = "takes no more visitors: `ip mobile foreign-service limit`"
            yield f"  it hears {other.address}, which {why}"
        if not machine.agents:
            yield "  it hears no agent: nobody advertises on its segment, so it solicits and waits"
        return
    if agent.home:
        yield f"  {agent.address} advertises from its home subnet: it is at home, and needs no binding"
    elif settings.colocated is not None:
        through = " through it" if agent.flags & icmp.REGISTRATION_REQUIRED else ""
        yield f"  it hears {agent.address}, and registers{through} with {settings.home_agent}"
        yield f"  its care-of address is its own, {settings.colocated}: packets to that must come to this segment"
    elif agent.foreign:
        yield f"  it hears the foreign agent {agent.address}, and registers through it with {settings.home_agent}"
    else:
        yield f"  it hears the router {agent.address}, which is no foreign agent"
    if held is not None and machine.state == REGISTERED:
        left = "for ever" if held.expires is None else f"for {max(0, held.expires - now) // SECOND} s more"
        yield f"  {settings.home_agent} has bound it to {held.care_of}, {left}"
    code = machine.last_code
    if machine.state == PENDING and not (code or 0) > 1:
        yield "  it waits for a reply that it believes: is there a way to the home agent and back, and one key?"
    elif code is not None and code > 1:
        by = "the foreign agent" if code < 128 else "the home agent"
        yield f"  the last reply denied it: {CODES.get(code, 'unknown')} ({code}), says {by}"
        if code in ADVICE:
            yield f"  {ADVICE[code]}"


def of_home_agent(mobile: Mobile, address: IPv4 | None, now: int) -> Iterator[str]:
    """Tell of the mobile nodes of a home agent, or of one of them: bound, or why not."""
    if not mobile.running:
        return
    agents = {each.lower for each in mobile.associations_with("home-agent")}
    violators = [peer for peer, _ in mobile.violations if peer not in agents]
    bound = mobile.bindings
    homes = [binding.home for binding in bound] if address is None else [address]
    for home in dict.fromkeys([*homes, *(violators if address is None else [])][:TOLD]):
        bindings, known = bound.of(home), mobile.hosts_of(home)
        for binding in bindings:
            left = "" if binding.expires is None else f" for {max(0, binding.expires - now) // SECOND} s more"
            yield f"{home} is away: bound to {binding.care_of}{left}, so its packets go there in a tunnel"
        if not bindings and known is not None:
            where = "it has not registered"
            if known.network is None:
                where = "for this home agent it is at home, or has not registered"
            yield f"{home} has no binding: {where}"
        violation = mobile.violations.of(home)
        if violation is not None:
            said = CODES.get(violation.code, "unknown")
            times = _times(violation.times, "time")
            yield f"  {home} was denied {times}, last with {said} ({violation.code})"
            if violation.code in ADVICE:
                yield f"  {ADVICE[violation.code]}"
    if len(homes) > TOLD:
        yield f"  and {len(homes) - TOLD} more"


def of_peers(mobile: Mobile, peer: Peer) -> Iterator[str]:
    """Tell whom a home agent shares its bindings with by each group it follows, or why with nobody."""
    for name in mobile.groups if mobile.running else ():
        group = peer.groups.get(name)
        if group is None:
            yield f"{name} leads nowhere: no HSRP group with an address has this name, see `standby name`"
        elif not group.serves:
            yield (
                f"{name} serves no home agent address: "
                "`ip mobile home-agent address`, or `ip mobile virtual-network … address`"
            )
        else:
            yield from _of_group(mobile, peer, group)


def _of_group(mobile: Mobile, peer: Peer, group: Standing) -> Iterator[str]:
    name, serves = group.name, ", ".join(str(address) for address in group.serves)
    if group.peer is None:
        yield f"{name} has no peer: HSRP hears no other router in it, so nobody shares the bindings of {serves}"
        return
    if group.peer in group.associated:
        used = any(peer.group_of(address) is group for address in group.serves)
        yield f"{name} {'shares' if used else 'is spare for'} the bindings of {serves} with {group.peer}"
    else:
        yield f"{name} shares nothing with {group.peer}: there is no `ip mobile secure home-agent {group.peer}`"
    if peer.owed:
        yield f"  it could not be told of {_times(len(peer.owed), 'mobile node')}"
    violation = mobile.violations.of(group.peer)
    if violation is not None:
        said = CODES.get(violation.code, "unknown")
        times = _times(violation.times, "time")
        yield f"  what {group.peer} said was refused {times}, last with {said} ({violation.code})"
        if violation.code in ESTRANGED:
            yield f"  {ESTRANGED[violation.code]}"


def _times(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
