"""A small HTTP server with moods: slow, failing, limiting, answering with any code, losing its answer."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the body, empty when there is none."""
        found = json.loads(self.raw) if self.raw else {}
        return found if isinstance(found, dict) else {}


@dataclass
class Moods:
    """What a service does instead of its work.

    `codes` and `statuses` are used up one a request; `down` closes the connection without a word; `lost` does the work
    and then loses the answer; `delay` seconds pass before anything, `late` ones between the work and the answer, so
    that who asked has given up by then. `repeats`: what it sends to us comes so many times, answered or not.
    """

    codes: list[int | str] = field(default_factory=list)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    down: bool = False
    lost: int = 0
    delay: float = 0.0
    late: float = 0.0
    repeats: int = 1


Answer = dict[str, Any]
_KEPT = 5000
"""Requests that are remembered: a demonstration may run for weeks."""


class Serving:
    """A server of this process that starts and stops with a `with` block; who inherits it makes `_server`."""

    _server: BaseServer
    audience: Callable[[str, str, dict[str, Any]], None] | None = None
    """Told of every message that somebody can see: channel, to whom, what."""

    def show(self, channel: str, to: str, what: dict[str, Any]) -> None:
        """Tell whoever looks on."""
        if self.audience is not None:
            self.audience(channel, to, what)

    def start(self) -> None:
        """Serve in a thread of this process."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop serving and give the port back."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """A server that a crowd can call at once: the usual five in the queue turn away a worker with its many hands."""

    daemon_threads = True
    request_queue_size = 128


class FakeService(Serving):
    """The common part: routes by path, keeps what was asked, has moods. Subclasses fill `routes`."""

    def __init__(self, port: int = 0) -> None:
        self.moods = Moods()
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        server = _Server(("127.0.0.1", port), Handler)
        self._server, self.port = server, int(server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        """Return path → what answers it with a JSON object; a service without any answers 404."""
        return {}

    def refusal(self, code: int | str) -> Answer:
        """Return how the service says a code."""
        return {"errcode": code, "errmsg": "as told"}

    def takes_codes(self, asked: Asked) -> bool:
        """Return whether a code that was told is for this request; getting a token is not what one means."""
        return True

    def locks(self, asked: Asked) -> bool:
        """Return whether requests are answered one after the other."""
        return True

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(self.moods.delay)
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        asked = Asked(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in handler.headers.items()},
            handler.rfile.read(length),
        )
        if self.moods.down:
            handler.close_connection = True
            return
        with self.lock if self.locks(asked) else contextlib.nullcontext():
            self.asked.append(asked)
            del self.asked[:-_KEPT]
            status, headers, body, lost = self._answer(asked)
        time.sleep(self.moods.late)
        if lost:
            handler.close_connection = True
            return
        text = json.dumps(body, ensure_ascii=False).encode()
        with contextlib.suppress(OSError):
            handler.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text)

    def _answer(self, asked: Asked) -> tuple[int, dict[str, str], Answer, bool]:
        if self.moods.statuses:
            status, headers = self.moods.statuses.pop(0)
            return status, headers, {}, False
        if self.moods.codes and self.takes_codes(asked):
            return 200, {}, self.refusal(self.moods.codes.pop(0)), False
        route = self.routes().get(asked.path)
        if route is None:
            return 404, {}, {}, False
        body = route(asked)
        lost = self.moods.lost > 0 and self.takes_codes(asked)
        self.moods.lost -= lost
        return 200, {}, body, lost
