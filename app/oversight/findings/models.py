"""Tables of findings and of the runs that compute them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime
from app.journal.models import Chained

_OPEN = "dismissed_at IS NULL AND lapsed_at IS NULL"


class Finding(Chained, Base):
    """Something doubtful about one piece of evidence, in words; never deleted.

    It has a chain of its own, because the ticket's is read by the unit whose evidence it is, and who is checked must
    not know before the verdict. `id` follows from what it is about, so that finding the same twice makes no twin;
    `fingerprint` says what it rests on: while that stays, a dismissal stays. `lapsed_at` is when its cause was gone.
    `rules` names the set of rules by which it was found last.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_ticket", "ticket_id"),
        Index("ix_findings_other", "other_ticket_id"),
        Index("ix_findings_board", "jurisdiction_id", "severity_rank", "raised_at", "id"),
        Index(
            "ix_findings_open",
            "jurisdiction_id",
            "severity_rank",
            "raised_at",
            postgresql_where=text(_OPEN),
            sqlite_where=text(_OPEN),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.id"))
    other_ticket_id: Mapped[str | None] = mapped_column(ForeignKey("tickets.id"))
    other_evidence_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    kind: Mapped[str] = mapped_column(String(24))
    severity: Mapped[str] = mapped_column(String(8))
    severity_rank: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    fingerprint: Mapped[str] = mapped_column(String(64))
    rules: Mapped[str] = mapped_column(String(32))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lapsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    dismissed_reason: Mapped[str | None] = mapped_column(Text)


class FindingRun(Base):
    """Every ticket of a jurisdiction looked at again, because the rules are others now.

    `done` of `total` tickets have been looked at, the last of them `after_id`; on `changed` of them something came out
    otherwise. A run that was killed goes on there. `failed_at` when it was given up.
    """

    __tablename__ = "finding_runs"
    __table_args__ = (Index("ix_finding_runs_jurisdiction", "jurisdiction_id", "asked_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    rules: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    after_id: Mapped[str | None] = mapped_column(Id)
