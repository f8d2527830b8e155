"""Reading configurations: a router's files, typed at a router that stands alone, and what came of every line.

The rule it keeps: nothing runs. The router has no cables and no time passes; what its configuration says is asked of
the same behaviours that write running-config, so that abbreviations, slips and defaults are understood once, there.
Each line of that is a `Fact`, and knows the line of the file that it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu import features
from iosemu.cli import config
from iosemu.cli.session import Session
from iosemu.lab.lab import Lab
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Hashable, Iterator, Mapping, Sequence

    from iosemu.cli.command import Output, Values
    from iosemu.cli.config import Said
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Command, Grammar


class Source(NamedTuple):
    """Where a line stands: file, line and column counted from 1 (column 0: the whole line), and its text.

    `indented` says that it stands below another, as indentation has it.
    """

    file: str
    line: int
    column: int = 0
    text: str = ""
    indented: bool = False


class Statement(NamedTuple):
    """A line that was understood, as it was typed: what it said to which target."""

    source: Source
    command: Command
    target: object
    values: Values


class Trouble(NamedTuple):
    """A line that led to words of the router: the rows, its caret among them, and the target it was typed at.

    `understood` is false for a line that is no command; else the rows are a command's refusal or warning.
    """

    source: Source
    rows: tuple[str, ...]
    target: object
    understood: bool


class Lines:
    """What has lines below it: a router, or a line that opens a mode."""

    below: tuple[Fact, ...]
    target: object
    """What the lines below were said to."""

    def all(self, *commands: str) -> list[Fact]:
        """Give the lines below of these commands (by the names of `iosemu grammar`), in running-config's order."""
        return [fact for fact in self.below if fact.command in commands]

    def one(self, command: str) -> Fact | None:
        """Give the line below of a command; the first, when it may stand several times."""
        return next((fact for fact in self.below if fact.command == command), None)


class Fact(Lines):
    """A line of running-config, the lines below it, and where it came from; `fact["name"]` is what it captured.

    `written` is false where no line of a file says so: a default that running-config shows.
    """

    def __init__(self, said: Said, below: Sequence[Fact], source: Source, *, written: bool = True) -> None:
        self.command = said.command.name
        self.values = said.values
        self.target = said.target
        self.text = "\n".join(said.rows())
        self.below = tuple(below)
        self.source = source
        self.written = written

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def __repr__(self) -> str:
        return f"<Fact {self.text!r} {self.source.file}:{self.source.line}>"


class Reading(Lines):
    """What came of reading a router's files.

    Below it are the global lines of its running-config; `statements` are its lines as typed, `troubles` those that were
    refused. `ports` names the segment on each interface that has a cable, when that is known.
    """

    def __init__(self, name: str, files: Sequence[str], ports: Mapping[str, str]) -> None:
        self.name = name
        self.files = tuple(files)
        self.ports = ports
        self.below = ()
        self.target = None
        self.statements: list[Statement] = []
        self.troubles: list[Trouble] = []

    @property
    def first(self) -> Source:
        """Where its first file begins."""
        return Source(self.files[0] if self.files else "", 1)

    def __repr__(self) -> str:
        return f"<Reading {self.name}>"


class Text:
    """A file's name and text; with `sources`, where each of its lines (from 1) stands in what a user wrote."""

    def __init__(self, name: str, text: str, sources: Sequence[Source] = ()) -> None:
        self.name = name
        self.text = text
        self._sources = sources
        self._rows = text.splitlines()

    def source(self, number: int) -> Source:
        """Give where a line stands."""
        if self._sources:
            return self._sources[number - 1]
        row = config.typeable(self._rows[number - 1])
        return Source(self.name, number, 0, row.strip(), row.startswith(" "))


class _Typist(Session):
    """A session that remembers what each line said, and to what."""

    def __init__(self, grammar: Grammar, node: Node) -> None:
        super().__init__(grammar, node, line="memory", level=15)
        self.heard: list[tuple[Command, object, Values]] = []

    def carry_out(
        self, command: Command, target: object, values: dict[str, Any]
    ) -> Generator[Output, str, Any]:
        self.heard.append((command, target, dict(values)))
        if (command.mode, command.name) == ("any", "do"):
            return None  # what EXEC does is done to a router that runs
        return (yield from super().carry_out(command, target, values))


def read(
    grammar: Grammar, name: str, texts: Sequence[Text], ports: Mapping[str, str] | None = None
) -> Reading:
    """Type a router's files one after another, as at a boot; `ports` is as in `Reading`."""
    reading = Reading(name, [text.name for text in texts], ports or {})

    reading.target = node = Lab().add_node(name)
    node.hostname = name
    node.powered = True  # and not running: its interfaces stay down, as they are while a boot reads
    for port in reading.ports:
        node.interface(port)
    features.boot(node)
    session = _Typist(grammar, node)
    for text in texts:
        _type(session, text, reading)
    typed: _Typed = {}
    for statement in reading.statements:
        command, values = statement.command, statement.values
        known = typed.setdefault((id(statement.target), command.name), {})
        known.setdefault(tuple(values.get(each) for each in command.by), []).append(statement)
    reading.below = tuple(_facts(grammar, "global", node, typed, reading.first))
    return reading


_Typed = dict[tuple[int, str], dict[tuple["Hashable", ...], list[Statement]]]
"""The statements said to a target, by it and the command's name, then by what tells such lines apart."""


def _type(session: _Typist, text: Text, reading: Reading) -> None:
    where: object = session.node
    for number, rows in config.typed(session, text.text):
        source = text.source(number)
        heard = session.heard
        reading.statements += (Statement(source, *each) for each in heard)
        if rows:
            understood = bool(heard) and not any(row.lstrip() == "^" for row in rows)
            reading.troubles.append(Trouble(source, tuple(rows), where, understood))
        session.heard = []
        where = session.stack[-1].target


def _facts(grammar: Grammar, mode: str, target: object, typed: _Typed, above: Source) -> Iterator[Fact]:
    """Yield the facts of a target; a line that no statement said came with the one above it."""
    for said in config.said(grammar, mode, target):
        if said is not None:
            own = _source(said, typed.get((id(target), said.command.name), {}))
            source = own or above
            below = _facts(grammar, said.mode, said.target, typed, source) if said.mode else ()
            yield Fact(said, tuple(below), source, written=own is not None)


def _source(said: Said, typed: Mapping[tuple[Hashable, ...], Sequence[Statement]]) -> Source | None:
    """Find the line that set what running-config says: of those that agree with most of it, the last."""
    best, found = 0 if any(said.values.values()) else -1, None
    same = typed.get(tuple(said.values.get(each) for each in said.command.by))
    for statement in same or (each for each_ in typed.values() for each in each_):
        values = statement.values
        if values.get("no") and not said.values.get("no"):
            continue
        agreed = sum(values.get(key) == value for key, value in said.values.items())
        # A block is where it begins, a line where it was said last.
        if agreed > best or (agreed == best and not said.mode):
            best, found = agreed, statement.source
    return found
