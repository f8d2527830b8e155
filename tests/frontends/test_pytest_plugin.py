"""The pytest plug-in: labs, consoles, served labs and `.session` files in somebody else's tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.frontends.served import CONFIG, ROOT

pytest_plugins = ["pytester"]


@pytest.fixture
def outside(pytester, monkeypatch):
    """Give a folder of tests that has nothing of this project's but the plug-in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\naddopts = -p iosemu.pytest -p no:cacheprovider -p no:hypothesispytest")
    return pytester


def outcomes(outside, *words, **expected):
    """Run the tests of a folder as their owner would; gives what was printed."""
    result = outside.runpytest_subprocess(*words)
    result.assert_outcomes(**expected)
    return result.stdout.str()


def test_a_lab_and_its_consoles(outside):
    """A test is given a lab of its own, runs its clock and talks to its routers."""
    outside.makepyfile("""
        import pytest

        @pytest.mark.lab("physical", advance=60)
        def test_a_router_takes_over(lab, console):
            ha2 = console("HA2")
            ha2.send("enable")
            assert ha2.prompt == "HA2#"
            ha2.expect(r"^Et0 .* Standby", line="show standby brief")
            lab.power("HA1", on=False)
            found = ha2.expect(r"^Et0 .* Active +(\\S+)", line="show standby brief", within=15)
            assert found[1] == "local"
            assert console("HA2") is ha2

        def test_the_next_begins_at_0(lab):
            assert lab.clock.now == 0

        def test_says_what_was_shown(console):
            console("HA1").expect("no such words", line="show clock", within=2)
    """)
    printed = outcomes(outside, "--strict-markers", passed=2, failed=1)
    assert "HA1> does not show 'no such words' within 2 seconds, but:" in printed
    assert "*00:00:02.000 UTC Fri Mar 1 2002" in printed


def test_a_lab_beside_the_test(outside):
    """A path is meant from the test's own folder."""
    outside.path.joinpath("mine.cfg").write_text(CONFIG.format(""))
    outside.makepyfile("""
        import pytest

        @pytest.mark.lab("mine.cfg")
        def test_it(console):
            console("R1").expect("10.0.0.1", line="show ip interface brief")
    """)
    outcomes(outside, passed=1)


def test_a_served_lab(outside):
    """A real client reaches each router of a lab that is served for one test."""
    outside.makepyfile("""
        import socket

        import pytest

        @pytest.mark.lab("physical", speed=20)
        def test_it(served):
            assert list(served.ports["telnet"]) == ["HA1", "HA2", "R0", "FA1"]
            with socket.create_connection((served.host, served.port("HA2", "console")), timeout=10) as caller:
                seen = b""
                while b"RETURN" not in seen:
                    seen += caller.recv(4096)
    """)
    outcomes(outside, passed=1)


def test_a_slip_is_told_in_a_line(outside):
    """A wrong name, marker or port fails its test with what there is instead, and without a traceback."""
    outside.path.joinpath("odd.cfg").write_text("hostname R1\nno such line\n")
    outside.makepyfile("""
        import pytest

        @pytest.mark.lab("elsewhere")
        def test_lab(lab): pass

        @pytest.mark.lab("elsewhere")
        def test_served(served): pass

        @pytest.mark.lab("physical", sped=2)
        def test_marker(lab): pass

        def test_router(console): console("HA9")

        @pytest.mark.lab("odd.cfg")
        def test_port(served): served.port("R2")
    """)
    printed = outcomes(outside, errors=3, failed=2, warnings=1)
    for row in (
        "no lab 'elsewhere': give ",
        "iosemu: no lab 'elsewhere': give ",
        "lab('physical', sped=2): the marker is lab(name, advance=0, speed=1)",
        "there is no 'HA9', but HA1, HA2, R0, FA1",
        "there is no 'R2', but R1",
    ):
        assert f"\n{row}" in printed
    assert "UserWarning: iosemu serve odd.cfg: odd.cfg:2:" in printed


SESSION = "lab>open physical\nHA1>show clock\n{}\n"


@pytest.mark.parametrize("way", ["option", "ini"])
def test_session_files_are_tests_when_asked_for(outside, way):
    """With the option or the setting, each file is a test, and a failure is a diff."""
    outside.path.joinpath("good.session").write_text(SESSION.format("*00:00:00.000 UTC Fri Mar 1 2002"))
    outside.path.joinpath("bad.session").write_text(SESSION.format("*noon"))
    outside.path.joinpath("wrong.session").write_text("HA1>show clock\n")
    outcomes(outside, passed=0)
    words = ["--iosemu-sessions"] if way == "option" else ["-o", "iosemu_sessions=true"]
    printed = outcomes(outside, *words, passed=1, failed=2)
    assert "-*noon\n+*00:00:00.000 UTC Fri Mar 1 2002" in printed
    assert "wrong.session:1: no prompt stands before" in printed


def test_it_costs_nothing_who_does_not_use_it():
    """The plug-in alone imports nothing of iosemu's that takes time."""
    code = "import sys, iosemu.pytest; print([m for m in sys.modules if m.startswith('iosemu.')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['iosemu.pytest']\n"
