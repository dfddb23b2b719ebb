"""Telling people of what concerns several units or somebody above: into their inbox, and as a push."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.journal.models import Event
from app.people.permissions import LEADER, LIAISON, STATION, SUPERVISOR
from app.people.queries import ancestors, members, people_with_role, unit_names
from app.reminders.models import Notice
from app.reminders.routing import queue
from app.tickets.joint_queries import late_assists
from app.tickets.joint_rules import LABELS
from app.tickets.models import Assist, Ticket

_SPACE: Final = UUID("0f3f4b1e-2a57-4f6e-9a1c-5d0c8b7e6a21")
Payload = Mapping[str, Any]
News = tuple[str, list[str], tuple[str, str]]
"""Kind of the notice, whom it goes to, its title and body."""


def holders(session: Session, ticket: Ticket, role: str, at: datetime) -> list[str]:
    """Return who holds `role` for the ticket: leaders of its unit, the nearest above first; else the whole place's."""
    if role not in (STATION, SUPERVISOR) and ticket.unit_id is not None:
        for unit_id in ancestors(session, ticket.unit_id):
            found = [person for _, person, _ in members(session, {unit_id}, role, at)]
            if found:
                return found
    return people_with_role(session, ticket.jurisdiction_id, role, at)


def tell_units(database: Database, event_seq: int, at: datetime) -> None:
    """Tell those whom an event on a ticket concerns; safe to run again."""
    with database.unit_of_work() as session:
        event = session.get(Event, event_seq)
        ticket = session.get(Ticket, event.subject_id) if event is not None else None
        if event is None or ticket is None:
            return
        kind, people, words = _NEWS[event.name](session, ticket, event.payload, at)
        tell(session, ticket, [p for p in people if p != event.actor_id], event.hash, kind, words, at)


def tell_of_late_helpers(database: Database, at: datetime) -> int:
    """Tell helping units, and those who asked them, of reports that are due by now; each once. Return how many."""
    with database.read() as session:
        waiting = late_assists(session, at)
    for assist_id in waiting:
        with database.unit_of_work() as session:
            row = session.get_one(Assist, assist_id, with_for_update=True)
            if row.late_told_at is not None or row.reported_at is not None or row.ended_at is not None:
                continue
            row.late_told_at = at
            ticket = session.get_one(Ticket, row.ticket_id)
            unit = unit_names(session, [row.unit_id])[row.unit_id]
            people = [*_liaisons(session, row.unit_id, at), row.asked_by]
            words = (f"工单 {ticket.number}：{LABELS[row.kind]}情况已超期未反馈", f"{unit}请尽快反馈")
            tell(session, ticket, people, f"{row.id}/late", "assist_late", words, at)
    return len(waiting)


def _escalated(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    words = (f"工单 {ticket.number} 已提级：{payload['label']}", f"请{payload['to']}核查处理")
    return "escalated", holders(session, ticket, payload["to_role"], at), words


def _asked(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    due = f"，请于 {payload['due_text']} 前反馈" if payload.get("due_text") else ""
    words = (f"工单 {ticket.number}：收到{payload['label']}联系单{due}", payload["unit"])
    return "assist_asked", _liaisons(session, payload["unit_id"], at), words


def _reported(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    lead = _liaisons(session, ticket.unit_id, at) if ticket.unit_id else []
    title = f"工单 {ticket.number}：{payload['unit']}已反馈{payload['label']}情况"
    return "assist_reported", lead, (title, payload["unit"])


def _liaisons(session: Session, unit_id: str, at: datetime) -> list[str]:
    return [person for _, person, _ in members(session, {unit_id}, LIAISON, at)]


def _case_told(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    due = f"，请于 {payload['due_text']} 前整改并答复" if payload.get("due_text") else ""
    words = (f"工单 {ticket.number} 抽查结论：{payload['label']}{due}", "、".join(payload["grounds"]))
    return "inspection_told", answerable(session, ticket, at), words


def _case_followed(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    passed = {"passed": "整改通过", "open": "整改未通过，请重新答复", "waived": "免予整改"}
    said = passed.get(payload.get("state", "")) or f"抽查申诉{'成立' if payload.get('granted') else '不成立'}"
    return "inspection_followed", answerable(session, ticket, at), (f"工单 {ticket.number}：{said}", "")


def _case_answered(session: Session, ticket: Ticket, payload: Payload, at: datetime) -> News:
    what = "申诉抽查结论，请裁定" if "reason" in payload else "已答复整改，请复核"
    unit = unit_names(session, [ticket.unit_id]).get(ticket.unit_id or "", "")
    people = people_with_role(session, ticket.jurisdiction_id, SUPERVISOR, at)
    return "inspection_answered", people, (f"工单 {ticket.number}：{unit}{what}", unit)


def answerable(session: Session, ticket: Ticket, at: datetime) -> list[str]:
    """Who answers for the unit: its liaisons, and whoever leads it most nearly."""
    liaisons = _liaisons(session, ticket.unit_id, at) if ticket.unit_id else []
    return list(dict.fromkeys([*liaisons, *(holders(session, ticket, LEADER, at) if ticket.unit_id else [])]))


_NEWS: Final[dict[str, Callable[[Session, Ticket, Payload, datetime], News]]] = {
    "escalation.raised": _escalated,
    "escalation.lifted": _escalated,
    "assist.asked": _asked,
    "assist.reported": _reported,
    "inspection.told": _case_told,
    "inspection.rectified": _case_answered,
    "inspection.appealed": _case_answered,
    "inspection.reviewed": _case_followed,
    "inspection.appeal_decided": _case_followed,
}


def tell(
    session: Session,
    ticket: Ticket | None,
    people: Iterable[str],
    occasion: str,
    kind: str,
    words: tuple[str, str],
    at: datetime,
) -> None:
    """Put a line into each person's inbox, once per `occasion`; `words` are title and body, without callers' data."""
    # Ids made from occasion and person: a job that runs twice finds what it wrote.
    wanted = {str(uuid5(_SPACE, f"{occasion}/{person}")): person for person in people}
    known = set(session.scalars(select(Notice.id).where(Notice.id.in_(wanted)))) if wanted else set()
    notices = [
        Notice(
            id=i,
            person_id=p,
            ticket_id=ticket and ticket.id,
            kind=kind,
            title=words[0][:240],
            body=words[1],
            at=at,
            version=1,
        )
        for i, p in wanted.items()
        if i not in known
    ]
    session.add_all(notices)
    session.flush()
    queue(session, notices, at)
