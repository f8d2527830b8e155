"""`diff`: what is a difference between two configurations, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from iosemu.app import grammar
from iosemu.cli import config
from iosemu.insight.diff import compare
from iosemu.insight.reading import Reading, Text, read
from tests.insight.test_unfold import configurations


def configured(text: str) -> Reading:
    """Read a configuration."""
    return read(grammar(), "Router", [Text("x", text)])


def differences(one: str, other: str) -> list[str]:
    """Compare two configurations."""
    return [str(row) for row in compare(configured(one), configured(other))]


E0 = "interface Ethernet0\n ip address 1.0.0.1 255.0.0.0\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int e0\nip addr 1.0.0.1 255.0.0.0\n", E0),  # abbreviations, indentation
        (f"{E0} standby pri 110 preempt delay 60\n", f"{E0} standby preempt delay minimum 60\n standby 0 prio 110\n"),
        ("ip route 1.0.0.0 255.0.0.0 2.0.0.1\nip routing\n", "ip route 1.0.0.0 255.0.0.0 2.0.0.1 1\n"),  # defaults
        (f"{E0} standby timers 3 10\n standby ip 1.0.0.9\n", f"{E0} standby ip 1.0.0.9\n no shutdown\n"),
        ("hostname A\nno hostname\n", ""),
        (f"{E0} standby 1 ip 1.0.0.9\n no standby 1\n", E0),  # `no` forms
        ("ip mobile secure home-agent 1.0.0.2 spi 100 hex 00112233445566778899001122334455\n",
         "ip mobile secure home-agent 1.0.0.2 spi 0100 key hex 00112233445566778899001122334455 algorithm md5\n"),
        ("ip mobile virtual-network 2.0.0.0 255.0.0.0 2.0.0.1\n", "ip mob virt 2.0.0.0 255.0.0.0 addr 2.0.0.1\n"),
        ("ip mobile home-agent redundancy A\n", "ip mobile home-agent standby A\n"),
        (f"ip domain-name a.b\n{E0}", f"{E0}exit\nip domain-name a.b\n"),  # order of lines
        ("interface e0\n foo  bar\n", "interface Ethernet 0\n foo bar\n"),  # what is no command, spelt alike
        ("", "!\n! a comment\nend\nhostname Z\n"),
    ],
)  # fmt: skip
def test_no_difference(one: str, other: str) -> None:
    """What means the same is the same."""
    assert differences(one, other) == []
    assert differences(other, one) == []


@pytest.mark.parametrize(
    ("one", "other", "rows"),
    [
        (E0, E0.replace("0.1 ", "0.2 "), ["  interface Ethernet0", "-  ip address 1.0.0.1 255.0.0.0",
                                          "+  ip address 1.0.0.2 255.0.0.0"]),
        (E0, "", ["- interface Ethernet0", "-  ip address 1.0.0.1 255.0.0.0"]),
        ("hostname A\n", "", ["- hostname A"]),
        ("access-list 1 permit 1.0.0.1\naccess-list 1 deny any\naccess-list 2 permit any\n",
         "access-list 2 permit any\naccess-list 1 deny any\naccess-list 1 permit 1.0.0.1\n",
         ["+ access-list 1 deny   any", "- access-list 1 deny   any"]),
        ("ip mobile home-agent standby A\nip mobile home-agent standby B\n",
         "ip mobile home-agent standby B\nip mobile home-agent standby A\n",
         ["+ ip mobile home-agent standby B", "- ip mobile home-agent standby B"]),
        ("banner motd #\na\nb #\n", "banner motd #\na\nc #\n",
         ["- banner motd ^C", "- a", "- b ^C", "+ banner motd ^C", "+ a", "+ c ^C"]),
        ("line vty 0 4\n foo\n", "line vty 0 4\n bar\n", ["- foo", "+ bar"]),
        ("interface e0\n foo\n", "interface e0\n bar\n", ["  interface Ethernet0", "-  foo", "+  bar"]),
    ],
)  # fmt: skip
def test_differences(one: str, other: str, rows: list[str]) -> None:
    """What means something else is shown below what leads to it."""
    assert differences(one, other) == rows


@settings(max_examples=60, deadline=None)
@given(configurations(carried=False))
def test_running_config_means_the_same(rows: list[str]) -> None:
    """A configuration and what running-config makes of it do not differ."""
    text = "\n".join(row for row in rows if not row.strip().startswith(("banner", "end")))
    found = configured(text)
    running = "\n".join(config.body(grammar(), "global", found.target))
    understood = [row for row in compare(found, configured(running)) if row.sign != " "]
    lost = [trouble.source.text for trouble in found.troubles]
    assert [row.text.strip() for row in understood if row.text.strip() not in lost] == []


@settings(max_examples=40, deadline=None)
@given(configurations(carried=True), configurations(carried=True))
def test_both_ways(one: list[str], other: list[str]) -> None:
    """What is only in the first is what is only in the second when they change places."""
    there = differences("\n".join(one), "\n".join(other))
    back = differences("\n".join(other), "\n".join(one))
    swapped = {"-": "+", "+": "-", " ": " "}
    assert sorted(there) == sorted(swapped[row[0]] + row[1:] for row in back)
