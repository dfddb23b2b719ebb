"""Every documented answer of intake against its schema, field by field."""

from __future__ import annotations

from typing import Any

from intake import exports, scenes
from intake.conftest import Office
from intake.test_platform import Platform, request_
from marshmallow import Schema

from app.ids import new_id
from app.intake import schemas

BASE = "/api/v1/intake"
SCHEMAS: dict[str, Schema] = {
    "POST /files": schemas.FileOut(), "GET /files": schemas.FileList(), "GET /files/{file_id}": schemas.FileOut(),
    "GET /files/{file_id}/rows": schemas.RowsOut(), "POST /tickets": schemas.AnswersOut(),
    "GET /keys": schemas.KeyList(), "POST /keys": schemas.SecretOut(),
    "POST /keys/{key_id}/secret": schemas.SecretOut(),
    "GET /webhooks": schemas.WebhookList(), "POST /webhooks": schemas.SecretOut(),
    "POST /webhooks/{webhook_id}/secret": schemas.SecretOut(),
    "GET /webhooks/{webhook_id}/deliveries": schemas.DeliveriesOut(),
}  # fmt: skip
WITHOUT_JSON = {"GET /files/{file_id}/result", "PATCH /webhooks/{webhook_id}"}


def conforms(route: str, answer: Any) -> Any:
    assert answer.status_code in (200, 201), (route, answer.text)
    assert SCHEMAS[route].validate(answer.get_json()) == {}, route
    return answer.get_json()


def test_every_documented_route_is_compared(office: Office) -> None:
    paths = office.world.app.extensions["doorstep.api"].spec.to_dict()["paths"]
    documented = {
        f"{method.upper()} {path.removeprefix(BASE)}"
        for path, methods in paths.items() if path.startswith(BASE)
        for method in methods if method in ("get", "post", "patch", "put", "delete")
    }  # fmt: skip
    assert documented - WITHOUT_JSON == set(SCHEMAS)


def test_files_conform(office: Office) -> None:
    file_id = conforms("POST /files", office.post(exports.xlsx([exports.line(), exports.line(诉求类型="唠嗑")])))["id"]
    office.work("intake")
    for _ in range(2):
        conforms("GET /files/{file_id}", office.station.call("GET", f"{BASE}/files/{file_id}"))
        conforms("GET /files/{file_id}/rows", office.station.call("GET", f"{BASE}/files/{file_id}/rows"))
        if office.file(file_id)["state"] == "preview":
            office.confirm(file_id)
    conforms("GET /files", office.station.call("GET", f"{BASE}/files"))


def test_keys_and_calls_conform(office: Office) -> None:
    city = Platform(office)
    conforms("POST /tickets", city.post({"tickets": [request_(), request_(kind="唠嗑")]}))
    conforms("POST /keys", office.admin.call("POST", f"{BASE}/keys", json={"key_id": new_id(), "label": "某平台"}))
    conforms("POST /keys/{key_id}/secret", office.admin.call("POST", f"{BASE}/keys/{city.key_id}/secret"))
    office.admin.do("intake.key_revoke", None, key_id=scenes.key(office.world))
    conforms("GET /keys", office.admin.call("GET", f"{BASE}/keys"))


def test_webhooks_conform(office: Office) -> None:
    body = {"webhook_id": new_id(), "label": "某平台", "url": "https://platform.example.org/", "kinds": ["closed"]}
    conforms("POST /webhooks", office.admin.call("POST", f"{BASE}/webhooks", json=body))
    hook = f"{BASE}/webhooks/{body['webhook_id']}"
    conforms("POST /webhooks/{webhook_id}/secret", office.admin.call("POST", f"{hook}/secret"))
    for _ in range(3):
        office.admin.do("webhook.test", None, webhook_id=body["webhook_id"], delivery_id=new_id())
    page = conforms("GET /webhooks/{webhook_id}/deliveries", office.admin.call("GET", f"{hook}/deliveries?page_size=2"))
    rest = office.admin.call("GET", f"{hook}/deliveries?page_size=2&before={page['next_before']}")
    rest = conforms("GET /webhooks/{webhook_id}/deliveries", rest)
    seen = [row["id"] for row in page["deliveries"] + rest["deliveries"]]
    assert len(seen) == len(set(seen)) == 3 and rest["next_before"] is None
    conforms("GET /webhooks", office.admin.call("GET", f"{BASE}/webhooks"))
    assert office.admin.call("PATCH", hook, json={"active": False}).status_code == 204
