"""Plans of spot checks: the next version, the one in force, and the seeds committed to in advance."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.ids import new_id
from app.journal.record import record
from app.oversight.inspections import schemas
from app.oversight.inspections.draw import commitment
from app.oversight.inspections.models import InspectionDraw, InspectionPlan
from app.oversight.inspections.opening import allow
from app.oversight.inspections.periods import period_at
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.problems import Problem

FIRST_WEIGHTS: Final = {"severity:high": 1000, "severity:medium": 300, "severity:low": 120, "redo": 150}
"""Suggested to whoever writes the first plan, in hundredths; afterwards the verdicts say what findings are worth."""


def newest_plan(session: Session, jurisdiction_id: str, by: datetime | None = None) -> InspectionPlan | None:
    """Return the latest version, or the one in force at an instant; None before the first."""
    query = select(InspectionPlan).where(InspectionPlan.jurisdiction_id == jurisdiction_id)
    if by is not None:
        query = query.where(InspectionPlan.at <= by)
    return session.scalar(query.order_by(InspectionPlan.number.desc()).limit(1))


def columns_of(args: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a plan as the wire says it: thousandths of percents, hundredths of weights."""
    plain = ("enabled", "period", "population", "minimum", "hold_minutes")
    return {key: args[key] for key in plain} | {
        "share": round(args["share"] * 10),
        "blind": round(args["blind"] * 10),
        "spread": [key for key in schemas.SPREADS if key in args["spread"]],
        "weights": {key: round(value * 100) for key, value in sorted(args["weights"].items())},
    }


def write_plan(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put the next version of the plan in force; it holds for every period that has not begun yet.

    Raises `Problem` `not_permitted`, `id_taken`.
    """
    allow(actor, "inspection.plan")
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    if session.get(InspectionPlan, args["plan_id"]) is not None:
        raise Problem("id_taken")
    newest = select(func.max(InspectionPlan.number)).where(InspectionPlan.jurisdiction_id == place.id)
    plan = InspectionPlan(
        id=args["plan_id"],
        jurisdiction_id=place.id,
        number=(session.scalar(newest) or 0) + 1,
        note=args["note"],
        by=actor.person_id,
        at=at.received,
        **columns_of(args),
    )
    session.add(plan)
    session.flush()
    look_ahead(session, place, plan, at, by=actor)


def look_ahead(session: Session, place: Jurisdiction, plan: InspectionPlan, at: Moment, by: Actor | None = None) -> int:
    """Commit to seeds as far as they are due, and void those that a new plan has overtaken; return how many changed.

    There is always one committed period that has not begun. The caller holds the jurisdiction's lock.
    """
    now, changed = at.received, 0
    ahead = _pending(session, place.id)
    for draw in [d for d in ahead if d.begins_at > now]:
        if not plan.enabled or draw.period != plan.period:
            draw.voided_at = now
            record(session, draw, "inspection.voided", {"plan": plan.number}, at, by=by)
            ahead.remove(draw)
            changed += 1
    if not plan.enabled:
        return changed
    last = max((d.ends_at for d in ahead), default=None) or _last_end(session, place.id)
    begins = max(last, now) if last else now
    while not any(d.begins_at > now for d in ahead):
        ahead.append(_commit(session, place, plan, begins, at, by))
        begins = ahead[-1].ends_at
        changed += 1
    return changed


def _pending(session: Session, jurisdiction_id: str) -> list[InspectionDraw]:
    query = select(InspectionDraw).where(
        InspectionDraw.jurisdiction_id == jurisdiction_id,
        InspectionDraw.drawn_at.is_(None),
        InspectionDraw.voided_at.is_(None),
    )
    return list(session.scalars(query.order_by(InspectionDraw.begins_at)))


def _last_end(session: Session, jurisdiction_id: str) -> datetime | None:
    query = select(func.max(InspectionDraw.ends_at)).where(
        InspectionDraw.jurisdiction_id == jurisdiction_id, InspectionDraw.voided_at.is_(None)
    )
    return session.scalar(query)


def _commit(
    session: Session, place: Jurisdiction, plan: InspectionPlan, begins: datetime, at: Moment, by: Actor | None
) -> InspectionDraw:
    period = period_at(plan.period, begins, place.zone)
    seed = secrets.token_hex(32)
    draw = InspectionDraw(
        id=new_id(), jurisdiction_id=place.id, period=period.kind, name=period.name, begins_at=begins,
        ends_at=period.ends, seed=seed, commitment=commitment(seed), committed_at=at.received,
        journal_length=0, journal_head="",
    )  # fmt: skip
    session.add(draw)
    session.flush()
    said = {"period": draw.name, "commitment": draw.commitment, "begins_at": clock.iso(begins)}
    record(session, draw, "inspection.committed", said | {"ends_at": clock.iso(draw.ends_at)}, at, by=by)
    return draw


COMMANDS = {"inspection.plan": (schemas.InspectionPlanned, write_plan)}
