"""Every error as a problem document (RFC 9457). The only place that turns errors into answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from traceback import format_exception
from typing import Any, Final

import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from tasks.contract.errors import BadRequest, CostLimitReached, GalleyError, TaskError, TooLarge, Unauthorized
from tasks.contract.submissions import MAX_DOCUMENT_BYTES

CONTENT_TYPE: Final = "application/problem+json"
_RETRY_AFTER_S: Final = 2
"""How soon to try again when the error itself does not know: about the time a store restarts in."""
_NOT_FOR_CLIENTS: Final = frozenset({"not_sent", "retry_after_s"})
ROUTE_CODES: Final = {404: "no_such_path", 405: "method_not_allowed", 408: "request_timeout"}
"""Problems of a request that no route was found for, or that did not come whole: status -> code."""

log = structlog.get_logger(__name__)


class TaskEndedBadly(Exception):
    """A task that was waited for ended without a result."""

    def __init__(self, error: TaskError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem document says. ``members`` are its extensions."""

    status: int
    code: str
    title: str
    detail: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, request_id: str) -> bytes:
        """The document as JSON."""
        stated = {
            "type": f"/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": _ended(self.detail),
            "code": self.code,
            "request_id": request_id,
        }
        return json.dumps(self.members | stated).encode()


def problem_of(error: Exception) -> Problem:
    """The problem that an error is; anything unknown is ours, and says nothing of the inside."""
    match error:
        case GalleyError():
            return _of_galley_error(error)
        case TaskEndedBadly():
            return _of_task_error(error.error)
        case ValidationError():
            return _of_validation(error)
        case RequestEntityTooLarge():
            return _of_galley_error(too_large())
        case HTTPException():
            return _of_http(error)
    return _of_galley_error(GalleyError("The server met an error of its own. Its log has it under this request_id."))


def too_large() -> TooLarge:
    """The error for a request body beyond every limit."""
    return TooLarge(
        f"At most {MAX_DOCUMENT_BYTES // 2**20} MB are taken. Split the document, or leave out its pictures.",
        limit_bytes=MAX_DOCUMENT_BYTES,
    )


def register_problems(app: Quart) -> None:
    """Have every error that leaves a route, and every path without one, answered as a problem."""
    app.register_error_handler(Exception, _answer)


async def _answer(error: Exception) -> Response:
    problem = problem_of(error)
    request_id = str(request.scope.get("galley.request_id", ""))
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # The bare traceback: a richer one shows local variables, and so people's texts and keys.
        trace = "".join(format_exception(error))
        log.error("request_failed", request_id=request_id, method=request.method, path=request.path, exception=trace)
    response = Response(problem.body(request_id), problem.status, content_type=CONTENT_TYPE)
    response.headers.update(problem.headers)
    return response


def _ended(detail: str) -> str:
    """A detail is read as a sentence, also where it is a title or a library's words."""
    return detail if detail.endswith((".", "!", "?")) else f"{detail}."


def _of_galley_error(error: GalleyError) -> Problem:
    members = {name: value for name, value in error.data.items() if name not in _NOT_FOR_CLIENTS}
    headers = {}
    if error.retryable:
        headers["Retry-After"] = str(error.data.get("retry_after_s", _RETRY_AFTER_S))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    members["retryable"] = error.retryable
    return Problem(error.status, error.code, error.title, error.detail, members, headers)


def _of_task_error(error: TaskError) -> Problem:
    """A failed task, answered in place of its result. 502: it is what stands behind us that failed."""
    status = CostLimitReached.status if error.code == CostLimitReached.code else HTTPStatus.BAD_GATEWAY
    return Problem(status, error.code, "The task ended without a result", error.message, {"retryable": error.retryable})


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = ROUTE_CODES.get(status, status.phrase.lower().replace(" ", "_").replace("-", "_"))
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return Problem(status, code, status.phrase, _route_detail(error, headers), {"retryable": False}, headers)


def _route_detail(error: HTTPException, headers: dict[str, str]) -> str:
    if error.code == HTTPStatus.NOT_FOUND:
        return "There is nothing at this path. /docs lists what there is."
    if "Allow" in headers:
        return f"This path takes {headers['Allow']}. /docs says what each of them does."
    return error.description or HTTPStatus(error.code or 500).description


def _of_validation(error: ValidationError) -> Problem:
    details = error.errors(include_url=False, include_context=True)
    sentences = [_sentence(detail) for detail in details[:5]]
    members = {"errors": [{"at": _place(d), "message": s} for d, s in zip(details, sentences, strict=False)]}
    return _of_galley_error(BadRequest(" ".join(sentences), **members))


def _place(detail: ErrorDetails) -> str:
    return ".".join(str(part) for part in detail["loc"])


def _sentence(detail: ErrorDetails) -> str:
    """One validation error as a sentence that names the member, the limit and what to do."""
    place, context = _place(detail) or "The request", detail.get("ctx", {})
    match detail["type"]:
        case "string_too_long" | "too_long":
            return (
                f"{place} has {len(detail['input']):,} {_unit(detail)}; at most {context['max_length']:,} are taken."
                " Send it in smaller parts."
            )
        case "missing":
            return f"{place} is missing. Add it; /docs has the form of this request."
        case "extra_forbidden":
            return f"{place} is not known here. Check its spelling, or leave it out."
        case "json_invalid":
            return f"The body is not valid JSON ({context.get('error', 'unreadable')}). Send JSON in UTF-8."
    reason = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return f"{reason[:1].upper()}{reason[1:]}."
    return f"{place}: {reason[:1].lower()}{reason[1:]}."


def _unit(detail: ErrorDetails) -> str:
    return "characters" if detail["type"] == "string_too_long" else "entries"
