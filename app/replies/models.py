"""Tables of replies, their signatures and the one draft a ticket has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class Draft(Base):
    """What a unit has written so far. One a ticket; another unit after a reassignment does not see it.

    `saved_at` is when the phone says it was written; `device_id` tells a later save of the same phone from an older
    one of another.
    """

    __tablename__ = "drafts"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    parts: Mapped[dict[str, str]] = mapped_column(Json)
    opinion: Mapped[str | None] = mapped_column(String(32))
    evidence_ids: Mapped[list[str]] = mapped_column(Json)
    extra: Mapped[dict[str, Any] | None] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    device_id: Mapped[str | None] = mapped_column(Id)


class Reply(Base):
    """One submitted version of the answer to a ticket. Its content never changes; a correction is the next version.

    `evidence` are pairs of id and sha256 as attached; `extra` is what `rules.EXTRA` names; `content_hash` covers all of
    it. A version that was declined by the unit or sent back by the station says by whom, when and why.
    """

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    number: Mapped[int] = mapped_column(Integer)
    parts: Mapped[dict[str, str]] = mapped_column(Json)
    opinion: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[list[list[str]]] = mapped_column(Json)
    extra: Mapped[dict[str, Any] | None] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    reasons: Mapped[list[str] | None] = mapped_column(Json)


class Signature(Base):
    """One signature on a reply, bound to the content that was seen. The station's acceptance is one too.

    `acting_for` is the principal in whose stead a deputy signed; `ticked` what the station checked one by one (K3.9).
    """

    __tablename__ = "reply_signatures"
    __table_args__ = (Index("ix_reply_signatures_reply", "reply_id"), UniqueConstraint("reply_id", "role"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    reply_id: Mapped[str] = mapped_column(ForeignKey("replies.id"))
    role: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    acting_for: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    ticked: Mapped[list[str] | None] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64))
