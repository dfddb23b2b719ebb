"""Any interleaving of taps, batches, lost answers and replays from two devices comes to what one play would."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from one_play import Model
from scenario import Phone, World, later
from sqlalchemy import select

from app.ids import new_id
from app.sync.models import ReceiptRow
from app.tickets.models import Ticket
from app.verify import check

Command = dict[str, Any]
DEVICES = ("A", "B")
KINDS = ("sign", "post", "contact", "visit", "draft", "unknown", "invalid")
devices = st.sampled_from(DEVICES)


def arguments(kind: str, identity: str, text: str) -> tuple[str, Command]:
    """Return name and arguments of a command of the kind."""
    times = {"started_at": later(minutes=-0.01)}
    return {
        "sign": ("ticket.sign", {}),
        "post": ("thread.post", {"message_id": identity, "text": text}),
        "contact": ("contact.record", {
            "contact_id": identity, "purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached",
            **times}),
        "visit": ("visit.record", {
            "visit_id": identity, "mode": "solve", "met": "caller", "arrived_at": times["started_at"]}),
        "draft": ("draft.save", {"parts": {"result": text}}),
        "unknown": ("ticket.fly", {}),
        "invalid": ("thread.post", {}),
    }[kind]  # fmt: skip


class Interleaving(RuleBasedStateMachine):
    """Two phones of one liaison and the station work on one ticket; the model says what must come of it."""

    world: World
    phones: dict[str, Phone]

    @initialize()
    def begin(self) -> None:
        self.ticket_id = self.world.dispatched()
        self.model = Model()
        self.outboxes: dict[str, list[Command]] = {name: [] for name in DEVICES}
        self.delivered: list[Command] = []
        self.used: list[str] = []
        ticket = self.world.station.ticket(self.ticket_id)
        self.version = ticket["version"]
        self.before = [event["name"] for event in ticket["detail"]["timeline"]]

    @rule(device=devices, kind=st.sampled_from(KINDS), text=st.sampled_from(["在办", "已约好", "等材料"]))
    def tap(self, device: str, kind: str, text: str) -> None:
        identity = new_id()
        name, args = arguments(kind, identity, text)
        self.outboxes[device].append(self.phones[device].command(name, self.ticket_id, **args))
        self.used.append(identity)

    @precondition(lambda self: self.used)
    @rule(device=devices, kind=st.sampled_from(["post", "contact", "visit"]), data=st.data())
    def tap_with_an_id_used_before(self, device: str, kind: str, data: st.DataObject) -> None:
        name, args = arguments(kind, data.draw(st.sampled_from(self.used)), "又一次")
        self.outboxes[device].append(self.phones[device].command(name, self.ticket_id, **args))

    @rule(device=devices, count=st.integers(1, 6), answered=st.booleans())
    def send(self, device: str, count: int, answered: bool) -> None:
        batch = self.outboxes[device][:count]
        if not batch:
            return
        self._post(device, batch)
        self.delivered += batch
        if answered:
            del self.outboxes[device][: len(batch)]

    @precondition(lambda self: self.delivered)
    @rule(device=devices, data=st.data(), fresh=st.integers(0, 2))
    def replay(self, device: str, data: st.DataObject, fresh: int) -> None:
        """Old commands in any order, twice if it so happens, with the next new ones between them."""
        batch = data.draw(st.lists(st.sampled_from(self.delivered), min_size=1, max_size=6))
        batch = data.draw(st.permutations(batch + self.outboxes[device][:fresh]))
        self._post(device, batch)
        self.delivered += batch

    @rule(data=st.data())
    def the_station_moves_the_ticket(self, data: st.DataObject) -> None:
        if data.draw(st.integers(0, 7)) == 0:
            unit = self.world.units["water"].id
            command = self.world.station.command("ticket.reassign", self.ticket_id, unit_id=unit, reason="属供水管理")
            self._compare(self.world.station.send_batch([command])["receipts"], [command])

    def _post(self, device: str, batch: list[Command]) -> None:
        self._compare(self.phones[device].send_batch(batch)["receipts"], batch)

    def _compare(self, receipts: list[Command], batch: list[Command]) -> None:
        assert [r["id"] for r in receipts] == [c["id"] for c in batch]
        for receipt, command in zip(receipts, batch, strict=True):
            outcome, replayed = self.model.arrive(command)
            assert ((receipt["status"], receipt["code"]), receipt["replayed"]) == (outcome, replayed), command

    @invariant()
    def the_ticket_is_where_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        ticket = self.world.station.ticket(self.ticket_id)
        assert (ticket["state"], ticket["version"]) == (self.model.state, self.version + self.model.changes)
        detail = ticket["detail"]
        assert [e["name"] for e in detail["timeline"]] == self.before + self.model.events
        for kind, identities in self.model.records.items():
            assert {row["id"] for row in detail[kind]} == set(identities)
            assert len(detail[kind]) == len(identities)
        shown = (detail["draft"] or {}).get("parts") if self.model.with_town else None
        assert shown == (self.model.draft if self.model.with_town else None)

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.world.database.read() as session:
            ids = list(self.model.receipts)
            rows = session.scalars(select(ReceiptRow).where(ReceiptRow.id.in_(ids)))
            assert {row.id: (row.status, row.code) for row in rows} == self.model.receipts
            ticket = session.get_one(Ticket, self.ticket_id)
            assert check(session, ticket.id, ticket.journal_length, ticket.journal_head) is None
            assert ticket.journal_length == len(self.before) + len(self.model.events)


def test_any_interleaving_is_one_play(shared: World) -> None:
    class Here(Interleaving):
        world = shared
        phones = {name: Phone(shared.app.test_client(), shared.people["liaison"]) for name in DEVICES}

    sqlite = shared.database.engine.dialect.name == "sqlite"
    limits = settings(
        max_examples=12 if sqlite else 5, stateful_step_count=18, deadline=None, database=None,
        # No shrinking: it would play for minutes, and eighteen steps can be read.
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(Here, settings=limits)
