"""The only SELECTs of the rulebook: versions, the calendar, runs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.policies.models import CalendarDay, CalendarYear, PolicyVersion
from app.rulebook.models import Recomputation
from app.tickets import lifecycle
from app.tickets.models import Ticket, TicketClock


def versions(session: Session, profile: str, current: str) -> list[dict[str, Any]]:
    """Return the published versions, newest first, with how many open tickets stand under each."""
    open_tickets = (
        select(Ticket.policy_id, func.count())
        .where(Ticket.jurisdiction_id == profile, Ticket.state.in_(lifecycle.OPEN))
        .group_by(Ticket.policy_id)
    )
    counts = dict(session.execute(open_tickets).tuples().all())
    rows = session.scalars(
        select(PolicyVersion).where(PolicyVersion.profile == profile).order_by(PolicyVersion.version.desc())
    )
    return [
        {
            "id": row.id,
            "version": row.version,
            "published_at": clock.iso(row.published_at),
            "current": row.id == current,
            "tickets": counts.get(row.id, 0),
        }
        for row in rows
    ]


def calendar_wire(session: Session, jurisdiction_id: str) -> dict[str, Any]:
    """Return the published years, how many running clocks wait for one, and the latest runs."""
    days: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for day in session.scalars(select(CalendarDay).order_by(CalendarDay.day)):
        days[day.year].append({"day": day.day.isoformat(), "free": day.free, "name": day.name})
    years = session.scalars(select(CalendarYear).order_by(CalendarYear.year.desc()))
    waiting = (
        select(func.count())
        .select_from(TicketClock)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .where(Ticket.jurisdiction_id == jurisdiction_id, Ticket.state.in_(lifecycle.OPEN))
        .where(TicketClock.provisional.is_(True), TicketClock.met_at.is_(None))
    )
    runs = session.scalars(select(Recomputation).order_by(Recomputation.asked_at.desc()).limit(5))
    return {
        "years": [{"year": y.year, "source": y.source, "revision": y.revision, "days": days[y.year]} for y in years],
        "provisional": session.scalar(waiting) or 0,
        "runs": [run_wire(run) for run in runs],
    }


def run_wire(run: Recomputation) -> dict[str, Any]:
    """Return a run and its progress."""
    return {
        "id": run.id,
        "reason": run.reason,
        "asked_at": clock.iso(run.asked_at),
        "finished_at": clock.iso(run.finished_at) if run.finished_at else None,
        "failed_at": clock.iso(run.failed_at) if run.failed_at else None,
        "total": run.total,
        "done": run.done,
        "changed": run.changed,
    }
