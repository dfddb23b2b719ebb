"""What the rates are, said so that a unit can count them again by hand, and what a period is (D3.1, H1, K0). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.policies.policy import ClockRule, Option

RESPONSE: Final = "response"
RECEIVED: Final = "received"
CLOSED: Final = "closed"
ONCE: Final = "once"
SOLVED: Final = "solved"
SATISFACTION: Final = "satisfaction"
REDO: Final = "redo"

DISSATISFIED: Final = "dissatisfied"
NOT_REACHED: Final = "not_reached"
"""Keys of every profile's answers to a call-back: not satisfied, and nobody to ask."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: `definition` says in plain Chinese what is counted over what; `good` when a higher one is better."""

    key: str
    label: str
    definition: str
    good: bool = True


_SIGNED: Final = (
    "分母：签收时限在本期内届满的工单（已签收的，以及到期仍未签收的）；分子：其中在签收时限内签收的（含恰在时限届满时签收的）。"
    "时限未到且未签收的暂不计入，另列件数。工单改派或退回的，每派一次计一次：原单位已签收的、已超过时限的，仍计入原单位；"
    "时限内申请退单并获批准、尚未签收的不计；退单未获批准的照计。"
)
RATES: Final = {
    rate.key: rate
    for rate in (
        Rate(RESPONSE, "响应率", _SIGNED),
        Rate(RECEIVED, "按时接收率", _SIGNED),
        Rate(
            CLOSED,
            "按时办结率",
            "分母：办结时限在本期内届满的工单（已办结上报的，以及到期仍未办结的）；分子：其中在办结时限内办结上报的。"
            "经批准延期的按延期后的时限计算；时限未到且未办结的、提前终止计时的不计；重新办理的按重新办理时限另计一次；"
            "改派或退回前已超过时限的，仍计入原单位。",
        ),
        Rate(
            ONCE,
            "一次办结率",
            "分母：本期经审核通过办结的工单；分子：其中从未发回重办、也未因回访退回重办的。"
            "终结、备案、直接答复等方式结束的工单不计。",
        ),
        Rate(
            SOLVED,
            "解决率",
            "分母：本期回访中诉求人答复了是否解决的工单；分子：其中答复已经解决的。每张工单以本期最后一次为准。"
            "经批准不计入满意度的工单不计。",
        ),
        Rate(
            SATISFACTION,
            "满意率",
            "分母：本期回访中诉求人表示了满意程度的工单；分子：其中没有表示不满意的。每张工单以本期最后一次为准。"
            "未联系上的、经批准不计入满意度的工单不计。",
        ),
        Rate(
            REDO,
            "重办率",
            "分母：本期经审核通过办结或被发回重办的工单；分子：其中本期被发回重办（含回访后退回）的。"
            "同一工单一期内只计一次。",
            good=False,
        ),
    )
}
_ALL: Final = (RESPONSE, CLOSED, ONCE, SOLVED, SATISFACTION, REDO)
"""Shown where a profile names none; 按时接收率 counts what 响应率 counts."""


def shown(options: Sequence[Option]) -> list[Rate]:
    """Return the rates a profile shows, by its own names; all of them when it names none."""
    if not options:
        return [RATES[key] for key in _ALL]
    known = [option for option in options if option.key in RATES]
    return [Rate(option.key, option.label, RATES[option.key].definition, RATES[option.key].good) for option in known]


def percent(numerator: int, denominator: int) -> float | None:
    """Return the share in percent with two decimals; None when nothing was counted: nothing is not zero."""
    return round(100 * numerator / denominator, 2) if denominator else None


def measures_signing(rule: ClockRule) -> bool:
    """Return whether the clock is the one in which a unit has to sign."""
    return rule.kind == "deadline" and rule.met_when == ("signed",)


def measures_closing(rule: ClockRule) -> bool:
    """Return whether only an answer that reached the station, or was accepted, meets the clock."""
    return rule.kind == "deadline" and bool(rule.met_when) and set(rule.met_when) <= {"at_station", "accepted"}


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a jurisdiction, `first` to `last`: `starts` is in it, `ends` is the first instant after it (UTC).

    `month` is how it is written when it is a calendar month that was asked for by name.
    """

    first: date
    last: date
    starts: datetime
    ends: datetime
    month: str | None = None


def days(first: date, last: date, zone: str) -> Period:
    """Return the days from `first` to `last` by the jurisdiction's clocks."""

    def begins(day: date) -> datetime:
        return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)

    return Period(first, last, begins(first), begins(last + timedelta(days=1)))


def month_of(instant: datetime, zone: str) -> Period:
    """Return the month an instant lies in, by the jurisdiction's clocks."""
    local = instant.astimezone(ZoneInfo(zone))
    return _month(local.year, local.month, zone)


def month_named(text: str, zone: str) -> Period | None:
    """Return the month written `YYYY-MM`, or None when it is none."""
    found = re.fullmatch(r"(2[01]\d\d)-(0[1-9]|1[0-2])", text)
    return None if found is None else _month(int(found[1]), int(found[2]), zone)


def _month(year: int, month: int, zone: str) -> Period:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return replace(days(date(year, month, 1), following - timedelta(days=1), zone), month=f"{year}-{month:02}")
