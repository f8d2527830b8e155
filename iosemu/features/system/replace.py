"""`configure replace`: make running-config what a file says, by taking back what it does not say.

Lines that running-config has and the file has not are negated, then the whole file is typed; so a file need not
be in proper form. It is done again while that still changes something. Words rest on memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, command

from . import files, running, startup

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.cli.command import Output
    from iosemu.cli.config import Complaint
    from iosemu.cli.session import Session

NAMED = "ip access-list "
PASSES = 5
WARNING = """\
This will apply all necessary additions and deletions
to replace the current running configuration with the
contents of the specified configuration file, which is
assumed to be a complete configuration, not a partial"""

Tree = dict[str, "Tree"]
"""Lines, each with those that stand below it."""


def tree(text: str) -> Tree:
    """Read a configuration by its indentation."""
    top: Tree = {}
    path = [(-1, top)]
    for row in text.splitlines():
        line = row.strip()
        if not line or line.startswith("!"):
            continue
        if line == "end":
            break
        indent = len(row) - len(row.lstrip())
        while path[-1][0] >= indent:
            path.pop()
        path.append((indent, path[-1][1].setdefault(line, {})))
    return top


def reordered(held: Tree, wanted: Tree) -> Iterator[str]:
    """Yield the access lists whose entries are not those wanted, in their order: such a list is made anew."""
    for line, below in held.items():
        if line.startswith(NAMED) and line in wanted and [*below] != [*wanted[line]]:
            yield line
    for name in dict.fromkeys(" ".join(line.split()[:2]) for line in held if line.startswith("access-list ")):
        entries = [[line for line in lines if line.startswith(f"{name} ")] for lines in (held, wanted)]
        if entries[0] != entries[1]:
            yield name


def removals(held: Tree, wanted: Tree, indent: str = "") -> Iterator[str]:
    """Yield the lines that take back what is not wanted, below the lines that lead to it."""
    anew = [] if indent else [*reordered(held, wanted)]
    yield from (f"no {line}" for line in anew)
    for line, below in held.items():
        if line in anew or any(line.startswith(f"{name} ") for name in anew):
            continue
        if line not in wanted:
            yield indent + (line.removeprefix("no ") if line.startswith("no ") else f"no {line}")
        elif within := list(removals(below, wanted[line], indent + " ")):
            yield indent + line
            yield from within


@command("exec", "configure replace")
def replace(
    session: Session,
    *,
    url: str,
    list: bool = False,  # noqa: A002 - IOS's word
    force: bool = False,
    trigger: bool = False,
    minutes: int = 0,
    **said: bool,
) -> Reply:
    """Replace the running configuration with a file, when the user is sure.

    `list` shows what is typed; with `revert trigger error` a complaint of the file's brings back what was, and
    with `timer` what was comes back unless the change is confirmed.
    """
    del said
    where = files.place(url)
    try:
        files.read(session, where)
    except files.Refusal as refusal:
        yield str(refusal)
        return
    if not force:
        yield from WARNING.split("\n")
        answer = yield Ask("configuration. Enter Y if you are sure you want to proceed. ? [no]: ")
        if not answer.strip() or not "yes".startswith(answer.strip().lower()):
            return
    if minutes:
        from . import confirm  # noqa: PLC0415 - it replaces, too

        if not (yield from confirm.begin(session, minutes)):
            return
    yield from replaced(session, where, shown=list, whole=trigger)


def replaced(session: Session, where: files.Place, *, shown: bool = False, whole: bool = False) -> Reply:
    """Make the configuration that of a file, telling so; `whole`: or leave it as it was. Refusal: no such file."""
    text = "\n".join(files.rows(files.read(session, where)))
    before = running.text(session.grammar, session.node)
    passes, failed = yield from _applied(session, str(where), text, shown=shown)
    for complaint in failed:
        yield from complaint.rows
    if whole and failed:
        yield from ("", f"Rollback aborted after {passes} passes")
        yield from ("", "Rolling configuration back to the original one, as per user request.")
        for complaint in (yield from _applied(session, "", before, shown=shown))[1]:
            yield from complaint.rows
        yield from ("", "The original configuration has been successfully restored.", "")
        return
    startup.configured(session, str(where))
    yield ""
    yield f"Total number of passes: {passes}"
    if failed:
        yield f"Rollback aborted after {passes} passes"
        yield "The following commands are failed to apply to the IOS image."
        yield "********"
        yield from (complaint.rows[0].strip() for complaint in failed)
        yield "********"
    else:
        yield "Rollback Done"
    yield ""


def _applied(
    session: Session, name: str, text: str, *, shown: bool
) -> Generator[Output, str, tuple[int, list[Complaint]]]:
    """Make the configuration that of a file; gives the passes that took, and what was complained about."""
    wanted, before, passes = tree(text), "", 0
    failed: list[Complaint] = []
    for number in range(1, PASSES + 1):
        now = running.text(session.grammar, session.node)
        back = [*removals(tree(now), wanted)]
        if number > 1 and (not back or now == before):
            break
        before, passes = now, number
        if shown:
            yield from (f"!Pass {number}", "!List of Commands:", *back, *text.splitlines())
        # What can't be taken back (a port of the router) is no fault of the file's: only its own are shown.
        startup.complaints(session, "", "\n".join(back))
        failed = startup.complaints(session, name, text)
    return passes, failed
