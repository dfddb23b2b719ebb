"""Requests, dispatch, review and people of a policy in the shape the phone gets them. Pure."""

from __future__ import annotations

from typing import Any

from app.policies import policy as p


def cited(fact: p.Cited) -> dict[str, Any]:
    """Return the clause of a value, and whether it is a local convention."""
    return {"cite": fact.cite, "assumed": fact.assumed}


def option(item: p.Option | p.Priority) -> dict[str, Any]:
    """Return one choice."""
    return {"key": item.key, "label": item.label, **cited(item)}


def field(item: p.ReplyField) -> dict[str, Any]:
    """Return one field of a form."""
    named = {"key": item.key, "label": item.label, "hint": item.hint}
    return {**named, "format": item.format, "required": item.required, **cited(item)}


def running(policy: p.Policy) -> dict[str, Any]:
    """Return all that a profile says beyond clocks, replies and requests; what it does not say is empty."""
    return {
        "roles": dict(policy.roles),
        "kinds": [option(item) for item in policy.kinds],
        "sources": [option(item) for item in policy.sources],
        "centre": {
            "signs": policy.centre.signs,
            "contacts_first": policy.centre.contacts_first,
            **cited(policy.centre),
        },
        "accept": {"contact_first": policy.accept.contact_first, **cited(policy.accept)},
        "dispatch": {
            "grounds": [
                {**option(g), "needs_leader": g.needs_leader, "joint": g.joint} for g in policy.dispatch.grounds
            ],
            "repeat_limit": policy.dispatch.repeat_limit,
            **cited(policy.dispatch),
        },
        "direct": [{**option(way), "needs": list(way.needs)} for way in policy.direct],
        "review": {
            "checklist": [option(item) for item in policy.review.checklist],
            "callback_before_close": policy.review.callback_before_close,
            **cited(policy.review),
        },
        "callback": {
            "satisfaction": [option(item) for item in policy.callback.satisfaction],
            "reasons": [option(item) for item in policy.callback.reasons],
            "reopen": policy.callback.reopen,
            **cited(policy.callback),
        },
        "commitments": _commitments(policy.commitments),
        "plan": _plan(policy.plan),
        "failings": [option(item) for item in policy.failings],
        "escalations": [{**option(item), "when": item.when, "to": item.to} for item in policy.escalations],
        "rates": [option(item) for item in policy.rates],
        "levels": list(policy.people.levels),
        "training_per_year": policy.people.training_per_year,
    }


def _commitments(rules: p.CommitmentRules | None) -> dict[str, Any] | None:
    if rules is None:
        return None
    chars = {"min_chars": rules.length.min, "max_chars": rules.length.max}
    days = {"longest_days": rules.longest_days, "remind_days": rules.remind_days}
    return {**chars, **days, "caller_told": rules.caller_told, **cited(rules)}


def _plan(rules: p.PlanRules | None) -> dict[str, Any] | None:
    return {"min_chars": rules.length.min, "max_chars": rules.length.max, **cited(rules)} if rules else None


def _materials(rules: p.Materials) -> dict[str, Any]:
    said = {"min": rules.min, "label": rules.label, "hint": rules.hint, "phases": list(rules.phases)}
    return {**said, **cited(rules)}


def request(rule: p.RequestRule) -> dict[str, Any]:
    """Return one kind of request."""
    variant = rule.variant
    return {
        "kind": rule.kind,
        "label": rule.label,
        "clock": rule.clock,
        "extends": rule.extends,
        "proposed_unit": rule.proposed_unit,
        "proposed_needed": rule.proposed_needed,
        "from": list(rule.states),
        "reason_min_chars": rule.reason.min,
        "reason_label": rule.reason.label,
        "hint": rule.reason.hint,
        "next": " → ".join(stage.label for stage in rule.stages),
        "asked_by": list(rule.asked_by),
        "grounds": [option(item) for item in rule.grounds],
        "fields": [field(item) for item in rule.fields],
        "form": rule.form,
        "materials": _materials(rule.materials) if rule.materials else None,
        "pauses": list(rule.pauses),
        "panel_of": rule.panel_of,
        "needs_until": rule.needs_until,
        "most": rule.most,
        "no_longer_than_original": rule.no_longer_than_original,
        "least_days": rule.least_days,
        "verified": rule.verified,
        "visited": rule.visited,
        "told": rule.told,
        "variant": {"key": variant.key, "label": variant.label, "clock": variant.clock, **cited(variant)}
        if variant
        else None,
        "effect": rule.effect,
        "stages": [{**option(s), "roles": list(s.roles), "act": s.act} for s in rule.stages],
        **cited(rule),
    }
