"""Answering a review from an earlier one that was the same."""

from __future__ import annotations

from tasks.contract.events import EventData, FindingMade, TaskStarted, TaskSucceeded, Usage, UsageReported
from tasks.contract.findings import finding_id_of
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask

NO_ATTEMPT = 0
"""The attempt that such an answer names: there was none."""


def may_be_known(task: NewTask) -> bool:
    """Whether an earlier answer may stand for this task's."""
    return bool(task.identity) and not task.input.get("fresh")


def events_from(earlier: Snapshot, task: NewTask) -> tuple[EventData, ...]:
    """The events that end ``task`` with what the earlier one found, at no cost; none when that is no
    whole answer. Findings get the identities that they have in the new task's document."""
    outcome = earlier.outcome or {}
    if earlier.state is not TaskState.SUCCESS or earlier.engine is None or outcome.get("truncated"):
        return ()
    found = (
        FindingMade(finding=f.model_copy(update={"finding_id": finding_id_of(task.document_id, f.fingerprint)}))
        for f in earlier.findings
    )
    return (
        TaskStarted(attempt=NO_ATTEMPT, engine=earlier.engine, model=earlier.model),
        *found,
        UsageReported(usage=Usage(), cost_usd=0.0),
        TaskSucceeded(result={**outcome, "cached": True}),
    )
