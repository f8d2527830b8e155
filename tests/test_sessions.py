"""Every `.session` file is a test: what it holds is what happens. And all of them are one corpus of real lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.frontends import play

if TYPE_CHECKING:
    from iosemu.cli.console import Console

ASKED: set[tuple[str, str]] = set()
"""What was asked already, by mode and text: most sessions begin alike."""
ROOT = Path(__file__).parents[1]
FILES = sorted((*ROOT.glob("tests/sessions/**/*.session"), *ROOT.glob("configs/*/tour.session")))


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
    typed = player.typed

    def ask_first(console: Console, line: str) -> play.Played:
        session, line_typed = console.session, line[len(console.prompt) :]
        for end in range(len(line_typed) + 1) if console.question is None else ():
            text = line_typed[:end]
            if (session.mode.name, text) not in ASKED:
                ASKED.add((session.mode.name, text))
                assert session.help(text), text
                completed = session.complete(text)
                assert completed is None or completed.startswith(text.rsplit(" ", 1)[0]), text
        return typed(console, line)

    player.typed = ask_first  # type: ignore[method-assign]
    for _ in player.play(play.read(str(path))):
        pass
