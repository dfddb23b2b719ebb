"""What browsers' push services want beyond the RFCs, and what their refusals mean: all that differs between them. Pure.

From what their maintainers and users report: WNS refuses a TTL that its own cache policy contradicts, drops messages in
a 201 and says 406 for too many; Apple wants a contact that could exist, and gives its reason in JSON; FCM and Mozilla
say in words that a subscription was made with another key; Firefox on Android takes less than 3 KB; Google's former
service takes nothing any more.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from app.channels.answers import of_status
from app.channels.channel import Message, Outcome, Result

PLAIN_BYTES: Final = 2800
"""Of JSON before encryption: what goes by a bridge to Android is bounded below the 4096 of RFC 8030."""
LEAST_KEEP: Final = timedelta(minutes=1)
MOST_KEEP: Final = timedelta(weeks=4)
TOKEN_LIFE: Final = timedelta(hours=12)
"""Of the VAPID token; more than a day is refused by all (RFC 8292), and clocks differ."""
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_WNS: Final = ".notify.windows.com"
_OTHER_KEY: Final = (
    "vapidpkhashmismatch", "unauthorizedregistration", "do not correspond", "key mismatch", "mismatchsenderid",
)  # fmt: skip
"""In refusals of a subscription that was made with another key than ours: the browser has to subscribe anew."""
_TOKEN: Final = ("badjwttoken", "badauthorizationheader", "expiredjwttoken")
_TOO_LONG: Final = "消息过长，推送服务不收"
RETIRED: Final = frozenset({"android.googleapis.com", "gcm-http.googleapis.com"})
"""Hosts of Google's former service, closed in 2024: who subscribed there has a browser from before."""


def content(message: Message) -> bytes:
    """Return the JSON for the service worker, its body cut until all of it fits."""

    def written(body: str) -> bytes:
        found = {"title": message.title, "body": body, "tag": message.topic, **message.data}
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()

    whole = written(message.body)
    if len(whole) <= PLAIN_BYTES:
        return whole
    # The first length that is one too many; a character is one to six bytes of JSON.
    over = bisect_right(range(len(message.body)), PLAIN_BYTES, key=lambda n: len(written(f"{message.body[:n]}…")))
    return written(f"{message.body[: over - 1]}…" if over else "")


def seconds_to_keep(message: Message) -> int:
    """Return the TTL: never 0, which some services take for a contradiction, never more than they keep anything."""
    return int(min(max(message.keep, LEAST_KEEP), MOST_KEEP).total_seconds())


def headers(endpoint: str, message: Message) -> dict[str, str]:
    """Return the headers beside TTL and authorisation."""
    found = {"Urgency": "high" if message.urgent else "normal", "Topic": topic(message.topic)}
    if (urlsplit(endpoint).hostname or "").endswith(_WNS):
        found["X-WNS-Cache-Policy"] = "cache"
    return found


def topic(text: str) -> str:
    """Return a topic that every service takes: up to 32 characters of base64url, the same for the same text."""
    if _TOPIC.fullmatch(text):
        return text
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:24]).decode()


def outcome(
    endpoint: str, status: int, answered: Mapping[str, str], body: bytes, wait: timedelta | None
) -> Outcome | None:
    """Return what an answer means, None for success. `answered` are its headers, by any case of their names."""
    known = {name.lower(): value for name, value in answered.items()}
    if 200 <= status < 300:
        return _dropped(known)
    said = body[:2000].decode(errors="replace")
    plain = said.lower()
    if status in (404, 410):
        return Outcome(Result.GONE, f"http {status}", code=str(status))
    if status in (400, 401, 403) and any(words in plain for words in _OTHER_KEY):
        return Outcome(Result.GONE, "推送订阅用的是另一把密钥，已删除；打开应用会重新订阅", code=_reason(said, status))
    if status in (400, 401, 403) and any(words in plain for words in _TOKEN):
        return Outcome(
            Result.NEVER, "推送服务不认可本系统的签名，请核对 VAPID_SUBJECT 与服务器时间", code=_reason(said, status)
        )
    if status == 413:
        return Outcome(Result.NEVER, _TOO_LONG, code="413")
    if status == 406 and (urlsplit(endpoint).hostname or "").endswith(_WNS):
        return Outcome(Result.LATER, "推送服务限流", wait, "406")
    failed = of_status(status, wait)
    why = known.get("x-wns-error-description") or _detail(said)
    if failed is None or not why:
        return failed
    return Outcome(failed.result, f"{failed.reason}：{why}"[:200], failed.wait, failed.code)


def _dropped(known: Mapping[str, str]) -> Outcome | None:
    """Return what WNS did with a message that it took with a 201."""
    status = known.get("x-wns-notificationstatus", known.get("x-wns-status", "")).lower()
    if "throttled" in status:
        return Outcome(Result.LATER, "推送服务限流", code=status)
    if status == "dropped":
        return Outcome(Result.NEXT, "推送服务没有送出这条消息", code=status)
    return None


def _json(said: str) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reason(said: str, status: int) -> str:
    found = _json(said)
    return str(found.get("reason") or found.get("errno") or status)[:40]


def _detail(said: str) -> str:
    found = _json(said)
    return str(found.get("reason") or found.get("message") or found.get("error") or "")[:120]
