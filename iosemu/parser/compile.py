"""Compiling a grammar folder: files, notation and graph together, and what must be true of the whole."""

from __future__ import annotations

from typing import Any

from .files import Block, GrammarError, ModeBlock, OrderStep, Source, read, read_order
from .graph import build
from .notation import Declaration, Form, understand
from .shapes import PLAIN_MODES, Keyword, Sequence, pack

SHARED = "any"
"""The mode whose commands every configuration mode has."""
CONFIGURING = 15
"""The privilege level that configuration commands have; those of SHARED are everybody's."""


def compile_sources(texts: list[tuple[str, str]]) -> dict[str, Any]:
    """Compile grammar files, (name, text) each, to plain data; GrammarError for the first fault."""
    modes: dict[str, ModeBlock] = {}
    declared: list[Declaration] = []
    syntax: dict[Source, tuple[str, ...]] = {}
    order: dict[str, tuple[OrderStep, ...]] = {}
    order_source = ("order.ios", "")
    used_modes: list[ModeBlock] = []
    for file, text in texts:
        if file == "order.ios":
            order, order_source = read_order(file, text), (file, text)
            continue
        mode_blocks, blocks = read(file, text)
        for mode in mode_blocks:
            if mode.properties:
                if mode.name in modes:
                    raise GrammarError(mode.source, f"mode {mode.name!r} is declared twice")
                modes[mode.name] = mode
        used_modes += mode_blocks
        for block in blocks:
            declared.append(understand(block))
            syntax[declared[-1].source] = _syntax(block)
    for used in used_modes:
        if used.name not in modes:
            raise GrammarError(used.source, f"no mode {used.name!r} is declared")
    by_mode: dict[str, list[Declaration]] = {name: [] for name in modes}
    for declaration in (_levelled(each, modes[each.mode]) for each in declared):
        if any(other.name == declaration.name for other in by_mode[declaration.mode]):
            raise GrammarError(declaration.source, f"{declaration.name!r} is declared twice in its mode")
        if declaration.enters and declaration.enters not in modes:
            raise GrammarError(declaration.source, f"no mode {declaration.enters!r} is declared")
        by_mode[declaration.mode].append(declaration)
    _check_order(order, order_source, modes, by_mode)
    return {
        "modes": {name: _mode(mode, modes, by_mode, syntax) for name, mode in modes.items()},
        "order": order,
    }


def _levelled(declaration: Declaration, mode: ModeBlock) -> Declaration:
    """Give a configuration command its level: a user of a lower one has what `privilege` gives him, and no more."""
    return declaration._replace(level=CONFIGURING) if _configures(mode) else declaration


def _configures(mode: ModeBlock) -> bool:
    return mode.properties.get("prompt", "").startswith("(")


def _syntax(block: Block) -> tuple[str, ...]:
    return tuple(source.text for source in block.syntax)


def _mode(
    mode: ModeBlock,
    modes: dict[str, ModeBlock],
    by_mode: dict[str, list[Declaration]],
    syntax: dict[Source, tuple[str, ...]],
) -> dict[str, Any]:
    properties = mode.properties
    configures = _configures(mode)
    like = properties.get("like", "")
    parent = properties.get("parent", "global" if configures and mode.name != "global" else "")
    for other in (like, parent):
        if other and other not in modes:
            raise GrammarError(mode.source, f"no mode {other!r} is declared")
    if like and by_mode[mode.name]:
        raise GrammarError(
            by_mode[mode.name][0].source, f"mode {mode.name!r} has the commands of {like!r} alone"
        )
    commands = [] if like else list(by_mode[mode.name])
    if configures and not like:
        commands += [_shared(each, mode) for each in by_mode[SHARED]]
    nodes, helps = build((each, each.mode not in PLAIN_MODES) for each in commands)
    return {
        "prompt": properties.get("prompt", ""),
        "parent": parent,
        "title": properties.get("title", ""),
        "like": like,
        "indent": _indent(mode),
        "closing": properties.get("closing", ""),
        "commands": [(each.mode, _command(each, syntax)) for each in commands],
        "nodes": nodes,
        "helps": helps,
    }


def _shared(declaration: Declaration, mode: ModeBlock) -> Declaration:
    """Give a command of every configuration mode as one of them has it: shown or not, `exit` in the mode's words."""
    silent = declaration.shown not in ("", mode.name)
    help_ = mode.properties.get(declaration.name)
    return declaration._replace(
        forms=tuple(_as_said(form, help_, silent=silent) for form in declaration.forms)
    )


def _as_said(form: Form, help_: str | None, *, silent: bool) -> Form:
    first, *rest = form.shape.items
    if help_ is not None and isinstance(first, Keyword):
        first = first._replace(help=help_)
    return Form(Sequence((first, *rest)), form.silent or silent)


def _indent(mode: ModeBlock) -> int:
    said = mode.properties.get("indent", "1")
    if not said.isdigit():
        raise GrammarError(mode.source, f"mode {mode.name!r} is indented by a number of blanks, not {said!r}")
    return int(said)


def _command(declaration: Declaration, syntax: dict[Source, tuple[str, ...]]) -> dict[str, Any]:
    source = declaration.source
    return {
        "name": declaration.name,
        "forms": [(pack(form.shape), form.silent) for form in declaration.forms],
        "no_forms": [(pack(form.shape), form.silent) for form in declaration.no_forms],
        "by": declaration.by,
        "enters": declaration.enters,
        "default_on": declaration.default_on,
        "level": declaration.level,
        "pads": declaration.pads,
        "pipes": declaration.pipes,
        "undo": declaration.undo,
        "missing": declaration.missing,
        "source": f"{source.file}:{source.line}",
        "syntax": syntax[source],
    }


def _check_order(
    order: dict[str, tuple[OrderStep, ...]],
    source: tuple[str, str],
    modes: dict[str, ModeBlock],
    by_mode: dict[str, list[Declaration]],
) -> None:
    file, text = source

    def fault(mode: str, name: str, message: str) -> GrammarError:
        place, within = Source(file, 1, 0, name), ""
        for number, line in enumerate(text.splitlines(), 1):
            within = line.split()[1] if line.startswith("mode ") else within
            if within == mode and line.strip() == name:
                place = Source(file, number, len(line) - len(line.lstrip()), line)
        return GrammarError(place, message)

    for mode, steps in order.items():
        if mode not in modes:
            raise fault(mode, f"mode {mode}", f"no mode {mode!r} is declared")
        known = {declaration.name for declaration in by_mode[mode]}
        seen: set[str] = set()
        for step in _flat(steps):
            if step.kind == "command" and step.name not in known:
                raise fault(mode, step.name, f"mode {mode!r} has no command {step.name!r}")
            if step.kind == "command" and step.name in seen:
                raise fault(mode, step.name, f"{step.name!r} stands twice")
            seen.add(step.name)


def _flat(steps: tuple[OrderStep, ...]) -> list[OrderStep]:
    return [each for step in steps for each in (step, *_flat(step.steps))]
