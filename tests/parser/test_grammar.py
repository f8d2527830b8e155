"""Grammars are compiled once and kept: in a wheel, or in a cache that may be stale, broken, read-only."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from iosemu.parser.grammar import compile_text, load, read
from tests.parser.small import MODES, grammar, said

if TYPE_CHECKING:
    from pathlib import Path

GO = "mode exec\n\ngo\n    go  x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with a small grammar."""
    place = tmp_path / "grammar"
    place.mkdir()
    (place / "modes.ios").write_text(MODES)
    (place / "go.ios").write_text(GO)
    return place


def test_compiled_once(folder: Path, tmp_path: Path) -> None:
    """The first load leaves one file, from which the second reads the same grammar without compiling."""
    cache = tmp_path / "cache" / "deep"
    first = load(folder, cache)
    (kept,) = cache.iterdir()
    second = load(folder, cache)
    assert list(cache.iterdir()) == [kept]
    assert said(first["exec"], "go") == said(second["exec"], "go") == ("go", {})
    kept.write_text(kept.read_text().replace('"go"', '"came"'))
    assert said(load(folder, cache)["exec"], "came") == ("came", {})


def test_the_cache_holds_one_file_for_a_folder(folder: Path, tmp_path: Path) -> None:
    """What was made from older files of a folder goes; what another checkout has made stays."""
    cache = tmp_path / "cache"
    load(folder, cache)
    (old,) = cache.iterdir()
    (folder / "more.ios").write_text("mode exec\n\nstop\n    stop  x\n")
    load(folder, cache)
    (new,) = cache.iterdir()
    assert new != old
    load(folder.rename(tmp_path / "other"), cache)
    assert len(list(cache.iterdir())) == 2
    assert new.exists()


def test_a_changed_file_makes_the_cache_stale(folder: Path, tmp_path: Path) -> None:
    """A grammar file that changed, even by one letter of the same length, came or went is compiled anew."""
    load(folder, tmp_path / "cache")
    (folder / "go.ios").write_text(GO.replace("go", "do"))
    assert said(load(folder, tmp_path / "cache")["exec"], "do") == ("do", {})
    (folder / "more.ios").write_text(GO)
    assert said(load(folder, tmp_path / "cache")["exec"], "go") == ("go", {})
    (folder / "more.ios").unlink()
    assert said(load(folder, tmp_path / "cache")["exec"], "go") == ("invalid", 0)


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "null", "{}", "{}\n{}", "{}\n}}", '{"order":{},"modes":{\n', "\0"]
)
def test_a_broken_cache_is_made_again(folder: Path, tmp_path: Path, broken: str) -> None:
    """A cache file that is empty, cut off or something else is not believed, and mended."""
    load(folder, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    whole = kept.read_text()
    kept.write_text(broken)
    assert said(load(folder, tmp_path)["exec"], "go") == ("go", {})
    assert kept.read_text() == whole


def test_a_cache_that_ends_early_is_made_again(folder: Path, tmp_path: Path) -> None:
    """No beginning of a cache file is taken for the whole."""
    load(folder, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    whole = kept.read_text()
    for size in range(0, len(whole), 97):
        with pytest.raises((ValueError, LookupError, TypeError)):
            read(whole[:size])


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path, tmp_path: Path) -> None:
    """Where the cache folder is a file, or stands in one, the grammar is compiled each time."""
    (tmp_path / "file").write_text("")
    for cache in (tmp_path / "file", tmp_path / "file" / "below", None):
        assert said(load(folder, cache)["exec"], "go") == ("go", {})
    assert (tmp_path / "file").read_text() == ""


def test_a_file_in_the_cache_s_place_is_no_error(folder: Path, tmp_path: Path) -> None:
    """A folder where the cache file should be can be neither read nor replaced; the grammar is there."""
    load(folder, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    kept.unlink()
    kept.mkdir()
    assert said(load(folder, tmp_path)["exec"], "go") == ("go", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["grammar", kept.name])


def test_a_wheel_s_grammar_goes_first(folder: Path, tmp_path: Path) -> None:
    """The compiled file of a wheel is read whatever stands in the folder; a missing one is passed over."""
    compiled = tmp_path / "compiled.json"
    compiled.write_text(compile_text(folder).replace('"go"', '"wheel"'))
    assert said(load(folder, None, compiled)["exec"], "wheel") == ("wheel", {})
    assert said(load(folder, None, tmp_path / "none")["exec"], "go") == ("go", {})


def test_the_compiled_form(folder: Path) -> None:
    """The compiled text is JSON, the same for the same files, and all of the grammar."""
    text = compile_text(folder)
    assert text == compile_text(folder)
    assert list(json.loads(text)["modes"]) == ["exec", "any", "global", "interface", "subinterface"]
    found = read(text)
    assert list(found.modes()) == list(json.loads(text)["modes"])
    assert "exec" in found
    assert "nowhere" not in found
    assert found["interface"].parent == "global"
    assert found["global"].parent == ""
    assert [found[name].configures for name in ("exec", "global")] == [False, True]
    assert found["exec"] is found["exec"]


def test_reading_needs_no_pyparsing(folder: Path, tmp_path: Path) -> None:
    """From the cache a grammar is loaded and a line understood without importing what compiles it."""
    load(folder, tmp_path)
    program = (
        "import sys; from pathlib import Path; from iosemu.parser import grammar, match, types\n"
        f"mode = grammar.load(Path({str(folder)!r}), Path({str(tmp_path)!r}))['exec']\n"
        "assert match.parse(mode.graph, 'go', types.Context()).command == 0\n"
        "print(sorted({'pyparsing', 'dataclasses', 'inspect', 'iosemu.parser.compile'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_a_command_knows_its_place() -> None:
    """A command gives its syntax as it stands in the file, its place, and its captures."""
    (command,) = grammar(
        """
        mode global

        list name [entry]
        no list name
            list         x
            name  WORD   x
            entry WORD   x
        """.replace("entry WORD", "entry  WORD")
    )["global"].commands
    assert command.source == "small.ios:4"
    assert command.syntax == ["list name [entry]", "no list name"]
    assert command.captures() == ["name", "entry"]
    assert [len(command.forms), len(command.no_forms), len(command.negations)] == [1, 1, 1]
