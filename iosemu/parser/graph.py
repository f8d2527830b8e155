"""Shape → graph: all commands of a mode as one automaton, kept as plain lists.

Commands that begin with the same keywords share them, as a tree; behind those each form grows its own positions (a
node is "the place behind this word", its arcs are the words that may follow: Glushkov's construction, so there are no
empty moves to chase). Lists only, because the compiled grammar is a JSON file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .notation import Declaration
from .shapes import Argument, Choice, Keyword, Optional, Sequence, Shape, negated

HIDDEN, LOOP = 1, 2
"""Flags of an arc: never shown by `?`; entered at most once in a sentence."""

Draft = list[Any]
"""A node being built: its arcs, and the numbers of the commands that may end here.

An arc is [word, type, help, capture, target, level, flags]; `word` of a keyword, `type` of an argument.
"""


class Builder:
    """Grows one mode's automaton, command by command."""

    def __init__(self) -> None:
        self.nodes: list[Draft] = [[[], []]]

    def add(self, number: int, declaration: Declaration, *, negatable: bool) -> None:
        """Add a command's forms, and what `no` and `default` make of them."""
        level = declaration.level
        for form in declaration.forms:
            self._form(0, number, form.shape, level, silent=form.silent)
        if declaration.undo:
            for form in declaration.forms:
                self._undo(number, form.shape, level, silent=form.silent)
        if not negatable:
            return
        after = self._walk(0, _NO, level, 0)
        self._arc(0, _DEFAULT, after, level, 0)
        overriding = {_words(form.shape) for form in declaration.no_forms}
        for form in declaration.no_forms:
            self._form(after, number, form.shape, level, silent=form.silent)
        for form in declaration.forms:
            if _words(form.shape) not in overriding:
                shape = negated(form.shape, declaration.by)
                self._form(after, number, shape, level, silent=form.silent)

    def _undo(self, number: int, shape: Shape, level: int, *, silent: bool) -> None:
        assert isinstance(shape, Sequence)
        loose = negated(shape, tuple(leaf.capture for leaf in shape.items if isinstance(leaf, Argument)))
        assert isinstance(loose, Sequence)
        self._form(self._walk(0, _NO_DEBUG, level, 0), number, loose, level, silent=silent)
        undebug = self._walk(0, _UNDEBUG, level, 0)
        self._form(undebug, number, Sequence(loose.items[1:]), level, silent=silent)

    def _form(self, start: int, number: int, shape: Shape, level: int, *, silent: bool) -> None:
        flags = HIDDEN if silent else 0
        items = shape.items if isinstance(shape, Sequence) else (shape,)
        node, index = start, 0
        while index < len(items):
            item = items[index]
            if not isinstance(item, Keyword) or item.capture is not None:
                break
            node = self._walk(node, item, level, flags)
            index += 1
        exits = [node]
        for item in items[index:]:
            exits = self._grow(item, exits, level, flags)
        for each in exits:
            if number not in self.nodes[each][1]:
                self.nodes[each][1].append(number)

    def _new(self) -> int:
        self.nodes.append([[], []])
        return len(self.nodes) - 1

    def _arc(self, start: int, leaf: Keyword | Argument, target: int, level: int, flags: int) -> None:
        arcs = self.nodes[start][0]
        word, type_ = (leaf.word, None) if isinstance(leaf, Keyword) else (None, leaf.type)
        for arc in arcs:
            if arc[4] == target and arc[0] == word and arc[1] == type_:
                arc[5] = min(arc[5], level)
                arc[6] &= flags | ~HIDDEN
                return
        arcs.append([word, type_, leaf.help, leaf.capture, target, level, flags])

    def _walk(self, start: int, leaf: Keyword, level: int, flags: int) -> int:
        """Follow a shared keyword from a node, adding it when it is new."""
        for arc in self.nodes[start][0]:
            if arc[0] == leaf.word and arc[3] == leaf.capture and not arc[6] & LOOP and self._shared(arc[4]):
                arc[5] = min(arc[5], level)
                arc[6] &= flags | ~HIDDEN
                return int(arc[4])
        target = self._new()
        self.nodes[target].append("shared")
        self._arc(start, leaf, target, level, flags)
        return target

    def _shared(self, node: int) -> bool:
        return len(self.nodes[node]) > 2

    def _grow(self, shape: Shape, entries: list[int], level: int, flags: int) -> list[int]:
        """Add what a shape accepts behind the entries; give the nodes where it may end."""
        match shape:
            case Keyword() | Argument():
                target = self._new()
                for entry in entries:
                    self._arc(entry, shape, target, level, flags)
                return [target]
            case Sequence(items):
                for item in items:
                    entries = self._grow(item, entries, level, flags)
                return entries
            case Optional(item):
                return entries + [each for each in self._grow(item, entries, level, flags) if each not in entries]
            case Choice(alternatives, repeat):
                before = len(self.nodes[entries[0]][0])
                exits = [each for item in alternatives for each in self._grow(item, entries, level, flags)]
                if repeat:
                    firsts = self.nodes[entries[0]][0][before:]
                    for arc in firsts:
                        arc[6] |= LOOP
                    for each in exits:
                        self.nodes[each][0].extend(list(arc) for arc in firsts)
                return exits


_NO = Keyword("no", "Negate a command or set its defaults", "no")
_DEFAULT = Keyword("default", "Set a command to its defaults", "@default")
_NO_DEBUG = Keyword("no", "Disable debugging functions", "no")
_UNDEBUG = Keyword("undebug", "Disable debugging functions (see also 'debug')", "no")


def _words(shape: Shape) -> tuple[str, ...]:
    """Give the leading required keywords: which `no` form a free one would rival."""
    items = shape.items if isinstance(shape, Sequence) else (shape,)
    return tuple(item.word for item in items if isinstance(item, Keyword) and item.capture is None)


def build(commands: Iterable[tuple[Declaration, bool]]) -> list[Draft]:
    """Compile a mode: its nodes, the first being where a line begins."""
    builder = Builder()
    for number, (declaration, negatable) in enumerate(commands):
        builder.add(number, declaration, negatable=negatable)
    return [node[:2] for node in builder.nodes]


class Arc(NamedTuple):
    """A word that may come next: a keyword (`word`) or an argument (`type`), and the node behind it."""

    word: str | None
    type: str | None
    help: str
    capture: str | None
    target: int
    level: int
    flags: int


class Node(NamedTuple):
    """A place in a line: keywords that may follow, by word; arguments that may; commands that may end."""

    words: dict[str, list[Arc]]
    arguments: list[Arc]
    accept: list[int]


class Graph:
    """A compiled mode's automaton; nodes are made from the lists when they are first reached."""

    __slots__ = ("_drafts", "_nodes")

    def __init__(self, drafts: list[Draft]) -> None:
        self._drafts = drafts
        self._nodes: list[Node | None] = [None] * len(drafts)

    def __getitem__(self, number: int) -> Node:
        node = self._nodes[number]
        if node is None:
            words: dict[str, list[Arc]] = {}
            arguments: list[Arc] = []
            drafts, accept = self._drafts[number]
            for draft in drafts:
                arc = Arc(*draft)
                if arc.word is None:
                    arguments.append(arc)
                else:
                    words.setdefault(arc.word.lower(), []).append(arc)
            node = self._nodes[number] = Node(words, arguments, accept)
        return node

    def __len__(self) -> int:
        return len(self._drafts)
