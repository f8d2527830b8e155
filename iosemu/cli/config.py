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
    from collections.abc import Callable, Generator, Iterable, Iterator

    from iosemu.lab.router import Node
    from iosemu.parser.files import OrderStep
    from iosemu.parser.grammar import Command, Grammar

    from .command import Entry, Values
    from .session import Session

    May = Callable[[str, Command], bool]

TOGETHER = ("line",)
"""Blocks that stand without `!` between them (`line con 0`, `line vty 0 4`)."""


LEFT_OUT = "% Left out, like the line that it stands below"
"""What a file's line is answered when the one that would have opened its mode did not."""


class Said(NamedTuple):
    """A line of running-config: its command and values; `target`, in `mode`, is what the lines below it configure."""

    command: Command
    values: Values
    mode: str
    target: object

    def rows(self) -> list[str]:
        """Give the line's text; a banner has several rows."""
        return self.command.written(self.values).split("\n")


def said(grammar: Grammar, mode: str, target: object) -> Iterator[Said | None]:
    """Yield what is said to a target, in the order of running-config; None for a `!` that stands between."""
    walk = _Walk(grammar, mode, target)
    steps = grammar.order(mode) or grammar.order(grammar[mode].like)
    if not any(step.kind == "rest" for step in steps):
        # A mode that order.ios leaves out, or whose list is not closed by `*`, still loses nothing.
        steps = (*steps, _REST)
    named = {step.name for step in _flat(steps)}
    for step in steps:
        if step.kind == "separator":
            yield None
        elif step.kind == "rest":
            for name in walk.commands:
                if name not in named:
                    yield from walk.lines(name)
        elif step.kind == "each":
            yield from walk.grouped(step)
        else:
            yield from walk.lines(step.name)


def everybody(_mode: str, _command: Command) -> bool:
    """Whether a line is for the eyes of whoever reads: yes."""
    return True


def body(
    grammar: Grammar, mode: str, target: object, indent: str = "", *, may: May = everybody
) -> Iterator[str]:
    """Yield the lines that configure a target, those of the modes below it included; `may` leaves some out."""
    for each in said(grammar, mode, target):
        if each is None:
            yield "!"
        elif may(mode, each.command):
            yield from _written(grammar, each, indent, may)


def block(
    grammar: Grammar, mode: str, name: str, target: object, wanted: Values, *, may: May = everybody
) -> Iterator[str]:
    """Yield one of a command's lines, and what stands below it: that which says the wanted values."""
    for each in _Walk(grammar, mode, target).lines(name):
        if all(each.values.get(key) == value for key, value in wanted.items()):
            yield from _written(grammar, each, "", may)


def _written(grammar: Grammar, line: Said, indent: str, may: May) -> Iterator[str]:
    """Yield the rows of one line, and what stands below it."""
    first, *more = line.rows()
    yield indent + first
    yield from more
    if line.mode:
        mode = grammar[line.mode]
        yield from body(grammar, line.mode, line.target, indent + " " * mode.indent, may=may)
        if mode.closing:
            yield indent + mode.closing
        if not indent and line.mode not in TOGETHER:
            yield "!"


def _flat(steps: Iterable[OrderStep]) -> Iterator[OrderStep]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


class _Walk:
    """A walk over what is said to one target."""

    __slots__ = ("commands", "grammar", "kept", "target")

    def __init__(self, grammar: Grammar, mode: str, target: Any) -> None:
        self.grammar = grammar
        self.target = target
        self.commands = {command.name: command for command in grammar[mode].commands if command.mode != "any"}
        held = target.peek(kept.Kept)
        self.kept = {name for name, _ in held.lines} if held else set()

    def lines(self, name: str) -> Iterator[Said]:
        """Yield a command's lines; none when the mode does not have it."""
        command = self.commands.get(name)
        if command is not None:
            for entry in self._entries(command):
                yield _line(command, entry)

    def grouped(self, step: OrderStep) -> Iterator[Said]:
        """Yield the lines of several commands sorted by a capture (HSRP group by group), 0 when not said."""
        found = [line for each in step.steps for line in self.lines(each.name)]
        yield from sorted(found, key=lambda line: line.values.get(step.name) or 0)

    def _entries(self, command: Command) -> Iterable[Entry]:
        """Ask for the values of every line that a command has on the target."""
        found = behaviour(command.mode, command.name)
        if found is None:
            return kept.entries(self.target, command) if command.name in self.kept else ()
        return found.write(self.target) if found.write else ()


def _line(command: Command, entry: Entry) -> Said:
    if not isinstance(entry, tuple):
        return Said(command, entry, "", None)
    values, child = entry
    mode, target = child if isinstance(child, tuple) else (command.enters, child)
    return Said(command, values, mode, target)


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
    return [Complaint(file, number, rows) for number, rows in typed(session, text) if rows]


def typed(session: Session, text: str) -> Iterator[tuple[int, list[str]]]:
    """Type a configuration as `load` does; yields each line's number behind it, and the rows of its complaint.

    The first of those is the line itself, and a caret stands where it would under that. Lines that stand below one
    which opened no mode are left out: IOS would read them in the mode before it, and configure something else.
    """
    session.scrolls = False
    session.stack[1:] = []
    session.enter("global", session.node)
    indents = any(line.startswith(" ") for line in text.splitlines())
    lines = iter(enumerate(map(typeable, text.splitlines()), 1))
    lost: int | None = None
    for number, line in lines:
        words, indent = line.strip(), len(line) - len(line.lstrip(" "))
        if words.lower() == "end":
            break
        if lost is not None and words and not words.startswith("!"):
            if indent > lost:
                yield number, [f" {words}", LEFT_OUT]
                continue
            lost = None
        if indents:
            _outdent(session, line)
        before, prompt = session.stack[-1], " " * len(session.prompt)
        rows = _answered(session.execute(words), lines)
        if rows:
            if session.stack[-1] is before:
                lost = indent
            # Without its prompt, which would make it a line typed there; the caret moves with it.
            shown = (f" {row.removeprefix(prompt)}" if row.startswith(prompt) else row for row in rows)
            rows = [f" {words}", *shown]
        yield number, rows
        if not session.configuring:
            session.enter("global", session.node)
    session.stack[1:] = []


def typeable(line: str) -> str:
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
