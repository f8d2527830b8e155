"""What `ping` and `traceroute` share: what they ask when they are typed alone, their source, how they wait.

Questions: `reference/ios-shell.md` §7 for ping, traceroute's from memory. A wrong answer is told of in one row, and
ends the dialogue: the question's value is then None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Wait
from iosemu.features.ip.names import resolve
from iosemu.lab.ip import ANY

if TYPE_CHECKING:
    from collections.abc import Generator

    from iosemu.addresses import IPv4
    from iosemu.cli.command import Output
    from iosemu.cli.session import Session
    from iosemu.lab.lab import Lab
    from iosemu.lab.router import Node

OPTIONS = {"loose": "L", "strict": "S", "record": "R", "timestamp": "T", "verbose": "V"}
"""IP options by their words; `verbose` is none, but asked for with them."""


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


def ask_target(session: Session, name: str, unknown: str) -> Generator[Output, str, tuple[str, IPv4] | None]:
    """Ask for protocol and target: the target as it was typed, and its address."""
    protocol = (yield Ask("Protocol [ip]: ")).strip().lower()
    if not "ip".startswith(protocol):
        yield f'% Unknown protocol - "{protocol}", type "{name} ?" for help'
        return None
    host = (yield Ask("Target IP address: ")).strip()
    target = resolve(session.node, host)
    if target is None:
        yield "% Bad IP address" if not host else unknown
        return None
    return host, target


def ask_numbers(*questions: tuple[str, int, int, int]) -> Generator[Output, str, list[int] | None]:
    """Ask for numbers, each with its prompt, default, lowest and highest."""
    found: list[int] = []
    for prompt, default, low, high in questions:
        answer = (yield Ask(f"{prompt} [{default}]: ")).strip() or str(default)
        if not answer.isdecimal() or not low <= int(answer) <= high:
            yield f"% A decimal number between {low} and {high}."
            return None
        found.append(int(answer))
    return found


def ask_sure(prompt: str, default: str) -> Generator[Output, str, bool]:
    """Ask whether to do something; anything but a beginning of `yes` is no."""
    answer = (yield Ask(f"{prompt} [{default}]: ")).strip().lower()
    return bool(answer) and "yes".startswith(answer)


def ask_source(session: Session, prompt: str) -> Generator[Output, str, IPv4 | None]:
    """Ask for the address to send from, or an interface that has it."""
    node = session.node
    answer = (yield Ask(prompt)).strip()
    if not answer:
        return ANY
    address = resolve(node, answer)
    port = None if address is not None else node.find_interface(answer)
    found = source_of(node, address, port.name if port else None if address is not None else answer)
    if isinstance(found, str):
        yield found
        return None
    return found


def ask_options() -> Generator[Output, str, bool | None]:
    """Ask for IP options until no more are wanted; gives whether to be verbose.

    Packets with options are not sent here.
    """
    verbose = False
    while True:
        prompt = f"Loose, Strict, Record, Timestamp, Verbose[{'V' if verbose else 'none'}]: "
        answer = (yield Ask(prompt)).strip().lower()
        if not answer:
            return verbose
        chosen = [letter for word, letter in OPTIONS.items() if word.startswith(answer)]
        if chosen == ["V"]:
            verbose = True
        elif chosen:
            yield "% IP options are not supported by iosemu yet"
            return None
        else:
            yield "% Invalid option"
            return None
