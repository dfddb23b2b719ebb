"""tus 1.0.0 (https://tus.io/protocols/resumable-upload): creation, creation-with-upload, checksum, expiration,
termination. One upload per evidence; its URL is the evidence's id, so that asking twice gives the same upload.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from app import clock
from app.clock import Moment
from app.evidence import lifecycle
from app.evidence.commands import note_progress, receive
from app.evidence.media import MAX_SIZE
from app.evidence.models import Evidence
from app.evidence.queries import uploadable_evidence
from app.evidence.routes import store
from app.evidence.uploads import CHECKSUMS, Checksum, Uploads
from app.http import actor, config, database, signed_in
from app.problems import Problem

blueprint = Blueprint("tus", __name__, url_prefix="/files")
VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
_OFFSET_TYPE: Final = "application/offset+octet-stream"
_CHUNK: Final = 64 * 1024


def uploads() -> Uploads:
    """Return the folder of unfinished uploads."""
    found: Uploads = current_app.extensions.setdefault("doorstep.uploads", Uploads(config().upload_dir, store()))
    return found


@blueprint.before_request
def _same_version() -> Response | None:
    if request.method == "OPTIONS" or request.headers.get("Tus-Resumable") == VERSION:
        return None
    raise Problem("tus_version_wrong", supported=VERSION)


@blueprint.after_request
def _tus_headers(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/<uuid:evidence_id>", methods=["OPTIONS"], provide_automatic_options=False)
def options(evidence_id: UUID | None = None) -> Response:
    """Say what this server can do; needs no sign-in."""
    return Response(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            "Tus-Max-Size": str(max(MAX_SIZE.values())),
        },
    )


@blueprint.post("")
@blueprint.post("/")
@signed_in
def create() -> Response:
    """Begin the upload of declared evidence, or find the one begun before (200 instead of 201)."""
    row = _evidence(_metadata_id())
    length = _number("Upload-Length", "upload_length_missing")
    if length != row.size:
        raise Problem("upload_length_differs", have=length, declared=row.size)
    known = not _awaits(row) or uploads().offset(row.id) is not None
    if _awaits(row):
        offset = uploads().create(row.id, row.size)
        if request.mimetype == _OFFSET_TYPE and not known:
            offset = _take(row, offset)
        elif offset == row.size:
            _finish(row)
    response = _told(row, 200 if known else 201)
    response.headers["Location"] = f"{request.script_root}{blueprint.url_prefix}/{row.id}"
    return response


@blueprint.route("/<uuid:evidence_id>", methods=["HEAD"])
@signed_in
def head(evidence_id: UUID) -> Response:
    """Say how many bytes are here."""
    row = _evidence(str(evidence_id))
    if _awaits(row) and uploads().offset(row.id) == row.size:
        _finish(row)
    response = _told(row, 200)
    response.headers["Upload-Length"] = str(row.size)
    return response


@blueprint.patch("/<uuid:evidence_id>")
@signed_in
def patch(evidence_id: UUID) -> Response:
    """Take more bytes; with the last one the whole is compared with the declared hash."""
    if request.mimetype != _OFFSET_TYPE:
        raise Problem("upload_request_invalid", reason=f"Content-Type 须为 {_OFFSET_TYPE}")
    row = _evidence(str(evidence_id))
    offset = _number("Upload-Offset", "upload_request_invalid", reason="缺少 Upload-Offset")
    present = _present(row)
    if present is None:
        raise Problem("upload_not_found")
    if offset != present:
        raise Problem("upload_offset_wrong", offset=present)
    if _awaits(row):
        _take(row, offset)
    return _told(row, 204)


@blueprint.delete("/<uuid:evidence_id>")
@signed_in
def terminate(evidence_id: UUID) -> Response:
    """Drop an unfinished upload. What was received whole is evidence and stays."""
    row = _evidence(str(evidence_id))
    if not _awaits(row) or uploads().offset(row.id) is None:
        raise Problem("upload_not_found")
    uploads().discard(row.id)
    _hint(row, 0)
    return Response(status=204)


@blueprint.post("/<uuid:evidence_id>")
@signed_in
def override(evidence_id: UUID) -> Response:
    """Serve clients behind proxies that know only GET and POST (X-HTTP-Method-Override)."""
    views = {"PATCH": patch, "DELETE": terminate, "HEAD": head}
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method not in views:
        raise Problem("method_not_allowed")
    return views[method](evidence_id)


def _evidence(evidence_id: str) -> Evidence:
    with database().read() as session:
        return uploadable_evidence(session, actor(), evidence_id)


def _awaits(row: Evidence) -> bool:
    return lifecycle.awaits_bytes(row.state, row.received_at is not None)


def _present(row: Evidence) -> int | None:
    return uploads().offset(row.id) if _awaits(row) else row.size


def _told(row: Evidence, status: int) -> Response:
    offset = _present(row)
    if offset is None:
        raise Problem("upload_not_found")
    response = Response(status=status, headers={"Upload-Offset": str(offset)})
    if _awaits(row) and offset < row.size:
        response.headers["Upload-Expires"] = http_date(uploads().expires_at(row.id))
    return response


def _take(row: Evidence, offset: int) -> int:
    """Write the request's body; when the file is whole, hand it over and note it received."""
    if (request.content_length or 0) > row.size - offset:
        raise Problem("upload_too_long", declared=row.size)
    offset = uploads().append(row.id, offset, _body(), row.size, _checksum())
    if offset == row.size:
        _finish(row)
    elif offset:
        _hint(row, offset)
    return offset


def _finish(row: Evidence) -> None:
    try:
        uploads().complete(row.id, row.sha256)
    except Problem:
        _hint(row, uploads().offset(row.id) or 0)
        raise
    at = Moment.of_server(clock.now())
    with database().unit_of_work() as session:
        receive(session, actor(), row.id, at)
    uploads().discard(row.id)
    row.state, row.received_at = lifecycle.when_arrived(row.state), at.received


def _hint(row: Evidence, offset: int) -> None:
    """Tell other people's screens how far it is; the upload itself never reads this."""
    with database().unit_of_work() as session:
        note_progress(session, row.id, offset)


def _body() -> Iterator[bytes]:
    """Yield the request's bytes until they end, be it because the phone lost its network."""
    while True:
        try:
            chunk = request.stream.read(_CHUNK)
        except (ClientDisconnected, OSError):
            return
        if not chunk:
            return
        yield chunk


def _number(header: str, code: str, reason: str = "") -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(code, reason=reason)
    return int(text)


def _metadata_id() -> str:
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "evidence_id":
            try:
                return str(UUID(base64.b64decode(value, validate=True).decode("ascii")))
            except (binascii.Error, ValueError):
                break
    raise Problem("upload_request_invalid", reason="Upload-Metadata 须写明 evidence_id")


def _checksum() -> Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        raise Problem("upload_checksum_unknown") from None
