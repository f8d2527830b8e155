"""Modes, aliases, and what EXEC does with words it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab
from iosemu.cli.tty import BUILT_IN_ALIASES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iosemu.cli.console import Console

    Make = Callable[..., Console]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Sit down at the privileged console of a router that some lines configure."""

    def made(*lines: str) -> Console:
        path = tmp_path / "R1.cfg"
        path.write_text("\n".join(["hostname R1", *lines, ""]), "utf-8")
        lab = Lab.load(path)
        console = lab[next(iter(lab.nodes))].console()
        console.session.level = 15
        return console

    return made


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("", "R1(config)#"),
        ("t", "R1(config)#"),
        ("TERMINAL", "R1(config)#"),
        ("x", "R1#"),
        ("network", "R1#"),
    ],
)
def test_configure_asks(make: Make, answer: str, prompt: str) -> None:
    """`configure` alone asks from where; RETURN means the terminal (ios-shell.md §1.2)."""
    console = make()
    console.type("configure")
    assert console.prompt == "Configuring from terminal, memory, or network [terminal]? "
    console.type(answer)
    assert console.prompt == prompt


def test_configure_memory(make: Make) -> None:
    """The startup-config is merged, leaves the mode and the history alone, and the log tells."""
    console = make()
    node = console.session.node
    node.nvram["startup-config"] = b"banner motd #\nhi\n#\nhostname R9\nbogus\nend\n"
    rows = console.type("configure memory")
    assert "bogus" in rows[0]
    assert rows[2:] == ["% Invalid input detected at '^' marker.", ""]
    assert console.prompt == "R9#"
    assert console.session.history == ["configure memory"]
    assert console.session.config_history == []
    assert node.log.buffer[-1].text.endswith("%SYS-5-CONFIG_I: Configured from memory by console")


@pytest.mark.parametrize("word", ["do configure terminal", "do conf", "do conf t"])
def test_do_configure(make: Make, word: str) -> None:
    """`do configure` is refused in every form (ios-shell.md §1.2)."""
    console = make()
    console.type("configure terminal")
    assert console.type(word)[1] == "% Invalid input detected at '^' marker."
    assert console.prompt == "R1(config)#"


def test_do_disable_leaves_configuration(make: Make) -> None:
    """Nobody configures below level 15."""
    console = make()
    for line in ("configure terminal", "interface Loopback0", "do disable"):
        console.type(line)
    assert console.prompt == "R1>"


@pytest.mark.parametrize(("name", "text"), BUILT_IN_ALIASES.items())
def test_built_in_aliases(make: Make, name: str, text: str) -> None:
    """Behind a built-in alias `?` helps as behind the command that it stands for."""
    session = make().session
    assert session.help(f"{name} ") == session.help(f"{text} ")
    assert f"*{name}={text}" in session.help(name)[0].split()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("s priv", "s privilege "),
        ("sp | inc", "sp | include "),
        ("sp", None),
        ("s hi", "s history "),
        ("s zz", None),
    ],
)
def test_completion_behind_an_alias(make: Make, typed: str, completed: str | None) -> None:
    """Tab completes behind an alias as behind its command, and leaves the alias as typed."""
    session = make("alias exec sp show privilege").session
    session.level = 1
    assert session.complete(typed) == completed


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("sp x", 6),
        ("sp | foo", 8),
        ("sp | include", None),
        ("bad", 3),
        ("bad x y", 3),
        ("s privilege x", 15),
    ],
)
def test_the_caret_behind_an_alias(make: Make, line: str, column: int | None) -> None:
    """The caret stands below what was typed; an error within the alias's own text stands at the alias."""
    rows = make("alias exec sp show privilege", "alias exec bad show bogus thing").type(line)
    assert rows[0] == ("% Incomplete command." if column is None else " " * column + "^")


def test_aliases_of_a_mode(make: Make) -> None:
    """An alias counts in its own mode only, is kept by its name, and outlives a reload in running-config."""
    lines = [
        "alias configure li line",
        "alias interface ds description seen",
        "alias exec sib show ip int brief",
    ]
    console = make(*lines)
    rows = console.type("show running-config | include alias")
    assert rows == sorted(lines)
    assert console.type("li con 0")[1] == "% Invalid input detected at '^' marker."
    for line in ("configure terminal", "interface Loopback0", "ds it", "exit", "li con 0"):
        assert not any("%" in row for row in console.type(line))
    assert console.prompt == "R1(config-line)#"
    assert " description seen it" in console.type("do show running-config")
    console.type("no alias interface ds")
    console.type("no alias exec")
    assert console.type("do show running-config | include alias") == [lines[0]]


def test_files_know_no_aliases(make: Make) -> None:
    """A configuration means what it says, whatever aliases it defines."""
    console = make("alias configure hostname interface Loopback1", "hostname R7")
    assert console.prompt == "R7#"


@pytest.mark.parametrize(
    ("lines", "word", "rows"),
    [
        ([], "aoeu", ['Translating "aoeu"...domain server (255.255.255.255)']),
        ([], "aoeu 23", ['Translating "aoeu"...domain server (255.255.255.255)']),
        (["no ip domain lookup"], "aoeu", ['Translating "aoeu"']),
        (["no ip domain-lookup"], "aoeu", ['Translating "aoeu"']),
        (
            ["ip name-server 10.1.1.1 10.1.1.2"],
            "aoeu",
            ['Translating "aoeu"...domain server (10.1.1.1) (10.1.1.2)'],
        ),
    ],
)
def test_unknown_words(make: Make, lines: list[str], word: str, rows: list[str]) -> None:
    """An unknown word is looked up as a host, which takes no virtual time (ios-shell.md §2.3)."""
    console = make(*lines)
    end = "% Unknown command or computer name, or unable to find computer address"
    assert console.type(word) == [*rows, end]
    assert console.session.node.now == 0


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([], "aoeu x"),
        ([], "aoeu | include x"),
        ([], "aoeu 70000"),
        ([], "show foo"),
        (["line con 0", "transport preferred none"], "aoeu"),
    ],
)
def test_words_that_are_errors(make: Make, lines: list[str], word: str) -> None:
    """Anything but a word, or a word and a port, is an ordinary error; so is all without a transport."""
    rows = make(*lines).type(word)
    assert rows[0].strip() == "^"
    assert rows[1:] == ["% Invalid input detected at '^' marker.", ""]
