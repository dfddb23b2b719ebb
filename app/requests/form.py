"""What a request must say once it can be asked for: reason, grounds, form, materials, date, panel. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.policies.phrases import normalise
from app.policies.policy import ReplyField, RequestRule
from app.problems import ALLOWED, Refused, Verdict
from app.requests.rules import Limit

LONGEST_EXTENSION: Final = timedelta(days=366)
"""Beyond this a date is a slip of the finger. The notice sets no limit; a profile that does brings its own rule."""
LONGEST_UNTIL: Final = timedelta(days=5 * 366)
_PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{5,18}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrives: `counted` is the instant that the profile lets count; `phases` of its materials."""

    counted: datetime
    reason: str
    new_due_at: datetime | None = None
    until: datetime | None = None
    grounds: Sequence[str] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    phases: Sequence[str] = ()
    proposed_unit: str | None = None
    variant: str | None = None
    panel: int = 0


def judge_content(rule: RequestRule, asked: Asked, deadline: Limit | None) -> Verdict:
    """Return whether the request says everything its kind asks for; `deadline` is the clock it would move."""
    checks = (
        _judge_words(rule, asked),
        _judge_grounds(rule, asked.grounds),
        *(_judge_field(f, asked.fields.get(f.key, "")) for f in rule.fields),
        _judge_known(rule, asked),
        _judge_materials(rule, asked.phases),
        _judge_panel(rule, asked.panel),
        judge_new_date(rule, deadline, asked.new_due_at) if rule.extends else ALLOWED,
        _judge_until(rule, asked),
    )
    return next((verdict for verdict in checks if isinstance(verdict, Refused)), ALLOWED)


def _judge_words(rule: RequestRule, asked: Asked) -> Verdict:
    have = len(normalise(asked.reason))
    if have < rule.reason.min:
        return Refused("request_reason_short", {"label": rule.reason.label, "min": rule.reason.min, "have": have})
    if rule.proposed_needed and asked.proposed_unit is None:
        return Refused("request_unit_missing", {"label": rule.label, "cite": rule.cite})
    return ALLOWED


def _judge_grounds(rule: RequestRule, grounds: Sequence[str]) -> Verdict:
    known = {option.key for option in rule.grounds}
    if not set(grounds) <= known:
        return Refused("request_ground_unknown", {"label": rule.label})
    if known and not grounds:
        return Refused("request_ground_missing", {"label": rule.label, "cite": rule.cite})
    return ALLOWED


def _judge_field(rule: ReplyField, text: str) -> Verdict:
    if not text.strip():
        return Refused("request_field_missing", {"field": rule.label}) if rule.required else ALLOWED
    if rule.format == "phone" and not _PHONE.fullmatch(text.strip()):
        return Refused("request_field_phone", {"field": rule.label})
    return ALLOWED


def _judge_known(rule: RequestRule, asked: Asked) -> Verdict:
    if set(asked.fields) - {f.key for f in rule.fields}:
        return Refused("request_field_unknown", {"label": rule.form or rule.label})
    if asked.variant is not None and (rule.variant is None or rule.variant.key != asked.variant):
        return Refused("request_variant_unknown", {"label": rule.label})
    return ALLOWED


def _judge_materials(rule: RequestRule, phases: Sequence[str]) -> Verdict:
    if rule.materials is None:
        return ALLOWED
    need, have = rule.materials.min, len(phases)
    missing = [phase for phase in rule.materials.phases if phase not in phases]
    if have < need or missing:
        facts = {"label": rule.materials.label, "min": need, "have": have, "hint": rule.materials.hint}
        return Refused("request_materials_missing", facts | {"phases": missing})
    return ALLOWED


def _judge_panel(rule: RequestRule, members: int) -> Verdict:
    if rule.panel_of is None:
        return Refused("request_panel_unknown", {"label": rule.label}) if members else ALLOWED
    if members < rule.panel_of or members % 2 == 0:
        return Refused("request_panel_small", {"min": rule.panel_of, "have": members})
    return ALLOWED


def judge_new_date(rule: RequestRule, deadline: Limit | None, new_due_at: datetime | None) -> Verdict:
    """Return whether `new_due_at` can follow the present deadline: later, and within the profile's bounds or reason."""
    if new_due_at is None:
        return Refused("extension_date_missing")
    if deadline is None:
        return ALLOWED
    if new_due_at <= deadline.due_at:
        return Refused("extension_date_not_later", {"clock": deadline.label, "due": deadline.shown})
    if rule.no_longer_than_original and deadline.longest is not None and new_due_at > deadline.longest:
        return Refused("extension_longer_than_original", {"limit": deadline.longest_shown, "cite": rule.cite})
    latest = deadline.due_at + LONGEST_EXTENSION
    if new_due_at > latest:
        return Refused("extension_date_too_far", {"limit": latest.date().isoformat()})
    return ALLOWED


def _judge_until(rule: RequestRule, asked: Asked) -> Verdict:
    """Return whether the date is there where the kind needs one, and far enough ahead (U3.2 三个月以上)."""
    if asked.until is None:
        return Refused("request_until_missing", {"label": rule.label}) if rule.needs_until else ALLOWED
    earliest = asked.counted + timedelta(days=rule.least_days or 0)
    if asked.until <= earliest:
        if rule.least_days is not None:
            return Refused("suspension_too_short", {"days": rule.least_days, "label": rule.label, "cite": rule.cite})
        return Refused("request_until_past", {"label": rule.label})
    if asked.until > asked.counted + LONGEST_UNTIL:
        return Refused("extension_date_too_far", {"limit": (asked.counted + LONGEST_UNTIL).date().isoformat()})
    return ALLOWED
