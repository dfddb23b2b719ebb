"""One signed-in person of the tests' town: what their device sends and sees, over HTTP."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from app import clock
from app.ids import new_id
from app.people.models import Person

PASSWORD = "only-for-these-tests"
REPLY_PARTS = {
    "verified": "经现场核实，反映情况属实。",
    "findings": "三号楼二单元楼道照明线路老化，四层至六层感应灯不亮，夜间出入不便。",
    "process": "十一月二十日上午到现场查看，当天联系物业电工更换线路和灯具，下午逐层试亮。",
    "result": "楼道照明已恢复正常，物业承诺每周巡查一次，发现损坏当日修复。",
}


def later(hours: float = 0, **span: float) -> str:
    """The wire form of an instant that far from now."""
    return clock.iso(clock.now() + timedelta(hours=hours, **span))


class Phone:
    """One signed-in person: what their device sends and sees."""

    def __init__(self, client: FlaskClient, person: Person) -> None:
        self.person_id, self.name = person.id, person.name
        self._client = client
        device = {"id": new_id(), "name": "测试机", "platform": "test"}
        body = {"phone": person.phone, "password": PASSWORD, "device": device}
        answer = client.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        self._token = answer.get_json()["access_token"]

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request under this person's token."""
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, **options)

    @staticmethod
    def command(name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """An envelope as the phone makes it, to be sent now or later."""
        return {
            "id": new_id(), "name": name, "ticket_id": ticket_id, "args": args, "captured_at": later(), "beacon": None
        }  # fmt: skip

    def send_batch(self, commands: list[dict[str, Any]]) -> dict[str, Any]:
        """Post the commands as one batch and return the whole answer."""
        answer = self.call("POST", "/api/v1/sync/commands", json={"sent_at": later(), "commands": commands})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def try_(self, name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """Send one command and return its receipt, applied or refused."""
        receipt: dict[str, Any] = self.send_batch([self.command(name, ticket_id, **args)])["receipts"][0]
        return receipt

    def do(self, name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """Send one command that must be applied."""
        receipt = self.try_(name, ticket_id, **args)
        assert receipt["status"] == "applied", receipt
        return receipt

    def refused(self, name: str, ticket_id: str | None = None, /, **args: Any) -> str:
        """Send one command that must be refused, and return the code; what it says must be a whole sentence."""
        receipt = self.try_(name, ticket_id, **args)
        assert receipt["status"] == "refused", receipt
        assert receipt["message"] and "{" not in receipt["message"] and "—" not in receipt["message"], receipt
        return str(receipt["code"])

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """The ticket as this person sees it."""
        answer = self.call("GET", f"/api/v1/tickets/{ticket_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def detail(self, ticket_id: str) -> dict[str, Any]:
        """The ticket's detail."""
        found: dict[str, Any] = self.ticket(ticket_id)["detail"]
        return found

    def clock_of(self, ticket_id: str, name: str) -> dict[str, Any]:
        """One of the ticket's clocks."""
        return next(c for c in self.ticket(ticket_id)["clocks"] if c["clock"] == name)

    def events(self, ticket_id: str) -> list[dict[str, Any]]:
        """The ticket's whole timeline."""
        answer = self.call("GET", f"/api/v1/tickets/{ticket_id}/timeline")
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.get_json()["events"]
        return events

    def pull(self, cookie: str | None = None) -> dict[str, Any]:
        """Pull once."""
        answer = self.call("GET", "/api/v1/sync/pull", query_string={"cookie": cookie} if cookie else {})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def contact(self, ticket_id: str, outcome: str = "reached", ago: float = 0.1, **other: Any) -> dict[str, Any]:
        """Record a call to the caller that began `ago` minutes ago."""
        args = {"contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": outcome}
        return self.do("contact.record", ticket_id, **args | {"started_at": later(minutes=-ago)} | other)

    def visit(self, ticket_id: str, **other: Any) -> dict[str, Any]:
        """Record a visit that just took place."""
        args = {"visit_id": new_id(), "mode": "solve", "met": "caller"}
        times = {"arrived_at": later(minutes=-2), "left_at": later()}
        return self.do("visit.record", ticket_id, **args | times | other)

    def declare(self, ticket_id: str, content: bytes, phase: str, **other: Any) -> str:
        """Declare a photo (its hash only) and return its id."""
        evidence_id = new_id()
        args = {
            "evidence_id": evidence_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
            "media_type": "image/jpeg", "kind": "photo", "phase": phase, "captured_at": later(), "source": "camera",
        }  # fmt: skip
        self.do("evidence.declare", ticket_id, **args | other)
        return evidence_id

    def upload(self, evidence_id: str, content: bytes, start: int = 0, first: int | None = None) -> TestResponse:
        """Send the bytes from `start` on (or the `first` ones) by tus; return the answer to the last request."""
        metadata = "evidence_id " + base64.b64encode(evidence_id.encode()).decode()
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        made = self.call("POST", "/files", headers=headers)
        if made.status_code not in (200, 201):
            return made
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"
        }  # fmt: skip
        return self.call("PATCH", made.headers["Location"], headers=headers, data=content[start:first])

    def photographed(self, ticket_id: str) -> list[str]:
        """Declare one photo from before and one from after, as a reply needs them."""
        return [self.declare(ticket_id, photo(shade), phase) for shade, phase in ((40, "before"), (200, "after"))]

    def policy_wire(self, ticket_id: str) -> dict[str, Any]:
        """The profile of a ticket as this person's phone holds it."""
        wanted = self.ticket(ticket_id)["policy_id"]
        found: dict[str, Any] = next(p for p in self.pull()["policies"] if p["id"] == wanted)
        return found

    def said(self, ticket_id: str, **other: Any) -> dict[str, Any]:
        """A whole reply in words: every part, field, finish and answer that the profile or a send-back asks for."""
        rules, opinion = self.policy_wire(ticket_id)["reply"], other.get("opinion", "satisfied")
        own = {"person": "张三", "phone": "13900009999", "text": "无"}
        suiting = [f["key"] for f in rules["finishes"] if not f["opinions"] or opinion in f["opinions"]]
        reasons = self.detail(ticket_id)["reasons_open"]
        return {
            "parts": {part["key"]: REPLY_PARTS.get(part["key"], REPLY_PARTS["findings"]) for part in rules["parts"]},
            "opinion": opinion,
            "fields": {field["key"]: own[field["format"]] for field in rules["fields"]},
            "finish": suiting[0] if suiting else None,
            "answers": [{"reason": reason, "text": "已按要求补充，详见办理过程。"} for reason in reasons],
        } | other  # fmt: skip

    def prepared(self, ticket_id: str) -> list[str]:
        """Do in the field what the profile asks for before a reply; return the ids of its photos."""
        detail = self.detail(ticket_id)
        if not detail["visits"]:
            self.visit(ticket_id)
        if self.policy_wire(ticket_id)["reply"]["contacts"]:
            for purpose in {"first", "second"} - {contact["purpose"] for contact in detail["contacts"]}:
                self.contact(ticket_id, purpose=purpose)
        return self.photographed(ticket_id)

    def reply(self, ticket_id: str, **other: Any) -> str:
        """Do all the profile asks for and submit a reply; return its id."""
        reply_id = new_id()
        args = {"reply_id": reply_id, "evidence_ids": self.prepared(ticket_id), "acknowledge": []}
        self.do("reply.submit", ticket_id, **self.said(ticket_id, **args | other))
        return reply_id


def photo(shade: int, width: int = 96, height: int = 64) -> bytes:
    """A small JPEG; another shade gives another content."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 120, 90)).save(buffer, "JPEG")
    return buffer.getvalue()
