"""Waiting for a task, by what it costs and by what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from conformance.cell import Cell, finding, token_of
from processes import WAIT_S

from server.task_news import TaskNews
from server.task_waiting import until_ended, until_news
from tasks.contract.errors import NotFound, StoreUnavailable
from tasks.contract.events import FindingMade, TaskSucceeded
from tasks.contract.states import TaskState
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.ports import Reading

FINDINGS = 60


class CountingStore(MemoryStore):
    """Counts how often a whole task was read, and tells of each look."""

    def __init__(self) -> None:
        super().__init__(Timing())
        self.wholes = 0
        self.looked = asyncio.Event()

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        reading = await super().read(task_id, epoch, since)
        self.wholes += reading is not None and reading.snapshot is not None
        self.looked.set()
        return reading


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
async def news(store: CountingStore) -> AsyncIterator[TaskNews]:
    made = TaskNews(store)
    await made.start()
    yield made
    await made.stop()


async def running(store: CountingStore) -> str:
    cell = Cell(store)
    await cell.announce()
    task_id = await cell.submit()
    await cell.run()
    return task_id


async def next_look(store: CountingStore) -> None:
    async with asyncio.timeout(WAIT_S):
        await store.looked.wait()
    store.looked.clear()


async def test_a_task_that_finds_much_is_not_read_whole_at_each_finding(store: CountingStore, news: TaskNews) -> None:
    task_id = await running(store)
    waiting = asyncio.create_task(until_ended(store, news, "ann", task_id))
    await next_look(store)
    for number in range(1, FINDINGS + 1):
        await store.append(task_id, token_of(task_id), number, FindingMade(finding=finding(number)))
        await next_look(store)
    await store.append(task_id, token_of(task_id), FINDINGS + 1, TaskSucceeded(result={}))
    async with asyncio.timeout(WAIT_S):
        snapshot = await waiting
    assert (snapshot.state, len(snapshot.findings)) == (TaskState.SUCCESS, FINDINGS)
    assert store.wholes == 2, "once when the wait began, once for its answer"


async def test_news_ends_the_wait_with_all_that_there_is(store: CountingStore, news: TaskNews) -> None:
    task_id = await running(store)
    at = (await store.numbers([task_id]))[0]
    assert at is not None
    waiting = asyncio.create_task(until_news(store, news, "ann", task_id, seen=at, wait_s=WAIT_S))
    await next_look(store)
    assert not waiting.done()
    await store.append(task_id, token_of(task_id), 1, FindingMade(finding=finding()))
    async with asyncio.timeout(WAIT_S):
        snapshot = await waiting
    assert (snapshot.seq, len(snapshot.findings)) == (at[1] + 1, 1)


async def test_no_news_in_time_is_answered_with_the_same(store: CountingStore, news: TaskNews) -> None:
    task_id = await running(store)
    at = (await store.numbers([task_id]))[0]
    assert at is not None
    snapshot = await until_news(store, news, "ann", task_id, seen=at, wait_s=0.01)
    assert (snapshot.epoch, snapshot.seq) == at


async def test_a_task_that_is_deleted_meanwhile_is_not_found(store: CountingStore, news: TaskNews) -> None:
    task_id = await running(store)
    waiting = asyncio.create_task(until_ended(store, news, "ann", task_id))
    await next_look(store)
    await store.delete_task(task_id, "ann")
    with pytest.raises(NotFound):
        async with asyncio.timeout(WAIT_S):
            await waiting
    with pytest.raises(NotFound):
        await until_ended(store, news, "bob", await running(store))


async def test_who_waits_is_let_go_when_the_server_stops(store: CountingStore, news: TaskNews) -> None:
    task_id = await running(store)
    waiting = asyncio.create_task(until_ended(store, news, "ann", task_id))
    await next_look(store)
    news.let_go()
    with pytest.raises(StoreUnavailable):
        async with asyncio.timeout(WAIT_S):
            await waiting
