"""Shape → graph: all commands of a mode as one automaton, kept as plain lists.

A node is "the place behind this word", its arcs are the words that may follow (Glushkov's construction, so
there are no empty moves to chase). Commands that begin alike share their beginning, item by item: `standby
[group]` is read once for all that follows it. Lists only, because the compiled grammar is a JSON file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.values import NamedTuple

from .shapes import Argument, Choice, Keyword, Optional, Sequence, Shape, negations, undone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .notation import Declaration

HIDDEN, LOOP, YIELDS = 1, 2, 4
"""Flags of an arc: never shown by `?`; entered once in a sentence at most; not meant by what begins other words."""

Draft = list[Any]
"""A node being built: its arcs, and the numbers of the commands that may end here.

An arc is [word, type, help, capture, target, level, flags]; `word` of a keyword, `type` of an argument. When
all are built, `help` is a number: many arcs say the same.
"""


class Builder:
    """Grows one mode's automaton, command by command."""

    def __init__(self) -> None:
        self.nodes: list[Draft] = [[[], []]]
        self._begun: dict[Any, tuple[int, ...]] = {}

    def add(self, number: int, declaration: Declaration, *, negatable: bool) -> None:
        """Add a command's forms, and what `no` and `default` make of them."""
        level = declaration.level
        for form in declaration.forms:
            self._form(0, number, form.shape, level, silent=form.silent, yields=declaration.yields)
        if declaration.undo:
            for form in declaration.forms:
                self._undo(number, form.shape, level, silent=form.silent)
        if not negatable:
            return
        (after,) = self._begin(_NO, (0,), level, 0)
        self._arc(0, _DEFAULT, after, level, 0)
        for shape, silent in negations(declaration.forms, declaration.no_forms, declaration.by):
            self._form(after, number, shape, level, silent=silent)

    def _undo(self, number: int, shape: Sequence, level: int, *, silent: bool) -> None:
        loose = undone(shape)
        (no,) = self._begin(_NO_DEBUG, (0,), level, 0)
        self._form(no, number, loose, level, silent=silent)
        (undebug,) = self._begin(_UNDEBUG, (0,), level, 0)
        self._form(undebug, number, Sequence(loose.items[1:]), level, silent=silent)

    def _form(
        self, start: int, number: int, shape: Sequence, level: int, *, silent: bool, yields: bool = False
    ) -> None:
        places: tuple[int, ...] = (start,)
        flags = (HIDDEN if silent else 0) | (YIELDS if yields else 0)
        for item in shape.items:
            places = self._begin(item, places, level, flags)
        for place in places:
            if number not in self.nodes[place][1]:
                self.nodes[place][1].append(number)

    def _begin(self, item: Shape, entries: tuple[int, ...], level: int, flags: int) -> tuple[int, ...]:
        """Add an item behind the entries, or find it where another command has put it already."""
        if not isinstance(item, Keyword):
            key: Any = (entries, item, level, flags)
            if key not in self._begun:
                self._begun[key] = tuple(self._grow(item, list(entries), level, flags))
            return self._begun[key]
        # One keyword may stand for commands of several levels, seen and hidden: the least of each.
        key = (entries, item.word, item.capture)
        target = self._begun.get(key) or (self._new(),)
        self._begun[key] = target
        for entry in entries:
            self._arc(entry, item, target[0], level, flags)
        return target

    def _new(self) -> int:
        self.nodes.append([[], []])
        return len(self.nodes) - 1

    def _arc(self, start: int, leaf: Keyword | Argument, target: int, level: int, flags: int) -> None:
        arcs = self.nodes[start][0]
        word, type_ = (leaf.word, None) if isinstance(leaf, Keyword) else (None, leaf.type)
        for arc in arcs:
            if arc[4] == target and arc[0] == word and arc[1] == type_:
                if arc[6] & HIDDEN and not flags & HIDDEN:
                    arc[2] = leaf.help
                arc[6] &= flags | ~(HIDDEN | YIELDS)
                arc[5] = min(arc[5], level)
                return
        arcs.append([word, type_, leaf.help, leaf.capture, target, level, flags])

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
                return [
                    *entries,
                    *(each for each in self._grow(item, entries, level, flags) if each not in entries),
                ]
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


def build(commands: Iterable[tuple[Declaration, bool]]) -> tuple[list[Draft], list[str]]:
    """Compile a mode: its nodes, the first being where a line begins, and the help that their arcs number."""
    builder = Builder()
    for number, (declaration, negatable) in enumerate(commands):
        builder.add(number, declaration, negatable=negatable)
    helps: dict[str, int] = {}
    for arcs, _ in builder.nodes:
        for arc in arcs:
            arc[2] = helps.setdefault(arc[2], len(helps))
    return builder.nodes, list(helps)


_NOBODY = 16
"""A level that no user has."""


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
    """A compiled mode's automaton; nodes are made from the lists when they are first reached.

    `levels` holds the privilege level of each command, by number.
    """

    __slots__ = ("_drafts", "_helps", "_nodes", "levels")

    def __init__(self, drafts: list[Draft], helps: list[str], levels: list[int]) -> None:
        self._drafts = drafts
        self._helps = helps
        self.levels = levels
        self._nodes: list[Node | None] = [None] * len(drafts)

    def __getitem__(self, number: int) -> Node:
        node = self._nodes[number]
        if node is None:
            words: dict[str, list[Arc]] = {}
            arguments: list[Arc] = []
            drafts, accept = self._drafts[number]
            for word, type_, help_, *rest in drafts:
                arc = Arc(word, type_, self._helps[help_], *rest)
                if arc.word is None:
                    arguments.append(arc)
                else:
                    words.setdefault(arc.word.lower(), []).append(arc)
            node = self._nodes[number] = Node(words, arguments, accept)
        return node

    def at_levels(self, levels: list[int]) -> Graph:
        """Give the same automaton with other privilege levels: each command's, by number.

        An arc has the least level of the commands that it leads to.
        """
        least = [min((levels[number] for number in accept), default=_NOBODY) for _, accept in self._drafts]
        moved = True
        while moved:
            moved = False
            for place in range(len(least) - 1, -1, -1):
                behind = min((least[arc[4]] for arc in self._drafts[place][0]), default=_NOBODY)
                if behind < least[place]:
                    least[place], moved = behind, True
        drafts = [
            [[[*arc[:5], least[arc[4]], arc[6]] for arc in arcs], accept] for arcs, accept in self._drafts
        ]
        return Graph(drafts, self._helps, levels)

    def __len__(self) -> int:
        return len(self._drafts)
