"""The members of an `interface range`: `Ethernet0 - 3 , Loopback1`, read from its text."""

from __future__ import annotations

import re

from iosemu.lab.interface import full_name

MOST = 256
"""How many interfaces a range may have, which is also how many ports a router may have. Ours."""

_PART = re.compile(r"(?P<name>\s*\S.*?(?P<first>\d+))(?:\s*-\s*(?P<last>\d+))?\s*", re.ASCII)


class MalformedRangeError(ValueError):
    """A text that names no interfaces, from a column on."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


def members(text: str) -> list[str]:
    """Give the full names, each once, in the order said; MalformedRangeError, or more than MOST, to be refused.

    Of a long range no more names are given than tell that it is too long.
    """
    found: dict[str, None] = {}
    column = 0
    for part in text.split(","):
        begin = column + len(part) - len(part.lstrip())
        read = _PART.fullmatch(part)
        if read is None:
            raise MalformedRangeError(begin)
        stem = read["name"].strip().removesuffix(read["first"])
        first = int(read["first"])
        last = first if read["last"] is None else int(read["last"])
        if last < first:
            raise MalformedRangeError(column + read.start("last"))
        for number in range(first, min(last, first + MOST) + 1):
            try:
                found[full_name(f"{stem}{number}")] = None
            except ValueError:
                at = read.start("last") if number > first else begin - column
                raise MalformedRangeError(column + at) from None
        column += len(part) + 1
    return list(found)
