"""`debug ip mobile`, and how its rows come into the log.

The words of `show debugging` rest on memory (reference mobile-ip.md §3.5). `local-area` never has rows: local-area
mobility is kept without effect (DESIGN 2.5). A limit of `host` to an access list is shown and does not limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.lab.debugging import Debugging, declare, is_on

if TYPE_CHECKING:
    from iosemu.lab.router import Node

ADVERTISE, HOST, LOCAL_AREA, STANDBY = (
    "ip mobile advertise",
    "ip mobile host",
    "ip mobile local-area",
    "ip mobile standby",
)
FLAGS = {
    ADVERTISE: "IP mobility advertisement",
    HOST: "IP mobility events",
    LOCAL_AREA: "IP mobility local-area",
    STANDBY: "IP mobility standby",
}
for _name, _text in FLAGS.items():
    declare(_name, "IP mobility", f"{_text} debugging is on")


def debug(node: Node, flag: str, text: str) -> None:
    """Write a row of `debug ip mobile` when its flag is on; the text has the prefix that its kind has."""
    if is_on(node, flag):
        node.log.debug(text)


@command("exec", "debug ip mobile")
def debug_ip_mobile(
    node: Node,
    *,
    advertise: bool = False,
    host: bool = False,
    access_list_number: int | None = None,
    local_area: bool = False,
    standby: bool = False,
    no: bool = False,
) -> Reply:
    """Turn a kind of rows on or off; without a kind, all of them (specification line 363)."""
    chosen = [name for name, said in zip(FLAGS, (advertise, host, local_area, standby), strict=True) if said]
    debugging = node.part(Debugging)
    for name in chosen or FLAGS:
        if no:
            debugging.stop(name)
        else:
            debugging.start(name, f"access list {access_list_number}" if access_list_number else "")
    text = FLAGS[chosen[0]] if chosen else "IP mobility"
    yield f"{text} debugging is {'off' if no else 'on'}"
