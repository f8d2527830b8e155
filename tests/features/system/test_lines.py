"""Terminal lines: what is written of them, and what sessions on them make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu import app
from iosemu.app import Lab
from iosemu.cli.command import support
from iosemu.cli.session import Session
from iosemu.cli.tty import TTYs
from iosemu.features.system.lines import free_vty, idle_limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iosemu.app import Router

    Make = Callable[..., Router]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a router of the lines that configure it."""

    def made(*lines: str) -> Router:
        path = tmp_path / "R1.cfg"
        path.write_text("\n".join(["hostname R1", *lines, ""]), "utf-8")
        return Lab.load(path)["R1"]

    return made


def block(router: Router) -> list[str]:
    """Give running-config's rows from the first line on."""
    console = router.console()
    console.session.level = 15
    rows = console.type("show running-config")
    return rows[rows.index("line con 0") : rows.index("end") - 1]


def configure(router: Router, *lines: str) -> list[str]:
    """Type configuration lines; gives the rows that were shown."""
    console = router.console()
    console.session.level = 15
    console.type("configure terminal")
    return [row for line in lines for row in console.type(line)]


FACTORY = ["line con 0", "line aux 0", "line vty 0 4", " login"]

SETTINGS = [
    " session-timeout 5",
    " location shelf 3",
    " access-class 10 in",
    " exec-timeout 0 0",
    " exec-timeout 9 30",
    " privilege level 15",
    " password 7 0822455D0A16",
    " password plain text",
    " password 0 7 up",
    " logging synchronous",
    " logging synchronous level all limit 50",
    " logging synchronous level 2",
    " login local",
    " login tacacs",
    " login authentication AUTH",
    " no history",
    " history size 50",
    " length 0",
    " width 132",
    " no motd-banner",
    " no exec-banner",
    " terminal-type vt100",
    " transport preferred none",
    " transport preferred lapb-ta",
    " transport input telnet ssh",
]


def test_factory_lines(make: Make) -> None:
    """A router has a console, an auxiliary port and five vtys, which ask for a password."""
    assert block(make()) == FACTORY


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings(make: Make, setting: str) -> None:
    """A setting stands below its line as it was said, after a reload as well, and `no` takes it away."""
    router = make("line aux 0", setting)
    assert router.part(app.Complaints).rows == []
    assert block(router) == ["line con 0", "line aux 0", setting, *FACTORY[2:]]
    assert block(make(*block(router))) == block(router)
    no = setting.removeprefix(" no ") if setting.startswith(" no ") else f"no{setting}"
    assert configure(router, "line aux 0", no) == []
    assert block(router) == FACTORY


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        (["line vty 0 15"], ["line vty 0 4", " login", "line vty 5 15", " login"]),
        (["line vty 5"], ["line vty 0 4", " login", "line vty 5", " login"]),
        (
            ["line vty 0 15", "no login", "line vty 7 8", "length 5"],
            [
                *("line vty 0 4", " no login", "line vty 5 6", " no login"),
                *("line vty 7 8", " no login", " length 5", "line vty 9 15", " no login"),
            ],
        ),
        (["line 2 4", "length 7"], ["line vty 0 2", " login", " length 7", "line vty 3 4", " login"]),
        (["line vty 0 9", "no line vty 6"], ["line vty 0 4", " login", "line vty 5", " login"]),
        (["line vty 1", "length 7", "no length"], ["line vty 0 4", " login"]),
    ],
)
def test_ranges(make: Make, typed: list[str], rows: list[str]) -> None:
    """Neighbours that are alike stand together, but never the first five with others; so it is reloaded."""
    router = make()
    assert configure(router, *typed) == []
    assert block(router) == ["line con 0", "line aux 0", *rows]
    assert block(make(*block(router))) == block(router)


def test_login_wants_a_password(make: Make) -> None:
    """`login` on lines without a password is taken, and complained about for each (ios-shell.md §2.5)."""
    router = make()
    rows = configure(router, "line vty 0 1", "no login", "login", "login")
    assert rows == [f"% Login disabled on line {number}, until 'password' is set" for number in (2, 3)]
    assert block(router) == FACTORY


def test_a_refused_line_leaves_the_mode(make: Make) -> None:
    """A line that is refused changes nothing, not even the mode."""
    console = make().console()
    console.session.level = 15
    for line in ("configure terminal", "line con 0"):
        console.type(line)
    assert console.type("line vty 4 0")[0] == " " * len("R1(config-line)#line vty 4 ") + "^"
    assert console.prompt == "R1(config-line)#"


def test_sessions_follow_their_line(make: Make) -> None:
    """A session has what its line says, at once, until it says otherwise itself."""
    router = make()
    session = Session(app.grammar(), router, line="vty3")
    assert (session.length, session.width, session.history_size, session.synchronous) == (24, 80, 10, False)
    assert idle_limit(session) == 600
    configure(
        router, "line vty 0 4", "length 0", "width 100", "history size 3", "logging sync", "exec-timeout 0"
    )
    assert (session.length, session.width, session.history_size, session.synchronous) == (0, 100, 3, True)
    assert idle_limit(session) is None
    for line in ("terminal length 30", "terminal width 90", "terminal history size 5"):
        assert list(session.execute(line)) == []
    assert (session.length, session.width, session.history_size) == (30, 90, 5)
    for line in ("terminal no length", "terminal no width", "terminal no history size"):
        assert list(session.execute(line)) == []
    assert (session.length, session.width, session.history_size) == (0, 100, 3)


def test_free_lines(make: Make) -> None:
    """A caller is given the first vty where nobody sits, and none when all are taken."""
    router = make()
    sessions = []
    while name := free_vty(router, "telnet", "10.0.0.9"):
        sessions.append(Session(app.grammar(), router, line=name))
    assert [session.line for session in sessions] == [f"vty{number}" for number in range(5)]
    sessions[3].ended = True
    assert free_vty(router, "ssh", "10.0.0.9") == "vty3"
    assert [tty.uses for tty in router.part(TTYs).lines] == [0, 0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("mode", "name", "level"),
    [
        ("line", "access-class", "acts"),
        ("line", "exec", "acts"),
        ("line", "timeout login response", "acts"),
        ("line", "transport input", "acts"),
        ("line", "transport output", "acts"),
        ("global", "ip ssh time-out", "acts"),
        ("global", "ip telnet source-interface", "acts"),
        ("line", "databits", "kept"),
        ("global", "ip ssh version", "kept"),
    ],
)
def test_kept_lines_that_are_heeded(mode: str, name: str, level: str) -> None:
    """A kept line is said to act where some code acts upon it; one that a screen alone tells of is kept."""
    (declared,) = (command for command in app.grammar()[mode].commands if command.name == name)
    assert support(declared, configures=True) == level
