"""Every statement of the specification has a test that names it, and every slip of it is decided somewhere.

The statements R1 to R51 and the slips E1 to E18 are those of reference mobile-ip.md §5. What a test's docstring or a
session's remark names so is what it tests: this file only sees that none is left out.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"(?:(?<=\()|(?<=, )|\b)R\d+(?:(?:, | and | to )R\d+)*(?=[:,)])")
"""`(R5, R7)`, `R33 to R38:` and the like; a router R1 in a sentence is none of it."""


def remarks() -> Iterator[str]:
    """Yield the docstrings of tests and the remarks of sessions about Mobile IP and HSRP."""
    for file in (*ROOT.glob("tests/features/*/test_*.py"), ROOT / "tests/test_configs.py"):
        if file.parent.name in ("mobileip", "hsrp", "tests"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield ast.get_docstring(node) or ""
    for file in (
        *ROOT.glob("tests/sessions/mobileip/*.session"),
        *ROOT.glob("tests/sessions/hsrp/*.session"),
    ):
        yield from (line for line in file.read_text("utf-8").splitlines() if line.startswith(";"))


def named(remark: str) -> Iterator[int]:
    """Yield the statements that a remark names."""
    for run in NAMED.findall(remark):
        for first, last in re.findall(r"R(\d+)(?: to R(\d+))?", run):
            yield from range(int(first), int(last or first) + 1)


def test_how_statements_are_named() -> None:
    """Lists and ranges are read, and what is a router's name is not."""
    assert list(named("R47, R48: the sample")) == [47, 48]
    assert list(named("either agent serves (R33 to R35, R45).")) == [33, 34, 35, 45]
    assert list(named("what R1 hears of R2")) == []


def test_every_statement_has_a_test() -> None:
    """R1 to R51 are named."""
    found = {number for remark in remarks() for number in named(remark)}
    assert sorted(set(range(1, 52)) - found) == []


def test_every_slip_is_decided() -> None:
    """E1 to E18 are named where they are decided: in the grammar, the code or a lab."""
    files = (*ROOT.glob("grammar/*.ios"), *ROOT.glob("iosemu/**/*.py"), *ROOT.glob("configs/*/*"))
    found = {int(number) for file in files for number in re.findall(r"\bE(\d+)\b", file.read_text("utf-8"))}
    assert sorted(set(range(1, 19)) - found) == []
