"""The mobile node in the lab: its machine on a node, and `register` and `deregister` at the operator's prompt.

Away from home the home address stands on the port alone, without its subnet, and ARP is silent about it (RFC 2002
§4.6): routers' link addresses are learnt from their advertisements. All traffic goes to the agent (§4.2.1), or with
a co-located care-of address and a reverse tunnel through that to the home agent. At home the node is a host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.cli.command import Reply as Rows
from iosemu.cli.command import command
from iosemu.features.mobileip.codes import CODES, FLAGS
from iosemu.features.mobileip.mobile_node import MobileNode
from iosemu.features.mobileip.packet import PORT, Reply
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.roaming import (
    REGISTERED,
    Attached,
    Changed,
    Detached,
    Send,
    Settings,
    Solicit,
)
from iosemu.features.mobileip.state import DISTANCE, METRIC
from iosemu.lab.clock import SECOND
from iosemu.lab.discovery import ALL_ROUTERS
from iosemu.lab.machine import Driver
from iosemu.lab.routes import MOBILE, Route
from iosemu.lab.tunnel import Tunnels
from iosemu.wire.icmp import RouterAdvertisement, RouterSolicitation
from iosemu.wire.ipv4 import ICMP, Packet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.features.mobileip.packet import Message
    from iosemu.features.mobileip.roaming import Agent, Effect, Registration
    from iosemu.lab import Lab
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.topology import MobileNodeSpec
    from iosemu.lab.tunnel import Tunnel
    from iosemu.wire.ethernet import Frame

EVERYWHERE = Prefix(IPv4(0), 0)


class Roaming:
    """A mobile node's movements (a part of its node); `begin` gives it what it is to know."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.machine: MobileNode
        self.driver: Driver[Effect]
        self.port: Interface
        self._up = False
        self._agent: Agent | None = None
        self._routes: list[Route] = []
        self._tunnel: Tunnel | None = None

    def begin(self, port: Interface, settings: Settings) -> None:
        """Begin on a port, before it is up."""
        node = self.node
        self.port = port
        self.machine = MobileNode(settings, node.generator("mobile node"), epoch=node.unix - node.now)
        self.driver = Driver(node, self.machine, self._carry)
        node.part(AgentPort).takers.append(self._take)
        node.part(Tunnels).inspectors.append(self._known)
        node.ip.icmp.append(self._icmp)
        node.rows.append(self.rows)
        node.reasons.append(self.reasons)
        port.watchers.append(self._changed)
        self._leave_home()

    # --- In

    def _changed(self, port: Interface) -> None:
        if port.up == self._up:
            return
        self._up = port.up
        machine = self.machine
        self.driver.run(machine.link_up(self.node.now) if port.up else machine.link_down())

    def _icmp(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        message = packet.payload
        if isinstance(message, RouterAdvertisement) and frame is not None and interface is self.port:
            self.driver.run(self.machine.heard(message, packet.source, frame.source, self.node.now))

    def _take(
        self, interface: Interface, packet: Packet, message: Message, port: int, frame: Frame | None
    ) -> bool:
        del interface, packet, port, frame
        if not isinstance(message, Reply):
            return False
        self.driver.run(self.machine.reply(message, self.node.now))
        return True

    def _known(self, tunnel: Tunnel, inner: Packet) -> bool:
        home = self.machine.settings.home
        return inner.destination == home or (
            tunnel is self._tunnel and self.node.ip.is_broadcast(inner.destination)
        )

    def register(self) -> None:
        """Register at once."""
        self.driver.run(self.machine.register(self.node.now))

    def deregister(self) -> None:
        """Take the registration back at once."""
        self.driver.run(self.machine.deregister(self.node.now))

    # --- Out

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Solicit():
                solicitation = Packet(
                    self.machine.settings.home, ALL_ROUTERS, ICMP, RouterSolicitation(), ttl=1
                )
                self.node.ip.send_on(self.port, solicitation)
            case Send(request, source, destination, mac):
                self.node.ip.send_udp(
                    destination,
                    PORT,
                    request,
                    source_port=PORT,
                    source=source,
                    interface=self.port if mac is not None else None,
                    to=mac,
                )
            case Attached(agent, router):
                self._attach(agent, router)
            case Detached():
                self._detach()
            case Changed(state, registration):
                self._note(state, registration)
                self._tunnelled(registration if state == REGISTERED else None)

    def _attach(self, agent: Agent, router: IPv4) -> None:
        self._detach()
        self._agent = agent
        node, port, settings = self.node, self.port, self.machine.settings
        if agent.home:
            node.arp.silent = ()
            port.secondaries = ()
            port.address = settings.home, settings.prefix
            node.arp.announce(port, settings.home)
        else:
            node.arp.learn(port, agent.address, agent.mac, fixed=True)
        self._add(Route(EVERYWHERE, MOBILE, DISTANCE, METRIC, router, port, node.now))

    def _detach(self) -> None:
        self._tunnelled(None)
        for route in self._routes:
            self.node.routes.remove(route)
        self._routes.clear()
        if self._agent is not None:
            self.node.arp.forget(self._agent.address)
            self._agent = None
        self._leave_home()

    def _leave_home(self) -> None:
        """Have an address without a subnet, of which ARP says nothing."""
        port, settings = self.port, self.machine.settings
        self.node.arp.silent = (settings.home,)
        port.address = settings.home, Prefix(settings.home, 32)
        colocated = settings.colocated
        port.secondaries = () if colocated is None else ((colocated, Prefix(colocated, 32)),)

    def _tunnelled(self, registration: Registration | None) -> None:
        """Open the tunnel that a registration calls for, or close it.

        It ends at a co-located care-of address, or, for the broadcasts of the home network, at the home address
        (RFC 2002 §4.3). Abroad, those to 255.255.255.255 are taken; the home subnet's own address is nobody's.
        """
        node, settings = self.node, self.machine.settings
        tunnels = node.part(Tunnels)
        old, self._tunnel = self._tunnel, None
        if registration is not None and registration.flags & FLAGS["D"]:
            gre = bool(registration.flags & FLAGS["G"])
            self._tunnel = tunnels.use(registration.care_of, settings.home_agent, gre=gre, creator="MN")
            self._tunnel.speaker = settings.home
        elif registration is not None and registration.flags & FLAGS["B"]:
            self._tunnel = tunnels.use(settings.home, settings.home_agent, creator="MN")
        if old is not None and old is not self._tunnel:
            self._drop(old)
        if old is not None:
            tunnels.release(old)
        agent = self._agent
        if (
            self._tunnel is not None
            and registration is not None
            and registration.flags & FLAGS["D"]
            and registration.flags & FLAGS["T"]
            and agent
        ):
            home_agent = Prefix(settings.home_agent, 32)
            by_link = Route(home_agent, MOBILE, DISTANCE, METRIC, agent.address, self.port, node.now)
            self._add(by_link)
            # A better distance than that of the way by the agent.
            self._add(Route(EVERYWHERE, MOBILE, METRIC, METRIC, None, self._tunnel, node.now))

    def _drop(self, tunnel: Tunnel) -> None:
        for route in tuple(self._routes):
            if route.interface is tunnel or route.prefix.length == 32:
                self._routes.remove(route)
                self.node.routes.remove(route)

    def _add(self, route: Route) -> None:
        self._routes.append(route)
        self.node.routes.add(route)

    def _note(self, state: str, registration: Registration | None) -> None:
        """Tell the operator's `show events`."""
        where = f" at {registration.care_of}" if registration is not None and state == REGISTERED else ""
        self.node.lab.note(f"{self.node.name} {state}{where}")

    # --- What there is to see

    def rows(self) -> Iterator[str]:
        """Yield the rows of `show nodes NAME`."""
        machine, now = self.machine, self.node.now
        yield f"Mobile node {machine.settings.home}, home agent {machine.settings.home_agent}: {machine.state}"
        if machine.current is not None:
            agent = machine.current
            kind = "home link" if agent.home else "foreign agent" if agent.foreign else "router"
            yield f"  {kind} {agent.address}, believed for {max(0, agent.expires - now) // SECOND} s"
        held = machine.registration
        if held is not None:
            left = "for ever" if held.expires is None else f"{max(0, held.expires - now) // SECOND} s left"
            yield f"  registered at {held.care_of} for {held.granted} s, {left}"
        if machine.last_code is not None:
            yield f"  last reply: {CODES.get(machine.last_code, 'unknown')} ({machine.last_code})"

    def reasons(self, address: IPv4 | None) -> Iterator[str]:
        """Say why the node is registered, or not."""
        from iosemu.features.mobileip.why import of_node  # noqa: PLC0415 - rarely asked

        if address in (None, self.machine.settings.home, self.machine.settings.home_agent):
            yield from of_node(self.machine, self.node.now)


def begin(node: Node, port: Interface, spec: MobileNodeSpec) -> None:
    """Make a node of a lab a mobile node, as its lab.yml says."""
    flags = sum(FLAGS[letter] for letter in spec.flags if letter.isupper())
    settings = Settings(
        spec.home_address,
        Prefix.of(spec.home_address, spec.length),
        spec.home_agent,
        spec.spi,
        spec.key,
        spec.gateway,
        spec.lifetime,
        flags,
        spec.colocated_address,
        spec.algorithm,
    )
    node.part(Roaming).begin(port, settings)


# --- The operator


def _find(lab: Lab, name: str) -> Roaming | str:
    """Give a mobile node's movements, or say why there are none."""
    node = lab.nodes.get(name)
    if node is None or node.kind != "mobile-node":
        nodes = [each.name for each in lab.nodes.values() if each.kind == "mobile-node"]
        there = f"there {'is only' if len(nodes) == 1 else 'are'} {', '.join(nodes) or 'none'}"
        return f"% There is no mobile node called {name}; {there}"
    held = node.peek(Roaming)
    return f"% {name} is switched off; power {name} on" if held is None else held


@command("lab", "register")
def register(lab: Lab, *, node: str) -> Rows:
    """Have a mobile node register at once, with a fresh identification."""
    found = _find(lab, node)
    if isinstance(found, str):
        yield found
    else:
        found.register()


@command("lab", "deregister")
def deregister(lab: Lab, *, node: str) -> Rows:
    """Have a mobile node take its registration back, and stay so until it moves or is told to register."""
    found = _find(lab, node)
    if isinstance(found, str):
        yield found
    else:
        found.deregister()
