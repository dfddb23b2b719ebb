"""Seeding the demonstration: people, units and tickets, with clocks relative to the moment of seeding."""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.demo.people import ACCOUNTS, PASSWORD, PEOPLE, UNITS
from app.demo.pictures import scene
from app.demo.player import Player
from app.demo.reminders import fire_until
from app.evidence.commands import receive
from app.evidence.jobs import render
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.people.models import Person
from app.people.queries import actor_of
from app.replies.models import Reply
from app.setup import add_member, add_person, add_unit, found_jurisdiction
from config import Config

__all__ = ["ACCOUNTS", "seed"]
PROFILE = "dalad"
_TICKETS = Path(__file__).with_name("tickets.toml")
_MINUTE = timedelta(minutes=1)
_PLACE = {"lat": 40.4075, "lon": 110.0338, "accuracy_m": 12.0, "datum": "wgs84", "at": None}


@dataclass
class Cast:
    """Who plays: ids by the keys of `app.demo.people`."""

    units: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)

    def of_unit(self, unit: str, role: str) -> str:
        """Return the person who holds `role` in the unit."""
        return next(self.persons[key] for key, _, _, roles in PEOPLE if any(r[:2] == (unit, role) for r in roles))


def seed(database: Database, config: Config) -> int:
    """Make the demonstration's data unless it is there already; return how many tickets were made."""
    with database.unit_of_work() as session:
        if session.scalar(select(Person.id).where(Person.phone == PEOPLE[0][2])) is not None:
            return 0
        cast = _people(session)
    now = clock.now()
    _duty(database, cast, now)
    stories = tomllib.loads(_TICKETS.read_text("utf-8"))["tickets"]
    for number, story in enumerate(stories, start=1):
        _Story(database, config, cast, story, f"DL-{now:%y%m%d}-{number:03d}", now).tell()
    fire_until(database, now)
    return len(stories)


def _people(session: Session) -> Cast:
    place = found_jurisdiction(session, PROFILE)
    cast = Cast()
    units = {key: add_unit(session, place, name, level) for key, name, level in UNITS}
    cast.units = {key: unit.id for key, unit in units.items()}
    for key, name, phone, roles in PEOPLE:
        person = add_person(session, place, name, phone, PASSWORD)
        cast.persons[key] = person.id
        for unit, role, rank in roles:
            add_member(session, person, units[unit], role, rank)
    return cast


def _duty(database: Database, cast: Cast, now: datetime) -> None:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day, key in enumerate(("liaison", "liaison_b", "liaison")):
        args = {
            "duty_id": new_id(),
            "unit_id": cast.units["river"],
            "person_id": cast.persons[key],
            "rank": "A" if key == "liaison" else "B",
            "from": clock.iso(start + timedelta(days=day)),
            "until": clock.iso(start + timedelta(days=day + 1)),
        }
        Player(database).play(cast.persons["station"], "duty.set", None, args, now)


class _Story:
    """One ticket's way so far, played through the real commands."""

    def __init__(
        self, database: Database, config: Config, cast: Cast, story: dict[str, Any], number: str, now: datetime
    ) -> None:
        self._database, self._cast, self._story, self._number = database, cast, story, number
        self._store = DiskStore(config.evidence_dir)
        self._ticket_id = new_id()
        self._now = now
        self._dispatched = now - timedelta(hours=story["hours_ago"])
        self._at = self._dispatched - 20 * _MINUTE
        self._feedback_by = now + timedelta(hours=story["feedback_in"])
        self._photos: list[str] = []
        self._reply_id = new_id()

    def tell(self) -> None:
        """Play intake, dispatch and whatever the story names, each a while after the other."""
        story = self._story
        fields = ("title", "content", "kind", "source", "priority", "category", "caller")
        intake = {name: story[name] for name in fields}
        intake |= {"number": self._number, "feedback_by": clock.iso(self._feedback_by)}
        self._as("station", "ticket.intake", intake)
        if "unit" not in story:
            return
        self._at = self._dispatched
        unit_id = self._cast.units[story["unit"]]
        self._as("station", "ticket.dispatch", {"unit_id": unit_id, "grounds": "按职责分工派单"})
        steps = story.get("play", [])
        pace = min((self._now - self._dispatched) / (len(steps) + 1), timedelta(hours=2))
        for step in steps:
            self._at += pace
            getattr(self, f"_{step}")()

    def _as(self, role: str, name: str, args: dict[str, Any]) -> None:
        person = self._cast.persons.get(role, "")
        if role in ("liaison", "leader"):
            person = self._cast.of_unit(self._story["unit"], role)
        Player(self._database).play(person, name, self._ticket_id, args, self._at)

    def _sign(self) -> None:
        self._as("liaison", "ticket.sign", {})

    def _contact(self) -> None:
        args = {
            "contact_id": new_id(),
            "purpose": "first",
            "to": "caller",
            "channel": "phone",
            "outcome": "reached",
            "started_at": clock.iso(self._at - 5 * _MINUTE),
            "duration_s": 143,
            "note": "已核实位置和情况，约定上门查看",
        }
        self._as("liaison", "contact.record", args)

    def _visit(self) -> None:
        args = {
            "visit_id": new_id(),
            "mode": "solve",
            "arrived_at": clock.iso(self._at - 40 * _MINUTE),
            "left_at": clock.iso(self._at - 5 * _MINUTE),
            "met": "caller",
            "position": _PLACE | {"at": clock.iso(self._at - 38 * _MINUTE)},
            "note": "与反映人一同到现场查看",
        }
        self._as("liaison", "visit.record", args)

    def _photo_before(self) -> None:
        self._photo("before")

    def _photo_after(self) -> None:
        self._photo("after")

    def _photo(self, phase: str) -> None:
        """Declare a drawn photo, put its bytes into the store as an upload would, and let the worker's job run."""
        content = scene(self._story["key"], phase == "after")
        digest, evidence_id = hashlib.sha256(content).hexdigest(), new_id()
        self._photos.append(evidence_id)
        args = {
            "evidence_id": evidence_id,
            "sha256": digest,
            "size": len(content),
            "media_type": "image/jpeg",
            "kind": "photo",
            "phase": phase,
            "captured_at": clock.iso(self._at - 2 * _MINUTE),
            "source": "camera",
            "position": _PLACE | {"at": clock.iso(self._at - 2 * _MINUTE)},
        }
        self._as("liaison", "evidence.declare", args)
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self._store.adopt(Path(file.name), digest)
        person = self._cast.of_unit(self._story["unit"], "liaison")
        with self._database.unit_of_work() as session:
            actor = actor_of(session, person, None, self._at)
            assert actor is not None
            receive(session, actor, evidence_id, Moment.of_server(self._at))
        render(self._database, self._store, evidence_id, self._at)

    def _parts(self) -> dict[str, str]:
        return {
            "verified": "情况属实。",
            "findings": f"经现场查看，{self._story['title']}的情况属实，主要是设施老化、日常巡查不到位所致。",
            "process": "接到工单后当日电话联系反映人，随后上门查看，联系维护队伍到场处置，处置完毕后请反映人现场确认。",
            "result": "问题已经处理完毕，恢复正常使用；社区网格员每周巡查一次，发现问题及时报修。",
        }

    def _draft(self) -> None:
        parts = self._parts()
        parts["result"] = ""
        self._as("liaison", "draft.save", {"parts": parts, "opinion": None, "evidence_ids": self._photos})

    def _submit(self) -> None:
        args = {
            "reply_id": self._reply_id,
            "parts": self._parts(),
            "opinion": "satisfied",
            "evidence_ids": self._photos,
        }
        self._as("liaison", "reply.submit", args)

    def _sign_off(self) -> None:
        with self._database.read() as session:
            content_hash = session.get_one(Reply, self._reply_id).content_hash
        self._as("leader", "reply.sign_off", {"reply_id": self._reply_id, "content_hash": content_hash})

    def _send_back(self) -> None:
        reasons = ["办理过程未写明维修单位和完成时间", "请补充与反映人回访的情况"]
        self._as("station", "review.send_back", {"reply_id": self._reply_id, "reasons": reasons})

    def _accept(self) -> None:
        self._as("station", "review.accept", {"reply_id": self._reply_id})

    def _ask_return(self) -> None:
        args = {
            "request_id": new_id(),
            "reason": "反映人咨询公积金贷款提前还款，属于住房公积金管理部门职责，不在本街道职责范围之内，建议转派。",
            "proposed_unit": self._cast.units["housing"],
        }
        self._as("liaison", "request.return", args)

    def _ask_extension(self) -> None:
        args = {
            "request_id": new_id(),
            "reason": "外墙保温层修复须搭设脚手架并等待材料到货，预计需要一周时间，已设置围挡并向反映人说明。",
            "new_due_at": clock.iso(self._feedback_by + timedelta(days=5)),
        }
        self._as("liaison", "request.extend", args)
