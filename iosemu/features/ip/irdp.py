"""`ip irdp …` and `show ip irdp` (reference mobile-ip.md §1.3 has the defaults, §2.11 the screen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Reply, Values, command
from iosemu.features.ip.show_interface import listed
from iosemu.lab.discovery import MAXIMUM, Advertising

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.addresses import IPv4
    from iosemu.cli.session import Session
    from iosemu.lab.interface import Interface


@command("interface", "ip irdp")
def irdp(interface: Interface, *, no: bool = False) -> None:
    """Advertise the interface's addresses as routers', or no longer; options stay."""
    advertising = interface.peek(Advertising) if no else interface.part(Advertising)
    if advertising is not None:
        advertising.enabled = not no
        advertising.update(interface)


@irdp.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.enabled:
        yield {}


@command("interface", "ip irdp multicast")
def multicast(interface: Interface, *, no: bool = False) -> None:
    """Advertise to all hosts' multicast group, not by broadcast."""
    interface.part(Advertising).multicast = not no


@multicast.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.multicast:
        yield {}


@command("interface", "ip irdp holdtime")
def holdtime(interface: Interface, *, seconds: int | None = None, no: bool = False) -> None:
    """Set how long advertisements are to be believed."""
    advertising = interface.part(Advertising)
    advertising.set_times(advertising.times._replace(holdtime=None if no else seconds))


@holdtime.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.times.holdtime is not None:
        yield {"seconds": advertising.times.holdtime}


@command("interface", "ip irdp maxadvertinterval")
def maximum(interface: Interface, *, seconds: int = MAXIMUM, no: bool = False) -> None:
    """Set the longest time between advertisements; 0: only when solicited."""
    advertising = interface.part(Advertising)
    advertising.set_times(advertising.times._replace(maximum=MAXIMUM if no else seconds))


@maximum.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.times.maximum != MAXIMUM:
        yield {"seconds": advertising.times.maximum}


@command("interface", "ip irdp minadvertinterval")
def minimum(interface: Interface, *, seconds: int | None = None, no: bool = False) -> None:
    """Set the shortest time between advertisements."""
    advertising = interface.part(Advertising)
    advertising.set_times(advertising.times._replace(minimum=None if no else seconds))


@minimum.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.times.minimum is not None:
        yield {"seconds": advertising.times.minimum}


@command("interface", "ip irdp preference")
def preference(interface: Interface, *, preference: int = 0, no: bool = False) -> None:
    """Set how much hosts are to prefer this router."""
    interface.part(Advertising).preference = 0 if no else preference


@preference.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    if advertising is not None and advertising.preference:
        yield {"preference": advertising.preference}


@command("interface", "ip irdp address")
def address(interface: Interface, *, address: IPv4, preference: int = 0, no: bool = False) -> None:
    """Advertise another router's address as well."""
    proxies = interface.part(Advertising).proxies
    if no:
        proxies.pop(address, None)
    else:
        proxies[address] = preference


@address.config
def _(interface: Interface) -> Iterator[Values]:
    advertising = interface.peek(Advertising)
    for proxy, worth in advertising.proxies.items() if advertising is not None else ():
        yield {"address": proxy, "preference": worth or None}


@command("exec", "show ip irdp")
def show_ip_irdp(session: Session, *, interface: str | None = None) -> Reply:
    """Show router discovery on the interfaces."""
    for port in listed(session, interface):
        advertising = port.peek(Advertising)
        if advertising is None or not advertising.enabled:
            yield f"{port.name} has router discovery disabled"
        else:
            yield from _rows(port.name, advertising)
        yield ""


def _rows(name: str, advertising: Advertising) -> Iterator[str]:
    times = advertising.times
    yield f"{name} has router discovery enabled"
    yield ""
    yield f"Advertisements will occur between every {times.shortest} and {times.maximum} seconds."
    yield f"Advertisements are sent with {'multicasts' if advertising.multicast else 'broadcasts'}."
    yield f"Advertisements are valid for {times.lifetime} seconds."
    yield f"Default preference will be {advertising.preference}."
    for proxy, worth in advertising.proxies.items():
        yield f"Proxy for {proxy} with preference {worth}."
