"""A push service as RFC 8030 has it, on a loopback socket, for phones that really decrypt (RFC 8291)."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.channels.endpoints import decode


@dataclass
class Phone:
    """A browser with its private key; `shown` are the messages it could decrypt."""

    token: str
    private: ec.EllipticCurvePrivateKey
    secret: bytes
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    @property
    def visible(self) -> dict[str, dict[str, Any]]:
        """What stands on the screen: a message with the tag of another takes its place."""
        return {message["tag"]: message for message in self.shown}

    def open(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message. Raises `http_ece.ECEException` when it was not meant for this phone."""
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return json.loads(text)


def new_phone() -> Phone:
    return Phone(os.urandom(12).hex(), ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


class PushService:
    """Checks the VAPID signature, hands the message to the phone, or answers as told by `answers` (status, headers)."""

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.body = b""
        self.requests: list[dict[str, str]] = []
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._take(self)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        time.sleep(self.delay)
        self.requests.append({name.lower(): value for name, value in handler.headers.items()})
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        if status < 300:
            _require_vapid(handler.headers["Authorization"], self.url)
            phone = self.phones[handler.path.lstrip("/")]
            phone.shown.append(phone.open(body))
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        said = self.body if status >= 300 else b""
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)

    def __enter__(self) -> PushService:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _require_vapid(header: str, audience: str) -> None:
    """Check the signature as a push service does (RFC 8292): token signed by key `k`, for this service, short-lived."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=audience)
    assert claims["sub"].startswith("mailto:")
    assert claims["exp"] <= time.time() + 24 * 3600
