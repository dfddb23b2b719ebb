"""What runs without anybody asking: the tick, and the planning of one ticket. Ids in, nothing kept in memory."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from app import clock
from app.db import Database
from app.problems import Problem
from app.reminders.firing import fire
from app.reminders.models import PlanCursor
from app.reminders.planning import REPLAN_ON
from app.reminders.queries import cursor_of, last_event_before, locked_tickets, tickets_due, unplanned
from app.reminders.replanning import replan_ticket
from app.reminders.rota import Rota
from app.tickets.models import Ticket

_log = logging.getLogger(__name__)
BATCH: Final = {"sqlite": 50, "postgresql": 200}
"""Tickets fired in one transaction: few enough that a command on SQLite waits a tenth of a second at most."""
BREATH: Final = {"sqlite": 0.025, "postgresql": 0.0}
"""Seconds between two of them: who waits for SQLite's one lock looks now and then, and would hardly find it free."""
ROUND: Final = 2000
SETTLED: Final = timedelta(minutes=2)
"""An event older than this is surely committed; a younger one may yet appear below a greater seq."""


def tick(database: Database, at: datetime) -> int:
    """Plan what no job has planned, fire every reminder due at `at`, and return how many fired.

    Everything is read from the database: it does not matter which process was down at the minute, whether Redis
    lost a planning job, or how many ticks run at once.
    """
    catch_up(database, at)
    fired, rota = 0, Rota(at)
    engine = database.engine.dialect.name
    with database.read() as session:
        waiting = tickets_due(session, at, ROUND)
    for begin in range(0, len(waiting), BATCH[engine]):
        if begin:
            time.sleep(BREATH[engine])
        fired += _fire_batch(database, waiting[begin : begin + BATCH[engine]], at, rota)
    return fired


def _fire_batch(database: Database, ticket_ids: list[str], at: datetime, rota: Rota) -> int:
    try:
        with database.unit_of_work() as session:
            return fire(session, locked_tickets(session, ticket_ids, at), at, rota)
    except Problem:
        raise
    except Exception:
        if len(ticket_ids) == 1:
            # It stays planned and is tried again at every tick; the others must not wait for its repair.
            _log.exception("reminders of ticket %s cannot fire", ticket_ids[0])
            return 0
        return sum(_fire_batch(database, [ticket_id], at, Rota(at)) for ticket_id in ticket_ids)


def catch_up(database: Database, at: datetime) -> int:
    """Plan tickets with events that no plan has seen, a round of them; return how many there were."""
    with database.read() as session:
        missed = unplanned(session, REPLAN_ON, ROUND)
    tickets = dict.fromkeys(ticket_id for _, ticket_id in missed)
    for ticket_id in tickets:
        try:
            replan(database, ticket_id, at)
        except Problem:
            raise
        except Exception:
            _log.exception("reminders of ticket %s cannot be planned", ticket_id)
    _advance(database, missed[-1][0] if len(missed) == ROUND else None, at)
    return len(tickets)


def _advance(database: Database, through: int | None, at: datetime) -> None:
    with database.read() as session:
        reached, known = last_event_before(session, through, at - SETTLED), cursor_of(session)
    if reached is None or reached < known + 1:
        return
    with database.unit_of_work() as session:
        cursor = session.get(PlanCursor, 1, with_for_update=True)
        if cursor is None:
            session.add(PlanCursor(id=1, seq=reached))
        else:
            cursor.seq = max(cursor.seq, reached)


def replan(database: Database, ticket_id: str, at: datetime | None = None) -> None:
    """Bring the reminders of one ticket into line with its state; may be run as often as one likes."""
    with database.unit_of_work() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if ticket is not None:
            replan_ticket(session, ticket, at or clock.now())
