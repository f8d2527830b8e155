"""shell: a desk at a terminal of today, drawn by prompt_toolkit.

The rule kept here: it means what a router's terminal means (IOS's keys, `?` at once, `--More--`, hidden
passwords, log lines as they come), and adds what a terminal of today is expected to have: a completion menu,
history search, pasting. What goes over a wire is `Line`'s business, never this one's.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections import deque
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app, in_terminal
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.bindings.named_commands import get_by_name
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import create_output
from prompt_toolkit.output.vt100 import Vt100_Output

from iosemu.cli.command import Ask, Request, Text, Wait
from iosemu.cli.field import LONGEST
from iosemu.cli.filters import BAD_PATTERN, Sieve
from iosemu.features.operator.picture import Picture
from iosemu.features.operator.show import Row
from iosemu.features.system import users

from . import screens
from .stdio import DISCONNECT, Idling, await_instant, leave, serve, typeable, unasked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output

    from iosemu.app import Desk
    from iosemu.cli.command import Reply
    from iosemu.cli.console import Console
    from iosemu.cli.session import Session

    from .pace import Pace

END = "^Z"
"""What stands behind a line that Ctrl-Z ended, in configuration."""
ABORTED = "^C"
"""Likewise behind one that Ctrl-C dropped."""
MORE = " --More-- "
BREAKS = (Keys.ControlC, Keys.ControlCircumflex)
AHEAD = 1 << 14
"""Keys that may wait while a command runs; what more is typed is refused with a bell."""
ENTERS = (Keys.Enter, Keys.ControlJ)
SEARCHES = ("/", "+", "-")
STOPS = ("q", "Q", *BREAKS, Keys.ControlZ)


class _HungUpError(Exception):
    """Nothing was typed for too long, and the session is over."""


class _Words(Completer):
    """What `?` lists, as a menu."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        text = document.text_before_cursor
        word = "" if text.endswith(" ") else text.rpartition(" ")[2]
        for row in self._session.help(text[: len(text) - len(word)], wrapped=False):
            item, _, meaning = row.strip().partition("  ")
            if (
                row.startswith("  ")
                and item[:1].isalnum()
                and item.islower()
                and item.startswith(word.lower())
            ):
                yield Completion(f"{item} ", -len(word), display=item, display_meta=meaning.strip())


class Shell:
    """A desk, its pace, and the terminal they are drawn on."""

    def __init__(
        self, desk: Desk, pace: Pace, *, source: Input | None = None, output: Output | None = None
    ) -> None:
        self.desk = desk
        self.pace = pace
        self._input = source or _Typed(sys.stdin)
        self._output = output or create_output()
        if isinstance(self._output, Vt100_Output):
            self._output.enable_cpr = False  # a terminal that does not answer would be warned about
        self._bindings = _bindings(self)
        self._ticked = asyncio.Event()
        self._keys: deque[KeyPress] = deque()
        self._pressed = asyncio.Event()
        self._broken = False
        self._sieve = Sieve()
        self._waiting: int | None = None
        self._listening: int | None = None
        self._pasted: deque[str] = deque()
        self._draft = ""
        self._seen: set[Console] = set()
        self._prompt: PromptSession[str] | None = None
        """What draws the prompt, while there is one."""
        self._idling = Idling(desk)
        self._escaped = False
        """Whether Ctrl-^ was the last key; an `x` then leaves the console."""
        self._helping = False
        """Whether the prompt stands back while `?` shows its rows."""
        self._awaited = False
        """Whether a key is waited for while no prompt is drawn."""
        self._over: type[Exception] | None = None
        """Why what is being asked is not waited for any longer: the session was hung up, or a log-in asks again."""
        self._tasks: set[asyncio.Future[None]] = set()
        self.ending = False
        """Ctrl-Z was pressed: after the line, configuration is left."""

    async def run(self) -> None:
        """Serve the terminal until its user quits."""
        self.desk.unasked()  # what was said before anybody sat here
        clock = asyncio.create_task(self.pace.run(self._stepped))
        try:
            with self._input.raw_mode():  # between prompts, too: nothing is echoed twice
                here = self.desk.operator
                while not self.desk.left:
                    here = await self._serve(here)
                    for row in leave(self.desk, stays=True):
                        self._write(f"{row}\n")
        finally:
            while not clock.done():
                clock.cancel()  # Python 3.11's wait_for loses one that comes together with a wake
                await asyncio.sleep(0)
            with contextlib.suppress(asyncio.CancelledError):
                clock.result()

    async def _serve(self, before: Console) -> Console:
        """Take a line at the current console, or begin there; gives the console, which comes `before` the next."""
        desk, console = self.desk, self.desk.current
        after = ""
        if console is not before:
            self._idling.touch()
            if desk.name_of(console) == desk.name_of(before):
                after = "boot" if before.session.rebooted else "logout"
        try:
            if console is desk.operator or console in self._seen:
                await self._turn(console)
            else:
                self._fit(console)
                await self._drive(users.attend(console.session, after, pressed=not after))
                self._seen.add(console)
        except EOFError:
            serve(desk, self.pace, Request("quit") if console is desk.operator else DISCONNECT)
        except _HungUpError:
            pass
        return console

    async def _turn(self, console: Console) -> None:
        """Take one line at a console and run it; EOFError to leave it."""
        session = console.session
        self._fit(console)
        try:
            line = await self._line(session)
        except KeyboardInterrupt:
            if session.configuring:
                await self._drive(session.execute("end"))
            return
        ending, self.ending = self.ending, False
        if ending and session.configuring:
            line = line.removesuffix(END)
        self.pace.step()
        await self._drive(session.execute(line))
        if ending and session.configuring:
            await self._drive(session.execute("end"))
        self.pace.wake()

    def _fit(self, console: Console) -> None:
        """Give a console the terminal's size, which may change; `terminal length` and `width` win."""
        session = console.session
        if not session.scrolls:
            session.width, session.length, session.scrolls = None, None, True
        self._measure(session)

    def _measure(self, session: Session) -> None:
        size = self._output.get_size()
        session.screen = (size.columns, size.rows) if size.columns and size.rows else None

    # -- a line typed

    async def _line(self, session: Session) -> str:
        """Read a command line: one that was pasted, or one that is typed; EOFError to leave the console."""
        line = self._pasted.popleft() if self._pasted else self._typed_ahead()
        if line is not None:
            line = typeable(line, session.limit)
            self._write(f"{session.prompt}{line}\n")
            await asyncio.sleep(0)
            return line
        history = session.config_history if session.configuring else session.history
        draft, self._draft = self._draft, ""
        prompt = PromptSession[str](
            session.prompt,
            history=InMemoryHistory(history),
            completer=_Words(session),
            complete_while_typing=False,
            enable_history_search=True,
            key_bindings=self._bindings,
            input=self._input,
            output=self._output,
        )
        prompt.default_buffer.on_text_insert += self._refuse_more
        prompt.app.key_processor.after_key_press += lambda _: self._idling.touch()
        self._prompt = prompt
        try:
            return await prompt.prompt_async(default=typeable(draft, session.limit))
        finally:
            self._prompt = None

    def _refuse_more(self, buffer: Buffer) -> None:
        """Keep a line as long as it may be, with a bell for what is more."""
        text = buffer.text
        limit = self.desk.current.session.limit
        if len(text) > limit or not text.isprintable():
            kept = typeable(text, limit)
            buffer.document = Document(kept, min(buffer.cursor_position, len(kept)))
            self._output.bell()

    def _typed_ahead(self) -> str | None:
        """Take a whole line that has been typed already: no prompt need be drawn for it.

        What a terminal hands over at once is pasted, too, bracketed or not; a line costs 25 ms to draw.
        """
        keys = joined([*get_typeahead(self._input), *self._input.read_keys()])
        line = None
        if keys and not self._draft:
            text = "" if keys[0].key in ENTERS else _plain(keys[0])
            end = 1 if text else 0
            if text is not None and len(keys) > end and keys[end].key in ENTERS:
                line = text
                del keys[: end + 1]
        store_typeahead(self._input, keys)
        return line

    def paste(self, text: str) -> str:
        """Keep the lines of a pasted text for the following prompts; gives the first one."""
        first, *more = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(1).split("\n")
        if more:
            self._draft = more.pop()
            self._pasted.extend(more)
        return first

    async def show_help(self, text: str) -> None:
        """Show above the prompt what `?` says."""
        session = self.desk.current.session
        self._measure(session)
        self._helping = True
        over: type[Exception] | None = None
        try:
            async with in_terminal():
                self._write(f"{session.prompt}{text}?\n")
                with self._input.raw_mode(), self._input.attach(self._ready):
                    rows = 0
                    for row in session.help(text):
                        rows = await self._paged(row, rows)
                        if rows < 0:
                            break
        except (EOFError, _HungUpError) as why:
            over = type(why)
        finally:
            self._helping = False
        if over is not None:
            get_app().exit(exception=over)
        get_app().key_processor.feed_multiple(self._untyped())

    def _untyped(self) -> list[KeyPress]:
        """Hand back the keys not yet worked off, for the prompt that comes."""
        if self._escaped:
            self._escaped = False
            self._keys.appendleft(KeyPress(Keys.ControlCircumflex, "\x1e"))
        keys = list(self._keys)
        self._keys.clear()
        return keys

    # -- a command that runs

    async def _drive(self, reply: Reply) -> None:
        """Show what a command says, answer what it asks, let time pass while it waits; EOFError at Ctrl-^ x."""
        try:
            await self._carry(reply)
        except (EOFError, _HungUpError):
            reply.close()
            self._write("\n")
            store_typeahead(self._input, self._untyped())
            raise

    async def _carry(self, reply: Reply) -> None:
        rows = 0
        self._sieve = Sieve()
        answer: str | TimeoutError | None = None
        open_row = False
        self._keys.extend(get_typeahead(self._input))
        with self._input.attach(self._ready):
            while True:
                output = await self._next(reply, answer)
                answer = None
                if output is None:
                    break
                if isinstance(output, str):
                    rows, open_row = await self._paged(output, rows), False
                elif isinstance(output, Text):
                    self._write(output.text)
                    open_row = True
                elif isinstance(output, Ask):
                    rows, open_row = 0, False
                    try:
                        answer = await self._answer(output)
                    except TimeoutError as late:
                        answer = late
                elif isinstance(output, Wait) and output.keys:
                    answer = await self._listen(output.until)
                elif isinstance(output, Wait):
                    await self._until(output.until)
                else:
                    for row in self._requested(output):
                        rows = await self._paged(row, rows)
                        if rows < 0:
                            break
                if rows < 0:
                    reply.close()
                    break
            self._write("\n" if open_row else "")
        store_typeahead(self._input, self._untyped())

    async def _next(
        self, reply: Reply, answer: str | TimeoutError | None
    ) -> str | Ask | Text | Wait | Request | None:
        broken, self._broken = self._broken, False
        try:
            if broken:
                return reply.throw(KeyboardInterrupt())
            if isinstance(answer, TimeoutError):
                return reply.throw(answer)
            return next(reply) if answer is None else reply.send(answer)
        except (StopIteration, KeyboardInterrupt):
            return None

    def _height(self, row: str) -> int:
        """Give the rows of the screen that a row of output takes."""
        width = self.desk.current.session.width
        return -(-len(row) // width) if width and row else 1

    async def _paged(self, row: str, rows: int) -> int:
        """Show a row, after `--More--` when the screen is full; gives how many stand there, -1: no more."""
        if not self._sieve.passes(row):
            return rows
        session = self.desk.current.session
        self._measure(session)
        if session.length and rows >= max(session.length - 1, 1):
            key = await self._more()
            if key in STOPS:
                return -1
            rows = session.length - 2 if key == Keys.Enter else 0
            if key in SEARCHES:
                if not await self._search(key):
                    return -1
                if not self._sieve.passes(row):
                    return rows + 1
        self._write(f"{screens.coloured(row) if isinstance(row, Row) else row}\n")
        return rows + self._height(row)

    def _requested(self, request: Request) -> list[str]:
        """Do what a command asked for; gives the rows to show, those of a picture drawn."""
        if request.what == "show" and isinstance(request.value, Picture):
            return screens.drawn(request.value, self._output.get_size().columns)
        return serve(self.desk, self.pace, request)

    async def _until(self, instant: int) -> None:
        """Let time pass up to an instant (µs), or to Ctrl-C or Ctrl-^."""
        self._waiting = instant
        try:
            while self.desk.lab.clock.now < instant and not self._broken:
                await_instant(self.desk, self.pace, instant)
                self._ticked.clear()
                self.pace.wake()
                await self._ticked.wait()
        finally:
            self._waiting = None

    async def _listen(self, until: int) -> str:
        """Give what is typed next; "" when nothing was up to an instant (µs)."""
        self._listening = until
        try:
            while not self._keys and self.desk.lab.clock.now < until:
                await_instant(self.desk, self.pace, until)
                self._ticked.clear()
                self.pace.wake()
                await self._ticked.wait()
        finally:
            self._listening = None
        return self._next_key().data if self._keys else ""

    def _stepped(self) -> int | None:
        """After each step of the clock: show the log, wake who waits."""
        rows = list(unasked(self.desk))
        waiting = self._listening if self._waiting is None else self._waiting
        if waiting is not None:
            self._idling.touch()
        elif self._idling.check() or self.desk.current.session.ended:
            self._hang_up(_HungUpError if self.desk.current.session.ended else TimeoutError)
        if rows and self._prompt:
            task = asyncio.ensure_future(self._show_above(rows))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif rows:
            self._write("".join(f"{row}\n" for row in rows))
        self._ticked.set()
        return self._idling.deadline() if waiting is None else waiting

    def _hang_up(self, why: type[Exception]) -> None:
        """Leave the prompt of a session that is over, or whatever is asked; a command that runs is left to end."""
        if self._awaited:
            self._over = why
            self._pressed.set()
        elif self._prompt is not None and not self._helping and not self._prompt.app.is_done:
            self._prompt.app.exit(exception=_HungUpError)

    async def _show_above(self, rows: Sequence[str]) -> None:
        async with in_terminal():
            self._write("".join(f"{row}\n" for row in rows))

    # -- keys while no prompt is drawn

    def _ready(self) -> None:
        self._idling.touch()
        for press in self._input.read_keys():
            if press.key in BREAKS and self._waiting is not None:
                self._broken = True
                self._escaped = press.key == Keys.ControlCircumflex
                self._ticked.set()
            elif len(self._keys) >= AHEAD:
                self._output.bell()
            elif press.key != Keys.CPRResponse:
                self._keys.append(press)
        self._pressed.set()
        if self._listening is not None:
            self._ticked.set()

    async def _key(self) -> KeyPress:
        while not self._keys:
            self._pressed.clear()
            self._awaited = True
            try:
                await self._pressed.wait()
            finally:
                self._awaited = False
            if over := self._over:
                self._over = None
                raise over
        press = self._next_key()
        escaped, self._escaped = self._escaped, press.key == Keys.ControlCircumflex
        if escaped and press.data in ("x", "X") and self.desk.current is not self.desk.operator:
            raise EOFError
        return press

    def _next_key(self) -> KeyPress:
        """Take a key that was typed; of a paste, its first character."""
        press = self._keys.popleft()
        if press.key == Keys.BracketedPaste and press.data:
            text = press.data.replace("\r\n", "\n").replace("\n", "\r")
            self._keys.extendleft(KeyPress(Keys.Enter if char == "\r" else char, char) for char in text[::-1])
            press = self._keys.popleft()
        return press

    async def _more(self) -> str:
        """Ask for a key at `--More--`; `+` and `-` are none while there is a filter (ios-shell.md §4.5)."""
        self._write(MORE)
        filtered = self.desk.current.session.filtered or self._sieve.filter
        while (key := (await self._key()).key) in ("+", "-") and filtered:
            self._write("\a")
        self._write("\n" if key in SEARCHES else f"\r{' ' * len(MORE)}\r")
        return key

    async def _search(self, sign: str) -> bool:
        """Ask for a pattern, and go on under it; False to show no more."""
        while text := await self._answer(Ask(sign)):
            try:
                self._sieve.set(sign, text)
            except ValueError:
                self._write(f"{BAD_PATTERN}\n")
                continue
            self._write("filtering...\n")
            return True
        return text is not None

    async def _answer(self, ask: Ask) -> str | None:
        """Read an answer: one key, or a line with Backspace and Ctrl-U; None when it was broken off."""
        self._write(ask.prompt)
        typed = ""
        while True:
            if self._pasted and not ask.key:
                typed = self._pasted.popleft()
                self._write("" if ask.hidden else typed)
                press = KeyPress(Keys.Enter)
            else:
                press = await self._key()
            key, data = press.key, press.data
            if key in (*BREAKS, Keys.ControlZ):
                self._broken = True
            elif key in (Keys.Backspace, Keys.ControlH, Keys.ControlU):
                kept = "" if key == Keys.ControlU else typed[:-1]
                erased = len(typed) - len(kept)
                self._write("" if ask.hidden else "\b \b" * erased)
                typed = kept
                continue
            elif key not in ENTERS:
                if not data.isprintable():
                    continue
                if not ask.key:
                    if len(typed + data) <= LONGEST:
                        typed += data
                        self._write("" if ask.hidden else data)
                    continue
                typed = data
            self._write("\n")
            return None if self._broken else typed

    def _write(self, text: str) -> None:
        if text:
            self._output.write_raw(text)  # CR LF is made by the terminal, in raw mode, too
            self._output.flush()


class _Typed(Vt100Input):
    """The terminal's keys; characters that it hands over at once are one thing, and cheap."""

    def read_keys(self) -> list[KeyPress]:
        """Give what has been typed."""
        return joined(super().read_keys())

    def cooked_mode(self) -> AbstractContextManager[None]:
        """Stay in raw mode, when something is shown above the prompt as well.

        For that moment the terminal itself would echo what is typed, in the middle of the rows, and turn Ctrl-C and
        Ctrl-Z into signals.
        """
        return contextlib.nullcontext()


def joined(keys: Iterable[KeyPress]) -> list[KeyPress]:
    """Make one paste of characters that follow one another; not of `?`, nor of one that a key is waiting for."""
    found: list[KeyPress] = []
    waited = False
    for press in keys:
        text = None if waited else _plain(press)
        last = _plain(found[-1]) if found and text is not None else None
        if last and text:
            found[-1] = KeyPress(Keys.BracketedPaste, last + text)
        else:
            found.append(press)
        waited = press.key in (Keys.Escape, Keys.ControlV, Keys.ControlCircumflex)
    return found


def _plain(press: KeyPress) -> str | None:
    """Give the text that a key or a joined paste just puts down; None for any other key."""
    text = press.data
    if press.key == Keys.BracketedPaste or (len(press.key) == 1 and press.key != "?"):
        return text if text.isprintable() else None
    return None


def _bindings(shell: Shell) -> KeyBindings:
    """IOS's keys, where prompt_toolkit's own differ."""
    bindings = KeyBindings()
    bindings.add("c-x", eager=True)(get_by_name("unix-line-discard"))
    bindings.add("c-v")(get_by_name("quoted-insert"))
    bindings.add("escape", "q")(get_by_name("quoted-insert"))

    @bindings.add("?")
    async def _(event: KeyPressEvent) -> None:
        await shell.show_help(event.current_buffer.document.text_before_cursor)

    @bindings.add("tab")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.document.text_before_cursor
        completed = None if buffer.complete_state else shell.desk.current.session.complete(text)
        if completed is None:
            if buffer.complete_state:
                buffer.complete_next()
            else:
                buffer.start_completion(select_first=False)
            return
        buffer.delete_before_cursor(len(text))
        buffer.insert_text(completed)

    @bindings.add("c-z")
    def _(event: KeyPressEvent) -> None:
        shell.ending = True
        buffer = event.current_buffer
        if shell.desk.current.session.configuring:
            # Drawn by the last redraw, and taken off the line again: a log of the dialogue shows how it ended.
            shown = f"{buffer.text}{END}"
            buffer.document = Document(shown, len(shown))
        buffer.validate_and_handle()

    @bindings.add("c-c")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if shell.desk.current.session.configuring:
            shown = f"{buffer.text}{ABORTED}"  # as with Ctrl-Z: it is seen how configuration ended
            buffer.document = Document(shown, len(shown))
        event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    @bindings.add("c-^")
    def _(_: KeyPressEvent) -> None:
        """Alone it has nothing to interrupt here."""

    @bindings.add("c-^", "x")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError)

    @bindings.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = event.data
        buffer.insert_text(shell.paste(text))
        if "\n" in text or "\r" in text:
            buffer.validate_and_handle()

    return bindings


def run(desk: Desk, pace: Pace) -> None:
    """Serve this terminal until its user quits; it is put back however this ends, SIGTERM included."""
    stopped: list[int] = []

    async def main() -> None:
        task = asyncio.ensure_future(Shell(desk, pace).run())

        def stop(number: int) -> None:
            stopped.append(number)
            task.cancel()

        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    if stopped:
        raise SystemExit(128 + stopped[0])
