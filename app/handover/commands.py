"""Passing a liaison's work to another, and the doors that stay shut while work is left behind them (D6.2, X2.6).

Drafts, requests, evidence and promises belong to the ticket and move with it; nothing is left with the one who goes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.handover import queries
from app.handover.schemas import HandoverArgs
from app.journal.record import record
from app.people import accounts, permissions, schemas, units
from app.people.commands import end_membership
from app.people.models import Handover, Jurisdiction, Person
from app.people.permissions import LIAISON, Actor
from app.people.queries import members, units_of
from app.people.subjects import unit_of
from app.problems import Problem, require
from app.tickets.models import Assist, Ticket


def execute_handover(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Move every open ticket and help of one liaison to another of the same unit; the station is told by the event.

    Raises `Problem` `person_not_found`, `handover_same_person`, `handover_other_unit`, `not_permitted`, `id_taken`.
    """
    leaver, heir = session.get(Person, args["from_person_id"]), session.get(Person, args["to_person_id"])
    if not leaver or not heir or {leaver.jurisdiction_id, heir.jurisdiction_id} != {actor.jurisdiction_id}:
        raise Problem("person_not_found")
    if leaver.id == heir.id:
        raise Problem("handover_same_person")
    if session.get(Handover, args["handover_id"]) is not None:
        raise Problem("id_taken")
    tickets, assists = queries.tickets_of(session, leaver.id), queries.assists_of(session, leaver.id)
    concerned = _require_may(session, actor, tickets, assists, leaver, heir, at)
    along = queries.moving(session, leaver.id, [t.id for t in tickets], concerned)
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
    helped = _hand_on(session, actor, tickets, assists, leaver, heir, args["handover_id"], at)
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    summary = {
        "from_person_id": leaver.id,
        "to_person_id": heir.id,
        "tickets": [ticket.number for ticket in tickets],
        "assists": helped,
        "note": args["note"],
    }
    record(session, place, "handover.executed", summary | along, at, by=actor)


def _hand_on(
    session: Session,
    actor: Actor,
    tickets: list[Ticket],
    assists: list[Assist],
    leaver: Person,
    heir: Person,
    handover_id: str,
    at: Moment,
) -> list[str]:
    """Give tickets and helps to the heir, each with its event; return the numbers of the tickets helped on."""
    payload = {"from": leaver.name, "to": heir.name, "handover_id": handover_id}
    for ticket in tickets:
        ticket.handler_id = heir.id
        ticket.version += 1
        record(session, ticket, "ticket.handed_over", payload, at, by=actor)
    numbers = []
    for assist in assists:
        assist.signed_by = heir.id
        ticket = session.get_one(Ticket, assist.ticket_id, with_for_update=True)
        ticket.version += 1
        record(session, ticket, "ticket.handed_over", payload | {"assist_id": assist.id}, at, by=actor)
        numbers.append(ticket.number)
    return numbers


def _require_may(
    session: Session,
    actor: Actor,
    tickets: list[Ticket],
    assists: list[Assist],
    leaver: Person,
    heir: Person,
    at: Moment,
) -> set[str]:
    """Return the units concerned; the heir must be a liaison of each and the actor may act for each of them."""
    concerned = {t.unit_id for t in tickets if t.unit_id} | {a.unit_id for a in assists}
    if not concerned:  # nothing to move: the handover is still on record, for the units both work for
        theirs = (units_of(session, who.id, LIAISON, at.received) for who in (leaver, heir))
        concerned = set.intersection(*theirs)
    heirs = {unit for unit, person, _ in members(session, concerned, LIAISON, at.received) if person == heir.id}
    if not concerned or concerned - heirs:
        raise Problem("handover_other_unit", name=heir.name)
    for unit in concerned:
        require(permissions.judge(actor, "handover.execute", actor.jurisdiction_id, unit, "工作交接"))
    return concerned


def end_role(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End a role, refused while the person still holds open work of the unit as its liaison (D6.2)."""
    person = session.get(Person, args["person_id"])
    if person is not None and person.jurisdiction_id == actor.jurisdiction_id and args["role"] == LIAISON:
        _require_empty_hands(session, person, args["unit_id"])
    end_membership(session, actor, args, at)


def disable_person(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Close an account, refused while its owner still holds open work (D6.2)."""
    person = session.get(Person, args["person_id"])
    if person is not None and person.jurisdiction_id == actor.jurisdiction_id:
        _require_empty_hands(session, person)
    accounts.disable(session, actor, args, at)


def _require_empty_hands(session: Session, person: Person, unit_id: str | None = None) -> None:
    count = queries.in_hand(session, person.id, unit_id)
    if count:
        raise Problem("handover_needed", name=person.name, count=count)


def close_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Close a unit, refused while tickets, helps or promises stand with it. Raises `Problem` `unit_has_work`, …"""
    require(permissions.judge(actor, "unit.close", actor.jurisdiction_id, None, "撤销单位"))
    unit = unit_of(session, actor, args["unit_id"])
    count = queries.left_in(session, unit.id)
    if count:
        raise Problem("unit_has_work", unit=unit.name, count=count)
    units.close_unit(session, actor, args, at)


COMMANDS = {
    "handover.execute": (HandoverArgs, execute_handover),
    "membership.end": (schemas.End, end_role),
    "person.disable": (schemas.Disable, disable_person),
    "unit.close": (schemas.CloseUnit, close_unit),
}
