"""The SELECTs of signing in: accounts by number, counts of failures, devices and sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.people.models import Device, LoginFailures, LoginSession, Person


def person_by_phone(session: Session, phone: str) -> Person | None:
    """Return the account of a phone number, locked for update."""
    return session.scalar(select(Person).where(Person.phone == phone).with_for_update())


def failures_of(session: Session, key: str, at: datetime) -> LoginFailures:
    """Return the count of failed sign-ins of a number, locked for update; counts of days ago are forgotten."""
    session.execute(delete(LoginFailures).where(LoginFailures.since < at - timedelta(days=2)))
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(LoginFailures).values(key=key, count=0, since=at)
    session.execute(fresh.on_conflict_do_nothing())
    return session.get_one(LoginFailures, key, with_for_update=True, populate_existing=True)


def devices_of(session: Session, person_id: str) -> list[Device]:
    """Return a person's devices, the last used first."""
    query = select(Device).where(Device.person_id == person_id, Device.revoked_at.is_(None))
    return list(session.scalars(query.order_by(Device.last_seen_at.desc())))


def open_sessions(session: Session, device_id: str) -> list[LoginSession]:
    """Return the sessions of a device that have not ended."""
    return list(
        session.scalars(
            select(LoginSession).where(LoginSession.device_id == device_id, LoginSession.ended_at.is_(None))
        )
    )
