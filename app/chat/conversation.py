"""Answering a message: known again when it is repeated, signing through the one door, the words of a colleague."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.channels.models import Heard
from app.chat import words
from app.chat.queries import Line, by_number, heard, waiting
from app.chat.words import Intent
from app.db import Database
from app.people.models import Jurisdiction
from app.people.permissions import LIAISON, Actor
from app.people.queries import actor_of
from app.reach.kinds import WECHAT
from app.reach.queries import owner_of, point_at
from app.sync.inbox import apply_batch
from app.tickets import lifecycle

_SPACE: Final = uuid.UUID("3b1f4f0e-2f2e-4bb0-9f5a-8a1d3c0f6f21")
_SHOWN: Final = 8
KEPT: Final = timedelta(days=2)
"""WeChat repeats a message within seconds; a day more costs nothing."""


@dataclass(frozen=True)
class Ear:
    """Where a message arrived: the place's account, with what commands need."""

    database: Database
    place: str
    beacon_key: bytes
    app_url: str


def hear(ear: Ear, message: Mapping[str, str], at: datetime) -> str | None:
    """Return the answer to a message, None for silence. The same message again gets the same answer, and does nothing.

    Two copies at once (WeChat asks again after five seconds) may both be worked on: the command that they make has the
    same id, so that it is applied once.
    """
    identity = message_id(message)
    with ear.database.read() as session:
        known = heard(session, ear.place, WECHAT, identity)
        if known is not None:
            return known.answer
    answer = _answer(ear, message, identity, at)
    try:
        with ear.database.unit_of_work() as session:
            session.execute(delete(Heard).where(Heard.at < at - KEPT))
            session.add(Heard(jurisdiction_id=ear.place, channel=WECHAT, message_id=identity, answer=answer, at=at))
    except IntegrityError:
        pass  # the other copy was a moment faster
    return answer


def message_id(message: Mapping[str, str]) -> str:
    """Return what a message is known by: its number, or for an event who, when and what."""
    number, who = message.get("MsgId", ""), message.get("FromUserName", "")
    if number.isascii() and number.isdigit() and len(who) <= 40:
        return f"{who}:{number[:32]}"
    parts = (message.get(name, "") for name in ("FromUserName", "CreateTime", "Event", "EventKey"))
    return uuid.uuid5(_SPACE, "/".join(parts)).hex


def _answer(ear: Ear, message: Mapping[str, str], identity: str, at: datetime) -> str | None:
    kind, openid = message.get("MsgType", ""), message.get("FromUserName", "")
    if kind == "event":
        event = message.get("Event", "").lower()
        if event in ("subscribe", "unsubscribe"):
            return _followed(ear, openid, event == "subscribe", at)
        if event != "click":
            return None
    text = message.get("EventKey" if kind == "event" else "Content", "")
    intent = words.read(text) if kind in ("text", "event") else Intent(words.HELP)
    if intent.kind == words.HELP:
        return words.USAGE
    with ear.database.read() as session:
        person_id = owner_of(session, WECHAT, openid)
        actor = actor_of(session, person_id, None, at) if person_id else None
        if person_id is None:
            return f"{words.UNBOUND}\n{ear.app_url}/me"
        if actor is None or actor.jurisdiction_id != ear.place:
            return words.DISABLED
        zone = session.get_one(Jurisdiction, ear.place).zone
        if intent.kind == words.TODO:
            return _todo(session, actor, zone)
        line = by_number(session, actor, intent.number) if intent.number else None
        if intent.kind == words.SHOW or (line is None and intent.number):
            return _shown(ear, line, intent.number, zone)
        if line is None:
            return "请写明工单号，如：签收 DL-2026-0001\n" + _todo(session, actor, zone)
    return _sign(ear, actor, line, identity, _written(message, at), zone)


def _followed(ear: Ear, openid: str, follows: bool, at: datetime) -> str | None:
    """Somebody follows the account (again), or no longer: nothing more is sent to who left."""
    with ear.database.unit_of_work() as session:
        point = point_at(session, WECHAT, openid)
        if point is not None:
            point.refused_at = None if follows else at
            point.refused_why = None if follows else "对方已取消关注"
    return words.WELCOME if follows else None


def _todo(session: Session, actor: Actor, zone: str) -> str:
    total, lines = waiting(session, actor, _SHOWN)
    if not lines:
        return "没有待您签收或办理的工单。" if actor.has(LIAISON) else "您没有联络员岗位，请在上门办中查看。"
    shown = "\n".join(_line(line, zone) for line in lines)
    more = f"\n…… 共 {total} 张，其余请在上门办中查看" if total > len(lines) else ""
    return f"待办 {total} 张：\n{shown}{more}"


def _line(line: Line, zone: str) -> str:
    due = f"，{clock.local_text(line.due_at, zone)} 前" if line.due_at else ""
    return f"{line.number} {lifecycle.LABELS[line.state]}{due}"


def _shown(ear: Ear, line: Line | None, number: str, zone: str) -> str:
    if line is None:
        return f"没有找到您可以查看的工单“{number[:40]}”。发送“待办”可查看待办工单。"
    return f"{_line(line, zone)}\n{ear.app_url}/t/{line.ticket_id}"


def _written(message: Mapping[str, str], at: datetime) -> datetime:
    """Return when WeChat says it was written; the same at every repetition, as the command's content must be."""
    text = message.get("CreateTime", "")
    return clock.from_epoch_ms(int(text) * 1000) if text.isascii() and text.isdigit() and len(text) < 11 else at


def _sign(ear: Ear, actor: Actor, line: Line, identity: str, written: datetime, zone: str) -> str:
    command = {
        "id": str(uuid.uuid5(_SPACE, f"{ear.place}/{identity}")),
        "name": "ticket.sign",
        "ticket_id": line.ticket_id,
        "args": {},
        "captured_at": written,
        "beacon": None,
    }
    (receipt,) = apply_batch(ear.database, actor, ear.beacon_key, clock.now(), [command])
    if receipt["status"] != "applied":
        return f"{line.number} 未能签收：{receipt['message']}\n{ear.app_url}/t/{line.ticket_id}"
    counted = clock.local_text(clock.parse(receipt["counted_at"]), zone)
    return f"{line.number} 已签收（{counted}）。\n{ear.app_url}/t/{line.ticket_id}"
