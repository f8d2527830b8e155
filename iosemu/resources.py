"""Where iosemu's own files and the user's stand: grammar and labs, the cache, what routers remember.

Finds and names; reads nothing. In a checkout `grammar/` and `configs/` stand beside the package, in a wheel
inside it as `_grammar` and `_configs`. On the path of every start, hence without importlib.resources.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_DESCRIPTIONS = (".yml", ".yaml", ".cfg")


class ResourceError(LookupError):
    """What was asked for is not there: one line that says what was looked for and what exists."""


def folder(name: str) -> Path:
    """Find `grammar` or `configs`, in a wheel or in a checkout."""
    for path in (_PACKAGE / f"_{name}", _PACKAGE.parent / name):
        if path.is_dir():
            return path
    raise ResourceError(f"iosemu is not whole: no {name} folder in {_PACKAGE} or beside it")


def compiled_grammar() -> Path | None:
    """Find the grammar as it was compiled when the wheel was built; None in a checkout."""
    path = _PACKAGE / "_grammar" / "compiled.json"
    return path if path.is_file() else None


def cache_folder() -> Path | None:
    """Give the folder for what can be made again, made if need be; None where nothing can be written."""
    return _user_folder("XDG_CACHE_HOME", ".cache")


def state_folder() -> Path | None:
    """Give the folder where routers keep their NVRAM, made if need be; None where nothing can be written."""
    return _user_folder("XDG_STATE_HOME", ".local/state")


def _user_folder(variable: str, default: str) -> Path | None:
    """Make iosemu's folder below one of the user's base directories (XDG Base Directory Specification)."""
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):  # "relative … should be considered invalid and ignored"
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        base = os.path.join(home, default)
    path = Path(base, "iosemu")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return path if os.access(path, os.W_OK | os.X_OK) else None


def labs() -> list[tuple[str, Path]]:
    """List the shipped labs by name, each with its lab.yml."""
    return [(path.parent.name, path) for path in sorted(folder("configs").glob("*/lab.yml"))]


def find_tour(text: str) -> Path | None:
    """Find the tour that a user's word for a session means: a shipped lab's name does, if no file has that name."""
    tour = folder("configs") / text / "tour.session"
    shipped = not os.path.dirname(text) and not os.path.exists(text) and os.path.isfile(tour)
    return tour if shipped else None


def find_lab(text: str, *, base: Path | None = None) -> Path:
    """Find the lab.yml or .cfg that a user's word for a lab means.

    A shipped lab's name goes before a folder of that name (write `./physical` for the folder). `base` is the
    folder that a relative path starts from, the current one by default.
    """
    if not os.path.dirname(text):
        shipped = folder("configs") / text / "lab.yml"
        if os.path.isfile(shipped):
            return shipped
    path = Path(base or "", os.path.expanduser(text))
    if text and os.path.isdir(path):
        if os.path.isfile(path / "lab.yml"):
            return path / "lab.yml"
        raise ResourceError(f"no lab.yml in folder {path}")
    if path.suffix in _DESCRIPTIONS and text and not os.path.exists(path):
        raise ResourceError(f"no lab {text!r}: there is no such file")
    if text and os.path.isfile(path):
        if path.suffix in _DESCRIPTIONS:
            return path
        raise ResourceError(f"{path} is neither a lab.yml nor a .cfg")
    names = ", ".join(name for name, _ in labs())
    raise ResourceError(f"no lab {text!r}: give {names}, or a folder with a lab.yml, a lab.yml, a .cfg")
