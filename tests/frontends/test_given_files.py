"""Files as users have them: with marks, control characters and mistakes of all kinds in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iosemu.__main__ import main
from iosemu.app import Lab, UsageError
from iosemu.cli.config import Complaints
from iosemu.frontends import play


def given(path: Path, text: str | bytes) -> Path:
    """Write a file and give its path."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """An editor's byte order mark is understood before a session and before a configuration."""
    given(tmp_path / "R1.cfg", "\ufeffhostname R1\n")
    session = given(tmp_path / "x.session", "\ufefflab>open R1.cfg\nR1>disable\n")
    shown: list[str] = []
    assert play.run([str(session)], shown.append) == 0
    assert shown == ["lab>open R1.cfg\n", "R1>disable\n"]


def test_a_prompt_that_is_not_shown_leaves_what_came_before(tmp_path: Path) -> None:
    """Who wrote the wrong prompt reads what the line before it really said."""
    given(tmp_path / "R1.cfg", "hostname R1\n")
    session = given(tmp_path / "x.session", "lab>open R1.cfg\nR1>foo bar\nR1#disable\n")
    shown: list[str] = []
    with pytest.raises(UsageError, match=r"x\.session:3: the prompt is R1>, not R1#"):
        play.run([str(session)], shown.append)
    assert shown[1:3] == ["R1>foo bar\n", "   ^\n"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"hostname R1\n\0\0\n", "R1.cfg:2: not text (a NUL); a configuration is text"),
        (b"hostname lab\n", "R1.cfg: a router calls itself lab, as the operator's prompt does"),
    ],
)
def test_a_configuration_that_no_router_can_have(tmp_path: Path, text: bytes, complaint: str) -> None:
    """A configuration that is no text, or takes the operator's name, is refused in one line."""
    with pytest.raises(UsageError) as refusal:
        Lab.load(given(tmp_path / "R1.cfg", text))
    assert str(refusal.value) == f"{tmp_path}/{complaint}"


def test_control_characters_reach_nobody(tmp_path: Path) -> None:
    """Neither a complaint nor running-config has a file's control characters; a web page's blank is a blank."""
    text = "interface\u00a0Ethernet0\n description a\x1b[31mb\n foo \x1b[2J\x07\n"
    lab = Lab.load(given(tmp_path / "R1.cfg", text))
    (router,) = lab.nodes.values()
    rows = router.part(Complaints).rows
    assert rows[:2] == ["R1.cfg:3:", " foo [2J"]
    console = lab["Router"].console()
    console.send("enable")
    assert " description a[31mb\n" in console.send("show running-config interface Ethernet0")


def test_a_router_without_power_takes_no_line(tmp_path: Path) -> None:
    """A line for a router that is switched off is a mistake in the file, not something it said."""
    given(tmp_path / "R1.cfg", "hostname R1\n")
    session = given(tmp_path / "x.session", "lab>open R1.cfg\nlab>power R1 off\nR1>enable\n")
    with pytest.raises(UsageError, match=r"x\.session:3: R1 is switched off, not R1>"):
        play.run([str(session)], str)


def test_what_cannot_be_recorded_is_told(tmp_path: Path) -> None:
    """A session file that can't be replaced stays as it is, and a line says so."""
    given(tmp_path / "R1.cfg", "hostname R1\n")
    session = given(tmp_path / "x.session", "lab>open R1.cfg\nR1>disable\nnonsense\n")
    (tmp_path / "x.session.new").mkdir()
    with pytest.raises(UsageError, match=r"x\.session: cannot be recorded \(Is a directory\)"):
        play.record([str(session)], str)
    assert session.read_text("utf-8").endswith("nonsense\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_one_line() -> None:
    """Output that can't be written is told in one line, not in a traceback."""
    root = Path(__file__).parent.parent.parent
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = subprocess.run(
            [sys.executable, "-m", "iosemu", "labs"],
            cwd=root,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (told.returncode, told.stderr) == (2, "iosemu: output: No space left on device\n")


def iosemu(tmp_path: Path, *words: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Run the command with an empty stdin."""
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "iosemu", *words]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, input="", capture_output=True, text=True, check=False
    )


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """A user whose state folder can't be written is told that `write memory` will not last."""
    given(tmp_path / "R1.cfg", "hostname R1\n")
    taken = given(tmp_path / "taken", "")
    told = iosemu(tmp_path, "R1.cfg", state=taken)
    assert (told.returncode, told.stderr.count("\n")) == (0, 1)
    assert "no state folder can be written" in told.stderr
    assert iosemu(tmp_path, "R1.cfg", state=tmp_path / "free").stderr == ""


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("gone.cfg", "no lab 'gone.cfg': there is no such file"),
        ("audit", "audit wants a lab, or configuration files (- for stdin) (iosemu --help)"),
    ],
)
def test_refusals_are_short(tmp_path: Path, word: str, complaint: str) -> None:
    """What can't be had is refused in one line that says why, not in a list of labs."""
    refused = iosemu(tmp_path, word, state=tmp_path)
    assert (refused.returncode, refused.stderr) == (2, f"iosemu: {complaint}\n")


def test_a_word_that_is_neither_lab_nor_command(tmp_path: Path) -> None:
    """Somebody who mistyped a command is told where the commands are listed, and `--help` works behind each."""
    refused = iosemu(tmp_path, "rnu", state=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("iosemu: no lab 'rnu': give ")
    assert refused.stderr.endswith(" (no command either: iosemu --help)\n")
    helped = iosemu(tmp_path, "serve", "--help", state=tmp_path)
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "iosemu serve [LAB]" in helped.stdout


def test_a_fault_of_the_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault that is iosemu's own is told in one line, too; a variable has Python tell all of it."""
    monkeypatch.setattr("iosemu.__main__._run", lambda *_: {}["x"])
    monkeypatch.setattr("iosemu.__main__._collect_less", lambda: None)
    assert main(["labs"]) == 70
    told = capsys.readouterr().err
    assert told.startswith("iosemu: a fault of its own (KeyError: 'x' at ")
    assert told.count("\n") == 1
    monkeypatch.setenv("IOSEMU_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["labs"])


def test_a_prompt_of_two_consoles(tmp_path: Path) -> None:
    """Where a router was renamed to another's name, a line could be meant for either, and is refused."""
    given(tmp_path / "R1.cfg", "hostname R1\n")
    given(tmp_path / "R2.cfg", "hostname R2\n")
    given(
        tmp_path / "lab.yml",
        "name: two\ntopology:\n  nodes:\n"
        "    R1: {kind: router, startup-config: R1.cfg}\n    R2: {kind: router, startup-config: R2.cfg}\n",
    )
    lines = ("lab>open lab.yml", "R1>enable", "R2>enable", "R2#configure terminal", "R2(config)#hostname R1")
    session = given(tmp_path / "x.session", "\n".join([*lines, "R1(config)#end", "R1#show clock"]) + "\n")
    with pytest.raises(UsageError, match=r"x\.session:7: two consoles show the prompt R1#"):
        play.run([str(session)], lambda _: None)


def test_a_complaint_about_a_shared_file_names_the_router(tmp_path: Path) -> None:
    """What two routers read is wrong at each of them; a file that only one reads says whose it is."""
    for name in ("R1", "R2"):
        given(tmp_path / f"{name}.cfg", f"hostname {name}\nfoo\n")
    given(tmp_path / "both.cfg", "ip routing\nbar\n")
    given(
        tmp_path / "lab.yml",
        "name: two\ntopology:\n  nodes:\n    R1: {kind: router, startup-config: [R1.cfg, both.cfg]}\n"
        "    R2: {kind: router, startup-config: [R2.cfg, both.cfg]}\n",
    )
    lab = Lab.load(tmp_path)
    heads = [[row for row in lab[name].part(Complaints).rows if ".cfg:" in row] for name in ("R1", "R2")]
    assert heads == [["R1.cfg:2:", "R1: both.cfg:2:"], ["R2.cfg:2:", "R2: both.cfg:2:"]]
