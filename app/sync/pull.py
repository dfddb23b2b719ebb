"""What changed since a phone last asked, as a difference of two {entity: version} maps.

No sequence number is involved, so nothing is ever skipped by a reader when transactions commit out of order: what is
visible now is compared with what the phone was given, whichever order it came in.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, false, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database
from app.fieldwork.queries import promised_tickets
from app.oversight.inspections import queries as inspections
from app.people import directory as contacts
from app.people import queries as people
from app.people.models import Jurisdiction
from app.people.permissions import LEADING, LIAISON, STATION, SUPERVISOR, Actor
from app.people.roster.rules import day_at
from app.policies.queries import policy_of
from app.policies.wire import policy_for_phone
from app.problems import Problem
from app.reminders import queries as reminders
from app.requests import queries as requests
from app.sync import snapshot
from app.sync.models import Deployment, View
from app.tickets import lifecycle
from app.tickets.joint_queries import assisted_by
from app.tickets.models import Ticket

CLOSED_FOR = timedelta(days=7)
STATION_LIMIT = 500
PAGE_BYTES = 110_000
"""Uncompressed size of details in one answer, some 50 KB on the air; the most urgent tickets have theirs first."""
_ROW_ONLY = "~"
Held = dict[str, str]


def pull(database: Database, actor: Actor, cookie: str | None, at: datetime) -> dict[str, Any]:
    """Return the answer of GET /sync/pull without its beacon."""
    with database.read() as session:
        epoch = epoch_of(session)
        now = _present(session, actor, at)
        if cookie is not None and cookie == _cookie(epoch, now):
            return {"unchanged": True}
        held = _held(session, cookie, actor)
        answer, holding = _difference(session, actor, now, held or {}, at)
    answer |= {"unchanged": False, "epoch": epoch, "reset": held is None, "cookie": _cookie(epoch, holding)}
    if not _remember(database, actor, answer["cookie"], holding, at):
        # Nothing to build a next page on: asked again at once, the phone would only be given this one for ever.
        answer["more"] = False
    return answer


def epoch_of(session: Session) -> str:
    """Return the deployment's epoch."""
    return session.scalars(select(Deployment.epoch)).one()


def _present(session: Session, actor: Actor, at: datetime) -> Held:
    """Return every entity the actor's phone should hold, with its version, most urgent tickets first."""
    place = session.get_one(Jurisdiction, actor.jurisdiction_id)
    # A deputy's term begins and ends by the clock, without an event.
    me = "/".join([str(place.journal_length), *(g.acting_for for g in actor.grants if g.acting_for)])
    # So does duty: a phone keeps the turns of some weeks, and gets the next ones day by day.
    present = {"m": me, "u": f"{place.journal_length}/{day_at(at, place.zone)}"}
    policies = {place.policy_id}
    query = (
        select(Ticket.id, Ticket.version, Ticket.policy_id)
        .where(_working_set(actor, at))
        .order_by(Ticket.urgency, Ticket.next_due_at.is_(None), Ticket.next_due_at, Ticket.id)
    )
    for ticket_id, version, policy_id in session.execute(query.limit(STATION_LIMIT)):
        present[f"t:{ticket_id}"] = str(version)
        policies.add(policy_id)
    present |= {f"p:{policy_id}": "1" for policy_id in policies}
    versions = reminders.notice_versions(session, actor.person_id)
    return present | {f"i:{notice_id}": str(version) for notice_id, version in versions.items()}


def _working_set(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Return the condition of a phone's working set: a unit's tickets, and what waits for station or supervisor.

    A closed ticket stays as long as somebody of the unit still has to act on it: an order to answer, a promise to
    keep. Each part finds its tickets by an index of its own; one condition with "or" reads all a unit ever had.
    """
    parts: list[Select[str]] = []
    units = actor.in_sight()
    if units:
        ours, recent = Ticket.unit_id.in_(units), Ticket.closed_at > at - CLOSED_FOR
        parts += [
            select(Ticket.id).where(ours, Ticket.state.in_(lifecycle.WITH_UNIT)),
            select(Ticket.id).where(ours, recent),
            select(Ticket.id).where(Ticket.id.in_(assisted_by(units)), Ticket.state.in_(lifecycle.WITH_UNIT)),
            select(Ticket.id).where(Ticket.id.in_(assisted_by(units)), recent),
            requests.waiting_tickets(LIAISON, *LEADING, of_units=units),
            promised_tickets(units),
            inspections.asked_tickets(units, at),
        ]
    here = Ticket.jurisdiction_id == actor.jurisdiction_id
    held = [role for role in (STATION, SUPERVISOR) if actor.has(role)]
    if held:
        parts.append(select(Ticket.id).where(here, Ticket.id.in_(requests.waiting_tickets(*held))))
    if actor.has(SUPERVISOR):
        # Whoever goes to a site to check has the ticket with him, also without a network.
        parts.append(select(Ticket.id).where(here, Ticket.id.in_(inspections.claimed_tickets(actor.person_id))))
    if actor.has(STATION):
        parts.append(select(Ticket.id).where(here, Ticket.state.in_(lifecycle.AT_STATION)))
    return Ticket.id.in_(union_all(*parts)) if parts else false()


def _difference(session: Session, actor: Actor, now: Held, held: Held, at: datetime) -> tuple[dict[str, Any], Held]:
    """Return what to send and what the phone will then hold."""
    changed = [key for key, version in now.items() if held.get(key) != version]
    ticket_ids = [key[2:] for key in changed if key.startswith("t:")]
    tickets = _within_budget(session, ticket_ids)
    holding = dict(now)
    for ticket in tickets:
        mark = "" if ticket["detail"] else _ROW_ONLY
        holding[f"t:{ticket['id']}"] = f"{ticket['version']}{mark}"
    more = any(ticket["detail"] is None for ticket in tickets)
    notices = {key[2:] for key in changed if key.startswith("i:")}
    return {
        "more": more,
        "tickets": tickets,
        "inbox": [n for n in reminders.notices_for(session, actor.person_id) if n["id"] in notices] if notices else [],
        "policies": [_policy(session, key[2:]) for key in changed if key.startswith("p:")],
        "units": _units(session, actor, at) if "u" in changed else None,
        "me": people.me_wire(session, actor) if "m" in changed else None,
        "gone": sorted(held.keys() - now.keys()),
    }, holding


def _units(session: Session, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Return the directory; with the duty of one's own units only, for it is sent with every change of any unit."""
    own = contacts.own_duty(session, actor.units(LIAISON, *LEADING), at)
    return people.directory(session, actor.jurisdiction_id, at, own)


def _within_budget(session: Session, ticket_ids: list[str]) -> list[dict[str, Any]]:
    """Return the tickets, as many with detail as fit a page; at least one has it, so that every page gets further."""
    sent: list[dict[str, Any]] = []
    room, start = PAGE_BYTES, 0
    while start < len(ticket_ids) and room > 0:
        chunk = snapshot.whole(session, ticket_ids[start : start + 25])
        start += 25
        for ticket in chunk:
            if room <= 0 and sent:
                ticket["detail"] = None
            else:
                room -= len(json.dumps(ticket["detail"], ensure_ascii=False).encode())
            sent.append(ticket)
    return sent + snapshot.rows(session, ticket_ids[start:])


def _policy(session: Session, policy_id: str) -> dict[str, Any]:
    return policy_for_phone(policy_of(session, policy_id), lifecycle.as_wire(), lifecycle.LABELS)


def _cookie(epoch: str, held: Held) -> str:
    text = epoch + "|" + ",".join(f"{key}={version}" for key, version in sorted(held.items()))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:24]).decode()


def _held(session: Session, cookie: str | None, actor: Actor) -> Held | None:
    if cookie is None or actor.device_id is None or not cookie.isprintable():
        return None
    view = session.get(View, (cookie, actor.device_id))
    return None if view is None else dict(view.held)


def _remember(database: Database, actor: Actor, cookie: str, held: Held, at: datetime) -> bool:
    """Keep the device's new view and the ones before it (their answers may still be on the way); return whether kept.

    A full disk or a busy database must not keep a phone from reading: without the view it is offered everything.
    """
    if actor.device_id is None:
        return False
    try:
        with database.unit_of_work() as session:
            session.execute(
                delete(View).where(View.device_id == actor.device_id, View.cookie.in_(_stale(session, actor)))
            )
            session.merge(View(cookie=cookie, device_id=actor.device_id, held=held, made_at=at))
    except Problem:
        return False
    except IntegrityError:  # another tab of the phone was given, and kept, the very same view
        return True
    return True


def _stale(session: Session, actor: Actor) -> Iterable[str]:
    query = select(View.cookie).where(View.device_id == actor.device_id).order_by(View.made_at.desc()).offset(3)
    return list(session.scalars(query.limit(50)))
