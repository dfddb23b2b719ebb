"""What an administrator changes: a version of the profile, a year of the calendar, a day of it. All journalled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.ids import new_id
from app.people import permissions
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.people.subjects import note
from app.policies.models import CalendarDay, CalendarYear, PolicyVersion
from app.policies.policy import Policy
from app.policies.publish import add_version
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.reminders import runs
from app.rulebook import schemas
from app.rulebook.checks import Fault, check
from app.rulebook.models import Recomputation
from app.rulebook.recompute import count, days_of

_BY_HAND: Final = "administrator"


def allow(actor: Actor, command: str, label: str) -> None:
    """Refuse whoever may not. Raises `Problem` `not_permitted`."""
    require(permissions.judge(actor, command, actor.jurisdiction_id, None, label))


def latest_version(session: Session, profile: str) -> int:
    """Return the number of the newest published version, 0 when there is none."""
    newest = select(func.max(PolicyVersion.version)).where(PolicyVersion.profile == profile)
    return session.scalar(newest) or 0


def checked(session: Session, profile: str, text: str) -> tuple[Policy | None, list[Fault]]:
    """Return the policy of a text, or what keeps it from being the next version of that profile."""
    return check(text, profile, latest_version(session, profile))


def required(session: Session, profile: str, text: str) -> Policy:
    """Return the policy of a text that could be published. Raises `Problem` `policy_invalid`."""
    policy, faults = checked(session, profile, text)
    if policy is not None:
        return policy
    first = faults[0]
    where = "，".join(filter(None, (f"第 {first.line} 行" if first.line else None, first.key or None))) or "全文"
    raise Problem("policy_invalid", where=where, reason=first.reason.rstrip("。"), line=first.line, key=first.key)


def publish_policy(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Publish the next version; it holds for what is dispatched from now on, running tickets keep theirs (A7).

    People are reminded of running tickets by the new version, too: all of them are planned anew (A4).

    Raises `Problem` `not_permitted`, `policy_invalid` with line, key and reason.
    """
    allow(actor, "policy.publish", "发布规则")
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    policy = required(session, place.id, args["text"])
    before = place.policy_id
    place.policy_id = add_version(session, policy, args["text"], actor.person_id)
    # A number that the station has put right stays, unless the new version brings another one.
    if policy.station.phone and policy.station.phone != policy_of(session, before).station.phone:
        place.station_phone = policy.station.phone
    run = runs.begin(session, place, f"发布 {policy.id}", at.received)
    said = {"policy_id": policy.id, "before": before, "note": args["note"], "run_id": run}
    note(session, actor, "policy.published", said, at)


def replan(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Plan the reminders of all open tickets anew, by the rules in force. Raises `Problem` `not_permitted`."""
    allow(actor, "policy.replan", "重新排定提醒")
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    run = runs.begin(session, place, "管理员要求重新排定", at.received)
    note(session, actor, "policy.replan_asked", {"run_id": run}, at)


def publish_year(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Publish a year's arrangement of holidays and make-up days (调休); open tickets' deadlines are computed again.

    Raises `Problem` `not_permitted`, `calendar_year_known`, `calendar_day_wrong`.
    """
    allow(actor, "calendar.publish", "公布节假日安排")
    year = args["year"]
    if session.get(CalendarYear, year) is not None:
        raise Problem("calendar_year_known", year=year)
    for day in args["days"]:
        _require_sense(day, year)
    if len({day["day"] for day in args["days"]}) != len(args["days"]):
        raise Problem("calendar_day_wrong", day=str(year), reason="同一天写了两次")
    session.add(CalendarYear(year=year, source=args["source"], revision=1))
    session.flush()
    session.add_all(CalendarDay(year=year, **day) for day in args["days"])
    run = _recompute(session, f"{year} 年节假日安排公布", *days_of(year), at)
    free = sum(day["free"] for day in args["days"])
    facts = {"year": year, "source": args["source"], "free": free, "worked": len(args["days"]) - free}
    note(session, actor, "calendar.published", facts | {"run_id": run}, at)


def correct_day(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Correct one day of a published year: free, worked, or like any other day of its weekday (`free` None).

    Raises `Problem` `not_permitted`, `calendar_year_unknown`, `calendar_day_wrong`.
    """
    allow(actor, "calendar.correct", "更正节假日")
    day: date = args["day"]
    year = session.get(CalendarYear, day.year, with_for_update=True)
    if year is None:
        raise Problem("calendar_year_unknown", year=day.year)
    if args["free"] is not None:
        _require_sense(args, day.year)
    session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    if args["free"] is not None:
        session.add(CalendarDay(day=day, year=day.year, free=args["free"], name=args["name"]))
    year.revision += 1
    run = _recompute(session, f"{day.isoformat()} 更正", day, day, at)
    facts = {"day": day.isoformat(), "free": args["free"], "name": args["name"]}
    note(session, actor, "calendar.corrected", facts | {"run_id": run}, at)


def _require_sense(day: dict[str, Any], year: int) -> None:
    when: date = day["day"]
    if when.year != year:
        raise Problem("calendar_day_wrong", day=when.isoformat(), reason=f"不在 {year} 年")
    if not day["free"] and when.weekday() < 5:
        raise Problem("calendar_day_wrong", day=when.isoformat(), reason="调休上班日应是周六或周日")


def _recompute(session: Session, reason: str, first: date, last: date, at: Moment) -> str:
    session.flush()
    run = Recomputation(
        id=new_id(), reason=reason, first=first - timedelta(days=1), last=last, asked_at=at.received, total=0, done=0,
        changed=0,
    )  # fmt: skip
    run.total = count(session, run)
    session.add(run)
    return run.id


COMMANDS = {
    "policy.replan": (schemas.PolicyReplan, replan),
    "calendar.publish": (schemas.CalendarPublish, publish_year),
    "calendar.correct": (schemas.CalendarCorrect, correct_day),
}
