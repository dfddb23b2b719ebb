"""Fetching originals and renditions."""

from __future__ import annotations

from flask import Response, current_app, request, send_file
from flask_smorest import Blueprint

from app.evidence import lifecycle
from app.evidence.media import AUDIO, PHOTO, extension
from app.evidence.models import Evidence
from app.evidence.queries import visible_evidence
from app.evidence.storage import AUDIO as AUDIO_FILE
from app.evidence.storage import DISPLAY, THUMB, DiskStore, EvidenceStore, display_of
from app.http import actor, config, database, signed_in
from app.problems import Problem

blueprint = Blueprint("evidence", __name__, url_prefix="/api/v1/evidence", description="佐证文件")
_RENDITIONS = {
    "display": (PHOTO, DISPLAY, "image/jpeg"),
    "thumb": (PHOTO, THUMB, "image/jpeg"),
    "audio": (AUDIO, AUDIO_FILE, "audio/mp4"),
}
_KEEP_SECONDS = 30 * 24 * 3600


def store() -> EvidenceStore:
    """Return where originals and renditions lie."""
    found: EvidenceStore = current_app.extensions.setdefault("doorstep.store", DiskStore(config().evidence_dir))
    return found


@blueprint.get("/<uuid:evidence_id>/original")
@signed_in
@blueprint.response(200, content_type="application/octet-stream", description="文件内容，支持 Range 与条件请求")
def original(evidence_id: object) -> Response:
    """Return the original, byte for byte as sealed at capture; always as a download."""
    row = _visible(evidence_id)
    if not lifecycle.has_original(row.state, row.received_at is not None):
        raise Problem("evidence_not_ready")
    path = store().original(row.sha256)
    response = send_file(
        path,
        # Only from our own list of types, and never shown by the browser itself: it is a stranger's file.
        mimetype=row.media_type,
        as_attachment=True,
        download_name=f"{row.phase}-{row.sha256[:12]}.{extension(row.media_type)}",
        conditional=True,
        etag=row.sha256,
        max_age=_KEEP_SECONDS,
    )
    return _private(response)


@blueprint.get("/<uuid:evidence_id>/<any(display, thumb, audio):rendition>")
@signed_in
@blueprint.response(200, content_type="application/octet-stream", description="文件内容，支持 Range 与条件请求")
def rendition(evidence_id: object, rendition: str) -> Response:
    """Return the display photo (long edge up to 2304, and the strip below it), the thumbnail (320) or the recording.

    `display_width` × `display_height` of the evidence are the picture, the `strip_px` rows below it are words.
    """
    row = _visible(evidence_id)
    kind, name, media_type = _RENDITIONS[rendition]
    if row.kind != kind or lifecycle.is_withdrawn(row.state):
        raise Problem("evidence_not_found")
    if not lifecycle.has_renditions(row.state):
        raise Problem("evidence_not_ready")
    etag = f"{row.sha256}-{rendition}"
    if name == DISPLAY and row.strip_px is not None:
        name = display_of(row.id)
        etag += f"-{row.id}"
    path = store().rendition(row.sha256, name)
    return _private(send_file(path, mimetype=media_type, conditional=True, etag=etag, max_age=_KEEP_SECONDS))


def _visible(evidence_id: object) -> Evidence:
    with database().read() as session:
        return visible_evidence(session, actor(), str(evidence_id))


def _private(response: Response) -> Response:
    """Let only the phone itself keep the file, and let nothing in it run."""
    response.headers["Cache-Control"] = f"private, max-age={_KEEP_SECONDS}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Vary"] = "Authorization"
    if request.range is not None:
        response.headers.setdefault("Accept-Ranges", "bytes")
    return response
