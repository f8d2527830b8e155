"""Text that takes long to make, kept in a folder until what it was made from changes.

The rule it keeps: text found there that can't be read, cut off or of another form, is made again, and a folder
that can't be written is no error.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

T = TypeVar("T")

MOST = 64
"""How many files of one kind the cache holds; the oldest go."""


def kept(
    cache: Path | None,
    kind: str,
    source: str | Path,
    state: object,
    *,
    make: Callable[[], str],
    read: Callable[[str], T],
) -> T:
    """Read what `make` gives, from the cache if it has been made from this state of its source before.

    The cache (None: there is none) holds one file for each kind and source, a file or folder; `state` has a
    `repr` that is another one whenever `make` might give something else. For text that is not what `make`
    gives, `read` raises ValueError, LookupError or TypeError.
    """
    if cache is None:
        return read(make())
    from zlib import crc32  # noqa: PLC0415 - in a wheel not on every path

    place = f"{kind}-{crc32(os.fsencode(os.path.abspath(source))):08x}"  # noqa: PTH100 - asks no disk
    path = cache / f"{place}-{crc32(repr(state).encode()):08x}.json"
    try:
        return read(path.read_text("utf-8"))
    except (OSError, ValueError, LookupError, TypeError):
        pass
    text = make()
    _write(path, text, kind, place)
    return read(text)


def state_of(files: Iterable[str]) -> list[tuple[str, int, int]]:
    """Give the names, times of change and sizes of files.

    Reading a grammar and its compiler only to see that they are the same costs a start 3 ms. Ask before they
    are read: a file that changes meanwhile has another state the next time.
    """
    found = ((file, os.stat(file)) for file in files)  # noqa: PTH116 - a hundred of them
    return [(file, each.st_mtime_ns, each.st_size) for file, each in found]


def files_of(folder: str | Path, suffix: str) -> list[str]:
    """List a folder's files whose names end so, sorted."""
    return sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(suffix))


def _write(path: Path, text: str, kind: str, place: str) -> None:
    """Write a cache file whole or not at all, for the older ones of its place."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, "utf-8")
        for stale in path.parent.glob(f"{place}-*.json"):
            stale.unlink(missing_ok=True)
        draft.replace(path)
        # Another process may take one away while it is looked at: then that sees to the rest.
        held = sorted(path.parent.glob(f"{kind}-*.json"), key=lambda each: each.stat().st_mtime)
        for stale in held[:-MOST]:
            stale.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            draft.unlink()
