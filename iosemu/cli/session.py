"""Session: one user's EXEC at a router or at the operator's prompt; it understands lines and runs commands.

It has no terminal: rows, questions and waits are yielded, and whoever drives it (a `Line`, a `Console`, a file being
loaded) shows, answers and lets time pass.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from iosemu.lab.interface import KINDS, full_name
from iosemu.parser import match
from iosemu.parser.match import Failure, Match
from iosemu.parser.types import Context

from . import filters, kept
from .command import BEHAVIOURS, Output, Reply

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab
    from iosemu.lab.router import Node
    from iosemu.parser.grammar import Command, Grammar, Mode

_KINDS = tuple((kind.name, kind.help) for kind in KINDS)
_NAME_LIMIT, _PROMPT_LIMIT = 20, 29  # ios-shell.md §1.3


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
        self.user = ""
        self.origin = ""
        """The address a vty's user comes from."""
        self.level = level
        self.width = 80
        self.length = 24
        self.history: list[str] = []
        self.history_size = 10
        self.config_history: list[str] = []
        self.editing = True
        self.monitor = False
        self.synchronous = False
        self.ended = False
        self.opened = node.clock.now if hasattr(node, "clock") else node.now
        mode = "lab" if hasattr(node, "nodes") else "exec"
        self.stack: list[Place] = [Place(grammar[mode], node)]
        self.typed = ""
        """The line that runs now, as it was typed."""
        self.scrolls = True
        """Whether a caret line repeats a line too long for the row (ios-shell.md §2.2); not in a dialogue."""

    # -- what it shows ------------------------------------------------------------------------------------------

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
        if not self.configuring:
            sign = "#" if self.level > 1 and self.mode.name == "exec" else ">"
            return self.hostname + sign
        text = self.hostname[:_NAME_LIMIT] + self.mode.prompt.removesuffix("#")
        if len(text) > _PROMPT_LIMIT:
            text = text[: _PROMPT_LIMIT - 1] + ")"
        return text + "#"

    def context(self, *, level: int | None = None) -> Context:
        """Give the parser what it has to know of this place."""
        names = {"NODE": list(self.node.nodes), "SEGMENT": list(self.node.segments)} if self._operator else {}
        return Context(self.level if level is None else level, _KINDS, full_name, names)

    @property
    def _operator(self) -> bool:
        return self.stack[0].mode.name == "lab"

    # -- lines --------------------------------------------------------------------------------------------------

    def execute(self, line: str) -> Reply:
        """Run a line as typed (without its RETURN), yielding what it shows and asks."""
        text = line.lstrip()
        if not text.strip() or text.startswith("!"):
            return
        self._remember(line.strip())
        self.typed = line
        yield from self._execute(line, len(self.prompt))

    def execute_exec(self, line: str, offset: int) -> Reply:
        """Run an EXEC line from a configuration mode (`do …`); `offset` is the column its first character has."""
        stack = self.stack
        self.stack = stack[:1]
        base = self.stack
        try:
            yield from self._execute(line, offset)
        finally:
            if self.stack is base and len(base) == 1:
                self.stack = stack

    def _remember(self, line: str) -> None:
        history = self.config_history if self.configuring else self.history
        history.append(line)
        del history[: max(0, len(history) - self.history_size)]

    def _execute(self, line: str, offset: int) -> Reply:
        said, bar, tail = filters.split(line) if not self.configuring else (line, -1, "")
        depth, found = self._parse(said)
        command = None if isinstance(found, Failure) else self.stack[depth].mode.commands[found.command]
        if bar >= 0 and (command is None or not command.pipes):
            # `|` belongs to the line itself where no output can be filtered.
            depth, found = self._parse(line)
            bar = -1
        if isinstance(found, Failure):
            yield from self._complain(found, line, offset)
            return
        if bar >= 0:
            modifier = match.parse(self.grammar["modifier"].graph, tail, self.context())
            if isinstance(modifier, Failure):
                yield from self._complain(modifier._replace(column=modifier.column + bar + 1), line, offset)
                return
            chosen = self.grammar["modifier"].commands[modifier.command]
            yield from filters.apply(chosen.name, modifier.values, self._run(depth, found), self)
            return
        yield from self._run(depth, found)

    def _parse(self, line: str) -> tuple[int, Match | Failure]:
        """Understand a line in the current mode, then in the modes it falls through to (ios-shell.md §1.4).

        Gives the depth in the stack whose mode took it; a failure is the one that read furthest.
        """
        context = self.context()
        best: Failure | None = None
        depth = len(self.stack) - 1
        for at in range(depth, -1, -1):
            mode = self.stack[at].mode
            if at < depth and not mode.configures:
                break
            found = match.parse(mode.graph, line, context)
            if isinstance(found, Match):
                return at, found
            if best is None or found.column > best.column:
                best = found
        assert best is not None
        return depth, best

    def _complain(self, failure: Failure, line: str, offset: int) -> Iterable[str]:
        text = line.rstrip()
        if failure.kind == "ambiguous":
            yield f'% Ambiguous command:  "{text.strip()}"'
        elif failure.kind == "incomplete":
            word = text.strip().lower()
            if not self.configuring and len(word) > 1 and "show".startswith(word):
                yield '% Type "show ?" for a list of subcommands'
                return
            yield "% Incomplete command."
            yield ""
        else:
            column = offset + failure.column
            if self.scrolls and self.width and column >= self.width:
                yield text
                column = failure.column
            yield " " * column + "^"
            yield "% Invalid input detected at '^' marker."
            yield ""

    def _run(self, depth: int, found: Match) -> Reply:
        place = self.stack[depth]
        command = place.mode.commands[found.command]
        if depth < len(self.stack) - 1:
            del self.stack[depth + 1 :]
        values = dict(found.values)
        if values.pop("@default", False):
            values["no"] = not command.default_on
        entered = yield from self.carry_out(command, place.target, values)
        if command.enters and entered is not None and not values.get("no"):
            mode, target = entered if isinstance(entered, tuple) else (command.enters, entered)
            self.stack.append(Place(self.grammar[mode], target))

    def carry_out(
        self, command: Command, target: object, values: dict[str, Any]
    ) -> Generator[Output, str, Any]:
        """Run a command's behaviour on a target, or keep the line; gives what the command enters."""
        behaviour = BEHAVIOURS.get((command.mode, command.name))
        if behaviour is None:
            if self.configuring or self.line == "memory":
                return kept.keep(target, command, values)
            yield f"% {command.name}: not supported by iosemu yet"
            return None
        result = behaviour.run(self if behaviour.wants_session else target, **values)
        if isinstance(result, Generator):
            result = yield from result
        return result

    # -- modes --------------------------------------------------------------------------------------------------

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

    # -- help ---------------------------------------------------------------------------------------------------

    def help(self, text: str) -> list[str]:
        """Give the rows that `?` shows behind a text, up to the prompt that follows (ios-shell.md §3)."""
        offset = 0
        mode, context = self.mode, self.context()
        command, bar, tail = filters.split(text) if not self.configuring else (text, -1, "")
        if bar >= 0:
            mode, text, offset = self.grammar["modifier"], tail.lstrip(), 1
        elif self.configuring and (found := _DO(text)):
            mode, text = self.stack[0].mode, found
        listing = match.suggest(mode.graph, text, context)
        if isinstance(listing, Failure):
            if listing.kind == "ambiguous":
                return [f'% Ambiguous command:  "{text}"']
            return ["% Unrecognized command"]
        ends = bool(listing.complete)
        items = list(listing.items)
        if ends and not offset and any(mode.commands[number].pipes for number in listing.complete):
            items.append(("|", "Output modifiers"))
        if text and not text[-1].isspace():
            if not items:
                return ["% Unrecognized command"]
            return [*_columns([word for word, _ in items], self.width), ""]
        if ends and text.strip():
            items.append(("<cr>", ""))
        if not items:
            return ["% Unrecognized command"]
        rows = [mode.title] if not text.strip() and mode.title else []
        return [*rows, *_described(items, self.width), ""]

    def complete(self, text: str) -> str | None:
        """Complete the last word of a text, when it can mean only one thing."""
        command, bar, tail = filters.split(text) if not self.configuring else (text, -1, "")
        if bar >= 0:
            lead = text[: len(text) - len(tail)]
            done = match.complete(self.grammar["modifier"].graph, tail, self.context())
            return None if done is None else lead + done
        if self.configuring and (found := _DO(text)):
            done = match.complete(self.stack[0].mode.graph, found, self.context())
            return None if done is None else text[: len(text) - len(found)] + done
        return match.complete(self.mode.graph, text, self.context())


def _DO(text: str) -> str:  # noqa: N802 - named as the word it looks for
    """Give the EXEC line behind `do `, or nothing."""
    word, blank, rest = text.lstrip().partition(" ")
    return rest if blank and word.lower() == "do" else ""


def _columns(words: list[str], width: int) -> list[str]:
    """Lay words out as partial help does: two blanks behind each, in columns when a row is too short."""
    row = "".join(f"{word}  " for word in words)
    if not width or len(row) <= width:
        return [row]
    column = max(map(len, words)) + 2
    count = max(1, width // column)
    return ["".join(word.ljust(column) for word in words[at : at + count]) for at in range(0, len(words), count)]


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
