"""Real clients that bring too much for everybody's environment: each runs in one of its own, where there is one.

A client is looked for in the environment of the tests, then in the folder that IOSEMU_CLIENTS names, which
holds a virtual environment for each: `python -m venv $IOSEMU_CLIENTS/napalm`, then its `pip install napalm`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

PATIENCE = 240
"""Seconds after which a client that has not come to its end is a failure."""


def python_of(client, module):
    """Give the Python that has a client; skip the test, and say why, where there is none."""
    if importlib.util.find_spec(module):
        return sys.executable
    python = Path(os.environ.get("IOSEMU_CLIENTS", "."), client, "bin", "python")
    if "IOSEMU_CLIENTS" in os.environ and python.exists():
        return str(python)
    return pytest.skip(f"{client} is not installed, neither here nor in IOSEMU_CLIENTS/{client}")


def run(client, module, script, folder, *words):
    """Run a script with the Python that has a client, where its files may lie; gives what it printed."""
    path = Path(folder, f"{client}_script.py")
    path.write_text(script, "utf-8")
    return command(folder, python_of(client, module), str(path), *words)


def command(folder, *words):
    """Run a command in a folder that is also its home; gives what it printed, and fails when it does."""
    environment = os.environ | {"HOME": str(folder), "PATH": f"{Path(words[0]).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
