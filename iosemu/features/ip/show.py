"""Screens of names as they are configured, and `show ip protocols`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.features.ip.lines import first, on, said
from iosemu.lab.routes import PROTOCOLS

if TYPE_CHECKING:
    from iosemu.cli.session import Session


@command("exec", "show hosts")
def show_hosts(session: Session, *, name: str | None = None) -> Reply:
    """Show domain, name servers and the hosts that are configured (12.4's layout; from memory)."""
    node = session.node
    domain = first(session, "global", "ip domain name", node)
    servers = [
        str(address)
        for values in said(session, "global", "ip name-server", node)
        for key, address in values.items()
        if key.startswith("address") and address is not None
    ]
    lookup = on(session, "global", "ip domain lookup", node, default=True)
    yield f"Default domain is {domain['name'] if domain else 'not set'}"
    yield f"Name/address lookup uses {'domain service' if lookup else 'static mappings'}"
    yield f"Name servers are {', '.join(servers) or '255.255.255.255'}"
    yield ""
    yield "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate"
    yield "       temp - temporary, perm - permanent"
    yield "       NA - Not Applicable None - Not defined"
    yield ""
    yield "Host                      Port  Flags      Age Type   Address(es)"
    for values in said(session, "global", "ip host", node):
        if name is not None and values["name"].lower() != name.lower():
            continue
        addresses = [
            str(values[key]) for key in values if key.startswith("address") and values[key] is not None
        ]
        port = values.get("port")
        lead = f"{values['name']:<25} {'None' if port is None else port!s:<5} {'(perm, OK)':<11} 0   IP    "
        for address in addresses:
            yield lead + address
            lead = " " * len(lead)


@command("exec", "show ip protocols")
def show_ip_protocols(session: Session) -> Reply:
    """Show the routing protocols that run, each as it shows itself."""
    yield "*** IP Routing is NSF aware ***"
    yield ""
    for section in PROTOCOLS:
        yield from section(session.node)
