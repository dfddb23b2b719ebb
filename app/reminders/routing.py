"""Which way a notice takes to a person: the place's route, what the person has, and the next way when one fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.ids import new_id
from app.people.models import Jurisdiction
from app.people.permissions import STATION
from app.people.queries import units_of
from app.reach.kinds import GROUPS, LAST, NEWS, NORMAL, SPARE, URGENT, WEBPUSH, WITH, following, opening
from app.reach.models import ContactPoint
from app.reach.queries import Reachable, reachable, robots_of, ways_of
from app.reminders.hours import Hours
from app.reminders.models import DELIVERED, PENDING, Delivery, Notice
from app.reminders.queries import deliveries_of_notice
from app.tickets.models import Ticket

RUSH: Final = "urgent"
"""A ticket of this priority makes all its reminders urgent ones (D3.3)."""
URGENT_KINDS: Final = frozenset({"new_ticket", "sent_back", "redo", "return_due", "nudge"})
URGENT_WORDS: Final = ("sign_due",)
LAST_WORDS: Final = ("overdue", "_last")
"""What is in the kinds of reminders that may not be missed: a signature running out; anything overdue, last steps."""
NEWS_KINDS: Final = frozenset({"people_changed", "directory"})


def queue(
    session: Session,
    notices: Iterable[Notice],
    at: datetime,
    device_id: str | None = None,
    urgency: str | None = None,
) -> list[Delivery]:
    """Add and return the deliveries with which each notice sets out (`device_id`: to that device only).

    `urgency` is one of `reach.kinds.URGENCIES`; left out it follows from the notice's kind and its ticket's priority.
    The rows are flushed by the caller's unit of work; what fails on the way is followed up by `advance`.
    """
    listed = list(notices)
    people = reachable(session, {notice.person_id for notice in listed}, at)
    rows: list[Delivery] = []
    for notice in listed:
        rank = urgency or urgency_of(session, notice)
        person = people[notice.person_id]
        if device_id is not None:
            points = [p for p in person.points.get(WEBPUSH, ()) if p.device_id == device_id]
            rows += [_row(notice, WEBPUSH, point, WITH, rank, at) for point in points]
            continue
        route = ways_of(session, person.jurisdiction_id).routes[rank]
        for channel, part in opening(route, person.points, person.wish):
            rows += _to(session, notice, person, channel, part, rank, at)
    if device_id is None:
        rows += _group_rows(session, listed, people, urgency, at)
    session.add_all(rows)
    return rows


def urgency_of(session: Session, notice: Notice) -> str:
    """Return how urgent a notice is when nobody said so."""
    if notice.ticket_id is None:
        return NEWS if notice.kind in NEWS_KINDS else NORMAL
    if any(word in notice.kind for word in LAST_WORDS):
        return LAST
    if notice.kind in URGENT_KINDS or any(word in notice.kind for word in URGENT_WORDS):
        return URGENT
    return URGENT if session.get_one(Ticket, notice.ticket_id).priority == RUSH else NORMAL


def advance(session: Session, notice: Notice, urgency: str, at: datetime) -> list[Delivery]:
    """Add the next way of a notice after one failed, or has been failing for too long; none when there is none left.

    The caller has changed the failed row already. The notice's row is locked, so that two failures of one notice do
    not both go on to the same next way.
    """
    session.refresh(notice, with_for_update=True)
    if notice.acknowledged_at is not None:
        return []
    person = reachable(session, [notice.person_id], at)[notice.person_id]
    rows = deliveries_of_notice(session, notice.id)
    told = any(row.state == DELIVERED or (row.state == PENDING and row.attempts == 0) for row in rows if _own(row))
    route = ways_of(session, person.jurisdiction_id).routes[urgency]
    following_one = following(route, person.points, person.wish, {row.channel for row in rows}, told)
    if following_one is None:
        return []
    added = _to(session, notice, person, *following_one, urgency, at)
    session.add_all(added)
    session.flush()
    return added


def overtaken(row: Delivery, told: Iterable[tuple[str, str]]) -> bool:
    """Return whether the person has been told by another of the ways that stand in for each other.

    `told` are the (delivery id, part) of those by which the notice has arrived.
    """
    if row.part == WITH:
        return False
    return any(other != row.id and (part != WITH or row.part == SPARE) for other, part in told)


def _own(row: Delivery) -> bool:
    return not row.to_group


def _to(
    session: Session, notice: Notice, person: Reachable, channel: str, part: str, urgency: str, at: datetime
) -> list[Delivery]:
    points: Sequence[ContactPoint | None] = person.points[channel] or [None]
    start = _start(session, person, urgency, at)
    return [_row(notice, channel, point, part, urgency, at, start) for point in points]


def _start(session: Session, person: Reachable, urgency: str, at: datetime) -> datetime:
    """Return when something may be sent to a person: now, or when the hours end in which they wish to be left alone.

    That wish counts where the place lets them mute as well: what is urgent comes at any hour.
    """
    if person.wish.quiet is None or not ways_of(session, person.jurisdiction_id).routes[urgency].may_mute:
        return at
    zone = ZoneInfo(session.get_one(Jurisdiction, person.jurisdiction_id).zone)
    return Hours(*person.wish.quiet, zone).move(at, None, at)


def _row(
    notice: Notice,
    channel: str,
    point: ContactPoint | None,
    part: str,
    urgency: str,
    at: datetime,
    start: datetime | None = None,
) -> Delivery:
    service = urlsplit(point.address).hostname if point is not None and channel == WEBPUSH else None
    return Delivery(
        id=new_id(),
        notice_id=notice.id,
        channel=channel,
        contact_id=point.id if point is not None else None,
        to_group=point is not None and point.unit_id is not None,
        part=part,
        urgency=urgency,
        service=(service or (point.label if point is not None else ""))[:255],
        state=PENDING,
        attempts=0,
        asked_at=at,
        next_attempt_at=start or at,
    )


def _group_rows(
    session: Session, notices: list[Notice], people: dict[str, Reachable], urgency: str | None, at: datetime
) -> list[Delivery]:
    """Tell the groups of the units concerned, once for all the people of one reminder."""
    rows: list[Delivery] = []
    told: set[tuple[str | None, str]] = set()
    stations: dict[str, frozenset[str]] = {}
    robots: dict[tuple[str, frozenset[str]], list[ContactPoint]] = {}
    for notice in notices:
        place, person_id = people[notice.person_id].jurisdiction_id, notice.person_id
        ways = ways_of(session, place)
        rank = urgency or urgency_of(session, notice)
        if notice.ticket_id is None or not ways.routes[rank].groups or ways.channels.isdisjoint(GROUPS):
            continue
        if person_id not in stations:
            stations[person_id] = frozenset(units_of(session, person_id, STATION, at))
        units = stations[person_id] or _unit(session, notice.ticket_id)
        if (place, units) not in robots:
            robots[place, units] = robots_of(session, place, units)
        for robot in robots[place, units]:
            if (notice.reminder_id, robot.id) not in told:
                told.add((notice.reminder_id, robot.id))
                rows.append(_row(notice, robot.channel, robot, WITH, rank, at))
    return rows


def _unit(session: Session, ticket_id: str) -> frozenset[str]:
    unit_id = session.get_one(Ticket, ticket_id).unit_id
    return frozenset({unit_id}) if unit_id else frozenset()
