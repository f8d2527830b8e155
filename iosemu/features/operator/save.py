"""`save`: a lab written down again, as files that `open` reads.

Works out names and texts; what writes them is a front's business.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iosemu.cli import config
from iosemu.cli.command import Reply, Request, command
from iosemu.lab.clock import date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab import Lab
    from iosemu.lab.router import Node
    from iosemu.lab.topology import MobileNodeSpec, Topology
    from iosemu.parser.grammar import Grammar

TOPOLOGY = "lab.yml"


@command("lab", "save")
def save(_: Lab, *, folder: str | None = None) -> Reply:
    """Write the running configurations out: into a folder of their own, or over those of the user's lab."""
    yield Request("save", folder)


def configuration(grammar: Grammar, node: Node) -> str:
    """Give a router's running configuration as a startup-config file."""
    return "".join(f"{row}\n" for row in (*config.body(grammar, "global", node), "end"))


def description(lab: Lab, topology: Topology) -> str:
    """Give the lab.yml of a lab that was opened from `topology`, each host where it is plugged in now."""
    return "".join(f"{row}\n" for row in _rows(lab, topology))


def _rows(lab: Lab, topology: Topology) -> Iterator[str]:
    from iosemu.lab.topology import HostSpec, MobileNodeSpec  # noqa: PLC0415 - not on every start

    moment = date(topology.clock * 1_000_000)
    yield f"name: {_quoted(topology.name)}"
    yield (
        f"clock: {moment.year:04}-{moment.month:02}-{moment.day:02} "
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    )
    yield "topology:"
    yield "  nodes:"
    for spec in topology.nodes:
        fields: dict[str, str] = {"kind": lab.nodes[spec.name].kind}
        if isinstance(spec, HostSpec):
            fields |= {"address": f"{spec.address}/{spec.length}", "gateway": str(spec.gateway)}
        elif isinstance(spec, MobileNodeSpec):
            fields |= _mobile_node(spec)
        else:
            fields["startup-config"] = _quoted(f"{spec.name}.cfg")
        if isinstance(spec, HostSpec | MobileNodeSpec):
            fields["segment"] = _quoted(_segment(lab.nodes[spec.name]) or spec.segment)
        yield f"    {_quoted(spec.name)}: {{{', '.join(f'{key}: {value}' for key, value in fields.items())}}}"
    yield "  links:" if topology.links else "  links: []"
    for link in topology.links:
        ends = (
            f"{port.node.name}:{port.name}"
            for port in lab.segments[link.segment].ports
            if port.node.kind == "router"
        )
        loss = f", loss: {link.loss:.18f}".rstrip("0") if link.loss else ""
        yield (
            f"    - {{segment: {_quoted(link.segment)}, endpoints: [{', '.join(map(_quoted, ends))}], "
            f"delay: {link.delay}us{loss + '0' * loss.endswith('.')}}}"
        )


def _mobile_node(spec: MobileNodeSpec) -> dict[str, str]:
    key = spec.key
    # Keys of 16 octets are written in hexadecimal, which says any of them.
    written = {"hex": key.hex()} if len(key) == 16 else {"ascii": key.decode("ascii")}
    fields = {
        "home-address": f"{spec.home_address}/{spec.length}",
        "home-agent": str(spec.home_agent),
        "spi": _quoted(f"{spec.spi:X}"),
        "key": "{" + ", ".join(f"{name}: {_quoted(text)}" for name, text in written.items()) + "}",
        "lifetime": str(spec.lifetime),
        "flags": _quoted(spec.flags),
        "algorithm": spec.algorithm,
    }
    if spec.gateway is not None:
        fields["gateway"] = str(spec.gateway)
    if spec.colocated_address is not None:
        fields["colocated-address"] = str(spec.colocated_address)
    return fields


def _segment(node: Node) -> str | None:
    return next((port.segment.name for port in node.interfaces.values() if port.segment), None)


def _quoted(text: str) -> str:
    """Write a word so that YAML takes it as it stands: a JSON string is one of its quoted ones."""
    return json.dumps(text)
