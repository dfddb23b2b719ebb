"""Reminders against both databases: planned on change, fired once, late rather than never, stopped by signing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from reminders.conftest import START, Town
from sqlalchemy import func, select, update

from app.clock import from_epoch_ms
from app.db import Database
from app.ids import new_id
from app.journal.models import Event
from app.people.models import Membership, Person
from app.problems import Problem
from app.reminders import jobs
from app.reminders.jobs import catch_up, replan, tick
from app.reminders.models import CANCELLED, FIRED, PLANNED, SUPERSEDED, Notice, PlanCursor, Reminder
from app.reminders.queries import notice_versions, notices_for, unread_counts
from app.tickets.models import Ticket, TicketClock

if TYPE_CHECKING:
    from datetime import datetime

DUE = START + timedelta(hours=20)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


def titles(town: Town, who: str) -> list[str]:
    return [notice.title for notice in town.inbox(who)]


@pytest.mark.clause("D3.3", partial="接收提醒；移动办公的其余部分另测")
def test_a_new_ticket_reaches_the_liaison_on_duty_and_nobody_else(town: Town) -> None:
    town.ticket()
    assert town.tick(START) == 1
    assert titles(town, "a") == ["新工单 DL-2026-0001，请于 11-21 05:14 前签收"]
    assert town.inbox("b") == town.inbox("c") == town.inbox("leader") == town.inbox("station") == []
    assert town.tick(START) == 0


def test_each_step_fires_at_its_instant_and_not_a_millisecond_before(town: Town) -> None:
    town.ticket()
    for offset in (0, 10, 16, 19, 20):
        instant = START + offset * HOUR
        town.tick(instant - MS)
        town.tick(instant)
        town.acknowledge("a", town.inbox("a")[-1].id, instant)
    shown = town.inbox("a")
    at = [notice.at - START for notice in shown if notice.kind.startswith(("new", "sign"))]
    assert at == [hours * HOUR for hours in (0, 10, 16, 19, 20)]
    assert titles(town, "a")[-2:] == [
        "还有 1 小时：工单 DL-2026-0001 待签收，截止 11-21 05:14",
        "时限已到：工单 DL-2026-0001 仍未签收，请立即签收（时限 11-21 05:14）",
    ]
    assert len(town.inbox("leader")) == 2
    assert len(town.inbox("station")) == 1


def test_the_inbox_hides_what_a_title_gives_away(town: Town) -> None:
    town.ticket()
    town.tick(START)
    assert town.inbox("a")[0].body == "城建局 · 路灯不亮，请联系 139****1111"


@pytest.mark.clause("D2.1", partial="签收提醒；签收本身另测")
def test_signing_ends_the_sign_reminders(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    town.sign(ticket, START + HOUR)
    replan(town.database, ticket, START + HOUR)
    assert ("sign_due", PLANNED) not in town.reminders(ticket)
    assert len(town.reminders(ticket)[("sign_due", CANCELLED)]) == 3
    assert len(town.reminders(ticket)[("upload_due", PLANNED)]) == 1


def test_a_ticket_signed_meanwhile_is_not_reminded_of_even_when_nobody_replanned(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    # The journal event is marked as seen, so that only firing itself can notice.
    town.sign(ticket, START + HOUR)
    with town.database.unit_of_work() as session:
        seq = session.scalar(select(func.max(Event.seq)))
        session.merge(PlanCursor(id=1, seq=seq))
    town.tick(START + 19 * HOUR)
    assert [n.kind for n in town.inbox("a") if n.kind.startswith("sign")] == []
    assert [row.settled_at for row in town.reminders(ticket)[("sign_due", CANCELLED)]] == [START + 19 * HOUR] * 3


def test_reassigning_starts_over_with_the_other_unit(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    later = START + 5 * HOUR
    town.play("station", "ticket.reassign", ticket, later, unit_id=town.units["环卫局"], reason="属环卫职责")
    replan(town.database, ticket, later)
    town.tick(later)
    assert titles(town, "c") == ["新工单 DL-2026-0001，请于 11-21 10:14 前签收"]
    town.acknowledge("c", town.inbox("c")[0].id, later)
    town.tick(later + 10 * HOUR)
    told = [[notice.kind for notice in town.inbox(who)] for who in "ac"]
    assert told == [["new_ticket"], ["new_ticket", "sign_due"]]


def test_down_for_hours_then_one_fire_that_says_so(town: Town) -> None:
    ticket = town.ticket()
    at = START + timedelta(hours=19, minutes=30)
    town.tick(at)
    notice = next(n for n in town.inbox("a") if n.kind == "sign_due")
    assert notice.title == "还有 30 分钟：工单 DL-2026-0001 待签收，截止 11-21 05:14"
    assert notice.body.endswith("（本应于 11-21 04:14 提醒，晚了 30 分钟）")
    found = town.reminders(ticket)
    assert {state: len(rows) for (_, state), rows in found.items() if state == SUPERSEDED} == {SUPERSEDED: 2}
    assert len(found[("new_ticket", SUPERSEDED)]) == 1
    assert len(found[("sign_due", FIRED)]) == 1
    assert sorted(n.kind for n in town.inbox("a")) == ["return_due", "sign_due"]


def test_the_planning_job_may_be_lost_altogether(town: Town) -> None:
    town.ticket(planned=False)
    assert town.tick(START + timedelta(seconds=20)) == 1
    assert "晚了" not in town.inbox("a")[0].body


def test_lateness_counts_from_the_event_when_planning_was_down_too(town: Town) -> None:
    town.ticket(planned=False)
    town.tick(START + 3 * HOUR)
    assert town.inbox("a")[0].body.endswith("晚了 3 小时）")


def test_a_step_that_a_change_brought_is_not_called_late(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    # A deadline so near that "4 hours before" lies in the past already.
    later = START + HOUR
    town.sign(ticket, later)
    with town.database.unit_of_work() as session:
        session.execute(
            update(TicketClock)
            .where(TicketClock.ticket_id == ticket, TicketClock.clock == "upload_target")
            .values(due_at=later + 2 * HOUR)
        )
    replan(town.database, ticket, later + timedelta(seconds=10))
    town.tick(later + timedelta(seconds=20))
    assert town.inbox("a")[-1].title.startswith("还有 2 小时：")
    assert "晚了" not in town.inbox("a")[-1].body


def test_a_cancelled_step_that_is_wanted_again_waits_again(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    _set_state(town, ticket, "closed")
    replan(town.database, ticket, START + HOUR)
    assert (("sign_due", PLANNED)) not in town.reminders(ticket)
    _set_state(town, ticket, "dispatched")
    replan(town.database, ticket, START + 2 * HOUR)
    assert len(town.reminders(ticket)[("sign_due", PLANNED)]) == 3
    town.tick(START + 2 * HOUR)
    assert len(town.inbox("a")) == 1, "what has fired does not fire again"


def _set_state(town: Town, ticket: str, state: str) -> None:
    with town.database.unit_of_work() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket).values(state=state))


def test_two_ticks_at_once_never_double(town: Town) -> None:
    tickets = [town.ticket() for _ in range(30)]
    barrier, counts, faults = threading.Barrier(4), [], []

    def run() -> None:
        own = Database(town.database.engine.url.render_as_string(hide_password=False))
        barrier.wait()
        try:
            counts.append(tick(own, START))
        except BaseException as fault:
            faults.append(fault)
        finally:
            own.engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == []
    # A tick may leave to the next one what another was holding; together they miss and double nothing.
    assert sum(counts) + town.tick(START) == len(tickets)
    assert len(town.inbox("a")) == len({n.ticket_id for n in town.inbox("a")}) == len(tickets)
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(Event.name == "reminder.fired")) == len(tickets)


def test_firing_and_signing_at_once_leave_one_truth(town: Town) -> None:
    tickets = [town.ticket() for _ in range(12)]
    town.tick(START)
    at = START + 19 * HOUR
    barrier = threading.Barrier(2)

    def fire() -> None:
        barrier.wait()
        town.tick(at)

    thread = threading.Thread(target=fire)
    thread.start()
    barrier.wait()
    for ticket in tickets:
        town.sign(ticket, at)
    thread.join()
    town.tick(at)
    with town.database.read() as session:
        for ticket in tickets:
            rows = session.execute(
                select(Event.name).where(Event.subject_id == ticket).order_by(Event.subject_seq)
            ).scalars()
            names = list(rows)
            fired = select(func.count()).where(Reminder.ticket_id == ticket, Reminder.state == FIRED)
            returns = session.scalar(fired.where(Reminder.kind == "return_due"))
            # What is signed is not urged; that it may still be returned is said all the same.
            assert names[names.index("ticket.signed") :].count("reminder.fired") <= returns, ticket
        assert session.scalar(select(func.count()).where(Reminder.state == PLANNED, Reminder.fire_at <= at)) == 0


def test_one_broken_ticket_does_not_hold_up_the_others(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    broken, fine = town.ticket(), town.ticket()
    with town.database.unit_of_work() as session:
        session.execute(update(Ticket).where(Ticket.id == broken).values(policy_id="unpublished@1"))
    assert town.tick(START) == 1
    assert [n.ticket_id for n in town.inbox("a")] == [fine]
    assert broken in caplog.text


def test_a_unit_without_people_is_told_to_the_station(town: Town) -> None:
    ticket = town.ticket()
    with town.database.unit_of_work() as session:
        session.execute(update(Membership).where(Membership.role == "liaison").values(until=START))
    town.tick(START)
    assert [n.ticket_id for n in town.inbox("station")] == [ticket]


def test_a_disabled_account_is_told_nothing(town: Town) -> None:
    town.ticket()
    with town.database.unit_of_work() as session:
        for who in ("b", "station"):
            session.get_one(Person, town.people[who]).disabled_at = START
    town.tick(START + 20 * HOUR)
    assert [len(town.inbox(who)) for who in ("a", "b", "station")] == [1, 0, 0], town.inbox("a")


def test_fired_reminders_stand_on_the_timeline_without_the_caller(town: Town) -> None:
    ticket = town.ticket()
    version = _version(town, ticket)
    town.tick(START)
    with town.database.read() as session:
        event = session.scalars(select(Event).where(Event.name == "reminder.fired")).one()
    assert event.subject_id == ticket
    assert event.payload["to"] == ["人员a"]
    assert event.payload["title"] == "新工单 DL-2026-0001，请于 11-21 05:14 前签收"
    assert (event.payload["kind"], event.payload["delayed"]) == ("new_ticket", False)
    assert _version(town, ticket) == version + 1


def _version(town: Town, ticket: str) -> int:
    with town.database.read() as session:
        return session.get_one(Ticket, ticket).version


def test_extension_request_goes_to_the_station_and_its_answer_back(town: Town) -> None:
    ticket = town.ticket(feedback_by="2026-11-23T01:14:00.000Z")
    town.tick(START)
    at = START + HOUR
    town.sign(ticket, at)
    ask = new_id()
    town.play(
        "a", "request.extend", ticket, at, request_id=ask, reason="需等待配件到货，预计三天后完成安装调试工作",
        new_due_at="2026-12-10T09:00:00.000Z",
    )  # fmt: skip
    town.tick(at)
    assert titles(town, "station") == ["工单 DL-2026-0001 有申请待工作站审批"]
    town.play("station", "request.decide", ticket, at + HOUR, request_id=ask, decision="refuse", note="理由不足")
    town.tick(at + HOUR)
    answered = "工单 DL-2026-0001 的申请已有审批结果，请查看"
    assert titles(town, "a")[-1] == titles(town, "b")[-1] == answered
    town.tick(START + 70 * HOUR)
    assert titles(town, "a")[-1].startswith("还有 "), "a later step fires"
    assert titles(town, "a").count(answered) == 1, "and the news is not told again"


def test_who_did_it_is_not_told_of_it(town: Town) -> None:
    ticket = town.ticket()
    with town.database.unit_of_work() as session:
        session.add(
            Membership(
                id=new_id(), person_id=town.people["a"], unit_id=town.units["工作站"], role="station", rank=None,
                since=from_epoch_ms(0),
            )
        )  # fmt: skip
    reason = "路灯属电力公司管理，建议转电力公司办理"
    town.play("a", "request.return", ticket, START + HOUR, request_id=new_id(), reason=reason)
    town.tick(START + HOUR)
    assert titles(town, "station")[-1:] == ["工单 DL-2026-0001 有申请待工作站审批"]
    assert "工单 DL-2026-0001 有申请待工作站审批" not in titles(town, "a")


def test_the_sweep_leaves_off_where_everything_is_planned(town: Town) -> None:
    for _ in range(3):
        town.ticket(planned=False)
    assert catch_up(town.database, START) == 3
    assert catch_up(town.database, START) == 0
    with town.database.read() as session:
        assert session.get(PlanCursor, 1) is None, "younger than two minutes: an earlier seq may still be under way"
    catch_up(town.database, START + timedelta(minutes=2))
    with town.database.read() as session:
        assert session.get_one(PlanCursor, 1).seq == session.scalar(select(func.max(Event.seq)))


def test_a_pile_of_unplanned_tickets_is_worked_off_in_rounds(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ROUND", 4)  # counted in events: each ticket was taken in and dispatched
    for _ in range(5):
        town.ticket(planned=False)
    at = START + HOUR
    assert [catch_up(town.database, at) for _ in range(4)] == [2, 2, 1, 0]


def test_acknowledging_is_for_ones_own_and_happens_once(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    town.tick(START + 2 * HOUR)
    (mine,), (other,) = town.inbox("a"), town.inbox("b")
    town.acknowledge("a", mine.id, START + 3 * HOUR)
    town.acknowledge("a", mine.id, START + 4 * HOUR)
    assert town.inbox("a")[0].acknowledged_at == START + 3 * HOUR
    with pytest.raises(Problem) as refused:
        town.acknowledge("a", other.id, START + HOUR)
    assert refused.value.code == "notice_not_found"
    with town.database.read() as session:
        events = session.scalars(select(Event).where(Event.name == "reminder.acknowledged")).all()
        assert [(e.subject_id, e.actor_id) for e in events] == [(ticket, town.people["a"])]
        assert unread_counts(session, [town.people["a"], town.people["b"]]) == {town.people["b"]: 1}


def test_the_phone_holds_the_unread_and_the_last_week(town: Town) -> None:
    town.ticket()
    town.tick(START)
    town.tick(START + 10 * HOUR)
    first, second = town.inbox("a")
    town.acknowledge("a", first.id, START + 11 * HOUR)
    week: datetime = START + timedelta(days=7)
    with town.database.read() as session:
        person = town.people["a"]
        assert notice_versions(session, person, at=week - MS) == {first.id: 2, second.id: 1}
        assert notice_versions(session, person, at=week) == {second.id: 1}
        shown = notices_for(session, person, at=week - MS)
        assert [n["id"] for n in shown] == [second.id, first.id]
        assert shown[1] == {
            "id": first.id,
            "kind": "new_ticket",
            "ticket_id": first.ticket_id,
            "title": "新工单 DL-2026-0001，请于 11-21 05:14 前签收",
            "body": "城建局 · 路灯不亮，请联系 139****1111",
            "at": "2026-11-20T01:14:00.000Z",
            "acknowledged_at": "2026-11-20T12:14:00.000Z",
        }
        assert list(notice_versions(session, person, at=START, limit=1)) == [second.id]


def test_a_person_in_two_roles_is_told_once(town: Town) -> None:
    town.ticket()
    with town.database.unit_of_work() as session:
        session.add(
            Membership(
                id=new_id(), person_id=town.people["a"], unit_id=town.units["城建局"], role="leader", rank=None,
                since=from_epoch_ms(0),
            )
        )  # fmt: skip
    town.tick(START + 19 * HOUR)
    assert [n.kind for n in town.inbox("a")].count("sign_due") == 1
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "sign_due")) == 3
