"""The foreign agent machine: every code it gives, its lists and times, without a router."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import MAC, IPv4
from iosemu.features.mobileip.authentication import proofs, signed, valid
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.effects import Violated
from iosemu.features.mobileip.foreign_agent import Came, ForeignAgent, Left, Relay, Tell, Visit
from iosemu.features.mobileip.packet import (
    FOREIGN_HOME,
    MOBILE_FOREIGN,
    MOBILE_HOME,
    Authentication,
    Extension,
    Other,
    Reply,
    Request,
    decode,
)
from iosemu.features.mobileip.state import Agents, Association, ForeignService
from iosemu.lab.clock import SECOND
from iosemu.wire import icmp
from iosemu.wire.octets import Malformed

HOME, SECOND_HOME, AGENT, CARE_OF = (
    IPv4.parse(text) for text in ("20.0.0.1", "20.0.0.2", "1.0.0.10", "4.0.0.1")
)
PRIVATE = IPv4.parse("10.1.1.1")
KEY = bytes(range(16))


class House:
    """A foreign agent with a care-of address, and what is sent to it."""

    def __init__(self, **service: object) -> None:
        self.agents = Agents()
        self.agents.running = True
        self.machine = ForeignAgent(self.agents)
        self.service = ForeignService(**service)  # type: ignore[arg-type]
        self.now = 0
        self.number = 0

    def share(self, kind: str, peer: IPv4) -> None:
        """Share the key with a visitor or a home agent."""
        association = Association(kind, peer, peer, 0x300, 0x300, KEY.hex())
        self.agents.associations[association.line] = association

    def request(self, home: IPv4 = HOME, flags: str = "", **fields: object) -> Request:
        """Make a request with a mobile-home proof."""
        self.number += 1
        octet = sum(FLAGS[letter] for letter in flags)
        made = Request(octet, 600, home, AGENT, CARE_OF, self.number)._replace(**fields)  # type: ignore[arg-type]
        return signed(made, MOBILE_HOME, 0x100, KEY)

    def visit(self, **fields: object) -> Visit:
        """Come by Ethernet1."""
        made = Visit("Ethernet1", MAC(1), HOME, 434, CARE_OF, self.service, 36_000, (CARE_OF,))
        return made._replace(**fields)  # type: ignore[arg-type]

    def send(self, request: Request, **visit: object) -> list[object]:
        """Give what a request brings about."""
        return list(self.machine.request(request, self.visit(**visit), self.now, self.now))

    def answer(self, request: Request, code: int = 0, lifetime: int | None = None) -> Reply:
        """Make the home agent's reply."""
        granted = request.lifetime if lifetime is None else lifetime
        reply = Reply(code, granted, request.home, AGENT, request.identification)
        return signed(reply, MOBILE_HOME, 0x100, KEY)

    def reply(self, reply: Reply) -> list[object]:
        """Give what a reply brings about."""
        return list(self.machine.reply(reply, self.now, self.now))

    def register(self, **fields: object) -> list[object]:
        """Have a mobile node register."""
        request = self.request(**fields)  # type: ignore[arg-type]
        self.send(request)
        return self.reply(self.answer(request))

    def until(self, second: int) -> list[object]:
        """Let time pass to a second; gives what comes of it."""
        effects: list[object] = []
        while (deadline := self.machine.deadline()) is not None and deadline <= second * SECOND:
            self.now = deadline
            effects += self.machine.expire(deadline)
        self.now = second * SECOND
        return effects


def code(effects: list[object]) -> int:
    """Give the code of the one reply among effects."""
    (told,) = [each for each in effects if isinstance(each, Tell)]
    return told.reply.code


@pytest.mark.parametrize(
    ("expected", "service", "request_", "visit"),
    [
        (65, {}, {}, {"permitted": False}),
        (69, {}, {"lifetime": 36_001}, {}),
        (70, {}, {"home": IPv4(0)}, {}),
        (70, {}, {"home_agent": IPv4.parse("224.0.0.1")}, {}),
        (72, {}, {"flags": "M"}, {}),
        (73, {}, {"flags": "V"}, {}),
        (74, {}, {"flags": "T"}, {}),
        (75, {"reverse_tunnel": True, "mandatory": True}, {}, {}),
        (76, {"reverse_tunnel": True}, {"flags": "T"}, {"ttl": 254}),
        (77, {}, {"care_of": IPv4.parse("4.0.0.9")}, {}),
    ],
)
def test_what_may_not_be_is_denied_with_its_code(
    expected: int, service: dict[str, object], request_: dict[str, object], visit: dict[str, object]
) -> None:
    """A request that may not pass is answered with the code for why, counted, and never relayed."""
    house = House(**service)
    effects = house.send(house.request(**request_), **visit)  # type: ignore[arg-type]
    assert code(effects) == expected
    assert house.agents.traffic.foreign_codes == {expected: 1}
    assert not house.machine.pending


def test_reserved_bits_and_missing_proofs_are_poor_form() -> None:
    """A reserved bit, no mobile-home proof, or two of them: code 70."""
    house = House()
    bare = Request(0, 600, HOME, AGENT, CARE_OF, 1)
    for number, request in enumerate(
        (bare._replace(flags=1), bare, signed(house.request(), MOBILE_HOME, 0x100, KEY))
    ):
        house.now = number * SECOND
        assert code(house.send(request)) == 70


def test_the_longest_lifetime_is_told() -> None:
    """Code 69 comes with the lifetime that would do; others repeat what was asked."""
    house = House()
    (told,) = house.send(house.request(lifetime=INFINITE), longest=1000)
    assert isinstance(told, Tell)
    assert (told.reply.code, told.reply.lifetime) == (69, 1000)


def test_private_addresses_may_have_to_use_reverse_tunnels() -> None:
    """With `reverse-tunnel private-address` a node of RFC 1918 is denied with 75, others are not."""
    house = House(reverse_tunnel=True)
    house.agents.private_address = True
    assert code(house.send(house.request(PRIVATE))) == 75
    assert isinstance(house.send(house.request())[0], Relay)


@pytest.mark.parametrize("proof", ["none", "twice", "wrong key", "wrong index"])
def test_a_visitor_that_shares_a_key_has_to_prove_it(proof: str) -> None:
    """Where a secret is shared with a visitor, what proves nothing is a violation and code 67."""
    house = House()
    house.share("visitor", HOME)
    request = house.request()
    if proof == "twice":
        request = signed(signed(request, MOBILE_FOREIGN, 0x300, KEY), MOBILE_FOREIGN, 0x300, KEY)
    elif proof == "wrong key":
        request = signed(request, MOBILE_FOREIGN, 0x300, bytes(16))
    elif proof == "wrong index":
        request = signed(request, MOBILE_FOREIGN, 0x301, KEY)
    violated, told = house.send(request)
    assert isinstance(violated, Violated)
    assert code([told]) == 67
    found = house.agents.violations.of(HOME)
    assert found is not None
    reasons = {"none": 5, "twice": 6, "wrong key": 2, "wrong index": 4}
    assert (found.reason, found.code) == (reasons[proof], 67)


def test_a_relayed_request_is_the_nodes_own_and_the_agents_proof() -> None:
    """What is behind the mobile-home proof is taken off; the home agent that shares a key gets a proof."""
    house = House()
    house.share("visitor", HOME)
    house.share("home-agent", AGENT)
    asked = house.request()
    (relay,) = house.send(signed(asked, MOBILE_FOREIGN, 0x300, KEY))
    assert isinstance(relay, Relay)
    assert relay.request.extensions[:-1] == asked.extensions
    assert valid(relay.request, 1, KEY)
    assert relay.request.extensions[-1].type == FOREIGN_HOME
    bare = house.answer(asked)
    reply = signed(bare, FOREIGN_HOME, 0x300, KEY)
    came, told = house.reply(reply)
    assert isinstance(came, Came)
    assert isinstance(told, Tell)
    assert told.reply.extensions[:1] == bare.extensions
    assert proofs(told.reply, MOBILE_FOREIGN)
    assert not proofs(told.reply, FOREIGN_HOME)


@pytest.mark.parametrize("key", [None, bytes(16)])
def test_a_home_agent_that_shares_a_key_has_to_prove_it(key: bytes | None) -> None:
    """A reply that does not prove who sent it is a violation and code 68, and nobody is registered."""
    house = House()
    house.share("home-agent", AGENT)
    request = house.request()
    house.send(request)
    reply = house.answer(request)
    if key is not None:
        reply = signed(reply, FOREIGN_HOME, 0x300, key)
    violated, told = house.reply(reply)
    assert isinstance(violated, Violated)
    assert violated.actor == "HA"
    assert code([told]) == 68
    assert not house.machine.visitors


def test_a_reply_of_poor_form_is_71() -> None:
    """A reply without the mobile-home proof, or with a foreign agent's code, is answered by code 71."""
    for spoil in ("proof", "code"):
        house = House()
        request = house.request()
        house.send(request)
        reply = house.answer(request, 64 if spoil == "code" else 0)
        if spoil == "proof":
            reply = reply._replace(extensions=())
        assert code(house.reply(reply)) == 71
        assert house.agents.traffic.replies_bad == 1


@pytest.mark.parametrize(
    ("error", "expected"), [(icmp.NETWORK, 80), (icmp.HOST, 81), (icmp.PORT, 82), (icmp.PROTOCOL, 88)]
)
def test_an_unreachable_home_agent_is_told_of(error: int, expected: int) -> None:
    """An ICMP error about a home agent denies what waits for it with a code from 80 to 95."""
    house = House()
    house.send(house.request())
    house.send(house.request(SECOND_HOME, home_agent=IPv4.parse("1.0.0.11")))
    assert code(list(house.machine.unreachable(AGENT, error, 0))) == expected
    assert [each.request.home for each in house.machine.pending.values()] == [SECOND_HOME]


def test_what_waits_too_long_is_78_at_the_second() -> None:
    """A request is given up after reg-wait, to the second, with code 78."""
    house = House()
    house.agents.registration_wait = 5
    house.send(house.request())
    assert house.until(4) == []
    assert code(house.until(5)) == 78
    assert not house.machine.pending


def test_denials_are_a_second_apart_for_each_node() -> None:
    """Within a second a mobile node is denied once; others are answered."""
    house = House()
    wrong = {"care_of": IPv4.parse("4.0.0.9")}
    assert code(house.send(house.request(**wrong))) == 77
    house.now = SECOND - 1
    assert house.send(house.request(**wrong)) == []
    assert code(house.send(house.request(SECOND_HOME, **wrong))) == 77
    house.now = SECOND
    assert code(house.send(house.request(**wrong))) == 77
    assert house.agents.traffic.foreign_ignored == 1


def test_a_limit_makes_the_agent_busy() -> None:
    """With as many visitors as are allowed another is denied with 66, and one of them may renew."""
    house = House(limit=1)
    house.register()
    assert code(house.send(house.request(SECOND_HOME))) == 66
    assert house.machine.full("Ethernet1", house.service)
    assert not house.machine.full("Ethernet2", house.service)
    assert isinstance(house.send(house.request())[0], Relay)
    assert isinstance(house.send(house.request(SECOND_HOME, lifetime=0))[0], Relay)


def test_the_list_changes_by_accepting_replies_alone() -> None:
    """Neither a request, nor a denial, nor a stranger's reply changes who is registered."""
    house = House()
    (came, _) = house.register(lifetime=100)
    assert isinstance(came, Came)
    again = house.request(lifetime=50)
    house.send(again)
    assert house.machine.visitors[HOME] == came.visitor
    assert code(house.reply(house.answer(again, 131))) == 131
    assert house.machine.visitors[HOME] == came.visitor
    assert house.reply(house.answer(again)) == []
    assert house.agents.traffic.replies_ignored == 1


def test_a_registration_ends_with_its_lifetime() -> None:
    """A visitor leaves at the second its lifetime ends; a renewal puts that off; 65535 has no end."""
    house = House()
    house.register(lifetime=100)
    house.now = 50 * SECOND
    house.register(lifetime=100)
    assert house.until(149) == []
    (left,) = house.until(150)
    assert isinstance(left, Left)
    assert left.expired
    house.register(lifetime=36_000)
    house.send(request := house.request(lifetime=INFINITE), longest=INFINITE)
    house.reply(house.answer(request))
    assert house.machine.deadline() is None


def test_the_home_agent_may_grant_less_and_not_more() -> None:
    """What counts is the lifetime granted, and never more than was asked."""
    house = House()
    for granted, counted in ((10, 10), (9999, 600)):
        house.send(request := house.request())
        (came, _) = house.reply(house.answer(request, lifetime=granted))
        assert isinstance(came, Came)
        assert came.visitor.granted == counted


@pytest.mark.parametrize("care_of", [HOME, CARE_OF])
def test_a_deregistration_takes_the_visitor_off_the_list(care_of: IPv4) -> None:
    """Of its care-of address or of all of them, when the home agent has accepted it."""
    house = House()
    house.register()
    house.send(request := house.request(lifetime=0, care_of=care_of))
    assert HOME in house.machine.visitors
    left, told = house.reply(house.answer(request))
    assert isinstance(left, Left)
    assert isinstance(told, Tell)
    assert not house.machine.visitors


def test_a_colocated_node_passes_and_is_no_visitor() -> None:
    """A node that decapsulates itself may register through the agent, which then need not serve it."""
    house = House(registration_required=True)
    own = IPv4.parse("4.0.0.77")
    house.send(request := house.request(flags="D", care_of=own))
    (told,) = house.reply(house.answer(request))
    assert isinstance(told, Tell)
    assert not house.machine.visitors


def test_a_forged_request_does_not_take_the_place_of_a_true_one() -> None:
    """Somebody else who asks in a node's name does not keep the reply from the node."""
    house = House()
    house.send(true := house.request())
    house.send(house.request(), mac=MAC(2))
    _, told = house.reply(house.answer(true))
    assert isinstance(told, Tell)
    assert told.visit.mac == MAC(1)


def test_without_a_care_of_address_nothing_is_answered() -> None:
    """An agent with nothing to offer, and an extension below 128 that nobody knows, are ignored."""
    house = House()
    assert house.send(house.request(), care_of=()) == []
    request = house.request()
    assert house.send(request._replace(extensions=(*request.extensions, Extension(99, b"")))) == []
    assert house.agents.traffic.foreign_ignored == 2


@given(st.lists(st.binary(max_size=80), max_size=10))
def test_rubbish_does_no_harm(messages: list[bytes]) -> None:
    """Whatever octets come, those that are registered stay, and nothing raises."""
    house = House()
    house.register()
    before = dict(house.machine.visitors)
    for octets in messages:
        for data in (octets, b"\x01" + octets, b"\x03" + octets):
            try:
                message = decode(data)
            except Malformed:
                continue
            if isinstance(message, Request):
                house.send(message)
            elif isinstance(message, Reply):
                house.reply(message)
            else:
                assert message.encode() == data or not isinstance(message, Other)
    assert house.machine.visitors == before


def test_a_truncated_proof_is_refused() -> None:
    """An authenticator cut short is no proof."""
    house = House()
    house.share("visitor", HOME)
    request = signed(house.request(), MOBILE_FOREIGN, 0x300, KEY)
    last = request.extensions[-1]
    assert isinstance(last, Authentication)
    cut = last._replace(authenticator=last.authenticator[:8])
    effects = house.send(request._replace(extensions=(*request.extensions[:-1], cut)))
    assert code(effects) == 67
