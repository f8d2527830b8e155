"""Every `.session` file is a test: what it holds is what happens. And all of them are one corpus of real lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.frontends import play

if TYPE_CHECKING:
    from iosemu.cli.console import Console

FILES = sorted(Path(__file__).parent.glob("sessions/**/*.session"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_session(path: Path) -> None:
    """What a session file shows is what is shown."""
    rows: list[str] = []
    status = play.check([str(path)], rows.append)
    assert status == 0, "".join(rows)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_corpus(path: Path) -> None:
    """No prefix of any line that is typed anywhere makes help or completion raise."""
    player = play.Player(str(path))
    asked = 0
    typed = player.typed

    def ask_first(console: Console, line: str) -> play.Played:
        nonlocal asked
        if console.question is None:
            text = line[len(console.prompt) :]
            for end in range(min(len(text), 60) + 1):
                rows = console.session.help(text[:end])
                assert rows, text[:end]
                completed = console.session.complete(text[:end])
                assert completed is None or completed.startswith(text[:end].rsplit(" ", 1)[0])
                asked += 1
        return typed(console, line)

    player.typed = ask_first  # type: ignore[method-assign]
    for _ in player.play(play.read(str(path))):
        pass
    assert asked
