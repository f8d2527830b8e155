"""Tracking: how features that are strangers follow one another's redundancy groups, by name.

HSRP publishes what its groups are; Mobile IP watches those it serves; ARP asks which MAC an interface answers
with. The way back, for `preempt delay sync`: HSRP says that a group wants to be active, and those who attend
the group say when they are ready for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.addresses import MAC, IPv4
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


class Redundancy(NamedTuple):
    """A redundancy group as it is at present."""

    name: str
    interface: Interface
    address: IPv4 | None
    """The virtual address; None while it is unknown."""
    mac: MAC
    """The virtual MAC."""
    state: str
    """HSRP's word: Initial, Learn, Listen, Speak, Standby or Active."""
    peer: IPv4 | None = None
    """The real address of the other router: the standby's for the active, the active's for the rest."""
    spare: bool = False
    """Whether this node only listens, as others are active and standby."""

    @property
    def active(self) -> bool:
        """Whether this node answers for the group."""
        return self.state == "Active"


class Track:
    """A node's groups by name, who watches them, and who is asked before one becomes active (a part)."""

    def __init__(self, node: Node) -> None:
        del node
        self.groups: dict[str, Redundancy] = {}
        self._watchers: dict[str, list[Callable[[str, Redundancy | None], None]]] = {}
        self._clients: dict[str, dict[str, Callable[[str], None]]] = {}
        self._waiting: dict[str, list[str]] = {}
        self._go: dict[str, Callable[[str], None]] = {}

    # --- What groups are

    def publish(self, redundancy: Redundancy) -> None:
        """Say what a group is now; its watchers are told when that is news."""
        if self.groups.get(redundancy.name) != redundancy:
            self.groups[redundancy.name] = redundancy
            self._tell(redundancy.name)

    def withdraw(self, name: str) -> None:
        """Say that there is no group of this name any more."""
        if self.groups.pop(name, None) is not None:
            self.forgo(name)
            self._tell(name)

    def watch(self, name: str, watcher: Callable[[str, Redundancy | None], None]) -> None:
        """Have a bound method called with a group's name and what it is now; the group may come later."""
        self._watchers.setdefault(name, []).append(watcher)

    def unwatch(self, name: str, watcher: Callable[[str, Redundancy | None], None]) -> None:
        """Undo `watch`; ValueError when it was not called."""
        self._watchers[name].remove(watcher)

    def on(self, interface: Interface) -> list[Redundancy]:
        """Give the groups of an interface, in the order in which they came."""
        return [group for group in self.groups.values() if group.interface is interface]

    def answers_with(self, interface: Interface) -> MAC | None:
        """Tell with which MAC proxy ARP answers on an interface; None: it does not.

        RFC 2281 §6.1 and the 12.0 reference of `standby ip`: a virtual MAC where a group is active here,
        nothing where there are groups and none is, the interface's own where there are none.
        """
        groups = self.on(interface)
        if not groups:
            return interface.mac
        return next((group.mac for group in groups if group.active), None)

    def _tell(self, name: str) -> None:
        group = self.groups.get(name)
        for watcher in tuple(self._watchers.get(name, ())):
            watcher(name, group)

    # --- The way back

    def attend(self, name: str, client: str, wanted: Callable[[str], None]) -> None:
        """Be asked before a group becomes active: `wanted(name)` is called, and answered with `ready`."""
        self._clients.setdefault(name, {})[client] = wanted

    def dismiss(self, name: str, client: str) -> None:
        """Undo `attend`; a group that waits for this client waits no longer."""
        self._clients.get(name, {}).pop(client, None)
        self.ready(name, client)

    def want(self, name: str, go: Callable[[str], None]) -> bool:
        """Say that a group wants to be active: True if it may at once, else `go(name)` is called when it may.

        How long to wait at most is for the one who asks to know; `forgo` gives up.
        """
        clients = self._clients.get(name, {})
        self._waiting[name] = list(clients)
        # `go` is stored afterwards: a client that is ready at once says so within this call.
        for wanted in tuple(clients.values()):
            wanted(name)
        if self._waiting.get(name):
            self._go[name] = go
            return False
        self.forgo(name)
        return True

    def ready(self, name: str, client: str) -> None:
        """Say that a client is ready for a group to become active here."""
        waiting = self._waiting.get(name)
        if waiting and client in waiting:
            waiting.remove(client)
            go = self._go.get(name)
            if not waiting and go is not None:
                self.forgo(name)
                go(name)

    def forgo(self, name: str) -> None:
        """Wait for nobody any more: the group is active, or no longer wants to be."""
        self._waiting.pop(name, None)
        self._go.pop(name, None)

    def waiting(self, name: str) -> tuple[str, ...]:
        """Name the clients that a group still waits for."""
        return tuple(self._waiting.get(name, ()))
