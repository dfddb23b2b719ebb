"""Asking for a bundle; a worker makes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.bundles import lifecycle, queries, schemas
from app.bundles.models import Bundle
from app.clock import Moment
from app.people.permissions import Actor
from app.problems import Problem
from app.tickets.case import open_case
from app.tickets.reveal import reveal

UNMASKED_PER_HOUR = 20
"""How often one person may have the caller's data shown, bundles and single looks together, before this door shuts."""


def make(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Have the ticket's evidence bundle made: who asked and why stands in the journal and in the bundle (A3, K3.10).

    With `unmasked` it shows the caller's data: that is a look at them like any other, journalled and counted.
    Raises `Problem` `bundle_under_way`, `id_taken`, and what `tickets.reveal` raises.
    """
    case = open_case(session, actor, "bundle.make", args["ticket_id"], at)
    known = session.get(Bundle, args["bundle_id"])
    if known is not None:
        raise Problem("id_taken")
    if queries.under_way(session, case.ticket.id):
        raise Problem("bundle_under_way")
    if args["unmasked"]:
        reveal(session, actor, case.ticket.id, f"导出证据包：{args['reason']}", UNMASKED_PER_HOUR, at)
    session.add(
        Bundle(
            id=args["bundle_id"], ticket_id=case.ticket.id, asked_by=actor.person_id, asked_at=at.received,
            reason=args["reason"], unmasked=args["unmasked"], state=lifecycle.WAITING, done=0, total=0,
        )
    )  # fmt: skip
    payload = {"bundle_id": args["bundle_id"], "reason": args["reason"], "unmasked": args["unmasked"]}
    case.record("bundle.asked", payload)


COMMANDS = {"bundle.make": (schemas.BundleMake, make)}
