"""How far a reply has come on the wire: the whole chain of signatures, who holds it now and since when (H2.2b)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from app import clock
from app.people.holders import Holders
from app.policies.policy import STATION, Policy
from app.policies.queries import policy_of
from app.replies import queries, rules
from app.replies.chain import DONE, LATER, NOW, Step, at_station, states_of, steps_of
from app.tickets import lifecycle
from app.tickets.basis import Basis

_HELD = {rules.SIGNING, rules.REVIEWING, rules.ACCEPTED}


def wire_for(session: Session, basis: Basis) -> dict[str, dict[str, Any]]:
    """Return ticket id → draft, versions, chain of signatures and the reasons that the next version has to answer.

    The chain is that of the newest version, or of the next one while the ticket is being worked on; null while no
    unit has it.
    """
    found, known = queries.wire_for(session, basis.ids, basis.filled), Holders(session, clock.now())
    for ticket_id, row in basis.rows.items():
        entry = found[ticket_id]
        latest = entry["replies"][-1] if entry["replies"] else None
        own = latest if latest and latest["unit_id"] == row.unit_id else None
        entry["chain"] = _chain(row, own, policy_of(session, row.policy_id), known) if row.unit_id else None
        entry["reasons_open"] = own["sent_back"]["reasons"] if own and own["sent_back"] else []
    return found


def _chain(row: Row[Any], own: dict[str, Any] | None, policy: Policy, known: Holders) -> dict[str, Any]:
    live = own if own and own["state"] in _HELD else None
    steps = steps_of(policy, live["finish"] if live else None)
    given = {item["role"]: item for item in live["signatures"]} if live else {}
    states = states_of(steps, given) if live else [LATER] * len(steps)
    turn = next((step for step, state in zip(steps, states, strict=True) if state == NOW), None)
    return {
        "steps": [_step(step, state, given) for step, state in zip(steps, states, strict=True)],
        "holder": _holder(row, turn, known),
        "since": clock.iso(row.signer_since or row.state_since),
    }


def _step(step: Step, state: str, given: Mapping[str, Any]) -> dict[str, Any]:
    signature = next((given[role] for role in step.roles if role in given), None) if state == DONE else None
    return {
        "roles": list(step.roles),
        "label": step.label,
        "cite": step.cite,
        "state": state,
        "by": signature and signature["by"],
        "acting_for": signature and signature["acting_for"],
        "at": signature and signature["at"],
    }


def _holder(row: Row[Any], turn: Step | None, known: Holders) -> dict[str, str] | None:
    """Return who has to act on the ticket now, by name where one person or a few can be meant."""
    role = lifecycle.holder_role(row.state)
    if role is None:
        return None
    if turn is None:
        return {"role": role, "name": row.handler or row.unit or ""}
    role = STATION if at_station(turn) else turn.roles[0]
    return {"role": role, "name": known.names(row.unit_id, turn.roles) or turn.label}
