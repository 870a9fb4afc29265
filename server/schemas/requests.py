"""The shapes of queries and headers. Patterns are stated for readers of the OpenAPI document; the routes refuse
what does not fit with a sentence of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from tasks.contract.states import TaskState


class PageQuery(BaseModel):
    """Where a list goes on."""

    cursor: Annotated[
        str | None, Field(description="`cursor` of the page before", json_schema_extra={"pattern": "^[0-9]{1,16}$"})
    ] = None


class TasksQuery(PageQuery):
    """Which of my tasks."""

    state: TaskState | None = None
    document_id: str | None = None


class StatusQuery(BaseModel):
    """What the client has already, and how long to wait for more."""

    epoch: Annotated[int | None, Field(ge=0, lt=10**18)] = None
    since: Annotated[int, Field(ge=0, lt=10**9)] = 0
    wait: Annotated[float, Field(ge=0, le=25, description="Seconds to wait for news")] = 0


class IdempotencyHeaders(BaseModel):
    """Make a repeat harmless."""

    idempotency_key: Annotated[
        str | None,
        Field(
            description="Same key and same content, same answer, for 24 h",
            json_schema_extra={"pattern": "^[!-~]{1,255}$"},
        ),
    ] = None


class SubmissionHeaders(IdempotencyHeaders):
    """Make a repeat harmless, and choose not to wait."""

    prefer: Annotated[str | None, Field(description="`respond-async`: 202 at once, also without Celery")] = None


class VersionHeaders(BaseModel):
    """Which version is changed."""

    if_match: Annotated[
        str,
        Field(
            description='The version of the finding that was seen, like "3"',
            json_schema_extra={"pattern": '^"[0-9]{1,9}"$', "required": True},
        ),
    ]


class SeenHeaders(BaseModel):
    """Which version may be deleted."""

    if_match: Annotated[
        str | None,
        Field(
            description="The version that was seen; without it, whatever is there",
            json_schema_extra={"pattern": '^"[0-9]{1,9}"$'},
        ),
    ] = None


class StreamHeaders(BaseModel):
    """Where a stream goes on."""

    last_event_id: Annotated[
        str | None,
        Field(
            description="`<epoch>:<seq>` of the last event received",
            json_schema_extra={"pattern": "^[0-9]{1,18}:[0-9]{1,9}$"},
        ),
    ] = None


class ConditionHeaders(BaseModel):
    """What the client has already."""

    if_none_match: Annotated[str | None, Field(description="The last answer's `ETag`; the same again is a 304")] = None
