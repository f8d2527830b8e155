"""iosemu: a Cisco-style IOS CLI emulator whose routers are joined into a network that really runs.

`from iosemu import Lab`; `lab = Lab.load("physical")`; `lab["HA1"].console().send("show standby brief")`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # mypy knows the name; importing typing would cost every start

if TYPE_CHECKING:
    from iosemu.app import Lab, UsageError

__all__ = ["Lab", "UsageError"]


def __getattr__(name: str) -> object:
    # Imported when asked for: the `iosemu` command imports this module first, and starts without the rest.
    if name in __all__:
        from iosemu import app  # noqa: PLC0415

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
