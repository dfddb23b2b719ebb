"""Tables of evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, UtcDateTime


class Evidence(Base):
    """One file that proves something about a ticket (A3).

    `sha256`, `size` and `media_type` are what the phone sealed at capture; the bytes follow later and must match.
    `received_bytes` is a hint for the screens; the truth about an unfinished upload is the length of its file.
    Position in WGS-84 degrees with the `datum` the phone reported: the best of `samples` fixes taken within `span_s`
    seconds, none farther than `spread_m` metres from their middle. `issued_at` is the server's time in the beacon the
    phone held when it sealed the file, so that it was sealed between then and `declared_at`; `device_id` is the device.
    `duration_s` is the phone's claim and `measured_s` what the worker found; `claims` is what the file's own EXIF says.
    `display_width` × `display_height` pixels of the display rendition are the picture, the `strip_px` rows below it
    say what it is; all three are null where the rendition is older than the strip, and then it is the bare picture.
    `case_id` is the spot check a supervisor took it in, `opened_at` when it was opened to the unit; until then only
    those who check see it.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_person", "declared_by", "captured_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(10))
    captured_at: Mapped[datetime] = mapped_column(UtcDateTime)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    datum: Mapped[str | None] = mapped_column(String(8))
    position_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    samples: Mapped[int | None] = mapped_column(Integer)
    spread_m: Mapped[float | None] = mapped_column(Float)
    span_s: Mapped[float | None] = mapped_column(Float)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[str | None] = mapped_column(ForeignKey("devices.id"))
    duration_s: Mapped[float | None] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text, default="")

    state: Mapped[str] = mapped_column(String(10))
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str | None] = mapped_column(String(40))
    reason_facts: Mapped[dict[str, Any] | None] = mapped_column(Json)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    display_width: Mapped[int | None] = mapped_column(Integer)
    display_height: Mapped[int | None] = mapped_column(Integer)
    strip_px: Mapped[int | None] = mapped_column(Integer)
    measured_s: Mapped[float | None] = mapped_column(Float)
    peaks: Mapped[list[float] | None] = mapped_column(Json)
    claims: Mapped[dict[str, Any] | None] = mapped_column(Json)

    declared_by: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("inspection_cases.id"), index=True)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("persons.id"))
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)


class PhotoPrint(Base):
    """What a rendered photo is recognised by (see `fingerprints`), and how much it looks like a photo of a screen.

    `position` is given once, in order of commit, and never again: it is the photo's place in the likeness file.
    `detail` and `recapture` are shares, 0 to 1; `recapture_reason` is there only where the score is worth a hint.
    """

    __tablename__ = "photo_prints"

    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    version: Mapped[int] = mapped_column(SmallInteger, index=True)
    prints: Mapped[bytes] = mapped_column(LargeBinary)
    detail: Mapped[float] = mapped_column(Float)
    recapture: Mapped[float | None] = mapped_column(Float)
    recapture_reason: Mapped[str | None] = mapped_column(String(16))


class PrintShelf(Base):
    """One row: the next position, and the stamp by which a likeness file knows that it belongs to this database."""

    __tablename__ = "print_shelf"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    next: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[str] = mapped_column(Id)


class Measure(Base):
    """What was measured of one file's content, whoever handed it in: programs that wrote a photo, the sound of a call.

    Made again when `version` is not the present one. `seconds`, and shares from 0 to 1, are of recordings; `print`
    finds the same sound again. All are empty for a file that could not be measured.
    """

    __tablename__ = "evidence_measures"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    software: Mapped[list[str] | None] = mapped_column(Json)
    seconds: Mapped[float | None] = mapped_column(Float)
    silent: Mapped[float | None] = mapped_column(Float)
    repeated: Mapped[float | None] = mapped_column(Float)
    tonal: Mapped[float | None] = mapped_column(Float)
    print: Mapped[bytes | None] = mapped_column(LargeBinary)
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SoundMatch(Base):
    """Two recordings of which `alike_s` seconds are the same sound; found once, when the second was measured."""

    __tablename__ = "evidence_sound_matches"

    first: Mapped[str] = mapped_column(String(64), primary_key=True)
    second: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    alike_s: Mapped[float] = mapped_column(Float)
