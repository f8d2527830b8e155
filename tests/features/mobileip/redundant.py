"""Two home agents in a shipped lab, and mobile nodes that register when they are told to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from iosemu import resources
from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.features.mobileip.authentication import signed
from iosemu.features.mobileip.codes import FLAGS
from iosemu.features.mobileip.home_agent import NTP
from iosemu.features.mobileip.packet import MOBILE_HOME, PORT, Request
from iosemu.features.mobileip.redundancy_side import Peers
from iosemu.features.mobileip.state import Mobile
from iosemu.lab.clock import SECOND

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.features.mobileip.bindings import Binding
    from iosemu.features.mobileip.counters import Traffic

KEY = "0123456789abcdef0123456789abcdef"
SPI = 0x200
CARE_OF, OTHER = IPv4.parse("4.0.0.1"), IPv4.parse("3.0.0.2")


class Office:
    """A lab whose own mobile nodes are off; those of `homes` register through FA1, or any other way."""

    def __init__(self, name: str = "physical", settle: float = 80, extra: tuple[str, ...] = ()) -> None:
        self.lab = Lab.load(name)
        for node in self.lab.nodes.values():
            if node.kind == "mobile-node":
                node.power_off()
        spec = next(each for each in self.lab.hosts.values() if hasattr(each, "home_agent"))
        self.agent = spec.home_agent
        self.homes = [IPv4(spec.home_address + number) for number in range(1, 60)]
        network = next(iter(self.mobile("HA1").networks), None)
        link = self.mobile("HA1").hosts_of(spec.home_address)
        place = (
            f"virtual-network {network.network} {network.mask}" if network else f"interface {link.interface}"
        )
        first, last = self.homes[0], self.homes[-1]
        agents = [name for name in self.lab.nodes if name.startswith("HA")]
        for router in agents:
            self.type(
                router,
                f"ip mobile host {first} {last} {place}",
                f"ip mobile secure host {first} {last} spi 200 key hex {KEY}",
                *extra,
            )
        for router in agents:
            self.save(router)
        self.low = 0
        self.lab.advance(settle)

    # --- People

    def type(self, name: str, *lines: str) -> str:
        """Configure a router; gives what it said."""
        console = self.lab[name].console()
        rows = [console.send(line) for line in ("enable", "configure terminal", *lines)]
        return "\n".join(row for row in rows[2:] if row)

    def show(self, name: str, line: str) -> str:
        """Type an EXEC line."""
        console = self.lab[name].console()
        console.send("enable")
        return console.send(line)

    def save(self, name: str) -> None:
        """Have a router keep its configuration through a loss of power."""
        self.show(name, "write memory")

    # --- What routers hold

    def mobile(self, name: str) -> Mobile:
        """Give what Mobile IP holds on a router."""
        return self.lab[name].part(Mobile)

    def peers(self, name: str) -> Peers:
        """Give a router's redundancy."""
        return self.lab[name].part(Peers)

    def traffic(self, name: str) -> Traffic:
        """Give a router's counters."""
        return self.mobile(name).traffic

    def held(self, name: str, home: IPv4 | None = None) -> list[Binding]:
        """Give a router's bindings, or those of a mobile node."""
        table = self.mobile(name).bindings
        return list(table if home is None else table.of(home))

    def active(self, group: str = "SanJoseHA") -> tuple[str, str]:
        """Name the active home agent, and the other one."""
        standing = self.peers("HA1").machine.groups[group]
        return ("HA1", "HA2") if standing.state == "Active" else ("HA2", "HA1")

    # --- Mobile nodes

    def request(
        self, home: IPv4, lifetime: int = 9000, care_of: IPv4 = CARE_OF, flags: str = "", skew: int = 0
    ) -> Request:
        """Make a request of this moment, signed."""
        self.low += 1
        number = (self.lab.unix // SECOND + NTP + skew) << 32 | self.low
        octet = sum(FLAGS[letter] for letter in flags)
        request = Request(octet, lifetime, home, self.agent, care_of, number)
        return signed(request, MOBILE_HOME, SPI, bytes.fromhex(KEY))

    def send(self, request: Request, via: str = "FA1", to: IPv4 | None = None) -> None:
        """Send a request as a foreign agent relays it; nothing happens before time passes."""
        self.lab[via].ip.send_udp(to or self.agent, PORT, request, source_port=PORT)

    def register(self, *homes: IPv4, lifetime: int = 9000, flags: str = "", care_of: IPv4 = CARE_OF) -> None:
        """Register mobile nodes and let half a second pass, twice, as ARP may swallow what comes first."""
        for home in homes:
            self.send(self.request(home, lifetime, care_of, flags))
        self.lab.advance(0.5)

    def warm(self) -> None:
        """Have everybody on the way know everybody's MAC, so that nothing is swallowed."""
        for _ in range(3):
            self.register(self.homes[-1])
        self.lab.advance(2)


def three_agents(folder: Path, name: str = "physical") -> Office:
    """Open a shipped lab of one HSRP group with a third home agent, HA3, which shares keys with the others."""
    for path in (resources.folder("configs") / name).iterdir():
        shutil.copy(path, folder / path.name)
    lab = (folder / "lab.yml").read_text()
    lab = lab.replace(
        "    R0: {kind", "    HA3: {kind: router, startup-config: [HA3.cfg, home-agent.cfg]}\n    R0: {kind"
    )
    (folder / "lab.yml").write_text(lab.replace('"HA2:Ethernet0", ', '"HA2:Ethernet0", "HA3:Ethernet0", '))
    second = (folder / "HA2.cfg").read_text()
    (folder / "HA3.cfg").write_text(second.replace("1.0.0.2", "1.0.0.4"))
    key = "spi 100 key hex 00112233445566778899001122334455\n"
    for agent, others in {"HA1": "24", "HA2": "14", "HA3": "12"}.items():
        path = folder / f"{agent}.cfg"
        lines = "".join(f"ip mobile secure home-agent 1.0.0.{other} {key}" for other in others)
        path.write_text(path.read_text() + lines)
    office = Office(str(folder))
    office.warm()
    return office
