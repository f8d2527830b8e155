"""Rules about lines as they are written: what is no command, what is refused, and the slips of the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from iosemu.insight.network import Router
    from iosemu.insight.reading import Trouble

SAID_BETTER = (
    "address cannot equal interface IP address",
    "address is not within a subnet on this interface",
    "overlaps with",
)
"""What other rules say of the same line."""

WIDTH = 72
"""Columns of a line that is shown over its caret."""


@rule("syntax", "error", "IOS: % Invalid input, % Incomplete command, % Ambiguous command")
def _(router: Router) -> Remarks:
    """A line is no command."""
    for trouble in router.reading.troubles:
        if not trouble.understood:
            what, shown = _fault(trouble)
            words = trouble.source.text.lower().split()
            mend = "Compare it with what `?` shows at that place: iosemu leaves the line out"
            if words and words[0] in words[1:]:
                mend = "If these are several commands, give each its line (`--unfold` does)"
            yield trouble.source, what, mend, shown


def _fault(trouble: Trouble) -> tuple[str, tuple[str, ...]]:
    """Say what is wrong with a line that is no command, and show the word that is meant."""
    said, *rows = (row.strip("\n") for row in trouble.rows)
    text, margin = said.strip(), len(said) - len(said.lstrip())
    if any(row.startswith("% Ambiguous") for row in rows):
        return "the line can mean several commands", (text,)
    carets = [row.index("^") - margin for row in rows if row.strip() == "^"]
    if not carets:
        return "the command is incomplete", (text,)
    column = carets[0]
    start = max((at for at in range(min(column, len(text)) + 1) if not text[:at][-1:].strip()), default=0)
    word = re.match(r"\S*", text[start:])
    what = f"`{word[0]}` is not understood here" if word and word[0] else "the line ends too early"
    cut = max(0, column - WIDTH + 10)
    row = ("..." if cut else "") + text[cut : cut + WIDTH] + ("..." if len(text) > cut + WIDTH else "")
    return what, (row, " " * (column - cut + 3 * bool(cut)) + "^")


def _words(trouble: Trouble) -> str:
    """Give what the router says of a line, as one sentence."""
    rows = (row.strip().removeprefix("% ").rstrip(".") for row in trouble.rows[1:])
    return " ".join(row for row in rows if row)


@rule("refused", "error", "what the router itself says")
def _(router: Router) -> Remarks:
    """A command is refused."""
    for trouble in router.reading.troubles:
        words = _words(trouble)
        if (
            trouble.understood
            and "warning" not in words.lower()
            and not any(each in words for each in SAID_BETTER)
        ):
            yield trouble.source, f"the router refuses this: {words}", "Put the line right, or take it out"


@rule("warned", "warning", "what the router itself says")
def _(router: Router) -> Remarks:
    """A command is taken with a warning."""
    for trouble in router.reading.troubles:
        words = _words(trouble)
        if (
            trouble.understood
            and "warning" in words.lower()
            and not any(each in words for each in SAID_BETTER)
        ):
            words = re.sub(r"(?i)^%?warning:\s*", "", words)
            yield trouble.source, f"the router warns: {words}", "See whether it is meant"


@rule("exec-line", "warning", "IOS: `do` runs an EXEC command at once; none is kept")
def _(router: Router) -> Remarks:
    """A configuration holds an EXEC command."""
    for statement in router.reading.statements:
        if (statement.command.mode, statement.command.name) == ("any", "do"):
            yield statement.source, "this is no configuration: it runs when the file is read", "Take it out"


@rule("slip-key", "note", "specification lines 138 and 264 against 140 (E1, E2)")
def _(router: Router) -> Remarks:
    """A security association is written without the word `key`, as in the document."""
    for statement in router.reading.statements:
        key = statement.values.get("hex_key")
        if statement.command.name.startswith("ip mobile secure") and isinstance(key, str):
            words = statement.source.text.lower().split()
            if key in words and not words[words.index(key) - 2].startswith("k"):
                mend = "Write `key hex`: iosemu reads it as that, a router may not"
                yield statement.source, "`key` is missing before `hex`", mend


@rule("slip-address", "note", "specification line 264 (E2)")
def _(router: Router) -> Remarks:
    """The home agent address of a virtual network is written without the word `address`, as in the document."""
    for statement in router.reading.statements:
        if (
            statement.command.name == "ip mobile virtual-network"
            and statement.values.get("address") is not None
        ):
            words = statement.source.text.lower().split()
            if not words[-2].startswith("a"):
                mend = "Write `address` there: iosemu reads it as that, a router may not"
                yield statement.source, f"`address` is missing before {words[-1]}", mend


@rule("slip-preempt", "note", "specification lines 41 and 329; IOS since 12.2 writes two lines")
def _(router: Router) -> Remarks:
    """Priority and preemption are set by one line, as in the document."""
    for statement in router.reading.statements:
        values = statement.values
        if statement.command.name == "standby priority" and {"value", "preempt"} <= values.keys():
            mend = "Write two lines: IOS since 12.2 takes and shows them so"
            yield statement.source, "`priority` and `preempt` are set by one line", mend


@rule("mode-unknown", "warning", "IOS reads a line in the mode that it is in")
def _(router: Router) -> Remarks:
    """Lines follow an unknown line and were read in the mode before it."""
    troubles = {
        (each.source.file, each.source.line) for each in router.reading.troubles if not each.understood
    }
    for statement in router.reading.statements:
        above = (statement.source.file, statement.source.line - 1)
        if statement.source.indented and above in troubles and not _indented(router, above):
            yield (
                statement.source,
                "the line that this one stands below is not understood: it is read in the mode before that",
                "Put the line above right first",
            )


def _indented(router: Router, place: tuple[str, int]) -> bool:
    return any(
        each.source.indented
        for each in router.reading.troubles
        if (each.source.file, each.source.line) == place
    )
