"""Administrators edit, try and publish a profile; what runs keeps its version; nobody else may, and none elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import work
from flask import Flask
from scenario import World
from werkzeug.test import TestResponse

from app import clock
from app.reminders.jobs import tick


@pytest.fixture
def hukou(app: Flask) -> World:
    return World(app, "hukou")


def ask(world: World, verb: str, text: str, who: str = "admin", **other: Any) -> TestResponse:
    return world.phone(who).call("POST", f"/api/v1/policies/{world.profile}/{verb}", json={"text": text} | other)


def written(world: World) -> str:
    answer = world.phone("admin").call("GET", f"/api/v1/policies/{world.profile}/text").get_json()
    text: str = answer["text"]
    assert f"\nversion = {answer['next_version'] - 1}\n" in text
    return text.replace(f"\nversion = {answer['next_version'] - 1}\n", f"\nversion = {answer['next_version']}\n", 1)


def test_copied_edited_tried_and_published_while_running_tickets_keep_theirs(hukou: World) -> None:
    running, consult = hukou.dispatched(), hukou.dispatched(kind="consult")
    due = hukou.liaison.clock_of(running, "feedback")["due_at"]
    text = written(hukou).replace("span = { working_days = 8,", "span = { working_days = 9,")

    tried = ask(hukou, "preview", text).get_json()
    effects = {effect["clock"]: effect for effect in tried["clocks"]}
    assert tried["tickets"] == 2
    assert (effects["feedback"]["later"], effects["feedback"]["same"], effects["feedback"]["earlier"]) == (1, 1, 0)
    assert (effects["ask_extension"]["later"], effects["sign"]["same"]) == (1, 2)

    published = ask(hukou, "publish", text, note="投诉类放宽一日")
    assert (published.status_code, published.get_json()) == (201, {"id": "hukou@2"})
    assert hukou.liaison.clock_of(running, "feedback")["due_at"] == due
    assert hukou.liaison.ticket(running)["policy_id"] == "hukou@1"
    fresh = hukou.dispatched()
    assert hukou.liaison.ticket(fresh)["policy_id"] == "hukou@2"
    assert clock.parse(hukou.liaison.clock_of(fresh, "feedback")["due_at"]) > clock.parse(due)

    shown = hukou.liaison.call("GET", "/api/v1/policies/hukou").get_json()
    assert shown["id"] == "hukou@2" and shown["may_publish"] is False
    assert [(v["id"], v["current"], v["tickets"]) for v in shown["versions"]] == [
        ("hukou@2", True, 1), ("hukou@1", False, 2)
    ]  # fmt: skip
    assert any("9 个工作日" in item["text"] for section in shown["sections"] for item in section["items"])
    assert consult


def test_preview_counts_who_would_have_been_late(hukou: World) -> None:
    ticket = hukou.handling()
    text = written(hukou).replace('hours = 24, cite = "二(一)1" }', 'hours = 1, cite = "二(一)1" }')
    effects = {e["clock"]: e for e in ask(hukou, "preview", text).get_json()["clocks"]}
    assert (effects["sign"]["earlier"], effects["sign"]["late_before"], effects["sign"]["late_after"]) == (1, 0, 0)
    assert (effects["centre_sign"]["earlier"], effects["return"]["same"]) == (1, 1)
    assert ticket


def test_a_bad_text_is_refused_with_line_key_and_reason(hukou: World) -> None:
    text = written(hukou).replace("most = 2", "most = 0")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row == "most = 0")
    said = ask(hukou, "validate", text).get_json()
    assert said == {
        "ok": False, "id": None, "sections": [],
        "errors": [{"key": "requests[1].most", "line": line, "reason": "不能小于 1"}],
    }  # fmt: skip
    for verb in ("preview", "publish"):
        answer = ask(hukou, verb, text)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "policy_invalid")
        assert f"第 {line} 行" in answer.get_json()["detail"]
    assert ask(hukou, "validate", written(hukou)).get_json()["ok"] is True
    assert hukou.liaison.call("GET", "/api/v1/policies/hukou").get_json()["id"] == "hukou@1"


def test_a_published_version_is_never_published_again(hukou: World) -> None:
    text = written(hukou)
    assert ask(hukou, "publish", text).status_code == 201
    again = ask(hukou, "publish", text)
    assert (again.status_code, again.get_json()["code"]) == (422, "policy_invalid")
    assert "新的一版应写 3" in again.get_json()["detail"]


@pytest.mark.parametrize("who", ["liaison", "leader", "station", "supervisor"])
def test_only_an_administrator_may(hukou: World, who: str) -> None:
    text = written(hukou)
    for verb in ("validate", "preview", "publish"):
        answer = ask(hukou, verb, text, who)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "not_permitted")
    assert hukou.phone(who).call("GET", "/api/v1/policies/hukou").status_code == 200
    assert hukou.phone(who).call("GET", "/api/v1/policies/hukou/text").status_code == 403


def test_an_upgrade_does_not_take_an_administrators_version_away(hukou: World, tmp_path: Any) -> None:
    from app.policies.publish import publish_profiles

    text = written(hukou)
    assert ask(hukou, "publish", text).status_code == 201
    (tmp_path / "hukou.toml").write_text(text.replace("most = 2", "most = 3"), "utf-8")
    with hukou.database.unit_of_work() as session:
        assert publish_profiles(session, tmp_path) == []
    with hukou.database.read() as session:
        from app.policies.queries import policy_of

        assert policy_of(session, "hukou@2").requests["extension"].most == 2


def test_publishing_plans_the_reminders_of_running_tickets_anew_and_an_administrator_may_again(hukou: World) -> None:
    tick(hukou.database, clock.now())
    ticket = hukou.dispatched()
    tick(hukou.database, clock.now())
    path = "/api/v1/policies/hukou/replannings"
    assert hukou.phone("admin").call("GET", path).get_json() == {"runs": []}
    text = written(hukou).replace(
        'kind = "sign_due"\nclock = "sign"\nanchor = "due"\noffset_minutes = -60\n',
        'kind = "sign_due"\nclock = "sign"\nanchor = "due"\noffset_minutes = -90\n',
    )
    assert ask(hukou, "publish", text).status_code == 201
    (waiting,) = hukou.phone("admin").call("GET", path).get_json()["runs"]
    assert (waiting["reason"], waiting["started_at"], waiting["finished_at"]) == ("发布 hukou@2", None, None)
    work(hukou)
    (done,) = hukou.phone("admin").call("GET", path).get_json()["runs"]
    assert (done["total"], done["done"], done["changed"], done["failed"]) == (1, 1, 1, 0)
    assert done["finished_at"] and done["seconds_left"] is None
    due = clock.parse(hukou.liaison.clock_of(ticket, "sign")["due_at"])
    ladder = hukou.station.call("GET", f"/api/v1/tickets/{ticket}/reminders").get_json()["reminders"]
    instants = [clock.parse(row["at"]) for row in ladder if row["kind"] == "sign_due" and row["state"] == "planned"]
    assert due - timedelta(minutes=90) in instants and due - timedelta(minutes=60) not in instants

    for who in ("liaison", "leader", "station", "supervisor"):
        assert hukou.phone(who).refused("policy.replan") == "not_permitted"
        assert hukou.phone(who).call("GET", path).status_code == 403
    hukou.phone("admin").do("policy.replan")
    work(hukou)
    latest, _ = hukou.phone("admin").call("GET", path).get_json()["runs"]
    assert (latest["reason"], latest["done"], latest["changed"]) == ("管理员要求重新排定", 1, 0)
