"""Spot checks of the demonstration: a plan in every town, and samples drawn day by day as the relay would have."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from app.db import Database
from app.demo.player import Player
from app.demo.story import Cast
from app.ids import new_id
from app.oversight.inspections import drawing
from app.oversight.inspections.periods import period_at
from app.people.models import Jurisdiction
from app.policies.queries import policy_of

_BEGUN: Final = timedelta(days=14)
"""Longer ago than the oldest answer of any town."""
_PLAN: Final[dict[str, Any]] = {
    "period": "daily", "population": "answered", "share": 50, "minimum": 3, "spread": ["unit", "kind"], "blind": 25,
    "hold_minutes": 30, "weights": {"severity:high": 20, "severity:medium": 4, "severity:low": 1.2, "redo": 1.5},
    "note": "按工作站与督查人员商定的比例试行",
}  # fmt: skip


def plan(database: Database, cast: Cast, now: datetime) -> None:
    """Put the town's plan in force, long enough ago for every answer to have been drawn from."""
    args = {"plan_id": new_id(), **_PLAN}
    Player(database).play(cast.persons["supervisor"], "inspection.plan", None, args, now - _BEGUN)


def draw_until(database: Database, profile: str, now: datetime) -> None:
    """Draw every period that is over by now, each at its end."""
    with database.read() as session:
        place = session.get_one(Jurisdiction, profile)
        zone = policy_of(session, place.policy_id).zone
    at = now - _BEGUN
    while (at := period_at(_PLAN["period"], at, zone).ends) <= now:
        drawing.tick(database, at)
    drawing.tick(database, now)
