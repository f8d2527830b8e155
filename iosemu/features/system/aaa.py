"""AAA: whom a line asks who somebody is, and whether his level counts, by `aaa new-model` or without it.

A lab has no TACACS+ or RADIUS server and no Kerberos: those methods never answer, so that the next of a list is tried,
and after the last the router's own users (Cisco's security command reference, `aaa authentication login`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.kept import Heeded

from .enable import HIGHEST, Enabling, Password
from .lines import Access

if TYPE_CHECKING:
    from iosemu.cli.tty import TTY
    from iosemu.lab.router import Node

_NEW_MODEL = Heeded("global", "aaa new-model")
_AUTHENTICATION = Heeded("global", "aaa authentication")
_AUTHORIZATION = Heeded("global", "aaa authorization")


def new_model(node: Node) -> bool:
    """Whether `aaa new-model` is configured."""
    return bool(_NEW_MODEL.lines(node))


def asked(node: Node, tty: TTY) -> str:
    """Say whom a line asks: its `line` password, the `enable` secret, the router's `local` users; "" for nobody."""
    access = tty.part(Access)
    if not new_model(node):
        return "local" if access.login in ("tacacs", "list") else access.login
    lists = {
        values["list"]: values["methods"].lower().split()
        for values in _AUTHENTICATION.lines(node)
        if values.get("login")
    }
    default = lists.get("default", ["local"] if tty.kind == "vty" else ["none"])
    for method in lists.get(access.method, default):
        if method == "none":
            return ""
        if method in ("local", "local-case"):
            break
        if (method == "line" and access.password) or (method == "enable" and enabling(node)):
            return str(method)
    return "local"


def enabling(node: Node) -> Password | None:
    """Give what `enable` asks for, which may let in as well."""
    held = node.peek(Enabling)
    return (held.secrets.get(HIGHEST) or held.passwords.get(HIGHEST)) if held else None


def ranks(node: Node, tty: TTY) -> bool:
    """Whether what is configured of a user (privilege, autocommand) counts on a line.

    With `aaa new-model`: where `aaa authorization exec` asks the router's users; at the console `aaa authorization
    console` has to be said as well.
    """
    if not new_model(node):
        return True
    rules = _AUTHORIZATION.lines(node)
    local = any(values.get("exec") and "local" in values.get("rule", "").lower().split() for values in rules)
    return local and (tty.kind != "con" or any(values.get("console") for values in rules))
