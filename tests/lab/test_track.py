"""Tracking: groups are followed by name, and asked for leave before they become active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import MAC
from iosemu.lab.track import Redundancy, Track
from tests.lab.build import ip, line_of

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

GROUP = "SanJoseHA"


def group(lab: Lab, state: str) -> Redundancy:
    """Describe the group in a state."""
    port = lab["A"].interface("Ethernet0")
    return Redundancy(GROUP, port, ip("10.0.0.10"), MAC.parse("0000.0c07.ac00"), state, ip("10.0.0.2"))


class Client:
    """Follows the group, and is asked before it becomes active; `prompt` answers at once."""

    def __init__(self, track: Track, name: str, *, prompt: bool = False) -> None:
        self.track = track
        self.name = name
        self.prompt = prompt
        self.seen: list[str | None] = []
        self.asked = 0
        track.watch(GROUP, self.see)
        track.attend(GROUP, name, self.wanted)

    def see(self, name: str, redundancy: Redundancy | None) -> None:
        """Note what the group is."""
        assert name == GROUP
        self.seen.append(redundancy.state if redundancy else None)

    def wanted(self, name: str) -> None:
        """Hear that the group wants to be active."""
        self.asked += 1
        if self.prompt:
            self.track.ready(name, self.name)


class Group:
    """Wants to be active, as HSRP does."""

    def __init__(self) -> None:
        self.went: list[str] = []

    def go(self, name: str) -> None:
        """Become active."""
        self.went.append(name)


def test_a_group_may_be_watched_before_it_exists() -> None:
    """Watchers hear of each change once, and of the end."""
    lab = line_of("A")
    track = lab["A"].part(Track)
    client = Client(track, "Mobile IP")
    for state in ("Standby", "Standby", "Active"):
        track.publish(group(lab, state))
    assert track.groups[GROUP].active
    track.withdraw(GROUP)
    track.withdraw(GROUP)
    assert client.seen == ["Standby", "Active", None]
    track.unwatch(GROUP, client.see)
    track.publish(group(lab, "Active"))
    assert len(client.seen) == 3


def test_a_group_that_nobody_attends_may_be_active_at_once() -> None:
    """Without clients there is nobody to wait for."""
    hsrp = Group()
    track = line_of("A")["A"].part(Track)
    assert track.want(GROUP, hsrp.go)
    assert hsrp.went == []


def test_a_group_waits_for_the_last_of_its_clients() -> None:
    """Each client is asked once, `go` is called once, when the last is ready."""
    hsrp = Group()
    track = line_of("A")["A"].part(Track)
    first, second = Client(track, "first"), Client(track, "second")
    Client(track, "third", prompt=True)
    assert not track.want(GROUP, hsrp.go)
    assert (first.asked, second.asked) == (1, 1)
    assert track.waiting(GROUP) == ("first", "second")
    track.ready(GROUP, "second")
    track.ready(GROUP, "second")
    assert hsrp.went == []
    track.ready(GROUP, "first")
    track.ready(GROUP, "first")
    assert hsrp.went == [GROUP]


def test_clients_that_are_ready_at_once_hold_nothing_up() -> None:
    """When all answer within the call, `want` is True and `go` is not called as well."""
    hsrp = Group()
    track = line_of("A")["A"].part(Track)
    Client(track, "Mobile IP", prompt=True)
    assert track.want(GROUP, hsrp.go)
    assert hsrp.went == []
    assert track.waiting(GROUP) == ()


def test_a_client_that_leaves_is_not_waited_for() -> None:
    """Dismissing the last client lets the group go; giving up, or the group's end, ends the waiting."""
    hsrp = Group()
    lab = line_of("A")
    track = lab["A"].part(Track)
    Client(track, "Mobile IP")
    assert not track.want(GROUP, hsrp.go)
    track.dismiss(GROUP, "Mobile IP")
    assert hsrp.went == [GROUP]
    Client(track, "Mobile IP")
    track.publish(group(lab, "Standby"))
    for end in (track.forgo, track.withdraw):
        assert not track.want(GROUP, hsrp.go)
        end(GROUP)
        track.ready(GROUP, "Mobile IP")
        assert hsrp.went == [GROUP]
