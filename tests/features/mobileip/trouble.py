"""Random trouble in the shipped labs, whose own mobile nodes roam: how a schedule is drawn, played and judged.

A schedule is the text of a `.session` file: what fails can be kept as it is printed, and played by `iosemu run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from iosemu.features.mobileip import packet
from iosemu.features.mobileip.home_side import HomeSide
from iosemu.features.mobileip.mobile_side import Roaming
from iosemu.features.mobileip.redundancy_side import Peers
from iosemu.features.mobileip.roaming import HOME, REGISTERED
from iosemu.features.mobileip.state import Mobile
from iosemu.frontends.play import Player
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.app import Lab

AGENTS = ("HA1", "HA2")
SETTLED = 100
"""Seconds after which a lab's agents have their roles, and its mobile nodes are registered."""
RECOVERING = 45
"""Seconds after which an agent that came back has the table: it is standby within two hold times, and asks."""
RECOVERED = 160
"""The same as `SETTLED` after trouble: `preempt delay sync 100`, three hold times, and what nodes send again."""


class Place(NamedTuple):
    """What there is to trouble in a lab."""

    ports: tuple[tuple[str, str], ...]
    """The cables of the home agents."""
    segments: tuple[str, ...]
    nodes: tuple[str, ...]
    """The mobile nodes, and where they can go."""
    links: tuple[str, ...]


_ONE = (("HA1", "Ethernet0"), ("HA2", "Ethernet0"))
_TWO = (*_ONE, ("HA1", "Ethernet1"), ("HA2", "Ethernet1"))
_ABROAD = ("visited", "visited2")
PLACES = {
    "physical": Place(_ONE, ("home", "visited"), ("MN1",), ("visited", "home")),
    "physical-different": Place(_TWO, ("agents", "home", "visited"), ("MN1",), (*_ABROAD, "home")),
    "virtual-single-different": Place(_ONE, ("home", "visited"), ("MN1",), _ABROAD),
    "virtual-single-same": Place(_ONE, ("home", "visited"), ("MN1",), _ABROAD),
    "virtual-multiple-different": Place(_TWO, ("home", "home2", "visited"), ("MN1",), _ABROAD),
    "virtual-multiple-same": Place(_TWO, ("home", "home2", "visited"), ("MN1",), _ABROAD),
    "multivirtual-single-different": Place(_ONE, ("home", "visited"), ("MN1", "MN2"), _ABROAD),
    "multivirtual-single-same": Place(_ONE, ("home", "visited"), ("MN1", "MN2"), _ABROAD),
    "multivirtual-multiple-different": Place(_TWO, ("home", "home2"), ("MN1", "MN2", "MN3"), _ABROAD),
    "multivirtual-multiple-same": Place(_TWO, ("home", "home2"), ("MN1", "MN2", "MN3"), _ABROAD),
}


# --- Drawing


class Schedule(NamedTuple):
    """A session's rows, from `open` to the last fault, and those that undo what was not undone."""

    lab: str
    rows: tuple[str, ...]
    mending: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The session file."""
        return "\n".join((*self.rows, *self.mending, f"lab>advance {RECOVERED}")) + "\n"


class Writer:
    """Writes a session's rows, each with the prompt it is typed at, and keeps the rows that undo them."""

    def __init__(self, lab: str) -> None:
        self.rows = [f"lab>open {lab}"]
        self.mending: dict[str, tuple[str, ...]] = {}
        """By what is at fault, the rows that put it right: for a router that is on, with its name in front."""
        self._enabled: set[str] = set()

    def operate(self, line: str) -> None:
        """Type a line at the operator's prompt."""
        self.rows.append(f"lab>{line}")

    def configure(self, router: str, *lines: str) -> None:
        """Type lines of global configuration, and of an interface."""
        if router not in self._enabled:
            self._enabled.add(router)
            self.rows.append(f"{router}>enable")
        self.rows.append(f"{router}#configure terminal")
        mode = "config"
        for line in lines:
            self.rows.append(f"{router}({mode})#{line}")
            mode = "config-if" if line.startswith("interface") else mode
        self.rows.append(f"{router}({mode})#end")

    def toggle(self, subject: str, fault: str, mend: str) -> None:
        """Have a fault at the operator's prompt, or put it right when it is there."""
        there = subject in self.mending
        self.operate(mend if there else fault)
        if there:
            del self.mending[subject]
        else:
            self.mending[subject] = (f"lab>{mend}",)

    def power(self, router: str) -> None:
        """Switch a router off, or on again: then it is configured as it was saved."""
        for subject in [each for each in self.mending if each.startswith(f"{router} ")]:
            del self.mending[subject]
        self._enabled.discard(router)
        self.toggle(f"power {router}", f"power {router} off", f"power {router} on")

    def misconfigure(self, router: str, fault: tuple[str, ...], mend: tuple[str, ...]) -> None:
        """Configure a router amiss, or put that right when it is so."""
        subject = f"{router} {fault}"
        if f"power {router}" in self.mending:
            return
        if self.mending.pop(subject, None) is not None:
            self.configure(router, *mend)
            return
        self.configure(router, *fault)
        start = len(self.rows)
        self.configure(router, *mend)
        self.mending[subject] = tuple(self.rows[start:])
        del self.rows[start:]


def slips(lab: str, router: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give what may be taken from an agent's configuration, and what puts it back."""
    name = "SanJoseHANet1" if "multiple" in lab.split("-") else "SanJoseHA"
    kind = "" if lab.startswith("physical") else " virtual-network"
    own = "SanJoseHA" if lab.endswith("multiple-same") and router == "HA2" else name  # E3
    port = "interface Ethernet0"
    secret = f"ip mobile secure home-agent 1.0.0.{'2' if router == 'HA1' else '1'} spi 100 key hex"
    key = "00112233445566778899001122334455"
    return [
        ((f"no {secret} {key}",), (f"{secret} {key}",)),
        ((f"{secret} {key[::-1]}",), (f"{secret} {key}",)),
        ((port, "standby name Elsewhere"), (port, f"standby name {own}")),
        ((port, "no standby ip"), (port, "standby ip 1.0.0.10")),
        ((port, "shutdown"), (port, "no shutdown")),
        (
            (f"no ip mobile home-agent standby {name}",),
            (f"ip mobile home-agent standby {name}{kind}",),
        ),
    ]


GAPS = st.one_of(
    st.integers(0, 40_000), st.integers(0, 12 * SECOND), st.sampled_from([45 * SECOND, 130 * SECOND])
)
FAULTS = ("power", "power", "cable", "segment", "slip", "move", "move", "register", "register", "deregister")


@st.composite
def schedules(draw: st.DrawFn, lab: str, longest: int = 6) -> Schedule:
    """Draw up to `longest` faults of a lab; what an agent, a cable or a segment suffers is undone by a later one."""
    place = PLACES[lab]
    writer = Writer(lab)
    lifetime = draw(st.sampled_from([None, None, None, 300, 40]))
    for name in AGENTS if lifetime is not None else ():
        writer.configure(name, f"ip mobile home-agent lifetime {lifetime}")
        writer.rows.append(f"{name}#write memory")
    writer.operate(f"advance {SETTLED}")
    for _ in range(draw(st.integers(1, longest))):
        writer.operate(f"advance {draw(GAPS) / SECOND:.6f}")
        fault = draw(st.sampled_from(FAULTS))
        if fault == "power":
            writer.power(draw(st.sampled_from(AGENTS)))
        elif fault == "cable":
            port = " ".join(draw(st.sampled_from(place.ports)))
            writer.toggle(f"cable {port}", f"cut {port}", f"mend {port}")
        elif fault == "segment":
            name = draw(st.sampled_from(place.segments))
            writer.toggle(f"segment {name}", f"segment {name} down", f"segment {name} up")
        elif fault == "slip":
            name = draw(st.sampled_from(AGENTS))
            writer.misconfigure(name, *draw(st.sampled_from(slips(lab, name))))
        else:
            where = f" {draw(st.sampled_from(place.links))}" if fault == "move" else ""
            writer.operate(f"{fault} {draw(st.sampled_from(place.nodes))}{where}")
    return Schedule(lab, tuple(writer.rows), tuple(row for rows in writer.mending.values() for row in rows))


# --- Judging


class Fact(NamedTuple):
    """The latest that was accepted of a mobile node: by its identification, and when it ends (0: not bound)."""

    number: int
    ends: int


NOTHING = Fact(0, 0)


class Ledger:
    """What agents have accepted and not lost together, kept while a lab runs; nothing of it may get lost.

    `caught` counts the registrations that a crash took which the peer had not acknowledged.
    """

    def __init__(self) -> None:
        self.owed: dict[IPv4, Fact] = {}
        self.caught = 0
        self.came = 0
        """When something last came back, in microseconds."""

    def watch(self, lab: Lab) -> None:
        """Take in what agents know."""
        for name in AGENTS:
            for home, fact in facts(lab, name).items():
                if fact.number > self.owed.get(home, NOTHING).number:
                    self.owed[home] = fact

    def lose(self, lab: Lab, victim: str) -> None:
        """See an agent off, before it goes: what the other does not have is lost, if it could not have it."""
        other = AGENTS[victim == AGENTS[0]]
        kept = facts(lab, other)
        for home, fact in facts(lab, victim).items():
            held = kept.get(home, NOTHING)
            over = 0 < self.owed[home].ends <= lab.clock.now
            # One who was deconfigured has no binding, but remembers the number (R45).
            same = held.number == fact.number and bool(held.ends) == bool(fact.ends)
            if same or held.number > fact.number or over:
                continue
            recovering = lab.clock.now - self.came < RECOVERING * SECOND
            assert recovering or excused(lab, victim, other, home), (
                f"second {lab.clock.now / SECOND}: {victim} goes, and {other} was never told of {home}"
            )
            self.caught += 1
            self.owed[home] = held

    def settle(self, lab: Lab) -> None:
        """Hold the agents against it when all has recovered: both have all that is owed, and the same."""
        now = lab.clock.now
        known = [facts(lab, name) for name in AGENTS]
        for home, owed in self.owed.items():
            for name, each in zip(AGENTS, known, strict=True):
                there = each.get(home, NOTHING)
                if owed.ends > now:
                    assert there.number >= owed.number, f"{name} has lost {home}: {there} for {owed}"
                    if there.number == owed.number:
                        assert abs(there.ends - owed.ends) < SECOND // 2, f"{name}: {home} {there} for {owed}"
                elif there.number <= owed.number:
                    assert not there.ends, f"{name} has {home} bound, which is gone: {there} for {owed}"
            one, two = (each.get(home, NOTHING) for each in known)
            if one.ends or two.ends:
                assert one.number == two.number, f"{home}: HA1 has {one}, HA2 {two}"
        for name in AGENTS:
            mobile = lab[name].part(Mobile)
            users = sum(tunnel.users for tunnel in mobile.tunnels.values())
            assert users == mobile.bindings.total == len(list(mobile.bindings))
            assert len(mobile.tunnels) == len({each.tunnel.number for each in mobile.bindings})


def facts(lab: Lab, name: str) -> dict[IPv4, Fact]:
    """Give the latest that an agent knows of each of the lab's mobile nodes."""
    side = lab[name].peek(HomeSide)
    found: dict[IPv4, Fact] = {}
    for spec in lab.hosts.values() if side is not None and lab[name].powered else ():
        home = getattr(spec, "home_address", None)
        number = side.machine.latest(home) if side is not None and home is not None else 0
        if side is not None and number:
            held = side.mobile.bindings.of(home)
            ends = next((each.expires or 0 for each in held if each.identification == number), 0)
            found[home] = Fact(number, ends)
    return found


def excused(lab: Lab, victim: str, other: str, home: IPv4) -> bool:
    """Whether one agent could not know yet what the other has accepted of a mobile node."""
    if not lab[other].powered:
        return True
    here, there = lab[victim].part(Peers).machine, lab[other].part(Peers).machine
    waiting = [
        exchange.kind for exchange in (*here.outbox.outstanding.values(), *there.outbox.outstanding.values())
    ]
    told = any(
        exchange.kind == packet.BINDING_UPDATE and exchange.subject == home
        for exchange in here.outbox.outstanding.values()
    )
    coming = packet.BINDING_INFO_REQUEST in waiting or packet.BINDING_INFO_REPLY in waiting
    # Nothing is outstanding, but will be: what was given up is sent again a minute later.
    coming |= any(each.deadline() is not None and not each.outbox.outstanding for each in (here, there))
    told |= home in here.owed or keys(lab, victim) != keys(lab, other)
    # On HA2 of two labs a group has another name than it is followed by (E3): by that network it knows nobody.
    alone = any(all(group.peer is None for group in each.groups.values()) for each in (here, there))
    return told or coming or alone


def keys(lab: Lab, name: str) -> list[str]:
    """Give the keys that an agent shares with peers, one for each network where there is one."""
    return [each.key for each in lab[name].part(Mobile).associations_with("home-agent")]


# --- Playing


def play(schedule: Schedule) -> Ledger:
    """Play a schedule and what mends it, and hold the agents and the mobile nodes against the law."""
    player = Player("schedule.session")
    ledger = Ledger()

    def typed(row: str) -> str:
        console = next(each for each in player.desk.consoles() if row.startswith(each.prompt))
        if row.startswith("lab>power ") and row.endswith(" off"):
            ledger.lose(player.desk.lab, row.split()[1])
        if "#no ip mobile home-agent standby" in row:
            ledger.lose(player.desk.lab, row.partition("(")[0])  # R44, R45: it may remove bindings
        if row.endswith((" on", " up")) or "mend" in row or "#" in row:
            ledger.came = player.desk.lab.clock.now
        if not row.startswith("lab>advance "):
            shown = player.typed(console, row).rows
            assert not any(each.startswith("%") for each in shown), (row, shown)
            return "\n".join(shown)
        lab = player.desk.lab
        until = lab.clock.now + round(float(row.split()[1]) * SECOND)
        while (due := lab.clock.due()) is not None and due <= until:
            lab.step()
            ledger.watch(lab)
        lab.run_until(until)
        return ""

    def settle() -> None:
        """Judge when nothing is being told: a renewal may have come this instant."""
        while any(lab[name].part(Peers).machine.outbox.outstanding for name in AGENTS):
            typed("lab>advance 0.001")
        ledger.settle(lab)

    for row in schedule.text.splitlines():
        typed(row)
    lab = player.desk.lab
    settle()
    for name in PLACES[schedule.lab].nodes:
        typed(f"lab>register {name}")
    typed("lab>advance 70")
    for name in PLACES[schedule.lab].nodes:
        machine = lab[name].part(Roaming).machine
        assert machine.state in (REGISTERED, HOME), f"{name} is {machine.state}, told {machine.last_code}"
        symbols = typed(f"lab>ping CN1 {machine.settings.home} count 5").splitlines()[0]
        assert symbols.endswith("!!"), f"{name} is {machine.state}, and pings to it went {symbols}"
    settle()
    return ledger
