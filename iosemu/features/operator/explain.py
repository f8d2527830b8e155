"""`explain`: what a line means, without saying it to a router.

The line is understood in EXEC and in every configuration mode; each command that it can be is shown with the
help of its words, as `?` gives it, and with how far iosemu supports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import filters
from iosemu.cli.command import Reply, command, support
from iosemu.cli.session import Session
from iosemu.lab import LabError
from iosemu.parser import match
from iosemu.parser.match import Failure, Match

from .world import find_node, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@command("lab", "explain")
def explain(session: Session, *, node: str, line: str) -> Reply:
    """Say which commands a line is on a node's console."""
    try:
        target = find_node(session.node, node)
    except LabError as fault:
        yield refusal(fault)
        return
    if target.kind != "router":
        yield f"% {node} is a {target.kind} without a console"
        return
    grammar = session.grammar
    context = Session(grammar, target).context(level=15)
    yield from _explained(grammar, line.strip(), context)


def _explained(grammar: Grammar, line: str, context: Context) -> Iterator[str]:
    known: set[tuple[str, str]] = set()
    best, where = Failure("invalid", -1), ""
    for name in grammar.modes():
        mode = grammar[name]
        if name in APART or mode.like:
            continue
        text = line if mode.configures else filters.split(line)[0]
        found = match.parse(mode.graph, text, context)
        if isinstance(found, Match):
            meant = mode.commands[found.command]
            if (meant.mode, meant.name) not in known:
                yield from _meant(mode, meant, text, context)
            known.add((meant.mode, meant.name))
        elif found.column > best.column:
            best, where = found, name
    if not known:
        yield from _misunderstood(grammar, best, where, line)


def _meant(mode: Mode, meant: Command, line: str, context: Context) -> Iterator[str]:
    place = "every configuration mode" if meant.mode == "any" else _place(mode)
    yield f"In {place}: {meant.syntax[0]}"
    words = list(_words(mode, line, context))
    width = max((len(word) for word, _ in words), default=0)
    for word, help_ in words:
        yield f"  {word:{width}}  {help_}".rstrip()
    yield f"  {MEANINGS[support(meant.mode, meant.name, configures=mode.configures or meant.mode == 'any')]}"


def _words(mode: Mode, line: str, context: Context) -> Iterator[tuple[str, str]]:
    """Yield each word of a line that is understood, with the help that `?` gives in its place."""
    column = 0
    for word in line.split():
        start = line.index(word, column)
        offered = match.suggest(mode.graph, line[:start], context)
        column = start + len(word)
        if isinstance(offered, Failure) or not offered.items:
            continue  # the rest of a LINE: its first word has had the help
        items = [item for item in offered.items if item[0].lower() == word.lower()]
        items = items or [item for item in offered.items if item[0].lower().startswith(word.lower())]
        items = items or [item for item in offered.items if not item[0].islower()]
        within = match.suggest(mode.graph, line[:column], context)
        if len(items) > 1 and not isinstance(within, Failure):
            labels = [label for label, _ in within.items]
            items = [item for item in items if item[0] in labels] or items
        if items:
            yield word, items[0][1]


def _misunderstood(grammar: Grammar, best: Failure, where: str, line: str) -> Iterator[str]:
    understood = line[: best.column]
    if not line[best.column - 1 : best.column].isspace():
        understood = understood.rpartition(" ")[0]  # a word was given up in its middle
    understood = understood.rstrip()
    if best.kind == "incomplete":
        yield f"% In {_place(grammar[where])} this is the beginning of a line; ask {line} ?"
    elif best.kind == "ambiguous":
        yield f"% In {_place(grammar[where])} a word here may mean several things"
    elif understood:
        yield f"% No mode understands this line; {_place(grammar[where])} reads as far as: {understood}"
    else:
        yield "% No mode understands this line, nor its first word"


def _place(mode: Mode) -> str:
    """Name a mode as its prompt does."""
    return f"{mode.name} ({mode.prompt})" if not mode.configures else f"{mode.name} {mode.prompt}"
