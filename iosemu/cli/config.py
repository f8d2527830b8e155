"""Configurations as text: running-config is a walk over the grammar, loading one is typing it.

State is the truth; the grammar writes the words. The walk asks each behaviour for the values of its lines, in the
order that `grammar/order.ios` fixes, and kept lines stand among them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from . import kept
from .command import BEHAVIOURS, Ask, Entry
from .session import Session

if TYPE_CHECKING:
    from iosemu.parser.files import OrderStep
    from iosemu.parser.grammar import Command, Grammar

TOGETHER = ("line",)
"""Blocks that stand without `!` between them (`line con 0`, `line vty 0 4`)."""


def body(grammar: Grammar, mode: str, target: object, indent: str = "") -> Iterator[str]:
    """Yield the lines that configure a target, those of the modes below it included."""
    commands = {command.name: command for command in grammar[mode].commands if command.mode != "any"}
    steps = grammar.order(mode) or grammar.order(grammar[mode].like)
    named = {step.name for step in _flat(steps)}
    rest = [command for name, command in commands.items() if name not in named]
    before = "!"
    for line in _steps(steps, commands, rest, grammar, target, indent):
        if line != "!" or before != "!":
            yield line
        before = line


def _flat(steps: Iterable[OrderStep]) -> Iterator[OrderStep]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


def _steps(
    steps: tuple[OrderStep, ...],
    commands: dict[str, Command],
    rest: list[Command],
    grammar: Grammar,
    target: object,
    indent: str,
) -> Iterator[str]:
    if not any(step.kind == "rest" for step in steps):
        # A mode that order.ios leaves out, or whose list is not closed by `*`, still loses nothing.
        steps = (*steps, _REST)
    for step in steps:
        if step.kind == "separator":
            yield "!"
        elif step.kind == "rest":
            for command in rest:
                yield from _lines(command, grammar, target, indent)
        elif step.kind == "each":
            yield from _grouped(step, commands, grammar, target, indent)
        elif step.name in commands:
            yield from _lines(commands[step.name], grammar, target, indent)


def _grouped(
    step: OrderStep, commands: dict[str, Command], grammar: Grammar, target: object, indent: str
) -> Iterator[str]:
    """Yield the lines of several commands sorted by one capture (HSRP group by group), 0 when it is not said."""
    found = [
        (_values(entry).get(step.name) or 0, command, entry)
        for each in step.steps
        if (command := commands.get(each.name))
        for entry in said(command, target)
    ]
    for _, command, entry in sorted(found, key=lambda item: item[0]):
        yield from _entry(command, entry, grammar, indent)


def said(command: Command, target: object) -> Iterable[Entry]:
    """Ask for the values of every line that a command has on a target."""
    behaviour = BEHAVIOURS.get((command.mode, command.name))
    if behaviour is None:
        return kept.entries(target, command)
    return behaviour.write(target) if behaviour.write else ()


def _values(entry: Entry) -> Any:
    return entry[0] if isinstance(entry, tuple) else entry


def _lines(command: Command, grammar: Grammar, target: object, indent: str) -> Iterator[str]:
    for entry in said(command, target):
        yield from _entry(command, entry, grammar, indent)


def _entry(command: Command, entry: Entry, grammar: Grammar, indent: str) -> Iterator[str]:
    for row in command.render(_values(entry)).split("\n"):
        yield indent + row if not indent or row else row
    if isinstance(entry, tuple):
        mode, child = command.enters, entry[1]
        if isinstance(child, tuple):
            mode, child = child
        yield from body(grammar, mode, child, indent + " ")
        if not indent and mode not in TOGETHER:
            yield "!"


class _Rest(NamedTuple):
    kind: str = "rest"
    name: str = ""
    steps: tuple[OrderStep, ...] = ()


_REST: Any = _Rest()


class Complaint(NamedTuple):
    """What a configuration file's line led to: file, line counted from 1, and the rows that were shown."""

    file: str
    line: int
    rows: list[str]


def load(session: Session, file: str, text: str) -> list[Complaint]:
    """Type a configuration from global configuration mode; gives what was complained about.

    `end` ends the file. Questions (the rows of a banner) are answered by the lines that follow.
    """
    complaints: list[Complaint] = []
    session.stack[1:] = []
    session.enter("global", session.node)
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if line.strip().lower() == "end":
            break
        reply = session.execute(line)
        rows = _answered(reply, lines)
        if rows:
            complaints.append(Complaint(file, number, [session.prompt + line.strip(), *rows]))
        if not session.configuring:
            session.enter("global", session.node)
    session.stack[1:] = []
    return complaints


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
