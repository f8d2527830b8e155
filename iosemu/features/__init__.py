"""Features: one folder a topic, strangers to one another; `bind` makes their commands known.

A module is imported when a command needs it, for all of them cost a start 20 ms. Which behaviour is where
stands in an index that `index` makes by importing all. What a module adds to lists of the lab when it is
imported (`debug` flags) must therefore wait until a command of it is used, or those in GATHERING are.
"""

from __future__ import annotations

import json
import os.path
from importlib import import_module
from typing import TYPE_CHECKING, Any

from iosemu.cli.command import BEHAVIOURS
from iosemu.cli.command import MODULES as UNBOUND
from iosemu.cli.kept import HEEDED
from iosemu.parser.cache import kept, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.lab.router import Node

MODULES = (
    "hsrp.configure",
    "hsrp.show",
    "interfaces.configure",
    "interfaces.show",
    "ip.access_lists",
    "ip.address",
    "ip.arp",
    "ip.debugging",
    "ip.irdp",
    "ip.names",
    "ip.ping",
    "ip.routes",
    "ip.servers",
    "ip.show",
    "ip.show_interface",
    "ip.show_route",
    "ip.tables",
    "ip.telnet",
    "ip.traceroute",
    "ip.tunnels",
    "mobileip.clear",
    "mobileip.configure",
    "mobileip.debugging",
    "mobileip.foreign",
    "mobileip.mobile_side",
    "mobileip.secure",
    "mobileip.show",
    "mobileip.show_traffic",
    "mobileip.visitors",
    "operator.capture",
    "operator.explain",
    "operator.picture",
    "operator.ping",
    "operator.save",
    "operator.show",
    "operator.world",
    "rip.configure",
    "rip.show",
    "system.archive",
    "system.clock",
    "system.confirm",
    "system.debugging",
    "system.enable",
    "system.files",
    "system.identity",
    "system.lines",
    "system.logging",
    "system.login",
    "system.modes",
    "system.privilege",
    "system.pubkeys",
    "system.redirect",
    "system.reload",
    "system.running",
    "system.replace",
    "system.services",
    "system.ssh",
    "system.startup",
    "system.tclsh",
    "system.terminal",
    "system.users",
    "system.version",
)
"""The modules that bind behaviours to commands."""


GATHERING = (("exec", "debug all"), ("exec", "show debugging"), ("exec", "show ip protocols"))
"""Commands, by mode and name, of what all features have to say: every module is imported first."""


def load() -> None:
    """Import every module that has behaviours, to look at them all."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")
    UNBOUND.clear()


def index() -> str:
    """Write down, as JSON, which of MODULES each behaviour is in, by mode and command's name; and what is heeded."""
    load()
    modes: dict[str, dict[str, int]] = {}
    for (mode, name), behaviour in BEHAVIOURS.items():
        module = behaviour.run.__module__.removeprefix(f"{__name__}.")
        if module in MODULES:
            modes.setdefault(mode, {})[name] = MODULES.index(module)
    written = {"modules": MODULES, "modes": modes, "heeded": sorted(HEEDED)}
    return json.dumps(written, separators=(",", ":"))


def bind(cache: Path | None = None, compiled: Path | None = None) -> None:
    """Make every behaviour known by the index: a wheel's, else one from the cache, else by importing all."""
    if compiled is not None and compiled.exists():
        _read(compiled.read_text("utf-8"))
        return
    folder = os.path.dirname(__file__)  # noqa: PTH120 - as in parser/cache.py
    files = [__file__, *(os.path.join(folder, *module.split(".")) + ".py" for module in MODULES)]  # noqa: PTH118
    kept(cache, "behaviours", folder, state_of(files), make=index, read=_read)


def _read(text: str) -> None:
    """Read what `index` wrote; ValueError, LookupError or TypeError: it is not that."""
    data: dict[str, Any] = json.loads(text)
    modules = [f"{__name__}.{module}" for module in data["modules"]]
    found = {
        (mode, name): (modules[number],)
        for mode, names in data["modes"].items()
        for name, number in names.items()
        if (mode, name) not in BEHAVIOURS
    }
    heeded = {(mode, name) for mode, name in data["heeded"]}
    UNBOUND.update(found | dict.fromkeys(GATHERING, tuple(modules)))
    HEEDED.update(heeded)


def boot(node: Node) -> None:
    """Attach what a router has whether its configuration mentions it or not."""
    from .interfaces.link import Links  # noqa: PLC0415 - with `load`, not before
    from .ip.duplicates import Duplicates  # noqa: PLC0415

    node.part(Links)
    node.part(Duplicates)
