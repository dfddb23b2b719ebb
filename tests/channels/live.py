"""The product on a real socket, for services that call us."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import requests
from werkzeug.serving import make_server

from app import clock
from app.auth import Authenticator, hash_password
from app.db import Database
from app.factory import create_app
from app.ids import new_id
from app.people.models import Person
from config import Config


class Live:
    """Serves the application of a configuration; `call` speaks to it as a signed-in person."""

    def __init__(self, config: Config, database: Database) -> None:
        self._database, self._config = database, config
        self._tokens: dict[str, str] = {}
        self._server = make_server("127.0.0.1", 0, create_app(config, database), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Live:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, person_id: str) -> str:
        if person_id not in self._tokens:
            with self._database.unit_of_work() as session:
                person = session.get_one(Person, person_id)
                person.password_hash = hash_password("a-long-password")
                session.flush()
                device = {"id": new_id(), "name": "手机", "platform": "test"}
                login = {"phone": person.phone, "password": "a-long-password", "device": device}
                checks = Authenticator(self._config)
                checked = checks.check(session, person.phone, "a-long-password")
                granted: Any = checks.login(session, login, checked, clock.now())
                self._tokens[person_id] = granted.access
        return self._tokens[person_id]

    def call(self, person_id: str, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token(person_id)}"}
        return requests.request(
            method, f"{self.url}/api/v1{path}", headers=headers, timeout=20, allow_redirects=False, **options
        )

    def command(self, person_id: str, name: str, ticket_id: str | None = None, /, **args: Any) -> dict[str, Any]:
        """Send one command and return its receipt."""
        now = clock.iso(clock.now())
        command = {
            "id": new_id(),
            "name": name,
            "ticket_id": ticket_id,
            "args": args,
            "captured_at": now,
            "beacon": None,
        }
        answer = self.call(person_id, "POST", "/sync/commands", json={"sent_at": now, "commands": [command]})
        receipt: dict[str, Any] = answer.json()["receipts"][0]
        return receipt
