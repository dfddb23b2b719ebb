"""Figures against a recount by hand: random tickets of two jurisdictions, counted once in SQL and once in Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scenario import World
from sqlalchemy import delete

from app.ids import new_id
from app.oversight.callback.models import Callback
from app.policies.queries import latest_policy_id
from app.replies.models import Reply
from app.reports.cases import Asked
from app.reports.queries import figures, tickets_behind
from app.reports.rates import RATES, Period, month_named
from app.tickets.models import Ticket, TicketClock

NOW = datetime(2026, 10, 20, 4, tzinfo=UTC)
OCTOBER = month_named("2026-10", "Asia/Shanghai")
assert OCTOBER is not None
Counted = dict[str, dict[str, list[bool]]]


@dataclass
class Town:
    """Random tickets as rows, and the same as plain objects for the recount."""

    place: str
    units: list[str]
    tickets: list[Ticket] = field(default_factory=list)
    clocks: dict[str, list[TicketClock]] = field(default_factory=lambda: defaultdict(list))
    callbacks: dict[str, list[Callback]] = field(default_factory=lambda: defaultdict(list))
    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))


def _instant(chance: random.Random) -> datetime:
    """Some instant from September to November, often right at the edge of October."""
    edges = (OCTOBER.starts, OCTOBER.ends - timedelta(milliseconds=1), OCTOBER.ends)
    if chance.random() < 0.2:
        return chance.choice(edges)
    return datetime(2026, 9, 10, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 70))


def _maybe(chance: random.Random, share: float) -> datetime | None:
    return _instant(chance) if chance.random() < share else None


def _grow(world: World, seed: int) -> Town:
    chance = random.Random(seed)
    town = Town(world.profile, [world.units["town"].id, world.units["water"].id])
    someone = world.people["station"].id
    with world.database.read() as session:
        policy_id = latest_policy_id(session, world.profile)
    for number in range(160):
        ticket_id, unit = new_id(), chance.choice([*town.units, None])
        closed = _maybe(chance, 0.5)
        town.tickets.append(
            Ticket(
                id=ticket_id, jurisdiction_id=town.place, policy_id=policy_id, number=f"R{number}",
                title="路灯不亮", content="路灯不亮", kind="help", source="12345", priority="normal", urgency=3,
                area="某处", state="closed" if closed else "handling", state_since=NOW, unit_id=unit,
                received_at=NOW, closed_at=closed, redo_count=chance.choice([0, 0, 1, 2]),
                closed_how=chance.choice([None, "accepted", "filed"]) if closed else None,
                exempt=chance.random() < 0.2, reopened_at=_maybe(chance, 0.2), journal_length=0, journal_head="",
            )
        )  # fmt: skip
        for clock in ("sign", "feedback", "return"):
            town.clocks[ticket_id].append(
                TicketClock(
                    ticket_id=ticket_id, clock=clock, label=clock, kind="deadline", started_at=NOW,
                    due_at=_instant(chance), met_at=_maybe(chance, 0.6), stopped_at=_maybe(chance, 0.2),
                    derivation="", cite="",
                )
            )  # fmt: skip
        for _ in range(chance.choice([0, 1, 2])):
            said = chance.choice([None, "satisfied", "basically_satisfied", "dissatisfied", "not_reached"])
            town.callbacks[ticket_id].append(
                Callback(
                    id=new_id(), ticket_id=ticket_id, unit_id=unit, reached=chance.random() < 0.8, satisfaction=said,
                    solved=chance.choice([None, True, False]), reasons=[], by=someone, at=_instant(chance),
                )
            )  # fmt: skip
        if unit is not None and chance.random() < 0.4:
            back = _maybe(chance, 0.7)
            town.replies[ticket_id].append(
                Reply(
                    id=new_id(), ticket_id=ticket_id, unit_id=unit, number=1, parts={}, opinion="satisfied",
                    evidence=[], content_hash="", state=chance.choice(["sent_back", "declined"]), submitted_at=NOW,
                    submitted_by=someone, returned_at=back,
                )
            )  # fmt: skip
    with world.database.unit_of_work() as session:
        session.add_all(town.tickets)
        session.flush()
        session.add_all(
            row for kept in (town.clocks, town.callbacks, town.replies) for rows in kept.values() for row in rows
        )
        session.flush()
        session.expunge_all()
    return town


@pytest.fixture(scope="module")
def towns(shared: World) -> Iterator[list[Town]]:
    """Two jurisdictions side by side."""
    neighbour = World(shared.app, "hukou")
    found = [_grow(shared, 1), _grow(neighbour, 2)]
    yield found
    with shared.database.unit_of_work() as session:
        for model in (TicketClock, Callback, Reply, Ticket):
            session.execute(delete(model))


def _in(month: Period, instant: datetime | None) -> bool:
    return instant is not None and month.starts <= instant < month.ends


def recount(town: Town, month: Period, at: datetime) -> Counted:
    """Count as the definitions say, ticket by ticket: rate → unit → one flag a case."""
    found: Counted = defaultdict(lambda: defaultdict(list))
    for ticket in town.tickets:
        unit = ticket.unit_id
        if unit is None:
            continue
        for clock in town.clocks[ticket.id]:
            rate = {"sign": "response", "feedback": "closed"}.get(clock.clock)
            if rate is None or not _in(month, clock.due_at):
                continue
            if clock.met_at is not None:
                found[rate][unit].append(clock.met_at <= clock.due_at)
            elif clock.due_at < at and (clock.stopped_at is None or clock.stopped_at > clock.due_at):
                found[rate][unit].append(False)
        accepted = _in(month, ticket.closed_at) and ticket.closed_how in (None, "accepted")
        if accepted:
            found["once"][unit].append(ticket.redo_count == 0)
        back = any(r.state == "sent_back" and _in(month, r.returned_at) for r in town.replies[ticket.id])
        if back or _in(month, ticket.reopened_at) or accepted:
            found["redo"][unit].append(back or _in(month, ticket.reopened_at))
        _recount_answers(town, month, ticket, found)
    found["received"] = found["response"]
    return found


def _recount_answers(town: Town, month: Period, ticket: Ticket, found: Counted) -> None:
    heard = sorted(
        (c for c in town.callbacks[ticket.id] if c.reached and _in(month, c.at) and not ticket.exempt),
        key=lambda c: (c.at, c.id),
    )
    satisfied = [c for c in heard if c.satisfaction not in (None, "not_reached")]
    if satisfied:
        found["satisfaction"][str(ticket.unit_id)].append(satisfied[-1].satisfaction != "dissatisfied")
    solved = [c for c in heard if c.solved is not None]
    if solved:
        found["solved"][str(ticket.unit_id)].append(solved[-1].solved is True)


def shown(world: World, asked: Asked) -> dict[str, dict[str, tuple[int, int]]]:
    """Rate → unit → (numerator, denominator) as the product says."""
    with world.database.read() as session:
        body = figures(session, asked, list(RATES.values()))
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for unit in body["units"]:
        for figure in unit["figures"]:
            if figure["denominator"]:
                found[figure["rate"]][unit["id"]] = (figure["numerator"], figure["denominator"])
    for figure in body["total"]:
        found[figure["rate"]]["total"] = (figure["numerator"], figure["denominator"])
    return found


@pytest.mark.parametrize("which", [0, 1])
def test_every_figure_is_what_a_recount_gives(shared: World, towns: list[Town], which: int) -> None:
    town = towns[which]
    expected = recount(town, OCTOBER, NOW)
    got = shown(shared, Asked(town.place, OCTOBER, NOW))
    for rate in RATES:
        cases = {unit: (sum(flags), len(flags)) for unit, flags in expected[rate].items()}
        total = tuple(sum(figure[i] for figure in cases.values()) for i in (0, 1))
        assert got[rate] == {**cases, "total": total}, rate
        assert total[1] > 12 and 0 < total[0] < total[1], f"{rate} is tried with too little"


def test_a_figure_is_opened_to_the_very_tickets_it_counts(shared: World, towns: list[Town]) -> None:
    town = towns[0]
    expected = recount(town, OCTOBER, NOW)
    for rate in RATES:
        for unit in (None, town.units[0]):
            flags = [f for u, each in expected[rate].items() if unit in (None, u) for f in each]
            asked = Asked(town.place, OCTOBER, NOW, None if unit is None else [unit])
            with shared.database.read() as session:
                whole = tickets_behind(session, asked, rate, None, 0, 500)
                good = tickets_behind(session, asked, rate, True, 0, 500)
                bad = tickets_behind(session, asked, rate, False, 0, 3)
            assert (whole["total"], good["total"], bad["total"]) == (len(flags), sum(flags), len(flags) - sum(flags))
            assert [row["counted"] for row in whole["tickets"]] == sorted(row["counted"] for row in whole["tickets"])
            assert len(bad["tickets"]) == min(3, bad["total"])
            assert all(row["unit"]["id"] in ([unit] if unit else town.units) for row in whole["tickets"])


def test_a_month_to_come_counts_only_what_is_done(shared: World, towns: list[Town]) -> None:
    november = month_named("2026-11", "Asia/Shanghai")
    assert november is not None
    expected = recount(towns[0], november, NOW)
    got: Any = shown(shared, Asked(towns[0].place, november, NOW))
    done = [flag for flags in expected["response"].values() for flag in flags]
    assert got["response"]["total"] == (sum(done), len(done))
