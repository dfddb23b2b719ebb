"""Commands on evidence: one function per verb, and the server's own step when the bytes are all here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, load_only

from app import clock
from app.clock import Moment
from app.evidence import lifecycle, media, phases, position, schemas
from app.evidence.checks import OpenCheck, room
from app.evidence.models import Evidence
from app.journal.record import Subject, record
from app.people.permissions import STATION, SUPERVISOR, Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case
from app.tickets.models import Ticket

_KNOWN = select(Evidence.id).where(Evidence.id == bindparam("id"))
_SEALED = ("ticket_id", "kind", "phase", "sha256", "size", "media_type", "source", "captured_at")


def declare(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Seal a file at capture: from now on only bytes with this hash are accepted for it (A3, D5.2).

    Declaring the same again changes nothing. Raises `Problem` `id_taken` when the id stands for something else, and
    `evidence_phase_of_supervisor` for the phase of a field check.
    """
    case = _case_for(session, actor, args, at)
    if session.scalar(_KNOWN, {"id": args["evidence_id"]}):
        known = session.get_one(Evidence, args["evidence_id"])
        if any(getattr(known, name) != args[name] for name in _SEALED):
            raise Problem("id_taken")
        return
    require(media.judge_declaration(args["kind"], args["media_type"], args["size"]))
    row = Evidence(
        id=args["evidence_id"],
        unit_id=_whose(case) if isinstance(case, Case) else case.unit_id,
        duration_s=args["duration_s"],
        note=args["note"] or "",
        state=lifecycle.DECLARED,
        received_bytes=0,
        declared_by=actor.person_id,
        declared_at=at.received,
        case_id=args["case_id"],
        issued_at=at.issued,
        device_id=actor.device_id,
        **{name: args[name] for name in _SEALED},
        **_position(args["position"]),
    )
    session.add(row)
    sealed = {name: args[name] for name in _SEALED if name not in ("ticket_id", "captured_at")}
    where = [row.latitude, row.longitude, row.accuracy_m, row.datum] if row.datum else None
    fixes = {name: value for name, value in position.sampled(args["position"]).items() if value is not None}
    told = {"captured_at": clock.iso(row.captured_at), "position": where, "device_id": row.device_id, **fixes}
    # With the instant of the event itself this is the bracket in which the file was sealed.
    told["issued_at"] = clock.iso(row.issued_at) if row.issued_at else None
    name = "inspection.photo_declared" if row.case_id else "evidence.declared"
    case.record(name, {"evidence_id": row.id, **sealed, **told})


def _case_for(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> Case | OpenCheck:
    """Open the ticket for its unit, or for a supervisor the spot check on it: then nothing is written on the ticket."""
    # Which door it goes through, not yet what is asked for: the gate has not been asked.
    if args.get("case_id") is None:
        case = open_case(session, actor, "evidence.declare", args["ticket_id"], at)
        require(phases.judge(args["phase"]))
        return case
    check = room().open(session, actor, args["case_id"], at)
    if check.ticket.id != args["ticket_id"]:
        raise Problem("ticket_not_found")
    return check


def _whose(case: Case) -> str | None:
    """Return the unit whose evidence this is: the one that works or helps; station and supervisors have their own."""
    return min(case.actor.units(case.role)) if case.role in (STATION, SUPERVISOR) else case.unit_id


def _position(claim: dict[str, Any] | None) -> dict[str, Any]:
    """Return the position's columns, with the datum the phone reported kept beside."""
    datum = {"datum": claim["datum"] if claim else None}
    return position.columns(claim) | position.sampled(claim) | datum


def withdraw(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take evidence back before it is used; row, file and journal stay, it only no longer counts.

    An original that has not arrived yet still does: whoever checks can see what was taken back.
    """
    case = open_case(session, actor, "evidence.withdraw", args["ticket_id"], at)
    row = session.get(Evidence, args["evidence_id"])
    if row is None or row.ticket_id != case.ticket.id or row.unit_id != case.unit_id:
        raise Problem("evidence_not_found")
    if lifecycle.is_withdrawn(row.state):
        return
    row.state = lifecycle.WITHDRAWN
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at.received, actor.person_id, args["reason"]
    case.record(
        "evidence.withdrawn", {"evidence_id": row.id, "sha256": row.sha256, "reason": args["reason"]} | what(row)
    )


def receive(session: Session, actor: Actor, evidence_id: str, at: Moment) -> None:
    """Note that the whole file is in the store; the caller has compared its hash. Safe to call again."""
    row, chain = locked(session, evidence_id)
    if not lifecycle.awaits_bytes(row.state, row.received_at is not None):
        return
    row.state = lifecycle.when_arrived(row.state)
    row.received_bytes, row.received_at = row.size, at.received
    payload = {"ticket_id": row.ticket_id, "size": row.size}
    note(session, row, chain, "received", payload, at, by=actor)


def note(
    session: Session,
    row: Evidence,
    chain: Subject,
    verb: str,
    payload: dict[str, Any],
    at: Moment,
    by: Actor | None = None,
) -> None:
    """Write what happened to evidence on the chain that `locked` gave; phones hear of it when that is the ticket's."""
    body = {"evidence_id": row.id, "sha256": row.sha256, **what(row), **payload}
    if isinstance(chain, Ticket):
        record(session, chain, f"evidence.{verb}", body, at, by=by)
        chain.version += 1
    else:
        record(session, chain, f"inspection.photo_{verb}", body | {"case_id": row.case_id}, at, by=by)


def note_progress(session: Session, evidence_id: str, offset: int) -> None:
    """Note how many bytes of an unfinished upload are here; no event, no new version: it is a hint for the screens."""
    unfinished = (Evidence.id == evidence_id, Evidence.state == lifecycle.DECLARED)
    session.execute(update(Evidence).where(*unfinished).values(received_bytes=offset))


def what(row: Evidence) -> dict[str, str]:
    """Return what every event about evidence carries, so that a timeline can say 办理前照片 without looking it up."""
    return {"phase": row.phase, "kind": row.kind}


# Only what recording an event needs: the rest of a ticket is read when it is looked at.
_TICKET_OF = (
    select(Ticket)
    .where(Ticket.id == select(Evidence.ticket_id).where(Evidence.id == bindparam("evidence_id")).scalar_subquery())
    .options(load_only(Ticket.version, Ticket.journal_length, Ticket.journal_head))
    .with_for_update()
)


def locked(session: Session, evidence_id: str) -> tuple[Evidence, Subject]:
    """Return the evidence and where its events stand, both locked, the chain first as every command does.

    That is the ticket, and for a supervisor's photo the check it was taken in.
    """
    case_id = session.scalar(select(Evidence.case_id).where(Evidence.id == evidence_id))
    if case_id is not None:
        chain = room().chain(session, case_id)
        return session.get_one(Evidence, evidence_id, with_for_update=True), chain
    ticket = session.scalars(_TICKET_OF, {"evidence_id": evidence_id}).one()
    return session.get_one(Evidence, evidence_id, with_for_update=True), ticket


COMMANDS = {
    "evidence.declare": (schemas.EvidenceDeclare, declare),
    "evidence.withdraw": (schemas.EvidenceWithdraw, withdraw),
}
