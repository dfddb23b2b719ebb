"""Refusals about the roster: turns, exchanging them, leave."""

from __future__ import annotations

from typing import Final

ROSTER: Final = {
    "duty_past": (422, "这段时间已经过去，值班不能再改；请选今天或以后的日子。"),
    "duty_far": (422, "日期太远，值班和请假最多可安排到 400 天以内，请核对年份。"),
    "duty_needs_swap": (409, "{day}已由“{name}”值班。请向本人申请换班，或请单位领导、工作站调整。"),
    "duty_away": (409, "“{name}”{span}请假，不能值班，请另选一人。"),
    "duty_double": (409, "“{name}”同一时间已有另一班，不能兼 A、B 两班，请另选一人。"),
    "swap_invalid": (422, "换班有误：须换给本单位的另一位联络员，两个日期不能相同。请重新选择。"),
    "swap_past": (409, "{day}已经过去，不能再换班，请另选日期。"),
    "swap_asked_already": (409, "{day}的换班已向“{name}”提出，尚待答复。要另找人的，请先撤回。"),
    "swap_not_yours": (409, "{day}不是您值班，不能换出，请刷新值班表后重新选择。"),
    "swap_not_theirs": (409, "{day}不是“{name}”值班，不能对调，请刷新值班表后重新选择。"),
    "swap_not_asked": (403, "这项换班只能由“{name}”处理，请与其联系。"),
    "swap_not_found": (404, "没有找到这项换班，请刷新后查看。"),
    "swap_settled": (409, "这项换班“{name}”已于 {at} 处理：{state}，不必再次处理。"),
    "swap_stale": (409, "值班表在这期间已变动，这项换班不再适用。请与同事重新商定后再申请。"),
    "leave_not_liaison": (409, "“{name}”不是联络员，不在值班表上；领导外出请办理代行。"),
    "leave_invalid": (422, "请假日期有误：末日不能早于首日，也不能已经过去。请重新填写。"),
    "leave_overlaps": (409, "“{name}”{span}已登记请假，请先结束原来的，或改日期。"),
    "leave_stand_in": (422, "顶班人须是本单位的另一位联络员，且这段时间没有请假。请另选一人。"),
    "leave_uncovered": (
        409,
        "{span}“{unit}”将没有联络员在岗。请先商定顶班，或由单位领导、工作站确认后登记。",
    ),
    "leave_not_found": (404, "没有找到这次请假，它可能已经结束，请刷新后查看。"),
}
