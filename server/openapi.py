"""The OpenAPI document: quart-schema reads it off the routes, and what they all share is added here.

Only its reader of routes is used. As an extension it would wrap every answer of every request.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

from pydantic import TypeAdapter
from quart import Quart, current_app
from quart_schema import Info, QuartSchema
from quart_schema.openapi import HttpSecurityScheme, OpenAPIProvider

from server.parts import EXTENSION
from server.problems import CONTENT_TYPE
from server.schemas.base import ProblemDocument
from server.schemas.export import EXPORT_TYPES

VERSION: Final = "1"
_DESCRIPTION: Final = (
    "Galley reviews documents section by section, live. Every POST that creates work answers at once with a task;"
    " follow it with GET /task_status, GET /task_events or the socket described in /asyncapi.json."
)
_BODILESS: Final = {
    ("get", "/task_status/{task_id}", "304"): "As it was when `ETag` was given.",
    ("get", "/task_events/{task_id}", "204"): "`Last-Event-ID` is the task's last: there is nothing more to come.",
}
_MEANS: Final = {
    "Location": "Where it is from now on.",
    "ETag": "Which version this is: of a task weak, of a finding its version.",
    "Content-Disposition": "The name of the file.",
}
_ACCEPTED: Final = ("/analyze_section", "/chat", "/test_connection", "/retry_task/{task_id}")
_HEADERS: Final = {
    **{("post", path, "202"): ("Location",) for path in _ACCEPTED},
    ("post", "/documents", "201"): ("Location",),
    ("post", "/documents/{document_id}/findings", "201"): ("Location",),
    ("patch", "/documents/{document_id}/findings/{finding_id}", "200"): ("ETag",),
    ("get", "/task_status/{task_id}", "200"): ("ETag",),
    ("get", "/task_status/{task_id}", "304"): ("ETag",),
    ("get", "/documents/{document_id}/export", "200"): ("Content-Disposition",),
}
_KEPT: Final = f"{EXTENSION}.openapi"


def describe_routes(app: Quart) -> None:
    """Have the app know its description, made when it is first asked for."""
    app.config.setdefault("QUART_SCHEMA_CONVERT_CASING", False)
    app.config.setdefault("QUART_SCHEMA_CONVERSION_PREFERENCE", "pydantic")
    app.extensions[_KEPT] = cache(lambda: _build(app))


def openapi_document() -> dict[str, Any]:
    """The document of the routes of the app that serves the present request."""
    return cast(dict[str, Any], current_app.extensions[_KEPT]())


def _build(app: Quart) -> dict[str, Any]:
    info = Info(title="Galley", version=VERSION, description=_DESCRIPTION)
    schema = OpenAPIProvider(
        app, QuartSchema(info=info, security_schemes={"key": HttpSecurityScheme(scheme="bearer")})
    ).schema()
    schema["components"]["schemas"]["ProblemDocument"] = TypeAdapter(ProblemDocument).json_schema()
    for operations in schema["paths"].values():
        for operation in operations.values():
            _complete(operation)
    for (method, path, status), words in _BODILESS.items():
        schema["paths"][path][method]["responses"][status] = {"description": words}
    for (method, path, status), names in _HEADERS.items():
        answer = schema["paths"][path][method]["responses"][status]
        answer["headers"] = {name: {"description": _MEANS[name], "schema": {"type": "string"}} for name in names}
    return schema


def _complete(operation: dict[str, Any]) -> None:
    """What quart-schema cannot know: the problem documents, answers without a body, streams."""
    responses = operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    if "204" in responses:
        responses["204"] = {"description": "Done; the answer has no body."}
    for body in operation.get("requestBody", {}).get("content", {}).values():
        operation["requestBody"]["required"] = bool(body["schema"].get("properties"))
    if not responses:
        types = EXPORT_TYPES if "export" in operation["operationId"] else (_stream_type(operation),)
        responses["200"] = {"description": operation["summary"], "content": {name: {} for name in types}}
    problem = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    responses["default"] = {
        "description": "What went wrong, and what to do",
        "content": {CONTENT_TYPE: problem},
        "headers": {"Retry-After": {"description": "Seconds, where `retryable`.", "schema": {"type": "string"}}},
    }
    operation["security"] = [{"key": []}, {}]


def _stream_type(operation: dict[str, Any]) -> str:
    return "text/event-stream" if "events" in operation["operationId"] else "text/plain"
