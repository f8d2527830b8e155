"""What Mobile IP shows of the home agent: bindings, hosts, security associations, the router as a whole.

Formats: the specification where it shows one (lines 281 to 289, that have lost their indentation, under a prompt of
`IRouter#`: E13), else the first form of reference mobile-ip.md §2, whose letters A, B and C say how far it may be
trusted. Counters are in `show_traffic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.cli import kept
from iosemu.cli.command import Entry, Reply, Values, behaviour, command
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import CODES, FLAGS, letters
from iosemu.features.mobileip.configure import span
from iosemu.features.mobileip.counters import HostCounts
from iosemu.features.mobileip.foreign_side import ForeignSide
from iosemu.features.mobileip.state import Mobile, Service
from iosemu.lab.clock import SECOND, date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iosemu.addresses import Prefix
    from iosemu.cli.session import Session
    from iosemu.features.mobileip.bindings import Binding
    from iosemu.features.mobileip.state import Association, CareOf, Hosts
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

OPTIONS = {"B": "Broadcast", "D": "Direct-to-MN", "G": "GRE", "T": "Reverse-tunnel"}
"""Routing options, by the letter of the flag that asks for them (specification line 302)."""


def clock(seconds: int) -> str:
    """Write a span of seconds as `hh:mm:ss`."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def lifetime(seconds: int) -> str:
    """Write a registration's lifetime: a span, or that it has no end."""
    return "INFINITE" if seconds == INFINITE else clock(seconds)


def identification(value: int) -> str:
    """Write the 64 bits of an identification (specification line 287)."""
    return f"{value >> 32:08X}.{value & 0xFFFFFFFF:08X}"


def routing_options(accepted: int) -> str:
    """Write the services that the agent provides."""
    return " ".join(f"({letter}){text}" for letter, text in OPTIONS.items() if accepted & FLAGS[letter])


def moment(unix: int | None) -> str:
    """Write an instant of Unix microseconds, or that it never was (reference mobile-ip.md §2.3, §2.7)."""
    if unix is None:
        return "-never-"
    when = date(unix)
    day = f"{when.month:02}/{when.day:02}/{when.year % 100:02}"
    return f"{day} {when.hour:02}:{when.minute:02}:{when.second:02}"


# --- Bindings


@command("exec", "show ip mobile binding")
def show_binding(
    node: Node, *, address: IPv4 | None = None, home_agent: IPv4 | None = None, summary: bool = False
) -> Reply:
    """Show the mobility bindings: all, a node's, those of a home agent address, or how many there are."""
    mobile = node.peek(Mobile) or Mobile(node)
    table = mobile.bindings
    yield "Mobility Binding List:"
    if summary:
        yield f"Total {table.total}"
        return
    if address is not None:
        yield from _bindings(mobile, table.of(address))
        return
    if home_agent is None:
        yield f"Total {table.total}"
        yield from _bindings(mobile, table)
        return
    # Whether IOS counts the whole table here is not public: the total is of what follows.
    wanted = list(table.served_by(home_agent))
    yield f"Total {len(wanted)}"
    yield from _bindings(mobile, wanted)


def _bindings(mobile: Mobile, bindings: Iterable[Binding]) -> Iterator[str]:
    home = None
    for binding in bindings:
        if binding.home != home:
            home = binding.home
            yield f"{home}:"
        yield from _binding(binding, mobile)


def _binding(binding: Binding, mobile: Mobile) -> Iterator[str]:
    tunnel = binding.tunnel
    reverse = "off" if mobile.options.reverse_tunnel_off else "allowed"
    yield f"    Care-of Addr {binding.care_of}, Src Addr {binding.source},"
    yield (
        f"    Lifetime granted {lifetime(binding.granted)} ({binding.granted}), "
        f"remaining {_remaining(binding, mobile.node.now)}"
    )
    yield f"    Flags {letters(binding.flags)}, Identification {identification(binding.identification)},"
    yield f"    {tunnel.name} src {tunnel.source} dest {tunnel.destination} reverse-{reverse}"
    yield f"    Routing Options - {routing_options(binding.accepted)}"


def _remaining(binding: Binding, now: int) -> str:
    if binding.expires is None:
        return lifetime(INFINITE)
    return clock(-(-(binding.expires - now) // SECOND))


# --- The router as a whole


@command("exec", "show ip mobile globals")
def show_globals(node: Node) -> Reply:
    """Show the agents and their options, with the addresses of line 97: the first step, lost before line 89 (E15)."""
    mobile = node.peek(Mobile) or Mobile(node)
    yield "IP Mobility global information:"
    yield ""
    if mobile.home_agent:
        yield "Home agent"
        yield ""
        yield from _home_agent(mobile)
    else:
        yield "Home Agent is not enabled"
    yield ""
    if mobile.is_foreign_agent:
        yield "Foreign Agent"
        yield ""
        yield f"    Pending registrations expire after {mobile.registration_wait} secs"
        yield "    Care-of addresses advertised"
        for name, options in mobile.care_of.items():
            yield f"        {name} {_care_of(node.interfaces.get(name), options)}"
    else:
        yield "Foreign agent is not enabled, no care-of address"
    yield ""
    count = sum(1 for _ in _serving(mobile))
    yield f"{count} interface{'' if count == 1 else 's'} providing service"
    yield "Encapsulations supported: IPIP and GRE"
    tunnels = mobile.tunnel_options
    switching = "enabled" if tunnels.route_cache else "disabled"
    yield f"Tunnel fast switching {switching}{', cef switching enabled' if tunnels.cef else ''}"
    # An hour is what the screen of 12.2 has where no age is configured.
    minutes = 60 if tunnels.age is None else tunnels.age
    aged = f"aged out after {minutes // 60}:{minutes % 60:02}:00" if minutes else "never aged out"
    yield f"Discovered tunnel MTU {aged}"


def _care_of(interface: Interface | None, options: CareOf) -> str:
    address = interface.address[0] if interface and interface.address else "unassigned"
    words = ["up" if interface and interface.up else "down"]
    # From memory: the screen of 12.2 has neither option yet.
    words += ["interface-only"] * options.interface_only + ["transmit-only"] * options.transmit_only
    return f"({address}) - {', '.join(words)}"


def _home_agent(mobile: Mobile) -> Iterator[str]:
    options = mobile.options
    if options.lifetime == INFINITE:
        yield "    Registration lifetime: INFINITE"
    else:
        yield f"    Registration lifetime: {clock(options.lifetime)} ({options.lifetime} secs)"
    if options.roam_access is not None:
        yield f"    Roaming access list: {options.roam_access}"
    if options.care_of_access is not None:
        yield f"    Care-of access list: {options.care_of_access}"
    yield f"    Broadcast {'enabled' if options.broadcast else 'disabled'}"
    yield f"    Replay protection time: {options.replay} secs"
    yield f"    Reverse tunnel {'disabled' if options.reverse_tunnel_off else 'enabled'}"
    yield f"    ICMP Unreachable {'disabled' if options.suppress_unreachable else 'enabled'}"
    # The text of the addresses and groups that line 97 asks for is not public: reference mobile-ip.md §2.2.
    if mobile.address is not None:
        yield f"    Home Agent address {mobile.address}"
    if mobile.groups:
        yield "    Standby groups"
    for name, group in mobile.groups.items():
        kind = "virtual" if group.virtual_network else "physical"
        for address in mobile.addresses_of(name) or ("unknown",):
            yield f"        {name} ({kind} network - address {address})"
    if mobile.networks:
        yield "    Virtual networks"
    for network in mobile.networks:
        yield f"        {network}"


# --- Interfaces


def _serving(mobile: Mobile) -> Iterator[tuple[Interface, bool, Service]]:
    """Yield the interfaces with a service, whether they are a home link, and what is configured there."""
    homes = {hosts.interface for hosts in mobile.hosts.values()} if mobile.home_agent else set()
    for interface in sorted(mobile.node.interfaces.values(), key=lambda each: each.sort_key):
        service = interface.peek(Service) or Service(interface)
        home = interface.name in homes
        if mobile.running and (home or service.foreign is not None):
            yield interface, home, service


@command("exec", "show ip mobile interface")
def show_interface(session: Session, *, interface: str | None = None) -> Reply:
    """Show the interfaces that are home links or serve visitors."""
    mobile = session.node.peek(Mobile) or Mobile(session.node)
    yield "IP Mobility interface information:"
    for port, home, service in _serving(mobile):
        if interface in (None, port.name):
            yield f"Interface {port.name}:"
            yield from _interface(session, port, service, home=home)


def _interface(session: Session, port: Interface, service: Service, *, home: bool) -> Iterator[str]:
    # Router discovery is another feature's: whether its line stands is all that is asked.
    irdp = config_of(session, "ip irdp", port)
    yield f"    IRDP {'(includes agent advertisement) enabled' if irdp else 'disabled'}"
    yield f"    Prefix Length {'' if service.prefix_length else 'not '}advertised"
    yield f"    Lifetime is {service.lifetime} seconds"
    if home:
        yield "    Home Agent service provided"
    foreign = service.foreign
    if foreign is not None:
        yield "    Foreign Agent service provided"
        if foreign.registration_required:
            yield "    Registration required"
        side = port.node.peek(ForeignSide)
        busy = side is not None and side.machine.full(port.name, foreign)
        yield f"    {'Busy' if busy else 'Not busy'}"
        if foreign.home_access is not None:
            yield f"    Home Agent access list {foreign.home_access}"
        if foreign.limit is not None:
            yield f"    Maximum number of visitors allowed {foreign.limit}"
        yield f"    Current number of visitors {0 if side is None else side.machine.count(port.name)}"


def config_of(session: Session, name: str, port: Interface) -> bool:
    """Tell whether a line of an interface stands, whoever holds it."""
    found = behaviour("interface", name)
    if found is not None:
        return any(not _values(entry).get("no") for entry in (found.write or _nothing)(port))
    declared = next(each for each in session.grammar["interface"].commands if each.name == name)
    return any(True for _ in kept.entries(port, declared))


def _nothing(_: object) -> tuple[Entry, ...]:
    return ()


def _values(entry: Entry) -> Values:
    return entry[0] if isinstance(entry, tuple) else entry


# --- Mobile nodes


@command("exec", "show ip mobile host")
def show_host(
    node: Node,
    *,
    address: IPv4 | None = None,
    interface: str | bool | None = None,
    network: IPv4 | bool | None = None,
    group: bool = False,
    summary: bool = False,
) -> Reply:
    """Show mobile nodes one by one, as the lines that configure them, or how many there are."""
    mobile = node.peek(Mobile) or Mobile(node)
    chosen = [
        hosts
        for hosts in mobile.hosts.values()
        if (not isinstance(interface, str) or hosts.interface == interface)
        and (network is None or _home_is(hosts, network, node))
    ]
    if summary:
        yield "Mobile Host List:"
        yield f"Total {sum(hosts.size for hosts in chosen)}"
    elif group:
        for hosts in chosen:
            yield f"{span(hosts.lower, hosts.upper)}:"
            yield f"    {_home_link(hosts, ' /')}, Care-of ACL {hosts.care_of_access or '-none-'}"
            where = "on AAA server" if hosts.aaa else "on router"
            yield f"    Security associations {where}, {_allowed(mobile, hosts)}"
    elif address is not None:
        found = mobile.hosts_of(address)
        if found is not None:
            yield from _host(mobile, found, address)
    else:
        for hosts in sorted(chosen, key=lambda each: each.lower):
            for number in range(hosts.lower, hosts.upper + 1):
                yield from _host(mobile, hosts, IPv4(number))


def _home_is(hosts: Hosts, network: IPv4 | bool, node: Node) -> bool:
    """Whether mobile nodes are at home on a network, given by its address."""
    if hosts.network is not None:
        return hosts.network.network == network
    port = node.interfaces.get(hosts.interface or "")
    return port is not None and any(prefix.network == network for _, prefix in port.addresses)


def _home_link(hosts: Hosts, slash: str) -> str:
    network: Prefix | None = hosts.network
    if network is None:
        return f"Home link on interface {hosts.interface}"
    return f"Home link on virtual network {network.network}{slash}{network.length}"


def _allowed(mobile: Mobile, hosts: Hosts) -> str:
    seconds, source = hosts.lifetime, "configured"
    if seconds is None:
        seconds, source = mobile.options.lifetime, "default"
    return f"Allowed lifetime {lifetime(seconds)} ({seconds}/{source})"


def _host(mobile: Mobile, hosts: Hosts, address: IPv4) -> Iterator[str]:
    registered = "registered" if mobile.bindings.of(address) else "unregistered"
    violation = mobile.violations.of(address)
    yield f"{address}:"
    yield f"    {_allowed(mobile, hosts)}"
    yield f"    Roaming status -{registered}-, {_home_link(hosts, '/')}"
    counts = mobile.counts.get(address) or HostCounts()
    served = counts.service + (0 if counts.since is None else mobile.node.now - counts.since)
    denied, last_denied, last = counts.denials
    code = "-never- (0)" if last is None else f"{CODES[last]} ({last})"
    yield f"    Accepted {counts.accepted}, Last time {moment(counts.last_accepted)}"
    yield f"    Overall service time {clock(served // SECOND) if counts.accepted else '-never-'}"
    yield f"    Denied {denied}, Last time {moment(last_denied)}"
    yield f"    Last code '{code}'"
    yield f"    Total violations {violation.times if violation else 0}"
    yield f"    Tunnel to MN - pkts {counts.packets_out}, bytes {counts.bytes_out}"
    yield f"    Reverse tunnel from MN - pkts {counts.packets_in}, bytes {counts.bytes_in}"


# --- Security associations


@command("exec", "show ip mobile secure")
def show_secure(
    node: Node,
    *,
    host: bool = False,
    visitor: bool = False,
    foreign_agent: bool = False,
    home_agent: bool = False,
    summary: bool = False,
    address: IPv4 | None = None,
) -> Reply:
    """Show the security associations with a kind of peers, or how many there are of any."""
    mobile = node.peek(Mobile) or Mobile(node)
    yield "Security Associations (algorithm,mode,replay protection,key):"
    if summary:
        yield f"Total {len(mobile.associations)}"
        return
    asked = {"host": host, "visitor": visitor, "foreign-agent": foreign_agent, "home-agent": home_agent}
    peers: dict[str, list[Association]] = {}
    for kind in (kind for kind, wanted in asked.items() if wanted):
        for each in mobile.associations_with(kind, address):
            peers.setdefault(span(each.lower, each.upper), []).append(each)
    for peer, associations in peers.items():
        yield peer
        for each in associations:
            yield from _association(each, mobile.options.replay)


def _association(each: Association, replay: int) -> Iterator[str]:
    mode = "HMAC-MD5" if each.algorithm == "hmac-md5" else "MD5, Prefix-suffix"
    tail = f"{mode}, Timestamp +/- {replay if each.tolerance is None else each.tolerance},"
    if each.inbound == each.outbound:
        yield f"    SPI {each.inbound:X},  {tail}"
    else:
        yield f"    In  SPI {each.inbound:X},  {tail}"
        yield f"    Out SPI {each.outbound:X},  {tail}"
    yield f"    Key {each.key}"
