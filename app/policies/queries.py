"""Published policies and the working calendar, read once and kept in the process."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.policies.calendar import WorkCalendar
from app.policies.models import CalendarDay, CalendarYear, PolicyVersion
from app.policies.pace import apart, hastened
from app.policies.parse import policy_from
from app.policies.policy import Policy

# Per engine, not per process: one process may serve two databases (tests do), and both may know a "dalad@1".
_policies: WeakKeyDictionary[Any, dict[str, Policy]] = WeakKeyDictionary()
_calendars: WeakKeyDictionary[Any, tuple[tuple[int, int], WorkCalendar]] = WeakKeyDictionary()


def policy_of(session: Session, policy_id: str) -> Policy:
    """Return a published policy; versions never change, so each is read and parsed once.

    Raises `LookupError` for a version that was never published: a ticket cannot name one.
    """
    kept = _policies.setdefault(session.get_bind(), {})
    if policy_id not in kept:
        content = session.scalar(select(PolicyVersion.content).where(PolicyVersion.id == policy_id))
        if content is None:
            raise LookupError(f"policy {policy_id!r} is not published")
        plain, pace = apart(content)
        policy = policy_from(plain, policy_id)
        kept[policy_id] = policy if pace is None else hastened(policy, pace)
    return kept[policy_id]


def latest_policy_id(session: Session, profile: str) -> str:
    """Return the id of the newest published version of a profile. Raises `LookupError` when there is none."""
    found = session.scalar(
        select(PolicyVersion.id).where(PolicyVersion.profile == profile).order_by(PolicyVersion.version.desc()).limit(1)
    )
    if found is None:
        raise LookupError(f"profile {profile!r} is not published")
    return found


def calendar_of(session: Session) -> WorkCalendar:
    """Return the calendar of working days; it is read again when a year was added or one of its days changed."""
    years = func.count(CalendarYear.year)
    count, revisions = session.execute(select(years, func.coalesce(func.sum(CalendarYear.revision), 0))).one()
    engine = session.get_bind()
    kept = _calendars.get(engine)
    if kept is None or kept[0] != (count, revisions):
        kept = ((count, revisions), _load_calendar(session))
        _calendars[engine] = kept
    return kept[1]


def _load_calendar(session: Session) -> WorkCalendar:
    days = session.execute(select(CalendarDay.day, CalendarDay.free)).all()
    return WorkCalendar.of(
        free=(day for day, free in days if free),
        worked=(day for day, free in days if not free),
        years=session.scalars(select(CalendarYear.year)),
    )
