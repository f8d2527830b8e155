"""The real grammar, compiled once for all tests of the parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iosemu import resources
from iosemu.parser.grammar import load

if TYPE_CHECKING:
    from iosemu.parser.grammar import Grammar


@pytest.fixture(scope="session")
def real() -> Grammar:
    """Give the grammar of this checkout."""
    return load(resources.folder("grammar"))
