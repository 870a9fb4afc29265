"""The server's own description: OpenAPI, AsyncAPI, and a page to read both."""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response, current_app
from quart_schema import hide

from server.asyncapi import asyncapi_document
from server.openapi import openapi_document
from server.reference_page import reference_page

blueprint = Blueprint("reference", __name__)

_HTML: Final = "text/html; charset=utf-8"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page has no script and loads nothing; its style stands in it."""


@blueprint.get("/openapi.json")
@hide
async def openapi() -> Response:
    """The HTTP interface as OpenAPI 3.1."""
    return current_app.json.response(openapi_document())  # type: ignore[return-value]  # Quart's own type is wider


@blueprint.get("/asyncapi.json")
@hide
async def asyncapi() -> Response:
    """The socket interface as AsyncAPI 3.0."""
    return current_app.json.response(asyncapi_document())  # type: ignore[return-value]  # as above


@blueprint.get("/docs")
@hide
async def docs() -> Response:
    """Both, to be read by people."""
    page = reference_page(openapi_document(), asyncapi_document())
    return Response(page, 200, {"Content-Security-Policy": _POLICY}, content_type=_HTML)
