"""Line, a TTY: bytes in, bytes out; what is expected stands in reference/ios-shell.md §0, §3, §4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.cli.command import Ask, Request, Text, Wait
from iosemu.cli.field import LONGEST
from iosemu.cli.line import ERASE, QUEUE, Line

BS, BELL, MORE = b"\x08", b"\x07", b" --More-- "


class Exec:
    """A session of a few commands that say what they were given."""

    def __init__(self, name="R1", **settings):
        self.name = name
        self.configuring = False
        self.ended = False
        self.synchronous = False
        self.editing = True
        self.filtered = False
        self.width = 80
        self.length = 24
        self.history = []
        self.config_history = ["older"]
        self.done = []
        vars(self).update(settings)

    @property
    def prompt(self):
        """The prompt of the mode."""
        return f"{self.name}(config)#" if self.configuring else f"{self.name}#"

    @property
    def limit(self):
        """Characters that a line may have."""
        return 510 if self.configuring else LONGEST

    def execute(self, line):
        """Do one of the commands."""
        self.done.append(line)
        if line.strip():
            self.history.append(line)
        word, _, rest = line.partition(" ")
        if word == "rows":
            for number in range(int(rest) if rest.isdecimal() and len(rest) < 5 else 0):
                yield f"row {number}"
        elif word == "say":
            yield rest
        elif word == "conf":
            self.configuring = True
        elif word == "end":
            self.configuring = False
        elif word == "exit":
            self.ended = True
        elif word == "copy":
            yield f"<{(yield Ask('Destination filename [startup-config]? '))}>"
        elif word == "enable":
            yield f"<{(yield Ask('Password: ', hidden=True))}>"
        elif word == "reload":
            yield f"<{(yield Ask('Proceed with reload? [confirm]', key=True))}>"
        elif word == "ping":
            yield from self.ping()
        elif word == "connect":
            yield Request("connect", rest)
        elif word == "fail":
            raise ZeroDivisionError

    def ping(self):
        """Wait twice."""
        try:
            for second in (1, 2):
                yield Wait(second)
                yield Text("!")
        except KeyboardInterrupt:
            yield ""
            yield "interrupted"
            return
        yield ""

    def help(self, text):
        """Help on a text."""
        if text.startswith("many"):
            return [*(f"  word{number}" for number in range(30)), ""]
        return [f"  help of {text}", ""] if text else ["% Unrecognized command"]

    def complete(self, text):
        """Complete two words."""
        return {"sh": "show ", "x": "x" * 300}.get(text)


class Terminal:
    """A Line on a session, and all that it wrote."""

    def __init__(self, **settings):
        self.session = Exec(**settings)
        self.shown = []
        self.line = Line(self.session, self.write)
        self.line.start()
        self.take()

    def write(self, text):
        """Show."""
        self.shown.append(text)

    def take(self):
        """Give what was shown since."""
        shown, self.shown = self.shown, []
        return "".join(shown).encode()

    def type(self, data):
        """Type, and give what that shows."""
        self.line.feed(data)
        return self.take()


@pytest.mark.parametrize(
    ("before", "key", "shown", "text"),
    [
        (b"abc", b"d", b"d", "abcd"),
        (b"abc", b"\x01", BS * 3, "abc"),
        (b"abc\x01", b"\x05", b"abc", "abc"),
        (b"abc", b"\x02", BS, "abc"),
        (b"abc", b"\x1b[D", BS, "abc"),
        (b"abc", b"\x1bOD", BS, "abc"),
        (b"abc\x01", b"\x06", b"a", "abc"),
        (b"abc\x01", b"\x1b[C", b"a", "abc"),
        (b"abc\x01", b"\x1bOC", b"a", "abc"),
        (b"abc", b"\x06", BELL, "abc"),
        (b"abc\x01", b"\x02", BELL, "abc"),
        (b"show ip", b"\x1bb", BS * 2, "show ip"),
        (b"show ip ", b"\x1bB", BS * 3, "show ip "),
        (b"show ip\x01", b"\x1bf", b"show", "show ip"),
        (b"show ip\x01\x1bf", b"\x1bF", b" ip", "show ip"),
        (b"abc", b"\x08", b"\x08 \x08", "ab"),
        (b"abc", b"\x7f", b"\x08 \x08", "ab"),
        (b"", b"\x7f", BELL, ""),
        (b"abc\x02", b"\x7f", b"\x08c \x08\x08", "ac"),
        (b"abc\x02\x02", b"X", b"Xbc\x08\x08", "aXbc"),
        (b"abc\x02\x02", b"\x04", b"c \x08\x08", "ac"),
        (b"abc", b"\x04", BELL, "abc"),
        (b"show ip", b"\x17", b"\x08\x08  \x08\x08", "show "),
        (b"show ip ", b"\x17", BS * 3 + b"   " + BS * 3, "show "),
        (b"abc", b"\x15", BS * 3 + b"   " + BS * 3, ""),
        (b"abc", b"\x18", BS * 3 + b"   " + BS * 3, ""),
        (b"abc\x02", b"\x15", BS * 2 + b"c  " + BS * 3, "c"),
        (b"abc\x01\x06", b"\x0b", b"  \x08\x08", "a"),
        (b"abc", b"\x0b", BELL, "abc"),
        (b"show ip\x01", b"\x1bd", b" ip    " + BS * 7, " ip"),
        (b"abc\x15", b"\x19", b"abc", "abc"),
        (b"", b"\x19", BELL, ""),
        (b"a b\x17\x17", b"\x19\x1by", b"a " + BS * 2 + b"b " + BS, "b"),
        (b"abc", b"\x1by", BELL, "abc"),
        (b"ab", b"\x14", BS * 2 + b"ba", "ba"),
        (b"abc\x01\x06", b"\x14", BS + b"ba", "bac"),
        (b"a", b"\x14", BELL, "a"),
        (b"show ip\x01", b"\x1bc", b"Show", "Show ip"),
        (b"show ip\x01", b"\x1bu", b"SHOW", "SHOW ip"),
        (b"SHOW ip\x01", b"\x1bl", b"show", "show ip"),
        (b"abc", b"\x0c", b"\r\nR1#abc", "abc"),
        (b"abc\x02", b"\x12", b"\r\nR1#abc\x08", "abc"),
        (b"abc", b"\x16?", b"?", "abc?"),
        (b"abc", b"\x1bq?", b"?", "abc?"),
        (b"abc", b"?", b"?\r\n  help of abc\r\n\r\nR1#abc", "abc"),
        (b"abc\x02", b"?", b"?\r\n  help of ab\r\n\r\nR1#abc\x08", "abc"),
        (b"", b"?", b"?\r\n% Unrecognized command\r\nR1#", ""),
        (b"sh", b"\t", b"\r\nR1#show ", "show "),
        (b"shx\x02", b"\t", b"\r\nR1#show x\x08", "show x"),
        (b"foo", b"\t", b"\r\nR1#foo" + BELL, "foo"),
        (b"x", b"\t", b"\r\nR1#x" + BELL, "x"),
        (b"abc", b"\x03", b"\r\nR1#", ""),
        (b"abc", b"\x1e", b"", "abc"),
        (b"abc", b"\x00", b"", "abc"),
        (b"abc", b"\x1b", b"", "abc"),
        (b"abc", b"\x1bz", BELL, "abc"),
        (b"abc", b"\x1b[1;5Z", BELL, "abc"),
        (b"abc", b"\xc3\xa9", BELL + BELL, "abc"),
        (b"x" * LONGEST, b"y", BELL, "x" * LONGEST),
    ],
)
def test_a_key_shows_these_bytes(before, key, shown, text):
    """Each key of §4.1 changes the text as documented and sends exactly these bytes."""
    terminal = Terminal(width=0)
    terminal.type(before)
    assert terminal.type(key) == shown
    terminal.type(b"\r")
    assert terminal.session.done[-1] == text


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (b"\x10", b"two"),
        (b"\x1b[A\x1bOA", b"two" + BS * 3 + b"one"),
        (b"\x10\x10\x10", b"two" + BS * 3 + b"one" + BELL),
        (b"\x10\x10\x0e", b"two" + BS * 3 + b"one" + BS * 3 + b"two"),
        (b"\x10\x1b[B", b"two" + BS * 3 + b"   " + BS * 3),
        (b"dr\x10\x1bOB", b"dr" + BS * 2 + b"two" + BS * 3 + b"dr " + BS),
        (b"\x0e", BELL),
    ],
)
def test_history_is_walked(keys, shown):
    """Up and down overwrite the line from its start, blank the rest, and ring at either end (§4.1, §4.3)."""
    terminal = Terminal(history=["one", "two"])
    assert terminal.type(keys) == shown


def test_configuration_has_a_history_of_its_own():
    """Up in a configuration mode recalls configuration lines (§4.3)."""
    terminal = Terminal(configuring=True, history=["one", "two"])
    assert terminal.type(b"\x10") == b"older"


def test_a_long_line_scrolls_by_ten():
    """The raw capture of §4.2: at the 67th character of 80 columns behind an 11-column prompt."""
    terminal = Terminal(name="pynet-rtr1")
    first = b"show archive config differences flash:/candidate_config.txt system"
    assert len(first) == 66
    assert terminal.type(first) == first
    assert terminal.type(b":") == (
        BS * 66 + b"$e config differences flash:/candidate_config.txt system:" + b" " * 9 + BS * 9
    )
    assert terminal.type(b"/running-") == b"/running-"
    assert terminal.type(b"c") == (
        BS * 66 + b"$ifferences flash:/candidate_config.txt system:/running-c" + b" " * 9 + BS * 9
    )
    terminal.type(b"onfig\r")
    assert terminal.session.done == [first.decode() + ":/running-config"]


def test_going_back_in_a_scrolled_line_shows_a_dollar_at_the_right():
    """At the start of a line that does not fit, `$` stands for what is hidden at the right (§4.2)."""
    terminal = Terminal(name="pynet-rtr1")
    terminal.type(b"0123456789" * 7)
    shown = terminal.type(b"\x01")
    assert shown == BS * 60 + b"0123456789" * 6 + b"012345$" + BS * 67


@pytest.mark.parametrize("width", [0, 511, 512])
def test_a_wide_terminal_does_not_scroll(width):
    """Clients that said `terminal width 0`, 511 or 512 get their echo in one piece (§4.2, clients.md)."""
    terminal = Terminal(width=width)
    assert terminal.type(b"y" * 250) == b"y" * 250


@pytest.mark.parametrize("enter", [b"\r", b"\n", b"\r\n", b"\r\x00"])
def test_an_enter_is_one_enter(enter):
    """CR, LF, CR LF and CR NUL each are one Enter, whole or octet by octet."""
    terminal = Terminal()
    assert terminal.type(b"say a" + enter) == b"say a\r\na\r\nR1#"
    assert b"".join(terminal.type(bytes((octet,))) for octet in b"say b" + enter) == b"say b\r\nb\r\nR1#"
    assert terminal.type(enter + enter) == b"\r\nR1#\r\nR1#"
    assert terminal.session.done == ["say a", "say b", "", ""]


def test_paging_erases_itself_exactly():
    """A page is length-1 rows; the row of --More-- is erased by 9 backspaces, 8 blanks, 9 backspaces."""
    terminal = Terminal(length=4)
    rows = [f"row {number}\r\n".encode() for number in range(9)]
    assert ERASE.encode() == BS * 9 + b" " * 8 + BS * 9
    assert terminal.type(b"rows 9\r") == b"rows 9\r\n" + b"".join(rows[:3]) + MORE
    assert terminal.type(b" ") == ERASE.encode() + b"".join(rows[3:6]) + MORE
    assert terminal.type(b"\r\n") == ERASE.encode() + rows[6] + MORE
    assert terminal.type(b"z") == ERASE.encode() + b"".join(rows[7:]) + b"R1#"


FILTERING = b"\r\nfiltering...\r\n"


def rows(*numbers):
    """Give the bytes of such rows."""
    return b"".join(b"row %d\r\n" % number for number in numbers)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (b"/8\r", b"\r\n/8" + FILTERING + rows(8) + b"R1#"),
        (b"/7\r", b"\r\n/7" + FILTERING + rows(7, 8) + b"R1#"),
        (b"/3\r", b"\r\n/3" + FILTERING + rows(3, 4) + MORE),
        (b"+[57]\r", b"\r\n+[57]" + FILTERING + rows(5, 7) + b"R1#"),
        (b"-[34678]\r", b"\r\n-[34678]" + FILTERING + rows(5) + b"R1#"),
        (b"-3|4\r", b"\r\n-3|4" + FILTERING + rows(5, 6) + MORE),
        (b"+nothing\r", b"\r\n+nothing" + FILTERING + b"R1#"),
        (b"/\r", b"\r\n/\r\n" + rows(3, 4, 5) + MORE),
        (b"/(\r", b"\r\n/(\r\n% Failed to compile regular expression.\r\n" + MORE),
        (b"/9\x7f8\r", b"\r\n/9\x08 \x088" + FILTERING + rows(8) + b"R1#"),
        (b"/x\x03", b"\r\n/x\r\nR1#"),
        (b"+x\x1a", b"\r\n+x\r\nR1#"),
        (b"-x\x1e", b"\r\n-x\r\nR1#"),
    ],
)
def test_a_pattern_at_more_finds_rows(typed, shown):
    """`/` skips to a row, `+` keeps rows, `-` drops them, on a row of its own and after `filtering...` (§4.5)."""
    terminal = Terminal(length=4)
    terminal.type(b"rows 9\r")
    assert terminal.type(typed) == shown
    terminal.type(b"q\x03")
    assert terminal.type(b"say a\r").endswith(b"say a\r\na\r\nR1#")


def test_there_is_one_filter_for_an_output():
    """A second `+` or `-` only rings, `/` still works under the filter, and the next command has none (§4.5)."""
    terminal = Terminal(length=4)
    terminal.type(b"rows 60\r+[05]\r")
    assert terminal.type(b"+-") == BELL + BELL
    assert terminal.type(b"/4\r") == b"\r\n/4" + FILTERING + rows(40, 45) + MORE
    assert terminal.type(b"q") == ERASE.encode() + b"R1#"
    assert terminal.type(b"rows 2\r") == b"rows 2\r\n" + rows(0, 1) + b"R1#"


def test_an_output_that_is_filtered_takes_no_filter():
    """Under `| include` neither `+` nor `-` is taken at --More--; after `/` one still is (§4.5)."""
    terminal = Terminal(length=4, filtered=True)
    terminal.type(b"rows 60\r")
    assert terminal.type(b"+-") == BELL + BELL
    terminal = Terminal(length=4)
    terminal.type(b"rows 60\r/30\r")
    assert terminal.type(b"+[05]\r") == b"\r\n+[05]" + FILTERING + rows(35, 40) + MORE


def test_without_editing_a_line_is_typed_and_erased():
    """With `terminal no editing` a key moves nothing and recalls nothing, and a long line does not scroll."""
    terminal = Terminal(editing=False, history=["one"])
    assert terminal.type(b"ab\x01\x02\x1b[D\x10\x1b[A\x0b\x19") == b"ab" + BELL * 7
    assert terminal.type(b"\x7f") == b"\x08 \x08"
    assert terminal.type(b"\x15") == b"\x08 \x08"
    assert terminal.type(b"y" * 200) == b"y" * 200
    assert terminal.type(b"\x15say a\r").endswith(b"say a\r\na\r\nR1#")


def test_configuration_takes_longer_lines():
    """A line has 254 characters in EXEC and 510 in configuration (§4.1)."""
    terminal = Terminal(width=0)
    terminal.type(b"conf\r")
    assert terminal.type(b"y" * 511) == b"y" * 510 + BELL
    terminal.type(b"\x15end\r")
    assert terminal.type(b"y" * 255) == b"y" * 254 + BELL


def test_a_terminal_that_is_resized_shows_the_line_again():
    """What is typed comes again below when the width changes; an empty line, or a command at work, shows nothing."""
    terminal = Terminal(width=40)
    terminal.line.resized()
    assert terminal.take() == b""
    terminal.type(b"0123456789" * 3)
    terminal.session.width = 20
    terminal.line.resized()
    assert terminal.take() == b"\r\nR1#$123456789"
    terminal.type(b"\x15ping x\r")
    terminal.line.resized()
    assert terminal.take() == b""


@pytest.mark.parametrize("length", [1, 2, 3, 23, 24, 512])
def test_pages_join_to_the_output(length):
    """Whatever the length, erasing every --More-- leaves each row once and in order."""
    terminal = Terminal(length=length)
    shown = terminal.type(b"rows 60\r" + b" " * 59)
    page = max(length - 1, 1)
    assert shown.count(MORE) == (59 // page if 60 % page else 60 // page - 1)
    text = shown.replace(MORE + ERASE.encode(), b"")
    assert text.startswith(b"rows 60\r\n" + b"".join(b"row %d\r\n" % number for number in range(60)) + b"R1#")


@pytest.mark.parametrize("key", [b"q", b"Q", b"\x03", b"\x1a", b"\x1e"])
def test_paging_stops(key):
    """After q or a break the row is erased and the prompt stands on it at once (§4.5)."""
    terminal = Terminal(length=3)
    terminal.type(b"rows 9\r")
    assert terminal.type(key) == ERASE.encode() + b"R1#"
    assert terminal.type(b"say a\r") == b"say a\r\na\r\nR1#"


@pytest.mark.parametrize(("length", "rows"), [(0, 500), (24, 23)])
def test_what_fits_is_not_paged(length, rows):
    """Length 0 never pages; a full page with nothing behind it shows no --More--."""
    assert MORE not in Terminal(length=length).type(b"rows %d\r" % rows)


def test_long_help_is_paged():
    """`?` pages like any output, and the line comes back after q."""
    terminal = Terminal()
    assert terminal.type(b"many ?").endswith(b"word22\r\n" + MORE)
    assert terminal.type(b"q") == ERASE.encode() + b"R1#many "


def test_a_question_is_edited_but_not_remembered():
    """A question's row takes the editing keys; `?` is text in it; its answer is no history."""
    terminal = Terminal()
    assert terminal.type(b"copy r s\r") == b"copy r s\r\nDestination filename [startup-config]? "
    assert terminal.type(b"ax\x08?\r") == b"ax\x08 \x08?\r\n<a?>\r\nR1#"
    assert terminal.session.history == ["copy r s"]


@pytest.mark.parametrize("key", [b"\t", b"\x10", b"\x0e"])
def test_a_question_knows_no_completion_and_no_history(key):
    """Tab, Ctrl-P and Ctrl-N only ring in a question."""
    terminal = Terminal()
    terminal.type(b"copy\r")
    assert terminal.type(key) == BELL


@pytest.mark.parametrize("key", [b"\x03", b"\x1a", b"\x1e"])
@pytest.mark.parametrize("command", [b"copy", b"enable", b"reload"])
def test_a_question_is_abandoned(command, key):
    """A break leaves the question for the prompt."""
    terminal = Terminal()
    terminal.type(command + b"\r")
    assert terminal.type(key) == b"\r\nR1#"
    assert terminal.type(b"say a\r") == b"say a\r\na\r\nR1#"


def test_a_password_is_hidden():
    """Nothing of a password is echoed, its editing neither, and it cannot be yanked afterwards."""
    terminal = Terminal()
    assert terminal.type(b"enable\r") == b"enable\r\nPassword: "
    assert terminal.type(b"wrong\x15cisko\x08\x7fco") == b""
    assert terminal.type(b"\r") == b"\r\n<cisco>\r\nR1#"
    assert terminal.type(b"\x19") == BELL


@pytest.mark.parametrize(("key", "answer"), [(b"\r\n", b""), (b"y", b"y"), (b"n", b"n")])
def test_confirm_takes_one_key(key, answer):
    """`[confirm]` is answered by one key that is not echoed; Enter answers the empty text."""
    terminal = Terminal()
    assert terminal.type(b"reload\r") == b"reload\r\nProceed with reload? [confirm]"
    assert terminal.type(key) == b"\r\n<" + answer + b">\r\nR1#"


def test_confirm_refuses_other_keys():
    """An arrow key is no answer to `[confirm]`."""
    terminal = Terminal()
    terminal.type(b"reload\r")
    assert terminal.type(b"\x1b[A\x01\xff") == BELL * 3


@pytest.mark.parametrize(
    ("typed", "shown", "done"),
    [
        (b"\x1a", b"^Z\r\nR1#", ["conf", "end"]),
        (b"say a\x1a", b"say a^Z\r\na\r\nR1#", ["conf", "say a", "end"]),
        (b"say a\x03", b"say a^C\r\nR1#", ["conf", "end"]),
    ],
)
def test_configuration_is_left_by_a_key(typed, shown, done):
    """Ctrl-Z runs what is typed, then `end`; Ctrl-C drops it; both show themselves (§1.2)."""
    terminal = Terminal()
    terminal.type(b"conf\r")
    assert terminal.type(typed) == shown
    assert terminal.session.done == done


def test_control_z_in_exec_only_runs_the_line():
    """In EXEC there is nothing to end."""
    terminal = Terminal()
    assert terminal.type(b"say a\x1a") == b"say a^Z\r\na\r\nR1#"
    assert terminal.session.done == ["say a"]


@pytest.mark.parametrize("pieces", [1, 7, 100_000])
def test_a_paste_of_hundreds_of_lines_loses_nothing(pieces):
    """300 lines run in order and echo in order, whatever pieces they come in."""
    terminal = Terminal(length=0)
    paste = b"".join(b"say line %d\r\n" % number for number in range(300))
    shown = b"".join(terminal.type(paste[at : at + pieces]) for at in range(0, len(paste), pieces))
    assert terminal.session.done == [f"say line {number}" for number in range(300)]
    assert shown == b"".join(b"say line %d\r\nline %d\r\nR1#" % (number, number) for number in range(300))


def test_type_ahead_waits_for_a_waiting_command():
    """Input that comes while a command waits for the lab is echoed and run after it."""
    terminal = Terminal()
    assert terminal.type(b"ping x\rsay a\r") == b"ping x\r\n"
    assert terminal.line.blocked == Wait(1)
    assert terminal.type(b"say b\r") == b""
    terminal.line.resume(0)
    assert terminal.take() == b""
    terminal.line.resume(1)
    assert terminal.take() == b"!"
    terminal.line.resume(5)
    assert terminal.take() == b"!\r\nR1#say a\r\na\r\nR1#say b\r\nb\r\nR1#"
    assert terminal.line.blocked is None


def test_type_ahead_is_bounded():
    """While a command waits, a megabyte is refused with a bell, and what is kept runs afterwards."""
    terminal = Terminal(length=0)
    terminal.type(b"ping x\r")
    assert terminal.type(b"say a\r" + b"z" * 1_000_000) == BELL
    assert terminal.line.room == 0
    assert len(terminal.line.untyped()) == QUEUE


def test_the_escape_character_interrupts_a_waiting_command():
    """Ctrl-^ reaches a waiting command at once, voids what was typed before it, not what comes after."""
    terminal = Terminal()
    terminal.type(b"ping x\rsay a\r")
    assert terminal.type(b"\x1esay b\r") == b"\r\ninterrupted\r\nR1#say b\r\nb\r\nR1#"


def test_escape_x_asks_to_disconnect():
    """Ctrl-^ x is a Request, and what follows it is handed to the next console."""
    terminal = Terminal()
    assert terminal.type(b"ab\x1exsay c\r") == b"ab"
    assert terminal.line.blocked == Request("disconnect")
    assert terminal.line.untyped() == b"say c\r"
    terminal.line.resume(0)
    assert terminal.type(b"c") == b"c"


def test_a_request_waits_for_the_front():
    """A Request blocks until resumed; input waits and can be handed on."""
    terminal = Terminal()
    assert terminal.type(b"connect HA1\rsay a\r") == b"connect HA1\r\n"
    assert terminal.line.blocked == Request("connect", "HA1")
    terminal.line.resume(0)
    assert terminal.take() == b"R1#say a\r\na\r\nR1#"


def test_what_a_request_says_is_shown():
    """The rows a front answers a Request with stand before the prompt."""
    terminal = Terminal()
    terminal.type(b"connect HA9\r")
    terminal.line.resume(0, ["% No such node"])
    assert terminal.take() == b"% No such node\r\nR1#"


def test_a_log_line_interrupts():
    """A log line is CR LF and its text, nothing after, and what is typed next goes on behind it (§4.8)."""
    terminal = Terminal()
    terminal.type(b"w")
    terminal.line.interrupt("*%SYS-5-CONFIG_I: Configured")
    assert terminal.take() == b"\r\n*%SYS-5-CONFIG_I: Configured"
    assert terminal.type(b"r") == b"r"


def test_logging_synchronous_draws_the_line_again():
    """Under `logging synchronous` prompt, input and cursor come back below the log line."""
    terminal = Terminal(synchronous=True)
    terminal.type(b"abc\x02")
    terminal.line.interrupt("%X")
    assert terminal.take() == b"\r\n%X\r\nR1#abc\x08"


def test_logging_synchronous_waits_for_the_prompt():
    """Under `logging synchronous` a log line does not break into a command's output, and 20 at most wait."""
    terminal = Terminal(synchronous=True, length=3)
    terminal.type(b"rows 3\r")
    for number in range(25):
        terminal.line.interrupt(f"%{number}")
    assert terminal.take() == b""
    shown = terminal.type(b" ")
    assert shown == ERASE.encode() + b"row 2\r\nR1#" + b"".join(b"\r\n%%%d\r\nR1#" % n for n in range(20))


def test_a_log_line_during_paging_is_not_erased():
    """A log line below --More-- stays; the next page begins on a row of its own."""
    terminal = Terminal(length=3)
    terminal.type(b"rows 3\r")
    terminal.line.interrupt("%X")
    assert terminal.take() == b"\r\n%X"
    assert terminal.type(b" ") == b"\r\nrow 2\r\nR1#"


def test_a_log_line_during_a_wait_leaves_the_prompt_a_row():
    """The prompt after a command never continues a log line."""
    terminal = Terminal()
    terminal.type(b"connect x\r")
    terminal.line.interrupt("%X")
    terminal.line.resume(0)
    assert terminal.take() == b"\r\n%X\r\nR1#"


def test_a_session_that_ended_shows_nothing_more():
    """After `exit` neither prompt nor echo nor log line is written."""
    terminal = Terminal()
    assert terminal.type(b"exit\rsay a\r") == b"exit\r\n"
    terminal.line.interrupt("%X")
    assert terminal.type(b"say b\r") == b""


def test_a_dialogue_may_run_before_the_prompt():
    """`run` carries on a log-in that no command started."""
    session = Exec()
    shown = []
    line = Line(session, shown.append)

    def login():
        yield ""
        user = yield Ask("Username: ")
        yield f"<{user} {(yield Ask('Password: ', hidden=True))}>"

    line.run(login())
    line.feed(b"cisco\r\nsecret\r\nsay a\r")
    assert "".join(shown) == "\r\nUsername: cisco\r\nPassword: \r\n<cisco secret>\r\nR1#say a\r\na\r\nR1#"


def test_a_command_that_fails_leaves_a_prompt():
    """An error in a command reaches the front, and the line still works."""
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError):
        terminal.type(b"fail\rsay a\r")
    assert terminal.take() == b"fail\r\nR1#"
    assert terminal.type(b"") == b"say a\r\na\r\nR1#"


def test_a_megabyte_without_enter_leaves_a_working_prompt():
    """A megabyte of text without Enter keeps 254 characters, and Ctrl-U makes room again."""
    terminal = Terminal()
    terminal.type(b"z" * 1_000_000)
    assert terminal.line.room == QUEUE
    terminal.type(b"\x05\x15")
    assert terminal.type(b"say a\r").endswith(b"say a\r\na\r\nR1#")


KEYS = st.sampled_from(
    b"\x1b[ \x1bO \x1b \x1b[A \x19 \x1by \x14 ? \t \r \x1e abc".split(b" ")
    + b"say x\r,rows 30\r,copy\r,enable\r,reload\r,conf\r,ping x\r".split(b",")
)


@given(
    st.lists(st.binary(max_size=30) | KEYS | st.binary(min_size=1, max_size=1), max_size=40),
    st.sampled_from([0, 1, 20, 80]),
)
def test_any_octets_leave_a_working_prompt(pieces, width):
    """Whatever was typed, a break and Enter lead to a prompt that works; no escape is ever written."""
    terminal = Terminal(width=width)
    for piece in pieces:
        terminal.line.feed(piece)
    for end in (b"", b"\x03\x03\r"):
        terminal.line.feed(end)
        while terminal.line.blocked is not None:
            terminal.line.resume(9)
    assert set(terminal.take()) <= {7, 8, 10, 13, *range(0x20, 0x7F)}
    shown = terminal.type(b"say still alive\r")
    assert shown.endswith(b"\r\nstill alive\r\n" + terminal.session.prompt.encode())


@given(
    st.lists(st.text("ab ?x", max_size=80).map(str.encode) | st.binary(max_size=9) | KEYS, max_size=12).map(
        b"".join
    ),
    st.sampled_from([0, 20, 80]),
    st.integers(1, 50),
)
def test_pieces_make_no_difference(typed, width, piece):
    """What is shown does not depend on the pieces that octets arrive in."""
    slow, fast = Terminal(width=width), Terminal(width=width)
    for terminal, size in ((slow, 1), (fast, piece)):
        for at in range(0, len(typed), size):
            terminal.line.feed(typed[at : at + size])
            while terminal.line.blocked is not None:
                terminal.line.resume(9)
    assert slow.take() == fast.take()
    assert slow.session.done == fast.session.done


@pytest.mark.parametrize("width", [0, 10, 80])
def test_text_taken_at_once_is_drawn_as_if_typed(width):
    """A run of text scrolls, fills the line and rings as its octets one by one do."""
    slow, fast = Terminal(width=width), Terminal(width=width)
    text = bytes(range(0x20, 0x3F)) * 12
    shown = b"".join(slow.type(bytes((octet,))) for octet in text)
    assert fast.type(text) == shown
    assert shown.endswith(BELL)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60), st.data())
def test_the_screen_shows_what_is_typed(text, data):
    """A terminal that obeys the bytes shows the prompt, then exactly the window that the line keeps."""
    keys = b"\x01 \x05 \x02 \x06 \x1bb \x1bf \x04 \x08 \x17 \x15 \x0b \x1bd \x19 \x14 \x1bu".split(b" ")
    keys += [character.encode() for character in text if character != "?"]
    terminal = Terminal(width=30)
    terminal.line.redraw()
    terminal.take()
    cells, at = [*"R1#", *" " * 200], 3
    for key in data.draw(st.lists(st.sampled_from(keys), max_size=80)):
        terminal.line.feed(key)
        for octet in terminal.take():
            if octet == 8:
                at -= 1
            elif octet != 7:
                cells[at] = chr(octet)
                at += 1
            assert 3 <= at < 30
    before = "".join(cells).rstrip()
    terminal.line.feed(b"\x0c")
    again = terminal.take().decode()
    assert again.startswith("\r\nR1#")
    assert before == "R1#" + again[5:].replace("\b", "").rstrip()
    assert at == len(again) - 2 - 2 * again.count("\b")
