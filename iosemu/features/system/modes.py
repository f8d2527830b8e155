"""Moving between modes: configure, do, exit, end, leaving a session; and aliases for what is typed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Ask, Reply, Request, Values, command, confirmed
from iosemu.cli.tty import BUILT_IN_ALIASES, Aliases

from . import startup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

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


def leave_address_family(session: Session, *, no: bool = False) -> None:
    """Leave an address family's mode; `no` says nothing."""
    if not no:
        session.leave()


@command("any", "exit")
def exit_mode(session: Session) -> None:
    """Leave one configuration mode."""
    session.leave()


command("vrf-af", "exit-address-family")(leave_address_family)
command("router-bgp-af", "exit-address-family")(leave_address_family)


@command("any", "end")
def end(session: Session) -> None:
    """Leave configuration altogether."""
    session.leave(all_modes=True)


@command("any", "do")
def do(session: Session, *, line: str) -> Reply:
    """Run an EXEC line from a configuration mode; the session refuses `do configure` as an unknown word."""
    # An alias may have put the line there: then its errors are shown at the alias.
    column = max(session.typed.rfind(line), 0)
    yield from session.execute_exec(line, session.margin + column)


def help_system(session: Session) -> Reply:
    """Describe the interactive help (ios-shell.md §3)."""
    del session
    yield from HELP.split("\n")


command("any", "help")(help_system)
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
            yield '?Must be "terminal", "memory" or "network"'
            return
    if network:
        yield "%Error: there is no network host to configure from"
        return
    if memory:
        found = config.startup_files(session.node)
        if not found:
            yield "startup-config is not present"
            return
        yield from startup.merge(session, found, "memory")
        return
    yield "Enter configuration commands, one per line.  End with CNTL/Z."
    session.enter("global", session.node)


@command("exec", "exit", "logout")
def leave(session: Session) -> Reply:
    """End the session, and with it its connections to other hosts (words from memory)."""
    opened = [call for call in session.tty.calls if call.open]
    if opened and not (yield from confirmed("(You have open connections) [confirm]")):
        return
    for call in opened:
        yield f"Closing: {call.host} !"
    session.ended = True
    yield Request("logout")


# -- aliases


@command("global", "alias")
def alias(node: Node, *, mode: str, name: str | None = None, text: str = "", no: bool = False) -> None:
    """Name a command of a mode; `no` forgets one alias, or all of a mode."""
    modes = node.part(Aliases).modes
    names = modes.setdefault(mode.lower(), {})
    if not no and name is not None:
        names[name.lower()] = text.strip()
    elif name is not None:
        names.pop(name.lower(), None)
    else:
        names.clear()
    if not names:
        del modes[mode.lower()]


@alias.config
def _(node: Node) -> Iterator[Values]:
    held = node.peek(Aliases)
    for mode, names in sorted(held.modes.items()) if held else ():
        for name, text in names.items():
            yield {"mode": mode, "name": name, "text": text}


_TITLES = {
    "exec": "Exec mode",
    "configure": "Global configuration mode",
    "interface": "Interface configuration mode",
    "line": "Line configuration mode",
    "router": "Router configuration mode",
}
"""What modes are called in `show aliases`: "Exec mode" is seen, the others rest on memory (`alias ?`)."""


@command("exec", "show aliases")
def show_aliases(session: Session, *, mode: str | None = None) -> Reply:
    """List aliases, mode by mode (ios-shell.md §7)."""
    held = session.node.peek(Aliases)
    modes = {"exec": BUILT_IN_ALIASES} | (held.modes if held else {})
    if held and "exec" in held.modes:
        modes["exec"] = BUILT_IN_ALIASES | held.modes["exec"]
    shown = [each for each in modes if mode is None or each.startswith(mode.lower())]
    for index, each in enumerate(shown):
        if index:
            yield ""
        yield f"{_TITLES.get(each, each.capitalize() + ' mode')} aliases:"
        for name, text in modes[each].items():
            yield f"  {name:<22}{text}"
