"""Labs: building, time, what an operator does, power, checkpoints, and that every run is the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iosemu.lab.clock import SECOND
from iosemu.lab.lab import Lab, LabError
from iosemu.lab.machine import Driver
from iosemu.lab.ping import Pings
from tests.lab.build import Tap, ip, line_of, on, ping, two_links

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


class Chatter:
    """A part that says something into the link every now and then, and logs what it hears."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.when: int | None = interface.node.random.randrange(SECOND)
        self.heard = 0
        interface.node.ip.udp[4000] = self.hear
        self.driver: Driver[str] = Driver(interface.node, self, self.carry)
        self.driver.run()

    def deadline(self) -> int | None:
        """Give the instant of the next word."""
        return self.when

    def expire(self, now: int) -> list[str]:
        """Speak, and choose when to speak next."""
        self.when = now + SECOND + self.interface.node.random.randrange(SECOND)
        return [f"{self.interface.node.name} at {now}"]

    def carry(self, effect: str) -> None:
        """Broadcast a word."""
        self.interface.node.ip.send_udp(ip("255.255.255.255"), 4000, effect.encode(), source_port=4000)

    def hear(self, interface: Interface, packet: object, datagram: object, frame: object) -> None:
        """Log a word heard."""
        del packet, frame
        self.heard += 1
        text = f"{interface.name} heard {datagram}"
        interface.node.log.debug(text)


def chatter(node: Node) -> None:
    """Boot a node with an address from its name and a part that talks."""
    port = node.interface("Ethernet0")
    port.address = on(f"10.0.0.{ord(node.name[0])}/24")
    port.part(Chatter)


def talking(seed: int = 0, nodes: str = "ABC") -> Lab:
    """Build a lab whose nodes talk, on a link that loses frames."""
    lab = Lab(seed=seed, boot=chatter)
    lab.add_segment("lan", loss=0.2)
    for name in nodes:
        lab.add_node(name)
        lab.attach(name, "Ethernet0", "lan")
    lab.start()
    return lab


def transcript(lab: Lab) -> list[str]:
    """Give every log's rows, and every generator's next number."""
    rows = [f"{node.name} {entry.text}" for node in lab.nodes.values() for entry in node.log.since(0)[0]]
    return rows + [str(node.random.getstate()) for node in lab.nodes.values()]


FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "mend", "off", "on", "down", "up", "none"]),
        st.sampled_from("ABC"),
        st.integers(0, 5),
    ),
    max_size=8,
)


def suffer(lab: Lab, faults: list[tuple[str, str, int]]) -> None:
    """Do what faults say, and let time pass after each."""
    for fault, name, seconds in faults:
        match fault:
            case "cut":
                lab.cut(name, "Ethernet0")
            case "mend":
                lab.mend(name, "Ethernet0")
            case "off" | "on":
                lab.power(name, on=fault == "on")
            case "down" | "up":
                lab.segment_down("lan", down=fault == "down")
            case _:
                pass
        lab.advance(seconds)


@settings(deadline=None)
@given(st.integers(0, 5), FAULTS)
def test_the_same_seed_and_inputs_give_the_same_transcript(
    seed: int, faults: list[tuple[str, str, int]]
) -> None:
    """Two labs that suffer the same are the same, to the row and to the next random number."""
    one, two = talking(seed), talking(seed)
    suffer(one, faults)
    suffer(two, faults)
    assert transcript(one) == transcript(two)


@settings(deadline=None)
@given(FAULTS, FAULTS)
def test_a_restored_lab_goes_on_as_it_would_have(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]
) -> None:
    """After `restore` the same inputs give the same transcript, as often as it is restored."""
    lab = talking()
    lab.advance(3)
    suffer(lab, before)
    lab.checkpoint("here")
    suffer(lab, [*after, ("none", "A", 5)])
    expected = transcript(lab)
    for _ in range(2):
        lab.restore("here")
        suffer(lab, [*after, ("none", "A", 5)])
        assert transcript(lab) == expected


def test_a_new_node_shifts_nobody_s_jitter() -> None:
    """What A draws does not hang on who else is there."""
    alone, crowd = talking(nodes="A"), talking(nodes="BCA")
    assert alone["A"].random.random() == crowd["A"].random.random()


def test_another_seed_is_another_run() -> None:
    """Seeds matter."""
    one, two = talking(1), talking(2)
    one.advance(10)
    two.advance(10)
    assert transcript(one) != transcript(two)


def test_a_checkpoint_is_not_touched_by_what_comes_after() -> None:
    """Nodes, interfaces and segments stay the objects they are, and are again what they were."""
    lab = two_links()
    ping(lab, "A", "10.0.1.1")
    node, port, segment = lab["R"], lab["R"].interface("Ethernet1"), lab.segment("east")
    node.nvram["startup-config"] = b"old"
    lab.checkpoint("before")
    when = lab.clock.now
    node.nvram["startup-config"] = b"new"
    node.hostname = "renamed"
    node.interface("Loopback7")
    port.shutdown = True
    lab.segment_down("east", down=True)
    lab.advance(100)
    lab.restore("before")
    assert lab.clock.now == when
    assert (lab["R"], node.interface("Ethernet1"), lab.segment("east")) == (node, port, segment)
    assert node.hostname == "Router"
    assert list(node.interfaces) == ["Ethernet0", "Ethernet1"]
    assert node.nvram["startup-config"] == b"old"
    assert port.up
    assert port.segment is segment
    assert port in segment.ports
    assert ping(lab, "A", "10.0.1.1").row == "!!!!!"


def test_frames_under_way_are_part_of_a_checkpoint() -> None:
    """A ping begun before the checkpoint is answered after the restore, in the lab as it then is."""
    lab = line_of("A", "B")
    ping(lab, "A", "10.0.0.2")
    pings = lab["A"].part(Pings)
    pings.start(ip("10.0.0.2"), count=1)
    lab.checkpoint("under way")
    lab.power("A", on=False)
    lab.restore("under way")
    lab.advance(1)
    (running,) = lab["A"].part(Pings)._running.values()
    assert running.ping.row == "!"
    assert running.node is lab["A"]


def test_taps_and_checkpoints_outlive_a_restore() -> None:
    """A capture goes on, and older and newer checkpoints can still be gone to."""
    lab = line_of("A", "B")
    lab.checkpoint("one")
    tap = Tap(lab, "lan")
    tap.file = sys.stdout  # which cannot be copied
    lab.checkpoint("two")
    lab.restore("one")
    ping(lab, "A", "10.0.0.2")
    assert tap.frames
    lab.restore("two")
    assert list(lab.checkpoints) == ["one", "two"]
    assert lab.clock.now == 0


def test_a_checkpoint_of_a_long_chain_needs_no_deep_recursion() -> None:
    """Two hundred routers one behind the other are copied like two."""
    lab = Lab()
    for number in range(200):
        lab.add_node(f"R{number}")
        lab.add_segment(f"s{number}")
        lab.attach(f"R{number}", "Ethernet0", f"s{number}")
        if number:
            lab.attach(f"R{number}", "Ethernet1", f"s{number - 1}")
    lab.start()
    lab.checkpoint("all")
    lab.cut("R199", "Ethernet1")
    lab.restore("all")
    assert lab["R199"].interface("Ethernet1").up


def test_nvram_on_disk_follows_a_restore(tmp_path: Path) -> None:
    """What was saved since the checkpoint is undone in the folder, too."""
    lab = Lab(state=tmp_path)
    node = lab.add_node("R")
    node.nvram["startup-config"] = b"old"
    lab.checkpoint("c")
    node.nvram["startup-config"] = b"new"
    lab.restore("c")
    assert (tmp_path / "R" / "startup-config").read_bytes() == b"old"


# --- Power


def test_power_off_forgets_all_but_nvram_and_cables() -> None:
    """What was configured, learnt and logged is gone; the cable, its MAC and NVRAM are not."""
    lab = line_of("A", "B")
    node = lab["A"]
    port = node.interface("Ethernet0")
    mac = port.mac
    node.nvram["startup-config"] = b"kept"
    node.interface("Loopback0").address = on("1.1.1.1/32")
    ping(lab, "A", "10.0.0.2")
    node.log.debug("gone")
    lab.power("A", on=False)
    assert (node.powered, port.up) == (False, False)
    assert list(node.interfaces) == ["Ethernet0"]
    assert list(node.routes) == []
    assert node.arp.entries == {}
    assert node.log.buffer == ()
    lab.advance(60)
    lab.power("A", on=True)
    assert node.booted_at == lab.clock.now
    assert node.interface("Ethernet0") is port
    assert (port.up, port.address, port.mac) == (True, None, mac)
    assert port.segment is lab.segment("lan")
    assert node.nvram["startup-config"] == b"kept"


def test_interfaces_come_up_when_the_configuration_was_read() -> None:
    """While `boot` runs every interface is down; then they come up, and then `booted` is called."""
    seen: list[object] = []

    class Part:
        def __init__(self, interface: Interface) -> None:
            self.interface = interface
            interface.watchers.append(self.changed)
            interface.node.booted.append(self.booted)

        def changed(self, interface: Interface) -> None:
            seen.append(("changed", interface.up))

        def booted(self) -> None:
            seen.append(("booted", self.interface.up))

    def boot(node: Node) -> None:
        port = node.interface("Ethernet0")
        seen.append(("boot", port.up))
        port.part(Part)

    lab = Lab(boot=boot)
    lab.add_node("R")
    lab.start()
    lab.start()
    lab.power("R", on=True)
    assert seen == [("boot", False), ("changed", True), ("booted", True)]


def test_a_frame_under_way_does_not_reach_a_node_without_power() -> None:
    """What is sent to a node that loses power in that millisecond is lost."""
    lab = line_of("A", "B")
    counters = lab["B"].interface("Ethernet0").counters
    lab["A"].arp.request(lab["A"].interface("Ethernet0"), ip("10.0.0.2"))
    lab.power("B", on=False)
    lab.advance(1)
    assert counters.packets_in == 0
    assert lab["B"].arp.entries == {}


# --- Segments


def test_frames_take_the_delay_of_their_segment() -> None:
    """A round trip takes twice the delay."""
    lab = line_of("H", "I", kind="host")
    ping(lab, "H", "10.0.0.2")
    lab.segment("lan").delay = 7
    assert ping(lab, "H", "10.0.0.2").times == [14] * 5


@pytest.mark.parametrize(("loss", "row"), [(0.0, "!!!!!"), (1.0, ".....")])
def test_loss_is_a_chance(loss: float, row: str) -> None:
    """Without loss everything arrives, with certain loss nothing."""
    lab = line_of("A", "B")
    ping(lab, "A", "10.0.0.2")
    lab.segment("lan").loss = loss
    assert ping(lab, "A", "10.0.0.2").row == row


def test_a_moved_node_is_on_its_new_segment_and_notices() -> None:
    """Its line goes down and up, and only the new segment hears it."""
    lab = line_of("H", "I", kind="host")
    lab.add_segment("away")
    port = lab["H"].interface("Ethernet0")
    seen: list[bool] = []
    port.watchers.append(lambda interface: seen.append(interface.up))
    lab.move("H", "away")
    assert seen == [False, True]
    assert lab.segment("lan").ports == [lab["I"].interface("Ethernet0")]
    assert lab.segment("away").ports == [port]
    assert ping(lab, "H", "10.0.0.2", count=1).row == "."
    lab.move("H", "lan")
    assert ping(lab, "H", "10.0.0.2", count=1).row == "!"


# --- Time


def test_what_is_due_at_the_last_instant_happens() -> None:
    """`advance` runs what is due exactly at its end, and stands there when nothing is due at all."""
    lab = line_of("A", "B")
    lab["A"].arp.request(lab["A"].interface("Ethernet0"), ip("10.0.0.2"))
    lab.advance(0.002)
    assert lab["A"].arp.find(lab["A"].interface("Ethernet0"), ip("10.0.0.2")) is not None
    lab.advance(1_000_000_000)
    assert lab.clock.now == 2_000 + 1_000_000_000 * SECOND
    assert not lab.step()


# --- Errors


@pytest.mark.parametrize(
    ("call", "arguments", "text"),
    [
        ("node", ("X",), "there is no node called X"),
        ("segment", ("X",), "there is no segment called X"),
        ("add_node", ("A",), "there are two nodes called A"),
        ("add_segment", ("lan",), "there are two segments called lan"),
        ("attach", ("A", "Ethernet0", "lan"), "A: Ethernet0 is attached to lan already"),
        ("attach", ("A", "Loopback0", "lan"), "A: Loopback0 takes no cable"),
        ("attach", ("A", "nonsense", "lan"), "A: not an interface: 'nonsense'"),
        ("attach", ("A", "Ethernet1", "X"), "there is no segment called X"),
        ("cut", ("A", "Ethernet9"), "A has no port Ethernet9"),
        ("cut", ("A", "nonsense"), "A has no port nonsense"),
        ("mend", ("X", "Ethernet0"), "there is no node called X"),
        ("move", ("A", "X"), "there is no segment called X"),
        ("power", ("X", True), "there is no node called X"),
        ("segment_down", ("X", True), "there is no segment called X"),
        ("restore", ("X",), "there is no checkpoint called X"),
        ("advance", (-1,), "time runs on by seconds, 0 or more, not by -1"),
        ("advance", (float("nan"),), "time runs on by seconds, 0 or more, not by nan"),
        ("advance", (float("inf"),), "time runs on by seconds, 0 or more, not by inf"),
    ],
)
def test_what_a_user_gets_wrong_is_said_in_a_line(
    call: str, arguments: tuple[object, ...], text: str
) -> None:
    """Each mistake has its words, and changes nothing."""
    lab = line_of("A", "B")
    with pytest.raises(LabError) as error:
        getattr(lab, call)(*arguments)
    assert str(error.value) == text
    assert list(lab.events) == []


@pytest.mark.parametrize(("delay", "loss"), [(0, 0.0), (-1, 0.0), (1, -0.1), (1, 1.1)])
def test_a_segment_has_a_delay_and_a_chance(delay: int, loss: float) -> None:
    """Delays are positive and losses chances."""
    with pytest.raises(LabError, match=r"segment x: the (delay|loss) must be"):
        Lab().add_segment("x", delay=delay, loss=loss)


@pytest.mark.parametrize("lab", [two_links(), line_of("R", "A")])
def test_a_router_cannot_be_moved(lab: Lab) -> None:
    """A router stays where it is, however many cables it has."""
    ports = [(port, port.segment) for port in lab["R"].interfaces.values()]
    with pytest.raises(LabError, match="R is a router; only hosts and mobile nodes can be moved"):
        lab.move("R", next(iter(lab.segments)))
    assert [(port, port.segment) for port in lab["R"].interfaces.values()] == ports


def test_only_a_node_with_one_cable_can_be_moved() -> None:
    """A host without a cable stays where it is."""
    lab = line_of("A", "B")
    lab.add_node("H", "host")
    with pytest.raises(LabError, match="H has 0 cables; only a node with one can be moved"):
        lab.move("H", "lan")


def test_events_are_remembered_with_their_instants() -> None:
    """What an operator did is listed."""
    lab = line_of("A", "B")
    lab.advance(1)
    lab.cut("A", "e0")
    lab.mend("A", "e0")
    lab.segment_down("lan", down=True)
    lab.power("B", on=False)
    assert {event.when for event in lab.events} == {SECOND}
    assert [event.text for event in lab.events] == [
        "A Ethernet0 cut",
        "A Ethernet0 mended",
        "segment lan down",
        "B powered off",
    ]


# --- Parts


class Part:
    """A part that counts how often it is made."""

    made = 0

    def __init__(self, node: Node) -> None:
        self.node = node
        Part.made += 1


def test_a_part_is_made_on_first_asking_and_lost_with_power() -> None:
    """`part` makes it once, `peek` never, and power off forgets it."""
    lab = line_of("A")
    node = lab["A"]
    made = Part.made
    assert node.peek(Part) is None
    assert node.part(Part) is node.part(Part)
    assert node.peek(Part) is node.part(Part)
    assert node.part(Part).node is node
    assert Part.made == made + 1
    lab.power("A", on=False)
    assert node.peek(Part) is None
