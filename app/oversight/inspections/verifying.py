"""Drawing a stored sample again: does the seed fit its commitment, and the sample the frame? (A5)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.journal.models import Event
from app.oversight.inspections import draw
from app.oversight.inspections.models import InspectionCase, InspectionDraw
from app.problems import Problem


@dataclass(frozen=True, slots=True)
class Verification:
    """What of a draw holds. `foreign` are candidates whose mark no event of their ticket has."""

    seed: bool
    population: bool
    sample: bool
    chances: bool
    foreign: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything does."""
        return self.seed and self.population and self.sample and self.chances and not self.foreign


def rerun(session: Session, row: InspectionDraw) -> Verification:
    """Draw again from what is stored. Raises `Problem` `inspection_not_drawn`."""
    if row.drawn_at is None or row.frame is None or row.design is None:
        raise Problem("inspection_not_drawn")
    frame, design = candidates_of(row), draw.Design(**row.design)
    try:
        again = draw.draw(row.seed, frame, design)
    except ValueError:
        again = draw.Drawn((), frozenset(), {}, {})
    cases = list(
        session.scalars(select(InspectionCase).where(InspectionCase.draw_id == row.id).order_by(InspectionCase.place))
    )
    return Verification(
        seed=draw.commitment(row.seed) == row.commitment,
        population=draw.population_hash(frame, design) == row.population_hash,
        sample=tuple(c.ticket_id for c in cases) == again.sample
        and {c.ticket_id for c in cases if c.second} == again.seconds,
        chances=all(abs(c.probability - float(again.chances.get(c.ticket_id, 0))) < 1e-12 for c in cases),
        foreign=_foreign(session, frame),
    )


def candidates_of(row: InspectionDraw) -> list[draw.Candidate]:
    """Return the stored frame."""
    return [draw.Candidate(*entry) for entry in row.frame or ()]


def _foreign(session: Session, frame: list[draw.Candidate]) -> tuple[str, ...]:
    """Return candidates that were not in the state that the frame says: no event of theirs ends in that mark."""
    found: set[tuple[Any, Any]] = set()
    ids = [c.id for c in frame]
    for start in range(0, len(ids), 500):
        query = select(Event.subject_id, Event.hash).where(Event.subject_id.in_(ids[start : start + 500]))
        found |= {(subject, digest) for subject, digest in session.execute(query)}
    return tuple(c.id for c in frame if (c.id, c.mark) not in found)
