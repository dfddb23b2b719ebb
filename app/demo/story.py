"""One ticket's way so far, played through the real commands; what each profile asks for is read from the profile."""

from __future__ import annotations

import hashlib
import random
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.clock import Moment
from app.db import Database
from app.demo import cheats
from app.demo.people import DemoTown
from app.demo.pictures import scene
from app.demo.player import Player
from app.evidence.commands import receive
from app.evidence.jobs import render
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.people.models import Jurisdiction
from app.people.queries import actor_of
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.replies.chain import at_station, next_step, steps_of
from app.replies.models import Reply
from config import Config

_MINUTE = timedelta(minutes=1)
_MISSING = ("办理过程未写明维修单位和完成时间", "请补充与反映人回访的情况")


@dataclass
class Cast:
    """Who plays: the town as written, and the ids its units and people got."""

    town: DemoTown
    units: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)


class Story:
    """One ticket of a town's file."""

    def __init__(
        self, database: Database, config: Config, cast: Cast, story: dict[str, Any], number: str, now: datetime
    ) -> None:
        self._database, self._cast, self._story, self._number = database, cast, story, number
        self._store = DiskStore(config.evidence_dir)
        self._ticket_id = new_id()
        self._now = now
        self._dispatched = now - timedelta(hours=story["hours_ago"])
        self._at = self._dispatched - 20 * _MINUTE
        self._photos: list[str] = []
        self._before: bytes | None = None
        self._visited_at = self._at
        self._reply_id = new_id()
        self._signed: set[str] = set()
        self._reasons: list[str] = []
        with database.read() as session:
            self._policy: Policy = policy_of(session, session.get_one(Jurisdiction, cast.town.profile).policy_id)

    def tell(self) -> None:
        """Play intake, dispatch and whatever the story names, each a while after the other."""
        story = self._story
        fields = ("title", "content", "kind", "source", "priority", "category", "caller")
        intake = {name: story[name] for name in fields}
        self._as("station", "ticket.intake", intake | {"number": self._number} | self._asked_by())
        if "unit" in story:
            self._centre()
            self._at = self._dispatched
            self._dispatch()
        steps = story.get("play", [])
        pace = min((self._now - self._dispatched) / (len(steps) + 1), timedelta(hours=2))
        for step in steps:
            self._at += pace
            name, _, how = step.partition(":")
            getattr(self, f"_{name}")(*([how] if how else []))

    def _asked_by(self) -> dict[str, Any]:
        hours = self._story.get("feedback_in")
        return {} if hours is None else {"feedback_by": clock.iso(self._now + timedelta(hours=hours))}

    def _as(self, role: str, name: str, args: dict[str, Any]) -> None:
        if role in self._cast.persons:
            person = self._cast.persons[role]
        else:
            person = self._cast.persons[self._cast.town.holder(self._story["unit"], role)[0]]
        Player(self._database).play(person, name, self._ticket_id, args, self._at)

    def _unit_liaison(self, name: str, args: dict[str, Any]) -> None:
        person, _ = self._cast.town.holder(self._story["unit"], "liaison")
        self._as(person, name, args)

    def _centre(self) -> None:
        """What the centre owes a ticket before it is dispatched: its signature, its call (K1.1, X3.1)."""
        if self._policy.centre.signs:
            self._as("station", "ticket.centre_sign", {"checked": True})
        if self._policy.centre.contacts_first:
            self._as("station", "contact.record", self._call("clarify", "已与来电人核实工单内容"))

    def _centre_sign(self) -> None:
        self._as("station", "ticket.centre_sign", {"checked": True})

    def _dispatch(self) -> None:
        story = self._story
        plain = (g.key for g in self._policy.dispatch.grounds if not g.needs_leader and not g.joint)
        args: dict[str, Any] = {
            "unit_id": self._cast.units[story["unit"]],
            "grounds": "按职责分工派单",
            "ground": story.get("ground") or next(plain, None),
        }
        if "helpers" in story:
            args |= {
                "co_units": [self._cast.units[key] for key in story["helpers"]],
                "letter": {"what": story["letter"], "due_at": clock.iso(self._now + timedelta(days=2))},
            }
        self._as("station", "ticket.dispatch", args)

    def _sign(self) -> None:
        if self._policy.accept.contact_first:
            self._unit_liaison("contact.record", self._call("first", "受理前与来电人联系，了解详情"))
        self._unit_liaison("ticket.sign", {})

    def _call(self, purpose: str, note: str) -> dict[str, Any]:
        return {
            "contact_id": new_id(),
            "purpose": purpose,
            "to": "caller",
            "channel": "phone",
            "outcome": "reached",
            "started_at": clock.iso(self._at - 5 * _MINUTE),
            "duration_s": 143,
            "note": note,
        }

    def _contact(self) -> None:
        self._unit_liaison("contact.record", self._call("first", "已核实位置和情况，约定上门查看"))

    def _contact_again(self) -> None:
        self._unit_liaison("contact.record", self._call("second", "告知办理结果并征求意见"))

    def _visit(self) -> None:
        self._visited("solve", "与反映人一同到现场查看")

    def _persuade(self) -> None:
        self._visited("persuade", "上门说明政策依据，做解释工作")

    def _visited(self, mode: str, note: str) -> None:
        args = {
            "visit_id": new_id(),
            "mode": mode,
            "arrived_at": clock.iso(self._at - 40 * _MINUTE),
            "left_at": clock.iso(self._at - 5 * _MINUTE),
            "met": "caller",
            "position": self._place(38),
            "note": note,
        }
        self._visited_at = self._at - 20 * _MINUTE
        self._unit_liaison("visit.record", args)

    def _place(self, minutes_ago: int) -> dict[str, Any]:
        """Return a fix at the ticket's own spot in town, trembling as phones' fixes do."""
        at, town = self._at - minutes_ago * _MINUTE, self._cast.town.place
        spot, tremble = random.Random(self._story["key"]), random.Random(f"{self._story['key']} {at}")  # noqa: S311
        lat = town["lat"] + spot.uniform(-0.004, 0.004) + tremble.uniform(-4e-5, 4e-5)
        lon = town["lon"] + spot.uniform(-0.004, 0.004) + tremble.uniform(-4e-5, 4e-5)
        place = {"lat": round(lat, 6), "lon": round(lon, 6)}
        return place | {"accuracy_m": round(tremble.uniform(6, 18), 1), "datum": "wgs84", "at": clock.iso(at)}

    def _photo_before(self) -> None:
        self._photo("before")

    def _photo_after(self) -> None:
        self._photo("after")

    def _photo(self, phase: str) -> None:
        content = scene(self._story["key"], phase == "after")
        if phase == "before":
            self._before = content
        self._hand_in(content, {"phase": phase})

    def _fake(self, how: str) -> None:
        """Hand in what somebody does who was not there; see `app.demo.cheats`."""
        place = {key: self._place(2)[key] for key in ("lat", "lon")}
        case = cheats.Case(
            self._story["key"], self._story.get("copy_of"), self._before, place, self._visited_at, self._at
        )
        made = cheats.evidence(how, case)
        self._hand_in(made.content, made.args)

    def _hand_in(self, content: bytes, other: dict[str, Any]) -> None:
        """Declare a file, put its bytes into the store as an upload would, and let the worker's job run."""
        digest, evidence_id = hashlib.sha256(content).hexdigest(), new_id()
        self._photos.append(evidence_id)
        args = {
            "evidence_id": evidence_id,
            "sha256": digest,
            "size": len(content),
            "media_type": "image/jpeg",
            "kind": "photo",
            "phase": "after",
            "captured_at": clock.iso(self._at - 2 * _MINUTE),
            "source": "camera",
            "position": self._place(2),
        } | other
        self._unit_liaison("evidence.declare", args)
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self._store.adopt(Path(file.name), digest)
        person, _ = self._cast.town.holder(self._story["unit"], "liaison")
        with self._database.unit_of_work() as session:
            actor = actor_of(session, self._cast.persons[person], None, self._at)
            assert actor is not None
            receive(session, actor, evidence_id, Moment.of_server(self._at))
        render(self._database, self._store, evidence_id, self._at)

    def _parts(self) -> dict[str, str]:
        """Return a text for every part the profile asks for."""
        subject = self._story["title"]
        known = {
            "verified": "情况属实。",
            "process": "接到工单后当日电话联系反映人，随后上门查看，联系维护队伍到场处置，处置完毕后请反映人现场确认。",
            "result": "问题已经处理完毕，恢复正常使用；网格员每周巡查一次，发现问题及时报修。",
        }
        general = f"经现场查看，{subject}的情况属实，主要是设施老化、日常巡查不到位所致，已与反映人当面沟通并逐项处置。"
        return {part.key: known.get(part.key, general) for part in self._policy.reply.parts}

    def _draft(self) -> None:
        parts = self._parts()
        parts[list(parts)[-1]] = ""
        self._unit_liaison("draft.save", {"parts": parts, "opinion": None, "evidence_ids": self._photos})

    def _submit(self) -> None:
        reply, opinion = self._policy.reply, self._story.get("opinion", "satisfied")
        person, _ = self._cast.town.holder(self._story["unit"], "liaison")
        name = next(p.name for p in self._cast.town.people if p.key == person)
        own = {"person": name, "phone": "0000-1234567", "text": "详见办理过程"}
        suiting = [f for f in reply.finishes if not f.opinions or opinion in f.opinions]
        finish = next((f for f in suiting if f.key == self._story.get("finish")), suiting[0] if suiting else None)
        self._reply_id, self._signed = new_id(), set()
        args: dict[str, Any] = {
            "reply_id": self._reply_id,
            "parts": self._parts(),
            "opinion": opinion,
            "evidence_ids": self._photos,
            "fields": {item.key: own[item.format] for item in reply.fields},
            "finish": finish.key if finish else None,
            "answers": [{"reason": reason, "text": "已补充维修单位、完成时间和回访情况。"} for reason in self._reasons],
        }
        if finish and "commitment" in finish.needs:
            due = (self._now + timedelta(days=20)).date().isoformat()
            args["commitment"] = {"text": "材料到货后完成施工并请反映人验收", "due_on": due}
        if finish and "basis" in finish.needs:
            args["basis"] = "依据物业服务合同约定，该事项由业主大会表决后方可实施，目前不具备条件。"
        if finish and "statement" in finish.needs:
            args["statement"] = "已三次上门说明政策依据，反映人的要求缺乏依据，无法支持。"
        self._unit_liaison("reply.submit", args)

    def _sign_off(self) -> None:
        """Give the next signature of the unit's chain."""
        with self._database.read() as session:
            reply = session.get_one(Reply, self._reply_id)
            content_hash, finish = reply.content_hash, self._finish_of(reply)
        step = next_step(steps_of(self._policy, finish), self._signed)
        assert step is not None and not at_station(step), self._story["key"]
        person, role = self._cast.town.holder(self._story["unit"], *step.roles)
        self._signed.add(role)
        self._as(person, "reply.sign_off", {"reply_id": self._reply_id, "content_hash": content_hash})

    @staticmethod
    def _finish_of(reply: Reply) -> str | None:
        return (reply.extra or {}).get("finish")

    def _sign_off_all(self) -> None:
        """Give every signature of the unit's chain."""
        with self._database.read() as session:
            finish = self._finish_of(session.get_one(Reply, self._reply_id))
        steps = steps_of(self._policy, finish)
        while not at_station(next_step(steps, self._signed)):
            self._sign_off()
            self._at += _MINUTE

    def _send_back(self) -> None:
        self._reasons = list(self._story.get("missing", _MISSING))
        self._as("station", "review.send_back", {"reply_id": self._reply_id, "reasons": self._reasons})

    def _escalate(self) -> None:
        """The supervisor brings the ticket before whom the story's `before` names."""
        args = {"escalation_id": new_id(), "to": self._story["before"], "reason": self._story["because"]}
        self._as("supervisor", "escalation.raise", args)

    def _call_back(self) -> None:
        args = {
            "callback_id": new_id(),
            "reached": True,
            "contacted": True,
            "solved": True,
            "satisfaction": "satisfied",
        }
        self._as("station", "callback.record", args)

    def _accept(self) -> None:
        checklist = [option.key for option in self._policy.review.checklist]
        if self._policy.review.callback_before_close:
            self._call_back()
        self._as("station", "review.accept", {"reply_id": self._reply_id, "checklist": checklist})

    def _ask_return(self) -> None:
        args = {
            "request_id": new_id(),
            "reason": self._story["why"],
            "proposed_unit": self._cast.units[self._story["instead"]],
        }
        self._unit_liaison("request.return", args | self._story.get("form", {}))

    def _ask_extension(self) -> None:
        args = {
            "request_id": new_id(),
            "reason": self._story["why"],
            "new_due_at": clock.iso(self._now + timedelta(hours=self._story["later_by"])),
        }
        self._unit_liaison("request.extend", args)

    def _ask(self) -> None:
        """Ask for whatever the story's `ask` table says; `until_days` is counted from now."""
        ask = dict(self._story["ask"])
        days, phases = ask.pop("until_days", None), ask.pop("photos", False)
        args = {"request_id": new_id(), **ask}
        if days is not None:
            args["until"] = clock.iso(self._now + timedelta(days=days))
        if phases:
            args["evidence_ids"] = self._photos
        self._as(ask.pop("by", None) or self._cast.town.holder(self._story["unit"], "liaison")[0], "request.ask", args)
