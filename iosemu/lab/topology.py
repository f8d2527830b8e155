"""`lab.yml`, read strictly: the nodes of a lab, what each is given, and the segments that join them.

The rule it keeps: what is not understood is refused, in one line, `FILE:LINE: where: what; allowed: ...`.
A word is taken as it is written (`spi: 200` is the text 200, a node may be called NO): no guess of YAML at a
type reaches a lab. The text is read as YAML *events*: PyYAML composes trees without a bound on recursion, and
in C some thousand open brackets end the process; and events are where tags and aliases can be refused.
Nothing here builds a lab or reads a configuration: `startup-config` files are only seen to be there.
"""

from __future__ import annotations

import json
import os.path
import re
from typing import TYPE_CHECKING, Any, NoReturn

from iosemu.addresses import IPv4, Prefix
from iosemu.lab.interface import KINDS
from iosemu.parser.cache import kept
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yaml import Event

CLOCK = 1_014_940_800
"""Second 0 of a lab that names no clock: 1 March 2002, 00:00:00 UTC."""

DELAY = 1_000
"""What a link takes by default, microseconds."""

LARGEST = 4 * 1024 * 1024
"""Octets a lab.yml may have: room for tens of thousands of nodes, and a wrong file is refused at once."""

_DEEPEST = 8
_CABLED = {kind.name.lower(): kind for kind in KINDS if kind.ethernet and not kind.virtual}
_UNCABLED = {kind.name.lower() for kind in KINDS} - _CABLED.keys()
_NODE = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_CLOCK = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_LENGTH = re.compile(r"[1-9]|[12]\d|3[0-2]", re.ASCII)
_DELAY = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?(us|ms|s)", re.ASCII)
_LOSS = re.compile(r"\d{1,9}(?:\.\d{1,18})?", re.ASCII)
_PORT = re.compile(r"([A-Za-z]+)((0|[1-9]\d{0,3})(?:/(?:0|[1-9]\d{0,3})){0,2})", re.ASCII)
_HOSTNAME = re.compile(rb"^[ \t]*hostname[ \t]+(\S+)", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"^[ \t]*end[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# The very pattern of PyYAML: its 6 ms of compiling are spent once for both, and only on a file that is new.
_UNPRINTABLE = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000}


class TopologyError(ValueError):
    """A lab file that cannot be used: `file`, `line` (1 for the file as a whole) and `message`."""

    def __init__(self, file: Path, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


class RouterSpec(NamedTuple):
    """A router, and the files of its startup-config in the order in which they are read."""

    name: str
    startup: tuple[Path, ...] = ()


class HostSpec(NamedTuple):
    """A host: its address, the length of its prefix, its default gateway, the segment it is on."""

    name: str
    address: IPv4
    length: int
    gateway: IPv4
    segment: str


class MobileNodeSpec(NamedTuple):
    """A mobile node and its association with the home agent; `lifetime` in seconds, `flags` upper case = set.

    `key` is the key as octets: 16 of a hex key, the characters themselves (1 to 16) of an ascii one.
    """

    name: str
    home_address: IPv4
    length: int
    home_agent: IPv4
    spi: int
    key: bytes
    segment: str
    gateway: IPv4 | None = None
    lifetime: int = 36_000
    flags: str = "sbdmgvt"
    colocated_address: IPv4 | None = None
    algorithm: str = "md5"


class Link(NamedTuple):
    """A segment: (router, interface) pairs, delay in microseconds, the share of frames that is lost."""

    segment: str
    endpoints: tuple[tuple[str, str], ...] = ()
    delay: int = DELAY
    loss: float = 0.0


NodeSpec = RouterSpec | HostSpec | MobileNodeSpec


class Topology(NamedTuple):
    """A lab as it is written, in the order of its file; `clock` in seconds of the Unix epoch."""

    name: str
    path: Path
    clock: int
    nodes: tuple[NodeSpec, ...]
    links: tuple[Link, ...]

    @property
    def folder(self) -> Path:
        """Where the lab's files are."""
        return self.path.parent

    @classmethod
    def of_config(cls, path: Path) -> Topology:
        """Give the lab that a bare configuration makes: one router, no links, called by its `hostname`.

        What stands below `end` is not read at boot, and names nothing. Without a `hostname` that a node may
        have, lab and router are called `Router`.
        """
        written = _HOSTNAME.findall(_END.split(_octets(path), 1)[0])
        name = written[-1].decode("ascii", "replace") if written else ""
        if not _NODE.fullmatch(name) or name.lower() == "lab":
            name = "Router"
        return cls(name, path, CLOCK, (RouterSpec(name, (path,)),), ())


def read(path: Path, cache: Path | None = None) -> Topology:
    """Read a lab.yml; TopologyError names the first thing in it that is wrong.

    In `cache`, a folder that may be written, the file's words are kept as JSON until it changes: to import
    PyYAML and parse a small file takes 16 of the 80 ms of a start. They are judged each time.
    """
    document = _Document(path)
    text = document.text()
    root = kept(cache, "lab", path, text, make=lambda: _dumped(document.root(text)), read=_loaded)
    return _Reading(path).topology(root)


def _octets(path: Path) -> bytes:
    """Give what a file holds, if it is a file of at most LARGEST octets."""
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises on a name that is too long
        raise TopologyError(path, 1, "this is a folder; allowed: a file")
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        raise TopologyError(path, 1, "there is no such file")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise TopologyError(path, 1, f"cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise TopologyError(path, 1, f"too large; allowed: {LARGEST} octets")
    return data


class _Scalar(NamedTuple):
    """A word as it is written, quotes taken off; `where` it stands is a path such as `topology.nodes.HA1`."""

    line: int
    where: str
    text: str


class _Sequence(NamedTuple):
    """A list of the file."""

    line: int
    where: str
    items: tuple[_Value, ...]


class _Mapping(NamedTuple):
    """A mapping of the file; no key stands twice."""

    line: int
    where: str
    entries: tuple[tuple[_Scalar, _Value], ...]


_Value = _Scalar | _Sequence | _Mapping


def _dumped(root: _Value) -> str:
    """Write a tree as JSON: of each value its line, where it stands, and what it holds."""

    def plain(value: _Value) -> list[object]:
        line, where, held = value
        if isinstance(value, _Scalar):
            return [line, where, held]
        if isinstance(value, _Sequence):
            return [line, where, [plain(item) for item in value.items]]
        return [line, where, [plain(inner) for _, inner in value.entries], [key for key, _ in value.entries]]

    return json.dumps(plain(root), separators=(",", ":"))


def _loaded(text: str) -> _Value:
    """Read what `_dumped` wrote; ValueError or TypeError: it is not that."""

    def value(data: Any) -> _Value:
        line, where, held, *keys = data
        if isinstance(held, str):
            return _Scalar(line, where, held)
        items = tuple(value(each) for each in held)
        if keys:
            return _Mapping(line, where, tuple(zip((_Scalar(*key) for key in keys[0]), items, strict=True)))
        return _Sequence(line, where, items)

    return value(json.loads(text))


class _Document:
    """The one YAML document of a file as a tree of words, lists and mappings."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def root(self, text: str) -> _Value:
        """Read the file's text; what is no plain document of at most `_DEEPEST` levels is refused."""
        import yaml  # noqa: PLC0415 - 15 ms that only a lab from a new file has to pay

        found = re.search(_UNPRINTABLE, text)
        if found:
            line = 1 + text.count("\n", 0, found.start())
            message = f"the character U+{ord(found[0]):04X} stands here; allowed: plain text"
            raise TopologyError(self.path, line, message)
        root = None
        try:
            events = iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        self._refuse(event, "a second document begins here; allowed: one")
                    root = self._value(next(events), events, "", 1)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            # An end that comes too early is reported on the line after the last.
            line = 1 + min(mark.line if mark else 0, text.count("\n", 0, len(text) - 1))
            raise TopologyError(self.path, line, f"no YAML: {error.problem or error.context}") from None
        if root is None:
            raise TopologyError(self.path, 1, "the file is empty; allowed: name, topology, clock")
        return root

    def text(self) -> str:
        """Decode the file: UTF-8."""
        data = _octets(self.path)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = 1 + data.count(b"\n", 0, error.start)
            raise TopologyError(self.path, line, "this is no text; allowed: UTF-8") from None
        return text

    def _refuse(self, event: Event, message: str) -> NoReturn:
        raise TopologyError(self.path, _line(event), message)

    def _value(self, event: Event, events: Iterator[Event], where: str, depth: int) -> _Value:
        """Build the value that begins with an event, drawing the rest of it from those that follow."""
        import yaml  # noqa: PLC0415 - `root` has imported it

        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "an anchor (&) or alias (*) stands here; allowed: the value written out")
        if getattr(event, "tag", None):
            self._refuse(event, "a tag (!) stands here; allowed: plain values")
        if depth > _DEEPEST:
            self._refuse(event, f"nested too deeply; allowed: {_DEEPEST} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[_Value] = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self._value(event, events, f"{where}[{len(items)}]", depth + 1))
            return _Sequence(line, where, tuple(items))
        if isinstance(event, yaml.MappingStartEvent):
            entries: dict[str, tuple[_Scalar, _Value]] = {}
            while not isinstance(event := next(events), yaml.MappingEndEvent):
                key = self._value(event, events, where, depth + 1)
                if not isinstance(key, _Scalar) or not key.text:
                    self._refuse(event, "this is no key; allowed: a word and a colon")
                if key.text in entries:
                    first = entries[key.text][0].line
                    self._refuse(event, f"{_shown(key.text)} is on line {first} already; allowed: once")
                within = f"{where}.{key.text}" if where else key.text
                entries[key.text] = (key, self._value(next(events), events, within, depth + 1))
            return _Mapping(line, where, tuple(entries.values()))
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the only event left
        return _Scalar(line, where, event.value)


def _line(event: Event) -> int:
    """Give the line an event begins on, counted from 1."""
    return 1 + (event.start_mark.line if event.start_mark else 0)


def _shown(text: str) -> str:
    """Quote what somebody wrote so that it stays short and on one line."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _any_of(words: list[str]) -> str:
    """Name what there is to choose from; of a long list the beginning."""
    return ", ".join(words[:12]) + (", ..." if len(words) > 12 else "") if words else "none, there is none"


_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "router": (("kind",), ("startup-config",)),
    "host": (("kind", "address", "gateway", "segment"), ()),
    "mobile-node": (
        ("kind", "home-address", "home-agent", "spi", "key", "segment"),
        ("gateway", "lifetime", "flags", "colocated-address", "algorithm"),
    ),
}
_KINDS = ", ".join(_KEYS)
_STATION = "a station's IPv4 address, such as 1.0.0.10"
_PREFIXED = "a station's IPv4 address and prefix length, such as 1.0.0.100/8"
_BELOW = "a file in the lab's folder or below it"


class _Reading:
    """One lab.yml while it is read: what must be known of other lines to judge one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kinds: dict[str, str] = {}
        self.attached: list[_Scalar] = []
        self.ports: dict[tuple[str, str], int] = {}

    def topology(self, root: _Value) -> Topology:
        """Read the whole file."""
        top = self.mapping(root, ("name", "topology"), ("clock",))
        name = self.matched(top["name"], _WORD, "letters, digits, '.', '_' and '-', at most 63")[0]
        clock = self.clock(top["clock"]) if "clock" in top else CLOCK
        body = self.mapping(top["topology"], ("nodes",), ("links",))
        nodes = self.nodes(body["nodes"])
        links = self.links(body["links"]) if "links" in body else ()
        segments = [link.segment for link in links]
        known = dict.fromkeys(segments)
        for segment in self.attached:
            if segment.text not in known:
                problem = f"there is no segment {_shown(segment.text)} in links"
                self.refuse(segment, problem, _any_of(segments))
        return Topology(name, self.path, clock, nodes, links)

    # -- the forms of values

    def refuse(self, value: _Value, problem: str, allowed: str) -> NoReturn:
        """Say what is wrong with a value, and what is allowed."""
        where = f"{value.where}: " if value.where else ""
        raise TopologyError(self.path, value.line, f"{where}{problem}; allowed: {allowed}")

    def mapping(
        self, value: _Value, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, _Value]:
        """Read a mapping whose keys are known."""
        allowed = ", ".join((*required, *optional))
        found = {}
        for key, inner in self.entries(value, allowed):
            if key.text not in required and key.text not in optional:
                self.refuse(key, f"unknown key {_shown(key.text)}", allowed)
            found[key.text] = inner
        for wanted in required:
            if wanted not in found:
                self.refuse(value, f"{wanted} is missing", allowed)
        return found

    def entries(self, value: _Value, allowed: str) -> tuple[tuple[_Scalar, _Value], ...]:
        """Read the pairs of a mapping."""
        if not isinstance(value, _Mapping):
            self.refuse(value, "this is no mapping", allowed)
        return value.entries

    def items(self, value: _Value, allowed: str) -> tuple[_Value, ...]:
        """Read the items of a list."""
        if not isinstance(value, _Sequence):
            self.refuse(value, "this is no list", allowed)
        return value.items

    def word(self, value: _Value, allowed: str) -> _Scalar:
        """Read a word."""
        if not isinstance(value, _Scalar):
            self.refuse(value, "this is not one word", allowed)
        if not value.text:
            self.refuse(value, "nothing is written here", allowed)
        return value

    def matched(self, value: _Value, pattern: re.Pattern[str], allowed: str) -> re.Match[str]:
        """Read a word that has a form."""
        word = self.word(value, allowed)
        return pattern.fullmatch(word.text) or self.wrong(word, allowed)

    def wrong(self, word: _Scalar, allowed: str) -> NoReturn:
        """Refuse a word."""
        self.refuse(word, f"{_shown(word.text)} will not do", allowed)

    def clock(self, value: _Value) -> int:
        """Read second 0 into seconds of the Unix epoch; the years are those of `clock set`."""
        import datetime as dt  # noqa: PLC0415 - few labs name a clock

        allowed = "YYYY-MM-DD HH:MM:SS (UTC), 1993 to 2035"
        year, *rest = (int(part) for part in self.matched(value, _CLOCK, allowed).groups())
        month, day, hour, minute, second = rest
        try:
            moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
        except ValueError:
            self.wrong(self.word(value, allowed), allowed)
        if not 1993 <= year <= 2035:
            self.wrong(self.word(value, allowed), allowed)
        return int(moment.timestamp())

    # -- addresses

    def address(self, value: _Value) -> IPv4:
        """Read the address of a station."""
        word = self.word(value, _STATION)
        return self.station(word, word.text, _STATION)

    def station(self, word: _Scalar, text: str, allowed: str) -> IPv4:
        """Make an address of the text of one, if a station can have it."""
        try:
            address = IPv4.parse(text)
        except ValueError:
            self.wrong(word, allowed)
        if not 1 <= address >> 24 <= 223 or address >> 24 == 127:
            self.refuse(word, f"{address} is no station's address", allowed)
        return address

    def prefixed(self, value: _Value) -> tuple[IPv4, int]:
        """Read `A.B.C.D/LENGTH`, neither the first nor the last address of its network."""
        word = self.word(value, _PREFIXED)
        text, _, length = word.text.partition("/")
        if not _LENGTH.fullmatch(length):
            self.wrong(word, _PREFIXED)
        address = self.station(word, text, _PREFIXED)
        network = Prefix.of(address, int(length))
        if network.length <= 30 and address in {network.network, network.broadcast}:
            which = "network" if address == network.network else "broadcast"
            self.refuse(word, f"{address} is the {which} address of {network}", _PREFIXED)
        return address, network.length

    def gateway(self, value: _Value, address: IPv4, length: int) -> IPv4:
        """Read a gateway: another station on the network of an address."""
        network = Prefix.of(address, length)
        gateway = self.address(value)
        if gateway not in network or gateway == address:
            self.refuse(value, f"{gateway} cannot be a gateway here", f"another address of {network}")
        return gateway

    # -- nodes

    def nodes(self, value: _Value) -> tuple[NodeSpec, ...]:
        """Read the nodes; their names differ in more than case, for NVRAM is kept in files by name."""
        entries = self.entries(value, "NAME: {kind: ...}")
        if not entries:
            self.refuse(value, "there is no node", "NAME: {kind: ...}")
        first: dict[str, _Scalar] = {}
        nodes = []
        for key, inner in entries:
            name = key.text
            if not _NODE.fullmatch(name):
                allowed = "letters, digits and hyphens, at most 63, a letter first, no hyphen last"
                self.refuse(key, f"{_shown(name)} is no hostname", allowed)
            if name.lower() == "lab":
                self.refuse(key, f"{name} is the operator's own name", "any other hostname")
            twin = first.setdefault(name.lower(), key)
            if twin is not key:
                problem = f"{name} and {twin.text} (line {twin.line}) are one name"
                self.refuse(key, problem, "names that differ in more than case")
            nodes.append(self.node(name, inner))
        return tuple(nodes)

    def node(self, name: str, value: _Value) -> NodeSpec:
        """Read one node according to its kind."""
        written = {key.text: inner for key, inner in self.entries(value, f"kind: {_KINDS}")}
        if "kind" not in written:
            self.refuse(value, "kind is missing", _KINDS)
        kind = self.word(written["kind"], _KINDS)
        if kind.text not in _KEYS:
            self.wrong(kind, _KINDS)
        self.kinds[name] = kind.text
        given = self.mapping(value, *_KEYS[kind.text])
        if kind.text == "router":
            startup = given.get("startup-config")
            return RouterSpec(name, self.startup(startup) if startup else ())
        segment = self.word(given["segment"], "a segment of links")
        self.attached.append(segment)
        if kind.text == "host":
            address, length = self.prefixed(given["address"])
            gateway = self.gateway(given["gateway"], address, length)
            return HostSpec(name, address, length, gateway, segment.text)
        return self.mobile_node(name, given, segment.text)

    def startup(self, value: _Value) -> tuple[Path, ...]:
        """Read one file name or a list of them, in the lab's folder or below, so that a lab moves whole."""
        folder = self.path.parent
        files = []
        for item in value.items if isinstance(value, _Sequence) else (value,):
            name = self.word(item, f"{_BELOW}, or a list of them")
            file = folder / name.text
            if not file.is_relative_to(folder) or ".." in file.relative_to(folder).parts:
                self.refuse(name, f"{_shown(name.text)} is elsewhere", _BELOW)
            if not os.path.isfile(file):  # noqa: PTH113 - as in `_octets`
                folded = os.path.isdir(file)  # noqa: PTH112 - as in `_octets`
                problem = "is a folder" if folded else "does not exist"
                self.refuse(name, f"{_shown(name.text)} {problem}", _BELOW)
            files.append(file)
        return tuple(files)

    def mobile_node(self, name: str, given: dict[str, _Value], segment: str) -> MobileNodeSpec:
        """Read what a mobile node is given."""
        home_address, length = self.prefixed(given["home-address"])
        home_agent = self.address(given["home-agent"])
        spi, key = self.spi(given["spi"]), self.key(given["key"])
        spec = MobileNodeSpec(name, home_address, length, home_agent, spi, key, segment)
        if "gateway" in given:
            spec = spec._replace(gateway=self.gateway(given["gateway"], home_address, length))
        if "lifetime" in given:
            allowed = "3 to 65535 seconds"
            lifetime = int(self.matched(given["lifetime"], re.compile("[1-9][0-9]{0,4}"), allowed)[0])
            if not 3 <= lifetime <= 65_535:
                self.wrong(self.word(given["lifetime"], allowed), allowed)
            spec = spec._replace(lifetime=lifetime)
        if "flags" in given:
            pattern = re.compile("[sS][bB][dD][mM][gG][vV][tT]")
            flags = self.matched(given["flags"], pattern, "the letters sbdmgvt, upper case = set")[0]
            spec = spec._replace(flags=flags)
        if "colocated-address" in given:
            spec = spec._replace(colocated_address=self.address(given["colocated-address"]))
        if "algorithm" in given:
            algorithm = self.matched(given["algorithm"], re.compile("md5|hmac-md5"), "md5, hmac-md5")[0]
            spec = spec._replace(algorithm=algorithm)
        return spec

    def spi(self, value: _Value) -> int:
        """Read a security parameter index: hexadecimal, as on IOS; 0 to FF are reserved (RFC 2002 §3.5.1)."""
        allowed = "hexadecimal 100 to FFFFFFFF"
        spi = int(self.matched(value, re.compile("[0-9A-Fa-f]{1,8}"), allowed)[0], 16)
        return spi if spi >= 0x100 else self.wrong(self.word(value, allowed), allowed)

    def key(self, value: _Value) -> bytes:
        """Read a key: 128 bits in hexadecimal, or the characters that `key ascii` takes on IOS."""
        given = self.mapping(value, (), ("hex", "ascii"))
        if len(given) != 1:
            self.refuse(value, "one key is wanted", "hex or ascii")
        if "hex" in given:
            pattern = re.compile("[0-9A-Fa-f]{32}")
            return bytes.fromhex(self.matched(given["hex"], pattern, "32 hexadecimal digits")[0])
        allowed = "1 to 16 ASCII characters without blanks"
        return self.matched(given["ascii"], re.compile("[!-~]{1,16}"), allowed)[0].encode("ascii")

    # -- links

    def links(self, value: _Value) -> tuple[Link, ...]:
        """Read the links; a segment stands once, and so does a port."""
        links = []
        lines: dict[str, int] = {}
        for item in self.items(value, "{segment: NAME, endpoints: [NODE:Interface, ...]}"):
            given = self.mapping(item, ("segment",), ("endpoints", "delay", "loss"))
            allowed = "letters, digits, '.', '_' and '-', at most 63"
            segment = self.matched(given["segment"], _WORD, allowed)[0]
            if segment in lines:
                problem = f"{segment} is on line {lines[segment]} already"
                self.refuse(given["segment"], problem, "one link with all its endpoints")
            lines[segment] = given["segment"].line
            listed = self.items(given["endpoints"], "NODE:Interface") if "endpoints" in given else ()
            endpoints = tuple(self.endpoint(end) for end in listed)
            delay = self.delay(given["delay"]) if "delay" in given else DELAY
            loss = self.loss(given["loss"]) if "loss" in given else 0.0
            links.append(Link(segment, endpoints, delay, loss))
        return tuple(links)

    def endpoint(self, value: _Value) -> tuple[str, str]:
        """Read `NODE:Interface`, the kind of interface in full and in any case."""
        word = self.word(value, "NODE:Interface")
        node, _, interface = word.text.partition(":")
        if not node or not interface:
            self.wrong(word, "NODE:Interface, such as HA1:Ethernet0")
        kind = self.kinds.get(node)
        if kind is None:
            routers = [name for name, kind in self.kinds.items() if kind == "router"]
            self.refuse(word, f"there is no node {_shown(node)}", _any_of(routers))
        if kind != "router":
            self.refuse(word, f"{node} is a {kind}", "routers; a node of its kind has its own `segment`")
        found = _PORT.fullmatch(interface)
        cable = _CABLED.get(found[1].lower()) if found else None
        if not found or not cable or not cable.first <= int(found[3]) <= cable.last:
            names = ", ".join(known.name for known in _CABLED.values())
            known = found and found[1].lower() in _UNCABLED  # a serial line, say: HDLC is not built
            problem = f"{_shown(interface)} {'takes no cable here' if known else 'is no port'}"
            self.refuse(word, problem, f"{names}, in full, with a number, such as Ethernet0")
        port = (node, cable.name + found[2])
        if port in self.ports:
            problem = f"{':'.join(port)} is on line {self.ports[port]} already"
            self.refuse(word, problem, "one segment for a port")
        self.ports[port] = word.line
        return port

    def delay(self, value: _Value) -> int:
        """Read how long a frame takes, into microseconds; never 0, for then nothing would come first."""
        allowed = "a number with us, ms or s, 1us to 60s"
        number, unit = self.matched(value, _DELAY, allowed).groups()
        delay = round(float(number) * _MICROSECONDS[unit])
        return delay if 1 <= delay <= 60_000_000 else self.wrong(self.word(value, allowed), allowed)

    def loss(self, value: _Value) -> float:
        """Read the share of frames that is lost."""
        allowed = "0 (none) to 1 (all), such as 0.05"
        loss = float(self.matched(value, _LOSS, allowed)[0])
        return loss if loss <= 1 else self.wrong(self.word(value, allowed), allowed)
