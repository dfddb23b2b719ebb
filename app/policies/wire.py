"""A policy in the shape the phone gets it: labels, templates and tables as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.policies import policy as p


def policy_for_phone(
    policy: p.Policy, transitions: Sequence[Mapping[str, Any]], states: Mapping[str, str]
) -> dict[str, Any]:
    """Return the policy for the phone; `transitions` and `states` are the lifecycle table and its labels."""
    return {
        "id": policy.id,
        "jurisdiction": policy.profile,
        "name": policy.name,
        "zone": policy.zone,
        "basis": policy.basis.title,
        "station": {"name": policy.station.name, "phone": policy.station.phone, **_cited(policy.station)},
        "priorities": [_option(item) for item in policy.priorities],
        "states": dict(states),
        "transitions": [dict(row) for row in transitions],
        "clocks": {key: {"label": c.label, "kind": c.kind, **_cited(c)} for key, c in policy.clocks.items()},
        "reply": reply_for_phone(policy.reply),
        "visit": _visit(policy.visit),
        "progress": {
            "min_chars": policy.progress.length.min,
            "max_chars": policy.progress.length.max,
            "empty_phrases": list(policy.progress.empty.phrases),
            "fillers": list(policy.progress.empty.fillers),
            "caller_told": policy.progress.caller_told,
            **_cited(policy.progress),
        },
        "requests": [_request(item) for item in policy.requests.values()],
        "sign_off": [{"role": step.role, "label": step.label, **_cited(step)} for step in policy.sign_off],
        "reminders": [_reminder(item) for item in policy.reminders],
    }


def reply_for_phone(rules: p.ReplyRules) -> dict[str, Any]:
    """Return the reply template and what its pre-check needs (the same data the server's gate reads)."""
    return {
        "parts": [
            {
                "key": part.key,
                "label": part.label,
                "hint": part.hint,
                "min_chars": part.length.min,
                "max_chars": part.length.max,
                "required": part.required,
                **_cited(part),
            }
            for part in rules.parts
        ],
        "opinion": {
            "label": rules.opinion.label,
            "options": [_option(item) for item in rules.opinion.options],
            **_cited(rules.opinion),
        },
        "empty_phrases": list(rules.empty.phrases),
        "fillers": list(rules.empty.fillers),
        "empty_cite": rules.empty.cite,
        "photos": {
            "before": rules.photos.before,
            "after": rules.photos.after,
            "severity": rules.photos.severity,
            **_cited(rules.photos),
        },
        "visit": {"required": rules.visit.required, "severity": rules.visit.severity, **_cited(rules.visit)},
        "phrases": list(rules.snippets),
    }


def _cited(fact: p.Cited) -> dict[str, Any]:
    return {"cite": fact.cite, "assumed": fact.assumed}


def _option(item: p.Option | p.Priority) -> dict[str, Any]:
    return {"key": item.key, "label": item.label, **_cited(item)}


def _visit(rules: p.VisitRules) -> dict[str, Any]:
    return {
        "modes": [{"key": m.key, "label": m.label, "hint": m.hint, **_cited(m)} for m in rules.modes],
        "exceptions": [{"key": e.key, "label": e.label, "attempts": e.attempts, **_cited(e)} for e in rules.exceptions],
    }


def _request(rule: p.RequestRule) -> dict[str, Any]:
    return {
        "kind": rule.kind,
        "label": rule.label,
        "clock": rule.clock,
        "extends": rule.extends,
        "proposed_unit": rule.proposed_unit,
        "from": list(rule.states),
        "reason_min_chars": rule.reason.min,
        "reason_label": rule.reason.label,
        "hint": rule.reason.hint,
        "next": " → ".join(stage.label for stage in rule.stages),
        **_cited(rule),
    }


def _reminder(rule: p.ReminderRule) -> dict[str, Any]:
    return {
        "kind": rule.kind,
        "clock": rule.clock,
        "anchor": rule.anchor,
        "offset_minutes": int(rule.offset.total_seconds() // 60),
        "event": rule.event,
        "to": list(rule.to),
        **_cited(rule),
    }
