"""The log: stamps, levels, the buffer, and what consoles fetch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab.clock import DAY, HOUR, MINUTE, SECOND
from iosemu.lab.lab import Lab
from iosemu.lab.log import KEPT, Log, uptime


def log_at(instant: int = 0) -> Log:
    """Give the log of a router that has run for so long."""
    lab = Lab()
    node = lab.add_node("R")
    lab.start()
    lab.run_until(instant)
    return node.log


def latest(log: Log) -> str:
    """Log a message and give its row."""
    log.emit("SYS", 5, "CONFIG_I", "Configured from console by console")
    return log.since(log.mark - 1)[0][0].text


MESSAGE = "%SYS-5-CONFIG_I: Configured from console by console"


@pytest.mark.parametrize(
    ("settings", "stamp"),
    [
        ({}, "*Mar  1 00:00:05.123: "),
        ({"msec": False}, "*Mar  1 00:00:05: "),
        ({"year": True}, "*Mar  1 2002 00:00:05.123: "),
        ({"show_timezone": True}, "*Mar  1 00:00:05.123 UTC: "),
        ({"localtime": True, "show_timezone": True}, "*Feb 28 16:00:05.123 PST: "),
        ({"form": "uptime"}, "00:00:05: "),
        ({"form": None}, ""),
    ],
)
def test_messages_are_stamped_as_service_timestamps_says(settings: dict[str, object], stamp: str) -> None:
    """Each form of `service timestamps log` has IOS's stamp; the star says that the clock was never set."""
    log = log_at(5_123_456)
    log.timezone, log.timezone_offset = "PST", -480
    for name, value in settings.items():
        setattr(log.log_stamp, name, value)
    assert latest(log) == stamp + MESSAGE


def test_debugging_has_a_stamp_of_its_own() -> None:
    """`service timestamps debug` and `log` are set apart."""
    log = log_at(75 * SECOND)
    log.log_stamp.form = "uptime"
    log.debug("SB0: Ethernet0 Hello out")
    log.emit("LINK", 3, "UPDOWN", "Interface Ethernet0, changed state to up")
    rows = [(entry.text, entry.kind, entry.severity) for entry in log.buffer]
    assert rows == [
        ("*Mar  1 00:01:15.000: SB0: Ethernet0 Hello out", "debug", 7),
        ("00:01:15: %LINK-3-UPDOWN: Interface Ethernet0, changed state to up", "log", 3),
    ]


def test_a_clock_that_was_set_has_no_star() -> None:
    """After `clock set` the stamp shows the time set."""
    log = log_at()
    log.node.clock_offset = -14 * HOUR
    log.node.clock_set = True
    assert latest(log) == "Feb 28 10:00:00.000: " + MESSAGE


def test_sequence_numbers_stand_first() -> None:
    """`service sequence-numbers` counts every message in six digits."""
    log = log_at()
    log.debug("one")
    log.sequence_numbers = True
    assert latest(log) == "000002: *Mar  1 00:00:00.000: " + MESSAGE


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "00:00:00"),
        (DAY - 1, "23:59:59"),
        (HOUR + 2 * MINUTE + 3 * SECOND, "01:02:03"),
        (DAY, "1d00h"),
        (DAY + 18 * HOUR, "1d18h"),
        (49 * DAY, "7w0d"),
        (400 * DAY, "1y5w"),
    ],
)
def test_ages_are_written_as_ios_writes_them(span: int, text: str) -> None:
    """Hours within a day, then days, weeks, years."""
    assert uptime(span) == text


def test_levels_decide_what_is_counted_and_buffered() -> None:
    """A message counts where its severity is at most the level; None is off."""
    log = log_at()
    log.console_level, log.monitor_level, log.buffer_level = 4, None, 6
    for severity in range(8):
        log.emit("TEST", severity, "M", "")
    assert (log.console_count, log.monitor_count, log.buffer_count) == (5, 0, 7)
    assert [entry.severity for entry in log.buffer] == list(range(7))
    entries, _ = log.since(0)
    assert [log.on_console(entry) for entry in entries] == [True] * 5 + [False] * 3
    assert not any(log.on_monitor(entry) for entry in entries)


def test_what_is_monitored_is_counted_once() -> None:
    """A message counts for the monitors when one of them shows it, whatever other lines do with it."""
    log = log_at()
    for severity in range(3):
        log.emit("TEST", severity, "M", "")
    first, second, third = log.since(0)[0]
    for shown in (first, first, third, third, second):
        log.monitored(shown)
    assert log.monitor_count == 2


def test_without_logging_the_console_is_left() -> None:
    """`no logging on` stops the buffer and the monitors, not the console."""
    log = log_at()
    log.enabled = False
    log.debug("x")
    ((entry,), _) = log.since(0)
    assert log.on_console(entry)
    assert not log.on_monitor(entry)
    assert log.buffer == ()
    assert (log.console_count, log.buffer_count) == (1, 0)


@given(st.lists(st.text("x", max_size=60)), st.integers(0, 300))
def test_the_buffer_keeps_the_latest_that_fit(texts: list[str], size: int) -> None:
    """The buffer holds the longest run of last messages that its size holds."""
    log = log_at()
    log.debug_stamp.form = None
    log.buffer_size = size
    for text in texts:
        log.debug(text)
    expected: list[str] = []
    for text in reversed(texts):
        if sum(len(row) + 1 for row in [*expected, text]) > size:
            break
        expected.append(text)
    assert [entry.text for entry in log.buffer] == expected[::-1]
    log.clear()
    assert log.buffer == ()


@given(st.lists(st.integers(0, 4)))
def test_a_console_misses_nothing_and_sees_nothing_twice(bursts: list[int]) -> None:
    """Fetching from mark to mark gives every entry once, in order."""
    log = log_at()
    mark, seen, made = log.mark, [], 0
    for burst in bursts:
        for _ in range(burst):
            made += 1
            log.debug(str(made))
        entries, mark = log.since(mark)
        seen += [entry.number for entry in entries]
    assert seen == list(range(1, made + 1))
    assert log.since(mark) == ([], mark)


def test_a_console_that_slept_too_long_gets_what_is_left() -> None:
    """Entries are kept to a number; what is older is lost, not an error."""
    log = log_at()
    log.buffer_level = None
    for number in range(KEPT + 5):
        log.debug(str(number))
    entries, mark = log.since(0)
    assert len(entries) == KEPT
    assert entries[0].number == 6
    assert mark == KEPT + 5
