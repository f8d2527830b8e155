"""The rules of `audit`, by topic.

To add one, write a function in the module of its topic:

    @rule("hsrp-address", "error", "RFC 2281 §5.1: the address is on the interface's subnet")
    def _(router: Router) -> Remarks:
        \"\"\"The address of an HSRP group is outside its interface's subnets.\"\"\"
        for group in router.groups:
            for line in group.ips:
                if ...:
                    yield line, f"{line['address']} is on no subnet of {group.port.name}", "Give it an address of ..."

It is asked once for each router and yields where (a `Fact`, or a `Source`), what is wrong, and what mends it: two
sentences without their full stop. `router.all("ip route")` are its lines of a command, by the name that `iosemu
grammar` lists; `line["address"]` is what the line captured, as running-config would write it; `router.ports`,
`router.groups`, `router.partners` and the rest of `network.py` are what several rules ask for; `router.network` has
the other routers. The docstring is the rule's title. tests/insight/test_rules.py wants a configuration that the rule
finds, and one that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from iosemu.insight.network import Router
    from iosemu.insight.reading import Fact, Source

TOPICS = ("lines", "addresses", "hsrp", "mobileip", "redundancy", "references", "secrets")
"""The modules that hold rules."""


class Remark(NamedTuple):
    """What a rule yields: where, what is wrong, what mends it; and the line with a caret, if a word is meant."""

    where: Fact | Source
    what: str
    mend: str
    shown: tuple[str, ...] = ()


Remarks = Iterator[tuple["Fact | Source", str, str] | tuple["Fact | Source", str, str, tuple[str, ...]]]


class Rule(NamedTuple):
    """A rule: its name, how bad what it finds is, where that is said, its title, and what looks for it."""

    name: str
    severity: str
    reference: str
    title: str
    check: Callable[[Router], Remarks]


RULES: dict[str, Rule] = {}
"""The rules that have been imported, by name; `rules` gives all."""


def rule(
    name: str, severity: str, reference: str
) -> Callable[[Callable[[Router], Remarks]], Callable[[Router], Remarks]]:
    """Make a function a rule; `reference` is where it is said (RFC, line of the specification)."""

    def add(check: Callable[[Router], Remarks]) -> Callable[[Router], Remarks]:
        if name in RULES:
            raise ValueError(f"two rules called {name}")
        title = (check.__doc__ or "").strip().partition("\n")[0]
        RULES[name] = Rule(name, severity, reference, title, check)
        return check

    return add


def rules() -> list[Rule]:
    """Give all rules, topic by topic."""
    for topic in TOPICS:
        import_module(f"{__name__}.{topic}")
    return list(RULES.values())
