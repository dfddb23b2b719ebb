"""Tables of jurisdictions, units, persons, memberships, deputies, duty, training, devices and sessions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, UtcDateTime
from app.journal.models import Chained


class Jurisdiction(Chained, Base):
    """A place with its own profile; subject of the events that concern no single ticket."""

    __tablename__ = "jurisdictions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    zone: Mapped[str] = mapped_column(String(32))
    policy_id: Mapped[str] = mapped_column(String(64))
    station_phone: Mapped[str] = mapped_column(String(32), default="")


class Unit(Base):
    """A handling unit, the station or an office; `level` 1 (city) to 4 (grid) (H3.2).

    `office` is its section for the hotline's work (K2.6), `phone` the number answered day and night (U5.1).
    """

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(128))
    level: Mapped[int] = mapped_column(SmallInteger, default=3)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    office: Mapped[str | None] = mapped_column(String(64))
    phone: Mapped[str | None] = mapped_column(String(32))


class Person(Base):
    """Someone with an account. `phone` is both the login name and how the station reaches them (D6.1).

    `password_first` is true while the password is the one handed out at enrolment: it opens the door to changing it
    and to nothing else.
    """

    __tablename__ = "persons"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str] = mapped_column(String(128))
    password_first: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Membership(Base):
    """A person's role in a unit from `since` until `until`; rank A or B for liaisons (H3.2 AB角)."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_person", "person_id"), Index("ix_memberships_unit", "unit_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    role: Mapped[str] = mapped_column(String(16))
    rank: Mapped[str | None] = mapped_column(String(1))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Deputation(Base):
    """A deputy who stands in for a leader from `since` until `until`; ended earlier, `until` is that instant (H3.2)."""

    __tablename__ = "deputations"
    __table_args__ = (Index("ix_deputations_deputy", "deputy_id", "until"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    principal_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    deputy_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    appointed_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))


class Duty(Base):
    """One turn of duty: who is reachable for the unit between two instants (D6.1)."""

    __tablename__ = "duties"
    __table_args__ = (Index("ix_duties_unit_starts_at", "unit_id", "starts_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    rank: Mapped[str] = mapped_column(String(1))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Handover(Base):
    """A liaison's work passed to another: what moved stands in the journal event (D6.2)."""

    __tablename__ = "handovers"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    from_person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    to_person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    note: Mapped[str] = mapped_column(Text)
    executed_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    executed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Training(Base):
    """A training that was held: for a group, or one to one for somebody new (H3.2, X2.7)."""

    __tablename__ = "trainings"
    __table_args__ = (Index("ix_trainings_place_held_on", "jurisdiction_id", "held_on"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    jurisdiction_id: Mapped[str] = mapped_column(ForeignKey("jurisdictions.id"))
    topic: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(12))
    trainer: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attendance(Base):
    """Somebody who took part in a training."""

    __tablename__ = "training_attendances"

    training_id: Mapped[str] = mapped_column(ForeignKey("trainings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)


class Device(Base):
    """A phone or browser a person signed in on; revoking it ends its sessions at once."""

    __tablename__ = "devices"
    __table_args__ = (Index("ix_devices_person_client", "person_id", "client_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    client_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(64))
    platform: Mapped[str] = mapped_column(String(64))
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginFailures(Base):
    """Failed sign-ins in a row of one phone number, known or not; `key` is an HMAC of the number."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LoginSession(Base):
    """A family of rotating refresh tokens.

    Only `generation` is kept: token n is an HMAC of (session, n), so that an honest second tab that presents n-1
    a moment late can be given the same successor again without storing any token.
    """

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id"), index=True)
    generation: Mapped[int] = mapped_column(Integer, default=1)
    rotated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reused: Mapped[bool] = mapped_column(Boolean, default=False)
    forgiven: Mapped[int] = mapped_column(Integer, default=0)
    forgiven_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
