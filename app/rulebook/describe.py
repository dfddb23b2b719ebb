"""这里适用什么，依据哪一条: a profile in plain Chinese, every sentence with its clause. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.policies import policy as p
from app.policies.believing import FindingRules
from app.policies.inspecting import VERDICTS
from app.policies.running import UNIT_NEEDS
from app.reminders.due import ROLES

_STARTS = {"intake": "登记", "dispatch": "派单", "sign": "签收", "reopen": "发回重新办理"}
_WEEKDAYS = "一二三四五六日"
_KINDS = {"deadline": "须在时限内完成", "guard": "过时不再受理", "target": "内部要求", "mark": "到时提醒"}
_EFFECTS = {
    "give_back": "同意后工单退回", "extend": "同意后延长时限", "suspend": "同意后挂单，相应时限停止计时",
    "terminate": "同意后终结办理", "file": "同意后备案办结", "exempt": "同意后不计入满意度统计",
    "noncompliant": "同意后按不合规诉求办结", "none": "不改变工单时限",
}  # fmt: skip
Item = dict[str, Any]


def describe(policy: p.Policy) -> list[dict[str, Any]]:
    """Return the sections of a profile: title and items of text, cite and assumed."""
    sections = (
        ("依据", _basis(policy)), ("类型、来源与优先级", _lists(policy)), ("受理与派单", _dispatch(policy)),
        ("时限", _clocks(policy)), ("上门与联系", _visits(policy)), ("回复", _reply(policy)),
        ("审签、审核与回访", _signing(policy)), ("可以提出的申请", _requests(policy)),
        ("进度、方案与承诺", _progress(policy)), ("提级、督办与统计", _oversight(policy)),
        ("佐证疑点", _findings(policy.findings)), ("抽查", _inspections(policy)), ("人员", _people(policy)),
        ("提醒", _reminders(policy)),
    )  # fmt: skip
    return [{"title": title, "items": items} for title, found in sections if (items := list(found))]


def _item(text: str, fact: p.Cited, *others: p.Cited | None) -> Item:
    assumed = fact.assumed or any(other is not None and other.assumed for other in others)
    return {"text": text, "cite": fact.cite, "assumed": assumed}


def _role(policy: p.Policy, role: str) -> str:
    return policy.roles.get(role, role)


def _names(items: Any) -> str:
    return "、".join(item.label for item in items)


def _basis(policy: p.Policy) -> Iterator[Item]:
    yield {
        "text": f"{policy.basis.title}（{policy.basis.issued_by}，{policy.basis.issued_on}）",
        "cite": "",
        "assumed": False,
    }
    number = f"电话 {policy.station.phone}" if policy.station.phone else "电话由工作站在通讯录中填写"
    yield _item(f"有疑问时联系{policy.station.name}，{number}", policy.station)
    late = "服务器收到的时刻" if policy.late_sync.rule == "received" else "手机记录的时刻（以服务器能够核实的为限）"
    yield _item(f"离线时的操作，以{late}计时", policy.late_sync)
    yield _item(f"按日计的时限，到当日 {policy.working_day.closes:%H:%M} 为止", policy.working_day)


def _lists(policy: p.Policy) -> Iterator[Item]:
    for name, items in (("工单类型", policy.kinds), ("来源", policy.sources)):
        for item in items:
            yield _item(f"{name}：{item.label}", item)
    for rank, priority in enumerate(policy.priorities, 1):
        yield _item(f"优先级第 {rank} 位：{priority.label}", priority)


def _dispatch(policy: p.Policy) -> Iterator[Item]:
    if policy.centre.signs:
        yield _item("先由中心签收并核实信息，再派单", policy.centre)
    if policy.centre.contacts_first:
        yield _item("先由中心联系来电人、确认内容，再派单", policy.centre)
    if policy.accept.contact_first:
        yield _item("单位受理前先联系来电人（匿名的除外）", policy.accept)
    for ground in policy.dispatch.grounds:
        leader = "（写明签批的领导）" if ground.needs_leader else ""
        yield _item(f"派单依据：{ground.label}{leader}", ground)
    if policy.dispatch.repeat_limit is not None:
        yield _item(f"重复交办超过 {policy.dispatch.repeat_limit} 次的，上报领导", policy.dispatch)
    for way in policy.direct:
        yield _item(f"不派单，由中心办结：{way.label}", way)


def length(span: p.Span) -> str:
    """Return a length of time in words."""
    if span.hours is not None:
        return f"{span.hours} 小时"
    days = f"{span.working_days} 个工作日" if span.working_days is not None else f"{span.calendar_days} 天"
    return days + ("（收到当日计为第 1 日）" if span.includes_start else "")


def _clocks(policy: p.Policy) -> Iterator[Item]:
    for clock in policy.clocks.values():
        rests = "；挂单期间停止计时" if clock.suspends else ""
        if clock.before is not None:
            yield _item(f"{clock.label}：{_before(policy, clock.before)}；{_KINDS[clock.kind]}", clock, clock.before)
            continue
        assert clock.span is not None
        given = "，市平台随工单给出时限的从其时限" if clock.given else ""
        words = f"{clock.label}：自{_STARTS[clock.starts]}起 {length(clock.span)}{given}；{_KINDS[clock.kind]}{rests}"
        yield _item(words, clock, clock.span)
        for when in clock.spans:
            yield _item(f"{clock.label}（{_which(policy, when)}）：{length(when.span)}", when.span)


def _before(policy: p.Policy, before: p.Before) -> str:
    label = policy.clocks[before.clock].label
    units = ((before.hours, "小时"), (before.working_days, "个工作日"), (before.calendar_days, "天"))
    amount, unit = next((amount, unit) for amount, unit in units if amount is not None)
    return f"在{label}前 {amount} {unit}" if amount else f"在{label}届满前"


def _which(policy: p.Policy, when: p.SpanWhen) -> str:
    known = {o.key: o.label for o in (*policy.kinds, *policy.sources)} | {o.key: o.label for o in policy.priorities}
    return "、".join(known.get(key, key) for key in (*when.kinds, *when.sources, *when.priorities))


def _visits(policy: p.Policy) -> Iterator[Item]:
    for mode in policy.visit.modes:
        yield _item(f"{mode.label}：{mode.hint}", mode)
    if policy.reply.visit.required:
        must = "没有上门记录的不能提交" if policy.reply.visit.severity == "block" else "没有上门记录的给出提醒"
        yield _item(f"回复前应上门：{must}", policy.reply.visit)
    for ground in policy.visit.exceptions:
        after = f"（联系 {ground.attempts} 次以上）" if ground.attempts else ""
        yield _item(f"可以不上门的情形：{ground.label}{after}", ground)
    contacts = policy.reply.contacts
    if contacts is not None:
        which = "、".join(
            n for n, on in (("接单后第一次联系", contacts.first), ("办理后再次联系", contacts.second)) if on
        )
        yield _item(f"回复前须有：{which}", contacts)
    meet = policy.reply.face_to_face
    if meet is not None:
        names = [o.label for o in policy.sources if o.key in meet.sources]
        names += [o.label for o in policy.priorities if o.key in meet.priorities]
        names += [f"重办 {meet.redo_from} 次以上"] if meet.redo_from else []
        yield _item(f"必须与诉求人当面见面、没有例外的：{'、'.join(names)}", meet)


def _reply(policy: p.Policy) -> Iterator[Item]:
    rules = policy.reply
    for part in rules.parts:
        yield _item(f"须写：{part.label}（{part.hint}）", part)
    for field in rules.fields:
        yield _item(f"{'须' if field.required else '可'}填：{field.label}", field)
    yield _item(f"{rules.opinion.label}：{_names(rules.opinion.options)}", rules.opinion)
    for finish in rules.finishes:
        form = f"，填《{finish.form}》" if finish.form else ""
        yield _item(f"办结方式：{finish.label}{form}", finish)
    photos = rules.photos
    if photos.before or photos.after:
        other = "（或通话录音）" if photos.or_recording else ""
        must = "没有的不能提交" if photos.severity == "block" else "没有的给出提醒"
        yield _item(f"办理前照片 {photos.before} 张、办理后 {photos.after} 张{other}，{must}", photos)
    if rules.recording is not None:
        yield _item("电话联系、没有上门的，须附通话录音", rules.recording)
    yield _item("只写空话的回复不能提交，例如：" + "、".join(rules.empty.phrases[:6]), rules.empty)


def _signing(policy: p.Policy) -> Iterator[Item]:
    for number, step in enumerate(policy.sign_off, 1):
        who = "或".join(_role(policy, role) for role in step.roles)
        yield _item(f"第 {number} 步：{step.label}（{who}）", step)
    for item in policy.review.checklist:
        yield _item(f"审核要点：{item.label}", item)
    if policy.review.callback_before_close:
        yield _item("办结前须回访来电人", policy.review)
    if policy.callback.satisfaction:
        again = "；不满意的可以发回重新办理" if policy.callback.reopen else ""
        yield _item(f"回访登记：{_names(policy.callback.satisfaction)}{again}", policy.callback)


def _requests(policy: p.Policy) -> Iterator[Item]:
    for rule in policy.requests.values():
        form = f"，填《{rule.form}》" if rule.form else ""
        until = f"，不晚于{policy.clocks[rule.clock].label}" if rule.clock else ""
        often = f"，最多 {rule.most} 次" if rule.most else ""
        chain = " → ".join(stage.label for stage in rule.stages)
        yield _item(f"{rule.label}{form}{until}{often}：{chain}；{_EFFECTS[rule.effect]}", rule)
        for ground in rule.grounds:
            yield _item(f"{rule.label}的情形：{ground.label}", ground)


def _progress(policy: p.Policy) -> Iterator[Item]:
    told = "，并已告知诉求人" if policy.progress.caller_told else ""
    yield _item(f"不能按期办结的报告进度，不少于 {policy.progress.length.min} 字{told}", policy.progress)
    if policy.plan is not None:
        yield _item(f"复杂问题提出方案，不少于 {policy.plan.length.min} 字，列明每步时间", policy.plan)
    if policy.commitments is not None:
        yield _item(f"承诺登记在册，到期前 {policy.commitments.remind_days} 天提醒", policy.commitments)


def _oversight(policy: p.Policy) -> Iterator[Item]:
    for rule in policy.escalations:
        yield _item(f"提级：{rule.label}，报{_role(policy, rule.to)}", rule)
    for item in policy.failings:
        yield _item(f"督办情形：{item.label}", item)
    for item in policy.rates:
        yield _item(f"统计：{item.label}", item)


def _findings(rules: FindingRules) -> Iterator[Item]:
    """Say what is looked at. The bounds stand in the profile's text alone: who is checked need not know how far off
    is too far."""
    yield _item("系统核对每份佐证，疑点只提示督查员和工作站，不会自动退回或判定", rules)
    for what in (
        "同一张照片或录音用于其他工单，或办理前后是同一张", "照片早于派单，自带时间或机型与申报的不一致，长时间未送达",
        "拍摄位置远离诉求地点或上门地点，不同地点的定位完全相同，移动速度不可能",
        "照片经修图软件处理，录音没有声音或循环拼接",
    ):  # fmt: skip
        yield _item(f"核对：{what}", rules)


def _inspections(policy: p.Policy) -> Iterator[Item]:
    rules = policy.inspections
    yield _item(f"抽查结论：{'、'.join(VERDICTS.values())}；由未经手、未审签该工单的督查人员判定", rules)
    for ground in rules.grounds:
        yield _item(f"可以认定{'或'.join(VERDICTS[v] for v in ground.verdicts)}的情形：{ground.label}", ground)
    yield _item(f"存疑或弄虚作假的，承办单位自公布起 {length(rules.rectify)}内整改并答复", rules.rectify)
    yield _item(f"对结论有异议的，承办单位自公布起 {length(rules.appeal)}内申诉，由另一名督查人员裁定", rules.appeal)


def _people(policy: p.Policy) -> Iterator[Item]:
    if policy.people.levels:
        yield _item("机构层级：" + " → ".join(policy.people.levels), policy.people)
    if policy.people.cite:
        needs = "、".join(UNIT_NEEDS[need].format_map(policy.roles) for need in policy.people.needs)
        yield _item(f"承办单位须明确：{needs}", policy.people)
    if policy.people.training_per_year is not None:
        yield _item(f"联络员每年培训不少于 {policy.people.training_per_year} 次", policy.people)


def _reminders(policy: p.Policy) -> Iterator[Item]:
    ladders = {ladder.key: ladder for ladder in policy.ladders}
    for rule in policy.reminders:
        climbing = ladders.get(rule.ladder or "")
        yield _item(
            f"{_when(policy, rule)}：{_told(policy, rule.to)}{_and_then(policy, rule, climbing)}", rule, climbing
        )
    if policy.quiet is not None:
        yield _item(f"{policy.quiet.since:%H:%M} 至次日 {policy.quiet.until:%H:%M} 只发昼夜提醒", policy.quiet)
    if policy.daily is not None:
        yield _item(f"每天 {policy.daily.at:%H:%M} 日提醒：待签收、今日到期、已超时", policy.daily)
    check = policy.reach_check
    if check is not None:
        hours = int(check.answer.total_seconds() // 3600)
        day = _WEEKDAYS[check.weekday - 1]
        yield _item(f"每周{day} {check.at:%H:%M} 联络测试，{hours} 小时内未确认的报工作站", check)


def _when(policy: p.Policy, rule: p.ReminderRule) -> str:
    if rule.clock is None:
        return rule.title.replace("{number}", "").replace("工单 ", "").strip()
    label = policy.clocks[rule.clock].label
    if not rule.offset:
        return f"“{label}”{'起算' if rule.anchor == 'start' else '到期'}时"
    anchor = "起算" if rule.anchor == "start" else "到期"
    side = "前" if rule.offset.total_seconds() < 0 else "后"
    return f"“{label}”{anchor}{side} {_span(abs(rule.offset))}"


def _told(policy: p.Policy, roles: tuple[str, ...]) -> str:
    return "提醒" + "、".join(ROLES.get(role) or _role(policy, role) for role in roles)


def _and_then(policy: p.Policy, rule: p.ReminderRule, ladder: p.Ladder | None) -> str:
    parts = []
    if ladder is not None:
        rungs = (f"再过 {_span(rung.after)} {_told(policy, rung.to)}" for rung in ladder.rungs)
        parts.append("；无人确认的，" + "，".join(rungs))
    if rule.repeat is not None:
        parts.append(f"；此后每 {_span(rule.repeat)} 一次，至多 {rule.times} 次")
    if rule.round_the_clock:
        parts.append("；昼夜都发")
    return "".join(parts)


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes % 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时"
