"""Features: one folder a topic, strangers to one another; `load` makes their commands known."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "hsrp.configure",
    "hsrp.show",
    "interfaces.configure",
    "operator.world",
    "system.identity",
    "system.enable",
    "system.modes",
    "system.running",
)
"""The modules that bind behaviours to commands."""


def load() -> None:
    """Import every module that has behaviours."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")
