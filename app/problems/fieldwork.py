"""Refusals: contacts, visits and what is found there; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

FIELDWORK: Final[dict[str, tuple[int, str]]] = {
    "contact_evidence_unknown": (409, "有 {count} 份录音未登记、已撤回或不能使用，请先添加佐证再记录联系。"),
    "visit_mode_unknown": (422, "本地规定中没有这种上门方式，请从列表中重新选择。"),
    "visit_ground_unknown": (422, "本地规定中没有这种未上门原因，请从列表中重新选择。"),
    "visit_not_anonymous": (409, "诉求人不是匿名来电，不能以此为由不上门；请上门，或选择其他原因。"),
    "visit_attempts_missing": (
        409,
        "选择“{label}”须先记录 {need} 次未联系上的联系，自上次联系上以后现有 {have} 次。请继续联系并记录，或直接上门。",
    ),
    "progress_empty": (422, "“{phrase}”没有说明实际进展，请写明已做了什么、还差什么、预计何时办结。"),
    "progress_too_short": (
        422,
        "进度说明至少 {min} 个字，现有 {have} 个字。请写明已做了什么、还差什么、预计何时办结。",
    ),
    "progress_too_long": (422, "进度说明最多 {max} 个字，现有 {have} 个字，请精简后重新提交。"),
    "progress_caller_not_told": (409, "报告进度前须联系来电人说明进展并做好解释，告知后请勾选“已告知来电人”再提交。"),
    "progress_contact_missing": (
        409,
        "本次进度还没有联系上来电人的记录。请先联系来电人并记录联系，再报告进度；联系不上的，请先登记“联系不上”。",
    ),
    "proof_unknown": (409, "有 {count} 份材料未登记、已撤回或不能使用，请先添加佐证再提交，内容已保留。"),
    "progress_reason_missing": (
        422,
        "工单已超过{clock} {due}，报告进度须同时写明未按期办结的原因（至少 {min} 个字）。",
    ),
    "plan_unknown": (422, "本地规定没有报送办理方案这一项，请用“报告进度”说明办理计划。"),
    "plan_dates_missing": (422, "方案中至少要有一步尚未完成且写明今后的日期，请补充进度安排。"),
    "commitment_unknown": (422, "本地规定没有承诺办理这一项，请申请延期或报告进度。"),
    "commitment_date_wrong": (422, "承诺的时间须晚于现在，且在 {days} 天之内，请核对后重新填写。"),
    "commitment_text_short": (422, "承诺事项至少写 {min} 个字，现有 {have} 个字。请写明办什么、办到什么程度。"),
    "commitment_caller_not_told": (409, "承诺须先向来电人说明。请联系来电人并记录联系，再登记承诺。"),
    "commitment_date_missing": (422, "承诺未能兑现的，须写明改期到何时；已兑现的不需要新的时间。"),
    "commitment_not_found": (404, "没有找到这项承诺，请刷新后重试。"),
    "commitment_settled": (409, "这项承诺已于 {at} 核销，不必再次登记。"),
}
