"""The worked command of grammar/README.md, really added: its declaration, its behaviour, its session."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from iosemu import app, features, resources
from iosemu.cli.command import BEHAVIOURS
from iosemu.frontends import play
from iosemu.parser import grammar

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_worked_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What grammar/README.md says of adding a command is so."""
    source = resources.folder("grammar")
    blocks = dict(
        re.findall(r"```(ios|python|session)\n(.*?)```", (source / "README.md").read_text(), re.DOTALL)
    )
    app.grammar()
    features.load()  # what a run imports now would be lost when the behaviours are put back
    folder = tmp_path / "grammar"
    shutil.copytree(source, folder)
    (folder / "motto.ios").write_text(blocks["ios"])
    monkeypatch.setattr(app, "_loaded", [grammar.load(folder)])
    before = dict(BEHAVIOURS)
    try:
        exec(blocks["python"], {})
        session = tmp_path / "worked.session"
        session.write_text("lab>open physical\n" + blocks["session"])
        diff: list[str] = []
        assert play.check([str(session)], diff.append) == 0, "".join(diff)
    finally:
        BEHAVIOURS.clear()
        BEHAVIOURS.update(before)
