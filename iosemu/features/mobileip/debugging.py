"""`debug ip mobile`, how its rows come into the log, and the message about security violations.

The words of `show debugging` rest on memory (reference mobile-ip.md §3.5). `local-area` never has rows: local-area
mobility is kept without effect (DESIGN 2.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.features.mobileip.codes import CODES
from iosemu.features.mobileip.counters import REASONS
from iosemu.lab import acl
from iosemu.lab.debugging import Debugging, declare, detail, is_on

if TYPE_CHECKING:
    from iosemu.addresses import IPv4
    from iosemu.features.mobileip.effects import Violated
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


LIMIT = "access list "
"""What stands before the list that `host` is limited to."""


def debug(node: Node, flag: str, text: str, home: IPv4 | None = None) -> None:
    """Write a row of `debug ip mobile` when its flag is on; the text has the prefix that its kind has.

    A row about a mobile node is not written when the flag is limited to an access list that does not permit `home`.
    """
    if not is_on(node, flag):
        return
    limit = detail(node, flag).removeprefix(LIMIT)
    if not limit or home is None or acl.permits(node, limit, home):
        node.log.debug(text)


_ACTORS = {"MN": "mobile node", "FA": "foreign agent", "HA": "home agent"}


def violated(node: Node, agent: str, violation: Violated) -> None:
    """Log that somebody failed to prove who they are to an agent of this router, `HA` or `FA` (§3.6)."""
    word, _, rest = CODES[violation.code].partition(" ")
    text = f"{_ACTORS.get(word, word)} {rest}"
    why = f"errcode {text} ({violation.code}), reason {REASONS[violation.reason]} ({violation.reason})"
    who = f"{violation.actor} {violation.peer}"
    node.log.emit("IPMOBILE", 6, "SECURE", f"Security violation on {agent} from {who} - {why}")


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
            debugging.start(name, f"{LIMIT}{access_list_number}" if access_list_number else "")
    text = FLAGS[chosen[0]] if chosen else "IP mobility"
    yield f"{text} debugging is {'off' if no else 'on'}"
