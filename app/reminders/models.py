"""Tables of reminders, the inbox and deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime

PLANNED: Final = "planned"
FIRED: Final = "fired"
SUPERSEDED: Final = "superseded"
"""Overtaken by a later step of the same clock before it could fire."""
CANCELLED: Final = "cancelled"

PENDING: Final = "pending"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
"""Given up: a dead letter, which can be sent again by hand."""
PASSED: Final = "passed"
"""This address or this channel does not take it, now or ever: the next way was taken, if there is one."""
MERGED: Final = "merged"
"""Said together with others in one message: nobody is flooded with what is not urgent."""
DROPPED: Final = "dropped"
"""Not sent: the notice was acknowledged, the ticket moved on, the contact is gone, or another way arrived."""


class Reminder(Base):
    """One step of a ticket's schedule. `key` is `due.Planned.key`: the step can exist once, so it can fire once."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        Index(
            "ix_reminders_due",
            "fire_at",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    fire_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default=PLANNED)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Notice(Base):
    """One line of one person's inbox; a reminder can put at most one there.

    `version` counts what the phone must see: 1 new, 2 acknowledged.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("reminder_id", "person_id"),
        Index("ix_notices_person_at", "person_id", "at"),
        Index(
            "ix_notices_unread",
            "person_id",
            "at",
            postgresql_where=text("acknowledged_at IS NULL"),
            sqlite_where=text("acknowledged_at IS NULL"),
        ),
        Index("ix_notices_ticket", "ticket_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    reminder_id: Mapped[str | None] = mapped_column(ForeignKey("reminders.id"))
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(240))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(SmallInteger, default=1)


class Delivery(Base):
    """One notice on its way to one contact point by one channel (`contact_id` is null for SMS: the directory's number).

    Due when pending and `next_attempt_at` has come; taking it for sending moves that on, so that a second worker
    finds nothing to do and a killed one is followed by another. `part` says what stands in for what
    (`reach.kinds.Route`), `service` keeps the host or the contact's name after the contact is gone, `code` is the
    service's own word for what went wrong and `last_error` ours.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel", "contact_id"),
        Index(
            "ix_deliveries_due",
            "channel",
            "next_attempt_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        Index(
            "ix_deliveries_failed",
            "next_attempt_at",
            postgresql_where=text("state = 'failed'"),
            sqlite_where=text("state = 'failed'"),
        ),
        Index("ix_deliveries_contact", "contact_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    channel: Mapped[str] = mapped_column(String(16))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact_points.id"))
    to_group: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    part: Mapped[str] = mapped_column(String(8))
    urgency: Mapped[str] = mapped_column(String(8))
    service: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(12), default=PENDING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str | None] = mapped_column(String(40))
    last_error: Mapped[str | None] = mapped_column(String(200))
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Occasion(Base):
    """What is done once a day in a jurisdiction: the daily reminder, the weekly trial of who can be reached.

    `day` is the local date. A trial is open for answers until `closes_at`, and told to the station at `reported_at`.
    """

    __tablename__ = "reminder_occasions"

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReachCall(Base):
    """A trial call to a person's phone, and how it ended (D6.1, U5.1: 电话 24 小时畅通)."""

    __tablename__ = "reach_calls"
    __table_args__ = (Index("ix_reach_calls_person_at", "person_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Replanning(Base):
    """A run that plans all open tickets of a place anew: its rules (`policy_id`) changed, or somebody asked for it.

    `done` of `total` tickets have been looked at, the last of them `after_id`; `changed` got other reminders, `failed`
    could not be planned. Finished with less done than there were: overtaken by a later run. `failed_at`: given up.
    """

    __tablename__ = "replannings"
    __table_args__ = (Index("ix_replannings_asked", "jurisdiction_id", "asked_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    policy_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    after_id: Mapped[str | None] = mapped_column(Id)


class PlanMark(Base):
    """Up to which event of its journal a ticket's reminders are planned; keyed as the journal is, to be joined."""

    __tablename__ = "reminder_marks"

    subject_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    through: Mapped[int] = mapped_column(Integer)


class PlanCursor(Base):
    """One row: every event up to `seq` has surely been looked at by the sweep for unplanned tickets."""

    __tablename__ = "reminder_cursor"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
