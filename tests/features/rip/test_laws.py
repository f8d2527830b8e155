"""RIP's laws: networks of any shape converge, before and after a cut, and no rubbish harms a machine."""

from __future__ import annotations

from collections import deque
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.features.rip.machine import Link, Process
from iosemu.features.rip.packet import INFINITY, Entry, Rip, decode
from iosemu.wire.octets import Malformed
from tests.features.rip.bus import Bus, net

Edges = list[tuple[int, int]]


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, Edges]:
    """Draw how many routers there are, and the pairs of them that have a link: a tree and some more."""
    count = draw(st.integers(2, 7))
    edges = [(draw(st.integers(0, number - 1)), number) for number in range(1, count)]
    pairs = [(a, b) for b in range(count) for a in range(b) if (a, b) not in edges]
    more = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs else []
    return count, edges + more


def built(count: int, edges: Edges) -> Bus:
    """Build routers, each with a network of its own besides the links."""
    bus = Bus()
    for number in range(count):
        bus.plug(f"R{number}", port("own", f"20.0.{number}.1"), f"own{number}")
    for index, edge in enumerate(edges):
        for place, number in enumerate(edge, 1):
            bus.plug(f"R{number}", port(f"e{index}", f"20.1.{index}.{place}"), f"s{index}")
    return bus


def port(name: str, address: str) -> Link:
    """Make a link."""
    prefix = net(f"{address}/24")
    return Link(name, IPv4.parse(address), prefix, (prefix,), (2,), (2,))


def hops(count: int, edges: Edges, start: int) -> dict[int, int]:
    """Count the hops to every router that can be reached."""
    found, queue = {start: 0}, deque([start])
    while queue:
        here = queue.popleft()
        for edge in edges:
            for there in edge if here in edge else ():
                if there not in found:
                    found[there] = found[here] + 1
                    queue.append(there)
    assert len(found) <= count
    return found


def check(bus: Bus, count: int, edges: Edges) -> None:
    """Assert that every router knows every other's network with the number of hops as its metric."""
    for number in range(count):
        known = {
            prefix: metric
            for prefix, metric in bus.stations[f"R{number}"].metrics().items()
            if prefix.startswith("20.0.")
        }
        right = {f"20.0.{other}.0/24": far for other, far in hops(count, edges, number).items() if far}
        assert known == right, f"R{number}"


@settings(max_examples=25, deadline=None)
@given(networks(), st.data())
def test_networks_converge(network: tuple[int, Edges], data: st.DataObject) -> None:
    """Two minutes after the start every metric is right; so it is 420 s after a link was cut, seen or unseen.

    420 s are what the timers allow: a route may live for 180 s, and what it was be remembered for 240 s.
    """
    count, edges = network
    bus = built(count, edges)
    bus.run(120)
    check(bus, count, edges)
    cut = data.draw(st.integers(0, len(edges) - 1))
    if data.draw(st.booleans()):
        for number in edges[cut]:
            bus.unplug(f"R{number}", f"e{cut}")
    else:
        bus.dead[f"s{cut}"] = None
    bus.run(420)
    check(bus, count, [edge for index, edge in enumerate(edges) if index != cut])


def test_a_long_line_ends_where_the_metric_does() -> None:
    """The fifteenth hop is reached, the sixteenth is not."""
    count = 18
    bus = built(count, [(number, number + 1) for number in range(count - 1)])
    bus.run(600)
    metrics = bus.stations["R0"].metrics()
    assert metrics["20.0.15.0/24"] == 15
    assert "20.0.16.0/24" not in metrics


WORDS = st.integers(0, 0xFFFFFFFF).map(IPv4)
ENTRIES = st.builds(
    Entry,
    WORDS,
    WORDS,
    WORDS,
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFF),
    st.sampled_from((0, 2, 9, 0xFFFF)),
)
MESSAGES = st.builds(
    Rip,
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(ENTRIES, max_size=25).map(tuple),
    st.integers(0, 0xFFFF),
)


@given(MESSAGES)
def test_messages_are_their_octets(message: Rip) -> None:
    """Whatever the fields, what is encoded is decoded again, and its size is known without."""
    assert decode(message.encode()) == message
    assert message.size == len(message.encode())


@given(st.binary(max_size=600))
def test_octets_are_a_message_or_malformed(data: bytes) -> None:
    """Rubbish is `Malformed`, and nothing else; what is not gives the same octets again."""
    try:
        message = decode(data)
    except Malformed:
        return
    assert message.encode() == data


@given(st.lists(st.tuples(MESSAGES, WORDS, st.sampled_from((520, 9)), st.integers(0, 400)), max_size=12))
def test_rubbish_harms_no_machine(rubbish: list[tuple[Rip, IPv4, int, int]]) -> None:
    """Nothing raises, no metric is out of range, deadlines move on, and all of it is forgotten in time."""
    machine = Process(Random(1))
    machine.validates = False
    here = port("e0", "20.0.0.1")._replace(receives=(1, 2))
    machine.survey({"e0": here}, {}, 0)
    now = 0
    for message, source, number, pause in rubbish:
        machine.receive(message, source, number, "e0", now)
        assert all(1 <= learnt.metric < INFINITY for learnt in machine.learnt.values())
        now += pause * 1_000_000
        machine.expire(now)
        deadline = machine.deadline()
        assert deadline is not None
        assert deadline > now
    for _ in range(2):
        now += 241_000_000
        machine.expire(now)
    assert not machine.learnt
