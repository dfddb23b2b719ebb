"""Tables of contacts, visits, exceptions from visiting, progress reports, plans and commitments.

`unit_id` is the unit that had the ticket: what another unit did before a reassignment stays on record but does not
count as this unit's work. It is empty when the station made the contact.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime

_OPEN = text("settled_at IS NULL")


class Contact(Base):
    """One attempt to speak with the caller or the station, reached or not (D2.1)."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_ticket", "ticket_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    to: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_s: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    evidence_ids: Mapped[list[str]] = mapped_column(Json)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Visit(Base):
    """One meeting in person: 办, 劝 or 谈 (D5.1). The position is WGS-84 whatever the phone gave."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_ticket", "ticket_id"), Index("ix_visits_person", "by", "arrived_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    mode: Mapped[str] = mapped_column(String(16))
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    met: Mapped[str] = mapped_column(String(16))
    met_name: Mapped[str | None] = mapped_column(String(64))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    position_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitException(Base):
    """Why the caller was not met: declined, anonymous or unreachable (D5.1)."""

    __tablename__ = "visit_exceptions"
    __table_args__ = (Index("ix_visit_exceptions_ticket", "ticket_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    ground: Mapped[str] = mapped_column(String(24))
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProgressReport(Base):
    """How far the work is when it cannot be finished in time (D4.2).

    `reason` is why the limit was not kept, where the profile asks for it (U2.2). `conversations` is how often the
    caller had been spoken to when it was made; the next report needs one more.
    """

    __tablename__ = "progress_reports"
    __table_args__ = (Index("ix_progress_reports_ticket", "ticket_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    caller_told: Mapped[bool] = mapped_column(Boolean)
    conversations: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkPlan(Base):
    """One version of the plan of a complex case: how it is to be solved and by when each step (K2.7, U5.2).

    `steps` are [{text, due_at, done}]; a later version replaces an earlier one, which stays on record.
    """

    __tablename__ = "work_plans"
    __table_args__ = (Index("uq_work_plans_number", "ticket_id", "number", unique=True),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Commitment(Base):
    """A date promised to the caller, followed in the ledger until it is kept, also after the ticket closed (H2.1d).

    `origin` says where it was promised: a reply, the panel's verdict, or by itself. A commitment that cannot be kept
    is replaced by one with a later date; both stay in the ledger.
    """

    __tablename__ = "commitments"
    __table_args__ = (
        Index("ix_commitments_ticket", "ticket_id"),
        Index("ix_commitments_open", "unit_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    origin: Mapped[str] = mapped_column(String(16))
    origin_id: Mapped[str | None] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    settled_note: Mapped[str | None] = mapped_column(Text)
    evidence_ids: Mapped[list[str]] = mapped_column(Json)
    replaced_by: Mapped[str | None] = mapped_column(Id)
