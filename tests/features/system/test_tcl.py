"""Tcl: whatever is typed ends, in Tcl's words when it is wrong; a whole command is known from half of one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.features.system.tcl import Interpreter, Scanner, TclError, items, listed


def run(text):
    """Run a script without a router; what is no command is its own result."""

    def unknown(line):
        return line
        yield

    work = Interpreter({}, unknown).script(text)
    try:
        while True:
            next(work)
    except StopIteration as stop:
        return stop.value


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("set a {b c}; lindex $a end", "c"),
        ('set a "x[set b 2]y"', "x2y"),
        ("set a(1) z; set a(1)", "z"),
        ("set {odd name} 1; set b ${odd name}", "1"),
        ("expr 7 / 2 + 7 % 2 * 3.0", "6.0"),
        ("expr !(1 < 2) || 3 >= 3 && 10 == 0xA", "1"),
        ("expr -(2 - 5)", "3"),
        ("expr 9223372036854775807 + 1", "-9223372036854775808"),
        ("if {0} {set a 1} elseif {2 > 1} {set a 2} else {set a 3}", "2"),
        ("if 0 then {set a 1} else {set a 3}", "3"),
        ("# nothing\nset a 1", "1"),
        ("set n 0; while {$n < 3} {incr n}; set n", "3"),
        ("proc f {a {b 2} args} {return $a$b[llength $args]}; list [f 1] [f 1 3] [f 1 3 x y]", "120 130 132"),
        ("catch {expr 1 +} why; set why", 'syntax error in expression "1 +"'),
        ("split 10.0.0.1 .", "10 0 0 1"),
        ("join {a b c} -", "a-b-c"),
        ("lappend a {x y}; lappend a z", "{x y} z"),
        ("string match *.0 10.0", "1"),
        ("show\\\n version", "show version"),
    ],
)
def test_scripts(script, result):
    """Words, variables, expressions and loops are Tcl's."""
    assert run(script) == result


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("set a {", "missing close-brace"),
        ('set a "', 'missing "'),
        ("set a [b", "missing close-bracket"),
        ("[" * 500 + "a" + "]" * 500, "too many nested calls"),
        ("proc f {} {f}; f", "too many nested calls"),
        ("expr " + "(" * 500, "syntax error"),
        ("set x aa; while 1 {append x $x}", "out of memory"),
        (
            "set x aa; while {[string length $x] < 400000} {append x $x}; set n 0; while 1 {set x[incr n] $x}",
            "memory",
        ),
        ("set x aa; while {[string length $x] < 400000} {append x $x}; string length " + "$x" * 9, "memory"),
        ("set x aa; while {[string length $x] < 400000} {append x $x}; list " + "$x " * 9, "memory"),
        ("set x {a }; while {[string length $x] < 400000} {append x $x}; join $x $x", "memory"),
        ("expr 0x" + "f" * 100000 + " * 2", "too large"),
        ("while 1 {}", "stopped after"),
        ("catch {while 1 {}}; set a 1", "stopped after"),
        ("set", "wrong # args"),
        ("break", "outside of a loop"),
    ],
)
def test_errors(script, why):
    """What is wrong is said, and nothing runs for ever or fills the memory."""
    with pytest.raises(TclError, match=why.replace("#", "\\#")):
        run(script)


@given(st.text(st.sampled_from('ab1 {}[]"$\\;\n#()+-'), max_size=60))
def test_nothing_else_goes_wrong(text):
    """Any text is a script, or an error of Tcl's."""
    for prefix in ("", "expr ", "set x ", "if ", "foreach x ", "list "):
        with contextlib.suppress(TclError):
            run(prefix + text)


@given(
    st.lists(st.text(st.sampled_from('ab "$[]{};\\\n').filter(lambda char: char not in "{}\\"), max_size=8))
)
def test_a_list_holds_what_was_put_into_it(values):
    """`list` and `lindex` agree."""
    assert items(listed(values)) == values


@given(st.text(st.sampled_from('ab {}[]"\\\n'), max_size=40), st.integers(0, 40))
def test_pieces_do_not_matter(text, at):
    """A scanner says the same of a text in one piece as in two, parted at the end of a row."""
    first, second = text[:at].rstrip("\\") + "\n", text[at:] + "\n"
    whole, parted = Scanner(), Scanner()
    parted.feed(first)
    assert whole.feed(first + second) == parted.feed(second)


@given(st.text(st.sampled_from('ab {}[]"\\'), max_size=40))
def test_what_is_not_whole_is_an_error(text):
    """A script that the scanner would read on after lacks something."""
    if not Scanner().feed(text + "\n"):
        with pytest.raises(TclError):
            run(text + "\n")
