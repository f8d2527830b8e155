"""Addresses are values: what copies a lab need not copy them."""

from __future__ import annotations

from copy import copy, deepcopy

import pytest

from iosemu.addresses import MAC, IPv4, Prefix


@pytest.mark.parametrize("value", [IPv4(1), MAC(2), Prefix(IPv4(0x0A000000), 8)])
def test_a_copy_of_an_address_is_the_address(value: IPv4 | MAC | Prefix) -> None:
    """By itself, and within what is copied."""
    assert copy(value) is value
    assert deepcopy(value) is value
    assert deepcopy([value])[0] is value
