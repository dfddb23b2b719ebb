"""Commands on turns that change hands between colleagues: asked, agreed or declined, withdrawn (换班)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment, local_text
from app.people import permissions
from app.people.models import Unit
from app.people.permissions import Actor
from app.people.roster.changes import handed
from app.people.roster.duty import FURTHEST, called, require_here, require_single, rewrite, zone_of
from app.people.roster.lifecycle import AGREED, ASKED, DECLINED, LABELS, WITHDRAWN
from app.people.roster.models import DutySwap
from app.people.roster.queries import open_swap, staff_of
from app.people.roster.rules import A, Staff, Turn, answer, day_at, day_said, span_of
from app.people.subjects import employed, note, unit_of
from app.problems import Problem, require


def ask(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask a colleague of the unit to take one's duty of a day, or to exchange it for one of theirs.

    Nothing changes before the colleague agrees. Raises `Problem` `not_permitted`, `unit_not_found`,
    `person_not_found`, `person_disabled`, `id_taken`, `swap_invalid` (oneself, no colleague, twice the same day),
    `swap_past`, `duty_far`, `swap_asked_already`, `swap_not_yours`, `swap_not_theirs`, `duty_away`.
    """
    unit, colleague = unit_of(session, actor, args["unit_id"]), employed(session, actor, args["colleague"])
    require(permissions.judge(actor, "swap.ask", unit.jurisdiction_id, unit.id, "申请换班"))
    if session.get(DutySwap, args["swap_id"]) is not None:
        raise Problem("id_taken")
    if colleague.id == actor.person_id or args["day"] == args["return_day"]:
        raise Problem("swap_invalid")
    row = DutySwap(
        id=args["swap_id"], unit_id=unit.id, asker_id=actor.person_id, colleague_id=colleague.id, day=args["day"],
        return_day=args["return_day"], note=args["note"], state=ASKED, asked_at=at.received, answer="",
    )  # fmt: skip
    for day in _days(row):
        waiting = open_swap(session, unit.id, actor.person_id, day)
        if waiting is not None:
            raise Problem("swap_asked_already", day=day_said(day), name=called(session, [waiting.colleague_id]))
    zone = zone_of(session, actor)
    _exchanged(session, row, zone, at)
    session.add(row)
    session.flush()
    note(session, actor, "swap.asked", _payload(session, row, unit) | {"note": row.note}, at)


def reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Agree, and the turns change hands; or decline, and nothing does. Only who was asked answers, and only once.

    Raises `Problem` `swap_not_found`, `not_permitted`, `swap_settled`; on agreeing also `swap_past`, `swap_stale`
    when the roster has changed since so that it no longer fits, `duty_away`, `duty_double`.
    """
    row, unit = _swap(session, actor, args["swap_id"])
    require(permissions.judge(actor, "swap.answer", unit.jurisdiction_id, unit.id, "答复换班"))
    if row.colleague_id != actor.person_id:
        raise Problem("swap_not_asked", name=called(session, [row.colleague_id]))
    zone = zone_of(session, actor)
    _require_open(session, row, zone)
    if args["accept"]:
        try:
            changed = _exchanged(session, row, zone, at)
        except Problem as problem:
            if problem.code in ("swap_not_yours", "swap_not_theirs", "swap_invalid"):
                raise Problem("swap_stale") from problem
            raise
        for start, end, turns in changed:
            rewrite(session, unit.id, start, end, turns)
    _settle(row, AGREED if args["accept"] else DECLINED, at)
    row.answer = args["note"]
    name = "swap.agreed" if args["accept"] else "swap.declined"
    note(session, actor, name, _payload(session, row, unit) | {"note": row.answer}, at)


def withdraw(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take back one's request while it waits for an answer.

    Raises `Problem` `swap_not_found`, `not_permitted`, `swap_settled`.
    """
    row, unit = _swap(session, actor, args["swap_id"])
    require(permissions.judge(actor, "swap.withdraw", unit.jurisdiction_id, unit.id, "撤回换班"))
    if row.asker_id != actor.person_id:
        raise Problem("swap_not_asked", name=called(session, [row.asker_id]))
    _require_open(session, row, zone_of(session, actor))
    _settle(row, WITHDRAWN, at)
    note(session, actor, "swap.withdrawn", _payload(session, row, unit), at)


def is_open(row: DutySwap) -> bool:
    """Return whether nobody has answered or withdrawn it."""
    return row.state == ASKED


def _swap(session: Session, actor: Actor, swap_id: str) -> tuple[DutySwap, Unit]:
    """Return the request and its unit, both locked, the unit first as everywhere."""
    found = session.get(DutySwap, swap_id)
    if found is None:
        raise Problem("swap_not_found")
    try:
        unit = unit_of(session, actor, found.unit_id)
    except Problem as problem:
        raise Problem("swap_not_found") from problem
    session.refresh(found, with_for_update=True)
    return found, unit


def _require_open(session: Session, row: DutySwap, zone: str) -> None:
    if row.state != ASKED:
        who = row.asker_id if row.state == WITHDRAWN else row.colleague_id
        when = local_text(row.settled_at, zone) if row.settled_at else "—"
        raise Problem("swap_settled", state=LABELS[row.state], name=called(session, [who]), at=when)


def _settle(row: DutySwap, state: str, at: Moment) -> None:
    row.state, row.settled_at = state, at.received


def _exchanged(
    session: Session, row: DutySwap, zone: str, at: Moment
) -> list[tuple[datetime, datetime, Sequence[Turn]]]:
    """Return the turns of each day concerned as they would be after the exchange.

    Raises `Problem` when it cannot be: a day that is over, one that is not theirs to give, somebody on leave.
    """
    found: list[tuple[datetime, datetime, Sequence[Turn]]] = []
    pairs = [(row.day, row.asker_id, row.colleague_id, "swap_not_yours")]
    if row.return_day is not None:
        pairs.append((row.return_day, row.colleague_id, row.asker_id, "swap_not_theirs"))
    for day, giver, taker, refusal in pairs:
        if day < day_at(at.received, zone):
            raise Problem("swap_past", day=day_said(day))
        start, end = span_of(day, zone)
        if end > at.received + FURTHEST:
            raise Problem("duty_far")
        start = max(start, at.received)
        staff = staff_of(session, [row.unit_id], start, end, at.received)[row.unit_id]
        if not {giver, taker} <= {member.person_id for member in staff.members}:
            raise Problem("swap_invalid")
        turns = _given(staff, giver, taker, start, end)
        if turns is None:
            raise Problem(refusal, day=day_said(day), name=called(session, [giver]))
        require_here(session, staff, [taker], start, end, zone)
        require_single(session, turns, start, end)
        found.append((start, end, turns))
    return found


def _given(staff: Staff, giver: str, taker: str, start: datetime, end: datetime) -> list[Turn] | None:
    """Return the turns once the taker has the giver's; None when the giver has none.

    Where the roster says nothing A角 is on duty by role and gives that.
    """
    turns = handed(staff.turns, giver, taker, start, end)
    if turns is None and not staff.turns and giver in answer(staff, start).first:
        turns = [Turn(taker, A, start, end)]
    return turns


def _days(row: DutySwap) -> list[date]:
    return [row.day] if row.return_day is None else [row.day, row.return_day]


def _payload(session: Session, row: DutySwap, unit: Unit) -> dict[str, Any]:
    return {
        "swap_id": row.id,
        "unit_id": unit.id,
        "unit": unit.name,
        "asker_id": row.asker_id,
        "asker": called(session, [row.asker_id]),
        "colleague_id": row.colleague_id,
        "colleague": called(session, [row.colleague_id]),
        "day": row.day.isoformat(),
        "return_day": row.return_day.isoformat() if row.return_day else None,
    }
