"""A router of its own for each test, and what its running-config says of Mobile IP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu.app import Lab

if TYPE_CHECKING:
    from pathlib import Path

    from iosemu.app import Router
    from iosemu.cli.console import Console

CONFIG = """\
hostname HA1
interface Ethernet0
 ip address 1.0.0.1 255.0.0.0
interface Ethernet1
 ip address 2.0.0.1 255.0.0.0
"""


class Typist:
    """Someone at a router's console, in global configuration mode."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.router: Router = lab["HA1"] if "HA1" in lab.nodes else lab[next(iter(lab.nodes))]
        self.console: Console = self.router.console()
        for line in ("enable", "configure terminal"):
            self.console.send(line)

    def configure(self, *lines: str) -> str:
        """Type lines; gives all that they show."""
        return "\n".join(shown for line in lines if (shown := self.console.send(line)))

    def show(self, line: str) -> str:
        """Type an EXEC line, from configuration mode."""
        return self.console.send(f"do show {line}")

    @property
    def running(self) -> list[str]:
        """What running-config says of Mobile IP; lines of an interface begin with a blank."""
        rows = self.show("running-config").splitlines()
        return [
            row for row in rows if row.strip().removeprefix("no ").startswith(("ip mobile", "router mobile"))
        ]

    @property
    def whole(self) -> str:
        """The configuration from its hostname on."""
        text = self.show("running-config")
        return text[text.index("hostname") :]


@pytest.fixture
def typist(tmp_path: Path) -> Typist:
    """A router of two Ethernets, with no Mobile IP."""
    path = tmp_path / "HA1.cfg"
    path.write_text(CONFIG)
    return Typist(Lab.load(path))
