"""The last hour by minute."""

from __future__ import annotations

from itertools import pairwise

from conformance.cell import Cell
from conformance.lives import say

from tasks.contract.errors import TaskError
from tasks.contract.events import TaskFailed
from tasks.contract.names import TaskKind
from tasks.store.history import MINUTE_MS, MINUTES
from tasks.store.ports import MinuteStats, Store

FAILED = TaskFailed(error=TaskError(code="c", message="m", retryable=False))


def the_busy_ones(minutes: tuple[MinuteStats, ...]) -> tuple[int, int, float]:
    """Started, failed and share in all; a case may run over the turn of a minute."""
    return sum(m.started for m in minutes), sum(m.failed for m in minutes), sum(m.share for m in minutes)


async def test_history_of_an_idle_queue_has_every_minute_of_the_hour(store: Store) -> None:
    minutes = await store.history()
    steps = {later.at - earlier.at for earlier, later in pairwise(minutes)}
    assert (len(minutes), steps, the_busy_ones(minutes)) == (MINUTES, {MINUTE_MS}, (0, 0, 0.0))
    assert minutes[-1].at <= await store.now_ms() < minutes[-1].at + 2 * MINUTE_MS
    assert minutes[-1].wait_median_ms is None


async def test_history_counts_starts_waits_failures_and_the_share_of_the_limit(cell: Cell, store: Store) -> None:
    await cell.announce(slots=8, limits={TaskKind.ANALYSIS: 40.0})
    for _ in range(3):
        await cell.submit()
    admitted, _, _ = await cell.run()
    await say(cell, admitted.task_id, admitted.attempt, FAILED)
    await cell.admit()
    started, failed, share = the_busy_ones(await store.history())
    assert (started, failed, round(share, 4)) == (2, 1, round(2 / 40, 4))
    waits = [m.wait_p95_ms for m in await store.history() if m.wait_p95_ms is not None]
    assert waits and max(waits) < 1_000


async def test_a_start_that_was_refunded_takes_no_share(cell: Cell, store: Store) -> None:
    await cell.announce(limits={TaskKind.ANALYSIS: 40.0})
    task_id = await cell.submit()
    await cell.admit()
    await store.cancel(task_id)
    assert the_busy_ones(await store.history())[2] == 0.0


async def test_a_task_that_starts_again_counts_as_a_start_but_waits_once(cell: Cell, store: Store) -> None:
    await cell.announce()
    task_id = await cell.submit()
    admitted, _, token = await cell.run()
    await store.put_back(task_id, admitted.attempt, token, reason="handed_back")
    await cell.admit()
    minutes = await store.history()
    assert the_busy_ones(minutes)[0] == 2
    assert len([m for m in minutes if m.wait_median_ms is not None]) == 1
