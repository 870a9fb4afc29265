"""The shapes of requests and answers, for the OpenAPI document. The tests hold real answers to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.contract.documents import DocumentFormat
from tasks.contract.errors import TaskError
from tasks.contract.events import Event, Usage
from tasks.contract.findings import Finding, FindingStatus
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.contract.submissions import MAX_GUIDELINES_CHARS, MAX_SECTION_CHARS
from tasks.store.ports import BudgetStats, KindStats, WaitingFor

Ms = Annotated[int, Field(description="Milliseconds since the Unix epoch")]


class Taken(BaseModel):
    """Base of what is taken in: an unknown member is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    """Base of what is answered."""


class ProblemDocument(Given):
    """What went wrong (RFC 9457). `code` is stable and decides what a program does next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    retryable: bool = False


class UploadForm(BaseModel):
    """A file with what to look for."""

    document: Annotated[bytes, Field(description="docx, pdf, md or txt, at most 20 MB")]
    framework: Annotated[str | None, Field(max_length=200)] = None
    guidelines: Annotated[str | None, Field(max_length=MAX_GUIDELINES_CHARS)] = None


class SectionOutline(Given):
    """A section without its text."""

    section_id: str
    title: str
    level: int
    chars: int
    words: int


class SectionWhole(SectionOutline):
    """A section with its text; offsets of findings count its code points."""

    text: str


class DocumentCreated(Given):
    """An uploaded document."""

    document_id: str
    name: str
    format: DocumentFormat
    sections: list[SectionOutline]
    warnings: list[str]


class DocumentListed(Given):
    """One line of the list of documents."""

    document_id: str
    name: str
    format: DocumentFormat
    created_at: Ms
    size_bytes: int
    section_count: int
    warnings: list[str]


class DocumentList(Given):
    """My documents, newest first. `cursor` is null on the last page."""

    documents: list[DocumentListed]
    cursor: str | None


class SectionTask(Given):
    """Which task reviews a section."""

    section_id: str | None
    task_id: str
    state: TaskState


class DocumentWhole(Given):
    """A document with texts, findings to be seen, and each section's latest task."""

    document_id: str
    name: str
    format: DocumentFormat
    sections: list[SectionWhole]
    warnings: list[str]
    framework: str | None
    guidelines: str | None
    created_at: Ms
    size_bytes: int
    findings: list[Finding]
    tasks: list[SectionTask]
    progress: Annotated[int, Field(ge=0, le=100)]


class TaskAccepted(Given):
    """A task stands in line. `eta_s` is null while no worker is up; `conversation_id` is there for a chat turn."""

    task_id: str
    status: Literal["processing"]
    message: str
    state: TaskState
    position: int | None
    eta_s: int | None
    conversation_id: str | None = None


class TaskOfSection(Given):
    """Which task was made for which section."""

    section_id: str
    task_id: str


class TasksAccepted(Given):
    """The tasks of a document's sections stand in line."""

    tasks: list[TaskOfSection]


class TaskResult(Given):
    """A task's result: of an analysis, a chat turn or a connection test."""

    model_config = ConfigDict(extra="allow")

    engine: str | None = None
    model: str | None = None
    findings: list[Finding] | None = None
    answer: str | None = None
    citations: list[dict[str, Any]] | None = None
    conversation_id: str | None = None
    latency_ms: float | None = None


class TaskStatus(Given):
    """A task as it stands. `position`, `eta_s`, `waiting_for` and `reopens_at` are null unless it waits in
    line; `events` is there when `epoch` and `since` were sent and everything after them still exists."""

    task_id: str
    kind: TaskKind
    document_id: str | None
    section_id: str | None
    conversation_id: str | None
    state: TaskState
    status: str
    progress: Annotated[int, Field(ge=0, le=100)]
    epoch: int
    seq: int
    attempt: int
    reason: str | None
    position: int | None
    eta_s: int | None
    waiting_for: WaitingFor | None
    reopens_at: Ms | None
    retry_at: Ms | None
    engine: str | None
    model: str | None
    usage: Usage | None
    cost_usd: float | None
    created_at: Ms
    started_at: Ms | None
    ended_at: Ms | None
    result: TaskResult | None
    error: TaskError | None
    text: str | None = None
    findings: list[Finding] | None = None
    events: list[Event] | None = None


class TaskListed(Given):
    """One line of the list of tasks."""

    task_id: str
    kind: TaskKind
    state: TaskState
    document_id: str | None
    section_id: str | None
    progress: int
    created_at: Ms
    ended_at: Ms | None
    error: TaskError | None


class TaskList(Given):
    """My tasks, newest first. `cursor` is null on the last page."""

    tasks: list[TaskListed]
    cursor: str | None


class Cancelled(Given):
    """The task is stopped."""

    cancelled: Literal[True]
    state: Literal["REVOKED"]


class DocumentCancelled(Cancelled):
    """All tasks of the document that had not ended are stopped; `task_ids` names them."""

    task_ids: list[str]


class ConversationListed(Given):
    """A chat, without its turns."""

    conversation_id: str
    document_id: str | None
    created_at: Ms


class ConversationList(Given):
    """The chats of a document, oldest first."""

    conversations: list[ConversationListed]


class Turn(Given):
    """One question and what was answered so far."""

    task_id: str
    message: str
    section_id: str | None
    state: TaskState
    answer: str
    citations: list[dict[str, Any]]
    engine: str | None
    model: str | None
    error: TaskError | None
    created_at: Ms


class ConversationWhole(ConversationListed):
    """A chat with its turns, oldest first."""

    turns: list[Turn]


class JudgeFinding(Taken):
    """What a person decides about a finding. `replacement` replaces the suggested text."""

    status: Annotated[Literal["open", "accepted", "rejected"], Field()]
    replacement: Annotated[str | None, Field(max_length=MAX_SECTION_CHARS)] = None

    @property
    def decision(self) -> FindingStatus:
        """The status as findings keep it."""
        return self.status


class QueueStats(Given):
    """The queue now. Active: claimed by a worker; reserved: admitted, not yet claimed; pending: waiting."""

    available: bool
    mode: Literal["celery", "in_process"]
    workers: int
    slots: int
    active_tasks: int
    reserved_tasks: int
    total_pending: int
    oldest_wait_s: int
    engines: list[str]
    kinds: dict[TaskKind, KindStats]
    budgets: dict[str, BudgetStats]
    dead: int


class NewKey(Taken):
    """What a key is for."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class KeyListed(Given):
    """A key, without its secret."""

    key_id: str
    name: str
    created_at: Ms


class KeyCreated(KeyListed):
    """A new key; `key` is shown this once."""

    key: str


class KeyList(Given):
    """My keys, oldest first."""

    keys: list[KeyListed]


class Health(Given):
    """The process answers."""

    ok: Literal[True]


class Readiness(Given):
    """Submissions are taken. `durability` is what the store keeps of what it acknowledged."""

    ready: Literal[True]
    durability: Literal["always", "everysec", "none"]
    mode: Literal["celery", "in_process"]


class Nothing(Given):
    """Done; the answer has no body."""


class PageQuery(BaseModel):
    """Where a list goes on."""

    cursor: Annotated[str | None, Field(description="`cursor` of the page before")] = None


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

    idempotency_key: Annotated[str | None, Field(description="Same key and same content, same answer, for 24 h")] = None


class SubmissionHeaders(IdempotencyHeaders):
    """Make a repeat harmless, and choose not to wait."""

    prefer: Annotated[str | None, Field(description="`respond-async`: 202 at once, also without Celery")] = None


class VersionHeaders(BaseModel):
    """Which version is changed."""

    if_match: Annotated[str, Field(description='The version of the finding that was seen, like "3"')]


class StreamHeaders(BaseModel):
    """Where a stream goes on."""

    last_event_id: Annotated[str | None, Field(description="`<epoch>:<seq>` of the last event received")] = None


class ConditionHeaders(BaseModel):
    """What the client has already."""

    if_none_match: Annotated[str | None, Field(description="The last answer's `ETag`; the same again is a 304")] = None
