"""The real program at a terminal of xterm's kind, at a dumb one and with `--plain`: typed, pasted and broken into."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect")

FRONTS = {"xterm": ("xterm", ()), "dumb": ("dumb", ()), "plain": ("xterm", ("--plain",))}
RIGHT = re.compile(r"\x1b\[(\d*)C")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][B0]?|\r(?!\n)|\x07")
MORE = " --More-- "


def _drawn(raw):
    """Give the text of what a terminal is sent; how it is placed is tmux's business, and a person's."""
    return ESCAPES.sub("", RIGHT.sub(lambda found: " " * int(found[1] or 1), raw))


class Person:
    """Somebody at the program: types, waits for what must be shown."""

    def __init__(self, front, folder, *arguments, size=(24, 80)):
        term, options = FRONTS[front]
        environment = {
            **os.environ,
            "TERM": term,
            "XDG_STATE_HOME": str(folder),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]),
        }
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "iosemu", "shell", *(arguments or ("physical", "--router", "HA1")), *options],
            env=environment,
            dimensions=size,
            encoding="utf-8",
            codec_errors="replace",
            timeout=5,
        )
        self.child.delaybeforesend = None
        self.raw = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def sees(self, text, wait=6.0):
        """Wait for a text (as it stands), and give what stood before it, without what only draws."""
        deadline = time.monotonic() + wait
        while text not in (seen := _drawn(self.raw)):
            try:
                self.raw += self.child.read_nonblocking(65536, max(0.0, deadline - time.monotonic()))
            except (pexpect.TIMEOUT, pexpect.EOF):
                pytest.fail(f"never shown: {text!r}; only {seen!r}")
        before, _, self.raw = seen.partition(text)
        return before

    def types(self, keys, *texts):
        """Type keys, and wait for texts one after another; gives what stood before the last."""
        self.child.send(keys)
        seen = ""
        for text in texts:
            seen = self.sees(text)
        return seen

    def configures(self):
        """Come to privileged EXEC, where nothing is paged."""
        self.sees("HA1>")
        self.types("enable\r", "HA1#")
        self.types("terminal length 0\r", "terminal length 0", "HA1#")

    def asks(self, line):
        """Give the rows that a command shows."""
        self.child.send(f"{line}\r")
        self.sees(line)
        self.sees("\n")
        return [row.rstrip("\r") for row in self.sees("HA1#").split("\n")][:-1]


@pytest.fixture(params=FRONTS)
def person(request, tmp_path):
    """Somebody at HA1's console, at each kind of terminal."""
    with Person(request.param, tmp_path) as person:
        yield person


def test_a_lesson(person):
    """Help, completion, paging, history, the editing keys, and Ctrl-Z and Ctrl-C work at every kind of terminal."""
    person.sees("HA1>")
    person.types("enab\t", "enable ")
    person.types("\r", "HA1#")
    person.types("show cl?", "clock", "HA1#show cl")
    person.types("ock\r", "UTC", "HA1#")
    person.types("\x10", "show clock")
    person.types("\x15show privilxx\x17privilege\r", "Current privilege level is 15", "HA1#")
    person.types("w privilege\x01\x04sho\x05\r", "Current privilege level is 15", "HA1#")
    person.types("show running-config\r", "Building configuration...", MORE)
    person.types("\r", MORE)
    assert person.types(" ", MORE).count("\n") >= 22
    person.types("q", "HA1#")
    person.types("configure terminal\r", "CNTL/Z.", "(config)#")
    person.types("hostname HA1\x1a", "hostname HA1^Z", "HA1#", "%SYS-5-CONFIG_I")
    person.types("configure terminal\r", "CNTL/Z.", "(config)#")
    person.types("hostname nonsense\x03", "nonsense^C", "HA1#")
    assert person.asks("show running-config | include ^hostname") == ["hostname HA1"]


def test_patterns_at_more(person):
    """At --More-- `/` skips to a row, and `+` keeps those that match."""
    person.sees("HA1>")
    person.types("enable\r", "HA1#")
    person.types("show running-config\r", MORE)
    assert "ip mobile home-agent" not in person.types("/^router mobile\r", "filtering...", "router mobile")
    person.types("q\x15", "HA1#")
    person.types("show running-config\r", "show running-config", MORE)
    shown = person.types("+^end\r", "filtering...", "HA1#")
    assert [row.strip() for row in shown.split("\n") if row.strip()] == ["end"]


def test_questions(person):
    """A password is not shown, `[confirm]` takes a key, and Ctrl-C leaves either for the prompt."""
    person.configures()
    person.types("configure terminal\r", "(config)#")
    person.types("enable secret cisco\r", "(config)#")
    person.types("end\r", "HA1#")
    person.types("disable\r", "HA1>")
    person.types("enable\r", "Password: ")
    assert "cis" not in person.types("ciskoo\x7f\x7f\x7fco\r", "HA1#")
    person.types("disable\r", "HA1>")
    person.types("enable\r", "Password: ")
    person.types("cis\x03", "HA1>")
    person.types("enable\r", "Password: ")
    person.types("cisco\r", "HA1#")
    person.types("write erase\r", "[confirm]")
    person.types("\x1b[A\x03", "HA1#")
    person.types("write erase\r", "[confirm]")
    person.types("n", "HA1#")
    assert person.asks("show privilege") == ["Current privilege level is 15"]


@pytest.mark.parametrize("bracketed", [False, True])
def test_a_pasted_configuration_loses_nothing(person, bracketed):
    """Of 200 pasted lines each is there afterwards, in less than a tenth of a second each."""
    person.configures()
    person.types("configure terminal\r", "(config)#")
    lines = [f"ip host host{number} 10.0.0.{number}" for number in range(198)]
    lines = ["! a comment", *lines, "end"]
    paste = "".join(f"{line}\r" for line in lines)
    if bracketed and person.child.env["TERM"] == "xterm":
        paste = f"\x1b[200~{paste}\x1b[201~"
    before = time.monotonic()
    person.types(paste, "host197 10.0.0.197", "HA1#")
    assert time.monotonic() - before < 20
    assert "Number of lines which match regexp = 198" in person.asks("show running-config | count ^ip host")


def test_log_lines_leave_what_is_typed(person):
    """A log line that comes while something is typed does not change what is typed."""
    person.configures()
    person.types("configure terminal\r", "(config)#")
    person.types("end\r", "HA1#")
    person.child.send("show priv")
    person.sees("%SYS-5-CONFIG_I: Configured from console by console")
    person.types("ilege\r", "Current privilege level is 15", "HA1#")


def test_a_console_is_left_and_found_again(person):
    """Ctrl-^ x leads to `lab>`, whatever was typed, and `connect` back to the mode that was left."""
    person.configures()
    person.types("configure terminal\r", "(config)#")
    person.types("hostn\x1ex", "lab>")
    person.types("connect HA1\r", "HA1(config)#")
    person.types("\x1ex", "lab>")
    person.types("quit\r")
    person.child.expect(pexpect.EOF)
    person.child.wait()
    assert person.child.exitstatus == 0


def test_any_octets_leave_a_working_prompt(person):
    """NULs, lone escapes, text that is no UTF-8 and 20,000 characters without Enter leave a prompt that works."""
    person.configures()
    for junk in (
        b"\x00\x00\r",
        b"\x1b\r",
        b"\x1b[\r",
        b"\xff\xfe\xc3(\r",
        b"\x1b[9999999999;1H\r",
        b"\x80" * 50 + b"\r",
    ):
        person.child.send("\x15")
        os.write(person.child.child_fd, junk)
        person.types("\x15\x03show privilege\r", "level is 15", "HA1#")
    for _ in range(20):
        person.child.send("z" * 1000)
        person.sees("z")  # read as one types: neither end may wait for the other for ever
    person.types("\x05\x15show privilege\r", "level is 15", "HA1#")


@pytest.mark.parametrize(
    "keys", ["\x00", "\x1b", "\x1a", "\x03", "\x1e", "/\x03", "+(\r\x03", "/x\x1b[A\x1a"]
)
def test_keys_at_more_leave_a_working_prompt(tmp_path, keys):
    """Control characters at --More-- show more, or lead back to a prompt that works."""
    for front in ("xterm", "plain"):
        with Person(front, tmp_path) as person:
            person.sees("HA1>")
            person.types("enable\r", "HA1#")
            person.types("show running-config\r", MORE)
            person.types(f"{keys}q\x15\x03\x15")
            person.types("\r\rshow privilege\r", "level is 15", "HA1#")


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_screen_is_as_wide_as_the_terminal(tmp_path, front, width):
    """Help wraps at the terminal's width, also after it changed, until `terminal width` says otherwise."""
    with Person(front, tmp_path, size=(24, width)) as person:
        person.sees("HA1>")
        for columns in (width, 60, 120):
            person.child.setwinsize(24, columns)
            time.sleep(0.1)
            person.child.send("\r")
            person.sees("HA1>")
            help_ = person.types("show version | ?", "append", "begin")
            wrapped = " ".join(help_.split()).startswith("Append redirected output to URL")
            assert wrapped
            assert (help_.count("\n") > 1) is (columns < 84)
            person.types("\x15")
        person.types("enable\r", "HA1#")
        person.types("terminal width 50\r", "HA1#")
        person.child.setwinsize(24, 130)
        time.sleep(0.1)
        assert person.types("show version | ?", "append", "begin").count("\n") > 1


BLOCK = re.compile(r"\n{30}HA1 con0 is now available\n{6}Press RETURN to get started\.\n+$")


def test_first_contact(person):
    """A console greets who comes; who logs out finds it waiting for RETURN, and it asks what it is told to ask."""
    assert "HA1 con0 is now available" in person.sees("HA1>")
    person.types("\r", "HA1>")
    person.types("enable\r", "HA1#")
    person.types("configure terminal\r", "(config)#")
    person.types("username ann privilege 15 secret tea\r", "(config)#")
    person.types("banner motd #the day#\r", "(config)#")
    person.types("line con 0\r", "(config-line)#")
    person.types("login local\r", "(config-line)#")
    person.types("end\r", "HA1#")
    person.types("exit\r", "exit")
    shown = person.types("abc", "Press RETURN to get started.") + "Press RETURN to get started.\n"
    assert BLOCK.search(shown.replace("\r", ""))
    person.types("\r", "the day", "User Access Verification", "Username: ")
    person.types("ann\r", "Password: ")
    assert "cup" not in person.types("cup\r", "% Login invalid")
    person.sees("Username: ")
    person.types("\x1ex", "lab>")
    person.types("connect HA1\r", "Username: ")
    person.types("ann\r", "Password: ")
    assert "tea" not in person.types("tea\r", "HA1#")
    person.types("logout\r", "Press RETURN to get started.")
    person.types("\x1ex", "lab>")
    person.types("quit\r")
    person.child.expect(pexpect.EOF)


@pytest.mark.parametrize(
    ("front", "keys"),
    [
        *(("xterm", keys) for keys in ("", "show running-config\r", "show ?", "\x12show vers")),
        *((front, "copy running-config startup-config\r") for front in ("xterm", "plain")),
    ],
)
def test_an_idle_console_is_left(tmp_path, front, keys):
    """`exec-timeout` counts the lab's seconds, whatever stands at the console: prompt, question or `--More--`."""
    with Person(front, tmp_path, "physical", "--router", "HA1", "--speed", "100") as person:
        person.sees("HA1>")
        person.types("enable\r", "HA1#")
        person.types("configure terminal\r", "(config)#")
        person.types("line con 0\r", "(config-line)#")
        person.types("exec-timeout 0 40\r", "(config-line)#")
        person.types("end\r", "HA1#")
        person.types(keys, "HA1 con0 is now available")
        person.sees("Press RETURN to get started.")
        person.types("\r", "HA1>")


@pytest.mark.parametrize("front", FRONTS)
def test_a_log_in_asks_again(tmp_path, front):
    """`timeout login response` holds at the console, too; what was typed by then is no answer."""
    with Person(front, tmp_path, "physical", "--router", "HA1", "--speed", "50") as person:
        person.configures()
        person.types("configure terminal\r", "(config)#")
        for line in ("line con 0", "password tea", "login", "timeout login response 100"):
            person.types(f"{line}\r", "(config-line)#")
        person.types("end\r", "HA1#")
        person.types("exit\r", "Press RETURN to get started.")
        person.types("\rte", "% Password:  timeout expired!", "Password: ")
        person.types("tea\r", "HA1>")


@pytest.mark.parametrize("front", FRONTS)
def test_telnet_to_another_router(tmp_path, front):
    """A session at another router helps, completes, pages, is suspended, resumed, and closed from either end."""
    with Person(front, tmp_path, "physical", "--router", "HA1", "--speed", "10") as person:
        _telnet(person)


def _telnet(person):
    person.configures()
    person.types("\x1ex", "lab>")
    person.types("connect HA2\r", "HA2>")
    person.types("enable\r", "HA2#")
    for line in ("configure terminal", "line vty 0 4", "password tea", "exec-timeout 0 0"):
        person.types(f"{line}\r", line, "#")
    person.types("\x1ex", "lab>")
    person.types("connect HA1\r", "HA1#")
    person.types("telnet 1.0.0.2\r", "Trying 1.0.0.2 ... Open", "User Access Verification", "Password: ")
    assert "te" not in person.types("tee\x7fa\r", "HA2>")
    person.types("show use\t", "HA2>show users ")
    assert "1.0.0.1" in person.types("\r", "Interface    User")
    person.sees("HA2>")
    person.types("show term?", "terminal", "HA2>show term")
    person.types("\r", MORE)
    person.types("q", "HA2>")
    person.types("ping 1.0.0.1 repeat 20\r", "(20/20)", "HA2>")
    person.types("show priv\x1ex", "HA1#")
    assert any("*  1 1.0.0.2" in row for row in person.asks("where"))
    assert any("con 0" in row and "1.0.0.2" in row for row in person.asks("show users"))
    person.types("\x1ex", "lab>")
    person.types("connect HA1\r", "HA1#")
    person.types("resume 1\r", "[Resuming connection 1 to 1.0.0.2 ... ]")
    person.types("ilege\r", "Current privilege level is 1", "HA2>")
    person.types("telnet 1.0.0.1\r", "Open", "Password required, but none set")
    person.sees("[Connection to 1.0.0.1 closed by foreign host]")
    person.types("\r", "HA2>")
    person.types("exit\r", "[Connection to 1.0.0.2 closed by foreign host]", "HA1#")
    person.types("1.0.0.2\r", "Password: ")
    person.types("tea\r", "HA2>")
    person.types("\x1ex", "HA1#")
    person.types("\r", "[Resuming connection 1 to 1.0.0.2 ... ]")
    person.types("\r", "HA2>")
    person.types("\x1ex", "HA1#")
    person.types("disconnect\r", "Closing connection to 1.0.0.2 [confirm]")
    person.types("y", "HA1#")
    assert "% No connections open" in person.asks("show sessions")
    person.types("telnet 1.0.0.2\r", "Password: ")
    person.types("tea\r", "HA2>")
    person.types("\x1ex", "HA1#")
    person.types("exit\r", "(You have open connections) [confirm]")
    person.types("y", "Closing: 1.0.0.2 !", "Press RETURN to get started.")


def test_telnet_is_broken_off_and_outlives_no_router(person):
    """Ctrl-^ gives up what does not open; a log line is shown to who monitors; a line is cleared under its caller."""
    person.configures()
    person.types("telnet 1.0.0.77\r", "Trying 1.0.0.77 ... ")
    person.types("\x1e", "HA1#")
    person.types("configure terminal\r", "(config)#")
    person.types("line vty 0 4\r", "(config-line)#")
    person.types("no login\r", "(config-line)#")
    person.types("privilege level 15\r", "(config-line)#")
    person.types("end\r", "HA1#")
    person.types("telnet 1.0.0.1\r", "Open", "HA1#")
    person.types("terminal monitor\r", "terminal monitor", "HA1#")
    person.types("configure terminal\r", "(config)#")
    person.types("hostname HA9\r", "HA9(config)#")
    person.types("end\r", "%SYS-5-CONFIG_I: Configured from console by vty0 (1.0.0.1)")
    person.types("clear line vty 0\r", "% Not allowed to clear current line", "HA9#")
    person.types("\x1ex", "HA9#")
    person.types("clear line vty 0\r", "[confirm]")
    person.types("y", "[OK]", "HA9#")
    person.types("show sessions\r", "% No connections open", "HA9#")
    person.types("telnet 1.0.0.1\r", "Open", "HA9#")
    person.types("reload\r", "[yes/no]: ")
    person.types("no\r", "[confirm]")
    person.types("\r", "Press RETURN to get started!")
    person.types("\r", "HA1>")


@pytest.mark.parametrize("front", ["xterm", "plain"])
@pytest.mark.parametrize("keys", ["show vers", "show running-config\r"])
def test_a_router_boots_under_whoever_sits_there(tmp_path, front, keys):
    """A reload that was put off comes without a key, whatever stands at the console, and RETURN is waited for."""
    with Person(front, tmp_path, "physical", "--router", "HA1", "--speed", "100") as person:
        person.sees("HA1>")
        person.types("enable\r", "HA1#")
        person.types("reload in 1\r", "[confirm]")
        person.types("\r", "HA1#")
        person.types(keys, "%SYS-5-RELOAD", "Press RETURN to get started!")
        person.types("\r", "HA1>")
