"""The archive: copies of the running configuration, and what parts two configurations.

Configurations are compared line by line, each in its proper form (what was abbreviated in a file counts as
written out), below the lines that lead to it. Screens: Cisco's "Configuration Replace and Rollback" and
"Contextual Configuration Diff Utility" feature guides; numbering and defaults rest on memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.cli.session import Session
from iosemu.lab.clock import date
from iosemu.lab.log import MONTHS
from iosemu.lab.parts import Parts
from iosemu.parser import match

from . import files, running

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.command import Entry, Output
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Command, Mode

    from .replace import Tree

MAXIMUM = 10
"""How many copies are kept when `maximum` does not say."""
NUMBERS = 14
"""After this number copies are called 1 again."""
UNCHANGED = "!No changes were found"


class Archive(Parts):
    """A router's archive (a part of it)."""

    def __init__(self, _: object) -> None:
        super().__init__()
        self.written = False
        """Whether there is the line `archive` at all."""
        self.path = ""
        self.maximum = MAXIMUM
        self.on_write = False
        self.copies: list[str] = []
        """The URLs of the copies, oldest first."""
        self.last = 0

    @property
    def next(self) -> int:
        """The number of the next copy."""
        return self.last % NUMBERS + 1

    def url(self, node: Node) -> str:
        """Name the next copy; in a path `$h` stands for the host's name, `$t` for the time."""
        at = date(node.unix)
        time = f"{MONTHS[at.month - 1]}-{at.day}-{at.hour:02}-{at.minute:02}-{at.second:02}"
        return f"{self.path.replace('$h', node.hostname).replace('$t', time)}-{self.next}"


# -- configuration


@command("global", "archive")
def archive(node: Node, *, no: bool = False) -> Archive | None:
    """Open the archive; `no` forgets what was said of it, and which copies there are."""
    if no:
        node.parts.pop(Archive, None)
        return None
    held = node.part(Archive)
    held.written = True
    return held


@archive.config
def _(node: Node) -> Iterator[Entry]:
    held = node.peek(Archive)
    if held and held.written:
        yield {}, held


@command("archive", "path")
def path(archive: Archive, *, url: str = "", no: bool = False) -> None:
    """Set what copies are called, up to their number; that switches the archive on."""
    archive.path = "" if no else url.strip()


@path.config
def _(archive: Archive) -> Iterator[Values]:
    if archive.path:
        yield {"url": archive.path}


@command("archive", "maximum")
def maximum(archive: Archive, *, number: int = MAXIMUM, no: bool = False) -> None:
    """Set how many copies are kept."""
    archive.maximum = MAXIMUM if no else number


@maximum.config
def _(archive: Archive) -> Iterator[Values]:
    if archive.maximum != MAXIMUM:
        yield {"number": archive.maximum}


@command("archive", "write-memory")
def write_memory(archive: Archive, *, no: bool = False) -> None:
    """Make a copy whenever the configuration is saved."""
    archive.on_write = not no


@write_memory.config
def _(archive: Archive) -> Iterator[Values]:
    if archive.on_write:
        yield {}


# -- copies


@command("exec", "archive config")
def archive_config(session: Session) -> Reply:
    """Put a copy of the running configuration into the archive."""
    yield from copied(session)


def saved(session: Session) -> Reply:
    """Make a copy, where the configuration wants one of what is saved."""
    held = session.node.peek(Archive)
    if held is not None and held.on_write and held.path:
        yield from copied(session)


def copied(session: Session) -> Generator[Output, str, str | None]:
    """Make a copy of the running configuration; gives its URL, None when that can't be."""
    node: Node = session.node
    held = node.peek(Archive)
    if held is None or not held.path:
        yield "%Please turn config archive on"
        return None
    where = files.place(held.url(node))
    try:
        files.write(node, where, running.text(session.grammar, node).encode())
        held.last = held.next
        url = str(where)
        held.copies = [*(each for each in held.copies if each != url), url]
        while len(held.copies) > held.maximum:
            files.remove(node, files.place(held.copies.pop(0)))
    except files.Refusal as refusal:
        yield str(refusal)
        return None
    return url


@command("exec", "show archive")
def show_archive(node: Node) -> Reply:
    """List the copies."""
    held = node.peek(Archive)
    if held is None or not held.path:
        yield " Archive feature not enabled"
        yield ""
        return
    yield f"The maximum archive configurations allowed is {held.maximum}."
    yield f"There are currently {len(held.copies)} archive configurations saved."
    yield f"The next archive file will be named {held.url(node)}"
    yield " Archive #  Name"
    for number in range(1, held.maximum + 1):
        name = held.copies[number - 1] if number <= len(held.copies) else ""
        recent = " <- Most Recent" if name and number == len(held.copies) else ""
        yield f"   {number:<9}{name}{recent}"


# -- differences


def proper(session: Session, text: str) -> Tree:
    """Read a configuration as it would be typed: lines in their proper form, each with those below it.

    What nobody understands stands as it is written.
    """
    grammar = session.grammar
    typist = Session(grammar, session.node, line="memory", level=15)
    typist.enter("global", session.node)
    context = typist.context()
    top: Tree = {}
    stack: list[tuple[Mode | None, Tree]] = [(grammar["global"], top)]
    for row in text.splitlines():
        line = row.strip()
        if not line or line.startswith("!"):
            continue
        if line == "end":
            break
        indented = row[0].isspace()
        # As loading does: what is written at the margin is of global configuration, if it can be.
        depths = range(len(stack) - 1, -1, -1) if indented else range(len(stack))
        for depth in depths:
            mode, below = stack[depth]
            found = mode and match.parse(mode.graph, line, context)
            if mode is not None and isinstance(found, match.Match):
                said = mode.commands[found.command]
                inner = below.setdefault(_rendered(said, found.values, line), {})
                del stack[depth + 1 :]
                if said.enters and not found.values.get("no"):
                    stack.append((grammar[said.enters], inner))
                break
        else:
            if not indented:
                del stack[1:]
            inner = stack[-1][1].setdefault(line, {})
            if not indented:
                stack.append((None, inner))
    return top


def _rendered(said: Command, values: Values, line: str) -> str:
    try:
        return said.render(values)
    except ValueError:
        return line


def _lines(tree: Tree, indent: str, sign: str) -> Iterator[str]:
    for line, below in tree.items():
        yield f"{indent}{sign}{line}"
        yield from _lines(below, indent + " ", sign)


def _folded(tree: Tree, *, ignorecase: bool) -> Tree:
    """Give a tree to look lines up in."""
    return {line.lower(): below for line, below in tree.items()} if ignorecase else tree


def only(held: Tree, other: Tree, sign: str, indent: str = "") -> Iterator[str]:
    """Yield, marked by a sign, the lines that one configuration has and another has not."""
    for line, below in held.items():
        if line not in other:
            yield from _lines({line: below}, indent, sign)
        elif inner := [*only(below, other[line], sign, indent + " ")]:
            yield indent + line
            yield from inner


def changes(wanted: Tree, held: Tree, *, ignorecase: bool = False, indent: str = "") -> Iterator[str]:
    """Yield the lines of a file that would change something if they were typed."""
    known = _folded(held, ignorecase=ignorecase)
    for line, below in wanted.items():
        key = line.lower() if ignorecase else line
        if key.startswith("no ") and key not in known:
            taken = key.removeprefix("no ")
            if any(each == taken or each.startswith(f"{taken} ") for each in known):
                yield indent + line
        elif key not in known:
            yield from _lines({line: below}, indent, "")
        elif inner := [*changes(below, known[key], ignorecase=ignorecase, indent=indent + " ")]:
            yield indent + line
            yield from inner


def _read(session: Session, url: str) -> Tree:
    return proper(session, "\n".join(files.rows(files.read(session, files.place(url)))))


@command("exec", "show archive config differences")
def differences(session: Session, *, first: str = "", second: str = "") -> Reply:
    """Show what a second configuration has (`+`) and has not (`-`) of a first.

    One file is compared with the running configuration, which is compared with what is saved when none is
    named.
    """
    old, new = (first, second or files.RUNNING) if first else (files.RUNNING, "startup-config")
    try:
        before, after = _read(session, old), _read(session, new)
    except files.Refusal as refusal:
        yield str(refusal)
        return
    found = [*only(after, before, "+"), *only(before, after, "-")]
    yield from ("!Contextual Config Diffs:", *found) if found else (UNCHANGED,)
    yield ""


@command("exec", "show archive config incremental-diffs")
def incremental_diffs(session: Session, *, file: str, ignorecase: bool = False) -> Reply:
    """Show which lines of a file would change the running configuration."""
    try:
        found = [*changes(_read(session, file), _read(session, files.RUNNING), ignorecase=ignorecase)]
    except files.Refusal as refusal:
        yield str(refusal)
        return
    yield "!List of Commands:"
    yield from found
    yield "end"
    if not found:
        yield UNCHANGED
    yield ""
