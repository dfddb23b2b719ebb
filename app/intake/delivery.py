"""Sending messages: signed, at least once, again after a growing pause, given up after a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import requests
from sqlalchemy.orm import Session
from urllib3.exceptions import HTTPError

from app import clock, signing
from app.channels.egress import Inside, OutsideSession
from app.channels.endpoints import judge_endpoint
from app.db import Database
from app.intake import lifecycle, outcomes
from app.intake.models import Webhook, WebhookDelivery
from app.journal import tasks
from app.problems import Problem, Refused
from app.vault import Vault

TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect and to wait for each piece of the answer; `channels.egress` bounds the whole call."""
PAUSES: Final = tuple(timedelta(minutes=m) for m in (0.5, 1, 5, 15, 30, 60, 120, 240, 480, 480))
"""Pause after each failed attempt, together 23 hours: a platform that is away for a night misses nothing."""
_AGENT: Final = "Doorstep"
_CAUSES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (requests.exceptions.SSLError, "对方的证书无效"),
    (requests.Timeout, "对方没有及时回答"),
    (requests.ConnectionError, "连不上对方的服务器"),
)


@dataclass(frozen=True, slots=True)
class _Post:
    """One attempt, ready to be sent."""

    url: str
    identity: str
    secret: str
    body: bytes


def deliver(database: Database, vault: Vault, delivery_id: str, local: bool, now: Callable[[], datetime]) -> None:
    """Send one message if it is still due, and write down how it went. The network is never inside a transaction."""
    with database.unit_of_work() as session:
        post = _begin(session, vault, delivery_id, now())
    if post is None:
        return
    answer, taken = _send(post, local, now())
    with database.unit_of_work() as session:
        _note(session, delivery_id, answer, taken, now())


def _begin(session: Session, vault: Vault, delivery_id: str, at: datetime) -> _Post | None:
    """Count the attempt before it is made: one that kills the process is counted too."""
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None or row.state != lifecycle.PENDING or (row.next_at is not None and row.next_at > at):
        return None
    hook = session.get_one(Webhook, row.webhook_id)
    if not hook.active:
        row.state, row.ended_at, row.answer = lifecycle.DEAD, at, "接收地址已停用"
        return None
    row.attempts += 1
    if row.attempts > len(PAUSES) + 1:
        row.state, row.ended_at = lifecycle.DEAD, at
        return None
    try:
        secret = vault.open(hook.secret)
    except Problem as problem:
        row.state, row.ended_at, row.answer = lifecycle.DEAD, at, problem.message[:200]
        return None
    body = json.dumps(outcomes.message(session, row), ensure_ascii=False, separators=(",", ":")).encode()
    return _Post(hook.url, row.id, secret, body)


def _send(post: _Post, local: bool, at: datetime) -> tuple[str, bool]:
    """Return what came back in a few words, and whether the message was taken (2xx)."""
    if isinstance(judge_endpoint(post.url, local), Refused):
        return "地址不可用", False
    seconds = clock.to_epoch_ms(at) // 1000
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": _AGENT,
        "X-Doorstep-Event": post.identity,
        "X-Doorstep-Timestamp": str(seconds),
        "X-Doorstep-Signature": signing.sign(post.secret, seconds, post.identity, post.body),
    }
    with OutsideSession(local) as session:
        try:
            response = session.post(post.url, data=post.body, headers=headers, timeout=TIMEOUT)
        except Inside:
            return "地址指向内部网络，未发送", False
        except (requests.RequestException, HTTPError, OSError) as error:
            return f"网络错误：{_cause(error)}", False
    return f"HTTP {response.status_code}", 200 <= response.status_code < 300


def _cause(error: Exception) -> str:
    """Return what went wrong on the way; asked from the narrow to the wide, since a ConnectTimeout is both."""
    return next((words for kind, words in _CAUSES if isinstance(error, kind)), "发送中断")


def _note(session: Session, delivery_id: str, answer: str, taken: bool, at: datetime) -> None:
    row = session.get_one(WebhookDelivery, delivery_id, with_for_update=True)
    row.answer = answer[:200]
    if taken:
        row.state, row.ended_at, row.next_at = lifecycle.DELIVERED, at, None
    elif row.attempts > len(PAUSES):
        row.state, row.ended_at, row.next_at = lifecycle.DEAD, at, None
    elif row.state == lifecycle.PENDING:
        row.next_at = at + PAUSES[row.attempts - 1]
        tasks.ask(session, [(outcomes.TASK, row.id)], at, run_after=row.next_at)


def give_up(database: Database, delivery_id: str, at: datetime) -> None:
    """Note that sending it failed in a way nobody foresaw; it stays visible and can be sent again."""
    with database.unit_of_work() as session:
        row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
        if row is not None and row.state == lifecycle.PENDING:
            row.state, row.ended_at, row.next_at = lifecycle.DEAD, at, None
            row.answer = row.answer or "多次中断"
