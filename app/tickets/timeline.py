"""What the journal says in words that a person reads on the ticket's timeline. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Payload = Mapping[str, Any]


def _said(note: str | None) -> str:
    return f"：{_clip(note)}" if note else ""


def _clip(value: Any, length: int = 60) -> str:
    text = str(value or "")
    return text if len(text) <= length else text[:length] + "…"


_PURPOSE: Final = {"first": "首次联系", "second": "办后联系", "clarify": "核实情况", "told": "告知"}
_OUTCOME: Final = {"reached": "已接通", "no_answer": "无人接听", "refused": "对方拒绝", "wrong_number": "号码有误"}
_MODE: Final = {"solve": "上门办", "persuade": "上门劝", "discuss": "上门谈"}
_GROUND: Final = {"declined": "诉求人谢绝上门", "anonymous": "诉求人匿名", "unreachable": "多次联系不上"}
_KIND: Final = {"photo": "照片", "audio": "录音", "document": "材料"}
_PHASE: Final = {"before": "办理前", "after": "办理后", "call": "通话", "visit": "上门", "other": "其他"}
_REQUEST: Final = {"return": "退单", "extension": "延期"}
_DECISION: Final = {"approve": "同意", "refuse": "不同意"}
_VOTE: Final = {"reasonable": "合理诉求", "unreasonable": "不合理诉求"}
_OUTCOME_OF: Final = {"kept": "承诺已兑现", "replaced": "承诺改期"}
_STAGE: Final = {"station": "工作站", "city": "市平台"}
_REVIEWED: Final = {"passed": "整改通过", "open": "整改未通过", "waived": "免予整改"}
_RANK: Final = {"A": "A角", "B": "B角"}


def _contact(p: Payload) -> str:
    whom = "工作站" if p.get("to") == "station" else "诉求人"
    return f"{_PURPOSE.get(p.get('purpose', ''), '联系')}{whom}：{_OUTCOME.get(p.get('outcome', ''), '')}"


def _evidence(verb: str) -> Callable[[Payload], str]:
    def say(p: Payload) -> str:
        what = _PHASE.get(p.get("phase", ""), "") + _KIND.get(p.get("kind", ""), "佐证")
        reason = f"：{_clip(p['reason_text'] if 'reason_text' in p else p['reason'])}" if p.get("reason") else ""
        return f"{verb}{what}{reason}"

    return say


def _request(verb: str) -> Callable[[Payload], str]:
    """Say what was done with a request; events of before kinds were the profile's carry no label."""

    def say(p: Payload) -> str:
        label = p.get("label") or f"申请{_REQUEST.get(p.get('kind', ''), '')}"
        reason = f"：{_clip(p['reason'])}" if p.get("reason") else ""
        return f"{verb}{label}{reason}"

    return say


def _request_decided(p: Payload) -> str:
    if "stage_label" in p:
        return f"{p['stage_label']}：{_DECISION.get(p.get('decision', ''), '')}（{p.get('label', '申请')}）"
    stage = _STAGE.get(p.get("stage", ""), "")
    kind = _REQUEST.get(p.get("kind", ""), "申请")
    return f"{stage}{_DECISION.get(p.get('decision', ''), '')}{kind}申请"


def _consultation(p: Payload) -> str:
    where = "现场" if p.get("on_site") else ""
    how = f"由{p['named_by']}指定" if p.get("named_by") else "" if p.get("agreed") else "未达成一致，"
    return f"{where}{p.get('label', '会商')}：{how}{p.get('lead', '')}主办"


_LETTER: Final = {"assist": "请协办 ", "whistle": "吹哨 "}


def _reasons(p: Payload) -> str:
    return "；".join(_clip(r) for r in p.get("reasons", []))


def _callback(p: Payload) -> str:
    if not p.get("reached"):
        return "回访诉求人：未接通"
    solved = {True: "，已解决", False: "，未解决"}.get(p.get("solved", ""), "")
    left = f"；需跟踪：{_clip(p['follow_up'])}" if p.get("follow_up") else ""
    return f"回访诉求人：{p.get('label') or p.get('satisfaction', '')}{solved}{left}"


SENTENCES: Final[dict[str, Callable[[Payload], str]]] = {
    "ticket.taken_in": lambda p: f"登记工单 {p.get('number', '')}" + (f"（{p['via']}）" if p.get("via") else ""),
    "ticket.dispatched": lambda p: f"派单至{p.get('unit', '')}：{_clip(p.get('grounds'))}",
    "ticket.centre_signed": lambda p: "中心签收，信息已核实" + ("，已更正登记内容" if p.get("corrected") else ""),
    "ticket.answered_directly": lambda p: f"直接答复办结：{p.get('label', '')}",
    "consultation.recorded": _consultation,
    "assist.asked": lambda p: f"{_LETTER.get(p.get('kind', ''), '请')}{p.get('unit', '')}：{_clip(p.get('what'))}",
    "assist.signed": lambda p: f"{p.get('unit', '')}签收{p.get('label', '')}联系单",
    "assist.reported": lambda p: (
        f"{p.get('unit', '')}反馈{p.get('label', '')}情况" + ("（超期）" if p.get("late") else "")
    ),
    "escalation.raised": lambda p: f"提级至{p.get('to', '')}：{p.get('label', '')}",
    "escalation.followed": lambda p: f"跟进提级事项：{_clip(p.get('text'))}",
    "escalation.lifted": lambda p: f"提级事项转{p.get('to', '')}：{p.get('label', '')}",
    "escalation.closed": lambda p: f"提级事项办结：{_clip(p.get('conclusion'))}",
    "inspection.told": lambda p: (
        f"抽查结论：{p.get('label', '')}" + (f"（{'、'.join(p['grounds'])}）" if p.get("grounds") else "")
    ),
    "inspection.rectified": lambda p: "答复整改：" + _clip(p.get("text")) + ("（超期）" if p.get("late") else ""),
    "inspection.reviewed": lambda p: f"{_REVIEWED.get(p.get('state', ''), '复核整改')}：{_clip(p.get('note'))}",
    "inspection.appealed": lambda p: f"申诉抽查结论：{_clip(p.get('reason'))}",
    "inspection.appeal_decided": lambda p: (
        f"抽查申诉{'成立' if p.get('granted') else '不成立'}，结论：{p.get('label', '')}"
    ),
    "ticket.reassigned": lambda p: f"改派至{p.get('unit', '')}：{_clip(p.get('reason'))}",
    "ticket.signed": lambda p: "签收" + ("（超过签收时限）" if p.get("late") else ""),
    "ticket.handed_over": lambda p: f"工作交接：{p.get('from', '')} → {p.get('to', '')}",
    "ticket.returned": lambda p: "退回工作站，等待重新派单",
    "ticket.reported_to_centre": lambda p: f"标记报市中心：{_clip(p.get('note'))}",
    "contact.recorded": _contact,
    "visit.recorded": lambda p: f"{_MODE.get(p.get('mode', ''), '上门')}，已见面",
    "visit.excepted": lambda p: f"未上门：{_GROUND.get(p.get('ground', ''), '')}",
    "evidence.declared": _evidence("取得"),
    "evidence.received": _evidence("服务器收到"),
    "evidence.rendered": _evidence("处理完成："),
    "evidence.rejected": _evidence("无法使用的"),
    "evidence.withdrawn": _evidence("撤回"),
    "reply.submitted": lambda p: f"提交回复（第 {p.get('number', 1)} 稿）",
    "reply.passed_on": lambda p: f"{p.get('label') or '审签'}：同意，交下一级",
    "reply.signed_off": lambda p: "审签同意",
    "reply.declined": lambda p: f"审签退回：{_reasons(p)}",
    "review.accepted": lambda p: "工作站审核通过，办结",
    "review.sent_back": lambda p: f"工作站发回重办：{_reasons(p)}",
    "review.reopened": lambda p: f"办结后重新办理：{_reasons(p)}",
    "callback.recorded": _callback,
    "callback.settled": lambda p: f"了结跟踪事项：{_clip(p.get('note'))}",
    "request.asked": _request(""),
    "request.decided": _request_decided,
    "request.withdrawn": _request("撤回："),
    "request.answered": lambda p: (
        f"{p.get('stage_label', '答复')}：{_clip(p.get('text'))}" + ("（超期）" if p.get("late") else "")
    ),
    "request.voted": lambda p: (
        f"评价员{p.get('name', '')}（{p.get('capacity', '')}）：{_VOTE.get(p.get('vote', ''), '')}"
    ),
    "panel.concluded": lambda p: f"{p.get('label', '评议')}结论：{_VOTE.get(p.get('outcome', ''), '')}",
    "ticket.suspended": lambda p: f"挂单至 {p.get('until_text', '')}",
    "ticket.resumed": lambda p: f"恢复办理：{_clip(p.get('note'))}",
    "ticket.closed": lambda p: f"办结：{p.get('label', '')}",
    "ticket.reopened": lambda p: "评议为合理诉求，重新办理",
    "ticket.exempted": lambda p: "不计入满意度统计",
    "plan.filed": lambda p: f"报送办理方案（第 {p.get('number', 1)} 稿）：{_clip(p.get('text'))}",
    "commitment.made": lambda p: f"承诺于 {p.get('due_text', '')} 前：{_clip(p.get('text'))}",
    "commitment.settled": lambda p: f"{_OUTCOME_OF.get(p.get('outcome', ''), '核销承诺')}：{_clip(p.get('note'))}",
    "progress.reported": lambda p: f"报告进度：{_clip(p.get('text'))}",
    "thread.posted": lambda p: "在工单内留言",
    "caller.revealed": lambda p: f"查看诉求人信息：{_clip(p.get('reason'))}",
    "delivery.retried": lambda p: f"重发提醒给{p.get('name')}（{p.get('label')}）：{_clip(p.get('title'))}",
    "bundle.asked": lambda p: f"导出证据包{'（含诉求人信息）' if p.get('unmasked') else ''}：{_clip(p.get('reason'))}",
    "bundle.made": lambda p: "证据包制作完成",
    "bundle.fetched": lambda p: "下载证据包",
    "reminder.fired": lambda p: f"已提醒{_clip('、'.join(p.get('to', ())))}：{_clip(p.get('title'))}",
    "reminder.acknowledged": lambda p: "已确认提醒",
    "reminder.nudged": lambda p: f"已催办{_clip('、'.join(p.get('to', ())))}{_said(p.get('note'))}",
    "clock.recomputed": lambda p: f"{p.get('reason', '')}，{p.get('label', '时限')}为 {p.get('due_text', '')}",
    "demo.hastened": lambda p: f"演示工单：时限与提醒按 {p.get('pace')} 倍速计算，{p.get('span', '')}",
    "clock.moved": lambda p: f"{p.get('label', '时限')}改为 {p.get('due_text', '')}",
}


def summary(name: str, payload: Payload) -> str:
    """Return the sentence of an event; one without a sentence of its own shows its name rather than nothing."""
    sentence = SENTENCES.get(name)
    return sentence(payload) if sentence else name
