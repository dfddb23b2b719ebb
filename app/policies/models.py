"""Tables of published profile versions and of the calendar of working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class PolicyVersion(Base):
    """One published version of a profile. Never changed: a ticket names it for as long as the ticket exists.

    `content` is the profile as plain values, so that a deployment keeps every version it ever worked under even when
    the file on disk has moved on; `sha256` is that of its canonical JSON. A version that an administrator published
    keeps the text as it was written, comments and all, and who published it (`published_by`).
    """

    __tablename__ = "policy_versions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str | None] = mapped_column(Text)
    published_by: Mapped[str | None] = mapped_column(Id)


class CalendarYear(Base):
    """A year whose arrangement of holidays is known; `revision` grows whenever one of its days changes."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer, default=1)


class CalendarDay(Base):
    """A day that differs from its weekday: `free` a holiday, otherwise a weekend day that is worked (调休)."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_years.year"), index=True)
    free: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(32))
