"""A platform's receiving end on a loopback socket: checks signatures, fails or dawdles as told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass
class Receiver:
    """`answers` are statuses to give, in order, before it says 204; `messages` what it took for good."""

    secret: str = ""
    answers: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    delay: float = 0.0

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._take(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/results"

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.bodies.append(body)
        time.sleep(self.delay)
        status = self.answers.pop(0) if self.answers else 204
        if status == 204:
            self._check(handler, body)
            self.messages.append(json.loads(body))
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", self.url)
        handler.end_headers()

    def _check(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        seconds, identity = handler.headers["X-Doorstep-Timestamp"], handler.headers["X-Doorstep-Event"]
        text = f"{seconds}.{identity}.".encode() + body
        made = "v1=" + hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        assert handler.headers["X-Doorstep-Signature"] == made, "signature"
        assert abs(time.time() - int(seconds)) < 60 and json.loads(body)["event_id"] == identity

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
