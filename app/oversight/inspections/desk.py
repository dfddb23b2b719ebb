"""What a supervisor has before him: the queue, one case, and what units have answered. Only SELECTs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.oversight.inspections import rules
from app.oversight.inspections.independence import barred
from app.oversight.inspections.models import (
    InspectionAppeal,
    InspectionCase,
    InspectionDraw,
    InspectionLook,
    InspectionRectification,
)
from app.people.masking import mask_text
from app.people.permissions import Actor
from app.people.queries import names
from app.policies.inspecting import VERDICTS
from app.policies.policy import Policy
from app.tickets.queries import heads

TODO, MINE, TAKEN, JUDGED, SETTLE = "todo", "mine", "taken", "judged", "settle"
LIMIT: Final = 500
_HEAD: Final = ("id", "number", "title", "state", "kind", "area", "unit", "closed_at")


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose desk it is, and when."""

    session: Session
    actor: Actor
    at: datetime

    def queue(self) -> dict[str, Any]:
        """Return the cases the actor may look at, the riskiest of the oldest draw first, and the draws they are of."""
        cases = self._untold()
        looks = _looks(self.session, [case.id for case in cases])
        shown = [(case, state) for case in cases if (state := self._state(case, looks.get(case.id, [])))]
        tickets = heads(self.session, [case.ticket_id for case, _ in shown])
        called = names(self.session, [look.by for found in looks.values() for look in found])
        return {
            "now": clock.iso(self.at),
            "draws": self._draws(cases),
            "cases": [
                self._entry(case, state, looks.get(case.id, []), called)
                | {"ticket": {key: tickets[case.ticket_id][key] for key in _HEAD}}
                for case, state in shown
            ],
            "follow": self._follow(),
        }

    def _untold(self) -> list[InspectionCase]:
        query = (
            select(InspectionCase)
            .join(InspectionDraw, InspectionDraw.id == InspectionCase.draw_id)
            .where(InspectionCase.jurisdiction_id == self.actor.jurisdiction_id, InspectionCase.told_at.is_(None))
            .order_by(InspectionDraw.ends_at, InspectionCase.place)
            .limit(LIMIT)
        )
        cases = list(self.session.scalars(query))
        closed = barred(self.session, self.actor.person_id, [case.ticket_id for case in cases], self.at)
        return [case for case in cases if case.ticket_id not in closed]

    def _state(self, case: InspectionCase, looks: Sequence[InspectionLook]) -> str | None:
        """Return what a case is to the actor, None for nothing. A blind second look looks like any first one."""
        mine = next((look for look in looks if look.by == self.actor.person_id), None)
        if mine is not None:
            return JUDGED if mine.verdict is not None else SETTLE if mine.nth == 3 else MINE
        if case.state == rules.SETTLING:
            return TAKEN if len(looks) == 3 else SETTLE
        if case.state != rules.OPEN:
            return None
        places = 2 if case.second else 1
        if len(looks) < places:
            return TODO
        return TAKEN if any(look.verdict is None for look in looks) else None

    def _entry(
        self, case: InspectionCase, state: str, looks: Sequence[InspectionLook], called: dict[str, str]
    ) -> dict[str, Any]:
        mine = next((look for look in looks if look.by == self.actor.person_id), None)
        taken = next((look for look in looks if look.verdict is None), None) if state == TAKEN else None
        return {
            "id": case.id,
            "draw_id": case.draw_id,
            "place": case.place,
            "weight": case.weight / 100,
            "chance": case.probability,
            "signals": case.signals,
            "state": state,
            "mine": mine and own_look(mine),
            "taken_by": called.get(taken.by, "") if taken else None,
            # Whether it was decided must not tell a blind checker that the other one agreed: only oneself is heard.
            "told_from": clock.iso(case.told_from) if mine and case.told_from and not case.second else None,
        }

    def _draws(self, cases: Sequence[InspectionCase]) -> list[dict[str, Any]]:
        ids = {case.draw_id for case in cases}
        query = select(InspectionDraw).where(
            InspectionDraw.jurisdiction_id == self.actor.jurisdiction_id,
            or_(
                InspectionDraw.id.in_(ids),
                and_(InspectionDraw.drawn_at >= self.at - rules.RECENT, InspectionDraw.sample > 0),
            ),
        )
        told = dict(
            self.session.execute(
                select(InspectionCase.draw_id, func.count(InspectionCase.told_at)).group_by(InspectionCase.draw_id)
            ).all()
        )
        rows = self.session.scalars(query.order_by(InspectionDraw.ends_at.desc()).limit(20))
        return [draw_wire(row) | {"told": told.get(row.id, 0)} for row in rows]

    def _follow(self) -> list[dict[str, Any]]:
        """Return what units have answered and appealed, the longest waiting first."""
        query = (
            select(InspectionCase, InspectionRectification, InspectionAppeal)
            .join(InspectionRectification, InspectionRectification.case_id == InspectionCase.id)
            .join(InspectionAppeal, InspectionAppeal.case_id == InspectionCase.id, isouter=True)
            .where(
                InspectionCase.jurisdiction_id == self.actor.jurisdiction_id,
                or_(
                    InspectionRectification.ended_at.is_(None),
                    InspectionAppeal.case_id.is_not(None) & InspectionAppeal.decided_at.is_(None),
                ),
            )
            .order_by(InspectionCase.told_at)
            .limit(LIMIT)
        )
        rows = self.session.execute(query).all()
        ids = [case.ticket_id for case, _, _ in rows]
        closed = barred(self.session, self.actor.person_id, ids, self.at)
        looked = {c for c, found in _looks(self.session, [r[0].id for r in rows]).items() if self._among(found)}
        tickets = heads(self.session, ids)
        return [
            {
                "case_id": case.id,
                "ticket": {key: tickets[case.ticket_id][key] for key in _HEAD},
                "verdict": case.verdict,
                "label": VERDICTS[case.verdict or ""],
                "told_at": clock.iso(case.told_at or self.at),
                "rectification": task.state,
                "due_at": clock.iso(task.due_at),
                "late": task.state == rules.ASKED and task.due_at < self.at,
                "appealed": appeal is not None and appeal.decided_at is None,
                # Who judged does not decide about it; everybody else independent may.
                "may_decide": case.id not in looked,
            }
            for case, task, appeal in rows
            if case.ticket_id not in closed
        ]

    def _among(self, looks: Sequence[InspectionLook]) -> bool:
        return any(look.by == self.actor.person_id for look in looks)

    def case(self, case: InspectionCase, policy: Policy) -> dict[str, Any]:
        """Return one case with what may be known of other people's verdicts: nothing, unless one has to settle."""
        looks = _looks(self.session, [case.id]).get(case.id, [])
        state = self._state(case, looks)
        called = names(self.session, [look.by for look in looks])
        draw = self.session.get_one(InspectionDraw, case.draw_id)
        settles = state == SETTLE
        told = case.told_at is not None
        return self._entry(case, state or TAKEN, looks, called) | {
            "ticket_id": case.ticket_id,
            "draw": draw_wire(draw),
            "told_at": clock.iso(case.told_at) if case.told_at else None,
            "verdict": case.verdict if told else None,
            "looks": [
                own_look(look) | {"nth": look.nth, "by": called.get(look.by, "") if told else None}
                for look in looks
                if look.verdict is not None and (told or (settles and look.nth < 3))
            ],
            "choices": choices(policy),
        }


def choices(policy: Policy) -> list[dict[str, Any]]:
    """Return the verdicts and the grounds for each, as the profile lists them."""
    return [
        {
            "verdict": verdict,
            "label": label,
            "grounds": [{"key": g.key, "label": g.label} for g in policy.inspections.grounds if verdict in g.verdicts],
        }
        for verdict, label in VERDICTS.items()
    ]


def own_look(look: InspectionLook) -> dict[str, Any]:
    """Return what a look said."""
    return {
        "claimed_at": clock.iso(look.claimed_at),
        "judged_at": clock.iso(look.judged_at) if look.judged_at else None,
        "verdict": look.verdict,
        "grounds": look.grounds,
        "note": mask_text(look.note),
    }


def draw_wire(row: InspectionDraw) -> dict[str, Any]:
    """Return a draw without its seed and frame."""
    return {
        "id": row.id,
        "name": row.name,
        "period": row.period,
        "begins_at": clock.iso(row.begins_at),
        "ends_at": clock.iso(row.ends_at),
        "commitment": row.commitment,
        "committed_at": clock.iso(row.committed_at),
        "drawn_at": clock.iso(row.drawn_at) if row.drawn_at else None,
        "voided_at": clock.iso(row.voided_at) if row.voided_at else None,
        "finished_at": clock.iso(row.finished_at) if row.finished_at else None,
        "population": row.population,
        "population_hash": row.population_hash,
        "sample": row.sample,
    }


def _looks(session: Session, case_ids: Sequence[str]) -> dict[str, list[InspectionLook]]:
    found: dict[str, list[InspectionLook]] = {}
    query = select(InspectionLook).where(InspectionLook.case_id.in_(case_ids)).order_by(InspectionLook.nth)
    for look in session.scalars(query) if case_ids else ():
        found.setdefault(look.case_id, []).append(look)
    return found
