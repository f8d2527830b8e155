"""enable."""
from __future__ import annotations
from iosemu.cli.command import command
@command("exec","enable")
def enable(session, *, privilege: int = 15): session.level = privilege
