"""The published roots: open to everyone, so that a copy can be kept where nobody here can change it (A3)."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import clock
from app.http import config, database, json_response
from app.problems import Problem
from app.sealing import documents, queries, schemas
from app.sealing.models import DayRoot, RootStamp

blueprint = Blueprint("roots", __name__, url_prefix="/api/v1/roots", description="每日封存的根哈希（公开）")
_KEEP_SECONDS = 300


@blueprint.get("")
@blueprint.arguments(schemas.RootsAsked, location="query")
@blueprint.response(200, schemas.RootsOut)
def index(args: dict[str, Any]) -> Response:
    """List the seals of the latest days with their stamps. No sign-in: they hold no data of persons or tickets."""
    with database().read() as session:
        found = queries.roots(session, args["before"], args["limit"] + 1)
    shown = found[: args["limit"]]
    settings = config()
    body = {
        "zone": settings.seal_zone,
        "stamping": settings.tsa_url is not None,
        "older": len(found) > len(shown),
        "roots": [wire(*row) for row in shown],
    }
    return _public(json_response(body))


@blueprint.get("/<date_text>")
@blueprint.response(200, schemas.DayOut)
def show(date_text: str) -> Response:
    """Return one day's seal with the authority's answer. 404 for a day that has none."""
    try:
        day = date.fromisoformat(date_text)
    except ValueError:
        raise Problem("not_found") from None
    with database().read() as session:
        row = session.get(DayRoot, day)
        stamp = session.get(RootStamp, day)
    if row is None:
        raise Problem("not_found")
    answer = base64.b64encode(stamp.answer).decode() if stamp and stamp.answer else None
    return _public(json_response(wire(row, stamp) | {"answer": answer}))


def wire(row: DayRoot, stamp: RootStamp | None) -> dict[str, Any]:
    """Return a seal as the wire shows it."""
    document = documents.read(row.document)
    return {
        "day": row.day.isoformat(),
        "root": row.root,
        "previous": document.previous,
        "document": row.document,
        "leaves": document.leaves,
        "sealed_at": clock.iso(row.sealed_at),
        "stamp": stamp
        and {
            "authority": stamp.authority,
            "at": clock.iso(stamp.stamped_at) if stamp.stamped_at else None,
            "attempts": stamp.attempts,
            "error": stamp.error,
        },
    }


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={_KEEP_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
