"""A pytest plug-in for those who test scripts, configurations and lessons against routers that are not there.

    @pytest.mark.lab("physical")
    def test_a_router_takes_over(lab, console):
        console("HA2").expect("Standby", line="show standby brief", within=60)
        lab.power("HA1", on=False)
        console("HA2").expect("Active", line="show standby brief", within=15)

Fixtures: `lab` (a lab in virtual time), `console` (its consoles, with `send` and `expect`), `served` (the lab
served over telnet and SSH, for real clients). `--iosemu-sessions`, or `iosemu_sessions = true` in the
configuration, makes every `.session` file a test. The rule kept here: whoever does not use it pays nothing;
iosemu itself is imported when a fixture is asked for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iosemu.app import Lab
    from iosemu.cli.console import Console as _Console

PATIENCE = 10
"""Seconds that a server has to end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `.session` files as tests."""
    text = "collect .session files as tests"
    parser.getgroup("iosemu").addoption("--iosemu-sessions", action="store_true", help=text)
    parser.addini("iosemu_sessions", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "lab(name, advance=0, speed=1): the lab of the fixtures lab and served (a name, or a path from the test's "
        "folder), the seconds it has run, and how fast a served one goes",
    )


# -- .session files


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect a `.session` file, where that is wanted."""
    config = parent.config
    wanted = config.getoption("--iosemu-sessions") or config.getini("iosemu_sessions")
    if file_path.suffix == ".session" and wanted:
        return SessionFile.from_parent(parent, path=file_path)
    return None


class SessionFile(pytest.File):
    """A `.session` file: one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give its one test."""
        yield SessionItem.from_parent(self, name="session")


class DifferenceError(Exception):
    """How a session went otherwise than its file has it, or why it can't be played."""


class SessionItem(pytest.Item):
    """A dialogue that must go as it is written."""

    def runtest(self) -> None:
        """Play the file and compare (`iosemu check`)."""
        from iosemu.app import UsageError  # noqa: PLC0415 - nobody pays who has no such file
        from iosemu.frontends import play  # noqa: PLC0415

        rows: list[str] = []
        try:
            status = play.check([str(self.path)], rows.append)
        except UsageError as fault:
            raise DifferenceError(str(fault)) from None
        if status:
            raise DifferenceError("".join(rows).rstrip("\n"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the difference alone."""
        if isinstance(excinfo.value, DifferenceError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say which test this is."""
        return self.path, None, f"session: {self.path.name}"


def _one_of(name: str, names: Iterable[str]) -> None:
    """Fail the test when a name is none of those that there are."""
    if name not in names:
        pytest.fail(f"there is no {name!r}, but {', '.join(names)}", pytrace=False)


# -- a lab in virtual time


class Terminal:
    """Somebody at a router's console, or at the operator's prompt's."""

    def __init__(self, lab: Lab, console: _Console) -> None:
        self.lab = lab
        self.console = console
        self.shown = ""
        """What the last line showed."""

    @property
    def prompt(self) -> str:
        """The prompt, or the question that waits for an answer."""
        return self.console.prompt

    def send(self, *lines: str) -> str:
        """Type lines (or answers to what is asked); gives what they show."""
        rows = [row for line in lines for row in self.console.type(line)]
        self.shown = "\n".join(rows)
        return self.shown

    def expect(self, pattern: str, *, line: str | None = None, within: float = 0) -> re.Match[str]:
        """Find a regular expression in what was shown last; AssertionError when it is not there.

        With a `line`, that is typed first, and again after each second of the lab's time until what it shows
        matches or `within` seconds have passed.
        """
        __tracebackhide__ = True
        left = within
        while True:
            if line is not None:
                self.send(line)
            found = re.search(pattern, self.shown, re.MULTILINE)
            if found:
                return found
            if line is None or left <= 0:
                break
            self.lab.advance(min(1, left))
            left -= 1
        waited = f" within {within:g} seconds" if line is not None and within else ""
        raise AssertionError(f"{self.prompt} does not show {pattern!r}{waited}, but:\n{self.shown}")


class _Asked(NamedTuple):
    """What the marker `lab` says."""

    name: str = "physical"
    advance: float = 0
    speed: float = 1


def _asked(request: pytest.FixtureRequest) -> _Asked:
    marker = request.node.get_closest_marker("lab")
    try:
        return _Asked(*marker.args, **marker.kwargs) if marker else _Asked()
    except TypeError:
        said = [*map(repr, marker.args), *(f"{name}={value!r}" for name, value in marker.kwargs.items())]
        why = f"lab({', '.join(said)}): the marker is lab(name, advance=0, speed=1)"
        raise pytest.fail.Exception(why, pytrace=False) from None


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Lab:
    """Give a lab of the test's own, whose clock moves by `lab.advance(seconds)` alone."""
    from iosemu.app import Lab, UsageError  # noqa: PLC0415

    asked = _asked(request)
    try:
        found = Lab.load(asked.name, base=request.path.parent)
    except UsageError as fault:
        raise pytest.fail.Exception(str(fault), pytrace=False) from None
    if asked.advance:
        found.advance(asked.advance)
    return found


@pytest.fixture
def console(lab: Lab) -> Callable[[str], Terminal]:
    """Give what opens consoles of the lab: `console("HA1")`, always the same for one router."""
    opened: dict[str, Terminal] = {}

    def open_console(router: str) -> Terminal:
        if router not in opened:
            _one_of(router, [node.name for node in lab.nodes.values() if node.kind == "router"])
            opened[router] = Terminal(lab, lab[router].console())
        return opened[router]

    return open_console


# -- a lab that real clients reach


class Served(NamedTuple):
    """A lab that is served: where its routers are reached, and as whom, unless its configuration says more."""

    host: str
    ports: dict[str, dict[str, int]]
    """By protocol (`telnet`, `console`, and `ssh` where asyncssh is installed), then by router."""
    username: str = "cisco"
    password: str = "cisco"  # noqa: S105 - the documented account

    def port(self, router: str, protocol: str = "ssh") -> int:
        """Give the port of a router."""
        _one_of(protocol, self.ports)
        _one_of(router, self.ports[protocol])
        return self.ports[protocol][router]


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Serve a lab of the test's own on free ports of 127.0.0.1, in real time, and end it."""
    asked = _asked(request)
    wanted = ["--telnet", "0", "--console", "0"]
    if find_spec("asyncssh"):
        wanted += ["--ssh", "0"]
    words = [sys.executable, "-m", "iosemu", "serve", asked.name, *wanted, "--speed", f"{asked.speed:g}"]
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "iosemu-state"), "PYTHONPATH": path}
    complaints = faults = ""
    with tempfile.TemporaryFile("w+") as errors:
        server = subprocess.Popen(  # noqa: S603 - our own command
            words, cwd=request.path.parent, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            ports = _ports(server)
            errors.seek(0)
            complaints = errors.read()
            if not ports:
                pytest.fail(complaints, pytrace=False)
            if complaints:  # of a configuration: the lab runs without those lines
                warnings.warn(f"iosemu serve {asked.name}: {complaints.rstrip()}", stacklevel=1)
            yield Served("127.0.0.1", ports)
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE)
            errors.seek(len(complaints))
            faults = errors.read()
    if faults:
        pytest.fail(f"iosemu serve: {faults}", pytrace=False)


def _ports(server: subprocess.Popen[str]) -> dict[str, dict[str, int]]:
    """Read the table that a server prints, up to `ready`; nothing, when it ends before."""
    ports: dict[str, dict[str, int]] = {}
    protocols: list[str] = []
    for row in server.stdout or ():
        name, *words = row.split()
        if name == "ready":
            break
        if name == "Router":
            protocols = words
        elif protocols and len(words) == len(protocols) and all(word.isdigit() for word in words):
            for protocol, word in zip(protocols, words, strict=True):
                ports.setdefault(protocol, {})[name] = int(word)
    return ports
