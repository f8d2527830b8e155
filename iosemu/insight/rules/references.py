"""Rules about names: what one line refers to, another has to define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import Remarks, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.insight.network import Router
    from iosemu.insight.reading import Fact, Lines

REFERENCES = (
    ("ip access-group", "access_list", "access list"),
    ("access-class", "list", "access list"),
    ("ip http access-class", "access_list", "access list"),
    ("ntp access-group", "list", "access list"),
    ("snmp-server community", "list", "access list"),
    ("ip mobile home-agent", "care_of_access", "access list"),
    ("ip mobile home-agent", "roam_access", "access list"),
    ("ip mobile host", "care_of_access", "access list"),
    ("ip mobile foreign-service", "home_access", "access list"),
    ("ip mobile arp", "access_group", "access list"),
    ("ip policy route-map", "name", "route map"),
    ("service-policy", "name", "policy map"),
    ("standby authentication", "key_chain", "key chain"),
    ("standby track", "object_number", "tracked object"),
)
"""Commands, what they capture, and what that is the name of."""

DEFINITIONS = (
    ("access list", "access-list", "standard"),
    ("access list", "access-list", "extended"),
    ("access list", "ip access-list standard", "name"),
    ("access list", "ip access-list extended", "name"),
    ("route map", "route-map", "name"),
    ("policy map", "policy-map", "name"),
    ("key chain", "key chain", "name"),
    ("tracked object", "track interface", "number"),
)
"""What defines such a thing, and what it captures as the name."""


@rule(
    "undefined", "warning", "IOS: an access list that is not there permits everything; the rest has no effect"
)
def _(router: Router) -> Remarks:
    """A line refers to an access list, route map, policy map, key chain or tracked object that is not defined."""
    defined = {(kind, str(line[name])) for kind, command, name in DEFINITIONS for line in router.all(command)}
    for line in _lines(router.reading):
        for command, name, kind in REFERENCES:
            meant = line[name] if line.command == command else None
            named = isinstance(meant, str | int) and not isinstance(meant, bool)
            if named and (kind, str(meant)) not in defined:
                yield line, f"there is no {kind} {meant}", f"Define the {kind}, or correct its name"


def _lines(lines: Lines) -> Iterator[Fact]:
    for fact in lines.below:
        yield fact
        yield from _lines(fact)
