"""Arguments of the channels' commands and their wire shapes."""

from __future__ import annotations

from marshmallow import fields, validate

from app.reach.kinds import GROUPS, LABELS, PERSONAL, URGENCIES
from app.wire import Instant, Secret, Uid, Wire, Words


def _channels() -> fields.List:
    return fields.List(fields.String(validate=validate.OneOf(PERSONAL)), required=True, validate=validate.Length(max=8))


class SetRoute(Wire):
    """channel.route; the ways of one urgency (`reach.kinds.Route`)."""

    urgency = fields.String(required=True, validate=validate.OneOf(list(URGENCIES)))
    together = _channels()
    first_of = _channels()
    if_none = _channels()
    groups = fields.Boolean(required=True)
    may_mute = fields.Boolean(required=True)


class Prefer(Wire):
    """channel.prefer; what the person wants to be spared, in which order the ways are to be tried, and when what can
    wait is to wait. It counts where the place allows it. `preferred`, from before, is an order of one.
    """

    muted = _channels()
    preferred = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PERSONAL))
    order = fields.List(
        fields.String(validate=validate.OneOf(PERSONAL)), load_default=None, allow_none=True,
        validate=validate.Length(max=8),
    )  # fmt: skip
    quiet_from = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    quiet_until = fields.Time(load_default=None, allow_none=True, format="%H:%M")


class Unbind(Wire):
    """channel.unbind; `contact_id` is one of the person's own."""

    contact_id = Uid(required=True)


class Retry(Wire):
    """delivery.retry"""

    delivery_id = Uid(required=True)


class Configure(Wire):
    """PUT /channels/{channel}; secrets that are left out stay as they are, an empty one is taken away."""

    enabled = fields.Boolean(required=True)
    options = fields.Dict(keys=fields.String(), values=Words(500, minimum=0), required=True)
    secrets = fields.Dict(keys=fields.String(), values=Secret(), load_default=dict)


class NewRobot(Wire):
    """POST /channels/robots"""

    channel = fields.String(required=True, validate=validate.OneOf(GROUPS))
    unit_id = Uid(required=True)
    label = Words(64, required=True)
    address = Words(500, required=True)
    secret = Secret(load_default="")


class NewRobotOut(Wire):
    """POST /channels/robots"""

    id = fields.String(required=True)


class ChannelField(Wire):
    """One field of a channel's settings."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True)
    secret = fields.Boolean(required=True)
    needed = fields.Boolean(required=True)
    usual = fields.String(required=True)
    hint = fields.String(required=True)
    choices = fields.List(fields.List(fields.String()), required=True)
    value = fields.String(required=True, allow_none=True)
    filled = fields.Boolean(required=True)


class RobotOut(Wire):
    """A group's robot; its address is shown to its host only."""

    id = fields.String(required=True)
    channel = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    label = fields.String(required=True)
    host = fields.String(required=True)
    refused_why = fields.String(required=True, allow_none=True)


class ChannelOut(Wire):
    """One channel as an administrator sees it."""

    channel = fields.String(required=True)
    label = fields.String(required=True)
    group = fields.Boolean(required=True)
    enabled = fields.Boolean(required=True)
    changed_by = fields.String(required=True, allow_none=True)
    changed_at = fields.String(required=True, allow_none=True)
    callback_url = fields.String(required=True, allow_none=True)
    bound = fields.Integer(required=True)
    fields_ = fields.List(fields.Nested(ChannelField), required=True, data_key="fields")


class ChannelRouteOut(SetRoute):
    """The ways of one urgency as they stand; `label` is its name, `chosen` whether the place changed the default."""

    label = fields.String(required=True)
    chosen = fields.Boolean(required=True)


class ChannelsOut(Wire):
    """GET /channels"""

    channels = fields.List(fields.Nested(ChannelOut), required=True)
    routes = fields.List(fields.Nested(ChannelRouteOut), required=True)
    robots = fields.List(fields.Nested(RobotOut), required=True)


class ChannelTried(Wire):
    """What a service said to a test."""

    ok = fields.Boolean(required=True)
    words = fields.String(required=True)


class ChannelName(Wire):
    """Which channel."""

    channel = fields.String(required=True, validate=validate.OneOf(list(LABELS)))


class BindUrl(Wire):
    """POST /channels/bindings"""

    url = fields.String(required=True)


class MailAddress(Wire):
    """POST /channels/mail"""

    address = fields.Email(required=True, validate=validate.Length(max=200))


class MailCode(Wire):
    """POST /channels/mail/confirm"""

    code = Words(12, required=True)


class PointOut(Wire):
    """One of the person's own contact points."""

    id = fields.String(required=True, allow_none=True)
    label = fields.String(required=True)
    here = fields.Boolean(required=True)
    verified_at = fields.String(required=True, allow_none=True)
    refused_why = fields.String(required=True, allow_none=True)


class OwnChannel(Wire):
    """One channel as a person sees it; `bind`: how it is bound (oauth, mail, device), null when nothing is to do."""

    channel = fields.String(required=True)
    label = fields.String(required=True)
    bind = fields.String(required=True, allow_none=True)
    muted = fields.Boolean(required=True)
    points = fields.List(fields.Nested(PointOut), required=True)


class OwnChannels(Wire):
    """GET /channels/mine; `order` names every channel of the place, `may_mute` the urgencies for which muting counts
    and the hours of quiet (HH:MM, null when there are none).
    """

    channels = fields.List(fields.Nested(OwnChannel), required=True)
    preferred = fields.String(required=True, allow_none=True)
    order = fields.List(fields.String(), required=True)
    quiet_from = fields.String(required=True, allow_none=True)
    quiet_until = fields.String(required=True, allow_none=True)
    may_mute = fields.List(fields.String(), required=True)


class WechatPage(Wire):
    """POST /channels/wechat/signature; the page's address without what stands after `#`."""

    url = Words(2000, required=True)


class PageSignature(Wire):
    """What `wx.config` wants."""

    app_id = fields.String(required=True)
    timestamp = fields.Integer(required=True)
    nonce = fields.String(required=True)
    signature = fields.String(required=True)


class SentOut(Wire):
    """One notice on its way to one person by one channel, in words; `came` is what became of it and why."""

    id = fields.String(required=True)
    notice_id = fields.String(required=True)
    reminder_id = fields.String(required=True, allow_none=True)
    ticket_id = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    person_id = fields.String(required=True)
    person = fields.String(required=True)
    channel = fields.String(required=True)
    channel_label = fields.String(required=True)
    to = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    words = fields.String(required=True)
    came = fields.String(required=True)
    to_group = fields.Boolean(required=True)
    error = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    asked_at = Instant(required=True)
    delivered_at = Instant(required=True, allow_none=True)
    next_attempt_at = Instant(required=True, allow_none=True)
    acknowledged_at = Instant(required=True, allow_none=True)
    may_retry = fields.Boolean(required=True)


class SentList(Wire):
    """GET /deliveries and /deliveries/tickets/{id}; `before` asks for the next page, null when there is none."""

    deliveries = fields.List(fields.Nested(SentOut), required=True)
    before = fields.String(required=True, allow_none=True)


class SentQuery(Wire):
    """GET /deliveries"""

    state = fields.String(load_default=None, allow_none=True)
    channel = fields.String(load_default=None, allow_none=True)
    before = Uid(load_default=None, allow_none=True)
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 200))
