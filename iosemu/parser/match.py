"""Matching a typed line: one function, `step`, and three walks over it: `parse`, `suggest` (`?`), `complete`.

The rules are IOS's, with the captures that verify them in `ios-shell.md` §1.5 and §2.2: an exact word wins
over a prefix; a prefix must be unique; ambiguity is decided at the first ambiguous word; the caret stands
under the first character that can be no part of anything legal there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iosemu.values import NamedTuple

from . import types
from .graph import HIDDEN, LOOP, YIELDS, Arc, Graph, Node
from .types import AMBIGUOUS, EXACT, FREE, REST, Context

if TYPE_CHECKING:
    from collections.abc import Iterator

Caught = tuple[str, Any, "Caught | None"]
"""What a thread has captured so far, newest first: (name, value, the rest)."""


class Thread(NamedTuple):
    """One way to read the line so far: where it has come to, and what it captured."""

    node: Node
    caught: Caught | None


class Taken(NamedTuple):
    """A word (or an argument of several) was read: the column behind it and the threads that read it."""

    end: int
    threads: list[Thread]


class Failure(NamedTuple):
    """A line that is no command: `invalid` at a column, `incomplete`, or `ambiguous`."""

    kind: str
    column: int


class Match(NamedTuple):
    """A line understood: the command's number in its mode, and what was captured."""

    command: int
    values: dict[str, Any]


class Listing(NamedTuple):
    """What `?` offers: (item, help) in IOS's order, and the numbers of the commands that may end here."""

    items: list[tuple[str, str]]
    complete: list[int]


def _visible(thread: Thread, arc: Arc, context: Context) -> bool:
    if arc.level > context.level:
        return False
    if arc.flags & LOOP:
        caught = thread.caught
        while caught is not None:
            if caught[0] == arc.capture:
                return False
            caught = caught[2]
    return True


def _follow(graph: Graph, thread: Thread, arc: Arc, value: Any) -> Thread:
    caught = thread.caught if arc.capture is None else (arc.capture, value, thread.caught)
    return Thread(graph[arc.target], caught)


def step(graph: Graph, frontier: list[Thread], line: str, column: int, context: Context) -> Taken | Failure:
    """Read what stands at a column: the strongest claim wins, and it must be the only one of its kind."""
    end = types.word_end(line, column)
    word = line[column:end].lower()
    exact = [
        _follow(graph, thread, arc, value=True)
        for thread in frontier
        for arc in thread.node.words.get(word, ())
        if _visible(thread, arc, context)
    ]
    if exact:
        return Taken(end, exact)
    claims: dict[int, list[tuple[int, Thread]]] = {}
    furthest, short = column, 0
    for thread in frontier:
        for arc in thread.node.arguments:
            if not _visible(thread, arc, context):
                continue
            kind = types.of(arc.type or "")
            read = kind.read(line, column, context)
            if isinstance(read, tuple):
                claims.setdefault(kind.rank, []).append((read[0], _follow(graph, thread, arc, read[1])))
            elif read < 0:
                short = min(short, read)
            else:
                furthest = max(furthest, read)
    if EXACT in claims:
        return _longest(claims[EXACT])
    if arcs := _arcs(frontier, word, context):
        if len({arc.word for _, arc in arcs}) > 1:
            return Failure("ambiguous", column)
        return Taken(end, [_follow(graph, thread, arc, value=True) for thread, arc in arcs])
    for rank in (FREE, REST):
        if rank in claims:
            return _longest(claims[rank])
    if short:
        return Failure("ambiguous", column) if short == AMBIGUOUS else Failure("incomplete", len(line))
    for thread in frontier:
        for name, candidates in thread.node.words.items():
            if name[0] == word[0] and any(_visible(thread, arc, context) for arc in candidates):
                furthest = max(furthest, column + types.common(name, word))
    return Failure("invalid", furthest)


def _longest(claims: list[tuple[int, Thread]]) -> Taken:
    end = max(claim[0] for claim in claims)
    return Taken(end, [thread for reached, thread in claims if reached == end])


def _arcs(frontier: list[Thread], prefix: str, context: Context) -> list[tuple[Thread, Arc]]:
    """Find the keywords that begin so; words that `?` shows win over hidden ones and those that yield."""
    found = [
        (thread, arc)
        for thread in frontier
        for word, arcs in thread.node.words.items()
        if word.startswith(prefix)
        for arc in arcs
        if _visible(thread, arc, context)
    ]
    shown = {arc.word for _, arc in found if not arc.flags & (HIDDEN | YIELDS)}
    return [each for each in found if each[1].word in shown] if shown else found


def _skip(line: str, column: int) -> int:
    while column < len(line) and line[column].isspace():
        column += 1
    return column


def parse(graph: Graph, line: str, context: Context) -> Match | Failure:
    """Understand a whole line."""
    frontier = [Thread(graph[0], None)]
    column = _skip(line, 0)
    while column < len(line):
        taken = step(graph, frontier, line, column, context)
        if isinstance(taken, Failure):
            return taken
        frontier, column = taken.threads, _skip(line, taken.end)
    for thread in frontier:
        for number in thread.node.accept:
            if graph.levels[number] <= context.level:
                return Match(number, _values(thread.caught))
    return Failure("incomplete", len(line))


def _values(caught: Caught | None) -> dict[str, Any]:
    items: list[tuple[str, Any]] = []
    while caught is not None:
        items.append((caught[0], caught[1]))
        caught = caught[2]
    return dict(reversed(items))


class _Cursor(NamedTuple):
    """Where help is asked: the threads before the last word, its column, those that may end here."""

    frontier: list[Thread]
    column: int
    ended: list[Thread]


def _cursor(graph: Graph, text: str, context: Context) -> _Cursor | Failure:
    """Walk up to the word (or the value of several words) that a text ends in, empty behind a blank."""
    frontier = [Thread(graph[0], None)]
    column = _skip(text, 0)
    while types.word_end(text, column) < len(text):
        taken = step(graph, frontier, text, column, context)
        if isinstance(taken, Failure):
            if taken.kind == "incomplete":
                return _Cursor(frontier, column, [])
            return taken
        if taken.end == len(text):
            # A LINE goes on behind its blanks and may end there; `e 0` may still grow.
            return _Cursor(frontier, column, taken.threads if text[-1].isspace() else [])
        frontier, column = taken.threads, _skip(text, taken.end)
    return _Cursor(frontier, column, frontier if column == len(text) else [])


def suggest(graph: Graph, text: str, context: Context) -> Listing | Failure:
    """List what may come next: behind a blank every item, else the items that the last word begins."""
    cursor = _cursor(graph, text, context)
    if isinstance(cursor, Failure):
        return cursor
    typed = text[cursor.column :]
    items: dict[str, str] = {}
    for thread in cursor.frontier:
        for arc in _shown(thread, typed, context):
            items.setdefault(arc.word or "", arc.help)
        for arc in thread.node.arguments:
            if arc.flags & HIDDEN or not _visible(thread, arc, context):
                continue
            kind = types.of(arc.type or "")
            offers = list(kind.offers(typed, context)) if kind.offers else []
            if not offers and kind.label and (not typed or _begins(kind.read(text, cursor.column, context))):
                offers = [(kind.label, arc.help)]
            for label, help_ in offers:
                items.setdefault(label, help_ or arc.help)
    ends = [number for thread in cursor.ended for number in thread.node.accept]
    return Listing(
        sorted(items.items()), [number for number in ends if graph.levels[number] <= context.level]
    )


def _shown(thread: Thread, typed: str, context: Context) -> Iterator[Arc]:
    """Yield the keywords that `?` and Tab know of and that begin with what is typed."""
    for word, arcs in thread.node.words.items():
        if word.startswith(typed.lower()):
            for arc in arcs:
                if not arc.flags & HIDDEN and _visible(thread, arc, context):
                    yield arc


def _begins(read: types.Read) -> bool:
    return isinstance(read, tuple) or read < 0


def complete(graph: Graph, text: str, context: Context) -> str | None:
    """Complete the last word when only one word can be meant; None otherwise."""
    cursor = _cursor(graph, text, context)
    if isinstance(cursor, Failure):
        return None
    typed = text[cursor.column :]
    if not typed:
        return None
    arcs = [arc for thread in cursor.frontier for arc in _shown(thread, typed, context)]
    words = {arc.word or "" for arc in arcs if not arc.flags & YIELDS} or {arc.word or "" for arc in arcs}
    if not words:  # as in `step`, where a keyword's beginning wins over what only begins a value
        words.update(_offered(cursor.frontier, typed, context))
    found = [word for word in words if word.lower() == typed.lower()] or list(words)
    return text[: cursor.column] + found[0] + " " if len(found) == 1 else None


def _offered(frontier: list[Thread], typed: str, context: Context) -> Iterator[str]:
    """Yield the values that begin with what is typed, of types that know them all."""
    for thread in frontier:
        for arc in thread.node.arguments:
            kind = types.of(arc.type or "")
            if kind.offers and not arc.flags & HIDDEN and _visible(thread, arc, context):
                offered = [label for label, _ in kind.offers(typed, context) if not label.startswith("<")]
                # Interface kinds complete in lower case (ios-shell.md §3); names as they are.
                yield from offered if kind.label else map(str.lower, offered)
