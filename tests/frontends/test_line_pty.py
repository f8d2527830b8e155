"""The fronts of this terminal: a plain one, prompt_toolkit's, a pipe, and the pace that their clock keeps."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from iosemu.app import Desk
from iosemu.cli.command import Ask, Request, Text, Wait
from iosemu.cli.kept import Kept
from iosemu.cli.tty import TTYs
from iosemu.frontends import stdio
from iosemu.frontends.pace import Pace
from iosemu.lab.clock import SECOND
from iosemu.lab.lab import Lab

ROUTER = "hostname R1\n!\ninterface Ethernet0\n ip address 10.0.0.1 255.0.0.0\n!\nend\n"


def desk_at(folder):
    """Sit at a desk with a lab of one router."""
    config = Path(folder, "R1.cfg")
    config.write_text(ROUTER)
    desk = Desk()
    assert list(desk.open(str(config))) == []
    return desk


def serve(front, folder):
    """Serve this process's terminal, as `iosemu shell` does."""
    desk = desk_at(folder)
    pace = Pace(desk.lab)
    if front == "plain":
        stdio.plain(desk, pace)
    else:
        from iosemu.frontends import shell  # noqa: PLC0415 - what the plain front does without

        shell.run(desk, pace)


# -- pace


class Wall:
    """A wall clock that is moved by hand."""

    now = 100.0

    def __call__(self):
        """Tell the time, which takes none."""
        return self.now


class Ring(NamedTuple):
    """Something due that writes down when it happened; `cost` is what it takes of the wall clock."""

    heard: list
    wall: Wall
    cost: float = 0.0

    def happen(self, now):
        """Ring."""
        self.wall.now += self.cost
        self.heard.append(now)


def paced(*seconds, speed=1.0, cost=0.0):
    """Give the pace of a lab with something due at these seconds, the wall clock, and what has happened."""
    wall, heard, lab = Wall(), [], Lab()
    for second in seconds:
        lab.clock.at(round(second * SECOND), "", Ring(heard, wall, cost))
    return Pace(lab, speed, wall=wall), wall, heard


@pytest.mark.parametrize(
    ("speed", "waited", "heard", "now", "delay"),
    [
        (1, 0.5, [], 0.5, 0.5),
        (1, 1, [1], 1, 2),
        (1, 3.5, [1, 3], 3.5, None),
        (10, 0.25, [1], 2.5, 0.05),
        (0.5, 3, [1], 1.5, 3),
        (0, 1000, [], 0, None),
    ],
)
def test_time_follows_the_wall_clock(speed, waited, heard, now, delay):
    """What is due happens at its instant, time ends where the wall clock says, the rest is awaited."""
    pace, wall, happened = paced(1, 3, speed=speed)
    wall.now += waited
    assert pace.step() is False
    assert happened == [second * SECOND for second in heard]
    assert pace.lab.clock.now == now * SECOND
    assert pace.delay() == (None if delay is None else pytest.approx(delay))


def test_a_step_takes_a_slice():
    """However much is due, a step ends after its budget, and the rest follows in later steps."""
    pace, wall, happened = paced(*[1] * 10, cost=1 / 512)
    wall.now += 1
    steps = []
    while pace.step(1 / 256):
        steps.append(len(happened))
    assert steps == [2, 4, 6, 8, 10]
    assert len(happened) == 10


def test_what_cannot_keep_up_does_not_run_after_the_wall_clock():
    """Time lost in busy steps is not made up later."""
    pace, wall, _ = paced(1, 2, speed=1, cost=10)
    wall.now += 1
    assert pace.step()
    assert not pace.step()
    assert pace.lab.clock.now == 1 * SECOND


def test_a_new_speed_holds_from_now():
    """Changing the speed moves no time."""
    pace, wall, _ = paced(100)
    wall.now += 1
    pace.step()
    pace.speed = 10
    wall.now += 1
    pace.step()
    assert pace.lab.clock.now == 11 * SECOND


@pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
def test_a_speed_is_a_rate(speed):
    """A speed below 0, or none at all, is an error."""
    with pytest.raises(ValueError, match="no speed"):
        paced()[0].speed = speed


@pytest.mark.parametrize("speed", [0, 1])
def test_hurrying_outruns_the_wall_clock(speed):
    """`hurry` reaches an instant at once, and time goes on from there."""
    pace, wall, happened = paced(1, 3, speed=speed)
    pace.hurry(2 * SECOND)
    assert pace.delay() == 0
    assert pace.step() is False
    assert (happened, pace.lab.clock.now) == ([SECOND], 2 * SECOND)
    wall.now += 1
    pace.step()
    assert pace.lab.clock.now == (2 + speed) * SECOND


def test_a_clock_that_others_moved_is_followed():
    """After `advance` and after a jump back, time goes on at its rate from where it is."""
    pace, wall, _ = paced()
    pace.lab.advance(50)
    wall.now += 1
    pace.step()
    assert pace.lab.clock.now == 50 * SECOND
    pace.lab.clock.now = 5 * SECOND
    pace.step()
    wall.now += 2
    pace.step()
    assert pace.lab.clock.now == 7 * SECOND


def test_the_task_wakes_for_what_is_wanted():
    """`run` steps when `stepped` wants it, when woken, and when something is due, and not all the time."""
    heard, lab = [], Lab()
    pace = Pace(lab, 100)
    steps = []

    async def watch():
        wanted, rung = asyncio.Event(), asyncio.Event()

        def stepped():
            steps.append(lab.clock.now)
            if heard:
                rung.set()
            if lab.clock.now >= 2 * SECOND:
                wanted.set()
                return None
            return 2 * SECOND

        task = asyncio.create_task(pace.run(stepped))
        await wanted.wait()
        lab.clock.at(6 * SECOND, "", Ring(heard, Wall()))
        pace.wake()
        await rung.wait()
        task.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert heard == [6 * SECOND]
    assert len(steps) < 12


# -- a pipe


def piped(desk, *lines):
    """Type lines through a pipe and give the log."""
    out = io.StringIO()
    stdio.piped(desk, [f"{line}\n" for line in lines], out)
    return out.getvalue()


def test_a_pipe_shows_the_log_of_a_terminal(tmp_path):
    """Prompt and typed line stand on a row, the output below; at the pipe's end the last row is ended."""
    desk = desk_at(tmp_path)
    shown = piped(desk, "connect R1", "enable", "nonsense 1 2", "configure terminal")
    assert shown == (
        "lab>connect R1\n"
        "R1>enable\n"
        "R1#nonsense 1 2\n"
        "     ^\n"
        "% Invalid input detected at '^' marker.\n"
        "\n"
        "R1#configure terminal\n"
        "Enter configuration commands, one per line.  End with CNTL/Z.\n"
        "R1(config)#\n"
    )


def test_a_pipe_leaves_a_console_by_exit_and_by_escape(tmp_path):
    """`exit` and Ctrl-^ x lead back to `lab>`, and `quit` ends it there."""
    shown = piped(desk_at(tmp_path), "connect R1", "exit", "connect R1", "\x1ex", "quit", "connect R1")
    assert shown == "lab>connect R1\nR1>exit\nlab>connect R1\nR1>\nlab>quit\n"


def test_a_piped_line_that_ends_in_a_question_mark_is_help(tmp_path):
    """The line is shown with its `?`, then the rows of help, and the line is cleared."""
    shown = piped(desk_at(tmp_path), "conn?", "quit")
    assert shown == "lab>conn?\nconnect  \n\nlab>quit\n"


def test_a_lab_that_cannot_be_opened_is_a_line(tmp_path):
    """An `open` that fails says so, and the lab that was open still is."""
    shown = piped(desk_at(tmp_path), "open nosuch.cfg", "connect R1", "\x1ex", "quit")
    assert shown.startswith("lab>open nosuch.cfg\n% ")
    assert shown.endswith("\nlab>connect R1\nR1>\nlab>quit\n")
    sitting = Sitting(tmp_path)
    assert sitting.type("open nosuch.cfg\rconnect R1\r").endswith(f"lab>connect R1\r\n{STARTED}R1>")


def test_a_piped_control_z_ends_configuration(tmp_path):
    """Ctrl-Z at a line's end runs the line and leaves configuration."""
    desk = desk_at(tmp_path)
    shown = piped(desk, "connect R1", "enable", "configure terminal", "hostname R2\x1a", "\x1ex", "quit")
    assert "\nR1(config)#hostname R2^Z\n" in shown
    assert shown.endswith("\nR2#\nlab>quit\n")


def test_the_clock_of_a_pipe_stands(tmp_path):
    """Only `advance` moves the clock."""
    desk = desk_at(tmp_path)
    before = desk.lab.clock.now
    piped(desk, "show clock", "connect R1", "show version")
    assert desk.lab.clock.now == before
    piped(desk, "\x1ex", "advance 60")
    assert desk.lab.clock.now == before + 60 * SECOND


# -- a plain terminal

BLOCK = "R1 con0 is now available" + "\r\n" * 6 + "Press RETURN to get started." + "\r\n" * 9
"""What an empty console shows (ios-shell.md §1.2)."""
STARTED = "\r\n" + BLOCK
LEFT = "\r\n" * 33 + BLOCK


class Sitting:
    """A seat with a terminal of text and a wall clock moved by hand."""

    def __init__(self, folder, speed=1.0):
        self.wall = Wall()
        self.desk = desk_at(folder)
        self.desk.speed = speed
        self.desk.unasked()
        self.shown = []
        self.pace = Pace(self.desk.lab, speed, wall=self.wall)
        self.seat = stdio.Seat(self.desk, self.pace, self.shown.append)

    def type(self, text):
        """Type, and give what is shown."""
        self.seat.feed(text.encode())
        return self.take()

    def take(self):
        """Give what was shown since."""
        shown = "".join(self.shown)
        self.shown.clear()
        return shown


def test_a_seat_goes_to_a_console_and_back(tmp_path):
    """`connect` presses RETURN at the console, Ctrl-^ x shows `lab>` again; what is typed ahead arrives."""
    sitting = Sitting(tmp_path)
    assert sitting.take() == "lab>"
    assert sitting.type("connect R1\r") == f"connect R1\r\n{STARTED}R1>"
    assert sitting.type("abc") == "abc"
    assert sitting.type("\x1ex") == "\r\nlab>"
    assert sitting.type("connect R1\r") == "connect R1\r\nR1>abc"
    assert sitting.type("\x15\renable\r") == "\b\b\b   \b\b\b\r\nR1>enable\r\nR1#"
    assert sitting.type("\x1ex") == "\r\nlab>"
    assert sitting.type("connect R1\rexit\r\renable\r\x1exquit\r") == (
        f"connect R1\r\nR1#exit\r\n{LEFT}\r\nR1>enable\r\nR1#\r\nlab>quit\r\n"
    )
    assert sitting.desk.left


@pytest.mark.parametrize(("command", "asked"), [("tclsh", "R1(tcl)#"), ("enable", "Password: ")])
def test_a_question_outlasts_the_way_to_lab(tmp_path, command, asked):
    """Ctrl-^ x leaves what is asked again as it is: tclsh's next line, and no command."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\rconfigure terminal\renable password tea\rend\r")
    if command == "enable":
        sitting.type("disable\r")
    assert sitting.type(f"{command}\r").endswith(asked)
    assert sitting.type("\x1ex").endswith("\r\nlab>")
    assert sitting.type("connect R1\r").endswith(f"\r\n{asked}" if command == "tclsh" else "\r\nR1>")
    sitting.type("exit\r" if command == "tclsh" else "")
    assert sitting.type("show privilege\r").endswith("R1#" if command == "tclsh" else "R1>")


def test_a_console_that_was_logged_out_of_waits_for_return(tmp_path):
    """What is typed before RETURN is not shown; Ctrl-^ x leads away, and coming back presses RETURN."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\r")
    for word in ("exit", "logout", "quit"):
        assert sitting.type(f"{word}\r") == f"{word}\r\n{LEFT}"
        assert sitting.desk.lab["R1"].console().send("show users").count("con 0") == 1
        assert sitting.type("abc") == ""
        assert sitting.type("\r") == "\r\nR1>"
    assert sitting.type("exit\r\x03").endswith(f"{LEFT}\r\n")
    assert sitting.type("\x1ex") == "\r\n\r\nlab>"
    assert sitting.type("connect R1\r") == "connect R1\r\n\r\nR1>"


def test_a_console_without_exec_starts_none(tmp_path):
    """With `no exec` RETURN does nothing; without it again, it does."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\rconfigure terminal\rline con 0\rno exec\rend\r")
    assert sitting.type("exit\r\r\r").endswith(f"{LEFT}\r\n\r\n")
    for tty in sitting.desk.lab["R1"].part(TTYs).lines:
        tty.part(Kept).lines.clear()
    assert sitting.type("\r") == "\r\nR1>"


def test_a_console_asks_who_comes(tmp_path):
    """Banners, `User Access Verification` and the password come after RETURN; wrong ones lead back to it."""
    sitting = Sitting(tmp_path)
    console = sitting.desk.lab["R1"].console()
    for line in (
        *(
            "enable",
            "configure terminal",
            "banner motd #the day#",
            "banner login #come in#",
            "banner exec #well#",
        ),
        *("line con 0", "password tea", "login", "privilege level 15"),
    ):
        console.send(line)
    greeting = "\r\nthe day\r\n\r\ncome in\r\n\r\n\r\nUser Access Verification\r\n\r\nPassword: "
    assert sitting.type("connect R1\r").endswith(f"{STARTED}{greeting}")
    assert sitting.type("tea\r") == "\r\n\r\nwell\r\nR1#"
    assert sitting.type("exit\r\r") == f"exit\r\n{LEFT}\r\n{greeting}"
    assert sitting.type("\x1ex").endswith("lab>")
    assert sitting.type("connect R1\r") == "connect R1\r\nPassword: "
    assert sitting.type("a\rb\rc\r") == f"\r\nPassword: \r\nPassword: \r\n% Bad passwords\r\n{LEFT}"
    assert sitting.type("\rtea\r").endswith("well\r\nR1#")


def test_a_console_boots_under_whoever_sits_there(tmp_path):
    """`reload` leads to `Press RETURN to get started!`; without power there is nothing but `lab>`."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\r")
    shown = sitting.type("reload\r\r")
    assert "R1>" not in shown
    assert "Press RETURN to get started!\r\n" in shown
    assert sitting.type("\r").endswith("\r\nR1>")
    sitting.desk.lab.power("R1", on=False)
    sitting.seat.settle()
    assert sitting.take() == "\r\n% R1 has lost power\r\nlab>"
    assert sitting.type("connect R1\r").endswith("% R1 is switched off; power R1 on\r\nlab>")
    assert sitting.type("power R1 on\rconnect R1\r").endswith(f"{STARTED}R1>")


@pytest.mark.parametrize("speed", [1, 10])
def test_an_idle_console_is_left(tmp_path, speed):
    """After `exec-timeout` of the lab's time without a key the console waits for RETURN, and config mode is left."""
    sitting = Sitting(tmp_path, speed)
    sitting.type("connect R1\renable\rconfigure terminal\rline con 0\rexec-timeout 1 30\r")
    for seconds, over in ((89, False), (89, False), (90, True)):
        sitting.type("")
        sitting.take()
        sitting.wall.now += seconds / speed
        while sitting.pace.step():
            pass
        assert (sitting.seat.settle() is None) is over
        shown = sitting.take()
        assert (LEFT in shown) is over
    assert "%SYS-5-CONFIG_I: Configured from console by console" in shown
    assert sitting.type("\r").endswith("\r\nR1>")


@pytest.mark.parametrize("speed", [1, 10])
def test_a_log_in_is_not_waited_for_for_ever(tmp_path, speed):
    """A question that nobody answers is asked again, twice, and then the console waits for RETURN."""
    sitting = Sitting(tmp_path, speed)
    console = sitting.desk.lab["R1"].console()
    for line in ("enable", "configure terminal", "line con 0", "password tea", "login"):
        console.send(line)
    console.send("timeout login response 20")
    sitting.type("connect R1\rte")
    late = "\r\n% Password:  timeout expired!\r\n"
    for seconds, shown in (
        (19, ""),
        (1, f"{late}Password: "),
        (20, f"{late}Password: "),
        (20, f"{late}{LEFT}"),
    ):
        sitting.take()
        sitting.wall.now += seconds / speed
        while sitting.pace.step():
            pass
        sitting.seat.settle()
        assert sitting.take() == shown
    assert sitting.type("\rtea\r").endswith("\r\nR1>")


@pytest.mark.parametrize("speed", [0.5, 1, 100])
def test_ten_minutes_are_a_persons(tmp_path, speed):
    """The time-out that nobody configured is no shorter when the lab's clock runs faster."""
    sitting = Sitting(tmp_path, speed)
    sitting.type("connect R1\renable\r")
    for seconds, over in ((599, False), (2, speed >= 1)):
        sitting.wall.now += seconds
        while sitting.pace.step():
            pass
        sitting.seat.settle()
        assert (LEFT in sitting.take()) is over


def test_time_elsewhere_leaves_a_console_alone(tmp_path):
    """What the operator lets pass at `lab>` is not idle time, nor is `exec-timeout 0 0` ever over."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\rconfigure terminal\r\x1exadvance 10000\r")
    sitting.pace.step()
    sitting.seat.settle()
    assert sitting.type("connect R1\r").endswith("connect R1\r\nR1(config)#")
    sitting.type("line con 0\rexec-timeout 0 0\r")
    assert sitting.seat.settle() is None


def test_a_router_that_pings_itself_holds_nobody_up(tmp_path):
    """What is due at this very instant is not waited for by asking again and again."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\renable\rping 10.0.0.1\r")
    shown = sitting.take()
    for _ in range(20):
        sitting.wall.now += 0.001
        sitting.pace.step()
        sitting.seat.settle()
        shown += sitting.take()
    assert "!!!!!\r\nSuccess rate is 100 percent (5/5)" in shown


@pytest.mark.parametrize("speed", [0, 1])
def test_the_operator_need_not_wait(tmp_path, speed):
    """`advance` runs at once, whatever the speed, and the prompt comes when it is done."""
    sitting = Sitting(tmp_path, speed)
    sitting.take()
    sitting.type("advance 60\r")
    assert sitting.pace.step() is False
    sitting.seat.settle()
    assert sitting.desk.lab.clock.now == 60 * SECOND
    assert sitting.take() == "lab>"


def test_the_speed_asked_for_is_kept(tmp_path):
    """A Request for a speed sets the pace, and what is no speed is refused with a row."""
    desk = desk_at(tmp_path)
    pace = Pace(desk.lab)
    assert stdio.serve(desk, pace, Request("speed", "4")) == []
    assert pace.speed == 4
    assert stdio.serve(desk, pace, Request("speed", "-4")) == ["% no speed: -4.0"]
    assert (pace.speed, desk.speed) == (4, 4)


def test_a_console_shows_its_own_log(tmp_path):
    """A router's log line interrupts its console's terminal, and stands with its name at `lab>`."""
    sitting = Sitting(tmp_path)
    sitting.type("connect R1\r")
    node = sitting.desk.lab["R1"]
    node.log.emit("SYS", 5, "CONFIG_I", "Configured")
    sitting.seat.settle()
    shown = sitting.take()
    assert shown.startswith("\r\n*")
    assert shown.endswith("%SYS-5-CONFIG_I: Configured")
    sitting.type("\x1ex")
    node.log.emit("SYS", 5, "CONFIG_I", "Configured")
    sitting.seat.settle()
    assert sitting.take().startswith("\r\nR1| *")


class Terminal:
    """A front in a process of its own on a real terminal."""

    def __init__(self, front, folder):
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (24, 80))
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [sys.executable, __file__, front, str(folder)],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.shown = b""

    def read(self, end):
        """Read until this has been shown, and give what has been shown since the last reading, up to it."""
        deadline = time.monotonic() + 20
        while end not in self.shown:
            if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"never shown: {end!r}; only {self.shown!r}")
            self.shown += os.read(self.master, 65536)
        before, _, self.shown = self.shown.partition(end)
        return before + end

    def write(self, data):
        """Type."""
        os.write(self.master, data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def test_a_plain_terminal_is_served_and_given_back(tmp_path):
    """Byte for byte a router's terminal; after `quit` the terminal is as it was."""
    with Terminal("plain", tmp_path) as terminal:
        assert terminal.read(b"lab>") == b"lab>"
        terminal.write(b"connect R1\r")
        assert terminal.read(b"R1>") == f"connect R1\r\n{STARTED}R1>".encode()
        terminal.write(b"enable\rshow priv\x7f\x7f?")
        shown = terminal.read(b"\r\n\r\nR1#show pr")
        assert shown.startswith(b"enable\r\nR1#show priv\b \b\b \b?\r\npriv")
        terminal.write(b"\x1exquit\r")
        assert terminal.read(b"quit\r\n") == b"\r\nlab>quit\r\n"
        assert terminal.process.wait(10) == 0
        assert termios.tcgetattr(terminal.slave) == terminal.before


@pytest.mark.parametrize("front", ["plain", "shell"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_is_given_back_when_terminated(tmp_path, front, number):
    """A signal ends the front with its status, and the terminal is as it was."""
    with Terminal(front, tmp_path) as terminal:
        terminal.read(b"lab>")
        terminal.process.send_signal(number)
        assert terminal.process.wait(10) == 128 + number
        assert termios.tcgetattr(terminal.slave) == terminal.before


def test_a_plain_terminal_that_is_pasted_to_loses_nothing(tmp_path):
    """Hundreds of pasted lines arrive in order."""
    with Terminal("plain", tmp_path) as terminal:
        terminal.read(b"lab>")
        terminal.write(b"connect R1\renable\rconfigure terminal\r")
        terminal.read(b"R1(config)#")
        names = [b"R%d" % number for number in range(300)]
        for name in names:
            terminal.write(b"hostname " + name + b"\r")
            if name.endswith(b"0"):
                terminal.read(name + b"(config)#")
        shown = terminal.read(b"R299(config)#")
        assert shown.count(b"hostname") == 9


def test_the_shell_helps_completes_and_leaves(tmp_path):
    """`?` acts without Enter, Tab completes, Ctrl-^ x leaves a console, `quit` gives the terminal back."""
    with Terminal("shell", tmp_path) as terminal:
        terminal.read(b"lab>")
        terminal.write(b"conn?")
        terminal.read(b"lab>conn?\r\nconnect")
        terminal.write(b"\t")
        terminal.write(b"R1\r")
        terminal.read(b"R1>")
        terminal.write(b"enable\r")
        terminal.read(b"R1#")
        terminal.write(b"\x1ex")
        terminal.read(b"lab>")
        terminal.write(b"quit\r")
        assert terminal.process.wait(10) == 0
        assert termios.tcgetattr(terminal.slave) == terminal.before


def test_the_shell_runs_what_is_pasted(tmp_path):
    """Every line of a paste runs at its prompt, and what stands behind the last is left to be typed on."""
    with Terminal("shell", tmp_path) as terminal:
        terminal.read(b"lab>")
        terminal.write(b"\x1b[200~connect R1\nenable\nconfigure terminal\nhostname R2\nhostn\x1b[201~")
        shown = terminal.read(b"R2(config)#")
        assert b"R1>enable\r\nR1#configure terminal\r\nEnter" in shown
        terminal.read(b"hostn")
        terminal.write(b"ame R3\r")
        terminal.read(b"R3(config)#")
        terminal.write(b"hostname R4\x1a")
        terminal.read(b"R4#")
        terminal.read(b"%SYS-5-CONFIG_I")


def driven(folder, typed, reply, **settings):
    """Have the shell run a reply at a router's console while this is typed; give what it shows."""
    from prompt_toolkit.input import create_pipe_input  # noqa: PLC0415 - the other fronts do without
    from prompt_toolkit.output.plain_text import PlainTextOutput  # noqa: PLC0415

    from iosemu.frontends.shell import Shell  # noqa: PLC0415

    desk = desk_at(folder)
    desk.request(Request("connect", "R1"))
    for name, value in settings.items():
        setattr(desk.current.session, name, value)
    pace, shown = Pace(desk.lab), io.StringIO()

    async def drive():
        shell = Shell(desk, pace, source=source, output=PlainTextOutput(shown))
        clock = asyncio.create_task(pace.run(shell._stepped))
        source.send_text(typed)
        await shell._drive(reply)
        clock.cancel()

    with create_pipe_input() as source:
        asyncio.run(asyncio.wait_for(drive(), 10))
    return shown.getvalue()


def test_the_shell_takes_answers(tmp_path):
    """A question is typed with Backspace and Ctrl-U, a password is not shown, `[confirm]` takes one key."""

    def reply():
        yield f"<{(yield Ask('Name? '))}>"
        yield f"<{(yield Ask('Password: ', hidden=True))}>"
        yield f"<{(yield Ask('Go on? [confirm]', key=True))}>"
        yield f"<{(yield Ask('Really? [confirm]', key=True))}>"

    shown = driven(tmp_path, "wrong\x15ab\x7fc\rcisko\x7f\x7fco\r\rn", reply())
    assert shown.replace("\b \b", "") == (
        "Name? wrongabc\n<ac>\nPassword: \n<cisco>\nGo on? [confirm]\n<>\nReally? [confirm]\n<n>\n"
    )


def test_the_shell_drops_a_question_at_control_c(tmp_path):
    """Ctrl-C raises KeyboardInterrupt in the command that asks."""
    left = []

    def reply():
        try:
            yield Ask("Name? ")
        except KeyboardInterrupt:
            left.append(True)
            yield "as you like"

    assert driven(tmp_path, "ab\x03", reply()) == "Name? ab\nas you like\n"
    assert left


@pytest.mark.parametrize(
    ("keys", "rows"),
    [("q", 2), (" q", 4), ("\rq", 3), ("\r\r \x03", 6), ("    ", 9)],
)
def test_the_shell_pages(tmp_path, keys, rows):
    """Space shows a page more, Enter a row, q and Ctrl-C nothing."""
    shown = driven(tmp_path, keys, (f"row {number}" for number in range(9)), length=3)
    assert shown.count("row") == rows
    assert shown.count(" --More-- ") == len(keys)


@pytest.mark.parametrize("key", ["\x03", "\x1e"])
def test_the_shell_interrupts_what_waits(tmp_path, key):
    """Ctrl-C and Ctrl-^ end a command's waiting for the lab."""

    def reply():
        yield Text("!")
        yield Wait(10**15)
        yield "never"

    assert driven(tmp_path, key, reply()) == "!\n"


def test_what_stands_above_the_prompt_is_shown_in_raw_mode():
    """While rows are shown above the prompt, the terminal echoes nothing and makes no signals."""
    from iosemu.frontends.shell import _Typed  # noqa: PLC0415 - the other fronts do without

    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        source = _Typed(stdin)
        with source.raw_mode(), source.cooked_mode():
            assert not termios.tcgetattr(stdin)[3] & (termios.ECHO | termios.ISIG)
    os.close(master)


def test_the_menu_has_the_words_alone(tmp_path):
    """What completes a line is a word for each item, also where the terminal is so narrow that help wraps."""
    from prompt_toolkit.completion import CompleteEvent  # noqa: PLC0415 - the other fronts do without
    from prompt_toolkit.document import Document  # noqa: PLC0415

    from iosemu.frontends.shell import _Words  # noqa: PLC0415

    desk = desk_at(tmp_path)
    session = desk.console("R1").session
    session.scrolls, session.screen = True, (40, 24)
    found = list(_Words(session).get_completions(Document("show standby "), CompleteEvent()))
    words = [each.display_text for each in found]
    assert words[:3] == ["all", "brief", "delay"]
    assert not any(" " in word for word in words)
    assert found[0].display_meta_text == "Include groups in disabled state"


def test_the_shell_waits_in_its_time(tmp_path):
    """What waits at a router's console goes on when the clock has come there."""

    def reply():
        yield Wait(50_000)
        yield "here"

    before = time.monotonic()
    assert driven(tmp_path, "", reply()) == "here\n"
    assert time.monotonic() - before >= 0.05


if __name__ == "__main__":
    serve(*sys.argv[1:])
