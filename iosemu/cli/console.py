"""Console: a session driven line by line, for scripts and `.session` files: a dialogue, not bytes.

Nothing is paged or wrapped. While a command waits, the lab runs; a question is answered by the next line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command import Ask, Reply, Request, Text, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session


class Console:
    """A console at which lines are typed and rows are read."""

    def __init__(
        self,
        session: Session,
        run_until: Callable[[int], None],
        requested: Callable[[Request], list[str]] | None = None,
    ) -> None:
        self.session = session
        self.question: Ask | None = None
        """What the running command asks; the next line answers it."""
        self._run_until = run_until
        self._requested = requested
        self._reply: Reply | None = None
        session.scrolls = False

    @property
    def prompt(self) -> str:
        """What stands before the next line: the question asked, else the session's prompt."""
        return self.question.prompt if self.question else self.session.prompt

    def send(self, line: str) -> str:
        """Type a line and give what it shows, rows joined by newlines."""
        return "\n".join(self.type(line))

    def type(self, line: str) -> list[str]:
        """Type a line (or the answer to a question) and give the rows it shows."""
        if self._reply is not None and self.question is not None:
            reply, self.question = self._reply, None
            return self._drive(reply, line)
        return self._drive(self.session.execute(line), None)

    def cancel(self) -> None:
        """Break off a command that waits for an answer, as Ctrl-C does."""
        if self._reply is not None:
            self._reply.close()
        self._reply = self.question = None

    def _drive(self, reply: Reply, answer: str | None) -> list[str]:
        rows: list[str] = []
        open_row = ""
        self._reply = None
        while True:
            try:
                item = next(reply) if answer is None else reply.send(answer)
            except StopIteration:
                break
            answer = None
            match item:
                case str():
                    rows.append(open_row + item)
                    open_row = ""
                case Text(text):
                    *whole, open_row = (open_row + text.replace("\r\n", "\n")).split("\n")
                    rows += whole
                case Ask():
                    self.question, self._reply = item, reply
                    break
                case Wait(until):
                    self._run_until(until)
                case Request():
                    rows.extend(self._requested(item) if self._requested else [])
        if open_row:
            rows.append(open_row)
        return rows
