"""Passing a liaison's work to another (D6.2).

It stands here and not in `people`, because it moves tickets and the floors forbid people to know of them. Drafts,
requests and evidence belong to the ticket and move with it; nothing is left with the one who goes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.people import permissions
from app.people.commands import end_membership
from app.people.models import Handover, Jurisdiction, Person
from app.people.permissions import LIAISON, Actor
from app.people.queries import members, units_of
from app.problems import Problem, require
from app.tickets import lifecycle
from app.tickets.models import Ticket


def execute_handover(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Move every open ticket of one liaison to another of the same unit; the station is told by the event.

    Raises `Problem` `person_not_found`, `handover_same_person`, `handover_other_unit`, `not_permitted`, `id_taken`.
    """
    leaver, heir = session.get(Person, args["from_person_id"]), session.get(Person, args["to_person_id"])
    if not leaver or not heir or {leaver.jurisdiction_id, heir.jurisdiction_id} != {actor.jurisdiction_id}:
        raise Problem("person_not_found")
    if leaver.id == heir.id:
        raise Problem("handover_same_person")
    if session.get(Handover, args["handover_id"]) is not None:
        raise Problem("id_taken")
    tickets = list(
        session.scalars(
            select(Ticket)
            .where(Ticket.handler_id == leaver.id, Ticket.state.in_(lifecycle.WITH_UNIT))
            .order_by(Ticket.id)
            .with_for_update()
        )
    )
    _require_may(session, actor, tickets, leaver, heir, at)
    session.add(
        Handover(
            id=args["handover_id"],
            from_person_id=leaver.id,
            to_person_id=heir.id,
            note=args["note"],
            executed_by=actor.person_id,
            executed_at=at.received,
        )
    )
    for ticket in tickets:
        ticket.handler_id = heir.id
        ticket.version += 1
        payload = {"from": leaver.name, "to": heir.name, "handover_id": args["handover_id"]}
        record(session, ticket, "ticket.handed_over", payload, at, by=actor)
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    summary = {
        "from_person_id": leaver.id,
        "to_person_id": heir.id,
        "tickets": [ticket.number for ticket in tickets],
        "note": args["note"],
    }
    record(session, place, "handover.executed", summary, at, by=actor)


def _require_may(
    session: Session, actor: Actor, tickets: list[Ticket], leaver: Person, heir: Person, at: Moment
) -> None:
    """Refuse unless the heir is a liaison of every unit concerned and the actor may act for each of them."""
    units = {t.unit_id for t in tickets if t.unit_id}
    if not units:  # nothing to move: the handover is still on record, for the units both work for
        units = units_of(session, leaver.id, LIAISON, at.received) & units_of(session, heir.id, LIAISON, at.received)
    heirs = {unit for unit, person, _ in members(session, units, LIAISON, at.received) if person == heir.id}
    if not units or units - heirs:
        raise Problem("handover_other_unit", name=heir.name)
    for unit in units:
        require(permissions.judge(actor, "handover.execute", actor.jurisdiction_id, unit, "工作交接"))


def end_role(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End a role, refused while the person still holds open tickets of the unit as its liaison (D6.2)."""
    person = session.get(Person, args["person_id"])
    if person is not None and args["role"] == LIAISON:
        held = select(func.count()).where(
            Ticket.handler_id == person.id, Ticket.unit_id == args["unit_id"], Ticket.state.in_(lifecycle.WITH_UNIT)
        )
        count = session.scalar(held) or 0
        if count:
            raise Problem("handover_needed", name=person.name, count=count)
    end_membership(session, actor, args, at)
