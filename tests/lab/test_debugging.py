"""Debugging flags: declared once, on and off at a node, shown under their headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.lab import debugging
from iosemu.lab.debugging import Debugging, is_on
from tests.lab.build import line_of

if TYPE_CHECKING:
    from iosemu.lab.router import Node


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node in a world with three flags under two headings."""
    monkeypatch.setattr(debugging, "FLAGS", {})
    debugging.declare("fruit apples", "Fruit", "Apples debugging is on")
    debugging.declare("fruit pears", "Fruit", "Pears debugging is on")
    debugging.declare("tools", "Tools", "Tools debugging is on")
    return line_of("R")["R"]


def test_rows_stand_under_headings_as_declared(node: Node) -> None:
    """The order is that of declaration, whatever was turned on first; details are indented."""
    held = node.part(Debugging)
    held.start("tools")
    held.start("fruit pears", "(green)")
    held.start("fruit apples")
    assert list(held.rows()) == [
        "Fruit:",
        "  Apples debugging is on",
        "  Pears debugging is on",
        "    (green)",
        "Tools:",
        "  Tools debugging is on",
    ]
    assert debugging.detail(node, "fruit pears") == "(green)"


def test_everything_goes_on_and_off(node: Node) -> None:
    """`debug all` turns on what is declared, without limits; `undebug all` all of it off."""
    held = node.part(Debugging)
    held.start("fruit pears", "(green)")
    held.start_all()
    assert all(is_on(node, name) for name in debugging.FLAGS)
    assert debugging.detail(node, "fruit pears") == ""
    held.stop("tools")
    assert not is_on(node, "tools")
    held.stop_all()
    assert list(held.rows()) == []


def test_asking_makes_nothing_and_power_takes_all(node: Node) -> None:
    """A node that nobody debugs has no flags; one that was switched off has none any more."""
    assert not is_on(node, "tools")
    assert node.peek(Debugging) is None
    node.part(Debugging).start("tools")
    node.power_off()
    node.power_on()
    assert not is_on(node, "tools")


def test_what_is_not_declared_cannot_be_debugged(node: Node) -> None:
    """A slip in a flag's name is an error where it is made."""
    with pytest.raises(KeyError):
        node.part(Debugging).start("tool")
    with pytest.raises(ValueError, match="two flags called 'tools'"):
        debugging.declare("tools", "Tools", "again")
