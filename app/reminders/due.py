"""Which reminders a ticket needs, and which of several late ones is still worth sending (A4, D2.1, D3.3). Pure.

A plan is made from the ticket's present state alone, so it can be made again at any time: on every change, after an
outage, and once more in the transaction that fires. What is not in the plan any more is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.policies.policy import ReminderRule

START: Final = "start"
EVENT_LIFE: Final = timedelta(days=7)
"""An event older than this reminds nobody: a rule added to a profile must not dig up last year's events."""

MOVES: Final = frozenset(
    {
        "ticket.dispatched",
        "ticket.reassigned",
        "ticket.signed",
        "reply.submitted",
        "reply.passed_on",
        "reply.signed_off",
        "reply.declined",
        "review.accepted",
        "review.sent_back",
        "review.reopened",
        "ticket.answered_directly",
        "ticket.suspended",
        "ticket.resumed",
    }
)
"""Events that put the ticket into another state: news of one is stale as soon as the ticket has moved on."""


@dataclass(frozen=True, slots=True)
class ClockFact:
    """One clock of the ticket; `running` while it is neither met nor stopped.

    `lasting`: it runs on when no unit is answerable any more, as a promise to the caller does (H2.1d).
    """

    clock: str
    started_at: datetime
    due_at: datetime
    running: bool
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class EventFact:
    """One event of the ticket's journal.

    `unit_id` is the unit that had the ticket then; `topic` the request it is about, so that a later event on the
    same one makes it stale.
    """

    name: str
    seq: int
    at: datetime
    actor_id: str | None
    unit_id: str | None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What a plan is made from. `with_unit`: a handling unit is answerable for the ticket now."""

    with_unit: bool
    unit_id: str | None
    state_since: datetime
    clocks: tuple[ClockFact, ...] = ()
    events: tuple[EventFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder to come (or overdue).

    `key` is stable: the same step of the same run of a clock has the same key in every plan, and a clock that starts
    anew or falls due at another instant has another. `group` holds the steps of which only the latest is worth
    sending. `rank` orders steps of one instant as the schedule does. `due_at` is None for news of an event.
    """

    key: str
    rule: ReminderRule
    fire_at: datetime
    group: str
    rank: int
    unit_id: str | None
    due_at: datetime | None = None
    actor_id: str | None = None


def plan(schedule: Iterable[ReminderRule], facts: TicketFacts, at: datetime) -> tuple[Planned, ...]:
    """Return every reminder that the ticket needs as things stand at `at`, the earliest first.

    Steps whose instant has passed are in it too while their clock runs: they fire late rather than never.
    """
    found: list[Planned] = []
    running = {c.clock: c for c in facts.clocks if c.running and (facts.with_unit or c.lasting)}
    for rank, rule in enumerate(schedule):
        if rule.event is not None:
            found.extend(_news(rule, rank, event) for event in _fresh(rule.event, facts, at))
        elif rule.clock in running:
            found.append(_step(rule, rank, running[rule.clock], facts.unit_id))
    return tuple(sorted(found, key=_order))


def surviving(items: Iterable[Planned], told: Iterable[Planned] = ()) -> Mapping[str, tuple[str, ...]]:
    """Return key → roles that are still to be told, for reminders that are all due now.

    Of several due steps of one clock a role gets the latest only: after hours of outage nobody is flooded with steps
    that a later one has overtaken. `told` are steps already fired, which overtake earlier ones as well. A key with no
    roles left is superseded.
    """
    waiting = list(items)
    others = [*waiting, *told]
    return {
        item.key: tuple(
            role
            for role in item.rule.to
            if not any(o.group == item.group and _order(o) > _order(item) and role in o.rule.to for o in others)
        )
        for item in waiting
    }


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")


def _order(item: Planned) -> tuple[datetime, int]:
    return (item.fire_at, item.rank)


def _step(rule: ReminderRule, rank: int, fact: ClockFact, unit_id: str | None) -> Planned:
    anchor = fact.started_at if rule.anchor == START else fact.due_at
    minutes = int(rule.offset.total_seconds() // 60)
    run = f"{fact.clock}@{_stamp(fact.started_at)}"
    return Planned(
        key=f"{rule.kind}:{'+'.join(rule.to)}:{run}:{rule.anchor}{minutes:+d}@{_stamp(anchor)}",
        rule=rule,
        # A clock may be shorter than the step's lead: then it is due as soon as the clock starts, never before.
        fire_at=max(anchor + rule.offset, fact.started_at),
        group=run,
        rank=rank,
        unit_id=unit_id,
        due_at=fact.due_at,
    )


def _fresh(name: str, facts: TicketFacts, at: datetime) -> Iterable[EventFact]:
    for event in facts.events:
        if event.name != name or event.at <= at - EVENT_LIFE:
            continue
        moved_on = name in MOVES and facts.state_since > event.at
        answered = event.topic is not None and any(e.topic == event.topic and e.seq > event.seq for e in facts.events)
        if not moved_on and not answered:
            yield event


def _news(rule: ReminderRule, rank: int, event: EventFact) -> Planned:
    key = f"{rule.kind}:{'+'.join(rule.to)}:{event.name}#{event.seq}"
    return Planned(
        key=key, rule=rule, fire_at=event.at, group=key, rank=rank, unit_id=event.unit_id, actor_id=event.actor_id
    )
