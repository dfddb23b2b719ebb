"""Sums of the cases per unit, and the tickets behind a figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.people.masking import mask_about
from app.people.models import Unit
from app.reports.cases import CASES, Asked
from app.reports.rates import Rate, percent
from app.tickets.models import Ticket


def figures(session: Session, asked: Asked, rates: Sequence[Rate]) -> dict[str, Any]:
    """Return the rates of each unit with anything counted or still open for business, and of all of them together."""
    sums: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    known: dict[Any, list[tuple[str, int, int]]] = {}
    for rate in rates:
        count = CASES[rate.key]
        if count not in known:  # two names of one figure are counted once
            cases = count(session, asked).subquery()
            query = select(cases.c.unit_id, func.sum(cases.c.good), func.count()).group_by(cases.c.unit_id)
            known[count] = [(unit, int(good or 0), int(all_)) for unit, good, all_ in session.execute(query)]
        for unit_id, good, all_ in known[count]:
            sums[unit_id][rate.key] = (good, all_)
    units = [unit for unit in _units(session, asked) if unit.closed_at is None or unit.id in sums]
    totals = {
        rate.key: tuple(sum(figure.get(rate.key, (0, 0))[i] for figure in sums.values()) for i in (0, 1))
        for rate in rates
    }
    return {
        "units": [
            {
                "id": unit.id,
                "name": unit.name,
                "level": unit.level,
                "parent_id": unit.parent_id,
                "figures": [_figure(rate.key, *sums[unit.id].get(rate.key, (0, 0))) for rate in rates],
            }
            for unit in units
        ],
        "total": [_figure(key, good, all_) for key, (good, all_) in totals.items()],
    }


def _figure(key: str, numerator: int, denominator: int) -> dict[str, Any]:
    return {
        "rate": key, "numerator": numerator, "denominator": denominator, "percent": percent(numerator, denominator)
    }  # fmt: skip


def _units(session: Session, asked: Asked) -> list[Unit]:
    query = select(Unit).where(Unit.jurisdiction_id == asked.jurisdiction_id).order_by(Unit.level, Unit.name, Unit.id)
    if asked.units is not None:
        query = query.where(Unit.id.in_(set(asked.units)))
    return list(session.scalars(query))


def tickets_behind(
    session: Session, asked: Asked, rate: str, counted: bool | None, offset: int, limit: int
) -> dict[str, Any]:
    """Return the cases of one figure, a page of them: every ticket of the denominator, and whether it is in the
    numerator; `counted` narrows them to those that are, or are not."""
    cases = CASES[rate](session, asked).subquery()
    query = select(cases.c.ticket_id, cases.c.unit_id, cases.c.good, Ticket, Unit.name.label("unit_name"))
    query = query.join(Ticket, Ticket.id == cases.c.ticket_id).join(Unit, Unit.id == cases.c.unit_id)
    if counted is not None:
        query = query.where(cases.c.good == int(counted))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    # Tickets first that spoil the figure: whoever opens a rate asks which ones they were.
    page = query.order_by(cases.c.good, Ticket.received_at, Ticket.id).offset(offset).limit(limit)
    return {
        "total": total,
        "tickets": [
            {
                "id": ticket.id,
                "number": ticket.number,
                "title": mask_about(ticket.title, ticket.caller_name, ticket.caller_phone, ticket.caller_address),
                "state": ticket.state,
                "unit": {"id": unit_id, "name": unit},
                "received_at": clock.iso(ticket.received_at),
                "counted": bool(good),
            }
            for _, unit_id, good, ticket, unit in session.execute(page)
        ],
    }
