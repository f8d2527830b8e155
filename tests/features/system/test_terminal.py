"""The terminal's settings and the screens of lines, sessions typed at them, and what fronts do to both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu import app
from iosemu.app import Lab
from iosemu.cli.session import Session
from iosemu.cli.tty import BUILT_IN_ALIASES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab of one router."""
    path = tmp_path / "R1.cfg"
    path.write_text(
        "hostname R1\nline vty 0 4\n access-class 10 in\n transport input ssh\n rotary 3\n", "utf-8"
    )
    return Lab.load(path)


@pytest.fixture
def vty(lab: Lab) -> Session:
    """A session on the router's second vty."""
    session = Session(app.grammar(), lab["R1"], line="vty1")
    session.user, session.origin = "cisco", "10.1.1.1"
    return session


@pytest.mark.parametrize(
    ("lines", "user", "privileged", "configuring"),
    [
        ([], "R1>", "R1#", "R1(config)#"),
        (["prompt %h"], "R1>", "R1#", "R1(config)#"),
        (["prompt Site%%1"], "Site%1>", "Site%1#", "R1(config)#"),
        (["prompt TTY%n@%h%s%p"], "TTY3@R1 >", "TTY3@R1 #", "R1(config)#"),
        (["prompt %P%%p%x"], ">%p%x", "#%p%x", "R1(config)#"),
        (["no service prompt config"], "R1>", "R1#", ""),
        (
            ["prompt x", "no prompt", "no service prompt config", "service prompt config"],
            "R1>",
            "R1#",
            "R1(config)#",
        ),
    ],
)
def test_prompts(
    lab: Lab, vty: Session, lines: list[str], user: str, privileged: str, configuring: str
) -> None:
    """`prompt` writes EXEC's prompt otherwise, `no service prompt config` leaves configuration's out (§1.3)."""
    console = lab["R1"].console()
    for line in ("enable", "configure terminal", *lines):
        console.type(line)
    assert vty.prompt == user
    vty.level = 15
    assert vty.prompt == privileged
    list(vty.execute("configure terminal"))
    assert vty.prompt == configuring


def test_a_smaller_history_forgets_at_once(lab: Lab) -> None:
    """What a history has no room for any more cannot be recalled (§4.3)."""
    console = lab["R1"].console()
    for line in ("enable", "show clock", "show privilege", "terminal history size 2"):
        console.type(line)
    assert console.session.history == ["show privilege", "terminal history size 2"]
    console.type("terminal no history")
    assert console.session.history == []


def test_a_line_says_how_its_sessions_begin(lab: Lab, vty: Session) -> None:
    """`editing` and `monitor` of the line hold until the session says otherwise (§4.1, §4.4)."""
    console = lab["R1"].console()
    for line in ("enable", "configure terminal", "line vty 0 4", "no editing", "monitor"):
        console.type(line)
    assert (vty.editing, vty.monitor) == (False, True)
    vty.level = 15
    for line in ("terminal editing", "terminal no monitor"):
        assert list(vty.execute(line)) == []
    assert (vty.editing, vty.monitor) == (True, False)
    assert console.type("do show running-config | include editing|monitor") == [" no editing", " monitor"]


def test_show_users(lab: Lab, vty: Session) -> None:
    """The lines where somebody sits are listed, with how long nothing was typed there (ios-shell.md §7)."""
    console = lab["R1"].console()
    console.type("show clock")
    lab.advance(3725)
    assert list(vty.execute("show users")) == [
        "    Line       User       Host(s)              Idle       Location",
        "   0 con 0                idle                 01:02:05",
        "*  3 vty 1     cisco      idle                 00:00:00   10.1.1.1",
        "",
        "  Interface    User               Mode         Idle     Peer Address",
    ]
    vty.ended = True
    assert not any("vty" in row for row in console.type("show users"))
    assert console.type("show users all")[4] == "   3 vty 1                                     00:00:00"


def test_show_users_is_what_clients_read(lab: Lab, vty: Session) -> None:
    """ntc-templates reads `show users`."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    lab["R1"].console()
    parsed = parse("cisco_ios", "show users", "\n".join(vty.execute("show users")) + "\n")
    assert [row["line"] for row in parsed] == ["0 con 0", "*  3 vty 1"]
    assert [parsed[1][column] for column in ("user", "hosts", "location")] == ["cisco", "idle", "10.1.1.1"]


def test_show_aliases_is_what_clients_read(vty: Session) -> None:
    """ntc-templates reads `show aliases`."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    parsed = parse("cisco_ios", "show aliases", "\n".join(vty.execute("show aliases")) + "\n")
    assert {row["alias"]: row["command"] for row in parsed if row["alias"]} == BUILT_IN_ALIASES


def test_show_line(vty: Session) -> None:
    """A line's row has its access lists, its rotary group and its uses in IOS's columns (ios-shell.md §7)."""
    rows = list(vty.execute("show line"))
    assert rows[0] == "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int"
    assert rows[1] == "      0 CTY              -    -      -    -    -      0       0     0/0       -"
    assert rows[2] == "      1 AUX   9600/9600  -    -      -    -    -      0       0     0/0       -"
    assert rows[4] == "*     3 VTY              -    -      3    -   10      1       0     0/0       -"
    assert list(vty.execute("show line vty 1"))[1] == rows[4]
    assert list(vty.execute("show line 3"))[1:4] == [rows[4], "", 'Line 3, Location: "", Type: ""']


def test_show_terminal(lab: Lab, vty: Session) -> None:
    """The screen has the session's own settings (ios-shell.md §4.4)."""
    rows = list(vty.execute("show terminal"))
    assert rows[:3] == [
        'Line 3, Location: "", Type: ""',
        "Length: 24 lines, Width: 80 columns",
        "Status: PSI Enabled, Ready, Active, Automore On",
    ]
    lines = ("terminal length 0", "terminal width 511", "terminal no editing", "terminal history size 99")
    assert [row for line in lines for row in vty.execute(line)] == []
    lab.advance(335)
    rows = list(vty.execute("show terminal"))
    assert rows[1] == "Length: 0 lines, Width: 511 columns"
    assert "Time since activation: 00:05:35" in rows
    assert "Editing is disabled." in rows
    assert "History is enabled, history size is 99." in rows
    assert "Allowed input transports are ssh." in rows


def test_timeouts_are_shown(lab: Lab) -> None:
    """Timeouts stand in the columns of the sample (ios-shell.md §4.4)."""
    session = Session(app.grammar(), lab["R1"])
    row = "               00:10:00        never                        none     not set"
    assert row in list(session.execute("show terminal"))


def test_monitor(lab: Lab, vty: Session) -> None:
    """`terminal monitor` is silent on a vty; the console monitors anyway (ios-shell.md §4.4)."""
    assert list(vty.execute("terminal monitor")) == []
    assert vty.monitor
    assert list(vty.execute("terminal no monitor")) == []
    assert not vty.monitor
    assert lab["R1"].console().type("terminal monitor") == ["% Console already monitors"]


def test_histories_are_apart(lab: Lab) -> None:
    """EXEC and configuration each have a history of the same size, the oldest line forgotten first."""
    console = lab["R1"].console()
    console.session.level = 15
    console.type("terminal history size 3")
    console.type("configure terminal")
    for line in ("interface Loopback0", "  description x ", "!", "", "shutdown", "exit"):
        console.type(line)
    console.type("end")
    assert console.session.config_history == ["shutdown", "exit", "end"]
    assert console.type("show history") == [
        "  terminal history size 3",
        "  configure terminal",
        "  show history",
    ]
