"""What RIP tells unasked: the rows of `debug ip rip`, in 12.4's forms (from memory)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.addresses import Prefix, mask_length
from iosemu.features.rip.machine import classful
from iosemu.features.rip.packet import INTERNET, REQUEST, RESPONSE
from iosemu.lab.debugging import declare, is_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.features.rip.machine import Ignored, Send
    from iosemu.features.rip.packet import Entry, Rip
    from iosemu.lab.router import Node

PROTOCOL, EVENTS = "ip rip", "ip rip events"

declare(PROTOCOL, "IP routing", "RIP protocol debugging is on")
declare(EVENTS, "IP routing", "RIP event debugging is on")


def _debug(node: Node, row: str) -> None:
    node.log.debug(row)


def sent(node: Node, what: Send, destination: IPv4) -> None:
    """Show a message that goes out."""
    message, link = what.message, what.link
    if is_on(node, PROTOCOL):
        if message.command == REQUEST:
            _debug(node, f"RIP: sending general request on {link.name} to {destination}")
            return
        kind = "flash update" if what.flash else "update"
        _debug(
            node, f"RIP: sending v{message.version} {kind} to {destination} via {link.name} ({link.address})"
        )
        _debug(node, f"RIP: build {kind} entries")
        for entry in message.entries:
            _debug(node, f"\t{_told(entry, message.version)}")
    elif is_on(node, EVENTS) and message.command == RESPONSE:
        _debug(node, f"RIP: Update contains {len(message.entries)} routes")
        _debug(node, f"RIP: Update sent via {link.name}")


def _told(entry: Entry, version: int) -> str:
    if version > 1:
        prefix = Prefix(entry.address, mask_length(entry.mask) or 0)
        return f"{prefix} via {entry.next_hop}, metric {entry.metric}, tag {entry.tag}"
    whole = classful(entry.address).network == entry.address
    return f"{'network' if whole else 'subnet '} {entry.address} metric {entry.metric}"


def received(node: Node, message: Rip, source: IPv4, link: str) -> None:
    """Show a message that came in."""
    if is_on(node, PROTOCOL):
        kind = "request" if message.command == REQUEST else "update"
        _debug(node, f"RIP: received v{message.version} {kind} from {source} on {link}")
        for row in _heard(message):
            _debug(node, f"     {row}")
    elif is_on(node, EVENTS) and message.command == RESPONSE:
        _debug(node, f"RIP: received v{message.version} update from {source} on {link}")
        _debug(node, f"RIP: Update contains {len(message.entries)} routes")


def _heard(message: Rip) -> Iterator[str]:
    for entry in message.entries if message.command == RESPONSE else ():
        if entry.family != INTERNET:
            continue
        hops = f"in {entry.metric} hops" + (" (inaccessible)" if entry.metric >= 16 else "")
        if message.version > 1:
            length = mask_length(entry.mask)
            mask = entry.mask if length is None else length
            yield f"{entry.address}/{mask} via {entry.next_hop} {hops}"
        else:
            yield f"{entry.address} {hops}"


def ignored(node: Node, what: Ignored) -> None:
    """Show why a message was not listened to."""
    if is_on(node, PROTOCOL) or is_on(node, EVENTS):
        _debug(node, f"RIP: ignored v{what.version} packet from {what.source} ({what.reason})")
