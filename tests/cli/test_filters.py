"""Output modifiers: IOS's regular expressions and what each modifier lets through (ios-shell.md §5)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iosemu.app import Lab
from iosemu.cli import filters
from iosemu.cli.command import Ask, Text, Wait
from iosemu.cli.patterns import Automaton, compile_pattern

CONFIG = """\
hostname R1
!
interface Ethernet0
 description To the core
 ip address 10.0.0.1 255.0.0.0
!
interface Ethernet1
 no ip address
 shutdown
!
router rip
 network 10.0.0.0
!
line vty 0 4
 login
!
end
"""


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    """A privileged console at a lab of one router."""
    path = tmp_path_factory.mktemp("lab") / "R1.cfg"
    path.write_text(CONFIG)
    console = Lab.load(path)["R1"].console()
    console.send("enable")
    return console


@pytest.mark.parametrize(
    ("pattern", "row", "found"),
    [
        ("up", "up", True),
        ("UP", "up", False),
        ("10.0", "1000", True),
        (r"10\.0", "1000", False),
        (r"10\.0", "10.0.0.1", True),
        ("a|b", "xbx", True),
        ("a |b", "a", False),
        ("^ip", "ip route", True),
        ("^ip", " ip address", False),
        ("0$", "Ethernet0", True),
        ("0$", "Ethernet01", False),
        ("[0-9]", "Ethernet", False),
        ("[^a-z]", "abc", False),
        ("[^a-z]", "abC", True),
        ("[]x]", "]", True),
        (r"[\]]", "]", True),
        ("[a-]", "-", True),
        ("[.]", "x", False),
        ("[--]", "x", False),
        ("[a&&b]", "&", True),
        ("ab*c", "ac", True),
        ("ab+c", "ac", False),
        ("ab?c", "abc", True),
        ("(ab)+c", "xababc", True),
        ("_100_", "100", True),
        ("_100_", "65000 100 1", True),
        ("_100_", "1,100}", True),
        ("_100_", "(100)", True),
        ("_100_", "1100", False),
        ("CONFIG_I", "%SYS-5-CONFIG_I: x", True),
        (r"a\_b", "a_b", True),
        (r"a\_b", "a b", False),
        (r"(.)(.)\2\1", "noon", True),
        (r"(.)(.)\2\1", "nook", False),
        (r"x\*", "x*", True),
        ("x{2}", "xx", False),
        ("x{2}", "x{2}", True),
        (r"\d", "7", False),
        (r"\d", "d", True),
        (r"\s", "a b", False),
        ("a||b", "z", True),
        ("", "anything", True),
    ],
)
def test_a_pattern_means_what_ios_means(pattern, row, found):
    """Case counts, `_` is a border, a digit recalls, and what other dialects add is plain text."""
    assert bool(compile_pattern(pattern).search(row)) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "(a",
        "a)",
        "[a",
        "[",
        "*",
        "+a",
        "?",
        "a**",
        "a*?",
        "a|*",
        "(?i)a",
        "\\",
        r"\1",
        r"(a\2)",
        "[z-a]",
    ],
)
def test_what_is_no_pattern_is_refused(pattern):
    """A pattern that does not end, repeats nothing, or recalls what is not there is an error."""
    with pytest.raises(ValueError, match=r"\w"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "row", "found"),
    [
        ("(a*)*b", "a" * 200, False),
        ("(a*)*b", "a" * 200 + "b", True),
        ("(a|a)*b", "a" * 200, False),
        ("(a+)+$", "a" * 200 + "c", False),
        (".*" * 100 + "x", "a" * 300, False),
        ("a?" * 100 + "b", "a" * 200, False),
        ("^65000(_[0-9]+)*$", "65000 1 22 333", True),
        ("^65000(_[0-9]+)*$", "65000 1 x 333", False),
    ],
)
def test_no_pattern_keeps_the_router_busy(pattern, row, found):
    """Patterns with no end of ways to match go through an automaton, which gives the same answer at once."""
    compiled = compile_pattern(pattern)
    assert isinstance(compiled, Automaton)
    assert compiled.search(row) is found


def test_what_is_recalled_must_be_simple():
    """A recall cannot go through the automaton, so with too many choices beside it the pattern is refused."""
    with pytest.raises(ValueError, match="too many ways"):
        compile_pattern(r"(a*)*\1")


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", "^", "$", "_", "[ab]", "[^a]", r"\."]),
    lambda part: st.one_of(
        st.tuples(part, part).map("".join),
        st.tuples(part, part).map("({0[0]}|{0[1]})".format),
        st.tuples(part, st.sampled_from("*+?")).map("({0[0]}){0[1]}".format),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text("ab .", max_size=6))
@example("(^a|b$)*", "ab")
def test_the_automaton_agrees_with_python(pattern, row):
    """Whatever is matched is matched by both ways of matching."""
    python = pattern.replace("_", "(?:[ ,{}()]|^|$)")
    assert bool(compile_pattern(pattern).search(row)) == bool(re.search(python, row))


@given(st.text(max_size=300))
@example("(" * 250 + ")" * 250)
@example("[" * 250)
@example("((((a*)*)*)*)*b")
def test_any_text_is_a_pattern_or_none(text):
    """Reading a pattern ends in a pattern that matches in no time, or in ValueError."""
    try:
        pattern = compile_pattern(text)
    except ValueError:
        return
    pattern.search("a" * 80)


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("| include ^interface", ["interface Ethernet0", "interface Ethernet1"]),
        ("| i ^interface", ["interface Ethernet0", "interface Ethernet1"]),
        ("| inc ^interface", ["interface Ethernet0", "interface Ethernet1"]),
        ("| IN ^interface", ["interface Ethernet0", "interface Ethernet1"]),
        ("|i ^interface", ["interface Ethernet0", "interface Ethernet1"]),
        ("| include ^router|^interface", ["interface Ethernet0", "interface Ethernet1", "router rip"]),
        ("| include  address 10", [" ip address 10.0.0.1 255.0.0.0"]),
        ("| include no ip ", [" no ip address"]),
        ("| include Ethernet0 ", []),
        ("| include ETHERNET", []),
        ("| include nothing", []),
        ("| count Ethernet", ["Number of lines which match regexp = 2"]),
        ("| count nothing", ["Number of lines which match regexp = 0"]),
        ("| section ^router", ["router rip", " network 10.0.0.0"]),
        ("| section shutdown", ["interface Ethernet1", " shutdown"]),
        ("| s ^router|^line vty", ["router rip", " network 10.0.0.0", "line vty 0 4", " login"]),
        ("| begin ^line vty", ["line vty 0 4", " login", "!", "end", ""]),
        ("| include (", ["% Failed to compile regular expression."]),
    ],
)
def test_a_modifier_lets_these_rows_through(console, line, rows):
    """The modifier may be abbreviated; everything behind it and one blank is the pattern."""
    shown = console.type(f"show running-config {line}")
    if "begin" in line or "section" in line or "| s " in line:
        shown = [row for row in shown if row != " exec-timeout 10 0"]
    assert shown == rows


def test_an_empty_row_is_nothings_heading():
    """What is indented below an empty row stands below no other, and an empty row below nothing."""
    rows = ["Head", "", "  one", "   two", "", "   three", "Two", "  four"]
    shown = list(filters.apply("section", {"pattern": "two|three|Two"}, rows, None))
    assert shown == ["  one", "   two", "   three", "Two", "  four"]


def test_exclude_leaves_the_others(console):
    """What matches is gone, and so are empty rows; all the rest is there in its order."""
    whole = console.type("show running-config")
    assert console.type("show running-config | exclude Ethernet|^!") == [
        row
        for row in whole[1:]  # a filtered one is not announced
        if row and "Ethernet" not in row and not row.startswith("!")
    ]


@pytest.mark.parametrize(
    ("line", "caret"),
    [
        ("show clck | include x", 7),
        ("show clock x | include x", 11),
        ("show clock | x y", 13),
        ("show clock | incx y", 16),
        ("show clock |  sectiom y", 20),
        ("show clock | redirect flash:a b", 30),
        ("| include x", 0),
        ("show interfaces Ethernet9 | include x", 24),
        ("ping 10.0.0.1 | include x", 14),
        ("configure terminal | include x", 19),
        ("  show clock |  x", 16),
    ],
)
def test_an_error_in_a_filtered_line_has_its_caret(console, line, caret):
    """The caret stands where it would without the bar, and behind the bar under what is no modifier."""
    shown = console.type(line)
    assert shown == [" " * (len("R1#") + caret) + "^", "% Invalid input detected at '^' marker.", ""]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("show clock |", "% Incomplete command."),
        ("show clock | include", "% Incomplete command."),
        ("show clock | include ", "% Incomplete command."),
        ("show clock | redirect", "% Incomplete command."),
        ("show | include x", '% Type "show ?" for a list of subcommands'),
    ],
)
def test_a_filtered_line_may_be_incomplete(console, line, row):
    """Without a modifier, or a pattern, the line is incomplete."""
    assert console.type(line)[0] == row


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("show version | i?", ["include  ", ""]),
        ("show version | ap?", ["append  ", ""]),
        ("show version | x?", ["% Unrecognized command"]),
        ("show version | include ?", ["  LINE  Regular Expression", ""]),
        ("show version | count ?", ["  LINE  Regular Expression", ""]),
        ("show version|i?", ["include  ", ""]),
        ("ping 10.0.0.1 | ?", ["% Unrecognized command"]),
        ("show i | ?", ['% Ambiguous command:  "show i | "']),
    ],
)
def test_help_behind_the_bar(console, text, rows):
    """`?` knows the modifiers, and what they want."""
    assert console.session.help(text[:-1]) == rows


def test_help_behind_do(console):
    """Behind `do` the line is EXEC's, with its modifiers; alone, `do ?` lists EXEC's words."""
    session = console.session
    console.type("configure terminal")
    assert session.help("do show version | i") == ["include  ", ""]
    assert session.help("do show version | include ") == ["  LINE  Regular Expression", ""]
    assert session.help("do ")[0] == "Exec commands:"
    assert session.complete("do sh version | inc") == "do sh version | include "
    assert session.help("alias exec x show version | i") == ["LINE  ", ""]
    console.type("end")


def test_all_modifiers_are_listed_without_a_heading(console):
    """Behind the bar stand the modifiers in their order, described in IOS's words (§5)."""
    rows = console.session.help("show version | ")
    assert [row.split()[0] for row in rows if row] == [
        "append", "begin", "count", "exclude", "include", "redirect", "section", "tee",
    ]  # fmt: skip
    assert "  count     Count number of lines which match regexp" in rows
    assert console.session.complete("show version | inc") == "show version | include "


def test_an_output_goes_to_a_file(console):
    """`redirect` writes instead of showing, append behind what is there, tee shows as well."""
    clock = console.type("show clock")
    assert console.type("show clock | redirect flash:one") == []
    assert console.type("more flash:one") == clock
    assert console.type("show clock | append one") == []
    assert console.type("more flash:one") == clock * 2
    assert console.type("show clock | tee flash:/one") == clock
    assert console.type("more flash:one") == clock


@pytest.mark.parametrize(
    ("url", "row"),
    [
        ("tftp://10.0.0.9/x", "%Error opening tftp://10.0.0.9/x (Timed out)"),
        ("disk9:x", "%Error opening disk9:x (No such device)"),
        ("flash:", "%Error opening flash: (No such file or directory)"),
        ("system:x", "%Error opening system:x (No such file or directory)"),
    ],
)
def test_an_output_cannot_go_anywhere_else(console, url, row):
    """What is no file system of the router's refuses before the command runs."""
    for word in ("redirect", "append", "tee"):
        assert console.type(f"show clock | {word} {url}") == [row]


def test_a_file_stays_within_the_labs_folder(tmp_path):
    """Whatever a file is called, it is kept in the lab's state and nowhere else."""
    config, state = tmp_path / "R1.cfg", tmp_path / "a" / "b" / "state"
    config.write_text(CONFIG)
    console = Lab.load(config, state=state)["R1"].console()
    console.send("enable")
    for name in ("../../../../outside", "/etc/iosemu", "flash:../../x", "flash:..", "~/x", "a/b/c", "\x00"):
        console.type(f"show clock | redirect {name}")
    found = {path for path in tmp_path.rglob("*") if path.is_file()} - {config}
    assert found
    assert all(path.is_relative_to(state) for path in found)


def test_flash_is_not_endless():
    """Rows beyond what flash: holds are counted, not kept, and nothing is written."""
    lab = Lab("lab")
    node = lab.add_node("R1")
    from iosemu.features.system import files  # noqa: PLC0415
    from iosemu.features.system.redirect import Redirection  # noqa: PLC0415

    into = Redirection(node, files.place("flash:x"))
    for _ in range(20):
        assert list(into.row("x" * 1_000_000)) == []
    assert list(into.end()) == ["%Error writing flash:x (No space left on device)"]
    assert sum(map(len, into._rows)) <= files.FLASH
    assert "flash:x" not in node.nvram


def test_questions_and_waits_pass_a_filter(console):
    """A filtered command still asks, waits, and is closed when nobody wants the rest of it."""
    left = []

    def reply():
        try:
            yield "one"
            answer = yield Ask("Name? ")
            yield Wait(7)
            yield Text("part")
            yield f"two {answer}"
            yield "two more"
        finally:
            left.append(True)

    filtered = filters.apply("include", {"pattern": "two"}, reply(), console.session)
    assert next(filtered) == Ask("Name? ")
    assert filtered.send("x") == Wait(7)
    assert next(filtered) == "two x"
    filtered.close()
    assert left
