"""Publishing: profiles from their files into the database, and the calendar from the calendar library."""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final

from chinese_calendar import constants
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import clock
from app.policies.models import CalendarDay, CalendarYear, PolicyVersion
from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.table import ProfileInvalid

PROFILES: Final = Path(__file__).parent / "profiles"
_LIBRARY: Final = "国务院办公厅节假日安排（随产品附带）"
_NAMES: Final = {holiday.value: holiday.chinese for holiday in constants.Holiday}


def publish_profiles(session: Session, folder: Path = PROFILES) -> list[str]:
    """Publish every profile of `folder` that is not yet published; return the ids of those that are new.

    Idempotent. Raises `ProfileInvalid` for a profile that cannot be read, and for one that differs from what was
    published under the same version: people have worked under that one.
    """
    return [new for file in sorted(folder.glob("*.toml")) if (new := _publish(session, file)) is not None]


def _publish(session: Session, file: Path) -> str | None:
    text = file.read_text("utf-8")
    policy = parse_profile(text, file.name)
    known = session.get(PolicyVersion, policy.id)
    if known is not None and known.published_by is not None:
        # An administrator was here first: what people work under is not taken from them by an upgrade.
        return None
    if known is not None and known.sha256 != fingerprint(tomllib.loads(text)):
        raise ProfileInvalid(
            file.name, "version", f"第 {policy.version} 版已经发布且内容不同，请把 version 加一后再发布"
        )
    return None if known is not None else add_version(session, policy, text)


def add_version(session: Session, policy: Policy, text: str, by: str | None = None) -> str:
    """Publish the policy written in `text`, `by` an administrator or with the product; return its id."""
    content = tomllib.loads(text)
    session.add(
        PolicyVersion(
            id=policy.id,
            profile=policy.profile,
            version=policy.version,
            content=content,
            sha256=fingerprint(content),
            published_at=clock.now(),
            text=text,
            published_by=by,
        )
    )
    session.flush()
    return policy.id


def text_of(session: Session, policy_id: str) -> str | None:
    """Return a published version as it was written, None when only its content was kept."""
    row = session.get(PolicyVersion, policy_id)
    if row is None or row.text is not None:
        return row.text if row else None
    # Versions from before texts were kept: the file says it, as long as it has not moved on.
    file = PROFILES / f"{row.profile}.toml"
    text = file.read_text("utf-8") if file.exists() else ""
    return text if text and fingerprint(tomllib.loads(text)) == row.sha256 else None


def fingerprint(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a profile's canonical JSON: comments and layout of the file do not count."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def library_days() -> tuple[frozenset[date], frozenset[date]]:
    """Return the holidays and the worked weekend days that the calendar library knows."""
    return frozenset(constants.holidays), frozenset(constants.workdays)


def seed_calendar(session: Session) -> list[int]:
    """Add the years the calendar library knows and the table does not; return them.

    A year already in the table is left alone: an administrator may have corrected it.
    """
    held = set(session.scalars(select(CalendarYear.year)))
    years = sorted({day.year for day in constants.holidays} - held)
    if not years:
        return []
    session.execute(insert(CalendarYear), [{"year": y, "source": _LIBRARY, "revision": 1} for y in years])
    session.execute(
        insert(CalendarDay),
        [
            {"day": day, "year": day.year, "free": free, "name": _NAMES.get(name, name)}
            for table, free in ((constants.holidays, True), (constants.workdays, False))
            for day, name in table.items()
            if day.year in years
        ],
    )
    return years
