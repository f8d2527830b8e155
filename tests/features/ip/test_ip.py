"""IP's configuration: laws that hold for whatever is typed, and pings that are broken off."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.app import Lab
from iosemu.cli.command import Text, Wait
from iosemu.cli.line import Line

LINE = Path(__file__).parents[2] / "sessions" / "ip" / "line"
MASKS = ("255.0.0.0", "255.255.0.0", "255.255.255.0", "255.255.255.252", "255.255.255.255", "0.0.0.0")

octets = st.sampled_from((0, 1, 2, 9, 10, 127, 172, 192, 224, 240, 255))
addresses = st.tuples(octets, octets, octets, octets).map(lambda parts: ".".join(map(str, parts)))
masks = st.sampled_from((*MASKS, "255.0.255.0"))
hops = st.one_of(addresses, st.sampled_from(("Null0", "Ethernet0", "Ethernet1 10.0.0.9")))
options = st.sampled_from(("", " 200", " name core", " tag 7", " permanent", " 5 name x permanent tag 9"))
interfaces = st.sampled_from(("Ethernet0", "Ethernet1", "Loopback0"))
secondaries = st.sampled_from(("", " secondary"))
address_lines = st.builds(
    "interface {}\nip address {} {}{}".format, interfaces, addresses, masks, secondaries
)
route_lines = st.builds("ip route {} {} {}{}".format, addresses, masks, hops, options)
arp_lines = st.builds("arp {} 0000.0000.000{} arpa".format, addresses, st.integers(0, 9))
configurations = st.lists(st.one_of(address_lines, route_lines, arp_lines), max_size=12)


def loaded(folder: str, text: str) -> Lab:
    """Give a lab of one router that boots with a configuration."""
    path = Path(folder) / "R1.cfg"
    path.write_text(text)
    return Lab.load(path)


def configuration(lab: Lab, name: str = "R1") -> str:
    """Give a router's configuration, without what is said about when it changed."""
    console = lab[name].console()
    console.send("enable")
    rows = console.send("show running-config").split("\n")[3:]
    return "\n".join(row for row in rows if not row.startswith("! "))


@settings(max_examples=60, deadline=None)
@given(configurations)
def test_written_configuration_is_read_as_it_was_written(lines: list[str]) -> None:
    """Whatever addresses, routes and neighbours were typed, what is written loads and is written again."""
    with TemporaryDirectory() as folder:
        lab = loaded(folder, "hostname R1\n")
        console = lab["R1"].console()
        console.send("enable")
        console.send("configure terminal")
        for line in "\n".join(lines).split("\n"):
            console.send(line)
        written = configuration(lab)
        routes = sorted(map(str, lab["R1"].routes.statics))
        again = loaded(folder, written)
        assert configuration(again) == written
        assert sorted(map(str, again["R1"].routes.statics)) == routes


@pytest.mark.parametrize(
    ("line", "undone"),
    [
        ("ip route 5.0.0.0 255.0.0.0 10.0.1.2", "no ip route 5.0.0.0 255.0.0.0 10.0.1.2"),
        ("ip route 5.0.0.0 255.0.0.0 10.0.1.2 200 name x tag 5", "no ip route 5.0.0.0 255.0.0.0"),
        ("ip route 5.0.0.0 255.0.0.0 Ethernet0 10.0.1.2", "no ip route 5.0.0.0 255.0.0.0 Ethernet0 10.0.1.2"),
        ("ip route 5.0.0.0 255.0.0.0 Null0", "no ip route 5.0.0.0 255.0.0.0 Null0"),
        ("arp 10.0.1.50 0000.1111.2222 arpa", "no arp 10.0.1.50"),
        ("no ip routing", "ip routing"),
        ("ip host core 23 10.0.1.2 10.0.2.2", "no ip host core"),
        ("no ip domain lookup", "ip domain lookup"),
        ("ip domain lookup source-interface Ethernet0", "default ip domain lookup"),
    ],
)
def test_line_and_its_no(line: str, undone: str) -> None:
    """A line is shown as it was said, and its opposite leaves table and configuration as before."""
    lab = Lab.load(LINE)
    console = lab["A"].console()
    console.send("enable")
    table = console.send("show ip route")
    before = configuration(lab, "A")
    console.send("configure terminal")
    assert console.send(line) == ""
    assert f"\n{line}\n" in configuration(lab, "A")
    assert console.send(undone) == ""
    assert configuration(lab, "A") == before
    assert console.send("do show ip route") == table


def test_ping_broken_off_sends_no_more() -> None:
    """A ping whose reply is closed, as the escape sequence does, sends nothing afterwards."""
    lab = Lab.load(LINE)
    reply = lab["A"].console().session.execute("ping 10.0.1.2 repeat 100")
    shown = 0
    for item in reply:
        if isinstance(item, Wait):
            lab.run_until(item.until)
        shown += isinstance(item, Text)
        if shown == 3:
            break
    reply.close()
    sent = lab["A"].interface("Ethernet0").counters.packets_out
    lab.advance(60)
    assert lab["A"].interface("Ethernet0").counters.packets_out == sent


def test_ping_interrupted_sums_up() -> None:
    """Ctrl-^ gives up the answer that is awaited, and the rate is of the requests sent till then."""
    with TemporaryDirectory() as folder:
        lab = loaded(folder, "hostname R1\ninterface Ethernet0\n ip address 10.0.0.1 255.0.0.0\nend\n")
        shown: list[str] = []
        line = Line(lab["R1"].console().session, shown.append)
        line.feed(b"ping 10.0.0.9 repeat 80\r")
        for _ in range(2):
            lab.advance(2)
            line.resume(lab.clock.now)
        line.feed(b"\x1eshow privilege\r")
    assert "".join(shown).endswith(
        " seconds:\r\n...\r\nSuccess rate is 0 percent (0/3)\r\nR1>show privilege\r\n"
        "Current privilege level is 1\r\nR1>"
    )


def test_ping_ends_with_power() -> None:
    """A ping from a router that is switched off comes to an end."""
    lab = Lab.load(LINE)
    reply = lab["A"].console().session.execute("ping 99.0.0.1 repeat 100")
    for number, item in enumerate(reply):
        if isinstance(item, Wait):
            lab.run_until(item.until)
        if number == 8:
            lab.power("A", on=False)
        assert number < 100


def test_floating_route_stands_in() -> None:
    """A route with a higher distance is used when, and for as long as, the better one's interface is down."""
    lab = Lab.load(LINE)
    console = lab["B"].console()
    console.send("enable")
    console.send("configure terminal")
    console.send("ip route 50.0.0.0 255.0.0.0 10.0.2.3")
    console.send("ip route 50.0.0.0 255.0.0.0 10.0.1.1 200")
    shown = []
    for down in (False, True, False):
        (lab.cut if down else lab.mend)("B", "Ethernet1")
        shown.append(console.send("do show ip route static | include 50.0.0.0"))
    assert shown == [
        "S    50.0.0.0/8 [1/0] via 10.0.2.3",
        "S    50.0.0.0/8 [200/0] via 10.0.1.1",
        "S    50.0.0.0/8 [1/0] via 10.0.2.3",
    ]


def test_fixed_arp_entry_follows_its_subnet() -> None:
    """A configured entry is in the table while its address is on one of our subnets."""
    lab = Lab.load(LINE)
    console = lab["B"].console()
    console.send("enable")
    console.send("configure terminal")
    console.send("arp 77.0.0.5 0000.1111.2222 arpa")
    assert console.send("do show ip arp 77.0.0.5") == ""
    console.send("interface Ethernet0")
    console.send("ip address 77.0.0.1 255.0.0.0 secondary")
    assert "0000.1111.2222  ARPA   Ethernet0" in console.send("do show ip arp 77.0.0.5")
    console.send("no ip address 77.0.0.1 255.0.0.0 secondary")
    assert console.send("do show ip arp 77.0.0.5") == ""
