"""Which reminders a ticket needs, and which of several late ones is still worth sending (A4, D2.1, D3.3). Pure.

A plan is made from the ticket's present state alone, so it can be made again at any time: on every change, after an
outage, and once more in the transaction that fires. What is not in the plan any more is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from app.policies.policy import Ladder, ReminderRule
from app.reminders.hours import Hours

START: Final = "start"
LIAISON: Final = "liaison"
ON_DUTY: Final = "on_duty"
"""In `to` of a reminder: the unit's liaison on duty at that moment; A角 where the roster says nothing."""
BACKUP: Final = "backup"
"""In `to` of a reminder: the unit's other liaisons, B角 first."""
ROLES: Final = {ON_DUTY: "值班联络员", BACKUP: "其他联络员", "signer": "待审签的人", "decider": "待办理的人"}
"""Who a step may be told to beside the roles of the place; those are called as its profile calls them."""
PART_OF_LIAISONS: Final = (ON_DUTY, BACKUP)
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

    `lasting`: it runs on when no unit is answerable any more, as a promise to the caller does (H2.1d). `guard`: after
    `due_at` something can no longer be asked for, so that nobody needs to be told of it then.
    """

    clock: str
    started_at: datetime
    due_at: datetime
    running: bool
    lasting: bool = False
    guard: bool = False


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
class ToldFact:
    """A reminder that has fired: when, whether it reached anybody, and whether one of them has answered to it since.

    Answered is acknowledged, or done something on the ticket.
    """

    at: datetime
    reached: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What a plan is made from. `with_unit`: a handling unit is answerable for the ticket now; `told` by key."""

    with_unit: bool
    unit_id: str | None
    state_since: datetime
    clocks: tuple[ClockFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    told: Mapping[str, ToldFact] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder to come (or overdue).

    `key` is stable: the same step of the same run of a clock has the same key in every plan, and a clock that starts
    anew or falls due at another instant has another. `group` holds the steps of which only the latest is worth
    sending. `rank` orders steps of one instant as the schedule does. `due_at` is None for news of an event; the
    reminder means nothing before `earliest`. `nominal` is `fire_at` before quiet hours have their say. `rung` counts
    the steps up a ladder, 0 below it; `last` is the top one.
    """

    key: str
    rule: ReminderRule
    fire_at: datetime
    nominal: datetime
    group: str
    rank: int
    unit_id: str | None
    earliest: datetime
    due_at: datetime | None = None
    actor_id: str | None = None
    rung: int = 0
    last: bool = True


def plan(
    schedule: Iterable[ReminderRule],
    facts: TicketFacts,
    at: datetime,
    ladders: Mapping[str, Ladder] = MappingProxyType({}),
    hours: Hours | None = None,
) -> tuple[Planned, ...]:
    """Return every reminder that the ticket needs as things stand at `at`, the earliest first.

    Steps whose instant has passed are in it too while their clock runs: they fire late rather than never. What may not
    be sent in the quiet `hours` is moved out of them. A step of a ladder is in it once the one below has fired.
    """
    found: list[Planned] = []
    running = {c.clock: c for c in facts.clocks if c.running and (facts.with_unit or c.lasting)}
    for rank, rule in enumerate(schedule):
        if rule.event is not None:
            steps = [_news(rule, rank, event) for event in _fresh(rule.event, facts, at)]
        elif rule.clock in running and not (running[rule.clock].guard and running[rule.clock].due_at <= at):
            steps = [_step(rule, rank, running[rule.clock], facts.unit_id)]
        else:
            continue
        for step in steps:
            found.extend(awake(one, hours) for one in _again(step, at))
            found.extend(awake(one, hours) for one in _rungs(step, facts.told, ladders))
    return tuple(sorted(found, key=_order))


def following(item: Planned, at: datetime, reached: bool, ladders: Mapping[str, Ladder]) -> tuple[Planned, ...]:
    """Return what waits now that `item` was told at `at`: its next repetition, the next rung of its ladder.

    The same as the next plan has them, for who does not want to make it anew; quiet hours are applied by `awake`.
    """
    found = []
    time, ladder = _time_of(item), ladders.get(item.rule.ladder or "")
    if item.rule.repeat is not None and time < item.rule.times:
        found.append(_repetition(item, time + 1))
    if ladder is not None and item.rung < len(ladder.rungs) and not time:
        found.append(_rung(item, ladder, item.rung + 1, at, reached))
    return tuple(found)


def _time_of(item: Planned) -> int:
    return int(item.key.rpartition("*")[2]) if "*" in item.key else 0


def _repetition(item: Planned, time: int) -> Planned:
    fire_at = item.nominal + (time - _time_of(item)) * (item.rule.repeat or timedelta(0))
    return replace(item, key=f"{item.key.partition('*')[0]}*{time}", fire_at=fire_at, nominal=fire_at)


def _again(step: Planned, at: datetime) -> Iterator[Planned]:
    """Yield the step and its repetitions, as far as they are due at `at`, and the one to come."""
    yield step
    for time in range(1, step.rule.times + 1):
        coming = _repetition(step, time)
        if coming.nominal - (step.rule.repeat or timedelta(0)) > at:
            return
        yield coming


def _rung(item: Planned, ladder: Ladder, number: int, told_at: datetime, reached: bool) -> Planned:
    rung, base = ladder.rungs[number - 1], item.key.rpartition(">")[0] or item.key
    rule = replace(
        item.rule, to=rung.to, title=ladder.title, repeat=None, times=0, round_the_clock=ladder.round_the_clock
    )
    # A rung on which nobody stands is not waited on.
    fire_at = told_at + (rung.after if reached else timedelta(0))
    return replace(
        item, key=f"{base}>{number}", rule=rule, fire_at=fire_at, nominal=fire_at, group=f"{base}>", rung=number,
        last=number == len(ladder.rungs),
    )  # fmt: skip


def _rungs(step: Planned, told: Mapping[str, ToldFact], ladders: Mapping[str, Ladder]) -> Iterator[Planned]:
    """Yield the rungs above a step that have fired, and the next one, up to where somebody has answered.

    What was told above an answer is not in the plan any more: a message that waits for a retry is not sent then.
    """
    ladder = ladders.get(step.rule.ladder or "")
    below = told.get(step.key)
    if ladder is None or below is None:
        return
    for number in range(1, len(ladder.rungs) + 1):
        if below.answered:
            return
        item = _rung(step, ladder, number, below.at, below.reached)
        yield item
        if item.key not in told:
            return
        below = told[item.key]


def awake(item: Planned, hours: Hours | None) -> Planned:
    """Return the reminder moved out of the quiet hours, unless its rule alerts day and night."""
    if hours is None or item.rule.round_the_clock:
        return item
    return replace(item, fire_at=hours.move(item.fire_at, item.due_at, item.earliest))


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
            if not any(o.group == item.group and _order(o) > _order(item) and _covers(o.rule.to, role) for o in others)
        )
        for item in waiting
    }


def _covers(to: tuple[str, ...], role: str) -> bool:
    return role in to or (role in PART_OF_LIAISONS and LIAISON in to)


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")


def _order(item: Planned) -> tuple[datetime, int]:
    return (item.fire_at, item.rank)


def _step(rule: ReminderRule, rank: int, fact: ClockFact, unit_id: str | None) -> Planned:
    anchor = fact.started_at if rule.anchor == START else fact.due_at
    seconds = int(rule.offset.total_seconds())
    # Profiles count in minutes; only a hastened one (`policies.pace`) has parts of them.
    offset = f"{seconds // 60:+d}" if seconds % 60 == 0 else f"{seconds:+d}s"
    run = f"{fact.clock}@{_stamp(fact.started_at)}"
    # A clock may be shorter than the step's lead: then it is due as soon as the clock starts, never before.
    fire_at = max(anchor + rule.offset, fact.started_at)
    return Planned(
        key=f"{rule.kind}:{'+'.join(rule.to)}:{run}:{rule.anchor}{offset}@{_stamp(anchor)}",
        rule=rule,
        fire_at=fire_at,
        nominal=fire_at,
        group=run,
        rank=rank,
        unit_id=unit_id,
        earliest=fact.started_at,
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
        key=key, rule=rule, fire_at=event.at, nominal=event.at, group=key, rank=rank, unit_id=event.unit_id,
        earliest=event.at, actor_id=event.actor_id,
    )  # fmt: skip
