"""What Mobile IP keeps on a router and on an interface, as configuration says it.

`node.part(Mobile)` holds the global lines and the tables, `interface.part(Service)` those of an interface.
Lines are taken in any order and whether or not `router mobile` is there; they act once it is (`running`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import MAC, IPv4, Prefix, mask_length
from iosemu.cli.kept import Kept
from iosemu.features.mobileip.bindings import Bindings, Tunnel
from iosemu.features.mobileip.counters import HostCounts, Traffic, Violations
from iosemu.lab.interface import Interface, Kind
from iosemu.lab.parts import Parts
from iosemu.lab.routes import MOBILE, Route
from iosemu.lab.track import Track
from iosemu.values import NamedTuple
from iosemu.wire import icmp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.lab.router import Node
    from iosemu.wire.ipv4 import Packet

DISTANCE, METRIC = 3, 1
"""Of mobile routes (reference mobile-ip.md §2.10)."""

MOBILE0 = Kind("Mobile", "Mo", "Mobile interface", virtual=True, ethernet=False)
INCONSISTENT = "%Inconsistent address and mask"
"""What IOS says of routes; its words for virtual networks are not public."""


class Agent(NamedTuple):
    """The options of `ip mobile home-agent`, named as its captures; times are in seconds."""

    broadcast: bool = False
    care_of_access: str | None = None
    lifetime: int = 36_000
    replay: int = 7
    reverse_tunnel_off: bool = False
    roam_access: str | None = None
    suppress_unreachable: bool = False


DEFAULTS = Agent()


class Group(NamedTuple):
    """What `ip mobile home-agent standby` says of an HSRP group, beyond its name."""

    virtual_network: bool = False
    address: IPv4 | None = None
    """The home agent address that the group serves, when it is said."""


class Hosts(NamedTuple):
    """A line of `ip mobile host`: mobile nodes from `lower` to `upper`, and where they are at home."""

    lower: IPv4
    upper: IPv4
    interface: str | None
    network: Prefix | None
    aaa: bool = False
    load_sa: bool = False
    care_of_access: str | None = None
    lifetime: int | None = None
    """The longest registration in seconds; None: the home agent's."""

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and self.lower <= address <= self.upper

    @property
    def size(self) -> int:
        """How many mobile nodes these are."""
        return self.upper - self.lower + 1


class Association(NamedTuple):
    """A security association with the peers of a kind (`host`, `home-agent` …) from `lower` to `upper`."""

    kind: str
    lower: IPv4
    upper: IPv4
    inbound: int
    """The security parameter index of packets received; `outbound` is that of packets sent."""
    outbound: int
    key: str
    """Hexadecimal digits, or characters with `ascii_key`."""
    ascii_key: bool = False
    algorithm: str = "md5"
    """`md5` or `hmac-md5`."""
    tolerance: int | None = None
    """How far clocks may differ, in seconds; None: as far as the home agent says."""

    @property
    def octets(self) -> bytes:
        """The key as it goes into digests."""
        return self.key.encode("latin-1", "replace") if self.ascii_key else bytes.fromhex(self.key)

    @property
    def line(self) -> tuple[str, IPv4, IPv4, int, int]:
        """What tells it from the others: a mobile node may have several, each with an index of its own."""
        return self[:5]


class CareOf(NamedTuple):
    """What `ip mobile foreign-agent care-of` says of an interface."""

    interface_only: bool = False
    transmit_only: bool = False


class Tunnels(NamedTuple):
    """What `ip mobile tunnel` says; `age` is in minutes, 0 for infinite, None without path MTU discovery."""

    route_cache: bool = True
    cef: bool = False
    age: int | None = None
    crypto_map: str | None = None
    nat: str | None = None


REGISTRATION_WAIT = 15
"""How long a foreign agent waits for a reply, in seconds, by default."""
DISCOVERY_AGE = 10
"""Minutes after which path MTU discovery tries a larger one, by default."""


class Agents:
    """What a router's agents are configured with, and what they hold: everything that needs no router."""

    def __init__(self) -> None:
        self.running = False
        """Whether `router mobile` is configured."""
        self.clear()

    def clear(self) -> None:
        """Forget all configuration and tables."""
        self.agent: Agent | None = None
        self.address: IPv4 | None = None
        """The global home agent address."""
        self.groups: dict[str, Group] = {}
        self.networks: dict[Prefix, IPv4 | None] = {}
        """The virtual networks, each with its home agent address if that is said."""
        self.hosts: dict[tuple[IPv4, IPv4], Hosts] = {}
        self.associations: dict[tuple[str, IPv4, IPv4, int, int], Association] = {}
        self.foreign_agent = False
        self.care_of: dict[str, CareOf] = {}
        """By interface's name, in the order of advertisement."""
        self.registration_wait = REGISTRATION_WAIT
        self.local_timezone = False
        self.private_address = False
        self.tunnel_options = Tunnels()
        self.bindings = Bindings()
        self.tunnels: dict[tuple[IPv4, IPv4, bool], Tunnel] = {}
        """By source, destination, and whether it is GRE."""
        self.counts: dict[IPv4, HostCounts] = {}
        """What was counted for mobile nodes, those that were never heard of apart."""
        self.cleared: dict[IPv4, HostCounts] = {}
        """Those that were cleared, for `undo`."""
        self.traffic = Traffic()
        self.violations = Violations()

    @property
    def home_agent(self) -> bool:
        """Whether this router is a home agent.

        `ip mobile home-agent`, `… address` and `… standby` each make it one: specification lines 52 and 53
        give the first two as alternatives, and the physical example has the third alone.
        """
        return self.running and (self.agent is not None or self.address is not None or bool(self.groups))

    @property
    def is_foreign_agent(self) -> bool:
        """Whether this router is a foreign agent: without a care-of address it can't be."""
        return self.running and bool(self.care_of)

    @property
    def options(self) -> Agent:
        """The home agent's options, as configured or by default."""
        return self.agent or DEFAULTS

    def hosts_of(self, address: IPv4) -> Hosts | None:
        """Give the line that a mobile node is configured with."""
        return next((each for each in self.hosts.values() if address in each), None)

    def associations_with(self, kind: str, address: IPv4 | None = None) -> Iterator[Association]:
        """Give the associations with peers of a kind, or with one of them, in the order of configuration."""
        for each in self.associations.values():
            if each.kind == kind and (address is None or each.lower <= address <= each.upper):
                yield each


class Mobile(Agents, Parts):
    """Mobile IP on a router (a part of it)."""

    def __init__(self, node: Node) -> None:
        Parts.__init__(self)
        Agents.__init__(self)
        self.node = node
        self.watchers: list[Callable[[], None]] = []
        """Bound methods to call when something was configured: agents that act upon it."""
        self._mobile0 = Mobile0(node)

    # --- What happens to it

    def changed(self) -> None:
        """Tell the agents that something was configured."""
        for watcher in tuple(self.watchers):
            watcher()

    def start(self) -> None:
        """Begin (`router mobile`): the virtual networks come into the routing table."""
        if not self.running:
            self.running = True
            for network in self.networks:
                self.node.routes.add(self._route(network))
            self.changed()

    def stop(self) -> None:
        """End, and forget all configuration, the interfaces' included (`no router mobile`)."""
        for network in tuple(self.networks):
            self.remove_network(network)
        self.running = False
        self.changed()  # agents let go of what they hold while it is there
        self.clear()
        self.parts.clear()
        _forget_kept(self.node)
        for interface in self.node.interfaces.values():
            interface.parts.pop(Service, None)
            _forget_kept(interface)

    def add_network(self, network: Prefix, address: IPv4 | None) -> None:
        """Make a network a virtual one, with a home agent address or none."""
        self.networks[network] = address
        if self.running:
            self.node.routes.add(self._route(network))

    def remove_network(self, network: Prefix) -> None:
        """Undo `add_network`."""
        if network in self.networks:
            del self.networks[network]
            self.node.routes.remove(self._route(network))

    def addresses_of(self, name: str) -> list[IPv4]:
        """Give the home agent addresses that a group serves (the matrix of specification lines 103 to 113).

        What the line says; else the global address, or the virtual networks' own; for a physical network, the
        group's virtual address, as far as it is known.
        """
        group = self.groups[name]
        if group.address is not None:
            return [group.address]
        if group.virtual_network:
            own = [self.address, *self.networks.values()]
            return list(dict.fromkeys(address for address in own if address is not None))
        track = self.node.peek(Track)
        found = track.groups.get(name) if track else None
        return [found.address] if found is not None and found.address is not None else []

    def _route(self, network: Prefix) -> Route:
        return Route(network, MOBILE, DISTANCE, METRIC, None, self._mobile0, self.node.now)


def _forget_kept(target: Node | Interface) -> None:
    """Take away Mobile IP's lines that are only kept."""
    kept = target.peek(Kept)
    for key in tuple(kept.lines) if kept else ():
        if key[0].startswith("ip mobile "):
            del kept.lines[key]  # type: ignore[union-attr]


class Mobile0(Interface):
    """Mobile0: what the routes to virtual networks point to, always up and in no list of interfaces."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, "Null0", MAC(0))
        self.kind, self.name = MOBILE0, "Mobile0"
        self.output = self._refuse

    @property
    def up(self) -> bool:
        """True: there is nothing to take down."""
        return True

    def _refuse(self, packet: Packet, neighbour: IPv4) -> None:
        """Tell the sender that a mobile node is not registered (reference mobile-ip.md §1.6)."""
        del neighbour
        if not self.node.part(Mobile).options.suppress_unreachable:
            self.node.ip.unreachable(packet, icmp.HOST)


# --- Interfaces


class ForeignService(NamedTuple):
    """The options of `ip mobile foreign-service`, named as its captures."""

    home_access: str | None = None
    limit: int | None = None
    registration_required: bool = False
    reverse_tunnel: bool = False
    mandatory: bool = False


LIFETIME = 36_000
"""The registration lifetime that is advertised by default, in seconds."""


class Service:
    """Mobile IP on an interface (a part of it)."""

    def __init__(self, _: Interface) -> None:
        self.foreign: ForeignService | None = None
        self.prefix_length = False
        self.lifetime = LIFETIME


def prefix_of(network: IPv4, mask: IPv4) -> Prefix | None:
    """Give the network that an address and a mask mean; None when they mean none."""
    length = mask_length(mask)
    if not length or Prefix.of(network, length).network != network or network >> 28 >= 0xE:
        return None
    return Prefix(network, length)
