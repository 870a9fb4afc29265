"""Whole lives of tasks, for cases that look at what is left."""

from __future__ import annotations

from conformance.cell import Cell, document, finding, token_of

from tasks.contract.errors import TaskError
from tasks.contract.events import (
    EventData,
    FindingMade,
    ProgressMade,
    TaskStarted,
    TaskSucceeded,
    TextAdded,
    Usage,
    UsageReported,
)


async def say(cell: Cell, task_id: str, attempt: int, *events: EventData) -> None:
    """Append events with the producer's numbers 1, 2, …"""
    for number, data in enumerate(events, 1):
        await cell.store.append(task_id, token_of(task_id, attempt), number, data)


async def live_a_full_life(cell: Cell) -> str:
    """Submitted, run, parked, run again, put back, run a third time, succeeded."""
    await cell.store.add_document(document())
    await cell.announce()
    task_id = await cell.submit(document_id="d1", section_id="s1")
    admitted, _, token = await cell.run()
    await say(cell, task_id, admitted.attempt, TaskStarted(attempt=1, engine="checker"), TextAdded(text="lost"))
    error = TaskError(code="c", message="m", retryable=True)
    await cell.store.park(task_id, 1, token, reason="overloaded", delay_ms=0, counts_for_model=None, failure=error)
    admitted, _, token = await cell.run()
    await say(cell, task_id, 2, TaskStarted(attempt=2, engine="checker", model="m"), FindingMade(finding=finding()))
    assert await cell.store.put_back(task_id, 2, token, reason="handed_back")
    admitted, claim, token = await cell.run()
    assert [f.finding_id for f in claim.snapshot.findings] == ["f1"]
    await say(
        cell,
        task_id,
        3,
        TaskStarted(attempt=3, engine="checker", model="m"),
        ProgressMade(percent=40, status="Reading “A”"),
        FindingMade(finding=finding(2)),
        TextAdded(text="one "),
        TextAdded(text="zwei ü"),
        UsageReported(usage=Usage(input_tokens=3, output_tokens=4), cost_usd=0.25),
        TaskSucceeded(result={"engine": "checker", "model": "m"}),
    )
    await cell.store.release(task_id, token, succeeded_model="m")
    return task_id
