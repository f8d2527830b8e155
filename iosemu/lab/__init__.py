"""The world that runs, in virtual time: clock, nodes, interfaces, segments, and what every IPv4 node does.

The rules kept here: time is an argument or the clock's `now`, in whole microseconds; nothing reads a wall
clock; what is kept is data and bound methods, so that a whole lab can be copied for a checkpoint; nothing
iterates over a set; the same seed and the same inputs give the same transcript. Features attach as parts
(`parts.py`), their protocol instances as machines (`machine.py`); nothing here knows a feature by name.
"""

from __future__ import annotations

from iosemu.lab.clock import SECOND
from iosemu.lab.lab import Lab, LabError

__all__ = ["SECOND", "Lab", "LabError"]
