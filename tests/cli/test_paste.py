"""A whole configuration pasted at a console is what a router has that boots with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.app import Lab
from iosemu.cli.line import Line

HERE = Path(__file__).parent
FILES = [HERE / "office.cfg", *sorted(HERE.parents[1].glob("configs/*/*.cfg"))]


def running(lab):
    """Give a lab of one router's configuration, without its title and what is said about when it changed."""
    (name,) = lab.nodes
    console = lab[name].console()
    console.session.level = 15
    return [row for row in console.type("show running-config")[3:] if not row.startswith("! ")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_pasted_as_booted(path, tmp_path):
    """Octets of all lines at once: each is taken without a complaint, and the configuration is the file's."""
    text = f"hostname R1\n{path.read_text()}"
    booted, typed = tmp_path / "booted.cfg", tmp_path / "typed.cfg"
    booted.write_text(text)
    typed.write_text("hostname R1\n")
    lab = Lab.load(typed)
    session = lab["R1"].console().session
    session.level, session.width = 15, 0
    shown = []
    line = Line(session, shown.append)
    line.feed(b"configure terminal\r" + text.replace("\n", "\r").encode() + b"\x1a")
    assert "% " not in "".join(shown)
    assert not session.configuring
    assert running(lab) == running(Lab.load(booted))
