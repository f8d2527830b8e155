"""Home agent redundancy on a router: which HSRP groups it follows, and how its machine reaches peers.

`node.part(Peers)` is a router's. HSRP is a stranger: groups are known by name, through `lab/track.py`, and the way
back of `preempt delay sync` goes there too. Messages go between the routers' own addresses on the group's
interface, whatever the routing table says (specification line 145).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.debugging import STANDBY, debug, violated
from iosemu.features.mobileip.effects import Violated
from iosemu.features.mobileip.exchange import Adopt, GivenUp, Loaded, Path, Ready, Row, Send, Standing
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.packet import PORT, Redundancy
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.redundancy import Peer
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.machine import Driver
from iosemu.lab.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.exchange import Effect
    from iosemu.features.mobileip.packet import Message
    from iosemu.features.mobileip.state import Group
    from iosemu.lab import track
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet

CLIENT = "Mobile IP"
"""What HSRP groups know this client by."""


class Peers:
    """A router's peers as a home agent (a part of it), idle while no group is followed."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.mobile = node.part(Mobile)
        self.track = node.part(Track)
        self.home = node.part(HomeSide)
        self.machine = Peer(self.mobile, self.home.machine)
        self.driver: Driver[Effect] = Driver(node, self, self._carry)
        self._followed: dict[str, Group] = {}  # the lines of configuration that were acted upon
        self._served: dict[str, tuple[IPv4, ...]] = {}  # the addresses that groups served last
        self._active: dict[str, bool] = {}
        node.part(AgentPort).takers.append(self._take)
        self.home.told.append(self._changed)
        self.mobile.watchers.append(self._configured)
        node.reasons.append(self._reasons)

    def _reasons(self, address: IPv4 | None) -> Iterator[str]:
        """Say with whom bindings are shared, to one who asks for no address."""
        from iosemu.features.mobileip.why import of_peers  # noqa: PLC0415 - rarely asked

        return iter(()) if address is not None else of_peers(self.mobile, self.machine)

    # --- The machine, which has to know the time of day as well

    def deadline(self) -> int | None:
        """Tell the machine's deadline."""
        return self.machine.deadline()

    def expire(self, now: int) -> list[Effect]:
        """Do what is due."""
        return self.machine.expire(now, self.node.unix)

    # --- Which groups there are

    def _configured(self) -> None:
        """Follow the groups that are configured, and let go of those that are no more."""
        wanted = dict(self.mobile.groups) if self.mobile.running else {}
        for name in tuple(self._followed):
            if name not in wanted:
                self.track.unwatch(name, self._told)
                self.track.dismiss(name, CLIENT)
                del self._followed[name]
                self._active.pop(name, None)
        for name, group in wanted.items():
            if name not in self._followed:
                self.track.watch(name, self._told)
                self.track.attend(name, CLIENT, self._wanted)
            self._followed[name] = group
        self._update()

    def deconfigured(self, name: str, group: Group) -> None:
        """Remove bindings, as a group's line is gone (specification lines 236 and 238).

        Of physical networks the active agent keeps them; of virtual ones either agent removes them. Bindings
        whose home agent address another group still serves stay.
        """
        served = self._served.pop(name, ())
        known = self.track.groups.get(name)
        if not self.mobile.running or (not group.virtual_network and known is not None and known.active):
            return
        left = {address for other in self.mobile.groups for address in self.mobile.addresses_of(other)}
        homes = [each.home for each in self.mobile.bindings if each.home_agent in served]
        homes = [
            home for home in dict.fromkeys(homes) if self.mobile.bindings.of(home)[-1].home_agent not in left
        ]
        self.home.drop(homes)

    def _told(self, name: str, group: track.Redundancy | None) -> None:
        """Hear what a group is now."""
        was = self._active.get(name, False)
        active = self._active[name] = group is not None and group.active
        self._update()
        if group is None or not active or was:
            return
        if name in self.mobile.groups and not self.mobile.groups[name].virtual_network:
            for address in self.mobile.addresses_of(name):
                self.home.took_over(address, group.interface)

    def _wanted(self, name: str) -> None:
        self.driver.run(self.machine.wanted(name, self.node.now, self.node.unix))

    def _update(self) -> None:
        groups: dict[str, Standing] = {}
        for name, group in self._followed.items():
            addresses = tuple(self.mobile.addresses_of(name)) if name in self.mobile.groups else ()
            if addresses:
                self._served[name] = addresses
            known = self.track.groups.get(name)
            if known is None or known.address is None or known.interface.address is None:
                continue
            own, network = known.interface.address
            groups[name] = Standing(
                name,
                group.virtual_network,
                addresses,
                known.address,
                known.interface.name,
                own,
                known.state,
                known.peer,
                tuple(
                    each.lower
                    for each in self.mobile.associations_with("home-agent")
                    if each.lower in network and each.lower != own
                ),
                known.spare,
            )
        self.driver.run(self.machine.follow(groups, self.node.now, self.node.unix))

    # --- In

    def _changed(self, home: IPv4, home_agent: IPv4) -> None:
        """Have peers told of a mobile node."""
        self.driver.run(self.machine.changed(home, home_agent, self.node.now, self.node.unix))

    def load(self, name: str) -> None:
        """Get the tables of a group once more (`clear ip mobile binding all load`)."""
        self.driver.run(self.machine.ask(name, self.node.now, self.node.unix))

    def _take(
        self, interface: Interface, packet: Packet, message: Message, port: int, frame: Frame | None
    ) -> bool:
        del port, frame
        if not isinstance(message, Redundancy) or not self._followed:
            return False
        path = Path(interface.name, packet.destination, packet.source, message.group)
        self.driver.run(self.machine.receive(message, path, self.node.now, self.node.unix))
        return True

    # --- Out

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Send(message, path):
                interface = self.node.interfaces.get(path.interface)
                if interface is not None:
                    self.node.ip.send_udp(
                        path.peer, PORT, message, source_port=PORT, source=path.own, interface=interface
                    )
            case Adopt(told, home_agent):
                for home, records in told.items():
                    effects = self.home.machine.adopt(home, records, home_agent, self.node.now)
                    self.home.adopt(effects)
            case Loaded(home_agent, peer, nodes):
                mobile_nodes = f"{nodes} mobile node{'' if nodes == 1 else 's'}"
                self.node.lab.note(
                    f"{self.node.name} got the bindings of {mobile_nodes} of {home_agent} from {peer}"
                )
            case Ready(name):
                self.track.ready(name, CLIENT)
            case GivenUp():
                self.node.log.emit(
                    "IPMOBILE",
                    6,
                    "REDUPDATEFAIL",
                    "Too many failed attempts for sending redundancy update. Dropping redundancy update",
                )
            case Row(text):
                debug(self.node, STANDBY, f"MobileIP:{text}")
            case Violated():
                violated(self.node, "HA", effect)
