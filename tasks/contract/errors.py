"""The one tree of errors: code, HTTP status, whether to try again, data.

Two branches. `GalleyError` is what a caller did or met, and becomes an HTTP problem document or a
Socket.IO ``{ok: false, code}``. `EngineError` is what an engine met while it worked on a task; the
run loop turns each kind into waiting, retrying or an honest end. `TaskError` is that end as data.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class TaskError(BaseModel):
    """Why a task failed, for a person: a stable code, a sentence with the next step, and whether
    sending it again can help."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    message: str
    retryable: bool


class GalleyError(Exception):
    """Base of what a caller is told. ``data`` becomes members of the problem document."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str = "", **data: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.data = data


class BadRequest(GalleyError):
    code, status, title = "bad_request", 400, "The request is not of the expected form"


class Unauthorized(GalleyError):
    code, status, title = "unauthorized", 401, "A key or a browser session is needed"


class CostLimitReached(GalleyError):
    code, status, retryable, title = "cost_limit", 402, True, "The cost limit is reached"


class ForeignOrigin(GalleyError):
    code, status, title = "foreign_origin", 403, "Requests from other sites may not change anything here"


class NotFound(GalleyError):
    code, status, title = "not_found", 404, "There is nothing of yours with this id"


class AlreadyEnded(GalleyError):
    code, status, title = "already_ended", 409, "The task has already ended"


class NotEnded(GalleyError):
    code, status, title = "not_ended", 409, "Only a failed or stopped task can be sent again"


class NotYours(GalleyError):
    """What a review found can be rejected, but it stays: the review did find it."""

    code, status, title = "not_yours", 409, "Only a finding of your own can be deleted"


class QuoteNotFound(GalleyError):
    code, status, title = "quote_not_found", 422, "The section does not say that"


class VersionConflict(GalleyError):
    code, status, title = "version_conflict", 412, "It was changed meanwhile"


class TooLarge(GalleyError):
    code, status, title = "too_large", 413, "That is larger than what can be taken"


class UnsupportedFormat(GalleyError):
    code, status, title = "unsupported_format", 415, "Only docx, pdf, md and txt can be read"


class ForeignHost(GalleyError):
    code, status, title = "foreign_host", 421, "This server answers to its own name only"


class UnreadableDocument(GalleyError):
    """``reason`` in the data says how: encrypted, scanned, broken, hostile, empty, encoding."""

    code, status, title = "unreadable_document", 422, "The document cannot be read"


class UnknownFramework(GalleyError):
    """``known`` in the data lists the ids there are."""

    code, status, title = "unknown_framework", 422, "There is no framework with this id"


class InvalidFramework(GalleyError):
    """``errors`` in the data names each place that is wrong."""

    code, status, title = "invalid_framework", 422, "The framework cannot be used"


class IdempotencyMismatch(GalleyError):
    code, status, title = "idempotency_key_reused", 422, "This Idempotency-Key belongs to another request"


class PreconditionRequired(GalleyError):
    code, status, title = "precondition_required", 428, "If-Match with the present version is needed"


class TooMany(GalleyError):
    code, status, retryable, title = "too_many", 429, True, "More than one client may hold at once"


class StoreUnavailable(GalleyError):
    code, status, retryable, title = "store_unavailable", 503, True, "The store cannot be reached"


class StoreFull(GalleyError):
    code, status, retryable, title = "store_full", 503, True, "The store is full"


class EngineError(Exception):
    """Base of what an engine meets. ``message`` is for a person."""

    code: ClassVar[str] = "engine_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def as_task_error(self, *, retryable: bool) -> TaskError:
        """This failure as the end of a task."""
        return TaskError(code=self.code, message=self.message, retryable=retryable)


class RateLimited(EngineError):
    """HTTP 429. Closes the budget for everyone for ``retry_after_ms``; costs the task no attempt."""

    code = "rate_limited"

    def __init__(self, message: str, retry_after_ms: int) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class PassingFailure(EngineError):
    """5xx, overload, lost connection, a stream that stalls or ends early: worth another try."""

    code = "engine_unavailable"

    def __init__(self, message: str, *, reason: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_ms = retry_after_ms


class AccountPaused(EngineError):
    """401, 403, a spent account, a very long retry-after: nobody's call can work until it is mended."""

    code = "account_paused"

    def __init__(self, message: str, retry_after_ms: int) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class FinalFailure(EngineError):
    """A request that can never succeed as it is (400, 413, a refusal): ends the task at once."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.final_code = code

    def as_task_error(self, *, retryable: bool = False) -> TaskError:
        """This failure as the end of a task; sending the same again cannot help."""
        return TaskError(code=self.final_code, message=self.message, retryable=retryable)
