"""What the operator does to a lab: what it leaves in files, what it takes back, what it draws."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from iosemu import resources
from iosemu.app import Desk, Lab, UsageError
from iosemu.cli.command import Request, Text, Wait
from iosemu.features.operator import picture as pictures
from iosemu.features.operator.capture import Capture
from iosemu.features.operator.show import Row
from iosemu.features.operator.world import LONGEST, instant
from iosemu.frontends import screens, stdio
from iosemu.frontends.pace import Pace
from iosemu.lab import LabError
from iosemu.lab.clock import SECOND

STREET = Path(__file__).parents[2] / "sessions" / "operator" / "street"
LABS = [name for name, _ in resources.labs()]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def sit(lab, folder):
    """Sit at a desk with a lab open, files going to a folder."""
    desk = Desk(base=folder)
    desk.open(str(lab))
    return desk


def operate(desk, *lines):
    """Type lines at `lab>`, and give what they show, what consoles print unasked below it."""
    shown = []
    for line in lines:
        shown += desk.operator.type(line)
        shown += [f"{name}| {row}" for name, row in desk.unasked()]
    return shown


# -- numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1", SECOND),
        ("007.5", 7_500_000),
        (".25", 250_000),
        ("3.", 3 * SECOND),
        ("0.0000019", 1),
        ("1000000000", LONGEST * SECOND),
        ("1000000000.000001", None),
        ("-1", None),
        ("+1", None),
        ("1e3", None),
        ("1_0", None),
        ("٣", None),
        ("nan", None),
        ("inf", None),
        (".", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_seconds_are_read_exactly(text, value):
    """Seconds become microseconds without rounding up, and what is no decimal number is refused."""
    assert instant(text, LONGEST) == value


# -- checkpoints

LESSON = (
    "advance 7.5",
    "cut HA1 Ethernet0",
    "ping CN1 1.0.0.10 count 20 interval 0.5",
    "move MN1 home",
    "mend HA1 Ethernet0",
    "advance 30",
    "ping MN1 3.0.0.50",
    "power HA2 off",
    "advance 5",
    "power HA2 on",
    "advance 61.25",
    "show nodes",
    "show events",
    "show clock",
)


def lesson(desk):
    """Play the lesson, and give its transcript with a screen of each router below it."""
    shown = operate(desk, *LESSON)
    for name in ("HA1", "HA2", "R0", "FA1"):
        shown += desk.console(name).type("show logging")
    shown += [str(row) for row in pictures.picture(desk.lab)]
    return shown


def test_what_follows_a_checkpoint_is_always_the_same(tmp_path):
    """Two runs from one checkpoint are one transcript, which is that of a run that never went back."""
    desk = sit("physical", tmp_path)
    operate(desk, "advance 12.3", "checkpoint start")
    first = lesson(desk)
    assert operate(desk, "restore start") == []
    assert lesson(desk) == first
    other = sit("physical", tmp_path)
    operate(other, "advance 12.3")
    assert lesson(other) == first


def test_a_restore_forgets_no_log_and_tells_none_twice(tmp_path):
    """After a restore the consoles print what is logged from then on: all of it, and nothing else."""
    desk = sit(STREET, tmp_path)
    log = desk.lab["R1"].log
    for number in range(3):
        log.emit("SYS", 5, "CONFIG_I", f"early {number}")
    operate(desk, "checkpoint a")
    for number in range(9):
        log.emit("SYS", 5, "CONFIG_I", f"lost {number}")
    assert len(desk.unasked()) == 9
    assert operate(desk, "restore a") == []
    for number in range(4):
        desk.lab["R1"].log.emit("SYS", 5, "CONFIG_I", f"late {number}")
    assert [row.rpartition(": ")[2] for _, row in desk.unasked()] == [f"late {number}" for number in range(4)]


def test_what_a_boot_logs_is_printed(tmp_path):
    """A router's log begins anew with its power: the console shows it from its first row on."""
    desk = sit(STREET, tmp_path)
    for number in range(9):
        desk.lab["R1"].log.emit("SYS", 5, "CONFIG_I", f"early {number}")
    operate(desk, "power R1 off", "power R1 on")
    before = len(desk.lab["R1"].log.since(0)[0])
    desk.lab["R1"].log.emit("SYS", 5, "CONFIG_I", "first")
    assert desk.lab["R1"].log.mark == before + 1 < 9
    assert [row.rpartition(": ")[2] for _, row in desk.unasked()] == ["first"]


def test_a_restore_leaves_the_modes_of_what_is_gone(tmp_path):
    """A console keeps its level and its modes, but for those of interfaces that are no longer there."""
    desk = sit(STREET, tmp_path)
    one, two = desk.console("R1"), desk.console("R2")
    for console, interface in ((one, "Loopback7"), (two, "Ethernet0")):
        console.type("enable")
        console.type("configure terminal")
        if console is one:
            operate(desk, "checkpoint a")
        console.type(f"interface {interface}")
    assert (one.prompt, two.prompt) == ("R1(config-if)#", "R2(config-if)#")
    operate(desk, "restore a")
    assert (desk.console("R1"), desk.console("R2")) == (one, two)
    assert (one.prompt, two.prompt) == ("R1(config)#", "R2(config-if)#")
    two.type("description still here")
    assert " description still here" in two.type("do show running-config")
    assert not any("Loopback7" in row for row in one.type("do show running-config"))


def test_a_restore_to_before_a_boot_ends_consoles(tmp_path):
    """A console that began with a later boot is not one of the earlier router's."""
    desk = sit(STREET, tmp_path)
    desk.console("R1").type("enable")
    operate(desk, "checkpoint a", "power R1 off", "power R1 on")
    desk.console("R1").type("enable")
    assert desk.console("R1").prompt == "R1#"
    operate(desk, "restore a")
    assert desk.console("R1").prompt == "R1>"


def test_a_restore_at_a_terminal_cancels_questions(tmp_path):
    """What another console asked is not asked any more when the terminal comes back to it."""
    desk = sit(STREET, tmp_path)
    shown = []
    pace = Pace(desk.lab, 0)
    seat = stdio.Seat(desk, pace, shown.append)
    seat.feed(b"checkpoint a\rconnect R1\renable\rconfigure\r")
    assert "".join(shown).endswith("[terminal]? ")
    seat.feed(b"\x1ex")
    seat.feed(b"restore a\rconnect R1\r")
    assert "".join(shown).endswith("lab>connect R1\r\nR1#")
    seat.feed(b"show privilege\r")
    assert "[terminal]? " not in "".join(shown).rpartition("R1#show")[2]


def test_a_checkpoint_holds_nvram(tmp_path):
    """What was saved after the checkpoint is not there after the restore, on disk neither."""
    desk = Desk(base=tmp_path, state=tmp_path / "state")
    desk.open(str(STREET))
    nvram = desk.lab["R1"].nvram
    operate(desk, "checkpoint a")
    nvram["startup-config"] = b"hostname Later\n"
    assert list((tmp_path / "state").rglob("startup-config"))
    operate(desk, "restore a")
    assert "startup-config" not in desk.lab["R1"].nvram
    assert not list((tmp_path / "state").rglob("startup-config"))


# -- ping


def start_ping(desk, line):
    """Begin a ping, and give its dialogue and what it has said up to its first wait."""
    reply = desk.operator.session.execute(line)
    said = []
    for item in reply:
        said.append(item)
        if isinstance(item, Wait):
            break
    return reply, said


def test_a_ping_takes_the_time_it_takes(tmp_path):
    """One echo a second, and the clock goes no further than the last answer."""
    desk = sit(STREET, tmp_path)
    assert operate(desk, "ping PC1 10.1.0.1 count 3")[0] == "!!!"
    assert desk.lab.clock.now == 2 * SECOND + 2_000


def test_a_ping_broken_off_tells_what_it_knows(tmp_path):
    """Ctrl-C ends the row and gives the rate of what was settled; no echo is sent afterwards."""
    desk = sit(STREET, tmp_path)
    reply, said = start_ping(desk, "ping PC1 10.1.0.1 count 1000")
    shown = []
    while shown.count(Text("!")) < 3:
        item = next(reply)
        shown.append(item)
        if isinstance(item, Wait):
            desk.lab.run_until(item.until)
    assert [item for item in said if isinstance(item, str)] == []
    rest = [reply.throw(KeyboardInterrupt()), *reply]
    assert rest[0] == ""
    assert rest[1].startswith("Success rate is 100 percent (3/3), round-trip min/avg/max = 2/")
    assert len(rest) == 2
    sent = desk.lab["PC1"].interface("Ethernet0").counters.packets_out
    desk.lab.advance(10)
    assert desk.lab["PC1"].interface("Ethernet0").counters.packets_out == sent


def test_a_ping_ends_with_the_power_of_its_node(tmp_path):
    """A host that is switched off sends nothing more, and its ping does not go on for ever."""
    desk = sit(STREET, tmp_path)
    reply, _ = start_ping(desk, "ping PC1 10.1.0.1 count 1000")
    desk.lab.power("PC1", on=False)
    assert [item for item in reply if isinstance(item, str)][-1].startswith("Success rate is 0 percent (0/")


# -- captures


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark to judge the capture")
def test_tshark_reads_a_capture(tmp_path):
    """Every frame of an hour's trouble is one that tshark understands, and none is malformed."""
    desk = sit("physical", tmp_path)
    operate(desk, "capture start all.pcap", "capture start core.pcap segment core")
    operate(desk, *LESSON, "ping CN1 9.9.9.9 count 3")
    said = operate(desk, "capture stop")
    counts = dict(row.removesuffix(" frames").split(": ") for row in said if not row.startswith("R"))
    assert list(counts) == ["all.pcap", "core.pcap"]
    for name, count in counts.items():
        told = subprocess.run(
            ["tshark", "-r", name, "-T", "fields", "-e", "frame.number", "-e", "_ws.malformed"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert len(told) == int(count) > 20
        assert [row for row in told if row.split("\t")[1:] != [""]] == []
    assert int(counts["core.pcap"]) < int(counts["all.pcap"])


def test_a_capture_can_be_followed(tmp_path):
    """Each frame is in the file as soon as it was sent, and after `stop` none is added."""
    desk = sit(STREET, tmp_path)
    operate(desk, "capture start a.pcap segment west")
    file = tmp_path / "a.pcap"
    assert file.stat().st_size == 24
    operate(desk, "ping PC1 10.1.0.1 count 1")
    # Two ARP frames of 60 octets, and two echos of 114, each behind 16 of its own.
    assert file.stat().st_size == 24 + 2 * (16 + 60) + 2 * (16 + 114)
    assert operate(desk, "show captures")[1].split() == ["a.pcap", "west", "4", "running"]
    operate(desk, "capture stop", "ping PC1 10.1.0.1")
    assert file.stat().st_size == 24 + 2 * (16 + 60) + 2 * (16 + 114)


def test_a_capture_outlives_a_restore_and_ends_with_its_lab(tmp_path):
    """Captures are the operator's, not the lab's: a restore does not touch them, `open` closes them."""
    desk = sit(STREET, tmp_path)
    operate(desk, "checkpoint a", "capture start a.pcap", "restore a", "ping PC1 10.1.0.1 count 1")
    (capture,) = desk.captures
    assert (capture.frames, capture.running) == (4, True)
    desk.open(str(STREET))
    assert not capture.running
    assert operate(desk, "show captures") == ["No captures"]


class Full(io.BytesIO):
    """A file on a disk with room for so many octets."""

    room = 100

    def write(self, data):
        """Write, unless the disk is full."""
        if self.tell() + len(data) > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_a_full_disk_ends_the_capture_alone(tmp_path):
    """The lab goes on, another capture too, and `show captures` says what became of the one."""
    desk = sit(STREET, tmp_path)
    failing = Capture(desk.lab, "full.pcap")
    failing.begin(Full())
    desk.captures.append(failing)
    operate(desk, "capture start a.pcap")
    assert operate(desk, "ping PC1 10.1.0.1 count 2")[0] == "!!"
    rows = operate(desk, "show captures")
    assert rows[1].split(maxsplit=4)[3:] == ["1", "failed: No space left on device"]
    assert rows[2].split()[3:] == ["6", "running"]
    assert operate(desk, "capture stop") == ["a.pcap: 6 frames"]


@pytest.mark.parametrize("name", [".", "none/such.pcap", "a\0b", "/dev/full"])
def test_an_unwritable_capture_is_a_row(tmp_path, name):
    """A file that can't be written is one row, and nothing is recorded."""
    desk = sit(STREET, tmp_path)
    rows = operate(desk, f"capture start {name}")
    assert len(rows) == 1
    assert rows[0].startswith("% ")
    assert desk.captures == []
    assert all(not segment.taps for segment in desk.lab.segments.values())


# -- save


def running(desk):
    """Give every router's running-config."""
    shown = {}
    for node in desk.lab.nodes.values():
        if node.kind == "router":
            console = desk.console(node.name)
            console.type("enable")
            shown[node.name] = console.type("show running-config")
    return shown


@pytest.mark.parametrize("name", [*LABS, str(STREET)])
def test_a_saved_lab_opens_as_it_was(tmp_path, name):
    """`save FOLDER` and `open FOLDER` give the same routers and picture, and saving again the same files."""
    desk = sit(name, tmp_path)
    operate(desk, "save once/more")
    other = sit("once/more", tmp_path)
    assert running(other) == running(desk)
    drawn = [(link.name, link.properties, sorted(link.ports)) for link in pictures.picture(desk.lab).links]
    assert [
        (link.name, link.properties, sorted(link.ports)) for link in pictures.picture(other.lab).links
    ] == drawn
    assert other.lab.epoch == desk.lab.epoch
    operate(other, "save again")
    for path in (tmp_path / "once/more").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_saved_lab_has_its_hosts_where_they_are(tmp_path):
    """A host that was moved is saved on the segment it is plugged in."""
    desk = sit("physical", tmp_path)
    operate(desk, "move MN1 home", "save roamed")
    other = sit("roamed", tmp_path)
    assert [port.node.name for port in other.lab.segments["home"].ports].count("MN1") == 1
    assert other.lab.topology._replace(path=None, nodes=()) == desk.lab.topology._replace(path=None, nodes=())
    kept = {spec.name: spec for spec in other.lab.topology.nodes}
    for spec in desk.lab.topology.nodes:
        if spec.name == "MN1":
            assert kept["MN1"] == spec._replace(segment="home")


def test_without_a_folder_the_users_own_files_are_written(tmp_path):
    """Routers with one file each get it rewritten; the lab.yml stays as its writer left it."""
    shutil.copytree(STREET, tmp_path / "mine")
    yml = tmp_path / "mine" / "lab.yml"
    yml.write_text(yml.read_text().replace("[R2.cfg, slip.cfg]", "R2.cfg"))
    before = yml.read_bytes()
    desk = sit("mine", tmp_path)
    for line in ("enable", "configure terminal", "hostname Changed"):
        desk.console("R1").type(line)
    assert operate(desk, "save") == ["Written: R1.cfg, R2.cfg"]
    assert yml.read_bytes() == before
    assert sit("mine", tmp_path).lab["R1"].hostname == "Changed"
    (tmp_path / "one.cfg").write_text("interface Ethernet0\n ip address 10.0.0.1 255.0.0.0\n")
    one = sit("one.cfg", tmp_path)
    assert operate(one, "save") == ["Written: one.cfg"]
    assert running(sit("one.cfg", tmp_path)) == running(one)


@pytest.mark.parametrize(
    ("lab", "lines", "said"),
    [
        ("physical", ("save",), "% The shipped labs stay as they are; give a folder: save FOLDER"),
        (
            STREET,
            ("power R1 off", "save x"),
            "% Without power there is no running configuration: R1 must be on",
        ),
        (STREET, ("save",), "% R2 has not one startup-config file to itself; give a folder: save FOLDER"),
        (STREET, ("save a.file",), "% "),
        (STREET, ("save a.file/below",), "% "),
    ],
)
def test_what_cannot_be_saved_is_a_row(tmp_path, lab, lines, said):
    """A refusal is one row, and no file is written."""
    (tmp_path / "a.file").write_text("a file\n")
    rows = operate(sit(lab, tmp_path), *lines)
    assert rows[-1].startswith(said)
    assert not any(row.startswith("Written") for row in rows)
    assert [path.name for path in tmp_path.iterdir()] == ["a.file"]


def test_nothing_open_is_said():
    """Before a lab is open, every screen of one says so."""
    desk = Desk()
    for line in ("show topology", "show nodes", "show segments", "show clock", "save x"):
        assert desk.operator.type(line) == [pictures.NOTHING_OPEN]
    assert desk.operator.type("connect R1") == ["% There is no node called R1; no lab is open"]


# -- pictures


def test_a_picture_follows_the_state(tmp_path):
    """Rows say of each port what is the matter with it."""
    desk = sit(STREET, tmp_path)
    for line in ("enable", "configure terminal", "interface Ethernet0", "shutdown"):
        desk.console("R2").type(line)
    operate(desk, "cut R1 Ethernet1", "segment west down", "power PC2 off")
    states = {
        (port.node, port.interface): port.state
        for link in pictures.picture(desk.lab).links
        for port in link.ports
    }
    assert states == {
        ("PC1", "Ethernet0"): "down",
        ("R1", "Ethernet0"): "down",
        ("R1", "Ethernet1"): "cut",
        ("R2", "Ethernet1"): "up",
        ("PC2", "Ethernet0"): "off",
        ("R2", "Ethernet0"): "shutdown",
        ("R1", "Loopback0"): "up",
    }


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", ["physical", "virtual-multiple-different", STREET])
def test_a_drawing_fits_and_says_what_the_rows_say(tmp_path, name, width):
    """A drawing is no wider than the terminal, and has every word of the plain rows that is no decoration."""
    desk = sit(name, tmp_path)
    operate(desk, "advance 60", "segment core down" if name != STREET else "segment west down")
    picture = pictures.picture(desk.lab)
    drawn = [ESCAPE.sub("", row) for row in screens.drawn(picture, width)]
    assert max(map(len, drawn)) <= width
    words = set(" ".join(drawn).split())
    for link in picture.links:
        for port in link.ports:
            interface = port.short if width < screens.NARROW else port.interface
            assert {port.node, interface, port.state, *port.addresses} <= words
            for group in port.groups:
                assert {group.address, group.state, group.name} <= words
    assert "down" in words
    # Side by side where there is room, and not where there is none.
    assert drawn[0].count("╭") == 1 if width == 40 else drawn[0].count("╭") >= (width == 200) + 1


@pytest.mark.parametrize(
    "row",
    [
        "R1  router  on  00:00:05  2 of 2  10.0.0.1",
        "Ethernet0 is down, on segment up",
        "",
        "cut-through  [b]x[/b]",
    ],
)
def test_colours_change_no_character(row):
    """A coloured row without its colours is the row."""
    shown = screens.coloured(row)
    assert ESCAPE.sub("", shown) == row
    assert (shown != row) == any(word in row.replace(",", " ").split() for word in screens.STYLES)


def test_filters_keep_rows_that_can_be_coloured(tmp_path):
    """What `| include` lets through is what was shown, colours and all."""
    desk = sit(STREET, tmp_path)
    rows = list(desk.operator.session.execute("show nodes | include router"))
    assert len(rows) == 2
    assert all(type(row) is Row for row in rows)


# -- fronts


def test_the_desk_tells_its_speed(tmp_path):
    """`show clock` says whether the clock moves by itself, and how fast."""
    desk = sit(STREET, tmp_path)
    assert operate(desk, "show clock")[-1] == "Speed 0: the clock moves when it is told to"
    assert desk.request(Request("speed", "2.5")) == []
    assert operate(desk, "show clock")[-1] == "Speed 2.5: the clock follows the wall clock"


def test_an_open_that_fails_keeps_lab_and_captures(tmp_path):
    """The lab that was open still is, and what was being recorded goes on."""
    desk = sit(STREET, tmp_path)
    operate(desk, "capture start a.pcap")
    with pytest.raises(UsageError):
        desk.open("nosuch")
    assert desk.lab.name == "street"
    assert desk.captures[0].running
    operate(desk, "quit")
    assert not desk.captures[0].running


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_shell_draws_and_quits(tmp_path, columns):
    """On a terminal the lab is drawn first; `show topology` draws it again, `quit` ends the process."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "iosemu", "shell", str(STREET)],
        env={
            **os.environ,
            "TERM": "xterm",
            "XDG_STATE_HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        dimensions=(50, columns),
        encoding="utf-8",
        timeout=30,
    )
    try:
        child.expect("lab>")
        shown = ESCAPE.sub("", child.before)
        assert "╭─ west ─" in shown
        assert "10.1.0.10/24" in shown
        child.send("cut R1 Ethernet1\r")
        child.send("show topology\r")
        child.expect("\x1b\\[[0-9;]*31m *cut")
        child.send("quit\r")
        child.expect(pexpect.EOF)
    finally:
        child.close()
    assert child.exitstatus == 0


def test_a_console_in_python_goes_with_its_router():
    """Power ends a console; it stands at `NAME>` after a boot and after `exit`, and hosts have none."""
    lab = Lab.load(STREET)
    console = lab["R1"].console()
    console.send("enable")
    console.send("configure terminal")
    lab.power("R1", False)
    with pytest.raises(LabError, match=r"^R1 is switched off$"):
        console.send("hostname LOST")
    with pytest.raises(LabError, match=r"^R1 is switched off$"):
        lab["R1"].console()
    lab.power("R1", True)
    assert console.prompt == "R1>"
    console.send("enable")
    console.send("copy running-config startup-config")
    assert console.prompt == "Destination filename [startup-config]? "
    lab.power("R1", False)
    lab.power("R1", True)
    assert console.send("enable") == ""
    assert console.prompt == "R1#"
    console.send("exit")
    assert console.prompt == "R1>"
    with pytest.raises(LabError, match=r"^PC1 is a host without a console$"):
        lab["PC1"].console()
