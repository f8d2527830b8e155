"""Files: what lies in flash: and nvram:, and `cd`, `copy`, `delete`, `dir`, `more`.

Files are kept in the node's NVRAM under the names that are typed (`flash:x`); `startup-config` has a name of
its own there, and `system:running-config` is no file but can be read and written like one. Nothing is lost by
an error: what the disk refuses is one `%Error` row. Words: `reference/ios-shell.md` §6.2, §7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, Values, command, confirmed
from iosemu.cli.config import STARTUP, startup_files
from iosemu.values import NamedTuple

from . import running, startup

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

FLASH = 16 * 1024 * 1024
"""Octets that flash: has."""
MOST = 1000
"""Files that a file system may have; what is more would be this machine's burden."""
RATE = 100_000
"""Octets a second that a copy is said to have taken: none takes any time."""
REMOTE = ("ftp", "http", "https", "rcp", "scp", "tftp")
RUNNING = "running-config"
NULL = "null"
"""The file system that is always empty, whatever is written there."""


class Place(NamedTuple):
    """Where a file is: its file system, `flash`, and its name there."""

    system: str
    name: str

    def __str__(self) -> str:
        return f"{self.system}:{self.name}"

    @property
    def key(self) -> str:
        """What NVRAM calls the file."""
        return STARTUP if self == _STARTUP else str(self)


_RUNNING = Place("system", RUNNING)
_STARTUP = Place("nvram", STARTUP)


class Refusal(Exception):  # noqa: N818 - what IOS says, not what went wrong here
    """What IOS answers instead of doing something: one row."""


class FilePrompt:
    """How much `copy` asks (a part of a node): `alert`, `noisy` or `quiet`."""

    def __init__(self, _: object) -> None:
        self.level = "alert"


def place(url: str, here: str = "flash") -> Place:
    """Read a URL; a name without a file system is in the one where somebody stands (`cd`)."""
    system, colon, name = url.partition(":")
    if not colon:
        return {RUNNING: _RUNNING, STARTUP: _STARTUP}.get(url, Place(here, url.lstrip("/")))
    return Place(system.lower(), name if system.lower() in REMOTE else name.lstrip("/"))


def read(session: Session, where: Place) -> bytes:
    """Give a file's contents; Refusal when there is none."""
    node: Node = session.node
    if where == _RUNNING:
        return running.text(session.grammar, node).encode()
    if where.system == NULL:
        return b""
    if where.system in REMOTE:
        raise Refusal(f"%Error opening {where} (Timed out)")
    found = startup.contents(node) if where == _STARTUP else node.nvram.get(where.key)
    if found is None or (where == _STARTUP and not found):
        raise Refusal(f"%Error opening {where} ({_missing(where)})")
    return found


def rows(contents: bytes) -> list[str]:
    """Give a file's rows as they may be shown: control characters, which would act on a terminal, are dots.

    ETX stays, which may end a banner.
    """
    return [
        row if row.isprintable() else "".join(map(_shown, row))
        for row in contents.decode("utf-8", "replace").splitlines()
    ]


def _shown(char: str) -> str:
    return char if char.isprintable() or char == "\x03" else " " if char.isspace() else "."


def _missing(where: Place) -> str:
    known = where.system in ("flash", "nvram", "system")
    return "No such file or directory" if known else "No such device"


def write(node: Node, where: Place, contents: bytes) -> None:
    """Write a file; Refusal when there is no room, no such place, or the disk says no."""
    if where.system in REMOTE:
        raise Refusal(f"%Error opening {where} (Timed out)")
    if where.system == NULL:
        return
    if not where.name.isprintable():
        raise Refusal("%Error: a file's name has no control characters")
    if where.system not in ("flash", "nvram"):
        raise Refusal(f"%Error opening {where} ({_missing(where)})")
    others = [size for name, size in listing(node, where.system) if name != where.name]
    if sum(others) + len(contents) > FLASH or len(others) >= MOST:
        raise Refusal(f"%Error writing {where} (No space left on device)")
    try:
        node.nvram[where.key] = contents
    except OSError as fault:
        raise Refusal(startup.failure("writing", str(where), fault)) from None


def remove(node: Node, where: Place) -> None:
    """Delete a file; Refusal when there is none, or the disk says no."""
    if where.key not in node.nvram:
        raise Refusal(f"%Error deleting {where} ({_missing(where)})")
    try:
        del node.nvram[where.key]
    except OSError as fault:
        raise Refusal(startup.failure("deleting", str(where), fault)) from None


def listing(node: Node, system: str) -> list[tuple[str, int]]:
    """List the files of a file system, by name: name and size."""
    files = [name for name in node.nvram if name.startswith(f"{system}:")]
    held = [(name.partition(":")[2], len(node.nvram[name])) for name in files]
    if system == "nvram" and (size := len(startup.contents(node))):
        held.append((STARTUP, size))
    return sorted(held)


def _room(node: Node, system: str) -> tuple[int, int]:
    """Give a file system's size and what is free of it."""
    used = sum(size for _, size in listing(node, system))
    total = FLASH if system == "flash" else startup.size(used)
    return total, total - used


# --- copy


@command("exec", "copy")
def copy(
    session: Session,
    *,
    from_running: bool = False,
    from_startup: bool = False,
    source: str = "",
    to_running: bool = False,
    to_startup: bool = False,
    destination: str = "",
) -> Reply:
    """Copy a file, asking where to; to running-config means typing it there."""
    origin = _RUNNING if from_running else _STARTUP if from_startup else place(source, session.directory)
    target = _RUNNING if to_running else _STARTUP if to_startup else place(destination, session.directory)
    try:
        origin = yield from _named(session, origin, "Source", "")
        target = yield from _named(session, target, "Destination", _default(session, origin))
        if target == origin:
            yield f"%Error: {origin} cannot be copied to itself"
        elif origin == _RUNNING and target == _STARTUP:
            yield from startup.save(session)
        elif target == _RUNNING:
            yield from _merged(session, origin, read(session, origin))
        elif (yield from _may_write(session.node, target)):
            contents = read(session, origin)
            write(session.node, target, contents)
            yield _copied(contents)
    except Refusal as refusal:
        yield str(refusal)


def _merged(session: Session, origin: Place, contents: bytes) -> Reply:
    if origin == _STARTUP:
        yield from startup.merge(session, startup_files(session.node), "memory")
    else:
        yield from startup.merge(session, ((str(origin), contents.decode("utf-8", "replace")),), str(origin))
    yield _copied(contents)


def _copied(contents: bytes) -> str:
    size = len(contents)
    milliseconds = max(round(size * 1000 / RATE), 1)
    return (
        f"{size} bytes copied in {milliseconds // 1000}.{milliseconds % 1000:03} secs "
        f"({size * 1000 // milliseconds} bytes/sec)"
    )


def _default(session: Session, origin: Place) -> str:
    """Give the name that a copy has when none was said."""
    if origin in (_RUNNING, _STARTUP):
        return f"{session.node.hostname.lower()}-confg"
    return origin.name.rpartition("/")[2]


def _quiet(node: Node) -> bool:
    held = node.peek(FilePrompt)
    return held is not None and held.level == "quiet"


def _named(session: Session, where: Place, which: str, name: str) -> Generator[Output, str, Place]:
    """Ask for what a URL left open, and for leave to use the name that it gives."""
    if where.system == NULL:
        return where
    quiet = _quiet(session.node)
    host = ""
    if where.system in REMOTE:
        host, _, path = where.name.lstrip("/").partition("/")
        if not (quiet and host):
            host = (yield Ask(f"Address or name of remote host [{host}]? ")).strip() or host
        where = Place(where.system, path)
    name = where.name or name
    asks = which == "Destination" or not where.name or (host and not quiet)
    if asks and not (quiet and name):
        name = (yield Ask(f"{which} filename [{name}]? ")).strip() or name
    if where.system in REMOTE and not host:
        raise Refusal("%Error: no host is named")
    if not name:
        raise Refusal("%Error: no file is named")
    return Place(where.system, f"//{host}/{name}" if host else name)


def _may_write(node: Node, target: Place) -> Generator[Output, str, bool]:
    """Ask whether a file that is there may be overwritten."""
    if target.key not in node.nvram or target == _STARTUP or _quiet(node):
        return True
    yield "%Warning:There is a file already existing with this name"
    return (yield from confirmed("Do you want to over write? [confirm]"))


@command("global", "file prompt")
def file_prompt(
    node: Node, *, alert: bool = False, noisy: bool = False, quiet: bool = False, no: bool = False
) -> None:
    """Choose how much file commands ask; without a word, `noisy`."""
    del noisy
    node.part(FilePrompt).level = "alert" if alert or no else "quiet" if quiet else "noisy"


@file_prompt.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(FilePrompt)
    if held and held.level != "alert":
        yield {held.level: True}


# --- Looking, deleting


@command("exec", "delete")
def delete(session: Session, *, url: str, force: bool = False) -> Reply:
    """Delete a file, when the user says so twice."""
    node: Node = session.node
    where = place(url, session.directory)
    if not force:
        name = (yield Ask(f"Delete filename [{where.name}]? ")).strip() or where.name
        where = Place(where.system, name)
        if not (yield from confirmed(f"Delete {where}? [confirm]")):
            return
    try:
        if where == _STARTUP:
            read(session, where)
            write(node, where, b"")
        else:
            remove(node, where)
    except Refusal as refusal:
        yield str(refusal).replace("opening", "deleting")


@command("exec", "erase")
def erase(
    session: Session, *, flash: bool = False, nvram: bool = False, startup_config: bool = False
) -> Reply:
    """Erase what was saved, or all of flash:, when the user confirms."""
    del nvram, startup_config
    if not flash:
        yield from startup.erase(session)
        return
    prompt = "Erasing the flash filesystem will remove all files! Continue? [confirm]"
    if not (yield from confirmed(prompt)):
        return
    try:
        for name, _ in listing(session.node, "flash"):
            del session.node.nvram[f"flash:{name}"]
    except OSError as fault:
        yield startup.failure("erasing", "flash:", fault)
        return
    yield "Erasing device... erased"
    yield "Erase of flash: complete"


@command("exec", "rename")
def rename(session: Session, *, url: str, new_url: str) -> Reply:
    """Give a file another name."""
    origin, target = (place(each, session.directory) for each in (url, new_url))
    try:
        if not _quiet(session.node):
            name = (yield Ask(f"Destination filename [{target.name}]? ")).strip() or target.name
            target = Place(target.system, name)
        if origin.system != target.system or origin == _RUNNING:
            yield f"%Error renaming {origin} (Invalid argument)"
        elif target.key in session.node.nvram:
            yield f"%Error renaming {origin} (File exists)"
        else:
            write(session.node, target, read(session, origin))
            del session.node.nvram[origin.key]
    except Refusal as refusal:
        yield str(refusal)


@command("exec", "verify /md5")
def verify(session: Session, *, url: str, digest: str | None = None) -> Reply:
    """Compute a file's MD5 signature, and compare it with the one expected."""
    from hashlib import md5  # noqa: PLC0415 - 3 ms, for this command alone

    where = place(url, session.directory)
    try:
        found = md5(read(session, where), usedforsecurity=False).hexdigest()
    except Refusal as refusal:
        yield str(refusal).replace("opening", "verifying")
        return
    yield ".Done!"
    if digest is None:
        yield f"verify /md5 ({where}) = {found}"
    elif digest.lower() == found:
        yield f"Verified ({where}) = {found}"
    else:
        yield f"%Error verifying {where}"
        yield f"Computed signature  = {found}"
        yield f"Submitted signature = {digest}"
    yield ""


@command("exec", "more")
def more(session: Session, *, url: str) -> Reply:
    """Show what is in a file."""
    try:
        contents = read(session, place(url, session.directory))
    except Refusal as refusal:
        yield str(refusal)
        return
    yield from rows(contents)


@command("exec", "cd")
def change_directory(session: Session, *, directory: str = "flash:") -> Reply:
    """Choose the file system that is meant when none is named; none has directories."""
    where = place(directory, session.directory)
    if where.system not in ("flash", "nvram", "system") or where.name:
        yield f"%Error changing directory to {where} ({_missing(where)})"
        return
    session.directory = where.system


@command("exec", "pwd")
def working_directory(session: Session) -> Reply:
    """Tell which file system is meant when none is named."""
    yield f"{session.directory}:/"


@command("exec", "dir")
def show_directory(session: Session, *, filesystem: str = "", all: bool = False) -> Reply:  # noqa: A002 - IOS's word
    """List the files of a file system, that of `cd` unless one is named; when they were written, nobody noted."""
    del all
    node: Node = session.node
    if filesystem == "all-filesystems":
        for system in ("nvram:", "flash:"):
            yield from show_directory.run(session, filesystem=system)  # type: ignore[misc]
            yield ""
        return
    where = place(filesystem, session.directory)
    if where.system not in ("flash", "nvram", "system"):
        yield f"%Error opening {where} ({_missing(where)})"
        return
    files = listing(node, where.system)
    if where.system == "system":
        files = [(RUNNING, len(read(session, _RUNNING)))]
    found = [(name, size) for name, size in files if where.name in ("", name)]
    if where.name and not found:
        yield f"%Error opening {where} ({_missing(where)})"
        return
    yield f"Directory of {where.system}:/{where.name}"
    yield ""
    for number, (name, size) in enumerate(found, 1):
        yield f"{number:5}  -rw-  {size:10}  {'<no date>':>27}  {name}"
    if not found:
        yield "No files in directory"
    yield ""
    if where.system == "system":
        yield "No space information available"
        return
    total, free = _room(node, where.system)
    yield f"{total} bytes total ({free} bytes free)"


@command("exec", "show flash:")
def show_flash(node: Node) -> Reply:
    """List what is in flash:, in the old form."""
    found = listing(node, "flash")
    yield "System flash directory:"
    if found:
        yield "File  Length   Name/status"
    for number, (name, size) in enumerate(found, 1):
        yield f"{number:3}   {size:<8} {name}"
    if not found:
        yield "No files in System flash"
    total, free = _room(node, "flash")
    yield f"[{total - free} bytes used, {free} available, {total} total]"
    yield f"{total // 1024}K bytes of processor board System flash (Read/Write)"
    yield ""


@command("exec", "show file systems")
def show_file_systems(session: Session) -> Reply:
    """List the file systems; `*` marks the one that is meant when none is named."""
    yield "File Systems:"
    yield ""
    yield "     Size(b)     Free(b)      Type  Flags  Prefixes"
    for system in ("system", "nvram", "flash"):
        mark = "*" if system == session.directory else " "
        if system == "system":
            yield f"{mark}          -           -    opaque     rw   system:"
            continue
        total, free = _room(session.node, system)
        yield f"{mark}{total:11} {free:11} {system:>9}     rw   {system}:"
    yield ""
