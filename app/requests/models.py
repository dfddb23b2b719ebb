"""Tables of requests and of the decisions on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime


class Request(Base):
    """One request of a unit; `state` is the stage that has to decide, or how it ended.

    `counted_at` is the instant that was held against the guard, `due_before` the deadline that an extension would
    move: both prove later why it was admitted. `ended_at` is empty while it waits for a decision.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_ticket", "ticket_id"),
        Index(
            "ix_requests_undecided",
            "ticket_id",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    proposed_unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    new_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Decision(Base):
    """What one stage decided. `answered_at` is when an outside office (the city platform) answered."""

    __tablename__ = "request_decisions"
    __table_args__ = (Index("ix_request_decisions_request", "request_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id"))
    stage: Mapped[str] = mapped_column(String(16))
    decision: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    new_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
