"""Opening a case for a command of a supervisor: permission, lock and independence, asked in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.oversight.inspections.independence import barred
from app.oversight.inspections.models import InspectionCase, InspectionDraw
from app.oversight.inspections.rules import judge_independent
from app.people import permissions
from app.people.permissions import SUPERVISOR, Actor
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.tickets.models import Ticket

LABELS: Final = {
    "inspection.plan": "制定抽查方案",
    "inspection.claim": "领取抽查",
    "inspection.release": "退回抽查",
    "inspection.assign": "指派抽查",
    "inspection.judge": "判定抽查",
    "inspection.correct": "更正抽查结论",
    "inspection.announce": "公布抽查结论",
    "inspection.field_check": "现场核查",
}


@dataclass
class Opened:
    """A case whose draw is locked, with all a command needs; lives as long as its unit of work.

    Its events are written to the draw's chain and not to the ticket's: units read their tickets' chains.
    """

    session: Session
    actor: Actor
    at: Moment
    draw: InspectionDraw
    case: InspectionCase
    ticket: Ticket

    @property
    def policy(self) -> Policy:
        """The profile version the ticket runs under."""
        return policy_of(self.session, self.ticket.policy_id)

    def record(self, name: str, payload: dict[str, Any]) -> None:
        """Write an event on the draw."""
        said = {"case_id": self.case.id, **payload}
        record(self.session, self.draw, name, said, self.at, by=self.actor, role=SUPERVISOR)


def allow(actor: Actor, command: str) -> None:
    """Raise `Problem` `not_permitted` unless the actor's role may do this in the jurisdiction."""
    require(permissions.judge(actor, command, actor.jurisdiction_id, None, LABELS[command]))


def open_inspection(session: Session, actor: Actor, command: str, case_id: str, at: Moment) -> Opened:
    """Lock a case's draw and return the case.

    Raises `Problem`: `not_permitted` before anything is looked up, `inspection_not_found`,
    `inspection_not_independent` for whoever handled, signed or led the ticket.
    """
    allow(actor, command)
    draw_id = session.scalar(
        select(InspectionCase.draw_id).where(
            InspectionCase.id == case_id, InspectionCase.jurisdiction_id == actor.jurisdiction_id
        )
    )
    if draw_id is None:
        raise Problem("inspection_not_found")
    draw = session.get_one(InspectionDraw, draw_id, with_for_update=True)
    case = session.get_one(InspectionCase, case_id)
    require(judge_independent(barred(session, actor.person_id, [case.ticket_id], at.received).get(case.ticket_id)))
    return Opened(session, actor, at, draw, case, session.get_one(Ticket, case.ticket_id))
