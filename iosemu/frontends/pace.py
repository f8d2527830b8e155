"""Pace: lets a lab's virtual time follow the wall clock at a rate.

The rule kept here: a step takes a few milliseconds and one event, however much is due, so that whoever types
is not kept waiting. A lab that cannot keep up runs as fast as it can; lost time is not made up.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from iosemu.lab.lab import Lab

SLICE = 0.004
"""Seconds that a step may take."""
SHORTEST = 0.001
"""Seconds of waiting that are not worth listening for `wake`."""


class Pace:
    """Virtual time that runs `speed` times as fast as the wall clock; at 0 it stands."""

    def __init__(self, lab: Lab, speed: float = 1.0, *, wall: Callable[[], float] = time.monotonic) -> None:
        self._lab = lab
        self._speed = speed
        self._wall = wall
        self._woken: asyncio.Event | None = None
        self._goal = 0
        """An instant that is to be reached as fast as possible, whatever the speed."""
        self._anchor()

    @property
    def lab(self) -> Lab:
        """The lab whose time this is."""
        return self._lab

    @lab.setter
    def lab(self, lab: Lab) -> None:
        if lab is not self._lab:
            self._lab = lab
            self._goal = 0
            self._anchor()
            self.wake()

    @property
    def speed(self) -> float:
        """Seconds of virtual time in a second; ValueError unless it is 0 or more, and finite."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not 0 <= speed < float("inf"):
            raise ValueError(f"no speed: {speed}")
        if speed != self._speed:
            self._anchor()
            self._speed = speed
            self.wake()

    def _anchor(self) -> None:
        """Reckon from this moment, of the wall clock and of the lab."""
        self._virtual = self._seen = self._lab.clock.now
        self._since = self._wall()

    def hurry(self, until: int) -> None:
        """Let the following steps run to this instant (µs) as fast as they can."""
        if until > self._goal:
            self._goal = until
            self.wake()

    def step(self, budget: float = SLICE) -> bool:
        """Run what is due, for at most `budget` seconds; true when more is due already."""
        lab = self._lab
        started = self._wall()
        target = self._target(started)
        hurried = self._goal > lab.clock.now
        while (due := lab.clock.due()) is not None and due <= target:
            lab.step()
            if self._wall() - started >= budget:
                self._anchor()
                return True
        if target > lab.clock.now:
            lab.run_until(target)
        self._seen = lab.clock.now
        if hurried:
            self._anchor()
        return False

    def _target(self, wall: float) -> int:
        """Give the instant up to which things are due; -1 while time stands."""
        now = self._lab.clock.now
        if now != self._seen:  # somebody else moved the clock: `advance`, `restore`
            if now < self._seen:
                self._goal = 0
            self._anchor()
        if self._goal > now:
            return self._goal
        if not self._speed:
            return -1
        return max(now, self._virtual + int((wall - self._since) * self._speed * SECOND))

    def delay(self, wanted: int | None = None) -> float | None:
        """Tell in how many seconds something is due, or the `wanted` instant (µs) is there; None: never."""
        clock = self._lab.clock
        target = self._target(self._wall())
        if self._goal > clock.now:
            return 0.0
        instants = [when for when in (clock.due(), wanted) if when is not None]
        if not instants or not self._speed:
            return None
        return max(0.0, (min(instants) - target) / (self._speed * SECOND))

    def wake(self) -> None:
        """Tell `run` that something was typed: what is due next may have changed."""
        if self._woken is not None:
            self._woken.set()

    async def run(self, stepped: Callable[[], int | None]) -> None:
        """Step for ever, as a task.

        After each step `stepped` shows what happened, and gives the next instant (µs) at which it wants to be
        called though nothing is due, or None.
        """
        self._woken = asyncio.Event()
        while True:
            self._woken.clear()
            busy = self.step()
            wanted = stepped()
            delay = 0.0 if busy else self.delay(wanted)
            if delay is not None and delay < SHORTEST:
                await asyncio.sleep(0 if busy else delay)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), delay)
