"""Every cheat of the demonstration is found, and nothing honest is doubted more than as a hint."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from lasting import fresh_database
from sqlalchemy import select

from app.db import Database
from app.demo.people import TOWNS
from app.demo.seed import seed
from app.oversight.findings.models import Finding
from app.tickets.models import Ticket
from config import Config

KINDS = {
    "away": ("far_visit", "high"), "same": ("before_after", "high"), "copied": ("lookalike", "high"),
    "old": ("old_photo", "high"), "edited": ("edited", "medium"), "silent": ("silent", "medium"),
}  # fmt: skip


@pytest.mark.slow
def test_every_cheat_is_found_and_no_honest_work_is_doubted(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    planted = {
        (town.profile, story["title"]): {KINDS[step.partition(":")[2]] for step in story.get("play", ()) if ":" in step}
        for town in TOWNS
        for story in town.tickets
    }
    cheating = {ticket: kinds for ticket, kinds in planted.items() if kinds}
    assert {kind for kinds in cheating.values() for kind in kinds} == set(KINDS.values())
    assert len({town for town, _ in cheating}) >= 2
    with fresh_database("sqlite", request, tmp_path) as url:
        database = Database(url)
        seed(database, Config(secret_key="x" * 40, var_dir=tmp_path, database_url=url, demo=True))
        found = defaultdict(set)
        with database.read() as session:
            query = select(Finding.kind, Finding.severity, Ticket.jurisdiction_id, Ticket.title)
            for kind, severity, town, title in session.execute(query.join(Ticket, Ticket.id == Finding.ticket_id)):
                if severity != "low":
                    found[town, title].add((kind, severity))
        assert found == cheating
