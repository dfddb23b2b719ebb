"""A town with supervisors of its own and periods that end when a test says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from scenario import PASSWORD, Phone, World
from sqlalchemy import select, update

from app import clock
from app.ids import new_id
from app.oversight.inspections import drawing
from app.oversight.inspections.models import InspectionCase, InspectionDraw
from app.people.models import Person
from app.people.permissions import SUPERVISOR
from app.setup import add_member

PLAN: dict[str, Any] = {
    "period": "daily", "population": "closed", "share": 100, "minimum": 1, "spread": ["unit", "kind"], "blind": 0,
    "hold_minutes": 0, "weights": {"severity:high": 10, "redo": 1.5}, "note": "试行",
}  # fmt: skip
_TOWNS = ("dalad", "hedong", "uxin", "hukou", "xinqiao")
FAKED: dict[str, Any] = {"verdict": "faked", "grounds": ["photo_reused"], "note": "办理后照片与另一张工单相同"}


class Bureau:
    """The town's supervisors: 甲 from the scenario, 乙 丙 丁 beside."""

    def __init__(self, world: World) -> None:
        self.world = world
        for number, name in enumerate(("second", "third", "fourth")):
            if name not in world.people:
                self._employ(name, f"1377{_TOWNS.index(world.profile)}00000{number}")

    def _employ(self, name: str, phone: str) -> None:
        world = self.world
        hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        with world.database.unit_of_work() as session:
            person = Person(
                id=new_id(), jurisdiction_id=world.profile, name=f"督查员{name}", phone=phone, password_hash=hashed
            )
            session.add(person)
            session.flush()
            add_member(session, person, world.units["station"], SUPERVISOR, None)
            world.people[name] = person

    @property
    def first(self) -> Phone:
        """The supervisor of the scenario."""
        return self.world.phone("supervisor")

    def plan(self, **over: Any) -> None:
        """Put a plan in force."""
        self.first.do("inspection.plan", None, plan_id=new_id(), **PLAN | over)

    def draw(self) -> str:
        """End the running period now and draw it; return the draw's id."""
        place, now = self.world.profile, clock.now()
        with self.world.database.unit_of_work() as session:
            open_ones = [InspectionDraw.jurisdiction_id == place, InspectionDraw.drawn_at.is_(None)]
            open_ones.append(InspectionDraw.voided_at.is_(None))
            rows = list(
                session.scalars(select(InspectionDraw).where(*open_ones).order_by(InspectionDraw.begins_at)).all()
            )
            running, coming = rows[0], rows[1]
            running.ends_at = now
            session.execute(update(InspectionDraw).where(InspectionDraw.id == coming.id).values(begins_at=now))
        self.tick(now)
        return running.id

    def tick(self, at: datetime | None = None, later: timedelta = timedelta()) -> int:
        """Do what the relay does every minute."""
        return drawing.tick(self.world.database, (at or clock.now()) + later)

    def case_of(self, ticket_id: str) -> str:
        """Return the id of the ticket's newest case."""
        with self.world.database.read() as session:
            query = select(InspectionCase.id).where(InspectionCase.ticket_id == ticket_id)
            return str(session.scalars(query.order_by(InspectionCase.id.desc())).first())

    def row(self, case_id: str) -> InspectionCase:
        """Return the case as it lies in the database."""
        with self.world.database.read() as session:
            row = session.get_one(InspectionCase, case_id)
            session.expunge_all()
            return row

    def queue(self, who: str = "supervisor") -> dict[str, dict[str, Any]]:
        """Return ticket id → the case as it stands in somebody's queue."""
        answer = self.world.phone(who).call("GET", "/api/v1/oversight/inspections/queue")
        assert answer.status_code == 200, answer.text
        return {entry["ticket"]["id"]: entry for entry in answer.get_json()["cases"]}

    def shown(self, who: str, case_id: str) -> dict[str, Any]:
        """Return a case's page."""
        answer = self.world.phone(who).call("GET", f"/api/v1/oversight/inspections/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def judge(self, who: str, case_id: str, verdict: str = "genuine", **said: Any) -> dict[str, Any]:
        """Give a verdict that must be taken."""
        args = {"case_id": case_id, "look_id": new_id(), "verdict": verdict} | said
        return self.world.phone(who).do("inspection.judge", None, **args)
