"""Tables of daily seals, their leaves and their stamps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime


class DayRoot(Base):
    """The seal of one day, written once. `document` is what was hashed, to the letter; `root` its SHA-256."""

    __tablename__ = "day_roots"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    root: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DayLeaf(Base):
    """A chain that grew since the seal before: its length and head at the end of the day, at its place in the tree."""

    __tablename__ = "day_leaves"
    __table_args__ = (UniqueConstraint("subject_id", "length"),)

    day: Mapped[date] = mapped_column(ForeignKey("day_roots.day"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(36))
    length: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))


class RootStamp(Base):
    """The time stamp of a day's root, asked for where an authority is configured; `answer` is its RFC 3161 response.

    Without an answer it is still being tried: `attempts` so far, the next at `next_at`, the last `error` in words.
    """

    __tablename__ = "root_stamps"

    day: Mapped[date] = mapped_column(ForeignKey("day_roots.day"), primary_key=True)
    authority: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(200))
    stamped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
