"""Commands on people: roles, phone numbers (D1, D6.1, H3.2), and the map of all commands of this package."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.ids import new_id
from app.people import accounts, deputies, permissions, schemas, trainings, units
from app.people.accounts import administrators
from app.people.masking import mask_phone
from app.people.models import Membership, Person
from app.people.permissions import ADMIN, LEADING, LIAISON, STATION, Actor
from app.people.roster import duty, leaves, swaps
from app.people.roster import schemas as roster
from app.people.subjects import employed, note, person_of, unit_of
from app.problems import Problem, require

_IN_UNITS = (LIAISON, *LEADING)


def _membership(session: Session, unit_id: str, person_id: str, role: str) -> Membership | None:
    return session.scalar(
        select(Membership).where(
            Membership.unit_id == unit_id,
            Membership.person_id == person_id,
            Membership.role == role,
            Membership.until.is_(None),
        )
    )


def assign_membership(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a person a role in a unit; only an administrator hands out station, supervisor and admin roles (H3.2)."""
    unit, person = unit_of(session, actor, args["unit_id"]), employed(session, actor, args["person_id"])
    require(permissions.judge(actor, "membership.assign", unit.jurisdiction_id, unit.id, "登记任职"))
    if args["role"] not in _IN_UNITS and not actor.has(ADMIN):
        require(permissions.not_permitted("登记任职", ADMIN))
    if _membership(session, unit.id, person.id, args["role"]) is not None:
        raise Problem("membership_exists", name=person.name)
    rank = (args["rank"] or "A") if args["role"] == LIAISON else None
    session.add(
        Membership(
            id=new_id(),
            person_id=person.id,
            unit_id=unit.id,
            role=args["role"],
            rank=rank,
            since=at.received,
            until=None,
        )
    )
    payload = {"unit_id": unit.id, "unit": unit.name, "person_id": person.id, "name": person.name, "role": args["role"]}
    note(session, actor, "membership.assigned", payload | {"rank": rank}, at)


def end_membership(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End a person's role. That no work is left in hand (D6.2) is asked by `handover`, the command.

    Raises `Problem` `not_permitted`, `membership_not_found`, `last_admin`.
    """
    unit, person = unit_of(session, actor, args["unit_id"]), person_of(session, actor, args["person_id"])
    require(permissions.judge(actor, "membership.end", unit.jurisdiction_id, unit.id, "结束任职"))
    if args["role"] not in _IN_UNITS and not actor.has(ADMIN):
        require(permissions.not_permitted("结束任职", ADMIN))
    row = _membership(session, unit.id, person.id, args["role"])
    if row is None:
        raise Problem("membership_not_found")
    if row.role == ADMIN and administrators(session, actor.jurisdiction_id) == [person.id]:
        raise Problem("last_admin")
    row.until = at.received
    payload = {"unit_id": unit.id, "unit": unit.name, "person_id": person.id, "name": person.name, "role": args["role"]}
    note(session, actor, "membership.ended", payload, at)


def change_phone(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Change a phone number, one's own or (station, admin) another's; the station is told by the event (D6.1)."""
    person = employed(session, actor, args["person_id"])
    if person.id != actor.person_id and not actor.has(STATION, ADMIN):
        require(permissions.not_permitted("变更他人的联系电话", STATION, ADMIN))
    taken = select(Person.id).where(Person.phone == args["phone"], Person.id != person.id)
    if session.scalar(taken) is not None:
        raise Problem("phone_taken")
    former, person.phone = person.phone, args["phone"]
    payload = {"person_id": person.id, "name": person.name, "from": mask_phone(former), "to": mask_phone(person.phone)}
    note(session, actor, "person.phone_changed", payload, at)


COMMANDS = {
    "unit.open": (schemas.OpenUnit, units.open_unit),
    "unit.rename": (schemas.RenameUnit, units.rename_unit),
    "unit.move": (schemas.MoveUnit, units.move_unit),
    "unit.reach": (schemas.ReachUnit, units.reach_unit),
    "station.reach": (schemas.ReachStation, units.reach_station),
    "person.enrol": (schemas.Enrol, accounts.enrol),
    "membership.assign": (schemas.Assign, assign_membership),
    "person.change_phone": (schemas.ChangePhone, change_phone),
    "deputation.appoint": (schemas.Appoint, deputies.appoint),
    "deputation.end": (schemas.EndDeputation, deputies.end),
    "training.record": (schemas.RecordTraining, trainings.record_training),
    "duty.set": (roster.SetDuty, duty.set_duty),
    "duty.clear": (roster.ClearDuty, duty.clear_duty),
    "duty.plan": (roster.PlanDuty, duty.plan_duty),
    "swap.ask": (roster.AskSwap, swaps.ask),
    "swap.answer": (roster.AnswerSwap, swaps.reply),
    "swap.withdraw": (roster.WithdrawSwap, swaps.withdraw),
    "leave.take": (roster.TakeLeave, leaves.take),
    "leave.end": (roster.EndLeave, leaves.end),
}
