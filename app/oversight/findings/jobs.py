"""Looking at a ticket's evidence, and noting what is doubtful: idempotent, and never a change to the ticket itself.

Findings have chains of their own; the ticket's chain, its version and its unit's screens show nothing of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.clock import Moment
from app.db import Database
from app.evidence.measuring import measure_ticket
from app.evidence.storage import EvidenceStore
from app.ids import new_id
from app.journal import tasks
from app.journal.record import record
from app.oversight.findings import settling
from app.oversight.findings.fact_queries import Likes, facts_of, likes_of
from app.oversight.findings.facts import Facts, Found
from app.oversight.findings.models import Finding, FindingRun
from app.oversight.findings.queries import (
    citing,
    known,
    last_run,
    places,
    rules_of,
    tickets_after,
    tickets_with_evidence,
)
from app.oversight.findings.rules import SEVERITIES, detect, fingerprint, key, rules_id
from app.people.models import Jurisdiction
from app.policies.policy import Policy
from app.tickets.models import Ticket

LOOK: Final = "findings"
LOOK_BACK: Final = "findings_back"
"""The same look at a ticket that another one touches: it asks for no further ones, so that it comes to an end."""
RECOMPUTE: Final = "findings_again"
BATCH: Final = 20
AT_ONCE: Final = 20.0
"""Seconds of work on a run in one job."""
_SPACE: Final = UUID("6f0d1c1e-5a0b-4c43-9d8e-3f3a6c8a7b21")


def look(database: Database, store: EvidenceStore, ticket_id: str, at: datetime, back: bool = False) -> bool:
    """Find what is doubtful about a ticket's evidence; return whether anything came out otherwise than before.

    With `back`, tickets that share a picture or a sound with this one are not looked at again.
    """
    measure_ticket(database, store, ticket_id, at)
    with database.read() as session:
        likes = likes_of(session, store, ticket_id)
        seen = _seen(session, ticket_id, likes)
        if seen is None:
            return False
        ticket, policy, facts = seen
        changed = bool(_settled(session, ticket, policy, facts)[1])
        touched = [] if back else _touched(session, facts)
    if changed:
        with database.unit_of_work() as session:
            _settle(session, ticket_id, likes, at)
    if touched:
        with database.unit_of_work() as session:
            tasks.ask(session, [(LOOK_BACK, other) for other in touched], at)
    return changed


def _seen(session: Session, ticket_id: str, likes: Likes) -> tuple[Ticket, Policy, Facts] | None:
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    policy = rules_of(session, ticket.jurisdiction_id)
    return ticket, policy, facts_of(session, ticket, policy, likes)


def _touched(session: Session, facts: Facts) -> list[str]:
    """Return the tickets whose own findings may depend on this one's evidence."""
    return sorted({match.ticket_id for match in facts.matches} | set(citing(session, facts.ticket_id)))


def _settled(
    session: Session, ticket: Ticket, policy: Policy, facts: Facts
) -> tuple[dict[str, Found], dict[str, str], str]:
    """Return what is found now by id, what happened to which finding, and the name of the rules."""
    rules = rules_id(policy.findings)
    found = {finding_id(ticket.id, one): one for one in detect(facts, policy.findings)}
    standing = {i: settling.Standing(fingerprint(one), (one.reason, rules)) for i, one in found.items()}
    return found, settling.settle(known(session, ticket.id), standing), rules


def finding_id(ticket_id: str, found: Found) -> str:
    """Return the id of a finding: the same for the same evidence, kind and comparison."""
    return str(uuid5(_SPACE, key(ticket_id, found)))


def _settle(session: Session, ticket_id: str, likes: Likes, at: datetime) -> None:
    """Write what happened; the ticket is locked, so that two workers do not find the same twice."""
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    seen = _seen(session, ticket_id, likes)
    assert seen is not None
    found, happened, rules = _settled(session, *seen)
    units = {item.id: item for item in seen[2].items}
    for identity, what in happened.items():
        if what == settling.RAISED:
            row = _new(identity, ticket, found[identity], at)
            row.unit_id = units[found[identity].evidence_id].unit_id or ticket.unit_id
            session.add(row)
        else:
            row = session.get_one(Finding, identity)
        _apply(row, found.get(identity), what, rules, at)
        if what != settling.RENEWED:
            record(session, row, f"finding.{what}", _told(row), Moment.of_server(at))
    session.flush()


def _new(identity: str, ticket: Ticket, found: Found, at: datetime) -> Finding:
    return Finding(
        id=identity,
        jurisdiction_id=ticket.jurisdiction_id,
        ticket_id=ticket.id,
        evidence_id=found.evidence_id,
        other_ticket_id=found.other_ticket_id,
        other_evidence_id=found.other_evidence_id,
        kind=found.kind,
        raised_at=at,
        journal_length=0,
        journal_head="",
    )


def _apply(row: Finding, found: Found | None, what: str, rules: str, at: datetime) -> None:
    row.changed_at = at
    if found is None:
        row.lapsed_at = at
        return
    row.lapsed_at = None
    if what == settling.CHANGED:
        # It rests on other facts now: what was said of it was said of something else.
        row.dismissed_at = row.dismissed_by = row.dismissed_reason = None
    row.severity, row.severity_rank = found.severity, SEVERITIES.index(found.severity)
    row.reason, row.facts, row.fingerprint, row.rules = found.reason, dict(found.facts), fingerprint(found), rules


def _told(row: Finding) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        name: getattr(row, name)
        for name in ("ticket_id", "evidence_id", "other_ticket_id", "kind", "severity", "reason", "rules")
    }
    return dict(told)


def begin_due(database: Database, at: datetime) -> list[str]:
    """Ask for a look at every ticket of each place whose rules are others than at the last look; return the runs."""
    with database.read() as session:
        stale = [place for place in places(session) if _stale(session, place)]
    return [run for place in stale if (run := _begin(database, place, at)) is not None]


def _stale(session: Session, jurisdiction_id: str) -> bool:
    last = last_run(session, jurisdiction_id)
    return last is None or last.rules != rules_id(rules_of(session, jurisdiction_id).findings)


def _begin(database: Database, jurisdiction_id: str, at: datetime) -> str | None:
    with database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, jurisdiction_id, with_for_update=True)
        if not _stale(session, place.id):
            return None
        rules = rules_id(rules_of(session, place.id).findings)
        total = tickets_with_evidence(session, place.id)
        run = FindingRun(id=new_id(), jurisdiction_id=place.id, rules=rules, asked_at=at, total=total)
        run.done = run.changed = 0
        session.add(run)
        tasks.ask(session, [(RECOMPUTE, run.id)], at)
        record(session, place, "findings.recompute", {"run_id": run.id, "rules": rules}, Moment.of_server(at))
        return run.id


def recompute(database: Database, store: EvidenceStore, run_id: str, at: datetime) -> None:
    """Go on with a run; what a batch has done is kept when the next one fails.

    A job has little time and a run may take hours: after `AT_ONCE` seconds it asks for its own next part.
    """
    began = time.monotonic()
    while (ids := _next(database, run_id)) is not None:
        changed = sum(look(database, store, ticket_id, at, back=True) for ticket_id in ids)
        _progress(database, run_id, ids, changed, at)
        if time.monotonic() - began > AT_ONCE:
            with database.unit_of_work() as session:
                tasks.ask(session, [(RECOMPUTE, run_id)], at)
            return


def _next(database: Database, run_id: str) -> list[str] | None:
    with database.read() as session:
        run = session.get(FindingRun, run_id)
        if run is None or run.finished_at is not None:
            return None
        return tickets_after(session, run.jurisdiction_id, run.after_id, BATCH)


def _progress(database: Database, run_id: str, ids: Iterable[str], changed: int, at: datetime) -> None:
    looked_at = list(ids)
    with database.unit_of_work() as session:
        run = session.get_one(FindingRun, run_id, with_for_update=True)
        run.done, run.changed = run.done + len(looked_at), run.changed + changed
        run.after_id = looked_at[-1] if looked_at else run.after_id
        if len(looked_at) < BATCH:
            run.finished_at, run.failed_at, run.total = at, None, run.done


def give_up(database: Database, run_id: str, at: datetime) -> None:
    """Note that a run was given up."""
    with database.unit_of_work() as session:
        run = session.get(FindingRun, run_id)
        if run is not None and run.finished_at is None:
            run.failed_at = at
