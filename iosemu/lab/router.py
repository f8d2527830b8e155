"""Nodes: routers, and the hosts and mobile nodes that are the same without a console.

A node without power has forgotten everything but its NVRAM and where its cables go. With power it boots in no
time: the lab's `boot` reads its configuration while every interface is down, then they come up.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from iosemu.addresses import MAC
from iosemu.lab.arp import ARP
from iosemu.lab.interface import Interface, full_name, parse_name
from iosemu.lab.ip import IP
from iosemu.lab.log import Log
from iosemu.lab.parts import Parts
from iosemu.lab.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.addresses import IPv4
    from iosemu.lab.lab import Lab
    from iosemu.lab.nvram import NVRAM

PORTS = 256
"""How many interfaces of one node can have an Ethernet address of their own."""


class Node(Parts):
    """A node of a lab.

    `kind` is router, host or mobile-node. `boots` counts boots, so that what outlives one (a console, a
    timer) can tell. `watchers` are called with any interface of this node that changed; `booted` once, when
    the configuration has been read and the interfaces are up. Both are bound methods, and forgotten with
    everything else.
    """

    def __init__(self, lab: Lab, name: str, nvram: NVRAM, *, kind: str = "router") -> None:
        super().__init__()
        self.lab = lab
        self.name = name
        self.kind = kind
        self.nvram = nvram
        self.random = Random(f"{lab.seed}/{name}")
        self.interfaces: dict[str, Interface] = {}
        self.powered = False
        self.running = False
        """Whether the node is powered and has read its configuration: its interfaces may be up."""
        self.boots = 0
        self.booted_at = 0
        self._ports: dict[str, int] = {}  # which Ethernet address each port has: the same again after a boot
        self._station = lab.station(name)
        self._blank()

    def _blank(self) -> None:
        self.parts.clear()
        self.hostname = "Router" if self.kind == "router" else self.name
        self.clock_offset = 0
        """What `clock set` added to the lab's time, in microseconds."""
        self.clock_set = False
        self.watchers: list[Callable[[Interface], None]] = []
        self.booted: list[Callable[[], None]] = []
        self.rows: list[Callable[[], Iterator[str]]] = []
        """Bound methods that say more of this node in `show nodes`."""
        self.reasons: list[Callable[[IPv4 | None], Iterator[str]]] = []
        """Bound methods that say why things are as they are here, for `explain`: all, or what concerns an address."""
        self.debugs: dict[str, str] = {}
        """The flags of debugging that are on; the value says what one is limited to, `(Coup, Resign)`, or nothing."""
        self.log = Log(self)
        self.arp = ARP(self)
        self.routes = Routes(self)
        self.ip = IP(self)

    def generator(self, purpose: str) -> Random:
        """Give a new generator for one purpose, so that a feature more or less shifts nobody else's jitter."""
        return Random(f"{self.lab.seed}/{self.name}/{self.boots}/{purpose}")

    @property
    def now(self) -> int:
        """The lab's time, in microseconds since its second 0."""
        return self.lab.clock.now

    @property
    def unix(self) -> int:
        """What this node takes for the time, in Unix microseconds."""
        return self.lab.unix + self.clock_offset

    # --- Interfaces

    def interface(self, name: str) -> Interface:
        """Give the interface called `Ethernet0` (`e0` will do), making it if need be; ValueError: no name."""
        found = self.interfaces.get(name)
        if found is None:
            name = full_name(name)
            found = self.interfaces.get(name)
        if found is None:
            found = self.interfaces[name] = Interface(self, name, self._bia(name))
            found.refresh()
        return found

    def find_interface(self, name: str) -> Interface | None:
        """Give the interface of a name, abbreviated or not, when there is one."""
        try:
            return self.interfaces.get(full_name(name))
        except ValueError:
            return None

    def remove_interface(self, name: str) -> None:
        """Take an interface out of the configuration (`no interface`); KeyError when it is not there.

        One with a cable stays, unconfigured, as a port does that is soldered in.
        """
        interface = self.interfaces[name]
        interface.shutdown = True
        interface.address, interface.secondaries = None, ()
        interface.forget()
        if interface.segment is None:
            del self.interfaces[name]
        interface.refresh()
        self.interface_changed(interface)

    def interface_changed(self, interface: Interface) -> None:
        """Hear that an interface changed: its addresses, or whether it is up (the interface calls this)."""
        self.ip.interface_changed(interface)
        self.arp.interface_changed(interface)
        self.routes.interface_changed(interface)
        for watcher in tuple(self.watchers):
            watcher(interface)

    def _bia(self, name: str) -> MAC:
        """Give a port's Ethernet address, aabb.ccSS.SSPP: the node's station number and the port's.

        Subinterfaces have that of their port; those that need none share the node's first.
        """
        kind, _ = parse_name(name)
        cabled = kind.ethernet and not kind.virtual
        number = self._ports.setdefault(name.partition(".")[0], len(self._ports)) if cabled else 0
        if number >= PORTS:
            raise ValueError(f"{self.name} has {PORTS} ports, and cannot have {name} as well")
        return MAC(0xAABBCC << 24 | self._station << 8 | number)

    # --- Power

    def power_on(self) -> None:
        """Boot, when off: read the configuration, then bring the interfaces up."""
        if self.powered:
            return
        self.powered = True
        self.boots += 1
        self.booted_at = self.now
        if self.lab.boot is not None:
            self.lab.boot(self)
        self.running = True
        for interface in tuple(self.interfaces.values()):
            interface.refresh()
        for watcher in tuple(self.booted):
            watcher()

    def power_off(self) -> None:
        """Lose power, when on, and with it everything but NVRAM and the cables; nobody is told."""
        if not self.powered:
            return
        self.powered = self.running = False
        self.boots += 1
        for name, interface in tuple(self.interfaces.items()):
            interface.forget()
            if interface.segment is None and not interface.cut:
                del self.interfaces[name]
        self._blank()

    def __repr__(self) -> str:
        return f"<Node {self.name}>"
