"""Every `.session` file is a test: what it holds is what happens. And all of them are one corpus of real lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.cli import filters
from iosemu.frontends import play
from iosemu.parser.match import Failure, Match

if TYPE_CHECKING:
    from iosemu.cli.console import Console
    from iosemu.cli.session import Session

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


def meaning(session: Session, line: str) -> tuple[int, Match | Failure]:
    """Tell what a line says where a session stands, whatever words it is said in, and to which of its modes."""
    said = line if session.configuring else filters.split(line)[0]
    return session._parse(said)


def abbreviate(session: Session, line: str) -> None:
    """Shorten a line word by word to what still says the same, and have Tab make it long again."""
    meant = meaning(session, line)
    if isinstance(meant[1], Failure) or session._expanded(line)[1]:
        return
    short = completed = line
    for word in reversed(list(re.finditer(r"\S+", line))):
        lead, rest = line[: word.start()], line[word.end() :]
        # What begins a word enough to mean it still does when it is longer; a value cannot be shortened at all.
        length = bisect_left(
            range(1, len(word[0])), 1, key=lambda size: meaning(session, lead + word[0][:size] + rest) == meant
        ) + 1  # fmt: skip
        if length == len(word[0]):
            continue
        short = short[: word.start()] + word[0][:length] + short[word.end() :]
        if meant[0] < len(session.stack) - 1:
            continue  # Tab knows the words of the mode alone
        done = session.complete(lead + word[0][:length])
        if done is None:
            assert session.complete(lead + word[0]) is None, f"{lead}{word[0][:length]}: not completed"
            continue
        assert done.lower().startswith(lead.lower() + word[0][:length].lower()), done
        completed = done.rstrip() + completed[word.end() :]
        assert meaning(session, completed) == meant, completed
    assert meaning(session, short) == meant, short


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_corpus(path: Path) -> None:
    """Every line typed anywhere means the same abbreviated, and completed again; `?` answers all along it."""
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
                if end == len(line_typed):
                    abbreviate(session, text)
        return typed(console, line)

    player.typed = ask_first  # type: ignore[method-assign]
    for _ in player.play(play.read(str(path))):
        pass
