"""Who the router is and who may come in: hostname, passwords, users, banners and the log-in dialogue."""

from __future__ import annotations

import copy
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu import app
from iosemu.app import Lab
from iosemu.cli.line import Line
from iosemu.cli.session import Session
from iosemu.features.system.enable import Password, hashed
from iosemu.features.system.users import Banners, Users, login, press_return

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iosemu.app import Router
    from iosemu.cli.console import Console

    Make = Callable[..., Router]

TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=25)
MD5 = "$1$abcd$2hDGYdE0UrwK2pqoiF6BB1"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a router of the lines that configure it."""

    def made(*lines: str) -> Router:
        path = tmp_path / "R1.cfg"
        path.write_text("\n".join(["hostname R1", *lines, ""]), "utf-8")
        return Lab.load(path)["R1"]

    return made


def configured(router: Router, *lines: str) -> list[str]:
    """Type configuration lines; gives the rows that were shown."""
    console = privileged(router)
    console.type("configure terminal")
    return [row for line in lines for row in console.type(line)]


def privileged(router: Router) -> Console:
    """Sit down at a console at level 15, whatever the password is."""
    console = router.console()
    console.session.level = 15
    return console


def running(router: Router, *heads: str) -> list[str]:
    """Give the rows of running-config that begin with one of some texts."""
    rows = privileged(router).type("show running-config")
    return [row for row in rows if row.startswith(heads)]


def logged_in(router: Router, line: str, keys: bytes) -> tuple[str, Session]:
    """Come in at a line and type; gives what the terminal showed, and the session."""
    session = Session(app.grammar(), router, line=line)
    shown: list[str] = []
    terminal = Line(session, shown.append)
    terminal.run(login(session))
    terminal.feed(keys)
    return "".join(shown), session


# -- hostname


@pytest.mark.parametrize(
    ("name", "rows", "prompt"),
    [
        ("R3", [], "R3(config)#"),
        ("r-3", [], "r-3(config)#"),
        ("123", ["% Hostname contains one or more illegal characters."], "123(config)#"),
        ("a_b", ["% Hostname contains one or more illegal characters."], "a_b(config)#"),
        ("x-", ["% Hostname contains one or more illegal characters."], "x-(config)#"),
        ("n" * 63, [], "n" * 20 + "(config)#"),
        ("n" * 64, ["% Hostname can be at most 63 characters long."], "R1(config)#"),
    ],
)
def test_hostname(make: Make, name: str, rows: list[str], prompt: str) -> None:
    """A hostname is in the next prompt, even one that is complained about; one too long is not."""
    console = privileged(make())
    console.type("configure terminal")
    assert console.type(f"hostname {name}") == rows
    assert console.prompt == prompt


# -- passwords


@pytest.mark.parametrize(
    ("password", "plain"),
    [
        (Password(0, "cisco"), "cisco"),
        (Password(7, "0822455D0A16"), "cisco"),
        (Password(5, MD5), "cisco"),
        (Password(4, "2btjjy78REtmYkkW0csHUbJZOstRXoWdX1mGrmmfeHI"), "hashcat"),
        (Password(8, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"), "hashcat"),
        (Password(9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"), "cisco"),
    ],
    ids=lambda value: value.kind if isinstance(value, Password) else "",
)
def test_published_passwords(password: Password, plain: str) -> None:
    """Published hashes of every type match their password, and nothing that is like it."""
    assert password.matches(plain)
    assert not any(password.matches(other) for other in ("", plain.upper(), plain[:-1], plain + " "))


@given(TEXT, TEXT, st.integers())
def test_stored_passwords(text: str, other: str, seed: int) -> None:
    """A password is found again however it is stored, another one is not, and one seed gives one text."""
    for stored in (hashed(text, Random(seed)), Password(0, text).obscured(Random(seed))):
        assert stored.text != text
        assert stored.matches(text)
        assert stored.matches(other) == (text == other)
    assert hashed(text, Random(seed)) == hashed(text, Random(seed))


@given(st.text(max_size=12), st.integers(0, 100))
def test_any_text_may_be_typed(text: str, seed: int) -> None:
    """Whatever is typed as a password is compared, never a fault."""
    assert Password(7, "0822455D0A16").matches(text) == (text == "cisco")
    assert hashed(text, Random(seed)).matches(text)


@pytest.mark.parametrize(
    "line",
    [
        "enable secret 5 $1$abcd$short",
        "enable secret 8 cisco",
        "enable secret 9 $9$abcd$2hDGYdE0UrwK2pqoiF6BB1",
        "enable secret 4 cisco",
        "enable password 7 cisco",
        "enable password 7 99455D0A16",
        "username x secret 5 cisco",
        "username x password 7 0",
    ],
)
def test_refused_passwords(make: Make, line: str) -> None:
    """What is announced as encrypted and is not is refused, and changes nothing."""
    router = make()
    before = running(router, "")
    first = configured(router, line)[0]
    assert first.startswith(("ERROR: The secret you entered", "Invalid encrypted password: "))
    assert running(router, "enable", "username") == []
    assert len(running(router, "")) == len(before)


@pytest.mark.parametrize(
    "line",
    [
        "enable secret 5 " + MD5,
        "enable secret level 3 5 " + MD5,
        "enable secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
        "enable password cisco",
        "enable password two words",
        "enable password 0 7 up",
        "enable password 0 level",
        "enable password level 7 x",
        "enable password 7 0822455D0A16",
        "username cisco privilege 15 password 0 cisco",
        "username cisco privilege 15 secret 5 " + MD5,
        "username cisco password 7 0822455D0A16",
        "username cisco privilege 1 nohangup nopassword",
        "username cisco access-class 10",
        "username cisco",
    ],
)
def test_rows_stand_as_written(make: Make, line: str) -> None:
    """A line in its canonical form is what running-config writes, and `no` of it takes it away."""
    router = make(line)
    assert router.part(app.Complaints).rows == []
    assert running(router, "enable", "username") == [line]
    name = "username cisco" if line.startswith("username") else line
    assert configured(router, f"no {name}") == []
    assert running(router, "enable", "username") == []


def test_autocommand_stands_on_a_line_of_its_own(make: Make) -> None:
    """`username` can say a password or a command at once, so running-config needs two lines for both."""
    lines = ["username cisco password 0 cisco", "username cisco autocommand show users"]
    assert running(make(*lines), "username") == lines


def test_password_encryption(make: Make) -> None:
    """Obfuscation reaches the passwords there are and those to come, joins equal lines, and is not undone."""
    router = make("enable password a", "username u password b", "line vty 0 4", "password c")
    assert running(router, "service pass", "no service pass") == ["no service password-encryption"]
    configured(router, "service password-encryption", "enable password level 2 d")
    rows = running(router, "enable", "username", " password", "service pass", "line vty")
    assert [row.rpartition(" ")[0] for row in rows] == [
        "service",
        "enable password level 2 7",
        "enable password 7",
        "username u password 7",
        "line vty 0",
        " password 7",
    ]
    again = make(*running(router, "")[3:-2])
    assert running(again, "enable", "username", " password") == running(
        router, "enable", "username", " password"
    )
    configured(router, "no service password-encryption", "enable password e")
    assert running(router, "enable password e", " password 7")[0] == "enable password e"


def test_a_vty_without_enable_password(make: Make) -> None:
    """Without a password `enable` is for the console only (ios-shell.md §1.2)."""
    session = Session(app.grammar(), make(), line="vty0")
    assert list(session.execute("enable")) == ["% No password set"]
    assert session.level == 1


# -- users and log-in

USERS = (
    "username cisco privilege 7 secret 5 " + MD5,
    "username guest nopassword",
    "username once password 0 pw",
    "username once autocommand show privilege",
    "line vty 0",
    "login local",
    "line vty 1",
    "password secret",
    "privilege level 15",
    "line vty 3",
    "no login",
)
ASKED = "\r\n\r\nUser Access Verification\r\n\r\n"
INVALID = "% Login invalid\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "keys", "shown"),
    [
        ("vty0", "cisco\rcisco\r", ASKED + "Username: cisco\r\nPassword: \r\nR1#"),
        ("vty0", "\rCISCO\rcisco\r", ASKED + "Username: \r\nUsername: CISCO\r\nPassword: \r\nR1#"),
        ("vty0", "guest\r", ASKED + "Username: guest\r\nR1>"),
        (
            "vty0",
            "cisco\rCisco\rnobody\rx\r\rcisco\r\r",
            ASKED
            + f"Username: cisco\r\nPassword: \r\n{INVALID}Username: nobody\r\nPassword: \r\n{INVALID}"
            + f"Username: \r\nUsername: cisco\r\nPassword: \r\n{INVALID}",
        ),
        ("vty0", "once\rpw\r", ASKED + "Username: once\r\nPassword: \r\nCurrent privilege level is 1\r\n"),
        ("vty1", "secret\r", ASKED + "Password: \r\nR1#"),
        ("vty1", "a\rb\rc\r", ASKED + "Password: \r\nPassword: \r\nPassword: \r\n% Bad passwords\r\n"),
        ("vty2", "", "\r\n\r\nPassword required, but none set\r\n"),
        ("vty3", "", "R1>"),
        ("console", "", "R1>"),
    ],
)
def test_log_in(make: Make, line: str, keys: str, shown: str) -> None:
    """A line asks as it is configured, three times at most, to the byte (ios-shell.md §4.6)."""
    text, session = logged_in(make(*USERS), line, keys.encode())
    assert text == shown
    assert session.ended == (not shown.endswith((">", "#")))
    assert session.tty.opened is None if session.ended else session.level in (1, 7, 15)


DEFAULT = "aaa authentication login default "
EXEC = "aaa authorization exec default local"
BY_NAME = ASKED + "Username: ann\r\nPassword: \r\n"


@pytest.mark.parametrize(
    ("lines", "line", "keys", "shown"),
    [
        ((), "vty0", "ann\rtea\r", BY_NAME + "R1>"),
        (
            (),
            "vty0",
            "ann\rx\rann\rtea\r",
            BY_NAME + "% Authentication failed\r\n\r\n" + BY_NAME.removeprefix(ASKED) + "R1>",
        ),
        ((), "console", "", "R1>"),
        ((EXEC,), "vty0", "ann\rtea\r", BY_NAME + "R1#"),
        ((DEFAULT + "local", EXEC), "console", "ann\rtea\r", BY_NAME + "R1>"),
        ((DEFAULT + "local", EXEC, "aaa authorization console"), "console", "ann\rtea\r", BY_NAME + "R1#"),
        ((DEFAULT + "group tacacs+ line",), "vty0", "pot\r", ASKED + "Password: \r\nR1>"),
        ((DEFAULT + "line local",), "console", "ann\rtea\r", BY_NAME + "R1>"),
        ((DEFAULT + "enable", "enable secret sec"), "vty0", "sec\r", ASKED + "Password: \r\nR1>"),
        ((DEFAULT + "enable none",), "vty0", "", "R1>"),
        ((DEFAULT + "local", "aaa authentication login VTY none"), "vty1", "", "R1>"),
        ((DEFAULT + "none",), "vty1", "", "R1>"),
    ],
)
def test_log_in_by_lists(make: Make, lines: tuple[str, ...], line: str, keys: str, shown: str) -> None:
    """With `aaa new-model` a line asks by its list, else by the default one; what a user may is authorized."""
    router = make(
        "aaa new-model",
        *lines,
        "username ann privilege 15 secret tea",
        "line vty 0 4",
        "password pot",
        "line vty 1",
        "login authentication VTY",
    )
    assert logged_in(router, line, keys.encode())[0] == shown


def test_messages_name_the_user(make: Make) -> None:
    """Who logged in is named when the configuration was changed (ios-shell.md §1.2)."""
    router = make(*USERS)
    _, session = logged_in(router, "vty0", b"cisco\rcisco\r")
    session.level, session.origin = 15, "10.1.1.1"
    for line in ("configure terminal", "end"):
        list(session.execute(line))
    assert router.log.buffer[-1].text.endswith("Configured from console by cisco on vty0 (10.1.1.1)")


BANNERED = (
    "banner motd #on $(hostname)#",
    "banner login #who#",
    "banner exec #",
    "in",
    "#",
    "line vty 0",
    "password x",
)


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ((), "\r\non R1\r\n\r\nwho\r\n" + ASKED + "Password: \r\n\r\n\r\nin\r\nR1>"),
        (("no motd-banner",), "\r\nwho\r\n" + ASKED + "Password: \r\n\r\n\r\nin\r\nR1>"),
        (("no exec-banner",), "\r\nwho\r\n" + ASKED + "Password: \r\nR1>"),
    ],
)
def test_banners_are_shown(make: Make, lines: tuple[str, ...], shown: str) -> None:
    """Banners come in IOS's order: motd, login, the question, exec; a line may do without."""
    assert logged_in(make(*BANNERED, *lines), "vty0", b"x\r")[0] == shown


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (["banner motd #one#"], "one"),
        (["banner motd #one# rest"], "one"),
        (["banner motd #", "a", "", " b #"], "\na\n\n b "),
        (["banner motd xone", "two", "extra"], "one\ntwo\ne"),
        (["banner motd ^C", "a # b", "^C"], "\na # b\n"),
        (["banner #one#"], "one"),
        (["banner motd #a ^C b#"], "a ^C b"),
    ],
)
def test_banner_text(make: Make, typed: list[str], text: str) -> None:
    """A banner is what stands between its delimiters, and comes back from running-config byte for byte."""
    router = make()
    configured(router, *typed)
    assert router.part(Banners).texts == {"motd": text}
    rows = privileged(router).type("show running-config")
    again = make(*rows[rows.index("version 12.4") :])
    assert again.part(Banners).texts == {"motd": text}
    assert again.part(app.Complaints).rows == []
    configured(router, "no banner motd")
    assert router.part(Banners).texts == {}


def test_the_question_for_a_banner(make: Make) -> None:
    """The rows of a banner are asked for with the delimiter named (ios-shell.md §6.1)."""
    assert configured(make(), "banner login %x", "y%") == ["Enter TEXT message.  End with the character '%'."]


def test_an_empty_console(make: Make) -> None:
    """A console that was left says so between empty rows (ios-shell.md §1.2)."""
    session = make().console().session
    for after, above in (("logout", 33), ("", 1)):
        rows = list(press_return(session, after))
        assert [row for row in rows if row] == ["R1 con0 is now available", "Press RETURN to get started."]
        assert rows.index("R1 con0 is now available") == above
    assert [row for row in press_return(session, "boot") if row] == ["Press RETURN to get started!"]
    configured(session.node, "line con 0", "vacant-message #Nobody here,", "but $(hostname).#")
    assert [row for row in press_return(session, "logout") if row] == ["Nobody here,", "but R1."]


def test_checkpoints(make: Make) -> None:
    """What users and lines are is copied with the lab."""
    router = make(*USERS, *BANNERED)
    assert copy.deepcopy(router.part(Users)).users.keys() == {"cisco", "guest", "once"}
