"""Debugging: which `debug` commands are on at a node, and the words of `show debugging` for them.

A feature declares what it can debug when it is imported, and asks `is_on` before it writes a row. The flags
are a part of the node: power takes them, a console that ends does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iosemu.lab.router import Node


class Flag(NamedTuple):
    """Something that can be debugged: the heading of `show debugging` it stands under, and its row there."""

    heading: str
    text: str
    begin: Callable[[Node], object] | None = None
    """What is to be done at a node when the flag is turned on."""


FLAGS: dict[str, Flag] = {}
"""All that can be debugged, by name (`standby events`); what `debug all` turns on."""


def declare(name: str, heading: str, text: str, begin: Callable[[Node], object] | None = None) -> None:
    """Make something known that can be debugged; ValueError when the name is taken."""
    if name in FLAGS:
        raise ValueError(f"two flags called {name!r}")
    FLAGS[name] = Flag(heading, text, begin)


class Debugging:
    """What turns debugging on and off at a node (a part of it); `node.debugs` holds what is on."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def start(self, name: str, detail: str = "") -> None:
        """Turn a declared flag on, limited or not; KeyError when it is not declared."""
        if (begin := FLAGS[name].begin) is not None:
            begin(self.node)
        self.node.debugs[name] = detail

    def stop(self, name: str) -> None:
        """Turn a flag off; one that is off stays off."""
        self.node.debugs.pop(name, None)

    def start_all(self) -> None:
        """Turn everything on that has been declared (`debug all`)."""
        for name in FLAGS:
            self.start(name)

    def stop_all(self) -> None:
        """Turn everything off (`undebug all`)."""
        self.node.debugs.clear()

    def rows(self) -> Iterator[str]:
        """Yield the rows of `show debugging`: headings by their letters, flags below them as they were declared."""
        heading = ""
        for name, flag in sorted(FLAGS.items(), key=lambda each: each[1].heading):
            if name in self.node.debugs:
                if flag.heading != heading:
                    heading = flag.heading
                    yield f"{heading}:"
                yield f"  {flag.text}"
                if self.node.debugs[name]:
                    yield f"    {self.node.debugs[name]}"


def is_on(node: Node, name: str) -> bool:
    """Whether a flag is on at a node; nothing is made by asking."""
    return name in node.debugs


def detail(node: Node, name: str) -> str:
    """Give what a flag that is on is limited to, or nothing."""
    return node.debugs.get(name, "")
