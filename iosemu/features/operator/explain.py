"""`explain`: what a line means, without saying it to a router.

The line is understood in EXEC and in every configuration mode; each command that it can be is shown with the
help of its words, as `?` gives it, and with how far iosemu supports it. What stands behind `why` is in `why.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import filters
from iosemu.cli.command import Reply, command, support
from iosemu.cli.session import Session
from iosemu.lab import LabError
from iosemu.parser import match
from iosemu.parser.match import Failure, Match
from iosemu.values import NamedTuple

from .why import reasons
from .world import find_node, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.parser.grammar import Command, Grammar, Mode
    from iosemu.parser.types import Context

MEANINGS = {
    "acts": "acts: it does what it says",
    "shows": "shows: it is a screen",
    "kept": "kept: taken, shown and saved, without effect yet",
    "missing": "missing: declared, and refused as nothing does it yet",
}
APART = ("modifier", "lab", "any")
"""Modes in which nobody types lines to a router."""
FIRST = ("exec", "global", "interface", "line", "router-mobile", "router-rip")
"""Modes that are asked before the others: a line begun there is more likely meant than a whole one elsewhere."""

NAMED = 3
"""How many modes that merely keep a line are named."""


@command("lab", "explain")
def explain(
    session: Session, *, node: str, line: str = "", why: bool = False, address: IPv4 | None = None
) -> Reply:
    """Say which commands a line is on a node's console, or why things are as they are."""
    try:
        target = find_node(session.node, node)
    except LabError as fault:
        yield refusal(fault)
        return
    if why:
        yield from reasons(target, address)
        return
    if target.kind != "router":
        yield f"% {node} is a {target.kind} without a console"
        return
    grammar = session.grammar
    context = Session(grammar, target).context(level=15)
    yield from _explained(grammar, line.strip(), context)


def _explained(grammar: Grammar, line: str, context: Context) -> Iterator[str]:
    found, furthest = _understood(grammar, line, context)
    begun = furthest[1].kind == "incomplete" and furthest[0].name in FIRST
    if not found or (begun and all(each.support == "kept" and each.mode.name not in FIRST for each in found)):
        yield from _misunderstood(line, *furthest)
        yield from _kept("Kept without effect in", found)
        return
    told = [each for each in found if each.support != "kept"] or found[:1]
    for each in told:
        yield from _meant(each, context)
    yield from _kept("Kept without effect also in", [each for each in found if each not in told])


def _kept(lead: str, found: list[_Meaning]) -> Iterator[str]:
    """Name the modes that merely keep a line; of many, for a line like `description`, the first."""
    if found:
        others = f" and {len(found) - NAMED} others" if len(found) > NAMED + 1 else ""
        named = found[:NAMED] if others else found
        yield f"{lead} {', '.join(_place(each.mode) for each in named)}{others}"


class _Meaning(NamedTuple):
    """A command that a line is in a mode."""

    mode: Mode
    command: Command
    line: str
    support: str


def _understood(grammar: Grammar, line: str, context: Context) -> tuple[list[_Meaning], tuple[Mode, Failure]]:
    """Find every command that a line is, once each; and the mode that read furthest of it without success."""
    found: dict[tuple[str, str], _Meaning] = {}
    furthest = grammar["exec"], Failure("invalid", -1)
    modes = grammar.modes()
    for name in (*FIRST, *(name for name in modes if name not in FIRST)):
        mode = grammar[name]
        if name in APART or mode.like:
            continue
        text = line if mode.configures else filters.split(line)[0]
        read = match.parse(mode.graph, text, context)
        if isinstance(read, Match):
            meant = mode.commands[read.command]
            level = support(meant, configures=mode.configures)
            found.setdefault((meant.mode, meant.name), _Meaning(mode, meant, text, level))
        elif read.column > furthest[1].column:
            furthest = mode, read
    return list(found.values()), furthest


def _meant(meaning: _Meaning, context: Context) -> Iterator[str]:
    mode, meant = meaning.mode, meaning.command
    yield f"In {'every configuration mode' if meant.mode == 'any' else _place(mode)}: {meant.syntax[0]}"
    words = list(_words(mode, meaning.line, context))
    width = max(len(word) for word, _ in words)
    for word, help_ in words:
        yield f"  {word:{width}}  {help_}".rstrip()
    yield f"  {MEANINGS[meaning.support]}"


def _words(mode: Mode, line: str, context: Context) -> Iterator[tuple[str, str]]:
    """Yield a line's words, keywords in full, each with the help that `?` gives in its place."""
    column = 0
    for word in line.split():
        start = line.index(word, column)
        column = start + len(word)
        label, help_ = _offered(mode, line[:start], word, context)
        if label == "LINE":
            yield line[start:], help_
            return
        keyword = label.lower().startswith(word.lower()) and not label.isupper()
        yield (label if keyword else word), help_


def _offered(mode: Mode, before: str, word: str, context: Context) -> tuple[str, str]:
    """Find what `?` offers behind a text that a word can be: a keyword, or else an argument."""
    offered = match.suggest(mode.graph, before, context)
    within = match.suggest(mode.graph, before + word, context)
    items = [] if isinstance(offered, Failure) else offered.items
    labels = [] if isinstance(within, Failure) else [label for label, _ in within.items]
    exact = [item for item in items if item[0].lower() == word.lower()]
    begun = [item for item in items if item[0].lower().startswith(word.lower()) and not item[0].isupper()]
    # Of arguments the one that `?` still shows when the word is typed.
    arguments = [item for item in items if not item[0].islower()]
    likely = [item for item in arguments if item[0] in labels]
    return next(iter((*exact, *begun, *likely, *arguments)), ("", ""))


def _misunderstood(line: str, mode: Mode, failure: Failure) -> Iterator[str]:
    understood = line[: failure.column]
    if not line[failure.column - 1 : failure.column].isspace():
        understood = understood.rpartition(" ")[0]  # a word was given up in its middle
    if failure.kind == "incomplete":
        yield f"% In {_place(mode)} this is the beginning of a line; ask {line} ?"
    elif failure.kind == "ambiguous":
        yield f"% In {_place(mode)} a word of this may mean several things"
    elif understood:
        yield f"% No mode understands this line; {_place(mode)} reads as far as: {understood.rstrip()}"
    else:
        yield "% No mode understands this line, nor its first word"


def _place(mode: Mode) -> str:
    """Name a mode as its prompt does."""
    return f"{mode.name} ({mode.prompt})" if not mode.configures else f"{mode.name} {mode.prompt}"
