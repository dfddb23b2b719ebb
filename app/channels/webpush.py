"""Web Push (RFC 8030, 8188, 8291, 8292) through pywebpush."""

from __future__ import annotations

import json
from typing import Final

import requests
from py_vapid import VapidException
from pywebpush import WebPushException, webpush
from urllib3.exceptions import HTTPError

from app.channels.answers import of_status
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.egress import Inside, Kept, OutsideSession, open_session
from app.channels.endpoints import judge_endpoint
from app.channels.outside import cause, retry_after
from app.problems import Refused

TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect and to wait for each piece of the answer; the queue bounds the whole job."""
_GONE: Final = (404, 410)


class WebPush:
    """Sends to browsers' push services, signed with the deployment's VAPID key."""

    def __init__(self, private_key: str, subject: str, local: bool = False, kept: Kept | None = None) -> None:
        """`local` also lets loopback services be called: demonstration and tests only; `kept`: see `Outside`."""
        self._private_key, self._subject, self._local, self._kept = private_key, subject, local, kept

    def send(self, message: Message) -> Outcome:
        """Encrypt for the browser and hand over to its service."""
        if isinstance(judge_endpoint(message.address, self._local), Refused):
            return Outcome(Result.NEVER, "推送地址不可用", code="endpoint")
        content = {"title": message.title, "body": message.body, "tag": message.topic, **message.data}
        keys = {name: message.keys.get(name, "") for name in ("p256dh", "auth")}
        with open_session(self._kept, "push", lambda: OutsideSession(self._local)) as session:
            try:
                response = webpush(
                    {"endpoint": message.address, "keys": keys},
                    json.dumps(content, ensure_ascii=False, separators=(",", ":")),
                    vapid_private_key=self._private_key,
                    # A fresh dict every time: pywebpush writes audience and expiry of one service into it.
                    vapid_claims={"sub": self._subject},
                    ttl=max(0, int(message.keep.total_seconds())),
                    headers={"Urgency": "high" if message.urgent else "normal", "Topic": message.topic},
                    timeout=TIMEOUT,  # type: ignore[arg-type]
                    requests_session=session,
                )
            except WebPushException as error:
                return (
                    _outcome(error.response)
                    if error.response is not None
                    else Outcome(Result.NEVER, "推送密钥不可用", code="keys")
                )
            except Inside:
                return Outcome(Result.NEVER, "地址指向内部网络，未发送", code="inside")
            except (requests.RequestException, HTTPError, OSError) as error:
                return Outcome(Result.LATER, cause(error), code="network")
            except (VapidException, ValueError):
                return Outcome(Result.NEVER, "服务器的推送密钥不可用", code="vapid")
        return _outcome(response)


def _outcome(response: requests.Response) -> Outcome:
    status = response.status_code
    if status in _GONE:
        return Outcome(Result.GONE, f"http {status}", code=str(status))
    return of_status(status, retry_after(response)) or TAKEN
