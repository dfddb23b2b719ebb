"""Writing down how deliveries went, and what follows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.reach.models import ContactPoint
from app.reminders.models import DELIVERED, DROPPED, FAILED, PASSED, PENDING, Delivery, Notice
from app.reminders.routing import advance

LEASE: Final = timedelta(minutes=2)
"""How long a worker has the delivery for itself; one that was killed is followed by another after that."""
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MAX_ATTEMPTS: Final = 10
MAX_WAIT: Final = timedelta(hours=6)
"""A service may ask for a longer pause; it is asked again after this all the same."""
PATIENCE: Final = timedelta(minutes=5)
"""A channel that is away for longer is not waited for: the next one is taken beside it."""
REST: Final = timedelta(minutes=1)
"""How long a group that has heard enough in this minute is left in peace."""


def delivered(session: Session, delivery_ids: Collection[str], at: datetime) -> None:
    """Note that the services have taken the messages."""
    noted = {"state": DELIVERED, "delivered_at": at, "last_error": None, "code": None}
    session.execute(update(Delivery).where(Delivery.id.in_(sorted(delivery_ids))).values(noted))


def give_back(session: Session, delivery_ids: Collection[str], at: datetime) -> None:
    """Make deliveries due again that were taken and not sent; it was no attempt."""
    theirs = Delivery.id.in_(sorted(delivery_ids)) & (Delivery.state == PENDING)
    session.execute(update(Delivery).where(theirs).values(next_attempt_at=at, attempts=Delivery.attempts - 1))


def put_off(session: Session, delivery_id: str, at: datetime, code: str) -> None:
    """Count an attempt of a delivery that could not even be made ready: tried again later, a few times."""
    session.get_one(Delivery, delivery_id, with_for_update=True).attempts += 1
    failed(session, delivery_id, at, "发送前出错", None, False, code)


def failed(
    session: Session,
    delivery_id: str,
    at: datetime,
    error: str,
    wait: timedelta | None,
    final: bool,
    code: str | None = None,
) -> None:
    """Note a failure: try again after `wait` or the next pause of `BACKOFF`, or never when `final` or tried enough.

    Given up, or away for longer than `PATIENCE`, the next way of the notice is taken.
    """
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.last_error, row.code = error[:200], code and code[:40]
    if final or row.attempts >= MAX_ATTEMPTS:
        row.state = FAILED
        _next(session, row, at)
        return
    pause = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    row.next_attempt_at = at + min(max(wait or pause, BACKOFF[0]), MAX_WAIT)
    if row.attempts > 1 or row.next_attempt_at - at > PATIENCE:
        _next(session, row, at)


def passed(session: Session, delivery_id: str, at: datetime, error: str, code: str | None, refused: bool) -> None:
    """Note that this channel does not take it: the next one does. `refused`: the person wants nothing more by it."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.state, row.last_error, row.code = PASSED, error[:200], code and code[:40]
    contact = session.get(ContactPoint, row.contact_id, with_for_update=True) if row.contact_id else None
    if refused and contact is not None:
        contact.refused_at, contact.refused_why = at, error[:120]
    _next(session, row, at)


def gone(session: Session, delivery_id: str, at: datetime, error: str, code: str | None = None) -> None:
    """Note that the service knows the address no longer, and forget it with all that waits for it."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.state, row.last_error, row.code = PASSED, error[:200], code and code[:40]
    session.flush()
    if row.contact_id is not None:
        forget(session, row.contact_id)
    _next(session, row, at)


def _next(session: Session, row: Delivery, at: datetime) -> None:
    session.flush()
    if not row.to_group:
        advance(session, session.get_one(Notice, row.notice_id), row.urgency, at)


def revive(row: Delivery, at: datetime) -> None:
    """Make a dead letter due again, its attempts counted from zero."""
    row.state, row.attempts, row.next_attempt_at = PENDING, 0, at


def forget(session: Session, contact_id: str) -> None:
    """Delete a contact point; what waits for it is dropped, what was sent stays on record."""
    theirs = Delivery.contact_id == contact_id
    session.execute(update(Delivery).where(theirs, Delivery.state == PENDING).values(state=DROPPED))
    session.execute(update(Delivery).where(theirs).values(contact_id=None))
    session.execute(delete(ContactPoint).where(ContactPoint.id == contact_id))
