"""`audit`, `unfold` and `diff`: files in, text out; the exit status says what was found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.app import UsageError, described, grammar, text_of
from iosemu.insight import audit as auditing
from iosemu.insight import diff as comparison
from iosemu.insight import reading, reporting
from iosemu.insight import unfold as unfolding
from iosemu.insight.network import Network
from iosemu.insight.reading import Source, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iosemu.insight.reading import Reading
    from iosemu.lab.topology import RouterSpec, Topology

STDIN = "<stdin>"
STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}


def audit(names: Sequence[str], form: str, write: Callable[[str], object], *, unfolded: bool = False) -> int:
    """Print what is wrong in labs and files, as `text`, `json` or `sarif`; 1 when something was found.

    Each lab is looked at by itself; the files together, each a router.
    """
    if names.count("-") > 1:
        raise UsageError("stdin can't be several configurations")
    labs = [name for name in names if _is_lab(name)]
    files = [name for name in names if not _is_lab(name)]
    networks = [_network(name, unfolded) for name in labs]
    if files:
        networks.append(Network([_router(_text(name), unfolded) for name in files]))
    found = [finding for network in networks for finding in auditing.audit(network)]
    if form == "text" and sys.stdout.isatty():
        _coloured(reporting.as_text(found))
    else:
        write(reporting.FORMS[form](found))
    return 1 if found else 0


def _coloured(text: str) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.text import Text as Row  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for line in text.splitlines():
        row = Row(line)
        for severity, style in STYLES.items():
            row.highlight_regex(rf"(?<=: ){severity}(?= [a-z0-9-]+: )", style)
        console.print(row)


def rules(write: Callable[[str], object]) -> None:
    """Print the rules of the audit: severity, name, what is wrong then, and where that is said."""
    known = auditing.rules()
    width = max(len(rule.name) for rule in known)
    for rule in known:
        write(f"{rule.severity:7}  {rule.name:{width}}  {rule.title} ({rule.reference})\n")


def _is_lab(name: str) -> bool:
    if name == "-" or (Path(name).is_file() and not name.endswith((".yml", ".yaml"))):
        return False
    if Path(name).suffix and not Path(name).exists():
        raise UsageError(f"{name}: there is neither such a file nor such a lab")
    return True


def unfold(name: str, write: Callable[[str], object], complain: Callable[[str], object]) -> int:
    """Print a flattened file's configuration; what nothing takes is told, too, and gives status 1."""
    text = _text(name)
    lines = unfolding.unfold(grammar(), text.name, text.text)
    write(unfolding.as_text(text.name, lines).text)
    lost = [line for line in lines if not line.placed]
    for line in lost:
        source = line.source
        complain(f"{source.file}:{source.line}:{source.column}: no command: {_short(source.text)}\n")
    return 1 if lost else 0


def diff(one: str, other: str, write: Callable[[str], object], complain: Callable[[str], object]) -> int:
    """Print how two configurations differ in meaning, and tell the lines that are no commands; 1: they differ."""
    if one == other == "-":
        raise UsageError("stdin can't be both configurations")
    readings = [_reading(each) for each in (one, other)]
    for each in readings:
        for trouble in each.troubles:
            words = next(
                (row.strip() for row in trouble.rows if row.lstrip().startswith("%")), trouble.rows[-1]
            )
            complain(f"{trouble.source.file}:{trouble.source.line}: {_short(trouble.source.text)}: {words}\n")
    rows = list(comparison.compare(*readings))
    if rows:
        write(f"--- {one}\n+++ {other}\n")
        for row in rows:
            write(f"{row}\n")
    return 1 if rows else 0


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text(name: str) -> Text:
    """Read a file, or stdin."""
    try:
        if name == "-":
            return Text(STDIN, text_of(Path(STDIN), sys.stdin.buffer.read()))
        return Text(name, text_of(Path(name)))
    except OSError as fault:
        raise UsageError(f"{name}: {fault.strerror or fault}") from None


def _reading(name: str) -> Reading:
    """Read a configuration: a file, stdin, or a lab's router (LAB:ROUTER)."""
    lab, colon, router = name.rpartition(":")
    if name == "-" or Path(name).is_file() or (not colon and Path(name).suffix):
        return reading.read(grammar(), "Router", [_text(name)])
    topology = described(lab if colon else name)
    specs = {spec.name: spec for spec in _routers(topology)}
    if router not in specs or not colon:
        wrong = f"{name}: {lab} has no router {router}" if colon else f"{name} is a lab: say which router"
        raise UsageError(f"{wrong}; it has {', '.join(specs)}")
    return reading.read(grammar(), "Router", _startup(specs[router]))


def _router(text: Text, unfolded: bool) -> Reading:
    """Read a file as a router of its own, called as it calls itself, else as the file is called."""
    stem = Path(text.name).stem if text.name != STDIN else "Router"
    found = reading.read(grammar(), stem, [_unfolded(text) if unfolded else text])
    hostname = found.one("hostname")
    if hostname and hostname.written:
        found.name = hostname["name"]
    return found


def _unfolded(text: Text) -> Text:
    return unfolding.as_text(text.name, unfolding.unfold(grammar(), text.name, text.text))


def _network(name: str, unfolded: bool) -> Network:
    """Read the startup configurations of a lab's routers."""
    from iosemu.lab.topology import RouterSpec  # noqa: PLC0415 - with `described`

    topology = described(name)
    ports: dict[str, dict[str, str]] = {}
    for link in topology.links:
        for node, interface in link.endpoints:
            ports.setdefault(node, {})[interface] = link.segment
    readings = []
    for spec in _routers(topology):
        texts = [_unfolded(text) if unfolded else text for text in _startup(spec)]
        readings.append(reading.read(grammar(), spec.name, texts, ports.get(spec.name, {})))
    described_by = _text(_shown(topology.path))
    lines = enumerate(described_by.text.splitlines(), 1)
    return Network(
        readings,
        complete=topology.path.suffix != ".cfg",
        hosts=[spec for spec in topology.nodes if not isinstance(spec, RouterSpec)],
        description=[Source(described_by.name, number, 0, text) for number, text in lines],
    )


def _routers(topology: Topology) -> list[RouterSpec]:
    from iosemu.lab.topology import RouterSpec  # noqa: PLC0415 - with `described`

    return [spec for spec in topology.nodes if isinstance(spec, RouterSpec)]


def _startup(spec: RouterSpec) -> Sequence[Text]:
    return [_text(_shown(path)) for path in spec.startup]


def _shown(path: Path) -> str:
    """Name a file as a user would: from here, when it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
