"""The routers that are audited together, as rules look at them: ports, addresses and HSRP groups with their lines.

Views of `reading.Reading`, made once; no view knows a rule. Two routers are on one network when lab.yml says so, or,
without a lab.yml, when they have addresses of one subnet.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.lab.interface import parse_name
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iosemu.lab.topology import HostSpec, MobileNodeSpec

    from .reading import Fact, Reading, Source


class Address(NamedTuple):
    """An address of a port, and the line that gives it."""

    fact: Fact
    address: IPv4
    prefix: Prefix


class Port:
    """An interface: its lines, its addresses, and the network that it is on."""

    def __init__(self, router: Router, fact: Fact) -> None:
        self.router = router
        self.fact = fact
        self.name: str = fact["interface"]
        self.addresses = [
            Address(each, each["address"], Prefix.of(each["address"], length))
            for each in fact.all("ip address")
            if each["address"] is not None and (length := mask_length(each["mask"])) is not None
        ]
        self.up = fact.one("shutdown") is None
        numbers = dict.fromkeys(each["group_number"] or 0 for each in fact.below if _of_a_group(each))
        self.groups = [Group(self, number) for number in numbers]

    @property
    def loopback(self) -> bool:
        """Whether this is a loopback interface."""
        return self.name.startswith("Loopback")

    @property
    def cabled(self) -> bool:
        """Whether this kind of interface has a cable in a lab."""
        kind = parse_name(self.name)[0]
        return kind.ethernet and not kind.virtual

    @cached_property
    def segment(self) -> str:
        """The network's name: lab.yml's (and the VLAN), else the subnet; none when it has no address either."""
        if not self.router.network.complete:
            return str(self.addresses[0].prefix) if self.addresses else ""
        segment = self.router.reading.ports.get(self.name.partition(".")[0], "")
        vlan = self.fact.one("encapsulation")
        return f"{segment} VLAN {vlan['vlan']}" if segment and vlan and vlan["vlan"] else segment

    def neighbours(self) -> list[Port]:
        """Give the ports of other routers on the same network, but those that are shut down."""
        ports = self.router.network.segments.get(self.segment, ())
        return [port for port in ports if port.router is not self.router and port.up]


def _of_a_group(fact: Fact) -> bool:
    return fact.command.startswith("standby") and "group_number" in fact.values


class Group:
    """An HSRP group of a port."""

    def __init__(self, port: Port, number: int) -> None:
        self.port = port
        self.number = number
        self.facts = [
            fact for fact in port.fact.below if _of_a_group(fact) and (fact["group_number"] or 0) == number
        ]

    def one(self, command: str) -> Fact | None:
        """Give the group's line of a command."""
        return next((fact for fact in self.facts if fact.command == command), None)

    def said(self, *names: str) -> Fact | None:
        """Give the group's line that captured one of these."""
        return next((fact for fact in self.facts if any(fact[name] is not None for name in names)), None)

    @cached_property
    def ips(self) -> list[Fact]:
        """The lines `standby ip`."""
        return [fact for fact in self.facts if fact.command == "standby ip"]

    @property
    def address(self) -> IPv4 | None:
        """The group's address; None when it is learnt, or not there."""
        return next((fact["address"] for fact in self.ips if not fact["secondary"]), None)

    @property
    def name(self) -> str:
        """The group's name, if it was given one."""
        fact = self.one("standby name")
        return fact["name"] if fact else ""

    @property
    def priority(self) -> int:
        """The group's priority."""
        fact = self.said("value")
        return 100 if fact is None else fact["value"]

    @property
    def preempt(self) -> Fact | None:
        """The line that lets it preempt."""
        return next((fact for fact in self.facts if fact["preempt"]), None)

    @property
    def called(self) -> str:
        """How a sentence names the group."""
        return f"group {self.number} of {self.port.name}"

    def peers(self) -> list[Group]:
        """Give the groups of the same number on the same network, of other routers."""
        return [
            group for port in self.port.neighbours() for group in port.groups if group.number == self.number
        ]


class Router:
    """A router that is audited."""

    def __init__(self, network: Network, reading: Reading) -> None:
        self.network = network
        self.reading = reading
        self.name = reading.name
        self.ports = [Port(self, fact) for fact in reading.all("interface")]

    @cached_property
    def groups(self) -> list[Group]:
        """Its HSRP groups."""
        return [group for port in self.ports for group in port.groups]

    @cached_property
    def addresses(self) -> list[Address]:
        """Its own addresses."""
        return [address for port in self.ports for address in port.addresses]

    def all(self, *commands: str) -> list[Fact]:
        """Give its global lines of these commands."""
        return self.reading.all(*commands)

    def one(self, command: str) -> Fact | None:
        """Give its global line of a command."""
        return self.reading.one(command)

    def port(self, name: str) -> Port | None:
        """Give the port of a name."""
        return next((port for port in self.ports if port.name == name), None)

    def owner(self, address: int) -> Port | None:
        """Give the port that has an address of its own."""
        return next((port for port in self.ports for each in port.addresses if each.address == address), None)

    # -- home agent redundancy

    @property
    def redundancy(self) -> list[Fact]:
        """The lines that name an HSRP group for home agent redundancy."""
        return self.all("ip mobile home-agent standby")

    @cached_property
    def home_agent_addresses(self) -> set[IPv4]:
        """The home agent addresses that it is configured with, the router's own or not."""
        lines = self.all(
            "ip mobile home-agent address", "ip mobile home-agent standby", "ip mobile virtual-network"
        )
        return {line["address"] for line in lines if line["address"] is not None}

    def group(self, name: str) -> Group | None:
        """Give the HSRP group of a name."""
        return next((group for group in self.groups if group.name == name), None)

    @cached_property
    def partners(self) -> list[Router]:
        """The routers it shares bindings with: those in an HSRP group that both use for redundancy."""
        found = {
            id(peer.port.router): peer.port.router
            for line in self.redundancy
            if (group := self.group(line["name"]))
            for peer in group.peers()
            if peer.port.router.redundancy
        }
        return list(found.values())


class Network:
    """What is audited together.

    `complete`: all routers are known, and what is cabled to what, as a lab.yml says it; `hosts` are its hosts and
    mobile nodes; `description` is where it says so, by words that stand there (`HA1:Ethernet0`).
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        *,
        complete: bool = False,
        hosts: Sequence[HostSpec | MobileNodeSpec] = (),
        description: Sequence[Source] = (),
    ) -> None:
        self.complete = complete
        self.hosts = tuple(hosts)
        self.description = tuple(description)
        self.routers = [Router(self, reading) for reading in readings]

    @cached_property
    def segments(self) -> dict[str, list[Port]]:
        """The ports on each network, by its name."""
        found: dict[str, list[Port]] = {}
        for router in self.routers:
            for port in router.ports:
                if port.segment:
                    found.setdefault(port.segment, []).append(port)
        return found

    @property
    def all_addresses(self) -> list[Address]:
        """The addresses of all interfaces."""
        return [address for router in self.routers for address in router.addresses]

    @property
    def mobile_nodes(self) -> list[MobileNodeSpec]:
        """The lab's mobile nodes."""
        from iosemu.lab.topology import MobileNodeSpec  # noqa: PLC0415 - not on every path

        return [host for host in self.hosts if isinstance(host, MobileNodeSpec)]

    def described(self, words: str) -> Source | None:
        """Find the line of the lab.yml that holds these words."""
        return next((source for source in self.description if words in source.text), None)
