"""A policy in the shape the phone gets it: labels, templates and tables as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.policies import policy as p
from app.policies.wire_running import cited as _cited
from app.policies.wire_running import field, option, request, running


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
        "priorities": [option(item) for item in policy.priorities],
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
            "late_reason_min_chars": policy.progress.late_reason.min if policy.progress.late_reason else None,
            **_cited(policy.progress),
        },
        "requests": [request(item) for item in policy.requests.values()],
        "sign_off": [
            {"role": step.role, "roles": list(step.roles), "label": step.label, **_cited(step)}
            for step in policy.sign_off
        ],
        "reminders": [_reminder(item) for item in policy.reminders],
        **running(policy),
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
            "options": [option(item) for item in rules.opinion.options],
            **_cited(rules.opinion),
        },
        "empty_phrases": list(rules.empty.phrases),
        "fillers": list(rules.empty.fillers),
        "empty_cite": rules.empty.cite,
        "photos": {
            "before": rules.photos.before,
            "after": rules.photos.after,
            "severity": rules.photos.severity,
            "or_recording": rules.photos.or_recording,
            **_cited(rules.photos),
        },
        "visit": {"required": rules.visit.required, "severity": rules.visit.severity, **_cited(rules.visit)},
        "phrases": list(rules.snippets),
        "fields": [field(item) for item in rules.fields],
        "finishes": [_finish(item) for item in rules.finishes],
        "contacts": _contacts(rules.contacts),
        "face_to_face": _face_to_face(rules.face_to_face),
        "recording": {"severity": rules.recording.severity, **_cited(rules.recording)} if rules.recording else None,
    }


def _finish(item: p.Finish) -> dict[str, Any]:
    lists = {"opinions": list(item.opinions), "needs": list(item.needs), "signers": list(item.signers)}
    return {"key": item.key, "label": item.label, "hint": item.hint, "form": item.form, **lists, **_cited(item)}


def _contacts(duty: p.ContactDuty | None) -> dict[str, Any] | None:
    if duty is None:
        return None
    return {"first": duty.first, "second": duty.second, "severity": duty.severity, **_cited(duty)}


def _face_to_face(duty: p.FaceToFace | None) -> dict[str, Any] | None:
    if duty is None:
        return None
    return {
        "sources": list(duty.sources),
        "priorities": list(duty.priorities),
        "redo_from": duty.redo_from,
        "severity": duty.severity,
        **_cited(duty),
    }


def _visit(rules: p.VisitRules) -> dict[str, Any]:
    return {
        "modes": [{"key": m.key, "label": m.label, "hint": m.hint, **_cited(m)} for m in rules.modes],
        "exceptions": [{"key": e.key, "label": e.label, "attempts": e.attempts, **_cited(e)} for e in rules.exceptions],
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
