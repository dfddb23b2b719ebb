"""Which column of a platform's export means what: known names, the header row, what was remembered. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HEADER_WITHIN: Final = 30
"""The header stands among the first so many lines: titles and notes come before it."""
_ADDED: Final = re.compile(r"[(\[【].*?[)\]】]|[\s*:_\-/.]+")


@dataclass(frozen=True, slots=True)
class Field:
    """Something a ticket has that a column may give; `names` are how platforms call it, the most usual first."""

    key: str
    label: str
    names: tuple[str, ...]
    required: bool = False


def _field(key: str, label: str, *names: str, required: bool = False) -> Field:
    return Field(key, label, tuple(" ".join(names).split()), required)


FIELDS: Final = (
    _field(
        "number",
        "工单编号",
        "工单编号 工单号 工单编码 工单流水号 受理编号 受理单号 诉求编号 任务编号 案件编号 事件编号",
        "业务编号 热线编号 来电编号 流水号 编号",
        required=True,
    ),
    _field("title", "标题", "标题 工单标题 诉求标题 事件标题 诉求主题 主题 工单主题"),
    _field(
        "content",
        "诉求内容",
        "诉求内容 工单内容 反映内容 来电内容 受理内容 事件描述 问题描述 诉求描述 具体内容 详细内容 主要内容 内容",
        required=True,
    ),
    _field(
        "kind",
        "诉求类型",
        "诉求类型 工单类型 诉求性质 业务类型 事件类型 来电类型 受理类型 类型",
        required=True,
    ),
    _field("source", "来源", "来源 诉求来源 工单来源 受理渠道 来电渠道 诉求渠道 受理方式 渠道", required=True),
    _field("priority", "紧急程度", "紧急程度 优先级 紧急度 缓急程度 工单级别 紧急级别 是否紧急"),
    _field("category", "问题分类", "问题分类 诉求分类 事件分类 诉求类别 问题类别 归口类别 一级分类 分类 类别"),
    _field("area", "区域", "区域 所属区域 所在区域 事发区域 所属街道 所属乡镇 属地 事发地址 事发地点 发生地址"),
    _field("caller_name", "来电人", "来电人 诉求人 来电人姓名 诉求人姓名 市民姓名 反映人 投诉人 联系人 群众姓名 姓名"),
    _field(
        "caller_phone",
        "联系电话",
        "联系电话 来电号码 联系方式 来电电话 手机号码 手机号 联系号码 诉求人电话 来电人电话 主叫号码 电话",
    ),
    _field("caller_address", "地址", "地址 联系地址 来电人地址 诉求人地址 详细地址 家庭住址 诉求地址 问题地址 住址"),
    _field("anonymous", "是否匿名", "是否匿名 匿名"),
    _field("confidential", "是否保密", "是否保密 信息保密 保密"),
    _field(
        "received_at", "受理时间", "受理时间 来电时间 登记时间 诉求时间 反映时间 接收时间 创建时间 提交时间 派单时间"
    ),
    _field(
        "feedback_by",
        "办结时限",
        "办结时限 办理时限 要求办结时间 应办结时间 反馈时限 要求反馈时间 处理时限 办理期限 截止时间 到期时间",
    ),
)
BY_KEY: Final = {field.key: field for field in FIELDS}
DEFAULTABLE: Final = ("kind", "source", "priority")
"""Fields that may be the same for a whole file instead of standing in a column."""
_RANKS: Final = {name: (field.key, rank) for field in FIELDS for rank, name in enumerate(field.names)}


def name_of(written: str) -> str:
    """Return a header's bare name: 联系电话（必填）* → 联系电话."""
    return _ADDED.sub("", unicodedata.normalize("NFKC", written)).strip()


def signature(header: Sequence[str]) -> str:
    """Return what a header is remembered by: its names in their order."""
    return hashlib.sha256("\x1f".join(name_of(name) for name in header).encode()).hexdigest()


def propose(header: Sequence[str]) -> dict[str, int]:
    """Return field → index of the column whose name is the most usual one for it."""
    best: dict[str, tuple[int, int]] = {}
    for index, written in enumerate(header):
        key, rank = _RANKS.get(name_of(written), (None, 0))
        if key is not None and (rank, index) < best.get(key, (rank + 1, index)):
            best[key] = (rank, index)
    return {key: index for key, (_, index) in best.items()}


def find_header(lines: Sequence[tuple[int, Sequence[str]]], remembered: Mapping[str, object]) -> int | None:
    """Return the number of the line that is the header, None when no line looks like one.

    A header seen before wins; else the line with the most known names, two at least and the number among them.
    """
    for line, header in lines[:HEADER_WITHIN]:
        if signature(header) in remembered:
            return line
    scored = [(len(found), -line) for line, header in lines[:HEADER_WITHIN] if "number" in (found := propose(header))]
    count, line = max(scored, default=(0, 0))
    return -line if count > 1 else None
