"""Answering with a task's result itself: without Celery, and while the store is away."""

from __future__ import annotations

import json
from typing import Final

from server.answers import Answer
from server.parts import Parts
from server.problems import TaskEndedBadly
from tasks.contract.errors import StoreUnavailable, TaskError
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask

_STOPPED: Final = TaskError(code="cancelled", message="The task was stopped by its owner.", retryable=True)
_UNEXPLAINED: Final = TaskError(code="internal_error", message="The task ended without a result.", retryable=True)


def result_answer(snapshot: Snapshot) -> Answer:
    """200 with the result of an ended task.

    Raises:
        TaskEndedBadly: it has none.
    """
    if snapshot.state is TaskState.REVOKED:
        raise TaskEndedBadly(_STOPPED)
    if snapshot.result is None:
        raise TaskEndedBadly(snapshot.error or _UNEXPLAINED)
    return Answer(200, json.dumps(snapshot.result, ensure_ascii=False))


async def run_without_store(parts: Parts, task: NewTask, away: StoreUnavailable) -> Answer:
    """Run the task in this process because the store could not be asked at all: this carries a
    person over a restart of the store, it is no second queue.

    Raises:
        StoreUnavailable: it needs a document, nobody could count what it costs, another such task runs,
            or it took too long.
        TaskEndedBadly: the engine could not do it.
    """
    uncounted = parts.settings.has_cost_limit and task.asked_engine is None
    if task.document_id is not None or uncounted:
        raise away
    return result_answer(await parts.run_inline(task))
