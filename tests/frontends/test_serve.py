"""`iosemu serve`: what it prints and how it ends; telnet; who is let in."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.app import SHARED
from iosemu.frontends.telnet import GREETING, IAC, LONGEST, SB, SE, Negotiation
from iosemu.frontends.terminal import FORGETFUL
from tests.frontends.served import Caller, Server, refused, router, serving

TELNET = ("--telnet", "0")
LOCAL = "username ann privilege 15 secret apple\nusername bob password pear\nline vty 0 4\n login local"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Serve a router without any log-in configured."""
    folder = tmp_path_factory.mktemp("plain")
    with serving(folder, *TELNET, lab=router(folder)) as server:
        yield server


@pytest.fixture
def caller(plain):
    """Connect to that router, and see the connection closed there as well."""
    with Caller(plain.ports["telnet"]["R1"]) as caller:
        yield caller
        caller.socket.settimeout(1)


# -- the command


def test_the_table_names_every_router_in_the_order_of_the_lab(tmp_path):
    """Routers stand in lab.yml's order, each with its port, and `ready` is the last row."""
    with serving(tmp_path, *TELNET, lab="physical") as server:
        assert list(server.ports["telnet"]) == ["HA1", "HA2", "R0", "FA1"]
        assert server.rows[-1] == "ready"
        assert any("cisco" in row and "everywhere" in row for row in server.rows)


def test_ports_follow_one_another(tmp_path):
    """Routers take PORT, PORT+1, …, and nothing but 127.0.0.1 is bound."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        first = probe.getsockname()[1] - 10
    with serving(tmp_path, "--telnet", str(first)) as server:
        assert list(server.ports["telnet"].values()) == [first, first + 1, first + 2, first + 3]
        assert server.rows[0] == "physical at 127.0.0.1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_nothing_is_saved(tmp_path, number):
    """SIGINT and SIGTERM are clean ends with somebody connected, and what nobody saved is not saved."""
    server = Server(tmp_path, *TELNET, lab=router(tmp_path))
    with Caller(server.ports["telnet"]["R1"]) as caller:
        caller.log_in()
        caller.ask("enable")
        caller.ask("configure terminal")
        caller.ask("hostname Changed")
        assert server.stop(number) == (0, "")
        caller.rest()
    assert not [path for path in tmp_path.glob("iosemu/**/*") if path.is_file()]


def test_what_was_saved_is_there_again(tmp_path):
    """A router keeps what was saved in the user's state folder."""
    lab = router(tmp_path)
    for saved in ("R1", "Saved"):
        with serving(tmp_path, *TELNET, lab=lab) as server, Caller(server.ports["telnet"]["R1"]) as caller:
            assert caller.log_in().endswith(f"{saved}>")
            caller.ask("enable")
            caller.ask("configure terminal")
            caller.ask("hostname Saved")
            caller.ask("end")
            assert caller.ask("write memory") == ["Building configuration...", "[OK]"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--telnet", "seventy"), "--telnet is a port from 0 to 65535"),
        (("--telnet", "65536"), "--telnet is a port from 0 to 65535"),
        (("--telnet", "65534"), "no room for every router"),
        (("--speed", "-1"), "--speed is a number"),
        (("--host", "no.such.host.invalid", *TELNET), "--host no.such.host.invalid"),
        (("--authorized-keys", "keys", *TELNET), "give --ssh PORT as well"),
        (
            ("--authorized-keys", "/dev/null", "--ssh", "0"),
            "--authorized-keys /dev/null: no public keys in it",
        ),
        (("--port", "1"), "serve knows no option --port"),
        (("nowhere", *TELNET), "no lab 'nowhere'"),
    ],
)
def test_an_error_of_use_is_one_line(tmp_path, words, complaint):
    """What can't be served is said in one line on stderr, with status 2, and nothing is announced."""
    done = _run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line(tmp_path):
    """A port that somebody else has is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run(tmp_path, "--telnet", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr


def test_another_host_than_loopback_is_warned_of(tmp_path):
    """Whoever opens the routers to others is told."""
    server = Server(tmp_path, "--host", "0.0.0.0", *TELNET, lab=router(tmp_path))
    status, errors = server.stop()
    assert status == 0
    assert "0.0.0.0 is not loopback" in errors


def test_whoever_serves_a_lab_twice_is_told(tmp_path):
    """The second has a warning, and both run; when the first has ended, the next has none."""
    lab = router(tmp_path)
    with serving(tmp_path, *TELNET, lab=lab):
        second = Server(tmp_path, *TELNET, lab=lab)
        with Caller(second.ports["telnet"]["R1"]) as caller:
            assert caller.log_in().endswith("R1>")
        assert second.stop() == (0, f"{SHARED}\n")
    with serving(tmp_path, *TELNET, lab=lab):
        pass


def test_where_nothing_can_be_kept_that_is_told(tmp_path):
    """Without a state folder routers save for as long as they are served, which is said at start."""
    server = Server("/dev/null", *TELNET, lab=router(tmp_path))
    with Caller(server.ports["telnet"]["R1"]) as caller:
        caller.log_in()
        caller.ask("enable")
        assert caller.ask("write memory") == ["Building configuration...", "[OK]"]
    assert server.stop() == (0, f"iosemu: {FORGETFUL}\n")


def _run(state, *words):
    return subprocess.run(
        [sys.executable, "-m", "iosemu", "serve", *words],
        env={"XDG_STATE_HOME": str(state), "PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


# -- telnet


def test_the_first_octets_are_those_of_a_router(caller):
    """Options, heading and question come at once, to a client that says nothing."""
    came = caller.expect("Username: $").encode("latin-1")
    assert came == GREETING + b"\r\n\r\nUser Access Verification\r\n\r\nUsername: "


@pytest.mark.parametrize("end", ["\r\n", "\r\0", "\r", "\n"])
def test_every_end_of_line_is_one_return(caller, end):
    """CR LF, CR NUL, CR and LF each are RETURN once."""
    caller.send(f"cisco{end}cisco{end}show clock{end}{end}")
    came = caller.expect("R1>\r\nR1>$")
    assert came.count("R1>") == 3


def test_a_password_is_not_echoed(caller):
    """Of a password nothing is shown."""
    assert caller.log_in().endswith("Username: cisco\r\nPassword: \r\nR1>")


def test_commands_of_telnet_are_not_typed_text(caller):
    """NOP, subnegotiation and refusals leave no trace; what was not offered is refused."""
    caller.log_in()
    caller.send(
        b"sho\xff\xf1w cl\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0o\xff\xfe\x01ck\xff\xfd\x22\r"
    )
    came = caller.expect("R1>$").encode("latin-1")
    assert b"\xff\xfc\x22" in came
    assert came.replace(b"\xff\xfc\x22", b"").startswith(b"show clock\r\n*00:00:")


@pytest.mark.parametrize("command", [b"\xff\xf4", b"\xff\xf3", b"\x1e"])
def test_a_ping_is_broken_off(caller, command):
    """Interrupt Process, Break and Ctrl-^ end a command that waits, whatever was typed ahead of them."""
    caller.log_in()
    caller.send("ping 10.0.0.9 repeat 1000\r")
    caller.expect("timeout is 2 seconds:")
    caller.send(b"show clock\r" + command + b"show privilege\r")
    came = caller.expect("level is 1\r\nR1>$")
    assert "UTC" not in came


def test_a_ping_takes_its_time(tmp_path):
    """A command that waits goes on when the lab's clock is there, `--speed` times as fast as ours."""
    with (
        serving(tmp_path, *TELNET, "--speed", "20", lab=router(tmp_path)) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        caller.log_in()
        began = time.monotonic()
        assert caller.ask("ping 10.0.0.9")[-1] == "Success rate is 0 percent (0/5)"
        assert 0.4 < time.monotonic() - began < 8


def test_at_speed_0_a_ping_takes_none(tmp_path):
    """While the clock stands, a command that waits lets it run just for itself."""
    with (
        serving(tmp_path, *TELNET, "--speed", "0", lab=router(tmp_path)) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        caller.log_in()
        assert caller.ask("ping 10.0.0.9")[-1] == "Success rate is 0 percent (0/5)"
        assert caller.ask("show clock") == caller.ask("show clock") == ["*00:00:10.000 UTC Fri Mar 1 2002"]


def test_all_that_was_typed_is_carried_out(caller):
    """A client that closes its half has everything done that it typed, and is hung up on then."""
    caller.send("cisco\ncisco\nenable\nshow privilege\nping 10.0.0.1\nshow users\n")
    caller.socket.shutdown(socket.SHUT_WR)
    came = caller.rest()
    assert came.rindex("cisco      idle") > came.index("Success rate is 100") > came.index("level is 15")


def test_a_shell_goes_on_after_a_page(caller):
    """`q` at `--More--` and Ctrl-^ end what `tclsh` shows or runs, not the shell; others are answered."""
    caller.log_in()
    caller.ask("enable")
    caller.send("terminal length 10\rtclsh\r")
    caller.expect(r"\(tcl\)#$")
    caller.send("show running-config\r")
    caller.expect(" --More-- $")
    caller.send("q")
    caller.expect(r"\(tcl\)#$")
    caller.send("while {1} {}\r")
    caller.expect("\r\n")
    caller.send(b"\x1e")
    caller.expect(r"\(tcl\)#$")
    caller.send("set x five\r")
    assert "five" in caller.expect(r"\r\n\w+\(tcl\)#$")
    caller.send("tclquit\r")
    caller.expect(r"R1#$")


def test_logging_out_hangs_up(caller):
    """`exit` closes the connection, and what was typed behind it is lost."""
    caller.log_in()
    caller.send("exit\rshow clock\r")
    assert caller.rest() == "exit\r\n"


def test_log_lines_come_with_terminal_monitor_only(plain, caller):
    """A vty shows what the router logs once it monitors, and no longer when it stops."""
    caller.log_in()
    with Caller(plain.ports["telnet"]["R1"]) as other:
        other.log_in()
        other.ask("enable")
        counted = [other.ask("show logging | include Monitor")]
        for monitoring, line in ((False, ""), (True, "terminal monitor"), (False, "terminal no monitor")):
            if line:
                caller.ask(line)
            other.ask("configure terminal")
            other.ask("end")
            time.sleep(0.1)
            came = "\n".join(caller.ask("show privilege"))
            if monitoring:
                assert "%SYS-5-CONFIG_I: Configured from console by cisco on vty1 (127.0.0.1)" in came
            else:
                assert "CONFIG_I" not in came
            counted.append(other.ask("show logging | include Monitor"))
        assert counted[0] == counted[1] != counted[2] == counted[3]


def test_no_log_line_is_lost_behind_terminal_monitor(caller):
    """What was typed ahead, all at once, is carried out line by line, and the log is shown between."""
    caller.log_in()
    caller.send("enable\rterminal monitor\rconfigure terminal\rend\rterminal no monitor\r")
    caller.expect(
        r"#end\r\nR1#\r\n\*Mar .*: %SYS-5-CONFIG_I: Configured from console by .*terminal no monitor"
    )


def test_a_reload_closes_every_connection(plain, caller):
    """A router that loses power has no connections left, and can be reached again after."""
    caller.log_in()
    caller.ask("enable")
    with Caller(plain.ports["telnet"]["R1"]) as other:
        other.log_in()
        caller.send("reload\r\r")
        came = caller.rest()
        assert came.endswith("[confirm]\r\n")
        other.rest()
    with Caller(plain.ports["telnet"]["R1"]) as again:
        assert "R1>" in again.log_in()


def test_a_client_that_does_not_read_holds_up_nobody(plain, caller):
    """What a deaf client asks for is not kept without bounds, and others are answered."""
    with Caller(plain.ports["telnet"]["R1"]) as deaf:
        deaf.log_in()
        deaf.ask("enable")
        deaf.ask("terminal length 0")
        deaf.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            deaf.socket.sendall(b"show running-config\r" * 2_000_000)
        caller.log_in()
        began = time.monotonic()
        caller.ask("show clock")
        assert time.monotonic() - began < 5


def test_rubbish_does_no_harm(caller):
    """A million NULs, every octet there is, and a subnegotiation without end: the session goes on."""
    caller.log_in()
    caller.send(b"\0" * 1_000_000 + b"\xff\xfa" + b"x" * 2000 + b"\x15")
    caller.send(
        bytes(octet for octet in range(256) if octet not in b"\r\n\x1a\x03\xff") + b"\x15show privilege\r"
    )
    caller.expect("Current privilege level is 1\r\nR1>$")


@given(st.data())
def test_pieces_do_not_matter(data):
    """However octets are cut into pieces, the same is typed and the same answered."""
    marks = st.sampled_from([IAC, IAC, SB, SE, 1, 3, 24, 31, 241, 244, 251, 252, 253, 254, 0, 13, 10, 97])
    octets = bytes(data.draw(st.lists(marks, max_size=60)))
    cut = data.draw(st.integers(0, len(octets)))
    whole, pieces = Negotiation(), Negotiation()
    first, second = pieces.take(octets[:cut]), pieces.take(octets[cut:])
    assert whole.take(octets) == (first[0] + second[0], first[1] + second[1])


@given(st.binary(max_size=200))
def test_typed_text_comes_through(text):
    """Text with every 0xff doubled, between commands, is typed as it is."""
    negotiation = Negotiation()
    wrapped = bytes((IAC, 251, 24, IAC, SB, 24, 0, IAC, IAC, 65, IAC, SE)) + text.replace(
        b"\xff", b"\xff\xff"
    )
    assert negotiation.take(wrapped + bytes((IAC, 241))) == (text, b"")


def test_a_subnegotiation_without_end_ends():
    """What never says SE does not swallow a session for ever."""
    negotiation = Negotiation()
    typed, answer = negotiation.take(bytes((IAC, SB)) + b"x" * (LONGEST + 5))
    assert (typed, answer) == (b"x" * 5, b"")


# -- who is let in


@pytest.mark.parametrize(
    "keys", ["\x03", "\x1a", "\x1e", "\x1ex", "\x03cisco\r\x1a\x03\x1ex", "cisco\r\x1ex", "q?\t"]
)
def test_no_key_gets_past_the_log_in(caller, keys):
    """Keys that break off a command do not break off a log-in."""
    caller.send(keys + "\x15nobody\rwrong\rnobody\rwrong\r")
    assert "R1" not in caller.expect("% Login invalid\r\n\r\n(?s:.)*name: ")


def test_three_wrong_answers_are_enough(caller):
    """A wrong password is told so after a while, three times; then the connection is closed."""
    began = time.monotonic()
    caller.send("cisco\rwrong\r" * 3 + "cisco\rcisco\r")
    came = caller.rest()
    assert came.count("% Login invalid") == 3
    assert "R1>" not in came
    assert time.monotonic() - began > 2


def test_no_more_callers_than_lines(tmp_path):
    """The sixth caller of a router with five vtys is refused; a line that is left is free again."""
    with serving(tmp_path, *TELNET, lab=router(tmp_path)) as server, ExitStack() as callers:
        port = server.ports["telnet"]["R1"]
        first, *_ = [callers.enter_context(Caller(port)) for _ in range(5)]
        assert refused(port)
        first.log_in()
        first.send("exit\r")
        first.rest()
        callers.enter_context(Caller(port)).expect("Username: $")
        assert refused(port)


def test_lines_bound_connections_to_others(tmp_path):
    """`session-timeout`, `session-limit` and `refuse-message` do what they say, `no exec` sends callers away."""
    text = (
        "interface Loopback0\n ip address 99.9.9.9 255.255.255.255\naccess-list 10 permit 99.9.9.9\n"
        "line vty 0 4\n no login\n privilege level 15\n session-timeout 1\n session-limit 1\n"
        " refuse-message /All lines are busy./\nline vty 5\n no exec\n access-class 10 in"
    )
    with (
        serving(tmp_path, *TELNET, "--speed", "100", lab=router(tmp_path, text)) as server,
        ExitStack() as callers,
    ):
        port = server.ports["telnet"]["R1"]
        caller = callers.enter_context(Caller(port))
        caller.expect("R1#$")
        caller.send("telnet 99.9.9.9\r")
        caller.expect(r"Open\r\n\r?\n?R1#\r\n\[Connection to 99.9.9.9 idle too long; timed out\]\r\nR1#$")
        caller.send("telnet 99.9.9.9\r")
        caller.expect(r"Open\r\n\r?\n?R1#$")
        caller.send("\x1ex")
        caller.expect(r"R1#$")
        assert caller.ask("telnet 99.9.9.9") == ["% Session limit of this line reached"]
        *_, last = [callers.enter_context(Caller(port)) for _ in range(3)]
        with Caller(port) as other:
            assert other.rest() == "\r\nAll lines are busy.\r\n"
        last.expect("R1#$")
        assert last.ask("telnet 99.9.9.9")[-1] == "[Connection to 99.9.9.9 closed by foreign host]"
        for line in ("configure terminal", "line vty 5", "transport input none", "end"):
            last.ask(line)
        assert last.ask("telnet 99.9.9.9")[-3:] == [
            "All lines are busy.",
            "",
            "[Connection to 99.9.9.9 closed by foreign host]",
        ]


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("line vty 0 4\n password tea\n login", "tea\r", r"\r\nPassword: \r\nR1>$"),
        ("line vty 0 4\n password tea\n login", "x\rx\rx\r", r"(?s)(.*Password: ){3}\r\n% Bad passwords\r\n"),
        ("line vty 0 4\n no login", "", r"R1>$"),
        ("line vty 0 4\n no login\n privilege level 15", "", r"R1#$"),
        (LOCAL, "ann\rapple\r", r"Password: \r\nR1#$"),
        (LOCAL, "bob\rpear\r", r"Password: \r\nR1>$"),
        (LOCAL, "bob\rapple\r", r"Password: \r\n% Login invalid\r\n\r\nUsername: $"),
        (LOCAL, "cisco\rcisco\r", r"Password: \r\n% Login invalid\r\n\r\nUsername: $"),
        (LOCAL, "bob\rpear\renable\r", r"% No password set\r\nR1>$"),
        (
            "banner motd #Hello#\nbanner exec #Be good#",
            "cisco\rcisco\r",
            r"(?s)Hello.*\r\n\r\nBe good\r\nR1>$",
        ),
        ("enable password up", "cisco\rcisco\renable\rup\r", r"Password: \r\nR1#$"),
        ("line vty 0 4\n exec-timeout 0 1", "cisco\rcisco\r", r"R1>\Z"),
    ],
)
def test_the_configuration_says_who_is_let_in(tmp_path, text, typed, shown):
    """Passwords, users, privileges, banners and transports are those of the configuration."""
    with serving(tmp_path, *TELNET, lab=router(tmp_path, text)) as server:
        with Caller(server.ports["telnet"]["R1"]) as caller:
            caller.send(typed)
            if "timeout" in text:
                caller.seen = caller.rest().encode("latin-1")
            caller.expect(shown)
        documented = any("password cisco" in row for row in server.rows)
        assert documented == (text != LOCAL and "login" not in text)


def test_a_log_in_is_not_waited_for_for_ever(tmp_path):
    """A question that nobody answers is asked three times (ios-shell.md §4.6), whatever was typed by then."""
    with (
        serving(tmp_path, *TELNET, lab=router(tmp_path, "line vty 0 4\n timeout login response 1")) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        caller.expect("Username: $")
        caller.send("ci")
        late = "\r\n% Username:  timeout expired!\r\n"
        assert caller.rest() == (f"ci{late}Username: {late}Username: {late}")


def test_transport_input_says_which_way_is_open(tmp_path):
    """A vty that takes SSH only refuses telnet; others of the router need not."""
    text = "line vty 0 3\n transport input ssh"
    with serving(tmp_path, *TELNET, lab=router(tmp_path, text)) as server:
        port = server.ports["telnet"]["R1"]
        with Caller(port) as caller:
            caller.log_in()
            assert "*  6 vty 4" in "\n".join(caller.ask("show users"))
            assert refused(port)


def test_the_account_is_never_configuration(caller):
    """Who came in by the documented account finds nothing of it in the configuration."""
    caller.log_in()
    caller.ask("enable")
    caller.ask("terminal length 0")
    assert not [row for row in caller.ask("show running-config") if "cisco" in row]


def test_a_caller_goes_on_to_another_router(tmp_path):
    """`telnet` from a served session carries keys both ways, is suspended by Ctrl-^ x, and ends with the session."""
    text = "interface Loopback0\n ip address 99.9.9.9 255.255.255.255\nline vty 0 4\n no login"
    with (
        serving(tmp_path, "--telnet", "0", lab=router(tmp_path, text)) as server,
        Caller(server.ports["telnet"]["R1"]) as caller,
    ):
        caller.expect("R1>$")
        caller.send("telnet 99.9.9.9\r")
        caller.expect(r"Trying 99.9.9.9 \.\.\. Open\r\n\r?\n?R1>$")
        shown = "\n".join(caller.ask("show users"))
        assert "vty 0                99.9.9.9" in shown
        assert "*  3 vty 1                idle                 00:00:00   99.9.9.9" in shown
        caller.send("show us\t")
        caller.expect("R1>show users $")
        caller.send("\x1ex")
        caller.expect("R1>$")
        assert "*  1 99.9.9.9" in "\n".join(caller.ask("where"))
        with Caller(server.ports["telnet"]["R1"]) as other:
            other.expect("R1>$")
            assert "vty 1 " in "\n".join(other.ask("show users"))
            caller.send("exit\ry")
            caller.rest()
            assert "vty 1 " not in "\n".join(other.ask("show users"))
