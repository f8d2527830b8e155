"""`ping`: its short form, and the dialogue that it has when it is typed alone (ios-shell.md §7)."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, Text, Wait, command
from iosemu.features.ip.dialogue import (
    ask_numbers,
    ask_options,
    ask_source,
    ask_sure,
    ask_target,
    next_instant,
    source_of,
)
from iosemu.features.ip.names import resolve, unknown
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import ANY
from iosemu.lab.ping import ANSWERED, LOST, Pings
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.ping import Ping, Result
    from iosemu.lab.router import Node

    Dialogue = Generator[Output, str, "Echoes | None"]

UNKNOWN = "% Unrecognized host or address, or protocol not running."
ROW = 70
"""How many symbols stand in a row."""
PATTERN = 0xABCD
"""What requests are filled with."""


class Echoes(NamedTuple):
    """What a ping sends; `sizes` is a range when they are swept."""

    target: IPv4
    repeat: int = 5
    sizes: range = range(100, 101)
    timeout: int = 2
    """In seconds."""
    source: IPv4 = ANY
    tos: int = 0
    dont_fragment: bool = False
    validate: bool = False
    pattern: int = PATTERN
    verbose: bool = False
    """Whether each reply has a row, in place of a symbol."""


@command("exec", "ping")
def ping(
    session: Session,
    *,
    ip: bool = False,
    host: IPv4 | str | None = None,
    data: int = PATTERN,
    df_bit: bool = False,
    repeat: int | None = None,
    size: int = 100,
    source: bool = False,
    source_address: IPv4 | None = None,
    source_interface: str | None = None,
    timeout: int = 2,
    validate: bool = False,
) -> Reply:
    """Send echo requests, and show what comes of each."""
    del ip, source
    if host is None:
        wanted = yield from _ask(session)
        if wanted is not None:
            yield from send(session.node, wanted)
        return
    target = resolve(session.node, host)
    if target is None:
        yield from unknown(session, host, UNKNOWN)
        return
    origin = source_of(session.node, source_address, source_interface)
    if isinstance(origin, str):
        yield origin
        return
    sizes = range(size, size + 1)
    if repeat is None:
        repeat = 1 if target >> 28 == 0xE else 5  # a group is asked once
    yield from send(session.node, Echoes(target, repeat, sizes, timeout, origin, 0, df_bit, validate, data))


def send(node: Node, echoes: Echoes) -> Reply:
    """Send echo requests from a node; closing this generator aborts them, an interruption sums up those sent [U]."""
    if not any(port.up and port.address for port in node.interfaces.values()):
        yield UNKNOWN
        return
    sizes = echoes.sizes
    total = echoes.repeat * len(sizes)
    length = f"{sizes[0]}" if len(sizes) == 1 else f"[{sizes[0]}..{sizes[-1]}]"
    yield ""  # 12.x has this row (ios-shell.md §0.9)
    yield "Type escape sequence to abort."
    timeout = f"timeout is {echoes.timeout} seconds:"
    yield f"Sending {total}, {length}-byte ICMP Echos to {echoes.target}, {timeout}"
    if echoes.source:
        yield f"Packet sent with a source address of {echoes.source} "
    if echoes.dont_fragment:
        yield "Packet sent with the DF bit set"
    if echoes.validate:
        yield "Reply data will be validated"
    if echoes.pattern != PATTERN:
        yield f"Packet has data pattern 0x{echoes.pattern:04X}"
    if node.ip.is_many(echoes.target):
        yield from _send_to_many(node, echoes)
        return
    shown = 0
    times: list[int] = []
    try:
        for size, count in _rounds(echoes):
            with closing(_results(node, echoes, size, count)) as results:
                for result in results:
                    if isinstance(result, Wait):
                        yield result
                        continue
                    if result.symbol == ANSWERED:
                        times.append(_milliseconds(result))
                    shown += 1
                    if echoes.verbose:
                        swept = f" (size {size})" if len(sizes) > 1 else ""
                        yield _told(shown - 1, result) + swept
                        continue
                    yield Text(result.symbol)
                    if shown % ROW == 0 or shown == total:
                        yield ""
    except KeyboardInterrupt:
        if not echoes.verbose:
            yield Text(".")  # the one that an answer was awaited for
            yield ""
        total = shown + 1
    rate = f"Success rate is {len(times) * 100 // max(total, 1)} percent ({len(times)}/{total})"
    if times:
        rate += f", round-trip min/avg/max = {min(times)}/{sum(times) // len(times)}/{max(times)} ms"
    yield rate


def _send_to_many(node: Node, echoes: Echoes) -> Reply:
    """Ping a group, or everybody: each answer has a row, each request that has none is a `.`."""
    yield ""
    for size, count in _rounds(echoes):
        timeout = echoes.timeout * SECOND
        pings, boots = node.part(Pings), node.boots
        running = _start(node, echoes, size, count, many=True)
        answered, open_ = 0, False
        try:
            for number in range(count):
                end = running.sent[0] + (number + 1) * timeout
                while node.now < end and node.boots == boots:
                    while running.replies:
                        of, result = running.replies.pop(0)
                        if open_:
                            yield ""
                            open_ = False
                        answered = of + 1
                        yield f"Reply to request {of} from {result.sender}, {_milliseconds(result)} ms"
                    yield next_instant(node.lab, end)
                if answered <= number:
                    yield Text(LOST)
                    open_ = True
        finally:
            pings.stop(running)
        if open_:
            yield ""


def _milliseconds(result: Result) -> int:
    return max(1, (result.time + 500) // 1000)


def _start(node: Node, echoes: Echoes, size: int, count: int, *, many: bool = False) -> Ping:
    timeout = echoes.timeout * SECOND
    return node.part(Pings).start(
        echoes.target,
        source=echoes.source,
        count=count,
        size=size,
        timeout=timeout,
        interval=timeout if many else None,
        tos=echoes.tos,
        dont_fragment=echoes.dont_fragment,
        pattern=echoes.pattern.to_bytes(2, "big"),
        many=many,
    )


def _rounds(echoes: Echoes) -> Iterator[tuple[int, int]]:
    """Give sizes, and how many requests of each are sent before the next."""
    if len(echoes.sizes) == 1:
        yield echoes.sizes[0], echoes.repeat
        return
    for _ in range(echoes.repeat):
        for size in echoes.sizes:
            yield size, 1


def _told(number: int, result: Result) -> str:
    """Say in a row what came of a request (words of errors from memory)."""
    if result.symbol == ANSWERED:
        return f"Reply to request {number} ({_milliseconds(result)} ms)"
    if result.symbol == LOST:
        return f"Request {number} timed out"
    if result.symbol == "M":
        return f"Unreachable from {result.sender}, maximum MTU {result.mtu}"
    return f"{'Time exceeded' if result.symbol == '&' else 'Unreachable'} from {result.sender}"


def _results(node: Node, echoes: Echoes, size: int, count: int) -> Generator[Result | Wait, None, None]:
    """Send requests of one size: yields what came of each, or what there is to wait for."""
    pings = node.part(Pings)
    running = _start(node, echoes, size, count)
    boots, shown = node.boots, 0
    try:
        while shown < count and node.boots == boots:
            if running.settled > shown:
                yield running.result(shown)
                shown += 1
            else:
                deadline = running.deadline()
                yield next_instant(node.lab, node.now if deadline is None else deadline)
    finally:
        pings.stop(running)


# -- the dialogue


def _ask(session: Session) -> Dialogue:
    asked = yield from ask_target(session, "ping", UNKNOWN)
    if asked is None:
        return None
    numbers = yield from ask_numbers(
        ("Repeat count", 5, 1, 2147483647),
        ("Datagram size", 100, 36, 18024),
        ("Timeout in seconds", 2, 0, 3600),
    )
    if numbers is None:
        return None
    count, size, timeout = numbers
    echoes = Echoes(asked[1], count, range(size, size + 1), timeout)
    if (yield from ask_sure("Extended commands", "n")):
        return (yield from _ask_more(session, echoes))
    return echoes


def _ask_more(session: Session, echoes: Echoes) -> Dialogue:
    source = yield from ask_source(session, "Source address or interface: ")
    if source is None:
        return None
    services = yield from ask_numbers(("Type of service", 0, 0, 255))
    if services is None:
        return None
    dont_fragment = yield from ask_sure("Set DF bit in IP header?", "no")
    validate = yield from ask_sure("Validate reply data?", "no")
    text = (yield Ask("Data pattern [0xABCD]: ")).strip().lower().removeprefix("0x") or "abcd"
    if not 1 <= len(text) <= 4 or set(text) - set("0123456789abcdef"):
        yield "% Invalid data pattern"
        return None
    verbose = yield from ask_options()
    if verbose is None:
        return None
    sizes: range | None = echoes.sizes
    if (yield from ask_sure("Sweep range of sizes", "n")):
        sizes = yield from _ask_sweep()
    if sizes is None:
        return None
    return echoes._replace(
        source=source,
        tos=services[0],
        dont_fragment=dont_fragment,
        validate=validate,
        pattern=int(text, 16),
        verbose=verbose,
        sizes=sizes,
    )


def _ask_sweep() -> Generator[Output, str, range | None]:
    low = yield from ask_numbers(("Sweep min size", 36, 36, 18024))
    high = low and (yield from ask_numbers(("Sweep max size", 18024, low[0], 18024)))
    step = high and (yield from ask_numbers(("Sweep interval", 1, 1, 18024)))
    return range(low[0], high[0] + 1, step[0]) if low and high and step else None
