"""When people may be disturbed: quiet hours of a jurisdiction, and where a reminder goes that falls into them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet from `since` to `until` of each day's wall time in `zone`; past midnight when `until` is the smaller."""

    since: time
    until: time
    zone: ZoneInfo

    def move(self, fire_at: datetime, due_at: datetime | None, earliest: datetime) -> datetime:
        """Return when a reminder that would be due at `fire_at` is sent.

        Outside the quiet hours: then. Within: when they end, unless that is too late to be of use, i.e. not before
        `due_at` (which lies ahead); then before they begin, or, where the matter is younger than that (`earliest`), at
        once: a person who is woken is better off than one who is reprimanded.
        """
        night = self._night(fire_at)
        if night is None:
            return fire_at
        begins, ends = night
        if due_at is None or due_at <= fire_at or ends < due_at:
            return ends
        before = begins - timedelta(minutes=1)
        return before if before >= earliest else fire_at

    def _night(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """Return the instants between which it is quiet around `instant`, None where it is not."""
        local = instant.astimezone(self.zone)
        for days in (0, -1):
            day = local.date() + timedelta(days=days)
            begins = datetime.combine(day, self.since, self.zone)
            last = day + timedelta(days=1) if self.until < self.since else day
            ends = datetime.combine(last, self.until, self.zone)
            # Compared as instants: two wall times of one zone compare by their clock faces.
            if begins.astimezone(UTC) <= instant < ends.astimezone(UTC):
                return begins.astimezone(UTC), ends.astimezone(UTC)
        return None


def hours_of(policy: Policy) -> Hours | None:
    """Return the quiet hours of a policy, None where it has none."""
    quiet = policy.quiet
    return Hours(quiet.since, quiet.until, ZoneInfo(policy.zone)) if quiet is not None else None
