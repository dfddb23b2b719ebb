"""Tables of escalations and what was noted on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class Escalation(Base):
    """One matter brought before `to_role`: 提级核查, 督察, repeated dispatch, group complaints.

    `rule` is the key of the profile's rule, None when a person raised it; `fact` the count that raised it, so that the
    same finding is not raised twice and a worse one is. `scope` names a group of tickets, and `related` are its ids.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        Index("ix_escalations_ticket", "ticket_id"),
        Index("ix_escalations_board", "jurisdiction_id", "closed_at", "raised_at"),
        Index("ix_escalations_scope", "jurisdiction_id", "scope"),
        Index(
            "ix_escalations_open",
            "raised_at",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    rule: Mapped[str | None] = mapped_column(String(24))
    label: Mapped[str] = mapped_column(String(60))
    fact: Mapped[int] = mapped_column(Integer, default=0)
    scope: Mapped[str | None] = mapped_column(String(280))
    related: Mapped[list[Any]] = mapped_column(Json)
    to_role: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    conclusion: Mapped[str | None] = mapped_column(Text)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EscalationNote(Base):
    """One step in following an escalation; `reported_to` is whom above it was reported to, when it was."""

    __tablename__ = "escalation_notes"
    __table_args__ = (Index("ix_escalation_notes_escalation", "escalation_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    escalation_id: Mapped[str] = mapped_column(ForeignKey("escalations.id"))
    text: Mapped[str] = mapped_column(Text)
    reported_to: Mapped[str | None] = mapped_column(String(64))
    lifted_to: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
