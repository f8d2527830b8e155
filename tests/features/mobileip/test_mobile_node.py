"""The mobile node machine: what it sends and when, and what it makes of replies, without a node."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4, Prefix
from iosemu.features.mobileip.authentication import signed, valid
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.mobile_node import MobileNode
from iosemu.features.mobileip.packet import MOBILE_HOME, Reply, Request
from iosemu.features.mobileip.roaming import Attached, Detached, Send, Settings, Solicit
from iosemu.features.mobileip.why import of_node
from iosemu.lab.clock import EPOCH, SECOND
from iosemu.wire import icmp
from iosemu.wire.icmp import MobilityAgent, Router, RouterAdvertisement

HOME, AGENT, FOREIGN, SECOND_FOREIGN, OWN = (
    IPv4.parse(text) for text in ("1.0.0.100", "1.0.0.10", "4.0.0.1", "5.0.0.1", "4.0.0.77")
)
KEY = bytes(range(16))


class Traveller:
    """A mobile node, and the agents it meets; what it does is kept with the second."""

    def __init__(self, **settings: object) -> None:
        base = Settings(HOME, Prefix.of(HOME, 8), AGENT, 0x200, KEY)
        self.machine = MobileNode(base._replace(**settings), Random(1), epoch=EPOCH * SECOND)  # type: ignore[arg-type]
        self.now = 0
        self.done: list[tuple[float, object]] = []

    def keep(self, effects: list[object]) -> None:
        """Keep what was done."""
        self.done += [(self.now / SECOND, each) for each in effects]

    def until(self, second: float) -> None:
        """Let time pass."""
        while (deadline := self.machine.deadline()) is not None and deadline <= second * SECOND:
            self.now = max(self.now, deadline)
            self.keep(list(self.machine.expire(self.now)))
        self.now = round(second * SECOND)

    def plug(self) -> None:
        """Come to a link."""
        self.keep(list(self.machine.link_up(self.now)))

    def hear(self, source: IPv4 = FOREIGN, *, lifetime: int = 100_000 // 2, **agent: object) -> None:
        """Hear an advertisement; without `flags` of a foreign agent with GRE."""
        said = MobilityAgent(0, 36_000, icmp.FOREIGN_AGENT | icmp.GRE_ENCAPSULATION, (source,))
        told = None if agent.get("plain") else said._replace(**agent)  # type: ignore[arg-type]
        message = RouterAdvertisement(lifetime, (Router(source, 0),), told)
        self.keep(list(self.machine.heard(message, source, MAC(7), self.now)))

    def sent(self) -> list[tuple[float, Request]]:
        """Give the requests sent, with their seconds."""
        return [(when, each.request) for when, each in self.done if isinstance(each, Send)]

    @property
    def last(self) -> Request:
        """The request sent last."""
        return self.sent()[-1][1]

    def answer(self, code: int = 0, *, key: bytes = KEY, of: Request | None = None, **fields: object) -> None:
        """Answer a request, the last by default."""
        asked = of or self.last
        reply = Reply(code, asked.lifetime, HOME, AGENT, asked.identification)._replace(**fields)  # type: ignore[arg-type]
        if not 64 <= code < 128:
            reply = signed(reply, MOBILE_HOME, 0x200, key)
        self.keep(list(self.machine.reply(reply, self.now)))


def away(**settings: object) -> Traveller:
    """Give a traveller that has just heard a foreign agent, at second 0."""
    traveller = Traveller(**settings)
    traveller.plug()
    traveller.hear()
    return traveller


def test_it_solicits_at_once_and_ever_less() -> None:
    """Solicitations leave at 0, and after 1, 2, 4 … 32 seconds, and every 32 from then on."""
    traveller = Traveller()
    traveller.plug()
    traveller.until(130)
    times = [when for when, each in traveller.done if isinstance(each, Solicit)]
    assert times == [0, 1, 3, 7, 15, 31, 63, 95, 127]


def test_it_registers_at_once_and_ever_less() -> None:
    """Requests leave when an agent is heard, again after 1, 2, 4 … 32 seconds, and then every 32."""
    traveller = away()
    traveller.until(130)
    assert [when for when, _ in traveller.sent()] == [0, 1, 3, 7, 15, 31, 63, 95, 127]
    assert not any(isinstance(each, Solicit) for when, each in traveller.done if when > 0)


def test_every_request_has_a_later_identification() -> None:
    """Identifications grow, are the time of day in NTP's seconds, and differ in their low 32 bits."""
    traveller = away()
    traveller.until(64)
    numbers = [(when, request.identification) for when, request in traveller.sent()]
    assert [number >> 32 for _, number in numbers] == [NTP + EPOCH + int(when) for when, _ in numbers]
    assert sorted(number for _, number in numbers) == [number for _, number in numbers]
    assert len({number & 0xFFFFFFFF for _, number in numbers}) == len(numbers)


@pytest.mark.parametrize("code", [64, 65, 66, 67, 68, 70, 71, 72, 74, 78, 80, 128, 129, 130, 131, 134, 136])
def test_no_code_stops_it(code: int) -> None:
    """Whatever code denies it, it asks again at the same times."""
    traveller = away()
    for second in (0, 1, 3, 7, 15, 31, 63, 95):
        traveller.until(second)
        traveller.answer(code)
    traveller.until(127)
    assert [when for when, _ in traveller.sent()] == [0, 1, 3, 7, 15, 31, 63, 95, 127]
    assert traveller.machine.last_code == code


def test_it_renews_at_half_of_what_was_granted() -> None:
    """Half of the lifetime granted, counted from when it asked, it asks again."""
    traveller = away()
    traveller.until(0.5)
    traveller.answer(lifetime=100)
    traveller.until(60)
    assert [when for when, _ in traveller.sent()] == [0, 50, 51, 53, 57]
    assert traveller.machine.state == "registered"
    traveller.until(100)
    assert traveller.machine.state == "pending"


def test_an_infinite_registration_is_not_renewed() -> None:
    """With 65535 seconds nothing has to be renewed."""
    traveller = Traveller(lifetime=INFINITE)
    traveller.plug()
    traveller.hear(lifetime=9000)
    assert traveller.last.lifetime == 36_000
    traveller = Traveller(lifetime=INFINITE)
    traveller.plug()
    said = MobilityAgent(0, INFINITE, icmp.FOREIGN_AGENT, (FOREIGN,))
    advertisement = RouterAdvertisement(65_535, (), said)
    traveller.keep(list(traveller.machine.heard(advertisement, FOREIGN, MAC(7), 0)))
    traveller.answer()
    traveller.until(40_000)
    assert len(traveller.sent()) == 1


def test_the_clock_is_set_by_code_133() -> None:
    """A home agent whose clock is another tells its seconds, and the next request a second later has them."""
    traveller = away()
    theirs = (NTP + EPOCH + 5000) << 32 | traveller.last.identification & 0xFFFFFFFF
    traveller.answer(133, identification=theirs)
    traveller.until(1)
    assert [when for when, _ in traveller.sent()] == [0, 1]
    assert traveller.last.identification >> 32 == NTP + EPOCH + 5001


def test_a_clock_that_is_fast_goes_back() -> None:
    """The home agent's time counts also when it is earlier."""
    traveller = away()
    theirs = (NTP + EPOCH - 5000) << 32 | traveller.last.identification & 0xFFFFFFFF
    traveller.answer(133, identification=theirs)
    traveller.until(1)
    assert traveller.last.identification >> 32 == NTP + EPOCH - 4999


def test_a_shorter_lifetime_is_asked_for_after_69() -> None:
    """The lifetime that code 69 names is asked for a second later."""
    traveller = away()
    traveller.answer(69, lifetime=100)
    traveller.until(1)
    assert [request.lifetime for _, request in traveller.sent()] == [36_000, 100]


@pytest.mark.parametrize("spoil", ["key", "identification", "home", "unsigned", "old"])
def test_what_is_not_believed_changes_nothing(spoil: str) -> None:
    """Forged, misdirected and unsigned replies are dropped, and those to what was asked before."""
    traveller = away()
    first = traveller.last
    if spoil == "key":
        traveller.answer(key=bytes(16))
    elif spoil == "identification":
        traveller.answer(identification=first.identification ^ 1)
    elif spoil == "home":
        traveller.answer(home=FOREIGN)
    elif spoil == "unsigned":
        reply = Reply(0, 600, HOME, AGENT, first.identification)
        traveller.keep(list(traveller.machine.reply(reply, 0)))
    else:
        traveller.keep(list(traveller.machine.register(0)))
        traveller.answer(of=first)
    assert traveller.machine.state == "pending"
    assert traveller.machine.refused == 1


def test_the_request_goes_to_the_agent_with_the_nodes_proof() -> None:
    """By a foreign agent: to its link address, from the home address, signed for the home agent."""
    traveller = away(flags=FLAGS["S"] | FLAGS["G"] | FLAGS["M"] | FLAGS["T"])
    (_, send) = next(each for each in traveller.done if isinstance(each[1], Send))
    assert isinstance(send, Send)
    assert (send.source, send.destination, send.mac) == (HOME, FOREIGN, MAC(7))
    assert valid(send.request, 0, KEY)
    assert send.request.flags == FLAGS["S"] | FLAGS["G"]  # the agent offers neither of the others
    assert (send.request.care_of, send.request.home_agent) == (FOREIGN, AGENT)


def test_a_reverse_tunnel_is_asked_of_who_offers_it() -> None:
    """The T bit is asked for where it is advertised."""
    traveller = Traveller(flags=FLAGS["T"])
    traveller.plug()
    traveller.hear(flags=icmp.FOREIGN_AGENT | icmp.REVERSE_TUNNELING)
    assert traveller.last.flags == FLAGS["T"]


def test_a_colocated_address_goes_to_the_home_agent_itself() -> None:
    """With a co-located care-of address any router will do, and D is set; with R it is the agent's to relay."""
    traveller = Traveller(colocated=OWN)
    traveller.plug()
    traveller.hear(plain=True)
    send = traveller.done[-1][1]
    assert isinstance(send, Send)
    assert (send.source, send.destination, send.request.care_of) == (OWN, AGENT, OWN)
    assert send.request.flags == FLAGS["D"]
    required = Traveller(colocated=OWN)
    required.plug()
    required.hear(flags=icmp.FOREIGN_AGENT | icmp.REGISTRATION_REQUIRED)
    send = required.done[-1][1]
    assert isinstance(send, Send)
    assert (send.source, send.destination, send.request.care_of) == (OWN, FOREIGN, OWN)


def test_what_is_told_of_a_colocated_address() -> None:
    """`explain … why` says whether an agent relays, and what the address needs to be of use."""
    for flags, through in ((0, ""), (icmp.REGISTRATION_REQUIRED, " through it")):
        traveller = Traveller(colocated=OWN)
        traveller.plug()
        traveller.hear(flags=icmp.FOREIGN_AGENT | flags)
        assert list(of_node(traveller.machine, traveller.now))[1:3] == [
            f"  it hears 4.0.0.1, and registers{through} with 1.0.0.10",
            "  its care-of address is its own, 4.0.0.77: packets to that must come to this segment",
        ]


def test_at_home_it_deregisters_and_uses_its_gateway() -> None:
    """An advertisement from the home subnet brings a deregistration of all care-of addresses, sent directly."""
    for gateway, router in ((IPv4.parse("1.0.0.3"), IPv4.parse("1.0.0.3")), (None, IPv4.parse("1.0.0.1"))):
        traveller = Traveller(gateway=gateway)
        traveller.plug()
        traveller.hear(IPv4.parse("1.0.0.1"), flags=icmp.HOME_AGENT, care_of=())
        attached, send = (each for _, each in traveller.done if isinstance(each, (Attached, Send)))
        assert isinstance(attached, Attached)
        assert attached.router == router
        assert isinstance(send, Send)
        assert (send.destination, send.mac) == (AGENT, None)
        assert (send.request.lifetime, send.request.care_of) == (0, HOME)
        traveller.answer()
        assert traveller.machine.state == "home"
        traveller.until(500)
        assert len(traveller.sent()) == 1


def test_busy_agents_and_other_routers_are_of_no_use() -> None:
    """A busy agent, a home agent of others and a plain router let the search go on."""
    traveller = Traveller()
    traveller.plug()
    traveller.hear(flags=icmp.FOREIGN_AGENT | icmp.BUSY)
    traveller.hear(SECOND_FOREIGN, flags=icmp.HOME_AGENT, care_of=())
    traveller.hear(SECOND_FOREIGN, plain=True)
    traveller.until(3)
    assert traveller.sent() == []
    assert traveller.machine.state == "isolated"


def test_a_lost_agent_is_replaced_or_looked_for() -> None:
    """When an agent's lifetime is over, another that is known is used, or one is solicited at once."""
    traveller = Traveller()
    traveller.plug()
    traveller.hear(lifetime=10)
    traveller.hear(SECOND_FOREIGN, lifetime=20)
    traveller.answer()
    traveller.until(9)
    assert len(traveller.sent()) == 1
    traveller.until(10)
    assert traveller.last.care_of == SECOND_FOREIGN
    traveller.until(21)
    rows = [(when, type(each).__name__) for when, each in traveller.done if when >= 20]
    assert [name for when, name in rows if when == 20] == ["Detached", "Changed", "Solicit"]
    assert (21, "Solicit") in rows


def test_a_new_agent_is_no_reason_to_leave() -> None:
    """While its agent is heard, another agent changes nothing (RFC 2002 §3.6)."""
    traveller = away()
    traveller.answer()
    traveller.hear(SECOND_FOREIGN)
    assert len(traveller.sent()) == 1


@pytest.mark.parametrize(
    ("before", "after", "asked"), [(500, 3, 2), (500, 501, 1), (0xFFFF, 256, 1), (200, 100, 2)]
)
def test_a_rebooted_agent_is_registered_with_again(before: int, after: int, asked: int) -> None:
    """A sequence number that fell below 256 is a reboot; one that turned over is none (§2.4.4)."""
    traveller = Traveller()
    traveller.plug()
    traveller.hear(sequence=before)
    traveller.answer()
    traveller.until(10)
    traveller.hear(sequence=after)
    assert len(traveller.sent()) == asked


def test_another_care_of_address_is_registered() -> None:
    """An agent that no longer offers the care-of address is asked for another."""
    traveller = away()
    traveller.answer()
    traveller.hear(care_of=(SECOND_FOREIGN,))
    assert traveller.last.care_of == SECOND_FOREIGN


def test_deregistering_lasts_until_it_is_wanted_again() -> None:
    """`deregister` takes the registration back and keeps it so; `register` sends a fresh request at once."""
    traveller = away()
    traveller.answer()
    traveller.until(5)
    traveller.keep(list(traveller.machine.deregister(traveller.now)))
    # All bindings, wherever the last one accepted was: by the home address (RFC 2002 §3.6.1.2).
    assert (traveller.last.lifetime, traveller.last.care_of) == (0, traveller.last.home)
    traveller.answer()
    assert traveller.machine.state == "deregistered"
    traveller.until(20_000)
    assert len(traveller.sent()) == 2
    traveller.keep(list(traveller.machine.register(traveller.now)))
    assert traveller.last.lifetime == 36_000


def test_a_cable_that_is_pulled_ends_everything() -> None:
    """Without a link nothing is sent; on the next one it solicits at once."""
    traveller = away()
    traveller.keep(list(traveller.machine.link_down()))
    assert isinstance(traveller.done[-2][1], Detached)
    traveller.until(100)
    assert traveller.sent()[-1][0] == 0
    traveller.plug()
    assert isinstance(traveller.done[-1][1], Solicit)


@given(
    st.lists(st.sampled_from(["accept", "lose", "deny", "late"]), max_size=12),
    st.integers(10, 1000),
)
def test_a_lost_reply_never_loses_the_node(fates: list[str], lifetime: int) -> None:
    """Whatever becomes of replies, the next one that comes registers the node: it never stops asking."""
    traveller = away(lifetime=lifetime)
    for fate in fates:
        seen = len(traveller.sent())
        if fate == "accept":
            traveller.answer()
        elif fate == "deny":
            traveller.answer(130)
        elif fate == "late":
            traveller.answer(of=traveller.sent()[0][1])
        limit = traveller.now // SECOND + lifetime + 33
        while len(traveller.sent()) == seen and traveller.now < limit * SECOND:
            traveller.until(traveller.now / SECOND + 1)
        assert len(traveller.sent()) > seen
    traveller.answer()
    assert traveller.machine.state == "registered"


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 2**64 - 1)), max_size=20))
def test_forged_replies_do_no_harm(replies: list[tuple[int, int]]) -> None:
    """No reply that is not signed registers the node or sets its clock."""
    traveller = away()
    epoch = traveller.machine.epoch
    low = traveller.last.identification & 0xFFFFFFFF
    for code, number in replies:
        reply = Reply(code, 600, HOME, AGENT, number & ~0xFFFFFFFF | low)
        traveller.keep(list(traveller.machine.reply(reply, traveller.now)))
    assert traveller.machine.registration is None
    assert traveller.machine.epoch == epoch
