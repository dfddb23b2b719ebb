"""Arguments of the commands on people, and the wire shapes of signing in."""

from __future__ import annotations

from marshmallow import fields, validate

from app.people.permissions import ROLES
from app.wire import Instant, Secret, Uid, Wire, Words

GROUP, ONE_TO_ONE = "group", "one_to_one"
TRAININGS = (GROUP, ONE_TO_ONE)
LINE = validate.Regexp(r"^[0-9][0-9 -]{2,30}$", error="须是电话号码。")
PHONE = validate.Regexp(r"^1[3-9]\d{9}$", error="须是 11 位手机号。")


class Assign(Wire):
    """membership.assign"""

    unit_id = Uid(required=True)
    person_id = Uid(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    rank = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["A", "B"]))


class End(Wire):
    """membership.end"""

    unit_id = Uid(required=True)
    person_id = Uid(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class ChangePhone(Wire):
    """person.change_phone"""

    person_id = Uid(required=True)
    phone = fields.String(required=True, validate=PHONE)


class OpenUnit(Wire):
    """unit.open"""

    unit_id = Uid(required=True)
    name = Words(128, required=True)
    level = fields.Integer(required=True, validate=validate.Range(1, 4))
    parent_id = Uid(load_default=None, allow_none=True)
    office = Words(64, load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True, validate=LINE)


class RenameUnit(Wire):
    """unit.rename; `was` is the name that the form showed."""

    unit_id = Uid(required=True)
    name = Words(128, required=True)
    was = Words(128, load_default=None, allow_none=True)


class PlaceInTree(Wire):
    """Where a unit stands."""

    level = fields.Integer(required=True, validate=validate.Range(1, 4))
    parent_id = Uid(required=True, allow_none=True)


class MoveUnit(PlaceInTree):
    """unit.move; `was` is where the form showed it."""

    unit_id = Uid(required=True)
    was = fields.Nested(PlaceInTree, load_default=None, allow_none=True)


class Reached(Wire):
    """A section and a number that is answered day and night."""

    office = Words(64, required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True, validate=LINE)


class ReachUnit(Reached):
    """unit.reach: where the unit's hotline work is done; `was` is what the form showed."""

    unit_id = Uid(required=True)
    was = fields.Nested(Reached, load_default=None, allow_none=True)


class ReachStation(Wire):
    """station.reach: the number that liaisons call in doubt, null where there is none yet."""

    phone = fields.String(required=True, allow_none=True, validate=LINE)
    was = fields.String(load_default=None, allow_none=True)


class CloseUnit(Wire):
    """unit.close"""

    unit_id = Uid(required=True)
    reason = Words(500, required=True)


class Enrol(Wire):
    """person.enrol"""

    person_id = Uid(required=True)
    name = Words(64, required=True)
    phone = fields.String(required=True, validate=PHONE)


class Disable(Wire):
    """person.disable"""

    person_id = Uid(required=True)
    reason = Words(500, required=True)


class Appoint(Wire):
    """deputation.appoint"""

    deputation_id = Uid(required=True)
    principal = Uid(required=True)
    deputy = Uid(required=True)
    since = Instant(required=True)
    until = Instant(required=True)
    reason = Words(500, required=True)


class EndDeputation(Wire):
    """deputation.end"""

    deputation_id = Uid(required=True)


class RecordTraining(Wire):
    """training.record"""

    training_id = Uid(required=True)
    topic = Words(120, required=True)
    held_on = fields.Date(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TRAININGS))
    trainer = Words(64, required=True)
    attendees = fields.List(Uid(), required=True, validate=validate.Length(1, 500))
    result = Words(1000, required=True)


class DeviceClaim(Wire):
    """What a phone says of itself when signing in; `id` is made by the phone and kept there."""

    id = Uid(required=True)
    name = Words(64, required=True)
    platform = Words(64, minimum=0, load_default="")


class Login(Wire):
    """POST /auth/login"""

    phone = Words(20, required=True)
    password = Secret(required=True, validate=validate.Length(1, 200))
    device = fields.Nested(DeviceClaim, required=True)


class PasswordChange(Wire):
    """POST /auth/password"""

    old = Secret(required=True, validate=validate.Length(1, 200))
    new = Secret(required=True, validate=validate.Length(1, 200))


class Place(Wire):
    """The jurisdiction a person works in."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    zone = fields.String(required=True)
    station_phone = fields.String(required=True)


class Principal(Wire):
    """Whose role a deputy holds for a while."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class Role(Wire):
    """One role held in one unit; `below` are the units under it where the role counts too."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    rank = fields.String(required=True, allow_none=True)
    below = fields.List(fields.String(), required=True)
    acting_for = fields.Nested(Principal, required=True, allow_none=True)


class Me(Wire):
    """The signed-in person."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    phone_masked = fields.String(required=True)
    jurisdiction = fields.Nested(Place, required=True)
    roles = fields.List(fields.Nested(Role), required=True)
    device_id = fields.String(required=True, allow_none=True)
    password_first = fields.Boolean(required=True)


class SessionOut(Wire):
    """A fresh access token and who it is for."""

    access_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    me = fields.Nested(Me, required=True)


class DeviceOut(Wire):
    """A device of the signed-in person."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    platform = fields.String(required=True)
    registered_at = fields.String(required=True)
    last_seen_at = fields.String(required=True)
    current = fields.Boolean(required=True)
