"""Killed in the middle, asked twice, two workers at once, people who leave: nothing is lost, nothing comes twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from intake import exports
from intake.conftest import Office
from sqlalchemy import select, update

from app import clock, worker
from app.intake import files, register
from app.intake.models import IntakeFile, IntakeRow
from app.journal import tasks
from app.journal.models import Task
from app.people.models import Membership


class Killed(BaseException):
    """What a signal does to a process: no handler runs, nothing is noted."""


def confirmed(office: Office, count: int) -> tuple[str, list[str]]:
    rows = [exports.line() for _ in range(count)]
    file_id = office.upload(exports.xlsx(rows))
    office.station.do("intake.confirm", None, file_id=file_id)
    office.relay()
    return file_id, [row[0] for row in rows]


def after(calls: int, real: Any) -> Any:
    """The real thing, until it has been called so often; then the process dies."""
    made = iter(range(calls))

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if next(made, None) is None:
            raise Killed
        return real(*args, **kwargs)

    return wrapped


def again(office: Office, file_id: str) -> None:
    """The sweep finds the task again."""
    with office.world.database.unit_of_work() as session:
        session.get_one(Task, f"intake:{file_id}").run_after = clock.now()
    office.work("intake")


def test_killed_between_two_rows_goes_on_where_it_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id, numbers = confirmed(office, 7)
    with monkeypatch.context() as patch:
        patch.setattr(register, "_register_row", after(3, register._register_row))
        with pytest.raises(Killed):
            worker.perform_with(office.context, f"intake:{file_id}")
    seen = office.file(file_id)
    assert seen["state"] == "registering" and seen["counts"] == {"ready": 4, "taken": 3, "known": 0, "refused": 0}
    again(office, file_id)
    assert office.file(file_id)["counts"] == {"ready": 0, "taken": 7, "known": 0, "refused": 0}
    found = office.numbers()
    assert [found.count(number) for number in numbers] == [1] * 7


def test_killed_inside_a_row_leaves_neither_ticket_nor_mark(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id, numbers = confirmed(office, 3)
    real = register.intake.take_in

    def killed_after(*args: Any) -> None:
        real(*args)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(register.intake, "take_in", killed_after)
        with pytest.raises(Killed):
            worker.perform_with(office.context, f"intake:{file_id}")
    assert office.file(file_id)["counts"]["taken"] == 0 and not set(numbers) & set(office.numbers())
    again(office, file_id)
    assert office.file(file_id)["state"] == "done" and set(numbers) <= set(office.numbers())


def test_killed_while_reading_reads_again_from_the_start(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", 2)
    rows = [exports.line() for _ in range(5)]
    file_id = office.post(exports.xlsx(rows)).get_json()["id"]
    office.relay()
    with monkeypatch.context() as patch:
        patch.setattr(files, "_insert", after(2, files._insert))
        with pytest.raises(Killed):
            worker.perform_with(office.context, f"intake:{file_id}")
    assert office.file(file_id)["state"] == "uploaded" and len(office.rows(file_id)) == 4
    again(office, file_id)
    assert [row["line"] for row in office.rows(file_id)] == [1, 2, 3, 4, 5, 6]
    assert office.file(file_id)["counts"]["ready"] == 5


def test_a_database_away_for_a_moment_costs_an_attempt_and_no_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id, _ = confirmed(office, 2)
    with monkeypatch.context() as patch:
        patch.setattr(register.intake, "take_in", _busy)
        worker.perform_with(office.context, f"intake:{file_id}")
    task = office.task(f"intake:{file_id}")
    assert (task.state, task.attempts) == (tasks.DUE, 1)
    again(office, file_id)
    assert office.file(file_id)["counts"] == {"ready": 0, "taken": 2, "known": 0, "refused": 0}


def _busy(*_: Any) -> None:
    from app.problems import Problem

    raise Problem("database_busy")


def test_given_up_can_be_confirmed_again(office: Office) -> None:
    file_id, numbers = confirmed(office, 3)
    with office.world.database.unit_of_work() as session:
        session.get_one(Task, f"intake:{file_id}").attempts = tasks.MAX_ATTEMPTS
    office.work("intake")
    seen = office.file(file_id)
    assert seen["state"] == "stopped" and "再次确认" in seen["message"]
    assert office.confirm(file_id)["counts"]["taken"] == 3
    assert set(numbers) <= set(office.numbers())


def test_a_long_registration_makes_room_for_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id, numbers = confirmed(office, 4)
    monkeypatch.setattr(register, "SLICE_SECONDS", -1.0)
    counts = []
    for _ in range(6):
        worker.perform_with(office.context, f"intake:{file_id}")
        counts.append(office.file(file_id)["counts"]["taken"])
    assert counts == [1, 2, 3, 4, 4, 4] and office.file(file_id)["state"] == "done"
    assert office.task(f"intake:{file_id}").state == tasks.DONE
    assert len(set(numbers)) == sum(office.numbers().count(n) for n in numbers)


def test_two_workers_on_one_file(office: Office) -> None:
    file_id, numbers = confirmed(office, 12)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            register.register(office.world.database, file_id, 60)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert office.file(file_id)["counts"] == {"ready": 0, "taken": 12, "known": 0, "refused": 0}
    found = office.numbers()
    assert [found.count(number) for number in numbers] == [1] * 12
    ended = [e for e in office.journal() if e.name == "intake.finished" and e.payload["file_id"] == file_id]
    assert len(ended) == 1


def test_registered_by_hand_between_preview_and_confirmation(office: Office) -> None:
    row = exports.line()
    file_id = office.upload(exports.xlsx([row]))
    assert office.file(file_id)["counts"]["ready"] == 1
    office.world.registered(number=row[0])
    assert office.confirm(file_id)["counts"] == {"ready": 0, "taken": 0, "known": 1, "refused": 0}


def test_who_left_the_station_registers_nothing_more(office: Office) -> None:
    file_id, numbers = confirmed(office, 2)
    mine = Membership.person_id == office.world.people["station"].id
    with office.world.database.unit_of_work() as session:
        session.execute(update(Membership).where(mine).values(until=clock.now()))
    office.work("intake")
    with office.world.database.unit_of_work() as session:
        session.execute(update(Membership).where(mine).values(until=None))
    seen = office.file(file_id)
    assert seen["state"] == "stopped" and not set(numbers) & set(office.numbers())
    assert office.confirm(file_id)["counts"]["taken"] == 2


def test_rows_are_forgotten_after_a_month_and_tickets_are_not(office: Office) -> None:
    file_id, numbers = confirmed(office, 1)
    office.work("intake")
    left = office.upload(exports.xlsx([exports.line()]))
    folder = office.config.intake_dir
    stray = folder / "00000000-0000-0000-0000-000000000000.upload"
    stray.write_bytes(b"x")
    files.prune(office.world.database, folder, clock.now())
    assert len(office.rows(left)) == 2 and not stray.exists()
    files.prune(office.world.database, folder, clock.now() + timedelta(days=31))
    assert office.rows(file_id) == office.rows(left) == []
    assert office.file(file_id)["state"] == "done" and office.file(left)["state"] == "discarded"
    assert numbers[0] in office.numbers()


def test_a_registered_row_keeps_no_callers_data(office: Office) -> None:
    file_id, _ = confirmed(office, 1)
    office.work("intake")
    with office.world.database.read() as session:
        rows = session.scalars(select(IntakeRow).where(IntakeRow.file_id == file_id, IntakeRow.line > 1)).all()
        assert [row.cells for row in rows] == [[]]
        assert session.get_one(IntakeFile, file_id).confirmed_by == office.world.people["station"].id
