"""Features: one folder a topic, strangers to one another; `load` makes their commands known."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "hsrp.configure",
    "hsrp.show",
    "interfaces.configure",
    "interfaces.show",
    "ip.address",
    "ip.arp",
    "ip.ping",
    "ip.routes",
    "ip.show",
    "ip.show_interface",
    "ip.show_route",
    "ip.traceroute",
    "operator.capture",
    "operator.explain",
    "operator.picture",
    "operator.ping",
    "operator.save",
    "operator.show",
    "operator.world",
    "system.identity",
    "system.enable",
    "system.modes",
    "system.clock",
    "system.debugging",
    "system.files",
    "system.logging",
    "system.reload",
    "system.startup",
    "system.version",
    "system.running",
)
"""The modules that bind behaviours to commands."""


def load() -> None:
    """Import every module that has behaviours."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")
