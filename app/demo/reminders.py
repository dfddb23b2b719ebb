"""The reminders of the demonstration, fired at the instants at which a running system would have fired them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.db import Database
from app.reminders.jobs import catch_up, tick
from app.reminders.models import PLANNED, Reminder


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
