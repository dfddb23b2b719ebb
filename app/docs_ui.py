"""Swagger UI at /docs, from files of our own host: no page of Doorstep contacts anyone else."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, send_from_directory
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from app.http import json_response

blueprint = Blueprint("docs", __name__)
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Doorstep 上门办 接口文档</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
_START = 'SwaggerUIBundle({url: "/api/v1/openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null});\n'
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """Return the OpenAPI document."""
    return json_response(current_app.extensions["doorstep.api"].spec.to_dict())


@blueprint.get("/docs")
def page() -> Response:
    """Return the page that shows the document."""
    response = Response(_PAGE, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@blueprint.get("/docs/start.js")
def start() -> Response:
    """Return the two lines that start the viewer; a file of its own, since inline script is not allowed."""
    return Response(_START, mimetype="text/javascript")


@blueprint.get("/docs/assets/<path:name>")
def asset(name: str) -> Response:
    """Return a file of the viewer."""
    return send_from_directory(swagger_ui_path, name)
