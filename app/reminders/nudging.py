"""催办: the station or a leader calls a ticket to its liaisons' minds, at once (A4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import Moment, local_text
from app.ids import new_id
from app.people.masking import mask_text
from app.people.models import Jurisdiction
from app.people.permissions import STATION, Actor
from app.people.queries import names, people_with_role, unit_names
from app.people.roster.queries import on_duty
from app.problems import Problem
from app.reminders.models import Notice
from app.reminders.routing import queue
from app.tickets.case import open_case

KIND: Final = "nudge"
PAUSE: Final = timedelta(minutes=10)
"""Between two nudges of one ticket: pressing harder does not make a phone ring louder."""


def nudge(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Tell the liaisons of the ticket's unit that it is waited for; without any the station.

    Raises `Problem` `nudged_already`.
    """
    case = open_case(session, actor, "reminder.nudge", args["ticket_id"], at)
    ticket = case.ticket
    last = session.scalar(select(func.max(Notice.at)).where(Notice.ticket_id == ticket.id, Notice.kind == KIND))
    if last is not None and at.received < last + PAUSE:
        minutes = -((at.received - last - PAUSE) // timedelta(minutes=1))
        raise Problem("nudged_already", minutes=minutes)
    first, others = on_duty(session, ticket.unit_id, at.received) if ticket.unit_id else ([], [])
    liaisons = [*first, *others] or people_with_role(session, ticket.jurisdiction_id, STATION, at.received)
    people = [person for person in liaisons if person != actor.person_id]
    zone = session.get_one(Jurisdiction, ticket.jurisdiction_id).zone
    due = f"，最近时限 {local_text(ticket.next_due_at, zone)}" if ticket.next_due_at else ""
    unit = unit_names(session, [ticket.unit_id]).get(ticket.unit_id or "", "")
    note = mask_text(args["note"] or "")
    title, body = f"催办：工单 {ticket.number} 请尽快办理{due}", " · ".join(part for part in (unit, note) if part)
    lines = {"ticket_id": ticket.id, "kind": KIND, "title": title, "body": body, "at": at.received, "version": 1}
    notices = [Notice(id=new_id(), person_id=person, **lines) for person in people]
    session.add_all(notices)
    session.flush()
    queue(session, notices, at.received)
    called = names(session, people)
    case.record("reminder.nudged", {"to": [called[person] for person in people], "note": note})
