"""Matching a typed line: one function, `step`, and three walks over it: `parse`, `suggest` (`?`) and `complete`.

The rules are IOS's, with the captures that verify them in `ios-shell.md` §1.5 and §2.2: an exact word wins over a
prefix; a prefix must be unique; ambiguity is decided at the first ambiguous word; the caret stands under the first
character that can be no part of anything legal there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from . import types
from .graph import HIDDEN, LOOP, Arc, Graph, Node
from .types import EXACT, FREE, INCOMPLETE, REST, Context

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
    """What `?` offers: (item, help) in IOS's order; `complete` when a command may end here."""

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


def step(
    graph: Graph, frontier: list[Thread], line: str, column: int, context: Context
) -> Taken | Failure:
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
    furthest, incomplete = column, False
    for thread in frontier:
        for arc in thread.node.arguments:
            if not _visible(thread, arc, context):
                continue
            kind = types.of(arc.type or "")
            read = kind.read(line, column, context)
            if isinstance(read, tuple):
                claims.setdefault(kind.rank, []).append((read[0], _follow(graph, thread, arc, read[1])))
            elif read == INCOMPLETE:
                incomplete = True
            else:
                furthest = max(furthest, read)
    if EXACT in claims:
        return _longest(claims[EXACT])
    arcs = _arcs(frontier, word, context)
    if arcs:
        names = {arc.word for _, arc in arcs}
        if len(names) == 1:
            return Taken(end, [_follow(graph, thread, arc, value=True) for thread, arc in arcs])
        return Failure("ambiguous", column)
    for rank in (FREE, REST):
        if rank in claims:
            return _longest(claims[rank])
    if incomplete:
        return Failure("incomplete", len(line))
    for thread in frontier:
        for name, candidates in thread.node.words.items():
            if any(_visible(thread, arc, context) for arc in candidates):
                furthest = max(furthest, column + types.common(name, word))
    return Failure("invalid", furthest)


def _longest(claims: list[tuple[int, Thread]]) -> Taken:
    end = max(claim[0] for claim in claims)
    return Taken(end, [thread for reached, thread in claims if reached == end])


def _arcs(frontier: list[Thread], prefix: str, context: Context) -> list[tuple[Thread, Arc]]:
    """Find the keywords that begin so; those that `?` shows win over hidden ones."""
    found = [
        (thread, arc)
        for thread in frontier
        for word, arcs in thread.node.words.items()
        if word.startswith(prefix)
        for arc in arcs
        if _visible(thread, arc, context)
    ]
    return [each for each in found if not each[1].flags & HIDDEN] or found


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
        if thread.node.accept:
            return Match(thread.node.accept[0], _values(thread.caught))
    return Failure("incomplete", len(line))


def _values(caught: Caught | None) -> dict[str, Any]:
    items: list[tuple[str, Any]] = []
    while caught is not None:
        items.append((caught[0], caught[1]))
        caught = caught[2]
    return dict(reversed(items))


def _last(graph: Graph, text: str, context: Context) -> tuple[list[Thread], int] | Failure:
    """Walk up to the word the cursor is in: the threads before it and its column."""
    frontier = [Thread(graph[0], None)]
    column = _skip(text, 0)
    while types.word_end(text, column) < len(text):
        taken = step(graph, frontier, text, column, context)
        if isinstance(taken, Failure):
            if taken.kind == "incomplete":
                break
            return taken
        frontier, column = taken.threads, _skip(text, taken.end)
        if taken.end == len(text):
            break
    return frontier, column


def suggest(graph: Graph, text: str, context: Context) -> Listing | Failure:
    """List what may come next: behind a blank every item, else the items that the last word begins."""
    walked = _last(graph, text, context)
    if isinstance(walked, Failure):
        return walked
    frontier, column = walked
    typed = text[column:]
    items: dict[str, str] = {}
    for thread in frontier:
        for word, arcs in thread.node.words.items():
            for arc in arcs:
                if word.startswith(typed.lower()) and not arc.flags & HIDDEN and _visible(thread, arc, context):
                    items.setdefault(arc.word or word, arc.help)
        for arc in thread.node.arguments:
            if arc.flags & HIDDEN or not _visible(thread, arc, context):
                continue
            kind = types.of(arc.type or "")
            offers = list(kind.offers(typed, context)) if kind.offers else []
            if kind.label and not (typed and isinstance(read := kind.read(text, column, context), int) and read >= 0):
                offers.append((kind.label, arc.help))
            for label, help_ in offers:
                items.setdefault(label, help_ or arc.help)
    complete = [] if typed else [number for thread in frontier for number in thread.node.accept]
    return Listing(sorted(items.items()), complete)


def complete(graph: Graph, text: str, context: Context) -> str | None:
    """Complete the last word when only one word can be meant; None otherwise."""
    walked = _last(graph, text, context)
    if isinstance(walked, Failure):
        return None
    frontier, column = walked
    typed = text[column:]
    if not typed:
        return None
    words: set[str] = set()
    for thread in frontier:
        for word, arcs in thread.node.words.items():
            if word.startswith(typed.lower()):
                words.update(
                    arc.word or word for arc in arcs if not arc.flags & HIDDEN and _visible(thread, arc, context)
                )
        for arc in thread.node.arguments:
            kind = types.of(arc.type or "")
            if kind.offers and _visible(thread, arc, context):
                # Interface kinds complete in lower case (ios-shell.md §3); names as they are.
                offered = [label for label, _ in kind.offers(typed, context) if not label.startswith("<")]
                words.update(offered if kind.label else [label.lower() for label in offered])
    exact = [word for word in words if word.lower() == typed.lower()]
    if len(exact or words) != 1:
        return None
    return text[:column] + (exact or list(words))[0] + " "
