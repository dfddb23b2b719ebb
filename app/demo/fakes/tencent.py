"""WeChat official account and WeCom as their documents have them, as far as we use them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring

from app import clock
from app.demo.fakes.server import Answer, Asked, FakeService

ANSWER_WITHIN = 5.0
"""Seconds that WeChat waits for an answer to a message."""
ATTEMPTS = 3


@dataclass
class Follower:
    """Somebody's WeChat: what it shows, and whether it still follows."""

    openid: str
    shown: list[dict[str, Any]] = field(default_factory=list)
    follows: bool = True
    subscribed: bool = True


class _WithTokens(FakeService):
    """A service whose API wants a token that ends."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.token = f"token-{os.urandom(6).hex()}"
        self.granted = 0

    def expire(self) -> None:
        """End the present token, as two hours or another program would."""
        self.token = f"token-{os.urandom(6).hex()}"

    def takes_codes(self, asked: Asked) -> bool:
        return "access_token" in asked.query

    def checked(self, work: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
        """Let a request with the present token through."""

        def guarded(asked: Asked) -> Answer:
            given = asked.query.get("access_token")
            if given is None:
                return self.refusal(41001)
            return work(asked) if given == self.token else self.refusal(42001)

        return guarded


class FakeWeChat(_WithTokens):
    """An official account with its followers; its server signs and encrypts what it sends to ours."""

    def __init__(self, app_id: str, app_secret: str, token: str = "", aes_key: str = "", port: int = 0) -> None:
        super().__init__(port)
        self.app_id, self.app_secret, self.callback_token, self.aes_key = app_id, app_secret, token, aes_key
        self.followers: dict[str, Follower] = {}
        self.codes: dict[str, str] = {}
        self.sent_ids: set[tuple[str, str]] = set()
        self.menu: dict[str, Any] | None = None
        self.templates = {"TEMPLATE-1", "TEMPLATE-2", "SUBSCRIBE-1"}
        self.ticket = f"ticket-{os.urandom(6).hex()}"

    def follower(self, openid: str | None = None) -> Follower:
        """Return somebody who follows the account."""
        found = Follower(openid or f"o{os.urandom(13).hex()}")
        self.followers[found.openid] = found
        return found

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        return {
            "/cgi-bin/stable_token": self._stable_token,
            "/cgi-bin/message/template/send": self.checked(self._template),
            "/cgi-bin/message/subscribe/bizsend": self.checked(self._subscription),
            "/cgi-bin/ticket/getticket": self.checked(lambda _: self._ticket()),
            "/cgi-bin/menu/create": self.checked(self._menu),
            "/cgi-bin/menu/get": self.checked(lambda _: {"menu": self.menu} if self.menu else self.refusal(46003)),
            "/cgi-bin/menu/delete": self.checked(lambda _: self._no_menu()),
            "/cgi-bin/get_api_domain_ip": self.checked(lambda _: {"ip_list": ["101.226.62.77"]}),
            "/sns/oauth2/access_token": self._who,
        }

    def _stable_token(self, asked: Asked) -> Answer:
        if asked.body.get("appid") != self.app_id:
            return self.refusal(40013)
        if asked.body.get("secret") != self.app_secret:
            return self.refusal(40125)
        self.granted += 1
        if asked.body.get("force_refresh"):
            self.expire()
        return {"access_token": self.token, "expires_in": 7200}

    def _template(self, asked: Asked) -> Answer:
        return self._show(asked, "follows", 43004)

    def _subscription(self, asked: Asked) -> Answer:
        return self._show(asked, "subscribed", 43101)

    def _show(self, asked: Asked, wants: str, otherwise: int) -> Answer:
        body = asked.body
        person = self.followers.get(body.get("touser", ""))
        if person is None:
            return self.refusal(40003)
        if not getattr(person, wants):
            return self.refusal(otherwise)
        if body.get("template_id") not in self.templates:
            return self.refusal(40037)
        if any(not _fits(name, str(entry["value"])) for name, entry in body.get("data", {}).items()):
            return self.refusal(47003)
        key = (person.openid, str(body.get("client_msg_id")))
        if key not in self.sent_ids:
            self.sent_ids.add(key)
            person.shown.append(body)
            self.show("wechat", person.openid, body)
        return {"errcode": 0, "errmsg": "ok", "msgid": len(self.sent_ids)}

    def _ticket(self) -> Answer:
        return {"errcode": 0, "errmsg": "ok", "ticket": self.ticket, "expires_in": 7200}

    def _menu(self, asked: Asked) -> Answer:
        names = [str(button.get("name", "")) for button in asked.body.get("button", [])]
        if not 1 <= len(names) <= 3:
            return self.refusal(40016)
        if any(not 0 < len(name.encode()) <= 60 for name in names):
            return self.refusal(40018)
        self.menu = asked.body
        return {"errcode": 0, "errmsg": "ok"}

    def _no_menu(self) -> Answer:
        self.menu = None
        return {"errcode": 0, "errmsg": "ok"}

    def _who(self, asked: Asked) -> Answer:
        openid = self.codes.pop(asked.query.get("code", ""), None)
        if openid is None or asked.query.get("secret") != self.app_secret:
            return self.refusal(40029)
        return {"access_token": "of-the-page", "expires_in": 7200, "openid": openid, "scope": "snsapi_base"}

    def agree(self, openid: str) -> str:
        """Return the code with which the browser comes back after the page that asks nothing."""
        code = f"code-{os.urandom(8).hex()}"
        self.codes[code] = openid
        return code

    def envelope(self, xml: str, at: float | None = None) -> tuple[dict[str, str], bytes]:
        """Return query and body of a message to the account's server, encrypted and signed (消息加解密 安全模式)."""
        encrypted = seal(self.aes_key, self.app_id, xml.encode())
        stamp, nonce = str(int(_now() if at is None else at)), os.urandom(5).hex()
        query = {
            "timestamp": stamp, "nonce": nonce, "encrypt_type": "aes",
            "signature": sign(self.callback_token, stamp, nonce),
            "msg_signature": sign(self.callback_token, stamp, nonce, encrypted),
        }  # fmt: skip
        return query, f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()

    def text(self, openid: str, words: str, message_id: int, at: float | None = None) -> str:
        """Return a text message as WeChat writes it."""
        seconds = int(_now() if at is None else at)
        return (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{seconds}</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{words}]]></Content><MsgId>{message_id}</MsgId></xml>"
        )

    def event(self, openid: str, kind: str, key: str = "", at: float | None = None) -> str:
        """Return an event (subscribe, unsubscribe, CLICK) as WeChat writes it; it has no MsgId."""
        seconds = int(_now() if at is None else at)
        return (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{seconds}</CreateTime>"
            f"<MsgType>event</MsgType><Event>{kind}</Event><EventKey><![CDATA[{key}]]></EventKey></xml>"
        )

    def open(self, body: bytes) -> str | None:
        """Return the text of our server's answer, decrypted and its signature checked; None for an empty answer."""
        if body in (b"", b"success"):
            return None
        outer = fromstring(body)
        found = {child.tag: child.text or "" for child in outer}
        expected = sign(self.callback_token, found["TimeStamp"], found["Nonce"], found["Encrypt"])
        if expected != found["MsgSignature"]:
            raise ValueError("the answer's signature does not hold")
        inner = fromstring(unseal(self.aes_key, self.app_id, found["Encrypt"]))
        return inner.findtext("Content")

    def tell(self, callback: str, xml: str, times: int = 1, at: float | None = None) -> list[str | None]:
        """Send a message to our server `times` (or as the mood is, however it is answered) and return the answers."""
        return [self._post(callback, xml, at, ANSWER_WITHIN) for _ in range(max(times, self.moods.repeats))]

    def insist(self, callback: str, xml: str, patience: float = ANSWER_WITHIN) -> str | None:
        """Send a message as WeChat does: again when no answer came within `patience` seconds, three times in all.

        Return the answer that the follower is shown. Raises `requests.Timeout` when none came.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._post(callback, xml, None, patience)
            except requests.Timeout:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _post(self, callback: str, xml: str, at: float | None, patience: float) -> str | None:
        query, body = self.envelope(xml, at)
        with requests.Session() as session:
            # Ours is on this machine: no proxy knows the way, and its certificate is its own.
            session.trust_env, session.verify = False, False
            response = session.post(f"{callback}?{urlencode(query)}", data=body, timeout=patience)
        response.raise_for_status()
        return self.open(response.content)


class FakeWeCom(_WithTokens):
    """A corporation with its members and one application."""

    def __init__(self, corp_id: str, secret: str, agent_id: str, port: int = 0) -> None:
        super().__init__(port)
        self.corp_id, self.secret, self.agent_id = corp_id, secret, agent_id
        self.members: dict[str, list[dict[str, Any]]] = {}
        self.codes: dict[str, str] = {}
        self._seen: set[str] = set()

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        return {
            "/cgi-bin/gettoken": self._gettoken,
            "/cgi-bin/message/send": self.checked(self._send),
            "/cgi-bin/agent/get": self.checked(lambda _: {"errcode": 0, "errmsg": "ok", "name": "上门办"}),
            "/cgi-bin/auth/getuserinfo": self.checked(self._who),
        }

    def _gettoken(self, asked: Asked) -> Answer:
        if asked.query.get("corpid") != self.corp_id:
            return self.refusal(40013)
        if asked.query.get("corpsecret") != self.secret:
            return self.refusal(40001)
        self.granted += 1
        return {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}

    def _send(self, asked: Asked) -> Answer:
        body = asked.body
        if str(body.get("agentid")) != self.agent_id:
            return self.refusal(40056)
        member = body.get("touser", "")
        if member not in self.members:
            return {"errcode": 0, "errmsg": "ok", "invaliduser": member}
        content = hashlib.sha256(asked.raw).hexdigest()
        if not (body.get("enable_duplicate_check") and content in self._seen):
            self._seen.add(content)
            self.members[member].append(body)
            self.show("wecom", member, body)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": content[:8]}

    def agree(self, userid: str) -> str:
        """Return the code with which the browser comes back."""
        code = f"code-{os.urandom(8).hex()}"
        self.codes[code] = userid
        return code

    def _who(self, asked: Asked) -> Answer:
        userid = self.codes.pop(asked.query.get("code", ""), None)
        return self.refusal(40029) if userid is None else {"errcode": 0, "errmsg": "ok", "userid": userid}


def _now() -> float:
    return clock.to_epoch_ms(clock.now()) / 1000


def _fits(field_name: str, value: str) -> bool:
    """Whether a field of a form takes a value (参数值内容限制)."""
    if field_name.startswith(("time", "date")):
        return re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", value) is not None
    if field_name.startswith("character_string"):
        return len(value) <= 32 and value.isascii()
    return 0 < len(value) <= (20 if field_name.startswith("thing") else 200)


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts, as WeChat's server signs."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(aes_key: str, app_id: str, message: bytes) -> str:
    """Encrypt as WeChat's server does: 16 random bytes, length, message, app id, padded to 32."""
    key = base64.b64decode(aes_key + "=")
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(aes_key: str, app_id: str, text: str) -> bytes:
    """Decrypt what `seal` made. Raises `ValueError` when it was meant for another account."""
    key = base64.b64decode(aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    plain = plain[16 : -plain[-1]]
    length = struct.unpack(">I", plain[:4])[0]
    if plain[4 + length :].decode() != app_id:
        raise ValueError("another account's message")
    return plain[4 : 4 + length]
