"""Wire shapes of the roster's screens. Days are local days of the jurisdiction."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.people.roster.changes import DAY, NEXT, NONE, WEEK
from app.people.roster.gaps import KINDS
from app.people.roster.lifecycle import LABELS
from app.people.roster.rules import BY_ROLE, NOBODY, PLANNED, STAND_IN
from app.people.roster.schemas import MOST_DAYS, RANKS, Day
from app.wire import Uid, Wire

HOW = (PLANNED, STAND_IN, BY_ROLE, NOBODY)


class Whom(Wire):
    """A person by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class WhomToCall(Whom):
    """A person with a number to call."""

    phone = fields.String(required=True)


class RosterMember(WhomToCall):
    """A liaison of the unit, A角 first."""

    rank = fields.String(required=True, allow_none=True)


class PlannedPlace(Whom):
    """Who stands in the roster itself, on leave or not."""

    rank = fields.String(required=True, validate=validate.OneOf(RANKS))


class RosterDay(Wire):
    """A day: who is told first and second, how that came, and what is special about it.

    `rests` a day off, `holiday` its name, `made_up` a weekend day that is worked (调休), `provisional` where the year's
    arrangement is not published, `part` when several follow each other in the course of the day.
    """

    day = fields.String(required=True)
    rests = fields.Boolean(required=True)
    holiday = fields.String(required=True, allow_none=True)
    made_up = fields.Boolean(required=True)
    provisional = fields.Boolean(required=True)
    over = fields.Boolean(required=True)
    first = fields.List(fields.Nested(Whom), required=True)
    second = fields.List(fields.Nested(Whom), required=True)
    how = fields.String(required=True, validate=validate.OneOf(HOW))
    part = fields.Boolean(required=True)
    planned = fields.List(fields.Nested(PlannedPlace), required=True)
    away = fields.List(fields.Nested(Whom), required=True)


class LeaveOut(Wire):
    """A leave that runs (`now`) or is to come; `reason` only for that person and who decides over the roster."""

    id = fields.String(required=True)
    person = fields.Nested(Whom, required=True)
    stand_in = fields.Nested(Whom, required=True, allow_none=True)
    starts_at = fields.String(required=True, data_key="from")
    until = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    now = fields.Boolean(required=True)


class SwapOut(Wire):
    """A request to take a turn, or to exchange two; `late`: its day came before an answer."""

    id = fields.String(required=True)
    unit = fields.Nested(Whom, required=True)
    asker = fields.Nested(Whom, required=True)
    colleague = fields.Nested(Whom, required=True)
    day = fields.String(required=True)
    return_day = fields.String(required=True, allow_none=True)
    note = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(LABELS))
    state_name = fields.String(required=True)
    late = fields.Boolean(required=True)
    answer = fields.String(required=True)
    asked_at = fields.String(required=True)
    settled_at = fields.String(required=True, allow_none=True)


class May(Wire):
    """What the actor may do to this roster: plan it, put somebody where nobody is, ask colleagues."""

    plan = fields.Boolean(required=True)
    swap = fields.Boolean(required=True)
    set = fields.Boolean(required=True)


class RosterMonth(Wire):
    """GET /people/roster/units/{unit_id}"""

    unit = fields.Nested(Whom, required=True)
    month = fields.String(required=True)
    today = fields.String(required=True)
    may = fields.Nested(May, required=True)
    people = fields.List(fields.Nested(RosterMember), required=True)
    days = fields.List(fields.Nested(RosterDay), required=True)
    leaves = fields.List(fields.Nested(LeaveOut), required=True)
    swaps = fields.List(fields.Nested(SwapOut), required=True)


class OwnTurn(Wire):
    """A day of one's own duty; `how` is stand_in where it is in somebody's place."""

    day = fields.String(required=True)
    unit = fields.Nested(Whom, required=True)
    rank = fields.String(required=True, validate=validate.OneOf(RANKS))
    how = fields.String(required=True, validate=validate.OneOf(HOW))


class OwnRoster(Wire):
    """GET /people/roster/mine"""

    today = fields.String(required=True)
    days = fields.List(fields.Nested(OwnTurn), required=True)
    swaps = fields.List(fields.Nested(SwapOut), required=True)
    leaves = fields.List(fields.Nested(LeaveOut), required=True)


class DaySpan(Wire):
    """Days that follow each other."""

    first = fields.String(required=True)
    last = fields.String(required=True)


class RosterGap(Wire):
    """Days on which a unit has nobody, or its roster nobody; `call` is whom to ask about it."""

    unit = fields.Nested(Whom, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    spans = fields.List(fields.Nested(DaySpan), required=True)
    days = fields.Integer(required=True)
    call = fields.List(fields.Nested(WhomToCall), required=True)


class RosterGaps(Wire):
    """GET /people/roster/gaps"""

    today = fields.String(required=True)
    days = fields.Integer(required=True)
    gaps = fields.List(fields.Nested(RosterGap), required=True)
    without_liaison = fields.Integer(required=True)


class MonthAsked(Wire):
    """Which month, `YYYY-MM`; this one when none is given."""

    month = fields.String(load_default=None, validate=validate.Regexp(r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$"))


class DaysAsked(Wire):
    """How many days ahead."""

    days = fields.Integer(load_default=14, validate=validate.Range(1, 62))


class PlanAsked(Wire):
    """POST /people/roster/units/{unit_id}/preview: the pattern; `people` in the order of their turns."""

    first = Day(required=True)
    last = Day(required=True)
    people = fields.List(Uid(), required=True, validate=validate.Length(1, 30))
    every = fields.String(required=True, validate=validate.OneOf([DAY, WEEK]))
    backup = fields.String(required=True, validate=validate.Length(max=36))
    apart = fields.Boolean(required=True)
    replace = fields.Boolean(required=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        first, last, people = data["first"], data["last"], data["people"]
        if not isinstance(first, date) or not 0 <= (last - first).days < MOST_DAYS:
            raise ValidationError(f"须在 {MOST_DAYS} 天以内。", "last")
        if len(set(people)) != len(people):
            raise ValidationError("一人只能排一次。", "people")
        if data["backup"] not in (NEXT, NONE) and len(data["backup"]) != 36:
            raise ValidationError("不在可选范围内。", "backup")


class PreviewDay(Wire):
    """A day of the plan; `kept` stays as it is because somebody is planned already."""

    day = fields.String(required=True)
    a = fields.Nested(Whom, required=True, allow_none=True)
    b = fields.Nested(Whom, required=True, allow_none=True)
    rests = fields.Boolean(required=True)
    holiday = fields.String(required=True, allow_none=True)
    made_up = fields.Boolean(required=True)
    kept = fields.Boolean(required=True)
    skipped = fields.List(fields.String(), required=True)


class Share(Whom):
    """How many of the days, and of the days off among them, fall to somebody."""

    days = fields.Integer(required=True)
    rest_days = fields.Integer(required=True)


class PlanPreview(Wire):
    """A plan that is not written yet; `replaced` days have somebody already."""

    days = fields.List(fields.Nested(PreviewDay), required=True)
    people = fields.List(fields.Nested(Share), required=True)
    replaced = fields.Integer(required=True)
