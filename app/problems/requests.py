"""Refusals: what a unit may ask for; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

REQUESTS: Final[dict[str, tuple[int, str]]] = {
    "request_kind_unknown": (422, "本地规定中没有这种申请，请从工单的“申请”列表中选择。"),
    "request_not_found": (404, "没有找到这项申请，请刷新后查看。"),
    "request_too_late": (409, "{label}须在 {due} 前提出（依据 {cite}），现已超过。请与工作站沟通。"),
    "extension_overdue": (409, "工单已于 {due} 超过{clock}，超期工单不予延期（依据 {cite}）。请尽快办结并回复。"),
    "request_reason_short": (422, "{label}至少写 {min} 个字，现有 {have} 个字。请把原因写详细。"),
    "request_already_open": (409, "{asked_at} 提出的“{label}”尚未答复，不能重复提出；如需修改，请先撤回。"),
    "extension_date_missing": (422, "请填写希望延至的时间。"),
    "extension_date_not_later": (422, "延至的时间须晚于现在的{clock} {due}，请改为更晚的时间。"),
    "extension_date_too_far": (422, "延至的时间不能晚于 {limit}，请核对年月日。"),
    "extension_longer_than_original": (
        409,
        "每次延期不得超过原办理时限（依据 {cite}），最晚可延至 {limit}。请改短日期，到时仍办不完的可再次申请。",
    ),
    "request_used_up": (409, "{label}最多 {most} 次（依据 {cite}），已经用完。请抓紧办结，确有困难请与工作站沟通。"),
    "request_not_verified": (
        409,
        "{label}前须先核实（依据 {cite}）。请联系诉求人或到现场查看，并记录联系或上门，再提出申请。",
    ),
    "request_not_visited": (409, "{label}前须先上门劝解（依据 {cite}）。请上门并记录“上门劝”，再提出申请。"),
    "request_caller_not_told": (
        409,
        "{label}前须先告知诉求人并做好解释（依据 {cite}）。请联系诉求人，用途选“告知”，接通后再提出申请。",
    ),
    "request_unit_missing": (422, "{label}须写明建议由哪个单位办理（依据 {cite}），请从单位列表中选择。"),
    "request_ground_unknown": (422, "“{label}”的情形里有本地规定没有的选项，请更新页面后重新选择，内容已保留。"),
    "request_ground_missing": (422, "{label}须至少勾选一种情形（依据 {cite}）。"),
    "request_field_missing": (422, "“{field}”必须填写，请补充后重新提交。"),
    "request_field_phone": (422, "“{field}”须是可以拨打的电话号码，请核对后重新填写。"),
    "request_field_unknown": (422, "“{label}”里有本地规定没有的栏目，请更新页面后重新填写，内容已保留。"),
    "request_variant_unknown": (422, "“{label}”没有这种办理方式，请更新页面后重新选择。"),
    "request_materials_missing": (
        422,
        "须附{label}至少 {min} 份，现有 {have} 份。{hint}。请先添加佐证，再在申请中勾选。",
    ),
    "request_panel_unknown": (422, "“{label}”不需要评价员，请去掉后重新提交。"),
    "request_panel_small": (422, "评价员至少 {min} 人且须为单数，现有 {have} 人。请补充评价员后重新提交。"),
    "request_until_missing": (422, "{label}须写明日期，请选择后重新提交。"),
    "request_until_past": (422, "{label}的日期须晚于现在，请核对年月日。"),
    "suspension_too_short": (
        422,
        "{label}只适用于办理时间超过 {days} 天的诉求（依据 {cite}）。能在此之前办完的，请申请延期。",
    ),
    "request_not_yours": (403, "“{label}”不由您的岗位提出，请交由有关人员办理。"),
    "request_not_your_turn": (409, "这项申请正等“{stage}”，不由您的岗位办理，请等待或提醒对方。"),
    "request_own": (403, "不能审批自己提出的申请或答复，请由其他人员办理。"),
    "evaluator_not_found": (404, "没有找到这位评价员，请刷新后重试。"),
    "evaluator_voted": (409, "“{name}”已经表态，不能再次登记；登错的，请在工单内留言说明。"),
    "request_not_open": (409, "这项申请现在是“{state}”，不能再执行“{command}”，请刷新后查看结果。"),
    "request_lapsed": (409, "工单已改派其他单位或已办结，这项申请不再有效；仍需要的，请重新提出。"),
}
