"""In the demonstration a supervisor meets every planted fake in the queue, and no honest answer is gravely doubted."""

from __future__ import annotations

from pathlib import Path

import pytest
from lasting import make_config
from sqlalchemy import select

from app.db import Database
from app.demo.people import TOWNS
from app.demo.seed import seed
from app.oversight.inspections import verifying
from app.oversight.inspections.models import InspectionCase, InspectionDraw
from app.tickets.models import Ticket

SHORT = 8
"""Cases that a supervisor looks at in a short session."""


@pytest.mark.slow
@pytest.mark.clause("A5")
def test_every_planted_fake_is_met_in_a_short_session(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    path.write_bytes(sqlite_template.read_bytes())
    config = make_config(f"sqlite:///{path}", tmp_path, demo=True)
    database = Database(config.database_url)
    seed(database, config)
    faked = {
        (t.profile, s["title"])
        for t in TOWNS
        for s in t.tickets
        if any(p.startswith("fake:") for p in s.get("play", ()))
    }
    assert len(faked) >= 2
    with database.read(snapshot=True) as session:
        cases = select(InspectionCase, Ticket.title).join(Ticket, Ticket.id == InspectionCase.ticket_id)
        found = {(case.jurisdiction_id, title): case for case, title in session.execute(cases)}
        assert faked <= set(found), faked - set(found)
        for key, case in found.items():
            grave = any(signal["severity"] == "high" for signal in case.signals)
            assert not grave or key in faked, f"{key} is honest"
        for profile in {place for place, _ in faked}:
            queue = sorted((c for (place, _), c in found.items() if place == profile), key=lambda c: -c.weight)
            places = [n for n, case in enumerate(queue) if (profile, _title(found, case)) in faked]
            assert max(places) < SHORT, profile
        for draw in session.scalars(select(InspectionDraw).where(InspectionDraw.drawn_at.is_not(None))):
            assert verifying.rerun(session, draw).holds, draw.name
    database.engine.dispose()


def _title(found: dict[tuple[str, str], InspectionCase], case: InspectionCase) -> str:
    return next(title for (_, title), each in found.items() if each is case)
