"""Session: one user's EXEC at a router or at the operator's prompt; it understands lines and runs commands.

It has no terminal: rows, questions and waits are yielded, and whoever drives it (a `Line`, a `Console`, a
file being loaded) shows, answers and lets time pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any

from iosemu.lab.interface import KINDS, full_name
from iosemu.lab.tunnel import Tunnels
from iosemu.parser import match
from iosemu.parser.match import Failure, Match
from iosemu.parser.shapes import PLAIN_MODES
from iosemu.parser.types import Context, word_end
from iosemu.values import NamedTuple

from . import filters, kept
from .command import Output, Reply, behaviour
from .tty import BUILT_IN_ALIASES, LENGTH, TTY, WIDTH, Aliases, Changes, Privileges, Prompts, TTYs

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Command, Grammar, Mode
    from iosemu.parser.graph import Graph

_KINDS = tuple((kind.name, kind.help) for kind in KINDS)
_NAME_LIMIT, _PROMPT_LIMIT = 20, 29  # ios-shell.md §1.3
_HOST_AND_PORT = re.compile(r"\S+(\s+\d+)?\s*\Z", re.ASCII)


class Place(NamedTuple):
    """A mode a session is in, and what its commands are said to."""

    mode: Mode
    target: object


class Session:
    """One user's EXEC: a stack of modes, a privilege level, terminal settings, a history."""

    def __init__(self, grammar: Grammar, node: Node | Lab, *, line: str = "console", level: int = 1) -> None:
        self.grammar = grammar
        self.node: Any = node
        """The router, or for the operator's session the lab itself."""
        self.line = line
        """Where the user sits: `console`, `vty0` …; `memory` while a configuration is loaded."""
        mode = "lab" if hasattr(node, "nodes") else "exec"
        # Nobody sits on a line of the router where the operator types, or a file is read.
        self._tty = TTY("", 0) if mode == "lab" or line == "memory" else None
        self._graphs: dict[str, tuple[object, Graph]] = {}
        self._ended = False
        self._boots = getattr(node, "boots", 0)
        self._width: int | None = None
        self._length: int | None = None
        self._history_size: int | None = None
        self._editing: bool | None = None
        self._monitor: bool | None = None
        self._heading: Callable[[Any], Iterable[str]] | None = None
        self.directory = "flash"
        """The file system of names without one (`cd`)."""
        self.level = level
        self.history: list[str] = []
        self.config_history: list[str] = []
        self.trusted = line == "console"
        """Whether `enable` asks nothing where no password is configured: at the console, and where a front says so."""
        self.opened = node.clock.now if hasattr(node, "clock") else node.now
        self.tty.occupy(self.opened)
        self.attended = True
        """Whether somebody sits there: at a console nobody does before RETURN is pressed."""
        self.entering = False
        """Whether who sits there is being asked who he is."""
        self.stack: list[Place] = [Place(grammar[mode], node)]
        self.typed = ""
        """The line that runs now, as it was typed."""
        self.margin = 0
        """The columns of the prompt that it was typed behind."""
        self.filtered = False
        """Whether what runs shows only some of its rows (`| include`), so that `--More--` takes no filter."""
        self.screen: tuple[int, int] | None = None
        """Columns and rows of the terminal in front, when it tells; what is set of the line or here wins."""
        self.scrolls = True
        """Whether a caret line repeats a line too long for the row (ios-shell.md §2.2); not in a dialogue."""

    # -- the terminal line --------------------------------------------------------------------------------

    @property
    def tty(self) -> TTY:
        """The terminal line, looked up each time: its configuration may change, or be restored."""
        return self._tty or self.node.part(TTYs).at(self.line)

    @property
    def user(self) -> str:
        """The name that the user logged in with, if any."""
        return self.tty.user

    @user.setter
    def user(self, name: str) -> None:
        self.tty.user = name

    @property
    def origin(self) -> str:
        """The address a vty's user comes from."""
        return self.tty.origin

    @origin.setter
    def origin(self, address: str) -> None:
        self.tty.origin = address

    @property
    def width(self) -> int:
        """Columns of the terminal, 0 for as many as are wanted: the session's own, else the line's."""
        if self._width is None and self.screen and self.tty.width == WIDTH:
            return self.screen[0]
        return self.tty.width if self._width is None else self._width

    @width.setter
    def width(self, columns: int | None) -> None:
        self._width = columns

    @property
    def length(self) -> int:
        """Rows of the terminal, 0 for no paging: the session's own, else the line's."""
        if self._length is None and self.screen and self.tty.length == LENGTH:
            return self.screen[1]
        return self.tty.length if self._length is None else self._length

    @length.setter
    def length(self, rows: int | None) -> None:
        self._length = rows

    @property
    def history_size(self) -> int:
        """How many lines the history holds, 0 for none: the session's own number, else the line's."""
        if self._history_size is None:
            return self.tty.history_size if self.tty.history else 0
        return self._history_size

    @history_size.setter
    def history_size(self, lines: int | None) -> None:
        self._history_size = lines
        self._forget(self.history)
        self._forget(self.config_history)

    @property
    def editing(self) -> bool:
        """Whether keys edit the line: as the session says, else the line."""
        return self.tty.editing if self._editing is None else self._editing

    @editing.setter
    def editing(self, on: bool) -> None:
        self._editing = on

    @property
    def monitor(self) -> bool:
        """Whether a terminal that is not the console shows the log: as the session says, else the line."""
        return self.tty.monitor if self._monitor is None else self._monitor

    @monitor.setter
    def monitor(self, on: bool) -> None:
        self._monitor = on

    @property
    def heading(self) -> Callable[[Any], Iterable[str]]:
        """What gives the rows above each screen: as the session says, else the line."""
        return self._heading or self.tty.heading

    @heading.setter
    def heading(self, rows: Callable[[Any], Iterable[str]]) -> None:
        self._heading = rows

    @property
    def limit(self) -> int:
        """Characters that a typed line may have (ios-shell.md §4.1); at `lab>` paths may be long."""
        return 4096 if self._operator else 510 if self.configuring else 254

    @property
    def synchronous(self) -> bool:
        """Whether log lines leave prompt and input as they were (`logging synchronous`)."""
        return self.tty.synchronous

    @property
    def ended(self) -> bool:
        """Whether the user has left, or the router has lost power."""
        return self._ended or self.rebooted

    @ended.setter
    def ended(self, over: bool) -> None:
        if over and not self.ended:
            self.tty.vacate()  # once over, the line may be somebody else's
        self._ended = over

    @property
    def rebooted(self) -> bool:
        """Whether the router was switched off since (and perhaps on again)."""
        return self._tty is None and bool(self.node.boots != self._boots)

    # -- what it shows ------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """The mode the next line is typed in."""
        return self.stack[-1].mode

    @property
    def configuring(self) -> bool:
        """Whether the session stands in a configuration mode."""
        return self.mode.configures

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        return "lab" if self.stack[0].mode.name == "lab" else str(self.node.hostname)

    @property
    def prompt(self) -> str:
        """The prompt: name, mode, sign; no blank behind it (ios-shell.md §1.1, §1.3)."""
        held = None if self._operator else self.node.peek(Prompts)
        if not self.configuring:
            sign = "#" if self.level > 1 and self.mode.name == "exec" else ">"
            return held.exec(self.hostname, self._number, sign) if held else self.hostname + sign
        if held and not held.configures:
            return ""
        text = self.hostname[:_NAME_LIMIT] + self.mode.prompt.removesuffix("#")
        if len(text) > _PROMPT_LIMIT:
            text = text[: _PROMPT_LIMIT - 1] + ")"
        return text + "#"

    @property
    def _number(self) -> int:
        """The number of the terminal line, as `show line` counts."""
        lines = self.node.part(TTYs).lines
        return lines.index(self.tty) if self.tty in lines else 0

    def context(self, *, level: int | None = None) -> Context:
        """Give the parser what it has to know of this place: in EXEC, which interfaces there are."""
        names = {"NODE": list(self.node.nodes), "SEGMENT": list(self.node.segments)} if self._operator else {}
        level = self.level if level is None else level
        return Context(level, _KINDS, self._existing if self.mode.name == "exec" else full_name, names)

    def _existing(self, text: str) -> str:
        name = full_name(text)
        tunnels = self.node.peek(Tunnels)
        if name not in self.node.interfaces and (tunnels is None or tunnels.named(name) is None):
            raise ValueError(f"there is no interface {name}")
        return name

    @property
    def _operator(self) -> bool:
        return self.stack[0].mode.name == "lab"

    # -- lines --------------------------------------------------------------------------------------------

    def execute(self, line: str) -> Reply:
        """Run a line as typed (without its RETURN), yielding what it shows and asks."""
        if not line.strip() and self.mode.name == "exec" and any(call.open for call in self.tty.calls):
            yield from self._execute("resume", 0)  # as IOS does (from memory)
            return
        text = line.lstrip()
        if not text.strip() or text.startswith("!"):
            return
        if len(line) > self.limit and self.line != "memory":  # at a terminal it cannot even be typed
            yield f"% Line too long: {self.limit} characters at most"
            return
        self._remember(line.strip())
        self.typed = line
        self.margin = len(self.prompt)
        self.tty.typed = self.node.now if self._tty is None else 0
        yield from self._execute(line, self.margin)

    def execute_exec(self, line: str, offset: int) -> Reply:
        """Run an EXEC line from a configuration mode (`do …`), whose first character has column `offset`."""
        stack = self.stack
        self.stack = stack[:1]
        base = self.stack
        try:
            yield from self._execute(line, offset, nested=True, headed=len(stack) > 1)
        finally:
            if self.stack is base and len(base) == 1:
                self.stack = stack

    def _remember(self, line: str) -> None:
        history = self.config_history if self.configuring else self.history
        history.append(line)
        self._forget(history)

    def _forget(self, history: list[str]) -> None:
        del history[: max(0, len(history) - self.history_size)]

    def _execute(self, line: str, offset: int, *, nested: bool = False, headed: bool = True) -> Reply:
        text, behind, shift = self._expanded(line)
        said, bar, tail = filters.split(text) if not self.configuring else (text, -1, "")
        depth, found = self._parse(said)
        command = None if isinstance(found, Failure) else self.stack[depth].mode.commands[found.command]
        if bar >= 0 and (command is None or not command.pipes):
            # `|` belongs to the line itself where no output can be filtered.
            short = isinstance(found, Failure) and found.kind == "incomplete"
            early, (depth, found) = found, self._parse(text)
            bar = -1
            if short and said and isinstance(found, Failure):
                found, text = early, said
        if nested and command is not None and command.name == "configure":
            found = Failure("invalid", _first(line))  # ios-shell.md §1.2
        if isinstance(found, Failure) and not nested:
            found = self._as_host(text, found)
        if isinstance(found, Failure):
            yield from self._complain(_back(found, behind, shift), offset, text)
            return
        if bar >= 0 and not (command and command.missing):  # a refusal is no output
            modifier = match.parse(self.grammar["modifier"].graph, tail, self.context())
            if isinstance(modifier, Failure):
                moved = modifier._replace(column=modifier.column + bar + 1)
                yield from self._complain(_back(moved, behind, shift), offset, text)
                return
            chosen = self.grammar["modifier"].commands[modifier.command]
            if headed:
                yield from self._above(command)
            self.filtered = filters.drops(chosen.name)
            try:
                yield from filters.apply(chosen.name, modifier.values, self._run(depth, found), self)
            finally:
                self.filtered = False
            return
        if headed:
            yield from self._above(command)
        yield from self._run(depth, found)

    def _above(self, command: Command | None) -> Iterable[str]:
        """Give the rows above a screen; a filter does not see them."""
        screen = (
            command and command.mode == "exec" and command.name.startswith("show ") and not command.missing
        )
        return self.heading(self) if screen else ()

    def aliases(self) -> dict[str, str]:
        """Give the aliases of the current mode, EXEC's built-in ones first: name to text."""
        if self._tty is not None:
            return {}
        held = self.node.peek(Aliases)
        own: dict[str, str] = held.modes.get(called_by_ios(self.mode.name), {}) if held else {}
        return BUILT_IN_ALIASES | own if self.mode.name == "exec" else own

    def _expanded(self, line: str) -> tuple[str, int, int]:
        """Put what an alias stands for in its place: the line, the column behind that, and how far it moved.

        Only a whole first word is an alias; a line that begins with a blank is meant as it stands (Cisco's
        reference of `alias`).
        """
        end = word_end(line, 0)
        text = self.aliases().get(line[:end].lower())
        return (line, 0, 0) if text is None else (text + line[end:], len(text), len(text) - end)

    def _as_host(self, line: str, failure: Failure) -> Match | Failure:
        """Take an unknown word, alone or with a number, for a host to connect to (ios-shell.md §2.3)."""
        text = line.strip()
        unknown = failure.kind == "invalid" and failure.column < word_end(line, _first(line))
        if not unknown or self.mode.name != "exec" or self.tty.preferred == "none":
            return failure
        if _HOST_AND_PORT.match(text) and isinstance(found := self._parse("connect " + text)[1], Match):
            return found
        return failure

    def _parse(self, line: str) -> tuple[int, Match | Failure]:
        """Understand a line in the current mode, then in the modes it falls through to (ios-shell.md §1.4).

        A mode that has its first word exactly goes before those where the word begins a longer one: in a key's mode
        `key 2` is no `key-string`. Gives the depth in the stack whose mode took it; a failure is the one that read
        furthest.
        """
        context = self.context()
        best: Failure | None = None
        depth = len(self.stack) - 1
        depths = [at for at in range(depth, -1, -1) if at == depth or self.stack[at].mode.configures]
        word = command_word(line)
        for at in sorted(depths, key=lambda at: word not in self.stack[at].mode.graph[0].words):
            found = match.parse(self._graph(self.stack[at].mode), line, context)
            if isinstance(found, Match):
                return at, found
            if best is None or found.column > best.column:
                best = found
        return depth, best or Failure("invalid", 0)

    def _graph(self, mode: Mode) -> Graph:
        """Give what is understood in a mode, by the levels that `privilege` gave."""
        held = None if self._operator else self.node.peek(Privileges)
        called = called_by_ios(mode.name)
        if held is None or not any(of_mode == called for of_mode, _ in held.levels):
            return mode.graph
        said = tuple(held.levels.items())
        known = self._graphs.get(mode.name)
        if known is None or known[0] != said:
            levels = [held.of(called, command.name) for command in mode.commands]
            everybody = self.context(level=15)
            for (of_mode, words), level in said:
                # Words may go beyond a command's name: `configure terminal`. Then all of the command is meant.
                meant = match.parse(mode.graph, " ".join(words), everybody) if of_mode == called else None
                if isinstance(meant, Match) and levels[meant.command] is None:
                    levels[meant.command] = level
            own = mode.graph.levels
            graph = mode.graph.at_levels(
                [own[number] if level is None else level for number, level in enumerate(levels)]
            )
            known = self._graphs[mode.name] = said, graph
        return known[1]

    def may(self, mode: str, command: Command) -> bool:
        """Whether the user could say a command of a mode, as far as privilege goes."""
        held = self.node.peek(Privileges)
        level = held.of(called_by_ios(mode), command.name) if held else None
        return self.level >= (command.level if level is None else level)

    def _complain(self, failure: Failure, offset: int, meant: str) -> Iterable[str]:
        if failure.kind == "ambiguous":
            yield f'% Ambiguous command:  "{self.typed.strip()}"'
        elif failure.kind == "incomplete":
            word = meant.strip().lower()
            if not self.configuring and len(word) > 1 and "show".startswith(word):
                yield '% Type "show ?" for a list of subcommands'
                return
            yield "% Incomplete command."
            yield ""
        else:
            column = offset + failure.column
            if self.scrolls and self._scrolled():
                yield self.typed.rstrip()
                column -= self.margin
            yield " " * column + "^"
            yield "% Invalid input detected at '^' marker."
            yield ""

    def _scrolled(self) -> bool:
        """Whether a caret could not stand below what was typed, as the line was too long for the row."""
        from .field import capacity  # noqa: PLC0415 - loaded where lines are typed

        return not self.width or len(self.typed) > capacity(self.margin, self.width)

    def _run(self, depth: int, found: Match) -> Reply:
        place = self.stack[depth]
        command = place.mode.commands[found.command]
        stack = self.stack
        if depth < len(stack) - 1:
            self.stack = stack[: depth + 1]
        values = dict(found.values)
        if values.pop("@default", False):
            values["no"] = not command.default_on
            bound = behaviour(command.mode, command.name)
            if bound is not None and bound.wants_default:
                values["default"] = True
        entered = yield from self.carry_out(command, place.target, values)
        if not command.enters or values.get("no"):
            return
        if entered is None:
            self.stack = stack  # refused: the mode stays
        else:
            mode, target = entered if isinstance(entered, tuple) else (command.enters, entered)
            self.stack.append(Place(self.grammar[mode], target))

    def carry_out(
        self, command: Command, target: object, values: dict[str, Any]
    ) -> Generator[Output, str, Any]:
        """Run a command's behaviour on a target, or keep the line; gives what the command enters.

        A tuple of targets (`line vty 0 4`) is told one after another.
        """
        if isinstance(target, tuple) and not self._wants_session(command):
            entered = None
            for each in target:
                entered = yield from self.carry_out(command, each, values)
            return entered
        if self.line != "memory" and command.mode not in PLAIN_MODES:
            self.node.part(Changes).note(self.node.now, self.user)
        found = behaviour(command.mode, command.name)
        if found is None:
            if self.configuring or self.line == "memory":
                return kept.keep(target, command, values)
            yield f"% {command.name}: not supported by iosemu yet"
            return None
        result = found.run(self if found.wants_session else target, **values)
        if isinstance(result, Generator):
            result = yield from result
        return result

    @staticmethod
    def _wants_session(command: Command) -> bool:
        found = behaviour(command.mode, command.name)
        return found is not None and found.wants_session

    # -- modes --------------------------------------------------------------------------------------------

    def enter(self, mode: str, target: object) -> None:
        """Open a mode upon the current one."""
        self.stack.append(Place(self.grammar[mode], target))

    def leave(self, *, all_modes: bool = False) -> None:
        """Close the current configuration mode, or all of them; a message follows when none is left."""
        was = self.configuring
        del self.stack[1 if all_modes else max(1, len(self.stack) - 1) :]
        if was and not self.configuring:
            self.node.log.emit("SYS", 5, "CONFIG_I", f"Configured from {self.line_kind} by {self.who}")

    @property
    def line_kind(self) -> str:
        """What a configuration came from: `console`, `memory`."""
        return "memory" if self.line == "memory" else "console"

    @property
    def who(self) -> str:
        """How a message names this session: `console`, `cisco on vty0 (10.1.1.1)` (ios-shell.md §1.2)."""
        at = "console" if self.line == "memory" else self.line
        where = f"{self.user} on {at}" if self.user else at
        return f"{where} ({self.origin})" if self.origin else where

    @property
    def _row(self) -> int:
        """The columns that help is laid out in; a dialogue wraps nothing."""
        return self.width if self.scrolls else 0

    # -- help ---------------------------------------------------------------------------------------------

    def help(self, text: str, *, wrapped: bool = True) -> list[str]:
        """Give the rows that `?` shows behind a text, up to the prompt that follows (ios-shell.md §3).

        Not `wrapped`, each item stands on one row, however wide the terminal is.
        """
        width = self._row if wrapped else 0
        stars = _starred(text, self.aliases())
        typed = text
        mode, text = self._said_to(self._expanded(text)[0] if not stars else text)
        behind_bar = mode.name == "modifier"
        listing = match.suggest(self._graph(mode), text, self.context())
        if isinstance(listing, Failure):
            if listing.kind == "ambiguous":
                return [f'% Ambiguous command:  "{typed}"']
            listing = match.Listing([], [])
        ends = bool(listing.complete)
        items = list(listing.items)
        if ends and any(mode.commands[number].pipes for number in listing.complete):
            items.append(("|", "Output modifiers"))
        if text and not text[-1].isspace():
            if not items and not stars:
                return ["% Unrecognized command"]
            return [*_columns([*stars, *(word for word, _ in items)], width), ""]
        if ends and text.strip():
            items.append(("<cr>", ""))
        if not items:
            return ["% Unrecognized command"]
        rows = [mode.title] if not text.strip() and mode.title and not behind_bar else []
        return [*rows, *_described(items, width), ""]

    def complete(self, text: str) -> str | None:
        """Complete the last word of a text, when it can mean only one thing."""
        expanded, behind, shift = self._expanded(text)
        if len(expanded) > behind > 0:
            done = self._completed(expanded)
            return None if done is None else text[: behind - shift] + done[behind:]
        return self._completed(text)

    def _completed(self, text: str) -> str | None:
        mode, said = self._said_to(text)
        done = match.complete(self._graph(mode), said, self.context())
        return None if done is None else text[: len(text) - len(said)] + done

    def _said_to(self, text: str) -> tuple[Mode, str]:
        """Find whose words a text ends in: a mode, and the part of the text that is said to it, behind `do` or `|`."""
        mode = self.mode
        if self.configuring:
            line = _done(text)
            if line is None:
                return mode, text
            mode, text = self.stack[0].mode, line
        said, bar, tail = filters.split(text)
        found = match.parse(self._graph(mode), said, self.context()) if bar >= 0 else None
        if isinstance(found, Match) and mode.commands[found.command].pipes:
            return self.grammar["modifier"], tail
        return mode, text


def called_by_ios(mode: str) -> str:
    """Give what `alias` and `privilege` call a mode: `configure` for global, `router` for all of those."""
    return "configure" if mode == "global" else mode.partition("-")[0]


def _first(line: str) -> int:
    """Give the column where a line's first word begins."""
    return len(line) - len(line.lstrip())


def command_word(line: str) -> str:
    """Give the word that a configuration line is about, behind `no` and `default`."""
    first, _, rest = line.strip().lower().partition(" ")
    return rest.split(maxsplit=1)[0] if first in ("no", "default") and rest.strip() else first


def _back(failure: Failure, behind: int, shift: int) -> Failure:
    """Say where a failure in an alias's command is in the line as typed; within it: at the alias."""
    return failure._replace(column=failure.column - shift if failure.column >= behind else 0)


def _starred(text: str, aliases: dict[str, str]) -> list[str]:
    """List the aliases that begin with a word, as partial help does: `*s=show`, `*sib="show ip int br"`."""
    if not text or word_end(text, 0) != len(text) or text[0].isspace():
        return []
    found = [(name, command) for name, command in sorted(aliases.items()) if name.startswith(text.lower())]
    return [f'*{name}="{command}"' if " " in command else f"*{name}={command}" for name, command in found]


def _done(text: str) -> str | None:
    """Give the EXEC line behind `do `, if that is how a text begins."""
    word, blank, rest = text.lstrip().partition(" ")
    return rest if blank and word.lower() == "do" else None


def _columns(words: list[str], width: int) -> list[str]:
    """Lay words out as partial help does: two blanks behind each, in columns when a row is too short."""
    row = "".join(f"{word}  " for word in words)
    if not width or len(row) <= width:
        return [row]
    column = max(map(len, words)) + 2
    count = max(1, width // column)
    starts = range(0, len(words), count)
    return ["".join(word.ljust(column) for word in words[at : at + count]) for at in starts]


def _described(items: list[tuple[str, str]], width: int) -> list[str]:
    """Lay items out as full help does, long descriptions wrapped at words under their column."""
    indent = 2 + max(len(item) for item, _ in items) + 2
    room = (width or 512) - indent
    rows: list[str] = []
    for item, description in items:
        lead = f"  {item}".ljust(indent)
        row = ""
        for word in description.split(" "):
            if row and len(row) + 1 + len(word) > room:
                rows.append(lead + row)
                lead, row = " " * indent, word
            else:
                row = f"{row} {word}" if row else word
        rows.append((lead + row).rstrip())
    return rows
