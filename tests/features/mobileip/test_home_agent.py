"""The home agent machine: every code, every rule of RFC 2002 §3.8, without a router."""

from __future__ import annotations

import tracemalloc

import pytest

from iosemu.addresses import IPv4, Prefix
from iosemu.features.mobileip.authentication import signed, valid
from iosemu.features.mobileip.bindings import INFINITE
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.effects import Answer, Arrival, Bound, Unbound, Violated
from iosemu.features.mobileip.home_agent import NTP, SIMULTANEOUS, HomeAgent
from iosemu.features.mobileip.packet import (
    FOREIGN_HOME,
    MOBILE_HOME,
    Authentication,
    Extension,
    Record,
    Reply,
    Request,
)
from iosemu.features.mobileip.state import Agent, Agents, Association, Hosts
from iosemu.lab.clock import EPOCH, SECOND

HOME, AGENT, CARE_OF, OTHER = (IPv4.parse(text) for text in ("20.0.0.1", "1.0.0.10", "4.0.0.1", "4.0.0.2"))
KEY, FOREIGN_KEY = "00112233445566778899001122334455", "ffeeddccbbaa99887766554433221100"


class Office:
    """A home agent with one mobile node, and the clock that both go by."""

    def __init__(self, options: Agent | None = None, *, foreign: bool = False) -> None:
        agents = self.agents = Agents()
        agents.running = True
        agents.agent = options or Agent()
        network = Prefix(IPv4.parse("20.0.0.0"), 8)
        agents.hosts[HOME, HOME] = Hosts(HOME, HOME, None, network)
        self.share(Association("host", HOME, HOME, 0x100, 0x101, KEY))
        if foreign:
            self.share(Association("foreign-agent", CARE_OF, CARE_OF, 0x200, 0x200, FOREIGN_KEY))
        self.machine = HomeAgent(agents)
        self.now = 0
        self.low = 0

    def share(self, association: Association) -> None:
        """Configure an association."""
        self.agents.associations[association.line] = association

    @property
    def unix(self) -> int:
        """The time of day in microseconds."""
        return EPOCH * SECOND + self.now

    def asked(self, lifetime: int = 600, care_of: IPv4 = CARE_OF, flags: str = "", skew: int = 0) -> Request:
        """Make a request of this moment, unsigned."""
        self.low += 1
        number = (self.unix // SECOND + NTP + skew) << 32 | self.low
        octet = sum(FLAGS[letter] for letter in flags)
        return Request(octet, lifetime, HOME, AGENT, care_of, number)

    def send(self, request: Request, arrival: Arrival | None = None, *, sign: bool = True) -> list[object]:
        """Sign a request as the mobile node does, and give what the home agent does about it."""
        if sign:
            request = signed(request, MOBILE_HOME, 0x100, bytes.fromhex(KEY))
        arrived = arrival or Arrival(CARE_OF, 434, AGENT)
        return list(self.machine.request(request, arrived, self.now, self.unix))

    def register(self, lifetime: int = 600, care_of: IPv4 = CARE_OF, flags: str = "") -> list[object]:
        """Send a request that is in order."""
        return self.send(self.asked(lifetime, care_of, flags))

    def after(self, seconds: int) -> list[object]:
        """Let time pass; gives what comes of it."""
        self.now += seconds * SECOND
        deadline = self.machine.deadline()
        return list(self.machine.expire(self.now)) if deadline is not None and deadline <= self.now else []


def reply(effects: list[object]) -> Reply:
    """Give the one reply among effects."""
    (answer,) = [each for each in effects if isinstance(each, Answer)]
    return answer.reply


def kinds(effects: list[object]) -> list[str]:
    """Name effects."""
    return [type(each).__name__ for each in effects]


# --- Accepting


def test_a_registration() -> None:
    """A valid request makes a tunnel and a binding, and is answered where it came from, signed."""
    office = Office()
    request = office.asked(flags="SG")
    effects = office.send(request)
    assert kinds(effects) == ["Opened", "Bound", "Answer"]
    _, bound, answer = effects
    assert isinstance(bound, Bound)
    assert isinstance(answer, Answer)
    assert bound.first
    binding = bound.binding
    assert binding[:5] == (HOME, CARE_OF, CARE_OF, AGENT, 0x88)
    assert (binding.granted, binding.expires, binding.accepted) == (600, 600 * SECOND, 0x08)
    assert binding.tunnel.gre
    assert answer[1:] == (AGENT, CARE_OF, 434, False)
    assert answer.reply[:5] == (0, 600, HOME, AGENT, request.identification)
    (proof,) = answer.reply.extensions
    assert isinstance(proof, Authentication)
    assert (proof.type, proof.spi) == (MOBILE_HOME, 0x101)
    assert valid(answer.reply, 0, bytes.fromhex(KEY))


@pytest.mark.parametrize(
    ("asked", "limit", "own", "granted"),
    [
        (600, 36_000, None, 600),
        (65_535, 36_000, None, 36_000),
        (65_535, 36_000, 100, 100),
        (50, 36_000, 100, 50),
        (65_535, 65_535, None, 65_535),
    ],
)
def test_the_lifetime_is_never_increased(asked: int, limit: int, own: int | None, granted: int) -> None:
    """What is granted is what was asked, or the home agent's or the host's maximum (RFC 2002 §3.8.2.2)."""
    office = Office(Agent(lifetime=limit))
    office.agents.hosts[HOME, HOME] = office.agents.hosts[HOME, HOME]._replace(lifetime=own)
    assert reply(office.register(asked)).lifetime == granted
    (binding,) = office.agents.bindings.of(HOME)
    assert binding.expires == (None if granted == INFINITE else granted * SECOND)


@pytest.mark.parametrize(
    ("options", "asked", "provided"),
    [
        (Agent(), "SBDGVT", "DGT"),
        (Agent(broadcast=True), "SBDGV", "BDG"),
        (Agent(), "", ""),
        (Agent(broadcast=True), "T", "T"),
    ],
)
def test_services_provided(options: Agent, asked: str, provided: str) -> None:
    """Of what is asked for, what the home agent provides becomes routing options (specification line 302)."""
    office = Office(options)
    office.register(flags=asked)
    (binding,) = office.agents.bindings.of(HOME)
    assert binding.flags == sum(FLAGS[letter] for letter in asked)
    assert binding.accepted == sum(FLAGS[letter] for letter in provided)


def test_moving_replaces_the_binding() -> None:
    """Without the S flag, a new care-of address takes the place of all others; its tunnel is another."""
    office = Office()
    office.register()
    effects = office.register(care_of=OTHER)
    assert kinds(effects) == ["Opened", "Bound", "Unbound", "Closed", "Answer"]
    assert effects[1].first is False  # type: ignore[attr-defined]
    assert effects[2].last is False  # type: ignore[attr-defined]
    assert [each.care_of for each in office.agents.bindings.of(HOME)] == [OTHER]
    assert [each.number for each in office.agents.tunnels.values()] == [1]
    office.register()
    assert [each.number for each in office.agents.tunnels.values()] == [0]


def test_simultaneous_bindings_stay() -> None:
    """With the S flag, other bindings are retained; a deregistration of one leaves the others."""
    office = Office()
    office.register()
    assert kinds(office.register(care_of=OTHER, flags="S")) == ["Opened", "Bound", "Answer"]
    assert kinds(office.register(0, care_of=OTHER)) == ["Unbound", "Closed", "Answer"]
    assert [each.care_of for each in office.agents.bindings.of(HOME)] == [CARE_OF]


def test_coming_home_ends_all_bindings() -> None:
    """Lifetime 0 and the home address as care-of address delete everything; the reply stays on the home link."""
    office = Office()
    office.register()
    office.register(care_of=OTHER, flags="S")
    effects = office.send(office.asked(0, HOME), Arrival(HOME, 1434, AGENT))
    assert kinds(effects) == ["Unbound", "Closed", "Unbound", "Closed", "Answer"]
    assert [each.last for each in effects if isinstance(each, Unbound)] == [False, True]
    assert effects[-1][1:] == (AGENT, HOME, 1434, True)  # type: ignore[index]
    assert reply(effects)[:2] == (0, 0)
    assert office.agents.bindings.total == 0


def test_renewing_keeps_the_tunnel() -> None:
    """A renewal extends the binding and leaves its tunnel alone."""
    office = Office()
    office.register()
    office.after(300)
    assert kinds(office.register()) == ["Bound", "Answer"]
    (binding,) = office.agents.bindings.of(HOME)
    assert binding.expires == 900 * SECOND
    assert binding.tunnel.users == 1


def test_a_duplicate_does_not_extend() -> None:
    """A request that comes twice is answered with what is left of the lifetime, and nothing else happens."""
    office = Office()
    request = office.asked()
    office.send(request)
    office.after(5)
    effects = office.send(request)
    assert kinds(effects) == ["Answer"]
    assert reply(effects)[:2] == (0, 595)


def test_a_binding_ends() -> None:
    """When its lifetime is over a binding is gone, and its tunnel with the last that used it; nobody is told."""
    office = Office()
    office.register(600)
    assert office.after(599) == []
    effects = office.after(1)
    assert kinds(effects) == ["Unbound", "Closed"]
    assert effects[0].expired  # type: ignore[attr-defined]
    assert office.machine.deadline() is None


def test_the_global_address_is_in_replies() -> None:
    """R31: a mobile node of a virtual network is answered with the global home agent address."""
    office = Office()
    office.agents.address = IPv4.parse("10.0.0.10")
    assert reply(office.register()).home_agent == office.agents.address


def test_tunnels_pass_over_numbers_in_use() -> None:
    """A tunnel does not take the number of a configured one."""
    office = Office()
    office.machine.taken = {0, 1}
    office.register()
    assert [each.name for each in office.agents.tunnels.values()] == ["Tunnel2"]


# --- Refusing


@pytest.mark.parametrize(
    ("code", "change", "arrival", "options"),
    [
        (129, {}, {"permitted": False}, Agent()),
        (134, {"flags": 0x01}, {}, Agent()),
        (134, {"care_of": HOME}, {}, Agent()),
        (134, {"care_of": IPv4(0)}, {}, Agent()),
        (134, {"care_of": AGENT}, {}, Agent()),
        (136, {}, {"ours": False, "destination": OTHER}, Agent()),
        (137, {"flags": FLAGS["T"]}, {}, Agent(reverse_tunnel_off=True)),
        (139, {"flags": FLAGS["M"]}, {}, Agent()),
    ],
)
def test_what_is_asked_for_is_denied(
    code: int, change: dict[str, int], arrival: dict[str, object], options: Agent
) -> None:
    """Each fault of a request that proves itself has its code; a denial changes no binding, and is counted."""
    office = Office(options)
    office.register()
    before = list(office.agents.bindings)
    arrived = Arrival(CARE_OF, 434, AGENT)._replace(**arrival)
    effects = office.send(office.asked()._replace(**change), arrived)
    assert kinds(effects) == ["Answer"]
    assert reply(effects).code == code
    assert valid(reply(effects), 0, bytes.fromhex(KEY))
    assert list(office.agents.bindings) == before
    assert office.agents.traffic.home_codes == {0: 1, code: 1}
    assert office.agents.counts[HOME].denials.code == code
    assert reply(effects).home_agent == (OTHER if code == 136 else AGENT)


def test_too_many_simultaneous_bindings() -> None:
    """Code 135: there is a limit to how many bindings one mobile node has."""
    office = Office()
    codes = [
        reply(office.register(care_of=IPv4(CARE_OF + number), flags="S")).code
        for number in range(SIMULTANEOUS + 1)
    ]
    assert codes == [0] * SIMULTANEOUS + [135]


def test_renewing_at_the_limit() -> None:
    """A mobile node that has as many bindings as it may can renew them."""
    office = Office()
    for number in range(SIMULTANEOUS):
        office.register(care_of=IPv4(CARE_OF + number), flags="S")
    assert reply(office.register(flags="S")).code == 0


def proofs_of(office: Office, kind: str) -> Request:
    """Make a request whose mobile-home extension is missing, doubled, unknown, or wrong."""
    request, key = office.asked(), bytes.fromhex(KEY)
    if kind == "missing":
        return request
    if kind == "unknown index":
        return signed(request, MOBILE_HOME, 0x999, key)
    if kind == "wrong key":
        return signed(request, MOBILE_HOME, 0x100, b"wrong")
    if kind == "changed":
        return signed(request, MOBILE_HOME, 0x100, key)._replace(care_of=OTHER)
    return signed(signed(request, MOBILE_HOME, 0x100, key), MOBILE_HOME, 0x100, key)


@pytest.mark.parametrize(
    ("kind", "reason", "index"),
    [
        ("missing", 5, 0),
        ("unknown index", 4, 0),
        ("wrong key", 2, 0x100),
        ("changed", 2, 0x100),
        ("twice", 6, 0),
    ],
)
def test_a_mobile_node_that_does_not_prove_itself(kind: str, reason: int, index: int) -> None:
    """Code 131, and a violation with its reason: exactly one valid mobile-home extension is wanted."""
    office = Office()
    request = proofs_of(office, kind)
    effects = office.send(request, sign=False)
    assert effects[0] == Violated(HOME, "MN", 131, reason)
    assert reply(effects).code == 131
    logged = office.agents.violations.of(HOME)
    assert logged == (1, office.unix, index, request.identification, 131, reason)
    assert office.agents.bindings.total == 0


@pytest.mark.parametrize(
    ("key", "wanted"),
    [(FOREIGN_KEY, [0]), (KEY, [132, 2]), (None, [132, 5])],
    ids=["right", "wrong", "missing"],
)
def test_a_foreign_agent_proves_itself(key: str | None, wanted: list[int]) -> None:
    """Code 132: where a secret is shared with the foreign agent, it signs, before the mobile node is looked at."""
    office = Office(foreign=True)
    request = signed(office.asked(), MOBILE_HOME, 0x100, bytes.fromhex(KEY))
    if key is not None:
        request = signed(request, FOREIGN_HOME, 0x200, bytes.fromhex(key))
    effects = office.send(request, sign=False)
    assert reply(effects).code == wanted[0]
    violated = [each for each in effects if isinstance(each, Violated)]
    assert violated == ([Violated(CARE_OF, "FA", *wanted)] if wanted[0] else [])
    # The reply is signed for both, the foreign agent's extension last.
    assert [each.type for each in reply(effects).extensions] == [MOBILE_HOME, FOREIGN_HOME]
    assert valid(reply(effects), 1, bytes.fromhex(FOREIGN_KEY))


@pytest.mark.parametrize(("source", "care_of"), [(CARE_OF, OTHER), (OTHER, CARE_OF)])
def test_which_foreign_agent_has_to_sign(source: IPv4, care_of: IPv4) -> None:
    """The foreign agent is who sent the request, or else whose address is the care-of address (§1.6)."""
    office = Office(foreign=True)
    effects = office.send(office.asked(care_of=care_of), Arrival(source, 434, AGENT))
    assert effects[0] == Violated(CARE_OF, "FA", 132, 5)


@pytest.mark.parametrize(
    ("skew", "tolerance", "code"),
    [(0, None, 0), (7, None, 0), (-7, None, 0), (8, None, 133), (-8, None, 133), (20, 20, 0), (21, 20, 133)],
)
def test_the_identification_is_a_time(skew: int, tolerance: int | None, code: int) -> None:
    """Code 133: a request that is off by more than the tolerance is told this router's time (RFC 2002 §5.6)."""
    office = Office()
    office.share(Association("host", HOME, HOME, 0x100, 0x101, KEY, tolerance=tolerance))
    office.after(100)
    request = office.asked(skew=skew)
    answered = reply(office.send(request))
    assert answered.code == code
    high = request.identification >> 32 if not code else office.unix // SECOND + NTP
    assert answered.identification == high << 32 | request.identification & 0xFFFFFFFF


def test_identifications_only_grow() -> None:
    """Code 133: an identification that is not newer than all accepted before it is a replay, even after a goodbye."""
    office = Office()
    old, new = office.asked(), office.asked()
    assert reply(office.send(new)).code == 0
    effects = office.send(old)
    assert reply(effects).code == 133
    assert effects[0] == Violated(HOME, "MN", 133, 3)
    assert reply(office.register(0, HOME)).code == 0
    assert reply(office.send(new)).code == 133


def test_one_identification_for_one_place() -> None:
    """Code 133: the identification of a current binding is no good for another care-of address."""
    office = Office()
    request = office.asked()
    office.send(request)
    assert reply(office.send(request._replace(care_of=OTHER))).code == 133


@pytest.mark.parametrize("case", ["no service", "not running", "not a host", "no association", "extension"])
def test_requests_that_get_no_answer(case: str) -> None:
    """Without service, a configured host or a shared secret there is no reply; the request counts as ignored."""
    office = Office()
    request = office.asked()
    if case == "no service":
        office.agents.agent = None
    elif case == "not running":
        office.agents.running = False
    elif case == "not a host":
        office.agents.hosts.clear()
    elif case == "no association":
        office.agents.associations.clear()
    else:
        request = request._replace(extensions=(Extension(99, b""),))
    effects = office.send(request)
    assert effects == ([Violated(HOME, "MN", 131, 1)] if case == "no association" else [])
    assert office.agents.traffic.ignored == 1
    assert office.agents.traffic.home_codes == {}


def test_an_extension_that_may_be_skipped() -> None:
    """An unknown extension of a type from 128 on is skipped (RFC 2002 §1.9)."""
    office = Office()
    request = office.asked()._replace(extensions=(Extension(199, b"hello"),))
    assert reply(office.send(request)).code == 0


# --- What peers tell one another


def test_a_peer_learns_the_table() -> None:
    """R29, R37: records of one home agent's bindings make the same bindings, ends and tunnels at another."""
    office, peer = Office(), HomeAgent(Agents())
    office.register(600, flags="SG")
    office.after(100)
    assert office.machine.homes(AGENT) == [HOME]
    records = office.machine.records(HOME, office.now)
    assert [each.elapsed for each in records] == [100_000]
    effects = [each for record in records for each in peer.learn(record, AGENT, office.now)]
    assert kinds(list(effects)) == ["Opened", "Bound"]
    (ours,), (theirs,) = office.agents.bindings, peer.agents.bindings
    assert theirs._replace(tunnel=ours.tunnel, since=ours.since) == ours
    assert (theirs.tunnel.source, theirs.tunnel.destination, theirs.tunnel.gre) == (AGENT, CARE_OF, True)
    assert office.machine.homes(OTHER) == []


def test_a_peer_learns_that_a_binding_is_gone() -> None:
    """A record of no lifetime takes the binding away, and what replays it afterwards is refused."""
    office = Office()
    first = office.asked()
    office.send(first)
    record = Record(0, 0, 0, 0, HOME, HOME, HOME, office.asked().identification)
    assert kinds(list(office.machine.learn(record, AGENT, office.now))) == ["Unbound", "Closed"]
    assert reply(office.send(first)).code == 133


def test_clearing_a_mobile_node() -> None:
    """`clear ip mobile binding` takes all bindings of a mobile node away, as it would lose them otherwise."""
    office = Office()
    office.register()
    effects = office.machine.clear(HOME, office.now)
    assert kinds(list(effects)) == ["Unbound", "Closed"]
    assert office.machine.clear(HOME, office.now) == []


def test_time_of_service_is_counted() -> None:
    """A mobile node's time of service is the time in which it had a binding."""
    office = Office()
    office.register(600)
    office.after(60)
    office.register(600)
    office.after(40)
    office.register(0, HOME)
    office.after(1000)
    office.register(50)
    office.after(50)
    counts = office.agents.counts[HOME]
    assert counts.service == 150 * SECOND
    assert counts.since is None
    assert (counts.accepted, counts.denials.times) == (4, 0)


def test_bindings_are_small() -> None:
    """A binding that a peer told of takes no more than 600 octets (DESIGN 9), through one foreign agent."""
    machine = HomeAgent(Agents())
    count = 5000
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(count):
            record = Record(
                0, 0, 9000 + number, 0, IPv4(HOME + number), IPv4(CARE_OF), IPv4(CARE_OF), 1 << 40
            )
            machine.learn(record, IPv4(AGENT), number)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert machine.agents.bindings.total == count
    assert (after - before) / count <= 600
