"""`iosemu serve --console`: a router's console, as a terminal server gives it; and the table on a terminal."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.frontends.served import ROOT, Caller, refused, router, serving

BOTH = ("--telnet", "0", "--console", "0")
STARTED = r"Press RETURN to get started!\s*$"


@pytest.fixture
def served(tmp_path):
    """Serve a router without any log-in configured."""
    with serving(tmp_path, *BOTH, lab=router(tmp_path)) as server:
        yield server


def test_a_console_waits_for_return_and_asks_nothing(served):
    """What is typed before RETURN is not shown; then the prompt comes, and `enable` asks nothing."""
    with Caller(served.ports["console"]["R1"]) as caller:
        caller.expect(STARTED)
        caller.send("xyz\r")
        assert caller.expect("R1>$").strip() == "R1>"
        caller.ask("enable")
        assert caller.ask("show privilege") == ["Current privilege level is 15"]
        assert "*  0 con 0" in "\n".join(caller.ask("show users"))


def test_two_people_share_a_console(served):
    """Each sees what the other types and what comes of it, and what stands there when he comes."""
    port = served.ports["console"]["R1"]
    with Caller(port) as first:
        first.expect(STARTED)
        first.send("\r")
        first.expect("R1>$")
        with Caller(port) as second:
            second.expect("R1>$")
            second.send("show privilege\r")
            for each in (first, second):
                each.expect("show privilege\r\nCurrent privilege level is 1\r\nR1>$")
        first.ask("enable")
    with Caller(port) as third:
        third.expect("R1#$")


def test_a_console_shows_the_log_and_survives(served):
    """Log lines come unasked; `exit` and a reload lead back to RETURN, and nobody is hung up on."""
    with Caller(served.ports["console"]["R1"]) as caller:
        caller.expect(STARTED)
        caller.send("\renable\rconfigure terminal\rend\r")
        caller.expect(r"%SYS-5-CONFIG_I: Configured from console by console")
        caller.send("exit\r")
        caller.expect(r"R1 con0 is now available(?s:.*)Press RETURN to get started\.\s*$")
        caller.send("\renable\rreload\r\r")
        caller.expect(rf"(?s)\[confirm\].*{STARTED}")
        caller.send("\r")
        caller.expect("R1>$")


def test_the_configuration_guards_a_console(tmp_path):
    """A console with a password asks for it, and the account of the vtys is none of its."""
    text = "line con 0\n password tea\n login"
    with (
        serving(tmp_path, "--console", "0", lab=router(tmp_path, text)) as server,
        Caller(server.ports["console"]["R1"]) as caller,
    ):
        assert not [row for row in server.rows if "cisco" in row]
        caller.expect(STARTED)
        caller.send("\rcisco\r")
        caller.expect("(?s)Password: .*Password: $")
        caller.send("tea\r")
        caller.expect("R1>$")


def test_a_line_is_cleared(served):
    """`clear line` sends home who sits at a vty, and empties a console; one's own is not cleared."""
    with Caller(served.ports["telnet"]["R1"]) as caller, Caller(served.ports["console"]["R1"]) as console:
        console.expect(STARTED)
        console.send("\renable\r")
        console.expect("R1#$")
        caller.log_in()
        assert console.ask("clear line 0") == ["% Not allowed to clear current line"]
        console.send("clear line vty 0\r\r")
        console.expect(r"\[confirm\]\r\n \[OK\]\r\nR1#$")
        assert caller.rest() == ""
        with Caller(served.ports["telnet"]["R1"]) as again:
            again.log_in()
            again.ask("enable")
            again.send("clear line console 0\ry")
            again.expect(r" \[OK\]\r\nR1#$")
        console.expect(r"(?s)R1 con0 is now available.*Press RETURN to get started\.\s*$")


def test_an_access_class_keeps_callers_out(tmp_path):
    """Who is denied at one line is let in at the next that permits him, and refused when none does."""
    text = (
        "access-list 7 deny 127.0.0.0 0.255.255.255\naccess-list 7 permit any\n"
        "ip access-list standard HERE\n 20 deny any\n 10 permit host 127.0.0.1\n"
        "line vty 0 3\n access-class 7 in\nline vty 4\n access-class HERE in"
    )
    with serving(tmp_path, "--telnet", "0", lab=router(tmp_path, text)) as server:
        port = server.ports["telnet"]["R1"]
        with Caller(port) as caller:
            caller.log_in()
            assert "*  6 vty 4" in "\n".join(caller.ask("show users"))
            assert refused(port)


@pytest.mark.parametrize(("seconds", "least"), [(1, 1), (3, 3)])
def test_a_wrong_answer_costs_what_is_configured(tmp_path, seconds, least):
    """`login delay` says how long the answer to a wrong password is put off."""
    with (
        serving(tmp_path, "--telnet", "0", lab=router(tmp_path, f"login delay {seconds}")) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        began = time.monotonic()
        caller.send("cisco\rwrong\r")
        caller.expect("% Login invalid")
        assert least <= time.monotonic() - began < least + 2


def test_a_router_is_quiet_after_too_many_failures(tmp_path):
    """`login block-for` refuses all but its access list's, until its time is over; messages say so."""
    text = (
        "login block-for 60 attempts 2 within 3600\nlogin on-failure log\nlogin on-success log\n"
        "access-list 5 permit 127.0.0.1\n"
    )
    with serving(
        tmp_path, "--telnet", "0", "--console", "0", "--speed", "20", lab=router(tmp_path, text)
    ) as server:
        port = server.ports["telnet"]["R1"]
        with Caller(server.ports["console"]["R1"]) as console:
            console.send("\r")
            console.expect("R1>$")
            with Caller(port) as caller:
                caller.log_in()
                console.expect(
                    r"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: cisco\] \[Source: 127.0.0.1\] "
                    r"\[localport: 23\] at \d\d:\d\d:\d\d UTC Fri Mar 1 2002"
                )
                with Caller(port) as guesser:
                    guesser.send("eve\r1\reve\r2\r")
                    console.expect(r"(?s)LOGIN_FAILED.*LOGIN_FAILED: Login failed \[user: eve\]")
                    console.expect(r"%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft .*\[ACL: sl_def_acl\]")
                assert refused(port)
                assert "     Denying logins from all sources." in caller.ask("show login")
                assert "eve             127.0.0.1       23    2    " in "\n".join(
                    caller.ask("show login failures")
                )
                caller.ask("enable")
                caller.ask("configure terminal")
                caller.ask("login quiet-mode access-class 5")
                with Caller(port) as other:
                    other.log_in()
                console.expect(
                    "%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because block period timed out"
                )


@pytest.mark.parametrize("way", ["account", "user", "nobody"])
def test_a_line_that_runs_one_command(tmp_path, way):
    """`autocommand` of a line runs instead of EXEC, whoever comes in, and then the line is left."""
    login = {"account": "", "user": " login local\n", "nobody": " no login\n"}[way]
    text = f"username cisco password cisco\nline vty 0 4\n{login} autocommand show privilege"
    with (
        serving(tmp_path, "--telnet", "0", lab=router(tmp_path, text)) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        if way != "nobody":
            caller.send("cisco\rcisco\r")
        assert caller.rest().endswith("Current privilege level is 1\r\n")


def test_a_terminal_gets_a_table_that_is_kept(tmp_path):
    """On a terminal there is a table of routers, ports, sessions and states, which follows what happens."""
    pexpect = pytest.importorskip("pexpect")
    environment = os.environ | {
        "XDG_STATE_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
        "COLUMNS": "100",
        "LINES": "40",
    }
    words = ["-m", "iosemu", "serve", "physical", "--telnet", "0", "--speed", "30"]
    screen = pexpect.spawn(
        sys.executable, words, env=environment, encoding="utf-8", timeout=20, dimensions=(40, 100)
    )
    screen.expect(r"HA1 +(\d+)")
    port = int(screen.match[1])
    screen.expect("ready")
    screen.expect(r"HA1 [^\r]*SanJoseHA [^\r]*Active")
    with Caller(port) as caller:
        caller.log_in()
        screen.expect(r"HA1 [^\r]*vty 0 cisco")
    screen.sendintr()
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0
