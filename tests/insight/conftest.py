"""Configurations that the audit finds nothing in, and how tests read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.app import grammar
from iosemu.insight import reading
from iosemu.insight.network import Network
from iosemu.insight.reading import Source, Text
from iosemu.lab.topology import RouterSpec, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HA1 = """\
hostname HA1
interface Ethernet0
 ip address 1.0.0.1 255.0.0.0
 ip irdp
 standby ip 1.0.0.10
 standby priority 110
 standby preempt delay sync 100
 standby name SanJoseHA
interface Loopback0
 ip address 20.0.0.1 255.255.255.255
router mobile
ip route 0.0.0.0 0.0.0.0 1.0.0.3
ip mobile home-agent
ip mobile home-agent standby SanJoseHA virtual-network
ip mobile virtual-network 20.0.0.0 255.0.0.0 address 20.0.0.1
ip mobile host 20.0.0.100 virtual-network 20.0.0.0 255.0.0.0
ip mobile secure host 20.0.0.100 spi 200 key hex 8f3a61d2c94b07e5b8127cf05a9de346
ip mobile secure home-agent 1.0.0.2 spi 100 key hex d41c9e7ab3025f8860e9174bcd62fa35
"""

HA2 = (
    HA1.replace("HA1", "HA2")
    .replace("1.0.0.1 255", "1.0.0.2 255")
    .replace(" standby priority 110\n standby preempt delay sync 100\n", "")
    .replace("home-agent 1.0.0.2", "home-agent 1.0.0.1")
)
"""A pair of home agents for one virtual network on one physical one, on the same subnet (Table 1)."""

FA = """\
hostname FA
interface Ethernet0
 ip address 1.0.0.4 255.0.0.0
interface Ethernet1
 ip address 4.0.0.1 255.0.0.0
 ip irdp
 ip mobile foreign-service
router mobile
ip mobile foreign-agent care-of Ethernet1
"""

R0 = "hostname R0\ninterface Ethernet0\n ip address 1.0.0.3 255.0.0.0\nip route 20.0.0.0 255.0.0.0 1.0.0.10\n"

LAB = """\
name: office
topology:
  nodes:
    HA1: {kind: router, startup-config: HA1.cfg}
    HA2: {kind: router, startup-config: HA2.cfg}
    FA: {kind: router, startup-config: FA.cfg}
    R0: {kind: router, startup-config: R0.cfg}
    MN1:
      kind: mobile-node
      home-address: 20.0.0.100/8
      home-agent: 20.0.0.1
      spi: "200"
      key: {hex: "8f3a61d2c94b07e5b8127cf05a9de346"}
      segment: visited
    CN1: {kind: host, address: 1.0.0.50/8, gateway: 1.0.0.3, segment: home}
  links:
    - {segment: home, endpoints: ["HA1:Ethernet0", "HA2:Ethernet0", "FA:Ethernet0", "R0:Ethernet0"]}
    - {segment: visited, endpoints: ["FA:Ethernet1"]}
"""

FILES = {"HA1.cfg": HA1, "HA2.cfg": HA2, "FA.cfg": FA, "R0.cfg": R0}

Audited = "Callable[[Mapping[str, str]], Network]"


@pytest.fixture
def networked(tmp_path: Path) -> Callable[[Mapping[str, str]], Network]:
    """Give what makes a network of files, by name: of a lab, when a `lab.yml` is among them."""

    def make(files: Mapping[str, str]) -> Network:
        texts = {name: Text(name, text) for name, text in files.items()}
        if "lab.yml" not in files:
            readings = [
                reading.read(grammar(), name.partition(".")[0], [text]) for name, text in texts.items()
            ]
            return Network(readings)
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        topology = read(tmp_path / "lab.yml")
        ports: dict[str, dict[str, str]] = {}
        for link in topology.links:
            for node, interface in link.endpoints:
                ports.setdefault(node, {})[interface] = link.segment
        routers = [spec for spec in topology.nodes if isinstance(spec, RouterSpec)]
        return Network(
            [
                reading.read(
                    grammar(), spec.name, [texts[path.name] for path in spec.startup], ports.get(spec.name)
                )
                for spec in routers
            ],
            complete=True,
            hosts=[spec for spec in topology.nodes if not isinstance(spec, RouterSpec)],
            description=[
                Source("lab.yml", number, 0, row)
                for number, row in enumerate(files["lab.yml"].splitlines(), 1)
            ],
        )

    return make
