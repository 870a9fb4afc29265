"""Every event of a task: a closed union of frozen models.

Writers are strict (an unknown field is an error). Readers take an `Event` envelope as it comes and
ask `data_of` for the typed part, which is None for a type they do not know.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.contract.errors import TaskError
from tasks.contract.findings import Finding
from tasks.contract.names import TaskKind

EVENT_VERSION: Final = 1

QueueReason = Literal[
    "submitted",  # a person asked for it
    "retried",  # the time stated in task_retrying has come
    "rate_limited",  # Claude said "too many requests"; costs the task nothing
    "account_paused",  # the key or the account cannot be used at the moment; costs the task nothing
    "message_lost",  # admitted, but no worker picked it up in time
    "worker_lost",  # its worker stopped answering
    "placed_elsewhere",  # it once lost a worker, and this process already runs such a task
    "handed_back",  # its worker is shutting down
]


class Usage(BaseModel):
    """Tokens that were spent, as the API counts them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class EventData(BaseModel):
    """Base of what an event says. ``type`` is its name on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]


class TaskQueued(EventData):
    """The task stands in its owner's line, for the first time or again."""

    type: ClassVar[str] = "task_queued"
    kind: TaskKind
    document_id: str | None = None
    section_id: str | None = None
    conversation_id: str | None = None
    reason: QueueReason = "submitted"


class TaskAdmitted(EventData):
    """The task may start now; a worker has 10 s to claim it."""

    type: ClassVar[str] = "task_admitted"
    attempt: int


class TaskStarted(EventData):
    """A worker runs it. A later attempt's start clears the partial text; findings are kept."""

    type: ClassVar[str] = "task_started"
    attempt: int
    engine: str
    model: str | None = None


class ProgressMade(EventData):
    """How far the attempt is, 0-100, and what it does, in words."""

    type: ClassVar[str] = "progress_made"
    percent: Annotated[int, Field(ge=0, le=100)]
    status: str


class FindingMade(EventData):
    """One finding, complete."""

    type: ClassVar[str] = "finding_made"
    finding: Finding


class TextAdded(EventData):
    """A piece of a chat answer, to be added to what came before."""

    type: ClassVar[str] = "text_added"
    text: str


class UsageReported(EventData):
    """What the task has spent so far, all its attempts together. ``cost_usd`` is None when the price of
    a model that it called is not known."""

    type: ClassVar[str] = "usage_reported"
    usage: Usage
    cost_usd: float | None = None


class TaskRetrying(EventData):
    """A failure that may pass; the task goes back into line at ``retry_at`` (ms since the epoch). ``tries``:
    how many of its failures counted so far, as none does while Claude is away; 0 when nothing failed."""

    type: ClassVar[str] = "task_retrying"
    reason: str
    retry_at: int
    tries: int = 0


class TaskRestored(EventData):
    """The store lost part of the log; this is everything the running worker knows."""

    type: ClassVar[str] = "task_restored"
    snapshot: dict[str, Any]


class TaskSucceeded(EventData):
    """The end, with the result, less the findings and the text that earlier events carried."""

    type: ClassVar[str] = "task_succeeded"
    result: dict[str, Any]


class TaskFailed(EventData):
    """The end, with an error that a person can act on."""

    type: ClassVar[str] = "task_failed"
    error: TaskError


class TaskCancelled(EventData):
    """The end: its owner stopped it."""

    type: ClassVar[str] = "task_cancelled"


EVENT_TYPES: Final[dict[str, type[EventData]]] = {
    cls.type: cls
    for cls in (
        TaskQueued,
        TaskAdmitted,
        TaskStarted,
        ProgressMade,
        FindingMade,
        TextAdded,
        UsageReported,
        TaskRetrying,
        TaskRestored,
        TaskSucceeded,
        TaskFailed,
        TaskCancelled,
    )
}
TERMINAL_TYPES: Final = frozenset({TaskSucceeded.type, TaskFailed.type, TaskCancelled.type})


class Event(BaseModel):
    """The envelope: one numbered fact about a task.

    ``(epoch, seq)`` is its number, ``seq`` gapless from 1; ``at`` is ms since the Unix epoch.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: int = EVENT_VERSION
    task_id: str
    epoch: int
    seq: int
    at: int
    type: str
    data: dict[str, Any]


def data_of(event: Event) -> EventData | None:
    """The typed data of an event; None when its type, or its data's shape, is newer than this code."""
    model = EVENT_TYPES.get(event.type)
    if model is None:
        return None
    known = {name: value for name, value in event.data.items() if name in model.model_fields}
    try:
        return model.model_validate(known)
    except ValidationError:
        return None
