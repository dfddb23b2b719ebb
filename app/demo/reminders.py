"""The reminders of the demonstration, fired at the instants at which a running system would have fired them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from app.db import Database
from app.demo.player import Player
from app.reminders.jobs import catch_up, tick
from app.reminders.models import PLANNED, Notice, Reminder
from app.tickets.models import Ticket

READ_AFTER: Final = timedelta(minutes=10)
ANSWERED: Final = ("new_ticket", "sign_due", "sent_back")


def fire_until(database: Database, until: datetime) -> None:
    """Plan every ticket and tick at each instant that has something due, up to `until`.

    Left to the first real tick they would all say how late they are, days after the fact.
    """
    catch_up(database, until)
    at: datetime | None = None
    while True:
        with database.read() as session:
            query = select(func.min(Reminder.fire_at)).where(Reminder.state == PLANNED, Reminder.fire_at <= until)
            at = session.scalar(query if at is None else query.where(Reminder.fire_at > at))
        if at is None:
            return
        # A ladder passes rungs on which nobody stands in the same instant.
        while tick(database, at):
            pass
        _answer(database, at, until)


def _answer(database: Database, at: datetime, until: datetime) -> None:
    """Let people answer what they were just told of, but for every third ticket, whose reminders climb."""
    seen = at + READ_AFTER
    if seen > until:
        return
    with database.read() as session:
        told = session.execute(
            select(Notice.id, Notice.person_id, Ticket.number)
            .join(Ticket, Ticket.id == Notice.ticket_id)
            .where(Notice.at == at, Notice.kind.in_(ANSWERED))
        ).all()
    for notice_id, person_id, number in told:
        if int(number[-3:]) % 3:
            Player(database).play(person_id, "reminder.acknowledge", None, {"reminder_id": notice_id}, seen)
