"""Reads what a profile asks of visits and replies. Pure."""

from __future__ import annotations

from typing import Final

from app.policies import policy as p
from app.policies.table import Table

SEVERITIES: Final = ("block", "warn")
FORMATS: Final = ("text", "phone", "person")
FINISH_NEEDS: Final = ("commitment", "basis", "statement")
SIGNERS: Final = ("reviewer", "leader", "chief")


def length(t: Table) -> p.Length:
    """Read the least and most characters of a text."""
    least, most = t.whole("min", least=1), t.whole("max", least=1)
    if most < least:
        raise t.wrong("max", "不能小于 min")
    return t.done(p.Length(least, most, **t.cited()))


def option(t: Table) -> p.Option:
    """Read one choice of a list."""
    return p.Option(t.text("key"), t.text("label"), **t.cited())


def reason(t: Table) -> p.Reason:
    """Read what a written reason must be."""
    return p.Reason(t.whole("min", least=1), t.text("label"), t.text("hint"), **t.cited())


def field(t: Table) -> p.ReplyField:
    """Read one field of a form."""
    hint = t.text_or_none("hint") or ""
    return p.ReplyField(
        t.text("key"), t.text("label"), t.choice("format", FORMATS), t.flag("required"), hint, **t.cited()
    )


def unique(t: Table, key: str, items: tuple[p.Option, ...] | tuple[p.ReplyField, ...]) -> None:
    """Refuse a list in which two items have the same key."""
    if len({item.key for item in items}) != len(items):
        raise t.wrong(key, "有重复的名称")


def _phrases(t: Table) -> p.Phrases:
    return t.done(p.Phrases(t.texts("phrases"), t.texts("fillers"), **t.cited()))


def _part(t: Table) -> p.ReplyPart:
    return p.ReplyPart(
        t.text("key"), t.text("label"), t.text("hint"), t.flag("required"), length(t.table("length")), **t.cited()
    )


def _photos(t: Table) -> p.Photos:
    before, after, severity = t.whole("before"), t.whole("after"), t.choice("severity", SEVERITIES)
    return t.done(p.Photos(before, after, severity, t.flag_or_no("or_recording"), **t.cited()))


def _opinion(t: Table) -> p.Opinion:
    return t.done(p.Opinion(t.text("label"), t.each("options", option), **t.cited()))


def _finish(t: Table) -> p.Finish:
    return p.Finish(
        t.text("key"),
        t.text("label"),
        t.texts_or_none("opinions"),
        t.texts_or_none("needs", FINISH_NEEDS),
        t.texts_or_none("signers", SIGNERS),
        t.text_or_none("hint") or "",
        t.text_or_none("form"),
        **t.cited(),
    )


def _face_to_face(t: Table) -> p.FaceToFace:
    sources, priorities = t.texts_or_none("sources"), t.texts_or_none("priorities")
    redo, severity = t.whole_or_none("redo_from"), t.choice("severity", SEVERITIES)
    return p.FaceToFace(sources, priorities, redo, severity, **t.cited())


def _contacts(t: Table) -> p.ContactDuty:
    return p.ContactDuty(t.flag("first"), t.flag("second"), t.choice("severity", SEVERITIES), **t.cited())


def reply(t: Table) -> p.ReplyRules:
    """Read what a reply must contain."""
    visit = t.table("visit")
    parts, fields, finishes = (
        t.each("parts", _part),
        t.each_or_none("fields", field),
        t.each_or_none("finishes", _finish),
    )
    for key, items in (("parts", parts), ("fields", fields), ("finishes", finishes)):
        if len({item.key for item in items}) != len(items):
            raise t.wrong(key, "有重复的名称")
    return t.done(
        p.ReplyRules(
            parts=parts,
            opinion=_opinion(t.table("opinion")),
            empty=_phrases(t.table("empty")),
            photos=_photos(t.table("photos")),
            visit=visit.done(
                p.VisitDuty(visit.flag("required"), visit.choice("severity", SEVERITIES), **visit.cited())
            ),
            snippets=t.texts("snippets"),
            fields=fields,
            finishes=finishes,
            contacts=t.made_or_none("contacts", _contacts),
            face_to_face=t.made_or_none("face_to_face", _face_to_face),
            recording=t.made_or_none(
                "recording", lambda r: p.RecordingDuty(r.choice("severity", SEVERITIES), **r.cited())
            ),
            **t.cited(),
        )
    )


def visit(t: Table) -> p.VisitRules:
    """Read the modes of a visit and the grounds for going without one."""
    modes = t.each("modes", lambda m: p.VisitMode(m.text("key"), m.text("label"), m.text("hint"), **m.cited()))
    return t.done(p.VisitRules(modes, t.each("exceptions", _visit_exception), **t.cited()))


def _visit_exception(t: Table) -> p.VisitException:
    return p.VisitException(t.text("key"), t.text("label"), t.whole_or_none("attempts"), **t.cited())


def progress(t: Table, reply_wording: p.Phrases) -> p.ProgressRules:
    """Read what a progress report needs; `empty = "reply"` shares the reply's list."""
    # Writing the list twice was rejected: it invites two lists that differ.
    if t.is_text("empty"):
        t.choice("empty", ("reply",))
        wording = reply_wording
    else:
        wording = _phrases(t.table("empty"))
    late = t.made_or_none("late_reason", reason)
    return t.done(p.ProgressRules(length(t.table("length")), wording, t.flag("caller_told"), late, **t.cited()))
