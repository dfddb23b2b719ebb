"""Table of events: audit log, outbox and proof in one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonText, UtcDateTime

Serial = BigInteger().with_variant(Integer, "sqlite")


class Event(Base):
    """One thing that happened to one subject (a ticket, or a jurisdiction for what concerns no ticket).

    `subject_seq` counts from 1 without a gap; `hash` covers every other column and `prev_hash`, so that a changed,
    removed or reordered event is found by `journal.chain.verify`.
    """

    __tablename__ = "journal_events"
    __table_args__ = (
        UniqueConstraint("subject_id", "subject_seq"),
        Index(
            "ix_journal_events_unrelayed",
            "seq",
            postgresql_where=text("relayed_at IS NULL"),
            sqlite_where=text("relayed_at IS NULL"),
        ),
        # How often someone looked at callers' data within the hour is asked before each look.
        Index(
            "ix_journal_events_revealed",
            "actor_id",
            "at",
            postgresql_where=text("name = 'caller.revealed'"),
            sqlite_where=text("name = 'caller.revealed'"),
        ),
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    subject_id: Mapped[str] = mapped_column(String(36))
    subject_seq: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Id)
    role: Mapped[str | None] = mapped_column(String(16))
    device_id: Mapped[str | None] = mapped_column(Id)
    command_id: Mapped[str | None] = mapped_column(Id)
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    relayed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Chained:
    """Columns of a row that is the subject of events: the length and head of its chain.

    They stand on the subject, not on the last event, so that cutting off the tail of a chain is found too, and so
    that recording costs no statement of its own: the subject's row is updated anyway.
    """

    journal_length: Mapped[int] = mapped_column(Integer, default=0)
    journal_head: Mapped[str] = mapped_column(String(64), default="")


class Task(Base):
    """One piece of background work that must be done; Redis only carries the news of it.

    `id` is name and ref ("render:<evidence id>"): asking again for work that is done makes the row due again, and
    `asked` counts the askings, so that work asked for while it was running is not lost. Due when `state` is due and
    `run_after` has come.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state_run_after", "state", "run_after"),)

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    name: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(8))
    asked: Mapped[int] = mapped_column(Integer, default=1)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
