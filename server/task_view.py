"""A task as HTTP shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from server.queue_view import Place, QueueView
from tasks.contract.states import ENDED, Snapshot, TaskState
from tasks.store.ports import TaskSummary

_IN_RESULT: Final = {"findings", "text"}
"""Parts of a running task that its result carries once it has succeeded."""


async def place_in_line(queue: QueueView, snapshot: Snapshot) -> Place | None:
    """The place of a waiting task; None for any other."""
    if snapshot.state is not TaskState.PENDING:
        return None
    return await queue.place(snapshot.task_id, snapshot.kind)


def task_json(snapshot: Snapshot, place: Place | None, events: Sequence[str] | None = None) -> str:
    """The body of ``GET /task_status``. ``events`` are JSON texts, and go in as they are."""
    left_out = _IN_RESULT if snapshot.state is TaskState.SUCCESS else None
    waiting = {
        "position": place.position if place else None,
        "eta_s": place.eta_s if place else None,
        "waiting_for": place.waiting_for if place else None,
        "reopens_at": place.reopens_at if place else None,
    }
    body = f"{snapshot.model_dump_json(exclude=left_out)[:-1]},{json.dumps(waiting)[1:]}"
    return body if events is None else f'{body[:-1]},"events":[{",".join(events)}]}}'


def etag_of(snapshot: Snapshot, place: Place | None) -> str:
    """A weak entity tag: changes with every event and every step forward in line."""
    return f'W/"{snapshot.epoch}-{snapshot.seq}-{place.position if place else 0}"'


def summary_json(task: TaskSummary) -> dict[str, Any]:
    """One line of a list of tasks."""
    return {
        "task_id": task.task_id,
        "kind": task.kind,
        "state": task.state,
        "document_id": task.document_id,
        "section_id": task.section_id,
        "progress": task.progress,
        "created_at": task.created_at,
        "ended_at": task.ended_at,
        "error": task.error.model_dump() if task.error else None,
    }


def has_ended(state: TaskState) -> bool:
    """Whether nothing follows."""
    return state in ENDED
