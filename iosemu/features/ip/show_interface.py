"""`show ip interface` and its `brief` form (both 12.4's: ios-shell.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, command
from iosemu.cli.said import first, on, said
from iosemu.features.ip.address import Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.command import Values
    from iosemu.cli.session import Session
    from iosemu.lab.interface import Interface

METHODS = {"NVRAM": "non-volatile memory", "manual": "setup command", "unset": "unspecified means"}
"""Of `show ip interface brief`, and what `show ip interface` calls them."""


def listed(session: Session, interface: str | None) -> list[Interface]:
    """Give the interfaces asked for: all are ports first, then the virtual ones, without null 0."""
    ports = session.node.interfaces
    if interface is not None:
        return [ports[interface]] if interface in ports else []
    found = [each for each in ports.values() if each.kind.name != "Null"]
    return sorted(found, key=lambda each: (each.kind.virtual, each.sort_key))


def _protocol(interface: Interface) -> str:
    return "up" if interface.up else "down"


def _method(interface: Interface) -> str:
    held = interface.peek(Method)
    return held.word if held else "unset"


@command("exec", "show ip interface")
def show_ip_interface(session: Session, *, interface: str | None = None, brief: bool = False) -> Reply:
    """Show what interfaces do with IP, in full or a line each."""
    ports = listed(session, interface)
    if brief:
        yield "Interface                  IP-Address      OK? Method Status                Protocol"
        for port in ports:
            address = str(port.address[0]) if port.address else "unassigned"
            yield (
                f"{port.name:<26} {address:<15} {'YES':<3} {_method(port):<6} {port.status:<21} "
                f"{_protocol(port):<8}"
            )
        return
    for port in ports:
        yield f"{port.name} is {port.status}, line protocol is {_protocol(port)}"
        if port.addresses:
            for row in _rows(session, port):
                yield "  " + row
        else:
            yield "  Internet protocol processing disabled"


def _rows(session: Session, port: Interface) -> Iterator[str]:
    def enabled(name: str, *, default: bool) -> str:
        return "enabled" if on(session, "interface", name, port, default=default) else "disabled"

    def sent(name: str, *, default: bool) -> str:
        return "always sent" if on(session, "interface", name, port, default=default) else "never sent"

    if port.address:
        yield f"Internet address is {port.address[0]}/{port.address[1].length}"
    broadcast = first(session, "interface", "ip broadcast-address", port) or {}
    yield f"Broadcast address is {broadcast.get('address', '255.255.255.255')}"
    yield f"Address determined by {METHODS[_method(port)]}"
    mtu = first(session, "interface", "ip mtu", port) or first(session, "interface", "mtu", port)
    yield f"MTU is {mtu['size'] if mtu else 1500 if port.kind.ethernet else 1514} bytes"
    helpers = said(session, "interface", "ip helper-address", port)
    yield from _helpers([str(values["address"]) for values in helpers])
    yield f"Directed broadcast forwarding is {enabled('ip directed-broadcast', default=False)}"
    for address, prefix in port.secondaries:
        yield f"Secondary address {address}/{prefix.length}"
    if port.groups:
        yield f"Multicast reserved groups joined: {' '.join(map(str, port.groups))}"
    filters = said(session, "interface", "ip access-group", port)
    yield f"Outgoing access list is {_filter(filters, 'outbound')}"
    yield f"Inbound  access list is {_filter(filters, 'inbound')}"
    yield f"Proxy ARP is {'enabled' if port.proxy_arp else 'disabled'}"
    yield "Local Proxy ARP is disabled"
    yield "Security level is default"
    yield f"Split horizon is {enabled('ip split-horizon', default=True)}"
    yield f"ICMP redirects are {sent('ip redirects', default=True)}"
    yield f"ICMP unreachables are {sent('ip unreachables', default=True)}"
    yield f"ICMP mask replies are {sent('ip mask-reply', default=False)}"
    fast = enabled("ip route-cache", default=True)
    yield f"IP fast switching is {fast}"
    same = enabled("ip route-cache same-interface", default=False)
    yield f"IP fast switching on the same interface is {same}"
    yield f"IP Flow switching is {enabled('ip route-cache flow', default=False)}"
    cef = enabled("ip route-cache cef", default=True)
    yield f"IP CEF switching is {cef}"
    if cef == "enabled":
        yield "IP CEF switching turbo vector"
    yield f"IP multicast fast switching is {enabled('ip mroute-cache', default=True)}"
    yield "IP multicast distributed fast switching is disabled"
    flags = ", ".join(flag for flag, state in (("Fast", fast), ("CEF", cef)) if state == "enabled")
    yield f"IP route-cache flags are {flags or 'None'}"
    yield f"Router Discovery is {enabled('ip irdp', default=False)}"
    yield f"IP output packet accounting is {enabled('ip accounting output-packets', default=False)}"
    yield "IP access violation accounting is disabled"
    yield "TCP/IP header compression is disabled"
    yield "RTP/IP header compression is disabled"
    policy = first(session, "interface", "ip policy route-map", port)
    yield f"Policy routing is {'enabled, using route map ' + policy['name'] if policy else 'disabled'}"
    translated = any(on(session, "interface", name, port) for name in ("ip nat inside", "ip nat outside"))
    yield f"Network address translation is {'enabled' if translated else 'disabled'}"
    yield "BGP Policy Mapping is disabled"
    yield "WCCP Redirect outbound is disabled"
    yield "WCCP Redirect inbound is disabled"
    yield "WCCP Redirect exclude is disabled"


def _helpers(addresses: list[str]) -> Iterator[str]:
    if not addresses:
        yield "Helper address is not set"
    elif len(addresses) == 1:
        yield f"Helper address is {addresses[0]}"
    else:
        yield f"Helper addresses are {addresses[0]}"
        for address in addresses[1:]:
            yield f"                     {address}"


def _filter(filters: list[Values], way: str) -> str:
    return next((str(values["access_list"]) for values in filters if values.get(way)), "not set")
