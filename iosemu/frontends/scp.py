r"""scp: files copied to and from a router's own flash: and nvram:, as `ip scp server enable` allows.

This is the protocol of the `scp` program before it spoke SFTP (today's `scp -O`), the one that IOS speaks. It
has no document: a source says `C0644 SIZE NAME\n`, then the octets and a NUL; each is answered by a NUL, or by
\1 and a row that says why not. The rule kept here: a name is one in the router's file systems, never one of
this machine's.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from iosemu.features.system import files
from iosemu.features.system.enable import asks_nothing
from iosemu.features.system.ssh import copies

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from iosemu.cli.session import Session

OK = b"\0"
DISABLED, DENIED = b"Administratively disabled.\n", b"Privilege denied.\n"
LONGEST = 1024
"""Octets that a row may have."""
_FILE = re.compile(rb"C[0-7]{4} (\d{1,12}) ([^/\0]{1,255})\Z")


def asked(command: str) -> list[str] | None:
    """Give the words of a request to copy; None when it asks for something else."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return words if words[:1] == ["scp"] and any(word in ("-t", "-f") for word in words) else None


class Copy:
    """One copy: octets are fed to it, and what is answered is written; `done` tells the exit status."""

    def __init__(
        self, session: Session, words: list[str], write: Callable[[bytes], None], done: Callable[[int], None]
    ) -> None:
        self._session = session
        self._write = write
        self._done = done
        self._held = bytearray()
        self._wanted = 0
        """How many octets are waited for; 0: a row."""
        self._over = False
        url = next((word for word in reversed(words[1:]) if not word.startswith("-")), "")
        url = "" if url == "." else url  # what `scp FILE HOST:` asks for
        self._work = self._sink(url) if "-t" in words else self._source(url)

    def start(self) -> None:
        """Begin, or say why not."""
        session = self._session
        if not copies(session.node):
            self._refuse(DISABLED)
        elif session.level < 15 and not asks_nothing(session):
            self._refuse(DENIED)
        else:
            self._go_on(None)

    def feed(self, data: bytes) -> None:
        """Take what the other end sent."""
        self._held += data
        while not self._over:
            if self._wanted:
                end = self._wanted
                if len(self._held) < end:
                    return
            else:
                end = self._held.find(b"\n", 0, LONGEST) + 1
                if not end:
                    if len(self._held) >= LONGEST:
                        self._refuse(b"\1protocol error\n")
                    return
            taken = bytes(self._held[:end])
            del self._held[:end]
            self._go_on(taken)

    def _go_on(self, taken: bytes | None) -> None:
        try:
            self._wanted = next(self._work) if taken is None else self._work.send(taken)
        except StopIteration:
            self._end(0)
        except files.Refusal as refusal:
            self._refuse(b"\1" + str(refusal).encode() + b"\n")

    def _refuse(self, why: bytes) -> None:
        self._write(why)
        self._end(1)

    def _end(self, status: int) -> None:
        self._over = True
        self._held.clear()
        self._done(status)

    def ended(self) -> None:
        """Hear that the other end sends no more: between two files, that is how it says that it has done."""
        if not self._over:
            self._end(1 if self._wanted or self._held else 0)

    def _sink(self, url: str) -> Generator[int, bytes, None]:
        """Take files. What is yielded is how many octets are wanted next, 0 for a row."""
        self._write(OK)
        while True:
            row = yield 0
            row = row.rstrip(b"\n")
            if row[:1] in (b"T", b"E"):
                self._write(OK)
                continue
            found = _FILE.match(row)
            if not found:
                raise files.Refusal(f"%Error: {url} is no directory" if row[:1] == b"D" else "protocol error")
            size, where = int(found[1]), files.place(url)
            if not where.name:
                where = files.Place(where.system, found[2].decode("utf-8", "replace"))
            if size > files.FLASH:
                raise files.Refusal(f"%Error writing {where} (No space left on device)")
            self._write(OK)
            contents = yield size + 1  # and the NUL behind it
            files.write(self._session.node, where, contents[:size])
            self._write(OK)

    def _source(self, url: str) -> Generator[int, bytes, None]:
        """Give a file."""
        where = files.place(url)
        yield 1
        contents = files.read(self._session, where)
        self._write(f"C0644 {len(contents)} {where.name.rpartition('/')[2]}\n".encode())
        yield 1
        self._write(contents + OK)
        yield 1
