"""Telling the station what concerns no ticket: who answers a unit's phone has changed (D6.1, D6.2, X2.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.journal.models import Event
from app.people.models import Jurisdiction
from app.people.permissions import CHIEF, LEADER, LEADING, LIAISON, REVIEWER, STATION
from app.people.queries import names, people_with_role, unit_names, units_of
from app.policies.queries import policy_of
from app.reminders import roster_news
from app.reminders.models import Notice
from app.reminders.routing import queue

KIND: Final = "people_changed"
_SPACE: Final = UUID("6f0c8a52-3f0e-4d0b-9a57-2f6b1c7d9e10")
_ROLES: Final = {LIAISON: "联络员", REVIEWER: "部门负责人", LEADER: "分管领导", CHIEF: "主要领导"}
"""Names of the roles that lead to a unit, where the profile has none of its own."""
_SHOWN: Final = 10
_ALONG: Final = {"drafts": "份草稿", "requests": "项申请", "commitments": "项承诺"}
Words = tuple[str, str]
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened, with what it takes to say it: `roles` are the names of roles here."""

    session: Session
    payload: Payload
    at: datetime
    roles: Mapping[str, str]


def tell_station(database: Database, event_seq: int, at: datetime) -> None:
    """Put the event into the inboxes of the station and of those concerned, but not of the one who caused it.

    Safe to run again.
    """
    with database.unit_of_work() as session:
        event = session.get(Event, event_seq)
        place = session.get(Jurisdiction, event.subject_id) if event is not None else None
        if event is None or place is None:
            return
        words, concerned, station = _said(session, event, place)
        if words is None:
            return
        people = dict.fromkeys(concerned, roster_news.KIND if event.name in roster_news.ROSTER else KIND)
        people |= dict.fromkeys(people_with_role(session, place.id, STATION, at) if station else (), KIND)
        # Ids made from event and person: a task that runs twice finds what it wrote.
        wanted = {str(uuid5(_SPACE, f"{event.hash}/{p}")): p for p in people if p != event.actor_id}
        known = set(session.scalars(select(Notice.id).where(Notice.id.in_(wanted))))
        title, body = words
        notices = [
            Notice(id=i, person_id=p, kind=people[p], title=title[:240], body=body, at=at, version=1)
            for i, p in wanted.items()
            if i not in known
        ]
        session.add_all(notices)
        session.flush()
        queue(session, notices, at)


def _said(session: Session, event: Event, place: Jurisdiction) -> tuple[Words | None, list[str], bool]:
    """Return the words for an event, whom it concerns, and whether the station hears of it; no words: nobody does."""
    if event.name in roster_news.ROSTER:
        tell, keys, station = roster_news.ROSTER[event.name]
        listed = (event.payload[key] for key in keys)
        people = [p for named in listed for p in (named if isinstance(named, list) else [named])]
        return tell(event.payload, place.zone), people, station
    if event.name not in NEWS:
        return None, [], False
    say, concerned = NEWS[event.name]
    roles = _ROLES | dict(policy_of(session, place.policy_id).roles)
    words = say(Happened(session, event.payload, event.at, roles))
    return words, [event.payload[key] for key in concerned], True


def _phone(happened: Happened) -> Words | None:
    session, payload = happened.session, happened.payload
    held = set[str]().union(
        *(units_of(session, payload["person_id"], role, happened.at) for role in (LIAISON, *LEADING))
    )
    if not held:  # a supervisor's or administrator's number is nobody's way to a unit
        return None
    units = "、".join(sorted(unit_names(session, held).values()))
    return f"{payload['name']}的联系电话已变更", f"{units}：{payload['from']} → {payload['to']}"


def _role(said: str) -> Callable[[Happened], Words | None]:
    def words(happened: Happened) -> Words | None:
        payload = happened.payload
        if payload["role"] not in _ROLES:
            return None
        return f"{payload['unit']}{said}{happened.roles[payload['role']]}", payload["name"]

    return words


def _disabled(happened: Happened) -> Words | None:
    payload = happened.payload
    held = [f"{r['unit']}{happened.roles[r['role']]}" for r in payload["roles"] if r["role"] in _ROLES]
    return (f"{payload['name']}的账号已停用", f"已卸任：{'、'.join(held)}") if held else None


def _handover(happened: Happened) -> Words:
    payload = happened.payload
    leaver, heir = payload["from_person_id"], payload["to_person_id"]
    called, numbers = names(happened.session, [leaver, heir]), payload["tickets"]
    more = "等" if len(numbers) > _SHOWN else ""
    listed = f"：{'、'.join(numbers[:_SHOWN])}{more}" if numbers else ""
    along = [f"{payload[key]} {unit}" for key, unit in _ALONG.items() if payload.get(key)]
    along += [f"{len(payload['assists'])} 项协办"] if payload.get("assists") else []
    said = f"{len(numbers)} 张未办结工单{listed}" + (f"；随交 {'、'.join(along)}" if along else "")
    if payload.get("in_flight"):
        said += f"。原手机上还有 {payload['in_flight']} 个佐证待上传，请在交回手机前联网传完"
    return f"工作交接：{called.get(leaver, '')} → {called.get(heir, '')}", said


def _reach(happened: Happened) -> Words:
    payload = happened.payload
    shown = [f"工作股室：{payload['office'] or '未明确'}", f"24 小时电话：{payload['phone'] or '无'}"]
    return f"{payload['unit']}的联系方式已变更", "；".join(shown)


def _unit(said: str) -> Callable[[Happened], Words]:
    def words(happened: Happened) -> Words:
        payload = happened.payload
        return f"{payload['unit']}{said}", f"原名：{payload['from']}" if "from" in payload else payload["reason"]

    return words


def _deputy(said: str) -> Callable[[Happened], Words]:
    def words(happened: Happened) -> Words:
        payload = happened.payload
        return f"{payload['deputy']}{said}{payload['principal']}的审签工作", payload.get("reason", "")

    return words


_PAIR: Final = ("principal_id", "deputy_id")
NEWS: Final[dict[str, tuple[Callable[[Happened], Words | None], tuple[str, ...]]]] = {
    "person.phone_changed": (_phone, ()),
    "person.disabled": (_disabled, ()),
    "membership.assigned": (_role("新任"), ("person_id",)),
    "membership.ended": (_role("已卸任"), ()),
    "handover.executed": (_handover, ("to_person_id",)),
    "unit.reach_changed": (_reach, ()),
    "unit.renamed": (_unit("已更名"), ()),
    "unit.closed": (_unit("已撤销"), ()),
    "deputation.appointed": (_deputy("将代行"), _PAIR),
    "deputation.ended": (_deputy("不再代行"), _PAIR),
}
"""Event → what is said, and the keys of its payload that name persons to be told too."""
