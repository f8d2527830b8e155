"""Router discovery (RFC 1256), the routers' side: when to advertise, as a machine, and what, on an interface.

`interface.part(Advertising)` is an interface's; it advertises when it is `enabled`, up, and has an address. What
makes an advertisement that of a mobility agent (RFC 2002 §2) another feature says, asked through the node's
`Discovery`: then anybody's solicitations are answered, not only neighbours' (§2.3). The rules about time: the
interval is a random one between the bounds, at most 16 s for the first three; a solicitation is answered at once
to who sent it, but at most once a second, and what comes within that second gets a common answer at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import MAC, IPv4
from iosemu.lab.clock import SECOND
from iosemu.lab.interface import ALL_HOSTS
from iosemu.lab.ip import EVERYONE
from iosemu.lab.machine import Driver
from iosemu.values import NamedTuple
from iosemu.wire.icmp import MobilityAgent, Router, RouterAdvertisement, RouterSolicitation
from iosemu.wire.ipv4 import ICMP, Packet

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node
    from iosemu.wire.ethernet import Frame

ALL_ROUTERS = IPv4(0xE0000002)
"""224.0.0.2."""
MAXIMUM = 600
"""MaxAdvertisementInterval by default, in seconds (RFC 1256 §4.1)."""
INITIAL_INTERVAL, INITIAL = 16 * SECOND, 3
"""MAX_INITIAL_ADVERT_INTERVAL and MAX_INITIAL_ADVERTISEMENTS (§6)."""
AGAIN = SECOND
"""At most one broadcast, and one answer, in this time (RFC 2002 §2.3)."""


class Times(NamedTuple):
    """What is configured of intervals, in seconds; None: the default, which hangs on `maximum`."""

    maximum: int = MAXIMUM
    """0: advertise only when solicited."""
    minimum: int | None = None
    holdtime: int | None = None

    @property
    def shortest(self) -> int:
        """The shortest interval: by default three quarters of the longest, which it cannot exceed."""
        return self.maximum * 3 // 4 if self.minimum is None else min(self.minimum, self.maximum)

    @property
    def lifetime(self) -> int:
        """How long an advertisement is to be believed: by default thrice the longest interval."""
        if self.holdtime is not None:
            return self.holdtime
        return 3 * (self.maximum or MAXIMUM)


class Advertise(NamedTuple):
    """Send an advertisement: to everybody, or to one who solicited; a `final` one takes back those before."""

    solicited: bool = False
    to: tuple[IPv4, MAC] | None = None
    final: bool = False


class Advertiser:
    """When an interface advertises; `now` is in microseconds."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.times = Times()
        self.running = False
        self._sent = 0  # of the initial ones
        self._next: int | None = None
        self._spoken = -AGAIN  # when everybody was last told
        self._answered = -AGAIN  # when one was last answered
        self._owed: int | None = None  # when those who came too soon are answered

    def start(self, now: int) -> list[Advertise]:
        """Begin to advertise, with the first at once."""
        if not self.running:
            self.running = True
            self._sent = 0
            self._next = now if self.times.maximum else None
        return []

    def stop(self) -> list[Advertise]:
        """End; everybody is told (RFC 1256 §4.3)."""
        if not self.running:
            return []
        self.running, self._next, self._owed = False, None, None
        return [Advertise(final=True)]

    def set_times(self, times: Times, now: int) -> list[Advertise]:
        """Configure the intervals; the next one is a new one."""
        self.times = times
        if self.running:
            self._next = self._after(now)
        return []

    def solicit(self, source: tuple[IPv4, MAC] | None, now: int) -> list[Advertise]:
        """Take a solicitation in; without a `source` the answer is for everybody."""
        if not self.running:
            return []
        last = max(self._spoken, self._answered)
        if now - last < AGAIN:
            self._owed = last + AGAIN
            return []
        if source is None:
            return [self._speak(now, solicited=True)]
        self._answered = now
        return [Advertise(solicited=True, to=source)]

    def deadline(self) -> int | None:
        """Tell when the next advertisement is due."""
        return min((when for when in (self._next, self._owed) if when is not None), default=None)

    def expire(self, now: int) -> list[Advertise]:
        """Advertise what is due."""
        if self._owed is not None and self._owed <= now:
            return [self._speak(now, solicited=True)]
        if self._next is not None and self._next <= now:
            return [self._speak(now, solicited=False)]
        return []

    def _speak(self, now: int, *, solicited: bool) -> Advertise:
        self._spoken, self._owed = now, None
        self._sent += 1
        self._next = self._after(now)
        return Advertise(solicited=solicited)

    def _after(self, now: int) -> int | None:
        times = self.times
        if not times.maximum:
            return None
        interval = self.random.randint(times.shortest * SECOND, times.maximum * SECOND)
        if self._sent < INITIAL:
            interval = min(interval, INITIAL_INTERVAL)
        return now + max(interval, AGAIN)


class Mobility(NamedTuple):
    """What makes an advertisement a mobility agent's, and whether it tells the lengths of prefixes."""

    agent: MobilityAgent
    prefixes: bool = False


class Discovery:
    """Router discovery on a node (a part of it): solicitations come in here, and others join in."""

    def __init__(self, node: Node) -> None:
        self.mobility: Callable[[Interface], Mobility | None] | None = None
        """A bound method that is asked for each advertisement."""
        self.agent: Callable[[Interface], bool] | None = None
        """A bound method that tells whether an interface is a mobility agent's."""
        self.heard: list[Callable[[Interface], None]] = []
        """Bound methods that are told of solicitations."""
        self.sent: list[Callable[[Interface, RouterAdvertisement, bool], None]] = []
        """Bound methods that are told of advertisements, and whether they were solicited."""
        node.ip.icmp.append(self._icmp)

    def _icmp(self, interface: Interface, packet: Packet, frame: Frame | None) -> None:
        advertising = interface.peek(Advertising)
        if not isinstance(packet.payload, RouterSolicitation) or advertising is None or frame is None:
            return
        source = packet.source
        near = not source or any(source in prefix for _, prefix in interface.addresses)
        if near or (self.agent is not None and self.agent(interface)):
            for watcher in self.heard:
                watcher(interface)
            advertising.solicited(source, frame.source)


class Advertising:
    """Router discovery on an interface (a part of it), as it is configured."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.enabled = False
        self.multicast = False
        self.preference = 0
        self.proxies: dict[IPv4, int] = {}
        """Addresses of others that are advertised, with their preference."""
        self.discovery = interface.node.part(Discovery)
        self.machine = Advertiser(interface.node.generator(f"irdp {interface.name}"))
        self.driver: Driver[Advertise] = Driver(interface.node, self.machine, self._send)
        interface.watchers.append(self.update)
        interface.closing.append(self._close)

    @property
    def times(self) -> Times:
        """The intervals that are configured."""
        return self.machine.times

    def set_times(self, times: Times) -> None:
        """Configure the intervals."""
        self.driver.run(self.machine.set_times(times, self.interface.node.now))

    def update(self, interface: Interface) -> None:
        """Start or stop, as configuration and the interface now have it."""
        joined = interface.joined(ALL_ROUTERS)
        if self.enabled and not joined:
            interface.join(ALL_ROUTERS, "irdp")
        elif not self.enabled and joined:
            interface.leave(ALL_ROUTERS, "irdp")
        if self.enabled and interface.up and interface.address is not None:
            self.driver.run(self.machine.start(interface.node.now))
        else:
            self.driver.run(self.machine.stop())

    def solicited(self, source: IPv4, mac: MAC) -> None:
        """Take a solicitation in."""
        now = self.interface.node.now
        self.driver.run(self.machine.solicit((source, mac) if source else None, now))

    def _close(self, interface: Interface) -> None:
        del interface
        self.driver.run(self.machine.stop())

    def _send(self, effect: Advertise) -> None:
        interface = self.interface
        if interface.address is None:
            return
        message = self.message()
        if effect.final:
            message = message._replace(lifetime=0)
        everybody = ALL_HOSTS if self.multicast else EVERYONE
        destination, mac = effect.to or (everybody, None)
        packet = Packet(interface.address[0], destination, ICMP, message, ttl=1)
        interface.node.ip.send_on(interface, packet, to=mac)
        for watcher in self.discovery.sent:
            watcher(interface, message, effect.solicited)

    def message(self) -> RouterAdvertisement:
        """Make the next advertisement."""
        interface = self.interface
        routers = [Router(address, self.preference) for address, _ in interface.addresses]
        lengths = [prefix.length for _, prefix in interface.addresses]
        for address, preference in self.proxies.items():
            routers.append(Router(address, preference))
            lengths.append(next((prefix.length for _, prefix in interface.addresses if address in prefix), 0))
        mobility = self.discovery.mobility(interface) if self.discovery.mobility is not None else None
        return RouterAdvertisement(
            self.machine.times.lifetime,
            tuple(routers),
            None if mobility is None else mobility.agent,
            tuple(lengths) if mobility is not None and mobility.prefixes else (),
        )
