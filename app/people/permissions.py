"""Who may do what: role × command × relation, as a table. Pure. What is not in the table is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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
SYSTEM: Final = "system"
"""What the journal writes for the server's own acts; nobody holds it."""
ROLES: Final = (LIAISON, REVIEWER, LEADER, CHIEF, STATION, SUPERVISOR, ADMIN)
LEADING: Final = (REVIEWER, LEADER, CHIEF)
"""Roles that reach down the tree of units, and that a deputy may stand in for."""

HERE: Final = "here"
"""Relation: the actor holds the role in the very unit that the subject stands with."""
AROUND: Final = "around"
"""Relation: the actor holds the role anywhere in the subject's jurisdiction."""
ABOVE: Final = "above"
"""Relation: the actor holds the role in the subject's unit or in a unit over it, however far up."""
ASSIST: Final = "assist"
"""Relation: the actor holds the role in a unit that assists on this ticket (协办、吹哨)."""
_CALLED: Final = {
    LIAISON: "联络员", REVIEWER: "审签领导", LEADER: "审签领导", CHIEF: "审签领导",
    STATION: "工作站", SUPERVISOR: "督查", ADMIN: "管理员",
}  # fmt: skip
_WHERE: Final = {HERE: "承办单位", ABOVE: "承办单位", ASSIST: "协办单位"}

_UNIT_WORK = ((LIAISON, HERE),)
_STATION = ((STATION, AROUND),)
_SUPERVISOR = ((SUPERVISOR, AROUND),)
_HELP = ((LIAISON, ASSIST),)
_ADMIN = ((ADMIN, AROUND),)
_LEADING = tuple((role, ABOVE) for role in LEADING)
_TALK = ((LIAISON, HERE), *_LEADING, (STATION, AROUND))
_PEOPLE = ((ADMIN, AROUND), (STATION, AROUND))
_OWN_PEOPLE = ((LIAISON, HERE), *_LEADING, *_PEOPLE)
_EVERYBODY = tuple((role, AROUND) for role in ROLES)
# Who asks for, answers and decides which kind of request is the profile's to say; this is the widest circle.
_WHOEVER = ((LIAISON, HERE), *_LEADING, (STATION, AROUND), (SUPERVISOR, AROUND))

PERMISSIONS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "ticket.intake": _STATION,
    "ticket.dispatch": _STATION,
    "ticket.reassign": _STATION,
    "ticket.report_to_centre": _STATION,
    "ticket.centre_sign": _STATION,
    "ticket.answer_directly": _STATION,
    "consultation.record": _STATION,
    "assist.ask": (*_UNIT_WORK, *_LEADING, *_STATION),
    "assist.sign": _HELP,
    "assist.report": _HELP,
    "escalation.raise": (*_STATION, (SUPERVISOR, AROUND)),
    "escalation.follow": (*_LEADING, *_STATION, (SUPERVISOR, AROUND)),
    "escalation.close": (*_LEADING, *_STATION, (SUPERVISOR, AROUND)),
    "finding.dismiss": (*_STATION, (SUPERVISOR, AROUND)),
    "finding.restore": (*_STATION, (SUPERVISOR, AROUND)),
    "inspection.plan": (*_SUPERVISOR, *_ADMIN),
    "inspection.claim": _SUPERVISOR,
    "inspection.release": _SUPERVISOR,
    "inspection.assign": _SUPERVISOR,
    "inspection.judge": _SUPERVISOR,
    "inspection.correct": _SUPERVISOR,
    "inspection.announce": _SUPERVISOR,
    "inspection.field_check": _SUPERVISOR,
    "inspection.rectify": (*_UNIT_WORK, *_LEADING),
    "inspection.review": _SUPERVISOR,
    "inspection.appeal": (*_UNIT_WORK, *_LEADING),
    "inspection.decide": _SUPERVISOR,
    "ticket.sign": _UNIT_WORK,
    "contact.record": (*_TALK, *_HELP),
    "visit.record": (*_UNIT_WORK, *_HELP),
    "visit.except": _UNIT_WORK,
    "evidence.declare": (*_UNIT_WORK, *_HELP, *_STATION, (SUPERVISOR, AROUND)),
    "evidence.withdraw": (*_UNIT_WORK, *_HELP),
    "draft.save": _UNIT_WORK,
    "reply.submit": _UNIT_WORK,
    "reply.sign_off": _LEADING,
    "reply.decline": _LEADING,
    "review.accept": _STATION,
    "review.send_back": _STATION,
    "review.reopen": _STATION,
    "callback.record": _STATION,
    "callback.settle": _STATION,
    "request.return": _UNIT_WORK,
    "request.extend": _UNIT_WORK,
    "request.ask": _WHOEVER,
    "request.withdraw": _WHOEVER,
    "request.decide": (*_LEADING, *_STATION, (SUPERVISOR, AROUND)),
    "request.answer": _WHOEVER,
    "request.vote": (*_STATION, (SUPERVISOR, AROUND)),
    "request.record_answer": _STATION,
    "ticket.resume": _STATION,
    "plan.file": _UNIT_WORK,
    "commitment.make": _UNIT_WORK,
    "commitment.settle": (*_UNIT_WORK, *_STATION),
    "progress.report": _UNIT_WORK,
    "thread.post": (*_TALK, *_HELP),
    "caller.reveal": _TALK,
    "bundle.make": (*_LEADING, *_STATION, (SUPERVISOR, AROUND)),
    "handover.execute": _OWN_PEOPLE,
    "policy.publish": ((ADMIN, AROUND),),
    "policy.replan": ((ADMIN, AROUND),),
    "calendar.publish": ((ADMIN, AROUND),),
    "calendar.correct": ((ADMIN, AROUND),),
    "unit.open": _PEOPLE,
    "unit.rename": _PEOPLE,
    "unit.move": _PEOPLE,
    "unit.reach": _OWN_PEOPLE,
    "unit.close": _PEOPLE,
    "station.reach": _PEOPLE,
    "person.enrol": _PEOPLE,
    "person.first_password": _PEOPLE,
    "person.disable": _PEOPLE,
    "membership.assign": _PEOPLE,
    "membership.end": _PEOPLE,
    "person.change_phone": _OWN_PEOPLE,
    "duty.set": _OWN_PEOPLE,
    "duty.clear": (*_LEADING, *_PEOPLE),
    "duty.plan": (*_LEADING, *_PEOPLE),
    "swap.ask": _UNIT_WORK,
    "swap.answer": _UNIT_WORK,
    "swap.withdraw": _UNIT_WORK,
    "leave.take": _OWN_PEOPLE,
    "leave.end": _OWN_PEOPLE,
    "deputation.appoint": (*((role, AROUND) for role in LEADING), *_PEOPLE),
    "deputation.end": (*((role, AROUND) for role in LEADING), *_PEOPLE),
    "training.record": _PEOPLE,
    "intake.upload": _STATION,
    "intake.map": _STATION,
    "intake.confirm": _STATION,
    "intake.discard": _STATION,
    "intake.key": _ADMIN,
    "intake.key_revoke": _ADMIN,
    "webhook.set": _ADMIN,
    "webhook.test": _ADMIN,
    "webhook.retry": _ADMIN,
    "channel.configure": _ADMIN,
    "channel.route": _ADMIN,
    "channel.prefer": _EVERYBODY,
    "channel.unbind": _EVERYBODY,
    "delivery.retry": _PEOPLE,
    "reminder.acknowledge": _EVERYBODY,
    "reminder.nudge": (*_LEADING, *_STATION, (SUPERVISOR, AROUND)),
    "reach.log_call": _STATION,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One current role of a person in a unit; `below` are the units under it, for roles that reach down the tree.

    `acting_for` is the principal whose role it is while the person stands in as deputy.
    """

    role: str
    unit_id: str
    unit_name: str = ""
    rank: str | None = None
    acting_for: str | None = None
    below: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a command, with what they are at this moment; own roles stand before deputed ones.

    `password_first` is true while the password is the one that was handed out: it must be changed before anything else.
    """

    person_id: str
    name: str
    jurisdiction_id: str
    device_id: str | None = None
    grants: tuple[Grant, ...] = field(default_factory=tuple)
    password_first: bool = False

    def units(self, *roles: str) -> set[str]:
        """Return the units in which the actor holds one of the roles (any role when none is named)."""
        return {g.unit_id for g in self.grants if not roles or g.role in roles}

    def reach(self, *roles: str) -> set[str]:
        """Return the units in which one of the roles counts: where it is held and, for leaders, all below."""
        return self.units(*roles).union(*(g.below for g in self.grants if g.role in roles))

    def in_sight(self) -> set[str]:
        """Return the units whose tickets the actor knows of by working in them or leading them."""
        return self.reach(LIAISON, *LEADING)

    def has(self, *roles: str) -> bool:
        """Return whether the actor holds one of the roles anywhere."""
        return any(g.role in roles for g in self.grants)


def sees(actor: Actor, jurisdiction_id: str, unit_ids: Iterable[str | None]) -> bool:
    """Return whether the actor may know that a ticket exists: one that stands with, or is assisted by, a unit in
    sight, or any for station and supervisors."""
    if actor.jurisdiction_id != jurisdiction_id:
        return False
    if actor.has(STATION, SUPERVISOR):
        return True
    return not actor.in_sight().isdisjoint(u for u in unit_ids if u)


def grant_for(
    actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None, assists: Collection[str] = ()
) -> Grant | None:
    """Return the grant by which the actor may do `command` on a subject of that unit, or None.

    `assists` are the units that assist on the ticket. An own role goes before one held as deputy.
    """
    return next(grants_for(actor, command, jurisdiction_id, unit_id, assists), None)


def grants_for(
    actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None, assists: Collection[str] = ()
) -> Iterator[Grant]:
    """Yield every grant by which the actor may do `command`, for commands in which it matters which (signatures)."""
    if actor.jurisdiction_id != jurisdiction_id:
        return
    for role, relation in PERMISSIONS.get(command, ()):
        for grant in actor.grants:
            if grant.role == role and _stands(grant, relation, unit_id, assists):
                yield grant


def grant_among(
    actor: Actor,
    roles: Collection[str],
    relation: str,
    jurisdiction_id: str,
    unit_id: str | None,
    assists: Collection[str] = (),
) -> Grant | None:
    """Return the grant by which the actor is one of `roles` in that relation to a subject, or None.

    For what a profile narrows further than the table: who asks for a kind of request, who decides a stage of it.
    """
    if actor.jurisdiction_id != jurisdiction_id:
        return None
    fitting = (g for g in actor.grants if g.role in roles and _stands(g, relation, unit_id, assists))
    return next(fitting, None)


def _stands(grant: Grant, relation: str, unit_id: str | None, assists: Collection[str]) -> bool:
    if relation == AROUND:
        return True
    if relation == ASSIST:
        return grant.unit_id in assists
    if unit_id is None:
        return False
    return grant.unit_id == unit_id or (relation == ABOVE and unit_id in grant.below)


def role_for(
    actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None, assists: Collection[str] = ()
) -> str | None:
    """Return the role in which the actor may do `command` on a subject of that unit, or None."""
    grant = grant_for(actor, command, jurisdiction_id, unit_id, assists)
    return grant.role if grant else None


def judge(
    actor: Actor, command: str, jurisdiction_id: str, unit_id: str | None, label: str, assists: Collection[str] = ()
) -> Verdict:
    """Return whether the actor may do `command`; `label` is the command's Chinese name for the sentence."""
    if grant_for(actor, command, jurisdiction_id, unit_id, assists) is None:
        return _refusal(label, PERMISSIONS.get(command, ()))
    return ALLOWED


def not_permitted(label: str, *roles: str) -> Refused:
    """Return the refusal of what people call `label` where only these roles of the jurisdiction may do it."""
    return _refusal(label, ((role, AROUND) for role in roles))


def _refusal(label: str, who: Iterable[tuple[str, str]]) -> Refused:
    names = dict.fromkeys(_WHERE.get(relation, "") + _CALLED[role] for role, relation in who)
    return Refused("not_permitted", {"command": label, "by": "、".join(names)})
