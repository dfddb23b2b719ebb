"""Sealing the days that are over: each once, in order, also those that passed while nothing ran."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.sealing import documents, queries
from app.sealing.documents import Leaf
from app.sealing.models import DayLeaf, DayRoot

GRACE: Final = timedelta(minutes=5)
"""How long after midnight a day is left open, so that what was being recorded has been committed. What comes even
later is not lost: it stands in the next day's seal."""
_ROWS: Final = 1000


def seal_due(database: Database, zone: str, key: str, at: datetime) -> list[date]:
    """Seal every day of `zone` that is over and has no seal; return the days. Safe to run again and side by side.

    The first seal covers all that was recorded before it. `key` is the public key of bundles, in hex.
    """
    done: list[date] = []
    last = (at - GRACE).astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    # The chains are read in a unit that only reads: people must not wait for it, and what is sealed no longer changes.
    with database.read(snapshot=True) as session:
        newest = queries.latest(session)
        day = newest.day + timedelta(days=1) if newest else last
        if day > last or (newest is None and not _begun(session, last, zone)):
            return []
        waiting = queries.unsealed(session)
    while day <= last:
        with database.read(snapshot=True) as session:
            newest = queries.latest(session)
            if newest is not None and newest.day >= day:
                return done  # another relay is at it, and goes on
            leaves = _grown(session, waiting, documents.ends(day, zone))
        try:
            with database.unit_of_work() as session:
                if not _write(session, newest, day, zone, key, leaves, at):
                    return done
        except IntegrityError:
            return done  # another relay was faster
        waiting |= {leaf.subject_id: leaf.length for leaf in leaves}
        done.append(day)
        day += timedelta(days=1)
    return done


def _begun(session: Session, last: date, zone: str) -> bool:
    first = queries.first_event(session)
    return first is not None and first < documents.ends(last, zone)


def _grown(session: Session, waiting: dict[str, int], until: datetime) -> list[Leaf]:
    found = queries.heads(session, list(waiting), until)
    return documents.ordered(leaf for leaf in found if leaf.length > waiting[leaf.subject_id])


def _write(
    session: Session, before: DayRoot | None, day: date, zone: str, key: str, leaves: list[Leaf], at: datetime
) -> bool:
    """Write a day's seal, unless another process has written one since `before` was the newest."""
    newest = queries.latest(session)
    if (newest and newest.root) != (before and before.root):
        return False
    until = clock.iso(documents.ends(day, zone))
    previous = before.root if before else documents.FIRST
    text = documents.write(day, zone, until, previous, leaves, key)
    session.add(DayRoot(day=day, document=text, root=documents.root_of(text), sealed_at=at))
    session.flush()
    rows = [
        {"day": day, "position": n, "subject_id": leaf.subject_id, "length": leaf.length, "head": leaf.head}
        for n, leaf in enumerate(leaves)
    ]
    for start in range(0, len(rows), _ROWS):
        session.execute(insert(DayLeaf), rows[start : start + _ROWS])
    return True
