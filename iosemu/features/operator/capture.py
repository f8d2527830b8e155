"""Captures: the frames of a lab, or of one segment, as a pcap file that Wireshark can follow.

The rule kept here: nothing opens a file. A command makes a `Capture` and asks its front for the file; every
frame is flushed, and a file that fails ends its capture, never the lab.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Request, command
from iosemu.lab import LabError
from iosemu.wire.pcap import Writer

from .show import table
from .world import find_segment, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from iosemu.lab import Lab
    from iosemu.lab.segment import Segment
    from iosemu.wire.ethernet import Frame


class Capture:
    """A recording of some segments' frames; it is told its file by `begin`, and `end` closes that."""

    def __init__(self, lab: Lab, name: str, segment: Segment | None = None) -> None:
        self.lab = lab
        self.name = name
        self.segments = tuple(lab.segments.values()) if segment is None else (segment,)
        self.where = "all segments" if segment is None else segment.name
        self.frames = 0
        self.state = "not begun"
        self._file: BinaryIO | None = None
        self._writer: Writer | None = None

    @property
    def running(self) -> bool:
        """Whether frames are being recorded."""
        return self._writer is not None

    def begin(self, file: BinaryIO) -> None:
        """Record into a file, which is the capture's from now on; OSError when it cannot be written."""
        try:
            writer = Writer(file)
            file.flush()
        except OSError:
            with suppress(OSError):  # closing tries to write again
                file.close()
            raise
        self._file, self._writer, self.state = file, writer, "running"
        for segment in self.segments:
            segment.taps.append(self.tap)

    def end(self, state: str = "stopped") -> None:
        """Stop recording; nothing happens when it is not running."""
        if self._file is None:
            return
        for segment in self.segments:
            # A new list: the old one may be walked by whoever sends.
            segment.taps = [tap for tap in segment.taps if tap != self.tap]
        file, self._file, self._writer, self.state = self._file, None, None, state
        try:
            file.close()
        except OSError as fault:
            self.state = f"failed: {fault.strerror or fault}"

    def tap(self, _: Segment, frame: Frame) -> None:
        """Record a frame; segments call this for each one sent."""
        if self._writer is None or self._file is None:
            return
        try:
            self._writer.write(self.lab.unix, frame.encode())
            self._file.flush()
        except OSError as fault:
            self.end(f"failed: {fault.strerror or fault}")
        else:
            self.frames += 1


def listing(captures: Iterable[Capture]) -> Iterator[str]:
    """Show captures, the oldest first."""
    rows = [(each.name, each.where, str(each.frames), each.state) for each in captures]
    yield from table(("File", "Segment", "Frames", "State"), rows) if rows else ["No captures"]


@command("lab", "capture start")
def start(lab: Lab, *, file: str, segment: str | None = None) -> Reply:
    """Begin to record, on every segment or on one."""
    try:
        where = find_segment(lab, segment) if segment is not None else None
    except LabError as fault:
        yield refusal(fault)
        return
    yield Request("capture", Capture(lab, file, where))


@command("lab", "capture stop")
def stop(_: Lab) -> Reply:
    """End every recording that runs."""
    yield Request("capture stop")


@command("lab", "show captures")
def show_captures(_: Lab) -> Reply:
    """Show the captures that run or have run."""
    yield Request("captures")
