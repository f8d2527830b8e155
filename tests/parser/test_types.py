"""Types of arguments: what each accepts, where the caret stands in what it refuses, what is too short."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.parser import types
from iosemu.parser.types import AMBIGUOUS, INCOMPLETE
from tests.parser.small import CONTEXT

ACCEPTED = [
    ("<0-255>", "0", 0),
    ("<0-255>", "255", 255),
    ("<0-255>", "007", 7),
    ("<-23-23>", "-23", -23),
    ("<0-4294967295>", "4294967295", 4294967295),
    ("<100-FFFFFFFF>x", "100", 0x100),
    ("<100-FFFFFFFF>x", "fFfFfFfF", 0xFFFFFFFF),
    ("A.B.C.D", "1.0.0.1", IPv4.parse("1.0.0.1")),
    ("A.B.C.D", "255.255.255.255", IPv4(0xFFFFFFFF)),
    ("H.H.H", "0000.0c07.ac01", MAC.parse("0000.0c07.ac01")),
    ("HOST", "1.0.0.1", IPv4.parse("1.0.0.1")),
    ("HOST", "R2", "R2"),
    ("HOST", "1.0.0", "1.0.0"),
    ("WORD", "a-b_c!", "a-b_c!"),
    ("WORD<1-8>", "12345678", "12345678"),
    ("HEXKEY", "12345678AbCd", "12345678abcd"),
    ("LINE", "to the core", "to the core"),
    ("hh:mm:ss", "23:59:59", 86399),
    ("hh:mm:ss", "1:02:03", 3723),
    ("MONTH", "March", 3),
    ("MONTH", "mar", 3),
    ("MONTH", "JUNE", 6),
    ("INTERFACE", "Ethernet0", "Ethernet0"),
    ("INTERFACE", "ethernet 0/1", "Ethernet0/1"),
    ("INTERFACE", "e0", "Ethernet0"),
    ("INTERFACE", "fa  00/010.0100", "FastEthernet0/10.100"),
    ("INTERFACE", "lo2147483647", "Loopback2147483647"),
    ("NODE", "HA1", "HA1"),
    ("NODE", "ha1", "HA1"),
    ("NODE", "X", "X"),
    ("SEGMENT", "HOME", "home"),
]


@pytest.mark.parametrize(("name", "text", "value"), ACCEPTED)
def test_accepted(name: str, text: str, value: Any) -> None:
    """A type reads its texts, wherever they stand in a line, and stops behind them."""
    assert types.of(name).read(text, 0, CONTEXT) == (len(text), value)
    assert types.of(name).read(f"go {text}", 3, CONTEXT) == (len(text) + 3, value)


@pytest.mark.parametrize(("name", "text", "value"), [row for row in ACCEPTED if row[0] != "LINE"])
def test_a_value_ends_at_a_blank(name: str, text: str, value: Any) -> None:
    """What stands behind a blank is no part of a value; only a LINE takes blanks."""
    assert types.of(name).read(f"{text} more", 0, CONTEXT) == (len(text), value)


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("<0-255>", "256", 0),
        ("<1-255>", "0", 0),
        ("<0-255>", "-1", 0),
        ("<0-255>", "1x", 0),
        ("<0-255>", "x", 0),
        ("<0-255>", "٣", 0),
        ("<0-255>", "9" * 5000, 0),
        ("<100-FFFFFFFF>x", "FF", 0),
        ("<100-FFFFFFFF>x", "10G", 0),
        ("A.B.C.D", "0255.255.1", 0),
        ("A.B.C.D", "1.0.0.256", 0),
        ("A.B.C.D", "1.0.0.1.", 0),
        ("A.B.C.D", "1.0.0 1", 0),
        ("A.B.C.D", "network", 0),
        ("H.H.H", "0000.0c07", 0),
        ("H.H.H", "00:00:0c:07:ac:01", 0),
        ("WORD<1-8>", "123456789", 0),
        ("WORD<3-8>", "12", 0),
        ("HEXKEY", "123", 0),
        ("HEXKEY", "12GG", 0),
        ("hh:mm:ss", "24:00:00", 0),
        ("hh:mm:ss", "12:60:00", 0),
        ("hh:mm:ss", "12:00", 0),
        ("MONTH", "ma", 0),
        ("MONTH", "Marchy", 0),
        ("INTERFACE", "etherent0/1.10", 5),
        ("INTERFACE", "10.22.10.1", 0),
        ("INTERFACE", "xyz", 0),
        ("INTERFACE", "fa9/9", 2),
        ("INTERFACE", "Ethernet 9/9", 9),
        ("INTERFACE", "e0/", 1),
        ("INTERFACE", "e0x", 1),
        ("INTERFACE", "e x", 2),
    ],
)
def test_refused_with_the_caret(name: str, text: str, column: int) -> None:
    """The caret stands under a value's first character, in an interface within its kind."""
    assert types.of(name).read(text, 0, CONTEXT) == column
    assert types.of(name).read(f"go {text}", 3, CONTEXT) == column + 3


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("A.B.C.D", "10", INCOMPLETE),
        ("A.B.C.D", "10.", INCOMPLETE),
        ("A.B.C.D", "10.0.0", INCOMPLETE),
        ("A.B.C.D", "10.0.0. ", INCOMPLETE),
        ("A.B.C.D", "256", 0),
        ("INTERFACE", "e", INCOMPLETE),
        ("INTERFACE", "Ethernet ", INCOMPLETE),
        ("INTERFACE", "t", AMBIGUOUS),
        ("INTERFACE", "t ", AMBIGUOUS),
        ("INTERFACE", "t 0", AMBIGUOUS),
        ("INTERFACE", "tu", INCOMPLETE),
    ],
)
def test_the_beginning_of_a_value(name: str, text: str, answer: int) -> None:
    """An address or an interface that the line ends in is incomplete; a kind's prefix must be unique."""
    assert types.of(name).read(text, 0, CONTEXT) == answer


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("<0-255>", "<0-255>"),
        ("<-23-23>", "<-23 - 23>"),
        ("<100-FFFFFFFF>x", "<100-FFFFFFFF>"),
        ("HOST", "Hostname or A.B.C.D"),
        ("WORD<1-8>", "WORD"),
        ("HEXKEY", "WORD"),
        ("LINE", "LINE"),
        ("MONTH", "MONTH"),
        ("hh:mm:ss", "hh:mm:ss"),
    ],
)
def test_what_help_shows(name: str, label: str) -> None:
    """`?` shows a type by its label."""
    assert types.of(name).label == label


@pytest.mark.parametrize("name", ["", "word", "<1-x>", "<1-2", "WORD<1>", "<A-F>", "INTEGER"])
def test_no_such_type(name: str) -> None:
    """What is no type is a ValueError that repeats it."""
    with pytest.raises(ValueError, match="no such type"):
        types.of(name)


@given(st.sampled_from(sorted({name for name, _, _ in ACCEPTED})), st.text(max_size=30), st.integers(0, 30))
def test_reading_never_fails(name: str, text: str, column: int) -> None:
    """A type answers for any text: a value that ends within the line, a caret within it, or too short."""
    line = "x" * column + text
    if column == len(line) or line[column].isspace():
        return
    read = types.of(name).read(line, column, CONTEXT)
    if isinstance(read, tuple):
        assert column < read[0] <= len(line)
    else:
        assert read in {INCOMPLETE, AMBIGUOUS} or column <= read < len(line)
        assert name not in {"HOST", "WORD", "NODE"}
