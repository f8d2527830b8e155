"""The third law of the grammar: a line, said where what it sets was at its default, is undone by its `no`.

`no` of an option keeps what the option qualified, and what is on by default has no off to go back to: there
`default` with the line's beginning takes the rest back.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iosemu import app
from iosemu.app import Lab
from iosemu.cli import config
from iosemu.parser import match
from iosemu.parser.shapes import Keyword, Optional, Sequence, Shape, render
from tests.parser.sentences import sentences

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.cli.console import Console
    from iosemu.parser.grammar import Command

EXCEPT = {
    "interface": "a port, once there, is not removed: `% Removal of physical interfaces is not permitted.`",
    "ip address dhcp": "it replaces the address that stood there",
    "ip unnumbered": "it replaces the address that stood there",
    "line": "the lines that every router has are reset, not removed",
    "version": "the release is the router's own, whatever a pasted configuration says",
}
"""Commands that cannot keep the law, and why."""


def entrances() -> dict[str, Command]:
    """Give, for each configuration mode, a command that enters it."""
    found: dict[str, Command] = {}
    for name in app.grammar().modes():
        mode = app.grammar()[name]
        for command in mode.commands if mode.configures else ():
            if command.enters and command.mode == name:
                found.setdefault(command.enters, command)
    return found


def declared() -> list[Command]:
    """List the commands of all configuration modes that can be entered."""
    ways = entrances()
    return [
        command
        for name in app.grammar().modes()
        if app.grammar()[name].configures and (name == "global" or name in ways)
        for command in app.grammar()[name].commands
        if command.mode == name and command.forms and command.name not in EXCEPT
    ]


def running(console: Console) -> list[str]:
    """Give running-config's lines."""
    node = console.session.node
    return list(config.body(app.grammar(), "global", node))


def enter(console: Console, mode: str, data: st.DataObject) -> bool:
    """Go to a mode from global configuration, through those above it; False when a line was refused."""
    if mode == "global":
        return True
    if mode == "interface":
        return not console.type("interface Ethernet0")
    if mode == "line":
        return not console.type("line vty 0 4")
    command = entrances()[mode]
    if not enter(console, command.mode, data):
        return False
    line = draw(command, data)
    return not console.type(line) and console.question is None and console.session.mode.name == mode


def draw(command: Command, data: st.DataObject) -> str:
    """Draw a canonical sentence of a command."""
    shapes = [shape for shape, silent in command.forms if not silent] or [command.forms[0][0]]
    words = data.draw(st.one_of(*map(sentences, shapes)))
    return " ".join(word.text for word in words)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a lab of one router that nothing was said to."""
    path = tmp_path_factory.mktemp("bare") / "bare.cfg"
    path.write_text("interface Ethernet0\n ip address 10.0.0.1 255.255.255.0\ninterface Ethernet1\n")
    return path


@pytest.mark.parametrize("command", declared(), ids=lambda each: f"{each.mode}: {each.name}")
@settings(
    deadline=None, derandomize=True, max_examples=6, suppress_health_check=list(HealthCheck), database=None
)
@given(data=st.data())
def test_no_undoes(command: Command, bare: Path, data: st.DataObject) -> None:
    """A line and then its `no` (for what is on by default, the other way round) leave running-config as it was."""
    console = Lab.load(bare)["Router"].console()
    console.send("enable")
    console.send("configure terminal")
    if not enter(console, command.mode, data):
        return
    depth = len(console.session.stack)
    before = running(console)
    line = draw(command, data)
    first, second = (f"no {line}", line) if command.default_on else (line, f"no {line}")
    refused = console.type(first)
    if console.question is not None:
        console.cancel()
        return
    if refused and running(console) == before:
        return
    del console.session.stack[depth:]
    shown = console.type(second)
    console.cancel()
    if running(console) == before:
        return
    for third in beginnings(command, line, console):
        del console.session.stack[depth:]
        shown += console.type(f"default {third}")
    assert running(console) == before, (first, refused, second, third, shown)


def beginnings(command: Command, line: str, console: Console) -> list[str]:
    """Give what names a line, in each of its forms: the first keywords, and what tells it from its like."""
    found = match.parse(console.session.mode.graph, line, console.session.context())
    assert isinstance(found, match.Match), line
    kept = {name: found.values.get(name) for name in command.by}
    names = [command.render({**kept, "no": True}).removeprefix("no ")]
    for shape, silent in command.forms:
        words = render(Sequence(leading(shape)), kept)
        if words is not None and not silent and (said := " ".join(words[0])) not in names:
            names.append(said)
    return names


def leading(shape: Shape) -> tuple[Shape, ...]:
    """Give a form up to its first argument, what is optional before it included."""
    items = shape.items if isinstance(shape, Sequence) else (shape,)
    first = takewhile(lambda item: isinstance(item, Keyword | Optional), items)
    return tuple(item._replace(capture=None) if isinstance(item, Keyword) else item for item in first)
