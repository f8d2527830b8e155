"""Configuring the foreign agent, tunnels, and what interfaces do for Mobile IP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.cli.command import Values, command
from iosemu.features.mobileip.foreign_side import ForeignSide
from iosemu.features.mobileip.state import (
    DISCOVERY_AGE,
    LIFETIME,
    REGISTRATION_WAIT,
    CareOf,
    ForeignService,
    Mobile,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iosemu.lab.interface import Interface
    from iosemu.lab.router import Node


@command("global", "ip mobile foreign-agent")
def foreign_agent(node: Node, *, no: bool = False) -> None:
    """Make the router a foreign agent; `no` takes its options away, which are this command's in IOS."""
    mobile = node.part(Mobile)
    mobile.foreign_agent = not no
    if no:
        mobile.care_of = {}
        mobile.registration_wait = REGISTRATION_WAIT
        mobile.local_timezone = mobile.private_address = False


@foreign_agent.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.foreign_agent:
        yield {}


@command("global", "ip mobile foreign-agent care-of")
def care_of(
    node: Node,
    *,
    interface: str,
    interface_only: bool = False,
    transmit_only: bool = False,
    no: bool = False,
) -> None:
    """Offer an interface's address as care-of address; `no` with an option keeps the address."""
    held = node.part(Mobile).care_of
    if not no:
        held[interface] = CareOf(interface_only, transmit_only)
    elif not interface_only:
        held.pop(interface, None)
    elif interface in held:
        held[interface] = CareOf(held[interface].interface_only and transmit_only)


@care_of.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    for interface, options in mobile.care_of.items() if mobile else ():
        yield {"interface": interface, **options._asdict()}


@command("global", "ip mobile foreign-agent reg-wait")
def registration_wait(node: Node, *, seconds: int = REGISTRATION_WAIT, no: bool = False) -> None:
    """Set how long a registration may wait for its reply."""
    node.part(Mobile).registration_wait = REGISTRATION_WAIT if no else seconds


@registration_wait.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.registration_wait != REGISTRATION_WAIT:
        yield {"seconds": mobile.registration_wait}


@command("global", "ip mobile foreign-agent local-timezone", acts=False)
def local_timezone(node: Node, *, no: bool = False) -> None:
    """Use the local time zone in identifications."""
    node.part(Mobile).local_timezone = not no


@local_timezone.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.local_timezone:
        yield {}


@command("global", "ip mobile foreign-agent reverse-tunnel private-address")
def private_address(node: Node, *, no: bool = False) -> None:
    """Require reverse tunnels of mobile nodes with private addresses."""
    node.part(Mobile).private_address = not no


@private_address.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.private_address:
        yield {}


# --- Tunnels


@command("global", "ip mobile tunnel route-cache", acts=False)
def route_cache(node: Node, *, cef: bool = False, no: bool = False) -> None:
    """Switch packets fast through tunnels, or not; `no … cef` keeps fast switching."""
    mobile = node.part(Mobile)
    mobile.tunnel_options = mobile.tunnel_options._replace(route_cache=not no or cef, cef=cef and not no)


@route_cache.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and not mobile.tunnel_options.route_cache:
        yield {"no": True}
    elif mobile is not None and mobile.tunnel_options.cef:
        yield {"cef": True}


@command("global", "ip mobile tunnel path-mtu-discovery", acts=False)
def path_mtu_discovery(
    node: Node,
    *,
    age_timer: bool = False,
    minutes: int | None = None,
    infinite: bool = False,
    no: bool = False,
) -> None:
    """Find out the MTU of tunnels' paths; `no … age-timer` goes back to the default age."""
    mobile = node.part(Mobile)
    age: int | None = 0 if infinite else minutes or DISCOVERY_AGE
    if no:
        age = DISCOVERY_AGE if age_timer and mobile.tunnel_options.age is not None else None
    mobile.tunnel_options = mobile.tunnel_options._replace(age=age)


@path_mtu_discovery.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    age = mobile.tunnel_options.age if mobile else None
    if age is not None:
        other = age != DISCOVERY_AGE
        yield {"age_timer": other, "minutes": age if age and other else None, "infinite": not age}


@command("global", "ip mobile tunnel crypto map", acts=False)
def crypto_map(node: Node, *, name: str | None = None, no: bool = False) -> None:
    """Encrypt what goes through tunnels (noted only: nothing here encrypts)."""
    mobile = node.part(Mobile)
    mobile.tunnel_options = mobile.tunnel_options._replace(crypto_map=None if no else name)


@crypto_map.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.tunnel_options.crypto_map is not None:
        yield {"name": mobile.tunnel_options.crypto_map}


@command("global", "ip mobile tunnel nat", acts=False)
def nat(node: Node, *, inside: bool = False, outside: bool = False, no: bool = False) -> None:
    """Say on which side of address translation tunnels are (noted only)."""
    del outside
    mobile = node.part(Mobile)
    side = None if no else "inside" if inside else "outside"
    mobile.tunnel_options = mobile.tunnel_options._replace(nat=side)


@nat.config
def _(node: Node) -> Iterator[Values]:
    mobile = node.peek(Mobile)
    if mobile is not None and mobile.tunnel_options.nat is not None:
        yield {mobile.tunnel_options.nat: True}


# --- Interfaces


@command("interface", "ip mobile foreign-service")
def foreign_service(
    interface: Interface,
    *,
    home_access: str | bool | None = None,
    limit: int | bool | None = None,
    registration_required: bool = False,
    reverse_tunnel: bool = False,
    mandatory: bool = False,
    no: bool = False,
) -> None:
    """Serve visitors on an interface; options not named stay as they are, `no` of one keeps the service."""
    named = {
        "home_access": home_access,
        "limit": limit,
        "registration_required": registration_required,
        "reverse_tunnel": reverse_tunnel,
        "mandatory": mandatory,
    }
    said = {name: value for name, value in named.items() if value is not None and value is not False}
    service = interface.part(Service)
    known = service.foreign
    if not no:
        service.foreign = (known or ForeignService())._replace(**said)  # type: ignore[arg-type]
    elif not said:
        service.foreign = None
    elif known is not None:
        if mandatory:
            del said["reverse_tunnel"]  # only what qualifies it goes
        elif reverse_tunnel:
            said["mandatory"] = True
        defaults = ForeignService()._asdict()
        service.foreign = known._replace(**{name: defaults[name] for name in said})
    side = interface.node.peek(ForeignSide)
    if side is not None:
        side.update()


@foreign_service.config
def _(interface: Interface) -> Iterator[Values]:
    service = interface.peek(Service)
    if service is not None and service.foreign is not None:
        yield service.foreign._asdict()


@command("interface", "ip mobile prefix-length")
def prefix_length(interface: Interface, *, no: bool = False) -> None:
    """Advertise the prefix lengths of the interface's addresses."""
    interface.part(Service).prefix_length = not no


@prefix_length.config
def _(interface: Interface) -> Iterator[Values]:
    service = interface.peek(Service)
    if service is not None and service.prefix_length:
        yield {}


@command("interface", "ip mobile registration-lifetime")
def registration_lifetime(interface: Interface, *, seconds: int = LIFETIME, no: bool = False) -> None:
    """Advertise a longest registration lifetime."""
    interface.part(Service).lifetime = LIFETIME if no else seconds


@registration_lifetime.config
def _(interface: Interface) -> Iterator[Values]:
    service = interface.peek(Service)
    if service is not None and service.lifetime != LIFETIME:
        yield {"seconds": service.lifetime}
