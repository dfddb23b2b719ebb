"""Draws and plans as they are shown: to everybody their commitments, to supervisors all. Only SELECTs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.oversight.findings.rules import LABELS as FINDING_LABELS
from app.oversight.inspections import draw as lot
from app.oversight.inspections.boards import SEVERITY_LABELS
from app.oversight.inspections.desk import draw_wire
from app.oversight.inspections.models import InspectionCase, InspectionDraw, InspectionPlan
from app.oversight.inspections.plans import FIRST_WEIGHTS, columns_of
from app.oversight.inspections.signals import SIGNAL_LABELS
from app.oversight.inspections.verifying import candidates_of
from app.people.permissions import ADMIN, SUPERVISOR, Actor
from app.people.queries import names
from app.problems import Problem

SHOWN = 60
_WEIGHABLE: dict[str, str] = {**SEVERITY_LABELS, **SIGNAL_LABELS, **FINDING_LABELS}
FIRST: dict[str, Any] = {
    "enabled": True, "period": "daily", "population": "closed", "share": 5.0, "minimum": 1, "spread": ["unit", "kind"],
    "blind": 20.0, "hold_minutes": 30, "weights": {key: value / 100 for key, value in FIRST_WEIGHTS.items()},
}  # fmt: skip
"""Offered to whoever writes the first plan."""


def uid(text: str) -> str:
    """Return an id of a path in canonical form; what is none names nothing. Raises `Problem` `inspection_not_found`."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Problem("inspection_not_found") from error


def commitments(session: Session, jurisdiction_id: str) -> list[dict[str, Any]]:
    """Return what everybody may know of the latest draws."""
    query = select(InspectionDraw).where(InspectionDraw.jurisdiction_id == jurisdiction_id)
    keys = ("id", "name", "begins_at", "ends_at", "commitment", "committed_at", "voided_at", "population_hash")
    return [
        {key: draw_wire(row)[key] for key in keys} | {"seed": row.seed if row.finished_at or row.voided_at else None}
        for row in session.scalars(query.order_by(InspectionDraw.begins_at.desc()).limit(SHOWN))
    ]


def listing(session: Session, jurisdiction_id: str) -> list[dict[str, Any]]:
    """Return the draws, the latest first, with how many of their cases have been told."""
    query = select(InspectionDraw).where(InspectionDraw.jurisdiction_id == jurisdiction_id)
    rows = list(session.scalars(query.order_by(InspectionDraw.begins_at.desc()).limit(SHOWN)))
    counted = select(InspectionCase.draw_id, func.count(InspectionCase.told_at)).group_by(InspectionCase.draw_id)
    told = dict(session.execute(counted.where(InspectionCase.draw_id.in_([row.id for row in rows]))).all())
    return [draw_wire(row) | {"told": told.get(row.id, 0)} for row in rows]


def visible(session: Session, actor: Actor, draw_id: str) -> InspectionDraw:
    """Return a draw that was drawn, for whoever may see all of it.

    Raises `Problem` `not_permitted`, `inspection_draw_not_found`, `inspection_not_drawn`.
    """
    if not actor.has(SUPERVISOR, ADMIN):
        raise Problem("not_permitted", command="查看抽样过程")
    row = session.get(InspectionDraw, uid(draw_id))
    if row is None or row.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("inspection_draw_not_found")
    if row.drawn_at is None:
        raise Problem("inspection_not_drawn")
    # The sample names tickets: whoever works in a unit, or leads one, waits until all of it has been told.
    if row.finished_at is None and (not actor.has(SUPERVISOR) or actor.in_sight()):
        raise Problem("not_permitted", command="查看抽样过程")
    return row


def whole(session: Session, row: InspectionDraw) -> dict[str, Any]:
    """Return everything that was drawn from and by, and what came of it."""
    frame, design = candidates_of(row), lot.Design(**row.design or {})
    drawn = lot.draw(row.seed, frame, design)
    cases = list(
        session.execute(
            select(InspectionCase.ticket_id, InspectionCase.second)
            .where(InspectionCase.draw_id == row.id)
            .order_by(InspectionCase.place)
        )
    )
    return draw_wire(row) | {
        "algorithm": lot.ALGORITHM,
        "seed": row.seed,
        "design": row.design,
        "frame": row.frame,
        "sample_ids": [ticket_id for ticket_id, _ in cases],
        "second_ids": sorted(ticket_id for ticket_id, second in cases if second),
        "chances": {ticket_id: float(chance) for ticket_id, chance in drawn.chances.items()},
    }


def plans_wire(session: Session, jurisdiction_id: str, at: datetime) -> dict[str, Any]:
    """Return the plan, its history, and from when a change would hold."""
    query = select(InspectionPlan).where(InspectionPlan.jurisdiction_id == jurisdiction_id)
    rows = list(session.scalars(query.order_by(InspectionPlan.number.desc()).limit(SHOWN)))
    called = names(session, [row.by for row in rows])
    begins = select(func.min(InspectionDraw.begins_at)).where(
        InspectionDraw.jurisdiction_id == jurisdiction_id,
        InspectionDraw.begins_at > at,
        InspectionDraw.voided_at.is_(None),
    )
    next_begins = session.scalar(begins)
    return {
        "plan": _plan(rows[0], called) if rows else None,
        "former": [_plan(row, called) for row in rows[1:]],
        "first": FIRST,
        "signals": [{"key": key, "label": label} for key, label in _WEIGHABLE.items()],
        "next_begins_at": clock.iso(next_begins) if next_begins else None,
    }


def _plan(row: InspectionPlan, called: dict[str, str]) -> dict[str, Any]:
    plain = ("id", "number", "enabled", "period", "population", "minimum", "spread", "hold_minutes", "note")
    return {key: getattr(row, key) for key in plain} | {
        "share": row.share / 10,
        "blind": row.blind / 10,
        "weights": {key: value / 100 for key, value in row.weights.items()},
        "by": {"id": row.by, "name": called.get(row.by, "")},
        "at": clock.iso(row.at),
    }


def plan_tried(jurisdiction_id: str, args: dict[str, Any]) -> InspectionPlan:
    """Return a plan that is only tried, never stored."""
    return InspectionPlan(jurisdiction_id=jurisdiction_id, **columns_of(args))
