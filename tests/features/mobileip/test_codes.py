"""Every reply code, from the cause that makes it, in a lab: RFC 2002 §3.4, RFC 2344 §3.4, RFC 3344 §3.4."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.codes import CODES, FLAGS
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.packet import MOBILE_HOME, PORT, Reply, Request
from iosemu.features.mobileip.port import AgentPort
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.clock import SECOND
from iosemu.wire import icmp
from iosemu.wire.ipv4 import ICMP, Packet

if TYPE_CHECKING:
    from iosemu.features.mobileip.packet import Message
    from iosemu.lab.interface import Interface
    from iosemu.wire.ethernet import Frame
    from iosemu.wire.udp import Datagram

KEY = bytes.fromhex("0123456789abcdef0123456789abcdef")
OTHER_KEY = "00112233445566778899001122334455"
HOME, AGENT, FOREIGN, CN1 = map(IPv4.parse, ("1.0.0.100", "1.0.0.10", "4.0.0.1", "3.0.0.50"))
NOWHERE = IPv4.parse("9.9.9.9")

NEVER = {
    1: "several bindings at once are supported",
    64: "every refusal has a code of its own",
    128: "every refusal has a code of its own",
    130: "nothing runs out",
    138: "IOS has no such setting for home agents",
}
"""Codes that no agent here gives, and why; a mobile node takes them all (`test_no_code_stops_it`)."""


class Row(NamedTuple):
    """A cause: lines of configuration, and what is asked of whom."""

    code: int
    lines: dict[str, tuple[str, ...]] | None = None
    asked: dict[str, Any] | None = None
    """How the request differs from a proper one; `flags` as letters."""
    direct: bool = False
    """Sent by CN1, as a co-located node, to the home agent."""
    agent: str = ""
    """What CN1 does as a home agent: `silent`, or `bare`, replying without a proof."""
    wait: float = 1
    before: int = 0
    """How many proper requests with S from other places come first; MN1 itself has a binding."""
    key: bytes = KEY
    skew: int = 0
    ttl: int = 255
    error: int | None = None
    """Of an ICMP error that R0 sends about the relayed request."""


SERVICE = "interface Ethernet1"
BOTH = ("HA1", "HA2")
ROWS = [
    Row(0),
    Row(65, {"FA1": ("access-list 1 deny any", SERVICE, "ip mobile foreign-service home-access 1")}),
    Row(66, {"FA1": (SERVICE, "ip mobile foreign-service limit 1")}, {"home": IPv4(HOME + 1)}),
    Row(67, {"FA1": (f"ip mobile secure visitor {HOME} spi 300 key hex {OTHER_KEY}",)}),
    Row(68, {"FA1": (f"ip mobile secure home-agent {AGENT} spi 300 key hex {OTHER_KEY}",)}),
    Row(69, {"FA1": (SERVICE, "ip mobile registration-lifetime 600")}),
    Row(70, asked={"flags": "x"}),
    Row(71, asked={"home_agent": CN1}, agent="bare"),
    Row(72, asked={"flags": "M"}),
    Row(73, asked={"flags": "V"}),
    Row(74, asked={"flags": "T"}),
    Row(75, {"FA1": (SERVICE, "ip mobile foreign-service reverse-tunnel mandatory")}),
    Row(76, {"FA1": (SERVICE, "ip mobile foreign-service reverse-tunnel")}, {"flags": "T"}, ttl=64),
    Row(77, asked={"care_of": NOWHERE}),
    Row(78, asked={"home_agent": CN1}, agent="silent", wait=16),
    Row(80, {"FA1": ("no ip route 0.0.0.0 0.0.0.0 3.0.0.1",)}),
    Row(81, asked={"home_agent": NOWHERE}),
    Row(82, asked={"home_agent": CN1}),
    Row(88, asked={"home_agent": CN1}, agent="silent", error=13),
    Row(0, direct=True),
    Row(
        129,
        dict.fromkeys(BOTH, ("access-list 1 deny any", "ip mobile home-agent roam-access 1")),
        direct=True,
    ),
    Row(
        129,
        dict.fromkeys(BOTH, ("access-list 1 deny 3.0.0.50", "ip mobile home-agent care-of-access 1")),
        direct=True,
    ),
    Row(131, direct=True, key=bytes(16)),
    Row(
        132,
        dict.fromkeys(BOTH, (f"ip mobile secure foreign-agent {CN1} spi 300 key hex {OTHER_KEY}",)),
        direct=True,
    ),
    Row(133, direct=True, skew=-8),
    Row(133, direct=True, skew=8),
    Row(134, asked={"flags": "x"}, direct=True),
    Row(134, asked={"care_of": AGENT}, direct=True),
    Row(135, asked={"flags": "S"}, direct=True, before=7),
    Row(136, asked={"home_agent": NOWHERE}, direct=True),
    Row(137, dict.fromkeys(BOTH, ("ip mobile home-agent reverse-tunnel-off",)), {"flags": "T"}, direct=True),
    Row(139, asked={"flags": "M"}, direct=True),
]


@lru_cache(maxsize=1)
def settled() -> Lab:
    """Give the physical lab with MN1 registered and everybody's MAC known."""
    lab = Lab.load("physical")
    lab.advance(100)
    lab["CN1"].ip.send_udp(AGENT, PORT, b"?", source_port=PORT)
    lab["CN1"].ip.send_udp(IPv4.parse("3.0.0.2"), 9, b"?", source_port=9)
    lab["FA1"].ip.send_udp(CN1, 9, b"?", source_port=9)
    lab.advance(2)
    lab.checkpoint("settled")
    return lab


class Asker:
    """Whoever sends requests and hears replies: MN1 at FA1, or CN1 at the home agent; CN1 plays home agents, too."""

    def __init__(self, lab: Lab, row: Row) -> None:
        self.lab = lab
        self.row = row
        self.replies: list[Reply] = []
        lab["MN1"].part(AgentPort).takers.insert(0, self._take)
        if row.direct or row.agent:
            lab["CN1"].ip.udp[PORT] = self._heard
        self._low = 0

    def _take(
        self, interface: Interface, packet: Packet, message: Message, port: int, frame: Frame | None
    ) -> bool:
        del interface, packet, port, frame
        if isinstance(message, Reply):
            self.replies.append(message)
        return True

    def _heard(self, interface: Interface, packet: Packet, datagram: Datagram, frame: Frame | None) -> None:
        del interface, frame
        message, node = datagram.payload, self.lab["CN1"]
        if isinstance(message, Reply):
            self.replies.append(message)
        elif isinstance(message, Request) and self.row.agent == "bare":
            reply = Reply(0, 60, message.home, message.home_agent, message.identification)
            node.ip.send_udp(packet.source, PORT, reply, source_port=PORT)
        elif self.row.error is not None:
            error = icmp.Unreachable(self.row.error, packet.quote())
            self.lab["R0"].ip.send(Packet(IPv4(0), packet.source, ICMP, error))

    def request(self, asked: dict[str, Any], care_of: IPv4) -> Request:
        """Make a request of this moment, signed."""
        self._low += 1
        number = (self.lab.unix // SECOND + NTP + self.row.skew) << 32 | self._low
        said: dict[str, Any] = {
            "lifetime": 9000,
            "home": HOME,
            "home_agent": AGENT,
            "care_of": care_of,
            "identification": number,
        }
        letters = asked.get("flags", "")
        flags = sum(FLAGS.get(letter, 1) for letter in letters)
        request = Request(**{**said, **asked, "flags": flags})
        return signed(request, MOBILE_HOME, 0x200, self.row.key)

    def ask(self) -> None:
        """Send what the row asks, and let time pass."""
        row, lab = self.row, self.lab
        for number in range(row.before):
            place = IPv4(CN1 + 1 + number)
            lab["CN1"].ip.send_udp(AGENT, PORT, self.request({"flags": "S"}, place), source_port=PORT)
        if row.direct:
            request = self.request(row.asked or {}, CN1)
            lab["CN1"].ip.send_udp(AGENT, PORT, request, source_port=PORT)
        else:
            port, mac = lab["MN1"].interface("Ethernet0"), lab["FA1"].interface("Ethernet1").mac
            request = self.request(row.asked or {}, FOREIGN)
            lab["MN1"].ip.send_udp(
                FOREIGN, PORT, request, source_port=PORT, source=HOME, interface=port, to=mac, ttl=row.ttl
            )
        lab.advance(row.wait)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}{'-direct' * row.direct}")
def test_a_cause_gives_its_code(row: Row) -> None:
    """The last reply heard has the code, and the agent that gave it has counted it."""
    lab = settled()
    lab.restore("settled")
    for name, lines in (row.lines or {}).items():
        console = lab[name].console()
        for line in ("enable", "configure terminal", *lines, "end"):
            assert "%" not in console.send(line)
    asker = Asker(lab, row)
    asker.ask()
    assert [reply.code for reply in asker.replies] == [0] * row.before + [row.code]
    counted = lab["FA1"].part(Mobile).traffic.foreign_codes if 64 <= row.code < 128 else None
    assert (counted or lab["HA1"].part(Mobile).traffic.home_codes)[row.code]
    if row.code == 69:
        assert asker.replies[-1].lifetime == 600
    if row.code == 136:
        assert asker.replies[-1].home_agent == AGENT


def test_every_code_has_a_cause_or_a_reason() -> None:
    """No code is left out, and none has both."""
    made = {row.code for row in ROWS}
    assert made | set(NEVER) == set(CODES)
    assert not made & set(NEVER)
