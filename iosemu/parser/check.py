"""Proof that the grammar is sound: every word has help, captures are unique, no sentence means two commands.

`python -m iosemu.parser.check FOLDER` prints every complaint with file, line and a caret, and exits 1 when
there is one. `behaviour_faults` proves that declared commands and the functions that carry them out agree.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import types
from .compile import compile_sources
from .files import GrammarError, read, read_order
from .grammar import Grammar, Mode, sources
from .notation import understand
from .shapes import PLAIN_MODES, required, undone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .grammar import Command
    from .graph import Arc

FILTERS = "modifier"
"""The mode whose commands are no behaviours: what may follow `|`."""


def faults(texts: list[tuple[str, str]]) -> list[str]:
    """List what is wrong with grammar files, (name, text) each; an empty list is a sound grammar."""
    found: list[str] = []
    for file, text in texts:
        try:
            if file == "order.ios":
                read_order(file, text)
                continue
            _, blocks = read(file, text)
        except GrammarError as fault:
            found.append(str(fault))
            continue
        for block in blocks:
            try:
                understand(block)
            except GrammarError as fault:
                found.append(str(fault))
    if found:
        return found
    try:
        grammar = Grammar(compile_sources(texts))
    except GrammarError as fault:
        return [str(fault)]
    return [fault for name in grammar.modes() if not grammar[name].like for fault in rivals(grammar[name])]


def rivals(mode: Mode) -> Iterator[str]:
    """Yield the pairs of commands of a mode that one sentence could mean, with such a sentence."""
    start = frozenset((0,))
    seen = {start}
    queue: list[tuple[frozenset[int], tuple[str, ...]]] = [(start, ())]
    told: set[tuple[int, ...]] = set()
    while queue:
        place, words = queue.pop()
        nodes = [mode.graph[number] for number in sorted(place)]
        accept = tuple(sorted({number for node in nodes for number in node.accept}))
        if len(accept) > 1 and accept not in told:
            told.add(accept)
            one, other = (mode.commands[number] for number in accept[:2])
            said = f"in mode {mode.name!r}, {' '.join(words)!r}"
            yield f"{one.source}: {said} means {one.name!r} and {other.name!r} ({other.source})"
        steps: dict[str, set[int]] = {}
        for node in nodes:
            for word, arcs in node.words.items():
                steps.setdefault(word, set()).update(arc.target for arc in arcs)
        for text, claiming in _claims([arc for node in nodes for arc in node.arguments]).items():
            steps.setdefault(text, set()).update(arc.target for arc in claiming)
        for word, targets in steps.items():
            behind = frozenset(targets)
            if behind not in seen:
                seen.add(behind)
                queue.append((behind, (*words, word)))


def _claims(arguments: list[Arc]) -> dict[str, list[Arc]]:
    """Group arguments that claim the same text: numbers by range, free words, lines, other types each."""
    groups: dict[str, list[Arc]] = {}
    ranges = {arc.type: bounds for arc in arguments if (bounds := types.bounds(arc.type or ""))}
    for low, _ in ranges.values():
        groups[str(low)] = [
            arc
            for arc in arguments
            if arc.type in ranges and ranges[arc.type][0] <= low <= ranges[arc.type][1]
        ]
    for arc in arguments:
        if arc.type not in ranges:
            rank = types.of(arc.type or "").rank
            groups.setdefault({types.FREE: "WORD", types.REST: "LINE"}.get(rank, arc.type or ""), []).append(
                arc
            )
    return groups


def behaviour_faults(grammar: Grammar, behaviours: Mapping[tuple[str, str], Callable[..., Any]]) -> list[str]:
    """List where declared commands and behaviours, functions by (mode, command's name), disagree.

    A command that does something needs a behaviour, or the remark that it is missing; a behaviour needs a
    declaration. Its keyword parameters are the command's captures, and `no` where it can be negated; a
    capture that may be left out has a default. A function bound to several commands has the captures of all, and
    may ask for `default`, which goes with `no`.
    """
    commands: dict[tuple[str, str], Command] = {}
    for name in grammar.modes():
        for command in grammar[name].commands:
            commands.setdefault((command.mode, command.name), command)
    does = {key: each for key, each in commands.items() if each.mode in PLAIN_MODES and each.mode != FILTERS}
    found = [
        f"{command.source}: nothing carries out {command.name!r} of mode {command.mode!r}"
        for key, command in does.items()
        if key not in behaviours and not command.missing
    ]
    found += [
        f"{command.source}: {command.name!r} of mode {command.mode!r} cannot be missing: it is carried out, or kept"
        for key, command in commands.items()
        if command.missing and (key in behaviours or key not in does)
    ]
    shared: dict[Callable[..., Any], set[str]] = {}
    for key, function in behaviours.items():
        if key in commands:
            shared.setdefault(function, set()).update(_captures(commands[key]))
    for (mode, name), function in behaviours.items():
        code = function.__code__
        where = f"{Path(code.co_filename).name}:{code.co_firstlineno}: {function.__name__}"
        if (mode, name) not in commands:
            found.append(f"{where}: mode {mode!r} has no command {name!r}")
            continue
        command = commands[mode, name]
        found += [
            f"{where}: {fault} ({command.name!r}, {command.source})"
            for fault in _parameter_faults(function, command, shared[function])
        ]
    return found


def _parameter_faults(function: Callable[..., Any], command: Command, shared: set[str]) -> Iterator[str]:
    code = function.__code__
    first = code.co_argcount
    parameters = code.co_varnames[first : first + code.co_kwonlyargcount]
    if first != 1:
        yield "one parameter stands before `*`: the session, or what the mode is said to"
    given = _captures(command)
    always = _always(command)
    if not code.co_flags & _TAKES_ANY:
        yield from (f"no parameter takes {name!r}" for name in given if name not in parameters)
    free = {*shared, *(("default",) if "no" in shared else ())}
    yield from (f"nothing captures {name!r}" for name in parameters if name not in free)
    defaults = function.__kwdefaults__ or {}
    for name in parameters:
        if name in shared and name not in always and name not in defaults:
            yield f"{name!r} may be left out and has no default"


_TAKES_ANY = 0x08
"""CO_VARKEYWORDS of a code object's flags: the function has a `**` parameter."""


def _captures(command: Command) -> list[str]:
    negatable = ["no"] if command.negations or command.undo else []
    return list(dict.fromkeys([*command.captures(), *negatable]))


def _always(command: Command) -> set[str]:
    """Find the captures that every sentence of a command gives, `no` and its short forms included."""
    shapes = [shape for shape, _ in [*command.forms, *command.negations]]
    if command.undo:
        shapes += [undone(shape) for shape, _ in command.forms]
    return set.intersection(*map(required, shapes)) - {"no"}


def main(arguments: list[str]) -> int:
    """Check a folder and print what is wrong with it."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2] / "grammar"
    found = faults(sources(folder))
    for fault in found:
        print(fault)  # noqa: T201 - a command of its own
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
