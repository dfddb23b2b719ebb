"""Tables of contact points, a place's channels and routes, and what persons prefer."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class ContactPoint(Base):
    """One address of one channel: a browser's push endpoint, an openid, a userid, a mailbox, a unit's group robot.

    One owner an address: when a second person signs in on a shared phone, or binds the same WeChat account, it goes
    over to them, and the first one's reminders must not appear there any longer. `address_hash` is SHA-256 of the
    address; a robot's address holds its key and is sealed, as the secrets in `keys` are. `refused_at` is when the
    person (or their phone) told the service that they want nothing more from us; being verified again ends that.
    The number for SMS has no row: it is the one in the directory.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        UniqueConstraint("channel", "address_hash"),
        Index("ix_contact_points_person", "person_id"),
        Index("ix_contact_points_unit", "unit_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    device_id: Mapped[str | None] = mapped_column(ForeignKey("devices.id"), unique=True)
    label: Mapped[str] = mapped_column(String(64), default="")
    address: Mapped[str] = mapped_column(Text)
    address_hash: Mapped[str] = mapped_column(String(64))
    keys: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_why: Mapped[str | None] = mapped_column(String(120))


class ChannelSetting(Base):
    """How a place uses a channel: `options` may be seen again, `secrets` are one sealed JSON object and never are."""

    __tablename__ = "channel_settings"

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    secrets: Mapped[str] = mapped_column(Text)
    secret_names: Mapped[list[str]] = mapped_column(Json)
    changed_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChannelRoute(Base):
    """The ways a place chose for one urgency, in place of `kinds.DEFAULTS`."""

    __tablename__ = "channel_routes"

    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    urgency: Mapped[str] = mapped_column(String(8), primary_key=True)
    route: Mapped[dict[str, Any]] = mapped_column(Json)
    changed_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChannelPreference(Base):
    """What one person prefers; it counts where the place's route lets it.

    `ordered` are channels in the order in which they are to be tried; rows from before have `preferred`, the first one.
    Between `quiet_from` and `quiet_until` of the place's wall time what can wait waits.
    """

    __tablename__ = "channel_preferences"

    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    muted: Mapped[list[str]] = mapped_column(Json)
    preferred: Mapped[str | None] = mapped_column(String(16))
    ordered: Mapped[list[str] | None] = mapped_column(Json)
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_until: Mapped[time | None] = mapped_column(Time)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
