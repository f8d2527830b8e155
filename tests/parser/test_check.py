"""The proofs: no sentence means two commands, files are sound, behaviours agree with what is declared."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from iosemu.parser.check import behaviour_faults, faults, rivals
from tests.parser.small import MODES, grammar, mode

if TYPE_CHECKING:
    from pathlib import Path

RIVALS = [
    ("go [one]", "go one two", []),
    ("go [one]", "go one [two]", ["go one"]),
    ("go low", "go one low", []),
    ("go low one", "go high [one]", []),
    ("go low one", "go middle [one]", ["go 50 one"]),
    ("go low one", "go hexadecimal [one]", ["go 16 one"]),
    ("go word one", "go host [one]", ["go WORD one"]),
    ("go word one", "go address [one]", []),
    ("go word one", "go line", []),
    ("go {one | two}...", "go one three", []),
    ("go {one | two}...", "go two one", ["go two one"]),
    ("go one", "two\n~ go one", ["go one"]),
]


@pytest.mark.parametrize(("one", "other", "sentences"), RIVALS)
def test_rivals(one: str, other: str, sentences: list[str]) -> None:
    """Two commands that one sentence could mean are found, with it; ranges count where they overlap."""
    words = {"go": "", "one": "", "two": "", "three": "", "word": "WORD", "host": "HOST", "line": "LINE"}
    words |= {"address": "A.B.C.D", "low": "<1-99>", "middle": "<50-150>", "high": "<100-199>"}
    words |= {"hexadecimal": "<10-9F>x"}
    lines = "".join(f"    {word}  {type_ or 'x'}  x\n" for word, type_ in words.items())
    found = list(rivals(mode(f"words\n{lines}\n{one}\n    (pipes)\n\n{other}\n    (pipes)\n")))
    assert len(found) == len(sentences)
    for complaint, sentence in zip(found, sentences, strict=True):
        assert f"in mode 'exec', {sentence!r} means" in complaint
        assert complaint.startswith("small.ios:")


def test_rivals_after_no() -> None:
    """What `no` leaves out counts, too: two lines that differ in it alone are told apart by nothing."""
    text = "a n\n    a  x\n    n  <1-5>  x\n\na b\n    a  x\n    b  x\n"
    assert list(rivals(mode(text, "global"))) == []
    text = "a n\n    a  x\n    n  <1-5>  x\n\na w\n    a  x\n    w  WORD  x\n"
    with pytest.raises(ValueError, match="declared twice"):
        mode(text, "global")


def test_all_faults_are_told_at_once() -> None:
    """Complaints about several blocks and files come together, each with its place."""
    texts = [
        ("modes.ios", MODES),
        ("a.ios", "mode exec\n\none two\n    one  x\n\nthree\n    three  x\n    four  x\n"),
        ("b.ios", "mode exec\n\nfive\n    (six)\n"),
        ("order.ios", "go\n"),
    ]
    assert [fault.splitlines()[0] for fault in faults(texts)] == [
        "a.ios:3: 'two' has no help line",
        "a.ios:8: help for 'four', which the syntax does not have there",
        "b.ios:4: no such remark",
        "order.ios:1: order.ios holds `mode NAME` and, indented, names of commands",
    ]


def test_a_sound_grammar_has_no_faults() -> None:
    """Of a sound grammar nothing is told, and of a fault of the whole the first."""
    sound = [("modes.ios", MODES), ("a.ios", "mode exec\n\none\n    one  x\n")]
    assert faults(sound) == []
    assert [
        fault.splitlines()[0] for fault in faults([*sound, ("b.ios", "mode exec\n\none\n    one  x\n")])
    ] == ["b.ios:3: 'one' is declared twice in its mode"]


@pytest.mark.parametrize(
    ("text", "status", "shown"), [("one\n    one  x\n", 0, ""), ("one\n", 1, "a.ios:3: ")]
)
def test_the_command(tmp_path: Path, text: str, status: int, shown: str) -> None:
    """`python -m iosemu.parser.check FOLDER` prints the faults and exits 1 when there are any."""
    (tmp_path / "modes.ios").write_text(MODES)
    (tmp_path / "a.ios").write_text(f"mode exec\n\n{text}")
    ran = subprocess.run(
        [sys.executable, "-m", "iosemu.parser.check", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout[: len(shown)], ran.stderr) == (status, shown, "")
    assert bool(ran.stdout) == bool(shown)


AGREED = grammar("""
mode exec

show arp [address]
    show               x
    arp                x
    address  A.B.C.D   x

debug arp [errors]
    debug              x
    arp                x
    errors             x
    (undo)

debug list number detail
    debug              x
    list               x
    number   <0-9>     x
    detail  as detail  x
    (undo)

mode interface

arp timeout seconds [jitter]
    arp                x
    timeout            x
    seconds  <0-9>     x
    jitter             x

map address mac
    map                x
    address  A.B.C.D   x
    mac      H.H.H     x
    (by address)
""")

GOOD = """
def show_arp(node, *, address=None): ...
def debug_arp(session, *, errors=False, no=False): ...
def debug_list_detail(session, *, number, detail=False, no=False): ...
def arp_timeout(interface, *, seconds=0, jitter=False, no=False): ...
def map(interface, *, address, mac=None, no=False): ...
"""


def behaviours(text: str) -> dict[tuple[str, str], Any]:
    """Define functions, each bound to the command it is called after."""
    names: dict[str, Any] = {}
    exec(compile(dedent(text), "b.py", "exec"), names)
    keys = {"show_arp": "exec", "debug_arp": "exec", "debug_list_detail": "exec"}
    functions = {name: each for name, each in names.items() if not name.startswith("__")}
    return {(keys.get(name, "interface"), name.replace("_", " ")): each for name, each in functions.items()}


def test_behaviours_that_agree() -> None:
    """Parameters that are the captures, with defaults where they may be left out, are no fault."""
    assert behaviour_faults(AGREED, behaviours(GOOD)) == []
    kept = {key: each for key, each in behaviours(GOOD).items() if key[0] == "exec"}
    assert behaviour_faults(AGREED, kept) == []
    anything = "def map(interface, /, *, no=False, **values): ...\n"
    assert behaviour_faults(AGREED, {**kept, **behaviours(anything)}) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "def show_arp(node, *, address=None): ...\n",
            "",
            "small.ios:4: nothing carries out 'show arp' of mode 'exec'",
        ),
        ("address=None", "", "b.py:2: show_arp: no parameter takes 'address' ('show arp', small.ios:4)"),
        (
            "address=None",
            "address",
            "b.py:2: show_arp: 'address' may be left out and has no default ('show arp', small.ios:4)",
        ),
        (
            "address=None",
            "address=None, mask=None",
            "b.py:2: show_arp: nothing captures 'mask' ('show arp', small.ios:4)",
        ),
        (
            "address=None",
            "address=None, no=False",
            "b.py:2: show_arp: nothing captures 'no' ('show arp', small.ios:4)",
        ),
        (
            "errors=False, no=False",
            "errors=False",
            "b.py:3: debug_arp: no parameter takes 'no' ('debug arp', small.ios:9)",
        ),
        (
            "number, detail=False",
            "number, detail",
            (
                "b.py:4: debug_list_detail: 'detail' may be left out and has no default "
                "('debug list detail', small.ios:15)"
            ),
        ),
        (
            "jitter=False, no=False",
            "jitter=False",
            "b.py:5: arp_timeout: no parameter takes 'no' ('arp timeout', small.ios:24)",
        ),
        (
            "seconds=0",
            "seconds",
            "b.py:5: arp_timeout: 'seconds' may be left out and has no default ('arp timeout', small.ios:24)",
        ),
        (
            "mac=None, no=False",
            "mac=None, no",
            "b.py:6: map: 'no' may be left out and has no default ('map', small.ios:30)",
        ),
        (
            "(node, *,",
            "(*,",
            (
                "b.py:2: show_arp: one parameter stands before `*`: the session, or what the mode is said to "
                "('show arp', small.ios:4)"
            ),
        ),
        (
            "def map(interface, *, address",
            "def mop(interface, *, address",
            "b.py:6: mop: mode 'interface' has no command 'mop'",
        ),
    ],
)
def test_behaviours_that_disagree(old: str, new: str, fault: str) -> None:
    """A missing behaviour, parameter or default and one too many are told with the places of both sides."""
    assert old in GOOD
    assert behaviour_faults(AGREED, behaviours(GOOD.replace(old, new, 1).replace("*, )", ")"))) == [fault]


def test_what_is_missing() -> None:
    """A command that does something may be remarked as missing as long as nothing carries it out."""
    text = "mode exec\n\nshow arp\n    (missing)\n    show  x\n    arp   x\n"
    assert behaviour_faults(grammar(text), {}) == []
    done = behaviours("def show_arp(node): ...\n")
    fault = "small.ios:3: 'show arp' of mode 'exec' cannot be missing: it is carried out, or kept"
    assert behaviour_faults(grammar(text), done) == [fault]
    fault = "small.ios:3: 'show arp' of mode 'interface' cannot be missing: it is carried out, or kept"
    assert behaviour_faults(grammar(text.replace("exec", "interface")), {}) == [fault]


def test_one_function_for_several_commands() -> None:
    """A function bound to several commands has the captures of all, with a default where not all give one."""
    found = behaviours(
        "def both(interface, *, address=None, mac=None, seconds=0, jitter=False, no=False): ...\n"
    )
    both = found["interface", "both"]
    bound = {**behaviours(GOOD), ("interface", "map"): both, ("interface", "arp timeout"): both}
    assert behaviour_faults(AGREED, bound) == []
