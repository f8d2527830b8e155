"""Line: the octets typed at a session go in, and what its terminal shows goes out, byte for byte as IOS sends it.

The rule kept here: only text, CR, LF, backspace and bell are written (`reference/ios-shell.md` §0 fact 10);
there is no socket, no clock and no waiting, so stdio, telnet and SSH cannot differ. Octets are taken strictly
in order: what is typed ahead waits in a bounded queue while a command waits, and is a key to `--More--` when
its turn comes. Paragraphs (§) below are those of `reference/ios-shell.md`.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Protocol

from .command import Ask, Request, Text, Wait
from .field import EDITING, UNEDITED, Field
from .filters import BAD_PATTERN, Sieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .command import Output, Reply

    class Exec(Protocol):
        """What a Line needs of a Session."""

        @property
        def prompt(self) -> str:
            """The prompt of the current mode."""

        @property
        def configuring(self) -> bool:
            """Whether it stands in a configuration mode."""

        @property
        def ended(self) -> bool:
            """Whether the user has logged out; nothing more is shown."""

        @property
        def width(self) -> int:
            """Columns of the terminal; 0: as many as are wanted."""

        @property
        def length(self) -> int:
            """Rows of the terminal; 0: no paging."""

        @property
        def limit(self) -> int:
            """Characters that a line may have in the current mode."""

        @property
        def editing(self) -> bool:
            """`terminal editing`: keys edit the line, and a long one scrolls."""

        @property
        def filtered(self) -> bool:
            """Whether the command that runs drops rows already: `--More--` then takes no second filter."""

        @property
        def synchronous(self) -> bool:
            """`logging synchronous`: prompt and input are drawn again below a log line."""

        @property
        def history(self) -> Sequence[str]:
            """EXEC lines, oldest first; the session appends what it executes."""

        @property
        def config_history(self) -> Sequence[str]:
            """The same of configuration lines."""

        def execute(self, line: str, /) -> Reply:
            """Run a command line."""

        def help(self, text: str, /) -> Iterable[str]:
            """Give the rows that `?` prints after this text."""

        def complete(self, text: str, /) -> str | None:
            """Give the text with its last word completed, and a blank; None when that is not unique."""


QUEUE = 1 << 18
"""Octets that may wait while a command runs; a front stops reading when `Line.room` is 0."""
LOST = 20
"""Log lines that wait for the prompt under `logging synchronous`; IOS drops what is more."""

MORE = " --More-- "
ERASE = "\b" * 9 + " " * 8 + "\b" * 9
"""What removes `--More--`, one column short as IOS's own is (§0 fact 3)."""
BELL = "\a"
CTRL_C, CTRL_Z, BREAK = b"\x03", b"\x1a", b"\x1e"
_TEXT = re.compile(rb"[ ->@-~]+")
"""Octets that are text wherever a line is typed."""

ACTING: dict[bytes, str] = {
    b"\r": "_enter",
    b"\n": "_enter",
    b"\x0c": "_redisplay",
    b"\x12": "_redisplay",
    b"\x16": "_take_literally",
    b"\x1bq": "_take_literally",
    CTRL_C: "_abort",
    CTRL_Z: "_end",
    BREAK: "_break",
}
"""Keys that do something else, at a prompt and in a question: sequence to method of `Line`."""

PROMPTED: dict[bytes, str] = {
    b"?": "_question_mark",
    b"\t": "_tab",
}
"""Keys that mean something at a prompt only."""

RECALLING: dict[bytes, str] = {
    b"\x10": "_older",
    b"\x1b[A": "_older",
    b"\x1bOA": "_older",
    b"\x0e": "_newer",
    b"\x1b[B": "_newer",
    b"\x1bOB": "_newer",
}
"""Keys that walk through the history, at a prompt, while `terminal editing` is on."""


class Line:
    """A session's terminal line.

    `feed` takes what is typed, `write` shows. When a command waits for the lab or wants something of the
    front, `blocked` holds the `Wait` or `Request`, and input queues up until the front calls `resume`.
    Ctrl-^ x makes a `Request("disconnect")`.
    """

    def __init__(self, session: Exec, write: Callable[[str], None]) -> None:
        self.session = session
        self.blocked: Wait | Request | None = None
        self.ask: Ask | None = None
        """The question that the next input answers."""
        self.paging = False
        self._write = write
        self._typed = bytearray()
        self._pumping = False
        self._sequence = b""
        self._after_cr = False
        self._literal = False
        self._broken = False
        self._field = Field()
        self._prompt = ""
        self._past = 0
        self._draft = ""
        self._reply: Reply | None = None
        self._again: tuple[str, int] | None = None
        self._held = ""
        self._page = 0
        self._sieve = Sieve()
        self._searching = ""
        self._open_row = False
        self._log: deque[str] = deque()

    # What a front calls

    @property
    def idle(self) -> bool:
        """Whether the line stands at its prompt."""
        return self._reply is None and not self.session.ended

    @property
    def room(self) -> int:
        """Octets that can still be queued."""
        return QUEUE - len(self._typed)

    def start(self) -> None:
        """Show the prompt for the first time."""
        self._new_line()

    def run(self, reply: Reply) -> None:
        """Carry on a dialogue that nobody typed a command for (a log-in), then show the prompt."""
        self._run(reply)
        self._pump()

    def feed(self, data: bytes) -> None:
        """Take octets as typed; what finds no room in the queue is refused with a bell."""
        if isinstance(self.blocked, Wait) and not self.blocked.keys and BREAK in data:
            self._typed.clear()  # as a terminal's interrupt does: what was typed before it is void
            data = data[data.index(BREAK) + 1 :]
            self.blocked = None
            self._break()
            self._broken = True
        self._pump()
        while data:
            room = self.room
            if not room:
                self._write(BELL)
                return
            self._typed.extend(data[:room])
            data = data[room:]
            self._pump()

    def resume(self, now: int, rows: Iterable[str] = ()) -> None:
        """Go on: the lab has come to `now` (µs), or a front has done the Request and says `rows`."""
        blocked = self.blocked
        if blocked is None or (isinstance(blocked, Wait) and now < blocked.until):
            return
        self.blocked = None
        for row in rows:
            self._row(row)
        if self._reply is not None and self.ask is None:  # a question outlasts Ctrl-^ x
            self._carry_on("" if isinstance(blocked, Wait) and blocked.keys else None)
        self._pump()

    def expire(self) -> None:
        """Wait no longer for an answer: TimeoutError is raised where the question was asked."""
        if self.ask is not None:
            self.ask = None
            self._field.clear()
            self._carry_on(TimeoutError())

    def untyped(self) -> bytes:
        """Hand back the octets not yet worked off, for the console that comes next."""
        data = bytes(self._typed)
        self._typed.clear()
        return data

    def interrupt(self, text: str) -> None:
        """Show a log line wherever the cursor is (§4.8)."""
        if self.session.ended:
            return
        if self.session.synchronous and self._reply is not None and self.ask is None:
            if len(self._log) < LOST:
                self._log.append(text)
            return
        self._write("\r\n" + _rows(text))
        self._open_row = True
        if self.session.synchronous:
            self._write("\r\n")
            self.redraw()

    def redraw(self) -> None:
        """Show prompt or question, and what has been typed, on the row where the cursor is."""
        self._fit()
        self._write(_rows(self._prompt) + self._field.draw())

    def resized(self) -> None:
        """Note that the terminal has another width: what is typed is shown again below."""
        if self._reply is not None and self.ask is None:
            return
        if self._field.text:
            self._redisplay()
        else:
            self._fit()

    def _fit(self) -> None:
        last = self._prompt.rpartition("\n")[2]
        self._field.fit(len(last), self.session.width if self.session.editing else 0)

    # Octets to keys

    def _pump(self) -> None:
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._typed and not self.session.ended:
                octet = self._typed[0]
                if isinstance(self.blocked, Wait) and self.blocked.keys:
                    self.blocked = None
                    del self._typed[:1]
                    self._carry_on(chr(octet))
                    continue
                if self.blocked is not None:
                    break
                if 0x20 <= octet < 0x7F and self._take_text():
                    continue
                del self._typed[:1]  # costs the same however much is queued, which pop(0) does not
                if key := self._key(octet):
                    self._press(key)
        finally:
            self._pumping = False

    def _take_text(self) -> bool:
        """Take the run of text typed next at once, as far as each octet only adds itself to the row, or rings."""
        if self._sequence or self._literal or self._broken or self.paging or (self.ask and self.ask.key):
            return False
        field = self._field
        full = len(field.text) >= field.limit
        found = _TEXT.match(self._typed, 0, QUEUE if full else field.room)
        if found is None:
            return False
        text = bytes(found[0])
        del self._typed[: len(text)]
        self._after_cr = False
        if full:
            self._write(BELL * len(text))
        else:
            self._put(text)
        return True

    def _key(self, octet: int) -> bytes:
        r"""Gather octets to a key; b"" while one is incomplete, and for NUL and the LF of a CR LF."""
        after_cr, self._after_cr = self._after_cr, octet == 0x0D
        if octet == 0 or (octet == 0x0A and after_cr):
            return b""
        sequence = self._sequence + bytes((octet,))
        self._sequence = b""
        if octet < 0x20:
            if octet != 0x1B:
                return sequence[-1:]  # a control character breaks off an escape sequence
            self._sequence = b"\x1b"
            return b""
        if len(sequence) == 1:
            return sequence
        parameters = sequence[1:2] == b"[" and not 0x40 <= octet < 0x7F
        if sequence in {b"\x1b[", b"\x1bO"} or (parameters and len(sequence) < 16):
            self._sequence = sequence
            return b""
        return sequence.lower() if len(sequence) == 2 else sequence

    def _press(self, key: bytes) -> None:
        broken, self._broken = self._broken, key == BREAK
        literal, self._literal = self._literal, False
        if broken and key in {b"x", b"X"}:
            self.blocked = Request("disconnect")
        elif self.paging:
            self._turn_page(key)
        elif self.ask is not None and self.ask.key:
            self._answer_by_key(key)
        elif literal and _printable(key):
            self._put(key)
        elif key in (EDITING if self.session.editing else UNEDITED):
            self._show(self._field.press(EDITING[key]))
        elif key in ACTING:
            getattr(self, ACTING[key])()
        elif key in PROMPTED and self.ask is None:
            getattr(self, PROMPTED[key])()
        elif key in RECALLING and self.ask is None and self.session.editing:
            getattr(self, RECALLING[key])()
        elif _printable(key):
            self._put(key)
        else:
            self._write(BELL)

    def _put(self, key: bytes) -> None:
        self._show(self._field.put(key.decode("ascii")))

    def _show(self, done: bool) -> None:
        self._write(self._field.draw() if done else BELL)

    # Keys that act

    def _enter(self) -> None:
        self._write("\r\n")
        if self.ask is not None:
            self._answer(self._field.text)
        else:
            self._run(self.session.execute(self._field.text))

    def _end(self) -> None:
        """Ctrl-Z: what is typed is run first (§1.2)."""
        if self.ask is not None:
            self._break()
            return
        self._write("^Z\r\n")
        self._run(self._leaving(self._field.text))

    def _abort(self) -> None:
        """Ctrl-C: the line is dropped; in configuration it is shown, and ends that (§1.2)."""
        if self.ask is not None:
            self._break()
            return
        self._write("^C\r\n" if self.session.configuring else "\r\n")
        self._run(self._leaving(""))

    def _leaving(self, text: str) -> Reply:
        if text.strip():
            yield from self.session.execute(text)
        if self.session.configuring:
            yield from self.session.execute("end")

    def _break(self) -> None:
        """Ctrl-^: a running command is interrupted: KeyboardInterrupt is raised where it yielded."""
        if self._reply is None:
            return
        if self.ask is not None:
            self._write("\r\n")
            self.ask = None
        if self._searching:
            self._stop()
        else:
            self._carry_on(KeyboardInterrupt())

    def _redisplay(self) -> None:
        self._write("\r\n")
        self.redraw()

    def _take_literally(self) -> None:
        self._literal = True

    def _question_mark(self) -> None:
        field = self._field
        self._write("?\r\n")
        rows = self.session.help(field.text[: field.cursor])
        self._run(_reply(rows), again=(field.text, field.cursor))

    def _tab(self) -> None:
        """Always a new row (§3); a bell says that there was nothing unique to complete."""
        field = self._field
        before, after = field.text[: field.cursor], field.text[field.cursor :]
        completed = self.session.complete(before)
        fits = completed is not None and len(completed + after) <= field.limit
        if completed is not None and fits:
            field.text, field.cursor = completed + after, len(completed)
        self._redisplay()
        if not fits:
            self._write(BELL)

    def _older(self) -> None:
        self._recall(self._past + 1)

    def _newer(self) -> None:
        self._recall(self._past - 1)

    def _recall(self, past: int) -> None:
        session = self.session
        history = session.config_history if session.configuring else session.history
        if not 0 <= past <= len(history):
            self._write(BELL)
            return
        if self._past == 0:
            self._draft = self._field.text
        self._past = past
        self._field.text = history[-past][: self._field.limit] if past else self._draft
        self._field.cursor = len(self._field.text)
        self._write(self._field.draw(full=True))

    # Running a command

    def _run(self, reply: Reply, *, again: tuple[str, int] | None = None) -> None:
        """Show what a command says, then the prompt, with the text of `again` typed and its cursor there."""
        self._reply = reply
        self._again = again
        self._page = 0
        self._sieve = Sieve()
        self._open_row = False
        self._carry_on(None)

    def _carry_on(self, answer: str | KeyboardInterrupt | TimeoutError | None) -> None:
        """Drive the reply to its next question, wait, request, full page, or its end."""
        while self._reply is not None:
            output = self._next(self._reply, answer)
            answer = None
            if output is None:
                self._done()
            elif isinstance(output, str):
                if not self._sieve.passes(output):
                    continue
                if self._page_full():
                    self._held = output
                    self.paging = True
                    self._open_row = False
                    self._write(MORE)
                    return
                self._row(output)
            elif isinstance(output, Text):
                self._write(_rows(output.text))
                self._open_row = not output.text.endswith("\n")
            elif isinstance(output, Ask):
                self._put_question(output)
                return
            else:
                self.blocked = output
                return

    def _next(self, reply: Reply, answer: str | KeyboardInterrupt | TimeoutError | None) -> Output | None:
        try:
            if answer is None:
                return next(reply)
            if isinstance(answer, str):
                return reply.send(answer)
            return reply.throw(answer)
        except StopIteration:
            return None
        except BaseException as failure:
            if failure is answer:  # the command did not catch its interruption: it is simply over
                return None
            self._reply = None
            self._new_line()  # whatever a front makes of the failure, the line goes on
            raise

    def _row(self, text: str) -> None:
        self._write(_rows(text) + "\r\n")
        self._open_row = False
        self._page += 1

    def _done(self) -> None:
        self._reply = None
        self.ask = None
        self._searching = ""
        self._held = ""
        if self.session.ended:
            return
        if self._open_row:
            self._write("\r\n")
        self._new_line(self._again)
        while self._log:
            self.interrupt(self._log.popleft())

    def _new_line(self, again: tuple[str, int] | None = None) -> None:
        self._open_row = False
        self._past = 0
        self._prompt = self.session.prompt
        self._field.clear(limit=self.session.limit)
        if again is not None:
            self._field.text, self._field.cursor = again
        self.redraw()

    # Questions

    def _put_question(self, ask: Ask) -> None:
        self.ask = ask
        self._open_row = False
        self._page = 0
        self._prompt = ask.prompt
        self._field.clear(hidden=ask.hidden)
        self.redraw()

    def _answer(self, text: str) -> None:
        self.ask = None
        self._field.clear()
        if self._searching:
            self._search(text)
        else:
            self._carry_on(text)

    def _answer_by_key(self, key: bytes) -> None:
        if key in {CTRL_C, CTRL_Z, BREAK}:
            self._break()
        elif key in {b"\r", b"\n"} or _printable(key):
            self._write("\r\n")
            self._answer(key.decode("ascii").strip("\r\n"))
        else:
            self._write(BELL)

    # Paging

    def _page_full(self) -> bool:
        length = self.session.length
        return length > 0 and self._page >= max(length - 1, 1)

    def _turn_page(self, key: bytes) -> None:
        """Enter is one row more, q and the breaks the end, `/`, `+` and `-` a pattern, others a page (§4.5)."""
        if key in {b"+", b"-"} and (self.session.filtered or self._sieve.filter):
            self._write(BELL)  # there is one filter for an output
            return
        self.paging = False
        if key in {b"/", b"+", b"-"}:
            self._write("\r\n")
            self._searching = key.decode("ascii")
            self._put_question(Ask(self._searching))
            return
        self._write("\r\n" if self._open_row else ERASE)  # a log line stands in the way
        self._open_row = False
        if key in {b"q", b"Q", CTRL_C, CTRL_Z, BREAK}:
            self._stop()
            return
        self._page = max(self.session.length - 2, 0) if key in {b"\r", b"\n"} else 0
        self._show_held()

    def _show_held(self) -> None:
        held, self._held = self._held, ""
        self._row(held)
        self._carry_on(None)

    def _stop(self) -> None:
        """Leave what is being shown: a command's work ends here, a shell's (`tclsh`) goes on with its prompt."""
        self._searching = self._held = ""
        self._page = 0
        self._sieve = Sieve()
        self._carry_on(KeyboardInterrupt())

    def _search(self, text: str) -> None:
        """Go on under the pattern that was typed at `--More--` (§4.5); none at all, and there is no change."""
        sign, self._searching = self._searching, ""
        if not text:
            self._show_held()
            return
        try:
            self._sieve.set(sign, text)
        except ValueError:
            self._write(f"{BAD_PATTERN}\r\n{MORE}")
            self.paging = True
            return
        self._row("filtering...")
        if self._sieve.passes(self._held):
            self._show_held()
        else:
            self._held = ""
            self._carry_on(None)


def _reply(rows: Iterable[str]) -> Reply:
    yield from rows


def _rows(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _printable(key: bytes) -> bool:
    return len(key) == 1 and 0x20 <= key[0] < 0x7F
