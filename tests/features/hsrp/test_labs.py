"""The shipped labs: every HSRP group that the specification's examples configure elects its routers."""

from __future__ import annotations

import pytest

from iosemu import resources
from iosemu.app import Lab
from iosemu.features.hsrp.state import Group, Standby
from iosemu.lab.track import Track


def members(lab: Lab) -> dict[tuple[str, int], list[Group]]:
    """Give the groups of a lab: those of one number on one segment are one."""
    found: dict[tuple[str, int], list[Group]] = {}
    for node in lab.nodes.values():
        for interface in node.interfaces.values():
            standby = interface.peek(Standby)
            for number, group in standby.groups.items() if standby else ():
                assert interface.segment is not None
                found.setdefault((interface.segment.name, number), []).append(group)
    return found


@pytest.mark.parametrize("name", [name for name, _ in resources.labs()])
def test_every_group_of_a_shipped_lab_has_one_active_and_one_standby_router(name: str) -> None:
    """A minute after the start, each group has settled, and its routers agree on who is what."""
    lab = Lab.load(name)
    lab.advance(60)
    groups = members(lab)
    assert groups
    for group in groups.values():
        assert sorted(each.machine.state for each in group) == ["Active", "Standby"]
        active, standby = sorted(group, key=lambda each: each.machine.state)
        assert active.machine.standby_router == standby.machine.address
        assert standby.machine.active_router == active.machine.address
        address = active.machine.virtual_ip
        assert address is not None
        assert active.interface.owns(address)
        assert not standby.interface.owns(address)


@pytest.mark.parametrize("name", [name for name, _ in resources.labs()])
def test_groups_of_shipped_labs_are_published_by_the_names_configured(name: str) -> None:
    """What `ip mobile home-agent standby NAME` will look for is there, with address and state."""
    lab = Lab.load(name)
    lab.advance(60)
    for group in [each for routers in members(lab).values() for each in routers]:
        assert group.name is not None
        published = group.interface.node.part(Track).groups[group.name]
        assert published.address == group.machine.virtual_ip
        assert published.active == (group.machine.state == "Active")
