"""Grammar: the modes and commands declared in a folder, compiled once and loaded in a moment.

`compile_text` reads the `.ios` files (it needs pyparsing) and gives JSON, a line for each mode; `Grammar`
decodes a mode, and makes a command's shape, when it is first asked for.
"""

from __future__ import annotations

import json
import os.path
from typing import TYPE_CHECKING, Any

from .cache import files_of, kept, state_of
from .graph import Graph
from .shapes import PLAIN_MODES, Sequence, captures, negations, render, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .files import OrderStep


class Command:
    """A declared command: its name, forms, and what its remarks say."""

    __slots__ = (
        "_data",
        "_forms",
        "by",
        "default_on",
        "enters",
        "level",
        "missing",
        "mode",
        "name",
        "pads",
        "pipes",
        "source",
        "undo",
    )

    def __init__(self, mode: str, data: Mapping[str, Any]) -> None:
        self.mode = mode
        self.name: str = data["name"]
        self.by: tuple[str, ...] = tuple(data["by"])
        self.enters: str = data["enters"]
        self.default_on: bool = data["default_on"]
        self.level: int = data["level"]
        self.pads: tuple[str, ...] = tuple(data["pads"])
        self.pipes: bool = data["pipes"]
        self.undo: bool = data["undo"]
        self.missing: bool = data["missing"]
        self.source: str = data["source"]
        self._data = data
        self._forms: list[tuple[Sequence, bool]] | None = None

    @property
    def forms(self) -> list[tuple[Sequence, bool]]:
        """The command's shapes, in the order written, each with whether it is silent (`~`)."""
        if self._forms is None:
            self._forms = _forms(self._data["forms"])
        return self._forms

    @property
    def no_forms(self) -> list[tuple[Sequence, bool]]:
        """The shapes that the file itself gives for `no`, without that word."""
        return _forms(self._data["no_forms"])

    @property
    def negations(self) -> list[tuple[Sequence, bool]]:
        """The shapes that may follow `no`, without that word; none when the command has no free `no`."""
        return [] if self.mode in PLAIN_MODES else negations(self.forms, self.no_forms, self.by)

    @property
    def syntax(self) -> list[str]:
        """The syntax lines as they stand in the file."""
        return list(self._data["syntax"])

    def captures(self) -> list[str]:
        """List what the command may capture, `no` apart."""
        shapes = [shape for shape, _ in self.forms] + [shape for shape, _ in self.no_forms]
        return list(dict.fromkeys(name for shape in shapes for name in captures(shape)))

    def render(self, values: Mapping[str, Any]) -> str:
        """Write the canonical line for values, with `no` the negated one; ValueError: it can't be said."""
        wanted = {key for key, value in values.items() if value is not None and value is not False}
        negating = "no" in wanted and bool(self.negations)
        forms = self.negations if negating else self.forms
        for shape in [shape for shape, silent in forms if not silent] or [shape for shape, _ in forms]:
            said = render(shape, values)
            if said is not None and said[1] >= wanted - {"no"}:
                return " ".join(("no", *said[0]) if negating else said[0])
        raise ValueError(f"{self.source}: {self.name!r} can't say {dict(values)!r}")

    def written(self, values: Mapping[str, Any]) -> str:
        """Write the line as running-config has it, where some words stand in a column (`deny   any`)."""
        words = self.render(values).split(" ")
        for word in self.pads:
            if values.get(word):
                words[words.index(word)] = word.ljust(max(map(len, self.pads)))
        return " ".join(words)


def _forms(data: Iterable[Any]) -> list[tuple[Sequence, bool]]:
    forms = []
    for packed, silent in data:
        shape = unpack(packed)
        forms.append((shape if isinstance(shape, Sequence) else Sequence((shape,)), silent))
    return forms


class Mode:
    """A mode: its prompt, where it falls through to, and its commands as a graph."""

    def __init__(self, name: str, data: Mapping[str, Any], like: Mode | None = None) -> None:
        self.name = name
        self.prompt: str = data["prompt"]
        self.parent: str = data["parent"]
        self.title: str = data["title"]
        self.like: str = data["like"]
        self.indent: int = data["indent"]
        """By how many blanks running-config writes the mode's lines further in than those it is entered from."""
        self.closing: str = data["closing"]
        """The line that running-config writes behind the mode's lines; "": none."""
        self.commands: list[Command] = [Command(mode, each) for mode, each in data["commands"]]
        self.graph = Graph(data["nodes"], data["helps"], [command.level for command in self.commands])
        if like is not None:
            self.commands, self.graph = like.commands, like.graph

    @property
    def configures(self) -> bool:
        """Whether this is a configuration mode (`R1(config…)#`)."""
        return self.prompt.startswith("(")


class Grammar:
    """All modes, each made when it is first entered."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data: Mapping[str, Any] = data["modes"]
        self._orders: Mapping[str, Any] = data["order"]
        self._modes: dict[str, Mode] = {}
        self._order: dict[str, tuple[OrderStep, ...]] = {}

    def __deepcopy__(self, _: object) -> Grammar:
        """Give itself: what a checkpoint copies may hold a grammar, which never changes."""
        return self

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __getitem__(self, name: str) -> Mode:
        mode = self._modes.get(name)
        if mode is None:
            data = self._data[name]
            if isinstance(data, str):
                data = json.loads(data)
            mode = Mode(name, data, self[data["like"]] if data["like"] else None)
            self._modes[name] = mode
        return mode

    def modes(self) -> Iterable[str]:
        """Name the modes, in the order declared."""
        return list(self._data)

    def order(self, mode: str) -> tuple[OrderStep, ...]:
        """Give the order of a mode's lines in running-config."""
        if mode not in self._order:
            self._order[mode] = _steps(self._orders.get(mode, ()))
        return self._order[mode]


def _steps(data: Iterable[Any]) -> tuple[OrderStep, ...]:
    from .files import OrderStep  # noqa: PLC0415 - for what writes running-config; 1.3 ms

    return tuple(OrderStep(kind, name, _steps(steps)) for kind, name, steps in data)


def sources(folder: Path) -> list[tuple[str, str]]:
    """Read a grammar folder: (file's name, text), sorted by name."""
    return [(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.ios"))]


def load(folder: Path, cache: Path | None = None, compiled: Path | None = None) -> Grammar:
    """Load a grammar: the compiled file of a wheel, else one from the cache, else by compiling the folder.

    `cache` is a folder that may be written, or None; it holds one file for each grammar folder, made from the
    grammar's files and this package's.
    """
    if compiled is not None and compiled.exists():
        return read(compiled.read_text("utf-8"))
    state = state_of(files_of(folder, ".ios") + files_of(os.path.dirname(__file__), ".py"))  # noqa: PTH120
    return kept(cache, "grammar", folder, state, make=lambda: compile_text(folder), read=read)


def compile_text(folder: Path) -> str:
    """Compile a grammar folder to the JSON that a wheel carries."""
    from .compile import compile_sources  # noqa: PLC0415 - needs pyparsing

    data = compile_sources(sources(folder))
    modes = ",\n".join(f"{_json(name)}:{_json(mode)}" for name, mode in data["modes"].items())
    return f'{{"order":{_json(data["order"])},"modes":{{\n{modes}\n}}}}'


def read(text: str) -> Grammar:
    """Read what `compile_text` wrote, decoding a mode only when it is entered; ValueError: it is not that."""
    head, *lines, end = text.split("\n")
    modes = (line.rstrip(",").partition(":") for line in lines)
    return Grammar(json.loads(head + end) | {"modes": {name.strip('"'): mode for name, _, mode in modes}})


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))
