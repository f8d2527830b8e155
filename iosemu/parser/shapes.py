"""Shape: a command's syntax as a tree of five kinds of node, and the way from captured values back to text.

A shape is pure data. `render` is the inverse of parsing: for values that were captured from a canonical
sentence it gives that sentence again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from iosemu.values import NamedTuple

from . import types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PLAIN_MODES = ("exec", "lab", "modifier", "any")
"""Modes whose commands have no `no` of their own: they do things, they do not configure."""


class Keyword(NamedTuple):
    """A word to type as it stands (or a prefix of it); with a capture, typing it captures true."""

    word: str
    help: str
    capture: str | None = None


class Argument(NamedTuple):
    """A value to type; `type` is written as in the grammar (`<0-255>`, `A.B.C.D` …)."""

    capture: str
    type: str
    help: str


class Sequence(NamedTuple):
    """All items, in order."""

    items: tuple[Shape, ...]


class Choice(NamedTuple):
    """One alternative; with `repeat` one or more of them in any order, each at most once."""

    alternatives: tuple[Shape, ...]
    repeat: bool = False


class Optional(NamedTuple):
    """The item or nothing."""

    item: Shape


Shape = Union[Keyword, Argument, Sequence, Choice, Optional]  # noqa: UP007 - the classes refer to one another


def leaves(shape: Shape) -> Iterator[Keyword | Argument]:
    """Yield the words of a shape, left to right."""
    match shape:
        case Keyword() | Argument():
            yield shape
        case Sequence(items):
            for item in items:
                yield from leaves(item)
        case Choice(alternatives):
            for alternative in alternatives:
                yield from leaves(alternative)
        case Optional(item):
            yield from leaves(item)


def captures(shape: Shape) -> list[str]:
    """List the names a shape captures, each once, in order."""
    return list(dict.fromkeys(leaf.capture for leaf in leaves(shape) if leaf.capture))


def required(shape: Shape) -> set[str]:
    """Find the names that every sentence of a shape captures."""
    match shape:
        case Keyword(_, _, capture) | Argument(capture):
            return {capture} if capture else set()
        case Sequence(items):
            return set().union(*map(required, items))
        case Choice(alternatives):
            return set.intersection(*map(required, alternatives))
        case Optional():
            return set()


def first_keywords(shape: Sequence) -> tuple[str, ...]:
    """Give the keywords that every sentence holds: what names a command."""
    return tuple(item.word for item in shape.items if isinstance(item, Keyword))


def negations(
    forms: Iterable[tuple[Sequence, bool]], no_forms: Iterable[tuple[Sequence, bool]], by: tuple[str, ...]
) -> list[tuple[Sequence, bool]]:
    """Give the shapes that may follow `no`, each with whether it is silent.

    A `no` form that the file gives stands for the free one of the forms with its required keywords.
    """
    given = list(no_forms)
    words = {first_keywords(shape) for shape, _ in given}
    free = [(negated(shape, by), silent) for shape, silent in forms if first_keywords(shape) not in words]
    return given + free


def negated(shape: Sequence, by: tuple[str, ...]) -> Sequence:
    """Give what may follow `no`: everything behind the arguments named by `by` left out at will.

    Without `by`, everything behind the first keywords (an optional group number among them stays there).
    """
    items = shape.items
    keep, leading = 0, True
    for index, item in enumerate(items):
        leading = leading and isinstance(item, Keyword | Optional)
        if (leading and isinstance(item, Keyword)) or any(leaf.capture in by for leaf in leaves(item)):
            keep = index + 1
    return Sequence((*items[:keep], *_loose_tail(items[keep:])))


def undone(shape: Sequence) -> Sequence:
    """Give what may follow `no` of what does something (`debug`): behind its arguments all is optional."""
    return negated(shape, tuple(item.capture for item in shape.items if isinstance(item, Argument)))


def _loose_tail(items: tuple[Shape, ...]) -> tuple[Shape, ...]:
    if not items:
        return ()
    head, rest = _loose(items[0]), _loose_tail(items[1:])
    return (head, *rest) if isinstance(head, Optional) else (Optional(Sequence((head, *rest))),)


def _loose(shape: Shape) -> Shape:
    match shape:
        case Sequence(items):
            return Sequence((_loose(items[0]), *_loose_tail(items[1:])))
        case Choice(alternatives, repeat):
            return Choice(tuple(_loose(alternative) for alternative in alternatives), repeat)
        case Optional(item):
            return Optional(_loose(item))
        case _:
            return shape


def render(shape: Shape, values: Mapping[str, Any]) -> tuple[list[str], frozenset[str]] | None:
    """Say values in words: the words and the captures they spent; None when the shape can't say them."""
    match shape:
        case Keyword(word, _, capture):
            if capture is None:
                return [word], frozenset()
            value = values.get(capture)
            return None if value is None or value is False else ([word], frozenset((capture,)))
        case Argument(capture, name):
            value = values.get(capture)
            if value is None or isinstance(value, bool):
                return None
            return [types.of(name).write(value)], frozenset((capture,))
        case Sequence(items):
            words: list[str] = []
            spent: frozenset[str] = frozenset()
            for item in items:
                said = render(item, values)
                if said is None:
                    return None
                words += said[0]
                spent |= said[1]
            return words, spent
        case Optional(item):
            return render(item, values) or ([], frozenset())
        case Choice(alternatives, repeat):
            said_all = [said for each in alternatives if (said := render(each, values)) is not None]
            if not said_all:
                return None
            if not repeat:
                return max(said_all, key=lambda said: len(said[1]))
            said_words = [word for said in said_all for word in said[0]]
            return said_words, frozenset().union(*(said[1] for said in said_all))


def pack(shape: Shape) -> list[Any]:
    """Turn a shape into plain lists for a file, without its help, which the graphs keep."""
    match shape:
        case Sequence(items):
            return ["s", *map(pack, items)]
        case Choice(alternatives, repeat):
            return ["r" if repeat else "c", *map(pack, alternatives)]
        case Optional(item):
            return ["o", pack(item)]
        case Keyword(word, _, capture):
            return ["k", word, capture]
        case Argument(capture, type_):
            return ["a", capture, type_]


def unpack(data: list[Any]) -> Shape:
    """Read what `pack` wrote."""
    kind, *rest = data
    match kind:
        case "s":
            return Sequence(tuple(map(unpack, rest)))
        case "o":
            return Optional(unpack(rest[0]))
        case "k":
            return Keyword(rest[0], "", rest[1])
        case "a":
            return Argument(rest[0], rest[1], "")
        case _:
            return Choice(tuple(map(unpack, rest)), kind == "r")
