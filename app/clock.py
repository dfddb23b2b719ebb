"""The only reader of wall time, and the instants a command carries.

Every instant in Doorstep is an aware UTC `datetime` cut to the millisecond, so that what is stored, hashed and
sent over the wire is one and the same value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant, UTC, cut to the millisecond."""
    return to_millisecond(datetime.now(UTC))


def to_millisecond(instant: datetime) -> datetime:
    """Return `instant` in UTC cut to the millisecond.

    Raises `ValueError` for a naive datetime: a time without a zone has no meaning here.
    """
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(instant: datetime) -> str:
    """Return the wire form of an instant: ISO 8601, UTC, milliseconds, `Z`."""
    # Not strftime: its %Y writes the year 1 as "1", which can never be read again.
    return to_millisecond(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """Return the instant written in `text` (ISO 8601 with an offset). Raises `ValueError`."""
    return to_millisecond(datetime.fromisoformat(text))


def from_epoch_ms(milliseconds: int) -> datetime:
    """Return the instant that many milliseconds after 1970-01-01T00:00Z."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def to_epoch_ms(instant: datetime) -> int:
    """Return milliseconds since 1970-01-01T00:00Z."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a command happened, as far as can be known.

    `received` is the server's own time. `claimed` is the phone's capture time after `sync.timing` has bounded it.
    `counted` is the one of the two that the ticket's profile lets count for deadlines (`late_sync`).
    `issued` is the server's time in the beacon that the phone held at the tap, which bounds the tap from below; None
    where there was no beacon. `command_id` names the command in the journal; None for what the server itself does.
    """

    received: datetime
    claimed: datetime
    counted: datetime
    command_id: str | None = None
    issued: datetime | None = None

    @classmethod
    def of_server(cls, at: datetime) -> Moment:
        """Return the moment of something the server does by itself at `at`."""
        return cls(received=at, claimed=at, counted=at)


def local_second(instant: datetime, zone: str) -> str:
    """Return the instant to the second with its year, in that zone: `2026-11-20 09:14:05`."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def local_text(instant: datetime, zone: str) -> str:
    """Return the instant as people write it in that zone: `11-20 09:14`."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M")
