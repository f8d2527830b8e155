"""Access lists: which addresses and packets they let through."""

from __future__ import annotations

import pytest

from iosemu.addresses import IPv4
from iosemu.app import Lab
from iosemu.lab import acl

TEXT = """
hostname R1
access-list 5 remark the first entry that matches decides
access-list 5 deny host 10.0.0.9
access-list 5 permit 10.0.0.0 0.0.0.255
access-list 1300 permit 10.0.0.1
access-list 6 deny any
access-list 101 deny ip any any
ip access-list standard NOC
 30 permit any
 10 permit 10.0.0.9
 20 deny 10.0.0.0 0.255.0.255
 deny any
"""


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    """Boot a router that has these lists."""
    path = tmp_path_factory.mktemp("lists") / "R1.cfg"
    path.write_text(TEXT)
    return Lab.load(path)["R1"]


@pytest.mark.parametrize(
    ("name", "address", "permitted"),
    [
        ("5", "10.0.0.9", False),
        ("5", "10.0.0.8", True),
        ("5", "10.0.1.8", False),
        ("1300", "10.0.0.1", True),
        ("1300", "10.0.0.2", False),
        ("6", "10.0.0.1", False),
        ("NOC", "10.0.0.9", True),
        ("NOC", "10.9.0.8", False),
        ("NOC", "10.0.1.8", True),
        ("7", "10.0.0.1", True),
        ("101", "10.0.0.1", True),
    ],
)
def test_the_first_entry_that_matches_decides(router, name, address, permitted):
    """None that matches is a denial; no list of that name, or an extended one, stops nobody."""
    assert acl.permits(router, name, IPv4.parse(address)) is permitted


def test_entries_stand_by_their_numbers(router):
    """What was typed without a number goes to the end."""
    listed = router.part(acl.AccessLists).lists["NOC"]
    assert [(number, rule.permits) for number, rule in listed.lines()] == [
        (10, True),
        (20, False),
        (30, True),
        (40, False),
    ]
