"""Terminal lines, and what a router keeps of those who type there: aliases, levels, that they configured it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from iosemu.lab.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LENGTH, WIDTH = 24, 80
"""Rows and columns of a terminal, unless the line or the session says otherwise."""
HISTORY = 10
"""Lines that a history holds, likewise."""


class Changes:
    """What was typed at a node to configure it (a part of it): how many lines, when the last, and by whom."""

    def __init__(self, _: object) -> None:
        self.lines = 0
        self.when = 0
        self.user = ""

    def note(self, now: int, user: str) -> None:
        """Take down that the configuration is about to change."""
        self.lines += 1
        self.when, self.user = now, user


def nothing(_: object) -> Iterable[str]:
    """Give the rows that stand above a screen: none."""
    return ()


class TTY(Parts):
    """A terminal line (`line con 0`): what sessions on it begin with, and who sits there."""

    def __init__(self, kind: str, number: int) -> None:
        super().__init__()
        self.kind = kind
        """`con`, `aux` or `vty`."""
        self.number = number
        self.length = LENGTH
        self.width = WIDTH
        self.history = True
        self.history_size = HISTORY
        self.editing = True
        self.monitor = False
        self.synchronous = False
        self.heading: Callable[[Any], Iterable[str]] = nothing
        """What stands above each screen (`exec prompt timestamp`): its rows, asked for with the session."""
        self.preferred = "telnet"
        """The protocol that an unknown word of EXEC is tried with; `none`: it is an error."""
        self.uses = 0
        self.calls: list[Any] = []
        """Connections to other hosts, of whoever sits there."""
        self.callers: list[Any] = []
        """What brought whoever sits there over the lab's network, if that is where he comes from."""
        self._empty()

    def vacate(self) -> None:
        """Forget who sat there, and close what hung on him."""
        self._empty()
        hanging = self.calls + self.callers
        self.calls, self.callers = [], []
        for each in hanging:
            each.close()

    def _empty(self) -> None:
        self.opened: int | None = None
        """Since when somebody sits there (µs)."""
        self.typed = 0
        """When something was typed there last (µs)."""
        self.user = ""
        self.origin = ""
        self.port = 0
        """The router's TCP port that is reached: 23 by telnet, 22 by SSH, 0 at the console."""

    def occupy(self, now: int) -> None:
        """Note that somebody sits down."""
        self._empty()
        self.opened = self.typed = now
        self.uses += 1


class TTYs:
    """A router's terminal lines, by their numbers in `show line` (a part of it)."""

    def __init__(self, _: object) -> None:
        self.lines = [TTY("con", 0), TTY("aux", 0), *(TTY("vty", number) for number in range(5))]

    def at(self, line: str) -> TTY:
        """Give the line that a session names (`console`, `aux`, `vty3`); one that is gone is as it came."""
        if not line.startswith("vty"):
            return self.lines[line == "aux"]
        number = int(line[3:])
        return self.lines[number + 2] if number + 2 < len(self.lines) else TTY("vty", number)


class Prompts:
    """How a router's prompts look (a part of it), where they are not as they come."""

    def __init__(self, _: object) -> None:
        self.text = ""
        """What `prompt` said; "": name and sign."""
        self.configures = True
        """Whether configuration modes have prompts."""

    def exec(self, hostname: str, number: int, sign: str) -> str:
        """Write EXEC's prompt for the user of a line; the sign stands at its end if `%p` puts it nowhere else [U]."""
        if not self.text:
            return hostname + sign
        meant = {"%": "%", "h": hostname, "n": str(number), "p": sign, "s": " ", "t": "\t"}
        text = _ESCAPED.sub(lambda found: meant.get(found[1].lower(), found[0]), self.text)
        return text if {"p", "P"} & set(_ESCAPED.findall(self.text)) else text + sign


_ESCAPED = re.compile("%(.)")
BUILT_IN_ALIASES = {
    "h": "help",
    "lo": "logout",
    "p": "ping",
    "r": "resume",
    "s": "show",
    "u": "undebug",
    "un": "undebug",
    "w": "where",
}
"""The aliases that every router's EXEC has (ios-shell.md §1.5)."""


class Aliases:
    """A router's own aliases (a part of it): by mode, as `alias` calls it, then by name."""

    def __init__(self, _: object) -> None:
        self.modes: dict[str, dict[str, str]] = {}


class Privileges:
    """The levels that `privilege` gave commands (a part of a router): by mode, by the words they begin with."""

    def __init__(self, _: object) -> None:
        self.levels: dict[tuple[str, tuple[str, ...]], int] = {}

    def of(self, mode: str, name: str) -> int | None:
        """Give the level of a command; the longest beginning that is known decides. Words may be abbreviated."""
        words = name.lower().split()
        found = [
            (len(beginning), level)
            for (of_mode, beginning), level in self.levels.items()
            if of_mode == mode and len(beginning) <= len(words) and all(map(str.startswith, words, beginning))
        ]
        return max(found)[1] if found else None
