"""A year of 150 units, played without a database: no ticket passes its limit to sign without a chain of people told.

Calendars of duty, phones that are off, channels that are down, schedulers that sleep: whatever happens, a ticket that
stays unsigned has been told of to one person after the other, up to the station, each step in its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.publish import PROFILES
from app.reminders.due import BACKUP, ON_DUTY, ClockFact, Planned, TicketFacts, ToldFact, plan, surviving
from app.reminders.hours import hours_of

pytestmark = pytest.mark.slow

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
UNITS, TICKETS = 150, 1500
HOURS = timedelta(hours=20)
STEP = timedelta(minutes=5)
POLICIES = {
    file.stem: parse_profile(file.read_text("utf-8"), file.name) for file in sorted(Path(PROFILES).glob("*.toml"))
}


@dataclass
class Ticket:
    """One ticket on its way to a signature, and who was told of it when."""

    start: datetime
    due: datetime
    unit: int
    fired: dict[str, ToldFact] = field(default_factory=dict)
    told: list[tuple[datetime, str, bool]] = field(default_factory=list)
    signed: datetime | None = None


class World:
    """Chance, from one seed: who is reachable when, and when the scheduler was up."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.alone = {unit for unit in range(UNITS) if self.random.random() < 0.2}
        self.deaf = {unit for unit in range(UNITS) if self.random.random() < 0.15}
        self.outages = [
            (start, start + timedelta(hours=self.random.uniform(0.5, 9)))
            for start in (YEAR + timedelta(days=365 * self.random.random()) for _ in range(60))
        ]

    def next_up(self, at: datetime) -> datetime:
        """The next instant from `at` on at which a scheduler runs."""
        for begin, end in sorted(self.outages):
            at = end if begin <= at < end else at
        return at

    def people(self, unit: int, role: str) -> list[str]:
        if role == ON_DUTY:
            return [f"{unit}/A"]
        if role == BACKUP:
            return [] if unit in self.alone else [f"{unit}/B"]
        if role == "liaison":
            return [*self.people(unit, ON_DUTY), *self.people(unit, BACKUP)]
        return ["station"] if role == "station" else [f"{unit}/{role}"]

    def answers(self, person: str, unit: int) -> bool:
        """Whether the person hears of it; in a deaf unit nobody but the station ever does."""
        if person == "station":
            return False  # it calls by phone, and the chain must not hang on that
        return unit not in self.deaf and self.random.random() < 0.5


def live(world: World, policy: Policy, ticket: Ticket) -> None:
    """Let the minutes of a ticket pass until it is signed or a day past its limit."""
    ladders, hours = {one.key: one for one in policy.ladders}, hours_of(policy)
    clock = ClockFact("sign", ticket.start, ticket.due, running=True)
    at = ticket.start
    while at < ticket.due + timedelta(days=1) and ticket.signed is None:
        at = world.next_up(at)
        facts = TicketFacts(True, "u", ticket.start, (clock,), told=ticket.fired)
        items = [i for i in plan(policy.reminders, facts, at, ladders, hours) if i.rule.clock == "sign"]
        _fire(world, ticket, items, at)
        # Nothing happens before the next instant of the plan; what was just told may have brought a nearer one.
        facts = replace(facts, told=ticket.fired)
        again = plan(policy.reminders, facts, at, ladders, hours)
        coming = [i.fire_at for i in again if i.rule.clock == "sign" and i.key not in ticket.fired]
        at = max(at + STEP, min(coming, default=ticket.due + timedelta(days=1)))


def _fire(world: World, ticket: Ticket, items: list[Planned], at: datetime) -> None:
    due = [item for item in items if item.fire_at <= at and item.key not in ticket.fired]
    known = [item for item in items if item.key in ticket.fired]
    for item in due:
        roles = surviving(due, known)[item.key]
        if not roles:
            ticket.fired[item.key] = ToldFact(at, reached=True, answered=True)  # overtaken: it climbs no further
            continue
        people = list(dict.fromkeys(p for role in roles for p in world.people(ticket.unit, role)))
        heard = [person for person in people if world.answers(person, ticket.unit)]
        ticket.told += [(at, person, person in heard) for person in people]
        ticket.fired[item.key] = ToldFact(at, reached=bool(people), answered=bool(heard))
        if heard and world.random.random() < 0.7:
            ticket.signed = at + STEP


@pytest.mark.clause("A4")
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_no_ticket_runs_out_in_silence(name: str) -> None:
    policy, world = POLICIES[name], World(seed=20260101)
    span = policy.clocks["sign"].span
    length = timedelta(hours=span.hours) if span is not None and span.hours else HOURS
    late = 0
    for _ in range(TICKETS):
        start = YEAR + timedelta(minutes=world.random.randrange(365 * 24 * 60))
        ticket = Ticket(start, start + length, world.random.randrange(UNITS))
        live(world, policy, ticket)
        if ticket.signed is not None and ticket.signed <= ticket.due:
            continue
        late += 1
        told = [person for _, person, _ in ticket.told]
        assert f"{ticket.unit}/A" in told, "who is on duty was told"
        assert "station" in told, "and in the end the station"
        first = {person: at for at, person, _ in reversed(ticket.told)}
        down = any(begin < ticket.due and end > ticket.due - timedelta(hours=4) for begin, end in world.outages)
        if not down:
            # Who answers and does not sign keeps the ladder down; then the leader knows of it an hour before.
            answered = [person for at, person, heard in ticket.told if heard and at >= ticket.due - timedelta(hours=1)]
            assert first["station"] < ticket.due or answered, "in time to call by phone"
            assert first[f"{ticket.unit}/leader"] < ticket.due
            assert first[f"{ticket.unit}/A"] <= first["station"]
    assert late > 30, "the year has hard cases"


def test_who_answers_is_left_alone() -> None:
    """Nobody above is told of a ticket whose liaison answers at once and signs."""
    policy, world = POLICIES["dalad"], World(seed=1)
    ticket = Ticket(YEAR, YEAR + HOURS, 0)
    ladders, hours = {one.key: one for one in policy.ladders}, hours_of(policy)
    facts = TicketFacts(True, "u", YEAR, (ClockFact("sign", YEAR, ticket.due, running=True),))
    (first,) = [i for i in plan(policy.reminders, facts, YEAR, ladders, hours) if i.fire_at <= YEAR]
    answered = replace(facts, told={first.key: ToldFact(YEAR, reached=True, answered=True)})
    keys = {i.key for i in plan(policy.reminders, answered, YEAR, ladders, hours)}
    assert not any(key.startswith(f"{first.key}>") for key in keys)
    silent = replace(facts, told={first.key: ToldFact(YEAR, reached=True, answered=False)})
    assert f"{first.key}>1" in {i.key for i in plan(policy.reminders, silent, YEAR, ladders, hours)}
    assert world.people(0, "liaison")
