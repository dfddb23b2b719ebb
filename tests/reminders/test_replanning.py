"""Other rules come into force: all open tickets are reminded by them, their deadlines stay; killed, the job goes on."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from reminders.conftest import START, Town
from sqlalchemy import func, select, update

from app.journal import relay, tasks
from app.people.models import Jurisdiction
from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.publish import PROFILES, add_version
from app.reminders import runs
from app.reminders.in_force import together
from app.reminders.models import CANCELLED, FIRED, PLANNED, Reminder, Replanning
from app.subscribers import REACTIONS
from app.tickets.models import Ticket, TicketClock

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DUE = START + 20 * HOUR
SIGN_STEP = 'kind = "sign_due"\nclock = "sign"\nanchor = "due"\noffset_minutes = -240\n'
QUIET = 'from = "22:00"\nuntil = "07:00"\n'


def written(policy_id: str, *changes: tuple[str, str]) -> tuple[Policy, str]:
    """The version after this one, with these changes of the shipped text."""
    profile, _, number = policy_id.partition("@")
    text = (PROFILES / f"{profile}.toml").read_text("utf-8")
    shipped = parse_profile(text, profile).version
    for old, new in ((f"\nversion = {shipped}\n", f"\nversion = {int(number) + 1}\n"), *changes):
        assert old in text
        text = text.replace(old, new)
    return parse_profile(text, profile), text


def publish(town: Town, at: datetime, *changes: tuple[str, str]) -> str:
    """Publish the next version with these changes, as the administrator's page does; return the run."""
    with town.database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, "dalad", with_for_update=True)
        place.policy_id = add_version(session, *written(place.policy_id, *changes))
        return runs.begin(session, place, "试行", at)


def work(town: Town, run_id: str, at: datetime) -> Replanning:
    runs.work(town.database, run_id, lambda: at)
    return state(town, run_id)


def state(town: Town, run_id: str) -> Replanning:
    with town.database.read() as session:
        return session.get_one(Replanning, run_id)


def steps(town: Town, ticket_id: str, kind: str, of: str = PLANNED) -> list[datetime]:
    return [row.fire_at for row in town.reminders(ticket_id).get((kind, of), [])]


def dues(town: Town, ticket_id: str) -> dict[str, datetime]:
    with town.database.read() as session:
        rows = session.execute(select(TicketClock.clock, TicketClock.due_at).where(TicketClock.ticket_id == ticket_id))
        return dict(rows.tuples().all())


def test_steps_move_with_the_rules_in_force_and_deadlines_do_not(town: Town) -> None:
    ticket_id = town.ticket()
    before = dues(town, ticket_id)
    assert DUE - 4 * HOUR in steps(town, ticket_id, "sign_due")
    at = START + HOUR
    longer = ('span = { hours = 20, cite = "二(一)" }', 'span = { hours = 10, cite = "二(一)" }')
    run = work(town, publish(town, at, (SIGN_STEP, SIGN_STEP.replace("-240", "-300")), longer), at)
    assert (run.total, run.done, run.changed, run.failed, run.finished_at) == (1, 1, 1, 0, at)
    assert dues(town, ticket_id) == before
    waiting = steps(town, ticket_id, "sign_due")
    assert DUE - 5 * HOUR in waiting and DUE - 4 * HOUR not in waiting
    assert steps(town, ticket_id, "sign_due", CANCELLED) == [DUE - 4 * HOUR]
    town.tick(DUE - 5 * HOUR)
    assert town.inbox("a")[-1].title.startswith("还有 5 小时：")


def test_quiet_hours_move_what_waits(town: Town) -> None:
    ticket_id = town.ticket()
    (early,) = steps(town, ticket_id, "return_due")
    assert early == DUE.replace(hour=13, minute=59), "21:59 at the station: before the night"
    run = work(town, publish(town, START, (QUIET, 'from = "23:00"\nuntil = "00:30"\n')), START)
    assert run.changed == 1
    assert steps(town, ticket_id, "return_due") == [DUE - 4 * HOUR], "01:14 is not quiet any more"


def test_what_is_right_is_not_written_and_again_changes_nothing(town: Town) -> None:
    signed, waiting = town.ticket(), town.ticket()
    town.sign(signed, START + MINUTE)
    town.tick(START + 2 * MINUTE)
    at = START + HOUR
    with town.database.read() as session:
        before = {row.id: (row.state, row.fire_at, row.planned_at) for row in session.scalars(select(Reminder))}
    run = work(town, publish(town, at, (SIGN_STEP, SIGN_STEP.replace("-240", "-300"))), at)
    assert (run.done, run.changed) == (2, 1), "whoever has signed is not reminded to sign"
    with town.database.read() as session:
        after = {row.id: (row.state, row.fire_at, row.planned_at) for row in session.scalars(select(Reminder))}
    assert {k for k in before if before[k] != after[k]} <= {row.id for row in _rows(town, waiting)}
    with town.database.unit_of_work() as session:
        again = runs.begin(session, session.get_one(Jurisdiction, "dalad"), "手动", at)
    assert work(town, again, at).changed == 0


def _rows(town: Town, ticket_id: str) -> list[Reminder]:
    return [row for rows in town.reminders(ticket_id).values() for row in rows]


def test_a_climb_that_has_begun_is_not_cut_off_by_another_schedule(town: Town) -> None:
    ticket_id = town.ticket()
    town.tick(DUE - 4 * HOUR)
    assert len(town.inbox("b")) == 0
    # The step that was told is another one now: the new one is told at once, and climbs in its place.
    at = DUE - 4 * HOUR + 10 * MINUTE
    work(town, publish(town, at, (SIGN_STEP, SIGN_STEP.replace("-240", "-300"))), at)
    town.tick(at)
    town.tick(at + 30 * MINUTE)
    assert [n.title for n in town.inbox("b")] and steps(town, ticket_id, "sign_due", FIRED)
    town.tick(at + 60 * MINUTE)
    assert any("无人确认" in n.title for n in town.inbox("leader"))


def test_killed_between_batches_it_goes_on_and_workers_take_turns(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BATCH", {"sqlite": 2, "postgresql": 2})
    tickets = [town.ticket(START + n * MINUTE) for n in range(7)]
    at = START + HOUR
    run_id = publish(town, at, (SIGN_STEP, SIGN_STEP.replace("-240", "-300")))
    assert runs._batch(town.database, run_id, at, 2) is True
    assert (state(town, run_id).done, state(town, run_id).total, state(town, run_id).finished_at) == (2, 7, None)
    failed: list[BaseException] = []

    def one() -> None:
        try:
            runs.work(town.database, run_id, lambda: at)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    run = state(town, run_id)
    assert (run.done, run.total, run.changed, run.finished_at) == (7, 7, 7, at)
    for number, ticket_id in enumerate(tickets):
        assert DUE + number * MINUTE - 5 * HOUR in steps(town, ticket_id, "sign_due")
    with town.database.read() as session:
        doubled = select(Reminder.ticket_id).group_by(Reminder.ticket_id, Reminder.key).having(func.count() > 1)
        assert session.scalars(doubled).all() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_asks_again_while_a_run_ends_is_not_in_its_way(town: Town) -> None:
    """The administrator holds the place and wants the run; a run that held itself and wanted the place would not do."""
    town.ticket()
    at, failed = START + HOUR, []
    run_id = publish(town, at, (SIGN_STEP, SIGN_STEP.replace("-240", "-300")))

    def to_the_end() -> None:
        try:
            runs.work(town.database, run_id, lambda: at)
        except BaseException as error:
            failed.append(error)

    with town.database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, "dalad", with_for_update=True)
        working = threading.Thread(target=to_the_end)
        working.start()
        while state(town, run_id).done < 1 and working.is_alive():
            working.join(0.02)
        working.join(0.3)  # by now it waits for the place
        again = runs.begin(session, place, "再排一次", at)
    working.join()
    assert failed == [] and state(town, run_id).finished_at is not None
    assert work(town, again, at).finished_at is not None


def test_a_ticket_that_cannot_be_planned_is_counted_and_the_others_are_done(town: Town) -> None:
    broken, whole = town.ticket(), town.ticket()
    with town.database.unit_of_work() as session:
        session.execute(update(Ticket).where(Ticket.id == broken).values(policy_id="dalad@lost"))
    run = work(town, publish(town, START + HOUR, (SIGN_STEP, SIGN_STEP.replace("-240", "-300"))), START + HOUR)
    assert (run.total, run.done, run.changed, run.failed) == (2, 2, 1, 1)
    assert run.finished_at is not None
    assert DUE - 5 * HOUR in steps(town, whole, "sign_due")


def test_a_long_run_leaves_room_for_others_and_the_sweep_finds_it_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BATCH", {"sqlite": 1, "postgresql": 1})
    monkeypatch.setattr(runs, "TURN", timedelta(0))
    for _ in range(3):
        town.ticket()
    at = START + HOUR
    run_id, moment = publish(town, at), [at]

    def ticking() -> datetime:
        moment[0] += timedelta(seconds=1)
        return moment[0]

    turns = 0
    while state(town, run_id).finished_at is None:
        with town.database.unit_of_work() as session:
            if turns == 0:
                tasks.ask(session, [(runs.TASK, run_id)], at)
            attempt = tasks.begin(session, tasks.task_id(runs.TASK, run_id), moment[0])
        assert attempt is not None, "still due: nothing but the row in the table says so"
        runs.work(town.database, run_id, ticking)
        with town.database.unit_of_work() as session:
            tasks.finish(session, attempt, moment[0])
        turns += 1
    assert turns == 4 and state(town, run_id).done == 3
    with town.database.read() as session:
        assert tasks.due(session, moment[0]) == []


def test_a_later_run_overtakes_and_a_place_left_behind_is_found(town: Town) -> None:
    ticket_id = town.ticket()
    at = START + HOUR
    first = publish(town, at)
    second = publish(town, at + MINUTE, (SIGN_STEP, SIGN_STEP.replace("-240", "-300")))
    assert (state(town, first).finished_at, state(town, first).done) == (at + MINUTE, 0)
    assert runs.begin_due(town.database, at) == 0, "a run follows what is in force"
    work(town, second, at + MINUTE)
    with town.database.unit_of_work() as session:  # an upgrade brings a version without asking anybody
        place = session.get_one(Jurisdiction, "dalad")
        place.policy_id = add_version(session, *written(place.policy_id))
    assert (runs.begin_due(town.database, at), runs.begin_due(town.database, at)) == (1, 0)
    relay.relay(town.database, REACTIONS, at)
    with town.database.read() as session:
        (due,) = [task for task in tasks.due(session, at) if task.startswith(f"{runs.TASK}:")]
    work(town, due.partition(":")[2], at)
    assert DUE - 4 * HOUR in steps(town, ticket_id, "sign_due")


@pytest.mark.parametrize("profile", sorted(path.stem for path in PROFILES.glob("*.toml")))
def test_a_clock_the_new_rules_do_not_know_keeps_its_steps(profile: str) -> None:
    own = parse_profile((PROFILES / f"{profile}.toml").read_text("utf-8"), profile)
    known = {key: clock for key, clock in own.clocks.items() if key != "sign"}
    now = replace(own, clocks=known, reminders=(), ladders=(), quiet=None)
    made = together(own, now)
    assert made.quiet is None and made.clocks == own.clocks
    assert made.reminders == tuple(rule for rule in own.reminders if rule.clock == "sign")
    assert {rule.ladder for rule in made.reminders if rule.ladder} <= {ladder.key for ladder in made.ladders}
