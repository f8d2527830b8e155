"""The caret stands under the first character that can be no part of anything legal (ios-shell.md §2.2)."""

from __future__ import annotations

import pytest

from tests.parser.small import CONTEXT, grammar, said

GRAMMAR = grammar(
    """
words
    ip                 x
    router             x
    network            x
    show               x
    WORD     WORD      x
    address  A.B.C.D   x
    number   <1-99>    x

mode exec

enable
    enable             x

exit
    exit               x

help
    help               x

show clock
    clock              x

show class-map
    class-map          x

show format
    format             x

show ip route [address]
    route              x

show ip vrf
    vrf                x

show ip community-list
    community-list     x

show vtemplate
    vtemplate          x

mode exec level 15

archive
    archive            x

configure [terminal]
    configure          x
    terminal           x

erase startup-config
    erase              x
    startup-config     x

ip dhcp server
    dhcp               x
    server             x

undebug all
    undebug            x
    all                x

mode global

exit
    exit               x

router {ospf number | rip}
    ospf               x
    rip                x

logging {address | buffered}
    logging            x
    buffered           x

ntp source interface
    ntp                x
    source             x
    interface  INTERFACE  x

interface interface
    interface          x
    interface  INTERFACE  x

mode dhcp
    prompt (dhcp-config)#

default-router address
    default-router     x

dns-server address
    dns-server         x

mode router
    prompt (config-router)#

network address
    network            x

mode interface

switchport trunk {allowed | encapsulation | native}
    switchport         x
    trunk              x
    allowed            x
    encapsulation      x
    native             x
"""
)

CAPTURES = [
    ("R4>", "exec", "erase startup-config", 4),
    ("Router>", "exec", "hostname R3", 8),
    ("Router#", "exec", "hostname R3", 8),
    ("R3#", "exec", "username cisco privilege 15 secret cisco", 4),
    ("R3(config)#", "global", "exti", 13),
    ("R3(config)#", "global", "eixt", 12),
    ("R3(config)#", "global", "eit", 12),
    ("R3(config)#", "global", "router opsf 1000", 19),
    ("R3(dhcp-config)#", "dhcp", "defult", 19),
    ("R3#", "exec", "ip dhcp pool LAN60", 11),
    ("R3#", "exec", "show ip run", 12),
    ("R3#", "exec", "show ip root", 13),
    ("R3#", "exec", "show ip router", 16),
    ("R1#", "exec", "sh clck", 8),
    ("cisco1>", "exec", "show foooooooo", 14),
    ("R1(config)#", "global", "logging 0255.255.1", 19),
    ("SW-District-Access(config)#", "global", "ntp source 10.22.10.1", 38),
    ("RTR-District-01(config)#", "global", "interface etherent0/1.10", 39),
    ("R1#", "exec", "aoeu", 4),
    ("R3#", "exec", "Configuring from terminal, memory, or network [terminal]?", 11),
    ("R3#", "exec", "Enter configuration commands, one per line.  End with CNTL/Z.", 5),
    ("R3#", "exec", "% Invalid input detected at '^' marker.", 3),
    ("R3(config-router)#", "router", "network network 10.0.0.0", 26),
    ("R3#", "exec", "show ip vlan brief", 12),
    ("R3#", "exec", "show ip config", 13),
    ("IOU1(config-if)#", "interface", "switchport trunk mode trunk", 33),
    # A line too long for the row, or any at width 0, is repeated without its prompt.
    ("", "exec", "*Nov 10 23:05:22.263: %SYS-5-CONFIG_I: Configured from console by console[OK]", 0),
    ("", "exec", "show vtp status", 7),
]


@pytest.mark.parametrize(("prompt", "mode", "line", "column"), CAPTURES, ids=[row[2] for row in CAPTURES])
def test_captures(prompt: str, mode: str, line: str, column: int) -> None:
    """The caret stands where real routers put it, in every capture that ios-shell.md §2.2 gives."""
    context = CONTEXT._replace(level=1 if prompt.endswith(">") else 15)
    assert said(GRAMMAR[mode], line, context) == ("invalid", column - len(prompt))


@pytest.mark.parametrize(
    ("mode", "line", "column"),
    [
        ("exec", "x", 0),
        ("exec", "   x", 3),
        ("exec", "show  clocks", 11),
        ("exec", "SHOW CLX", 7),
        ("exec", "enable x", 7),
        ("exec", "show ip route 1.1.1.1 1.1.1.1", 22),
        ("exec", "show ip route 1.1.1.1x", 14),
        ("exec", "show ip route 1.1.1 x", 14),
        ("exec", "show clock\tx", 11),
        ("global", "router ospf 100", 12),
        ("global", "router ospf x", 12),
        ("global", "router ospf 1x", 12),
        ("global", "router 1", 7),
        ("global", "logging 256", 8),
        ("global", "logging bufferes", 15),
        ("global", "logging 1.1.1.1.1", 8),
        ("global", "interface x", 10),
        ("global", "interface Ethernett0", 18),
        ("global", "interface Ethernet0 0", 20),
        ("global", "interface Ethernet 9/9", 19),
        ("global", "interface lo0 x", 14),
        ("interface", "switchport trunk", None),
        ("global", "interface e", None),
        ("exec", "show ip route 1.1", None),
    ],
)
def test_variations(mode: str, line: str, column: int | None) -> None:
    """A malformed value is marked at its beginning, a keyword inside, a line that ends early not at all."""
    assert said(GRAMMAR[mode], line) == (("incomplete", len(line)) if column is None else ("invalid", column))
