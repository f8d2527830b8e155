"""A lab: nodes and segments, the clock that moves them, and what an operator can do to them.

Built by plain calls; nothing here reads a file. What a user got wrong raises `LabError` with one clear line.
"""

from __future__ import annotations

from collections import deque
from copy import deepcopy
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

from iosemu.lab.clock import EPOCH, MILLISECOND, SECOND, Clock
from iosemu.lab.nvram import NVRAM
from iosemu.lab.router import Node
from iosemu.lab.segment import Segment
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iosemu.lab.interface import Interface
    from iosemu.wire.ethernet import Frame

T = TypeVar("T")

OUTSIDE = ("checkpoints", "taps")
"""Attributes that no checkpoint holds: they are the operator's, not the lab's state."""

EVENTS = 10_000
"""How many events a lab remembers."""


class LabError(ValueError):
    """What a user asked of a lab that cannot be; its text is the line to show."""


class Event(NamedTuple):
    """Something worth a row of `show events`; `when` in microseconds."""

    when: int
    text: str


class Lab:
    """Nodes joined by segments, in virtual time.

    `epoch` is second 0 in Unix seconds. `boot` is a module-level function that reads a booting node's
    configuration; `transit`, another, gets every frame sent and gives the one that travels (tests send it
    through its bytes). `state` is a folder under which each node has its NVRAM; without one NVRAM is in
    memory.
    """

    node_type: type[Node] = Node
    """What `add_node` makes."""

    def __init__(
        self,
        name: str = "lab",
        *,
        epoch: int = EPOCH,
        seed: int = 0,
        state: Path | None = None,
        boot: Callable[[Node], None] | None = None,
    ) -> None:
        self.name = name
        self.epoch = epoch
        self.seed = seed
        self.state = state
        self.boot = boot
        self.startup: dict[str, tuple[tuple[str, str], ...]] = {}
        """The files that are a router's startup-config until it saves one: (name, text), in the order they are read."""
        self.transit: Callable[[Frame], Frame] | None = None
        self.clock = Clock()
        self.nodes: dict[str, Node] = {}
        self.segments: dict[str, Segment] = {}
        self.events: deque[Event] = deque(maxlen=EVENTS)
        self.checkpoints: dict[str, Lab] = {}
        self._stations: dict[int, str] = {}

    # --- Building

    def add_node(self, name: str, kind: str = "router") -> Node:
        """Add a node (router, host or mobile-node), without power; LabError when the name is taken."""
        if name in self.nodes:
            raise LabError(f"there are two nodes called {name}")
        folder = None if self.state is None else self.state / name
        node = self.nodes[name] = self.node_type(self, name, NVRAM(folder), kind=kind)
        return node

    def add_segment(self, name: str, *, delay: int = MILLISECOND, loss: float = 0.0) -> Segment:
        """Add a segment; LabError when the name is taken, or delay or loss make no sense."""
        if name in self.segments:
            raise LabError(f"there are two segments called {name}")
        if delay < 1:
            raise LabError(f"segment {name}: the delay must be at least 1 microsecond")
        if not 0 <= loss <= 1:
            raise LabError(f"segment {name}: the loss must be between 0 and 1")
        segment = self.segments[name] = Segment(self, name, delay=delay, loss=loss)
        return segment

    def attach(self, node: str, interface: str, segment: str) -> Interface:
        """Plug an interface, made if need be, into a segment; LabError when it has a cable already."""
        try:
            port = self.node(node).interface(interface)
        except LabError:
            raise
        except ValueError as error:
            raise LabError(f"{node}: {error}") from error
        if port.kind.virtual:
            raise LabError(f"{node}: {port.name} takes no cable")
        if port.segment is not None:
            raise LabError(f"{node}: {port.name} is attached to {port.segment.name} already")
        self._plug(port, self.segment(segment))
        return port

    def station(self, name: str) -> int:
        """Give a node its 16 bits in Ethernet addresses, which hang on its name, not on its place here."""
        number = crc32(name.encode()) & 0xFFFF
        while self._stations.setdefault(number, name) != name:
            number = number + 1 & 0xFFFF
        return number

    def start(self) -> None:
        """Power every node that is off, in the order in which they were added."""
        for node in tuple(self.nodes.values()):
            node.power_on()

    # --- Finding

    def __getitem__(self, name: str) -> Node:
        return self.node(name)

    def node(self, name: str) -> Node:
        """Give a node; LabError when there is none of this name."""
        found = self.nodes.get(name)
        if found is None:
            raise LabError(f"there is no node called {name}")
        return found

    def segment(self, name: str) -> Segment:
        """Give a segment; LabError when there is none of this name."""
        found = self.segments.get(name)
        if found is None:
            raise LabError(f"there is no segment called {name}")
        return found

    def port(self, node: str, interface: str) -> Interface:
        """Give an interface that can have a cable, `Ethernet0` or `e0`; LabError when there is none."""
        found = self.node(node).find_interface(interface)
        if found is None or found.kind.virtual:
            raise LabError(f"{node} has no port {interface}")
        return found

    # --- Time

    @property
    def unix(self) -> int:
        """The time on the lab's calendar, in Unix microseconds."""
        return self.epoch * SECOND + self.clock.now

    def step(self) -> bool:
        """Let the next thing that is due happen; False when nothing is."""
        clock = self.clock
        if clock.due() is None:
            return False
        when, _, _, what = clock.pop()
        what.happen(when)
        return True

    def run_until(self, when: int) -> None:
        """Let everything happen that is due until an instant, in microseconds, and at it."""
        clock = self.clock
        clock.run(when)
        clock.now = max(clock.now, when)

    def advance(self, seconds: float) -> None:
        """Let time pass; LabError when it would have to run backwards, or for ever."""
        if not 0 <= seconds < float("inf"):
            raise LabError(f"time runs on by seconds, 0 or more, not by {seconds}")
        self.run_until(self.clock.now + round(seconds * SECOND))

    # --- What an operator does

    def note(self, text: str) -> None:
        """Remember that something happened now."""
        self.events.append(Event(self.clock.now, text))

    def cut(self, node: str, interface: str) -> None:
        """Cut an interface's cable: its line protocol goes down at once, and nobody else's."""
        self._cut(node, interface, cut=True)

    def mend(self, node: str, interface: str) -> None:
        """Mend a cable."""
        self._cut(node, interface, cut=False)

    def _cut(self, node: str, interface: str, *, cut: bool) -> None:
        port = self.port(node, interface)
        port.cut = cut
        self.note(f"{node} {port.name} {'cut' if cut else 'mended'}")
        port.refresh()

    def segment_down(self, name: str, down: bool) -> None:
        """Kill a segment, or revive it: the line protocol of every port on it."""
        segment = self.segment(name)
        self.note(f"segment {name} {'down' if down else 'up'}")
        segment.down = down

    def power(self, node: str, on: bool) -> None:
        """Switch a node on or off."""
        found = self.node(node)
        self.note(f"{node} powered {'on' if on else 'off'}")
        if on:
            found.power_on()
        else:
            found.power_off()

    def move(self, node: str, segment: str) -> None:
        """Plug a host's or mobile node's only cable into another segment; LabError when it has none, or is a router.

        Its line protocol goes down and comes up again, so that whoever watches notices.
        """
        target = self.segment(segment)
        moved = self.node(node)
        if moved.kind == "router":
            raise LabError(f"{node} is a router; only hosts and mobile nodes can be moved")
        ports = [port for port in moved.interfaces.values() if port.segment is not None]
        if len(ports) != 1:
            raise LabError(f"{node} has {len(ports)} cables; only a node with one can be moved")
        port = ports[0]
        self.note(f"{node} moved to {segment}")
        cut, port.cut = port.cut, True
        port.refresh()
        if port.segment is not None:
            port.segment.ports.remove(port)
        port.cut = cut
        self._plug(port, target)

    def _plug(self, port: Interface, segment: Segment) -> None:
        port.segment = segment
        segment.ports.append(port)
        port.refresh()

    # --- Checkpoints

    def checkpoint(self, name: str) -> None:
        """Remember everything as it is now under a name; an older checkpoint of that name is replaced."""
        saved = _shell(self)
        _copy(self, saved)
        self.checkpoints[name] = saved

    def restore(self, name: str) -> None:
        """Put everything back as it was, in NVRAM too; LabError when there is no checkpoint of this name.

        Nodes, segments and interfaces stay the objects they are, so whoever holds one (a session) may go on;
        what hangs on them is replaced. The checkpoint can be restored again.
        """
        saved = self.checkpoints.get(name)
        if saved is None:
            raise LabError(f"there is no checkpoint called {name}")
        _copy(saved, self)
        for node in self.nodes.values():
            node.nvram.rewrite()


def _copy(source: Lab, target: Lab) -> None:
    """Make `target` what `source` is, keeping the nodes, segments and interfaces that both have.

    Everything that refers to everything is made, empty, before anything is filled: copying then goes no
    deeper into a large lab than into a small one.
    """
    nodes: dict[str, Node] = vars(target).get("nodes", {})
    segments: dict[str, Segment] = vars(target).get("segments", {})
    pairs: list[tuple[object, object]] = [(source, target)]
    for name, segment in source.segments.items():
        pairs.append((segment, segments.get(name) or _shell(segment)))
    for name, node in source.nodes.items():
        pairs.append((node, nodes.get(name) or _shell(node)))
        ports = nodes[name].interfaces if name in nodes else {}
        for number, interface in node.interfaces.items():
            pairs.append((interface, ports.get(number) or _shell(interface)))
    memo: dict[int, object] = {id(original): copy for original, copy in pairs}
    for original, copy in pairs:
        state = {key: value for key, value in vars(original).items() if key not in OUTSIDE}
        kept = {key: value for key, value in vars(copy).items() if key in OUTSIDE}
        vars(copy).clear()
        vars(copy).update(deepcopy(state, memo))
        vars(copy).update(kept)


def _shell(original: T) -> T:
    """Make an empty object like another, with nothing of its own but what stays outside checkpoints."""
    shell = object.__new__(type(original))
    vars(shell).update({key: type(vars(original)[key])() for key in OUTSIDE if key in vars(original)})
    return shell
