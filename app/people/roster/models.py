"""Tables of turns that are asked to change hands, and of leave; the turns themselves are `people.models.Duty`."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime


class DutySwap(Base):
    """A liaison asks a colleague to take the duty of `day`, in exchange for `return_day` where there is one (换班)."""

    __tablename__ = "duty_swaps"
    __table_args__ = (
        Index("ix_duty_swaps_unit_day", "unit_id", "day"),
        Index("ix_duty_swaps_colleague_state", "colleague_id", "state"),
        Index("ix_duty_swaps_asker_state", "asker_id", "state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    asker_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    colleague_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    day: Mapped[date] = mapped_column(Date)
    return_day: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")


class Leave(Base):
    """A span in which a person is not to be reminded first, and who stands in (请假); cut short when it ends early."""

    __tablename__ = "leaves"
    __table_args__ = (Index("ix_leaves_person_ends_at", "person_id", "ends_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    stand_in_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
