"""What is said of a roster that changes: a turn set or exchanged, somebody on leave, weeks planned (D6.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from app import clock
from app.people.roster.rules import day_said, said

Words = tuple[str, str]
Payload = Mapping[str, Any]
KIND: Final = "duty"
"""Kind of the notices for those whose days they are; the station hears of it as of any change of people."""


def _day(text: str) -> str:
    return day_said(date.fromisoformat(text))


def _span(payload: Payload, zone: str) -> str:
    return said(clock.parse(payload["from"]), clock.parse(payload["until"]), zone)


def _set(payload: Payload, zone: str) -> Words:
    return f"{payload['unit']}值班：{payload['name']}（{payload['rank']}角）", _span(payload, zone)


def _cleared(payload: Payload, zone: str) -> Words:
    return f"{payload['unit']}值班已撤下：{payload['names']}", f"{_span(payload, zone)}，未另排人的由 A 角负责"


def _planned(payload: Payload, _zone: str) -> Words:
    if payload["first"] == payload["last"]:
        return f"{payload['unit']}已排定值班", _day(payload["first"])
    span = f"{_day(payload['first'])}至 {_day(payload['last'])}"
    return f"{payload['unit']}已排定值班表", f"{span}，共 {payload['days']} 天"


def _what(payload: Payload) -> str:
    other = payload["return_day"]
    return f"{_day(payload['day'])}的值班" + (f"，与 {_day(other)}对调" if other else "")


def _noted(payload: Payload) -> str:
    """Return what somebody wrote, as a part of our sentence: its own full stop would be one too many."""
    note = str(payload["note"] or "").rstrip("。.；; ")
    return f"；{note}" if note else ""


def _asked(payload: Payload, _zone: str) -> Words:
    note = _noted(payload)
    return f"{payload['asker']}请您换班", f"{payload['unit']}：请接替 {_what(payload)}{note}。请到值班表答复"


def _agreed(payload: Payload, _zone: str) -> Words:
    title = f"换班已定：{payload['asker']} → {payload['colleague']}"
    return title, f"{payload['unit']}：{_what(payload)}"


def _declined(payload: Payload, _zone: str) -> Words:
    note = _noted(payload)
    return f"{payload['colleague']}不能换班", f"{_what(payload)}仍由您负责{note}"


def _withdrawn(payload: Payload, _zone: str) -> Words:
    return f"{payload['asker']}已撤回换班", _what(payload)


def _leave(payload: Payload, zone: str) -> Words:
    covered = f"，由{payload['stand_in']}顶班" if payload["stand_in"] else ""
    holes = f"。注意：{'、'.join(payload['uncovered'])}将无人在岗" if payload["uncovered"] else ""
    title = f"{payload['name']}请假{covered}" if not holes else f"{payload['name']}请假，期间无人在岗"
    return title, f"{'、'.join(payload['units'])}：{_span(payload, zone)}{holes}"


def _leave_ended(payload: Payload, _zone: str) -> Words:
    return f"{payload['name']}已结束请假", f"{'、'.join(payload['units'])}：恢复原排班"


ROSTER: Final[dict[str, tuple[Callable[[Payload, str], Words], tuple[str, ...], bool]]] = {
    "duty.set": (_set, ("people",), True),
    "duty.cleared": (_cleared, ("people",), True),
    "duty.planned": (_planned, ("people",), True),
    "swap.asked": (_asked, ("colleague_id",), False),
    "swap.agreed": (_agreed, ("asker_id", "colleague_id"), True),
    "swap.declined": (_declined, ("asker_id",), False),
    "swap.withdrawn": (_withdrawn, ("colleague_id",), False),
    "leave.taken": (_leave, ("people",), True),
    "leave.ended": (_leave_ended, ("people",), True),
}
"""Event → what is said, the keys of its payload that name whom it concerns, whether the station is told as well."""
