"""What a start imports and finds: little, the same every time, and nothing that a lab does not ask for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iosemu import features, resources
from iosemu.cli import command
from iosemu.lab.topology import TopologyError, read
from iosemu.parser import cache as caches

ROOT = Path(__file__).parent.parent

HEAVY = {
    "argparse",
    "asyncio",
    "dataclasses",
    "difflib",
    "inspect",
    "logging",
    "prompt_toolkit",
    "pyparsing",
} | {
    "rich",
    "yaml",
    "iosemu.parser.compile",
    "iosemu.parser.files",
}
"""What no plain `run` needs from its second time on."""

RUN = """
import sys
from iosemu.__main__ import main
status = main(["run", sys.argv[1]])
sys.stderr.write("\\n".join(sys.modules))
sys.exit(status)
"""

LOOKED_UP = """
import sys
from iosemu import app, features
from iosemu.cli.command import BEHAVIOURS, behaviour
app.grammar()
assert not BEHAVIOURS.keys() & {("exec", "show version"), ("exec", "show standby brief")}, "all are imported"
found = {key: behaviour(*key) for key in [tuple(line.split(":", 1)) for line in sys.stdin.read().splitlines()]}
features.load()
print([key for key, each in found.items() if each is None or each is not BEHAVIOURS.get(key)])
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that one start has filled."""
    place = tmp_path_factory.mktemp("cache")
    session = place / "first.session"
    session.write_text("lab>open physical\n")
    python(place, RUN, session)
    return place


def python(
    cache: Path, program: str, *words: str | Path, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh Python whose user has this cache folder."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment, input=typed, check=True, text=True, capture_output=True,
    )  # fmt: skip


def imported(cache: Path, folder: Path, lines: str) -> set[str]:
    """Name the modules that have been imported when a session has run."""
    session = folder / "start.session"
    session.write_text(lines)
    return set(python(cache, RUN, session).stderr.splitlines())


def test_a_plain_run_imports_little(cache: Path, tmp_path: Path) -> None:
    """The second `run` of a shipped lab neither compiles the grammar nor reads YAML, and has no terminal."""
    modules = imported(cache, tmp_path, "lab>open physical\nHA1>show version\n")
    assert "iosemu.features.hsrp.configure" in modules
    assert modules & HEAVY == set()


def test_features_are_imported_by_first_use(cache: Path, tmp_path: Path) -> None:
    """A lab without HSRP, RIP and Mobile IP brings none of them in, until a command of theirs is typed."""
    (tmp_path / "plain.cfg").write_text("hostname R1\ninterface Ethernet0\n ip address 1.0.0.1 255.0.0.0\n")
    lines = "lab>open plain.cfg\nR1>show version\n"
    topics = re.compile(r"iosemu\.features\.(hsrp|mobileip|rip)\b")
    assert [each for each in imported(cache, tmp_path, lines) if topics.match(each)] == []
    modules = imported(cache, tmp_path, lines + "R1>show standby brief\n")
    assert {found[1] for each in modules if (found := topics.match(each))} == {"hsrp"}


def test_running_config_has_all_of_a_mode(cache: Path, tmp_path: Path) -> None:
    """Lines that IOS writes by default are there, though nothing has imported what writes them before."""
    (tmp_path / "plain.cfg").write_text("hostname R1\n")
    session = tmp_path / "start.session"
    session.write_text("lab>open plain.cfg\nR1>enable\nR1#show running-config\n")
    rows = python(cache, RUN, session).stdout.splitlines()
    assert {"hostname R1", "line con 0", "line vty 0 4", "end"} <= set(rows)


def test_the_index_is_whole_and_true(cache: Path) -> None:
    """Each behaviour that importing every module gives is found by the index alone, and it is that one."""
    data = json.loads(features.index())
    named = [f"{mode}:{name}" for mode, names in data["modes"].items() for name in names]
    assert sorted(named) == sorted(f"{mode}:{name}" for mode, name in command.BEHAVIOURS)
    # Backwards, so that a module is not there already because of one that stands before it.
    done = python(cache, LOOKED_UP, typed="\n".join(reversed(named)))
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("key", features.GATHERING)
def test_gathering_commands_import_everything(cache: Path, key: tuple[str, str]) -> None:
    """A command of what all features have to say runs only when every one of them has been imported."""
    program = (
        "import sys; from iosemu import app, features; from iosemu.cli.command import behaviour; app.grammar()\n"
        f"assert 'iosemu.features.hsrp.show' not in sys.modules; assert behaviour(*{key!r}) is not None\n"
        "print([each for each in features.MODULES if f'iosemu.features.{each}' not in sys.modules])"
    )
    assert python(cache, program).stdout == "[]\n"


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"modules":[]}', '{"modules":[],"modes":{"exec":{"x":1}}}']
)
def test_a_broken_index_is_made_again(cache: Path, tmp_path: Path, broken: str) -> None:
    """An index in the cache that is no index is not believed, and mended."""
    (kept,) = (cache / "iosemu").glob("behaviours-*.json")
    whole = kept.read_text()
    kept.write_text(broken)
    session = tmp_path / "start.session"
    session.write_text("lab>open physical\nHA1>show version\n")
    assert "HA1 uptime is" in python(cache, RUN, session).stdout
    assert kept.read_text() == whole


def test_behaviours_are_asked_for_by_one_function() -> None:
    """Only who wants them all reads BEHAVIOURS: it lacks what has not been imported yet."""
    readers = {
        path.relative_to(ROOT / "iosemu").as_posix()
        for path in (ROOT / "iosemu").rglob("*.py")
        if "BEHAVIOURS" in path.read_text("utf-8")
    }
    assert readers == {"cli/command.py", "features/__init__.py", "frontends/report.py"}


@pytest.mark.parametrize("name", [name for name, _ in resources.labs()])
def test_a_lab_from_the_cache_is_the_one_of_the_file(tmp_path: Path, name: str) -> None:
    """A lab whose words come from the cache is, to the last value, what reading its YAML gives."""
    path = resources.find_lab(name)
    assert read(path, tmp_path) == read(path)
    (kept,) = tmp_path.glob("lab-*.json")
    whole = kept.read_text()
    assert read(path, tmp_path) == read(path)
    for broken in ("", "{}", "[1]", '[1,"",5]', '[1,"",[],[[]]]', whole[: len(whole) // 2]):
        kept.write_text(broken)
        assert read(path, tmp_path) == read(path)
        assert kept.read_text() == whole


def test_a_lab_that_changed_is_read_anew(tmp_path: Path) -> None:
    """The cache goes by what the file holds, and what is wrong there is said each time, with its line."""
    path, cache = tmp_path / "lab.yml", tmp_path / "cache"
    for name in ("one", "two"):
        path.write_text(f"name: {name}\ntopology:\n  nodes:\n    R1: {{kind: router}}\n")
        assert read(path, cache).name == name
    path.write_text("name: two\ntopology:\n  nodes:\n    R1: {kind: rooter}\n")
    for _ in range(2):
        with pytest.raises(TopologyError, match=r"lab\.yml:4: "):
            read(path, cache)
    assert len(list(cache.iterdir())) == 1


def test_the_cache_stays_small(tmp_path: Path) -> None:
    """Of a kind only so many files are held, whatever sources there have been."""
    for number in range(caches.MOST + 3):
        caches.kept(tmp_path, "kind", f"source {number}", "state", make=str, read=str)
    assert len(list(tmp_path.iterdir())) == caches.MOST


def test_a_capture_is_whole_when_the_process_ends(cache: Path, tmp_path: Path) -> None:
    """What the collector is not asked to look at in the end is written all the same."""
    session = tmp_path / "capture.session"
    session.write_text("lab>open physical\nlab>capture start all.pcap\nlab>advance 20\nlab>show captures\n")
    shown = python(cache, RUN, session).stdout
    data, frames = (tmp_path / "all.pcap").read_bytes(), 0
    at = 24
    while at < len(data):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little" if data[0] == 0xD4 else "big")
        frames += 1
    assert at == len(data)
    assert re.search(rf"all\.pcap +all segments +{frames} ", shown), (frames, shown)
