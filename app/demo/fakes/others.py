"""Group robots, an SMS gateway and a mail server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message as Letter
from typing import Any

from app import clock, signing
from app.demo.fakes.server import Answer, Asked, FakeService, Serving


class FakeRobots(FakeService):
    """Groups of DingTalk, Feishu and WeCom, each with a robot; signatures are checked where a secret was set."""

    def __init__(self, secret: str = "", port: int = 0) -> None:
        super().__init__(port)
        self.secret, self.keyword = secret, ""
        self.said: dict[str, list[str]] = {"dingtalk": [], "feishu": [], "wecombot": []}
        self.dialect = ""

    def address(self, channel: str) -> str:
        """Return the robot's address as its group shows it."""
        return {
            "dingtalk": f"{self.url}/robot/send?access_token=ding1",
            "feishu": f"{self.url}/open-apis/bot/v2/hook/feishu1",
            "wecombot": f"{self.url}/cgi-bin/webhook/send?key=wecom1",
        }[channel]

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        return {
            "/robot/send": self._dingtalk,
            "/open-apis/bot/v2/hook/feishu1": self._feishu,
            "/cgi-bin/webhook/send": self._wecom,
        }

    def refusal(self, code: int | str) -> Answer:
        return {"code": code, "msg": "as told"} if self.dialect == "feishu" else {"errcode": code, "errmsg": "as told"}

    def takes_codes(self, asked: Asked) -> bool:
        self.dialect = "feishu" if "/hook/" in asked.path else "other"
        return True

    def _dingtalk(self, asked: Asked) -> Answer:
        if asked.query.get("access_token") != "ding1":
            return self.refusal(300001)
        stamp = asked.query.get("timestamp", "0")
        expected = _digest(self.secret, f"{stamp}\n{self.secret}")
        fresh = abs(clock.to_epoch_ms(clock.now()) - int(stamp)) < 3_600_000
        if self.secret and not fresh:
            return {"errcode": 310000, "errmsg": "invalid timestamp, more details at the document"}
        if self.secret and not hmac.compare_digest(expected, asked.query.get("sign", "")):
            return {"errcode": 310000, "errmsg": "sign not match, more details at the document"}
        if self.keyword not in asked.body["text"]["content"]:
            return {"errcode": 310000, "errmsg": "keywords not in content, more details at the document"}
        return self._take("dingtalk", asked.body["text"]["content"], {"errcode": 0, "errmsg": "ok"})

    def _feishu(self, asked: Asked) -> Answer:
        stamp = str(asked.body.get("timestamp", ""))
        if self.secret and asked.body.get("sign") != _digest(f"{stamp}\n{self.secret}", ""):
            return {"code": 19021, "msg": "sign match fail"}
        if self.keyword not in asked.body["content"]["text"]:
            return {"code": 19024, "msg": "Key Words Not Found"}
        return self._take("feishu", asked.body["content"]["text"], {"code": 0, "msg": "success", "data": {}})

    def _wecom(self, asked: Asked) -> Answer:
        if asked.query.get("key") != "wecom1":
            return self.refusal(93000)
        return self._take("wecombot", asked.body["text"]["content"], {"errcode": 0, "errmsg": "ok"})

    def _take(self, channel: str, text: str, answer: Answer) -> Answer:
        self.said[channel].append(text)
        self.show(channel, "", {"text": text})
        return answer


class FakeSms(FakeService):
    """A gateway of the documented protocol: it checks the signature and its time, and sends an id once."""

    def __init__(self, secret: str, port: int = 0) -> None:
        super().__init__(port)
        self.secret = secret
        self.phones: dict[str, list[str]] = {}
        self._ids: set[str] = set()

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        return {"/send": self._send}

    def refusal(self, code: int | str) -> Answer:
        return {"code": code, "message": "as told"}

    def _send(self, asked: Asked) -> Answer:
        seconds = signing.read_seconds(asked.headers.get("x-doorstep-timestamp", ""))
        identity = asked.headers.get("x-doorstep-event", "")
        signature = asked.headers.get("x-doorstep-signature", "")
        if seconds is None or not signing.is_timely(seconds, clock.to_epoch_ms(clock.now()) // 1000):
            return self.refusal("bad_signature")
        if not signing.holds([self.secret], seconds, identity, asked.raw, signature):
            return self.refusal("bad_signature")
        body = asked.body
        key = f"{body['id']}/{body['phone']}"
        if key not in self._ids:
            self._ids.add(key)
            self.phones.setdefault(body["phone"], []).append(body["text"])
            self.show("sms", body["phone"], body)
        return {"code": "ok", "message": ""}


@dataclass
class FakeMail(Serving):
    """An SMTP server (RFC 5321, plain, with AUTH) that keeps letters; `codes` are said to recipients, one each."""

    user: str = "robot"
    password: str = ""
    letters: list[Letter] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        self._server, self.port = server, int(server.server_address[1])

    def _talk(self, peer: Any) -> None:
        signed_in = not self.password

        def say(text: str) -> None:
            peer.wfile.write(text.encode() + b"\r\n")

        say("220 fake ESMTP")
        while line := peer.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                say("250-fake")
                say("250 AUTH PLAIN")
            elif verb == "AUTH":
                given = base64.b64decode(rest.partition(" ")[2]).split(b"\0")
                signed_in = given[1:] == [self.user.encode(), self.password.encode()]
                say("235 ok" if signed_in else "535 no")
            elif verb == "RCPT" and self.codes:
                say(f"{self.codes.pop(0)} as told")
            elif verb == "DATA":
                say("354 go on")
                lines = []
                while (part := peer.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(part)
                letter = message_from_bytes(b"".join(lines), policy=policy.default)
                self.letters.append(letter)
                self.show("mail", str(letter["To"]), {"letter": letter})
                say("250 ok")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok" if signed_in or verb in ("NOOP", "RSET", "HELO") else "530 sign in first")


def _digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
