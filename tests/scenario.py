"""A small jurisdiction with people in every role, each signed in over HTTP.

`World(app, "uxin")` is the same town under another profile; several stand side by side in one deployment.

Time passes without touching a clock: `World.dispatched(ago=…)` plays intake and dispatch as commands of that moment,
the way the demonstration data is made. Everything a test is about goes through the public API.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from app import clock
from app.demo.player import Player
from app.ids import new_id
from app.people.models import Jurisdiction, Person, Unit
from app.people.permissions import ADMIN, CHIEF, LEADER, LIAISON, REVIEWER, STATION, SUPERVISOR
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.setup import add_member, add_unit, found_jurisdiction

PASSWORD = "only-for-these-tests"
CALLER = {"name": "王小明", "phone": "13812345678", "address": "树林召镇平安小区3号楼2单元501室"}
REPLY_PARTS = {
    "verified": "经现场核实，反映情况属实。",
    "findings": "三号楼二单元楼道照明线路老化，四层至六层感应灯不亮，夜间出入不便。",
    "process": "十一月二十日上午到现场查看，当天联系物业电工更换线路和灯具，下午逐层试亮。",
    "result": "楼道照明已恢复正常，物业承诺每周巡查一次，发现损坏当日修复。",
}
REASON = "该路段由交通运输局负责管养，不在本单位职责范围之内，建议由其办理。"

# Real argon2, of the least cost there is: a hash carries its own parameters, and hundreds of tests sign in.
_password_hash = functools.cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))


def later(hours: float = 0, **span: float) -> str:
    """The wire form of an instant that far from now."""
    return clock.iso(clock.now() + timedelta(hours=hours, **span))


class Phone:
    """One signed-in person: what their device sends and sees."""

    def __init__(self, client: FlaskClient, person: Person) -> None:
        self.person_id, self.name = person.id, person.name
        self._client = client
        device = {"id": new_id(), "name": "测试机", "platform": "test"}
        body = {"phone": person.phone, "password": PASSWORD, "device": device}
        answer = client.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        self._token = answer.get_json()["access_token"]

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request under this person's token."""
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **options)

    @staticmethod
    def command(name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """An envelope as the phone makes it, to be sent now or later."""
        return {
            "id": new_id(), "name": name, "ticket_id": ticket_id, "args": args, "captured_at": later(), "beacon": None
        }  # fmt: skip

    def send_batch(self, commands: list[dict[str, Any]]) -> dict[str, Any]:
        """Post the commands as one batch and return the whole answer."""
        answer = self.call("POST", "/api/v1/sync/commands", json={"sent_at": later(), "commands": commands})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def try_(self, name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """Send one command and return its receipt, applied or refused."""
        receipt: dict[str, Any] = self.send_batch([self.command(name, ticket_id, **args)])["receipts"][0]
        return receipt

    def do(self, name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """Send one command that must be applied."""
        receipt = self.try_(name, ticket_id, **args)
        assert receipt["status"] == "applied", receipt
        return receipt

    def refused(self, name: str, ticket_id: str | None = None, /, **args: Any) -> str:
        """Send one command that must be refused, and return the code; what it says must be a whole sentence."""
        receipt = self.try_(name, ticket_id, **args)
        assert receipt["status"] == "refused", receipt
        assert receipt["message"] and "{" not in receipt["message"] and "—" not in receipt["message"], receipt
        return str(receipt["code"])

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """The ticket as this person sees it."""
        answer = self.call("GET", f"/api/v1/tickets/{ticket_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def detail(self, ticket_id: str) -> dict[str, Any]:
        """The ticket's detail."""
        found: dict[str, Any] = self.ticket(ticket_id)["detail"]
        return found

    def clock_of(self, ticket_id: str, name: str) -> dict[str, Any]:
        """One of the ticket's clocks."""
        return next(c for c in self.ticket(ticket_id)["clocks"] if c["clock"] == name)

    def events(self, ticket_id: str) -> list[dict[str, Any]]:
        """The ticket's whole timeline."""
        answer = self.call("GET", f"/api/v1/tickets/{ticket_id}/timeline")
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.get_json()["events"]
        return events

    def pull(self, cookie: str | None = None) -> dict[str, Any]:
        """Pull once."""
        answer = self.call("GET", "/api/v1/sync/pull", query_string={"cookie": cookie} if cookie else {})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def contact(self, ticket_id: str, outcome: str = "reached", ago: float = 0.1, **other: Any) -> dict[str, Any]:
        """Record a call to the caller that began `ago` minutes ago."""
        args = {"contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": outcome}
        return self.do("contact.record", ticket_id, **args | {"started_at": later(minutes=-ago)} | other)

    def visit(self, ticket_id: str, **other: Any) -> dict[str, Any]:
        """Record a visit that just took place."""
        args = {"visit_id": new_id(), "mode": "solve", "met": "caller"}
        times = {"arrived_at": later(minutes=-2), "left_at": later()}
        return self.do("visit.record", ticket_id, **args | times | other)

    def declare(self, ticket_id: str, content: bytes, phase: str, **other: Any) -> str:
        """Declare a photo (its hash only) and return its id."""
        evidence_id = new_id()
        args = {
            "evidence_id": evidence_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
            "media_type": "image/jpeg", "kind": "photo", "phase": phase, "captured_at": later(), "source": "camera",
        }  # fmt: skip
        self.do("evidence.declare", ticket_id, **args | other)
        return evidence_id

    def upload(self, evidence_id: str, content: bytes, start: int = 0, first: int | None = None) -> TestResponse:
        """Send the bytes from `start` on (or the `first` ones) by tus; return the answer to the last request."""
        metadata = "evidence_id " + base64.b64encode(evidence_id.encode()).decode()
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        made = self.call("POST", "/files", headers=headers)
        if made.status_code not in (200, 201):
            return made
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"
        }  # fmt: skip
        return self.call("PATCH", made.headers["Location"], headers=headers, data=content[start:first])

    def photographed(self, ticket_id: str) -> list[str]:
        """Declare one photo from before and one from after, as a reply needs them."""
        return [self.declare(ticket_id, photo(shade), phase) for shade, phase in ((40, "before"), (200, "after"))]

    def policy_wire(self, ticket_id: str) -> dict[str, Any]:
        """The profile of a ticket as this person's phone holds it."""
        wanted = self.ticket(ticket_id)["policy_id"]
        found: dict[str, Any] = next(p for p in self.pull()["policies"] if p["id"] == wanted)
        return found

    def said(self, ticket_id: str, **other: Any) -> dict[str, Any]:
        """A whole reply in words: every part, field, finish and answer that the profile or a send-back asks for."""
        rules, opinion = self.policy_wire(ticket_id)["reply"], other.get("opinion", "satisfied")
        own = {"person": "张三", "phone": "13900009999", "text": "无"}
        suiting = [f["key"] for f in rules["finishes"] if not f["opinions"] or opinion in f["opinions"]]
        reasons = self.detail(ticket_id)["reasons_open"]
        return {
            "parts": {part["key"]: REPLY_PARTS.get(part["key"], REPLY_PARTS["findings"]) for part in rules["parts"]},
            "opinion": opinion,
            "fields": {field["key"]: own[field["format"]] for field in rules["fields"]},
            "finish": suiting[0] if suiting else None,
            "answers": [{"reason": reason, "text": "已按要求补充，详见办理过程。"} for reason in reasons],
        } | other  # fmt: skip

    def prepared(self, ticket_id: str) -> list[str]:
        """Do in the field what the profile asks for before a reply; return the ids of its photos."""
        detail = self.detail(ticket_id)
        if not detail["visits"]:
            self.visit(ticket_id)
        if self.policy_wire(ticket_id)["reply"]["contacts"]:
            for purpose in {"first", "second"} - {contact["purpose"] for contact in detail["contacts"]}:
                self.contact(ticket_id, purpose=purpose)
        return self.photographed(ticket_id)

    def reply(self, ticket_id: str, **other: Any) -> str:
        """Do all the profile asks for and submit a reply; return its id."""
        reply_id = new_id()
        args = {"reply_id": reply_id, "evidence_ids": self.prepared(ticket_id), "acknowledge": []}
        self.do("reply.submit", ticket_id, **self.said(ticket_id, **args | other))
        return reply_id


class World:
    """A jurisdiction with a station, an office above two units with people, and a unit without a liaison."""

    def __init__(self, app: Flask, profile: str = "dalad") -> None:
        self.app = app
        self.profile = profile
        self.database = app.extensions["doorstep.db"]
        self._phones: dict[str, Phone] = {}
        self.people: dict[str, Person] = {}
        self.units: dict[str, Unit] = {}
        with self.database.unit_of_work() as session:
            place = found_jurisdiction(session, profile)
            for key, name, level in (
                ("station", "旗接诉即办工作站", 1), ("bureau", "主管局", 1), ("town", "树林召镇人民政府", 2),
                ("water", "旗水务公司", 2), ("empty", "旗园林服务中心", 2),
            ):  # fmt: skip
                above = self.units["bureau"].id if key in ("town", "water") else None
                self.units[key] = add_unit(session, place, name, level, above)
            series = _PROFILES.index(profile)
            for number, (key, name, unit, role, rank) in enumerate(_PEOPLE):
                person = Person(
                    id=new_id(), jurisdiction_id=place.id, name=name, phone=f"139000{series}{number:04d}",
                    password_hash=_password_hash(),
                )  # fmt: skip
                session.add(person)
                session.flush()
                add_member(session, person, self.units[unit], role, rank)
                self.people[key] = person

    def phone(self, who: str) -> Phone:
        """The person's phone, signed in at first use."""
        if who not in self._phones:
            self._phones[who] = Phone(self.app.test_client(), self.people[who])
        return self._phones[who]

    @property
    def station(self) -> Phone:
        """The operator of the station."""
        return self.phone("station")

    @property
    def liaison(self) -> Phone:
        """The liaison (A角) of the town."""
        return self.phone("liaison")

    @property
    def leader(self) -> Phone:
        """The leader in charge of the town."""
        return self.phone("leader")

    def intake_args(self, **other: Any) -> dict[str, Any]:
        """Arguments of ticket.intake for a fictional request."""
        number = new_id()[-8:]
        kinds, sources = ([o.key for o in options] for options in (self.policy.kinds, self.policy.sources))
        priorities = [p.key for p in self.policy.priorities]
        args = {
            "number": f"DL{number}", "title": "楼道感应灯不亮",
            "kind": "complaint" if "complaint" in kinds or not kinds else kinds[-1],
            "source": sources[0] if sources else "12345",
            "content": "三号楼二单元四层至六层感应灯不亮，请尽快维修。",
            "priority": "normal" if "normal" in priorities else priorities[-1],
            "area": "树林召镇平安小区", "caller": CALLER | {"anonymous": False, "confidential": False},
        }  # fmt: skip
        return args | other

    @property
    def policy(self) -> Policy:
        """The profile as it stands now."""
        with self.database.read() as session:
            return policy_of(session, session.get_one(Jurisdiction, self.profile).policy_id)

    def basis(self) -> dict[str, Any]:
        """Why a unit gets a ticket, as the profile wants it said."""
        plain = (g.key for g in self.policy.dispatch.grounds if not g.needs_leader and not g.joint)
        return {"grounds": "职责范围", "ground": next(plain, None)}

    def centre_done(self, ticket_id: str, at: datetime | None = None) -> None:
        """The station does with a registered ticket what the profile asks for before it is dispatched."""
        centre = self.policy.centre
        steps: list[tuple[str, dict[str, Any]]] = []
        if centre.signs:
            steps.append(("ticket.centre_sign", {"checked": True}))
        if centre.contacts_first:
            call = {"contact_id": new_id(), "purpose": "clarify", "to": "caller", "channel": "phone"}
            begun = later(minutes=-0.1) if at is None else clock.iso(at)
            steps.append(("contact.record", call | {"outcome": "reached", "started_at": begun}))
        for name, args in steps:
            if at is None:
                self.station.do(name, ticket_id, **args)
            else:
                self.play("station", name, ticket_id, at, **args)

    def registered(self, **other: Any) -> str:
        """A ticket that the station has taken in and nobody has."""
        ticket_id = new_id()
        self.station.do("ticket.intake", ticket_id, **self.intake_args(**other))
        return ticket_id

    def dispatched(
        self, unit: str = "town", ago: timedelta | None = None, feedback_in: timedelta | None = None, **other: Any
    ) -> str:
        """A ticket given to `unit`, now or `ago`; `feedback_in` from now is when the result is asked for."""
        args = {"unit_id": self.units[unit].id} | self.basis()
        if feedback_in is not None:
            args["feedback_by"] = clock.iso(clock.now() + feedback_in)
        if ago is None:
            ticket_id = self.registered(**other)
            self.centre_done(ticket_id)
            self.station.do("ticket.dispatch", ticket_id, **args)
            return ticket_id
        ticket_id, at = new_id(), clock.now() - ago
        self.play("station", "ticket.intake", ticket_id, at, **self.intake_args(**other))
        self.centre_done(ticket_id, at)
        self.play("station", "ticket.dispatch", ticket_id, at, **args)
        return ticket_id

    def handling(self, **options: Any) -> str:
        """A ticket of the town that its liaison has signed for."""
        ticket_id = self.dispatched(**options)
        if self.policy.accept.contact_first:
            self.liaison.contact(ticket_id)
        self.liaison.do("ticket.sign", ticket_id)
        return ticket_id

    def reviewing(self, **options: Any) -> tuple[str, str]:
        """A ticket whose reply the unit has signed: ticket id and reply id."""
        ticket_id = self.handling(**options)
        reply_id = self.liaison.reply(ticket_id)
        self.sign_off(ticket_id)
        return ticket_id, reply_id

    def sign_off(self, ticket_id: str) -> None:
        """Whoever the profile's chain asks for signs the newest reply, one after the other."""
        while (holder := self.liaison.detail(ticket_id)["chain"]["holder"])["role"] not in ("station", "liaison"):
            reply = self.phone(holder["role"]).detail(ticket_id)["replies"][-1]
            seen = {"reply_id": reply["id"], "content_hash": reply["content_hash"]}
            self.phone(holder["role"]).do("reply.sign_off", ticket_id, **seen)

    def checked(self, ticket_id: str) -> dict[str, Any]:
        """What the station says to accept the newest reply: the whole checklist ticked; call-backs are made first."""
        reply = self.station.detail(ticket_id)["replies"][-1]
        if self.policy.review.callback_before_close:
            self.call_back(ticket_id)
        return {"reply_id": reply["id"], "checklist": [option.key for option in self.policy.review.checklist]}

    def call_back(self, ticket_id: str, **other: Any) -> str:
        """The station calls the caller, who is satisfied unless said otherwise; return the call-back's id."""
        args = {
            "callback_id": new_id(),
            "reached": True,
            "contacted": True,
            "solved": True,
            "satisfaction": "satisfied",
        }
        self.station.do("callback.record", ticket_id, **args | other)
        return str((args | other)["callback_id"])

    def closed(self, **options: Any) -> str:
        """A ticket whose reply the station has accepted, its photos uploaded."""
        ticket_id = self.handling(**options)
        evidence = self.liaison.prepared(ticket_id)
        for evidence_id, shade in zip(evidence, (40, 200), strict=True):
            assert self.liaison.upload(evidence_id, photo(shade)).status_code == 204
        args = {"reply_id": new_id(), "evidence_ids": evidence}
        self.liaison.do("reply.submit", ticket_id, **self.liaison.said(ticket_id, **args))
        self.sign_off(ticket_id)
        self.station.do("review.accept", ticket_id, **self.checked(ticket_id))
        return ticket_id

    def play(self, who: str, name: str, ticket_id: str | None, at: datetime, /, **args: Any) -> None:
        """Perform a command as of an instant in the past."""
        Player(self.database).play(self.people[who].id, name, ticket_id, args, at)


_PROFILES = ("dalad", "hedong", "uxin", "hukou", "xinqiao")
_PEOPLE = (
    ("station", "站员甲", "station", STATION, None),
    ("liaison", "联络员甲", "town", LIAISON, "A"),
    ("deputy", "联络员乙", "town", LIAISON, "B"),
    ("leader", "分管领导甲", "town", LEADER, None),
    ("neighbour", "联络员丙", "water", LIAISON, "A"),
    ("supervisor", "督查员甲", "station", SUPERVISOR, None),
    ("admin", "管理员甲", "station", ADMIN, None),
    ("reviewer", "部门负责人甲", "town", REVIEWER, None),
    ("chief", "主要领导甲", "bureau", CHIEF, None),
)


def photo(shade: int, width: int = 96, height: int = 64) -> bytes:
    """A small JPEG; another shade gives another content."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 120, 90)).save(buffer, "JPEG")
    return buffer.getvalue()
