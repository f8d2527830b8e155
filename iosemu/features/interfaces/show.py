"""`show interfaces` and `clear counters`; the screen is 12.4's (ios-shell.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Ask, Reply, command
from iosemu.cli.said import first
from iosemu.features.interfaces.configure import HARDWARE, Settings
from iosemu.lab.clock import SECOND
from iosemu.lab.interface import Counters
from iosemu.lab.log import uptime
from iosemu.lab.tunnel import Tunnel, Tunnels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.cli.session import Session
    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


class Cleared:
    """When an interface's counters were cleared (a part of it); None: never."""

    def __init__(self, _: object) -> None:
        self.when: int | None = None


def listed(node: Node) -> list[Interface]:
    """Give the interfaces in the order of screens: ports, then the virtual ones; null 0 is not listed."""
    found = [each for each in node.interfaces.values() if each.kind.name != "Null"]
    return sorted(found, key=lambda each: (each.kind.virtual, each.sort_key))


def tunnels(node: Node) -> list[Interface]:
    """Give the tunnels that Mobile IP has made."""
    held = node.peek(Tunnels)
    return list(held) if held else []


def _up(interface: Interface) -> str:
    return "up" if interface.up else "down"


@command("exec", "show interfaces")
def show_interfaces(
    session: Session,
    *,
    interface: str | None = None,
    description: bool = False,
    stats: bool = False,
    summary: bool = False,
) -> Reply:
    """Show interfaces in full, or a line each, or what they have counted."""
    node = session.node
    ports = [*listed(node), *tunnels(node)]
    if interface is not None:
        ports = [each for each in (*node.interfaces.values(), *ports[::-1]) if each.name == interface][:1]
    if description:
        yield "Interface                      Status         Protocol Description"
        for each in ports:
            held = each.peek(Settings)
            state = each.status.replace("administratively", "admin")
            yield f"{each.short:<30} {state:<14} {_up(each):<8} {held.description if held else ''}"
        return
    if summary:
        yield from _summary(ports)
        return
    for each in ports:
        yield from _stats(each) if stats else rows(session, each)


def _stats(interface: Interface) -> Iterator[str]:
    """Yield counters by switching path: there is no other here than the processor's."""
    counters = interface.counters
    numbers = counters.packets_in, counters.bytes_in, counters.packets_out, counters.bytes_out
    yield interface.name
    yield "          Switching path    Pkts In   Chars In   Pkts Out  Chars Out"
    for path, row in (("Processor", numbers), ("Route cache", (0, 0, 0, 0)), ("Total", numbers)):
        yield f"{path:>24} {row[0]:10} {row[1]:10} {row[2]:10} {row[3]:10}"


def _summary(ports: list[Interface]) -> Iterator[str]:
    yield ""
    yield " *: interface is up"
    yield " IHQ: pkts in input hold queue     IQD: pkts dropped from input queue"
    yield " OHQ: pkts in output hold queue    OQD: pkts dropped from output queue"
    yield " RXBS: rx rate (bits/sec)          RXPS: rx rate (pkts/sec)"
    yield " TXBS: tx rate (bits/sec)          TXPS: tx rate (pkts/sec)"
    yield " TRTL: throttle count"
    yield ""
    yield "  Interface              IHQ   IQD  OHQ   OQD  RXBS RXPS  TXBS TXPS TRTL"
    yield "-" * 72
    for port in ports:
        if "." not in port.number:
            counters, span = port.counters, _span(port)
            taken = _rate(counters.bytes_in, counters.packets_in, span)
            given = _rate(counters.bytes_out, counters.packets_out, span)
            yield (
                f"{'*' if port.up else ' '} {port.name:<22}{0:5} {0:5} {0:4} {counters.drops:5}"
                f" {taken[0]:5} {taken[1]:4} {given[0]:5} {given[1]:4} {0:4}"
            )
    yield "NOTE:No separate counters are maintained for subinterfaces"
    yield "     Hence Details of subinterface are not shown"


@command("exec", "show controllers")
def show_controllers(session: Session, *, interface: str | None = None) -> Reply:
    """Show the hardware of ports; a serial line's end with `clock rate` is its DCE (12.4's first rows)."""
    for port in listed(session.node):
        if port.kind.virtual or "." in port.number or interface not in (None, port.name):
            continue
        yield f"Interface {port.name}"
        yield f"Hardware is {HARDWARE[port.kind.name].name}"
        if port.kind.name == "Serial":
            rate = first(session, "interface", "clock rate", port)
            yield f"DCE V.35, clock rate {rate['bits']}" if rate else "DTE V.35 TX and RX clocks detected."


@command("exec", "show vlans")
def show_vlans(session: Session, *, number: int | None = None) -> Reply:
    """Show the VLANs of subinterfaces, and what they have counted (12.4's layout)."""
    found: dict[int, list[Interface]] = {}
    for port in listed(session.node):
        held = port.peek(Settings)
        if held and held.encapsulation.get("dot1q"):
            found.setdefault(held.encapsulation["vlan"], []).append(port)
    if not found:
        yield "No Virtual LANs configured."
        return
    for vlan, ports in sorted(found.items()):
        if number in (None, vlan):
            yield ""
            yield f"Virtual LAN ID:  {vlan} (IEEE 802.1Q Encapsulation)"
            yield ""
            for port in ports:
                yield from _vlan(port)


def _vlan(port: Interface) -> Iterator[str]:
    yield f"   vLAN Trunk Interface:   {port.name}"
    yield ""
    held = port.peek(Settings)
    if held and held.encapsulation.get("native"):
        yield " This is configured as native Vlan for the following interface(s) :"
        yield port.name.partition(".")[0]
        yield ""
    yield "   Protocols Configured:   Address:              Received:        Transmitted:"
    for address, _ in port.addresses:
        counters = port.counters
        yield f"           IP              {address!s:<21}{counters.packets_in:10} {counters.packets_out:19}"
    yield ""


def rows(session: Session, interface: Interface) -> Iterator[str]:
    """Yield the rows of one interface."""
    held = interface.peek(Settings) or Settings(interface)
    hardware = HARDWARE[interface.kind.name]
    subinterface = "." in interface.number
    yield f"{interface.name} is {interface.status}, line protocol is {_up(interface)} "
    address = f", address is {interface.mac} (bia {interface.bia})" if interface.kind.ethernet else ""
    yield f"  Hardware is {hardware.name}{address}"
    if held.description:
        yield f"  Description: {held.description}"
    if interface.address:
        yield f"  Internet address is {interface.address[0]}/{interface.address[1].length}"
    elif isinstance(interface, Tunnel):
        yield from _unnumbered(interface)
    kilobits = hardware.bandwidth if held.bandwidth is None else held.bandwidth
    delay = hardware.delay if held.delay is None else held.delay * 10
    yield f"  MTU {held.mtu or hardware.mtu} bytes, BW {kilobits} Kbit, DLY {delay} usec, "
    counters, span = interface.counters, _span(interface)
    taken = _rate(counters.bytes_in, counters.packets_in, span)
    given = _rate(counters.bytes_out, counters.packets_out, span)
    loads = f"txload {_load(given[0], kilobits)}/255, rxload {_load(taken[0], kilobits)}/255"
    yield f"     reliability 255/255, {loads}"
    yield from _encapsulated(interface, held)
    if interface.kind.name == "Tunnel":
        yield from _tunnelled(session, interface)
    if subinterface:
        yield f'  Last clearing of "show interface" counters {_age(interface, _cleared(interface))}'
        return
    last = _age(interface, counters.last_input), _age(interface, counters.last_output)
    yield f"  Last input {last[0]}, output {last[1]}, output hang never"
    yield f'  Last clearing of "show interface" counters {_age(interface, _cleared(interface))}'
    yield f"  Input queue: 0/75/0/0 (size/max/drops/flushes); Total output drops: {counters.drops}"
    yield "  Queueing strategy: fifo"
    yield f"  Output queue: 0/{40 if not interface.kind.virtual else 0} (size/max)"
    yield f"  5 minute input rate {taken[0]} bits/sec, {taken[1]} packets/sec"
    yield f"  5 minute output rate {given[0]} bits/sec, {given[1]} packets/sec"
    yield f"     {counters.packets_in} packets input, {counters.bytes_in} bytes, 0 no buffer"
    yield f"     Received {counters.broadcasts_in} broadcasts, 0 runts, 0 giants, 0 throttles"
    # What has no counter cannot happen here.
    abort = "" if interface.kind.ethernet else ", 0 abort"
    yield f"     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored{abort}"
    if interface.kind.ethernet:
        yield "     0 input packets with dribble condition detected"
    yield f"     {counters.packets_out} packets output, {counters.bytes_out} bytes, 0 underruns"
    yield "     0 output errors, 0 collisions, 0 interface resets"
    if interface.kind.ethernet:
        yield "     0 babbles, 0 late collision, 0 deferred"
        yield "     0 lost carrier, 0 no carrier"
    yield "     0 output buffer failures, 0 output buffers swapped out"
    if interface.kind.name == "Serial":
        signal = "up" if interface.up else "down"
        pins = "  ".join(f"{pin}={signal}" for pin in ("DCD", "DSR", "DTR", "RTS", "CTS"))
        yield f"     0 carrier transitions     {pins}"


def _encapsulated(interface: Interface, held: Settings) -> Iterator[str]:
    said = held.encapsulation
    if said.get("dot1q"):
        yield f"  Encapsulation 802.1Q Virtual LAN, Vlan ID  {said['vlan']}."
    elif said.get("isl"):
        yield f"  Encapsulation ISL Virtual LAN, Color {said['vlan']}."
    else:
        # `frame-relay` and the like are called as they are said, in capitals.
        name = next((key for key in said if key != "ietf"), HARDWARE[interface.kind.name].encapsulation)
        yield f"  Encapsulation {name.replace('_', '-').upper()}, loopback not set"
        if not interface.kind.virtual and "." not in interface.number:
            seconds = held.keepalive
            yield f"  Keepalive set ({seconds} sec)" if seconds else "  Keepalive not set"
    if interface.kind.ethernet:
        yield f"  ARP type: ARPA, ARP Timeout {_clock(interface.arp_timeout)}"


def _unnumbered(tunnel: Tunnel) -> Iterator[str]:
    """Say whose address a tunnel of Mobile IP's uses."""
    owner = tunnel.node.ip.owner(tunnel.source)
    if owner is not None:
        yield f"  Interface is unnumbered. Using address of {owner.name} ({tunnel.source})"


def _tunnelled(session: Session, interface: Interface) -> Iterator[str]:
    """Say where a tunnel leads (12.4(15)T's rows): one of Mobile IP's, or one that is configured."""
    if isinstance(interface, Tunnel):
        source, destination = str(interface.source), str(interface.destination)
        mode = "GRE" if interface.gre else "IP"
    else:
        said = {
            word: first(session, "interface", f"tunnel {word}", interface) or {}
            for word in ("source", "destination", "mode")
        }
        port = interface.node.interfaces.get(said["source"].get("interface") or "")
        address = port.address[0] if port is not None and port.address else None
        source = (
            f"{address or 'UNKNOWN'} ({port.name})"
            if port
            else str(said["source"].get("address") or "UNKNOWN")
        )
        destination = str(said["destination"].get("destination") or "UNKNOWN")
        mode = "IP" if said["mode"].get("ipip") else "GRE"
    yield f"  Tunnel source {source}, destination {destination}"
    yield f"  Tunnel protocol/transport {mode}/IP"
    if mode == "GRE":
        yield "    Key disabled, sequencing disabled"
        yield "    Checksumming of packets disabled"
    yield f"  Tunnel TTL {(first(session, 'interface', 'tunnel ttl', interface) or {}).get('ttl', 255)}"
    yield "  Fast tunneling enabled"
    yield "  Tunnel transmit bandwidth 8000 (kbps)"
    yield "  Tunnel receive bandwidth 8000 (kbps)"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _cleared(interface: Interface) -> int | None:
    held = interface.peek(Cleared)
    return held.when if held else None


def _age(interface: Interface, when: int | None) -> str:
    return "never" if when is None else uptime(interface.node.now - when)


def _span(interface: Interface) -> int:
    """Give the time that the counters cover: with no history kept, that is what rates are means of."""
    cleared = _cleared(interface)
    return interface.node.now - (interface.node.booted_at if cleared is None else cleared)


def _rate(octets: int, packets: int, span: int) -> tuple[int, int]:
    """Give bits and packets a second; bits by the thousand, as IOS gives them."""
    if not span:
        return 0, 0
    return (octets * 8 * SECOND + 500 * span) // (1000 * span) * 1000, (packets * SECOND + span // 2) // span


def _load(bits: int, kilobits: int) -> int:
    return min(255, max(1, bits * 255 // (kilobits * 1000 or 1)))


@command("exec", "clear counters")
def clear_counters(session: Session, *, interface: str | None = None) -> Reply:
    """Count from 0 again, when that is confirmed; the log tells who did it (messages from memory)."""
    node = session.node
    what = "all interfaces" if interface is None else "this interface"
    answer = yield Ask(f'Clear "show interface" counters on {what} [confirm]', key=True)
    if answer.strip().lower() not in ("", "y"):
        return
    for each in node.interfaces.values():
        if interface in (None, each.name):
            old, each.counters = each.counters, Counters()
            each.counters.last_input, each.counters.last_output = old.last_input, old.last_output
            each.part(Cleared).when = node.now
    what = "all interfaces" if interface is None else f"interface {interface}"
    node.log.emit("CLEAR", 5, "COUNTERS", f"Clear counter on {what} by {session.who}")
