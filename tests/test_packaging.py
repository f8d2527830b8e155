"""The scripts that make, check and build iosemu, as far as that goes without a network.

Whole builds and installations are `scripts/wheel-smoke`'s business.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
SHELL = [ROOT / "scripts" / name for name in ("run", "venv", "check", "wheel-smoke")] + [ROOT / ".ci" / "run"]

PROGRAM = """#!/bin/sh
printf '%s\\n' "in $PWD" "$@"
exit 7
"""
"""Stands in for the venv's Python: says where it was called and with what."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a blank, whose .venv is ready for it."""
    place = tmp_path / "a checkout"
    (place / ".venv" / "bin").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", place / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    python = place / ".venv" / "bin" / "python"
    python.write_text(PROGRAM)
    python.chmod(0o755)
    (place / ".venv" / ".ready-run").write_text(f"{checksum(place)} {place}\n")
    return place


def checksum(place: Path) -> str:
    """What cksum says of a checkout's pyproject.toml."""
    with (place / "pyproject.toml").open("rb") as file:
        return subprocess.run(
            ["cksum"], stdin=file, check=True, capture_output=True, text=True
        ).stdout.strip()


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment on whose PATH there is what a POSIX system has, and no Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "cksum", "dirname", "readlink"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    return {"PATH": str(tools)}


def run(
    *command: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)


def test_a_ready_environment_goes_straight_to_the_program(checkout: Path, bare: dict[str, str]) -> None:
    """A start that finds .venv ready runs the program where it was called, and nothing else."""
    done = run(checkout / "scripts" / "run", "labs", "two words", "*", "", cwd=checkout.parent, env=bare)
    program = f"{checkout}/.venv/bin/iosemu"
    assert done.stdout.split("\n") == [f"in {checkout.parent}", program, "labs", "two words", "*", "", ""]
    assert done.stderr == ""
    assert done.returncode == 7


@pytest.mark.parametrize("script", ["scripts/run", "./scripts/run", "../a checkout/scripts/run"])
def test_it_is_called_by_any_name(checkout: Path, bare: dict[str, str], script: str) -> None:
    """The script finds its checkout by a relative path as well."""
    assert run("sh", script, "labs", cwd=checkout, env=bare).returncode == 7
    assert run("sh", "run", "labs", cwd=checkout / "scripts", env=bare).returncode == 7


def test_it_is_called_by_a_link(checkout: Path, bare: dict[str, str], tmp_path: Path) -> None:
    """A link to the script, as in a user's bin folder, finds the checkout too."""
    (tmp_path / "iosemu").symlink_to(checkout / "scripts" / "run")
    assert run(tmp_path / "iosemu", cwd=tmp_path, env=bare).returncode == 7


def changed(checkout: Path) -> Path:
    """Change pyproject.toml, as a pull does."""
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("\n")
    return checkout


def unfinished(checkout: Path) -> Path:
    """Leave .venv as an interrupted set-up does."""
    (checkout / ".venv" / ".ready-run").unlink()
    return checkout


def without_python(checkout: Path) -> Path:
    """Take away the Python that .venv was made with."""
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")
    return checkout


def moved(checkout: Path) -> Path:
    """Move the checkout with its .venv."""
    return checkout.rename(checkout.with_name("elsewhere"))


@pytest.mark.parametrize("stale", [changed, unfinished, without_python, moved])
def test_a_stale_environment_is_not_used(
    checkout: Path, bare: dict[str, str], stale: Callable[[Path], Path]
) -> None:
    """A .venv that is stale is made again, and where there is no Python one line says so."""
    done = run(stale(checkout) / "scripts" / "run", "labs", cwd=checkout.parent, env=bare)
    assert done.stdout == ""
    assert done.stderr == "iosemu: needs Python 3.11 or later, and found none on PATH\n"
    assert done.returncode == 1


def test_an_old_python_is_none(checkout: Path, bare: dict[str, str]) -> None:
    """A Python that is too old, or a shim that only complains, does not count."""
    old = Path(bare["PATH"]) / "python3"
    old.write_text("#!/bin/sh\necho too old >&2\nexit 1\n")
    old.chmod(0o755)
    done = run(unfinished(checkout) / "scripts" / "run", cwd=checkout, env=bare)
    assert done.stderr == "iosemu: needs Python 3.11 or later, and found none on PATH\n"


def test_a_python_without_venv_is_named(checkout: Path, bare: dict[str, str]) -> None:
    """A Python that is new enough but cannot make environments, as Debian ships it, is told what it lacks."""
    python = Path(bare["PATH"]) / "python3.12"
    python.write_text("#!/bin/sh\ncase $2 in *ensurepip*) exit 1 ;; esac\n")
    python.chmod(0o755)
    done = run(unfinished(checkout) / "scripts" / "run", cwd=checkout, env=bare)
    assert done.stderr.startswith("iosemu: python3.12 cannot make virtual environments (on Debian")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 1


def test_the_checks_need_more(checkout: Path, bare: dict[str, str]) -> None:
    """An environment that is ready to run the program is not yet one for its checks."""
    assert run(checkout / "scripts" / "venv", "run", cwd=checkout, env=bare).returncode == 0
    assert run(checkout / "scripts" / "venv", "test", cwd=checkout, env=bare).returncode == 1


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_scripts_can_be_called(script: Path) -> None:
    """Each shell script is executable and its shell understands it."""
    shell = re.match(r"#!(?:/usr/bin/env (bash)|/bin/(sh))\n", script.read_text("utf-8"))
    assert shell
    assert os.access(script, os.X_OK)
    assert run(shell[1] or shell[2], "-n", script, cwd=ROOT).stderr == ""


def test_ci_runs_the_checks_and_nothing_else() -> None:
    """CI runs scripts/check."""
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert len(commands) == 1
    assert re.fullmatch(r"exec bash \S+ ?\S*/scripts/check\"", commands[0])
