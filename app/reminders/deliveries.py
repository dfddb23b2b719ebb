"""Taking a delivery in hand, and writing down how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.people.models import Jurisdiction
from app.people.queries import unit_names
from app.reminders import wording
from app.reminders.models import DELIVERED, DROPPED, FAILED, PENDING, Delivery, Notice, PushSubscription, Reminder
from app.reminders.planning import in_plan
from app.reminders.queries import unread_count
from app.tickets.models import Ticket

LEASE: Final = timedelta(minutes=2)
"""How long a worker has the delivery for itself; one that was killed is followed by another after that."""
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MAX_ATTEMPTS: Final = 10
MAX_WAIT: Final = timedelta(hours=6)
"""A push service may ask for a longer pause; it is asked again after this all the same."""
KEEP: Final = timedelta(hours=12)
"""How long a push service should keep a message for a phone that is off."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes to one device, in words that are true now; it names the ticket by number and unit only."""

    delivery_id: str
    notice_id: str
    ticket_id: str | None
    kind: str
    title: str
    body: str
    badge: int
    keep: timedelta
    endpoint: str
    p256dh: str
    auth: str


def take(session: Session, delivery_id: str, at: datetime) -> Outgoing | None:
    """Take a due delivery for sending, or return None when there is nothing to send (any more).

    What has been acknowledged, overtaken by the ticket or left without a subscription is dropped here, as late as
    possible before it leaves.
    """
    row = session.get(Delivery, delivery_id, with_for_update=True)
    if row is None or row.state != PENDING or row.next_attempt_at > at:
        return None
    subscription = session.get(PushSubscription, row.subscription_id) if row.subscription_id else None
    notice = session.get_one(Notice, row.notice_id)
    out = _outgoing(session, row, notice, subscription, at) if subscription and not notice.acknowledged_at else None
    if out is None:
        row.state = DROPPED
        return None
    row.attempts += 1
    row.next_attempt_at = at + LEASE
    return out


def _outgoing(
    session: Session, row: Delivery, notice: Notice, subscription: PushSubscription, at: datetime
) -> Outgoing | None:
    title, body, keep = notice.title, notice.body, KEEP
    if notice.reminder_id is not None and notice.ticket_id is not None:
        ticket = session.get_one(Ticket, notice.ticket_id)
        item = in_plan(session, ticket, session.get_one(Reminder, notice.reminder_id).key, at)
        if item is None:
            return None
        zone = session.get_one(Jurisdiction, ticket.jurisdiction_id).zone
        unit = unit_names(session, [item.unit_id]).get(item.unit_id or "")
        title = " · ".join(part for part in (unit, ticket.number) if part)
        body = wording.headline(item.rule, ticket.number, item.due_at, at, zone)
        if item.due_at is not None and item.due_at > at:
            # After the deadline "还有 1 小时" would be a lie on the lock screen; the next step says what is true then.
            keep = max(LEASE, min(KEEP, item.due_at - at))
    return Outgoing(
        delivery_id=row.id,
        notice_id=notice.id,
        ticket_id=notice.ticket_id,
        kind=notice.kind,
        title=title,
        body=body,
        badge=unread_count(session, notice.person_id),
        keep=keep,
        endpoint=subscription.endpoint,
        p256dh=subscription.p256dh,
        auth=subscription.auth,
    )


def delivered(session: Session, delivery_id: str, at: datetime) -> None:
    """Note that the push service has taken the message."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.state, row.delivered_at, row.last_error = DELIVERED, at, None


def failed(session: Session, delivery_id: str, at: datetime, error: str, wait: timedelta | None, final: bool) -> None:
    """Note a failure: try again after `wait` or the next pause of `BACKOFF`, or never when `final` or tried enough."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.last_error = error[:200]
    if final or row.attempts >= MAX_ATTEMPTS:
        row.state = FAILED
        return
    pause = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    row.next_attempt_at = at + min(max(wait or pause, BACKOFF[0]), MAX_WAIT)


def gone(session: Session, delivery_id: str, error: str) -> None:
    """Note that the push service knows the subscription no longer, and forget it with all that waits for it."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.state, row.last_error = FAILED, error[:200]
    session.flush()
    if row.subscription_id is not None:
        forget(session, row.subscription_id)


def forget(session: Session, subscription_id: str) -> None:
    """Delete a subscription; what waits for it is dropped, what was sent stays on record."""
    theirs = Delivery.subscription_id == subscription_id
    session.execute(update(Delivery).where(theirs, Delivery.state == PENDING).values(state=DROPPED))
    session.execute(update(Delivery).where(theirs).values(subscription_id=None))
    session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))
