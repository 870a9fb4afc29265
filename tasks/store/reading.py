"""Bounds and words that both stores share."""

from __future__ import annotations

from typing import Final

from tasks.contract.documents import Document
from tasks.contract.errors import TaskError
from tasks.contract.states import Snapshot
from tasks.store.ports import TaskSummary

PAGE: Final = 300
"""Events that one read gives at most."""
LOG_BOUND: Final = 2_000
"""Events that a log keeps at least; older ones live in the snapshot only."""
DOORBELL_BYTES: Final = 8_192
"""A larger event is published as its number only."""
WORKER_LOST: Final = TaskError(
    code="worker_lost",
    message="The worker died three times while it ran this alone. Send it again once the cause is known.",
    retryable=True,
)


def without_texts(document: Document) -> Document:
    """A document as a list shows it: its sections have titles and no text."""
    sections = tuple(section.model_copy(update={"text": ""}) for section in document.sections)
    return document.model_copy(update={"sections": sections, "framework": None, "guidelines": None})


def line_of_list(snapshot: Snapshot, sent_again_as: str | None) -> TaskSummary:
    """A snapshot as a line of a list."""
    return TaskSummary(
        task_id=snapshot.task_id,
        kind=snapshot.kind,
        state=snapshot.state,
        document_id=snapshot.document_id,
        section_id=snapshot.section_id,
        progress=snapshot.progress,
        created_at=snapshot.created_at,
        ended_at=snapshot.ended_at,
        error=snapshot.error,
        sent_again_as=sent_again_as,
        usage=snapshot.usage,
        cost_usd=snapshot.cost_usd,
    )
