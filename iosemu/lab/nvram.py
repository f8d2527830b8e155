"""NVRAM: what a router keeps when it is switched off, in memory or in a folder.

A kill at any moment leaves a file whole, the old or the new one: it is written beside, forced to disk, and
renamed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

fcntl: ModuleType | None = None
with suppress(ImportError):  # Windows
    import fcntl

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_NEW = "~new"  # cannot be the end of a quoted name


class NVRAM:
    """A mapping of file names to bytes; with a folder, every change is on disk when the call returns.

    The folder is made on the first write; links in it are no files, for nothing outside it is read or written.
    OSError is passed on: what to tell the user is the caller's business.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._files: dict[str, bytes] = {}
        if folder is not None and folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.is_symlink() and not path.name.endswith(_NEW):
                    self._files[_unquote(path.name)] = path.read_bytes()

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]

    def get(self, name: str) -> bytes | None:
        """Give a file's contents, None when there is no such file."""
        return self._files.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __setitem__(self, name: str, contents: bytes) -> None:
        self._write(name, contents)
        self._files[name] = contents

    def __delitem__(self, name: str) -> None:
        """Erase a file; KeyError when there is none."""
        if self.folder is not None and name in self._files:
            # The disk first: what could not be erased is still there.
            (self.folder / _quote(name)).unlink(missing_ok=True)
            _settle(self.folder)
        del self._files[name]

    def rewrite(self) -> None:
        """Make the folder agree with what is in memory, after a checkpoint was restored."""
        if self.folder is None:
            return
        for name in [name for name in NVRAM(self.folder) if name not in self._files]:
            (self.folder / _quote(name)).unlink(missing_ok=True)
        for name, contents in self._files.items():
            self._write(name, contents)

    def _write(self, name: str, contents: bytes) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / _quote(name)
        new = path.with_name(path.name + _NEW)
        new.unlink(missing_ok=True)  # what a kill left there, or a link that leads elsewhere
        with new.open("xb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        _settle(self.folder)


_CLAIMED: dict[Path, int] = {}
"""The folders that this process has taken, with what holds them open until it ends."""


def claim(folder: Path) -> bool:
    """Take a lab's folder for this process, as long as it lives; False: another process has it.

    Nobody is kept out: each process has files of its own in memory, and of what two save the later is on disk. Where
    the system has no locks, or the folder cannot be made, nobody else is known of.
    """
    if folder in _CLAIMED or fcntl is None:
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entry = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(entry, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(entry)
        return False
    except OSError:
        os.close(entry)
        return True
    _CLAIMED[folder] = entry
    return True


def _settle(folder: Path) -> None:
    """Force a folder's entries to disk, where the system lets folders be opened (Windows does not)."""
    if os.name == "posix":
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


def _quote(name: str) -> str:
    """Make a file name of any name: `flash:a` is `flash%3Aa`; a leading dot is quoted, too."""
    quoted = "".join(c if c in _PLAIN else "".join(f"%{octet:02X}" for octet in c.encode()) for c in name)
    return "%2E" + quoted[1:] if quoted.startswith(".") else quoted


def _unquote(name: str) -> str:
    pieces = name.split("%")
    octets = pieces[0].encode()
    for piece in pieces[1:]:
        try:
            octets += bytes((int(piece[:2], 16),)) + piece[2:].encode()
        except ValueError:
            octets += b"%" + piece.encode()
    return octets.decode(errors="replace")
