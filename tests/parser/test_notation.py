"""Cisco's notation becomes shapes: each construct, and each complaint with its place."""

from __future__ import annotations

from textwrap import dedent

import pytest

from iosemu.parser.compile import compile_sources
from iosemu.parser.files import GrammarError, read
from iosemu.parser.notation import Declaration, understand
from iosemu.parser.shapes import Argument, Choice, Keyword, Optional, Sequence
from tests.parser.small import MODES

WORDS = """
words
    a   help a
    b   help b
    c   help c
    d   help d
    n   <0-9>   help n
    m   <0-9>   help m
"""


def declaration(text: str, mode: str = "global") -> Declaration:
    """Understand the one block of a text."""
    _, blocks = read("t.ios", f"mode {mode}\n{WORDS}\n{dedent(text)}")
    (block,) = blocks
    return understand(block)


def key(word: str, capture: str | None = None) -> Keyword:
    """Give the keyword that `words` describes."""
    return Keyword(word, f"help {word}", capture)


def number(name: str) -> Argument:
    """Give the argument that `words` describes."""
    return Argument(name, "<0-9>", f"help {name}")


@pytest.mark.parametrize(
    ("syntax", "items"),
    [
        ("a", (key("a"),)),
        ("a b", (key("a"), key("b"))),
        ("a n", (key("a"), number("n"))),
        ("a [ b ]", (key("a"), Optional(key("b", "b")))),
        ("a [n]", (key("a"), Optional(number("n")))),
        ("a [b n]", (key("a"), Optional(Sequence((key("b", "b"), number("n")))))),
        ("a {b | c}", (key("a"), Choice((key("b", "b"), key("c", "c"))))),
        ("a {b|n}", (key("a"), Choice((key("b", "b"), number("n"))))),
        ("a [b | c]", (key("a"), Optional(Choice((key("b", "b"), key("c", "c")))))),
        ("a {b}", (key("a"), key("b", "b"))),
        ("a {b | c}...", (key("a"), Choice((key("b", "b"), key("c", "c")), repeat=True))),
        ("a [b | c]...", (key("a"), Optional(Choice((key("b", "b"), key("c", "c")), repeat=True)))),
        ("a {b} ...", (key("a"), Choice((key("b", "b"),), repeat=True))),
        (
            "a {b n | c [m]}",
            (
                key("a"),
                Choice(
                    (Sequence((key("b", "b"), number("n"))), Sequence((key("c", "c"), Optional(number("m")))))
                ),
            ),
        ),
        (
            "a [b [c [d]]]",
            (
                key("a"),
                Optional(
                    Sequence((key("b", "b"), Optional(Sequence((key("c", "c"), Optional(key("d", "d")))))))
                ),
            ),
        ),
    ],
)
def test_a_construct_becomes_its_shape(syntax: str, items: tuple[object, ...]) -> None:
    """Brackets, braces, bars and dots mean what the notation's table says."""
    (form,) = declaration(syntax).forms
    assert form.shape == Sequence(items)
    assert not form.silent


def test_help_lines_follow_the_occurrences_of_a_word() -> None:
    """The k-th occurrence of a word takes the k-th line with it, and a line with a type is an argument."""
    found = declaration(
        """
        b priority priority [b priority]
            priority               first
            priority  <0-255>  as value  second
            priority  as again  third
        """
    )
    assert found.forms[0].shape == Sequence(
        (
            key("b"),
            Keyword("priority", "first"),
            Argument("value", "<0-255>", "second"),
            Optional(Sequence((key("b", "b"), Keyword("priority", "third", "again")))),
        )
    )
    assert found.name == "b priority"


def test_a_word_without_a_line_takes_the_files() -> None:
    """A block's own help line goes before the one in `words`."""
    found = declaration("a b\n    b  mine\n")
    assert found.forms[0].shape == Sequence((key("a"), Keyword("b", "mine")))


def test_a_capture_is_called_as_its_word_with_underscores() -> None:
    """`key-string` is captured as key_string, and `as hello-msec` as hello_msec."""
    found = declaration("a key-string [msec]\n    key-string  WORD  x\n    msec  as hello-msec  y\n")
    assert found.forms[0].shape.items[1:] == (
        Argument("key_string", "WORD", "x"),
        Optional(Keyword("msec", "y", "hello_msec")),
    )


def test_a_keyword_may_share_the_name_of_the_argument_it_introduces() -> None:
    """`minimum minimum` captures one name, whose value the argument gives."""
    found = declaration("a {minimum minimum | b}...\n    minimum  x\n    minimum  <0-9>  y\n")
    assert found.forms[0].shape.items[1] == Choice(
        (Sequence((Keyword("minimum", "x", "minimum"), Argument("minimum", "<0-9>", "y"))), key("b", "b")),
        repeat=True,
    )


def test_several_lines_are_forms_of_one_command() -> None:
    """Lines over one block are forms; `~` makes one silent, and `no` gives the command's own `no`."""
    found = declaration("a b n\n~ a n\nno a b\n~ no a\n")
    assert [form.silent for form in found.forms] == [False, True]
    assert [form.silent for form in found.no_forms] == [False, True]
    assert [form.shape for form in found.no_forms] == [Sequence((key("a"), key("b"))), Sequence((key("a"),))]
    assert found.name == "a b"


def test_no_is_a_word_like_any_other_in_exec() -> None:
    """In a mode that does not configure, a line that begins with `no` is a form, not a negation."""
    found = declaration("no a\n", mode="exec")
    assert found.name == "no a"
    assert found.no_forms == ()


def test_remarks() -> None:
    """Remarks say what tells lines apart, what is entered, what is on, who may see it, what may follow."""
    found = declaration(
        "a n m\n    (by n m)\n    (enters interface)\n    (default on)\n    (level 7)\n"
        "    (pipes)\n    (undo)\n"
    )
    assert (found.by, found.enters, found.default_on, found.level, found.pipes, found.undo) == (
        ("n", "m"),
        "interface",
        True,
        7,
        True,
        True,
    )
    bare = declaration("a n\n")
    assert (bare.by, bare.enters, bare.default_on, bare.level, bare.pipes, bare.undo) == (
        (),
        "",
        False,
        1,
        False,
        False,
    )


def test_remarks_on_what_is_not_there() -> None:
    """(missing), (yields) and (shown MODE) are read as they stand."""
    found = declaration("a b\n    (missing)\n    (yields)\n    (shown global)\n")
    assert (found.missing, found.yields, found.shown) == (True, True, "global")
    bare = declaration("a b\n")
    assert (bare.missing, bare.yields, bare.shown) == (False, False, "")


def test_hidden_makes_every_form_silent() -> None:
    """(hidden) says of all forms what `~` says of one."""
    found = declaration("a b\na c\n    (hidden)\n")
    assert [form.silent for form in found.forms] == [True, True]


FAULTS = [
    ("a [b", 2, "the notation ends here", 2),
    ("a b]", 2, "the notation ends here", 3),
    ("a {b | }", 2, "the notation ends here", 2),
    ("a x", 2, "'x' has no help line", 2),
    ("~ a x", 2, "'x' has no help line", 4),
    ("a y y\n    y  one", 2, "this occurrence of 'y' has no help line", 4),
    ("a b\n    x  spare", 3, "help for 'x', which the syntax does not have there", 4),
    ("a n [n]", 2, "'n' is captured twice; name one of them with `as`", 0),
    ("a n\na m [m]", 3, "'m' is captured twice; name one of them with `as`", 0),
    ("a {b n | c n}...", 2, "'n' is captured twice; name one of them with `as`", 0),
    ("a {x [x] | b}\n    x  k\n    x  <0-9>  v", 2, "'x' is captured twice; name one of them with `as`", 0),
    ("a {[b] c | d}...", 2, "what `...` repeats must begin with a word: it tells what was typed already", 0),
    ("a n\n    (by m)", 3, "`by` names 'm', which nothing captures", 4),
    ("[a]", 2, "a command needs a required keyword to be named by", 0),
    ("a b\n    (loud)", 3, "no such remark", 4),
    ("a b\n    (level high)", 3, "no such remark", 4),
    ("a b\n    (enters)", 3, "no such remark", 4),
    ("a b\n    b help", 3, "two blanks part a word from its help", 4),
]


@pytest.mark.parametrize(("text", "line", "message", "column"), FAULTS)
def test_a_fault_is_told_with_its_place(text: str, line: int, message: str, column: int) -> None:
    """A complaint gives FILE:LINE, what is wrong, the line, and a caret under the fault."""
    words = "words\n    a  x\n    b  x\n    c  x\n    d  x\n    n  <0-9>  x\n    m  <0-9>  x\n"
    files = [("modes.ios", MODES), ("w.ios", ""), ("t.ios", f"mode global\n{text}\n\n{words}")]
    with pytest.raises(GrammarError) as caught:
        compile_sources(files)
    shown = f"mode global\n{text}".splitlines()[line - 1]
    assert str(caught.value) == f"t.ios:{line}: {message}\n{shown}\n{' ' * column}^"
    assert caught.value.source.line == line


WHOLE = [
    ("mode globul\n\nstop\n    stop  x\n", "t.ios:1: no mode 'globul' is declared"),
    (
        "mode global\n\ngo\n    go  x\n\ngo [n]\n    go  x\n    n  <0-1>  y\n",
        "t.ios:6: 'go' is declared twice in its mode",
    ),
    ("mode global\n\ngo\n    go  x\n    (enters nowhere)\n", "t.ios:3: no mode 'nowhere' is declared"),
    ("mode exec\n    prompt >\n", "t.ios:1: mode 'exec' is declared twice"),
    ("mode new\n    prompt (config-new)#\n    parent old\n", "t.ios:1: no mode 'old' is declared"),
    ("mode new\n    like old\n", "t.ios:1: no mode 'old' is declared"),
    ("mode new\n    colour red\n", "t.ios:2: a mode has prompt, title, parent, like, exit, indent, closing"),
    (
        "mode subinterface\n\ngo\n    go  x\n",
        "t.ios:3: mode 'subinterface' has the commands of 'interface' alone",
    ),
    ("go\n    go  x\n", "t.ios:1: a command before any `mode`"),
    ("\n    go  x\n", "t.ios:2: an indented line that belongs to nothing"),
]


@pytest.mark.parametrize(("text", "first"), WHOLE)
def test_what_must_be_true_of_the_whole(text: str, first: str) -> None:
    """Modes exist, commands are declared once, and every line belongs to something."""
    with pytest.raises(GrammarError) as caught:
        compile_sources([("modes.ios", MODES), ("t.ios", text)])
    assert str(caught.value).splitlines()[0] == first
