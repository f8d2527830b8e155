"""Cisco's notation → Shape: `standby [group-number] ip [address [secondary]]` and its help lines, understood.

The only module that needs pyparsing; it runs when grammar files are compiled, never on the way of a command.
"""

from __future__ import annotations

from collections import Counter

import pyparsing as pp

from iosemu.values import NamedTuple

from .files import Block, GrammarError, Help, Source
from .shapes import (
    PLAIN_MODES,
    Argument,
    Choice,
    Keyword,
    Optional,
    Sequence,
    Shape,
    captures,
    first_keywords,
)


class Form(NamedTuple):
    """One way to write a command: its shape, and whether it is only understood (`~`)."""

    shape: Sequence
    silent: bool


class Declaration(NamedTuple):
    """A command, understood: what its block says."""

    mode: str
    name: str
    forms: tuple[Form, ...]
    no_forms: tuple[Form, ...]
    by: tuple[str, ...]
    enters: str
    default_on: bool
    level: int
    pads: tuple[str, ...]
    pipes: bool
    undo: bool
    missing: bool
    yields: bool
    shown: str
    source: Source


class _Word(NamedTuple):
    text: str
    column: int


class _Group(NamedTuple):
    kind: str
    alternatives: list[list[_Word | _Group]]
    repeat: bool


def _notation() -> pp.ParserElement:
    word = pp.Regex(r"[^\s\[\]{}|]+").set_parse_action(lambda at, found: _Word(found[0], at))
    sequence = pp.Forward()
    alternatives = pp.DelimitedList(pp.Group(sequence), delim="|")
    repeat = pp.Opt(pp.Literal("..."))
    optional = (pp.Literal("[") + alternatives + pp.Literal("]") + repeat).set_parse_action(_group)
    choice = (pp.Literal("{") + alternatives + pp.Literal("}") + repeat).set_parse_action(_group)
    sequence <<= pp.OneOrMore(optional | choice | word)
    return sequence + pp.StringEnd()


def _group(found: pp.ParseResults) -> _Group:
    items = found.as_list()
    repeat = items[-1] == "..."
    inner = items[1 : -2 if repeat else -1]
    return _Group(items[0], inner, repeat)


_NOTATION = _notation()


def understand(block: Block) -> Declaration:
    """Turn a block into a declaration; GrammarError points at the fault."""
    used: set[int] = set()
    forms: list[Form] = []
    no_forms: list[Form] = []
    for line in block.syntax:
        text = line.text
        silent = text.startswith("~")
        negative = text.lstrip("~ ").startswith("no ")
        start = len(text) - len(text.lstrip("~ "))
        shape = _shape(block, line._replace(column=start), used)
        if name := _twice(shape):
            fault = f"{name!r} is captured twice; name one of them with `as`"
            raise GrammarError(line._replace(column=start), fault)
        if negative and block.mode not in PLAIN_MODES:
            no_forms.append(Form(Sequence(shape.items[1:]), silent))
        else:
            forms.append(Form(shape, silent))
    for index, entry in enumerate(block.help):
        if index not in used:
            raise GrammarError(entry.source, f"help for {entry.word!r}, which the syntax does not have there")
    remarks = {name: (values, source) for name, values, source in block.remarks}
    named = [form for form in forms if not form.silent] or forms or no_forms
    declaration = Declaration(
        mode=block.mode,
        name=" ".join(first_keywords(named[0].shape)),
        forms=tuple(forms),
        no_forms=tuple(no_forms),
        by=tuple(name.replace("-", "_") for name in remarks.get("by", ((), None))[0]),
        enters=" ".join(remarks.get("enters", ((), None))[0]),
        default_on="default" in remarks,
        level=int(remarks["level"][0][0]) if "level" in remarks else block.level,
        pads=remarks.get("pads", ((), None))[0],
        pipes="pipes" in remarks,
        undo="undo" in remarks,
        missing="missing" in remarks,
        yields="yields" in remarks,
        shown=" ".join(remarks.get("shown", ((), None))[0]),
        source=block.syntax[0],
    )
    if "hidden" in remarks:
        declaration = declaration._replace(forms=tuple(Form(form.shape, silent=True) for form in forms))
    _check(declaration, remarks)
    return declaration


def _shape(block: Block, line: Source, used: set[int]) -> Sequence:
    text = line.text[line.column :]
    seen: Counter[str] = Counter()

    def at(column: int) -> Source:
        return line._replace(column=line.column + column)

    def entry(word: _Word) -> Help:
        count = seen[word.text]
        seen[word.text] += 1
        own = [(index, each) for index, each in enumerate(block.help) if each.word == word.text]
        if count < len(own):
            used.add(own[count][0])
            return own[count][1]
        if word.text in block.words:
            return block.words[word.text]
        if own and count:
            raise GrammarError(at(word.column), f"this occurrence of {word.text!r} has no help line")
        if word.text == "no":
            return Help("no", None, None, "Negate a command or set its defaults", line)
        raise GrammarError(at(word.column), f"{word.text!r} has no help line")

    def leaf(word: _Word, *, captured: bool) -> Shape:
        found = entry(word)
        name = (found.capture or word.text).replace("-", "_")
        if found.type:
            return Argument(name, found.type, found.help)
        return Keyword(word.text, found.help, name if captured or found.capture else None)

    def sequence(items: list[_Word | _Group], *, captured: bool) -> Shape:
        shapes: list[Shape] = []
        for index, item in enumerate(items):
            if isinstance(item, _Word):
                shapes.append(leaf(item, captured=captured and index == 0))
            else:
                shapes.append(group(item))
        return shapes[0] if len(shapes) == 1 else Sequence(tuple(shapes))

    def group(item: _Group) -> Shape:
        if item.repeat and not all(isinstance(each[0], _Word) for each in item.alternatives):
            raise GrammarError(
                line, "what `...` repeats must begin with a word: it tells what was typed already"
            )
        shapes = tuple(sequence(each, captured=True) for each in item.alternatives)
        inner = Choice(shapes, item.repeat) if len(shapes) > 1 or item.repeat else shapes[0]
        return Optional(inner) if item.kind == "[" else inner

    try:
        tree = _NOTATION.parse_string(text, parse_all=True).as_list()
    except pp.ParseBaseException as fault:
        raise GrammarError(at(fault.loc), "the notation ends here") from None
    whole = sequence(tree, captured=False)
    return whole if isinstance(whole, Sequence) else Sequence((whole,))


def _check(declaration: Declaration, remarks: dict[str, tuple[tuple[str, ...], Source]]) -> None:
    forms = (*declaration.forms, *declaration.no_forms)
    names = {name for form in forms for name in captures(form.shape)}
    for name in declaration.by:
        if name not in names:
            raise GrammarError(remarks["by"][1], f"`by` names {name!r}, which nothing captures")
    if not declaration.name:
        raise GrammarError(declaration.source, "a command needs a required keyword to be named by")


def _twice(shape: Shape) -> str | None:
    """Find a name that one sentence could capture twice (a keyword may share its argument's name)."""
    match shape:
        case Sequence(items):
            seen: set[str] = set()
            for index, item in enumerate(items):
                if fault := _twice(item):
                    return fault
                here = set(captures(item))
                before = items[index - 1] if index else None
                introduced = isinstance(before, Keyword) and isinstance(item, Argument)
                for name in sorted(here & seen):
                    if not (introduced and isinstance(before, Keyword) and before.capture == name):
                        return name
                seen |= here
        case Choice(alternatives, repeat):
            seen = set()
            for item in alternatives:
                here = set(captures(item))
                if (fault := _twice(item)) or (repeat and (fault := next(iter(sorted(here & seen)), None))):
                    return fault
                seen |= here
        case Optional(item):
            return _twice(item)
        case _:
            pass
    return None
