"""Web Push (RFC 8030, 8188, 8291, 8292) through pywebpush."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import requests
from py_vapid import VapidException
from pywebpush import WebPushException, webpush
from urllib3.exceptions import HTTPError

from app.channels.channel import Message, Outcome, Result
from app.channels.egress import Inside, OutsideSession
from app.channels.endpoints import judge_endpoint
from app.problems import Refused

TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect and to wait for each piece of the answer; the queue bounds the whole job."""
_LATER: Final = (408, 425, 429)
_GONE: Final = (404, 410)


class WebPush:
    """Sends to browsers' push services, signed with the deployment's VAPID key."""

    def __init__(self, private_key: str, subject: str, local: bool = False) -> None:
        """`local` also lets loopback services be called: demonstration and tests only."""
        self._private_key, self._subject, self._local = private_key, subject, local

    def send(self, message: Message) -> Outcome:
        """Encrypt for the browser and hand over to its service."""
        address = message.address
        if isinstance(judge_endpoint(address.endpoint, self._local), Refused):
            return Outcome(Result.NEVER, "endpoint_refused")
        content = {"title": message.title, "body": message.body, "tag": message.topic, **message.data}
        keys = {"p256dh": address.p256dh, "auth": address.auth}
        with OutsideSession(self._local) as session:
            try:
                response = webpush(
                    {"endpoint": address.endpoint, "keys": keys},
                    json.dumps(content, ensure_ascii=False, separators=(",", ":")),
                    vapid_private_key=self._private_key,
                    # A fresh dict every time: pywebpush writes audience and expiry of one service into it.
                    vapid_claims={"sub": self._subject},
                    ttl=max(0, int(message.keep.total_seconds())),
                    headers={"Urgency": "high", "Topic": message.topic},
                    timeout=TIMEOUT,  # type: ignore[arg-type]
                    requests_session=session,
                )
            except WebPushException as error:
                return _outcome(error.response) if error.response is not None else Outcome(Result.NEVER, "keys")
            except Inside:
                return Outcome(Result.NEVER, "address_inside")
            except (requests.RequestException, HTTPError, OSError) as error:
                return Outcome(Result.LATER, f"network: {type(error).__name__}")
            except (VapidException, ValueError) as error:
                return Outcome(Result.NEVER, f"key: {type(error).__name__}")
        return _outcome(response)


def _outcome(response: requests.Response) -> Outcome:
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(Result.TAKEN)
    if status in _GONE:
        return Outcome(Result.GONE, f"http {status}")
    if status in _LATER or status >= 500:
        return Outcome(Result.LATER, f"http {status}", _retry_after(response))
    return Outcome(Result.NEVER, f"http {status}")


def _retry_after(response: requests.Response) -> timedelta | None:
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
