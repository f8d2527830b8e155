"""UDP port 434 of a router: what comes there goes to the first agent that takes it.

A router may be a home agent, a foreign agent and a peer in redundancy all at once, and all three listen at this
one port; each knows by a message and the way it came whether it is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.features.mobileip.packet import PORT, Redundancy, Reply, Request, register

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from iosemu.features.mobileip.packet import Message
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.ipv4 import Packet
    from iosemu.wire.udp import Datagram

    Taker: TypeAlias = Callable[[Interface, Packet, Message, int, Frame | None], bool]

register()


class AgentPort:
    """A node's port 434 (a part of it)."""

    def __init__(self, node: Node) -> None:
        self.takers: list[Taker] = []
        """Bound methods `(interface, packet, message, source port, frame)`; True: it was for this agent."""
        self.unread: list[Callable[[Interface, bytes], None]] = []
        """Bound methods that are told of a datagram that is no message: rubbish, or one that was cut off."""
        self.refused = 0
        """How many datagrams nobody took: rubbish, and what was meant for another service."""
        self.node = node
        self.listen()

    def listen(self) -> None:
        """Have the port open, as it is from the beginning."""
        self.node.ip.udp[PORT] = self._heard

    def close(self) -> None:
        """Have nobody listen: who sends there is told so (RFC 1122 §3.2.2.1)."""
        self.node.ip.udp.pop(PORT, None)

    def _heard(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        message = datagram.payload
        if isinstance(message, (Request, Reply, Redundancy)):
            for taker in self.takers:
                if taker(interface, packet, message, datagram.source_port, frame):
                    return
        elif isinstance(message, bytes):
            for each in self.unread:
                each(interface, message)
        self.refused += 1
