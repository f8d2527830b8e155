"""What a session answers to a line that is no command: carets where real routers put them (ios-shell.md §2.1, §2.2)."""

from __future__ import annotations

import re

import pytest

from iosemu.app import Lab
from iosemu.cli.line import Line

CONFIG = "hostname R1\ninterface Ethernet0\n ip address 1.0.0.1 255.0.0.0\nend\n"
INVALID = "% Invalid input detected at '^' marker."
LONG = "*Nov 10 23:05:22.263: %SYS-5-CONFIG_I: Configured from console by console[OK]"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab of one router."""
    path = tmp_path_factory.mktemp("lab") / "R1.cfg"
    path.write_text(CONFIG)
    return Lab.load(path)


def at(lab, prompt, *lines):
    """Give a console that shows this prompt, after these lines of configuration."""
    console = lab["R1"].console()
    name = re.match(r"[\w-]+", prompt)[0]
    for line in ("enable", "configure terminal", f"hostname {name}", *lines):
        console.send(line)
    if "(" not in prompt:
        console.send("end")
    if prompt.endswith(">"):
        console.send("disable")
    assert console.prompt == prompt
    return console


QUIET = ("line con 0", "transport preferred none")
# The captures of §2.2 and §2.3: prompt, what leads there, what was typed, the caret's column. The two whose line was
# too long for its row are below.
CAPTURES = [
    ("R4>", (), "erase startup-config", 4),
    ("Router>", (), "hostname R3", 8),
    ("Router#", (), "hostname R3", 8),
    ("R3#", (), "username cisco privilege 15 secret cisco", 4),
    ("R3(config)#", (), "exti", 13),
    ("R3(config)#", (), "eixt", 12),
    ("R3(config)#", (), "eit", 12),
    ("R3(config)#", (), "router opsf 1000", 19),
    ("R3(dhcp-config)#", ("ip dhcp pool LAN60",), "defult", 19),
    ("R3#", (), "ip dhcp pool LAN60", 11),
    ("R3#", (), "show ip run", 12),
    ("R3#", (), "show ip root", 13),
    ("R3#", (), "show ip router", 16),
    ("R1#", (), "sh clck", 8),
    ("cisco1>", (), "show foooooooo", 14),
    ("R1(config)#", (), "logging 0255.255.1", 19),
    ("SW-District-Access(config)#", (), "ntp source 10.22.10.1", 38),
    ("RTR-District-01(config)#", (), "interface etherent0/1.10", 39),
    ("R1#", QUIET, "aoeu", 4),
    ("R3#", (), "Configuring from terminal, memory, or network [terminal]?", 11),
    ("R3#", (), "Enter configuration commands, one per line.  End with CNTL/Z.", 5),
    ("R3#", (), "% Invalid input detected at '^' marker.", 3),
    ("R3(config-router)#", ("router rip",), "network network 10.0.0.0", 26),
    ("R3#", (), "show ip vlan brief", 12),
    ("R3#", (), "show ip config", 13),
    ("IOU1(config-if)#", ("interface Ethernet0",), "switchport trunk mode allowed vlan 10", 33),
    ("R3#", (), "R3(config-if)#encapp pp", 4),
    ("R3#", (), "R3(config-if)#no shut", 4),
    ("R3#", (), "R3(config-if)#interface serial 0/0/0", 4),
    ("R3#", (), "R3(config-if)#ip add", 4),
]


@pytest.mark.parametrize(("prompt", "lines", "line", "column"), CAPTURES)
def test_a_capture(lab, prompt, lines, line, column):
    """The caret stands in the column of the capture, and an empty row follows the message."""
    console = at(lab, prompt, *lines)
    assert console.type(line) == [" " * column + "^", INVALID, ""]
    if lines is QUIET:
        at(lab, "R1(config-line)#", "line con 0", "no transport preferred")


@pytest.mark.parametrize("line", ["R3(config-if)#bandwidth 1000", "^", "R3(config)#exit", "aoeu", "show? 7"])
@pytest.mark.parametrize("prompt", ["R3>", "R3#"])
def test_a_word_and_a_number_are_a_host_and_a_port(lab, prompt, line):
    """An unknown word alone, or with a number, is looked up (§2.3: the first three were seen so)."""
    name = line.split()[0]
    assert at(lab, prompt).type(line) == [
        f'Translating "{name}"...domain server (255.255.255.255)',
        "% Unknown command or computer name, or unable to find computer address",
    ]


@pytest.mark.parametrize(
    ("prompt", "lines", "line", "column"),
    [
        # In a sub-mode the reading that came furthest counts: its own, or that of global configuration.
        ("R1(config-if)#", ["interface Ethernet0"], "router opsf 1000", 22),
        ("R1(config-if)#", ["interface Ethernet0"], "ip adress 1.1.1.1 255.0.0.0", 19),
        ("R1(config-if)#", ["interface Ethernet0"], "ip route 1.0.0.0 255.0.0.0 x.y", 41),
        ("R1(config-if)#", ["interface Ethernet0"], "ip address 1.0.0.1 256.0.0.0", 33),
        ("R1(config-if)#", ["interface Ethernet0"], "standby 256 ip", 22),
        ("R1(config-if)#", ["interface Ethernet0"], "standby 1 priority 110x", 33),
        ("R1(config-line)#", ["line con 0"], "loginn", 21),
        # `do` reads an EXEC line where it stands.
        ("R1(config)#", [], "do show clck", 21),
        ("R1(config)#", [], "do  sh  clck x", 21),
        ("R1(config)#", [], "do configure terminal", 14),
        ("R1(config-if)#", ["interface Ethernet0"], "do hostname R2", 18),
        ("R1(config-if)#", ["interface Ethernet0"], "do show clock | x y", 30),
    ],
)
def test_a_caret_in_configuration(lab, prompt, lines, line, column):
    """Sub-modes, the lines that fall through them, and `do` have the caret under what can be no part of anything."""
    assert at(lab, prompt, *lines).type(line) == [" " * column + "^", INVALID, ""]


@pytest.mark.parametrize(
    ("prompt", "line", "row"),
    [
        ("R1(config)#", "a", "a"),
        ("R1#", "show i", "show i"),
        ("R1#", "  sh   i  ", "sh   i"),
        ("R1#", "sh i foo", "sh i foo"),
        ("R1(config)#", "do show i", "do show i"),
        ("R1(config)#", "no i", "no i"),
    ],
)
def test_an_ambiguous_line_is_quoted(lab, prompt, line, row):
    """The line stands in quotes as it was typed, behind two blanks, and no empty row follows (§1.5, §2.1)."""
    assert at(lab, prompt).type(line) == [f'% Ambiguous command:  "{row}"']


@pytest.mark.parametrize(
    ("prompt", "line"),
    [("R1(config)#", "logging"), ("R1(config)#", "no"), ("R1#", "show ip"), ("R1#", "copy")],
)
def test_an_incomplete_line(lab, prompt, line):
    """An incomplete line is answered by one row and an empty one."""
    assert at(lab, prompt).type(line) == ["% Incomplete command.", ""]


@pytest.mark.parametrize("line", ["show", "sh", " sho ", "SH"])
def test_show_alone(lab, line):
    """`show` with nothing has an answer of its own, without an empty row (§2.1)."""
    assert at(lab, "R1#").type(line) == ['% Type "show ?" for a list of subcommands']


@pytest.mark.parametrize("line", ["", "   ", "!", "! show clck", "  !x"])
def test_nothing_and_comments(lab, line):
    """An empty line and a comment show nothing in any mode, and leave none (§1.2)."""
    for prompt, lines in (("R1>", []), ("R1#", []), ("R1(config-if)#", ["interface Ethernet0"])):
        console = at(lab, prompt, *lines)
        assert console.type(line) == []
        assert console.prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "limit"), [("R1>", 254), ("R1#", 254), ("R1(config)#", 510), ("R1(config-if)#", 510)]
)
def test_a_line_that_is_too_long(lab, prompt, limit):
    """What no terminal lets anybody type is refused by one row in a dialogue, too (§4.1)."""
    console = at(lab, prompt, *(["interface Ethernet0"] if "-if" in prompt else []))
    assert console.type("show " + "x" * (limit - 4)) == [f"% Line too long: {limit} characters at most"]
    assert console.type("show " + "x" * (limit - 5))[-2:] == [INVALID, ""]
    assert console.prompt == prompt


def typed(lab, prompt, line, width, *lines):
    """Give what a terminal so wide shows below a line that is typed at it."""
    session = at(lab, prompt, *lines).session
    session.width, session.scrolls = width, True
    shown = []
    terminal = Line(session, shown.append)
    terminal.start()
    terminal.feed(line.encode() + b"\r")
    return "".join(shown).split("\r\n")[1:]


@pytest.mark.parametrize(
    ("prompt", "line", "width", "rows"),
    [
        ("R3#", LONG, 80, [LONG, "^", INVALID, "", "R3#"]),
        ("R3#", "show vtp status", 0, ["show vtp status", "       ^", INVALID, "", "R3#"]),
        ("R3#", "show clck", 512, ["          ^", INVALID, "", "R3#"]),
        ("R3#", "show clock" + " x" * 32, 80, [" " * 14 + "^", INVALID, "", "R3#"]),
        ("R3#", "show clock" + " x" * 33, 80, ["show clock" + " x" * 33, " " * 11 + "^", INVALID, "", "R3#"]),
        ("R3(config)#", "do show clck", 0, ["do show clck", " " * 10 + "^", INVALID, "", "R3(config)#"]),
    ],
)
def test_a_scrolled_line_is_repeated(lab, prompt, line, width, rows):
    """A line longer than the row, or any at width 0, comes again without its prompt above the caret (§2.2)."""
    assert typed(lab, prompt, line, width) == rows


@pytest.mark.parametrize("prompt", ["R1>", "R1#", "R1(config)#"])
@pytest.mark.parametrize("text", ["\x00", "é", "show \x1b[A", "x" * 100_000, "| | |", '"', "a\tb"])
def test_what_nobody_would_type(lab, prompt, text):
    """Any text is answered, never raises, and leaves the mode as it was."""
    console = at(lab, prompt)
    assert console.type(text)
    if console.question:
        console.cancel()
    assert console.prompt == prompt
