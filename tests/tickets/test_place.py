"""Where a ticket is: a map kit's point is stored as the satellites mean it, or a visit would look half a km off."""

from __future__ import annotations

import pytest
import scenario
from flask import Flask

from app.geo import to_gcj02

HERE = (40.4079, 110.0331)


@pytest.fixture
def world(app: Flask) -> scenario.World:
    return scenario.World(app)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_point_is_stored_as_wgs84_whatever_it_came_as(world: scenario.World, datum: str) -> None:
    lat, lon = HERE if datum == "wgs84" else to_gcj02(*HERE)
    ticket_id = world.registered(position={"lat": lat, "lon": lon, "datum": datum})
    shown = world.station.ticket(ticket_id)["position"]
    assert (shown["lat"], shown["lon"]) == pytest.approx(HERE, abs=1e-6)
