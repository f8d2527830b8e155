"""What is no peer's message, or not this moment's: refused, counted, shown, and of no effect (R15, R29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.addresses import IPv4
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.packet import (
    BINDING_INFO_ACK,
    BINDING_INFO_REPLY,
    BINDING_INFO_REQUEST,
    BINDING_UPDATE,
    BINDING_UPDATE_ACK,
    FOREIGN_HOME,
    MOBILE_HOME,
    PORT,
    Authentication,
    Extension,
    Record,
    Redundancy,
    decode,
)
from iosemu.features.mobileip.port import AgentPort
from iosemu.lab.clock import SECOND
from tests.features.mobileip.redundant import CARE_OF, Office

if TYPE_CHECKING:
    from iosemu.wire.ethernet import Frame

SECRET = bytes.fromhex("00112233445566778899001122334455")
LAST = (1 << 64) - 1
"""The highest identification there is."""
ONE, TWO, GROUP = (IPv4.parse(text) for text in ("1.0.0.1", "1.0.0.2", "1.0.0.10"))


@pytest.fixture
def office() -> Office:
    """The physical lab with HA1 active, three mobile nodes registered."""
    office = Office()
    office.warm()
    office.register(*office.homes[:3])
    assert office.active() == ("HA1", "HA2")
    return office


def message(
    office: Office,
    kind: int = BINDING_UPDATE,
    *,
    skew: int = 0,
    records: tuple[Record, ...] | None = None,
) -> Redundancy:
    """Make a message of this moment that takes a mobile node's binding away, unsigned."""
    number = (office.lab.unix // SECOND + NTP + skew) << 32 | 0xFFFFFFFF
    home = office.homes[0]
    gone = Record(0, 0, 0, 0, home, home, home, LAST)
    return Redundancy(kind, 0, GROUP, GROUP, number, (gone,) if records is None else records)


def sign(said: Redundancy, *, key: bytes = SECRET, spi: int = 0x100) -> Redundancy:
    """Sign a message as HA1 does."""
    return signed(said, FOREIGN_HOME, spi, key)


def inject(office: Office, said: Redundancy | bytes, source: IPv4 = ONE) -> None:
    """Have HA2 hear a message that seems to come from HA1."""
    node = office.lab["R0"]
    octets = said if isinstance(said, bytes) else decode(said.encode())
    for _ in range(1 if node.arp.find(node.interfaces["Ethernet0"], TWO) else 2):
        node.ip.send_udp(TWO, PORT, octets, source_port=PORT, source=source)
        office.lab.advance(0.05)


def test_a_proper_message_would_do_harm(office: Office) -> None:
    """What the other tests send would take a binding away if it were properly signed."""
    inject(office, sign(message(office)))
    assert office.held("HA2", office.homes[0]) == []


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("wrong key", "Bad authenticator (2)"),
        ("wrong index", "Bad SPI (4)"),
        ("no proof", "Missing security extension (5)"),
        ("two proofs", "Other (6)"),
        ("something behind the proof", "Other (6)"),
        ("a proof of another kind behind it", "Other (6)"),
        ("changed", "Bad authenticator (2)"),
        ("late", "Bad identifier (3)"),
        ("early", "Bad identifier (3)"),
        ("a stranger", "No mobility security association (1)"),
    ],
)
def test_refused(office: Office, case: str, reason: str) -> None:
    """A message that proves nothing is refused, logged, and in the log of violations; no binding is harmed."""
    inject(office, b"\0")  # so that ARP is done with
    said, source = message(office), ONE
    if case == "wrong key":
        said = sign(said, key=b"\0" * 16)
    elif case == "wrong index":
        said = sign(said, spi=0x101)
    elif case == "two proofs":
        said = sign(sign(said))
    elif case == "something behind the proof":
        said = sign(said)
        said = said._replace(extensions=(*said.extensions, Extension(200, b"?" * 8)))
    elif case == "a proof of another kind behind it":
        # What stands between the two is covered by neither that is looked at.
        said = sign(message(office, records=()))
        gone = message(office).extensions
        said = said._replace(
            extensions=(*said.extensions, *gone, Authentication(MOBILE_HOME, 0x100, b"?" * 16))
        )
    elif case == "changed":
        said = sign(said)._replace(home_agent=ONE)
    elif case in ("late", "early"):
        said = sign(message(office, skew=-8 if case == "late" else 8))
    elif case == "a stranger":
        said, source = sign(said), IPv4.parse("1.0.0.77")
    before = office.held("HA2")
    received, sent = office.traffic("HA2").updates_received, office.traffic("HA2").update_acks_sent
    inject(office, said, source)
    assert office.held("HA2") == before
    assert (office.traffic("HA2").updates_received, office.traffic("HA2").update_acks_sent) == (
        received,
        sent,
    )
    shown = office.show("HA2", "show ip mobile violation")
    assert f"{source}:" in shown
    assert f"Reason: {reason}" in shown
    code = (
        "registration id mismatched (133)"
        if "identifier" in reason
        else "home agent failed authentication (68)"
    )
    wanted = (
        f"%IPMOBILE-6-SECURE: Security violation on HA from HA {source} - errcode {code}, reason {reason}"
    )
    assert wanted in office.show("HA2", "show logging")


@pytest.mark.parametrize("kind", [BINDING_UPDATE, BINDING_INFO_REQUEST])
def test_replayed(office: Office, kind: int) -> None:
    """A message that was heard before is refused, however fresh it still is."""
    inject(office, b"\0")
    said = sign(message(office, kind, records=()))
    inject(office, said)
    first = office.traffic("HA2").updates_received + office.traffic("HA2").requests_received
    inject(office, said)
    assert office.traffic("HA2").updates_received + office.traffic("HA2").requests_received == first
    assert "Reason: Bad identifier (3)" in office.show("HA2", "show ip mobile violation")


@pytest.mark.parametrize("kind", [BINDING_INFO_REPLY, BINDING_INFO_ACK, BINDING_UPDATE_ACK])
def test_answers_that_were_not_asked_for(office: Office, kind: int) -> None:
    """A reply or an acknowledgement without its question is counted as dropped, and changes nothing."""
    inject(office, b"\0")
    before = office.held("HA2")
    inject(office, sign(message(office, kind)))
    counted = office.traffic("HA2")
    assert office.held("HA2") == before
    dropped = {BINDING_INFO_REPLY: counted.replies_dropped, BINDING_INFO_ACK: counted.reply_acks_dropped}
    assert dropped.get(kind, 1) == 1


def test_truncated(office: Office) -> None:
    """Whatever a message ends within, nothing comes of it."""
    whole = sign(message(office)).encode()
    before = office.held("HA2")
    for length in range(len(whole)):
        inject(office, whole[:length])
    assert office.held("HA2") == before
    assert office.lab["HA2"].part(AgentPort).refused > 0


def test_older_news_of_a_mobile_node(office: Office) -> None:
    """An update about an older registration than the one that is known changes nothing, and is acknowledged."""
    inject(office, b"\0")
    home = office.homes[0]
    acknowledged = office.traffic("HA2").update_acks_sent
    inject(office, sign(message(office, records=(Record(0, 0, 0, 0, home, home, home, 5),))))
    assert office.held("HA2", home)
    assert office.traffic("HA2").update_acks_sent == acknowledged + 1


@pytest.mark.parametrize("case", ["unknown node", "unknown address"])
def test_what_a_peer_does_not_serve(office: Office, case: str) -> None:
    """An update about what the peer is not configured for is refused with a code, and enters nothing (R42)."""
    inject(office, b"\0")
    home = IPv4.parse("1.0.0.250") if case == "unknown node" else office.homes[0]
    record = Record(0, 0, 9000, 0, home, CARE_OF, CARE_OF, LAST)
    said = message(office, records=(record,))
    if case == "unknown address":
        said = said._replace(home_agent=CARE_OF)
    before = office.held("HA2")
    inject(office, sign(said))
    assert office.held("HA2") == before


def test_a_registration_cannot_be_replayed_to_the_peer(office: Office) -> None:
    """What HA1 accepted is refused by HA2 when it has taken over: the peer knows identifications as well."""
    home = office.homes[0]
    office.send(office.request(home, flags="G"))
    office.lab.advance(0.2)
    replayed = office.request(home)
    office.send(replayed)
    office.lab.advance(0.2)
    office.register(home, lifetime=0)
    assert office.held("HA2", home) == []
    assert office.peers("HA2").home.machine.latest(home) > replayed.identification


def test_no_octets_of_redundancy_trouble_a_mobile_node(office: Office) -> None:
    """What goes between home agents is signed: no frame with a redundancy message is without a proof."""
    seen: list[Redundancy] = []

    class Tap:
        def pass_on(self, frame: Frame) -> Frame:
            datagram = getattr(frame.payload, "payload", None)
            said = getattr(datagram, "payload", None)
            if isinstance(said, Redundancy):
                seen.append(said)
            return frame

    office.lab.transit = Tap().pass_on
    office.register(office.homes[5])
    assert [each.type for each in seen] == [BINDING_UPDATE, BINDING_UPDATE_ACK]
    assert all(each.extensions[-1].encode()[0] == FOREIGN_HOME for each in seen)
