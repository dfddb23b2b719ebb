"""What an answer costs the database: counted in statements, which do not depend on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scenario import World, later
from sqlalchemy import event

from app.ids import new_id
from app.sync import snapshot

MOST = 12


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """Yield a list that fills with the SELECTs the server makes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = world.app.extensions["doorstep.db"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def worked_on(world: World) -> str:
    """Return a ticket that a unit has signed for and called about, as most on a phone are."""
    ticket_id = world.dispatched()
    world.liaison.do("ticket.sign", ticket_id)
    world.liaison.do(
        "contact.record", ticket_id, contact_id=new_id(), purpose="first", to="caller", channel="phone",
        outcome="reached", started_at=later(), duration_s=60, note="已联系", evidence_ids=[],
    )  # fmt: skip
    return ticket_id


def test_an_ordinary_ticket_is_shown_whole_with_a_dozen_statements(shared: World) -> None:
    ticket_id = worked_on(shared)
    with counted(shared) as seen, shared.app.extensions["doorstep.db"].read() as session:
        [shown] = snapshot.whole(session, [ticket_id])
    assert shown["detail"]["contacts"] and shown["detail"]["assignments"] and shown["clocks"]
    assert len(seen) <= MOST, "\n".join(seen)


def test_a_page_of_tickets_costs_no_more_than_one(shared: World) -> None:
    ids = [worked_on(shared) for _ in range(3)]
    with counted(shared) as seen, shared.app.extensions["doorstep.db"].read() as session:
        shown = snapshot.whole(session, ids)
    assert [ticket["id"] for ticket in shown] == ids
    assert len(seen) <= MOST, "\n".join(seen)
