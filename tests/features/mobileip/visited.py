"""Labs with a visited network, for tests: two foreign agents, a mobile node, a correspondent, a home agent.

The home agent is the real machine with the least of a router around it, so that these tests are of the foreign agent
and the mobile node alone. Every frame goes through its octets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix
from iosemu.app import Lab
from iosemu.features.mobileip.effects import Answer, Arrival, Bound, Closed, Opened, Unbound, Violated
from iosemu.features.mobileip.foreign_side import ForeignSide
from iosemu.features.mobileip.home_agent import HomeAgent
from iosemu.features.mobileip.mobile_side import Roaming
from iosemu.features.mobileip.packet import PORT, Request
from iosemu.features.mobileip.state import Agent, Agents, Association, Hosts
from iosemu.lab.routes import MOBILE, Route
from iosemu.lab.tunnel import Tunnels
from iosemu.wire import ethernet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iosemu.features.mobileip.effects import Effect
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.lab.tunnel import Tunnel
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet
    from iosemu.wire.udp import Datagram

KEY = "0123456789abcdef0123456789abcdef"
HOME, AGENT, CARE_OF = (IPv4.parse(text) for text in ("1.0.0.100", "1.0.0.1", "4.0.0.1"))

FOREIGN = """\
hostname {name}
interface Ethernet0
 ip address 3.0.0.{number} 255.0.0.0
interface Ethernet1
 ip address {net}.0.0.1 255.0.0.0
 ip irdp
 ip irdp maxadvertinterval 9
 ip mobile foreign-service
router mobile
ip route 0.0.0.0 0.0.0.0 3.0.0.1
ip mobile foreign-agent care-of Ethernet1
"""
HA = """\
hostname HA
interface Ethernet0
 ip address 1.0.0.1 255.0.0.0
 ip irdp
 ip irdp maxadvertinterval 9
interface Ethernet1
 ip address 3.0.0.1 255.0.0.0
ip route 4.0.0.0 255.0.0.0 3.0.0.2
ip route 5.0.0.0 255.0.0.0 3.0.0.3
"""
LAB = """\
name: visited
topology:
  nodes:
    HA: {{kind: router, startup-config: HA.cfg}}
    FA1: {{kind: router, startup-config: FA1.cfg}}
    FA2: {{kind: router, startup-config: FA2.cfg}}
    CN: {{kind: host, address: 3.0.0.50/8, gateway: 3.0.0.1, segment: core}}
    MN: {{kind: mobile-node, home-address: 1.0.0.100/8, home-agent: 1.0.0.1, spi: "200",
         key: {{hex: "{key}"}}, segment: visited{more}}}
  links:
    - {{segment: home, endpoints: ["HA:Ethernet0"]}}
    - {{segment: core, endpoints: ["HA:Ethernet1", "FA1:Ethernet0", "FA2:Ethernet0"]}}
    - {{segment: visited, endpoints: ["FA1:Ethernet1"]}}
    - {{segment: visited2, endpoints: ["FA2:Ethernet1"]}}
"""


def through_octets(frame: Frame) -> Frame:
    """Send a frame through its octets and back."""
    return ethernet.decode(frame.encode())


class Home:
    """The home agent's machine on a router: tunnels, host routes, and ARP for those who are away."""

    def __init__(self, node: Node) -> None:
        self.node = node
        agents = self.agents = Agents()
        agents.running, agents.agent = True, Agent()
        agents.hosts[HOME, HOME] = Hosts(HOME, HOME, "Ethernet0", None)
        self.share(Association("host", HOME, HOME, 0x200, 0x200, KEY))
        self.tunnels: dict[int, Tunnel] = {}
        self.machine = HomeAgent(agents, taken=node.part(Tunnels))
        self.requests: list[tuple[int, Request]] = []
        self.deaf = False
        self.skew = 0
        """Microseconds by which its clock is fast."""
        node.ip.udp[PORT] = self._heard
        node.routes.hosts.append(self)
        node.part(Tunnels).inspectors.append(self._known)

    def share(self, association: Association) -> None:
        """Configure an association."""
        self.agents.associations[association.line] = association

    def _heard(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        del interface, frame
        request = datagram.payload
        if self.deaf or not isinstance(request, Request):
            return
        self.requests.append((self.node.now, request))
        arrival = Arrival(packet.source, datagram.source_port, packet.destination)
        unix = self.node.unix + self.skew
        for effect in self.machine.request(request, arrival, self.node.now, unix):
            self._carry(effect)

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Answer(reply, source, destination, port, direct):
                home = self.node.interface("Ethernet0") if direct else None
                self.node.ip.send_udp(
                    destination, port, reply, source_port=PORT, source=source, interface=home
                )
            case Opened(tunnel):
                made = self.node.part(Tunnels).use(
                    tunnel.source, tunnel.destination, gre=tunnel.gre, number=tunnel.number
                )
                self.tunnels[tunnel.number] = made
            case Closed(tunnel):
                self.node.part(Tunnels).release(self.tunnels.pop(tunnel.number))
            case Bound() | Unbound() | Violated():
                pass

    def find(self, address: IPv4) -> Route | None:
        """Give the host route to a mobile node that is away."""
        bindings = self.agents.bindings.of(address)
        if not bindings:
            return None
        binding = bindings[-1]
        tunnel = self.tunnels[binding.tunnel.number]
        return Route(Prefix(address, 32), MOBILE, 3, 1, binding.care_of, tunnel, 0)

    def __iter__(self) -> Iterator[Route]:
        """Give none: nobody looks."""
        return iter(())

    def _known(self, tunnel: Tunnel, inner: Packet) -> bool:
        del tunnel
        return bool(self.agents.bindings.of(inner.source))


def visited(folder: Path, *, more: str = "", **lines: str) -> tuple[Lab, Home]:
    """Open the lab; `lines` are further configuration of routers, `more` what else MN is given."""
    texts = {
        "HA": HA,
        "FA1": FOREIGN.format(name="FA1", number=2, net=4),
        "FA2": FOREIGN.format(name="FA2", number=3, net=5),
    }
    for name, text in texts.items():
        (folder / f"{name}.cfg").write_text(text + lines.get(name, ""))
    (folder / "lab.yml").write_text(LAB.format(key=KEY, more=more))
    lab = Lab.load(folder / "lab.yml")
    lab.transit = through_octets
    return lab, Home(lab["HA"])


def node(lab: Lab) -> Roaming:
    """Give the mobile node."""
    return lab["MN"].part(Roaming)


def foreign(lab: Lab, name: str = "FA1") -> ForeignSide:
    """Give a foreign agent."""
    return lab[name].part(ForeignSide)
