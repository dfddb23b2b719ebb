"""Refusals of spot checks; part of the one catalogue in `app.problems`. Pure."""

from __future__ import annotations

from typing import Final

SPOT_CHECKS: Final[dict[str, tuple[int, str]]] = {
    "inspection_not_found": (404, "没有找到这件抽查，请刷新后重试。"),
    "inspection_not_independent": (403, "您{how}这张工单，不能抽查，请由其他督查人员判定。"),
    "inspection_claimed": (409, "这件抽查已由{name}领取，请从队列中另选一件。"),
    "inspection_not_open": (409, "这件抽查{state}，不能执行“{command}”，请刷新后查看。"),
    "inspection_judged": (409, "您已对这件抽查作出判定，同一件须由不同的人判定；如需修改，请在公布前更正。"),
    "inspection_not_yours": (403, "这件抽查不是由您领取或判定的，请由本人操作。"),
    "inspection_told": (409, "结论已经公布，不能再更正；承办单位有异议的，请其申诉后另行裁定。"),
    "inspection_verdict_unknown": (422, "请从属实、存疑、弄虚作假中选择一项结论。"),
    "inspection_ground_unknown": (422, "“{ground}”不是可以认定“{verdict}”的情形，请从列表中重新选择。"),
    "inspection_grounds_missing": (422, "判定“{verdict}”须至少选择一种情形。"),
    "inspection_note_missing": (422, "判定“{verdict}”须写明具体情况（至少 {min} 个字）。"),
    "inspection_verdict_same": (422, "申诉成立的，请选择与原结论不同的新结论。"),
    "inspection_photo_unknown": (409, "有 {count} 张照片不是您为这件抽查拍摄的，请重新选择现场照片后提交。"),
    "inspection_moved": (409, "工单已改派其他单位，这件抽查不再由您单位答复，请与督查人员联系。"),
    "inspection_rectification_not_open": (409, "这项整改现在是“{state}”，不能再次提交，请刷新后查看。"),
    "inspection_appealed": (409, "这件抽查已经申诉过，每件只能申诉一次，请等待或查看裁定。"),
    "inspection_no_appeal": (409, "这件抽查的结论是属实，不必申诉。"),
    "inspection_appeal_closed": (409, "申诉期限 {until} 已过，请按要求整改；确有新情况，请与督查人员联系。"),
    "inspection_appeal_none": (409, "没有待裁定的申诉，请刷新后查看。"),
    "inspection_appeal_own": (403, "您参与过这件抽查的判定，申诉须由其他督查人员裁定。"),
    "inspection_draw_not_found": (404, "没有找到这期抽查，请从列表中重新选择。"),
    "inspection_not_drawn": (409, "这期抽查还没有抽样，请期满后再核验。"),
}
