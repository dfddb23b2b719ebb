"""Texts to paste into a platform that has no interface: typed once here, never again there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import clock
from app.fieldwork import queries as fieldwork
from app.intake.outcomes import ordered
from app.people.models import Jurisdiction
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.replies import queries as replies
from app.replies.rules import ACCEPTED
from app.tickets.models import DirectAnswer, Ticket

_CHANNELS: Final = {"phone": "电话", "wechat": "微信", "in_person": "当面", "other": "其他方式"}
_OUTCOMES: Final = {"reached": "已联系上", "no_answer": "无人接听", "refused": "对方拒绝", "wrong_number": "号码有误"}
_MET: Final = {"caller": "诉求人", "family": "诉求人家属", "representative": "诉求人代表"}
_SECOND: Final = 60


def blocks(session: Session, ticket: Ticket) -> list[dict[str, str]]:
    """Return key, label and text of every block that has one; times are wall times of the jurisdiction."""
    policy = policy_of(session, ticket.policy_id)
    zone = ZoneInfo(session.get_one(Jurisdiction, ticket.jurisdiction_id).zone)
    written = replies.wire_for(session, [ticket.id]).get(ticket.id, {}).get("replies", [])
    done = fieldwork.wire_for(session, [ticket.id]).get(ticket.id, {})
    found = [
        ("number", "工单编号", ticket.number),
        *_reply(policy, written, zone),
        *_direct(session, ticket, zone),
        ("contacts", "联系记录", "\n".join(_contact(row, zone) for row in done.get("contacts", []))),
        ("visits", "上门记录", "\n".join(_visit(policy, row, zone) for row in done.get("visits", []))),
        ("exceptions", "未上门原因", "\n".join(_exception(policy, r, zone) for r in done.get("visit_exceptions", []))),
        (
            "progress",
            "办理进展",
            "\n".join(f"{_wall(row['at'], zone)} {row['text']}" for row in done.get("progress", [])),
        ),
        ("times", "办理时间", "\n".join(_times(ticket, zone))),
    ]
    return [{"key": key, "label": label, "text": text} for key, label, text in found if text]


def _reply(policy: Policy, written: list[dict[str, Any]], zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """The reply that was accepted, else the one last submitted: a platform may want it before the ticket is closed."""
    accepted = [reply for reply in written if reply["state"] == ACCEPTED]
    if not written:
        return []
    reply = (accepted or written)[-1]
    labels = {part.key: part.label for part in policy.reply.parts}
    opinions = {option.key: option.label for option in policy.reply.opinion.options}
    parts = [(labels.get(key, key), key, text) for key, text in ordered(policy, reply["parts"])]
    opinion = opinions.get(reply["opinion"], reply["opinion"])
    whole = "\n".join(f"{label}：{text}" for label, _, text in parts)
    return [
        *((f"part:{key}", label, text) for label, key, text in parts),
        ("reply", "答复全文", f"{whole}\n{policy.reply.opinion.label}：{opinion}"),
        ("opinion", policy.reply.opinion.label, opinion),
        *_beyond_parts(policy, reply),
        ("submitted_at", "答复时间", _wall(reply["submitted_at"], zone)),
    ]


def _beyond_parts(policy: Policy, reply: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What some profiles ask for besides the parts: who answers, how it is finished, on what basis."""
    labels = {field.key: field.label for field in policy.reply.fields}
    finishes = {finish.key: finish.label for finish in policy.reply.finishes}
    said = reply["fields"] or {}
    return [
        *((f"field:{key}", labels.get(key, key), text) for key, text in said.items()),
        ("finish", "办结方式", finishes.get(reply["finish"] or "", "")),
        ("basis", "政策依据或原因", reply["basis"] or ""),
        ("statement", "情况说明", reply["statement"] or ""),
    ]


def _direct(session: Session, ticket: Ticket, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    answer = session.get(DirectAnswer, ticket.id)
    if answer is None:
        return []
    return [("direct", f"直接答复（{answer.label}）", answer.text), ("direct_at", "答复时间", _local(answer.at, zone))]


def _contact(row: Mapping[str, Any], zone: ZoneInfo) -> str:
    whom = "工作站" if row["to"] == "station" else "来电人"
    lasted = f"，通话 {_length(row['duration_s'])}" if row["duration_s"] else ""
    text = f"{_wall(row['started_at'], zone)} {row['by']['name']}{_CHANNELS.get(row['channel'], '')}联系{whom}："
    return f"{text}{_OUTCOMES.get(row['outcome'], '')}{lasted}{_note(row)}"


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, _SECOND)
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


def _visit(policy: Policy, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    modes = {mode.key: mode.label for mode in policy.visit.modes}
    until = f"至 {_wall(row['left_at'], zone)[11:]}" if row["left_at"] else ""
    met = f"，见到{_MET[row['met']]}" if row["met"] in _MET else ""
    what = modes.get(row["mode"], "上门")
    return f"{_wall(row['arrived_at'], zone)}{until} {row['by']['name']}{what}{met}{_note(row)}"


def _exception(policy: Policy, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    grounds = {ground.key: ground.label for ground in policy.visit.exceptions}
    return f"{_wall(row['recorded_at'], zone)} {grounds.get(row['ground'], '')}{_note(row)}"


def _note(row: Mapping[str, Any]) -> str:
    return f"。{row['note']}" if row.get("note") else ""


def _times(ticket: Ticket, zone: ZoneInfo) -> list[str]:
    named = (
        ("受理", ticket.received_at),
        ("派单", ticket.dispatched_at),
        ("签收", ticket.signed_at),
        ("办结", ticket.closed_at),
    )
    return [f"{label}：{_local(at, zone)}" for label, at in named if at is not None]


def _wall(instant: str, zone: ZoneInfo) -> str:
    return _local(clock.parse(instant), zone)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
