"""Access lists: what a router's lists say of packets and of addresses, for all who are told to ask one.

The rule kept here is IOS's: entries are looked at in the order of their numbers, the first that matches decides,
what none matches is denied, and a list that has no entry (or is not there) lets everything through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4
from iosemu.lab.clock import SECOND
from iosemu.lab.parts import Parts
from iosemu.values import NamedTuple
from iosemu.wire.ipv4 import ICMP, TCP, UDP
from iosemu.wire.octets import octets
from iosemu.wire.tcp import Segment
from iosemu.wire.udp import Datagram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.lab.router import Node
    from iosemu.wire.ipv4 import Packet

STEP = 10
"""By how much entries without a number of their own are apart (12.3 and later)."""
ALL = IPv4(0xFFFFFFFF)
"""The wildcard that any address matches."""
LOGGED = 300 * SECOND
"""How long matches of a flow are gathered between two messages about it (Cisco document 8027)."""
FLAGS = {"fin": 0x01, "syn": 0x02, "rst": 0x04, "psh": 0x08, "ack": 0x10, "urg": 0x20}
"""The control bits of TCP (RFC 793), in the 14th octet of its header."""
ESTABLISHED = FLAGS["ack"] | FLAGS["rst"]
NAMES = {TCP: "tcp", UDP: "udp"}


class Ports(NamedTuple):
    """Ports from `low` to `high`, or all others."""

    low: int
    high: int
    others: bool = False

    def __contains__(self, port: object) -> bool:
        return isinstance(port, int) and (self.low <= port <= self.high) != self.others


class Rule(NamedTuple):
    """An entry: bits of an address that are 1 in its wildcard do not count, and None is not looked at."""

    permits: bool
    source: IPv4 = IPv4(0)
    wildcard: IPv4 = ALL
    log: str = ""
    """Empty, `log` or `log-input`."""
    protocol: int | None = None
    destination: IPv4 = IPv4(0)
    destination_wildcard: IPv4 = ALL
    source_ports: Ports | None = None
    destination_ports: Ports | None = None
    message: tuple[int, int | None] | None = None
    """An ICMP message's type, and its code."""
    flags: int = 0
    """Control bits of TCP, of which one at least is set."""
    dscp: int | None = None
    precedence: int | None = None
    tos: int | None = None
    fragments: bool = False
    """Only fragments that are not a packet's first."""

    def concerns(self, source: IPv4) -> bool:
        """Whether the entry is about a source address."""
        return not (source ^ self.source) & ~self.wildcard

    def matches(self, packet: Packet) -> bool:
        """Whether the entry is about a packet.

        Of fragments behind the first nobody knows the ports: they match an entry that permits, and pass by one
        that denies (RFC 1858; Cisco document 8014).
        """
        if not (
            self.concerns(packet.source)
            and not (packet.destination ^ self.destination) & ~self.destination_wildcard
            and self.protocol in (None, packet.protocol)
            and self.dscp in (None, packet.tos >> 2)
            and self.precedence in (None, packet.tos >> 5)
            and self.tos in (None, packet.tos >> 1 & 15)
        ):
            return False
        deeper = self.source_ports or self.destination_ports or self.message or self.flags
        if packet.fragment_offset:
            return self.permits if deeper else True
        return not self.fragments and (not deeper or self._matches_payload(packet))

    def _matches_payload(self, packet: Packet) -> bool:
        if self.message is not None:
            type_, code = self.message
            payload = packet.payload
            begin = b"" if isinstance(payload, (Datagram, Segment)) else octets(payload)[:2]
            return len(begin) == 2 and begin[0] == type_ and code in (None, begin[1])
        source, destination = ports(packet)
        return (
            (self.source_ports is None or source in self.source_ports)
            and (self.destination_ports is None or destination in self.destination_ports)
            and (not self.flags or bool(_control(packet) & self.flags))
        )


def ports(packet: Packet) -> tuple[int, int]:
    """Give a packet's ports, source and destination; 0 where it has none."""
    payload = packet.payload
    if isinstance(payload, (Datagram, Segment)):
        return payload.source_port, payload.destination_port
    if packet.protocol not in (TCP, UDP) or not isinstance(payload, bytes) or len(payload) < 4:
        return 0, 0
    return int.from_bytes(payload[:2], "big"), int.from_bytes(payload[2:4], "big")


def _control(packet: Packet) -> int:
    payload = packet.payload
    if isinstance(payload, Segment):
        return payload.flags
    return payload[13] if isinstance(payload, bytes) and len(payload) > 13 else 0


class AccessList(Parts):
    """A list: its entries by their numbers, how often each matched, and the remarks in front of each."""

    def __init__(self, name: str, *, extended: bool = False) -> None:
        super().__init__()
        self.name = name
        self.extended = extended
        self.rules: dict[int, Rule] = {}
        self.remarks: dict[int, list[str]] = {}
        self.matches: dict[int, int] = {}

    @property
    def next(self) -> int:
        """The number that an entry gets which has none of its own: it goes to the end."""
        return max(self.rules, default=0) + STEP

    def add(self, rule: Rule, number: int | None = None) -> bool:
        """Take an entry, unless it is there already; False when another has its number."""
        if rule in self.rules.values():
            return True
        number = self.next if number is None else number
        if number in self.rules:
            return False
        self.rules[number] = rule
        return True

    def remove(self, number: int) -> None:
        """Drop an entry; KeyError when there is none of this number."""
        del self.rules[number]
        self.matches.pop(number, None)

    def resequence(self, start: int, step: int) -> None:
        """Number the entries anew."""
        places = sorted({*self.rules, *self.remarks})
        new = {place: start + step * index for index, place in enumerate(places)}
        self.rules = {new[place]: rule for place, rule in self.rules.items()}
        self.remarks = {new[place]: remarks for place, remarks in self.remarks.items()}
        self.matches = {new[place]: count for place, count in self.matches.items()}

    def lines(self) -> Iterator[tuple[int, Rule | str]]:
        """Give number and entry, or remark, of every line in order."""
        for number in sorted({*self.rules, *self.remarks}):
            yield from ((number, remark) for remark in self.remarks.get(number, ()))
            if number in self.rules:
                yield number, self.rules[number]

    def find(self, matches: Callable[[Rule], bool]) -> Rule | None:
        """Give the entry that decides, which counts a match; None: no entry matches."""
        for number in sorted(self.rules):
            rule = self.rules[number]
            if matches(rule):
                self.matches[number] = self.matches.get(number, 0) + 1
                return rule
        return None


class AccessLists:
    """A router's access lists by name (a part of it); numbered ones have their number for a name."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.lists: dict[str, AccessList] = {}
        self._flows: dict[str, int] = {}
        """What is logged of now, as its message begins, and how many packets since the last message."""

    def get(self, name: str, *, extended: bool) -> AccessList | None:
        """Give the list of a name, made if need be; None when the name is that of the other kind."""
        found = self.lists.setdefault(name, AccessList(name, extended=extended))
        return found if found.extended == extended else None

    def log(self, listed: AccessList, rule: Rule, packet: Packet, came: str) -> None:
        """Write a message of a flow's first packet, and every five minutes of those that followed."""
        flow = _described(listed, rule, packet, came)
        if flow in self._flows:
            self._flows[flow] += 1
            return
        self._flows[flow] = 0
        self._emit(flow, 1)
        self.node.lab.clock.at(self.node.now + LOGGED, self.node.name, Report(self, flow))

    def report(self, flow: str) -> None:
        """Write what has gathered of a flow; one that has ended is forgotten (a `Report` calls this)."""
        count = self._flows.pop(flow, 0)
        if count:
            self._flows[flow] = 0
            self._emit(flow, count)
            self.node.lab.clock.at(self.node.now + LOGGED, self.node.name, Report(self, flow))

    def _emit(self, flow: str, count: int) -> None:
        mnemonic, text = flow.split("\n")
        self.node.log.emit("SEC", 6, mnemonic, f"{text} {count} packet{'s' if count > 1 else ''}")


class Report:
    """The end of the time that a flow's matches are gathered."""

    __slots__ = ("boots", "flow", "lists")

    def __init__(self, lists: AccessLists, flow: str) -> None:
        self.lists = lists
        self.flow = flow
        self.boots = lists.node.boots

    def happen(self, now: int) -> None:
        """Tell."""
        del now
        if self.lists.node.boots == self.boots:
            self.lists.report(self.flow)


def _described(listed: AccessList, rule: Rule, packet: Packet, came: str) -> str:
    """Give the mnemonic and, in a second row, the beginning of a message about a flow (facility SEC)."""
    verdict = f"list {listed.name} {'permitted' if rule.permits else 'denied'}"
    if not listed.extended:
        return f"IPACCESSLOGS\n{verdict} {packet.source}"
    source, destination = packet.source, packet.destination
    came = f" ({came})" if rule.log == "log-input" else ""
    if packet.protocol in (TCP, UDP):
        here, there = ports(packet)
        what = f"{NAMES[packet.protocol]} {source}({here}){came} -> {destination}({there})"
        return f"IPACCESSLOGP\n{verdict} {what},"
    if packet.protocol == ICMP:
        type_, code, *_ = *octets(packet.payload)[:2], 0, 0  # type: ignore[arg-type]
        return f"IPACCESSLOGDP\n{verdict} icmp {source}{came} -> {destination} ({type_}/{code}),"
    return f"IPACCESSLOGNP\n{verdict} {packet.protocol} {source}{came} -> {destination},"


class Filters:
    """Which lists filter what comes by an interface, and what is forwarded by it (a part of it)."""

    __slots__ = ("inbound", "outbound")

    def __init__(self, _: object) -> None:
        self.inbound: str | None = None
        self.outbound: str | None = None


def _find(node: Parts, name: object) -> AccessList | None:
    """Give the list of a number or name, when it is there and has entries."""
    held = node.peek(AccessLists)
    found = held.lists.get(str(name)) if held else None
    return found if found and found.rules else None


def permits(node: Parts, name: object, source: IPv4) -> bool:
    """Whether a router's list, by number or name, lets a source address through.

    An extended list is asked about the source alone, too (`access-class`).
    """
    listed = _find(node, name)
    if listed is None:
        return True
    rule = listed.find(lambda each: each.concerns(source))
    return rule is not None and rule.permits


def passes(node: Node, name: object, packet: Packet, came: str) -> bool:
    """Whether a router's list lets a packet through; `came` says by which interface, from which MAC."""
    listed = _find(node, name)
    if listed is None:
        return True
    rule = listed.find(lambda each: each.matches(packet))
    if rule is not None and rule.log:
        node.part(AccessLists).log(listed, rule, packet, came)
    return rule is not None and rule.permits
