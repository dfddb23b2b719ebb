"""Tables of spot checks: plans, draws, cases, looks at them, and what followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, JsonText, UtcDateTime
from app.journal.models import Chained


class InspectionPlan(Base):
    """One version of how much is drawn of what; a period goes by the version in force when it begins.

    `share` and `blind` in thousandths, `weights` in hundredths by signal; `spread` of unit and kind. `population`
    closed: what was closed in the period by an accepted reply; answered: what a unit handed an answer in to in it,
    whatever became of the answer.
    """

    __tablename__ = "inspection_plans"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    number: Mapped[int] = mapped_column(Integer)
    enabled: Mapped[bool] = mapped_column(Boolean)
    period: Mapped[str] = mapped_column(String(8))
    population: Mapped[str] = mapped_column(String(10))
    share: Mapped[int] = mapped_column(SmallInteger)
    minimum: Mapped[int] = mapped_column(SmallInteger)
    spread: Mapped[list[str]] = mapped_column(Json)
    blind: Mapped[int] = mapped_column(SmallInteger)
    hold_minutes: Mapped[int] = mapped_column(Integer)
    weights: Mapped[dict[str, int]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


_STANDS = text("voided_at IS NULL")


class InspectionDraw(Chained, Base):
    """One period and its sample; subject of every event that no unit may know of yet.

    `commitment` is published with the row, before the period; `seed` is shown when every case has been told. `frame`
    are the candidates as they were drawn from, `design` what the plan said: with the seed they give the sample again.
    """

    __tablename__ = "inspection_draws"
    __table_args__ = (
        # A period whose plan was taken back may be committed to again, with another seed.
        Index("uq_inspection_draws_period", "jurisdiction_id", "period", "begins_at", unique=True,
              postgresql_where=_STANDS, sqlite_where=_STANDS),
        Index("ix_inspection_draws_waiting", "ends_at", postgresql_where=text("drawn_at IS NULL AND voided_at IS NULL"),
              sqlite_where=text("drawn_at IS NULL AND voided_at IS NULL")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    period: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(12))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    commitment: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str] = mapped_column(String(64))
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("inspection_plans.id"))
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    design: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    frame: Mapped[list[list[Any]] | None] = mapped_column(JsonText, deferred=True)
    population: Mapped[int | None] = mapped_column(Integer)
    population_hash: Mapped[str | None] = mapped_column(String(64))
    sample: Mapped[int | None] = mapped_column(Integer)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InspectionCase(Base):
    """One drawn ticket. `place` is its rank in the sample, `probability` its chance to be in it.

    `signals` are [{key, label, severity}] as they stood at the draw. `second`: a blind second look is due. `told_from`
    is when a decided case may be told, `told_at` when it was: from then on the unit knows, before it nobody there does.
    """

    __tablename__ = "inspection_cases"
    __table_args__ = (
        UniqueConstraint("draw_id", "ticket_id"),
        Index("ix_inspection_cases_ticket", "ticket_id"),
        Index("ix_inspection_cases_open", "jurisdiction_id", "state", postgresql_where=text("told_at IS NULL"),
              sqlite_where=text("told_at IS NULL")),
        Index("ix_inspection_cases_told", "jurisdiction_id", "told_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    draw_id: Mapped[str] = mapped_column(ForeignKey("inspection_draws.id"))
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    reply_id: Mapped[str | None] = mapped_column(ForeignKey("replies.id"))
    place: Mapped[int] = mapped_column(Integer)
    weight: Mapped[int] = mapped_column(Integer)
    probability: Mapped[float] = mapped_column(Float)
    signals: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    second: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(8))
    verdict: Mapped[str | None] = mapped_column(String(8))
    grounds: Mapped[list[str]] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    told_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appeal_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InspectionLook(Base):
    """One person's look at a case: taken on, then judged. `nth` 1, 2 (blind) or 3 (settles a disagreement).

    `former` are the verdicts that were corrected, the oldest first.
    """

    __tablename__ = "inspection_looks"
    __table_args__ = (UniqueConstraint("case_id", "nth"), UniqueConstraint("case_id", "by", name="uq_looks_person"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("inspection_cases.id"))
    nth: Mapped[int] = mapped_column(SmallInteger)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str | None] = mapped_column(String(8))
    grounds: Mapped[list[str]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(Text, default="")
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    former: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class InspectionRectification(Base):
    """What the unit has to put right after a bad verdict. `rounds` are its answers, each with its review:
    [{text, evidence_ids, by, at, passed, note, reviewed_by, reviewed_at}]."""

    __tablename__ = "inspection_rectifications"
    __table_args__ = (
        Index("ix_inspection_rectifications_open", "unit_id", postgresql_where=text("ended_at IS NULL"),
              sqlite_where=text("ended_at IS NULL")),
    )  # fmt: skip

    case_id: Mapped[str] = mapped_column(ForeignKey("inspection_cases.id"), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rounds: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    soon_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InspectionAppeal(Base):
    """The unit's objection to a verdict, and what another supervisor made of it; `verdict` is the one after it."""

    __tablename__ = "inspection_appeals"

    case_id: Mapped[str] = mapped_column(ForeignKey("inspection_cases.id"), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str] = mapped_column(Text)
    evidence_ids: Mapped[list[str]] = mapped_column(Json)
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted: Mapped[bool | None] = mapped_column(Boolean)
    verdict: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(Text)


class InspectionFieldCheck(Base):
    """What a supervisor found on the spot; `evidence_ids` are the photos taken there, `against_id` the unit's photo
    that was repeated, `place` where the phone stood (wire form, WGS-84), `at` when it arrived, `claimed_at` when."""

    __tablename__ = "inspection_field_checks"
    __table_args__ = (Index("ix_inspection_field_checks_case", "case_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("inspection_cases.id"))
    by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finding: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text, default="")
    evidence_ids: Mapped[list[str]] = mapped_column(Json)
    against_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    place: Mapped[dict[str, Any] | None] = mapped_column(Json)
