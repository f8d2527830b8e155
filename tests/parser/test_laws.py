"""Laws that hold for every command of the real grammar, whatever sentence is drawn from it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from iosemu import resources
from iosemu.parser import match, types
from iosemu.parser.grammar import load
from iosemu.parser.graph import HIDDEN
from iosemu.parser.match import Failure, Match, Taken
from iosemu.parser.shapes import Choice, Optional, Sequence, Shape, captures
from tests.parser.sentences import Words, sentences
from tests.parser.small import CONTEXT

if TYPE_CHECKING:
    from iosemu.parser.grammar import Command, Grammar, Mode

LAW = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@cache
def real() -> Grammar:
    """Load the grammar of this checkout, once."""
    return load(resources.folder("grammar"), resources.cache_folder())


@cache
def declared() -> list[tuple[str, Command]]:
    """List every command with a mode that has it; those of `any` in global configuration."""
    found = {}
    for name in real().modes():
        for command in real()[name].commands:
            if command.mode == name or (command.mode, name) == ("any", "global"):
                found[command.mode, command.name] = (name, command)
    return list(found.values())


def spoken(words: Words) -> str:
    """Write words as a line."""
    return " ".join(word.text for word in words)


@st.composite
def anything_said(draw: st.DrawFn) -> tuple[Mode, Command, Words]:
    """Draw a command of any mode and a canonical sentence of it."""
    mode, command = draw(st.sampled_from(declared()))
    shapes = [shape for shape, silent in command.forms if not silent]
    assume(shapes)
    return real()[mode], command, draw(st.one_of(*map(sentences, shapes)))


def understood(mode: Mode, line: str) -> tuple[Command | None, Any]:
    """Parse a line: the command and its captures; or None and what is wrong."""
    found = match.parse(mode.graph, line, CONTEXT)
    return (None, found) if isinstance(found, Failure) else (mode.commands[found.command], found.values)


@pytest.mark.parametrize(
    ("mode", "command"),
    [
        pytest.param(mode, command, id=f"{command.source} {mode}: {command.name}")
        for mode, command in declared()
    ],
)
def test_a_sentence_is_written_as_it_was_said(mode: str, command: Command) -> None:
    """A canonical sentence of a command is understood as that command, and its values are written as it.

    Where the grammar has two ways to say it (`clock set TIME {day month | month day}`), it may be the other.
    """
    shapes = [shape for shape, silent in command.forms if not silent]
    if not shapes:
        assert command.no_forms or all(silent for _, silent in command.forms)
        return

    @settings(LAW, max_examples=12, database=None)
    @given(st.one_of(*map(sentences, shapes)))
    def law(words: Words) -> None:
        line = spoken(words)
        found, values = understood(real()[mode], line)
        assert found is command, (line, found and found.source, values)
        again = command.render(values)
        same = len({frozenset(captures(shape)) for shape in shapes}) < len(shapes)
        assert again == line or same or any(map(two_ways, shapes))
        assert understood(real()[mode], again) == (command, values)

    law()


def two_ways(shape: Shape) -> bool:
    """Tell whether alternatives share a capture (`{day month | month day}`): one is how it is written."""
    match shape:
        case Sequence(items):
            return any(map(two_ways, items))
        case Optional(item):
            return two_ways(item)
        case Choice(alternatives):
            names = [name for each in alternatives for name in captures(each)]
            return len(names) > len(set(names)) or any(map(two_ways, alternatives))
        case _:
            return False


@settings(LAW, max_examples=400)
@given(anything_said(), st.data())
def test_abbreviations_mean_the_same(drawn: tuple[Mode, Command, Words], data: st.DataObject) -> None:
    """Keywords cut down to prefixes that no other word there has, in any case, mean what the words mean."""
    mode, command, words = drawn
    short: list[str] = []
    frontier = [match.Thread(mode.graph[0], None)]
    for word in words:
        cut = word.text
        if word.keyword:
            cut = data.draw(st.sampled_from([word.text, *prefixes(frontier, word.text)]))
            cut = data.draw(st.sampled_from([cut, cut.upper()]))
        short.append(cut)
        taken = match.step(mode.graph, frontier, word.text, 0, CONTEXT)
        assert isinstance(taken, Taken)
        frontier = taken.threads
    assert understood(mode, spoken(words)) == understood(mode, " ".join(short))
    assert understood(mode, " ".join(short))[0] is command


def prefixes(frontier: list[match.Thread], word: str) -> list[str]:
    """List the prefixes of a keyword that begin no other keyword there and are no value there."""
    others = {other for thread in frontier for other in thread.node.words} - {word.lower()}
    kinds = [types.of(arc.type or "") for thread in frontier for arc in thread.node.arguments]
    return [
        prefix
        for prefix in (word[:size] for size in range(1, len(word)))
        if not any(other.startswith(prefix.lower()) for other in others)
        and not any(
            kind.rank == types.EXACT and isinstance(kind.read(prefix, 0, CONTEXT), tuple) for kind in kinds
        )
    ]


@settings(LAW, max_examples=300)
@given(anything_said(), st.data())
def test_help_and_completion_know_every_beginning(
    drawn: tuple[Mode, Command, Words], data: st.DataObject
) -> None:
    """`?` offers the word that a sentence goes on with; completed by Tab, the sentence means the same."""
    mode, command, words = drawn
    line = spoken(words)
    index = data.draw(st.integers(0, len(words) - 1))
    before = spoken(words[:index]) + " " * bool(index)
    rest = spoken(words[index + 1 :])
    typed = before + words[index].text[: data.draw(st.integers(0, len(words[index].text)))]
    listing = match.suggest(mode.graph, typed, CONTEXT)
    assert not isinstance(listing, Failure)
    items = [item for item, _ in listing.items]
    if words[index].keyword:
        assert words[index].text in items
    elif typed == before:
        assert items
    completed = match.complete(mode.graph, typed, CONTEXT)
    if completed is not None and completed.strip().lower() == (before + words[index].text).lower():
        assert understood(mode, completed + rest) == understood(mode, line)
        assert understood(mode, line)[0] is command


@settings(LAW, max_examples=300)
@given(anything_said())
def test_a_unique_beginning_is_completed(drawn: tuple[Mode, Command, Words]) -> None:
    """Tab completes a keyword as soon as `?` would show it alone."""
    mode, _, words = drawn
    for index, word in enumerate(words):
        before = spoken(words[:index]) + " " * bool(index)
        for size in range(1, len(word.text) * word.keyword):
            listing = match.suggest(mode.graph, before + word.text[:size], CONTEXT)
            assert not isinstance(listing, Failure)
            if [item for item, _ in listing.items] == [word.text]:
                assert (
                    match.complete(mode.graph, before + word.text[:size], CONTEXT) == before + word.text + " "
                )


@settings(LAW, max_examples=300)
@given(anything_said())
def test_help_ends_where_a_sentence_ends(drawn: tuple[Mode, Command, Words]) -> None:
    """Behind a whole sentence `?` shows <cr> for its command."""
    mode, command, words = drawn
    listing = match.suggest(mode.graph, spoken(words) + " ", CONTEXT)
    assert not isinstance(listing, Failure)
    assert command in [mode.commands[number] for number in listing.complete]


@settings(LAW, max_examples=300)
@given(anything_said(), st.text(max_size=8), st.integers(0, 40))
def test_help_and_completion_never_fail(drawn: tuple[Mode, Command, Words], junk: str, size: int) -> None:
    """`?` and Tab answer for any beginning of a sentence, with anything behind it."""
    mode, _, words = drawn
    text = spoken(words)[:size] + junk
    match.suggest(mode.graph, text, CONTEXT)
    completed = match.complete(mode.graph, text, CONTEXT)
    assert completed is None or completed.endswith(" ")


@pytest.mark.parametrize(
    ("mode", "command"),
    [
        pytest.param(mode, command, id=f"{command.source} {mode}: {command.name}")
        for mode, command in declared()
        if command.negations and not all(silent for _, silent in command.forms)
    ],
)
def test_every_line_of_a_configuration_can_be_negated(mode: str, command: Command) -> None:
    """`no` before a sentence is understood as its command; so is the `no` line of what is on by default."""

    @settings(LAW, max_examples=6, database=None)
    @given(st.one_of(*(sentences(shape) for shape, silent in command.forms if not silent)))
    def law(words: Words) -> None:
        line = spoken(words)
        _, values = understood(real()[mode], line)
        assert understood(real()[mode], f"no {line}") == (command, {"no": True, **values})
        if command.default_on:
            named = {"no": True} | {name: values[name] for name in command.by if name in values}
            assert understood(real()[mode], command.render(named)) == (command, named)

    law()


@settings(LAW, max_examples=400)
@given(st.sampled_from(["exec", "global", "interface", "line", "lab"]), st.text(max_size=40))
def test_any_text_is_answered(name: str, text: str) -> None:
    """Any text is understood or refused with a caret within it, or behind it when it ends too early."""
    found = match.parse(real()[name].graph, text, CONTEXT)
    if isinstance(found, Failure):
        assert found.kind in {"invalid", "incomplete", "ambiguous"}
        assert 0 <= found.column <= len(text)
        assert found.column < len(text) or found.kind == "incomplete"


@settings(LAW, max_examples=300)
@given(anything_said(), st.text(max_size=6), st.integers(0, 60))
def test_junk_is_marked_within_the_line(drawn: tuple[Mode, Command, Words], junk: str, at: int) -> None:
    """A sentence with anything put into it is understood, or its caret stands within the line."""
    mode, _, words = drawn
    line = spoken(words)
    line = line[:at] + junk + line[at:]
    found = match.parse(mode.graph, line, CONTEXT)
    if isinstance(found, Match):
        assert set(found.values) <= {*mode.commands[found.command].captures(), "no", "@default"}
    else:
        assert 0 <= found.column <= len(line)


@settings(LAW, max_examples=200)
@given(anything_said(), st.data())
def test_what_is_read_in_parts_is_read_whole(drawn: tuple[Mode, Command, Words], data: st.DataObject) -> None:
    """Blanks, however many, part words and change nothing else."""
    mode, _, words = drawn
    gaps = data.draw(st.lists(st.sampled_from([" ", "  ", "\t"]), min_size=len(words), max_size=len(words)))
    line = "".join(gap + word.text for gap, word in zip(gaps, words, strict=True))
    assert understood(mode, line) == understood(mode, spoken(words))


def test_hidden_words_are_never_shown() -> None:
    """No `?` shows a word that only silent forms and hidden commands have."""
    for name in real().modes():
        graph = real()[name].graph
        shown = {item for item, _ in getattr(match.suggest(graph, "", CONTEXT), "items", [])}
        for arcs in graph[0].words.values():
            if all(arc.flags & HIDDEN for arc in arcs):
                assert arcs[0].word not in shown
