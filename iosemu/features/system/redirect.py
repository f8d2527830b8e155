"""Where output goes instead of a terminal: `| redirect`, `| tee` and `| append`, to files of the router's own.

Rows are gathered and written when the command has ended; what is interrupted is not written. Only the router's
file systems can be named, as in `copy`: nothing here reaches the host's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import command
from iosemu.cli.filters import Filter

from . import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node


class Redirection(Filter):
    """Rows on their way to a file; the terminal sees them too when they are shown."""

    def __init__(self, node: Node, where: files.Place, *, before: bytes = b"", shown: bool = False) -> None:
        self._node = node
        self._where = where
        self._rows = [before]
        self._size = len(before)
        self._shown = shown

    def row(self, row: str) -> Iterable[str]:
        """Take a row; what is more than flash: holds is not kept, only counted."""
        data = f"{row}\n".encode()
        self._size += len(data)
        if self._size <= files.FLASH:
            self._rows.append(data)
        return (row,) if self._shown else ()

    def end(self) -> Iterable[str]:
        """Write the file."""
        if self._size > files.FLASH:
            return (f"%Error writing {self._where} (No space left on device)",)
        try:
            files.write(self._node, self._where, b"".join(self._rows))
        except files.Refusal as refusal:
            return (str(refusal),)
        return ()


def _redirection(session: Session, url: str, *, append: bool = False, shown: bool = False) -> Filter | str:
    """Give what writes to a URL, or the row that refuses it before anything is run."""
    where = files.place(url, session.directory)
    node: Node = session.node
    if where.system in files.REMOTE:
        return f"%Error opening {where} (Timed out)"
    if where.system not in ("flash", "nvram") or not where.name:
        known = where.system in ("flash", "nvram", "system")
        return f"%Error opening {where} (No such {'file or directory' if known else 'device'})"
    before = node.nvram.get(where.key) if append else None
    return Redirection(node, where, before=before or b"", shown=shown)


@command("modifier", "redirect")
def redirect(session: Session, *, url: str) -> Filter | str:
    """Write the output to a file instead of showing it."""
    return _redirection(session, url)


@command("modifier", "append")
def append(session: Session, *, url: str) -> Filter | str:
    """Write the output behind what is in a file already."""
    return _redirection(session, url, append=True)


@command("modifier", "tee")
def tee(session: Session, *, url: str) -> Filter | str:
    """Show the output, and write it to a file, too."""
    return _redirection(session, url, shown=True)
