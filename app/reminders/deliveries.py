"""Taking a delivery in hand, and writing down how it went."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.clock import local_text
from app.people.models import Jurisdiction, Person
from app.people.queries import unit_names
from app.reach.kinds import NEWS, NORMAL, SMS
from app.reach.models import ContactPoint
from app.reminders import wording
from app.reminders.models import (
    DELIVERED,
    DROPPED,
    FAILED,
    MERGED,
    PASSED,
    PENDING,
    Delivery,
    Notice,
    Reminder,
)
from app.reminders.planning import in_plan
from app.reminders.queries import unread_count, waiting_beside
from app.reminders.routing import advance, overtaken
from app.tickets.models import Ticket

LEASE: Final = timedelta(minutes=2)
"""How long a worker has the delivery for itself; one that was killed is followed by another after that."""
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MAX_ATTEMPTS: Final = 10
MAX_WAIT: Final = timedelta(hours=6)
"""A service may ask for a longer pause; it is asked again after this all the same."""
PATIENCE: Final = timedelta(minutes=5)
"""A channel that is away for longer is not waited for: the next one is taken beside it."""
DIGEST_FROM: Final = 4
"""So many messages without urgency that wait for one contact point are said in one."""
_CALM: Final = (NORMAL, NEWS)
KEEP: Final = timedelta(hours=12)
"""How long a push service should keep a message for a phone that is off."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes to one contact point, in words that are true now; it names the ticket by number and unit only.

    `facts` are the same words in pieces, for services that want a form filled in.
    """

    delivery_id: str
    notice_id: str
    ticket_id: str | None
    jurisdiction_id: str
    channel: str
    kind: str
    title: str
    body: str
    badge: int
    keep: timedelta
    address: str
    keys: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    urgent: bool = True


def take(session: Session, delivery_id: str, at: datetime) -> Outgoing | None:
    """Take a due delivery for sending, or return None when there is nothing to send (any more).

    What has been acknowledged, overtaken by the ticket or by another way, or left without a contact is dropped here,
    as late as possible before it leaves.
    """
    row = session.get(Delivery, delivery_id, with_for_update=True)
    if row is None or row.state != PENDING or row.next_attempt_at > at:
        return None
    notice = session.get_one(Notice, row.notice_id)
    wanted = not notice.acknowledged_at and not overtaken(session, row)
    out = _outgoing(session, row, notice, at) if wanted else None
    if out is None:
        row.state = DROPPED
        return None
    row.attempts += 1
    row.next_attempt_at = at + LEASE
    return _with_others(session, row, out, at) if row.contact_id and row.urgency in _CALM else out


def _with_others(session: Session, row: Delivery, out: Outgoing, at: datetime) -> Outgoing:
    """Return the message, or, where a pile waits for the same contact point, one that stands for all of it."""
    others = waiting_beside(session, row, _CALM, at)
    if len(others) + 1 < DIGEST_FROM:
        return out
    for other in others:
        other.state = MERGED
    title, body = f"{len(others) + 1} 条提醒待查看", f"{out.body}；另有 {len(others)} 条，请打开“提醒”查看"
    facts = {"title": title, "body": body, "at": out.facts["at"], "at_time": out.facts["at_time"]}
    return replace(out, ticket_id=None, kind="digest", title=title, body=body, facts=facts)


def _outgoing(session: Session, row: Delivery, notice: Notice, at: datetime) -> Outgoing | None:
    person = session.get_one(Person, notice.person_id)
    contact = session.get(ContactPoint, row.contact_id) if row.contact_id else None
    if contact is None and row.channel != SMS:
        return None
    title, body, keep, facts = notice.title, notice.body, KEEP, {"title": notice.title, "body": notice.body}
    zone = session.get_one(Jurisdiction, person.jurisdiction_id).zone
    if notice.reminder_id is not None and notice.ticket_id is not None:
        ticket = session.get_one(Ticket, notice.ticket_id)
        item = in_plan(session, ticket, session.get_one(Reminder, notice.reminder_id).key, at)
        if item is None:
            return None
        unit = unit_names(session, [item.unit_id]).get(item.unit_id or "")
        title = " · ".join(part for part in (unit, ticket.number) if part)
        body = wording.headline(item.rule, ticket.number, item.due_at, at, zone)
        facts = {"title": body, "body": title, "number": ticket.number, "unit": unit or ""}
        if item.due_at is not None:
            facts |= {
                "due": local_text(item.due_at, zone),
                "due_time": _long(item.due_at, zone),
                "left": wording.time_left(item.due_at, at),
            }
            if item.due_at > at:
                # After the deadline "还有 1 小时" would be a lie on the lock screen; the next step says what is true.
                keep = max(LEASE, min(KEEP, item.due_at - at))
    return Outgoing(
        delivery_id=row.id,
        notice_id=notice.id,
        ticket_id=notice.ticket_id,
        jurisdiction_id=person.jurisdiction_id,
        channel=row.channel,
        kind=notice.kind,
        title=title,
        body=body,
        badge=unread_count(session, notice.person_id),
        keep=keep,
        address=contact.address if contact is not None else person.phone,
        keys=contact.keys if contact is not None else {},
        facts={"at": local_text(at, zone), "at_time": _long(at, zone), **facts},
        urgent=row.urgency == "urgent",
    )


def _long(instant: datetime, zone: str) -> str:
    """Return the instant with its year: what services take in a field for a time."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def delivered(session: Session, delivery_id: str, at: datetime) -> None:
    """Note that the service has taken the message."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    row.state, row.delivered_at, row.last_error, row.code = DELIVERED, at, None, None


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
