"""Makes the checkout's .venv: one process at a time, and finished only when its last line is written.

Called by scripts/venv, which decides that it is needed and for which key; standard library only, for nothing
else is there yet.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
EXTRAS = {"run": "", "test": "[ssh,test]"}


def is_ready(want: str, key: str) -> bool:
    """Whether .venv was finished for this purpose and key, and its python is still there."""
    try:
        return (VENV / f".ready-{want}").read_text("utf-8") == f"{key}\n" and os.access(
            VENV / "bin/python", os.X_OK
        )
    except OSError:
        return False


def say(text: str) -> None:
    """Tell the user, on stderr: stdout belongs to the program that starts next."""
    sys.stderr.write(f"iosemu: {text}\n")
    sys.stderr.flush()


def make(want: str, key: str, lock: int) -> None:
    """Make .venv, or add to one that is ready for less; CalledProcessError when a step fails."""

    def step(*command: str | Path) -> None:
        # The children inherit the lock: should this process be killed, pip still holds it while it writes.
        subprocess.run(
            command, cwd=ROOT, pass_fds=(lock,), check=True, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    add = want == "test" and is_ready("run", key)
    for mark in VENV.glob(".ready-*"):
        mark.unlink()
    if add:
        say("adding to .venv what the checks need (once)")
    else:
        # The interpreter's own file, not a link to it: a link may be another version after an upgrade.
        python = os.path.realpath(sys.executable)
        say(f"setting up .venv with Python {sys.version.split()[0]} (once, some seconds)")
        step(python, "-I", "-m", "venv", "--clear", VENV)
    pip = [
        str(VENV / "bin/python"),
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
    ]
    step(*pip, "install", "--editable", f".{EXTRAS[want]}")
    # With PYTHONDONTWRITEBYTECODE a start would compile the package each time: 300 ms. Without being asked to check
    # contents, Python compiles a file that changed later for itself.
    step(VENV / "bin/python", "-I", "-m", "compileall", "-q", ROOT / "iosemu")
    for name in EXTRAS if want == "test" else ["run"]:
        (VENV / f".ready-{name}").write_text(f"{key}\n", "utf-8")


def main(want: str, key: str) -> int:
    """Make .venv under the lock unless another process has just done so; the exit status."""
    with (ROOT / "pyproject.toml").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another start that is setting up .venv")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(want, key):
            return 0
        make(want, key, lock.fileno())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        say("interrupted; the next start begins again")
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(error.stdout)
        say("could not set up .venv; the reason stands above")
    except OSError as error:
        say(f"could not set up .venv: {error}")
    sys.exit(1)
