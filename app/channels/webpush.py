"""Web Push (RFC 8030, 8188, 8291, 8292) through pywebpush."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import requests
from py_vapid import VapidException
from pywebpush import WebPushException, webpush
from urllib3.exceptions import HTTPError

from app import clock
from app.channels import push_services
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.egress import Inside, Kept, OutsideSession, open_session
from app.channels.endpoints import judge_endpoint
from app.channels.outside import cause, retry_after
from app.problems import Refused

TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect and to wait for each piece of the answer; the queue bounds the whole job."""


class WebPush:
    """Sends to browsers' push services, signed with the deployment's VAPID key."""

    def __init__(self, private_key: str, subject: str, local: bool = False, kept: Kept | None = None) -> None:
        """`local` also lets loopback services be called: demonstration and tests only; `kept`: see `Outside`."""
        self._private_key, self._subject, self._local, self._kept = private_key, subject, local, kept

    def send(self, message: Message) -> Outcome:
        """Encrypt for the browser and hand over to its service."""
        if isinstance(judge_endpoint(message.address, self._local), Refused):
            return Outcome(Result.NEVER, "推送地址不可用", code="endpoint")
        if urlsplit(message.address).hostname in push_services.RETIRED:
            return Outcome(Result.GONE, "浏览器版本过旧，推送已失效；请更新浏览器后重新开启推送", code="retired")
        keys = {name: message.keys.get(name, "") for name in ("p256dh", "auth")}
        with open_session(self._kept, "push", lambda: OutsideSession(self._local)) as session:
            try:
                response = webpush(
                    {"endpoint": message.address, "keys": keys},
                    push_services.content(message),
                    vapid_private_key=self._private_key,
                    # A fresh dict every time: pywebpush writes audience and expiry of one service into it.
                    vapid_claims={"sub": self._subject, "exp": self._expiry()},
                    ttl=push_services.seconds_to_keep(message),
                    headers=push_services.headers(message.address, message),
                    timeout=TIMEOUT,  # type: ignore[arg-type]
                    requests_session=session,
                )
            except WebPushException as error:
                return (
                    _outcome(message.address, error.response)
                    if error.response is not None
                    else Outcome(Result.NEVER, "推送密钥不可用", code="keys")
                )
            except Inside:
                return Outcome(Result.NEVER, "地址指向内部网络，未发送", code="inside")
            except (requests.RequestException, HTTPError, OSError) as error:
                return Outcome(Result.LATER, cause(error), code="network")
            except (VapidException, ValueError):
                return Outcome(Result.NEVER, "服务器的推送密钥不可用", code="vapid")
        return _outcome(message.address, response)

    @staticmethod
    def _expiry() -> int:
        return clock.to_epoch_ms(clock.now() + push_services.TOKEN_LIFE) // 1000


def _outcome(endpoint: str, response: requests.Response) -> Outcome:
    wait = retry_after(response)
    return push_services.outcome(endpoint, response.status_code, response.headers, response.content, wait) or TAKEN
