"""Waiting for news of a task through one shared connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from processes import WAIT_S

from server.task_news import TaskNews
from tasks.contract.errors import StoreUnavailable
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore(Timing())
    await made.submit([NewTask(task_id=name, kind=TaskKind.TEST, owner="o") for name in ("t1", "t2")])
    return made


@pytest.fixture
async def news(store: MemoryStore) -> AsyncIterator[TaskNews]:
    made = TaskNews(store)
    await made.start()
    yield made
    await made.stop()


async def test_everyone_who_waits_for_a_task_is_told_and_nobody_else(store: MemoryStore, news: TaskNews) -> None:
    async with news.watching("t1") as one, news.watching("t1") as two, news.watching("t2") as other:
        for changed in (one, two, other):
            changed.clear()
        await store.cancel("t1")
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(one.wait(), two.wait())
        assert not other.is_set()


async def test_who_stays_is_still_told_after_another_has_left(store: MemoryStore, news: TaskNews) -> None:
    async with news.watching("t1") as stays:
        async with news.watching("t1"):
            pass
        stays.clear()
        await store.cancel("t1")
        async with asyncio.timeout(WAIT_S):
            await stays.wait()


async def test_a_task_can_be_watched_again_after_everyone_has_left(store: MemoryStore, news: TaskNews) -> None:
    for _ in range(2):
        async with news.watching("t1"):
            pass
    assert store._exchange._feeds == {}


async def test_nobody_waits_in_vain_for_news_that_cannot_come(store: MemoryStore) -> None:
    with pytest.raises(StoreUnavailable):
        async with TaskNews(store).watching("t1"):
            pass
