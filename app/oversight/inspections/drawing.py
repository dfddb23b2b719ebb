"""Drawing what is due, telling units what has been decided, freeing what nobody worked on. Safe to run again."""

from __future__ import annotations

from dataclasses import asdict, astuple
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.journal.record import record
from app.oversight import telling
from app.oversight.inspections import announcing, draw, frame, plans
from app.oversight.inspections.models import InspectionCase, InspectionDraw, InspectionLook, InspectionPlan
from app.oversight.inspections.rules import HELD, OPEN
from app.oversight.inspections.signals import stored
from app.people.models import Jurisdiction
from app.people.permissions import SUPERVISOR
from app.people.queries import people_with_role

CLAIM_LASTS: Final = timedelta(hours=48)
"""After this a case that was taken on and not judged is free for others again."""
PAIR: Final = 2
"""With fewer supervisors there is nobody for a blind second look, and none is asked for."""


def tick(database: Database, at: datetime) -> int:
    """Do all that is due at `at`; return how many things were done."""
    with database.read() as session:
        places = list(session.scalars(select(InspectionPlan.jurisdiction_id).distinct()))
        due = list(session.scalars(_due(at)))
        held = list(session.scalars(_held(at)))
        idle = list(session.scalars(_idle(at)))
    done = sum(_look_ahead(database, place, at) for place in places)
    done += sum(draw_period(database, draw_id, at) for draw_id in due)
    done += sum(announcing.tell_when_due(database, case_id, at) for case_id in held)
    if idle:
        with database.unit_of_work() as session:
            session.execute(delete(InspectionLook).where(InspectionLook.id.in_(idle), InspectionLook.verdict.is_(None)))
    return done + len(idle)


def _due(at: datetime) -> Any:
    return (
        select(InspectionDraw.id)
        .where(InspectionDraw.ends_at <= at, InspectionDraw.drawn_at.is_(None), InspectionDraw.voided_at.is_(None))
        .order_by(InspectionDraw.ends_at)
    )


def _held(at: datetime) -> Any:
    return (
        select(InspectionCase.id)
        .where(InspectionCase.state == HELD, InspectionCase.told_at.is_(None), InspectionCase.told_from <= at)
        .order_by(InspectionCase.told_from, InspectionCase.id)
    )


def _idle(at: datetime) -> Any:
    return select(InspectionLook.id).where(
        InspectionLook.verdict.is_(None), InspectionLook.claimed_at <= at - CLAIM_LASTS
    )


def _look_ahead(database: Database, jurisdiction_id: str, at: datetime) -> int:
    with database.read() as session:
        plan = plans.newest_plan(session, jurisdiction_id)
        ahead = select(InspectionDraw.id).where(
            InspectionDraw.jurisdiction_id == jurisdiction_id,
            InspectionDraw.begins_at > at,
            InspectionDraw.voided_at.is_(None),
        )
        if plan is None or plan.enabled is (session.scalar(ahead.limit(1)) is not None):
            return 0
    with database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, jurisdiction_id, with_for_update=True)
        newest = plans.newest_plan(session, jurisdiction_id)
        assert newest is not None
        return plans.look_ahead(session, place, newest, Moment.of_server(at))


def draw_period(database: Database, draw_id: str, at: datetime) -> bool:
    """Draw the sample of a period that is over; return whether this call did it."""
    with database.unit_of_work() as session:
        row = session.get_one(InspectionDraw, draw_id, with_for_update=True)
        plan = plans.newest_plan(session, row.jurisdiction_id, by=row.begins_at)
        if row.drawn_at is not None or row.voided_at is not None or row.ends_at > at or plan is None:
            return False
        rows = frame.answered(session, row.jurisdiction_id, plan.population, row.begins_at, row.ends_at)
        supervisors = people_with_role(session, row.jurisdiction_id, SUPERVISOR, at)
        _draw(session, row, plan, rows, len(supervisors), at)
        if row.sample:
            words = (f"本期抽查 {row.sample} 件，请判定", f"{row.name} 期，请到“督查抽查”领取")
            telling.tell(session, None, supervisors, row.id, "inspections_drawn", words, at)
    return True


def _draw(
    session: Session, row: InspectionDraw, plan: InspectionPlan, rows: list[frame.Row], supervisors: int, at: datetime
) -> None:
    design = frame.design_of(plan)
    if supervisors < PAIR:
        design = draw.Design(design.share, design.minimum, blind=0)
    candidates = frame.candidates(rows, plan)
    drawn = draw.draw(row.seed, candidates, design)
    row.plan_id, row.drawn_at, row.design = plan.id, at, asdict(design)
    row.frame = [list(astuple(c)) for c in sorted(candidates, key=lambda c: c.id)]
    row.population, row.sample = len(candidates), len(drawn.sample)
    row.population_hash = draw.population_hash(candidates, design)
    row.finished_at = None if drawn.sample else at
    known, weights = {r.ticket_id: r for r in rows}, {c.id: c.weight for c in candidates}
    for place, ticket_id in enumerate(drawn.sample, start=1):
        session.add(_case(row, known[ticket_id], place, weights[ticket_id], drawn))
    session.flush()
    said = {"plan": plan.number, "population": row.population, "population_hash": row.population_hash}
    sample = {"sample": list(drawn.sample), "seconds": sorted(drawn.seconds)}
    record(session, row, "inspection.drawn", said | sample, Moment.of_server(at))


def _case(row: InspectionDraw, of: frame.Row, place: int, weight: int, drawn: draw.Drawn) -> InspectionCase:
    return InspectionCase(
        id=new_id(), draw_id=row.id, jurisdiction_id=row.jurisdiction_id, ticket_id=of.ticket_id, unit_id=of.unit_id,
        reply_id=of.reply_id, place=place, weight=weight, probability=float(drawn.chances[of.ticket_id]),
        signals=stored(of.signals), second=of.ticket_id in drawn.seconds, state=OPEN, verdict=None, grounds=[],
    )  # fmt: skip
