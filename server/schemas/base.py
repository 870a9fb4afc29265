"""What all shapes share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Ms = Annotated[int, Field(description="Milliseconds since the Unix epoch")]


class Taken(BaseModel):
    """Base of what is taken in: an unknown member is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    """Base of what is answered."""


class Nothing(Given):
    """Done; the answer has no body."""


class ProblemDocument(Given):
    """What went wrong (RFC 9457). `code` is stable and decides what a program does next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    retryable: bool = False
