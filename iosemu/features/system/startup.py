"""startup-config: what NVRAM holds for the next boot, and what saves and erases it.

Until a router saves one, the lab's files are its startup-config; one of no octets has been erased. A save is
on disk when it says `[OK]`, and a kill at any moment leaves the old one or the new one (`lab/nvram.py`).
Words: `reference/ios-shell.md` §6.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Reply, command, confirmed
from iosemu.cli.config import STARTUP
from iosemu.cli.session import Session
from iosemu.cli.tty import Changes

from . import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.config import Complaint
    from iosemu.lab.router import Node

SIZE = 29_688
"""Octets of NVRAM that a configuration may have: 32K, less what the system keeps there."""


def size(needed: int) -> int:
    """Give NVRAM's size: that of a small router, doubled until everything fits, for nothing is refused."""
    found = SIZE
    while found < needed:
        found *= 2
    return found


def contents(node: Node) -> bytes:
    """Give the startup-config as one file; nothing when there is none."""
    found = config.startup_files(node)
    if len(found) < 2:
        return "".join(text for _, text in found).encode()
    kept: list[str] = []
    for _, text in found:
        for line in text.splitlines():
            if line.strip().lower() == "end":
                break
            kept.append(line)
    return "".join(f"{line}\n" for line in (*kept, "end")).encode()


def modified(session: Session) -> bool:
    """Whether the router was configured since its configuration was read or saved."""
    node: Node = session.node
    changes, saved = node.peek(Changes), node.peek(running.Saved)
    if (changes.lines if changes else 0) == (saved.lines if saved else 0):
        return False
    return node.nvram.get(STARTUP) != running.text(session.grammar, node).encode()


def failure(doing: str, name: str, fault: OSError) -> str:
    """Word what the disk refused, as one row."""
    return f"%Error {doing} {name} ({fault.strerror or fault})"


def save(session: Session) -> Reply:
    """Write running-config to NVRAM, telling so."""
    node: Node = session.node
    yield "Building configuration..."
    try:
        node.nvram[STARTUP] = running.text(session.grammar, node).encode()
    except OSError as fault:
        yield failure("writing", f"nvram:{STARTUP}", fault)
        return
    changes, saved = node.peek(Changes), node.part(running.Saved)
    saved.lines, saved.when, saved.user = (changes.lines if changes else 0), node.now, session.user
    yield "[OK]"
    from . import archive  # noqa: PLC0415 - it writes files, which know of startup-config

    yield from archive.saved(session)


def complaints(session: Session, name: str, text: str) -> list[Complaint]:
    """Type a file at the router from global configuration, as boot does; gives what was complained about."""
    return config.load(Session(session.grammar, session.node, line="memory", level=15), name, text)


def typed(session: Session, name: str, text: str) -> Iterator[str]:
    """Type a file in the same way; yields the rows of the complaints."""
    for complaint in complaints(session, name, text):
        yield from complaint.rows


def configured(session: Session, source: str) -> None:
    """Note that the configuration was changed from a source, and log it."""
    node: Node = session.node
    node.part(Changes).note(node.now, session.user)
    node.log.emit("SYS", 5, "CONFIG_I", f"Configured from {source} by {session.who}")


def merge(session: Session, found: tuple[tuple[str, str], ...], source: str) -> Reply:
    """Type files at the router, one after another; shows what was complained about."""
    for name, text in found:
        yield from typed(session, name, text)
    configured(session, source)


def erase(session: Session) -> Reply:
    """Empty the startup-config, when the user confirms."""
    node: Node = session.node
    prompt = "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    if not (yield from confirmed(prompt)):
        return
    try:
        node.nvram[STARTUP] = b""
    except OSError as fault:
        yield failure("erasing", "nvram:", fault)
        return
    node.part(running.Saved).lines = -1
    yield "[OK]"
    yield "Erase of nvram: complete"
    node.log.emit("SYS", 7, "NV_BLOCK_INIT", "Initialized the geometry of nvram")


# --- Commands


@command("exec", "write")
def write(
    session: Session,
    *,
    memory: bool = False,
    terminal: bool = False,
    erase: bool = False,
    network: bool = False,
) -> Reply:
    """Save the configuration, or show it, or erase what was saved."""
    del memory
    if network:
        yield "This command has been replaced by the command:"
        yield "         'copy running-config <url>'"
    elif terminal:
        yield from running.shown(session)
    elif erase:
        yield from _erase(session)
    else:
        yield from save(session)


_erase = erase


@command("exec", "show startup-config")
def show_startup_config(node: Node) -> Reply:
    """Show what the next boot reads."""
    held = contents(node)
    if not held:
        yield f"{STARTUP} is not present"
        return
    yield f"Using {len(held)} out of {size(len(held))} bytes"
    yield from held.decode("utf-8", "replace").splitlines()
    yield ""
