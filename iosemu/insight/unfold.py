"""`unfold`: text that lost its line breaks or its indentation, back into a configuration.

The text is parted into words, and the grammar says which of them are a command, and in which mode. Of all ways to read
the words the cheapest is taken, by dynamic programming over (word, modes entered): time grows with the number of words.
What is dear, and how dear, is the table below: a command costs as much however long it is, so that few long ones win.
What a router reads is what counts: each command is one that a router reads so in that mode, falling through to outer
ones as it does. Words are written as they were; what is no part of anything stays where it was, on a line of its own.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from iosemu.cli.config import typeable
from iosemu.cli.session import command_word
from iosemu.lab.interface import KINDS, full_name
from iosemu.parser import match, types
from iosemu.parser.match import Failure, Thread
from iosemu.parser.types import Context
from iosemu.values import NamedTuple

from .reading import Source, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iosemu.parser.grammar import Command, Grammar

COMMAND = 20
ABBREVIATED = 4
"""A keyword that is not written out, so that prose is not taken for commands."""
PROSE = 14
"""A word of a comment or a LINE: two are dearer than a command that might be in them."""
REMARK = 20
"""A comment that has words."""
LOST, LOST_WORD = 30, 20
"""A run of words that nothing takes, and each of them."""
TORN, TORN_LONG = 100, 10
"""That such a run begins or ends within a line: of up to WHOLE words, for which it was probably written; of more."""
TOLD = 1
"""The first word of a LINE, which there must be."""
LOOSE = 35
"""A keyword and a LINE behind a comment or its `!`, which may go on with that word; not those in PLAIN."""
PLAIN = ("description", "remark", "banner")
END = 0
"""`end` behind everything else."""
JOINED = 25
"""That a command goes on in the next line: more than the command that is saved so."""
WHOLE = 16
LONGEST = 510
"""Characters of a command (ios-shell.md §4.1)."""
WRITTEN = 254
"""Characters of a line that a router may have written."""
MARGINS, MARGIN = 4, 40
"""So many lines, one of so many characters, can be one that was wrapped."""
COMMENTED = 100
"""Characters of a line that may be commented out as a whole by the `!` it begins with."""

_END = " \uffff"
"""Stands behind the words that are tried, and is part of none: what takes it, too, takes any rest."""
_PROMPT = re.compile(
    r"(?:(?<=\s)|^)[A-Za-z][\w.-]* ?(\((?:config|cfg-|ca-|vlan|dhcp-)[\w+-]*\)#|\(vlan\)#)[ \t]*"
)
_EXEC = re.compile(r"[ \t]*[A-Za-z][\w.-]*[>#]([ \t]*$|[ \t]*[A-Za-z])")
_SAID = re.compile(
    r"\s*(?:Enter configuration commands, one per line\b|Building configuration\.\.\.|Current configuration\s*:"
    r"|\[OK\]\s*$|%SYS-5-CONFIG_I|\*?\w{3} +\d+ [\d:.]+: %)"
)
"""What a router says around a configuration that was copied from a terminal."""
_BANNER = re.compile(
    r"\s*banner\s+(?:exec|incoming|login|motd|prompt-timeout|slip-ppp)\s+(\^C|\S)(.*)", re.IGNORECASE
)

LEAVE = ("exit", "end")
"""Commands that leave modes; the others that all modes have are for who types."""

FREE, BANG, COMMENT, LOSING, TELLING, TELLING_WHOLE = range(6)
"""Where the reading stands: before a command, the same behind a lone `!`; within a comment, lost words, a LINE.

A LINE is taken for whole that belongs to the first command of a line which a router could have written.
"""
_PROSE = (COMMENT, LOSING, TELLING, TELLING_WHOLE)


class Word(NamedTuple):
    """A word: where it stands (line and column from 1), whether its line begins with it, and how many words that has.

    `prompt` is that of the mode it was typed in. A `raw` word is a whole line (or a banner's) that is taken as it is.
    """

    text: str
    line: int
    column: int
    first: bool
    among: int
    indent: int = 0
    prompt: str = ""
    raw: bool = False


class Line(NamedTuple):
    """A line of the configuration: its text with indentation, where it begins in the file, whether it has a place."""

    text: str
    source: Source
    placed: bool = True


Stack = tuple[str, ...]
Place = tuple[Stack, int]


class _Step(NamedTuple):
    """The cheapest way to a place: its cost, the place (and word) it comes from, and the mode's depth of a command."""

    cost: int
    origin: int = 0
    before: Place | None = None
    depth: int = 0


class _Reading(NamedTuple):
    """A command that begins at some word: the word behind it, its cost, its number, whether a LINE may go on there.

    `loose`: there is one keyword before that LINE.
    """

    end: int
    cost: int
    number: int
    tells: bool = False
    loose: bool = False


def words(rows: Sequence[str]) -> list[Word]:
    """Part a text's lines into words, taking off the prompts that they were typed at."""
    found: list[Word] = []
    number = 0
    while number < len(rows):
        row, number = rows[number], number + 1
        bare = _PROMPT.sub("", row)
        if _remarkable(bare.removeprefix("! ")):
            remark = f"! {bare.removeprefix('! ').strip()}"
            found.append(Word(remark, number, 1, first=True, among=1, raw=True))
            continue
        banner = _BANNER.match(bare)
        if banner and banner[1] not in banner[2]:
            end = next((at for at in range(number, len(rows)) if banner[1] in rows[at]), number - 1)
            if end >= number:
                whole = "\n".join((bare.strip(), *rows[number : end + 1]))
                found.append(Word(whole, number, 1, first=True, among=1, raw=True))
                number = end + 1
                continue
        found += _words(row, number)
    return found


def _wrapped(rows: Sequence[str]) -> bool:
    """Whether lines end only where the next word would have crossed a margin."""
    rows = [row for row in rows if row.strip()]
    margin = max(map(len, rows), default=0)
    if len(rows) < MARGINS or margin < MARGIN or any(row.startswith(" ") for row in rows):
        return False
    return all(len(row.rstrip()) + 1 + len(below.split()[0]) > margin for row, below in pairwise(rows))


def _remarkable(text: str) -> bool:
    """Whether words of a terminal are no configuration: a line typed in EXEC, or what a router said."""
    return bool(_SAID.match(text) or _EXEC.match(text))


def _words(row: str, number: int) -> Iterator[Word]:
    prompts = [(prompt.end(), prompt[1]) for prompt in _PROMPT.finditer(row)]
    bare = _PROMPT.sub(lambda prompt: " " * len(prompt[0]), row)
    found = list(re.finditer(r"\S+", bare))
    indent = 0 if prompts else len(bare) - len(bare.lstrip(" "))
    before = -1
    for index, word in enumerate(found):
        prompt = [text for end, text in prompts if before < end <= word.start()]
        before = word.start()
        first = index == 0 or bool(prompt)
        yield Word(word[0], number, before + 1, first, len(found), indent, "".join(prompt[-1:]))


class Unfolding:
    """The search for the cheapest reading of a text."""

    def __init__(self, grammar: Grammar, text: str, *, wrapped: bool = False) -> None:
        self.grammar = grammar
        self.rows = [typeable(row) for row in text.splitlines()]
        self.words = words(self.rows)
        self.one_line = wrapped or len({word.line for word in self.words}) == 1
        """Whether line breaks say nothing: there is none, or they are those of a margin."""
        if wrapped:
            held = [word for word in self.words if not word.raw]
            self.words = [
                word
                if word.raw
                else word._replace(first=word is held[0] or bool(word.prompt), among=len(held))
                for word in self.words
            ]
        self.indents = any(row.startswith(" ") for row in self.rows)
        self.context = Context(15, tuple((kind.name, kind.help) for kind in KINDS), full_name)
        self.best: list[dict[Place, _Step]] = [{} for _ in range(len(self.words) + 1)]
        self._known: dict[tuple[int, str], list[_Reading]] = {}

    def lines(self, file: str) -> list[Line]:
        """Give the lines of the cheapest reading, in order."""
        self.best[0][("global",), FREE] = _Step(0)
        for at, places in enumerate(self.best):
            for place in [each for each in places if each[1] in _PROSE]:
                self._go_on(at, place, places[place].cost)
            if at < len(self.words):
                for place in [each for each in places if each[1] not in _PROSE]:
                    self._begin(at, place, places[place].cost)
        ends = {place: step for place, step in self.best[-1].items() if place[1] not in _PROSE}
        end = min(ends, key=lambda place: ends[place].cost)
        return [self._line(file, *each) for each in reversed(list(self._back(len(self.words), end)))]

    # -- forward: what may come next

    def _reach(self, at: int, place: Place, step: _Step) -> None:
        known = self.best[at].get(place)
        if known is None or step.cost < known.cost:
            self.best[at][place] = step

    def _go_on(self, at: int, place: Place, cost: int) -> None:
        """End a comment, a LINE or lost words, or go on with the next word, which is of the same line."""
        stack, kind = place
        within = at < len(self.words) and not self.words[at].first
        torn = 0
        if within:
            torn = TORN if kind == TELLING_WHOLE else self._torn(at) if kind == LOSING else 0
        self._reach(at, (stack, FREE), _Step(cost + torn, at, place))
        if within:
            anew = REMARK + 1 if self.words[at].text.startswith("!") and kind in (COMMENT, LOSING) else 0
            word = LOST_WORD if kind == LOSING else PROSE
            self._reach(at + 1, place, _Step(cost + word + anew, at, place))

    def _begin(self, at: int, place: Place, cost: int) -> None:
        """Begin a comment, a command, or lost words."""
        word = self.words[at]
        stack, kind = place
        if word.prompt:
            stack = self._at_prompt(stack, word.prompt)
        if word.raw:
            self._reach(at + 1, (stack, FREE), _Step(cost, at, place))
            return
        if word.text.startswith("!"):
            if word.text == "!" and not self._comments_out(at):
                self._reach(at + 1, (stack, BANG), _Step(cost, at, place))
            self._comment(at, stack, _Step(cost, at, place))
            return
        torn = 0 if word.first else self._torn(at)
        self._reach(at + 1, (stack, LOSING), _Step(cost + LOST + LOST_WORD + torn, at, place))
        taken: set[int] = set()
        for depth in self._depths(at, stack, bang=kind == BANG):
            for reading in self._readings(at, stack[depth]):
                # An outer mode is asked only for what an inner one does not know.
                if reading.end in taken:
                    continue
                if not reading.tells:
                    taken.add(reading.end)
                command = self.grammar[stack[depth]].commands[reading.number]
                if command.mode == "any" and command.name not in LEAVE and not word.first:
                    continue
                entered = self._entered(at, stack[: depth + 1], command)
                loose = LOOSE if reading.loose and self._in_prose(at, place) else 0
                step = _Step(cost + reading.cost + loose, at, place, 0 if command.name == "end" else depth)
                behind = (TELLING_WHOLE if self._whole(at) else TELLING) if reading.tells else FREE
                self._reach(reading.end, (entered, behind), step)

    def _in_prose(self, at: int, place: Place) -> bool:
        """Whether a comment goes on, or would begin, within the line here."""
        before = self.best[at][place].before
        return not self.words[at].first and (
            place[1] == BANG or (before is not None and before[1] == COMMENT)
        )

    def _comment(self, at: int, stack: Stack, step: _Step) -> None:
        """Take a `!` for a comment: to the end of the line when that is short and begins with it."""
        if not self._comments_out(at):
            words = self.words[at].text != "!"
            step = step._replace(cost=step.cost + REMARK + PROSE * words)
            self._reach(at + 1, (stack, COMMENT), step)
            return
        end = at + 1
        while end < len(self.words) and not self.words[end].first:
            end += 1
        self._reach(end, (stack, FREE if end > at + 1 else BANG), step)

    def _comments_out(self, at: int) -> bool:
        word = self.words[at]
        return word.first and not self.one_line and len(self.rows[word.line - 1]) <= COMMENTED

    def _whole(self, at: int) -> bool:
        word = self.words[at]
        return word.first and not self.one_line and len(self.rows[word.line - 1]) <= WRITTEN

    def _torn(self, at: int) -> int:
        return TORN if self.words[at].among <= WHOLE and not self.one_line else TORN_LONG

    def _depths(self, at: int, stack: Stack, *, bang: bool) -> list[int]:
        """Give the modes in which a line is looked for, as depths: the innermost first, but for what indentation says.

        A lone `!` stands between blocks: what comes then is global, if that is possible. A mode that has the first word
        exactly goes before one where it begins a longer one, as in a session.
        """
        depths = list(range(len(stack) - 1, -1, -1))
        word = self.words[at]
        said = word.indent if self.indents and word.first and not word.prompt else 0 if bang else len(stack)
        if said < len(stack) - 1:
            depths.remove(said)
            depths.insert(0, said)
        first = command_word(" ".join(each.text for each in self.words[at : at + 2]))
        return sorted(depths, key=lambda depth: first not in self.grammar[stack[depth]].graph[0].words)

    def _entered(self, at: int, stack: Stack, command: Command) -> Stack:
        """Give the modes that a command which the innermost of these took leads to."""
        if command.name in LEAVE:
            return stack[:1] if command.name == "end" else stack[:-1] or stack
        first = self.words[at].text.lower()
        negated = first == "no" or "default".startswith(first)
        return (*stack, command.enters) if command.enters and not negated else stack

    def _at_prompt(self, stack: Stack, prompt: str) -> Stack:
        """Leave the modes that a line was not typed in, as its prompt tells."""
        for depth in range(len(stack), 0, -1):
            if self.grammar[stack[depth - 1]].prompt == prompt:
                return stack[:depth]
        return stack

    # -- commands

    def _readings(self, at: int, mode: str) -> list[_Reading]:
        """Give the commands of a mode that begin at a word: for each place where one may end, what it costs."""
        key = (at, mode)
        if key not in self._known:
            self._known[key] = list(self._read(at, mode))
        return self._known[key]

    def _read(self, at: int, mode: str) -> Iterator[_Reading]:
        line, ends = self._window(at)
        graph = self.grammar[mode].graph
        frontier, column, cost, abbreviated = [Thread(graph[0], None)], 0, COMMAND, False
        while column < len(line) - len(_END) + 1:
            taken = match.step(graph, frontier, line, column, self.context)
            if isinstance(taken, Failure):
                return
            here = at + ends.index(next(end for end in ends if end > column))
            if taken.end == len(line):  # a LINE
                number = self._ended(taken.threads)
                if number is not None and not (self.words[here].first and here > at):
                    # Behind keywords cut short it is as dear as the others: prose is full of those.
                    cost += PROSE if abbreviated else TOLD
                    loose = here == at + 1 and self.words[at].text.lower() not in PLAIN
                    yield _Reading(here + 1, cost, number, tells=True, loose=loose)
                return
            if _abbreviated(frontier, line[column : types.word_end(line, column)].lower()):
                abbreviated = True
                cost += ABBREVIATED
            behind = at + ends.index(taken.end) + 1
            cost += JOINED * sum(word.first for word in self.words[max(here, at + 1) : behind])
            frontier, column = taken.threads, taken.end + 1
            number = self._ended(frontier)
            if number is not None:
                last = line == f"end{_END}"
                yield _Reading(behind, END if last else cost, number)

    def _window(self, at: int) -> tuple[str, list[int]]:
        """Give the text that a command at a word may be: words parted by blanks, and where each ends."""
        line = ""
        ends: list[int] = []
        for index in range(at, len(self.words)):
            word = self.words[index]
            if index > at and (word.raw or len(line) > LONGEST):
                break
            line += (" " if ends else "") + word.text
            ends.append(len(line))
        return line + _END, ends

    @staticmethod
    def _ended(threads: list[Thread]) -> int | None:
        return next((number for thread in threads for number in thread.node.accept), None)

    # -- backward: what was read

    def _back(self, at: int, place: Place) -> Iterator[tuple[int, int, int, _Step]]:
        """Yield what the cheapest reading is made of, last first: kind, first word, word behind, step."""
        end, prose = at, FREE
        while (step := self.best[at][place]).before is not None:
            if step.origin == at:
                end, prose = at, step.before[1]
            elif not (prose and place[1] == prose and step.before == place):
                yield (prose or place[1], step.origin, end if prose else at, step)
                prose = FREE
            at, place = step.origin, step.before

    def _line(self, file: str, kind: int, start: int, end: int, step: _Step) -> Line:
        word = self.words[start]
        source = Source(file, word.line, word.column)
        if word.raw:
            return Line(word.text, source)
        broken = any(each.first or each.line != word.line for each in self.words[start + 1 : end])
        text = self._text(start, end) if broken else self._verbatim(start, end)
        if kind == LOSING and _remarkable(text):
            return Line(f"! {text}", source)
        placed = kind not in (COMMENT, LOSING) and not text.startswith("!")
        indent = step.depth if placed else word.indent * (self.indents and word.first)
        return Line(" " * indent + text, source._replace(text=text), kind != LOSING)

    def _text(self, start: int, end: int) -> str:
        return " ".join(word.text for word in self.words[start:end])

    def _verbatim(self, start: int, end: int) -> str:
        """Give words as they stand in their one line, with the blanks between them."""
        first, last = self.words[start], self.words[end - 1]
        return self.rows[first.line - 1][first.column - 1 : last.column - 1 + len(last.text)]


def _abbreviated(frontier: list[Thread], word: str) -> bool:
    """Whether a word is a keyword cut short."""
    names = [name for thread in frontier for name in thread.node.words]
    return word not in names and any(name.startswith(word) for name in names)


def unfold(grammar: Grammar, file: str, text: str) -> list[Line]:
    """Give a text's configuration line by line; those that are not `placed` hold words that nothing takes.

    Where lost words end is a guess that their new line breaks may change, so what has such words is read once more:
    what is given stays as it is when it is unfolded again.
    """
    lines = _cheapest(grammar, file, text)
    if _lost(lines):
        once = as_text(file, lines)
        again = _cheapest(grammar, file, once.text)
        if as_text(file, again).text != once.text:
            lines = [
                line._replace(source=once.source(line.source.line)._replace(text=line.source.text))
                for line in again
            ]
    return lines


def _cheapest(grammar: Grammar, file: str, text: str) -> list[Line]:
    lines = Unfolding(grammar, text).lines(file)
    lost = _lost(lines)
    if lost and _wrapped(text.splitlines()):
        again = Unfolding(grammar, text, wrapped=True).lines(file)
        lines = again if _lost(again) < lost else lines
    return lines


def _lost(lines: Sequence[Line]) -> int:
    """Count the words that have no place."""
    return sum(len(line.text.split()) for line in lines if not line.placed)


def as_text(file: str, lines: list[Line]) -> Text:
    """Make a file of unfolded lines, each of which knows where its words stand."""
    rows = [(row, line.source) for line in lines for row in line.text.split("\n")]
    return Text(file, "".join(f"{row}\n" for row, _ in rows), [source for _, source in rows])
