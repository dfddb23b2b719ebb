"""Who may do what: role × command × relation, as a table. Pure. What is not in the table is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from app.problems import ALLOWED, Refused, Verdict

LIAISON: Final = "liaison"
REVIEWER: Final = "reviewer"
LEADER: Final = "leader"
CHIEF: Final = "chief"
STATION: Final = "station"
SUPERVISOR: Final = "supervisor"
ADMIN: Final = "admin"
ROLES: Final = (LIAISON, REVIEWER, LEADER, CHIEF, STATION, SUPERVISOR, ADMIN)

HERE: Final = "here"
"""Relation: the actor holds the role in the very unit that the subject stands with."""
AROUND: Final = "around"
"""Relation: the actor holds the role anywhere in the subject's jurisdiction."""

_UNIT_WORK = ((LIAISON, HERE),)
_STATION = ((STATION, AROUND),)
_TALK = ((LIAISON, HERE), (LEADER, HERE), (STATION, AROUND))
_PEOPLE = ((ADMIN, AROUND), (STATION, AROUND))

PERMISSIONS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "ticket.intake": _STATION,
    "ticket.dispatch": _STATION,
    "ticket.reassign": _STATION,
    "ticket.report_to_centre": _STATION,
    "ticket.sign": _UNIT_WORK,
    "contact.record": _TALK,
    "visit.record": _UNIT_WORK,
    "visit.except": _UNIT_WORK,
    "evidence.declare": _UNIT_WORK,
    "evidence.withdraw": _UNIT_WORK,
    "draft.save": _UNIT_WORK,
    "reply.submit": _UNIT_WORK,
    "reply.sign_off": ((LEADER, HERE),),
    "reply.decline": ((LEADER, HERE),),
    "review.accept": _STATION,
    "review.send_back": _STATION,
    "request.return": _UNIT_WORK,
    "request.extend": _UNIT_WORK,
    "request.withdraw": _UNIT_WORK,
    "request.decide": _STATION,
    "request.record_answer": _STATION,
    "progress.report": _UNIT_WORK,
    "thread.post": _TALK,
    "caller.reveal": _TALK,
    "handover.execute": ((LIAISON, HERE), (LEADER, HERE), *_PEOPLE),
    "membership.assign": _PEOPLE,
    "membership.end": _PEOPLE,
    "person.change_phone": ((LIAISON, HERE), (LEADER, HERE), *_PEOPLE),
    "duty.set": ((LIAISON, HERE), (LEADER, HERE), *_PEOPLE),
    "reminder.acknowledge": tuple((role, AROUND) for role in ROLES),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One current role of a person in a unit."""

    role: str
    unit_id: str
    unit_name: str = ""
    rank: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a command, with what they are at this moment."""

    person_id: str
    name: str
    jurisdiction_id: str
    device_id: str | None = None
    grants: tuple[Grant, ...] = field(default_factory=tuple)

    def units(self, *roles: str) -> set[str]:
        """Return the units in which the actor holds one of the roles (any role when none is named)."""
        return {g.unit_id for g in self.grants if not roles or g.role in roles}

    def has(self, *roles: str) -> bool:
        """Return whether the actor holds one of the roles anywhere."""
        return any(g.role in roles for g in self.grants)


def sees(actor: Actor, jurisdiction_id: str, unit_ids: Iterable[str | None]) -> bool:
    """Return whether the actor may know that a ticket exists: own unit's, or any for station and supervisors."""
    if actor.jurisdiction_id != jurisdiction_id:
        return False
    if actor.has(STATION, SUPERVISOR):
        return True
    return not actor.units(LIAISON, LEADER).isdisjoint(u for u in unit_ids if u)


def role_for(actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None) -> str | None:
    """Return the role in which the actor may do `command` on a subject of that unit, or None."""
    if actor.jurisdiction_id != jurisdiction_id:
        return None
    for role, relation in PERMISSIONS.get(command, ()):
        if relation == AROUND and actor.has(role):
            return role
        if relation == HERE and unit_id is not None and unit_id in actor.units(role):
            return role
    return None


def judge(actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None, label: str) -> Verdict:
    """Return whether the actor may do `command`; `label` is the command's Chinese name for the sentence."""
    if role_for(actor, command, jurisdiction_id, unit_id) is None:
        return Refused("not_permitted", {"command": label})
    return ALLOWED
