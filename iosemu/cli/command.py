"""What a command is in code: a behaviour, its inverse for running-config, and what it may yield.

A behaviour contains no syntax: what can be typed stands in `grammar/`. It gets the captures of its command as
keyword arguments and either returns nothing, or is a generator of `Output`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from iosemu.values import NamedTuple

from .kept import HEEDED

if TYPE_CHECKING:
    from iosemu.parser.grammar import Command


class Ask(NamedTuple):
    """A question: `answer = yield Ask("Destination filename [startup-config]? ")`, RETURN alone answering ""."""

    prompt: str
    hidden: bool = False
    """Nothing of the answer is echoed (a password)."""
    key: bool = False
    """One key answers, without RETURN (`[confirm]`); RETURN itself answers ""."""


class Text(NamedTuple):
    """Characters shown at once, the row left open (the `!` of ping)."""

    text: str


class Wait(NamedTuple):
    """Let the lab run up to this instant (microseconds of virtual time) before going on."""

    until: int
    keys: bool = False
    """Keys that are typed end the waiting: `typed = yield Wait(until, keys=True)` gives them as text, one or a few
    at a time, "" when none were; None where nobody has a keyboard (a dialogue)."""


class Request(NamedTuple):
    """What only a front can do: connect, disconnect, open, quit, speed, and the operator's drawings."""

    what: str
    value: object = None


Output = str | Ask | Text | Wait | Request
Reply = Generator[Output, str, None]
Values = Mapping[str, Any]
"""What was captured: name to value; `no` is true for the negated line."""
Entry = Values | tuple[Values, object]
"""A line of running-config; with a second item, the thing whose own lines stand below it."""


def confirmed(prompt: str) -> Generator[Output, str, bool]:
    """Ask for one key (`[confirm]`): RETURN and y are yes."""
    answer = yield Ask(prompt, key=True)
    return answer[:1] in ("", "y", "Y")


Run = Callable[..., object]
"""A behaviour: gives nothing, a `Reply`, or what its command enters (a `Reply` may return that)."""
Config = Callable[[Any], Iterable[Entry]]


class Behaviour:
    """What a command does, and with `config`, which lines say it again."""

    __slots__ = ("acts", "mode", "name", "run", "wants_default", "wants_session", "write")

    def __init__(self, mode: str, name: str, run: Run, *, acts: bool = True) -> None:
        self.mode = mode
        self.name = name
        self.run = run
        self.acts = acts
        code = run.__code__
        self.wants_session: bool = code.co_varnames[:1] == ("session",)
        self.wants_default: bool = "default" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.write: Config | None = None

    def config(self, write: Config) -> Config:
        """Register the inverse: from a mode's target to the values of every line that stands there."""
        self.write = write
        return write


BEHAVIOURS: dict[tuple[str, str], Behaviour] = {}
"""The behaviours that have been imported, by (mode, command's name); `behaviour` finds the others, too."""

MODULES: dict[tuple[str, str], tuple[str, ...]] = {}
"""What is still to be imported for a command's behaviour, by (mode, command's name): modules' full names."""


def behaviour(mode: str, name: str) -> Behaviour | None:
    """Give what a command does, importing it on first asking; None when there is nothing that does it."""
    wanted = (mode, name)
    if wanted in MODULES:
        for module in MODULES[wanted]:
            import_module(module)
        del MODULES[wanted]
    return BEHAVIOURS.get(wanted)


def command(mode: str, name: str, *more: str, acts: bool = True) -> Callable[[Run], Behaviour]:
    """Bind a function to a declared command (or to several of one mode).

    The function's first parameter is the session when it is called `session`, else the mode's target (a router, an
    interface …); captures follow as keyword arguments. `acts` is false where the function checks and stores what
    no protocol reads yet: `iosemu grammar` then says *kept*.
    """

    def bind(run: Run) -> Behaviour:
        made = Behaviour(mode, name, run, acts=acts)
        for each in (name, *more):
            if (mode, each) in BEHAVIOURS:
                raise ValueError(f"two behaviours for {mode}: {each}")
            BEHAVIOURS[mode, each] = made
        return made

    return bind


def support(declared: Command, *, configures: bool) -> str:
    """Say how far a declared command is supported: it `acts`, is `kept` (no effect yet), `shows`, or is `missing`."""
    found = behaviour(declared.mode, declared.name)
    if configures:
        heeded = (declared.mode, declared.name) in HEEDED
        return "acts" if heeded or (found and found.acts) else "kept"
    if found is None:
        return "missing"
    return "shows" if declared.name.split(maxsplit=1)[0] in ("dir", "explain", "more", "show") else "acts"
