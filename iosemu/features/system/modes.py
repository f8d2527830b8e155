"""Moving between modes: enable, configure, do, exit, end, and leaving a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Ask, Reply, Request, command

if TYPE_CHECKING:
    from iosemu.cli.session import Session

HELP = """\
Help may be requested at any point in a command by entering
a question mark '?'.  If nothing matches, the help list will
be empty and you must backup until entering a '?' shows the
available options.
Two styles of help are provided:
1. Full help is available when you are ready to enter a
   command argument (e.g. 'show ?') and describes each possible
   argument.
2. Partial help is provided when an abbreviated argument is entered
   and you want to know what arguments match the input
   (e.g. 'show pr?'.)
"""


@command("any", "exit")
def exit_mode(session: Session) -> None:
    """Leave one configuration mode."""
    session.leave()


@command("any", "end")
def end(session: Session) -> None:
    """Leave configuration altogether."""
    session.leave(all_modes=True)


@command("any", "do")
def do(session: Session, *, line: str) -> Reply:
    """Run an EXEC line from a configuration mode; `do configure` is refused as an unknown word would be."""
    yield from session.execute_exec(line, len(session.prompt) + session.typed.rindex(line))


@command("any", "help")
def help_in_configuration(session: Session) -> Reply:
    """Describe the interactive help."""
    yield from help_system(session)


def help_system(_: Session) -> Reply:
    """Describe the interactive help (ios-shell.md §3)."""
    yield from HELP.split("\n")


command("exec", "help")(help_system)


@command("exec", "configure")
def configure(
    session: Session, *, terminal: bool = False, memory: bool = False, network: bool = False
) -> Reply:
    """Enter configuration mode; or merge the startup-config into the running one."""
    if not terminal and not memory and not network:
        answer = yield Ask("Configuring from terminal, memory, or network [terminal]? ")
        choice = answer.strip().lower() or "terminal"
        memory, network = "memory".startswith(choice), "network".startswith(choice)
        if not memory and not network and not "terminal".startswith(choice):
            yield "?Must be \"terminal\", \"memory\" or \"network\""
            return
    if network:
        yield "%Error: there is no network host to configure from"
        return
    if memory:
        text = session.node.nvram.get("startup-config")
        if text:
            for complaint in config.load(session, "startup-config", text.decode()):
                yield from complaint.rows
        return
    yield "Enter configuration commands, one per line.  End with CNTL/Z."
    session.enter("global", session.node)


@command("exec", "exit", "logout")
def leave(session: Session) -> Reply:
    """End the session."""
    session.ended = True
    yield Request("logout")
