"""RIP's machine: what it believes, what it tells, and when, to the second."""

from __future__ import annotations

from itertools import pairwise

import pytest

from iosemu.addresses import IPv4
from iosemu.features.rip.machine import JITTER, SECOND, Link, Local, Timers
from iosemu.features.rip.packet import (
    AUTHENTICATION,
    EVERYTHING,
    INFINITY,
    LONGEST,
    REQUEST,
    RESPONSE,
    Entry,
    Rip,
)
from tests.features.rip.bus import Bus, Station, net

ME = "10.0.0.1"
ALPHA, BETA = "10.0.0.2", "10.0.0.3"
FAR = "20.0.0.0/8"


def link(name: str = "e0", address: str = ME, length: int = 24, **options: object) -> Link:
    """Make a link that speaks version 2, unless told otherwise."""
    prefix = net(f"{address}/{length}")
    said: dict[str, object] = {"sends": (2,), "receives": (2,)} | options
    return Link(name, IPv4.parse(address), prefix, (prefix,), **said)  # type: ignore[arg-type]


def alone(*links: Link, **timers: int) -> Station:
    """Give a station with links to empty segments, after its first updates."""
    bus = Bus()
    for each in links or (link(), link("e1", "10.0.1.1")):
        station = bus.plug("R", each, each.name)
    station.machine.set_timers(Timers(**timers), 0)
    bus.run(6)
    station.sent.clear()
    return station


def route(prefix: str, metric: int, next_hop: str = "0.0.0.0", tag: int = 0) -> Entry:
    """Make an entry of version 2."""
    where = net(prefix)
    return Entry(where.network, where.mask, IPv4.parse(next_hop), metric, tag)


def tell(*entries: Entry, version: int = 2) -> Rip:
    """Make a response."""
    return Rip(RESPONSE, version, entries)


def told(station: Station, name: str, *, flash: bool = False) -> dict[str, int]:
    """Give what the last update by a link said: prefix and metric."""
    for _, what in reversed(station.updates(flash=flash)):
        if what.link.name == name:
            return {
                f"{entry.address}/{entry.mask.bit_count()}": entry.metric for entry in what.message.entries
            }
    return {}


# --- When


def test_updates_leave_every_thirty_seconds_less_some_jitter() -> None:
    """Between updates lie 25.5 to 30 seconds, and never the same."""
    station = alone(link())
    station.own[net(FAR)] = Local(1, "")
    station.survey()
    station.bus.run(3600)
    times = [when for when, _ in station.updates()]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= 30 * (1 - JITTER)
    assert max(gaps) <= 30
    assert len(set(gaps)) > 100


def test_a_route_lives_for_180_seconds_and_is_unreachable_for_60_more() -> None:
    """From the last update on: in the table until 180 s, told with 16 until 240 s, and then forgotten."""
    station = alone()
    bus = station.bus
    station.hear(tell(route(FAR, 3)), ALPHA)
    bus.run(100)
    station.hear(tell(route(FAR, 3)), ALPHA)
    bus.run(179.999)
    assert station.metrics() == {FAR: 3}
    bus.run(0.001)
    assert station.metrics() == {}
    flashes = {what.link.name: when for when, what in station.updates(flash=True)[-2:]}
    assert flashes == {"e0": bus.now / SECOND, "e1": bus.now / SECOND}
    bus.run(59.999)
    assert told(station, "e0")[FAR] == told(station, "e1")[FAR] == INFINITY
    bus.run(0.001)
    assert net(FAR) not in station.machine.learnt
    bus.run(31)
    assert FAR not in told(station, "e1")


def test_news_is_told_at_once_and_then_after_one_to_five_seconds() -> None:
    """The first change makes a flash update, those that follow wait together; each tells only what changed."""
    station = alone()
    station.bus.run(40)
    station.sent.clear()
    began = station.bus.now / SECOND
    for number in range(20):
        station.hear(tell(route(f"{20 + number}.0.0.0/8", 1)), ALPHA)
        station.bus.run(0.25)
    flashes = [(when, what) for when, what in station.updates(flash=True) if what.link.name == "e1"]
    assert flashes[0][0] == began
    gaps = [after[0] - before[0] for before, after in pairwise(flashes)]
    assert gaps
    assert all(1 <= gap <= 5.25 for gap in gaps)
    said = [entry.address for _, what in flashes for entry in what.message.entries]
    assert len(said) == len(set(said))


def test_timers_can_be_set_while_it_runs() -> None:
    """With `timers basic 5 15 15 30` a route known already is gone 15 s after its update, forgotten at 30 s."""
    station = alone()
    station.hear(tell(route(FAR, 1)), ALPHA)
    station.machine.set_timers(Timers(5, 15, 15, 30), station.bus.now)
    station.bus.run(14.999)
    assert station.metrics() == {FAR: 1}
    station.bus.run(0.001)
    assert station.metrics() == {}
    station.bus.run(15)
    assert not station.machine.learnt
    station.sent.clear()
    station.bus.run(60)
    assert 12 * 2 <= len(station.updates()) <= 15 * 2


# --- What it believes


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([(ALPHA, 3), (BETA, 5)], {ALPHA: 3}),
        ([(ALPHA, 3), (BETA, 2)], {BETA: 2}),
        ([(ALPHA, 3), (BETA, 3)], {ALPHA: 3, BETA: 3}),
        ([(ALPHA, 3), (ALPHA, 5)], {ALPHA: 5}),
        ([(ALPHA, 3), (ALPHA, 2)], {ALPHA: 2}),
        ([(ALPHA, 3), (BETA, 3), (ALPHA, 5)], {BETA: 3}),
        ([(ALPHA, 3), (BETA, 3), (ALPHA, 16)], {BETA: 3}),
        ([(ALPHA, 3), (BETA, 3), (ALPHA, 2)], {ALPHA: 2}),
        ([(ALPHA, 3), (BETA, 16)], {ALPHA: 3}),
        ([(ALPHA, 16)], {}),
        ([(ALPHA, 0)], {}),
        ([(ALPHA, 17)], {}),
        ([(ALPHA, 15)], {ALPHA: 15}),
        ([(ALPHA, 3), (ALPHA, 16)], {}),
        ([(ALPHA, 3), (ALPHA, 16), (BETA, 3)], {}),  # held down: as good is not good enough
        ([(ALPHA, 3), (ALPHA, 16), (BETA, 2)], {BETA: 2}),
        ([(ALPHA, 3), (ALPHA, 16), (ALPHA, 7)], {ALPHA: 7}),  # who lost it has found it again
        ([(ALPHA, 3), (BETA, 3), (ALPHA, 16), (BETA, 16), (BETA, 4)], {BETA: 4}),
    ],
)
def test_whom_it_believes(said: list[tuple[str, int]], known: dict[str, int]) -> None:
    """The best metric wins, equals share, a neighbour is believed of its own path, hold-down believes few."""
    station = alone()
    for source, metric in said:
        station.hear(tell(route(FAR, metric)), source)
        station.bus.run(1)
    assert {str(hop): offer.metric for (_, hop, _), offer in station.table.items()} == known


@pytest.mark.parametrize(("holddown", "accepted"), [(20, 20), (0, 1), (180, 60)])
def test_hold_down_ends_by_itself_or_with_the_flush(holddown: int, accepted: int) -> None:
    """A worse path is believed once the hold-down is over, or the network forgotten (240 - 180 s)."""
    station = alone(link(), holddown=holddown)
    station.hear(tell(route(FAR, 1)), ALPHA)
    station.hear(tell(route(FAR, INFINITY)), ALPHA)
    second = 0
    while not station.table:
        second += 1
        station.bus.run(1)
        station.hear(tell(route(FAR, 5)), BETA)
    assert second == accepted


def test_four_equal_paths_are_kept_unless_more_are_wanted() -> None:
    """`maximum-paths` bounds how many neighbours share the traffic."""
    for most, kept in ((4, 4), (2, 2), (1, 1), (16, 6)):
        station = alone(link())
        station.machine.maximum_paths = most
        for number in range(2, 8):
            station.hear(tell(route(FAR, 2)), f"10.0.0.{number}")
        assert len(station.table) == kept


def test_the_next_hop_may_be_a_third_router_on_the_link() -> None:
    """Version 2 names one; what is not on the link, or ourselves, means the sender."""
    for hop, taken in (("10.0.0.77", "10.0.0.77"), ("10.9.0.1", ALPHA), (ME, ALPHA), ("0.0.0.0", ALPHA)):
        station = alone()
        station.hear(tell(route(FAR, 2, hop)), ALPHA)
        assert [str(next_hop) for _, next_hop, _ in station.table] == [taken]


def test_a_route_said_and_taken_back_in_one_message_is_not_there() -> None:
    """The routing table follows the entries in their order."""
    station = alone()
    station.hear(tell(route(FAR, 2), route(FAR, INFINITY)), ALPHA)
    assert not station.table
    assert station.machine.learnt[net(FAR)].down


def test_a_link_that_goes_takes_its_routes_along() -> None:
    """They leave the table at once, and the others hear that they are unreachable."""
    station = alone()
    station.hear(tell(route(FAR, 2)), ALPHA)
    station.bus.run(10)
    station.bus.unplug("R", "e0")
    assert not station.table
    station.bus.run(6)
    assert told(station, "e1", flash=True) == {FAR: INFINITY, "10.0.0.0/24": INFINITY}


MINE = net("10.5.1.0/24")


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("20.0.0.0", "20.0.0.0/8"),  # the class
        ("130.5.0.0", "130.5.0.0/16"),
        ("200.1.1.0", "200.1.1.0/24"),
        ("10.0.9.0", "10.0.9.0/24"),  # our own network: our mask
        ("10.0.9.1", "10.0.9.1/32"),  # bits of a host
        ("20.1.0.0", "20.1.0.0/32"),
        ("0.0.0.0", "0.0.0.0/0"),
        ("30.0.0.0", None),  # subnets of it on another link
        ("127.0.0.0", None),
        ("224.0.0.0", None),
        ("0.1.0.0", None),
    ],
)
def test_the_masks_of_version_1_are_guessed(address: str, known: str | None) -> None:
    """As Cisco documents: the link's in its own network, else the class's, unless we have subnets elsewhere."""
    station = alone(link(receives=(1, 2)), link("e1", "30.1.1.1"))
    station.hear(tell(Entry(IPv4.parse(address), IPv4(0), IPv4(0), 2), version=1), ALPHA)
    assert list(station.metrics()) == ([known] if known else [])


KEY = Entry(IPv4(0), IPv4(0), IPv4(0), 0, 2, AUTHENTICATION)
"""A password, all zeros."""


@pytest.mark.parametrize(
    ("message", "source", "port", "reason"),
    [
        (tell(route(FAR, 1), version=1), ALPHA, 520, "illegal version"),
        (tell(route(FAR, 1), version=0), ALPHA, 520, "illegal version"),
        (tell(route(FAR, 1)), ALPHA, 521, "source port"),
        (tell(route(FAR, 1)), "10.0.1.2", 520, "bad source"),
        (Rip(3, 2, ()), ALPHA, 520, "illegal command"),
        (tell(KEY, route(FAR, 1)), ALPHA, 520, "invalid authentication"),
    ],
)  # fmt: skip
def test_who_is_not_listened_to(message: Rip, source: str, port: int, reason: str) -> None:
    """Other versions, other ports, other networks, and keys that we do not have."""
    station = alone()
    station.hear(message, source, port=port)
    assert [each.reason for each in station.ignored] == [reason]
    assert not station.machine.learnt


def test_version_1_leaves_unused_fields_zero() -> None:
    """Where they are not, version 1 is not listened to; version 2 and later are."""
    for version, heard in ((1, False), (2, True), (3, True)):
        station = alone(link(receives=(1, 2)))
        station.hear(Rip(RESPONSE, version, (route(FAR, 1),), unused=1), ALPHA)
        assert bool(station.table) == heard


def test_sources_need_not_be_neighbours_when_told_so() -> None:
    """`no validate-update-source` believes anybody; not ourselves."""
    station = alone()
    station.machine.validates = False
    station.hear(tell(route(FAR, 1)), "99.0.0.1")
    station.hear(tell(route("21.0.0.0/8", 1)), ME)
    assert station.metrics() == {FAR: 1}


# --- What it tells


@pytest.mark.parametrize(
    ("prefix", "address", "version_1", "summary", "subnets"),
    [
        ("20.1.1.0/24", "10.0.0.1/24", "20.0.0.0", "20.0.0.0/8", "20.1.1.0/24"),
        ("20.0.0.0/8", "10.0.0.1/24", "20.0.0.0", "20.0.0.0/8", "20.0.0.0/8"),
        ("10.7.7.0/24", "10.0.0.1/24", "10.7.7.0", "10.7.7.0/24", "10.7.7.0/24"),
        ("10.7.0.0/16", "10.0.0.1/24", None, "10.7.0.0/16", "10.7.0.0/16"),
        ("130.1.5.0/24", "130.2.0.1/24", "130.1.0.0", "130.1.0.0/16", "130.1.5.0/24"),
        ("192.168.0.0/16", "10.0.0.1/24", None, "192.168.0.0/16", "192.168.0.0/16"),
        ("0.0.0.0/0", "10.0.0.1/24", "0.0.0.0", "0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_summaries(prefix: str, address: str, version_1: str | None, summary: str, subnets: str) -> None:
    """Subnets are summarised where they leave their network: by version 1 always, by version 2 by default."""
    host, _, length = address.partition("/")
    for version, auto, shown in (
        (1, True, version_1),
        (1, False, version_1),
        (2, True, summary),
        (2, False, subnets),
    ):
        station = alone(link("e0", host, int(length), sends=(version,)))
        station.machine.auto_summary = auto
        station.own[net(prefix)] = Local(4, "")
        station.survey()
        station.bus.run(31)
        said = [
            f"{entry.address}" if version == 1 else f"{entry.address}/{entry.mask.bit_count()}"
            for entry in station.updates()[-1][1].message.entries
        ] if station.updates() else []  # fmt: skip
        assert said == ([shown] if shown else [])


def test_a_summary_has_the_best_metric_of_what_it_stands_for() -> None:
    """And it is unreachable only when all of it is."""
    station = alone(link("e0"), link("e1", "30.0.0.1", 8))
    for subnet, metric in (("20.1.0.0/16", 5), ("20.2.0.0/16", 3)):
        station.hear(tell(route(subnet, metric)), ALPHA)
    station.bus.run(31)
    assert told(station, "e1")[FAR] == 4
    station.hear(tell(route("20.2.0.0/16", INFINITY)), ALPHA)
    station.bus.run(6)
    assert told(station, "e1", flash=True) == {FAR: 6}
    station.hear(tell(route("20.1.0.0/16", INFINITY)), ALPHA)
    station.bus.run(6)
    assert told(station, "e1", flash=True) == {FAR: INFINITY}


def test_split_horizon_keeps_what_came_by_a_link_from_it() -> None:
    """Its own subnet and what it was told there are not told there, unless split horizon is off."""
    station = alone(link(), link("e1", "10.0.1.1"), link("e2", "10.0.2.1", split_horizon=False))
    for number, source in enumerate((ALPHA, "10.0.1.2", "10.0.2.2")):
        station.hear(tell(route(f"2{number}.0.0.0/8", 1)), source, f"e{number}")
    station.bus.run(31)
    assert told(station, "e0") == {"10.0.1.0/24": 1, "10.0.2.0/24": 1, "21.0.0.0/8": 2, "22.0.0.0/8": 2}
    assert told(station, "e2") == {f"10.0.{n}.0/24": 1 for n in range(3)} | {
        f"2{n}.0.0.0/8": 2 for n in range(3)
    }


def test_what_is_redistributed_has_the_metric_it_was_given() -> None:
    """It is told as it is, with its tag; once it is gone it is unreachable for a minute."""
    station = alone(link())
    station.own[net(FAR)] = Local(7, "", tag=99)
    station.survey()
    station.bus.run(31)
    assert [entry[3:5] for entry in station.updates()[-1][1].message.entries] == [(7, 99)]
    station.own.clear()
    station.survey()
    station.bus.run(59)
    assert told(station, "e0") == {FAR: INFINITY}
    station.bus.run(1)
    station.sent.clear()
    station.bus.run(60)
    assert not station.updates()


def test_what_another_source_hides_is_not_told() -> None:
    """A learnt route that the table does not use is unreachable for others, until it is used again."""
    station = alone()
    station.hear(tell(route(FAR, 1)), ALPHA)
    station.bus.run(6)
    station.own[net(FAR)] = Local(None, "")
    station.survey()
    station.bus.run(6)
    assert told(station, "e1", flash=True) == {FAR: INFINITY}
    station.own.clear()
    station.survey()
    station.bus.run(6)
    assert told(station, "e1", flash=True) == {FAR: 2}


def test_long_tables_take_several_messages() -> None:
    """Of 60 routes 25, 25 and 10 are told together."""
    station = alone(link("e0", "30.0.0.1", 8))
    station.own = {net(f"20.{number}.0.0/16"): Local(1, "") for number in range(60)}
    station.machine.auto_summary = False
    station.survey()
    station.bus.run(40)
    when = station.updates()[-1][0]
    assert [len(what.message.entries) for at, what in station.updates() if at == when] == [
        LONGEST,
        LONGEST,
        10,
    ]


def test_a_passive_link_is_silent_but_to_neighbours() -> None:
    """Neither requests nor updates leave; a neighbour is spoken to by name; and it still hears."""
    friend = IPv4.parse(ALPHA)
    for neighbours, addressees in (((), set()), ((friend,), {friend})):
        bus = Bus()
        station = bus.plug("R", link(passive=True, neighbours=neighbours), "s")
        station.own[net(FAR)] = Local(1, "")
        station.survey()
        bus.run(60)
        assert {what.to for _, what in station.sent} == addressees
        station.hear(tell(route("21.0.0.0/8", 1)), BETA)
        assert station.metrics() == {"21.0.0.0/8": 1}


@pytest.mark.parametrize("versions", [(1,), (2,), (1, 2)])
def test_who_comes_up_asks_for_everything(versions: tuple[int, ...]) -> None:
    """In each version that it sends."""
    bus = Bus()
    station = bus.plug("R", link(sends=versions), "s")
    assert [(when, what.message) for when, what in station.sent] == [
        (0, Rip(REQUEST, version, (EVERYTHING,))) for version in versions
    ]


def test_a_request_for_everything_is_answered_like_an_update() -> None:
    """To who asked, with split horizon."""
    station = alone()
    station.hear(tell(route(FAR, 1)), ALPHA)
    station.sent.clear()
    station.hear(Rip(REQUEST, 2, (EVERYTHING,)), BETA, port=5555)
    ((_, answer),) = station.sent
    assert (answer.to, answer.port) == (IPv4.parse(BETA), 5555)
    assert answer.message == tell(route("10.0.1.0/24", 1))


def test_a_request_for_a_route_is_answered_entry_by_entry() -> None:
    """With what there is, split horizon or not, and 16 for what there is not."""
    station = alone()
    station.hear(tell(route(FAR, 1)), ALPHA)
    station.sent.clear()
    station.hear(Rip(REQUEST, 2, (route(FAR, 0), route("21.0.0.0/8", 0))), ALPHA, port=5555)
    ((_, answer),) = station.sent
    assert answer.message == tell(route(FAR, 2), route("21.0.0.0/8", INFINITY))
    station.sent.clear()
    station.hear(Rip(REQUEST, 2, ()), ALPHA)
    assert not station.sent
