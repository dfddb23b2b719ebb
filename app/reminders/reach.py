"""Whether people can be reached: a trial once a week, told to the station, and the station's calls (D6.1, U5.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment, local_text
from app.db import Database
from app.journal.record import record
from app.people import permissions
from app.people.models import Jurisdiction, Person
from app.people.permissions import LEADING, LIAISON, STATION, Actor
from app.people.queries import holders, names, people_with_role
from app.people.roster.queries import away_at
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.reminders.daily import day_in, instant_of
from app.reminders.models import Notice, Occasion, ReachCall
from app.reminders.routing import queue
from app.reminders.watching import REACH_CHECK, last_check, places, silent_in

OUTCOMES: Final = {"answered": "已接通", "no_answer": "无人接听", "off": "关机或不在服务区", "wrong": "号码有误"}
LATEST: Final = timedelta(hours=6)
"""A trial that could not be made by then is made next week."""
_SPACE: Final = UUID("3c5f1d6e-7f0b-4b8c-9d0f-60c1a7a1b2c4")
_SHOWN: Final = 20


def check_reach(database: Database, at: datetime) -> int:
    """Begin the weekly trial where its time has come, tell the station of those that have closed; return how many."""
    with database.read() as session:
        wanted = [place.id for place in places(session) if _due(session, place, at) or _closed(session, place, at)]
    for place_id in wanted:
        with database.unit_of_work() as session:
            place = session.get_one(Jurisdiction, place_id, with_for_update=True)
            closed = _closed(session, place, at)
            if closed is not None:
                _report(session, place, closed, at)
            if _due(session, place, at):
                _ask(session, place, at)
    return len(wanted)


def _due(session: Session, place: Jurisdiction, at: datetime) -> bool:
    rule = policy_of(session, place.policy_id).reach_check
    if rule is None:
        return False
    day = day_in(place, at)
    begins = instant_of(place, day, rule.at)
    if day.isoweekday() != rule.weekday or not begins <= at < begins + LATEST:
        return False
    return session.get(Occasion, (place.id, REACH_CHECK, day)) is None


def _closed(session: Session, place: Jurisdiction, at: datetime) -> Occasion | None:
    last = last_check(session, place.id)
    over = last is not None and last.reported_at is None and last.closes_at is not None and last.closes_at <= at
    return last if over else None


def _ask(session: Session, place: Jurisdiction, at: datetime) -> None:
    rule = policy_of(session, place.policy_id).reach_check
    assert rule is not None
    day, closes = day_in(place, at), at + rule.answer
    session.add(Occasion(jurisdiction_id=place.id, kind=REACH_CHECK, day=day, at=at, closes_at=closes))
    people = dict.fromkeys(person for _, person, _ in holders(session, place.id, (LIAISON, *LEADING), at))
    gone = away_at(session, people, at)
    title = f"联络测试：请在 {local_text(closes, place.zone)} 前点“知道了”"
    body = "每周一次，确认您能收到提醒；逾时未点的将由工作站电话联系"
    _tell(
        session,
        [(person, title, body) for person in people if person not in gone],
        REACH_CHECK,
        f"{place.id}/{day}",
        at,
    )


def _report(session: Session, place: Jurisdiction, check: Occasion, at: datetime) -> None:
    check.reported_at = at
    silent = sorted(names(session, silent_in(session, check, at)).values())
    if not silent:
        return
    more = f"等 {len(silent)} 人" if len(silent) > _SHOWN else ""
    title = f"联络测试有 {len(silent)} 人未确认，请电话联系"
    body = "、".join(silent[:_SHOWN]) + more
    station = people_with_role(session, place.id, STATION, at)
    _tell(session, [(person, title, body) for person in station], "reach_missed", f"{place.id}/{check.day}/silent", at)


def _tell(session: Session, lines: list[tuple[str, str, str]], kind: str, occasion: str, at: datetime) -> None:
    notices = [
        Notice(
            id=str(uuid5(_SPACE, f"{occasion}/{person}")), person_id=person, kind=kind, title=title, body=body, at=at,
            version=1,
        )
        for person, title, body in lines
    ]  # fmt: skip
    session.add_all(notices)
    session.flush()
    queue(session, notices, at)


def log_call(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Note a trial call to a person's phone and how it ended.

    Raises `Problem` `not_permitted`, `person_not_found`.
    """
    person = session.get(Person, args["person_id"])
    if person is None or person.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("person_not_found")
    require(permissions.judge(actor, "reach.log_call", actor.jurisdiction_id, None, "登记电话测试"))
    if session.get(ReachCall, args["call_id"]) is not None:
        return
    session.add(
        ReachCall(
            id=args["call_id"], person_id=person.id, outcome=args["outcome"], note=args["note"] or "",
            by=actor.person_id, at=at.claimed or at.received,
        )
    )  # fmt: skip
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    payload = {"person_id": person.id, "name": person.name, "outcome": args["outcome"], "note": args["note"] or ""}
    record(session, place, "reach.called", payload | {"at": clock.iso(at.received)}, at, by=actor)
