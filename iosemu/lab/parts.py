"""Parts: what a feature keeps on a router or an interface, made when it is first asked for.

`interface.part(Standby)` is how HSRP's state comes to hang on an interface without the interface knowing
HSRP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = TypeVar("P")


class Parts:
    """Something that parts can be attached to, one of each kind."""

    def __init__(self) -> None:
        self.parts: dict[object, object] = {}

    def part(self, kind: Callable[..., P]) -> P:
        """Give this thing's part of a kind (a class), making it by `kind(self)` on first asking."""
        found = self.parts.get(kind)
        if found is None:
            # Not setdefault: making a part may ask for other parts, and must not happen twice.
            found = self.parts[kind] = kind(self)
        return found  # type: ignore[return-value]

    def peek(self, kind: Callable[..., P]) -> P | None:
        """Give the part of a kind when there is one; nothing is made, so `show` commands may ask."""
        return self.parts.get(kind)  # type: ignore[return-value]
