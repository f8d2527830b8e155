"""Machines and what drives them.

A machine is one protocol instance: inputs with `now`, effects out, deadlines held as data; it knows no clock
and no router. A `Driver` carries its effects out and keeps the clock aware of its deadline. A feature writes
how effects are carried out, and nothing about heaps:

    class Group:
        def __init__(self, interface):
            self.interface = interface
            self.machine = Machine(...)
            self.driver = Driver(interface.node, self.machine, self.carry)

        def received(self, hello):
            self.driver.run(self.machine.received(hello, self.interface.node.now))

        def carry(self, effect):
            match effect: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iosemu.lab.router import Node

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class Machine(Protocol[E_co]):
    """A protocol instance, as a driver sees it."""

    def deadline(self) -> int | None:
        """Tell the earliest instant at which `expire` has something to do; None: never."""
        ...

    def expire(self, now: int) -> Iterable[E_co]:
        """Do what is due at `now`, at or after the deadline, which must move on; give the effects."""
        ...


class Driver(Generic[E]):
    """Carries out a machine's effects, and wakes it at its deadlines until its node is switched off.

    The calls this driver has on the clock are a stack, the earliest on top. A deadline that moves away costs
    nothing: the call made for the old one finds nothing due and serves the new one, by a call that is
    outstanding already or by another. So hold times that every hello puts off do not fill the clock.
    """

    __slots__ = ("_boots", "_calls", "_queue", "carry", "machine", "node", "stopped")

    def __init__(self, node: Node, machine: Machine[E], carry: Callable[[E], None]) -> None:
        self.node = node
        self.machine = machine
        self.carry = carry
        self.stopped = False
        self._boots = node.boots
        self._calls: list[int] = []
        self._queue: list[E] | None = None

    def run(self, effects: Iterable[E] = ()) -> None:
        """Carry out what an input brought about, then see to the deadline; call it after every input.

        When carrying an effect out leads to another input of the same machine, that input's effects wait
        until those before them are done.
        """
        if self._queue is not None:
            self._queue.extend(effects)
            return
        if effects:
            queue = self._queue = list(effects)
            try:
                for effect in queue:  # grows while it is walked
                    if not self.alive:
                        return
                    self.carry(effect)
            finally:
                self._queue = None
        self._arm(self.machine.deadline())

    def stop(self) -> None:
        """Carry out and wake nothing any more: the machine is gone from the configuration."""
        self.stopped = True

    @property
    def alive(self) -> bool:
        """Whether the machine still matters: neither stopped, nor lost with its node's power."""
        return not self.stopped and self._boots == self.node.boots

    def happen(self, now: int) -> None:
        """Answer the clock (nobody else calls this)."""
        self._calls.pop()
        if not self.alive:
            return
        deadline = self.machine.deadline()
        if deadline is not None and deadline <= now:
            self.run(self.machine.expire(now))
        else:
            self._arm(deadline)

    def _arm(self, deadline: int | None) -> None:
        if deadline is None:
            return
        calls = self._calls
        if (not calls or deadline < calls[-1]) and self.alive:
            clock = self.node.lab.clock
            when = max(deadline, clock.now)
            if not calls or when < calls[-1]:
                calls.append(when)
                clock.at(when, self.node.name, self)
