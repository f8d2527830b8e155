"""Grammar files as blocks: which lines are syntax, help, remarks; nothing is understood yet but the layout.

Every piece keeps its file, line and column, so that a complaint can point at it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

from . import types

if TYPE_CHECKING:
    from collections.abc import Iterator


class GrammarError(ValueError):
    """A fault in a grammar file: where it is, and what is wrong."""

    def __init__(self, source: Source, message: str) -> None:
        super().__init__(f"{source.file}:{source.line}: {message}\n{source.text}\n{' ' * source.column}^")
        self.source = source
        self.message = message


class Source(NamedTuple):
    """A place in a grammar file: line counted from 1, column from 0, and the line's text."""

    file: str
    line: int
    column: int
    text: str


class Help(NamedTuple):
    """A help line: its word, its type when the word is an argument, the capture's name, and what `?` says."""

    word: str
    type: str | None
    capture: str | None
    help: str
    source: Source


class Block(NamedTuple):
    """A command as written: its mode, syntax lines, help lines, remarks, and the words its file shares."""

    mode: str
    level: int
    syntax: tuple[Source, ...]
    help: tuple[Help, ...]
    remarks: tuple[tuple[str, tuple[str, ...], Source], ...]
    words: dict[str, Help]


class ModeBlock(NamedTuple):
    """A mode as declared in modes.ios."""

    name: str
    properties: dict[str, str]
    source: Source


_MODE = re.compile(r"mode\s+(\S+)(?:\s+level\s+(\d+))?\s*\Z")
_REMARK = re.compile(
    r"\((by|pads)((?: +[\w-]+)+)\)\Z|\((enters|shown) +(\S+)\)\Z|\((default) +(on)\)\Z|\((level) +(\d+)\)\Z"
    r"|\((pipes|hidden|missing|undo|yields)()\)\Z",
    re.ASCII,
)
_PROPERTIES = ("prompt", "title", "parent", "like", "exit", "indent", "closing")
_FIELDS = re.compile(r"\s{2,}")
_AS = re.compile(r"(?:(\S+)\s+)?as\s+([A-Za-z][\w-]*)\Z")


def _lines(file: str, text: str) -> Iterator[Source]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith(";"):
            clean = line.rstrip().expandtabs()
            yield Source(file, number, len(clean) - len(clean.lstrip()), clean)
    yield Source(file, text.count("\n") + 1, 0, "")


def read(file: str, text: str) -> tuple[list[ModeBlock], list[Block]]:
    """Cut a grammar file into mode declarations and command blocks."""
    modes: list[ModeBlock] = []
    blocks: list[Block] = []
    words: dict[str, Help] = {}
    mode, level = "", 1
    heading: str | None = None  # what indented lines belong to: "mode", "words", a block, or nothing
    syntax: list[Source] = []
    help_lines: list[Help] = []
    remarks: list[tuple[str, tuple[str, ...], Source]] = []

    def close() -> None:
        if syntax:
            blocks.append(Block(mode, level, tuple(syntax), tuple(help_lines), tuple(remarks), words))
        syntax.clear()
        help_lines.clear()
        remarks.clear()

    for source in _lines(file, text):
        line = source.text
        if not line:
            close()
            heading = None if heading == "block" else heading
        elif source.column:
            stripped = line.strip()
            if heading == "mode":
                key, _, value = stripped.partition(" ")
                if key not in _PROPERTIES:
                    raise GrammarError(source, f"a mode has {', '.join(_PROPERTIES)}")
                modes[-1].properties[key] = value.strip()
            elif heading == "words":
                entry = _help(source)
                words[entry.word] = entry
            elif heading == "block" and stripped.startswith("("):
                found = _REMARK.match(stripped)
                if not found:
                    raise GrammarError(source, "no such remark")
                name, said = (each for each in found.groups() if each is not None)
                remarks.append((name, tuple(said.split()), source))
            elif heading == "block":
                help_lines.append(_help(source))
            else:
                raise GrammarError(source, "an indented line that belongs to nothing")
        elif found := _MODE.match(line):
            close()
            mode, level, heading = found.group(1), int(found.group(2) or 1), "mode"
            modes.append(ModeBlock(mode, {}, source))
        elif line == "words":
            close()
            heading = "words"
        else:
            if heading == "block" and (help_lines or remarks):
                close()
            heading = "block"
            syntax.append(source)
            if not mode:
                raise GrammarError(source, "a command before any `mode`")
    return modes, blocks


def _help(source: Source) -> Help:
    fields = _FIELDS.split(source.text.strip())
    word, rest = fields[0], fields[1:]
    if " " in word:
        raise GrammarError(source, "two blanks part a word from its help")
    type_: str | None = None
    capture: str | None = None
    if rest and _is_type(rest[0]):
        type_ = rest.pop(0)
    elif rest and (found := _AS.match(rest[0])) and (found.group(1) is None or _is_type(found.group(1))):
        type_, capture = found.groups()
        rest.pop(0)
    if rest and capture is None and (found := _AS.match(rest[0])) and found.group(1) is None:
        capture = found.group(2)
        rest.pop(0)
    return Help(word, type_, capture, "  ".join(rest), source)


def _is_type(text: str) -> bool:
    try:
        types.of(text)
    except ValueError:
        return False
    return True


class OrderStep(NamedTuple):
    """A step of order.ios: `command NAME`, `separator`, `rest`, or `each CAPTURE` with its own steps."""

    kind: str
    name: str
    steps: tuple[OrderStep, ...] = ()


def read_order(file: str, text: str) -> dict[str, tuple[OrderStep, ...]]:
    """Read order.ios: for each mode the order in which running-config asks its commands."""
    order: dict[str, list[OrderStep]] = {}
    current: list[OrderStep] | None = None
    group: tuple[int, str, list[OrderStep]] | None = None
    for source in _lines(file, text):
        name = source.text.strip()
        if not name:
            continue
        if source.column == 0:
            found = _MODE.match(name)
            if not found:
                raise GrammarError(source, "order.ios holds `mode NAME` and, indented, names of commands")
            if group and current is not None:
                current.append(OrderStep("each", group[1], tuple(group[2])))
                group = None
            current = order.setdefault(found.group(1), [])
            continue
        if current is None:
            raise GrammarError(source, "a command before any `mode`")
        if group and source.column <= group[0]:
            current.append(OrderStep("each", group[1], tuple(group[2])))
            group = None
        if name.startswith("each "):
            group = (source.column, name[5:].split()[0].replace("-", "_"), [])
            continue
        into = group[2] if group else current
        if name.startswith("!"):
            into.append(OrderStep("separator", ""))
        elif name == "*":
            into.append(OrderStep("rest", ""))
        else:
            into.append(OrderStep("command", name))
    if group and current is not None:
        current.append(OrderStep("each", group[1], tuple(group[2])))
    return {mode: tuple(steps) for mode, steps in order.items()}
