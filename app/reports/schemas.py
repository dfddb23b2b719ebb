"""Wire shapes of the rates."""

from __future__ import annotations

from marshmallow import fields, validate

from app.reports.rates import RATES
from app.wire import Uid, Wire, Words


class RatesAsked(Wire):
    """Which month (`YYYY-MM`), or which days, both included; the present month when nothing is given."""

    month = Words(7, load_default=None)
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)


class FiguresAsked(RatesAsked):
    """All rates the profile shows, or the one of them that counts what `rate` counts, by whatever name it has there."""

    rate = fields.String(load_default=None, validate=validate.OneOf(sorted(RATES)))


class CasesAsked(RatesAsked):
    """Which unit's cases, those in the numerator only or the others only, and which page."""

    unit_id = Uid(load_default=None)
    counted = fields.Boolean(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class RateOut(Wire):
    """A rate and what it counts; `good` when a higher one is better."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    definition = fields.String(required=True)
    good = fields.Boolean(required=True)


class Figure(Wire):
    """One figure; `percent` is null when nothing was counted.

    `undecided` are cases that may yet come out either way, in neither part of the fraction.
    """

    rate = fields.String(required=True)
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    percent = fields.Float(required=True, allow_none=True)
    undecided = fields.Integer(required=True)


class UnitFigures(Wire):
    """A unit's own figures, in the order of `Rates.rates`; units below it stand for themselves."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.Integer(required=True)
    parent_id = fields.String(required=True, allow_none=True)
    figures = fields.List(fields.Nested(Figure), required=True)


class RatesOut(Wire):
    """GET /reports/rates; `until` is the first instant after the period, `now` when it was counted.

    `total` is of the units listed, `place` of the whole jurisdiction; `month` is null where days were asked for.
    """

    month = fields.String(required=True, allow_none=True)
    first = fields.String(required=True)
    last = fields.String(required=True)
    zone = fields.String(required=True)
    starts = fields.String(required=True, data_key="from")
    until = fields.String(required=True)
    now = fields.String(required=True)
    rates = fields.List(fields.Nested(RateOut), required=True)
    units = fields.List(fields.Nested(UnitFigures), required=True)
    total = fields.List(fields.Nested(Figure), required=True)
    place = fields.List(fields.Nested(Figure), required=True)


class CaseUnit(Wire):
    """The unit a case is counted for."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class CaseOut(Wire):
    """A ticket in the denominator; `counted` when it is in the numerator too."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    unit = fields.Nested(CaseUnit, required=True)
    received_at = fields.String(required=True)
    counted = fields.Boolean(required=True)


class CasesOut(Wire):
    """GET /reports/rates/<rate>/tickets"""

    rate = fields.Nested(RateOut, required=True)
    month = fields.String(required=True, allow_none=True)
    first = fields.String(required=True)
    last = fields.String(required=True)
    total = fields.Integer(required=True)
    tickets = fields.List(fields.Nested(CaseOut), required=True)
