"""Every answer of the rulebook is what its schema says, field by field."""

from __future__ import annotations

from typing import Any

from scenario import World

from app.rulebook import schemas

NAMES = ("dalad", "dalad/text", "dalad/validate", "dalad/preview", "dalad/publish", "dalad/replannings")


def test_every_answer_conforms(shared: World) -> None:
    admin = shared.phone("admin")
    shared.handling()
    admin.do("calendar.correct", day="2020-01-03", free=True, name="临时放假")

    def asked(method: str, path: str, schema: Any, status: int = 200, **body: Any) -> dict[str, Any]:
        options = {"json": body} if body else {}
        answer = admin.call(method, f"/api/v1/{path}", **options)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.get_json()
        assert schema().validate(found) == {}, path
        return found

    assert asked("GET", "calendar", schemas.CalendarOut)["runs"]
    assert asked("GET", "policies/dalad", schemas.RulesOut)["versions"]
    text = asked("GET", "policies/dalad/text", schemas.TextOut)["text"].replace("version = 2", "version = 3", 1)
    assert asked("POST", "policies/dalad/validate", schemas.CheckedOut, text=text)["sections"]
    assert asked("POST", "policies/dalad/validate", schemas.CheckedOut, text="x =")["errors"]
    assert asked("POST", "policies/dalad/preview", schemas.PreviewOut, text=text)["tickets"] >= 1
    asked("POST", "policies/dalad/publish", schemas.PublishedOut, 201, text=text, note="试行")
    assert asked("GET", "policies/dalad/replannings", schemas.ReplanningsOut)["runs"]


def test_every_route_is_named_here(shared: World) -> None:
    paths = shared.app.extensions["doorstep.api"].spec.to_dict()["paths"]
    mine = {path for path in paths if path.startswith(("/api/v1/policies/", "/api/v1/calendar"))}
    named = {f"/api/v1/policies/{name.replace('dalad', '{profile}', 1)}" for name in NAMES}
    assert mine == named | {"/api/v1/calendar"}
