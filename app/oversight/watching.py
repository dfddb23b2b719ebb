"""The only SELECTs for what is watched across tickets: repeated dispatch, disputed duty, letters without a report."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from app.oversight.escalations import queries as escalations
from app.oversight.escalations.models import Escalation
from app.people.models import Jurisdiction, Person
from app.people.permissions import LEADER, LEADING, STATION, SUPERVISOR, Actor, not_permitted
from app.people.queries import unit_names
from app.policies.queries import policy_of
from app.problems import require
from app.requests.queries import open_kinds
from app.tickets import lifecycle
from app.tickets.joint_queries import assist_wire, consultation_wire
from app.tickets.models import Assignment, Assist, Consultation, Ticket
from app.tickets.queries import heads, visible_to

LIMIT: Final = 500
REPEATED_FROM: Final = 3
"""交办 3 次以上 (三(六)), where the profile sets no limit of its own."""


def require_watcher(actor: Actor) -> None:
    """Refuse whoever neither watches nor leads. Raises `Problem` `not_permitted`."""
    if not actor.has(STATION, SUPERVISOR, *LEADING):
        require(not_permitted("查看督查事项", LEADER, STATION, SUPERVISOR))


def escalated(session: Session, actor: Actor, state: str, to: str | None) -> list[dict[str, Any]]:
    """Return the escalations on tickets in the actor's sight, the oldest first, each with its ticket's row."""
    where: list[ColumnElement[bool]] = [Escalation.ticket_id.in_(select(Ticket.id).where(visible_to(actor)))]
    where.append(Escalation.jurisdiction_id == actor.jurisdiction_id)
    if state != "all":
        where.append(Escalation.closed_at.is_(None) if state == "open" else Escalation.closed_at.is_not(None))
    if to is not None:
        where.append(Escalation.to_role == to)
    found = _with_tickets(session, escalations.rows(session, *where, limit=LIMIT))
    waiting = open_kinds(session, list({row["ticket"]["id"] for row in found}))
    return [row | {"ticket": row["ticket"] | {"open_requests": waiting[row["ticket"]["id"]]}} for row in found]


def _with_tickets(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = heads(session, list({row["ticket_id"] for row in rows}))
    wanted = ("id", "number", "title", "state", "kind", "area", "unit")
    tickets = {i: {key: head[key] for key in wanted} for i, head in known.items()}
    return [
        {key: row[key] for key in row if key != "ticket_id"} | {"ticket": tickets[row["ticket_id"]]} for row in rows
    ]


def quarter_bounds(quarter: str, zone: str) -> tuple[datetime, datetime]:
    """Return the instants between which a quarter such as `2026Q4` lies in the zone. Raises `ValueError`."""
    year, number = int(quarter[:4]), int(quarter[5:])
    if not 1 <= number <= 4:
        raise ValueError(quarter)
    local = ZoneInfo(zone)
    ends = (year + 1, 1) if number == 4 else (year, number * 3 + 1)
    return datetime(year, number * 3 - 2, 1, tzinfo=local), datetime(*ends, 1, tzinfo=local)


def repeated(session: Session, actor: Actor, quarter: str) -> dict[str, Any]:
    """Return the tickets dispatched again and again in the quarter, the most often first (X3.6)."""
    place = session.get_one(Jurisdiction, actor.jurisdiction_id)
    begins, ends = quarter_bounds(quarter, place.zone)
    least = policy_of(session, place.policy_id).dispatch.repeat_limit or REPEATED_FROM
    within = exists().where(Assignment.ticket_id == Ticket.id, Assignment.since >= begins, Assignment.since < ends)
    query = (
        select(Ticket.id)
        .where(visible_to(actor), Ticket.assigned_count >= least, within)
        .order_by(Ticket.assigned_count.desc(), Ticket.received_at, Ticket.id)
        .limit(LIMIT)
    )
    ids = list(session.scalars(query))
    rows, units = heads(session, ids), _units_in_turn(session, ids)
    raised = escalations.wire_for(session, ids)
    return {
        "quarter": quarter,
        "from_count": least,
        "tickets": [
            {key: rows[i][key] for key in ("id", "number", "title", "state", "kind", "area", "unit", "assigned_count")}
            | {
                "units": units.get(i, []),
                "unresolved": lifecycle.is_open(rows[i]["state"]),
                "escalations": raised[i]["escalations"],
            }
            for i in ids
        ],
    }


def _units_in_turn(session: Session, ticket_ids: list[str]) -> dict[str, list[dict[str, str]]]:
    query = (
        select(Assignment.ticket_id, Assignment.unit_id)
        .where(Assignment.ticket_id.in_(ticket_ids))
        .order_by(Assignment.since, Assignment.id)
    )
    rows = session.execute(query).all()
    names = unit_names(session, [unit_id for _, unit_id in rows])
    found: dict[str, list[dict[str, str]]] = {}
    for ticket_id, unit_id in rows:
        found.setdefault(ticket_id, []).append({"id": unit_id, "name": names[unit_id]})
    return found


def consultations(session: Session, actor: Actor, kind: str | None) -> list[dict[str, Any]]:
    """Return consultations on tickets in sight, the latest first: disputed duty and what came of it (K1.4, X2.2)."""
    query = (
        select(Consultation, Person.name)
        .join(Person, Person.id == Consultation.by)
        .join(Ticket, Ticket.id == Consultation.ticket_id)
        .where(visible_to(actor))
        .order_by(Consultation.held_at.desc(), Consultation.id)
        .limit(LIMIT)
    )
    if kind is not None:
        query = query.where(Consultation.kind == kind)
    found = session.execute(query).all()
    ids = {i for row, _ in found for i in (*row.participants, *row.co_unit_ids, row.lead_unit_id, row.convened_by)}
    named = _Named(session, ids)
    rows = [consultation_wire(row, name, named) | {"ticket_id": row.ticket_id} for row, name in found]
    return _with_tickets(session, rows)


def letters(session: Session, actor: Actor, at: datetime, which: str) -> list[dict[str, Any]]:
    """Return letters to helping units that wait for a report, the first due first; `which` late: past their time."""
    asker, signer, reporter = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(Assist, asker.name, signer.name, reporter.name)
        .join(asker, asker.id == Assist.asked_by)
        .outerjoin(signer, signer.id == Assist.signed_by)
        .outerjoin(reporter, reporter.id == Assist.reported_by)
        .join(Ticket, Ticket.id == Assist.ticket_id)
        .where(visible_to(actor), Assist.reported_at.is_(None), Assist.ended_at.is_(None))
        .order_by(Assist.due_at.is_(None), Assist.due_at, Assist.asked_at)
        .limit(LIMIT)
    )
    if which == "late":
        query = query.where(Assist.due_at < at)
    found = session.execute(query).all()
    named = _Named(session, {i for row, *_ in found for i in (row.unit_id, row.asking_unit_id)})
    rows = [
        assist_wire(row, names, named)
        | {"ticket_id": row.ticket_id, "late": row.due_at is not None and row.due_at < at}
        for row, *names in found
    ]
    return _with_tickets(session, rows)


class _Named:
    """Turns a unit's id into {id, name}."""

    def __init__(self, session: Session, unit_ids: set[str | None]) -> None:
        self._names = unit_names(session, unit_ids)

    def __call__(self, unit_id: str | None) -> dict[str, str] | None:
        return None if unit_id is None else {"id": unit_id, "name": self._names.get(unit_id, "")}


def this_quarter(session: Session, actor: Actor, at: datetime) -> str:
    """Return the name of the quarter that `at` lies in, in the jurisdiction's zone."""
    local = at.astimezone(ZoneInfo(session.get_one(Jurisdiction, actor.jurisdiction_id).zone))
    return f"{local.year}Q{(local.month + 2) // 3}"
