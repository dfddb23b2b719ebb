"""Commands on reminders."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.people import permissions
from app.people.permissions import Actor
from app.problems import Problem, require
from app.reminders import schemas
from app.reminders.nudging import nudge
from app.reminders.queries import notice_of
from app.reminders.reach import log_call
from app.tickets.models import Ticket


def acknowledge(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Note that the person has read a notice of their own (A4); a second time changes nothing.

    Raises `Problem` `notice_not_found` for an unknown notice and for anybody else's.
    """
    require(permissions.judge(actor, "reminder.acknowledge", actor.jurisdiction_id, None, "确认提醒"))
    notice = notice_of(session, actor.person_id, args["reminder_id"])
    if notice is None:
        raise Problem("notice_not_found")
    # The ticket's row is locked before anything is changed, in the same order as firing does.
    ticket = session.get(Ticket, notice.ticket_id, with_for_update=True) if notice.ticket_id else None
    session.refresh(notice)
    if notice.acknowledged_at is not None:
        return
    notice.acknowledged_at = at.received
    notice.version += 1
    if ticket is not None:
        record(session, ticket, "reminder.acknowledged", {"notice_id": notice.id, "kind": notice.kind}, at, by=actor)
        ticket.version += 1


COMMANDS = {
    "reminder.acknowledge": (schemas.Acknowledge, acknowledge),
    "reminder.nudge": (schemas.Nudge, nudge),
    "reach.log_call": (schemas.LogCall, log_call),
}
