"""Configurations as text: running-config is a walk over the grammar, loading one is typing it.

State is the truth; the grammar writes the words. The walk asks each behaviour for the values of its lines, in
the order that `grammar/order.ios` fixes, and kept lines stand among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.parser import match
from iosemu.values import NamedTuple

from . import kept
from .command import Ask, behaviour

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from iosemu.lab.router import Node
    from iosemu.parser.files import OrderStep
    from iosemu.parser.grammar import Command, Grammar

    from .command import Entry, Values
    from .session import Session

TOGETHER = ("line",)
"""Blocks that stand without `!` between them (`line con 0`, `line vty 0 4`)."""


def body(grammar: Grammar, mode: str, target: object, indent: str = "") -> Iterator[str]:
    """Yield the lines that configure a target, those of the modes below it included."""
    walk = _Walk(grammar, mode, target, indent)
    steps = grammar.order(mode) or grammar.order(grammar[mode].like)
    if not any(step.kind == "rest" for step in steps):
        # A mode that order.ios leaves out, or whose list is not closed by `*`, still loses nothing.
        steps = (*steps, _REST)
    named = {step.name for step in _flat(steps)}
    for step in steps:
        if step.kind == "separator":
            yield "!"
        elif step.kind == "rest":
            for name in walk.commands:
                if name not in named:
                    yield from walk.lines(name)
        elif step.kind == "each":
            yield from walk.grouped(step)
        else:
            yield from walk.lines(step.name)


def block(grammar: Grammar, mode: str, name: str, target: object, wanted: Values) -> Iterator[str]:
    """Yield one of a command's lines, and what stands below it: that which says the wanted values."""
    walk = _Walk(grammar, mode, target, "")
    for entry in walk.said(walk.commands[name]):
        values = _values(entry)
        if all(values.get(key) == value for key, value in wanted.items()):
            yield from walk.entry(walk.commands[name], entry)


def _flat(steps: Iterable[OrderStep]) -> Iterator[OrderStep]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


class _Walk:
    """A walk over what is said to one target."""

    __slots__ = ("commands", "grammar", "indent", "kept", "target")

    def __init__(self, grammar: Grammar, mode: str, target: Any, indent: str) -> None:
        self.grammar = grammar
        self.target = target
        self.indent = indent
        self.commands = {command.name: command for command in grammar[mode].commands if command.mode != "any"}
        held = target.peek(kept.Kept)
        self.kept = {name for name, _ in held.lines} if held else set()

    def said(self, command: Command) -> Iterable[Entry]:
        """Ask for the values of every line that a command has on the target."""
        found = behaviour(command.mode, command.name)
        if found is None:
            return kept.entries(self.target, command) if command.name in self.kept else ()
        return found.write(self.target) if found.write else ()

    def lines(self, name: str) -> Iterator[str]:
        """Yield a command's lines; none when the mode does not have it."""
        command = self.commands.get(name)
        if command is not None:
            for entry in self.said(command):
                yield from self.entry(command, entry)

    def grouped(self, step: OrderStep) -> Iterator[str]:
        """Yield the lines of several commands sorted by a capture (HSRP group by group), 0 when not said."""
        found = [
            (_values(entry).get(step.name) or 0, command, entry)
            for each in step.steps
            if (command := self.commands.get(each.name))
            for entry in self.said(command)
        ]
        for _, command, entry in sorted(found, key=lambda item: item[0]):
            yield from self.entry(command, entry)

    def entry(self, command: Command, entry: Entry) -> Iterator[str]:
        """Yield the rows of one line (a banner has several), and what stands below it."""
        indent = self.indent
        for row in command.render(_values(entry)).split("\n"):
            yield indent + row if not indent or row else row
        if isinstance(entry, tuple):
            mode, child = command.enters, entry[1]
            if isinstance(child, tuple):
                mode, child = child
            yield from body(self.grammar, mode, child, indent + " " * self.grammar[mode].indent)
            if not indent and mode not in TOGETHER:
                yield "!"


def _values(entry: Entry) -> Values:
    return entry[0] if isinstance(entry, tuple) else entry


class _Rest(NamedTuple):
    kind: str = "rest"
    name: str = ""
    steps: tuple[OrderStep, ...] = ()


_REST: Any = _Rest()


STARTUP = "startup-config"
"""What NVRAM calls it; an empty one there was erased."""


def startup_files(node: Node) -> tuple[tuple[str, str], ...]:
    """Give what makes up a router's startup-config, (name, text) in order: what it saved, else the lab's files."""
    saved = node.nvram.get(STARTUP)
    if saved is None:
        return node.lab.startup.get(node.name, ())
    return ((f"nvram:{STARTUP}", saved.decode("utf-8", "replace")),) if saved else ()


class Complaint(NamedTuple):
    """What a configuration file's line led to: file, line counted from 1, and the rows that were shown."""

    file: str
    line: int
    rows: list[str]


class Complaints:
    """What was wrong with the configuration that a router booted with (a part of it), as rows."""

    def __init__(self, _: object) -> None:
        self.rows: list[str] = []


def load(session: Session, file: str, text: str) -> list[Complaint]:
    """Type a configuration from global configuration mode; gives what was complained about.

    `end` ends the file. Questions (the rows of a banner) are answered by the lines that follow.
    """
    complaints: list[Complaint] = []
    session.scrolls = False
    session.stack[1:] = []
    session.enter("global", session.node)
    indents = any(line.startswith(" ") for line in text.splitlines())
    lines = iter(enumerate(map(_typeable, text.splitlines()), 1))
    for number, line in lines:
        if line.strip().lower() == "end":
            break
        if indents:
            _outdent(session, line)
        said, prompt = line.strip(), " " * len(session.prompt)
        rows = _answered(session.execute(said), lines)
        if rows:
            # Without its prompt, which would make it a line typed there; the caret moves with it.
            shown = (f" {row.removeprefix(prompt)}" if row.startswith(prompt) else row for row in rows)
            complaints.append(Complaint(file, number, [f" {said}", *shown]))
        if not session.configuring:
            session.enter("global", session.node)
    session.stack[1:] = []
    return complaints


def _typeable(line: str) -> str:
    """Give what a line of a file has of text: control characters would reach a terminal with the complaint.

    Blanks of other kinds (a web page's) are blanks. Ctrl-C (ETX) stays: it may be what ends a banner.
    """
    if line.isprintable():
        return line
    kept = (char if char.isprintable() or char == "\x03" else " " if char.isspace() else "" for char in line)
    return "".join(kept)


def _outdent(session: Session, line: str) -> None:
    """Leave the modes that a line's indentation says it is not in, if it is a line of the mode that is left.

    IOS looks for a line in the mode it is in, first of all. But that mode may know a line that belongs to an
    outer one, and then what was saved would not be what is read.
    """
    depth = len(line) - len(line.lstrip(" ")) + 1  # exec, global
    if len(session.stack) > depth + 1 and line.strip() and not line.startswith("!"):
        graph = session.stack[depth].mode.graph
        if isinstance(match.parse(graph, line, session.context()), match.Match):
            del session.stack[depth + 1 :]


def _answered(reply: Generator[Any, str, None], lines: Iterator[tuple[int, str]]) -> list[str]:
    rows: list[str] = []
    answer: str | None = None
    while True:
        try:
            item = reply.send(answer) if answer is not None else next(reply)
        except StopIteration:
            return rows
        answer = None
        if isinstance(item, Ask):
            line = next(lines, None)
            if line is None:
                reply.close()
                rows.append("% The file ends in the middle of a command")
                return rows
            answer = line[1]
        elif isinstance(item, str):
            rows.append(item)
