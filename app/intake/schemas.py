"""Wire shapes of intake."""

from __future__ import annotations

from marshmallow import fields, validate

from app.intake import lifecycle
from app.intake.columns import BY_KEY, DEFAULTABLE
from app.intake.limits import MAX_COLUMNS
from app.intake.outcomes import KINDS
from app.wire import Instant, Uid, Wire, Words

_KIND = fields.String(validate=validate.OneOf(list(KINDS)))


class MapColumns(Wire):
    """intake.map"""

    file_id = Uid(required=True)
    header_row = fields.Integer(required=True, validate=validate.Range(1, 1_048_576), strict=True)
    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(BY_KEY))),
        values=fields.Integer(validate=validate.Range(0, MAX_COLUMNS - 1), strict=True),
        required=True,
    )
    defaults = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(DEFAULTABLE))), values=Words(32), load_default=dict
    )
    meanings = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(DEFAULTABLE))),
        values=fields.Dict(keys=Words(60), values=Words(32)),
        load_default=dict,
    )


class OneFile(Wire):
    """intake.confirm, intake.discard"""

    file_id = Uid(required=True)


class OneKey(Wire):
    """intake.key_revoke"""

    key_id = Uid(required=True)


class OneWebhook(Wire):
    """webhook.test"""

    webhook_id = Uid(required=True)
    delivery_id = Uid(required=True)


class OneDelivery(Wire):
    """webhook.retry"""

    delivery_id = Uid(required=True)


class Column(Wire):
    """One column of a file: its place, its name, what it means here."""

    index = fields.Integer(required=True)
    name = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)


class Counts(Wire):
    """Rows by state; `ready` shrinks and `taken` grows while a file is being registered."""

    ready = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    known = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class Choice(Wire):
    """A value a field may have."""

    key = fields.String(required=True)
    label = fields.String(required=True)


class FieldOut(Wire):
    """A field that a column may be told to mean; `choices` where only these are known."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    required = fields.Boolean(required=True)
    choices = fields.List(fields.Nested(Choice), required=True)


class StrangeWord(Wire):
    """A word of the file that means nothing here, and in how many rows it stands."""

    field = fields.String(required=True)
    word = fields.String(required=True)
    rows = fields.Integer(required=True)


class FileOut(Wire):
    """One import and how far it is. `busy` while the worker is at it."""

    id = Uid(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(lifecycle.FILE_LABELS)))
    state_label = fields.String(required=True)
    busy = fields.Boolean(required=True)
    message = fields.String(required=True, allow_none=True)
    sheet = fields.String(required=True, allow_none=True)
    other_sheets = fields.List(fields.String(), required=True)
    header_row = fields.Integer(required=True, allow_none=True)
    columns = fields.List(fields.Nested(Column), required=True)
    defaults = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    meanings = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    remembered = fields.Boolean(required=True)
    counts = fields.Nested(Counts, required=True)
    uploaded_at = Instant(required=True)
    uploaded_by = fields.String(required=True)
    confirmed_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    fields_known = fields.List(fields.Nested(FieldOut), data_key="fields")
    strange = fields.List(fields.Nested(StrangeWord))


class FileList(Wire):
    """The newest imports first."""

    files = fields.List(fields.Nested(FileOut), required=True)


class RowsQuery(Wire):
    """GET /intake/files/{id}/rows"""

    state = fields.String(load_default=None, validate=validate.OneOf(list(lifecycle.ROW_LABELS)))
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2_000_000))
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class FaultOut(Wire):
    """What is wrong in which column of a row, in Chinese."""

    field = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)
    column = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True)


class RowOut(Wire):
    """One row, callers masked. `cells` are what stands in the file, only while nobody could register it yet."""

    line = fields.Integer(required=True)
    state = fields.String(required=True)
    state_label = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    cells = fields.List(fields.String(), required=True)
    faults = fields.List(fields.Nested(FaultOut), required=True)
    ticket_id = fields.String(required=True, allow_none=True)


class RowsOut(Wire):
    """A page of rows; `next_after` null on the last one."""

    rows = fields.List(fields.Nested(RowOut), required=True)
    next_after = fields.Integer(required=True, allow_none=True)


class NewKey(Wire):
    """POST /intake/keys"""

    key_id = Uid(required=True)
    label = Words(64, minimum=2, required=True)


class KeyOut(Wire):
    """A platform's key, without its secret."""

    id = Uid(required=True)
    label = fields.String(required=True)
    created_at = Instant(required=True)
    rotated_at = Instant(required=True, allow_none=True)
    former_until = Instant(required=True, allow_none=True)
    revoked_at = Instant(required=True, allow_none=True)
    last_used_at = Instant(required=True, allow_none=True)


class KeyList(Wire):
    """All keys of the jurisdiction."""

    keys = fields.List(fields.Nested(KeyOut), required=True)


class SecretOut(Wire):
    """A secret, shown this one time."""

    id = Uid(required=True)
    secret = fields.String(required=True)


class NewWebhook(Wire):
    """POST /intake/webhooks"""

    webhook_id = Uid(required=True)
    label = Words(64, minimum=2, required=True)
    url = Words(1000, required=True)
    kinds = fields.List(_KIND, required=True, validate=validate.Length(min=1, max=len(KINDS)))


class ChangedWebhook(Wire):
    """PATCH /intake/webhooks/{id}"""

    label = Words(64, minimum=2)
    url = Words(1000)
    kinds = fields.List(_KIND, validate=validate.Length(min=1, max=len(KINDS)))
    active = fields.Boolean()


class WebhookOut(Wire):
    """Where results go, without the secret; `pending` and `dead` count messages."""

    id = Uid(required=True)
    label = fields.String(required=True)
    url = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    created_at = Instant(required=True)
    pending = fields.Integer(required=True)
    dead = fields.Integer(required=True)


class WebhookList(Wire):
    """All addresses of the jurisdiction, and the kinds of results there are."""

    webhooks = fields.List(fields.Nested(WebhookOut), required=True)
    kinds = fields.List(fields.Nested(Choice), required=True)


class DeliveriesQuery(Wire):
    """GET /intake/webhooks/{id}/deliveries"""

    state = fields.String(load_default=None, validate=validate.OneOf(list(lifecycle.DELIVERY_LABELS)))
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    before = Uid(load_default=None)


class DeliveryOut(Wire):
    """One message: of what, how often tried, what came back."""

    id = Uid(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    ticket_id = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    state_label = fields.String(required=True)
    attempts = fields.Integer(required=True)
    asked_at = Instant(required=True)
    next_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class DeliveriesOut(Wire):
    """The newest messages first; `next_before` null on the last page."""

    deliveries = fields.List(fields.Nested(DeliveryOut), required=True)
    next_before = fields.String(required=True, allow_none=True)


class AnswerOut(Wire):
    """What became of one request: taken, known (the number stands here already) or refused."""

    number = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(["taken", "known", "refused"]))
    ticket_id = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)


class AnswersOut(Wire):
    """The answers of a call, in the order of its requests."""

    results = fields.List(fields.Nested(AnswerOut), required=True)


class Block(Wire):
    """A text to paste elsewhere."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    text = fields.String(required=True)


class BlocksOut(Wire):
    """Texts to paste into a platform that has no interface, in the order its forms usually ask for them."""

    blocks = fields.List(fields.Nested(Block), required=True)
