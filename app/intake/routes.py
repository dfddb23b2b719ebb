"""Files of requests: upload, status, rows, result; and the texts to copy. What is decided about them are commands."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from app import clock
from app.clock import Moment
from app.http import actor, config, database, json_response, signed_in
from app.ids import new_id
from app.intake import files, lifecycle, queries, result, schemas
from app.intake.commands import allow, file_of
from app.intake.copy_blocks import blocks
from app.intake.uploading import begin
from app.people.subjects import note
from app.problems import Problem
from app.tickets.case import visible_ticket

blueprint = Blueprint("intake", __name__, url_prefix="/api/v1", description="工单导入与摘抄")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/intake/files")
@signed_in
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
)
@blueprint.response(201, schemas.FileOut)
def upload() -> Response:
    """Take an .xlsx or .csv to be read in the background. The same file while it is still open: 200, that import."""
    allow(actor(), "intake.upload")
    sent = request.files.get("file")
    if sent is None:
        raise Problem("intake_file_missing")
    file_id = new_id()
    size, digest = files.keep(config().intake_dir, file_id, sent.stream)
    at = Moment.of_server(clock.now())
    with database().unit_of_work() as session:
        file, known = begin(session, actor(), file_id, sent.filename or "", digest, size, at)
        session.flush()
        body = queries.file_wire(session, file)
    if known:
        files.path_of(config().intake_dir, file_id).unlink(missing_ok=True)
    return json_response(body, 200 if known else 201)


@blueprint.get("/intake/files")
@signed_in
@blueprint.response(200, schemas.FileList)
def index() -> Response:
    """List the newest imports of the jurisdiction."""
    allow(actor(), "intake.upload")
    with database().read() as session:
        return json_response({"files": queries.files_of(session, actor().jurisdiction_id)})


@blueprint.get("/intake/files/<uuid:file_id>")
@signed_in
@blueprint.response(200, schemas.FileOut)
def show(file_id: Any) -> Response:
    """Return an import: how far it is, its columns, and what they may be told to mean."""
    allow(actor(), "intake.upload")
    with database().read() as session:
        return json_response(queries.file_wire(session, file_of(session, actor(), str(file_id))))


@blueprint.get("/intake/files/<uuid:file_id>/rows")
@signed_in
@blueprint.arguments(schemas.RowsQuery, location="query")
@blueprint.response(200, schemas.RowsOut)
def rows(args: dict[str, Any], file_id: Any) -> Response:
    """Return a page of an import's rows, of one state when it is named, with what is wrong in which column."""
    allow(actor(), "intake.upload")
    with database().read() as session:
        file = file_of(session, actor(), str(file_id))
        return json_response(queries.rows_of(session, file, args["state"], args["after"], args["page_size"]))


@blueprint.get("/intake/files/<uuid:file_id>/result")
@signed_in
@blueprint.response(200, content_type=_XLSX, description="未导入的行及原因")
def refused(file_id: Any) -> Response:
    """Return the refused rows as a workbook. It holds callers' data unmasked, so who fetched it is journalled."""
    allow(actor(), "intake.upload")
    at = Moment.of_server(clock.now())
    with database().unit_of_work() as session:
        file = file_of(session, actor(), str(file_id))
        if file.state in lifecycle.UNDER_WAY:
            state = lifecycle.FILE_LABELS[file.state]
            raise Problem("intake_state_wrong", state=state, command="下载结果")
        content = result.refused(session, file)
        note(session, actor(), "intake.result_fetched", {"file_id": file.id}, at)
    response = Response(content, mimetype=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="refused-{str(file_id)[:8]}.xlsx"'
    return response


@blueprint.get("/tickets/<uuid:ticket_id>/copy-blocks")
@signed_in
@blueprint.response(200, schemas.BlocksOut)
def copy_blocks(ticket_id: Any) -> Response:
    """Return the texts that a platform without an interface asks for, ready to paste."""
    with database().read() as session:
        ticket = visible_ticket(session, actor(), str(ticket_id))
        return json_response({"blocks": blocks(session, ticket)})
