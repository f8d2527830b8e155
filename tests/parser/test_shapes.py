"""Shapes: what they capture, what follows `no`, and the way back from values to words."""

from __future__ import annotations

from typing import Any

import pytest

from iosemu.parser.shapes import (
    Argument,
    Choice,
    Keyword,
    Optional,
    Sequence,
    Shape,
    captures,
    first_keywords,
    negated,
    pack,
    render,
    required,
    unpack,
)
from tests.parser.small import mode

A, B = Keyword("a", ""), Keyword("b", "")
X, Y = Keyword("x", "", "x"), Keyword("y", "", "y")
N, M = Argument("n", "<0-9>", ""), Argument("m", "<0-9>", "")


def line(*items: Shape) -> Sequence:
    """Make a form."""
    return Sequence(items)


@pytest.mark.parametrize(
    ("shape", "values", "words"),
    [
        (line(A, B), {}, "a b"),
        (line(A, N), {"n": 0}, "a 0"),
        (line(A, N), {}, None),
        (line(A, N), {"n": True}, None),
        (line(A, X), {"x": True}, "a x"),
        (line(A, X), {"x": False}, None),
        (line(A, Optional(X)), {"x": True}, "a x"),
        (line(A, Optional(X)), {"x": False}, "a"),
        (line(A, Optional(line(X, N))), {"x": True, "n": 3}, "a x 3"),
        (line(A, Optional(line(X, N))), {"n": 3}, "a"),
        (line(A, Choice((X, Y))), {"y": True}, "a y"),
        (line(A, Choice((X, Y))), {}, None),
        (line(A, Choice((X, line(X, N)))), {"x": True, "n": 1}, "a x 1"),
        (line(A, Choice((X, Y), repeat=True)), {"y": True, "x": True}, "a x y"),
        (line(A, Choice((X, Y), repeat=True)), {"y": True}, "a y"),
        (line(A, Choice((X, Y), repeat=True)), {}, None),
        (line(A, Keyword("m", "", "m"), M), {"m": 5}, "a m 5"),
        (line(A, Keyword("m", "", "m"), M), {"m": 0}, "a m 0"),
        (line(A, Argument("h", "<0-FF>x", "")), {"h": 255}, "a FF"),
        (line(A, Argument("t", "hh:mm:ss", "")), {"t": 3661}, "a 01:01:01"),
        (line(A, Argument("t", "MONTH", "")), {"t": 3}, "a March"),
    ],
)
def test_values_are_said_in_words(shape: Sequence, values: dict[str, Any], words: str | None) -> None:
    """`render` says the required words and what was captured; nothing when a required value is missing."""
    said = render(shape, values)
    assert (said and " ".join(said[0])) == words


def test_render_tells_what_it_spent() -> None:
    """`render` names the values that its words say, so that a form which leaves one out is passed over."""
    assert render(line(A, N, Optional(X)), {"n": 1, "x": True, "z": 2}) == (["a", "1", "x"], {"n", "x"})


def said(shape: Shape) -> str:
    """Write a shape in the notation again."""
    match shape:
        case Keyword(word):
            return word
        case Argument(name):
            return name
        case Optional(item):
            return f"[{said(item)}]"
        case Choice(alternatives, repeat):
            return "{" + "|".join(map(said, alternatives)) + "}" + ("..." if repeat else "")
        case Sequence(items):
            return " ".join(map(said, items))


@pytest.mark.parametrize(
    ("shape", "by", "after_no"),
    [
        (line(A, B), (), "a b"),
        (line(A, N), (), "a [n]"),
        (line(A, N, M), (), "a [n [m]]"),
        (line(A, N, M), ("n",), "a n [m]"),
        (line(A, N, M), ("n", "m"), "a n m"),
        (line(A, N, B, M), ("n",), "a n [b [m]]"),
        (line(A, Optional(N), B, M), (), "a [n] b [m]"),
        (line(A, Optional(N), B, M), ("n",), "a [n] b [m]"),
        (line(A, N, Optional(X), M), (), "a [n [x] [m]]"),
        (line(A, Choice((line(X, N), Y))), (), "a [{x [n]|y}]"),
        (line(A, Choice((line(X, N), line(Y, M)), repeat=True)), (), "a [{x [n]|y [m]}...]"),
        (line(A, Optional(line(X, N, Optional(Y)))), (), "a [x [n [y]]]"),
    ],
)
def test_behind_no_arguments_may_be_left_out(shape: Sequence, by: tuple[str, ...], after_no: str) -> None:
    """After `no`, everything behind the first keywords, or behind the arguments of `by`, is optional."""
    assert said(negated(shape, by)) == after_no


def test_names() -> None:
    """A shape names its captures in order, those no sentence lacks, and its required keywords."""
    shape = line(A, Optional(N), X, Choice((line(Y, M), line(Y, Optional(M)))), Choice((B, Y)))
    assert captures(shape) == ["n", "x", "y", "m"]
    assert required(shape) == {"x", "y"}
    assert first_keywords(shape) == ("a", "x")


def test_pack_and_unpack() -> None:
    """`unpack` gives the shape that was packed."""
    shape = line(A, Optional(N), Choice((X, line(Y, M)), repeat=True), Choice((B, X)))
    assert unpack(pack(shape)) == shape


GROUPS = """
standby [group-number] timers {hello | msec hello-msec} hold
~ standby [group-number] timers hold
    standby                              HSRP
    group-number   <0-255>               group number
    timers                               Timers
    hello          <1-254>               Hello interval in seconds
    msec           as hello-msec         Specify it in milliseconds
    hello-msec     <15-999>              Hello interval in milliseconds
    hold           <1-255>               Hold time in seconds
    (by group-number)

delay
delay n m
    delay          x
    n   <0-9>      x
    m   <0-9>      x

no list [name]
list name entry
    list           x
    name   WORD    x
    entry  WORD    x
    (by name)
"""


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("standby timers", {"hello": 3, "hold": 10}, "standby timers 3 10"),
        ("standby timers", {"group_number": 0, "hello_msec": 20, "hold": 10}, "standby 0 timers msec 20 10"),
        ("standby timers", {"group_number": 1, "no": True}, "no standby 1 timers"),
        ("standby timers", {"group_number": None, "no": True}, "no standby timers"),
        ("standby timers", {"hello": 3, "hold": 10, "no": False}, "standby timers 3 10"),
        ("delay", {}, "delay"),
        ("delay", {"n": 1, "m": 2}, "delay 1 2"),
        ("delay", {"no": True}, "no delay"),
        ("list", {"no": True, "name": "one"}, "no list one"),
    ],
)
def test_a_command_writes_its_line(name: str, values: dict[str, Any], words: str) -> None:
    """A command says values in the first form, not silent, that leaves none of them out."""
    (command,) = (each for each in mode(GROUPS, "global").commands if each.name == name)
    assert command.render(values) == words


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("standby timers", {"hold": 1}),
        ("standby timers", {"hello": 1, "hold": 1, "colour": 2}),
        ("delay", {"n": 1}),
    ],
)
def test_what_no_form_can_say_is_an_error(name: str, values: dict[str, Any]) -> None:
    """Values that no form can say, or that it would leave out, are a ValueError that names the command."""
    (command,) = (each for each in mode(GROUPS, "global").commands if each.name == name)
    with pytest.raises(ValueError, match=f"{name!r} can't say"):
        command.render(values)
