"""A store at its memory limit. Only Redis has one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import redis
from conformance.cell import TIMING, Cell, token_of

from tasks.contract.errors import StoreFull
from tasks.contract.events import TaskSucceeded, TextAdded
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.contract.submissions import NewTask
from tasks.store.ports import AppendOutcome
from tasks.store.redis_store import RedisStore


@pytest.fixture
async def cell(redis_url: str) -> AsyncIterator[Cell]:
    store = RedisStore(redis_url, TIMING)
    await store.sweep()
    yield Cell(store)
    await store.close()


async def test_full_store_accepts_nothing_new_and_lets_what_was_accepted_end(cell: Cell, redis_url: str) -> None:
    running, waiting = await cell.submit(TaskKind.CHAT), await cell.submit(TaskKind.CHAT)
    again = [NewTask(task_id="again", kind=TaskKind.CHAT, owner="ann")]
    first = await cell.store.submit(again, idempotency_key="known", digest="d")
    await cell.store.record_answer("ann", "known", "d", "the answer")
    await cell.announce()
    await cell.run()
    with redis.Redis.from_url(redis_url) as control:
        control.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreFull):
                await cell.submit(TaskKind.CHAT)
            with pytest.raises(StoreFull):
                await cell.store.submit(again, idempotency_key="new", digest="d")
            repeated = await cell.store.submit(again, idempotency_key="known", digest="d")
            assert (repeated.replayed, repeated.answer) == (True, "the answer")
            assert (repeated.task_ids, repeated.positions) == (first.task_ids, first.positions)
            for task_id in (running, waiting):
                token = token_of(task_id)
                said = await cell.store.append(task_id, token, 1, TextAdded(text="an answer"))
                ended = await cell.store.append(task_id, token, 2, TaskSucceeded(result={}))
                assert (said.outcome, ended.outcome) == (AppendOutcome.APPENDED, AppendOutcome.APPENDED)
                await cell.store.release(task_id, token)
                reading = await cell.store.read(task_id, None, 0)
                assert reading is not None and reading.state is TaskState.SUCCESS
                if task_id == running:
                    await cell.run()  # what waits is admitted too
        finally:
            control.config_set("maxmemory", "0")
    await cell.submit(TaskKind.CHAT)
