"""The shapes of tasks and conversations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from server.schemas.base import Given, Ms
from tasks.contract.errors import TaskError
from tasks.contract.events import Event, Usage
from tasks.contract.findings import Finding
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.store.ports import WaitingFor


class TaskAccepted(Given):
    """A task stands in line, or, when `state` is SUCCESS, was answered from an identical earlier one. `eta_s` is null
    while no worker is up; `conversation_id` is there for a chat turn."""

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
    """A task's result: of an analysis, a chat turn or a connection test. `cached`: taken from an identical earlier
    review, at no cost. `notice`: what a person must know of the review as a whole."""

    model_config = ConfigDict(extra="allow")

    engine: str | None = None
    model: str | None = None
    findings: list[Finding] | None = None
    answer: str | None = None
    citations: list[dict[str, Any]] | None = None
    conversation_id: str | None = None
    latency_ms: float | None = None
    cached: bool | None = None
    notice: str | None = None


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
    tries: int
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
