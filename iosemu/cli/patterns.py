r"""IOS's dialect of regular expressions (ios-shell.md §5), matched in bounded time.

Case counts; `. * + ? ^ $ [] () |` mean what they do elsewhere; `_` stands for a blank, a comma, a brace, a
parenthesis, an end of the row or itself; `\1` recalls what the first parentheses matched; there is no `{n}`, no
`\d` and no `(?...)`. The rule kept here: no pattern that can be typed keeps the router busy. What Python's `re`
might try for ever goes through an automaton instead, which takes one look at each character.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    class Pattern(Protocol):
        """A pattern that rows are searched for."""

        def search(self, row: str, /) -> object:
            """Give something true when the pattern is found anywhere in a row."""


QUANTIFIERS = 4
"""How many quantifiers `re` is trusted with: with n of them it may try a row's length to the power of n."""
_BETWEEN = "[ ,{}()_]"
"""What `_` stands for, the row's ends apart; that it finds itself, too (`| include CONFIG_I`), rests on memory [U]."""
_SIGNS = ("*", "+", "?")


class Term(NamedTuple):
    """A part of a pattern: `one` character, `start`, `end`, `recall`, `group`, `all`, `any`, or `*`, `+`, `?`."""

    kind: str
    text: str = ""
    """For `one` and `recall` how `re` writes it."""
    parts: tuple[Term, ...] = ()


def compile_pattern(pattern: str) -> Pattern:
    """Read a pattern; ValueError for one that is none, or that could not be matched in bounded time."""
    try:
        reader = _Reader(pattern)
        term = reader.whole()
        if reader.quantifiers <= QUANTIFIERS and not reader.nested:
            return re.compile(_written(term))
        if reader.recalls:
            raise ValueError("too many ways to match what is recalled")
        return Automaton(term)
    except (re.error, RecursionError, OverflowError) as fault:
        raise ValueError(str(fault)) from None


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self.quantifiers = 0
        self.nested = False
        """Whether something that has a choice is repeated."""
        self.recalls = False

    def whole(self) -> Term:
        """Read all of it."""
        term = self._choice()
        if self._at < len(self._pattern):
            raise ValueError("a parenthesis too many")
        return term

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._next()
        if not char:
            raise ValueError("the pattern ends early")
        self._at += 1
        return char

    def _choice(self) -> Term:
        branches = [self._branch()]
        while self._next() == "|":
            self._take()
            branches.append(self._branch())
        return branches[0] if len(branches) == 1 else Term("any", parts=tuple(branches))

    def _branch(self) -> Term:
        pieces = []
        while self._next() not in ("", "|", ")"):
            pieces.append(self._piece())
        return Term("all", parts=tuple(pieces))

    def _piece(self) -> Term:
        before = self.quantifiers
        char = self._take()
        if char in _SIGNS:
            raise ValueError(f"{char} follows nothing")
        term = self._group() if char == "(" else self._atom(char)
        if self._next() not in _SIGNS:
            return term
        sign = self._take()
        if self._next() in _SIGNS:
            raise ValueError(f"{self._next()} follows {sign}")
        self.nested |= self.quantifiers > before or _chooses(term)
        self.quantifiers += 1
        return Term(sign, parts=(term,))

    def _group(self) -> Term:
        if self._next() == "?":
            raise ValueError("? follows nothing")
        inside = self._choice()
        if self._next() != ")":
            raise ValueError("a parenthesis is not closed")
        self._take()
        return Term("group", parts=(inside,))

    def _atom(self, char: str) -> Term:
        match char:
            case "^":
                return Term("start")
            case "$":
                return Term("end")
            case ".":
                return Term("one", ".")
            case "_":
                return Term("any", parts=(Term("one", _BETWEEN), Term("start"), Term("end")))
            case "[":
                return Term("one", self._set())
            case "\\":
                return self._escaped()
            case _:
                return Term("one", re.escape(char))

    def _escaped(self) -> Term:
        char = self._take()
        if char in "123456789":
            self.recalls = True
            return Term("recall", f"\\{char}")
        return Term("one", re.escape(char))

    def _set(self) -> str:
        """Read what stands in brackets; a `]` at its beginning is one of the characters."""
        lead = "[^" if self._next() == "^" else "["
        self._at += len(lead) - 1
        chars = ""
        while not chars or self._next() != "]":
            char = self._take()
            if char == "\\":
                char = self._take()
                chars += re.escape(char)
            elif char == "-" and chars and self._next() not in ("]", "-"):
                chars += "-"
            else:
                chars += f"\\{char}" if char in "[]^-&~|\\" else char
        self._take()
        return f"{lead}{chars}]"


def _chooses(term: Term) -> bool:
    """Whether one row can be matched in more than one way."""
    return term.kind == "any" or any(_chooses(part) for part in term.parts)


def _written(term: Term) -> str:
    """Write a term as `re` has it."""
    match term.kind:
        case "one" | "recall":
            return term.text
        case "start":
            return "^"
        case "end":
            return r"\Z"
        case "group":
            return f"({_written(term.parts[0])})"
        case "all":
            return "".join(map(_written, term.parts))
        case "any":
            return f"(?:{'|'.join(map(_written, term.parts))})"
        case sign:
            return f"(?:{_written(term.parts[0])}){sign}"


class Automaton:
    """A pattern as states that are all followed at once: each character of a row is looked at once."""

    def __init__(self, term: Term) -> None:
        self._tests: list[re.Pattern[str] | str] = []
        """What leads out of each state: a character, `start` or `end` of the row, or nothing (`""`)."""
        self._next: list[list[int]] = []
        self._final = self._state("", [])
        self._first = self._built(term, self._final)

    def _state(self, test: re.Pattern[str] | str, to: list[int]) -> int:
        self._tests.append(test)
        self._next.append(to)
        return len(self._tests) - 1

    def _built(self, term: Term, then: int) -> int:
        """Make the states of a term in front of another; gives the first."""
        parts = term.parts
        match term.kind:
            case "one":
                return self._state(re.compile(term.text), [then])
            case "start" | "end":
                return self._state(term.kind, [then])
            case "group":
                return self._built(parts[0], then)
            case "any":
                return self._state("", [self._built(part, then) for part in parts])
            case "all":
                for part in reversed(parts):
                    then = self._built(part, then)
                return then
            case "?":
                return self._state("", [self._built(parts[0], then), then])
            case _:
                return self._loop(term, then)

    def _loop(self, term: Term, then: int) -> int:
        loop = self._state("", [then])
        once = self._built(term.parts[0], loop)
        self._next[loop].append(once)
        return loop if term.kind == "*" else once

    def search(self, row: str, /) -> bool:
        """Tell whether the pattern is found anywhere in a row."""
        there: set[int] = set()
        for at in range(len(row) + 1):
            here = self._reached({*there, self._first}, first=at == 0, last=at == len(row))
            if self._final in here:
                return True
            if at < len(row):
                there = {to for state in here if self._eats(state, row[at]) for to in self._next[state]}
        return False

    def _eats(self, state: int, char: str) -> bool:
        test = self._tests[state]
        return not isinstance(test, str) and test.match(char) is not None

    def _reached(self, states: Iterable[int], *, first: bool, last: bool) -> set[int]:
        """Add the states that lead on without a character."""
        found, left = set(states), list(states)
        while left:
            state = left.pop()
            test = self._tests[state]
            if test == "" or (test == "start" and first) or (test == "end" and last):
                new = [to for to in self._next[state] if to not in found]
                found.update(new)
                left += new
        return found
