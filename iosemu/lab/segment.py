"""Segments: wires, or hubs, that carry frames between ports after a delay.

A frame is one event on the clock however many ports hear it; which of them want it is theirs to say. The
delay is never 0, so that no input of a router happens within another's.
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TYPE_CHECKING

from iosemu.lab.clock import MILLISECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.lab.interface import Interface
    from iosemu.lab.lab import Lab
    from iosemu.wire.ethernet import Frame


class Segment:
    """A broadcast domain of ports.

    `delay` is in microseconds, at least 1, and stays; `loss` is the chance, 0 to 1, that a frame sent reaches
    nobody; `taps` are bound methods `tap(segment, frame)` that see each frame when it is sent, and are not part
    of a checkpoint.
    """

    def __init__(self, lab: Lab, name: str, *, delay: int = MILLISECOND, loss: float = 0.0) -> None:
        self.lab = lab
        self.name = name
        self.delay = delay
        self.loss = loss
        self.ports: list[Interface] = []
        self.transit: deque[tuple[Interface, Frame, int]] = deque()
        """Frames on their way, with who sent them and their octets, in order: they take equally long."""
        self.taps: list[Callable[[Segment, Frame], None]] = []
        # Its own, like a node's: losses here shift nobody's jitter.
        self.random = Random(f"{lab.seed}/segment/{name}")
        self._down = False

    @property
    def down(self) -> bool:
        """Whether the segment is dead: the line protocol of every port on it is down."""
        return self._down

    @down.setter
    def down(self, down: bool) -> None:
        self._down = down
        for port in tuple(self.ports):
            port.refresh()

    def send(self, sender: Interface, frame: Frame, size: int) -> None:
        """Put a frame of `size` octets on the wire."""
        if self._down:
            return
        if self.lab.transit is not None:
            frame = self.lab.transit(frame)
        for tap in self.taps:
            tap(self, frame)
        if self.loss and self.random.random() < self.loss:
            return
        self.transit.append((sender, frame, size))
        clock = self.lab.clock
        clock.at(clock.now + self.delay, self.name, self)

    def happen(self, now: int) -> None:
        """Let every other port that is on the segment now hear the frame that has been on its way longest."""
        del now
        sender, frame, size = self.transit.popleft()
        # A copy: hearing a frame may move a port.
        for port in tuple(self.ports):
            if port is not sender:
                port.receive(frame, size)

    def __repr__(self) -> str:
        return f"<Segment {self.name}>"
