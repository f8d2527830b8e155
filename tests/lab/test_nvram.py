"""NVRAM: a mapping, in memory or in a folder, whole whatever happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab.nvram import NVRAM, _quote, _unquote


@pytest.mark.parametrize("kept", [False, True])
def test_nvram_is_a_mapping(tmp_path: Path, kept: bool) -> None:
    """What is put in is there, by name, until it is erased."""
    nvram = NVRAM(tmp_path / "state" / "R1" if kept else None)
    assert nvram.get("startup-config") is None
    nvram["startup-config"] = b"hostname R1\n"
    nvram["startup-config"] = b"hostname R2\n"
    nvram["flash:backup"] = b""
    assert list(nvram) == ["startup-config", "flash:backup"]
    assert "startup-config" in nvram
    assert (nvram["startup-config"], len(nvram)) == (b"hostname R2\n", 2)
    del nvram["startup-config"]
    assert list(nvram) == ["flash:backup"]
    with pytest.raises(KeyError):
        del nvram["startup-config"]


def test_a_folder_outlives_the_process(tmp_path: Path) -> None:
    """Another NVRAM of the same folder has the same files."""
    first = NVRAM(tmp_path)
    first["startup-config"] = b"\0\xff"
    first["../a/b"] = b"inside"
    first[".hidden"] = b"seen"
    again = NVRAM(tmp_path)
    assert {name: again[name] for name in again} == {name: first[name] for name in first}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_is_not_made_before_it_is_needed(tmp_path: Path) -> None:
    """Booting writes nothing."""
    folder = tmp_path / "state"
    NVRAM(folder)
    assert not folder.exists()


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whenever writing stops, the old contents are there, and what was half written is no file."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    nvram = NVRAM(tmp_path)
    nvram["startup-config"] = b"old"
    monkeypatch.setattr(os if moment == "fsync" else Path, moment, killed)
    with pytest.raises(KeyboardInterrupt):
        nvram["startup-config"] = b"new"
    assert nvram["startup-config"] == b"old"
    monkeypatch.undo()
    again = NVRAM(tmp_path)
    assert [(name, again[name]) for name in again] == [("startup-config", b"old")]
    again["startup-config"] = b"new"
    assert NVRAM(tmp_path)["startup-config"] == b"new"


def test_links_lead_nowhere(tmp_path: Path) -> None:
    """What is linked to is neither read nor written, whether the link has a file's name or a draft's."""
    outside, folder = tmp_path / "outside", tmp_path / "R1"
    outside.write_bytes(b"mine")
    folder.mkdir()
    for name in ("flash%3Aa", "flash%3Ab~new"):
        (folder / name).symlink_to(outside)
    nvram = NVRAM(folder)
    assert list(nvram) == []
    for name in ("flash:a", "flash:b"):
        nvram[name] = b"theirs"
    assert outside.read_bytes() == b"mine"
    assert (folder / "flash%3Aa").read_bytes() == (folder / "flash%3Ab").read_bytes() == b"theirs"


def test_rewrite_makes_the_folder_agree(tmp_path: Path) -> None:
    """Files that came since are gone, and those that changed are as they were."""
    before = NVRAM(tmp_path)
    before["startup-config"] = b"old"
    after = NVRAM(tmp_path)
    after["startup-config"] = b"new"
    after["other"] = b""
    before.rewrite()
    again = NVRAM(tmp_path)
    assert [(name, again[name]) for name in again] == [("startup-config", b"old")]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_is_a_file_name(name: str) -> None:
    """A quoted name is one plain component of a path, and reads back as what it was."""
    quoted = _quote(name)
    assert _unquote(quoted) == name
    assert "/" not in quoted
    assert "~" not in quoted
    assert not quoted.startswith(".")
