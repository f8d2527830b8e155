"""Who comes to a vty over the lab's network: what he is asked, how long he may think, and how he is sent away."""

from __future__ import annotations

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Desk, Lab
from iosemu.cli.command import Request
from iosemu.cli.tty import TTYs
from iosemu.lab.tcp import TCP

SECRETS = "line vty 0 4\n password tea\n"


class Visit:
    """Somebody at HA1 who has connected to HA2, and types there; the lab goes on for a second at each step."""

    def __init__(self, lab):
        self.lab = lab
        self.socket = lab["HA1"].part(TCP).connect(IPv4.parse("1.0.0.2"), 23)
        lab.advance(3)

    def types(self, text=""):
        """Type, and give what is shown within a second."""
        if text:
            self.socket.send(text.encode())
        self.lab.advance(1)
        return self.socket.connection.take().decode()

    @property
    def closed(self):
        """Whether the other end has closed."""
        return self.socket.over or self.socket.connection.ended


def configured(lab, *lines):
    """Configure HA2."""
    console = lab["HA2"].console()
    for line in ("enable", "configure terminal", *lines, "end"):
        console.send(line)


def seated(lab):
    """Name the vtys of HA2 at which somebody sits."""
    return [tty.number for tty in lab["HA2"].part(TTYs).lines if tty.kind == "vty" and tty.opened is not None]


@pytest.fixture
def lab():
    """Give the physical lab, in which HA2's vtys have a password."""
    lab = Lab.load("physical")
    configured(lab, "line vty 0 4", "password tea")
    return lab


def test_a_session(lab):
    """Octet for octet what a telnet session of a router is; leaving frees the line."""
    visit = Visit(lab)
    assert visit.types() == "\r\n\r\nUser Access Verification\r\n\r\nPassword: "
    assert visit.types("tea\r") == "\r\nHA2>"
    assert visit.types("show priv?\x7f\t") == (
        "show priv?\r\nprivilege  \r\n\r\nHA2>show priv\b \b\r\nHA2>show privilege "
    )
    assert seated(lab) == [0]
    assert visit.types("\rexit\r").endswith("\r\nCurrent privilege level is 1\r\nHA2>exit\r\n")
    assert (visit.closed, seated(lab)) == (True, [])


def test_guessing_makes_the_router_quiet(lab):
    """`login block-for` counts who comes over the lab's network, too, and then hears nobody for a while."""
    configured(lab, "login block-for 60 attempts 2 within 60", "login delay 1")
    visit = Visit(lab)
    visit.types()
    for _ in range(2):
        visit.types("wrong\r")
        visit.types()
    log = lab["HA2"].console().send("show logging | include QUIET_MODE_ON")
    assert "[localport: 23]" in log
    assert Visit(lab).closed
    lab.advance(60)
    assert Visit(lab).types().endswith("Password: ")


def test_wrong_passwords(lab):
    """Each answer to a wrong one is put off by `login delay`; three, and the caller is sent away."""
    configured(lab, "login delay 5")
    visit = Visit(lab)
    visit.types()
    assert visit.types("a\r\x03b\r") == "\r\n"
    for _ in range(4):
        lab.advance(1)
    assert visit.types() == "Password: \r\nPassword: \r\n"
    lab.advance(5)
    assert visit.types("c\r").endswith("Password: \r\n")
    lab.advance(5)
    assert visit.types().endswith("% Bad passwords\r\n")
    assert (visit.closed, seated(lab)) == (True, [])


def test_nobody_waits_for_ever(lab):
    """A log-in's question waits for 30 seconds, three times; a session for `exec-timeout` of the lab's time."""
    visit = Visit(lab)
    lab.advance(29)
    assert visit.types().count("% Password:  timeout expired!") == 1
    lab.advance(100)
    assert visit.types().count("timeout expired!") == 2
    assert (visit.closed, seated(lab)) == (True, [])
    configured(lab, "line vty 0 4", "exec-timeout 2 0")
    visit = Visit(lab)
    visit.types("tea\r")
    lab.advance(117)
    assert visit.types("enable\r").endswith("% No password set\r\nHA2>")
    lab.advance(117)
    assert not visit.closed
    lab.advance(4)
    assert (visit.closed, seated(lab)) == (True, [])
    configured(lab, "line vty 0 4", "exec-timeout 0 0")
    visit = Visit(lab)
    visit.types("tea\r")
    lab.advance(2000)
    assert not visit.closed


def test_the_log_is_shown_to_who_monitors(lab):
    """Log lines come when they are made, after `terminal monitor` and up to `terminal no monitor`."""
    visit = Visit(lab)
    visit.types("tea\r")
    configured(lab)
    assert visit.types() == ""
    visit.types("terminal monitor\rshow pri")
    configured(lab)
    shown = visit.types()
    assert shown.startswith("\r\n*Mar  1 00:00:0")
    assert shown.endswith(": %SYS-5-CONFIG_I: Configured from console by console")
    assert visit.types("v\r").endswith("Current privilege level is 1\r\nHA2>")
    assert lab["HA2"].log.monitor_count == 1
    visit.types("terminal no monitor\r")
    configured(lab)
    assert visit.types() == ""
    assert lab["HA2"].log.monitor_count == 1


def test_a_banner_of_ones_own_says_that_nothing_was_answered(lab):
    """`banner prompt-timeout` stands for IOS's own words."""
    configured(lab, "banner prompt-timeout #Too slow#", "line vty 0 4", "timeout login response 5")
    visit = Visit(lab)
    visit.types()
    lab.advance(6)
    assert visit.types() == "\r\n\r\nToo slow\r\nPassword: "


def test_a_ping_is_broken_off(lab):
    """Ctrl-^ ends a command at the far end, and what was typed behind it is carried out."""
    visit = Visit(lab)
    visit.types("tea\rping 1.0.0.77 repeat 1000\r")
    lab.advance(5)
    shown = visit.types("\x1eshow privilege\r")
    assert "Success rate is 0 percent (0/4)" in shown
    assert shown.endswith("Current privilege level is 1\r\nHA2>")


def test_callers_are_sent_away(lab):
    """By `clear line`, by the loss of power, and there are no more of them than lines."""
    visits = [Visit(lab) for _ in range(5)]
    assert seated(lab) == [0, 1, 2, 3, 4]
    sixth = Visit(lab)
    assert sixth.socket.connection.fault == "refused"
    console = lab["HA2"].console()
    for line in ("enable", "clear line vty 1", ""):
        console.send(line)
    lab.advance(1)
    assert [visit.closed for visit in visits] == [False, True, False, False, False]
    lab.power("HA2", on=False)
    lab.power("HA2", on=True)
    lab.advance(2)
    visits[0].types("x")
    lab.advance(60)
    assert visits[0].socket.connection.fault == "reset"
    assert seated(lab) == []


def test_a_restore_leaves_no_callers():
    """Sessions are in no checkpoint: connections are gone afterwards, and the lines free."""
    desk = Desk()
    desk.open("physical")
    configured(desk.lab, "line vty 0 4", "no login")
    visit = Visit(desk.lab)
    assert visit.types() == "HA2>"
    desk.lab.checkpoint("a")
    desk.lab.restore("a")
    desk.request(Request("restored"))
    assert (visit.socket.over, seated(desk.lab)) == (True, [])
    desk.lab.advance(700)
    assert Visit(desk.lab).types() == "HA2>"
