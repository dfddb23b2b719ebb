"""The same command sent by several at the same time is applied once, and all of them are told the same."""

from __future__ import annotations

import threading
from typing import Any

from scenario import World, later

from app.ids import new_id


def at_once(world: World, senders: int, body: dict[str, Any]) -> list[Any]:
    """Post one body from several threads that start together; return the answers."""
    ready, answers = threading.Barrier(senders), []
    headers = {"Authorization": f"Bearer {world.liaison._token}"}

    def send() -> None:
        client = world.app.test_client()
        ready.wait()
        answers.append(client.post("/api/v1/sync/commands", json=body, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_batch_from_several_threads_has_one_effect(shared: World) -> None:
    for _ in range(3):
        ticket_id = shared.dispatched()
        before = len(shared.liaison.events(ticket_id))
        batch = [
            shared.liaison.command("ticket.sign", ticket_id),
            shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="只说一次"),
            shared.liaison.command("ticket.sign", ticket_id),
        ]
        answers = at_once(shared, 6, {"sent_at": later(), "commands": batch})
        assert {a.status_code for a in answers} == {200}, [a.text for a in answers]
        for position in range(len(batch)):
            receipts = [a.get_json()["receipts"][position] for a in answers]
            assert [r.pop("replayed") for r in receipts].count(False) == 1, receipts
            assert all(r == receipts[0] for r in receipts), "whoever came second is told what the first was told"
        assert receipts[0]["code"] == "state_wrong", "signing a second time is refused, for everybody alike"
        assert [m["text"] for m in shared.liaison.detail(ticket_id)["messages"]] == ["只说一次"]
        assert len(shared.liaison.events(ticket_id)) == before + 2


def test_one_number_taken_in_by_two_operators_is_registered_once(shared: World) -> None:
    """Two ids, one number: nobody waits for a ticket that is not there yet, so the database decides."""
    args = shared.intake_args()
    headers = {"Authorization": f"Bearer {shared.station._token}"}
    ready, receipts = threading.Barrier(4), []

    def take_in() -> None:
        command = shared.station.command("ticket.intake", new_id(), **args)
        ready.wait()
        body = {"sent_at": later(), "commands": [command]}
        answer = shared.app.test_client().post("/api/v1/sync/commands", json=body, headers=headers)
        receipts.append(answer.get_json()["receipts"][0])

    threads = [threading.Thread(target=take_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r["status"] for r in receipts) == ["applied", "refused", "refused", "refused"]
    assert {r["code"] for r in receipts} <= {None, "ticket_exists", "id_taken"}
