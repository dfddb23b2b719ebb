"""A small jurisdiction with people in every role, each signed in over HTTP.

`World(app, "uxin")` is the same town under another profile; several stand side by side in one deployment.

Time passes without touching a clock: `World.dispatched(ago=…)` plays intake and dispatch as commands of that moment,
the way the demonstration data is made. Everything a test is about goes through the public API.
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from handset import PASSWORD, REPLY_PARTS, Phone, later, photo

from app import clock
from app.demo.player import Player
from app.ids import new_id
from app.people.models import Jurisdiction, Person, Unit
from app.people.permissions import ADMIN, CHIEF, LEADER, LIAISON, REVIEWER, STATION, SUPERVISOR
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.setup import add_member, add_unit, found_jurisdiction

__all__ = ["CALLER", "PASSWORD", "REASON", "REPLY_PARTS", "Phone", "World", "later", "photo"]
CALLER = {"name": "王小明", "phone": "13812345678", "address": "树林召镇平安小区3号楼2单元501室"}
REASON = "该路段由交通运输局负责管养，不在本单位职责范围之内，建议由其办理。"

# Real argon2, of the least cost there is: a hash carries its own parameters, and hundreds of tests sign in.
_password_hash = functools.cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))


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
