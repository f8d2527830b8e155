"""Field: the text of a line being typed, its cursor, and the cells that the terminal shows of it.

Keys are methods by the table `EDITING`; what brings the terminal up to date after one is text and backspaces only.
Paragraphs (§) are those of `reference/ios-shell.md`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 254
"""Characters a line may have, unless it is said otherwise (in EXEC, §4.1); a bell refuses more."""
SHIFT = 10
"""Columns by which a long line scrolls (§4.2)."""
MARGIN = 3
"""Columns at the right that a line being typed leaves free (§4.2)."""
KILLED = 10
"""Deleted pieces that Ctrl-Y and Esc Y remember (§4.1)."""

EDITING: dict[bytes, str] = {
    b"\x01": "to_start",
    b"\x05": "to_end",
    b"\x02": "left",
    b"\x1b[D": "left",
    b"\x1bOD": "left",
    b"\x06": "right",
    b"\x1b[C": "right",
    b"\x1bOC": "right",
    b"\x1bb": "word_left",
    b"\x1bf": "word_right",
    b"\x04": "delete",
    b"\x08": "erase",
    b"\x7f": "erase",
    b"\x17": "erase_word",
    b"\x15": "erase_to_start",
    b"\x18": "erase_to_start",
    b"\x0b": "erase_to_end",
    b"\x1bd": "delete_word",
    b"\x19": "yank",
    b"\x1by": "yank_older",
    b"\x14": "transpose",
    b"\x1bc": "capitalise",
    b"\x1bl": "lower",
    b"\x1bu": "upper",
}
"""Keys of §4.1 that change the text: sequence to method of `Field`, which says whether it could."""

UNEDITED = (b"\x08", b"\x7f", b"\x15", b"\x17", b"\x18")
"""Those that any terminal has, which work with `terminal no editing`, too [U]."""


def capacity(prompt: int, width: int) -> int:
    """Give the characters that a row shows behind a prompt before it scrolls."""
    return max(width - prompt - MARGIN, SHIFT + 1)


class Field:
    """The text being typed, its cursor, and the cells that the terminal shows of it."""

    __slots__ = (
        "_capacity",
        "_column",
        "_hidden",
        "_killed",
        "_offset",
        "_shown",
        "_yanked",
        "cursor",
        "limit",
        "text",
    )

    def __init__(self) -> None:
        self._killed: deque[str] = deque(maxlen=KILLED)
        self.clear()

    def clear(self, *, hidden: bool = False, limit: int = LONGEST) -> None:
        """Begin an empty text that may grow to `limit` characters."""
        self.text = ""
        self.cursor = 0
        self.limit = limit
        self._hidden = hidden
        self._yanked: tuple[int, int, int] | None = None
        self.fit(0, 0)

    def fit(self, prompt: int, width: int) -> None:
        """Forget what was shown: the text will be drawn afresh behind a prompt of so many columns.

        A width of 0 scrolls nothing.
        """
        self._capacity = capacity(prompt, width) if width else self.limit + SHIFT
        self._offset = 0
        self._shown = ""
        self._column = 0

    def draw(self, *, full: bool = False) -> str:
        """Give what brings the terminal up to date; `full`: all of the text again (§4.1, §4.2)."""
        if self._hidden:
            return ""
        full |= self._scroll()
        cells = self.text[self._offset : self._offset + self._capacity]
        if self._offset:
            cells = "$" + cells[1:]
        if len(self.text) > self._offset + self._capacity:
            cells += "$"
        column = self.cursor - self._offset
        if cells == self._shown and not full:
            moves = cells[self._column : column] + "\b" * (self._column - column)
            self._column = column
            return moves
        shown = self._shown
        start = 0 if full else min(self._column, column, _same(cells, shown))
        end = len(cells)
        if end == len(shown) and not full:
            end = max(column, end - _same(cells[::-1], shown[::-1]))
        blanks = " " * (len(shown) - len(cells))
        drawn = "\b" * (self._column - start) + cells[start:end] + blanks
        self._shown, self._column = cells, column
        return drawn + "\b" * (end + len(blanks) - column)

    def _scroll(self) -> bool:
        before = self._offset
        while self.cursor - self._offset > self._capacity:
            self._offset += SHIFT
        while self._offset and self.cursor <= self._offset:
            self._offset -= SHIFT
        return self._offset != before

    @property
    def room(self) -> int:
        """How many characters can be put behind the text before it is full or scrolls; 0: the cursor is not there."""
        if self.cursor < len(self.text):
            return 0
        return max(min(self.limit - self.cursor, self._offset + self._capacity - self.cursor), 0)

    def put(self, text: str) -> bool:
        """Insert at the cursor; False when the line would become too long."""
        if len(self.text) + len(text) > self.limit:
            return False
        self._yanked = None
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)
        return True

    def press(self, name: str) -> bool:
        """Carry out one of the `EDITING` keys; False when there was nothing to do it to."""
        yanked = self._yanked
        self._yanked = None
        if name == "yank_older":
            return self._yank_older(yanked)
        done: bool = getattr(self, name)()
        return done

    # Moving

    def to_start(self) -> bool:
        """Ctrl-A."""
        self.cursor = 0
        return True

    def to_end(self) -> bool:
        """Ctrl-E."""
        self.cursor = len(self.text)
        return True

    def left(self) -> bool:
        """Ctrl-B."""
        return self._move(self.cursor - 1)

    def right(self) -> bool:
        """Ctrl-F."""
        return self._move(self.cursor + 1)

    def word_left(self) -> bool:
        """Esc B: to the start of this word or the one before; words end at blanks."""
        return self._move(self._word_start())

    def word_right(self) -> bool:
        """Esc F."""
        return self._move(self._word_end())

    def _move(self, to: int) -> bool:
        if to == self.cursor or not 0 <= to <= len(self.text):
            return False
        self.cursor = to
        return True

    def _word_start(self) -> int:
        before = self.text[: self.cursor].rstrip(" ")
        return before.rfind(" ") + 1

    def _word_end(self) -> int:
        start = len(self.text) - len(self.text[self.cursor :].lstrip(" "))
        end = self.text.find(" ", start)
        return len(self.text) if end < 0 else end

    # Deleting

    def delete(self) -> bool:
        """Ctrl-D: the character under the cursor."""
        return self._cut(self.cursor, self.cursor + 1, keep=False)

    def erase(self) -> bool:
        """Ctrl-H: the character left of the cursor."""
        return self._cut(self.cursor - 1, self.cursor, keep=False)

    def erase_word(self) -> bool:
        """Ctrl-W."""
        return self._cut(self._word_start(), self.cursor)

    def delete_word(self) -> bool:
        """Esc D."""
        return self._cut(self.cursor, self._word_end())

    def erase_to_start(self) -> bool:
        """Ctrl-U and Ctrl-X."""
        return self._cut(0, self.cursor)

    def erase_to_end(self) -> bool:
        """Ctrl-K."""
        return self._cut(self.cursor, len(self.text))

    def _cut(self, start: int, end: int, *, keep: bool = True) -> bool:
        if start < 0 or end > len(self.text) or start == end:
            return False
        if keep and not self._hidden:  # a password is remembered nowhere
            self._killed.appendleft(self.text[start:end])
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start
        return True

    # Changing

    def yank(self) -> bool:
        """Ctrl-Y: what was deleted last."""
        return bool(self._killed) and self._yank(0)

    def _yank(self, which: int) -> bool:
        start = self.cursor
        if not self.put(self._killed[which]):
            return False
        self._yanked = (start, self.cursor, which)
        return True

    def _yank_older(self, yanked: tuple[int, int, int] | None) -> bool:
        """Esc Y: put what was deleted before that in its place; only straight after a yank."""
        if yanked is None:
            return False
        start, end, which = yanked
        self._cut(start, end, keep=False)
        return self._yank((which + 1) % len(self._killed))

    def transpose(self) -> bool:
        """Ctrl-T: the character left of the cursor with the one under it; at the end the last two."""
        at = min(self.cursor, len(self.text) - 1)
        if at < 1:
            return False
        self.text = self.text[: at - 1] + self.text[at] + self.text[at - 1] + self.text[at + 1 :]
        self.cursor = at + 1
        return True

    def capitalise(self) -> bool:
        """Esc C."""
        return self._change_word(str.capitalize)

    def lower(self) -> bool:
        """Esc L."""
        return self._change_word(str.lower)

    def upper(self) -> bool:
        """Esc U."""
        return self._change_word(str.upper)

    def _change_word(self, change: Callable[[str], str]) -> bool:
        end = self._word_end()
        word = self.text[self.cursor : end]
        blanks = len(word) - len(word.lstrip(" "))
        self.text = self.text[: self.cursor] + word[:blanks] + change(word[blanks:]) + self.text[end:]
        return self._move(end)


def _same(one: str, other: str) -> int:
    """Count the characters with which both texts begin."""
    most = min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    return next(index for index in range(most) if one[index] != other[index])
