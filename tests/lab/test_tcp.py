"""TCP: connections open, carry octets in order whatever is lost, close, and say why they do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.lab.clock import MILLISECOND, SECOND
from iosemu.lab.tcp import MSS, SYNWAIT, TCP, Connection, Ends
from iosemu.wire.ipv4 import TCP as PROTOCOL
from iosemu.wire.ipv4 import Packet
from iosemu.wire.tcp import ACK, FIN, PSH, RST, SYN, Segment
from tests.lab.build import ip, line_of, static

HERE = Ends(ip("10.0.0.1"), 11000, ip("10.0.0.2"), 23)
THERE = Ends(ip("10.0.0.2"), 23, ip("10.0.0.1"), 11000)


def flags(segments):
    """Name the flags of segments."""
    return [
        "".join(
            name for name, bit in zip("SFRPA", (SYN, FIN, RST, PSH, ACK), strict=True) if each.flags & bit
        )
        for each in segments
    ]


def joined():
    """Give two ends of an open connection."""
    one, two = Connection(HERE, 100), Connection(THERE, 4_294_967_295)
    (syn,) = one.open(0)
    (answer,) = two.accept(syn, 0)
    (last,) = one.received(answer, 0)
    assert two.received(last, 0) == []
    assert (one.state, two.state, flags([syn, answer, last])) == ("open", "open", ["S", "SA", "A"])
    return one, two


def exchange(one, two, segments, now=0):
    """Hand segments to and fro until nobody has any; gives all of them, the first end's first."""
    seen = list(segments)
    ends, turn = (two, one), 0
    while segments:
        segments = [reply for each in segments for reply in ends[turn].received(each, now)]
        seen += segments
        turn = 1 - turn
    return seen


def test_data_goes_both_ways():
    """Octets arrive once and in order, cut to segments, across the end of the sequence numbers."""
    one, two = joined()
    text = bytes(range(256)) * 5
    seen = exchange(one, two, one.send(text, 0))
    assert [len(each.data) for each in seen if each.data] == [MSS, MSS, len(text) - 2 * MSS]
    assert (two.take(), two.take()) == (text, b"")
    exchange(two, one, two.send(b"back", 0))
    assert one.take() == b"back"


def test_both_ends_close():
    """Each FIN is acknowledged; what was still to be sent goes first, and nothing is sent behind it."""
    one, two = joined()
    segments = one.send(b"a" * MSS + b"b", 0)
    assert one.close(0) == []
    assert one.send(b"never", 0) == []
    assert flags(exchange(one, two, segments)) == ["PA", "A", "PA", "A", "FA", "A"]
    assert (two.take(), two.ended, one.ended, one.state) == (b"a" * MSS + b"b", True, False, "open")
    exchange(two, one, two.send(b"still", 0))
    assert one.take() == b"still"
    assert flags(exchange(two, one, two.close(0))) == ["FA", "A"]
    assert {(each.state, each.fault) for each in (one, two)} == {("over", "")}


@pytest.mark.parametrize("lost", range(8))
def test_one_lost_segment_is_sent_again(lost):
    """Whichever segment of a whole connection is lost, all arrives and both ends close.

    Not the last acknowledgement: what is sent again for it finds nobody, and is reset by the node.
    """
    one, two = Connection(HERE, 1), Connection(THERE, 2)
    now, count = 0, 0
    wire = [(two, each) for each in one.open(0)]
    asked = False
    while one.state != "over" or two.state != "over":
        while wire:
            end, segment = wire.pop(0)
            count += 1
            if count - 1 == lost:
                continue
            other = one if end is two else two
            replies = end.accept(segment, now) if end.state == "closed" else end.received(segment, now)
            wire += [(other, each) for each in replies]
        if one.state == "open" and not asked:
            asked = True
            wire += [(two, each) for each in one.send(b"hello", now)]
            wire += [(two, each) for each in one.close(now)]
        elif two.ended and not two._closing:
            wire += [(one, each) for each in two.close(now)]
        else:
            due = [each.deadline() for each in (one, two) if each.deadline() is not None]
            if not due:
                break
            now = min(due)
            for end, other in ((one, two), (two, one)):
                wire += [(other, each) for each in end.expire(now)]
    assert two.take() == b"hello"
    assert two.ended
    assert one.fault == two.fault == ""


def test_what_comes_again_is_taken_once():
    """A segment whose acknowledgement was lost is acknowledged again, and one from the future is not taken."""
    one, two = joined()
    (data,) = one.send(b"once", 0)
    assert flags(two.received(data, 0)) == ["A"]
    assert flags(two.received(data, 0)) == ["A"]
    ahead = data._replace(sequence=data.sequence + 100)
    assert [each.acknowledgment for each in two.received(ahead, 0)] == [data.sequence + 4]
    assert two.take() == b"once"


def test_an_end_that_is_gone_is_given_up():
    """A segment is sent again after 2, 4, 8 … at most 60 seconds, eight times in all."""
    one, _ = joined()
    one.send(b"anybody", 0)
    times = []
    while (due := one.deadline()) is not None:
        times.append(due // SECOND)
        one.expire(due)
    assert times == [2, 6, 14, 30, 62, 122, 182, 242]
    assert (one.state, one.fault) == ("over", "lost")


def test_a_reset_must_fit():
    """A reset with other numbers is nobody's; one with ours ends the connection."""
    one, two = joined()
    (data,) = one.send(b"x", 0)
    one.received(Segment(23, 11000, 77, 88, RST), 0)
    assert one.state == "open"
    (reset,) = two.abort()
    one.received(reset, 0)
    assert (one.state, one.fault, data.flags) == ("over", "reset", PSH | ACK)


# -- on nodes


class Server:
    """Sends back what it hears, in upper case, and closes when the other end does."""

    def __init__(self, socket):
        self.socket = socket
        socket.user = self

    def heard(self):
        """Answer."""
        if self.socket.over:
            return
        if data := self.socket.connection.take():
            self.socket.send(data.upper())
        if self.socket.connection.ended:
            self.socket.close()


def serve(socket):
    """Take whoever calls."""
    Server(socket)
    return True


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), loss=st.sampled_from([0.0, 0.1, 0.3]), text=st.binary(max_size=3000))
def test_octets_come_through_a_bad_link(seed, loss, text):
    """Over a link that loses segments everything comes back, or the connection says that it was lost."""
    lab = line_of("A", "B", seed=seed)
    lab["B"].ip.tcp[23] = serve
    lab.segments["lan"].loss = loss
    socket = lab["A"].part(TCP).connect(ip("10.0.0.2"), 23)
    got = b""
    for _ in range(3600):
        lab.advance(1)
        got += socket.connection.take()
        if socket.connection.state == "open" and text is not None:
            socket.send(text)
            socket.close()
            sent, text = text, None
        if socket.over:
            break
    if socket.connection.fault == "":
        assert got == sent.upper()
        lab.advance(600)
        assert lab["B"].part(TCP)._sockets == {}
    assert socket.connection.fault in ("", "timed out", "lost")


def test_why_nothing_opens():
    """Refused by a reset, unreachable by ICMP or for want of a route, timed out where nobody answers."""
    lab = line_of("A", "B")
    tcp = lab["A"].part(TCP)
    assert tcp.connect(ip("99.0.0.1"), 23) is None
    lab["A"].routes.add_static(static("0.0.0.0/0", "10.0.0.2"))
    faults = {}
    for address in ("10.0.0.2", "99.0.0.1", "10.0.0.77", "10.0.0.1"):
        socket = tcp.connect(ip(address), 23)
        began = lab.clock.now
        while not socket.over:
            lab.step()
        faults[address] = socket.connection.fault, lab.clock.now - began
    # The packet that starts an ARP request is dropped: the second SYN is refused.
    assert faults.pop("10.0.0.2") == ("refused", 2 * SECOND + 2 * MILLISECOND)
    assert faults.pop("99.0.0.1")[0] == "unreachable"
    assert faults.pop("10.0.0.77") == ("timed out", SYNWAIT)
    assert faults == {"10.0.0.1": ("refused", 0)}


@pytest.mark.parametrize("address", ["224.0.0.2", "255.255.255.255", "10.0.0.255"])
def test_a_segment_to_many_is_nobodys(address):
    """It is neither answered nor refused (RFC 1122 §4.2.3.10)."""
    lab = line_of("A", "B")
    lab["B"].ip.tcp[23] = serve
    tcp = lab["B"].part(TCP)
    for port in (23, 24):
        tcp.received(Packet(ip("10.0.0.1"), ip(address), PROTOCOL, Segment(1024, port, 0, 0, SYN)))
    assert tcp._sockets == {}
    assert not lab["B"].ip.traffic["TCP no port"]


def test_a_node_that_lost_power_knows_nothing():
    """What is sent to it afterwards is reset; and nothing of a connection is in a checkpoint."""
    lab = line_of("A", "B")
    lab["B"].ip.tcp[23] = serve
    socket = lab["A"].part(TCP).connect(ip("10.0.0.2"), 23)
    lab.advance(5)
    lab.checkpoint("open")
    socket.send(b"x")
    lab.advance(1)
    assert socket.connection.take() == b"X"
    lab.power("B", on=False)
    lab.power("B", on=True)
    lab["B"].interface("Ethernet0").address = lab["A"].interface("Ethernet0").address
    lab.restore("open")
    assert socket.over
    assert (lab["A"].part(TCP)._sockets, lab["B"].part(TCP)._sockets) == ({}, {})
    lab.advance(100)
    again = lab["A"].part(TCP).connect(ip("10.0.0.2"), 23)
    lab.advance(5)
    assert again.connection.state == "open"
