"""A town whose relay and worker are called step by step, and what its station does with a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from lasting import ENGINES, fresh_database, world_on
from openpyxl import load_workbook
from scenario import Phone, World
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock, worker
from app.evidence.storage import DiskStore
from app.journal import relay, tasks
from app.journal.models import Event, Task
from app.subscribers import PLANNERS, REACTIONS


class Office:
    """The town, with the background at hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.config = world.app.extensions["doorstep.config"]
        self.context = worker.Context(self.config, world.database, DiskStore(self.config.evidence_dir))

    @property
    def station(self) -> Phone:
        return self.world.station

    @property
    def admin(self) -> Phone:
        return self.world.phone("admin")

    def relay(self) -> None:
        """What the relay does when somebody rings."""
        while relay.relay(self.world.database, REACTIONS, clock.now(), PLANNERS)[0]:
            pass

    def work(self, *names: str) -> list[str]:
        """Relay and do all tasks of these names that are due (all names when none is given); return their ids."""
        done = []
        for _ in range(50):
            self.relay()
            with self.world.database.read() as session:
                due = [t for t in tasks.due(session, clock.now()) if not names or t.partition(":")[0] in names]
            if not due:
                return done
            for task_id in due:
                worker.perform_with(self.context, task_id)
                done.append(task_id)
        raise AssertionError(f"work without end: {due}")

    def task(self, task_id: str) -> Task:
        with self.world.database.read() as session:
            found = session.scalars(select(Task).where(Task.id == task_id)).one()
            session.expunge_all()
            return found

    def post(self, content: bytes, name: str = "十一月.xlsx", who: str = "station") -> TestResponse:
        """Upload a file as a browser does."""
        data = {"file": (io.BytesIO(content), name)}
        return self.world.phone(who).call("POST", "/api/v1/intake/files", data=data)

    def upload(self, content: bytes, name: str = "十一月.xlsx") -> str:
        """Upload a file, let it be read, and return its id."""
        answer = self.post(content, name)
        assert answer.status_code in (200, 201), answer.text
        self.work("intake")
        return str(answer.get_json()["id"])

    def file(self, file_id: str) -> dict[str, Any]:
        answer = self.station.call("GET", f"/api/v1/intake/files/{file_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def rows(self, file_id: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a file, page by page."""
        found, after = [], 0
        while after is not None:
            path = f"/api/v1/intake/files/{file_id}/rows"
            answer = self.station.call("GET", path, query_string=query | {"after": after})
            assert answer.status_code == 200, answer.text
            found += answer.get_json()["rows"]
            after = answer.get_json()["next_after"]
        return found

    def confirm(self, file_id: str) -> dict[str, Any]:
        """Confirm, let it be registered, and return the file."""
        self.station.do("intake.confirm", None, file_id=file_id)
        self.work("intake")
        return self.file(file_id)

    def result(self, file_id: str) -> list[list[Any]]:
        """The lines of the workbook with the refused rows."""
        answer = self.station.call("GET", f"/api/v1/intake/files/{file_id}/result")
        assert answer.status_code == 200, answer.text
        return [[c.value for c in row] for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows()]

    def numbers(self) -> list[str]:
        """All tickets' numbers, twice those that stand twice."""
        found, cursor = [], None
        while True:
            query = {"sort": "new", "page_size": 100} | ({"cursor": cursor} if cursor else {})
            body = self.station.call("GET", "/api/v1/tickets", query_string=query).get_json()
            found += [t["number"] for t in body["tickets"]]
            cursor = body["next_cursor"]
            if cursor is None:
                return found

    def ticket_count(self, number: str) -> int:
        """How many tickets have this number."""
        return self.numbers().count(number)

    def journal(self) -> list[Event]:
        """The events on the jurisdiction, oldest first."""
        query = select(Event).where(Event.subject_id == self.world.profile).order_by(Event.subject_seq)
        with self.world.database.read() as session:
            return list(session.scalars(query))

    def ticket(self, number: str) -> dict[str, Any]:
        """The ticket of a number, whole."""
        body = self.station.call("GET", "/api/v1/tickets", query_string={"q": number}).get_json()
        [row] = [t for t in body["tickets"] if t["number"] == number]
        return self.station.ticket(row["id"])


@pytest.fixture(scope="module", params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One town per engine for a file of tests. Addresses on this machine may be called, as in a demonstration."""
    folder = tmp_path_factory.mktemp("office")
    with fresh_database(request.param, request, folder) as url:
        world = world_on(url, folder, demo=True)
        yield Office(world)
        world.database.engine.dispose()
