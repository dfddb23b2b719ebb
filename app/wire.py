"""Field types and base schema shared by every package's wire shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app import clock


def _speak_chinese() -> None:
    """Give marshmallow's own messages in Chinese: they reach a liaison inside our sentences."""
    fields.Field.default_error_messages |= {
        "required": "必须填写。",
        "null": "不能为空。",
        "validator_failed": "内容不符合要求。",
    }
    for kind, text in (
        (fields.String, "须是文字。"),
        (fields.Integer, "须是整数。"),
        (fields.Float, "须是数字。"),
        (fields.Number, "须是数字。"),
        (fields.Boolean, "须是“是”或“否”。"),
        (fields.List, "须是列表。"),
        (fields.Dict, "须是一组内容。"),
    ):
        kind.default_error_messages = dict(kind.default_error_messages) | {"invalid": text, "invalid_utf8": text}
    fields.Number.default_error_messages |= {"too_large": "数字过大。", "special": "数字无效。"}
    fields.Nested.default_error_messages = dict(fields.Nested.default_error_messages) | {"type": "格式不正确。"}
    validate.Length.message_min = "至少 {min} 个字（项）。"
    validate.Length.message_max = "最多 {max} 个字（项）。"
    validate.Length.message_all = "须为 {min} 至 {max} 个字（项）。"
    validate.Range.message_min = "须{min_op} {{min}}。"
    validate.Range.message_max = "须{max_op} {{max}}。"
    validate.Range.message_all = "须{min_op} {{min}} 且{max_op} {{max}}。"
    validate.Range.message_gte, validate.Range.message_gt = "不小于", "大于"
    validate.Range.message_lte, validate.Range.message_lt = "不大于", "小于"
    validate.OneOf.default_message = "不在可选范围内。"
    validate.Regexp.default_message = "格式不正确。"


_speak_chinese()
CALLED: Final = {
    "name": "名称", "label": "名称", "title": "标题", "content": "内容", "text": "内容", "note": "说明",
    "reason": "原因", "reasons": "原因", "number": "工单编号", "kind": "类型", "source": "来源", "priority": "优先级",
    "area": "地点", "category": "类别", "caller": "诉求人", "address": "地址", "phone": "电话", "office": "工作股室",
    "role": "岗位", "rank": "A/B 角", "level": "层级", "unit_id": "单位", "parent_id": "上级单位",
    "person_id": "人员", "from": "开始时间", "since": "开始时间", "starts_at": "开始时间", "started_at": "开始时间",
    "until": "截止时间", "ends_at": "结束时间", "due_at": "时限", "new_due_at": "延至时间", "arrived_at": "到达时间",
    "left_at": "离开时间", "outcome": "结果", "purpose": "用途", "mode": "方式", "met": "见到的人",
    "parts": "回复内容", "opinion": "反映人意见", "grounds": "情形或依据", "ground": "依据", "fields": "表格内容",
    "evidence": "佐证", "evidence_ids": "佐证", "proposed_unit": "建议单位", "steps": "步骤", "day": "日期",
    "year": "年份", "url": "地址", "satisfaction": "是否满意", "follow_up": "跟踪事项", "checklist": "审核清单",
    "panel": "评价员", "vote": "意见", "decision": "决定", "topic": "主题", "held_on": "日期",
    "first": "首日", "last": "末日", "days": "日期", "colleague": "同事", "stand_in": "顶班人",
    "return_day": "对调日期",
}  # fmt: skip
"""What people call the fields of a command, for the sentence in which one is refused."""
UNSTORABLE: Final = "含有无法保存的字符（多为不完整的表情符号），请删去。"

_YEARS: Final = range(1970, 2200)


class Instant(fields.Field[datetime]):
    """An ISO 8601 instant with an offset; naive times are refused, and years that no zone could be applied to."""

    default_error_messages = {"invalid": "时间格式不正确，须带时区。", "unlikely": "时间不合理，请检查手机的日期。"}
    years: range | None = _YEARS

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.iso(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            instant = clock.parse(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.make_error("invalid") from error
        if self.years is not None and instant.year not in self.years:
            raise self.make_error("unlikely")
        return instant


class ClockReading(Instant):
    """What a phone's clock said, however wrong it is: `sync.timing` bounds it, so that nothing is refused for it."""

    years = None


class Uid(fields.String):
    """A UUID as canonical text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) != 36 or not _is_uuid(text):
            raise ValidationError("编号格式不正确。")
        return text.lower()


def _is_uuid(text: str) -> bool:
    parts = text.split("-")
    if [len(p) for p in parts] != [8, 4, 4, 4, 12]:
        return False
    return all(c in "0123456789abcdefABCDEF" for p in parts for c in p)


class Words(fields.String):
    """Text a person wrote: trimmed, storable, bounded, `min` characters at least."""

    def __init__(self, maximum: int, minimum: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=minimum, max=maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if not storable(text):
            raise ValidationError(UNSTORABLE)
        return text


class Secret(fields.String):
    """A password: taken as it is, spaces included."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not storable(text):
            raise ValidationError(UNSTORABLE)
        return text


def storable(value: Any) -> bool:
    """Return whether every text in a JSON value can be kept.

    PostgreSQL keeps no NUL, and UTF-8 no lone surrogate (half an emoji, as a length limit cuts it on a phone).
    """
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, dict):
        return all(storable(k) and storable(v) for k, v in value.items())
    return not isinstance(value, list) or all(storable(v) for v in value)


class Wire(Schema):
    """Base of all schemas: an unknown field is an error, never dropped in silence."""

    error_messages = {"unknown": "不认识的内容。", "type": "格式不正确。"}

    class Meta:
        unknown = RAISE


class PositionSchema(Wire):
    """Where a phone stood; `accuracy_m` in metres, `at` when the fix was taken."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90), allow_nan=False)
    lon = fields.Float(required=True, validate=validate.Range(-180, 180), allow_nan=False)
    accuracy_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 1e6), allow_nan=False)
    datum = fields.String(load_default="wgs84", validate=validate.OneOf(["wgs84", "gcj02"]))
    at = Instant(load_default=None, allow_none=True)
