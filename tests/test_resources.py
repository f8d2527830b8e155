"""Where files are looked for, in a checkout, in a wheel, and in the user's folders."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu import resources
from iosemu.resources import ResourceError, cache_folder, find_lab, find_tour, folder, labs, state_folder

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent


def ask(program: str, *, place: Path, **environment: str) -> str:
    """What a fresh Python prints that runs a program with the package found at a place."""
    environment = {**os.environ, "PYTHONPATH": str(place), **environment}
    command = [sys.executable, "-B", "-c", f"from iosemu import resources\n{program}"]
    return subprocess.run(
        command, env=environment, cwd=place, check=True, text=True, capture_output=True
    ).stdout


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A folder in which the package lies as a wheel lays it out, with one lab."""
    package = tmp_path / "site packages" / "iosemu"
    (package / "_grammar").mkdir(parents=True)
    for module in ("__init__.py", "resources.py"):
        (package / module).write_bytes((ROOT / "iosemu" / module).read_bytes())
    (package / "_configs" / "one").mkdir(parents=True)
    (package / "_configs" / "one" / "lab.yml").touch()
    return package.parent


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_checkout_is_read_in_place() -> None:
    """In a checkout the grammar and the labs are the folders beside the package, and nothing is compiled."""
    assert folder("grammar") == ROOT / "grammar"
    assert folder("configs") == ROOT / "configs"
    assert resources.compiled_grammar() is None


def test_wheel_carries_its_own(wheel: Path) -> None:
    """In a wheel they are inside the package, and folders that happen to stand beside it are not taken."""
    (wheel / "grammar").mkdir()
    (wheel / "configs").mkdir()
    program = (
        "print(resources.folder('grammar'), resources.folder('configs'), resources.labs()[0][0], sep='\\n')"
    )
    assert ask(program, place=wheel).splitlines() == [
        str(wheel / "iosemu" / "_grammar"),
        str(wheel / "iosemu" / "_configs"),
        "one",
    ]


def test_compiled_grammar_is_found_in_a_wheel(wheel: Path) -> None:
    """The compiled grammar counts when the wheel has it."""
    compiled = wheel / "iosemu" / "_grammar" / "compiled.json"
    assert ask("print(resources.compiled_grammar())", place=wheel) == "None\n"
    compiled.write_text("{}")
    assert ask("print(resources.compiled_grammar())", place=wheel) == f"{compiled}\n"


def test_missing_folder_is_one_line() -> None:
    """A package without its grammar says so in one line."""
    with pytest.raises(ResourceError, match=r"\Aiosemu is not whole: no nothing folder in .*\Z"):
        folder("nothing")


def test_every_shipped_lab_is_found_by_its_name() -> None:
    """The shipped labs are listed by name, and each name leads to its lab.yml."""
    listed = labs()
    assert listed == sorted(listed)
    for name, path in listed:
        assert path == ROOT / "configs" / name / "lab.yml"
        assert find_lab(name) == path


@pytest.mark.parametrize("text", ["my lab", "my lab/", "./my lab/lab.yml", "my lab/R1.cfg"])
def test_a_path_is_a_lab(here: Path, text: str) -> None:
    """A folder with a lab.yml, the lab.yml itself and a bare .cfg are labs, wherever one starts from."""
    (here / "my lab").mkdir()
    (here / "my lab" / "lab.yml").touch()
    (here / "my lab" / "R1.cfg").touch()
    wanted = "R1.cfg" if text.endswith(".cfg") else "lab.yml"
    for found in (
        find_lab(text),
        find_lab(text, base=here),
        find_lab(str(here / text), base=Path("/nowhere")),
    ):
        assert found.name == wanted
        assert found.samefile(here / "my lab" / wanted)


def test_home_is_understood(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that begins with ~ starts at the user's home."""
    monkeypatch.setenv("HOME", str(here))
    (here / "R1.cfg").touch()
    assert find_lab("~/R1.cfg") == here / "R1.cfg"


def test_shipped_name_goes_before_a_folder(wheel: Path) -> None:
    """A shipped lab's name means that lab, and with ./ before it the folder."""
    (wheel / "one").mkdir()
    (wheel / "one" / "lab.yml").touch()
    program = "print(resources.find_lab('one'), resources.find_lab('./one'), sep='\\n')"
    assert ask(program, place=wheel).splitlines() == [
        str(wheel / "iosemu" / "_configs" / "one" / "lab.yml"),
        "one/lab.yml",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no lab '': give "),
        ("atlantis", "no lab 'atlantis': give "),
        ("physical/", "no lab 'physical/': give "),
        ("a\0b", "no lab 'a\\x00b': give "),
        ("x" * 5000, "no lab 'xxx"),
        ("empty", "no lab.yml in folder empty"),
        ("notes.txt", "notes.txt is neither a lab.yml nor a .cfg"),
    ],
)
def test_no_lab_is_one_line(here: Path, text: str, complaint: str) -> None:
    """What is no lab is refused in one line that says why."""
    (here / "empty").mkdir()
    (here / "notes.txt").touch()
    with pytest.raises(ResourceError) as refusal:
        find_lab(text)
    message = str(refusal.value)
    assert message.startswith(complaint)
    assert "\n" not in message


def test_refusal_names_the_shipped_labs(wheel: Path) -> None:
    """Who asks for a lab that is not there reads which labs are."""
    program = "try: resources.find_lab('two')\nexcept LookupError as error: print(error)"
    assert (
        ask(program, place=wheel) == "no lab 'two': give one, or a folder with a lab.yml, a lab.yml, a .cfg\n"
    )


user_folders = pytest.mark.parametrize(
    ("ask_for", "variable", "default"),
    [(cache_folder, "XDG_CACHE_HOME", ".cache"), (state_folder, "XDG_STATE_HOME", ".local/state")],
)


@user_folders
def test_variable_names_the_folder(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask_for: Callable[[], Path | None],
    variable: str,
    default: str,
) -> None:
    """The variable says where, and the folder is made for the user alone."""
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv(variable, str(here / "given"))
    assert ask_for() == here / "given" / "iosemu"
    assert (here / "given" / "iosemu").stat().st_mode & 0o777 == 0o700
    assert not (here / default).exists()


@user_folders
@pytest.mark.parametrize("value", ["", "relative/path"])
def test_default_is_below_home(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask_for: Callable[[], Path | None],
    variable: str,
    default: str,
    value: str,
) -> None:
    """An empty or relative variable counts for nothing: the folder is below the user's home."""
    monkeypatch.setenv("HOME", str(here / "home"))
    monkeypatch.setenv(variable, value)
    assert ask_for() == here / "home" / default / "iosemu"
    assert not (here / "relative").exists()


@user_folders
def test_nowhere_to_write_is_none(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask_for: Callable[[], Path | None],
    variable: str,
    default: str,
) -> None:
    """Where no folder can be made there is none, and nobody is told."""
    (here / default.split("/", maxsplit=1)[0]).touch()
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.delenv(variable, raising=False)
    assert ask_for() is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@user_folders
def test_a_folder_of_others_is_none(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask_for: Callable[[], Path | None],
    variable: str,
    default: str,
) -> None:
    """A folder that is there but may not be written counts as none."""
    del default
    (here / "iosemu").mkdir(mode=0o500)
    monkeypatch.setenv(variable, str(here))
    assert ask_for() is None


def test_asking_costs_no_heavy_import() -> None:
    """The module is on the path of every start, and brings nothing that it could do without."""
    program = (
        "import sys; print(*sorted({'importlib.resources', 'json', 'yaml', 'typing'} & set(sys.modules)))"
    )
    assert ask(program, place=ROOT) == "\n"


def test_a_labs_name_is_its_tour(here: Path) -> None:
    """A shipped lab's name means its tour, but a file of that name goes before, and so does whatever has a folder."""
    assert find_tour("physical") == ROOT / "configs" / "physical" / "tour.session"
    assert find_tour("./physical") is None
    assert find_tour("nowhere") is None
    (here / "physical").touch()
    assert find_tour("physical") is None
