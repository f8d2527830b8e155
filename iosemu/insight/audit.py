"""`audit`: what is wrong or risky in configurations.

Every rule of `rules/` looks at every router; what it yields becomes findings, in the order of files and lines. An
`error` does not work, a `warning` works and is a risk, a `note` is worth knowing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

from .reading import Fact
from .rules import Remark, rules

if TYPE_CHECKING:
    from .network import Network
    from .reading import Source


class Finding(NamedTuple):
    """What a rule found: where, how bad (`error`, `warning`, `note`), which rule, what is wrong and what mends it.

    `shown` are the line and a caret under the word that is meant, when there is one.
    """

    source: Source
    severity: str
    rule: str
    what: str
    mend: str
    shown: tuple[str, ...] = ()


def audit(network: Network) -> list[Finding]:
    """Give what the rules find, sorted by file (in the order given) and line; nothing is found twice."""
    found: dict[Finding, None] = {}
    for rule in rules():
        for router in network.routers:
            for each in rule.check(router):
                remark = Remark(*each)
                source = remark.where.source if isinstance(remark.where, Fact) else remark.where
                finding = Finding(
                    source, rule.severity, rule.name, remark.what, remark.mend, tuple(remark.shown)
                )
                found[finding] = None
    files = list(dict.fromkeys(file for router in network.routers for file in router.reading.files))
    order = {file: number for number, file in enumerate(files)}
    return sorted(
        found, key=lambda each: (order.get(each.source.file, -1), each.source.line, each.source.column)
    )


__all__ = ["Finding", "audit", "rules"]
