"""What each rate counts, as one SELECT of (ticket, unit, whether it counts as good); sums and lists are made of it.

`good` is NULL for what has not been decided yet: it is in neither part of the fraction, and shown beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.oversight.callback.models import Callback
from app.oversight.review import BY_REPLY
from app.policies.models import PolicyVersion
from app.policies.policy import ClockRule
from app.policies.queries import policy_of
from app.replies import rules as replies
from app.replies.models import Reply
from app.reports import rates
from app.reports.rates import Period
from app.tickets.models import PastClock, Ticket, TicketClock

Cases = Select[*tuple[Any, ...]]
_BY_REPLY = or_(Ticket.closed_how.is_(None), Ticket.closed_how == BY_REPLY)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which jurisdiction and period, seen at `at`; `units` bounds them, None are all of the jurisdiction."""

    jurisdiction_id: str
    period: Period
    at: datetime
    units: Collection[str] | None = None

    def within(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that an instant lies in the period."""
        return and_(column >= self.period.starts, column < self.period.ends)

    def mine(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a row, joined with its ticket, is of the jurisdiction and of a unit asked for."""
        here = and_(Ticket.jurisdiction_id == self.jurisdiction_id, column.is_not(None))
        return here if self.units is None else and_(here, column.in_(set(self.units)))


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _clock_keys(session: Session, asked: Asked, measures: Callable[[ClockRule], bool]) -> set[str]:
    """Return the keys of the clocks to be measured, in every version of the profile that tickets may run under."""
    versions = session.scalars(select(PolicyVersion.id).where(PolicyVersion.profile == asked.jurisdiction_id))
    return {rule.key for version in versions for rule in policy_of(session, version).clocks.values() if measures(rule)}


def _in_time(session: Session, asked: Asked, measures: Callable[[ClockRule], bool]) -> Cases:
    """Clocks that fall due in the period: met in time, late, not met although due, or still running (undecided).

    A reopened ticket has a second clock; one that left a unit has what that unit met or missed beside its present ones.
    """
    clock, past, keys = TicketClock, PastClock, _clock_keys(session, asked, measures)
    running = and_(clock.due_at >= asked.at, clock.stopped_at.is_(None))
    decided = or_(clock.met_at.is_not(None), and_(clock.due_at < asked.at, _still_ran_when_due()), running)
    good = case((clock.met_at <= clock.due_at, 1), (and_(clock.met_at.is_(None), running), None), else_=0)
    present = (
        select(Ticket.id.label("ticket_id"), Ticket.unit_id.label("unit_id"), good.label("good"))
        .join(clock, clock.ticket_id == Ticket.id)
        .where(asked.mine(Ticket.unit_id), clock.kind == literal("deadline", literal_execute=True))
        .where(clock.clock.in_(keys), asked.within(clock.due_at), decided)
    )
    left = (
        select(past.ticket_id, past.unit_id, _flag(past.met_at <= past.due_at))
        .join(Ticket, Ticket.id == past.ticket_id)
        .where(asked.mine(past.unit_id), past.clock.in_(keys), asked.within(past.due_at))
    )
    both = union_all(present, left).subquery()
    return select(both.c.ticket_id, both.c.unit_id, both.c.good)


def _still_ran_when_due() -> ColumnElement[bool]:
    return or_(TicketClock.stopped_at.is_(None), TicketClock.stopped_at > TicketClock.due_at)


def _signed(session: Session, asked: Asked) -> Cases:
    return _in_time(session, asked, rates.measures_signing)


def _closed(session: Session, asked: Asked) -> Cases:
    return _in_time(session, asked, rates.measures_closing)


def _once(session: Session, asked: Asked) -> Cases:
    return select(
        Ticket.id.label("ticket_id"), Ticket.unit_id.label("unit_id"), _flag(Ticket.redo_count == 0).label("good")
    ).where(asked.mine(Ticket.unit_id), asked.within(Ticket.closed_at), _BY_REPLY)


def _heard(asked: Asked, counted: ColumnElement[bool], good: ColumnElement[bool]) -> Cases:
    """The last answer of each ticket's caller in the period; a ticket exempted from the rate (K2.8) is left out."""
    last = (
        select(
            Callback.ticket_id,
            func.coalesce(Callback.unit_id, Ticket.unit_id).label("unit_id"),
            _flag(good).label("good"),
            func.row_number()
            .over(partition_by=Callback.ticket_id, order_by=(Callback.at.desc(), Callback.id.desc()))
            .label("nth"),
        )
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .where(asked.mine(func.coalesce(Callback.unit_id, Ticket.unit_id)), asked.within(Callback.at))
        .where(Ticket.exempt.is_(False), Callback.reached.is_(True), counted)
        .subquery()
    )
    return select(last.c.ticket_id, last.c.unit_id, last.c.good).where(last.c.nth == 1)


def _satisfied(session: Session, asked: Asked) -> Cases:
    said = Callback.satisfaction
    return _heard(asked, and_(said.is_not(None), said != rates.NOT_REACHED), said != rates.DISSATISFIED)


def _solved(session: Session, asked: Asked) -> Cases:
    return _heard(asked, Callback.solved.is_not(None), Callback.solved.is_(True))


def _redone(session: Session, asked: Asked) -> Cases:
    """Tickets accepted or sent back in the period, each once; what was sent back counts, whatever followed."""
    parts = union_all(
        select(Reply.ticket_id.label("ticket_id"), Reply.unit_id.label("unit_id"), literal(1).label("good"))
        .join(Ticket, Ticket.id == Reply.ticket_id)
        .where(asked.mine(Reply.unit_id), Reply.state == replies.SENT_BACK, asked.within(Reply.returned_at)),
        select(Ticket.id, Ticket.unit_id, literal(1)).where(
            asked.mine(Ticket.unit_id), asked.within(Ticket.reopened_at)
        ),
        select(Ticket.id, Ticket.unit_id, literal(0)).where(
            asked.mine(Ticket.unit_id), asked.within(Ticket.closed_at), _BY_REPLY
        ),
    ).subquery()
    return select(parts.c.ticket_id, parts.c.unit_id, func.max(parts.c.good).label("good")).group_by(
        parts.c.ticket_id, parts.c.unit_id
    )


CASES: Final[dict[str, Callable[[Session, Asked], Cases]]] = {
    rates.RESPONSE: _signed,
    rates.RECEIVED: _signed,
    rates.CLOSED: _closed,
    rates.ONCE: _once,
    rates.SOLVED: _solved,
    rates.SATISFACTION: _satisfied,
    rates.REDO: _redone,
}
assert set(CASES) == set(rates.RATES)
