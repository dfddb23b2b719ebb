"""The plan of a ticket, to the millisecond, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.policies.parse import parse_profile
from app.policies.policy import Policy, ReminderRule
from app.policies.publish import PROFILES
from app.reminders.due import EVENT_LIFE, MOVES, ClockFact, EventFact, TicketFacts, plan, surviving
from app.reminders.fact_queries import PASSING, WAITS
from app.reminders.planning import REPLAN_ON
from app.reminders.wording import body, headline, span_text, time_left
from app.tickets.lifecycle import TRANSITIONS

START = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
DUE = START + timedelta(hours=20)
MS = timedelta(milliseconds=1)


def _profiles() -> list[Policy]:
    return [
        parse_profile(Path(file).read_text(encoding="utf-8"), file.name) for file in sorted(PROFILES.glob("*.toml"))
    ]


DALAD = next(p for p in _profiles() if p.profile == "dalad")


def _facts(running: bool = True, start: datetime = START, due: datetime = DUE, **more: object) -> TicketFacts:
    clocks = (ClockFact("sign", start, due, running),)
    return TicketFacts(**{"with_unit": True, "unit_id": "u", "state_since": start, "clocks": clocks} | more)  # type: ignore[arg-type]


def _step(anchor: str, minutes: int, *to: str, kind: str = "sign_due") -> ReminderRule:
    return ReminderRule(
        kind=kind, to=to or ("liaison",), title="{number} {due}", clock="sign", anchor=anchor,
        offset=timedelta(minutes=minutes), cite="x",
    )  # fmt: skip


def _news(event: str) -> ReminderRule:
    return ReminderRule(kind="news", to=("liaison",), title="{number}", event=event, cite="x")


def test_the_schedule_of_dalad_for_a_fresh_ticket() -> None:
    found = [(p.rule.kind, p.fire_at - START, p.rule.to) for p in plan(DALAD.reminders, _facts(), START)]
    hours = timedelta(hours=1)
    assert found == [
        ("new_ticket", 0 * hours, ("on_duty",)),
        ("sign_due", 10 * hours, ("on_duty",)),
        ("sign_due", 16 * hours, ("on_duty",)),
        ("sign_due", 19 * hours, ("liaison", "leader")),
        ("sign_overdue", 20 * hours, ("liaison", "leader", "station")),
    ]


def test_a_plan_is_the_same_however_often_it_is_made() -> None:
    early = plan(DALAD.reminders, _facts(), START)
    late = plan(DALAD.reminders, _facts(), DUE + timedelta(days=2))
    assert early == tuple(item for item in late if "*" not in item.key)
    again = [item.fire_at - DUE for item in late if "*" in item.key]
    assert again == [timedelta(hours=2 * time) for time in range(1, 7)], "overdue is said again, six times"
    assert len({p.key for p in late}) == len(late)
    assert max(len(p.key) for p in late) < 180, "room for the rungs of a ladder"


@pytest.mark.parametrize("facts", [_facts(running=False), _facts(with_unit=False), _facts(clocks=())])
def test_nothing_is_planned_for_a_clock_that_does_not_run(facts: TicketFacts) -> None:
    assert plan(DALAD.reminders, facts, START) == ()


def test_a_clock_that_starts_anew_has_other_keys() -> None:
    before = {p.key for p in plan(DALAD.reminders, _facts(), START)}
    again = {p.key for p in plan(DALAD.reminders, _facts(start=START + MS, due=DUE + MS), START)}
    assert before.isdisjoint(again)


def test_moving_the_end_moves_what_counts_from_the_end_and_nothing_else() -> None:
    rules = (_step("start", 600), _step("due", -60))
    (first, last), (first_moved, last_moved) = (
        plan(rules, _facts(), START),
        plan(rules, _facts(due=DUE + timedelta(days=1)), START),
    )
    assert first.key == first_moved.key
    assert last.key != last_moved.key
    assert last_moved.fire_at == last.fire_at + timedelta(days=1)


def test_a_lead_longer_than_the_clock_is_due_at_its_start() -> None:
    (step,) = plan((_step("due", -240),), _facts(due=START + timedelta(hours=1)), START)
    assert step.fire_at == START


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(0), 1), (EVENT_LIFE - MS, 1), (EVENT_LIFE, 0), (timedelta(days=300), 0)]
)
def test_news_is_news_for_seven_days(age: timedelta, expected: int) -> None:
    facts = _facts(events=(EventFact("thread.posted", 3, START, "p", "u"),))
    assert len(plan((_news("thread.posted"),), facts, START + age)) == expected


def test_news_of_a_state_is_stale_once_the_ticket_has_moved_on() -> None:
    sent_back = EventFact("review.sent_back", 9, START, "p", "u")
    rules = (_news("review.sent_back"),)
    assert plan(rules, _facts(events=(sent_back,)), START)
    assert plan(rules, _facts(events=(sent_back,), state_since=START + MS), START) == ()


def test_news_of_a_request_is_stale_once_it_is_answered() -> None:
    asked = EventFact("request.asked", 4, START, "p", "u", "r1")
    rules = (_news("request.asked"),)
    other = EventFact("request.decided", 5, START + MS, "s", "u", "r2")
    own = EventFact("request.decided", 5, START + MS, "s", "u", "r1")
    assert plan(rules, _facts(events=(asked, other)), START)
    assert plan(rules, _facts(events=(asked, own)), START) == ()


def test_each_event_is_told_once_and_to_the_unit_of_then() -> None:
    events = tuple(EventFact("thread.posted", seq, START, "p", f"u{seq}") for seq in (3, 4))
    found = plan((_news("thread.posted"),), _facts(events=events), START)
    assert [p.unit_id for p in found] == ["u3", "u4"]
    assert len({p.key for p in found}) == 2


def test_of_several_late_steps_each_role_gets_the_latest() -> None:
    rules = (_step("due", -240), _step("due", -60, "liaison", "leader"), _step("due", 0, "station", kind="over"))
    first, second, third = plan(rules, _facts(), DUE)
    assert surviving([first, second, third]) == {
        first.key: (),
        second.key: ("liaison", "leader"),
        third.key: ("station",),
    }
    assert surviving([first], told=[second]) == {first.key: ()}


def test_steps_of_one_instant_go_by_their_place_in_the_schedule() -> None:
    first, second = plan((_step("due", 0), _step("due", 0, kind="over")), _facts(), DUE)
    assert surviving([second, first]) == {first.key: (), second.key: ("liaison",)}


def test_news_overtakes_nothing() -> None:
    facts = _facts(events=(EventFact("thread.posted", 3, DUE, "p", "u"),))
    step, news = plan((_step("due", -60), _news("thread.posted")), facts, DUE)
    assert surviving([step, news]) == {step.key: ("liaison",), news.key: ("liaison",)}


@pytest.mark.parametrize("policy", _profiles(), ids=lambda p: p.id)
def test_every_event_a_profile_names_leads_to_a_plan(policy: Policy) -> None:
    named = {r.event for r in policy.reminders if r.event}
    # What waits is no event of the journal: it comes with any of those that bring a request before somebody.
    assert named - {WAITS} | set(PASSING) <= set(REPLAN_ON)


def test_the_events_that_move_are_those_of_the_life_cycle() -> None:
    past = {"reply.submit": "reply.submitted", "reply.sign_off": "reply.signed_off", "reply.decline": "reply.declined"}
    past |= {"review.accept": "review.accepted", "review.send_back": "review.sent_back", "ticket.sign": "ticket.signed"}
    past |= {"ticket.dispatch": "ticket.dispatched", "ticket.reassign": "ticket.reassigned"}
    past |= {"ticket.answer_directly": "ticket.answered_directly", "review.reopen": "review.reopened"}
    past |= {"ticket.resume": "ticket.resumed"}
    moving = {command for command, row in TRANSITIONS.items() if row.target and row.sources}
    # A signature that is not the last moves the reply on, and a request that is granted may suspend the ticket.
    assert {past[command] for command in moving} | {"reply.passed_on", "ticket.suspended"} == MOVES


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=1), "还有 1 小时"),
        (timedelta(minutes=59, seconds=45), "还有 1 小时"),
        (timedelta(minutes=59), "还有 59 分钟"),
        (timedelta(seconds=31), "还有 1 分钟"),
        (timedelta(seconds=30), "时限已到"),
        (timedelta(0), "时限已到"),
        (-timedelta(seconds=31), "已超 1 分钟"),
        (-timedelta(hours=25, minutes=5), "已超 25 小时 5 分钟"),
        (timedelta(days=3, hours=2, minutes=9), "还有 3 天 2 小时"),
    ],
)
def test_time_left_is_told_to_the_minute(left: timedelta, words: str) -> None:
    assert time_left(DUE, DUE - left) == words


def test_span_of_whole_days() -> None:
    assert span_text(timedelta(days=2)) == "2 天"


def test_the_sentence_is_true_when_it_is_said() -> None:
    rule = DALAD.reminders[3]
    words = headline(rule, "DL-1", DUE, DUE - timedelta(hours=1), "Asia/Shanghai")
    assert words == "还有 1 小时：工单 DL-1 待签收，截止 11-21 05:14"
    new = headline(DALAD.reminders[0], "DL-1", DUE, START, "Asia/Shanghai")
    assert new == "新工单 DL-1，请于 11-21 05:14 前签收"


def test_no_sentence_carries_the_tickets_title() -> None:
    rule = ReminderRule(kind="x", to=("liaison",), title="{number}：{title}", event="e", cite="x")
    assert headline(rule, "DL-1", None, START, "Asia/Shanghai") == "DL-1："


def test_the_second_line_masks_and_says_how_late_it_is() -> None:
    line = body("城建局", "请联系 13900001111", False, START, START + timedelta(minutes=5), "Asia/Shanghai")
    assert line == "城建局 · 请联系 139****1111"
    late = body("城建局", "路灯", False, START, START + timedelta(hours=3), "Asia/Shanghai")
    assert late == "城建局 · 路灯（本应于 11-20 09:14 提醒，晚了 3 小时）"
    assert body("城建局", "路灯", True, START, START, "Asia/Shanghai") == "城建局"
    assert len(body(None, "长" * 200, False, START, START, "Asia/Shanghai")) == 60
