"""Everybody else: other roles over the HTTP API, and fresh tickets for each test."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import requests
from journey.product import Product

from app.demo.people import PASSWORD, PEOPLE
from app.ids import new_id

PHONES = {person.key: person.phone for person in PEOPLE}
NAMES = {person.key: person.name for person in PEOPLE}


def now_iso(offset: timedelta = timedelta()) -> str:
    """The present instant, moved by `offset`, as the wire writes it."""
    return (datetime.now(UTC) + offset).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Person:
    """One account over the API, as an integration would use it."""

    def __init__(self, url: str, role: str, phone: str | None = None) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        body = {"phone": phone or PHONES[role], "password": PASSWORD,
                "device": {"id": new_id(), "name": f"{role} 接口", "platform": "api"}}  # fmt: skip
        answer = self._session.post(f"{url}/api/v1/auth/login", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str) -> requests.Response:
        """GET below /api/v1; any answer but 2xx fails the test."""
        answer = self._session.get(f"{self._url}/api/v1{path}", timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def send(self, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """POST a batch and return its receipts."""
        body = {"sent_at": now_iso(), "commands": commands}
        answer = self._session.post(f"{self._url}/api/v1/sync/commands", json=body, timeout=30)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:500]}"
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    def act(self, name: str, ticket_id: str | None, **args: Any) -> dict[str, Any]:
        """One command that must be applied."""
        receipt = self.try_(name, ticket_id, **args)
        assert receipt["status"] == "applied", receipt
        return receipt

    def try_(self, name: str, ticket_id: str | None, **args: Any) -> dict[str, Any]:
        """One command and whatever the server says to it."""
        command = {"id": new_id(), "name": name, "ticket_id": ticket_id, "args": args, "captured_at": now_iso(),
                   "beacon": None}  # fmt: skip
        (receipt,) = self.send([command])
        return receipt

    def upload(self, content: bytes, metadata: dict[str, str]) -> None:
        """Send bytes by tus in one piece."""
        speaks = {"Tus-Resumable": "1.0.0"}
        size = {"Upload-Length": str(len(content))}
        made = self._session.post(f"{self._url}/files", headers=speaks | size | metadata, timeout=30)
        assert made.ok, f"{made.status_code} {made.text[:500]}"
        where = urljoin(self._url, made.headers["Location"])
        piece = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        sent = self._session.patch(where, headers=speaks | piece, data=content, timeout=30)
        assert sent.ok, f"{sent.status_code} {sent.text[:500]}"

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """The ticket with its detail."""
        found: dict[str, Any] = self.get(f"/tickets/{ticket_id}").json()
        return found


class Town:
    """Roles on demand, and tickets that nobody else touches."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._people: dict[str, Person] = {}
        self._units: dict[str, str] = {}
        self._number = 0

    def __getitem__(self, role: str) -> Person:
        if role not in self._people:
            self._people[role] = Person(self._product.url, role)
        return self._people[role]

    def unit(self, name: str) -> str:
        """The id of the unit with that name."""
        if not self._units:
            pulled = self["station"].get("/sync/pull").json()
            self._units = {unit["name"]: unit["id"] for unit in pulled["units"]}
        return self._units[name]

    def new_ticket(self, title: str, unit: str = "清河街道办事处", priority: str = "normal") -> str:
        """Intake and dispatch a ticket to the unit; return its id."""
        self._number += 1
        ticket_id = new_id()
        self["station"].act(
            "ticket.intake", ticket_id, number=f"JN-{int(time.time())}-{self._number:02d}", title=title,
            content=f"{title}，已经好几天了，附近住户出行不便，希望尽快派人查看处理，处理完请回个电话。", kind="help",
            source="12345热线", priority=priority, area="清河街道", category="城市管理",
            caller={"name": "林佳禾", "phone": "13900001199", "address": "清河街道向阳路12号院3号楼",
                    "anonymous": False, "confidential": False},
        )  # fmt: skip
        self["station"].act("ticket.dispatch", ticket_id, unit_id=self.unit(unit), grounds="按职责分工派单")
        return ticket_id

    def signed_ticket(self, title: str) -> str:
        """A ticket that the liaison has signed for and contacted about."""
        ticket_id = self.new_ticket(title)
        self["liaison"].act("ticket.sign", ticket_id)
        self["liaison"].act(
            "contact.record", ticket_id, contact_id=new_id(), purpose="first", to="caller", channel="phone",
            outcome="reached", started_at=now_iso(-timedelta(seconds=20)),
        )  # fmt: skip
        return ticket_id

    def waiting_reply(self, title: str) -> tuple[str, str]:
        """A ticket whose reply waits for the leader; ticket and reply id."""
        ticket_id, reply_id = self.signed_ticket(title), new_id()
        self["liaison"].act(
            "visit.record", ticket_id, visit_id=new_id(), mode="solve", arrived_at=now_iso(-timedelta(seconds=15)),
            left_at=now_iso(-timedelta(seconds=5)), met="caller",
        )  # fmt: skip
        evidence = [self._declare(ticket_id, phase) for phase in ("before", "after")]
        self["liaison"].act(
            "reply.submit", ticket_id, reply_id=reply_id, parts=PARTS, opinion="satisfied", evidence_ids=evidence
        )
        return ticket_id, reply_id

    def _declare(self, ticket_id: str, phase: str) -> str:
        evidence_id = new_id()
        self["liaison"].act(
            "evidence.declare", ticket_id, evidence_id=evidence_id, sha256=evidence_id.replace("-", "") * 2, size=1000,
            media_type="image/jpeg", kind="photo", phase=phase, captured_at=now_iso(), source="camera",
        )  # fmt: skip
        return evidence_id


PARTS = {
    "verified": "情况属实。",
    "findings": "经现场查看，向阳路12号院门口三盏路灯不亮，灯杆线路老化接触不良，夜间出行确实不便，来电人反映属实。",
    "process": "接到工单后当日电话联系来电人，随后上门查看并通知路灯维护队到场，更换灯头三个、重新接线，当晚通电试亮。",
    "result": "三盏路灯已全部恢复照明，并列入每周巡查；已当面请来电人现场确认，来电人表示认可。",
}
"""The four parts of a reply that passes the gate of `dalad`."""
