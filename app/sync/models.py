"""Tables of receipts, of what each phone holds, and of the deployment's identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class ReceiptRow(Base):
    """The answer to one command, committed with its effect. Never pruned by time alone: a phone may return late."""

    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    device_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(8))
    code: Mapped[str | None] = mapped_column(String(48))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    ticket_id: Mapped[str | None] = mapped_column(Id)
    ticket_version: Mapped[int | None] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class View(Base):
    """What a phone holds after a pull: entity key → version. A cache: without it the phone is offered everything."""

    __tablename__ = "sync_views"
    __table_args__ = (Index("ix_sync_views_device", "device_id", "made_at"),)

    cookie: Mapped[str] = mapped_column(String(48), primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, primary_key=True)
    held: Mapped[dict[str, str]] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Deployment(Base):
    """One row: the epoch, renewed when a backup is restored, which makes phones offer everything again."""

    __tablename__ = "deployment"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    epoch: Mapped[str] = mapped_column(String(36))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
