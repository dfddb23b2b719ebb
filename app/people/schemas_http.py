"""Wire shapes of the contact directory, of accounts, deputations and trainings."""

from __future__ import annotations

from marshmallow import fields, validate

from app.people.permissions import ROLES
from app.people.schemas import TRAININGS
from app.wire import Wire


class Someone(Wire):
    """A person by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class StandIn(Someone):
    """Who stands in for a leader now, and until when."""

    phone = fields.String(required=True)
    until = fields.String(required=True)


class ContactPerson(Someone):
    """Somebody to call."""

    rank = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True)
    deputy = fields.Nested(StandIn, required=True, allow_none=True)


class Turn(Wire):
    """One turn of duty that runs (`now`) or is to come."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True)
    rank = fields.String(required=True)
    starts_at = fields.String(required=True, data_key="from")
    until = fields.String(required=True)
    now = fields.Boolean(required=True)


class ContactUnit(Wire):
    """A unit in the directory; `depth` is how far it stands below the top, `gaps` are keys of `Directory.gaps`."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.Integer(required=True)
    level_name = fields.String(required=True)
    parent_id = fields.String(required=True, allow_none=True)
    depth = fields.Integer(required=True)
    office = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    chiefs = fields.List(fields.Nested(ContactPerson), required=True)
    leaders = fields.List(fields.Nested(ContactPerson), required=True)
    reviewers = fields.List(fields.Nested(ContactPerson), required=True)
    liaisons = fields.List(fields.Nested(ContactPerson), required=True)
    station = fields.List(fields.Nested(ContactPerson), required=True)
    duty = fields.List(fields.Nested(Turn), required=True)
    gaps = fields.List(fields.String(), required=True)


class Gap(Wire):
    """Something a unit may lack, and how many units do."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    units = fields.Integer(required=True)


class Directory(Wire):
    """GET /people/directory; parents come before their children."""

    station_phone = fields.String(required=True)
    levels = fields.List(fields.String(), required=True)
    gaps = fields.List(fields.Nested(Gap), required=True)
    units = fields.List(fields.Nested(ContactUnit), required=True)


class HeldRole(Wire):
    """A role in a unit."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    rank = fields.String(required=True, allow_none=True)
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)


class Account(Someone):
    """An account as who looks after accounts sees it."""

    phone = fields.String(required=True)
    password_first = fields.Boolean(required=True)
    disabled_at = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.Nested(HeldRole), required=True)


class FirstPassword(Wire):
    """A password to be handed to its owner; it is shown this once and must be changed at the first sign-in."""

    person = fields.Nested(Someone, required=True)
    password = fields.String(required=True)


class DeputationOut(Wire):
    """A deputation that runs (`now`) or is to come."""

    id = fields.String(required=True)
    principal = fields.Nested(Someone, required=True)
    deputy = fields.Nested(Someone, required=True)
    appointed_by = fields.Nested(Someone, required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    reason = fields.String(required=True)
    now = fields.Boolean(required=True)


class TrainingOut(Wire):
    """A training that was held."""

    id = fields.String(required=True)
    topic = fields.String(required=True)
    held_on = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TRAININGS))
    trainer = fields.String(required=True)
    result = fields.String(required=True)
    attendees = fields.List(fields.Nested(Someone), required=True)


class Due(Someone):
    """A liaison who was trained less often this year than the profile asks."""

    unit = fields.String(required=True)
    attended = fields.Integer(required=True)
    wanted = fields.Integer(required=True)


class Untaught(Someone):
    """A new liaison whom nobody has taught one to one."""

    unit = fields.String(required=True)
    since = fields.String(required=True)


class TrainingYear(Wire):
    """GET /people/training"""

    year = fields.Integer(required=True)
    trainings = fields.List(fields.Nested(TrainingOut), required=True)
    due = fields.List(fields.Nested(Due), required=True)
    new = fields.List(fields.Nested(Untaught), required=True)


class YearAsked(Wire):
    """Which year; this one when none is given."""

    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2199))
