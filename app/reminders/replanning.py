"""Bringing stored reminders into line with their plans, many tickets at once; what is right is not written again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, insert, or_, select, text, update
from sqlalchemy.orm import Session, load_only

from app.ids import new_id
from app.journal.models import Event
from app.reminders.due import Planned
from app.reminders.models import CANCELLED, PLANNED, PlanMark, Reminder
from app.reminders.planning import REPLAN_ON, current_plans
from app.tickets.models import Ticket

_REMINDERS: Final = cast(Table, Reminder.__table__)
_MARKS: Final = cast(Table, PlanMark.__table__)
_MOVE: Final = (
    update(_REMINDERS)
    .where(_REMINDERS.c.id == bindparam("of"))
    .values(state=PLANNED, settled_at=None, fire_at=bindparam("then"))
)
_MARK: Final = update(_MARKS).where(_MARKS.c.subject_id == bindparam("of")).values(through=bindparam("seq"))
# As in `rulebook.recompute`: PostgreSQL takes a batch as arrays, row by row it is several times slower there.
_MOVE_AT_ONCE: Final = text(
    "UPDATE reminders AS r SET state = 'planned', settled_at = NULL, fire_at = v.fire_at"
    " FROM unnest(CAST(:of AS uuid[]), CAST(:then AS timestamptz[])) AS v(id, fire_at) WHERE r.id = v.id"
)
_ADD_AT_ONCE: Final = text(
    "INSERT INTO reminders (id, ticket_id, key, kind, fire_at, state, planned_at) SELECT v.id, v.ticket_id, v.key,"
    " v.kind, v.fire_at, 'planned', v.planned_at FROM unnest(CAST(:id AS uuid[]), CAST(:ticket_id AS uuid[]),"
    " CAST(:key AS varchar[]), CAST(:kind AS varchar[]), CAST(:fire_at AS timestamptz[]),"
    " CAST(:planned_at AS timestamptz[])) AS v(id, ticket_id, key, kind, fire_at, planned_at)"
)


class _Stored(NamedTuple):
    id: str
    state: str
    fire_at: datetime


@dataclass(slots=True)
class _Work:
    """What has to be written for a batch."""

    added: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    new_marks: list[dict[str, Any]] = field(default_factory=list)

    def size(self) -> int:
        return len(self.added) + len(self.moved) + len(self.cancelled)


def tickets_to_plan(session: Session, ids: Sequence[str]) -> list[Ticket]:
    """Lock the tickets, waiting for whoever holds one, and return of them what a plan is made from."""
    needed = (
        Ticket.jurisdiction_id, Ticket.policy_id, Ticket.state, Ticket.state_since, Ticket.unit_id,
        Ticket.journal_length,
    )  # fmt: skip
    query = select(Ticket).options(load_only(*needed)).where(Ticket.id.in_(ids)).order_by(Ticket.id)
    return list(session.scalars(query.with_for_update()))


def replan_ticket(session: Session, ticket: Ticket, at: datetime) -> None:
    """Bring one ticket's reminders into line; the caller holds its lock."""
    replan_tickets(session, [ticket], at)


def replan_tickets(session: Session, tickets: Sequence[Ticket], at: datetime) -> int:
    """Store what the plans have and the table lacks, cancel what waits and is not in its plan any more; return how many
    tickets that changed.

    The caller holds the tickets' locks. A step that was cancelled and is wanted again waits again, one that waits is
    moved to where the plan has it; one that has fired or was superseded stays so.
    """
    ids = [ticket.id for ticket in tickets]
    plans, stored = current_plans(session, tickets, at), _stored(session, ids)
    marks = {row.subject_id: row.through for row in session.execute(select(_MARKS).where(_MARKS.c.subject_id.in_(ids)))}
    since = _changed_since(session, [t.id for t in tickets if marks.get(t.id, 0) < t.journal_length])
    work, changed = _Work(), 0
    for ticket in tickets:
        before = work.size()
        _compare(work, ticket.id, plans[ticket.id], stored.get(ticket.id, {}), since.get(ticket.id, at), at)
        changed += work.size() > before
        if ticket.id not in marks:
            work.new_marks.append({"subject_id": ticket.id, "through": ticket.journal_length})
        elif marks[ticket.id] != ticket.journal_length:
            work.marks.append({"of": ticket.id, "seq": ticket.journal_length})
    _write(session, work, at)
    return changed


def _compare(
    work: _Work, ticket_id: str, wanted: Mapping[str, Planned], stored: Mapping[str, _Stored], since: datetime,
    at: datetime,
) -> None:  # fmt: skip
    for key, item in wanted.items():
        row = stored.get(key)
        # A step can be called late only from the change on that made it needed: an extension to a near date, or a
        # reply sent back shortly before the deadline, brings steps whose instants have passed already.
        if row is None:
            work.added.append(
                {
                    "id": new_id(), "ticket_id": ticket_id, "key": key, "kind": item.rule.kind,
                    "fire_at": max(item.fire_at, since), "state": PLANNED, "planned_at": at,
                }
            )  # fmt: skip
        elif row.state == CANCELLED:
            work.moved.append({"of": row.id, "then": max(item.fire_at, since)})
        elif row.state == PLANNED and row.fire_at != _instant(item, row, at):
            work.moved.append({"of": row.id, "then": _instant(item, row, at)})
    work.cancelled += [row.id for key, row in stored.items() if row.state == PLANNED and key not in wanted]


def _instant(item: Planned, row: _Stored, at: datetime) -> datetime:
    """Return when a waiting step is due: as planned, but one that is late does not become later or earlier by that."""
    return item.fire_at if item.fire_at > at else min(row.fire_at, at)


def _stored(session: Session, ids: Sequence[str]) -> dict[str, dict[str, _Stored]]:
    columns = (Reminder.ticket_id, Reminder.key, Reminder.id, Reminder.state, Reminder.fire_at)
    found: dict[str, dict[str, _Stored]] = {}
    rows = session.execute(select(*columns).where(Reminder.ticket_id.in_(ids)))
    for ticket_id, key, reminder_id, state, fire_at in rows:
        found.setdefault(ticket_id, {})[key] = _Stored(reminder_id, state, fire_at)
    return found


def _changed_since(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    """Return ticket → when the first event happened that its plan has not seen."""
    if not ids:
        return {}
    unseen = or_(PlanMark.through.is_(None), Event.subject_seq > PlanMark.through)
    query = (
        select(Event.subject_id, func.min(Event.at))
        .join(PlanMark, PlanMark.subject_id == Event.subject_id, isouter=True)
        .where(Event.subject_id.in_(ids), Event.name.in_(REPLAN_ON), unseen)
        .group_by(Event.subject_id)
    )
    return dict(session.execute(query).tuples().all())


def _write(session: Session, work: _Work, at: datetime) -> None:
    connection = session.connection()
    arrays = connection.dialect.name == "postgresql"
    if work.cancelled:
        settled = update(_REMINDERS).where(_REMINDERS.c.id.in_(work.cancelled))
        connection.execute(settled.values(state=CANCELLED, settled_at=at))
    for rows, plain, at_once in (
        (work.moved, _MOVE, _MOVE_AT_ONCE),
        (work.added, insert(_REMINDERS), _ADD_AT_ONCE),
        (work.marks, _MARK, None),
        (work.new_marks, insert(_MARKS), None),
    ):
        if rows and arrays and at_once is not None:
            connection.execute(at_once, {name: [row[name] for row in rows] for name in rows[0] if name != "state"})
        elif rows:
            connection.execute(plain, rows)
