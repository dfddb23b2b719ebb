"""Tables of services' tokens, one-time states of a binding, and messages that were answered already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime


class ChannelToken(Base):
    """A token that a service gave us for a while, sealed; processes share it, none spends another's."""

    __tablename__ = "channel_tokens"

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Binding(Base):
    """A person's wish to bind an account, on its way through the service and back; `id` is SHA-256 of the state.

    A mailbox is bound by a code instead, mailed to `address`.
    """

    __tablename__ = "channel_bindings"
    __table_args__ = (Index("ix_channel_bindings_expires", "expires_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    device_id: Mapped[str | None] = mapped_column(Id)
    address: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Heard(Base):
    """A message that came by a channel, with what was answered: a repeated one gets the same answer."""

    __tablename__ = "channel_heard"
    __table_args__ = (Index("ix_channel_heard_at", "at"),)

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    answer: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
