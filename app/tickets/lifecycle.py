"""The life of a ticket: states, and which command leads from where to where. Pure.

The only module that compares states. The table goes to the phone as data and into docs/lifecycle.md as a diagram.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.people.permissions import PERMISSIONS
from app.problems import ALLOWED, Refused, Verdict

REGISTERED: Final = "registered"
DISPATCHED: Final = "dispatched"
HANDLING: Final = "handling"
SIGNING: Final = "signing"
REVIEWING: Final = "reviewing"
REDO: Final = "redo"
SUSPENDED: Final = "suspended"
CLOSED: Final = "closed"

LABELS: Final = {
    REGISTERED: "待派单",
    DISPATCHED: "待签收",
    HANDLING: "办理中",
    SIGNING: "待审签",
    REVIEWING: "待审核",
    REDO: "退回重办",
    SUSPENDED: "挂单中",
    CLOSED: "已办结",
}
_NEXT: Final = {
    REGISTERED: "工单派到单位以后才能办理",
    DISPATCHED: "请先由承办单位签收",
    HANDLING: "承办单位已签收、正在办理，回复提交后才到下一步",
    SIGNING: "请等单位审签完毕；回复要改的，请审签人退回",
    REVIEWING: "请等工作站审核；回复要改的，请工作站发回重办",
    REDO: "承办单位须先按退回原因重办并重新提交回复",
    SUSPENDED: "挂单期满或恢复办理后再继续",
    CLOSED: "如有新情况，请与工作站联系",
}
"""What to do instead, for whom a command is refused in that state."""
WITH_UNIT: Final = (DISPATCHED, HANDLING, SIGNING, REVIEWING, REDO, SUSPENDED)
AT_STATION: Final = (REGISTERED, REVIEWING)
OPEN: Final = (REGISTERED, *WITH_UNIT)
ANY: Final = (*OPEN, CLOSED)
_WORK: Final = (HANDLING, REDO)
UNIT_WORK: Final = (DISPATCHED, *_WORK)
"""In these the next step is the liaison's."""


@dataclass(frozen=True, slots=True)
class Transition:
    """`command` is possible in the states `sources`; `target` None leaves the state as it is."""

    command: str
    label: str
    sources: tuple[str, ...]
    target: str | None = None


_ROWS: Final = (
    Transition("ticket.intake", "登记", (), REGISTERED),
    Transition("ticket.centre_sign", "中心签收", (REGISTERED,)),
    Transition("ticket.answer_directly", "直接答复", (REGISTERED,), CLOSED),
    Transition("consultation.record", "登记会商", (REGISTERED, DISPATCHED, *_WORK)),
    Transition("ticket.dispatch", "派单", (REGISTERED,), DISPATCHED),
    Transition("ticket.reassign", "改派", (DISPATCHED, HANDLING, REDO), DISPATCHED),
    Transition("ticket.sign", "签收", (DISPATCHED,), HANDLING),
    Transition("ticket.report_to_centre", "报市中心", OPEN),
    # In doubt the caller or the station is asked before signing (D2.1), and the result told after closing too.
    # Where the centre speaks with the caller first, that is before there is a unit (X3.1).
    Transition("contact.record", "记录联系", (*OPEN, CLOSED)),
    Transition("visit.record", "记录上门", _WORK),
    Transition("visit.except", "登记未上门原因", _WORK),
    # Materials of an appeal, or of the answer to a supervision order, come when the reply has long been given.
    Transition("evidence.declare", "添加佐证", (*WITH_UNIT, CLOSED)),
    Transition("evidence.withdraw", "撤回佐证", _WORK),
    Transition("draft.save", "保存草稿", _WORK),
    Transition("reply.submit", "提交回复", _WORK, SIGNING),
    Transition("reply.sign_off", "审签同意", (SIGNING,), REVIEWING),
    Transition("reply.decline", "审签退回", (SIGNING,), REDO),
    Transition("review.accept", "审核通过", (REVIEWING,), CLOSED),
    Transition("review.send_back", "发回重办", (REVIEWING,), REDO),
    Transition("review.reopen", "办结后重办", (CLOSED,), REDO),
    # Before closing where the profile asks for it, and after closing anyway (X3.5, H2.2e).
    Transition("callback.record", "登记回访", (REVIEWING, CLOSED)),
    Transition("callback.settle", "了结跟踪事项", ANY),
    Transition("assist.ask", "请求协办", (DISPATCHED, *_WORK)),
    Transition("assist.sign", "签收联系单", WITH_UNIT),
    Transition("assist.report", "反馈协办情况", WITH_UNIT),
    Transition("escalation.raise", "提级", (*OPEN, CLOSED)),
    Transition("escalation.follow", "跟进提级事项", (*OPEN, CLOSED)),
    Transition("escalation.close", "办结提级事项", (*OPEN, CLOSED)),
    Transition("finding.dismiss", "忽略佐证疑点", ANY),
    Transition("finding.restore", "恢复佐证疑点", ANY),
    # A case outlives whatever happens to its ticket meanwhile; only the unit that it concerns is asked (A5).
    Transition("inspection.rectify", "答复整改", ANY),
    Transition("inspection.review", "复核整改", ANY),
    Transition("inspection.appeal", "申诉抽查结论", ANY),
    Transition("inspection.decide", "裁定抽查申诉", ANY),
    Transition("request.return", "申请退单", (DISPATCHED, HANDLING)),
    Transition("request.extend", "申请延期", (DISPATCHED, *_WORK)),
    # Which kinds can be asked for in which of these states is the profile's to say.
    Transition("request.ask", "提出申请", (*WITH_UNIT, CLOSED)),
    # An answer may come while the reply is on its way to the station; an appeal or an order outlives the closing.
    Transition("request.withdraw", "撤回申请", ANY),
    Transition("request.decide", "审批申请", ANY),
    Transition("request.answer", "答复督办或核查", ANY),
    Transition("request.vote", "登记评议意见", ANY),
    Transition("request.record_answer", "登记市平台答复", ANY),
    Transition("ticket.resume", "恢复办理", (SUSPENDED,), HANDLING),
    Transition("progress.report", "报告进度", (*_WORK, SUSPENDED)),
    Transition("plan.file", "报送办理方案", (*_WORK, SUSPENDED)),
    Transition("commitment.make", "登记承诺", (*_WORK, SUSPENDED)),
    Transition("commitment.settle", "核销承诺", ANY),
    Transition("thread.post", "留言", (*OPEN, CLOSED)),
    Transition("reminder.nudge", "催办", (DISPATCHED, *_WORK, SIGNING)),
    Transition("bundle.make", "导出证据包", ANY),
    Transition("caller.reveal", "查看诉求人信息", (*OPEN, CLOSED)),
)
TRANSITIONS: Final = {row.command: row for row in _ROWS}
OUTCOMES: Final = (
    Transition("reply.sign_off", "审签同意，交下一级", (SIGNING,), SIGNING),
    Transition("request.decide", "同意退单", (DISPATCHED, HANDLING), REGISTERED),
    Transition("request.decide", "同意挂单", _WORK, SUSPENDED),
    Transition("request.decide", "同意终结、备案或认定不合规", _WORK, CLOSED),
    Transition("request.vote", "评议为合理诉求", (CLOSED,), REDO),
    Transition("ticket.resume", "恢复办理", (SUSPENDED,), REDO),
)
"""Where a command may lead besides its row's `target`: it depends on what was decided."""


def judge(command: str, state: str) -> Verdict:
    """Return whether `command` is possible in `state`."""
    row = TRANSITIONS[command]
    if state in row.sources:
        return ALLOWED
    return wrong(state, row.label)


def judge_among(states: Iterable[str], state: str, label: str) -> Verdict:
    """Return whether what people call `label` is possible in `state`; `states` come from a profile."""
    return ALLOWED if state in states else wrong(state, label)


def wrong(state: str, label: str) -> Refused:
    """Return the refusal of what people call `label` in `state`, with what to do instead."""
    return Refused("state_wrong", {"state": LABELS[state], "command": label, "next": _NEXT[state]})


def label(command: str) -> str:
    """Return the Chinese name of a command on a ticket; commands on people keep their technical name."""
    row = TRANSITIONS.get(command)
    return row.label if row else command


def is_open(state: str) -> bool:
    """Return whether a ticket in `state` still needs work from anyone."""
    return state in OPEN


def is_with_unit(state: str) -> bool:
    """Return whether a handling unit is answerable for a ticket in `state`."""
    return state in WITH_UNIT


def is_unsigned(state: str) -> bool:
    """Return whether the unit has yet to sign."""
    return state == DISPATCHED


def holder_role(state: str) -> str | None:
    """Return the role that has to act next, None once closed."""
    return {REGISTERED: "station", SIGNING: "leader", REVIEWING: "station", CLOSED: None}.get(state, "liaison")


def as_wire(only: Iterable[str] | None = None) -> list[dict[str, object]]:
    """Return the table as data for the phone: command, label, from, to, roles."""
    chosen = TRANSITIONS if only is None else {c: TRANSITIONS[c] for c in only}
    return [
        {
            "command": row.command,
            "label": row.label,
            "from": list(row.sources),
            "to": row.target,
            "roles": sorted({role for role, _ in PERMISSIONS[row.command]}),
        }
        for row in chosen.values()
    ]
