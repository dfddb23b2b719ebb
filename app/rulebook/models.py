"""Table of runs that compute deadlines again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime


class Recomputation(Base):
    """Deadlines computed again after the calendar changed between `first` and `last`.

    `done` of `total` tickets have been looked at, the last of them `after_id`; `changed` got other deadlines. A run
    that was killed goes on there. `failed_at` when it was given up.
    """

    __tablename__ = "recomputations"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    reason: Mapped[str] = mapped_column(String(120))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    after_id: Mapped[str | None] = mapped_column(Id)
