"""`iosemu shell`: which way in a terminal, a dumb terminal or a pipe gets, and what it shows first."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from iosemu import resources
from iosemu.app import Desk, UsageError
from iosemu.cli.command import Request

from .pace import Pace

FORGETFUL = "no state folder can be written (XDG_STATE_HOME): what routers save is forgotten at the end"


def sit(lab: str, *, router: str | None, speed: float, plain: bool) -> int:
    """Open a lab and serve whoever is at stdin until they leave; gives the exit status.

    NVRAM is kept in the user's state folder, per lab. UsageError when there is no such lab or router.
    """
    state = resources.state_folder()
    desk = Desk(state=state, speed=speed)
    complaints = desk.open(lab)
    if state is None:
        sys.stderr.write(f"iosemu: {FORGETFUL}\n")
    if router is not None:
        _connect(desk, router)
    if not sys.stdin.isatty():
        from . import stdio  # noqa: PLC0415

        for row in complaints:
            sys.stderr.write(f"{row}\n")
        desk.speed = 0
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        stdio.piped(desk, stdio.bounded(sys.stdin), sys.stdout)
        return 0
    plain = plain or os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty()
    if router is None:
        _draw(desk, plain=plain)
    for row in complaints:
        print(row)
    pace = Pace(desk.lab, speed)
    if plain:
        from . import stdio  # noqa: PLC0415

        stdio.plain(desk, pace)
    else:
        from . import shell  # noqa: PLC0415

        shell.run(desk, pace)
    return 0


def _draw(desk: Desk, *, plain: bool) -> None:
    """Show the lab that was opened: in rows, or drawn over the width of the terminal."""
    if plain:
        from iosemu.features.operator.picture import picture  # noqa: PLC0415

        for row in picture(desk.lab):
            print(row)
        return
    from .screens import topology  # noqa: PLC0415

    # A terminal that does not know its size says 0.
    topology(desk.lab, width=os.get_terminal_size(sys.stdout.fileno()).columns or 80)


def _connect(desk: Desk, router: str) -> None:
    node = desk.lab.nodes.get(router)
    routers = [each.name for each in desk.lab.nodes.values() if each.kind == "router"]
    if node is None or node.kind != "router":
        raise UsageError(f"--router: {desk.lab.name} has no router {router}; it has {', '.join(routers)}")
    desk.request(Request("connect", router))
