"""Sums of the cases per unit, and the tickets behind a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.people.masking import mask_about
from app.people.models import Unit
from app.reports.cases import CASES, Asked, Cases
from app.reports.rates import Rate, percent
from app.tickets.models import Ticket


def figures(session: Session, asked: Asked, rates: Sequence[Rate]) -> dict[str, Any]:
    """Return the rates of each unit with anything counted or still open for business, of all of them together, and of
    the whole place (全旗): that one everybody sees who sees a rate at all, since every unit's tickets are in it (D3.1).

    One statement a figure, whatever the number of units and tickets.
    """
    counted = {rate.key: _counted(session, asked, CASES[rate.key]) for rate in _once_each(rates)}
    by_rate = {rate.key: counted[_first(rates, rate)] for rate in rates}
    units = [
        unit for unit in _units(session, asked) if unit.closed_at is None or any(unit.id in c for c in by_rate.values())
    ]
    shown = {unit.id for unit in units}
    return {
        "units": [
            {
                "id": unit.id,
                "name": unit.name,
                "level": unit.level,
                "parent_id": unit.parent_id,
                "figures": [_figure(key, sums.get(unit.id, _NOTHING)) for key, sums in by_rate.items()],
            }
            for unit in units
        ],
        "total": [_figure(key, _sum(sums[u] for u in sums.keys() & shown)) for key, sums in by_rate.items()],
        "place": [_figure(key, _sum(sums.values())) for key, sums in by_rate.items()],
    }


_Sums = tuple[int, int, int]
_NOTHING: Final[_Sums] = (0, 0, 0)


def _first(rates: Sequence[Rate], rate: Rate) -> str:
    """Return the first of the rates that counts the same as this one: two names of one figure are counted once."""
    return next(each.key for each in rates if CASES[each.key] is CASES[rate.key])


def _once_each(rates: Sequence[Rate]) -> list[Rate]:
    return [rate for rate in rates if _first(rates, rate) == rate.key]


def _counted(session: Session, asked: Asked, count: Callable[[Session, Asked], Cases]) -> dict[str, _Sums]:
    """Return unit → how many are good, decided, and not decided yet; of all units of the place."""
    cases = count(session, replace(asked, units=None)).subquery()
    query = select(cases.c.unit_id, func.sum(cases.c.good), func.count(cases.c.good), func.count())
    rows = session.execute(query.group_by(cases.c.unit_id))
    return {unit: (int(good or 0), decided, all_ - decided) for unit, good, decided, all_ in rows}


def _sum(sums: Iterable[_Sums]) -> _Sums:
    listed = list(sums)
    return (sum(s[0] for s in listed), sum(s[1] for s in listed), sum(s[2] for s in listed))


def _figure(key: str, sums: _Sums) -> dict[str, Any]:
    good, decided, undecided = sums
    return {
        "rate": key, "numerator": good, "denominator": decided, "percent": percent(good, decided),
        "undecided": undecided,
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
    query = query.where(cases.c.good.is_not(None) if counted is None else cases.c.good == int(counted))
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
