"""Bounds and words that both stores share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from tasks.contract.documents import Document
from tasks.contract.errors import CostLimitReached, TaskError
from tasks.contract.states import Snapshot
from tasks.store.ports import CostLevel, TaskSummary

PAGE: Final = 300
"""Events that one read gives at most…"""
PAGE_BYTES: Final = 256 * 1024
"""…and their bytes, unless one event alone has more: what a reader is given has to fit into its memory."""
LOG_BOUND: Final = 2_000
"""Events that a log keeps at least; older ones live in the snapshot only…"""
LOG_TRIMMED: Final = 100
"""…and are dropped so many at a time, because each time costs as much as a third of an append."""
DOORBELL_BYTES: Final = 8_192
"""A larger event is published as its number only."""
ASK_AGAIN_S: Final = 60
"""How soon to ask again at a cost limit that accepted tasks fill: they end, and mostly cost less than they hold."""
WORKER_LOST: Final = TaskError(
    code="worker_lost",
    message="The worker died three times while it ran this alone. Send it again once the cause is known.",
    retryable=True,
)


def first_page(events: Sequence[str]) -> tuple[str, ...]:
    """As many of the events as one read gives."""
    size = 0
    for count, text in enumerate(events[:PAGE]):
        size += len(text.encode())
        if count and size > PAGE_BYTES:
            return tuple(events[:count])
    return tuple(events[:PAGE])


def without_texts(document: Document) -> Document:
    """A document as a list shows it: its sections have titles and no text."""
    sections = tuple(section.model_copy(update={"text": "", "hidden": ()}) for section in document.sections)
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
        notice=(snapshot.outcome or {}).get("notice"),
    )


def cost_refusal(level: CostLevel, *, of_owner: bool, now: int) -> CostLimitReached:
    """Why a submission is not taken, when that changes, and what can be had meanwhile."""
    limit, whose = level.limit_usd or 0.0, "your" if of_owner else "everybody's"
    wait_s = max(1, math.ceil((level.opens_at - now) / 1000))
    sooner = ", and accepted tasks may leave some of what they hold before that" if level.held_usd else ""
    return CostLimitReached(
        f"Today {whose} calls may cost ${limit:.2f}: ${level.spent_usd:.4f} is spent, accepted tasks hold another "
        f"${level.held_usd:.4f}, and this one does not fit in. The next day begins at midnight UTC{sooner}. "
        'To have it checked without AI and without cost, send it with "engine": "checker".',
        scope="owner" if of_owner else "all",
        limit_usd=limit,
        spent_usd=level.spent_usd,
        held_usd=level.held_usd,
        opens_at=level.opens_at,
        retry_after_s=min(wait_s, ASK_AGAIN_S) if level.held_usd else wait_s,
        offer={"engine": "checker"},
    )
