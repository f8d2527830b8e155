"""Link messages: what a router logs when an interface goes up or down.

LINK is logged at once and LINEPROTO a second later, if the line protocol is still not what was said last: so
a flap within the second is two LINK messages and no more. Interfaces that come up because their router boots
say nothing (routers here boot in no time), nor do subinterfaces and null 0 ever. No source gives IOS's
delays; a second between the two is what is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.lab.clock import SECOND
from iosemu.lab.machine import Driver
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node

ADMINISTRATIVELY_DOWN = "administratively down"  # Interface.status


class Said(NamedTuple):
    """The effect of a line protocol that changed for good: the message about it."""

    name: str
    up: bool


class Links:
    """What was last said of a node's links (a part of it): a machine whose inputs are its interfaces."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._link: dict[str, str] = {}
        self._protocol: dict[str, bool] = {}
        self._due: dict[str, int] = {}
        self._begun = False
        self._driver: Driver[Said] = Driver(node, self, self._say)
        node.watchers.append(self.look)
        if node.running:
            self._begin()
        else:
            node.booted.append(self._begin)

    def _begin(self) -> None:
        self._begun = True
        for interface in self.node.interfaces.values():
            self._link[interface.name] = interface.status
            self._protocol[interface.name] = interface.up

    def look(self, interface: Interface) -> None:
        """See what has become of an interface; one that was taken away has said its last word before."""
        name = interface.name
        if not self._begun or self.node.interfaces.get(name) is not interface:
            return
        if "." in interface.number or interface.kind.name == "Null":
            return
        link = interface.status
        was = self._link.setdefault(name, "up" if interface.kind.virtual else "down")
        if link != was:
            self._link[name] = link
            if ADMINISTRATIVELY_DOWN in (link, was):  # of cables and segments the lab itself tells
                self.node.lab.note(f"{self.node.name} {name} {link}")
            severity, mnemonic = (5, "CHANGED") if link == ADMINISTRATIVELY_DOWN else (3, "UPDOWN")
            self.node.log.emit("LINK", severity, mnemonic, f"Interface {name}, changed state to {link}")
        if interface.up == self._protocol.get(name, False):
            self._due.pop(name, None)
        else:
            self._due.setdefault(name, self.node.now + SECOND)
        self._driver.run()

    def deadline(self) -> int | None:
        """Tell when a line protocol has been otherwise for long enough."""
        return min(self._due.values(), default=None)

    def expire(self, now: int) -> list[Said]:
        """Give the line protocols that are to be spoken of."""
        effects = []
        for name in [name for name, when in self._due.items() if when <= now]:
            del self._due[name]
            interface = self.node.interfaces.get(name)
            up = interface is not None and interface.up
            if up != self._protocol.get(name, False):
                self._protocol[name] = up
                effects.append(Said(name, up))
        return effects

    def _say(self, said: Said) -> None:
        text = f"Line protocol on Interface {said.name}, changed state to {'up' if said.up else 'down'}"
        self.node.log.emit("LINEPROTO", 5, "UPDOWN", text)
