"""Features: one folder a topic, strangers to one another; `load` makes their commands known."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.lab.router import Node

MODULES = (
    "hsrp.configure",
    "hsrp.show",
    "interfaces.configure",
    "interfaces.show",
    "ip.address",
    "ip.arp",
    "ip.names",
    "ip.ping",
    "ip.routes",
    "ip.show",
    "ip.show_interface",
    "ip.show_route",
    "ip.traceroute",
    "mobileip.configure",
    "mobileip.foreign",
    "mobileip.secure",
    "mobileip.show",
    "mobileip.show_traffic",
    "operator.capture",
    "operator.explain",
    "operator.picture",
    "operator.ping",
    "operator.save",
    "operator.show",
    "operator.world",
    "rip.configure",
    "rip.show",
    "system.clock",
    "system.debugging",
    "system.enable",
    "system.files",
    "system.identity",
    "system.lines",
    "system.logging",
    "system.modes",
    "system.reload",
    "system.running",
    "system.replace",
    "system.startup",
    "system.terminal",
    "system.users",
    "system.version",
)
"""The modules that bind behaviours to commands."""


def load() -> None:
    """Import every module that has behaviours."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")


def boot(node: Node) -> None:
    """Attach what a router has whether its configuration mentions it or not."""
    from .interfaces.link import Links  # noqa: PLC0415 - with `load`, not before

    node.part(Links)
