"""Rules about lines as they are written: what is no command, and the slips of the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Router


@rule("syntax", "error", "reference/ios-shell.md §2.2")
def _(router: Router) -> Remarks:
    """A line is no command."""
    for trouble in router.reading.troubles:
        if trouble.understood:
            continue
        said, *rows = trouble.rows
        caret = [row for row in rows if row.strip() == "^"]
        words = next((row.strip() for row in rows if row.lstrip().startswith("%")), "")
        what = {"% Incomplete command.": "the command is incomplete"}.get(
            words, "no command begins like this"
        )
        if words.startswith("% Ambiguous"):
            what = "the command is ambiguous"
        elif caret:
            column = caret[0].index("^")
            word = re.match(r"\S*", said[column:])
            what = f"{word[0]!r} is not understood here" if word and word[0] else "the line ends too early"
        shown = (said.strip(), caret[0][len(said) - len(said.lstrip()) :]) if caret else ()
        yield trouble.source, what, _mend(trouble.source.text), shown


def _mend(text: str) -> str:
    del text
    return "Compare it with `?` at that place; a router leaves the line out"


@rule("refused", "error", "the router's own words")
def _(router: Router) -> Remarks:
    """A command is refused, or taken with a warning."""
    for trouble in router.reading.troubles:
        if trouble.understood:
            words = " ".join(row.strip().removeprefix("% ") for row in trouble.rows[1:] if row.strip())
            yield (
                trouble.source,
                f"the router says: {words.rstrip('.')}",
                "Put the line right, or leave it out",
            )


@rule("slip-key", "note", "specification lines 138 and 264 against 140 (E1)")
def _(router: Router) -> Remarks:
    """A security association is written without the word `key`, as the document does twice."""
    for statement in router.reading.statements:
        if statement.command.name.startswith("ip mobile secure") and statement.values.get("hex_key"):
            words = statement.source.text.lower().split()
            digits = words.index(statement.values["hex_key"]) if statement.values["hex_key"] in words else 0
            if digits > 1 and not words[digits - 2].startswith("k"):
                yield (
                    statement.source,
                    "`key` is missing before `hex`",
                    "Write `... key hex ...`: a router takes no other",
                )
