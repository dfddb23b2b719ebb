"""Asking a service over HTTP: bounded, guarded, and what the network does told apart from what the service says."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ProtocolError

from app.channels.answers import of_status
from app.channels.channel import Outcome, Result
from app.channels.egress import Inside, Kept, OutsideSession, open_session
from app.channels.endpoints import judge_endpoint
from app.problems import ALLOWED, Verdict

TIMEOUT: Final = (5.0, 8.0)
"""Seconds to connect and to wait for each piece of the answer; `egress` bounds the whole call."""
_CAUSES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (requests.exceptions.SSLError, "对方的证书无效"),
    (requests.Timeout, "对方没有及时回答"),
    (requests.ConnectionError, "连不上对方的服务器"),
)


class Unreachable(Exception):
    """The service did not answer, or not as a service does; `outcome` says what follows.

    `arrived`: the request may have got there all the same, and been acted upon.
    """

    def __init__(self, outcome: Outcome, arrived: bool = False) -> None:
        super().__init__(outcome.reason)
        self.outcome, self.arrived = outcome, arrived


@dataclass(frozen=True)
class Outside:
    """How far this deployment may call: the open Internet, `local` loopback too, and the operator's `inside` hosts.

    With `kept`, connections stay open for the next call.
    """

    local: bool = False
    inside: Collection[str] = frozenset()
    kept: Kept | None = None

    def judge(self, url: str) -> Verdict:
        """Return whether an address may be called at all; what its name leads to is judged at every connection."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return judge_endpoint(url, self.local)
        if parts.hostname in self.inside and parts.scheme in ("http", "https") and parts.username is None:
            return ALLOWED
        return judge_endpoint(url, self.local)

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object that a service answered with. Raises `Unreachable`."""
        if self.judge(url) is not ALLOWED:
            raise Unreachable(Outcome(Result.NEVER, "地址不可用，请核对渠道设置", code="url"))
        data = raw if raw is not None else None if body is None else json.dumps(body, ensure_ascii=False).encode()
        sent = {"Content-Type": "application/json; charset=utf-8", "Accept-Encoding": "identity", **(headers or {})}
        with open_session(self.kept, "ask", lambda: OutsideSession(self.local, inside=self.inside)) as session:
            try:
                response = session.request(method, url, params=params, data=data, headers=sent, timeout=TIMEOUT)
            except Inside as error:
                raise Unreachable(Outcome(Result.NEVER, "地址指向内部网络，未发送", code="inside")) from error
            except (requests.RequestException, HTTPError, OSError) as error:
                raise Unreachable(Outcome(Result.LATER, cause(error), code="network"), _sent(error)) from error
        failed = of_status(response.status_code, retry_after(response))
        if failed is not None:
            raise Unreachable(failed)
        try:
            answer = json.loads(response.content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(Outcome(Result.LATER, "对方的回答无法识别", code="body"))
        return answer


def cause(error: Exception) -> str:
    """Return what went wrong on the way; asked from the narrow to the wide, since a ConnectTimeout is both."""
    return next((words for kind, words in _CAUSES if isinstance(error, kind)), "发送中断")


def _sent(error: Exception) -> bool:
    """Return whether the request was on its way when it went wrong: the answer is missing, not the connection."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return False
    if isinstance(error, requests.ReadTimeout):
        return True
    return any(isinstance(part, ProtocolError) for part in (error, *error.args))


def retry_after(response: requests.Response) -> timedelta | None:
    """Return the pause the service asks for, in seconds or as a date beside its own `Date`."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        return timedelta(seconds=int(text))
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    pause = _aware(until) - _aware(now)
    return pause if pause > timedelta(0) else None


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
