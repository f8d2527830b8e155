"""The types of arguments: how each is read from a line, written back, and shown by `?`.

A type consumes text itself (an interface may stand in two words, a LINE holds blanks), so `read` is given
the whole line and a column. It answers with the column behind the value and the value; or, as a plain int,
how far the text was right: the caret's column, INCOMPLETE when the line ended too early, or AMBIGUOUS.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from iosemu.addresses import MAC, IPv4
from iosemu.values import NamedTuple

from . import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

INCOMPLETE = -1
"""What `read` answers when the line ends before the value does."""

AMBIGUOUS = -2
"""What `read` answers when the text may begin several values (`t` with Tunnel and TenGigabitEthernet)."""

Read = tuple[int, Any] | int

EXACT, PREFIX, FREE, REST = 1, 2, 3, 4
"""How strongly a reading claims a word: a typed value (or a keyword), a keyword's prefix, a word, a line."""


class Context(NamedTuple):
    """What the grammar has to know of the place where a line is typed."""

    level: int = 15
    """The user's privilege level, 0 to 15."""
    kinds: Sequence[tuple[str, str]] = ()
    """The kinds of interface there are: name and help, as in `Ethernet`, `IEEE 802.3`."""
    interface: Callable[[str], str] = str
    """From an interface's full name to the name as it is called; ValueError: there can be no such number."""
    names: Mapping[str, Sequence[str]] = {}
    """The names there are now of each dynamic type (`NODE`, `SEGMENT`)."""


class Type(NamedTuple):
    """An argument type: what `?` shows, how strongly it claims a word, and both directions of its text."""

    label: str
    rank: int
    read: Callable[[str, int, Context], Read]
    write: Callable[[Any], str] = str
    offers: Callable[[str, Context], Iterable[tuple[str, str]]] | None = None
    """For types that `?` shows as a list (interfaces): from the text typed so far to items and their help."""


_BLANK = re.compile(r"\s|\Z")


def word_end(line: str, column: int) -> int:
    """Give the column behind the word that begins at a column."""
    return _BLANK.search(line, column).start()  # type: ignore[union-attr]


def _number(low: int, high: int, base: int = 10) -> Callable[[str, int, Context], Read]:
    digits = re.compile(r"-?[0-9]+\Z" if base == 10 else r"[0-9a-fA-F]+\Z")

    def read(line: str, column: int, _: Context) -> Read:
        end = word_end(line, column)
        word = line[column:end]
        if len(word) < 40 and digits.match(word) and low <= (value := int(word, base)) <= high:
            return end, value
        return column

    return read


def _address(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    try:
        return end, IPv4.parse(line[column:end])
    except ValueError:
        # A well-formed beginning of an address, at the line's end, is incomplete (ios-shell.md §2.2).
        short = not line[end:].strip() and re.fullmatch(
            r"(\d{1,3}\.){0,3}(\d{1,3})?", line[column:end], re.ASCII
        )
        octets = [int(part) for part in line[column:end].split(".") if part] if short else [256]
        return INCOMPLETE if max(octets) < 256 else column


def _mac(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    try:
        return end, MAC.parse(line[column:end])
    except ValueError:
        return column


def _word(low: int, high: int) -> Callable[[str, int, Context], Read]:
    def read(line: str, column: int, _: Context) -> Read:
        end = word_end(line, column)
        return (end, line[column:end]) if low <= end - column <= high else column

    return read


def _host(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    try:
        return end, IPv4.parse(line[column:end])
    except ValueError:
        return end, line[column:end]


def _server(line: str, column: int, context: Context) -> Read:
    """A host in a configuration: digits and points that are no address are no name either (ios-shell.md §2.2)."""
    read = _host(line, column, context)
    name = read[1] if isinstance(read, tuple) else ""
    return column if isinstance(name, str) and not name.strip("0123456789.") else read


def _hexkey(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    word = line[column:end]
    return (end, word.lower()) if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", word) else column


def _line(line: str, column: int, _: Context) -> Read:
    text = line[column:].rstrip("\r\n")
    return (len(line), text) if text.strip() else column


def _time(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    found = re.fullmatch(r"(\d{1,2}):(\d{2}):(\d{2})", line[column:end], re.ASCII)
    if found:
        hours, minutes, seconds = map(int, found.groups())
        if hours < 24 and minutes < 60 and seconds < 60:
            return end, hours * 3600 + minutes * 60 + seconds
    return column


def _clock(value: int) -> str:
    return f"{value // 3600:02}:{value // 60 % 60:02}:{value % 60:02}"


MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def _month(line: str, column: int, _: Context) -> Read:
    end = word_end(line, column)
    word = line[column:end].lower()
    found = [number for number, month in enumerate(MONTHS, 1) if month.lower().startswith(word)]
    return (end, found[0]) if len(found) == 1 and len(word) >= 3 else column


_INTERFACE = re.compile(r"([A-Za-z-]*[A-Za-z])([ \t]*)([0-9][0-9/.:]*)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}(/\d{1,5}){0,3}(\.\d{1,10})?(:\d{1,5})?\Z", re.ASCII)
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)", re.ASCII)


def _interface(line: str, column: int, context: Context) -> Read:
    """Read `Ethernet0/1`, `e 0/1`, `lo0`: the canonical name, `Ethernet0/1`."""
    found = _INTERFACE.match(line, column)
    if not found:
        return column
    typed, number = found.group(1).lower(), found.group(3)
    exact = [kind for kind, _ in context.kinds if kind.lower() == typed]
    kinds = exact or [kind for kind, _ in context.kinds if kind.lower().startswith(typed)]
    if not kinds:
        return column + max((common(kind, typed) for kind, _ in context.kinds), default=0)
    if len(kinds) > 1:
        return AMBIGUOUS
    if number is None:
        return INCOMPLETE if found.end() == len(line) else found.end()
    end = word_end(line, found.end())
    if end == found.end() and _NUMBER.match(number):
        try:
            return end, context.interface(kinds[0] + _LEADING_ZEROS.sub("", number))
        except ValueError:
            pass
    return found.start(3)


def _interface_offers(text: str, context: Context) -> Iterable[tuple[str, str]]:
    found = re.fullmatch(r"([A-Za-z-]*)([ \t]*)([0-9]*)", text, re.ASCII)
    typed = found.group(1).lower() if found else text
    kinds = [(kind, help_) for kind, help_ in context.kinds if kind.lower().startswith(typed)]
    if not found or not (found.group(2) or found.group(3)):
        return kinds
    kinds = [each for each in kinds if each[0].lower() == typed] or kinds
    return [("<0-2147483647>", f"{kinds[0][0]} interface number")] if len(kinds) == 1 else []


def _named(name: str) -> Type:
    def read(line: str, column: int, context: Context) -> Read:
        end = word_end(line, column)
        word = line[column:end]
        names = context.names.get(name, ())
        same = [known for known in names if known.lower() == word.lower()]
        return end, (same[0] if len(same) == 1 else word)

    def offers(text: str, context: Context) -> Iterable[tuple[str, str]]:
        begin = text.lower()
        return [(known, "") for known in context.names.get(name, ()) if known.lower().startswith(begin)]

    return Type("WORD", FREE, read, offers=offers)


def _named_numbers(names: Mapping[str, tuple[Any, str]], high: int, help_: str, of: Any = int) -> Type:
    """Numbers from 0 on of which some have names, and are written by them: `80` is `www`."""
    number = _number(0, high)
    texts = {value: name for name, (value, _) in names.items()}

    def read(line: str, column: int, context: Context) -> Read:
        end = word_end(line, column)
        word = line[column:end].lower()
        found = [word] if word in names else [name for name in names if name.startswith(word)]
        if found:
            return (end, names[found[0]][0]) if len(found) == 1 else AMBIGUOUS
        digits = number(line, column, context)
        if isinstance(digits, tuple):
            return end, of(digits[1])
        return column + max(common(name, word) for name in names)

    def write(value: Any) -> str:
        return texts.get(value) or str(value if isinstance(value, int) else value[0])

    def offers(text: str, _: Context) -> Iterable[tuple[str, str]]:
        if text.isdecimal() or not text:
            yield f"<0-{high}>", help_
        if not text.isdecimal():
            found = ((name, *names[name]) for name in names if name.startswith(text.lower()))
            yield from ((name, _port(told, value) if high > 255 else told) for name, value, told in found)

    return Type(f"<0-{high}>", EXACT, read, write, offers=offers)


def _port(told: str, number: int) -> str:
    """Describe a port with its number, as IOS does: `Telnet (23)`, `World Wide Web (HTTP, 80)`."""
    return f"{told[:-1]}, {number})" if told.endswith(")") else f"{told} ({number})"


def _message(number: int) -> tuple[int, int | None]:
    return number, None


def common(one: str, other: str) -> int:
    """Count the characters two words share from their beginning, whatever their case."""
    count = 0
    for left, right in zip(one.lower(), other.lower(), strict=False):
        if left != right:
            break
        count += 1
    return count


_PLAIN = {
    "A.B.C.D": Type("A.B.C.D", EXACT, _address),
    "H.H.H": Type("H.H.H", EXACT, _mac),
    "HOST": Type("Hostname or A.B.C.D", FREE, _host),
    "SERVER": Type("Hostname or A.B.C.D", FREE, _server),
    "WORD": Type("WORD", FREE, _word(1, 1 << 20)),
    "HEXKEY": Type("WORD", FREE, _hexkey),
    "LINE": Type("LINE", REST, _line),
    "hh:mm:ss": Type("hh:mm:ss", EXACT, _time, _clock),
    "MONTH": Type("MONTH", EXACT, _month, lambda value: MONTHS[value - 1]),
    "TCP-PORT": _named_numbers(numbers.TCP_PORTS, 65535, "Port number"),
    "UDP-PORT": _named_numbers(numbers.UDP_PORTS, 65535, "Port number"),
    "ICMP-MESSAGE": _named_numbers(numbers.ICMP_MESSAGES, 255, "ICMP message type", _message),
    "PRECEDENCE": _named_numbers(numbers.PRECEDENCES, 7, "Precedence value"),
    "SERVICE": _named_numbers(numbers.SERVICES, 15, "Type of service value"),
    "DSCP": _named_numbers(numbers.DSCPS, 63, "Differentiated services codepoint value"),
    "INTERFACE": Type("", EXACT, _interface, offers=_interface_offers),
    "NODE": _named("NODE"),
    "SEGMENT": _named("SEGMENT"),
}


def bounds(name: str) -> tuple[int, int] | None:
    """Give the range of a type of numbers, lowest and highest; None for other types."""
    if found := re.fullmatch(r"<(-?\d+)-(-?\d+)>", name, re.ASCII):
        return int(found.group(1)), int(found.group(2))
    if found := re.fullmatch(r"<([0-9A-F]+)-([0-9A-F]+)>x", name, re.ASCII):
        return int(found.group(1), 16), int(found.group(2), 16)
    return None


@cache
def of(name: str) -> Type:
    """Give the type written so in a grammar file; ValueError when there is none."""
    if name in _PLAIN:
        return _PLAIN[name]
    if range_ := bounds(name):
        low, high = range_
        if name.endswith("x"):
            return Type(name[:-1], EXACT, _number(low, high, 16), "{:X}".format)
        label = name if low >= 0 else f"<{low} - {high}>"  # ios-shell.md §3: blanks when a bound is negative
        return Type(label, EXACT, _number(low, high))
    if found := re.fullmatch(r"WORD<(\d+)-(\d+)>", name, re.ASCII):
        return Type("WORD", FREE, _word(*map(int, found.groups())))
    raise ValueError(f"no such type: {name}")
