"""Table of call-backs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime

_FOLLOWED = text("follow_up IS NOT NULL AND followed_at IS NULL")


class Callback(Base):
    """One call of the station to the caller about an answer, reached or not (H2.2e, X3.5).

    `contacted`, `visited` and `solved` are what the caller said: whether the unit was in touch, came, and solved it.
    `follow_up` is what is left; it is open until `followed_at`, when `followed_note` says what came of it.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        Index("ix_callbacks_ticket", "ticket_id", "at"),
        Index("ix_callbacks_followed", "ticket_id", postgresql_where=_FOLLOWED, sqlite_where=_FOLLOWED),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    reply_id: Mapped[str | None] = mapped_column(ForeignKey("replies.id"))
    reached: Mapped[bool] = mapped_column(Boolean)
    contacted: Mapped[bool | None] = mapped_column(Boolean)
    visited: Mapped[bool | None] = mapped_column(Boolean)
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[str | None] = mapped_column(String(32))
    reasons: Mapped[list[str]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    follow_up: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    followed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    followed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    followed_note: Mapped[str | None] = mapped_column(Text)
