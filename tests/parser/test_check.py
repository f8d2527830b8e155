"""The proofs: no sentence means two commands, files are sound, behaviours agree with what is declared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from iosemu.parser.check import behaviour_faults, faults, rivals
from tests.parser.small import MODES, grammar, mode

RIVALS = [
    ("go [one]\n    go  x\n    one  x\n\ngo one two\n    go  x\n    one  x\n    two  x\n", []),
    ("go [one]\n    go  x\n    one  x\n\ngo one [two]\n    go  x\n    one  x\n    two  x\n", ["go one"]),
    ("go n\n    go  x\n    n  <1-99>  x\n\ngo on n\n    go  x\n    on  x\n    n  <1-9>  x\n", []),
    (
        "go n to\n    go  x\n    n  <1-99>  x\n    to  x\n\ngo n [to]\n    go  x\n    n  <100-199>  x\n    to  x\n",
        [],
    ),
    (
        "go n to\n    go  x\n    n  <1-99>  x\n    to  x\n\ngo n [to]\n    go  x\n    n  <99-199>  x\n    to  x\n",
        ["go 99 to"],
    ),
    (
        "go n to\n    go  x\n    n  <1-99>  x\n    to  x\n\ngo n [to]\n    go  x\n    n  <10-9F>x  x\n    to  x\n",
        ["go 16 to"],
    ),
    (
        "go w to\n    go  x\n    w  WORD  x\n    to  x\n\ngo w [to]\n    go  x\n    w  HOST  x\n    to  x\n",
        ["go WORD to"],
    ),
    (
        "go w to\n    go  x\n    w  WORD  x\n    to  x\n\ngo w [to]\n    go  x\n    w  A.B.C.D  x\n    to  x\n",
        [],
    ),
    (
        "go w to\n    go  x\n    w  WORD  x\n    to  x\n\ngo w [to]\n    go  x\n    w  LINE  x\n    to  x\n",
        [],
    ),
    ("go {a|b}...\n    go  x\n    a  x\n    b  x\n\ngo a c\n    go  x\n    a  x\n    c  x\n", []),
    ("go {a|b}...\n    go  x\n    a  x\n    b  x\n\ngo b a\n    go  x\n    a  x\n    b  x\n", ["go b a"]),
    ("go one\n    go  x\n    one  x\n\nget\n~ go one\n    go  x\n    one  x\n    get  x\n", ["go one"]),
]


@pytest.mark.parametrize(("text", "sentences"), RIVALS)
def test_rivals(text: str, sentences: list[str]) -> None:
    """Two commands that one sentence could mean are found, with the sentence; overlapping ranges count, parted not."""
    found = list(rivals(mode(text)))
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
def arp_timeout(interface, *, seconds=0, jitter=False, no=False): ...
def map(interface, *, address, mac=None, no=False): ...
"""


def behaviours(text: str) -> dict[tuple[str, str], Any]:
    names: dict[str, Any] = {}
    exec(compile(dedent(text), "b.py", "exec"), names)
    keys = {"show_arp": "exec", "debug_arp": "exec"}
    functions = {name: each for name, each in names.items() if not name.startswith("__")}
    return {(keys.get(name, "interface"), name.replace("_", " ")): each for name, each in functions.items()}


def test_behaviours_that_agree() -> None:
    """Parameters that are the captures, with defaults for what may be left out, are no fault; kept lines are none."""
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
            "jitter=False, no=False",
            "jitter=False",
            "b.py:4: arp_timeout: no parameter takes 'no' ('arp timeout', small.ios:17)",
        ),
        (
            "seconds=0",
            "seconds",
            "b.py:4: arp_timeout: 'seconds' may be left out and has no default ('arp timeout', small.ios:17)",
        ),
        (
            "mac=None, no=False",
            "mac=None, no",
            "b.py:5: map: 'no' may be left out and has no default ('map', small.ios:23)",
        ),
        (
            "(node, *,",
            "(*,",
            "b.py:2: show_arp: one parameter stands before `*`: the session, or what the mode is said to ('show arp', small.ios:4)",
        ),
        (
            "def map(interface, *, address",
            "def mop(interface, *, address",
            "b.py:5: mop: mode 'interface' has no command 'mop'",
        ),
    ],
)
def test_behaviours_that_disagree(old: str, new: str, fault: str) -> None:
    """A missing behaviour, parameter or default and one too many are told with the places of both sides."""
    assert old in GOOD
    assert behaviour_faults(AGREED, behaviours(GOOD.replace(old, new, 1).replace("*, )", ")"))) == [fault]


def test_one_function_for_several_commands() -> None:
    """A function bound to several commands has the captures of all of them, those that not all give with a default."""
    found = behaviours(
        "def both(interface, *, address=None, mac=None, seconds=0, jitter=False, no=False): ...\n"
    )
    both = found["interface", "both"]
    bound = {**behaviours(GOOD), ("interface", "map"): both, ("interface", "arp timeout"): both}
    assert behaviour_faults(AGREED, bound) == []
