"""`ping`: its short form, and the dialogue that it has when it is typed alone (ios-shell.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, Text, Wait, command
from iosemu.features.ip.names import resolve, unknown
from iosemu.lab.clock import SECOND
from iosemu.lab.ip import ANY
from iosemu.lab.ping import Pings
from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.lab import Lab
    from iosemu.lab.router import Node

    Dialogue = Generator[Output, str, "Echoes | None"]

UNKNOWN = "% Unrecognized host or address, or protocol not running."
ROW = 70
"""How many symbols stand in a row."""


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
    pattern: int = 0xABCD


def next_instant(lab: Lab, deadline: int) -> Wait:
    """Wait until anything happens in the lab, or a deadline has come."""
    # A front lets the lab go on only for an instant that is still to come, and what is due now (a packet to
    # ourselves) is not done yet.
    due = lab.clock.due()
    return Wait(max(deadline if due is None else min(due, deadline), lab.clock.now + 1))


def source_of(node: Node, address: IPv4 | None, interface: str | None) -> IPv4 | str:
    """Give the address to send from, or what is wrong with the one asked for (words from memory)."""
    if interface is not None:
        port = node.interfaces.get(interface)
        if port is None or port.address is None or not port.up:
            return "% Invalid source interface- IP not enabled or interface is down"
        return port.address[0]
    if address is not None and node.ip.owner(address) is None:
        return "% Invalid source address- IP address not on any of our up interfaces"
    return ANY if address is None else address


@command("exec", "ping")
def ping(
    session: Session,
    *,
    ip: bool = False,
    host: IPv4 | str | None = None,
    data: int = 0xABCD,
    df_bit: bool = False,
    repeat: int = 5,
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
    yield from send(session.node, Echoes(target, repeat, sizes, timeout, origin, 0, df_bit, validate, data))


def send(node: Node, echoes: Echoes) -> Reply:
    """Send echo requests from a node; whoever closes this generator aborts them."""
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
    shown = 0
    times: list[int] = []
    for size, count in _rounds(echoes):
        results = _results(node, echoes, size, count, times)
        for result in results:
            if isinstance(result, Wait):
                yield result
                continue
            yield Text(result)
            shown += 1
            if shown % ROW == 0 or shown == total:
                yield ""
    rate = f"Success rate is {len(times) * 100 // max(total, 1)} percent ({len(times)}/{total})"
    if times:
        rate += f", round-trip min/avg/max = {min(times)}/{sum(times) // len(times)}/{max(times)} ms"
    yield rate


def _rounds(echoes: Echoes) -> Iterator[tuple[int, int]]:
    """Give sizes, and how many requests of each are sent before the next."""
    if len(echoes.sizes) == 1:
        yield echoes.sizes[0], echoes.repeat
        return
    for _ in range(echoes.repeat):
        for size in echoes.sizes:
            yield size, 1


def _results(node: Node, echoes: Echoes, size: int, count: int, times: list[int]) -> Iterator[str | Wait]:
    """Send requests of one size: yields each one's symbol, or what there is to wait for.

    The times of those that were answered are added to `times` when all is done, in milliseconds.
    """
    pings = node.part(Pings)
    running = pings.start(
        echoes.target,
        source=echoes.source,
        count=count,
        size=size,
        timeout=echoes.timeout * SECOND,
        tos=echoes.tos,
        dont_fragment=echoes.dont_fragment,
        pattern=echoes.pattern.to_bytes(2, "big"),
    )
    boots, shown = node.boots, 0
    try:
        while shown < count and node.boots == boots:
            if running.settled > shown:
                yield from running.symbols(shown)
                shown = running.settled
            else:
                deadline = running.deadline()
                yield next_instant(node.lab, node.now if deadline is None else deadline)
    finally:
        pings.stop(running)
    times += [max(1, (time + 500) // 1000) for time in running.times]


# -- the dialogue


def _number(prompt: str, default: int, low: int, high: int) -> Generator[Output, str, int | None]:
    """Ask for a number; a wrong answer is told of, and gives None."""
    answer = (yield Ask(f"{prompt} [{default}]: ")).strip()
    if not answer:
        return default
    if answer.isdecimal() and low <= int(answer) <= high:
        return int(answer)
    yield f"% A decimal number between {low} and {high}."
    return None


def _sure(prompt: str, default: str) -> Generator[Output, str, bool]:
    answer = (yield Ask(f"{prompt} [{default}]: ")).strip().lower()
    return bool(answer) and "yes".startswith(answer)


def _ask(session: Session) -> Dialogue:
    protocol = (yield Ask("Protocol [ip]: ")).strip().lower()
    if not "ip".startswith(protocol):
        yield f'% Unknown protocol - "{protocol}", type "ping ?" for help'
        return None
    host = (yield Ask("Target IP address: ")).strip()
    target = resolve(session.node, host)
    if target is None:
        yield "% Bad IP address" if not host else UNKNOWN
        return None
    numbers = []
    for prompt, default, low, high in (
        ("Repeat count", 5, 1, 2147483647),
        ("Datagram size", 100, 36, 18024),
        ("Timeout in seconds", 2, 0, 3600),
    ):
        number = yield from _number(prompt, default, low, high)
        if number is None:
            return None
        numbers.append(number)
    count, size, timeout = numbers
    echoes = Echoes(target, count, range(size, size + 1), timeout)
    if (yield from _sure("Extended commands", "n")):
        return (yield from _ask_more(session, echoes))
    return echoes


def _ask_more(session: Session, echoes: Echoes) -> Dialogue:
    node = session.node
    answer = (yield Ask("Source address or interface: ")).strip()
    source = ANY
    if answer:
        address = resolve(node, answer)
        port = None if address is not None else node.find_interface(answer)
        found = source_of(node, address, port.name if port else None if address is not None else answer)
        if isinstance(found, str):
            yield found
            return None
        source = found
    tos = yield from _number("Type of service", 0, 0, 255)
    if tos is None:
        return None
    dont_fragment = yield from _sure("Set DF bit in IP header?", "no")
    validate = yield from _sure("Validate reply data?", "no")
    text = (yield Ask("Data pattern [0xABCD]: ")).strip().lower().removeprefix("0x") or "abcd"
    if not 1 <= len(text) <= 4 or set(text) - set("0123456789abcdef"):
        yield "% Invalid data pattern"
        return None
    # IP options are not sent by this lab: whatever is asked for, there are none.
    yield Ask("Loose, Strict, Record, Timestamp, Verbose[none]: ")
    sizes: range | None = echoes.sizes
    if (yield from _sure("Sweep range of sizes", "n")):
        sizes = yield from _ask_sweep()
    if sizes is None:
        return None
    return echoes._replace(
        source=source,
        tos=tos,
        dont_fragment=dont_fragment,
        validate=validate,
        pattern=int(text, 16),
        sizes=sizes,
    )


def _ask_sweep() -> Generator[Output, str, range | None]:
    low = yield from _number("Sweep min size", 36, 36, 18024)
    high = None if low is None else (yield from _number("Sweep max size", 18024, low, 18024))
    step = None if high is None else (yield from _number("Sweep interval", 1, 1, 18024))
    return None if low is None or high is None or step is None else range(low, high + 1, step)
