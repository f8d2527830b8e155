"""README.md is true: its sessions are played, its commands are run, its Python is executed."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from iosemu.frontends import play

TEXT = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    """Give the fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_it_opens_with_two_commands() -> None:
    """The first block of README.md is the two commands that do everything."""
    first = re.search(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert first is not None
    assert [line.split()[0] for line in first[1].splitlines()] == ["scripts/run", "scripts/check"]


@pytest.mark.parametrize("session", blocks("session"), ids=lambda text: text.splitlines()[0])
def test_sessions(session: str, tmp_path: Path) -> None:
    """What README.md shows of a session is what is shown."""
    path = tmp_path / "readme.session"
    path.write_text(session, "utf-8")
    diff: list[str] = []
    assert play.check([str(path)], diff.append) == 0, "".join(diff)


@pytest.mark.parametrize("console", blocks("console"), ids=lambda text: text.splitlines()[0])
def test_commands(console: str) -> None:
    """What README.md shows of a command is what it prints; the set-up that `scripts/run` does has a test of its own."""
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE):
        assert "scripts/run" in shlex.split(command)
        line = command.replace("scripts/run", f"{shlex.quote(sys.executable)} -m iosemu")
        done = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert (done.stdout, done.stderr, done.returncode in (0, 1)) == (shown, "", True)


@pytest.mark.parametrize("source", blocks("python"), ids=["python"])
def test_python(source: str) -> None:
    """README.md's Python runs, and prints what a comment behind it says."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, {})
    expected = re.findall(r"^# (.*)$", source, re.MULTILINE)
    assert [line for line in expected if line not in printed.getvalue()] == []
