"""Tables of requests, of the decisions and answers on them, and of the members of a panel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


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
    by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    role: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    grounds: Mapped[list[str] | None] = mapped_column(Json)
    fields: Mapped[dict[str, str] | None] = mapped_column(Json)
    evidence_ids: Mapped[list[str] | None] = mapped_column(Json)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    variant: Mapped[str | None] = mapped_column(String(24))
    waits_for: Mapped[str | None] = mapped_column(String(80))
    stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decide_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decide_why: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[str | None] = mapped_column(String(16))
    supported_by: Mapped[str | None] = mapped_column(ForeignKey("requests.id"))
    outlives_closing: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    outlives_unit: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class Decision(Base):
    """What one stage decided or answered.

    `answered_at` is when an outside office (the city platform) answered; `acting_for` the principal of a deputy.
    """

    __tablename__ = "request_decisions"
    __table_args__ = (Index("ix_request_decisions_request", "request_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id"))
    stage: Mapped[str] = mapped_column(String(16))
    decision: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    new_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence_ids: Mapped[list[str] | None] = mapped_column(Json)
    acting_for: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Evaluator(Base):
    """A member of a review panel, from outside of the offices, with the vote that was cast (K3.11)."""

    __tablename__ = "request_evaluators"
    __table_args__ = (Index("ix_request_evaluators_request", "request_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(64))
    capacity: Mapped[str] = mapped_column(String(64))
    vote: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
    voted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
