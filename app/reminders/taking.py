"""Taking deliveries in hand: which are due, whether they are still wanted, and the words that are true now.

A whole batch at once, in one transaction: what one delivery costs is its share of a dozen statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.clock import local_text
from app.people.queries import unit_names
from app.reach.kinds import NEWS, NORMAL, SMS, WEBPUSH, WECOM
from app.reminders import wording
from app.reminders.deliveries import LEASE, REST
from app.reminders.due import Planned
from app.reminders.models import DROPPED, MERGED, PENDING, Delivery, Notice
from app.reminders.planning import current_plans
from app.reminders.routing import overtaken
from app.reminders.taking_queries import About, about, due_rows, over_limit, piles, told_by

DIGEST_FROM: Final = 4
"""So many messages without urgency that wait for one contact point are said in one."""
_CALM: Final = (NORMAL, NEWS)
STEADY: Final = timedelta(minutes=10)
"""For so long WeCom is told the same words at every attempt: it knows a message again by nothing else."""
KEEP: Final = timedelta(hours=12)
"""How long a push service should keep a message for a phone that is off."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes to one contact point, in words that are true now; it names the ticket by number and unit only.

    `facts` are the same words in pieces, for services that want a form filled in. `badge` is how many lines of the
    inbox are unread; only what shows one has it.
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


def take(
    session: Session, channel: str, at: datetime, limit: int, only: str | None = None
) -> dict[str, Outgoing | None]:
    """Take up to `limit` deliveries of a channel that are due; return id → what to send, None where nothing is.

    What another worker holds is left to it. What has been acknowledged, overtaken by the ticket or by another way, or
    left without a contact is dropped here, as late as possible before it leaves; what a group is not to hear in this
    minute waits for another.
    """
    rows = due_rows(session, channel, at, limit, only)
    waiting = over_limit(session, channel, rows, at)
    for row in waiting:
        row.next_attempt_at = at + REST
    taken = _take(session, [row for row in rows if row not in waiting], at)
    return taken | dict.fromkeys((row.id for row in waiting), None)


def _take(session: Session, rows: Sequence[Delivery], at: datetime) -> dict[str, Outgoing | None]:
    known = about(session, rows)
    told = told_by(session, {row.notice_id for row in rows})
    words = _Words(known, *_items(session, known, at), at)
    beside = piles(session, rows, _CALM, at)
    found: dict[str, Outgoing | None] = {}
    for row in rows:
        if row.state != PENDING:  # said together with one before it
            found[row.id] = None
            continue
        notice = known.notices[row.notice_id]
        wanted = not notice.acknowledged_at and not overtaken(row, told.get(row.notice_id, ()))
        out = words.of(row, notice) if wanted else None
        if out is None:
            row.state = DROPPED
        else:
            row.attempts += 1
            row.next_attempt_at = at + LEASE
            if row.contact_id and row.urgency in _CALM:
                out = _with_others(row, beside.get(row.contact_id, ()), out, at)
        found[row.id] = out
    return found


def _with_others(row: Delivery, beside: Sequence[Delivery], out: Outgoing, at: datetime) -> Outgoing:
    """Return the message, or, where a pile waits for the same contact point, one that stands for all of it."""
    others = [o for o in beside if o.id != row.id and o.state == PENDING and o.next_attempt_at <= at]
    if len(others) + 1 < DIGEST_FROM:
        return out
    for other in others:
        other.state = MERGED
    title, body = f"{len(others) + 1} 条提醒待查看", f"{out.body}；另有 {len(others)} 条，请打开“提醒”查看"
    facts = {"title": title, "body": body, "at": out.facts["at"], "at_time": out.facts["at_time"]}
    return replace(out, ticket_id=None, kind="digest", title=title, body=body, facts=facts)


def _items(session: Session, known: About, at: datetime) -> tuple[dict[str, Planned], dict[str, str]]:
    """Return notice → what it tells of as the ticket's plan has it now, and the names of the units concerned."""
    plans = current_plans(session, list(known.tickets.values()), at)
    items = {}
    for notice in known.notices.values():
        if notice.reminder_id is not None and notice.ticket_id is not None:
            item = plans[notice.ticket_id].get(known.keys[notice.reminder_id])
            if item is not None:
                items[notice.id] = item
    return items, unit_names(session, {item.unit_id for item in items.values()})


@dataclass(frozen=True, slots=True)
class _Words:
    """What makes messages of the deliveries of a batch."""

    known: About
    items: Mapping[str, Planned]
    units: Mapping[str, str]
    at: datetime

    def of(self, row: Delivery, notice: Notice) -> Outgoing | None:
        """Return the message, None where its contact is gone or the ticket needs it no longer."""
        known, at = self.known, self.at
        if row.channel == WECOM and row.asked_at is not None and at - row.asked_at < STEADY:
            at = row.asked_at
        person, contact = known.people[notice.person_id], known.contacts.get(row.contact_id or "")
        if contact is None and row.channel != SMS:
            return None
        zone = known.zones[person.jurisdiction_id]
        title, body, keep, facts = notice.title, notice.body, KEEP, {"title": notice.title, "body": notice.body}
        if notice.reminder_id is not None and notice.ticket_id is not None:
            item = self.items.get(notice.id)
            if item is None:
                return None
            number, unit = known.tickets[notice.ticket_id].number, self.units.get(item.unit_id or "")
            title = " · ".join(part for part in (unit, number) if part)
            body = wording.headline(item.rule, number, item.due_at, at, zone)
            facts = {"title": body, "body": title, "number": number, "unit": unit or "", **_due(item, at, zone)}
            if item.due_at is not None and item.due_at > at:
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
            badge=known.unread.get(notice.person_id, 0) if row.channel == WEBPUSH else 0,
            keep=keep,
            address=contact.address if contact is not None else person.phone,
            keys=contact.keys if contact is not None else {},
            facts={"at": local_text(at, zone), "at_time": _long(at, zone), **facts},
            urgent=row.urgency == "urgent",
        )


def _due(item: Planned, at: datetime, zone: str) -> dict[str, str]:
    if item.due_at is None:
        return {}
    return {
        "due": local_text(item.due_at, zone),
        "due_time": _long(item.due_at, zone),
        "left": wording.time_left(item.due_at, at),
    }


def _long(instant: datetime, zone: str) -> str:
    """Return the instant with its year: what services take in a field for a time."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
