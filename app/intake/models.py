"""Tables of files on their way in, of platforms' keys and calls, and of messages on their way out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, JsonText, UtcDateTime
from app.journal.models import Serial


class IntakeFile(Base):
    """One uploaded table. Its bytes are kept until they are read, its rows until a month after it ended.

    `header_row` counts as the spreadsheet does, from 1. `columns` maps a field of `intake.columns` to the index of a
    column; `defaults` gives values for fields without one; `meanings` says what a label of the platform means here.
    """

    __tablename__ = "intake_files"
    __table_args__ = (Index("ix_intake_files_jurisdiction", "jurisdiction_id", "uploaded_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    message: Mapped[str | None] = mapped_column(Text)
    sheet: Mapped[str | None] = mapped_column(String(64))
    other_sheets: Mapped[list[str]] = mapped_column(JsonText, default=list)
    date1904: Mapped[bool] = mapped_column(Boolean, default=False)
    header_row: Mapped[int | None] = mapped_column(Integer)
    header: Mapped[list[str]] = mapped_column(JsonText, default=list)
    columns: Mapped[dict[str, int]] = mapped_column(JsonText, default=dict)
    defaults: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    meanings: Mapped[dict[str, dict[str, str]]] = mapped_column(JsonText, default=dict)
    remembered: Mapped[bool] = mapped_column(Boolean, default=False)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IntakeRow(Base):
    """One line of a file that is not empty. `ticket_id` is chosen when it is read, so that it can come in only once.

    `cells` are emptied as soon as the ticket stands: the caller's data need not be kept twice. `faults` are
    {column, field, text}.
    """

    __tablename__ = "intake_rows"
    __table_args__ = (Index("ix_intake_rows_file_state", "file_id", "state", "line"),)

    file_id: Mapped[str] = mapped_column(ForeignKey("intake_files.id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    cells: Mapped[list[Any]] = mapped_column(JsonText)
    number: Mapped[str | None] = mapped_column(String(40))
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    ticket_id: Mapped[str] = mapped_column(Id)


class IntakeMapping(Base):
    """What the columns of a platform's export mean, by the names in its header; kept when an import is confirmed."""

    __tablename__ = "intake_mappings"

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    header: Mapped[list[str]] = mapped_column(JsonText)
    columns: Mapped[dict[str, int]] = mapped_column(JsonText)
    defaults: Mapped[dict[str, str]] = mapped_column(JsonText)
    meanings: Mapped[dict[str, dict[str, str]]] = mapped_column(JsonText)
    saved_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IntakeKey(Base):
    """A platform that may send requests. Secrets are sealed with a key derived from the deployment's secret.

    The former secret goes on working until `former_until`, so that the platform can be switched over in peace.
    """

    __tablename__ = "intake_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), index=True)
    label: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IntakeCall(Base):
    """One call of a platform, known by its idempotency key. Never pruned by time: a late repeat must find it."""

    __tablename__ = "intake_calls"
    __table_args__ = (UniqueConstraint("key_id", "idempotency_key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("intake_keys.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    body_hash: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IntakeAnswer(Base):
    """The answer to one request of a call, committed together with the ticket it tells of."""

    __tablename__ = "intake_answers"

    call_id: Mapped[str] = mapped_column(ForeignKey("intake_calls.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(8))
    code: Mapped[str | None] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    ticket_id: Mapped[str | None] = mapped_column(Id)


class Webhook(Base):
    """An address that wants to hear of results; `kinds` are those of `intake.outcomes`."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), index=True)
    label: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(1000))
    secret: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JsonText)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookDelivery(Base):
    """One message to one address: of which event, how often tried, with what answer.

    The unique key makes planning harmless to repeat. `event_seq` is empty for a test message.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_seq"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "asked_at"),
        Index("ix_webhook_deliveries_state", "state", "ended_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"))
    event_seq: Mapped[int | None] = mapped_column(Serial)
    kind: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[str | None] = mapped_column(Id)
    number: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(String(200))
