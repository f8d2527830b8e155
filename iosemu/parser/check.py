"""Proof, at load, that the grammar is sound: every word has help, captures are unique, no sentence means two commands.

`python -m iosemu.parser.check FOLDER` prints every complaint with file, line and a caret, and exits 1 when there is one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from . import types
from .compile import compile_sources
from .files import GrammarError, read, read_order
from .grammar import Grammar, Mode, sources
from .notation import understand


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
    return [fault for name in grammar.modes() for fault in rivals(grammar[name])]


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
            said = " ".join(words)
            yield f"{one.source}: in mode {mode.name!r}, {said!r} means {one.name!r} and {other.name!r} ({other.source})"
        steps: dict[str, set[int]] = {}
        for node in nodes:
            for word, arcs in node.words.items():
                steps.setdefault(word, set()).update(arc.target for arc in arcs)
            for arc in node.arguments:
                steps.setdefault(_family(arc.type or ""), set()).add(arc.target)
        for word, targets in steps.items():
            behind = frozenset(targets)
            if behind not in seen:
                seen.add(behind)
                queue.append((behind, (*words, word)))


def _family(type_: str) -> str:
    """Group the types that claim the same text: all numbers of one base, all free words."""
    kind = types.of(type_)
    if type_.startswith("<"):
        return "HEX" if type_.endswith("x") else "NUMBER"
    return {types.FREE: "WORD", types.REST: "LINE"}.get(kind.rank, type_)


def main(arguments: list[str]) -> int:
    """Check a folder and print what is wrong with it."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2] / "grammar"
    found = faults(sources(folder))
    for fault in found:
        print(fault)  # noqa: T201 - a command of its own
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
