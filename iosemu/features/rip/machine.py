"""One RIP process: what it has learnt, what it tells, and when (RFC 2453 §3, from memory).

The metric of a learnt route is kept as it was heard and counted up when it is told on, as IOS does (the RFC
adds on hearing, which comes to the same). Where IOS departs from the RFC stands at its place: hold-down
(`_heard_down`), the jitter of updates, flash updates at once and then no oftener than the RFC allows.

A route that is lost leaves the routing table at once (RFC 2453 §3.8). IOS keeps it there as `possibly down`
and forwards by it until the flush; here only the database keeps it for so long, and tells it as unreachable.

Sans I/O: every input takes `now` in microseconds, deadlines are data, effects are returned. `survey` tells
the machine of everything around it; the rest of its configuration is plain attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import IPv4, Prefix, mask_length
from iosemu.features.rip.packet import (
    AUTHENTICATION,
    EVERYTHING,
    INFINITY,
    INTERNET,
    LONGEST,
    PORT,
    REQUEST,
    RESPONSE,
    WHOLE_TABLE,
    Entry,
    Rip,
)
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

SECOND = 1_000_000

DEFAULT = Prefix(IPv4(0), 0)
"""The default route."""
PATHS = 4
"""How many equally good ways to one network are kept, by default."""
JITTER = 0.15
"""Up to this part is taken off the interval between updates, as IOS does (from memory)."""
FLASH_AGAIN = 1 * SECOND, 5 * SECOND
"""A flash update follows another no sooner than some time between these (RFC 2453 §3.10.1)."""

NOBODY = IPv4(0)


class Timers(NamedTuple):
    """`timers basic`, in seconds: defaults are those of IOS."""

    update: int = 30
    invalid: int = 180
    holddown: int = 180
    flush: int = 240
    sleep: int | None = None
    """In milliseconds; it has no effect."""

    @property
    def garbage(self) -> int:
        """How long something lost is told as unreachable, in microseconds: from invalid to flushed."""
        return max(0, self.flush - self.invalid) * SECOND


class Link(NamedTuple):
    """An interface that RIP runs on."""

    name: str
    address: IPv4
    """What it speaks from."""
    prefix: Prefix
    """The subnet of that address."""
    subnets: tuple[Prefix, ...]
    """All subnets of the interface: who is in none of them is not listened to."""
    sends: tuple[int, ...] = (1,)
    receives: tuple[int, ...] = (1, 2)
    passive: bool = False
    split_horizon: bool = True
    neighbours: tuple[IPv4, ...] = ()
    """Whom updates are sent to one by one, on a passive interface as well."""


class Local(NamedTuple):
    """What the routing table has of another source; `metric` is told as it is, None: it is not told."""

    metric: int | None
    link: str
    """The interface it leads to."""
    connected: bool = False
    next_hop: IPv4 | None = None
    tag: int = 0


class Path(NamedTuple):
    """A way to a network, as a neighbour told it."""

    gateway: IPv4
    """Who told it."""
    next_hop: IPv4
    link: str
    updated: int


class Learnt:
    """A network that neighbours told of: equally good paths, or none while it is held down."""

    __slots__ = ("flushed", "held", "metric", "paths", "tag", "was")

    def __init__(self, metric: int, tag: int = 0) -> None:
        self.metric = metric
        self.tag = tag
        self.paths: list[Path] = []
        self.was: tuple[Path, ...] = ()
        """The paths it had last, while it is held down."""
        self.held = 0
        """Until when nothing worse is believed than was before."""
        self.flushed = 0
        """When it is forgotten."""

    @property
    def down(self) -> bool:
        """Whether it is unreachable, and only told as that."""
        return not self.paths


# --- Effects


class Send(NamedTuple):
    """Send a message by a link, to whom it names or, None, to all who listen for its version."""

    link: Link
    to: IPv4 | None
    message: Rip
    port: int = PORT
    flash: bool = False


class Offer(NamedTuple):
    """A path that the routing table may use."""

    prefix: Prefix
    metric: int
    path: Path


class Table(NamedTuple):
    """Change the routing table, in this order: True for a path that is new or heard again, False: it is lost."""

    changes: tuple[tuple[bool, Offer], ...]


class Ignored(NamedTuple):
    """A message was not listened to."""

    link: str
    source: IPv4
    version: int
    reason: str


Effect = Send | Table | Ignored


def classful(address: int) -> Prefix:
    """Give the class A, B or C network of an address."""
    return Prefix.of(address, 8 if address >> 31 == 0 else 16 if address >> 30 == 2 else 24)


def _believable(prefix: Prefix) -> bool:
    """Whether a prefix can be one of hosts (RFC 2453 §3.9.2): no class D or E, no net 0, no loopback."""
    first = prefix.network >> 24
    return prefix == DEFAULT or (0 < first < 224 and first != 127)


class Process:
    """RIP on a router."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.timers = Timers()
        self.auto_summary = True
        self.maximum_paths = PATHS
        self.validates = True
        """Whether a neighbour must be in a subnet of the link."""
        self.links: dict[str, Link] = {}
        self.locals: dict[Prefix, Local] = {}
        self.learnt: dict[Prefix, Learnt] = {}
        self.gone: dict[Prefix, int] = {}
        """What we told and no longer have, with the instant until which it is told as unreachable."""
        self.sources: dict[IPv4, int] = {}
        """Who told us anything, and when last."""
        self.next_update: int | None = None
        self._changed: dict[Prefix, None] = {}  # what a flash update is due for
        self._quiet = 0  # no flash update before this instant
        self._lapse: int | None = None  # nothing lapses before this instant
        self._changes: list[tuple[bool, Offer]] = []  # of the routing table

    # --- Inputs

    def survey(self, links: dict[str, Link], local: dict[Prefix, Local], now: int) -> list[Effect]:
        """Take in which links there are, and what the routing table has of other sources."""
        effects: list[Effect] = []
        was, self.links = self.links, links
        for name, link in links.items():
            old = was.get(name)
            if old is None or (old.address, old.passive) != (link.address, link.passive):
                effects += self._requests(link)
        moved = [name for name, old in was.items() if name not in links or links[name].prefix != old.prefix]
        for prefix, learnt in self.learnt.items():
            kept = [path for path in learnt.paths if path.link not in moved]
            if len(kept) < len(learnt.paths):
                self._drop(prefix, learnt, kept, now)
        self._compare(local, now)
        if not links:
            self.next_update = None
            self._changed.clear()
        elif self.next_update is None:
            self.next_update = now + self._interval()
        return effects + self._table()

    def _requests(self, link: Link) -> Iterator[Send]:
        """Ask for whole tables on a link that came up, as IOS does."""
        for to in self._addressees(link):
            for version in link.sends:
                yield Send(link, to, Rip(REQUEST, version, (EVERYTHING,)))

    def _compare(self, local: dict[Prefix, Local], now: int) -> None:
        """Take the routes of other sources in; what is told no more is unreachable for a while."""
        was, self.locals = self.locals, local
        for prefix in {**was, **local}:
            before, after = was.get(prefix), local.get(prefix)
            if before == after:
                continue
            told, tells = self._told(prefix, before), self._told(prefix, after)
            if tells is not None:
                self.gone.pop(prefix, None)
                if prefix in self.learnt and self._outdone(prefix, self.learnt[prefix].metric):
                    del self.learnt[prefix]
            elif told is not None:
                self.gone[prefix] = now + self.timers.garbage
                self._lapses(self.gone[prefix])
            if told is not None or tells is not None:
                self._changed[prefix] = None

    def _told(self, prefix: Prefix, local: Local | None) -> int | None:
        """Give the metric that is told of something reachable, to whoever is told at all."""
        if local is not None:
            return local.metric
        learnt = self.learnt.get(prefix)
        return None if learnt is None or learnt.down else learnt.metric + 1

    def receive(self, message: Rip, source: IPv4, port: int, link: str, now: int) -> list[Effect]:
        """Take a message in; what nobody may say is ignored."""
        here = self.links.get(link)
        if here is None or source == here.address:
            return []
        refusal = self._refusal(message, source, port, here)
        if refusal:
            return [Ignored(link, source, message.version, refusal)]
        if message.command == REQUEST:
            return list(self._answers(message, source, port, here))
        self.sources[source] = now
        for entry in message.entries:
            prefix = self._prefix(entry, message.version, here)
            if (
                prefix is not None
                and 1 <= entry.metric <= INFINITY
                and not self._outdone(prefix, entry.metric)
            ):
                hop = entry.next_hop if message.version > 1 else NOBODY
                near = hop in here.prefix and hop not in (here.address, here.prefix.network)
                self._heard(prefix, entry, Path(source, hop if hop and near else source, link, now))
        return self._table()

    def _outdone(self, prefix: Prefix, metric: int) -> bool:
        """Whether what we tell of a prefix ourselves is as good as what a neighbour says (RFC 2453 §3.9.2).

        Kept beside our own, it would lead back to us, from the neighbour, when ours is lost.
        """
        own = self.locals.get(prefix)
        return own is not None and own.metric is not None and own.metric <= metric

    def _refusal(self, message: Rip, source: IPv4, port: int, link: Link) -> str:
        version = message.version
        if message.command not in (REQUEST, RESPONSE):
            return "illegal command"
        if min(version, 2) not in link.receives:
            return "illegal version"
        if version == 1 and message.unused:
            return "must be zero"  # ours, as are the words for commands
        if any(entry.family == AUTHENTICATION for entry in message.entries[:1]):
            return "invalid authentication"  # RFC 2453 §5.2: we have no keys
        if message.command == RESPONSE:
            if port != PORT:
                return "source port"
            if self.validates and not any(source in subnet for subnet in link.subnets):
                return "bad source"
        return ""

    def _prefix(self, entry: Entry, version: int, link: Link) -> Prefix | None:
        """Read what an entry is about; None when it is about nothing, or not to be believed."""
        if entry.family != INTERNET:
            return None
        address = entry.address
        if version > 1 and (entry.mask or not address):
            length = mask_length(entry.mask)
            if length is None:
                return None
            prefix = Prefix.of(address, length)
        elif not address:
            prefix = DEFAULT
        else:
            guess = self._guess(address, link)
            if guess is None:
                return None
            prefix = guess
        return prefix if _believable(prefix) else None

    def _guess(self, address: IPv4, link: Link) -> Prefix | None:
        """Find the mask that version 1 does not send, as Cisco documents it.

        Within the link's own network it is the link's; elsewhere it is that of the class, and nothing is
        learnt of a network that we have subnets of on other links.
        """
        major = classful(address)
        length = major.length
        if major == classful(link.address):
            length = link.prefix.length
        elif any(
            known.length > major.length and known.network in major and local.link != link.name
            for known, local in self.locals.items()
        ):
            return None
        prefix = Prefix.of(address, length)
        return prefix if prefix.network == address else Prefix(address, 32)

    def expire(self, now: int) -> list[Effect]:
        """Do what is due: forget, and tell."""
        effects: list[Effect] = []
        if self._lapse is not None and self._lapse <= now:
            self._age(now)
            effects += self._table()
        if self.next_update is not None and self.next_update <= now:
            self.next_update = now + self._interval()
            self._changed.clear()
            for link in self.links.values():
                effects += self._updates(link)
        elif self._changed and self._quiet <= now:
            for link in self.links.values():
                effects += self._updates(link, flash=True)
            self._changed.clear()
            self._quiet = now + self.random.randint(*FLASH_AGAIN)
        return effects

    def deadline(self) -> int | None:
        """Tell when something is due next."""
        due = [when for when in (self.next_update, self._lapse) if when is not None]
        if self._changed:
            due.append(self._quiet)
        return min(due, default=None)

    def set_timers(self, timers: Timers, now: int) -> None:
        """Configure the timers; what is known lapses by the new ones."""
        self.timers = timers
        if self.next_update is not None:
            self.next_update = now + self._interval()
        self._lapse = now if self.learnt or self.gone else None

    def offers(self) -> list[Offer]:
        """Give every path that the routing table may use."""
        return [
            Offer(prefix, learnt.metric, path)
            for prefix, learnt in self.learnt.items()
            for path in learnt.paths
        ]

    # --- Learning

    def _heard(self, prefix: Prefix, entry: Entry, path: Path) -> None:
        """Weigh an entry: a neighbour is believed about its own path, and others when they know a better."""
        metric = entry.metric
        learnt = self.learnt.get(prefix)
        if learnt is None:
            if metric < INFINITY:
                self.learnt[prefix] = learnt = Learnt(metric, entry.tag)
                self._replace(prefix, learnt, path)
            return
        if learnt.down:
            self._heard_down(prefix, learnt, entry, path)
            return
        same = [old for old in learnt.paths if (old.gateway, old.link) == (path.gateway, path.link)]
        others = [old for old in learnt.paths if old not in same]
        if metric >= INFINITY or (metric > learnt.metric and others):
            if same:
                self._drop(prefix, learnt, others, path.updated)
        elif metric < learnt.metric or (same and metric > learnt.metric):
            learnt.metric, learnt.tag = metric, entry.tag
            self._replace(prefix, learnt, path)
        elif metric == learnt.metric:
            if same:
                paths = [path if old is same[0] else old for old in learnt.paths]
                self._keep(prefix, learnt, paths)
            elif len(learnt.paths) < self.maximum_paths:
                learnt.paths.append(path)
                self._lapses(path.updated + self.timers.invalid * SECOND)
            else:
                return
            self._changes.append((True, Offer(prefix, metric, path)))

    def _heard_down(self, prefix: Prefix, learnt: Learnt, entry: Entry, path: Path) -> None:
        """Weigh an entry about a network that is held down (Cisco's rules).

        Believed are whoever had told of it before, and others only with a better metric, until the hold-down
        is over.
        """
        if entry.metric >= INFINITY:
            return
        known = any((old.gateway, old.link) == (path.gateway, path.link) for old in learnt.was)
        if known or entry.metric < learnt.metric or learnt.held <= path.updated:
            learnt.metric, learnt.tag = entry.metric, entry.tag
            self._replace(prefix, learnt, path)

    def _replace(self, prefix: Prefix, learnt: Learnt, path: Path) -> None:
        """Let a path stand alone."""
        self._keep(prefix, learnt, [path])
        learnt.was = ()
        self._changes.append((True, Offer(prefix, learnt.metric, path)))
        self._changed[prefix] = None
        self._lapses(path.updated + self.timers.invalid * SECOND)

    def _drop(self, prefix: Prefix, learnt: Learnt, kept: list[Path], now: int) -> None:
        """Keep some of the paths; without any, the network is unreachable and held down."""
        if not kept:
            learnt.was = tuple(learnt.paths)
            learnt.held = now + self.timers.holddown * SECOND
            learnt.flushed = now + self.timers.garbage
            self._changed[prefix] = None
            self._lapses(learnt.flushed)
        self._keep(prefix, learnt, kept)

    def _keep(self, prefix: Prefix, learnt: Learnt, paths: list[Path]) -> None:
        """Put paths in the place of those there are; the table has one route for one next hop."""
        hops = [(path.next_hop, path.link) for path in paths]
        for old in learnt.paths:
            if (old.next_hop, old.link) not in hops:
                self._changes.append((False, Offer(prefix, learnt.metric, old)))
        learnt.paths = paths

    def _age(self, now: int) -> None:
        """Drop paths of which nothing was heard, forget what was unreachable for long enough."""
        self._lapse = None
        invalid = self.timers.invalid * SECOND
        for prefix, learnt in tuple(self.learnt.items()):
            kept = [path for path in learnt.paths if path.updated + invalid > now]
            if len(kept) < len(learnt.paths):
                self._drop(prefix, learnt, kept, now)
            if learnt.down and learnt.flushed <= now:
                del self.learnt[prefix]
                continue
            self._lapses(
                learnt.flushed if learnt.down else min(path.updated + invalid for path in learnt.paths)
            )
        for prefix, until in tuple(self.gone.items()):
            if until <= now:
                del self.gone[prefix]
            else:
                self._lapses(until)

    def _lapses(self, when: int) -> None:
        self._lapse = when if self._lapse is None else min(self._lapse, when)

    def _table(self) -> list[Effect]:
        changes, self._changes = tuple(self._changes), []
        return [Table(changes)] if changes else []

    # --- Telling

    def _interval(self) -> int:
        return round(self.timers.update * SECOND * (1 - JITTER * self.random.random()))

    def _addressees(self, link: Link) -> tuple[IPv4 | None, ...]:
        return link.neighbours if link.passive else (None, *link.neighbours)

    def _updates(self, link: Link, *, flash: bool = False) -> Iterator[Send]:
        """Give the messages of an update; a flash update has what changed, and none when nothing did."""
        addressees = self._addressees(link)
        for version in link.sends if addressees else ():
            entries = self._entries(link, version, changed=flash)
            for start in range(0, len(entries), LONGEST):
                message = Rip(RESPONSE, version, tuple(entries[start : start + LONGEST]))
                for to in addressees:
                    yield Send(link, to, message, flash=flash)

    def _entries(self, link: Link, version: int, *, changed: bool = False) -> list[Entry]:
        """Give what a link is told: as it is, or summarised; the best metric stands for a whole network."""
        told: dict[Prefix, tuple[int, int]] = {}
        wanted: dict[Prefix, None] = {}
        for prefix in sorted({*self.locals, *self.learnt, *self.gone}):
            shown = self._shown(prefix, link, version)
            known = self._metric(prefix, link)
            if shown is None or known is None:
                continue
            told[shown] = min(told.get(shown, known), known)
            if not changed or prefix in self._changed:
                wanted[shown] = None
        return [
            Entry(
                shown.network,
                shown.mask if version > 1 else NOBODY,
                NOBODY,
                metric,
                tag if version > 1 else 0,
            )
            for shown, (metric, tag) in told.items()
            if shown in wanted
        ]

    def _shown(self, prefix: Prefix, link: Link, version: int) -> Prefix | None:
        """Give the form in which a link hears of a prefix; None: version 1 has none for it.

        From one network into another subnets are summarised, by version 2 unless `no auto-summary`; within
        its own network version 1 tells of subnets with the link's mask alone.
        """
        major = classful(prefix.network)
        if prefix == DEFAULT or prefix.length == major.length:
            return prefix
        if prefix.length < major.length:
            return prefix if version > 1 else None
        if major != classful(link.address):
            return major if version == 1 or self.auto_summary else prefix
        return prefix if version > 1 or prefix.length == link.prefix.length else None

    def _metric(self, prefix: Prefix, link: Link) -> tuple[int, int] | None:
        """Give the metric and tag to tell a link of a prefix; None: nothing.

        Split horizon keeps what came by a link from it, but not the news that it is unreachable.
        """
        local = self.locals.get(prefix)
        if local is not None and local.metric is not None:
            silent = link.split_horizon and local.link == link.name
            return None if silent else (min(local.metric, INFINITY), local.tag)
        learnt = self.learnt.get(prefix)
        if local is None and learnt is not None:
            if learnt.down:
                return INFINITY, learnt.tag
            silent = link.split_horizon and any(path.link == link.name for path in learnt.paths)
            return None if silent else (min(learnt.metric + 1, INFINITY), learnt.tag)
        return (INFINITY, 0) if prefix in self.gone else None

    def _answers(self, request: Rip, source: IPv4, port: int, link: Link) -> Iterator[Send]:
        """Answer a request: for everything as in an update, else entry by entry (RFC 2453 §3.9.1)."""
        version = min(request.version, 2)
        asked = request.entries
        if len(asked) == 1 and asked[0].family == WHOLE_TABLE and asked[0].metric == INFINITY:
            if link.passive and source not in link.neighbours:
                return
            if version not in link.sends:
                version = link.sends[0]
            entries = self._entries(link, version)
            for start in range(0, len(entries), LONGEST):
                message = Rip(RESPONSE, version, tuple(entries[start : start + LONGEST]))
                yield Send(link, source, message, port)
        elif asked:
            anywhere = link._replace(split_horizon=False)
            answers = []
            for entry in asked:
                prefix = self._prefix(entry, version, link)
                known = self._metric(prefix, anywhere) if prefix is not None else None
                answers.append(entry._replace(metric=known[0] if known is not None else INFINITY))
            yield Send(link, source, Rip(RESPONSE, version, tuple(answers)), port)
