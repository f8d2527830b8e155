"""One HSRP group on one interface: RFC 2281's machine, and where IOS departs from its table.

Transitions come from `table` alone. Named methods stand beside it for what the table leaves open or IOS does
otherwise: `_lapse` (a timer that expires where the table has no cell waits for a state that has one; taken
literally, the table hangs in Standby), `_preempts` (delays), `_learn`, `_set_state` (a state that speaks does
so at once). Equal priorities are no departure: the higher address wins, preempting as well (RFC 2281 §5.1,
specification line 346).

Sans I/O: every input takes `now` in microseconds of virtual time, deadlines are data, effects are returned.
Configuration without an immediate effect is plain attributes. `standby delay` is `enable`'s `delay`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from iosemu.addresses import MAC, IPv4
from iosemu.features.hsrp.packet import COUP, HELLO, RESIGN, STATES, Hsrp, authentication_data, sealed
from iosemu.features.hsrp.table import HEEDING, SPEAKING, look_up
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

SECOND = 1_000_000

DEFAULT_PRIORITY = 100
DEFAULT_TIMERS = 3000, 10000
DEFAULT_AUTHENTICATION = authentication_data("cisco")

ARP_REPEATS = 2 * SECOND, 4 * SECOND
"""When gratuitous ARPs follow the one on becoming active (reference hsrp.md §5)."""

_VIRTUAL_MACS = tuple(MAC(0x00000C07AC00 + number) for number in range(256))
_CODES = {name: code for code, name in STATES.items()}
_ACTIVE = _CODES["Active"]
_HELLO_EVENTS = {
    (_CODES["Speak"], True): "f",
    (_CODES["Active"], True): "g",
    (_CODES["Active"], False): "h",
    (_CODES["Standby"], True): "k",
    (_CODES["Standby"], False): "l",
}
"""Events by the state in a Hello and whether its sender outranks this router (RFC 2281 §5.5)."""
_STEADY = ("A", "EA", "B")
"""What a Hello does again and again, once there is nothing to learn from it."""
_JITTER = 20
"""Jitter takes up to a twentieth off the hellotime: 12.2 sent after 2.86 to 2.94 s of 3 (hsrp.md §5)."""


class Peer(NamedTuple):
    """Another router of the group, as its last message showed it."""

    address: IPv4
    priority: int


class Preempt(NamedTuple):
    """`standby preempt` and its delays, in seconds (0: none)."""

    minimum: int = 0
    """From the first attempt (IOS since 12.0(9); reference hsrp.md §5)."""
    reload: int = 0
    """From the router's start."""
    sync: int = 0
    """The longest wait, from the first attempt, for clients to be `ready`."""


Router = IPv4 | Literal["local"] | None
"""Who holds a role: another router's address, this one, or nobody known."""


class Send(NamedTuple):
    """Send a packet to 224.0.0.2, from the virtual MAC address or else the interface's own."""

    packet: Hsrp
    virtual_mac: bool


class GratuitousArp(NamedTuple):
    """Broadcast an ARP response about a virtual address."""

    address: IPv4
    mac: MAC


class Event(NamedTuple):
    """An event of the table worth a line of `debug standby`: its letter, in which state, who caused it.

    A peer is None for timers of unknown routers and for what no router causes; `reason` qualifies event b.
    """

    state: str
    letter: str
    peer: Peer | None
    reason: str = ""


class StateChanged(NamedTuple):
    """The group went from one state to another by an event; `reason` qualifies event b."""

    old: str
    new: str
    event: str
    reason: str = ""


class ActiveChanged(NamedTuple):
    """Another router is now known as the active one."""

    router: Router
    was: Router


class StandbyChanged(NamedTuple):
    """Another router is now known as the standby one."""

    router: Router
    was: Router


class LearnedAddress(NamedTuple):
    """The virtual IP address in use was learned from the active router."""

    address: IPv4
    source: IPv4


class LearnedTimers(NamedTuple):
    """The times in use, in milliseconds, were learned from the active router."""

    hellotime: int
    holdtime: int
    source: IPv4


class WantsActive(NamedTuple):
    """Preemption waits for clients to call `ready`, until an instant at the latest."""

    until: int


class Misconfigured(NamedTuple):
    """A packet that contradicts the configuration; each such packet is told, a log may thin them out.

    A packet with other authentication is ignored. Timers and virtual address are judged in Hellos of the
    active router alone, and change nothing.
    """

    kind: Literal["authentication", "timers", "virtual address"]
    source: IPv4
    packet: Hsrp


Effect = (
    Send
    | GratuitousArp
    | Event
    | StateChanged
    | ActiveChanged
    | StandbyChanged
    | LearnedAddress
    | LearnedTimers
    | WantsActive
    | Misconfigured
)


class Group:
    """A group's state, its configuration and its inputs; all inputs return effects in the order they happen.

    After any input, `deadline()` says when `expire` wants to be called next.
    """

    __slots__ = (
        "_active",
        "_arps",
        "_attempt",
        "_deadline",
        "_former",
        "_preempt",
        "_random",
        "_ready",
        "_said",
        "_standby",
        "_start_at",
        "_steady",
        "active_expires",
        "address",
        "authentication",
        "booted",
        "configured_ip",
        "configured_priority",
        "configured_timers",
        "decrement",
        "key",
        "last_change",
        "learned_ip",
        "learned_timers",
        "mac_address",
        "next_hello",
        "number",
        "reason",
        "secondaries",
        "standby_expires",
        "state",
        "state_changes",
    )

    def __init__(self, number: int, random: Random, *, booted: int = 0) -> None:
        """Begin in Init; `booted` is when the router started, `random` its generator (for jitter)."""
        self.number = number
        self.booted = booted
        self._random = random

        self.address = IPv4(0)
        """The interface's address: what peers know this router by. Set it before `enable`."""
        self.configured_priority = DEFAULT_PRIORITY
        self.decrement = 0
        """What tracking takes from the priority."""
        self._preempt: Preempt | None = None
        self.authentication = DEFAULT_AUTHENTICATION
        self.key: bytes | None = None
        """The key of MD5 authentication, which replaces the plain text."""
        self._former: tuple[bytes, int] | None = None  # the key before, and until when it is accepted
        self.mac_address: MAC | None = None
        """A configured virtual MAC address, or the interface's own for `use-bia`."""
        self.secondaries: tuple[IPv4, ...] = ()
        self.configured_ip: IPv4 | None = None
        self.configured_timers: tuple[int, int] | None = None
        self.learned_ip: IPv4 | None = None
        self.learned_timers: tuple[int, int] | None = None

        self.state = "Init"
        self.reason = ""
        """Why the group was last disabled."""
        self.state_changes = 0
        """Changes from or to Standby or Active: those IOS logs (hsrp.md §4.3) and, inferred, counts."""
        self.last_change: int | None = None

        self.active_expires: int | None = None
        """The Active timer; past, it waits for a state with a cell for event c."""
        self.standby_expires: int | None = None
        """The Standby timer, likewise for event d."""
        self.next_hello: int | None = None
        """The Hello timer; None in states that do not speak."""
        self._start_at: int | None = None
        self._active: Peer | None = None
        self._standby: Peer | None = None
        self._attempt: int | None = None  # when preemption was first wanted
        self._ready = False  # whether clients said so during this attempt
        self._arps: tuple[int, ...] = ()
        self._deadline: int | None = None
        # While nothing changes: the Hellos, by sender, that did nothing but start a timer, each with the
        # priority and authentication it met here; and our own.
        self._steady: dict[IPv4, tuple[Hsrp, int, bytes]] = {}
        self._said: tuple[Send, tuple[int, bytes]] | None = None

    # What `show standby` asks

    @property
    def priority(self) -> int:
        """The priority in use: the configured one less what tracking takes."""
        return max(0, self.configured_priority - self.decrement)

    @property
    def virtual_ip(self) -> IPv4 | None:
        """The virtual IP address in use, configured or learned."""
        return self.learned_ip if self.configured_ip is None else self.configured_ip

    @property
    def virtual_mac(self) -> MAC:
        """The group's MAC address: 0000.0c07.acXX unless configured (RFC 2281 §6.1)."""
        return _VIRTUAL_MACS[self.number] if self.mac_address is None else self.mac_address

    @property
    def timers(self) -> tuple[int, int]:
        """Hellotime and holdtime in use, in milliseconds: both learned, both configured or both default.

        IOS's departure from RFC 2281 §5.1: the active router's times override those configured elsewhere
        (reference hsrp.md §1.2), until this one is active itself.
        """
        return self.learned_timers or self.configured_timers or DEFAULT_TIMERS

    @property
    def active(self) -> Peer | None:
        """The active router when it is another and known; it is until `active_expires`."""
        return self._active

    @property
    def standby(self) -> Peer | None:
        """The standby router when it is another and known; it is until `standby_expires`."""
        return self._standby

    @property
    def active_router(self) -> Router:
        """Who is active."""
        return _holder("Active", self.state, self._active)

    @property
    def standby_router(self) -> Router:
        """Who is standby."""
        return _holder("Standby", self.state, self._standby)

    @property
    def preempts_at(self) -> int | None:
        """When the attempt to preempt that is under way succeeds, at the latest."""
        if self._attempt is None or self._preempt is None:
            return None
        return self._may_preempt_at(self._attempt, self._preempt)

    # Configuration with immediate effects

    @property
    def preempt(self) -> Preempt | None:
        """Whether and after which delays a lower active router is overthrown."""
        return self._preempt

    @preempt.setter
    def preempt(self, preempt: Preempt | None) -> None:
        self._preempt = preempt
        self._reconsider()
        self._plan()

    def set_virtual_ip(self, address: IPv4 | None, now: int) -> list[Effect]:
        """Set the virtual IP address; None has it learned.

        Where event a would now choose another state, the group starts anew; an active router makes the new
        address known at once.
        """
        self._reconsider()
        was, self.configured_ip = self.configured_ip, address
        if address == was or self.state == "Init":
            return []
        if address is None or self.state == "Learn":
            return self.disable(now) + self.enable(now)
        return self._announce_anew(now)

    def set_secondaries(self, addresses: tuple[IPv4, ...], now: int) -> list[Effect]:
        """Set the secondary virtual addresses; an active router makes them known at once."""
        self.secondaries = addresses
        return self._announce_anew(now)

    def set_timers(self, timers: tuple[int, int] | None, now: int) -> list[Effect]:
        """Configure hellotime and holdtime in milliseconds; None has them learned, or default.

        An active router uses them at once, any other when the active one tells none.
        """
        self._reconsider()
        self.configured_timers = timers
        if self.state == "Active":
            self.learned_timers = None
        self._hurry(now)
        self._plan()
        return []

    def set_key(self, key: bytes | None, now: int, *, timeout: int = 0) -> None:
        """Have MD5 digests of a key authenticate packets, or plain text again (None).

        The key before is accepted for `timeout` seconds.
        """
        self._reconsider()
        self._former = (self.key, now + timeout * SECOND) if self.key is not None and timeout else None
        self.key = key

    def _authentic(self, packet: Hsrp, source: IPv4, now: int) -> bool:
        """Whether a packet shows that its sender is of this group."""
        if self.key is None:
            return packet.authentication == self.authentication
        if self._former is not None and now >= self._former[1]:
            self._former = None
        keys = (self.key,) if self._former is None else (self.key, self._former[0])
        return any(packet == sealed(packet, source, key) for key in keys)

    def _reconsider(self) -> None:
        """Take nothing for granted any more: neither what a Hello did when it last came, nor what ours says."""
        self._steady.clear()
        self._said = None

    # Inputs

    def enable(self, now: int, *, delay: int = 0) -> list[Effect]:
        """Begin, once the interface is up and the group configured, after a delay in microseconds.

        A group that runs, or waits for its delay, goes on doing so.
        """
        if self.state != "Init" or self._start_at is not None:
            return []
        self._start_at = now + delay
        self._plan()
        return self.expire(now)

    def disable(self, now: int, reason: str = "") -> list[Effect]:
        """Stop: the group is no longer configured, or its interface is going down; give IOS's reason."""
        self._start_at = None
        self.reason = reason
        effects = self._event("b", now) if self.state != "Init" else []
        self._plan()
        return effects

    def ready(self, now: int) -> list[Effect]:
        """Take the word of all clients that they have what they need (the answer to `WantsActive`)."""
        self._ready = True
        self._plan()
        return self.expire(now)

    def receive(self, packet: Hsrp, source: IPv4, now: int) -> list[Effect]:
        """Take in a packet of this group from another router."""
        if self.state == "Init" or source == self.address or packet.group != self.number or packet.version:
            return []
        if self.repeats(packet, source, now):
            return []
        if not self._authentic(packet, source, now):
            return [Misconfigured("authentication", source, packet)]
        peer = Peer(source, packet.priority)
        effects = self._contradictions(packet, source)
        letter = self._letter(packet, peer)
        effects += self._event(letter, now, packet, peer)
        self._plan()
        if (
            not effects
            and look_up(letter, self.state).actions in _STEADY
            and self._former is None
            and not (letter == "h" and self._preempt)
        ):
            self._steady[source] = packet, self.configured_priority - self.decrement, self.authentication
        # What began at this instant happens at it: the first Hello of a new state, preemption without delay.
        return effects + self.expire(now) if effects else effects

    def repeats(self, packet: Hsrp, source: IPv4, now: int) -> bool:
        """Take in a Hello that says what its sender's last one did, and does no more: most do.

        Its router's timer starts anew, and the deadline is no earlier than it was. False: it is no such, and
        `receive` wants it.
        """
        own = self.configured_priority - self.decrement
        if self._steady.get(source) != (packet, own, self.authentication):
            return False
        if packet.state == _ACTIVE:
            was, self.active_expires = self.active_expires, now + self._hold(packet)
        else:
            was, self.standby_expires = self.standby_expires, now + self._hold(packet)
        if was == self._deadline:
            self._plan()
        return True

    def deadline(self) -> int | None:
        """Give the instant at which `expire` is due, or None."""
        return self._deadline

    def expire(self, now: int) -> list[Effect]:
        """Do all that is due; of several things due at once a Hello is first, the rest as in `_waiting`."""
        effects: list[Effect] = []
        while self._deadline is not None and self._deadline <= now:
            match self._due(now):
                case "e":
                    effects.append(self._hello(now))
                case "arp":
                    self._arps = self._arps[1:]
                    effects += self._gratuitous_arps()
                case "c" | "d" as timer:
                    effects += self._lapse(timer, now)
                case "h":
                    effects += self._preempt_after_delay(now)
                case event:
                    effects += self._event(event, now)
            self._plan()
        return effects

    # Deadlines

    def _plan(self) -> None:
        """Work the deadline out anew: all that may bring it forward ends here."""
        deadline = self.next_hello
        for when, _ in self._waiting():
            if deadline is None or when < deadline:
                deadline = when
        self._deadline = deadline

    def _due(self, now: int) -> str:
        """Name the first of what is due, or give the empty string."""
        if self.next_hello is not None and self.next_hello <= now:
            return "e"
        for when, what in self._waiting():
            if when <= now:
                return what
        return ""

    def _waiting(self) -> Iterator[tuple[int, str]]:
        """Give what waits for an instant, the Hello timer apart: events of the table and `arp`."""
        state = self.state
        if state == "Init":
            if self._start_at is not None:
                yield self._start_at, "a"
            return
        if self.active_expires is not None and (self._active or state in HEEDING["c"]):
            yield self.active_expires, "c"
        if self.standby_expires is not None and (self._standby or state in HEEDING["d"]):
            yield self.standby_expires, "d"
        if self._attempt is not None and self._preempt:
            yield self._may_preempt_at(self._attempt, self._preempt), "h"
        if self._arps:
            yield self._arps[0], "arp"

    def _lapse(self, timer: str, now: int) -> list[Effect]:
        """Let the Active timer (c) or the Standby timer (d) expire.

        Its router is forgotten in any state. Where the table has no cell, the timer stays expired, and the
        event comes in the first state that has one: so a router alone passes from Speak through Standby to
        Active in one instant, as in IOS's debug output (reference hsrp.md §1.3, §4.2).
        """
        return self._event(timer, now, None, self._active if timer == "c" else self._standby)

    def _hello_interval(self) -> int:
        """Choose the time to the next Hello, in microseconds: jitter only shortens, so no holdtime lapses."""
        period = self.timers[0] * 1000
        width = jitter = period // _JITTER + 1
        bits, draw = width.bit_length(), self._random.getrandbits
        while jitter >= width:  # what randrange does, at a third of its cost
            jitter = draw(bits)
        return period - jitter

    def _hurry(self, now: int) -> None:
        """Have the next Hello no later than the hellotime in use wants it."""
        if self.next_hello is not None:
            self.next_hello = min(self.next_hello, now + self._hello_interval())

    # Events

    def _letter(self, packet: Hsrp, peer: Peer) -> str:
        """Name the event that a packet is (RFC 2281 §5.5), or give the empty string."""
        higher = self._outranked_by(peer)
        if packet.opcode == RESIGN:
            return "i" if self._active and self._active.address == peer.address else ""
        if packet.opcode == COUP:
            return "j" if higher else ""
        if self.state == "Learn" and not packet.virtual_ip:
            return ""  # an active router that knows no virtual address cannot end Learn
        return _HELLO_EVENTS.get((packet.state, higher), "")

    def _outranked_by(self, peer: Peer) -> bool:
        """Whether a peer wins against this router: by priority, then by address (RFC 2281 §5.1)."""
        return (peer.priority, peer.address) > (self.priority, self.address)

    def _event(
        self, letter: str, now: int, packet: Hsrp | None = None, peer: Peer | None = None
    ) -> list[Effect]:
        """Do what the table says about an event, or about none: roles are noted in any case.

        Coup and Resign are sent in the old state, Hello and gratuitous ARP in the new one: the order of the
        table's letters and of IOS's debug output (that a Resign shows the old state is unverified).
        """
        old = self.state
        effects: list[Effect] = []
        cell = look_up(letter, old, second=self._second(letter, now, effects))
        before = old, self._active, self._standby
        why = self.reason if letter == "b" else ""
        if cell.state or "G" in cell.actions or letter == "i" or (letter in ("c", "d") and peer):
            effects.append(Event(old, letter, peer, why))
        for action in cell.actions:
            effects += self._act(action, letter, now, packet, peer)
        self._note_roles(letter, packet, peer)
        if cell.state:
            self._set_state(cell.state, now)
        self._drop_own_roles(letter)
        if (self.state, self._active, self._standby) != before:
            effects += self._role_changes(*before)
        if cell.state:
            effects.append(StateChanged(old, cell.state, letter, why))
        if effects:
            self._reconsider()
        if "F" in cell.actions:
            effects.append(self._hello(now))
        if "I" in cell.actions:
            effects += self._announce(now)
        return effects

    def _role_changes(self, state: str, active: Peer | None, standby: Peer | None) -> list[Effect]:
        """Say which roles others have than they had in a state, with these peers."""
        effects: list[Effect] = []
        was = _holder("Active", state, active)
        if self.active_router != was:
            effects.append(ActiveChanged(self.active_router, was))
        was = _holder("Standby", state, standby)
        if self.standby_router != was:
            effects.append(StandbyChanged(self.standby_router, was))
        return effects

    def _second(self, letter: str, now: int, effects: list[Effect]) -> bool:
        """Decide between a cell's alternatives: the table's notes `+` and `*`."""
        if letter == "a":
            return self.configured_ip is not None
        return letter == "h" and self.state in ("Listen", "Speak", "Standby") and self._preempts(now, effects)

    def _act(
        self, action: str, letter: str, now: int, packet: Hsrp | None, peer: Peer | None
    ) -> list[Effect]:
        """Do one action of RFC 2281 §5.6; F and I wait for the new state."""
        match action:
            case "A":
                self.active_expires = now + self._hold(packet if letter in ("g", "h") else None)
            case "B":
                self.standby_expires = now + self._hold(packet if letter in ("k", "l") else None)
            case "C":
                self.active_expires = None
            case "D":
                self.standby_expires = None
            case "E" if packet and peer:
                return self._learn(packet, peer.address, now)
            case "G":
                return [self._send(COUP)]
            case "H":
                return [self._send(RESIGN)]
            case _:
                pass
        return []

    def _note_roles(self, letter: str, packet: Hsrp | None, peer: Peer | None) -> None:
        """Note who is active and who standby now; a Hello without event tells as well."""
        if letter in ("c", "i"):
            self._active = None
        elif letter == "d":
            self._standby = None
        elif letter == "j" and self.state == "Active":
            self._active = peer
        elif packet and peer and packet.opcode == HELLO:
            if self._active and self._active.address == peer.address:
                self._active = None
            if self._standby and self._standby.address == peer.address:
                self._standby = None
            if letter in ("g", "h"):
                self._active = peer
            elif letter in ("k", "l"):
                self._standby = peer

    def _drop_own_roles(self, letter: str) -> None:
        """Forget peers in a role that this router has; without a lower active router nothing is preempted."""
        if self.state in ("Init", "Active"):
            self._active = None
        if self.state in ("Init", "Standby"):
            self._standby = None
        if self._active is None or letter == "g":
            self._attempt = None

    def _set_state(self, state: str, now: int) -> None:
        """Enter a state; one that speaks does so at once, as IOS's debug output shows (hsrp.md §4.2)."""
        both = self.state, state
        if "Standby" in both or "Active" in both:
            self.state_changes += 1
            self.last_change = now
        self.state = state
        self.next_hello = now if state in SPEAKING else None
        self._arps = ()
        if state == "Init":
            self.learned_ip = None
        if state == "Init" or (state == "Active" and self.configured_timers):
            self.learned_timers = None

    # IOS's departure: preempt delays

    def _preempts(self, now: int, effects: list[Effect]) -> bool:
        """Whether to take over from a lower active router now; the first time, the delays begin.

        They hold back preemption only: with no router active, events c and i go their way (hsrp.md §5).
        """
        if self.preempt is None:
            self._attempt = None
            return False
        if self._attempt is None:
            self._attempt = now
            self._ready = False
            if self.preempt.sync:
                effects.append(WantsActive(now + self.preempt.sync * SECOND))
        return self._may_preempt_at(self._attempt, self.preempt) <= now

    def _may_preempt_at(self, attempt: int, preempt: Preempt) -> int:
        """Give the instant at which all delays of an attempt are over; `ready` ends the one for clients."""
        sync = 0 if self._ready else preempt.sync
        return max(attempt + max(preempt.minimum, sync) * SECOND, self.booted + preempt.reload * SECOND)

    def _preempt_after_delay(self, now: int) -> list[Effect]:
        """End an attempt whose delays are over: event h again, by the active router's last Hello."""
        if self._active is None or self._outranked_by(self._active):
            self._attempt = None
            return []
        return self._event("h", now, None, self._active)

    # Learning and its opposite

    def _learn(self, packet: Hsrp, source: IPv4, now: int) -> list[Effect]:
        """Learn times, never half of them, and an address that is not configured from the active router.

        The table has no action E for an active router. Times of 0 are not learned (see `_seconds`).
        """
        effects: list[Effect] = []
        if self.configured_ip is None and packet.virtual_ip and packet.virtual_ip != self.learned_ip:
            self.learned_ip = packet.virtual_ip
            effects.append(LearnedAddress(packet.virtual_ip, source))
        timers = packet.hellotime * 1000, packet.holdtime * 1000
        if 0 < timers[0] < timers[1] and timers != self.timers:
            self.learned_timers = timers
            self._hurry(now)
            effects.append(LearnedTimers(*timers, source))
        return effects

    def _contradictions(self, packet: Hsrp, source: IPv4) -> list[Effect]:
        """Say what in an active router's Hello is not as configured here."""
        effects: list[Effect] = []
        if packet.opcode != HELLO or packet.state != _ACTIVE:
            return effects
        if self.configured_timers and (packet.hellotime, packet.holdtime) != _seconds(self.configured_timers):
            effects.append(Misconfigured("timers", source, packet))
        if self.configured_ip is not None and packet.virtual_ip != self.configured_ip:
            effects.append(Misconfigured("virtual address", source, packet))
        return effects

    def _hold(self, packet: Hsrp | None) -> int:
        """Give a holdtime in microseconds: the one in a Hello if there is one, else the one in use here."""
        return packet.holdtime * SECOND if packet and packet.holdtime else self.timers[1] * 1000

    # Sending

    def _send(self, opcode: int) -> Send:
        """Make a packet; only an active router's Hellos come from the virtual MAC address (RFC 2281 §6.1)."""
        packet = Hsrp(
            opcode,
            _CODES[self.state],
            *_seconds(self.timers),
            self.priority,
            self.number,
            self.authentication,
            self.virtual_ip or IPv4(0),
        )
        if self.key is not None:
            packet = sealed(packet, self.address, self.key)
        return Send(packet, opcode == HELLO and self.state == "Active")

    def _hello(self, now: int) -> Send:
        """Send a Hello and set the time of the next."""
        self.next_hello = now + self._hello_interval()
        says = self.configured_priority - self.decrement, self.authentication
        if self._said is None or self._said[1] != says:
            self._said = self._send(HELLO), says
        return self._said[0]

    def _announce_anew(self, now: int) -> list[Effect]:
        """Make virtual addresses known that were configured, if this router is active."""
        effects = self._announce(now) if self.state == "Active" else []
        self._plan()
        return effects

    def _announce(self, now: int) -> list[Effect]:
        """Make the virtual addresses known, now and twice more."""
        self._arps = tuple(now + wait for wait in ARP_REPEATS)
        return self._gratuitous_arps()

    def _gratuitous_arps(self) -> list[Effect]:
        """Give one gratuitous ARP for each virtual address."""
        primary = (self.virtual_ip,) if self.virtual_ip is not None else ()
        return [GratuitousArp(address, self.virtual_mac) for address in (*primary, *self.secondaries)]


def _holder(role: str, state: str, peer: Peer | None) -> Router:
    """Name who holds a role, for a router in a state that knows a peer in the role, or none."""
    return "local" if state == role else peer and peer.address


def _seconds(timers: tuple[int, int]) -> tuple[int, int]:
    """Give times in milliseconds as a packet has them.

    Its fields are in seconds. Times that are not, are sent as 0 and 0, so that nobody learns them and all
    keep to their own (IOS does not learn milliseconds, reference hsrp.md §1.2; what it sends is unverified).
    """
    hellotime, holdtime = timers
    if hellotime % 1000 or holdtime % 1000:
        return 0, 0
    return hellotime // 1000, holdtime // 1000
