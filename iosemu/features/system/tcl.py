"""Tcl, as much of it as scripts for routers use: sweeps of addresses, files written, commands run in turn.

A script is carried out by generators, since a command in it may show rows, ask, or wait for the lab. The rules
of words and substitution are Tcl's (its manual, `Tcl(n)`); messages are, too. The rule kept here: whatever is
run ends, in bounded memory, and reaches nothing but the commands that it was given.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from iosemu.cli.command import Output

    Work = Generator[Output, str, str]
    """What a command does; it gives its result."""

DIGITS = 40
"""Characters that a number may have."""
DEPTH = 40
"""How deep evaluations may be nested."""
TEXT = 1 << 20
"""Characters that a value may have."""
MEMORY = 4 * TEXT
"""Characters that all variables may have."""
FULL = "out of memory"
STEPS = 100_000
"""Commands that a line typed may lead to."""
BREATH = 500
"""Commands after which the lab, and whoever else is there, gets a turn of `MOMENT`."""
MOMENT = 1000
"""Microseconds."""
_NAME = re.compile(r"[A-Za-z0-9_]+(?:\([^()\s]*\))?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ENDS = "\n;"
_CONTINUED = re.compile(r"(?<!\\)((?:\\\\)*)\\\n[ \t]*")
"""A row that goes on in the next one, which is parted from it by a blank."""


class TclError(Exception):
    """What is wrong, in Tcl's words."""


class _Leave(Exception):  # noqa: N818 - `break`, `continue` and `return` are no errors
    """A loop or a procedure is left."""

    def __init__(self, how: str, value: str = "") -> None:
        super().__init__(f'invoked "{how}" outside of a loop')
        self.how = how
        self.value = value


class Scanner:
    """Tells when a text that is typed row by row is a whole script."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._start = True

    def feed(self, text: str) -> bool:
        """Take more text; whether nothing is open behind it."""
        at = 0
        while at < len(text):
            char = text[at]
            at += 1
            inside = self._open[-1] if self._open else ""
            start, self._start = self._start, char in " \t\n;["
            if char == "\\":
                at += 1
            elif inside == "{":
                if char in "{}":
                    self._open.append(char) if char == "{" else self._open.pop()
            elif char == "[":
                self._open.append(char)
            elif inside == '"' or (char in '{"' and start):
                if char == '"' == inside:
                    self._open.pop()
                elif inside != '"':
                    self._open.append(char)
            elif char == "]" and inside == "[":
                self._open.pop()
        return not self._open


def braced(text: str, at: int) -> tuple[str, int]:
    """Give what stands between the brace at a place and its match, and the place behind that."""
    depth, start = 0, at + 1
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\":
            at += 1
        elif char in "{}":
            depth += 1 if char == "{" else -1
            if not depth:
                return text[start : at - 1], at
    raise TclError("missing close-brace")


def items(text: str) -> list[str]:
    """Give the items of a list."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "{":
            item, at = braced(text, at)
            found.append(item)
        else:
            quoted = text[at] == '"' and '"' in text[at + 1 :]
            end = text.index('"', at + 1) if quoted else at
            while not quoted and end < len(text) and not text[end].isspace():
                end += 1
            found.append(text[at + quoted : end])
            at = end + quoted
    return found


def listed(values: list[str]) -> str:
    """Make a list of values."""
    return " ".join(
        f"{{{each}}}" if not each or re.search(r'[\s{}"\[\]$;\\]', each) else each for each in values
    )


class Interpreter:
    """Variables, procedures and commands; `unknown` carries out what is none of them."""

    def __init__(
        self, commands: dict[str, Callable[[list[str]], Work]], unknown: Callable[[str], Work]
    ) -> None:
        self._commands = commands
        self._unknown = unknown
        self._procedures: dict[str, tuple[list[str], str]] = {}
        self._frames: list[dict[str, str]] = [{}]
        self._depth = 0
        self._steps = 0
        self._size = 0
        """Characters that all variables have."""
        self.now: Callable[[], int] = lambda: 0

    def script(self, text: str) -> Work:
        """Run a line (or more) as typed; gives the last command's result, and raises TclError."""
        self._steps = self._depth = 0
        self._drop(1)
        try:
            return (yield from self._run(_CONTINUED.sub(r"\1 ", text)))
        except _Leave as left:
            if left.how == "return":
                return left.value
            raise TclError(str(left)) from None

    def _run(self, text: str) -> Work:
        result, at = "", 0
        self._deeper()
        try:
            while at < len(text):
                words, at = yield from self._words(text, at, nested=False)
                if words:
                    result = yield from self._call(words)
        finally:
            self._depth -= 1
        return result

    # Words

    def _words(self, text: str, at: int, *, nested: bool) -> Generator[Output, str, tuple[list[str], int]]:
        """Read a command's words, substituted, and give the place behind it."""
        while at < len(text) and (text[at].isspace() or text[at] == ";"):
            at += 1
        if at < len(text) and text[at] == "#":
            end = text.find("\n", at)
            return [], len(text) if end < 0 else end + 1
        words: list[str] = []
        size = 0
        stops = " \t" + _ENDS + ("]" if nested else "")
        while at < len(text):
            char = text[at]
            if char in _ENDS:
                return words, at + 1
            if nested and char == "]":
                return words, at
            if char in " \t":
                at += 1
                continue
            if char == "{":
                word, at = braced(text, at)
            elif char == '"':
                word, at = yield from self._substituted(text, at + 1, '"')
                if at >= len(text):
                    raise TclError('missing "')
                at += 1
            else:
                word, at = yield from self._substituted(text, at, stops)
            if char in '{"' and at < len(text) and text[at] not in stops:
                raise TclError(f"extra characters after close-{'brace' if char == '{' else 'quote'}")
            words.append(word)
            size += len(word) + 1
            if size > MEMORY:
                raise TclError(FULL)
        if nested:
            raise TclError("missing close-bracket")
        return words, at

    def _substituted(self, text: str, at: int, stops: str) -> Generator[Output, str, tuple[str, int]]:
        """Read up to one of some characters, putting in what backslash, `$` and `[` stand for."""
        pieces: list[str] = []
        size = 0
        while at < len(text) and text[at] not in stops:
            char = text[at]
            at += 1
            if char == "\\" and at < len(text):
                pieces.append(_ESCAPES.get(text[at], text[at]))
                at += 1
            elif char == "$" and text.startswith("{", at):
                name, at = braced(text, at)
                pieces.append(self.get(name))
            elif char == "$" and (found := _NAME.match(text, at)):
                pieces.append(self.get(found[0]))
                at = found.end()
            elif char == "[":
                result, at = yield from self._bracketed(text, at)
                pieces.append(result)
            else:
                pieces.append(char)
            size += len(pieces[-1])
            if size > TEXT:
                raise TclError(FULL)
        return "".join(pieces), at

    def _bracketed(self, text: str, at: int) -> Generator[Output, str, tuple[str, int]]:
        """Run the commands in brackets; gives the last one's result, and the place behind them."""
        result = ""
        self._deeper()
        try:
            while not text.startswith("]", at):
                words, at = yield from self._words(text, at, nested=True)
                if at >= len(text):
                    raise TclError("missing close-bracket")
                if words:
                    result = yield from self._call(words)
        finally:
            self._depth -= 1
        return result, at + 1

    def _deeper(self) -> None:
        if self._depth >= DEPTH:
            raise TclError("too many nested calls to Tcl_EvalObj (infinite loop?)")
        self._depth += 1

    # Variables

    def get(self, name: str) -> str:
        """Give a variable's value."""
        value = self._frames[-1].get(name)
        if value is None:
            raise TclError(f'can\'t read "{name}": no such variable')
        return value

    def set(self, name: str, value: str) -> str:
        """Set a variable."""
        frame = self._frames[-1]
        grown = len(name) + len(value) - (len(name) + len(frame[name]) if name in frame else 0)
        if len(value) > TEXT or self._size + grown > MEMORY:
            raise TclError(FULL)
        self._size += grown
        frame[name] = value
        return value

    def _drop(self, depth: int) -> None:
        """Forget the variables of procedures, down to a depth."""
        for frame in self._frames[depth:]:
            self._size -= sum(len(name) + len(value) for name, value in frame.items())
        del self._frames[depth:]

    # Commands

    def _call(self, words: list[str]) -> Work:
        self._steps += 1
        if self._steps > STEPS:
            raise TclError(f"stopped after {STEPS} commands")
        if not self._steps % BREATH:
            yield Wait(self.now() + MOMENT)
        name, *arguments = words
        if name in self._procedures:
            return (yield from self._procedure(name, arguments))
        own = getattr(self, f"_do_{name}", None) if name.isalpha() else None
        command = own or self._commands.get(name)
        if command is None:
            return (yield from self._unknown(" ".join(words)))
        try:
            return (yield from command(arguments))
        except (IndexError, ValueError) as fault:
            if type(fault) in (IndexError, ValueError):
                raise TclError(f'wrong # args: should be "{name} ..."') from None
            raise

    def _procedure(self, name: str, values: list[str]) -> Work:
        names, body = self._procedures[name]
        frame: dict[str, str] = {}
        for number, each in enumerate(names):
            given, *default = items(each)
            if given == "args" and number == len(names) - 1:
                frame[given] = listed(values[number:])
            elif number < len(values):
                frame[given] = values[number]
            elif default:
                frame[given] = default[0]
            else:
                raise TclError(f'wrong # args: should be "{" ".join([name, *names])}"')
        self._frames.append({})
        try:
            for given, value in frame.items():
                self.set(given, value)
            return (yield from self._run(body))
        except _Leave as left:
            if left.how != "return":
                raise
            return left.value
        finally:
            self._drop(len(self._frames) - 1)

    def _do_set(self, words: list[str]) -> Work:
        name, *value = words
        return self.set(name, value[0]) if value else self.get(name)
        yield

    def _do_unset(self, words: list[str]) -> Work:
        for name in words:
            self._size -= len(name) + len(self.get(name))
            del self._frames[-1][name]
        return ""
        yield

    def _do_incr(self, words: list[str]) -> Work:
        name, *by = words
        return self.set(name, _said(_number(self.get(name)) + (_number(by[0]) if by else 1)))
        yield

    def _do_append(self, words: list[str]) -> Work:
        name, *values = words
        return self.set(name, self._frames[-1].get(name, "") + "".join(values))
        yield

    def _do_global(self, words: list[str]) -> Work:
        for name in words:
            if name in self._frames[0]:
                self.set(name, self._frames[0][name])
        return ""
        yield

    def _do_list(self, words: list[str]) -> Work:
        return listed(words)
        yield

    def _do_lappend(self, words: list[str]) -> Work:
        name, *values = words
        held = self._frames[-1].get(name, "")
        return self.set(name, " ".join(filter(None, [held, listed(values)])))
        yield

    def _do_lindex(self, words: list[str]) -> Work:
        found, number = items(words[0]), words[1]
        at = len(found) - 1 - int(number[4:] or 0) if number.startswith("end") else int(number)
        return found[at] if 0 <= at < len(found) else ""
        yield

    def _do_llength(self, words: list[str]) -> Work:
        return str(len(items(words[0])))
        yield

    def _do_split(self, words: list[str]) -> Work:
        text, *by = words
        return listed(re.split("|".join(map(re.escape, by[0] if by else " \n\t\r")) or "(?!)", text))
        yield

    def _do_join(self, words: list[str]) -> Work:
        held, *by = words
        found, between = items(held), by[0] if by else " "
        if len(held) + len(found) * len(between) > MEMORY:
            raise TclError(FULL)
        return between.join(found)
        yield

    def _do_string(self, words: list[str]) -> Work:
        what, text, *more = words
        match what:
            case "length":
                return str(len(text))
            case "tolower" | "toupper":
                return text.lower() if what == "tolower" else text.upper()
            case "trim":
                return text.strip()
            case "equal":
                return str(int(text == more[0]))
            case "match":
                return str(int(fnmatch.fnmatchcase(more[0], text)))
            case "first":
                return str(more[0].find(text))
            case _:
                raise TclError(
                    f'bad option "{what}": must be equal, first, length, match, tolower, toupper, or trim'
                )
        yield

    def _do_expr(self, words: list[str]) -> Work:
        return (yield from self._expression(" ".join(words)))

    def _expression(self, text: str) -> Work:
        said, _ = yield from self._substituted(text, 0, "")
        return Expression(said).value()

    def _true(self, text: str) -> Generator[Output, str, bool]:
        value = yield from self._expression(text)
        return value.lower() in ("true", "yes", "on") or (value[:1].isdigit() and float(value) != 0)

    def _do_if(self, words: list[str]) -> Work:
        rest = list(words)
        while rest:
            if (yield from self._true(rest.pop(0))):
                body = rest[1] if rest[0] == "then" else rest[0]
                return (yield from self._run(body))
            del rest[: 2 if rest[0] == "then" else 1]
            if rest and rest[0] == "elseif":
                del rest[0]
            else:
                break
        return (yield from self._run(rest[-1])) if rest else ""

    def _body(self, text: str) -> Generator[Output, str, bool]:
        """Run a loop's body; whether the loop goes on."""
        try:
            yield from self._run(text)
        except _Leave as left:
            if left.how == "return":
                raise
            return left.how == "continue"
        return True

    def _do_while(self, words: list[str]) -> Work:
        test, body = words
        while (yield from self._true(test)) and (yield from self._body(body)):
            yield from self._counted()
        return ""

    def _do_for(self, words: list[str]) -> Work:
        begin, test, after, body = words
        yield from self._run(begin)
        while (yield from self._true(test)) and (yield from self._body(body)):
            yield from self._run(after)
            yield from self._counted()
        return ""

    def _counted(self) -> Generator[Output, str, None]:
        """Reckon a turn of a loop as a command, so that an empty one ends as well."""
        yield from self._call(["list"])

    def _do_foreach(self, words: list[str]) -> Work:
        names, values, body = items(words[0]), items(words[1]), words[2]
        if not names:
            raise TclError("foreach varlist is empty")
        for at in range(0, len(values), len(names)):
            for number, name in enumerate(names):
                self.set(name, values[at + number] if at + number < len(values) else "")
            if not (yield from self._body(body)):
                break
        return ""

    def _do_break(self, _: list[str]) -> Work:
        raise _Leave("break")
        yield

    def _do_continue(self, _: list[str]) -> Work:
        raise _Leave("continue")
        yield

    def _do_return(self, words: list[str]) -> Work:
        raise _Leave("return", words[0] if words else "")
        yield

    def _do_proc(self, words: list[str]) -> Work:
        name, names, body = words
        self._procedures[name] = (items(names), body)
        return ""
        yield

    def _do_catch(self, words: list[str]) -> Work:
        script, *name = words
        result, failed = "", "0"
        depth, frames = self._depth, len(self._frames)
        try:
            result = yield from self._run(script)
        except TclError as fault:
            if self._steps > STEPS:
                raise
            result, failed = str(fault), "1"
            self._depth = depth
            self._drop(frames)
        if name:
            self.set(name[0], result)
        return failed


# -- expressions


def _number(text: str) -> int | float:
    if len(text) > DIGITS:
        raise TclError("integer value too large to represent")
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return int(text) if text.strip().isdigit() else float(text)
    except ValueError:
        raise TclError(f'expected integer but got "{text}"') from None


def _numeric(text: str) -> bool:
    try:
        _number(text)
    except TclError:
        return False
    return True


def _said(value: float) -> str:
    if isinstance(value, int):
        return str((value + (1 << 63)) % (1 << 64) - (1 << 63))
    return repr(value)


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d*|0[xX][0-9a-fA-F]+|\d+)(?![\w.])|(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!()])"
    r'|"(?P<quoted>[^"]*)"|\{(?P<braced>[^{}]*)\}|(?P<word>[^\s()"{}=!<>&|]+))'
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",), ("&&",), ("==", "!=", "eq", "ne"), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%")
)  # fmt: skip
_COMPARE = {
    "==": operator.eq, "!=": operator.ne, "eq": operator.eq, "ne": operator.ne,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


class Expression:
    """An expression, its variables and commands put in already."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if not found or found.lastgroup is None:
                self._bad()
            else:
                self._tokens.append((found.lastgroup, found[found.lastgroup]))
                at = found.end()
        self._tokens.reverse()
        self._depth = 0

    def _bad(self) -> None:
        raise TclError(f'syntax error in expression "{self._text[:60]}"')

    def value(self) -> str:
        """Work it out."""
        found = self._binary(0)
        if self._tokens:
            self._bad()
        return found

    def _peek(self) -> str:
        kind, text = self._tokens[-1] if self._tokens else ("", "")
        return text if kind in ("sign", "word") else ""

    def _binary(self, level: int) -> str:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while (sign := self._peek()) in _LEVELS[level]:
            self._tokens.pop()
            left = self._applied(sign, left, self._binary(level + 1))
        return left

    @staticmethod
    def _applied(sign: str, left: str, right: str) -> str:
        if sign in ("&&", "||"):
            truths = [_number(each) != 0 for each in (left, right)]
            return str(int(all(truths) if sign == "&&" else any(truths)))
        if sign in _COMPARE:
            compare = _COMPARE[sign]
            numbers = sign not in ("eq", "ne") and _numeric(left) and _numeric(right)
            return str(int(compare(_number(left), _number(right)) if numbers else compare(left, right)))
        a, b = _number(left), _number(right)
        if sign in "/%" and not b:
            raise TclError("divide by zero")
        match sign:
            case "+":
                return _said(a + b)
            case "-":
                return _said(a - b)
            case "*":
                return _said(a * b)
            case "/":
                return _said(a // b if isinstance(a, int) and isinstance(b, int) else a / b)
            case _:
                return _said(a % b)

    def _unary(self) -> str:
        if not self._tokens:
            self._bad()
        kind, text = self._tokens.pop()
        self._depth += 1
        if self._depth > DEPTH:
            self._bad()
        try:
            if kind != "sign":
                return text
            if text == "(":
                found = self._binary(0)
                if not self._tokens or self._tokens.pop() != ("sign", ")"):
                    self._bad()
                return found
            if text in "-+!":
                value = _number(self._unary())
                return str(int(not value)) if text == "!" else _said(-value if text == "-" else value)
        finally:
            self._depth -= 1
        self._bad()
        return ""
