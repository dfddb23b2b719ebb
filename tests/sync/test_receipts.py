"""One receipt per command, whatever is sent how often: replays, reused ids, refusals, limits of a batch."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from scenario import World, later

from app.ids import new_id

COMMANDS = "/api/v1/sync/commands"


def say(world: World, ticket_id: str, text: str = "请问何时维修") -> dict[str, Any]:
    return world.liaison.command("thread.post", ticket_id, message_id=new_id(), text=text)


def messages(world: World, ticket_id: str) -> list[str]:
    return [m["text"] for m in world.liaison.detail(ticket_id)["messages"]]


def refused_batch(world: World, commands: Any, status: int, code: str, **other: Any) -> dict[str, Any]:
    """Post what must be refused as a whole and return the problem."""
    body = {"sent_at": later(), "commands": commands} | other
    answer = world.liaison.call("POST", COMMANDS, json=body)
    problem: dict[str, Any] = answer.get_json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json" and problem["detail"]
    return problem


def test_a_replay_is_answered_with_the_stored_receipt_and_changes_nothing(shared: World) -> None:
    ticket_id = shared.dispatched()
    batch = [shared.liaison.command("ticket.sign", ticket_id), say(shared, ticket_id)]
    first = shared.liaison.send_batch(batch)
    before = shared.liaison.ticket(ticket_id), shared.liaison.events(ticket_id)
    for again in (batch, batch[::-1], batch[1:]):
        answer = shared.liaison.send_batch(again)
        expected = {r["id"]: r | {"replayed": True} for r in first["receipts"]}
        assert answer["receipts"] == [expected[c["id"]] for c in again]
        assert [t["id"] for t in answer["tickets"]] == [ticket_id], "a phone that lost the answer gets the ticket too"
    assert (shared.liaison.ticket(ticket_id), shared.liaison.events(ticket_id)) == before


def test_a_refusal_is_stored_and_not_judged_again(shared: World) -> None:
    ticket_id = shared.registered()
    command = shared.station.command("ticket.report_to_centre", ticket_id, note="报市中心") | {
        "name": "ticket.reassign"
    }
    command["args"] = {"unit_id": shared.units["town"].id, "reason": "按属地"}
    first = shared.station.send_batch([command])["receipts"][0]
    assert (first["status"], first["code"]) == ("refused", "state_wrong")
    shared.station.do("ticket.dispatch", ticket_id, unit_id=shared.units["water"].id, grounds="供水")
    again = shared.station.send_batch([command])["receipts"][0]
    assert again == first | {"replayed": True}, "now it would be possible, but the phone was told no"
    assert shared.station.ticket(ticket_id)["unit"]["id"] == shared.units["water"].id


@pytest.mark.parametrize(
    "change",
    [
        {"args": {"message_id": new_id(), "text": "别的话"}}, {"captured_at": "2026-01-01T00:00:00Z"},
        {"beacon": "1.forged"}, {"name": "ticket.sign"}, {"ticket_id": new_id()},
    ],
)  # fmt: skip
def test_an_id_reused_for_other_content_stops_the_whole_batch(shared: World, change: dict[str, Any]) -> None:
    ticket_id = shared.dispatched()
    old = say(shared, ticket_id, "第一句")
    shared.liaison.send_batch([old])
    new = say(shared, ticket_id, "第二句")
    problem = refused_batch(shared, [new, old | change], 422, "command_id_reused")
    assert problem["facts"]["ids"] == [old["id"]]
    assert messages(shared, ticket_id) == ["第一句"], "nothing of the batch was applied"
    assert shared.liaison.send_batch([new])["receipts"][0]["replayed"] is False


def test_two_contents_under_one_id_in_one_batch_are_refused_and_twins_count_once(shared: World) -> None:
    ticket_id = shared.dispatched()
    command = say(shared, ticket_id, "一句")
    refused_batch(shared, [command, command | {"beacon": "x"}], 422, "command_id_reused")
    assert messages(shared, ticket_id) == []
    first, second = shared.liaison.send_batch([command, command])["receipts"]
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert messages(shared, ticket_id) == ["一句"]


def test_another_persons_command_is_not_ones_own(shared: World) -> None:
    ticket_id = shared.dispatched()
    command = say(shared, ticket_id)
    shared.liaison.send_batch([command])
    answer = shared.phone("deputy").call("POST", COMMANDS, json={"sent_at": later(), "commands": [command]})
    assert answer.get_json()["code"] == "command_id_reused"


def test_refusals_do_not_hold_up_their_neighbours(shared: World) -> None:
    ticket_id = shared.dispatched()
    batch = [
        shared.liaison.command("ticket.fly", ticket_id),
        say(shared, ticket_id, "前"),
        shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="话", mood="好"),
        shared.liaison.command("thread.post", ticket_id, message_id=7, text=["列表"]),
        shared.liaison.command("thread.post", ticket_id, message_id=new_id()),
        say(shared, ticket_id, "后"),
    ]
    receipts = shared.liaison.send_batch(batch)["receipts"]
    assert [r["id"] for r in receipts] == [c["id"] for c in batch]
    codes = ["command_unknown", None, "command_invalid", "command_invalid", "command_invalid", None]
    assert [r["code"] for r in receipts] == codes
    assert "ticket.fly" in receipts[0]["message"]
    assert receipts[2]["facts"]["errors"] == {"mood": ["不认识的内容。"]}
    assert set(receipts[3]["facts"]["errors"]) == {"message_id", "text"}
    assert receipts[4]["facts"]["errors"] == {"text": ["必须填写。"]}
    assert messages(shared, ticket_id) == ["前", "后"]


def test_fifty_commands_are_a_batch_and_fifty_one_are_not(shared: World) -> None:
    ticket_id = shared.dispatched()
    batch = [say(shared, ticket_id, f"第{number}句") for number in range(51)]
    refused_batch(shared, batch, 422, "batch_invalid")
    refused_batch(shared, [], 422, "batch_invalid")
    assert messages(shared, ticket_id) == []
    receipts = shared.liaison.send_batch(batch[:50])["receipts"]
    assert {r["status"] for r in receipts} == {"applied"}
    assert messages(shared, ticket_id) == [c["args"]["text"] for c in batch[:50]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("captured_at", "2026-11-20T09:14:00"), ("captured_at", None), ("captured_at", 1763601240), ("id", "7"),
        ("id", None), ("ticket_id", "x"), ("args", []), ("args", None), ("name", ""), ("name", "n\x00"),
        ("name", "长" * 65), ("beacon", "b" * 65), ("beacon", 7), ("surplus", 1),
    ],
)  # fmt: skip
def test_an_envelope_that_cannot_be_read_names_its_field(shared: World, field: str, value: Any) -> None:
    ticket_id = shared.dispatched()
    good = say(shared, ticket_id)
    problem = refused_batch(shared, [good, say(shared, ticket_id) | {field: value}], 422, "batch_invalid")
    assert list(problem["errors"]["commands"]["1"]) == [field]
    assert messages(shared, ticket_id) == []


def test_naive_or_missing_sending_time_is_refused(shared: World) -> None:
    for sent in ("2026-11-20T09:14:00", None, "soon"):
        problem = refused_batch(shared, [say(shared, new_id())], 422, "batch_invalid", sent_at=sent)
        assert list(problem["errors"]) == ["sent_at"]


NOT_JSON = [
    b"{", b'{"sent_at": ', b"\xff\xfe\x00", b'"\xd8"', b"[" * 100_000, b'{"a":' * 3000 + b"1" + b"}" * 3000,
    b'{"sent_at": 1' + b"0" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_json_is_said_to_be_none(shared: World, body: bytes) -> None:
    answer = shared.liaison.call("POST", COMMANDS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "body_not_json"), answer.text


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b'"text"', b"{}"])
def test_json_of_another_kind_is_an_invalid_batch(shared: World, body: bytes) -> None:
    answer = shared.liaison.call("POST", COMMANDS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "batch_invalid"), answer.text


def test_arguments_nested_without_end_are_refused(shared: World) -> None:
    for depth in (200, 600, 950):
        args = '{"text":' + "[" * depth + "]" * depth + "}"
        envelope = json.dumps(shared.liaison.command("thread.post", new_id())).replace("{}", args)
        body = '{"sent_at":"' + later() + '","commands":[' + envelope + "]}"
        answer = shared.liaison.call("POST", COMMANDS, data=body.encode(), content_type="application/json")
        code = answer.get_json().get("code") or answer.get_json()["receipts"][0]["code"]
        assert code in ("body_not_json", "command_invalid"), answer.text
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10 * 1024 * 1024])
def test_more_than_a_megabyte_is_not_read(shared: World, framing: str, size: int) -> None:
    ticket_id = shared.dispatched()
    shell = json.dumps({"sent_at": later(), "commands": [say(shared, ticket_id, "")]}).encode()
    body = shell.replace(b'"text": ""', b'"text": "' + b"x" * (size - len(shell)) + b'"')
    options: dict[str, Any] = {"data": body}
    if framing == "chunked":
        options = {"input_stream": io.BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
    answer = shared.liaison.call("POST", COMMANDS, content_type="application/json", **options)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")
    assert answer.get_json()["facts"] == {"limit_kb": 1024}
    assert messages(shared, ticket_id) == []


def test_a_long_text_is_refused_with_a_receipt(shared: World) -> None:
    ticket_id = shared.dispatched()
    receipt = shared.liaison.try_("thread.post", ticket_id, message_id=new_id(), text="长" * 300_000)
    assert (receipt["status"], receipt["code"]) == ("refused", "command_invalid")
    assert "2000" in receipt["message"]


def test_a_command_without_its_ticket_is_refused(shared: World) -> None:
    assert shared.liaison.refused("ticket.sign", None) == "ticket_not_found"
    assert shared.station.refused("ticket.intake", None, **shared.intake_args()) == "command_invalid"


def test_every_answer_says_the_servers_time_and_epoch(shared: World) -> None:
    answer = shared.liaison.send_batch([say(shared, shared.dispatched())])
    version = shared.app.test_client().get("/api/v1/version").get_json()
    assert answer["epoch"] == version["epoch"]
    assert answer["beacon"].partition(".")[0].isdigit() and answer["beacon"].partition(".")[2]
