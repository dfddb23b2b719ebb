"""Arguments of the commands on the roster. Days are local days of the jurisdiction."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.wire import Instant, Uid, Wire, Words

MOST_DAYS = 62
RANKS = ("A", "B")
_SEEN_TWICE = "同一天不能排两次。"


class Day(fields.Date):
    """A day that a calendar of our time can hold: one at the end of all time would have no day after it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(date(2000, 1, 1), date(2199, 12, 31)), **kwargs)


class SetDuty(Wire):
    """duty.set"""

    duty_id = Uid(required=True)
    unit_id = Uid(required=True)
    person_id = Uid(required=True)
    rank = fields.String(required=True, validate=validate.OneOf(RANKS))
    starts_at = Instant(required=True, data_key="from")
    ends_at = Instant(required=True, data_key="until")


class ClearDuty(Wire):
    """duty.clear: take out what is planned, of both ranks when none is named."""

    unit_id = Uid(required=True)
    rank = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(RANKS))
    starts_at = Instant(required=True, data_key="from")
    ends_at = Instant(required=True, data_key="until")


class PlannedDay(Wire):
    """Who is A角 and B角 of a day; null leaves the place empty."""

    day = Day(required=True)
    a = Uid(required=True, allow_none=True)
    b = Uid(required=True, allow_none=True)


class PlanDuty(Wire):
    """duty.plan: days as they were shown; `replace` also where something is planned already, else only gaps."""

    unit_id = Uid(required=True)
    days = fields.List(fields.Nested(PlannedDay), required=True, validate=validate.Length(1, MOST_DAYS))
    replace = fields.Boolean(required=True)

    @validates_schema
    def _each_day_once(self, data: dict[str, Any], **_: Any) -> None:
        days = [row["day"] for row in data["days"]]
        if len(set(days)) != len(days):
            raise ValidationError(_SEEN_TWICE, "days")


class AskSwap(Wire):
    """swap.ask: a colleague is to take the asker's `day`; `return_day` is what the asker takes in exchange."""

    swap_id = Uid(required=True)
    unit_id = Uid(required=True)
    colleague = Uid(required=True)
    day = Day(required=True)
    return_day = Day(load_default=None, allow_none=True)
    note = Words(200, minimum=0, load_default="")


class AnswerSwap(Wire):
    """swap.answer"""

    swap_id = Uid(required=True)
    accept = fields.Boolean(required=True)
    note = Words(200, minimum=0, load_default="")


class WithdrawSwap(Wire):
    """swap.withdraw"""

    swap_id = Uid(required=True)


class TakeLeave(Wire):
    """leave.take: from the first day to the last; `uncovered_ok` says that days without anybody were seen."""

    leave_id = Uid(required=True)
    person_id = Uid(required=True)
    first = Day(required=True)
    last = Day(required=True)
    stand_in = Uid(load_default=None, allow_none=True)
    reason = Words(200, required=True)
    uncovered_ok = fields.Boolean(load_default=False)


class EndLeave(Wire):
    """leave.end"""

    leave_id = Uid(required=True)
