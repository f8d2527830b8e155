"""Saving, erasing, copying and restarting; and what a crash or a full disk can do to it."""

from __future__ import annotations

import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab
from iosemu.lab.nvram import NVRAM

if TYPE_CHECKING:
    from iosemu.cli.console import Console

ROOT = Path(__file__).resolve().parents[3]
SAVED = "startup-config"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Open a lab whose routers save into a folder."""
    return Lab.load("physical", state=tmp_path)


@pytest.fixture
def console(lab: Lab) -> Console:
    """Sit at a router's console, in privileged EXEC."""
    return at(lab)


def at(lab: Lab, name: str = "HA1") -> Console:
    """Sit down at a console, in privileged EXEC."""
    console = lab[name].console()
    console.send("enable")
    return console


def describe(console: Console, text: str) -> None:
    """Change something."""
    for line in ("configure terminal", "interface Ethernet0", f"description {text}", "end"):
        console.send(line)


def dialogue(console: Console, *lines: str) -> list[str]:
    """Type lines and answers: gives the rows shown and the questions asked, one after another."""
    rows: list[str] = []
    for line in lines:
        rows += console.type(line)
        if console.question is not None:
            rows.append(console.prompt)
    return rows


# --- Saving


@pytest.mark.parametrize("line", ["write", "wr", "write memory", "copy running-config startup-config"])
def test_saving(lab: Lab, console: Console, line: str) -> None:
    """Every way of saving says so and makes running-config the startup-config."""
    describe(console, "saved")
    shown = dialogue(console, line, *[""] * line.startswith("copy"))
    asked = ["Destination filename [startup-config]? "] if line.startswith("copy") else []
    assert shown == [*asked, "Building configuration...", "[OK]"]
    held = lab["HA1"].nvram[SAVED]
    assert console.send("more nvram:startup-config") == console.send("more system:running-config")
    assert console.send("show startup-config").splitlines()[0] == f"Using {len(held)} out of 29688 bytes"
    assert b"description saved" in held


def test_files_of_the_lab_are_the_startup_config(console: Console) -> None:
    """Before anything is saved, the lab's own files are what `show startup-config` shows."""
    rows = console.send("show startup-config").splitlines()
    assert "int e0" in rows
    assert "router mobile" in rows
    assert rows.count("end") == 1


def test_what_is_saved_is_there_another_time(tmp_path: Path) -> None:
    """A lab that is opened again boots with what its routers saved."""
    console = at(Lab.load("physical", state=tmp_path))
    describe(console, "for later")
    console.send("write")
    before = console.send("show running-config")
    assert at(Lab.load("physical", state=tmp_path)).send("show running-config") == before


def test_write_terminal_shows(console: Console) -> None:
    """`write terminal` is `show running-config`."""
    assert console.send("write terminal") == console.send("show running-config")


def test_a_large_configuration_fits(console: Console) -> None:
    """NVRAM grows by doubling: nothing that was typed is refused a save."""
    console.send("configure terminal")
    for number in range(1200):
        console.send(f"access-list 1 permit 10.{number // 256}.{number % 256}.1")
    console.send("end")
    console.send("write")
    used, size = map(int, console.send("show startup-config | include Using").split()[1:5:3])
    assert (used > 29688, size) == (True, 2 * 29688)


# --- Erasing


@pytest.mark.parametrize("line", ["write erase", "erase startup-config", "erase nvram:"])
def test_erasing(lab: Lab, console: Console, line: str) -> None:
    """An erased router has no startup-config and boots without configuration, not with the lab's files."""
    shown = dialogue(console, line, "")
    assert shown == [
        "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]",
        "[OK]",
        "Erase of nvram: complete",
    ]
    assert lab["HA1"].log.buffer[-1].text.endswith("%SYS-7-NV_BLOCK_INIT: Initialized the geometry of nvram")
    assert console.send("show startup-config") == "startup-config is not present"
    lab.power("HA1", on=False)
    lab.power("HA1", on=True)
    assert "ip address" not in at(lab).send("more system:running-config").replace("no ip address", "")


def test_a_refused_confirmation_erases_nothing(console: Console) -> None:
    """Any key but RETURN and `y` leaves everything as it was."""
    before = console.send("show startup-config")
    assert len(dialogue(console, "write erase", "n")) == 1
    assert console.send("show startup-config") == before


# --- Restarting


def test_reload_without_changes_asks_once(lab: Lab, console: Console) -> None:
    """A router that nobody configured restarts after one question; its clock and user start anew."""
    lab.advance(100)
    assert dialogue(console, "reload") == ["Proceed with reload? [confirm]"]
    console.send("")
    assert console.prompt == "HA1>"
    shown = console.send("show version")
    assert "HA1 uptime is 0 minutes" in shown
    assert "System returned to ROM by reload" in shown


@pytest.mark.parametrize(("answer", "kept"), [("yes", True), ("y", True), ("no", False), ("n", False)])
def test_reload_offers_to_save(console: Console, answer: str, kept: bool) -> None:
    """What was changed is lost by a restart, unless the user has it saved."""
    describe(console, "changed")
    question = "System configuration has been modified. Save? [yes/no]: "
    assert dialogue(console, "reload", "perhaps") == [
        "",
        question,
        "% Please answer 'yes' or 'no'.",
        question,
    ]
    saved = ["Building configuration...", "[OK]"] if kept else []
    assert dialogue(console, answer) == [*saved, "Proceed with reload? [confirm]"]
    console.send("")
    console.send("enable")
    assert ("description changed" in console.send("show running-config")) is kept


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        (("configure terminal", "end"), False),
        (("configure terminal", "interface e0", "description x", "do write", "end"), False),
        (("configure terminal", "interface e0", "description x", "do write", "description y", "end"), True),
        (("configure terminal", "interface e0", "description x", "end", "write"), False),
        (("write erase", ""), True),
    ],
)
def test_only_what_is_unsaved_is_asked_about(console: Console, lines: tuple[str, ...], asked: bool) -> None:
    """`reload` asks about saving when something would be lost."""
    for line in lines:
        console.send(line)
    assert console.send("reload") == ""
    assert console.prompt.startswith("System configuration" if asked else "Proceed")


def test_a_reload_can_wait(lab: Lab, console: Console) -> None:
    """`reload in` restarts at its instant and not before; `cancel` takes it back."""
    dialogue(console, "reload in 1:00 maintenance", "")
    assert console.send("show reload").splitlines() == [
        "Reload scheduled for 01:00:00 UTC Fri Mar 1 2002 (in 1 hour) by console",
        "Reload reason: maintenance",
    ]
    lab.advance(3599)
    boots = lab["HA1"].boots
    assert "59 minutes" in console.send("show version")
    lab.advance(1)
    assert lab["HA1"].boots > boots
    assert "System returned to ROM by reload" in console.send("show version")
    assert console.prompt == "HA1>", "a boot ends the console's session"
    console.send("enable")
    assert console.send("show reload") == "No reload is scheduled."


def test_a_cancelled_reload_does_not_happen(lab: Lab, console: Console) -> None:
    """After `reload cancel` the router goes on."""
    dialogue(console, "reload in 5", "")
    assert "*** --- SHUTDOWN ABORTED ---" in console.send("reload cancel")
    boots = lab["HA1"].boots
    lab.advance(1000)
    assert lab["HA1"].boots == boots


def test_reload_at_needs_a_clock(lab: Lab, console: Console) -> None:
    """`reload at` waits until the wall clock's next such time, once it has been set."""
    assert console.send("reload at 10:30") == "%The date and time must be set first."
    console.send("clock set 10:45:00 1 June 2002")
    dialogue(console, "reload at 10:30", "")
    boots = lab["HA1"].boots
    lab.advance(86400 - 15 * 60 - 1)
    assert lab["HA1"].boots == boots
    lab.advance(1)
    assert lab["HA1"].boots > boots


@pytest.mark.parametrize("line", ["reload in 0", "reload in 1:60", "reload in soon", "reload in 9999:00"])
def test_a_delay_that_is_none_is_refused(console: Console, line: str) -> None:
    """A delay that can't be read asks nothing and schedules nothing."""
    assert console.send(line) == "%Invalid delay: mmm or hhh:mm"
    assert console.send("show reload") == "No reload is scheduled."


# --- Copying


def test_copying_to_flash_and_back(lab: Lab, console: Console) -> None:
    """A configuration copied to flash: and typed again gives the router what it had."""
    describe(console, "before")
    shown = dialogue(console, "copy running-config flash:kept", "")
    size = len(lab["HA1"].nvram["flash:kept"])
    assert shown[0] == "Destination filename [kept]? "
    told = re.fullmatch(r"(\d+) bytes copied in (\d+\.\d{3}) secs \((\d+) bytes/sec\)", shown[1])
    assert told
    assert int(told[1]) == size
    assert int(told[3]) == int(size / float(told[2]))
    describe(console, "after")
    assert (
        dialogue(console, "copy flash:kept running-config", "")[0]
        == "Destination filename [running-config]? "
    )
    assert "description before" in console.send("show running-config")
    assert lab["HA1"].log.buffer[-1].text.endswith("%SYS-5-CONFIG_I: Configured from flash:kept by console")


def test_replacing_takes_back_what_a_file_does_not_say(console: Console) -> None:
    """`configure replace` makes running-config what it was when the file was written."""
    before = console.send("more system:running-config")
    dialogue(console, "copy running-config flash:before", "")
    for line in (
        "configure terminal",
        "hostname Other",
        "interface Ethernet0",
        "ip address 9.0.0.1 255.0.0.0",
        "standby priority 50",
        "no standby name",
        "interface Loopback7",
        "ip address 7.7.7.7 255.255.255.255",
        "exit",
        "no router mobile",
        "ip route 8.0.0.0 255.0.0.0 1.0.0.3",
        "no service timestamps log",
        "logging buffered 8192",
        "access-list 5 permit any",
        "line vty 0 4",
        "exec-timeout 0 0",
        "end",
    ):
        console.send(line)
    assert console.send("more system:running-config") != before
    assert dialogue(console, "configure replace flash:before", "n")[-1].endswith("proceed. ? [no]: ")
    assert "Other" in console.prompt
    rows = dialogue(console, "configure replace flash:before force")
    assert rows[-2] == "Rollback Done"
    assert not [row for row in rows if row.startswith("%")]
    assert console.send("more system:running-config") == before


def test_copying_over_a_file_asks(lab: Lab, console: Console) -> None:
    """A file that is there is overwritten only when the user confirms."""
    dialogue(console, "copy running-config flash:a", "")
    before = lab["HA1"].nvram["flash:a"]
    describe(console, "new")
    shown = dialogue(console, "copy running-config flash:a", "", "n")
    assert shown[1:] == [
        "%Warning:There is a file already existing with this name",
        "Do you want to over write? [confirm]",
    ]
    assert lab["HA1"].nvram["flash:a"] == before
    dialogue(console, "copy running-config flash:a", "", "")
    assert b"description new" in lab["HA1"].nvram["flash:a"]


def test_bad_lines_are_shown(lab: Lab, console: Console) -> None:
    """What can't be read of a file is shown with its caret, and the rest is taken."""
    lab["HA1"].nvram["flash:bad"] = b"interface Ethernet0\n descrption x\n description y\n"
    rows = dialogue(console, "copy flash:bad running-config", "")[1:]
    assert rows[0] == " descrption x"
    assert rows[2] == "% Invalid input detected at '^' marker."
    assert "description y" in console.send("show running-config")


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (("copy flash:none running-config", ""), "%Error opening flash:none (No such file or directory)"),
        (("copy disk9:x flash:y", ""), "%Error opening disk9:x (No such device)"),
        (("copy running-config disk9:x", ""), "%Error opening disk9:x (No such device)"),
        (
            ("copy running-config running-config", ""),
            "%Error: system:running-config cannot be copied to itself",
        ),
        (("copy tftp://1.2.3.4/a flash:", "", "", ""), "%Error opening tftp://1.2.3.4/a (Timed out)"),
        (("copy running-config tftp:", "1.2.3.4", "a"), "%Error opening tftp://1.2.3.4/a (Timed out)"),
        (("copy running-config tftp:", "", ""), "%Error: no host is named"),
        (("more flash:none",), "%Error opening flash:none (No such file or directory)"),
        (("dir flash:none",), "%Error opening flash:none (No such file or directory)"),
        (("dir disk9:",), "%Error opening disk9: (No such device)"),
        (("delete flash:none", "", ""), "%Error deleting flash:none (No such file or directory)"),
    ],
)
def test_refusals(lab: Lab, console: Console, lines: tuple[str, ...], refusal: str) -> None:
    """What can't be done is refused in one row, and changes nothing."""
    before = console.send("more system:running-config")
    assert dialogue(console, *lines)[-1] == refusal
    assert console.send("more system:running-config") == before
    assert list(lab["HA1"].nvram) == []


def test_quiet_copies_ask_nothing(console: Console) -> None:
    """With `file prompt quiet` scripts are not asked anything."""
    for line in ("configure terminal", "file prompt quiet", "end"):
        console.send(line)
    for line in ("copy run start", "copy run flash:a", "copy run flash:a", "copy flash:a run"):
        console.send(line)
        assert console.question is None, line
    assert console.send("show running-config | include file prompt quiet") == "file prompt quiet"


def test_directories_are_read_by_their_template(console: Console) -> None:
    """ntc-templates reads what `dir` and `show file systems` show."""
    parse = pytest.importorskip("ntc_templates.parse").parse_output
    dialogue(console, "copy running-config flash:a", "")
    dialogue(console, "copy running-config flash:b", "")
    rows = parse("cisco_ios", "dir", console.send("dir"))
    assert [(row["name"], row["file_system"], row["total_size"]) for row in rows] == [
        ("a", "flash:/", "16777216"),
        ("b", "flash:/", "16777216"),
    ]
    systems = parse("cisco_ios", "show file systems", console.send("show file systems"))
    assert [row["prefixes"] for row in systems][:2] == ["system:", "nvram:"]


def test_deleting(lab: Lab, console: Console) -> None:
    """A file goes when the user confirms, or says `/force`."""
    dialogue(console, "copy running-config flash:a", "")
    assert dialogue(console, "delete flash:a", "", "n") == [
        "Delete filename [a]? ",
        "Delete flash:a? [confirm]",
    ]
    assert "flash:a" in lab["HA1"].nvram
    assert dialogue(console, "delete /force flash:a") == []
    assert "flash:a" not in lab["HA1"].nvram


# --- Disks that say no


class FullDisk(NVRAM):
    """NVRAM on a disk that has no room left."""

    def __setitem__(self, name: str, contents: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (("write",), "%Error writing nvram:startup-config (No space left on device)"),
        (("copy run start", ""), "%Error writing nvram:startup-config (No space left on device)"),
        (("copy run flash:a", ""), "%Error writing flash:a (No space left on device)"),
        (("write erase", ""), "%Error erasing nvram: (No space left on device)"),
    ],
)
def test_a_full_disk_is_one_row(lab: Lab, console: Console, lines: tuple[str, ...], refusal: str) -> None:
    """A disk that is full gives one row, and the old startup-config is still there."""
    describe(console, "old")
    console.send("write")
    node = lab["HA1"]
    node.nvram.__class__ = FullDisk
    before = console.send("show startup-config")
    describe(console, "new")
    assert dialogue(console, *lines)[-1] == refusal
    assert console.send("show startup-config") == before
    console.send("reload")
    assert console.prompt.startswith("System configuration has been modified"), "it is still unsaved"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_row(tmp_path: Path) -> None:
    """A folder that may not be written to gives one row."""
    console = at(Lab.load("physical", state=tmp_path))
    tmp_path.chmod(0o500)
    try:
        assert "%Error writing nvram:startup-config (Permission denied)" in console.send("write")
    finally:
        tmp_path.chmod(0o700)


SAVER = """
import sys
from pathlib import Path
from iosemu.app import Lab
console = Lab.load("physical", state=Path(sys.argv[1]))["HA1"].console()
console.send("enable")
number = int(sys.argv[2])
print("ready", flush=True)
while True:
    number += 1
    for line in ("configure terminal", "interface Ethernet0", f"description {number}", "end", "write"):
        console.send(line)
    print(number, flush=True)
"""


def test_a_kill_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """However a process dies while it saves, the next one boots with a whole configuration, none lost."""
    wait = random.Random(1)
    number = 0
    for _ in range(12):
        saver = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(tmp_path), str(number)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert saver.stdout is not None
        assert saver.stdout.readline() == b"ready\n"
        assert saver.stdout.readline().strip().isdigit()  # one save at least, however busy the machine is
        time.sleep(wait.uniform(0.01, 0.06))
        saver.send_signal(signal.SIGKILL)
        saver.wait()
        saver.stdout.close()
        lab = Lab.load("physical", state=tmp_path)
        held = lab["HA1"].nvram.get(SAVED)
        assert held is not None
        assert held.startswith(b"!\nversion 12.4\n")
        assert held.endswith(b"\nend\n")
        console = at(lab)
        assert console.send("more system:running-config") + "\n" == held.decode()
        (row,) = console.send("show running-config | include description").splitlines()
        assert int(row.split()[1]) > number
        number = int(row.split()[1])
