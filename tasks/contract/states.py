"""The states of a task, what each event does to them, and the fold from log to snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, computed_field

from tasks.contract.errors import TaskError
from tasks.contract.events import (
    Event,
    EventData,
    FindingMade,
    ProgressMade,
    TaskAdmitted,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskRestored,
    TaskRetrying,
    TaskStarted,
    TaskSucceeded,
    TextAdded,
    Usage,
    UsageReported,
    data_of,
)
from tasks.contract.findings import Finding
from tasks.contract.names import TaskKind


class TaskState(StrEnum):
    """Where a task stands. Each line says what moves it on."""

    PENDING = "PENDING"  # waiting in its owner's line; admit moves it to PROGRESS, cancel to REVOKED
    PROGRESS = "PROGRESS"  # admitted or running; the worker ends or parks it, a lost lease puts it back
    RETRY = "RETRY"  # waiting for a stated time; the clock moves it to PENDING, cancel to REVOKED
    SUCCESS = "SUCCESS"  # ended with a result; nothing follows
    FAILURE = "FAILURE"  # ended with an error a person can act on; nothing follows
    REVOKED = "REVOKED"  # stopped by its owner; nothing follows


ENDED: Final = frozenset({TaskState.SUCCESS, TaskState.FAILURE, TaskState.REVOKED})

MAX_TRIES: Final = 3
"""A task fails with its third failure that counts."""

STATUS_WORDS: Final[dict[TaskState, str]] = {
    TaskState.PENDING: "Waiting in line",
    TaskState.PROGRESS: "Starting",
    TaskState.RETRY: "Waiting to try again",
    TaskState.SUCCESS: "Done",
    TaskState.FAILURE: "Failed",
    TaskState.REVOKED: "Stopped",
}


class Snapshot(BaseModel):
    """A task's present state: what folding its log gives, and what the store keeps beside the log.

    Times are milliseconds since the Unix epoch on the store's clock; ``progress`` is 0-100.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: str
    kind: TaskKind
    document_id: str | None = None
    section_id: str | None = None
    conversation_id: str | None = None
    state: TaskState = TaskState.PENDING
    step: str | None = Field(default=None, exclude=True, description="What the running attempt says it does")
    progress: int = 0
    epoch: int = 0
    seq: int = 0
    attempt: int = 0
    tries: int = 0
    reason: str | None = None
    retry_at: int | None = None
    engine: str | None = None
    model: str | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    created_at: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    outcome: dict[str, Any] | None = Field(default=None, exclude=True, description="task_succeeded's result")
    error: TaskError | None = None
    text: str = ""
    findings: tuple[Finding, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy has no support for decorated properties
    @property
    def status(self) -> str:
        """The state in words a person understands."""
        if self.state is TaskState.PROGRESS and self.step:
            return self.step
        return STATUS_WORDS[self.state]

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def result(self) -> dict[str, Any] | None:
        """The result in the interface's shape; None until the task has succeeded."""
        if self.state is not TaskState.SUCCESS or self.outcome is None:
            return None
        if self.kind is TaskKind.ANALYSIS:
            return {**self.outcome, "findings": [f.model_dump(mode="json") for f in self.findings]}
        if self.kind is TaskKind.CHAT:
            return {**self.outcome, "answer": self.text}
        return self.outcome


@dataclass(frozen=True, slots=True)
class Effect:
    """What one event does to the snapshot, in a form that a store can apply without knowing events.

    ``fields`` replace fields of the snapshot (None clears one); ``stamps`` name fields that take the
    event's time; ``text`` is appended after ``clear_text`` has emptied it; ``finding`` is added;
    ``restore`` replaces findings and text whole.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    stamps: tuple[str, ...] = ()
    text: str | None = None
    clear_text: bool = False
    finding: Finding | None = None
    restore: Snapshot | None = None


def effect_of(data: EventData) -> Effect:
    """The effect of one event. The only place where that is decided."""
    match data:
        case TaskQueued():
            return Effect({"state": TaskState.PENDING, "reason": data.reason, "retry_at": None, "step": None})
        case TaskAdmitted():
            return Effect({"state": TaskState.PROGRESS, "attempt": data.attempt, "step": None})
        case TaskStarted():
            fields = {"engine": data.engine, "model": data.model, "step": "Reading", "progress": 0}
            return Effect(fields, ("started_at",), clear_text=True)
        case ProgressMade():
            return Effect({"progress": data.percent, "step": data.status})
        case FindingMade():
            return Effect(finding=data.finding)
        case TextAdded():
            return Effect(text=data.text)
        case UsageReported():
            return Effect({"usage": data.usage, "cost_usd": data.cost_usd})
        case TaskRetrying():
            fields = {"reason": data.reason, "retry_at": data.retry_at, "tries": data.tries, "step": None}
            return Effect({"state": TaskState.RETRY, **fields})
        case TaskRestored():
            snapshot = Snapshot.model_validate(data.snapshot)
            kept = {"progress", "engine", "model", "usage", "cost_usd", "started_at"}
            return Effect({name: getattr(snapshot, name) for name in kept}, restore=snapshot)
        case TaskSucceeded():
            return Effect({"state": TaskState.SUCCESS, "progress": 100, "outcome": data.result}, ("ended_at",))
        case TaskFailed():
            return Effect({"state": TaskState.FAILURE, "error": data.error}, ("ended_at",))
        case TaskCancelled():
            return Effect({"state": TaskState.REVOKED}, ("ended_at",))
    raise TypeError(f"no effect is defined for {type(data).__name__}")


def apply(snapshot: Snapshot, effect: Effect, at: int) -> Snapshot:
    """The snapshot after the effect of an event that happened at ``at`` (ms)."""
    changed: dict[str, Any] = {**effect.fields, **dict.fromkeys(effect.stamps, at)}
    if effect.restore is not None:
        changed |= {"findings": effect.restore.findings, "text": effect.restore.text}
    if effect.clear_text:
        changed["text"] = ""
    if effect.text is not None:
        changed["text"] = changed.get("text", snapshot.text) + effect.text
    if effect.finding is not None:
        changed["findings"] = (*snapshot.findings, effect.finding)
    return snapshot.model_copy(update=changed)


def fold(events: Iterable[Event], onto: Snapshot | None = None) -> Snapshot | None:
    """The snapshot that a task's events give, in order; None for no events at all.

    Types that this version does not know count their number and change nothing else, so that a
    newer writer does not break an older reader.
    """
    snapshot = onto
    for event in events:
        data = data_of(event)
        if snapshot is None:
            opening = data if isinstance(data, TaskQueued) else None
            snapshot = Snapshot(
                task_id=event.task_id,
                kind=opening.kind if opening else TaskKind.ANALYSIS,
                document_id=opening.document_id if opening else None,
                section_id=opening.section_id if opening else None,
                conversation_id=opening.conversation_id if opening else None,
                created_at=event.at,
            )
        snapshot = snapshot.model_copy(update={"epoch": event.epoch, "seq": event.seq})
        if data is not None:
            snapshot = apply(snapshot, effect_of(data), event.at)
    return snapshot
