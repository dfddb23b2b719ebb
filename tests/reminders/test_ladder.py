"""A reminder that nobody answers climbs: A角 → B角 → leader → station; an answer stops it, the night does not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from reminders.conftest import START, Town
from sqlalchemy import select, update

from app.ids import new_id
from app.people.models import Duty, Membership
from app.reminders.models import CANCELLED, PLANNED, Reminder

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NIGHT = START + 16 * HOUR
"""01:14: four hours are left to sign."""


def kinds(town: Town, who: str) -> list[str]:
    return [notice.kind for notice in town.inbox(who)]


def climb(town: Town, begin: datetime, until: datetime) -> dict[str, datetime]:
    """Tick every five minutes; return who was first told when from `begin` on."""
    at = begin
    while at <= until:
        town.tick(at)
        at += 5 * MINUTE
    told = {who: [n.at for n in town.inbox(who) if begin <= n.at] for who in ("a", "b", "leader", "station")}
    return {who: times[0] for who, times in told.items() if times}


def answer(town: Town, who: str, at: datetime) -> None:
    town.acknowledge(who, town.inbox(who)[-1].id, at)


@pytest.mark.clause("A4")
def test_an_unanswered_sign_reminder_climbs_to_the_station_by_night(town: Town) -> None:
    town.ticket()
    town.tick(START)
    answer(town, "a", START + MINUTE)
    assert climb(town, NIGHT, NIGHT + 2 * HOUR) == {
        "a": NIGHT, "b": NIGHT + 30 * MINUTE, "leader": NIGHT + 60 * MINUTE, "station": NIGHT + 90 * MINUTE,
    }  # fmt: skip
    said = "还有 2 小时 30 分钟：工单 DL-2026-0001 的签收提醒无人确认，截止 11-21 05:14"
    assert [notice.title for notice in town.inbox("station")] == [said]


@pytest.mark.parametrize("who", ["a", "b"])
def test_an_answer_on_any_rung_ends_the_climb(town: Town, who: str) -> None:
    ticket = town.ticket()
    town.tick(START)
    answer(town, "a", START + MINUTE)
    town.tick(NIGHT)
    town.tick(NIGHT + 30 * MINUTE)
    assert kinds(town, who)[-1] == "sign_due"
    answer(town, who, NIGHT + 40 * MINUTE)
    assert "leader" not in climb(town, NIGHT + 45 * MINUTE, NIGHT + 2 * HOUR)
    rungs = [row.key[-2:] for row in town.reminders(ticket)[("sign_due", CANCELLED)]]
    assert rungs == [">2"], "the leader's rung was planned and is off"


def test_who_works_on_the_ticket_has_answered(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    town.play("a", "thread.post", ticket, START + HOUR, message_id=new_id(), text="正在核实是否属本单位职责")
    assert climb(town, START + HOUR + MINUTE, START + 8 * HOUR).keys() <= {"leader", "station"}, "who read the message"
    assert kinds(town, "b") == []


def test_a_new_ticket_that_nobody_looks_at_does_not_wake_the_leader(town: Town) -> None:
    """Received at 19:14: B角 is told at 21:14; the leader would be at 23:14, and is in the morning instead."""
    evening = START + 10 * HOUR
    town.ticket(evening)
    town.tick(evening)
    told = climb(town, evening + MINUTE, evening + 12 * HOUR)
    assert evening + 2 * HOUR <= told["b"] <= evening + 2 * HOUR + 6 * MINUTE
    morning = evening + timedelta(hours=11, minutes=46)
    assert morning <= told["leader"] <= morning + 5 * MINUTE


def test_a_rung_on_which_nobody_stands_is_passed_at_once(town: Town) -> None:
    town.ticket()
    with town.database.unit_of_work() as session:
        session.execute(update(Membership).where(Membership.person_id == town.people["b"]).values(until=START))
    town.tick(START)
    told = climb(town, START + MINUTE, START + 5 * HOUR)
    assert START + 2 * HOUR <= told["leader"] <= START + 2 * HOUR + 15 * MINUTE
    assert told["leader"] + 2 * HOUR <= told["station"] <= told["leader"] + 2 * HOUR + 10 * MINUTE


@pytest.mark.clause("U5.1", "D6.1", partial="谁先被提醒；值班本身另测")
def test_the_roster_says_who_is_first(town: Town) -> None:
    turn = {"unit_id": town.units["城建局"], "person_id": town.people["b"], "rank": "A"}
    with town.database.unit_of_work() as session:
        session.add(Duty(id=new_id(), **turn, starts_at=START - HOUR, ends_at=START + HOUR))
    town.ticket()
    town.tick(START)
    assert (kinds(town, "a"), kinds(town, "b")) == ([], ["new_ticket"])
    # Two hours later it is a's turn: whoever is not on duty then is told next.
    town.tick(START + 2 * HOUR)
    assert kinds(town, "b") == ["new_ticket", "new_ticket"]


def test_overdue_is_said_again_and_not_for_ever(town: Town) -> None:
    ticket = town.ticket()
    at = START + 20 * HOUR
    while at < START + 48 * HOUR:
        town.tick(at)
        at += 30 * MINUTE
    overdue = [n.at - START for n in town.inbox("a") if n.kind == "sign_overdue"]
    assert overdue == [(20 + 2 * time) * HOUR for time in range(7)]
    assert ("sign_overdue", PLANNED) not in town.reminders(ticket)


def test_after_an_outage_of_a_night_one_line_says_it(town: Town) -> None:
    town.ticket()
    town.tick(START)
    town.tick(START + 30 * HOUR)
    (late,) = [n for n in town.inbox("a") if n.kind == "sign_overdue"]
    assert late.title.startswith("已超 10 小时：")


def test_a_ladder_goes_on_where_it_stood_after_a_restart(town: Town) -> None:
    """Whatever was down: the next rung waits from the moment the one below was really told."""
    town.ticket()
    town.tick(START)
    town.tick(START + 9 * HOUR)  # b's instant was seven hours ago
    assert (kinds(town, "b"), kinds(town, "leader")) == (["new_ticket"], [])
    town.tick(START + 11 * HOUR)
    assert kinds(town, "leader") == ["new_ticket"]


def test_signing_ends_every_ladder(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    town.sign(ticket, START + HOUR, who="b")
    climb(town, START + HOUR + MINUTE, START + 12 * HOUR)
    assert (kinds(town, "leader"), kinds(town, "station")) == ([], [])
    with town.database.read() as session:
        waiting = session.scalars(select(Reminder).where(Reminder.ticket_id == ticket, Reminder.state == PLANNED))
        assert [row.kind for row in waiting if row.kind in ("new_ticket", "sign_due")] == []
