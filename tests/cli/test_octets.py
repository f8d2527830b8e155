"""Any octets, typed at a real router: at its prompts, its questions, its `--More--`; a prompt that works comes back."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.app import Lab
from iosemu.cli.command import Wait
from iosemu.cli.line import QUEUE, Line

CONFIG = """\
hostname R1
enable secret cisco
!
interface Ethernet0
 ip address 10.0.0.1 255.0.0.0
!
end
"""
BREAKS = b"\x03\x03\x1e\x15\r"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab of one router whose `enable` asks for a password."""
    path = tmp_path_factory.mktemp("lab") / "R1.cfg"
    path.write_text(CONFIG)
    return Lab.load(path)


class Terminal:
    """A terminal at the router's console, with a lab whose time passes as commands want it to."""

    def __init__(self, lab, level=15):
        self.lab = lab
        self.session = lab["R1"].console().session
        self.session.level = level
        self.session.scrolls = True
        self.shown = []
        self.line = Line(self.session, self.shown.append)
        self.line.start()

    def type(self, octets):
        """Type octets, and give what is shown by the time that all is done."""
        self.shown.clear()
        self.line.feed(octets)
        for _ in range(100):
            if self.line.blocked is None:
                break
            if isinstance(self.line.blocked, Wait):
                self.lab.advance(max(0.0, (self.line.blocked.until - self.lab.clock.now) / 1_000_000))
            self.line.resume(self.lab.clock.now)
        return "".join(self.shown)


KEYS = [
    *(bytes((octet,)) for octet in range(0x20)),
    *(b"\x1b" + key for key in (b"", b"[", b"[A", b"[B", b"[D", b"OA", b"b", b"d", b"q", b"y", b"[3~", b"[999;9H")),
    *(b"?", b" ", b"/", b"+", b"-", b"(", b"\x7f", b"\x80", b"\xff\xfe", "é☃".encode(), b"z" * 300),
]  # fmt: skip
LINES = [
    *(b"show running-config\r", b"show running-config | include ip\r", b"?", b"show ?", b"enable\r", b"disable\r"),
    *(b"write erase\r", b"copy running-config startup-config\r", b"clear counters\r", b"ping\r", b"debug all\r"),
    *(b"configure terminal\r", b"banner motd #\r", b"interface Ethernet0\r", b"do show clock\r", b"end\r"),
    *(b"show clock | redirect flash:x\r", b"ping 10.0.0.9 repeat 2\r", b"terminal width 20\r", b"terminal length 3\r"),
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(KEYS) | st.sampled_from(LINES) | st.binary(max_size=9), max_size=25))
def test_any_octets_leave_a_router_s_prompt(lab, typed):
    """Only text, CR, LF, backspace and bell are shown; after a few breaks the prompt takes a command."""
    terminal = Terminal(lab)
    for piece in typed:
        assert set(terminal.type(piece).encode()) <= {7, 8, 10, 13, *range(0x20, 0x7F)}
    terminal.type(b"#\r")  # the end of a banner
    terminal.type(BREAKS)
    terminal.session.width = terminal.session.length = 0
    assert "\r\nCurrent privilege level is " in terminal.type(b"do show privilege\x1ashow privilege\r")
    assert terminal.shown[-1].endswith(terminal.session.prompt)


@pytest.mark.parametrize(
    ("level", "before"),
    [
        (15, b""),
        (1, b"enable\r"),
        (15, b"write erase\r"),
        (15, b"terminal length 5\rshow running-config\r"),
        (15, b"terminal length 5\rshow running-config\r/"),
        (15, b"configure terminal\rbanner motd #\r"),
        (15, b"configure terminal\r"),
    ],
)
def test_a_megabyte_anywhere(lab, level, before):
    """At a prompt, a password, `[confirm]`, `--More--` and its pattern a megabyte takes no memory to speak of."""
    terminal = Terminal(lab, level)
    terminal.type(before)
    typed = b"z" * 4095 + b"\x01"
    tracemalloc.start()
    for _ in range(256):
        terminal.type(typed)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < most < QUEUE
    terminal.type(b"\x05\x15#\r")
    terminal.type(BREAKS)
    assert "\r\nCurrent privilege level is " in terminal.type(b"do show privilege\x1ashow privilege\r")
