"""Opening a ticket for a command: lock, visibility, permission and life cycle, asked in this one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.journal.record import record
from app.people import permissions
from app.people.masking import mask_about
from app.people.models import Jurisdiction, Unit
from app.people.permissions import Actor
from app.policies import deadlines
from app.policies.calendar import WorkCalendar
from app.policies.policy import BOUNDED_CLAIM, Policy
from app.policies.queries import calendar_of, policy_of
from app.problems import Problem, require
from app.tickets import lifecycle
from app.tickets.joint_queries import assisting_units
from app.tickets.models import Assignment, Ticket, TicketClock


@dataclass
class Case:
    """A locked ticket with all a command needs to judge and change it; lives as long as its unit of work."""

    session: Session
    actor: Actor
    command: str
    role: str
    at: Moment
    ticket: Ticket
    acting_for: str | None = None
    """The principal, when the actor does this as somebody's deputy."""
    assisting: str | None = None
    """The helping unit for which the actor does this, when the ticket stands with another."""
    touched: bool = False

    @cached_property
    def policy(self) -> Policy:
        """The profile version the ticket was dispatched under."""
        return policy_of(self.session, self.ticket.policy_id)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Working days of the jurisdiction."""
        return calendar_of(self.session)

    @cached_property
    def clocks(self) -> dict[str, TicketClock]:
        """The ticket's clocks by name."""
        rows = self.session.scalars(select(TicketClock).where(TicketClock.ticket_id == self.ticket.id))
        return {row.clock: row for row in rows}

    @property
    def unit_id(self) -> str | None:
        """The unit whose work this is: the one that has the ticket, or the one that helps."""
        return self.assisting or self.ticket.unit_id

    def pin(self, policy_id: str) -> None:
        """Let the ticket run under this version of the profile from now on."""
        self.ticket.policy_id = policy_id
        self.__dict__.pop("policy", None)

    def touch(self) -> None:
        """Give the ticket its next version, once per command, so that phones fetch it again."""
        if not self.touched:
            self.ticket.version += 1
            self.touched = True

    def masked(self, text: str) -> str:
        """Return what was written on the ticket with numbers, and this caller's own name and address, hidden."""
        ticket = self.ticket
        return mask_about(text, ticket.caller_name, ticket.caller_phone, ticket.caller_address)

    def record(self, name: str, payload: dict[str, Any]) -> None:
        """Write a journal event on the ticket and touch it; a deputy's act says for whom it was done."""
        if self.acting_for is not None:
            payload = payload | {"acting_for": self.acting_for}
        by = None if self.role == permissions.SYSTEM else self.actor
        record(self.session, self.ticket, name, payload, self.at, by=by, role=self.role)
        self.touch()

    def move(self) -> None:
        """Take the ticket where the command's row of the life cycle leads."""
        target = lifecycle.TRANSITIONS[self.command].target
        if target is not None:
            self.place(target)

    def place(self, state: str) -> None:
        """Put the ticket into `state`; for outcomes that depend on a decision, where `move` cannot know."""
        self.ticket.state = state
        self.ticket.state_since = self.at.received
        self.touch()

    def meet(self, *names: str) -> None:
        """End the named running clocks at the instant that counts."""
        for name in names:
            row = self.clocks.get(name)
            if row is not None and row.met_at is None and row.stopped_at is None:
                row.met_at = self.at.counted
        self.reckon()

    def reopen(self, *names: str) -> None:
        """Let the named clocks run again towards the same instants: what met them has been undone."""
        for name in names:
            if name in self.clocks:
                self.clocks[name].met_at = None
        self.reckon()

    def stop(self) -> None:
        """Stop every clock that still runs: nothing is asked of the unit any more."""
        for row in self.clocks.values():
            if row.met_at is None and row.stopped_at is None:
                row.stopped_at = self.at.received
        self.reckon()

    def pause(self, *names: str) -> None:
        """Let the named running clocks, and those counted back from them, stand still until `go_on`."""
        for name in self._with_dependents(names):
            row = self.clocks.get(name)
            if row is not None and row.met_at is None and row.stopped_at is None:
                row.stopped_at = self.at.received
        self.reckon()

    def go_on(self, since: datetime, *names: str) -> None:
        """Let the named clocks run again that were paused at `since`, due as much later as they stood still."""
        standing = {
            n: row for n in self._with_dependents(names) if (row := self.clocks.get(n)) and row.stopped_at == since
        }
        runs = {name: deadlines.Run(row.started_at, row.due_at, since) for name, row in standing.items()}
        for plan in deadlines.resumed(self.policy, self.calendar, runs, self.at.received):
            row = standing[plan.clock]
            row.due_at, row.derivation, row.provisional = plan.due_at, plan.derivation, plan.provisional
            row.stopped_at = None
            row.rests = [*(row.rests or ()), [clock.iso(since), clock.iso(self.at.received)]]
        self.reckon()

    def _with_dependents(self, names: Iterable[str]) -> list[str]:
        chosen = set(names)
        return [k for k, r in self.policy.clocks.items() if k in chosen or (r.before and r.before.clock in chosen)]

    def overdue(self) -> TicketClock | None:
        """Return the deadline that has been missed and is still running, the first one; None when there is none."""
        late = [
            row
            for row in self.clocks.values()
            if row.kind == "deadline" and row.met_at is None and row.stopped_at is None and row.due_at < self.at.counted
        ]
        return min(late, key=lambda row: row.due_at, default=None)

    def reckon(self) -> None:
        """Recompute the ticket's next deadline from its clocks."""
        running = [
            row.due_at
            for row in self.clocks.values()
            if row.kind == "deadline" and row.met_at is None and row.stopped_at is None
        ]
        self.ticket.next_due_at = min(running, default=None)

    def local(self, instant: Any) -> str:
        """Return an instant as the jurisdiction's people write it."""
        return clock.local_text(instant, self.policy.zone)


def open_case(session: Session, actor: Actor, command: str, ticket_id: str | None, at: Moment) -> Case:
    """Lock the ticket and return it as a case.

    Raises `Problem`: `ticket_not_found` when the actor may not know of it, `ticket_reassigned` when the actor's unit
    had it before, `not_permitted`, `state_wrong`.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=True) if ticket_id else None
    if ticket is None:
        raise Problem("ticket_not_found")
    grant = permissions.grant_for(actor, command, ticket.jurisdiction_id, ticket.unit_id)
    # Helpers are few: who helps is asked only of those who could not do it otherwise.
    helping = () if grant else assisting_units(session, ticket.id)
    if not permissions.sees(actor, ticket.jurisdiction_id, [ticket.unit_id, *helping]):
        _explain_absence(session, actor, ticket)
    label = lifecycle.label(command)
    require(permissions.judge(actor, command, ticket.jurisdiction_id, ticket.unit_id, label, helping))
    require(lifecycle.judge(command, ticket.state))
    grant = grant or permissions.grant_for(actor, command, ticket.jurisdiction_id, ticket.unit_id, helping)
    assert grant is not None
    if policy_of(session, ticket.policy_id).late_sync.rule == BOUNDED_CLAIM:
        at = replace(at, counted=at.claimed)
    session.info["counted"] = at.counted
    assisting = grant.unit_id if grant.unit_id in helping else None
    return Case(session, actor, command, grant.role, at, ticket, grant.acting_for, assisting)


def case_of_system(session: Session, ticket: Ticket, command: str, at: Moment) -> Case:
    """Return a ticket as a case for what the server does by itself; the caller has locked it."""
    nobody = Actor(person_id="", name="系统", jurisdiction_id=ticket.jurisdiction_id)
    return Case(session, nobody, command, permissions.SYSTEM, at, ticket)


def _explain_absence(session: Session, actor: Actor, ticket: Ticket) -> None:
    """Raise the reason why the ticket is out of sight: only a unit that once had it is told that it moved on."""
    mine = actor.in_sight()
    ended = session.scalar(
        select(Assignment.until)
        .where(Assignment.ticket_id == ticket.id, Assignment.unit_id.in_(mine), Assignment.until.is_not(None))
        .order_by(Assignment.until.desc())
        .limit(1)
    )
    if ended is None or ticket.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("ticket_not_found")
    zone = session.get_one(Jurisdiction, ticket.jurisdiction_id).zone
    raise Problem("ticket_reassigned", at=clock.local_text(ended, zone))


def visible_ticket(session: Session, actor: Actor, ticket_id: str) -> Ticket:
    """Return a ticket for reading. Raises `Problem` `ticket_not_found` for what the actor may not see."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise Problem("ticket_not_found")
    if permissions.sees(actor, ticket.jurisdiction_id, [ticket.unit_id]):
        return ticket
    if not permissions.sees(actor, ticket.jurisdiction_id, assisting_units(session, ticket.id)):
        raise Problem("ticket_not_found")
    return ticket


def unit_of(session: Session, actor: Actor, unit_id: str) -> Unit:
    """Return an open unit of the actor's jurisdiction. Raises `Problem` `unit_not_found`."""
    unit = session.get(Unit, unit_id)
    if unit is None or unit.jurisdiction_id != actor.jurisdiction_id or unit.closed_at is not None:
        raise Problem("unit_not_found")
    return unit
