"""Screens of services that a router of this kind runs, or says that it does not, and of what its processor does.

CDP, LLDP and SNMP are not spoken here, whatever is configured of them, and IOS has words for that; NTP's servers are
never heard. Words and layouts: those of 12.4, from memory and public transcripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.cli.said import said
from iosemu.lab.ip import ANY

if TYPE_CHECKING:
    from iosemu.cli.session import Session
    from iosemu.lab.router import Node

TECH_SUPPORT = (
    "show version",
    "show running-config",
    "show interfaces",
    "show ip interface",
    "show ip route",
    "show arp",
    "show controllers",
    "show users",
    "show logging",
    "show file systems",
    "dir flash:",
    "show processes cpu",
    "show protocols",
    "show standby",
    "show ip mobile globals",
)
"""What `show tech-support` consists of here."""

_SECRET = re.compile(
    r"\b((?:password|secret|key|key-string|community)(?: (?:[0-9]|hex|ascii))?) (?!chain\b|hex\b|ascii\b)"
    r"\S+(?=\Z| R[OW]\b)"
)
"""A secret in a row of running-config, and the word before it."""


@command("exec", "show cdp")
def show_cdp(_: Node, **which: object) -> Reply:
    """Say that CDP does not run."""
    del which
    yield "% CDP is not enabled"


@command("exec", "show lldp")
def show_lldp(_: Node, **which: object) -> Reply:
    """Say that LLDP does not run."""
    del which
    yield "% LLDP is not enabled"


@command("exec", "show snmp")
def show_snmp(_: Node, **which: bool) -> Reply:
    """Say that there is no SNMP agent."""
    del which
    yield "%SNMP agent not enabled"


@command("exec", "show ntp status")
def show_ntp_status(_: Node) -> Reply:
    """Show that no server was ever heard."""
    yield "Clock is unsynchronized, stratum 16, no reference clock"
    yield "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**18"
    yield "reference time is 00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)"
    yield "clock offset is 0.0000 msec, root delay is 0.00 msec"
    yield "root dispersion is 0.00 msec, peer dispersion is 0.00 msec"


@command("exec", "show ntp associations")
def show_ntp_associations(session: Session) -> Reply:
    """Show the servers and peers that are configured, none of which was heard."""
    peers = [
        str(values["host"])
        for name in ("ntp server", "ntp peer")
        for values in said(session, "global", name, session.node)
    ]
    if not peers:
        return
    yield ""
    yield "      address         ref clock     st  when  poll reach  delay  offset    disp"
    for peer in peers:
        yield f" ~{peer:<16} {ANY!s:<15}{16:4}{'-':>6}{64:6}{0:6}{'0.0':>7}{'0.00':>8}  16000."
    yield " * master (synced), # master (unsynced), + selected, - candidate, ~ configured"


@command("exec", "show processes cpu")
def show_processes_cpu(node: Node, *, sorted: bool = False) -> Reply:  # noqa: A002 - IOS's word
    """Show the processor's load: none, for whatever the routers of a lab do takes no time of theirs."""
    del sorted
    frames = sum(port.counters.packets_in for port in node.interfaces.values() if "." not in port.number)
    yield "CPU utilization for five seconds: 0%/0%; one minute: 0%; five minutes: 0%"
    yield " PID Runtime(ms)   Invoked      uSecs   5Sec   1Min   5Min TTY Process "
    yield f"{1:4}{0:12}{frames:10}{0:11}  0.00%  0.00%  0.00%{0:4} {'Net Input':<16} "


@command("exec", "show tech-support")
def show_tech_support(session: Session) -> Reply:
    """Show the screens that whoever helps asks for, one after another."""
    for line in TECH_SUPPORT:
        yield ""
        yield f"------------------ {line} ------------------"
        yield ""
        for item in session.execute_exec(line, 0):
            yield _SECRET.sub(r"\1 <removed>", item) if isinstance(item, str) else item
