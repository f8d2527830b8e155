"""Laws of running-config: what is typed stands there in proper form, and a reload changes nothing of it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, find, given, note, settings
from hypothesis import strategies as st

from iosemu import resources
from iosemu.app import Lab, grammar
from iosemu.lab.interface import full_name
from tests.parser.sentences import sentences

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.cli.console import Console
    from iosemu.parser.grammar import Command

LABS = sorted(path.parent.name for path in resources.folder("configs").glob("*/lab.yml"))
EXAMPLES = sorted(
    path
    for path in resources.folder("configs").glob("*/HA[12].cfg")
    if path.parent.name != "physical-different"  # not the document's
)
LAW = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture
def router(tmp_path: Path) -> Console:
    """Give the console of a router without configuration, in privileged EXEC."""
    return bare(tmp_path)


def bare(folder: Path) -> Console:
    """Switch a router on that has no configuration."""
    (folder / "R.cfg").write_text("", "utf-8")
    console = Lab.load(folder / "R.cfg")["Router"].console()
    console.send("enable")
    return console


def shown(console: Console) -> str:
    """Give running-config."""
    return console.send("more system:running-config")


def reload(console: Console, save: str = "write memory") -> None:
    """Save, and restart; the console stands in privileged EXEC."""
    console.send(save)
    console.send("reload")
    assert console.prompt == "Proceed with reload? [confirm]", "nothing is left to save"
    console.send("")
    assert console.prompt.endswith(">")
    console.send("enable")


def proper(line: str) -> str:
    """Say a line of the document's as running-config does: words in full, slips mended (DESIGN.md §2.5)."""
    line = re.sub(r"^int (\w+)$", lambda found: f"interface {full_name(found[1])}", line)
    line = re.sub(r"^(ip addr) ", "ip address ", line)
    return re.sub(r" spi (\w+) hex ", r" spi \1 key hex ", line)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_documents_lines_stand_in_proper_form(path: Path, router: Console) -> None:
    """Each example, pasted line by line, meets no complaint, and each line stands in running-config."""
    router.send("configure terminal")
    lines = path.read_text("utf-8").splitlines()
    for line in lines:
        assert router.send(line) == "", line
    router.send("end")
    rows = [row.strip() for row in shown(router).splitlines()]
    for line in lines:
        if not line.startswith("!"):
            assert proper(line) in rows
    assert len(lines) > 5


def test_the_documents_examples_are_eighteen() -> None:
    """Nine examples have two home agents each."""
    assert len(EXAMPLES) == 18


@pytest.mark.parametrize("name", LABS)
def test_a_reload_changes_no_shipped_router(name: str) -> None:
    """What a shipped router saves is what it shows, before the save and after a restart."""
    lab = Lab.load(name)
    for node in [node.name for node in lab.nodes.values() if node.kind == "router"]:
        console = lab[node].console()
        console.send("enable")
        before = shown(console)
        reload(console)
        assert shown(console) == before
        assert lab[node].nvram["startup-config"].decode() == before + "\n"


@cache
def places() -> dict[str, tuple[str, ...]]:
    """Find for each configuration mode the lines that lead there."""
    found: dict[str, tuple[str, ...]] = {
        "global": (),
        "interface": ("interface Ethernet0",),
        "subinterface": ("interface Ethernet0.5",),
        "interface-range": (),
    }
    waiting = ["global"]
    while waiting:
        mode = waiting.pop()
        for command in grammar()[mode].commands:
            if command.enters and command.enters not in found:
                shape = next(shape for shape, silent in command.forms if not silent)
                words = find(sentences(shape), bool, settings=LAW)
                found[command.enters] = (*found[mode], " ".join(word.text for word in words))
                waiting.append(command.enters)
    del found["interface-range"]
    return found


@cache
def said_there() -> list[tuple[str, Command]]:
    """List the commands that configure, each with a mode that has it."""
    return [
        (mode, command)
        for mode in sorted(places())
        for command in grammar()[mode].commands
        if command.mode != "any" and command.name not in UNSPOKEN
    ]


@st.composite
def programs(draw: st.DrawFn) -> list[str]:
    """Draw lines that configure a router, each behind those that lead to its mode."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        mode, command = draw(st.sampled_from(said_there()))
        shapes = [shape for shape, silent in command.forms if not silent]
        if not shapes:
            continue
        words = " ".join(word.text for word in draw(st.one_of(*map(sentences, shapes))))
        no = draw(st.sampled_from(("", "", "", "no ")))
        lines += [*places()[mode], no + words, "end", "configure terminal"]
    return lines


UNSPOKEN = ("banner",)
"""Commands that go on asking for rows."""


@settings(LAW, max_examples=100)
@given(programs())
def test_a_reload_changes_no_configuration(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Whatever is configured, what is saved is what is shown, before the save and after a restart."""
    console = bare(tmp_path_factory.mktemp("router"))
    console.send("configure terminal")
    for line in lines:
        console.send(line)
    console.send("end")
    before = shown(console)
    note("\n".join(lines))
    reload(console)
    assert shown(console) == before
