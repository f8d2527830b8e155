"""Reports that are no router's: the shipped labs, and how far the grammar is supported."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from iosemu import resources
from iosemu.app import UsageError, grammar
from iosemu.cli.command import support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MEANINGS = {
    "acts": "does what it says",
    "shows": "a screen",
    "kept": "taken, shown, saved; no effect yet",
    "missing": "declared; refuses, as nothing does it yet",
}


def labs(write: Callable[[str], object]) -> None:
    """Print the shipped labs, a line each: the name, and the first sentence of what its lab.yml says."""
    found = resources.labs()
    width = max((len(name) for name, _ in found), default=0)
    for name, path in found:
        write(f"{name:{width}}  {_summary(path)}\n")


def _summary(path: Path) -> str:
    words: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# ").rstrip())
    return re.split(r"\.\s+(?=[A-Z])|:\s", " ".join(words))[0].rstrip(".")


def supported(mode: str | None) -> Iterator[tuple[str, str, str, str]]:
    """Yield what is declared, of one mode or of all: (mode, command, support, first syntax line)."""
    loaded = grammar()
    if mode is not None and mode not in loaded:
        raise UsageError(f"no mode {mode!r}; there are {', '.join(loaded.modes())}")
    for name in [mode] if mode else loaded.modes():
        found = loaded[name]
        for command in found.commands:
            if command.mode == name or (mode and command.mode != "any"):
                level = support(command, configures=found.configures or name == "any")
                if name == "modifier":
                    level = "acts"
                yield name, command.name, level, command.syntax[0]


def grammar_report(mode: str | None, write: Callable[[str], object]) -> None:
    """Print, for each declared command, whether it acts, is kept, or shows; coloured on a terminal."""
    rows = list(supported(mode))
    counts = {level: sum(row[2] == level for row in rows) for level in MEANINGS}
    if sys.stdout.isatty():
        _coloured(rows, counts)
        return
    here = None
    for name, _, level, syntax in rows:
        if name != here:
            write(f"mode {name}\n")
            here = name
        write(f"    {level:7}  {syntax}\n")
    for level, meaning in MEANINGS.items():
        write(f"{counts[level]:5} {level:7}  {meaning}\n")


def _coloured(rows: list[tuple[str, str, str, str]], counts: dict[str, int]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    styles = {"acts": "green", "shows": "cyan", "kept": "yellow", "missing": "red"}
    table = Table(box=None, pad_edge=False)
    for heading in ("mode", "", "command"):
        table.add_column(heading)
    here = None
    for name, _, level, syntax in rows:
        table.add_row(name if name != here else "", Text(level, style=styles[level]), Text(syntax))
        here = name
    console = Console(highlight=False)
    console.print(table)
    for level, meaning in MEANINGS.items():
        console.print(Text(f"{counts[level]:5} "), Text(f"{level:7}", style=styles[level]), Text(meaning))


def check(write: Callable[[str], object]) -> int:
    """Check that the grammar is sound and that behaviours fit it; prints each fault, gives the exit status."""
    from iosemu import features  # noqa: PLC0415
    from iosemu.cli.command import BEHAVIOURS  # noqa: PLC0415
    from iosemu.cli.kept import HEEDED  # noqa: PLC0415
    from iosemu.parser import check as checks  # noqa: PLC0415
    from iosemu.parser.grammar import sources  # noqa: PLC0415

    faults = checks.faults(sources(resources.folder("grammar")))
    if not faults:
        features.load()
        loaded = grammar()
        faults = checks.behaviour_faults(loaded, {key: each.run for key, each in BEHAVIOURS.items()})
        kept = {(command.mode, command.name) for mode in loaded.modes() for command in loaded[mode].commands}
        for mode, name in sorted(HEEDED - (kept - set(BEHAVIOURS))):
            faults.append(f"{mode}: {name}: heeded, but no such line is kept")
    for fault in faults:
        write(f"{fault}\n")
    return 1 if faults else 0
