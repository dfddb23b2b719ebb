"""The only SELECTs for the pages of intake, in the shapes of the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.intake import cells, lifecycle, outcomes, register
from app.intake.columns import FIELDS
from app.intake.files import vocabulary
from app.intake.models import IntakeFile, IntakeKey, IntakeRow, Webhook, WebhookDelivery
from app.intake.translate import Reading
from app.people.masking import mask_address, mask_name, mask_phone, mask_text
from app.people.models import Person

_MASKS = {"caller_name": mask_name, "caller_phone": mask_phone, "caller_address": mask_address, "area": mask_address}
_STRANGE = 40
"""Words shown that mean nothing here; a column with more of them is the wrong column."""
_SHOWN = 120
"""Characters of a cell on the preview."""


def file_wire(session: Session, file: IntakeFile, whole: bool = True) -> dict[str, Any]:
    """Return an import as the wire shows it; `whole` with what its columns may be told to mean."""
    meant = {index: key for key, index in file.columns.items()}
    labels = {field.key: field.label for field in FIELDS}
    shown = {
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "state": file.state,
        "state_label": lifecycle.FILE_LABELS[file.state],
        "busy": file.state in lifecycle.UNDER_WAY,
        "message": file.message,
        "sheet": file.sheet,
        "other_sheets": file.other_sheets,
        "header_row": file.header_row,
        "columns": [
            {"index": index, "name": name, "field": meant.get(index), "label": labels.get(meant.get(index, ""))}
            for index, name in enumerate(file.header)
        ],
        "defaults": file.defaults,
        "meanings": file.meanings,
        "remembered": file.remembered,
        "counts": register.counts(session, file.id),
        "uploaded_at": clock.iso(file.uploaded_at),
        "uploaded_by": session.scalar(select(Person.name).where(Person.id == file.uploaded_by)) or "",
        "confirmed_at": clock.iso(file.confirmed_at) if file.confirmed_at else None,
        "ended_at": clock.iso(file.ended_at) if file.ended_at else None,
    }
    if not whole:
        return shown
    more = {"fields": _fields(session, file.jurisdiction_id), "strange": []}
    if file.state in lifecycle.CONFIRMABLE:
        more["strange"] = strange_words(session, file)
    return shown | more


def strange_words(session: Session, file: IntakeFile) -> list[dict[str, Any]]:
    """Return the words of the file that mean nothing here, the most frequent first, each with its field and rows.

    One word of a platform refuses every row it stands in; said once what it means, all of them can be registered.
    """
    reader, found = register.reading_of(session, file), Counter[tuple[str, str]]()
    choices = reader.vocabulary.choices
    query = select(IntakeRow.cells, IntakeRow.faults)
    for line, faults in session.execute(
        query.where(IntakeRow.file_id == file.id, IntakeRow.state == lifecycle.REFUSED)
    ):
        for key in {fault["field"] for fault in faults} & choices.keys() & reader.columns.keys():
            index = reader.columns[key]
            word = readable(line[index]) if index < len(line) else ""
            if word:
                found[key, word[:_SHOWN]] += 1
    return [{"field": key, "word": word, "rows": rows} for (key, word), rows in found.most_common(_STRANGE)]


def _fields(session: Session, jurisdiction_id: str) -> list[dict[str, Any]]:
    choices = vocabulary(session, jurisdiction_id).choices
    return [
        {
            "key": field.key,
            "label": field.label,
            "required": field.required,
            "choices": [{"key": key, "label": label} for key, label in choices.get(field.key, ())],
        }
        for field in FIELDS
    ]


def files_of(session: Session, jurisdiction_id: str, limit: int = 30) -> list[dict[str, Any]]:
    """Return the newest imports of a jurisdiction."""
    query = (
        select(IntakeFile)
        .where(IntakeFile.jurisdiction_id == jurisdiction_id)
        .order_by(IntakeFile.uploaded_at.desc(), IntakeFile.id.desc())
        .limit(limit)
    )
    return [file_wire(session, file, whole=False) for file in session.scalars(query)]


def rows_of(session: Session, file: IntakeFile, state: str | None, after: int, limit: int) -> dict[str, Any]:
    """Return a page of rows in the order of the file, callers masked."""
    query = select(IntakeRow).where(IntakeRow.file_id == file.id, IntakeRow.line > after)
    if state is not None:
        query = query.where(IntakeRow.state == state)
    found = session.scalars(query.order_by(IntakeRow.line).limit(limit + 1)).all()
    reader = register.reading_of(session, file)
    page = found[:limit]
    return {
        "rows": [_row(row, reader) for row in page],
        "next_after": page[-1].line if len(found) > limit else None,
    }


def _row(row: IntakeRow, reader: Reading) -> dict[str, Any]:
    raw = row.state == lifecycle.RAW
    return {
        "line": row.line,
        "state": row.state,
        "state_label": lifecycle.ROW_LABELS[row.state],
        "number": row.number,
        "values": {} if raw else {key: _shown(key, row.cells, index) for key, index in reader.columns.items()},
        # To find the header a person must see the lines; what looks like a number of a person is masked.
        "cells": [mask_text(readable(cell))[:_SHOWN] for cell in row.cells] if raw else [],
        "faults": row.faults,
        "ticket_id": row.ticket_id if row.state == lifecycle.TAKEN else None,
    }


def _shown(key: str, line: Sequence[cells.Cell], index: int) -> str:
    written = readable(line[index]) if index < len(line) else ""
    return _MASKS.get(key, mask_text)(written)[:_SHOWN]


def readable(cell: cells.Cell) -> str:
    """Return what a person reads in a cell, whatever it is."""
    try:
        return cells.text(cell)
    except cells.Unusable:
        return str(next(iter(cell.values()), "")) if isinstance(cell, dict) else ""


def keys_of(session: Session, jurisdiction_id: str) -> list[dict[str, Any]]:
    """Return the keys of a jurisdiction, the newest first."""
    query = select(IntakeKey).where(IntakeKey.jurisdiction_id == jurisdiction_id).order_by(IntakeKey.created_at.desc())
    times = ("created_at", "rotated_at", "former_until", "revoked_at", "last_used_at")
    return [
        {"id": key.id, "label": key.label}
        | {name: clock.iso(at) if (at := getattr(key, name)) else None for name in times}
        for key in session.scalars(query)
    ]


def hooks_of(session: Session, jurisdiction_id: str) -> list[dict[str, Any]]:
    """Return the webhooks of a jurisdiction with how many messages wait or were given up."""
    counted = (
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(Webhook.jurisdiction_id == jurisdiction_id, WebhookDelivery.state != lifecycle.DELIVERED)
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
    )
    counts = {(webhook_id, state): count for webhook_id, state, count in session.execute(counted)}
    query = select(Webhook).where(Webhook.jurisdiction_id == jurisdiction_id).order_by(Webhook.created_at.desc())
    return [
        {
            "id": hook.id,
            "label": hook.label,
            "url": hook.url,
            "kinds": hook.kinds,
            "active": hook.active,
            "created_at": clock.iso(hook.created_at),
            "pending": counts.get((hook.id, lifecycle.PENDING), 0),
            "dead": counts.get((hook.id, lifecycle.DEAD), 0),
        }
        for hook in session.scalars(query)
    ]


def deliveries_of(
    session: Session, webhook_id: str, state: str | None, before: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of the delivery log, the newest first; ids sort by time."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    found = session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit + 1)).all()
    page = found[:limit]
    return {
        "deliveries": [_delivery(row) for row in page],
        "next_before": page[-1].id if len(found) > limit else None,
    }


def _delivery(row: WebhookDelivery) -> dict[str, Any]:
    kind = outcomes.KINDS.get(row.kind)
    return {
        "id": row.id,
        "kind": row.kind,
        "label": kind.label if kind else "测试",
        "ticket_id": row.ticket_id,
        "number": row.number,
        "state": row.state,
        "state_label": lifecycle.DELIVERY_LABELS[row.state],
        "attempts": row.attempts,
        "asked_at": clock.iso(row.asked_at),
        "next_at": clock.iso(row.next_at) if row.next_at else None,
        "ended_at": clock.iso(row.ended_at) if row.ended_at else None,
        "answer": row.answer,
    }
