"""Agent advertisements (RFC 2002 §2): what a mobility agent adds to what router discovery advertises.

An interface advertises a foreign agent where `ip mobile foreign-service` stands and a care-of address is there to
offer, a home agent where it is the home link of an `ip mobile host` line; `ip irdp` has to stand as well
(reference mobile-ip.md §1.3). Nothing is advertised of a virtual network, as it has no link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.debugging import ADVERTISE, debug
from iosemu.features.mobileip.state import LIFETIME, Mobile, Service
from iosemu.lab.debugging import is_on
from iosemu.lab.discovery import Discovery, Mobility
from iosemu.wire import icmp
from iosemu.wire.icmp import MobilityAgent

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.foreign_agent import ForeignAgent
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.icmp import RouterAdvertisement

FLAGS = {
    "r": icmp.REGISTRATION_REQUIRED,
    "b": icmp.BUSY,
    "h": icmp.HOME_AGENT,
    "f": icmp.FOREIGN_AGENT,
    "m": icmp.MINIMAL_ENCAPSULATION,
    "g": icmp.GRE_ENCAPSULATION,
    "v": icmp.VAN_JACOBSON,
}
"""The letters of `debug ip mobile advertise`; that of reverse tunnels, newer, is shown when it is set."""


class Announcer:
    """The agents of a router as they advertise themselves (a part of it)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.machine: ForeignAgent | None = None
        """The foreign agent, once there is one: it knows who is busy."""
        self._sequences: dict[str, int] = {}  # the next number, by interface
        discovery = node.part(Discovery)
        discovery.mobility = self._mobility
        discovery.agent = self._is_agent
        discovery.heard.append(self._solicited)
        discovery.sent.append(self._sent)

    # --- What there is to advertise

    def care_of(self, interface: Interface) -> tuple[IPv4, ...]:
        """Give the care-of addresses that visitors on an interface are offered, in the order of configuration."""
        mobile = self.node.peek(Mobile)
        if mobile is None or not mobile.is_foreign_agent:
            return ()
        offered = []
        for name, options in mobile.care_of.items():
            port = self.node.interfaces.get(name)
            here = name == interface.name or not options.interface_only
            if here and port is not None and port.up and port.address is not None:
                offered.append(port.address[0])
        return tuple(offered)

    def serves(self, interface: Interface) -> bool:
        """Whether an interface has visitors: the service stands, and there is a care-of address."""
        service = interface.peek(Service)
        return service is not None and service.foreign is not None and bool(self.care_of(interface))

    def is_home(self, interface: Interface) -> bool:
        """Whether an interface is the home link of mobile nodes of this home agent."""
        mobile = self.node.peek(Mobile)
        if mobile is None or not mobile.home_agent:
            return False
        return any(hosts.interface == interface.name for hosts in mobile.hosts.values())

    def _is_agent(self, interface: Interface) -> bool:
        return self.serves(interface) or self.is_home(interface)

    def flags(self, interface: Interface) -> int:
        """Give the octet of flags that an interface advertises."""
        service = interface.peek(Service)
        flags = icmp.HOME_AGENT if self.is_home(interface) else 0
        if service is None or service.foreign is None or not self.serves(interface):
            return flags
        foreign = service.foreign
        flags |= icmp.FOREIGN_AGENT | icmp.GRE_ENCAPSULATION
        flags |= icmp.REGISTRATION_REQUIRED if foreign.registration_required else 0
        flags |= icmp.REVERSE_TUNNELING if foreign.reverse_tunnel else 0
        if self.machine is not None and self.machine.full(interface.name, foreign):
            flags |= icmp.BUSY
        return flags

    def _mobility(self, interface: Interface) -> Mobility | None:
        flags = self.flags(interface)
        if not flags:
            return None
        number = self._sequences.get(interface.name, 0)
        # RFC 2002 §2.3.2: a sequence that turned over never looks like a reboot's.
        self._sequences[interface.name] = 256 if number == 0xFFFF else number + 1
        service = interface.peek(Service)
        care_of = self.care_of(interface) if flags & icmp.FOREIGN_AGENT else ()
        longest = service.lifetime if service is not None else LIFETIME
        return Mobility(
            MobilityAgent(number, longest, flags, care_of), service is not None and service.prefix_length
        )

    # --- What happens

    def _solicited(self, interface: Interface) -> None:
        mobile = self.node.peek(Mobile)
        if mobile is not None and self._is_agent(interface):
            mobile.traffic.solicitations += 1

    def _sent(self, interface: Interface, message: RouterAdvertisement, solicited: bool) -> None:
        mobile = self.node.peek(Mobile)
        if mobile is None or message.agent is None:
            return
        mobile.traffic.advertisements += 1
        mobile.traffic.responses += solicited
        if is_on(self.node, ADVERTISE):
            for row in _rows(interface.name, message.agent, message.prefix_lengths):
                debug(self.node, ADVERTISE, row)


def _rows(interface: str, agent: MobilityAgent, lengths: tuple[int, ...]) -> list[str]:
    """Word an advertisement; the rows are those of reference mobile-ip.md §3.3."""
    letters = "".join(letter.upper() if agent.flags & bit else letter for letter, bit in FLAGS.items())
    reverse = "T" if agent.flags & icmp.REVERSE_TUNNELING else ""
    length = 6 + 4 * len(agent.care_of)
    rows = [
        f"MobileIP: Agent advertisement sent out {interface}: type=16, len={length}, seq={agent.sequence},",
        f"lifetime={agent.lifetime},",
        f"flags=0x{agent.flags << 8:04X}({letters}{reverse}-rsv-),",
        *(f"Care-of address: {address}" for address in agent.care_of),
    ]
    if lengths:
        rows.append(f"Prefix Length ext: len={len(lengths)} ({' '.join(map(str, lengths))} )")
    return rows
