"""Whatever arrives at the door, the answer is a receipt or a problem with a sentence, never a fault of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from examples import EXAMPLES, home, prepared
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scenario import World, later

from app.ids import new_id
from app.sync.registry import REGISTRY

HOSTILE = (
    "nul\x00inside", "\ud800 alone", "字" * 30_000, "", " \t\n", "👨‍👩‍👧", "'; DROP TABLE tickets; --", "%s{0}{x}",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+14:00", "2026-11-20T09:14:00",
    "1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999Z", "2026-02-30T00:00:00Z", "0" * 36, "a" * 64,
    0, -1, 2**31, 2**63, 10**40, 1.5, 1e308, float("nan"), float("inf"), True, False, "12", None,
    [], {}, [[]], [None], {"\x00": 1}, {"\ud800": "x"}, ["\ud800"], {"lat": 91, "lon": 0}, {"x": "\x00"},
)  # fmt: skip
LIMITS = settings(
    max_examples=4, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def post(world: World, who: str, commands: list[dict[str, Any]]) -> Any:
    """Send a batch as bytes, so that what no JSON library of ours would write arrives too."""
    body = json.dumps({"sent_at": later(), "commands": commands}).encode()
    return world.phone(who).call("POST", "/api/v1/sync/commands", data=body, content_type="application/json")


def test_every_command_has_an_example(shared: World) -> None:
    assert set(EXAMPLES) == set(REGISTRY)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_no_argument_is_answered_by_a_fault(shared: World, name: str) -> None:
    """Commands right but for one thing (test_contract plays each) get as far as code that did not expect it."""
    world = home(shared, name)
    who, scene, args = prepared(world, name)

    @LIMITS
    @given(st.lists(st.tuples(st.sampled_from([*args, "surplus", "\x00", "\ud800"]), st.sampled_from(HOSTILE)),
                    min_size=8, max_size=8))  # fmt: skip
    def send(spoiled: list[tuple[str, Any]]) -> None:
        nonlocal who, scene, args
        commands = [world.station.command(name, scene.ticket_id) | {"args": args | {f: v}} for f, v in spoiled]
        answer = post(world, who, commands)
        assert answer.status_code == 200, (answer.status_code, answer.text[:300], spoiled)
        receipts = answer.get_json()["receipts"]
        for receipt in receipts:
            assert receipt["status"] == "applied" or receipt["message"], receipt
        if scene.ticket_id and any(r["status"] == "applied" for r in receipts):
            answer = world.station.call("GET", f"/api/v1/tickets/{scene.ticket_id}")
            assert answer.status_code == 200, "what was taken can be read again"
            who, scene, args = prepared(world, name)

    send()


@pytest.mark.parametrize("text", ["半个表情\ud83d", "有\x00字符"])
def test_text_that_cannot_be_kept_is_refused_with_a_receipt(shared: World, text: str) -> None:
    ticket_id = shared.handling()
    command = shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text=text)
    good = shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="👨‍👩‍👧 一家都在")
    answer = post(shared, "liaison", [command, good])
    first, second = answer.get_json()["receipts"]
    assert (first["status"], first["code"]) == ("refused", "command_invalid")
    assert "无法保存的字符" in first["message"]
    assert second["status"] == "applied", "its neighbour in the batch is not held up"
    assert shared.liaison.detail(ticket_id)["messages"][-1]["text"] == "👨‍👩‍👧 一家都在"
    again = post(shared, "liaison", [command]).get_json()["receipts"][0]
    assert again == first | {"replayed": True}
