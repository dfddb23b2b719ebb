"""Reads what a profile asks of the centre and of people. Pure; every key may be missing."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from app.policies import policy as p
from app.policies.inspecting import DOUBTFUL, FAKED, InspectionGround, InspectionRules
from app.policies.parse_answering import length, option, unique
from app.policies.parse_believing import findings
from app.policies.parse_timing import read_span
from app.policies.running import BASIC_NEEDS, ROLES, UNIT_NEEDS
from app.policies.table import Table

WHEN: Final = ("redo", "assignments", "same_caller", "ground", "category", "group")
DIRECT_NEEDS: Final = ("text", "told", "template")
_BY_VALUES: Final = ("ground", "category")
_BY_DAYS: Final = ("same_caller", "group")
_NAMES: Final = {
    "liaison": "联络员", "reviewer": "部门负责人", "leader": "分管领导", "chief": "主要领导",
    "station": "工作站", "supervisor": "督查员", "admin": "管理员",
}  # fmt: skip


def running(root: Table) -> dict[str, Any]:
    """Return the fields of `Running` that the profile writes."""
    found: dict[str, Any] = {
        "roles": MappingProxyType(_roles(root)),
        "direct": root.each_or_none("direct", _direct),
        "commitments": root.made_or_none("commitments", _commitments),
        "plan": root.made_or_none("plan", lambda t: p.PlanRules(length(t.table("length")), **t.cited())),
        "escalations": root.each_or_none("escalations", _escalation),
        "findings": findings(root),
    }
    found |= {key: root.each_or_none(key, option) for key in ("kinds", "sources", "failings", "rates")}
    for key in ("direct", "escalations", "kinds", "sources", "failings", "rates"):
        unique(root, key, found[key])
    tables = {
        "centre": _centre, "accept": _accept, "dispatch": _dispatch,
        "review": _review, "callback": _callback, "people": _people, "inspections": _inspections,
    }  # fmt: skip
    return found | {key: root.made_or_none(key, read) for key, read in tables.items() if root.has(key)}


def _roles(root: Table) -> dict[str, str]:
    names = dict(_NAMES)
    table = root.maybe("roles")
    if table is not None:
        names |= {role: table.text(role) for role in ROLES if table.has(role)}
        table.finish()
    return names


def _centre(t: Table) -> p.CentreRules:
    return p.CentreRules(t.flag_or_no("signs"), t.flag_or_no("contacts_first"), **t.cited())


def _accept(t: Table) -> p.AcceptRules:
    return p.AcceptRules(t.flag_or_no("contact_first"), **t.cited())


def _dispatch(t: Table) -> p.DispatchRules:
    grounds = t.each_or_none("grounds", _ground)
    unique(t, "grounds", grounds)
    return p.DispatchRules(grounds, t.whole_or_none("repeat_limit"), **t.cited())


def _ground(t: Table) -> p.Ground:
    leader, joint = t.flag_or_no("needs_leader"), t.flag_or_no("joint")
    return p.Ground(t.text("key"), t.text("label"), leader, joint, **t.cited())


def _direct(t: Table) -> p.DirectWay:
    return p.DirectWay(t.text("key"), t.text("label"), t.texts_or_none("needs", DIRECT_NEEDS), **t.cited())


def _review(t: Table) -> p.ReviewRules:
    return p.ReviewRules(t.each_or_none("checklist", option), t.flag_or_no("callback_before_close"), **t.cited())


def _callback(t: Table) -> p.CallbackRules:
    satisfaction, reasons = t.each("satisfaction", option), t.each_or_none("reasons", option)
    return p.CallbackRules(satisfaction, reasons, t.flag_or_no("reopen"), **t.cited())


def _commitments(t: Table) -> p.CommitmentRules:
    return p.CommitmentRules(
        length(t.table("length")),
        t.whole_or_none("longest_days"),
        t.whole("remind_days"),
        t.flag_or_no("caller_told"),
        **t.cited(),
    )


def _escalation(t: Table) -> p.Escalation:
    when = t.choice("when", WHEN)
    days = t.whole_or_none("days")
    if when in _BY_DAYS and days is None:
        raise t.wrong("days", f"when = “{when}”须写明天数")
    values = t.texts_or_none("values")
    if when in _BY_VALUES and not values:
        raise t.wrong("values", f"when = “{when}”须写明是哪些")
    count = t.whole("count", least=1) if t.has("count") or when not in _BY_VALUES else 1
    handle = t.whole("handle_days", least=1) if t.has("handle_days") else None
    to = t.choice("to", ROLES)
    return p.Escalation(t.text("key"), t.text("label"), when, count, days, to, values, handle, **t.cited())


def _people(t: Table) -> p.PeopleRules:
    levels, trainings = t.texts_or_none("levels"), t.whole_or_none("training_per_year")
    needs = t.texts_or_none("needs", UNIT_NEEDS) if t.has("needs") else BASIC_NEEDS
    return p.PeopleRules(levels, trainings, needs, **t.cited())


def _inspections(t: Table) -> InspectionRules:
    grounds = t.each("grounds", _inspection_ground)
    unique(t, "grounds", grounds)
    return InspectionRules(grounds, read_span(t.table("rectify")), read_span(t.table("appeal")), **t.cited())


def _inspection_ground(t: Table) -> InspectionGround:
    verdicts = t.texts_or_none("verdicts", (DOUBTFUL, FAKED)) or (DOUBTFUL, FAKED)
    return InspectionGround(t.text("key"), t.text("label"), verdicts, **t.cited())
