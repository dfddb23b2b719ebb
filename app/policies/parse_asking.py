"""Reads the requests of a profile. Pure."""

from __future__ import annotations

from typing import Any, Final

from app.policies import policy as p
from app.policies.parse_answering import field, option, reason
from app.policies.parse_timing import read_span
from app.policies.running import ROLES
from app.policies.table import Table

ACTS: Final = ("decide", "record", "answer", "vote")
RELATIONS: Final = ("here", "around", "above")
EFFECTS: Final = ("give_back", "extend", "suspend", "terminate", "file", "exempt", "noncompliant", "none")
PHASES: Final = ("before", "after", "call", "visit", "other")
_OUTSIDE: Final = "city"
"""Stage key of an office outside: the station records its answer unless the profile says otherwise."""
_CENTRAL: Final = frozenset(("station", "supervisor", "admin"))
_USUAL_EFFECTS: Final = {"return": "give_back", "extension": "extend"}


def request(t: Table) -> p.RequestRule:
    """Read one kind of request."""
    kind, why = t.text("kind"), t.table("reason")
    return p.RequestRule(
        kind=kind,
        label=t.text("label"),
        clock=t.text_or_none("clock"),
        states=t.texts("states"),
        reason=why.done(reason(why)),
        stages=t.each("stages", _stage),
        extends=t.text_or_none("extends"),
        proposed_unit=t.flag_or_no("proposed_unit"),
        asked_by=t.texts_or_none("asked_by", ROLES) or ("liaison",),
        effect=t.choice("effect", EFFECTS) if t.has("effect") else _USUAL_EFFECTS.get(kind, "none"),
        **_asks(t),
        **_limits(t),
        **t.cited(),
    )


def _asks(t: Table) -> dict[str, Any]:
    """Return what must come with the request or stand on record before it."""
    return {
        "grounds": t.each_or_none("grounds", option),
        "fields": t.each_or_none("fields", field),
        "form": t.text_or_none("form"),
        "materials": t.made_or_none("materials", _materials),
        "proposed_needed": t.flag_or_no("proposed_needed"),
        "panel_of": t.whole_or_none("panel_of"),
        "verified": t.flag_or_no("verified"),
        "visited": t.text_or_none("visited"),
        "told": t.flag_or_no("told"),
    }


def _materials(t: Table) -> p.Materials:
    phases = t.texts_or_none("phases", PHASES)
    return p.Materials(t.whole("min", least=1), t.text("label"), t.text("hint"), phases, **t.cited())


def _limits(t: Table) -> dict[str, Any]:
    """Return how often and how far, and what the clocks do meanwhile."""
    return {
        "most": t.whole_or_none("most"),
        "no_longer_than_original": t.flag_or_no("no_longer_than_original"),
        "least_days": t.whole_or_none("least_days"),
        "variant": t.made_or_none(
            "variant", lambda v: p.Variant(v.text("key"), v.text("label"), v.text("clock"), **v.cited())
        ),
        "pauses": t.texts_or_none("pauses"),
        "pre_close": t.flag_or_no("pre_close"),
    }


def _stage(t: Table) -> p.Stage:
    key = t.text("key")
    roles = t.texts_or_none("roles", ROLES) or ("station",)
    central = set(roles) <= _CENTRAL
    usual = "around" if central else "above"
    within = t.maybe("within")
    return p.Stage(
        key,
        t.text("label"),
        roles,
        t.choice("act", ACTS) if t.has("act") else "record" if key == _OUTSIDE else "decide",
        read_span(within) if within else None,
        t.choice("relation", RELATIONS) if t.has("relation") else usual,
        **t.cited(),
    )
