"""Composition: the grammar is read, features are bound to it, labs are built and their routers booted.

`Lab` is the public API; `Desk` is where one user sits: a lab, the operator's prompt, a console at every
router.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

from iosemu import features, resources
from iosemu import lab as world
from iosemu.addresses import Prefix
from iosemu.cli import config
from iosemu.cli.config import Complaints
from iosemu.cli.console import Console
from iosemu.cli.session import Session
from iosemu.cli.tty import TTYs
from iosemu.features.operator.world import choice
from iosemu.lab.nvram import claim
from iosemu.lab.router import Node
from iosemu.lab.routes import Static
from iosemu.parser import grammar as grammars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iosemu.cli.command import Request
    from iosemu.features.operator.capture import Capture
    from iosemu.lab.tcp import Socket
    from iosemu.lab.topology import HostSpec, MobileNodeSpec, Topology
    from iosemu.parser.grammar import Grammar

OPERATOR = "lab"
"""What the operator's prompt is called; a router of that hostname could not be told from it."""
TELNET = 23
PORT = "Ethernet0"
"""What the only port of a host or mobile node is called."""


class UsageError(Exception):
    """An error of use: one line for the user, exit status 2."""


_loaded: list[Grammar] = []


def grammar() -> Grammar:
    """Give the grammar that iosemu carries, with features bound to it, read on first asking."""
    if not _loaded:
        compiled, cache = resources.compiled_grammar(), resources.cache_folder()
        _loaded.append(grammars.load(resources.folder("grammar"), cache, compiled))
        features.bind(cache, compiled and compiled.with_name("behaviours.json"))
    return _loaded[0]


class Router(Node):
    """A node that a console can be opened at."""

    def console(self) -> Console:
        """Open a console, at `NAME>` with RETURN pressed; `console.send(line)` gives what a line shows.

        LabError when there is none: at a host, a mobile node, or a router that is switched off, and from
        `send` once it is. After a boot, or when its user left, the console stands at `NAME>` again.
        """
        if self.kind != "router":
            raise world.LabError(f"{self.name} is a {self.kind} without a console")
        return _Standing(self)


class _Standing(Console):
    """A router's console, whose session ends with the router's power and with its user's `exit`."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._boots = -1
        self._stand()

    def _stand(self) -> None:
        """Begin a session unless there is one; LabError without power."""
        node = self._node
        if not node.powered:
            raise world.LabError(f"{node.name} is switched off")
        if self._boots != node.boots or self.session.ended:
            self._boots = node.boots
            super().__init__(Session(grammar(), node), node.lab.run_until)

    @property
    def prompt(self) -> str:
        """What stands before the next line: the question asked, else the session's prompt."""
        self._stand()
        return super().prompt

    def type(self, line: str) -> list[str]:
        """Type a line (or the answer to a question) and give the rows it shows."""
        self._stand()
        return super().type(line)


class Lab(world.Lab):
    """A running lab: `Lab.load("physical")`, `lab["HA1"].console().send("show clock")`, `lab.advance(30)`."""

    node_type = Router
    hosts: dict[str, HostSpec | MobileNodeSpec]
    topology: Topology | None = None
    """What the lab was built from."""

    @classmethod
    def load(cls, name: str | Path, *, state: Path | None = None, base: Path | None = None) -> Lab:
        """Build the lab that a name, folder, `lab.yml` or `.cfg` means, and switch it on.

        `state` is a folder that keeps what routers save (without it, that lives as long as the lab); a
        relative `name` starts from `base`. UsageError says in one line what is wrong, and where.
        """
        topology = described(name, base)
        try:
            return cls._built(topology, _state_of(topology, state))
        except world.LabError as fault:
            raise UsageError(str(fault)) from None
        except OSError as fault:
            raise UsageError(f"{fault.filename or name}: {fault.strerror or fault}") from None

    @classmethod
    def _built(cls, topology: Topology, state: Path | None) -> Lab:
        from iosemu.lab.topology import RouterSpec  # noqa: PLC0415

        built = cls(topology.name, epoch=topology.clock, state=state, boot=boot)
        built.startup, built.hosts, built.topology = {}, {}, topology
        for link in topology.links:
            built.add_segment(link.segment, delay=link.delay, loss=link.loss)
        for spec in topology.nodes:
            if isinstance(spec, RouterSpec):
                built.add_node(spec.name)
                built.startup[spec.name] = tuple(
                    (path.relative_to(topology.folder).as_posix(), text_of(path)) for path in spec.startup
                )
            else:
                built.add_node(spec.name, "host" if hasattr(spec, "address") else "mobile-node")
                built.hosts[spec.name] = spec
                built.attach(spec.name, PORT, spec.segment)
        for link in topology.links:
            for node, interface in link.endpoints:
                built.attach(node, interface, link.segment)
        built.start()
        names = [node.hostname for node in built.nodes.values() if node.kind == "router"]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(
                    f"{topology.path}: two routers call themselves {name}; give them different hostnames"
                )
            if name == OPERATOR:
                raise UsageError(
                    f"{topology.path}: a router calls itself {name}, as the operator's prompt does"
                )
        return built

    def __getitem__(self, name: str) -> Router:
        return cast("Router", self.node(name))


def described(name: str | Path, base: Path | None = None) -> Topology:
    """Read what describes the lab that a name, folder, `lab.yml` or `.cfg` means; UsageError: what is wrong with it."""
    from iosemu.lab.topology import Topology, TopologyError, read  # noqa: PLC0415 - not on every path

    try:
        path = resources.find_lab(str(name), base=base)
        return Topology.of_config(path) if path.suffix == ".cfg" else read(path, resources.cache_folder())
    except (resources.ResourceError, TopologyError) as fault:
        raise UsageError(str(fault)) from None
    except OSError as fault:
        raise UsageError(f"{fault.filename or name}: {fault.strerror or fault}") from None


def complaints(lab: world.Lab) -> list[str]:
    """Give what is wrong with the configurations of a lab that was opened, and with where it is kept."""
    rows = [row for node in lab.nodes.values() if (held := node.peek(Complaints)) for row in held.rows]
    if lab.state is not None and not claim(lab.state):
        rows.append(SHARED)
    return rows


SHARED = "% Another iosemu has this lab open: of what both save, what is saved last is kept"


def text_of(path: Path, data: bytes | None = None) -> str:
    """Read a configuration file, or what was read already; UsageError when it is no text, OSError from the disk."""
    data = path.read_bytes() if data is None else data
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UsageError(f"{path}:{line}: not text (a NUL); a configuration is text")
    return data.decode("utf-8-sig", "replace")


def _state_of(topology: Topology, state: Path | None) -> Path | None:
    """Give each lab a folder of its own: labs of one name in two places are two labs."""
    if state is None:
        return None
    return state / f"{topology.name}-{crc32(str(topology.path.resolve()).encode()):08x}"


def boot(node: Node) -> None:
    """Read a booting node's configuration."""
    lab = cast("Lab", node.lab)
    if node.kind != "router":
        _boot_host(node, lab.hosts[node.name])
        return
    node.hostname = node.name
    session = Session(grammar(), node, line="memory", level=15)
    features.boot(node)
    node.ip.tcp[TELNET] = _called
    rows = node.part(Complaints).rows
    for name, text in config.startup_files(node):
        complaints = config.load(session, name, text)
        whose = f"{node.name}: " if complaints and _shared(node, name) else ""
        for complaint in complaints:
            rows.append(f"{whose}{complaint.file}:{complaint.line}:")
            rows += complaint.rows


def _called(socket: Socket) -> bool:
    """Take a caller at a router's telnet port, or refuse."""
    from iosemu.features.system import callers  # noqa: PLC0415 - not on every path

    return callers.answer(socket, grammar())


def _shared(node: Node, file: str) -> bool:
    """Whether other routers read a file of that name as well, so that it does not say whose it is."""
    others = (each for each in node.lab.nodes.values() if each is not node)
    return any(name == file for other in others for name, _ in config.startup_files(other))


def _boot_host(node: Node, spec: HostSpec | MobileNodeSpec) -> None:
    from iosemu.features.mobileip import mobile_side  # noqa: PLC0415 - neither is on every path
    from iosemu.lab.topology import HostSpec  # noqa: PLC0415

    port = node.interface(PORT)
    if isinstance(spec, HostSpec):
        port.address = (spec.address, Prefix.of(spec.address, spec.length))
        node.routes.add_static(Static(Prefix.of(0, 0), spec.gateway))
    else:
        mobile_side.begin(node, port, spec)


class Desk:
    """Where one user sits: a lab (at first an empty one), the operator's prompt, a console at each router.

    `speed` is kept for a front whose clock follows the wall clock; 0: it stands.
    """

    def __init__(self, *, state: Path | None = None, base: Path | None = None, speed: float = 0) -> None:
        self.lab = Lab("nothing open", boot=boot)
        self.state = state
        self.base = base
        self.speed = speed
        self.left = False
        """Whether the user has quit."""
        self.operator = self._console(self.lab)
        self.current = self.operator
        self.captures: list[Capture] = []
        """What has been recorded of the lab that is open."""
        self._consoles: dict[str, tuple[int, Console]] = {}
        self._marks: dict[str, tuple[int, int]] = {}
        """How much of each router's log has been shown: the count of its boots, and the entry."""

    def _console(self, target: Node | Lab) -> Console:
        return Console(Session(grammar(), target), self._run_until, self.request)

    def _run_until(self, when: int) -> None:
        self.lab.run_until(when)

    # -- consoles

    def console(self, name: str) -> Console:
        """Give a router's console: a new one after the router booted or its user left."""
        node = self.lab[name]
        boots, console = self._consoles.get(name, (-1, None))
        if console is None or boots != node.boots or console.session.ended:
            console = self._console(node)
            self._consoles[name] = (node.boots, console)
        return console

    def consoles(self) -> Iterator[Console]:
        """Yield the operator's console and every router's, in the lab's order."""
        yield self.operator
        for node in self.lab.nodes.values():
            if node.kind == "router":
                yield self.console(node.name)

    def alive(self, console: Console) -> bool:
        """Whether a console's router is switched on."""
        return console is self.operator or bool(console.session.node.powered)

    def name_of(self, console: Console) -> str:
        """Name the node that a console is at; "" for the operator."""
        return "" if console is self.operator else str(console.session.node.name)

    def unasked(self) -> list[tuple[str, str]]:
        """Give what consoles printed unasked since the last asking, in order of time: (node's name, row)."""
        found: list[tuple[int, int, str, str]] = []
        for place, node in enumerate(self.lab.nodes.values()):
            if node.kind != "router":
                continue
            boots, mark = self._marks.get(node.name, (0, 0))
            entries, mark = node.log.since(mark if boots == node.boots else 0)
            self._marks[node.name] = node.boots, mark
            found += [
                (each.when, place, node.name, each.text) for each in entries if node.log.on_console(each)
            ]
        found.sort(key=lambda item: item[:2])
        return [(name, text) for _, _, name, text in found]

    # -- what commands ask of a front

    def request(self, request: Request) -> list[str]:
        """Do what a command asks of its front; gives rows to show below it. A front may do more itself."""
        match request.what:
            case "open":
                return self.open(str(request.value))
            case "connect":
                self.current = self.console(str(request.value))
            case "disconnect":
                self.current = self.operator
            case "quit":
                self._end_captures()
                self.left = True
            case "speed" if request.value is None:
                follows = "follows the wall clock" if self.speed else "moves when it is told to"
                return [f"Speed {self.speed:g}: the clock {follows}"]
            case "speed":
                self.speed = float(str(request.value))
            case "restored":
                self._restored()
            case "show":
                return [str(row) for row in cast("Iterable[object]", request.value)]
            case "capture":
                return self._capture(cast("Capture", request.value))
            case "capture stop":
                return self._end_captures()
            case "captures":
                from iosemu.features.operator import capture  # noqa: PLC0415 - rare

                return list(capture.listing(self.captures))
            case "save":
                return self._save(cast("str | None", request.value))
            case _:
                pass
        return []

    def open(self, name: str) -> list[str]:
        """Open a lab in place of the one that is open; gives what there is to complain of.

        UsageError, and the old lab still there, when it can't be opened.
        """
        self.lab = Lab.load(name, state=self.state, base=self.base)
        self._end_captures()
        self.captures.clear()
        session = self.operator.session
        session.node = self.lab
        session.stack[0] = session.stack[0]._replace(target=self.lab)
        self._consoles.clear()
        self._marks.clear()
        self.current = self.operator
        return complaints(self.lab)

    def _restored(self) -> None:
        """See to consoles after a restore: forget what they asked, leave the modes of what is gone."""
        for name, (boots, console) in tuple(self._consoles.items()):
            console.cancel()
            if console.session.attended and not console.session.ended:
                console.session.tty.occupy(self.lab.clock.now)  # sessions stay outside checkpoints
            node = self.lab.nodes[name]
            if boots != node.boots:
                del self._consoles[name]
                continue
            stack = console.session.stack
            there = (node, *node.interfaces.values())
            kept = next((at for at, place in enumerate(stack) if place.target not in there), len(stack))
            del stack[kept:]
        for node in self.lab.nodes.values():
            # Of those who came over the network nobody is left.
            for tty in node.part(TTYs).lines:
                if tty.callers:
                    tty.vacate()
        self._marks = {node.name: (node.boots, node.log.mark) for node in self.lab.nodes.values()}

    # -- files that the operator asks for

    def _path(self, name: str) -> Path:
        """Find a file that a user named: a relative name starts from the desk's folder."""
        return Path(self.base or "", os.path.expanduser(name))  # noqa: PTH111 - `~nobody` stays as it is

    def _capture(self, wanted: Capture) -> list[str]:
        if any(each.running and each.name == wanted.name for each in self.captures):
            return [f"% {wanted.name} is being written already; capture stop ends it"]
        try:
            wanted.begin(self._path(wanted.name).open("wb"))
        except (OSError, ValueError) as fault:
            return [f"% {wanted.name}: {_reason(fault)}"]
        self.captures.append(wanted)
        return []

    def _end_captures(self) -> list[str]:
        running = [each for each in self.captures if each.running]
        for each in running:
            each.end()
        return [f"{each.name}: {each.frames} frames" for each in running] or ["% No capture is running"]

    def _save(self, folder: str | None) -> list[str]:
        """Write the running configurations, and for a folder the lab.yml, too; gives what was written."""
        topology = self.lab.topology
        if topology is None:
            return ["% No lab is open; open LAB"]
        try:
            return self._write_lab(topology, None if folder is None else self._path(folder))
        except UsageError as fault:
            return [f"% {fault}"]
        except (OSError, ValueError) as fault:
            return [f"% {getattr(fault, 'filename', None) or folder}: {_reason(fault)}"]

    def _write_lab(self, topology: Topology, folder: Path | None) -> list[str]:
        from iosemu.features.operator import save  # noqa: PLC0415 - rare

        lab = self.lab
        routers = [node for node in lab.nodes.values() if node.kind == "router"]
        if any(not node.powered for node in routers):
            off = ", ".join(node.name for node in routers if not node.powered)
            raise UsageError(f"Without power there is no running configuration: {off} must be on")
        place = topology.folder if folder is None else folder
        if place.resolve().is_relative_to(resources.folder("configs").resolve()):
            raise UsageError("The shipped labs stay as they are; give a folder: save FOLDER")
        written: dict[Path, str] = {}
        if folder is None:
            for name, path in own_files(topology).items():
                written[path] = save.configuration(grammar(), lab[name])
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for node in routers:
                written[folder / f"{node.name}.cfg"] = save.configuration(grammar(), node)
            # The last of all: a folder with a lab.yml is whole.
            written[folder / save.TOPOLOGY] = save.description(lab, topology)
        for path, text in written.items():
            draft = path.with_name(f"{path.name}.new")
            draft.write_text(text, "utf-8")
            draft.replace(path)
        return [f"Written: {choice(path.name for path in written)}"]


def own_files(topology: Topology) -> dict[str, Path]:
    """Give the startup-config file that each router has to itself; UsageError when one has not just that."""
    found: dict[str, Path] = {}
    for spec in topology.nodes:
        startup = getattr(spec, "startup", None)
        if startup is None:
            continue
        if len(startup) != 1 or startup[0] in found.values():
            raise UsageError(
                f"{spec.name} has not one startup-config file to itself; give a folder: save FOLDER"
            )
        found[spec.name] = startup[0]
    return found


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault)
