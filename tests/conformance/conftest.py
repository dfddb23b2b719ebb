"""The town in which the clauses are tried."""

from __future__ import annotations

import pytest
from lasting import shared
from scenario import World

__all__ = ["shared", "world"]


@pytest.fixture
def world(shared: World) -> World:
    """The town in which the clauses are tried; each test makes tickets of its own."""
    return shared
