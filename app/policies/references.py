"""Whether the parts of a profile fit together: every name that one part uses must stand in another. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.policies import policy as p
from app.policies.table import Table


def check_references(root: Table, policy: p.Policy) -> None:
    """Raise `ProfileInvalid` for a name that leads nowhere."""
    _check_clocks(root, policy)
    _check_requests(root, policy)
    _check_reply(root, policy)
    for number, reminder in enumerate(policy.reminders):
        if reminder.clock is not None:
            _known(root, f"reminders[{number}].clock", [reminder.clock], policy.clocks, "时限")
        _known(root, f"reminders[{number}].ladder", [reminder.ladder], [one.key for one in policy.ladders], "催办层级")
    if len({one.key for one in policy.ladders}) != len(policy.ladders):
        raise root.wrong("ladders", "有重复的名称")
    grounds = [ground.key for ground in policy.dispatch.grounds]
    for number, escalation in enumerate(policy.escalations):
        if escalation.when == "ground":
            _known(root, f"escalations[{number}].values", escalation.values, grounds, "派单依据")
    if len(policy.sign_off) < 2:
        raise root.wrong("sign_off", "至少要有一步单位内审签，再由工作站审核")
    if policy.sign_off[-1].role != p.STATION:
        raise root.wrong("sign_off", '最后一步须由工作站审核（role = "station"）')


def _known(root: Table, key: str, names: Iterable[str | None], known: Collection[str], called: str) -> None:
    for name in names:
        if name is not None and name not in known:
            raise root.wrong(key, f"没有名为“{name}”的{called}")


def _check_clocks(root: Table, policy: p.Policy) -> None:
    for clock in policy.clocks.values():
        # One step only: a clock counted back from a clock counted back has no case and would need an order.
        anchor = policy.clocks.get(clock.before.clock) if clock.before else None
        if clock.before and (anchor is None or anchor.before is not None):
            raise root.wrong(f"clocks.{clock.key}.before.clock", f"没有可以倒推的时限“{clock.before.clock}”")
        if clock.before and anchor and anchor.starts != clock.starts:
            raise root.wrong(f"clocks.{clock.key}.starts", "须与所倒推的时限同时起算")
        if clock.only:
            _known(root, f"clocks.{clock.key}.only.clock", [clock.only.clock], policy.clocks, "时限")
        for when in clock.spans:
            _check_choices(root, f"clocks.{clock.key}.spans", policy, when.kinds, when.sources, when.priorities)


def _check_choices(
    root: Table,
    key: str,
    policy: p.Policy,
    kinds: tuple[str, ...],
    sources: tuple[str, ...],
    priorities: tuple[str, ...],
) -> None:
    """Kinds and sources are free where the profile lists none; priorities are always listed."""
    if policy.kinds:
        _known(root, f"{key}.kinds", kinds, [kind.key for kind in policy.kinds], "工单类型")
    if policy.sources:
        _known(root, f"{key}.sources", sources, [source.key for source in policy.sources], "来源")
    _known(root, f"{key}.priorities", priorities, [priority.key for priority in policy.priorities], "优先级")


def _check_requests(root: Table, policy: p.Policy) -> None:
    modes = [mode.key for mode in policy.visit.modes]
    for rule in policy.requests.values():
        key = f"requests.{rule.kind}"
        variant = rule.variant.clock if rule.variant else None
        _known(root, key, (rule.clock, rule.extends, variant, *rule.pauses), policy.clocks, "时限")
        _known(root, f"{key}.visited", [rule.visited], modes, "上门方式")
        if rule.effect == "extend" and rule.extends is None:
            raise root.wrong(f"{key}.extends", "延期须写明延长哪一个时限")
        for name, items in (("grounds", rule.grounds), ("fields", rule.fields), ("stages", rule.stages)):
            if len({item.key for item in items}) != len(items):
                raise root.wrong(f"{key}.{name}", "有重复的名称")


def _check_reply(root: Table, policy: p.Policy) -> None:
    opinions = [option.key for option in policy.reply.opinion.options]
    for finish in policy.reply.finishes:
        _known(root, f"reply.finishes.{finish.key}.opinions", finish.opinions, opinions, "来电人意见")
        if "commitment" in finish.needs and policy.commitments is None:
            raise root.wrong(f"reply.finishes.{finish.key}.needs", "要求承诺，须写 commitments")
    meet = policy.reply.face_to_face
    if meet is not None:
        _check_choices(root, "reply.face_to_face", policy, (), meet.sources, meet.priorities)
