"""The only SELECTs on findings. Whose evidence it is does not see them: every read by people asks `watched_by`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.evidence import lifecycle
from app.evidence.media import AUDIO, PHOTO
from app.evidence.models import Evidence
from app.oversight.findings import rules
from app.oversight.findings.models import Finding, FindingRun
from app.oversight.findings.settling import Standing
from app.people.models import Jurisdiction, Person
from app.people.permissions import STATION, SUPERVISOR, Actor, not_permitted
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.tickets.models import Ticket
from app.tickets.queries import heads

LIMIT: Final = 200
_IDS_AT_ONCE: Final = 500
OPEN: Final = and_(Finding.dismissed_at.is_(None), Finding.lapsed_at.is_(None))
_STATES: Final[Mapping[str, ColumnElement[bool]]] = {
    rules.OPEN: OPEN,
    rules.DISMISSED: and_(Finding.dismissed_at.is_not(None), Finding.lapsed_at.is_(None)),
    rules.LAPSED: Finding.lapsed_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """Open findings of one ticket, neither dismissed nor lapsed; `kinds` maps each kind to its worst severity."""

    high: int = 0
    medium: int = 0
    low: int = 0
    kinds: Mapping[str, str] = field(default_factory=dict)


def weights(session: Session, ticket_ids: Iterable[str]) -> dict[str, Weight]:
    """Return ticket id → its open findings, for draws and figures: asks no actor, and leaves no ticket out.

    What it returns is not to reach the handling unit before there is a verdict.
    """
    found = dict.fromkeys(ticket_ids, Weight())
    columns = (Finding.ticket_id, Finding.kind, Finding.severity, func.count())
    ids = list(found)
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        query = select(*columns).where(Finding.ticket_id.in_(some), OPEN)
        for ticket_id, kind, severity, count in session.execute(query.group_by(*columns[:3])):
            found[ticket_id] = _heavier(found[ticket_id], kind, severity, count)
    return found


def _heavier(weight: Weight, kind: str, severity: str, count: int) -> Weight:
    counts = {name: getattr(weight, name) + (count if name == severity else 0) for name in rules.SEVERITIES}
    worst = min(weight.kinds.get(kind, severity), severity, key=rules.SEVERITIES.index)
    return Weight(**counts, kinds={**weight.kinds, kind: worst})


def require_watcher(actor: Actor) -> None:
    """Refuse whoever does not check evidence. Raises `Problem` `not_permitted`."""
    if not actor.has(STATION, SUPERVISOR):
        require(not_permitted("查看佐证疑点", STATION, SUPERVISOR))


def watched_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for findings that the actor may know of.

    Station and supervisors do, of their own place, and never of evidence of a unit they work in or lead: a check that
    is seen coming checks nothing, and nobody judges the own unit.
    """
    if not actor.has(STATION, SUPERVISOR):
        return Finding.id.is_(None)
    own = actor.in_sight()
    elsewhere = or_(Finding.unit_id.is_(None), Finding.unit_id.not_in(own))
    return and_(Finding.jurisdiction_id == actor.jurisdiction_id, elsewhere)


def watched(session: Session, actor: Actor, finding_id: str, ticket_id: str) -> Finding:
    """Return a finding, locked, that the actor may judge. Raises `Problem` `finding_not_found`."""
    query = select(Finding).where(Finding.id == finding_id, Finding.ticket_id == ticket_id, watched_by(actor))
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        raise Problem("finding_not_found")
    return row


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of findings is narrowed to."""

    state: str = rules.OPEN
    kind: str | None = None
    severity: str | None = None
    unit_id: str | None = None
    ticket_id: str | None = None


def listing(session: Session, actor: Actor, wanted: Wanted) -> list[dict[str, Any]]:
    """Return findings in the actor's sight, the gravest first and then the oldest."""
    query = _narrowed(select(Finding), actor, wanted)
    query = query.order_by(Finding.severity_rank, Finding.raised_at, Finding.id).limit(LIMIT)
    return _wire(session, list(session.scalars(query)))


def counts(session: Session, actor: Actor, wanted: Wanted) -> dict[str, int]:
    """Return severity → number, of what `listing` chooses from, whatever severity it asks for."""
    narrowed = Wanted(wanted.state, wanted.kind, None, wanted.unit_id, wanted.ticket_id)
    columns: tuple[Any, ...] = (Finding.severity, func.count())
    query = _narrowed(select(*columns), actor, narrowed).group_by(Finding.severity)
    found: dict[str, int] = dict(session.execute(query).all())  # type: ignore[arg-type]
    return {severity: found.get(severity, 0) for severity in rules.SEVERITIES}


def _narrowed(query: Select[Any], actor: Actor, wanted: Wanted) -> Select[Any]:
    query = query.where(watched_by(actor))
    if wanted.state in _STATES:
        query = query.where(_STATES[wanted.state])
    columns = {Finding.kind: wanted.kind, Finding.severity: wanted.severity, Finding.ticket_id: wanted.ticket_id}
    for column, value in columns.items():
        query = query if value is None else query.where(column == value)
    return query if wanted.unit_id is None else query.where(Finding.unit_id == wanted.unit_id)


def _wire(session: Session, rows: Sequence[Finding]) -> list[dict[str, Any]]:
    tickets = _tickets(session, rows)
    pieces = _pieces(session, {i for r in rows for i in (r.evidence_id, r.other_evidence_id) if i})
    named = _names(session, rows)
    return [_finding(row, tickets, pieces, named) for row in rows]


def _finding(row: Finding, tickets: Mapping[str, Any], pieces: Mapping[str, Any], named: Any) -> dict[str, Any]:
    compared = None
    if row.other_ticket_id is not None:
        piece = pieces.get(row.other_evidence_id or "")
        compared = {"ticket": tickets[row.other_ticket_id], "evidence": piece}
    dismissed = row.dismissed_at and {
        "by": {"id": row.dismissed_by, "name": named.get(row.dismissed_by, "")},
        "at": clock.iso(row.dismissed_at),
        "reason": row.dismissed_reason or "",
    }
    return {
        "id": row.id,
        "kind": row.kind,
        "label": rules.LABELS.get(row.kind, row.kind),
        "severity": row.severity,
        "severity_label": rules.SEVERITY_LABELS[row.severity],
        "reason": row.reason,
        "state": rules.state_of(row.dismissed_at is not None, row.lapsed_at is not None),
        "ticket": tickets[row.ticket_id],
        "evidence": pieces[row.evidence_id],
        "compared": compared,
        "raised_at": clock.iso(row.raised_at),
        "changed_at": clock.iso(row.changed_at),
        "lapsed_at": clock.iso(row.lapsed_at) if row.lapsed_at else None,
        "dismissed": dismissed,
    }


def _tickets(session: Session, rows: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    wanted = ("id", "number", "title", "state", "kind", "area", "unit")
    ids = {i for row in rows for i in (row.ticket_id, row.other_ticket_id) if i}
    return {i: {key: head[key] for key in wanted} for i, head in heads(session, list(ids)).items()}


def _pieces(session: Session, evidence_ids: set[str]) -> dict[str, dict[str, Any]]:
    query = (
        select(Evidence, Person.name)
        .join(Person, Person.id == Evidence.declared_by)
        .where(Evidence.id.in_(evidence_ids))
    )
    return {row.id: _piece(row, name) for row, name in session.execute(query)} if evidence_ids else {}


def _piece(row: Evidence, name: str) -> dict[str, Any]:
    rendered = lifecycle.has_renditions(row.state)
    return {
        "id": row.id,
        "kind": row.kind,
        "phase": row.phase,
        "source": row.source,
        "sha256": row.sha256,
        "state": lifecycle.shown(row.state, row.received_bytes),
        "captured_at": clock.iso(row.captured_at),
        "duration_s": row.duration_s if row.measured_s is None else row.measured_s,
        "has_thumb": rendered and row.kind == PHOTO,
        "has_audio": rendered and row.kind == AUDIO,
        "peaks": row.peaks,
        "by": {"id": row.declared_by, "name": name},
    }


def _names(session: Session, rows: Iterable[Finding]) -> dict[str | None, str]:
    ids = {row.dismissed_by for row in rows if row.dismissed_by}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all()) if ids else {}


def run_of(session: Session, jurisdiction_id: str) -> dict[str, Any] | None:
    """Return how far the last look at every ticket of the place has come."""
    run = last_run(session, jurisdiction_id)
    if run is None:
        return None
    return {
        "total": run.total,
        "done": run.done,
        "changed": run.changed,
        "asked_at": clock.iso(run.asked_at),
        "finished_at": clock.iso(run.finished_at) if run.finished_at else None,
        "failed_at": clock.iso(run.failed_at) if run.failed_at else None,
    }


def last_run(session: Session, jurisdiction_id: str) -> FindingRun | None:
    """Return the latest look at every ticket of a place, done or under way."""
    query = select(FindingRun).where(FindingRun.jurisdiction_id == jurisdiction_id)
    return session.scalars(query.order_by(FindingRun.asked_at.desc(), FindingRun.id.desc()).limit(1)).first()


def places(session: Session) -> list[str]:
    """Return every jurisdiction."""
    return list(session.scalars(select(Jurisdiction.id).order_by(Jurisdiction.id)))


def rules_of(session: Session, jurisdiction_id: str) -> Policy:
    """Return the profile of a place as it stands now: evidence is not doubted by the rules of the day of dispatch."""
    return policy_of(session, session.get_one(Jurisdiction, jurisdiction_id).policy_id)


def _with_evidence(jurisdiction_id: str) -> Select[str]:
    any_evidence = select(Evidence.id).where(Evidence.ticket_id == Ticket.id).exists()
    return select(Ticket.id).where(Ticket.jurisdiction_id == jurisdiction_id, any_evidence)


def tickets_with_evidence(session: Session, jurisdiction_id: str) -> int:
    """Return how many tickets of a place have evidence."""
    return session.scalar(select(func.count()).select_from(_with_evidence(jurisdiction_id).subquery())) or 0


def tickets_after(session: Session, jurisdiction_id: str, after_id: str | None, limit: int) -> list[str]:
    """Return the next tickets with evidence behind `after_id`."""
    query = _with_evidence(jurisdiction_id).order_by(Ticket.id).limit(limit)
    return list(session.scalars(query if after_id is None else query.where(Ticket.id > after_id)))


def known(session: Session, ticket_id: str) -> dict[str, Standing]:
    """Return finding id → how it was left, of every finding the ticket ever had."""
    columns = (Finding.id, Finding.fingerprint, Finding.reason, Finding.rules, Finding.lapsed_at)
    rows = session.execute(select(*columns).where(Finding.ticket_id == ticket_id))
    return {i: Standing(mark, (reason, name), lapsed is not None) for i, mark, reason, name, lapsed in rows}


def citing(session: Session, ticket_id: str) -> list[str]:
    """Return the other tickets with a finding that compares with this one's evidence."""
    query = select(Finding.ticket_id).where(Finding.other_ticket_id == ticket_id, Finding.ticket_id != ticket_id)
    return list(session.scalars(query.where(Finding.lapsed_at.is_(None)).distinct()))
